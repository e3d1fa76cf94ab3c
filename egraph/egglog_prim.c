// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functions on primitive values: one table, a row and a function each.
//
// A function sees its arguments as values and leaves a value, or says that it has
// none; reading and adding leaves is done once for all of them.
#include "egglog_internal.h"

#include <math.h>

struct egl_call {
  eg_egglog *p;
  const egl_prim *prim;
  const uint32_t *ids; // classes of the arguments
  uint32_t num;
  egl_value args[EGL_MAX_PRIM_ARGS]; // the first of them
  egl_value out;
  uint32_t class; // of a result that is one of the arguments; or 0
  bool defined;
  eg_status status;
  egi_chars buffer; // for a result's text
};

//===-- i64 ---------------------------------------------------------------===//

// All arithmetic on i64 is checked: what does not fit is not defined.

static int64_t i(const egl_call *c, int k) {
  return c->args[k].i;
}

static void i_add(egl_call *c) {
  c->defined = !__builtin_add_overflow(i(c, 0), i(c, 1), &c->out.i);
}

static void i_sub(egl_call *c) {
  c->defined = !__builtin_sub_overflow(i(c, 0), i(c, 1), &c->out.i);
}

static void i_mul(egl_call *c) {
  c->defined = !__builtin_mul_overflow(i(c, 0), i(c, 1), &c->out.i);
}

static bool divides(const egl_call *c) {
  return i(c, 1) != 0 && !(i(c, 0) == INT64_MIN && i(c, 1) == -1);
}

static void i_div(egl_call *c) {
  c->defined = divides(c);
  c->out.i = c->defined ? i(c, 0) / i(c, 1) : 0;
}

static void i_rem(egl_call *c) {
  c->defined = divides(c);
  c->out.i = c->defined ? i(c, 0) % i(c, 1) : 0;
}

static void i_and(egl_call *c) {
  c->out.i = i(c, 0) & i(c, 1);
}

static void i_or(egl_call *c) {
  c->out.i = i(c, 0) | i(c, 1);
}

static void i_xor(egl_call *c) {
  c->out.i = i(c, 0) ^ i(c, 1);
}

static void i_shl(egl_call *c) {
  c->out.i = (int64_t)((uint64_t)i(c, 0) << (i(c, 1) & 63));
  c->defined = i(c, 1) >= 0 && i(c, 1) < 64;
}

static void i_shr(egl_call *c) {
  c->out.i = i(c, 0) >> (i(c, 1) & 63);
  c->defined = i(c, 1) >= 0 && i(c, 1) < 64;
}

static void i_not(egl_call *c) {
  c->out.i = ~i(c, 0);
}

static void i_log2(egl_call *c) {
  c->defined = i(c, 0) > 0;
  for (int64_t a = i(c, 0); a > 1; a >>= 1)
    ++c->out.i;
}

static void i_abs(egl_call *c) {
  c->defined = i(c, 0) != INT64_MIN;
  c->out.i = c->defined && i(c, 0) < 0 ? -i(c, 0) : i(c, 0);
}

static void i_min(egl_call *c) {
  c->out.i = i(c, 0) < i(c, 1) ? i(c, 0) : i(c, 1);
}

static void i_max(egl_call *c) {
  c->out.i = i(c, 0) > i(c, 1) ? i(c, 0) : i(c, 1);
}

static void i_to_f64(egl_call *c) {
  c->out.f = (double)i(c, 0);
}

//===-- f64 ---------------------------------------------------------------===//

static double f(const egl_call *c, int k) {
  return c->args[k].f;
}

static void f_add(egl_call *c) {
  c->out.f = f(c, 0) + f(c, 1);
}

static void f_sub(egl_call *c) {
  c->out.f = f(c, 0) - f(c, 1);
}

static void f_mul(egl_call *c) {
  c->out.f = f(c, 0) * f(c, 1);
}

static void f_div(egl_call *c) {
  c->out.f = f(c, 0) / f(c, 1);
  c->defined = f(c, 1) != 0;
}

static void f_rem(egl_call *c) {
  c->out.f = fmod(f(c, 0), f(c, 1));
  c->defined = f(c, 1) != 0;
}

static void f_pow(egl_call *c) {
  c->out.f = pow(f(c, 0), f(c, 1));
}

static void f_neg(egl_call *c) {
  c->out.f = -f(c, 0);
}

static void f_abs(egl_call *c) {
  c->out.f = fabs(f(c, 0));
}

static void f_exp(egl_call *c) {
  c->out.f = exp(f(c, 0));
}

static void f_log(egl_call *c) {
  c->out.f = log(f(c, 0));
  c->defined = f(c, 0) > 0;
}

static void f_sqrt(egl_call *c) {
  c->out.f = sqrt(f(c, 0));
  c->defined = f(c, 0) >= 0;
}

static void f_min(egl_call *c) {
  c->out.f = f(c, 0) < f(c, 1) ? f(c, 0) : f(c, 1);
}

static void f_max(egl_call *c) {
  c->out.f = f(c, 0) > f(c, 1) ? f(c, 0) : f(c, 1);
}

// Towards zero, and the nearest that fits.
static void f_to_i64(egl_call *c) {
  double a = f(c, 0);
  c->out.i = a != a         ? 0
             : a <= -0x1p63 ? INT64_MIN
             : a >= 0x1p63  ? INT64_MAX
                            : (int64_t)a;
}

//===-- Comparisons -------------------------------------------------------===//

// Below 0, 0 or above; 2 for NaN, which compares with nothing.
static int compare(const egl_call *c) {
  if (c->prim->args[0] == EGL_I64)
    return (i(c, 0) > i(c, 1)) - (i(c, 0) < i(c, 1));
  if (f(c, 0) != f(c, 0) || f(c, 1) != f(c, 1))
    return 2;
  return (f(c, 0) > f(c, 1)) - (f(c, 0) < f(c, 1));
}

// A comparison is a value of bool, or of Unit, which is there if it holds.
static void hold(egl_call *c, bool holds) {
  c->out.b = holds;
  c->defined = c->prim->result == EGL_BOOL || holds;
}

static void less(egl_call *c) {
  hold(c, compare(c) < 0);
}

static void greater(egl_call *c) {
  hold(c, compare(c) == 1);
}

static void at_most(egl_call *c) {
  hold(c, compare(c) <= 0);
}

static void at_least(egl_call *c) {
  hold(c, compare(c) == 0 || compare(c) == 1);
}

static void equal(egl_call *c) {
  hold(c, compare(c) == 0);
}

static void differ(egl_call *c) {
  hold(c, c->ids[0] != c->ids[1]);
}

// A total order on classes: ids.
static void first(egl_call *c) {
  c->class = c->ids[c->ids[0] > c->ids[1]];
}

static void last(egl_call *c) {
  c->class = c->ids[c->ids[0] < c->ids[1]];
}

//===-- bool --------------------------------------------------------------===//

static void b_not(egl_call *c) {
  c->out.b = !c->args[0].b;
}

// Whether any of the arguments is |wanted|.
static bool any(const egl_call *c, bool wanted) {
  for (uint32_t k = 0; k < c->num; ++k)
    if (egl_value_of(c->p, c->ids[k], EGL_BOOL).b == wanted)
      return true;
  return false;
}

static void b_and(egl_call *c) {
  c->out.b = !any(c, false);
}

static void b_or(egl_call *c) {
  c->out.b = any(c, true);
}

static void b_xor(egl_call *c) {
  c->out.b = c->args[0].b != c->args[1].b;
}

static void b_implies(egl_call *c) {
  c->out.b = !c->args[0].b || c->args[1].b;
}

static void b_guard(egl_call *c) {
  hold(c, c->args[0].b);
}

//===-- String ------------------------------------------------------------===//

// The first |what| in |text| from |from| on; its size when there is none.
static size_t find_bytes(egl_value text, size_t from, egl_value what) {
  for (; from + what.s.size <= text.s.size; ++from)
    if (memcmp(text.s.text + from, what.s.text, what.s.size) == 0)
      return from;
  return text.s.size;
}

static eg_status put_bytes(egl_call *c, const char *text, size_t size) {
  EG_TRY(EGI_RESERVE(c->p->graph, &c->buffer, size + 1));
  memcpy(c->buffer.data + c->buffer.num, text, size);
  c->buffer.num += size;
  c->out.s.text = c->buffer.data;
  c->out.s.size = c->buffer.num;
  return EG_OK;
}

static eg_status join(egl_call *c) {
  EG_TRY(put_bytes(c, "", 0));
  for (uint32_t k = 0; k < c->num; ++k) {
    egl_value part = egl_value_of(c->p, c->ids[k], EGL_STR);
    EG_TRY(put_bytes(c, part.s.text, part.s.size));
  }
  return EG_OK;
}

static void s_add(egl_call *c) {
  c->status = join(c);
}

// Every |what|, none overlapping the one before, becomes |with|. Nothing
// matches an empty |what|.
static eg_status replace(egl_call *c, egl_value with, int64_t *out_count) {
  egl_value text = c->args[0], what = c->args[1];
  size_t from = 0;
  *out_count = 0;
  while (what.s.size > 0) {
    size_t at = find_bytes(text, from, what);
    if (at == text.s.size)
      break;
    ++*out_count;
    EG_TRY(put_bytes(c, text.s.text + from, at - from));
    EG_TRY(put_bytes(c, with.s.text, with.s.size));
    from = at + what.s.size;
  }
  return put_bytes(c, text.s.text + from, text.s.size - from);
}

static void s_replace(egl_call *c) {
  int64_t count;
  c->status = replace(c, c->args[2], &count);
}

static void s_count(egl_call *c) {
  int64_t count;
  c->status = replace(c, c->args[1], &count);
  c->out.i = count;
}

// The payload of a number is its text.
static void to_string(egl_call *c) {
  c->out = egl_value_of(c->p, c->ids[0], EGL_STR);
}

//===-- The table ---------------------------------------------------------===//

enum {
  I = EGL_I64,
  F = EGL_F64,
  B = EGL_BOOL,
  S = EGL_STR,
  U = EGL_UNIT,
  A = EGL_ANY,
};

// Name, no container, result, number of arguments, their kinds, no deed,
// function. One name may stand in several rows: the sorts of the arguments choose.
static const egl_prim prims[] = {
    {"+", 0, I, 2, {I, I}, 0, i_add},
    {"-", 0, I, 2, {I, I}, 0, i_sub},
    {"*", 0, I, 2, {I, I}, 0, i_mul},
    {"/", 0, I, 2, {I, I}, 0, i_div},
    {"%", 0, I, 2, {I, I}, 0, i_rem},
    {"&", 0, I, 2, {I, I}, 0, i_and},
    {"|", 0, I, 2, {I, I}, 0, i_or},
    {"^", 0, I, 2, {I, I}, 0, i_xor},
    {"<<", 0, I, 2, {I, I}, 0, i_shl},
    {">>", 0, I, 2, {I, I}, 0, i_shr},
    {"not-i64", 0, I, 1, {I}, 0, i_not},
    {"log2", 0, I, 1, {I}, 0, i_log2},
    {"abs", 0, I, 1, {I}, 0, i_abs},
    {"min", 0, I, 2, {I, I}, 0, i_min},
    {"max", 0, I, 2, {I, I}, 0, i_max},
    {"<", 0, U, 2, {I, I}, 0, less},
    {">", 0, U, 2, {I, I}, 0, greater},
    {"<=", 0, U, 2, {I, I}, 0, at_most},
    {">=", 0, U, 2, {I, I}, 0, at_least},
    {"bool-=", 0, B, 2, {I, I}, 0, equal},
    {"bool-<", 0, B, 2, {I, I}, 0, less},
    {"bool->", 0, B, 2, {I, I}, 0, greater},
    {"bool-<=", 0, B, 2, {I, I}, 0, at_most},
    {"bool->=", 0, B, 2, {I, I}, 0, at_least},
    {"to-string", 0, S, 1, {I}, 0, to_string},
    {"to-f64", 0, F, 1, {I}, 0, i_to_f64},
    {"+", 0, F, 2, {F, F}, 0, f_add},
    {"-", 0, F, 2, {F, F}, 0, f_sub},
    {"*", 0, F, 2, {F, F}, 0, f_mul},
    {"/", 0, F, 2, {F, F}, 0, f_div},
    {"%", 0, F, 2, {F, F}, 0, f_rem},
    {"^", 0, F, 2, {F, F}, 0, f_pow},
    {"neg", 0, F, 1, {F}, 0, f_neg},
    {"abs", 0, F, 1, {F}, 0, f_abs},
    {"exp", 0, F, 1, {F}, 0, f_exp},
    {"log", 0, F, 1, {F}, 0, f_log},
    {"sqrt", 0, F, 1, {F}, 0, f_sqrt},
    {"min", 0, F, 2, {F, F}, 0, f_min},
    {"max", 0, F, 2, {F, F}, 0, f_max},
    {"<", 0, U, 2, {F, F}, 0, less},
    {">", 0, U, 2, {F, F}, 0, greater},
    {"<=", 0, U, 2, {F, F}, 0, at_most},
    {">=", 0, U, 2, {F, F}, 0, at_least},
    {"to-i64", 0, I, 1, {F}, 0, f_to_i64},
    {"to-string", 0, S, 1, {F}, 0, to_string},
    {"not", 0, B, 1, {B}, 0, b_not},
    {"and", 0, B, EGL_VARIADIC, {B}, 0, b_and},
    {"or", 0, B, EGL_VARIADIC, {B}, 0, b_or},
    {"xor", 0, B, 2, {B, B}, 0, b_xor},
    {"=>", 0, B, 2, {B, B}, 0, b_implies},
    {"guard", 0, U, 1, {B}, 0, b_guard},
    {"+", 0, S, EGL_VARIADIC, {S}, 0, s_add},
    {"replace", 0, S, 3, {S, S, S}, 0, s_replace},
    {"count-matches", 0, I, 2, {S, S}, 0, s_count},
    {"!=", 0, U, 2, {A, A}, 0, differ},
    {"bool-!=", 0, B, 2, {A, A}, 0, differ},
    {"ordering-min", 0, A, 2, {A, A}, 0, first},
    {"ordering-max", 0, A, 2, {A, A}, 0, last},
};

enum { NUM_PRIMS = sizeof prims / sizeof *prims };

uint32_t egl_num_prims(void) {
  return NUM_PRIMS + egl_num_container_prims();
}

const egl_prim *egl_prim_at(uint32_t ref) {
  uint32_t index = ref & 0xffff;
  return index < NUM_PRIMS ? &prims[index]
                           : &egl_container_prims[index - NUM_PRIMS];
}

static eg_status apply(egl_call *c, uint32_t *out) {
  const egl_prim *prim = c->prim;
  for (uint32_t k = 0; k < c->num && k < EGL_MAX_PRIM_ARGS; ++k) {
    uint8_t kind = prim->args[prim->num_args == EGL_VARIADIC ? 0 : k];
    if (kind != EGL_ANY)
      c->args[k] = egl_value_of(c->p, c->ids[k], (egl_sort_kind)kind);
  }
  prim->apply(c);
  EG_TRY(c->status);
  *out = c->class;
  if (c->class || !c->defined)
    return EG_OK;
  return egl_add_value(c->p, (egl_sort_kind)prim->result, c->out, out);
}

eg_status egl_prim_apply(eg_egglog *p, uint32_t ref, const uint32_t *args,
                         uint32_t num, bool known, uint32_t *out,
                         bool *out_defined) {
  const egl_prim *prim = egl_prim_at(ref);
  if (prim->self)
    return egl_container_apply(p, prim, egl_prim_sort(ref), args, num, known,
                               out, out_defined);
  egl_call c = {.p = p, .prim = prim, .ids = args, .num = num, .defined = true};
  eg_status status = apply(&c, out);
  *out_defined = c.defined;
  EGI_RELEASE(p->graph, &c.buffer);
  return status;
}

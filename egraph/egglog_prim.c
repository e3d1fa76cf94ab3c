// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Primitive values and the functions on them.
//
// A value is a leaf whose payload is its text, in one spelling per value, so
// that equal values are one leaf and a drawing shows what they are.
#include "egglog_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

//===-- Literals ----------------------------------------------------------===//

bool egl_literal_kind(const char *word, size_t len, egl_sort_kind *out_kind) {
  if ((len == 4 && memcmp(word, "true", 4) == 0) ||
      (len == 5 && memcmp(word, "false", 5) == 0)) {
    *out_kind = EGL_BOOL;
    return true;
  }
  size_t at = len && word[0] == '-', digits = 0, points = 0;
  for (; at < len; ++at) {
    if (word[at] >= '0' && word[at] <= '9')
      ++digits;
    else if (word[at] == '.')
      ++points;
    else if (!(digits && (word[at] == 'e' || word[at] == 'E') && at + 1 < len))
      break;
    else {
      points = 1;
      at += word[at + 1] == '-' || word[at + 1] == '+';
    }
  }
  if (at < len || digits == 0 || points > 1) {
    *out_kind = EGL_F64;
    return (len == 3 && memcmp(word, "NaN", 3) == 0) ||
           (len == 3 && memcmp(word, "inf", 3) == 0) ||
           (len == 4 && memcmp(word, "-inf", 4) == 0);
  }
  *out_kind = points ? EGL_F64 : EGL_I64;
  return true;
}

// The shortest decimal that reads back as the same number; always with a point
// or an exponent.
static size_t spell_f64(double value, char text[EGI_REAL_SIZE]) {
  value += 0.0; // there is one zero
  if (value != value)
    return (size_t)sprintf(text, "NaN");
  if (value - value != 0)
    return (size_t)sprintf(text, value > 0 ? "inf" : "-inf");
  egi_spell_real(value, text);
  if (!strpbrk(text, ".e"))
    strcat(text, ".0");
  return strlen(text);
}

static eg_status add_leaf(eg_egglog *p, egl_sort_kind kind, const void *bytes,
                          size_t size, uint32_t *out_class) {
  eg_payload payload;
  eg_class id;
  eg_op op = {p->sorts.data[p->kinds[kind]].leaf};
  EG_TRY(eg_payload_intern(p->graph, bytes, size, &payload));
  EG_TRY(eg_add(p->graph, op, payload, NULL, 0, &id));
  *out_class = id.id;
  return EG_OK;
}

eg_status egl_add_value(eg_egglog *p, egl_sort_kind kind, egl_value v,
                        uint32_t *out_class) {
  char text[EGI_REAL_SIZE];
  switch (kind) {
  case EGL_I64:
    return add_leaf(p, kind, text, (size_t)sprintf(text, "%" PRId64, v.i),
                    out_class);
  case EGL_F64:
    return add_leaf(p, kind, text, spell_f64(v.f, text), out_class);
  case EGL_BOOL:
    return add_leaf(p, kind, v.b ? "true" : "false", v.b ? 4 : 5, out_class);
  case EGL_STR:
    return add_leaf(p, kind, v.s.text, v.s.size, out_class);
  default:
    *out_class = p->unit;
    return EG_OK;
  }
}

eg_status egl_literal(eg_egglog *p, egl_sort_kind kind, const void *bytes,
                      size_t size, uint32_t *out_class) {
  if (kind == EGL_STR)
    return add_leaf(p, kind, bytes, size, out_class);
  egl_value v = {0};
  errno = 0;
  if (kind == EGL_I64)
    v.i = strtoll(bytes, NULL, 10);
  else if (kind == EGL_F64)
    v.f = strtod(bytes, NULL);
  else
    v.b = size == 4;
  if (kind == EGL_I64 && errno)
    return egi_fail_at(p->graph, EG_INVALID, 0,
                       "'%.*s' does not fit into an i64", egi_clip(size),
                       (const char *)bytes);
  return egl_add_value(p, kind, v, out_class);
}

egl_value egl_value_of(const eg_egglog *p, uint32_t id, egl_sort_kind kind) {
  egl_value v = {0};
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(p->graph, (eg_class){id}, &num);
  size_t size;
  const char *text =
      eg_payload_bytes(p->graph, eg_node_payload(p->graph, nodes[0]), &size);
  switch (kind) {
  case EGL_I64:
    v.i = strtoll(text, NULL, 10);
    break;
  case EGL_F64:
    v.f = strtod(text, NULL);
    break;
  case EGL_BOOL:
    v.b = size == 4;
    break;
  case EGL_STR:
    v.s.text = text;
    v.s.size = size;
    break;
  default:
    break;
  }
  return v;
}

//===-- The table of primitives -------------------------------------------===//

// X(id, name, result, number of arguments, their kinds). One name may stand on
// several lines: the sorts of the arguments choose.
#define EGL_PRIMS(X)                                                           \
  X(I_ADD, "+", EGL_I64, 2, EGL_I64, EGL_I64)                                  \
  X(I_SUB, "-", EGL_I64, 2, EGL_I64, EGL_I64)                                  \
  X(I_MUL, "*", EGL_I64, 2, EGL_I64, EGL_I64)                                  \
  X(I_DIV, "/", EGL_I64, 2, EGL_I64, EGL_I64)                                  \
  X(I_REM, "%", EGL_I64, 2, EGL_I64, EGL_I64)                                  \
  X(I_AND, "&", EGL_I64, 2, EGL_I64, EGL_I64)                                  \
  X(I_OR, "|", EGL_I64, 2, EGL_I64, EGL_I64)                                   \
  X(I_XOR, "^", EGL_I64, 2, EGL_I64, EGL_I64)                                  \
  X(I_SHL, "<<", EGL_I64, 2, EGL_I64, EGL_I64)                                 \
  X(I_SHR, ">>", EGL_I64, 2, EGL_I64, EGL_I64)                                 \
  X(I_NOT, "not-i64", EGL_I64, 1, EGL_I64)                                     \
  X(I_LOG2, "log2", EGL_I64, 1, EGL_I64)                                       \
  X(I_ABS, "abs", EGL_I64, 1, EGL_I64)                                         \
  X(I_MIN, "min", EGL_I64, 2, EGL_I64, EGL_I64)                                \
  X(I_MAX, "max", EGL_I64, 2, EGL_I64, EGL_I64)                                \
  X(I_LT, "<", EGL_UNIT, 2, EGL_I64, EGL_I64)                                  \
  X(I_GT, ">", EGL_UNIT, 2, EGL_I64, EGL_I64)                                  \
  X(I_LE, "<=", EGL_UNIT, 2, EGL_I64, EGL_I64)                                 \
  X(I_GE, ">=", EGL_UNIT, 2, EGL_I64, EGL_I64)                                 \
  X(I_BEQ, "bool-=", EGL_BOOL, 2, EGL_I64, EGL_I64)                            \
  X(I_BLT, "bool-<", EGL_BOOL, 2, EGL_I64, EGL_I64)                            \
  X(I_BGT, "bool->", EGL_BOOL, 2, EGL_I64, EGL_I64)                            \
  X(I_BLE, "bool-<=", EGL_BOOL, 2, EGL_I64, EGL_I64)                           \
  X(I_BGE, "bool->=", EGL_BOOL, 2, EGL_I64, EGL_I64)                           \
  X(I_TEXT, "to-string", EGL_STR, 1, EGL_I64)                                  \
  X(I_F64, "to-f64", EGL_F64, 1, EGL_I64)                                      \
  X(F_ADD, "+", EGL_F64, 2, EGL_F64, EGL_F64)                                  \
  X(F_SUB, "-", EGL_F64, 2, EGL_F64, EGL_F64)                                  \
  X(F_MUL, "*", EGL_F64, 2, EGL_F64, EGL_F64)                                  \
  X(F_DIV, "/", EGL_F64, 2, EGL_F64, EGL_F64)                                  \
  X(F_REM, "%", EGL_F64, 2, EGL_F64, EGL_F64)                                  \
  X(F_POW, "^", EGL_F64, 2, EGL_F64, EGL_F64)                                  \
  X(F_NEG, "neg", EGL_F64, 1, EGL_F64)                                         \
  X(F_ABS, "abs", EGL_F64, 1, EGL_F64)                                         \
  X(F_EXP, "exp", EGL_F64, 1, EGL_F64)                                         \
  X(F_LOG, "log", EGL_F64, 1, EGL_F64)                                         \
  X(F_SQRT, "sqrt", EGL_F64, 1, EGL_F64)                                       \
  X(F_MIN, "min", EGL_F64, 2, EGL_F64, EGL_F64)                                \
  X(F_MAX, "max", EGL_F64, 2, EGL_F64, EGL_F64)                                \
  X(F_LT, "<", EGL_UNIT, 2, EGL_F64, EGL_F64)                                  \
  X(F_GT, ">", EGL_UNIT, 2, EGL_F64, EGL_F64)                                  \
  X(F_LE, "<=", EGL_UNIT, 2, EGL_F64, EGL_F64)                                 \
  X(F_GE, ">=", EGL_UNIT, 2, EGL_F64, EGL_F64)                                 \
  X(F_I64, "to-i64", EGL_I64, 1, EGL_F64)                                      \
  X(F_TEXT, "to-string", EGL_STR, 1, EGL_F64)                                  \
  X(B_NOT, "not", EGL_BOOL, 1, EGL_BOOL)                                       \
  X(B_AND, "and", EGL_BOOL, EGL_VARIADIC, EGL_BOOL)                            \
  X(B_OR, "or", EGL_BOOL, EGL_VARIADIC, EGL_BOOL)                              \
  X(B_XOR, "xor", EGL_BOOL, 2, EGL_BOOL, EGL_BOOL)                             \
  X(B_IMPLIES, "=>", EGL_BOOL, 2, EGL_BOOL, EGL_BOOL)                          \
  X(B_GUARD, "guard", EGL_UNIT, 1, EGL_BOOL)                                   \
  X(S_ADD, "+", EGL_STR, EGL_VARIADIC, EGL_STR)                                \
  X(S_REPLACE, "replace", EGL_STR, 3, EGL_STR, EGL_STR, EGL_STR)               \
  X(S_COUNT, "count-matches", EGL_I64, 2, EGL_STR, EGL_STR)                    \
  X(NOT_EQUAL, "!=", EGL_UNIT, 2, EGL_ANY, EGL_ANY)                            \
  X(BOOL_NOT_EQUAL, "bool-!=", EGL_BOOL, 2, EGL_ANY, EGL_ANY)                  \
  X(FIRST, "ordering-min", EGL_ANY, 2, EGL_ANY, EGL_ANY)                       \
  X(LAST, "ordering-max", EGL_ANY, 2, EGL_ANY, EGL_ANY)

typedef enum prim_id {
#define X(id, name, result, ...) id,
  EGL_PRIMS(X)
#undef X
} prim_id;

const egl_prim egl_prims[] = {
#define X(id, name, result, num, ...)                                          \
  {name, EGL_EQ, result, num, {__VA_ARGS__}, id},
    EGL_PRIMS(X)
#undef X
};

enum { NUM_PRIMS = sizeof egl_prims / sizeof *egl_prims };

uint32_t egl_num_prims(void) {
  return NUM_PRIMS + egl_num_container_prims();
}

const egl_prim *egl_prim_at(uint32_t ref) {
  uint32_t index = ref & 0xffff;
  return index < NUM_PRIMS ? &egl_prims[index]
                           : &egl_container_prims[index - NUM_PRIMS];
}

//===-- Their functions ---------------------------------------------------===//

// All arithmetic on i64 is checked: what does not fit is not defined.
static bool apply_i64(prim_id id, int64_t a, int64_t b, egl_value *out) {
  switch (id) {
  case I_ADD:
    return !__builtin_add_overflow(a, b, &out->i);
  case I_SUB:
    return !__builtin_sub_overflow(a, b, &out->i);
  case I_MUL:
    return !__builtin_mul_overflow(a, b, &out->i);
  case I_DIV:
  case I_REM:
    if (b == 0 || (a == INT64_MIN && b == -1))
      return false;
    out->i = id == I_DIV ? a / b : a % b;
    return true;
  case I_AND:
    out->i = a & b;
    return true;
  case I_OR:
    out->i = a | b;
    return true;
  case I_XOR:
    out->i = a ^ b;
    return true;
  case I_SHL:
    out->i = (int64_t)((uint64_t)a << (b & 63));
    return b >= 0 && b < 64;
  case I_SHR:
    out->i = a >> (b & 63);
    return b >= 0 && b < 64;
  case I_NOT:
    out->i = ~a;
    return true;
  case I_LOG2:
    for (out->i = 0; a > 1; a >>= 1)
      ++out->i;
    return a == 1;
  case I_ABS:
    out->i = a < 0 && a != INT64_MIN ? -a : a;
    return a != INT64_MIN;
  case I_MIN:
    out->i = a < b ? a : b;
    return true;
  case I_MAX:
    out->i = a > b ? a : b;
    return true;
  case I_LT:
    return a < b;
  case I_GT:
    return a > b;
  case I_LE:
    return a <= b;
  case I_GE:
    return a >= b;
  case I_BEQ:
    out->b = a == b;
    return true;
  case I_BLT:
    out->b = a < b;
    return true;
  case I_BGT:
    out->b = a > b;
    return true;
  case I_BLE:
    out->b = a <= b;
    return true;
  case I_BGE:
    out->b = a >= b;
    return true;
  default: // I_F64
    out->f = (double)a;
    return true;
  }
}

static bool apply_f64(prim_id id, double a, double b, egl_value *out) {
  switch (id) {
  case F_ADD:
    out->f = a + b;
    return true;
  case F_SUB:
    out->f = a - b;
    return true;
  case F_MUL:
    out->f = a * b;
    return true;
  case F_DIV:
    out->f = a / b;
    return b != 0;
  case F_REM:
    out->f = fmod(a, b);
    return b != 0;
  case F_POW:
    out->f = pow(a, b);
    return true;
  case F_NEG:
    out->f = -a;
    return true;
  case F_ABS:
    out->f = fabs(a);
    return true;
  case F_EXP:
    out->f = exp(a);
    return true;
  case F_LOG:
    out->f = log(a);
    return a > 0;
  case F_SQRT:
    out->f = sqrt(a);
    return a >= 0;
  case F_MIN:
    out->f = a < b ? a : b;
    return true;
  case F_MAX:
    out->f = a > b ? a : b;
    return true;
  case F_LT:
    return a < b;
  case F_GT:
    return a > b;
  case F_LE:
    return a <= b;
  case F_GE:
    return a >= b;
  default: // F_I64: towards zero, and the nearest that fits
    out->i = a != a         ? 0
             : a <= -0x1p63 ? INT64_MIN
             : a >= 0x1p63  ? INT64_MAX
                            : (int64_t)a;
    return true;
  }
}

static bool apply_bool(prim_id id, const bool *args, uint32_t num,
                       egl_value *out) {
  switch (id) {
  case B_NOT:
    out->b = !args[0];
    return true;
  case B_AND:
  case B_OR:
    out->b = id == B_AND;
    for (uint32_t i = 0; i < num; ++i)
      out->b = id == B_AND ? out->b && args[i] : out->b || args[i];
    return true;
  case B_XOR:
    out->b = args[0] != args[1];
    return true;
  case B_IMPLIES:
    out->b = !args[0] || args[1];
    return true;
  default: // B_GUARD
    return args[0];
  }
}

// The first |what| in |text| from |from| on; its size when there is none.
static size_t find_bytes(egl_value text, size_t from, egl_value what) {
  for (; from + what.s.size <= text.s.size; ++from)
    if (memcmp(text.s.text + from, what.s.text, what.s.size) == 0)
      return from;
  return text.s.size;
}

static eg_status put_bytes(eg_egglog *p, egi_chars *out, const char *text,
                           size_t size) {
  EG_TRY(EGI_RESERVE(p->graph, out, size + 1));
  memcpy(out->data + out->num, text, size);
  out->num += size;
  return EG_OK;
}

// Every |what|, none overlapping the one before, becomes |with|. Nothing
// matches an empty |what|.
static eg_status replace(eg_egglog *p, egi_chars *out, egl_value text,
                         egl_value what, egl_value with, int64_t *out_count) {
  size_t from = 0;
  *out_count = 0;
  while (what.s.size > 0) {
    size_t at = find_bytes(text, from, what);
    if (at == text.s.size)
      break;
    ++*out_count;
    EG_TRY(put_bytes(p, out, text.s.text + from, at - from));
    EG_TRY(put_bytes(p, out, with.s.text, with.s.size));
    from = at + what.s.size;
  }
  return put_bytes(p, out, text.s.text + from, text.s.size - from);
}

static eg_status apply_string(eg_egglog *p, prim_id id, const uint32_t *args,
                              uint32_t num, egi_chars *buffer, egl_value *out) {
  egl_value v[EGL_MAX_PRIM_ARGS] = {0};
  for (uint32_t i = 0; i < num && i < EGL_MAX_PRIM_ARGS; ++i)
    v[i] = egl_value_of(p, args[i], EGL_STR);
  if (id == S_COUNT)
    return replace(p, buffer, v[0], v[1], v[1], &out->i);
  int64_t count;
  if (id == S_REPLACE)
    EG_TRY(replace(p, buffer, v[0], v[1], v[2], &count));
  else
    EG_TRY(put_bytes(p, buffer, "", 0));
  for (uint32_t i = 0; i < num && id == S_ADD; ++i) {
    egl_value part = egl_value_of(p, args[i], EGL_STR);
    EG_TRY(put_bytes(p, buffer, part.s.text, part.s.size));
  }
  out->s.text = buffer->data;
  out->s.size = buffer->num;
  return EG_OK;
}

// A total order on classes: ids.
static bool apply_any(prim_id id, const uint32_t *args, uint32_t *out,
                      egl_value *value) {
  value->b = args[0] != args[1];
  if (id == NOT_EQUAL || id == BOOL_NOT_EQUAL)
    return id == BOOL_NOT_EQUAL || value->b;
  *out = (id == FIRST) == (args[0] < args[1]) ? args[0] : args[1];
  return true;
}

static eg_status apply_bools(eg_egglog *p, const egl_prim *prim,
                             const uint32_t *args, uint32_t num, egl_value *out,
                             bool *out_defined) {
  bool few[EGL_MAX_PRIM_ARGS] = {false};
  if (num <= EGL_MAX_PRIM_ARGS) {
    for (uint32_t i = 0; i < num; ++i)
      few[i] = egl_value_of(p, args[i], EGL_BOOL).b;
    *out_defined = apply_bool((prim_id)prim->id, few, num, out);
    return EG_OK;
  }
  out->b = prim->id == B_AND; // only "and" and "or" take more
  for (uint32_t i = 0; i < num; ++i) {
    bool pair[2] = {out->b, egl_value_of(p, args[i], EGL_BOOL).b};
    apply_bool((prim_id)prim->id, pair, 2, out);
  }
  return EG_OK;
}

eg_status egl_prim_apply(eg_egglog *p, uint32_t ref, const uint32_t *args,
                         uint32_t num, bool known, uint32_t *out,
                         bool *out_defined) {
  const egl_prim *prim = egl_prim_at(ref);
  egl_value v = {0};
  egi_chars buffer = {0};
  eg_status status = EG_OK;
  *out_defined = true;
  *out = p->unit;
  if (prim->self)
    return egl_container_apply(p, prim, egl_prim_sort(ref), args, num, known,
                               out, out_defined);
  if (prim->args[0] == EGL_ANY) {
    *out_defined = apply_any((prim_id)prim->id, args, out, &v);
    return prim->result == EGL_BOOL ? egl_add_value(p, EGL_BOOL, v, out)
                                    : EG_OK;
  }
  switch (prim->args[0]) {
  case EGL_I64:
  case EGL_F64:
    if (prim->result == EGL_STR) { // to-string: the payload is the text
      v.s = egl_value_of(p, args[0], EGL_STR).s;
    } else if (prim->args[0] == EGL_I64) {
      int64_t b = num > 1 ? egl_value_of(p, args[1], EGL_I64).i : 0;
      *out_defined = apply_i64((prim_id)prim->id,
                               egl_value_of(p, args[0], EGL_I64).i, b, &v);
    } else {
      double b = num > 1 ? egl_value_of(p, args[1], EGL_F64).f : 0;
      *out_defined = apply_f64((prim_id)prim->id,
                               egl_value_of(p, args[0], EGL_F64).f, b, &v);
    }
    break;
  case EGL_BOOL:
    status = apply_bools(p, prim, args, num, &v, out_defined);
    break;
  default:
    status = apply_string(p, (prim_id)prim->id, args, num, &buffer, &v);
  }
  if (status == EG_OK && *out_defined)
    status = egl_add_value(p, (egl_sort_kind)prim->result, v, out);
  EGI_RELEASE(p->graph, &buffer);
  return status;
}

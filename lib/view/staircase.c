// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The normal form of a sum: its staircases, each written in one way.
//
// Floors of one linear form s (one variable, or a primitive Σ b_v k_v that
// takes every value of its range) add up to a function g of the integer s in
// [0, T]. Different floors may add up to the same g:
//
//   floor((s + 1) / 3) = floor(s / 2) on [0, 3],
//   floor(s / 2) + floor((s + 1) / 2) = s.
//
// For T <= 63 the function itself is tabulated and written anew, so equal
// functions get equal sums. Two bases are tried:
//
//   anchored  g = g(0) + a s + Σ_{p >= 2} h_p floor(s / p). The matrix
//             floor(s / p) is unitriangular, so h exists and is unique: peel
//             the first value that is not 0.
//   shifted   jumps in arithmetic progressions of period n, from the left,
//             each h floor((s + n - p) / n).
//
// The anchored form is taken up to two floors (digits of mixed radices are
// such), else the one with fewer floors, up to MAX_FLOORS; else the sum stays
// as it is. The choice looks at g alone, never at how g was written.
#include "view_internal.h"

#include <string.h>

enum { MAX_TABLE = 64, MAX_FLOORS = 4 };
#define MAX_VALUE (INT64_C(1) << 48) // so that differences cannot overflow

typedef struct stair {
  int64_t coef, offset, divisor; // coef * floor((s + offset) / divisor)
} stair;

typedef struct stairs {
  int64_t slope;
  uint32_t num;
  stair floors[MAX_FLOORS + 1];
} stairs;

static bool add_stair(stairs *out, int64_t coef, int64_t offset, int64_t n) {
  out->floors[out->num++] = (stair){coef, offset, n};
  return out->num <= MAX_FLOORS;
}

static bool anchored(const int64_t *g, int top, stairs *out) {
  int64_t r[MAX_TABLE];
  out->num = 0;
  out->slope = g[1] - g[0];
  for (int s = 0; s <= top; ++s)
    r[s] = g[s] - g[0] - out->slope * s;
  for (int p = 2; p <= top; ++p) {
    int64_t h = r[p];
    if (h == 0)
      continue;
    if (!add_stair(out, h, 0, p))
      return false;
    for (int s = p; s <= top; ++s)
      r[s] -= h * (s / p);
  }
  return true;
}

static bool same_sign(int64_t a, int64_t b) {
  return (a > 0 && b > 0) || (a < 0 && b < 0);
}

// The period >= p whose progression from p meets only jumps like the first,
// and most of them; one that leaves the table when there is none.
static int best_period(const int64_t *jump, int p, int top) {
  int best = 0, best_length = 1;
  for (int n = p > 2 ? p : 2; p + n <= top; ++n) {
    int length = 0, s = p;
    while (s <= top && same_sign(jump[s], jump[p])) {
      ++length;
      s += n;
    }
    if (s > top && length > best_length) {
      best = n;
      best_length = length;
    }
  }
  if (best)
    return best;
  best = top + 1 - p;
  best = best > p ? best : p;
  return best > 2 ? best : 2;
}

static bool shifted(const int64_t *g, int top, int64_t slope, stairs *out) {
  int64_t jump[MAX_TABLE];
  out->num = 0;
  out->slope = slope;
  for (int s = 1; s <= top; ++s)
    jump[s] = g[s] - g[s - 1] - slope;
  for (int p = 1; p <= top; ++p) {
    int64_t h = jump[p];
    if (h == 0)
      continue;
    int n = best_period(jump, p, top);
    if (!add_stair(out, h, n - p, n))
      return false;
    for (int s = p; s <= top; s += n)
      jump[s] -= h;
  }
  return true;
}

static bool decompose(const int64_t *g, int top, stairs *out) {
  bool found = anchored(g, top, out);
  if (found && out->num <= 2)
    return true;
  for (int i = 1; i <= 2 && i <= top; ++i) {
    stairs other;
    if (shifted(g, top, g[i] - g[i - 1], &other) &&
        (!found || other.num < out->num)) {
      *out = other;
      found = true;
    }
  }
  return found;
}

//===-- Forms -------------------------------------------------------------===//

// Whether a primitive form takes every value of its range: by increasing
// coefficient, each at most 1 + what the smaller ones reach.
static bool is_contiguous(const glni_ctx *ctx, const glni_sum *form) {
  int64_t reach = 0;
  uint32_t taken = 0;
  for (uint32_t n = 0; n < form->num_terms; ++n) {
    uint32_t best = UINT32_MAX;
    int64_t best_coef = 0;
    for (uint32_t i = 0; i < form->num_terms; ++i) {
      int64_t c = form->terms[i].coef;
      c = c < 0 ? -c : c;
      if (!(taken >> i & 1) && (best == UINT32_MAX || c < best_coef)) {
        best = i;
        best_coef = c;
      }
    }
    if (best_coef > reach + 1)
      return false;
    taken |= UINT32_C(1) << best;
    reach += best_coef * ctx->high[form->terms[best].var];
  }
  return true;
}

// The range of a form: the box, cut by what constraints say of it.
static void form_range(glni_ctx *ctx, const glni_sum *form, int64_t *low,
                       int64_t *high) {
  glni_range(ctx, form, low, high);
  for (size_t i = 0; i < ctx->num_known; ++i) {
    const glni_constraint *known = &ctx->known[i];
    if (known->modulus || glni_sum_compare(known->form, form) != 0)
      continue;
    *low = known->low > *low ? known->low : *low;
    *high = known->high < *high ? known->high : *high;
  }
}

static bool is_single(uint32_t vars) {
  return (vars & (vars - 1)) == 0;
}

static uint32_t lowest_var(uint32_t vars) {
  uint32_t v = 0;
  while (!(vars >> v & 1))
    ++v;
  return v;
}

// The form that the floor |term| is a function of; NULL if none is known.
static const glni_sum *form_of(glni_ctx *ctx, const glni_term *term) {
  if (is_single(term->num->vars))
    return glni_var(ctx, lowest_var(term->num->vars));
  if (glni_sum_has_floor(term->num))
    return NULL;
  const glni_sum *form;
  glni_primitive(ctx, term->num, &form);
  return is_contiguous(ctx, form) ? form : NULL;
}

// The value of a floor where its form is |s|.
static int64_t floor_at(const glni_term *term, const glni_sum *form,
                        int64_t s) {
  int64_t num;
  if (is_single(term->num->vars)) {
    int64_t vars[GLN_VIEW_MAX_RANK];
    vars[form->terms[0].var] = s;
    num = glni_sum_evaluate(term->num, vars);
  } else {
    num = term->num->terms[0].coef / form->terms[0].coef * s +
          term->num->constant;
  }
  return glni_floor_div(num, term->divisor);
}

// One floor k / p, anchored at the start of the range, is in normal form.
static bool is_settled(const glni_term *term, const glni_sum *form, int64_t low,
                       int64_t high) {
  const glni_sum *num = term->num;
  return !glni_sum_has_floor(num) &&
         num->terms[0].coef == form->terms[0].coef &&
         (num->constant + low) % term->divisor == 0 &&
         term->divisor <= high - low;
}

// Rewrites the floors of |a| that are functions of |form|.
static const glni_sum *rewrite(glni_ctx *ctx, const glni_sum *a,
                               const glni_sum *form, uint64_t members,
                               int64_t low, int64_t high) {
  int64_t g[MAX_TABLE];
  int top = (int)(high - low);
  memset(g, 0, sizeof g);
  const glni_sum *rest = a;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    if (!(members >> i & 1))
      continue;
    for (int s = 0; s <= top; ++s)
      g[s] = glni_add(ctx, g[s],
                      glni_mul(ctx, term->coef, floor_at(term, form, low + s)));
    rest = glni_combine(
        ctx, rest, 1,
        glni_raw_floor(ctx, term->num, term->divisor, -term->coef), 1, 0);
  }
  for (int s = 0; s <= top; ++s)
    if (g[s] > MAX_VALUE || g[s] < -MAX_VALUE)
      return a;
  stairs out = {0, 0, {{0, 0, 0}}};
  if (top > 0 && !decompose(g, top, &out))
    return a;
  // s is form - low.
  rest = glni_combine(ctx, rest, 1, form, out.slope,
                      g[0] - glni_mul(ctx, out.slope, low));
  for (uint32_t i = 0; i < out.num; ++i) {
    const glni_sum *num = glni_scale(ctx, form, 1, out.floors[i].offset - low);
    rest = glni_combine(ctx, rest, 1,
                        glni_floordiv(ctx, num, out.floors[i].divisor),
                        out.floors[i].coef, 0);
  }
  return rest;
}

// Writes one group of floors anew; NULL when all are in normal form.
static const glni_sum *rewrite_one(glni_ctx *ctx, const glni_sum *a) {
  uint64_t seen = 0;
  for (uint32_t i = 0; i < a->num_terms && i < 64; ++i) {
    if (!a->terms[i].divisor || seen >> i & 1)
      continue;
    const glni_sum *form = form_of(ctx, &a->terms[i]);
    if (!form || form->num_terms == 0)
      continue;
    int64_t low, high;
    form_range(ctx, form, &low, &high);
    uint64_t members = 0;
    uint32_t num = 0;
    bool settled = true;
    for (uint32_t j = i; j < a->num_terms && j < 64; ++j) {
      const glni_sum *other = j == i ? form
                              : a->terms[j].num->vars == form->vars
                                  ? form_of(ctx, &a->terms[j])
                                  : NULL;
      if (!other || glni_sum_compare(other, form) != 0)
        continue;
      members |= UINT64_C(1) << j;
      ++num;
      settled &= is_settled(&a->terms[j], form, low, high);
    }
    seen |= members;
    if ((settled && num <= 2) ||
        (num == 1 && !is_single(form->vars) && high - low > 1) ||
        high - low >= MAX_TABLE || high < low)
      continue;
    const glni_sum *next = rewrite(ctx, a, form, members, low, high);
    if (next != a && glni_sum_compare(next, a) != 0)
      return next;
  }
  return NULL;
}

const glni_sum *glni_normalise(glni_ctx *ctx, const glni_sum *a) {
  // A rewritten floor may fall to another form by `pull`, never back; the cap
  // is for safety of time, not of meaning.
  for (int round = 0; round < 8 && glni_sum_has_floor(a); ++round) {
    const glni_sum *next = rewrite_one(ctx, a);
    if (!next || ctx->status)
      break;
    a = next;
  }
  return a;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Intervals of sums over the box of the variables.
//
// A mod is kept as e - n floor(e / n), whose terms taken one by one know
// nothing of each other. So floors of one numerator, with divisors that divide
// each other, are read as the digits they are:
//
//   E = d0 + p1 d1 + p2 d2 + …,  0 <= d_i < p_(i+1) / p_i,
//   α0 E + Σ α_i floor(E / p_i) = Σ γ_i p… d_i  with  γ_i = γ_(i-1) r_i + α_i,
//
// and a second interval comes from floor(E / n) = E / n - δ, 0 <= δ < 1, where
// the linear parts cancel before bounds are taken. The result is the best of
// term by term, digits and cancelling. O(terms²).
#include "view_internal.h"

#include <string.h>

static void widen(glni_ctx *ctx, int64_t *low, int64_t *high, int64_t factor,
                  int64_t atom_low, int64_t atom_high) {
  int64_t x = glni_mul(ctx, factor, atom_low);
  int64_t y = glni_mul(ctx, factor, atom_high);
  *low = glni_add(ctx, *low, x < y ? x : y);
  *high = glni_add(ctx, *high, x < y ? y : x);
}

static void plain_range(glni_ctx *ctx, const glni_sum *a, int64_t *low,
                        int64_t *high) {
  *low = *high = a->constant;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    int64_t x = 0, y = term->divisor ? 0 : ctx->high[term->var];
    if (term->divisor) {
      glni_range(ctx, term->num, &x, &y);
      x = glni_floor_div(x, term->divisor);
      y = glni_floor_div(y, term->divisor);
    }
    widen(ctx, low, high, term->coef, x, y);
  }
}

// α such that the linear terms of |a| hold α times those of the linear sum |e|.
static int64_t head_factor(const glni_sum *a, const glni_sum *e) {
  if (glni_sum_has_floor(e))
    return 0;
  int64_t first = glni_sum_coef(a, e->terms[0].var);
  if (first % e->terms[0].coef != 0)
    return 0;
  int64_t factor = first / e->terms[0].coef;
  for (uint32_t i = 1; i < e->num_terms; ++i)
    if (glni_sum_coef(a, e->terms[i].var) % e->terms[i].coef != 0 ||
        glni_sum_coef(a, e->terms[i].var) / e->terms[i].coef != factor)
      return 0;
  return factor;
}

// Terms [begin, end) are floors of one numerator with a chain of divisors.
static void chain_range(glni_ctx *ctx, const glni_sum *a, uint32_t begin,
                        uint32_t end, int64_t head, int64_t *low,
                        int64_t *high) {
  int64_t factor = head, previous = 1;
  for (uint32_t i = begin; i < end; ++i) {
    int64_t radix = a->terms[i].divisor / previous;
    widen(ctx, low, high, factor, 0, radix - 1);
    factor = glni_add(ctx, glni_mul(ctx, factor, radix), a->terms[i].coef);
    previous = a->terms[i].divisor;
  }
  int64_t x, y;
  glni_range(ctx, a->terms[begin].num, &x, &y);
  widen(ctx, low, high, factor, glni_floor_div(x, previous),
        glni_floor_div(y, previous));
}

static void digit_range(glni_ctx *ctx, const glni_sum *a, int64_t *low,
                        int64_t *high) {
  *low = *high = a->constant;
  uint32_t taken = 0; // variables whose linear term a chain has eaten
  uint32_t first = 0;
  while (!a->terms[first].divisor)
    ++first;
  for (uint32_t i = first, end; i < a->num_terms; i = end) {
    const glni_sum *num = a->terms[i].num;
    for (end = i + 1; end < a->num_terms; ++end)
      if (glni_sum_compare(a->terms[end].num, num) != 0 ||
          a->terms[end].divisor % a->terms[end - 1].divisor != 0)
        break;
    int64_t head = num->vars & taken ? 0 : head_factor(a, num);
    if (head) {
      taken |= num->vars;
      int64_t shift = glni_mul(ctx, head, num->constant);
      *low = glni_add(ctx, *low, -shift);
      *high = glni_add(ctx, *high, -shift);
    }
    chain_range(ctx, a, i, end, head, low, high);
  }
  for (uint32_t i = 0; i < first; ++i)
    if (!(taken >> a->terms[i].var & 1))
      widen(ctx, low, high, a->terms[i].coef, 0, ctx->high[a->terms[i].var]);
}

typedef struct relaxed {
  int64_t coefs[GLN_VIEW_MAX_RANK];
  int64_t low, high; // constant and slack
} relaxed;

// Adds factor * a to |sum|, every floor relaxed whose divisor divides.
static void relax(glni_ctx *ctx, const glni_sum *a, int64_t factor,
                  relaxed *sum) {
  widen(ctx, &sum->low, &sum->high, factor, a->constant, a->constant);
  for (uint32_t i = 0; i < a->num_terms && !ctx->status; ++i) {
    const glni_term *term = &a->terms[i];
    int64_t f = glni_mul(ctx, factor, term->coef);
    if (!term->divisor) {
      sum->coefs[term->var] = glni_add(ctx, sum->coefs[term->var], f);
    } else if (f % term->divisor == 0) {
      f /= term->divisor;
      relax(ctx, term->num, f, sum);
      widen(ctx, &sum->low, &sum->high, -f, 0, term->divisor - 1);
    } else {
      int64_t x, y;
      glni_range(ctx, term->num, &x, &y);
      widen(ctx, &sum->low, &sum->high, f, glni_floor_div(x, term->divisor),
            glni_floor_div(y, term->divisor));
    }
  }
}

static bool relaxed_range(glni_ctx *ctx, const glni_sum *a, int64_t *low,
                          int64_t *high) {
  int64_t scale = 1;
  for (uint32_t i = 0; i < a->num_terms; ++i)
    if (a->terms[i].divisor) {
      int64_t n = a->terms[i].divisor;
      if (n > INT32_MAX)
        return false;
      scale *= n / glni_gcd(scale, n);
      if (scale > INT32_MAX)
        return false;
    }
  relaxed sum;
  memset(&sum, 0, sizeof sum);
  relax(ctx, a, scale, &sum);
  for (uint32_t v = 0; v < ctx->num_vars; ++v)
    if (sum.coefs[v])
      widen(ctx, &sum.low, &sum.high, sum.coefs[v], 0, ctx->high[v]);
  *low = -glni_floor_div(-sum.low, scale);
  *high = glni_floor_div(sum.high, scale);
  return true;
}

static void find_range(glni_ctx *ctx, const glni_sum *a, int64_t *low,
                       int64_t *high) {
  plain_range(ctx, a, low, high);
  if (!glni_sum_has_floor(a) || a->num_terms == 1)
    return;
  // An interval that does not fit in 64 bits is one we can do without.
  eg_status before = ctx->status;
  int64_t x, y;
  digit_range(ctx, a, &x, &y);
  for (int round = 0; round < 2; ++round) {
    if (ctx->status == before) {
      *low = x > *low ? x : *low;
      *high = y < *high ? y : *high;
    } else if (ctx->status == EG_LIMIT) {
      ctx->status = before;
    }
    if (round == 1 || !relaxed_range(ctx, a, &x, &y))
      break;
  }
}

// Nested floors ask for the same ranges again and again, so they are kept. The
// variables' ranges change only where every sum is substituted anew.
void glni_range(glni_ctx *ctx, const glni_sum *a, int64_t *low, int64_t *high) {
  if (!a->ranged) {
    find_range(ctx, a, low, high);
    if (a->num_terms == 0 || ctx->status)
      return;
    glni_sum *cache = (glni_sum *)(uintptr_t)a;
    cache->low = *low;
    cache->high = *high;
    cache->ranged = true;
  }
  *low = a->low;
  *high = a->high;
}

int64_t glni_primitive(glni_ctx *ctx, const glni_sum *a, const glni_sum **out) {
  int64_t gcd = 0;
  for (uint32_t i = 0; i < a->num_terms; ++i)
    gcd = glni_gcd(gcd, a->terms[i].coef);
  if (gcd == 0) {
    *out = glni_constant(ctx, 0);
    return 0;
  }
  if (a->terms[0].coef < 0)
    gcd = -gcd;
  if (gcd == 1 && a->constant == 0) {
    *out = a;
    return 1;
  }
  glni_sum *sum =
      glni_ctx_alloc(ctx, sizeof *a + a->num_terms * sizeof(glni_term));
  if (!sum) {
    *out = glni_constant(ctx, 0);
    return 0;
  }
  memcpy(sum, a, sizeof *a + a->num_terms * sizeof(glni_term));
  sum->constant = 0;
  sum->ranged = false;
  for (uint32_t i = 0; i < a->num_terms; ++i)
    sum->terms[i].coef /= gcd;
  *out = sum;
  return gcd;
}

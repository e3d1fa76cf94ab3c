// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floor division of a sum by a constant, simplified by intervals.
//
//   floor((n Q + R) / n)          = Q + floor(R / n)            pull
//   floor((g R + c) / (g n))      = floor((R + floor(c / g)) / n)   gcd
//   floor((g A + B) / (g n))      = floor(A / n)    if 0 <= B < g   drop
//   floor((floor(E / m) + X) / n) = floor((E + m X) / (m n))        nest
//   floor(E / n)                  = k       if k n <= E < (k + 1) n const
//   floor(R / n)                  = -floor((n - 1 - R) / n)         flip
//
// `pull` leaves coefficients in (-n/4, 3n/4]: a residue has then a short range
// if it is a small negative number, and mixed radices such as (8 i + j) / 12
// stay as they are written. `flip` takes the side with fewer negative
// coefficients, then their smaller sum, then the smaller constant, so that an
// index and its reversal give one atom.
#include "view_internal.h"

enum { MAX_POINTS = 512 };

static int64_t residue(int64_t coef, int64_t n) {
  int64_t r = glni_floor_mod(coef, n);
  return r > n - (n + 3) / 4 ? r - n : r;
}

static glni_sum *copy_shape(glni_ctx *ctx, const glni_sum *a) {
  glni_sum *sum =
      glni_ctx_alloc(ctx, sizeof *a + a->num_terms * sizeof(glni_term));
  if (sum) {
    sum->constant = 0;
    sum->num_terms = 0;
    sum->vars = 0;
    sum->words = 2;
    sum->ranged = false;
  }
  return sum;
}

static void append(glni_sum *sum, const glni_term *term, int64_t coef) {
  if (coef == 0)
    return;
  sum->terms[sum->num_terms] = *term;
  sum->terms[sum->num_terms++].coef = coef;
  sum->vars |= term->divisor ? term->num->vars : UINT32_C(1) << term->var;
  sum->words += term->divisor ? 2 + term->num->words : 2;
}

// a = n quotient + rest, with residues as coefficients, 0 <= constant < n.
static bool split(glni_ctx *ctx, const glni_sum *a, int64_t n,
                  const glni_sum **quotient, const glni_sum **rest) {
  glni_sum *q = copy_shape(ctx, a), *r = copy_shape(ctx, a);
  if (!q || !r)
    return false;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    int64_t coef = a->terms[i].coef, low = residue(coef, n);
    // So that `nest` applies; both signs do modulo 2, where the one that is
    // there already leaves nothing outside.
    if (a->terms[i].divisor && low == n - 1 && (n > 2 || coef < 0))
      low = -1;
    append(r, &a->terms[i], low);
    append(q, &a->terms[i], (coef - low) / n);
  }
  r->constant = glni_floor_mod(a->constant, n);
  q->constant = glni_floor_div(a->constant, n);
  *quotient = q;
  *rest = r;
  return true;
}

static bool constant_floor(glni_ctx *ctx, const glni_sum *a, int64_t n,
                           int64_t *value) {
  int64_t low, high;
  glni_range(ctx, a, &low, &high);
  *value = glni_floor_div(low, n);
  return *value == glni_floor_div(high, n);
}

// Divides numerator and divisor by the gcd of coefficients and divisor.
static const glni_sum *reduce_gcd(glni_ctx *ctx, const glni_sum *a,
                                  int64_t *n) {
  int64_t g = *n;
  for (uint32_t i = 0; i < a->num_terms && g > 1; ++i)
    g = glni_gcd(g, a->terms[i].coef);
  if (g == 1)
    return a;
  glni_sum *sum = copy_shape(ctx, a);
  if (!sum)
    return a;
  for (uint32_t i = 0; i < a->num_terms; ++i)
    append(sum, &a->terms[i], a->terms[i].coef / g);
  sum->constant = glni_floor_div(a->constant, g);
  *n /= g;
  return sum;
}

// Looks for g with a = g A + B, B within one period of g.
static const glni_sum *drop_small(glni_ctx *ctx, const glni_sum *a,
                                  int64_t *n) {
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    int64_t g = glni_gcd(a->terms[i].coef, *n), value;
    const glni_sum *high, *low;
    if (g == 1 || g == *n)
      continue;
    if (!split(ctx, a, g, &high, &low))
      return NULL;
    if (constant_floor(ctx, low, g, &value)) {
      *n /= g;
      return glni_scale(ctx, high, 1, value);
    }
  }
  return NULL;
}

// floor((± floor(E / m) + X) / n) as one floor.
static const glni_sum *merge_nested(glni_ctx *ctx, const glni_sum *a,
                                    int64_t *n) {
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    if (!term->divisor || (term->coef != 1 && term->coef != -1))
      continue;
    int64_t m = term->divisor, product;
    if (__builtin_mul_overflow(m, *n, &product) || product > INT64_MAX / 64)
      continue;
    glni_sum *rest = copy_shape(ctx, a);
    if (!rest)
      return NULL;
    for (uint32_t j = 0; j < a->num_terms; ++j)
      if (j != i)
        append(rest, &a->terms[j], a->terms[j].coef);
    rest->constant = a->constant;
    *n = product;
    // -floor(E / m) = floor((m - 1 - E) / m).
    return glni_combine(ctx, rest, m, term->num, term->coef,
                        term->coef < 0 ? m - 1 : 0);
  }
  return NULL;
}

// Which of |a| and |b|, of the same terms, is to be preferred: < 0 is |a|.
static int prefer(const glni_sum *a, const glni_sum *b) {
  int negative = 0, order = 0;
  int64_t sum = 0;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    int64_t x = a->terms[i].coef, y = b->terms[i].coef;
    negative += (x < 0) - (y < 0);
    sum += (x < 0 ? -x : x) - (y < 0 ? -y : y);
    if (!order)
      order = (x > y) - (x < y);
  }
  if (negative)
    return negative;
  if (sum)
    return sum < 0 ? -1 : 1;
  if (a->constant != b->constant)
    return a->constant < b->constant ? -1 : 1;
  return order;
}

// Intervals know little of a floor inside a floor; a small box is tried point
// by point.
static bool tried_constant(glni_ctx *ctx, const glni_sum *a, int64_t n,
                           int64_t *value) {
  int64_t vars[GLN_VIEW_MAX_RANK], total = 1;
  for (uint32_t v = 0; v < ctx->num_vars; ++v)
    if (a->vars >> v & 1) {
      if (ctx->high[v] >= MAX_POINTS)
        return false;
      vars[v] = 0;
      total *= ctx->high[v] + 1;
      if (total > MAX_POINTS)
        return false;
    }
  *value = glni_floor_div(glni_sum_evaluate(a, vars), n);
  while (--total > 0) {
    for (uint32_t v = 0; v < ctx->num_vars; ++v) {
      if (!(a->vars >> v & 1))
        continue;
      if (vars[v] < ctx->high[v]) {
        ++vars[v];
        break;
      }
      vars[v] = 0;
    }
    if (glni_floor_div(glni_sum_evaluate(a, vars), n) != *value)
      return false;
  }
  return true;
}

static const glni_sum *atom(glni_ctx *ctx, const glni_sum *a, int64_t n) {
  const glni_sum *flipped = glni_scale(ctx, a, -1, n - 1), *quotient, *rest;
  if (ctx->status || !split(ctx, flipped, n, &quotient, &rest))
    return glni_constant(ctx, 0);
  int64_t value;
  if (glni_sum_has_floor(a) && tried_constant(ctx, a, n, &value))
    return glni_constant(ctx, value);
  if (constant_floor(ctx, rest, n, &value))
    return glni_scale(ctx, quotient, -1, -value);
  if (rest->num_terms != a->num_terms || prefer(a, rest) <= 0)
    return glni_raw_floor(ctx, a, n, 1);
  // Other residues may let other identities apply. This ends: the preferred
  // side is not turned again.
  return glni_combine(ctx, quotient, -1, glni_floordiv(ctx, rest, n), -1, 0);
}

const glni_sum *glni_floordiv(glni_ctx *ctx, const glni_sum *a, int64_t n) {
  const glni_sum *outside = NULL;
  for (;;) {
    int64_t value;
    if (ctx->status)
      return glni_constant(ctx, 0);
    const glni_sum *quotient, *rest, *next;
    if (n == 1) {
      rest = a;
    } else if (constant_floor(ctx, a, n, &value)) {
      rest = glni_constant(ctx, value);
    } else if (!split(ctx, a, n, &quotient, &rest)) {
      return glni_constant(ctx, 0);
    } else {
      if (quotient->num_terms || quotient->constant)
        outside =
            outside ? glni_combine(ctx, outside, 1, quotient, 1, 0) : quotient;
      a = reduce_gcd(ctx, rest, &n);
      if (constant_floor(ctx, a, n, &value)) {
        rest = glni_constant(ctx, value);
      } else {
        next = drop_small(ctx, a, &n);
        if (!next)
          next = merge_nested(ctx, a, &n);
        if (next) {
          a = next;
          continue;
        }
        rest = atom(ctx, a, n);
      }
    }
    return outside ? glni_combine(ctx, outside, 1, rest, 1, 0) : rest;
  }
}

const glni_sum *glni_mod(glni_ctx *ctx, const glni_sum *a, int64_t n) {
  return glni_combine(ctx, a, 1, glni_floordiv(ctx, a, n), -n, 0);
}

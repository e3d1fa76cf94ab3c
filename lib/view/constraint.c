// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One constraint of a domain, simplified: it becomes bounds or a congruence of
// a single variable, falls apart into simpler ones, or stays in normal form.
#include "view_internal.h"

int64_t glni_ceil_div(int64_t a, int64_t n) {
  return -glni_floor_div(-a, n);
}

// u with u a = gcd(a, m) (mod m) and gcd(u, m) = 1. 0 < a < m.
static int64_t unit_for(int64_t a, int64_t m) {
  int64_t d = glni_gcd(a, m), n = m / d;
  int64_t x = 0, y = 1, r = n, s = a / d % n;
  while (s) { // extended Euclid: y (a / d) = s (mod n)
    int64_t q = r / s, t = r - q * s;
    r = s;
    s = t;
    t = x - q * y;
    x = y;
    y = t;
  }
  int64_t u = n == 1 ? 1 : glni_floor_mod(x, n);
  while (glni_gcd(u, m) != 1)
    u += n;
  return u;
}

// Solves k = r1 (mod m1), k = r2 (mod m2); false when there is no solution.
static bool chinese(glni_ctx *ctx, int64_t *m1, int64_t *r1, int64_t m2,
                    int64_t r2) {
  int64_t g = glni_gcd(*m1, m2), n = m2 / g;
  if ((r2 - *r1) % g != 0)
    return false;
  // k = r1 + m1 t, and (m1 / g) t = (r2 - r1) / g modulo n.
  int64_t a = *m1 / g % n;
  int64_t t = n == 1
                  ? 0
                  : glni_floor_mod(glni_mul(ctx, unit_for(a, n),
                                            glni_floor_mod((r2 - *r1) / g, n)),
                                   n);
  int64_t r = glni_add(ctx, *r1, glni_mul(ctx, *m1, t));
  int64_t m = glni_mul(ctx, *m1, n);
  if (ctx->status)
    return true;
  *m1 = m;
  *r1 = glni_floor_mod(r, m);
  return true;
}

glni_verdict glni_box_congruence(glni_ctx *ctx, glni_bounds *box, uint32_t v,
                                 int64_t m, int64_t r) {
  // A modulus beyond the range leaves at most one value.
  if (m > ctx->high[v]) {
    r = glni_floor_mod(r, m);
    if (r < box->low[v] || r > box->high[v])
      return GLNI_EMPTY_SET;
    box->changed |= box->low[v] != r || box->high[v] != r;
    box->low[v] = box->high[v] = r;
    return GLNI_DROP;
  }
  if (!chinese(ctx, &box->mod[v], &box->rem[v], m, glni_floor_mod(r, m)))
    return GLNI_EMPTY_SET;
  box->changed = true;
  return GLNI_DROP;
}

glni_verdict glni_box_range(glni_bounds *box, uint32_t v, int64_t low,
                            int64_t high) {
  if (low > box->low[v]) {
    box->low[v] = low;
    box->changed = true;
  }
  if (high < box->high[v]) {
    box->high[v] = high;
    box->changed = true;
  }
  return box->low[v] > box->high[v] ? GLNI_EMPTY_SET : GLNI_DROP;
}

// Coefficients in [0, modulus), constant moved to the right side.
static void reduce_congruence(glni_ctx *ctx, glni_constraint *c) {
  const glni_sum *a = glni_normalise(ctx, c->form);
  c->low = glni_floor_mod(c->low - a->constant, c->modulus);
  for (int pass = 0; pass < 2; ++pass) {
    glni_sum *sum =
        glni_ctx_alloc(ctx, sizeof *a + a->num_terms * sizeof(glni_term));
    if (!sum)
      return;
    sum->constant = 0;
    sum->num_terms = sum->vars = 0;
    sum->ranged = false;
    sum->words = a->words;
    int64_t g = c->modulus, unit = 1;
    for (uint32_t i = 0; i < a->num_terms; ++i) {
      int64_t coef = glni_floor_mod(a->terms[i].coef, c->modulus);
      if (coef == 0)
        continue;
      if (pass == 1 && sum->num_terms == 0)
        unit = unit_for(coef, c->modulus);
      coef = glni_floor_mod(glni_mul(ctx, coef, unit), c->modulus);
      sum->terms[sum->num_terms] = a->terms[i];
      sum->terms[sum->num_terms++].coef = coef;
      sum->vars |= a->terms[i].divisor ? a->terms[i].num->vars
                                       : UINT32_C(1) << a->terms[i].var;
      g = glni_gcd(g, coef);
    }
    c->low = glni_floor_mod(glni_mul(ctx, c->low, unit), c->modulus);
    c->form = a = sum;
    if (c->low % g != 0)
      return; // not solvable; the caller sees it
    for (uint32_t i = 0; i < sum->num_terms; ++i)
      sum->terms[i].coef /= g;
    c->modulus /= g;
    c->low /= g;
  }
  c->high = c->low;
}

// a = g coarse + fine, fine without multiples of g.
static void split_sum(glni_ctx *ctx, const glni_sum *a, int64_t g,
                      const glni_sum **coarse, const glni_sum **fine) {
  *coarse = *fine = glni_constant(ctx, 0);
  for (uint32_t j = 0; j < a->num_terms; ++j) {
    const glni_term *term = &a->terms[j];
    const glni_sum *atom =
        term->divisor ? glni_raw_floor(ctx, term->num, term->divisor, 1)
                      : glni_var(ctx, term->var);
    if (term->coef % g == 0)
      *coarse = glni_combine(ctx, *coarse, 1, atom, term->coef / g, 0);
    else
      *fine = glni_combine(ctx, *fine, 1, atom, term->coef, 0);
  }
}

// g A + B = r (mod g m) with B shorter than g: B is a number b, and
// A = (r - b) / g (mod m).
static bool split_congruence(glni_ctx *ctx, glni_constraint *c,
                             glni_constraint *also) {
  for (uint32_t i = 0; i < c->form->num_terms; ++i) {
    int64_t g = glni_gcd(c->form->terms[i].coef, c->modulus);
    if (g == 1)
      continue;
    const glni_sum *coarse, *fine;
    int64_t low, high;
    split_sum(ctx, c->form, g, &coarse, &fine);
    glni_range(ctx, fine, &low, &high);
    if (ctx->status || high - low >= g || fine->num_terms == 0)
      continue;
    int64_t b = low + glni_floor_mod(c->low - low, g);
    int64_t m = c->modulus / g, r = glni_floor_mod((c->low - b) / g, m);
    *also = (glni_constraint){fine, b, b, 0};
    *c = (glni_constraint){coarse, r, r, m};
    return true;
  }
  return false;
}

glni_verdict glni_simplify_congruence(glni_ctx *ctx, glni_constraint *c,
                                      glni_bounds *box, glni_constraint *also) {
  reduce_congruence(ctx, c);
  if (ctx->status)
    return GLNI_DROP;
  int64_t g = c->modulus;
  for (uint32_t i = 0; i < c->form->num_terms; ++i)
    g = glni_gcd(g, c->form->terms[i].coef);
  if (c->low % g != 0)
    return GLNI_EMPTY_SET;
  if (c->modulus == 1)
    return GLNI_DROP;
  const glni_term *first = &c->form->terms[0];
  if (c->form->num_terms == 1 && !first->divisor)
    return glni_box_congruence(ctx, box, first->var, c->modulus, c->low);
  if (c->form->num_terms == 1) {
    // floor(E / n) = r (mod m) iff n r <= E mod n m < n (r + 1).
    int64_t n = first->divisor, all = glni_mul(ctx, n, c->modulus);
    if (ctx->status)
      return GLNI_DROP;
    *c = (glni_constraint){glni_mod(ctx, first->num, all), n * c->low,
                           n * c->low + n - 1, 0};
    box->changed = true;
    return GLNI_KEEP;
  }
  int64_t low, high;
  glni_range(ctx, c->form, &low, &high);
  int64_t value = low + glni_floor_mod(c->low - low, c->modulus);
  if (value > high)
    return GLNI_EMPTY_SET;
  if (value + c->modulus > high) {
    *c = (glni_constraint){c->form, value, value, 0};
    box->changed = true;
  } else if (split_congruence(ctx, c, also)) {
    box->changed = true;
    return c->modulus == 1 ? GLNI_DROP : GLNI_KEEP;
  }
  return GLNI_KEEP;
}

// low <= ± floor(E / n) + X <= high iff n low <= E' + n X <= n high + n - 1,
// with E' = E, or n - 1 - E for the minus. For one floor only: a second would
// be scaled and lose the shape of a digit.
static bool merge_floor(glni_ctx *ctx, glni_constraint *c) {
  const glni_sum *a = c->form;
  const glni_term *term = &a->terms[a->num_terms - 1];
  int64_t n = term->divisor, sign = term->coef;
  if (!n || (sign != 1 && sign != -1) || n > INT32_MAX ||
      (a->num_terms > 1 && a->terms[a->num_terms - 2].divisor))
    return false;
  const glni_sum *rest =
      glni_combine(ctx, a, 1, glni_raw_floor(ctx, term->num, n, -sign), 1, 0);
  c->form = glni_combine(ctx, rest, n, term->num, sign, sign < 0 ? n - 1 : 0);
  c->low = glni_mul(ctx, c->low, n);
  c->high = glni_add(ctx, glni_mul(ctx, c->high, n), n - 1);
  return true;
}

// floor(E / n) - m floor(E / n m) in [low, high] iff E mod n m in [n low,
// n high + n - 1], for 0 <= low <= high < m.
static bool is_digit(const glni_constraint *c, int64_t *all) {
  const glni_sum *a = c->form;
  if (a->num_terms != 2 || !a->terms[0].divisor || a->terms[0].coef != 1 ||
      glni_sum_compare(a->terms[0].num, a->terms[1].num) != 0)
    return false;
  int64_t n = a->terms[0].divisor, m = -a->terms[1].coef;
  *all = a->terms[1].divisor;
  return m > 1 && *all % n == 0 && *all / n == m && c->low >= 0 && c->high < m;
}

// The form E - N floor((E + c) / N), or with the sign of E turned, as t, N, c:
// t form + c = (E + c) mod N.
static bool is_mod(const glni_sum *a, int64_t *t, const glni_sum **num,
                   int64_t *n) {
  const glni_term *last = &a->terms[a->num_terms - 1];
  if (!last->divisor || last->coef % last->divisor != 0 ||
      last->num->num_terms != a->num_terms - 1)
    return false;
  *t = -last->coef / last->divisor;
  *n = last->divisor;
  *num = last->num;
  if (*t != 1 && *t != -1)
    return false;
  for (uint32_t i = 0; i + 1 < a->num_terms; ++i) {
    const glni_term *x = &a->terms[i], *y = &last->num->terms[i];
    if (x->divisor || y->divisor || x->var != y->var || x->coef * *t != y->coef)
      return false;
  }
  return true;
}

// A form g A + B where B, in [b, b'], is too short to matter: low bounds A by
// ceil((low - b) / g) if that is ceil((low - b') / g); so for high. An equation
// g A + B = c with b' - b < g is two. What one constraint cannot say goes to
// |*also|; [low, high] is the range of the form.
static bool split_form(glni_ctx *ctx, glni_constraint *c, int64_t low,
                       int64_t high, glni_constraint *also) {
  const glni_sum *a = c->form;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    int64_t g = a->terms[i].coef < 0 ? -a->terms[i].coef : a->terms[i].coef;
    if (g == 1)
      continue;
    const glni_sum *coarse, *fine;
    int64_t b0, b1, a0, a1;
    split_sum(ctx, a, g, &coarse, &fine);
    glni_range(ctx, fine, &b0, &b1);
    glni_range(ctx, coarse, &a0, &a1);
    if (ctx->status || fine->num_terms == 0)
      return false;
    if (c->low == c->high) {
      if (b1 - b0 >= g)
        continue;
      int64_t q = glni_floor_div(c->low - b0, g), r = c->low - g * q;
      *also = (glni_constraint){fine, r, r, 0};
      *c = (glni_constraint){coarse, q, q, 0};
      return true;
    }
    bool lower = c->low > low, upper = c->high < high;
    int64_t x = glni_ceil_div(c->low - b0, g),
            y = glni_floor_div(c->high - b0, g);
    bool moves_low = lower && x == glni_ceil_div(c->low - b1, g);
    bool moves_high = upper && y == glni_floor_div(c->high - b1, g);
    if (!moves_low && !moves_high)
      continue;
    glni_constraint moved = {coarse, moves_low ? x : a0, moves_high ? y : a1,
                             0};
    if (lower == moves_low && upper == moves_high) {
      *c = moved;
    } else {
      *also = moved;
      c->low = moves_low ? low : c->low;
      c->high = moves_high ? high : c->high;
    }
    return true;
  }
  return false;
}

glni_verdict glni_simplify_range(glni_ctx *ctx, glni_constraint *c,
                                 glni_bounds *box, glni_constraint *also) {
  for (;;) {
    const glni_sum *form, *a = glni_normalise(ctx, c->form);
    int64_t factor = glni_primitive(ctx, a, &form), low, high, t, n;
    if (ctx->status)
      return GLNI_DROP;
    c->low = glni_add(ctx, c->low, -a->constant);
    c->high = glni_add(ctx, c->high, -a->constant);
    if (factor == 0)
      return c->low <= 0 && 0 <= c->high ? GLNI_DROP : GLNI_EMPTY_SET;
    low = factor > 0 ? c->low : -c->high;
    high = factor > 0 ? c->high : -c->low;
    factor = factor < 0 ? -factor : factor;
    c->form = form;
    c->low = glni_ceil_div(low, factor);
    c->high = glni_floor_div(high, factor);
    glni_range(ctx, form, &low, &high);
    if (c->low <= low && high <= c->high)
      return GLNI_DROP;
    c->low = c->low > low ? c->low : low;
    c->high = c->high < high ? c->high : high;
    if (c->low > c->high)
      return GLNI_EMPTY_SET;
    const glni_term *first = &form->terms[0];
    if (form->num_terms == 1 && !first->divisor)
      return glni_box_range(box, first->var, c->low, c->high);
    if (form->num_terms == 1) {
      // low <= floor(E / n) <= high iff n low <= E <= n high + n - 1.
      c->form = first->num;
      c->low = glni_mul(ctx, c->low, first->divisor);
      c->high = glni_add(ctx, glni_mul(ctx, c->high, first->divisor),
                         first->divisor - 1);
    } else if (is_digit(c, &n)) {
      c->form = glni_mod(ctx, first->num, n);
      c->low *= first->divisor;
      c->high = c->high * first->divisor + first->divisor - 1;
    } else if (c->low == c->high && is_mod(form, &t, &form, &n) &&
               t * c->low + form->constant >= 0 &&
               t * c->low + form->constant < n) {
      int64_t value = t * c->low + form->constant;
      *c = (glni_constraint){form, value, value, n};
      return glni_simplify_congruence(ctx, c, box, also);
    } else {
      if (merge_floor(ctx, c))
        continue;
      if (!split_form(ctx, c, low, high, also))
        return GLNI_KEEP;
      if (also->form) {
        box->changed = true;
        return GLNI_KEEP;
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Domains: a lattice box, and constraints for what is no box.
//
// Padding and zero-dilation bound single indices or fix them modulo a number;
// such a domain is a product of arithmetic progressions, low + step k with
// 0 <= k < count. All sums are written in k, not in the index: inside the
// domain is all that a view has to say, so that is where its map is simple.
// What couples indices (a window over a padded array: 1 <= 2 o + w <= 8) stays
// as constraints on forms.
//
// settle() runs to a fixed point: simplify each constraint; move those of one
// variable into the lattice; shrink the lattice to what the others leave;
// eliminate variables by equations. Typically one or two rounds; O(constraints²
// · terms) each.
#include "view_internal.h"

#include <string.h>

typedef struct bounds {
  int64_t low[GLN_VIEW_MAX_RANK], high[GLN_VIEW_MAX_RANK];
  int64_t mod[GLN_VIEW_MAX_RANK], rem[GLN_VIEW_MAX_RANK];
  bool changed;
} bounds;

typedef enum verdict { KEEP, DROP, EMPTY } verdict;

enum { MAX_ROUNDS = 12, MAX_TABLE = 256 };

void glni_view_start(glni_ctx *ctx, glni_view *view, size_t rank,
                     const int64_t *extents, size_t source_rank,
                     const int64_t *source) {
  view->rank = (uint32_t)rank;
  view->source_rank = (uint32_t)source_rank;
  view->num_constraints = 0;
  view->empty = view->has_fill = false;
  ctx->num_vars = (uint32_t)rank;
  for (size_t d = 0; d < rank; ++d) {
    view->extents[d] = extents[d];
    view->dims[d] = (glni_lattice){0, 1, extents[d]};
    ctx->high[d] = extents[d] - 1;
  }
  for (size_t d = 0; d < source_rank; ++d)
    view->source[d] = source[d];
}

bool glni_view_is_full(const glni_view *view) {
  if (view->empty || view->num_constraints)
    return false;
  for (uint32_t d = 0; d < view->rank; ++d)
    if (view->dims[d].count != view->extents[d])
      return false;
  return true;
}

const glni_sum *glni_view_index(glni_ctx *ctx, const glni_view *view,
                                uint32_t dim) {
  return glni_scale(ctx, glni_var(ctx, dim), view->dims[dim].step,
                    view->dims[dim].low);
}

static void add_constraint(glni_ctx *ctx, glni_view *view, const glni_sum *a,
                           int64_t low, int64_t high, int64_t modulus) {
  if (view->num_constraints == GLN_VIEW_MAX_CONSTRAINTS) {
    if (!ctx->status)
      ctx->status = EG_LIMIT;
    return;
  }
  view->constraints[view->num_constraints++] =
      (glni_constraint){a, low, high, modulus};
}

void glni_view_add_range(glni_ctx *ctx, glni_view *view, const glni_sum *a,
                         int64_t low, int64_t high) {
  int64_t x, y;
  glni_range(ctx, a, &x, &y);
  if (low <= x && y <= high)
    return;
  if (low > y || high < x || low > high)
    view->empty = true;
  else
    add_constraint(ctx, view, a, low > x ? low : x, high < y ? high : y, 0);
}

void glni_view_add_congruence(glni_ctx *ctx, glni_view *view, const glni_sum *a,
                              int64_t modulus, int64_t remainder) {
  if (modulus > 1)
    add_constraint(ctx, view, a, remainder, remainder, modulus);
}

//===-- One constraint ----------------------------------------------------===//

static int64_t ceil_div(int64_t a, int64_t n) {
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

static verdict box_congruence(glni_ctx *ctx, bounds *box, uint32_t v, int64_t m,
                              int64_t r) {
  // A modulus beyond the range leaves at most one value.
  if (m > ctx->high[v]) {
    r = glni_floor_mod(r, m);
    if (r < box->low[v] || r > box->high[v])
      return EMPTY;
    box->changed |= box->low[v] != r || box->high[v] != r;
    box->low[v] = box->high[v] = r;
    return DROP;
  }
  if (!chinese(ctx, &box->mod[v], &box->rem[v], m, glni_floor_mod(r, m)))
    return EMPTY;
  box->changed = true;
  return DROP;
}

static verdict box_range(bounds *box, uint32_t v, int64_t low, int64_t high) {
  if (low > box->low[v]) {
    box->low[v] = low;
    box->changed = true;
  }
  if (high < box->high[v]) {
    box->high[v] = high;
    box->changed = true;
  }
  return box->low[v] > box->high[v] ? EMPTY : DROP;
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
                      const glni_sum **coarse, const glni_sum **fine);

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

static verdict simplify_congruence(glni_ctx *ctx, glni_constraint *c,
                                   bounds *box, glni_constraint *also) {
  reduce_congruence(ctx, c);
  if (ctx->status)
    return DROP;
  int64_t g = c->modulus;
  for (uint32_t i = 0; i < c->form->num_terms; ++i)
    g = glni_gcd(g, c->form->terms[i].coef);
  if (c->low % g != 0)
    return EMPTY;
  if (c->modulus == 1)
    return DROP;
  const glni_term *first = &c->form->terms[0];
  if (c->form->num_terms == 1 && !first->divisor)
    return box_congruence(ctx, box, first->var, c->modulus, c->low);
  if (c->form->num_terms == 1) {
    // floor(E / n) = r (mod m) iff n r <= E mod n m < n (r + 1).
    int64_t n = first->divisor, all = glni_mul(ctx, n, c->modulus);
    if (ctx->status)
      return DROP;
    *c = (glni_constraint){glni_mod(ctx, first->num, all), n * c->low,
                           n * c->low + n - 1, 0};
    box->changed = true;
    return KEEP;
  }
  int64_t low, high;
  glni_range(ctx, c->form, &low, &high);
  int64_t value = low + glni_floor_mod(c->low - low, c->modulus);
  if (value > high)
    return EMPTY;
  if (value + c->modulus > high) {
    *c = (glni_constraint){c->form, value, value, 0};
    box->changed = true;
  } else if (split_congruence(ctx, c, also)) {
    box->changed = true;
    return c->modulus == 1 ? DROP : KEEP;
  }
  return KEEP;
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
    int64_t x = ceil_div(c->low - b0, g), y = glni_floor_div(c->high - b0, g);
    bool moves_low = lower && x == ceil_div(c->low - b1, g);
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

static verdict simplify_range(glni_ctx *ctx, glni_constraint *c, bounds *box,
                              glni_constraint *also) {
  for (;;) {
    const glni_sum *form, *a = glni_normalise(ctx, c->form);
    int64_t factor = glni_primitive(ctx, a, &form), low, high, t, n;
    if (ctx->status)
      return DROP;
    c->low = glni_add(ctx, c->low, -a->constant);
    c->high = glni_add(ctx, c->high, -a->constant);
    if (factor == 0)
      return c->low <= 0 && 0 <= c->high ? DROP : EMPTY;
    low = factor > 0 ? c->low : -c->high;
    high = factor > 0 ? c->high : -c->low;
    factor = factor < 0 ? -factor : factor;
    c->form = form;
    c->low = ceil_div(low, factor);
    c->high = glni_floor_div(high, factor);
    glni_range(ctx, form, &low, &high);
    if (c->low <= low && high <= c->high)
      return DROP;
    c->low = c->low > low ? c->low : low;
    c->high = c->high < high ? c->high : high;
    if (c->low > c->high)
      return EMPTY;
    const glni_term *first = &form->terms[0];
    if (form->num_terms == 1 && !first->divisor)
      return box_range(box, first->var, c->low, c->high);
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
      return simplify_congruence(ctx, c, box, also);
    } else {
      if (merge_floor(ctx, c))
        continue;
      if (!split_form(ctx, c, low, high, also))
        return KEEP;
      if (also->form) {
        box->changed = true;
        return KEEP;
      }
    }
  }
}

//===-- All constraints ---------------------------------------------------===//

static bool holds(const glni_constraint *c, int64_t value) {
  return c->modulus ? glni_floor_mod(value, c->modulus) == c->low
                    : c->low <= value && value <= c->high;
}

// k_v is bounded by what the rest of a form can make up for.
static verdict propagate(glni_ctx *ctx, const glni_constraint *c, bounds *box) {
  const glni_sum *a = c->form;
  for (uint32_t i = 0; i < a->num_terms && !a->terms[i].divisor; ++i) {
    uint32_t v = a->terms[i].var;
    int64_t coef = a->terms[i].coef, low, high;
    const glni_sum *rest = glni_combine(ctx, a, 1, glni_var(ctx, v), -coef, 0);
    if (rest->vars >> v & 1)
      continue;
    glni_range(ctx, rest, &low, &high);
    int64_t x = c->low - high, y = c->high - low;
    if (box_range(box, v, coef > 0 ? ceil_div(x, coef) : ceil_div(-y, -coef),
                  coef > 0 ? glni_floor_div(y, coef)
                           : glni_floor_div(-x, -coef)) == EMPTY)
      return EMPTY;
  }
  return KEEP;
}

// Writes the set |mask| of values of k_v as one cyclic run per period, or
// returns false. Periods ascend, so the shortest is found.
static bool write_run(glni_ctx *ctx, uint32_t v, const bool *mask, int top,
                      glni_constraint *c) {
  for (int n = 2; n <= top; ++n) {
    int edges = 0, start = 0, length = 0;
    bool periodic = true;
    for (int s = 0; s + n <= top && periodic; ++s)
      periodic = mask[s] == mask[s + n];
    for (int s = 0; s < n && periodic; ++s) {
      bool here = mask[s], before = mask[s ? s - 1 : n - 1];
      length += here;
      if (here && !before) {
        ++edges;
        start = s;
      }
    }
    if (!periodic || edges != 1)
      continue;
    // Not wrapped: start <= k mod n < start + length.
    bool wrapped = start + length > n;
    const glni_sum *k =
        glni_scale(ctx, glni_var(ctx, v), 1, wrapped ? n - start : 0);
    int64_t low = wrapped ? 0 : start;
    *c = (glni_constraint){glni_mod(ctx, k, n), low, low + length - 1, 0};
    return true;
  }
  return false;
}

// The constraints on k_v alone as the set that they are.
static verdict settle_single(glni_ctx *ctx, glni_view *view, uint32_t v,
                             bounds *box) {
  bool mask[MAX_TABLE];
  int top = (int)ctx->high[v], num = 0, first = -1, last = -1, gap = 0;
  for (int s = 0; s <= top; ++s) {
    bool in = true;
    int64_t vars[GLN_VIEW_MAX_RANK];
    vars[v] = s;
    for (uint32_t i = 0; i < view->num_constraints && in; ++i)
      if (view->constraints[i].form->vars == UINT32_C(1) << v)
        in = holds(&view->constraints[i],
                   glni_sum_evaluate(view->constraints[i].form, vars));
    mask[s] = in;
    if (!in)
      continue;
    if (num == 1)
      gap = s - last;
    else if (num > 1 && s - last != gap)
      gap = -1;
    first = num ? first : s;
    last = s;
    ++num;
  }
  if (num == 0 || box_range(box, v, first, last) == EMPTY)
    return EMPTY;
  bool progression = num == 1 || gap > 0;
  if (!progression && (first > 0 || last < top))
    return KEEP; // the next round sees the smaller box
  glni_constraint run;
  if (!progression && !write_run(ctx, v, mask, top, &run))
    return KEEP;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < view->num_constraints; ++i)
    if (view->constraints[i].form->vars != UINT32_C(1) << v)
      view->constraints[kept++] = view->constraints[i];
  if (!progression)
    view->constraints[kept++] = run;
  view->num_constraints = kept;
  return num > 1 && gap > 1 ? box_congruence(ctx, box, v, gap, first) : KEEP;
}

static verdict settle_singles(glni_ctx *ctx, glni_view *view, bounds *box) {
  uint32_t singles = 0;
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    uint32_t vars = view->constraints[i].form->vars;
    if ((vars & (vars - 1)) == 0)
      singles |= vars;
  }
  for (uint32_t v = 0; v < ctx->num_vars; ++v)
    if (singles >> v & 1 && ctx->high[v] < MAX_TABLE &&
        settle_single(ctx, view, v, box) == EMPTY)
      return EMPTY;
  return KEEP;
}

static int compare_constraint(const glni_constraint *a,
                              const glni_constraint *b) {
  int64_t x = a->modulus, y = b->modulus;
  if (x == y) {
    int order = glni_sum_compare(a->form, b->form);
    if (order)
      return order;
    x = a->low;
    y = b->low;
  }
  return (x > y) - (x < y);
}

// Sorts, and intersects the ranges of one form.
static verdict sort_constraints(glni_view *view) {
  glni_constraint *list = view->constraints;
  for (uint32_t i = 1; i < view->num_constraints; ++i)
    for (uint32_t j = i; j && compare_constraint(&list[j], &list[j - 1]) < 0;
         --j) {
      glni_constraint t = list[j];
      list[j] = list[j - 1];
      list[j - 1] = t;
    }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    glni_constraint *last = kept ? &list[kept - 1] : NULL;
    if (!last || last->modulus != list[i].modulus ||
        glni_sum_compare(last->form, list[i].form) != 0) {
      list[kept++] = list[i];
    } else if (last->modulus) {
      if (last->low != list[i].low)
        return EMPTY;
    } else {
      last->low = list[i].low > last->low ? list[i].low : last->low;
      last->high = list[i].high < last->high ? list[i].high : last->high;
      if (last->low > last->high)
        return EMPTY;
    }
  }
  view->num_constraints = kept;
  return KEEP;
}

//===-- Substitution ------------------------------------------------------===//

static void substitute_all(glni_ctx *ctx, glni_view *view,
                           const glni_sum *const *values,
                           const glni_constraint *except) {
  for (uint32_t s = 0; s < view->source_rank; ++s)
    if (view->map[s]->num_terms)
      view->map[s] = glni_substitute(ctx, view->map[s], values);
  for (uint32_t i = 0; i < view->num_constraints; ++i)
    if (&view->constraints[i] != except)
      view->constraints[i].form =
          glni_substitute(ctx, view->constraints[i].form, values);
}

// The lattice takes over the box: k = low + mod k'.
static verdict apply_box(glni_ctx *ctx, glni_view *view, bounds *box) {
  const glni_sum *values[GLN_VIEW_MAX_RANK];
  bool any = false;
  int64_t shifts[GLN_VIEW_MAX_RANK], steps[GLN_VIEW_MAX_RANK];
  for (uint32_t v = 0; v < ctx->num_vars; ++v) {
    int64_t mod = box->mod[v];
    int64_t low = box->low[v] + glni_floor_mod(box->rem[v] - box->low[v], mod);
    if (low > box->high[v])
      return EMPTY;
    int64_t high = (box->high[v] - low) / mod;
    mod = high ? mod : 1;
    shifts[v] = low;
    steps[v] = mod;
    any |= low || mod != 1 || high != ctx->high[v];
    ctx->high[v] = high;
    glni_lattice *dim = &view->dims[v];
    dim->low += dim->step * low;
    dim->step = high ? dim->step * mod : 1;
    dim->count = high + 1;
  }
  if (!any)
    return KEEP;
  for (uint32_t v = 0; v < ctx->num_vars; ++v)
    values[v] = glni_scale(ctx, glni_var(ctx, v), steps[v], shifts[v]);
  substitute_all(ctx, view, values, NULL);
  return DROP;
}

// A linear equation with a coefficient ±1 tells the last such variable.
static bool eliminate(glni_ctx *ctx, glni_view *view,
                      const glni_constraint *c) {
  const glni_sum *a = c->form;
  if (c->modulus || c->low != c->high || glni_sum_has_floor(a))
    return false;
  uint32_t i = a->num_terms;
  while (i && a->terms[i - 1].coef != 1 && a->terms[i - 1].coef != -1)
    --i;
  if (i == 0)
    return false;
  uint32_t v = a->terms[i - 1].var;
  int64_t coef = a->terms[i - 1].coef;
  uint32_t used = 0;
  for (uint32_t s = 0; s < view->source_rank; ++s)
    used |= view->map[s]->vars;
  for (uint32_t j = 0; j < view->num_constraints; ++j)
    if (&view->constraints[j] != c)
      used |= view->constraints[j].form->vars;
  if (!(used >> v & 1))
    return false;
  const glni_sum *values[GLN_VIEW_MAX_RANK];
  for (uint32_t u = 0; u < ctx->num_vars; ++u)
    values[u] = glni_var(ctx, u);
  // coef k + rest = low, and 1 / coef = coef.
  values[v] = glni_combine(ctx, a, -coef, values[v], 1, coef * c->low);
  substitute_all(ctx, view, values, c);
  return true;
}

//===-- To the fixed point ------------------------------------------------===//

static verdict settle_round(glni_ctx *ctx, glni_view *view, bool *changed) {
  bounds box;
  box.changed = false;
  for (uint32_t v = 0; v < ctx->num_vars; ++v) {
    box.low[v] = box.rem[v] = 0;
    box.high[v] = ctx->high[v];
    box.mod[v] = 1;
  }
  uint32_t kept = 0, num_added = 0;
  glni_constraint added[GLN_VIEW_MAX_CONSTRAINTS];
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    glni_constraint c = view->constraints[i], also = {NULL, 0, 0, 0};
    verdict v = c.modulus ? simplify_congruence(ctx, &c, &box, &also)
                          : simplify_range(ctx, &c, &box, &also);
    if (v == EMPTY)
      return EMPTY;
    if (v == KEEP)
      view->constraints[kept++] = c;
    if (also.form)
      added[num_added++] = also;
  }
  if (kept + num_added > GLN_VIEW_MAX_CONSTRAINTS) {
    ctx->status = ctx->status ? ctx->status : EG_LIMIT;
    return KEEP;
  }
  memcpy(view->constraints + kept, added, num_added * sizeof added[0]);
  kept += num_added;
  view->num_constraints = kept;
  for (uint32_t i = 0; i < kept; ++i)
    if (!view->constraints[i].modulus &&
        propagate(ctx, &view->constraints[i], &box) == EMPTY)
      return EMPTY;
  if (settle_singles(ctx, view, &box) == EMPTY ||
      sort_constraints(view) == EMPTY)
    return EMPTY;
  verdict moved = apply_box(ctx, view, &box);
  *changed = moved == DROP || box.changed;
  if (moved == KEEP)
    for (uint32_t i = 0; i < view->num_constraints; ++i)
      *changed |= eliminate(ctx, view, &view->constraints[i]);
  return moved == EMPTY ? EMPTY : KEEP;
}

static void set_empty(glni_ctx *ctx, glni_view *view) {
  view->empty = true;
  view->num_constraints = 0;
  for (uint32_t d = 0; d < view->rank; ++d) {
    view->dims[d] = (glni_lattice){0, 1, 0};
    ctx->high[d] = 0;
  }
  for (uint32_t s = 0; s < view->source_rank; ++s)
    view->map[s] = glni_constant(ctx, 0);
}

void glni_view_settle(glni_ctx *ctx, glni_view *view) {
  bool changed = view->num_constraints > 0;
  for (int round = 0; changed && !view->empty && round < MAX_ROUNDS; ++round) {
    if (settle_round(ctx, view, &changed) == EMPTY)
      view->empty = true;
    if (ctx->status)
      return;
  }
  if (view->empty) {
    set_empty(ctx, view);
    return;
  }
  ctx->known = view->constraints;
  ctx->num_known = view->num_constraints;
  for (uint32_t s = 0; s < view->source_rank; ++s)
    view->map[s] = glni_normalise(ctx, view->map[s]);
  ctx->known = NULL;
  ctx->num_known = 0;
}

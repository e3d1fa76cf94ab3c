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

//===-- All constraints ---------------------------------------------------===//

static bool holds(const glni_constraint *c, int64_t value) {
  return c->modulus ? glni_floor_mod(value, c->modulus) == c->low
                    : c->low <= value && value <= c->high;
}

// k_v is bounded by what the rest of a form can make up for.
static glni_verdict propagate(glni_ctx *ctx, const glni_constraint *c,
                              glni_bounds *box) {
  const glni_sum *a = c->form;
  for (uint32_t i = 0; i < a->num_terms && !a->terms[i].divisor; ++i) {
    uint32_t v = a->terms[i].var;
    int64_t coef = a->terms[i].coef, low, high;
    const glni_sum *rest = glni_combine(ctx, a, 1, glni_var(ctx, v), -coef, 0);
    if (rest->vars >> v & 1)
      continue;
    glni_range(ctx, rest, &low, &high);
    int64_t x = c->low - high, y = c->high - low;
    if (glni_box_range(box, v,
                       coef > 0 ? glni_ceil_div(x, coef)
                                : glni_ceil_div(-y, -coef),
                       coef > 0 ? glni_floor_div(y, coef)
                                : glni_floor_div(-x, -coef)) == GLNI_EMPTY_SET)
      return GLNI_EMPTY_SET;
  }
  return GLNI_KEEP;
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
static glni_verdict settle_single(glni_ctx *ctx, glni_view *view, uint32_t v,
                                  glni_bounds *box) {
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
  if (num == 0 || glni_box_range(box, v, first, last) == GLNI_EMPTY_SET)
    return GLNI_EMPTY_SET;
  bool progression = num == 1 || gap > 0;
  if (!progression && (first > 0 || last < top))
    return GLNI_KEEP; // the next round sees the smaller box
  glni_constraint run;
  if (!progression && !write_run(ctx, v, mask, top, &run))
    return GLNI_KEEP;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < view->num_constraints; ++i)
    if (view->constraints[i].form->vars != UINT32_C(1) << v)
      view->constraints[kept++] = view->constraints[i];
  if (!progression)
    view->constraints[kept++] = run;
  view->num_constraints = kept;
  return num > 1 && gap > 1 ? glni_box_congruence(ctx, box, v, gap, first)
                            : GLNI_KEEP;
}

static glni_verdict settle_singles(glni_ctx *ctx, glni_view *view,
                                   glni_bounds *box) {
  uint32_t singles = 0;
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    uint32_t vars = view->constraints[i].form->vars;
    if ((vars & (vars - 1)) == 0)
      singles |= vars;
  }
  for (uint32_t v = 0; v < ctx->num_vars; ++v)
    if (singles >> v & 1 && ctx->high[v] < MAX_TABLE &&
        settle_single(ctx, view, v, box) == GLNI_EMPTY_SET)
      return GLNI_EMPTY_SET;
  return GLNI_KEEP;
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
static glni_verdict sort_constraints(glni_view *view) {
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
        return GLNI_EMPTY_SET;
    } else {
      last->low = list[i].low > last->low ? list[i].low : last->low;
      last->high = list[i].high < last->high ? list[i].high : last->high;
      if (last->low > last->high)
        return GLNI_EMPTY_SET;
    }
  }
  view->num_constraints = kept;
  return GLNI_KEEP;
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
static glni_verdict apply_box(glni_ctx *ctx, glni_view *view,
                              glni_bounds *box) {
  const glni_sum *values[GLN_VIEW_MAX_RANK];
  bool any = false;
  int64_t shifts[GLN_VIEW_MAX_RANK], steps[GLN_VIEW_MAX_RANK];
  for (uint32_t v = 0; v < ctx->num_vars; ++v) {
    int64_t mod = box->mod[v];
    int64_t low = box->low[v] + glni_floor_mod(box->rem[v] - box->low[v], mod);
    if (low > box->high[v])
      return GLNI_EMPTY_SET;
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
    return GLNI_KEEP;
  for (uint32_t v = 0; v < ctx->num_vars; ++v)
    values[v] = glni_scale(ctx, glni_var(ctx, v), steps[v], shifts[v]);
  substitute_all(ctx, view, values, NULL);
  return GLNI_DROP;
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

static glni_verdict settle_round(glni_ctx *ctx, glni_view *view,
                                 bool *changed) {
  glni_bounds box;
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
    glni_verdict v = c.modulus ? glni_simplify_congruence(ctx, &c, &box, &also)
                               : glni_simplify_range(ctx, &c, &box, &also);
    if (v == GLNI_EMPTY_SET)
      return GLNI_EMPTY_SET;
    if (v == GLNI_KEEP)
      view->constraints[kept++] = c;
    if (also.form)
      added[num_added++] = also;
  }
  if (kept + num_added > GLN_VIEW_MAX_CONSTRAINTS) {
    ctx->status = ctx->status ? ctx->status : EG_LIMIT;
    return GLNI_KEEP;
  }
  memcpy(view->constraints + kept, added, num_added * sizeof added[0]);
  kept += num_added;
  view->num_constraints = kept;
  for (uint32_t i = 0; i < kept; ++i)
    if (!view->constraints[i].modulus &&
        propagate(ctx, &view->constraints[i], &box) == GLNI_EMPTY_SET)
      return GLNI_EMPTY_SET;
  if (settle_singles(ctx, view, &box) == GLNI_EMPTY_SET ||
      sort_constraints(view) == GLNI_EMPTY_SET)
    return GLNI_EMPTY_SET;
  glni_verdict moved = apply_box(ctx, view, &box);
  *changed = moved == GLNI_DROP || box.changed;
  if (moved == GLNI_KEEP)
    for (uint32_t i = 0; i < view->num_constraints; ++i)
      *changed |= eliminate(ctx, view, &view->constraints[i]);
  return moved == GLNI_EMPTY_SET ? GLNI_EMPTY_SET : GLNI_KEEP;
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
    if (settle_round(ctx, view, &changed) == GLNI_EMPTY_SET)
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

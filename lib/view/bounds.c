// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which source elements a view reads: image, footprint of a box, bounds proof.
#include "view_internal.h"

#include <string.h>

// The range of a map's sum: by the box, cut by constraints on the same form.
static void map_range(glni_ctx *ctx, const glni_view *view, const glni_sum *a,
                      int64_t *low, int64_t *high) {
  glni_range(ctx, a, low, high);
  if (view->num_constraints == 0 || a->num_terms == 0)
    return;
  const glni_sum *form;
  int64_t factor = glni_primitive(ctx, a, &form);
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    const glni_constraint *c = &view->constraints[i];
    if (c->modulus || glni_sum_compare(c->form, form) != 0)
      continue;
    int64_t x = glni_mul(ctx, factor, factor > 0 ? c->low : c->high);
    int64_t y = glni_mul(ctx, factor, factor > 0 ? c->high : c->low);
    x = glni_add(ctx, x, a->constant);
    y = glni_add(ctx, y, a->constant);
    *low = x > *low ? x : *low;
    *high = y < *high ? y : *high;
  }
}

static bool holds(const glni_view *view, const int64_t *vars) {
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    const glni_constraint *c = &view->constraints[i];
    int64_t value = glni_sum_evaluate(c->form, vars);
    if (c->modulus ? glni_floor_mod(value, c->modulus) != c->low
                   : value < c->low || value > c->high)
      return false;
  }
  return true;
}

// The least and greatest value of |a| over the domain, by trying all of it.
static bool try_all(const glni_ctx *ctx, const glni_view *view,
                    const glni_sum *a, int64_t *low, int64_t *high) {
  const int64_t limit = 16384;
  int64_t total = 1, vars[GLN_VIEW_MAX_RANK];
  for (uint32_t v = 0; v < ctx->num_vars; ++v) {
    vars[v] = 0;
    if (ctx->high[v] >= limit || (total *= ctx->high[v] + 1) > limit)
      return false;
  }
  bool any = false;
  for (int64_t n = 0; n < total; ++n) {
    int64_t rest = n;
    for (uint32_t v = ctx->num_vars; v-- > 0;) {
      vars[v] = rest % (ctx->high[v] + 1);
      rest /= ctx->high[v] + 1;
    }
    if (!holds(view, vars))
      continue;
    int64_t value = glni_sum_evaluate(a, vars);
    *low = !any || value < *low ? value : *low;
    *high = !any || value > *high ? value : *high;
    any = true;
  }
  if (!any)
    *low = *high = 0;
  return true;
}

bool glni_view_in_bounds(glni_ctx *ctx, const glni_view *view, uint32_t *dim,
                         int64_t *low, int64_t *high) {
  for (uint32_t s = 0; s < view->source_rank && !view->empty; ++s) {
    int64_t x, y;
    map_range(ctx, view, view->map[s], &x, &y);
    for (uint32_t i = 0; i < view->num_constraints && !ctx->status; ++i) {
      int64_t a, b; // that the numbers in the forms fit, too
      glni_range(ctx, view->constraints[i].form, &a, &b);
    }
    if (ctx->status)
      return true; // reported by the caller
    if (x >= 0 && y < view->source[s])
      continue;
    if (try_all(ctx, view, view->map[s], &x, &y) && x >= 0 &&
        y < view->source[s])
      continue;
    if (dim) {
      *dim = s;
      *low = x;
      *high = y;
    }
    return false;
  }
  return true;
}

bool gln_view_footprint(const gln_view *flat, const int64_t *start,
                        const int64_t *size, int64_t *low, int64_t *high) {
  // Bounds need no memory beyond the scratch in most cases; where they do, it
  // is the C library's, as failure has no other way out than "no answer".
  eg_allocator allocator = eg_allocator_default();
  glni_ctx ctx;
  glni_view view;
  glni_ctx_init(&ctx, &allocator);
  glni_view_open(&ctx, flat, &view);
  // Cut the box first, then let the view settle on what is left.
  const glni_sum *values[GLN_VIEW_MAX_RANK];
  bool whole = true;
  for (uint32_t d = 0; d < view.rank && !view.empty; ++d) {
    glni_lattice *dim = &view.dims[d];
    int64_t last = start[d] + size[d] - 1;
    int64_t first = start[d] <= dim->low
                        ? 0
                        : (start[d] - dim->low + dim->step - 1) / dim->step;
    int64_t end = glni_floor_div(last - dim->low, dim->step);
    end = end < dim->count - 1 ? end : dim->count - 1;
    if (first > end || size[d] < 1) {
      view.empty = true;
      break;
    }
    whole &= first == 0 && end == dim->count - 1;
    ctx.high[d] = end - first;
    dim->low += dim->step * first;
    dim->count = end - first + 1;
    values[d] = glni_scale(&ctx, glni_var(&ctx, d), 1, first);
  }
  if (!view.empty && !whole) {
    for (uint32_t s = 0; s < view.source_rank; ++s)
      view.map[s] = glni_substitute(&ctx, view.map[s], values);
    for (uint32_t i = 0; i < view.num_constraints; ++i)
      view.constraints[i].form =
          glni_substitute(&ctx, view.constraints[i].form, values);
    if (!ctx.status)
      glni_view_settle(&ctx, &view);
  }
  for (uint32_t s = 0; s < view.source_rank && !view.empty; ++s) {
    map_range(&ctx, &view, view.map[s], &low[s], &high[s]);
    if (ctx.status || low[s] < 0)
      low[s] = 0;
    if (ctx.status || high[s] >= view.source[s])
      high[s] = view.source[s] - 1;
  }
  glni_ctx_fini(&ctx);
  return !view.empty;
}

bool gln_view_image(const gln_view *view, int64_t *low, int64_t *high) {
  int64_t zero[GLN_VIEW_MAX_RANK] = {0};
  return gln_view_footprint(view, zero, gln_view_extents(view), low, high);
}

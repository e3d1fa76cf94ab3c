// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Composition of views.
//
//   (outer ∘ inner).map(i)  = inner.map(outer.map(i))
//   (outer ∘ inner).domain  = outer.domain ∧ inner.domain(outer.map(i))
//
// inner's sums are in its lattice variables k_j, index_j = low_j + step_j k_j;
// so k_j becomes (outer.map_j - low_j) / step_j, exact where the domain holds.
#include "view_internal.h"

#include <inttypes.h>
#include <string.h>

static eg_status check_between(const gln_view *outer, const gln_view *inner,
                               eg_error *error) {
  const int64_t *x = gln_view_source_extents(outer);
  const int64_t *y = gln_view_extents(inner);
  if (outer->source_rank != inner->rank)
    return gln_fail(error, EG_INVALID,
                    "compose: the outer view reads rank %d, the inner has "
                    "rank %d",
                    outer->source_rank, inner->rank);
  for (int d = 0; d < inner->rank; ++d)
    if (x[d] != y[d])
      return gln_fail(error, EG_INVALID,
                      "compose: dimension %d, the outer view reads extent "
                      "%" PRId64 ", the inner has %" PRId64,
                      d, x[d], y[d]);
  return EG_OK;
}

// Adds inner's lattice; values[j] becomes k_j.
static void pull_lattice(glni_ctx *ctx, glni_view *view, const gln_view *inner,
                         const int64_t *lattice, const glni_sum **values) {
  for (uint32_t j = 0; j < inner->rank && lattice; ++j, lattice += 3) {
    int64_t low = lattice[0], step = lattice[1], count = lattice[2];
    const int64_t extent = gln_view_extents(inner)[j];
    if (count == extent)
      continue;
    glni_view_add_range(ctx, view, values[j], low, low + step * (count - 1));
    glni_view_add_congruence(ctx, view, values[j], step,
                             glni_floor_mod(low, step));
    values[j] =
        count == 1
            ? glni_constant(ctx, 0)
            : glni_floordiv(ctx, glni_scale(ctx, values[j], 1, -low), step);
  }
}

static void pull_constraints(glni_ctx *ctx, glni_view *view,
                             const gln_view *inner, const int64_t *at,
                             const glni_sum *const *values) {
  for (uint32_t i = 0; i < inner->num_constraints; ++i) {
    const glni_sum *form =
        glni_substitute(ctx, glni_flat_sum_open(ctx, at + 3), values);
    if (at[2])
      glni_view_add_congruence(ctx, view, form, at[2], at[0]);
    else
      glni_view_add_range(ctx, view, form, at[0], at[1]);
    at += 3 + glni_flat_sum_words(at + 3);
  }
}

static bool same_domain(const glni_view *a, const glni_view *b) {
  if (a->empty != b->empty || a->num_constraints != b->num_constraints)
    return false;
  for (uint32_t d = 0; d < a->rank; ++d)
    if (a->dims[d].low != b->dims[d].low ||
        a->dims[d].step != b->dims[d].step ||
        a->dims[d].count != b->dims[d].count)
      return false;
  for (uint32_t i = 0; i < a->num_constraints; ++i) {
    const glni_constraint *x = &a->constraints[i], *y = &b->constraints[i];
    if (x->low != y->low || x->high != y->high || x->modulus != y->modulus ||
        glni_sum_compare(x->form, y->form) != 0)
      return false;
  }
  return true;
}

static eg_status fills_differ(gln_scalar a, gln_scalar b, eg_error *error) {
  char x[64], y[64];
  gln_scalar_print(a, x, sizeof x);
  gln_scalar_print(b, y, sizeof y);
  return gln_fail(error, EG_INFEASIBLE,
                  "compose: the outer view fills with %s : %s, the inner with "
                  "%s : %s",
                  x, gln_type_name(a.type), y, gln_type_name(b.type));
}

eg_status gln_view_compose(const eg_allocator *allocator, const gln_view *outer,
                           const gln_view *inner, gln_view **out,
                           eg_error *error) {
  glni_ctx ctx;
  glni_view view;
  *out = NULL;
  eg_status status = check_between(outer, inner, error);
  if (status)
    return status;
  glni_ctx_init(&ctx, allocator);
  glni_view_open(&ctx, outer, &view);
  glni_parts parts = glni_view_parts(inner);
  bool clash = view.has_fill && inner->flags & GLNI_HAS_FILL &&
               !gln_scalar_equal(view.fill, parts.fill);
  const glni_sum *values[GLN_VIEW_MAX_RANK];
  memcpy(values, view.map, inner->rank * sizeof values[0]);
  view.empty |= inner->flags & GLNI_EMPTY;
  if (!view.empty)
    pull_lattice(&ctx, &view, inner, parts.lattice, values);
  if (!view.empty && !ctx.status)
    pull_constraints(&ctx, &view, inner, parts.constraints, values);
  const int64_t *at = parts.map;
  view.source_rank = inner->source_rank;
  for (uint32_t s = 0; s < inner->source_rank; ++s) {
    view.source[s] = parts.source[s];
    view.map[s] =
        view.empty || ctx.status
            ? glni_constant(&ctx, 0)
            : glni_substitute(&ctx, glni_flat_sum_open(&ctx, at), values);
    at += glni_flat_sum_words(at);
  }
  if (clash && !ctx.status) {
    // Harmless if the outer view never looks at inner's fill.
    glni_view_settle(&ctx, &view);
    glni_view *before =
        glni_ctx_alloc(&ctx, sizeof *before); // too large for a second on stack
    if (before && !ctx.status) {
      int64_t high[GLN_VIEW_MAX_RANK];
      memcpy(high, ctx.high, sizeof high);
      glni_view_open(&ctx, outer, before);
      memcpy(ctx.high, high, sizeof high);
      if (!same_domain(before, &view)) {
        gln_scalar fill = view.fill;
        glni_ctx_fini(&ctx);
        return fills_differ(fill, parts.fill, error);
      }
    }
  } else if (!view.has_fill && inner->flags & GLNI_HAS_FILL) {
    view.has_fill = true;
    view.fill = parts.fill;
  }
  return glni_view_finish(&ctx, &view, "compose", out, error);
}

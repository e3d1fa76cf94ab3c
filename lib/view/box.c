// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The box form of a view: its map into the flattened source, if that is linear.
#include "view/box.h"
#include "view/try.h"
#include "view/view_internal.h"

#include <string.h>

// The same view of the row-major elements of its source, a single dimension.
static eg_status flatten(const eg_allocator *allocator, const gln_view *view,
                         gln_view **out, eg_error *error) {
  size_t rank = gln_view_source_rank(view);
  const int64_t *extents = gln_view_source_extents(view);
  int64_t num = 1;
  gln_view *shape;
  for (size_t d = 0; d < rank; ++d) {
    if (num > GLN_VIEW_MAX_EXTENT / extents[d])
      return gln_fail(error, EG_INFEASIBLE,
                      "a tensor of more than %lld elements",
                      (long long)GLN_VIEW_MAX_EXTENT);
    num *= extents[d];
  }
  GLN_TRY(gln_view_reshape(allocator, 1, &num, rank, extents, &shape, error));
  eg_status status = gln_view_compose(allocator, view, shape, out, error);
  gln_view_destroy(allocator, shape);
  return status;
}

static eg_status read_box(const gln_view *flat, gln_box *out, eg_error *error) {
  const int64_t *lattice = glni_view_parts(flat).lattice;
  out->rank = (uint8_t)gln_view_rank(flat);
  if (gln_view_is_constant(flat))
    return out->rank > 0 ? EG_OK // all extents are 0
                         : gln_fail(error, EG_INFEASIBLE, "it reads nothing");
  if (flat->num_constraints > 0)
    return gln_fail(error, EG_INFEASIBLE,
                    "what it reads is no box: %u conditions between indices",
                    flat->num_constraints);
  for (size_t d = 0; d < out->rank; ++d) {
    out->extent[d] = gln_view_extents(flat)[d];
    if (!lattice)
      continue;
    out->low[d] = lattice[3 * d];
    out->extent[d] = lattice[3 * d + 2];
    if (lattice[3 * d + 1] != 1 && out->extent[d] > 1)
      return gln_fail(error, EG_INFEASIBLE,
                      "only every %lld-th index of dimension %zu is inside",
                      (long long)lattice[3 * d + 1], d);
  }
  if (!gln_view_is_affine(flat, out->stride, &out->base))
    return gln_fail(error, EG_INFEASIBLE,
                    "its address is not linear in the indices");
  for (size_t d = 0; d < out->rank; ++d)
    out->base += out->low[d] * out->stride[d];
  return EG_OK;
}

eg_status gln_view_box(const eg_allocator *allocator, const gln_view *view,
                       gln_box *out, eg_error *error) {
  gln_view *flat;
  memset(out, 0, sizeof *out);
  GLN_TRY(flatten(allocator, view, &flat, error));
  gln_view_has_fill(view, &out->fill);
  eg_status status = read_box(flat, out, error);
  gln_view_destroy(allocator, flat);
  return status;
}

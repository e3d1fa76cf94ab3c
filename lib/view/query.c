// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Questions to a view that the flat block answers directly.
#include "view_internal.h"

#include <string.h>

size_t gln_view_rank(const gln_view *view) {
  return view->rank;
}

size_t gln_view_source_rank(const gln_view *view) {
  return view->source_rank;
}

const int64_t *gln_view_extents(const gln_view *view) {
  return view->words;
}

const int64_t *gln_view_source_extents(const gln_view *view) {
  return view->words + view->rank;
}

bool gln_view_has_fill(const gln_view *view, gln_scalar *fill) {
  if (view->flags & GLNI_HAS_FILL && fill)
    *fill = glni_view_parts(view).fill;
  return view->flags & GLNI_HAS_FILL;
}

bool gln_view_is_constant(const gln_view *view) {
  return view->flags & GLNI_EMPTY;
}

bool gln_view_evaluate(const gln_view *view, const int64_t *index,
                       int64_t *source) {
  if (view->flags & GLNI_EMPTY)
    return false;
  glni_parts parts = glni_view_parts(view);
  int64_t vars[GLN_VIEW_MAX_RANK];
  const int64_t *lattice = parts.lattice;
  for (uint32_t d = 0; d < view->rank; ++d) {
    vars[d] = index[d];
    if (lattice) {
      int64_t low = lattice[3 * d], step = lattice[3 * d + 1];
      int64_t offset = index[d] - low;
      if (offset < 0 || offset % step || offset / step >= lattice[3 * d + 2])
        return false;
      vars[d] = offset / step;
    }
  }
  const int64_t *at = parts.constraints;
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    int64_t value = glni_flat_sum_evaluate(at + 3, vars);
    if (at[2] ? glni_floor_mod(value, at[2]) != at[0]
              : value < at[0] || value > at[1])
      return false;
    at += 3 + glni_flat_sum_words(at + 3);
  }
  at = parts.map;
  for (uint32_t s = 0; s < view->source_rank; ++s) {
    source[s] = glni_flat_sum_evaluate(at, vars);
    at += glni_flat_sum_words(at);
  }
  return true;
}

// A sum of terms without floors.
static bool is_linear(const int64_t *sum) {
  return glni_flat_sum_words(sum) == 2 + 2 * (size_t)(uint32_t)sum[0];
}

bool gln_view_is_identity(const gln_view *view) {
  if (view->flags || view->num_constraints || view->rank != view->source_rank ||
      memcmp(gln_view_extents(view), gln_view_source_extents(view),
             view->rank * sizeof(int64_t)) != 0)
    return false;
  const int64_t *at = glni_view_parts(view).map;
  for (uint32_t d = 0; d < view->rank; ++d) {
    if (gln_view_extents(view)[d] != 1 &&
        (at[0] != (INT64_C(4) << 32 | 1) || at[1] != 0 || at[2] != 1 ||
         at[3] != (int64_t)d))
      return false;
    at += glni_flat_sum_words(at);
  }
  return true;
}

bool gln_view_is_permutation(const gln_view *view, int32_t *perm) {
  if (view->flags || view->num_constraints)
    return false;
  const int64_t *at = glni_view_parts(view).map;
  uint32_t used = 0;
  for (uint32_t s = 0; s < view->source_rank; ++s) {
    int32_t from = -1;
    if (gln_view_source_extents(view)[s] != 1) {
      if (!is_linear(at) || (uint32_t)at[0] != 1 || at[1] != 0 || at[2] != 1 ||
          used >> at[3] & 1 ||
          gln_view_extents(view)[at[3]] != gln_view_source_extents(view)[s])
        return false;
      from = (int32_t)at[3];
      used |= UINT32_C(1) << from;
    }
    if (perm)
      perm[s] = from;
    at += glni_flat_sum_words(at);
  }
  for (uint32_t d = 0; d < view->rank; ++d)
    if (gln_view_extents(view)[d] != 1 && !(used >> d & 1))
      return false;
  return true;
}

bool gln_view_is_affine(const gln_view *view, int64_t *matrix,
                        int64_t *offset) {
  glni_parts parts = glni_view_parts(view);
  const int64_t *at = parts.map;
  if (matrix)
    memset(matrix, 0, (size_t)view->rank * view->source_rank * sizeof *matrix);
  for (uint32_t s = 0; s < view->source_rank; ++s) {
    if (!is_linear(at))
      return false;
    int64_t constant = at[1];
    for (uint32_t i = 0; i < (uint32_t)at[0]; ++i) {
      int64_t coef = at[2 + 2 * i], d = at[3 + 2 * i];
      if (parts.lattice) {
        // coef k with k = (index - low) / step.
        int64_t step = parts.lattice[3 * d + 1];
        if (coef % step)
          return false;
        coef /= step;
        constant -= coef * parts.lattice[3 * d];
      }
      if (matrix)
        matrix[s * view->rank + d] = coef;
    }
    if (offset)
      offset[s] = constant;
    at += glni_flat_sum_words(at);
  }
  return true;
}

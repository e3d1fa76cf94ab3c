// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views that are boxes: what a load with strides and padding can read.
//
// A view has *box form* when, in the flattened row-major source,
//
//   result[i] = flat[base + sum over d of (i[d] - low[d]) * stride[d]]
//               where 0 <= i[d] - low[d] < extent[d] for every d, else the fill.
//
// Transpositions, slices, padding, broadcasts, windows, and merged or split
// dimensions are boxes when floordiv and mod cancel in the flattened address.
// Zero-dilation, diagonals and padding of a merged dimension are not.
#ifndef GLN_VIEW_BOX_H
#define GLN_VIEW_BOX_H

#include "view/view.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gln_box {
  uint8_t rank;    // of the result
  gln_scalar fill; // 0 of no type when no index is outside
  int64_t base;    // elements; address of index |low|
  int64_t low[GLN_VIEW_MAX_RANK];
  int64_t extent[GLN_VIEW_MAX_RANK]; // all 0 when the view is constant
  int64_t stride[GLN_VIEW_MAX_RANK]; // elements, of either sign, 0 repeats
} gln_box;

// The box form of |view|. EG_INFEASIBLE: it has none, and the message says what
// is in the way; EG_NO_MEMORY. About a composition of views.
EG_NODISCARD
GLN_API eg_status gln_view_box(const eg_allocator *allocator,
                               const gln_view *view, gln_box *out,
                               eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files that make a plan share.
#ifndef GLN_DESIGN_PLAN_INTERNAL_H
#define GLN_DESIGN_PLAN_INTERNAL_H

#include "design/program_internal.h"

static inline int64_t glni_least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

//===-- lanes.c -----------------------------------------------------------===//

// How operand |operand| of a spec, and its result, are indexed.
void glni_make_operand_array(const gln_spec *spec, size_t operand,
                             glni_array *out);
void glni_make_result_array(const gln_spec *spec, glni_array *out);
// Depth, buffers, and the extents of what is there at one time. The array is set.
void glni_hold(const glni_plan *plan, glni_staged *s,
               const gln_nest_staging *staging);
// Whether an operand depends on |dim|.
bool glni_is_in(const glni_staged *s, size_t dim);
// Whether a part of what is held along |dim| is used at one time.
bool glni_is_inside(const glni_plan *plan, const glni_staged *s, int dim);
// Positions of an axis from the first to the last that is held.
int64_t glni_span_of(const glni_staged *s, size_t axis, size_t num_dims);
// Different indices of the dims are different positions of the axis.
bool glni_is_disjoint(const glni_staged *s, size_t axis, size_t num_dims);
// Whether the axis is laid out by its dims instead of by its positions: gaps are
// left out, or there are none.
bool glni_is_gathered(const glni_plan *plan, const glni_staged *s, size_t axis);
// The one axis that |dim| moves, or GLNI_NONE.
int8_t glni_only_axis(const glni_staged *s, size_t dim);
// Whether neighbours along |dim| are neighbouring rows of WBUF if its axis is
// laid out first.
bool glni_has_rows(const glni_plan *plan, size_t dim);
// The dims across the columns and down the rows of the array; across the lanes of
// the vector unit. pick_columns comes before pick_rows.
void glni_pick_columns(glni_plan *plan);
void glni_pick_rows(glni_plan *plan);
void glni_pick_lanes(glni_plan *plan);

#endif

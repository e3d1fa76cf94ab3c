// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference interpreter: every access op, element by element.
//
// It follows the equations of view/shape.h with plain loops and shares no code
// with the view algebra, which is what makes it an oracle for it. Slow on
// purpose: O(elements of the result × elements read for one of them).
#ifndef GLN_INTERP_INTERP_H
#define GLN_INTERP_INTERP_H

#include "interp/array.h"
#include "view/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

// Computes |op| on |num_operands| arrays into |out|, which is uninitialised and
// owned by the caller afterwards. The shape is that of gln_shape_infer, whose
// errors it gives; EG_NO_MEMORY when |allocator| fails; EG_INVALID when a
// scalar function is undefined at some element (scalar_eval.h), naming it.
// After a failure |out| is empty. The operands are not changed.
EG_NODISCARD
GLN_API eg_status gln_interp_op(gln_op op, const gln_op_attrs *attrs,
                                const gln_array *const *operands,
                                size_t num_operands, eg_allocator allocator,
                                gln_array *out, eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar bodies taken apart and put together, for rules on maps.
//
// Each makes a body with one result and only the arguments that it reads; |out_args|
// says which argument of the given body each was. The new body is normal, and the
// caller's. O(instructions); EG_NO_MEMORY leaves nothing to finish.
#ifndef GLN_RULES_BODY_H
#define GLN_RULES_BODY_H

#include "kernel/lang.h"

#ifdef __cplusplus
extern "C" {
#endif

// Register |reg| of |body| alone. EG_LIMIT: more arguments than a kernel has
// operands.
EG_NODISCARD
GLN_API eg_status gln_body_slice(const gln_scalar_body *body, uint16_t reg,
                                 eg_allocator memory, gln_scalar_body *out,
                                 uint16_t *out_args, eg_error *error);

// The instructions that depend on nothing but arguments of |args| (a bit each), at
// least one of them, and are read by one that does not, or are results. Returns
// their number; 0 as well when there are more than |max|.
GLN_API size_t gln_body_frontier(const gln_scalar_body *body, uint32_t args,
                                 uint16_t *out_regs, size_t max);

// |body| with |regs| as its last arguments instead of computed. |out_args| names the
// others. EG_LIMIT as above.
EG_NODISCARD
GLN_API eg_status gln_body_cut(const gln_scalar_body *body,
                               const uint16_t *regs, size_t num_regs,
                               eg_allocator memory, gln_scalar_body *out,
                               uint16_t *out_args, eg_error *error);

// body(x, c) = scale(c) x + shift(c) for argument |arg| = x. EG_NOT_FOUND: it is not
// of this form, or the scale is 1. |*out_has_shift| false: the shift is 0, and its
// body empty.
EG_NODISCARD
GLN_API eg_status gln_body_affine(const gln_scalar_body *body, uint16_t arg,
                                  eg_allocator memory,
                                  gln_scalar_body *out_scale,
                                  uint16_t *out_scale_args,
                                  gln_scalar_body *out_shift,
                                  uint16_t *out_shift_args, bool *out_has_shift,
                                  eg_error *error);

// |outer| with |inner|'s result as its argument |at|. The arguments are |num|
// operands in all: that of |outer|'s argument i is outer_operands[i], and so for
// |inner|.
EG_NODISCARD
GLN_API eg_status gln_body_merge(const gln_scalar_body *outer, uint16_t at,
                                 const gln_scalar_body *inner,
                                 const uint16_t *outer_operands,
                                 const uint16_t *inner_operands,
                                 const gln_type *types, size_t num,
                                 eg_allocator memory, gln_scalar_body *out,
                                 eg_error *error);

// Whether the body reads an iteration index.
GLN_API bool gln_body_has_index(const gln_scalar_body *body);

#ifdef __cplusplus
}
#endif
#endif

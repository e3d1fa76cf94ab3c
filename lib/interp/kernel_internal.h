// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the evaluation of kernels shares.
#ifndef GLN_INTERP_KERNEL_INTERNAL_H
#define GLN_INTERP_KERNEL_INTERNAL_H

#include "interp/kernel_eval.h"

// ⊕ of a spec as a scalar function.
gln_scalar_op glni_combine_op(const gln_spec *spec);

// A block node on operands of its types (block_eval.c). On failure |out| may hold
// an array, which the caller frees.
EG_NODISCARD
eg_status glni_eval_block(const gln_lang *lang, const eg_choice *choice,
                          eg_node node, const gln_array *const *operands,
                          eg_allocator allocator, gln_array *out,
                          eg_error *error);

// fold and scan nodes on operands of their types (stream_eval.c). On failure |out|
// may hold an array, which the caller frees.
EG_NODISCARD
eg_status glni_eval_fold(gln_monoid monoid, const gln_signature *type,
                         const gln_array *const *operands,
                         eg_allocator allocator, gln_array *out,
                         eg_error *error);
EG_NODISCARD
eg_status glni_eval_scan(const gln_lang *lang, const eg_choice *choice,
                         eg_node node, const gln_signature *type,
                         const gln_array *const *operands,
                         eg_allocator allocator, gln_array *out,
                         eg_error *error);

#endif

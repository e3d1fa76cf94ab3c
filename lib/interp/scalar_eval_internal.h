// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar evaluation for callers that have checked the types already.
#ifndef GLN_INTERP_SCALAR_EVAL_INTERNAL_H
#define GLN_INTERP_SCALAR_EVAL_INTERNAL_H

#include "interp/scalar_eval.h"

// As gln_scalar_eval on operands that gln_scalar_op_check has passed.
EG_NODISCARD
eg_status glni_scalar_eval(gln_scalar_op op, gln_type type,
                           const gln_scalar *args, gln_scalar *out,
                           eg_error *error);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// linalg and tensor ops as access ops, one op at a time.
#ifndef GLN_BRIDGE_CONVERT_H
#define GLN_BRIDGE_CONVERT_H

#include "bridge/build.h"
#include "bridge/loops.h"

typedef struct gln_convert {
  gln_bodies *bodies;
  gln_build build;  // ops of the op at hand
  gln_loops *loops; // scratch
} gln_convert;

// The new values of |op|'s results, null for one that has no uses. False if it
// stays what it is: |convert->build.error| says why.
bool gln_convert_loops(gln_convert *convert, MlirValue *out_results);

// Whether |op| is an op of tensor, or linalg.softmax, that has a counterpart;
// and its translation, as above.
bool gln_convert_is_tensor_op(MlirOperation op);
bool gln_convert_tensor_op(gln_convert *convert, MlirOperation op,
                           MlirValue *out_results);

// body(operands…), elementwise on patterns of equal dimensions: one
// access.compute, one access.call, or several if there are too many operands.
// Takes |body|, which has one result.
MlirValue gln_convert_apply(gln_convert *convert, gln_scalar_body *body,
                            const MlirValue *operands);

#endif

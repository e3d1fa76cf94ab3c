// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Evaluation of the scalar table and of scalar bodies: MLIR's arith and math.
//
// Floats: an operation is computed in double, or exactly, and rounded to
// nearest even once, in the operand's own type: +, -, *, /, sqrt, fma on f32
// and f64 are the IEEE results bit for bit; exp, tanh, … are the C library's
// double results rounded, so they may differ from a float library in the last
// place. sigmoid and rsqrt are C expressions in double, so on f64 each of their
// steps rounds. On bf16 and f16 fma is the f32 fma rounded again, as LLVM lowers it.
//
// Integers are bits; add, sub, mul, neg, abs, shl, ipow wrap.
//
// What LLVM leaves undefined is either an error or a value, so that the oracle
// never depends on the machine:
//
//   division or remainder by 0; the least integer divided by -1;
//   ipow of 0 to a negative power          EG_INVALID (immediate undefined
//                                          behaviour, no select can mask it);
//                                          rem of the least integer by -1 is 0
//   shift by the width or more             shl, shru: 0; shr: the sign
//   float to integer out of range, NaN     the nearest end of the range, 0
//   payload and sign of a NaN result       the quiet NaN with bits 0x7fc…0;
//                                          neg, abs, copysign, select, bitcast
//                                          move bits and keep them
#ifndef GLN_INTERP_SCALAR_EVAL_H
#define GLN_INTERP_SCALAR_EVAL_H

#include "view/scalar.h"

#ifdef __cplusplus
extern "C" {
#endif

// |op| on |num_args| values; |type| is the result's, as in gln_scalar_op_check,
// whose errors it also gives.
EG_NODISCARD
GLN_API eg_status gln_scalar_eval(gln_scalar_op op, gln_type type,
                                  const gln_scalar *args, size_t num_args,
                                  gln_scalar *out, eg_error *error);

// Runs a verified body. |registers| is scratch for num_args + num_insts values
// and holds the arguments, of the body's argument types, on entry; |index| has
// the position along each iteration dimension. Register results[r] then holds
// result r. EG_INVALID also when an INDEX is not below |num_dims|.
EG_NODISCARD
GLN_API eg_status gln_scalar_body_eval(const gln_scalar_body *body,
                                       const int64_t *index, size_t num_dims,
                                       gln_scalar *registers, eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

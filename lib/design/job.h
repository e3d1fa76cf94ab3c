// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A job: one kernel of the chosen program on one unit, with its operands.
//
//   r = block(a, b)                   spec, tiles, order, staging: on chip
//   y = body(r, x1, x2, ...)          the epilogue, element by element, in ACC
//
// Operands and result are tensors in DRAM, row-major in their own shapes. The
// kernel reads arrays; each operand's *view* leads from its tensor to its array,
// so padding, transposition and broadcast cost nothing but what they read.
//
// All kinds of kernels are of this form:
//   contraction on an array          DOT of two operands, weight- or
//                                    output-stationary
//   contraction on the vector unit   DOT, GLN_STRATEGY_VECTOR: depthwise,
//                                    grouped, small batched products
//   reduction, pooling               one operand, GLN_STRATEGY_VECTOR
//   elementwise map                  one operand, nothing reduced (a copy of the
//                                    first operand), and the map as body
#ifndef GLN_DESIGN_JOB_H
#define GLN_DESIGN_JOB_H

#include "kernel/block.h"
#include "target/cost.h"
#include "view/box.h"
#include "view/scalar.h"
#include "view/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GLN_JOB_MAX_OPERANDS = 12 };

typedef struct gln_job_operand {
  gln_type type;        // of an element; the shape is the view's source
  const gln_view *view; // tensor -> array that the kernel reads; borrowed
} gln_job_operand;

// Plain data, copied freely; what it points to must outlive it.
typedef struct gln_job {
  gln_block block;
  // The epilogue; NULL = none. Argument 0 is the finished result of the block
  // (type spec.result), the others are the extra operands, whose arrays have
  // the shape of the spec's result. One result: what is stored.
  const gln_scalar_body *body;
  uint8_t num_operands; // those of the spec, then the body's from argument 1
  gln_job_operand operands[GLN_JOB_MAX_OPERANDS];
} gln_job;

// EG_INVALID names the operand and both shapes or types: a malformed block, a
// number of operands that spec and body do not have, arrays of other shapes, a
// body without exactly one result. O(block + body).
EG_NODISCARD
GLN_API eg_status gln_job_check(const gln_job *job, eg_error *error);

// Shape and element type of the result tensor of a checked job: parallel dims
// in order, the type of the body's result or of the spec.
GLN_API void gln_job_result(const gln_job *job, gln_shape *out);

//===-- Legality, for the search ------------------------------------------===//

// Whether the vector unit of a device that accumulates in |acc| can run |body|
// as an epilogue; |in| is the element type of its inputs. EG_INFEASIBLE names
// the scalar function, its type, and what is missing. O(body).
//
// Runs: add sub mul div min max minnum maxnum neg abs relu clamp fma sqrt rsqrt
// exp tanh erf erfc sigmoid pow with exponent 2 or 3, select over a comparison of
// its own two values (a minimum or maximum), on values of type |acc|; on i32 also
// shl and shr by constants, and (x * y + 2^(s-1)) >> s in 64 bits cut to 32. A cast
// may widen an operand that is in |in|, and narrow the result: f32 to bf16, and i32
// to i8, anywhere in the body; of i8 there are min, max, relu, clamp and select.
//
// min, max, relu and clamp are those of the vector unit, `a > b ? a : b`: they
// differ from the scalar functions where an operand is NaN, and in the sign of 0.
EG_NODISCARD
GLN_API eg_status gln_body_is_runnable(const gln_scalar_body *body, gln_type in,
                                       gln_type acc, eg_error *error);

// Rows of each memory of |target| that the job of |block| with epilogue |body|
// (NULL = none) takes, whatever views its operands have. EG_INFEASIBLE: more
// than there are, by memory, need and size; or what a program cannot do, in
// words (gln_program_create then fails in the same way). Needs no operands, so
// a kernel class can ask. A few microseconds.
EG_NODISCARD
GLN_API eg_status gln_job_rows(const gln_target *target, const gln_block *block,
                               const gln_scalar_body *body,
                               uint32_t out_rows[GLN_NUM_MEMORIES],
                               eg_error *error);

// The cost of a job: gln_block_cost, without what lies in the padding of its
// operands, and with the extra operands of its epilogue. EG_INFEASIBLE: an operand
// whose view has no box form. Its bytes are those of the program, its MACs too.
EG_NODISCARD
GLN_API eg_status gln_job_cost(const eg_allocator *allocator,
                               const gln_target *target, const gln_job *job,
                               gln_cost *out, eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

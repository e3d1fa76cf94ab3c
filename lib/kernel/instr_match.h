// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Unification of a canonical spec, one tile, with an instruction of a target:
// up to the order of dimensions and of axes, unit dimensions, and the order of
// the operands of a product.
//
//   gln_instr_binding b;
//   size_t num;
//   if (gln_instr_match(instr, &tile, &target, &b, 1, &num, &error) == EG_OK)
//     … b.extents[0] …   // of the instruction's first dimension
//   else
//     puts(error.text);  // gemm: 'k <= rows' fails: 32 against 16, 16 too much
#ifndef GLN_KERNEL_INSTR_MATCH_H
#define GLN_KERNEL_INSTR_MATCH_H

#include "kernel/spec.h"
#include "target/instr.h"

#ifdef __cplusplus
extern "C" {
#endif

// How a spec is one use of an instruction.
typedef struct gln_instr_binding {
  bool swapped; // operand 0 of the instruction is operand 1 of the spec
  int8_t dims[GLN_INSTR_MAX_DIMS]; // to a dimension of the spec; -1: extent 1
  int64_t extents[GLN_INSTR_MAX_DIMS];
  int64_t
      params[GLN_INSTR_MAX_PARAMS]; // strides; 1 where nothing is read by it
  // Axis of an instruction's operand to that of the spec's (after swapping); -1:
  // an axis of extent 1, which the spec does not have. Ascending means that the
  // array lies as the instruction wants it, else it must be packed.
  int8_t axes[GLN_INSTR_MAX_OPERANDS][GLN_INSTR_MAX_RANK];
  // Axis of the instruction's result to a dimension of the spec; -1: extent 1.
  int8_t result[GLN_INSTR_MAX_DIMS];
  uint8_t num_moved; // operands and results whose axes do not ascend
} gln_instr_binding;

// All ways, the best first: fewest operands and results to be transposed, then
// unswapped, then in the order of dimensions. At most |capacity| are kept, but
// |out_num| counts all. EG_NOT_FOUND: not this computation, and what differs;
// EG_LIMIT: the computation, but a bound fails, and by how much; EG_INVALID: a
// bound reads a number that is no point. An instruction's dimensions are not
// merged, nor the spec's split: m <= 16 and m = 32 do not match, and neither do
// two rows of dimensions where the spec has one. O(dims! · rank!), for at most
// GLN_INSTR_MAX_DIMS dims, of which only those of one role are permuted.
EG_NODISCARD
GLN_API eg_status gln_instr_match(const gln_instr *instr, const gln_spec *spec,
                                  const gln_target *target,
                                  gln_instr_binding *out, size_t capacity,
                                  size_t *out_num, eg_error *error);

// |tile|, all of whose operands are on chip, by |instr|, whose operand 0 is operand 1 of
// the tile if |swapped|. An array reads rows by addresses: the row dims of a tile are
// streamed, its reduced dims lie packed down the rows, its column dims across, and
// batch dims are walked. So of a product (gln_instr_is_gemm) it is the largest call
//   r[min(Π rows, m), min(Π columns, n)] = sum min(Π reduced, k)      m, n, k = |limits|
// that is matched, and of any other instruction the tile itself. Fails as
// gln_instr_match.
EG_NODISCARD
GLN_API eg_status gln_instr_match_tile(const gln_instr *instr,
                                       const gln_spec *tile, bool swapped,
                                       const gln_instr_limits *limits,
                                       const gln_target *target,
                                       gln_instr_binding *out, eg_error *error);

// Whether the scalar function |kind| from operands of |types| to |result| is
// one that a MAP instruction computes: it is in its set, as many operands, and
// one type (or any, if the instruction takes any type of an accumulator).
// Extents are another matter: gln_instr_check_bounds.
GLN_API bool gln_instr_maps(const gln_instr *instr, const gln_target *target,
                            int kind, const gln_type *types, size_t num_types,
                            gln_type result);

#ifdef __cplusplus
}
#endif
#endif

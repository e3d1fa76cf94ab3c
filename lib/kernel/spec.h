// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reductions in canonical form: what a `contract` or `reduce` kernel computes.
//
//   result[p] = ⊕_r  a[A·(p,r)] ⊗ b[B·(p,r)]          contract: ⊗ = ·, ⊕ = +
//   result[p] = ⊕_r  a[A·(p,r)]                        reduce: ⊕ = +, ·, max, min
//
// over parallel indices p and reduced indices r. Matrix products, convolutions of
// any layout, attention scores and pooling all have this form; they differ in
// the extents and in the matrices.
//
// A spec is canonical: however a layer was written (named, generalised, fused,
// unit dimensions folded, 1×1 convolution or matmul) it comes out with the same
// words, so that equal layers are one e-class. In the form,
//
//   - no extent is 1, and every map is linear: dimensions that were read through
//     floordiv or mod are split into digits first;
//   - two dimensions that every operand reads as one run are one dimension;
//   - dimensions are ordered by role, batch (parallel, in both operands), rows
//     (parallel, in a alone), columns (parallel, in b alone), reduced; inside a
//     role by falling stride in a, then in b;
//   - an operand array is exactly what is read: its extents follow from the
//     matrix, extents[d] = 1 + Σ_i |coef[d][i]| (dims[i] - 1), and so does the
//     offset that makes the lowest index 0;
//   - the result array has the parallel dimensions in this order.
//
// What the form leaves out becomes views: of the operands (padding, cropping,
// merging of dimensions; never a transposition, which is data in the matrix) and
// of the result.
#ifndef GLN_KERNEL_SPEC_H
#define GLN_KERNEL_SPEC_H

#include "eg.h"
#include "view/type.h"
#include "view/view.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  GLN_SPEC_MAX_DIMS = 16,
  GLN_SPEC_MAX_RANK = 8,
  GLN_SPEC_MAX_OPERANDS = 2,
};

// ⊕, and for GLN_COMBINE_DOT ⊗ = · as well.
typedef enum gln_combine {
  GLN_COMBINE_DOT, // two operands; the others have one
  GLN_COMBINE_SUM,
  GLN_COMBINE_PROD,
  GLN_COMBINE_MAX, // NaN wins, integers signed
  GLN_COMBINE_MIN,
} gln_combine;

typedef struct gln_spec_operand {
  gln_type type;
  uint8_t rank; // dimensions of the operand array
  int32_t coef[GLN_SPEC_MAX_RANK][GLN_SPEC_MAX_DIMS]; // of each dimension
} gln_spec_operand;

// Copied freely; compared by gln_spec_equal.
typedef struct gln_spec {
  gln_combine combine;
  gln_type result; // products and sums are formed in it
  uint8_t num_operands;
  uint8_t num_dims;
  uint8_t num_parallel; // the first so many dimensions
  int64_t dims[GLN_SPEC_MAX_DIMS];
  gln_spec_operand operands[GLN_SPEC_MAX_OPERANDS];
} gln_spec;

// Where a dimension of a contract occurs.
typedef enum gln_role {
  GLN_ROLE_BATCH, // parallel, in both operands
  GLN_ROLE_ROW,   // parallel, in operand 0 alone (or in none)
  GLN_ROLE_COL,   // parallel, in operand 1 alone
  GLN_ROLE_INNER, // reduced
} gln_role;

GLN_API gln_role gln_spec_role(const gln_spec *spec, size_t dim);

// Extents of an operand array, and the offset of its maps: operand k is read at
// offset[d] + Σ_i coef[d][i] · index[i]. Either may be NULL. O(rank · dims).
GLN_API void gln_spec_operand_box(const gln_spec *spec, size_t operand,
                                  int64_t *extents, int64_t *offset);

// The distance in elements between neighbours along |dim| in the row-major
// operand array. O(rank · dims).
GLN_API int64_t gln_spec_stride(const gln_spec *spec, size_t operand,
                                size_t dim);

// The parallel dim that runs across the lanes of a vector unit whose rows hold
// |width| elements: one that no operand reads through a window, by which most
// lanes work, then the one contiguous in operand 0. -1: none, one lane works.
// O(rank * dims).
GLN_API int gln_spec_lane(const gln_spec *spec, int64_t width);

// Multiply-adds (or combinations): the product of all extents.
GLN_API int64_t gln_spec_num_points(const gln_spec *spec);
GLN_API int64_t gln_spec_num_results(const gln_spec *spec);

GLN_API bool gln_spec_equal(const gln_spec *a, const gln_spec *b);

//===-- Canonical form ----------------------------------------------------===//

// A reduction as it was found. |views| read the operands' values at every point
// of the iteration box |extents|; parallel dimensions are those not |reduced|.
typedef struct gln_reduction {
  gln_combine combine;
  gln_type result;
  size_t rank;
  const int64_t *extents;
  const bool *reduced;
  size_t num_operands;
  const gln_view *views[GLN_SPEC_MAX_OPERANDS];
  gln_type types[GLN_SPEC_MAX_OPERANDS];
  // A product commutes: a constant operand (weights) goes second, so that the
  // rows of every layer are its activations. Otherwise the order stays.
  bool constant[GLN_SPEC_MAX_OPERANDS];
} gln_reduction;

// A spec and what relates it to the reduction it came from.
typedef struct gln_canonical {
  gln_spec spec;
  bool swapped; // operand 0 of the spec is operand 1 of the reduction
  // From each operand's value to the array that the spec reads, in spec order.
  gln_view *operands[GLN_SPEC_MAX_OPERANDS];
  // From the spec's result to the parallel dimensions as they were.
  gln_view *view;
} gln_canonical;

// EG_LIMIT: more dimensions than a spec holds. EG_INVALID: an empty box, a view
// that does not read it. EG_NO_MEMORY. On success the views are the caller's,
// freed by gln_canonical_fini. O(dims² · rank) and a handful of compositions.
EG_NODISCARD
GLN_API eg_status gln_canonicalise(const eg_allocator *allocator,
                                   const gln_reduction *reduction,
                                   gln_canonical *out, eg_error *error);
GLN_API void gln_canonical_fini(const eg_allocator *allocator,
                                gln_canonical *canonical);

//===-- Simplification ----------------------------------------------------===//

// The dimensions that one dimension is made of, outermost first.
typedef struct gln_origin {
  uint8_t num;
  uint8_t dims[GLN_SPEC_MAX_DIMS];
} gln_origin;

// Brings a spec with unit dimensions, in any order (but parallel ones first),
// into canonical form. |out_origin|, GLN_SPEC_MAX_DIMS entries: what each
// dimension was made of; dimensions of extent 1 are in none. Rows of operand
// arrays that become one are contiguous, so the arrays only change shape.
// O(dims³ · rank).
GLN_API void gln_spec_simplify(gln_spec *spec, gln_origin *out_origin);

// The spec of one tile, tile[i] of dims[i], in canonical form. EG_INVALID: a tile
// of less than 1 or more than the extent. |out_origin| may be NULL.
EG_NODISCARD
GLN_API eg_status gln_spec_tile(const gln_spec *spec, const int64_t *tile,
                                gln_spec *out_tile, gln_origin *out_origin,
                                eg_error *error);

//===-- Bytes -------------------------------------------------------------===//

// The spec as words for an e-node's payload; at most GLN_SPEC_MAX_WORDS of them.
// Equal specs give equal words. Returns the number of words.
enum {
  GLN_SPEC_MAX_WORDS =
      4 + GLN_SPEC_MAX_DIMS * 2 +
      GLN_SPEC_MAX_OPERANDS * (1 + GLN_SPEC_MAX_RANK * GLN_SPEC_MAX_DIMS)
};
GLN_API size_t gln_spec_encode(const gln_spec *spec, uint32_t *words);
// Reads them back; false when they are not the words of a spec.
GLN_API bool gln_spec_decode(const uint32_t *words, size_t num_words,
                             gln_spec *out);

// `dot f32 (49, 64 | 576) a f32 (d0, d2) b f32 (d2, d1)`: returns the length
// of the whole text, writes at most |size| bytes with a terminator.
GLN_API size_t gln_spec_print(const gln_spec *spec, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif
#endif

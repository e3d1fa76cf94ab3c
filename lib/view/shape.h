// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes of access patterns, and the shape rule of every access op.
//
// An access pattern is an array whose dimensions are split in two: the first k
// are *access* dimensions, iterated over; the rest are *item* dimensions, what
// the computation gets at each position. It is written ((a1,…,ak),(c1,…,cm)). A
// tensor is a pattern without access dimensions: ((),(c1,…,cm)). Rank 0 is one
// element. The op verifiers of the dialect, the e-class analysis and the
// interpreter all ask the one function gln_shape_infer.
//
// Meaning of the ops. i, j range over positions of a whole pattern, access
// dimensions first; `in` is operand 0; x ++ y joins two index vectors.
//
//   view {at}          tensor → pattern: the first `at` dimensions become
//                      access dimensions. out[i] = in[i]. The operand's own
//                      split, if it has one, is forgotten.
//   tensor             all dimensions become item dimensions. out[i] = in[i].
//   shift {by}         k' = k + by, `by` of either sign. out[i] = in[i].
//   transpose {perm}   out.dims[d] = in.dims[perm[d]] over all dimensions; k
//                      stays. out[i] = in[j], j[perm[d]] = i[d].
//   reshape {shape}    new extents with the same product, in each half. Both
//                      sides list the elements in row-major order.
//   flatten            reshape to ((∏a),(∏c)); an empty product is 1.
//   squeeze {dim}      drops dimension `dim`, of extent 1.
//   insert_axis {dim}  a dimension of extent 1 before dimension `dim` (rank:
//                      at the end). It is an access dimension iff dim <= k.
//   broadcast {shape}  each half is aligned at its right end with the half of
//                      `shape`; missing dimensions are inserted, those of
//                      extent 1 expand, others must be equal. out[i] = in[j],
//                      j[d] = 0 where in has extent 1, else the aligned
//                      coordinate of i.
//   slice {offsets,sizes,strides}
//                      over all dimensions, strides of either sign but not 0.
//                      out[i] = in[offsets + i * strides], always inside.
//   pad {low,high,value}
//                      over all dimensions, low, high >= 0. out[i] =
//                      in[i - low] where that is inside, else `value`, which
//                      has in's type.
//   windows {window,strides,dilations}
//                      over all item dimensions n, each attribute as long as
//                      there are item dimensions, entries >= 1:
//                      ((a…),(c…)) → ((a…, o…),(w…)),
//                      o_n = floor((c_n - (dilation_n (w_n - 1) + 1)) /
//                      stride_n) + 1. out[a ++ o ++ w] =
//                      in[a ++ (o * strides + w * dilations)].
//   concat {dim}       two patterns that differ only in dimension `dim`:
//                      out[i] = in0[i] where i[dim] < in0.dims[dim], else in1
//                      at i with in0.dims[dim] taken off i[dim].
//   iota {dim,shape}   no operand: out[i] = i[dim] in the type of `shape`; the
//                      extent may not exceed 2^width of an integer type.
//   pair               ((a…),(c…)) twice → ((a…),(2,c…)); out[a ++ s ++ c] =
//                      in_s[a ++ c].
//   cartesian_product  ((a…),(c…)), ((b…),(c…)) → ((a…,b…),(2,c…));
//                      out[a ++ b ++ 0 ++ c] = in0[a ++ c],
//                      out[a ++ b ++ 1 ++ c] = in1[b ++ c].
//   compute {kind,type}
//                      a kind from below, applied to every item. `type` is the
//                      result's element type.
//   call {body}        operands of equal dimensions; the body has one argument
//                      per operand, of its type, and one result:
//                      out[i] = body(in0[i], in1[i], …); its INDEX d is i[d].
//
// Kinds of compute. Items are read in row-major order.
//
//   dot          either one operand ((a…),(2,c…)), as from pair, or two of
//                equal dimensions ((a…),(c…)), of independent types →
//                ((a…),()): out[a] = Σ_c in0[a ++ c] * in1[a ++ c].
//   reduce_sum, reduce_prod, reduce_max, reduce_min, reduce_mean
//                ((a…),(c…)) → ((a…),()) over all item dimensions. max and min
//                are the scalar `max` and `min` (NaN wins, integers signed).
//                mean is the sum divided by the number of elements in an item,
//                with the scalar `div`; that number must be a value of `type`.
//   softmax      floats, same shape: with m = max_c in[a ++ c],
//                e[c] = exp(in[a ++ c] - m): out[a ++ c] = e[c] / Σ_c e[c].
//   argmax       ((a…),(c…)) → ((a…),()), `type` an integer type: the row-major
//                number of the first greatest element; NaN counts as greatest.
//   a scalar function f by its name in scalar.h: arity n
//                n operands of equal dimensions: out[i] = f(in0[i], in1[i], …),
//                types by the table; or, for n >= 2, one operand
//                ((a…),(n,c…)) → ((a…),(c…)), as from pair.
//
// Accumulation: dot and the reductions first convert each operand to `type`,
// which it must be or widen to (gln_type_widens_to; i8 × i8 → i32, bf16 × bf16
// → f32), integers as signed. They start from 0 (prod: 1; max, min: the first
// element) and go in row-major order; every product, sum and division is
// rounded to nearest even in `type` (integers wrap), never fused. softmax works
// in its own type in the same way: difference, exp, sum, quotient.
// Elementwise functions convert nothing; `cast` does.
#ifndef GLN_VIEW_SHAPE_H
#define GLN_VIEW_SHAPE_H

#include "view/scalar.h"
#include "view/type.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- Shapes ------------------------------------------------------------===//

enum { GLN_MAX_RANK = 32, GLN_MAX_OPERANDS = 8 };
#define GLN_MAX_EXTENT INT64_C(0x7fffffff)  // of one dimension: 2^31 - 1
#define GLN_MAX_ELEMENTS (INT64_C(1) << 62) // of a whole pattern

// A value type: dimensions, where they split, and the element type. Zero is
// the rank-0 pattern of f32. Copied freely.
typedef struct gln_shape {
  gln_type type;
  uint8_t rank;               // number of dimensions, access and item
  uint8_t num_access;         // the first so many are access dimensions
  int64_t dims[GLN_MAX_RANK]; // extents, each >= 1; 0 beyond |rank|
} gln_shape;

// A shape from two lists of extents, checked as by gln_shape_check.
EG_NODISCARD
GLN_API eg_status gln_shape_make(gln_type type, const int64_t *access,
                                 size_t num_access, const int64_t *item,
                                 size_t num_item, gln_shape *out,
                                 eg_error *error);
// Extents 1…GLN_MAX_EXTENT, at most GLN_MAX_ELEMENTS elements, a valid type.
EG_NODISCARD
GLN_API eg_status gln_shape_check(const gln_shape *shape, eg_error *error);
// Number of elements of a checked shape, of its access half, of its item half.
GLN_API int64_t gln_shape_num_elements(const gln_shape *shape);
GLN_API int64_t gln_shape_num_access_elements(const gln_shape *shape);
GLN_API int64_t gln_shape_num_item_elements(const gln_shape *shape);
// Same type, split and extents.
GLN_API bool gln_shape_equal(const gln_shape *a, const gln_shape *b);
// Same split and extents; the types may differ.
GLN_API bool gln_shape_same_dims(const gln_shape *a, const gln_shape *b);
// Writes `((2,3),(4)) f32`, at most |size| bytes with a terminator; returns the
// length of the whole text.
GLN_API size_t gln_shape_print(const gln_shape *shape, char *buffer,
                               size_t size);

//===-- Ops ---------------------------------------------------------------===//

// X(enumerator, name in text, least and most operands, attributes read)
#define GLN_OP_TABLE(X)                                                        \
  X(VIEW, "view", 1, 1, GLN_ATTR_AT)                                           \
  X(TENSOR, "tensor", 1, 1, 0)                                                 \
  X(SHIFT, "shift", 1, 1, GLN_ATTR_BY)                                         \
  X(TRANSPOSE, "transpose", 1, 1, GLN_ATTR_PERM)                               \
  X(RESHAPE, "reshape", 1, 1, GLN_ATTR_SHAPE)                                  \
  X(FLATTEN, "flatten", 1, 1, 0)                                               \
  X(SQUEEZE, "squeeze", 1, 1, GLN_ATTR_DIM)                                    \
  X(INSERT_AXIS, "insert_axis", 1, 1, GLN_ATTR_DIM)                            \
  X(BROADCAST, "broadcast", 1, 1, GLN_ATTR_SHAPE)                              \
  X(SLICE, "slice", 1, 1,                                                      \
    GLN_ATTR_OFFSETS | GLN_ATTR_SIZES | GLN_ATTR_STRIDES)                      \
  X(PAD, "pad", 1, 1, GLN_ATTR_LOW | GLN_ATTR_HIGH | GLN_ATTR_VALUE)           \
  X(WINDOWS, "windows", 1, 1,                                                  \
    GLN_ATTR_WINDOW | GLN_ATTR_STRIDES | GLN_ATTR_DILATIONS)                   \
  X(CONCAT, "concat", 2, 2, GLN_ATTR_DIM)                                      \
  X(IOTA, "iota", 0, 0, GLN_ATTR_DIM | GLN_ATTR_SHAPE)                         \
  X(PAIR, "pair", 2, 2, 0)                                                     \
  X(CARTESIAN_PRODUCT, "cartesian_product", 2, 2, 0)                           \
  X(COMPUTE, "compute", 1, 4, GLN_ATTR_KIND | GLN_ATTR_TYPE)                   \
  X(CALL, "call", 1, 8, GLN_ATTR_BODY)

typedef enum gln_op {
#define GLN_X(id, name, min, max, attrs) GLN_OP_##id,
  GLN_OP_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_OPS,
} gln_op;

// Which fields of gln_op_attrs an op reads.
enum {
  GLN_ATTR_AT = 1 << 0,
  GLN_ATTR_BY = 1 << 1,
  GLN_ATTR_DIM = 1 << 2,
  GLN_ATTR_PERM = 1 << 3,
  GLN_ATTR_OFFSETS = 1 << 4,
  GLN_ATTR_SIZES = 1 << 5,
  GLN_ATTR_STRIDES = 1 << 6,
  GLN_ATTR_DILATIONS = 1 << 7,
  GLN_ATTR_WINDOW = 1 << 8,
  GLN_ATTR_LOW = 1 << 9,
  GLN_ATTR_HIGH = 1 << 10,
  GLN_ATTR_VALUE = 1 << 11,
  GLN_ATTR_SHAPE = 1 << 12,
  GLN_ATTR_KIND = 1 << 13,
  GLN_ATTR_TYPE = 1 << 14,
  GLN_ATTR_BODY = 1 << 15,
};

// One row of the table.
typedef struct gln_op_info {
  const char *name;      // without the dialect's prefix
  unsigned min_operands; // inclusive
  unsigned max_operands; // inclusive
  uint32_t attrs;        // GLN_ATTR_… that the op reads
} gln_op_info;

// The row of |op|, which must be below GLN_NUM_OPS. Never NULL.
GLN_API const gln_op_info *gln_op_get_info(gln_op op);
GLN_API bool gln_op_parse(const char *name, size_t length, gln_op *out);

// X(enumerator, name in text): the kinds that are not scalar functions.
#define GLN_KIND_TABLE(X)                                                      \
  X(DOT, "dot")                                                                \
  X(REDUCE_SUM, "reduce_sum")                                                  \
  X(REDUCE_PROD, "reduce_prod")                                                \
  X(REDUCE_MAX, "reduce_max")                                                  \
  X(REDUCE_MIN, "reduce_min")                                                  \
  X(REDUCE_MEAN, "reduce_mean")                                                \
  X(SOFTMAX, "softmax")                                                        \
  X(ARGMAX, "argmax")

// A kind is an int: an enumerator, or GLN_KIND_SCALAR + a gln_scalar_op.
typedef enum gln_kind {
#define GLN_X(id, name) GLN_KIND_##id,
  GLN_KIND_TABLE(GLN_X)
#undef GLN_X
      GLN_KIND_SCALAR,
} gln_kind;

enum { GLN_NUM_KINDS = GLN_KIND_SCALAR + GLN_NUM_SCALAR_OPS };

// The name of a kind below GLN_NUM_KINDS, never NULL, and back.
GLN_API const char *gln_kind_name(int kind);
GLN_API bool gln_kind_parse(const char *name, size_t length, int *out);

// A borrowed list of integers.
typedef struct gln_ints {
  const int64_t *data;
  size_t num;
} gln_ints;

// The attributes of every op; each reads only those of its row. All pointers
// are borrowed. Zero is a valid empty state.
typedef struct gln_op_attrs {
  int64_t at;         // view: number of access dimensions
  int64_t by;         // shift: how far the split moves
  int64_t dim;        // squeeze, insert_axis, concat, iota
  gln_ints perm;      // transpose: result dimension → operand dimension
  gln_ints offsets;   // slice
  gln_ints sizes;     // slice: extents of the result
  gln_ints strides;   // slice, windows
  gln_ints dilations; // windows
  gln_ints window;    // windows: extents of one window
  gln_ints low;       // pad: elements before
  gln_ints high;      // pad: elements after
  gln_scalar value;   // pad: the filler
  gln_shape shape;    // reshape, broadcast: extents and split; iota: all
  int kind;           // compute
  gln_type type;      // compute: element type of the result
  const gln_scalar_body *body; // call
} gln_op_attrs;

// The result shape of |op|. |operands| are |num_operands| checked shapes. The
// type of attrs->shape is read by iota alone. EG_INVALID names the op, the
// operand, and the shapes or values that clash; EG_LIMIT when the result has
// too many dimensions or elements. |error| may be NULL; |out| is written only
// on success. O(rank + size of the body).
EG_NODISCARD
GLN_API eg_status gln_shape_infer(gln_op op, const gln_op_attrs *attrs,
                                  const gln_shape *operands,
                                  size_t num_operands, gln_shape *out,
                                  eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A dense array in row-major order: what the interpreter computes on.
#ifndef GLN_INTERP_ARRAY_H
#define GLN_INTERP_ARRAY_H

#include "view/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

// Element number n of the row-major order lies at byte n * gln_type_bytes.
// Zero is a valid empty state, which owns nothing.
typedef struct gln_array {
  gln_shape shape;
  void *data; // owned; num_bytes bytes in the host's byte order
  size_t num_bytes;
  eg_allocator allocator; // what |data| came from
} gln_array;

// An array of zeros. The shape is checked. EG_LIMIT when the bytes do not fit
// size_t; after a failure |array| is empty.
EG_NODISCARD
GLN_API eg_status gln_array_init(gln_array *array, const gln_shape *shape,
                                 eg_allocator allocator, eg_error *error);
// Frees the data and leaves |array| empty.
GLN_API void gln_array_fini(gln_array *array);
// A copy of |from| in the uninitialised |array|.
EG_NODISCARD
GLN_API eg_status gln_array_copy(gln_array *array, const gln_array *from,
                                 eg_allocator allocator, eg_error *error);

// Element number |n| in row-major order, which must exist.
GLN_API gln_scalar gln_array_get(const gln_array *array, int64_t n);
GLN_API void gln_array_set(gln_array *array, int64_t n, gln_scalar value);

// The row-major number of the element at |index|, one coordinate per dimension.
GLN_API int64_t gln_shape_linear(const gln_shape *shape, const int64_t *index);
// Its inverse: writes shape->rank coordinates.
GLN_API void gln_shape_position(const gln_shape *shape, int64_t n,
                                int64_t *index);

// Same shape and bits; a NaN equals the same NaN.
GLN_API bool gln_array_equal(const gln_array *a, const gln_array *b);

// Fills with reproducible values from |*state| (splitmix64, advanced): small
// integers in [-bound, bound] for integer types (0, 1 for i1), multiples of 1/8
// in [-bound, bound] for floats, so that short sums are exact. bound >= 1.
GLN_API void gln_array_fill_random(gln_array *array, uint64_t *state,
                                   int64_t bound);

#ifdef __cplusplus
}
#endif
#endif

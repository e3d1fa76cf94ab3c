// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linear forms of indices: what an affine map's result is when it has neither
// division nor remainder. A structured op reads operand x at one linear form
// of its loop indices per dimension of x.
#ifndef GLN_BRIDGE_LINEAR_H
#define GLN_BRIDGE_LINEAR_H

#include "mlir-c/AffineExpr.h"
#include "view/shape.h"

// sum over d of coefs[d] * i[d], plus |constant|.
typedef struct gln_linear {
  int64_t coefs[GLN_MAX_RANK];
  int64_t constant;
} gln_linear;

// Reads |expr| over |num_dims| <= GLN_MAX_RANK dimensions. False if it has a
// symbol, a division or a remainder, or if a coefficient does not fit.
bool gln_linear_read(MlirAffineExpr expr, size_t num_dims, gln_linear *out);

// i[dim].
gln_linear gln_linear_dim(size_t dim);
bool gln_linear_equal(const gln_linear *a, const gln_linear *b);
// Number of dimensions with a coefficient; |out_dim| is the last of them.
size_t gln_linear_num_terms(const gln_linear *form, size_t *out_dim);
// Whether it is i[d] alone, and which d.
bool gln_linear_is_dim(const gln_linear *form, size_t *out_dim);
// Least and greatest value over 0 <= i[d] < extents[d]. False on overflow.
bool gln_linear_range(const gln_linear *form, const int64_t *extents,
                      int64_t *out_min, int64_t *out_max);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linear forms of indices.
#include "bridge/linear.h"

#include <string.h>

// form += scale * expr.
static bool accumulate(MlirAffineExpr expr, size_t num_dims, int64_t scale,
                       gln_linear *form) {
  if (mlirAffineExprIsAConstant(expr)) {
    int64_t value;
    return !__builtin_mul_overflow(mlirAffineConstantExprGetValue(expr), scale,
                                   &value) &&
           !__builtin_add_overflow(form->constant, value, &form->constant);
  }
  if (mlirAffineExprIsADim(expr)) {
    size_t dim = (size_t)mlirAffineDimExprGetPosition(expr);
    return dim < num_dims &&
           !__builtin_add_overflow(form->coefs[dim], scale, &form->coefs[dim]);
  }
  if (!mlirAffineExprIsABinary(expr))
    return false;
  MlirAffineExpr lhs = mlirAffineBinaryOpExprGetLHS(expr);
  MlirAffineExpr rhs = mlirAffineBinaryOpExprGetRHS(expr);
  if (mlirAffineExprIsAAdd(expr))
    return accumulate(lhs, num_dims, scale, form) &&
           accumulate(rhs, num_dims, scale, form);
  // MLIR keeps the constant of a product on the right.
  return mlirAffineExprIsAMul(expr) && mlirAffineExprIsAConstant(rhs) &&
         !__builtin_mul_overflow(mlirAffineConstantExprGetValue(rhs), scale,
                                 &scale) &&
         accumulate(lhs, num_dims, scale, form);
}

bool gln_linear_read(MlirAffineExpr expr, size_t num_dims, gln_linear *out) {
  *out = (gln_linear){0};
  return accumulate(expr, num_dims, 1, out);
}

gln_linear gln_linear_dim(size_t dim) {
  gln_linear form = {0};
  form.coefs[dim] = 1;
  return form;
}

bool gln_linear_equal(const gln_linear *a, const gln_linear *b) {
  return memcmp(a, b, sizeof(*a)) == 0;
}

size_t gln_linear_num_terms(const gln_linear *form, size_t *out_dim) {
  size_t num = 0;
  for (size_t d = 0; d < GLN_MAX_RANK; ++d)
    if (form->coefs[d]) {
      *out_dim = d;
      ++num;
    }
  return num;
}

bool gln_linear_is_dim(const gln_linear *form, size_t *out_dim) {
  return gln_linear_num_terms(form, out_dim) == 1 && form->constant == 0 &&
         form->coefs[*out_dim] == 1;
}

bool gln_linear_range(const gln_linear *form, const int64_t *extents,
                      int64_t *out_min, int64_t *out_max) {
  int64_t least = form->constant, most = form->constant;
  for (size_t d = 0; d < GLN_MAX_RANK; ++d) {
    int64_t reach;
    if (!form->coefs[d])
      continue;
    if (__builtin_mul_overflow(form->coefs[d], extents[d] - 1, &reach))
      return false;
    int64_t *end = reach < 0 ? &least : &most;
    if (__builtin_add_overflow(*end, reach, end))
      return false;
  }
  *out_min = least;
  *out_max = most;
  return true;
}

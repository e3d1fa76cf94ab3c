// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What tosa-to-linalg-pipeline leaves of TOSA: constants, reshape, slice,
// pad, concat.
#include "bridge/convert_internal.h"
#include "bridge/splat.h"

static const MlirValue none = {NULL};

// The values of a tosa.const_shape.
static bool read_shape(gln_build *build, MlirOperation op, intptr_t operand,
                       size_t num, int64_t *out) {
  MlirValue value = mlirOperationGetOperand(op, operand);
  if (mlirValueIsAOpResult(value)) {
    MlirAttribute values = mlirOperationGetAttributeByName(
        mlirOpResultGetOwner(value), gln_string("values"));
    if (!mlirAttributeIsNull(values) && mlirAttributeIsADenseElements(values) &&
        (size_t)mlirElementsAttrGetNumElements(values) == num &&
        mlirTypeIsAIndex(
            mlirShapedTypeGetElementType(mlirAttributeGetType(values)))) {
      for (size_t i = 0; i < num; ++i)
        out[i] =
            (int64_t)mlirDenseElementsAttrGetIndexValue(values, (intptr_t)i);
      return true;
    }
  }
  gln_build_fail(build, "operand #%d is no constant of %zu entries",
                 (int)operand, num);
  return false;
}

MlirValue glni_convert_tosa_slice(gln_build *build, MlirOperation op) {
  MlirValue source = mlirOperationGetOperand(op, 0);
  gln_shape shape = gln_build_shape(build, source);
  int64_t offsets[GLN_MAX_RANK], sizes[GLN_MAX_RANK], ones[GLN_MAX_RANK];
  if (build->error.status || !read_shape(build, op, 1, shape.rank, offsets) ||
      !read_shape(build, op, 2, shape.rank, sizes))
    return none;
  for (size_t i = 0; i < shape.rank; ++i)
    ones[i] = 1;
  return gln_build_tensor(build,
                          gln_build_slice(build, gln_build_any(build, source),
                                          offsets, sizes, ones));
}

MlirValue glni_convert_tosa_pad(gln_build *build, MlirOperation op) {
  MlirValue source = mlirOperationGetOperand(op, 0);
  gln_shape shape = gln_build_shape(build, source);
  int64_t both[2 * GLN_MAX_RANK], low[GLN_MAX_RANK], high[GLN_MAX_RANK];
  gln_scalar filler;
  bool undefined;
  if (build->error.status || !read_shape(build, op, 1, 2u * shape.rank, both))
    return none;
  if (!gln_splat_value(mlirOperationGetOperand(op, 2), &filler, &undefined) ||
      undefined)
    return gln_build_fail(build, "the padding value is not constant");
  for (size_t i = 0; i < shape.rank; ++i) {
    low[i] = both[2 * i];
    high[i] = both[2 * i + 1];
  }
  return glni_convert_padding(build, source, low, high, filler);
}

MlirValue glni_convert_tosa_concat(gln_build *build, MlirOperation op) {
  MlirAttribute axis = mlirOperationGetAttributeByName(op, gln_string("axis"));
  return glni_convert_concat(build, op,
                             (size_t)mlirIntegerAttrGetValueInt(axis));
}

MlirValue glni_convert_tosa_const(gln_build *build, MlirOperation op) {
  MlirNamedAttribute value = gln_build_named(
      build->context, "value",
      mlirOperationGetAttributeByName(op, gln_string("values")));
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  return gln_build_op(build, "arith.constant", NULL, 0, type, &value, 1);
}

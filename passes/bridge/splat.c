// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors that hold one value everywhere.
#include "bridge/splat.h"

#include "bridge/body.h"

static bool is_named(MlirOperation op, const char *name) {
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            gln_string(name));
}

static bool splat_constant(MlirOperation op, gln_scalar *out) {
  MlirAttribute data = mlirOperationGetAttributeByName(
      op, gln_string(is_named(op, "tosa.const") ? "values" : "value"));
  gln_type type;
  if (mlirAttributeIsNull(data) || !mlirAttributeIsADenseElements(data) ||
      !mlirDenseElementsAttrIsSplat(data) ||
      !gln_element_parse(
          mlirShapedTypeGetElementType(mlirAttributeGetType(data)), &type))
    return false;
  MlirAttribute value = mlirDenseElementsAttrGetSplatValue(data);
  *out = gln_type_is_float(type)
             ? gln_scalar_from_double(type, mlirFloatAttrGetValueDouble(value))
             : gln_scalar_from_int(type, mlirIntegerAttrGetValueInt(value));
  return true;
}

// Views that show elements of their operand and nothing else.
static bool only_shows(gln_op op) {
  switch (op) {
  case GLN_OP_VIEW:
  case GLN_OP_TENSOR:
  case GLN_OP_SHIFT:
  case GLN_OP_TRANSPOSE:
  case GLN_OP_RESHAPE:
  case GLN_OP_FLATTEN:
  case GLN_OP_SQUEEZE:
  case GLN_OP_INSERT_AXIS:
  case GLN_OP_BROADCAST:
  case GLN_OP_SLICE:
  case GLN_OP_WINDOWS:
    return true;
  default:
    return false;
  }
}

bool gln_splat_value(MlirValue tensor, gln_scalar *out, bool *out_undefined) {
  *out_undefined = false;
  while (mlirValueIsAOpResult(tensor)) {
    gln_op kind;
    MlirOperation op = mlirOpResultGetOwner(tensor);
    if (is_named(op, "arith.constant") || is_named(op, "tosa.const"))
      return splat_constant(op, out);
    if (is_named(op, "tensor.empty"))
      return *out_undefined = true;
    if (is_named(op, "linalg.fill") || is_named(op, "tensor.splat"))
      return gln_body_constant(mlirOperationGetOperand(op, 0), out);
    bool shows = gln_access_is(op, &kind)
                     ? only_shows(kind)
                     : is_named(op, "tensor.expand_shape") ||
                           is_named(op, "tensor.collapse_shape") ||
                           is_named(op, "tensor.extract_slice");
    if (!shows)
      return false;
    tensor = mlirOperationGetOperand(op, 0);
  }
  return false;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "bridge/emit.h"

gln_emit gln_emit_at(MlirOperation op) {
  return (gln_emit){.context = mlirOperationGetContext(op),
                    .location = mlirOperationGetLocation(op),
                    .block = mlirOperationGetBlock(op),
                    .before = op};
}

MlirOperation gln_emit_insert(gln_emit *emit, MlirOperation op) {
  if (mlirOperationIsNull(emit->before))
    mlirBlockAppendOwnedOperation(emit->block, op);
  else
    mlirBlockInsertOwnedOperationBefore(emit->block, emit->before, op);
  return op;
}

MlirOperation gln_emit_op(gln_emit *emit, const char *name,
                          const MlirValue *operands, size_t num_operands,
                          MlirType result, const MlirNamedAttribute *attributes,
                          size_t num_attributes) {
  MlirOperationState state =
      mlirOperationStateGet(gln_string(name), emit->location);
  mlirOperationStateAddOperands(&state, (intptr_t)num_operands, operands);
  if (!mlirTypeIsNull(result))
    mlirOperationStateAddResults(&state, 1, &result);
  mlirOperationStateAddAttributes(&state, (intptr_t)num_attributes, attributes);
  return gln_emit_insert(emit, mlirOperationCreate(&state));
}

MlirValue gln_emit_value(gln_emit *emit, const char *name,
                         const MlirValue *operands, size_t num_operands,
                         MlirType result, const MlirNamedAttribute *attributes,
                         size_t num_attributes) {
  return mlirOperationGetResult(gln_emit_op(emit, name, operands, num_operands,
                                            result, attributes, num_attributes),
                                0);
}

MlirNamedAttribute gln_emit_named(const gln_emit *emit, const char *name,
                                  MlirAttribute value) {
  return mlirNamedAttributeGet(
      mlirIdentifierGet(emit->context, gln_string(name)), value);
}

MlirValue gln_emit_int(gln_emit *emit, MlirType type, int64_t value) {
  MlirNamedAttribute attribute =
      gln_emit_named(emit, "value", mlirIntegerAttrGet(type, value));
  return gln_emit_value(emit, "arith.constant", NULL, 0, type, &attribute, 1);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "bridge/block.h"

#include "cxx/glenside-cxx.h"

#include "mlir-c/BuiltinAttributes.h"

#include <stdlib.h>
#include <string.h>

bool gln_ops_init(MlirBlock block, gln_ops *out) {
  MlirOperation first = mlirBlockGetFirstOperation(block), op = first;
  *out = (gln_ops){0};
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    ++out->num;
  out->list = malloc((out->num + 1) * sizeof *out->list);
  if (!out->list)
    return gln_error(
        mlirOperationGetLocation(mlirBlockGetParentOperation(block)),
        "out of memory");
  op = first;
  for (size_t i = 0; i < out->num; ++i, op = mlirOperationGetNextInBlock(op))
    out->list[i] = op;
  return true;
}

void gln_ops_fini(gln_ops *ops) {
  free(ops->list);
  *ops = (gln_ops){0};
}

MlirBlock gln_body(MlirOperation op) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
}

MlirOperation gln_ancestor(MlirOperation op, MlirBlock block) {
  while (!mlirOperationIsNull(op) &&
         !mlirBlockEqual(mlirOperationGetBlock(op), block))
    op = mlirOperationGetParentOperation(op);
  return op;
}

MlirStringRef gln_symbol_name(MlirOperation op) {
  return mlirStringAttrGetValue(
      mlirOperationGetAttributeByName(op, gln_string("sym_name")));
}

bool gln_op_is(MlirOperation op, const char *name) {
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            gln_string(name));
}

bool gln_op_of(MlirOperation op, const char *dialect) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  size_t length = strlen(dialect);
  return name.length > length && memcmp(name.data, dialect, length) == 0;
}

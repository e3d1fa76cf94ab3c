// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// job_attr_test FILE: every systolic.kernel of the file as a job, and that job
// as a kernel again, which must be the same op to the last attribute.
#include "bridge/job_attr.h"
#include "dialect/host.h"

#include "mlir-c/RegisterEverything.h"

#include <stdio.h>

typedef struct state {
  int num, wrong;
} state;

static int differs(MlirOperation a, MlirOperation b) {
  if (mlirOperationGetNumAttributes(a) != mlirOperationGetNumAttributes(b) ||
      !mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(a, 0)),
                     mlirValueGetType(mlirOperationGetResult(b, 0))) ||
      !mlirOperationVerify(b))
    return 1;
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(a); ++i) {
    MlirNamedAttribute entry = mlirOperationGetAttribute(a, i);
    if (!mlirAttributeEqual(
            entry.attribute,
            mlirOperationGetAttributeByName(b, mlirIdentifierStr(entry.name))))
      return 1;
  }
  return 0;
}

static MlirWalkResult visit(MlirOperation op, void *user) {
  state *s = user;
  eg_allocator memory = eg_allocator_default();
  eg_error error = {0};
  gln_kernel kernel;
  MlirValue operands[GLN_JOB_MAX_OPERANDS];
  if (!gln_systolic_is_kernel(op))
    return MlirWalkResultAdvance;
  if (gln_kernel_read(op, &memory, &kernel, &error)) {
    printf("not read: %s\n", error.text);
    ++s->wrong;
    return MlirWalkResultAdvance;
  }
  ++s->num;
  for (intptr_t k = 0; k < mlirOperationGetNumOperands(op); ++k)
    operands[k] = mlirOperationGetOperand(op, k);
  MlirOperation again = gln_kernel_build(
      mlirOperationGetLocation(op), &kernel.job, kernel.target.data,
      kernel.instruction.length ? kernel.instruction.data : "", operands,
      &error);
  if (mlirOperationIsNull(again)) {
    printf("not built: %s\n", error.text);
    ++s->wrong;
  } else if (differs(op, again)) {
    printf("differs:\n");
    mlirOperationDump(again);
    ++s->wrong;
  }
  // A tensor of another shape is refused in words.
  MlirType f32 = mlirF32TypeGet(mlirOperationGetContext(op));
  MlirType other = mlirRankedTensorTypeGet(1, (const int64_t[]){12345}, f32,
                                           mlirAttributeGetNull());
  MlirLocation at = mlirOperationGetLocation(op);
  MlirBlock block = mlirBlockCreate(1, &other, &at);
  operands[0] = mlirBlockGetArgument(block, 0);
  MlirOperation none =
      gln_kernel_build(at, &kernel.job, "t", "", operands, &error);
  if (!mlirOperationIsNull(none)) {
    printf("built on a tensor of another shape\n");
    ++s->wrong;
  } else {
    printf("%s\n", error.text);
  }
  mlirBlockDestroy(block);
  if (!mlirOperationIsNull(again))
    mlirOperationDestroy(again);
  gln_kernel_fini(&kernel);
  return MlirWalkResultAdvance;
}

int main(int argc, char **argv) {
  state s = {0};
  if (argc != 2)
    return 2;
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(registry);
  for (size_t i = 0; gln_dialects[i]; ++i)
    gln_dialect_insert(registry, gln_dialects[i]);
  MlirContext context = mlirContextCreateWithRegistry(registry, false);
  mlirDialectRegistryDestroy(registry);
  MlirModule module =
      mlirModuleCreateParseFromFile(context, gln_string(argv[1]));
  if (mlirModuleIsNull(module))
    return 2;
  mlirOperationWalk(mlirModuleGetOperation(module), visit, &s,
                    MlirWalkPreOrder);
  printf("%d kernels, %d wrong\n", s.num, s.wrong);
  mlirModuleDestroy(module);
  mlirContextDestroy(context);
  return s.wrong || !s.num;
}

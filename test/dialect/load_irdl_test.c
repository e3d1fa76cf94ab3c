// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The access dialect for a C program that links none of our code: IRDL text
// and the upstream C API. usage: load_irdl_test IRDL_FILE PROGRAM
#include "mlir-c/Dialect/Func.h"
#include "mlir-c/Dialect/IRDL.h"
#include "mlir-c/IR.h"

#include <stdio.h>
#include <stdlib.h>

// The whole file, terminated, or NULL; freed by the caller.
static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  enum { MAX = 1 << 20 };
  char *text = calloc(1, MAX);
  if (text)
    text[fread(text, 1, MAX - 1, file)] = '\0';
  fclose(file);
  return text;
}

static MlirModule parse(MlirContext context, const char *text) {
  MlirModule none = {NULL};
  return text ? mlirModuleCreateParse(context,
                                      mlirStringRefCreateFromCString(text))
              : none;
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  MlirContext context = mlirContextCreate();
  mlirDialectHandleLoadDialect(mlirGetDialectHandle__irdl__(), context);
  mlirDialectHandleLoadDialect(mlirGetDialectHandle__func__(), context);
  char *texts[2] = {read_file(argv[1]), read_file(argv[2])};
  int result = 1;
  MlirModule definition = parse(context, texts[0]);
  if (!mlirModuleIsNull(definition) &&
      mlirLogicalResultIsSuccess(mlirLoadIRDLDialects(definition))) {
    MlirModule program = parse(context, texts[1]);
    if (!mlirModuleIsNull(program)) {
      MlirOperation op = mlirModuleGetOperation(program);
      result = mlirOperationVerify(op) ? 0 : 1;
      printf("%s\n", result ? "rejected" : "accepted");
      mlirModuleDestroy(program);
    }
  }
  if (!mlirModuleIsNull(definition))
    mlirModuleDestroy(definition);
  free(texts[0]);
  free(texts[1]);
  mlirContextDestroy(context);
  return result;
}

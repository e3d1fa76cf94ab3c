// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passes that exercise passes/cxx/glenside-cxx.h. They take the place of the
// list in passes/passes.c, in a driver and in a plugin of their own.
#include "passes.h"

#include "dialect/access.h"

#include <inttypes.h>
#include <string.h>

// Calls |visit| on every operation below |op|, in the order of the text.
static MlirWalkResult call_visit(MlirOperation op, void *visit) {
  ((void (*)(MlirOperation))visit)(op);
  return MlirWalkResultAdvance;
}

static bool walk(MlirOperation op, void (*visit)(MlirOperation)) {
  void *data;
  memcpy(&data, &visit, sizeof(data));
  mlirOperationWalk(op, call_visit, data, MlirWalkPreOrder);
  return true;
}

//===-- Options -----------------------------------------------------------===//

static bool run_options(MlirOperation op, gln_pass_context *pass) {
  MlirLocation at = mlirOperationGetLocation(op);
  gln_info(at, "bool=%d int=%" PRId64 " real=%g string=[%s]",
           gln_pass_bool(pass, "bool"), gln_pass_int(pass, "int"),
           gln_pass_real(pass, "real"), gln_pass_string(pass, "string"));
  for (size_t i = 0; i < gln_pass_list_size(pass, "ints"); ++i)
    gln_info(at, "ints[%zu]=%" PRId64, i, gln_pass_list_int(pass, "ints", i));
  for (size_t i = 0; i < gln_pass_list_size(pass, "strings"); ++i)
    gln_info(at, "strings[%zu]=[%s]", i,
             gln_pass_list_string(pass, "strings", i));
  if (gln_pass_int(pass, "int") < 0)
    return gln_error(at, "int %" PRId64 " is negative",
                     gln_pass_int(pass, "int"));
  if (gln_pass_bool(pass, "misuse"))
    (void)gln_pass_int(pass, "absent");
  return true;
}

static const gln_option options[] = {
    {"bool", "A truth value", GLN_OPTION_BOOL, "true"},
    {"int", "A whole number", GLN_OPTION_INT, "7"},
    {"real", "A number", GLN_OPTION_REAL, "0.5"},
    {"string", "Some text", GLN_OPTION_STRING, "none"},
    {"ints", "Whole numbers", GLN_OPTION_INT_LIST, "1,2"},
    {"strings", "Texts", GLN_OPTION_STRING_LIST, NULL},
    {"misuse", "Ask for an option that is not there", GLN_OPTION_BOOL, NULL},
    {0}};

static const gln_pass test_options = {.flag = "test-options",
                                      .summary = "Reports its options",
                                      .options = options,
                                      .run = run_options};

//===-- Diagnostics and remarks -------------------------------------------===//

static bool name_is(MlirOperation op, const char *name) {
  MlirStringRef is = mlirIdentifierStr(mlirOperationGetName(op));
  return mlirStringRefEqual(is, mlirStringRefCreateFromCString(name));
}

static void diagnose(MlirOperation op) {
  MlirLocation at = mlirOperationGetLocation(op);
  if (name_is(op, "arith.constant"))
    gln_warning(at, "a constant of %d kind", 1);
  if (name_is(op, "arith.addi"))
    gln_op_error(op, "adds %s", "integers");
  if (name_is(op, "arith.muli")) {
    gln_note note = {at, "it was here"};
    gln_diagnose(at, MlirDiagnosticError, "a product", &note, 1);
  }
}

static bool run_diagnostics(MlirOperation op, gln_pass_context *pass) {
  (void)pass;
  return walk(op, diagnose);
}

static const gln_pass test_diagnostics = {.flag = "test-diagnostics",
                                          .summary = "Emits each severity",
                                          .anchor = "func.func",
                                          .run = run_diagnostics};

static void remark_on(MlirOperation op) {
  gln_remark_arg args[] = {{"Reason", "no unit multiplies", 0},
                           {"Extent", NULL, 42}};
  if (name_is(op, "arith.muli"))
    gln_remark(op, GLN_REMARK_MISSED, "glenside-test", "NoInstruction", args,
               2);
  if (name_is(op, "arith.addi"))
    gln_remark(op, GLN_REMARK_PASSED, "glenside-test", "Mapped", args + 1, 1);
  if (name_is(op, "arith.subi"))
    gln_remark(op, GLN_REMARK_FAILED, "glenside-test", "Undone", NULL, 0);
  if (name_is(op, "func.return"))
    gln_remark(op, GLN_REMARK_ANALYSIS, "glenside-count", "Ops", args + 1, 1);
}

static bool run_remarks(MlirOperation op, gln_pass_context *pass) {
  (void)pass;
  return walk(op, remark_on);
}

static const gln_pass test_remarks = {.flag = "test-remarks",
                                      .summary = "Emits each kind of remark",
                                      .anchor = "builtin.module",
                                      .run = run_remarks};

//===-- Constant data -----------------------------------------------------===//

static void describe(MlirOperation op) {
  MlirAttribute value = mlirOperationGetAttributeByName(
      op, mlirStringRefCreateFromCString("value"));
  if (mlirAttributeIsNull(value))
    return;
  gln_data data;
  gln_data_status status = gln_data_get(value, &data);
  unsigned first = 0;
  if (data.bytes)
    first = *(const unsigned char *)data.bytes;
  gln_info(mlirOperationGetLocation(op),
           "data %s: %zu of %zu bytes, %zu each%s%s, key %s, first 0x%02x",
           gln_data_status_text(status), data.num_bytes, data.want_bytes,
           data.element_bytes, data.is_splat ? ", splat" : "",
           data.is_packed ? ", packed" : "", data.key ? data.key : "-", first);
}

static bool run_data(MlirOperation op, gln_pass_context *pass) {
  (void)pass;
  return walk(op, describe);
}

static const gln_pass test_data = {.flag = "test-data",
                                   .summary = "Describes 'value' attributes",
                                   .anchor = "builtin.module",
                                   .run = run_data};

//===-- Dependent dialects and nested pipelines ---------------------------===//

static bool run_nested(MlirOperation op, gln_pass_context *pass) {
  return gln_pass_run_pipeline(pass, op, gln_pass_string(pass, "pipeline"));
}

static const gln_pass test_pipeline = {
    .flag = "test-pipeline",
    .summary = "Runs a pipeline given as text",
    .anchor = "builtin.module",
    .options =
        (const gln_option[]){
            {"pipeline", "The pipeline", GLN_OPTION_STRING, "cse"}, {0}},
    .run = run_nested};

static bool run_create(MlirOperation op, gln_pass_context *pass) {
  (void)pass;
  MlirContext context = mlirOperationGetContext(op);
  MlirOperationState state =
      mlirOperationStateGet(mlirStringRefCreateFromCString("tensor.empty"),
                            mlirOperationGetLocation(op));
  MlirType type = mlirTypeParseGet(
      context, mlirStringRefCreateFromCString("tensor<2xf32>"));
  mlirOperationStateAddResults(&state, 1, &type);
  MlirOperation empty = mlirOperationCreate(&state);
  if (mlirOperationIsNull(empty))
    return gln_error(mlirOperationGetLocation(op), "tensor is not loaded");
  mlirBlockInsertOwnedOperation(
      mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)), 0, empty);
  return true;
}

static const gln_pass test_create = {
    .flag = "test-create",
    .summary = "Creates a tensor op in a module without tensors",
    .anchor = "builtin.module",
    .dialects = (const char *const[]){"tensor", NULL},
    .run = run_create};

//===-- The access dialect from C -----------------------------------------===//

typedef struct {
  MlirOperation ops[64];
  size_t num;
} access_ops;

static MlirWalkResult collect(MlirOperation op, void *user) {
  access_ops *list = user;
  gln_op kind;
  if (gln_access_is(op, &kind) && list->num < 64)
    list->ops[list->num++] = op;
  return MlirWalkResultAdvance;
}

// Reads |op|, builds it again from what was read, and puts it in place.
static bool rebuild(MlirOperation op) {
  eg_error error = {0};
  gln_access_use use;
  MlirValue operands[GLN_MAX_OPERANDS];
  char symbol[32] = "";
  MlirLocation at = mlirOperationGetLocation(op);
  if (gln_access_read(op, &use, &error))
    return gln_error(at, "%s", error.text);
  if (use.is_symbolic) {
    gln_info(at, "symbolic");
    return true;
  }
  for (size_t i = 0; i < use.num_operands; ++i)
    operands[i] = mlirOperationGetOperand(op, (intptr_t)i);
  if (use.symbol.length && use.symbol.length < sizeof(symbol))
    memcpy(symbol, use.symbol.data, use.symbol.length);
  MlirOperation again =
      gln_access_build(mlirOperationGetContext(op), at, use.op, &use.attrs,
                       operands, use.num_operands, symbol, &error);
  if (mlirOperationIsNull(again))
    return gln_error(at, "%s", error.text);
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(op), op, again);
  mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0),
                                mlirOperationGetResult(again, 0));
  mlirOperationDestroy(op);
  return true;
}

static bool run_rebuild(MlirOperation op, gln_pass_context *pass) {
  (void)pass;
  access_ops list = {.num = 0};
  mlirOperationWalk(op, collect, &list, MlirWalkPreOrder);
  for (size_t i = 0; i < list.num; ++i)
    if (!rebuild(list.ops[i]))
      return false;
  return true;
}

static const gln_pass test_rebuild = {
    .flag = "test-rebuild-access",
    .summary = "Reads every access op and builds it again",
    .anchor = "builtin.module",
    .run = run_rebuild};

// Whatever cannot be built gives a message and no operation.
static bool run_build_errors(MlirOperation op, gln_pass_context *pass) {
  (void)pass;
  MlirContext context = mlirOperationGetContext(op);
  MlirLocation at = mlirOperationGetLocation(op);
  eg_error error = {0};
  gln_op_attrs attrs = {.dim = 5};
  attrs.shape.rank = 1;
  attrs.shape.dims[0] = 3;
  gln_text text;
  MlirType type = gln_pattern_get(context, &attrs.shape, &error);
  if (!mlirTypeIsNull(type))
    gln_info(at, "type %s", gln_type_text(type, text));
  else
    gln_info(at, "no type: %s", error.text);
  attrs.shape.dims[0] = 0;
  type = gln_pattern_get(context, &attrs.shape, &error);
  gln_info(at, "%d: %s", mlirTypeIsNull(type), error.text);
  attrs.shape.dims[0] = 3;
  MlirOperation none =
      gln_access_build(context, at, GLN_OP_IOTA, &attrs, NULL, 0, NULL, &error);
  gln_info(at, "%d: %s", mlirOperationIsNull(none), error.text);
  none =
      gln_access_build(context, at, GLN_OP_PAIR, &attrs, NULL, 0, NULL, &error);
  gln_info(at, "%d: %s", mlirOperationIsNull(none), error.text);
  return true;
}

static const gln_pass test_build_errors = {
    .flag = "test-build-errors",
    .summary = "Builds what cannot be built",
    .anchor = "builtin.module",
    .dialects = (const char *const[]){"access", NULL},
    .run = run_build_errors};

static const gln_pass test_not_loaded = {.flag = "test-not-loaded",
                                         .summary =
                                             "The same without the dialect",
                                         .anchor = "builtin.module",
                                         .run = run_build_errors};

const gln_pass *const gln_passes[] = {&test_options,    &test_diagnostics,
                                      &test_remarks,    &test_data,
                                      &test_pipeline,   &test_create,
                                      &test_rebuild,    &test_build_errors,
                                      &test_not_loaded, NULL};

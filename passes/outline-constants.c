// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --outline-constants: what depends on constants alone, in a function of its own.
//
// An op is constant if it is pure and reads constants, or results of constant
// ops, only. The search leaves many of them: weights scaled by a batch-norm,
// transposed, packed for an array. Values that an op of the run reads of a
// constant op become results of @<function>_constants.
//
// Two kinds of constant op stay in the run, and then so does what they feed from
// of the same kinds (if other constant ops read them as well, they are in both):
//   - one that reads no data, as the fill of an accumulator: its value takes
//     memory, while computing it anew costs no more than reading it would
//   - one whose result is over |growth| times as large as the data it is made
//     from, as a bias spread over an image
//
// The marks of the analysis are attributes of the ops while it runs: of a
// constant op the bytes of data that it is made from, at most, and whether the run
// needs it all the same.
#include "bridge/block.h"
#include "passes.h"
#include "run/tensor.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mark[] = "glenside.constant", stays[] = "glenside.stays";

//===-- Marks -------------------------------------------------------------===//

// Bytes of data that |op| is made from, or -1 if it is not constant.
static int64_t data_of(MlirOperation op) {
  MlirAttribute bytes =
      mlirOperationGetDiscardableAttributeByName(op, gln_string(mark));
  return mlirAttributeIsNull(bytes) ? -1 : mlirIntegerAttrGetValueInt(bytes);
}

static void set_data(MlirOperation op, int64_t bytes) {
  MlirType i64 = mlirIntegerTypeGet(mlirOperationGetContext(op), 64);
  mlirOperationSetDiscardableAttributeByName(op, gln_string(mark),
                                             mlirIntegerAttrGet(i64, bytes));
}

static void unmark(MlirOperation op) {
  mlirOperationRemoveDiscardableAttributeByName(op, gln_string(mark));
  mlirOperationRemoveDiscardableAttributeByName(op, gln_string(stays));
}

static bool is_constant(MlirOperation op) {
  return data_of(op) >= 0;
}

static bool is_run(MlirOperation op) {
  return !is_constant(op) ||
         !mlirAttributeIsNull(
             mlirOperationGetDiscardableAttributeByName(op, gln_string(stays)));
}

static void set_stays(MlirOperation op) {
  mlirOperationSetDiscardableAttributeByName(
      op, gln_string(stays), mlirUnitAttrGet(mlirOperationGetContext(op)));
}

//===-- Which ops are constant --------------------------------------------===//

typedef struct operands {
  MlirOperation op; // in |block|
  MlirBlock block;
  int64_t bytes; // of data; -1: something is not constant
} operands;

// The op of the block that |value| comes from; null: it is an argument.
static MlirOperation source_of(MlirValue value, MlirBlock block) {
  if (mlirValueIsAOpResult(value))
    return gln_ancestor(mlirOpResultGetOwner(value), block);
  return gln_ancestor(
      mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(value)), block);
}

static MlirWalkResult add_operands(MlirOperation op, void *user) {
  operands *sum = user;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirOperation source =
        source_of(mlirOperationGetOperand(op, i), sum->block);
    if (mlirOperationEqual(source, sum->op))
      continue; // of a region of its own
    int64_t bytes = mlirOperationIsNull(source) ? -1 : data_of(source);
    if (bytes < 0 || __builtin_add_overflow(sum->bytes, bytes, &sum->bytes)) {
      sum->bytes = -1;
      return MlirWalkResultInterrupt;
    }
  }
  return MlirWalkResultAdvance;
}

// Bytes of an arith.constant, 0 of a number, -1 if it has no data.
static int64_t constant_bytes(MlirOperation op) {
  gln_tensor tensor;
  gln_data data;
  const char *why;
  if (!gln_tensor_of_type(mlirValueGetType(mlirOperationGetResult(op, 0)),
                          &tensor, &why))
    return -1;
  if (tensor.is_number)
    return 0;
  MlirAttribute value =
      mlirOperationGetAttributeByName(op, gln_string("value"));
  if (gln_data_get(value, &data) != GLN_DATA_OK)
    return -1;
  return (int64_t)tensor.num_bytes;
}

static void mark_constant(MlirOperation op, MlirBlock block) {
  operands sum = {.op = op, .block = block, .bytes = -1};
  if (gln_op_is(op, "arith.constant")) {
    sum.bytes = constant_bytes(op);
  } else if (mlirOperationGetNumResults(op) && !gln_op_of(op, "systolic.") &&
             gln_op_is_pure(op)) {
    sum.bytes = 0;
    mlirOperationWalk(op, add_operands, &sum, MlirWalkPreOrder);
  }
  if (sum.bytes >= 0)
    set_data(op, sum.bytes);
}

//===-- Which results are worth their memory ------------------------------===//

// Whether an op of the run reads |value|.
static bool is_needed(MlirValue value, MlirBlock block) {
  for (MlirOpOperand use = mlirValueGetFirstUse(value);
       !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use))
    if (is_run(gln_ancestor(mlirOpOperandGetOwner(use), block)))
      return true;
  return false;
}

// Whether |value|, made from |bytes| of data, can be kept and should be.
static bool can_keep(MlirValue value, int64_t bytes, int64_t growth) {
  gln_tensor tensor;
  const char *why;
  return gln_tensor_of_type(mlirValueGetType(value), &tensor, &why) &&
         !tensor.is_number && tensor.count &&
         (int64_t)tensor.num_bytes / growth <= bytes && bytes;
}

// Marks |op| if it stays in the run. Its users come first.
// Returns how many of its results the run reads.
static size_t settle(MlirOperation op, MlirBlock block, int64_t growth) {
  size_t needed = 0;
  if (is_run(op) || gln_op_is(op, "arith.constant"))
    return 0;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirValue value = mlirOperationGetResult(op, i);
    if (!is_needed(value, block))
      continue;
    ++needed;
    if (!can_keep(value, data_of(op), growth)) {
      set_stays(op);
      return 0;
    }
  }
  return needed;
}

static bool no_memory(MlirOperation op) {
  return gln_error(mlirOperationGetLocation(op), "out of memory");
}

// Marks the constant ops of |all|; returns the number of their results that the
// run reads.
static size_t analyse(const gln_ops *all, MlirBlock block, int64_t growth) {
  size_t num = 0;
  for (size_t i = 0; i < all->num; ++i)
    mark_constant(all->list[i], block);
  for (size_t i = all->num; i-- > 0;)
    num += settle(all->list[i], block, growth);
  return num;
}

//===-- The new function --------------------------------------------------===//

// The results that the run reads, in program order.
static void collect(const gln_ops *all, MlirBlock block, MlirValue *out) {
  for (size_t i = 0; i < all->num; ++i) {
    MlirOperation op = all->list[i];
    if (is_run(op) || gln_op_is(op, "arith.constant"))
      continue;
    for (intptr_t k = 0; k < mlirOperationGetNumResults(op); ++k)
      if (is_needed(mlirOperationGetResult(op, k), block))
        *out++ = mlirOperationGetResult(op, k);
  }
}

// Leaves of |function|, a copy of the original, its constant ops, and a return
// of the results that the run reads.
static bool reduce(MlirOperation function, size_t num_results) {
  MlirContext context = mlirOperationGetContext(function);
  MlirBlock block = gln_body(function);
  gln_ops all;
  MlirValue *results = malloc(num_results * sizeof *results);
  MlirType *types = malloc(num_results * sizeof *types);
  bool ok = (results && types) || no_memory(function);
  ok = ok && gln_ops_init(block, &all);
  if (ok) {
    collect(&all, block, results);
    for (size_t i = all.num; i-- > 0;)
      if (is_constant(all.list[i]))
        unmark(all.list[i]);
      else
        mlirOperationDestroy(all.list[i]);
    while (mlirBlockGetNumArguments(block))
      mlirBlockEraseArgument(block, 0);
    for (size_t i = 0; i < num_results; ++i)
      types[i] = mlirValueGetType(results[i]);
    MlirOperationState end = mlirOperationStateGet(
        gln_string("func.return"), mlirOperationGetLocation(function));
    mlirOperationStateAddOperands(&end, (intptr_t)num_results, results);
    mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&end));
    mlirOperationSetInherentAttributeByName(
        function, gln_string("function_type"),
        mlirTypeAttrGet(mlirFunctionTypeGet(context, 0, NULL,
                                            (intptr_t)num_results, types)));
    gln_ops_fini(&all);
  }
  free(types);
  free(results);
  return ok;
}

// What is true of the original and not of its constants goes; the name is new.
static void rename_copy(MlirOperation copy, MlirSymbolTable symbols) {
  MlirContext context = mlirOperationGetContext(copy);
  char name[256];
  MlirStringRef old = gln_symbol_name(copy);
  snprintf(name, sizeof name, "%.*s_constants", (int)old.length, old.data);
  while (mlirOperationGetNumDiscardableAttributes(copy))
    mlirOperationRemoveDiscardableAttributeByName(
        copy,
        mlirIdentifierStr(mlirOperationGetDiscardableAttribute(copy, 0).name));
  mlirOperationRemoveAttributeByName(copy, gln_string("arg_attrs"));
  mlirOperationRemoveAttributeByName(copy, gln_string("res_attrs"));
  mlirOperationSetInherentAttributeByName(
      copy, gln_string("sym_name"),
      mlirStringAttrGet(context, gln_string(name)));
  mlirOperationSetInherentAttributeByName(
      copy, gln_string("sym_visibility"),
      mlirStringAttrGet(context, gln_string("private")));
  mlirOperationSetDiscardableAttributeByName(copy, gln_string(GLN_CONSTANTS),
                                             mlirUnitAttrGet(context));
  mlirSymbolTableInsert(symbols, copy);
}

// A call of |callee| in front of all: its results stand for |values|.
static void replace(MlirOperation callee, MlirBlock block,
                    const MlirValue *values, size_t num) {
  MlirContext context = mlirOperationGetContext(callee);
  MlirType type = mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(callee, gln_string("function_type")));
  MlirNamedAttribute name = mlirNamedAttributeGet(
      mlirIdentifierGet(context, gln_string("callee")),
      mlirFlatSymbolRefAttrGet(context, gln_symbol_name(callee)));
  MlirOperationState state = mlirOperationStateGet(
      gln_string("func.call"), mlirOperationGetLocation(callee));
  mlirOperationStateAddAttributes(&state, 1, &name);
  for (size_t i = 0; i < num; ++i) {
    MlirType result = mlirFunctionTypeGetResult(type, (intptr_t)i);
    mlirOperationStateAddResults(&state, 1, &result);
  }
  MlirOperation call = mlirOperationCreate(&state);
  mlirBlockInsertOwnedOperation(block, 0, call);
  for (size_t i = 0; i < num; ++i)
    mlirValueReplaceAllUsesOfWith(values[i],
                                  mlirOperationGetResult(call, (intptr_t)i));
}

//===-- The pass ----------------------------------------------------------===//

// The constants of |function|, whose ops are |all|: |num| results of marked ops.
static bool split(MlirOperation function, MlirSymbolTable symbols,
                  const gln_ops *all, size_t num) {
  MlirBlock block = gln_body(function);
  MlirValue *values = malloc(num * sizeof *values);
  MlirOperation copy = mlirOperationClone(function);
  bool ok = values || no_memory(function);
  if (ok)
    collect(all, block, values);
  if (!ok || !reduce(copy, num)) {
    mlirOperationDestroy(copy);
    free(values);
    return false;
  }
  rename_copy(copy, symbols);
  replace(copy, block, values, num);
  free(values);
  return true;
}

static bool outline(MlirOperation function, MlirSymbolTable symbols,
                    int64_t growth) {
  MlirBlock block = gln_body(function);
  gln_ops all;
  if (!gln_ops_init(block, &all))
    return false;
  size_t num = analyse(&all, block, growth);
  bool ok = !num || split(function, symbols, &all, num);
  for (size_t i = 0; i < all.num; ++i)
    unmark(all.list[i]);
  gln_ops_fini(&all);
  return ok;
}

// Whether |op| is a function of one block, and none that was outlined.
static bool is_candidate(MlirOperation op) {
  if (!gln_op_is(op, "func.func") ||
      !mlirAttributeIsNull(mlirOperationGetDiscardableAttributeByName(
          op, gln_string(GLN_CONSTANTS))))
    return false;
  MlirBlock block = gln_body(op);
  return !mlirBlockIsNull(block) &&
         mlirBlockIsNull(mlirBlockGetNextInRegion(block));
}

static bool run(MlirOperation module, gln_pass_context *pass) {
  int64_t growth = gln_pass_int(pass, "growth");
  if (growth < 1)
    return gln_error(mlirOperationGetLocation(module),
                     "growth = %" PRId64 " is not positive", growth);
  gln_ops all;
  if (!gln_ops_init(gln_body(module), &all))
    return false;
  MlirSymbolTable symbols = mlirSymbolTableCreate(module);
  bool ok = true;
  for (size_t i = 0; i < all.num && ok; ++i)
    if (is_candidate(all.list[i]))
      ok = outline(all.list[i], symbols, growth);
  mlirSymbolTableDestroy(symbols);
  gln_ops_fini(&all);
  return ok;
}

static const gln_option options[] = {
    {"growth",
     "Keep results up to so many times as large as the data they are made from",
     GLN_OPTION_INT, "4"},
    {0}};

const gln_pass gln_pass_outline_constants = {
    .flag = "outline-constants",
    .summary = "Moves what depends on constants alone to its own function",
    .description =
        "Pure ops that read constants, or results of such ops, only: weights "
        "scaled, transposed, packed. In a function of one block, "
        "what the rest of it reads of them becomes the results of "
        "`@<function>_constants`, which has the attribute "
        "`" GLN_CONSTANTS "`. Results without data, as a fill, stay where they "
        "are, and so do those more than `growth` times as large as the data "
        "they are made from, as a bias spread over an image. "
        "`--fold-constants` evaluates the function.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = (const char *const[]){"func", NULL},
    .run = run,
};

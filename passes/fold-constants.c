// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --fold-constants: what --outline-constants found, computed here and now.
//
// A function of constants is compiled and called as glenside-run does it, which
// takes whatever upstream lowers and gives the bits that the run would have
// computed. Each result becomes a resource in place of the call's.
//
// Why not a function that the program calls once? The original weights would have
// to be in memory beside what is made of them: twice the weights, in every
// process, while only one of the two is ever read again.
#include "bridge/block.h"
#include "passes.h"
#include "run/engine.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//===-- Calls -------------------------------------------------------------===//

typedef struct calls {
  MlirStringRef callee;
  MlirOperation first;
  size_t num;
} calls;

static MlirWalkResult find_call(MlirOperation op, void *user) {
  calls *c = user;
  MlirAttribute callee =
      mlirOperationGetAttributeByName(op, gln_string("callee"));
  if (gln_op_is(op, "func.call") &&
      mlirStringRefEqual(mlirFlatSymbolRefAttrGetValue(callee), c->callee) &&
      !c->num++)
    c->first = op;
  return MlirWalkResultAdvance;
}

//===-- Evaluation --------------------------------------------------------===//

typedef struct evaluation {
  gln_callable program;
  gln_tensor *results;
} evaluation;

static void evaluation_fini(evaluation *e) {
  const eg_allocator *memory = &e->program.allocator;
  for (size_t i = 0; e->results && i < e->program.num_results; ++i)
    gln_tensor_fini(&e->results[i], memory);
  free(e->results);
  gln_callable_fini(&e->program);
}

static bool call(evaluation *e, MlirLocation location, int opt_level) {
  gln_engine_options options = {.opt_level = opt_level};
  e->results = calloc(e->program.num_results, sizeof *e->results);
  if (!e->results)
    return gln_error(location, "out of memory");
  gln_engine *engine = gln_engine_create(&e->program, &options);
  if (!engine)
    return false;
  gln_run_status status = gln_engine_run(engine, &e->program, e->results, NULL);
  gln_engine_destroy(engine);
  return status == GLN_RUN_OK ||
         gln_error(location, "@%s cannot be evaluated: %s", e->program.entry,
                   status == GLN_RUN_NO_MEMORY
                       ? "out of memory"
                       : "it stopped at an assertion of its own");
}

// LLVM's scheduler takes more than linear time over the return of a function with
// many results: 2.4 s for the 105 of MobileNet-v2 at once.
enum { MAX_RESULTS = 8 };

typedef struct part {
  size_t first, num; // of the function's results
} part;

// Leaves of |function| these results only.
static void cut(MlirOperation function, const part *p) {
  MlirContext context = mlirOperationGetContext(function);
  MlirOperation end = mlirBlockGetTerminator(gln_body(function));
  MlirValue values[MAX_RESULTS];
  MlirType types[MAX_RESULTS];
  for (size_t i = 0; i < p->num; ++i) {
    values[i] = mlirOperationGetOperand(end, (intptr_t)(p->first + i));
    types[i] = mlirValueGetType(values[i]);
  }
  mlirOperationSetOperands(end, (intptr_t)p->num, values);
  mlirOperationSetInherentAttributeByName(
      function, gln_string("function_type"),
      mlirTypeAttrGet(
          mlirFunctionTypeGet(context, 0, NULL, (intptr_t)p->num, types)));
}

static MlirOperation find_function(MlirOperation module, MlirStringRef name) {
  MlirSymbolTable symbols = mlirSymbolTableCreate(module);
  MlirOperation function = mlirSymbolTableLookup(symbols, name);
  mlirSymbolTableDestroy(symbols);
  return function;
}

// A module with the function |name| of |module| and no other, on linalg; null: the
// conversion failed, and said why. What is evaluated calls nothing.
static MlirOperation isolate(MlirOperation module, MlirStringRef name) {
  MlirOperation alone = mlirOperationClone(module);
  if (!gln_run_pipeline(alone, "convert-access-to-linalg")) {
    mlirOperationDestroy(alone);
    return (MlirOperation){NULL};
  }
  MlirOperation function = find_function(alone, name), next;
  MlirOperation op = mlirBlockGetFirstOperation(gln_body(alone));
  for (; !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (gln_op_is(op, "func.func") && !mlirOperationEqual(op, function))
      mlirOperationDestroy(op);
  }
  return alone;
}

// Runs a part of the function |name| in a copy of |alone|, where it stands.
static bool evaluate(MlirOperation alone, MlirStringRef name, const part *p,
                     int opt_level, evaluation *out) {
  eg_allocator memory = eg_allocator_default();
  MlirOperation copy = mlirOperationClone(alone);
  gln_callable_options options = {.entry = name.data, .hoist_bytes = 1024};
  MlirOperation entry = find_function(copy, name);
  MlirLocation location = mlirOperationGetLocation(entry);
  cut(entry, p);
  *out = (evaluation){.results = NULL};
  return gln_callable_init(&out->program, copy, &options, &memory) &&
         call(out, location, opt_level);
}

//===-- Results as constants ----------------------------------------------===//

static void release(void *user, const void *data, size_t size, size_t align) {
  eg_allocator memory = eg_allocator_default();
  (void)user, (void)align;
  memory.resize(memory.user, (void *)(uintptr_t)data, size, 0);
}

// An arith.constant of |tensor|, whose data it takes over.
static MlirOperation make_constant(MlirLocation location, MlirType type,
                                   const char *key, gln_tensor *tensor) {
  MlirContext context = mlirLocationGetContext(location);
  MlirAttribute value = mlirUnmanagedDenseResourceElementsAttrGet(
      type, gln_string(key), tensor->data, tensor->num_bytes,
      _Alignof(max_align_t), false, release, NULL);
  tensor->is_owned = false;
  MlirNamedAttribute attribute = mlirNamedAttributeGet(
      mlirIdentifierGet(context, gln_string("value")), value);
  MlirOperationState state =
      mlirOperationStateGet(gln_string("arith.constant"), location);
  mlirOperationStateAddAttributes(&state, 1, &attribute);
  mlirOperationStateAddResults(&state, 1, &type);
  return mlirOperationCreate(&state);
}

// Puts the results of |e|, which are |p|, in place of those of |op|, a call of
// |name|.
static void replace(MlirOperation op, MlirStringRef name, const part *p,
                    evaluation *e) {
  for (size_t i = 0; i < p->num; ++i) {
    MlirValue old = mlirOperationGetResult(op, (intptr_t)(p->first + i));
    char key[300];
    snprintf(key, sizeof key, "%.*s_%zu", (int)name.length, name.data,
             p->first + i);
    MlirOperation constant =
        make_constant(mlirOperationGetLocation(op), mlirValueGetType(old), key,
                      &e->results[i]);
    mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(op), op,
                                        constant);
    mlirValueReplaceAllUsesOfWith(old, mlirOperationGetResult(constant, 0));
  }
}

//===-- The pass ----------------------------------------------------------===//

// Folds |function|, which then goes.
static bool fold(MlirOperation module, MlirOperation function, int opt_level) {
  calls found = {.callee = gln_symbol_name(function)};
  mlirOperationWalk(module, find_call, &found, MlirWalkPreOrder);
  if (found.num != 1)
    return gln_op_error(function,
                        "is marked " GLN_CONSTANTS ", but is called %zu times",
                        found.num);
  size_t num = (size_t)mlirOperationGetNumResults(found.first);
  MlirOperation alone = isolate(module, found.callee);
  bool ok = !mlirOperationIsNull(alone);
  for (size_t first = 0; first < num && ok; first += MAX_RESULTS) {
    size_t rest = num - first;
    part p = {first, rest < MAX_RESULTS ? rest : MAX_RESULTS};
    evaluation e;
    ok = evaluate(alone, found.callee, &p, opt_level, &e);
    if (ok)
      replace(found.first, found.callee, &p, &e);
    evaluation_fini(&e);
  }
  if (!mlirOperationIsNull(alone))
    mlirOperationDestroy(alone);
  if (ok) {
    mlirOperationDestroy(found.first);
    mlirOperationDestroy(function);
  }
  return ok;
}

static bool is_outlined(MlirOperation op) {
  return gln_op_is(op, "func.func") &&
         !mlirAttributeIsNull(mlirOperationGetDiscardableAttributeByName(
             op, gln_string(GLN_CONSTANTS)));
}

static bool run(MlirOperation module, gln_pass_context *pass) {
  int64_t level = gln_pass_int(pass, "opt-level");
  if (level < 0 || level > 3)
    return gln_error(mlirOperationGetLocation(module),
                     "opt-level = %" PRId64 " is not between 0 and 3", level);
  MlirOperation op = mlirBlockGetFirstOperation(gln_body(module)), next;
  for (; !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (is_outlined(op) && !fold(module, op, (int)level))
      return false;
  }
  return true;
}

static const gln_option options[] = {
    {"opt-level",
     "Of LLVM, for what is evaluated: 0 compiles fast, 3 runs fast",
     GLN_OPTION_INT, "0"},
    {0}};

const gln_pass gln_pass_fold_constants = {
    .flag = "fold-constants",
    .summary = "Computes what --outline-constants outlined",
    .description =
        "Compiles and calls every function with the attribute `" GLN_CONSTANTS
        "`, and puts its results, as `dense_resource` constants, in place of "
        "the call. Weights are then what a run reads of them: packed, "
        "transposed, scaled once, here.",
    .anchor = "builtin.module",
    .options = options,
    .compiles = true,
    .dialects = GLN_LOWERING_DIALECTS,
    .run = run,
};

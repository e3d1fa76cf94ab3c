// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --convert-linalg-to-access: linalg and tensor ops as access patterns.
//
// Ops are taken in program order, so that the operands of an op are patterns
// when it comes. Each is translated as a whole or not at all; what stays is a
// remark of category glenside-convert, and a warning if it is a contraction.
#include "bridge/convert.h"
#include "bridge/summary.h"
#include "passes.h"

#include "mlir-c/Dialect/Linalg.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  gln_convert convert;
  gln_summary summary;
} run_state;

static bool has_prefix(MlirOperation op, const char *prefix) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  size_t length = strlen(prefix);
  return name.length >= length && memcmp(name.data, prefix, length) == 0;
}

static bool is_named(MlirOperation op, const char *name) {
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            gln_string(name));
}

static bool wants_host(MlirOperation op) {
  MlirAttribute device =
      mlirOperationGetAttributeByName(op, gln_string("glenside.device"));
  return !mlirAttributeIsNull(device) && mlirAttributeIsAString(device) &&
         mlirStringRefEqual(mlirStringAttrGetValue(device), gln_string("host"));
}

//===-- What stays --------------------------------------------------------===//

static void report_left(run_state *state, MlirOperation op, bool contraction) {
  const char *reason = state->convert.build.error.text;
  if (!*reason)
    reason = "it does not fit";
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  char text[64];
  snprintf(text, sizeof(text), "%.*s", (int)name.length, name.data);
  const gln_remark_arg args[] = {{.key = "Op", .text = text},
                                 {.key = "Reason", .text = reason}};
  gln_remark(op, GLN_REMARK_MISSED, "glenside-convert",
             contraction ? "ContractionOnHost" : "OnHost", args, 2);
  // Who asked for the host knows.
  if (contraction && !wants_host(op))
    gln_warning(mlirOperationGetLocation(op),
                "contraction '%s' stays on the host: %s", text, reason);
}

// Results of the wrong type: partial writes, encodings.
static bool types_fit(run_state *state, MlirOperation op,
                      const MlirValue *results) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    MlirType wanted = mlirValueGetType(mlirOperationGetResult(op, i));
    gln_text a, b;
    if (mlirValueIsNull(results[i]) ||
        mlirTypeEqual(wanted, mlirValueGetType(results[i])))
      continue;
    gln_build_fail(&state->convert.build,
                   "result #%d of '%s' would become '%s'", (int)i,
                   gln_type_text(wanted, a),
                   gln_type_text(mlirValueGetType(results[i]), b));
    return false;
  }
  return true;
}

static void replace(MlirOperation op, const MlirValue *results) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (!mlirValueIsNull(results[i]))
      mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, i), results[i]);
  mlirOperationDestroy(op);
}

//===-- One op ------------------------------------------------------------===//

static bool kept_on_host(gln_build *build, MlirOperation op) {
  if (!wants_host(op))
    return false;
  gln_build_fail(build, "glenside.device = \"host\"");
  return true;
}

static void convert_structured(run_state *state, MlirOperation op) {
  gln_convert *c = &state->convert;
  MlirValue results[GLN_LOOPS_MAX_OUTS] = {{NULL}};
  bool contraction = mlirLinalgIsAContractionOp(op);
  bool done = false;
  if (!gln_loops_read_body(op, c->loops, &c->build.error)) {
    done = !kept_on_host(&c->build, op) && gln_convert_loops(c, results) &&
           types_fit(state, op, results);
    contraction = gln_loops_has_contraction(c->loops);
    gln_loops_fini(c->loops);
  }
  state->summary.total += contraction;
  state->summary.contractions += contraction && done;
  if (done) {
    replace(op, results);
  } else {
    gln_build_undo(&c->build);
    report_left(state, op, contraction);
  }
}

static void convert_tensor(run_state *state, MlirOperation op) {
  gln_convert *c = &state->convert;
  MlirValue results[1];
  if (!kept_on_host(&c->build, op) && gln_convert_tensor_op(c, op, results) &&
      types_fit(state, op, results)) {
    replace(op, results);
  } else {
    gln_build_undo(&c->build);
    report_left(state, op, false);
  }
}

// Ops that make or cast tensors and are no computation.
static bool is_silent(MlirOperation op) {
  return is_named(op, "arith.constant") || is_named(op, "tensor.empty") ||
         is_named(op, "tensor.from_elements") ||
         is_named(op, "tosa.const_shape");
}

static bool makes_tensor(MlirOperation op) {
  return mlirOperationGetNumResults(op) > 0 &&
         mlirTypeIsATensor(mlirValueGetType(mlirOperationGetResult(op, 0)));
}

static bool is_dead(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (!mlirOpOperandIsNull(
            mlirValueGetFirstUse(mlirOperationGetResult(op, i))))
      return false;
  return mlirOperationGetNumResults(op) > 0;
}

static void convert_op(run_state *state, MlirOperation op) {
  gln_build *build = &state->convert.build;
  gln_build_init(build, op);
  if (gln_loops_is(op)) {
    convert_structured(state, op);
  } else if (gln_convert_is_tensor_op(op)) {
    convert_tensor(state, op);
  } else if (!is_silent(op) && makes_tensor(op) &&
             (has_prefix(op, "linalg.") || has_prefix(op, "tensor.") ||
              has_prefix(op, "tosa."))) {
    gln_build_fail(build, "it has no counterpart in the access dialect");
    report_left(state, op, false);
  }
  gln_build_fini(build);
}

//===-- A module ----------------------------------------------------------===//

static void convert_block(run_state *state, MlirBlock block);

static void convert_regions(run_state *state, MlirOperation op) {
  for (intptr_t r = 0; r < mlirOperationGetNumRegions(op); ++r)
    for (MlirBlock block =
             mlirRegionGetFirstBlock(mlirOperationGetRegion(op, r));
         !mlirBlockIsNull(block); block = mlirBlockGetNextInRegion(block))
      convert_block(state, block);
}

static void convert_module(run_state *state, MlirOperation module) {
  gln_bodies bodies, *outer = state->convert.bodies;
  gln_bodies_init(&bodies, module);
  state->convert.bodies = &bodies;
  convert_regions(state, module);
  gln_bodies_fini(&bodies);
  state->convert.bodies = outer;
}

static void convert_block(run_state *state, MlirBlock block) {
  MlirOperation next, op = mlirBlockGetFirstOperation(block);
  for (; !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (is_named(op, "builtin.module"))
      convert_module(state, op);
    else if (!has_prefix(op, "linalg.") && !has_prefix(op, "tensor."))
      convert_regions(state, op);
    convert_op(state, op);
  }
}

// The ops of a region, in program order.
typedef struct {
  MlirOperation *ops;
  size_t num, capacity;
} op_list;

static MlirWalkResult collect(MlirOperation op, void *user) {
  op_list *list = user;
  gln_op access;
  if (!gln_access_is(op, &access) && !is_silent(op))
    return MlirWalkResultAdvance;
  if (list->num == list->capacity) {
    size_t wanted = list->capacity ? 2 * list->capacity : 256;
    void *ops = realloc(list->ops, wanted * sizeof(*list->ops));
    if (!ops)
      return MlirWalkResultInterrupt;
    list->ops = ops;
    list->capacity = wanted;
  }
  list->ops[list->num++] = op;
  return MlirWalkResultAdvance;
}

// Last ops first, so that a chain goes in one walk.
static void erase_dead(MlirOperation module) {
  op_list list = {0};
  mlirOperationWalk(module, collect, &list, MlirWalkPreOrder);
  while (list.num) {
    MlirOperation op = list.ops[--list.num];
    if (is_dead(op))
      mlirOperationDestroy(op);
  }
  free(list.ops);
}

static bool run(MlirOperation module, gln_pass_context *pass) {
  run_state state = {.summary = {.total = 0}};
  (void)pass;
  state.convert.loops = malloc(sizeof(*state.convert.loops));
  if (!state.convert.loops)
    return gln_error(mlirOperationGetLocation(module), "out of memory");
  convert_module(&state, module);
  free(state.convert.loops);
  erase_dead(module);
  gln_summary_print(&state.summary);
  return true;
}

const gln_pass gln_pass_convert_linalg_to_access = {
    .flag = "convert-linalg-to-access",
    .summary = "Converts linalg and tensor ops to access patterns",
    .anchor = "builtin.module",
    .dialects = (const char *const[]){"access", "arith", "func", "linalg",
                                      "math", "tensor", NULL},
    .run = run};

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --convert-access-to-linalg: access patterns as linalg on tensors, for
// upstream's bufferization and loops. The inverse of convert-linalg-to-access.
#include "bridge/lower.h"
#include "passes.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  MlirOperation *ops; // access ops in program order
  size_t num, capacity;
  MlirOperation stray; // another op that has a pattern
  bool failed;         // out of memory
} op_list;

static bool has_pattern(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    if (gln_is_pattern(mlirValueGetType(mlirOperationGetOperand(op, i))))
      return true;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (gln_is_pattern(mlirValueGetType(mlirOperationGetResult(op, i))))
      return true;
  for (intptr_t r = 0; r < mlirOperationGetNumRegions(op); ++r)
    for (MlirBlock block =
             mlirRegionGetFirstBlock(mlirOperationGetRegion(op, r));
         !mlirBlockIsNull(block); block = mlirBlockGetNextInRegion(block))
      for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); ++i)
        if (gln_is_pattern(mlirValueGetType(mlirBlockGetArgument(block, i))))
          return true;
  return false;
}

static MlirWalkResult collect(MlirOperation op, void *user) {
  op_list *list = user;
  gln_op access;
  if (!gln_access_is(op, &access)) {
    if (has_pattern(op)) {
      list->stray = op;
      return MlirWalkResultInterrupt;
    }
    return MlirWalkResultAdvance;
  }
  if (list->num == list->capacity) {
    size_t wanted = list->capacity ? 2 * list->capacity : 256;
    void *ops = realloc(list->ops, wanted * sizeof(*list->ops));
    if (!ops) {
      list->failed = true;
      return MlirWalkResultInterrupt;
    }
    list->ops = ops;
    list->capacity = wanted;
  }
  list->ops[list->num++] = op;
  return MlirWalkResultAdvance;
}

//===-- One op ------------------------------------------------------------===//

// Tensors get a state when they are first read.
static bool know_operands(gln_lower *lower, MlirOperation op,
                          const gln_access_use *use) {
  for (size_t i = 0; i < use->num_operands; ++i) {
    MlirValue value = mlirOperationGetOperand(op, (intptr_t)i);
    gln_state state;
    if (gln_lower_find(lower, value))
      continue;
    if (gln_is_pattern(mlirValueGetType(value))) {
      gln_build_fail(&lower->build, "operand #%zu is not computed before", i);
      return false;
    }
    if (!gln_state_of_tensor(lower, value, &use->operands[i], &state))
      return false;
    if (!gln_lower_set(lower, value, &state))
      return false;
  }
  return true;
}

static bool view(gln_lower *lower, MlirOperation op, const gln_access_use *use,
                 const gln_linear *forms, gln_state *out) {
  const gln_state *state =
      gln_lower_find(lower, mlirOperationGetOperand(op, 0));
  gln_state whole = {.rank = 0};
  bool ok = true;
  if (state->parts) {
    ok = gln_state_of_tensor(lower, gln_lower_tensor(lower, state),
                             &state->shape, &whole);
    state = &whole;
  }
  ok = ok && gln_state_compose(out, state, forms, &use->result);
  gln_state_fini(&whole);
  if (!ok)
    gln_build_fail(&lower->build, "out of memory");
  return ok;
}

static bool lower_op(gln_lower *lower, MlirOperation op) {
  gln_access_use use;
  gln_linear forms[GLN_MAX_RANK];
  gln_state state = {.rank = 0};
  MlirValue result = mlirOperationGetResult(op, 0);
  bool ok;
  if (gln_access_read(op, &use, &lower->build.error))
    return false;
  if (use.is_symbolic) {
    gln_build_fail(&lower->build, "has an extent that is a name");
    return false;
  }
  if (!know_operands(lower, op, &use))
    return false;
  if (use.op == GLN_OP_TENSOR) {
    MlirValue tensor = gln_lower_tensor(
        lower, gln_lower_find(lower, mlirOperationGetOperand(op, 0)));
    if (mlirValueIsNull(tensor))
      return false;
    mlirValueReplaceAllUsesOfWith(result, tensor);
    return true;
  }
  if (gln_lower_view_forms(&use, forms))
    ok = view(lower, op, &use, forms, &state);
  else if (use.op == GLN_OP_COMPUTE || use.op == GLN_OP_CALL)
    ok = gln_lower_compute(lower, op, &use, &state);
  else
    ok = gln_lower_other(lower, op, &use, &state);
  return ok && gln_lower_set(lower, result, &state);
}

//===-- Bodies that nobody calls any more ---------------------------------===//

typedef struct {
  MlirStringRef name;
  bool found;
} reference;

static bool refers(MlirAttribute attribute, MlirStringRef name) {
  if (mlirAttributeIsASymbolRef(attribute))
    return mlirStringRefEqual(mlirSymbolRefAttrGetRootReference(attribute),
                              name) ||
           mlirStringRefEqual(mlirSymbolRefAttrGetLeafReference(attribute),
                              name);
  if (mlirAttributeIsAArray(attribute))
    for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(attribute); ++i)
      if (refers(mlirArrayAttrGetElement(attribute, i), name))
        return true;
  if (mlirAttributeIsADictionary(attribute))
    for (intptr_t i = 0; i < mlirDictionaryAttrGetNumElements(attribute); ++i)
      if (refers(mlirDictionaryAttrGetElement(attribute, i).attribute, name))
        return true;
  return false;
}

static MlirWalkResult find_reference(MlirOperation op, void *user) {
  reference *wanted = user;
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(op); ++i)
    if (refers(mlirOperationGetAttribute(op, i).attribute, wanted->name)) {
      wanted->found = true;
      return MlirWalkResultInterrupt;
    }
  return MlirWalkResultAdvance;
}

static bool is_private_function(MlirOperation op) {
  MlirAttribute visibility =
      mlirOperationGetAttributeByName(op, gln_string("sym_visibility"));
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            gln_string("func.func")) &&
         !mlirAttributeIsNull(visibility) &&
         mlirAttributeIsAString(visibility) &&
         mlirStringRefEqual(mlirStringAttrGetValue(visibility),
                            gln_string("private"));
}

// Erases the private function |name|, which a call has named, if nobody else
// does.
static void erase_body(MlirOperation table, MlirStringRef name) {
  MlirSymbolTable symbols = mlirSymbolTableCreate(table);
  if (mlirSymbolTableIsNull(symbols))
    return;
  MlirOperation body = mlirSymbolTableLookup(symbols, name);
  reference wanted = {.name = name};
  if (!mlirOperationIsNull(body) && is_private_function(body)) {
    mlirOperationWalk(table, find_reference, &wanted, MlirWalkPreOrder);
    if (!wanted.found)
      mlirSymbolTableErase(symbols, body);
  }
  mlirSymbolTableDestroy(symbols);
}

static MlirOperation symbol_table_of(MlirOperation op) {
  do
    op = mlirOperationGetParentOperation(op);
  while (!mlirOperationIsNull(op) &&
         !mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                             gln_string("builtin.module")));
  return op;
}

//===-- The module --------------------------------------------------------===//

static bool lower_all(gln_lower *lower, const op_list *list) {
  for (size_t i = 0; i < list->num; ++i) {
    gln_build_init(&lower->build, list->ops[i]);
    bool ok = lower_op(lower, list->ops[i]);
    eg_error error = lower->build.error;
    gln_build_fini(&lower->build);
    if (!ok)
      return gln_op_error(list->ops[i], "%s", error.text);
  }
  return true;
}

// Last ops first: nothing uses them then.
static void erase_all(op_list *list) {
  while (list->num) {
    MlirOperation op = list->ops[--list->num];
    MlirOperation table = symbol_table_of(op);
    MlirAttribute body = gln_op_attribute(op, "body");
    mlirOperationDestroy(op);
    if (!mlirAttributeIsNull(body) && !mlirOperationIsNull(table))
      erase_body(table, mlirFlatSymbolRefAttrGetValue(body));
  }
}

static bool run(MlirOperation module, gln_pass_context *pass) {
  op_list list = {.num = 0};
  gln_lower lower = {.num = 0};
  bool ok;
  (void)pass;
  mlirOperationWalk(module, collect, &list, MlirWalkPreOrder);
  if (list.failed)
    ok = gln_error(mlirOperationGetLocation(module), "out of memory");
  else if (!mlirOperationIsNull(list.stray))
    ok = gln_op_error(list.stray, "has an access pattern, which only ops of "
                                  "the access dialect can be lowered with");
  else
    ok = lower_all(&lower, &list);
  if (ok)
    erase_all(&list);
  gln_lower_fini(&lower);
  free(list.ops);
  return ok;
}

const gln_pass gln_pass_convert_access_to_linalg = {
    .flag = "convert-access-to-linalg",
    .summary = "Converts access patterns to linalg on tensors",
    .anchor = "builtin.module",
    .dialects =
        (const char *const[]){"arith", "linalg", "math", "tensor", NULL},
    .run = run};

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finding the entry, checking its signature, hoisting its constants.
#include "run/callable.h"

#include "run/engine.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <inttypes.h>
#include <string.h>

static MlirStringRef ref(const char *text) {
  return mlirStringRefCreateFromCString(text);
}

static bool is_op(MlirOperation op, const char *name) {
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            ref(name));
}

//===-- The entry ---------------------------------------------------------===//

static MlirStringRef symbol_of(MlirOperation op) {
  MlirAttribute name = mlirOperationGetAttributeByName(op, ref("sym_name"));
  return mlirAttributeIsNull(name) ? ref("") : mlirStringAttrGetValue(name);
}

static bool has_body(MlirOperation function) {
  return mlirOperationGetNumRegions(function) == 1 &&
         !mlirBlockIsNull(
             mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0)));
}

static MlirOperation first_op(MlirOperation module) {
  return mlirBlockGetFirstOperation(
      mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0)));
}

// "@a, @b": the functions one can run.
static void list_functions(MlirOperation module, gln_buffer *out) {
  const char *comma = "";
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    if (is_op(op, "func.func") && has_body(op)) {
      MlirStringRef name = symbol_of(op);
      gln_buffer_add(out, comma, strlen(comma));
      gln_buffer_add(out, "@", 1);
      gln_buffer_add(out, name.data, name.length);
      comma = ", ";
    }
}

// The function called |name|; with NULL the only one, else @forward or @main.
static MlirOperation find_entry(MlirOperation module, const char *name) {
  MlirOperation only = {NULL}, known = {NULL};
  size_t count = 0;
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!is_op(op, "func.func") || !has_body(op))
      continue;
    MlirStringRef symbol = symbol_of(op);
    if (name && mlirStringRefEqual(symbol, ref(name)))
      return op;
    if (mlirStringRefEqual(symbol, ref("forward")) ||
        (mlirStringRefEqual(symbol, ref("main")) && mlirOperationIsNull(known)))
      known = op;
    only = op;
    ++count;
  }
  if (name)
    return (MlirOperation){NULL};
  return count == 1 ? only : known;
}

static bool no_entry(gln_callable *program, const char *name) {
  MlirLocation at = mlirOperationGetLocation(program->module);
  gln_buffer list = {.allocator = program->allocator};
  list_functions(program->module, &list);
  if (!list.bytes)
    gln_error(at, "there is no func.func with a body to run");
  else if (name)
    gln_error(at, "there is no function @%s to run; there are: %s", name,
              list.bytes);
  else
    gln_error(at, "say which function to run with --entry=; there are: %s",
              list.bytes);
  gln_buffer_fini(&list);
  return false;
}

// Drops functions that |entry| does not need, which may be ones that cannot be
// lowered, inlines the others, whose constants are then its own, lowers what
// upstream's tosa-to-linalg-pipeline leaves behind, and canonicalizes: the
// lowering begins with that anyhow, and more programs have equal text after.
static bool reduce(MlirOperation module, MlirOperation entry) {
  MlirContext context = mlirOperationGetContext(module);
  MlirAttribute hidden = mlirStringAttrGet(context, ref("private"));
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    if (is_op(op, "func.func") && !mlirOperationEqual(op, entry))
      mlirOperationSetInherentAttributeByName(op, ref("sym_visibility"),
                                              hidden);
  mlirOperationRemoveAttributeByName(entry, ref("sym_visibility"));
  return gln_run_pipeline(
      module,
      "symbol-dce,inline,symbol-dce,tosa-to-arith{include-apply-rescale=1},"
      "tosa-to-tensor,canonicalize");
}

//===-- The signature -----------------------------------------------------===//

static void *allocate(gln_callable *program, size_t count, size_t width) {
  eg_allocator *a = &program->allocator;
  void *block = a->resize(a->user, NULL, 0, (count + !count) * width);
  if (block)
    memset(block, 0, (count + !count) * width);
  else
    gln_error(mlirOperationGetLocation(program->module), "out of memory");
  return block;
}

static void release(gln_callable *program, void *block, size_t count,
                    size_t width) {
  if (block)
    program->allocator.resize(program->allocator.user, block,
                              (count + !count) * width, 0);
}

static MlirType signature(MlirOperation function) {
  return mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(function, ref("function_type")));
}

static bool read_type(MlirOperation function, MlirType type, const char *what,
                      intptr_t index, gln_tensor *out) {
  const char *why;
  bool ok = gln_tensor_of_type(type, out, &why);
  if (ok && what[0] == 'r' && out->is_number) {
    ok = false;
    why = "it is a bare number: put it into a tensor with "
          "tensor.from_elements";
  }
  if (!ok)
    gln_op_error(function, "cannot be run: %s %" PRIdPTR ": %s", what, index,
                 why);
  return ok;
}

static bool read_signature(gln_callable *program, MlirOperation function) {
  MlirType type = signature(function);
  for (size_t i = 0; i < program->num_inputs; ++i)
    if (!read_type(function, mlirFunctionTypeGetInput(type, (intptr_t)i),
                   "argument", (intptr_t)i, &program->args[i]))
      return false;
  for (size_t i = 0; i < program->num_results; ++i)
    if (!read_type(function, mlirFunctionTypeGetResult(type, (intptr_t)i),
                   "result", (intptr_t)i, &program->results[i]))
      return false;
  if (!program->num_results)
    return gln_op_error(function, "cannot be run: it has no results");
  return true;
}

//===-- Constants ---------------------------------------------------------===//

typedef struct constants {
  const gln_callable_options *options;
  MlirStringRef entry;
  MlirOperation *ops; // to hoist, in order of the walk; NULL: count only
  size_t count, absent;
  MlirOperation first_absent;
  gln_data_status absent_status;
  bool is_called;
} constants;

static MlirAttribute value_of(MlirOperation constant) {
  return mlirOperationGetAttributeByName(constant, ref("value"));
}

// Whether |op| is a tensor constant with data that can become an argument.
static bool can_hoist(MlirOperation op, const gln_data *data, size_t limit) {
  gln_tensor tensor;
  const char *why;
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  return gln_tensor_of_type(type, &tensor, &why) && !tensor.is_number &&
         (data->key || tensor.num_bytes > limit);
}

static MlirWalkResult find_constant(MlirOperation op, void *user) {
  constants *c = user;
  if (!is_op(op, "arith.constant"))
    return MlirWalkResultAdvance;
  gln_data data;
  gln_data_status status = gln_data_get(value_of(op), &data);
  if (status == GLN_DATA_UNSUPPORTED)
    return MlirWalkResultAdvance;
  if (status != GLN_DATA_OK) {
    if (!c->absent++) {
      c->first_absent = op;
      c->absent_status = status;
    }
  } else if (can_hoist(op, &data, c->options->hoist_bytes)) {
    if (c->ops)
      c->ops[c->count] = op;
    ++c->count;
  }
  return MlirWalkResultAdvance;
}

static MlirWalkResult find_call(MlirOperation op, void *user) {
  constants *c = user;
  MlirAttribute callee = mlirOperationGetAttributeByName(op, ref("callee"));
  if (is_op(op, "func.constant"))
    callee = value_of(op);
  if (!mlirAttributeIsNull(callee) && mlirAttributeIsAFlatSymbolRef(callee) &&
      mlirStringRefEqual(mlirFlatSymbolRefAttrGetValue(callee), c->entry))
    c->is_called = true;
  return MlirWalkResultAdvance;
}

// Every constant of the module must have data; those of the entry are counted.
static bool survey(gln_callable *program, MlirOperation function,
                   constants *found) {
  constants all = *found;
  mlirOperationWalk(program->module, find_constant, &all, MlirWalkPreOrder);
  if (all.absent)
    return gln_op_error(
        all.first_absent,
        "cannot be run: the data of %zu constants, this one first, %s; random "
        "weights will do: add --randomize",
        all.absent, gln_data_status_text(all.absent_status));
  mlirOperationWalk(program->module, find_call, &all, MlirWalkPreOrder);
  mlirOperationWalk(function, find_constant, found, MlirWalkPreOrder);
  if (all.is_called)
    found->count = 0;
  return true;
}

// Makes |op| argument number |program->num_args| unless an equal one exists.
static bool hoist(gln_callable *program, MlirBlock entry_block,
                  MlirOperation op, MlirAttribute *values) {
  MlirValue old = mlirOperationGetResult(op, 0);
  MlirAttribute value = value_of(op);
  size_t n = program->num_inputs;
  while (n < program->num_args && !mlirAttributeEqual(values[n], value))
    ++n;
  if (n == program->num_args) {
    gln_data data;
    const char *why;
    gln_tensor *tensor = &program->args[n];
    gln_data_get(value, &data);
    gln_tensor_of_type(mlirValueGetType(old), tensor, &why);
    if (!gln_tensor_set(tensor, &data, &program->allocator))
      return gln_op_error(op, "out of memory for %zu bytes", tensor->num_bytes);
    values[program->num_args++] = value;
    program->hoisted_bytes += tensor->num_bytes;
    mlirBlockAddArgument(entry_block, mlirValueGetType(old),
                         mlirOperationGetLocation(op));
  }
  mlirValueReplaceAllUsesOfWith(old,
                                mlirBlockGetArgument(entry_block, (intptr_t)n));
  mlirOperationDestroy(op);
  return true;
}

static bool hoist_all(gln_callable *program, MlirOperation function,
                      constants *found) {
  MlirBlock block =
      mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  size_t room = program->num_inputs + found->count, count = found->count;
  found->ops = allocate(program, count, sizeof *found->ops);
  MlirAttribute *values = allocate(program, room, sizeof *values);
  bool ok = found->ops && values;
  if (ok && count) {
    found->count = 0;
    mlirOperationWalk(function, find_constant, found, MlirWalkPreOrder);
  }
  for (size_t i = 0; ok && i < count; ++i)
    ok = hoist(program, block, found->ops[i], values);
  release(program, found->ops, count, sizeof *found->ops);
  release(program, values, room, sizeof *values);
  return ok;
}

//===-- The new signature -------------------------------------------------===//

// Adds |entry| to the attributes of argument |index|, if any.
static MlirAttribute argument_attributes(MlirContext context, MlirAttribute old,
                                         intptr_t index,
                                         MlirNamedAttribute entry) {
  MlirNamedAttribute list[16];
  intptr_t count = 0;
  if (!mlirAttributeIsNull(old) && index < mlirArrayAttrGetNumElements(old)) {
    MlirAttribute dict = mlirArrayAttrGetElement(old, index);
    for (intptr_t i = 0;
         i < mlirDictionaryAttrGetNumElements(dict) && count < 15; ++i) {
      list[count] = mlirDictionaryAttrGetElement(dict, i);
      count += !mlirIdentifierEqual(list[count].name, entry.name);
    }
  }
  list[count++] = entry;
  return mlirDictionaryAttrGet(context, count, list);
}

// The type and attributes of |function| follow its block's arguments. None may
// be written to: constants are shared by runs, inputs by programs.
static bool set_signature(gln_callable *program, MlirOperation function) {
  MlirContext context = mlirOperationGetContext(function);
  MlirBlock block =
      mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  size_t n = program->num_args, m = program->num_results;
  MlirType *types = allocate(program, n + m, sizeof *types);
  MlirAttribute *attributes = allocate(program, n, sizeof *attributes);
  bool ok = types && attributes;
  MlirAttribute old =
      mlirOperationGetAttributeByName(function, ref("arg_attrs"));
  MlirNamedAttribute frozen = mlirNamedAttributeGet(
      mlirIdentifierGet(context, ref("bufferization.writable")),
      mlirBoolAttrGet(context, 0));
  for (size_t i = 0; ok && i < n; ++i) {
    types[i] = mlirValueGetType(mlirBlockGetArgument(block, (intptr_t)i));
    attributes[i] = argument_attributes(context, old, (intptr_t)i, frozen);
    if (program->args[i].is_number)
      attributes[i] = mlirDictionaryAttrGet(context, 0, NULL);
  }
  for (size_t i = 0; ok && i < m; ++i)
    types[n + i] = mlirFunctionTypeGetResult(signature(function), (intptr_t)i);
  if (ok) {
    MlirType type = mlirFunctionTypeGet(context, (intptr_t)n, types,
                                        (intptr_t)m, types + n);
    mlirOperationSetInherentAttributeByName(function, ref("function_type"),
                                            mlirTypeAttrGet(type));
    mlirOperationSetInherentAttributeByName(
        function, ref("arg_attrs"),
        mlirArrayAttrGet(context, (intptr_t)n, attributes));
    mlirOperationSetDiscardableAttributeByName(
        function, ref("llvm.emit_c_interface"), mlirUnitAttrGet(context));
  }
  release(program, types, n + m, sizeof *types);
  release(program, attributes, n, sizeof *attributes);
  return ok;
}

//===-- All of it ---------------------------------------------------------===//

static bool prepare(gln_callable *program,
                    const gln_callable_options *options) {
  if (!is_op(program->module, "builtin.module"))
    return gln_op_error(program->module, "is not a module");
  MlirOperation function = find_entry(program->module, options->entry);
  if (mlirOperationIsNull(function))
    return no_entry(program, options->entry);
  if (!reduce(program->module, function))
    return false;
  MlirStringRef name = symbol_of(function);
  program->entry = allocate(program, name.length + 1, 1);
  if (!program->entry)
    return false;
  memcpy(program->entry, name.data, name.length);

  constants found = {.options = options, .entry = ref(program->entry)};
  if (!survey(program, function, &found))
    return false;
  MlirType type = signature(function);
  program->num_inputs = (size_t)mlirFunctionTypeGetNumInputs(type);
  program->num_results = (size_t)mlirFunctionTypeGetNumResults(type);
  program->num_args = program->num_inputs;
  program->max_args = program->num_inputs + found.count;
  program->args = allocate(program, program->max_args, sizeof(gln_tensor));
  program->results =
      allocate(program, program->num_results, sizeof(gln_tensor));
  if (!program->args || !program->results)
    return false;
  if (!read_signature(program, function) ||
      !hoist_all(program, function, &found) ||
      !set_signature(program, function))
    return false;
  gln_buffer text = {.allocator = program->allocator};
  mlirOperationPrint(program->module, gln_buffer_append, &text);
  program->text = text.bytes;
  program->text_bytes = text.num_bytes;
  program->text_room = text.room;
  return !text.failed || gln_op_error(function, "out of memory");
}

bool gln_callable_init(gln_callable *program, MlirOperation module,
                       const gln_callable_options *options,
                       const eg_allocator *allocator) {
  *program = (gln_callable){.module = module, .allocator = *allocator};
  if (prepare(program, options))
    return true;
  gln_callable_fini(program);
  return false;
}

void gln_callable_fini(gln_callable *program) {
  if (!program->allocator.resize)
    return;
  for (size_t i = 0; program->args && i < program->num_args; ++i)
    gln_tensor_fini(&program->args[i], &program->allocator);
  release(program, program->args, program->max_args, sizeof(gln_tensor));
  release(program, program->results, program->num_results, sizeof(gln_tensor));
  if (program->entry)
    release(program, program->entry, strlen(program->entry) + 1, 1);
  gln_buffer text = {.bytes = program->text,
                     .room = program->text_room,
                     .allocator = program->allocator};
  gln_buffer_fini(&text);
  if (!mlirOperationIsNull(program->module))
    mlirOperationDestroy(program->module);
  *program = (gln_callable){0};
}

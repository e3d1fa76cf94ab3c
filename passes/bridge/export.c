// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values in front of the anchors that read them, one block after the other.
#include "bridge/export_internal.h"

#include "cxx/glenside-cxx.h"

#include <string.h>

static const MlirValue none = {NULL};

static eg_status no_memory(eg_error *error) {
  return gln_fail(error, EG_NO_MEMORY, "no memory to rebuild a module");
}

MlirValue glni_export_tensor(gln_build *build, MlirValue value) {
  if (mlirValueIsNull(value) || !gln_is_pattern(mlirValueGetType(value)))
    return value;
  return gln_build_tensor(build, value);
}

//===-- Slots -------------------------------------------------------------===//

static glni_slot *slot_of(glni_export *export, eg_class id) {
  return &export->slots[eg_find(export->import->graph, id).id];
}

static bool is_built(glni_export *export, eg_class id) {
  return slot_of(export, id)->block == export->number + 1;
}

// The class as a tensor of its own shape.
static MlirValue tensor_of(glni_export *export, eg_class id) {
  glni_slot *slot = slot_of(export, id);
  if (mlirValueIsNull(slot->tensor))
    slot->tensor = glni_export_tensor(&export->convert.build, slot->values[0]);
  return slot->tensor;
}

// The class as a value of |type|, a tensor or a pattern of any split.
static MlirValue value_as(glni_export *export, eg_class id, MlirType type) {
  gln_build *build = &export->convert.build;
  glni_slot *slot = slot_of(export, id);
  MlirValue value = slot->values[0];
  if (mlirTypeEqual(mlirValueGetType(value), type))
    return value;
  if (gln_is_pattern(type)) {
    value = gln_build_at(build, value, gln_pattern_num_dims(type, 0));
  } else {
    value = tensor_of(export, id);
  }
  gln_text a, b;
  if (mlirValueIsNull(value) || mlirTypeEqual(mlirValueGetType(value), type))
    return value;
  return gln_build_fail(build, "a value of type '%s' comes back as '%s'",
                        gln_type_text(type, a),
                        gln_type_text(mlirValueGetType(value), b));
}

//===-- Nodes -------------------------------------------------------------===//

// Whether gln_build_at would look through the value at a pattern of another
// block, which is about to go away.
static bool is_seen_through(MlirValue value) {
  gln_op op;
  return mlirValueIsAOpResult(value) &&
         gln_access_is(mlirOpResultGetOwner(value), &op) && op == GLN_OP_TENSOR;
}

static void build_input(glni_export *export, uint32_t index, size_t rank,
                        glni_slot *slot) {
  gln_build *build = &export->convert.build;
  const gln_import_input *input = &export->import->inputs[index];
  if (input->block != export->number || input->available > export->position) {
    gln_build_fail(build, "input %u is not there where it is needed", index);
    return;
  }
  slot->values[0] = input->value;
  if (!is_seen_through(input->value))
    return;
  slot->tensor = input->value;
  slot->values[0] =
      gln_build_access(build, GLN_OP_VIEW, &(gln_op_attrs){.at = (int64_t)rank},
                       &input->value, 1, NULL);
}

static void build_constant(glni_export *export, uint32_t index,
                           glni_slot *slot) {
  MlirOperation op = mlirOperationClone(export->import->constants[index].op);
  slot->values[0] = gln_build_insert(&export->convert.build, op);
}

static void build_host(glni_export *export, uint32_t index,
                       const eg_class *children, glni_slot *slot) {
  gln_build *build = &export->convert.build;
  const gln_import_host *host = &export->import->hosts[index];
  intptr_t num = mlirOperationGetNumOperands(host->op);
  size_t child = 0;
  if (host->block != export->number || host->available > export->position) {
    gln_build_fail(build, "host op %u reads what is not there", index);
    return;
  }
  MlirOperation clone = mlirOperationClone(host->op);
  for (intptr_t i = 0; i < num; ++i) {
    MlirValue old = mlirOperationGetOperand(host->op, i);
    if (gln_pattern_shape(mlirValueGetType(old), &(gln_shape){0}, NULL))
      continue; // not an array
    MlirValue value =
        value_as(export, children[child++], mlirValueGetType(old));
    if (mlirValueIsNull(value)) {
      mlirOperationDestroy(clone);
      return;
    }
    mlirOperationSetOperand(clone, i, value);
  }
  gln_build_insert(build, clone);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(clone); ++i)
    slot->values[i] = mlirOperationGetResult(clone, i);
}

static void build_job(glni_export *export, const gln_chosen *chosen,
                      glni_slot *slot) {
  MlirValue tensors[GLN_JOB_MAX_OPERANDS];
  for (size_t i = 0; i < chosen->job.num_operands; ++i)
    tensors[i] = tensor_of(export, chosen->values[i]);
  if (!export->convert.build.error.status)
    slot->values[0] = glni_export_run(export, chosen, tensors);
}

static void build_apply(glni_export *export, eg_node node,
                        const eg_class *children, uint32_t num,
                        glni_slot *slot) {
  gln_chosen chosen;
  if (glni_export_job(export, node, &chosen)) {
    build_job(export, &chosen, slot);
    gln_chosen_fini(&chosen);
    return;
  }
  MlirValue args[GLN_LANG_MAX_OPERANDS], out[GLN_LANG_MAX_RESULTS] = {none};
  for (uint32_t i = 1; i < num; ++i)
    args[i - 1] = slot_of(export, children[i])->values[0];
  if (glni_export_kernel(export, children[0], args, out))
    memcpy(slot->values, out, sizeof out);
}

static MlirValue build_concat(glni_export *export, uint32_t dim,
                              const eg_class *children, size_t rank) {
  gln_build *build = &export->convert.build;
  MlirValue parts[2];
  for (int i = 0; i < 2; ++i)
    parts[i] =
        gln_build_at(build, slot_of(export, children[i])->values[0], rank);
  return gln_build_concat(build, parts[0], parts[1], dim);
}

// One class, whose children are built.
static void build_node(glni_export *export, eg_class id) {
  const gln_import *import = export->import;
  eg_node node = eg_choice_node(export->choice, id);
  uint32_t num, index = 0;
  const eg_class *children = eg_node_children(import->graph, node, &num);
  glni_slot *slot = slot_of(export, id);
  gln_signature type;
  *slot = (glni_slot){.block = (uint32_t)export->number + 1};
  gln_lang_type(&import->lang, id, &type);
  gln_node_index(&import->lang, node, &index);
  switch (gln_lang_node(&import->lang, node)) {
  case GLN_NODE_INPUT:
    build_input(export, index, type.results[0].rank, slot);
    break;
  case GLN_NODE_CONST:
    build_constant(export, index, slot);
    break;
  case GLN_NODE_VIEW:
  case GLN_NODE_PACK:
  case GLN_NODE_UNPACK:
    slot->values[0] = glni_export_view(
        export, gln_node_view(&import->lang, node),
        slot_of(export, children[0])->values[0], type.results[0].type);
    break;
  case GLN_NODE_CONCAT:
    slot->values[0] =
        build_concat(export, index, children, type.results[0].rank);
    break;
  case GLN_NODE_APPLY:
    build_apply(export, node, children, num, slot);
    break;
  case GLN_NODE_GET:
    slot->values[0] = slot_of(export, children[0])->values[index];
    break;
  case GLN_NODE_HOST:
    build_host(export, index, children, slot);
    break;
  default:
    gln_build_fail(&export->convert.build, "'%s' has no form in IR",
                   eg_op_name(import->graph, eg_node_op(import->graph, node)));
  }
  ++export->counts->built;
}

//===-- In order ----------------------------------------------------------===//

typedef struct class_stack {
  eg_class *items;
  size_t num, capacity;
} class_stack;

static bool push(const eg_allocator *memory, class_stack *stack, eg_class id) {
  if (stack->num == stack->capacity) {
    size_t wanted = stack->capacity ? 2 * stack->capacity : 256;
    void *items =
        memory->resize(memory->user, stack->items, stack->capacity * sizeof id,
                       wanted * sizeof id);
    if (!items)
      return false;
    stack->items = items;
    stack->capacity = wanted;
  }
  stack->items[stack->num++] = id;
  return true;
}

// Pushes the operands of |id| that are not built: kernels are no values. The
// last is pushed first, so that they are built in order.
static bool push_children(glni_export *export, class_stack *stack,
                          eg_class id) {
  const gln_import *import = export->import;
  eg_node node = eg_choice_node(export->choice, id);
  uint32_t num;
  const eg_class *children = eg_node_children(import->graph, node, &num);
  gln_chosen chosen;
  bool is_job = glni_export_job(export, node, &chosen), ok = true;
  if (is_job) { // reads tensors through views, which need not be built
    children = chosen.values;
    num = chosen.job.num_operands;
  }
  for (uint32_t i = num; i-- > 0 && ok;)
    if (eg_class_sort(import->graph, children[i]).id == import->lang.value.id &&
        !is_built(export, children[i]))
      ok = push(&import->memory, stack, children[i]);
  if (is_job)
    gln_chosen_fini(&chosen);
  return ok;
}

// Builds |root| and what it needs. The choice is acyclic.
static eg_status build_class(glni_export *export, class_stack *stack,
                             eg_class root) {
  gln_build *build = &export->convert.build;
  stack->num = 0;
  if (!push(&export->import->memory, stack, root))
    return EG_NO_MEMORY;
  while (stack->num && !build->error.status) {
    eg_class top = stack->items[stack->num - 1];
    size_t before = stack->num;
    if (!is_built(export, top)) {
      if (!push_children(export, stack, top))
        return EG_NO_MEMORY;
      if (stack->num > before)
        continue;
      build_node(export, top);
    }
    --stack->num;
  }
  return build->error.status;
}

//===-- Blocks ------------------------------------------------------------===//

static bool is_unused(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i)
    if (!mlirOpOperandIsNull(
            mlirValueGetFirstUse(mlirOperationGetResult(op, i))))
      return false;
  return true;
}

static void replace(const gln_import *import, const gln_import_block *block,
                    const MlirValue *values) {
  for (size_t i = 0; i < block->num_roots; ++i) {
    MlirValue old = import->roots[block->first_root + i].value;
    if (!mlirValueEqual(old, values[i]))
      mlirValueReplaceAllUsesOfWith(old, values[i]);
  }
}

// New values for all roots; on failure nothing is left of them.
static eg_status build_roots(glni_export *export, class_stack *stack,
                             const gln_import_block *block,
                             MlirValue *out_values) {
  const gln_import *import = export->import;
  gln_build *build = &export->convert.build;
  eg_status status = EG_OK;
  for (size_t i = 0; i < block->num_roots && status == EG_OK; ++i) {
    const gln_import_root *root = &import->roots[block->first_root + i];
    build->before = root->anchor;
    build->location =
        mlirOperationGetLocation(mlirOpResultGetOwner(root->value));
    export->position = root->position;
    status = build_class(export, stack, root->id);
    if (status == EG_OK)
      out_values[i] = value_as(export, root->id, mlirValueGetType(root->value));
    if (status == EG_OK && build->error.status)
      status = build->error.status;
  }
  if (status != EG_OK)
    gln_build_undo(build);
  return status;
}

static eg_status export_block(glni_export *export, class_stack *stack,
                              const gln_import_block *block,
                              MlirValue *values) {
  const gln_import *import = export->import;
  gln_build *build = &export->convert.build;
  if (!block->num_roots)
    return EG_OK;
  gln_build_init(build, import->roots[block->first_root].anchor);
  eg_status status = build_roots(export, stack, block, values);
  if (status == EG_OK) {
    replace(import, block, values);
  } else {
    ++export->counts->left;
    const gln_remark_arg args[] = {
        {.key = "Reason", .text = build->error.text}};
    gln_remark(mlirBlockGetParentOperation(block->block), GLN_REMARK_FAILED,
               "glenside-graph", "NotRebuilt", args, 1);
  }
  gln_build_fini(build);
  return status == EG_NO_MEMORY ? status : EG_OK;
}

// What the rebuilt blocks no longer use, last ops first.
static void erase_old(const gln_import *import) {
  for (size_t i = import->num_ops; i-- > 0;)
    if (is_unused(import->ops[i]))
      mlirOperationDestroy(import->ops[i]);
}

static size_t most_roots(const gln_import *import) {
  size_t most = 1;
  for (size_t i = 0; i < import->num_blocks; ++i)
    if (import->blocks[i].num_roots > most)
      most = import->blocks[i].num_roots;
  return most;
}

eg_status gln_export_module(const gln_import *import, const eg_choice *choice,
                            const gln_target *target, const char *name,
                            gln_export_counts *out_counts, eg_error *error) {
  const eg_allocator *memory = &import->memory;
  gln_bodies bodies;
  class_stack stack = {.num = 0};
  size_t num_values = most_roots(import);
  glni_export export = {.import = import,
                        .choice = choice,
                        .target = target,
                        .target_name = name,
                        .counts = out_counts};
  *out_counts = (gln_export_counts){0};
  for (eg_class id = eg_class_next(import->graph, (eg_class){0}); id.id;
       id = eg_class_next(import->graph, id))
    export.num_slots = id.id + 1u;
  size_t bytes = (export.num_slots + 1) * sizeof *export.slots;
  export.slots = memory->resize(memory->user, NULL, 0, bytes);
  MlirValue *values =
      memory->resize(memory->user, NULL, 0, num_values * sizeof *values);
  eg_status status = export.slots && values ? EG_OK : no_memory(error);
  gln_bodies_init(&bodies, import->module);
  export.convert.bodies = &bodies;
  if (status == EG_OK)
    memset(export.slots, 0, bytes);
  for (size_t i = 0; i < import->num_blocks && status == EG_OK; ++i) {
    export.number = i;
    status = export_block(&export, &stack, &import->blocks[i], values);
    if (status != EG_OK)
      no_memory(error);
  }
  erase_old(import);
  gln_bodies_fini(&bodies);
  memory->resize(memory->user, stack.items,
                 stack.capacity * sizeof *stack.items, 0);
  if (values)
    memory->resize(memory->user, values, num_values * sizeof *values, 0);
  if (export.slots)
    memory->resize(memory->user, export.slots, bytes, 0);
  return status;
}

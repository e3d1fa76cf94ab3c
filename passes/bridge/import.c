// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks to value graphs: which ops are in, what is a root, what an input.
#include "bridge/import_internal.h"

#include "cxx/glenside-cxx.h"

#include <stdio.h>
#include <string.h>

//===-- Constants ---------------------------------------------------------===//

static bool is_named(MlirOperation op, const char *name) {
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            gln_string(name));
}

static bool has_prefix(MlirOperation op, const char *prefix) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  size_t length = strlen(prefix);
  return name.length >= length && memcmp(name.data, prefix, length) == 0;
}

static MlirAttribute constant_data(MlirOperation op) {
  const char *name = is_named(op, "arith.constant") ? "value"
                     : is_named(op, "tosa.const")   ? "values"
                                                    : NULL;
  return name ? mlirOperationGetAttributeByName(op, gln_string(name))
              : mlirAttributeGetNull();
}

static bool find_splat(MlirAttribute attribute, gln_type type,
                       gln_scalar *out) {
  gln_data data;
  if (gln_data_get(attribute, &data) != GLN_DATA_OK || !data.bytes ||
      data.is_packed || data.element_bytes != gln_type_bytes(type) ||
      (!data.is_splat && data.num_bytes != data.element_bytes))
    return false;
  *out = gln_scalar_load(type, data.bytes);
  return true;
}

static eg_status import_constant(glni_block *block, MlirOperation op,
                                 MlirAttribute data) {
  gln_import *import = block->import;
  MlirValue value = mlirOperationGetResult(op, 0);
  MlirType type = mlirValueGetType(value);
  glni_known known = {.value = value};
  size_t index = 0;
  gln_shape *shape = &known.parts[0].shape;
  TRY(gln_pattern_shape(type, shape, &block->error));
  while (index < import->num_constants &&
         !(mlirAttributeEqual(import->constants[index].data, data) &&
           mlirTypeEqual(import->constants[index].type, type)))
    ++index;
  if (!ROOM(import, constants))
    return glni_no_memory(&block->error);
  gln_import_const *entry = &import->constants[index];
  if (index == import->num_constants) {
    *entry = (gln_import_const){.op = op, .data = data, .type = type};
    entry->is_splat = find_splat(data, shape->type, &entry->splat);
    ++import->num_constants;
  }
  TRY(glni_check(block, gln_add_const(&import->lang, (uint32_t)index, shape,
                                      &known.parts[0].source)));
  return glni_know(block, &known);
}

//===-- The host ----------------------------------------------------------===//

static MlirWalkResult find_effect(MlirOperation op, void *user) {
  static const char *const pure[] = {"access.", "arith.", "linalg.", "math.",
                                     "tensor."};
  bool *ok = user;
  for (size_t i = 0; i < sizeof pure / sizeof *pure; ++i)
    if (has_prefix(op, pure[i]))
      return MlirWalkResultAdvance;
  *ok = false;
  return MlirWalkResultInterrupt;
}

typedef struct {
  MlirOperation op; // the outer one
  bool found;
} capture;

// Whether an inner op reads a tensor from outside.
static MlirWalkResult find_capture(MlirOperation op, void *user) {
  capture *c = user;
  if (mlirOperationEqual(op, c->op))
    return MlirWalkResultAdvance;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(op, i));
    c->found |= mlirTypeIsATensor(type) || gln_is_pattern(type);
  }
  return MlirWalkResultAdvance;
}

// Whether the op may be a host node: it computes tensors from its operands.
static bool may_move(MlirOperation op, gln_shape *out_shapes) {
  intptr_t num = mlirOperationGetNumResults(op);
  bool pure = true;
  capture c = {.op = op};
  if (num < 1 || num > GLN_LANG_MAX_RESULTS)
    return false;
  for (intptr_t i = 0; i < num; ++i)
    if (gln_pattern_shape(mlirValueGetType(mlirOperationGetResult(op, i)),
                          &out_shapes[i], NULL))
      return false;
  mlirOperationWalk(op, find_effect, &pure, MlirWalkPreOrder);
  mlirOperationWalk(op, find_capture, &c, MlirWalkPreOrder);
  return pure && !c.found;
}

typedef struct {
  const glni_block *block;
  size_t available;
} outside;

// Positions of scalars and other values that a host op reads beside the graph.
static MlirWalkResult find_outside(MlirOperation op, void *user) {
  outside *o = user;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue value = mlirOperationGetOperand(op, i);
    if (glni_find(o->block, value))
      continue;
    size_t position = glni_available(o->block, value);
    o->available = position > o->available ? position : o->available;
  }
  return MlirWalkResultAdvance;
}

static eg_status know_results(glni_block *block, MlirOperation op,
                              const gln_shape *shapes, eg_class host) {
  gln_lang *lang = &block->import->lang;
  intptr_t num = mlirOperationGetNumResults(op);
  for (intptr_t i = 0; i < num; ++i) {
    glni_known known = {.value = mlirOperationGetResult(op, i),
                        .parts = {{.source = host, .shape = shapes[i]}}};
    if (num > 1)
      TRY(glni_check(
          block, gln_add_get(lang, (uint32_t)i, host, &known.parts[0].source)));
    TRY(glni_know(block, &known));
  }
  return EG_OK;
}

static eg_status import_host(glni_block *block, MlirOperation op,
                             const gln_shape *shapes) {
  gln_import *import = block->import;
  size_t num = 0, max = (size_t)mlirOperationGetNumOperands(op);
  eg_class *operands = import->memory.resize(import->memory.user, NULL, 0,
                                             (max + 1) * sizeof *operands);
  outside o = {.block = block};
  gln_shape shape;
  glni_array array;
  eg_class host;
  eg_status status =
      operands && ROOM(import, hosts) ? EG_OK : glni_no_memory(&block->error);
  for (size_t i = 0; i < max && status == EG_OK; ++i) {
    MlirValue value = mlirOperationGetOperand(op, (intptr_t)i);
    if (gln_pattern_shape(mlirValueGetType(value), &shape, NULL))
      continue;
    status = glni_read(block, value, &array);
    if (status == EG_OK)
      status = glni_class_of(block, &array, &operands[num++]);
  }
  mlirOperationWalk(op, find_outside, &o, MlirWalkPreOrder);
  if (status == EG_OK)
    status = glni_check(
        block, gln_add_host(&import->lang, (uint32_t)import->num_hosts, shapes,
                            (uint32_t)mlirOperationGetNumResults(op), operands,
                            (uint32_t)num, &host));
  if (operands)
    glni_release(&import->memory, operands, max + 1, sizeof *operands);
  if (status != EG_OK)
    return status;
  import->hosts[import->num_hosts++] = (gln_import_host){
      .op = op, .block = block->number, .available = o.available};
  return know_results(block, op, shapes, host);
}

//===-- Anchors -----------------------------------------------------------===//

typedef struct {
  glni_block *block;
  MlirOperation anchor;
  eg_status status;
} anchor_walk;

static eg_status add_root(glni_block *block, MlirOperation anchor,
                          MlirValue value) {
  gln_import *import = block->import;
  const glni_known *known = glni_find(block, value);
  glni_array array;
  gln_import_root root = {
      .value = value, .anchor = anchor, .position = block->position};
  size_t first = import->blocks[block->number].first_root;
  if (!known || known->is_input)
    return EG_OK;
  for (size_t i = import->num_roots; i-- > first;)
    if (mlirValueEqual(import->roots[i].value, value))
      return EG_OK;
  if (!ROOM(import, roots))
    return glni_no_memory(&block->error);
  TRY(glni_read(block, value, &array));
  TRY(glni_class_of(block, &array, &root.id));
  import->roots[import->num_roots++] = root;
  return EG_OK;
}

static MlirWalkResult add_roots(MlirOperation op, void *user) {
  anchor_walk *walk = user;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    if (walk->status == EG_OK)
      walk->status =
          add_root(walk->block, walk->anchor, mlirOperationGetOperand(op, i));
  return walk->status == EG_OK ? MlirWalkResultAdvance
                               : MlirWalkResultInterrupt;
}

//===-- Blocks ------------------------------------------------------------===//

static bool is_kept(MlirOperation op) {
  MlirAttribute device =
      mlirOperationGetAttributeByName(op, gln_string("glenside.device"));
  return !mlirAttributeIsNull(device) && mlirAttributeIsAString(device) &&
         mlirStringRefEqual(mlirStringAttrGetValue(device), gln_string("host"));
}

static void remark_left(glni_block *block, MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  char text[64];
  snprintf(text, sizeof text, "%.*s", (int)name.length, name.data);
  const gln_remark_arg args[] = {{.key = "Op", .text = text},
                                 {.key = "Reason", .text = block->error.text}};
  gln_remark(op, GLN_REMARK_MISSED, "glenside-graph", "OnHost", args, 2);
  block->import->num_left += has_prefix(op, "access.");
}

static eg_status add_place(glni_block *block, MlirOperation op) {
  gln_import *import = block->import;
  const glni_known *known = glni_find(block, mlirOperationGetResult(op, 0));
  if (!known || known->is_pair)
    return EG_OK;
  if (!ROOM(import, places))
    return glni_no_memory(&block->error);
  import->places[import->num_places++] = (gln_import_place){
      known->parts[0].source, mlirOperationGetLocation(op)};
  return EG_OK;
}

// Into the graph, on the host, or an anchor.
static eg_status import_op(glni_block *block, MlirOperation op) {
  gln_import *import = block->import;
  gln_shape shapes[GLN_LANG_MAX_RESULTS];
  gln_op access;
  MlirAttribute data = constant_data(op);
  eg_status status = EG_INVALID;
  memset(&block->error, 0, sizeof block->error);
  if (is_kept(op))
    (void)gln_fail(&block->error, EG_INVALID, "glenside.device = \"host\"");
  else if (!mlirAttributeIsNull(data))
    status = import_constant(block, op, data);
  else if (gln_access_is(op, &access)) {
    status = glni_import_op(block, op);
    if (status == EG_OK)
      status = add_place(block, op);
  }
  else
    (void)gln_fail(&block->error, EG_INVALID, "is no access pattern");
  if (status == EG_NO_MEMORY)
    return status;
  if (status != EG_OK && may_move(op, shapes)) {
    remark_left(block, op);
    status = import_host(block, op, shapes);
    if (status == EG_NO_MEMORY || status == EG_LIMIT)
      return status;
  }
  if (status == EG_OK) {
    if (!ROOM(import, ops))
      return glni_no_memory(&block->error);
    import->ops[import->num_ops++] = op;
    return EG_OK;
  }
  anchor_walk walk = {.block = block, .anchor = op};
  mlirOperationWalk(op, add_roots, &walk, MlirWalkPreOrder);
  return walk.status;
}

static eg_status add_results(glni_block *block) {
  gln_import *import = block->import;
  gln_import_block *entry = &import->blocks[block->number];
  entry->num_roots = import->num_roots - entry->first_root;
  entry->num_ops = import->num_ops - entry->first_op;
  size_t bytes = (entry->num_roots + 1) * sizeof(eg_class);
  eg_class *roots = import->memory.resize(import->memory.user, NULL, 0, bytes);
  if (!roots)
    return glni_no_memory(&block->error);
  for (size_t i = 0; i < entry->num_roots; ++i)
    roots[i] = import->roots[entry->first_root + i].id;
  eg_status status = glni_check(
      block, gln_add_results(&import->lang, roots, (uint32_t)entry->num_roots,
                             &entry->results));
  glni_release(&import->memory, roots, entry->num_roots + 1, sizeof *roots);
  return status;
}

static eg_status import_block(gln_import *import, MlirBlock code,
                              eg_error *error) {
  if (!ROOM(import, blocks))
    return glni_no_memory(error);
  glni_block block = {.import = import, .number = import->num_blocks};
  import->blocks[import->num_blocks++] =
      (gln_import_block){.block = code,
                         .first_root = import->num_roots,
                         .first_op = import->num_ops};
  eg_status status = EG_OK;
  for (MlirOperation op = mlirBlockGetFirstOperation(code);
       !mlirOperationIsNull(op) && status == EG_OK;
       op = mlirOperationGetNextInBlock(op), ++block.position)
    status = import_op(&block, op);
  if (status == EG_OK)
    status = add_results(&block);
  if (status != EG_OK && error)
    *error = block.error;
  glni_release(&import->memory, block.known, block.max_known,
               sizeof *block.known);
  for (size_t i = 0; i < block.num_views; ++i)
    gln_view_destroy(&import->memory, block.views[i]);
  glni_release(&import->memory, block.views, block.max_views,
               sizeof *block.views);
  glni_release(&import->memory, block.slots, block.num_slots,
               sizeof *block.slots);
  if (!mlirSymbolTableIsNull(block.table))
    mlirSymbolTableDestroy(block.table);
  return status;
}

// Inner blocks first: their results are exported before their surroundings move.
static eg_status import_regions(gln_import *import, MlirOperation op,
                                eg_error *error) {
  for (intptr_t r = 0; r < mlirOperationGetNumRegions(op); ++r)
    for (MlirBlock block =
             mlirRegionGetFirstBlock(mlirOperationGetRegion(op, r));
         !mlirBlockIsNull(block); block = mlirBlockGetNextInRegion(block)) {
      bool has_access = false;
      for (MlirOperation at = mlirBlockGetFirstOperation(block);
           !mlirOperationIsNull(at); at = mlirOperationGetNextInBlock(at)) {
        gln_op access;
        has_access |= gln_access_is(at, &access);
        if (!has_prefix(at, "linalg.") && !has_prefix(at, "tensor."))
          TRY(import_regions(import, at, error));
      }
      if (has_access)
        TRY(import_block(import, block, error));
    }
  return EG_OK;
}

eg_status gln_import_module(gln_import *out, MlirOperation module,
                            eg_error *error) {
  *out = (gln_import){.module = module, .memory = eg_allocator_default()};
  eg_status status = eg_graph_create(&out->memory, &out->graph);
  if (status != EG_OK)
    return glni_no_memory(error);
  status = gln_lang_init(&out->lang, out->graph);
  if (status == EG_OK)
    status = import_regions(out, module, error);
  if (status == EG_OK)
    status = eg_rebuild(out->graph);
  if (status != EG_OK && error && error->status == EG_OK)
    *error = *eg_graph_error(out->graph);
  if (status != EG_OK)
    gln_import_fini(out);
  return status;
}

void gln_import_fini(gln_import *import) {
  const eg_allocator memory = import->memory;
#define FREE(name)                                                             \
  glni_release(&memory, import->name, import->max_##name, sizeof *import->name)
  FREE(inputs);
  FREE(constants);
  FREE(hosts);
  FREE(roots);
  FREE(blocks);
  FREE(ops);
  FREE(places);
#undef FREE
  eg_graph_destroy(import->graph);
  *import = (gln_import){.graph = NULL};
}

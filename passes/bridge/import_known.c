// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is known of a block's values, and the memory of it.
#include "bridge/import_internal.h"

#include <string.h>

//===-- Lists -------------------------------------------------------------===//

bool glni_grow(const eg_allocator *memory, void *items, size_t num,
               size_t *capacity, size_t size) {
  void *block, **list = items;
  if (num < *capacity)
    return true;
  size_t wanted = *capacity ? 2 * *capacity : 64;
  block = memory->resize(memory->user, *list, *capacity * size, wanted * size);
  if (!block)
    return false;
  *list = block;
  *capacity = wanted;
  return true;
}

void glni_release(const eg_allocator *memory, void *items, size_t capacity,
                  size_t size) {
  memory->resize(memory->user, items, capacity * size, 0);
}

eg_status glni_no_memory(eg_error *error) {
  return gln_fail(error, EG_NO_MEMORY, "no memory for the graph of a module");
}

eg_status glni_check(glni_block *block, eg_status status) {
  if (status != EG_OK)
    block->error = *eg_graph_error(block->import->graph);
  return status;
}

//===-- Known values ------------------------------------------------------===//

static size_t hash_of(const void *pointer, size_t num_slots) {
  uint64_t bits = (uint64_t)(uintptr_t)pointer * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(bits >> 32) & (num_slots - 1);
}

static uint32_t *slot_of(const glni_block *block, MlirValue value) {
  size_t at = hash_of(value.ptr, block->num_slots);
  while (block->slots[at] &&
         block->known[block->slots[at] - 1].value.ptr != value.ptr)
    at = (at + 1) & (block->num_slots - 1);
  return &block->slots[at];
}

glni_known *glni_find(const glni_block *block, MlirValue value) {
  if (!block->num_slots)
    return NULL;
  uint32_t entry = *slot_of(block, value);
  return entry ? &block->known[entry - 1] : NULL;
}

static bool grow_slots(glni_block *block) {
  const eg_allocator *memory = &block->import->memory;
  size_t wanted = block->num_slots ? 2 * block->num_slots : 256;
  if (2 * (block->num_known + 1) <= block->num_slots)
    return true;
  uint32_t *slots =
      memory->resize(memory->user, NULL, 0, wanted * sizeof *slots);
  if (!slots)
    return false;
  memset(slots, 0, wanted * sizeof *slots);
  glni_release(memory, block->slots, block->num_slots, sizeof *slots);
  block->slots = slots;
  block->num_slots = wanted;
  for (size_t i = 0; i < block->num_known; ++i)
    *slot_of(block, block->known[i].value) = (uint32_t)i + 1;
  return true;
}

eg_status glni_know(glni_block *block, const glni_known *known) {
  if (!grow_slots(block) ||
      !glni_grow(&block->import->memory, &block->known, block->num_known,
                 &block->max_known, sizeof *block->known))
    return glni_no_memory(&block->error);
  block->known[block->num_known++] = *known;
  *slot_of(block, known->value) = (uint32_t)block->num_known;
  return EG_OK;
}

size_t glni_available(const glni_block *block, MlirValue value) {
  MlirBlock here = block->import->blocks[block->number].block;
  if (!mlirValueIsAOpResult(value))
    return 0;
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!mlirBlockEqual(mlirOperationGetBlock(op), here))
    return 0;
  // Ops before it in the block; anchors are few, so that this is rare.
  size_t position = 0;
  for (MlirOperation at = mlirBlockGetFirstOperation(here);
       !mlirOperationEqual(at, op); at = mlirOperationGetNextInBlock(at))
    ++position;
  return position + 1;
}

static eg_status add_input(glni_block *block, MlirValue value,
                           glni_array *out) {
  gln_import *import = block->import;
  glni_known known = {.value = value, .is_input = true};
  *out = (glni_array){.view = NULL};
  TRY(gln_pattern_shape(mlirValueGetType(value), &out->shape, &block->error));
  if (!ROOM(import, inputs))
    return glni_no_memory(&block->error);
  TRY(glni_check(block,
                 gln_add_input(&import->lang, (uint32_t)import->num_inputs,
                               &out->shape, &out->source)));
  import->inputs[import->num_inputs++] =
      (gln_import_input){.value = value,
                         .block = block->number,
                         .available = glni_available(block, value)};
  known.parts[0] = *out;
  return glni_know(block, &known);
}

eg_status glni_read(glni_block *block, MlirValue value, glni_array *out) {
  const glni_known *known = glni_find(block, value);
  if (!known)
    return add_input(block, value, out);
  if (known->is_pair) {
    gln_shape shape;
    TRY(gln_pattern_shape(mlirValueGetType(value), &shape, &block->error));
    TRY(glni_join_pair(block, known, out));
    out->shape = shape;
    return EG_OK;
  }
  *out = known->parts[0];
  return EG_OK;
}

eg_status glni_class_of(glni_block *block, const glni_array *array,
                        eg_class *out) {
  gln_import *import = block->import;
  if (!array->view) {
    *out = eg_find(import->graph, array->source);
    return EG_OK;
  }
  return glni_check(block, gln_add_view(&import->lang, &import->memory,
                                        array->view, array->source, out));
}

eg_status glni_own(glni_block *block, eg_status status, gln_view *view,
                   const gln_view **out) {
  const eg_allocator *memory = &block->import->memory;
  if (status == EG_OK && !glni_grow(memory, &block->views, block->num_views,
                                    &block->max_views, sizeof *block->views))
    status = glni_no_memory(&block->error);
  if (status != EG_OK) {
    gln_view_destroy(memory, view);
    return status;
  }
  block->views[block->num_views++] = view;
  *out = gln_view_is_identity(view) ? NULL : view;
  return EG_OK;
}

glni_array glni_array_of(eg_class source, const gln_view *view) {
  return (glni_array){.source = source, .view = view, .head = view};
}

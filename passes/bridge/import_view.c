// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arrays read through views, which compose before they are nodes; and pairs.
#include "bridge/import_internal.h"

#include <string.h>

//===-- Views -------------------------------------------------------------===//

// The tail behind |view|, which becomes the array's head if it cannot be one.
static eg_status extend_tail(glni_block *block, const gln_view *view,
                             glni_array *array) {
  const eg_allocator *memory = &block->import->memory;
  gln_view *tail = NULL;
  eg_status status =
      array->tail
          ? gln_view_compose(memory, view, array->tail, &tail, &block->error)
          : gln_view_clone(memory, view, &tail, &block->error);
  TRY(status);
  if (!gln_view_has_fill(tail, NULL) && gln_view_is_affine(tail, NULL, NULL))
    return glni_own(block, EG_OK, tail, &array->tail);
  gln_view_destroy(memory, tail);
  array->head = array->view;
  array->tail = NULL;
  return EG_OK;
}

static eg_status compose(glni_block *block, const gln_view *view,
                         glni_array *array) {
  const eg_allocator *memory = &block->import->memory;
  gln_view *both = NULL;
  if (!array->view) {
    TRY(gln_view_clone(memory, view, &both, &block->error));
  } else {
    eg_status status =
        gln_view_compose(memory, view, array->view, &both, &block->error);
    if (status == EG_INFEASIBLE) { // two fills stay two nodes
      eg_class inner;
      TRY(glni_class_of(block, array, &inner));
      *array = glni_array_of(inner, NULL);
      status = gln_view_clone(memory, view, &both, &block->error);
    }
    TRY(status);
  }
  TRY(glni_own(block, EG_OK, both, &array->view));
  return extend_tail(block, view, array);
}

eg_status glni_view_array(glni_block *block, eg_status status, gln_view *view,
                          glni_array *array) {
  gln_shape shape = array->shape;
  if (status == EG_OK)
    status = compose(block, view, array);
  gln_view_destroy(&block->import->memory, view);
  array->shape = shape;
  return status;
}

// Each half aligned at its right end: result dimension of operand dimension d.
static size_t aligned(const gln_shape *from, const gln_shape *to, size_t d) {
  return d < from->num_access ? d + to->num_access - from->num_access
                              : d + to->rank - from->rank;
}

static eg_status broadcast(const eg_allocator *memory, const gln_shape *from,
                           const gln_shape *to, gln_view **out,
                           eg_error *error) {
  int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK] = {0}, offset[GLN_MAX_RANK] = {0};
  for (size_t d = 0; d < from->rank; ++d)
    if (from->dims[d] > 1)
      matrix[d * to->rank + aligned(from, to, d)] = 1;
  return gln_view_affine(memory, from->rank, from->dims, to->rank, to->dims,
                         matrix, offset, out, error);
}

eg_status glni_make_view(const eg_allocator *memory, const gln_access_use *use,
                         gln_view **out, eg_error *error) {
  const gln_shape *from = &use->operands[0], *to = &use->result;
  const gln_op_attrs *a = &use->attrs;
  size_t rank = from->rank;
  const int64_t *dims = from->dims;
  switch (use->op) {
  case GLN_OP_TRANSPOSE:
    return gln_view_transpose(memory, rank, dims, a->perm.data, out, error);
  case GLN_OP_RESHAPE:
  case GLN_OP_FLATTEN:
    return gln_view_reshape(memory, rank, dims, to->rank, to->dims, out, error);
  case GLN_OP_SQUEEZE:
    return gln_view_squeeze(memory, rank, dims, (size_t)a->dim, out, error);
  case GLN_OP_INSERT_AXIS:
    return gln_view_insert_axis(memory, rank, dims, (size_t)a->dim, out, error);
  case GLN_OP_BROADCAST:
    return broadcast(memory, from, to, out, error);
  case GLN_OP_SLICE:
    return gln_view_slice(memory, rank, dims, a->offsets.data, a->sizes.data,
                          a->strides.data, out, error);
  case GLN_OP_PAD:
    return gln_view_pad(memory, rank, dims, a->low.data, a->high.data, a->value,
                        out, error);
  case GLN_OP_WINDOWS:
    return gln_view_windows(memory, rank, dims, from->num_access,
                            a->window.data, a->strides.data, a->dilations.data,
                            out, error);
  default:
    return gln_fail(error, EG_NOT_FOUND, "has no node in the graph");
  }
}

//===-- Pairs -------------------------------------------------------------===//

eg_status glni_join_pair(glni_block *block, const glni_known *pair,
                         glni_array *out) {
  gln_import *import = block->import;
  eg_class parts[2];
  for (int i = 0; i < 2; ++i) {
    glni_array part = pair->parts[i];
    const gln_shape *shape = &part.shape;
    gln_view *view = NULL;
    eg_status status =
        gln_view_insert_axis(&import->memory, shape->rank, shape->dims,
                             shape->num_access, &view, &block->error);
    TRY(glni_view_array(block, status, view, &part));
    TRY(glni_class_of(block, &part, &parts[i]));
  }
  *out = glni_array_of(parts[0], NULL);
  return glni_check(block, gln_add_concat(&import->lang,
                                          pair->parts[0].shape.num_access,
                                          parts[0], parts[1], &out->source));
}

// Access dimensions of both one after the other, items shared.
static eg_status product_part(glni_block *block, const gln_access_use *use,
                              size_t part, const gln_shape *shape,
                              glni_array *array) {
  int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK] = {0}, offset[GLN_MAX_RANK] = {0};
  const gln_shape *from = &use->operands[part];
  size_t first = part ? use->operands[0].num_access : 0;
  for (size_t d = 0; d < from->rank; ++d) {
    size_t to = d < from->num_access ? first + d
                                     : d - from->num_access + shape->num_access;
    matrix[d * shape->rank + to] = 1;
  }
  gln_view *view = NULL;
  eg_status status = gln_view_affine(&block->import->memory, from->rank,
                                     from->dims, shape->rank, shape->dims,
                                     matrix, offset, &view, &block->error);
  return glni_view_array(block, status, view, array);
}

eg_status glni_import_pair(glni_block *block, MlirOperation op,
                           const gln_access_use *use) {
  glni_known known = {.value = mlirOperationGetResult(op, 0), .is_pair = true};
  gln_shape shape = use->result;
  size_t k = shape.num_access;
  memmove(shape.dims + k, shape.dims + k + 1,
          (shape.rank - k - 1u) * sizeof *shape.dims);
  shape.dims[--shape.rank] = 0;
  for (size_t i = 0; i < 2; ++i) {
    TRY(glni_read(block, mlirOperationGetOperand(op, (intptr_t)i),
                  &known.parts[i]));
    if (use->op == GLN_OP_CARTESIAN_PRODUCT)
      TRY(product_part(block, use, i, &shape, &known.parts[i]));
    known.parts[i].shape = shape;
  }
  return glni_know(block, &known);
}

// ((a…),(n,c…)) at |index| of the n.
static eg_status slice_part(glni_block *block, size_t index,
                            glni_array *array) {
  int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK] = {0}, offset[GLN_MAX_RANK] = {0};
  gln_shape shape = array->shape, part = shape;
  size_t k = shape.num_access;
  memmove(part.dims + k, part.dims + k + 1,
          (part.rank - k - 1u) * sizeof *part.dims);
  part.dims[--part.rank] = 0;
  offset[k] = (int64_t)index;
  for (size_t d = 0; d < part.rank; ++d)
    matrix[(d < k ? d : d + 1) * part.rank + d] = 1;
  gln_view *view = NULL;
  eg_status status =
      gln_view_affine(&block->import->memory, shape.rank, shape.dims, part.rank,
                      part.dims, matrix, offset, &view, &block->error);
  array->shape = part;
  return glni_view_array(block, status, view, array);
}

eg_status glni_read_operands(glni_block *block, MlirOperation op, size_t want,
                             glni_array *out) {
  size_t num = (size_t)mlirOperationGetNumOperands(op);
  MlirValue first = mlirOperationGetOperand(op, 0);
  const glni_known *pair = glni_find(block, first);
  if (num != want && want == 2 && pair && pair->is_pair) {
    memcpy(out, pair->parts, sizeof pair->parts);
    return EG_OK;
  }
  for (size_t i = 0; i < want; ++i) {
    TRY(glni_read(
        block, num == want ? mlirOperationGetOperand(op, (intptr_t)i) : first,
        &out[i]));
    if (num != want)
      TRY(slice_part(block, i, &out[i]));
  }
  return EG_OK;
}

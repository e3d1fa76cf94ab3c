// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Access ops as nodes: views compose to one, reductions become canonical.
#include "bridge/import_internal.h"

#include <string.h>

//===-- Views -------------------------------------------------------------===//

const gln_view *glni_view_of(const gln_import *import, eg_class id,
                             eg_class *out_source) {
  uint32_t num, num_children;
  const eg_node *nodes = eg_class_nodes(import->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(&import->lang, nodes[i]) == GLN_NODE_VIEW) {
      *out_source = eg_node_children(import->graph, nodes[i], &num_children)[0];
      return gln_node_view(&import->lang, nodes[i]);
    }
  return NULL;
}

eg_status glni_add_view(glni_block *block, eg_status status, gln_view *view,
                        eg_class of, eg_class *out) {
  gln_import *import = block->import;
  if (status == EG_OK)
    status = glni_check(
        block, gln_add_view(&import->lang, &import->memory, view, of, out));
  gln_view_destroy(&import->memory, view);
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

// The view that the op is; *out_status EG_NOT_FOUND when it is none.
static eg_status make_view(const eg_allocator *memory,
                           const gln_access_use *use, gln_view **out,
                           eg_error *error) {
  const gln_shape *from = &use->operands[0], *to = &use->result;
  const gln_op_attrs *a = &use->attrs;
  size_t rank = from->rank;
  const int64_t *dims = from->dims;
  switch (use->op) {
  case GLN_OP_VIEW:
  case GLN_OP_TENSOR:
  case GLN_OP_SHIFT:
    return gln_view_identity(memory, rank, dims, out, error);
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
    return EG_NOT_FOUND;
  }
}

//===-- Pairs -------------------------------------------------------------===//

eg_status glni_join_pair(glni_block *block, const glni_known *pair,
                         eg_class *out) {
  gln_import *import = block->import;
  const gln_shape *shape = &pair->shape;
  eg_class parts[2];
  for (int i = 0; i < 2; ++i) {
    gln_view *view = NULL;
    eg_status status =
        gln_view_insert_axis(&import->memory, shape->rank, shape->dims,
                             shape->num_access, &view, &block->error);
    TRY(glni_add_view(block, status, view, pair->parts[i], &parts[i]));
  }
  return glni_check(block, gln_add_concat(&import->lang, shape->num_access,
                                          parts[0], parts[1], out));
}

// Access dimensions of both one after the other, items shared.
static eg_status product_part(glni_block *block, const gln_access_use *use,
                              size_t part, const gln_shape *shape,
                              eg_class *inout) {
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
  return glni_add_view(block, status, view, *inout, inout);
}

static eg_status import_pair(glni_block *block, MlirOperation op,
                             const gln_access_use *use) {
  glni_known known = {.value = mlirOperationGetResult(op, 0), .is_pair = true};
  gln_shape shape = use->result, ignored;
  size_t k = shape.num_access;
  memmove(shape.dims + k, shape.dims + k + 1,
          (shape.rank - k - 1u) * sizeof *shape.dims);
  shape.dims[--shape.rank] = 0;
  known.shape = shape;
  for (size_t i = 0; i < 2; ++i) {
    TRY(glni_class_of(block, mlirOperationGetOperand(op, (intptr_t)i),
                      &known.parts[i], &ignored));
    if (use->op == GLN_OP_CARTESIAN_PRODUCT)
      TRY(product_part(block, use, i, &shape, &known.parts[i]));
  }
  return glni_know(block, &known);
}

// The operands of a kernel: the op's own, or the parts of a single one.
static eg_status read_operands(glni_block *block, MlirOperation op, size_t want,
                               eg_class *out, gln_shape *out_shapes) {
  size_t num = (size_t)mlirOperationGetNumOperands(op);
  MlirValue first = mlirOperationGetOperand(op, 0);
  if (num == want) {
    for (size_t i = 0; i < num; ++i)
      TRY(glni_class_of(block, mlirOperationGetOperand(op, (intptr_t)i),
                        &out[i], &out_shapes[i]));
    return EG_OK;
  }
  const glni_known *pair = glni_find(block, first);
  if (want == 2 && pair && pair->is_pair) {
    memcpy(out, pair->parts, sizeof pair->parts);
    out_shapes[0] = out_shapes[1] = pair->shape;
    return EG_OK;
  }
  // ((a…),(n,c…)): the slices at each of the n.
  eg_class whole;
  gln_shape shape;
  TRY(glni_class_of(block, first, &whole, &shape));
  size_t k = shape.num_access;
  gln_shape part = shape;
  memmove(part.dims + k, part.dims + k + 1,
          (part.rank - k - 1u) * sizeof *part.dims);
  part.dims[--part.rank] = 0;
  for (size_t i = 0; i < want; ++i) {
    int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK] = {0};
    int64_t offset[GLN_MAX_RANK] = {0};
    gln_view *view = NULL;
    offset[k] = (int64_t)i;
    for (size_t d = 0; d < part.rank; ++d)
      matrix[(d < k ? d : d + 1) * part.rank + d] = 1;
    eg_status status = gln_view_affine(&block->import->memory, shape.rank,
                                       shape.dims, part.rank, part.dims, matrix,
                                       offset, &view, &block->error);
    TRY(glni_add_view(block, status, view, whole, &out[i]));
    out_shapes[i] = part;
  }
  return EG_OK;
}

//===-- Reductions --------------------------------------------------------===//

// Whether the value is known to the compiler: a constant, or computed from some.
static bool is_constant(const gln_import *import, eg_class id, int depth) {
  uint32_t num;
  eg_node node = eg_class_nodes(import->graph, id, &num)[0];
  const eg_class *children = eg_node_children(import->graph, node, &num);
  switch (gln_lang_node(&import->lang, node)) {
  case GLN_NODE_CONST:
    return true;
  case GLN_NODE_VIEW:
    return depth && is_constant(import, children[0], depth - 1);
  case GLN_NODE_APPLY:
    for (uint32_t i = 1; i < num; ++i)
      if (!depth || !is_constant(import, children[i], depth - 1))
        return false;
    return num > 1;
  default:
    return false;
  }
}

// The spec of |reduction| applied to |sources|, and the result as it was.
static eg_status add_reduction(glni_block *block,
                               const gln_reduction *reduction,
                               const eg_class *sources, eg_class *out) {
  gln_import *import = block->import;
  gln_canonical canonical;
  eg_class kernel, operands[2], result;
  TRY(gln_canonicalise(&import->memory, reduction, &canonical, &block->error));
  eg_status status = EG_OK;
  for (size_t k = 0; k < reduction->num_operands && status == EG_OK; ++k)
    status = glni_check(
        block,
        gln_add_view(&import->lang, &import->memory, canonical.operands[k],
                     sources[canonical.swapped ? 1 - k : k], &operands[k]));
  if (status == EG_OK)
    status = glni_check(block,
                        gln_add_spec(&import->lang, &canonical.spec, &kernel));
  if (status == EG_OK)
    status = glni_check(block, gln_add_apply(&import->lang, kernel, operands,
                                             (uint32_t)reduction->num_operands,
                                             &result));
  if (status == EG_OK)
    status = glni_check(block, gln_add_view(&import->lang, &import->memory,
                                            canonical.view, result, out));
  gln_canonical_fini(&import->memory, &canonical);
  return status;
}

static eg_status import_reduction(glni_block *block, gln_combine combine,
                                  gln_type type, const eg_class *operands,
                                  const gln_shape *shapes, size_t num,
                                  eg_class *out) {
  gln_import *import = block->import;
  bool reduced[GLN_MAX_RANK];
  gln_view *whole[2] = {NULL, NULL};
  eg_class sources[2];
  gln_reduction r = {.combine = combine,
                     .result = type,
                     .rank = shapes[0].rank,
                     .extents = shapes[0].dims,
                     .reduced = reduced,
                     .num_operands = num};
  for (size_t d = 0; d < r.rank; ++d)
    reduced[d] = d >= shapes[0].num_access;
  eg_status status = EG_OK;
  for (size_t k = 0; k < num && status == EG_OK; ++k) {
    r.types[k] = shapes[k].type;
    r.constant[k] = is_constant(import, operands[k], 16);
    r.views[k] = glni_view_of(import, operands[k], &sources[k]);
    if (r.views[k])
      continue;
    sources[k] = operands[k];
    status = gln_view_identity(&import->memory, shapes[k].rank, shapes[k].dims,
                               &whole[k], &block->error);
    r.views[k] = whole[k];
  }
  if (status == EG_OK)
    status = add_reduction(block, &r, sources, out);
  for (size_t k = 0; k < 2; ++k)
    gln_view_destroy(&import->memory, whole[k]);
  return status;
}

// The sum divided by the number of elements in an item.
static eg_status divide(glni_block *block, const gln_shape *shape,
                        int64_t count, eg_class sum, eg_class *out) {
  gln_scalar_body body;
  uint16_t args[2] = {0, 0}, reg;
  gln_scalar number = gln_type_is_float(shape->type)
                          ? gln_scalar_from_double(shape->type, (double)count)
                          : gln_scalar_from_int(shape->type, count);
  eg_error *error = &block->error;
  TRY(gln_scalar_body_init(&body, &shape->type, 1, block->import->memory,
                           error));
  eg_status status = gln_scalar_body_const(&body, number, &args[1], error);
  if (status == EG_OK)
    status = gln_scalar_body_op(&body, GLN_SCALAR_DIV, shape->type, args, 2,
                                &reg, error);
  if (status == EG_OK)
    status = gln_scalar_body_result(&body, reg, error);
  if (status == EG_OK)
    return glni_import_map(block, &body, &sum, shape, out);
  gln_scalar_body_fini(&body);
  return status;
}

//===-- compute and call --------------------------------------------------===//

static eg_status scalar_body(glni_block *block, gln_scalar_op function,
                             gln_type type, const gln_shape *shapes, size_t num,
                             gln_scalar_body *out) {
  gln_type types[GLN_MAX_OPERANDS];
  uint16_t args[GLN_MAX_OPERANDS], reg;
  eg_error *error = &block->error;
  for (size_t i = 0; i < num; ++i) {
    types[i] = shapes[i].type;
    args[i] = (uint16_t)i;
  }
  TRY(gln_scalar_body_init(out, types, num, block->import->memory, error));
  eg_status status =
      gln_scalar_body_op(out, function, type, args, num, &reg, error);
  if (status == EG_OK)
    status = gln_scalar_body_result(out, reg, error);
  if (status != EG_OK)
    gln_scalar_body_fini(out);
  return status;
}

static eg_status add_items(glni_block *block, const gln_access_use *use,
                           eg_class operand, const gln_shape *shape,
                           eg_class *out) {
  gln_lang *lang = &block->import->lang;
  eg_class kernel;
  if (use->attrs.kind == GLN_KIND_SOFTMAX)
    TRY(glni_check(block, gln_add_softmax(lang, shape, &kernel)));
  else
    TRY(glni_check(block,
                   gln_add_argmax(lang, shape, use->result.type, &kernel)));
  return glni_check(block, gln_add_apply(lang, kernel, &operand, 1, out));
}

static eg_status import_compute(glni_block *block, MlirOperation op,
                                const gln_access_use *use, eg_class *out) {
  eg_class operands[GLN_MAX_OPERANDS];
  gln_shape shapes[GLN_MAX_OPERANDS];
  int kind = use->attrs.kind;
  gln_scalar_op function = (gln_scalar_op)(kind - GLN_KIND_SCALAR);
  size_t num = kind == GLN_KIND_DOT      ? 2
               : kind >= GLN_KIND_SCALAR ? gln_scalar_op_info(function)->arity
                                         : 1;
  gln_type type = use->result.type;
  gln_combine combine = GLN_COMBINE_SUM;
  TRY(read_operands(block, op, num, operands, shapes));
  switch (kind) {
  case GLN_KIND_SOFTMAX:
  case GLN_KIND_ARGMAX:
    return add_items(block, use, operands[0], &shapes[0], out);
  case GLN_KIND_DOT:
    combine = GLN_COMBINE_DOT;
    break;
  case GLN_KIND_REDUCE_PROD:
    combine = GLN_COMBINE_PROD;
    break;
  case GLN_KIND_REDUCE_MAX:
    combine = GLN_COMBINE_MAX;
    break;
  case GLN_KIND_REDUCE_MIN:
    combine = GLN_COMBINE_MIN;
    break;
  case GLN_KIND_REDUCE_SUM:
  case GLN_KIND_REDUCE_MEAN:
    break;
  default: {
    gln_scalar_body body;
    TRY(scalar_body(block, function, type, shapes, num, &body));
    return glni_import_map(block, &body, operands, &use->result, out);
  }
  }
  TRY(import_reduction(block, combine, type, operands, shapes, num, out));
  if (kind != GLN_KIND_REDUCE_MEAN)
    return EG_OK;
  return divide(block, &use->result, gln_shape_num_item_elements(&shapes[0]),
                *out, out);
}

// The function that a call names, looked up in the nearest symbol table.
static MlirOperation find_body(glni_block *block, MlirOperation op,
                               MlirStringRef name) {
  MlirOperation at = mlirOperationGetParentOperation(op);
  for (; !mlirOperationIsNull(at); at = mlirOperationGetParentOperation(at)) {
    if (!mlirOperationEqual(at, block->table_op)) {
      MlirSymbolTable table = mlirSymbolTableCreate(at);
      if (mlirSymbolTableIsNull(table))
        continue;
      if (!mlirSymbolTableIsNull(block->table))
        mlirSymbolTableDestroy(block->table);
      block->table = table;
      block->table_op = at;
    }
    MlirOperation found = mlirSymbolTableLookup(block->table, name);
    if (!mlirOperationIsNull(found))
      return found;
  }
  return (MlirOperation){NULL};
}

static eg_status import_call(glni_block *block, MlirOperation op,
                             const gln_access_use *use, eg_class *out) {
  eg_class operands[GLN_MAX_OPERANDS];
  gln_shape shapes[GLN_MAX_OPERANDS];
  gln_body_import body;
  MlirOperation function = find_body(block, op, use->symbol);
  MlirBlock code = {NULL};
  if (!mlirOperationIsNull(function) &&
      mlirOperationGetNumRegions(function) == 1)
    code = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  if (mlirBlockIsNull(code) || !mlirBlockIsNull(mlirBlockGetNextInRegion(code)))
    return gln_fail(&block->error, EG_INVALID,
                    "its body @%.*s is not one block", (int)use->symbol.length,
                    use->symbol.data);
  TRY(read_operands(block, op, use->num_operands, operands, shapes));
  TRY(gln_body_import_block(code, &body, &block->error));
  if (body.body.num_args == use->num_operands && body.body.num_results == 1)
    return glni_import_map(block, &body.body, operands, &use->result, out);
  gln_scalar_body_fini(&body.body);
  return gln_fail(&block->error, EG_INVALID,
                  "its body uses values from outside");
}

//===-- All ---------------------------------------------------------------===//

eg_status glni_import_op(glni_block *block, MlirOperation op) {
  gln_import *import = block->import;
  gln_access_use use;
  eg_class first = {0}, out;
  gln_shape shape;
  gln_view *view = NULL;
  TRY(gln_access_read(op, &use, &block->error));
  if (use.is_symbolic)
    return gln_fail(&block->error, EG_INVALID, "has an extent that is a name");
  switch (use.op) {
  case GLN_OP_PAIR:
  case GLN_OP_CARTESIAN_PRODUCT:
    return import_pair(block, op, &use);
  case GLN_OP_COMPUTE:
    TRY(import_compute(block, op, &use, &out));
    break;
  case GLN_OP_CALL:
    TRY(import_call(block, op, &use, &out));
    break;
  case GLN_OP_IOTA:
    TRY(glni_import_iota(block, &use.result, (uint32_t)use.attrs.dim, &out));
    break;
  case GLN_OP_CONCAT: {
    eg_class second;
    TRY(glni_class_of(block, mlirOperationGetOperand(op, 0), &first, &shape));
    TRY(glni_class_of(block, mlirOperationGetOperand(op, 1), &second, &shape));
    TRY(glni_check(block, gln_add_concat(&import->lang, (uint32_t)use.attrs.dim,
                                         first, second, &out)));
    break;
  }
  default: {
    TRY(glni_class_of(block, mlirOperationGetOperand(op, 0), &first, &shape));
    eg_status status = make_view(&import->memory, &use, &view, &block->error);
    TRY(glni_add_view(block, status, view, first, &out));
  }
  }
  return glni_know(block, &(glni_known){.value = mlirOperationGetResult(op, 0),
                                        .parts = {out},
                                        .shape = use.result});
}

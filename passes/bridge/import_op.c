// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Access ops as nodes: views compose to one, reductions become canonical.
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

// The view that the op is; EG_NOT_FOUND when it is none.
static eg_status make_view(const eg_allocator *memory,
                           const gln_access_use *use, gln_view **out,
                           eg_error *error) {
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

static eg_status import_pair(glni_block *block, MlirOperation op,
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

// The operands of a kernel: the op's own, or the parts of a single one.
static eg_status read_operands(glni_block *block, MlirOperation op, size_t want,
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

// The canonical spec applied to its operands, and the result as it was. |bases|
// are what the reduction's views read.
static eg_status add_spec(glni_block *block, gln_canonical *canonical,
                          const glni_array *bases, glni_array *out) {
  gln_import *import = block->import;
  eg_class kernel, classes[2], result;
  uint32_t num = canonical->spec.num_operands;
  for (uint32_t k = 0; k < num; ++k) {
    glni_array operand = bases[canonical->swapped ? 1 - k : k];
    TRY(glni_view_array(block, EG_OK, canonical->operands[k], &operand));
    canonical->operands[k] = NULL;
    TRY(glni_class_of(block, &operand, &classes[k]));
  }
  TRY(glni_check(block,
                 gln_add_spec(&import->lang, &canonical->spec, &kernel)));
  TRY(glni_check(block,
                 gln_add_apply(&import->lang, kernel, classes, num, &result)));
  const gln_view *view;
  TRY(glni_own(block, EG_OK, canonical->view, &view));
  canonical->view = NULL;
  *out = glni_array_of(result, view);
  return EG_OK;
}

// Elements of the arrays that a spec reads.
static int64_t num_read(const gln_spec *spec, int64_t *out_each) {
  int64_t sum = 0;
  for (size_t k = 0; k < spec->num_operands; ++k) {
    int64_t extents[GLN_SPEC_MAX_RANK];
    gln_spec_operand_box(spec, k, extents, NULL);
    out_each[k] = 1;
    for (size_t d = 0; d < spec->operands[k].rank; ++d)
      out_each[k] *= extents[d];
    sum += out_each[k];
  }
  return sum;
}

// The operand as it is read from its head instead of its source.
static eg_status read_tail(glni_block *block, const glni_array *operand,
                           const gln_view **out_view, glni_array *out_base) {
  const gln_shape *shape = &operand->shape;
  gln_view *whole = NULL;
  const gln_view *ignored;
  *out_base = glni_array_of(operand->source, operand->head);
  *out_view = operand->tail;
  if (operand->tail)
    return EG_OK;
  eg_status status = gln_view_identity(&block->import->memory, shape->rank,
                                       shape->dims, &whole, &block->error);
  TRY(glni_own(block, status, whole, &ignored));
  *out_view = whole;
  return EG_OK;
}

// Where an operand's map did not become linear, it is an array of all points:
// then it is tried from its head, and the one that reads less is taken.
static eg_status improve(glni_block *block, gln_reduction *r,
                         const glni_array *operands, gln_canonical *canonical,
                         glni_array *bases) {
  const eg_allocator *memory = &block->import->memory;
  int64_t each[2], other[2], points = gln_spec_num_points(&canonical->spec);
  int64_t all = num_read(&canonical->spec, each);
  glni_array heads[2] = {bases[0], bases[1]};
  gln_canonical better;
  bool any = false;
  for (size_t k = 0; k < r->num_operands; ++k) {
    size_t from = canonical->swapped ? 1 - k : k;
    if (each[k] != points || !operands[from].head)
      continue;
    TRY(read_tail(block, &operands[from], &r->views[from], &heads[from]));
    any = true;
  }
  if (!any || gln_canonicalise(memory, r, &better, NULL) != EG_OK)
    return EG_OK;
  if (num_read(&better.spec, other) >= all) {
    gln_canonical_fini(memory, &better);
    return EG_OK;
  }
  gln_canonical_fini(memory, canonical);
  *canonical = better;
  memcpy(bases, heads, sizeof heads);
  return EG_OK;
}

static eg_status import_reduction(glni_block *block, gln_combine combine,
                                  gln_type type, const glni_array *operands,
                                  size_t num, glni_array *out) {
  gln_import *import = block->import;
  bool reduced[GLN_MAX_RANK];
  glni_array bases[2] = {{.view = NULL}};
  gln_canonical canonical;
  const gln_shape *shape = &operands[0].shape;
  gln_reduction r = {.combine = combine,
                     .result = type,
                     .rank = shape->rank,
                     .extents = shape->dims,
                     .reduced = reduced,
                     .num_operands = num};
  for (size_t d = 0; d < r.rank; ++d)
    reduced[d] = d >= shape->num_access;
  for (size_t k = 0; k < num; ++k) {
    glni_array whole = {.shape = operands[k].shape};
    r.types[k] = operands[k].shape.type;
    r.constant[k] = is_constant(import, operands[k].source, 16);
    r.views[k] = operands[k].view;
    if (!r.views[k])
      TRY(read_tail(block, &whole, &r.views[k], &bases[k]));
    bases[k] = glni_array_of(operands[k].source, NULL);
  }
  TRY(gln_canonicalise(&import->memory, &r, &canonical, &block->error));
  eg_status status = improve(block, &r, operands, &canonical, bases);
  if (status == EG_OK)
    status = add_spec(block, &canonical, bases, out);
  gln_canonical_fini(&import->memory, &canonical);
  return status;
}

// The sum divided by the number of elements in an item.
static eg_status divide(glni_block *block, const gln_shape *shape,
                        int64_t count, glni_array *inout) {
  const glni_array sum = *inout;
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
    return glni_import_map(block, &body, &sum, shape, inout);
  gln_scalar_body_fini(&body);
  return status;
}

//===-- compute and call --------------------------------------------------===//

static eg_status scalar_body(glni_block *block, gln_scalar_op function,
                             gln_type type, const glni_array *operands,
                             size_t num, gln_scalar_body *out) {
  gln_type types[GLN_MAX_OPERANDS];
  uint16_t args[GLN_MAX_OPERANDS], reg;
  eg_error *error = &block->error;
  for (size_t i = 0; i < num; ++i) {
    types[i] = operands[i].shape.type;
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
                           const glni_array *operand, glni_array *out) {
  gln_lang *lang = &block->import->lang;
  eg_class kernel, value;
  TRY(glni_class_of(block, operand, &value));
  if (use->attrs.kind == GLN_KIND_SOFTMAX)
    TRY(glni_check(block, gln_add_softmax(lang, &operand->shape, &kernel)));
  else
    TRY(glni_check(block, gln_add_argmax(lang, &operand->shape,
                                         use->result.type, &kernel)));
  *out = glni_array_of(value, NULL);
  return glni_check(block,
                    gln_add_apply(lang, kernel, &value, 1, &out->source));
}

static gln_combine combine_of(int kind) {
  switch (kind) {
  case GLN_KIND_DOT:
    return GLN_COMBINE_DOT;
  case GLN_KIND_REDUCE_PROD:
    return GLN_COMBINE_PROD;
  case GLN_KIND_REDUCE_MAX:
    return GLN_COMBINE_MAX;
  case GLN_KIND_REDUCE_MIN:
    return GLN_COMBINE_MIN;
  default:
    return GLN_COMBINE_SUM;
  }
}

// A reduction of one element per item: the element, in the result's type.
static eg_status import_single(glni_block *block, const glni_array *operand,
                               const gln_shape *shape, glni_array *out) {
  const gln_shape *from = &operand->shape;
  int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK] = {0}, offset[GLN_MAX_RANK] = {0};
  gln_view *view = NULL;
  gln_scalar_body body;
  *out = *operand;
  for (size_t d = 0; d < shape->rank; ++d)
    matrix[d * shape->rank + d] = 1;
  eg_status status = gln_view_affine(&block->import->memory, from->rank,
                                     from->dims, shape->rank, shape->dims,
                                     matrix, offset, &view, &block->error);
  TRY(glni_view_array(block, status, view, out));
  if (from->type == shape->type)
    return EG_OK;
  glni_array narrow = *out;
  TRY(scalar_body(block, GLN_SCALAR_CAST, shape->type, &narrow, 1, &body));
  return glni_import_map(block, &body, &narrow, shape, out);
}

static eg_status import_compute(glni_block *block, MlirOperation op,
                                const gln_access_use *use, glni_array *out) {
  glni_array operands[GLN_MAX_OPERANDS];
  int kind = use->attrs.kind;
  bool is_scalar = kind >= GLN_KIND_SCALAR;
  gln_scalar_op function = (gln_scalar_op)(kind - GLN_KIND_SCALAR);
  size_t num = kind == GLN_KIND_DOT ? 2
               : is_scalar          ? gln_scalar_op_info(function)->arity
                                    : 1;
  gln_type type = use->result.type;
  TRY(read_operands(block, op, num, operands));
  if (kind == GLN_KIND_SOFTMAX || kind == GLN_KIND_ARGMAX)
    return add_items(block, use, &operands[0], out);
  if (is_scalar) {
    gln_scalar_body body;
    TRY(scalar_body(block, function, type, operands, num, &body));
    return glni_import_map(block, &body, operands, &use->result, out);
  }
  if (num == 1 && gln_shape_num_item_elements(&operands[0].shape) == 1)
    return import_single(block, &operands[0], &use->result, out);
  TRY(import_reduction(block, combine_of(kind), type, operands, num, out));
  if (kind != GLN_KIND_REDUCE_MEAN)
    return EG_OK;
  out->shape = use->result;
  return divide(block, &use->result,
                gln_shape_num_item_elements(&operands[0].shape), out);
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
                             const gln_access_use *use, glni_array *out) {
  glni_array operands[GLN_MAX_OPERANDS];
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
  TRY(read_operands(block, op, use->num_operands, operands));
  TRY(gln_body_import_block(code, &body, &block->error));
  if (body.body.num_args == use->num_operands && body.body.num_results == 1)
    return glni_import_map(block, &body.body, operands, &use->result, out);
  gln_scalar_body_fini(&body.body);
  return gln_fail(&block->error, EG_INVALID,
                  "its body uses values from outside");
}

//===-- All ---------------------------------------------------------------===//

static eg_status import_concat(glni_block *block, MlirOperation op,
                               const gln_access_use *use, glni_array *out) {
  eg_class parts[2];
  for (int i = 0; i < 2; ++i) {
    glni_array part;
    TRY(glni_read(block, mlirOperationGetOperand(op, i), &part));
    TRY(glni_class_of(block, &part, &parts[i]));
  }
  *out = glni_array_of(parts[0], NULL);
  return glni_check(block, gln_add_concat(&block->import->lang,
                                          (uint32_t)use->attrs.dim, parts[0],
                                          parts[1], &out->source));
}

static eg_status import_array(glni_block *block, MlirOperation op,
                              const gln_access_use *use, glni_array *out) {
  gln_view *view = NULL;
  switch (use->op) {
  case GLN_OP_COMPUTE:
    return import_compute(block, op, use, out);
  case GLN_OP_CALL:
    return import_call(block, op, use, out);
  case GLN_OP_IOTA:
    return glni_import_iota(block, &use->result, (uint32_t)use->attrs.dim, out);
  case GLN_OP_CONCAT:
    return import_concat(block, op, use, out);
  default:
    TRY(glni_read(block, mlirOperationGetOperand(op, 0), out));
    if (use->op == GLN_OP_VIEW || use->op == GLN_OP_TENSOR ||
        use->op == GLN_OP_SHIFT)
      return EG_OK;
    eg_status status =
        make_view(&block->import->memory, use, &view, &block->error);
    return glni_view_array(block, status, view, out);
  }
}

eg_status glni_import_op(glni_block *block, MlirOperation op) {
  gln_access_use use;
  glni_known known = {.value = mlirOperationGetResult(op, 0)};
  TRY(gln_access_read(op, &use, &block->error));
  if (use.is_symbolic)
    return gln_fail(&block->error, EG_INVALID, "has an extent that is a name");
  if (use.op == GLN_OP_PAIR || use.op == GLN_OP_CARTESIAN_PRODUCT)
    return import_pair(block, op, &use);
  TRY(import_array(block, op, &use, &known.parts[0]));
  known.parts[0].shape = use.result;
  return glni_know(block, &known);
}

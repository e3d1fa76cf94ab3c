// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Access ops as arrays: which kernel each is.
#include "bridge/import_internal.h"

#include <string.h>

//===-- Reductions --------------------------------------------------------===//

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
  TRY(glni_read_operands(block, op, num, operands));
  if (kind == GLN_KIND_SOFTMAX || kind == GLN_KIND_ARGMAX)
    return add_items(block, use, &operands[0], out);
  if (is_scalar) {
    gln_scalar_body body;
    TRY(scalar_body(block, function, type, operands, num, &body));
    return glni_import_map(block, &body, operands, &use->result, out);
  }
  if (num == 1 && gln_shape_num_item_elements(&operands[0].shape) == 1)
    return import_single(block, &operands[0], &use->result, out);
  TRY(glni_import_reduction(block, combine_of(kind), type, operands, num, out));
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
  TRY(glni_read_operands(block, op, use->num_operands, operands));
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
        glni_make_view(&block->import->memory, use, &view, &block->error);
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
    return glni_import_pair(block, op, &use);
  TRY(import_array(block, op, &use, &known.parts[0]));
  known.parts[0].shape = use.result;
  return glni_know(block, &known);
}

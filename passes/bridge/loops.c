// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structured ops as loops: operands, maps, extents.
#include "bridge/loops.h"
#include "bridge/loops_internal.h"

#include "mlir-c/Dialect/Linalg.h"

#include <string.h>

bool gln_loops_is(MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  return name.length > 7 && memcmp(name.data, "linalg.", 7) == 0 &&
         mlirOperationGetNumRegions(op) == 1 &&
         !mlirAttributeIsNull(mlirLinalgGetIndexingMapsAttribute(op));
}

void gln_loops_fini(gln_loops *loops) {
  gln_scalar_body_fini(&loops->body);
}

bool gln_loops_has_contraction(const gln_loops *loops) {
  for (size_t r = 0; r < loops->num_outs; ++r)
    if (loops->results[r].kind == GLN_LOOPS_DOT)
      return true;
  return false;
}

//===-- Body --------------------------------------------------------------===//

static MlirAttribute maps_of(MlirOperation op) {
  return mlirLinalgGetIndexingMapsAttribute(op);
}

static MlirAffineMap map_at(MlirOperation op, size_t index) {
  return mlirAffineMapAttrGetValue(
      mlirArrayAttrGetElement(maps_of(op), (intptr_t)index));
}

// All but the maps, some 400 kB that are written before they are read.
static void clear(gln_loops *loops) {
  loops->num_operands = loops->num_outs = loops->num_leaves = 0;
  memset(&loops->body, 0, sizeof(loops->body));
  memset(loops->results, 0, sizeof(loops->results));
  memset(&loops->space, 0, sizeof(loops->space));
  for (size_t i = 0; i < GLN_BODY_MAX_ARGS; ++i)
    loops->leaves[i].rank = 0;
  for (size_t r = 0; r < GLN_LOOPS_MAX_OUTS; ++r)
    loops->outs[r].rank = 0;
}

eg_status gln_loops_read_body(MlirOperation op, gln_loops *out,
                              eg_error *error) {
  clear(out);
  out->op = op;
  out->num_operands = (size_t)mlirArrayAttrGetNumElements(maps_of(op));
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
  if (mlirBlockIsNull(block))
    return gln_fail(error, EG_INVALID, "it has no body");
  gln_body_import import;
  eg_status status = gln_body_import_block(block, &import, error);
  if (status)
    return status;
  out->body = import.body;
  out->num_outs = import.body.num_results;
  out->num_leaves = import.body.num_args;
  size_t num_block_args = (size_t)mlirBlockGetNumArguments(block);
  size_t num_ins = out->num_operands - out->num_outs;
  if (out->num_outs > out->num_operands ||
      (num_block_args != out->num_operands && num_block_args != num_ins)) {
    gln_loops_fini(out);
    return gln_fail(error, EG_INVALID,
                    "its body has %zu arguments for %zu operands",
                    num_block_args, out->num_operands);
  }
  for (size_t i = 0; i < out->num_leaves; ++i) {
    const gln_body_arg *arg = &import.args[i];
    gln_leaf *leaf = &out->leaves[i];
    leaf->type = (gln_type)out->body.arg_types[i];
    leaf->is_index = arg->kind == GLN_BODY_ARG_INDEX;
    leaf->dim = arg->number;
    leaf->value = arg->kind == GLN_BODY_ARG_BLOCK
                      ? mlirOperationGetOperand(op, (intptr_t)arg->number)
                      : arg->value;
  }
  status = glni_loops_classify(out, num_ins, num_block_args, error);
  if (status)
    gln_loops_fini(out);
  return status;
}

//===-- Maps --------------------------------------------------------------===//

static eg_status read_map(gln_loops *loops, size_t operand, gln_leaf *leaf,
                          eg_error *error) {
  MlirAffineMap map = map_at(loops->op, operand);
  size_t num_dims = (size_t)mlirAffineMapGetNumDims(map);
  size_t num = (size_t)mlirAffineMapGetNumResults(map);
  if (num_dims > GLN_MAX_RANK || num > GLN_MAX_RANK)
    return gln_fail(error, EG_LIMIT, "%zu loops, at most %d",
                    num_dims > num ? num_dims : num, GLN_MAX_RANK);
  leaf->rank = num;
  for (size_t j = 0; j < num; ++j) {
    MlirAffineExpr expr = mlirAffineMapGetResult(map, (intptr_t)j);
    gln_text text;
    if (!gln_linear_read(expr, num_dims, &leaf->map[j]))
      return gln_fail(error, EG_INVALID, "indexing map %s is not linear",
                      gln_attribute_text(mlirAffineMapAttrGet(map), text));
  }
  return EG_OK;
}

// The extents that operand |index| gives to the loops it is indexed by alone.
static eg_status read_extents(gln_loops *loops, size_t index, int64_t *extents,
                              eg_error *error) {
  MlirValue value = mlirOperationGetOperand(loops->op, (intptr_t)index);
  MlirType type = mlirValueGetType(value);
  gln_leaf leaf = {0};
  gln_shape shape;
  gln_text text;
  eg_status status = read_map(loops, index, &leaf, error);
  if (status)
    return status;
  if (!mlirTypeIsAShaped(type))
    return leaf.rank == 0
               ? EG_OK
               : gln_fail(error, EG_INVALID,
                          "operand #%zu is a scalar with an index", index);
  if (!mlirTypeIsARankedTensor(type))
    return gln_fail(error, EG_INVALID, "operand #%zu of '%s' is no tensor",
                    index, gln_type_text(type, text));
  if (!mlirAttributeIsNull(mlirRankedTensorTypeGetEncoding(type)))
    return gln_fail(error, EG_INVALID, "operand #%zu of '%s' has an encoding",
                    index, gln_type_text(type, text));
  eg_error why = {0};
  status = gln_pattern_shape(type, &shape, &why);
  if (status)
    return gln_fail(error, status, "operand #%zu of '%s': %s", index,
                    gln_type_text(type, text), why.text);
  if (shape.rank != leaf.rank)
    return gln_fail(error, EG_INVALID,
                    "operand #%zu has rank %d, its map %zu results", index,
                    shape.rank, leaf.rank);
  for (size_t j = 0; j < leaf.rank; ++j) {
    size_t dim = 0;
    if (gln_linear_is_dim(&leaf.map[j], &dim) && !extents[dim])
      extents[dim] = shape.dims[j];
  }
  return EG_OK;
}

//===-- Order of the loops ------------------------------------------------===//

// Loops of the first result in its order, then those of the others, then the
// reductions: order[new] = old.
static eg_status order_loops(gln_loops *loops, size_t num_dims, size_t *order,
                             size_t *out_num_parallel, eg_error *error) {
  bool seen[GLN_MAX_RANK] = {false};
  size_t num = 0;
  for (size_t r = 0; r < loops->num_outs; ++r)
    for (size_t j = 0; j < loops->outs[r].rank; ++j) {
      const gln_linear *form = &loops->outs[r].map[j];
      size_t dim = 0, terms = gln_linear_num_terms(form, &dim);
      bool is_zero = terms == 0 && form->constant == 0;
      if (!is_zero && !gln_linear_is_dim(form, &dim))
        return gln_fail(error, EG_INVALID,
                        "result #%zu is written at an index that is no loop",
                        r);
      if (terms && !seen[dim]) {
        seen[dim] = true;
        order[num++] = dim;
      }
    }
  *out_num_parallel = num;
  for (size_t d = 0; d < num_dims; ++d)
    if (!seen[d])
      order[num++] = d;
  return EG_OK;
}

// A generic says which loops are reductions; that must be those that no result
// is indexed by.
static eg_status check_iterators(const gln_loops *loops, const size_t *order,
                                 size_t num_dims, size_t num_parallel,
                                 eg_error *error) {
  MlirAttribute types =
      mlirOperationGetAttributeByName(loops->op, gln_string("iterator_types"));
  if (mlirAttributeIsNull(types) || !mlirAttributeIsAArray(types))
    return EG_OK;
  for (size_t i = 0; i < num_dims; ++i) {
    gln_text text;
    gln_attribute_text(mlirArrayAttrGetElement(types, (intptr_t)order[i]),
                       text);
    bool parallel = strstr(text, "parallel") != NULL;
    if (parallel != (i < num_parallel))
      return gln_fail(error, EG_INVALID, "loop %zu is %s but %s", order[i],
                      parallel ? "parallel" : "a reduction",
                      parallel ? "no result is indexed by it"
                               : "a result is indexed by it");
  }
  return EG_OK;
}

static void reorder(gln_leaf *leaf, const size_t *order, size_t num) {
  for (size_t j = 0; j < leaf->rank; ++j) {
    gln_linear old = leaf->map[j];
    for (size_t d = 0; d < num; ++d)
      leaf->map[j].coefs[d] = old.coefs[order[d]];
  }
  if (leaf->is_index)
    (void)gln_linear_num_terms(&leaf->map[0], &leaf->dim);
}

static eg_status read_leaves(gln_loops *loops, eg_error *error) {
  size_t num_ins = loops->num_operands - loops->num_outs;
  MlirBlock block =
      mlirRegionGetFirstBlock(mlirOperationGetRegion(loops->op, 0));
  size_t num_args = (size_t)mlirBlockGetNumArguments(block);
  eg_status status = EG_OK;
  for (size_t i = 0; !status && i < num_args; ++i)
    status = read_map(loops, i, &loops->leaves[i], error);
  for (size_t i = num_args; i < loops->num_leaves; ++i) {
    gln_leaf *leaf = &loops->leaves[i];
    leaf->rank = leaf->is_index ? 1 : 0;
    if (leaf->is_index)
      leaf->map[0] = gln_linear_dim(leaf->dim);
  }
  for (size_t r = 0; !status && r < loops->num_outs; ++r) {
    loops->outs[r].value =
        mlirOperationGetOperand(loops->op, (intptr_t)(num_ins + r));
    status = read_map(loops, num_ins + r, &loops->outs[r], error);
  }
  return status;
}

eg_status gln_loops_read_space(gln_loops *loops, eg_error *error) {
  int64_t extents[GLN_MAX_RANK] = {0}, ordered[GLN_MAX_RANK];
  size_t order[GLN_MAX_RANK], num_parallel;
  size_t num_dims = (size_t)mlirAffineMapGetNumDims(map_at(loops->op, 0));
  eg_status status = read_leaves(loops, error);
  for (size_t i = 0; !status && i < loops->num_operands; ++i)
    status = read_extents(loops, i, extents, error);
  if (!status)
    status = order_loops(loops, num_dims, order, &num_parallel, error);
  if (!status)
    status = check_iterators(loops, order, num_dims, num_parallel, error);
  if (status)
    return status;
  for (size_t i = 0; i < num_dims; ++i) {
    ordered[i] = extents[order[i]];
    if (!ordered[i])
      return gln_fail(error, EG_INVALID, "loop %zu has no extent", order[i]);
  }
  for (size_t i = 0; i < loops->num_leaves; ++i)
    reorder(&loops->leaves[i], order, num_dims);
  for (size_t r = 0; r < loops->num_outs; ++r)
    reorder(&loops->outs[r], order, num_dims);
  gln_type type = gln_scalar_body_type(&loops->body, loops->results[0].root);
  return gln_shape_make(type, ordered, num_parallel, ordered + num_parallel,
                        num_dims - num_parallel, &loops->space, error);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One linalg.generic from states, and the tensors around it.
#include "bridge/lower.h"

#include <string.h>

static const MlirValue none = {NULL};

static MlirType tensor_type(gln_build *build, const gln_shape *shape) {
  return gln_tensor_get(build->context, shape);
}

static MlirValue empty(gln_build *build, const gln_shape *shape) {
  return gln_build_op(build, "tensor.empty", NULL, 0, tensor_type(build, shape),
                      NULL, 0);
}

// A block with these argument types.
static MlirBlock new_block(gln_build *build, const MlirType *types,
                           size_t num) {
  MlirLocation locations[GLN_MAX_OPERANDS + 3];
  for (size_t i = 0; i < num; ++i)
    locations[i] = build->location;
  return mlirBlockCreate((intptr_t)num, types, locations);
}

static void yield(gln_build *build, MlirBlock block, const char *name,
                  const MlirValue *values, size_t num) {
  MlirOperationState state =
      mlirOperationStateGet(gln_string(name), build->location);
  mlirOperationStateAddOperands(&state, (intptr_t)num, values);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&state));
}

//===-- Maps --------------------------------------------------------------===//

static MlirAffineExpr expr_of(MlirContext context, const gln_linear *form,
                              size_t num_dims) {
  MlirAffineExpr sum = mlirAffineConstantExprGet(context, 0);
  for (size_t d = 0; d < num_dims; ++d) {
    if (!form->coefs[d])
      continue;
    MlirAffineExpr dim = mlirAffineDimExprGet(context, (intptr_t)d);
    MlirAffineExpr factor = mlirAffineConstantExprGet(context, form->coefs[d]);
    sum = mlirAffineAddExprGet(sum, mlirAffineMulExprGet(dim, factor));
  }
  return mlirAffineAddExprGet(
      sum, mlirAffineConstantExprGet(context, form->constant));
}

static MlirAttribute map_of(MlirContext context, const gln_linear *forms,
                            size_t num, size_t num_dims) {
  MlirAffineExpr exprs[GLN_MAX_RANK];
  for (size_t j = 0; j < num; ++j)
    exprs[j] = expr_of(context, &forms[j], num_dims);
  return mlirAffineMapAttrGet(
      mlirAffineMapGet(context, (intptr_t)num_dims, 0, (intptr_t)num, exprs));
}

// linalg wants a dimension that is read at a loop's own index to have just that
// loop's extent.
static MlirValue crop(gln_lower *lower, const gln_state *state) {
  gln_build *build = &lower->build;
  gln_shape shape = gln_build_shape(build, state->tensor);
  int64_t zeros[GLN_MAX_RANK] = {0}, ones[GLN_MAX_RANK];
  bool crops = false;
  gln_shape part = shape;
  for (size_t j = 0; j < shape.rank; ++j) {
    size_t dim;
    ones[j] = 1;
    if (gln_linear_is_dim(&state->map[j], &dim))
      part.dims[j] = state->shape.dims[dim];
    crops |= part.dims[j] != shape.dims[j];
  }
  if (!crops)
    return state->tensor;
  MlirContext context = build->context;
  const MlirNamedAttribute attributes[] = {
      gln_build_named(context, "static_offsets",
                      mlirDenseI64ArrayGet(context, shape.rank, zeros)),
      gln_build_named(context, "static_sizes",
                      mlirDenseI64ArrayGet(context, shape.rank, part.dims)),
      gln_build_named(context, "static_strides",
                      mlirDenseI64ArrayGet(context, shape.rank, ones)),
      gln_build_named(
          context, "operandSegmentSizes",
          mlirDenseI32ArrayGet(context, 4, (const int32_t[]){1, 0, 0, 0})),
  };
  return gln_build_op(build, "tensor.extract_slice", &state->tensor, 1,
                      tensor_type(build, &part), attributes, 4);
}

//===-- generic -----------------------------------------------------------===//

typedef struct {
  MlirValue inputs[GLN_MAX_OPERANDS + 1];
  MlirAttribute maps[GLN_MAX_OPERANDS + 2];
  MlirType types[GLN_MAX_OPERANDS + 2]; // of the block arguments
  int argument[GLN_MAX_OPERANDS];       // of each operand; -1: an index
  size_t num;
  bool bounded[GLN_MAX_RANK]; // loops whose extent some map gives
} generic;

static void add_operands(gln_lower *lower, const gln_state *operands,
                         size_t num, generic *g) {
  gln_build *build = &lower->build;
  size_t num_dims = operands[0].shape.rank;
  for (size_t i = 0; i < num; ++i) {
    const gln_state *state = &operands[i];
    g->argument[i] = -1;
    if (mlirValueIsNull(state->tensor))
      continue;
    for (size_t j = 0; j < state->rank; ++j) {
      size_t dim;
      if (gln_linear_is_dim(&state->map[j], &dim))
        g->bounded[dim] = true;
    }
    g->argument[i] = (int)g->num;
    g->inputs[g->num] = crop(lower, state);
    g->types[g->num] = gln_element_get(build->context, state->shape.type);
    g->maps[g->num++] =
        map_of(build->context, state->map, state->rank, num_dims);
  }
}

// A tensor without contents whose shape bounds the loops that nothing else
// does, as the window operand of a pooling.
static void add_bounds(gln_lower *lower, const gln_shape *space, size_t first,
                       generic *g) {
  gln_build *build = &lower->build;
  gln_linear forms[GLN_MAX_RANK];
  gln_shape shape = {.type = space->type};
  for (size_t d = first; d < space->rank; ++d) {
    if (g->bounded[d])
      continue;
    forms[shape.rank] = gln_linear_dim(d);
    shape.dims[shape.rank++] = space->dims[d];
  }
  if (!shape.rank)
    return;
  g->inputs[g->num] = empty(build, &shape);
  g->types[g->num] = gln_element_get(build->context, shape.type);
  g->maps[g->num++] = map_of(build->context, forms, shape.rank, space->rank);
}

// x op y on indices; y alone if x is null.
static MlirValue emit_on_index(gln_build *build, MlirBlock block,
                               const char *name, MlirValue x, MlirValue y) {
  return mlirValueIsNull(x)
             ? y
             : gln_scalar_emit_op(block, build->location, name,
                                  (MlirValue[]){x, y}, 2,
                                  mlirIndexTypeGet(build->context), NULL);
}

static MlirValue emit_number(gln_build *build, MlirBlock block, int64_t value) {
  return gln_scalar_emit_constant(block, build->location,
                                  gln_scalar_from_int(GLN_TYPE_INDEX, value));
}

// The index that stands for a pattern: sum of linalg.index times coefficients.
static MlirValue emit_index(gln_build *build, MlirBlock block,
                            const gln_state *state) {
  MlirType i64 = mlirIntegerTypeGet(build->context, 64);
  const gln_linear *form = &state->map[0];
  MlirValue sum = none;
  for (size_t d = 0; d < state->shape.rank; ++d) {
    if (!form->coefs[d])
      continue;
    MlirNamedAttribute dim = gln_build_named(
        build->context, "dim", mlirIntegerAttrGet(i64, (int64_t)d));
    MlirValue term =
        gln_scalar_emit_op(block, build->location, "linalg.index", NULL, 0,
                           mlirIndexTypeGet(build->context), &dim);
    if (form->coefs[d] != 1)
      term = emit_on_index(build, block, "arith.muli", term,
                           emit_number(build, block, form->coefs[d]));
    sum = emit_on_index(build, block, "arith.addi", sum, term);
  }
  if (form->constant || mlirValueIsNull(sum))
    sum = emit_on_index(build, block, "arith.addi", sum,
                        emit_number(build, block, form->constant));
  gln_type from = GLN_TYPE_INDEX, to = state->shape.type;
  return from == to ? sum
                    : gln_scalar_emit(block, build->location, GLN_SCALAR_CASTU,
                                      to, &from, &sum);
}

static MlirAttribute iterators(gln_build *build, size_t num_dims,
                               size_t num_parallel) {
  MlirAttribute kinds[GLN_MAX_RANK];
  for (size_t d = 0; d < num_dims; ++d)
    kinds[d] = mlirAttributeParseGet(
        build->context,
        gln_string(d < num_parallel ? "#linalg.iterator_type<parallel>"
                                    : "#linalg.iterator_type<reduction>"));
  return mlirArrayAttrGet(build->context, (intptr_t)num_dims, kinds);
}

// tensor.empty, filled with |start| if there is one.
static MlirValue output(gln_build *build, const gln_shape *shape,
                        const gln_scalar *start) {
  MlirValue out = empty(build, shape);
  MlirType element = gln_element_get(build->context, shape->type);
  if (!start || mlirValueIsNull(out))
    return out;
  MlirAttribute value =
      gln_type_is_float(start->type)
          ? mlirFloatAttrDoubleGet(build->context, element,
                                   gln_scalar_to_double(*start))
          : mlirIntegerAttrGet(element, gln_scalar_to_int(*start));
  MlirNamedAttribute named = gln_build_named(build->context, "value", value);
  MlirValue constant =
      gln_build_op(build, "arith.constant", NULL, 0, element, &named, 1);
  MlirType types[2] = {element, element};
  MlirBlock block = new_block(build, types, 2);
  MlirValue arg = mlirBlockGetArgument(block, 0);
  yield(build, block, "linalg.yield", &arg, 1);
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  MlirType type = tensor_type(build, shape);
  MlirNamedAttribute segments = gln_build_named(
      build->context, "operandSegmentSizes",
      mlirDenseI32ArrayGet(build->context, 2, (const int32_t[]){1, 1}));
  MlirOperationState state =
      mlirOperationStateGet(gln_string("linalg.fill"), build->location);
  mlirOperationStateAddOperands(&state, 2, (MlirValue[]){constant, out});
  mlirOperationStateAddResults(&state, 1, &type);
  mlirOperationStateAddAttributes(&state, 1, &segments);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  return gln_build_insert(build, mlirOperationCreate(&state));
}

static MlirValue make_generic(gln_lower *lower, const generic *g, MlirValue out,
                              MlirBlock block, size_t num_dims,
                              size_t num_parallel) {
  gln_build *build = &lower->build;
  MlirType type = mlirValueGetType(out);
  const MlirNamedAttribute attributes[] = {
      gln_build_named(
          build->context, "indexing_maps",
          mlirArrayAttrGet(build->context, (intptr_t)g->num + 1, g->maps)),
      gln_build_named(build->context, "iterator_types",
                      iterators(build, num_dims, num_parallel)),
      gln_build_named(
          build->context, "operandSegmentSizes",
          mlirDenseI32ArrayGet(build->context, 2,
                               (const int32_t[]){(int32_t)g->num, 1})),
  };
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  MlirOperationState state =
      mlirOperationStateGet(gln_string("linalg.generic"), build->location);
  mlirOperationStateAddOperands(&state, (intptr_t)g->num, g->inputs);
  mlirOperationStateAddOperands(&state, 1, &out);
  mlirOperationStateAddResults(&state, 1, &type);
  mlirOperationStateAddAttributes(&state, 3, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  return gln_build_insert(build, mlirOperationCreate(&state));
}

MlirValue gln_lower_generic(gln_lower *lower, const gln_state *operands,
                            size_t num_operands, bool reduce, gln_type type,
                            const gln_scalar *start, gln_lower_emit *emit,
                            void *user) {
  gln_build *build = &lower->build;
  const gln_shape *space = &operands[0].shape;
  gln_shape shape = *space;
  gln_linear forms[GLN_MAX_RANK];
  MlirValue args[GLN_MAX_OPERANDS];
  generic g = {.num = 0};
  if (reduce)
    shape.rank = shape.num_access;
  shape.type = type;
  for (size_t d = 0; d < shape.rank; ++d)
    forms[d] = gln_linear_dim(d);
  add_operands(lower, operands, num_operands, &g);
  add_bounds(lower, space, shape.rank, &g);
  // Without a loop to reduce over, the old value is |start|: upstream's fusion
  // takes a generic of parallel loops for one that does not read its output.
  bool reads_old = reduce && space->rank > shape.rank;
  MlirValue out = output(build, &shape, reads_old ? start : NULL);
  if (build->error.status)
    return none;
  g.maps[g.num] = map_of(build->context, forms, shape.rank, space->rank);
  g.types[g.num] = gln_element_get(build->context, type);
  MlirBlock block = new_block(build, g.types, g.num + 1);
  for (size_t i = 0; i < num_operands; ++i)
    args[i] = g.argument[i] < 0 ? emit_index(build, block, &operands[i])
                                : mlirBlockGetArgument(block, g.argument[i]);
  MlirValue old = none;
  if (reads_old)
    old = mlirBlockGetArgument(block, (intptr_t)g.num);
  else if (reduce)
    old = gln_scalar_emit_constant(block, build->location, *start);
  MlirValue result = emit(block, build->location, args, old, user);
  if (mlirValueIsNull(result)) {
    mlirBlockDestroy(block);
    return gln_build_fail(build, "a function of its body has no op");
  }
  yield(build, block, "linalg.yield", &result, 1);
  return make_generic(lower, &g, out, block, space->rank, shape.rank);
}

//===-- Tensors of states -------------------------------------------------===//

static MlirValue emit_copy(MlirBlock block, MlirLocation location,
                           const MlirValue *args, MlirValue old, void *user) {
  (void)block;
  (void)location;
  (void)old;
  (void)user;
  return args[0];
}

// Whether the state shows the whole tensor as it is.
static bool is_whole(gln_lower *lower, const gln_state *state) {
  if (mlirValueIsNull(state->tensor) || state->rank != state->shape.rank)
    return false;
  gln_shape shape = gln_build_shape(&lower->build, state->tensor);
  for (size_t j = 0; j < state->rank; ++j) {
    size_t dim = j;
    const gln_linear *form = &state->map[j];
    bool own = gln_linear_is_dim(form, &dim) && dim == j;
    bool unit = gln_linear_num_terms(form, &dim) == 0 && form->constant == 0 &&
                state->shape.dims[j] == 1;
    if (shape.dims[j] != state->shape.dims[j] || (!own && !unit))
      return false;
  }
  return true;
}

// Joins the parts of a pair along a new dimension.
static MlirValue pair_tensor(gln_lower *lower, const gln_state *state) {
  gln_build *build = &lower->build;
  gln_shape shape = state->shape;
  size_t k = shape.num_access;
  gln_shape flat = shape;
  MlirValue result = empty(build, &flat);
  for (size_t i = 0; i < 2; ++i) {
    int64_t offsets[GLN_MAX_RANK] = {0}, ones[GLN_MAX_RANK];
    for (size_t d = 0; d < shape.rank; ++d)
      ones[d] = 1;
    offsets[k] = (int64_t)i;
    flat.dims[k] = 1;
    MlirContext context = build->context;
    const MlirNamedAttribute attributes[] = {
        gln_build_named(context, "static_offsets",
                        mlirDenseI64ArrayGet(context, shape.rank, offsets)),
        gln_build_named(context, "static_sizes",
                        mlirDenseI64ArrayGet(context, shape.rank, flat.dims)),
        gln_build_named(context, "static_strides",
                        mlirDenseI64ArrayGet(context, shape.rank, ones)),
        gln_build_named(
            context, "operandSegmentSizes",
            mlirDenseI32ArrayGet(context, 5, (const int32_t[]){1, 1, 0, 0, 0})),
    };
    MlirValue part = gln_lower_tensor(lower, &state->parts[i]);
    result =
        gln_build_op(build, "tensor.insert_slice", (MlirValue[]){part, result},
                     2, tensor_type(build, &shape), attributes, 4);
  }
  return result;
}

MlirValue gln_lower_tensor(gln_lower *lower, const gln_state *state) {
  if (state->parts)
    return pair_tensor(lower, state);
  if (is_whole(lower, state))
    return state->tensor;
  gln_state all = *state;
  all.shape.num_access = all.shape.rank;
  return gln_lower_generic(lower, &all, 1, false, state->shape.type, NULL,
                           emit_copy, NULL);
}

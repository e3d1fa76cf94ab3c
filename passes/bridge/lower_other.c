// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// pad, concat, reshape, pairs and iota: what is no linear view.
#include "bridge/lower.h"

#include <stdlib.h>
#include <string.h>

static const MlirValue none = {NULL};

//===-- pad ---------------------------------------------------------------===//

static MlirValue pad(gln_lower *lower, MlirValue source,
                     const gln_access_use *use) {
  gln_build *build = &lower->build;
  MlirContext context = build->context;
  size_t rank = use->result.rank;
  MlirType index[GLN_MAX_RANK], type = gln_tensor_get(context, &use->result);
  MlirLocation locations[GLN_MAX_RANK];
  if (mlirValueIsNull(source))
    return none;
  for (size_t d = 0; d < rank; ++d) {
    index[d] = mlirIndexTypeGet(context);
    locations[d] = build->location;
  }
  MlirBlock block = mlirBlockCreate((intptr_t)rank, index, locations);
  MlirValue value =
      gln_scalar_emit_constant(block, build->location, use->attrs.value);
  MlirOperationState yield =
      mlirOperationStateGet(gln_string("tensor.yield"), build->location);
  mlirOperationStateAddOperands(&yield, 1, &value);
  mlirBlockAppendOwnedOperation(block, mlirOperationCreate(&yield));
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  const MlirNamedAttribute attributes[] = {
      gln_build_named(
          context, "static_low",
          mlirDenseI64ArrayGet(context, (intptr_t)rank, use->attrs.low.data)),
      gln_build_named(
          context, "static_high",
          mlirDenseI64ArrayGet(context, (intptr_t)rank, use->attrs.high.data)),
      gln_build_named(
          context, "operandSegmentSizes",
          mlirDenseI32ArrayGet(context, 3, (const int32_t[]){1, 0, 0})),
  };
  MlirOperationState state =
      mlirOperationStateGet(gln_string("tensor.pad"), build->location);
  mlirOperationStateAddOperands(&state, 1, &source);
  mlirOperationStateAddResults(&state, 1, &type);
  mlirOperationStateAddAttributes(&state, 3, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  return gln_build_insert(build, mlirOperationCreate(&state));
}

//===-- concat ------------------------------------------------------------===//

static MlirValue insert_slice(gln_lower *lower, MlirValue source,
                              MlirValue into, const gln_shape *part,
                              const gln_shape *whole, size_t dim,
                              int64_t offset) {
  gln_build *build = &lower->build;
  MlirContext context = build->context;
  int64_t offsets[GLN_MAX_RANK] = {0}, ones[GLN_MAX_RANK];
  for (size_t d = 0; d < whole->rank; ++d)
    ones[d] = 1;
  offsets[dim] = offset;
  const MlirNamedAttribute attributes[] = {
      gln_build_named(context, "static_offsets",
                      mlirDenseI64ArrayGet(context, whole->rank, offsets)),
      gln_build_named(context, "static_sizes",
                      mlirDenseI64ArrayGet(context, part->rank, part->dims)),
      gln_build_named(context, "static_strides",
                      mlirDenseI64ArrayGet(context, whole->rank, ones)),
      gln_build_named(
          context, "operandSegmentSizes",
          mlirDenseI32ArrayGet(context, 5, (const int32_t[]){1, 1, 0, 0, 0})),
  };
  return gln_build_op(build, "tensor.insert_slice", (MlirValue[]){source, into},
                      2, gln_tensor_get(context, whole), attributes, 4);
}

static MlirValue concat(gln_lower *lower, const MlirValue *sources,
                        const gln_access_use *use) {
  gln_build *build = &lower->build;
  const gln_shape *whole = &use->result;
  size_t dim = (size_t)use->attrs.dim;
  MlirValue result =
      gln_build_op(build, "tensor.empty", NULL, 0,
                   gln_tensor_get(build->context, whole), NULL, 0);
  result =
      insert_slice(lower, sources[0], result, &use->operands[0], whole, dim, 0);
  return insert_slice(lower, sources[1], result, &use->operands[1], whole, dim,
                      use->operands[0].dims[dim]);
}

//===-- reshape -----------------------------------------------------------===//

// Groups of dimensions with equal products on both sides, in order.
typedef struct {
  size_t num;
  size_t first[2][GLN_MAX_RANK + 1]; // of each group, on either side
  int64_t extent[GLN_MAX_RANK];
} grouping;

static void group(const gln_shape *a, const gln_shape *b, grouping *out) {
  size_t i = 0, j = 0;
  out->num = 0;
  while (i < a->rank && j < b->rank) {
    int64_t x = a->dims[i++], y = b->dims[j++];
    out->first[0][out->num] = i - 1;
    out->first[1][out->num] = j - 1;
    while (x != y) {
      if (x < y)
        x *= a->dims[i++];
      else
        y *= b->dims[j++];
    }
    out->extent[out->num++] = x;
  }
  // Extents of 1 at the end join the last group.
  out->first[0][out->num] = a->rank;
  out->first[1][out->num] = b->rank;
}

static MlirAttribute reassociation(MlirContext context, const grouping *groups,
                                   int side) {
  MlirAttribute lists[GLN_MAX_RANK];
  for (size_t g = 0; g < groups->num; ++g) {
    int64_t dims[GLN_MAX_RANK];
    size_t first = groups->first[side][g], last = groups->first[side][g + 1];
    for (size_t d = first; d < last; ++d)
      dims[d - first] = (int64_t)d;
    lists[g] = gln_ints_attribute(context, dims, last - first);
  }
  return mlirArrayAttrGet(context, (intptr_t)groups->num, lists);
}

// Joins each group of the source, then splits it into that of the result.
static MlirValue reshape(gln_lower *lower, MlirValue source,
                         const gln_shape *from, const gln_shape *to) {
  gln_build *build = &lower->build;
  MlirContext context = build->context;
  grouping groups;
  group(from, to, &groups);
  gln_shape joined = {.type = from->type, .rank = (uint8_t)groups.num};
  memcpy(joined.dims, groups.extent, groups.num * sizeof(*groups.extent));
  if (from->rank > groups.num) {
    MlirNamedAttribute named = gln_build_named(
        context, "reassociation", reassociation(context, &groups, 0));
    source = gln_build_op(build, "tensor.collapse_shape", &source, 1,
                          gln_tensor_get(context, &joined), &named, 1);
  }
  if (to->rank == groups.num)
    return source;
  const MlirNamedAttribute attributes[] = {
      gln_build_named(context, "reassociation",
                      reassociation(context, &groups, 1)),
      gln_build_named(context, "static_output_shape",
                      mlirDenseI64ArrayGet(context, to->rank, to->dims)),
  };
  return gln_build_op(build, "tensor.expand_shape", &source, 1,
                      gln_tensor_get(context, to), attributes, 2);
}

//===-- pairs -------------------------------------------------------------===//

// Both parts read at the pair's indices without the one that chooses.
static bool pair(gln_lower *lower, MlirOperation op, const gln_access_use *use,
                 gln_state *out) {
  *out = (gln_state){.shape = use->result};
  out->map = calloc(1, sizeof(*out->map));
  out->parts = calloc(2, sizeof(*out->parts));
  gln_shape shape = use->result;
  size_t k = shape.num_access, first = 0;
  memmove(shape.dims + k, shape.dims + k + 1,
          (shape.rank - k - 1u) * sizeof(*shape.dims));
  shape.dims[--shape.rank] = 0;
  bool ok = out->map && out->parts;
  for (size_t i = 0; ok && i < 2; ++i) {
    const gln_shape *in = &use->operands[i];
    const gln_state *state =
        gln_lower_find(lower, mlirOperationGetOperand(op, (intptr_t)i));
    gln_linear forms[GLN_MAX_RANK];
    bool product = use->op == GLN_OP_CARTESIAN_PRODUCT;
    for (size_t d = 0; d < in->rank; ++d)
      forms[d] = gln_linear_dim(d >= in->num_access ? d - in->num_access + k
                                : product           ? first + d
                                                    : d);
    first += in->num_access;
    gln_state whole = {.rank = 0};
    if (state->parts) {
      ok = gln_state_of_tensor(lower, gln_lower_tensor(lower, state),
                               &state->shape, &whole);
      state = &whole;
    }
    ok = ok && gln_state_compose(&out->parts[i], state, forms, &shape);
    gln_state_fini(&whole);
  }
  if (!ok) {
    gln_state_fini(out);
    gln_build_fail(&lower->build, "out of memory");
  }
  return ok;
}

static bool iota(gln_lower *lower, const gln_access_use *use, gln_state *out) {
  *out = (gln_state){.shape = use->result, .rank = 1};
  out->map = calloc(1, sizeof(*out->map));
  if (!out->map) {
    gln_build_fail(&lower->build, "out of memory");
    return false;
  }
  out->map[0] = gln_linear_dim((size_t)use->attrs.dim);
  return true;
}

bool gln_lower_other(gln_lower *lower, MlirOperation op,
                     const gln_access_use *use, gln_state *out) {
  MlirValue sources[2] = {none, none};
  if (use->op == GLN_OP_IOTA)
    return iota(lower, use, out);
  if (use->op == GLN_OP_PAIR || use->op == GLN_OP_CARTESIAN_PRODUCT)
    return pair(lower, op, use, out);
  for (size_t i = 0; i < use->num_operands; ++i)
    sources[i] = gln_lower_tensor(
        lower, gln_lower_find(lower, mlirOperationGetOperand(op, (intptr_t)i)));
  if (use->op == GLN_OP_PAD)
    sources[0] = pad(lower, sources[0], use);
  else if (use->op == GLN_OP_CONCAT)
    sources[0] = concat(lower, sources, use);
  else if (use->op == GLN_OP_RESHAPE || use->op == GLN_OP_FLATTEN)
    sources[0] = reshape(lower, sources[0], &use->operands[0], &use->result);
  else
    return false;
  return gln_state_of_tensor(lower, sources[0], &use->result, out);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structured ops as access ops.
//
//   parallel   out = f(x, y, …)           views, then compute or call
//   reduce     out = combine(out, e)      e as above, then reduce_<combine>
//   dot        out = out + u * v          u and v as above, then dot
//
// What stands before a combine is computed where its operands lie, before they
// are spread over all loops: a prologue on the input of a convolution runs on
// the image and not on its windows. That place is the *index space* of the
// operands: one dimension for each distinct form they are indexed by.
#include "bridge/convert.h"
#include "bridge/splat.h"
#include "interp/scalar_eval.h"

#include <stdlib.h>
#include <string.h>

static const MlirValue none = {NULL};

//===-- Index spaces ------------------------------------------------------===//

typedef struct {
  size_t num;
  gln_linear forms[GLN_MAX_RANK]; // over the loops
  gln_shape shape;                // all access dimensions
} index_space;

static size_t find_form(const index_space *space, const gln_linear *form) {
  for (size_t g = 0; g < space->num; ++g)
    if (gln_linear_equal(&space->forms[g], form))
      return g;
  return SIZE_MAX;
}

static int64_t extent_of(gln_convert *c, const gln_leaf *leaf, size_t j) {
  if (leaf->is_index)
    return c->loops->space.dims[leaf->dim];
  return mlirShapedTypeGetDimSize(mlirValueGetType(leaf->value), (intptr_t)j);
}

// One dimension per distinct form of the leaves, those of the one with most
// dimensions first. Its extent is what all its readers have.
static bool forms_space(gln_convert *c, const uint16_t *leaves, size_t num,
                        index_space *out) {
  const gln_leaf *all = c->loops->leaves;
  size_t first = 0;
  *out = (index_space){0};
  for (size_t i = 1; i < num; ++i)
    if (all[leaves[i]].rank > all[leaves[first]].rank)
      first = i;
  for (size_t n = 0; n < num; ++n) {
    size_t i = n == 0 ? first : n <= first ? n - 1 : n;
    const gln_leaf *leaf = &all[leaves[i]];
    for (size_t j = 0; j < leaf->rank; ++j) {
      size_t dim, g = find_form(out, &leaf->map[j]);
      int64_t extent = extent_of(c, leaf, j);
      if (gln_linear_num_terms(&leaf->map[j], &dim) == 0)
        continue;
      if (g == SIZE_MAX) {
        if (out->num == GLN_MAX_RANK)
          return false;
        g = out->num++;
        out->forms[g] = leaf->map[j];
        out->shape.dims[g] = extent;
      }
      if (extent < out->shape.dims[g])
        out->shape.dims[g] = extent;
    }
  }
  out->shape.rank = out->shape.num_access = (uint8_t)out->num;
  return true;
}

// One dimension per loop that the leaves depend on, in the loops' order; if the
// result is laid out as the loops, also those of extent 1.
static void loops_space(gln_convert *c, const uint16_t *leaves, size_t num,
                        bool as_loops, index_space *out) {
  const gln_shape *space = &c->loops->space;
  *out = (index_space){0};
  for (size_t d = 0; d < space->rank; ++d) {
    bool used = as_loops && space->dims[d] == 1;
    for (size_t i = 0; i < num; ++i)
      for (size_t j = 0; j < c->loops->leaves[leaves[i]].rank; ++j)
        used |= c->loops->leaves[leaves[i]].map[j].coefs[d] != 0;
    if (!used)
      continue;
    out->forms[out->num] = gln_linear_dim(d);
    out->shape.dims[out->num++] = space->dims[d];
  }
  out->shape.rank = out->shape.num_access = (uint8_t)out->num;
}

static double volume(const index_space *space) {
  double product = 1;
  for (size_t g = 0; g < space->num; ++g)
    product *= (double)space->shape.dims[g];
  return product;
}

static bool all_dims(const index_space *space) {
  size_t dim;
  for (size_t g = 0; g < space->num; ++g)
    if (!gln_linear_is_dim(&space->forms[g], &dim))
      return false;
  return true;
}

// The smaller of the two; a parallel op, whose result is laid out as the loops,
// takes theirs if it can.
static void choose_space(gln_convert *c, const uint16_t *leaves, size_t num,
                         bool as_loops, index_space *out) {
  index_space loops;
  loops_space(c, leaves, num, as_loops, &loops);
  if (!forms_space(c, leaves, num, out) || volume(&loops) < volume(out) ||
      (as_loops && all_dims(out)))
    *out = loops;
}

// The map of a leaf over an index space.
static void map_into(const gln_leaf *leaf, const index_space *space,
                     gln_linear *out) {
  for (size_t j = 0; j < leaf->rank; ++j) {
    size_t dim, g = find_form(space, &leaf->map[j]);
    if (g != SIZE_MAX) {
      out[j] = gln_linear_dim(g);
      continue;
    }
    // A constant, or a form over a space of loops.
    out[j] = (gln_linear){.constant = leaf->map[j].constant};
    for (g = 0; g < space->num; ++g)
      if (gln_linear_is_dim(&space->forms[g], &dim))
        out[j].coefs[g] = leaf->map[j].coefs[dim];
  }
}

//===-- Leaves and factors ------------------------------------------------===//

// A leaf as a tensor or a pattern that has the dimensions of its map.
static MlirValue leaf_source(gln_convert *c, const gln_leaf *leaf) {
  gln_build *build = &c->build;
  if (leaf->is_index) {
    gln_shape shape = {.type = GLN_TYPE_INDEX, .rank = 1, .num_access = 1};
    shape.dims[0] = c->loops->space.dims[leaf->dim];
    return gln_build_access(build, GLN_OP_IOTA,
                            &(gln_op_attrs){.dim = 0, .shape = shape}, NULL, 0,
                            NULL);
  }
  MlirType type = mlirValueGetType(leaf->value);
  if (mlirTypeIsAShaped(type))
    return leaf->value;
  return gln_build_op(
      build, "tensor.from_elements", &leaf->value, 1,
      mlirRankedTensorTypeGet(0, NULL, type, mlirAttributeGetNull()), NULL, 0);
}

// The value of a body without arguments; finishes it.
static bool fold(gln_convert *c, gln_scalar_body *body, gln_scalar *out) {
  gln_scalar *registers = calloc((size_t)body->num_insts + 1, sizeof(*out));
  bool ok = registers &&
            !gln_scalar_body_eval(body, NULL, 0, registers, &c->build.error);
  if (ok)
    *out = registers[body->results[0]];
  else
    gln_build_fail(&c->build, "out of memory");
  free(registers);
  if (!ok)
    gln_scalar_body_fini(body);
  return ok;
}

// Register |root| of the body as a pattern over |space|.
static MlirValue build_factor(gln_convert *c, uint16_t root, bool as_loops,
                              const gln_shape *space) {
  gln_build *build = &c->build;
  gln_scalar_body body;
  gln_scalar constant;
  uint16_t leaves[GLN_BODY_MAX_ARGS];
  MlirValue operands[GLN_BODY_MAX_ARGS];
  gln_linear map[GLN_MAX_RANK];
  if (build->error.status ||
      gln_body_extract(&c->loops->body, root, &body, leaves, &build->error))
    return gln_build_fail(build, "out of memory");
  if (body.num_args == 0 && !fold(c, &body, &constant))
    return none;
  if (body.num_args == 0) {
    gln_scalar_body_fini(&body);
    return gln_build_view(build, gln_build_constant(build, constant), NULL, 0,
                          space);
  }
  if (gln_body_is_identity(&body)) {
    const gln_leaf *leaf = &c->loops->leaves[leaves[0]];
    gln_scalar_body_fini(&body);
    return gln_build_view(build, leaf_source(c, leaf), leaf->map, leaf->rank,
                          space);
  }
  index_space place;
  choose_space(c, leaves, body.num_args, as_loops, &place);
  for (uint16_t i = 0; i < body.num_args; ++i) {
    const gln_leaf *leaf = &c->loops->leaves[leaves[i]];
    map_into(leaf, &place, map);
    operands[i] = gln_build_view(build, leaf_source(c, leaf), map, leaf->rank,
                                 &place.shape);
  }
  MlirValue value = gln_convert_apply(c, &body, operands);
  return gln_build_view(build, value, place.forms, place.num, space);
}

//===-- Results -----------------------------------------------------------===//

// The loops of results alone.
static gln_shape parallel_space(const gln_loops *loops) {
  gln_shape shape = loops->space;
  shape.rank = shape.num_access;
  return shape;
}

// x may be accumulated in |type| as it is: the ops widen themselves.
static uint16_t without_widening(const gln_scalar_body *body, uint16_t x,
                                 gln_type type) {
  const gln_scalar_inst *inst =
      x < body->num_args ? NULL : &body->insts[x - body->num_args];
  if (inst && inst->op == GLN_SCALAR_CAST &&
      gln_type_widens_to(gln_scalar_body_type(body, inst->args[0]), type))
    return inst->args[0];
  return x;
}

static bool is_neutral(gln_scalar_op combine, gln_scalar value) {
  gln_type type = value.type;
  bool is_float = gln_type_is_float(type);
  double number = gln_scalar_to_double(value);
  int64_t bits = gln_scalar_to_int(value);
  double huge = 1e300 * 1e300; // infinity
  int64_t most = gln_scalar_to_int(gln_scalar_from_double(type, huge));
  switch (combine) {
  case GLN_SCALAR_ADD:
    return number == 0;
  case GLN_SCALAR_MUL:
    return number == 1 || (type == GLN_TYPE_I1 && bits != 0);
  case GLN_SCALAR_MAX:
    return is_float ? number == -huge : bits == -most - 1;
  case GLN_SCALAR_MIN:
    return is_float ? number == huge : bits == most;
  case GLN_SCALAR_MAXNUM: // as hide_nan has it, of NaN alone it is the infinity
    return number == -huge || number != number;
  case GLN_SCALAR_MINNUM:
    return number == huge || number != number;
  case GLN_SCALAR_MAXU:
  case GLN_SCALAR_OR:
    return bits == 0;
  case GLN_SCALAR_MINU:
  case GLN_SCALAR_AND:
    return bits == -1;
  default:
    return false;
  }
}

// combine(old value, reduced), or |reduced| if the old value is neutral.
static MlirValue combine_old(gln_convert *c, size_t r, MlirValue reduced) {
  const gln_loops_result *result = &c->loops->results[r];
  const gln_leaf *out = &c->loops->outs[r];
  gln_scalar_op combine =
      result->kind == GLN_LOOPS_DOT ? GLN_SCALAR_ADD : result->combine;
  gln_scalar value;
  bool undefined;
  if (gln_splat_value(out->value, &value, &undefined) &&
      (undefined || is_neutral(combine, value)))
    return reduced;
  gln_shape space = parallel_space(c->loops);
  MlirValue old =
      gln_build_view(&c->build, out->value, out->map, out->rank, &space);
  return gln_build_compute(&c->build, GLN_KIND_SCALAR + (int)combine,
                           gln_build_shape(&c->build, reduced).type,
                           (MlirValue[]){old, reduced}, 2);
}

// An elementwise function of |value| and a constant.
static MlirValue with_constant(gln_convert *c, gln_scalar_op op,
                               MlirValue value, gln_scalar constant) {
  gln_scalar_body body;
  eg_error *error = &c->build.error;
  uint16_t args[2] = {0}, reg;
  gln_type type = constant.type;
  eg_status status =
      gln_scalar_body_init(&body, &type, 1, eg_allocator_default(), error);
  if (!status)
    status = gln_scalar_body_const(&body, constant, &args[1], error);
  if (!status)
    status = gln_scalar_body_op(&body, op, type, args, 2, &reg, error);
  if (!status)
    status = gln_scalar_body_result(&body, reg, error);
  if (!status)
    return gln_convert_apply(c, &body, &value);
  gln_scalar_body_fini(&body);
  return none;
}

// The prologue of a maximum that ignores NaN: select (isnan e) worst e.
static eg_status hide_nan(gln_scalar_body *body, gln_type type, bool is_max,
                          uint16_t *e, eg_error *error) {
  double huge = 1e300 * 1e300;
  uint16_t args[3] = {0, 0, *e};
  eg_status status = gln_scalar_body_op(body, GLN_SCALAR_ISNAN, GLN_TYPE_I1, e,
                                        1, &args[0], error);
  if (!status)
    status = gln_scalar_body_const(
        body, gln_scalar_from_double(type, is_max ? -huge : huge), &args[1],
        error);
  if (!status)
    status =
        gln_scalar_body_op(body, GLN_SCALAR_SELECT, type, args, 3, e, error);
  return status;
}

static eg_status flip_sign(gln_scalar_body *body, gln_scalar sign, uint16_t *e,
                           eg_error *error) {
  uint16_t args[2] = {*e, 0};
  eg_status status = gln_scalar_body_const(body, sign, &args[1], error);
  if (!status)
    status =
        gln_scalar_body_op(body, GLN_SCALAR_XOR, sign.type, args, 2, e, error);
  return status;
}

// reduce_max and reduce_min compare signed and let NaN win. Unsigned ones flip
// the sign bit before and after; of i1, 1 is the least signed value.
static MlirValue build_reduction(gln_convert *c, gln_loops_result *result) {
  gln_scalar_body *body = &c->loops->body;
  eg_error *error = &c->build.error;
  gln_type type = gln_scalar_body_type(body, result->root);
  gln_scalar sign = gln_scalar_from_uint(
      type,
      gln_type_is_int(type) ? UINT64_C(1) << (gln_type_bits(type) - 1) : 0);
  uint16_t e = result->factors[0];
  int kind = GLN_KIND_REDUCE_SUM;
  bool flip = false, is_bit = type == GLN_TYPE_I1;
  eg_status status = EG_OK;
  switch (result->combine) {
  case GLN_SCALAR_ADD:
    break;
  case GLN_SCALAR_MUL:
    kind = GLN_KIND_REDUCE_PROD;
    break;
  case GLN_SCALAR_MAX:
    kind = GLN_KIND_REDUCE_MAX;
    break;
  case GLN_SCALAR_MIN:
    kind = GLN_KIND_REDUCE_MIN;
    break;
  case GLN_SCALAR_MAXU:
  case GLN_SCALAR_MINU:
    kind = result->combine == GLN_SCALAR_MAXU ? GLN_KIND_REDUCE_MAX
                                              : GLN_KIND_REDUCE_MIN;
    flip = true;
    status = flip_sign(body, sign, &e, error);
    break;
  case GLN_SCALAR_MAXNUM:
  case GLN_SCALAR_MINNUM:
    kind = result->combine == GLN_SCALAR_MAXNUM ? GLN_KIND_REDUCE_MAX
                                                : GLN_KIND_REDUCE_MIN;
    status =
        hide_nan(body, type, result->combine == GLN_SCALAR_MAXNUM, &e, error);
    break;
  case GLN_SCALAR_AND:
  case GLN_SCALAR_OR:
    if (!is_bit)
      return gln_build_fail(&c->build, "reduction by '%s' of type %s",
                            gln_scalar_op_info(result->combine)->name,
                            gln_type_name(type));
    kind = result->combine == GLN_SCALAR_AND ? GLN_KIND_REDUCE_MAX
                                             : GLN_KIND_REDUCE_MIN;
    break;
  default:
    return gln_build_fail(&c->build, "reduction by '%s'",
                          gln_scalar_op_info(result->combine)->name);
  }
  if (status)
    return none;
  if (!flip)
    e = without_widening(body, e, type);
  MlirValue value = build_factor(c, e, false, &c->loops->space);
  value = gln_build_compute(&c->build, kind, type, &value, 1);
  return flip ? with_constant(c, GLN_SCALAR_XOR, value, sign) : value;
}

static MlirValue build_dot(gln_convert *c, const gln_loops_result *result) {
  const gln_scalar_body *body = &c->loops->body;
  gln_type type = gln_scalar_body_type(body, result->root);
  MlirValue factors[2];
  for (int i = 0; i < 2; ++i)
    factors[i] =
        build_factor(c, without_widening(body, result->factors[i], type), false,
                     &c->loops->space);
  return gln_build_compute(&c->build, GLN_KIND_DOT, type, factors, 2);
}

// One reduction loop, whose index it is, and the right values to start from.
static MlirValue build_argmax(gln_convert *c, size_t r) {
  gln_loops *loops = c->loops;
  const gln_loops_result *result = &loops->results[r];
  const gln_loops_result *max = &loops->results[result->other];
  gln_scalar start, least;
  bool undefined[2];
  bool fits = loops->space.rank == loops->space.num_access + 1 &&
              loops->leaves[result->factors[1]].dim == loops->space.num_access;
  if (!fits || !gln_splat_value(loops->outs[r].value, &start, &undefined[0]) ||
      undefined[0] || gln_scalar_to_int(start) != 0 ||
      !gln_splat_value(loops->outs[result->other].value, &least,
                       &undefined[1]) ||
      undefined[1] || !is_neutral(max->combine, least))
    return gln_build_fail(&c->build,
                          "result #%zu is an index of a maximum, but not the "
                          "first one along one loop from the start",
                          r);
  MlirValue value = build_factor(c, result->factors[0], false, &loops->space);
  return gln_build_compute(&c->build, GLN_KIND_ARGMAX,
                           gln_scalar_body_type(&loops->body, result->root),
                           &value, 1);
}

static MlirValue build_result(gln_convert *c, size_t r) {
  gln_loops *loops = c->loops;
  gln_loops_result *result = &loops->results[r];
  gln_shape space = parallel_space(loops);
  // Without reduction loops an old value is an operand like any other, but if
  // it is zero, a reduction of extent 1 was folded away.
  if (loops->space.rank == space.rank) {
    gln_scalar old;
    bool undefined, is_zero;
    is_zero = gln_splat_value(loops->outs[r].value, &old, &undefined) &&
              (undefined || is_neutral(GLN_SCALAR_ADD, old));
    if (result->kind != GLN_LOOPS_DOT || !is_zero) {
      result->kind = GLN_LOOPS_PARALLEL;
      return build_factor(c, result->root, true, &space);
    }
  }
  switch (result->kind) {
  case GLN_LOOPS_DOT:
    return combine_old(c, r, build_dot(c, result));
  case GLN_LOOPS_REDUCE:
    return combine_old(c, r, build_reduction(c, result));
  case GLN_LOOPS_ARGMAX:
    return build_argmax(c, r);
  case GLN_LOOPS_PARALLEL:
    return gln_build_fail(&c->build,
                          "result #%zu does not depend on its old value, but "
                          "there are reduction loops",
                          r);
  case GLN_LOOPS_OTHER:
    break;
  }
  return gln_build_fail(
      &c->build, "result #%zu is no known reduction of its old value", r);
}

static bool has_uses(MlirValue value) {
  return !mlirOpOperandIsNull(mlirValueGetFirstUse(value));
}

bool gln_convert_loops(gln_convert *convert, MlirValue *out_results) {
  gln_loops *loops = convert->loops;
  gln_build *build = &convert->build;
  if (gln_loops_read_space(loops, &build->error))
    return false;
  if ((size_t)mlirOperationGetNumResults(loops->op) != loops->num_outs) {
    gln_build_fail(build, "it has no tensors as results");
    return false;
  }
  for (size_t r = 0; r < loops->num_outs; ++r) {
    out_results[r] = none;
    if (!has_uses(mlirOperationGetResult(loops->op, (intptr_t)r)))
      continue;
    const gln_leaf *out = &loops->outs[r];
    out_results[r] =
        gln_build_scatter(build, build_result(convert, r), out->map, out->rank);
    if (mlirValueIsNull(out_results[r]))
      return false;
  }
  return true;
}

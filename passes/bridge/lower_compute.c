// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// access.compute and access.call as linalg.generic.
#include "bridge/lower.h"

#include <string.h>

static const MlirValue none = {NULL};

typedef struct {
  gln_scalar_op op;
  gln_type type; // of the result
  gln_type types[GLN_MAX_OPERANDS];
  const gln_scalar_body *body;
} emit_info;

static MlirValue emit_scalar(MlirBlock block, MlirLocation location,
                             const MlirValue *args, MlirValue old, void *user) {
  const emit_info *info = user;
  (void)old;
  return gln_scalar_emit(block, location, info->op, info->type, info->types,
                         args);
}

static MlirValue emit_body(MlirBlock block, MlirLocation location,
                           const MlirValue *args, MlirValue old, void *user) {
  const emit_info *info = user;
  MlirValue result;
  (void)old;
  return gln_body_emit(info->body, block, location, args, &result) ? result
                                                                   : none;
}

static MlirValue widen(MlirBlock block, MlirLocation location, MlirValue value,
                       gln_type from, gln_type to) {
  return from == to ? value
                    : gln_scalar_emit(block, location, GLN_SCALAR_CAST, to,
                                      &from, &value);
}

static MlirValue emit_reduce(MlirBlock block, MlirLocation location,
                             const MlirValue *args, MlirValue old, void *user) {
  const emit_info *info = user;
  const gln_type types[2] = {info->type, info->type};
  MlirValue value = widen(block, location, args[0], info->types[0], info->type);
  return gln_scalar_emit(block, location, info->op, info->type, types,
                         (MlirValue[]){old, value});
}

static MlirValue emit_dot(MlirBlock block, MlirLocation location,
                          const MlirValue *args, MlirValue old, void *user) {
  const emit_info *info = user;
  const gln_type types[2] = {info->type, info->type};
  MlirValue factors[2];
  for (int i = 0; i < 2; ++i)
    factors[i] = widen(block, location, args[i], info->types[i], info->type);
  MlirValue product = gln_scalar_emit(block, location, GLN_SCALAR_MUL,
                                      info->type, types, factors);
  return gln_scalar_emit(block, location, GLN_SCALAR_ADD, info->type, types,
                         (MlirValue[]){old, product});
}

//===-- Kinds -------------------------------------------------------------===//

// The value to start from, which changes nothing.
static gln_scalar neutral(gln_scalar_op op, gln_type type) {
  double huge = 1e300 * 1e300;
  switch (op) {
  case GLN_SCALAR_MUL:
    return gln_scalar_from_int(type, 1);
  case GLN_SCALAR_MAX:
    return gln_scalar_from_double(type, -huge);
  case GLN_SCALAR_MIN:
    return gln_scalar_from_double(type, huge);
  default:
    return gln_scalar_from_int(type, 0);
  }
}

static MlirValue reduce(gln_lower *lower, const gln_state *state,
                        gln_scalar_op op, gln_type type) {
  emit_info info = {.op = op, .type = type, .types = {state->shape.type}};
  gln_scalar start = neutral(op, type);
  return gln_lower_generic(lower, state, 1, true, type, &start, emit_reduce,
                           &info);
}

// f(x, y) where y has the access dimensions of x alone and is read at each
// item.
static MlirValue with_access(gln_lower *lower, const gln_state *x, MlirValue y,
                             gln_scalar_op op) {
  gln_state operands[2] = {*x, {.shape = x->shape, .tensor = y}};
  gln_linear forms[GLN_MAX_RANK];
  emit_info info = {
      .op = op, .type = x->shape.type, .types = {x->shape.type, x->shape.type}};
  if (mlirValueIsNull(y))
    return none;
  for (size_t d = 0; d < x->shape.num_access; ++d)
    forms[d] = gln_linear_dim(d);
  operands[1].map = forms;
  operands[1].rank = x->shape.num_access;
  return gln_lower_generic(lower, operands, 2, false, x->shape.type, NULL,
                           emit_scalar, &info);
}

static MlirValue unary(gln_lower *lower, MlirValue x, const gln_shape *shape,
                       gln_scalar_op op) {
  gln_state state;
  emit_info info = {.op = op, .type = shape->type, .types = {shape->type}};
  MlirValue result = none;
  if (gln_state_of_tensor(lower, x, shape, &state))
    result = gln_lower_generic(lower, &state, 1, false, shape->type, NULL,
                               emit_scalar, &info);
  gln_state_fini(&state);
  return result;
}

// exp(x - max) / sum.
static MlirValue softmax(gln_lower *lower, const gln_state *x) {
  gln_type type = x->shape.type;
  MlirValue value = reduce(lower, x, GLN_SCALAR_MAX, type);
  value = with_access(lower, x, value, GLN_SCALAR_SUB);
  value = unary(lower, value, &x->shape, GLN_SCALAR_EXP);
  gln_state state;
  MlirValue result = none;
  if (gln_state_of_tensor(lower, value, &x->shape, &state)) {
    MlirValue sum = reduce(lower, &state, GLN_SCALAR_ADD, type);
    result = with_access(lower, &state, sum, GLN_SCALAR_DIV);
  }
  gln_state_fini(&state);
  return result;
}

typedef struct {
  double count;
  gln_type type;
} mean_info;

static MlirValue emit_mean(MlirBlock block, MlirLocation location,
                           const MlirValue *args, MlirValue old, void *user) {
  const mean_info *info = user;
  const gln_type types[2] = {info->type, info->type};
  MlirValue count = gln_scalar_emit_constant(
      block, location, gln_scalar_from_double(info->type, info->count));
  (void)old;
  return gln_scalar_emit(block, location, GLN_SCALAR_DIV, info->type, types,
                         (MlirValue[]){args[0], count});
}

static MlirValue mean(gln_lower *lower, const gln_state *x,
                      const gln_shape *shape) {
  mean_info info = {(double)gln_shape_num_item_elements(&x->shape),
                    shape->type};
  gln_state state;
  MlirValue result = none;
  MlirValue sum = reduce(lower, x, GLN_SCALAR_ADD, shape->type);
  if (gln_state_of_tensor(lower, sum, shape, &state))
    result = gln_lower_generic(lower, &state, 1, false, shape->type, NULL,
                               emit_mean, &info);
  gln_state_fini(&state);
  return result;
}

//===-- argmax ------------------------------------------------------------===//

typedef struct {
  const gln_state *x;
  gln_type type;
  MlirContext context;
} argmax_info;

// The row-major number of the item, or the greatest number of all where x is
// not the maximum; reduced by a minimum that is the first one.
static MlirValue emit_first(MlirBlock block, MlirLocation location,
                            const MlirValue *args, MlirValue old, void *user) {
  const argmax_info *info = user;
  gln_type type = info->x->shape.type, int_type = info->type;
  const gln_type pair[2] = {type, type};
  const gln_type ints[2] = {int_type, int_type};
  bool is_float = gln_type_is_float(type);
  MlirValue hit = gln_scalar_emit(
      block, location, is_float ? GLN_SCALAR_CMPF_UEQ : GLN_SCALAR_CMPI_EQ,
      GLN_TYPE_I1, pair, args);
  if (is_float) {
    // A NaN is the maximum; then only NaN hits, and else all compare.
    const gln_type bits[2] = {GLN_TYPE_I1, GLN_TYPE_I1};
    MlirValue x = gln_scalar_emit(block, location, GLN_SCALAR_ISNAN,
                                  GLN_TYPE_I1, pair, &args[0]);
    MlirValue m = gln_scalar_emit(block, location, GLN_SCALAR_ISNAN,
                                  GLN_TYPE_I1, pair, &args[1]);
    MlirValue same = gln_scalar_emit(block, location, GLN_SCALAR_CMPI_EQ,
                                     GLN_TYPE_I1, bits, (MlirValue[]){x, m});
    hit = gln_scalar_emit(block, location, GLN_SCALAR_AND, GLN_TYPE_I1, bits,
                          (MlirValue[]){hit, same});
  }
  const gln_type select[3] = {GLN_TYPE_I1, int_type, int_type};
  MlirValue number =
      gln_scalar_emit(block, location, GLN_SCALAR_SELECT, int_type, select,
                      (MlirValue[]){hit, args[2], old});
  return gln_scalar_emit(block, location, GLN_SCALAR_MIN, int_type, ints,
                         (MlirValue[]){old, number});
}

static MlirValue argmax(gln_lower *lower, const gln_state *x, gln_type type) {
  const gln_shape *shape = &x->shape;
  argmax_info info = {.x = x, .type = type};
  MlirValue max = reduce(lower, x, GLN_SCALAR_MAX, shape->type);
  gln_linear forms[GLN_MAX_RANK], number = {{0}, 0};
  int64_t stride = 1;
  for (size_t d = shape->rank; d-- > shape->num_access;) {
    number.coefs[d] = stride;
    stride *= shape->dims[d];
  }
  for (size_t d = 0; d < shape->num_access; ++d)
    forms[d] = gln_linear_dim(d);
  gln_state operands[3] = {
      *x,
      {.shape = *shape, .tensor = max, .rank = shape->num_access, .map = forms},
      {.shape = *shape, .rank = 1, .map = &number}};
  operands[2].shape.type = type;
  gln_scalar start = neutral(GLN_SCALAR_MIN, type);
  return mlirValueIsNull(max)
             ? none
             : gln_lower_generic(lower, operands, 3, true, type, &start,
                                 emit_first, &info);
}

//===-- compute and call --------------------------------------------------===//

static MlirValue compute(gln_lower *lower, const gln_access_use *use,
                         const gln_state *operands, size_t num) {
  gln_type type = use->result.type;
  emit_info info = {.type = type};
  int kind = use->attrs.kind;
  for (size_t i = 0; i < num; ++i)
    info.types[i] = operands[i].shape.type;
  switch (kind) {
  case GLN_KIND_DOT: {
    gln_scalar zero = gln_scalar_from_int(type, 0);
    return gln_lower_generic(lower, operands, 2, true, type, &zero, emit_dot,
                             &info);
  }
  case GLN_KIND_REDUCE_SUM:
    return reduce(lower, operands, GLN_SCALAR_ADD, type);
  case GLN_KIND_REDUCE_PROD:
    return reduce(lower, operands, GLN_SCALAR_MUL, type);
  case GLN_KIND_REDUCE_MAX:
    return reduce(lower, operands, GLN_SCALAR_MAX, type);
  case GLN_KIND_REDUCE_MIN:
    return reduce(lower, operands, GLN_SCALAR_MIN, type);
  case GLN_KIND_REDUCE_MEAN:
    return mean(lower, operands, &use->result);
  case GLN_KIND_SOFTMAX:
    return softmax(lower, operands);
  case GLN_KIND_ARGMAX:
    return argmax(lower, operands, type);
  default:
    info.op = (gln_scalar_op)(kind - GLN_KIND_SCALAR);
    return gln_lower_generic(lower, operands, num, false, type, NULL,
                             emit_scalar, &info);
  }
}

static MlirValue call(gln_lower *lower, MlirOperation op,
                      const gln_access_use *use, const gln_state *operands) {
  gln_body_import import;
  emit_info info = {.type = use->result.type, .body = &import.body};
  MlirOperation table = op, function = {NULL};
  while (mlirOperationIsNull(function)) {
    table = mlirOperationGetParentOperation(table);
    if (mlirOperationIsNull(table))
      return gln_build_fail(&lower->build, "its body is not found");
    MlirSymbolTable symbols = mlirSymbolTableCreate(table);
    if (mlirSymbolTableIsNull(symbols))
      continue;
    function = mlirSymbolTableLookup(symbols, use->symbol);
    mlirSymbolTableDestroy(symbols);
  }
  MlirBlock block = {NULL};
  if (mlirOperationGetNumRegions(function) == 1)
    block = mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
  if (mlirBlockIsNull(block) ||
      !mlirBlockIsNull(mlirBlockGetNextInRegion(block)))
    return gln_build_fail(&lower->build, "its body @%.*s is not one block",
                          (int)use->symbol.length, use->symbol.data);
  if (gln_body_import_block(block, &import, &lower->build.error))
    return none;
  MlirValue result = none;
  if (import.body.num_args == use->num_operands)
    result = gln_lower_generic(lower, operands, use->num_operands, false,
                               use->result.type, NULL, emit_body, &info);
  else
    gln_build_fail(&lower->build, "its body uses values from outside");
  gln_scalar_body_fini(&import.body);
  return result;
}

// Operands of the kind: its own, or the parts of a single one.
static bool read_operands(gln_lower *lower, MlirOperation op,
                          const gln_access_use *use, gln_state *out,
                          size_t *out_num) {
  size_t arity = 0;
  *out_num = 0;
  if (use->op == GLN_OP_COMPUTE && use->attrs.kind == GLN_KIND_DOT)
    arity = 2;
  else if (use->op == GLN_OP_COMPUTE && use->attrs.kind >= GLN_KIND_SCALAR)
    arity =
        gln_scalar_op_info((gln_scalar_op)(use->attrs.kind - GLN_KIND_SCALAR))
            ->arity;
  bool split = use->num_operands == 1 && arity > 1;
  size_t num = split ? arity : use->num_operands;
  for (size_t i = 0; i < num; ++i) {
    const gln_state *state = gln_lower_find(
        lower, mlirOperationGetOperand(op, split ? 0 : (intptr_t)i));
    bool ok;
    if (split) {
      ok = gln_state_part(lower, state, i, &out[i]);
    } else if (state->parts) {
      MlirValue tensor = gln_lower_tensor(lower, state);
      ok = gln_state_of_tensor(lower, tensor, &state->shape, &out[i]);
    } else {
      ok = gln_state_copy(&out[i], state);
    }
    if (!ok)
      return false;
    ++*out_num;
  }
  return true;
}

bool gln_lower_compute(gln_lower *lower, MlirOperation op,
                       const gln_access_use *use, gln_state *out) {
  gln_state operands[GLN_MAX_OPERANDS] = {{.rank = 0}};
  size_t num;
  MlirValue result = none;
  if (read_operands(lower, op, use, operands, &num))
    result = use->op == GLN_OP_CALL ? call(lower, op, use, operands)
                                    : compute(lower, use, operands, num);
  for (size_t i = 0; i < num; ++i)
    gln_state_fini(&operands[i]);
  return gln_state_of_tensor(lower, result, &use->result, out);
}

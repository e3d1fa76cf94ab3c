// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar bodies: simplification, dependence, parts.
#include "bridge/body.h"

#include <stdlib.h>
#include <string.h>

// Register of |body| as an instruction; NULL for an argument.
static const gln_scalar_inst *inst_of(const gln_scalar_body *body,
                                      uint16_t reg) {
  return reg < body->num_args ? NULL : &body->insts[reg - body->num_args];
}

static bool is_op(const gln_scalar_body *body, uint16_t reg, int op) {
  const gln_scalar_inst *inst = inst_of(body, reg);
  return inst && inst->op == op;
}

static bool is_constant(const gln_scalar_body *body, uint16_t reg,
                        double value) {
  const gln_scalar_inst *inst = inst_of(body, reg);
  if (!inst || inst->op != GLN_SCALAR_CONST)
    return false;
  gln_scalar found = {(gln_type)inst->type, inst->bits};
  return gln_scalar_equal(found, gln_scalar_from_double(found.type, value));
}

static unsigned arity_of(const gln_scalar_inst *inst) {
  return inst->op >= GLN_NUM_SCALAR_OPS
             ? 0
             : gln_scalar_op_info((gln_scalar_op)inst->op)->arity;
}

//===-- Simplification ----------------------------------------------------===//

// select (x > 0) x 0, also as ult (0, x) and with the arms exchanged: x if it
// is NaN, 0 if it is -0. That is max(x, 0); ogt would lose the NaN.
static bool match_relu(const gln_scalar_body *body, const uint16_t *args,
                       uint16_t *out) {
  const gln_scalar_inst *test = inst_of(body, args[0]);
  if (!test || test->op >= GLN_NUM_SCALAR_OPS)
    return false;
  uint16_t a = test->args[0], b = test->args[1], x = args[1];
  *out = x;
  switch ((gln_scalar_op)test->op) {
  case GLN_SCALAR_CMPF_UGT:
  case GLN_SCALAR_CMPI_SGT:
  case GLN_SCALAR_CMPI_SGE:
    return a == x && b == args[2] && is_constant(body, b, 0);
  case GLN_SCALAR_CMPF_ULT:
  case GLN_SCALAR_CMPI_SLT:
    if (b == x && a == args[2] && is_constant(body, a, 0))
      return true;
    *out = args[2]; // select (x < 0) 0 x
    return test->op == GLN_SCALAR_CMPI_SLT && a == args[2] && b == args[1] &&
           is_constant(body, b, 0);
  case GLN_SCALAR_CMPF_OLE:
  case GLN_SCALAR_CMPI_SLE:
    *out = args[2]; // select (x <= 0) 0 x
    return a == args[2] && b == args[1] && is_constant(body, b, 0);
  default:
    return false;
  }
}

// select (p < q) p q, where one of them is x and the other a constant that is
// neither NaN nor 0, whose signs a minimum tells apart: min if a NaN in x stays
// one, else minnum. Likewise max.
static bool match_bound(const gln_scalar_body *body, const uint16_t *args,
                        gln_scalar_op *op) {
  const gln_scalar_inst *test = inst_of(body, args[0]);
  if (!test || test->op < GLN_SCALAR_CMPF_FALSE ||
      test->op > GLN_SCALAR_CMPF_TRUE || test->args[0] != args[1] ||
      test->args[1] != args[2])
    return false;
  bool first = is_op(body, args[1], GLN_SCALAR_CONST);
  const gln_scalar_inst *bound = inst_of(body, args[first ? 1 : 2]);
  if (!bound || bound->op != GLN_SCALAR_CONST)
    return false;
  bool is_min, unordered;
  switch ((gln_scalar_op)test->op) {
  case GLN_SCALAR_CMPF_OLT:
  case GLN_SCALAR_CMPF_OLE:
  case GLN_SCALAR_CMPF_ULT:
  case GLN_SCALAR_CMPF_ULE:
    is_min = true;
    unordered = test->op >= GLN_SCALAR_CMPF_UEQ;
    break;
  case GLN_SCALAR_CMPF_OGT:
  case GLN_SCALAR_CMPF_OGE:
  case GLN_SCALAR_CMPF_UGT:
  case GLN_SCALAR_CMPF_UGE:
    is_min = false;
    unordered = test->op >= GLN_SCALAR_CMPF_UEQ;
    break;
  default:
    return false;
  }
  bool keeps_nan = unordered != first;
  *op = is_min      ? keeps_nan ? GLN_SCALAR_MIN : GLN_SCALAR_MINNUM
        : keeps_nan ? GLN_SCALAR_MAX
                    : GLN_SCALAR_MAXNUM;
  double value =
      gln_scalar_to_double((gln_scalar){(gln_type)bound->type, bound->bits});
  return value < 0 || value > 0;
}

// 1 / (1 + exp(-x)).
static bool match_sigmoid(const gln_scalar_body *body, const uint16_t *args,
                          uint16_t *out) {
  if (!is_constant(body, args[0], 1) || !is_op(body, args[1], GLN_SCALAR_ADD))
    return false;
  const uint16_t *sum = inst_of(body, args[1])->args;
  uint16_t exp = is_constant(body, sum[0], 1)   ? sum[1]
                 : is_constant(body, sum[1], 1) ? sum[0]
                                                : UINT16_MAX;
  if (exp == UINT16_MAX || !is_op(body, exp, GLN_SCALAR_EXP))
    return false;
  uint16_t neg = inst_of(body, exp)->args[0];
  if (!is_op(body, neg, GLN_SCALAR_NEG))
    return false;
  *out = inst_of(body, neg)->args[0];
  return true;
}

// (x * y) wide, where x and y were widened before and the product of narrow
// ones always fits: the same as the product of x and y widened at once.
static bool match_wide_product(const gln_scalar_body *body, uint16_t product,
                               gln_type type, uint16_t *out) {
  const gln_scalar_inst *inst = inst_of(body, product);
  gln_type middle = gln_scalar_body_type(body, product);
  if (!inst || inst->op != GLN_SCALAR_MUL || !gln_type_is_int(middle) ||
      middle == GLN_TYPE_INDEX || type == GLN_TYPE_INDEX ||
      !gln_type_widens_to(middle, type))
    return false;
  for (int i = 0; i < 2; ++i) {
    const gln_scalar_inst *cast = inst_of(body, inst->args[i]);
    if (!cast || cast->op != GLN_SCALAR_CAST)
      return false;
    gln_type narrow = gln_scalar_body_type(body, cast->args[0]);
    if (!gln_type_is_int(narrow) ||
        2 * gln_type_bits(narrow) > gln_type_bits(middle))
      return false;
    out[i] = cast->args[0];
  }
  return true;
}

// What one instruction on new registers becomes.
static eg_status simplify_inst(gln_scalar_body *body,
                               const gln_scalar_inst *inst,
                               const uint16_t *args, uint16_t *out,
                               eg_error *error) {
  gln_type type = (gln_type)inst->type;
  bool is_int = gln_type_is_int(type);
  uint16_t x;
  switch (inst->op) {
  case GLN_SCALAR_SELECT: {
    gln_scalar_op op;
    if (match_relu(body, args, &x))
      return gln_scalar_body_op(body, GLN_SCALAR_RELU, type, &x, 1, out, error);
    if (match_bound(body, args, &op))
      return gln_scalar_body_op(body, op, type, args + 1, 2, out, error);
    break;
  }
  case GLN_SCALAR_MAX:
    for (int i = 0; i < 2; ++i)
      if (is_constant(body, args[i], 0) && type != GLN_TYPE_I1)
        return gln_scalar_body_op(body, GLN_SCALAR_RELU, type, &args[1 - i], 1,
                                  out, error);
    break;
  case GLN_SCALAR_DIV:
    if (!is_int && match_sigmoid(body, args, &x))
      return gln_scalar_body_op(body, GLN_SCALAR_SIGMOID, type, &x, 1, out,
                                error);
    break;
  case GLN_SCALAR_ADD:
    if (is_int && is_constant(body, args[0], 0)) {
      *out = args[1];
      return EG_OK;
    }
    // fall through
  case GLN_SCALAR_SUB:
    if (is_int && is_constant(body, args[1], 0)) {
      *out = args[0];
      return EG_OK;
    }
    break;
  case GLN_SCALAR_CAST: {
    const gln_scalar_inst *from = inst_of(body, args[0]);
    gln_type source = gln_scalar_body_type(body, args[0]);
    if (source == type) {
      *out = args[0];
      return EG_OK;
    }
    uint16_t wide[2];
    if (match_wide_product(body, args[0], type, wide)) {
      for (int i = 0; i < 2; ++i) {
        eg_status status = gln_scalar_body_op(body, GLN_SCALAR_CAST, type,
                                              &wide[i], 1, &wide[i], error);
        if (status)
          return status;
      }
      return gln_scalar_body_op(body, GLN_SCALAR_MUL, type, wide, 2, out,
                                error);
    }
    if (from && from->op == GLN_SCALAR_CONST && gln_type_is_float(source) &&
        gln_type_is_float(type)) {
      gln_scalar value = {source, from->bits};
      return gln_scalar_body_const(
          body, gln_scalar_from_double(type, gln_scalar_to_double(value)), out,
          error);
    }
    break;
  }
  default:
    break;
  }
  return gln_scalar_body_op(body, (gln_scalar_op)inst->op, type, args,
                            arity_of(inst), out, error);
}

// Copies instructions of |from| that |wanted| (by register; NULL: all) into
// |to|. |map| holds the new registers of the arguments and of what is known
// already (others UINT16_MAX), and in the end of all.
static eg_status copy_insts(const gln_scalar_body *from, gln_scalar_body *to,
                            uint16_t *map, const bool *wanted, bool simplify,
                            eg_error *error) {
  for (uint16_t i = 0; i < from->num_insts; ++i) {
    uint16_t reg = (uint16_t)(from->num_args + i);
    const gln_scalar_inst *inst = &from->insts[i];
    uint16_t args[GLN_SCALAR_MAX_ARITY] = {0};
    eg_status status;
    if ((wanted && !wanted[reg]) || map[reg] != UINT16_MAX)
      continue;
    for (unsigned a = 0; a < arity_of(inst); ++a)
      args[a] = map[inst->args[a]];
    if (inst->op == GLN_SCALAR_CONST)
      status = gln_scalar_body_const(
          to, (gln_scalar){(gln_type)inst->type, inst->bits}, &map[reg], error);
    else if (inst->op == GLN_SCALAR_INDEX)
      status =
          gln_scalar_body_index(to, (uint32_t)inst->bits, &map[reg], error);
    else if (simplify)
      status = simplify_inst(to, inst, args, &map[reg], error);
    else
      status =
          gln_scalar_body_op(to, (gln_scalar_op)inst->op, (gln_type)inst->type,
                             args, arity_of(inst), &map[reg], error);
    if (status)
      return status;
  }
  return EG_OK;
}

static size_t num_registers(const gln_scalar_body *body) {
  return (size_t)body->num_args + body->num_insts;
}

static uint16_t *new_map(const gln_scalar_body *body, eg_error *error) {
  size_t num = num_registers(body);
  uint16_t *map = malloc((num + 1) * sizeof(*map));
  if (!map)
    (void)gln_fail(error, EG_NO_MEMORY, "out of memory");
  else
    memset(map, 0xff, (num + 1) * sizeof(*map));
  return map;
}

static eg_status bind_args(gln_scalar_body *out, uint16_t num,
                           const gln_body_binding *bindings, uint16_t *map,
                           eg_error *error) {
  eg_status status = EG_OK;
  for (uint16_t i = 0; !status && i < num; ++i) {
    map[i] = bindings ? bindings[i].arg : i;
    if (bindings && bindings[i].is_constant)
      status = gln_scalar_body_const(out, bindings[i].constant, &map[i], error);
  }
  return status;
}

eg_status gln_body_simplify(gln_scalar_body *body,
                            const gln_body_binding *bindings, eg_error *error) {
  gln_scalar_body out;
  gln_type types[GLN_BODY_MAX_ARGS];
  uint16_t *map = new_map(body, error);
  if (!map)
    return EG_NO_MEMORY;
  for (uint16_t i = 0; i < body->num_args; ++i)
    types[i] = (gln_type)body->arg_types[i];
  eg_status status =
      gln_scalar_body_init(&out, types, body->num_args, body->allocator, error);
  if (!status)
    status = bind_args(&out, body->num_args, bindings, map, error);
  if (!status)
    status = copy_insts(body, &out, map, NULL, true, error);
  for (uint16_t r = 0; !status && r < body->num_results; ++r)
    status = gln_scalar_body_result(&out, map[body->results[r]], error);
  if (!status)
    status = gln_scalar_body_normalize(&out, error);
  if (status) {
    gln_scalar_body_fini(&out);
  } else {
    gln_scalar_body_fini(body);
    *body = out;
  }
  free(map);
  return status;
}

//===-- Dependence and parts ----------------------------------------------===//

void gln_body_masks(const gln_scalar_body *body, uint32_t *masks) {
  for (uint16_t i = 0; i < body->num_args; ++i)
    masks[i] = UINT32_C(1) << i;
  for (uint16_t i = 0; i < body->num_insts; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    uint32_t mask = 0;
    for (unsigned a = 0; a < arity_of(inst); ++a)
      mask |= masks[inst->args[a]];
    masks[body->num_args + i] = mask;
  }
}

// Marks what |root| needs, not looking behind |cut|.
static void mark(const gln_scalar_body *body, uint16_t root, uint16_t cut,
                 bool *wanted) {
  wanted[root] = true;
  for (size_t i = body->num_insts; i-- > 0;) {
    size_t reg = body->num_args + i;
    const gln_scalar_inst *inst = &body->insts[i];
    if (wanted[reg] && reg != cut)
      for (unsigned a = 0; a < arity_of(inst); ++a)
        wanted[inst->args[a]] = true;
  }
}

static eg_status extract(const gln_scalar_body *body, uint16_t root,
                         uint16_t cut, gln_scalar_body *out, uint16_t *leaves,
                         uint16_t *map, bool *wanted, eg_error *error) {
  gln_type types[GLN_BODY_MAX_ARGS];
  uint16_t num = 0;
  mark(body, root, cut, wanted);
  for (uint16_t i = 0; i < body->num_args; ++i) {
    if (!wanted[i])
      continue;
    types[num] = (gln_type)body->arg_types[i];
    leaves[num] = i;
    map[i] = num++;
  }
  if (cut != UINT16_MAX && wanted[cut]) {
    types[num] = gln_scalar_body_type(body, cut);
    map[cut] = num++;
  }
  eg_status status =
      gln_scalar_body_init(out, types, num, body->allocator, error);
  if (status)
    return status;
  status = copy_insts(body, out, map, wanted, false, error);
  if (!status)
    status = gln_scalar_body_result(out, map[root], error);
  if (!status)
    status = gln_scalar_body_normalize(out, error);
  if (status)
    gln_scalar_body_fini(out);
  return status;
}

eg_status gln_body_extract_cut(const gln_scalar_body *body, uint16_t root,
                               uint16_t cut, gln_scalar_body *out,
                               uint16_t *leaves, eg_error *error) {
  uint16_t *map = new_map(body, error);
  bool *wanted = calloc(num_registers(body) + 1, sizeof(*wanted));
  eg_status status = EG_NO_MEMORY;
  if (map && wanted)
    status = extract(body, root, cut, out, leaves, map, wanted, error);
  free(map);
  free(wanted);
  return status;
}

eg_status gln_body_extract(const gln_scalar_body *body, uint16_t root,
                           gln_scalar_body *out, uint16_t *leaves,
                           eg_error *error) {
  return gln_body_extract_cut(body, root, UINT16_MAX, out, leaves, error);
}

//===-- Questions ---------------------------------------------------------===//

bool gln_body_is_single(const gln_scalar_body *body, gln_scalar_op *out_op) {
  if (body->num_insts != 1 || body->num_results != 1 ||
      body->results[0] != body->num_args ||
      body->insts[0].op >= GLN_NUM_SCALAR_OPS)
    return false;
  *out_op = (gln_scalar_op)body->insts[0].op;
  return true;
}

bool gln_body_is_identity(const gln_scalar_body *body) {
  return body->num_args == 1 && body->num_results == 1 && body->results[0] == 0;
}

bool gln_body_is_constant(const gln_scalar_body *body, gln_scalar *out) {
  const gln_scalar_inst *inst =
      body->num_results == 1 ? inst_of(body, body->results[0]) : NULL;
  if (!inst || inst->op != GLN_SCALAR_CONST)
    return false;
  *out = (gln_scalar){(gln_type)inst->type, inst->bits};
  return true;
}

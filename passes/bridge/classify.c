// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a body does with the old value of its output.
//
// A reduction is old' = combine(old, e(inputs)). It is a contraction if combine
// is + and e = u * v, where u and v depend on different operands: each of them
// is then a prologue on operands of its own. x * x of one operand is none.
#include "bridge/loops_internal.h"
#include "bridge/splat.h"

#include "mlir-c/Dialect/Linalg.h"

#include <stdlib.h>
#include <string.h>

//===-- Equal arguments ---------------------------------------------------===//

static MlirAffineMap map_of(const gln_loops *loops, size_t operand) {
  return mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(
      mlirLinalgGetIndexingMapsAttribute(loops->op), (intptr_t)operand));
}

// Input operands that read the same tensor at the same place.
static bool same_input(const gln_loops *loops, size_t a, size_t b) {
  return mlirValueEqual(loops->leaves[a].value, loops->leaves[b].value) &&
         mlirAffineMapEqual(map_of(loops, a), map_of(loops, b));
}

// A scalar operand, or one of rank 0, that is a constant.
static bool constant_input(MlirValue value, gln_scalar *out) {
  bool undefined;
  MlirType type = mlirValueGetType(value);
  if (!mlirTypeIsAShaped(type))
    return gln_body_constant(value, out);
  return mlirShapedTypeHasRank(type) && mlirShapedTypeGetRank(type) == 0 &&
         gln_splat_value(value, out, &undefined) && !undefined;
}

// Makes the body read the first of equal inputs only, and no constant ones.
static eg_status merge_inputs(gln_loops *loops, size_t num_ins,
                              eg_error *error) {
  gln_body_binding bindings[GLN_BODY_MAX_ARGS] = {0};
  for (size_t b = 0; b < loops->num_leaves; ++b) {
    bindings[b].arg = (uint16_t)b;
    if (b >= num_ins)
      continue;
    bindings[b].is_constant =
        constant_input(loops->leaves[b].value, &bindings[b].constant);
    for (size_t a = 0; a < b; ++a)
      if (same_input(loops, a, b)) {
        bindings[b].arg = (uint16_t)a;
        break;
      }
  }
  return gln_body_simplify(&loops->body, bindings, error);
}

static bool uses_dim(MlirAffineMap map, intptr_t dim) {
  for (intptr_t j = 0; j < mlirAffineMapGetNumResults(map); ++j)
    if (mlirAffineExprIsFunctionOfDim(mlirAffineMapGetResult(map, j), dim))
      return true;
  return false;
}

// Whether the inputs of |mask| are indexed by every loop of the results.
static bool spans_result(const gln_loops *loops, uint32_t mask) {
  size_t num_ins = loops->num_operands - loops->num_outs;
  for (size_t out = num_ins; out < loops->num_operands; ++out) {
    MlirAffineMap map = map_of(loops, out);
    for (intptr_t d = 0; d < mlirAffineMapGetNumDims(map); ++d) {
      bool indexed = false;
      for (size_t i = 0; i < num_ins; ++i)
        indexed |= (mask >> i & 1) && uses_dim(map_of(loops, i), d);
      if (!indexed && uses_dim(map, d))
        return false;
    }
  }
  return true;
}

//===-- One spelling ------------------------------------------------------===//

// Appends x op y of the type of x.
static eg_status append(gln_scalar_body *body, gln_scalar_op op, uint16_t x,
                        uint16_t y, uint16_t *out, eg_error *error) {
  return gln_scalar_body_op(body, op, gln_scalar_body_type(body, x),
                            (uint16_t[]){x, y}, gln_scalar_op_info(op)->arity,
                            out, error);
}

// old - e = old + (-e), and -(u * v) = (-u) * v; fma (u, v, old) = old + u * v
// but for one rounding.
static eg_status respell(gln_scalar_body *body, uint16_t old, uint16_t *root,
                         eg_error *error) {
  if (*root < body->num_args)
    return EG_OK;
  gln_scalar_inst inst = body->insts[*root - body->num_args];
  uint16_t e = inst.args[1], u;
  eg_status status = EG_OK;
  if (inst.op == GLN_SCALAR_FMA && inst.args[2] == old) {
    status =
        append(body, GLN_SCALAR_MUL, inst.args[0], inst.args[1], &e, error);
  } else if (inst.op == GLN_SCALAR_SUB && inst.args[0] == old && e != old) {
    gln_scalar_inst product = {.op = GLN_SCALAR_CONST};
    if (e >= body->num_args)
      product = body->insts[e - body->num_args];
    if (product.op == GLN_SCALAR_MUL) {
      status = append(body, GLN_SCALAR_NEG, product.args[0], 0, &u, error);
      if (!status)
        status = append(body, GLN_SCALAR_MUL, u, product.args[1], &e, error);
    } else {
      status = append(body, GLN_SCALAR_NEG, e, 0, &e, error);
    }
  } else {
    return EG_OK;
  }
  return status ? status : append(body, GLN_SCALAR_ADD, old, e, root, error);
}

static eg_status respell_results(gln_scalar_body *body, size_t num_ins,
                                 eg_error *error) {
  eg_status status = EG_OK;
  for (uint16_t r = 0; !status && r < body->num_results; ++r)
    if (num_ins + r < body->num_args)
      status = respell(body, (uint16_t)(num_ins + r), &body->results[r], error);
  return status ? status : gln_scalar_body_normalize(body, error);
}

//===-- Reductions --------------------------------------------------------===//

typedef struct {
  const gln_loops *loops;
  const gln_scalar_body *body;
  const uint32_t *masks;
  uint32_t old;     // bit of the old value
  uint32_t tensors; // bits of the inputs that are indexed by loops
} reader;

static const gln_scalar_inst *inst_of(const reader *in, uint16_t reg) {
  return reg < in->body->num_args ? NULL
                                  : &in->body->insts[reg - in->body->num_args];
}

static bool is_combine(int op) {
  switch (op) {
  case GLN_SCALAR_ADD:
  case GLN_SCALAR_MUL:
  case GLN_SCALAR_MAX:
  case GLN_SCALAR_MIN:
  case GLN_SCALAR_MAXU:
  case GLN_SCALAR_MINU:
  case GLN_SCALAR_MAXNUM:
  case GLN_SCALAR_MINNUM:
  case GLN_SCALAR_AND:
  case GLN_SCALAR_OR:
    return true;
  default:
    return false;
  }
}

// select (e > old) e old in its spellings. With an ordered comparison a NaN
// never wins: maxnum; signs of zeros are left aside, as arith's maxnum may.
static bool match_select(const reader *in, const gln_scalar_inst *inst,
                         uint16_t old, gln_scalar_op *op, uint16_t *e) {
  const gln_scalar_inst *test = inst_of(in, inst->args[0]);
  if (inst->op != GLN_SCALAR_SELECT || !test)
    return false;
  uint16_t a = test->args[0], b = test->args[1];
  bool keeps = inst->args[1] == a && inst->args[2] == b;
  bool swaps = inst->args[1] == b && inst->args[2] == a;
  if (keeps == swaps || (a != old && b != old))
    return false;
  *e = a == old ? b : a;
  // Old wins a tie of NaNs only where it stands in the false arm.
  bool old_last = inst->args[2] == old;
  switch ((gln_scalar_op)test->op) {
  case GLN_SCALAR_CMPI_SGT:
  case GLN_SCALAR_CMPI_SGE:
    *op = keeps ? GLN_SCALAR_MAX : GLN_SCALAR_MIN;
    return true;
  case GLN_SCALAR_CMPI_SLT:
  case GLN_SCALAR_CMPI_SLE:
    *op = keeps ? GLN_SCALAR_MIN : GLN_SCALAR_MAX;
    return true;
  case GLN_SCALAR_CMPI_UGT:
  case GLN_SCALAR_CMPI_UGE:
    *op = keeps ? GLN_SCALAR_MAXU : GLN_SCALAR_MINU;
    return true;
  case GLN_SCALAR_CMPI_ULT:
  case GLN_SCALAR_CMPI_ULE:
    *op = keeps ? GLN_SCALAR_MINU : GLN_SCALAR_MAXU;
    return true;
  case GLN_SCALAR_CMPF_OGT:
  case GLN_SCALAR_CMPF_OGE:
    *op = keeps ? GLN_SCALAR_MAXNUM : GLN_SCALAR_MINNUM;
    return old_last;
  case GLN_SCALAR_CMPF_OLT:
  case GLN_SCALAR_CMPF_OLE:
    *op = keeps ? GLN_SCALAR_MINNUM : GLN_SCALAR_MAXNUM;
    return old_last;
  default:
    return false;
  }
}

// old' = combine(old, e).
static bool match_reduce(const reader *in, gln_loops_result *result) {
  const gln_scalar_inst *inst = inst_of(in, result->root);
  uint16_t old = result->old;
  if (!inst)
    return false;
  if (is_combine(inst->op) && (inst->args[0] == old || inst->args[1] == old)) {
    result->combine = (gln_scalar_op)inst->op;
    result->factors[0] = inst->args[inst->args[0] == old];
  } else if (!match_select(in, inst, old, &result->combine,
                           &result->factors[0])) {
    return false;
  }
  return !(in->masks[result->factors[0]] & in->old);
}

// The factors of a product tree, left to right.
typedef struct {
  uint16_t regs[GLN_BODY_MAX_ARGS];
  size_t num;
} factor_list;

static void flatten(const reader *in, uint16_t e, factor_list *out) {
  const gln_scalar_inst *inst = inst_of(in, e);
  if (inst && inst->op == GLN_SCALAR_MUL && out->num + 2 < GLN_BODY_MAX_ARGS) {
    flatten(in, inst->args[0], out);
    flatten(in, inst->args[1], out);
  } else if (out->num < GLN_BODY_MAX_ARGS) {
    out->regs[out->num++] = e;
  }
}

static uint32_t tensors_of(const reader *in, uint16_t reg) {
  return in->masks[reg] & in->tensors;
}

// Sorts factors that share tensors, directly or over others, into one group.
// |out_groups| has one mask per group; factors without tensors are in none.
static size_t group_factors(const reader *in, const factor_list *list,
                            uint32_t *out_groups) {
  size_t num = 0;
  for (size_t i = 0; i < list->num; ++i) {
    uint32_t mask = tensors_of(in, list->regs[i]);
    size_t kept = 0;
    if (!mask)
      continue;
    for (size_t g = 0; g < num; ++g)
      if (out_groups[g] & mask)
        mask |= out_groups[g];
      else
        out_groups[kept++] = out_groups[g];
    out_groups[kept++] = mask;
    num = kept;
  }
  return num;
}

static eg_status times(gln_scalar_body *body, uint16_t *product, uint16_t reg,
                       eg_error *error) {
  if (*product == UINT16_MAX) {
    *product = reg;
    return EG_OK;
  }
  return gln_scalar_body_op(body, GLN_SCALAR_MUL,
                            gln_scalar_body_type(body, reg),
                            (uint16_t[]){*product, reg}, 2, product, error);
}

// (q * k) * c = (q * c) * k: a product of several factors as one of two, if
// their tensors fall into two groups. Appends to the body.
static bool regroup(const reader *in, gln_scalar_body *body, uint16_t e,
                    uint16_t *factors) {
  factor_list list = {.num = 0};
  uint32_t groups[GLN_BODY_MAX_ARGS];
  flatten(in, e, &list);
  if (group_factors(in, &list, groups) != 2)
    return false;
  factors[0] = factors[1] = UINT16_MAX;
  for (size_t i = 0; i < list.num; ++i) {
    int side = (tensors_of(in, list.regs[i]) & groups[1]) != 0;
    if (times(body, &factors[side], list.regs[i], NULL))
      return false;
  }
  return true;
}

// The product of two functions that share no tensor. Where one of them is a
// constant, what was a splat weight before somebody folded it: it still is a
// factor if it alone spans some loop of the result.
static bool match_product(const reader *in, gln_scalar_body *body, uint16_t e,
                          uint16_t *factors) {
  const gln_scalar_inst *inst = inst_of(in, e);
  if (!inst || inst->op != GLN_SCALAR_MUL)
    return false;
  uint16_t x = inst->args[0], y = inst->args[1]; // regroup moves |inst|
  uint32_t u = tensors_of(in, x), v = tensors_of(in, y);
  factors[0] = x;
  factors[1] = y;
  if ((u && v && !(u & v)) || regroup(in, body, e, factors))
    return true;
  factors[0] = x;
  factors[1] = y;
  return !u != !v && !spans_result(in->loops, u | v);
}

static uint32_t tensor_inputs(const gln_loops *loops, size_t num_ins) {
  uint32_t mask = 0;
  for (size_t i = 0; i < num_ins; ++i)
    if (mlirAffineMapGetNumResults(map_of(loops, i)) > 0)
      mask |= UINT32_C(1) << i;
  return mask;
}

static void classify(gln_loops *loops, const uint32_t *masks, uint32_t tensors,
                     gln_loops_result *result) {
  reader in = {loops, &loops->body, masks,
               result->old == UINT16_MAX ? 0 : UINT32_C(1) << result->old,
               tensors};
  uint16_t factors[2];
  if (!(masks[result->root] & in.old)) {
    result->kind = GLN_LOOPS_PARALLEL;
  } else if (!match_reduce(&in, result)) {
    result->kind = GLN_LOOPS_OTHER;
  } else if (result->combine == GLN_SCALAR_ADD &&
             match_product(&in, &loops->body, result->factors[0], factors)) {
    result->kind = GLN_LOOPS_DOT;
    memcpy(result->factors, factors, sizeof(factors));
  } else {
    result->kind = GLN_LOOPS_REDUCE;
  }
}

// old' = select (e > m) i old, where i is a loop's index and m the old value of
// a maximum of e: the first index of it, if it starts at 0 and m at the least
// value. Among floats a NaN never is greater.
static void match_argmax(gln_loops *loops, gln_loops_result *result) {
  reader in = {.loops = loops, .body = &loops->body};
  const gln_scalar_inst *pick = inst_of(&in, result->root), *test;
  if (result->kind != GLN_LOOPS_OTHER || pick->op != GLN_SCALAR_SELECT ||
      pick->args[2] != result->old || !(test = inst_of(&in, pick->args[0])) ||
      (test->op != GLN_SCALAR_CMPI_SGT && test->op != GLN_SCALAR_CMPF_OGT))
    return;
  uint16_t index = pick->args[1];
  const gln_scalar_inst *cast = inst_of(&in, index);
  if (cast && cast->op == GLN_SCALAR_CAST)
    index = cast->args[0];
  if (index >= loops->body.num_args || !loops->leaves[index].is_index)
    return;
  for (size_t r = 0; r < loops->num_outs; ++r) {
    const gln_loops_result *max = &loops->results[r];
    if (max->kind != GLN_LOOPS_REDUCE || max->old != test->args[1] ||
        max->factors[0] != test->args[0] ||
        (max->combine != GLN_SCALAR_MAX && max->combine != GLN_SCALAR_MAXNUM))
      continue;
    result->kind = GLN_LOOPS_ARGMAX;
    result->factors[0] = max->factors[0];
    result->factors[1] = index;
    result->other = r;
  }
}

eg_status glni_loops_classify(gln_loops *loops, size_t num_ins,
                              size_t num_block_args, eg_error *error) {
  const gln_scalar_body *body = &loops->body;
  eg_status status = merge_inputs(loops, num_ins, error);
  if (status)
    return status;
  if (num_block_args > num_ins)
    status = respell_results(&loops->body, num_ins, error);
  if (status)
    return status;
  size_t num = (size_t)body->num_args + body->num_insts;
  uint32_t *masks = malloc((num + 1) * sizeof(*masks));
  if (!masks)
    return gln_fail(error, EG_NO_MEMORY, "out of memory");
  gln_body_masks(body, masks);
  for (size_t r = 0; r < loops->num_outs; ++r) {
    gln_loops_result *result = &loops->results[r];
    result->root = body->results[r];
    result->old =
        num_block_args > num_ins ? (uint16_t)(num_ins + r) : UINT16_MAX;
    classify(loops, masks, tensor_inputs(loops, num_ins), result);
  }
  for (size_t r = 0; r < loops->num_outs; ++r)
    match_argmax(loops, &loops->results[r]);
  free(masks);
  return EG_OK;
}

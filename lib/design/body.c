// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A scalar body as operations of the vector unit on tiles in ACC.
//
// One instruction is one operation, or a few. A tile is dead after the last
// instruction that reads it, and its rows are used again; register 0, the tile
// that the array accumulated, is taken first, so that most bodies run in place.
#include "design/program_internal.h"
#include "view/try.h"

#include <math.h>
#include <string.h>

enum { MAX_TEMPS = 8, MAX_REGISTERS = GLN_BODY_MAX_ARGS + GLN_BODY_MAX_INSTS };

// Where the value of a scalar register is.
typedef enum place { NOWHERE, TILE, IMMEDIATE } place;

typedef struct value {
  uint8_t place;
  uint16_t tile; // vector register
  uint16_t last; // instruction that reads it last, 0 = none
  double imm;
} value;

typedef struct compiler {
  const gln_scalar_body *body;
  gln_type in, acc;
  bool narrow; // argument 0 is a value of |in|
  glni_body *out;
  eg_error *error;
  value values[MAX_REGISTERS];
  bool needed[MAX_REGISTERS];
  bool taken[1 + GLN_BODY_MAX_ARGS + MAX_TEMPS]; // vector registers
} compiler;

static bool same(const compiler *c, uint16_t x, uint16_t y) {
  double vx, vy;
  return x == y || (glni_body_constant(c->body, x, &vx) &&
                    glni_body_constant(c->body, y, &vy) && vx == vy);
}

static eg_status refuse(compiler *c, const gln_scalar_inst *inst) {
  if (inst->op == GLN_SCALAR_INDEX)
    return gln_fail(c->error, EG_INFEASIBLE,
                    "the vector unit does not know the index of an element");
  return gln_fail(
      c->error, EG_INFEASIBLE, "the vector unit of %s has no '%s' of %s",
      gln_type_name(c->acc), gln_scalar_op_info((gln_scalar_op)inst->op)->name,
      gln_type_name((gln_type)inst->type));
}

//===-- What is needed ----------------------------------------------------===//

// A select between the two values that its condition compares: a maximum (+1)
// or minimum (-1) of args[1] and args[2]; 0 = no.
static int extremum(const compiler *c, const gln_scalar_inst *select) {
  const gln_scalar_inst *cmp = glni_body_inst(c->body, select->args[0]);
  int greater = 0;
  if (!cmp)
    return 0;
  switch (cmp->op) {
  case GLN_SCALAR_CMPI_SGT:
  case GLN_SCALAR_CMPI_SGE:
  case GLN_SCALAR_CMPF_OGT:
  case GLN_SCALAR_CMPF_OGE:
  case GLN_SCALAR_CMPF_UGT:
  case GLN_SCALAR_CMPF_UGE:
    greater = 1;
    break;
  case GLN_SCALAR_CMPI_SLT:
  case GLN_SCALAR_CMPI_SLE:
  case GLN_SCALAR_CMPF_OLT:
  case GLN_SCALAR_CMPF_OLE:
  case GLN_SCALAR_CMPF_ULT:
  case GLN_SCALAR_CMPF_ULE:
    greater = -1;
    break;
  default:
    return 0;
  }
  if (same(c, cmp->args[0], select->args[1]) &&
      same(c, cmp->args[1], select->args[2]))
    return greater;
  if (same(c, cmp->args[0], select->args[2]) &&
      same(c, cmp->args[1], select->args[1]))
    return -greater;
  return 0;
}

// Instruction |i| reads |reg|; instructions are walked from the last.
static void need(compiler *c, uint16_t reg, uint16_t i) {
  c->needed[reg] = true;
  if (c->values[reg].last == 0)
    c->values[reg].last = (uint16_t)(i + 1);
}

static void mark(compiler *c, uint16_t result) {
  c->needed[result] = true;
  c->values[result].last = UINT16_MAX;
  for (uint16_t i = c->body->num_insts; i-- > 0;) {
    uint16_t reg = (uint16_t)(c->body->num_args + i);
    const gln_scalar_inst *inst = &c->body->insts[i];
    if (!c->needed[reg] || inst->op >= GLN_NUM_SCALAR_OPS)
      continue;
    glni_rescale r;
    if (glni_body_rescale(c->body, reg,
                          &r)) { // what it is made of is not needed
      need(c, r.value, i);
      if (!r.factor_is_imm)
        need(c, r.factor, i);
      if (!r.shift_is_imm)
        need(c, r.shift, i);
      continue;
    }
    unsigned arity = gln_scalar_op_info((gln_scalar_op)inst->op)->arity;
    // A condition is looked at, not computed.
    unsigned first = inst->op == GLN_SCALAR_SELECT;
    for (unsigned k = first; k < arity; ++k)
      need(c, inst->args[k], i);
  }
}

//===-- Instructions ------------------------------------------------------===//

static eg_status put(compiler *c, glni_vop vop) {
  if (c->out->num_vops == GLNI_MAX_VOPS)
    return gln_fail(c->error, EG_INFEASIBLE,
                    "a body of more than %d vector operations", GLNI_MAX_VOPS);
  c->out->vops[c->out->num_vops++] = vop;
  return EG_OK;
}

// If instruction |i| is the last that reads the tile of |reg|, by any of its names,
// it is free.
static void release_one(compiler *c, uint16_t reg, uint16_t i) {
  const value *v = &c->values[reg];
  size_t num = c->body->num_args + i;
  bool live = v->place != TILE;
  for (size_t k = 0; k < num && !live; ++k)
    live = c->values[k].place == TILE && c->values[k].tile == v->tile &&
           c->values[k].last > i + 1;
  if (!live)
    c->taken[v->tile] = false;
}

static void release(compiler *c, const gln_scalar_inst *inst, uint16_t i) {
  unsigned arity = gln_scalar_op_info((gln_scalar_op)inst->op)->arity;
  for (unsigned k = inst->op == GLN_SCALAR_SELECT; k < arity; ++k)
    release_one(c, inst->args[k], i);
}

// What may be overwritten: the accumulated tile and temporaries.
static bool is_own(const compiler *c, uint16_t tile) {
  return tile == 0 || tile > c->out->num_extra;
}

static eg_status take(compiler *c, uint16_t *out) {
  uint16_t first = (uint16_t)(1 + c->out->num_extra);
  uint16_t reg = 0;
  if (c->taken[0])
    for (reg = first; reg < first + MAX_TEMPS && c->taken[reg];)
      ++reg;
  if (reg == first + MAX_TEMPS)
    return gln_fail(c->error, EG_INFEASIBLE,
                    "a body with more than %d tiles at one time", MAX_TEMPS);
  c->taken[reg] = true;
  if (reg && reg - first + 1 > c->out->num_temps)
    c->out->num_temps = (uint16_t)(reg - first + 1);
  *out = reg;
  return EG_OK;
}

static glni_vop binary(const compiler *c, gln_alu_op op, uint16_t dst,
                       uint16_t x, uint16_t y) {
  const value *a = &c->values[x], *b = &c->values[y];
  return (glni_vop){.op = op,
                    .dst = dst,
                    .a = a->tile,
                    .b = b->tile,
                    .a_is_imm = a->place == IMMEDIATE,
                    .b_is_imm = b->place == IMMEDIATE,
                    .imm = a->place == IMMEDIATE ? a->imm : b->imm};
}

static glni_vop with_imm(gln_alu_op op, uint16_t dst, uint16_t a, double imm) {
  return (glni_vop){.op = op, .dst = dst, .a = a, .b_is_imm = true, .imm = imm};
}

// x op y into a new tile.
static eg_status emit_binary(compiler *c, const gln_scalar_inst *inst,
                             uint16_t i, gln_alu_op op, uint16_t x, uint16_t y,
                             uint16_t *dst) {
  bool both =
      c->values[x].place == IMMEDIATE && c->values[y].place == IMMEDIATE;
  release(c, inst, i);
  GLN_TRY(take(c, dst));
  glni_vop vop = binary(c, op, *dst, x, y);
  if (both) {
    GLN_TRY(put(c, (glni_vop){.op = GLN_ALU_COPY,
                              .dst = *dst,
                              .a_is_imm = true,
                              .imm = c->values[x].imm}));
    vop = with_imm(op, *dst, *dst, c->values[y].imm);
  }
  return put(c, vop);
}

static eg_status emit_unary(compiler *c, const gln_scalar_inst *inst,
                            uint16_t i, gln_alu_op op, uint16_t *dst) {
  const value *a = &c->values[inst->args[0]];
  release(c, inst, i);
  GLN_TRY(take(c, dst));
  return put(c, (glni_vop){.op = op,
                           .dst = *dst,
                           .a = a->tile,
                           .a_is_imm = a->place == IMMEDIATE,
                           .imm = a->imm});
}

// x op1 y, then that op2 z.
static eg_status emit_ternary(compiler *c, const gln_scalar_inst *inst,
                              uint16_t i, gln_alu_op op1, uint16_t y,
                              gln_alu_op op2, uint16_t z, uint16_t *dst) {
  GLN_TRY(take(c, dst)); // before anything is given back: z is read after it
  glni_vop first = binary(c, op1, *dst, inst->args[0], y);
  if (first.a_is_imm && first.b_is_imm)
    return refuse(c, inst);
  GLN_TRY(put(c, first));
  const value *b = &c->values[z];
  release(c, inst, i);
  return put(c, (glni_vop){.op = op2,
                           .dst = *dst,
                           .a = *dst,
                           .b = b->tile,
                           .b_is_imm = b->place == IMMEDIATE,
                           .imm = b->imm});
}

static eg_status emit_clamp(compiler *c, const gln_scalar_inst *inst,
                            uint16_t i, uint16_t *dst) {
  const value *lo = &c->values[inst->args[1]], *hi = &c->values[inst->args[2]];
  if (lo->place != IMMEDIATE || hi->place != IMMEDIATE || lo->imm > hi->imm)
    return emit_ternary(c, inst, i, GLN_ALU_MAX, inst->args[1], GLN_ALU_MIN,
                        inst->args[2], dst);
  GLN_TRY(emit_unary(c, inst, i, GLN_ALU_CLAMP, dst));
  glni_vop *vop = &c->out->vops[c->out->num_vops - 1];
  vop->imm = lo->imm;
  vop->imm2 = hi->imm;
  return vop->a_is_imm ? refuse(c, inst) : EG_OK;
}

// 1 / (1 + e^-x), in four steps.
static eg_status emit_sigmoid(compiler *c, const gln_scalar_inst *inst,
                              uint16_t i, uint16_t *dst) {
  uint16_t x = c->values[inst->args[0]].tile;
  if (c->values[inst->args[0]].place != TILE)
    return refuse(c, inst);
  release(c, inst, i);
  GLN_TRY(take(c, dst));
  GLN_TRY(put(c, with_imm(GLN_ALU_MUL, *dst, x, -1)));
  GLN_TRY(put(c, (glni_vop){.op = GLN_ALU_EXP, .dst = *dst, .a = *dst}));
  GLN_TRY(put(c, with_imm(GLN_ALU_ADD, *dst, *dst, 1)));
  return put(c, (glni_vop){.op = GLN_ALU_DIV,
                           .dst = *dst,
                           .a_is_imm = true,
                           .b = *dst,
                           .imm = 1});
}

static eg_status emit_power(compiler *c, const gln_scalar_inst *inst,
                            uint16_t i, uint16_t *dst) {
  const value *x = &c->values[inst->args[0]], *n = &c->values[inst->args[1]];
  if (x->place != TILE || n->place != IMMEDIATE || (n->imm != 2 && n->imm != 3))
    return refuse(c, inst);
  GLN_TRY(take(c, dst));
  GLN_TRY(put(
      c,
      (glni_vop){.op = GLN_ALU_MUL, .dst = *dst, .a = x->tile, .b = x->tile}));
  if (n->imm == 3)
    GLN_TRY(put(
        c,
        (glni_vop){.op = GLN_ALU_MUL, .dst = *dst, .a = *dst, .b = x->tile}));
  release(c, inst, i);
  return EG_OK;
}

// An i32 operand that must be a constant in a range.
static bool in_range(const compiler *c, uint16_t reg, double lo, double hi) {
  const value *v = &c->values[reg];
  return v->place == IMMEDIATE && v->imm >= lo && v->imm <= hi;
}

// A select that puts an infinity in place of NaN: the unit's max is a > b ? a : b,
// so max(x, -inf) is -inf where x is NaN, and x elsewhere. +1 max, -1 min, 0 no.
static int hides_nan(const compiler *c, const gln_scalar_inst *select) {
  const gln_scalar_inst *test = glni_body_inst(c->body, select->args[0]);
  const value *other = &c->values[select->args[1]];
  if (!test || test->op != GLN_SCALAR_ISNAN ||
      !same(c, test->args[0], select->args[2]) || other->place != IMMEDIATE ||
      !isinf(other->imm))
    return 0;
  return other->imm < 0 ? 1 : -1;
}

static eg_status emit_select(compiler *c, const gln_scalar_inst *inst,
                             uint16_t i, uint16_t *dst) {
  const uint16_t *a = inst->args;
  int best = extremum(c, inst), hides = hides_nan(c, inst);
  if (best != 0)
    return emit_binary(c, inst, i, best > 0 ? GLN_ALU_MAX : GLN_ALU_MIN, a[1],
                       a[2], dst);
  if (hides != 0)
    return emit_binary(c, inst, i, hides > 0 ? GLN_ALU_MAX : GLN_ALU_MIN, a[2],
                       a[1], dst);
  return refuse(c, inst);
}

static eg_status emit(compiler *c, const gln_scalar_inst *inst, uint16_t i,
                      uint16_t *dst) {
  const uint16_t *a = inst->args;
  bool is_float = gln_type_is_float(c->acc);
  switch ((gln_scalar_op)inst->op) {
  case GLN_SCALAR_ADD:
    return emit_binary(c, inst, i, GLN_ALU_ADD, a[0], a[1], dst);
  case GLN_SCALAR_SUB:
    return emit_binary(c, inst, i, GLN_ALU_SUB, a[0], a[1], dst);
  case GLN_SCALAR_MUL:
    return emit_binary(c, inst, i, GLN_ALU_MUL, a[0], a[1], dst);
  case GLN_SCALAR_DIV:
    if (!is_float && !in_range(c, a[1], 1, INT32_MAX))
      return refuse(c, inst); // undefined by 0 and, for the least, by -1
    return emit_binary(c, inst, i, GLN_ALU_DIV, a[0], a[1], dst);
  case GLN_SCALAR_MAX:
  case GLN_SCALAR_MAXNUM:
    return emit_binary(c, inst, i, GLN_ALU_MAX, a[0], a[1], dst);
  case GLN_SCALAR_MIN:
  case GLN_SCALAR_MINNUM:
    return emit_binary(c, inst, i, GLN_ALU_MIN, a[0], a[1], dst);
  case GLN_SCALAR_SELECT:
    return emit_select(c, inst, i, dst);
  case GLN_SCALAR_SHL:
  case GLN_SCALAR_SHR:
    if (!in_range(c, a[1], 0, 31))
      return refuse(c, inst);
    return emit_binary(c, inst, i,
                       inst->op == GLN_SCALAR_SHL ? GLN_ALU_SHL : GLN_ALU_SHR,
                       a[0], a[1], dst);
  case GLN_SCALAR_NEG: {
    const value *x = &c->values[a[0]];
    release(c, inst, i);
    GLN_TRY(take(c, dst));
    if (x->place != TILE)
      return refuse(c, inst);
    return put(c, is_float ? with_imm(GLN_ALU_MUL, *dst, x->tile, -1)
                           : (glni_vop){.op = GLN_ALU_SUB,
                                        .dst = *dst,
                                        .a_is_imm = true,
                                        .b = x->tile});
  }
  case GLN_SCALAR_ABS:
    return emit_unary(c, inst, i, GLN_ALU_ABS, dst);
  case GLN_SCALAR_RELU:
    return emit_unary(c, inst, i, GLN_ALU_RELU, dst);
  case GLN_SCALAR_SQRT:
    return emit_unary(c, inst, i, GLN_ALU_SQRT, dst);
  case GLN_SCALAR_EXP:
    return emit_unary(c, inst, i, GLN_ALU_EXP, dst);
  case GLN_SCALAR_TANH:
    return emit_unary(c, inst, i, GLN_ALU_TANH, dst);
  case GLN_SCALAR_ERF:
    return emit_unary(c, inst, i, GLN_ALU_ERF, dst);
  case GLN_SCALAR_ERFC:
    GLN_TRY(emit_unary(c, inst, i, GLN_ALU_ERF, dst));
    return put(c, (glni_vop){.op = GLN_ALU_SUB,
                             .dst = *dst,
                             .a_is_imm = true,
                             .b = *dst,
                             .imm = 1});
  case GLN_SCALAR_RSQRT:
    GLN_TRY(emit_unary(c, inst, i, GLN_ALU_SQRT, dst));
    return put(c, (glni_vop){.op = GLN_ALU_DIV,
                             .dst = *dst,
                             .a_is_imm = true,
                             .b = *dst,
                             .imm = 1});
  case GLN_SCALAR_SIGMOID:
    return emit_sigmoid(c, inst, i, dst);
  case GLN_SCALAR_POW:
    return emit_power(c, inst, i, dst);
  case GLN_SCALAR_FMA:
    return emit_ternary(c, inst, i, GLN_ALU_MUL, a[1], GLN_ALU_ADD, a[2], dst);
  case GLN_SCALAR_CLAMP:
    return emit_clamp(c, inst, i, dst);
  default:
    return refuse(c, inst);
  }
}

// value = low half of (value * factor + half) >> shift: in place, or of a copy.
static eg_status emit_rescale(compiler *c, const glni_rescale *r, uint16_t i,
                              uint16_t *dst) {
  const value *x = &c->values[r->value];
  glni_vop vop = {.op = GLN_ALU_RESCALE,
                  .a_is_imm = r->factor_is_imm,
                  .b_is_imm = r->shift_is_imm,
                  .imm = r->factor_imm,
                  .imm2 = r->shift_imm};
  bool second = !r->factor_is_imm && r->factor == r->value;
  second |= !r->shift_is_imm && r->shift == r->value;
  if (!r->factor_is_imm)
    vop.a = c->values[r->factor].tile;
  if (!r->shift_is_imm)
    vop.b = c->values[r->shift].tile;
  uint16_t tile = x->tile;
  if (x->place == TILE && is_own(c, tile) && !second)
    release_one(c, r->value, i);
  if (x->place == TILE && !c->taken[tile]) {
    c->taken[ *dst = tile] = true;
  } else {
    GLN_TRY(take(c, dst)); // before what is read after it is given back
    GLN_TRY(put(c, (glni_vop){.op = GLN_ALU_COPY,
                              .dst = *dst,
                              .a = tile,
                              .a_is_imm = x->place == IMMEDIATE,
                              .imm = x->imm}));
  }
  vop.dst = *dst;
  if (!r->factor_is_imm)
    release_one(c, r->factor, i);
  if (!r->shift_is_imm)
    release_one(c, r->shift, i);
  if (x->tile != *dst)
    release_one(c, r->value, i);
  return put(c, vop);
}

// In ACC: of its type, or of the input type and widened. On integers alone beyond
// the arguments: those of a narrower type are numbers, and computed with as such.
static bool is_held(const compiler *c, uint16_t reg) {
  gln_type type = gln_scalar_body_type(c->body, reg);
  if (c->values[reg].place == NOWHERE)
    return false;
  return type == c->acc ||
         (type == c->in && (reg < c->body->num_args || gln_type_is_int(type)));
}

// A cast that does nothing to what is held: it widens a number, or narrows one that
// is small enough.
static bool is_alias(const compiler *c, const gln_scalar_inst *inst) {
  uint16_t arg = inst->args[0];
  gln_type from = gln_scalar_body_type(c->body, arg);
  bool is_cast = inst->op == GLN_SCALAR_CAST;
  if ((!is_cast && inst->op != GLN_SCALAR_CASTU) || !is_held(c, arg))
    return false;
  if ((gln_type)inst->type == c->in && is_cast && gln_type_is_int(from))
    return from == c->in || (arg == 0 && c->narrow) ||
           glni_body_is_narrow(c->body, arg);
  return (gln_type)inst->type == c->acc &&
         (from == c->acc || is_cast || gln_type_is_float(from));
}

// i32 to i8 by what wraps: the low byte, with its sign.
static eg_status emit_low_byte(compiler *c, const gln_scalar_inst *inst,
                               uint16_t i, uint16_t *dst) {
  const value *a = &c->values[inst->args[0]];
  if (inst->op != GLN_SCALAR_CAST || c->acc != GLN_TYPE_I32 ||
      c->in != GLN_TYPE_I8 || a->place != TILE)
    return refuse(c, inst);
  uint16_t tile = a->tile;
  release(c, inst, i);
  GLN_TRY(take(c, dst));
  GLN_TRY(put(c, with_imm(GLN_ALU_SHL, *dst, tile, 24)));
  return put(c, with_imm(GLN_ALU_SHR, *dst, *dst, 24));
}

// Functions that give one of their operands: the same of i8 and of what holds it.
static bool chooses(uint16_t op) {
  return op == GLN_SCALAR_MAX || op == GLN_SCALAR_MIN ||
         op == GLN_SCALAR_CLAMP || op == GLN_SCALAR_RELU ||
         op == GLN_SCALAR_SELECT;
}

static eg_status compute(compiler *c, const gln_scalar_inst *inst, uint16_t i,
                         uint16_t *dst) {
  glni_rescale r;
  if (glni_body_rescale(c->body, (uint16_t)(c->body->num_args + i), &r)) {
    bool held = is_held(c, r.value) &&
                (r.factor_is_imm || is_held(c, r.factor)) &&
                (r.shift_is_imm || is_held(c, r.shift));
    return held ? emit_rescale(c, &r, i, dst) : refuse(c, inst);
  }
  unsigned arity = gln_scalar_op_info((gln_scalar_op)inst->op)->arity;
  for (unsigned k = inst->op == GLN_SCALAR_SELECT; k < arity; ++k)
    if (!is_held(c, inst->args[k]))
      return refuse(c, inst);
  bool narrow = (gln_type)inst->type == c->in && gln_type_is_int(c->in);
  if (narrow && inst->op == GLN_SCALAR_CAST)
    return emit_low_byte(c, inst, i, dst);
  if ((gln_type)inst->type != c->acc && !(narrow && chooses(inst->op)))
    return refuse(c, inst);
  for (unsigned k = inst->op == GLN_SCALAR_SELECT; k < arity; ++k)
    if (gln_scalar_body_type(c->body, inst->args[k]) != (gln_type)inst->type)
      return refuse(c, inst);
  return emit(c, inst, i, dst);
}

static eg_status step(compiler *c, uint16_t i) {
  const gln_scalar_inst *inst = &c->body->insts[i];
  value *v = &c->values[c->body->num_args + i];
  if (inst->op == GLN_SCALAR_CONST) {
    v->imm =
        gln_scalar_to_double((gln_scalar){(gln_type)inst->type, inst->bits});
    v->place = isnan(v->imm) ? NOWHERE : IMMEDIATE; // no command carries NaN
    return EG_OK;
  }
  if (is_alias(c, inst)) {
    value *from = &c->values[inst->args[0]];
    // The tile lives as long as either name of it.
    uint16_t last = v->last > from->last ? v->last : from->last;
    *v = *from;
    v->last = from->last = last;
    return EG_OK;
  }
  if (inst->op == GLN_SCALAR_INDEX)
    return refuse(c, inst);
  uint16_t tile = 0;
  GLN_TRY(compute(c, inst, i, &tile));
  v->place = TILE;
  v->tile = tile;
  if (v->last == 0)
    c->taken[tile] = false;
  return EG_OK;
}

static eg_status place_args(compiler *c) {
  const gln_scalar_body *body = c->body;
  if (body->num_args < 1 || body->arg_types[0] != c->acc)
    return gln_fail(c->error, EG_INFEASIBLE,
                    "argument 0 of the body is %s, not the accumulated %s",
                    body->num_args ? gln_type_name(body->arg_types[0])
                                   : "missing",
                    gln_type_name(c->acc));
  for (uint16_t k = 0; k < body->num_args; ++k) {
    gln_type type = (gln_type)body->arg_types[k];
    c->values[k].place = TILE;
    c->values[k].tile = k;
    c->taken[k] = k > 0 || c->values[k].last > 0;
    if (type != c->acc && type != c->in)
      return gln_fail(c->error, EG_INFEASIBLE,
                      "operand %u of the body is %s; ACC takes %s and %s", k,
                      gln_type_name(type), gln_type_name(c->in),
                      gln_type_name(c->acc));
  }
  return EG_OK;
}

static eg_status finish(compiler *c, uint16_t result) {
  const value *v = &c->values[result];
  if (!is_held(c, result) ||
      (v->place == TILE && result < c->body->num_args &&
       c->body->arg_types[result] != c->acc && !gln_type_is_int(c->in)))
    return gln_fail(c->error, EG_INFEASIBLE,
                    "the body stores an operand as it was read");
  if (v->place == TILE && v->tile == 0)
    return EG_OK;
  return put(c, (glni_vop){.op = GLN_ALU_COPY,
                           .a = v->tile,
                           .a_is_imm = v->place == IMMEDIATE,
                           .imm = v->imm});
}

static eg_status compile(compiler *c) {
  uint16_t result = c->body->results[0];
  GLN_TRY(glni_body_peel(c->body, c->in, c->acc, c->out, &result, c->error));
  mark(c, result);
  GLN_TRY(place_args(c));
  for (uint16_t i = 0; i < c->body->num_insts; ++i)
    if (c->needed[c->body->num_args + i])
      GLN_TRY(step(c, i));
  return finish(c, result);
}

bool glni_spec_is_narrow(const gln_spec *spec) {
  bool chooses = spec->combine == GLN_COMBINE_MAX ||
                 spec->combine == GLN_COMBINE_MIN ||
                 (spec->num_parallel == spec->num_dims &&
                  spec->combine != GLN_COMBINE_DOT);
  return chooses && spec->num_operands == 1 &&
         spec->operands[0].type != spec->result;
}

eg_status glni_body_compile(const gln_scalar_body *body, gln_type in,
                            gln_type acc, bool narrow, glni_body *out,
                            eg_error *error) {
  memset(out, 0, sizeof *out);
  out->result = acc;
  if (!body)
    return EG_OK;
  if (body->num_results != 1)
    return gln_fail(error, EG_INFEASIBLE, "a body of %u results, not 1",
                    body->num_results);
  out->num_extra = (uint16_t)(body->num_args ? body->num_args - 1 : 0);
  eg_allocator memory = eg_allocator_default();
  compiler *c = memory.resize(memory.user, NULL, 0, sizeof *c);
  if (!c)
    return gln_fail(error, EG_NO_MEMORY, "no memory to compile a body");
  memset(c, 0, sizeof *c);
  c->body = body;
  c->in = in;
  c->acc = acc;
  c->narrow = narrow;
  c->out = out;
  c->error = error;
  eg_status status = compile(c);
  memory.resize(memory.user, c, sizeof *c, 0);
  return status;
}

eg_status gln_body_is_runnable(const gln_scalar_body *body, gln_type in,
                               gln_type acc, eg_error *error) {
  glni_body out;
  return glni_body_compile(body, in, acc, false, &out, error);
}

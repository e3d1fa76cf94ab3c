// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bodies in parts. A register of the old body is computed anew, or known to be a
// register of the new one.
#include "rules/body.h"

#include "view/try.h"

#include <string.h>

enum { UNKNOWN = UINT16_MAX };

static unsigned arity_of(const gln_scalar_inst *inst) {
  return inst->op < GLN_NUM_SCALAR_OPS
             ? gln_scalar_op_info((gln_scalar_op)inst->op)->arity
             : 0;
}

bool gln_body_has_index(const gln_scalar_body *body) {
  for (uint16_t i = 0; i < body->num_insts; ++i)
    if (body->insts[i].op == GLN_SCALAR_INDEX)
      return true;
  return false;
}

static eg_status emit(const gln_scalar_body *from, uint16_t i,
                      const uint16_t *known, gln_scalar_body *to, uint16_t *out,
                      eg_error *error) {
  const gln_scalar_inst *inst = &from->insts[i];
  gln_type type = (gln_type)inst->type;
  uint16_t args[GLN_SCALAR_MAX_ARITY];
  unsigned arity = arity_of(inst);
  if (inst->op == GLN_SCALAR_CONST)
    return gln_scalar_body_const(to, (gln_scalar){type, inst->bits}, out,
                                 error);
  if (inst->op == GLN_SCALAR_INDEX)
    return gln_scalar_body_index(to, (uint32_t)inst->bits, out, error);
  for (unsigned a = 0; a < arity; ++a)
    args[a] = known[inst->args[a]];
  return gln_scalar_body_op(to, (gln_scalar_op)inst->op, type, args, arity, out,
                            error);
}

// Which registers |reg| needs, not looking behind those that are |cut|.
static void mark_needed(const gln_scalar_body *body, uint16_t reg,
                        const bool *cut, bool *needed) {
  memset(needed, 0, GLN_BODY_MAX_REGISTERS * sizeof *needed);
  needed[reg] = true;
  for (uint16_t i = body->num_insts; i-- > 0;) {
    uint16_t r = (uint16_t)(body->num_args + i);
    if (!needed[r] || cut[r])
      continue;
    for (unsigned a = 0; a < arity_of(&body->insts[i]); ++a)
      needed[body->insts[i].args[a]] = true;
  }
}

// Register |reg| in a body of its own: arguments that it needs, then |regs|.
static eg_status part(const gln_scalar_body *body, uint16_t reg,
                      const uint16_t *regs, size_t num_regs,
                      eg_allocator memory, gln_scalar_body *out,
                      uint16_t *out_args, eg_error *error) {
  bool cut[GLN_BODY_MAX_REGISTERS] = {false}, needed[GLN_BODY_MAX_REGISTERS];
  uint16_t known[GLN_BODY_MAX_REGISTERS];
  gln_type types[GLN_LANG_MAX_OPERANDS];
  size_t num = 0;
  for (size_t i = 0; i < num_regs; ++i)
    cut[regs[i]] = true;
  mark_needed(body, reg, cut, needed);
  for (uint16_t a = 0; a < body->num_args; ++a) {
    if (!needed[a])
      continue;
    if (num + num_regs == GLN_LANG_MAX_OPERANDS)
      return gln_fail(error, EG_LIMIT, "body: more than %d arguments",
                      GLN_LANG_MAX_OPERANDS);
    known[a] = (uint16_t)num;
    types[num] = (gln_type)body->arg_types[a];
    out_args[num++] = a;
  }
  for (size_t i = 0; i < num_regs; ++i) {
    if (num == GLN_LANG_MAX_OPERANDS)
      return gln_fail(error, EG_LIMIT, "body: more than %d arguments",
                      GLN_LANG_MAX_OPERANDS);
    known[regs[i]] = (uint16_t)num;
    types[num++] = gln_scalar_body_type(body, regs[i]);
  }
  GLN_TRY(gln_scalar_body_init(out, types, num, memory, error));
  eg_status status = EG_OK;
  for (uint16_t i = 0; i < body->num_insts && status == EG_OK; ++i) {
    uint16_t r = (uint16_t)(body->num_args + i);
    if (needed[r] && !cut[r])
      status = emit(body, i, known, out, &known[r], error);
  }
  if (status == EG_OK)
    status = gln_scalar_body_result(out, known[reg], error);
  if (status == EG_OK)
    status = gln_scalar_body_normalize(out, error);
  if (status != EG_OK)
    gln_scalar_body_fini(out);
  return status;
}

eg_status gln_body_slice(const gln_scalar_body *body, uint16_t reg,
                         eg_allocator memory, gln_scalar_body *out,
                         uint16_t *out_args, eg_error *error) {
  return part(body, reg, NULL, 0, memory, out, out_args, error);
}

eg_status gln_body_cut(const gln_scalar_body *body, const uint16_t *regs,
                       size_t num_regs, eg_allocator memory,
                       gln_scalar_body *out, uint16_t *out_args,
                       eg_error *error) {
  return part(body, body->results[0], regs, num_regs, memory, out, out_args,
              error);
}

//===-- Frontier ----------------------------------------------------------===//

size_t gln_body_frontier(const gln_scalar_body *body, uint32_t args,
                         uint16_t *out_regs, size_t max) {
  // 1: of arguments outside |args|, or of an index; 2: of one inside.
  uint8_t reads[GLN_BODY_MAX_REGISTERS];
  bool wanted[GLN_BODY_MAX_REGISTERS] = {false};
  size_t num = 0;
  for (uint16_t a = 0; a < body->num_args; ++a)
    reads[a] = args >> a & 1 ? 2 : 1;
  for (uint16_t i = 0; i < body->num_insts; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    uint8_t *r = &reads[body->num_args + i];
    *r = inst->op == GLN_SCALAR_INDEX;
    for (unsigned a = 0; a < arity_of(inst); ++a)
      *r |= reads[inst->args[a]];
    for (unsigned a = 0; a < arity_of(inst); ++a)
      wanted[inst->args[a]] |= *r & 1;
  }
  wanted[body->results[0]] = true;
  for (uint16_t i = 0; i < body->num_insts; ++i) {
    uint16_t r = (uint16_t)(body->num_args + i);
    if (reads[r] != 2 || !wanted[r])
      continue;
    if (num == max)
      return 0;
    out_regs[num++] = r;
  }
  return num;
}

//===-- Affine ------------------------------------------------------------===//

// scale x + shift, each a register of the new body, or 1 and 0, or not known.
typedef struct form {
  enum { CONSTANT, AFFINE, NEITHER } kind;
  uint16_t scale, shift; // UNKNOWN: 1, and 0
  uint16_t value;        // of CONSTANT
} form;

typedef struct affine_maker {
  gln_scalar_body *to;
  gln_type type;
  eg_error *error;
} affine_maker;

static eg_status op2(const affine_maker *m, gln_scalar_op op, uint16_t a,
                     uint16_t b, uint16_t *out) {
  uint16_t args[2] = {a, b};
  return gln_scalar_body_op(m->to, op, m->type, args, 2, out, m->error);
}

static eg_status negate(const affine_maker *m, uint16_t *reg) {
  return gln_scalar_body_op(m->to, GLN_SCALAR_NEG, m->type, reg, 1, reg,
                            m->error);
}

static eg_status one_of(const affine_maker *m, uint16_t *reg) {
  if (*reg != UNKNOWN)
    return EG_OK;
  return gln_scalar_body_const(m->to, gln_scalar_from_double(m->type, 1), reg,
                               m->error);
}

// x + c, c + x
static eg_status form_add(const affine_maker *m, form x, uint16_t c,
                          form *out) {
  *out = x;
  if (x.shift == UNKNOWN) {
    out->shift = c;
    return EG_OK;
  }
  return op2(m, GLN_SCALAR_ADD, x.shift, c, &out->shift);
}

// x - c, or c - x
static eg_status form_sub(const affine_maker *m, form x, uint16_t c,
                          bool reversed, form *out) {
  *out = x;
  if (reversed) {
    GLN_TRY(one_of(m, &out->scale));
    GLN_TRY(negate(m, &out->scale));
    if (x.shift == UNKNOWN) {
      out->shift = c;
      return EG_OK;
    }
    return op2(m, GLN_SCALAR_SUB, c, x.shift, &out->shift);
  }
  if (x.shift != UNKNOWN)
    return op2(m, GLN_SCALAR_SUB, x.shift, c, &out->shift);
  out->shift = c;
  return negate(m, &out->shift);
}

// x * c, x / c
static eg_status form_scale(const affine_maker *m, gln_scalar_op op, form x,
                            uint16_t c, form *out) {
  *out = x;
  if (x.scale == UNKNOWN && op == GLN_SCALAR_MUL) {
    out->scale = c;
  } else {
    GLN_TRY(one_of(m, &out->scale));
    GLN_TRY(op2(m, op, out->scale, c, &out->scale));
  }
  return x.shift == UNKNOWN ? EG_OK : op2(m, op, x.shift, c, &out->shift);
}

static eg_status form_of(const affine_maker *m, const gln_scalar_inst *inst,
                         const form *forms, form *out) {
  const form *a = &forms[inst->args[0]], *b = &forms[inst->args[1]];
  bool left = a->kind == AFFINE, unary = arity_of(inst) == 1;
  *out = (form){NEITHER, UNKNOWN, UNKNOWN, UNKNOWN};
  if ((gln_type)inst->type != m->type)
    return EG_OK;
  if (unary && inst->op == GLN_SCALAR_NEG && left) {
    *out = *a;
    GLN_TRY(one_of(m, &out->scale));
    GLN_TRY(negate(m, &out->scale));
    return out->shift == UNKNOWN ? EG_OK : negate(m, &out->shift);
  }
  if (unary || (left ? b : a)->kind != CONSTANT ||
      (left ? a : b)->kind != AFFINE)
    return EG_OK;
  form x = left ? *a : *b;
  uint16_t c = left ? b->value : a->value;
  switch (inst->op) {
  case GLN_SCALAR_ADD:
    return form_add(m, x, c, out);
  case GLN_SCALAR_SUB:
    return form_sub(m, x, c, !left, out);
  case GLN_SCALAR_MUL:
    return form_scale(m, GLN_SCALAR_MUL, x, c, out);
  case GLN_SCALAR_DIV:
    return left ? form_scale(m, GLN_SCALAR_DIV, x, c, out) : EG_OK;
  default:
    return EG_OK;
  }
}

// The registers of |body| as forms in |arg|; their parts are computed in |to|.
static eg_status make_forms(const gln_scalar_body *body, uint16_t arg,
                            const affine_maker *m, form *out_result) {
  form forms[GLN_BODY_MAX_REGISTERS];
  uint16_t known[GLN_BODY_MAX_REGISTERS];
  for (uint16_t a = 0; a < body->num_args; ++a) {
    known[a] = a;
    forms[a] = (form){a == arg ? AFFINE : CONSTANT, UNKNOWN, UNKNOWN, a};
  }
  for (uint16_t i = 0; i < body->num_insts; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    uint16_t r = (uint16_t)(body->num_args + i);
    bool constant = inst->op != GLN_SCALAR_INDEX;
    for (unsigned a = 0; a < arity_of(inst); ++a)
      constant &= forms[inst->args[a]].kind == CONSTANT;
    if (constant) {
      GLN_TRY(emit(body, i, known, m->to, &known[r], m->error));
      forms[r] = (form){CONSTANT, UNKNOWN, UNKNOWN, known[r]};
    } else {
      GLN_TRY(form_of(m, inst, forms, &forms[r]));
    }
  }
  *out_result = forms[body->results[0]];
  return EG_OK;
}

eg_status gln_body_affine(const gln_scalar_body *body, uint16_t arg,
                          eg_allocator memory, gln_scalar_body *out_scale,
                          uint16_t *out_scale_args, gln_scalar_body *out_shift,
                          uint16_t *out_shift_args, bool *out_has_shift,
                          eg_error *error) {
  gln_scalar_body both;
  gln_type types[GLN_BODY_MAX_ARGS];
  form result;
  memset(out_shift, 0, sizeof *out_shift);
  for (uint16_t a = 0; a < body->num_args; ++a)
    types[a] = (gln_type)body->arg_types[a];
  GLN_TRY(gln_scalar_body_init(&both, types, body->num_args, memory, error));
  affine_maker m = {&both, types[arg], error};
  eg_status status = make_forms(body, arg, &m, &result);
  if (status == EG_OK && (result.kind != AFFINE || result.scale == UNKNOWN))
    status = EG_NOT_FOUND;
  if (status == EG_OK)
    status = gln_body_slice(&both, result.scale, memory, out_scale,
                            out_scale_args, error);
  *out_has_shift = status == EG_OK && result.shift != UNKNOWN;
  if (*out_has_shift) {
    status = gln_body_slice(&both, result.shift, memory, out_shift,
                            out_shift_args, error);
    if (status != EG_OK)
      gln_scalar_body_fini(out_scale);
  }
  gln_scalar_body_fini(&both);
  return status;
}

//===-- Merging -----------------------------------------------------------===//

eg_status gln_body_merge(const gln_scalar_body *outer, uint16_t at,
                         const gln_scalar_body *inner,
                         const uint16_t *outer_operands,
                         const uint16_t *inner_operands, const gln_type *types,
                         size_t num, eg_allocator memory, gln_scalar_body *out,
                         eg_error *error) {
  uint16_t map[GLN_BODY_MAX_REGISTERS], args[GLN_BODY_MAX_ARGS];
  GLN_TRY(gln_scalar_body_init(out, types, num, memory, error));
  eg_status status =
      gln_scalar_body_inline(out, inner, inner_operands, map, error);
  for (uint16_t a = 0; a < outer->num_args; ++a)
    args[a] = a == at ? map[inner->results[0]] : outer_operands[a];
  if (status == EG_OK)
    status = gln_scalar_body_inline(out, outer, args, map, error);
  if (status == EG_OK)
    status = gln_scalar_body_result(out, map[outer->results[0]], error);
  if (status == EG_OK)
    status = gln_scalar_body_normalize(out, error);
  if (status != EG_OK)
    gln_scalar_body_fini(out);
  return status;
}

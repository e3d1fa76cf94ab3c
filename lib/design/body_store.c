// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The end of a body that the store does by itself: a last activation, narrowing,
// requantisation.
#include "design/program_internal.h"
#include "view/try.h"

#include <math.h>

typedef struct peeler {
  const gln_scalar_body *body;
  gln_type in, acc;
  glni_body *out;
  eg_error *error;
} peeler;

const gln_scalar_inst *glni_body_inst(const gln_scalar_body *body,
                                      uint16_t reg) {
  return reg < body->num_args ? NULL : &body->insts[reg - body->num_args];
}

bool glni_body_constant(const gln_scalar_body *body, uint16_t reg,
                        double *out) {
  const gln_scalar_inst *i = glni_body_inst(body, reg);
  if (!i || i->op != GLN_SCALAR_CONST)
    return false;
  *out = gln_scalar_to_double((gln_scalar){(gln_type)i->type, i->bits});
  return true;
}

static bool is_op(const peeler *c, uint16_t reg, gln_scalar_op op) {
  const gln_scalar_inst *i = glni_body_inst(c->body, reg);
  return i && i->op == op;
}

// x = clamp(y, lo, hi) with constant ends, in any of its forms.
static bool is_clamp(const peeler *c, uint16_t reg, uint16_t *y, double *lo,
                     double *hi) {
  const gln_scalar_inst *i = glni_body_inst(c->body, reg), *j;
  if (!i)
    return false;
  if (i->op == GLN_SCALAR_CLAMP) {
    *y = i->args[0];
    return glni_body_constant(c->body, i->args[1], lo) &&
           glni_body_constant(c->body, i->args[2], hi) && *lo <= *hi;
  }
  bool max_first = i->op == GLN_SCALAR_MIN;
  if (!max_first && i->op != GLN_SCALAR_MAX)
    return false;
  for (int k = 0; k < 2; ++k) {
    double *outer = max_first ? hi : lo, *inner = max_first ? lo : hi;
    if (!glni_body_constant(c->body, i->args[k], outer) ||
        !(j = glni_body_inst(c->body, i->args[1 - k])) ||
        j->op != (max_first ? GLN_SCALAR_MAX : GLN_SCALAR_MIN))
      continue;
    for (int l = 0; l < 2; ++l)
      if (glni_body_constant(c->body, j->args[l], inner) && *lo <= *hi) {
        *y = j->args[1 - l];
        return true;
      }
  }
  return false;
}

static bool is_relu(const peeler *c, uint16_t reg, uint16_t *y) {
  const gln_scalar_inst *i = glni_body_inst(c->body, reg);
  double zero;
  if (!i)
    return false;
  *y = i->args[0];
  if (i->op == GLN_SCALAR_RELU)
    return true;
  if (i->op != GLN_SCALAR_MAX && i->op != GLN_SCALAR_MAXNUM)
    return false;
  for (int k = 0; k < 2; ++k)
    if (glni_body_constant(c->body, i->args[k], &zero) && zero == 0) {
      *y = i->args[1 - k];
      return true;
    }
  return false;
}

// x is y requantised by numbers, and x + |zero| does not wrap in 32 bits: the store
// goes on in 64.
static bool is_scaled(const peeler *c, uint16_t reg, double zero, uint16_t *y,
                      gln_requant *rq) {
  glni_rescale r;
  if (!glni_body_rescale(c->body, reg, &r) || !r.factor_is_imm ||
      !r.shift_is_imm || r.shift_imm < 1 || r.shift_imm > 62 ||
      gln_scalar_body_type(c->body, r.value) != c->acc)
    return false;
  double most = ldexp(fabs(r.factor_imm), 31 - (int)r.shift_imm) + 1;
  if (most + fabs(zero) > INT32_MAX)
    return false;
  *y = r.value;
  rq->mult = (int32_t)r.factor_imm;
  rq->shift = (uint8_t)r.shift_imm;
  rq->round = 2; // half up
  return true;
}

// x = a bound on y, on one side or on both; the other is left as it is.
static bool is_bound(const peeler *c, uint16_t reg, uint16_t *y, double *lo,
                     double *hi) {
  const gln_scalar_inst *i = glni_body_inst(c->body, reg);
  if (is_clamp(c, reg, y, lo, hi))
    return true;
  if (i && i->op == GLN_SCALAR_RELU) {
    *y = i->args[0];
    *lo = 0;
    return true;
  }
  for (int k = 0; k < 2 && i; ++k)
    if ((i->op == GLN_SCALAR_MAX || i->op == GLN_SCALAR_MIN) &&
        glni_body_constant(c->body, i->args[k],
                           i->op == GLN_SCALAR_MAX ? lo : hi)) {
      *y = i->args[1 - k];
      return true;
    }
  return false;
}

// A clamp to lo ... hi behind that of |rq|: one.
static void clamp_again(gln_requant *rq, double lo, double hi) {
  rq->lo = (int32_t)fmin(fmax(rq->lo, lo), hi);
  rq->hi = (int32_t)fmin(fmax(rq->hi, lo), hi);
}

// i32 to i8: a clamp into i8, before it perhaps a zero point and a scale. What else
// is of type i8 is held as the value it is, and stored so.
static void peel_i8(peeler *c, uint16_t *reg) {
  gln_requant *rq = &c->out->out.requant;
  double lo, hi, zero, last_lo = -128, last_hi = 127;
  uint16_t at = *reg, y;
  c->out->out.has_requant = true;
  *rq = (gln_requant){.mult = 1, .lo = -128, .hi = 127};
  if (is_bound(c, at, &y, &last_lo, &last_hi)) {
    clamp_again(rq, last_lo, last_hi);
    *reg = at = y;
  }
  if (!is_op(c, at, GLN_SCALAR_CAST))
    return;
  at = glni_body_inst(c->body, at)->args[0];
  if (gln_scalar_body_type(c->body, at) != GLN_TYPE_I32 ||
      !is_clamp(c, at, &y, &lo, &hi) || lo < -128 || hi > 127)
    return;
  *rq = (gln_requant){.mult = 1, .lo = (int32_t)lo, .hi = (int32_t)hi};
  clamp_again(rq, last_lo, last_hi);
  *reg = y;
  if (is_op(c, y, GLN_SCALAR_ADD)) {
    const gln_scalar_inst *i = glni_body_inst(c->body, y);
    int k = glni_body_constant(c->body, i->args[1], &zero) ? 0 : 1;
    if (glni_body_constant(c->body, i->args[1 - k], &zero) &&
        is_scaled(c, i->args[k], zero, reg, rq)) {
      rq->zero_point = (int32_t)zero;
      return;
    }
  }
  is_scaled(c, y, 0, reg, rq);
}

// What the store does by itself: conversion and a last activation.
static eg_status peel(peeler *c, uint16_t *reg) {
  gln_type type = gln_scalar_body_type(c->body, *reg);
  gln_out *out = &c->out->out;
  uint16_t y;
  c->out->result = type;
  if (type != c->acc && type == GLN_TYPE_I8 && c->acc == GLN_TYPE_I32 &&
      c->in == GLN_TYPE_I8) {
    peel_i8(c, reg);
    return EG_OK;
  }
  if (type != c->acc) {
    const gln_scalar_inst *i = glni_body_inst(c->body, *reg);
    bool narrows = type == c->in && gln_type_is_float(type) && i &&
                   (i->op == GLN_SCALAR_CAST || i->op == GLN_SCALAR_CASTU) &&
                   gln_scalar_body_type(c->body, i->args[0]) == c->acc;
    if (!narrows)
      return gln_fail(
          c->error, EG_INFEASIBLE, "a device of %s and %s does not store %s",
          gln_type_name(c->in), gln_type_name(c->acc), gln_type_name(type));
    *reg = i->args[0];
  }
  if (is_clamp(c, *reg, &y, &out->lo, &out->hi)) {
    out->act = GLN_ACT_CLAMP;
    *reg = y;
  } else if (is_relu(c, *reg, &y)) {
    out->act = GLN_ACT_RELU;
    *reg = y;
  }
  return EG_OK;
}

bool glni_body_is_narrow(const gln_scalar_body *body, uint16_t reg) {
  peeler c = {.body = body};
  uint16_t y;
  double lo, hi;
  return is_clamp(&c, reg, &y, &lo, &hi) && lo >= -128 && hi <= 127;
}

eg_status glni_body_peel(const gln_scalar_body *body, gln_type in, gln_type acc,
                         glni_body *out, uint16_t *reg, eg_error *error) {
  peeler c = {body, in, acc, out, error};
  return peel(&c, reg);
}

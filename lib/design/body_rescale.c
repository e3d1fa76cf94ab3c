// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The product with a fixed-point factor, found in a body that spells it out in
// 64 bits, as front ends lower a requantisation.
#include "design/program_internal.h"

// A constant, perhaps widened.
static bool widened_constant(const gln_scalar_body *body, uint16_t reg,
                             double *out) {
  const gln_scalar_inst *i = glni_body_inst(body, reg);
  if (i && i->op == GLN_SCALAR_CAST)
    reg = i->args[0];
  return glni_body_constant(body, reg, out);
}

static const gln_scalar_inst *inst_of(const gln_scalar_body *body, uint16_t reg,
                                      gln_scalar_op op) {
  const gln_scalar_inst *i = glni_body_inst(body, reg);
  return i && i->op == (uint16_t)op ? i : NULL;
}

// |reg| is an integer of at most 32 bits, widened to 64.
static bool is_widened(const gln_scalar_body *body, uint16_t reg,
                       uint16_t *out) {
  const gln_scalar_inst *i = inst_of(body, reg, GLN_SCALAR_CAST);
  if (!i || i->type != GLN_TYPE_I64)
    return false;
  *out = i->args[0];
  gln_type from = gln_scalar_body_type(body, *out);
  return from == GLN_TYPE_I32 || from == GLN_TYPE_I8;
}

static bool read_factor(const gln_scalar_body *body, uint16_t reg,
                        glni_rescale *out) {
  if (widened_constant(body, reg, &out->factor_imm)) {
    out->factor_is_imm = true;
    return out->factor_imm >= INT32_MIN && out->factor_imm <= INT32_MAX;
  }
  return is_widened(body, reg, &out->factor);
}

// Shifts of 64 and more are undefined where the program comes from.
static bool read_shift(const gln_scalar_body *body, uint16_t reg,
                       glni_rescale *out) {
  const gln_scalar_inst *i = glni_body_inst(body, reg);
  if (i && i->op == GLN_SCALAR_CASTU)
    reg = i->args[0];
  if (widened_constant(body, reg, &out->shift_imm)) {
    out->shift_is_imm = true;
    return out->shift_imm >= 0 && out->shift_imm <= 63;
  }
  if (i && i->op == GLN_SCALAR_CASTU) {
    out->shift = reg;
    return true;
  }
  return is_widened(body, reg, &out->shift);
}

// 2^(shift - 1), rounded down.
static bool is_half(const gln_scalar_body *body, uint16_t reg, uint16_t shift,
                    const glni_rescale *r) {
  double value;
  const gln_scalar_inst *i, *j;
  if (glni_body_constant(body, reg, &value))
    return r->shift_is_imm && r->shift_imm >= 1 &&
           value == (double)(UINT64_C(1) << ((int)r->shift_imm - 1));
  if ((i = inst_of(body, reg, GLN_SCALAR_SHL))) // 1 << (s - 1)
    return glni_body_constant(body, i->args[0], &value) && value == 1 &&
           (j = inst_of(body, i->args[1], GLN_SCALAR_SUB)) &&
           j->args[0] == shift &&
           glni_body_constant(body, j->args[1], &value) && value == 1;
  return (i = inst_of(body, reg, GLN_SCALAR_SHRU)) && // (1 << s) >> 1
         glni_body_constant(body, i->args[1], &value) && value == 1 &&
         (i = inst_of(body, i->args[0], GLN_SCALAR_SHL)) &&
         i->args[1] == shift && glni_body_constant(body, i->args[0], &value) &&
         value == 1;
}

static bool read_product(const gln_scalar_body *body, uint16_t reg,
                         glni_rescale *out) {
  const gln_scalar_inst *i = inst_of(body, reg, GLN_SCALAR_MUL);
  if (!i)
    return false;
  double constant;
  bool swap = widened_constant(body, i->args[0], &constant);
  return is_widened(body, i->args[swap], &out->value) &&
         read_factor(body, i->args[!swap], out);
}

bool glni_body_rescale(const gln_scalar_body *body, uint16_t reg,
                       glni_rescale *out) {
  *out = (glni_rescale){.value = 0};
  const gln_scalar_inst *i = inst_of(body, reg, GLN_SCALAR_CAST), *sum;
  if (!i || i->type != GLN_TYPE_I32 ||
      !(i = inst_of(body, i->args[0], GLN_SCALAR_SHR)) ||
      i->type != GLN_TYPE_I64 || !read_shift(body, i->args[1], out))
    return false;
  if (!(sum = inst_of(body, i->args[0], GLN_SCALAR_ADD)))
    return false;
  for (int k = 0; k < 2; ++k)
    if (is_half(body, sum->args[k], i->args[1], out))
      return read_product(body, sum->args[1 - k], out);
  return false;
}

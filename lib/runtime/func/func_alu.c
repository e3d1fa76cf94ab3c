// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The vector unit. One loop per operation, so that the compiler vectorises it.
#include "func_internal.h"

#include <math.h>
#include <string.h>

#define EACH(value)                                                            \
  do {                                                                         \
    for (uint32_t j = 0; j < n; ++j)                                           \
      d[j] = (value);                                                          \
    return;                                                                    \
  } while (0)

static int32_t divide(int32_t a, int32_t b) {
  if (b == 0)
    return -1;
  return b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b;
}

// a * 2^-b downwards, whatever >> does to negative numbers.
static int32_t shift_right(int32_t a, uint32_t b) {
  return a < 0 ? ~(~a >> b) : a >> b;
}

// floor((a * b + 2^(s-1)) / 2^s) in 64 bits, which wrap; its low half.
static int32_t rescale(int32_t a, int32_t b, uint32_t s) {
  uint64_t half = s ? UINT64_C(1) << (s - 1) : 0;
  int64_t sum = (int64_t)((uint64_t)((int64_t)a * b) + half);
  sum = sum < 0 ? ~(~sum >> s) : sum >> s;
  return (int32_t)(uint32_t)(uint64_t)sum;
}

static void compute_i32(const sa_alu_desc *desc, uint32_t n, int32_t *d,
                        const int32_t *a, const int32_t *b) {
  int32_t lo = (int32_t)desc->imm, hi = (int32_t)desc->imm2;
  switch ((sa_alu_op)desc->op) {
  case SA_ALU_COPY:
    EACH(a[j]);
  case SA_ALU_ADD:
    EACH((int32_t)((uint32_t)a[j] + (uint32_t)b[j]));
  case SA_ALU_SUB:
    EACH((int32_t)((uint32_t)a[j] - (uint32_t)b[j]));
  case SA_ALU_MUL:
    EACH((int32_t)((uint32_t)a[j] * (uint32_t)b[j]));
  case SA_ALU_MAC:
    EACH((int32_t)((uint32_t)d[j] + (uint32_t)a[j] * (uint32_t)b[j]));
  case SA_ALU_MAX:
    EACH(a[j] > b[j] ? a[j] : b[j]);
  case SA_ALU_MIN:
    EACH(a[j] < b[j] ? a[j] : b[j]);
  case SA_ALU_RELU:
    EACH(a[j] > 0 ? a[j] : 0);
  case SA_ALU_CLAMP:
    EACH(a[j] < lo ? lo : a[j] > hi ? hi : a[j]);
  case SA_ALU_ABS:
    EACH(a[j] < 0 ? (int32_t)(0u - (uint32_t)a[j]) : a[j]);
  case SA_ALU_SHL:
    EACH((int32_t)((uint32_t)a[j] << (b[j] & 31)));
  case SA_ALU_SHR:
    EACH(shift_right(a[j], (uint32_t)b[j] & 31));
  case SA_ALU_DIV:
    EACH(divide(a[j], b[j]));
  case SA_ALU_RESCALE:
    EACH(rescale(d[j], a[j], (uint32_t)b[j] & 63));
  case SA_ALU_RSUM:
    d[0] = a[0];
    for (uint32_t j = 1; j < n; ++j)
      d[0] = (int32_t)((uint32_t)d[0] + (uint32_t)a[j]);
    return;
  case SA_ALU_RMAX:
    d[0] = a[0];
    for (uint32_t j = 1; j < n; ++j)
      d[0] = d[0] > a[j] ? d[0] : a[j];
    return;
  case SA_ALU_RMIN:
    d[0] = a[0];
    for (uint32_t j = 1; j < n; ++j)
      d[0] = d[0] < a[j] ? d[0] : a[j];
    return;
  default:
    return; // scale is done by the caller, the rest is for floats
  }
}

static void compute_f32(const sa_alu_desc *desc, uint32_t n, float *d,
                        const float *a, const float *b) {
  float lo = (float)desc->imm, hi = (float)desc->imm2;
  switch ((sa_alu_op)desc->op) {
  case SA_ALU_COPY:
    EACH(a[j]);
  case SA_ALU_ADD:
    EACH(a[j] + b[j]);
  case SA_ALU_SUB:
    EACH(a[j] - b[j]);
  case SA_ALU_MUL:
    EACH(a[j] * b[j]);
  case SA_ALU_MAC:
    EACH(d[j] + a[j] * b[j]);
  case SA_ALU_MAX:
    EACH(a[j] > b[j] ? a[j] : b[j]);
  case SA_ALU_MIN:
    EACH(a[j] < b[j] ? a[j] : b[j]);
  case SA_ALU_RELU:
    EACH(a[j] > 0 ? a[j] : 0);
  case SA_ALU_CLAMP:
    EACH(a[j] < lo ? lo : a[j] > hi ? hi : a[j]);
  case SA_ALU_ABS:
    EACH(fabsf(a[j]));
  case SA_ALU_DIV:
    EACH(a[j] / b[j]);
  case SA_ALU_SQRT:
    EACH(sqrtf(a[j]));
  case SA_ALU_EXP:
    EACH((float)exp((double)a[j]));
  case SA_ALU_TANH:
    EACH((float)tanh((double)a[j]));
  case SA_ALU_ERF:
    EACH((float)erf((double)a[j]));
  case SA_ALU_RSUM:
    d[0] = a[0];
    for (uint32_t j = 1; j < n; ++j)
      d[0] = d[0] + a[j];
    return;
  case SA_ALU_RMAX:
    d[0] = a[0];
    for (uint32_t j = 1; j < n; ++j)
      d[0] = d[0] > a[j] ? d[0] : a[j];
    return;
  case SA_ALU_RMIN:
    d[0] = a[0];
    for (uint32_t j = 1; j < n; ++j)
      d[0] = d[0] < a[j] ? d[0] : a[j];
    return;
  default:
    return; // scale is done by the caller, the rest is for integers
  }
}

// The operand's row into |to|: a copy, so that the destination may overlap it.
static void take(func_state *s, uint32_t from, const sa_rows *map, int64_t row,
                 uint32_t n, float *to) {
  if (from == SA_FROM_IMM)
    return; // filled once, before the loops
  const float *at = func_at(s, SA_ACC, map, row, map->col);
  if (from == SA_FROM_ROWS)
    memcpy(to, at, n * sizeof *to);
  else
    for (uint32_t j = 0; j < n; ++j)
      memcpy(&to[j], at, sizeof *to);
}

static void compute(func_state *s, const sa_alu_desc *desc, float *d,
                    const void *a, const void *b) {
  uint32_t acc = s->machine->config.acc;
  if (desc->op == SA_ALU_SCALE)
    func_requantise(acc, acc, desc->rq, 0, 1, desc->cols, a, d);
  else if (acc == SA_I32)
    compute_i32(desc, desc->cols, (int32_t *)(void *)d, a, b);
  else
    compute_f32(desc, desc->cols, d, a, b);
}

void func_alu(func_state *s, const sa_cmd *cmd) {
  const sa_alu_desc *d = &cmd->u.alu;
  float *a = func_scratch(s, FUNC_SCRATCH_A);
  float *b = func_scratch(s, FUNC_SCRATCH_B);
  if (d->cols == 0)
    return;
  if (d->a_from == SA_FROM_IMM)
    func_fill(s->machine->config.acc, d->imm, d->cols, a);
  bool binary = false;
#define SA_X(id, name, operands, kind, text)                                   \
  binary |= d->op == SA_ALU_##id && operands == 2;
  SA_ALU_TABLE(SA_X)
#undef SA_X
  if (binary && d->b_from == SA_FROM_IMM)
    func_fill(s->machine->config.acc,
              d->op == SA_ALU_RESCALE ? d->imm2 : d->imm, d->cols, b);
  uint32_t i[4];
  for (i[0] = 0; i[0] < d->n[0]; ++i[0])
    for (i[1] = 0; i[1] < d->n[1]; ++i[1])
      for (i[2] = 0; i[2] < d->n[2]; ++i[2])
        for (i[3] = 0; i[3] < d->n[3]; ++i[3]) {
          int64_t row_a = cmd->a, row_b = cmd->b, row_d = cmd->dst;
          for (int l = 0; l < 4; ++l) {
            row_a += (int64_t)i[l] * d->a.stride[l];
            row_b += (int64_t)i[l] * d->b.stride[l];
            row_d += (int64_t)i[l] * d->dst.stride[l];
          }
          take(s, d->a_from, &d->a, row_a, d->cols, a);
          if (binary)
            take(s, d->b_from, &d->b, row_b, d->cols, b);
          compute(s, d, func_at(s, SA_ACC, &d->dst, row_d, d->dst.col), a, b);
        }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The machine of sa.h once more, as plainly as it can be said: an element is a
// number and a flag, and each command is a loop over single elements. A command
// runs three times: to find rows that do not exist, to find elements that
// nothing has written, and to do its work.
#ifndef SA_MODEL_H
#define SA_MODEL_H

#include "sa.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct model_element {
  double value;
  bool written;
} model_element;

typedef enum model_pass { MODEL_RANGE, MODEL_UNINIT, MODEL_RUN } model_pass;

typedef struct model {
  uint32_t rows[3], elems[3], type[3], in, acc;
  model_element *memory[3];
  double bank[2][128][128];
  bool loaded[2];
  uint32_t bank_k[2], bank_n[2];
  model_pass pass;
  sa_status status; // the first failure of this command
} model;

static inline uint32_t model_one(uint32_t n) {
  return n ? n : 1;
}

static inline model_element *model_at(model *m, uint32_t space,
                                      const sa_rows *map, int64_t row,
                                      int64_t col) {
  if (map->ring_len) {
    while (row < 0)
      row += map->ring_len;
    row = map->ring_base + row % map->ring_len;
  }
  if (row < 0 || row >= m->rows[space] || col >= m->elems[space]) {
    m->status = SA_RANGE;
    return NULL;
  }
  return &m->memory[space][row * m->elems[space] + col];
}

static inline double model_get(model *m, uint32_t space, const sa_rows *map,
                               int64_t row, int64_t col) {
  model_element *e = model_at(m, space, map, row, col);
  if (!e)
    return 0;
  if (m->pass == MODEL_UNINIT && !e->written && m->status == SA_OK)
    m->status = SA_UNINIT;
  return e->value;
}

static inline void model_put(model *m, uint32_t space, const sa_rows *map,
                             int64_t row, int64_t col, double value) {
  model_element *e = model_at(m, space, map, row, col);
  if (!e || m->pass != MODEL_RUN)
    return;
  e->value = value;
  e->written = true;
}

//===-- Numbers -----------------------------------------------------------===//

static inline double model_wrap(double whole) { // |whole| < 2^53
  return (double)(int32_t)(uint32_t)(uint64_t)(int64_t)whole;
}
static inline double model_add(uint32_t type, double a, double b) {
  return type == SA_I32 ? model_wrap(a + b) : (double)(float)(a + b);
}
static inline double model_mul(uint32_t type, double a, double b) {
  if (type != SA_I32)
    return (double)(float)(a * b);
  return (double)(int32_t)((uint32_t)(int32_t)a * (uint32_t)(int32_t)b);
}

// Nearest with so many bits of significand, fewer below 2^(least - 1), ties to even.
static inline double model_nearest(double x, int bits, int least) {
  int exponent;
  frexp(x, &exponent);
  if (exponent < least)
    exponent = least;
  return ldexp(nearbyint(ldexp(x, bits - exponent)), exponent - bits);
}

static inline double model_bf16(double x) {
  return model_nearest(x, 8, -125);
}

static inline double model_f16(double x) {
  double rounded = model_nearest(x, 11, -13);
  return fabs(rounded) > 65504 ? copysign(INFINITY, x) : rounded;
}

// round(v * mult / 2^shift), by division with remainder.
static inline int64_t model_round(int32_t v, int32_t mult, unsigned shift,
                                  uint32_t mode) {
  int64_t p = (int64_t)v * mult, d = INT64_C(1) << shift;
  if (mode == SA_ROUND_DOUBLE) {
    p += shift > 0 ? d / 2 : 0;
    p += shift > 31 ? (v < 0 ? -(1 << 30) : 1 << 30) : 0;
  }
  int64_t q = p / d, r = p % d;
  if (r < 0)
    r += d, q -= 1;
  bool tie = r * 2 == d && d > 1, above = r > d / 2;
  if (mode == SA_ROUND_HALF_EVEN)
    return q + (above || (tie && q % 2 != 0));
  if (mode == SA_ROUND_HALF_AWAY)
    return q + (above || (tie && p > 0));
  if (mode == SA_ROUND_HALF_UP)
    return q + (above || tie);
  return q;
}

static inline double model_requant(model *m, uint32_t to, const sa_requant *rq,
                                   int64_t channel, double v) {
  int64_t c = rq && rq->channels ? channel : 0;
  if (m->acc == SA_I32 && rq && m->pass == MODEL_RUN) {
    int64_t q = model_round((int32_t)v, rq->mult[c], rq->shift[c], rq->round) +
                rq->zero_point;
    v = (double)(q < rq->lo ? rq->lo : q > rq->hi ? rq->hi : q);
  } else if (m->acc == SA_F32 && rq && rq->scale && m->pass == MODEL_RUN) {
    v = (double)(float)(v * rq->scale[c]);
  }
  return to == SA_BF16 ? model_bf16(v) : to == SA_F16 ? model_f16(v) : v;
}

static inline double model_read_f16(uint16_t half) {
  int exponent = half >> 10 & 31, digits = half & 1023;
  double value = exponent == 31  ? (digits ? (double)NAN : (double)INFINITY)
                 : exponent == 0 ? ldexp(digits, -24)
                                 : ldexp(1024 + digits, exponent - 25);
  return half & 0x8000 ? -value : value;
}

// The bits of a value that is an f16.
static inline uint16_t model_bits_f16(double value) {
  uint16_t sign = signbit(value) ? 0x8000 : 0;
  int exponent;
  value = fabs(value);
  if (!isfinite(value))
    return (uint16_t)(sign | (isnan(value) ? 0x7e00 : 0x7c00));
  if (value < 0x1p-14)
    return (uint16_t)(sign | (uint16_t)ldexp(value, 24));
  double digits = ldexp(frexp(value, &exponent), 11); // 1024 to 2047
  return (uint16_t)(sign | (uint16_t)((exponent + 14) << 10) |
                    ((uint16_t)digits & 1023));
}

static inline double model_read(uint32_t type, const char *at) {
  signed char i8;
  int32_t i32;
  uint16_t half;
  uint32_t bits;
  float f;
  switch (type) {
  case SA_I8:
    memcpy(&i8, at, 1);
    return i8;
  case SA_I32:
    memcpy(&i32, at, 4);
    return i32;
  case SA_BF16:
    memcpy(&half, at, 2);
    bits = (uint32_t)half << 16;
    memcpy(&f, &bits, 4);
    return (double)f;
  case SA_F16:
    memcpy(&half, at, 2);
    return model_read_f16(half);
  default:
    memcpy(&f, at, 4);
    return (double)f;
  }
}

static inline void model_write(uint32_t type, double value, char *at) {
  signed char i8 = type == SA_I8 ? (signed char)value : 0;
  int32_t i32 = type == SA_I32 ? (int32_t)value : 0;
  float f = (float)value;
  uint32_t bits;
  uint16_t half;
  switch (type) {
  case SA_I8:
    memcpy(at, &i8, 1);
    return;
  case SA_I32:
    memcpy(at, &i32, 4);
    return;
  case SA_BF16:
    memcpy(&bits, &f, 4);
    half = (uint16_t)(bits >> 16);
    memcpy(at, &half, 2);
    return;
  case SA_F16:
    half = model_bits_f16(value);
    memcpy(at, &half, 2);
    return;
  default:
    memcpy(at, &f, 4);
  }
}

//===-- Walks -------------------------------------------------------------===//

#define MODEL_EACH4(n, i)                                                      \
  for (uint32_t i[4] = {0}; i[0] < (n)[0]; ++i[0])                             \
    for (i[1] = 0; i[1] < (n)[1]; ++i[1])                                      \
      for (i[2] = 0; i[2] < (n)[2]; ++i[2])                                    \
        for (i[3] = 0; i[3] < (n)[3]; ++i[3])

static inline int64_t model_row(const sa_rows *map, int64_t row,
                                const uint32_t i[4]) {
  for (int a = 0; a < 4; ++a)
    row += (int64_t)i[a] * map->stride[a];
  return row;
}

// Byte offset of a position of a box; false when it is outside the tensor.
static inline bool model_address(const sa_box *box, const int64_t o[5],
                                 const uint32_t i[4], uint32_t j, int64_t *at) {
  *at = 0;
  for (int a = 0; a < 5; ++a) {
    int64_t index =
        o[a] + (int64_t)(a < 4 ? i[a] : j) * model_one(box->step[a]);
    if (index < 0 || index >= box->extent[a])
      return false;
    *at += index * box->stride[a];
  }
  return true;
}

//===-- Commands ----------------------------------------------------------===//

static inline void model_load(model *m, const sa_load_desc *d,
                              const char *tensor, const int64_t o[5],
                              int64_t row) {
  MODEL_EACH4(d->box.n, i)
  for (uint32_t j = 0; j < d->box.n[4]; ++j) {
    int64_t at, r = model_row(&d->rows, row, i);
    double v = d->fill;
    if (model_address(&d->box, o, i, j, &at))
      v = model_read(d->box.type, tensor + at);
    if (d->accumulate)
      v = model_add(m->acc,
                    model_get(m, d->space, &d->rows, r, d->rows.col + j), v);
    model_put(m, d->space, &d->rows, r, d->rows.col + j, v);
  }
}

static inline void model_preload(model *m, uint32_t bank, int64_t wrow,
                                 uint32_t wcol, uint32_t k, uint32_t n) {
  sa_rows linear = {{0}, 0, 0, 0};
  for (uint32_t i = 0; i < k; ++i)
    for (uint32_t j = 0; j < n; ++j) {
      double w = model_get(m, SA_WBUF, &linear, wrow + i, wcol + j);
      if (m->pass == MODEL_RUN)
        m->bank[bank][i][j] = w;
    }
  if (m->pass == MODEL_RUN) {
    m->loaded[bank] = true;
    m->bank_k[bank] = k;
    m->bank_n[bank] = n;
  }
}

static inline void model_gemm(model *m, const sa_gemm_desc *d, int64_t arow,
                              int64_t crow) {
  uint32_t p0 = model_one(d->pack[0]), p1 = model_one(d->pack[1]);
  if (m->pass == MODEL_UNINIT &&
      (!m->loaded[d->bank] || p0 * p1 * d->k > m->bank_k[d->bank] ||
       d->cols > m->bank_n[d->bank]))
    m->status = SA_STATE;
  MODEL_EACH4(d->n, i) {
    // Rows of ABUF are read even when there are no columns.
    int64_t ra = model_row(&d->a, arow, i), rc = model_row(&d->c, crow, i);
    for (uint32_t j = 0; j < d->cols || j == 0; ++j) {
      double sum = 0;
      for (uint32_t q = 0; q < p0 * p1; ++q)
        for (uint32_t t = 0; t < d->k; ++t) {
          double a = model_get(m, SA_ABUF, &d->a,
                               ra + (int64_t)(q / p1) * d->pack_stride[0] +
                                   (int64_t)(q % p1) * d->pack_stride[1],
                               d->a.col + t);
          double w = m->bank[d->bank][(q * d->k + t) % 128][j];
          sum = model_add(m->acc, sum, model_mul(m->acc, a, w));
        }
      if (j >= d->cols)
        break;
      if (d->accumulate)
        sum = model_add(m->acc, model_get(m, SA_ACC, &d->c, rc, d->c.col + j),
                        sum);
      model_put(m, SA_ACC, &d->c, rc, d->c.col + j, sum);
    }
  }
}

static inline void model_gemm_os(model *m, const sa_gemm_os_desc *d,
                                 int64_t arow, int64_t wrow, int64_t crow) {
  sa_rows linear = {{0}, 0, 0, 0};
  uint32_t r[4] = {model_one(d->r[0]), model_one(d->r[1]), model_one(d->r[2]),
                   1};
  // The operands stream whatever the outputs.
  MODEL_EACH4(r, s)
  for (uint32_t t = 0; t < d->k; ++t)
    for (uint32_t j = 0; j < d->cols; ++j)
      model_get(m, SA_WBUF, &linear,
                wrow + (int64_t)s[0] * d->w_stride[0] +
                    (int64_t)s[1] * d->w_stride[1] +
                    (int64_t)s[2] * d->w_stride[2] + t,
                d->wcol + j);
  MODEL_EACH4(d->n, i) {
    int64_t ra = model_row(&d->a, arow, i), rc = model_row(&d->c, crow, i);
    for (uint32_t j = 0; j < d->cols || j == 0; ++j) {
      double sum = 0;
      MODEL_EACH4(r, s)
      for (uint32_t t = 0; t < d->k; ++t) {
        int64_t a = ra, w = wrow + t;
        for (int l = 0; l < 3; ++l) {
          a += (int64_t)s[l] * d->a_stride[l];
          w += (int64_t)s[l] * d->w_stride[l];
        }
        double x = model_get(m, SA_ABUF, &d->a, a, d->a.col + t);
        if (j < d->cols)
          sum = model_add(
              m->acc, sum,
              model_mul(m->acc, x,
                        model_get(m, SA_WBUF, &linear, w, d->wcol + j)));
      }
      if (j >= d->cols)
        break;
      if (d->accumulate)
        sum = model_add(m->acc, model_get(m, SA_ACC, &d->c, rc, d->c.col + j),
                        sum);
      model_put(m, SA_ACC, &d->c, rc, d->c.col + j, sum);
    }
  }
}

// One element on its way out: activation, window, requantisation.
static inline double model_out(model *m, const sa_out *out, uint32_t space,
                               uint32_t to, const sa_rows *map, int64_t row,
                               const int64_t o[5], const uint32_t i[4],
                               uint32_t j, int64_t channel) {
  const sa_pool *p = &out->pool;
  bool pooled = p->op != SA_POOL_NONE, first = true;
  double result = 0;
  for (uint32_t y = 0; y < (pooled ? p->n[0] : 1); ++y)
    for (uint32_t x = 0; x < (pooled ? p->n[1] : 1); ++x) {
      int64_t r = model_row(map, row, i);
      if (pooled) {
        int64_t iy = (o[2] + i[2]) * p->step[0] - p->low[0] + y;
        int64_t ix = (o[3] + i[3]) * p->step[1] - p->low[1] + x;
        if (iy < 0 || iy >= p->extent[0] || ix < 0 || ix >= p->extent[1])
          continue;
        r += (int64_t)y * p->row[0] + (int64_t)x * p->row[1];
      }
      double v = model_get(m, space, map, r, map->col + j);
      if (out->act == SA_ACT_RELU && !(v > 0))
        v = 0;
      if (out->act == SA_ACT_CLAMP)
        v = v < out->lo ? out->lo : v > out->hi ? out->hi : v;
      if (first)
        result = v;
      else if (p->op == SA_POOL_MAX)
        result = result > v ? result : v;
      else
        result = model_add(m->type[space], result, v);
      first = false;
    }
  if (space != SA_ACC)
    return result;
  return model_requant(m, to, out->rq, channel, result);
}

static inline void model_store(model *m, const sa_store_desc *d, char *tensor,
                               const int64_t o[5], int64_t row) {
  MODEL_EACH4(d->box.n, i)
  for (uint32_t j = 0; j < d->box.n[4]; ++j) {
    int64_t at;
    if (!model_address(&d->box, o, i, j, &at))
      continue;
    double v = model_out(m, &d->out, d->space, d->box.type, &d->rows, row, o, i,
                         j, o[4] + (int64_t)j * model_one(d->box.step[4]));
    if (m->pass == MODEL_RUN)
      model_write(d->box.type, v, tensor + at);
  }
}

static inline void model_move(model *m, const sa_move_desc *d, int64_t dst,
                              int64_t src, const int64_t o[5]) {
  static double block[128][128];
  bool widens = d->to == SA_ACC && m->type[d->from] == m->in;
  uint32_t to = widens ? m->in : m->type[d->to];
  uint32_t outer[4] = {d->n[0], d->n[1], d->n[2], 1};
  uint32_t single[4] = {d->n[0], d->n[1], d->n[2], d->n[3]};
  uint32_t rows = d->transpose ? d->n[3] : 1;
  MODEL_EACH4(d->transpose ? outer : single, i) {
    for (uint32_t k = 0; k < rows; ++k)
      for (uint32_t j = 0; j < d->n[4]; ++j) {
        uint32_t at[5] = {i[0], i[1], i[2], d->transpose ? k : i[3], j};
        bool inside = true;
        for (int a = 0; d->masked && a < 5; ++a)
          inside &= o[a] + at[a] >= 0 && o[a] + at[a] < d->extent[a];
        block[k][j] = inside ? model_out(m, &d->out, d->from, to, &d->src, src,
                                         o, at, j, o[4] + j)
                             : d->fill;
      }
    for (uint32_t k = 0; k < rows; ++k)
      for (uint32_t j = 0; j < d->n[4]; ++j) {
        uint32_t at[4] = {i[0], i[1], i[2], d->transpose ? j : i[3]};
        int64_t r = model_row(&d->dst, dst, at),
                c = d->dst.col + (d->transpose ? k : j);
        double v = block[k][j];
        if (d->accumulate)
          v = model_add(m->acc, model_get(m, d->to, &d->dst, r, c), v);
        model_put(m, d->to, &d->dst, r, c, v);
      }
  }
}

static inline double model_alu_op(model *m, const sa_alu_desc *d, double dst,
                                  double a, double b, uint32_t j) {
  bool whole = m->acc == SA_I32;
  uint32_t ua = whole ? (uint32_t)(int32_t)a : 0;
  uint32_t shift = whole ? (uint32_t)(int32_t)b % 32 : 0;
  switch ((sa_alu_op)d->op) {
  case SA_ALU_ADD:
    return model_add(m->acc, a, b);
  case SA_ALU_SUB:
    return model_add(m->acc, a, -b);
  case SA_ALU_MUL:
    return model_mul(m->acc, a, b);
  case SA_ALU_MAC:
    return model_add(m->acc, dst, model_mul(m->acc, a, b));
  case SA_ALU_MAX:
    return a > b ? a : b;
  case SA_ALU_MIN:
    return a < b ? a : b;
  case SA_ALU_RELU:
    return a > 0 ? a : 0;
  case SA_ALU_CLAMP:
    return a < d->imm ? d->imm : a > d->imm2 ? d->imm2 : a;
  case SA_ALU_ABS:
    return whole ? model_wrap(fabs(a)) : fabs(a);
  case SA_ALU_SHL:
    return (double)(int32_t)(ua << shift);
  case SA_ALU_SHR:
    return floor(a / (double)(1u << shift));
  case SA_ALU_SCALE:
    return model_requant(m, m->acc, d->rq, j, a);
  case SA_ALU_RESCALE: { // in 64 bits, which two's complement wraps
    int64_t product = (int64_t)dst * (int64_t)a;
    int s = (int)((uint32_t)(int32_t)b % 64);
    __int128 sum = (__int128)product + (s ? (__int128)1 << (s - 1) : 0);
    return (double)(int32_t)(uint32_t)((int64_t)sum >> s);
  }
  case SA_ALU_DIV:
    if (whole)
      return b == 0 ? -1 : model_wrap(trunc(a / b));
    return (double)((float)a / (float)b);
  case SA_ALU_SQRT:
    return (double)sqrtf((float)a);
  case SA_ALU_EXP:
    return (double)(float)exp(a);
  case SA_ALU_TANH:
    return (double)(float)tanh(a);
  case SA_ALU_ERF:
    return (double)(float)erf(a);
  default:
    return a;
  }
}

static inline double model_operand(model *m, const sa_alu_desc *d,
                                   uint32_t from, const sa_rows *map,
                                   int64_t row, uint32_t j) {
  if (from == SA_FROM_IMM)
    return d->op == SA_ALU_RESCALE && map == &d->b ? d->imm2 : d->imm;
  return model_get(m, SA_ACC, map, row,
                   map->col + (from == SA_FROM_LANE ? 0 : j));
}

static inline bool model_is_binary(uint32_t op) {
  return (op >= SA_ALU_ADD && op <= SA_ALU_MIN) || op == SA_ALU_SHL ||
         op == SA_ALU_SHR || op == SA_ALU_DIV || op == SA_ALU_RESCALE;
}

static inline void model_alu(model *m, const sa_alu_desc *d, int64_t dst,
                             int64_t a, int64_t b) {
  bool reduces =
      d->op == SA_ALU_RSUM || d->op == SA_ALU_RMAX || d->op == SA_ALU_RMIN;
  MODEL_EACH4(d->n, i) {
    double result[128] = {0};
    int64_t rd = model_row(&d->dst, dst, i);
    for (uint32_t j = 0; j < d->cols; ++j) {
      double x =
          model_operand(m, d, d->a_from, &d->a, model_row(&d->a, a, i), j);
      double y = 0, old = 0;
      if (model_is_binary(d->op))
        y = model_operand(m, d, d->b_from, &d->b, model_row(&d->b, b, i), j);
      if (d->op == SA_ALU_MAC || d->op == SA_ALU_RESCALE)
        old = model_get(m, SA_ACC, &d->dst, rd, d->dst.col + j);
      if (!reduces)
        result[j] = model_alu_op(m, d, old, x, y, j);
      else if (j == 0)
        result[0] = x;
      else if (d->op == SA_ALU_RSUM)
        result[0] = model_add(m->acc, result[0], x);
      else if (d->op == SA_ALU_RMAX)
        result[0] = result[0] > x ? result[0] : x;
      else
        result[0] = result[0] < x ? result[0] : x;
    }
    for (uint32_t j = 0; j < (reduces && d->cols ? 1 : d->cols); ++j)
      model_put(m, SA_ACC, &d->dst, rd, d->dst.col + j, result[j]);
  }
}

//===-- Life --------------------------------------------------------------===//

static inline void model_init(model *m, const sa_dev *dev, const sa_config *c) {
  memset(m, 0, sizeof *m);
  m->in = c->in;
  m->acc = c->acc;
  for (uint32_t s = 0; s < 3; ++s) {
    m->rows[s] = sa_num_rows(dev, s);
    m->elems[s] = sa_row_elems(dev, s);
    m->type[s] = s == SA_ACC ? c->acc : c->in;
    m->memory[s] =
        calloc((size_t)m->rows[s] * m->elems[s], sizeof(model_element));
  }
}

static inline void model_fini(model *m) {
  for (int s = 0; s < 3; ++s)
    free(m->memory[s]);
}

// Runs |call| three times; its value is the status that the device must give.
#define MODEL(m, call)                                                         \
  ((m)->status = SA_OK, (m)->pass = MODEL_RANGE, (call),                       \
   (m)->status != SA_OK                                                        \
       ? (m)->status                                                           \
       : ((m)->pass = MODEL_UNINIT, (call),                                    \
          (m)->status != SA_OK ? (m)->status                                   \
                               : ((m)->pass = MODEL_RUN, (call), SA_OK)))

#endif

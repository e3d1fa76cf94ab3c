// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Out of a memory: activation, pooling, requantisation (sa_out).
#include "func_internal.h"

#include <string.h>

// round(p / 2^shift). |p| <= 2^62 and shift <= 62, so nothing overflows.
static int64_t round_shift(int64_t p, uint32_t shift, uint32_t mode) {
  if (shift == 0)
    return p;
  int64_t half = INT64_C(1) << (shift - 1);
  int64_t mask = (INT64_C(1) << shift) - 1, down = p >> shift;
  switch ((sa_round)mode) {
  case SA_ROUND_HALF_AWAY:
    return p < 0 ? -((-p + half) >> shift) : (p + half) >> shift;
  case SA_ROUND_HALF_UP:
    return (p + half) >> shift;
  case SA_ROUND_HALF_EVEN:
    return down + ((p & mask) > half || ((p & mask) == half && (down & 1)));
  case SA_ROUND_DOUBLE: // needs the sign of v: round_double
  case SA_ROUND_FLOOR:
    break;
  }
  return down;
}

// TOSA: half up, with 2^30 away from zero before when the shift exceeds 31.
static int64_t round_double(int32_t v, int64_t p, uint32_t shift) {
  int64_t round = shift ? INT64_C(1) << (shift - 1) : 0;
  if (shift > 31)
    round += v >= 0 ? INT64_C(1) << 30 : -(INT64_C(1) << 30);
  return (p + round) >> shift;
}

static int32_t scale(int32_t v, const sa_requant *rq, int64_t channel) {
  uint32_t shift = rq->shift[channel];
  int64_t p = (int64_t)v * rq->mult[channel];
  int64_t q = rq->round == SA_ROUND_DOUBLE ? round_double(v, p, shift)
                                           : round_shift(p, shift, rq->round);
  // |q| <= 2^62, and the zero point is 32 bits wide.
  q += rq->zero_point;
  return q < rq->lo ? rq->lo : q > rq->hi ? rq->hi : (int32_t)q;
}

// Decoded bf16: the float rounded to one.
static void round_bf16(float *f, uint32_t n) {
  for (uint32_t j = 0; j < n; ++j) {
    uint16_t half;
    func_write(SA_BF16, &f[j], 1, (char *)&half, 2);
    func_read(SA_BF16, (const char *)&half, 2, 1, &f[j]);
  }
}

void func_requantise(uint32_t acc_type, uint32_t to, const sa_requant *rq,
                     int64_t channel, int64_t step, uint32_t n, const void *in,
                     void *out) {
  const int32_t *i = in;
  const float *f = in;
  int64_t c = channel;
  if (!rq || rq->channels == 0)
    c = step = 0;
  if (acc_type == SA_I32 && to == SA_I32)
    for (uint32_t j = 0; j < n; ++j, c += step)
      ((int32_t *)out)[j] = rq ? scale(i[j], rq, c) : i[j];
  else if (acc_type == SA_I32)
    for (uint32_t j = 0; j < n; ++j, c += step)
      ((float *)out)[j] = (float)scale(i[j], rq, c);
  else
    for (uint32_t j = 0; j < n; ++j, c += step)
      ((float *)out)[j] = rq && rq->scale ? f[j] * rq->scale[c] : f[j];
  if (to == SA_BF16)
    round_bf16(out, n);
}

static void activate(uint32_t type, const sa_out *out, uint32_t n, void *row) {
  float *f = row, lo = (float)out->lo, hi = (float)out->hi;
  int32_t *i = row;
  if (out->act == SA_ACT_NONE)
    return;
  if (type == SA_I32) {
    int32_t least = out->act == SA_ACT_CLAMP ? (int32_t)out->lo : 0;
    int32_t most = out->act == SA_ACT_CLAMP ? (int32_t)out->hi : INT32_MAX;
    for (uint32_t j = 0; j < n; ++j)
      i[j] = i[j] < least ? least : i[j] > most ? most : i[j];
  } else if (out->act == SA_ACT_RELU) {
    for (uint32_t j = 0; j < n; ++j)
      f[j] = f[j] > 0 ? f[j] : 0;
  } else {
    for (uint32_t j = 0; j < n; ++j)
      f[j] = f[j] < lo ? lo : f[j] > hi ? hi : f[j];
  }
}

static void fold_max(uint32_t type, uint32_t n, void *best, const void *row) {
  if (type == SA_I32)
    for (uint32_t j = 0; j < n; ++j) {
      int32_t a = ((int32_t *)best)[j], b = ((const int32_t *)row)[j];
      ((int32_t *)best)[j] = a > b ? a : b;
    }
  else
    for (uint32_t j = 0; j < n; ++j) {
      float a = ((float *)best)[j], b = ((const float *)row)[j];
      ((float *)best)[j] = a > b ? a : b;
    }
}

// The window of one position, folded in order of (w0, w1).
static void take_window(func_state *s, const func_source *src, int64_t row,
                        const uint32_t i[4], uint32_t n, void *result) {
  const sa_pool *pool = &src->out->pool;
  uint32_t type = s->machine->type[src->space];
  sa_span w[2];
  for (int a = 0; a < 2; ++a)
    w[a] =
        sa_clip((src->origin[2 + a] + i[2 + a]) * pool->step[a] - pool->low[a],
                1, pool->extent[a], pool->n[a]);
  void *one = func_scratch(s, FUNC_SCRATCH_D);
  bool first = true;
  for (uint32_t w0 = w[0].first; w0 < w[0].last; ++w0)
    for (uint32_t w1 = w[1].first; w1 < w[1].last; ++w1, first = false) {
      int64_t at =
          row + (int64_t)w0 * pool->row[0] + (int64_t)w1 * pool->row[1];
      void *to = first ? result : one;
      memcpy(
          to,
          func_at(s, src->space, src->map, at, src->map->col + src->span.first),
          n * sizeof(float));
      activate(type, src->out, n, to);
      if (!first && pool->op == SA_POOL_MAX)
        fold_max(type, n, result, one);
      else if (!first)
        func_add(type, result, one, n);
    }
  if (first)
    func_fill(type, 0, n, result);
}

void func_take(func_state *s, const func_source *src, const uint32_t i[4],
               void *result) {
  uint32_t type = s->machine->type[src->space];
  uint32_t n = src->span.last - src->span.first;
  int64_t row = src->row;
  for (int a = 0; a < 4; ++a)
    row += (int64_t)i[a] * src->map->stride[a];
  if (src->out->pool.op != SA_POOL_NONE) {
    take_window(s, src, row, i, n, result);
  } else {
    memcpy(
        result,
        func_at(s, src->space, src->map, row, src->map->col + src->span.first),
        n * sizeof(float));
    activate(type, src->out, n, result);
  }
  if (src->space == SA_ACC && (src->out->rq || src->to != type))
    func_requantise(type, src->to, src->out->rq,
                    src->origin[4] + (int64_t)src->span.first * src->step,
                    src->step, n, result, result);
}

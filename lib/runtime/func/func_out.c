// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Out of a memory: activation, pooling, requantisation (sa_out).
#include "func_internal.h"

#include <string.h>

#if defined(__GNUC__)
#define ALWAYS_INLINE __attribute__((always_inline)) static inline
#else
#define ALWAYS_INLINE static inline
#endif

// round(v * mult / 2^shift). The product is at most 2^62 and so is what rounding
// adds to it, so nothing overflows.
ALWAYS_INLINE int64_t round_product(int32_t v, int32_t mult, uint32_t shift,
                                    sa_round mode) {
  int64_t p = (int64_t)v * mult;
  if (shift == 0)
    return p;
  int64_t half = INT64_C(1) << (shift - 1);
  int64_t mask = (INT64_C(1) << shift) - 1, down = p >> shift;
  switch (mode) {
  case SA_ROUND_HALF_EVEN:
    return down + ((p & mask) > half || ((p & mask) == half && (down & 1)));
  case SA_ROUND_HALF_AWAY:
    return p < 0 ? -((-p + half) >> shift) : (p + half) >> shift;
  case SA_ROUND_HALF_UP:
    return (p + half) >> shift;
  case SA_ROUND_DOUBLE:
    if (shift > 31)
      p += v >= 0 ? INT64_C(1) << 30 : -(INT64_C(1) << 30);
    return (p + half) >> shift;
  case SA_ROUND_FLOOR:
    break;
  }
  return down;
}

// One loop per mode: |mode| is a constant wherever this is called.
ALWAYS_INLINE void scale(const sa_requant *rq, int64_t c, int64_t step,
                         uint32_t n, const int32_t *in, int32_t *out,
                         sa_round mode) {
  for (uint32_t j = 0; j < n; ++j, c += step) {
    int64_t q =
        round_product(in[j], rq->mult[c], rq->shift[c], mode) + rq->zero_point;
    out[j] = q < rq->lo ? rq->lo : q > rq->hi ? rq->hi : (int32_t)q;
  }
}

static void scale_i32(const sa_requant *rq, int64_t c, int64_t step, uint32_t n,
                      const int32_t *in, int32_t *out) {
  switch ((sa_round)rq->round) {
  case SA_ROUND_HALF_EVEN:
    scale(rq, c, step, n, in, out, SA_ROUND_HALF_EVEN);
    break;
  case SA_ROUND_HALF_AWAY:
    scale(rq, c, step, n, in, out, SA_ROUND_HALF_AWAY);
    break;
  case SA_ROUND_HALF_UP:
    scale(rq, c, step, n, in, out, SA_ROUND_HALF_UP);
    break;
  case SA_ROUND_DOUBLE:
    scale(rq, c, step, n, in, out, SA_ROUND_DOUBLE);
    break;
  case SA_ROUND_FLOOR:
    scale(rq, c, step, n, in, out, SA_ROUND_FLOOR);
    break;
  }
}

// |in| and |out| may be one row.
void func_requantise(uint32_t acc_type, uint32_t to, const sa_requant *rq,
                     int64_t channel, int64_t step, uint32_t n, const void *in,
                     void *out) {
  int64_t c = channel;
  if (!rq || rq->channels == 0)
    c = step = 0;
  if (acc_type == SA_I32) {
    int32_t *whole = out;
    if (rq)
      scale_i32(rq, c, step, n, in, whole);
    else
      memmove(out, in, n * sizeof *whole);
    if (to == SA_I8)
      for (uint32_t j = 0; j < n; ++j) {
        float decoded = (float)whole[j];
        memcpy(&whole[j], &decoded, sizeof decoded);
      }
    return;
  }
  const float *f = in;
  float *scaled = out;
  if (rq && rq->scale)
    for (uint32_t j = 0; j < n; ++j, c += step)
      scaled[j] = f[j] * rq->scale[c];
  else
    memmove(out, in, n * sizeof *scaled);
  func_round(to, scaled, n);
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

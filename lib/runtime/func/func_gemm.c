// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The array: preload, gemm, gemm_os.
//
// Rows are gathered in blocks of FUNC_BLOCK: the kernel computes the sums of a
// block into scratch, and they are added to ACC row by row in loop order, so
// loops that meet in a row of ACC come out as if run one by one.
#include "func_internal.h"

#include <string.h>

static uint32_t round_up(uint32_t cols) {
  return (cols + 15) / 16 * 16;
}

void func_preload(func_state *s, const sa_cmd *cmd) {
  const func_memory *from = &s->memory[SA_WBUF];
  func_memory *bank = &s->bank[cmd->u.preload.bank];
  for (uint32_t i = 0; i < cmd->u.preload.k; ++i)
    memcpy(bank->f + i * bank->stride,
           from->f + (size_t)(cmd->b + (int64_t)i) * from->stride +
               cmd->u.preload.wcol,
           cmd->u.preload.n * sizeof(float));
}

// The sums of |count| rows, count at most FUNC_BLOCK; unused pointers of a block
// repeat the last row. Up to two rows run singly: 8 / 3 is where a block wins.
static void sums(const func_state *s, const float **a, uint32_t count,
                 const float *w, size_t ldw, uint32_t k, uint32_t cols,
                 float *out, bool add) {
  size_t lds = s->scratch.stride;
  if (count <= 2) {
    for (uint32_t r = 0; r < count; ++r)
      s->kernels->single(a + r, w, ldw, k, cols, out + r * lds, lds, add);
    return;
  }
  for (uint32_t r = count; r < FUNC_BLOCK; ++r)
    a[r] = a[count - 1];
  s->kernels->block(a, w, ldw, k, cols, out, lds, add);
}

typedef struct block {
  const float *a[FUNC_BLOCK];
  int64_t arow[FUNC_BLOCK];
  void *c[FUNC_BLOCK];
  uint32_t count;
} block;

static void gemm_block(func_state *s, const sa_gemm_desc *d, uint32_t k,
                       block *b) {
  const func_memory *bank = &s->bank[d->bank];
  float *out = func_scratch(s, FUNC_SCRATCH_SUMS);
  size_t lds = s->scratch.stride;
  sums(s, b->a, b->count, bank->f, bank->stride, k, round_up(d->cols), out,
       false);
  bool ints = s->machine->config.acc == SA_I32;
  for (uint32_t r = 0; r < b->count; ++r)
    if (ints)
      s->kernels->to_i32(b->c[r], out + r * lds, d->cols, d->accumulate);
    else
      s->kernels->to_f32(b->c[r], out + r * lds, d->cols, d->accumulate);
  b->count = 0;
}

// The row that the array sees: one of ABUF, or several packed into one.
static const float *packed_row(func_state *s, const sa_gemm_desc *d,
                               int64_t row, uint32_t slot) {
  uint32_t p0 = sai_or_one(d->pack[0]), p1 = sai_or_one(d->pack[1]);
  if (p0 * p1 == 1)
    return func_at(s, SA_ABUF, &d->a, row, d->a.col);
  float *to = func_scratch(s, FUNC_SCRATCH_PACK + slot), *start = to;
  for (uint32_t q0 = 0; q0 < p0; ++q0)
    for (uint32_t q1 = 0; q1 < p1; ++q1, to += d->k)
      memcpy(to,
             func_at(s, SA_ABUF, &d->a,
                     row + (int64_t)q0 * d->pack_stride[0] +
                         (int64_t)q1 * d->pack_stride[1],
                     d->a.col),
             d->k * sizeof *to);
  return start;
}

void func_gemm(func_state *s, const sa_cmd *cmd) {
  const sa_gemm_desc *d = &cmd->u.gemm;
  uint32_t k = sai_or_one(d->pack[0]) * sai_or_one(d->pack[1]) * d->k;
  block b = {.count = 0};
  if (d->cols == 0)
    return;
  for (uint32_t i0 = 0; i0 < d->n[0]; ++i0)
    for (uint32_t i1 = 0; i1 < d->n[1]; ++i1)
      for (uint32_t i2 = 0; i2 < d->n[2]; ++i2) {
        int64_t a = cmd->a + (int64_t)i0 * d->a.stride[0] +
                    (int64_t)i1 * d->a.stride[1] + (int64_t)i2 * d->a.stride[2];
        int64_t c = cmd->dst + (int64_t)i0 * d->c.stride[0] +
                    (int64_t)i1 * d->c.stride[1] + (int64_t)i2 * d->c.stride[2];
        for (uint32_t i3 = 0; i3 < d->n[3]; ++i3) {
          // With k = 0 no row of ABUF is read, and none was checked.
          b.a[b.count] = k ? packed_row(s, d, a, b.count) : NULL;
          b.c[b.count] = func_at(s, SA_ACC, &d->c, c, d->c.col);
          if (++b.count == FUNC_BLOCK)
            gemm_block(s, d, k, &b);
          a += d->a.stride[3];
          c += d->c.stride[3];
        }
      }
  if (b.count)
    gemm_block(s, d, k, &b);
}

//===-- Output stationary -------------------------------------------------===//

// Integer sums outgrow a float: what was summed exactly goes to |total|.
static void flush_ints(const func_state *s, uint32_t count, uint32_t cols,
                       const float *part, int32_t *total) {
  size_t lds = s->scratch.stride;
  for (uint32_t r = 0; r < count; ++r)
    s->kernels->to_i32(total + r * lds, part + r * lds, cols, true);
}

static void os_sums(func_state *s, const sa_cmd *cmd, block *b, float *part,
                    int32_t *total) {
  const sa_gemm_os_desc *d = &cmd->u.gemm_os;
  const func_memory *weights = &s->memory[SA_WBUF];
  uint32_t cols = round_up(d->cols), filled = 0;
  for (uint32_t s0 = 0; s0 < sai_or_one(d->r[0]); ++s0)
    for (uint32_t s1 = 0; s1 < sai_or_one(d->r[1]); ++s1)
      for (uint32_t s2 = 0; s2 < sai_or_one(d->r[2]); ++s2) {
        int64_t shift = (int64_t)s0 * d->a_stride[0] +
                        (int64_t)s1 * d->a_stride[1] +
                        (int64_t)s2 * d->a_stride[2];
        int64_t wrow = cmd->b + (int64_t)s0 * d->w_stride[0] +
                       (int64_t)s1 * d->w_stride[1] +
                       (int64_t)s2 * d->w_stride[2];
        if (total && filled + d->k > FUNC_EXACT_K) {
          flush_ints(s, b->count, d->cols, part, total);
          filled = 0;
        }
        for (uint32_t r = 0; r < b->count; ++r)
          b->a[r] =
              d->k ? func_at(s, SA_ABUF, &d->a, b->arow[r] + shift, d->a.col)
                   : NULL;
        bool add = filled > 0;
        const float *w =
            d->k ? weights->f + (size_t)wrow * weights->stride + d->wcol
                 : weights->f;
        sums(s, b->a, b->count, w, weights->stride, d->k, cols, part, add);
        filled += d->k;
        if (!total)
          filled = 1; // f32: one chain to the end
      }
  if (total)
    flush_ints(s, b->count, d->cols, part, total);
}

static void os_block(func_state *s, const sa_cmd *cmd, block *b) {
  const sa_gemm_os_desc *d = &cmd->u.gemm_os;
  float *part = func_scratch(s, FUNC_SCRATCH_SUMS);
  int32_t *total = func_scratch(s, FUNC_SCRATCH_INTS);
  size_t lds = s->scratch.stride;
  bool ints = s->machine->config.acc == SA_I32;
  if (ints)
    memset(total, 0, FUNC_BLOCK * lds * sizeof *total);
  os_sums(s, cmd, b, part, ints ? total : NULL);
  for (uint32_t r = 0; r < b->count; ++r)
    if (!ints)
      s->kernels->to_f32(b->c[r], part + r * lds, d->cols, d->accumulate);
    else if (d->accumulate)
      func_add(SA_I32, b->c[r], total + r * lds, d->cols);
    else
      memcpy(b->c[r], total + r * lds, d->cols * sizeof *total);
  b->count = 0;
}

void func_gemm_os(func_state *s, const sa_cmd *cmd) {
  const sa_gemm_os_desc *d = &cmd->u.gemm_os;
  block b = {.count = 0};
  if (d->cols == 0)
    return;
  for (uint32_t i0 = 0; i0 < d->n[0]; ++i0)
    for (uint32_t i1 = 0; i1 < d->n[1]; ++i1)
      for (uint32_t i2 = 0; i2 < d->n[2]; ++i2)
        for (uint32_t i3 = 0; i3 < d->n[3]; ++i3) {
          const uint32_t i[4] = {i0, i1, i2, i3};
          int64_t a = cmd->a, c = cmd->dst;
          for (int l = 0; l < 4; ++l) {
            a += (int64_t)i[l] * d->a.stride[l];
            c += (int64_t)i[l] * d->c.stride[l];
          }
          b.arow[b.count] = a;
          b.c[b.count] = func_at(s, SA_ACC, &d->c, c, d->c.col);
          if (++b.count == FUNC_BLOCK)
            os_block(s, cmd, &b);
        }
  if (b.count)
    os_block(s, cmd, &b);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loads, stores and moves.
#include "func_internal.h"

#include <string.h>

typedef struct span5 {
  sa_span axis[5];
} span5;

static span5 clip_box(const sa_box *box, const int64_t origin[5]) {
  span5 spans;
  for (int a = 0; a < 5; ++a)
    spans.axis[a] =
        sa_clip(origin[a], sai_or_one(box->step[a]), box->extent[a], box->n[a]);
  return spans;
}

static bool inside(sa_span span, uint32_t i) {
  return span.first <= i && i < span.last;
}

// Byte offset of axis |a| at position |i|.
static int64_t offset(const sa_box *box, const int64_t origin[5], int a,
                      uint32_t i) {
  return (origin[a] + (int64_t)i * sai_or_one(box->step[a])) * box->stride[a];
}

// Bytes from element to element along a row. Of an axis that has one element the
// stride may be anything, and so may this.
static int64_t pitch(const sa_box *box) {
  return (int64_t)((uint64_t)box->stride[4] * sai_or_one(box->step[4]));
}

// One row: elements in the span from DRAM, the rest filled.
static void load_row(func_state *s, const sa_load_desc *d, bool real,
                     sa_span span, const char *from, void *row) {
  uint32_t to = s->machine->type[d->space], n = d->box.n[4];
  if (!real)
    span = (sa_span){0, 0};
  float *decoded = row;
  if (d->accumulate || d->box.type != to)
    decoded = func_scratch(s, FUNC_SCRATCH_A);
  func_fill(d->box.type, d->fill, span.first, decoded);
  if (span.first < span.last)
    func_read(d->box.type, from, pitch(&d->box), span.last - span.first,
              decoded + span.first);
  func_fill(d->box.type, d->fill, n - span.last, decoded + span.last);
  if (decoded == row)
    return;
  func_widen(d->box.type, to, decoded, n, decoded);
  if (d->accumulate)
    func_add(to, row, decoded, n);
  else
    memcpy(row, decoded, n * sizeof *decoded);
}

void func_load(func_state *s, const sa_cmd *cmd) {
  const sa_load_desc *d = &cmd->u.load;
  const sa_box *box = &d->box;
  span5 spans = clip_box(box, cmd->origin);
  const sa_span *v = spans.axis;
  int64_t col =
      v[4].first < v[4].last ? offset(box, cmd->origin, 4, v[4].first) : 0;
  for (uint32_t i0 = 0; i0 < box->n[0]; ++i0)
    for (uint32_t i1 = 0; i1 < box->n[1]; ++i1)
      for (uint32_t i2 = 0; i2 < box->n[2]; ++i2) {
        bool outer = inside(v[0], i0) && inside(v[1], i1) && inside(v[2], i2);
        int64_t base = outer ? offset(box, cmd->origin, 0, i0) +
                                   offset(box, cmd->origin, 1, i1) +
                                   offset(box, cmd->origin, 2, i2) + col
                             : 0;
        int64_t row = cmd->dst + (int64_t)i0 * d->rows.stride[0] +
                      (int64_t)i1 * d->rows.stride[1] +
                      (int64_t)i2 * d->rows.stride[2];
        for (uint32_t i3 = 0; i3 < box->n[3]; ++i3) {
          bool real = outer && inside(v[3], i3) && v[4].first < v[4].last;
          const char *from = real ? (const char *)cmd->tensor + base +
                                        offset(box, cmd->origin, 3, i3)
                                  : NULL;
          load_row(s, d, real, v[4], from,
                   func_at(s, d->space, &d->rows, row, d->rows.col));
          row += d->rows.stride[3];
        }
      }
}

void func_store(func_state *s, const sa_cmd *cmd) {
  const sa_store_desc *d = &cmd->u.store;
  const sa_box *box = &d->box;
  span5 spans = clip_box(box, cmd->origin);
  const sa_span *v = spans.axis;
  func_source source = {.out = &d->out,
                        .map = &d->rows,
                        .origin = cmd->origin,
                        .row = cmd->a,
                        .space = d->space,
                        .to = box->type,
                        .span = v[4],
                        .step = sai_or_one(box->step[4])};
  if (v[4].first == v[4].last)
    return;
  void *row = func_scratch(s, FUNC_SCRATCH_OUT);
  int64_t stride = pitch(box);
  uint32_t i[4];
  for (i[0] = v[0].first; i[0] < v[0].last; ++i[0])
    for (i[1] = v[1].first; i[1] < v[1].last; ++i[1])
      for (i[2] = v[2].first; i[2] < v[2].last; ++i[2])
        for (i[3] = v[3].first; i[3] < v[3].last; ++i[3]) {
          int64_t at = offset(box, cmd->origin, 4, v[4].first);
          for (int a = 0; a < 4; ++a)
            at += offset(box, cmd->origin, a, i[a]);
          func_take(s, &source, i, row);
          func_write(box->type, row, v[4].last - v[4].first,
                     (char *)cmd->target + at, stride);
        }
}

//===-- Moves -------------------------------------------------------------===//

typedef struct mover {
  func_state *s;
  const sa_cmd *cmd;
  func_source source;
  sa_span span[5];
} mover;

// The row at position |i|, masked and of the destination's type.
static void move_take(const mover *m, const uint32_t i[4], float *row) {
  const sa_move_desc *d = &m->cmd->u.move;
  uint32_t to = m->s->machine->type[d->to];
  sa_span span = m->span[4];
  for (int a = 0; a < 4; ++a)
    if (!inside(m->span[a], i[a]))
      span = (sa_span){0, 0};
  if (d->masked) {
    func_fill(to, d->fill, span.first, row);
    func_fill(to, d->fill, d->n[4] - span.last, row + span.last);
  }
  if (span.first == span.last)
    return;
  func_take(m->s, &m->source, i, row + span.first);
  func_widen(m->source.to, to, row + span.first, span.last - span.first,
             row + span.first);
}

static void move_put(const mover *m, int64_t row, const float *values,
                     uint32_t n) {
  const sa_move_desc *d = &m->cmd->u.move;
  void *to = func_at(m->s, d->to, &d->dst, row, d->dst.col);
  if (d->accumulate)
    func_add(m->s->machine->type[d->to], to, values, n);
  else
    memcpy(to, values, n * sizeof *values);
}

// The block (i3, i4) of one outer position, its columns becoming rows. The
// elements are copied as bits, whatever their type.
static void move_transposed(const mover *m, uint32_t i[4], int64_t dst) {
  const sa_move_desc *d = &m->cmd->u.move;
  float *row = func_scratch(m->s, FUNC_SCRATCH_OUT);
  uint32_t *block = func_scratch(m->s, FUNC_SCRATCH_TRANSPOSED);
  size_t stride = m->s->scratch.stride;
  for (i[3] = 0; i[3] < d->n[3]; ++i[3]) {
    move_take(m, i, row);
    for (uint32_t j = 0; j < d->n[4]; ++j)
      memcpy(&block[j * stride + i[3]], &row[j], sizeof *row);
  }
  for (uint32_t j = 0; j < d->n[4]; ++j)
    move_put(m, dst + (int64_t)j * d->dst.stride[3],
             (const float *)(block + j * stride), d->n[3]);
}

void func_move(func_state *s, const sa_cmd *cmd) {
  const sa_move_desc *d = &cmd->u.move;
  uint32_t from = s->machine->type[d->from], to = s->machine->type[d->to];
  bool widens = d->to == SA_ACC && from == s->machine->config.in;
  mover m = {.s = s,
             .cmd = cmd,
             .source = {.out = &d->out,
                        .map = &d->src,
                        .origin = cmd->origin,
                        .row = cmd->a,
                        .space = d->from,
                        .to = widens ? from : to,
                        .step = 1}};
  for (int a = 0; a < 5; ++a)
    m.span[a] = d->masked ? sa_clip(cmd->origin[a], 1, d->extent[a], d->n[a])
                          : (sa_span){0, d->n[a]};
  m.source.span = m.span[4];
  float *row = func_scratch(s, FUNC_SCRATCH_OUT);
  uint32_t i[4];
  if (d->n[4] == 0)
    return;
  for (i[0] = 0; i[0] < d->n[0]; ++i[0])
    for (i[1] = 0; i[1] < d->n[1]; ++i[1])
      for (i[2] = 0; i[2] < d->n[2]; ++i[2]) {
        int64_t dst = cmd->dst + (int64_t)i[0] * d->dst.stride[0] +
                      (int64_t)i[1] * d->dst.stride[1] +
                      (int64_t)i[2] * d->dst.stride[2];
        if (d->transpose) {
          move_transposed(&m, i, dst);
          continue;
        }
        for (i[3] = 0; i[3] < d->n[3]; ++i[3]) {
          move_take(&m, i, row);
          move_put(&m, dst, row, d->n[4]);
          dst += d->dst.stride[3];
        }
      }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A tile of a contraction on the array.
//
//   for batch, other column dims, blocks of columns:     weight-stationary
//     for reduced dims, blocks of rows:
//       preload
//       for what does not fit the loops of a gemm, or one call of it:
//         gemm                                streams up to four row dims
//
//   for batch, other column dims, blocks of columns:     output-stationary
//     for chunks of outputs, reduced dims beyond three, or beyond one call:
//       gemm_os
//
// One call takes what the instruction of the target says (glni_plan.call).
#include "design/program_internal.h"

#include <string.h>

typedef glni_tile tile;

static bool is_in(const glni_staged *s, size_t dim) {
  return s->dims >> dim & 1;
}

// Whether |dim| moves along the row of an operand, which no loop of a command does.
static bool shifts(const glni_staged *s, size_t dim) {
  return s->col_of[dim] != 0;
}

static bool wraps(const glni_staged *s, size_t dim) {
  return s->ring_axis != GLNI_NONE &&
         s->array.coef[s->axes[s->ring_axis].axis][dim] != 0;
}

gln_int glni_loop_over(tile *t, size_t dim, int64_t step) {
  glni_build *b = &t->e->b;
  int64_t most = (t->e->plan->block->tile[dim] + step - 1) / step;
  gln_int var = glni_loop(b, glni_trips(b, t->e->extent[dim], step));
  t->e->index[dim] = glni_scale(b, var, step);
  t->number = glni_add(b, glni_scale(b, t->number, most), var);
  return var;
}

static void loop_reduced(tile *t, size_t dim, int64_t step) {
  t->reduced = glni_add(&t->e->b, t->reduced, glni_loop_over(t, dim, step));
}

gln_int glni_left(tile *t, size_t dim, int64_t most) {
  glni_build *b = &t->e->b;
  int64_t extent;
  if (glni_is_const(b, t->e->extent[dim], &extent) && extent % most == 0)
    return glni_const(b, most);
  return glni_min(b, glni_const(b, most),
                  glni_sub(b, t->e->extent[dim], t->e->index[dim]));
}

// Batch, column dims, and blocks of the columns of the array.
static void open_columns(tile *t) {
  const glni_plan *p = t->e->plan;
  for (size_t d = 0; d < p->num_parallel; ++d)
    if (is_in(t->b, d) && (int)d != p->lane_n)
      glni_loop_over(t, d, 1);
  t->cols = GLNI_ONE;
  if (p->lane_n != GLNI_NONE) {
    glni_loop_over(t, (size_t)p->lane_n, p->unit_n);
    t->cols = glni_left(t, (size_t)p->lane_n, p->unit_n);
  }
}

gln_rows glni_rows_of(tile *t, const glni_staged *s) {
  gln_rows rows = {.col = glni_col(t->e, s)};
  if (s->ring_axis != GLNI_NONE) {
    rows.ring_base = (uint32_t)s->base;
    rows.ring_len = (uint32_t)s->ring_len;
  }
  return rows;
}

// The row of WBUF, where commands know no rings: no block of weights wraps.
static gln_int weight_row(tile *t) {
  glni_build *b = &t->e->b;
  gln_int row = glni_row(t->e, t->b);
  if (t->b->ring_axis == GLNI_NONE)
    return row;
  return glni_plus(b, glni_mod_by(b, row, t->b->ring_len), t->b->base);
}

//===-- Weight-stationary -------------------------------------------------===//

static void open_weights(tile *t) {
  const glni_plan *p = t->e->plan;
  glni_build *b = &t->e->b;
  for (size_t d = p->num_parallel; d < p->num_dims; ++d) {
    int64_t packed = 1;
    for (int i = 0; i < 2; ++i)
      if ((int)d == p->pack_dim[i])
        packed = p->packs[i];
    if ((int)d == p->lane_k || !is_in(t->b, d))
      continue;
    loop_reduced(t, d, packed);
    for (int i = 0; i < 2; ++i)
      if ((int)d == p->pack_dim[i])
        t->packs[i] = glni_left(t, d, packed);
  }
  t->k = GLNI_ONE;
  if (p->lane_k == GLNI_NONE)
    return;
  size_t d = (size_t)p->lane_k;
  int64_t step = p->unit_k * (p->pack_blocks ? p->packs[1] : 1);
  loop_reduced(t, d, step);
  t->k = glni_const(b, p->unit_k);
  if (p->pack_blocks)
    t->packs[1] = glni_over(b, glni_left(t, d, step), p->unit_k);
  else
    t->k = glni_left(t, d, p->unit_k);
}

static void preload(tile *t, gln_int bank) {
  glni_build *b = &t->e->b;
  gln_int k = t->k, row = weight_row(t), col = glni_col(t->e, t->b);
  for (int i = 0; i < 2; ++i)
    if (t->packs[i])
      k = glni_expr(b, GLN_EXPR_MUL, k, t->packs[i]);
  gln_command *c = glni_command(b, GLN_COMMAND_PRELOAD);
  c->preload = (gln_preload_command){bank, row, col, k, t->cols};
}

// Up to four row dims, and at most |most| rows, run in a command: its loops |n| and
// their strides. The others are loops around it.
static void open_rows(tile *t, int64_t most, gln_int n[4], int32_t a_stride[4],
                      int32_t c_stride[4]) {
  const glni_plan *p = t->e->plan;
  int64_t extents[GLNI_MAX_DIMS], chunk[GLNI_MAX_DIMS];
  int slot = 3;
  for (size_t d = 0; d < p->num_parallel; ++d)
    extents[d] = is_in(t->b, d) || shifts(t->a, d) ? 1 : p->block->tile[d];
  glni_chunk(extents, p->num_parallel, most, 4, chunk);
  for (size_t d = p->num_parallel; d-- > 0;) {
    bool whole = chunk[d] == p->block->tile[d];
    if (is_in(t->b, d) || p->block->tile[d] == 1)
      continue;
    if (!whole)
      glni_loop_over(t, d, chunk[d]);
    if (chunk[d] == 1)
      continue;
    n[slot] = whole ? t->e->extent[d] : glni_left(t, d, chunk[d]);
    a_stride[slot] = (int32_t)t->a->row_of[d];
    c_stride[slot--] = (int32_t)t->out->row_of[d];
  }
}

// Whether this adds to what the result holds, which not every instruction does.
static gln_int accumulate(tile *t, gln_int before) {
  glni_build *b = &t->e->b;
  int64_t never;
  gln_int adds = glni_positive(b, before);
  if (!t->e->plan->accumulates && !(glni_is_const(b, adds, &never) && !never))
    glni_refuse(b, "a sum takes more than one call of an instruction that does "
                   "not add to its result");
  return adds;
}

// Reduced dims that the weights do not have are loops around the gemm.
static void stream(tile *t, gln_int bank) {
  const glni_plan *p = t->e->plan;
  glni_build *b = &t->e->b;
  gln_int n[] = {GLNI_ONE, GLNI_ONE, GLNI_ONE, GLNI_ONE};
  int32_t a_stride[4] = {0}, c_stride[4] = {0};
  for (size_t d = p->num_parallel; d < p->num_dims; ++d)
    if (!is_in(t->b, d))
      loop_reduced(t, d, 1);
  open_rows(t, p->call.m, n, a_stride, c_stride);
  gln_gemm_command g = {.k = t->k,
                        .cols = t->cols,
                        .a = glni_rows_of(t, t->a),
                        .c = glni_rows_of(t, t->out),
                        .bank = bank,
                        .accumulate = accumulate(t, t->reduced),
                        .arow = glni_row(t->e, t->a),
                        .crow = glni_row(t->e, t->out)};
  memcpy(g.n, n, sizeof n);
  memcpy(g.a.stride, a_stride, sizeof a_stride);
  memcpy(g.c.stride, c_stride, sizeof c_stride);
  for (int i = 0; i < 2; ++i) {
    int d = p->pack_dim[i];
    g.pack[i] = t->packs[i] ? t->packs[i] : GLNI_ONE;
    g.pack_stride[i] = d == GLNI_NONE ? 0 : (int32_t)t->a->row_of[d];
  }
  if (p->pack_blocks)
    g.pack_stride[1] = (int32_t)t->a->lane_pitch;
  glni_command(b, GLN_COMMAND_GEMM)->gemm = g;
}

static void weight_stationary(tile *t) {
  open_columns(t);
  open_weights(t);
  gln_int bank =
      t->e->plan->shadow ? glni_mod_by(&t->e->b, t->number, 2) : GLNI_ZERO;
  preload(t, bank);
  stream(t, bank);
}

//===-- Output-stationary -------------------------------------------------===//

static void output_stationary(tile *t) {
  const glni_plan *p = t->e->plan;
  glni_build *b = &t->e->b;
  gln_gemm_os_command g = {.n = {GLNI_ONE, GLNI_ONE, GLNI_ONE, GLNI_ONE},
                           .r = {GLNI_ONE, GLNI_ONE, GLNI_ONE}};
  int slot = 2, k = p->lane_k;
  int64_t room = p->call.k / p->unit_k; // steps of a call's reduction
  gln_int blocks = GLNI_ZERO, rest = GLNI_ZERO;
  int32_t a_stride[4] = {0};
  open_columns(t);
  open_rows(t, p->call.m, g.n, a_stride, g.c.stride);
  t->k = GLNI_ONE;
  if (k != GLNI_NONE) {
    int64_t most = p->block->tile[k], last = p->block->spec.dims[k] % most;
    t->k = t->e->extent[k];
    if (most > p->unit_k) {
      int64_t most_blocks = (most + p->unit_k - 1) / p->unit_k;
      gln_int extent = t->k;
      if (most_blocks > room) {
        loop_reduced(t, (size_t)k, room * p->unit_k);
        extent = glni_left(t, (size_t)k, room * p->unit_k);
        most_blocks = room;
      }
      room /= most_blocks;
      t->k = glni_const(b, p->unit_k);
      blocks = glni_over(b, extent, p->unit_k);
      if (most % p->unit_k != 0 || last % p->unit_k != 0)
        rest = glni_mod_by(b, extent, p->unit_k);
      g.r[slot] = blocks;
      g.a_stride[slot] = (int32_t)t->a->lane_pitch;
      g.w_stride[slot--] = (int32_t)p->unit_k;
    }
  }
  for (size_t d = p->num_dims; d-- > p->num_parallel;) {
    if ((int)d == k || p->block->tile[d] == 1)
      continue;
    if (slot < 0 || p->block->tile[d] > room || shifts(t->a, d) ||
        shifts(t->b, d) || wraps(t->b, d)) {
      loop_reduced(t, d, 1);
      continue;
    }
    room /= p->block->tile[d];
    g.r[slot] = t->e->extent[d];
    g.a_stride[slot] = (int32_t)t->a->row_of[d];
    g.w_stride[slot--] = (int32_t)t->b->row_of[d];
  }
  gln_rows a = glni_rows_of(t, t->a);
  memcpy(a.stride, a_stride, sizeof a.stride);
  g.a = a;
  g.k = t->k;
  g.cols = t->cols;
  g.wcol = glni_col(t->e, t->b);
  g.accumulate = accumulate(t, t->reduced);
  g.arow = glni_row(t->e, t->a);
  g.wrow = weight_row(t);
  g.crow = glni_row(t->e, t->out);
  glni_if(b, blocks ? glni_positive(b, blocks) : GLNI_ONE);
  glni_command(b, GLN_COMMAND_GEMM_OS)->gemm_os = g;
  glni_end(b);
  if (!rest)
    return;
  // What is left of the reduced dim, shorter than the array's rows.
  int at = 2;
  g.r[at] = GLNI_ONE;
  g.k = rest;
  g.accumulate = accumulate(t, glni_add(b, t->reduced, blocks));
  t->e->index[k] =
      glni_add(b, t->e->index[k], glni_scale(b, blocks, p->unit_k));
  g.arow = glni_row(t->e, t->a);
  g.wrow = weight_row(t);
  glni_if(b, glni_positive(b, rest));
  glni_command(b, GLN_COMMAND_GEMM_OS)->gemm_os = g;
  glni_end(b);
}

void glni_tile_array(glni_emit *e) {
  const glni_plan *p = e->plan;
  tile t = {.e = e,
            .a = &p->staged[p->a],
            .b = &p->staged[p->b],
            .out = glni_result_of(p)};
  uint32_t depth = e->b.num_open;
  memset(e->index, 0, sizeof e->index);
  for (size_t d = p->num_parallel; d < p->num_dims; ++d)
    if (p->pos[d] >= 0)
      t.reduced = glni_add(&e->b, t.reduced, e->grid[p->pos[d]]);
  if (p->dataflow == GLN_OUTPUT_STATIONARY)
    output_stationary(&t);
  else
    weight_stationary(&t);
  glni_end_all(&e->b, depth);
  memset(e->index, 0, sizeof e->index);
}

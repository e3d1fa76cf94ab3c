// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where things are, as expressions over the loops.
#include "design/program_internal.h"

gln_int glni_held_start(glni_emit *e, const glni_staged *s, size_t dim) {
  if (s->chunked)
    return e->chunk_start[dim];
  if (!(s->held >> dim & 1))
    return GLNI_ZERO;
  return glni_scale(&e->b, e->grid[e->plan->pos[dim]],
                    e->plan->block->tile[dim]);
}

gln_int glni_held_extent(glni_emit *e, const glni_staged *s, size_t dim) {
  int64_t whole = e->plan->block->spec.dims[dim];
  if (s->chunked)
    return e->chunk_extent[dim];
  gln_int tile = glni_const(&e->b, s->most[dim]);
  if (whole % s->most[dim] == 0)
    return tile;
  return glni_min(
      &e->b, tile,
      glni_sub(&e->b, glni_const(&e->b, whole), glni_held_start(e, s, dim)));
}

gln_int glni_visit(glni_emit *e, size_t level) {
  const gln_block *block = e->plan->block;
  gln_int visit = GLNI_ZERO;
  for (size_t i = 0; i < level; ++i)
    visit = glni_add(
        &e->b,
        glni_scale(&e->b, visit, gln_block_trips(block, block->order[i])),
        e->grid[i]);
  return visit;
}

gln_int glni_buffer_row(glni_emit *e, const glni_staged *s) {
  if (s->chunked)
    return e->chunk_row;
  if (s->ring_axis != GLNI_NONE) {
    uint8_t dim = e->plan->block->order[s->level - 1];
    int64_t coef = s->array.coef[s->axes[s->ring_axis].axis][dim];
    return glni_scale(&e->b, glni_held_start(e, s, dim), coef * s->ring_pitch);
  }
  gln_int half = GLNI_ZERO;
  if (s->buffers == 2)
    half = glni_mod_by(&e->b, glni_visit(e, s->level), 2);
  return glni_plus(&e->b, glni_scale(&e->b, half, s->rows), s->base);
}

// The index of the tile's element at e->index, in what is held.
static gln_int inside(glni_emit *e, const glni_staged *s, size_t dim) {
  gln_int start = s->held >> dim & 1 ? GLNI_ZERO : e->start[dim];
  return glni_add(&e->b, start, e->index[dim]);
}

// sum of of[d] * index, and down[d] * (extent - 1) for what falls.
static gln_int distance(glni_emit *e, const glni_staged *s, const int64_t *of,
                        const int64_t *down, gln_int sum) {
  for (size_t d = 0; d < e->plan->num_dims; ++d) {
    if (of[d] != 0)
      sum = glni_add(&e->b, sum, glni_scale(&e->b, inside(e, s, d), of[d]));
    if (down[d] != 0)
      sum = glni_add(&e->b, sum,
                     glni_scale(&e->b,
                                glni_plus(&e->b, glni_held_extent(e, s, d), -1),
                                down[d]));
  }
  return sum;
}

gln_int glni_row(glni_emit *e, const glni_staged *s) {
  gln_int row = distance(e, s, s->row_of, s->row_down, glni_buffer_row(e, s));
  if (s->lane == GLNI_NONE || s->by_col)
    return row;
  gln_int block = glni_over(&e->b, inside(e, s, (size_t)s->lane), s->unit);
  return glni_add(&e->b, row, glni_scale(&e->b, block, s->lane_pitch));
}

gln_int glni_col(glni_emit *e, const glni_staged *s) {
  if (!s->by_col)
    return GLNI_ZERO;
  return distance(e, s, s->col_of, s->col_down, inside(e, s, (size_t)s->lane));
}

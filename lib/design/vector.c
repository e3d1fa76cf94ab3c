// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A tile on the vector unit: products and folds of rows of ACC.
//
//   for blocks of lanes, what four loops do not hold, reduced dims:
//     alu                  first: out = a * b (or a); then out += a * b (out op a)
#include "design/program_internal.h"

#include <string.h>

static gln_alu_op fold_of(gln_combine combine) {
  switch (combine) {
  case GLN_COMBINE_DOT:
    return GLN_ALU_MAC;
  case GLN_COMBINE_SUM:
    return GLN_ALU_ADD;
  case GLN_COMBINE_PROD:
    return GLN_ALU_MUL;
  case GLN_COMBINE_MAX:
    return GLN_ALU_MAX;
  case GLN_COMBINE_MIN:
    break;
  }
  return GLN_ALU_MIN;
}

// Row dims: up to four run in the command, the others around it.
static size_t open_rows(glni_tile *t, int *slots) {
  const glni_plan *p = t->e->plan;
  size_t num = 0;
  for (size_t d = p->num_parallel; d-- > 0;) {
    if ((int)d == p->lane_n || p->block->tile[d] == 1)
      continue;
    if (num < 4)
      slots[num++] = (int)d;
    else
      glni_loop_over(t, d, 1);
  }
  return num;
}

static gln_rows walk(glni_tile *t, const glni_staged *s, const int *slots,
                     size_t num) {
  gln_rows rows = glni_rows_of(t, s);
  for (size_t i = 0; i < num; ++i)
    rows.stride[3 - i] = (int32_t)s->row_of[slots[i]];
  return rows;
}

// An operand without the lane dim has one element for all lanes.
static gln_from from_of(const glni_tile *t, const glni_staged *s) {
  int lane = t->e->plan->lane_n;
  return lane >= 0 && s->lane != lane ? GLN_FROM_LANE : GLN_FROM_ROWS;
}

// out = a * b, or with |fold| out op= a (* b); the first visit of one operand is a
// copy.
static void put(glni_tile *t, const int *slots, size_t num, bool fold) {
  const gln_spec *spec = &t->e->plan->block->spec;
  bool dot = spec->combine == GLN_COMBINE_DOT;
  gln_alu_command c = {.n = {GLNI_ONE, GLNI_ONE, GLNI_ONE, GLNI_ONE},
                       .cols = t->cols};
  for (size_t i = 0; i < num; ++i)
    c.n[3 - i] = t->e->extent[slots[i]];
  c.op = fold ? fold_of(spec->combine) : dot ? GLN_ALU_MUL : GLN_ALU_COPY;
  c.dst = walk(t, t->out, slots, num);
  c.dst_row = glni_row(t->e, t->out);
  c.a = walk(t, t->a, slots, num);
  c.a_row = glni_row(t->e, t->a);
  c.a_from = from_of(t, t->a);
  if (dot) {
    c.b = walk(t, t->b, slots, num);
    c.b_row = glni_row(t->e, t->b);
    c.b_from = from_of(t, t->b);
  } else if (fold) {
    c.b = c.a;
    c.b_row = c.a_row;
    c.b_from = c.a_from;
    c.a = c.dst;
    c.a_row = c.dst_row;
    c.a_from = GLN_FROM_ROWS;
  }
  glni_command(&t->e->b, GLN_COMMAND_ALU)->alu = c;
}

void glni_tile_vector(glni_emit *e) {
  const glni_plan *p = e->plan;
  glni_build *b = &e->b;
  glni_tile t = {.e = e,
                 .a = &p->staged[0],
                 .b = &p->staged[1],
                 .out = glni_result_of(p),
                 .cols = GLNI_ONE};
  uint32_t depth = b->num_open;
  int slots[4];
  memset(e->index, 0, sizeof e->index);
  for (size_t d = p->num_parallel; d < p->num_dims; ++d)
    if (p->pos[d] >= 0)
      t.reduced = glni_add(b, t.reduced, e->grid[p->pos[d]]);
  if (p->lane_n != GLNI_NONE) {
    glni_loop_over(&t, (size_t)p->lane_n, p->unit_n);
    t.cols = glni_left(&t, (size_t)p->lane_n, p->unit_n);
  }
  size_t num = open_rows(&t, slots);
  for (size_t d = p->num_parallel; d < p->num_dims; ++d)
    t.reduced = glni_add(b, t.reduced, glni_loop_over(&t, d, 1));
  glni_if(b, glni_less(b, t.reduced, GLNI_ONE));
  put(&t, slots, num, false);
  glni_end(b);
  glni_if(b, glni_positive(b, t.reduced));
  put(&t, slots, num, true);
  glni_end_all(b, depth);
  memset(e->index, 0, sizeof e->index);
}

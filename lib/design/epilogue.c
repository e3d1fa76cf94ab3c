// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The epilogue: the body's operations on a finished tile of the result, in place.
//
//   for blocks of lanes, for chunks of rows:
//     load the extra operands that this step needs and the last one had not
//     alu, alu, ...
//
// The tile itself is 16 or 64 lanes wide and may be most of ACC; extra operands
// and temporaries exist for a chunk of it only. An operand that is the same for
// all rows (a bias) is loaded once for a block of lanes.
#include "design/program_internal.h"

#include <string.h>

enum { LANE_LOOP = 0 };

typedef struct epilogue {
  glni_emit *e;
  const glni_plan *p;
  const glni_staged *out;
  // Loops from the outermost: the lane's, then row dims with more than a chunk.
  size_t num_loops;
  int dims[GLNI_MAX_DIMS + 1]; // GLNI_NONE: one trip
  int64_t trips[GLNI_MAX_DIMS + 1];
  gln_int vars[GLNI_MAX_DIMS + 1];
  gln_int n[GLNI_MAX_DIMS], cols; // of this step
  int slots[4];                   // dims inside a chunk, the last first
  size_t num_slots;
  glni_staged extra[GLN_JOB_MAX_OPERANDS];
  gln_int extra_row[GLN_JOB_MAX_OPERANDS];
} epilogue;

//===-- Loops -------------------------------------------------------------===//

static void list_loops(epilogue *x) {
  const glni_plan *p = x->p;
  int lane = x->out->lane;
  x->dims[0] = lane;
  x->trips[0] = lane == GLNI_NONE
                    ? 1
                    : (x->out->most[lane] + x->out->unit - 1) / x->out->unit;
  x->num_loops = 1;
  for (int d = 0; d < p->num_parallel; ++d)
    if (d != lane && p->chunk[d] < x->out->most[d]) {
      x->dims[x->num_loops] = d;
      x->trips[x->num_loops++] =
          (x->out->most[d] + p->chunk[d] - 1) / p->chunk[d];
    }
  for (int d = p->num_parallel; d-- > 0;)
    if (d != lane && p->chunk[d] > 1)
      x->slots[x->num_slots++] = d;
}

static int64_t width_of(const epilogue *x, int dim) {
  return dim == x->out->lane ? x->out->unit : x->p->chunk[dim];
}

// With extra operands all tiles take the same number of steps, those beyond a
// ragged tile empty, so that steps can be numbered.
static void open_loops(epilogue *x) {
  glni_build *b = &x->e->b;
  bool fixed = x->p->body.num_extra > 0;
  for (size_t d = 0; d < x->p->num_parallel; ++d) {
    x->e->chunk_start[d] = glni_held_start(x->e, x->out, d);
    x->n[d] = glni_held_extent(x->e, x->out, d);
  }
  x->cols = GLNI_ONE;
  for (size_t i = 0; i < x->num_loops; ++i) {
    int d = x->dims[i];
    x->vars[i] = GLNI_ZERO;
    if (d == GLNI_NONE)
      continue;
    int64_t width = width_of(x, d);
    gln_int extent = glni_held_extent(x->e, x->out, (size_t)d);
    x->vars[i] = glni_loop(b, fixed ? glni_const(b, x->trips[i])
                                    : glni_trips(b, extent, width));
    gln_int start = glni_scale(b, x->vars[i], width);
    if (x->out->most[d] % width != 0 ||
        x->p->block->spec.dims[d] % x->out->most[d] != 0) {
      gln_int rest = glni_sub(b, extent, start);
      x->n[d] = glni_min(b, glni_const(b, width), rest);
      if (fixed)
        x->n[d] = glni_expr(b, GLN_EXPR_MAX, x->n[d], GLNI_ZERO);
    } else {
      x->n[d] = glni_const(b, width);
    }
    x->e->chunk_start[d] = glni_add(b, x->e->chunk_start[d], start);
  }
  if (x->out->lane != GLNI_NONE)
    x->cols = x->n[x->out->lane];
  // A dim without a loop in the command is there, or the step is empty.
  for (size_t i = 1; i < x->num_loops; ++i)
    if (width_of(x, x->dims[i]) == 1)
      x->cols = glni_both(b, x->cols, x->n[x->dims[i]]);
  memcpy(x->e->chunk_extent, x->n, sizeof x->n);
}

// The number of this step up to loop |num|, over all tiles of the result.
static gln_int step_number(epilogue *x, size_t num) {
  glni_build *b = &x->e->b;
  const gln_block *block = x->p->block;
  gln_int number = GLNI_ZERO;
  for (size_t i = 0; i < x->out->level; ++i)
    if (block->order[i] < x->p->num_parallel)
      number = glni_add(
          b, glni_scale(b, number, gln_block_trips(block, block->order[i])),
          x->e->grid[i]);
  for (size_t i = 0; i < num; ++i)
    number = glni_add(b, glni_scale(b, number, x->trips[i]), x->vars[i]);
  return number;
}

//===-- Extra operands ----------------------------------------------------===//

// Of the result's dims, those by which the operand does not change.
static bool repeats(const epilogue *x, const gln_box *box, int dim) {
  return box->stride[dim] == 0 && box->low[dim] == 0 &&
         box->extent[dim] == x->out->array.extent[dim];
}

static void lay_out_extra(epilogue *x, size_t index, const gln_box *box) {
  glni_staged *s = &x->extra[index];
  int64_t rows = 1;
  memset(s, 0, sizeof *s);
  s->array = x->out->array;
  s->memory = GLN_MEMORY_ACC;
  s->chunked = true;
  s->buffers = x->p->extra_buffers;
  s->lane = s->lane_axis = s->ring_axis = GLNI_NONE;
  s->unit = s->lane_most = 1;
  for (int d = x->p->num_parallel; d-- > 0;) {
    s->most[d] = width_of(x, d);
    if (repeats(x, box, d))
      continue;
    if (d == x->out->lane) {
      s->lane = s->lane_axis = (int8_t)d;
      s->unit = s->lane_most = x->out->unit;
      continue;
    }
    s->axes[s->num_axes++] =
        (glni_axis){(uint8_t)d, GLNI_NONE, s->most[d], rows};
    s->row_of[d] = rows;
    rows *= s->most[d];
  }
  // The outermost first, as everywhere.
  for (size_t i = 0; i < s->num_axes / 2u; ++i) {
    glni_axis swap = s->axes[i];
    s->axes[i] = s->axes[s->num_axes - 1u - i];
    s->axes[s->num_axes - 1u - i] = swap;
  }
}

// Loops up to the innermost one that changes the operand.
static size_t loops_of(const epilogue *x, const gln_box *box) {
  for (size_t i = x->num_loops; i-- > 0;)
    if (x->dims[i] != GLNI_NONE && !repeats(x, box, x->dims[i]))
      return i + 1;
  return 0;
}

static void load_extra(epilogue *x, size_t index) {
  glni_emit *e = x->e;
  glni_build *b = &e->b;
  size_t operand = x->p->num_staged - 1u + index;
  const gln_box *box = &e->boxes[operand];
  size_t loops = loops_of(x, box);
  gln_int inner = GLNI_ZERO, half = GLNI_ZERO;
  lay_out_extra(x, index, box);
  for (size_t i = loops; i < x->num_loops; ++i)
    inner = glni_add(b, inner, x->vars[i]);
  if (x->p->extra_buffers == 2)
    half = glni_mod_by(b, step_number(x, loops), 2);
  e->chunk_row =
      glni_plus(b, glni_scale(b, half, x->p->chunk_rows),
                x->p->extra_base +
                    (int64_t)index * x->p->extra_buffers * x->p->chunk_rows);
  x->extra_row[index] = e->chunk_row;
  glni_if(b, glni_less(b, inner, GLNI_ONE));
  glni_transfer(e, &x->extra[index], box, (uint32_t)operand,
                e->job->operands[operand].type, NULL);
  glni_end(b);
}

static void load_extras(epilogue *x) {
  glni_build *b = &x->e->b;
  if (x->p->body.num_extra == 0)
    return;
  if (x->p->extra_buffers == 2) {
    glni_if(b, glni_less(b, GLNI_ONE, step_number(x, x->num_loops)));
    glni_await(b, GLN_QUEUE_LOAD, GLN_QUEUE_VECTOR);
    glni_end(b);
  }
  for (size_t i = 0; i < x->p->body.num_extra; ++i)
    load_extra(x, i);
  glni_signal(b, GLN_QUEUE_LOAD, GLN_QUEUE_VECTOR);
  glni_await(b, GLN_QUEUE_VECTOR, GLN_QUEUE_LOAD);
}

static void free_extras(epilogue *x) {
  if (x->p->body.num_extra == 0)
    return;
  glni_signal(&x->e->b, GLN_QUEUE_VECTOR, GLN_QUEUE_LOAD);
  if (x->p->extra_buffers == 1)
    glni_await(&x->e->b, GLN_QUEUE_LOAD, GLN_QUEUE_VECTOR);
}

void glni_epilogue_drain(glni_emit *e) {
  const glni_plan *p = e->plan;
  epilogue x = {.e = e, .p = p, .out = glni_result_of(p)};
  int64_t steps = 1;
  if (p->body.num_extra == 0 || p->extra_buffers == 1)
    return;
  list_loops(&x);
  for (size_t i = 0; i < x.num_loops; ++i)
    steps *= x.trips[i];
  for (size_t i = 0; i < x.out->level; ++i)
    if (p->block->order[i] < p->num_parallel)
      steps *= gln_block_trips(p->block, p->block->order[i]);
  glni_loop(&e->b, glni_const(&e->b, steps < 2 ? steps : 2));
  glni_await(&e->b, GLN_QUEUE_LOAD, GLN_QUEUE_VECTOR);
  glni_end(&e->b);
}

//===-- Operations --------------------------------------------------------===//

// Rows of vector register |reg|; whether it is one element for all lanes.
static gln_rows register_rows(epilogue *x, uint16_t reg, gln_int *row,
                              bool *one) {
  glni_build *b = &x->e->b;
  const glni_plan *p = x->p;
  gln_rows rows = {.col = GLNI_ZERO};
  int64_t pitch = 1;
  *one = false;
  if (reg == 0) {
    *row = glni_buffer_row(x->e, x->out);
    for (size_t i = 0; i < x->num_loops; ++i) {
      int d = x->dims[i];
      if (d == GLNI_NONE)
        continue;
      int64_t step =
          i == LANE_LOOP ? x->out->lane_pitch : x->out->row_of[d] * p->chunk[d];
      *row = glni_add(b, *row, glni_scale(b, x->vars[i], step));
    }
    for (size_t i = 0; i < x->num_slots; ++i)
      rows.stride[3 - i] = (int32_t)x->out->row_of[x->slots[i]];
    return rows;
  }
  if (reg <= p->body.num_extra) {
    const glni_staged *s = &x->extra[reg - 1];
    *row = x->extra_row[reg - 1];
    *one = x->out->lane != GLNI_NONE && s->lane == GLNI_NONE;
    for (size_t i = 0; i < x->num_slots; ++i)
      rows.stride[3 - i] = (int32_t)s->row_of[x->slots[i]];
    return rows;
  }
  *row = glni_const(b, p->temp_base +
                           (reg - 1 - p->body.num_extra) * p->chunk_rows);
  for (size_t i = 0; i < x->num_slots; ++i) {
    rows.stride[3 - i] = (int32_t)pitch;
    pitch *= p->chunk[x->slots[i]];
  }
  return rows;
}

static void put(epilogue *x, const glni_vop *vop) {
  bool one;
  gln_alu_command c = {.op = vop->op,
                       .n = {GLNI_ONE, GLNI_ONE, GLNI_ONE, GLNI_ONE},
                       .cols = x->cols,
                       .imm = vop->imm,
                       .imm2 = vop->imm2};
  for (size_t i = 0; i < x->num_slots; ++i)
    c.n[3 - i] = x->n[x->slots[i]];
  c.dst = register_rows(x, vop->dst, &c.dst_row, &one);
  c.a_from = GLN_FROM_IMM;
  if (!vop->a_is_imm) {
    c.a = register_rows(x, vop->a, &c.a_row, &one);
    c.a_from = one ? GLN_FROM_LANE : GLN_FROM_ROWS;
  }
  c.b_from = GLN_FROM_IMM;
  if (!vop->b_is_imm) {
    c.b = register_rows(x, vop->b, &c.b_row, &one);
    c.b_from = one ? GLN_FROM_LANE : GLN_FROM_ROWS;
  }
  // Of an operation of one operand the second is not looked at.
  if (vop->a_is_imm && vop->b_is_imm && vop->op != GLN_ALU_RESCALE)
    c.b_from = GLN_FROM_ROWS;
  glni_command(&x->e->b, GLN_COMMAND_ALU)->alu = c;
}

void glni_epilogue(glni_emit *e) {
  epilogue x = {.e = e, .p = e->plan, .out = glni_result_of(e->plan)};
  uint32_t depth = e->b.num_open;
  list_loops(&x);
  open_loops(&x);
  load_extras(&x);
  for (size_t i = 0; i < e->plan->body.num_vops; ++i)
    put(&x, &e->plan->body.vops[i]);
  free_extras(&x);
  glni_end_all(&e->b, depth);
}

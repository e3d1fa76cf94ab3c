// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DRAM <-> what is held on chip, through the box of a view.
//
// A command moves a box of at most four axes of rows and one along them. Each axis
// of the layout is a *leg*: so many positions, from an origin that moves with the
// tile, clipped where the tensor ends. A lane longer than a row is cut in blocks,
// a leg of its own; a last block that is shorter is a second trip. Legs beyond
// four are loops around the command.
#include "design/program_internal.h"

#include <string.h>

enum { MAX_LEGS = GLNI_MAX_AXES };

typedef struct leg {
  gln_int n, origin;
  int64_t most;                 // positions
  int64_t step, stride, extent; // stride: bytes
  int64_t pitch;                // rows
  bool clipped;                 // part of it may be outside the tensor
  bool loops;                   // its index adds to the origin of |main|
  int main;                     // a leg, or LANE
} leg;

enum { LANE = -2 };

typedef struct transfer {
  glni_emit *e;
  const glni_staged *s;
  const gln_box *box;
  const gln_out *store; // NULL: a load
  uint32_t tensor;
  gln_type type;
  int64_t base;  // elements
  int64_t shift; // bytes, of what was folded
  leg legs[MAX_LEGS], lane;
  size_t num_legs, ring_leg;
  gln_int row;
} transfer;

//===-- Legs --------------------------------------------------------------===//

// The lowest index of the axis that what is held has.
static gln_int lowest(transfer *t, size_t axis) {
  glni_build *b = &t->e->b;
  const glni_array *a = &t->s->array;
  gln_int low = glni_const(b, a->offset[axis]);
  for (size_t d = 0; d < t->e->plan->num_dims; ++d) {
    int64_t coef = a->coef[axis][d];
    if (coef == 0)
      continue;
    low = glni_add(b, low, glni_scale(b, glni_held_start(t->e, t->s, d), coef));
    if (coef < 0)
      low = glni_add(
          b, low,
          glni_scale(b, glni_plus(b, glni_held_extent(t->e, t->s, d), -1),
                     coef));
  }
  return low;
}

static gln_int positions(transfer *t, size_t axis) {
  glni_build *b = &t->e->b;
  gln_int n = GLNI_ONE;
  for (size_t d = 0; d < t->e->plan->num_dims; ++d) {
    int64_t coef = t->s->array.coef[axis][d];
    if (coef != 0)
      n = glni_add(b, n,
                   glni_scale(b,
                              glni_plus(b, glni_held_extent(t->e, t->s, d), -1),
                              coef < 0 ? -coef : coef));
  }
  return n;
}

// A whole axis, as the view reads it.
static leg whole_axis(transfer *t, size_t axis) {
  const gln_box *box = t->box;
  int64_t bytes = gln_type_bytes(t->type), low = box->low[axis];
  int64_t stride = box->stride[axis], all = t->s->array.extent[axis];
  leg l = {.n = positions(t, axis),
           .step = 1,
           .extent = box->extent[axis],
           .main = LANE};
  l.clipped = low != 0 || l.extent != all;
  if (t->s->array.flipped[axis]) {
    low = all - low - l.extent;
    stride = -stride;
  }
  l.origin = glni_plus(&t->e->b, lowest(t, axis), -low);
  l.stride = stride * bytes;
  return l;
}

// One dim of an axis that is laid out by its dims.
static leg part_axis(transfer *t, size_t axis, size_t dim, bool is_main) {
  int64_t coef = t->s->array.coef[axis][dim];
  leg l = whole_axis(t, axis);
  coef = coef < 0 ? -coef : coef;
  l.n = glni_held_extent(t->e, t->s, dim);
  l.step = coef;
  if (is_main)
    return l;
  l.loops = l.clipped;
  if (!l.clipped) {
    l.stride *= coef;
    l.step = 1;
    l.extent = t->s->most[dim];
    l.origin = GLNI_ZERO;
  }
  return l;
}

static void make_lane(transfer *t) {
  const glni_staged *s = t->s;
  if (s->lane == GLNI_NONE) {
    t->lane = (leg){.n = GLNI_ONE, .most = 1, .step = 1, .extent = 1};
    return;
  }
  size_t axis = (size_t)s->lane_axis;
  t->lane = s->lane_gathered ? part_axis(t, axis, (size_t)s->lane, true)
                             : whole_axis(t, axis);
  t->lane.most = s->lane_most;
  t->lane.pitch = s->lane_pitch;
}

static void make_legs(transfer *t) {
  const glni_staged *s = t->s;
  int main_of[GLNI_MAX_DIMS];
  for (size_t a = 0; a < GLNI_MAX_DIMS; ++a)
    main_of[a] = GLNI_NONE;
  make_lane(t);
  if (s->lane != GLNI_NONE)
    main_of[s->lane_axis] = LANE;
  for (int i = 0; i < s->num_axes; ++i) {
    const glni_axis *x = &s->axes[i];
    bool is_main = main_of[x->axis] == GLNI_NONE;
    leg *l = &t->legs[t->num_legs];
    *l = x->dim == GLNI_NONE ? whole_axis(t, x->axis)
                             : part_axis(t, x->axis, (size_t)x->dim, is_main);
    l->most = x->most;
    l->pitch = x->pitch;
    l->main = main_of[x->axis];
    if (is_main)
      main_of[x->axis] = (int)t->num_legs;
    if (i == s->ring_axis)
      t->ring_leg = t->num_legs;
    else if (l->most == 1 && l->origin == GLNI_ZERO && l->extent > 0 &&
             l->n == GLNI_ONE && !l->loops)
      continue; // nothing to walk, nothing to clip
    ++t->num_legs;
  }
}

// Of a ring only the rows that the tile before did not have are moved.
static void cut_ring(transfer *t) {
  const glni_staged *s = t->s;
  glni_build *b = &t->e->b;
  if (s->ring_axis == GLNI_NONE)
    return;
  uint8_t dim = t->e->plan->block->order[s->level - 1];
  size_t axis = s->axes[s->ring_axis].axis;
  leg *l = &t->legs[t->ring_leg];
  // Positions of the axis without this dim, less one step of it.
  gln_int shared = glni_plus(b, positions(t, axis), -s->array.coef[axis][dim]);
  shared =
      glni_sub(b, shared,
               glni_scale(b, glni_plus(b, glni_held_extent(t->e, s, dim), -1),
                          s->array.coef[axis][dim]));
  shared = glni_expr(b, GLN_EXPR_MAX, shared, GLNI_ZERO);
  shared = glni_both(b, shared, glni_positive(b, t->e->grid[s->level - 1]));
  l->n = glni_sub(b, l->n, shared);
  l->origin = glni_add(b, l->origin, shared);
  t->row = glni_add(b, t->row, glni_scale(b, shared, l->pitch));
}

//===-- Commands ----------------------------------------------------------===//

static void put_axis(gln_dram_box *box, gln_rows *rows, int axis,
                     const leg *l) {
  box->n[axis] = l->n;
  box->step[axis] = (uint32_t)l->step;
  box->extent[axis] = l->extent;
  box->stride[axis] = l->stride;
  box->origin[axis] = l->origin;
  if (axis < 4)
    rows->stride[axis] = (int32_t)l->pitch;
}

// The address of element 0 of all legs: clipped axes count from where they begin.
static void put_tensor(const transfer *t, gln_dram_box *box) {
  box->tensor = t->tensor;
  box->type = t->type;
  box->offset = t->base * (int64_t)gln_type_bytes(t->type) + t->shift;
}

// A leg without an axis of its own: its index goes into the origin of another.
static void fold(transfer *t, leg *legs, size_t num, leg *lane, size_t which) {
  glni_build *b = &t->e->b;
  leg *l = &legs[which], *into = NULL;
  gln_int var = glni_loop(b, l->n);
  t->row = glni_add(b, t->row, glni_scale(b, var, l->pitch));
  if (l->loops) {
    into = l->main == LANE ? lane : &legs[l->main];
    into->origin = glni_add(b, into->origin, glni_scale(b, var, l->step));
    return;
  }
  gln_int index = glni_add(b, l->origin, glni_scale(b, var, l->step));
  if (lane->stride != 0 && !lane->clipped && l->stride % lane->stride == 0)
    into = lane;
  for (size_t i = num; i-- > which + 1 && !into;) // these have axes
    if (!legs[i].clipped && !legs[i].loops && legs[i].stride != 0 &&
        l->stride % legs[i].stride == 0)
      into = &legs[i];
  if (l->stride == 0 && !l->clipped)
    return;
  if (l->clipped || !into) {
    glni_refuse(b, "an operand of more than four padded axes");
    return;
  }
  int64_t ratio = l->stride / into->stride;
  if (ratio < 0) { // origins are counted from the other end
    index = glni_plus(b, index, 1 - l->extent);
    t->shift += (l->extent - 1) * l->stride;
  }
  into->origin = glni_add(b, into->origin, glni_scale(b, index, ratio));
  into->extent += (l->extent - 1) * (ratio < 0 ? -ratio : ratio);
}

// One call site. |block|: the leg of whole blocks, or NULL.
static void emit_box(transfer *t, const leg *lane_of, const leg *block,
                     gln_int row) {
  glni_build *b = &t->e->b;
  leg legs[MAX_LEGS], lane = *lane_of;
  size_t num = t->num_legs, kept = 0, room = block ? 3 : 4;
  uint32_t depth = b->num_open;
  gln_int before = t->row;
  int slots[4];
  t->shift = 0;
  memcpy(legs, t->legs, sizeof legs);
  for (size_t i = num; i-- > 0;)
    if (!legs[i].loops && kept < room)
      slots[kept++] = (int)i;
    else
      fold(t, legs, num, &lane, i);
  gln_command *c =
      glni_command(b, t->store                          ? GLN_COMMAND_STORE
                      : t->s->memory == GLN_MEMORY_WBUF ? GLN_COMMAND_LOADW
                                                        : GLN_COMMAND_LOAD);
  gln_dram_box *box = t->store ? &c->store.box : &c->load.box;
  gln_rows *rows = t->store ? &c->store.rows : &c->load.rows;
  static const leg none = {.n = GLNI_ONE, .step = 1, .extent = 1};
  int axis = 4;
  put_tensor(t, box);
  put_axis(box, rows, axis--, &lane);
  for (size_t i = 0; i < kept; ++i)
    put_axis(box, rows, axis--, &legs[slots[i]]);
  if (block)
    put_axis(box, rows, axis--, block);
  while (axis >= 0)
    put_axis(box, rows, axis--, &none);
  if (t->s->ring_axis != GLNI_NONE) {
    rows->ring_base = (uint32_t)t->s->base;
    rows->ring_len = (uint32_t)t->s->ring_len;
  }
  gln_int start = glni_add(b, t->row, row);
  if (t->store) {
    c->store.space = t->s->memory;
    c->store.out = *t->store;
    c->store.row = start;
  } else {
    c->load.space = t->s->memory;
    c->load.fill = gln_scalar_to_double(t->box->fill);
    c->load.row = start;
  }
  glni_end_all(b, depth);
  t->row = before;
}

// Whether the rest of the lane after whole blocks is always empty.
static bool has_no_rest(const transfer *t) {
  const glni_staged *s = t->s;
  const gln_block *block = t->e->plan->block;
  size_t d = (size_t)s->lane;
  int64_t last = s->held >> d & 1 ? block->spec.dims[d] % s->most[d] : 0;
  return s->most[d] % s->unit == 0 && last % s->unit == 0;
}

// Blocks whose clipping falls between rows may be a leg.
static bool is_aligned(const transfer *t) {
  const glni_staged *s = t->s;
  const gln_box *box = t->box;
  size_t a = (size_t)s->lane_axis;
  bool starts = true; // of tiles
  if (!t->lane.clipped)
    return true;
  for (size_t d = 0; d < t->e->plan->num_dims; ++d)
    if (s->held >> d & 1)
      starts &= s->array.coef[a][d] * s->most[d] % s->unit == 0;
  return starts && !s->lane_gathered && !s->array.flipped[a] &&
         box->low[a] % s->unit == 0 && box->extent[a] % s->unit == 0 &&
         s->array.offset[a] % s->unit == 0;
}

// Whole blocks in one command; what is left of a block in a second trip.
static void emit_aligned(transfer *t) {
  glni_build *b = &t->e->b;
  const glni_staged *s = t->s;
  gln_int unit = glni_const(b, s->unit);
  gln_int num = glni_over(b, t->lane.n, s->unit), second = GLNI_ZERO;
  leg lane = t->lane, block = {.step = 1, .pitch = s->lane_pitch};
  block.n = num;
  block.extent = (s->lane_most + s->unit - 1) / s->unit;
  block.stride = t->lane.step * t->lane.stride * s->unit;
  lane.n = unit;
  if (t->lane.clipped) {
    block.origin = glni_over(b, t->lane.origin, s->unit);
    block.extent = t->lane.extent / s->unit;
    lane.origin = GLNI_ZERO;
    lane.extent = s->unit;
  }
  if (!has_no_rest(t)) {
    gln_int rest = glni_mod_by(b, t->lane.n, s->unit);
    second = glni_loop(b, glni_add(b, GLNI_ONE, glni_positive(b, rest)));
    // x + second * (y - x): x in the first trip, y in the second.
    block.n =
        glni_add(b, num, glni_both(b, second, glni_sub(b, GLNI_ONE, num)));
    lane.n = glni_add(b, unit, glni_both(b, second, glni_sub(b, rest, unit)));
  } else {
    glni_loop(b, GLNI_ONE);
  }
  gln_int before = glni_both(b, second, num); // blocks
  block.origin = glni_add(b, block.origin, before);
  emit_box(t, &lane, &block, glni_scale(b, before, s->lane_pitch));
  glni_end(b);
}

static void emit_blocks(transfer *t) {
  glni_build *b = &t->e->b;
  const glni_staged *s = t->s;
  leg lane = t->lane;
  if (is_aligned(t)) {
    emit_aligned(t);
    return;
  }
  gln_int i = glni_loop(b, glni_trips(b, t->lane.n, s->unit));
  gln_int done = glni_scale(b, i, s->unit);
  lane.n = glni_min(b, glni_const(b, s->unit), glni_sub(b, t->lane.n, done));
  lane.origin = glni_add(b, t->lane.origin, glni_scale(b, done, t->lane.step));
  emit_box(t, &lane, NULL, glni_scale(b, i, s->lane_pitch));
  glni_end(b);
}

// Where index 0 of all legs is: the view's base, or the end of a turned axis.
static int64_t first_element(const transfer *t) {
  int64_t base = t->box->base;
  for (size_t a = 0; a < t->s->array.rank; ++a)
    if (t->s->array.flipped[a] && t->box->extent[a] > 0)
      base += (t->box->extent[a] - 1) * t->box->stride[a];
  return base;
}

void glni_transfer(glni_emit *e, const glni_staged *s, const gln_box *box,
                   uint32_t tensor, gln_type type, const gln_out *store) {
  transfer t = {.e = e,
                .s = s,
                .box = box,
                .store = store,
                .tensor = tensor,
                .type = type};
  t.base = first_element(&t);
  make_legs(&t);
  t.row = glni_buffer_row(e, s);
  cut_ring(&t);
  if (s->lane == GLNI_NONE || s->by_col || s->lane_most <= s->unit)
    emit_box(&t, &t.lane, NULL, GLNI_ZERO);
  else
    emit_blocks(&t);
}

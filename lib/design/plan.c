// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where everything lies on chip. A memory is rows; a row holds neighbours along
// one dim of the operand, its *lane*:
//
//   ABUF   a reduced dim, down the rows of the array
//   WBUF   a column dim, across its columns
//   ACC    the same column dim, or the lane of the vector unit
//
// and all other dims are in the row number. README.md draws one.
#include "design/plan_internal.h"
#include "rules/blocking.h"
#include "view/try.h"

#include <string.h>

static int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

//===-- Rows --------------------------------------------------------------===//

static void add_axes(const glni_plan *plan, glni_staged *s) {
  for (size_t a = 0; a < s->array.rank; ++a) {
    bool gathered = glni_is_gathered(plan, s, a);
    if ((int)a == s->lane_axis && !gathered)
      continue;
    if (!gathered) {
      s->axes[s->num_axes++] = (glni_axis){
          (uint8_t)a, GLNI_NONE, glni_span_of(s, a, plan->num_dims), 0};
      continue;
    }
    for (size_t d = 0; d < plan->num_dims; ++d)
      if (s->array.coef[a][d] != 0 && (int)d != s->lane)
        s->axes[s->num_axes++] =
            (glni_axis){(uint8_t)a, (int8_t)d, s->most[d], 0};
  }
}

// The entry of |axes| that |dim| moves alone or with others.
static int axis_with(const glni_staged *s, int dim) {
  for (int i = 0; dim >= 0 && i < s->num_axes; ++i)
    if (s->axes[i].dim == dim || (s->axes[i].dim == GLNI_NONE &&
                                  s->array.coef[s->axes[i].axis][dim] != 0))
      return i;
  return GLNI_NONE;
}

static void pitch_axis(glni_staged *s, int axis, int64_t *rows) {
  if (axis == GLNI_NONE || s->axes[axis].pitch != 0)
    return;
  s->axes[axis].pitch = *rows;
  *rows *= s->axes[axis].most;
}

static void pitch_lane(const glni_plan *plan, glni_staged *s, int64_t *rows) {
  s->lane_pitch = *rows;
  s->lane_most = 1;
  if (s->lane == GLNI_NONE)
    return;
  s->lane_most = s->lane_gathered
                     ? s->most[s->lane]
                     : glni_span_of(s, (size_t)s->lane_axis, plan->num_dims);
  if (!s->by_col)
    *rows *= ceil_div(s->lane_most, s->unit);
}

static void add_strides(const glni_plan *plan, glni_staged *s) {
  for (int i = 0; i < s->num_axes; ++i) {
    const glni_axis *x = &s->axes[i];
    for (size_t d = 0; d < plan->num_dims; ++d) {
      int64_t coef = s->array.coef[x->axis][d];
      if (coef == 0 || (x->dim != GLNI_NONE && x->dim != (int)d))
        continue;
      if (x->dim != GLNI_NONE)
        coef = coef < 0 ? -1 : 1;
      s->row_of[d] += coef * x->pitch;
      s->row_down[d] += coef < 0 ? -coef * x->pitch : 0;
    }
  }
  if (s->lane == GLNI_NONE || s->lane_gathered)
    return;
  for (size_t d = 0; d < plan->num_dims; ++d) {
    int64_t coef = s->array.coef[s->lane_axis][d];
    if (coef == 0 || (int)d == s->lane || s->most[d] == 1)
      continue;
    int64_t *of = s->by_col ? s->col_of : s->row_of;
    int64_t *down = s->by_col ? s->col_down : s->row_down;
    coef = s->by_col ? coef : coef / s->unit * s->lane_pitch;
    of[d] += coef;
    down[d] += coef < 0 ? -coef : 0;
  }
}

// Whether tiles along |dim| share positions of its axis.
static bool has_halo(const glni_plan *plan, const glni_staged *s, size_t dim) {
  for (size_t a = 0; a < s->array.rank; ++a)
    for (size_t d = 0; d < plan->num_dims; ++d)
      if (s->array.coef[a][dim] != 0 && s->array.coef[a][d] != 0 && d != dim &&
          s->most[d] > 1 && !glni_is_gathered(plan, s, a))
        return true;
  return false;
}

// Whether tiles without gaps between them meet again along |dim|: the elements of
// one are the gaps of another.
static bool meets_gaps(const glni_plan *plan, glni_staged *s, size_t dim) {
  bool meets = false;
  int64_t most = s->most[dim];
  for (size_t a = 0; a < s->array.rank; ++a) {
    if (s->array.coef[a][dim] == 0 || !glni_is_gathered(plan, s, a))
      continue;
    s->most[dim] = plan->block->spec.dims[dim];
    meets |= !glni_is_disjoint(s, a, plan->num_dims);
    s->most[dim] = most;
  }
  return meets;
}

// The axis along which halo is kept becomes a ring of rows, around all others.
static eg_status find_ring(const glni_plan *plan, glni_staged *s,
                           eg_error *error) {
  if (!plan->block->staging[s - plan->staged].keep_halo || s->level == 0)
    return EG_OK;
  uint8_t dim = plan->block->order[s->level - 1];
  int at = axis_with(s, dim);
  if (meets_gaps(plan, s, dim))
    return gln_fail(error, EG_INFEASIBLE,
                    "the halo of dim %u cannot be kept where gaps are left out",
                    dim);
  if (!has_halo(plan, s, dim))
    return EG_OK;
  if (glni_only_axis(s, dim) == GLNI_NONE || at == GLNI_NONE ||
      s->array.coef[s->axes[at].axis][dim] < 0 ||
      (s->memory == GLN_MEMORY_WBUF && at == axis_with(s, plan->lane_k)))
    return gln_fail(error, EG_INFEASIBLE,
                    "the halo of dim %u cannot be kept in rows of %s", dim,
                    gln_memory_name(s->memory));
  s->ring_axis = (int8_t)at;
  return EG_OK;
}

static eg_status lay_out(const glni_plan *plan, glni_staged *s,
                         eg_error *error) {
  int64_t rows = 1;
  add_axes(plan, s);
  GLN_TRY(find_ring(plan, s, error));
  if (s->memory == GLN_MEMORY_WBUF) {
    int first[] = {axis_with(s, plan->lane_k), axis_with(s, plan->pack_dim[1]),
                   axis_with(s, plan->pack_dim[0])};
    for (size_t i = 0; i < 3; ++i)
      if (first[i] != s->ring_axis)
        pitch_axis(s, first[i], &rows);
  } else {
    pitch_lane(plan, s, &rows);
  }
  for (int i = s->num_axes; i-- > 0;)
    if (i != s->ring_axis)
      pitch_axis(s, i, &rows);
  if (s->memory == GLN_MEMORY_WBUF)
    pitch_lane(plan, s, &rows);
  if (s->ring_axis != GLNI_NONE) {
    glni_axis *x = &s->axes[s->ring_axis];
    uint8_t dim = plan->block->order[s->level - 1];
    int64_t coef = s->array.coef[x->axis][dim], more = 0;
    if (s->buffers == 2)
      more = glni_least(2 * s->most[dim], plan->block->spec.dims[dim]) -
             s->most[dim];
    x->pitch = s->ring_pitch = rows;
    s->ring_len = rows * (x->most + coef * more);
    rows = s->ring_len;
  }
  s->rows = rows;
  add_strides(plan, s);
  return EG_OK;
}

//===-- Packing -----------------------------------------------------------===//

// Every tile has all of |tile[dim]|, and WBUF holds no more of it.
static bool is_constant(const glni_plan *plan, int dim) {
  return dim == GLNI_NONE ||
         (plan->block->spec.dims[dim] % plan->block->tile[dim] == 0 &&
          !glni_is_inside(plan, &plan->staged[plan->b], dim));
}

static int pick_pack(const glni_plan *plan, int other) {
  const glni_staged *a = &plan->staged[plan->a];
  int best = GLNI_NONE;
  for (int d = plan->num_parallel; d < plan->num_dims; ++d) {
    int8_t axis = glni_only_axis(a, (size_t)d);
    if (d == plan->lane_k || d == other || plan->block->tile[d] == 1 ||
        !glni_is_in(a, (size_t)d) || !glni_has_rows(plan, (size_t)d) ||
        (a->by_col && axis == a->lane_axis))
      continue;
    if (best == GLNI_NONE || plan->block->tile[d] > plan->block->tile[best])
      best = d;
  }
  return best;
}

static void choose_packs(glni_plan *plan) {
  plan->packs[0] = plan->packs[1] = 1;
  plan->pack_dim[0] = plan->pack_dim[1] = GLNI_NONE;
  int k = plan->lane_k;
  int64_t tile = k < 0 ? 1 : plan->block->tile[k], room;
  int64_t blocks = ceil_div(tile, plan->unit_k);
  if (!plan->pack || plan->dataflow != GLN_WEIGHT_STATIONARY)
    return;
  room = plan->call.k / glni_least(tile, plan->unit_k);
  if (blocks > 1) {
    int64_t last = k < 0 ? 0 : plan->block->spec.dims[k] % tile;
    plan->pack_blocks = tile % plan->unit_k == 0 && last % plan->unit_k == 0;
    plan->packs[1] = plan->pack_blocks ? glni_least(room, blocks) : 1;
    return;
  }
  if (!is_constant(plan, k) || room < 2)
    return;
  int d = pick_pack(plan, GLNI_NONE);
  if (d == GLNI_NONE)
    return;
  plan->pack_dim[1] = (int8_t)d;
  plan->packs[1] = glni_least(room, plan->block->tile[d]);
  room /= plan->block->tile[d];
  int e = pick_pack(plan, d);
  if (room < 2 || e == GLNI_NONE || !is_constant(plan, d))
    return;
  plan->pack_dim[0] = (int8_t)e;
  plan->packs[0] = glni_least(room, plan->block->tile[e]);
}

// Packed weights must be neighbouring rows; where another dim came between, as in
// a window, nothing is packed.
static void check_packs(glni_plan *plan) {
  const glni_staged *b = &plan->staged[plan->b];
  int64_t rows = plan->lane_k < 0 ? 1 : plan->block->tile[plan->lane_k];
  if (plan->pack_blocks)
    return;
  for (int i = 1; i >= 0; --i) {
    int d = plan->pack_dim[i];
    if (d == GLNI_NONE)
      continue;
    if (b->row_of[d] != rows || b->ring_axis != GLNI_NONE) {
      plan->packs[i] = 1;
      plan->pack_dim[i] = GLNI_NONE;
    }
    rows *= plan->block->tile[d];
  }
  if (plan->packs[1] == 1)
    plan->packs[0] = 1;
  if (plan->packs[0] == 1)
    plan->pack_dim[0] = GLNI_NONE;
}

//===-- The epilogue's part of ACC ----------------------------------------===//

int64_t glni_chunk(const int64_t *extents, size_t num, int64_t most,
                   size_t max_dims, int64_t *out) {
  int64_t positions = 1;
  size_t used = 0;
  for (size_t d = 0; d < num; ++d)
    out[d] = 1;
  for (size_t d = num; d-- > 0 && used < max_dims;) {
    int64_t part = glni_least(extents[d], most / positions);
    if (extents[d] == 1)
      continue;
    if (part < 2)
      break;
    out[d] = part;
    positions *= part;
    ++used;
    if (part < extents[d])
      break;
  }
  return positions;
}

enum {
  MAX_STEPS = 1 << 24, // of a command
  LEAST_CHUNK = GLN_BLOCK_CHUNK_ROWS,
  MOST_CHUNK = 256,
};

static eg_status plan_epilogue(glni_plan *plan, eg_error *error) {
  const glni_staged *out = glni_result_of(plan);
  int64_t extents[GLNI_MAX_DIMS], all = 1;
  for (size_t d = 0; d < plan->num_parallel; ++d) {
    extents[d] = (int)d == out->lane ? 1 : out->most[d];
    all *= extents[d];
  }
  plan->extra_buffers = plan->dataflow == GLN_VECTOR ? 1 : 2;
  int64_t tiles =
      plan->body.num_extra * plan->extra_buffers + plan->body.num_temps;
  int64_t room = plan->capacity[GLN_MEMORY_ACC] - plan->used[GLN_MEMORY_ACC];
  if (tiles == 0) {
    glni_chunk(extents, plan->num_parallel, MAX_STEPS, 4, plan->chunk);
    return EG_OK;
  }
  if (room / tiles < glni_least(all, LEAST_CHUNK))
    return gln_fail(
        error, EG_INFEASIBLE,
        "ACC needs %lld rows beside the %lld of the tiles, has %lld",
        (long long)(tiles * glni_least(all, LEAST_CHUNK)),
        (long long)plan->used[GLN_MEMORY_ACC],
        (long long)plan->capacity[GLN_MEMORY_ACC]);
  plan->chunk_rows =
      glni_chunk(extents, plan->num_parallel,
                 glni_least(room / tiles, MOST_CHUNK), 4, plan->chunk);
  plan->extra_base = plan->used[GLN_MEMORY_ACC];
  plan->temp_base = plan->extra_base + plan->body.num_extra *
                                           plan->extra_buffers *
                                           plan->chunk_rows;
  plan->used[GLN_MEMORY_ACC] += tiles * plan->chunk_rows;
  return EG_OK;
}

//===-- The whole plan ----------------------------------------------------===//

// The device: one that accumulates in the spec's type and takes its operands.
static eg_status find_types(const gln_target *target, glni_plan *plan,
                            eg_error *error) {
  const gln_spec *spec = &plan->block->spec;
  for (size_t i = 0; i < target->num_types; ++i) {
    const gln_type_rule *r = &target->types[i];
    bool takes = r->lhs == r->rhs && r->acc == spec->result;
    for (size_t k = 0; k < spec->num_operands; ++k)
      takes &=
          spec->operands[k].type == r->lhs ||
          (plan->dataflow == GLN_VECTOR && spec->operands[k].type == r->acc);
    if (!takes)
      continue;
    plan->in = r->lhs;
    plan->acc = r->acc;
    return EG_OK;
  }
  return gln_fail(error, EG_INFEASIBLE,
                  "target '%s' has no device that reads %s and accumulates %s",
                  target->name, gln_type_name(spec->operands[0].type),
                  gln_type_name(spec->result));
}

static eg_status read_target(const gln_target *target, glni_plan *plan,
                             eg_error *error) {
  const gln_block *block = plan->block;
  if (block->array >= target->num_arrays)
    return gln_fail(error, EG_INVALID, "target '%s' has no array %u of %u",
                    target->name, block->array, target->num_arrays);
  const gln_target_array *array = &target->arrays[block->array];
  plan->rows = (int64_t)array->rows.value;
  plan->cols = (int64_t)array->cols.value;
  plan->shadow = array->shadow_weights.value == 1;
  plan->pack = block->strategy & GLN_STRATEGY_IM2COL;
  plan->dataflow = block->strategy & GLN_STRATEGY_VECTOR ? GLN_VECTOR
                   : block->strategy & GLN_STRATEGY_OUTPUT_STATIONARY
                       ? GLN_OUTPUT_STATIONARY
                       : GLN_WEIGHT_STATIONARY;
  GLN_TRY(find_types(target, plan, error));
  int64_t in = gln_type_bytes(plan->in), acc = gln_type_bytes(plan->acc);
  plan->capacity[GLN_MEMORY_ABUF] =
      (int64_t)target->abuf_bytes.value / (plan->rows * in);
  plan->capacity[GLN_MEMORY_WBUF] =
      (int64_t)target->wbuf_bytes.value / (plan->cols * in);
  plan->capacity[GLN_MEMORY_ACC] =
      (int64_t)target->acc_bytes.value / (plan->cols * acc);
  return EG_OK;
}

static eg_status place(glni_plan *plan, eg_error *error) {
  // The result first: what has no fixed size comes after what has.
  for (size_t i = plan->num_staged; i-- > 0;) {
    glni_staged *s = &plan->staged[i];
    GLN_TRY(lay_out(plan, s, error));
    s->base = plan->used[s->memory];
    plan->used[s->memory] +=
        s->rows * (s->ring_axis == GLNI_NONE ? s->buffers : 1);
  }
  if (plan->dataflow != GLN_VECTOR)
    check_packs(plan);
  for (int m = 0; m < GLN_NUM_MEMORIES; ++m)
    if (plan->used[m] > plan->capacity[m])
      return gln_fail(error, EG_INFEASIBLE, "%s needs %lld rows, has %lld",
                      gln_memory_name((gln_memory)m), (long long)plan->used[m],
                      (long long)plan->capacity[m]);
  return EG_OK;
}

static eg_status check_kind(const glni_plan *plan, eg_error *error) {
  const gln_spec *spec = &plan->block->spec;
  if (plan->dataflow != GLN_VECTOR &&
      (spec->combine != GLN_COMBINE_DOT || spec->num_operands != 2))
    return gln_fail(error, EG_INFEASIBLE,
                    "an array runs products of two operands alone");
  for (size_t k = 0; k < spec->num_operands; ++k)
    if (plan->block->staging[k].depth > plan->block->num_grid ||
        plan->block->staging[k].buffers < 1 ||
        plan->block->staging[k].buffers > 2)
      return gln_fail(error, EG_INVALID,
                      "operand %zu is staged at loop %u of %u in %u buffers", k,
                      plan->block->staging[k].depth, plan->block->num_grid,
                      plan->block->staging[k].buffers);
  return EG_OK;
}

static eg_status read_instr(const gln_target *target, glni_plan *plan,
                            eg_error *error) {
  const gln_instr *instr;
  if (plan->dataflow == GLN_VECTOR)
    return EG_OK;
  GLN_TRY(gln_block_instr(target, plan->block, &instr, &plan->call, error));
  plan->accumulates = instr->accumulates || !gln_instr_is_gemm(instr);
  for (size_t i = 0; i < plan->block->num_grid && !instr->accumulates; ++i)
    if (plan->block->order[i] >= plan->num_parallel)
      return gln_fail(
          error, EG_INFEASIBLE,
          "%s: does not add to its result, and dim %u is reduced "
          "in %lld tiles",
          instr->name, plan->block->order[i],
          (long long)gln_block_trips(plan->block, plan->block->order[i]));
  return EG_OK;
}

eg_status glni_plan_make(const gln_target *target, const gln_block *block,
                         const gln_scalar_body *body, glni_plan *plan,
                         eg_error *error) {
  const gln_spec *spec = &block->spec;
  memset(plan, 0, sizeof *plan);
  plan->block = block;
  plan->num_dims = spec->num_dims;
  plan->num_parallel = spec->num_parallel;
  plan->num_staged = (uint8_t)(spec->num_operands + 1);
  GLN_TRY(read_target(target, plan, error));
  GLN_TRY(check_kind(plan, error));
  GLN_TRY(read_instr(target, plan, error));
  GLN_TRY(glni_body_compile(body, plan->in, plan->acc,
                            glni_spec_is_narrow(spec), &plan->body, error));
  GLN_TRY(glni_vector_check(target, plan, error));
  memset(plan->pos, GLNI_NONE, sizeof plan->pos);
  for (uint8_t i = 0; i < block->num_grid; ++i)
    plan->pos[block->order[i]] = (int8_t)i;
  plan->b = block->strategy & GLN_STRATEGY_SWAPPED ? 0 : 1;
  plan->a = 1 - plan->b;
  for (size_t k = 0; k < plan->num_staged; ++k) {
    glni_staged *s = &plan->staged[k];
    bool is_result = k == spec->num_operands;
    s->memory = is_result || plan->dataflow == GLN_VECTOR ? GLN_MEMORY_ACC
                : k == plan->a                            ? GLN_MEMORY_ABUF
                                                          : GLN_MEMORY_WBUF;
    s->type = is_result ? plan->body.result : spec->operands[k].type;
    if (is_result)
      glni_make_result_array(spec, &s->array);
    else
      glni_make_operand_array(spec, k, &s->array);
    glni_hold(plan, s, &block->staging[k]);
  }
  plan->pack_dim[0] = plan->pack_dim[1] = plan->lane_k = GLNI_NONE;
  if (plan->dataflow == GLN_VECTOR) {
    glni_pick_lanes(plan);
  } else {
    glni_pick_columns(plan);
    glni_pick_rows(plan);
    choose_packs(plan);
  }
  GLN_TRY(place(plan, error));
  return plan_epilogue(plan, error);
}

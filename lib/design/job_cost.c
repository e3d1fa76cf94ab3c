// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a job costs: its block, and the bytes that views and epilogue change.
//
// A block does not know its operands; it counts the whole box around a tile. A
// view says which part of it is padding, which is never in DRAM. Tiles move as in
// the program: the axes of an operand are independent, so the sum over tiles of
// the product is the product of the sums, and an axis is walked tile by tile.
#include "design/mapping.h"
#include "design/program_internal.h"
#include "view/try.h"

#include <string.h>

typedef struct walker {
  const glni_plan *plan;
  const glni_staged *s;
  const gln_box *box;
  int64_t at[GLNI_MAX_DIMS]; // tile along each dim
} walker;

static int64_t held_start(const walker *w, size_t d) {
  return w->s->held >> d & 1 ? w->at[d] * w->s->most[d] : 0;
}

static int64_t held_extent(const walker *w, size_t d) {
  int64_t left = w->plan->block->spec.dims[d] - held_start(w, d);
  return left < w->s->most[d] ? left : w->s->most[d];
}

// Positions first, first + step, ... of |n| that are in the tensor.
static int64_t inside(const walker *w, size_t axis, int64_t first, int64_t step,
                      int64_t n) {
  int64_t low = w->box->low[axis], extent = w->box->extent[axis];
  if (w->s->array.flipped[axis])
    low = w->s->array.extent[axis] - low - extent;
  first -= low;
  int64_t begin = first < 0 ? (-first + step - 1) / step : 0;
  int64_t end = first < extent ? (extent - first + step - 1) / step : 0;
  end = end < n ? end : n;
  return end > begin ? end - begin : 0;
}

static bool is_ring_axis(const glni_staged *s, size_t axis) {
  return s->ring_axis != GLNI_NONE && s->axes[s->ring_axis].axis == axis;
}

// What is held of |axis| is laid out by its dims.
static bool is_by_dims(const glni_staged *s, size_t axis) {
  if (s->lane_axis == (int)axis)
    return s->lane_gathered;
  for (size_t i = 0; i < s->num_axes; ++i)
    if (s->axes[i].axis == axis)
      return s->axes[i].dim != GLNI_NONE;
  return false;
}

// Elements of the axis that the load of one tile moves.
static int64_t axis_elements(const walker *w, size_t axis) {
  const int64_t *coef = w->s->array.coef[axis];
  int64_t first = w->s->array.offset[axis], span = 1, sum = 0, combos = 1;
  int main = GLNI_NONE;
  for (size_t d = 0; d < w->plan->num_dims; ++d) {
    first += coef[d] * held_start(w, d);
    first += coef[d] < 0 ? coef[d] * (held_extent(w, d) - 1) : 0;
    span += (coef[d] < 0 ? -coef[d] : coef[d]) * (held_extent(w, d) - 1);
    if (coef[d] != 0 && (main < 0 || held_extent(w, d) > 1))
      main = (int)d;
  }
  if (!is_by_dims(w->s, axis)) {
    if (is_ring_axis(w->s, axis)) {
      uint8_t d = w->plan->block->order[w->s->level - 1];
      int64_t shared = span - coef[d] * held_extent(w, d);
      shared = shared > 0 && w->at[d] > 0 ? shared : 0;
      first += shared;
      span -= shared;
    }
    return inside(w, axis, first, 1, span);
  }
  if (main == GLNI_NONE)
    return 1;
  int64_t step = coef[main] < 0 ? -coef[main] : coef[main];
  for (size_t d = 0; d < w->plan->num_dims; ++d)
    if (coef[d] != 0 && (int)d != main)
      combos *= held_extent(w, d);
  for (int64_t i = 0; i < combos; ++i) {
    int64_t rest = i, shift = 0;
    for (size_t d = 0; d < w->plan->num_dims; ++d)
      if (coef[d] != 0 && (int)d != main) {
        int64_t n = held_extent(w, d);
        shift += (coef[d] < 0 ? -coef[d] : coef[d]) * (rest % n);
        rest /= n;
      }
    sum += inside(w, axis, first + shift, step, held_extent(w, (size_t)main));
  }
  return sum;
}

// The next tile along the dims in |dims|; false after the last.
static bool next_tile(walker *w, uint32_t dims) {
  for (size_t d = 0; d < w->plan->num_dims; ++d) {
    if (!(dims & w->s->held) || !(dims & w->s->held & UINT32_C(1) << d))
      continue;
    if (++w->at[d] < gln_block_trips(w->plan->block, d))
      return true;
    w->at[d] = 0;
  }
  return false;
}

static uint32_t dims_of_axis(const glni_plan *plan, const glni_staged *s,
                             size_t axis) {
  uint32_t dims = 0;
  for (size_t d = 0; d < plan->num_dims; ++d)
    dims |= (uint32_t)(s->array.coef[axis][d] != 0) << d;
  return dims;
}

// Elements that all loads of an operand move once each different tile is there.
static double operand_elements(walker *w) {
  const glni_staged *s = w->s;
  uint32_t seen = 0;
  bool separable = true;
  double product = 1;
  memset(w->at, 0, sizeof w->at);
  for (size_t a = 0; a < s->array.rank; ++a) {
    uint32_t dims = dims_of_axis(w->plan, s, a);
    separable &= (seen & dims) == 0;
    seen |= dims;
  }
  if (!separable) { // a diagonal: all tiles
    double sum = 0;
    do {
      double one = 1;
      for (size_t a = 0; a < s->array.rank; ++a)
        one *= (double)axis_elements(w, a);
      sum += one;
    } while (next_tile(w, s->dims));
    return sum;
  }
  for (size_t a = 0; a < s->array.rank; ++a) {
    double sum = 0;
    do
      sum += (double)axis_elements(w, a);
    while (next_tile(w, dims_of_axis(w->plan, s, a)));
    product *= sum;
  }
  return product;
}

// How often each tile is moved: the loops outside it that do not move it.
static double repeats(const glni_plan *plan, const glni_staged *s) {
  double times = 1;
  for (size_t i = 0; i < s->level; ++i)
    if (!(s->dims >> plan->block->order[i] & 1))
      times *= (double)gln_block_trips(plan->block, plan->block->order[i]);
  return times;
}

// An extra operand is moved once for each tile of the result and each loop of the
// epilogue outside its innermost one that does not change it.
static double extra_elements(const glni_plan *plan, const gln_box *box) {
  const glni_staged *out = glni_result_of(plan);
  int order[GLNI_MAX_DIMS + 1], num = 0, last = -1;
  bool same[GLNI_MAX_DIMS];
  double elements = 1;
  if (out->lane != GLNI_NONE)
    order[num++] = out->lane;
  for (int d = 0; d < plan->num_parallel; ++d) {
    same[d] = box->stride[d] == 0 && box->low[d] == 0 &&
              box->extent[d] == out->array.extent[d];
    if (same[d] && (out->held >> d & 1))
      elements *= (double)gln_block_trips(plan->block, (size_t)d);
    if (!same[d])
      elements *= (double)box->extent[d];
    if (d != out->lane && plan->chunk[d] < out->most[d])
      order[num++] = d;
  }
  for (int i = 0; i < num; ++i)
    last = same[order[i]] ? last : i;
  for (int i = 0; i < last; ++i) {
    int d = order[i];
    int64_t width = d == out->lane ? out->unit : plan->chunk[d];
    if (same[d])
      elements *= (double)((out->most[d] + width - 1) / width);
  }
  return elements;
}

eg_status gln_job_cost(const eg_allocator *allocator, const gln_target *target,
                       const gln_job *job, gln_cost *out, eg_error *error) {
  glni_plan plan;
  gln_cost block;
  GLN_TRY(gln_job_check(job, error));
  GLN_TRY(glni_plan_make(target, &job->block, job->body, &plan, error));
  GLN_TRY(gln_block_cost(target, &job->block, &block, error));
  double read = 0, written = 0,
         num = (double)gln_spec_num_results(&job->block.spec);
  for (size_t k = 0; k < job->num_operands; ++k) {
    gln_box box;
    GLN_TRY(gln_view_box(allocator, job->operands[k].view, &box, error));
    double elements;
    if (k + 1u < plan.num_staged) {
      walker w = {.plan = &plan, .s = &plan.staged[k], .box = &box};
      elements = operand_elements(&w) * repeats(&plan, w.s);
    } else {
      elements = extra_elements(&plan, &box);
    }
    read += elements * gln_type_bytes(job->operands[k].type);
  }
  double spilled = num * (repeats(&plan, glni_result_of(&plan)) - 1) *
                   gln_type_bytes(plan.acc);
  read += spilled;
  written = num * gln_type_bytes(plan.body.result) + spilled;
  *out = block;
  out->dram_read_bytes = read;
  out->dram_write_bytes = written;
  out->energy_pj +=
      target->energy_dram.value *
      (read + written - block.dram_read_bytes - block.dram_write_bytes);
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an operand is on chip before rows are numbered: its array, what is held of
// it at one time, and which dim lies along its rows.
#include "design/plan_internal.h"
#include "rules/blocking.h"

#include <string.h>

static int64_t magnitude(int64_t a) {
  return a < 0 ? -a : a;
}

static int64_t gcd(int64_t a, int64_t b) {
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return magnitude(a);
}

// The largest divisor of |of| up to |most|; of 0, that itself.
static int64_t divisor(int64_t of, int64_t most) {
  int64_t d = most;
  while (of != 0 && of % d != 0)
    --d;
  return d;
}

//===-- Arrays ------------------------------------------------------------===//

static void turn_round(const gln_spec *spec, glni_array *a, size_t axis) {
  bool falls = false;
  for (size_t d = 0; d < spec->num_dims; ++d) {
    if (a->coef[axis][d] > 0)
      return;
    falls |= a->coef[axis][d] < 0;
  }
  if (!falls)
    return;
  a->flipped[axis] = true;
  a->offset[axis] = 0;
  for (size_t d = 0; d < spec->num_dims; ++d)
    a->coef[axis][d] = -a->coef[axis][d];
}

void glni_make_operand_array(const gln_spec *spec, size_t operand,
                             glni_array *out) {
  const gln_spec_operand *o = &spec->operands[operand];
  int64_t extents[GLN_SPEC_MAX_RANK], offset[GLN_SPEC_MAX_RANK];
  gln_spec_operand_box(spec, operand, extents, offset);
  out->rank = o->rank;
  for (size_t r = 0; r < o->rank; ++r) {
    out->extent[r] = extents[r];
    out->offset[r] = offset[r];
    for (size_t d = 0; d < spec->num_dims; ++d)
      out->coef[r][d] = o->coef[r][d];
    turn_round(spec, out, r);
  }
}

void glni_make_result_array(const gln_spec *spec, glni_array *out) {
  out->rank = spec->num_parallel;
  for (size_t d = 0; d < spec->num_parallel; ++d) {
    out->extent[d] = spec->dims[d];
    out->coef[d][d] = 1;
  }
}

//===-- What is held ------------------------------------------------------===//

void glni_hold(const glni_plan *plan, glni_staged *s,
               const gln_nest_staging *staging) {
  const gln_block *block = plan->block;
  s->depth = staging->depth;
  s->buffers = staging->buffers;
  s->gather = staging->gather;
  s->lane = s->lane_axis = s->ring_axis = GLNI_NONE;
  for (size_t d = 0; d < plan->num_dims; ++d) {
    bool tiled = plan->pos[d] >= 0 && plan->pos[d] < s->depth;
    s->most[d] = tiled ? block->tile[d] : block->spec.dims[d];
    s->held |= (uint32_t)tiled << d;
    for (size_t a = 0; a < s->array.rank; ++a)
      if (s->array.coef[a][d] != 0)
        s->dims |= UINT32_C(1) << d;
    if (tiled && (s->dims >> d & 1) && plan->pos[d] >= s->level)
      s->level = (uint8_t)(plan->pos[d] + 1);
  }
}

// Whether a part of what is held along |dim| is used at one time.
bool glni_is_inside(const glni_plan *plan, const glni_staged *s, int dim) {
  return plan->pos[dim] >= 0 && !(s->held >> dim & 1);
}

int64_t glni_span_of(const glni_staged *s, size_t axis, size_t num_dims) {
  int64_t span = 1;
  for (size_t d = 0; d < num_dims; ++d)
    span += magnitude(s->array.coef[axis][d]) * (s->most[d] - 1);
  return span;
}

// Different indices of the dims are different positions of the axis.
bool glni_is_disjoint(const glni_staged *s, size_t axis, size_t num_dims) {
  const int64_t *coef = s->array.coef[axis];
  for (size_t i = 0; i < num_dims; ++i) {
    int64_t span = 1;
    if (coef[i] == 0 || s->most[i] == 1)
      continue;
    for (size_t j = 0; j < num_dims; ++j)
      if (j != i && (magnitude(coef[j]) < magnitude(coef[i]) ||
                     (magnitude(coef[j]) == magnitude(coef[i]) && j < i)))
        span += magnitude(coef[j]) * (s->most[j] - 1);
    if (magnitude(coef[i]) < span)
      return false;
  }
  return true;
}

// Whether the axis is laid out by its dims instead of by its positions: gaps are
// left out, or there are none.
bool glni_is_gathered(const glni_plan *plan, const glni_staged *s,
                      size_t axis) {
  int64_t product = 1, span = glni_span_of(s, axis, plan->num_dims);
  bool whole = true;
  size_t terms = 0;
  for (size_t d = 0; d < plan->num_dims; ++d) {
    if (s->array.coef[axis][d] == 0)
      continue;
    terms += s->most[d] > 1;
    product *= s->most[d];
    whole &= !(s->held >> d & 1) ||
             plan->block->spec.dims[d] % plan->block->tile[d] == 0;
  }
  return glni_is_disjoint(s, axis, plan->num_dims) &&
         (s->gather ? product < span || (terms > 1 && whole)
                    : terms > 1 && product == span && whole);
}

//===-- Lanes -------------------------------------------------------------===//

// How a dim can lie along the rows of an operand.
typedef struct lane {
  int8_t axis; // GLNI_NONE: it cannot
  bool gathered,
      fits;        // fits: the whole axis is in one row, others on it or not
  bool shared;     // by other dims
  int64_t divides; // what row lengths must divide; 0 = nothing
} lane;

int8_t glni_only_axis(const glni_staged *s, size_t dim) {
  int8_t axis = GLNI_NONE;
  for (size_t a = 0; a < s->array.rank; ++a)
    if (s->array.coef[a][dim] != 0) {
      if (axis != GLNI_NONE)
        return GLNI_NONE;
      axis = (int8_t)a;
    }
  return axis;
}

static lane lane_of(const glni_plan *plan, const glni_staged *s, size_t dim,
                    int64_t width) {
  lane l = {.axis = glni_only_axis(s, dim)};
  if (l.axis == GLNI_NONE)
    return l;
  if (glni_is_inside(plan, s, (int)dim))
    l.divides = plan->block->tile[dim];
  size_t axis = (size_t)l.axis;
  const int64_t *coef = s->array.coef[axis];
  if (glni_is_gathered(plan, s, axis) && coef[dim] > 0) {
    l.gathered = true;
    return l;
  }
  if (coef[dim] != 1 || glni_is_gathered(plan, s, axis))
    return (lane){.axis = GLNI_NONE};
  for (size_t d = 0; d < plan->num_dims; ++d)
    if (d != dim && coef[d] != 0 && s->most[d] > 1) {
      l.shared = true;
      l.divides = gcd(l.divides, coef[d]);
    }
  l.fits = glni_span_of(s, axis, plan->num_dims) <= width;
  return l;
}

static void set_lane(glni_staged *s, int dim, const lane *l, bool by_col,
                     int64_t unit) {
  s->lane = (int8_t)dim;
  s->lane_axis = l->axis;
  s->lane_gathered = l->gathered;
  s->by_col = by_col;
  s->unit = unit;
}

bool glni_is_in(const glni_staged *s, size_t dim) {
  return s->dims >> dim & 1;
}

// The column dim: parallel, in the operand that stays alone.
void glni_pick_columns(glni_plan *plan) {
  glni_staged *b = &plan->staged[plan->b];
  const glni_staged *a = &plan->staged[plan->a];
  glni_staged *out = &plan->staged[plan->num_staged - 1];
  int64_t best_stride = 0;
  plan->lane_n = GLNI_NONE;
  plan->unit_n = b->unit = out->unit = 1;
  for (size_t d = 0; d < plan->num_parallel; ++d) {
    if (!glni_is_in(b, d) || glni_is_in(a, d))
      continue;
    lane l = lane_of(plan, b, d, plan->call.n);
    if (l.axis == GLNI_NONE)
      continue;
    int64_t tile = plan->block->tile[d], divides = l.divides;
    if (glni_is_inside(plan, out, (int)d))
      divides = gcd(divides, tile);
    int64_t unit = divisor(divides, glni_least(plan->call.n, tile));
    bool by_col = l.shared && l.fits && unit < tile;
    unit = by_col ? tile : unit;
    int64_t stride = magnitude(gln_spec_stride(&plan->block->spec, plan->b, d));
    if (plan->lane_n != GLNI_NONE &&
        (unit < plan->unit_n ||
         (unit == plan->unit_n && stride >= best_stride)))
      continue;
    plan->lane_n = (int8_t)d;
    plan->unit_n = unit;
    best_stride = stride;
    lane own = lane_of(plan, out, d, plan->call.n);
    set_lane(b, (int)d, &l, by_col, unit);
    set_lane(out, (int)d, &own, false, unit);
  }
}

// Whether neighbours along |dim| are neighbouring rows of WBUF if its axis is laid
// out first.
bool glni_has_rows(const glni_plan *plan, size_t dim) {
  const glni_staged *b = &plan->staged[plan->b];
  int8_t axis = glni_only_axis(b, dim);
  if (axis == GLNI_NONE || (axis == b->lane_axis && !b->lane_gathered))
    return false;
  return glni_is_gathered(plan, b, (size_t)axis)
             ? b->array.coef[axis][dim] > 0
             : b->array.coef[axis][dim] == 1;
}

static bool streams(const glni_plan *plan, size_t dim) {
  return dim < plan->num_parallel && !glni_is_in(&plan->staged[plan->b], dim);
}

// The dim down the rows of the array: reduced, in both operands.
void glni_pick_rows(glni_plan *plan) {
  glni_staged *a = &plan->staged[plan->a];
  int64_t width = glni_least(plan->rows, plan->call.k);
  plan->lane_k = GLNI_NONE;
  plan->unit_k = a->unit = 1;
  for (size_t d = plan->num_parallel; d < plan->num_dims; ++d) {
    if (!glni_is_in(a, d) || !glni_has_rows(plan, d))
      continue;
    lane l = lane_of(plan, a, d, width);
    if (l.axis == GLNI_NONE)
      continue;
    int64_t tile = plan->block->tile[d];
    int64_t unit = divisor(l.divides, glni_least(width, tile));
    bool by_col = l.shared && l.fits && unit < tile;
    for (size_t o = 0; o < plan->num_dims && by_col; ++o)
      // A streamed dim that shifts the column is a loop around the array: worth
      // it only if nothing else fills the rows.
      if (o != d && a->array.coef[l.axis][o] != 0 && a->most[o] > 1)
        by_col = !streams(plan, o) || (unit == 1 && !plan->pack);
    unit = by_col ? tile : unit;
    if (plan->lane_k != GLNI_NONE && unit <= plan->unit_k)
      continue;
    plan->lane_k = (int8_t)d;
    plan->unit_k = unit;
    set_lane(a, (int)d, &l, by_col, unit);
  }
}

void glni_pick_lanes(glni_plan *plan) {
  const gln_spec *spec = &plan->block->spec;
  int dim = gln_spec_lane(spec, plan->cols);
  int64_t divides = 0;
  plan->lane_n = (int8_t)dim;
  plan->unit_n = 1;
  for (size_t k = 0; k < plan->num_staged; ++k) {
    plan->staged[k].unit = 1;
    if (dim >= 0 && glni_is_in(&plan->staged[k], (size_t)dim) &&
        glni_is_inside(plan, &plan->staged[k], dim))
      divides = plan->block->tile[dim];
  }
  if (dim < 0)
    return;
  plan->unit_n =
      divisor(divides, glni_least(plan->cols, plan->block->tile[dim]));
  for (size_t k = 0; k < plan->num_staged; ++k)
    if (glni_is_in(&plan->staged[k], (size_t)dim)) {
      lane l = lane_of(plan, &plan->staged[k], (size_t)dim, plan->cols);
      if (l.axis != GLNI_NONE)
        set_lane(&plan->staged[k], dim, &l, false, plan->unit_n);
    }
}

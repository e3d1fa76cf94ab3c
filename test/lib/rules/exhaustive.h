// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The slow, obvious search for a nest: every tile size of every dim, every order
// of the grid's loops, every staging of every operand, each costed as a whole by
// gln_cost_model_run. It shares nothing with lib/rules but the model.
//
// |grouped| leaves out what lib/rules leaves out: grids in which the loops that
// leave one operand in place are not together or a batch loop is not outermost,
// and staging at other loops than the innermost or just outside the operand's
// own group. With it the search must agree with lib/rules; without it, it says
// what that restriction costs.
//
// And the small specs that it is run on, shared by the test and the benchmark.
#ifndef EXHAUSTIVE_H
#define EXHAUSTIVE_H

#include "rules/blocking.h"

#include <math.h>
#include <string.h>

//===-- Specs -------------------------------------------------------------===//

// Sets the linear form of one index: pairs (dim, stride), -1 at the end.
static inline void spec_index(gln_spec *spec, size_t operand,
                              const int *terms) {
  gln_spec_operand *o = &spec->operands[operand];
  for (; *terms >= 0; terms += 2)
    o->coef[o->rank][terms[0]] = terms[1];
  ++o->rank;
}
#define SPEC_INDEX(spec, operand, ...)                                         \
  spec_index(spec, operand, (const int[]){__VA_ARGS__, -1})

static inline gln_spec spec_start(size_t num, size_t parallel,
                                  const int64_t *dims) {
  gln_spec s = {.combine = GLN_COMBINE_DOT,
                .result = GLN_TYPE_I32,
                .num_operands = 2,
                .num_dims = (uint8_t)num,
                .num_parallel = (uint8_t)parallel};
  memcpy(s.dims, dims, num * sizeof *dims);
  s.operands[0].type = s.operands[1].type = GLN_TYPE_I8;
  return s;
}

// out[m, n] = a[m, k] b[k, n]
static inline gln_spec spec_matmul(int64_t m, int64_t n, int64_t k) {
  gln_spec s = spec_start(3, 2, (const int64_t[]){m, n, k});
  SPEC_INDEX(&s, 0, 0, 1);
  SPEC_INDEX(&s, 0, 2, 1);
  SPEC_INDEX(&s, 1, 2, 1);
  SPEC_INDEX(&s, 1, 1, 1);
  return s;
}

// out[b, m, n] = a[b, m, k] b[b, k, n]
static inline gln_spec spec_batch_matmul(int64_t b, int64_t m, int64_t n,
                                         int64_t k) {
  gln_spec s = spec_start(4, 3, (const int64_t[]){b, m, n, k});
  SPEC_INDEX(&s, 0, 0, 1);
  SPEC_INDEX(&s, 0, 1, 1);
  SPEC_INDEX(&s, 0, 3, 1);
  SPEC_INDEX(&s, 1, 0, 1);
  SPEC_INDEX(&s, 1, 3, 1);
  SPEC_INDEX(&s, 1, 2, 1);
  return s;
}

// out[p, q, k] = a[p t + r, q t + s, c] b[r, s, c, k]; unit dims are dropped.
static inline gln_spec spec_conv(int64_t k, int64_t c, int64_t p, int64_t q,
                                 int64_t r, int64_t s, int t) {
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec spec = spec_start(6, 3, (const int64_t[]){p, q, k, r, s, c});
  SPEC_INDEX(&spec, 0, 0, t, 3, 1);
  SPEC_INDEX(&spec, 0, 1, t, 4, 1);
  SPEC_INDEX(&spec, 0, 5, 1);
  SPEC_INDEX(&spec, 1, 3, 1);
  SPEC_INDEX(&spec, 1, 4, 1);
  SPEC_INDEX(&spec, 1, 5, 1);
  SPEC_INDEX(&spec, 1, 2, 1);
  gln_spec_simplify(&spec, origin);
  return spec;
}

// out[c, p, q] = a[p t + r, q t + s, c] b[r, s, c]
static inline gln_spec spec_depthwise(int64_t c, int64_t p, int64_t q,
                                      int64_t r, int64_t s, int t) {
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec spec = spec_start(5, 3, (const int64_t[]){c, p, q, r, s});
  SPEC_INDEX(&spec, 0, 1, t, 3, 1);
  SPEC_INDEX(&spec, 0, 2, t, 4, 1);
  SPEC_INDEX(&spec, 0, 0, 1);
  SPEC_INDEX(&spec, 1, 3, 1);
  SPEC_INDEX(&spec, 1, 4, 1);
  SPEC_INDEX(&spec, 1, 0, 1);
  gln_spec_simplify(&spec, origin);
  return spec;
}

//===-- Objectives --------------------------------------------------------===//

enum { NUM_OBJECTIVES = 4 };

static const gln_objective objectives[NUM_OBJECTIVES] = {
    {GLN_OBJECTIVE_LATENCY, 0, 0, 0},
    {GLN_OBJECTIVE_ENERGY, 0, 0, 0},
    {GLN_OBJECTIVE_EDP, 0, 0, 0},
    {GLN_OBJECTIVE_DRAM, 0, 0, 0},
};

static inline void lower(double *best, const gln_cost *cost) {
  for (size_t i = 0; i < NUM_OBJECTIVES; ++i)
    best[i] = fmin(best[i], gln_objective_value(&objectives[i], cost));
}

static inline void best_of(const gln_blockings *b, double *out) {
  for (size_t i = 0; i < NUM_OBJECTIVES; ++i)
    out[i] = INFINITY;
  for (size_t i = 0; i < b->num; ++i)
    lower(out, &b->list[i].cost);
}

//===-- The search --------------------------------------------------------===//

typedef struct exhaustive {
  const gln_cost_model *model;
  gln_nest nest;
  int64_t tile[GLN_NEST_MAX_DIMS];
  bool grouped;
  double best[NUM_OBJECTIVES];
  double points, legal;
} exhaustive;

// The only operand that |dim| leaves in place; 3 = none, or more than one.
static inline size_t unmoved(const gln_contract *c, uint8_t dim) {
  size_t found = 3, num = 0;
  for (size_t i = 0; i < 3; ++i) {
    bool named = false;
    for (size_t a = 0; a < c->operands[i].num_axes; ++a)
      for (size_t t = 0; t < c->operands[i].axes[a].num_terms; ++t)
        named |= c->operands[i].axes[a].dims[t] == dim;
    if (!named) {
      found = i;
      ++num;
    }
  }
  return num == 1 ? found : 3;
}

static inline bool is_grouped(const exhaustive *e) {
  const gln_contract *c = &e->model->contract;
  for (size_t i = 1; i < e->nest.num_outer; ++i) {
    size_t group = unmoved(c, e->nest.loops[i].dim);
    bool again = false;
    for (size_t j = 0; j < i; ++j)
      again |= unmoved(c, e->nest.loops[j].dim) == group;
    if (unmoved(c, e->nest.loops[i - 1].dim) != group && (again || group == 3))
      return false;
  }
  return true;
}

static inline bool is_depth(const exhaustive *e, size_t operand,
                            uint8_t depth) {
  const gln_contract *c = &e->model->contract;
  if (!e->grouped || depth == e->nest.num_outer)
    return true;
  return unmoved(c, e->nest.loops[depth].dim) == operand &&
         (depth == 0 || unmoved(c, e->nest.loops[depth - 1].dim) != operand) &&
         unmoved(c, e->nest.loops[e->nest.num_outer - 1].dim) != operand;
}

static inline void every_staging(exhaustive *e, size_t operand) {
  if (operand >= 3) { // one for each memory
    gln_cost cost;
    ++e->points;
    gln_cost_model_run(e->model, &e->nest, &cost);
    if (gln_cost_model_fits(e->model, &cost, NULL) != EG_OK)
      return;
    ++e->legal;
    lower(e->best, &cost);
    return;
  }
  // Halo and gaps are only to be had where an index has two terms or a stride.
  const gln_nest_operand *o = &e->model->contract.operands[operand];
  bool halo = false, gaps = false;
  for (size_t a = 0; a < o->num_axes && !o->is_output; ++a)
    for (size_t t = 0; t < o->axes[a].num_terms; ++t) {
      halo |= o->axes[a].num_terms > 1;
      gaps |= o->axes[a].strides[t] > 1;
    }
  for (uint8_t depth = 0; depth <= e->nest.num_outer; ++depth)
    for (uint8_t buffers = is_depth(e, operand, depth) ? 1 : 3; buffers <= 2;
         ++buffers)
      for (int keep = 0; keep <= halo; ++keep)
        for (int gather = 0; gather <= gaps; ++gather) {
          e->nest.staging[operand] =
              (gln_nest_staging){depth, buffers, keep, gather};
          every_staging(e, operand + 1);
        }
}

// Appends the grid loops of the dims in |left| in every order, then the tile's.
static inline void every_order(exhaustive *e, uint32_t left) {
  const gln_contract *c = &e->model->contract;
  for (uint8_t d = 0; d < c->num_dims; ++d)
    if (left >> d & 1) {
      int64_t trips = (c->extents[d] + e->tile[d] - 1) / e->tile[d];
      e->nest.loops[e->nest.num_outer++] =
          (gln_nest_loop){d, GLN_NEST_IN_TIME, trips};
      every_order(e, left & ~(UINT32_C(1) << d));
      --e->nest.num_outer;
    }
  if (left || (e->grouped && !is_grouped(e)))
    return;
  e->nest.num_loops = e->nest.num_outer;
  for (uint8_t d = 0; d < c->num_dims; ++d)
    if (e->tile[d] > 1)
      e->nest.loops[e->nest.num_loops++] =
          (gln_nest_loop){d, GLN_NEST_IN_TIME, e->tile[d]};
  every_staging(e, 0);
}

static inline void every_tile(exhaustive *e, size_t dim) {
  const gln_contract *c = &e->model->contract;
  if (dim == c->num_dims) {
    uint32_t grid = 0;
    for (size_t d = 0; d < c->num_dims; ++d)
      if (e->tile[d] < c->extents[d])
        grid |= UINT32_C(1) << d;
    every_order(e, grid);
    return;
  }
  for (int64_t size = 1; size <= c->extents[dim]; ++size) {
    e->tile[dim] = size;
    every_tile(e, dim + 1);
  }
}

static inline exhaustive exhaustive_run(const gln_cost_model *model,
                                        bool grouped) {
  exhaustive e = {.model = model, .grouped = grouped};
  for (size_t i = 0; i < NUM_OBJECTIVES; ++i)
    e.best[i] = INFINITY;
  every_tile(&e, 0);
  return e;
}

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pareto fronts of vector costs by weighted sums.
//
// In two dimensions: the two ends, then between neighbours the weight that makes
// both cost the same; a choice that costs less under it lies between them
// (Y. P. Aneja and K. P. K. Nair, 1979). In more: the ends, then weights spread
// by a golden-ratio sequence. An end has a little of the other dimensions in its
// weight, so that it is not dominated.
#include "extract_internal.h"

#include <math.h>

typedef struct pareto {
  eg_pareto front; // first: what the user sees
  eg_allocator allocator;
  egi_arena arena;
  const eg_problem *problem;
  const eg_vectors *vectors;
  eg_extract_options options;
  double *costs;  // weighted
  double *weight; // by dimension
  double *scale;  // by dimension: 1 / the sum of the first point's
  double *totals;
  uint32_t *choices;
  uint32_t *found; // the last run's choice
  double *sums;    // and its totals
  uint32_t runs, max_runs;
  eg_error *error;
} pareto;

// Sums of the last run over the classes reached.
static void sum_up(pareto *s) {
  const eg_problem *p = s->problem;
  uint32_t dims = s->vectors->num_dims;
  memset(s->sums, 0, dims * sizeof *s->sums);
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    if (s->found[c] == EG_NO_NODE)
      continue;
    for (uint32_t i = 0; i < dims; ++i)
      s->sums[i] += s->vectors->costs[(size_t)s->found[c] * dims + i];
  }
}

// Extracts under the weights.
static eg_status extract(pareto *s) {
  uint32_t dims = s->vectors->num_dims;
  eg_extract_result result;
  eg_problem weighted = *s->problem;
  for (uint32_t n = 0; n < s->problem->num_nodes; ++n) {
    s->costs[n] = 0;
    for (uint32_t i = 0; i < dims; ++i) {
      double cost = s->vectors->costs[(size_t)n * dims + i];
      s->costs[n] += cost == INFINITY ? cost : s->weight[i] * cost;
    }
  }
  weighted.costs = s->costs;
  ++s->runs;
  eg_status status = eg_extract(&weighted, &s->options, s->found, &result);
  if (status != EG_OK)
    return egi_error(s->error, status, 0, "%s", result.error.text);
  sum_up(s);
  return EG_OK;
}

static bool no_worse(const double *a, const double *b, uint32_t dims) {
  for (uint32_t i = 0; i < dims; ++i)
    if (a[i] > b[i] + 1e-9 * fabs(b[i]))
      return false;
  return true;
}

static void copy_point(pareto *s, uint32_t to, const double *totals,
                       const uint32_t *choice) {
  uint32_t dims = s->front.num_dims, classes = s->front.num_classes;
  memcpy(s->totals + (size_t)to * dims, totals, dims * sizeof *totals);
  memcpy(s->choices + (size_t)to * classes, choice, classes * sizeof *choice);
}

// Adds the last run unless a point is as good; drops points it beats. Keeps the
// order of the first dimension.
static bool keep(pareto *s) {
  eg_pareto *f = &s->front;
  uint32_t dims = f->num_dims, kept = 0;
  for (uint32_t k = 0; k < f->num_points; ++k)
    if (no_worse(s->totals + (size_t)k * dims, s->sums, dims))
      return false;
  for (uint32_t k = 0; k < f->num_points; ++k)
    if (!no_worse(s->sums, s->totals + (size_t)k * dims, dims))
      copy_point(s, kept++, s->totals + (size_t)k * dims,
                 s->choices + (size_t)k * f->num_classes);
  uint32_t at = kept;
  for (; at && s->totals[(size_t)(at - 1) * dims] > s->sums[0]; --at)
    copy_point(s, at, s->totals + (size_t)(at - 1) * dims,
               s->choices + (size_t)(at - 1) * f->num_classes);
  copy_point(s, at, s->sums, s->found);
  f->num_points = kept + 1;
  return true;
}

// The ends, which also give the scales.
static eg_status find_ends(pareto *s) {
  uint32_t dims = s->front.num_dims;
  for (uint32_t end = 0; end < dims && s->runs < s->max_runs; ++end) {
    for (uint32_t i = 0; i < dims; ++i)
      s->weight[i] = (i == end ? 1 : 1e-6) * s->scale[i];
    EG_TRY(extract(s));
    keep(s);
    for (uint32_t i = 0; end == 0 && i < dims; ++i)
      s->scale[i] = s->sums[i] > 0 ? 1 / s->sums[i] : 1;
  }
  return EG_OK;
}

// Between points k and k + 1; they keep their places if nothing is found.
static eg_status sweep_plane(pareto *s) {
  for (uint32_t k = 0; k + 1 < s->front.num_points && s->runs < s->max_runs;) {
    const double *a = s->totals + (size_t)k * 2, *b = a + 2;
    s->weight[0] = (a[1] - b[1]) * s->scale[0] * s->scale[1];
    s->weight[1] = (b[0] - a[0]) * s->scale[0] * s->scale[1];
    double line = s->weight[0] * a[0] + s->weight[1] * a[1];
    EG_TRY(extract(s));
    double value = s->weight[0] * s->sums[0] + s->weight[1] * s->sums[1];
    if (!(value < line - 1e-9 * fabs(line)) || !keep(s))
      ++k;
    else if (k)
      --k; // a neighbour may have been beaten
  }
  return EG_OK;
}

static eg_status sweep_space(pareto *s) {
  uint32_t dims = s->front.num_dims;
  for (uint32_t run = 1; s->runs < s->max_runs; ++run) {
    double sum = 0, root = 1, whole;
    for (uint32_t i = 0; i < dims; ++i) {
      root /= 1.32471795724; // of x^3 = x + 1 (M. Roberts, 2018)
      s->weight[i] = -log(1e-9 + modf(0.5 + run * root, &whole));
      sum += s->weight[i];
    }
    for (uint32_t i = 0; i < dims; ++i)
      s->weight[i] *= s->scale[i] / sum;
    EG_TRY(extract(s));
    keep(s);
  }
  return EG_OK;
}

static eg_status validate(const pareto *s) {
  uint64_t num = (uint64_t)s->problem->num_nodes * s->vectors->num_dims;
  EG_TRY(eg_problem_validate(s->problem, s->error));
  if (!s->vectors->num_dims || !s->vectors->costs)
    return egi_error(s->error, EG_INVALID, 0, "vectors without dimensions");
  for (uint64_t i = 0; i < num; ++i)
    if (!(s->vectors->costs[i] >= 0))
      return egi_error(s->error, EG_INVALID, 0, "cost %u of node %u is %g",
                       (uint32_t)(i % s->vectors->num_dims),
                       (uint32_t)(i / s->vectors->num_dims),
                       s->vectors->costs[i]);
  return EG_OK;
}

static eg_status run(pareto *s) {
  EG_TRY(validate(s));
  const eg_problem *p = s->problem;
  egi_arena *a = &s->arena;
  uint32_t dims = s->vectors->num_dims;
  s->front.num_dims = dims;
  s->front.num_classes = p->num_classes;
  s->costs = EGI_NEW(a, double, p->num_nodes);
  s->weight = EGI_NEW(a, double, dims);
  s->scale = EGI_NEW(a, double, dims);
  s->sums = EGI_NEW(a, double, dims);
  s->found = EGI_NEW(a, uint32_t, p->num_classes);
  s->totals = EGI_NEW(a, double, (size_t)(s->max_runs + 1) * dims);
  s->choices = EGI_NEW(a, uint32_t, (size_t)(s->max_runs + 1) * p->num_classes);
  if (!s->costs || !s->weight || !s->scale || !s->sums || !s->found ||
      !s->totals || !s->choices)
    return egi_no_memory(s->error);
  s->front.totals = s->totals;
  s->front.choices = s->choices;
  for (uint32_t i = 0; i < dims; ++i)
    s->scale[i] = 1;
  EG_TRY(find_ends(s));
  if (dims == 1)
    return EG_OK;
  return dims == 2 ? sweep_plane(s) : sweep_space(s);
}

eg_status eg_pareto_create(const eg_problem *problem, const eg_vectors *vectors,
                           const eg_extract_options *options, uint32_t max_runs,
                           eg_pareto **out_pareto, eg_error *error) {
  eg_allocator own =
      options->allocator ? *options->allocator : eg_allocator_default();
  *out_pareto = NULL;
  pareto *s = own.resize(own.user, NULL, 0, sizeof *s);
  if (!s)
    return egi_no_memory(error);
  *s = (pareto){.allocator = own,
                .problem = problem,
                .vectors = vectors,
                .options = *options,
                .max_runs = max_runs,
                .error = error};
  s->arena.allocator = &s->allocator;
  eg_status status = run(s);
  if (status != EG_OK) {
    eg_pareto_destroy(&s->front);
    return status;
  }
  *out_pareto = &s->front;
  return EG_OK;
}

void eg_pareto_destroy(eg_pareto *front) {
  if (!front)
    return;
  pareto *s = (pareto *)front;
  egi_arena_free(&s->arena);
  eg_allocator own = s->allocator;
  own.resize(own.user, s, sizeof *s, 0);
}

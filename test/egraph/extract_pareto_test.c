// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pareto fronts against every choice: nothing beats a point, and for any weights
// the front holds the cheapest choice.
#include "problems.h"

enum { MAX_DIMS = 3, MAX_CHOICES = 1 << 14 };

typedef struct every {
  double totals[MAX_CHOICES][MAX_DIMS];
  uint32_t num;
} every;

static void sum_choice(const eg_problem *p, const eg_vectors *v,
                       const uint32_t *choice, double *out) {
  uint32_t queue[MAX_CLASSES], num = 0;
  bool seen[MAX_CLASSES] = {false};
  for (uint32_t i = 0; i < v->num_dims; ++i)
    out[i] = 0;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    if (!seen[p->roots[r]]) {
      seen[p->roots[r]] = true;
      queue[num++] = p->roots[r];
    }
  for (uint32_t k = 0; k < num; ++k) {
    uint32_t n = choice[queue[k]];
    for (uint32_t i = 0; i < v->num_dims; ++i)
      out[i] += v->costs[n * v->num_dims + i];
    for (uint32_t e = p->first_child[n]; e < p->first_child[n + 1]; ++e)
      if (!seen[p->children[e]]) {
        seen[p->children[e]] = true;
        queue[num++] = p->children[e];
      }
  }
}

static void try_every(const eg_problem *p, const eg_vectors *v, every *out) {
  uint32_t choice[MAX_CLASSES];
  out->num = 0;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    choice[c] = p->first_node[c];
  for (;;) {
    eg_choice_totals totals;
    if (out->num < MAX_CHOICES &&
        eg_problem_check(NULL, p, choice, &totals, NULL) == EG_OK)
      sum_choice(p, v, choice, out->totals[out->num++]);
    uint32_t c = 0;
    for (; c < p->num_classes; ++c) {
      if (++choice[c] < p->first_node[c + 1])
        break;
      choice[c] = p->first_node[c];
    }
    if (c == p->num_classes)
      return;
  }
}

static bool beats(const double *a, const double *b, uint32_t dims) {
  bool less = false;
  for (uint32_t i = 0; i < dims; ++i) {
    if (a[i] > b[i])
      return false;
    less |= a[i] < b[i];
  }
  return less;
}

static double least(const double *totals, uint32_t num, size_t stride,
                    const double *weights, uint32_t dims) {
  double best = INFINITY;
  for (uint32_t k = 0; k < num; ++k) {
    double sum = 0;
    for (uint32_t i = 0; i < dims; ++i)
      sum += weights[i] * totals[k * stride + i];
    best = sum < best ? sum : best;
  }
  return best;
}

static void compare(const small_problem *s, uint32_t dims, uint64_t seed) {
  static every all;
  double costs[MAX_NODES * MAX_DIMS];
  uint64_t r = seed;
  for (uint32_t i = 0; i < s->p.num_nodes * dims; ++i)
    costs[i] = random_below(&r, 20);
  eg_vectors vectors = {dims, costs};
  eg_extract_options options = eg_extract_options_default();
  options.method = "branch";
  try_every(&s->p, &vectors, &all);
  eg_pareto *front;
  eg_status status =
      eg_pareto_create(&s->p, &vectors, &options, 60, &front, NULL);
  CHECK_EQ(status, all.num ? EG_OK : EG_INFEASIBLE);
  if (status != EG_OK)
    return;
  for (uint32_t k = 0; k < front->num_points; ++k) {
    const double *point = front->totals + k * dims;
    eg_choice_totals totals;
    CHECK_EQ(eg_problem_check(NULL, &s->p,
                              front->choices + k * s->p.num_classes, &totals,
                              NULL),
             EG_OK);
    CHECK(k == 0 || point[0] >= point[-(int)dims]);
    for (uint32_t i = 0; i < all.num; ++i)
      CHECK(!beats(all.totals[i], point, dims));
  }
  // In more than two dimensions the sweep samples, and promises no hull.
  for (int i = 0; dims == 2 && i < 40; ++i) {
    double weights[] = {random_below(&r, 100) + 1, random_below(&r, 100) + 1};
    double want = least(all.totals[0], all.num, MAX_DIMS, weights, dims);
    double got = least(front->totals, front->num_points, dims, weights, dims);
    CHECK(fabs(want - got) <= 1e-6 * want);
  }
  eg_pareto_destroy(front);
}

CHECK_TEST(fronts_are_not_beaten_and_hold_the_hull) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    small_problem s;
    small_make(&s, (small_shape){7, 3, 2, 2, 4, 4, false, 0}, seed);
    for (uint32_t dims = 1; dims <= MAX_DIMS; ++dims)
      compare(&s, dims, seed);
  }
}

// One class: a node for each of three corners, and one that beats them all but
// is never to be chosen in its second dimension.
CHECK_TEST(fronts_leave_out_what_is_forbidden) {
  small_problem s = {.first_node = {0, 4},
                     .first_child = {0, 0, 0, 0, 0},
                     .roots = {0},
                     .costs = {1, 1, 1, 1}};
  s.p = (eg_problem){.num_classes = 1, .num_nodes = 4, .num_roots = 1};
  small_bind(&s);
  double costs[] = {0, INFINITY, 1, 9, 3, 3, 9, 1};
  eg_vectors vectors = {2, costs};
  eg_extract_options options = eg_extract_options_default();
  eg_pareto *front;
  eg_error error;
  CHECK_EQ(eg_pareto_create(&s.p, &vectors, &options, 9, &front, &error),
           EG_OK);
  CHECK_EQ(front->num_points, 3);
  for (uint32_t i = 0; i < front->num_points; ++i)
    CHECK_EQ(front->choices[i], i + 1);
  eg_pareto_destroy(front);
}

CHECK_TEST(vectors_are_checked) {
  small_problem s;
  small_make(&s, (small_shape){4, 2, 1, 1, 4, 0, false, 0}, 1);
  double costs[MAX_NODES] = {[1] = NAN};
  eg_vectors vectors = {1, costs};
  eg_extract_options options = eg_extract_options_default();
  eg_pareto *front;
  eg_error error;
  CHECK_EQ(eg_pareto_create(&s.p, &vectors, &options, 5, &front, &error),
           EG_INVALID);
  CHECK(strstr(error.text, "cost 0 of node 1 is") != NULL);
  vectors.num_dims = 0;
  CHECK_EQ(eg_pareto_create(&s.p, &vectors, &options, 5, &front, &error),
           EG_INVALID);
  CHECK(front == NULL);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Methods on large problems of many shapes: every answer is checked, budgets of
// work hold, and nobody is worse than greedy.
#include "large_problems.h"

#include <math.h>

enum { SIZE = 400 };

typedef struct answer {
  eg_status status;
  eg_extract_result result;
  uint32_t *choice;
} answer;

static answer extract(const large_problem *l, eg_extract_options options) {
  answer a = {.choice = malloc((l->p.num_classes + 1) * sizeof *a.choice)};
  eg_choice_totals totals;
  a.status = eg_extract(&l->p, &options, a.choice, &a.result);
  CHECK_EQ(a.status, EG_OK);
  CHECK_EQ(eg_problem_check(NULL, &l->p, a.choice, &totals, NULL), EG_OK);
  CHECK(totals.dag == a.result.dag);
  CHECK(a.result.bound <= a.result.dag);
  return a;
}

static double dag_of(const large_problem *l, const char *method,
                     uint64_t work) {
  eg_extract_options options = eg_extract_options_default();
  options.method = method;
  options.work = work;
  answer a = extract(l, options);
  // One step of a method looks at all edges a few times, at most.
  uint64_t size = (uint64_t)l->p.num_nodes + l->p.num_children;
  if (work != EG_UNLIMITED)
    CHECK(a.result.work <= work + 64 * size);
  free(a.choice);
  return a.result.dag;
}

static large_problem *fill(size_t shape, uint32_t size, uint64_t seed) {
  large_problem *l = large_make(2 * size + 100, seed);
  large_shapes[shape].fill(l, size);
  CHECK(!l->overflow);
  return l;
}

CHECK_TEST(no_method_is_worse_than_greedy_nor_late) {
  static const char *const methods[] = {"local", "anneal", "genetic", "beam",
                                        "width", "branch", "ilp"};
  for (size_t s = 0; s < NUM_LARGE_SHAPES; ++s) {
    large_problem *l = fill(s, SIZE, s);
    uint64_t size = (uint64_t)l->p.num_nodes + l->p.num_children;
    double dag = dag_of(l, "dag", EG_UNLIMITED);
    for (size_t m = 0; m < sizeof methods / sizeof *methods; ++m) {
      if (!eg_extractor_find(methods[m]))
        continue; // without CBC
      int before = check_failures;
      CHECK(dag_of(l, methods[m], 400 * size) <= dag * (1 + 1e-12));
      dag_of(l, methods[m], 20 * size); // stopped in the middle of anything
      if (check_failures != before)
        printf("  method %s, shape %s\n", methods[m], large_shapes[s].name);
    }
    large_free(l);
  }
}

CHECK_TEST(local_ends_by_itself_in_linear_work) {
  for (size_t s = 0; s < NUM_LARGE_SHAPES; ++s) {
    large_problem *l = fill(s, 8 * SIZE, 1);
    uint64_t size = (uint64_t)l->p.num_nodes + l->p.num_children;
    eg_extract_options options = eg_extract_options_default();
    answer a = extract(l, options);
    CHECK_EQ(a.result.stop, EG_EXTRACT_DONE);
    CHECK(a.result.work <= 4000 * size);
    free(a.choice);
    large_free(l);
  }
}

// More restarts may find more, and never less; a seed says which.
CHECK_TEST(restarts_improve_and_repeat) {
  bool any = false;
  for (size_t s = 0; s < NUM_LARGE_SHAPES; ++s) {
    large_problem *l = fill(s, 1000, 3);
    eg_extract_options options = eg_extract_options_default();
    answer few = extract(l, options);
    options.restarts = UINT32_MAX;
    options.work = 8000000;
    answer many = extract(l, options), again = extract(l, options);
    CHECK(many.result.dag <= few.result.dag);
    any |= many.result.dag < few.result.dag;
    CHECK_EQ(many.result.work, again.result.work);
    CHECK(memcmp(many.choice, again.choice,
                 l->p.num_classes * sizeof *many.choice) == 0);
    free(few.choice);
    free(many.choice);
    free(again.choice);
    large_free(l);
  }
  CHECK(any);
}

//===-- Proofs ------------------------------------------------------------===//

enum { ELEMENTS = 14, SETS = 12 };

// Sets that cover, wanted by one node of one root: no root is undecided.
static void fill_cover(large_problem *l, uint32_t *member) {
  large_node(l, 0);
  for (uint32_t e = 0; e < ELEMENTS; ++e)
    large_child(l, 1 + e);
  large_end(l);
  for (uint32_t e = 0; e < ELEMENTS; ++e) {
    member[e] = 0;
    for (uint32_t k = 0; k < 4; ++k) {
      uint32_t set = large_below(l, SETS);
      if (member[e] >> set & 1)
        continue;
      member[e] |= 1u << set;
      large_node(l, 0);
      large_child(l, 1 + ELEMENTS + set);
    }
    large_end(l);
  }
  for (uint32_t s = 0; s < SETS; ++s) {
    large_node(l, 5 + large_below(l, 6));
    large_end(l);
  }
  large_root(l, 0);
}

static double cheapest_cover(const large_problem *l, const uint32_t *member) {
  double best = INFINITY;
  for (uint32_t sets = 0; sets < 1u << SETS; ++sets) {
    double total = 0;
    for (uint32_t s = 0; s < SETS; ++s)
      total += sets >> s & 1 ? l->costs[l->first_node[1 + ELEMENTS + s]] : 0;
    bool covers = true;
    for (uint32_t e = 0; e < ELEMENTS; ++e)
      covers &= (member[e] & sets) != 0;
    best = covers && total < best ? total : best;
  }
  return best;
}

// Presolve that is told not to, or runs out of time, leaves classes undecided
// below roots that are decided: they must be branched on as well.
CHECK_TEST(exact_is_exact_without_forced_classes) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    large_problem *l = large_make(400, seed);
    uint32_t member[ELEMENTS];
    fill_cover(l, member);
    double best = cheapest_cover(l, member);
    for (uint32_t m = 0; m < eg_num_extractors(); ++m) {
      eg_extract_options options = eg_extract_options_default();
      options.extractor = eg_extractor_get(m);
      options.presolve = seed % 2 ? EG_PRESOLVE_ALL & ~EG_PRESOLVE(FORCED) : 0;
      answer a = extract(l, options);
      CHECK(a.result.bound <= best);
      CHECK(a.result.dag == best || !options.extractor->exact);
      free(a.choice);
    }
    large_free(l);
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every method against brute force on random problems, and bad input.
#include "problems.h"

static const small_shape shapes[] = {
    {5, 3, 2, 1, 10, 0, false, 0}, // acyclic
    {7, 3, 2, 1, 4, 6, false, 0},  // cyclic, many ties and zeros
    {8, 2, 3, 3, 10, 4, false, 0}, // several roots
    {6, 4, 2, 2, 2, 16, false, 0}, // no order at all
    {9, 2, 2, 1, 1, 5, false, 0},  // everything is free
    {8, 3, 2, 2, 5, 4, false, 4},  // some nodes are never to be chosen
};

static const small_shape negative_shape = {7, 3, 2, 2, 6, 4, true, 0};

// One method on one problem whose optimum is known.
static void run_one(const eg_extractor *method, const small_problem *s,
                    double best, eg_extract_options options) {
  uint32_t choice[MAX_CLASSES];
  eg_extract_result result;
  options.extractor = method;
  eg_status status = eg_extract(&s->p, &options, choice, &result);
  if (best == INFINITY) {
    CHECK_EQ(status, EG_INFEASIBLE);
    CHECK_EQ(result.error.status, EG_INFEASIBLE);
    return;
  }
  CHECK_EQ(status, EG_OK);
  eg_choice_totals totals;
  CHECK_EQ(eg_problem_check(NULL, &s->p, choice, &totals, NULL), EG_OK);
  CHECK(totals.dag == result.dag);
  CHECK(totals.tree == result.tree);
  CHECK(result.dag >= best - 1e-9);
  CHECK(result.bound <= best + 1e-9);
  if (method->exact && result.stop == EG_EXTRACT_DONE) {
    CHECK(fabs(result.dag - best) <= 1e-9);
    CHECK(result.optimal);
  }
}

static void run_shape(small_shape shape, int times, uint32_t presolve) {
  for (int i = 0; i < times; ++i) {
    small_problem s;
    small_make(&s, shape, (uint64_t)i);
    double best = brute_force(&s.p);
    for (uint32_t m = 0; m < eg_num_extractors(); ++m) {
      const eg_extractor *method = eg_extractor_get(m);
      if (shape.negative && !method->negative)
        continue;
      eg_extract_options options = eg_extract_options_default();
      options.seed = (uint64_t)i;
      options.presolve = presolve;
      int before = check_failures;
      run_one(method, &s, best, options);
      if (check_failures != before)
        printf("  method %s, problem %d of %u classes, presolve %u\n",
               method->name, i, shape.classes, presolve);
    }
  }
}

CHECK_TEST(methods_agree_with_brute_force) {
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; ++i)
    run_shape(shapes[i], 150, EG_PRESOLVE_ALL);
}

// Alone, in pairs, and none: the exact methods must stay exact.
CHECK_TEST(every_presolve_rule_keeps_an_optimum) {
  for (uint32_t a = 0; a <= EG_NUM_PRESOLVE_RULES; ++a)
    for (uint32_t b = a; b <= EG_NUM_PRESOLVE_RULES; ++b) {
      uint32_t mask = (1u << a | 1u << b) & EG_PRESOLVE_ALL;
      for (size_t i = 0; i < sizeof shapes / sizeof *shapes; ++i)
        run_shape(shapes[i], a == b ? 25 : 6, mask);
    }
}

CHECK_TEST(negative_costs_are_handled_or_refused) {
  run_shape(negative_shape, 150, EG_PRESOLVE_ALL);
  small_problem s;
  small_make(&s, negative_shape, 1);
  s.costs[0] = -1;
  for (uint32_t m = 0; m < eg_num_extractors(); ++m) {
    eg_extract_options options = eg_extract_options_default();
    uint32_t choice[MAX_CLASSES];
    eg_extract_result result;
    options.extractor = eg_extractor_get(m);
    eg_status status = eg_extract(&s.p, &options, choice, &result);
    CHECK_EQ(status, options.extractor->negative ? EG_OK : EG_INVALID);
  }
}

//===-- Budgets and seeds -------------------------------------------------===//

CHECK_TEST(no_budget_still_gives_the_tree_optimum) {
  small_problem s;
  small_make(&s, (small_shape){20, 4, 3, 2, 10, 3, false, 0}, 5);
  eg_extract_options options = eg_extract_options_default();
  uint32_t choice[MAX_CLASSES];
  eg_extract_result tree, other;
  options.method = "tree";
  CHECK_EQ(eg_extract(&s.p, &options, choice, &tree), EG_OK);
  for (uint32_t m = 1; m < eg_num_extractors(); ++m)
    for (int by_time = 0; by_time < 2; ++by_time) {
      options = eg_extract_options_default();
      options.extractor = eg_extractor_get(m);
      if (by_time)
        options.seconds = 0;
      else
        options.work = 0;
      CHECK_EQ(eg_extract(&s.p, &options, choice, &other), EG_OK);
      CHECK_EQ(other.stop, by_time ? EG_EXTRACT_TIME : EG_EXTRACT_WORK);
      CHECK(other.dag <= tree.dag);
      eg_choice_totals totals;
      CHECK_EQ(eg_problem_check(NULL, &s.p, choice, &totals, NULL), EG_OK);
    }
}

// Same seed and work: the same choice, not only the same cost.
CHECK_TEST(answers_are_reproducible) {
  small_problem s;
  small_make(&s, (small_shape){30, 4, 3, 2, 10, 3, false, 0}, 7);
  for (uint32_t m = 0; m < eg_num_extractors(); ++m)
    for (uint64_t work = 50; work < 100000; work *= 7) {
      uint32_t first[MAX_CLASSES], again[MAX_CLASSES];
      eg_extract_options options = eg_extract_options_default();
      eg_extract_result one, two;
      options.extractor = eg_extractor_get(m);
      options.seed = 11;
      options.work = work;
      CHECK_EQ(eg_extract(&s.p, &options, first, &one), EG_OK);
      CHECK_EQ(eg_extract(&s.p, &options, again, &two), EG_OK);
      CHECK_EQ(one.work, two.work);
      CHECK(memcmp(first, again, s.p.num_classes * sizeof *first) == 0);
    }
}

//===-- Bad input ---------------------------------------------------------===//

typedef void (*damage)(small_problem *s);

static void nan_cost(small_problem *s) {
  s->costs[1] = NAN;
}
static void endless_gain(small_problem *s) {
  s->costs[1] = -INFINITY;
}
static void wild_root(small_problem *s) {
  s->roots[0] = 99;
}
static void wild_child(small_problem *s) {
  s->children[0] = 99;
}
static void falling_starts(small_problem *s) {
  s->first_node[1] = 0;
  s->first_node[2] = s->first_node[1] + 3;
  s->first_node[3] = 1;
}
static void short_children(small_problem *s) {
  s->p.num_children -= 1;
}
static void no_costs(small_problem *s) {
  s->p.costs = NULL;
}

CHECK_TEST(problems_that_are_not_valid_are_refused) {
  static const struct {
    damage damage;
    const char *text;
  } cases[] = {
      {nan_cost, "the cost of node 1 is"},
      {endless_gain, "the cost of node 1 is -inf"},
      {wild_root, "roots[0] names class 99, there are 6"},
      {wild_child, "children[0] names class 99, there are 6"},
      {falling_starts, "first_node[3] is less than first_node[2]"},
      {short_children, "first_child ends at"},
      {no_costs, "an array of the problem is NULL"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    small_problem s;
    small_make(&s, (small_shape){6, 3, 3, 1, 10, 0, false, 0}, 3);
    cases[i].damage(&s);
    eg_extract_options options = eg_extract_options_default();
    uint32_t choice[MAX_CLASSES];
    eg_extract_result result;
    CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_INVALID);
    CHECK(strstr(result.error.text, cases[i].text) != NULL);
    CHECK(result.dag == INFINITY);
  }
}

CHECK_TEST(cycles_only_is_infeasible) {
  small_problem s = {.children = {1, 0},
                     .first_node = {0, 1, 2},
                     .first_child = {0, 1, 2},
                     .costs = {1, 1}};
  s.p = (eg_problem){
      .num_classes = 2, .num_nodes = 2, .num_children = 2, .num_roots = 1};
  small_bind(&s);
  for (uint32_t m = 0; m < eg_num_extractors(); ++m)
    run_one(eg_extractor_get(m), &s, INFINITY, eg_extract_options_default());
}

// 0: {f(1), 9 never}, 1: {never}. The status says which root, and why.
CHECK_TEST(classes_of_forbidden_nodes_are_named) {
  small_problem s = {.children = {1},
                     .first_node = {0, 2, 3},
                     .first_child = {0, 1, 1, 1},
                     .roots = {0, 1},
                     .costs = {1, INFINITY, INFINITY}};
  s.p = (eg_problem){
      .num_classes = 2, .num_nodes = 3, .num_children = 1, .num_roots = 1};
  small_bind(&s);
  eg_extract_options options = eg_extract_options_default();
  uint32_t choice[MAX_CLASSES] = {1, EG_NO_NODE};
  eg_extract_result result;
  eg_choice_totals totals;
  eg_error error;
  CHECK_EQ(eg_problem_check(NULL, &s.p, choice, &totals, &error),
           EG_INFEASIBLE);
  CHECK_STR(error.text, "node 1 chosen in class 0 is never to be chosen");
  for (uint32_t m = 0; m < eg_num_extractors(); ++m)
    run_one(eg_extractor_get(m), &s, INFINITY, options);
  CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_INFEASIBLE);
  CHECK_STR(result.error.text, "root 0, class 0, has no finite term of nodes "
                               "that may be chosen");
  s.roots[0] = 1;
  CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_INFEASIBLE);
  CHECK_STR(result.error.text,
            "root 0, class 1, has only nodes that are never to be chosen");
  s.costs[2] = 7;
  s.roots[0] = 0;
  for (uint32_t m = 0; m < eg_num_extractors(); ++m)
    run_one(eg_extractor_get(m), &s, 8, options);
}

CHECK_TEST(sums_beyond_numbers_are_refused) {
  small_problem s = {.first_node = {0, 1, 2},
                     .first_child = {0, 0, 0},
                     .roots = {0, 1},
                     .costs = {1e308, 1e308}};
  s.p = (eg_problem){.num_classes = 2, .num_nodes = 2, .num_roots = 2};
  small_bind(&s);
  uint32_t choice[MAX_CLASSES];
  eg_extract_result result;
  for (uint32_t m = 0; m < eg_num_extractors(); ++m) {
    eg_extract_options options = eg_extract_options_default();
    options.extractor = eg_extractor_get(m);
    CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_INVALID);
    CHECK_STR(result.error.text, "a choice of cost inf");
  }
}

CHECK_TEST(no_roots_cost_nothing) {
  small_problem s;
  small_make(&s, shapes[0], 1);
  s.p.num_roots = 0;
  for (uint32_t m = 0; m < eg_num_extractors(); ++m)
    run_one(eg_extractor_get(m), &s, 0, eg_extract_options_default());
}

CHECK_TEST(options_are_checked) {
  small_problem s;
  small_make(&s, shapes[0], 1);
  uint32_t choice[MAX_CLASSES];
  eg_extract_result result;
  eg_extract_options options = eg_extract_options_default();
  options.method = "best";
  CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_NOT_FOUND);
  CHECK_STR(result.error.text, "there is no method 'best'");
  options.method = "tree";
  options.seconds = NAN;
  CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_INVALID);
  options.seconds = -1;
  CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_INVALID);
}

//===-- Methods of one's own ----------------------------------------------===//

// Offers rubbish first, then a choice by hand.
static eg_status run_own(void *user, eg_extraction *x) {
  const eg_problem *p = eg_extraction_problem(x);
  uint32_t choice[MAX_CLASSES];
  for (uint32_t c = 0; c < p->num_classes; ++c)
    choice[c] = EG_NO_NODE;
  CHECK_EQ(eg_extraction_offer(x, choice), EG_INFEASIBLE);
  memcpy(choice, eg_extraction_best(x), p->num_classes * sizeof *choice);
  choice[p->roots[0]] = p->num_nodes - 1; // of another class
  CHECK_EQ(eg_extraction_offer(x, choice), EG_INFEASIBLE);
  eg_extraction_bound(x, *(double *)user);
  return eg_extraction_work(x, 10) ? EG_OK : EG_LIMIT;
}

CHECK_TEST(a_method_of_ones_own_is_checked) {
  small_problem s;
  small_make(&s, shapes[0], 1);
  double bound = 0, best = brute_force(&s.p);
  eg_extractor own = {"own", "for this test", false, false, run_own, &bound};
  run_one(&own, &s, best, eg_extract_options_default());
  bound = 1e9; // a lie
  uint32_t choice[MAX_CLASSES];
  eg_extract_result result;
  eg_extract_options options = eg_extract_options_default();
  options.extractor = &own;
  CHECK_EQ(eg_extract(&s.p, &options, choice, &result), EG_INVALID);
  CHECK(strstr(result.error.text, "is above an answer") != NULL);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

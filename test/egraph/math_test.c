// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The maths microbenchmark reaches exactly egg's sizes, iteration by iteration,
// with every invariant in place after each.
#include "check.h"
#include "math_sizes.h"

enum { ITERATIONS = 10 };

CHECK_TEST(sizes_equal_egg_at_every_iteration) {
  eg_allocator memory = eg_allocator_default();
  eg_graph *graph;
  eg_rules *rules;
  eg_class roots[MATH_NUM_ROOTS];
  char *text = math_read_file(MATH_FILE);
  CHECK(text != NULL);
  CHECK(eg_graph_create(&memory, &graph) == EG_OK);
  CHECK(math_load(graph, text, &rules, roots) == EG_OK);
  free(text);
  eg_limits limits = eg_limits_default();
  limits.rounds = 1;
  for (int i = 0; i < ITERATIONS; ++i) {
    eg_report report;
    CHECK(eg_run(graph, rules, &limits, &report) == EG_OK);
    CHECK_EQ(report.stop, EG_STOP_ROUNDS);
    CHECK_EQ(report.nodes, math_sizes[i].nodes);
    CHECK_EQ(report.classes, math_sizes[i].classes);
    CHECK_EQ(report.matches, math_sizes[i].matches);
    eg_status status = eg_check(graph);
    CHECK(status == EG_OK);
    if (status != EG_OK)
      printf("  %s\n", eg_graph_error(graph)->text);
  }
  eg_cost size = eg_cost_size();
  eg_choice *choice;
  CHECK(eg_extract_tree(graph, &size, &choice) == EG_OK);
  double sum = 0;
  for (int i = 0; i < MATH_NUM_ROOTS; ++i)
    sum += *(const double *)eg_choice_cost(choice, roots[i]);
  CHECK_EQ(sum, MATH_BEST_SIZE);
  eg_choice_totals totals;
  CHECK(eg_choice_check(graph, choice, roots, MATH_NUM_ROOTS, NULL, &totals) ==
        EG_OK);
  CHECK_EQ(totals.tree, MATH_BEST_SIZE);
  eg_choice_destroy(choice);
  eg_rules_destroy(rules);
  eg_graph_destroy(graph);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

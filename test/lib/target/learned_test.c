// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is learnt from runs of a known law is that law.
#include "lib/gln_test.h"
#include "target/learned.h"

#include <math.h>

enum { NUM = 200 };

static double uniform(uint64_t *state) {
  return (double)(test_random(state) >> 11) / 9007199254740992.0;
}

static gln_measured run_of(uint64_t *state, double noise) {
  gln_measured m = {.cost = {.cycles = 1000 + 1e6 * uniform(state)}};
  m.cost.compute_cycles = m.cost.cycles * uniform(state);
  m.cost.dma_cycles = m.cost.cycles * uniform(state);
  double share = m.cost.dma_cycles / m.cost.cycles;
  m.cycles = m.cost.cycles * exp(0.2 + 0.5 * share + noise);
  return m;
}

CHECK_TEST(a_law_is_found_through_outliers) {
  uint64_t state = 7;
  gln_measured rows[NUM];
  for (int i = 0; i < NUM; ++i)
    rows[i] = run_of(&state, i % 10 == 0 ? 2 : 0); // every tenth is far off
  gln_learned learned;
  eg_error error = {0};
  CHECK(gln_learned_fit(rows, NUM, 0.1, &learned, &error) == EG_OK);
  CHECK_EQ(learned.num_rows, NUM);
  for (int i = 0; i < 50; ++i) {
    gln_measured m = run_of(&state, 0);
    double ratio = gln_learned_cycles(&learned, &m.cost) / m.cycles;
    CHECK(ratio > 0.97 && ratio < 1.03);
  }
}

CHECK_TEST(a_strong_ridge_is_a_constant_factor) {
  uint64_t state = 9;
  gln_measured rows[NUM];
  for (int i = 0; i < NUM; ++i)
    rows[i] = run_of(&state, 0);
  gln_learned learned;
  CHECK(gln_learned_fit(rows, NUM, 1e9, &learned, NULL) == EG_OK);
  double a = gln_learned_cycles(&learned, &rows[0].cost) / rows[0].cost.cycles;
  double b = gln_learned_cycles(&learned, &rows[1].cost) / rows[1].cost.cycles;
  CHECK(fabs(a - b) < 1e-3 && a > 1.2 && a < 2.1);
}

CHECK_TEST(nothing_learnt_corrects_nothing_and_much_is_bounded) {
  gln_learned none = {.num_rows = 0};
  gln_cost cost = {.cycles = 123, .compute_cycles = 100, .dma_cycles = 50};
  CHECK(gln_learned_cycles(&none, &cost) == 123);
  gln_learned wild = {.num_rows = 2, .bias = 50};
  CHECK(fabs(gln_learned_cycles(&wild, &cost) - 4 * 123) < 1e-6);
}

CHECK_TEST(bad_runs_are_refused) {
  gln_measured rows[2] = {{.cost = {.cycles = 10}, .cycles = 10},
                          {.cost = {.cycles = 10}, .cycles = 0}};
  gln_learned learned;
  eg_error error = {0};
  CHECK(gln_learned_fit(rows, 1, 0, &learned, &error) == EG_INVALID);
  CHECK_STR(error.text, "1 measured runs, at least 2");
  CHECK(gln_learned_fit(rows, 2, 0, &learned, &error) == EG_INVALID);
  CHECK_STR(error.text, "run 1: 0 measured, 10 modelled");
  rows[1].cycles = 5;
  CHECK(gln_learned_fit(rows, 2, -1, &learned, &error) == EG_INVALID);
  CHECK(gln_learned_fit(rows, 2, NAN, &learned, &error) == EG_INVALID);
  CHECK(gln_learned_fit(rows, 2, 0, &learned, &error) == EG_OK);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs survive a trip through text; what is learned from a file of them is the law
// they were made by; and a file that is wrong says where.
#include "lib/gln_test.h"
#include "target/runs.h"

#include <math.h>

enum { MAX_TEXT = 65536, MAX_LINE = 2048 };

// A convolution with some tile, order and staging.
static gln_run random_run(uint64_t *seed, const gln_target *target) {
  gln_conv conv = {.n = 1, .k = test_between(seed, 8, 64), .p = 14, .q = 14};
  conv.c = test_between(seed, 8, 64);
  conv.r = conv.s = 2 * test_between(seed, 0, 1) + 1;
  conv.stride_h = conv.stride_w = test_between(seed, 1, 2);
  conv.dilation_h = conv.dilation_w = 1;
  conv.height = conv.width = 14 * conv.stride_h;
  gln_run run = {.dataflow = GLN_WEIGHT_STATIONARY};
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  CHECK(gln_conv_contract(&conv, &target->types[0], 1, &run.contract, NULL) ==
        EG_OK);
  gln_conv_roles(GLN_WEIGHT_STATIONARY, false, roles);
  int64_t tile[GLN_CONV_NUM_DIMS];
  for (uint8_t d = 0; d < GLN_CONV_NUM_DIMS; ++d) {
    int64_t extent = run.contract.extents[d];
    run.roles[d] = (uint8_t)roles[d];
    tile[d] = d == GLN_CONV_P || d == GLN_CONV_K
                  ? test_between(seed, 1, (int)extent)
                  : extent;
    if (tile[d] < extent)
      run.nest.loops[run.nest.num_loops++] = (gln_nest_loop){
          d, GLN_NEST_IN_TIME, (extent + tile[d] - 1) / tile[d]};
  }
  run.nest.num_outer = run.nest.num_loops;
  for (uint8_t d = 0; d < GLN_CONV_NUM_DIMS; ++d)
    if (tile[d] > 1)
      run.nest.loops[run.nest.num_loops++] =
          (gln_nest_loop){d, GLN_NEST_IN_TIME, tile[d]};
  for (size_t k = 0; k < 3; ++k)
    run.nest.staging[k] =
        (gln_nest_staging){(uint8_t)run.nest.num_outer,
                           (uint8_t)test_between(seed, 1, 2), false, k == 0};
  return run;
}

// |text| cut into its cells at commas.
static gln_run_cells cells_of(char *text) {
  char *cells[9];
  for (int i = 0; i < 9; ++i) {
    cells[i] = text;
    text += strcspn(text, ",");
    if (*text)
      *text++ = 0;
  }
  return (gln_run_cells){cells[2], cells[3], cells[4], cells[5], cells[6]};
}

CHECK_TEST(text_and_back) {
  uint64_t seed = 5;
  gln_target target;
  CHECK(gln_target_builtin("gemmini16", &target, NULL) == EG_OK);
  for (int i = 0; i < 200; ++i) {
    gln_run run = random_run(&seed, &target), back;
    char line[MAX_LINE], again[MAX_LINE], cut[MAX_LINE];
    eg_error error = {0};
    run.beside_cycles = run.measured_cycles = 0;
    CHECK(gln_run_print(&run, "a, \"b\"", "", line, sizeof line) < sizeof line);
    strcpy(cut, line);
    gln_run_cells cells = cells_of(cut);
    CHECK_EQ(gln_run_parse(&cells, &back, &error), EG_OK);
    CHECK_STR(error.text, "");
    gln_run_print(&back, "a, \"b\"", "", again, sizeof again);
    CHECK_STR(again, line);
    CHECK(memcmp(&back.contract, &run.contract, sizeof run.contract) == 0);
  }
}

// |num| runs that take |factor| times what the formula says.
static size_t write_runs(char *text, int num, double factor) {
  uint64_t seed = 9;
  gln_target target;
  size_t used = (size_t)sprintf(text, "%s\n", gln_run_header());
  CHECK(gln_target_builtin("gemmini16", &target, NULL) == EG_OK);
  for (int i = 0; i < num; ++i) {
    gln_run run = random_run(&seed, &target);
    gln_cost_model model;
    gln_cost cost;
    gln_nest_role roles[GLN_NEST_MAX_DIMS];
    for (size_t d = 0; d < run.contract.num_dims; ++d)
      roles[d] = (gln_nest_role)run.roles[d];
    CHECK(gln_cost_model_init(&model, &target, 0, run.dataflow, 0,
                              &run.contract, roles, NULL) == EG_OK);
    gln_cost_model_run(&model, &run.nest, &cost);
    run.beside_cycles = 100;
    run.measured_cycles = factor * cost.cycles + 100;
    used += gln_run_print(&run, "x", "", text + used, MAX_LINE);
    used += (size_t)sprintf(text + used, "\n");
  }
  return used;
}

static eg_status learn_text(const char *text, gln_learning *out,
                            eg_error *error) {
  gln_target target;
  eg_allocator memory = eg_allocator_default();
  *error = (eg_error){0};
  CHECK(gln_target_builtin("gemmini16", &target, NULL) == EG_OK);
  return gln_learn(&memory, &target, "runs.csv", text, out, error);
}

CHECK_TEST(the_law_of_the_runs_is_learned) {
  static char text[MAX_TEXT];
  gln_learning l;
  eg_error error;
  write_runs(text, 60, 1.5);
  CHECK_EQ(learn_text(text, &l, &error), EG_OK);
  CHECK_STR(error.text, "");
  CHECK_EQ(l.runs, 60);
  CHECK(l.layers > 20);
  CHECK(l.mean < 0.02 && l.formula_mean > 0.3);
  gln_cost cost = {.cycles = 1e5, .compute_cycles = 9e4, .dma_cycles = 5e4};
  CHECK(fabs(gln_learned_cycles(&l.learned, &cost) / 1.5e5 - 1) < 0.05);
}

// |text| with |what| in place of the first |old|.
static void expect_error(const char *text, const char *old, const char *what,
                         const char *message) {
  static char changed[MAX_TEXT];
  gln_learning l;
  eg_error error;
  const char *at = strstr(text, old);
  CHECK(at != NULL);
  sprintf(changed, "%.*s%s%s", (int)(at - text), text, what,
          at + strlen(old));
  CHECK(learn_text(changed, &l, &error) == EG_INVALID);
  if (!strstr(error.text, message))
    CHECK_STR(error.text, message);
}

CHECK_TEST(what_is_wrong_is_located) {
  static char text[MAX_TEXT];
  gln_learning l;
  eg_error error;
  write_runs(text, 12, 2);
  expect_error(text, "measured_cycles", "cycles",
               "runs.csv:1: no column is called 'measured_cycles'");
  expect_error(text, ",ws,", ",is,", "runs.csv:2: dataflow: ws, os or vector");
  expect_error(text, "1s ", "0s ", "runs.csv:2: dims: an extent expected");
  expect_error(text, "abuf", "dram", "runs.csv:2: operands: abuf, wbuf or acc");
  expect_error(text, ",100,", ",100,-", "is no number above 0");
  expect_error(text, ",100,", ",nan,", "is no number from 0");
  expect_error(text, "\nx,,", "\nx,", "runs.csv:2: dataflow: ws, os or vector");
  CHECK(learn_text("", &l, &error) == EG_INVALID);
  write_runs(text, 5, 2);
  CHECK(learn_text(text, &l, &error) == EG_INVALID);
  CHECK_STR(error.text, "runs.csv: 5 measured runs (and 0 without cycles), at "
                        "least 8 to learn from");
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

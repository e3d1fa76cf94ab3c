// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Targets: the shipped points, setting and ranges, area, and what is refused.
#include "../gln_test.h"

#include "target/target.h"

#include <math.h>

static bool near(double a, double b) {
  return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b));
}

static gln_target shipped(const char *name) {
  gln_target target;
  eg_error error = {0};
  CHECK_EQ(gln_target_builtin(name, &target, &error), EG_OK);
  CHECK_STR(error.text, "");
  return target;
}

CHECK_TEST(shipped_points) {
  gln_target g = shipped("gemmini16"), w = shipped("ws64");
  static const struct {
    const char *key;
    double gemmini16, ws64;
  } table[] = {
      {"rows", 16, 64},
      {"cols", 16, 64},
      {"shadow_weights", 0, 1},
      {"weight_stationary", 1, 1},
      {"output_stationary", 1, 1},
      {"lanes", 16, 64},
      {"abuf_bytes", 131072, 1048576},
      {"wbuf_bytes", 131072, 1048576},
      {"acc_bytes", 65536, 262144},
      {"dram_bytes_per_cycle", 8, 16},
      {"dram_burst_bytes", 64, 64},
      {"dram_request_cycles", 10, 10},
      {"dram_latency", 100, 100},
      {"host_cycles_per_mac", 64, 64},
      {"host_cycles_per_element", 8, 8},
      {"host_bytes_per_cycle", 8, 8},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    CHECK_EQ(gln_target_find(&g, table[i].key)->value, table[i].gemmini16);
    CHECK_EQ(gln_target_find(&w, table[i].key)->value, table[i].ws64);
  }
  CHECK(gln_target_is_point(&g));
  CHECK(gln_target_is_point(&w));
  CHECK_EQ(gln_target_find_type(&g, GLN_TYPE_I8, GLN_TYPE_I8), 0);
  CHECK_EQ(gln_target_find_type(&g, GLN_TYPE_BF16, GLN_TYPE_BF16), 1);
  CHECK_EQ(gln_target_find_type(&g, GLN_TYPE_F32, GLN_TYPE_F32), 2);
  CHECK_EQ(gln_target_find_type(&g, GLN_TYPE_I8, GLN_TYPE_F32), -1);
}

// Every shipped target passes its check, and each number says where it is from.
CHECK_TEST(every_number_has_a_source) {
  const char *name;
  for (size_t t = 0; (name = gln_target_builtin_name(t)); ++t) {
    gln_target target = shipped(name);
    CHECK_EQ(gln_target_check(&target, NULL), EG_OK);
    for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
      CHECK(target.numbers[i].present && target.numbers[i].source);
    for (size_t i = 0; i < GLN_NUM_ARRAY_NUMBERS; ++i)
      CHECK(target.arrays[0].numbers[i].present &&
            target.arrays[0].numbers[i].source);
    for (size_t i = 0; i < target.num_types; ++i)
      CHECK(target.types[i].source != NULL);
  }
}

CHECK_TEST(ranges_of_edge) {
  gln_target edge = shipped("edge");
  double value;
  CHECK(!gln_target_is_point(&edge));
  CHECK_EQ(edge.arrays[0].rows.num_choices, 5); // 8 16 32 64 128
  CHECK_EQ(edge.abuf_bytes.num_choices, 8);     // 16 KiB … 2 MiB
  CHECK_EQ(edge.acc_bytes.num_choices, 9);      // 4 KiB … 1 MiB
  CHECK_EQ(edge.arrays[0].rows.value, 16);      // as gemmini16
  CHECK(gln_target_number_round_up(&edge.abuf_bytes, 16385, &value));
  CHECK_EQ(value, 32768);
  CHECK(gln_target_number_round_up(&edge.abuf_bytes, 1, &value));
  CHECK_EQ(value, 16384);
  CHECK(!gln_target_number_round_up(&edge.abuf_bytes, 2097153, &value));
  CHECK(gln_target_number_round_up(&edge.lanes, 16, &value)); // fixed
  CHECK(!gln_target_number_round_up(&edge.lanes, 17, &value));
  // Fixing a number ends its range.
  CHECK_EQ(gln_target_set(&edge, "rows", 24, NULL, NULL), EG_OK);
  CHECK_EQ(edge.arrays[0].rows.num_choices, 0);
}

// mm2 = 4.04e-4 N^2 + 5.55e-3 acc + 2.60e-3 sp + 1.09e-3 N + 0.0138, by hand.
CHECK_TEST(area_by_hand) {
  gln_target g = shipped("gemmini16");
  CHECK(near(gln_target_area(&g), 4.04e-4 * 256 + 5.55e-3 * 64 + 2.60e-3 * 256 +
                                      1.09e-3 * 16 + 0.0138));
  double before = gln_target_area(&g);
  CHECK_EQ(gln_target_override(&g, "shadow_weights=1", NULL), EG_OK);
  CHECK(near(gln_target_area(&g) - before, 4.8e-5 * 256));
}

// A second array adds its own cells and sides, and nothing else.
CHECK_TEST(two_arrays) {
  gln_target g = shipped("gemmini16");
  double one = gln_target_area(&g);
  CHECK_EQ(gln_target_add_array(&g, NULL), EG_OK);
  g.arrays[1] = g.arrays[0];
  CHECK_EQ(gln_target_override(&g, "array1.rows=8,array1.cols=32", NULL),
           EG_OK);
  CHECK_EQ(g.arrays[0].rows.value, 16);
  CHECK_EQ(g.arrays[1].rows.value, 8);
  CHECK_EQ(gln_target_check(&g, NULL), EG_OK);
  CHECK(near(gln_target_area(&g) - one, 4.04e-4 * 256 + 1.09e-3 * 20));
  CHECK_EQ(gln_target_add_array(&g, NULL), EG_OK);
  CHECK_EQ(gln_target_add_array(&g, NULL), EG_OK);
  CHECK_EQ(gln_target_add_array(&g, NULL), EG_LIMIT);
}

//===-- What is refused ---------------------------------------------------===//

typedef void change(gln_target *target);

static void no_dram(gln_target *t) {
  t->dram_bytes_per_cycle.present = false;
}
static void negative_latency(gln_target *t) {
  t->dram_latency.value = -1;
}
static void not_a_number(gln_target *t) {
  t->energy_dram.value = NAN;
}
static void no_rows(gln_target *t) {
  t->arrays[0].rows.value = 0;
}
static void half_a_row(gln_target *t) {
  t->arrays[0].rows.value = 7.5;
}
static void no_dataflow(gln_target *t) {
  t->arrays[0].weight_stationary.value = 0;
  t->arrays[0].output_stationary.value = 0;
}
static void idle_shadow(gln_target *t) {
  t->arrays[0].weight_stationary.value = 0;
  t->arrays[0].shadow_weights.value = 1;
}
static void small_wbuf(gln_target *t) {
  t->wbuf_bytes.value = 200;
}
static void small_acc(gln_target *t) {
  t->acc_bytes.value = 32;
}
static void narrow_acc(gln_target *t) {
  t->types[1].acc = GLN_TYPE_F16;
}
static void twice(gln_target *t) {
  t->types[2] = t->types[0];
}
static void bad_type(gln_target *t) {
  t->types[0].lhs = (gln_type)77;
}
static void off_range(gln_target *t) {
  CHECK_EQ(gln_target_set_powers(t, "lanes", 8, 32, NULL), EG_OK);
  t->lanes.value = 12;
}
static void no_arrays(gln_target *t) {
  t->num_arrays = 0;
}
static void no_types(gln_target *t) {
  t->num_types = 0;
}
static void no_name(gln_target *t) {
  t->name[0] = 0;
}
static void free_mac(gln_target *t) {
  t->types[0].mac_pj = -0.5;
}

CHECK_TEST(messages_name_field_and_value) {
  static const struct {
    change *apply;
    const char *text;
  } table[] = {
      {no_dram,
       "target 'gemmini16': dram_bytes_per_cycle is missing (bandwidth)"},
      {negative_latency, "target 'gemmini16': dram_latency = -1 is outside 0 "
                         "to 1e+06 cycles"},
      {not_a_number, "target 'gemmini16': energy_dram = nan is outside 0 to "
                     "1e+09 pJ/B"},
      {no_rows, "target 'gemmini16': rows = 0 is outside 1 to 65536 cells"},
      {half_a_row, "target 'gemmini16': rows = 7.5 must be a whole number of "
                   "cells"},
      {no_dataflow, "target 'gemmini16': array 0 has no dataflow: "
                    "weight_stationary = 0 and output_stationary = 0"},
      {idle_shadow, "target 'gemmini16': array 0 has shadow_weights = 1 but "
                    "weight_stationary = 0"},
      {small_wbuf, "target 'gemmini16': wbuf_bytes = 200 B cannot hold one "
                   "block of weights of 256 B"},
      {small_acc, "target 'gemmini16': acc_bytes = 32 B cannot hold one row "
                  "of results of 64 B"},
      {narrow_acc,
       "target 'gemmini16': bf16 x bf16 cannot be accumulated in f16"},
      {twice, "target 'gemmini16': two type rules for i8 x i8"},
      {bad_type, "target 'gemmini16': a type rule has an unknown type (77 x 5 "
                 "in 7)"},
      {off_range, "target 'gemmini16': lanes = 12 is not one of the 3 values "
                  "of its range 8 to 32"},
      {no_arrays, "target 'gemmini16' has 0 arrays, not 1 to 4"},
      {no_types, "target 'gemmini16' has 0 type rules, not 1 to 8"},
      {no_name, "a target has no name"},
      {free_mac, "target 'gemmini16': mac_pj = -0.5 of i8 x i8 must be finite "
                 "and not negative"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_target target = shipped("gemmini16");
    eg_error error = {0};
    table[i].apply(&target);
    CHECK_EQ(gln_target_check(&target, &error), EG_INVALID);
    CHECK_STR(error.text, table[i].text);
  }
}

CHECK_TEST(bad_settings) {
  static const struct {
    const char *text;
    eg_status status;
    const char *message;
  } table[] = {
      {"rows=32", EG_OK, ""},
      {"", EG_OK, ""},
      {"rows", EG_INVALID, "target 'gemmini16': 'rows' is not key=value"},
      {"rows,cols=2", EG_INVALID,
       "target 'gemmini16': 'rows' is not key=value"},
      {"rows=", EG_INVALID,
       "target 'gemmini16': the value of 'rows=' is no number"},
      {"rows=3x", EG_INVALID,
       "target 'gemmini16': the value of 'rows=3x' is no number"},
      {"rows=-4", EG_INVALID,
       "target 'gemmini16': rows = -4 is outside 1 to 65536 cells"},
      {"height=3", EG_NOT_FOUND,
       "target 'gemmini16' has no number called 'height'"},
      {"array1.rows=3", EG_NOT_FOUND,
       "target 'gemmini16' has no number called 'array1.rows'"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_target target = shipped("gemmini16");
    eg_error error = {0};
    CHECK_EQ(gln_target_override(&target, table[i].text, &error),
             table[i].status);
    CHECK_STR(error.text, table[i].message);
  }
}

CHECK_TEST(bad_ranges) {
  gln_target t = shipped("gemmini16");
  eg_error error = {0};
  const double falling[] = {8, 16, 16};
  CHECK_EQ(gln_target_set_choices(&t, "rows", falling, 3, &error), EG_INVALID);
  CHECK_STR(error.text, "target 'gemmini16': the range of rows must ascend, "
                        "but 16 follows 16");
  CHECK_EQ(gln_target_set_choices(&t, "rows", falling, 0, &error), EG_INVALID);
  CHECK_STR(error.text, "target 'gemmini16': rows has a range of 0 values, not "
                        "1 to 16");
  CHECK_EQ(gln_target_set_powers(&t, "rows", 8, 100, &error), EG_INVALID);
  CHECK_STR(error.text, "target 'gemmini16': rows has no range from 8 to 100 "
                        "by doubling in at most 16 steps");
  CHECK_EQ(gln_target_set_powers(&t, "rows", 0, 8, &error), EG_INVALID);
  CHECK_EQ(t.arrays[0].rows.num_choices, 0); // nothing was changed
  CHECK_EQ(t.arrays[0].rows.value, 16);
  CHECK_EQ(gln_target_builtin("gemini", &t, &error), EG_NOT_FOUND);
  CHECK_STR(error.text, "there is no target called 'gemini'; shipped are "
                        "gemmini16, ws64, edge");
}

// A loader starts here: what it forgets is named.
CHECK_TEST(empty_target_is_incomplete) {
  gln_target t;
  eg_error error = {0};
  gln_target_init(&t, "mine");
  CHECK(t.energy_dram.present);
  CHECK(t.area_base.present);
  CHECK(!t.lanes.present);
  gln_type_rule rule = {GLN_TYPE_I8, GLN_TYPE_I8, GLN_TYPE_I32, 1, "mine"};
  CHECK_EQ(gln_target_add_array(&t, NULL), EG_OK);
  CHECK_EQ(gln_target_add_type(&t, rule, NULL), EG_OK);
  CHECK_EQ(gln_target_check(&t, &error), EG_INVALID);
  CHECK_STR(error.text,
            "target 'mine': lanes is missing (width of the vector unit)");
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

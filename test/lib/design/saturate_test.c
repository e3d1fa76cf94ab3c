// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Designs sampled from a saturated graph (a node of each class, uniformly, top down,
// no filter, no retry) are legal, and compute what the program computes.
#include "network.h"

#include "design/choose.h"

CHECK_TEST(sampled_designs_are_legal_and_right) {
  fixture f;
  gln_array want[8];
  begin(&f, small);
  build_network(&f);
  size_t num = reference(&f, want);
  CHECK_EQ(num, 7);
  gln_saturate_report report = saturate(&f, NULL, NULL);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  legality l = check_designs(&f, want, num, 120);
  CHECK_EQ(l.illegal, 0);
  CHECK_EQ(l.wrong, 0);
  CHECK(l.blocks > 100 && l.fused > 60);
  for (size_t i = 0; i < num; ++i)
    gln_array_fini(&want[i]);
  end(&f);
}

// Other sizes; odd ones leave tails.
CHECK_TEST(sizes_do_not_matter) {
  uint64_t seed = 3;
  for (int i = 0; i < 16; ++i) {
    fixture f;
    gln_array want[8];
    begin(&f, small);
    f.side = 2 * test_between(&seed, 3, 4);
    f.channels = test_between(&seed, 2, 5);
    f.filters = test_between(&seed, 2, 7);
    f.seed = seed;
    build_network(&f);
    size_t num = reference(&f, want);
    saturate(&f, NULL, NULL);
    legality l = check_designs(&f, want, num, 12);
    CHECK_EQ(l.illegal + l.wrong, 0);
    if (l.illegal + l.wrong)
      printf("  side %d, channels %d, filters %d\n", (int)f.side,
             (int)f.channels, (int)f.filters);
    for (size_t k = 0; k < num; ++k)
      gln_array_fini(&want[k]);
    end(&f);
  }
}

// Each rule with what it needs to show: the rules that come after it are off.
CHECK_TEST(each_rule_alone_is_right) {
  for (int r = 0; r < GLN_NUM_RULES; ++r) {
    fixture f;
    gln_array want[8];
    begin(&f, small);
    build_network(&f);
    size_t num = reference(&f, want);
    const char *name = gln_rule_get_info((gln_rule_id)r)->name;
    gln_saturate_report report = saturate(&f, name, NULL);
    for (int other = 0; other < GLN_NUM_RULES; ++other)
      CHECK(other == r || report.rules[other].matches == 0);
    legality l = check_designs(&f, want, num, 20);
    CHECK_EQ(l.illegal + l.wrong, 0);
    for (size_t i = 0; i < num; ++i)
      gln_array_fini(&want[i]);
    end(&f);
  }
}

CHECK_TEST(every_rule_applies_somewhere) {
  fixture f;
  begin(&f, small);
  build_network(&f);
  gln_saturate_report report = saturate(&f, NULL, NULL);
  for (int r = 0; r < GLN_NUM_RULES; ++r) {
    if (r == GLN_RULE_CANCEL_PACK)
      continue; // no rule unpacks yet; views_test.c applies it
    if (report.rules[r].applied == 0)
      printf("  %s\n", gln_rule_get_info((gln_rule_id)r)->name);
    CHECK(report.rules[r].applied > 0);
  }
  end(&f);
}

CHECK_TEST(the_same_input_gives_the_same_graph) {
  gln_saturate_report reports[2];
  for (int i = 0; i < 2; ++i) {
    fixture f;
    begin(&f, small);
    build_network(&f);
    reports[i] = saturate(&f, NULL, NULL);
    end(&f);
  }
  CHECK(reports[0].nodes == reports[1].nodes);
  CHECK(reports[0].classes == reports[1].classes);
  CHECK(memcmp(reports[0].rules, reports[1].rules, sizeof reports[0].rules) ==
        0);
}

CHECK_TEST(a_limit_leaves_a_graph_that_is_right) {
  fixture f;
  gln_array want[8];
  begin(&f, small);
  build_network(&f);
  size_t num = reference(&f, want);
  gln_saturate_options options = {.rules = gln_rules_all(),
                                  .limits = {.nodes = 120}};
  gln_saturate_report report;
  CHECK(gln_saturate(&f.lang, &f.target, &options, &report, NULL) == EG_OK);
  CHECK_EQ(report.stop, EG_STOP_NODES);
  legality l = check_designs(&f, want, num, 20);
  CHECK_EQ(l.illegal + l.wrong, 0);
  for (size_t i = 0; i < num; ++i)
    gln_array_fini(&want[i]);
  end(&f);
}

CHECK_TEST(fusion_saves_the_round_trip) {
  double cycles[2], bytes[2];
  for (int i = 0; i < 2; ++i) {
    fixture f;
    eg_choice *choice;
    gln_mapped total;
    begin(&f, small);
    build_network(&f);
    saturate(&f, NULL, i ? "fuse-epilogue" : NULL);
    gln_pricing p = {&f.lang, &f.target, {.kind = GLN_OBJECTIVE_LATENCY}, NULL};
    eg_cost cost = gln_cost_of_nodes(&p);
    CHECK(eg_extract_tree(f.graph, &cost, &choice) == EG_OK);
    CHECK_STR(eg_graph_error(f.graph)->text, "");
    CHECK(gln_mapping_walk(&p, choice, &f.root, 1, NULL, NULL, &total, NULL) ==
          EG_OK);
    CHECK(total.host_macs == 0);
    CHECK(total.array_macs + total.vector_macs ==
          2 * 36. * 5 * 27 + 2 * 36. * 5 * 5 + 20. * 9);
    cycles[i] = total.cost.cycles;
    bytes[i] = total.cost.dram_read_bytes + total.cost.dram_write_bytes;
    eg_choice_destroy(choice);
    end(&f);
  }
  CHECK(cycles[0] < cycles[1]);
  CHECK(bytes[0] < bytes[1]);
}

// The energy-delay product is no worse than that of the fastest and of the
// thriftiest program.
CHECK_TEST(the_best_product_beats_both_ends) {
  static const gln_objective_kind kinds[] = {
      GLN_OBJECTIVE_EDP, GLN_OBJECTIVE_LATENCY, GLN_OBJECTIVE_ENERGY};
  double products[3];
  fixture f;
  begin(&f, small);
  build_network(&f);
  saturate(&f, NULL, NULL);
  for (int i = 0; i < 3; ++i) {
    gln_choose_options options = {.method = "tree"};
    gln_chosen_program program;
    gln_mapped total;
    eg_error error = {0};
    gln_pricing p = {&f.lang, &f.target, {.kind = kinds[i]}, NULL};
    CHECK(gln_choose(&p, &f.root, 1, &options, &program, &error) == EG_OK);
    CHECK_STR(error.text, "");
    CHECK(gln_mapping_walk(&p, program.choice, &f.root, 1, NULL, NULL, &total,
                           NULL) == EG_OK);
    products[i] = total.cost.cycles * total.cost.energy_pj;
    gln_chosen_program_fini(&program);
  }
  CHECK(products[0] <= products[1] && products[0] <= products[2]);
  end(&f);
}

int main(int argc, char **argv) {
  memory = eg_allocator_default();
  return check_main(argc, argv);
}

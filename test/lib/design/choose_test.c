// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Programs chosen by all methods and objectives.
#include "design/choose.h"
#include "design/saturate.h"
#include "lib/gln_test.h"

#include <math.h>

typedef struct fixture {
  eg_allocator memory;
  eg_graph *graph;
  gln_lang lang;
  gln_target target;
  eg_class root;
} fixture;

// y = x W, results (y V, y V U, y V): a value that is wanted three times.
static void begin(fixture *f) {
  eg_error error = {0};
  f->memory = eg_allocator_default();
  CHECK(eg_graph_create(&f->memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
  CHECK(gln_target_builtin("gemmini16", &f->target, &error) == EG_OK);
  gln_spec spec = {.combine = GLN_COMBINE_DOT,
                   .result = GLN_TYPE_F32,
                   .num_operands = 2,
                   .num_dims = 3,
                   .num_parallel = 2,
                   .dims = {196, 128, 128}};
  spec.operands[0] =
      (gln_spec_operand){.rank = 2, .coef = {{1, 0, 0}, {0, 0, 1}}};
  spec.operands[1] =
      (gln_spec_operand){.rank = 2, .coef = {{0, 0, 1}, {0, 1, 0}}};
  gln_shape rows = test_shape("((),(196,128)) f32");
  gln_shape weights = test_shape("((),(128,128)) f32");
  eg_class k, x, y[3];
  CHECK(gln_add_spec(&f->lang, &spec, &k) == EG_OK);
  CHECK(gln_add_input(&f->lang, 0, &rows, &x) == EG_OK);
  for (uint32_t i = 0; i < 3; ++i) {
    eg_class operands[2] = {x};
    CHECK(gln_add_const(&f->lang, i, &weights, &operands[1]) == EG_OK);
    CHECK(gln_add_apply(&f->lang, k, operands, 2, &y[i]) == EG_OK);
    x = y[i];
  }
  eg_class all[] = {y[1], y[2], y[1]};
  CHECK(gln_add_results(&f->lang, all, 3, &f->root) == EG_OK);
  gln_saturate_options options = {.rules = gln_rules_all(),
                                  .limits = eg_limits_default()};
  gln_saturate_report report;
  CHECK(gln_saturate(&f->lang, &f->target, &options, &report, &error) == EG_OK);
  CHECK_STR(error.text, "");
}

static gln_cost total_of(fixture *f, gln_objective_kind kind,
                         const char *method, gln_chosen_program *out) {
  gln_pricing pricing = {&f->lang, &f->target, {.kind = kind}, NULL};
  gln_choose_options options = {.method = method, .seed = 1, .seconds = 5};
  gln_mapped total = {.array_macs = 0};
  eg_error error = {0};
  CHECK(gln_choose(&pricing, &f->root, 1, &options, out, &error) == EG_OK);
  CHECK_STR(error.text, "");
  CHECK(gln_mapping_walk(&pricing, out->choice, &f->root, 1, NULL, NULL, &total,
                         NULL) == EG_OK);
  CHECK(total.array_macs == 3. * 196 * 128 * 128); // each value once
  return total.cost;
}

CHECK_TEST(every_method_gives_the_program_of_the_tree_here) {
  fixture f;
  begin(&f);
  gln_chosen_program p;
  double tree = total_of(&f, GLN_OBJECTIVE_LATENCY, "tree", &p).cycles;
  CHECK(fabs(p.dag - tree) < 1e-6 * tree);
  CHECK(p.tree > p.dag); // y is paid for its three uses
  CHECK_EQ(p.extractions, 1);
  gln_chosen_program_fini(&p);
  for (uint32_t i = 0; i < eg_num_extractors(); ++i) {
    const eg_extractor *method = eg_extractor_get(i);
    double dag = total_of(&f, GLN_OBJECTIVE_LATENCY, method->name, &p).cycles;
    CHECK(dag <= tree * (1 + 1e-9));
    gln_chosen_program_fini(&p);
  }
  eg_graph_destroy(f.graph);
}

CHECK_TEST(the_product_is_no_worse_than_at_either_end) {
  fixture f;
  begin(&f);
  gln_chosen_program p;
  gln_cost fast = total_of(&f, GLN_OBJECTIVE_LATENCY, "tree", &p);
  gln_chosen_program_fini(&p);
  gln_cost thrifty = total_of(&f, GLN_OBJECTIVE_ENERGY, "tree", &p);
  gln_chosen_program_fini(&p);
  gln_cost both = total_of(&f, GLN_OBJECTIVE_EDP, "tree", &p);
  CHECK(p.extractions >= 2);
  gln_chosen_program_fini(&p);
  double least =
      fmin(fast.cycles * fast.energy_pj, thrifty.cycles * thrifty.energy_pj);
  CHECK(both.cycles * both.energy_pj <= least * (1 + 1e-9));
  CHECK(thrifty.energy_pj <= both.energy_pj * (1 + 1e-9));
  CHECK(fast.cycles <= both.cycles * (1 + 1e-9));
  eg_graph_destroy(f.graph);
}

CHECK_TEST(an_unknown_method_names_the_others) {
  fixture f;
  begin(&f);
  gln_chosen_program p;
  eg_error error = {0};
  gln_pricing pricing = {&f.lang, &f.target, {.kind = GLN_OBJECTIVE_LATENCY}, NULL};
  gln_choose_options options = {.method = "guess"};
  CHECK(gln_choose(&pricing, &f.root, 1, &options, &p, &error) == EG_NOT_FOUND);
  CHECK(strstr(error.text, "no method is called 'guess'; there are: tree"));
  gln_chosen_program_fini(&p);
  eg_graph_destroy(f.graph);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views that a union brings together, packs that cancel; both run.
#include "interp/kernel_eval.h"
#include "lib/gln_test.h"
#include "rules/rewrite.h"

typedef struct fixture {
  eg_allocator memory;
  eg_graph *graph;
  gln_lang lang;
  gln_rewriter w;
  gln_rule_set rules;
  eg_limits limits;
  eg_error error;
} fixture;

static void begin(fixture *f) {
  memset(f, 0, sizeof *f);
  f->memory = eg_allocator_default();
  f->rules = gln_rules_all();
  CHECK(eg_graph_create(&f->memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
}

static eg_class input(fixture *f, uint32_t index, const char *text) {
  gln_shape shape = test_shape(text);
  eg_class id = {0};
  CHECK(gln_add_input(&f->lang, index, &shape, &id) == EG_OK);
  return id;
}

static eg_class copy(fixture *f, gln_node node, const char *text, eg_class of) {
  gln_view *view;
  eg_class id = {0};
  CHECK(gln_view_parse(&f->memory, text, strlen(text), &view, NULL) == EG_OK);
  CHECK(gln_add_copy(&f->lang, node, view, of, &id) == EG_OK);
  gln_view_destroy(&f->memory, view);
  return id;
}

static void rewrite(fixture *f) {
  CHECK(gln_rewriter_init(&f->w, &f->lang, &f->rules, &f->limits, &f->memory,
                          &f->error) == EG_OK);
  CHECK(gln_rewrite_views(&f->w) == EG_OK);
  CHECK_STR(f->error.text, "");
  CHECK(eg_check(f->graph) == EG_OK);
}

static void end(fixture *f) {
  gln_rewriter_fini(&f->w);
  eg_graph_destroy(f->graph);
}

static const char transpose[] = "(d0, d1) [6, 4] -> (d1, d0) [4, 6]";
static const char back[] = "(d0, d1) [4, 6] -> (d1, d0) [6, 4]";
static const char rows[] = "(d0, d1) [3, 4] -> (d0 * 2, d1) [6, 4]";

CHECK_TEST(views_that_a_union_brings_together_compose) {
  fixture f;
  begin(&f);
  eg_class x = input(&f, 0, "((),(4,6)) f32"), y = input(&f, 1, "((),(6,4)) f32");
  eg_class v = copy(&f, GLN_NODE_VIEW, rows, y); // of an input: nothing to do
  CHECK(eg_union(f.graph, y, copy(&f, GLN_NODE_VIEW, transpose, x), NULL) ==
        EG_OK);
  rewrite(&f);
  CHECK_EQ(f.w.counts[GLN_RULE_APPLY_VIEW].applied, 1);
  // Every second column of x, without y.
  eg_class want = copy(&f, GLN_NODE_VIEW,
                       "(d0, d1) [3, 4] -> (d1, d0 * 2) [4, 6]", x);
  CHECK_EQ(eg_find(f.graph, want).id, eg_find(f.graph, v).id);
  // Again, and nothing is new.
  gln_rewriter_fini(&f.w);
  rewrite(&f);
  CHECK_EQ(f.w.counts[GLN_RULE_APPLY_VIEW].applied, 0);
  end(&f);
}

CHECK_TEST(a_view_and_its_inverse_are_nothing) {
  fixture f;
  begin(&f);
  eg_class x = input(&f, 0, "((),(4,6)) f32"), y = input(&f, 1, "((),(6,4)) f32");
  eg_class v = copy(&f, GLN_NODE_VIEW, back, y);
  CHECK(eg_union(f.graph, y, copy(&f, GLN_NODE_VIEW, transpose, x), NULL) ==
        EG_OK);
  rewrite(&f);
  CHECK_EQ(eg_find(f.graph, v).id, eg_find(f.graph, x).id);
  end(&f);
}

CHECK_TEST(packs_cancel_only_with_their_inverse) {
  fixture f;
  begin(&f);
  eg_class x = input(&f, 0, "((),(4,6)) f32"), y = input(&f, 1, "((),(6,4)) f32");
  eg_class packed = copy(&f, GLN_NODE_PACK, transpose, x);
  eg_class there = copy(&f, GLN_NODE_UNPACK, back, packed);
  eg_class other =
      copy(&f, GLN_NODE_UNPACK, "(d0, d1) [4, 6] -> (5 - d1, d0) [6, 4]", packed);
  eg_class unpacked = copy(&f, GLN_NODE_UNPACK, back, y);
  eg_class again = copy(&f, GLN_NODE_PACK, transpose, unpacked);
  rewrite(&f);
  CHECK_EQ(eg_find(f.graph, there).id, eg_find(f.graph, x).id);
  CHECK_EQ(eg_find(f.graph, again).id, eg_find(f.graph, y).id);
  CHECK(eg_find(f.graph, other).id != eg_find(f.graph, x).id);
  CHECK_EQ(f.w.counts[GLN_RULE_CANCEL_PACK].applied, 2);
  end(&f);
}

// The rewritten class by the new node is the array that the old one gives.
CHECK_TEST(both_sides_run_alike) {
  fixture f;
  begin(&f);
  eg_class x = input(&f, 0, "((),(4,6)) f32"), y = input(&f, 1, "((),(6,4)) f32");
  eg_class v = copy(&f, GLN_NODE_VIEW, rows, y);
  eg_class t = copy(&f, GLN_NODE_VIEW, transpose, x);
  CHECK(eg_union(f.graph, y, t, NULL) == EG_OK);
  rewrite(&f);
  gln_array in, transposed, out[2];
  gln_shape shape = test_shape("((),(4,6)) f32");
  CHECK(gln_array_init(&in, &shape, f.memory, NULL) == EG_OK);
  shape = test_shape("((),(6,4)) f32");
  CHECK(gln_array_init(&transposed, &shape, f.memory, NULL) == EG_OK);
  for (int64_t n = 0; n < 24; ++n) {
    gln_scalar value = {GLN_TYPE_F32, 0x3f800000u + (uint32_t)n * 4096};
    gln_array_set(&in, n, value);
    gln_array_set(&transposed, n % 6 * 4 + n / 6, value);
  }
  const gln_array *inputs[] = {&in, &transposed};
  gln_environment environment = {.inputs = inputs, .num_inputs = 2};
  eg_node nodes[4];
  uint32_t num = gln_class_all(&f.lang, v, GLN_NODE_VIEW, nodes, 4);
  CHECK_EQ(num, 2);
  for (uint32_t i = 0; i < 2; ++i) {
    eg_cost size = eg_cost_size();
    eg_choice *choice;
    size_t made;
    CHECK(eg_extract_tree(f.graph, &size, &choice) == EG_OK);
    eg_choice_set(choice, eg_find(f.graph, v), nodes[i]);
    CHECK(gln_interp_value(&f.lang, choice, v, &environment, f.memory, &out[i],
                           1, &made, &f.error) == EG_OK);
    eg_choice_destroy(choice);
  }
  for (int64_t n = 0; n < 12; ++n)
    CHECK(gln_array_get(&out[0], n).bits == gln_array_get(&out[1], n).bits);
  gln_array_fini(&in);
  gln_array_fini(&transposed);
  gln_array_fini(&out[0]);
  gln_array_fini(&out[1]);
  end(&f);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sorts are checked when a node is added and when classes are united.
#include "check.h"
#include "eg.h"

typedef struct fixture {
  eg_graph *graph;
  eg_sort kernel;
  eg_op apply, dot, x;
  eg_class dot_class, x_class;
} fixture;

static fixture make(void) {
  fixture f;
  eg_allocator memory = eg_allocator_default();
  CHECK(eg_graph_create(&memory, &f.graph) == EG_OK);
  CHECK(eg_sort_add(f.graph, "kernel", &f.kernel) == EG_OK);
  eg_sort children[] = {f.kernel, {0}};
  eg_op_desc apply = {.name = "apply",
                      .num_children = EG_VARIADIC,
                      .num_leading = 1,
                      .children = children};
  eg_op_desc dot = {.name = "dot", .result = f.kernel};
  CHECK(eg_op_add(f.graph, &apply, &f.apply) == EG_OK);
  CHECK(eg_op_add(f.graph, &dot, &f.dot) == EG_OK);
  CHECK(eg_op_add(f.graph, &(eg_op_desc){.name = "x"}, &f.x) == EG_OK);
  CHECK(eg_add(f.graph, f.dot, (eg_payload){0}, NULL, 0, &f.dot_class) ==
        EG_OK);
  CHECK(eg_add(f.graph, f.x, (eg_payload){0}, NULL, 0, &f.x_class) == EG_OK);
  return f;
}

static eg_status apply(fixture *f, const eg_class *children, uint32_t num) {
  eg_class ignored;
  return eg_add(f->graph, f->apply, (eg_payload){0}, children, num, &ignored);
}

CHECK_TEST(leading_children_have_sorts_of_their_own) {
  fixture f = make();
  eg_class right[] = {f.dot_class, f.x_class, f.x_class};
  CHECK(apply(&f, right, 3) == EG_OK);
  CHECK(apply(&f, right, 1) == EG_OK);
  CHECK(apply(&f, right, 0) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "'apply' takes at least 1 children, not 0");
  eg_class wrong[] = {f.x_class, f.x_class};
  CHECK(apply(&f, wrong, 2) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "child 0 of 'apply' is a term, not a kernel");
  eg_class swapped[] = {f.dot_class, f.dot_class};
  CHECK(apply(&f, swapped, 2) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "child 1 of 'apply' is a kernel, not a term");
  CHECK_EQ(eg_num_nodes(f.graph), 4);
  CHECK(eg_check(f.graph) == EG_OK);
  eg_graph_destroy(f.graph);
}

CHECK_TEST(text_obeys_the_same_sorts) {
  fixture f = make();
  eg_class c;
  eg_text_options strict = {0};
  CHECK(eg_term_parse(f.graph, "(apply dot x x)", strict, &c) == EG_OK);
  CHECK(eg_term_parse(f.graph, "(apply x x)", strict, &c) == EG_INVALID);
  CHECK(eg_term_parse(f.graph, "(apply)", strict, &c) == EG_INVALID);
  eg_graph_destroy(f.graph);
}

CHECK_TEST(classes_of_two_sorts_are_never_united) {
  fixture f = make();
  CHECK(eg_union(f.graph, f.dot_class, f.x_class, NULL) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "union of a kernel and a term");
  CHECK_EQ(eg_num_classes(f.graph), 2);
  CHECK(eg_is_clean(f.graph));
  eg_graph_destroy(f.graph);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

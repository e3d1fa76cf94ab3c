// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Analyses: refusals leave things as they were, and values reach every parent
// whatever the order of the unions. model_test compares values at large.
#include "graphs.h"

// Values are numbers; only the leaves named "1" … "9" have one, 10 is unknown.
// join = min; a union of two known and different numbers is refused on demand.
typedef struct digits {
  uint32_t id;
  bool refuse;
  const char *poison; // make fails for this operator
} digits;

static eg_status make(void *user, eg_graph *graph, eg_node node,
                      void *out_value) {
  const digits *d = user;
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  int value = *name >= '1' && *name <= '9' ? *name - '0' : 10;
  uint32_t num;
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i) {
    int child = *(const int *)eg_class_value(graph, d->id, children[i]);
    value = child < value ? child : value;
  }
  if (d->poison && strcmp(name, d->poison) == 0)
    return eg_fail(graph, EG_INVALID, "poisoned by %s", name);
  *(int *)out_value = value;
  return EG_OK;
}

static eg_status merge(void *user, eg_graph *graph, void *into,
                       const void *from, bool *out_into_changed,
                       bool *out_from_changed) {
  const digits *d = user;
  int a = *(int *)into, b = *(const int *)from, min = a < b ? a : b;
  if (d->refuse && a != b && a < 10 && b < 10)
    return eg_fail(graph, EG_INVALID, "%d is not %d", a, b);
  *out_into_changed = min != a;
  *out_from_changed = min != b;
  *(int *)into = min;
  return EG_OK;
}

static eg_graph *digit_graph(digits *d) {
  eg_graph *g = new_graph();
  eg_analysis analysis = {"digits", sizeof(int), d, make, merge, NULL};
  CHECK_EQ(eg_analysis_add(g, &analysis, &d->id), EG_OK);
  return g;
}

static int value(const eg_graph *graph, const digits *d, eg_class id) {
  return *(const int *)eg_class_value(graph, d->id, id);
}

// Every way to unite five classes one by one: each of f(class) must learn the
// least value of all. (The parents of a class that had lost without a change,
// to one that then lost with a change, were once forgotten.)
CHECK_TEST(values_reach_all_parents) {
  static const char *const leaves[5] = {"x", "y", "3", "z", "2"};
  for (uint32_t order = 0; order < 5 * 5 * 5 * 5; ++order) {
    digits d = {0};
    eg_graph *g = digit_graph(&d);
    eg_class leaf[5], f[5];
    for (int i = 0; i < 5; ++i) {
      char text[16];
      leaf[i] = term(g, leaves[i]);
      snprintf(text, sizeof text, "(f%d %s)", i, leaves[i]);
      f[i] = term(g, text);
      for (int k = 0; k < 3 * i; ++k) { // The later, the likelier to win.
        snprintf(text, sizeof text, "(g%d %s)", k, leaves[i]);
        term(g, text);
      }
    }
    rebuild(g);
    uint32_t rest = order;
    for (int i = 1; i < 5; ++i, rest /= 5)
      unite(g, leaf[i], leaf[rest % 5]);
    rebuild(g);
    for (int i = 0; i < 5; ++i)
      CHECK_EQ(value(g, &d, f[i]), value(g, &d, leaf[i]));
    eg_graph_destroy(g);
  }
}

CHECK_TEST(a_refused_union_changes_nothing) {
  digits d = {.refuse = true};
  eg_graph *g = digit_graph(&d);
  eg_class one = term(g, "1"), two = term(g, "(f 2)"), x = term(g, "x");
  rebuild(g);
  bool changed = true;
  CHECK_EQ(eg_union(g, one, two, &changed), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "1 is not 2");
  CHECK(!changed);
  CHECK(eg_is_clean(g));
  CHECK(eg_find(g, one).id != eg_find(g, two).id);
  CHECK_EQ(value(g, &d, one), 1);
  CHECK_EQ(value(g, &d, two), 2);
  unite(g, two, x);
  rebuild(g);
  CHECK_EQ(value(g, &d, x), 2);
  eg_graph_destroy(g);
}

// Congruence that an analysis refuses: the rebuild fails with its words, and
// goes on where it was once the analysis gives in.
CHECK_TEST(a_refused_rebuild_can_be_resumed) {
  digits d = {.refuse = true};
  eg_graph *g = digit_graph(&d);
  eg_class fx = term(g, "(f x)"), fy = term(g, "(f y)");
  unite(g, fx, term(g, "1"));
  unite(g, fy, term(g, "2"));
  rebuild(g);
  unite(g, term(g, "x"), term(g, "y"));
  CHECK_EQ(eg_rebuild(g), EG_INVALID);
  CHECK(strstr(eg_graph_error(g)->text, " is not ") != NULL);
  CHECK(!eg_is_clean(g));
  d.refuse = false;
  rebuild(g);
  CHECK_EQ(eg_find(g, fx).id, eg_find(g, fy).id);
  CHECK_EQ(value(g, &d, fy), 1);
  eg_graph_destroy(g);
}

CHECK_TEST(a_failing_make_adds_nothing) {
  digits d = {.poison = "f"};
  eg_graph *g = digit_graph(&d);
  eg_class x = term(g, "x"), id = {7};
  eg_op f = new_op(g, "f", 1);
  rebuild(g);
  CHECK_EQ(eg_add(g, f, (eg_payload){0}, &x, 1, &id), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "poisoned by f");
  CHECK_EQ(eg_num_nodes(g), 1);
  rebuild(g);
  d.poison = NULL;
  CHECK_EQ(eg_add(g, f, (eg_payload){0}, &x, 1, &id), EG_OK);
  rebuild(g);
  CHECK_EQ(eg_num_nodes(g), 2);
  eg_graph_destroy(g);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

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

//===-- Order -------------------------------------------------------------===//

// A value that always changes, and the number of times it is made and joined.
typedef struct restless {
  uint64_t makes, merges;
} restless;

static eg_status restless_make(void *user, eg_graph *graph, eg_node node,
                               void *out_value) {
  (void)graph, (void)node, (void)out_value;
  ++((restless *)user)->makes;
  return EG_OK;
}

static eg_status restless_merge(void *user, eg_graph *graph, void *into,
                                const void *from, bool *out_into_changed,
                                bool *out_from_changed) {
  (void)graph, (void)into, (void)from;
  ++((restless *)user)->merges;
  *out_into_changed = *out_from_changed = true;
  return EG_OK;
}

static eg_class grow(eg_graph *g, const char *name, eg_class a, eg_class b) {
  eg_op op;
  if (eg_op_find(g, name, &op) != EG_OK)
    op = new_op(g, name, b.id ? 2 : 1);
  eg_class children[] = {a, b}, id = {0};
  CHECK_EQ(eg_add(g, op, (eg_payload){0}, children, b.id ? 2 : 1, &id), EG_OK);
  return id;
}

// f(v) = g(v), again over that, and so on: egg's issue 239.
static void wrap(eg_graph *g, eg_class v, int times) {
  for (int i = 0; i < times; ++i) {
    eg_class f = grow(g, "f", v, (eg_class){0});
    unite(g, f, grow(g, "g", v, (eg_class){0}));
    v = f;
  }
}

// h(f(f(v)), g(v)), again over that: two paths of unequal length to each.
static eg_class ladder(eg_graph *g, eg_class v, int times) {
  for (int i = 0; i < times; ++i) {
    eg_class f = grow(g, "f", v, (eg_class){0});
    v = grow(g, "h", grow(g, "f", f, (eg_class){0}),
             grow(g, "g", v, (eg_class){0}));
  }
  return v;
}

typedef enum shape { WRAPS, LADDER, LOW_LADDER } shape;

// Calls of make and merge, as one union below goes all the way up.
static uint64_t calls_of(shape form, int times) {
  restless r = {0};
  uint32_t id;
  eg_graph *g = new_graph();
  eg_analysis analysis = {"restless",     1,   &r, restless_make,
                          restless_merge, NULL};
  CHECK_EQ(eg_analysis_add(g, &analysis, &id), EG_OK);
  eg_class x = term(g, "x"), y = term(g, "y");
  if (form == WRAPS) {
    wrap(g, x, times);
    wrap(g, y, times);
  } else {
    // Below a chain, every rank of the ladder is too low.
    for (int i = 0; form == LOW_LADDER && i < 8 * times; ++i)
      y = grow(g, "k", y, (eg_class){0});
    ladder(g, x, times);
  }
  CHECK_EQ(eg_rebuild(g), EG_OK);
  r = (restless){0};
  unite(g, x, y);
  CHECK_EQ(eg_rebuild(g), EG_OK);
  eg_graph_destroy(g);
  return r.makes + r.merges;
}

// Counters, not clocks: a chain twice as long costs twice as much.
CHECK_TEST(propagation_is_linear) {
  enum { TIMES = 2000 };
  static const struct {
    shape form;
    uint64_t nodes; // that must be made anew, per level
  } cases[] = {{WRAPS, 4}, {LADDER, 4}, {LOW_LADDER, 4}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    uint64_t once = calls_of(cases[i].form, TIMES);
    uint64_t twice = calls_of(cases[i].form, 2 * TIMES);
    printf("  %d: %" PRIu64 " calls, %" PRIu64 " for twice as much\n",
           cases[i].form, once, twice);
    CHECK(once >= cases[i].nodes * TIMES);
    CHECK(once <= 6 * cases[i].nodes * TIMES);
    CHECK(twice <= 2 * once + once / 20);
  }
}

// Several lattices at once: each class has the least digit below it, and the
// height of its smallest term; both reach the fixpoint in any order of unions.
static eg_status height_make(void *user, eg_graph *graph, eg_node node,
                             void *out_value) {
  uint32_t num, id = *(const uint32_t *)user;
  const eg_class *children = eg_node_children(graph, node, &num);
  int height = 0;
  for (uint32_t i = 0; i < num; ++i) {
    int child = *(const int *)eg_class_value(graph, id, children[i]);
    height = child + 1 > height ? child + 1 : height;
  }
  *(int *)out_value = height;
  return EG_OK;
}

static eg_status height_merge(void *user, eg_graph *graph, void *into,
                              const void *from, bool *out_into_changed,
                              bool *out_from_changed) {
  (void)user, (void)graph;
  int a = *(int *)into, b = *(const int *)from;
  *out_into_changed = b < a;
  *out_from_changed = a < b;
  *(int *)into = a < b ? a : b;
  return EG_OK;
}

CHECK_TEST(lattices_side_by_side) {
  enum { LEVELS = 300 };
  digits d = {0};
  eg_graph *g = digit_graph(&d);
  uint32_t height;
  eg_analysis analysis = {"height",    sizeof(int),  &height,
                          height_make, height_merge, NULL};
  CHECK_EQ(eg_analysis_add(g, &analysis, &height), EG_OK);
  eg_class x = term(g, "x"), seven = term(g, "7"), tall = seven;
  for (int i = 0; i < LEVELS; ++i)
    tall = grow(g, "k", tall, (eg_class){0});
  eg_class top = ladder(g, tall, LEVELS);
  CHECK_EQ(*(const int *)eg_class_value(g, height, top), 4 * LEVELS);
  unite(g, tall, x); // now 0 high, and still above a 7
  rebuild(g);
  CHECK_EQ(*(const int *)eg_class_value(g, height, top), 3 * LEVELS);
  CHECK_EQ(value(g, &d, top), 7);
  CHECK_EQ(value(g, &d, x), 7);
  unite(g, x, term(g, "3"));
  rebuild(g);
  CHECK_EQ(value(g, &d, top), 3);
  unite(g, top, x); // everything on one cycle
  rebuild(g);
  CHECK_EQ(value(g, &d, top), 3);
  CHECK_EQ(*(const int *)eg_class_value(g, height, top), 0);
  eg_graph_destroy(g);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

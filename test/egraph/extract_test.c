// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Extraction against brute force, and what it must refuse; the result checker
// and the printer on choices that are wrong in every way there is.
#include "graphs.h"

#include <math.h>

//===-- Random graphs -----------------------------------------------------===//

enum { MAX_CHILDREN = 3, NUM_OPS = 5 };

// A few leaves, random nodes above, random unions: cycles and ties are common.
static eg_graph *random_graph(uint64_t seed, eg_class *out_roots,
                              uint32_t num_roots) {
  eg_graph *g = new_graph();
  eg_op ops[NUM_OPS];
  static const uint32_t arity[NUM_OPS] = {0, 0, 1, 2, 3};
  static const char *const names[NUM_OPS] = {"x", "y", "f", "g", "h"};
  for (int i = 0; i < NUM_OPS; ++i)
    ops[i] = new_op(g, names[i], arity[i]);
  eg_class ids[1024];
  uint32_t num = 0, want = 4 + random_below(&seed, seed % 10 ? 40 : 1000);
  while (num < want) {
    uint32_t op = num == 0 ? 0 : random_below(&seed, NUM_OPS);
    eg_class children[MAX_CHILDREN];
    for (uint32_t i = 0; i < arity[op]; ++i)
      children[i] = ids[random_below(&seed, num)];
    CHECK_EQ(
        eg_add(g, ops[op], (eg_payload){0}, children, arity[op], &ids[num++]),
        EG_OK);
  }
  for (uint32_t i = random_below(&seed, want / 2 + 1); i > 0; --i)
    unite(g, ids[random_below(&seed, num)], ids[random_below(&seed, num)]);
  rebuild(g);
  for (uint32_t i = 0; i < num_roots; ++i)
    out_roots[i] = ids[random_below(&seed, num)];
  return g;
}

// A price by operator, small integers with zeros, so that sums are exact.
static double table_price(void *user, const eg_graph *graph, eg_node node) {
  return ((const double *)user)[eg_node_op(graph, node).id];
}

// The least cost of each class by relaxation until nothing changes: no heap, no
// counters, any order. |height| adds one per level instead of a sum.
static void relax(const eg_graph *graph, const double *prices, bool height,
                  double *best, uint32_t num_ids) {
  for (uint32_t i = 0; i < num_ids; ++i)
    best[i] = INFINITY;
  for (bool changed = true; changed;) {
    changed = false;
    eg_class id = {0};
    while ((id = eg_class_next(graph, id)).id) {
      uint32_t num_nodes, num;
      const eg_node *nodes = eg_class_nodes(graph, id, &num_nodes);
      for (uint32_t n = 0; n < num_nodes; ++n) {
        const eg_class *children = eg_node_children(graph, nodes[n], &num);
        double sum = 0, max = 0;
        for (uint32_t i = 0; i < num; ++i) {
          double child = best[eg_find(graph, children[i]).id];
          sum += child;
          max = max > child ? max : child;
        }
        double price = prices ? prices[eg_node_op(graph, nodes[n]).id] : 1;
        double cost = price + (height ? max : sum);
        if (cost < best[id.id]) {
          best[id.id] = cost;
          changed = true;
        }
      }
    }
  }
}

// Compares every class with brute force, and checks the choice below each.
static void compare(eg_graph *graph, const eg_cost *cost, const double *prices,
                    bool height, uint64_t seed) {
  enum { MAX_IDS = 4096 };
  static double best[MAX_IDS];
  eg_choice *choice = NULL;
  int before = check_failures;
  CHECK_EQ(eg_extract_tree(graph, cost, &choice), EG_OK);
  relax(graph, prices, height, best, MAX_IDS);
  eg_prices list = {table_price, (void *)(uintptr_t)prices};
  eg_class id = {0};
  while ((id = eg_class_next(graph, id)).id) {
    const double *got = eg_choice_cost(choice, id);
    eg_choice_totals totals = {0};
    eg_status status =
        eg_choice_check(graph, choice, &id, 1, prices ? &list : NULL, &totals);
    if (isinf(best[id.id])) {
      CHECK(got == NULL);
      CHECK_EQ(eg_choice_node(choice, id).id, 0);
      CHECK_EQ(status, EG_INFEASIBLE);
      continue;
    }
    CHECK(got && *got == best[id.id]);
    CHECK_EQ(status, EG_OK);
    if (!height)
      CHECK(totals.tree == best[id.id]);
    CHECK(totals.dag <= totals.tree);
  }
  if (check_failures != before)
    printf("  seed %" PRIu64 "\n", seed);
  eg_choice_destroy(choice);
}

CHECK_TEST(agrees_with_brute_force) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    eg_graph *g = random_graph(seed, NULL, 0);
    double prices[NUM_OPS];
    uint64_t state = seed ^ 0xabcdef;
    for (int i = 0; i < NUM_OPS; ++i)
      prices[i] = random_below(&state, seed % 2 ? 4 : 1 << 20);
    eg_prices list = {table_price, prices};
    eg_cost size = eg_cost_size(), depth = eg_cost_depth(),
            sum = eg_cost_sum(&list);
    compare(g, &size, NULL, false, seed);
    compare(g, &depth, NULL, true, seed);
    compare(g, &sum, prices, false, seed);
    eg_graph_destroy(g);
  }
}

// Cheap, then low, then small node ids: the documented order, by enumeration.
CHECK_TEST(ties_are_reproducible) {
  enum { MAX_IDS = 4096 };
  static double cost[MAX_IDS];
  static uint32_t height[MAX_IDS];
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    eg_graph *g = random_graph(seed, NULL, 0);
    const double prices[NUM_OPS] = {1, 1, 0, 0, 1};
    eg_prices list = {table_price, (void *)(uintptr_t)prices};
    eg_cost sum = eg_cost_sum(&list);
    eg_choice *choice = NULL, *again = NULL;
    CHECK_EQ(eg_extract_tree(g, &sum, &choice), EG_OK);
    CHECK_EQ(eg_extract_tree(g, &sum, &again), EG_OK);
    relax(g, prices, false, cost, MAX_IDS);
    for (uint32_t i = 0; i < MAX_IDS; ++i)
      height[i] = UINT32_MAX;
    // The least height among the cheapest terms, again by relaxation.
    uint32_t winner[MAX_IDS] = {0};
    for (bool changed = true; changed;) {
      changed = false;
      eg_class id = {0};
      while ((id = eg_class_next(g, id)).id) {
        uint32_t num_nodes, num, best_node = 0, best = UINT32_MAX;
        const eg_node *nodes = eg_class_nodes(g, id, &num_nodes);
        for (uint32_t n = 0; n < num_nodes; ++n) {
          const eg_class *children = eg_node_children(g, nodes[n], &num);
          double total = prices[eg_node_op(g, nodes[n]).id];
          uint32_t h = 0;
          for (uint32_t i = 0; i < num; ++i) {
            uint32_t child = eg_find(g, children[i]).id;
            total += cost[child];
            h = h > height[child] ? h : height[child];
          }
          if (isinf(total) || total != cost[id.id] || h == UINT32_MAX)
            continue;
          if (h + 1 < best || (h + 1 == best && nodes[n].id < best_node)) {
            best = h + 1;
            best_node = nodes[n].id;
          }
        }
        if (best != height[id.id] || best_node != winner[id.id]) {
          height[id.id] = best;
          winner[id.id] = best_node;
          changed = true;
        }
      }
    }
    eg_class id = {0};
    while ((id = eg_class_next(g, id)).id) {
      CHECK_EQ(eg_choice_node(choice, id).id, winner[id.id]);
      CHECK_EQ(eg_choice_node(again, id).id, winner[id.id]);
    }
    eg_choice_destroy(choice);
    eg_choice_destroy(again);
    eg_graph_destroy(g);
  }
}

//===-- Cost functions ----------------------------------------------------===//

// Values of 20 bytes: the text of the term, least in (length, bytes). Monotone,
// as a term is longer than each of its parts.
typedef struct text_cost {
  char text[20];
} text_cost;

static eg_status text_node(void *user, const eg_graph *graph, eg_node node,
                           const void *const *children, void *out_cost,
                           bool *out_usable) {
  (void)user;
  text_cost *out = out_cost;
  uint32_t num;
  eg_node_children(graph, node, &num);
  size_t len = 0;
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  memset(out, 0, sizeof *out);
  for (const char *at = name; *at && len < sizeof out->text - 1; ++at)
    out->text[len++] = *at;
  for (uint32_t i = 0; i < num; ++i)
    for (const char *at = ((const text_cost *)children[i])->text; *at; ++at) {
      if (len == sizeof out->text - 1) {
        *out_usable = false; // Too long to be wanted.
        return EG_OK;
      }
      out->text[len++] = *at;
    }
  return EG_OK;
}

static bool text_less(void *user, const void *a, const void *b) {
  (void)user;
  size_t x = strlen(((const text_cost *)a)->text);
  size_t y = strlen(((const text_cost *)b)->text);
  return x != y ? x < y : strcmp(a, b) < 0;
}

CHECK_TEST(values_of_any_size) {
  eg_graph *g = new_graph();
  eg_class root = term(g, "(f (g a bb) (g ccc d))");
  eg_class other = term(g, "(f (g a bb) (h d d))");
  unite(g, term(g, "(g ccc d)"), term(g, "(h d d)"));
  eg_class chain = term(g, "(abcdefgh (abcdefgh (abcdefgh a)))");
  rebuild(g);
  CHECK_EQ(eg_find(g, root).id, eg_find(g, other).id);
  eg_cost cost = {sizeof(text_cost), NULL, text_node, text_less, NULL};
  eg_choice *choice = NULL;
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_OK);
  const text_cost *best = eg_choice_cost(choice, root);
  CHECK(best != NULL);
  if (best)
    CHECK_STR(best->text, "fgabbhdd");
  CHECK(eg_choice_cost(choice, chain) == NULL); // Forbidden: not usable.
  CHECK_EQ(eg_choice_node(choice, chain).id, 0);
  eg_choice_destroy(choice);
  eg_graph_destroy(g);
}

typedef struct odd_price {
  const char *op;
  double price;
} odd_price;

static double price_of_one(void *user, const eg_graph *graph, eg_node node) {
  const odd_price *odd = user;
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  return strcmp(name, odd->op) == 0 ? odd->price : 1;
}

CHECK_TEST(bad_prices_are_refused) {
  static const struct {
    odd_price odd;
    eg_status status;
    const char *message;
  } rows[] = {
      {{"g", NAN},
       EG_INVALID,
       "not a valid cost (NaN, negative) of operator 'g'"},
      {{"x", -1},
       EG_INVALID,
       "not a valid cost (NaN, negative) of operator 'x'"},
      {{"g", -0.5},
       EG_INVALID,
       "not monotone: a child costs more than operator 'g'"},
      {{"x", INFINITY}, EG_OK, ""},
      {{"g", -INFINITY},
       EG_INVALID,
       "not a valid cost (NaN, negative) of operator 'g'"},
      {{"g", 0}, EG_OK, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    term(g, "(f (g x) y)");
    rebuild(g);
    eg_prices prices = {price_of_one, (void *)(uintptr_t)&rows[i].odd};
    eg_cost cost = eg_cost_sum(&prices);
    eg_choice *choice = (eg_choice *)g;
    CHECK_EQ(eg_extract_tree(g, &cost, &choice), rows[i].status);
    if (rows[i].status != EG_OK) {
      CHECK_STR(eg_graph_error(g)->text, rows[i].message);
      CHECK(choice == NULL);
    }
    eg_choice_destroy(choice);
    eg_graph_destroy(g);
  }
}

static eg_status failing_node(void *user, const eg_graph *graph, eg_node node,
                              const void *const *children, void *out_cost,
                              bool *out_usable) {
  (void)user, (void)children, (void)out_usable;
  *(int *)out_cost = 1;
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  return strcmp(name, "g") == 0 ? EG_LIMIT : EG_OK;
}

static bool int_less(void *user, const void *a, const void *b) {
  (void)user;
  return *(const int *)a < *(const int *)b;
}

CHECK_TEST(a_failing_cost_stops) {
  eg_graph *g = new_graph();
  eg_class x = term(g, "(f (g x))");
  rebuild(g);
  eg_cost cost = {sizeof(int), NULL, failing_node, int_less, NULL};
  eg_choice *choice = NULL;
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_LIMIT);
  CHECK_STR(eg_graph_error(g)->text, "the cost function fails on operator 'g'");
  CHECK(choice == NULL);
  eg_cost empty = {0, NULL, failing_node, int_less, NULL};
  CHECK_EQ(eg_extract_tree(g, &empty, &choice), EG_INVALID);
  unite(g, x, term(g, "x"));
  cost = eg_cost_size();
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "the graph needs eg_rebuild first");
  eg_graph_destroy(g);
}

//===-- Classes without a term --------------------------------------------===//

// The only node of the class has the class below it: f(c) in c. Such a class
// cannot be built from terms (the leaf would stay), so the leaf is forbidden.
static eg_status no_leaf_x(void *user, const eg_graph *graph, eg_node node,
                           const void *const *children, void *out_cost,
                           bool *out_usable) {
  eg_cost size = eg_cost_size();
  eg_status status =
      size.node(user, graph, node, children, out_cost, out_usable);
  *out_usable = strcmp(eg_op_name(graph, eg_node_op(graph, node)), "x") != 0;
  return status;
}

CHECK_TEST(a_cyclic_class_has_no_node) {
  eg_graph *g = new_graph();
  eg_class x = term(g, "x"), f = term(g, "(f x)"), y = term(g, "(g y (f x))");
  unite(g, x, f);
  rebuild(g);
  eg_cost cost = eg_cost_size();
  cost.node = no_leaf_x;
  eg_choice *choice = NULL;
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_OK);
  CHECK_EQ(eg_choice_node(choice, x).id, 0);
  CHECK_EQ(eg_choice_node(choice, y).id, 0);
  CHECK(eg_choice_node(choice, term(g, "y")).id != 0);
  CHECK_EQ(eg_choice_check(g, choice, &y, 1, NULL, NULL), EG_INFEASIBLE);
  text_buffer buffer = {0};
  CHECK_EQ(eg_write_term(g, choice, y, buffer_writer(&buffer)), EG_INFEASIBLE);
  CHECK_EQ(buffer.num, 0);
  eg_choice_destroy(choice);
  eg_graph_destroy(g);
}

//===-- The checker -------------------------------------------------------===//

// The node of |id| with operator |name|.
static eg_node node_of(const eg_graph *graph, eg_class id, const char *name) {
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (strcmp(eg_op_name(graph, eg_node_op(graph, nodes[i])), name) == 0)
      return nodes[i];
  return (eg_node){0};
}

static void expect_refused(eg_graph *graph, const eg_choice *choice,
                           eg_class root, const char *part) {
  text_buffer buffer = {0};
  CHECK_EQ(eg_choice_check(graph, choice, &root, 1, NULL, NULL), EG_INFEASIBLE);
  if (!strstr(eg_graph_error(graph)->text, part))
    CHECK_STR(eg_graph_error(graph)->text, part);
  CHECK_EQ(eg_write_term(graph, choice, root, buffer_writer(&buffer)),
           EG_INFEASIBLE);
  CHECK_EQ(buffer.num, 0);
}

CHECK_TEST(wrong_choices_are_refused) {
  eg_graph *g = new_graph();
  eg_class x = term(g, "x"), fx = term(g, "(f x)"), y = term(g, "y");
  eg_class root = term(g, "(g (f x) (f x))");
  unite(g, x, fx);
  rebuild(g);
  eg_choice *choice = NULL;
  CHECK_EQ(eg_choice_create(g, &choice), EG_OK);
  CHECK(eg_choice_cost(choice, root) == NULL);
  expect_refused(g, choice, root, "has no node");
  eg_choice_set(choice, root, node_of(g, root, "g"));
  expect_refused(g, choice, root, "has no node"); // Not closed.
  eg_choice_set(choice, fx, node_of(g, x, "f"));
  expect_refused(g, choice, root, "is cyclic");
  eg_choice_set(choice, fx, node_of(g, y, "y"));
  expect_refused(g, choice, root, "belongs to class");
  eg_choice_set(choice, fx, (eg_node){0x7fffffff});
  expect_refused(g, choice, root, "is not live");
  eg_choice_set(choice, fx, (eg_node){1});
  expect_refused(g, choice, root, "is not live");
  eg_choice_set(choice, fx, (eg_node){node_of(g, x, "x").id + 1});
  expect_refused(g, choice, root, "is not live"); // A free slot of a page.
  eg_choice_set(choice, fx, node_of(g, x, "x"));
  eg_choice_totals totals;
  eg_class roots[] = {root, root, x};
  CHECK_EQ(eg_choice_check(g, choice, roots, 3, NULL, &totals), EG_OK);
  CHECK(totals.tree == 7 && totals.dag == 2);
  CHECK_EQ(totals.classes, 2);
  odd_price odd = {"x", NAN};
  eg_prices prices = {price_of_one, &odd};
  CHECK_EQ(eg_choice_check(g, choice, roots, 3, &prices, &totals), EG_INVALID);
  eg_class none = {12345};
  CHECK_EQ(eg_choice_check(g, choice, &none, 1, NULL, &totals), EG_INVALID);
  CHECK_EQ(eg_choice_check(g, choice, NULL, 0, NULL, &totals), EG_OK);
  CHECK(totals.tree == 0 && totals.dag == 0 && totals.classes == 0);
  eg_choice_set(choice, none, node_of(g, x, "x")); // Nothing happens.
  CHECK_EQ(eg_choice_node(choice, none).id, 0);
  eg_choice_destroy(choice);
  eg_graph_destroy(g);
}

// A node that a rebuild found congruent to another is no longer a choice.
CHECK_TEST(dead_nodes_are_refused) {
  eg_graph *g = new_graph();
  eg_class fa = term(g, "(f a)"), fb = term(g, "(f b)");
  rebuild(g);
  eg_node nodes[2] = {node_of(g, fa, "f"), node_of(g, fb, "f")};
  unite(g, term(g, "a"), term(g, "b"));
  rebuild(g);
  eg_cost cost = eg_cost_size();
  eg_choice *choice = NULL;
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_OK);
  int refused = 0;
  for (int i = 0; i < 2; ++i) {
    eg_choice_set(choice, fa, nodes[i]);
    refused += eg_choice_check(g, choice, &fa, 1, NULL, NULL) != EG_OK;
  }
  CHECK_EQ(refused, 1);
  eg_choice_destroy(choice);
  eg_graph_destroy(g);
}

//===-- Output ------------------------------------------------------------===//

CHECK_TEST(a_writer_may_refuse) {
  eg_graph *g = new_graph();
  eg_class id = term(g, "leaf");
  for (int i = 0; i < 12; ++i) { // 2^12 leaves as a tree
    eg_class pair[2] = {id, id};
    eg_op op = {0};
    if (i == 0)
      op = new_op(g, "pair", 2);
    CHECK_EQ(eg_op_find(g, "pair", &op), EG_OK);
    CHECK_EQ(eg_add(g, op, (eg_payload){0}, pair, 2, &id), EG_OK);
  }
  rebuild(g);
  eg_cost cost = eg_cost_size();
  eg_choice *choice = NULL;
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_OK);
  text_buffer all = {0};
  CHECK_EQ(eg_write_term(g, choice, id, buffer_writer(&all)), EG_OK);
  CHECK_EQ(all.num, 4096 * 4 + 4095 * 8); // leaf; "(pair", " ", " ", ")"
  for (size_t at = 1; at < all.num; at += 499) {
    text_buffer some = {.refuse_at = at};
    CHECK_EQ(eg_write_term(g, choice, id, buffer_writer(&some)), EG_INVALID);
    CHECK_STR(eg_graph_error(g)->text, "the writer refuses the text");
    CHECK(some.num <= at &&
          (some.num == 0 || !memcmp(some.data, all.data, some.num)));
    free(some.data);
  }
  free(all.data);
  eg_choice_destroy(choice);
  eg_graph_destroy(g);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

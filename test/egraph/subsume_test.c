// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Subsumed nodes are there but not matched; full classes take no more nodes.
#include "graphs.h"

static const eg_text_options declare = {.declare = true};

static bool any(void *user, const eg_match *match) {
  (void)user, (void)match;
  return true;
}

static uint64_t matches(eg_graph *g, const char *text) {
  eg_query *q = NULL;
  uint64_t num = 0;
  CHECK_EQ(eg_query_parse(g, text, declare, &q), EG_OK);
  CHECK_EQ(eg_query_search(q, (eg_class){0}, any, NULL, &num), EG_OK);
  eg_query_destroy(q);
  return num;
}

static eg_report run(eg_graph *g, const eg_rules *rules,
                     const eg_run_options *options) {
  eg_report report = {0};
  CHECK_EQ(eg_run_with(g, rules, options, &report), EG_OK);
  CHECK_EQ(eg_check(g), EG_OK);
  return report;
}

static eg_node node_of(eg_graph *g, const char *op_name, const char *child) {
  eg_op op;
  eg_node node = {0};
  eg_class c = term(g, child);
  CHECK_EQ(eg_op_find(g, op_name, &op), EG_OK);
  CHECK_EQ(eg_lookup_node(g, op, (eg_payload){0}, &c, 1, &node), EG_OK);
  return node;
}

CHECK_TEST(subsumed_nodes_are_not_matched) {
  eg_graph *g = new_graph();
  term(g, "(g (f a) (f a))"), term(g, "(f b)");
  rebuild(g);
  CHECK_EQ(matches(g, "(f ?x)"), 2);
  CHECK_EQ(matches(g, "(g (f ?x) ?y)"), 1);
  CHECK_EQ(eg_subsume(g, node_of(g, "f", "a")), EG_OK);
  CHECK(eg_is_subsumed(g, node_of(g, "f", "a")));
  CHECK(!eg_is_subsumed(g, node_of(g, "f", "b")));
  CHECK_EQ(matches(g, "(f ?x)"), 1);                // all of an operator
  CHECK_EQ(matches(g, "(g (f ?x) ?y)"), 0);         // the members of a class
  CHECK_EQ(matches(g, "(g ?y ?y), (f a) = ?y"), 0); // a ground term
  CHECK_EQ(matches(g, "(k ?x), (f ?x)"), 0);
  term(g, "(k a)"), term(g, "(k b)");
  rebuild(g);
  CHECK_EQ(matches(g, "(k ?x), (f ?x)"), 1); // a probe of the hashcons
  CHECK_EQ(matches(g, "(g ?x ?x)"), 1);      // its parents are matched
  // It is still what a term is made of, and what may be extracted.
  char *text = smallest(g, term(g, "(g (f a) (f a))"));
  CHECK_STR(text, "(g (f a) (f a))");
  free(text);
  uint64_t nodes = eg_num_nodes(g);
  term(g, "(f a)");
  CHECK_EQ(eg_num_nodes(g), nodes);
  CHECK_EQ(eg_subsume(g, (eg_node){12345}), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "no node 12345 to subsume");
  eg_graph_destroy(g);
}

CHECK_TEST(a_congruent_node_inherits) {
  for (int which = 0; which < 2; ++which) {
    eg_graph *g = new_graph();
    eg_class a = term(g, "a"), b = term(g, "b");
    term(g, "(f a)"), term(g, "(f b)");
    for (int i = 0; i < 3; ++i) { // Either may be the one that stays.
      char text[16];
      snprintf(text, sizeof text, "(h%d %c)", i, which ? 'a' : 'b');
      term(g, text);
    }
    rebuild(g);
    CHECK_EQ(eg_subsume(g, node_of(g, "f", "a")), EG_OK);
    unite(g, a, b);
    rebuild(g);
    CHECK(eg_is_subsumed(g, node_of(g, "f", "b")));
    CHECK_EQ(matches(g, "(f ?x)"), 0);
    eg_graph_destroy(g);
  }
}

CHECK_TEST(a_slot_that_is_reused_is_fresh) {
  eg_graph *g = new_graph();
  eg_class a = term(g, "a"), b = term(g, "b");
  term(g, "(f a)"), term(g, "(f b)");
  CHECK_EQ(eg_subsume(g, node_of(g, "f", "a")), EG_OK);
  CHECK_EQ(eg_subsume(g, node_of(g, "f", "b")), EG_OK);
  unite(g, a, b);
  rebuild(g);
  term(g, "(f c)");
  rebuild(g);
  CHECK_EQ(matches(g, "(f ?x)"), 1);
  eg_graph_destroy(g);
}

CHECK_TEST(a_pop_takes_it_back) {
  eg_graph *g = new_graph();
  eg_class a = term(g, "a"), b = term(g, "b");
  term(g, "(f a)"), term(g, "(f b)");
  CHECK_EQ(eg_subsume(g, node_of(g, "f", "b")), EG_OK);
  rebuild(g);
  CHECK_EQ(eg_push(g), EG_OK);
  CHECK_EQ(eg_subsume(g, node_of(g, "f", "a")), EG_OK);
  unite(g, a, b);
  rebuild(g);
  CHECK_EQ(matches(g, "(f ?x)"), 0);
  CHECK_EQ(eg_pop(g), EG_OK);
  CHECK_EQ(matches(g, "(f ?x)"), 1);
  CHECK(!eg_is_subsumed(g, node_of(g, "f", "a")));
  CHECK(eg_is_subsumed(g, node_of(g, "f", "b")));
  eg_graph_destroy(g);
}

CHECK_TEST(rules_subsume_what_they_replace) {
  eg_graph *g = new_graph();
  eg_rules *rules = rules_of(g, "twice: (* ?a 2) => (<< ?a 1) subsume\n"
                                "seen: (* ?a ?b) => (seen ?a ?b)\n"
                                "ground: (pi) => 3 subsume\n"
                                "inner: (neg (neg ?a)) => ?a subsume\n");
  eg_class x = term(g, "(* x 2)"), p = term(g, "pi"),
           n = term(g, "(neg (neg y))");
  eg_run_options options = {0};
  CHECK_EQ(run(g, rules, &options).stop, EG_STOP_SATURATED);
  CHECK(eg_find(g, x).id == eg_find(g, term(g, "(<< x 1)")).id);
  CHECK(eg_find(g, p).id == eg_find(g, term(g, "3")).id);
  CHECK(eg_find(g, n).id == eg_find(g, term(g, "y")).id);
  CHECK_EQ(matches(g, "(* ?a ?b)"), 0);
  CHECK_EQ(matches(g, "(seen ?a ?b)"), 1); // the round that it was found in
  CHECK_EQ(matches(g, "pi"), 0);
  CHECK_EQ(matches(g, "(neg ?a)"), 1); // (neg y)
  CHECK_EQ(eg_rule_get_stats(rules, 0).applied, 1);
  eg_rules_destroy(rules);
  CHECK_EQ(
      eg_rules_parse(g, "a: (* ?a 2) <=> (+ ?a ?a)\n subsume", declare, &rules),
      EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text,
            "rule 'a': 'subsume' wants '=>', not '<=>'");
  CHECK_EQ(eg_graph_error(g)->line, 2);
  eg_graph_destroy(g);
}

// Cost functions may leave them out.
static eg_status unless_subsumed(void *user, const eg_graph *graph,
                                 eg_node node, const void *const *children,
                                 void *out_cost, bool *out_usable) {
  (void)user;
  uint32_t num;
  double cost = 1;
  eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    cost += *(const double *)children[i];
  *(double *)out_cost = cost;
  *out_usable = !eg_is_subsumed(graph, node);
  return EG_OK;
}

CHECK_TEST(an_extraction_may_leave_them_out) {
  eg_graph *g = new_graph();
  eg_rules *rules = rules_of(g, "r: (f ?a) => (g (g ?a)) subsume\n");
  eg_class root = term(g, "(f a)");
  eg_run_options options = {0};
  run(g, rules, &options);
  char *text = smallest(g, root);
  CHECK_STR(text, "(f a)");
  free(text);
  eg_cost cost = eg_cost_size();
  cost.node = unless_subsumed;
  eg_choice *choice = NULL;
  CHECK_EQ(eg_extract_tree(g, &cost, &choice), EG_OK);
  CHECK_EQ(*(const double *)eg_choice_cost(choice, root), 3);
  eg_choice_destroy(choice);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

//===-- Full classes ------------------------------------------------------===//

CHECK_TEST(a_full_class_takes_no_more) {
  eg_graph *g = new_graph();
  // All the ways to write a sum: its class holds 2^9 - 2 of them in the end.
  eg_rules *rules =
      rules_of(g, "comm: (+ ?a ?b) => (+ ?b ?a)\n"
                  "assoc: (+ ?a (+ ?b ?c)) => (+ (+ ?a ?b) ?c)\n");
  term(g, "(+ a (+ b (+ c (+ d (+ e (+ f (+ g (+ h i))))))))");
  enum { CAP = 5, BLOCK = 64 };
  eg_run_options options = {.class_nodes = CAP};
  eg_report report = run(g, rules, &options);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  uint32_t most = 0, num;
  for (eg_class c = {0}; (c = eg_class_next(g, c)).id;) {
    eg_class_nodes(g, c, &num);
    most = num > most ? num : most;
  }
  CHECK(most >= CAP && most < CAP + BLOCK);
  CHECK(eg_rule_get_stats(rules, 0).dropped > 0);
  CHECK(eg_rule_get_stats(rules, 1).dropped > 0);
  uint64_t capped = report.nodes;
  options.class_nodes = 0;
  report = run(g, rules, &options);
  CHECK_EQ(report.nodes, 9 + 19683 - 2 * 512 + 1); // 9 + 3^9 - 2·2^9 + 1
  CHECK(capped < report.nodes / 4);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

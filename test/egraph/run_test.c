// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Saturation, its limits and their overshoot; conditions, appliers, searches.
#include "check.h"
#include "eg.h"

typedef struct fixture {
  eg_graph *graph;
  eg_rules *rules;
  eg_class root;
} fixture;

static const eg_text_options declare = {.declare = true};

// A sum of n leaves under commutativity and associativity: 2^n - 1 classes of
// subsets that matter, and more nodes than any limit below.
static const char sum_rules[] = "comm: (+ ?a ?b) => (+ ?b ?a)\n"
                                "assoc: (+ ?a (+ ?b ?c)) => (+ (+ ?a ?b) ?c)\n";

static fixture make(const char *rules, const char *term) {
  fixture f;
  eg_allocator memory = eg_allocator_default();
  CHECK(eg_graph_create(&memory, &f.graph) == EG_OK);
  CHECK(eg_rules_parse(f.graph, rules, declare, &f.rules) == EG_OK);
  CHECK(eg_term_parse(f.graph, term, declare, &f.root) == EG_OK);
  return f;
}

static void drop(fixture *f) {
  CHECK(eg_check(f->graph) == EG_OK);
  eg_rules_destroy(f->rules);
  eg_graph_destroy(f->graph);
}

static const char sum_of_9[] =
    "(+ a (+ b (+ c (+ d (+ e (+ f (+ g (+ h i))))))))";

static eg_report run(fixture *f, eg_limits limits) {
  eg_report report;
  CHECK(eg_run(f->graph, f->rules, &limits, &report) == EG_OK);
  CHECK(eg_is_clean(f->graph));
  CHECK_EQ(report.nodes, eg_num_nodes(f->graph));
  CHECK_EQ(report.classes, eg_num_classes(f->graph));
  return report;
}

CHECK_TEST(a_small_sum_saturates) {
  fixture f = make(sum_rules, "(+ a (+ b (+ c d)))");
  eg_report report = run(&f, eg_limits_default());
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  CHECK_EQ(report.classes, 15); // the non-empty subsets of {a, b, c, d}
  CHECK_EQ(report.nodes, 54);   // 4 leaves, and each way to split a subset
  CHECK_STR(eg_stop_name(report.stop), "saturated");
  drop(&f);
}

CHECK_TEST(each_limit_stops_with_its_reason) {
  enum { NODES = 1000, MATCHES = 700, ROUNDS = 3 };
  eg_limits limits = eg_limits_default();
  limits.nodes = NODES;
  fixture f = make(sum_rules, sum_of_9);
  eg_report report = run(&f, limits);
  CHECK_EQ(report.stop, EG_STOP_NODES);
  // Of each match at most two nodes are new; congruence may take some back.
  CHECK(report.nodes < NODES + 2 * 64);
  drop(&f);

  limits = eg_limits_default();
  limits.rounds = ROUNDS;
  f = make(sum_rules, sum_of_9);
  report = run(&f, limits);
  CHECK_EQ(report.stop, EG_STOP_ROUNDS);
  CHECK_EQ(report.rounds, ROUNDS);
  drop(&f);

  limits = eg_limits_default();
  limits.matches = MATCHES;
  f = make(sum_rules, sum_of_9);
  report = run(&f, limits);
  CHECK_EQ(report.stop, EG_STOP_MATCHES);
  CHECK(report.matches >= MATCHES);
  drop(&f);

  limits = eg_limits_default();
  f = make(sum_rules, sum_of_9);
  limits.bytes = eg_graph_bytes(f.graph) + 100000;
  report = run(&f, limits);
  CHECK_EQ(report.stop, EG_STOP_BYTES);
  CHECK(report.nodes > 100);
  drop(&f);
}

// What the rule that ran out has found and looked at is exactly its limit.
CHECK_TEST(a_rule_that_runs_out_is_named) {
  enum { MATCHES = 300, FUEL = 2000 };
  eg_limits limits = eg_limits_default();
  limits.rule_matches = MATCHES;
  fixture f = make(sum_rules, sum_of_9);
  eg_report report = run(&f, limits);
  CHECK_EQ(report.stop, EG_STOP_RULE_MATCHES);
  CHECK_STR(eg_stop_name(report.stop), "match limit of a rule");
  CHECK(report.rule < 2);
  uint64_t all = eg_rule_get_stats(f.rules, report.rule).matches, before;
  drop(&f);
  f = make(sum_rules, sum_of_9);
  limits = eg_limits_default();
  limits.rounds = report.rounds - 1;
  run(&f, limits);
  before = eg_rule_get_stats(f.rules, report.rule).matches;
  CHECK_EQ(all - before, MATCHES);
  drop(&f);

  limits = eg_limits_default();
  limits.fuel = FUEL;
  f = make(sum_rules, sum_of_9);
  report = run(&f, limits);
  CHECK_EQ(report.stop, EG_STOP_FUEL);
  CHECK_STR(eg_stop_name(report.stop), "out of fuel");
  CHECK(report.rule < 2);
  all = eg_rule_get_stats(f.rules, report.rule).searched;
  uint64_t rounds = report.rounds;
  drop(&f);
  f = make(sum_rules, sum_of_9);
  limits = eg_limits_default();
  limits.rounds = rounds - 1;
  run(&f, limits);
  before = eg_rule_get_stats(f.rules, report.rule).searched;
  CHECK(all - before <= FUEL);
  CHECK(all - before > FUEL / 2);
  drop(&f);
}

typedef struct patience {
  const eg_graph *graph;
  int calls, most;
  uint64_t nodes; // live when it ran out
} patience;

static bool cancel(void *user) {
  patience *p = user;
  if (p->calls++ < p->most)
    return false;
  p->nodes = p->nodes ? p->nodes : eg_num_nodes(p->graph);
  return true;
}

// Wherever a run is cancelled, it adds no more and leaves a clean graph.
CHECK_TEST(a_cancelled_run_stops_at_once) {
  for (int most = 0; most < 60; ++most) {
    fixture f = make(sum_rules, sum_of_9);
    patience p = {.graph = f.graph, .most = most};
    eg_limits limits = eg_limits_default();
    limits.cancel = cancel;
    limits.user = &p;
    eg_report report = run(&f, limits);
    CHECK_EQ(report.stop, EG_STOP_CANCELLED);
    CHECK_EQ(report.rule, UINT32_MAX);
    CHECK(report.nodes <= p.nodes);
    CHECK_EQ(p.calls, most + 1);
    drop(&f);
  }
}

// A long search without a match is cancelled too.
CHECK_TEST(a_search_that_finds_nothing_is_cancelled) {
  enum { LEAVES = 600, PAIRS = LEAVES * (LEAVES - 1) / 2 };
  fixture f = make("same: (f ?a ?a) => ?a", "(f x y)");
  eg_class leaves[LEAVES], ignored;
  eg_op op;
  for (int i = 0; i < LEAVES; ++i) {
    char name[16];
    snprintf(name, sizeof name, "x%d", i);
    CHECK(eg_term_parse(f.graph, name, declare, &leaves[i]) == EG_OK);
  }
  CHECK(eg_op_find(f.graph, "f", &op) == EG_OK);
  for (int i = 0; i < LEAVES; ++i)
    for (int k = 0; k < i; ++k) {
      eg_class pair[] = {leaves[i], leaves[k]};
      CHECK(eg_add(f.graph, op, (eg_payload){0}, pair, 2, &ignored) == EG_OK);
    }
  patience p = {.graph = f.graph, .most = 3};
  eg_limits limits = eg_limits_default();
  limits.cancel = cancel;
  limits.user = &p;
  eg_report report = run(&f, limits);
  CHECK_EQ(report.stop, EG_STOP_CANCELLED);
  CHECK_EQ(report.rounds, 1);
  uint64_t searched = eg_rule_get_stats(f.rules, 0).searched;
  CHECK(searched > 0 && searched < PAIRS);
  drop(&f);
}

CHECK_TEST(running_on_goes_where_one_run_goes) {
  eg_limits one = eg_limits_default(), all = eg_limits_default();
  one.rounds = 1;
  all.rounds = 5;
  fixture f = make(sum_rules, sum_of_9), g = make(sum_rules, sum_of_9);
  uint64_t matches = 0;
  eg_report last;
  for (int i = 0; i < 5; ++i) {
    last = run(&f, one);
    matches += last.matches;
  }
  eg_report whole = run(&g, all);
  CHECK_EQ(last.nodes, whole.nodes);
  CHECK_EQ(last.classes, whole.classes);
  CHECK_EQ(matches, whole.matches);
  drop(&f);
  drop(&g);
}

CHECK_TEST(a_limit_of_zero_is_a_mistake) {
  const struct {
    eg_limits limits;
    const char *text;
  } cases[] = {
      {{0, 1, 1, 1, 1, 1, NULL, NULL},
       "limit of 0 nodes; EG_UNLIMITED means no limit"},
      {{1, 0, 1, 1, 1, 1, NULL, NULL},
       "limit of 0 bytes; EG_UNLIMITED means no limit"},
      {{1, 1, 0, 1, 1, 1, NULL, NULL},
       "limit of 0 rounds; EG_UNLIMITED means no limit"},
      {{1, 1, 1, 0, 1, 1, NULL, NULL},
       "limit of 0 matches; EG_UNLIMITED means no limit"},
      {{1, 1, 1, 1, 0, 1, NULL, NULL},
       "limit of 0 matches of a rule; EG_UNLIMITED means no limit"},
      {{1, 1, 1, 1, 1, 0, NULL, NULL},
       "limit of 0 fuel; EG_UNLIMITED means no limit"},
  };
  fixture f = make(sum_rules, sum_of_9);
  uint64_t nodes = eg_num_nodes(f.graph);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    eg_report report;
    CHECK(eg_run(f.graph, f.rules, &cases[i].limits, &report) == EG_INVALID);
    CHECK_STR(eg_graph_error(f.graph)->text, cases[i].text);
  }
  CHECK_EQ(eg_num_nodes(f.graph), nodes);
  drop(&f);
}

//===-- Conditions and appliers -------------------------------------------===//

static bool is_not_zero(void *user, const eg_graph *graph,
                        const eg_match *match) {
  ++*(int *)user;
  eg_op zero;
  uint32_t num;
  if (match->num_vars != 1 || eg_op_find(graph, "0", &zero) != EG_OK)
    return false;
  const eg_node *nodes = eg_class_nodes(graph, match->vars[0], &num);
  for (uint32_t i = 0; i < num; ++i)
    if (eg_node_op(graph, nodes[i]).id == zero.id)
      return false;
  return true;
}

CHECK_TEST(conditions_guard_what_they_name) {
  fixture f = make("keep: (* ?a ?b) => (* ?b ?a)", "(f (/ x x) (/ 0 0))");
  int asked = 0;
  eg_named_condition named = {"nonzero", is_not_zero, &asked};
  eg_text_options options = {.conditions = &named, .num_conditions = 1};
  eg_rules *rules;
  eg_class one;
  CHECK(eg_term_parse(f.graph, "1", declare, &one) == EG_OK);
  CHECK(eg_rules_parse(f.graph, "div: (/ ?a ?a) => 1 if nonzero ?a", options,
                       &rules) == EG_OK);
  eg_limits limits = eg_limits_default();
  eg_report report;
  CHECK(eg_run(f.graph, rules, &limits, &report) == EG_OK);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  CHECK(asked >= 2);
  eg_class x, zero;
  CHECK(eg_term_parse(f.graph, "(/ x x)", declare, &x) == EG_OK);
  CHECK(eg_term_parse(f.graph, "(/ 0 0)", declare, &zero) == EG_OK);
  CHECK(eg_find(f.graph, x).id == eg_find(f.graph, one).id);
  CHECK(eg_find(f.graph, zero).id != eg_find(f.graph, one).id);
  CHECK_EQ(eg_rule_get_stats(rules, 0).applied, 1);
  eg_rules_destroy(rules);
  drop(&f);
}

// (twice ?a) => (+ ?a ?a), computed.
static eg_status build_sum(void *user, eg_graph *graph, const eg_match *match,
                           eg_class *out_equal) {
  eg_op plus;
  (void)user;
  if (eg_op_find(graph, "+", &plus) != EG_OK)
    return eg_fail(graph, EG_INVALID, "no plus");
  eg_class both[] = {match->vars[0], match->vars[0]};
  return eg_add(graph, plus, (eg_payload){0}, both, 2, out_equal);
}

static eg_status refuse(void *user, eg_graph *graph, const eg_match *match,
                        eg_class *out_equal) {
  (void)user;
  (void)match;
  (void)out_equal;
  return eg_fail(graph, EG_INVALID, "applier says no");
}

CHECK_TEST(an_applier_computes_its_right_hand_side) {
  fixture f = make(sum_rules, "(+ (twice x) (twice (twice x)))");
  eg_rule_desc twice = {
      .name = "twice", .lhs = "(twice ?a)", .apply = build_sum};
  CHECK(eg_rules_add(f.rules, &twice) == EG_OK);
  eg_limits limits = eg_limits_default();
  limits.rounds = 4;
  run(&f, limits);
  eg_class a, b;
  CHECK(eg_term_parse(f.graph, "(twice (twice x))", declare, &a) == EG_OK);
  CHECK(eg_term_parse(f.graph, "(+ (+ x x) (+ x x))", declare, &b) == EG_OK);
  CHECK(eg_find(f.graph, a).id == eg_find(f.graph, b).id);
  CHECK(eg_rule_get_stats(f.rules, 2).new_nodes >= 2);
  drop(&f);
}

CHECK_TEST(a_failing_applier_ends_the_run) {
  fixture f = make(sum_rules, "(+ x (twice y))");
  eg_rule_desc no = {.name = "no", .lhs = "(twice ?a)", .apply = refuse};
  CHECK(eg_rules_add(f.rules, &no) == EG_OK);
  eg_limits limits = eg_limits_default();
  eg_report report;
  CHECK(eg_run(f.graph, f.rules, &limits, &report) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "rule 'no': applier says no");
  CHECK(eg_is_clean(f.graph));
  drop(&f);
}

// Constants that an analysis keeps apart.
static eg_status digit_make(void *user, eg_graph *graph, eg_node node,
                            void *out_value) {
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  (void)user;
  *(int *)out_value = *name >= '0' && *name <= '9' ? *name : 0;
  return EG_OK;
}

static eg_status digit_merge(void *user, eg_graph *graph, void *into,
                             const void *from, bool *out_into_changed,
                             bool *out_from_changed) {
  int *a = into, b = *(const int *)from;
  (void)user;
  if (*a && b && *a != b)
    return eg_fail(graph, EG_INVALID, "merged non-equal constants %c and %c",
                   *a, b);
  *out_into_changed = !*a && b;
  *out_from_changed = *a && !b;
  *a = *a ? *a : b;
  return EG_OK;
}

CHECK_TEST(an_unsound_rule_is_named_and_can_be_undone) {
  static const char *const texts[] = {
      "fine: (f ?a) => (g ?a)\nunsound:\n  (f ?a) => 2\n",
      "fine: (f ?a) => (g ?a)\nunsound:\n  (f ?a), (on) => ?a = 2, (h ?a)\n"};
  for (size_t i = 0; i < 2; ++i) {
    eg_graph *g;
    eg_allocator memory = eg_allocator_default();
    eg_analysis digits = {"digit",    sizeof(int), NULL,
                          digit_make, digit_merge, NULL};
    uint32_t id;
    eg_rules *rules;
    eg_class f, one, on;
    eg_report report;
    CHECK(eg_graph_create(&memory, &g) == EG_OK);
    CHECK(eg_analysis_add(g, &digits, &id) == EG_OK);
    CHECK(eg_rules_parse(g, texts[i], declare, &rules) == EG_OK);
    CHECK(eg_term_parse(g, "(f 1)", declare, &f) == EG_OK);
    CHECK(eg_term_parse(g, "1", declare, &one) == EG_OK);
    CHECK(eg_term_parse(g, "(on)", declare, &on) == EG_OK);
    if (i == 0)
      CHECK(eg_union(g, f, one, NULL) == EG_OK);
    CHECK(eg_rebuild(g) == EG_OK);
    uint64_t nodes = eg_num_nodes(g), classes = eg_num_classes(g);
    CHECK(eg_push(g) == EG_OK);
    eg_limits limits = eg_limits_default();
    CHECK(eg_run(g, rules, &limits, &report) == EG_INVALID);
    CHECK_STR(eg_graph_error(g)->text,
              "rule 'unsound': merged non-equal constants 1 and 2");
    CHECK_EQ(eg_graph_error(g)->line, 3);
    CHECK(eg_pop(g) == EG_OK);
    CHECK_EQ(eg_num_nodes(g), nodes);
    CHECK_EQ(eg_num_classes(g), classes);
    CHECK(eg_check(g) == EG_OK);
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
}

//===-- Searching ---------------------------------------------------------===//

typedef struct seen {
  int num, stop_after;
} seen;

static bool count(void *user, const eg_match *match) {
  seen *s = user;
  CHECK(match->root.id != 0);
  return ++s->num != s->stop_after;
}

CHECK_TEST(a_search_visits_each_match_once_and_may_stop) {
  fixture f = make("square: (* ?a ?a) => ?a\nany: (* ?a ?b) => ?a",
                   "(f (* x x) (* x y) (* (* x x) (* x x)))");
  seen s = {0};
  uint64_t num;
  CHECK(eg_rule_search(f.rules, 0, count, &s, &num) == EG_OK);
  CHECK_EQ(num, 2);
  CHECK_EQ(s.num, 2);
  s = (seen){.stop_after = 1};
  CHECK(eg_rule_search(f.rules, 1, count, &s, &num) == EG_OK);
  CHECK_EQ(num, 1);
  uint32_t index;
  CHECK(eg_rule_var(f.rules, 1, "?b", &index) == EG_OK);
  CHECK_EQ(index, 1);
  CHECK(eg_rule_var(f.rules, 0, "?b", &index) == EG_NOT_FOUND);
  eg_class x, y;
  CHECK(eg_term_parse(f.graph, "x", declare, &x) == EG_OK);
  CHECK(eg_term_parse(f.graph, "y", declare, &y) == EG_OK);
  CHECK(eg_union(f.graph, x, y, NULL) == EG_OK);
  CHECK(eg_rule_search(f.rules, 0, count, &s, &num) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "search before eg_rebuild");
  CHECK(eg_rebuild(f.graph) == EG_OK);
  CHECK(eg_rule_search(f.rules, 0, count, &s, &num) == EG_OK);
  CHECK_EQ(num, 2); // (* x x) and (* x y) are one node now
  drop(&f);
}

//===-- Registration ------------------------------------------------------===//

CHECK_TEST(bad_operators_and_terms_are_named) {
  fixture f = make(sum_rules, "(+ x y)");
  eg_op op, plus;
  eg_sort unknown = {9};
  eg_class ignored;
  CHECK(eg_op_find(f.graph, "+", &plus) == EG_OK);
  CHECK(eg_op_add(f.graph, &(eg_op_desc){.name = "+"}, &op) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "operator '+' is there already");
  CHECK(eg_op_add(f.graph, &(eg_op_desc){.name = ""}, &op) == EG_INVALID);
  CHECK(eg_op_add(f.graph, &(eg_op_desc){.name = "n", .is_literal = true},
                  &op) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "literal 'n' must have a payload and no children");
  CHECK(eg_op_add(f.graph, &(eg_op_desc){.name = "s", .result = unknown},
                  &op) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "operator 's' has unknown sorts");
  eg_class children[] = {f.root, {12345}};
  CHECK(eg_add(f.graph, plus, (eg_payload){0}, children, 1, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "'+' takes 2 children, not 1");
  CHECK(eg_add(f.graph, plus, (eg_payload){0}, children, 2, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "child 1 of '+' is no class: id 12345");
  CHECK(eg_add(f.graph, plus, (eg_payload){1}, children, 2, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "'+' takes no payload");
  CHECK(eg_union(f.graph, f.root, children[1], NULL) == EG_INVALID);
  drop(&f);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// egg's own test programs: every goal is proved in as many iterations, and the
// graphs are of egg's size to the node.
#include "egg_lambda.h"
#include "egg_math.h"
#include "graphs.h"

static const eg_text_options declare = {.declare = true};
static const eg_run_options backoff = {.scheduler = {.kind = EG_BACKOFF}};

static void sound(eg_graph *graph) {
  eg_status status = eg_check(graph);
  if (status != EG_OK)
    printf("  eg_check: %s\n", eg_graph_error(graph)->text);
  CHECK_EQ(status, EG_OK);
}

static egg_result run(const egg_language *language, const egg_case *c) {
  egg_result r = egg_run(language, c, backoff, sound);
  if (r.status != EG_OK)
    printf("  %s: %s\n", c->name, r.error);
  CHECK_EQ(r.status, EG_OK);
  return r;
}

// egg counts the iteration that finds the goals. |slack|: of them, for the case
// where names that depend on class ids decide.
static void compare(const egg_case *c, const egg_result *r, uint64_t slack) {
  bool same = r->nodes == c->egg_nodes && r->report.classes == c->egg_classes &&
              r->report.rounds + 1 >= c->egg_iterations &&
              r->report.rounds + 1 <= c->egg_iterations + slack;
  if (!r->proved || (c->egg_iterations && !same))
    printf("  %s: %s, %d iterations, %d nodes, %d classes; egg %d, %d, %d\n",
           c->name, eg_stop_name(r->report.stop), (int)r->report.rounds + 1,
           (int)r->nodes, (int)r->report.classes, (int)c->egg_iterations,
           (int)c->egg_nodes, (int)c->egg_classes);
  CHECK(r->proved);
  CHECK(same || !c->egg_iterations);
}

//===-- maths -------------------------------------------------------------===//

static egg_result run_math(const egg_case *c) {
  egg_math m;
  eg_named_condition conditions[EGG_MATH_CONDITIONS];
  egg_language language = egg_math_language(EGG_MATH, &m, conditions);
  return run(&language, c);
}

CHECK_TEST(maths_is_proved_as_egg_does) {
  for (size_t i = 0; i < EGG_NUM_MATH_CASES; ++i) {
    egg_result r = run_math(&egg_math_cases[i]);
    compare(&egg_math_cases[i], &r, 0);
  }
}

CHECK_TEST(maths_does_not_prove_what_is_wrong) {
  egg_result r = run_math(
      &(egg_case){.start = "(+ x y)", .goals = {"(/ x y)"}, .iterations = 12});
  CHECK(!r.proved);
  // (* x 1) has little to say.
  r = run_math(&(egg_case){.start = "(* x 1)", .iterations = 3});
  CHECK_EQ(r.report.stop, EG_STOP_SATURATED);
}

CHECK_TEST(sums_saturate_at_every_subset) {
  eg_graph *g = new_graph();
  eg_rules *rules = NULL;
  CHECK_EQ(eg_rules_parse(g,
                          "comm: (+ ?a ?b) => (+ ?b ?a)\n"
                          "assoc: (+ ?a (+ ?b ?c)) => (+ (+ ?a ?b) ?c)",
                          declare, &rules),
           EG_OK);
  eg_class start = term(g, "(+ 1 (+ 2 (+ 3 (+ 4 (+ 5 (+ 6 7))))))");
  eg_limits limits = eg_limits_default();
  eg_report report;
  limits.rounds = 7;
  CHECK_EQ(eg_run(g, rules, &limits, &report), EG_OK);
  CHECK_EQ(report.stop, EG_STOP_ROUNDS);
  CHECK_EQ(report.nodes, 1939);
  CHECK_EQ(report.classes, 127);
  eg_class end = term(g, "(+ 7 (+ 6 (+ 5 (+ 4 (+ 3 (+ 2 1))))))");
  CHECK_EQ(eg_find(g, start).id, eg_find(g, end).id);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

//===-- lambda ------------------------------------------------------------===//

static egg_result run_lambda(const egg_case *c) {
  egg_lambda l;
  eg_named_condition conditions[EGG_LAMBDA_CONDITIONS];
  egg_language language = egg_lambda_language(EGG_LAMBDA, &l, conditions);
  egg_result r = run(&language, c);
  egg_lambda_free(&l);
  return r;
}

CHECK_TEST(lambda_is_proved_as_egg_does) {
  for (size_t i = 0; i < EGG_NUM_LAMBDA_CASES; ++i) {
    egg_result r = run_lambda(&egg_lambda_cases[i]);
    bool fresh = strstr(egg_lambda_cases[i].name, "repeat") != NULL;
    compare(&egg_lambda_cases[i], &r, fresh ? 2 : 0);
  }
}

CHECK_TEST(lambda_captures_nothing) {
  for (size_t i = 0; i < EGG_NUM_LAMBDA_WRONG; ++i)
    CHECK(!run_lambda(&egg_lambda_wrong[i]).proved);
}

//===-- prop --------------------------------------------------------------===//

enum { UNKNOWN, NO, YES };

static eg_status prop_make(void *user, eg_graph *graph, eg_node node,
                           void *out_value) {
  uint32_t id = *(const uint32_t *)user, num;
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  const eg_class *c = eg_node_children(graph, node, &num);
  int a = num > 0 ? *(const int *)eg_class_value(graph, id, c[0]) : UNKNOWN;
  int b = num > 1 ? *(const int *)eg_class_value(graph, id, c[1]) : UNKNOWN;
  int *out = out_value;
  if (num == 0)
    *out = strcmp(name, "true") == 0    ? YES
           : strcmp(name, "false") == 0 ? NO
                                        : 0;
  else if (a && num == 1)
    *out = a == YES ? NO : YES;
  else if (a && b)
    *out = *name == '&'   ? (a < b ? a : b)
           : *name == '|' ? (a > b ? a : b)
                          : (a == NO || b == YES ? YES : NO);
  return EG_OK;
}

static eg_status prop_merge(void *user, eg_graph *graph, void *into,
                            const void *from, bool *out_into_changed,
                            bool *out_from_changed) {
  (void)user, (void)graph;
  int *a = into, b = *(const int *)from, max = *a > b ? *a : b;
  *out_into_changed = max != *a;
  *out_from_changed = max != b;
  *a = max;
  return EG_OK;
}

static eg_status prop_modify(void *user, eg_graph *graph, eg_class id) {
  int value = *(const int *)eg_class_value(graph, *(uint32_t *)user, id);
  eg_op op;
  eg_class constant;
  if (value == UNKNOWN)
    return EG_OK;
  eg_status status = eg_op_find(graph, value == YES ? "true" : "false", &op);
  if (status == EG_OK)
    status = eg_add(graph, op, (eg_payload){0}, NULL, 0, &constant);
  return status == EG_OK ? eg_union(graph, id, constant, NULL) : status;
}

static eg_status prop_prepare(void *user, eg_graph *graph) {
  static const char *const names[] = {"true", "false", "&", "|", "->", "~"};
  static const uint32_t counts[] = {0, 0, 2, 2, 2, 1};
  eg_analysis analysis = {"truth",   sizeof(int), user,
                          prop_make, prop_merge,  prop_modify};
  eg_status status = eg_analysis_add(graph, &analysis, user);
  for (size_t i = 0; status == EG_OK && i < 6; ++i) {
    eg_op op;
    eg_op_desc desc = {.name = names[i], .num_children = counts[i]};
    status = eg_op_add(graph, &desc, &op);
  }
  return status;
}

static const char chain_rules[] =
    "imply: (-> ?a ?b) <=> (| (~ ?a) ?b)\n"
    "double: ?a => (~ (~ ?a))\n"
    "comm-or: (| ?a ?b) => (| ?b ?a)\n"
    "comm-and: (& ?a ?b) => (& ?b ?a)\n"
    "either: (& (-> ?a ?b) (-> (~ ?a) ?c)) => (| ?b ?c)\n";

static void prove(const char *start, const char *const *goals,
                  uint32_t num_goals) {
  eg_graph *g = new_graph();
  uint32_t truth;
  eg_rules *rules = NULL;
  eg_text_options options = {.declare = true, .any_class = true};
  CHECK_EQ(prop_prepare(&truth, g), EG_OK);
  CHECK_EQ(eg_rules_parse(g, chain_rules, options, &rules), EG_OK);
  eg_class root = term(g, start);
  eg_limits limits = eg_limits_none();
  limits.nodes = 5000;
  limits.rounds = 20;
  eg_run_options how = backoff;
  eg_report report;
  how.limits = &limits;
  CHECK_EQ(eg_run_with(g, rules, &how, &report), EG_OK);
  for (uint32_t i = 0; i < num_goals; ++i) {
    uint64_t nodes = eg_num_nodes(g);
    CHECK_EQ(eg_find(g, term(g, goals[i])).id, eg_find(g, root).id);
    CHECK_EQ(eg_num_nodes(g), nodes); // it was there
  }
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(propositions) {
  const char *const contrapositive[] = {"(| (~ x) y)", "(| (~ x) (~ (~ y)))",
                                        "(| (~ (~ y)) (~ x))",
                                        "(-> (~ y) (~ x))"};
  prove("(-> x y)", contrapositive, 4);
  const char *const chain[] = {"(& (-> (~ y) (~ x)) (-> y z))",
                               "(& (-> y z) (-> (~ y) (~ x)))", "(| z (~ x))",
                               "(| (~ x) z)", "(-> x z)"};
  prove("(& (-> x y) (-> y z))", chain, 5);

  eg_graph *g = new_graph();
  uint32_t truth;
  CHECK_EQ(prop_prepare(&truth, g), EG_OK);
  eg_class folded = term(g, "(| (& false true) (& true false))");
  CHECK_EQ(eg_rebuild(g), EG_OK);
  CHECK_EQ(eg_find(g, folded).id, eg_find(g, term(g, "false")).id);
  eg_graph_destroy(g);
}

//===-- simple, datalog ---------------------------------------------------===//

CHECK_TEST(simple_terms) {
  static const char *const cases[][2] = {{"(* 0 42)", "0"},
                                         {"(+ 0 (* 1 foo))", "foo"}};
  for (size_t i = 0; i < 2; ++i) {
    eg_graph *g = new_graph();
    eg_rules *rules = NULL;
    CHECK_EQ(eg_rules_parse(g,
                            "comm-add: (+ ?a ?b) => (+ ?b ?a)\n"
                            "comm-mul: (* ?a ?b) => (* ?b ?a)\n"
                            "add-0: (+ ?a 0) => ?a\n"
                            "mul-0: (* ?a 0) => 0\n"
                            "mul-1: (* ?a 1) => ?a\n",
                            declare, &rules),
             EG_OK);
    eg_class root = term(g, cases[i][0]);
    eg_report report;
    CHECK_EQ(eg_run_with(g, rules, &backoff, &report), EG_OK);
    char *best = smallest(g, root);
    CHECK_STR(best, cases[i][1]);
    free(best);
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
}

CHECK_TEST(facts_as_members_of_true) {
  eg_graph *g = new_graph();
  eg_rules *rules = NULL;
  CHECK_EQ(
      eg_rules_parse(g,
                     "base: ?x = true = (edge ?a ?b) => ?x = (path ?a ?b)\n"
                     "step: ?x = true = (path ?a ?b) = (edge ?b ?c) => ?x = "
                     "(path ?a ?c)\n",
                     declare, &rules),
      EG_OK);
  eg_class yes = term(g, "true");
  unite(g, yes, term(g, "(edge 1 2)"));
  unite(g, yes, term(g, "(edge 2 3)"));
  unite(g, yes, term(g, "(edge 3 4)"));
  term(g, "(edge 4 5)"); // a term, not a fact
  eg_report report;
  CHECK_EQ(eg_run_with(g, rules, &backoff, &report), EG_OK);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  eg_op path;
  CHECK_EQ(eg_op_find(g, "path", &path), EG_OK);
  CHECK_EQ(eg_op_num_nodes(g, path), 6);
  CHECK_EQ(eg_find(g, term(g, "(path 1 4)")).id, eg_find(g, yes).id);
  CHECK(eg_find(g, term(g, "(path 4 5)")).id != eg_find(g, yes).id);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

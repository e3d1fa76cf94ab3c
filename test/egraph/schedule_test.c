// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rulesets, schedules, goals, and who is held back when.
#include "graphs.h"

static const eg_text_options declare = {.declare = true};

static eg_report run(eg_graph *g, const eg_rules *rules,
                     const eg_run_options *options) {
  eg_report report = {0};
  eg_status status = eg_run_with(g, rules, options, &report);
  if (status != EG_OK)
    printf("  %s\n", eg_graph_error(g)->text);
  CHECK_EQ(status, EG_OK);
  CHECK_EQ(eg_check(g), EG_OK);
  return report;
}

static bool has(eg_graph *g, const char *text) {
  eg_query *q = NULL;
  uint64_t num = 0;
  CHECK_EQ(eg_query_parse(g, text, declare, &q), EG_OK);
  eg_goal goal = {.query = q};
  eg_run_options options = {.goals = &goal, .num_goals = 1};
  eg_rules *none = NULL;
  eg_report report;
  CHECK_EQ(eg_rules_create(g, &none), EG_OK);
  report = run(g, none, &options);
  num = report.stop == EG_STOP_GOALS;
  CHECK_EQ(report.stop, num ? EG_STOP_GOALS : EG_STOP_SATURATED);
  eg_rules_destroy(none);
  eg_query_destroy(q);
  return num;
}

// A counter that goes up by one a round, and a tag for each place it reaches.
static const char count_rules[] = "ruleset up\n"
                                  "next: (at ?n) => (at (s ?n))\n"
                                  "ruleset tag\n"
                                  "tag: (at ?n) => (seen ?n)\n";

static eg_graph *counter(eg_rules **out_rules) {
  eg_graph *g = new_graph();
  *out_rules = rules_of(g, count_rules);
  term(g, "(at z)");
  return g;
}

// (at ?n) => (at (s ?n)) says that all of them are equal; so these are apart.
static const char fact_rules[] = "ruleset up\n"
                                 "next: (at ?n), (on) => (at (s ?n))\n"
                                 "ruleset tag\n"
                                 "tag: (at ?n), (on) => (seen ?n)\n";

static eg_graph *facts(eg_rules **out_rules) {
  eg_graph *g = new_graph();
  *out_rules = rules_of(g, fact_rules);
  term(g, "(at z)"), term(g, "(on)");
  return g;
}

static uint64_t nodes_of(const eg_graph *g, const char *name) {
  eg_op op;
  CHECK_EQ(eg_op_find(g, name, &op), EG_OK);
  return eg_op_num_nodes(g, op);
}

CHECK_TEST(rules_know_their_ruleset) {
  eg_rules *rules;
  eg_graph *g = counter(&rules);
  CHECK_STR(eg_rule_ruleset(rules, 0), "up");
  CHECK_STR(eg_rule_ruleset(rules, 1), "tag");
  eg_rule_desc desc = {.name = "x", .lhs = "(f ?x)", .rhs = "?x"};
  new_op(g, "f", 1);
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  CHECK_STR(eg_rule_ruleset(rules, 2), "");
  desc.name = "y";
  desc.ruleset = "tag";
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  CHECK_STR(eg_rule_ruleset(rules, 3), "tag");
  size_t bytes = eg_graph_bytes(g);
  desc.name = "z";
  desc.ruleset = "a new one";
  desc.lhs = "(no such)";
  CHECK_EQ(eg_rules_add(rules, &desc), EG_INVALID);
  CHECK_EQ(eg_graph_bytes(g), bytes);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(a_schedule_says_what_runs_when) {
  // Three steps up, then tags until nothing changes; and all of that twice.
  const eg_schedule inner[] = {{.ruleset = "up", .times = 3},
                               {.ruleset = "tag", .times = EG_UNLIMITED}};
  const eg_schedule twice = {.parts = inner, .num_parts = 2, .times = 2};
  eg_rules *rules;
  eg_graph *g = facts(&rules);
  eg_run_options options = {.schedule = &twice};
  eg_report report = run(g, rules, &options);
  CHECK_EQ(report.stop, EG_STOP_SCHEDULE);
  CHECK_STR(eg_stop_name(report.stop), "end of the schedule");
  CHECK_EQ(nodes_of(g, "at"), 7);
  CHECK_EQ(nodes_of(g, "seen"), 7);
  CHECK_EQ(report.rounds, 2 * (3 + 2)); // The second round of tags is idle.
  eg_rules_destroy(rules);
  eg_graph_destroy(g);

  // One round of all rules sees what was there before it.
  g = facts(&rules);
  options.schedule = &(eg_schedule){0};
  run(g, rules, &options);
  CHECK_EQ(nodes_of(g, "at"), 2);
  CHECK_EQ(nodes_of(g, "seen"), 1);
  // Saturation of a sequence needs a pass in which no part changes anything.
  options.schedule =
      &(eg_schedule){.parts = &inner[1], .num_parts = 1, .times = EG_UNLIMITED};
  report = run(g, rules, &options);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  CHECK_EQ(nodes_of(g, "seen"), 2);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(goals_end_a_run_or_a_part) {
  eg_rules *rules;
  eg_graph *g = facts(&rules);
  eg_query *five = NULL;
  CHECK_EQ(eg_query_parse(g, "(at (s (s (s (s (s z))))))", declare, &five),
           EG_OK);
  eg_goal goal = {.query = five};
  const eg_schedule parts[] = {
      {.ruleset = "up", .times = EG_UNLIMITED, .until = &goal, .num_until = 1},
      {.ruleset = "tag"}};
  eg_schedule both = {.parts = parts, .num_parts = 2};
  eg_run_options options = {.schedule = &both};
  eg_report report = run(g, rules, &options);
  CHECK_EQ(report.stop, EG_STOP_SCHEDULE);
  CHECK_EQ(nodes_of(g, "at"), 6);
  CHECK_EQ(nodes_of(g, "seen"), 6);
  CHECK_EQ(report.rounds, 6);
  eg_query_destroy(five);

  // Two classes that become one, and a pattern in a given class.
  eg_rules *comm = rules_of(g, "comm: (+ ?a ?b) => (+ ?b ?a)");
  eg_class ab = term(g, "(+ a b)"), ba = term(g, "(+ b a)");
  eg_query *flipped = NULL;
  CHECK_EQ(eg_query_parse(g, "(+ b ?x)", declare, &flipped), EG_OK);
  eg_goal goals[] = {{.a = ab, .b = ba}, {.a = ab, .query = flipped}};
  options = (eg_run_options){.goals = goals, .num_goals = 2};
  report = run(g, comm, &options);
  CHECK_EQ(report.stop, EG_STOP_GOALS);
  CHECK_STR(eg_stop_name(report.stop), "goals reached");
  CHECK_EQ(report.rounds, 1);
  report = run(g, comm, &options);
  CHECK_EQ(report.stop, EG_STOP_GOALS);
  CHECK_EQ(report.rounds, 0);
  goals[1].a = term(g, "z"); // (+ b a) is not in there
  report = run(g, comm, &options);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  CHECK(has(g, "(+ ?x ?y)") && !has(g, "(+ ?x ?x)"));
  eg_query_destroy(flipped);
  eg_rules_destroy(comm);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

//===-- Holding back ------------------------------------------------------===//

// 40 leaves to be marked, and one to count rounds by.
static eg_graph *crowd(eg_rules **out_rules) {
  eg_graph *g = new_graph();
  char text[32];
  for (int i = 0; i < 40; ++i) {
    snprintf(text, sizeof text, "(leaf l%d)", i);
    term(g, text);
  }
  term(g, "(at z)"), term(g, "(on)");
  *out_rules = rules_of(g, "mark: (leaf ?x), (on) => (mark ?x)\n"
                           "next: (at ?n), (on) => (at (s ?n))\n");
  return g;
}

// 40 matches against 10, 20, 40: held back in round 0 for 3 rounds, in round 3
// for 6, and through in round 9.
CHECK_TEST(backoff_doubles_both) {
  eg_rules *rules;
  eg_graph *g = crowd(&rules);
  eg_rule_set_budget(rules, 1, EG_UNLIMITED);
  eg_limits limits = eg_limits_default();
  limits.rounds = 9;
  eg_run_options options = {.limits = &limits,
                            .scheduler = {EG_BACKOFF, 10, 3, 0}};
  run(g, rules, &options);
  CHECK_EQ(nodes_of(g, "mark"), 0);
  CHECK_EQ(eg_rule_get_stats(rules, 0).pauses, 2);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);

  g = crowd(&rules);
  eg_rule_set_budget(rules, 1, EG_UNLIMITED);
  limits.rounds = 10;
  run(g, rules, &options);
  CHECK_EQ(nodes_of(g, "mark"), 40);
  CHECK_EQ(nodes_of(g, "at"), 11);
  CHECK_EQ(eg_rule_get_stats(rules, 0).pauses, 2);
  CHECK_EQ(eg_rule_get_stats(rules, 1).pauses, 0);
  // What was searched for nothing: 11 and 21 leaves.
  CHECK_EQ(eg_rule_get_stats(rules, 0).matches, 40);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// The same rule with nobody else at work: the pauses are skipped.
CHECK_TEST(nobody_waits_for_nothing) {
  eg_rules *rules;
  eg_graph *g = crowd(&rules);
  eg_rule_set_budget(rules, 0, 10);
  eg_run_options options = {.schedule = &(eg_schedule){.times = EG_UNLIMITED}};
  eg_rules *mark = rules_of(g, "mark: (leaf ?x), (on) => (mark ?x)");
  eg_rule_set_budget(mark, 0, 10);
  eg_report report = run(g, mark, &options);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  CHECK_EQ(nodes_of(g, "mark"), 40);
  CHECK_EQ(report.rounds, 4); // twice held back, through, idle
  eg_rules_destroy(mark);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// A rule that doubles the graph each round, and one that adds a node.
CHECK_TEST(a_hungry_rule_waits) {
  eg_rules *rules;
  eg_graph *g = new_graph();
  for (int i = 0; i < 4000; ++i) {
    char text[32];
    snprintf(text, sizeof text, "(leaf l%d)", i);
    term(g, text);
  }
  term(g, "(at z)"), term(g, "(on)");
  rules = rules_of(g, "grow: (leaf ?x), (on) => (leaf (s ?x)), (leaf (p ?x))\n"
                      "next: (at ?n), (on) => (at (s ?n))\n");
  eg_limits limits = eg_limits_default();
  limits.rounds = 4;
  uint64_t before = eg_num_nodes(g);
  eg_run_options options = {.limits = &limits,
                            .scheduler = {EG_SIZE_AWARE, 0, 3, 0.25}};
  eg_report report = run(g, rules, &options);
  CHECK_EQ(nodes_of(g, "at"), 5);
  CHECK_EQ(eg_rule_get_stats(rules, 0).pauses, 2); // in rounds 0 and 3
  // Twice a quarter, and the 256 matches of a block beyond it.
  CHECK(report.nodes < before * 1.25 * 1.25 + 2 * 4 * 256 + 8);
  CHECK(report.nodes > before * 1.25 * 1.25);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(held_back_or_not_the_end_is_the_same) {
  static const char text[] = "comm: (+ ?a ?b) => (+ ?b ?a)\n"
                             "assoc: (+ ?a (+ ?b ?c)) => (+ (+ ?a ?b) ?c)\n";
  static const eg_scheduler schedulers[] = {
      {EG_SIMPLE, 0, 0, 0},
      {EG_BACKOFF, 10, 2, 0},
      {EG_BACKOFF, 1, 1, 0},
      {EG_SIZE_AWARE, 0, 1, 0.01}, // 1,000 nodes are always allowed
  };
  for (size_t i = 0; i < sizeof schedulers / sizeof *schedulers; ++i) {
    eg_graph *g = new_graph();
    eg_rules *rules = rules_of(g, text);
    term(g, "(+ a (+ b (+ c (+ d (+ e (+ f g))))))");
    eg_run_options options = {.scheduler = schedulers[i]};
    eg_report report = run(g, rules, &options);
    CHECK_EQ(report.stop, EG_STOP_SATURATED);
    CHECK_EQ(report.classes, 127); // the subsets of 7
    CHECK_EQ(report.nodes, 1939);  // 7, and 3^7 - 2·2^7 + 1 ways to split
    uint64_t pauses =
        eg_rule_get_stats(rules, 0).pauses + eg_rule_get_stats(rules, 1).pauses;
    CHECK_EQ(pauses > 0, schedulers[i].kind == EG_BACKOFF);
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
}

//===-- Hooks -------------------------------------------------------------===//

typedef struct hooked {
  uint64_t called, stop_after;
  bool add;
} hooked;

static eg_status hook(void *user, eg_graph *graph, const eg_report *so_far,
                      bool *out_stop) {
  hooked *h = user;
  CHECK_EQ(so_far->rounds, h->called);
  CHECK_EQ(so_far->nodes, eg_num_nodes(graph));
  CHECK(eg_is_clean(graph));
  *out_stop = ++h->called == h->stop_after;
  if (h->add && h->called == 2) {
    eg_class a = term(graph, "(at p)"), b = term(graph, "(at q)");
    unite(graph, a, b);
  }
  return h->called == 100 ? eg_fail(graph, EG_LIMIT, "enough") : EG_OK;
}

CHECK_TEST(a_hook_sees_each_round) {
  eg_rules *rules;
  eg_graph *g = facts(&rules);
  hooked h = {.stop_after = 4};
  eg_run_options options = {.hook = hook, .user = &h};
  eg_report report = run(g, rules, &options);
  CHECK_EQ(report.stop, EG_STOP_HOOK);
  CHECK_STR(eg_stop_name(report.stop), "hook");
  CHECK_EQ(report.rounds, 3);
  h = (hooked){0};
  CHECK_EQ(eg_run_with(g, rules, &options, &report), EG_LIMIT);
  CHECK_STR(eg_graph_error(g)->text, "enough");
  CHECK_EQ(report.rounds, 99);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);

  // What the hook changes keeps a run going that had nothing left to do.
  g = new_graph();
  rules = rules_of(g, "tag: (at ?n) => (seen ?n)");
  term(g, "(at z)");
  h = (hooked){.add = true};
  report = run(g, rules, &options);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  CHECK_EQ(nodes_of(g, "seen"), 3);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

//===-- Mistakes ----------------------------------------------------------===//

CHECK_TEST(bad_options_are_refused) {
  eg_rules *rules;
  eg_graph *g = counter(&rules);
  rebuild(g);
  eg_goal nowhere = {.a = {77}, .b = {1}};
  eg_goal half = {.a = {1}};
  eg_schedule unknown = {.ruleset = "down"};
  eg_schedule nested = {.parts = &unknown, .num_parts = 1};
  eg_schedule until = {.until = &half, .num_until = 1};
  const struct {
    eg_run_options options;
    const char *message;
  } rows[] = {
      {{.schedule = &unknown}, "no ruleset 'down'"},
      {{.schedule = &nested}, "no ruleset 'down'"},
      {{.goals = &nowhere, .num_goals = 1}, "goal 0 names no class"},
      {{.schedule = &until}, "goal 0 names no class"},
      {{.scheduler = {EG_SIZE_AWARE, 0, 0, -1}}, "a share of -1 nodes"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_report report;
    uint64_t nodes = eg_num_nodes(g);
    CHECK_EQ(eg_run_with(g, rules, &rows[i].options, &report), EG_INVALID);
    CHECK_STR(eg_graph_error(g)->text, rows[i].message);
    CHECK_EQ(eg_num_nodes(g), nodes);
  }
  eg_rules *none = NULL;
  CHECK_EQ(eg_rules_parse(g, "ruleset", declare, &none), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "'ruleset' needs a name");
  CHECK_EQ(eg_rules_parse(g, "ruleset\na: (at ?n) => ?n", declare, &none),
           EG_INVALID);
  CHECK_EQ(eg_graph_error(g)->line, 2);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rule sets and schedules as text, in and out: what is written is read as the
// same, what is wrong is refused at its place and changes nothing.
#include "graphs.h"

static const eg_text_options declare = {.declare = true};

static bool yes(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user, (void)graph;
  return match->num_vars != 7;
}

static const eg_named_condition conditions[] = {{"yes", yes, NULL},
                                                {"also", yes, NULL}};

static eg_rules *read_rules(eg_graph *g, const char *text) {
  eg_rules *rules = NULL;
  eg_text_options options = {
      .declare = true, .conditions = conditions, .num_conditions = 2};
  eg_status status = eg_rules_parse(g, text, options, &rules);
  if (status != EG_OK)
    printf("  %s: %s\n", text, eg_graph_error(g)->text);
  CHECK_EQ(status, EG_OK);
  return rules;
}

static char *write_rules(eg_graph *g, const eg_rules *rules) {
  text_buffer b = {0};
  buffer_write(&b, "", 0);
  if (eg_write_rules(rules, buffer_writer(&b)) != EG_OK)
    printf("  %s\n", eg_graph_error(g)->text);
  return b.data;
}

static char *write_schedule(eg_graph *g, const eg_schedule *schedule) {
  text_buffer b = {0};
  CHECK_EQ(eg_write_schedule(g, schedule, buffer_writer(&b)), EG_OK);
  return b.data;
}

// Whether two schedules are one tree; goals by their text.
static bool same(eg_graph *g, const eg_schedule *a, const eg_schedule *b) {
  if (a->num_parts != b->num_parts || a->num_until != b->num_until ||
      (a->times > 1 ? a->times : 1) != (b->times > 1 ? b->times : 1) ||
      !a->ruleset != !b->ruleset ||
      (a->ruleset && strcmp(a->ruleset, b->ruleset) != 0))
    return false;
  for (uint32_t i = 0; i < a->num_parts; ++i)
    if (!same(g, &a->parts[i], &b->parts[i]))
      return false;
  for (uint32_t i = 0; i < a->num_until; ++i) {
    eg_schedule one = {.until = &a->until[i], .num_until = 1};
    eg_schedule two = {.until = &b->until[i], .num_until = 1};
    char *x = write_schedule(g, &one), *y = write_schedule(g, &two);
    bool equal = strcmp(x, y) == 0;
    free(x), free(y);
    if (!equal)
      return false;
  }
  return true;
}

//===-- Rules -------------------------------------------------------------===//

CHECK_TEST(rules_are_written_as_they_are_read) {
  static const struct {
    const char *text, *back; // NULL: the same
  } rows[] = {
      {"", NULL},
      {"r: (f ?x) => ?x\n", NULL},
      {"\"two words\": (f ?x) => (g ?x a)\n", NULL},
      {"\"plain\": (f ?x) => ?x\n", "plain: (f ?x) => ?x\n"},
      {"\"a:\": (f ?x) => ?x\n\"\\\"\"; (g ?x ?x) => ?x\n",
       "\"a:\": (f ?x) => ?x\n\"\\\"\": (g ?x ?x) => ?x\n"},
      {"a:b: (f ?x) => ?x\n", NULL},
      {"\"a,b\": (f ?x) => ?x\n", NULL},
      {"r; (f\n ?x) <=> (g ?x ?x) budget 3",
       "r: (f ?x) => (g ?x ?x) budget 3\nr-rev: (g ?x ?x) => (f ?x) budget "
       "3\n"},
      {"r: (f ?x) = ?y, (g ?y ?z) => ?y = (f ?z), (g ?x ?x)\n", NULL},
      {"r: ?x = (f ?y), (g ?x ?z) => (g ?z ?y) = ?x = (f a)\n", NULL},
      {"r: a => b\n", NULL},
      {"r: \"=\" => \"a,b\"\n", NULL},
      {"r: (\"=\" ?x) => (a,b ?x)\n", "r: (= ?x) => (a,b ?x)\n"},
      {"r: \"if\" => ruleset\ns: subsume => schedule\n", NULL},
      {"r: (f ?x) => \"?x\"\n", NULL},
      {"r: (f ?x) => ?x if yes ?x, also\n", NULL},
      {"r: (g ?x ?y) => ?x if also ?y ?x ?y subsume nonlocal budget 7\n", NULL},
      {"r: (f ?x) => ?x budget 7 nonlocal subsume",
       "r: (f ?x) => ?x subsume nonlocal budget 7\n"},
      {"r: (f ?x) => ?x\nruleset s\nt: (g ?x ?y) => ?x\nruleset \"\"\nu: a => "
       "b\n",
       NULL},
      {"ruleset s ruleset t r: a => b ruleset s u: a => c",
       "ruleset t\nr: a => b\nruleset s\nu: a => c\n"},
      {"ruleset empty\nschedule (run empty)\n", NULL},
      {"ruleset \"two words\"\nr: a => b\nschedule (run \"two words\")\n",
       NULL},
      {"scheduler backoff", "scheduler (backoff)\n"},
      {"scheduler (backoff :matches 10 :rounds 3)\n", NULL},
      {"scheduler (size-aware :share 0.1 :rounds 3)\n", NULL},
      {"scheduler (simple)\n", NULL},
      {"r: a => b scheduler simple schedule (run)",
       "r: a => b\nschedule (run)\nscheduler (simple)\n"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    eg_rules *rules = read_rules(g, rows[i].text);
    char *text = write_rules(g, rules);
    CHECK_STR(text, rows[i].back ? rows[i].back : rows[i].text);
    eg_rules *again = read_rules(g, text);
    char *back = write_rules(g, again);
    CHECK_STR(back, text);
    free(text), free(back);
    eg_rules_destroy(rules), eg_rules_destroy(again);
    eg_graph_destroy(g);
  }
}

static eg_status apply(void *user, eg_graph *graph, const eg_match *match,
                       eg_class *out_equal) {
  (void)user, (void)graph, (void)match;
  *out_equal = (eg_class){0};
  return EG_OK;
}

// Literals keep their operator, and what callers make of C has its text where it
// can have one.
CHECK_TEST(rules_of_callers_are_written) {
  eg_graph *g = new_graph();
  eg_op op;
  eg_op_desc num = {.name = "num", .has_payload = true, .is_literal = true};
  eg_op_desc pack = {.name = "pack", .num_children = 1, .has_payload = true};
  CHECK_EQ(eg_op_add(g, &num, &op), EG_OK);
  CHECK_EQ(eg_op_add(g, &pack, &op), EG_OK);
  eg_rules *rules =
      read_rules(g, "r: 1 => (num \"a b\")\ns: (pack \"\" ?x) => (pack 2 3)");
  char *text = write_rules(g, rules);
  CHECK_STR(text, "r: (num 1) => (num \"a b\")\n"
                  "s: (pack \"\" ?x) => (pack 2 3)\n");
  free(text);
  eg_rule_desc desc = {.name = "named",
                       .lhs = "(pack p ?x)",
                       .rhs = "?x",
                       .condition = yes,
                       .condition_name = "yes",
                       .ruleset = "c",
                       .budget = 5};
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  CHECK_EQ(eg_schedule_parse(rules, "schedule c", declare), EG_OK);
  text = write_rules(g, rules);
  CHECK(strstr(text, "ruleset c\nnamed: (pack p ?x) => ?x if yes ?x budget 5\n"
                     "schedule (run c)\n"));
  eg_rules *again = read_rules(g, text);
  free(text);
  eg_rules_destroy(again);

  text_buffer b = {0};
  desc.name = "nameless";
  desc.condition_name = NULL;
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  CHECK_EQ(eg_write_rules(rules, buffer_writer(&b)), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text,
            "rule 'nameless': a condition without a name");
  eg_rules_destroy(rules);
  rules = read_rules(g, "");
  desc = (eg_rule_desc){.name = "a", .lhs = "(pack p ?x)", .apply = apply};
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  CHECK_EQ(eg_write_rules(rules, buffer_writer(&b)), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "rule 'a': an applier has no text");
  CHECK_EQ(b.num, 0);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

//===-- Schedules ---------------------------------------------------------===//

static const char sets[] = "all: a => b\nruleset up\nruleset tag\n";

CHECK_TEST(schedules_are_read) {
  static const struct {
    const char *text, *back; // NULL: the same
  } rows[] = {
      {"(run)", NULL},
      {"up", "(run up)"},
      {"\"\"", "(run \"\")"},
      {"(run up)", NULL},
      {"(seq (run up))", "(run up)"},
      {"(seq up tag)", "(seq (run up) (run tag))"},
      {"(repeat 3 up)", "(repeat 3 (run up))"},
      {"(repeat 1 up)", "(run up)"},
      {"(repeat 1 up tag)", "(seq (run up) (run tag))"},
      {"(saturate (run))", NULL},
      {"(saturate (repeat 2 (run up)))", NULL},
      {"(seq (saturate (run up)))", NULL}, // its 'until' could be asked between
      {"(seq (saturate (run tag)) (repeat 18446744073709551614 (run) (run "
       "up)))",
       NULL},
      {"(run :until (at ?n))", NULL},
      {"(run up :until (at ?n) = (f ?n), c :until d)", NULL},
      {"(seq up\n(run tag :until a = b) # comment\n :until c\n)",
       "(seq (run up) (run tag :until a = b) :until c)"},
      {"(seq (run up :until c))", NULL},
      {"(seq up :until c)", "(run up :until c)"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    eg_rules *rules = read_rules(g, sets), *twice = read_rules(g, sets);
    char text[400];
    snprintf(text, sizeof text, "schedule %s", rows[i].text);
    CHECK_EQ(eg_schedule_parse(rules, text, declare), EG_OK);
    char *back = write_schedule(g, eg_rules_schedule(rules));
    CHECK_STR(back, rows[i].back ? rows[i].back : rows[i].text);
    snprintf(text, sizeof text, "schedule %s", back);
    CHECK_EQ(eg_schedule_parse(twice, text, declare), EG_OK);
    CHECK(same(g, eg_rules_schedule(rules), eg_rules_schedule(twice)));
    free(back);
    eg_rules_destroy(rules), eg_rules_destroy(twice);
    eg_graph_destroy(g);
  }
}

enum { MAX_PARTS = 400 };

// A schedule of random shape in the normal form of the reader; |parts| from
// |*num| on are its own.
static eg_schedule random_schedule(uint64_t *state, int depth, eg_goal *goals,
                                   eg_schedule *parts, uint32_t *num) {
  static const char *const names[] = {"up", "tag", "", NULL};
  static const uint64_t times[] = {0, 2, 77, EG_UNLIMITED};
  eg_schedule s = {.times = times[random_below(state, 4)]};
  if (random_below(state, 3) == 0) {
    s.until = goals;
    s.num_until = 1 + random_below(state, 2);
  }
  uint32_t wanted = depth ? random_below(state, 4) : 0;
  if (wanted == 1 || *num + wanted > MAX_PARTS)
    wanted = 0; // one part may be taken for a round
  s.ruleset = wanted ? NULL : names[random_below(state, 4)];
  if (!wanted)
    return s;
  s.parts = parts + *num;
  s.num_parts = wanted;
  eg_schedule *own = parts + *num;
  *num += wanted;
  for (uint32_t i = 0; i < wanted; ++i)
    own[i] = random_schedule(state, depth - 1, goals, parts, num);
  return s;
}

CHECK_TEST(random_schedules_round_trip) {
  eg_graph *g = new_graph();
  eg_rules *rules = read_rules(g, sets);
  eg_query *queries[2];
  eg_goal goals[2];
  uint64_t state = 5;
  uint32_t most = 0;
  CHECK_EQ(eg_query_parse(g, "(at ?n) = ?m", declare, &queries[0]), EG_OK);
  CHECK_EQ(eg_query_parse(g, "(on), (at z)", declare, &queries[1]), EG_OK);
  for (int i = 0; i < 2; ++i)
    goals[i] = (eg_goal){.query = queries[i]};
  for (int i = 0; i < 500; ++i) {
    static eg_schedule parts[MAX_PARTS];
    uint32_t num = 0;
    eg_schedule s = random_schedule(&state, 5, goals, parts, &num);
    most = num > most ? num : most;
    text_buffer b = {0};
    buffer_write(&b, "schedule ", 9);
    CHECK_EQ(eg_write_schedule(g, &s, buffer_writer(&b)), EG_OK);
    CHECK_EQ(eg_schedule_parse(rules, b.data, declare), EG_OK);
    bool is_same = same(g, &s, eg_rules_schedule(rules));
    if (!is_same)
      printf("  %s\n", b.data);
    CHECK(is_same);
    free(b.data);
  }
  CHECK(most > 50);
  eg_query_destroy(queries[0]), eg_query_destroy(queries[1]);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(goals_of_classes_have_no_text) {
  eg_graph *g = new_graph();
  text_buffer b = {0};
  eg_goal goal = {.a = term(g, "a"), .b = term(g, "b")};
  eg_schedule s = {.until = &goal, .num_until = 1};
  CHECK_EQ(eg_write_schedule(g, &s, buffer_writer(&b)), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text,
            "goal 0 of a schedule asks about classes, which have no text");
  free(b.data);
  eg_graph_destroy(g);
}

// A chain of 100,000 parentheses needs no stack.
CHECK_TEST(deep_schedules) {
  enum { DEPTH = 100000 };
  eg_graph *g = new_graph();
  text_buffer b = {0};
  buffer_write(&b, "schedule ", 9);
  for (int i = 0; i < DEPTH; ++i)
    buffer_write(&b, "(repeat 2 ", 10);
  buffer_write(&b, "(run) (run)", 11);
  for (int i = 0; i < DEPTH; ++i)
    buffer_write(&b, ")", 1);
  buffer_write(&b, "\n", 1);
  eg_rules *rules = read_rules(g, b.data);
  char *back = write_rules(g, rules);
  CHECK(strcmp(back, b.data) == 0);
  free(back), free(b.data);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

//===-- Running -----------------------------------------------------------===//

static eg_report run_text(const char *text, uint64_t *out_nodes) {
  eg_graph *g = new_graph();
  eg_rules *rules = read_rules(g, text);
  eg_run_options options = {.schedule = eg_rules_schedule(rules),
                            .scheduler = eg_rules_scheduler(rules)};
  eg_report report = {0};
  term(g, "(at z)"), term(g, "(on)");
  CHECK_EQ(eg_run_with(g, rules, &options, &report), EG_OK);
  *out_nodes = report.nodes;
  char *again = write_rules(g, rules);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);

  // What was written does the same.
  eg_graph *h = new_graph();
  rules = read_rules(h, again);
  options.schedule = eg_rules_schedule(rules);
  options.scheduler = eg_rules_scheduler(rules);
  eg_report second = {0};
  term(h, "(at z)"), term(h, "(on)");
  CHECK_EQ(eg_run_with(h, rules, &options, &second), EG_OK);
  CHECK_EQ(memcmp(&report, &second, sizeof report), 0);
  free(again);
  eg_rules_destroy(rules);
  eg_graph_destroy(h);
  return report;
}

#define COUNT                                                                  \
  "ruleset up\nnext: (at ?n), (on) => (at (s ?n))\n"                           \
  "ruleset tag\ntag: (at ?n), (on) => (seen ?n)\n"

CHECK_TEST(schedules_of_text_are_followed) {
  uint64_t nodes;
  // z, at, on; a round of "up" adds s and at; "tag" a seen for every at.
  eg_report r = run_text(COUNT "schedule (repeat 3 up)", &nodes);
  CHECK_EQ(r.rounds, 3);
  CHECK_EQ(nodes, 3 + 6);
  r = run_text(COUNT "schedule (seq (repeat 3 up) tag)", &nodes);
  CHECK_EQ(nodes, 3 + 6 + 4);
  r = run_text(COUNT "schedule (repeat 3 up tag)", &nodes);
  CHECK_EQ(r.rounds, 6);
  CHECK_EQ(nodes, 3 + 6 + 4);
  r = run_text(COUNT "schedule (seq (saturate tag) tag)", &nodes);
  CHECK_EQ(nodes, 3 + 1);
  r = run_text(COUNT "schedule (saturate up :until (at (s (s ?n))))", &nodes);
  CHECK_EQ(r.rounds, 2);
  CHECK_EQ(r.stop, EG_STOP_SCHEDULE);
  r = run_text(COUNT
               "schedule (saturate up :until (at (s (s ?n))) :until (seen z))"
               "scheduler (size-aware :share 0.5)",
               &nodes);
  CHECK(r.rounds > 2); // nobody tags: a limit ends it
  r = run_text(COUNT "schedule (repeat 9 (run))", &nodes);
  uint64_t free_nodes = nodes;
  // "next" finds two matches in the second round and loses them.
  r = run_text(COUNT "schedule (repeat 9 (run))"
                     "scheduler (backoff :matches 1 :rounds 2)",
               &nodes);
  CHECK(nodes < free_nodes);
  r = run_text("next: (at ?n), (on) => (at (s ?n)) budget 1\n"
               "schedule (repeat 9 (run)) scheduler (simple :rounds 100)",
               &nodes);
  CHECK(nodes < free_nodes);
}

//===-- Mistakes ----------------------------------------------------------===//

CHECK_TEST(bad_schedules_are_refused) {
  static const struct {
    const char *text;
    uint32_t line, column;
    const char *message;
  } rows[] = {
      {"schedule", 1, 9, "a ruleset or a '(' is wanted, got 'end'"},
      {"schedule )", 1, 10, "a ruleset or a '(' is wanted, got ')'"},
      {"schedule\n down", 2, 2, "no ruleset 'down' above"},
      {"schedule (run down)", 1, 15, "no ruleset 'down' above"},
      {"schedule (run \"a\\x00b\")", 1, 16, "no ruleset 'a\\x00b' above"},
      {"schedule (run\n up tag)", 2, 5, "':until' or ')' is wanted, got 'tag'"},
      {"schedule (run up", 1, 11, "'(run' is not closed"},
      {"schedule (seq up (run)", 1, 11, "'(seq' is not closed"},
      {"schedule (", 1, 11,
       "'run', 'seq', 'repeat' or 'saturate' is wanted, got 'end'"},
      {"schedule (loop up)", 1, 11,
       "'run', 'seq', 'repeat' or 'saturate' is wanted, got 'loop'"},
      {"schedule (\"run\")", 1, 12,
       "'run', 'seq', 'repeat' or 'saturate' is wanted, got 'run'"},
      {"schedule ()", 1, 11,
       "'run', 'seq', 'repeat' or 'saturate' is wanted, got ')'"},
      {"schedule (seq)", 1, 11, "'seq' of no schedule"},
      {"schedule (seq up (saturate))", 1, 19, "'saturate' of no schedule"},
      {"schedule (repeat up)", 1, 18,
       "'repeat' needs a number of 1 or more, got 'up'"},
      {"schedule (repeat 0 up)", 1, 18,
       "'repeat' needs a number of 1 or more, got '0'"},
      {"schedule (repeat 18446744073709551616 up)", 1, 18,
       "'repeat' needs a number of 1 or more, got '18446744073709551616'"},
      {"schedule (seq up :until)", 1, 24, "a ')' closes nothing"},
      {"schedule (seq up :until (at", 1, 26, "'(at' is not closed"},
      {"schedule (seq up :until ?x)", 1, 25,
       "the query is the bare variable '?x'"},
      {"schedule (seq up :until (at z) (run))", 1, 32,
       "':until' or ')' is wanted, got '('"},
      {"schedule (seq up :until (at z)\n(at z))", 2, 1,
       "':until' or ')' is wanted, got '('"},
      {"schedule (run) schedule (run)", 1, 16, "a second schedule"},
      {"scheduler simple\nscheduler simple", 2, 1, "a second scheduler"},
      {"scheduler", 1, 10,
       "'simple', 'backoff' or 'size-aware' is wanted, got 'end'"},
      {"scheduler (random)", 1, 12,
       "'simple', 'backoff' or 'size-aware' is wanted, got 'random'"},
      {"scheduler (simple :matches 1)", 1, 19,
       "'simple' has no option ':matches'"},
      {"scheduler (backoff :share 1)", 1, 20,
       "'backoff' has no option ':share'"},
      {"scheduler (backoff :matches x)", 1, 29,
       "':matches' needs a number of 1 or more, got 'x'"},
      {"scheduler (backoff 10)", 1, 20, "'backoff' has no option '10'"},
      {"scheduler (backoff", 1, 19, "'backoff' has no option 'end'"},
      {"scheduler (size-aware :share -1)", 1, 30,
       "':share' needs a number above 0, got '-1'"},
      {"scheduler (size-aware :share nan)", 1, 30,
       "':share' needs a number above 0, got 'nan'"},
      {"scheduler (size-aware :share)", 1, 29,
       "':share' needs a number above 0, got ')'"},
      {"schedule (run) x", 1, 16, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    eg_rules *rules = read_rules(g, sets), *other = NULL;
    uint32_t num_ops = eg_num_ops(g);
    CHECK_EQ(
        eg_schedule_parse(rules, "schedule tag scheduler backoff", declare),
        EG_OK);
    CHECK_EQ(eg_schedule_parse(rules, rows[i].text, declare), EG_INVALID);
    const eg_error *e = eg_graph_error(g);
    CHECK_STR(e->text, rows[i].message
                           ? rows[i].message
                           : "'schedule' or 'scheduler' is wanted, got 'x'");
    CHECK_EQ(e->line, rows[i].line);
    CHECK_EQ(e->column, rows[i].column);
    char *kept = write_schedule(g, eg_rules_schedule(rules));
    CHECK_STR(kept, "(run tag)");
    CHECK_EQ(eg_rules_scheduler(rules).kind, EG_BACKOFF);
    free(kept);

    // The same behind rules: one more line.
    char text[400];
    snprintf(text, sizeof text, "ruleset up ruleset tag\n%s", rows[i].text);
    CHECK_EQ(eg_rules_parse(g, text, declare, &other), EG_INVALID);
    CHECK_STR(e->text, rows[i].message ? rows[i].message
                                       : "expected a rule's 'name:', got 'x'");
    CHECK_EQ(e->line, rows[i].line + 1);
    CHECK_EQ(e->column, rows[i].column);
    CHECK(!other);
    CHECK_EQ(eg_num_ops(g), num_ops);
    CHECK_EQ(eg_num_nodes(g), 0);
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
}

CHECK_TEST(bad_marks_are_refused) {
  static const struct {
    const char *text, *message;
  } rows[] = {
      {"r: a => b budget", "rule 'r': 'budget' needs a number of 1 or more, "
                           "got 'end'"},
      {"r: a => b budget 0", "rule 'r': 'budget' needs a number of 1 or more, "
                             "got '0'"},
      {"r: a => b budget -3", "rule 'r': 'budget' needs a number of 1 or more, "
                              "got '-3'"},
      {"r: a <=> b budget 1 subsume",
       "rule 'r': 'subsume' wants '=>', not '<=>'"},
      {"r: a => b budget 1 if yes",
       "rule 'r': expected 'if', a rule or the end, got 'if'"},
      {"\"x\" a => b", "expected a rule's 'name:', got 'x'"},
      {"\"x\" : a => b", "expected a rule's 'name:', got 'x'"},
      {"\"\": a => b", "rule '': the name is empty"},
      {"\"a\\x00b\": a => b", "a name holds a zero byte"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    eg_rules *rules;
    CHECK_EQ(eg_rules_parse(g, rows[i].text, declare, &rules), EG_INVALID);
    CHECK_STR(eg_graph_error(g)->text, rows[i].message);
    CHECK_EQ(eg_graph_error(g)->line, 1);
    CHECK_EQ(eg_num_ops(g), 0);
    eg_graph_destroy(g);
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fuzzes the reader of rules, schedules and terms: no input may crash it, what it
// refuses has a message and leaves no trace, what it accepts is written and read
// again as the same, runs, keeps the invariants, and its smallest terms read back
// as members of their classes.
#include "eg.h"
#include "fuzz.h"

enum { MAX_TERMS = 16 };

typedef struct terms {
  eg_class ids[MAX_TERMS];
  uint32_t num;
} terms;

static void keep(void *user, const char *name, eg_class id) {
  terms *t = user;
  (void)name;
  if (t->num < MAX_TERMS)
    t->ids[t->num++] = id;
}

static bool yes(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user;
  (void)graph;
  return match->num_vars < 100;
}

typedef struct text {
  char data[1 << 16];
  size_t num;
} text;

static bool append(void *user, const char *bytes, size_t size) {
  text *t = user;
  if (t->num + size >= sizeof t->data)
    return false;
  memcpy(t->data + t->num, bytes, size);
  t->num += size;
  t->data[t->num] = '\0';
  return true;
}

// The smallest term, printed and read again, is in the same class.
static void check_round_trip(eg_graph *graph, const eg_choice *choice,
                             eg_class id) {
  static text t;
  eg_class again;
  t.num = 0;
  if (eg_write_term(graph, choice, id, (eg_writer){append, &t}) != EG_OK)
    return; // too long, or no finite term
  eg_status status = eg_term_parse(graph, t.data, (eg_text_options){0}, &again);
  fuzz_require(status == EG_OK, eg_graph_error(graph)->text, t.data);
  fuzz_require(eg_find(graph, again).id == eg_find(graph, id).id,
               "read back as another class", t.data);
}

static void run(eg_graph *graph, const eg_rules *rules, const terms *t) {
  eg_limits limits = eg_limits_none();
  limits.nodes = 300;
  limits.rounds = 4;
  limits.matches = 2000;
  eg_run_options options = {.limits = &limits,
                            .schedule = eg_rules_schedule(rules),
                            .scheduler = eg_rules_scheduler(rules)};
  eg_report report;
  eg_cost size = eg_cost_size();
  eg_choice *choice;
  eg_status status = eg_run_with(graph, rules, &options, &report);
  fuzz_require(status == EG_OK, "run", eg_graph_error(graph)->text);
  fuzz_require(eg_check(graph) == EG_OK, "check", eg_graph_error(graph)->text);
  status = eg_extract_tree(graph, &size, &choice);
  fuzz_require(status == EG_OK, "extract", eg_graph_error(graph)->text);
  for (uint32_t i = 0; i < t->num; ++i)
    check_round_trip(graph, choice, t->ids[i]);
  eg_choice_destroy(choice);
}

// The rules, written, are read as rules that are written the same.
static void check_rules(eg_graph *graph, const eg_rules *rules,
                        eg_text_options options) {
  static text first, second;
  eg_rules *again;
  first.num = second.num = 0;
  first.data[0] = second.data[0] = '\0';
  if (eg_write_rules(rules, (eg_writer){append, &first}) != EG_OK)
    return; // too long
  eg_status status = eg_rules_parse(graph, first.data, options, &again);
  fuzz_require(status == EG_OK, eg_graph_error(graph)->text, first.data);
  status = eg_write_rules(again, (eg_writer){append, &second});
  fuzz_require(status == EG_OK && strcmp(first.data, second.data) == 0,
               "written another way", first.data);
  eg_rules_destroy(again);
}

static void try_text(eg_graph *graph, const char *source, bool declare) {
  eg_named_condition conditions[] = {{"yes", yes, NULL}};
  terms t = {.num = 0};
  eg_text_options options = {.declare = declare,
                             .conditions = conditions,
                             .num_conditions = 1,
                             .term = keep,
                             .user = &t};
  eg_rules *rules;
  uint32_t ops = eg_num_ops(graph);
  eg_status status = eg_rules_parse(graph, source, options, &rules);
  if (status == EG_OK) {
    check_rules(graph, rules, options);
    run(graph, rules, &t);
    eg_rules_destroy(rules);
    return;
  }
  fuzz_require(eg_graph_error(graph)->text[0] != '\0', "no message", source);
  fuzz_require(status != EG_INVALID || eg_graph_error(graph)->line > 0,
               "no line", eg_graph_error(graph)->text);
  fuzz_require(eg_num_ops(graph) == ops && eg_num_nodes(graph) == 0,
               "a refused text left something", source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *source = fuzz_text(data, size);
  for (int declare = 0; source && declare < 2; ++declare) {
    eg_allocator memory = eg_allocator_default();
    eg_graph *graph;
    eg_op op;
    eg_op_desc num = {.name = "num", .has_payload = true, .is_literal = true};
    eg_op_desc sum = {.name = "sum", .num_children = EG_VARIADIC};
    if (eg_graph_create(&memory, &graph) != EG_OK)
      break;
    if (eg_op_add(graph, &num, &op) == EG_OK &&
        eg_op_add(graph, &sum, &op) == EG_OK)
      try_text(graph, source, declare);
    eg_graph_destroy(graph);
  }
  free(source);
  return 0;
}

FUZZ_UNUSED static const char *const seeds[] = {
    "comm: (+ ?a ?b) => (+ ?b ?a)\nt: (+ 1 (+ 2 x))",
    "zero; (* ?a 0) => 0 if yes ?a # comment\nboth: (f ?x) <=> (g ?x ?x)",
    "j: ?x = (f ?a), (g ?x ?b) => ?a = (h ?b), (k ?a)\nt: (g (f a) b)",
    "n: (num 1) => (num \"a\\x00b\\n\\\"\")\nt: (sum 1 2 (sum) \"x y\")",
    "ruleset s\ns: (sum ?a ?b) => (sum ?b ?a) subsume\nt: (sum (sum 1 2) 3)",
    "grow: (s ?x) => (s (s ?x))\nt: (s z)",
    "\"a b\": (f ?x) => x budget 2\nruleset s\nr: (g ?x) <=> (f ?x) nonlocal\n"
    "schedule (seq (saturate s :until (g 1) = ?y, (f ?y)) (repeat 3 (run "
    "\"\")))\n"
    "scheduler (backoff :matches 3 :rounds 2) t: (f (g 1))",
    "ruleset u schedule (repeat 2 u (run :until (f ?a) :until x) (seq (run) "
    "u))\n"
    "scheduler (size-aware :share 0.5 :rounds 1)\nr: (f ?a) => (f (f ?a)) t: "
    "(f "
    "x)",
};
FUZZ_UNUSED static const char pieces[] =
    "( ) ?a ?x => <=> = , : ; # if yes subsume ruleset num sum (num f g \" "
    "\\x41 "
    "r: t: (f (sum 1 -2 ? schedule scheduler (run (seq (repeat (saturate "
    ":until budget nonlocal simple (backoff (size-aware :matches :rounds "
    ":share \"s\": 3";

FUZZ_MAIN(seeds, pieces, 4000)

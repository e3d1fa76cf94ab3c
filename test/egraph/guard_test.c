// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Proofs with conditions: a step says what its rule asked and what was known, the
// checker asks again from terms alone, and refuses what is false.
#include "egg_math.h"
#include "graphs.h"

//===-- egg's maths -------------------------------------------------------===//

// What egg's conditions say of terms. Its symbols stand for different unknowns,
// so two of them are never the same.
typedef struct judged {
  eg_op literal;
  uint64_t holds, fails;
  uint64_t undecided[EGG_MATH_CONDITIONS + 1]; // by condition; the last: others
} judged;

static const char *const names[EGG_MATH_CONDITIONS + 1] = {
    "not-zero", "constant", "symbol", "constant-or-other", NULL};

enum { NOTHING, NUMBER, SYMBOL };

static int known_of(const judged *j, const eg_proof *proof, eg_proof_term term,
                    double *out) {
  if (eg_proof_term_op(proof, term).id != j->literal.id)
    return NOTHING;
  size_t size;
  const char *text = eg_payload_bytes(
      eg_proof_graph(proof), eg_proof_term_payload(proof, term), &size);
  char *end;
  *out = strtod(text, &end);
  return end == text + size && size > 0 ? NUMBER : SYMBOL;
}

static eg_verdict math_verdict(const judged *j, const eg_proof *proof,
                               const eg_guard *guard) {
  double value = 0, ignored;
  int kind = known_of(j, proof, guard->known[0], &value);
  const char *name = guard->condition;
  if (strcmp(name, "not-zero") == 0)
    return kind != NUMBER ? EG_UNDECIDED : value != 0 ? EG_HOLDS : EG_FAILS;
  if (strcmp(name, "constant") == 0)
    return kind == NUMBER ? EG_HOLDS : EG_UNDECIDED;
  if (strcmp(name, "symbol") == 0)
    return kind == SYMBOL ? EG_HOLDS : EG_UNDECIDED;
  if (strcmp(name, "constant-or-other") != 0)
    return EG_UNDECIDED;
  if (guard->known[0].id == guard->known[1].id)
    return EG_FAILS;
  bool other = known_of(j, proof, guard->known[1], &ignored) != NOTHING;
  return kind && other ? EG_HOLDS : EG_UNDECIDED;
}

static eg_verdict judge_math(void *user, const eg_proof *proof,
                             const eg_guard *guard) {
  judged *j = user;
  int i = 0;
  while (names[i] && strcmp(names[i], guard->condition) != 0)
    ++i;
  eg_verdict verdict = math_verdict(j, proof, guard);
  j->holds += verdict == EG_HOLDS;
  j->fails += verdict == EG_FAILS;
  j->undecided[i] += verdict == EG_UNDECIDED;
  return verdict;
}

static bool always(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user, (void)graph, (void)match;
  return true;
}

typedef struct maths {
  eg_graph *graph;
  eg_rules *rules;
  eg_query *queries[EGG_MAX_GOALS];
  egg_math m;
  eg_named_condition conditions[EGG_MATH_CONDITIONS];
  egg_result result;
} maths;

// Runs a case with proofs. |lie|: every condition says yes.
static void run_maths(maths *x, const egg_case *c, bool lie) {
  *x = (maths){.graph = new_graph()};
  CHECK_EQ(eg_proofs_enable(x->graph), EG_OK);
  egg_language language = egg_math_language(EGG_MATH, &x->m, x->conditions);
  for (int i = 0; lie && i < EGG_MATH_CONDITIONS; ++i)
    x->conditions[i].condition = always;
  eg_run_options backoff = {.scheduler = {.kind = EG_BACKOFF}};
  eg_status status = egg_run_with(&language, c, backoff, x->graph, &x->rules,
                                  x->queries, &x->result);
  if (status != EG_OK)
    printf("  %s: %s\n", c->name, eg_graph_error(x->graph)->text);
  CHECK_EQ(status, EG_OK);
  CHECK_EQ(x->result.report.stop, EG_STOP_GOALS);
}

static void free_maths(maths *x) {
  for (int i = 0; i < EGG_MAX_GOALS; ++i)
    eg_query_destroy(x->queries[i]);
  eg_rules_destroy(x->rules);
  eg_graph_destroy(x->graph);
}

static eg_status check_maths(const maths *x, const eg_proof *proof, judged *j,
                             uint64_t *assumed) {
  const eg_rules *sets[] = {x->rules};
  eg_axioms axioms = {.rules = sets,
                      .num_rules = 1,
                      .callbacks = true,
                      .judge = judge_math,
                      .user = j,
                      .assumed = assumed};
  j->literal = x->m.literal;
  return eg_proof_check(proof, &axioms, NULL, NULL);
}

CHECK_TEST(conditions_of_egg_maths_are_checked) {
  judged all = {0};
  uint64_t proofs = 0, strict = 0;
  for (size_t i = 0; i < EGG_NUM_MATH_CASES; ++i) {
    const egg_case *c = &egg_math_cases[i];
    maths x;
    eg_proof *proof = NULL;
    run_maths(&x, c, false);
    CHECK_EQ(eg_explain_terms(x.graph, c->start, c->goals[0], &proof), EG_OK);
    judged j = {0}, again = {0};
    uint64_t assumed = 0, sum = 0;
    eg_status status =
        proof ? check_maths(&x, proof, &j, &assumed) : EG_INVALID;
    if (status != EG_OK)
      printf("  %s: %s\n", c->name, eg_graph_error(x.graph)->text);
    CHECK_EQ(status, EG_OK);
    CHECK_EQ(j.fails, 0);
    all.holds += j.holds;
    for (int k = 0; k <= EGG_MATH_CONDITIONS; ++k) {
      all.undecided[k] += j.undecided[k];
      sum += j.undecided[k];
    }
    CHECK_EQ(assumed, sum);
    // Who assumes nothing gets those whose conditions are all decided.
    status = check_maths(&x, proof, &again, NULL);
    CHECK_EQ(status, sum ? EG_INVALID : EG_OK);
    if (sum)
      CHECK(strstr(eg_graph_error(x.graph)->text, "cannot be decided"));
    strict += sum == 0;
    ++proofs;
    eg_proof_destroy(proof);
    free_maths(&x);
  }
  printf("  %d proofs, %d without assumptions; %d conditions hold, %d not-zero "
         "assumed\n",
         (int)proofs, (int)strict, (int)all.holds, (int)all.undecided[0]);
  CHECK(all.holds > 20);
  CHECK(strict > 10);
  // A division by an unknown is assumed; what a term can show is shown.
  for (int k = 1; k <= EGG_MATH_CONDITIONS; ++k)
    CHECK_EQ(all.undecided[k], 0);
}

// With conditions that lie the rules prove what is wrong, and nobody but the
// judge can see it.
CHECK_TEST(falsified_conditions_are_refused) {
  static const struct {
    egg_case c;
    const char *message;
  } rows[] = {
      {{.name = "0 / 0", .start = "(/ 0 0)", .goals = {"1"}},
       "the proof is wrong: condition 'not-zero' of rule 'cancel-div' fails"},
      {{.name = "0 ^ 0", .start = "(pow 0 0)", .goals = {"1"}},
       "the proof is wrong: condition 'not-zero' of rule 'pow0' fails"},
      {{.name = "dx/dx", .start = "(d x x)", .goals = {"0"}, .iterations = 1},
       "the proof is wrong: condition 'constant-or-other' of rule 'd-constant' "
       "fails"},
      {{.name = "d/d3", .start = "(d 3 3)", .goals = {"1"}, .iterations = 1},
       "the proof is wrong: condition 'symbol' of rule 'd-variable' cannot be "
       "decided"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    maths x;
    eg_proof *proof = NULL;
    judged j = {0};
    uint64_t assumed = 0;
    const egg_case *c = &rows[i].c;
    run_maths(&x, c, true);
    CHECK_EQ(eg_explain_terms(x.graph, c->start, c->goals[0], &proof), EG_OK);
    bool fails = strstr(rows[i].message, "fails") != NULL;
    eg_status status = check_maths(&x, proof, &j, fails ? &assumed : NULL);
    CHECK_EQ(status, EG_INVALID);
    CHECK_STR(eg_graph_error(x.graph)->text, rows[i].message);
    CHECK_EQ(j.fails, fails);
    eg_proof_destroy(proof);
    free_maths(&x);
  }
}

//===-- What is known -----------------------------------------------------===//

// Explains a = b under the rules and expects a text; the flat form.
static void expect(const char *rules_text, const char *a, const char *b,
                   const char *want) {
  eg_graph *g = new_graph();
  eg_named_condition yes = {"yes", always, NULL};
  eg_text_options options = {
      .declare = true, .conditions = &yes, .num_conditions = 1};
  eg_rules *rules = NULL;
  eg_proof *proof = NULL;
  eg_report report;
  uint64_t assumed = 0;
  text_buffer out = {0};
  CHECK_EQ(eg_proofs_enable(g), EG_OK);
  eg_status status = eg_rules_parse(g, rules_text, options, &rules);
  CHECK_EQ(status, EG_OK);
  eg_rule_desc desc = {.name = "named",
                       .lhs = "(all ?x ?y)",
                       .rhs = "?y",
                       .condition = always,
                       .condition_name = "yes"};
  new_op(g, "all", 2);
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  desc.name = "nameless";
  desc.condition_name = NULL;
  desc.lhs = "(none ?x)";
  desc.rhs = "?x";
  new_op(g, "none", 1);
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  term(g, a), term(g, b);
  eg_limits limits = eg_limits_default();
  limits.rounds = 3;
  CHECK_EQ(eg_run(g, rules, &limits, &report), EG_OK);
  CHECK_EQ(eg_explain_terms(g, a, b, &proof), EG_OK);
  const eg_rules *sets[] = {rules};
  eg_axioms axioms = {.rules = sets, .num_rules = 1, .assumed = &assumed};
  status = eg_proof_check(proof, &axioms, a, b);
  if (status != EG_OK)
    printf("  %s\n", eg_graph_error(g)->text);
  CHECK_EQ(status, EG_OK);
  CHECK(assumed > 0);
  CHECK_EQ(eg_write_proof(proof, EG_PROOF_FLAT, buffer_writer(&out)), EG_OK);
  CHECK(strstr(out.data, want) != NULL);
  if (!strstr(out.data, want))
    printf("  no %s in\n%s", want, out.data);
  free(out.data);
  eg_proof_destroy(proof);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(guards_say_what_was_known) {
  // The argument's own term; a leaf that it equals; a number before a symbol.
  expect("r: (f ?x) => ?x if yes ?x", "(f (g a))", "(g a)",
         "(rule r forward (if yes (is (g a))))");
  expect("p: (g ?x) => b\nr: (f ?x) => ?x if yes ?x", "(f (g a))", "(g a)",
         "(if yes (is (g a) b))");
  expect("p: (g ?x) => b\nq: (g ?x) => 2\nr: (f ?x) => ?x if yes ?x",
         "(f (g a))", "(g a)", "(if yes (is (g a) 2))");
  // Arguments that were equal; none; several conditions.
  expect("p: (g ?x) => (h ?x)\nr: (k ?x ?y) => ?x if yes ?x ?y",
         "(k (g a) (h a))", "(g a)", "(if yes (is (g a)) (is (h a) (g a)))");
  expect("r: (f ?x) => ?x if yes, yes ?x ?x", "(f a)", "a",
         "(rule r forward (if yes) (if yes (is a) (is a)))");
  // What only the rule itself says is not known.
  expect("r: ?u = (f ?x) => ?u = 7 if yes ?u", "(f a)", "7",
         "(if yes (is (f a)))");
  // A variable of a pattern on its own.
  expect("r: ?u = (f ?x), (g ?y) => ?u = ?y if yes ?x ?y", "(p (f a) (g 2))",
         "(p 2 (g 2))", "(if yes (is a) (is 2))");
  expect("", "(all a b)", "b", "(rule named forward (if yes (is a) (is b)))");
  expect("", "(none a)", "a", "(rule nameless forward (if (is a)))");
}

//===-- The standard conditions -------------------------------------------===//

CHECK_TEST(the_standard_judge) {
  static const struct {
    const char *condition, *arguments; // of a conditioned operator c
    eg_verdict verdict;
  } rows[] = {
      {"number ?a ?b", "1 -2.5e1", EG_HOLDS},
      {"number ?a ?b", "1 x", EG_UNDECIDED},
      {"not-number ?a ?b", "x y", EG_UNDECIDED},
      {"not-number ?a ?b", "x 7", EG_FAILS},
      {"not-zero ?a ?b", "1 2", EG_HOLDS},
      {"not-zero ?a ?b", "1 x", EG_UNDECIDED},
      {"not-zero ?a ?b", "x 0.0", EG_FAILS},
      {"distinct ?a ?b", "1 2", EG_HOLDS},
      {"distinct ?a ?b", "1 1.0", EG_UNDECIDED},
      {"distinct ?a ?b", "1 x", EG_UNDECIDED},
      {"distinct ?a ?b", "x x", EG_FAILS},
      {"other ?a ?b", "1 2", EG_UNDECIDED},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    eg_named_condition lies[] = {{"number", always, NULL},
                                 {"not-number", always, NULL},
                                 {"not-zero", always, NULL},
                                 {"distinct", always, NULL},
                                 {"other", always, NULL}};
    char rule[80], from[40];
    eg_rules *rules = NULL;
    eg_proof *proof = NULL;
    eg_report report;
    CHECK_EQ(eg_proofs_enable(g), EG_OK);
    snprintf(rule, sizeof rule, "r: (c ?a ?b) => done if %s",
             rows[i].condition);
    snprintf(from, sizeof from, "(c %s)", rows[i].arguments);
    eg_text_options options = {
        .declare = true, .conditions = lies, .num_conditions = 5};
    CHECK_EQ(eg_rules_parse(g, rule, options, &rules), EG_OK);
    term(g, from);
    eg_limits limits = eg_limits_default();
    CHECK_EQ(eg_run(g, rules, &limits, &report), EG_OK);
    CHECK_EQ(eg_explain_terms(g, from, "done", &proof), EG_OK);
    const eg_rules *sets[] = {rules};
    uint64_t assumed = 0;
    eg_axioms axioms = {.rules = sets,
                        .num_rules = 1,
                        .judge = eg_standard_judge,
                        .assumed = &assumed};
    eg_status status = eg_proof_check(proof, &axioms, from, "done");
    CHECK_EQ(status, rows[i].verdict == EG_FAILS ? EG_INVALID : EG_OK);
    CHECK_EQ(assumed, rows[i].verdict == EG_UNDECIDED);
    eg_proof_destroy(proof);
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

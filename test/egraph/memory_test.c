// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every allocation of a small run fails once, and in a large one each site that
// is new there, each in a run of its own. The call says
// EG_NO_MEMORY, the graph can be rebuilt and is sound, the same call succeeds
// when there is memory again, the end is the same as without the failure, and
// nothing leaks.
#include "graphs.h"
#include "strict.h"

//===-- An analysis that adds ---------------------------------------------===//

enum { UNKNOWN = -1 };

static int number_of(const eg_graph *graph, eg_node node) {
  size_t size;
  eg_payload payload = eg_node_payload(graph, node);
  const char *text = eg_payload_bytes(graph, payload, &size);
  return *text >= '0' && *text <= '9' ? atoi(text) : UNKNOWN;
}

static eg_status fold_make(void *user, eg_graph *graph, eg_node node,
                           void *out_value) {
  const uint32_t *id = user;
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  uint32_t num;
  const eg_class *children = eg_node_children(graph, node, &num);
  int *out = out_value;
  *out = UNKNOWN;
  if (strcmp(name, "num") == 0)
    *out = number_of(graph, node);
  if (strcmp(name, "+") != 0)
    return EG_OK;
  int a = *(const int *)eg_class_value(graph, *id, children[0]);
  int b = *(const int *)eg_class_value(graph, *id, children[1]);
  if (a != UNKNOWN && b != UNKNOWN)
    *out = a + b;
  return EG_OK;
}

static eg_status fold_merge(void *user, eg_graph *graph, void *into,
                            const void *from, bool *out_into_changed,
                            bool *out_from_changed) {
  (void)user;
  int *a = into, b = *(const int *)from;
  if (*a != UNKNOWN && b != UNKNOWN && *a != b)
    return eg_fail(graph, EG_INVALID, "%d is not %d", *a, b);
  *out_into_changed = *a == UNKNOWN && b != UNKNOWN;
  *out_from_changed = b == UNKNOWN && *a != UNKNOWN;
  if (*a == UNKNOWN)
    *a = b;
  return EG_OK;
}

static eg_status fold_modify(void *user, eg_graph *graph, eg_class id) {
  int value = *(const int *)eg_class_value(graph, *(uint32_t *)user, id);
  if (value == UNKNOWN)
    return EG_OK;
  char text[16];
  int len = snprintf(text, sizeof text, "%d", value);
  eg_payload payload;
  eg_op num;
  eg_class constant;
  eg_status status = eg_op_find(graph, "num", &num);
  if (status == EG_OK)
    status = eg_payload_intern(graph, text, (size_t)len, &payload);
  if (status == EG_OK)
    status = eg_add(graph, num, payload, NULL, 0, &constant);
  return status == EG_OK ? eg_union(graph, id, constant, NULL) : status;
}

//===-- The run -----------------------------------------------------------===//

// The sum of six saturates at three times the nodes of the sum of five, and at
// many times the matches.
static const char sum_of_five[] =
    "(+ (+ x (+ 3 y)) (+ 4 (quad x y (* x 0) (+ 1 1))))";
static const char sum_of_six[] =
    "(+ (+ x (+ 3 (+ y z))) (+ 4 (quad x y (* x 0) (+ 1 1))))";

typedef struct run {
  eg_allocator memory;
  const char *start; // the term
  eg_graph *graph;
  eg_sort sort;
  eg_op num;
  uint32_t fold;
  eg_rules *rules;
  eg_class root, wide;
  eg_report report;
  eg_choice *choice, *by_hand;
  text_buffer term, dot, text;
  bool proofs;
  eg_proof *proof;
} run;

static eg_status step_create(run *r) {
  return eg_graph_create(&r->memory, &r->graph);
}

static eg_status step_proofs(run *r) {
  return r->proofs ? eg_proofs_enable(r->graph) : EG_OK;
}

static eg_status step_sort(run *r) {
  return eg_sort_add(r->graph, "other", &r->sort);
}

static eg_status step_analysis(run *r) {
  eg_analysis fold = {"fold",    sizeof(int), &r->fold,
                      fold_make, fold_merge,  fold_modify};
  return eg_analysis_add(r->graph, &fold, &r->fold);
}

static eg_status step_op(run *r) {
  eg_op_desc desc = {.name = "num", .has_payload = true, .is_literal = true};
  return eg_op_add(r->graph, &desc, &r->num);
}

static eg_status step_wide_op(run *r) {
  eg_sort children[] = {{0}};
  eg_op_desc desc = {
      .name = "sum", .num_children = EG_VARIADIC, .children = children};
  eg_op op;
  return eg_op_add(r->graph, &desc, &op);
}

static eg_status step_rules(run *r) {
  static const char text[] = "comm: (+ ?a ?b) => (+ ?b ?a)\n"
                             "assoc: (+ ?a (+ ?b ?c)) <=> (+ (+ ?a ?b) ?c)\n"
                             "quad: (quad ?a ?b ?c ?d) => (sum ?b ?a ?d ?c)\n"
                             "zero: (* ?a 0) => 0 if distinct ?a\n"
                             "ruleset r\n"
                             "both: ?x = (* ?a 0), (+ ?b ?x) => ?x = "
                             "(* 0 ?a), (sum ?a)\n"
                             "schedule (saturate (run) r :until (never 7))\n"
                             "scheduler (size-aware :share 0.5)";
  eg_text_options options = {.declare = true};
  options.conditions = eg_standard_conditions(&options.num_conditions);
  return eg_rules_parse(r->graph, text, options, &r->rules);
}

static eg_status step_rule(run *r) {
  eg_rule_desc desc = {.name = "twice", .lhs = "(+ ?a ?a)", .rhs = "(* ?a 2)"};
  return eg_rules_add(r->rules, &desc);
}

static eg_status step_schedule(run *r) {
  return eg_schedule_parse(r->rules,
                           "schedule (saturate (saturate r) (run) :until "
                           "(+ ?a b) = (never ?a))",
                           (eg_text_options){.declare = true});
}

static eg_status step_write_rules(run *r) {
  r->text.num = 0;
  return eg_write_rules(r->rules, buffer_writer(&r->text));
}

static eg_status step_term(run *r) {
  return eg_term_parse(r->graph, r->start, (eg_text_options){.declare = true},
                       &r->root);
}

static eg_status step_wide(run *r) {
  return eg_term_parse(r->graph,
                       "(sum a b c d e f g (quad a b c d) (sum) (sum a a))",
                       (eg_text_options){.declare = true}, &r->wide);
}

static eg_status step_union(run *r) {
  eg_class a, b;
  eg_status status =
      eg_term_parse(r->graph, "c", (eg_text_options){.declare = true}, &a);
  if (status == EG_OK)
    status =
        eg_term_parse(r->graph, "d", (eg_text_options){.declare = true}, &b);
  return status == EG_OK ? eg_union(r->graph, a, b, NULL) : status;
}

static eg_status step_rebuild(run *r) {
  return eg_rebuild(r->graph);
}

// To saturation, so that a run begun again ends at the same place.
static eg_status step_run(run *r) {
  eg_limits limits = eg_limits_default();
  eg_run_options options = {.limits = &limits,
                            .schedule = eg_rules_schedule(r->rules)};
  return eg_run_with(r->graph, r->rules, &options, &r->report);
}

static bool any(void *user, const eg_match *match) {
  (void)user, (void)match;
  return true;
}

static eg_status step_search(run *r) {
  uint64_t num;
  return eg_rule_search(r->rules, 1, any, NULL, &num);
}

static eg_status step_extract(run *r) {
  eg_cost cost = eg_cost_size();
  return eg_extract_tree(r->graph, &cost, &r->choice);
}

static eg_status step_choice(run *r) {
  return eg_choice_create(r->graph, &r->by_hand);
}

static eg_status step_check_choice(run *r) {
  eg_class roots[] = {r->root, r->wide};
  return eg_choice_check(r->graph, r->choice, roots, 2, NULL, NULL);
}

static eg_status step_write(run *r) {
  r->term.num = 0;
  return eg_write_term(r->graph, r->choice, r->root, buffer_writer(&r->term));
}

static eg_status step_dot(run *r) {
  r->dot.num = 0;
  return eg_write_dot(r->graph, r->choice, buffer_writer(&r->dot));
}

static eg_status step_check(run *r) {
  return eg_check(r->graph);
}

static eg_status step_push(run *r) {
  return eg_push(r->graph);
}

// Whatever fails in here, the pop leaves nothing of it.
static eg_status step_inside(run *r) {
  eg_class a, b;
  eg_limits limits = eg_limits_default();
  eg_report report;
  eg_text_options options = {.declare = true};
  eg_status status = eg_term_parse(
      r->graph, "(sum (new a b c d) (new2 (+ x (+ y new3))) 77)", options, &a);
  if (status == EG_OK)
    status = eg_term_parse(r->graph, "(quad z z new3 (* 0 y))", options, &b);
  if (status == EG_OK)
    status = eg_union_as(r->graph, a, b, "inside", NULL);
  if (status == EG_OK)
    status = eg_term_parse(r->graph, "y", options, &a);
  if (status == EG_OK)
    status = eg_term_parse(r->graph, "new3", options, &b);
  if (status == EG_OK)
    status = eg_union(r->graph, a, b, NULL);
  if (status == EG_OK)
    status = eg_rebuild(r->graph);
  limits.rounds = 1;
  return status == EG_OK ? eg_run(r->graph, r->rules, &limits, &report)
                         : status;
}

static eg_status step_pop(run *r) {
  return eg_pop(r->graph);
}

static eg_status step_explain(run *r) {
  return r->proofs
             ? eg_explain_terms(r->graph, "(+ 4 (quad x y (* x 0) (+ 1 1)))",
                                "(+ (sum y x 2 0) 4)", &r->proof)
             : EG_OK;
}

static eg_status step_check_proof(run *r) {
  const eg_rules *sets[] = {r->rules};
  eg_axioms axioms = {.rules = sets,
                      .num_rules = 1,
                      .callbacks = true,
                      .judge = eg_standard_judge};
  return r->proof
             ? eg_proof_check(r->proof, &axioms, NULL, "(+ (sum y x 2 0) 4)")
             : EG_OK;
}

static eg_status step_write_proof(run *r) {
  r->text.num = 0;
  if (!r->proof)
    return EG_OK;
  eg_status status =
      eg_write_proof(r->proof, EG_PROOF_TREE, buffer_writer(&r->text));
  return status == EG_OK
             ? eg_write_proof(r->proof, EG_PROOF_FLAT, buffer_writer(&r->text))
             : status;
}

static const struct {
  const char *name;
  eg_status (*call)(run *);
} steps[] = {
    {"create", step_create},
    {"proofs", step_proofs},
    {"sort", step_sort},
    {"analysis", step_analysis},
    {"op", step_op},
    {"wide op", step_wide_op},
    {"rules", step_rules},
    {"rule", step_rule},
    {"schedule", step_schedule},
    {"write rules", step_write_rules},
    {"term", step_term},
    {"wide", step_wide},
    {"union", step_union},
    {"rebuild", step_rebuild},
    {"run", step_run},
    {"search", step_search},
    {"extract", step_extract},
    {"choice", step_choice},
    {"check choice", step_check_choice},
    {"write", step_write},
    {"dot", step_dot},
    {"push", step_push},
    {"inside", step_inside},
    {"pop", step_pop},
    {"explain", step_explain},
    {"check proof", step_check_proof},
    {"write proof", step_write_proof},
    {"check", step_check},
};

enum { NUM_STEPS = sizeof steps / sizeof *steps };

// After a failure in a step: what must hold, before the step is done again.
static void check_failed_step(run *r, strict *s, int step, eg_status status) {
  CHECK_EQ(status, EG_NO_MEMORY);
  if (status != EG_NO_MEMORY)
    printf("  step %s: %s\n", steps[step].name, eg_status_name(status));
  s->fail_at = 0;
  if (!r->graph)
    return;
  CHECK_EQ(eg_graph_error(r->graph)->status, EG_NO_MEMORY);
  CHECK_EQ(eg_rebuild(r->graph), EG_OK);
  status = eg_check(r->graph);
  CHECK_EQ(status, EG_OK);
  if (status != EG_OK)
    printf("  step %s: %s\n", steps[step].name, eg_graph_error(r->graph)->text);
  CHECK_EQ(eg_graph_bytes(r->graph), s->out);
}

// All steps, each again if it fails; |out_cost| is that of the root.
static void run_steps(strict *s, const char *start, bool proofs,
                      double *out_cost, uint64_t *out_nodes, bool *out_sound) {
  run r = {.memory = {strict_resize, s}, .start = start, .proofs = proofs};
  int before = check_failures;
  for (int i = 0; i < NUM_STEPS && check_failures == before; ++i) {
    uint32_t num_ops = r.graph ? eg_num_ops(r.graph) : 0;
    eg_status status = steps[i].call(&r);
    if (s->failed && s->fail_at) {
      check_failed_step(&r, s, i, status);
      if (steps[i].call == step_rules)
        CHECK_EQ(eg_num_ops(r.graph), num_ops);
      status = steps[i].call(&r);
    }
    CHECK_EQ(status, EG_OK);
    if (status != EG_OK)
      printf("  step %s: %s\n", steps[i].name,
             r.graph ? eg_graph_error(r.graph)->text : "");
  }
  *out_nodes = r.graph ? eg_num_nodes(r.graph) : 0;
  if (r.graph && check_failures == before) {
    CHECK_EQ(r.report.stop, EG_STOP_SATURATED);
    CHECK_EQ(eg_graph_peak_bytes(r.graph), s->peak);
  }
  const double *cost = r.choice ? eg_choice_cost(r.choice, r.root) : NULL;
  *out_cost = cost ? *cost : -1;
  eg_choice_destroy(r.choice);
  eg_choice_destroy(r.by_hand);
  eg_proof_destroy(r.proof);
  eg_rules_destroy(r.rules);
  eg_graph_destroy(r.graph);
  CHECK_EQ(s->out, 0);
  CHECK_EQ(s->mistakes, 0);
  free(r.term.data);
  free(r.dot.data);
  free(r.text.data);
  *out_sound = check_failures == before;
}

typedef struct outcome {
  double cost;
  uint64_t nodes;
  bool sound;
} outcome;

static bool fail_one(const char *start, bool proofs, bool fail_on, uint64_t n,
                     outcome want) {
  strict s = {.fail_at = n, .fail_on = fail_on};
  outcome got;
  run_steps(&s, start, proofs, &got.cost, &got.nodes, &got.sound);
  CHECK(s.failed);
  CHECK_EQ(got.nodes, want.nodes);
  CHECK(got.cost == want.cost); // The term may differ: ties go to smaller ids.
  bool sound = got.sound && got.nodes == want.nodes;
  if (!sound)
    printf("  at allocation %" PRIu64 "\n", n);
  return sound;
}

// Every allocation of the small run, and of the large one the first of each
// site that the small one has not.
static void fail_each(bool proofs, bool fail_on) {
  static const char *const starts[] = {sum_of_five, sum_of_six};
  sites all[2] = {{.num = 0}, {.num = 0}};
  strict counters[2] = {{.sites = &all[0]}, {.sites = &all[1]}};
  outcome want[2];
  int more = 0;
  // Volatile: the call stays one call, so the ends of the stacks are alike.
  for (volatile int i = 0; i < 2; ++i)
    run_steps(&counters[i], starts[i], proofs, &want[i].cost, &want[i].nodes,
              &want[i].sound);
  bool sound = want[0].sound && want[1].sound;
  CHECK(counters[0].calls > 100);
  CHECK(all[0].num > 100);
  for (uint64_t n = 1; n <= counters[0].calls && sound; ++n)
    sound = fail_one(sum_of_five, proofs, fail_on, n, want[0]);
  for (int i = 0; i < all[1].num && sound; ++i)
    if (!sites_have(&all[0], all[1].data[i])) {
      sound = fail_one(sum_of_six, proofs, fail_on, all[1].first[i], want[1]);
      ++more;
    }
  printf("  %" PRIu64 " allocations at %d sites, then %d sites more\n",
         counters[0].calls, all[0].num, more);
}

CHECK_TEST(each_allocation_fails_once) {
  fail_each(false, false);
}

CHECK_TEST(each_allocation_and_all_after_it_fail) {
  fail_each(false, true);
}

CHECK_TEST(each_allocation_fails_once_with_proofs) {
  fail_each(true, false);
}

CHECK_TEST(each_allocation_and_all_after_it_fail_with_proofs) {
  fail_each(true, true);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

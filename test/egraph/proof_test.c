// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Proofs: every equal pair is explained, and the checker believes it; whatever
// is changed in a proof, the checker does not.
#include "graphs.h"
#include "math_sizes.h"
#include "proof.h"

//===-- A graph with proofs -----------------------------------------------===//

enum { MAX_GIVENS = 400, MAX_CLASSES = 100000 };

typedef struct fixture {
  eg_graph *graph;
  eg_rules *rules;
  eg_given givens[MAX_GIVENS];
  uint32_t num_givens;
  uint32_t size_id;
  bool callbacks;
  uint32_t class_nodes; // options of every run
  bool incremental;
} fixture;

static bool some(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user, (void)graph;
  return match->num_vars < 9;
}

static const eg_named_condition conditions[] = {{"some", some, NULL},
                                                {"other", some, NULL}};

static void begin(fixture *f, const char *text) {
  *f = (fixture){.graph = new_graph()};
  CHECK_EQ(eg_proofs_enable(f->graph), EG_OK);
  eg_status status = eg_rules_parse(
      f->graph, text, (eg_text_options){.declare = true}, &f->rules);
  if (status != EG_OK)
    printf("  %s\n", eg_graph_error(f->graph)->text);
  CHECK_EQ(status, EG_OK);
}

static void end(fixture *f) {
  for (uint32_t i = 0; i < f->num_givens; ++i) {
    free((char *)(uintptr_t)f->givens[i].left);
    free((char *)(uintptr_t)f->givens[i].right);
  }
  eg_rules_destroy(f->rules);
  eg_graph_destroy(f->graph);
}

static char *origin(const fixture *f, eg_class id) {
  text_buffer out = {0};
  CHECK_EQ(eg_write_origin(f->graph, id, buffer_writer(&out)), EG_OK);
  return out.data;
}

// A union, and the note that it was stated.
static void state(fixture *f, eg_class a, eg_class b, const char *label) {
  if (f->num_givens == MAX_GIVENS ||
      eg_class_sort(f->graph, a).id != eg_class_sort(f->graph, b).id)
    return;
  f->givens[f->num_givens++] = (eg_given){label, origin(f, a), origin(f, b)};
  CHECK_EQ(eg_union_as(f->graph, a, b, label, NULL), EG_OK);
}

static eg_status run(fixture *f, uint64_t rounds, uint64_t nodes) {
  eg_limits limits = eg_limits_default();
  limits.nodes = nodes;
  limits.rounds = rounds;
  eg_run_options options = {.limits = &limits,
                            .class_nodes = f->class_nodes,
                            .incremental = f->incremental};
  eg_report report;
  return eg_run_with(f->graph, f->rules, &options, &report);
}

static eg_status check(const fixture *f, const eg_proof *proof,
                       const char *from, const char *to) {
  const eg_rules *sets[] = {f->rules};
  uint64_t assumed = 0;
  eg_axioms axioms = {.rules = sets,
                      .num_rules = 1,
                      .givens = f->givens,
                      .num_givens = f->num_givens,
                      .callbacks = f->callbacks,
                      .assumed = &assumed};
  return eg_proof_check(proof, &axioms, from, to);
}

// Explains a = b and checks it; the number of steps.
static uint64_t expect_proof(const fixture *f, eg_class a, eg_class b) {
  eg_proof *proof = NULL;
  eg_status status = eg_explain(f->graph, a, b, &proof);
  CHECK_EQ(status, EG_OK);
  char *from = origin(f, a), *to = origin(f, b);
  if (status == EG_OK)
    status = check(f, proof, from, to);
  CHECK_EQ(status, EG_OK);
  if (status != EG_OK)
    printf("  %s = %s: %s\n", from, to, eg_graph_error(f->graph)->text);
  uint64_t steps = proof ? eg_proof_num_steps(proof) : 0;
  eg_proof_destroy(proof);
  free(from);
  free(to);
  return steps;
}

static char *explanation(const fixture *f, const char *a, const char *b,
                         eg_proof_form form) {
  eg_proof *proof = NULL;
  text_buffer out = {0};
  eg_status status = eg_explain_terms(f->graph, a, b, &proof);
  if (status != EG_OK)
    printf("  %s\n", eg_graph_error(f->graph)->text);
  CHECK_EQ(status, EG_OK);
  if (proof) {
    CHECK_EQ(check(f, proof, a, b), EG_OK);
    CHECK_EQ(eg_write_proof(proof, form, buffer_writer(&out)), EG_OK);
  }
  eg_proof_destroy(proof);
  return out.data;
}

//===-- Small ones --------------------------------------------------------===//

static void expect_text(const fixture *f, const char *a, const char *b,
                        eg_proof_form form, const char *want) {
  char *got = explanation(f, a, b, form);
  CHECK(got != NULL);
  if (got)
    CHECK_STR(got, want);
  free(got);
}

CHECK_TEST(a_flat_proof_rewrites_whole_terms) {
  fixture f;
  begin(&f, "zero: (+ ?a 0) => ?a\ncomm: (* ?a ?b) => (* ?b ?a)");
  term(f.graph, "(* x (+ y 0))");
  CHECK_EQ(run(&f, 3, 1000), EG_OK);
  expect_text(&f, "(* x (+ y 0))", "(* y x)", EG_PROOF_FLAT,
              "(proof\n"
              "  (start (* x (+ y 0)))\n"
              "  (step (rule comm forward) (at) (* (+ y 0) x))\n"
              "  (step (rule zero forward) (at 1) (* y x)))\n");
  expect_text(&f, "(* y x)", "(* y x)", EG_PROOF_FLAT,
              "(proof\n  (start (* y x)))\n");
  end(&f);
}

CHECK_TEST(a_tree_names_lemmas_and_children) {
  fixture f;
  begin(&f, "zero: (+ ?a 0) => ?a");
  term(f.graph, "(* (+ y 0) (+ y 0))");
  CHECK_EQ(run(&f, 3, 1000), EG_OK);
  expect_text(&f, "(* (+ y 0) (+ y 0))", "(* y y)", EG_PROOF_TREE,
              "(proof\n"
              "  (lemma 1 y (+ y 0)\n"
              "    ((rule zero backward) y (+ y 0)))\n"
              "  (lemma 2 (* (+ y 0) (+ y 0)) (* y y)\n"
              "    (congruence (* (+ y 0) (+ y 0)) (* y y) (child 1 (lemma 1 "
              "backward)) (child 2 (lemma 1 backward))))\n"
              "  (goal (* (+ y 0) (+ y 0)) (* y y) (lemma 2 forward)))\n");
  end(&f);
}

CHECK_TEST(given_equalities_have_labels_and_directions) {
  fixture f;
  begin(&f, "");
  eg_class fa = term(f.graph, "(f a)"), fb = term(f.graph, "(f b)");
  state(&f, term(f.graph, "a"), term(f.graph, "b"), "axiom 1");
  state(&f, fb, term(f.graph, "c"), NULL);
  rebuild(f.graph);
  CHECK_EQ(eg_find(f.graph, fa).id, eg_find(f.graph, fb).id);
  expect_text(&f, "(f a)", "c", EG_PROOF_FLAT,
              "(proof\n"
              "  (start (f a))\n"
              "  (step (given \"axiom 1\") (at 1) (f b))\n"
              "  (step (given) (at) c))\n");
  eg_proof *proof;
  CHECK_EQ(eg_explain_terms(f.graph, "c", "(f a)", &proof), EG_OK);
  f.givens[0].label = "axiom 2";
  CHECK_EQ(check(&f, proof, NULL, NULL), EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "the proof is wrong: not among the stated equalities: axiom 1");
  f.givens[0].label = "axiom 1";
  CHECK_EQ(check(&f, proof, "(f a)", "c"), EG_INVALID);
  CHECK_EQ(check(&f, proof, "c", "(f a)"), EG_OK);
  eg_proof_destroy(proof);
  end(&f);
}

CHECK_TEST(patterns_side_by_side_are_premises) {
  fixture f;
  begin(&f, "same: ?x = (f ?a), ?y = (g ?a) => ?x = ?y\n"
            "zero: (+ ?a 0) => ?a\n"
            "deep: (h (k (m 1)) ?a) => (h ?a (n (n 2)))");
  term(f.graph, "(p (f (+ b 0)))");
  term(f.graph, "(g b)");
  term(f.graph, "(h (k (m (+ 1 0))) b)");
  term(f.graph, "(m 1)");
  CHECK_EQ(run(&f, 5, 1000), EG_OK);
  expect_text(&f, "(p (f (+ b 0)))", "(p (g b))", EG_PROOF_FLAT,
              "(proof\n"
              "  (start (p (f (+ b 0))))\n"
              "  (step (rule same forward) (at 1) (p (g b))))\n");
  expect_text(&f, "(h (k (m (+ 1 0))) b)", "(h b (n (n 2)))", EG_PROOF_FLAT,
              "(proof\n"
              "  (start (h (k (m (+ 1 0))) b))\n"
              "  (step (rule zero forward) (at 1 1 1) (h (k (m 1)) b))\n"
              "  (step (rule deep forward) (at) (h b (n (n 2)))))\n");
  end(&f);
}

// (f a) = t1 = t2 = (f b) was stated, but a = b makes it one step.
CHECK_TEST(a_jump_is_shorter_than_the_way) {
  fixture f;
  begin(&f, "");
  eg_class fa = term(f.graph, "(f a)"), fb = term(f.graph, "(f b)");
  eg_class t1 = term(f.graph, "t1"), t2 = term(f.graph, "t2");
  state(&f, term(f.graph, "a"), term(f.graph, "b"), "ab");
  state(&f, fa, t1, "1");
  state(&f, t1, t2, "2");
  state(&f, t2, fb, "3");
  rebuild(f.graph);
  expect_text(&f, "(f a)", "(f b)", EG_PROOF_FLAT,
              "(proof\n"
              "  (start (f a))\n"
              "  (step (given ab) (at 1) (f b)))\n");
  end(&f);
}

// Numbers that are equal one to the next, and what is above them: a way of
// 30,000 links, each of whose nodes stands deep in its tree.
CHECK_TEST(long_ways_take_linear_time) {
  enum { LENGTH = 30000 };
  fixture f;
  begin(&f, "");
  static eg_class numbers[LENGTH], above[LENGTH];
  eg_op num, g = new_op(f.graph, "g", 1);
  eg_op_desc desc = {.name = "num", .has_payload = true, .is_literal = true};
  CHECK_EQ(eg_op_add(f.graph, &desc, &num), EG_OK);
  for (int i = 0; i < LENGTH; ++i) {
    char text[16];
    eg_payload payload;
    int len = snprintf(text, sizeof text, "%d", i);
    CHECK_EQ(eg_payload_intern(f.graph, text, (size_t)len, &payload), EG_OK);
    CHECK_EQ(eg_add(f.graph, num, payload, NULL, 0, &numbers[i]), EG_OK);
    CHECK_EQ(eg_add(f.graph, g, (eg_payload){0}, &numbers[i], 1, &above[i]),
             EG_OK);
  }
  for (int i = 1; i < LENGTH; ++i)
    unite(f.graph, numbers[i - 1], numbers[i]);
  rebuild(f.graph);
  eg_proof *proof;
  CHECK_EQ(eg_explain(f.graph, numbers[0], numbers[LENGTH - 1], &proof), EG_OK);
  CHECK_EQ(eg_proof_num_steps(proof), LENGTH - 1);
  eg_proof_destroy(proof);
  CHECK_EQ(eg_explain(f.graph, above[LENGTH - 1], above[0], &proof), EG_OK);
  CHECK_EQ(eg_proof_num_steps(proof), LENGTH - 1);
  eg_proof_destroy(proof);
  end(&f);
}

CHECK_TEST(questions_without_an_answer) {
  fixture f;
  eg_proof *proof;
  begin(&f, "");
  eg_class a = term(f.graph, "a"), b = term(f.graph, "b");
  CHECK_EQ(eg_explain(f.graph, a, b, &proof), EG_NOT_FOUND);
  CHECK_STR(eg_graph_error(f.graph)->text, "the two are not equal");
  CHECK_EQ(eg_explain(f.graph, a, (eg_class){99}, &proof), EG_INVALID);
  CHECK_EQ(eg_explain_terms(f.graph, "a", "c", &proof), EG_INVALID);
  term(f.graph, "(f a)");
  CHECK_EQ(eg_explain_terms(f.graph, "a", "(f b)", &proof), EG_NOT_FOUND);
  CHECK(proof == NULL);
  CHECK_EQ(eg_proofs_enable(f.graph), EG_OK); // they are on
  end(&f);
  eg_graph *graph = new_graph();
  a = term(graph, "a");
  CHECK_EQ(eg_explain(graph, a, a, &proof), EG_INVALID);
  CHECK_STR(eg_graph_error(graph)->text,
            "the graph keeps no proofs: eg_proofs_enable");
  CHECK_EQ(eg_proofs_enable(graph), EG_INVALID);
  eg_graph_destroy(graph);
}

//===-- Every pair of the maths microbenchmark ----------------------------===//

CHECK_TEST(pairs_of_the_maths_run_are_explained) {
  fixture f = {.graph = new_graph()};
  eg_class roots[MATH_NUM_ROOTS];
  char *text = math_read_file(MATH_FILE);
  CHECK_EQ(eg_proofs_enable(f.graph), EG_OK);
  CHECK_EQ(math_load(f.graph, text, &f.rules, roots), EG_OK);
  free(text);
  eg_limits limits = eg_limits_default();
  limits.rounds = 1;
  for (int i = 0; i < 9; ++i) {
    eg_report report;
    CHECK_EQ(eg_run(f.graph, f.rules, &limits, &report), EG_OK);
    CHECK_EQ(report.nodes, math_sizes[i].nodes);
    CHECK_EQ(report.classes, math_sizes[i].classes);
    CHECK_EQ(report.matches, math_sizes[i].matches);
  }
  eg_status status = eg_check(f.graph);
  CHECK_EQ(status, EG_OK);
  uint64_t random = 1, pairs = 0, steps = 0, longest = 0;
  uint32_t num = (uint32_t)f.graph->classes.num;
  int before = check_failures;
  while (pairs < 400 && check_failures == before) {
    eg_class id = {1 + random_below(&random, num - 1)};
    if (eg_find(f.graph, id).id == id.id)
      continue;
    uint64_t length = expect_proof(&f, id, eg_find(f.graph, id));
    steps += length;
    longest = length > longest ? length : longest;
    ++pairs;
  }
  printf("  %" PRIu64 " pairs, %.1f steps each, at most %" PRIu64 "\n", pairs,
         (double)steps / (double)pairs, longest);
  end(&f);
}

//===-- Random graphs and rules -------------------------------------------===//

enum { NUM_SETS = 5 };

static const char *const rule_sets[NUM_SETS] = {
    "comm: (+ ?x ?y) => (+ ?y ?x)\n"
    "assoc: (+ ?x (+ ?y ?z)) <=> (+ (+ ?x ?y) ?z)\n"
    "same: (g ?x ?x) => ?x if some ?x\n"
    "ground: a => (f b)\n",
    "ff: (f (f ?x)) => ?x\n"
    "ga: (g a ?x) => (f ?x)\n"
    "sum: (sum ?x ?y) <=> (+ ?x ?y)\n"
    "deep: (+ (f (g a b)) ?x) => (sum ?x (f (f (g b a))) ?x) if other, some "
    "?x\n"
    "const: (f a) => (f (f c))\n",
    "quad: (quad ?x ?y ?x ?y) => (tri 3 ?x ?y a)\n"
    "pack: (pack 1 (pack 2 ?x)) => (pack 2 ?x)\n"
    "tri: (tri 3 ?x ?y ?z) => (quad ?z (pack 1 ?y) ?x c)\n"
    "fg: (f ?x) => (g ?x c)\n",
    "join: ?u = (f ?x), ?v = (g ?x ?y) => (g ?u ?y) = ?v if some ?v ?y ?u\n"
    "twice: ?u = (f ?x) = (f ?y) => ?x = ?y, (pack 1 ?u) = (f ?u)\n"
    "  if some ?x ?y, other ?u\n"
    "some: (f ?x), (g ?y ?x) => (+ ?x ?y) = (+ ?y ?x) = (sum ?x ?y)\n"
    "var: ?u = a, (g ?u ?x) => ?x = (f ?u)\n",
    "any: ?x, (f ?y) => (g ?x ?y) = (g ?y ?x)\n"
    "once: (g ?x (f ?y)) => (g ?y ?x) subsume\n"
    "self: ?x => (g ?x ?x)\n"};

static eg_status size_make(void *user, eg_graph *graph, eg_node node,
                           void *out_value) {
  const fixture *f = user;
  uint32_t num, size = 1;
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    size += *(const uint32_t *)eg_class_value(graph, f->size_id, children[i]);
  *(uint32_t *)out_value = size > 99 ? 99 : size;
  return EG_OK;
}

static eg_status size_merge(void *user, eg_graph *graph, void *into,
                            const void *from, bool *out_into_changed,
                            bool *out_from_changed) {
  (void)user, (void)graph;
  uint32_t *a = into, b = *(const uint32_t *)from;
  *out_into_changed = b < *a;
  *out_from_changed = *a < b;
  *a = b < *a ? b : *a;
  return EG_OK;
}

// A class of size 4 equals c, says the analysis.
static eg_status size_modify(void *user, eg_graph *graph, eg_class id) {
  const fixture *f = user;
  eg_class c;
  eg_op op;
  if (*(const uint32_t *)eg_class_value(graph, f->size_id, id) != 4)
    return EG_OK;
  eg_status status = eg_op_find(graph, "c", &op);
  if (status == EG_OK)
    status = eg_add(graph, op, (eg_payload){0}, NULL, 0, &c);
  return status == EG_OK ? eg_union(graph, id, c, NULL) : status;
}

static void begin_random(fixture *f, uint64_t seed) {
  static const eg_op_desc ops[] = {
      {.name = "a"},
      {.name = "b"},
      {.name = "c"},
      {.name = "num", .has_payload = true, .is_literal = true},
      {.name = "f", .num_children = 1},
      {.name = "+", .num_children = 2},
      {.name = "g", .num_children = 2},
      {.name = "quad", .num_children = 4},
      {.name = "sum", .num_children = EG_VARIADIC},
      {.name = "pack", .num_children = 1, .has_payload = true},
      {.name = "tri", .num_children = 3, .has_payload = true},
  };
  *f = (fixture){.graph = new_graph(),
                 .callbacks = seed % 3 == 0,
                 .class_nodes = seed % 4 == 0 ? 2 : 0,
                 .incremental = seed % 7 < 3};
  CHECK_EQ(eg_proofs_enable(f->graph), EG_OK);
  if (f->callbacks) {
    eg_analysis size = {"size",    sizeof(uint32_t), f,
                        size_make, size_merge,       size_modify};
    CHECK_EQ(eg_analysis_add(f->graph, &size, &f->size_id), EG_OK);
  }
  for (size_t i = 0; i < sizeof ops / sizeof *ops; ++i) {
    eg_op op;
    CHECK_EQ(eg_op_add(f->graph, &ops[i], &op), EG_OK);
  }
  eg_status status = eg_rules_parse(f->graph, rule_sets[seed % NUM_SETS],
                                    (eg_text_options){.any_class = true,
                                                      .conditions = conditions,
                                                      .num_conditions = 2},
                                    &f->rules);
  if (status != EG_OK)
    printf("  %s\n", eg_graph_error(f->graph)->text);
  CHECK_EQ(status, EG_OK);
}

static eg_class any_class(const fixture *f, uint64_t *random) {
  uint32_t num = (uint32_t)f->graph->classes.num;
  return (eg_class){num > 1 ? 1 + random_below(random, num - 1) : 0};
}

static void random_add(fixture *f, uint64_t *random) {
  eg_class children[5], id;
  eg_op op = {(uint16_t)random_below(random, eg_num_ops(f->graph))};
  uint32_t num = eg_op_num_children(f->graph, op);
  if (num == EG_VARIADIC)
    num = random_below(random, 6);
  eg_payload payload = {0};
  for (uint32_t i = 0; i < num; ++i)
    children[i] = any_class(f, random);
  if (num > 0 && !children[0].id)
    return;
  char digit = (char)('0' + random_below(random, 4));
  if (eg_op_has_payload(f->graph, op))
    CHECK_EQ(eg_payload_intern(f->graph, &digit, 1, &payload), EG_OK);
  CHECK_EQ(eg_add(f->graph, op, payload, children, num, &id), EG_OK);
}

// A label of its own for each given equality, but for one in three that has none.
static const char *next_label(const fixture *f) {
  static char labels[MAX_GIVENS][8];
  uint32_t i = f->num_givens % MAX_GIVENS;
  snprintf(labels[i], sizeof labels[i], "g%" PRIu32, i);
  return i % 3 ? labels[i] : NULL;
}

static void random_calls(fixture *f, uint64_t *random, uint32_t num) {
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t kind = random_below(random, 100);
    if (kind < 70)
      random_add(f, random);
    else if (kind < 80 && f->graph->classes.num > 1)
      state(f, any_class(f, random), any_class(f, random), next_label(f));
    else if (kind < 90)
      CHECK_EQ(eg_rebuild(f->graph), EG_OK);
    else
      CHECK_EQ(run(f, 1 + random_below(random, 2), 300), EG_OK);
  }
}

// All ids against the canonical one, and some against each other.
static void expect_all(const fixture *f, uint64_t *random) {
  const eg_graph *g = f->graph;
  for (uint32_t id = 1; id < g->classes.num && !check_failures; ++id)
    if (eg_find(g, (eg_class){id}).id != id)
      expect_proof(f, (eg_class){id}, eg_find(g, (eg_class){id}));
  for (int i = 0; i < 300 && g->classes.num > 1 && !check_failures; ++i) {
    eg_class a = any_class(f, random), b = any_class(f, random);
    if (a.id != b.id && eg_find(g, a).id == eg_find(g, b).id)
      expect_proof(f, a, b);
  }
}

static char *all_proofs(const fixture *f) {
  const eg_graph *g = f->graph;
  text_buffer out = {0};
  CHECK(buffer_write(&out, "", 0));
  for (uint32_t id = 1; id < g->classes.num; ++id) {
    eg_proof *proof;
    eg_class root = eg_find(g, (eg_class){id});
    eg_status status = eg_explain(f->graph, (eg_class){id}, root, &proof);
    if (status != EG_OK)
      printf("  %s\n", eg_graph_error(g)->text);
    CHECK_EQ(status, EG_OK);
    if (!proof)
      continue;
    CHECK_EQ(eg_write_proof(proof, EG_PROOF_TREE, buffer_writer(&out)), EG_OK);
    eg_proof_destroy(proof);
  }
  return out.data;
}

// A level inside which equalities come, and are gone with their reasons.
static void excursion(fixture *f, uint64_t *random) {
  CHECK_EQ(eg_rebuild(f->graph), EG_OK);
  char *before = all_proofs(f);
  uint32_t num_givens = f->num_givens;
  CHECK_EQ(eg_push(f->graph), EG_OK);
  random_calls(f, random, 30);
  CHECK_EQ(eg_rebuild(f->graph), EG_OK);
  expect_all(f, random);
  CHECK_EQ(eg_pop(f->graph), EG_OK);
  while (f->num_givens > num_givens) {
    const eg_given *given = &f->givens[--f->num_givens];
    free((char *)(uintptr_t)given->left);
    free((char *)(uintptr_t)given->right);
  }
  char *after = all_proofs(f);
  CHECK_STR(after, before);
  free(before);
  free(after);
}

CHECK_TEST(pairs_of_random_graphs_are_explained) {
  for (uint64_t seed = 1; seed <= 40 && !check_failures; ++seed) {
    fixture f;
    uint64_t random = seed;
    begin_random(&f, seed);
    for (int i = 0; i < 3; ++i) {
      random_calls(&f, &random, 20);
      expect_all(&f, &random); // dirty or not
      excursion(&f, &random);
    }
    CHECK_EQ(eg_check(f.graph), EG_OK);
    if (check_failures)
      printf("  seed %" PRIu64 "\n", seed);
    end(&f);
  }
}

//===-- Changed proofs ----------------------------------------------------===//

typedef struct tally {
  const fixture *f;
  eg_proof *proof;
  uint64_t changed, believed, guards;
} tally;

static void expect_refusal(tally *t, const char *what) {
  ++t->changed;
  if (check(t->f, t->proof, NULL, NULL) != EG_OK)
    return;
  ++t->believed;
  if (t->believed < 5) {
    text_buffer out = {0};
    CHECK_EQ(eg_write_proof(t->proof, EG_PROOF_TREE, buffer_writer(&out)),
             EG_OK);
    printf("  believed after a change of %s:\n%s", what, out.data);
    free(out.data);
  }
}

// Rules that may say the same of some terms, such as (+ a (+ a a)), are of one
// family; any other name is one of its own.
static uint32_t family(const eg_proof *proof, uint32_t name) {
  static const char *const families[][3] = {{"comm", "assoc", "assoc-rev"},
                                            {"sum", "sum-rev", "sum"},
                                            {"ff", "const", "fg"},
                                            {"any", "once", "self"}};
  for (uint32_t i = 0; name && i < 4; ++i)
    for (uint32_t k = 0; k < 3; ++k)
      if (strcmp(proof->names.data[name], families[i][k]) == 0)
        return 1000 + i;
  return name;
}

// Whether the rule also holds from right to left.
static bool is_symmetric(const eg_proof *proof, const egi_pstep *step) {
  const char *name = proof->names.data[step->name];
  return strcmp(name, "comm") == 0 || strcmp(name, "some") == 0 ||
         strcmp(name, "any") == 0;
}

static void change_step(tally *t, egi_pstep *step) {
  eg_proof *p = t->proof;
  egi_pstep saved = *step;
  step->from = 1 + saved.from % (uint32_t)(p->terms.num - 1);
  if (step->from != saved.from)
    expect_refusal(t, "where a step begins");
  *step = saved;
  step->to = 1 + saved.to % (uint32_t)(p->terms.num - 1);
  if (step->to != saved.to)
    expect_refusal(t, "where a step ends");
  *step = saved;
  if (saved.kind == EGI_STEP_RULE || saved.kind == EGI_STEP_GIVEN) {
    step->kind = saved.kind == EGI_STEP_RULE ? EGI_STEP_GIVEN : EGI_STEP_RULE;
    expect_refusal(t, "the kind of a step");
    *step = saved;
    for (step->name = 0; step->name < p->names.num; ++step->name)
      if (family(p, step->name) != family(p, saved.name))
        expect_refusal(t, "the name of a step");
    *step = saved;
    step->backwards = !saved.backwards;
    if (saved.kind == EGI_STEP_GIVEN || !is_symmetric(p, step))
      expect_refusal(t, "the direction of a step");
    *step = saved;
  }
  step->equality += 7;
  if (saved.kind == EGI_STEP_RULE)
    expect_refusal(t, "the equality of a rule");
  *step = saved;
  step->num -= step->num > 0;
  if (saved.num)
    expect_refusal(t, "the number of sub-proofs");
  *step = saved;
}

// The guards of a step of a rule: another name, one less, one more, an argument
// that is not said, that is said of the wrong term, or is nowhere.
static void change_guards(tally *t, egi_pstep *step) {
  eg_proof *p = t->proof;
  egi_pstep saved = *step;
  uint32_t at = step->first + egi_step_links(p, step);
  for (uint32_t i = 0; i < saved.num_guards; ++i) {
    egi_pguard *guard = &p->guards.data[saved.first_guard + i], own = *guard;
    for (guard->name = 0; guard->name <= p->names.num; ++guard->name)
      if (guard->name != own.name)
        expect_refusal(t, "the name of a condition");
    *guard = own;
    for (uint32_t k = 0; k < own.num; ++k) {
      uint32_t *link = &p->links.data[at++], was = *link;
      const egi_chain *c = &p->chains.data[was >> 1];
      *link = 0;
      expect_refusal(t, "an argument to none");
      *link = was ^ 1;
      if (c->from != c->to)
        expect_refusal(t, "the direction of an argument");
      *link = was + 1000000;
      expect_refusal(t, "an argument to nowhere");
      *link = was;
    }
    --step->num_guards;
    expect_refusal(t, "the number of conditions");
    *step = saved;
  }
  step->num_guards += 1000;
  expect_refusal(t, "the number of conditions");
  *step = saved;
  step->first_guard += 1000;
  expect_refusal(t, "which conditions");
  *step = saved;
  t->guards += saved.num_guards;
}

// Every sub-proof, replaced by none, by itself backwards, and by another one.
static void change_links(tally *t, const egi_pstep *step) {
  eg_proof *p = t->proof;
  uint32_t num = egi_step_links(p, step);
  for (uint32_t k = step->first; k < step->first + num; ++k) {
    uint32_t saved = p->links.data[k];
    const egi_chain *c = &p->chains.data[saved >> 1];
    if (!saved || c->from == c->to)
      continue; // then the way back is as good
    p->links.data[k] = 0;
    expect_refusal(t, "a sub-proof to none");
    p->links.data[k] = saved ^ 1;
    expect_refusal(t, "the direction of a sub-proof");
    p->links.data[k] = p->link ^ (p->link == saved);
    expect_refusal(t, "a sub-proof to the whole proof");
    p->links.data[k] = saved + 1000000;
    expect_refusal(t, "a sub-proof to nowhere");
    p->links.data[k] = saved;
  }
}

// A child swapped for another in a term of the goal: then something else is
// proved, if anything.
static void change_terms(tally *t, const char *from, const char *to) {
  eg_proof *p = t->proof;
  for (int side = 0; side < 2; ++side) {
    const egi_pterm *term = &p->terms.data[side ? p->to : p->from];
    for (uint32_t k = term->first; k < term->first + term->num; ++k) {
      uint32_t saved = p->children.data[k];
      p->children.data[k] = saved == 1 ? 2 : 1;
      ++t->changed;
      bool believed = check(t->f, p, from, to) == EG_OK;
      CHECK(!believed);
      p->children.data[k] = saved;
    }
  }
}

static void change_all(tally *t) {
  eg_proof *p = t->proof;
  egi_words order = {0};
  CHECK_EQ(egi_proof_order(p, &order), EG_OK);
  for (size_t i = 0; i < order.num; ++i) {
    const egi_chain *c = &p->chains.data[order.data[i]];
    for (uint32_t s = c->first; s < c->first + c->num; ++s) {
      change_step(t, &p->steps.data[s]);
      change_links(t, &p->steps.data[s]);
      change_guards(t, &p->steps.data[s]);
    }
  }
  EGI_RELEASE(p->graph, &order);
  uint32_t saved = p->to;
  p->to = 1 + saved % (uint32_t)(p->terms.num - 1);
  if (p->to != saved)
    expect_refusal(t, "what is proved");
  p->to = saved;
  CHECK_EQ(check(t->f, p, NULL, NULL), EG_OK);
}

CHECK_TEST(changed_proofs_are_refused) {
  uint64_t changed = 0, believed = 0, guards = 0, proofs = 0;
  for (uint64_t seed = 1; seed <= 24 && !check_failures; ++seed) {
    fixture f;
    uint64_t random = seed;
    begin_random(&f, seed);
    random_calls(&f, &random, 60);
    for (uint32_t id = 1; id < f.graph->classes.num && id < 60; ++id) {
      tally t = {.f = &f};
      eg_class root = eg_find(f.graph, (eg_class){id});
      if (root.id == id)
        continue;
      CHECK_EQ(eg_explain(f.graph, (eg_class){id}, root, &t.proof), EG_OK);
      char *from = origin(&f, (eg_class){id}), *to = origin(&f, root);
      change_all(&t);
      change_terms(&t, from, to);
      free(from);
      free(to);
      changed += t.changed;
      believed += t.believed;
      guards += t.guards;
      ++proofs;
      eg_proof_destroy(t.proof);
    }
    if (believed || check_failures)
      printf("  seed %" PRIu64 "\n", seed);
    CHECK_EQ(believed, 0);
    end(&f);
  }
  printf("  %" PRIu64 " changes to %" PRIu64 " proofs refused, %" PRIu64
         " conditions\n",
         changed, proofs, guards);
  CHECK(changed > 1000);
  CHECK(guards > 50);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

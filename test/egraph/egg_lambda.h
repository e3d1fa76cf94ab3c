// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// egg's lambda tests: free variables and constants by one analysis,
// substitution that avoids capture by fresh names.
#ifndef EGG_LAMBDA_H
#define EGG_LAMBDA_H

#include "egg_run.h"

// Sets of variables (classes of symbols), each sorted set kept once: equal sets
// have equal numbers. Set 0 is empty.
typedef struct egg_sets {
  uint32_t *words; // of set s: words[at[s]] = its size, then its members
  size_t *at;
  uint32_t *slots; // hash table of set numbers + 1
  uint32_t num_sets, num_slots;
  size_t num_words, cap_words;
} egg_sets;

typedef struct egg_lambda {
  uint32_t analysis;
  eg_op literal, op_add, op_eq, op_var, op_lam, op_let, op_fix;
  egg_sets sets;
} egg_lambda;

typedef struct egg_term {
  uint32_t free;     // a set
  uint32_t constant; // payload of a number or a truth value; 0 = none
} egg_term;

//===-- Sets --------------------------------------------------------------===//

static inline uint32_t *egg_set_slot(const egg_sets *s, const uint32_t *members,
                                     uint32_t num) {
  uint64_t hash = num;
  for (uint32_t i = 0; i < num; ++i)
    hash = (hash ^ members[i]) * UINT64_C(0x9e3779b97f4a7c15);
  for (uint32_t i = (uint32_t)(hash >> 32);; ++i) {
    uint32_t *slot = &s->slots[i & (s->num_slots - 1)];
    const uint32_t *words = s->words + (*slot ? s->at[*slot - 1] : 0);
    if (!*slot || (words[0] == num &&
                   memcmp(words + 1, members, num * sizeof *members) == 0))
      return slot;
  }
}

// Makes room for a set of |num| members; false when memory runs out.
static inline bool egg_sets_grow(egg_sets *s, uint32_t num) {
  if (s->num_words + num + 1 > s->cap_words) {
    size_t cap = 2 * s->cap_words + num + 64;
    uint32_t *words = realloc(s->words, cap * sizeof *s->words);
    if (!words)
      return false;
    s->words = words;
    s->cap_words = cap;
  }
  if (s->num_slots > 2 * s->num_sets)
    return true;
  uint32_t num_slots = s->num_slots ? 2 * s->num_slots : 64;
  uint32_t *slots = calloc(num_slots, sizeof *slots);
  size_t *at = realloc(s->at, num_slots * sizeof *at);
  s->at = at ? at : s->at;
  if (!slots || !at) {
    free(slots);
    return false;
  }
  free(s->slots);
  s->slots = slots;
  s->num_slots = num_slots;
  for (uint32_t i = 0; i < s->num_sets; ++i)
    *egg_set_slot(s, s->words + s->at[i] + 1, s->words[s->at[i]]) = i + 1;
  return true;
}

static inline bool egg_set_intern(egg_sets *s, const uint32_t *members,
                                  uint32_t num, uint32_t *out_set) {
  if (!egg_sets_grow(s, num))
    return false;
  uint32_t *slot = egg_set_slot(s, members, num);
  if (!*slot) {
    s->at[s->num_sets] = s->num_words;
    s->words[s->num_words++] = num;
    memcpy(s->words + s->num_words, members, num * sizeof *members);
    s->num_words += num;
    *slot = ++s->num_sets;
  }
  *out_set = *slot - 1;
  return true;
}

static inline bool egg_set_has(const egg_sets *s, uint32_t set,
                               uint32_t member) {
  const uint32_t *words = s->words + s->at[set];
  for (uint32_t i = 1; i <= words[0]; ++i)
    if (words[i] == member)
      return true;
  return false;
}

// a ∪ b without |but|, or a ∩ b.
static inline bool egg_set_combine(egg_sets *s, uint32_t a, uint32_t b,
                                   bool both, uint32_t but, uint32_t *out_set) {
  uint32_t na = s->words[s->at[a]], nb = s->words[s->at[b]], num = 0;
  if ((a == b || (both ? na == 0 : nb == 0)) && !egg_set_has(s, a, but)) {
    *out_set = a;
    return true;
  }
  if ((both ? nb == 0 : na == 0) && !egg_set_has(s, b, but)) {
    *out_set = b;
    return true;
  }
  uint32_t few[32], *members = few;
  if (na + nb > 32)
    members = malloc((na + nb) * sizeof *members);
  if (!members)
    return false;
  for (uint32_t i = 0, k = 0; i < na || k < nb;) {
    uint32_t x = i < na ? s->words[s->at[a] + 1 + i] : UINT32_MAX;
    uint32_t y = k < nb ? s->words[s->at[b] + 1 + k] : UINT32_MAX;
    uint32_t least = x < y ? x : y;
    i += x == least;
    k += y == least;
    if (least != but && (!both || x == y))
      members[num++] = least;
  }
  bool done = egg_set_intern(s, members, num, out_set);
  if (members != few)
    free(members);
  return done;
}

//===-- The analysis ------------------------------------------------------===//

static inline const egg_term *
egg_lambda_value(const egg_lambda *l, const eg_graph *graph, eg_class id) {
  return eg_class_value(graph, l->analysis, id);
}

static inline bool egg_lambda_number(const eg_graph *graph, eg_payload payload,
                                     long *out) {
  size_t size;
  const char *text = eg_payload_bytes(graph, payload, &size);
  char *end;
  *out = strtol(text, &end, 10);
  return size > 0 && end == text + size;
}

static inline eg_status egg_lambda_constant(const egg_lambda *l,
                                            eg_graph *graph, eg_node node,
                                            egg_term *out) {
  uint32_t num;
  const eg_class *children = eg_node_children(graph, node, &num);
  eg_op op = eg_node_op(graph, node);
  eg_payload payload = eg_node_payload(graph, node);
  long x = 0, y = 0;
  if (op.id == l->literal.id) {
    const char *text = eg_payload_bytes(graph, payload, &(size_t){0});
    bool is = egg_lambda_number(graph, payload, &x) ||
              strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    out->constant = is ? payload.id : 0;
    return EG_OK;
  }
  if (op.id != l->op_add.id && op.id != l->op_eq.id)
    return EG_OK;
  uint32_t a = egg_lambda_value(l, graph, children[0])->constant;
  uint32_t b = egg_lambda_value(l, graph, children[1])->constant;
  if (!a || !b)
    return EG_OK;
  char text[32];
  if (op.id == l->op_eq.id)
    snprintf(text, sizeof text, "%s", a == b ? "true" : "false");
  else if (egg_lambda_number(graph, (eg_payload){a}, &x) &&
           egg_lambda_number(graph, (eg_payload){b}, &y))
    snprintf(text, sizeof text, "%ld", x + y);
  else
    return EG_OK;
  eg_status status = eg_payload_intern(graph, text, strlen(text), &payload);
  out->constant = payload.id;
  return status;
}

static inline eg_status egg_lambda_make(void *user, eg_graph *graph,
                                        eg_node node, void *out_value) {
  egg_lambda *l = user;
  egg_term *out = out_value;
  uint32_t num, op = eg_node_op(graph, node).id, free_b;
  const eg_class *c = eg_node_children(graph, node, &num);
  const uint32_t none = 0; // members of the empty set
  bool done = egg_set_intern(&l->sets, &none, 0, &out->free);
  if (op == l->op_var.id) {
    done = egg_set_intern(&l->sets, &c[0].id, 1, &out->free);
  } else if (op == l->op_let.id) { // free(body) - v, and free(e)
    free_b = egg_lambda_value(l, graph, c[2])->free;
    done =
        done &&
        egg_set_combine(&l->sets, free_b, out->free, false, c[0].id, &free_b) &&
        egg_set_combine(&l->sets, free_b,
                        egg_lambda_value(l, graph, c[1])->free, false, 0,
                        &out->free);
  } else if (op == l->op_lam.id || op == l->op_fix.id) {
    done = done &&
           egg_set_combine(&l->sets, egg_lambda_value(l, graph, c[1])->free,
                           out->free, false, c[0].id, &out->free);
  } else {
    for (uint32_t i = 0; done && i < num; ++i)
      done = egg_set_combine(&l->sets, out->free,
                             egg_lambda_value(l, graph, c[i])->free, false, 0,
                             &out->free);
  }
  return done ? egg_lambda_constant(l, graph, node, out)
              : eg_fail(graph, EG_NO_MEMORY, "no memory for a set");
}

static inline eg_status egg_lambda_merge(void *user, eg_graph *graph,
                                         void *into, const void *from,
                                         bool *out_into_changed,
                                         bool *out_from_changed) {
  egg_lambda *l = user;
  egg_term *a = into, old = *a;
  const egg_term *b = from;
  if (!egg_set_combine(&l->sets, a->free, b->free, true, 0, &a->free))
    return eg_fail(graph, EG_NO_MEMORY, "no memory for a set");
  if (!a->constant)
    a->constant = b->constant;
  *out_into_changed = a->free != old.free || a->constant != old.constant;
  *out_from_changed = a->free != b->free || a->constant != b->constant;
  return EG_OK;
}

static inline eg_status egg_lambda_modify(void *user, eg_graph *graph,
                                          eg_class id) {
  const egg_lambda *l = user;
  eg_payload constant = {egg_lambda_value(l, graph, id)->constant};
  if (!constant.id)
    return EG_OK;
  eg_class literal;
  eg_status status = eg_add(graph, l->literal, constant, NULL, 0, &literal);
  return status == EG_OK ? eg_union(graph, id, literal, NULL) : status;
}

//===-- Conditions and computed right-hand sides --------------------------===//

static inline bool egg_lambda_is_constant(void *user, const eg_graph *graph,
                                          const eg_match *match) {
  return egg_lambda_value(user, graph, match->vars[0])->constant != 0;
}

static inline bool egg_lambda_distinct(void *user, const eg_graph *graph,
                                       const eg_match *match) {
  (void)user;
  return eg_find(graph, match->vars[0]).id != eg_find(graph, match->vars[1]).id;
}

static inline eg_status egg_lambda_add(eg_graph *graph, eg_op op, eg_class a,
                                       eg_class b, eg_class c, uint32_t num,
                                       eg_class *out) {
  const eg_class children[] = {a, b, c};
  return eg_add(graph, op, (eg_payload){0}, children, num, out);
}

// (if (= (var ?x) ?e) ?then ?else) is ?else, if (let ?x ?e ?then) is
// (let ?x ?e ?else). Variables: x, e, then, else.
static inline eg_status egg_lambda_if_elim(void *user, eg_graph *graph,
                                           const eg_match *match,
                                           eg_class *out_equal) {
  const egg_lambda *l = user;
  const eg_class *v = match->vars;
  eg_class yes, no;
  eg_status status =
      egg_lambda_add(graph, l->op_let, v[0], v[1], v[2], 3, &yes);
  if (status == EG_OK)
    status = egg_lambda_add(graph, l->op_let, v[0], v[1], v[3], 3, &no);
  if (status == EG_OK && eg_find(graph, yes).id == eg_find(graph, no).id)
    *out_equal = v[3];
  return status;
}

static inline bool egg_lambda_differ(void *user, const eg_graph *graph,
                                     const eg_match *match) {
  (void)user;
  return eg_find(graph, match->vars[0]).id != eg_find(graph, match->vars[2]).id;
}

// (let ?v1 ?e (lam ?v2 ?body)) is (lam ?v2 (let ?v1 ?e ?body)); where ?v2 is
// free in ?e it is renamed first. Variables: v1, e, v2, body.
static inline eg_status egg_lambda_let_lam(void *user, eg_graph *graph,
                                           const eg_match *match,
                                           eg_class *out_equal) {
  const egg_lambda *l = user;
  eg_class v1 = match->vars[0], e = match->vars[1], v2 = match->vars[2];
  eg_class body = match->vars[3];
  eg_status status = EG_OK;
  if (egg_set_has(&l->sets, egg_lambda_value(l, graph, e)->free,
                  eg_find(graph, v2).id)) {
    char name[16];
    eg_payload payload;
    eg_class fresh, var;
    snprintf(name, sizeof name, "_%u", (unsigned)match->root.id);
    status = eg_payload_intern(graph, name, strlen(name), &payload);
    if (status == EG_OK)
      status = eg_add(graph, l->literal, payload, NULL, 0, &fresh);
    if (status == EG_OK)
      status = eg_add(graph, l->op_var, (eg_payload){0}, &fresh, 1, &var);
    if (status == EG_OK)
      status = egg_lambda_add(graph, l->op_let, v2, var, body, 3, &body);
    v2 = fresh;
  }
  if (status == EG_OK)
    status = egg_lambda_add(graph, l->op_let, v1, e, body, 3, &body);
  if (status == EG_OK)
    status = egg_lambda_add(graph, l->op_lam, v2, body, body, 2, out_equal);
  return status;
}

//===-- The language ------------------------------------------------------===//

static inline eg_status egg_lambda_prepare(void *user, eg_graph *graph) {
  egg_lambda *l = user;
  eg_analysis analysis = {
      "free and constant", sizeof(egg_term), user,
      egg_lambda_make,     egg_lambda_merge, egg_lambda_modify};
  eg_op app, if_op;
  const struct {
    eg_op_desc desc;
    eg_op *op;
  } ops[] = {
      {{.name = "literal", .has_payload = true, .is_literal = true},
       &l->literal},
      {{.name = "var", .num_children = 1}, &l->op_var},
      {{.name = "+", .num_children = 2}, &l->op_add},
      {{.name = "=", .num_children = 2}, &l->op_eq},
      {{.name = "app", .num_children = 2}, &app},
      {{.name = "lam", .num_children = 2}, &l->op_lam},
      {{.name = "let", .num_children = 3}, &l->op_let},
      {{.name = "fix", .num_children = 2}, &l->op_fix},
      {{.name = "if", .num_children = 3}, &if_op},
  };
  eg_status status = eg_analysis_add(graph, &analysis, &l->analysis);
  for (size_t i = 0; status == EG_OK && i < sizeof ops / sizeof *ops; ++i)
    status = eg_op_add(graph, &ops[i].desc, ops[i].op);
  return status;
}

static inline eg_status egg_lambda_rules(void *user, eg_rules *rules) {
  const eg_rule_desc if_elim = {.name = "if-elim",
                                .lhs = "(if (= (var ?x) ?e) ?then ?else)",
                                .apply = egg_lambda_if_elim,
                                .user = user,
                                .nonlocal = true};
  const eg_rule_desc let_lam = {.name = "let-lam-diff",
                                .lhs = "(let ?v1 ?e (lam ?v2 ?body))",
                                .condition = egg_lambda_differ,
                                .apply = egg_lambda_let_lam,
                                .user = user};
  eg_status status = eg_rules_add(rules, &if_elim);
  return status == EG_OK ? eg_rules_add(rules, &let_lam) : status;
}

enum { EGG_LAMBDA_CONDITIONS = 2 };

// |conditions| and |l| must outlive the language.
static inline egg_language egg_lambda_language(const char *rules, egg_lambda *l,
                                               eg_named_condition *conditions) {
  const eg_named_condition all[EGG_LAMBDA_CONDITIONS] = {
      {"constant", egg_lambda_is_constant, l},
      {"distinct", egg_lambda_distinct, l}};
  memcpy(conditions, all, sizeof all);
  *l = (egg_lambda){0};
  return (egg_language){.rules = rules,
                        .prepare = egg_lambda_prepare,
                        .add_rules = egg_lambda_rules,
                        .conditions = conditions,
                        .num_conditions = EGG_LAMBDA_CONDITIONS,
                        .user = l};
}

static inline void egg_lambda_free(egg_lambda *l) {
  free(l->sets.words);
  free(l->sets.at);
  free(l->sets.slots);
}

#define EGG_COMPOSE                                                            \
  "(let compose (lam f (lam g (lam x (app (var f) (app (var g) (var x)))))) "
#define EGG_ADD1 "(let add1 (lam y (+ (var y) 1)) "

static const egg_case egg_lambda_cases[] = {
    {.name = "lambda_under",
     .start = "(lam x (+ 4 (app (lam y (var y)) 4)))",
     .goals = {"(lam x 8)"}},
    {.name = "lambda_if_elim",
     .start = "(if (= (var a) (var b)) (+ (var a) (var a)) "
              "(+ (var a) (var b)))",
     .goals = {"(+ (var a) (var b))"}},
    {.name = "lambda_let_simple",
     .start = "(let x 0 (let y 1 (+ (var x) (var y))))",
     .goals = {"1"}},
    {.name = "lambda_compose",
     .start = EGG_COMPOSE EGG_ADD1
     "(app (app (var compose) (var add1)) (var add1))))",
     .goals = {"(lam ?x (+ 1 (app (lam ?y (+ 1 (var ?y))) (var ?x))))",
               "(lam ?x (+ (var ?x) 2))"}},
    {.name = "lambda_if_simple", .start = "(if (= 1 1) 7 9)", .goals = {"7"}},
    {.name = "lambda_compose_many",
     .start = EGG_COMPOSE EGG_ADD1
     "(app (app (var compose) (var add1)) "
     "(app (app (var compose) (var add1)) "
     "(app (app (var compose) (var add1)) "
     "(app (app (var compose) (var add1)) "
     "(app (app (var compose) (var add1)) "
     "(app (app (var compose) (var add1)) (var add1))))))))) ",
     .goals = {"(lam ?x (+ (var ?x) 7))"},
     .egg_iterations = 18,
     .egg_nodes = 284,
     .egg_classes = 61},
    {.name = "lambda_function_repeat",
     .start = EGG_COMPOSE
     "(let repeat (fix repeat (lam fun (lam n "
     "(if (= (var n) 0) (lam i (var i)) "
     "(app (app (var compose) (var fun)) "
     "(app (app (var repeat) (var fun)) (+ (var n) -1))))))) " EGG_ADD1
     "(app (app (var repeat) (var add1)) 2))))",
     .goals = {"(lam ?x (+ (var ?x) 2))"},
     .iterations = 60,
     .nodes = 150000,
     .egg_iterations = 59,
     .egg_nodes = 32636,
     .egg_classes = 6825},
    {.name = "lambda_if",
     .start = "(let zeroone (lam x (if (= (var x) 0) 0 1)) "
              "(+ (app (var zeroone) 0) (app (var zeroone) 10)))",
     .goals = {"1"}},
    {.name = "lambda_fib",
     .start = "(let fib (fix fib (lam n (if (= (var n) 0) 0 "
              "(if (= (var n) 1) 1 (+ (app (var fib) (+ (var n) -1)) "
              "(app (var fib) (+ (var n) -2))))))) (app (var fib) 4))",
     .goals = {"3"},
     .iterations = 60,
     .nodes = 500000,
     .egg_iterations = 57,
     .egg_nodes = 14582,
     .egg_classes = 4996},
};
enum { EGG_NUM_LAMBDA_CASES = sizeof egg_lambda_cases / sizeof(egg_case) };

// What must not be proved: substitution that captures a variable.
static const egg_case egg_lambda_wrong[] = {
    {.name = "lambda_capture",
     .start = "(let x 1 (lam x (var x)))",
     .goals = {"(lam x 1)"}},
    {.name = "lambda_capture_free",
     .start = "(let y (+ (var x) (var x)) (lam x (var y)))",
     .goals = {"(lam x (+ (var x) (var x)))"}},
    {.name = "lambda_closure_not_seven",
     .start = "(let five 5 (let add-five (lam x (+ (var x) (var five))) "
              "(let five 6 (app (var add-five) 1))))",
     .goals = {"7"}},
};
enum { EGG_NUM_LAMBDA_WRONG = sizeof egg_lambda_wrong / sizeof(egg_case) };

#endif

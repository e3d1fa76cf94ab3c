// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// egg's maths tests: constants are folded by an analysis, and a class that is a
// constant keeps no other node in use.
#ifndef EGG_MATH_H
#define EGG_MATH_H

#include "egg_run.h"

typedef struct egg_math {
  uint32_t analysis;
  eg_op literal;
} egg_math;

typedef struct egg_constant {
  bool known;
  double value;
} egg_constant;

// The number that a literal spells; anything else is a symbol.
static inline bool egg_math_number(const eg_graph *graph, eg_node node,
                                   double *out) {
  size_t size;
  const char *text =
      eg_payload_bytes(graph, eg_node_payload(graph, node), &size);
  char *end;
  *out = strtod(text, &end);
  return end == text + size && size > 0;
}

static inline eg_status egg_math_make(void *user, eg_graph *graph, eg_node node,
                                      void *out_value) {
  const egg_math *m = user;
  egg_constant *out = out_value;
  uint32_t num;
  const eg_class *children = eg_node_children(graph, node, &num);
  eg_op op = eg_node_op(graph, node);
  if (op.id == m->literal.id) {
    out->known = egg_math_number(graph, node, &out->value);
    return EG_OK;
  }
  const char *name = eg_op_name(graph, op);
  if (num != 2 || name[1] || !strchr("+-*/", name[0]))
    return EG_OK;
  const egg_constant *a = eg_class_value(graph, m->analysis, children[0]);
  const egg_constant *b = eg_class_value(graph, m->analysis, children[1]);
  if (!a->known || !b->known || (*name == '/' && b->value == 0))
    return EG_OK;
  out->known = true;
  out->value = *name == '+'   ? a->value + b->value
               : *name == '-' ? a->value - b->value
               : *name == '*' ? a->value * b->value
                              : a->value / b->value;
  return EG_OK;
}

static inline eg_status egg_math_merge(void *user, eg_graph *graph, void *into,
                                       const void *from, bool *out_into_changed,
                                       bool *out_from_changed) {
  (void)user, (void)graph;
  egg_constant *a = into;
  const egg_constant *b = from;
  *out_into_changed = !a->known && b->known;
  *out_from_changed = a->known && !b->known;
  if (!a->known)
    *a = *b;
  return EG_OK;
}

// A constant's class holds the literal.
static inline eg_status egg_math_modify(void *user, eg_graph *graph,
                                        eg_class id) {
  const egg_math *m = user;
  const egg_constant *c = eg_class_value(graph, m->analysis, id);
  if (!c->known)
    return EG_OK;
  char text[40];
  double value = c->value + 0.0, back = 0; // -0 is 0
  for (int digits = 1; digits <= 17; ++digits) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (sscanf(text, "%lf", &back) == 1 && back == value)
      break;
  }
  eg_payload payload;
  eg_class literal;
  eg_status status = eg_payload_intern(graph, text, strlen(text), &payload);
  if (status == EG_OK)
    status = eg_add(graph, m->literal, payload, NULL, 0, &literal);
  return status == EG_OK ? eg_union(graph, id, literal, NULL) : status;
}

// egg takes every node but the leaves out of a constant's class.
static inline eg_status egg_math_prune(void *user, eg_graph *graph,
                                       const eg_report *so_far,
                                       bool *out_stop) {
  (void)so_far, (void)out_stop;
  const egg_math *m = user;
  for (eg_class c = {0}; (c = eg_class_next(graph, c)).id;) {
    const egg_constant *value = eg_class_value(graph, m->analysis, c);
    uint32_t num, num_children;
    const eg_node *nodes = eg_class_nodes(graph, c, &num);
    for (uint32_t i = 0; value->known && i < num; ++i) {
      eg_node_children(graph, nodes[i], &num_children);
      if (num_children == 0)
        continue;
      eg_status status = eg_subsume(graph, nodes[i]);
      if (status != EG_OK)
        return status;
    }
  }
  return EG_OK;
}

static inline const egg_constant *
egg_math_value(void *user, const eg_graph *graph, eg_class id) {
  return eg_class_value(graph, ((const egg_math *)user)->analysis, id);
}

static inline bool egg_math_not_zero(void *user, const eg_graph *graph,
                                     const eg_match *match) {
  const egg_constant *c = egg_math_value(user, graph, match->vars[0]);
  return !c->known || c->value != 0;
}

static inline bool egg_math_is_constant(void *user, const eg_graph *graph,
                                        const eg_match *match) {
  return egg_math_value(user, graph, match->vars[0])->known;
}

static inline bool egg_math_is_symbol(void *user, const eg_graph *graph,
                                      const eg_match *match) {
  const egg_math *m = user;
  uint32_t num;
  double ignored;
  const eg_node *nodes = eg_class_nodes(graph, match->vars[0], &num);
  for (uint32_t i = 0; i < num; ++i)
    if (eg_node_op(graph, nodes[i]).id == m->literal.id &&
        !egg_math_number(graph, nodes[i], &ignored))
      return true;
  return false;
}

static inline bool egg_math_is_constant_or_other(void *user,
                                                 const eg_graph *graph,
                                                 const eg_match *match) {
  return match->vars[0].id != match->vars[1].id &&
         (egg_math_is_constant(user, graph, match) ||
          egg_math_is_symbol(user, graph, match));
}

static inline eg_status egg_math_prepare(void *user, eg_graph *graph) {
  egg_math *m = user;
  eg_analysis analysis = {"constant",    sizeof(egg_constant), user,
                          egg_math_make, egg_math_merge,       egg_math_modify};
  eg_op_desc desc = {
      .name = "literal", .has_payload = true, .is_literal = true};
  eg_status status = eg_analysis_add(graph, &analysis, &m->analysis);
  return status == EG_OK ? eg_op_add(graph, &desc, &m->literal) : status;
}

enum { EGG_MATH_CONDITIONS = 4 };

// |conditions| and |m| must outlive the language.
static inline egg_language egg_math_language(const char *rules, egg_math *m,
                                             eg_named_condition *conditions) {
  const eg_named_condition all[EGG_MATH_CONDITIONS] = {
      {"not-zero", egg_math_not_zero, m},
      {"constant", egg_math_is_constant, m},
      {"symbol", egg_math_is_symbol, m},
      {"constant-or-other", egg_math_is_constant_or_other, m}};
  memcpy(conditions, all, sizeof all);
  return (egg_language){.rules = rules,
                        .prepare = egg_math_prepare,
                        .hook = egg_math_prune,
                        .conditions = conditions,
                        .num_conditions = EGG_MATH_CONDITIONS,
                        .user = m};
}

static const egg_case egg_math_cases[] = {
    {.name = "math_simplify_add",
     .start = "(+ x (+ x (+ x x)))",
     .goals = {"(* 4 x)"}},
    {.name = "math_powers",
     .start = "(* (pow 2 x) (pow 2 y))",
     .goals = {"(pow 2 (+ x y))"}},
    {.name = "math_simplify_const",
     .start = "(+ 1 (- a (* (- 2 1) a)))",
     .goals = {"1"}},
    {.name = "math_simplify_root",
     .start = "(/ 1 (- (/ (+ 1 (sqrt five)) 2) (/ (- 1 (sqrt five)) 2)))",
     .goals = {"(/ 1 (sqrt five))"},
     .nodes = 75000,
     .egg_iterations = 8,
     .egg_nodes = 211,
     .egg_classes = 37},
    {.name = "math_simplify_factor",
     .start = "(* (+ x 3) (+ x 1))",
     .goals = {"(+ (+ (* x x) (* 4 x)) 3)"},
     .egg_iterations = 7,
     .egg_nodes = 142,
     .egg_classes = 20},
    {.name = "math_diff_same", .start = "(d x x)", .goals = {"1"}},
    {.name = "math_diff_different", .start = "(d x y)", .goals = {"0"}},
    {.name = "math_diff_simple1",
     .start = "(d x (+ 1 (* 2 x)))",
     .goals = {"2"}},
    {.name = "math_diff_simple2",
     .start = "(d x (+ 1 (* y x)))",
     .goals = {"y"}},
    {.name = "math_diff_ln", .start = "(d x (ln x))", .goals = {"(/ 1 x)"}},
    {.name = "diff_power_simple",
     .start = "(d x (pow x 3))",
     .goals = {"(* 3 (pow x 2))"}},
    {.name = "diff_power_harder",
     .start = "(d x (- (pow x 3) (* 7 (pow x 2))))",
     .goals = {"(* x (- (* 3 x) 14))"},
     .also = "(* x (- (* 3 x) 14))",
     .iterations = 60,
     .nodes = 100000,
     .egg_iterations = 8,
     .egg_nodes = 409,
     .egg_classes = 90},
    {.name = "integ_one", .start = "(i 1 x)", .goals = {"x"}},
    {.name = "integ_sin", .start = "(i (cos x) x)", .goals = {"(sin x)"}},
    {.name = "integ_x",
     .start = "(i (pow x 1) x)",
     .goals = {"(/ (pow x 2) 2)"}},
    {.name = "integ_part1",
     .start = "(i (* x (cos x)) x)",
     .goals = {"(+ (* x (sin x)) (cos x))"},
     .egg_iterations = 5,
     .egg_nodes = 486,
     .egg_classes = 171},
    {.name = "integ_part2",
     .start = "(i (* (cos x) x) x)",
     .goals = {"(+ (* x (sin x)) (cos x))"},
     .egg_iterations = 6,
     .egg_nodes = 1991,
     .egg_classes = 678},
    {.name = "integ_part3",
     .start = "(i (ln x) x)",
     .goals = {"(- (* x (ln x)) x)"},
     .egg_iterations = 5,
     .egg_nodes = 144,
     .egg_classes = 55},
};
enum { EGG_NUM_MATH_CASES = sizeof egg_math_cases / sizeof *egg_math_cases };

#endif

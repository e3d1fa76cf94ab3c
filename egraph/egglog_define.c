// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules and rewrites.
//
// A rewrite is a rule that unites what it matched with its right-hand side. One
// of constructors, variables and literals alone is kept as the engine's own
// patterns as well, for eg_run.
#include "egglog_internal.h"

//===-- Rules -------------------------------------------------------------===//

// The facts and actions of a command, as sexps.
typedef struct body {
  egi_words nodes; // facts, then actions
  size_t num_facts;
} body;

static eg_status push_children(eg_egglog *p, uint32_t node, egi_words *out) {
  const egl_sexp *s = egl_at(p, node);
  EG_TRY(EGI_RESERVE(p->graph, out, (size_t)s->num + 1));
  for (uint32_t i = 0; i < s->num; ++i)
    out->data[out->num++] = egl_child(p, node, i);
  return EG_OK;
}

static eg_status resolve_body(eg_egglog *p, const body *b) {
  egl_vars_clear(p);
  for (size_t i = 0; i < b->nodes.num; ++i)
    EG_TRY(
        egl_resolve(p, b->nodes.data[i], i < b->num_facts, i >= b->num_facts));
  return EG_OK;
}

static eg_status compile_rule(eg_egglog *p, const body *b, egl_rule *rule) {
  const uint32_t *actions = b->nodes.data + b->num_facts;
  size_t num_actions = b->nodes.num - b->num_facts;
  EG_TRY(resolve_body(p, b));
  EG_TRY(egl_infer(p, b->nodes.data, b->nodes.num));
  EG_TRY(egl_compile_query(p, b->nodes.data, b->num_facts, &rule->query));
  EG_TRY(egl_bind_row(p, actions, num_actions, &rule->query, &rule->actions));
  for (size_t i = 0; i < num_actions; ++i)
    EG_TRY(egl_compile_action(p, actions[i], &rule->actions, NULL));
  return EG_OK;
}

// The name for reports: what the rule says of itself, or its text.
static eg_status name_rule(eg_egglog *p, uint32_t node, const egl_options *o,
                           const char *suffix, egl_rule *rule) {
  enum { LONGEST = 60 };
  char text[LONGEST + 1];
  const char *at = egl_at(p, node)->where;
  size_t len = 0, end = egl_at(p, node)->size;
  if (o->name != EGL_NONE && egl_at(p, o->name)->kind == EGL_STRING) {
    at = egl_name(p, egl_at(p, o->name)->symbol);
    end = strlen(at);
  }
  for (; len < LONGEST && len < end && at[len] != '\n'; ++len)
    text[len] = at[len];
  text[len] = '\0';
  size_t size = len + strlen(suffix) + 1;
  rule->name = egi_resize(p->graph, NULL, 0, size);
  if (!rule->name)
    return egi_fail_at(p->graph, EG_NO_MEMORY, 0, "no memory for a rule");
  strcat(strcpy(rule->name, text), suffix);
  return EG_OK;
}

static eg_status set_ruleset(eg_egglog *p, const egl_options *o,
                             egl_rule *rule) {
  rule->ruleset = 0;
  if (o->ruleset == EGL_NONE)
    return EG_OK;
  const egl_sexp *s = egl_at(p, o->ruleset);
  if (s->kind != EGL_WORD ||
      !egl_lookup(p, s->symbol, EGL_NAME_RULESET, &rule->ruleset))
    return egl_fail(p, s, "'%.60s' is no ruleset",
                    s->kind == EGL_LIST ? "(" : egl_name(p, s->symbol));
  if (p->rulesets.data[rule->ruleset].parts.num)
    return egl_fail(p, s, "a combined ruleset takes no rules of its own");
  return EG_OK;
}

static eg_status add_rule(eg_egglog *p, egl_rule *rule, eg_status status) {
  if (status == EG_OK)
    status = EGI_RESERVE(p->graph, &p->rules, 1);
  if (status != EG_OK) {
    egl_rule_free(p, rule);
    return status;
  }
  for (size_t i = 0; i < p->rulesets.num && rule->pure; ++i)
    egl_ruleset_changed(&p->rulesets.data[i]);
  p->rules.data[p->rules.num++] = *rule;
  return EG_OK;
}

static eg_status make_rule(eg_egglog *p, uint32_t node, const egl_options *o,
                           body *b, egl_rule *rule) {
  EG_TRY(egl_need_list(p, egl_child(p, node, 1), "facts"));
  EG_TRY(egl_need_list(p, egl_child(p, node, 2), "actions"));
  EG_TRY(push_children(p, egl_child(p, node, 1), &b->nodes));
  b->num_facts = b->nodes.num;
  EG_TRY(push_children(p, egl_child(p, node, 2), &b->nodes));
  if (o->naive && o->unsafe)
    return egl_fail(p, egl_at(p, node),
                    "':naive' and ':unsafe-seminaive' both");
  rule->naive = o->naive;
  EG_TRY(set_ruleset(p, o, rule));
  EG_TRY(compile_rule(p, b, rule));
  return name_rule(p, node, o, "", rule);
}

eg_status egl_do_rule(eg_egglog *p, uint32_t node) {
  egl_options o;
  body b = {0};
  egl_rule rule = {0};
  EG_TRY(egl_need(p, node, 3, "(rule (fact…) (action…) option…)"));
  EG_TRY(egl_read_options(p, node, 3, &o));
  eg_status status = make_rule(p, node, &o, &b, &rule);
  EGI_RELEASE(p->graph, &b.nodes);
  return add_rule(p, &rule, status);
}

//===-- Rewrites ----------------------------------------------------------===//

static bool is_primitive(const eg_egglog *p, uint32_t sort) {
  const egl_sort *s = &p->sorts.data[sort];
  return s->kind != EGL_EQ && !egl_is_container(s);
}

// Whether the expression is of constructors, variables and literals alone.
static bool is_pattern(const eg_egglog *p, uint32_t node) {
  for (uint32_t n = egl_at(p, node)->low; n <= node; ++n) {
    const egl_expr *e = &p->exprs.data[n];
    bool ok = e->kind == EGL_EXPR_NONE || e->kind == EGL_EXPR_VAR ||
              (e->kind == EGL_EXPR_CONST && is_primitive(p, e->sort)) ||
              (e->kind == EGL_EXPR_CALL &&
               p->funcs.data[e->ref].kind == EGL_CONSTRUCTOR);
    if (!ok)
      return false;
  }
  return true;
}

static egi_pnode pattern_node(const eg_egglog *p, const egl_expr *e) {
  egi_pnode node = {.var = EGI_NO_VAR};
  if (e->kind == EGL_EXPR_VAR) {
    node.var = (uint16_t)e->ref;
  } else if (e->kind == EGL_EXPR_CALL) {
    node.op = p->funcs.data[e->ref].op;
  } else {
    uint32_t num;
    const uint32_t *members = egi_members(p->graph, e->ref, &num);
    node.op = egi_op_of(p->graph, members[0]);
    node.payload = eg_node_payload(p->graph, (eg_node){members[0]}).id;
  }
  return node;
}

// The expression as the engine's pattern; both stand in post-order.
static eg_status to_side(eg_egglog *p, uint32_t node, egi_side *side) {
  egi_pattern *out = &side->pattern;
  EG_TRY(EGI_RESERVE(p->graph, &side->roots, 1));
  EG_TRY(EGI_RESERVE(p->graph, &side->ends, 1));
  for (uint32_t n = egl_at(p, node)->low; n <= node; ++n) {
    egl_expr *e = &p->exprs.data[n];
    if (e->kind == EGL_EXPR_NONE)
      continue;
    egi_pnode pnode = pattern_node(p, e);
    uint32_t num = e->kind == EGL_EXPR_CALL ? egl_at(p, n)->num - 1 : 0;
    EG_TRY(EGI_RESERVE(p->graph, &out->nodes, 1));
    EG_TRY(EGI_RESERVE(p->graph, &out->args, (size_t)num + 1));
    pnode.first = (uint32_t)out->args.num;
    pnode.num = num;
    for (uint32_t i = 0; i < num; ++i)
      out->args.data[out->args.num++] =
          p->exprs.data[egl_child(p, n, i + 1)].slot;
    e->slot = (uint32_t)out->nodes.num;
    out->nodes.data[out->nodes.num++] = pnode;
  }
  side->roots.data[side->roots.num++] = (uint32_t)out->nodes.num - 1;
  side->ends.data[side->ends.num++] = 1;
  return EG_OK;
}

// The match's class and the right-hand side are united.
static eg_status rewrite_actions(eg_egglog *p, uint32_t lhs, uint32_t rhs,
                                 bool subsumes, egl_rule *rule) {
  uint32_t root, slots[2];
  EG_TRY(egl_var_add(p, 0, EGL_NONE, &root));
  p->vars.data[root].slot = p->exprs.data[lhs].slot;
  uint32_t both[2] = {rhs, lhs};
  EG_TRY(EGI_RESERVE(p->graph, &rule->query.row, 1));
  rule->query.row.data[rule->query.row.num++] = p->vars.data[root].slot;
  EG_TRY(egl_bind_row(p, both, subsumes ? 2 : 1, &rule->query, &rule->actions));
  EG_TRY(egl_compile_action(p, rhs, &rule->actions, &slots[1]));
  slots[0] = 0; // of the row
  egl_step unite = {
      .code = EGL_UNION, .num = 2, .where = egl_at(p, rhs)->where};
  EG_TRY(egl_add_step(p, &rule->actions, unite, slots));
  return subsumes ? egl_compile_subsume(p, lhs, &rule->actions) : EG_OK;
}

static eg_status compile_rewrite(eg_egglog *p, uint32_t lhs, uint32_t rhs,
                                 const egl_options *o, body *b,
                                 egl_rule *rule) {
  bool changed = false;
  EG_TRY(EGI_RESERVE(p->graph, &b->nodes, 2));
  b->nodes.data[b->nodes.num++] = lhs;
  if (o->when != EGL_NONE) {
    EG_TRY(egl_need_list(p, o->when, "facts"));
    EG_TRY(push_children(p, o->when, &b->nodes));
  }
  b->num_facts = b->nodes.num;
  EG_TRY(EGI_RESERVE(p->graph, &b->nodes, 1));
  b->nodes.data[b->nodes.num++] = rhs;
  EG_TRY(resolve_body(p, b));
  EG_TRY(egl_want(p, rhs, egl_sort_of(p, lhs), &changed));
  EG_TRY(egl_infer(p, b->nodes.data, b->nodes.num));
  if ((p->exprs.data[lhs].kind != EGL_EXPR_CALL &&
       p->exprs.data[lhs].kind != EGL_EXPR_VAR) ||
      p->sorts.data[egl_sort_of(p, lhs)].kind != EGL_EQ)
    return egl_fail(
        p, egl_at(p, lhs),
        "the left of a rewrite is a term of a sort that is no primitive");
  EG_TRY(egl_compile_query(p, b->nodes.data, b->num_facts, &rule->query));
  rule->num_vars = (uint32_t)p->vars.num;
  EG_TRY(rewrite_actions(p, lhs, rhs, o->subsume, rule));
  rule->pure = b->num_facts == 1 && !o->subsume && is_pattern(p, lhs) &&
               is_pattern(p, rhs) && rule->num_vars < EGI_NO_VAR &&
               p->exprs.data[lhs].kind == EGL_EXPR_CALL;
  if (!rule->pure)
    return EG_OK;
  EG_TRY(to_side(p, lhs, &rule->lhs));
  return to_side(p, rhs, &rule->rhs);
}

static eg_status one_way(eg_egglog *p, uint32_t node, uint32_t lhs,
                         uint32_t rhs, const egl_options *o,
                         const char *suffix) {
  egl_rule rule = {0};
  body b = {0};
  eg_status status = set_ruleset(p, o, &rule);
  if (status == EG_OK)
    status = compile_rewrite(p, lhs, rhs, o, &b, &rule);
  if (status == EG_OK)
    status = name_rule(p, node, o, suffix, &rule);
  EGI_RELEASE(p->graph, &b.nodes);
  return add_rule(p, &rule, status);
}

eg_status egl_do_rewrite(eg_egglog *p, uint32_t node) {
  egl_options o;
  EG_TRY(egl_need(p, node, 3, "(rewrite expression expression option…)"));
  EG_TRY(egl_read_options(p, node, 3, &o));
  uint32_t lhs = egl_child(p, node, 1), rhs = egl_child(p, node, 2);
  EG_TRY(one_way(p, node, lhs, rhs, &o, ""));
  if (egl_has_head(p, node, "rewrite"))
    return EG_OK;
  eg_status status = one_way(p, node, rhs, lhs, &o, "-rev");
  if (status != EG_OK)
    egl_rule_free(p, &p->rules.data[--p->rules.num]);
  return status;
}

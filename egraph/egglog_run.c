// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The commands of a program, in one table.
#include "egglog_internal.h"

#include <stddef.h>

typedef struct options {
  uint32_t when, ruleset, name; // their values, EGL_NONE = not given
  uint32_t merge, cost;
  bool subsume, no_merge, unextractable, naive, hidden, no_decomp, unsafe;
} options;

//===-- Reading ":key value" ----------------------------------------------===//

// X(key, has a value, field)
#define VALUE(field) offsetof(options, field)
static const struct {
  const char *key;
  bool has_value;
  size_t field;
} keys[] = {
    {":when", true, VALUE(when)},
    {":ruleset", true, VALUE(ruleset)},
    {":name", true, VALUE(name)},
    {":merge", true, VALUE(merge)},
    {":cost", true, VALUE(cost)},
    {":subsume", false, VALUE(subsume)},
    {":no-merge", false, VALUE(no_merge)},
    {":unextractable", false, VALUE(unextractable)},
    {":naive", false, VALUE(naive)},
    {":internal-hidden", false, VALUE(hidden)},
    // What these two promise is so anyhow.
    {":unsafe-seminaive", false, VALUE(unsafe)},
    {":no-decomp", false, VALUE(no_decomp)},
};

static eg_status read_option(eg_egglog *p, uint32_t node, uint32_t *at,
                             options *out) {
  const egl_sexp *s = egl_at(p, node);
  uint32_t key = egl_child(p, node, *at);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
    void *field = (char *)out + keys[i].field;
    if (!egl_is(p, key, keys[i].key))
      continue;
    *at += keys[i].has_value ? 2 : 1;
    if (*at > s->num)
      return egl_fail(p, egl_at(p, key), "'%s' needs a value", keys[i].key);
    if (keys[i].has_value)
      *(uint32_t *)field = egl_child(p, node, *at - 1);
    else
      *(bool *)field = true;
    return EG_OK;
  }
  return egl_fail(p, egl_at(p, key), "'%.60s' is no option here",
                  egl_at(p, key)->kind == EGL_LIST
                      ? "("
                      : egl_name(p, egl_at(p, key)->symbol));
}

// The options from child |at| of |node| on.
static eg_status read_options(eg_egglog *p, uint32_t node, uint32_t at,
                              options *out) {
  *out = (options){.when = EGL_NONE,
                   .ruleset = EGL_NONE,
                   .name = EGL_NONE,
                   .merge = EGL_NONE,
                   .cost = EGL_NONE};
  while (at < egl_at(p, node)->num)
    EG_TRY(read_option(p, node, &at, out));
  return EG_OK;
}

static eg_status need(eg_egglog *p, uint32_t node, uint32_t num,
                      const char *usage) {
  if (egl_at(p, node)->num >= num)
    return EG_OK;
  return egl_fail(p, egl_at(p, node), "usage: %s", usage);
}

static eg_status need_list(eg_egglog *p, uint32_t node, const char *what) {
  if (egl_at(p, node)->kind == EGL_LIST)
    return EG_OK;
  return egl_fail(p, egl_at(p, node), "a list of %s is wanted here", what);
}

//===-- Declarations ------------------------------------------------------===//

static eg_status do_sort(eg_egglog *p, uint32_t node) {
  uint32_t sort;
  EG_TRY(need(p, node, 2, "(sort name)"));
  if (egl_at(p, node)->num > 2)
    return egl_fail(p, egl_at(p, node), "containers are not understood");
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  return egl_declare_sort(p, name->symbol, EGL_EQ, &sort);
}

// Appends the sorts named by the children of |node| from |first| to before
// |end|.
static eg_status read_sorts(eg_egglog *p, uint32_t node, uint32_t first,
                            uint32_t end, egl_func *func) {
  func->first_arg = (uint32_t)p->arg_sorts.num;
  for (uint32_t i = first; i < end; ++i) {
    EG_TRY(EGI_RESERVE(p->graph, &p->arg_sorts, 1));
    EG_TRY(egl_find_sort(p, egl_at(p, egl_child(p, node, i)),
                         &p->arg_sorts.data[p->arg_sorts.num]));
    ++p->arg_sorts.num;
  }
  func->num_args = end > first ? end - first : 0;
  return EG_OK;
}

// Where the options begin: the first word with a colon.
static uint32_t find_options(const eg_egglog *p, uint32_t node, uint32_t at) {
  for (; at < egl_at(p, node)->num; ++at) {
    const egl_sexp *s = egl_at(p, egl_child(p, node, at));
    if (s->kind == EGL_WORD && egl_name(p, s->symbol)[0] == ':')
      break;
  }
  return at;
}

static eg_status read_cost(eg_egglog *p, const options *o, egl_func *func) {
  func->cost = 1;
  func->forbidden = o->unextractable;
  func->hidden = o->hidden;
  if (o->cost == EGL_NONE || egl_parse_count(p, o->cost, &func->cost))
    return EG_OK;
  return egl_fail(p, egl_at(p, o->cost), "':cost' needs a number");
}

// (Name sort… :cost n) of a datatype.
static eg_status do_variant(eg_egglog *p, uint32_t node, uint32_t sort) {
  egl_func func = {.kind = EGL_CONSTRUCTOR, .result = sort};
  options o;
  EG_TRY(need_list(p, node, "a constructor and its sorts"));
  EG_TRY(need(p, node, 1, "(Constructor sort… :cost n)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 0));
  EG_TRY(egl_need_free(p, name));
  func.name = name->symbol;
  uint32_t end = find_options(p, node, 1);
  EG_TRY(read_options(p, node, end, &o));
  EG_TRY(read_cost(p, &o, &func));
  EG_TRY(read_sorts(p, node, 1, end, &func));
  return egl_declare_func(p, &func);
}

static eg_status do_datatype(eg_egglog *p, uint32_t node) {
  uint32_t sort;
  EG_TRY(need(p, node, 2, "(datatype name (Constructor sort…)…)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  EG_TRY(egl_declare_sort(p, name->symbol, EGL_EQ, &sort));
  for (uint32_t i = 2; i < egl_at(p, node)->num; ++i)
    EG_TRY(do_variant(p, egl_child(p, node, i), sort));
  return EG_OK;
}

// (datatype* (name variant…)… (sort name)…): all sorts first.
static eg_status do_datatypes(eg_egglog *p, uint32_t node) {
  uint32_t sort;
  for (int pass = 0; pass < 2; ++pass)
    for (uint32_t i = 1; i < egl_at(p, node)->num; ++i) {
      uint32_t type = egl_child(p, node, i);
      EG_TRY(need_list(p, type, "a name and its constructors"));
      EG_TRY(need(p, type, 1, "(datatype* (name (Constructor sort…)…)…)"));
      bool is_sort = egl_has_head(p, type, "sort");
      if (is_sort && pass == 0)
        EG_TRY(do_sort(p, type));
      if (is_sort)
        continue;
      const egl_sexp *name = egl_at(p, egl_child(p, type, 0));
      if (pass == 0) {
        EG_TRY(egl_need_free(p, name));
        EG_TRY(egl_declare_sort(p, name->symbol, EGL_EQ, &sort));
        continue;
      }
      EG_TRY(egl_find_sort(p, name, &sort));
      for (uint32_t k = 1; k < egl_at(p, type)->num; ++k)
        EG_TRY(do_variant(p, egl_child(p, type, k), sort));
    }
  return EG_OK;
}

static eg_status add_merge_var(eg_egglog *p, const char *name, uint32_t sort,
                               uint32_t slot) {
  eg_payload symbol;
  uint32_t var;
  EG_TRY(eg_payload_intern(p->graph, name, strlen(name), &symbol));
  EG_TRY(egl_var_add(p, symbol.id, EGL_NONE, &var));
  p->vars.data[var].sort = sort;
  p->vars.data[var].action = slot;
  return EG_OK;
}

static eg_status compile_merge(eg_egglog *p, uint32_t node, egl_func *func) {
  bool changed = false;
  egl_vars_clear(p);
  EG_TRY(add_merge_var(p, "old", func->result, 0));
  EG_TRY(add_merge_var(p, "new", func->result, 1));
  EG_TRY(egl_resolve(p, node, false, false));
  EG_TRY(egl_want(p, node, func->result, &changed));
  EG_TRY(egl_infer(p, &node, 1));
  func->merges = true;
  func->merge.num_slots = 2;
  return egl_compile_action(p, node, &func->merge, &func->merge_result);
}

static eg_status read_function(eg_egglog *p, uint32_t node, const options *o,
                               egl_func *func) {
  if (o->no_merge && o->merge != EGL_NONE)
    return egl_fail(p, egl_at(p, node), "':merge' and ':no-merge' both");
  if (!o->no_merge && o->merge == EGL_NONE)
    return egl_fail(p, egl_at(p, node),
                    "a function needs ':merge' or ':no-merge'");
  return o->no_merge ? EG_OK : compile_merge(p, o->merge, func);
}

// (function name (sort…) sort option…) and (constructor …).
static eg_status do_function(eg_egglog *p, uint32_t node) {
  bool is_constructor = egl_has_head(p, node, "constructor");
  egl_func func = {.kind = is_constructor ? EGL_CONSTRUCTOR : EGL_FUNCTION};
  options o;
  EG_TRY(need(p, node, 4,
              is_constructor ? "(constructor name (sort…) sort option…)"
                             : "(function name (sort…) sort option…)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  uint32_t args = egl_child(p, node, 2);
  EG_TRY(egl_need_free(p, name));
  func.name = name->symbol;
  EG_TRY(need_list(p, args, "sorts"));
  EG_TRY(egl_find_sort(p, egl_at(p, egl_child(p, node, 3)), &func.result));
  EG_TRY(read_options(p, node, 4, &o));
  EG_TRY(read_cost(p, &o, &func));
  if (is_constructor && p->sorts.data[func.result].kind != EGL_EQ)
    return egl_fail(p, egl_at(p, node),
                    "a constructor's result is no primitive sort");
  eg_status status = is_constructor ? EG_OK : read_function(p, node, &o, &func);
  if (status == EG_OK)
    status = read_sorts(p, args, 0, egl_at(p, args)->num, &func);
  if (status == EG_OK)
    status = egl_declare_func(p, &func);
  if (status != EG_OK)
    egl_actions_free(p, &func.merge);
  return status;
}

static eg_status do_relation(eg_egglog *p, uint32_t node) {
  egl_func func = {.kind = EGL_RELATION, .result = p->kinds[EGL_UNIT]};
  EG_TRY(need(p, node, 3, "(relation name (sort…))"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  uint32_t args = egl_child(p, node, 2);
  EG_TRY(egl_need_free(p, name));
  func.name = name->symbol;
  EG_TRY(need_list(p, args, "sorts"));
  EG_TRY(read_sorts(p, args, 0, egl_at(p, args)->num, &func));
  return egl_declare_func(p, &func);
}

static eg_status do_ruleset(eg_egglog *p, uint32_t node) {
  EG_TRY(need(p, node, 2, "(ruleset name)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  egl_ruleset set = {.name = name->symbol};
  for (uint32_t i = 2; i < egl_at(p, node)->num; ++i) {
    uint32_t part;
    const egl_sexp *s = egl_at(p, egl_child(p, node, i));
    eg_status status = EGI_RESERVE(p->graph, &set.parts, 1);
    if (status == EG_OK && (s->kind != EGL_WORD ||
                            !egl_lookup(p, s->symbol, EGL_NAME_RULESET, &part)))
      status = egl_fail(p, s, "a ruleset is wanted here");
    if (status != EG_OK) {
      EGI_RELEASE(p->graph, &set.parts);
      return status;
    }
    set.parts.data[set.parts.num++] = part;
  }
  return egl_declare_ruleset(p, set);
}

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
static eg_status name_rule(eg_egglog *p, uint32_t node, const options *o,
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

static eg_status set_ruleset(eg_egglog *p, const options *o, egl_rule *rule) {
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

static eg_status make_rule(eg_egglog *p, uint32_t node, const options *o,
                           body *b, egl_rule *rule) {
  EG_TRY(need_list(p, egl_child(p, node, 1), "facts"));
  EG_TRY(need_list(p, egl_child(p, node, 2), "actions"));
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

static eg_status do_rule(eg_egglog *p, uint32_t node) {
  options o;
  body b = {0};
  egl_rule rule = {0};
  EG_TRY(need(p, node, 3, "(rule (fact…) (action…) option…)"));
  EG_TRY(read_options(p, node, 3, &o));
  eg_status status = make_rule(p, node, &o, &b, &rule);
  EGI_RELEASE(p->graph, &b.nodes);
  return add_rule(p, &rule, status);
}

//===-- Rewrites ----------------------------------------------------------===//

// Whether the expression is of constructors, variables and literals alone.
static bool is_pattern(const eg_egglog *p, uint32_t node) {
  for (uint32_t n = egl_at(p, node)->low; n <= node; ++n) {
    const egl_expr *e = &p->exprs.data[n];
    bool ok =
        e->kind == EGL_EXPR_NONE || e->kind == EGL_EXPR_VAR ||
        (e->kind == EGL_EXPR_CONST && p->sorts.data[e->sort].kind != EGL_EQ) ||
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
                                 const options *o, body *b, egl_rule *rule) {
  bool changed = false;
  EG_TRY(EGI_RESERVE(p->graph, &b->nodes, 2));
  b->nodes.data[b->nodes.num++] = lhs;
  if (o->when != EGL_NONE) {
    EG_TRY(need_list(p, o->when, "facts"));
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
                         uint32_t rhs, const options *o, const char *suffix) {
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

static eg_status do_rewrite(eg_egglog *p, uint32_t node) {
  options o;
  EG_TRY(need(p, node, 3, "(rewrite expression expression option…)"));
  EG_TRY(read_options(p, node, 3, &o));
  uint32_t lhs = egl_child(p, node, 1), rhs = egl_child(p, node, 2);
  EG_TRY(one_way(p, node, lhs, rhs, &o, ""));
  if (egl_has_head(p, node, "rewrite"))
    return EG_OK;
  eg_status status = one_way(p, node, rhs, lhs, &o, "-rev");
  if (status != EG_OK)
    egl_rule_free(p, &p->rules.data[--p->rules.num]);
  return status;
}

//===-- Doing -------------------------------------------------------------===//

// Compiles the expression or action at |node|, which stands alone, and does it.
static eg_status act_alone(eg_egglog *p, uint32_t node, bool action,
                           egl_actions *code, uint32_t *out_value,
                           uint32_t *out_sort) {
  uint32_t slot = 0;
  egl_vars_clear(p);
  EG_TRY(egl_resolve(p, node, false, action));
  EG_TRY(egl_infer(p, &node, 1));
  EG_TRY(egl_compile_action(p, node, code, &slot));
  if (out_sort)
    *out_sort = egl_sort_of(p, node);
  EG_TRY(egl_act(p, code, NULL, 0));
  if (out_value)
    *out_value = egi_find(p->graph, p->values.data[slot]);
  return egl_rebuild(p);
}

static eg_status act(eg_egglog *p, uint32_t node, bool action,
                     uint32_t *out_value, uint32_t *out_sort) {
  egl_actions code = {0};
  eg_status status = act_alone(p, node, action, &code, out_value, out_sort);
  egl_actions_free(p, &code);
  if (status == EG_OK)
    return EG_OK;
  eg_error error = p->graph->error; // what went wrong first is what is said
  eg_status rebuilt = egl_rebuild(p);
  p->graph->error = error;
  return rebuilt == EG_NO_MEMORY ? rebuilt : status;
}

static eg_status do_action(eg_egglog *p, uint32_t node) {
  return act(p, node, true, NULL, NULL);
}

static eg_status do_let(eg_egglog *p, uint32_t node) {
  egl_global global;
  EG_TRY(need(p, node, 3, "(let name expression)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  EG_TRY(act(p, egl_child(p, node, 2), false, &global.value, &global.sort));
  global.name = name->symbol;
  return egl_declare_global(p, global);
}

static eg_status found_one(void *user, const uint32_t *row) {
  (void)row;
  *(bool *)user = true;
  return EG_NOT_FOUND; // enough
}

static eg_status holds_with(eg_egglog *p, const uint32_t *facts, size_t num,
                            egl_query *query, bool *out_holds) {
  eg_rule_stats stats = {0};
  egl_vars_clear(p);
  for (size_t i = 0; i < num; ++i)
    EG_TRY(egl_resolve(p, facts[i], true, false));
  EG_TRY(egl_infer(p, facts, num));
  EG_TRY(egl_compile_query(p, facts, num, query));
  EG_TRY(egl_rebuild(p));
  eg_status status =
      egl_search(p, query, 0, true, &stats, found_one, out_holds);
  return *out_holds ? EG_OK : status;
}

eg_status egl_holds(eg_egglog *p, const uint32_t *facts, size_t num,
                    bool *out_holds) {
  egl_query query = {0};
  *out_holds = false;
  eg_status status = holds_with(p, facts, num, &query, out_holds);
  egl_query_free(p, &query);
  return status;
}

static eg_status do_check(eg_egglog *p, uint32_t node) {
  const egl_sexp *s = egl_at(p, node);
  bool holds;
  EG_TRY(need(p, node, 2, "(check fact…)"));
  EG_TRY(egl_holds(p, p->text->args.data + s->first + 1, s->num - 1, &holds));
  return holds ? EG_OK : egl_fail(p, s, "the check does not hold");
}

static eg_status do_extract(eg_egglog *p, uint32_t node) {
  uint32_t value;
  uint64_t variants = 0;
  EG_TRY(need(p, node, 2, "(extract expression number?)"));
  if (egl_at(p, node)->num > 2 &&
      !egl_parse_count(p, egl_child(p, node, 2), &variants))
    return egl_fail(p, egl_at(p, node), "a number of variants is wanted here");
  EG_TRY(act(p, egl_child(p, node, 1), false, &value, NULL));
  return egl_extract(p, value, variants);
}

static eg_status levels(eg_egglog *p, uint32_t node, uint64_t *out) {
  *out = 1;
  if (egl_at(p, node)->num < 2 ||
      egl_parse_count(p, egl_child(p, node, 1), out))
    return EG_OK;
  return egl_fail(p, egl_at(p, node), "a number of levels is wanted here");
}

static eg_status do_push(eg_egglog *p, uint32_t node) {
  uint64_t num;
  EG_TRY(levels(p, node, &num));
  while (num-- > 0)
    EG_TRY(egl_push(p));
  return EG_OK;
}

static eg_status do_pop(eg_egglog *p, uint32_t node) {
  uint64_t num;
  EG_TRY(levels(p, node, &num));
  if (num > p->levels.num)
    return egl_fail(p, egl_at(p, node), "'pop' without a 'push'");
  while (num-- > 0)
    EG_TRY(egl_pop(p));
  return EG_OK;
}

static eg_status find_func(eg_egglog *p, uint32_t node, uint32_t *out) {
  const egl_sexp *s = egl_at(p, node);
  if (s->kind == EGL_WORD && egl_lookup(p, s->symbol, EGL_NAME_FUNC, out))
    return EG_OK;
  return egl_fail(p, s, "'%.60s' is no function",
                  s->kind == EGL_LIST ? "(" : egl_name(p, s->symbol));
}

static eg_status do_print_size(eg_egglog *p, uint32_t node) {
  uint32_t func = EGL_NONE;
  if (egl_at(p, node)->num > 1)
    EG_TRY(find_func(p, egl_child(p, node, 1), &func));
  return egl_print_size(p, func);
}

static eg_status do_print_function(eg_egglog *p, uint32_t node) {
  uint32_t func;
  uint64_t num = UINT64_MAX;
  EG_TRY(need(p, node, 2, "(print-function name number)"));
  EG_TRY(find_func(p, egl_child(p, node, 1), &func));
  if (egl_at(p, node)->num > 2 &&
      !egl_parse_count(p, egl_child(p, node, 2), &num))
    return egl_fail(p, egl_at(p, node), "a number of rows is wanted here");
  return egl_print_function(p, func, num);
}

// The text that is included runs once this command is done.
static eg_status do_include(eg_egglog *p, uint32_t node) {
  EG_TRY(need(p, node, 2, "(include \"file\")"));
  const egl_sexp *path = egl_at(p, egl_child(p, node, 1));
  if (path->kind != EGL_STRING || !p->options.include)
    return egl_fail(p, path, "nothing can be included here");
  p->included = p->options.include(p->options.user, egl_name(p, path->symbol));
  return p->included ? EG_OK
                     : egl_fail(p, path, "'%.100s' cannot be included",
                                egl_name(p, path->symbol));
}

static eg_status do_nothing(eg_egglog *p, uint32_t node) {
  (void)p;
  (void)node;
  return EG_OK;
}

//===-- The table ---------------------------------------------------------===//

static const struct {
  const char *name;
  eg_status (*run)(eg_egglog *p, uint32_t node);
} commands[] = {
    {"sort", do_sort},
    {"datatype", do_datatype},
    {"datatype*", do_datatypes},
    {"function", do_function},
    {"constructor", do_function},
    {"relation", do_relation},
    {"ruleset", do_ruleset},
    {"unstable-combined-ruleset", do_ruleset},
    {"rule", do_rule},
    {"rewrite", do_rewrite},
    {"birewrite", do_rewrite},
    {"let", do_let},
    {"run", egl_run_schedule},
    {"run-schedule", egl_run_schedule},
    {"check", do_check},
    {"extract", do_extract},
    {"include", do_include},
    {"push", do_push},
    {"pop", do_pop},
    {"print-size", do_print_size},
    {"print-function", do_print_function},
    {"print-stats", do_nothing}, // times; eg stats prints the counters
};

static eg_status run_one(eg_egglog *p, uint32_t node) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i)
    if (egl_has_head(p, node, commands[i].name))
      return commands[i].run(p, node);
  return do_action(p, node);
}

// (fail command): fails unless the command does.
static eg_status run_command(eg_egglog *p, uint32_t node) {
  bool fails = false;
  uint32_t outer = node;
  while (egl_has_head(p, node, "fail") && egl_at(p, node)->num == 2) {
    fails = !fails;
    node = egl_child(p, node, 1);
  }
  if (egl_at(p, node)->kind != EGL_LIST)
    return egl_fail(p, egl_at(p, node), "a command is a list");
  if (egl_at(p, node)->num == 0)
    return egl_fail(p, egl_at(p, node), "a command begins with a name");
  eg_status status = run_one(p, node);
  if (!fails || (status != EG_OK && status != EG_INVALID))
    return status;
  if (status == EG_OK)
    return egl_fail(p, egl_at(p, outer), "the command does not fail");
  p->graph->error = (eg_error){0};
  return EG_OK;
}

//===-- Texts -------------------------------------------------------------===//

// A text that is run, and how far; an include puts another one on top.
typedef struct running {
  egi_reader reader;
  egl_text text;
  size_t next; // command
  uint32_t number;
} running;

enum { MAX_INCLUDES = 64 };

typedef EGI_ARRAY(running) running_stack;

static eg_status open_text(eg_egglog *p, const char *source,
                           running_stack *stack) {
  if (stack->num == MAX_INCLUDES)
    return egi_fail_at(p->graph, EG_INVALID, 0,
                       "includes are more than %d deep", MAX_INCLUDES);
  EG_TRY(EGI_RESERVE(p->graph, stack, 1));
  running *top = &stack->data[stack->num++];
  memset(top, 0, sizeof *top);
  egi_reader_init(&top->reader, p->graph, source);
  top->reader.comment = ';';
  top->number = ++p->num_texts;
  EG_TRY(egl_parse(p, &top->reader, &top->text));
  p->exprs.num = 0;
  return EGI_RESERVE(p->graph, &p->exprs, top->text.nodes.num + 1);
}

static void close_text(eg_egglog *p, running_stack *stack) {
  running *top = &stack->data[--stack->num];
  egl_text_free(p, &top->text);
  egi_reader_free(&top->reader);
}

static eg_status run_texts(eg_egglog *p, running_stack *stack) {
  while (stack->num) {
    running *top = &stack->data[stack->num - 1];
    if (top->next == top->text.commands.num) {
      close_text(p, stack);
      continue;
    }
    p->reader = &top->reader;
    p->text = &top->text;
    p->text_number = top->number;
    p->included = NULL;
    EG_TRY(run_command(p, top->text.commands.data[top->next++]));
    if (p->included)
      EG_TRY(open_text(p, p->included, stack));
  }
  return EG_OK;
}

eg_status eg_egglog_run(eg_egglog *p, const char *source) {
  running_stack stack = {0};
  eg_status status = open_text(p, source, &stack);
  if (status == EG_OK)
    status = run_texts(p, &stack);
  while (stack.num)
    close_text(p, &stack);
  EGI_RELEASE(p->graph, &stack);
  p->reader = NULL;
  p->text = NULL;
  return status;
}

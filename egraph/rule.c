// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rule sets, and the compilation of right-hand sides to lists of nodes to build
// and equalities to state. Ground subterms are added once an application.
#include "rule.h"

//===-- Right-hand sides --------------------------------------------------===//

typedef struct compiler {
  eg_graph *graph;
  egi_rule *rule;
  const egi_side *lhs, *rhs;
  egi_words ground, ground_at;
  EGI_ARRAY(egi_arg) at; // how each pattern node is referred to
} compiler;

// Ground nodes get their place among the roots when they are referred to.
static eg_status resolve(compiler *c, uint32_t node, egi_arg *out_arg) {
  *out_arg = c->at.data[node];
  if (out_arg->kind != EGI_ARG_GROUND)
    return EG_OK;
  egi_words *roots = &c->rule->rhs_ground_roots;
  EG_TRY(EGI_RESERVE(c->graph, roots, 1));
  roots->data[roots->num] = out_arg->index;
  out_arg->index = (uint32_t)roots->num++;
  return EG_OK;
}

static eg_status compile_node(compiler *c, uint32_t node) {
  egi_rule *rule = c->rule;
  const egi_pattern *pattern = &c->rhs->pattern;
  const egi_pnode *n = &pattern->nodes.data[node];
  egi_arg *result = &c->at.data[c->at.num++];
  if (n->var != EGI_NO_VAR) {
    *result = (egi_arg){EGI_ARG_ROW, 1u + n->var};
    return EG_OK;
  }
  if (c->ground.data[node]) {
    *result = (egi_arg){EGI_ARG_GROUND, c->ground_at.data[node]};
    return EG_OK;
  }
  EG_TRY(EGI_RESERVE(c->graph, &rule->steps, 1));
  EG_TRY(EGI_RESERVE(c->graph, &rule->args, n->num));
  egi_step step = {n->op,  n->payload,        (uint32_t)rule->args.num,
                   n->num, {EGI_ARG_NONE, 0}, 0};
  for (uint32_t k = 0; k < n->num; ++k) {
    egi_arg arg;
    EG_TRY(resolve(c, pattern->args.data[n->first + k], &arg));
    rule->args.data[rule->args.num++] = arg;
  }
  *result = (egi_arg){EGI_ARG_STEP, (uint32_t)rule->steps.num};
  rule->steps.data[rule->steps.num++] = step;
  return EG_OK;
}

// States a = b. The later of two steps, or a step beside a class of the match,
// joins the other's class if its node is new.
static eg_status state_equal(compiler *c, egi_arg a, egi_arg b) {
  egi_rule *rule = c->rule;
  if (a.kind == EGI_ARG_STEP && (b.kind != EGI_ARG_STEP || b.index < a.index)) {
    egi_arg t = a;
    a = b;
    b = t;
  }
  EG_TRY(EGI_RESERVE(c->graph, &rule->unions, 1));
  rule->unions.data[rule->unions.num++] = (egi_equality){a, b};
  if (b.kind == EGI_ARG_STEP &&
      rule->steps.data[b.index].home.kind == EGI_ARG_NONE) {
    rule->steps.data[b.index].home = a;
    rule->steps.data[b.index].equality = (uint32_t)rule->unions.num - 1;
  }
  return EG_OK;
}

// A rewrite says that the only pattern of the right is what the only item of
// the left is; other right-hand sides say what they mean by '='.
static eg_status compile_items(compiler *c) {
  const egi_words *roots = &c->rhs->roots, *ends = &c->rhs->ends;
  bool rewrite = c->lhs->ends.num == 1 && roots->num == 1;
  egi_arg first = {EGI_ARG_ROW, 0}, arg;
  for (uint32_t item = 0, at = 0; item < ends->num; ++item) {
    if (!rewrite)
      EG_TRY(resolve(c, roots->data[at++], &first));
    for (; at < ends->data[item]; ++at) {
      EG_TRY(resolve(c, roots->data[at], &arg));
      EG_TRY(state_equal(c, first, arg));
    }
  }
  return EG_OK;
}

static eg_status compile_with(compiler *c) {
  const egi_pattern *p = &c->rhs->pattern;
  EG_TRY(egi_mark_ground(c->graph, p, &c->ground));
  EG_TRY(egi_copy_ground(c->graph, p, &c->ground, &c->rule->rhs_grounds,
                         &c->ground_at));
  EG_TRY(EGI_RESERVE(c->graph, &c->at, p->nodes.num));
  for (uint32_t i = 0; i < p->nodes.num; ++i)
    EG_TRY(compile_node(c, i));
  return compile_items(c);
}

static eg_status compile_rhs(eg_graph *graph, egi_rule *rule,
                             const egi_side *lhs, const egi_side *rhs) {
  compiler c = {.graph = graph, .rule = rule, .lhs = lhs, .rhs = rhs};
  eg_status status = compile_with(&c);
  EGI_RELEASE(graph, &c.ground);
  EGI_RELEASE(graph, &c.ground_at);
  EGI_RELEASE(graph, &c.at);
  return status;
}

//===-- Rule sets ---------------------------------------------------------===//

static void free_string(eg_graph *graph, char *string) {
  if (string)
    egi_resize(graph, string, strlen(string) + 1, 0);
}

static eg_status copy_string(eg_graph *graph, const char *string, char **out) {
  size_t size = strlen(string) + 1;
  *out = egi_resize(graph, NULL, 0, size);
  if (!*out)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for '%s'", string);
  memcpy(*out, string, size);
  return EG_OK;
}

void egi_rule_free(eg_graph *graph, egi_rule *rule) {
  egi_side_free(graph, &rule->lhs);
  egi_side_free(graph, &rule->rhs);
  free_string(graph, rule->name);
  egi_query_free(graph, &rule->query);
  EGI_RELEASE(graph, &rule->steps);
  EGI_RELEASE(graph, &rule->args);
  EGI_RELEASE(graph, &rule->unions);
  egi_pattern_free(graph, &rule->rhs_grounds);
  EGI_RELEASE(graph, &rule->rhs_ground_roots);
}

eg_status eg_rules_create(eg_graph *graph, eg_rules **out_rules) {
  *out_rules = egi_resize(graph, NULL, 0, sizeof(eg_rules));
  if (!*out_rules)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for a rule set");
  memset(*out_rules, 0, sizeof(eg_rules));
  (*out_rules)->graph = graph;
  return EG_OK;
}

void egi_rules_truncate(eg_rules *rules, uint32_t num) {
  while (rules->rules.num > num)
    egi_rule_free(rules->graph, &rules->rules.data[--rules->rules.num]);
}

void eg_rules_destroy(eg_rules *rules) {
  if (!rules)
    return;
  eg_graph *graph = rules->graph;
  egi_rules_truncate(rules, 0);
  EGI_RELEASE(graph, &rules->rules);
  for (size_t i = 0; i < rules->rulesets.num; ++i)
    free_string(graph, rules->rulesets.data[i]);
  EGI_RELEASE(graph, &rules->rulesets);
  egi_plan_free(graph, &rules->plan);
  egi_resize(graph, rules, sizeof *rules, 0);
}

uint32_t egi_ruleset_find(const eg_rules *rules, const char *name) {
  for (uint32_t i = 0; i < rules->rulesets.num; ++i)
    if (strcmp(rules->rulesets.data[i], name) == 0)
      return i;
  return UINT32_MAX;
}

eg_status egi_ruleset_add(eg_rules *rules, const char *name,
                          uint32_t *out_index) {
  *out_index = egi_ruleset_find(rules, name);
  if (*out_index != UINT32_MAX)
    return EG_OK;
  EG_TRY(EGI_RESERVE(rules->graph, &rules->rulesets, 1));
  EG_TRY(copy_string(rules->graph, name,
                     &rules->rulesets.data[rules->rulesets.num]));
  *out_index = (uint32_t)rules->rulesets.num++;
  return EG_OK;
}

static eg_status copy_words(eg_graph *graph, const egi_words *from,
                            egi_words *into) {
  EG_TRY(EGI_RESERVE(graph, into, from->num));
  if (from->num)
    memcpy(into->data, from->data, from->num * sizeof *into->data);
  into->num = from->num;
  return EG_OK;
}

static eg_status copy_vars(eg_graph *graph, const egi_vars *from,
                           egi_vars *into) {
  for (size_t i = 0; i < from->names.num; ++i)
    EG_TRY(egi_name_add(graph, into, from->names.data[i],
                        strlen(from->names.data[i])));
  return EG_OK;
}

static eg_status copy_side(eg_graph *graph, const egi_side *from,
                           egi_side *into) {
  size_t num = from->pattern.nodes.num;
  EG_TRY(EGI_RESERVE(graph, &into->pattern.nodes, num));
  memcpy(into->pattern.nodes.data, from->pattern.nodes.data,
         num * sizeof *from->pattern.nodes.data);
  into->pattern.nodes.num = num;
  EG_TRY(copy_words(graph, &from->pattern.args, &into->pattern.args));
  EG_TRY(copy_words(graph, &from->roots, &into->roots));
  return copy_words(graph, &from->ends, &into->ends);
}

// The left-hand side comes last: it takes the variables over.
static eg_status build_rule(eg_graph *graph, egi_rule *rule,
                            const egi_rule_source *source, egi_vars *vars,
                            egi_guards *guards) {
  EG_TRY(copy_string(graph, source->name, &rule->name));
  EG_TRY(copy_side(graph, source->lhs, &rule->lhs));
  if (source->rhs)
    EG_TRY(copy_side(graph, source->rhs, &rule->rhs));
  if (source->rhs)
    EG_TRY(compile_rhs(graph, rule, source->lhs, source->rhs));
  EG_TRY(egi_query_init(graph, source->lhs, source->var_sorts, vars, guards,
                        &rule->query));
  const egi_query *q = &rule->query;
  if (source->subsume && q->atoms.num && q->atoms.data[0].op == EGI_ANY)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "rule '%.60s': no operator that could be subsumed",
                       source->name);
  return EG_OK;
}

// What guards say, not how they are decided.
static eg_status copy_guards(eg_graph *graph, const egi_guards *from,
                             egi_guards *into) {
  EG_TRY(copy_words(graph, &from->vars, &into->vars));
  for (size_t i = 0; i < from->guards.num; ++i) {
    const char *name = from->names.names.data[i];
    egi_guard guard = from->guards.data[i];
    guard.condition = NULL;
    EG_TRY(egi_guard_add(graph, into, guard, name, strlen(name)));
  }
  return EG_OK;
}

// The sort of each variable that stands in no pattern; 0 for the others.
static eg_status any_sorts(eg_graph *graph, const egi_query *query,
                           egi_words *out) {
  EG_TRY(EGI_RESERVE(graph, out, query->var_slots.num + 1));
  for (size_t i = 0; i < query->var_slots.num; ++i) {
    out->data[i] = 0;
    for (size_t a = 0; a < query->atoms.num; ++a)
      if (query->atoms.data[a].op == EGI_ANY &&
          query->atoms.data[a].home == query->var_slots.data[i])
        out->data[i] = query->atoms.data[a].payload;
  }
  return EG_OK;
}

eg_status egi_rule_clone(eg_graph *graph, const egi_rule *rule,
                         egi_rule *out_rule) {
  egi_rule_source source = {.name = rule->name, .lhs = &rule->lhs};
  if (rule->rhs.roots.num)
    source.rhs = &rule->rhs;
  egi_guards guards = {0};
  egi_vars vars = {0};
  egi_words sorts = {0};
  memset(out_rule, 0, sizeof *out_rule);
  eg_status status = any_sorts(graph, &rule->query, &sorts);
  source.var_sorts = sorts.data;
  if (status == EG_OK)
    status = copy_vars(graph, &rule->query.vars, &vars);
  if (status == EG_OK)
    status = copy_guards(graph, &rule->query.guards, &guards);
  if (status == EG_OK)
    status = build_rule(graph, out_rule, &source, &vars, &guards);
  egi_guards_free(graph, &guards);
  egi_vars_free(graph, &vars);
  EGI_RELEASE(graph, &sorts);
  return status;
}

eg_status egi_rules_append(eg_rules *rules, const egi_rule_source *source,
                           egi_vars *vars, egi_guards *guards) {
  eg_graph *graph = rules->graph;
  EG_TRY(egi_rules_usable(rules));
  EG_TRY(EGI_RESERVE(graph, &rules->rules, 1));
  egi_rule rule = {.line = source->line,
                   .apply = source->apply,
                   .user = source->user,
                   .budget = source->budget,
                   .subsume = source->subsume,
                   .nonlocal = source->nonlocal,
                   .yield = 1};
  size_t num_rulesets = rules->rulesets.num;
  EG_TRY(egi_ruleset_add(rules, source->ruleset ? source->ruleset : "",
                         &rule.ruleset));
  eg_status status = build_rule(graph, &rule, source, vars, guards);
  if (status == EG_OK) {
    rules->rules.data[rules->rules.num++] = rule;
    rules->level = graph->undo.serial;
    return EG_OK;
  }
  egi_rule_free(graph, &rule);
  if (rules->rulesets.num > num_rulesets)
    free_string(graph, rules->rulesets.data[--rules->rulesets.num]);
  return status;
}

eg_status egi_rules_usable(const eg_rules *rules) {
  return egi_undo_need_open(rules->graph, rules->level, "the rules were");
}

eg_graph *egi_rules_graph(const eg_rules *rules) {
  return rules->graph;
}

bool egi_rules_has(const eg_rules *rules, const char *name, size_t len) {
  for (size_t i = 0; i < rules->rules.num; ++i) {
    const char *other = rules->rules.data[i].name;
    if (strlen(other) == len && memcmp(other, name, len) == 0)
      return true;
  }
  return false;
}

uint32_t eg_rules_count(const eg_rules *rules) {
  return (uint32_t)rules->rules.num;
}

const char *eg_rule_name(const eg_rules *rules, uint32_t rule) {
  return rules->rules.data[rule].name;
}

const char *eg_rule_ruleset(const eg_rules *rules, uint32_t rule) {
  return rules->rulesets.data[rules->rules.data[rule].ruleset];
}

void eg_rule_set_budget(eg_rules *rules, uint32_t rule, uint64_t budget) {
  rules->rules.data[rule].budget = budget;
}

uint32_t eg_rule_num_vars(const eg_rules *rules, uint32_t rule) {
  return (uint32_t)rules->rules.data[rule].query.vars.names.num;
}

eg_status eg_rule_var(const eg_rules *rules, uint32_t rule, const char *name,
                      uint32_t *out_index) {
  const egi_rule *r = &rules->rules.data[rule];
  const egi_vars *vars = &r->query.vars;
  for (uint32_t i = 0; i < vars->names.num; ++i)
    if (strcmp(vars->names.data[i], name) == 0) {
      *out_index = i;
      return EG_OK;
    }
  return EG_NOT_FOUND;
}

eg_rule_stats eg_rule_get_stats(const eg_rules *rules, uint32_t rule) {
  return rules->rules.data[rule].stats;
}

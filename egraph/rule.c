// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rule sets, and the compilation of patterns: a left-hand side becomes a
// program for the matcher (L. de Moura and N. Bjørner, "Efficient E-matching
// for SMT solvers", 2007), a right-hand side a list of nodes to build.
//
// Ground subterms never enter the programs: a search looks each up once, and an
// application adds each once.
#include "rule.h"

//===-- Ground terms ------------------------------------------------------===//

typedef EGI_ARRAY(bool) bool_array;

// Which nodes of a pattern contain no variable.
static eg_status mark_ground(eg_graph *graph, const egi_pattern *pattern,
                             bool_array *out_ground) {
  EG_TRY(EGI_RESERVE(graph, out_ground, pattern->nodes.num));
  for (size_t i = 0; i < pattern->nodes.num; ++i) {
    const egi_pnode *n = &pattern->nodes.data[i];
    bool ground = n->var == EGI_NO_VAR;
    for (uint32_t k = 0; k < n->num; ++k)
      ground &= out_ground->data[pattern->args.data[n->first + k]];
    out_ground->data[out_ground->num++] = ground;
  }
  return EG_OK;
}

// Appends the ground subtrees of |pattern| to |into|, children first. Fills
// |out_at| with the index in |into| of each ground node.
static eg_status copy_ground(eg_graph *graph, const egi_pattern *pattern,
                             const bool_array *ground, egi_pattern *into,
                             egi_words *out_at) {
  EG_TRY(EGI_RESERVE(graph, out_at, pattern->nodes.num));
  EG_TRY(EGI_RESERVE(graph, &into->nodes, pattern->nodes.num));
  EG_TRY(EGI_RESERVE(graph, &into->args, pattern->args.num));
  for (size_t i = 0; i < pattern->nodes.num; ++i) {
    out_at->data[out_at->num++] = (uint32_t)into->nodes.num;
    if (!ground->data[i])
      continue;
    egi_pnode n = pattern->nodes.data[i];
    uint32_t first = (uint32_t)into->args.num;
    for (uint32_t k = 0; k < n.num; ++k)
      into->args.data[into->args.num++] =
          out_at->data[pattern->args.data[n.first + k]];
    n.first = first;
    into->nodes.data[into->nodes.num++] = n;
  }
  return EG_OK;
}

// The index of ground node |at| among the roots, appended when it is new.
static eg_status ground_root(eg_graph *graph, egi_words *roots, uint32_t at,
                             uint32_t *out_index) {
  EG_TRY(EGI_RESERVE(graph, roots, 1));
  *out_index = (uint32_t)roots->num;
  roots->data[roots->num++] = at;
  return EG_OK;
}

//===-- Left-hand sides ---------------------------------------------------===//

typedef struct lhs_compiler {
  eg_graph *graph;
  egi_rule *rule;
  const egi_pattern *pattern;
  bool_array ground;
  egi_words ground_at;
  EGI_ARRAY(egi_pair) todo; // pattern node, register: nodes still to bind
} lhs_compiler;

enum { UNBOUND = UINT32_MAX };

static eg_status emit(lhs_compiler *c, egi_instr instr) {
  EG_TRY(EGI_RESERVE(c->graph, &c->rule->program, 1));
  c->rule->program.data[c->rule->program.num++] = instr;
  return EG_OK;
}

// Checks what can be checked of the children of |node|, which lie in registers
// from |reg| on, and leaves the rest on the to-do stack, first child on top.
static eg_status visit_children(lhs_compiler *c, const egi_pnode *node,
                                uint32_t reg) {
  uint32_t *var_regs = c->rule->var_regs.data;
  EG_TRY(EGI_RESERVE(c->graph, &c->todo, node->num));
  for (uint32_t k = 0; k < node->num; ++k) {
    uint32_t child = c->pattern->args.data[node->first + k];
    const egi_pnode *n = &c->pattern->nodes.data[child];
    egi_instr instr = {.in = reg + k};
    if (n->var != EGI_NO_VAR) {
      if (var_regs[n->var] == UNBOUND) {
        var_regs[n->var] = reg + k;
        continue;
      }
      instr.code = EGI_COMPARE;
      instr.out = var_regs[n->var];
    } else if (c->ground.data[child]) {
      instr.code = EGI_GROUND;
      EG_TRY(ground_root(c->graph, &c->rule->lhs_ground_roots,
                         c->ground_at.data[child], &instr.out));
    } else {
      continue;
    }
    EG_TRY(emit(c, instr));
  }
  for (uint32_t k = node->num; k--;) {
    uint32_t child = c->pattern->args.data[node->first + k];
    if (c->pattern->nodes.data[child].var == EGI_NO_VAR &&
        !c->ground.data[child])
      c->todo.data[c->todo.num++] = (egi_pair){child, reg + k};
  }
  return EG_OK;
}

static eg_status compile_lhs_with(lhs_compiler *c) {
  egi_rule *rule = c->rule;
  const egi_pattern *p = c->pattern;
  EG_TRY(mark_ground(c->graph, p, &c->ground));
  EG_TRY(
      copy_ground(c->graph, p, &c->ground, &rule->lhs_grounds, &c->ground_at));
  size_t num_vars = rule->vars.names.num;
  EG_TRY(EGI_RESERVE(c->graph, &rule->var_regs, num_vars));
  for (size_t i = 0; i < num_vars; ++i)
    rule->var_regs.data[rule->var_regs.num++] = UNBOUND;
  const egi_pnode *root = &p->nodes.data[p->nodes.num - 1];
  rule->root_op = root->op;
  rule->root_payload = root->payload;
  rule->root_children = root->num;
  rule->num_regs = 1 + root->num;
  EG_TRY(visit_children(c, root, 1));
  while (c->todo.num) {
    egi_pair next = c->todo.data[--c->todo.num];
    const egi_pnode *n = &p->nodes.data[next.a];
    EG_TRY(emit(c, (egi_instr){EGI_BIND, n->op, n->payload, n->num, next.b,
                               rule->num_regs}));
    ++rule->num_binds;
    uint32_t reg = rule->num_regs;
    rule->num_regs += n->num;
    EG_TRY(visit_children(c, n, reg));
  }
  return emit(c, (egi_instr){.code = EGI_YIELD});
}

static eg_status compile_lhs(eg_graph *graph, egi_rule *rule,
                             const egi_pattern *pattern) {
  lhs_compiler c = {.graph = graph, .rule = rule, .pattern = pattern};
  eg_status status = compile_lhs_with(&c);
  EGI_RELEASE(graph, &c.ground);
  EGI_RELEASE(graph, &c.ground_at);
  EGI_RELEASE(graph, &c.todo);
  return status;
}

//===-- Right-hand sides --------------------------------------------------===//

typedef EGI_ARRAY(egi_arg) arg_array;

// |at| receives how each pattern node is referred to.
static eg_status compile_rhs_node(eg_graph *graph, egi_rule *rule,
                                  const egi_pattern *pattern, size_t i,
                                  bool is_ground, uint32_t ground_at,
                                  arg_array *at) {
  const egi_pnode *n = &pattern->nodes.data[i];
  egi_arg *result = &at->data[at->num++];
  if (n->var != EGI_NO_VAR) {
    *result = (egi_arg){EGI_ARG_VAR, n->var};
    return EG_OK;
  }
  if (is_ground) { // the root index is filled in when it is used
    *result = (egi_arg){EGI_ARG_GROUND, ground_at};
    return EG_OK;
  }
  EG_TRY(EGI_RESERVE(graph, &rule->steps, 1));
  EG_TRY(EGI_RESERVE(graph, &rule->args, n->num));
  egi_step step = {n->op, n->payload, (uint32_t)rule->args.num, n->num};
  for (uint32_t k = 0; k < n->num; ++k) {
    egi_arg arg = at->data[pattern->args.data[n->first + k]];
    if (arg.kind == EGI_ARG_GROUND)
      EG_TRY(
          ground_root(graph, &rule->rhs_ground_roots, arg.index, &arg.index));
    rule->args.data[rule->args.num++] = arg;
  }
  *result = (egi_arg){EGI_ARG_STEP, (uint32_t)rule->steps.num};
  rule->steps.data[rule->steps.num++] = step;
  return EG_OK;
}

static eg_status compile_rhs_with(eg_graph *graph, egi_rule *rule,
                                  const egi_pattern *pattern,
                                  bool_array *ground, egi_words *ground_at,
                                  arg_array *at) {
  EG_TRY(mark_ground(graph, pattern, ground));
  EG_TRY(copy_ground(graph, pattern, ground, &rule->rhs_grounds, ground_at));
  EG_TRY(EGI_RESERVE(graph, at, pattern->nodes.num));
  for (size_t i = 0; i < pattern->nodes.num; ++i)
    EG_TRY(compile_rhs_node(graph, rule, pattern, i, ground->data[i],
                            ground_at->data[i], at));
  rule->result = at->data[pattern->nodes.num - 1];
  if (rule->result.kind == EGI_ARG_GROUND)
    EG_TRY(ground_root(graph, &rule->rhs_ground_roots, rule->result.index,
                       &rule->result.index));
  return EG_OK;
}

static eg_status compile_rhs(eg_graph *graph, egi_rule *rule,
                             const egi_pattern *pattern) {
  bool_array ground = {0};
  egi_words ground_at = {0};
  arg_array at = {0};
  eg_status status =
      compile_rhs_with(graph, rule, pattern, &ground, &ground_at, &at);
  EGI_RELEASE(graph, &ground);
  EGI_RELEASE(graph, &ground_at);
  EGI_RELEASE(graph, &at);
  return status;
}

//===-- Rule sets ---------------------------------------------------------===//

static void free_string(eg_graph *graph, char *string) {
  if (string)
    egi_resize(graph, string, strlen(string) + 1, 0);
}

void egi_pattern_free(eg_graph *graph, egi_pattern *pattern) {
  EGI_RELEASE(graph, &pattern->nodes);
  EGI_RELEASE(graph, &pattern->args);
}

static void free_rule(eg_graph *graph, egi_rule *rule) {
  free_string(graph, rule->name);
  for (size_t i = 0; i < rule->vars.names.num; ++i)
    free_string(graph, rule->vars.names.data[i]);
  EGI_RELEASE(graph, &rule->vars.names);
  EGI_RELEASE(graph, &rule->var_regs);
  EGI_RELEASE(graph, &rule->program);
  egi_pattern_free(graph, &rule->lhs_grounds);
  EGI_RELEASE(graph, &rule->lhs_ground_roots);
  EGI_RELEASE(graph, &rule->steps);
  EGI_RELEASE(graph, &rule->args);
  egi_pattern_free(graph, &rule->rhs_grounds);
  EGI_RELEASE(graph, &rule->rhs_ground_roots);
  EGI_RELEASE(graph, &rule->guards.guards);
  EGI_RELEASE(graph, &rule->guards.vars);
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
    free_rule(rules->graph, &rules->rules.data[--rules->rules.num]);
}

void eg_rules_destroy(eg_rules *rules) {
  if (!rules)
    return;
  eg_graph *graph = rules->graph;
  egi_rules_truncate(rules, 0);
  EGI_RELEASE(graph, &rules->rules);
  egi_resize(graph, rules, sizeof *rules, 0);
}

static eg_status build_rule(eg_graph *graph, egi_rule *rule, const char *name,
                            const egi_pattern *lhs, const egi_pattern *rhs) {
  size_t size = strlen(name) + 1;
  rule->name = egi_resize(graph, NULL, 0, size);
  if (!rule->name)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for rule '%s'", name);
  memcpy(rule->name, name, size);
  EG_TRY(compile_lhs(graph, rule, lhs));
  return rhs ? compile_rhs(graph, rule, rhs) : EG_OK;
}

eg_status egi_rules_append(eg_rules *rules, const char *name,
                           const egi_pattern *lhs, const egi_pattern *rhs,
                           egi_vars *vars, egi_guards *guards, eg_applier apply,
                           void *user) {
  eg_graph *graph = rules->graph;
  EG_TRY(EGI_RESERVE(graph, &rules->rules, 1));
  egi_rule rule = {
      .apply = apply, .user = user, .vars = *vars, .guards = *guards};
  eg_status status = build_rule(graph, &rule, name, lhs, rhs);
  if (status != EG_OK) {
    rule.vars = (egi_vars){0}; // still the caller's
    rule.guards = (egi_guards){0};
    free_rule(graph, &rule);
    return status;
  }
  *vars = (egi_vars){0};
  *guards = (egi_guards){0};
  rules->rules.data[rules->rules.num++] = rule;
  return EG_OK;
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

uint32_t eg_rule_num_vars(const eg_rules *rules, uint32_t rule) {
  return (uint32_t)rules->rules.data[rule].vars.names.num;
}

eg_status eg_rule_var(const eg_rules *rules, uint32_t rule, const char *name,
                      uint32_t *out_index) {
  const egi_rule *r = &rules->rules.data[rule];
  for (uint32_t i = 0; i < r->vars.names.num; ++i)
    if (strcmp(r->vars.names.data[i], name) == 0) {
      *out_index = i;
      return EG_OK;
    }
  return EG_NOT_FOUND;
}

eg_rule_stats eg_rule_get_stats(const eg_rules *rules, uint32_t rule) {
  return rules->rules.data[rule].stats;
}

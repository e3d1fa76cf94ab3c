// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules and schedules as text that the reader takes back.
#include "rule.h"
#include "text.h"

typedef struct open_node {
  uint32_t node, next; // of a pattern; child to print
} open_node;

typedef struct open_part {
  const eg_schedule *part;
  uint32_t next; // of its parts
} open_part;

typedef struct printer {
  eg_graph *graph;
  egi_out out;
  EGI_ARRAY(open_node) nodes;
  EGI_ARRAY(open_part) parts;
} printer;

//===-- Sides -------------------------------------------------------------===//

static eg_status put_node(printer *p, const egi_pattern *pattern,
                          const egi_vars *vars, uint32_t node) {
  const egi_pnode *n = &pattern->nodes.data[node];
  if (n->var != EGI_NO_VAR) {
    egi_puts(&p->out, vars->names.data[n->var]);
    return EG_OK;
  }
  egi_put_head(&p->out, p->graph, n->op, n->payload, n->num,
               p->nodes.num ? EGI_INSIDE : EGI_ITEM);
  if (n->num == 0)
    return EG_OK;
  EG_TRY(EGI_RESERVE(p->graph, &p->nodes, 1));
  p->nodes.data[p->nodes.num++] = (open_node){node, 0};
  return EG_OK;
}

static eg_status put_pattern(printer *p, const egi_pattern *pattern,
                             const egi_vars *vars, uint32_t root) {
  EG_TRY(put_node(p, pattern, vars, root));
  while (p->nodes.num && !p->out.failed) {
    open_node *top = &p->nodes.data[p->nodes.num - 1];
    const egi_pnode *n = &pattern->nodes.data[top->node];
    if (top->next == n->num) {
      egi_puts(&p->out, ")");
      --p->nodes.num;
      continue;
    }
    egi_puts(&p->out, " ");
    uint32_t child = pattern->args.data[n->first + top->next++];
    EG_TRY(put_node(p, pattern, vars, child));
  }
  return EG_OK;
}

static eg_status put_side(printer *p, const egi_side *side,
                          const egi_vars *vars) {
  for (uint32_t item = 0, at = 0; item < side->ends.num; ++item) {
    egi_puts(&p->out, item ? ", " : "");
    for (uint32_t first = at; at < side->ends.data[item]; ++at) {
      egi_puts(&p->out, at > first ? " = " : "");
      EG_TRY(put_pattern(p, &side->pattern, vars, side->roots.data[at]));
    }
  }
  return EG_OK;
}

//===-- Schedules ---------------------------------------------------------===//

static void put_run(printer *p, const char *ruleset) {
  egi_puts(&p->out, "(run");
  if (ruleset) {
    egi_puts(&p->out, " ");
    egi_put_item(&p->out, ruleset, strlen(ruleset));
  }
}

static void put_times(printer *p, uint64_t times) {
  if (times == EG_UNLIMITED) {
    egi_puts(&p->out, "(saturate");
  } else {
    egi_puts(&p->out, "(repeat ");
    egi_put_number(&p->out, times);
  }
}

static eg_status close_part(printer *p, const eg_schedule *part) {
  for (uint32_t i = 0; i < part->num_until; ++i) {
    const eg_query *query = part->until[i].query;
    if (!query || part->until[i].a.id)
      return egi_fail_at(p->graph, EG_INVALID, 0,
                         "goal %u of a schedule asks about classes, which have "
                         "no text",
                         (unsigned)i);
    egi_puts(&p->out, " :until ");
    EG_TRY(put_side(p, &query->side, &query->compiled.vars));
  }
  egi_puts(&p->out, ")");
  return EG_OK;
}

static eg_status open_schedule(printer *p, const eg_schedule *part) {
  if (part->times > 1)
    put_times(p, part->times);
  else if (part->num_parts)
    egi_puts(&p->out, "(seq");
  if (part->num_parts == 0) {
    egi_puts(&p->out, part->times > 1 ? " " : "");
    put_run(p, part->ruleset);
    egi_puts(&p->out, part->times > 1 ? ")" : "");
    return close_part(p, part);
  }
  EG_TRY(EGI_RESERVE(p->graph, &p->parts, 1));
  p->parts.data[p->parts.num++] = (open_part){part, 0};
  return EG_OK;
}

static eg_status put_schedule(printer *p, const eg_schedule *schedule) {
  EG_TRY(open_schedule(p, schedule));
  while (p->parts.num && !p->out.failed) {
    open_part *top = &p->parts.data[p->parts.num - 1];
    const eg_schedule *part = top->part;
    if (top->next == part->num_parts) {
      --p->parts.num;
      EG_TRY(close_part(p, part));
      continue;
    }
    egi_puts(&p->out, " ");
    EG_TRY(open_schedule(p, &part->parts[top->next++]));
  }
  return EG_OK;
}

static void put_scheduler(printer *p, const eg_scheduler *s) {
  egi_puts(&p->out, "scheduler (");
  egi_puts(&p->out, egi_schedulers[s->kind]);
  if (s->matches) {
    egi_puts(&p->out, " :matches ");
    egi_put_number(&p->out, s->matches);
  }
  if (s->share > 0) {
    char share[EGI_REAL_SIZE];
    egi_spell_real(s->share, share);
    egi_puts(&p->out, " :share ");
    egi_puts(&p->out, share);
  }
  if (s->rounds) {
    egi_puts(&p->out, " :rounds ");
    egi_put_number(&p->out, s->rounds);
  }
  egi_puts(&p->out, ")\n");
}

//===-- Rules -------------------------------------------------------------===//

static eg_status check_rule(const eg_rules *rules, const egi_rule *rule) {
  const egi_guards *guards = &rule->query.guards;
  if (rule->apply)
    return egi_fail_at(rules->graph, EG_INVALID, 0,
                       "rule '%.60s': an applier has no text", rule->name);
  for (size_t i = 0; i < guards->guards.num; ++i) {
    const char *name = guards->names.names.data[i];
    if (!egi_is_plain_item(name, strlen(name)))
      return egi_fail_at(rules->graph, EG_INVALID, 0,
                         "rule '%.60s': a condition without a name",
                         rule->name);
  }
  return EG_OK;
}

static void put_guards(printer *p, const egi_query *query) {
  const egi_guards *guards = &query->guards;
  const egi_vars *vars = &query->vars;
  for (size_t i = 0; i < guards->guards.num; ++i) {
    const egi_guard *g = &guards->guards.data[i];
    egi_puts(&p->out, i ? ", " : " if ");
    egi_puts(&p->out, guards->names.names.data[i]);
    for (uint32_t k = 0; k < egi_guard_num(query, g); ++k) {
      egi_puts(&p->out, " ");
      egi_puts(&p->out, vars->names.data[egi_guard_var(query, g, k)]);
    }
  }
}

static eg_status put_rule(printer *p, const egi_rule *rule) {
  const egi_vars *vars = &rule->query.vars;
  egi_put_item(&p->out, rule->name, strlen(rule->name));
  egi_puts(&p->out, ": ");
  EG_TRY(put_side(p, &rule->lhs, vars));
  egi_puts(&p->out, " => ");
  EG_TRY(put_side(p, &rule->rhs, vars));
  put_guards(p, &rule->query);
  egi_puts(&p->out, rule->subsume ? " subsume" : "");
  egi_puts(&p->out, rule->nonlocal ? " nonlocal" : "");
  if (rule->budget) {
    egi_puts(&p->out, " budget ");
    egi_put_number(&p->out, rule->budget);
  }
  egi_puts(&p->out, "\n");
  return EG_OK;
}

static void put_ruleset(printer *p, const char *name) {
  egi_puts(&p->out, "ruleset ");
  egi_put_item(&p->out, name, strlen(name));
  egi_puts(&p->out, "\n");
}

// Rulesets without rules, so that a schedule may name them.
static void put_empty_rulesets(printer *p, const eg_rules *rules) {
  for (size_t i = 0; i < rules->rulesets.num; ++i) {
    bool used = !*rules->rulesets.data[i];
    for (size_t k = 0; k < rules->rules.num && !used; ++k)
      used = rules->rules.data[k].ruleset == i;
    if (!used)
      put_ruleset(p, rules->rulesets.data[i]);
  }
}

static eg_status put_rules(printer *p, const eg_rules *rules) {
  const char *at = "";
  const egi_plan *plan = &rules->plan;
  for (size_t i = 0; i < rules->rules.num; ++i) {
    const char *ruleset = eg_rule_ruleset(rules, (uint32_t)i);
    if (strcmp(ruleset, at) != 0)
      put_ruleset(p, ruleset);
    at = ruleset;
    EG_TRY(put_rule(p, &rules->rules.data[i]));
  }
  put_empty_rulesets(p, rules);
  if (plan->has_schedule) {
    egi_puts(&p->out, "schedule ");
    EG_TRY(put_schedule(p, &plan->schedule));
    egi_puts(&p->out, "\n");
  }
  if (plan->has_scheduler)
    put_scheduler(p, &plan->scheduler);
  return EG_OK;
}

//===-- The calls ---------------------------------------------------------===//

static eg_status finish(printer *p, eg_status status) {
  EGI_RELEASE(p->graph, &p->nodes);
  EGI_RELEASE(p->graph, &p->parts);
  return status == EG_OK ? egi_out_finish(&p->out, p->graph) : status;
}

eg_status eg_write_rules(const eg_rules *rules, eg_writer writer) {
  for (size_t i = 0; i < rules->rules.num; ++i)
    EG_TRY(check_rule(rules, &rules->rules.data[i]));
  printer p = {.graph = rules->graph, .out = {.writer = writer}};
  return finish(&p, put_rules(&p, rules));
}

eg_status eg_write_schedule(eg_graph *graph, const eg_schedule *schedule,
                            eg_writer writer) {
  printer p = {.graph = graph, .out = {.writer = writer}};
  return finish(&p, put_schedule(&p, schedule));
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rounds of a ruleset.
//
// A round searches every rule of the set before any acts. Rewrites between
// constructors alone go to the engine's own matcher, all in one eg_run; the
// others are searched here, before that run changes anything, and act after it.
#include "egglog_internal.h"

#include <inttypes.h>
#include <stdio.h>

//===-- Rulesets ----------------------------------------------------------===//

void egl_ruleset_changed(egl_ruleset *ruleset) {
  eg_rules_destroy(ruleset->compiled);
  ruleset->compiled = NULL;
  ruleset->pure.num = 0;
}

// The base rulesets that |ruleset| stands for, into |out|.
static eg_status expand(eg_egglog *p, uint32_t ruleset, egi_words *out) {
  out->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, out, 1));
  out->data[out->num++] = ruleset;
  for (size_t i = 0; i < out->num; ++i) {
    const egl_ruleset *set = &p->rulesets.data[out->data[i]];
    if (set->parts.num)
      EG_TRY(EGI_RESERVE(p->graph, out, set->parts.num));
    for (size_t k = 0; k < set->parts.num; ++k) {
      bool there = false;
      for (size_t j = 0; j < out->num; ++j)
        there |= out->data[j] == set->parts.data[k];
      if (!there)
        out->data[out->num++] = set->parts.data[k];
    }
  }
  return EG_OK;
}

static bool contains(const egi_words *words, uint32_t word) {
  for (size_t i = 0; i < words->num; ++i)
    if (words->data[i] == word)
      return true;
  return false;
}

// Names for the variables of a rewrite: "?0", "?1", …
static eg_status make_vars(eg_egglog *p, uint32_t num, egi_vars *out) {
  for (uint32_t i = 0; i < num; ++i) {
    char name[12];
    int len = snprintf(name, sizeof name, "?%" PRIu32, i);
    EG_TRY(egi_name_add(p->graph, out, name, (size_t)len));
  }
  return EG_OK;
}

static eg_status compile_rule(eg_egglog *p, egl_ruleset *set, uint32_t index) {
  egl_rule *rule = &p->rules.data[index];
  egi_rule_source source = {
      .name = rule->name, .lhs = &rule->lhs, .rhs = &rule->rhs};
  egi_vars vars = {0};
  egi_guards guards = {0};
  EG_TRY(EGI_RESERVE(p->graph, &set->pure, 1));
  eg_status status = make_vars(p, rule->num_vars, &vars);
  if (status == EG_OK)
    status = egi_rules_append(set->compiled, &source, &vars, &guards);
  egi_vars_free(p->graph, &vars);
  EG_TRY(status);
  rule->counted = (eg_rule_stats){0};
  set->pure.data[set->pure.num++] = index;
  return EG_OK;
}

static eg_status compile(eg_egglog *p, egl_ruleset *set,
                         const egi_words *bases) {
  if (set->compiled)
    return EG_OK;
  EG_TRY(eg_rules_create(p->graph, &set->compiled));
  for (uint32_t i = 0; i < p->rules.num; ++i)
    if (p->rules.data[i].pure && contains(bases, p->rules.data[i].ruleset))
      EG_TRY(compile_rule(p, set, i));
  return EG_OK;
}

enum { AHEAD = 16 }; // matches between a prefetch and its use

//===-- A round -----------------------------------------------------------===//

typedef struct match {
  uint32_t rule;
  size_t start, num; // in rows; matches
} match;

typedef struct round {
  eg_egglog *p;
  egi_words bases;
  EGI_ARRAY(match) found;
  uint32_t width; // of the rows of the rule at hand
  uint64_t num;   // matches so far
} round;

static void stop(eg_egglog *p, eg_stop why) {
  p->stopped = true;
  p->report.stop = why;
}

static bool exhausted(eg_egglog *p) {
  if (!p->stopped && p->graph->num_nodes >= p->options.limits.nodes)
    stop(p, EG_STOP_NODES);
  if (!p->stopped && p->graph->bytes >= p->options.limits.bytes)
    stop(p, EG_STOP_BYTES);
  const eg_limits *l = &p->options.limits;
  if (!p->stopped && l->cancel && l->cancel(l->user))
    stop(p, EG_STOP_CANCELLED);
  return p->stopped;
}

static eg_status keep_match(void *user, const uint32_t *row) {
  round *r = user;
  eg_egglog *p = r->p;
  if (p->stopped)
    return EG_OK;
  if (r->num == p->options.limits.matches) {
    stop(p, EG_STOP_MATCHES);
    return EG_OK;
  }
  match *m = &r->found.data[r->found.num - 1];
  if (m->num == p->options.limits.rule_matches) {
    stop(p, EG_STOP_RULE_MATCHES);
    return EG_OK;
  }
  if (r->num % EGI_BLOCK == 0 && exhausted(p))
    return EG_OK;
  EG_TRY(EGI_RESERVE(p->graph, &p->rows, (size_t)r->width + 1));
  if (r->width)
    memcpy(p->rows.data + p->rows.num, row, r->width * sizeof *row);
  p->rows.num += r->width;
  ++r->num;
  ++m->num;
  return EG_OK;
}

// Whether a constant stands for another class than when the rule was searched
// last: then no row need be new, and all matches are.
static bool has_moved(const eg_egglog *p, egl_query *q) {
  bool moved = false;
  for (size_t i = 0; i < q->consts.num; ++i) {
    egl_const *c = &q->consts.data[i];
    uint32_t now = egi_find(p->graph, c->value);
    moved |= now != c->seen;
    c->seen = now;
  }
  return moved;
}

static eg_status search_rule(round *r, uint32_t index) {
  eg_egglog *p = r->p;
  egl_rule *rule = &p->rules.data[index];
  EG_TRY(EGI_RESERVE(p->graph, &r->found, 1));
  r->found.data[r->found.num++] = (match){index, p->rows.num, 0};
  r->width = (uint32_t)rule->query.row.num;
  bool was_stopped = p->stopped;
  bool all = has_moved(p, &rule->query) || rule->naive;
  EG_TRY(egl_search(p, &rule->query, all ? 0 : rule->seen, false, &rule->stats,
                    keep_match, r));
  if (!p->stopped)
    rule->seen = p->time;
  else if (!was_stopped)
    p->report.rule = index;
  return EG_OK;
}

static bool uses_nodes(const eg_egglog *p, const egl_query *q) {
  for (size_t i = 0; i < q->atoms.num; ++i)
    if (p->funcs.data[q->atoms.data[i].func].kind == EGL_CONSTRUCTOR)
      return true;
  return false;
}

static bool is_ours(const round *r, uint32_t index) {
  const egl_rule *rule = &r->p->rules.data[index];
  return !rule->pure && contains(&r->bases, rule->ruleset);
}

static eg_status search_ours(round *r) {
  eg_egglog *p = r->p;
  bool nodes = false;
  for (uint32_t i = 0; i < p->rules.num; ++i)
    nodes |= is_ours(r, i) && uses_nodes(p, &p->rules.data[i].query);
  if (nodes || p->has_changing)
    EG_TRY(egl_stamp_classes(p));
  if (p->has_changing)
    EG_TRY(egl_refresh_rows(p));
  p->rows.num = 0;
  for (uint32_t i = 0; i < p->rules.num && !p->stopped; ++i)
    if (is_ours(r, i))
      EG_TRY(search_rule(r, i));
  return EG_OK;
}

// Most of the time of a rule that writes rows is the miss on the first line of
// each key. Asks for the one of |row|, if the match alone says what is written.
static void foresee(eg_egglog *p, const egl_actions *actions, uint32_t width,
                    const uint32_t *row) {
  uint32_t args[8];
  if (actions->steps.num == 0)
    return;
  const egl_step *step = &actions->steps.data[0];
  if (step->code != EGL_SET || step->num > 8)
    return;
  for (uint32_t i = 0; i + 1 < step->num; ++i) {
    uint32_t slot = actions->args.data[step->first + i];
    if (slot >= width)
      return;
    args[i] = row[slot];
  }
  egl_table_prefetch(&p->tables.data[p->funcs.data[step->func].table], args);
}

static eg_status act_on(round *r, const match *m) {
  eg_egglog *p = r->p;
  egl_rule *rule = &p->rules.data[m->rule];
  uint32_t width = (uint32_t)rule->query.row.num;
  for (size_t i = 0; i < m->num; ++i) {
    if (i % EGI_BLOCK == 0 && exhausted(p))
      return EG_OK;
    if (i + AHEAD < m->num)
      foresee(p, &rule->actions, width,
              p->rows.data + m->start + (i + AHEAD) * width);
    uint64_t writes = p->writes, nodes = p->graph->num_nodes;
    EG_TRY(
        egl_act(p, &rule->actions, p->rows.data + m->start + i * width, width));
    rule->stats.applied += p->writes != writes;
    p->report.applied += p->writes != writes;
    rule->stats.new_nodes += p->graph->num_nodes - nodes;
  }
  return EG_OK;
}

static void count_pure(eg_egglog *p, const egl_ruleset *set) {
  for (uint32_t i = 0; i < set->pure.num; ++i) {
    egl_rule *rule = &p->rules.data[set->pure.data[i]];
    eg_rule_stats now = eg_rule_get_stats(set->compiled, i);
    rule->stats.searched += now.searched - rule->counted.searched;
    rule->stats.matches += now.matches - rule->counted.matches;
    rule->stats.applied += now.applied - rule->counted.applied;
    rule->stats.new_nodes += now.new_nodes - rule->counted.new_nodes;
    rule->counted = now;
  }
}

static eg_status run_pure(round *r, uint32_t ruleset) {
  eg_egglog *p = r->p;
  egl_ruleset *set = &p->rulesets.data[ruleset];
  EG_TRY(compile(p, set, &r->bases));
  if (set->pure.num == 0 || p->stopped)
    return EG_OK;
  eg_limits limits = p->options.limits;
  eg_report report;
  limits.rounds = 1;
  EG_TRY(eg_run(p->graph, set->compiled, &limits, &report));
  count_pure(p, set);
  p->writes += report.applied;
  p->report.applied += report.applied;
  p->report.matches += report.matches;
  if (report.stop != EG_STOP_ROUNDS && report.stop != EG_STOP_SATURATED)
    stop(p, report.stop);
  if (p->stopped && report.rule < set->pure.num)
    p->report.rule = set->pure.data[report.rule];
  return EG_OK;
}

static eg_status do_round(round *r, uint32_t ruleset) {
  eg_egglog *p = r->p;
  EG_TRY(expand(p, ruleset, &r->bases));
  EG_TRY(egl_rebuild(p));
  ++p->time;
  EG_TRY(search_ours(r));
  p->report.matches += r->num;
  EG_TRY(run_pure(r, ruleset));
  eg_status status = EG_OK;
  for (size_t i = 0; i < r->found.num && status == EG_OK; ++i)
    status = act_on(r, &r->found.data[i]);
  eg_status rebuilt = egl_rebuild(p);
  ++p->report.rounds;
  return status == EG_OK ? rebuilt : status;
}

eg_status egl_round(eg_egglog *p, uint32_t ruleset, bool *out_changed) {
  round r = {.p = p};
  uint64_t writes = p->writes;
  *out_changed = false;
  if (p->rounds_left == 0)
    stop(p, EG_STOP_ROUNDS);
  if (exhausted(p))
    return EG_OK;
  --p->rounds_left;
  eg_status status = do_round(&r, ruleset);
  EGI_RELEASE(p->graph, &r.bases);
  EGI_RELEASE(p->graph, &r.found);
  *out_changed = p->writes != writes && !p->stopped;
  return status;
}

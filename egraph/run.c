// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Equality saturation: rounds of search, apply, rebuild under limits.
//
// All rules are searched before any is applied, so the order of rules changes
// nothing but the ids. Matches lie in one flat array, rule after rule.
#include "run.h"
#include "apply.h"

eg_limits eg_limits_default(void) {
  return (eg_limits){10000000, UINT64_C(4) << 30, 1000, 100000000};
}

const char *eg_stop_name(eg_stop stop) {
  switch (stop) {
  case EG_STOP_SATURATED:
    return "saturated";
  case EG_STOP_NODES:
    return "node limit";
  case EG_STOP_BYTES:
    return "byte limit";
  case EG_STOP_ROUNDS:
    return "round limit";
  case EG_STOP_MATCHES:
    return "match limit";
  case EG_STOP_GOALS:
    return "goals reached";
  case EG_STOP_SCHEDULE:
    return "end of the schedule";
  }
  return "unknown";
}

static eg_status check_limits(eg_graph *graph, const eg_limits *limits) {
  const struct {
    const char *name;
    uint64_t value;
  } all[] = {{"nodes", limits->nodes},
             {"bytes", limits->bytes},
             {"rounds", limits->rounds},
             {"matches", limits->matches}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
    if (all[i].value == 0)
      return egi_fail_at(graph, EG_INVALID, 0,
                         "limit of 0 %s; EG_UNLIMITED means no limit",
                         all[i].name);
  return EG_OK;
}

void egi_run_stop(egi_run *r, eg_stop why) {
  if (!r->stopped)
    r->report->stop = why;
  r->stopped = true;
}

// Whether nodes or bytes have run out; the first reason to stop stays.
static bool exhausted(egi_run *r) {
  bool nodes = r->graph->num_nodes >= r->limits->nodes;
  bool bytes = r->graph->bytes >= r->limits->bytes;
  if (nodes || bytes)
    egi_run_stop(r, nodes ? EG_STOP_NODES : EG_STOP_BYTES);
  return nodes || bytes;
}

// Searches a rule; its rows stay only if it found no more than it may.
static eg_status search_rule(egi_run *r, size_t index) {
  egi_rule *rule = &r->rules->rules.data[index];
  egi_machine m;
  EG_TRY(egi_machine_init(&m, r->graph, &rule->query, 0));
  uint32_t num_vars = (uint32_t)rule->query.vars.names.num;
  uint32_t stride = egi_row_words(rule);
  eg_status status = EG_OK;
  uint64_t found = 0;
  size_t start = r->rows.num;
  m.most = egi_run_most(r, index);
  while (egi_machine_next(&m)) {
    if (r->round_matches + found == r->limits->matches) {
      egi_run_stop(r, EG_STOP_MATCHES);
      break;
    }
    if (found % EGI_BLOCK == 0) {
      status = EGI_RESERVE(r->graph, &r->rows, (size_t)EGI_BLOCK * stride);
      if (status != EG_OK || exhausted(r))
        break;
    }
    uint32_t *row = r->rows.data + r->rows.num;
    row[0] = m.regs[rule->query.root];
    for (uint32_t i = 0; i < num_vars; ++i)
      row[1 + i] = m.vars[i];
    if (rule->subsume)
      row[1 + num_vars] = egi_machine_node(&m);
    r->rows.num += stride;
    ++found;
  }
  if (m.found > m.most) {
    egi_run_pause(r, index);
    r->rows.num = start;
    found = 0;
  }
  r->round_matches += found;
  rule->stats.searched += m.searched;
  rule->stats.matches += found;
  egi_machine_fini(&m, r->graph);
  return status;
}

static eg_status search(egi_run *r, uint32_t ruleset) {
  r->rows.num = r->starts.num = 0;
  r->round_matches = 0;
  EG_TRY(EGI_RESERVE(r->graph, &r->starts, r->rules->rules.num + 1));
  for (size_t i = 0; i < r->rules->rules.num; ++i) {
    r->starts.data[r->starts.num++] = r->rows.num;
    if (!r->stopped && egi_run_wants(r, i, ruleset))
      EG_TRY(search_rule(r, i));
  }
  r->starts.data[r->starts.num++] = r->rows.num;
  return EG_OK;
}

static bool is_full(const egi_run *r, uint32_t id) {
  uint32_t num;
  egi_members(r->graph, egi_find(r->graph, id), &num);
  return num >= r->options->class_nodes;
}

// Whether a match would add to a full class: its root's when the right-hand side
// is computed, else any that a new node joins.
static bool is_match_full(const egi_run *r, const egi_rule *rule,
                          const uint32_t *row) {
  if (rule->apply)
    return is_full(r, row[0]);
  for (size_t s = 0; s < rule->steps.num; ++s) {
    egi_arg home = rule->steps.data[s].home;
    if (home.kind == EGI_ARG_ROW && is_full(r, row[home.index]))
      return true;
  }
  return false;
}

// Drops the matches whose class is full; the number of rows that stay.
static uint32_t drop_full(const egi_run *r, egi_rule *rule, uint32_t *rows,
                          uint32_t num) {
  uint32_t stride = egi_row_words(rule), kept = 0;
  if (!r->options->class_nodes)
    return num;
  for (uint32_t i = 0; i < num; ++i)
    if (!is_match_full(r, rule, rows + i * stride))
      memmove(rows + kept++ * stride, rows + i * stride, stride * sizeof *rows);
  rule->stats.dropped += num - kept;
  return kept;
}

static eg_status apply_rule(egi_run *r, size_t index) {
  egi_rule *rule = &r->rules->rules.data[index];
  size_t at = r->starts.data[index], end = r->starts.data[index + 1];
  uint32_t stride = egi_row_words(rule);
  if (at == end)
    return EG_OK;
  EG_TRY(egi_apply_grounds(r->graph, rule, &r->grounds));
  uint64_t before = rule->stats.new_nodes;
  while (at < end) {
    if (exhausted(r))
      return EG_OK;
    if (rule->stats.new_nodes - before >= r->round_share) {
      egi_run_pause(r, index);
      return EG_OK;
    }
    size_t num = (end - at) / stride;
    if (num > EGI_BLOCK)
      num = EGI_BLOCK;
    uint32_t *rows = r->rows.data + at;
    at += num * stride;
    num = drop_full(r, rule, rows, (uint32_t)num);
    EG_TRY(
        egi_apply_block(r->graph, rule, rows, (uint32_t)num, r->grounds.data));
  }
  return EG_OK;
}

static uint64_t applied(const eg_rules *rules) {
  uint64_t sum = 0;
  for (size_t i = 0; i < rules->rules.num; ++i)
    sum += rules->rules.data[i].stats.applied;
  return sum;
}

static eg_status round_once(egi_run *r, uint32_t ruleset, bool *out_changed) {
  uint64_t before = applied(r->rules);
  EG_TRY(search(r, ruleset));
  r->report->matches += r->round_matches;
  eg_status status = EG_OK;
  for (size_t i = 0; i < r->rules->rules.num && status == EG_OK; ++i)
    status = apply_rule(r, i);
  eg_status rebuilt = eg_rebuild(r->graph);
  EG_TRY(status);
  EG_TRY(rebuilt);
  ++r->report->rounds;
  r->report->applied += applied(r->rules) - before;
  *out_changed = applied(r->rules) != before;
  return EG_OK;
}

eg_status egi_run_round(egi_run *r, uint32_t ruleset, bool *out_changed) {
  *out_changed = false;
  if (r->stopped || exhausted(r))
    return EG_OK;
  if (r->report->rounds == r->limits->rounds) {
    egi_run_stop(r, EG_STOP_ROUNDS);
    return EG_OK;
  }
  EG_TRY(round_once(r, ruleset, out_changed));
  exhausted(r);
  return EG_OK;
}

eg_status eg_run_with(eg_graph *graph, const eg_rules *rules,
                      const eg_run_options *options, eg_report *out_report) {
  eg_limits limits = options->limits ? *options->limits : eg_limits_default();
  // Rules are const to the caller but for their counters.
  egi_run r = {.graph = graph,
               .rules = (eg_rules *)(uintptr_t)rules,
               .limits = &limits,
               .options = options,
               .report = out_report};
  *out_report = (eg_report){0};
  EG_TRY(check_limits(graph, &limits));
  EG_TRY(egi_rules_usable(rules));
  EG_TRY(eg_rebuild(graph));
  bool was_busy = graph->undo.busy;
  graph->undo.busy = true;
  eg_status status = egi_run_schedule(&r);
  graph->undo.busy = was_busy;
  EGI_RELEASE(graph, &r.rows);
  EGI_RELEASE(graph, &r.starts);
  EGI_RELEASE(graph, &r.grounds);
  out_report->nodes = graph->num_nodes;
  out_report->classes = graph->num_classes;
  return status;
}

eg_status eg_run(eg_graph *graph, const eg_rules *rules,
                 const eg_limits *limits, eg_report *out_report) {
  eg_run_options options = {.limits = limits};
  return eg_run_with(graph, rules, &options, out_report);
}

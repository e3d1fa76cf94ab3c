// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Equality saturation: rounds of search, apply, rebuild under limits.
//
// All rules are searched before any is applied, so the order of rules changes
// nothing but the ids.
#include "run.h"
#include "apply.h"
#include "record.h"

enum {
  NODE_BYTES = 128, // a new node takes less, with its lists and class
  MANY = 4096,      // matches: worth waking threads for
};

eg_limits eg_limits_default(void) {
  return (eg_limits){.nodes = 10000000,
                     .bytes = UINT64_C(4) << 30,
                     .rounds = 1000,
                     .matches = 100000000,
                     .rule_matches = EG_UNLIMITED,
                     .fuel = EG_UNLIMITED};
}

eg_limits eg_limits_none(void) {
  return (eg_limits){EG_UNLIMITED, EG_UNLIMITED, EG_UNLIMITED, EG_UNLIMITED,
                     EG_UNLIMITED, EG_UNLIMITED, NULL,         NULL};
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
  case EG_STOP_RULE_MATCHES:
    return "match limit of a rule";
  case EG_STOP_FUEL:
    return "out of fuel";
  case EG_STOP_CANCELLED:
    return "cancelled";
  case EG_STOP_GOALS:
    return "goals reached";
  case EG_STOP_SCHEDULE:
    return "end of the schedule";
  case EG_STOP_HOOK:
    return "hook";
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
             {"matches", limits->matches},
             {"matches of a rule", limits->rule_matches},
             {"fuel", limits->fuel}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
    if (all[i].value == 0)
      return egi_fail_at(graph, EG_INVALID, 0,
                         "limit of 0 %s; EG_UNLIMITED means no limit",
                         all[i].name);
  return EG_OK;
}

void egi_run_stop(egi_run *r, eg_stop why, uint32_t rule) {
  if (r->stopped)
    return;
  r->report->stop = why;
  r->report->rule = rule;
  r->stopped = true;
}

bool egi_run_cancelled(egi_run *r) {
  const eg_limits *limits = r->limits;
  r->cancelled =
      r->cancelled || (limits->cancel && limits->cancel(limits->user));
  if (r->cancelled)
    egi_run_stop(r, EG_STOP_CANCELLED, UINT32_MAX);
  return r->cancelled;
}

bool egi_run_exhausted(egi_run *r) {
  bool nodes = r->graph->num_nodes >= r->limits->nodes;
  bool bytes = r->graph->bytes >= r->limits->bytes;
  if (nodes || bytes)
    egi_run_stop(r, nodes ? EG_STOP_NODES : EG_STOP_BYTES, UINT32_MAX);
  return nodes || bytes || egi_run_cancelled(r);
}

static void free_rows(egi_run *r) {
  for (size_t i = 0; i < r->rows.num; ++i)
    egi_rows_free(r->graph, &r->rows.data[i]);
}

// With proofs: the nodes behind all matches, as long as nothing has moved.
static eg_status find_witnesses(egi_run *r) {
  r->witnesses.num = r->witness_starts.num = 0;
  if (!r->graph->proofs)
    return EG_OK;
  EG_TRY(EGI_RESERVE(r->graph, &r->witness_starts, r->rows.num));
  for (size_t i = 0; i < r->rows.num; ++i) {
    r->witness_starts.data[r->witness_starts.num++] = r->witnesses.num;
    EG_TRY(egi_record_witnesses(r->graph, &r->rules->rules.data[i],
                                &r->rows.data[i], &r->witnesses));
  }
  return EG_OK;
}

// Those of one rule.
static egi_witnesses witnesses_of(const egi_run *r, size_t index) {
  egi_witnesses w = {0};
  if (!r->witness_starts.num)
    return w;
  w.grounds = r->witnesses.data + r->witness_starts.data[index];
  w.rows = r->witnesses.data + r->witness_starts.data[index] +
           r->rules->rules.data[index].query.grounds.nodes.num;
  return w;
}

static uint64_t num_rows(const egi_run *r, size_t index) {
  const egi_rows *rows = &r->rows.data[index];
  uint64_t words = 0;
  for (size_t i = 0; i < rows->chunks.num; ++i)
    words += rows->chunks.data[i].num;
  return words / egi_row_words(&r->rules->rules.data[index]);
}

// The nodes that a rule will make, if its matches make as many as in the round
// before.
static double awaited(const egi_run *r, size_t index) {
  return (double)num_rows(r, index) * r->rules->rules.data[index].yield;
}

// Says how many nodes are still to come in this round, so that the hashcons need
// not grow many times. Never more than the limits let in: a node takes 16 bytes
// beside its slot.
static void foresee(const egi_run *r, const egi_rule *rule) {
  double more = r->round_awaited + (double)r->rule_left * rule->yield;
  uint64_t room = r->limits->nodes - r->graph->num_nodes;
  uint64_t bytes = r->limits->bytes - r->graph->bytes;
  room = bytes / 16 < room ? bytes / 16 : room;
  egi_table_foresee(r->graph, more < (double)room ? (uint64_t)more : room);
}

// The reason why a rule may add no more in this round, if there is one, is
// noted.
static bool may_go_on(egi_run *r, size_t index, uint64_t new_nodes) {
  if (egi_run_exhausted(r))
    return false;
  if (new_nodes < r->round_share)
    return true;
  egi_run_pause(r, index);
  return false;
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

static void move_row(uint32_t *rows, uint32_t to, uint32_t from,
                     size_t stride) {
  memmove(rows + to * stride, rows + from * stride, stride * sizeof *rows);
}

// Drops the matches whose class is full; the number of rows that stay.
static uint32_t drop_full(egi_run *r, egi_rule *rule, uint32_t *rows,
                          uint32_t num, const egi_witnesses *witnesses) {
  uint32_t stride = egi_row_words(rule), kept = 0;
  if (!r->options->class_nodes)
    return num;
  for (uint32_t i = 0; i < num; ++i) {
    if (is_match_full(r, rule, rows + i * stride))
      continue;
    if (witnesses->rows)
      move_row(witnesses->rows, kept, i, rule->query.atoms.num);
    move_row(rows, kept++, i, stride);
  }
  rule->stats.dropped += num - kept;
  r->pauses.data[rule - r->rules->rules.data].whole &= kept == num;
  return kept;
}

// How many matches are applied before the limits are looked at again. In a large
// batch no limit may be reached.
static uint32_t batch_size(const egi_run *r, const egi_rule *rule,
                           uint64_t new_nodes) {
  const eg_graph *graph = r->graph;
  uint64_t most = (uint64_t)EGI_BATCH * rule->steps.num;
  bool roomy = most < r->limits->nodes - graph->num_nodes &&
               most * NODE_BYTES < r->limits->bytes - graph->bytes &&
               most < r->round_share - new_nodes && !r->options->class_nodes;
  return roomy && egi_apply_is_plain(graph, rule) ? EGI_BATCH : EGI_BLOCK;
}

// The next |num| matches of a rule.
static eg_status apply_rows(egi_run *r, size_t index, uint32_t num,
                            egi_witnesses *witnesses) {
  egi_rule *rule = &r->rules->rules.data[index];
  uint32_t stride = egi_row_words(rule), *rows;
  EG_TRY(egi_rows_read(r->graph, &r->rows.data[index], stride, num, &rows));
  r->rule_left -= num;
  const uint32_t *ahead;
  size_t left = egi_rows_ahead(&r->rows.data[index], &ahead);
  size_t block = (size_t)EGI_BLOCK * stride;
  egi_apply_prefetch(r->graph, ahead, left < block ? left : block);
  size_t passed = num * rule->query.atoms.num;
  num = drop_full(r, rule, rows, num, witnesses);
  EG_TRY(
      egi_apply_batch(r->graph, rule, rows, num, r->grounds.data, witnesses));
  witnesses->rows += witnesses->rows ? passed : 0;
  return EG_OK;
}

static eg_status apply_rule(egi_run *r, size_t index) {
  egi_rule *rule = &r->rules->rules.data[index];
  uint64_t before = rule->stats.new_nodes, num = num_rows(r, index);
  bool more = num > 0;
  if (!more)
    return EG_OK;
  EG_TRY(egi_apply_grounds(r->graph, rule, &r->grounds));
  r->round_awaited -= awaited(r, index);
  egi_witnesses w = witnesses_of(r, index);
  for (r->rule_left = num; r->rule_left;) {
    uint64_t new_nodes = rule->stats.new_nodes - before;
    more = may_go_on(r, index, new_nodes);
    if (!more)
      break;
    foresee(r, rule);
    uint64_t most = batch_size(r, rule, new_nodes);
    EG_TRY(apply_rows(
        r, index, (uint32_t)(r->rule_left < most ? r->rule_left : most), &w));
  }
  egi_rows_free(r->graph, &r->rows.data[index]);
  r->pauses.data[index].whole &= more;
  if (num > r->rule_left)
    rule->yield =
        (double)(rule->stats.new_nodes - before) / (double)(num - r->rule_left);
  return EG_OK;
}

// Rules |begin| to |end| - 1.
typedef struct rule_range {
  egi_run *run;
  size_t begin, end;
} rule_range;

static eg_status apply_range(void *argument) {
  const rule_range *range = argument;
  for (size_t i = range->begin; i < range->end; ++i)
    EG_TRY(apply_rule(range->run, i));
  return EG_OK;
}

// The rules from |begin| on that threads may apply: what computes a right-hand
// side is called by the caller's thread alone. Whether it is worth waking them.
static bool find_plain(egi_run *r, size_t begin, size_t *out_end) {
  uint64_t matches = 0;
  size_t i = begin;
  for (; i < r->rules->rules.num; ++i) {
    if (!egi_apply_is_plain(r->graph, &r->rules->rules.data[i]))
      break;
    matches += num_rows(r, i);
  }
  *out_end = i;
  return matches >= MANY;
}

// Whether there are threads, and memory for what they share.
static bool can_share(egi_run *r) {
  if (egi_has_threads(r->options->pool) && !r->graph->sharing)
    r->graph->sharing = egi_sharing_create(r->graph);
  return r->graph->sharing;
}

static eg_status apply(egi_run *r) {
  bool threads = r->round_matches >= MANY && can_share(r);
  size_t num = r->rules->rules.num;
  r->round_awaited = 0;
  for (size_t i = 0; i < num; ++i)
    r->round_awaited += awaited(r, i);
  for (rule_range range = {r, 0, num}; range.begin < num;
       range.begin = range.end) {
    if (threads && find_plain(r, range.begin, &range.end)) {
      EG_TRY(egi_share(r->graph, apply_range, &range));
      continue;
    }
    range.end = threads ? range.begin + 1 : num;
    EG_TRY(apply_range(&range));
  }
  return EG_OK;
}

static uint64_t applied(const eg_rules *rules) {
  uint64_t sum = 0;
  for (size_t i = 0; i < rules->rules.num; ++i)
    sum += rules->rules.data[i].stats.applied;
  return sum;
}

// A rule all of whose matches are applied need not see them again.
static void note_seen(egi_run *r) {
  for (size_t i = 0; r->options->incremental && i < r->pauses.num; ++i)
    if (r->pauses.data[i].whole)
      r->rules->rules.data[i].seen = r->epoch;
}

static eg_status round_once(egi_run *r, uint32_t ruleset, bool *out_changed) {
  uint64_t before = applied(r->rules);
  eg_status status = egi_run_search(r, ruleset);
  if (status == EG_OK)
    status = find_witnesses(r);
  if (status == EG_OK) {
    r->report->matches += r->round_matches;
    status = apply(r);
  }
  free_rows(r);
  egi_deltas_free(r->graph, &r->deltas);
  egi_table_foresee(r->graph, 0);
  eg_status rebuilt = eg_rebuild(r->graph);
  EG_TRY(status);
  EG_TRY(rebuilt);
  note_seen(r);
  ++r->report->rounds;
  r->report->applied += applied(r->rules) - before;
  *out_changed = applied(r->rules) != before;
  return EG_OK;
}

// |*out_changed|: the hook has left something to rebuild.
static eg_status call_hook(egi_run *r, bool *out_changed) {
  bool end = false;
  r->report->nodes = r->graph->num_nodes;
  r->report->classes = r->graph->num_classes;
  EG_TRY(r->options->hook(r->options->user, r->graph, r->report, &end));
  *out_changed = !eg_is_clean(r->graph);
  if (end)
    egi_run_stop(r, EG_STOP_HOOK, UINT32_MAX);
  return eg_rebuild(r->graph);
}

eg_status egi_run_round(egi_run *r, uint32_t ruleset, bool *out_changed) {
  *out_changed = false;
  if (r->stopped || egi_run_exhausted(r))
    return EG_OK;
  if (r->report->rounds == r->limits->rounds) {
    egi_run_stop(r, EG_STOP_ROUNDS, UINT32_MAX);
    return EG_OK;
  }
  bool hooked = false;
  if (r->options->hook)
    EG_TRY(call_hook(r, &hooked));
  if (r->stopped)
    return EG_OK;
  EG_TRY(round_once(r, ruleset, out_changed));
  *out_changed |= hooked;
  egi_run_exhausted(r);
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
  *out_report = (eg_report){.rule = UINT32_MAX};
  EG_TRY(check_limits(graph, &limits));
  EG_TRY(egi_rules_usable(rules));
  EG_TRY(eg_rebuild(graph));
  bool was_busy = graph->undo.busy;
  graph->undo.busy = true;
  graph->pool = options->pool;
  eg_status status = egi_run_schedule(&r);
  graph->pool = NULL;
  graph->undo.busy = was_busy;
  EGI_RELEASE(graph, &r.rows);
  EGI_RELEASE(graph, &r.grounds);
  egi_sharing_destroy(graph, graph->sharing);
  graph->sharing = NULL;
  EGI_RELEASE(graph, &r.witnesses);
  EGI_RELEASE(graph, &r.witness_starts);
  out_report->nodes = graph->num_nodes;
  out_report->classes = graph->num_classes;
  return status;
}

eg_status eg_run(eg_graph *graph, const eg_rules *rules,
                 const eg_limits *limits, eg_report *out_report) {
  eg_run_options options = {.limits = limits};
  return eg_run_with(graph, rules, &options, out_report);
}

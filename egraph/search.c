// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The first part of a round: all matches of all rules, on a frozen graph.
//
// A search that goes over the pages of an operator is cut into tasks of some
// pages. The tasks of a wave are done by the threads of a pool, each into rows of
// its own, and then joined in order, so that rows do not depend on who did what.
// Nor do limits: a task that would reach one is done again, alone, by the rules
// of a single thread, and what the wave did after it is dropped.
#include "run.h"

enum {
  TASK_PAGES = 64,    // 16,384 nodes: a millisecond or two
  MAX_WAVE = 32,      // tasks
  PATIENCE = 1 << 16, // nodes gone over between questions to cancel
};

// Where the next task begins.
typedef struct place {
  size_t rule;
  uint32_t page; // 0: the rule's first task
} place;

typedef struct task {
  _Alignas(EGI_APART) egi_run *run;
  place at, next; // itself, and the one after it
  bool is_first;  // of its rule
  egi_machine machine;
  egi_rows rows;
  uint64_t found;
  bool no_memory;
} task;

typedef struct search {
  egi_run *run;
  uint32_t ruleset;
  place next;
  // Of the rule at hand, over its tasks so far.
  size_t rule;
  bool begun;
  uint64_t most, raw; // matches it may have; those it had before conditions
  uint64_t found, steps;
} search;

static egi_rule *rule_of(const egi_run *r, size_t index) {
  return &r->rules->rules.data[index];
}

//===-- Tasks -------------------------------------------------------------===//

// Keeps the match that the machine stands at.
static bool keep_match(task *t) {
  const egi_machine *m = &t->machine;
  const egi_rule *rule = rule_of(t->run, t->at.rule);
  uint32_t num_vars = (uint32_t)rule->query.vars.names.num;
  uint32_t *row = egi_rows_next(t->run->graph, &t->rows, egi_row_words(rule));
  t->no_memory = !row;
  if (!row)
    return false;
  row[0] = m->regs[rule->query.root];
  for (uint32_t i = 0; i < num_vars; ++i)
    row[1 + i] = m->vars[i];
  if (rule->subsume)
    row[1 + num_vars] = egi_machine_node(m);
  egi_rows_commit(&t->rows, egi_row_words(rule));
  ++t->found;
  return true;
}

// The page that comes |TASK_PAGES| after |page|.
static uint32_t skip_pages(const eg_graph *graph, uint32_t page) {
  for (int i = 0; page && i < TASK_PAGES; ++i)
    page = graph->pages.data[page].next;
  return page;
}

// Leaves out what the rule has seen, where that is asked for.
static eg_status leave_out_seen(egi_run *r, const egi_rule *rule,
                                egi_machine *m) {
  const egi_delta *delta;
  bool around = rule->apply || rule->query.guards.guards.num > 0;
  if (!r->options->incremental || rule->nonlocal)
    return EG_OK;
  EG_TRY(egi_deltas_get(r->graph, &r->deltas, rule->seen, around, &delta));
  if (m)
    egi_machine_restrict(m, delta);
  return EG_OK;
}

// Makes the task at |at|, whose rule is wanted. When it fails there is nothing
// to free.
static eg_status task_init(task *t, egi_run *r, place at) {
  *t = (task){
      .run = r, .at = at, .next = {at.rule + 1, 0}, .is_first = at.page == 0};
  EG_TRY(
      egi_machine_init(&t->machine, r->graph, &rule_of(r, at.rule)->query, 0));
  eg_status status = leave_out_seen(r, rule_of(r, at.rule), &t->machine);
  if (status != EG_OK) {
    egi_machine_fini(&t->machine, r->graph);
    return status;
  }
  uint32_t first = egi_machine_start(&t->machine);
  if (!first)
    return EG_OK;
  t->at.page = at.page ? at.page : first;
  egi_machine_cut(&t->machine, t->at.page, TASK_PAGES);
  uint32_t rest = skip_pages(r->graph, t->at.page);
  if (rest)
    t->next = (place){at.rule, rest};
  return EG_OK;
}

// May be called again.
static void task_fini(task *t) {
  egi_machine_fini(&t->machine, t->run->graph);
  egi_rows_free(t->run->graph, &t->rows);
  t->machine = (egi_machine){0};
}

static size_t task_bytes(const task *t) {
  size_t bytes =
      t->machine.block_size + t->rows.chunks.cap * sizeof *t->rows.chunks.data;
  for (size_t i = 0; i < t->rows.chunks.num; ++i)
    bytes += t->rows.chunks.data[i].cap * sizeof(uint32_t);
  return bytes;
}

//===-- By the rules of one thread ----------------------------------------===//

// Whether the rule may have another match.
static bool may_find(const search *s, const task *t) {
  egi_run *r = s->run;
  uint64_t found = s->found + t->found;
  if (r->round_matches + found == r->limits->matches)
    egi_run_stop(r, EG_STOP_MATCHES, UINT32_MAX);
  else if (found == r->limits->rule_matches)
    egi_run_stop(r, EG_STOP_RULE_MATCHES, (uint32_t)t->at.rule);
  else
    return t->found % EGI_BLOCK != 0 || !egi_run_exhausted(r);
  return false;
}

// Lets a machine that has paused go on, if there is fuel.
static bool may_search(const search *s, task *t) {
  egi_machine *m = &t->machine;
  uint64_t fuel = s->run->limits->fuel - s->steps;
  m->steps -= m->paused; // the step that it did not take
  if (m->steps >= fuel) {
    egi_run_stop(s->run, EG_STOP_FUEL, (uint32_t)t->at.rule);
    return false;
  }
  uint64_t left = fuel - m->steps;
  m->pause_at = m->steps + (left < PATIENCE ? left : PATIENCE);
  m->paused = false;
  return !egi_run_cancelled(s->run);
}

static void run_alone(const search *s, task *t) {
  egi_machine *m = &t->machine;
  m->most = s->most == UINT64_MAX ? UINT64_MAX : s->most - s->raw;
  while (may_search(s, t)) {
    while (egi_machine_next(m))
      if (!may_find(s, t) || !keep_match(t))
        return;
    if (!m->paused)
      return;
  }
}

// Adds a finished task to its rule.
static eg_status join_task(search *s, task *t) {
  egi_run *r = s->run;
  egi_rows *rows = &r->rows.data[t->at.rule];
  if (t->no_memory)
    return egi_fail_at(r->graph, EG_NO_MEMORY, 0, "no memory for matches");
  EG_TRY(EGI_RESERVE(r->graph, &rows->chunks, t->rows.chunks.num));
  for (size_t i = 0; i < t->rows.chunks.num; ++i)
    rows->chunks.data[rows->chunks.num++] = t->rows.chunks.data[i];
  t->rows.chunks.num = 0;
  s->raw += t->machine.found;
  s->found += t->found;
  s->steps += t->machine.steps;
  rule_of(r, t->at.rule)->stats.searched += t->machine.searched;
  s->next = t->next;
  if (s->raw > s->most) { // it loses what it found
    egi_run_pause(r, t->at.rule);
    egi_rows_free(r->graph, rows);
    s->found = 0;
    s->next = (place){t->at.rule + 1, 0};
  }
  return EG_OK;
}

// The rule that was at hand is done.
static void end_rule(search *s) {
  egi_run *r = s->run;
  if (!s->begun)
    return;
  r->round_matches += s->found;
  rule_of(r, s->rule)->stats.matches += s->found;
  r->pauses.data[s->rule].whole = !r->stopped && s->raw <= s->most;
  s->begun = false;
}

static void begin_task(search *s, const task *t) {
  if (!t->is_first)
    return;
  end_rule(s);
  s->rule = t->at.rule;
  s->most = egi_run_most(s->run, s->rule);
  s->raw = s->found = s->steps = 0;
  s->begun = true;
}

static void skip_unwanted(const search *s, place *at) {
  const egi_run *r = s->run;
  while (!at->page && at->rule < r->rules->rules.num &&
         !egi_run_wants(r, at->rule, s->ruleset))
    ++at->rule;
}

// Does the next task, which there is.
static eg_status do_alone(search *s) {
  task t;
  skip_unwanted(s, &s->next);
  EG_TRY(task_init(&t, s->run, s->next));
  begin_task(s, &t);
  run_alone(s, &t);
  eg_status status = join_task(s, &t);
  task_fini(&t);
  return status;
}

//===-- In waves ----------------------------------------------------------===//

// Does task |index| as far as any limit lets it.
static void run_task(void *argument, uint32_t index) {
  task *t = (task *)argument + index;
  const eg_limits *limits = t->run->limits;
  t->machine.most = egi_run_most(t->run, t->at.rule);
  t->machine.pause_at = limits->fuel;
  while (t->found <= limits->matches && t->found <= limits->rule_matches &&
         egi_machine_next(&t->machine))
    if (!keep_match(t))
      return;
}

// Whether joining a task would go beyond a limit, or may; |later|: bytes that
// the wave holds for what comes after it.
static bool reaches_limit(const search *s, const task *t, size_t later) {
  const egi_run *r = s->run;
  uint64_t found = s->found + t->found;
  return t->no_memory || t->machine.paused ||
         s->raw + t->machine.found > s->most ||
         r->round_matches + found > r->limits->matches ||
         found > r->limits->rule_matches ||
         s->steps + t->machine.steps > r->limits->fuel ||
         r->graph->bytes - later >= r->limits->bytes;
}

// Makes the tasks from |s->next| on.
static eg_status make_wave(const search *s, task *wave, uint32_t *out_num) {
  place at = s->next;
  for (*out_num = 0; *out_num < MAX_WAVE; at = wave[(*out_num)++].next) {
    skip_unwanted(s, &at);
    if (at.rule == s->run->rules->rules.num)
      break;
    EG_TRY(task_init(&wave[*out_num], s->run, at));
  }
  return EG_OK;
}

// Joins tasks until one reaches a limit; |*out_all|: none does.
static eg_status join_wave(search *s, task *wave, uint32_t num, bool *out_all) {
  size_t later = 0;
  *out_all = false;
  for (uint32_t i = 0; i < num; ++i)
    later += task_bytes(&wave[i]);
  for (uint32_t i = 0; i < num; ++i) {
    task *t = &wave[i];
    later -= task_bytes(t);
    if (t->at.rule < s->next.rule)
      continue; // its rule pauses now
    if (egi_run_cancelled(s->run))
      return EG_OK;
    begin_task(s, t);
    if (reaches_limit(s, t, later))
      return EG_OK;
    EG_TRY(join_task(s, t));
    task_fini(t);
  }
  *out_all = true;
  return EG_OK;
}

static eg_status do_wave(search *s, bool *out_all) {
  task wave[MAX_WAVE];
  uint32_t num;
  const eg_pool *pool = s->run->options->pool;
  eg_graph *graph = s->run->graph;
  eg_status status = make_wave(s, wave, &num);
  if (status == EG_OK) {
    graph->is_shared = true;
    pool->run(pool->user, run_task, wave, num);
    graph->is_shared = false;
    status = join_wave(s, wave, num, out_all);
  }
  for (uint32_t i = 0; i < num; ++i)
    task_fini(&wave[i]);
  return status;
}

static eg_status search_all(search *s) {
  bool has_threads = egi_has_threads(s->run->options->pool);
  for (;;) {
    bool done = false;
    skip_unwanted(s, &s->next);
    if (s->next.rule == s->run->rules->rules.num || s->run->stopped)
      return EG_OK;
    if (has_threads)
      EG_TRY(do_wave(s, &done));
    if (!done && !s->run->stopped)
      EG_TRY(do_alone(s));
  }
}

// What has changed since each rule was last searched, before any task needs it:
// tasks point to it, and it counts for the limit of bytes.
static eg_status find_changes(egi_run *r, uint32_t ruleset) {
  for (size_t i = 0; i < r->pauses.num; ++i)
    r->pauses.data[i].whole = false;
  if (!r->options->incremental)
    return EG_OK;
  EG_TRY(egi_changes_epoch(r->graph, &r->epoch));
  for (size_t i = 0; i < r->rules->rules.num; ++i)
    if (egi_run_wants(r, i, ruleset))
      EG_TRY(leave_out_seen(r, rule_of(r, i), NULL));
  return EG_OK;
}

eg_status egi_run_search(egi_run *r, uint32_t ruleset) {
  size_t num = r->rules->rules.num;
  r->round_matches = 0;
  EG_TRY(find_changes(r, ruleset));
  EG_TRY(EGI_RESERVE(r->graph, &r->rows, num));
  for (; r->rows.num < num; ++r->rows.num)
    r->rows.data[r->rows.num] = (egi_rows){0};
  search s = {.run = r, .ruleset = ruleset};
  eg_status status = search_all(&s);
  end_rule(&s);
  return status;
}

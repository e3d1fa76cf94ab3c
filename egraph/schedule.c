// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which rounds a run does: schedules, goals, and rules that are held back.
//
// A schedule is a tree of any depth; where the run stands in it is a stack on
// the heap. A part that is repeated ends when a pass over it changes nothing.
#include "run.h"

//===-- Schedulers --------------------------------------------------------===//

static const eg_scheduler *scheduler(const egi_run *r) {
  return &r->options->scheduler;
}

// |base| doubled |times| times.
static uint64_t doubled(uint64_t base, uint32_t times) {
  return times < 64 && base <= UINT64_MAX >> times ? base << times : UINT64_MAX;
}

static bool is_of(const egi_run *r, size_t rule, uint32_t ruleset) {
  return ruleset == EGI_ALL_RULESETS ||
         r->rules->rules.data[rule].ruleset == ruleset;
}

bool egi_run_wants(const egi_run *r, size_t rule, uint32_t ruleset) {
  return is_of(r, rule, ruleset) &&
         r->report->rounds >= r->pauses.data[rule].until;
}

uint64_t egi_run_most(const egi_run *r, size_t rule) {
  uint64_t budget = r->rules->rules.data[rule].budget;
  if (!budget && scheduler(r)->kind == EG_BACKOFF)
    budget = scheduler(r)->matches ? scheduler(r)->matches : 1000;
  return budget ? doubled(budget, r->pauses.data[rule].times) : UINT64_MAX;
}

void egi_run_pause(egi_run *r, size_t rule) {
  egi_pause *pause = &r->pauses.data[rule];
  uint64_t rounds = scheduler(r)->rounds ? scheduler(r)->rounds : 5;
  rounds = doubled(rounds, pause->times);
  uint64_t now = r->report->rounds;
  pause->until = rounds > UINT64_MAX - now ? UINT64_MAX : now + rounds;
  ++pause->times;
  ++r->rules->rules.data[rule].stats.pauses;
}

static uint64_t share(const egi_run *r) {
  const eg_scheduler *s = scheduler(r);
  if (s->kind != EG_SIZE_AWARE)
    return UINT64_MAX;
  double nodes = (s->share > 0 ? s->share : 0.25) * (double)r->graph->num_nodes;
  return nodes < 1000 ? 1000 : nodes < 1e18 ? (uint64_t)nodes : UINT64_MAX;
}

// After a round that changed nothing: lets go those whose turn comes first.
// False: nobody of the ruleset pauses, so nothing is left to do. |r->report|
// counts the round already, egg counts from its beginning.
static bool let_go(egi_run *r, uint32_t ruleset) {
  uint64_t now = r->report->rounds - 1, first = UINT64_MAX;
  bool any = false;
  for (size_t i = 0; i < r->pauses.num; ++i) {
    uint64_t until = r->pauses.data[i].until;
    if (!is_of(r, i, ruleset) || until <= now)
      continue;
    any = true;
    first = until < first ? until : first;
  }
  for (size_t i = 0; any && i < r->pauses.num; ++i)
    if (is_of(r, i, ruleset) && r->pauses.data[i].until > now)
      r->pauses.data[i].until -= first - now;
  return any;
}

//===-- Goals -------------------------------------------------------------===//

static bool stop_at_first(void *user, const eg_match *match) {
  (void)user, (void)match;
  return false;
}

static eg_status check_goals(eg_graph *graph, const eg_goal *goals,
                             uint32_t num) {
  for (uint32_t i = 0; i < num; ++i) {
    bool a = egi_is_class(graph, goals[i].a.id);
    bool b = egi_is_class(graph, goals[i].b.id);
    if (goals[i].query ? !a && goals[i].a.id : !a || !b)
      return egi_fail_at(graph, EG_INVALID, 0, "goal %u names no class",
                         (unsigned)i);
  }
  return EG_OK;
}

// Whether there are goals and all of them hold.
static eg_status reached(egi_run *r, const eg_goal *goals, uint32_t num,
                         bool *out_reached) {
  *out_reached = num > 0;
  for (uint32_t i = 0; *out_reached && i < num; ++i) {
    if (goals[i].query) {
      uint64_t matches;
      EG_TRY(eg_query_search(goals[i].query, goals[i].a, stop_at_first, NULL,
                             &matches));
      *out_reached = matches > 0;
    } else {
      *out_reached = egi_find(r->graph, goals[i].a.id) ==
                     egi_find(r->graph, goals[i].b.id);
    }
  }
  return EG_OK;
}

static eg_status stop_at_goals(egi_run *r) {
  bool done;
  EG_TRY(reached(r, r->options->goals, r->options->num_goals, &done));
  if (done)
    egi_run_stop(r, EG_STOP_GOALS, UINT32_MAX);
  return EG_OK;
}

//===-- Schedules ---------------------------------------------------------===//

// A part of the schedule that has begun.
typedef struct level {
  const eg_schedule *part;
  uint64_t passes; // done
  uint32_t next;   // of its parts
  bool changed;    // in this pass
} level;

typedef EGI_ARRAY(level) levels;

static eg_status enter(egi_run *r, levels *stack, const eg_schedule *part) {
  EG_TRY(check_goals(r->graph, part->until, part->num_until));
  EG_TRY(EGI_RESERVE(r->graph, stack, 1));
  stack->data[stack->num++] = (level){.part = part};
  return EG_OK;
}

static eg_status run_leaf(egi_run *r, const eg_schedule *part,
                          bool *out_changed) {
  uint32_t ruleset = EGI_ALL_RULESETS;
  if (part->ruleset) {
    ruleset = egi_ruleset_find(r->rules, part->ruleset);
    if (ruleset == EGI_ALL_RULESETS)
      return egi_fail_at(r->graph, EG_INVALID, 0, "no ruleset '%.60s'",
                         part->ruleset);
  }
  r->round_share = share(r);
  uint64_t rounds = r->report->rounds;
  EG_TRY(egi_run_round(r, ruleset, out_changed));
  if (!*out_changed && r->report->rounds > rounds)
    *out_changed = let_go(r, ruleset);
  return stop_at_goals(r);
}

// One step of the innermost part: a round, a part of it, or its end.
static eg_status step(egi_run *r, levels *stack, bool *out_changed) {
  level *top = &stack->data[stack->num - 1];
  const eg_schedule *part = top->part;
  bool done = false;
  if (top->next == 0) {
    EG_TRY(reached(r, part->until, part->num_until, &done));
    top->changed = false;
  }
  if (!done && part->num_parts == 0) {
    EG_TRY(run_leaf(r, part, &top->changed));
  } else if (!done && top->next < part->num_parts) {
    return enter(r, stack, &part->parts[top->next++]);
  }
  *out_changed = top->changed || done;
  top->next = 0;
  if (!done && top->changed && ++top->passes < part->times)
    return EG_OK;
  bool changed = top->changed || top->passes > 0;
  if (--stack->num)
    stack->data[stack->num - 1].changed |= changed;
  return EG_OK;
}

static eg_status run_all(egi_run *r, levels *stack) {
  static const eg_schedule saturate = {.times = EG_UNLIMITED};
  const eg_schedule *all = r->options->schedule;
  EG_TRY(EGI_RESERVE(r->graph, &r->pauses, r->rules->rules.num));
  for (; r->pauses.num < r->rules->rules.num; ++r->pauses.num)
    r->pauses.data[r->pauses.num] = (egi_pause){0};
  EG_TRY(stop_at_goals(r));
  EG_TRY(enter(r, stack, all ? all : &saturate));
  bool changed = false;
  while (stack->num && !r->stopped)
    EG_TRY(step(r, stack, &changed));
  egi_run_stop(r, changed ? EG_STOP_SCHEDULE : EG_STOP_SATURATED, UINT32_MAX);
  return EG_OK;
}

eg_status egi_run_schedule(egi_run *r) {
  const eg_scheduler *s = scheduler(r);
  if (!(s->share >= 0))
    return egi_fail_at(r->graph, EG_INVALID, 0, "a share of %g nodes",
                       s->share);
  EG_TRY(check_goals(r->graph, r->options->goals, r->options->num_goals));
  levels stack = {0};
  eg_status status = run_all(r, &stack);
  EGI_RELEASE(r->graph, &stack);
  EGI_RELEASE(r->graph, &r->pauses);
  return status;
}

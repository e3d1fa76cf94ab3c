// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finding the matches of a query: nested index lookups in the order of a plan.
//
// Semi-naive (I. Balbin and K. Ramamohanarao, 1987): a match that is new since a
// time has a first new atom. For each atom in turn, that one takes what is new,
// those before it what is old, those behind it everything. A row is as new as
// its time; a node as the latest change of its class or of a child.
#include "egglog_search.h"

enum { PAUSE = 1 << 16 }; // nodes and rows between questions for a cancel

//===-- Candidates --------------------------------------------------------===//

// Whether the entry of position |i| is |value|, which is bound now if it was
// not.
static bool take(egl_finder *s, const egl_instr *in, uint32_t i,
                 uint32_t value) {
  uint32_t slot = egl_slot_at(s, in->first, i);
  if (s->flags.data[in->flags + i])
    return s->values.data[slot] == value;
  s->values.data[slot] = value;
  return true;
}

static bool right_age(uint8_t wanted, bool is_new) {
  return wanted == EGL_ANY_AGE || (wanted == EGL_NEW_ONLY) == is_new;
}

static bool take_node(egl_finder *s, const egl_instr *in, uint32_t node) {
  const eg_graph *graph = s->p->graph;
  uint32_t num, home = egi_record(graph, node)[0];
  const uint32_t *key = egi_key(graph, node, &num);
  ++s->stats->searched;
  if (!s->subsumed && egi_is_subsumed(graph, node))
    return false;
  if (in->age != EGL_ANY_AGE) {
    bool is_new = egl_stamp_of(s->p, home) > s->since;
    for (uint32_t i = 0; i < num && !is_new; ++i)
      is_new = egl_stamp_of(s->p, key[i]) > s->since;
    if (!right_age(in->age, is_new))
      return false;
  }
  for (uint32_t i = 0; i < num; ++i)
    if (!take(s, in, i, key[i]))
      return false;
  return take(s, in, num, home);
}

static bool take_row(egl_finder *s, const egl_instr *in, const egl_table *t,
                     uint32_t row) {
  const uint32_t *words = egl_row(t, row);
  ++s->stats->searched;
  if (!words[t->arity] || (!s->subsumed && egl_row_subsumed(t, words)) ||
      !right_age(in->age, egl_row_time(t, words) > s->since))
    return false;
  for (uint32_t i = 0; i <= t->arity; ++i)
    if (!take(s, in, i, words[i]))
      return false;
  return true;
}

static const uint32_t *gather(egl_finder *s, const egl_instr *in) {
  for (uint32_t i = 0; i < in->num; ++i)
    s->key.data[i] = s->values.data[egl_slot_at(s, in->first, i)];
  return s->key.data;
}

static bool next_of_all(egl_finder *s, egl_instr *in) {
  const eg_graph *graph = s->p->graph;
  while (in->page) {
    while (in->at < graph->pages.data[in->page].used) {
      uint32_t node = in->page << EGI_PAGE_BITS | in->at++;
      if (egi_is_live(graph, node) && take_node(s, in, node))
        return true;
    }
    in->page = graph->pages.data[in->page].next;
    in->at = 0;
  }
  return false;
}

static bool next_member(egl_finder *s, egl_instr *in) {
  const eg_graph *graph = s->p->graph;
  uint16_t op = s->p->funcs.data[in->func].op;
  uint32_t num;
  const uint32_t *members = egi_members(graph, in->from, &num);
  while (in->at < num) {
    uint32_t node = members[in->at++];
    if (egi_op_of(graph, node) != op)
      return false;
    if (take_node(s, in, node))
      return true;
  }
  return false;
}

static bool next_parent(egl_finder *s, egl_instr *in) {
  const eg_graph *graph = s->p->graph;
  uint16_t op = s->p->funcs.data[in->func].op;
  uint32_t num;
  const uint32_t *parents = egi_parents(graph, in->from, &num);
  while (in->at < num) {
    uint32_t node = parents[in->at++];
    if (egi_op_of(graph, node) == op && take_node(s, in, node))
      return true;
  }
  return false;
}

static const egl_table *table_of(const egl_finder *s, const egl_instr *in) {
  return &s->p->tables.data[s->p->funcs.data[in->func].table];
}

static bool next_row(egl_finder *s, egl_instr *in) {
  const egl_table *t = table_of(s, in);
  while (in->at < in->end)
    if (take_row(s, in, t, in->at++))
      return true;
  return false;
}

static bool next_in_chain(egl_finder *s, egl_instr *in) {
  const egl_table *t = table_of(s, in);
  while (in->at) {
    uint32_t row = in->at - 1;
    in->at = t->indices[in->key].next.data[row];
    if (take_row(s, in, t, row))
      return true;
  }
  return false;
}

// The bound argument with the fewest parents.
static uint32_t fewest_parents(const egl_finder *s, const egl_instr *in) {
  const bool *before = s->flags.data + in->flags + in->num + 1;
  uint32_t best = 0, fewest = UINT32_MAX, num;
  for (uint32_t i = 0; i < in->num; ++i) {
    if (!before[i])
      continue;
    uint32_t id = s->values.data[egl_slot_at(s, in->first, i)];
    egi_parents(s->p->graph, id, &num);
    if (num < fewest) {
      best = id;
      fewest = num;
    }
  }
  return best;
}

static bool only_node(egl_finder *s, const egl_instr *in) {
  uint32_t node = egi_table_find_stale(
      s->p->graph, s->p->funcs.data[in->func].op, 0, gather(s, in), in->num);
  return node && take_node(s, in, node);
}

static bool only_row(egl_finder *s, const egl_instr *in) {
  const egl_table *t = table_of(s, in);
  uint32_t row = egl_table_find(t, gather(s, in));
  return row != EGL_NONE && take_row(s, in, t, row);
}

// The next candidate of a step that is open.
static bool step_next(egl_finder *s, egl_instr *in) {
  switch ((egl_way)in->way) {
  case EGL_ALL_NODES:
    return next_of_all(s, in);
  case EGL_MEMBERS:
    return next_member(s, in);
  case EGL_PARENTS:
    return next_parent(s, in);
  case EGL_ALL_ROWS:
    return next_row(s, in);
  case EGL_CHAIN:
    return next_in_chain(s, in);
  default:
    return false; // had one candidate only
  }
}

static eg_status compute(egl_finder *s, const egl_instr *in, bool *out_found) {
  const uint32_t *args = gather(s, in);
  uint32_t value;
  if (in->func == EGL_NONE) {
    *out_found = args[0] == s->values.data[egl_slot_at(s, in->first, in->num)];
    return EG_OK;
  }
  EG_TRY(egl_prim_apply(s->p, in->func, args, in->num, in->known, &value,
                        out_found));
  *out_found = *out_found && take(s, in, in->num, value);
  return EG_OK;
}

// Opens a step at its first candidate.
static eg_status step_first(egl_finder *s, egl_instr *in, bool *out_found) {
  in->at = 0;
  switch ((egl_way)in->way) {
  case EGL_COMPUTE:
    return compute(s, in, out_found);
  case EGL_NODE_LOOKUP:
    *out_found = only_node(s, in);
    return EG_OK;
  case EGL_ROW_LOOKUP:
    *out_found = only_row(s, in);
    return EG_OK;
  case EGL_ALL_NODES:
    in->page = s->p->graph->ops.data[s->p->funcs.data[in->func].op].first_page;
    break;
  case EGL_MEMBERS: {
    uint32_t num;
    in->from = s->values.data[egl_slot_at(s, in->first, in->num)];
    const uint32_t *members = egi_members(s->p->graph, in->from, &num);
    in->at = egi_lower_bound(s->p->graph, members, num,
                             s->p->funcs.data[in->func].op);
    break;
  }
  case EGL_PARENTS:
    in->from = fewest_parents(s, in);
    break;
  case EGL_ALL_ROWS:
    in->end = egl_table_num(table_of(s, in));
    in->at = in->age == EGL_NEW_ONLY
                 ? egl_table_since(table_of(s, in), s->since)
                 : 0;
    break;
  case EGL_CHAIN: {
    uint32_t value = s->values.data[egl_slot_at(s, in->first, in->key)];
    const egi_words *heads = &table_of(s, in)->indices[in->key].heads;
    in->at = value < heads->num ? heads->data[value] : 0;
    break;
  }
  }
  *out_found = step_next(s, in);
  return EG_OK;
}

//===-- Enumerating -------------------------------------------------------===//

static eg_status yield(egl_finder *s,
                       eg_status (*visit)(void *user, const uint32_t *row),
                       void *user) {
  for (size_t i = 0; i < s->q->row.num; ++i)
    s->row.data[i] = s->values.data[s->q->row.data[i]];
  ++s->stats->matches;
  return visit(user, s->row.data);
}

// Whether the search must end here: cancelled, or out of fuel. A check has all
// the fuel it needs.
static bool must_end(egl_finder *s) {
  const eg_limits *limits = &s->p->options.limits;
  eg_stop why = EG_STOP_SATURATED;
  if (s->stats->searched < s->pause_at)
    return false;
  if (s->stats->searched >= s->fuel_ends)
    why = EG_STOP_FUEL;
  else if (limits->cancel && limits->cancel(limits->user))
    why = EG_STOP_CANCELLED;
  s->pause_at = s->stats->searched + PAUSE;
  if (s->pause_at > s->fuel_ends)
    s->pause_at = s->fuel_ends;
  if (why == EG_STOP_SATURATED)
    return false;
  s->p->stopped = true;
  s->p->report.stop = why;
  return true;
}

static eg_status enumerate(egl_finder *s,
                           eg_status (*visit)(void *user, const uint32_t *row),
                           void *user) {
  size_t at = 0;
  bool forwards = true;
  for (size_t i = 0; i < s->q->consts.num; ++i) {
    const egl_const *c = &s->q->consts.data[i];
    s->values.data[c->slot] = egi_find(s->p->graph, c->value);
  }
  while (!must_end(s)) {
    bool found = true;
    if (at == s->plan.num)
      EG_TRY(yield(s, visit, user));
    else if (forwards)
      EG_TRY(step_first(s, &s->plan.data[at], &found));
    else
      found = step_next(s, &s->plan.data[at]);
    forwards = found && at < s->plan.num;
    if (forwards)
      ++at;
    else if (at-- == 0)
      break;
  }
  return EG_OK;
}

static bool has_news(const egl_finder *s, uint32_t atom) {
  const egl_func *f = egl_func_of(s, atom);
  if (f->kind == EGL_CONSTRUCTOR)
    return f->op >= s->p->op_times.num || s->p->op_times.data[f->op] > s->since;
  const egl_table *t = &s->p->tables.data[f->table];
  return egl_table_since(t, s->since) < egl_table_num(t);
}

static eg_status search_all(egl_finder *s,
                            eg_status (*visit)(void *user, const uint32_t *row),
                            void *user) {
  EG_TRY(egl_finder_reserve(s));
  if (s->since == 0) {
    EG_TRY(egl_make_plan(s, EGL_NONE));
    return enumerate(s, visit, user);
  }
  for (uint32_t delta = 0; delta < s->q->atoms.num; ++delta) {
    if (!has_news(s, delta))
      continue;
    EG_TRY(egl_make_plan(s, delta));
    EG_TRY(enumerate(s, visit, user));
  }
  return EG_OK;
}

eg_status egl_search(eg_egglog *p, const egl_query *query, uint32_t since,
                     bool subsumed, eg_rule_stats *stats,
                     eg_status (*visit)(void *user, const uint32_t *row),
                     void *user) {
  egl_finder s = {
      .p = p, .q = query, .since = since, .subsumed = subsumed, .stats = stats};
  uint64_t fuel = subsumed ? EG_UNLIMITED : p->options.limits.fuel;
  s.fuel_ends = fuel > EG_UNLIMITED - stats->searched ? EG_UNLIMITED
                                                      : stats->searched + fuel;
  s.pause_at = stats->searched + (fuel < PAUSE ? fuel : PAUSE);
  eg_status status = search_all(&s, visit, user);
  egl_finder_free(&s);
  return status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Finding the matches of a query: nested index lookups, planned greedily.
//
// An atom is searched through the most selective way in that the slots bound so
// far allow: by its arguments (one candidate at most), through the members of
// its class, through the parents or the column index of one bound argument, or
// over all its nodes or rows. Primitives run as soon as their arguments are
// bound, so that (+ x 1) is a key and not a filter.
//
// Semi-naive (I. Balbin and K. Ramamohanarao, 1987): a match that is new since a
// time has a first new atom. For each atom in turn, that one takes what is new,
// those before it what is old, those behind it everything. A row is as new as
// its time; a node as the latest change of its class or of a child.
#include "egglog_internal.h"

typedef enum way {
  ALL_NODES,
  NODE_LOOKUP,
  MEMBERS,
  PARENTS,
  ALL_ROWS,
  ROW_LOOKUP,
  CHAIN, // rows with one entry, through the index
  COMPUTE,
} way;

enum { PAUSE = 1 << 16 }; // nodes and rows between questions for a cancel

typedef enum age { ANY_AGE, NEW_ONLY, OLD_ONLY } age;

// One step of a plan, and the place of its enumeration.
typedef struct instr {
  uint8_t way, age;
  bool known;          // COMPUTE: what is not in the graph is no match
  uint32_t func;       // or primitive
  uint32_t first, num; // slots: query args, then the result
  // In flags[]: which of them have a value once those before them are taken; then
  // which had one before the step.
  uint32_t flags;
  uint32_t key;        // of a CHAIN: the column
  uint32_t at, end;    // cursor: node slot, index or row
  uint32_t page, from; // of ALL_NODES: page; of others: class
} instr;

typedef struct search {
  eg_egglog *p;
  const egl_query *q;
  uint32_t since;
  bool subsumed; // matches too
  eg_rule_stats *stats;
  uint64_t fuel_ends, pause_at; // of stats->searched
  EGI_ARRAY(instr) plan;
  EGI_ARRAY(bool) flags;
  EGI_ARRAY(bool) bound;  // by slot
  EGI_ARRAY(bool) placed; // by atom, then by primitive
  egi_words values;       // by slot
  egi_words key;
  egi_words row;
} search;

//===-- Planning ----------------------------------------------------------===//

static const egl_func *func_of(const search *s, uint32_t atom) {
  return &s->p->funcs.data[s->q->atoms.data[atom].func];
}

static uint32_t slot_at(const search *s, uint32_t first, uint32_t i) {
  return s->q->args.data[first + i];
}

static bool all_bound(const search *s, uint32_t first, uint32_t num) {
  for (uint32_t i = 0; i < num; ++i)
    if (!s->bound.data[slot_at(s, first, i)])
      return false;
  return true;
}

static uint64_t size_of(const search *s, const egl_func *f) {
  return f->kind == EGL_CONSTRUCTOR ? s->p->graph->ops.data[f->op].num_live
                                    : s->p->tables.data[f->table].num_live;
}

// The way into an atom, and what it may cost: smaller is better.
static way way_into(const search *s, uint32_t atom, uint64_t *out_cost,
                    uint32_t *out_key) {
  const egl_atom *a = &s->q->atoms.data[atom];
  const egl_func *f = func_of(s, atom);
  bool nodes = f->kind == EGL_CONSTRUCTOR;
  uint32_t num_bound = 0;
  *out_key = EGL_NONE;
  for (uint32_t i = a->num + 1; i--;)
    if (s->bound.data[slot_at(s, a->first, i)]) {
      ++num_bound;
      *out_key = i;
    }
  *out_cost = 0;
  if (all_bound(s, a->first, a->num))
    return nodes ? NODE_LOOKUP : ROW_LOOKUP;
  *out_cost = 100 - (num_bound < 50 ? num_bound : 50);
  if (nodes && s->bound.data[slot_at(s, a->first, a->num)])
    return MEMBERS;
  *out_cost += 100;
  if (num_bound)
    return nodes ? PARENTS : CHAIN;
  *out_cost = 1000 + size_of(s, f);
  return nodes ? ALL_NODES : ALL_ROWS;
}

static eg_status add_instr(search *s, instr in) {
  eg_graph *graph = s->p->graph;
  EG_TRY(EGI_RESERVE(graph, &s->plan, 1));
  EG_TRY(EGI_RESERVE(graph, &s->flags, 2 * ((size_t)in.num + 1)));
  in.flags = (uint32_t)s->flags.num;
  bool *taken = s->flags.data + in.flags, *before = taken + in.num + 1;
  for (uint32_t i = 0; i <= in.num; ++i)
    before[i] = s->bound.data[slot_at(s, in.first, i)];
  for (uint32_t i = 0; i <= in.num; ++i) {
    bool *bound = &s->bound.data[slot_at(s, in.first, i)];
    taken[i] = *bound;
    *bound = true;
  }
  s->flags.num += 2 * ((size_t)in.num + 1);
  s->plan.data[s->plan.num++] = in;
  return EG_OK;
}

static eg_status place_atom(search *s, uint32_t atom, uint32_t delta) {
  const egl_atom *a = &s->q->atoms.data[atom];
  instr in = {.func = a->func, .first = a->first, .num = a->num};
  uint64_t cost;
  in.way = (uint8_t)way_into(s, atom, &cost, &in.key);
  if (atom == delta && (in.way == PARENTS || in.way == CHAIN))
    in.way = func_of(s, atom)->kind == EGL_CONSTRUCTOR ? ALL_NODES : ALL_ROWS;
  if (delta != EGL_NONE)
    in.age = atom == delta ? NEW_ONLY : atom < delta ? OLD_ONLY : ANY_AGE;
  if (in.way == CHAIN)
    EG_TRY(egl_table_index(s->p, &s->p->tables.data[func_of(s, atom)->table],
                           in.key));
  s->placed.data[atom] = true;
  return add_instr(s, in);
}

// Whether only a value that the graph has can match: it is compared with one, or
// looked for.
static bool is_known(const search *s, const egl_compute *c) {
  uint32_t slot = slot_at(s, c->first, c->num);
  if (s->bound.data[slot])
    return true;
  for (size_t i = 0; i < s->q->atoms.num; ++i)
    for (uint32_t k = 0; k <= s->q->atoms.data[i].num; ++k)
      if (slot_at(s, s->q->atoms.data[i].first, k) == slot)
        return true;
  return false;
}

// Everything that can be computed by now.
static eg_status place_computes(search *s) {
  for (bool more = true; more;) {
    more = false;
    for (uint32_t i = 0; i < s->q->computes.num; ++i) {
      const egl_compute *c = &s->q->computes.data[i];
      bool *placed = &s->placed.data[s->q->atoms.num + i];
      uint32_t num = c->prim == EGL_NONE ? c->num + 1 : c->num;
      if (*placed || !all_bound(s, c->first, num))
        continue;
      *placed = more = true;
      EG_TRY(add_instr(s, (instr){.way = COMPUTE,
                                  .known = is_known(s, c),
                                  .func = c->prim,
                                  .first = c->first,
                                  .num = c->num}));
    }
  }
  return EG_OK;
}

static uint32_t next_atom(const search *s) {
  uint32_t best = EGL_NONE, key;
  uint64_t best_cost = UINT64_MAX;
  for (uint32_t i = 0; i < s->q->atoms.num; ++i) {
    uint64_t cost;
    if (s->placed.data[i])
      continue;
    way_into(s, i, &cost, &key);
    if (cost < best_cost) {
      best = i;
      best_cost = cost;
    }
  }
  return best;
}

static eg_status reserve(search *s) {
  eg_graph *graph = s->p->graph;
  const egl_query *q = s->q;
  size_t num_parts = q->atoms.num + q->computes.num;
  EG_TRY(EGI_RESERVE(graph, &s->bound, q->num_slots + 1));
  EG_TRY(EGI_RESERVE(graph, &s->values, q->num_slots + 1));
  EG_TRY(EGI_RESERVE(graph, &s->placed, num_parts + 1));
  EG_TRY(EGI_RESERVE(graph, &s->key, q->args.num + 1));
  return EGI_RESERVE(graph, &s->row, q->row.num + 1);
}

// The plan with |delta| (EGL_NONE = none) as the atom that must be new.
static eg_status make_plan(search *s, uint32_t delta) {
  const egl_query *q = s->q;
  s->plan.num = s->flags.num = 0;
  memset(s->bound.data, 0, q->num_slots);
  memset(s->placed.data, 0, q->atoms.num + q->computes.num);
  for (size_t i = 0; i < q->consts.num; ++i)
    s->bound.data[q->consts.data[i].slot] = true;
  EG_TRY(place_computes(s));
  for (size_t i = 0; i < q->atoms.num; ++i) {
    uint32_t atom = delta != EGL_NONE && i == 0 ? delta : next_atom(s);
    EG_TRY(place_atom(s, atom, delta));
    EG_TRY(place_computes(s));
  }
  return EG_OK;
}

static void search_free(search *s) {
  eg_graph *graph = s->p->graph;
  EGI_RELEASE(graph, &s->plan);
  EGI_RELEASE(graph, &s->flags);
  EGI_RELEASE(graph, &s->bound);
  EGI_RELEASE(graph, &s->placed);
  EGI_RELEASE(graph, &s->values);
  EGI_RELEASE(graph, &s->key);
  EGI_RELEASE(graph, &s->row);
}

static eg_status check_grounded(search *s, uint32_t *out_slot) {
  EG_TRY(reserve(s));
  EG_TRY(make_plan(s, EGL_NONE));
  for (size_t i = 0; i < s->q->computes.num; ++i) {
    const egl_compute *c = &s->q->computes.data[i];
    for (uint32_t k = 0; k <= c->num; ++k)
      if (!s->bound.data[ *out_slot = slot_at(s, c->first, k)])
        return EG_INVALID;
  }
  for (size_t i = 0; i < s->p->vars.num; ++i) {
    *out_slot = s->p->vars.data[i].slot;
    if (*out_slot != EGL_NONE && !s->bound.data[*out_slot])
      return EG_INVALID;
  }
  return EG_OK;
}

eg_status egl_check_grounded(eg_egglog *p, const egl_query *query,
                             uint32_t *out_slot) {
  search s = {.p = p, .q = query};
  eg_status status = check_grounded(&s, out_slot);
  search_free(&s);
  return status;
}

//===-- Candidates --------------------------------------------------------===//

// Whether the entry of position |i| is |value|, which is bound now if it was
// not.
static bool take(search *s, const instr *in, uint32_t i, uint32_t value) {
  uint32_t slot = slot_at(s, in->first, i);
  if (s->flags.data[in->flags + i])
    return s->values.data[slot] == value;
  s->values.data[slot] = value;
  return true;
}

static bool right_age(uint8_t wanted, bool is_new) {
  return wanted == ANY_AGE || (wanted == NEW_ONLY) == is_new;
}

static bool take_node(search *s, const instr *in, uint32_t node) {
  const eg_graph *graph = s->p->graph;
  uint32_t num, home = egi_record(graph, node)[0];
  const uint32_t *key = egi_key(graph, node, &num);
  ++s->stats->searched;
  if (!s->subsumed && egi_is_subsumed(graph, node))
    return false;
  if (in->age != ANY_AGE) {
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

static bool take_row(search *s, const instr *in, const egl_table *t,
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

static const uint32_t *gather(search *s, const instr *in) {
  for (uint32_t i = 0; i < in->num; ++i)
    s->key.data[i] = s->values.data[slot_at(s, in->first, i)];
  return s->key.data;
}

static bool next_of_all(search *s, instr *in) {
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

static bool next_member(search *s, instr *in) {
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

static bool next_parent(search *s, instr *in) {
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

static const egl_table *table_of(const search *s, const instr *in) {
  return &s->p->tables.data[s->p->funcs.data[in->func].table];
}

static bool next_row(search *s, instr *in) {
  const egl_table *t = table_of(s, in);
  while (in->at < in->end)
    if (take_row(s, in, t, in->at++))
      return true;
  return false;
}

static bool next_in_chain(search *s, instr *in) {
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
static uint32_t fewest_parents(const search *s, const instr *in) {
  const bool *before = s->flags.data + in->flags + in->num + 1;
  uint32_t best = 0, fewest = UINT32_MAX, num;
  for (uint32_t i = 0; i < in->num; ++i) {
    if (!before[i])
      continue;
    uint32_t id = s->values.data[slot_at(s, in->first, i)];
    egi_parents(s->p->graph, id, &num);
    if (num < fewest) {
      best = id;
      fewest = num;
    }
  }
  return best;
}

static bool only_node(search *s, const instr *in) {
  uint32_t node = egi_table_find_stale(
      s->p->graph, s->p->funcs.data[in->func].op, 0, gather(s, in), in->num);
  return node && take_node(s, in, node);
}

static bool only_row(search *s, const instr *in) {
  const egl_table *t = table_of(s, in);
  uint32_t row = egl_table_find(t, gather(s, in));
  return row != EGL_NONE && take_row(s, in, t, row);
}

// The next candidate of a step that is open.
static bool step_next(search *s, instr *in) {
  switch ((way)in->way) {
  case ALL_NODES:
    return next_of_all(s, in);
  case MEMBERS:
    return next_member(s, in);
  case PARENTS:
    return next_parent(s, in);
  case ALL_ROWS:
    return next_row(s, in);
  case CHAIN:
    return next_in_chain(s, in);
  default:
    return false; // had one candidate only
  }
}

static eg_status compute(search *s, const instr *in, bool *out_found) {
  const uint32_t *args = gather(s, in);
  uint32_t value;
  if (in->func == EGL_NONE) {
    *out_found = args[0] == s->values.data[slot_at(s, in->first, in->num)];
    return EG_OK;
  }
  EG_TRY(egl_prim_apply(s->p, in->func, args, in->num, in->known, &value,
                        out_found));
  *out_found = *out_found && take(s, in, in->num, value);
  return EG_OK;
}

// Opens a step at its first candidate.
static eg_status step_first(search *s, instr *in, bool *out_found) {
  in->at = 0;
  switch ((way)in->way) {
  case COMPUTE:
    return compute(s, in, out_found);
  case NODE_LOOKUP:
    *out_found = only_node(s, in);
    return EG_OK;
  case ROW_LOOKUP:
    *out_found = only_row(s, in);
    return EG_OK;
  case ALL_NODES:
    in->page = s->p->graph->ops.data[s->p->funcs.data[in->func].op].first_page;
    break;
  case MEMBERS: {
    uint32_t num;
    in->from = s->values.data[slot_at(s, in->first, in->num)];
    const uint32_t *members = egi_members(s->p->graph, in->from, &num);
    in->at = egi_lower_bound(s->p->graph, members, num,
                             s->p->funcs.data[in->func].op);
    break;
  }
  case PARENTS:
    in->from = fewest_parents(s, in);
    break;
  case ALL_ROWS:
    in->end = egl_table_num(table_of(s, in));
    in->at =
        in->age == NEW_ONLY ? egl_table_since(table_of(s, in), s->since) : 0;
    break;
  case CHAIN: {
    uint32_t value = s->values.data[slot_at(s, in->first, in->key)];
    const egi_words *heads = &table_of(s, in)->indices[in->key].heads;
    in->at = value < heads->num ? heads->data[value] : 0;
    break;
  }
  }
  *out_found = step_next(s, in);
  return EG_OK;
}

//===-- Enumerating -------------------------------------------------------===//

static eg_status yield(search *s,
                       eg_status (*visit)(void *user, const uint32_t *row),
                       void *user) {
  for (size_t i = 0; i < s->q->row.num; ++i)
    s->row.data[i] = s->values.data[s->q->row.data[i]];
  ++s->stats->matches;
  return visit(user, s->row.data);
}

// Whether the search must end here: cancelled, or out of fuel. A check has all
// the fuel it needs.
static bool must_end(search *s) {
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

static eg_status enumerate(search *s,
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

static bool has_news(const search *s, uint32_t atom) {
  const egl_func *f = func_of(s, atom);
  if (f->kind == EGL_CONSTRUCTOR)
    return f->op >= s->p->op_times.num || s->p->op_times.data[f->op] > s->since;
  const egl_table *t = &s->p->tables.data[f->table];
  return egl_table_since(t, s->since) < egl_table_num(t);
}

static eg_status search_all(search *s,
                            eg_status (*visit)(void *user, const uint32_t *row),
                            void *user) {
  EG_TRY(reserve(s));
  if (s->since == 0) {
    EG_TRY(make_plan(s, EGL_NONE));
    return enumerate(s, visit, user);
  }
  for (uint32_t delta = 0; delta < s->q->atoms.num; ++delta) {
    if (!has_news(s, delta))
      continue;
    EG_TRY(make_plan(s, delta));
    EG_TRY(enumerate(s, visit, user));
  }
  return EG_OK;
}

eg_status egl_search(eg_egglog *p, const egl_query *query, uint32_t since,
                     bool subsumed, eg_rule_stats *stats,
                     eg_status (*visit)(void *user, const uint32_t *row),
                     void *user) {
  search s = {
      .p = p, .q = query, .since = since, .subsumed = subsumed, .stats = stats};
  uint64_t fuel = subsumed ? EG_UNLIMITED : p->options.limits.fuel;
  s.fuel_ends = fuel > EG_UNLIMITED - stats->searched ? EG_UNLIMITED
                                                      : stats->searched + fuel;
  s.pause_at = stats->searched + (fuel < PAUSE ? fuel : PAUSE);
  eg_status status = search_all(&s, visit, user);
  search_free(&s);
  return status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The order in which a query is searched, chosen greedily.
//
// An atom is searched through the most selective way in that the slots bound so
// far allow: by its arguments (one candidate at most), through the members of
// its class, through the parents or the column index of one bound argument, or
// over all its nodes or rows. Primitives run as soon as their arguments are
// bound, so that (+ x 1) is a key and not a filter.
#include "egglog_search.h"

static bool all_bound(const egl_finder *s, uint32_t first, uint32_t num) {
  for (uint32_t i = 0; i < num; ++i)
    if (!s->bound.data[egl_slot_at(s, first, i)])
      return false;
  return true;
}

static uint64_t size_of(const egl_finder *s, const egl_func *f) {
  return f->kind == EGL_CONSTRUCTOR ? s->p->graph->ops.data[f->op].num_live
                                    : s->p->tables.data[f->table].num_live;
}

// The way into an atom, and what it may cost: smaller is better.
static egl_way way_into(const egl_finder *s, uint32_t atom, uint64_t *out_cost,
                        uint32_t *out_key) {
  const egl_atom *a = &s->q->atoms.data[atom];
  const egl_func *f = egl_func_of(s, atom);
  bool nodes = f->kind == EGL_CONSTRUCTOR;
  uint32_t num_bound = 0;
  *out_key = EGL_NONE;
  for (uint32_t i = a->num + 1; i--;)
    if (s->bound.data[egl_slot_at(s, a->first, i)]) {
      ++num_bound;
      *out_key = i;
    }
  *out_cost = 0;
  if (all_bound(s, a->first, a->num))
    return nodes ? EGL_NODE_LOOKUP : EGL_ROW_LOOKUP;
  *out_cost = 100 - (num_bound < 50 ? num_bound : 50);
  if (nodes && s->bound.data[egl_slot_at(s, a->first, a->num)])
    return EGL_MEMBERS;
  *out_cost += 100;
  if (num_bound)
    return nodes ? EGL_PARENTS : EGL_CHAIN;
  *out_cost = 1000 + size_of(s, f);
  return nodes ? EGL_ALL_NODES : EGL_ALL_ROWS;
}

static eg_status add_instr(egl_finder *s, egl_instr in) {
  eg_graph *graph = s->p->graph;
  EG_TRY(EGI_RESERVE(graph, &s->plan, 1));
  EG_TRY(EGI_RESERVE(graph, &s->flags, 2 * ((size_t)in.num + 1)));
  in.flags = (uint32_t)s->flags.num;
  bool *taken = s->flags.data + in.flags, *before = taken + in.num + 1;
  for (uint32_t i = 0; i <= in.num; ++i)
    before[i] = s->bound.data[egl_slot_at(s, in.first, i)];
  for (uint32_t i = 0; i <= in.num; ++i) {
    bool *bound = &s->bound.data[egl_slot_at(s, in.first, i)];
    taken[i] = *bound;
    *bound = true;
  }
  s->flags.num += 2 * ((size_t)in.num + 1);
  s->plan.data[s->plan.num++] = in;
  return EG_OK;
}

static eg_status place_atom(egl_finder *s, uint32_t atom, uint32_t delta) {
  const egl_atom *a = &s->q->atoms.data[atom];
  egl_instr in = {.func = a->func, .first = a->first, .num = a->num};
  uint64_t cost;
  in.way = (uint8_t)way_into(s, atom, &cost, &in.key);
  if (atom == delta && (in.way == EGL_PARENTS || in.way == EGL_CHAIN))
    in.way = egl_func_of(s, atom)->kind == EGL_CONSTRUCTOR ? EGL_ALL_NODES
                                                           : EGL_ALL_ROWS;
  if (delta != EGL_NONE)
    in.age = atom == delta  ? EGL_NEW_ONLY
             : atom < delta ? EGL_OLD_ONLY
                            : EGL_ANY_AGE;
  if (in.way == EGL_CHAIN)
    EG_TRY(egl_table_index(
        s->p, &s->p->tables.data[egl_func_of(s, atom)->table], in.key));
  s->placed.data[atom] = true;
  return add_instr(s, in);
}

// Whether only a value that the graph has can match: it is compared with one, or
// looked for.
static bool is_known(const egl_finder *s, const egl_compute *c) {
  uint32_t slot = egl_slot_at(s, c->first, c->num);
  if (s->bound.data[slot])
    return true;
  for (size_t i = 0; i < s->q->atoms.num; ++i)
    for (uint32_t k = 0; k <= s->q->atoms.data[i].num; ++k)
      if (egl_slot_at(s, s->q->atoms.data[i].first, k) == slot)
        return true;
  return false;
}

// Everything that can be computed by now.
static eg_status place_computes(egl_finder *s) {
  for (bool more = true; more;) {
    more = false;
    for (uint32_t i = 0; i < s->q->computes.num; ++i) {
      const egl_compute *c = &s->q->computes.data[i];
      bool *placed = &s->placed.data[s->q->atoms.num + i];
      uint32_t num = c->prim == EGL_NONE ? c->num + 1 : c->num;
      if (*placed || !all_bound(s, c->first, num))
        continue;
      *placed = more = true;
      EG_TRY(add_instr(s, (egl_instr){.way = EGL_COMPUTE,
                                      .known = is_known(s, c),
                                      .func = c->prim,
                                      .first = c->first,
                                      .num = c->num}));
    }
  }
  return EG_OK;
}

static uint32_t next_atom(const egl_finder *s) {
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

eg_status egl_finder_reserve(egl_finder *s) {
  eg_graph *graph = s->p->graph;
  const egl_query *q = s->q;
  size_t num_parts = q->atoms.num + q->computes.num;
  EG_TRY(EGI_RESERVE(graph, &s->bound, q->num_slots + 1));
  EG_TRY(EGI_RESERVE(graph, &s->values, q->num_slots + 1));
  EG_TRY(EGI_RESERVE(graph, &s->placed, num_parts + 1));
  EG_TRY(EGI_RESERVE(graph, &s->key, q->args.num + 1));
  return EGI_RESERVE(graph, &s->row, q->row.num + 1);
}

eg_status egl_make_plan(egl_finder *s, uint32_t delta) {
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

void egl_finder_free(egl_finder *s) {
  eg_graph *graph = s->p->graph;
  EGI_RELEASE(graph, &s->plan);
  EGI_RELEASE(graph, &s->flags);
  EGI_RELEASE(graph, &s->bound);
  EGI_RELEASE(graph, &s->placed);
  EGI_RELEASE(graph, &s->values);
  EGI_RELEASE(graph, &s->key);
  EGI_RELEASE(graph, &s->row);
}

static eg_status check_grounded(egl_finder *s, uint32_t *out_slot) {
  EG_TRY(egl_finder_reserve(s));
  EG_TRY(egl_make_plan(s, EGL_NONE));
  for (size_t i = 0; i < s->q->computes.num; ++i) {
    const egl_compute *c = &s->q->computes.data[i];
    for (uint32_t k = 0; k <= c->num; ++k)
      if (!s->bound.data[ *out_slot = egl_slot_at(s, c->first, k)])
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
  egl_finder s = {.p = p, .q = query};
  eg_status status = check_grounded(&s, out_slot);
  egl_finder_free(&s);
  return status;
}

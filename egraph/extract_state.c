// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A running choice with its exact DAG cost under single changes.
//
// Invariant: the choice is acyclic over *all* classes, reached or not, so that
// switching a class on can never run in a circle. A change of one class keeps
// it if no walk from the new node meets the class. Switching on before
// switching off leaves what both need alone.
#include "extract_internal.h"

eg_status egi_state_make(egi_arena *arena, const egi_net *net,
                         egi_state *out_state) {
  uint32_t num = net->p.num_classes;
  *out_state = (egi_state){.net = net};
  out_state->choice = EGI_NEW(arena, uint32_t, num);
  out_state->refs = EGI_NEW(arena, uint32_t, num);
  out_state->stack = EGI_NEW(arena, uint32_t, num + 1);
  out_state->stamp = EGI_NEW(arena, uint32_t, num);
  out_state->trail = EGI_NEW(arena, uint32_t, 2 * (size_t)net->p.num_children);
  return out_state->choice && out_state->refs && out_state->stack &&
                 out_state->stamp && out_state->trail
             ? EG_OK
             : EG_NO_MEMORY;
}

// Counts the children of |node| up, and switches on what was off.
static void add(egi_state *s, uint32_t node) {
  const eg_problem *p = &s->net->p;
  uint32_t num = 0;
  for (;;) {
    s->work += p->first_child[node + 1] - p->first_child[node] + 1;
    for (EGI_CHILDREN(p, e, node)) {
      uint32_t d = p->children[e];
      if (s->refs[d]++ == 0) {
        s->total += p->costs[s->choice[d]];
        s->stack[num++] = d;
      }
    }
    if (!num)
      return;
    node = s->choice[s->stack[--num]];
  }
}

static void take(egi_state *s, uint32_t node) {
  const eg_problem *p = &s->net->p;
  uint32_t num = 0;
  for (;;) {
    s->work += p->first_child[node + 1] - p->first_child[node] + 1;
    for (EGI_CHILDREN(p, e, node)) {
      uint32_t d = p->children[e];
      if (--s->refs[d] == 0) {
        s->total -= p->costs[s->choice[d]];
        s->stack[num++] = d;
      }
    }
    if (!num)
      return;
    node = s->choice[s->stack[--num]];
  }
}

void egi_state_hold(egi_state *s, uint32_t id) {
  if (s->refs[id]++ > 0)
    return;
  s->total += s->net->p.costs[s->choice[id]];
  add(s, s->choice[id]);
}

void egi_state_drop(egi_state *s, uint32_t id) {
  if (--s->refs[id] > 0)
    return;
  s->total -= s->net->p.costs[s->choice[id]];
  take(s, s->choice[id]);
}

void egi_state_set(egi_state *s, const uint32_t *choice) {
  const eg_problem *p = &s->net->p;
  memcpy(s->choice, choice, p->num_classes * sizeof *choice);
  memset(s->refs, 0, p->num_classes * sizeof *s->refs);
  s->total = 0;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    egi_state_hold(s, p->roots[r]);
}

bool egi_state_reaches(egi_state *s, uint32_t node, uint32_t id) {
  const eg_problem *p = &s->net->p;
  uint32_t num = 0;
  ++s->now;
  for (;;) {
    s->work += p->first_child[node + 1] - p->first_child[node] + 1;
    for (EGI_CHILDREN(p, e, node)) {
      uint32_t d = p->children[e];
      if (d == id)
        return true;
      if (s->stamp[d] == s->now)
        continue;
      s->stamp[d] = s->now;
      s->stack[num++] = d;
    }
    if (!num)
      return false;
    node = s->choice[s->stack[--num]];
  }
}

void egi_state_switch(egi_state *s, uint32_t node) {
  uint32_t id = s->net->owner[node], old = s->choice[id];
  if (s->refs[id]) {
    s->total += s->net->p.costs[node] - s->net->p.costs[old];
    add(s, node);
    take(s, old);
  }
  s->choice[id] = node;
}

// As add, with a trail, and gives up when more than |budget| would be spent.
static bool add_within(egi_state *s, uint32_t node, double budget) {
  const eg_problem *p = &s->net->p;
  double limit = s->total + budget;
  uint32_t num = 0;
  for (;;) {
    for (EGI_CHILDREN(p, e, node)) {
      uint32_t d = p->children[e];
      s->trail[s->num_trail++] = d;
      if (s->refs[d]++ == 0) {
        s->total += p->costs[s->choice[d]];
        s->stack[num++] = d;
      }
    }
    if (s->total >= limit)
      return false;
    if (!num)
      return true;
    node = s->choice[s->stack[--num]];
  }
}

static void take_trailed(egi_state *s, uint32_t node) {
  const eg_problem *p = &s->net->p;
  uint32_t num = 0;
  for (;;) {
    for (EGI_CHILDREN(p, e, node)) {
      uint32_t d = p->children[e];
      s->trail[s->num_trail++] = d;
      if (--s->refs[d] == 0) {
        s->total -= p->costs[s->choice[d]];
        s->stack[num++] = d;
      }
    }
    if (!num)
      return;
    node = s->choice[s->stack[--num]];
  }
}

double egi_state_saving(egi_state *s, uint32_t id) {
  double total = s->total;
  s->num_trail = 0;
  take_trailed(s, s->choice[id]);
  double saving = total - s->total + s->net->p.costs[s->choice[id]];
  for (uint32_t i = 0; i < s->num_trail; ++i)
    ++s->refs[s->trail[i]];
  s->work += s->num_trail + 1;
  s->total = total;
  return saving;
}

bool egi_state_try(egi_state *s, uint32_t node, double saving, double limit) {
  const double *costs = s->net->p.costs;
  uint32_t id = s->net->owner[node], old = s->choice[id];
  double total = s->total;
  // What the node costs more, what it needs, less what the old one saves.
  double budget = limit - total + saving - costs[node];
  if (budget <= 0)
    return false;
  s->num_trail = 0;
  bool good = add_within(s, node, budget);
  uint32_t added = s->num_trail;
  if (good) {
    s->total += costs[node] - costs[old];
    take_trailed(s, old);
    good = s->total < limit && !egi_state_reaches(s, node, id);
  }
  s->work += s->num_trail + 1;
  if (good) {
    s->choice[id] = node;
    return true;
  }
  for (uint32_t i = 0; i < added; ++i)
    --s->refs[s->trail[i]];
  for (uint32_t i = added; i < s->num_trail; ++i)
    ++s->refs[s->trail[i]];
  s->total = total; // without the rounding of there and back
  return false;
}

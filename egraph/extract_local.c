// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Local search over choices with their exact DAG cost.
//
// Tree optimum and greedy both fix a class from below, before they know what
// will be paid for anyway. So: start from either, then
//   reprice   Knuth with the classes that are reached for nothing: what every
//             other class would really add;
//   switch    a class to another of its nodes, if the exact total falls;
//   hub       pay for a class that several nodes would use, let its users
//             switch, keep it if it was worth it (two classes that only gain
//             together are the pair case of this);
//   kick      a few random switches, then the same again; keep the best.
//
// Which trials are worth making: the saving of a class is the cost of what it
// alone holds, the subtree of the dominator tree of the reached DAG. Sums over
// that tree give all savings in one sweep, and a trial ends when it has spent
// more.
#include "extract_internal.h"

#include <math.h>

typedef struct local {
  eg_extraction *x;
  const egi_net *net;
  egi_state state;
  egi_knuth knuth;
  // Of the reached DAG, parents before children.
  uint32_t *order, num_order;
  // By class: immediate dominator (the roots' is EG_NO_NODE), an ancestor
  // farther up (E. W. Myers, 1983), depth.
  uint32_t *idom, *jump, *depth;
  uint32_t *waiting;
  double *saving;
  bool negative;
  uint64_t cap;           // work of the state at which a descent ends
  uint64_t spent;         // work of the state that was reported
  uint32_t *log, num_log; // nodes that a hub move replaced
  uint32_t *keep;         // the best choice of this search
  double keep_total;
} local;

static bool going(local *l) {
  uint64_t work = l->state.work - l->spent;
  l->spent = l->state.work;
  return eg_extraction_work(l->x, work) && l->state.work < l->cap;
}

enum {
  CHAIN_ROOTS = 8,    // a chain says little where there are many
  KICKS = 20,         // without success
  DESCENT_WORK = 250, // times the edges: deep sharing has no end of moves
  KICK_WORK = 2,      // times the work of the descents before them
};

// Smaller by more than rounding.
static double below(double total) {
  return total - 1e-9 * (fabs(total) + 1e-3);
}

//===-- Savings -----------------------------------------------------------===//

// Reached classes, parents first. O(edges reached).
static void order_reached(local *l) {
  const eg_problem *p = &l->net->p;
  egi_state *s = &l->state;
  l->num_order = 0;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    l->waiting[c] = s->refs[c];
  for (uint32_t r = 0; r < p->num_roots; ++r)
    if (--l->waiting[p->roots[r]] == 0)
      l->order[l->num_order++] = p->roots[r];
  for (uint32_t i = 0; i < l->num_order; ++i)
    for (EGI_CHILDREN(p, e, s->choice[l->order[i]]))
      if (--l->waiting[p->children[e]] == 0)
        l->order[l->num_order++] = p->children[e];
}

static uint32_t depth_of(const local *l, uint32_t id) {
  return id == EG_NO_NODE ? 0 : l->depth[id];
}

static uint32_t jump_of(const local *l, uint32_t id) {
  return id == EG_NO_NODE ? EG_NO_NODE : l->jump[id];
}

// Depth and jump of a class whose dominator is known.
static void hang(local *l, uint32_t id) {
  uint32_t up = l->idom[id], far = jump_of(l, up), farther = jump_of(l, far);
  bool even = depth_of(l, up) - depth_of(l, far) ==
              depth_of(l, far) - depth_of(l, farther);
  l->jump[id] = even ? farther : up;
  l->depth[id] = depth_of(l, up) + 1;
}

// The nearest common ancestor, O(log depth): a constant below a deep chain has
// a user at every level of it. Jumps of one depth end at one depth.
static uint32_t common(local *l, uint32_t a, uint32_t b) {
  while (a != b && a != EG_NO_NODE) {
    ++l->state.work;
    if (l->depth[a] < l->depth[b]) {
      uint32_t deeper = b;
      b = a;
      a = deeper;
    }
    uint32_t far = l->jump[a];
    if (l->depth[a] > l->depth[b]) {
      a = depth_of(l, far) < l->depth[b] ? l->idom[a] : far;
      continue;
    }
    bool apart = far != l->jump[b];
    a = apart ? far : l->idom[a];
    b = apart ? l->jump[b] : l->idom[b];
  }
  return a;
}

// Immediate dominators of a DAG in one pass over a topological order, and the
// sums of costs over the tree they form.
static void find_savings(local *l) {
  const eg_problem *p = &l->net->p;
  const egi_state *s = &l->state;
  order_reached(l);
  for (uint32_t i = 0; i < l->num_order; ++i)
    l->depth[l->order[i]] = 0; // not seen
  for (uint32_t r = 0; r < p->num_roots; ++r) {
    l->idom[p->roots[r]] = EG_NO_NODE;
    l->depth[p->roots[r]] = 1;
  }
  for (uint32_t i = 0; i < l->num_order; ++i) {
    uint32_t c = l->order[i];
    l->saving[c] = p->costs[s->choice[c]];
    hang(l, c);
    for (EGI_CHILDREN(p, e, s->choice[c])) {
      uint32_t d = p->children[e];
      l->idom[d] = l->depth[d] ? common(l, l->idom[d], c) : c;
      l->depth[d] = 1;
    }
  }
  for (uint32_t i = l->num_order; i-- > 0;) {
    uint32_t c = l->order[i];
    if (l->idom[c] != EG_NO_NODE)
      l->saving[l->idom[c]] += l->saving[c];
  }
  l->state.work += 2 * (uint64_t)l->num_order;
}

//===-- Moves -------------------------------------------------------------===//

static void reprice(local *l) {
  egi_knuth_run(&l->knuth, l->net, l->net->p.costs, l->state.refs,
                l->state.choice);
  l->state.work += l->net->p.num_children + l->net->p.num_nodes;
}

// The best single switch of class |id| with what it could save at most.
static bool improve_class(local *l, uint32_t id, double saving) {
  egi_state *s = &l->state;
  bool improved = false;
  if (l->negative)
    saving = INFINITY;
  for (EGI_NODES(&l->net->p, n, id))
    if (n != s->choice[id] && egi_state_try(s, n, saving, below(s->total))) {
      improved = true;
      saving = l->negative ? INFINITY : egi_state_saving(s, id);
    } else if (!going(l)) {
      break;
    }
  return improved;
}

static bool sweep(local *l) {
  egi_state *s = &l->state;
  const eg_problem *p = &l->net->p;
  bool improved = false;
  find_savings(l);
  for (uint32_t i = 0; i < l->num_order; ++i) {
    uint32_t c = l->order[i];
    if (!s->refs[c] || p->first_node[c + 1] - p->first_node[c] < 2)
      continue;
    improved |= improve_class(l, c, l->saving[c]);
    if (!going(l))
      return false;
  }
  return improved;
}

static void descend(local *l) {
  do {
    while (sweep(l))
      continue;
    reprice(l);
  } while (sweep(l));
}

// Lets the users of |id|, which is held, switch to nodes that use it.
static void switch_users(local *l, uint32_t id) {
  egi_state *s = &l->state;
  for (EGI_USERS(l->net, u, id)) {
    uint32_t node = l->net->users[u], c = l->net->owner[node];
    uint32_t old = s->choice[c];
    if (!s->refs[c] || old == node || l->num_log == l->net->p.num_classes)
      continue;
    if (!going(l))
      return;
    double saving = l->negative ? INFINITY : egi_state_saving(s, c);
    if (egi_state_try(s, node, saving, s->total + 1e-12 * fabs(s->total)))
      l->log[l->num_log++] = old;
  }
}

static bool try_hub(local *l, uint32_t id) {
  egi_state *s = &l->state;
  double before = s->total;
  l->num_log = 0;
  egi_state_hold(s, id);
  switch_users(l, id);
  egi_state_drop(s, id);
  if (s->total < below(before))
    return true;
  while (l->num_log)
    egi_state_switch(s, l->log[--l->num_log]);
  s->total = before;
  return false;
}

// Classes that are not reached, but that nodes of reached classes would use.
static bool hubs(local *l) {
  egi_state *s = &l->state;
  bool improved = false;
  for (uint32_t h = 0; h < l->net->p.num_classes; ++h) {
    uint32_t would = 0;
    for (EGI_USERS(l->net, u, h))
      would += s->refs[l->net->owner[l->net->users[u]]] > 0;
    s->work += l->net->first_user[h + 1] - l->net->first_user[h];
    if (s->refs[h] || would < 2)
      continue;
    improved |= try_hub(l, h);
    if (!going(l))
      return false;
  }
  return improved;
}

static void settle(local *l) {
  do
    descend(l);
  while (hubs(l));
}

//===-- The search --------------------------------------------------------===//

static void keep(local *l) {
  if (l->state.total >= l->keep_total)
    return;
  l->keep_total = l->state.total;
  memcpy(l->keep, l->state.choice, l->net->p.num_classes * sizeof *l->keep);
}

static void start_from(local *l, const uint32_t *choice) {
  const eg_problem *p = &l->net->p;
  l->cap =
      l->state.work + ((uint64_t)p->num_children + p->num_nodes) * DESCENT_WORK;
  egi_state_set(&l->state, choice);
  settle(l);
  keep(l);
}

static eg_status make(local *l, egi_arena *arena) {
  uint32_t num = l->net->p.num_classes;
  l->order = EGI_NEW(arena, uint32_t, num);
  l->idom = EGI_NEW(arena, uint32_t, num);
  l->jump = EGI_NEW(arena, uint32_t, num);
  l->depth = EGI_NEW(arena, uint32_t, num);
  l->waiting = EGI_NEW(arena, uint32_t, num);
  l->saving = EGI_NEW(arena, double, num);
  l->log = EGI_NEW(arena, uint32_t, num);
  l->keep = EGI_NEW(arena, uint32_t, num);
  if (!l->order || !l->idom || !l->jump || !l->depth || !l->waiting || !l->saving ||
      !l->log || !l->keep)
    return EG_NO_MEMORY;
  l->keep_total = INFINITY;
  l->negative = egi_has_negative(&l->net->p);
  EG_TRY(egi_state_make(arena, l->net, &l->state));
  return egi_knuth_make(arena, l->net, &l->knuth);
}

// A few reached classes take another node at random.
static void kick(local *l) {
  egi_state *s = &l->state;
  const eg_problem *p = &l->net->p;
  enum { TRIALS = 16, STRENGTH = 3 };
  uint32_t changed = 0;
  order_reached(l);
  for (int i = 0; i < TRIALS && changed < STRENGTH && l->num_order; ++i) {
    uint32_t c = l->order[egi_random_below(l->x, l->num_order)];
    uint32_t num = p->first_node[c + 1] - p->first_node[c];
    uint32_t node = p->first_node[c] + egi_random_below(l->x, num);
    if (!s->refs[c] || node == s->choice[c] || egi_state_reaches(s, node, c))
      continue;
    egi_state_switch(s, node);
    ++changed;
  }
}

// Kicks from the best choice, until |kicks| of them in a row found nothing
// better or they have cost |factor| times the work before them.
static void kick_on(local *l, uint32_t kicks, uint64_t factor) {
  const eg_problem *p = &l->net->p;
  uint64_t most = ((uint64_t)p->num_children + p->num_nodes) * DESCENT_WORK;
  uint64_t more = l->state.work * factor;
  uint64_t limit = l->state.work + (more < most ? more : most);
  l->cap = limit;
  for (uint32_t i = 0; i < kicks && l->state.work < limit && going(l); ++i) {
    double before = l->keep_total;
    egi_state_set(&l->state, l->keep);
    kick(l);
    settle(l);
    keep(l);
    if (l->keep_total < below(before))
      i = 0;
  }
}

static eg_status search(local *l, bool has_choice, uint32_t kicks,
                        uint32_t *choice) {
  eg_extraction *x = l->x;
  EG_TRY(make(l, &x->arena));
  if (has_choice)
    start_from(l, choice);
  egi_knuth_run(&l->knuth, l->net, l->net->p.costs, NULL, choice);
  start_from(l, choice);
  EG_TRY(egi_dag_choice(x, l->net, choice));
  start_from(l, choice);
  kick_on(l, kicks, KICK_WORK);
  memcpy(choice, l->keep, l->net->p.num_classes * sizeof *choice);
  return EG_OK;
}

eg_status egi_local(eg_extraction *x, const egi_net *net, bool has_choice,
                    uint32_t kicks, uint32_t *choice, double *out_total) {
  egi_mark mark = egi_arena_mark(&x->arena);
  local l = {.x = x, .net = net};
  eg_status status = search(&l, has_choice, kicks, choice);
  *out_total = l.keep_total;
  egi_arena_reset(&x->arena, mark);
  return status;
}

eg_status egi_polish(eg_extraction *x, const egi_net *net, uint32_t *choice,
                     double *out_total) {
  egi_mark mark = egi_arena_mark(&x->arena);
  local l = {.x = x, .net = net};
  EG_TRY(make(&l, &x->arena));
  start_from(&l, choice);
  memcpy(choice, l.keep, net->p.num_classes * sizeof *choice);
  *out_total = l.keep_total;
  egi_arena_reset(&x->arena, mark);
  return EG_OK;
}

// Presolve by neighbours costs less than it saves here.
eg_status egi_ground_make(eg_extraction *x, bool deep, egi_ground *out) {
  *out = (egi_ground){.net = &x->net};
  out->whole = EGI_NEW(&x->arena, uint32_t, x->net.p.num_classes);
  if (!out->whole)
    return EG_NO_MEMORY;
  if (egi_has_negative(&x->net.p))
    return EG_OK;
  const uint8_t *keep = NULL;
  uint32_t mask = x->options->presolve;
  if (mask & EG_PRESOLVE(BOUND) && x->net.p.num_roots <= CHAIN_ROOTS) {
    uint8_t *chain = EGI_NEW(&x->arena, uint8_t, x->net.p.num_nodes);
    if (!chain)
      return EG_NO_MEMORY;
    EG_TRY(egi_chain_keep(&x->arena, &x->net, x->best_dag, chain));
    keep = chain;
  }
  EG_TRY(egi_presolve_kept(&x->arena, &x->net, keep, mask & ~EG_PRESOLVE(BOUND),
                           INFINITY, deep, x, &out->reduced));
  out->is_done = out->reduced.closed;
  if (out->is_done)
    eg_extraction_bound(x, x->best_dag);
  out->net = &out->reduced.net;
  out->is_reduced = true;
  return EG_OK;
}

eg_status egi_ground_offer(eg_extraction *x, egi_ground *ground,
                           const uint32_t *choice) {
  if (!ground->is_reduced)
    return egi_offer(x, ground->net, choice);
  egi_unreduce(&ground->reduced, &x->net, choice, ground->whole);
  return egi_offer(x, &x->net, ground->whole);
}

eg_status egi_run_local(void *user, eg_extraction *x) {
  (void)user;
  egi_ground ground;
  double total;
  EG_TRY(egi_ground_make(x, false, &ground));
  if (ground.is_done)
    return EG_OK;
  uint32_t *choice = EGI_NEW(&x->arena, uint32_t, ground.net->p.num_classes);
  if (!choice)
    return EG_NO_MEMORY;
  EG_TRY(egi_local(x, ground.net, false, KICKS, choice, &total));
  return egi_ground_offer(x, &ground, choice);
}

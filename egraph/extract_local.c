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
//   kick      a few random switches of the best choice, then the same again;
//   restart   greedy under noisy prices, at which a class is the cheaper the
//             more users it has in the best choice; then the same again.
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
  double *prices; // of a restart, by node
} local;

static bool going(local *l) {
  uint64_t work = l->state.work - l->spent;
  l->spent = l->state.work;
  return eg_extraction_work(l->x, work) && l->state.work < l->cap;
}

enum {
  DESCENT_WORK = 250, // times the edges: deep sharing has no end of moves
  KICKS = 5,          // without success, after each restart
  RESTARTS = 4,       // without success, unless options say how many,
  RESTART_WORK = 4,   // and no more than so many times the work before them,
                      // or once it where negative costs make trials long
};
static const double NOISE = 1; // prices of a restart: from half to 1.5 times

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

// The same without repricing, which is most of the work after a small change.
static void settle_again(local *l) {
  do
    while (sweep(l))
      continue;
  while (hubs(l));
}

//===-- The search --------------------------------------------------------===//

static void keep(local *l) {
  if (l->state.total >= l->keep_total)
    return;
  l->keep_total = l->state.total;
  memcpy(l->keep, l->state.choice, l->net->p.num_classes * sizeof *l->keep);
}

static uint64_t size_of(const local *l) {
  return (uint64_t)l->net->p.num_children + l->net->p.num_nodes;
}

static void start_from(local *l, const uint32_t *choice) {
  l->cap = l->state.work + size_of(l) * DESCENT_WORK;
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
  l->prices = EGI_NEW(arena, double, l->net->p.num_nodes);
  if (!l->order || !l->idom || !l->jump || !l->depth || !l->waiting ||
      !l->saving || !l->log || !l->keep || !l->prices)
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

// Kicks from the best choice, until |num| of them in a row found nothing better.
static void kick_on(local *l, uint32_t num) {
  uint32_t failed = 0;
  while (failed < num && !l->x->stopped) {
    double before = l->keep_total;
    l->cap = l->state.work + size_of(l) * DESCENT_WORK;
    egi_state_set(&l->state, l->keep);
    kick(l);
    settle_again(l);
    keep(l);
    failed = l->keep_total < below(before) ? 0 : failed + 1;
  }
}

// From a greedy choice that knows what the best one shares.
static eg_status restart(local *l, uint32_t *choice) {
  const eg_problem *p = &l->net->p;
  egi_net priced = *l->net;
  priced.p.costs = l->prices;
  egi_state_set(&l->state, l->keep);
  for (uint32_t c = 0; c < p->num_classes; ++c)
    for (EGI_NODES(p, n, c)) {
      double lot = 1 + NOISE * (egi_random_unit(l->x) - 0.5);
      uint32_t users = l->state.refs[c] ? l->state.refs[c] : 1;
      l->prices[n] = p->costs[n] * lot / users;
    }
  EG_TRY(egi_dag_choice(l->x, &priced, choice));
  start_from(l, choice);
  return EG_OK;
}

// Restarts with kicks, until some in a row have found nothing better.
static eg_status go_on(local *l, uint32_t restarts, uint32_t *choice) {
  const eg_extract_result *result = l->x->result;
  uint64_t more = l->state.work * (l->negative ? 1 : RESTART_WORK);
  uint64_t limit = restarts ? UINT64_MAX : result->work + more;
  uint32_t most = restarts ? restarts : RESTARTS, failed = 0;
  while (failed < most && result->work < limit && !l->x->stopped) {
    double before = l->keep_total;
    EG_TRY(restart(l, choice));
    kick_on(l, KICKS);
    bool better = l->keep_total < below(before);
    failed = better || restarts == UINT32_MAX ? 0 : failed + 1;
  }
  return EG_OK;
}

static eg_status search(local *l, bool only_starts, uint32_t restarts,
                        uint32_t *choice) {
  EG_TRY(make(l, &l->x->arena));
  egi_knuth_run(&l->knuth, l->net, l->net->p.costs, NULL, choice);
  start_from(l, choice);
  EG_TRY(egi_dag_choice(l->x, l->net, choice));
  start_from(l, choice);
  if (!only_starts)
    EG_TRY(go_on(l, restarts, choice));
  memcpy(choice, l->keep, l->net->p.num_classes * sizeof *choice);
  return EG_OK;
}

static eg_status run(eg_extraction *x, const egi_net *net, bool only_starts,
                     uint32_t restarts, uint32_t *choice, double *out_total) {
  egi_mark mark = egi_arena_mark(&x->arena);
  local l = {.x = x, .net = net};
  EG_TRY(search(&l, only_starts, restarts, choice));
  *out_total = l.keep_total;
  egi_arena_reset(&x->arena, mark);
  return EG_OK;
}

eg_status egi_local(eg_extraction *x, const egi_net *net, uint32_t *choice,
                    double *out_total) {
  return run(x, net, false, 0, choice, out_total);
}

eg_status egi_descend(eg_extraction *x, const egi_net *net, uint32_t *choice,
                      double *out_total) {
  return run(x, net, true, 0, choice, out_total);
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

static eg_status search_as_told(eg_extraction *x, const egi_net *net,
                                uint32_t *choice, double *out_total) {
  return run(x, net, false, x->options->restarts, choice, out_total);
}

eg_status egi_run_local(void *user, eg_extraction *x) {
  (void)user;
  return egi_run_on_ground(x, search_as_told);
}

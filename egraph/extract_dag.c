// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Greedy extraction with shared costs.
//
// Knuth's algorithm, but a node is priced by its cost set: the sum over the
// *distinct* classes below it under the choices that are final. That price is
// never less than a child's, so the order of Dijkstra still works and nothing
// is cyclic; it is not optimal, since the cheapest set of one class need not
// share best with its neighbours. Sets are not stored: they are the walks down
// the final choices, cut off where they cost more than the best node so far.
// Walks may be long on deep graphs: past a budget a price is the sum of the
// children's, as in Knuth's own algorithm.
#include "extract_internal.h"

#include <math.h>

typedef struct greedy {
  const egi_net *net;
  double *value;     // by class, its set's cost
  uint32_t *waiting; // by node
  uint32_t *choice;
  uint8_t *final;
  egi_heap heap;
  uint32_t *stack, *stamp, now;
  uint64_t work, max_work, spent; // |spent|: reported to the session
} greedy;

// The cost of the set below |node|, or at least |limit|.
static double walk(greedy *g, uint32_t node, double limit) {
  const eg_problem *p = &g->net->p;
  double sum = 0;
  uint32_t num = 0;
  ++g->now;
  for (;;) {
    sum += p->costs[node] > 0 ? p->costs[node] : 0;
    if (sum >= limit)
      return sum;
    for (EGI_CHILDREN(p, e, node)) {
      uint32_t d = p->children[e];
      ++g->work;
      if (g->stamp[d] == g->now)
        continue;
      g->stamp[d] = g->now;
      g->stack[num++] = d;
    }
    if (!num)
      return sum;
    node = g->choice[g->stack[--num]];
  }
}

static double price(greedy *g, uint32_t node, double limit) {
  const eg_problem *p = &g->net->p;
  double own = p->costs[node] > 0 ? p->costs[node] : 0, most = 0, sum = 0;
  for (EGI_CHILDREN(p, e, node)) {
    double value = g->value[p->children[e]];
    most = most < value ? value : most;
    sum += value;
  }
  bool one = p->first_child[node + 1] - p->first_child[node] < 2;
  if (one || own + most >= limit || g->work > g->max_work)
    return own + sum;
  return walk(g, node, limit);
}

static void compete(greedy *g, uint32_t node) {
  uint32_t id = g->net->owner[node];
  if (g->final[id])
    return;
  bool first = !g->heap.place[id];
  double limit = first ? INFINITY : g->value[id];
  double value = price(g, node, limit);
  if (!first && !(value < limit))
    return;
  g->value[id] = value;
  g->choice[id] = node;
  egi_heap_add(&g->heap, id);
}

static eg_status make(greedy *g, egi_arena *arena) {
  const eg_problem *p = &g->net->p;
  g->value = EGI_NEW(arena, double, p->num_classes);
  g->waiting = EGI_NEW(arena, uint32_t, p->num_nodes);
  g->final = EGI_NEW(arena, uint8_t, p->num_classes);
  g->stack = EGI_NEW(arena, uint32_t, p->num_classes);
  g->stamp = EGI_NEW(arena, uint32_t, p->num_classes);
  if (!g->value || !g->waiting || !g->final || !g->stack || !g->stamp)
    return EG_NO_MEMORY;
  return egi_heap_make(arena, p->num_classes, g->value, &g->heap);
}

// Sums are good enough once a budget of the session is over.
static void spend(greedy *g, eg_extraction *x) {
  if (!eg_extraction_work(x, g->work - g->spent))
    g->max_work = 0;
  g->spent = g->work;
}

static void run(greedy *g, eg_extraction *x) {
  const eg_problem *p = &g->net->p;
  for (uint32_t n = 0; n < p->num_nodes; ++n) {
    g->waiting[n] = p->first_child[n + 1] - p->first_child[n];
    if (!g->waiting[n])
      compete(g, n);
  }
  while (g->heap.num) {
    uint32_t id = egi_heap_pop(&g->heap);
    g->final[id] = 1;
    for (EGI_USERS(g->net, u, id))
      if (--g->waiting[g->net->users[u]] == 0)
        compete(g, g->net->users[u]);
    spend(g, x);
  }
}

enum { WALKS_PER_EDGE = 32 };

eg_status egi_dag_choice(eg_extraction *x, const egi_net *net,
                         uint32_t *choice) {
  egi_mark mark = egi_arena_mark(&x->arena);
  uint64_t edges = (uint64_t)net->p.num_children + net->p.num_nodes;
  greedy g = {.net = net, .choice = choice, .max_work = edges * WALKS_PER_EDGE};
  EG_TRY(make(&g, &x->arena));
  run(&g, x);
  eg_extraction_work(x, edges);
  egi_arena_reset(&x->arena, mark);
  return EG_OK;
}

eg_status egi_run_dag(void *user, eg_extraction *x) {
  (void)user;
  uint32_t *choice = EGI_NEW(&x->arena, uint32_t, x->net.p.num_classes);
  if (!choice)
    return EG_NO_MEMORY;
  EG_TRY(egi_dag_choice(x, &x->net, choice));
  return egi_offer(x, &x->net, choice);
}

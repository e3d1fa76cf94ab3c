// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A genetic algorithm over choices (J. H. Holland, 1975).
//
// Choices cannot be crossed class by class: the child might be cyclic. Instead a
// child is the tree optimum under prices in which the nodes of one parent, drawn
// for each class, are cheap, and all prices are noisy (mutation). Knuth's
// algorithm makes it acyclic, local descent makes it good. Parents are the
// better of two drawn; a child replaces the worst unless its cost is there
// already, so the population stays diverse.
#include "extract_internal.h"

#include <math.h>

enum {
  POPULATION = 12,
  CHILDREN = 48,        // bred in all
  WORK_PER_EDGE = 1500, // in all
};
static const double INHERITED = 0.25, NOISE = 0.5;

typedef struct genetic {
  eg_extraction *x;
  const egi_net *net;
  egi_knuth knuth;
  double *prices;
  uint32_t *members[POPULATION + 1]; // the last is the child
  double totals[POPULATION + 1];
} genetic;

static double noise(genetic *g) {
  return 1 - NOISE / 2 + NOISE * egi_random_unit(g->x);
}

// The child under the current prices.
static eg_status settle(genetic *g, uint32_t at) {
  egi_knuth_run(&g->knuth, g->net, g->prices, NULL, g->members[at]);
  return egi_polish(g->x, g->net, g->members[at], &g->totals[at]);
}

static eg_status found(genetic *g) {
  const eg_problem *p = &g->net->p;
  EG_TRY(egi_dag_choice(g->x, g->net, g->members[0]));
  EG_TRY(egi_polish(g->x, g->net, g->members[0], &g->totals[0]));
  for (uint32_t i = 1; i < POPULATION; ++i) {
    for (uint32_t n = 0; n < p->num_nodes; ++n)
      g->prices[n] = p->costs[n] * (i == 1 ? 1 : noise(g));
    EG_TRY(settle(g, i));
  }
  return EG_OK;
}

static uint32_t parent(genetic *g) {
  uint32_t a = egi_random_below(g->x, POPULATION);
  uint32_t b = egi_random_below(g->x, POPULATION);
  return g->totals[a] <= g->totals[b] ? a : b;
}

static eg_status breed(genetic *g) {
  const eg_problem *p = &g->net->p;
  const uint32_t *mother = g->members[parent(g)];
  const uint32_t *father = g->members[parent(g)];
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    bool which = eg_extraction_random(g->x) & 1;
    uint32_t inherited = which ? mother[c] : father[c];
    for (EGI_NODES(p, n, c))
      g->prices[n] = p->costs[n] * noise(g) * (n == inherited ? INHERITED : 1);
  }
  return settle(g, POPULATION);
}

static void replace_worst(genetic *g) {
  uint32_t worst = 0;
  for (uint32_t i = 0; i < POPULATION; ++i) {
    if (g->totals[i] == g->totals[POPULATION])
      return;
    worst = g->totals[i] > g->totals[worst] ? i : worst;
  }
  if (g->totals[POPULATION] > g->totals[worst])
    return;
  uint32_t *member = g->members[worst];
  g->members[worst] = g->members[POPULATION];
  g->members[POPULATION] = member;
  g->totals[worst] = g->totals[POPULATION];
}

static eg_status make(genetic *g) {
  egi_arena *arena = &g->x->arena;
  g->prices = EGI_NEW(arena, double, g->net->p.num_nodes);
  for (int i = 0; i <= POPULATION; ++i) {
    g->members[i] = EGI_NEW(arena, uint32_t, g->net->p.num_classes);
    if (!g->members[i])
      return EG_NO_MEMORY;
  }
  return g->prices ? egi_knuth_make(arena, g->net, &g->knuth) : EG_NO_MEMORY;
}

eg_status egi_breed(eg_extraction *x, const egi_net *net, uint32_t *choice,
                    double *out_total) {
  egi_mark mark = egi_arena_mark(&x->arena);
  genetic g = {.x = x, .net = net};
  EG_TRY(make(&g));
  EG_TRY(found(&g));
  const eg_problem *p = &net->p;
  uint64_t limit = x->result->work +
                   ((uint64_t)p->num_children + p->num_nodes) * WORK_PER_EDGE;
  for (int i = 0; i < CHILDREN && x->result->work < limit; ++i) {
    if (!eg_extraction_work(x, p->num_children))
      break;
    EG_TRY(breed(&g));
    replace_worst(&g);
  }
  uint32_t best = 0;
  for (uint32_t i = 1; i < POPULATION; ++i)
    best = g.totals[i] < g.totals[best] ? i : best;
  memcpy(choice, g.members[best], p->num_classes * sizeof *choice);
  *out_total = g.totals[best];
  egi_arena_reset(&x->arena, mark);
  return EG_OK;
}

eg_status egi_run_genetic(void *user, eg_extraction *x) {
  (void)user;
  return egi_run_on_ground(x, egi_breed);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Simulated annealing (S. Kirkpatrick et al., 1983) over single switches with
// their exact change of cost, from the greedy choice; a last descent settles
// what is left.
//
// A move that makes the total dearer by d is taken with probability
// exp(-d / temperature): as a limit drawn before the trial, so that hopeless
// trials end early. The temperature falls by a constant factor from the mean
// cost of a reached class to a hundredth of it.
#include "extract_internal.h"

#include <math.h>

enum {
  LEVELS = 40,         // of temperature
  MOVES_PER_CLASS = 8, // at each level
  MAX_MOVES = 1 << 15, // at each level
  TRIES = 32,          // to meet a reached class
  WORK_PER_EDGE = 600, // in all
};

typedef struct anneal {
  eg_extraction *x;
  const egi_net *net;
  egi_state state;
  egi_knuth knuth;
  uint32_t *keep;
  double keep_total;
} anneal;

static uint32_t random_class(anneal *a) {
  for (int i = 0; i < TRIES; ++i) {
    uint32_t c = egi_random_below(a->x, a->net->p.num_classes);
    uint32_t num = a->net->p.first_node[c + 1] - a->net->p.first_node[c];
    if (a->state.refs[c] && num > 1)
      return c;
  }
  return EG_NO_NODE;
}

static void move(anneal *a, double temperature) {
  const eg_problem *p = &a->net->p;
  egi_state *s = &a->state;
  uint32_t c = random_class(a);
  double lot = egi_random_unit(a->x);
  if (c == EG_NO_NODE)
    return;
  uint32_t num = p->first_node[c + 1] - p->first_node[c];
  uint32_t node = p->first_node[c] + egi_random_below(a->x, num);
  double slack = -temperature * log(1 - lot);
  if (node == s->choice[c] ||
      !egi_state_try(s, node, INFINITY, s->total + slack))
    return;
  if (s->total >= a->keep_total)
    return;
  a->keep_total = s->total;
  memcpy(a->keep, s->choice, p->num_classes * sizeof *a->keep);
}

static double mean_cost(const anneal *a) {
  uint32_t reached = 0;
  for (uint32_t c = 0; c < a->net->p.num_classes; ++c)
    reached += a->state.refs[c] > 0;
  return reached ? fabs(a->state.total) / reached : 0;
}

static eg_status search(anneal *a) {
  const eg_problem *p = &a->net->p;
  uint64_t moves = (uint64_t)p->num_classes * MOVES_PER_CLASS, spent = 0;
  uint64_t max_work =
      ((uint64_t)p->num_children + p->num_nodes) * WORK_PER_EDGE;
  moves = moves < MAX_MOVES ? moves : MAX_MOVES;
  double temperature = mean_cost(a), factor = pow(0.01, 1.0 / LEVELS);
  for (int level = 0; level < LEVELS; ++level, temperature *= factor) {
    egi_knuth_run(&a->knuth, a->net, p->costs, a->state.refs, a->state.choice);
    a->state.work += p->num_children;
    for (uint64_t i = 0; i < moves; ++i) {
      move(a, temperature);
      if (!eg_extraction_work(a->x, a->state.work - spent + 1))
        return EG_OK;
      spent = a->state.work;
    }
    if (spent > max_work)
      return EG_OK;
  }
  return EG_OK;
}

eg_status egi_run_anneal(void *user, eg_extraction *x) {
  (void)user;
  egi_ground ground;
  EG_TRY(egi_ground_make(x, false, &ground));
  if (ground.is_done)
    return EG_OK;
  anneal a = {.x = x, .net = ground.net, .keep_total = INFINITY};
  a.keep = EGI_NEW(&x->arena, uint32_t, a.net->p.num_classes);
  if (!a.keep)
    return EG_NO_MEMORY;
  EG_TRY(egi_state_make(&x->arena, a.net, &a.state));
  EG_TRY(egi_knuth_make(&x->arena, a.net, &a.knuth));
  EG_TRY(egi_dag_choice(x, a.net, a.keep));
  EG_TRY(egi_ground_offer(x, &ground, a.keep));
  if (!a.net->p.num_classes)
    return EG_OK;
  egi_state_set(&a.state, a.keep);
  a.keep_total = a.state.total;
  EG_TRY(search(&a));
  EG_TRY(egi_polish(x, a.net, a.keep, &a.keep_total));
  return egi_ground_offer(x, &ground, a.keep);
}

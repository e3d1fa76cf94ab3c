// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A lower bound by splitting prices, after R. T. Wong's dual ascent for Steiner
// trees (1984), on an AND-OR graph.
//
// Let each class d divide its price a(d) among the classes that use it: the
// share(c, d) of a user c, summing to 1 (a root keeps its own for the total if
// nobody else uses it, else it is one more user). With
//   a(c) = min over n in c of cost(n) + sum over children d share(c, d) a(d)
// the shares of the roots add up to a lower bound: it is a feasible solution of
// the dual of the linear relaxation. Any a that satisfies "<=" will do, so in
// cyclic parts it may be approached from below, and stopped anywhere; being the
// least fixpoint it knows what the relaxation does not, that terms are finite.
//
// A price is wasted on users that would not choose d. So each round looks down
// from the roots who does choose it, moves shares there by a falling step, and
// the best bound of all rounds is kept. Reduced costs come with it: a choice
// that uses n costs at least the bound + cost(n) + shares below n - a(c).
#include "extract_internal.h"

#include <math.h>

typedef struct ascent {
  const egi_net *net;
  // One entry for each (class, child class) of some node, grouped by class.
  uint32_t *link;     // by edge
  uint32_t *child;    // by link
  double *share;      // by link
  double *wanted;     // by link
  double *root_share; // by class
  double *weight;     // by class: sum of wanted
  uint32_t num_links;
  uint32_t *order; // children before users, but for cycles
  double *price;   // by class
  uint32_t *best;  // by class: the node that gave the price
  bool cyclic;
} ascent;

static double value_of(const ascent *a, uint32_t node) {
  const eg_problem *p = &a->net->p;
  double value = p->costs[node];
  for (EGI_CHILDREN(p, e, node))
    value += a->share[a->link[e]] * a->price[p->children[e]];
  return value;
}

// Prices from below; exact in one pass where there is no cycle.
static void find_prices(ascent *a) {
  const eg_problem *p = &a->net->p;
  enum { PASSES = 6 };
  memset(a->price, 0, p->num_classes * sizeof *a->price);
  for (int pass = 0; pass < (a->cyclic ? PASSES : 1); ++pass) {
    bool changed = false;
    for (uint32_t i = 0; i < p->num_classes; ++i) {
      uint32_t c = a->order[i];
      double least = INFINITY;
      for (EGI_NODES(p, n, c)) {
        double value = value_of(a, n);
        if (value < least) {
          least = value;
          a->best[c] = n;
        }
      }
      changed |= least != a->price[c];
      a->price[c] = least;
    }
    if (!changed)
      return;
  }
}

static double total(const ascent *a) {
  const eg_problem *p = &a->net->p;
  double sum = 0;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    sum += a->root_share[p->roots[r]] * a->price[p->roots[r]];
  return sum;
}

// Who chooses whom, from the roots down, and shares a step towards that.
static void move_shares(ascent *a, double step) {
  const eg_problem *p = &a->net->p;
  memset(a->wanted, 0, a->num_links * sizeof *a->wanted);
  memset(a->weight, 0, p->num_classes * sizeof *a->weight);
  for (uint32_t r = 0; r < p->num_roots; ++r)
    a->weight[p->roots[r]] = 1;
  for (uint32_t i = p->num_classes; i-- > 0;) {
    uint32_t c = a->order[i];
    if (!(a->weight[c] > 0))
      continue;
    for (EGI_CHILDREN(p, e, a->best[c])) {
      a->wanted[a->link[e]] += 1;
      a->weight[p->children[e]] += 1;
    }
  }
  for (uint32_t l = 0; l < a->num_links; ++l) {
    double weight = a->weight[a->child[l]];
    if (weight > 0)
      a->share[l] += step * (a->wanted[l] / weight - a->share[l]);
  }
  for (uint32_t r = 0; r < p->num_roots; ++r) {
    uint32_t c = p->roots[r];
    a->root_share[c] += step * (1 / a->weight[c] - a->root_share[c]);
  }
}

//===-- Setting up --------------------------------------------------------===//

static eg_status make_links(ascent *a, egi_arena *arena) {
  const eg_problem *p = &a->net->p;
  uint32_t *seen = EGI_NEW(arena, uint32_t, p->num_classes);
  uint32_t *users = EGI_NEW(arena, uint32_t, p->num_classes);
  a->link = EGI_NEW(arena, uint32_t, p->num_children);
  a->child = EGI_NEW(arena, uint32_t, p->num_children);
  a->share = EGI_NEW(arena, double, p->num_children);
  a->wanted = EGI_NEW(arena, double, p->num_children);
  a->root_share = EGI_NEW(arena, double, p->num_classes);
  a->weight = EGI_NEW(arena, double, p->num_classes);
  if (!seen || !users || !a->link || !a->child || !a->share || !a->wanted ||
      !a->root_share || !a->weight)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    uint32_t first = a->num_links;
    for (EGI_NODES(p, n, c))
      for (EGI_CHILDREN(p, e, n)) {
        uint32_t d = p->children[e];
        if (seen[d] <= first) {
          a->child[a->num_links++] = d;
          seen[d] = a->num_links;
          ++users[d];
        }
        a->link[e] = seen[d] - 1;
      }
  }
  for (uint32_t r = 0; r < p->num_roots; ++r)
    ++users[p->roots[r]];
  for (uint32_t l = 0; l < a->num_links; ++l)
    a->share[l] = 1.0 / users[a->child[l]];
  for (uint32_t r = 0; r < p->num_roots; ++r)
    a->root_share[p->roots[r]] = 1.0 / users[p->roots[r]];
  return EG_OK;
}

// By component, then as Knuth's algorithm settles them.
static eg_status make_order(ascent *a, egi_arena *arena) {
  const egi_net *net = a->net;
  uint32_t num = net->p.num_classes, num_components, *component;
  EG_TRY(egi_components(arena, net, &component, &num_components));
  a->order = EGI_NEW(arena, uint32_t, num);
  double *key = EGI_NEW(arena, double, num);
  uint32_t *choice = EGI_NEW(arena, uint32_t, num);
  egi_knuth knuth;
  egi_heap heap;
  EG_TRY(egi_knuth_make(arena, net, &knuth));
  EG_TRY(egi_heap_make(arena, num, key, &heap));
  if (!a->order || !key || !choice)
    return EG_NO_MEMORY;
  a->cyclic = num_components < num;
  egi_knuth_run(&knuth, net, net->p.costs, NULL, choice);
  for (uint32_t c = 0; c < num; ++c) {
    double value = knuth.value[c];
    key[c] = component[c] + value / (1 + value) / 2;
    if (!(key[c] < component[c] + 0.5))
      key[c] = component[c] + 0.5;
    egi_heap_add(&heap, c);
  }
  for (uint32_t i = 0; i < num; ++i)
    a->order[i] = egi_heap_pop(&heap);
  return EG_OK;
}

static eg_status make(ascent *a, egi_arena *arena) {
  EG_TRY(make_links(a, arena));
  EG_TRY(make_order(a, arena));
  a->price = EGI_NEW(arena, double, a->net->p.num_classes);
  a->best = EGI_NEW(arena, uint32_t, a->net->p.num_classes);
  return a->price && a->best ? EG_OK : EG_NO_MEMORY;
}

// The bound of the current prices, if it is the best so far.
static void keep(const ascent *a, egi_bound *out) {
  const eg_problem *p = &a->net->p;
  double sum = total(a);
  if (sum <= out->value)
    return;
  out->value = sum;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    for (EGI_NODES(p, n, c)) {
      double extra = value_of(a, n) - a->price[c];
      out->extra[n] = extra > 0 ? extra : 0;
    }
}

eg_status egi_bound_make(egi_arena *arena, const egi_net *net, uint32_t rounds,
                         eg_extraction *x, egi_bound *out_bound) {
  ascent a = {.net = net};
  *out_bound = (egi_bound){.value = -INFINITY};
  out_bound->extra = EGI_NEW(arena, double, net->p.num_nodes);
  if (!out_bound->extra)
    return EG_NO_MEMORY;
  egi_arena scratch = {.allocator = arena->allocator};
  eg_status status = make(&a, &scratch);
  for (uint32_t i = 0; status == EG_OK && i < rounds; ++i) {
    find_prices(&a);
    keep(&a, out_bound);
    if (!eg_extraction_work(x, net->p.num_children + net->p.num_nodes))
      break;
    move_shares(&a, 1.0 / (2 + i * 0.25));
  }
  egi_arena_free(&scratch);
  return status;
}

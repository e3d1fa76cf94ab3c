// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random extraction problems, and their answers by trying everything.
#ifndef PROBLEMS_H
#define PROBLEMS_H

#include "eg_extract.h"
#include "graphs.h"

#include <math.h>

enum { MAX_CLASSES = 64, MAX_NODES = 512, MAX_KIDS = 2048 };

typedef struct small_problem {
  eg_problem p;
  uint32_t first_node[MAX_CLASSES + 1], first_child[MAX_NODES + 1];
  uint32_t children[MAX_KIDS], roots[MAX_CLASSES];
  double costs[MAX_NODES];
} small_problem;

typedef struct small_shape {
  uint32_t classes, nodes_per_class, children, roots;
  uint32_t costs; // costs are 0 … costs - 1
  uint32_t back;  // of 16 edges, so many go anywhere, the others to classes
                  // with a higher number
  bool negative;
  uint32_t never; // of 16 nodes, so many are never to be chosen
} small_shape;

// Points |problem|'s arrays at its own storage; call it after a copy.
static inline void small_bind(small_problem *s) {
  s->p.first_node = s->first_node;
  s->p.first_child = s->first_child;
  s->p.children = s->children;
  s->p.roots = s->roots;
  s->p.costs = s->costs;
}

static inline void small_make(small_problem *s, small_shape shape,
                              uint64_t seed) {
  uint64_t r = seed;
  memset(s, 0, sizeof *s);
  small_bind(s);
  for (uint32_t c = 0; c < shape.classes; ++c) {
    uint32_t nodes = 1 + random_below(&r, shape.nodes_per_class);
    uint32_t rest = shape.classes - c - 1;
    for (uint32_t i = 0; i < nodes; ++i) {
      uint32_t kids = random_below(&r, shape.children + 1);
      for (uint32_t k = 0; k < kids; ++k) {
        bool any = random_below(&r, 16) < shape.back;
        if (!any && !rest)
          continue;
        s->children[s->p.num_children++] = any ? random_below(&r, shape.classes)
                                               : c + 1 + random_below(&r, rest);
      }
      s->costs[s->p.num_nodes] = random_below(&r, shape.costs);
      if (shape.negative && random_below(&r, 3) == 0)
        s->costs[s->p.num_nodes] *= -1;
      if (shape.never && random_below(&r, 16) < shape.never)
        s->costs[s->p.num_nodes] = INFINITY;
      s->first_child[++s->p.num_nodes] = s->p.num_children;
    }
    s->first_node[c + 1] = s->p.num_nodes;
  }
  s->p.num_classes = shape.classes;
  s->p.num_roots = shape.roots;
  for (uint32_t i = 0; i < shape.roots; ++i)
    s->roots[i] = i == 0 ? 0 : random_below(&r, shape.classes);
}

// The least DAG cost by trying every choice; INFINITY when there is none.
static inline double brute_force(const eg_problem *p) {
  uint32_t choice[MAX_CLASSES];
  double best = INFINITY;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    choice[c] = p->first_node[c];
  for (;;) {
    eg_choice_totals totals;
    if (eg_problem_check(NULL, p, choice, &totals, NULL) == EG_OK &&
        totals.dag < best)
      best = totals.dag;
    uint32_t c = 0;
    for (; c < p->num_classes; ++c) {
      if (++choice[c] < p->first_node[c + 1])
        break;
      choice[c] = p->first_node[c];
    }
    if (c == p->num_classes)
      return best;
  }
}

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Large extraction problems of the shapes that e-graphs in the field have:
// sharing, cycles, hubs, deep chains, free operators, many roots. Each shape
// takes a size, roughly its number of nodes.
#ifndef LARGE_PROBLEMS_H
#define LARGE_PROBLEMS_H

#include "eg_extract.h"
#include "graphs.h"

#include <stdlib.h>

typedef struct large_problem {
  eg_problem p;
  uint32_t *first_node, *first_child, *children, *roots;
  double *costs;
  uint64_t random;
  bool overflow; // the arrays were too small: the test is wrong
  uint32_t max_nodes;
} large_problem;

enum { LARGE_KIDS = 6 }; // children a node has at most, on average

static inline large_problem *large_make(uint32_t max_nodes, uint64_t seed) {
  large_problem *l = calloc(1, sizeof *l);
  size_t n = (size_t)max_nodes + 2;
  l->first_node = calloc(n, sizeof *l->first_node);
  l->first_child = calloc(n, sizeof *l->first_child);
  l->children = calloc(n * LARGE_KIDS, sizeof *l->children);
  l->roots = calloc(n, sizeof *l->roots);
  l->costs = calloc(n, sizeof *l->costs);
  l->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
  l->max_nodes = max_nodes;
  l->p.first_node = l->first_node;
  l->p.first_child = l->first_child;
  l->p.children = l->children;
  l->p.roots = l->roots;
  l->p.costs = l->costs;
  return l;
}

static inline void large_free(large_problem *l) {
  free(l->first_node);
  free(l->first_child);
  free(l->children);
  free(l->roots);
  free(l->costs);
  free(l);
}

static inline uint32_t large_below(large_problem *l, uint32_t num) {
  return random_below(&l->random, num);
}

// Nodes of the class that is open, their children in order; then its end.
static inline void large_node(large_problem *l, double cost) {
  if (l->p.num_nodes == l->max_nodes) {
    l->overflow = true;
    return;
  }
  l->costs[l->p.num_nodes++] = cost;
  l->first_child[l->p.num_nodes] = l->p.num_children;
}

static inline void large_child(large_problem *l, uint32_t id) {
  if (l->p.num_children == l->max_nodes * LARGE_KIDS) {
    l->overflow = true;
    return;
  }
  l->children[l->p.num_children++] = id;
  l->first_child[l->p.num_nodes] = l->p.num_children;
}

static inline void large_end(large_problem *l) {
  l->first_node[++l->p.num_classes] = l->p.num_nodes;
}

static inline void large_root(large_problem *l, uint32_t id) {
  l->roots[l->p.num_roots++] = id;
}

//===-- Shapes ------------------------------------------------------------===//

// As a saturated algebra: a few nodes a class, most edges to near classes, some
// back, constants at the end that many use.
static inline void large_algebra(large_problem *l, uint32_t size) {
  uint32_t classes = size / 4, constants = 16;
  for (uint32_t c = 0; c < classes; ++c) {
    bool leaf = c + constants >= classes;
    uint32_t nodes = leaf ? 1 : 1 + large_below(l, 6);
    for (uint32_t i = 0; i < nodes; ++i) {
      large_node(l, 1 + large_below(l, 3));
      uint32_t kids = leaf ? 0 : 1 + large_below(l, 3);
      for (uint32_t k = 0; k < kids; ++k) {
        uint32_t lot = large_below(l, 16), rest = classes - c - 1;
        uint32_t near = rest < 200 ? rest : 200;
        large_child(l, lot == 0  ? large_below(l, classes)
                       : lot < 4 ? classes - 1 - large_below(l, constants)
                       : lot < 6 ? c + 1 + large_below(l, rest)
                                 : c + 1 + large_below(l, near));
      }
    }
    large_end(l);
  }
  large_root(l, 0);
}

// A chain of |size| / 3 levels: every level uses one constant, may skip the next
// level by a dearer way, and may go round its own start.
static inline void large_chain(large_problem *l, uint32_t size) {
  uint32_t levels = size / 3;
  for (uint32_t c = 0; c < levels; ++c) {
    large_node(l, 1);
    large_child(l, c + 1 < levels ? c + 1 : levels);
    large_child(l, levels);
    large_node(l, 1 + large_below(l, 3));
    large_child(l, c + 2 < levels ? c + 2 : levels);
    large_child(l, levels);
    if (large_below(l, 4) == 0) {
      large_node(l, 0);
      large_child(l, large_below(l, c + 1));
    }
    large_end(l);
  }
  large_node(l, 5);
  large_end(l);
  large_root(l, 0);
}

// Pairs of classes that both need both of the next pair: the tree cost doubles
// with every level and leaves the range of numbers.
static inline void large_ladder(large_problem *l, uint32_t size) {
  uint32_t levels = size / 4;
  for (uint32_t c = 0; c < levels; ++c)
    for (uint32_t side = 0; side < 2; ++side) {
      for (uint32_t i = 0; i < 2; ++i) {
        large_node(l, 1 + large_below(l, 4));
        if (c + 1 < levels) {
          large_child(l, 2 * c + 2);
          large_child(l, 2 * c + 2 + (i ? side : 1));
        }
      }
      large_end(l);
    }
  large_root(l, 0);
}

// Half of all nodes in one class, which every other class can fall back to.
static inline void large_hub(large_problem *l, uint32_t size) {
  uint32_t classes = size / 8;
  for (uint32_t c = 0; c < classes; ++c) {
    uint32_t rest = classes - c - 1, hub = 1;
    uint32_t nodes = c == hub ? size / 2 : 1 + large_below(l, 6);
    for (uint32_t i = 0; i < nodes; ++i) {
      large_node(l, large_below(l, 100));
      if (!rest)
        continue;
      large_child(l, c + 1 + large_below(l, rest < 50 ? rest : 50));
      large_child(l, c + 1 + large_below(l, rest));
      if (c > hub && i && large_below(l, 3) == 0)
        large_child(l, hub);
    }
    if (!rest)
      large_node(l, 1);
    large_end(l);
  }
  large_root(l, 0);
}

// Bracketings of a product: class [i, j) has a node for each k between.
static inline void large_intervals(large_problem *l, uint32_t size) {
  uint32_t n = 2;
  while ((uint64_t)(n + 1) * (n + 1) * (n + 1) / 6 < size)
    ++n;
  // Class of [i, j), 0 <= i < j <= n: longest first, so that edges go down.
#define LARGE_INTERVAL(i, j)                                                   \
  ((n - ((j) - (i))) * (n - ((j) - (i)) + 1) / 2 + (i))
  for (uint32_t length = n; length > 0; --length)
    for (uint32_t i = 0; i + length <= n; ++i) {
      if (length == 1)
        large_node(l, 1);
      for (uint32_t k = 1; k < length; ++k) {
        large_node(l, 1 + large_below(l, 50));
        large_child(l, LARGE_INTERVAL(i, i + k));
        large_child(l, LARGE_INTERVAL(i + k, i + length));
      }
      large_end(l);
    }
#undef LARGE_INTERVAL
  large_root(l, 0);
}

// Every class has a node for each of a few others, anywhere: one component.
static inline void large_tangle(large_problem *l, uint32_t size) {
  uint32_t classes = size / 8;
  for (uint32_t c = 0; c < classes; ++c) {
    for (uint32_t i = 0; i < 8; ++i) {
      large_node(l, large_below(l, 8));
      uint32_t kids = 1 + large_below(l, 2);
      for (uint32_t k = 0; k < kids; ++k)
        large_child(l, large_below(l, classes));
    }
    if (large_below(l, 20) == 0)
      large_node(l, 20);
    large_end(l);
  }
  large_root(l, 0);
  large_root(l, classes / 2);
}

// Sets that cover: many roots, each with a node per set that holds it; sets
// cost, and some need another.
static inline void large_cover(large_problem *l, uint32_t size) {
  uint32_t roots = size / 6, sets = roots / 4 + 2;
  for (uint32_t r = 0; r < roots; ++r) {
    for (uint32_t i = 0; i < 5; ++i) {
      large_node(l, 0);
      large_child(l, roots + large_below(l, sets));
    }
    large_end(l);
    large_root(l, r);
  }
  for (uint32_t s = 0; s < sets; ++s) {
    large_node(l, 1 + large_below(l, 3));
    if (s && large_below(l, 3) == 0)
      large_child(l, roots + large_below(l, s));
    large_end(l);
  }
}

// As a circuit under rewriting: operators are free or cost much, a forbidden
// one costs 10,000, almost everything can be had by its own inverse.
static inline void large_circuit(large_problem *l, uint32_t size) {
  uint32_t classes = size / 5;
  for (uint32_t c = 0; c < classes; ++c) {
    uint32_t rest = classes - c - 1, nodes = 2 + large_below(l, 6);
    for (uint32_t i = 0; i < nodes; ++i) {
      uint32_t lot = large_below(l, 10);
      large_node(l, lot < 6 ? 0 : lot < 9 ? large_below(l, 1000) : 10000);
      uint32_t kids = rest ? 1 + large_below(l, 2) : 0;
      for (uint32_t k = 0; k < kids; ++k) {
        uint32_t near = rest < 30 ? rest : 30;
        large_child(l, large_below(l, 3) ? c + 1 + large_below(l, near)
                                         : large_below(l, classes));
      }
    }
    large_end(l);
  }
  for (uint32_t r = 0; r < 64 && r < classes; ++r)
    large_root(l, r * 3 % classes);
}

// Many small problems that share nothing, each with a root.
static inline void large_forest(large_problem *l, uint32_t size) {
  enum { BLOCK = 12 };
  uint32_t blocks = size / (3 * BLOCK);
  for (uint32_t c = 0; c < blocks * BLOCK; ++c) {
    uint32_t at = c % BLOCK, rest = BLOCK - at - 1;
    uint32_t nodes = rest ? 2 + large_below(l, 3) : 1;
    for (uint32_t i = 0; i < nodes; ++i) {
      large_node(l, 1 + large_below(l, 6));
      for (uint32_t k = 0; k < 3 && rest; ++k)
        large_child(l, c + 1 + large_below(l, rest));
    }
    large_end(l);
    if (at == 0)
      large_root(l, c);
  }
}

static const struct {
  const char *name;
  void (*fill)(large_problem *l, uint32_t size);
} large_shapes[] = {
    {"algebra", large_algebra},     {"chain", large_chain},
    {"ladder", large_ladder},       {"hub", large_hub},
    {"intervals", large_intervals}, {"tangle", large_tangle},
    {"cover", large_cover},         {"circuit", large_circuit},
    {"forest", large_forest},
};
enum { NUM_LARGE_SHAPES = sizeof large_shapes / sizeof *large_shapes };

#endif

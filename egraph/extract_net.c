// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From a problem to the net that methods search: what the roots reach and what
// has a finite term. O(edges), plus one run of Knuth's algorithm for the latter.
#include "extract_internal.h"

#include <math.h>

eg_status egi_net_index(egi_arena *arena, egi_net *net) {
  const eg_problem *p = &net->p;
  net->owner = EGI_NEW(arena, uint32_t, p->num_nodes);
  net->first_user = EGI_NEW(arena, uint32_t, p->num_classes + 2);
  net->users = EGI_NEW(arena, uint32_t, p->num_children);
  if (!net->owner || !net->first_user || !net->users)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    for (EGI_NODES(p, n, c))
      net->owner[n] = c;
  uint32_t *at = net->first_user + 1; // shifted: filling moves it into place
  for (uint32_t e = 0; e < p->num_children; ++e)
    ++at[p->children[e] + 1];
  for (uint32_t c = 0; c < p->num_classes; ++c)
    at[c + 1] += at[c];
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    for (EGI_CHILDREN(p, e, n))
      net->users[at[p->children[e]]++] = n;
  return EG_OK;
}

// What is copied of a problem.
typedef struct filter {
  const eg_problem *from;
  const uint8_t *keep;      // by node; NULL = all
  const uint8_t *keep_edge; // by child; NULL = all
  const double *costs;
  bool distinct;    // children and roots once, sorted, not the own class
  uint32_t *number; // class -> new number + 1; 0 = not reached
  uint32_t *found;  // new number -> class
  uint32_t num;
} filter;

static bool keeps(const filter *f, uint32_t node) {
  return f->costs[node] < INFINITY && (!f->keep || f->keep[node]);
}

static bool keeps_edge(const filter *f, uint32_t edge) {
  return !f->keep_edge || f->keep_edge[edge];
}

static void find(filter *f, uint32_t id) {
  if (f->number[id])
    return;
  f->found[f->num++] = id;
  f->number[id] = f->num;
}

// Numbers the classes that the roots reach, breadth first, and counts.
static eg_status reach(egi_arena *arena, filter *f, uint32_t *out_nodes,
                       uint32_t *out_children) {
  const eg_problem *p = f->from;
  f->number = EGI_NEW(arena, uint32_t, p->num_classes);
  f->found = EGI_NEW(arena, uint32_t, p->num_classes);
  if (!f->number || !f->found)
    return EG_NO_MEMORY;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    find(f, p->roots[r]);
  for (uint32_t i = 0; i < f->num; ++i)
    for (EGI_NODES(p, n, f->found[i])) {
      if (!keeps(f, n))
        continue;
      ++*out_nodes;
      for (EGI_CHILDREN(p, e, n))
        if (keeps_edge(f, e)) {
          ++*out_children;
          find(f, p->children[e]);
        }
    }
  return EG_OK;
}

// Shell's sort by (key, word), keys NULL = 0: most lists are short, and a long
// one is no disaster.
void egi_sort_nodes(uint32_t *words, uint32_t num, const double *keys) {
  uint32_t gap = num > 8 ? num / 2 : 1;
  for (; gap; gap = gap == 2 ? 1 : (uint32_t)((uint64_t)gap * 5 / 11))
    for (uint32_t i = gap; i < num; ++i) {
      uint32_t word = words[i], k = i;
      double key = keys ? keys[word] : 0;
      for (; k >= gap; k -= gap) {
        uint32_t other = words[k - gap];
        double above = keys ? keys[other] : 0;
        if (above < key || (above == key && other < word))
          break;
        words[k] = other;
      }
      words[k] = word;
    }
}

static uint32_t unique(uint32_t *words, uint32_t num) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < num; ++i)
    if (!kept || words[kept - 1] != words[i])
      words[kept++] = words[i];
  return kept;
}

// Copies a node's children; false for one that needs its own class.
static bool copy_children(const filter *f, uint32_t node, uint32_t owner,
                          uint32_t *to, uint32_t *out_num) {
  const eg_problem *p = f->from;
  uint32_t num = 0;
  for (EGI_CHILDREN(p, e, node)) {
    if (!keeps_edge(f, e))
      continue;
    uint32_t child = f->number[p->children[e]] - 1;
    if (f->distinct && child == owner)
      return false;
    to[num++] = child;
  }
  if (f->distinct) {
    egi_sort_nodes(to, num, NULL);
    num = unique(to, num);
  }
  *out_num = num;
  return true;
}

static eg_status copy(egi_arena *arena, filter *f, egi_net *net) {
  uint32_t max_nodes = 0, max_children = 0, nodes = 0, children = 0;
  EG_TRY(reach(arena, f, &max_nodes, &max_children));
  uint32_t *first_node = EGI_NEW(arena, uint32_t, f->num + 1);
  uint32_t *first_child = EGI_NEW(arena, uint32_t, max_nodes + 1);
  uint32_t *kids = EGI_NEW(arena, uint32_t, max_children);
  double *costs = EGI_NEW(arena, double, max_nodes);
  uint32_t *roots = EGI_NEW(arena, uint32_t, f->from->num_roots);
  net->origin_node = EGI_NEW(arena, uint32_t, max_nodes);
  net->origin_class = f->found;
  if (!first_node || !first_child || !kids || !costs || !roots ||
      !net->origin_node)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < f->num; ++c) {
    for (EGI_NODES(f->from, n, f->found[c])) {
      uint32_t num;
      if (!keeps(f, n) || !copy_children(f, n, c, kids + children, &num))
        continue;
      children += num;
      costs[nodes] = f->costs[n];
      net->origin_node[nodes++] = n;
      first_child[nodes] = children;
    }
    first_node[c + 1] = nodes;
  }
  for (uint32_t r = 0; r < f->from->num_roots; ++r)
    roots[r] = f->number[f->from->roots[r]] - 1;
  uint32_t num_roots = f->from->num_roots;
  if (f->distinct) {
    egi_sort_nodes(roots, num_roots, NULL);
    num_roots = unique(roots, num_roots);
  }
  net->p = (eg_problem){f->num,      nodes, children, num_roots, first_node,
                        first_child, kids,  costs,    roots};
  return egi_net_index(arena, net);
}

// Nodes whose children all have a finite term.
static uint8_t *usable(egi_arena *arena, const egi_net *net,
                       const egi_knuth *knuth) {
  uint8_t *keep = EGI_NEW(arena, uint8_t, net->p.num_nodes);
  for (uint32_t n = 0; keep && n < net->p.num_nodes; ++n)
    keep[n] = knuth->waiting[n] == 0;
  return keep;
}

static void enqueue(uint32_t id, bool usable, uint8_t *seen, uint32_t *queue,
                    uint32_t *num) {
  if (!usable || seen[id])
    return;
  seen[id] = 1;
  queue[(*num)++] = id;
}

eg_status egi_net_usable(egi_arena *arena, const egi_net *net,
                         uint8_t *out_nodes, uint8_t *out_classes) {
  const eg_problem *p = &net->p;
  uint32_t *waiting = EGI_NEW(arena, uint32_t, p->num_nodes);
  uint32_t *queue = EGI_NEW(arena, uint32_t, p->num_classes);
  uint32_t num = 0;
  if (!waiting || !queue)
    return EG_NO_MEMORY;
  memset(out_classes, 0, p->num_classes);
  for (uint32_t n = 0; n < p->num_nodes; ++n) {
    waiting[n] = p->first_child[n + 1] - p->first_child[n];
    out_nodes[n] = waiting[n] == 0;
    enqueue(net->owner[n], out_nodes[n], out_classes, queue, &num);
  }
  for (uint32_t i = 0; i < num; ++i)
    for (EGI_USERS(net, u, queue[i])) {
      uint32_t node = net->users[u];
      out_nodes[node] = --waiting[node] == 0;
      enqueue(net->owner[node], out_nodes[node], out_classes, queue, &num);
    }
  return EG_OK;
}

static uint32_t count_forbidden(const eg_problem *p, uint32_t from,
                                uint32_t to) {
  uint32_t num = 0;
  for (uint32_t n = from; n < to; ++n)
    num += p->costs[n] == INFINITY;
  return num;
}

static const char *why_missing(const eg_problem *p, uint32_t id) {
  uint32_t first = p->first_node[id], end = p->first_node[id + 1];
  if (first < end && count_forbidden(p, first, end) == end - first)
    return "has only nodes that are never to be chosen";
  return count_forbidden(p, 0, p->num_nodes)
             ? "has no finite term of nodes that may be chosen"
             : "has no finite term";
}

static eg_status missing_root(const eg_problem *problem, const egi_net *net,
                              const egi_knuth *knuth, eg_error *error) {
  for (uint32_t r = 0; r < net->p.num_roots; ++r) {
    uint32_t id = net->p.roots[r];
    if (knuth->heap.place[id] == 0)
      return egi_error(error, EG_INFEASIBLE, 0, "root %u, class %u, %s", r,
                       problem->roots[r],
                       why_missing(problem, problem->roots[r]));
  }
  return EG_OK;
}

// The way back of |net| through the one it was copied from.
static void compose(egi_net *net, const egi_net *from) {
  for (uint32_t n = 0; n < net->p.num_nodes; ++n)
    net->origin_node[n] = from->origin_node[net->origin_node[n]];
  for (uint32_t c = 0; c < net->p.num_classes; ++c)
    net->origin_class[c] = from->origin_class[net->origin_class[c]];
}

eg_status egi_net_reach(egi_arena *arena, const eg_problem *problem,
                        egi_net *out_net) {
  filter f = {.from = problem, .costs = problem->costs};
  return copy(arena, &f, out_net);
}

eg_status egi_net_make(egi_arena *arena, const eg_problem *problem,
                       egi_net *out_net, uint32_t **out_tree, eg_error *error) {
  egi_net reached;
  EG_TRY(egi_net_reach(arena, problem, &reached));
  egi_knuth knuth;
  EG_TRY(egi_knuth_make(arena, &reached, &knuth));
  uint32_t *tree = EGI_NEW(arena, uint32_t, reached.p.num_classes);
  if (!tree)
    return EG_NO_MEMORY;
  memset(tree, 0xff, reached.p.num_classes * sizeof *tree);
  egi_knuth_run(&knuth, &reached, reached.p.costs, NULL, tree);
  EG_TRY(missing_root(problem, &reached, &knuth, error));
  filter g = {.from = &reached.p, .costs = reached.p.costs, .distinct = true};
  g.keep = usable(arena, &reached, &knuth);
  if (!g.keep)
    return EG_NO_MEMORY;
  EG_TRY(copy(arena, &g, out_net));
  *out_tree = EGI_NEW(arena, uint32_t, out_net->p.num_classes);
  if (!*out_tree)
    return EG_NO_MEMORY;
  for (uint32_t n = 0; n < out_net->p.num_nodes; ++n)
    if (tree[reached.owner[out_net->origin_node[n]]] == out_net->origin_node[n])
      (*out_tree)[out_net->owner[n]] = n;
  compose(out_net, &reached);
  return EG_OK;
}

eg_status egi_net_shrink(egi_arena *arena, const egi_net *net,
                         const uint8_t *keep, const uint8_t *keep_edge,
                         const double *costs, egi_net *out_net) {
  filter f = {.from = &net->p,
              .keep = keep,
              .keep_edge = keep_edge,
              .costs = costs,
              .distinct = true};
  EG_TRY(copy(arena, &f, out_net));
  compose(out_net, net);
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Extraction problems: validity, the checker of choices, and how a graph poses
// one. The checker shares no code with any method.
#include "choice.h"
#include "extract_internal.h"

#include <math.h>

//===-- Validity ----------------------------------------------------------===//

// |first| must rise from 0 to |end|.
static eg_status validate_starts(const uint32_t *first, uint32_t num,
                                 uint32_t end, const char *name,
                                 eg_error *error) {
  if (first[0] != 0)
    return egi_error(error, EG_INVALID, 0, "%s[0] is %u, not 0", name,
                     first[0]);
  for (uint32_t i = 0; i < num; ++i)
    if (first[i + 1] < first[i])
      return egi_error(error, EG_INVALID, 0, "%s[%u] is less than %s[%u]", name,
                       i + 1, name, i);
  if (first[num] != end)
    return egi_error(error, EG_INVALID, 0, "%s ends at %u, not at %u", name,
                     first[num], end);
  return EG_OK;
}

static eg_status validate_ids(const uint32_t *ids, uint32_t num,
                              uint32_t num_classes, const char *name,
                              eg_error *error) {
  for (uint32_t i = 0; i < num; ++i)
    if (ids[i] >= num_classes)
      return egi_error(error, EG_INVALID, 0,
                       "%s[%u] names class %u, there are %u", name, i, ids[i],
                       num_classes);
  return EG_OK;
}

bool egi_is_cost(double cost) {
  return cost > -INFINITY; // no NaN either
}

eg_status eg_problem_validate(const eg_problem *p, eg_error *error) {
  if (p->num_nodes == EG_NO_NODE || p->num_classes == EG_NO_NODE)
    return egi_error(error, EG_LIMIT, 0, "2^32 nodes or classes");
  if (!p->first_node || !p->first_child || (p->num_nodes && !p->costs) ||
      (p->num_children && !p->children) || (p->num_roots && !p->roots))
    return egi_error(error, EG_INVALID, 0, "an array of the problem is NULL");
  EG_TRY(validate_starts(p->first_node, p->num_classes, p->num_nodes,
                         "first_node", error));
  EG_TRY(validate_starts(p->first_child, p->num_nodes, p->num_children,
                         "first_child", error));
  EG_TRY(validate_ids(p->children, p->num_children, p->num_classes, "children",
                      error));
  EG_TRY(validate_ids(p->roots, p->num_roots, p->num_classes, "roots", error));
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    if (!egi_is_cost(p->costs[n]))
      return egi_error(error, EG_INVALID, 0, "the cost of node %u is %g", n,
                       p->costs[n]);
  return EG_OK;
}

//===-- The checker -------------------------------------------------------===//

enum { WHITE, GREY, BLACK };

typedef struct frame {
  uint32_t id, next; // class, and the child to look at
} frame;

typedef struct walk {
  const eg_problem *p;
  const uint32_t *choice;
  unsigned char *colour;
  double *tree; // of black classes
  frame *stack;
  uint32_t num;
  eg_choice_totals totals;
  eg_error *error;
} walk;

static eg_status enter(walk *w, uint32_t id) {
  const eg_problem *p = w->p;
  uint32_t node = w->choice[id];
  if (node == EG_NO_NODE)
    return egi_error(w->error, EG_INFEASIBLE, 0, "class %u has no node", id);
  if (node < p->first_node[id] || node >= p->first_node[id + 1])
    return egi_error(w->error, EG_INFEASIBLE, 0,
                     "node %u chosen in class %u is not a member", node, id);
  if (p->costs[node] == INFINITY)
    return egi_error(w->error, EG_INFEASIBLE, 0,
                     "node %u chosen in class %u is never to be chosen", node,
                     id);
  w->colour[id] = GREY;
  w->tree[id] = p->costs[node];
  w->totals.dag += p->costs[node];
  ++w->totals.classes;
  w->stack[w->num++] = (frame){id, p->first_child[node]};
  return EG_OK;
}

static eg_status walk_from(walk *w, uint32_t root) {
  const eg_problem *p = w->p;
  if (w->colour[root] == WHITE)
    EG_TRY(enter(w, root));
  while (w->num) {
    frame *top = &w->stack[w->num - 1];
    if (top->next == p->first_child[w->choice[top->id] + 1]) {
      w->colour[top->id] = BLACK;
      --w->num;
      continue;
    }
    uint32_t child = p->children[top->next];
    if (w->colour[child] == GREY)
      return egi_error(w->error, EG_INFEASIBLE, 0,
                       "the choice is cyclic: class %u needs itself", child);
    if (w->colour[child] == WHITE) {
      EG_TRY(enter(w, child)); // and come back to this child
    } else {
      w->tree[top->id] += w->tree[child];
      ++top->next;
    }
  }
  w->totals.tree += w->tree[root];
  return EG_OK;
}

static eg_status check(egi_arena *arena, walk *w) {
  uint32_t num = w->p->num_classes;
  w->colour = EGI_NEW(arena, unsigned char, num);
  w->tree = EGI_NEW(arena, double, num);
  w->stack = EGI_NEW(arena, frame, num);
  if (!w->colour || !w->tree || !w->stack)
    return egi_no_memory(w->error);
  for (uint32_t r = 0; r < w->p->num_roots; ++r)
    EG_TRY(walk_from(w, w->p->roots[r]));
  return EG_OK;
}

eg_status eg_problem_check(const eg_allocator *allocator,
                           const eg_problem *problem, const uint32_t *choice,
                           eg_choice_totals *out_totals, eg_error *error) {
  eg_allocator own = allocator ? *allocator : eg_allocator_default();
  egi_arena arena = {.allocator = &own};
  walk w = {.p = problem, .choice = choice, .error = error};
  eg_status status = check(&arena, &w);
  egi_arena_free(&arena);
  *out_totals = w.totals;
  return status;
}

//===-- From a graph ------------------------------------------------------===//

typedef struct flat {
  eg_flat flat; // first: what the user sees
  eg_allocator allocator;
  egi_arena arena;
} flat;

// Counts, and numbers the classes in order of their ids.
static uint32_t *number_classes(eg_graph *graph, egi_arena *arena,
                                eg_problem *p) {
  uint32_t *number = EGI_NEW(arena, uint32_t, graph->classes.num);
  eg_class id = {0};
  uint64_t children = 0;
  while (number && (id = eg_class_next(graph, id)).id) {
    uint32_t num, num_children;
    const eg_node *nodes = eg_class_nodes(graph, id, &num);
    number[id.id] = p->num_classes++;
    p->num_nodes += num;
    for (uint32_t i = 0; i < num; ++i) {
      eg_node_children(graph, nodes[i], &num_children);
      children += num_children;
    }
  }
  p->num_children = children < UINT32_MAX ? (uint32_t)children : UINT32_MAX;
  return number;
}

static eg_status price(eg_graph *graph, const eg_prices *prices, eg_node node,
                       double *out_cost) {
  *out_cost = prices ? prices->price(prices->user, graph, node) : 1;
  if (egi_is_cost(*out_cost))
    return EG_OK;
  return egi_fail_at(graph, EG_INVALID, 0,
                     "the price of operator '%.100s' is %g",
                     eg_op_name(graph, eg_node_op(graph, node)), *out_cost);
}

typedef struct filling {
  eg_graph *graph;
  const eg_prices *prices;
  const uint32_t *number;
  eg_node *nodes;
  eg_class *classes;
  uint32_t *first_node, *first_child, *children, *roots;
  double *costs;
  uint32_t num_nodes, num_children;
} filling;

static eg_status fill_node(filling *f, eg_node node) {
  uint32_t num, n = f->num_nodes++;
  const eg_class *children = eg_node_children(f->graph, node, &num);
  f->nodes[n] = node;
  EG_TRY(price(f->graph, f->prices, node, &f->costs[n]));
  for (uint32_t i = 0; i < num; ++i)
    f->children[f->num_children++] = f->number[children[i].id];
  f->first_child[n + 1] = f->num_children;
  return EG_OK;
}

static eg_status fill(filling *f, const eg_class *roots, uint32_t num_roots) {
  eg_class id = {0};
  for (uint32_t c = 0; (id = eg_class_next(f->graph, id)).id; ++c) {
    uint32_t num;
    const eg_node *nodes = eg_class_nodes(f->graph, id, &num);
    f->classes[c] = id;
    for (uint32_t i = 0; i < num; ++i)
      EG_TRY(fill_node(f, nodes[i]));
    f->first_node[c + 1] = f->num_nodes;
  }
  for (uint32_t r = 0; r < num_roots; ++r) {
    if (!egi_is_class(f->graph, roots[r].id))
      return egi_fail_at(f->graph, EG_INVALID, 0, "root %u names no class", r);
    f->roots[r] = f->number[egi_find(f->graph, roots[r].id)];
  }
  return EG_OK;
}

static eg_status flatten(flat *made, eg_graph *graph, const eg_prices *prices,
                         const eg_class *roots, uint32_t num_roots) {
  egi_arena *arena = &made->arena;
  eg_problem *p = &made->flat.problem;
  filling f = {.graph = graph, .prices = prices};
  f.number = number_classes(graph, arena, p);
  p->num_roots = num_roots;
  f.nodes = EGI_NEW(arena, eg_node, p->num_nodes);
  f.classes = EGI_NEW(arena, eg_class, p->num_classes);
  f.first_node = EGI_NEW(arena, uint32_t, p->num_classes + 1);
  f.first_child = EGI_NEW(arena, uint32_t, p->num_nodes + 1);
  f.children = EGI_NEW(arena, uint32_t, p->num_children);
  f.costs = EGI_NEW(arena, double, p->num_nodes);
  f.roots = EGI_NEW(arena, uint32_t, num_roots);
  if (!f.number || !f.nodes || !f.classes || !f.first_node || !f.first_child ||
      !f.children || !f.costs || !f.roots)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "out of memory for a problem");
  p->first_node = f.first_node;
  p->first_child = f.first_child;
  p->children = f.children;
  p->costs = f.costs;
  p->roots = f.roots;
  made->flat.nodes = f.nodes;
  made->flat.classes = f.classes;
  return fill(&f, roots, num_roots);
}

eg_status eg_flat_create(eg_graph *graph, const eg_prices *prices,
                         const eg_class *roots, uint32_t num_roots,
                         eg_flat **out_flat) {
  *out_flat = NULL;
  EG_TRY(egi_need_clean(graph));
  eg_allocator own = graph->allocator;
  flat *made = own.resize(own.user, NULL, 0, sizeof *made);
  if (!made)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "out of memory for a problem");
  *made = (flat){.allocator = own};
  made->arena.allocator = &made->allocator;
  eg_status status = flatten(made, graph, prices, roots, num_roots);
  if (status != EG_OK) {
    eg_flat_destroy(&made->flat);
    return status;
  }
  *out_flat = &made->flat;
  return EG_OK;
}

void eg_flat_destroy(eg_flat *given) {
  if (!given)
    return;
  flat *made = (flat *)given;
  egi_arena_free(&made->arena);
  eg_allocator own = made->allocator;
  own.resize(own.user, made, sizeof *made, 0);
}

void eg_flat_choose(const eg_flat *given, const uint32_t *choice,
                    eg_choice *out_choice) {
  for (uint32_t c = 0; c < given->problem.num_classes; ++c)
    if (choice[c] != EG_NO_NODE)
      eg_choice_set(out_choice, given->classes[c], given->nodes[choice[c]]);
}

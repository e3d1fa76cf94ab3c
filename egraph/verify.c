// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The result checker: trusts no extractor, and shares no code with any.
//
// A depth-first walk from the roots with its own stack. A class is white
// before, grey while it is on the stack, black when all below it is done; an
// edge to a grey class closes a cycle. When a class turns black the tree totals
// of its children are known, so its own is one sum: O(edges reached).
#include "choice.h"

enum { WHITE, GREY, BLACK };

typedef struct frame {
  uint32_t id, node;
  uint32_t next; // child to look at
  double tree;   // price, and the children done so far
} frame;

typedef struct walk {
  eg_graph *graph;
  const eg_choice *choice;
  const eg_prices *prices;
  uint32_t num; // classes
  unsigned char *colour;
  double *tree; // of black classes
  EGI_ARRAY(frame) stack;
  eg_choice_totals totals;
} walk;

// The chosen node of |id|, after a look at whether it may be one.
static eg_status checked_node(walk *w, uint32_t id, uint32_t *out_node) {
  eg_graph *graph = w->graph;
  uint32_t node = eg_choice_node(w->choice, (eg_class){id}).id;
  if (!node)
    return egi_fail_at(graph, EG_INFEASIBLE, 0, "class %u has no node", id);
  uint32_t page = node >> EGI_PAGE_BITS;
  if (page == 0 || page >= graph->pages.num || !egi_is_live(graph, node))
    return egi_fail_at(graph, EG_INFEASIBLE, 0,
                       "node %u of class %u is not live", node, id);
  uint32_t owner = egi_find(graph, eg_node_class(graph, (eg_node){node}).id);
  if (owner != id)
    return egi_fail_at(graph, EG_INFEASIBLE, 0,
                       "node %u chosen in class %u belongs to class %u", node,
                       id, owner);
  *out_node = node;
  return EG_OK;
}

static eg_status price_of(walk *w, uint32_t node, double *out_price) {
  eg_graph *graph = w->graph;
  *out_price = 1;
  if (w->prices)
    *out_price = w->prices->price(w->prices->user, graph, (eg_node){node});
  if (*out_price == *out_price)
    return EG_OK;
  return egi_fail_at(graph, EG_INVALID, 0,
                     "the price of operator '%.100s' is NaN",
                     eg_op_name(graph, eg_node_op(graph, (eg_node){node})));
}

// Steps into a white class.
static eg_status enter(walk *w, uint32_t id) {
  frame f = {.id = id};
  EG_TRY(checked_node(w, id, &f.node));
  EG_TRY(price_of(w, f.node, &f.tree));
  EG_TRY(EGI_RESERVE(w->graph, &w->stack, 1));
  w->colour[id] = GREY;
  w->totals.dag += f.tree;
  ++w->totals.classes;
  w->stack.data[w->stack.num++] = f;
  return EG_OK;
}

// Looks at one child of the class on top of the stack, or leaves the class.
static eg_status step(walk *w) {
  frame *top = &w->stack.data[w->stack.num - 1];
  uint32_t num;
  const eg_class *children =
      eg_node_children(w->graph, (eg_node){top->node}, &num);
  if (top->next == num) {
    w->colour[top->id] = BLACK;
    w->tree[top->id] = top->tree;
    --w->stack.num;
    return EG_OK;
  }
  uint32_t child = egi_find(w->graph, children[top->next].id);
  if (w->colour[child] == WHITE)
    return enter(w, child); // It is counted when we come back to it, black.
  if (w->colour[child] == GREY)
    return egi_fail_at(
        w->graph, EG_INFEASIBLE, 0,
        "the choice is cyclic: class %u needs itself, through '%.100s' of "
        "class "
        "%u",
        child, eg_op_name(w->graph, eg_node_op(w->graph, (eg_node){top->node})),
        top->id);
  top->tree += w->tree[child];
  ++top->next;
  return EG_OK;
}

static eg_status walk_root(walk *w, eg_class root) {
  if (!egi_is_class(w->graph, root.id))
    return egi_fail_at(w->graph, EG_INVALID, 0, "root %u names no class",
                       root.id);
  uint32_t id = egi_find(w->graph, root.id);
  if (w->colour[id] == WHITE)
    EG_TRY(enter(w, id));
  while (w->stack.num > 0)
    EG_TRY(step(w));
  w->totals.tree += w->tree[id];
  return EG_OK;
}

static eg_status walk_all(walk *w, const eg_class *roots, uint32_t num_roots) {
  w->colour = egi_resize(w->graph, NULL, 0, w->num);
  w->tree = egi_resize(w->graph, NULL, 0, w->num * sizeof *w->tree);
  if (!w->colour || !w->tree)
    return egi_fail_at(w->graph, EG_NO_MEMORY, 0, "out of memory to check");
  memset(w->colour, WHITE, w->num);
  for (uint32_t i = 0; i < num_roots; ++i)
    EG_TRY(walk_root(w, roots[i]));
  return EG_OK;
}

eg_status eg_choice_check(eg_graph *graph, const eg_choice *choice,
                          const eg_class *roots, uint32_t num_roots,
                          const eg_prices *prices,
                          eg_choice_totals *out_totals) {
  EG_TRY(egi_need_clean(graph));
  if (choice->graph != graph)
    return egi_fail_at(graph, EG_INVALID, 0, "the choice is of another graph");
  walk w = {.graph = graph,
            .choice = choice,
            .prices = prices,
            .num = (uint32_t)graph->classes.num + !graph->classes.num};
  eg_status status = walk_all(&w, roots, num_roots);
  if (w.colour)
    egi_resize(graph, w.colour, w.num, 0);
  if (w.tree)
    egi_resize(graph, w.tree, w.num * sizeof *w.tree, 0);
  EGI_RELEASE(graph, &w.stack);
  if (status == EG_OK && out_totals)
    *out_totals = w.totals;
  return status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Branch and bound that needs no solver.
//
// A root is certain to be chosen from, and so is what the only node of a certain
// class needs: the nodes of one such class divide the choices. Each branch keeps
// one of them and is presolved again: what that node needs becomes roots, bounds
// drop nodes, and the net falls together. When every certain class has one node
// nothing is left to decide. Depth first, the branch with the lowest bound
// first, so that better incumbents come early; an open net is dropped when its
// bound reaches the best cost known.
#include "extract_internal.h"

#include <math.h>

enum { MAX_DEPTH = 512, BRANCH_ROUNDS = 40 };

// An open net: its reduction relative to the net of |depth| - 1.
typedef struct open {
  egi_reduced reduced;
  double offset;              // of all levels up to here
  double bound;               // including the offset
  uint32_t root;              // the certain class to branch on
  uint32_t *order, num, next; // its nodes by their bound
  egi_mark mark;              // what this level got goes away with it
} open;

typedef struct branch {
  eg_extraction *x;
  egi_part *part;
  open *stack;
  uint32_t depth;
  double cutoff; // a cost that is reached already
  double lost;   // least bound of the nets that were too deep to open
} branch;

static const egi_net *net_at(const branch *b, uint32_t depth) {
  return depth ? &b->stack[depth - 1].reduced.net : &b->part->net;
}

// The choice of the deepest net as one of the part.
static eg_status lift(branch *b, const uint32_t *choice, double total) {
  egi_arena *arena = &b->x->arena;
  egi_mark mark = egi_arena_mark(arena);
  const uint32_t *upper = choice;
  for (uint32_t i = b->depth; i-- > 0;) {
    const egi_net *base = net_at(b, i);
    uint32_t *lower = EGI_NEW(arena, uint32_t, base->p.num_classes);
    if (!lower)
      return EG_NO_MEMORY;
    egi_unreduce(&b->stack[i].reduced, base, upper, lower);
    upper = lower;
  }
  memcpy(b->part->choice, upper, b->part->net.p.num_classes * sizeof *upper);
  b->part->total = b->cutoff = total;
  egi_arena_reset(arena, mark);
  return EG_OK;
}

// The undecided certain class with the fewest nodes; EG_NO_NODE when all are
// decided. That presolve made roots of all certain classes is not relied on: it
// may have been told not to, or have run out of time.
static eg_status pick_class(egi_arena *arena, const eg_problem *p,
                            uint32_t *out_class) {
  uint32_t *queue = EGI_NEW(arena, uint32_t, p->num_classes);
  uint8_t *certain = EGI_NEW(arena, uint8_t, p->num_classes);
  uint32_t num = 0, fewest = UINT32_MAX;
  *out_class = EG_NO_NODE;
  if (!queue || !certain)
    return EG_NO_MEMORY;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    if (!certain[p->roots[r]]++)
      queue[num++] = p->roots[r];
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t c = queue[i], nodes = p->first_node[c + 1] - p->first_node[c];
    if (nodes > 1 && nodes < fewest) {
      fewest = nodes;
      *out_class = c;
    }
    if (nodes != 1)
      continue;
    for (EGI_CHILDREN(p, e, p->first_node[c]))
      if (!certain[p->children[e]]) {
        certain[p->children[e]] = 1;
        queue[num++] = p->children[e];
      }
  }
  return EG_OK;
}

// Any net gives an incumbent; where all is decided it is the only choice.
static eg_status take_leaf(branch *b, open *top) {
  const egi_net *net = &top->reduced.net;
  double total;
  uint32_t *choice = EGI_NEW(&b->x->arena, uint32_t, net->p.num_classes);
  if (!choice)
    return EG_NO_MEMORY;
  EG_TRY(egi_descend(b->x, net, choice, &total));
  total += top->offset;
  if (total < b->cutoff)
    EG_TRY(lift(b, choice, total));
  return EG_OK;
}

// Looks at the net on top of the stack: bounds it, improves the incumbent,
// prepares its branches. Leaves no branches when there is nothing to find.
static eg_status open_top(branch *b) {
  open *top = &b->stack[b->depth - 1];
  const eg_problem *p = &top->reduced.net.p;
  egi_arena *arena = &b->x->arena;
  egi_bound bound;
  if (top->reduced.closed)
    return EG_OK;
  EG_TRY(take_leaf(b, top));
  EG_TRY(egi_bound_make(arena, &top->reduced.net, BRANCH_ROUNDS, b->x, &bound));
  if (top->bound < bound.value + top->offset)
    top->bound = bound.value + top->offset;
  if (top->bound >= b->cutoff - 1e-9 * fabs(b->cutoff))
    return EG_OK;
  EG_TRY(pick_class(arena, p, &top->root));
  if (top->root == EG_NO_NODE)
    return EG_OK;
  uint32_t first = p->first_node[top->root];
  top->num = p->first_node[top->root + 1] - first;
  top->order = EGI_NEW(arena, uint32_t, top->num);
  if (!top->order)
    return EG_NO_MEMORY;
  for (uint32_t i = 0; i < top->num; ++i)
    top->order[i] = first + i;
  egi_sort_nodes(top->order, top->num, bound.extra);
  return EG_OK;
}

// The net of |top| where its root has |node| alone.
static eg_status open_branch(branch *b, uint32_t node) {
  open *top = &b->stack[b->depth - 1], *next = &b->stack[b->depth];
  const egi_net *net = &top->reduced.net;
  egi_arena *arena = &b->x->arena;
  *next = (open){.mark = egi_arena_mark(arena), .bound = top->bound};
  uint8_t *keep = EGI_NEW(arena, uint8_t, net->p.num_nodes);
  if (!keep)
    return EG_NO_MEMORY;
  for (uint32_t n = 0; n < net->p.num_nodes; ++n)
    keep[n] = net->owner[n] != top->root || n == node;
  EG_TRY(egi_presolve_kept(arena, net, keep, b->x->options->presolve,
                           b->cutoff - top->offset, true, b->x,
                           &next->reduced));
  next->offset = top->offset + next->reduced.offset;
  ++b->depth;
  return open_top(b);
}

// What the nets that are still open prove together.
static double open_bound(const branch *b) {
  double least = fmin(b->cutoff, b->lost);
  for (uint32_t i = 0; i < b->depth; ++i)
    if (b->stack[i].next < b->stack[i].num && b->stack[i].bound < least)
      least = b->stack[i].bound;
  return least;
}

static eg_status search(branch *b) {
  egi_arena *arena = &b->x->arena;
  b->stack[0] = (open){.mark = egi_arena_mark(arena)};
  EG_TRY(egi_presolve(arena, &b->part->net, b->x->options->presolve, b->cutoff,
                      true, b->x, &b->stack[0].reduced));
  b->stack[0].offset = b->stack[0].reduced.offset;
  b->depth = 1;
  EG_TRY(open_top(b));
  while (b->depth) {
    open *top = &b->stack[b->depth - 1];
    if (egi_part_over(b->x, b->part))
      break;
    bool closed = top->next == top->num ||
                  top->bound >= b->cutoff - 1e-9 * fabs(b->cutoff);
    if (closed || b->depth == MAX_DEPTH) {
      b->lost = closed ? b->lost : fmin(b->lost, top->bound);
      egi_arena_reset(arena, top->mark);
      --b->depth;
      continue;
    }
    EG_TRY(open_branch(b, top->order[top->next++]));
  }
  b->part->bound = fmax(b->part->bound, open_bound(b));
  return EG_OK;
}

eg_status egi_solve_branch(eg_extraction *x, egi_part *part) {
  egi_mark mark = egi_arena_mark(&x->arena);
  branch b = {.x = x, .part = part, .cutoff = part->cutoff, .lost = INFINITY};
  b.stack = EGI_NEW(&x->arena, open, MAX_DEPTH + 1);
  if (!b.stack)
    return EG_NO_MEMORY;
  eg_status status = search(&b);
  egi_arena_reset(&x->arena, mark);
  return status;
}

eg_status egi_run_branch(void *user, eg_extraction *x) {
  (void)user;
  static const egi_pass passes[] = {{egi_solve_branch, 1}};
  return egi_exact(x, passes, 1);
}

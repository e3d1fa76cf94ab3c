// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tree optima on a flat net (D. E. Knuth, 1977), with classes that are paid
// already: the price of everything else given a running choice.
//
// The heap order (value, class) makes answers reproducible. A node competes
// when its last child is final, so the choice is acyclic even where costs are 0.
#include "extract_internal.h"

#include <math.h>

//===-- The heap ----------------------------------------------------------===//

eg_status egi_heap_make(egi_arena *arena, uint32_t num_classes,
                        const double *value, egi_heap *out_heap) {
  *out_heap = (egi_heap){.value = value};
  out_heap->entries = EGI_NEW(arena, egi_heap_entry, num_classes);
  out_heap->place = EGI_NEW(arena, uint32_t, num_classes);
  return out_heap->entries && out_heap->place ? EG_OK : EG_NO_MEMORY;
}

static bool before(egi_heap_entry a, egi_heap_entry b) {
  return (a.value < b.value) | ((a.value == b.value) & (a.id < b.id));
}

static void put(egi_heap *heap, uint32_t at, egi_heap_entry entry) {
  heap->entries[at] = entry;
  heap->place[entry.id] = at + 1;
}

static void lift(egi_heap *heap, uint32_t at, egi_heap_entry entry) {
  for (uint32_t up; at; at = up) {
    up = (at - 1) / 4;
    if (!before(entry, heap->entries[up]))
      break;
    put(heap, at, heap->entries[up]);
  }
  put(heap, at, entry);
}

void egi_heap_add(egi_heap *heap, uint32_t id) {
  uint32_t at = heap->place[id] ? heap->place[id] - 1 : heap->num++;
  lift(heap, at, (egi_heap_entry){heap->value[id], id});
}

static uint32_t least_child(const egi_heap *heap, uint32_t at) {
  uint32_t least = 4 * at + 1, end = 4 * at + 5;
  end = end < heap->num ? end : heap->num;
  for (uint32_t child = least + 1; child < end; ++child)
    least = before(heap->entries[child], heap->entries[least]) ? child : least;
  return least;
}

// Sinks the hole to a leaf, then lifts what was last from there: it rarely
// belongs far from the leaves.
uint32_t egi_heap_pop(egi_heap *heap) {
  uint32_t top = heap->entries[0].id, at = 0;
  egi_heap_entry last = heap->entries[--heap->num];
  heap->place[top] = 0;
  if (!heap->num)
    return top;
  while (4 * at + 1 < heap->num) {
    uint32_t child = least_child(heap, at);
    put(heap, at, heap->entries[child]);
    at = child;
  }
  lift(heap, at, last);
  return top;
}

//===-- The algorithm -----------------------------------------------------===//

eg_status egi_knuth_make(egi_arena *arena, const egi_net *net,
                         egi_knuth *out_knuth) {
  out_knuth->deepest = false;
  out_knuth->value = EGI_NEW(arena, double, net->p.num_classes);
  out_knuth->waiting = EGI_NEW(arena, uint32_t, net->p.num_nodes);
  if (!out_knuth->value || !out_knuth->waiting)
    return EG_NO_MEMORY;
  return egi_heap_make(arena, net->p.num_classes, out_knuth->value,
                       &out_knuth->heap);
}

enum { FINAL = UINT32_MAX }; // place of a class that has left the heap

static void compete(egi_knuth *k, const egi_net *net, const double *costs,
                    uint32_t node, uint32_t *choice) {
  uint32_t id = net->owner[node];
  if (k->heap.place[id] == FINAL)
    return;
  double value = costs[node] > 0 ? costs[node] : 0;
  double below = 0;
  for (EGI_CHILDREN(&net->p, e, node)) {
    double child = k->value[net->p.children[e]];
    below = !k->deepest ? below + child : below < child ? child : below;
  }
  value += below;
  bool first = !k->heap.place[id];
  if (!first && !(value < k->value[id]))
    return;
  k->value[id] = value;
  choice[id] = node;
  egi_heap_add(&k->heap, id);
}

static void settle(egi_knuth *k, const egi_net *net, const double *costs,
                   uint32_t id, uint32_t *choice) {
  for (EGI_USERS(net, u, id))
    if (--k->waiting[net->users[u]] == 0)
      compete(k, net, costs, net->users[u], choice);
}

void egi_knuth_run(egi_knuth *k, const egi_net *net, const double *costs,
                   const uint32_t *paid, uint32_t *choice) {
  const eg_problem *p = &net->p;
  k->heap.num = 0;
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    k->waiting[n] = p->first_child[n + 1] - p->first_child[n];
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    k->value[c] = paid && paid[c] ? 0 : INFINITY;
    k->heap.place[c] = paid && paid[c] ? FINAL : 0;
  }
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    if (!k->waiting[n])
      compete(k, net, costs, n, choice);
  for (uint32_t c = 0; paid && c < p->num_classes; ++c)
    if (paid[c])
      settle(k, net, costs, c, choice);
  while (k->heap.num) {
    uint32_t id = egi_heap_pop(&k->heap);
    k->heap.place[id] = FINAL;
    settle(k, net, costs, id, choice);
  }
}

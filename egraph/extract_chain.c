// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A bound from single chains, for nets whose best term is small beside them.
//
// In a choice the classes on one path from a root to a leaf are distinct, so
// their costs add up:
//   up(c)   = min over n in c of cost(n) + max over children of up
//   down(c) = min over users n of c of down(class of n) + cost(n); 0 for roots
// and a choice that uses node n of c costs at least
//   down(c) + cost(n) + max over children of up.
// Two runs of Dijkstra's algorithm, O(edges log classes).
#include "extract_internal.h"

#include <math.h>

static eg_status find_down(egi_arena *arena, const egi_net *net, double *down) {
  const eg_problem *p = &net->p;
  egi_heap heap;
  EG_TRY(egi_heap_make(arena, p->num_classes, down, &heap));
  for (uint32_t c = 0; c < p->num_classes; ++c)
    down[c] = INFINITY;
  for (uint32_t r = 0; r < p->num_roots; ++r) {
    down[p->roots[r]] = 0;
    egi_heap_add(&heap, p->roots[r]);
  }
  while (heap.num) {
    uint32_t c = egi_heap_pop(&heap);
    for (EGI_NODES(p, n, c))
      for (EGI_CHILDREN(p, e, n)) {
        uint32_t d = p->children[e];
        if (!(down[c] + p->costs[n] < down[d]))
          continue;
        down[d] = down[c] + p->costs[n];
        egi_heap_add(&heap, d);
      }
  }
  return EG_OK;
}

eg_status egi_chain_keep(egi_arena *arena, const egi_net *net, double known,
                         uint8_t *keep) {
  const eg_problem *p = &net->p;
  egi_arena scratch = {.allocator = arena->allocator};
  egi_knuth up;
  double *down = EGI_NEW(&scratch, double, p->num_classes);
  uint32_t *choice = EGI_NEW(&scratch, uint32_t, p->num_classes);
  eg_status status = down && choice ? EG_OK : EG_NO_MEMORY;
  if (status == EG_OK)
    status = egi_knuth_make(&scratch, net, &up);
  if (status == EG_OK)
    status = find_down(&scratch, net, down);
  if (status == EG_OK) {
    up.deepest = true;
    egi_knuth_run(&up, net, p->costs, NULL, choice);
    double limit = known - 1e-9 * fabs(known);
    for (uint32_t n = 0; n < p->num_nodes; ++n) {
      double most = 0;
      for (EGI_CHILDREN(p, e, n))
        most = fmax(most, up.value[p->children[e]]);
      keep[n] = down[net->owner[n]] + p->costs[n] + most < limit;
    }
  }
  egi_arena_free(&scratch);
  return status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sharing.h"

egi_sharing *egi_sharing_create(eg_graph *graph) {
  egi_sharing *s =
      graph->allocator.resize(graph->allocator.user, NULL, 0, sizeof *s);
  if (s) {
    s->graph = graph;
    s->team = NULL;
  }
  return s;
}

void egi_sharing_destroy(eg_graph *graph, egi_sharing *s) {
  if (s)
    graph->allocator.resize(graph->allocator.user, s, sizeof *s, 0);
}

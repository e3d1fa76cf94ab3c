// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Subsumed nodes: one bit each, in an array that no graph has until it needs it.
#include "internal.h"

static eg_status subsume(eg_graph *graph, uint32_t node) {
  if (egi_is_subsumed(graph, node))
    return EG_OK;
  size_t words = (size_t)(node >> 6) + 1;
  if (words > graph->subsumed.num) {
    size_t more = words - graph->subsumed.num;
    EG_TRY(EGI_RESERVE(graph, &graph->subsumed, more));
    memset(graph->subsumed.data + graph->subsumed.num, 0, 8 * more);
    graph->subsumed.num = words;
  }
  if (graph->undo.levels.num > 0) {
    EG_TRY(egi_undo_make_room(graph, 1));
    egi_undo_subsumed(graph, node);
  }
  graph->subsumed.data[node >> 6] |= UINT64_C(1) << (node & 63);
  return EG_OK;
}

eg_status egi_subsume_congruent(eg_graph *graph, uint32_t node,
                                uint32_t other) {
  return egi_is_subsumed(graph, node) ? subsume(graph, other) : EG_OK;
}

void egi_subsume_forget(eg_graph *graph, uint32_t node) {
  if (egi_is_subsumed(graph, node))
    graph->subsumed.data[node >> 6] &= ~(UINT64_C(1) << (node & 63));
}

eg_status eg_subsume(eg_graph *graph, eg_node node) {
  if (node.id >> 6 >= graph->live.num || !egi_is_live(graph, node.id))
    return egi_fail_at(graph, EG_INVALID, 0, "no node %u to subsume",
                       (unsigned)node.id);
  return subsume(graph, node.id);
}

bool eg_is_subsumed(const eg_graph *graph, eg_node node) {
  return egi_is_subsumed(graph, node.id);
}

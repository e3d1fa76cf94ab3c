// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Choices: a node per class, as extractors fill them in.
#include "choice.h"

eg_status egi_need_clean(eg_graph *graph) {
  if (eg_is_clean(graph))
    return EG_OK;
  return egi_fail_at(graph, EG_INVALID, 0, "the graph needs eg_rebuild first");
}

eg_status egi_choice_new(eg_graph *graph, size_t cost_size,
                         eg_choice **out_choice) {
  *out_choice = NULL;
  size_t num = graph->classes.num ? graph->classes.num : 1;
  if (cost_size > SIZE_MAX / num)
    return egi_fail_at(graph, EG_LIMIT, 0, "costs of %zu bytes", cost_size);
  eg_choice *choice = egi_resize(graph, NULL, 0, sizeof *choice);
  if (choice) {
    *choice = (eg_choice){graph, (uint32_t)num, NULL, cost_size, NULL};
    choice->nodes = egi_resize(graph, NULL, 0, num * sizeof *choice->nodes);
    if (cost_size)
      choice->costs = egi_resize(graph, NULL, 0, num * cost_size);
  }
  if (!choice || !choice->nodes || (cost_size && !choice->costs)) {
    eg_choice_destroy(choice);
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "out of memory for a choice");
  }
  memset(choice->nodes, 0, num * sizeof *choice->nodes);
  *out_choice = choice;
  return EG_OK;
}

eg_status eg_choice_create(eg_graph *graph, eg_choice **out_choice) {
  return egi_choice_new(graph, 0, out_choice);
}

void eg_choice_destroy(eg_choice *choice) {
  if (!choice)
    return;
  eg_graph *graph = choice->graph;
  if (choice->nodes)
    egi_resize(graph, choice->nodes, choice->num * sizeof *choice->nodes, 0);
  if (choice->costs)
    egi_resize(graph, choice->costs, choice->num * choice->cost_size, 0);
  egi_resize(graph, choice, sizeof *choice, 0);
}

// The canonical id, or 0 for one that the choice does not know.
static uint32_t canonical(const eg_choice *choice, eg_class id) {
  if (!egi_is_class(choice->graph, id.id))
    return 0;
  uint32_t root = egi_find(choice->graph, id.id);
  return root < choice->num ? root : 0;
}

void eg_choice_set(eg_choice *choice, eg_class id, eg_node node) {
  uint32_t root = canonical(choice, id);
  if (root)
    choice->nodes[root] = node.id;
}

eg_node eg_choice_node(const eg_choice *choice, eg_class id) {
  return (eg_node){choice->nodes[canonical(choice, id)]};
}

const void *eg_choice_cost(const eg_choice *choice, eg_class id) {
  uint32_t root = canonical(choice, id);
  if (!choice->cost_size || !choice->nodes[root])
    return NULL;
  return choice->costs + root * choice->cost_size;
}

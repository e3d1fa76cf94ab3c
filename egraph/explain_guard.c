// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What was known of the arguments of a guard when the rule was applied.
//
// A condition is asked of classes, and a proof is of terms. So each argument is
// shown equal to a term that says more than its own: a leaf of its class, a
// number if there is one; else what is known of an argument before it that it
// equals. Only facts older than the rule's own count, so that explaining ends.
#include "explain.h"

enum { EFFORT = 10000000 }; // steps in the forest, for all guards of a proof

// How much a node says: a number, another literal, another leaf, nothing.
static int weight(const eg_graph *graph, eg_node node) {
  uint32_t num;
  double value;
  eg_op op = eg_node_op(graph, node);
  eg_node_children(graph, node, &num);
  if (num > 0)
    return 0;
  if (egi_read_number(graph, op, eg_node_payload(graph, node), 0, &value))
    return 3;
  return eg_op_is_literal(graph, op) ? 2 : 1;
}

static bool was_equal(egi_builder *b, uint32_t x, uint32_t y, uint32_t place) {
  return x == y || (b->effort < EFFORT && egi_explain_since(b, x, y) < place);
}

// The leaf that says most of what |node| equals; |node| itself where none does.
static uint32_t find_leaf(egi_builder *b, uint32_t node, uint32_t place) {
  const eg_graph *graph = b->graph;
  uint32_t num, best = node;
  int most = weight(graph, (eg_node){node});
  eg_class id = {egi_find(graph, egi_record(graph, node)[0])};
  const eg_node *nodes = eg_class_nodes(graph, id, &num);
  for (uint32_t i = 0; i < num; ++i) {
    int own = weight(graph, nodes[i]);
    if (own > most && was_equal(b, node, nodes[i].id, place)) {
      most = own;
      best = nodes[i].id;
    }
  }
  return best;
}

// What is known of each of |num| nodes, behind them.
static void find_known(egi_builder *b, uint32_t *nodes, size_t num,
                       uint32_t place) {
  uint32_t *known = nodes + num;
  for (size_t k = 0; k < num; ++k) {
    known[k] = find_leaf(b, nodes[k], place);
    for (size_t i = 0; i < k && known[k] == nodes[k]; ++i)
      if (was_equal(b, nodes[k], known[i], place))
        known[k] = known[i];
  }
}

eg_status egi_explain_guard(egi_builder *b, const char *name,
                            const egi_words *nodes, uint32_t place,
                            uint32_t first_link) {
  egi_pguard guard = {.num = (uint32_t)nodes->num};
  if (*name)
    EG_TRY(egi_explain_name(b, name, strlen(name), &guard.name));
  find_known(b, nodes->data, nodes->num, place);
  for (uint32_t k = 0; k < guard.num; ++k) {
    uint32_t link, term;
    EG_TRY(
        egi_explain_link(b, nodes->data[k], nodes->data[guard.num + k], &link));
    EG_TRY(egi_explain_term(b, nodes->data[k], &term));
    EG_TRY(egi_explain_spell(b, term, &link));
    b->proof->links.data[first_link + k] = link;
  }
  EG_TRY(EGI_RESERVE(b->graph, &b->proof->guards, 1));
  b->proof->guards.data[b->proof->guards.num++] = guard;
  return EG_OK;
}

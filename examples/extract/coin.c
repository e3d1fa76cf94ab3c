// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A plugin: a method that tosses coins, and a cost function that prices a node
// by its number of children.
//   eg extract graph.json --method=coin --seed=7 --plugin=coin.so
#include <eg_extract.h>

#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

enum { TOSSES = 1000 };

// From the best choice, a class at random takes a node at random.
static eg_status toss(void *user, eg_extraction *x) {
  (void)user;
  const eg_problem *p = eg_extraction_problem(x);
  uint32_t *choice = malloc((p->num_classes + 1) * sizeof *choice);
  if (!choice)
    return EG_NO_MEMORY;
  for (int i = 0; i < TOSSES && eg_extraction_work(x, p->num_classes); ++i) {
    for (uint32_t c = 0; c < p->num_classes; ++c)
      choice[c] = eg_extraction_best(x)[c];
    uint32_t n = (uint32_t)(eg_extraction_random(x) % p->num_nodes);
    uint32_t c = 0;
    while (p->first_node[c + 1] <= n)
      ++c;
    choice[c] = n;
    eg_status status = eg_extraction_offer(x, choice);
    if (status != EG_OK && status != EG_INFEASIBLE) {
      free(choice);
      return status;
    }
  }
  free(choice);
  return EG_OK;
}

static double by_children(void *user, const eg_node_view *node) {
  (void)user;
  return 1 + node->num_children;
}

static const eg_extractor methods[] = {
    {"coin", "tosses coins", true, false, toss, NULL}};

EXPORT extern const eg_plugin eg_plugin_symbol;
const eg_plugin eg_plugin_symbol = {.abi = EG_PLUGIN_ABI,
                                    .num_extractors = 1,
                                    .extractors = methods,
                                    .cost = by_children};

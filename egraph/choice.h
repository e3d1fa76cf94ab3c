// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A choice as its makers see it: one node and one cost value per class id.
#ifndef EG_CHOICE_H
#define EG_CHOICE_H

#include "internal.h"

struct eg_choice {
  eg_graph *graph;
  uint32_t num;     // class ids there were when it was made
  uint32_t *nodes;  // by canonical id, 0 = none
  size_t cost_size; // 0 = no costs
  unsigned char *costs;
};

// An empty choice with room for costs of |cost_size| bytes.
EG_NODISCARD
eg_status egi_choice_new(eg_graph *graph, size_t cost_size,
                         eg_choice **out_choice);

// EG_INVALID unless the graph is clean.
EG_NODISCARD
eg_status egi_need_clean(eg_graph *graph);

#endif

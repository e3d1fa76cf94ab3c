// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Semi-naive search: what is new to a rule since it was last searched.
#ifndef EG_CHANGES_H
#define EG_CHANGES_H

#include "internal.h"

// The nodes that changed after an epoch. A match that a search then did not find
// holds one of them.
typedef struct egi_delta {
  uint64_t since;
  bool around;      // with the members and the parents of changed classes
  bool full;        // too many or unknown: everything has to be searched
  egi_words nodes;  // by operator
  egi_words starts; // nodes of operator o: nodes[starts[o] … starts[o + 1])
  EGI_ARRAY(uint64_t) bits;
} egi_delta;

typedef EGI_ARRAY(egi_delta) egi_deltas;

static inline bool egi_delta_has(const egi_delta *delta, uint32_t node) {
  return delta->bits.data[node >> 6] >> (node & 63) & 1;
}

// Begins to note changes, if that is not done yet, and gives the epoch of the
// graph as it is (it must be clean). 0 is before all of them.
EG_NODISCARD
eg_status egi_changes_epoch(eg_graph *graph, uint64_t *out_epoch);

// What has changed since an epoch, computed once per round: |deltas| keeps it,
// until egi_deltas_free. O(changes + operators + nodes / 64). The result is lent
// until the next call.
EG_NODISCARD
eg_status egi_deltas_get(eg_graph *graph, egi_deltas *deltas, uint64_t since,
                         bool around, const egi_delta **out_delta);
void egi_deltas_free(eg_graph *graph, egi_deltas *deltas);

#endif

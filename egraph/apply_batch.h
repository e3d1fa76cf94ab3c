// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A batch of matches of one rule, step by step of its right-hand side: between
// apply.c and apply_shared.c.
#ifndef EG_APPLY_BATCH_H
#define EG_APPLY_BATCH_H

#include "apply.h"

typedef struct egi_batch {
  eg_graph *graph;
  egi_rule *rule;
  const uint32_t *rows;
  const uint32_t *grounds;
  uint32_t num, stride;
  uint32_t *results; // class of step s for match i: results[s * num + i]
  bool *changed;     // what a match has done
} egi_batch;

static inline uint32_t egi_batch_operand(const egi_batch *b, egi_arg arg,
                                         uint32_t i) {
  switch (arg.kind) {
  case EGI_ARG_ROW:
    return b->rows[i * b->stride + arg.index];
  case EGI_ARG_GROUND:
    return b->grounds[arg.index];
  default:
    return b->results[arg.index * b->num + i];
  }
}

// The class that a new node of a step joins: what the rule says it equals. 0 for
// one of its own.
static inline uint32_t egi_batch_home(const egi_batch *b, uint32_t s,
                                      uint32_t i) {
  egi_arg home = b->rule->steps.data[s].home;
  return home.kind == EGI_ARG_NONE
             ? 0
             : egi_find(b->graph, egi_batch_operand(b, home, i));
}

// Of a node that a step makes: the payload, if any, and the children.
static inline uint32_t egi_key_words(const egi_step *step) {
  return step->num + (step->payload != 0);
}

// The keys of matches |first| to |first| + |num| - 1 for a step, canonical. Writes
// nothing to the union-find: several threads may read it.
void egi_batch_keys(const egi_batch *b, const egi_step *step, uint32_t first,
                    uint32_t num, uint32_t (*keys)[EGI_MAX_INLINE]);

//===-- By the threads of a team (apply_shared.c) -------------------------===//

// Does step |s|, of an operator whose keys stand in the record, for the batch.
// Room for what one thread would need has been made. A failure leaves the graph
// as it was.
EG_NODISCARD
eg_status egi_share_step(egi_sharing *sharing, egi_batch *b, uint32_t s);

// States the unions of the rule, which are at most so many.
enum { EGI_SHARED_UNIONS = 32 };
EG_NODISCARD
eg_status egi_share_unions(egi_sharing *sharing, egi_batch *b);

#endif

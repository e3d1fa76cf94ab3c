// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Applying matches: between run.c, which finds them, and apply.c.
#ifndef EG_APPLY_H
#define EG_APPLY_H

#include "rule.h"
#include "sharing.h"

// Whether batches may be as large as EGI_BATCH and shared: nothing of the graph
// or the rule has to see one node after the other.
bool egi_apply_is_plain(const eg_graph *graph, const egi_rule *rule);

// A match is a row of 1 + num_vars words: the root, then the variables.
// Applies |num| of them, at most EGI_BATCH where that is plain, else EGI_BLOCK,
// and adds to the rule's counters.
// |witnesses|: where the graph keeps proofs, the nodes behind these matches.
EG_NODISCARD
eg_status egi_apply_batch(eg_graph *graph, egi_rule *rule, const uint32_t *rows,
                          uint32_t num, const uint32_t *grounds,
                          const egi_witnesses *witnesses);

// Asks for the classes of |num_words| words of rows.
void egi_apply_prefetch(const eg_graph *graph, const uint32_t *rows,
                        size_t num_words);

// Adds the ground terms of the right-hand side; |grounds| becomes their classes,
// one per rhs_ground_roots, then the node of each of rhs_grounds.
EG_NODISCARD
eg_status egi_apply_grounds(eg_graph *graph, const egi_rule *rule,
                            egi_words *grounds);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A step of a batch that threads share: between apply_shared.c, which gives out
// the jobs, and apply_look_up.c.
#ifndef EG_APPLY_SHARED_H
#define EG_APPLY_SHARED_H

#include "apply_batch.h"
#include "sharing.h"

static inline const egi_step *egi_step_of(const egi_sharing *s) {
  return &s->batch->rule->steps.data[s->step];
}

static inline uint32_t *egi_results_of(const egi_sharing *s) {
  return s->batch->results + (size_t)s->step * s->batch->num;
}

//===-- Of the hashcons (apply_look_up.c) ---------------------------------===//

// A job: finds the nodes of the entries of a shard, or inserts placeholders. Then,
// by one thread, the entries that went beyond the end of the shard.
void egi_look_up_shard(void *sharing, uint32_t at);
void egi_look_up_rest(egi_sharing *s, uint32_t at);
// Ids for the placeholders of a shard, and the results of twins.
void egi_name_nodes(egi_sharing *s, uint32_t at);
// Takes out what stands there for new nodes, which the table counts.
void egi_erase_new(egi_sharing *s);

#endif

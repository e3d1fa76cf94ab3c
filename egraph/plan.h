// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A schedule and a scheduler that came as text, and what they are made of.
#ifndef EG_PLAN_H
#define EG_PLAN_H

#include "internal.h"

typedef struct egi_block {
  void *data;
  size_t size;
} egi_block;

typedef struct egi_plan {
  bool has_schedule, has_scheduler;
  eg_schedule schedule; // names rulesets by the set's own strings
  eg_scheduler scheduler;
  EGI_ARRAY(egi_block) blocks; // parts and goals
  EGI_ARRAY(eg_query *) queries;
} egi_plan;

// The names of eg_scheduler_kind.
enum { EGI_NUM_SCHEDULERS = EG_SIZE_AWARE + 1 };
extern const char *const egi_schedulers[EGI_NUM_SCHEDULERS];

void egi_plan_free(eg_graph *graph, egi_plan *plan);

struct egi_reader;
struct egi_token;

// Reads on behind the word "schedule" or "scheduler" (plan.c has the grammar);
// |*out_found|: whether |token| is one of them. EG_INVALID: |plan| has one
// already, or |rules| has no ruleset of a name. What was read goes into |plan|
// in any case.
EG_NODISCARD
eg_status egi_plan_read(struct egi_reader *reader, eg_rules *rules,
                        const struct egi_token *token, egi_plan *plan,
                        bool *out_found);

#endif

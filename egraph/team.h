// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Threads of a pool that work in step: a leader gives out one job after another,
// each cut into EGI_SHARDS units, and every thread takes units until none is
// left. Giving out a job costs less than a microsecond, where waking the threads
// of a pool costs fifty.
//
// The leader is the first thread that comes, and no thread waits for one that has
// not come: a pool that runs its tasks one after another does all with the first.
#ifndef EG_TEAM_H
#define EG_TEAM_H

#include "internal.h"

typedef struct egi_team egi_team;

// Lends the threads of |pool| to |lead|, which one of them calls; the others do
// the units of its jobs until it returns. Gives its status.
EG_NODISCARD
eg_status egi_team_gather(const eg_pool *pool,
                          eg_status (*lead)(void *user, egi_team *team),
                          void *user);

// Does unit(argument, i) for each i < EGI_SHARDS, and returns when all are done.
// Unit i is mostly done by the same thread.
void egi_team_do(egi_team *team, void (*unit)(void *argument, uint32_t index),
                 void *argument);

#endif

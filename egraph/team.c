// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "team.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sched.h>
#endif
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { PATIENCE = 4000 }; // looks at a word before the processor is given away

typedef struct apart {
  _Alignas(EGI_APART) atomic_uint value;
} apart;

struct egi_team {
  // What the leader asks for. A thread reads these only after it has claimed a
  // unit, and the leader writes only when all units are done.
  void (*unit)(void *argument, uint32_t index);
  void *argument;
  apart job;                // its number; from 1 on
  apart done;               // units of all jobs
  apart claims[EGI_SHARDS]; // the last job whose unit has been taken
  apart arrived;
  apart closed;
  uint32_t num_threads;
  eg_status (*lead)(void *user, egi_team *team);
  void *user;
  eg_status status;
};

static void pause_thread(uint32_t *looks) {
#ifdef __SSE2__
  _mm_pause();
#endif
#if defined(__unix__) || defined(__APPLE__)
  if (++*looks > PATIENCE)
    sched_yield();
#endif
}

// Whether the unit of this job was free, and is the caller's now.
static bool claim(egi_team *team, uint32_t unit, uint32_t job) {
  unsigned last =
      atomic_load_explicit(&team->claims[unit].value, memory_order_relaxed);
  return last < job &&
         atomic_compare_exchange_strong(&team->claims[unit].value, &last, job);
}

// Neighbours begin at the two ends of what is theirs, so that who is done early
// takes what the other would come to last.
static void take_units(egi_team *team, uint32_t thread, uint32_t job) {
  uint32_t first = thread / 2 * 2 * EGI_SHARDS / team->num_threads;
  if (thread & 1)
    first = (thread + 1) * EGI_SHARDS / team->num_threads - 1;
  for (uint32_t i = 0; i < EGI_SHARDS; ++i) {
    uint32_t unit = (thread & 1 ? first - i : first + i) % EGI_SHARDS;
    if (!claim(team, unit, job))
      continue;
    team->unit(team->argument, unit);
    atomic_fetch_add_explicit(&team->done.value, 1, memory_order_release);
  }
}

void egi_team_do(egi_team *team, void (*unit)(void *argument, uint32_t index),
                 void *argument) {
  uint32_t job = atomic_load_explicit(&team->job.value, memory_order_relaxed);
  uint32_t looks = 0;
  team->unit = unit;
  team->argument = argument;
  atomic_store_explicit(&team->job.value, ++job, memory_order_release);
  take_units(team, 0, job);
  while (atomic_load_explicit(&team->done.value, memory_order_acquire) !=
         job * EGI_SHARDS)
    pause_thread(&looks);
}

static void follow(egi_team *team, uint32_t thread) {
  uint32_t seen = 0, looks = 0;
  while (!atomic_load_explicit(&team->closed.value, memory_order_acquire)) {
    uint32_t job = atomic_load_explicit(&team->job.value, memory_order_acquire);
    if (job == seen) {
      pause_thread(&looks);
      continue;
    }
    seen = job;
    looks = 0;
    take_units(team, thread, job);
  }
}

static void join_in(void *argument, uint32_t index) {
  egi_team *team = argument;
  uint32_t thread = atomic_fetch_add(&team->arrived.value, 1);
  (void)index;
  if (thread) {
    follow(team, thread);
    return;
  }
  team->status = team->lead(team->user, team);
  atomic_store_explicit(&team->closed.value, 1, memory_order_release);
}

eg_status egi_team_gather(const eg_pool *pool,
                          eg_status (*lead)(void *user, egi_team *team),
                          void *user) {
  egi_team team = {
      .lead = lead, .user = user, .num_threads = pool->num_threads};
  if (team.num_threads > EGI_SHARDS)
    team.num_threads = EGI_SHARDS;
  pool->run(pool->user, join_in, &team, team.num_threads);
  return team.status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fork and join: work comes in few and large pieces, so that no thread waits
// for more.
#include "bridge/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MAX_THREADS = 64 };

typedef struct work {
  void (*task)(void *argument, uint32_t index);
  void *argument;
  uint32_t num;
  atomic_uint next;
} work;

static void *take(void *user) {
  work *w = user;
  for (uint32_t i; (i = atomic_fetch_add(&w->next, 1)) < w->num;)
    w->task(w->argument, i);
  return NULL;
}

static void run(void *user, void (*task)(void *argument, uint32_t index),
                void *argument, uint32_t num) {
  pthread_t threads[MAX_THREADS];
  uint32_t want = (uint32_t)(uintptr_t)user, started = 0;
  work w = {.task = task, .argument = argument, .num = num};
  atomic_init(&w.next, 0);
  while (started + 1 < want && started + 1 < num &&
         pthread_create(&threads[started], NULL, take, &w) == 0)
    ++started; // fewer than wanted do as well
  take(&w);
  for (uint32_t i = 0; i < started; ++i)
    pthread_join(threads[i], NULL);
}

eg_pool gln_threads(uint32_t num_threads) {
  if (num_threads == 0) {
    long there = sysconf(_SC_NPROCESSORS_ONLN);
    num_threads = there > 0 ? (uint32_t)there : 1;
  }
  if (num_threads > MAX_THREADS)
    num_threads = MAX_THREADS;
  return (eg_pool){.num_threads = num_threads,
                   .run = run,
                   .user = (void *)(uintptr_t)num_threads};
}

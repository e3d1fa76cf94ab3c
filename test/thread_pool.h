// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A small eg_pool on POSIX threads, for tests and benchmarks: the caller and
// |num_threads| - 1 others take the next index until there is none.
#ifndef THREAD_POOL_H
#define THREAD_POOL_H

#include "eg.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { POOL_MAX_THREADS = 16 };

typedef struct thread_pool {
  pthread_t threads[POOL_MAX_THREADS];
  uint32_t num_threads; // the caller's among them
  pthread_mutex_t mutex;
  pthread_cond_t begin, end;
  void (*task)(void *argument, uint32_t index);
  void *argument;
  uint32_t num;
  atomic_uint next;
  uint64_t turn;    // of the call at hand; 0 = none yet
  uint32_t working; // threads that have not finished it
  bool quit;
} thread_pool;

static inline void thread_pool_take(thread_pool *p) {
  for (uint32_t i; (i = atomic_fetch_add(&p->next, 1)) < p->num;)
    p->task(p->argument, i);
}

static inline void *thread_pool_main(void *user) {
  thread_pool *p = user;
  pthread_mutex_lock(&p->mutex);
  for (uint64_t seen = 0;;) {
    while (p->turn == seen && !p->quit)
      pthread_cond_wait(&p->begin, &p->mutex);
    if (p->quit)
      break;
    seen = p->turn;
    pthread_mutex_unlock(&p->mutex);
    thread_pool_take(p);
    pthread_mutex_lock(&p->mutex);
    if (--p->working == 0)
      pthread_cond_signal(&p->end);
  }
  pthread_mutex_unlock(&p->mutex);
  return NULL;
}

static inline void thread_pool_run(void *user,
                                   void (*task)(void *argument, uint32_t index),
                                   void *argument, uint32_t num) {
  thread_pool *p = user;
  pthread_mutex_lock(&p->mutex);
  p->task = task;
  p->argument = argument;
  p->num = num;
  atomic_store(&p->next, 0);
  p->working = p->num_threads - 1;
  ++p->turn;
  pthread_cond_broadcast(&p->begin);
  pthread_mutex_unlock(&p->mutex);
  thread_pool_take(p);
  pthread_mutex_lock(&p->mutex);
  while (p->working)
    pthread_cond_wait(&p->end, &p->mutex);
  pthread_mutex_unlock(&p->mutex);
}

// False: no threads to be had.
static inline bool thread_pool_start(thread_pool *p, uint32_t num_threads) {
  *p = (thread_pool){.num_threads = num_threads};
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->begin, NULL);
  pthread_cond_init(&p->end, NULL);
  for (uint32_t i = 0; i + 1 < num_threads; ++i)
    if (pthread_create(&p->threads[i], NULL, thread_pool_main, p) != 0)
      return false;
  return true;
}

static inline void thread_pool_stop(thread_pool *p) {
  pthread_mutex_lock(&p->mutex);
  p->quit = true;
  pthread_cond_broadcast(&p->begin);
  pthread_mutex_unlock(&p->mutex);
  for (uint32_t i = 0; i + 1 < p->num_threads; ++i)
    pthread_join(p->threads[i], NULL);
  pthread_mutex_destroy(&p->mutex);
  pthread_cond_destroy(&p->begin);
  pthread_cond_destroy(&p->end);
}

static inline eg_pool thread_pool_as_pool(thread_pool *p) {
  return (eg_pool){p->num_threads, thread_pool_run, p};
}

#endif

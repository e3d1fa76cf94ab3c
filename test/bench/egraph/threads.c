// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "threads.h"

#include "bench.h"
#include "math_sizes.h"
#include "thread_pool.h"

#include <sys/wait.h>
#include <unistd.h>

static double run(const char *text, int iterations, uint32_t num_threads) {
  thread_pool threads;
  eg_allocator memory = eg_allocator_default();
  eg_graph *graph;
  eg_rules *rules;
  eg_class roots[MATH_NUM_ROOTS];
  char *copy = strdup(text);
  if (!copy || !thread_pool_start(&threads, num_threads) ||
      eg_graph_create(&memory, &graph) != EG_OK ||
      math_load(graph, copy, &rules, roots) != EG_OK)
    return -1;
  eg_pool pool = thread_pool_as_pool(&threads);
  eg_limits limits = eg_limits_none();
  limits.rounds = (uint64_t)iterations;
  eg_run_options options = {.limits = &limits, .pool = &pool};
  eg_report report;
  double start = bench_seconds();
  eg_status status = eg_run_with(graph, rules, &options, &report);
  double seconds = bench_seconds() - start;
  bool right = status == EG_OK &&
               report.nodes == math_sizes[iterations - 1].nodes &&
               report.classes == math_sizes[iterations - 1].classes;
  return right ? seconds : -1;
}

// A run in a process of its own, which writes its seconds to |fd|.
typedef struct child {
  pid_t pid;
  int fd;
} child;

static child start(const char *text, int iterations, uint32_t num_threads) {
  child c = {-1, -1};
  int ends[2];
  fflush(NULL);
  if (pipe(ends) != 0)
    return c;
  c = (child){fork(), ends[0]};
  if (c.pid == 0) {
    double seconds = run(text, iterations, num_threads);
    _exit(write(ends[1], &seconds, sizeof seconds) != sizeof seconds);
  }
  close(ends[1]);
  return c;
}

static double finish(child c) {
  double seconds = -1;
  if (c.pid < 0 || read(c.fd, &seconds, sizeof seconds) != sizeof seconds)
    seconds = -1;
  if (c.fd >= 0)
    close(c.fd);
  if (c.pid > 0)
    waitpid(c.pid, NULL, 0);
  return seconds;
}

double threads_run(const char *text, int iterations, uint32_t num_threads) {
  return finish(start(text, iterations, num_threads));
}

double threads_pair(const char *text, int iterations) {
  child a = start(text, iterations, 1), b = start(text, iterations, 1);
  double x = finish(a), y = finish(b);
  if (x < 0 || y < 0)
    return -1;
  return x > y ? x : y;
}

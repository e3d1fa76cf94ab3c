// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A long run at a terminal: a line of progress, and Ctrl-C ends the run, not the
// program, so that what was found is still printed.
#define _POSIX_C_SOURCE 200809L // isatty, sigaction, clock_gettime

#include "eg_tool.h"

#include <inttypes.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static struct sigaction before;

static struct watch {
  const eg_graph *graph;
  double start, last; // seconds
  bool shown;
} watched;

double tool_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void interrupt(int signal) {
  (void)signal;
  interrupted = 1;
}

// Asked by the engine again and again; it shows nothing in the first second.
static bool ask(void *user) {
  struct watch *w = user;
  double t = tool_seconds();
  if (isatty(STDERR_FILENO) && t - w->start > 1 && t - w->last > 0.1) {
    fprintf(
        stderr, "\r%.0f s: %" PRIu64 " nodes, %zu MiB; Ctrl-C ends the run ",
        t - w->start, eg_num_nodes(w->graph), eg_graph_bytes(w->graph) >> 20);
    w->last = t;
    w->shown = true;
  }
  return interrupted;
}

void tool_watch(eg_limits *limits, const eg_graph *graph) {
  struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  interrupted = 0;
  watched = (struct watch){.graph = graph, .start = tool_seconds()};
  limits->cancel = ask;
  limits->user = &watched;
  sigaction(SIGINT, &action, &before);
}

void tool_watch_graph(const eg_graph *graph) {
  watched.graph = graph;
}

void tool_unwatch(void) {
  sigaction(SIGINT, &before, NULL);
  if (watched.shown)
    fputs("\r\033[K", stderr); // takes the line away
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the subcommands of eg share: options, files, messages.
#ifndef EG_TOOL_H
#define EG_TOOL_H

#include "eg.h"

#include <stdio.h>

// Exit codes.
enum {
  TOOL_OK = 0,
  TOOL_FAILED = 1, // the input is malformed, a check fails, there is no answer
  TOOL_USAGE = 2,  // the command line is
};

// Subcommands, as bits: the table of options says who takes which.
enum {
  TOOL_RUN = 1,
  TOOL_STATS = 2,
  TOOL_DOT = 4,
  TOOL_EXTRACT = 8,
  TOOL_EXPLAIN = 16,
  TOOL_RULES = 32,
  TOOL_SATURATES = TOOL_RUN | TOOL_STATS | TOOL_DOT | TOOL_EXPLAIN,
};

typedef struct tool_options {
  const char *files[8]; // positional
  uint32_t num_files;
  eg_limits limits;
  const char *output;          // NULL = standard output
  bool best;                   // dot: fill the nodes of the smallest terms
  bool tree, strict;           // explain: the proof as a tree; assume nothing
  const char *method, *plugin; // extract
  double time;                 // seconds
  uint64_t work, seed, restarts;
  uint64_t terms, pareto; // how many; 0 = not asked for
  bool list_methods, choice, verbose;
  bool help;
} tool_options;

// Fills |out| from the arguments behind the subcommand, and complains on
// standard error. Limits not given are those of |limits|.
bool tool_parse(int argc, char **argv, unsigned command, eg_limits limits,
                tool_options *out);

// Prints the options that |command| takes.
void tool_print_options(unsigned command);

// The whole file, with a zero behind, and its size; "-" is standard input. The
// caller frees it. NULL: a message was printed.
char *tool_read(const char *path, size_t *out_size);

// Prints "path:line:column: error: text" on standard error and gives TOOL_FAILED.
int tool_fail(const char *path, const eg_error *error);

// A file to write, or standard output; NULL: a message was printed.
FILE *tool_open_output(const tool_options *options);

// Closes it; what could not be written is a failure, and the file is removed.
int tool_close_output(const tool_options *options, FILE *file, int status);

// Writes to the FILE that |user| is.
bool tool_write(void *user, const char *text, size_t size);

// Shows how far a run on |graph| is, on a terminal only, and lets Ctrl-C end
// it; sets |limits|' callback. One run at a time.
void tool_watch(eg_limits *limits, const eg_graph *graph);
void tool_watch_graph(const eg_graph *graph); // where it was not there before
void tool_unwatch(void);
double tool_seconds(void); // of a clock that never goes back

int tool_run(const tool_options *options);
int tool_stats(const tool_options *options);
int tool_dot(const tool_options *options);
int tool_rules(const tool_options *options);
int tool_explain(const tool_options *options);
int tool_extract(const tool_options *options);

// Prints what the serialized e-graph |text| consists of.
int tool_stats_json(const char *path, const char *text, size_t size, FILE *out);

#endif

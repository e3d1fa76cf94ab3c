// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Programs in a subset of egglog (Y. Zhang et al., "Better Together: Unifying
// Datalog and Equality Saturation", PLDI 2023) on top of an e-graph.
//
//   eg_egglog *program;
//   eg_egglog_options options = {.limits = eg_limits_default()};
//   if (eg_egglog_create(&memory, &options, &program) != EG_OK) ...
//   eg_egglog_run(program, "(datatype E (N i64) (Add E E))"
//                          "(rewrite (Add a b) (Add b a))"
//                          "(let e (Add (N 1) (N 2)))"
//                          "(run 3) (check (= e (Add (N 2) (N 1))))");
//   eg_egglog_destroy(program);
//
// What is understood: egraph/README.md, "An egglog subset". A constructor is an
// operator of the graph; a function or a relation is a table beside it; a value
// of a primitive sort is a leaf of the graph, so that a value is always a class.
#ifndef EG_EGGLOG_H
#define EG_EGGLOG_H

#include "eg.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct eg_egglog eg_egglog;

typedef struct eg_egglog_options {
  // Of each (run …) and (run-schedule …).
  eg_limits limits;
  // Receives what extract and the print commands say; {0} drops it.
  eg_writer output;
  // The text of an included file, or NULL; lent until the run ends. NULL: an
  // include is refused.
  const char *(*include)(void *user, const char *path);
  void *user; // passed to |include|
} eg_egglog_options;

// Creates a program with nothing in it but the primitive sorts. The caller owns
// it. EG_INVALID: a limit of zero.
EG_API EG_NODISCARD
eg_status eg_egglog_create(const eg_allocator *allocator,
                           const eg_egglog_options *options,
                           eg_egglog **out_program);
EG_API void eg_egglog_destroy(eg_egglog *program);

// Runs the commands of |text|, one after the other; may be called again with
// more. The whole text is parsed before the first command runs, and a command
// is checked before it has an effect. EG_INVALID, with line, column and name:
// malformed text, an unknown name, a clash of sorts, an unbound variable, a
// check that does not hold, a merge that is not allowed. What the commands
// before have done stays. Running out of |limits| is not an error.
EG_API EG_NODISCARD
eg_status eg_egglog_run(eg_egglog *program, const char *text);

// The graph behind the program; clean between calls. Lent: reading is free,
// adding is not allowed.
EG_API eg_graph *eg_egglog_graph(eg_egglog *program);

// The last failure.
EG_API const eg_error *eg_egglog_error(const eg_egglog *program);

// What all (run …) so far have done together; |stop| is the last limit that one
// of them reached, EG_STOP_SATURATED if none did.
EG_API eg_report eg_egglog_report(const eg_egglog *program);

// One line per rule, in order of declaration.
EG_API uint32_t eg_egglog_num_rules(const eg_egglog *program);
EG_API const char *eg_egglog_rule_name(const eg_egglog *program, uint32_t rule);
EG_API eg_rule_stats eg_egglog_rule_stats(const eg_egglog *program,
                                          uint32_t rule);

#ifdef __cplusplus
}
#endif
#endif

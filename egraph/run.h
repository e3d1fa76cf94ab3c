// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A run in progress: between run.c, which does rounds, and schedule.c, which
// says which rounds and whom they leave out.
#ifndef EG_RUN_H
#define EG_RUN_H

#include "rows.h"
#include "rule.h"

// What the run knows of a rule beside its counters.
typedef struct egi_pause {
  uint64_t until; // it is held back up to this round
  uint32_t times; // it was held back before
  bool whole;     // in this round all its matches were found and applied
} egi_pause;

typedef struct egi_run {
  eg_graph *graph;
  eg_rules *rules;
  const eg_limits *limits;
  const eg_run_options *options;
  eg_report *report;
  EGI_ARRAY(egi_rows) rows; // of each rule: its matches in this round
  egi_words grounds;
  egi_words witnesses;              // with proofs: the nodes behind the matches
  EGI_ARRAY(size_t) witness_starts; // of each rule
  uint64_t round_matches;           // of this round
  uint64_t rule_left;               // of the rule at hand, not applied yet
  double round_awaited;             // nodes that the rules after it will make
  uint64_t round_share;             // nodes that a rule may add in this round
  EGI_ARRAY(egi_pause) pauses;      // per rule
  uint64_t epoch;                   // of this round, when it is incremental
  egi_deltas deltas;
  bool stopped;   // report->stop says why
  bool cancelled; // limits->cancel has said so
} egi_run;

enum { EGI_ALL_RULESETS = UINT32_MAX };

// Ends the run after this round; the first reason stays. |rule| is UINT32_MAX
// where none is to blame.
void egi_run_stop(egi_run *r, eg_stop why, uint32_t rule);

// Whether the caller has cancelled the run; whether nodes, bytes or patience
// have run out. The reason is noted.
bool egi_run_cancelled(egi_run *r);
bool egi_run_exhausted(egi_run *r);

// Fills |rows| with the matches of the rules of a ruleset (search.c).
EG_NODISCARD
eg_status egi_run_search(egi_run *r, uint32_t ruleset);

// One round of a ruleset, unless a limit is reached (run.c).
EG_NODISCARD
eg_status egi_run_round(egi_run *r, uint32_t ruleset, bool *out_changed);

// Runs the schedule of the options to its end (schedule.c).
EG_NODISCARD
eg_status egi_run_schedule(egi_run *r);

// Whether a rule is of the ruleset and does not pause in this round.
bool egi_run_wants(const egi_run *r, size_t rule, uint32_t ruleset);

// Matches that a rule may find in this round.
uint64_t egi_run_most(const egi_run *r, size_t rule);

// Holds a rule back: it found or made too much in this round.
void egi_run_pause(egi_run *r, size_t rule);

#endif

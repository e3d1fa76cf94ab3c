// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The search on a module, in two halves with the graph in the IR between them:
//
//   access patterns ── gln_saturate_module ──► the same, and glenside.egraph
//                   ── gln_extract_module  ──► the chosen design
//
// The halves may run in two processes, and one saturation serves many
// extractions. Both import the module anew: what is saved names its values by the
// order in which an import meets them, and fingerprints say whether it still can.
#ifndef GLN_BRIDGE_SEARCH_H
#define GLN_BRIDGE_SEARCH_H

#include "mlir-c/IR.h"

#include <stdbool.h>
#include <stdint.h>

// Seconds of each phase; filled by the halves, printed by the second.
typedef struct gln_phases {
  double import, saturate, save, load, extract, rebuild;
} gln_phases;

typedef struct gln_saturate_request {
  const char *target;    // "gemmini16", "gemmini16,rows=32", or a path
  const char *rules;     // names and topics; "" = all
  const char *without;   // of them, those not
  const char *precision; // "exact", "relaxed", "approximate"
  int64_t max_nodes, max_bytes, max_rounds, max_matches; // 0 = the default
  double max_seconds; // 0 = no limit
  int64_t threads;    // 0 = one per processor
} gln_saturate_request;

// Puts the saturated graph on the module. Emits an error and returns false on an
// unknown target, rule or precision, and when memory runs out; the module is
// then as it was. Running out of a limit is a warning.
bool gln_saturate_module(MlirOperation module,
                         const gln_saturate_request *request,
                         gln_phases *phases);

typedef struct gln_extract_request {
  const char *objective; // "latency", "energy", "edp", "dram", or weights
  const char *method;    // "tree", "local", …: eg_extract.h lists them
  const char *plugin;    // a file with methods and costs; "" = none
  double seconds;        // of an extraction; 0 = no limit
  int64_t seed;          // of the methods that draw lots
  const char *report;    // a file for the report as JSON; "" = none
  bool table;            // a line per layer on standard error
  const char *runs;    // measured runs for the method `learned` (runs.h); "" = none
  const char *measure; // a file for the design's kernels as runs; "" = none
} gln_extract_request;

// Rebuilds the module as the best program of the graph on it, and takes the graph
// off. Emits an error and returns false on a graph that is not there, damaged, or
// of another program, on an unknown objective or method, and when memory runs
// out or the report cannot be written; the module is then valid and means the
// same.
bool gln_extract_module(MlirOperation module,
                        const gln_extract_request *request,
                        gln_phases *phases);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Options of the passes that search: one table, and what it fills.
#ifndef GLN_PASSES_SEARCH_OPTIONS_H
#define GLN_PASSES_SEARCH_OPTIONS_H

#include "bridge/search.h"
#include "passes.h"

#define GLN_SEARCH_DIALECTS                                                    \
  (const char *const[]) {                                                      \
    "access", "arith", "func", "linalg", "math", "systolic", "tensor", NULL    \
  }

// What no unit runs goes back to linalg, and bodies that nothing calls away.
#define GLN_AFTER_EXTRACTION "convert-access-to-linalg,symbol-dce"

#define GLN_SATURATE_OPTIONS                                                   \
  {"target", "Name of a target, and fields to change: gemmini16,rows=32",      \
   GLN_OPTION_STRING, "gemmini16"},                                            \
      {"rules",                                                                \
       "Rules and topics to apply, separated by commas; all if empty",         \
       GLN_OPTION_STRING, ""},                                                 \
      {"no-rule", "Rules and topics not to apply", GLN_OPTION_STRING, ""},     \
      {"precision",                                                            \
       "exact, relaxed (other order of sums) or approximate (16-bit floats "   \
       "summed in f32)",                                                       \
       GLN_OPTION_STRING, "relaxed"},                                          \
      {"max-nodes", "Stop at so many nodes; 0 = 10 million", GLN_OPTION_INT,   \
       "0"},                                                                   \
      {"max-bytes", "Stop at so many bytes of the graph; 0 = 4 GiB",           \
       GLN_OPTION_INT, "0"},                                                   \
      {"max-rounds", "Stop after so many rounds; 0 = 1000", GLN_OPTION_INT,    \
       "0"},                                                                   \
      {"max-seconds",                                                          \
       "Stop after so long, with what there is; 0 = no limit. Results then "   \
       "depend on the machine",                                                \
       GLN_OPTION_REAL, "0"},                                                  \
      {"threads", "Threads that search; 0 = one per processor",                \
       GLN_OPTION_INT, "0"},                                                   \
      {"max-matches",                                                          \
       "Stop after so many matches in a round; 0 = 100 million",               \
       GLN_OPTION_INT, "0"}

#define GLN_EXTRACT_OPTIONS                                                    \
  {"objective",                                                                \
   "latency, energy, edp, dram, or weights: cycles=1,energy=0.01",             \
   GLN_OPTION_STRING, "latency"},                                              \
      {"method",                                                               \
       "How to pick values: tree, dag, local, or another that eg extract "     \
       "--list-methods names; learned: local, kernels priced by `runs`",       \
       GLN_OPTION_STRING, "local"},                                            \
      {"plugin", "A shared object with methods and costs (eg_extract.h)",      \
       GLN_OPTION_STRING, ""},                                                 \
      {"seconds", "Stop an extraction after so long; 0 = no limit",            \
       GLN_OPTION_REAL, "0"},                                                  \
      {"seed", "Of the methods that draw lots", GLN_OPTION_INT, "0"},          \
      {"report", "Write the design as JSON to this file", GLN_OPTION_STRING,   \
       ""},                                                                    \
      {"runs", "A CSV file of measured runs that method=learned learns from",  \
       GLN_OPTION_STRING, ""},                                                 \
      {"measure", "Write the design's kernels as rows of such a file",         \
       GLN_OPTION_STRING, ""},                                                 \
      {"table", "Print a line per layer on standard error", GLN_OPTION_BOOL,   \
       "false"}

// The texts live as long as |pass|.
gln_saturate_request gln_saturate_request_of(gln_pass_context *pass);
gln_extract_request gln_extract_request_of(gln_pass_context *pass);

#endif

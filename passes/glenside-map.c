// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --glenside-map: contractions mapped to an accelerator.
#include "bridge/map.h"
#include "passes.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  gln_map_options options = {.target = gln_pass_string(pass, "target"),
                             .objective = gln_pass_string(pass, "objective"),
                             .table = gln_pass_bool(pass, "table")};
  return gln_map_module(module, &options) &&
         gln_pass_run_pipeline(pass, module, "symbol-dce");
}

static const gln_option options[] = {
    {"target", "Name of a target, and fields to change: gemmini16,rows=32",
     GLN_OPTION_STRING, "gemmini16"},
    {"objective", "latency, energy, dram, or weights: cycles=1,energy=0.01",
     GLN_OPTION_STRING, "latency"},
    {"table", "A line per layer on standard error", GLN_OPTION_BOOL, "false"},
    {0},
};

const gln_pass gln_pass_glenside_map = {
    .flag = "glenside-map",
    .summary = "Maps contractions to an accelerator and reports the design",
    .description =
        "Takes access patterns into an e-graph, gives every class of equal "
        "contractions its blockings for the target, extracts the best program "
        "by the objective, and rebuilds it as access ops. The choice is in the "
        "report (`table`) and in the summary line; the IR does not carry it "
        "yet.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = (const char *const[]){"access", "arith", "func", "linalg",
                                      "math", "tensor", NULL},
    .run = run,
};

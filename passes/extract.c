// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --extract: the best design of the graph that --saturate left.
#include "search_options.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  gln_phases phases = {.import = 0};
  gln_extract_request request = gln_extract_request_of(pass);
  return gln_extract_module(module, &request, &phases) &&
         gln_pass_run_pipeline(pass, module, GLN_AFTER_EXTRACTION);
}

static const gln_option options[] = {GLN_EXTRACT_OPTIONS, {0}};

const gln_pass gln_pass_extract = {
    .flag = "extract",
    .summary = "Picks the best design of a saturated module and rebuilds it",
    .description =
        "Reads the graph that `--saturate` put on the module, picks one node "
        "of every class by the objective, and rebuilds the program as it was "
        "chosen: what a unit runs as `systolic.kernel` ops, the rest as linalg. `table=true` prints a line per layer, `report=FILE` writes "
        "the same and more as JSON. The last line on standard error says what "
        "share of the multiply-accumulates runs where.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = GLN_SEARCH_DIALECTS,
    .run = run,
};

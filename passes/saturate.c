// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --saturate: every design worth having, in one graph on the module.
#include "search_options.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  gln_phases phases = {.import = 0};
  gln_saturate_request request = gln_saturate_request_of(pass);
  return gln_saturate_module(module, &request, &phases);
}

static const gln_option options[] = {GLN_SATURATE_OPTIONS, {0}};

const gln_pass gln_pass_saturate = {
    .flag = "saturate",
    .summary = "Builds the graph of all designs for a target, on the module",
    .description =
        "Takes access patterns into an e-graph and applies the rules "
        "(`glenside-opt --glenside-list-rules` prints them) until nothing is "
        "new or a limit is reached. The graph stays on the module as the "
        "attribute `glenside.egraph`, one resource, for `--extract` in this "
        "process or another; the program itself is as before. `--extract` "
        "refuses when a function has changed in between.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = GLN_SEARCH_DIALECTS,
    .run = run,
};

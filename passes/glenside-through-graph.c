// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --glenside-through-graph: access patterns into an e-graph and out again.
#include "bridge/export_choice.h"
#include "passes.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  gln_through options = {.statistics = gln_pass_bool(pass, "statistics"),
                         .contracts = gln_pass_bool(pass, "contracts")};
  return gln_through_graph(module, &options) &&
         gln_pass_run_pipeline(pass, module, "symbol-dce");
}

static const gln_option options[] = {
    {"statistics", "One remark: classes, nodes and seconds", GLN_OPTION_BOOL,
     "false"},
    {"contracts", "A note per class of contractions, with its uses",
     GLN_OPTION_BOOL, "false"},
    {0},
};

const gln_pass gln_pass_glenside_through_graph = {
    .flag = "glenside-through-graph",
    .summary = "Takes access patterns into an e-graph and out again",
    .description =
        "For tests: no rule runs in between, so that the module must compute "
        "what it did. Every block with access ops becomes values and kernels; "
        "chains of views become one view each, reductions their canonical "
        "form. The smallest term is extracted and rebuilt as access ops. Other "
        "pure ops on tensors, access ops with `glenside.device = \"host\"`, "
        "and what the search language cannot say stay the ops they are "
        "(`--remarks-filter=glenside-graph` says why); all else keeps its "
        "place.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = (const char *const[]){"access", "arith", "func", "linalg",
                                      "math", "tensor", NULL},
    .run = run,
};

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --glenside-map: --saturate and --extract at once.
#include "search_options.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  gln_phases phases = {.import = 0};
  gln_saturate_request saturate = gln_saturate_request_of(pass);
  gln_extract_request extract = gln_extract_request_of(pass);
  return gln_saturate_module(module, &saturate, &phases) &&
         gln_extract_module(module, &extract, &phases) &&
         gln_pass_run_pipeline(pass, module, GLN_AFTER_EXTRACTION);
}

static const gln_option options[] = {
    GLN_SATURATE_OPTIONS, GLN_EXTRACT_OPTIONS, {0}};

const gln_pass gln_pass_glenside_map = {
    .flag = "glenside-map",
    .summary = "Maps contractions to an accelerator and reports the design",
    .description =
        "`--saturate` and `--extract` with the options of both; the report's "
        "seconds are of both.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = GLN_SEARCH_DIALECTS,
    .run = run,
};

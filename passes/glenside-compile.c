// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --glenside-compile: a program of linalg for an accelerator, all the way.
#include "bridge/commands.h"
#include "run/engine.h"
#include "search_options.h"

#include <string.h>

static const char to_access[] = "decompose-linalg{ops=pack,winograd},"
                                "canonicalize,convert-linalg-to-access";
// What no unit runs goes back to linalg, for the host.
static const char to_commands[] =
    "systolic-to-commands,convert-access-to-linalg,symbol-dce,canonicalize,cse,"
    "loop-invariant-code-motion,outline-constants,canonicalize,fold-constants";

static bool search(MlirOperation module, gln_pass_context *pass) {
  gln_phases phases = {.import = 0};
  gln_saturate_request saturate = gln_saturate_request_of(pass);
  gln_extract_request extract = gln_extract_request_of(pass);
  return gln_saturate_module(module, &saturate, &phases) &&
         gln_extract_module(module, &extract, &phases) &&
         gln_pass_run_pipeline(pass, module, "symbol-dce");
}

static bool run(MlirOperation module, gln_pass_context *pass) {
  const char *emit = gln_pass_string(pass, "emit");
  bool is_llvm = strcmp(emit, "llvm") == 0;
  bool is_commands = is_llvm || strcmp(emit, "commands") == 0;
  if (!is_commands && strcmp(emit, "kernels") != 0)
    return gln_error(mlirOperationGetLocation(module),
                     "emit is kernels, commands or llvm, not '%s'", emit);
  return gln_pass_run_pipeline(pass, module, to_access) &&
         search(module, pass) &&
         (!is_commands || gln_pass_run_pipeline(pass, module, to_commands)) &&
         (!is_llvm || gln_pass_run_pipeline(pass, module, gln_loops_pipeline));
}

static const gln_option options[] = {
    {"emit", "How far to go: kernels, commands or llvm", GLN_OPTION_STRING,
     "llvm"},
    GLN_SATURATE_OPTIONS,
    GLN_EXTRACT_OPTIONS,
    {0}};

const gln_pass gln_pass_glenside_compile = {
    .flag = "glenside-compile",
    .summary = "Compiles a program for an accelerator",
    .description =
        "linalg on tensors to access patterns, the search for a design "
        "(`--glenside-map`, with its options), its kernels to commands "
        "(`--systolic-to-commands`), and all the rest through upstream's "
        "bufferization and loops to the LLVM dialect with calls of the runtime "
        "(`--lower-systolic`). `emit=kernels` stops after the search, "
        "`emit=commands` with commands among linalg on tensors.",
    .anchor = "builtin.module",
    .options = options,
    .compiles = true,
    .dialects = GLN_LOWERING_DIALECTS,
    .run = run,
};

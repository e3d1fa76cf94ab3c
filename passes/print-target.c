// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --print-target: what a target file says, as the compiler understands it.
#include "bridge/target.h"
#include "passes.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  MlirLocation where = mlirOperationGetLocation(module);
  const char *name = gln_pass_string(pass, "target");
  gln_target_file *file =
      name[0] ? gln_target_load(where, name) : gln_target_read(module, NULL);
  if (!file)
    return false;
  bool ok =
      !gln_pass_bool(pass, "point") || gln_target_require_point(where, file);
  if (ok)
    gln_target_print(file, stderr);
  gln_target_unload(file);
  return ok;
}

static const gln_option options[] = {
    {"target",
     "Name or path, and overrides: gemmini16,rows=32; without it the "
     "module itself is the target",
     GLN_OPTION_STRING, NULL},
    {"point", "Refuse a target with ranges", GLN_OPTION_BOOL, "false"},
    {0},
};

const gln_pass gln_pass_print_target = {
    .flag = "print-target",
    .summary = "Reads and checks a target and prints it to standard error",
    .description =
        "Numbers with units and sources, area, and each instruction with its "
        "canonical contract and bounds. Targets are found in the folders of "
        "`GLENSIDE_TARGETS` and in `../share/glenside/targets` beside the tool "
        "or the plugin. `glenside-opt --glenside-print-target=gemmini16` does "
        "the same without an input and prints to standard output.",
    .anchor = "builtin.module",
    .options = options,
    .dialects = (const char *const[]){"access", "func", NULL},
    .run = run,
};

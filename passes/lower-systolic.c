// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --lower-systolic: commands become calls of the accelerator runtime.
#include "bridge/calls.h"
#include "passes.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  (void)pass;
  return gln_calls_module(module);
}

const gln_pass gln_pass_lower_systolic = {
    .flag = "lower-systolic",
    .summary = "Turns accelerator commands into calls of the runtime",
    .description =
        "Every command becomes an `llvm.call` of `sa_<name>` in `libsa`, a "
        "`systolic.open` one of `sa_program_device`. Descriptors are "
        "constants; where something varies, a copy on the stack. Runs before "
        "or after the lowering of loops, once tensors are buffers.",
    .anchor = "builtin.module",
    .dialects =
        (const char *const[]){"arith", "llvm", "memref", "systolic", NULL},
    .run = run,
};

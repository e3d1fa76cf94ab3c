// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// --systolic-to-commands: kernels become loops of commands.
#include "bridge/commands.h"
#include "passes.h"

static bool run(MlirOperation module, gln_pass_context *pass) {
  (void)pass;
  return gln_commands_module(module);
}

const gln_pass gln_pass_systolic_to_commands = {
    .flag = "systolic-to-commands",
    .summary = "Compiles kernels to loops of accelerator commands",
    .description =
        "Every `systolic.kernel` becomes `scf` loops of `systolic` commands on "
        "buffers: at most 40 call sites, whatever the extents. Operands are "
        "read in place, the result is allocated, and upstream's bufferization "
        "adds no copy. A `systolic.read` of each operand behind the commands "
        "tells it until when; with it, passes as `cse` may run in between.",
    .anchor = "builtin.module",
    .dialects = (const char *const[]){"access", "arith", "bufferization",
                                      "func", "math", "memref", "scf",
                                      "systolic", "tensor", NULL},
    .run = run,
};

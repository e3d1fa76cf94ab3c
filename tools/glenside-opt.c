// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// glenside-opt: mlir-opt with the dialects and passes of Glenside.
#include "modes.h"
#include "passes.h"

int main(int argc, char **argv) {
  const gln_tool tool = {.title = "Glenside optimizer driver",
                         .passes = gln_passes,
                         .modes = gln_modes};
  return gln_opt_main(argc, argv, &tool);
}

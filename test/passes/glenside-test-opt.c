// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The driver over the test passes.
#include "passes.h"

#include <stdio.h>
#include <string.h>

static bool run_mode(const char *value, void *out) {
  if (strcmp(value, "yes") != 0) {
    fprintf(stderr, "test-mode: '%s' is not 'yes'\n", value);
    return false;
  }
  fprintf(out, "the mode ran\n");
  return true;
}

int main(int argc, char **argv) {
  static const gln_mode modes[] = {{"test-mode", "Prints and exits", run_mode},
                                   {0}};
  const gln_tool tool = {
      .title = "Glenside test driver", .passes = gln_passes, .modes = modes};
  return gln_opt_main(argc, argv, &tool);
}

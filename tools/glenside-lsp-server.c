// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// glenside-lsp-server: mlir-lsp-server that knows our dialects. Upstream's has
// no plugins.
#include "cxx/glenside-cxx.h"

int main(int argc, char **argv) {
  return gln_lsp_main(argc, argv);
}

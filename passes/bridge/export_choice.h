// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way through the graph and back, with figures.
#ifndef GLN_BRIDGE_EXPORT_CHOICE_H
#define GLN_BRIDGE_EXPORT_CHOICE_H

#include "cxx/glenside-cxx.h"

typedef struct gln_through {
  bool statistics; // a remark at the module
  bool contracts;  // a note per class of contractions
} gln_through;

// Imports the module, extracts the smallest term of every value, and rebuilds
// it. False after an error at the module (memory, a graph that is too large).
bool gln_through_graph(MlirOperation module, const gln_through *options);

#endif

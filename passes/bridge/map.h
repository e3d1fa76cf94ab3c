// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module's contractions mapped to a target: import, blockings, extraction,
// export, report.
#ifndef GLN_BRIDGE_MAP_H
#define GLN_BRIDGE_MAP_H

#include "mlir-c/IR.h"

#include <stdbool.h>

typedef struct gln_map_options {
  const char *target;    // "gemmini16", "gemmini16,rows=32"
  const char *objective; // "latency", "energy", "dram", or weights
  bool table;            // a line per layer on standard error
} gln_map_options;

// Emits an error and returns false on an unknown target or objective, and when
// memory runs out; the module is then valid and means the same.
bool gln_map_module(MlirOperation module, const gln_map_options *options);

#endif

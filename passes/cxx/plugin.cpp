// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The entry points of libglenside.so for stock mlir-opt:
//
//   mlir-opt --load-dialect-plugin=libglenside.so
//            --load-pass-plugin=libglenside.so
//            --pass-pipeline='builtin.module(…)'
//
// Either flag may come alone. mlir-opt's own flags are fixed before it loads a
// plugin, so there passes are named in a pipeline, not as --flag.
#include "internal.h"

#include "dialect/host.h"
#include "passes.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

static void addDialects(mlir::DialectRegistry *registry) {
  for (size_t i = 0; gln_dialects[i]; ++i)
    gln_dialect_insert(wrap(registry), gln_dialects[i]);
}

static void addPasses() {
  gln_passes_register(gln_passes);
}

extern "C" __attribute__((visibility("default"))) mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "glenside", GLN_VERSION, addDialects};
}

extern "C" __attribute__((visibility("default"))) mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "glenside", GLN_VERSION, addPasses};
}

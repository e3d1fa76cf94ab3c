// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The main functions: everything upstream has, and what the tool's table adds.
#include "internal.h"

#include "dialect/host.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/TargetSelect.h"

#include <cstdio>

using namespace mlir;

static void addDialects(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllGPUToLLVMIRTranslations(registry);
  for (size_t i = 0; gln_dialects[i]; ++i)
    gln_dialect_insert(wrap(&registry), gln_dialects[i]);
}

namespace {
using ModeFlag = llvm::cl::opt<std::string>;
} // namespace

int gln_opt_main(int argc, char **argv, const gln_tool *tool) {
  // Targets that gpu-module-to-binary and friends look up by triple.
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  llvm::InitLLVM init(argc, argv);

  registerAllPasses();
  if (tool->passes)
    gln_passes_register(tool->passes);
  DialectRegistry registry;
  addDialects(registry);

  std::vector<std::unique_ptr<ModeFlag>> flags;
  for (const gln_mode *mode = tool->modes; mode && mode->flag; ++mode)
    flags.push_back(std::make_unique<ModeFlag>(StringRef(mode->flag),
                                               llvm::cl::ValueOptional,
                                               llvm::cl::desc(mode->help)));

  auto [input, output] =
      registerAndParseCLIOptions(argc, argv, tool->title, registry);
  for (size_t i = 0; i < flags.size(); ++i)
    if (flags[i]->getNumOccurrences())
      return tool->modes[i].run(flags[i]->c_str(), stdout) ? 0 : 1;
  return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));
}

int gln_lsp_main(int argc, char **argv) {
  DialectRegistry registry;
  addDialects(registry);
  return asMainReturnCode(MlirLspServerMain(argc, argv, registry));
}

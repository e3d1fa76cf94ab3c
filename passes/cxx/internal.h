// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the C++ files of this folder share.
#ifndef GLENSIDE_CXX_INTERNAL_H
#define GLENSIDE_CXX_INTERNAL_H

#include "glenside-cxx.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Operation.h"

namespace gln {

// Adds the dialect of that namespace to |registry|; no effect on a name that
// gln_pass::dialects may not carry.
void insertDialect(mlir::DialectRegistry &registry, llvm::StringRef name);

// Tells bufferization of an op of gln_op_def::reads.
void attachReads(mlir::RegisteredOperationName name);

} // namespace gln

#endif

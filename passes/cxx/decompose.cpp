// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structured ops that upstream takes apart by functions, with no pass and no C
// API for them.
#include "internal.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

// What |op| is taken apart as; 0: not one of them.
static unsigned kindOf(Operation *op) {
  if (isa<linalg::SoftmaxOp>(op))
    return GLN_DECOMPOSE_SOFTMAX;
  if (isa<linalg::PackOp, linalg::UnPackOp>(op))
    return GLN_DECOMPOSE_PACK;
  if (isa<linalg::WinogradFilterTransformOp, linalg::WinogradInputTransformOp,
          linalg::WinogradOutputTransformOp>(op))
    return GLN_DECOMPOSE_WINOGRAD;
  return 0;
}

static LogicalResult decompose(RewriterBase &rewriter, Operation *op) {
  rewriter.setInsertionPoint(op);
  if (auto pack = dyn_cast<linalg::PackOp>(op))
    return linalg::lowerPack(rewriter, pack,
                             /*lowerPadLikeWithInsertSlice=*/false);
  if (auto unpack = dyn_cast<linalg::UnPackOp>(op))
    return linalg::lowerUnPack(rewriter, unpack,
                               /*lowerUnpadLikeWithExtractSlice=*/false);
  if (auto filter = dyn_cast<linalg::WinogradFilterTransformOp>(op))
    return linalg::decomposeWinogradFilterTransformOp(rewriter, filter);
  if (auto input = dyn_cast<linalg::WinogradInputTransformOp>(op))
    return linalg::decomposeWinogradInputTransformOp(rewriter, input);
  if (auto output = dyn_cast<linalg::WinogradOutputTransformOp>(op))
    return linalg::decomposeWinogradOutputTransformOp(rewriter, output);
  FailureOr<SmallVector<Value>> parts =
      cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
  if (failed(parts))
    return failure();
  rewriter.replaceOp(op, *parts);
  return success();
}

bool gln_decompose_linalg(MlirOperation root, unsigned kinds) {
  SmallVector<Operation *> found;
  unwrap(root)->walk([&](Operation *op) {
    if (kindOf(op) & kinds)
      found.push_back(op);
  });
  IRRewriter rewriter(unwrap(root)->getContext());
  for (Operation *op : found)
    if (failed(decompose(rewriter, op)))
      return gln_op_error(wrap(op), "cannot be taken apart: upstream's lowering "
                                    "refuses its shapes");
  return true;
}

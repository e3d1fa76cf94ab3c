// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What upstream's bufferization is to know of our ops: those of gln_op_def::reads
// read their tensors, and are gone once tensors are buffers.
#include "internal.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace {

// All that upstream has no default for without a class of the op.
struct Reads : BufferizableOpInterface::FallbackModel<Reads> {
  bool bufferizesToAllocation(Operation *, Value) const {
    return false;
  }
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  bool bufferizesToElementwiseAccess(Operation *, const AnalysisState &,
                                     ArrayRef<OpOperand *>) const {
    return false;
  }
  bool resultBufferizesToMemoryWrite(Operation *, OpResult,
                                     const AnalysisState &) const {
    return false;
  }
  bool mustBufferizeInPlace(Operation *, OpOperand &,
                            const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }
  AliasingOpOperandList getAliasingOpOperands(Operation *, Value,
                                              const AnalysisState &) const {
    return {};
  }
  LogicalResult resolveConflicts(Operation *, RewriterBase &,
                                 const AnalysisState &,
                                 const BufferizationState &) const {
    return success(); // it writes nothing
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &,
                          BufferizationState &) const {
    rewriter.eraseOp(op);
    return success();
  }
  bool isWritable(Operation *, Value, const AnalysisState &) const {
    return false;
  }
  bool isNotConflicting(Operation *, OpOperand *, OpOperand *,
                        const AnalysisState &) const {
    return false;
  }
  LogicalResult verifyAnalysis(Operation *, const AnalysisState &) const {
    return success();
  }
  FailureOr<BufferLikeType> getBufferType(Operation *, Value,
                                          const BufferizationOptions &,
                                          const BufferizationState &,
                                          SmallVector<Value> &) const {
    return failure();
  }
  bool isRepetitiveRegion(Operation *, unsigned) const {
    return false;
  }
  bool isParallelRegion(Operation *, unsigned) const {
    return false;
  }
  bool hasTensorSemantics(Operation *) const {
    return true;
  }
  static bool supportsUnstructuredControlFlow() {
    return false;
  }
};

} // namespace

void gln::attachReads(RegisteredOperationName name) {
  name.attachInterface<Reads>();
}

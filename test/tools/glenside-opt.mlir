// glenside-opt is an mlir-opt: upstream passes, dialects and extensions.
// RUN: glenside-opt %s --cse | FileCheck %s
// RUN: glenside-opt %s --verify-roundtrip -o /dev/null
// RUN: glenside-opt %s --emit-bytecode | glenside-opt --cse | FileCheck %s
// CHECK: arith.addf
// CHECK-NOT: arith.addf

// RUN: glenside-opt %s --convert-func-to-llvm --convert-arith-to-llvm --reconcile-unrealized-casts | FileCheck %s --check-prefix=LLVM
// LLVM: llvm.func @f

// RUN: not glenside-opt %s --no-such-pass 2>&1 | FileCheck %s --check-prefix=FLAG
// FLAG: Unknown command line argument '--no-such-pass'

// One libMLIR, and no second copy of its context inside the tool.
// RUN: ldd %{bin}/glenside-opt | FileCheck %s --check-prefix=LDD
// LDD: libMLIR.so{{.*}} =>
// LDD-NOT: libMLIR{{.*}} =>
// RUN: llvm-nm -C --defined-only %{bin}/glenside-opt | not grep "mlir::MLIRContext::MLIRContext"
func.func @f(%a: f32) -> (f32, f32) {
  %0 = arith.addf %a, %a : f32
  %1 = arith.addf %a, %a : f32
  return %0, %1 : f32, f32
}

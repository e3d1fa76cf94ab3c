// Stock mlir-opt with libglenside.so does what glenside-opt does.
// REQUIRES: release

// RUN: glenside-opt --glenside-print-examples=access > %t.mlir
// RUN: glenside-opt %t.mlir -o %t.ours
// RUN: mlir-opt --load-dialect-plugin=%plugin %t.mlir | diff - %t.ours
// RUN: mlir-opt --load-dialect-plugin=%plugin %t.mlir --emit-bytecode | glenside-opt | diff - %t.ours

// RUN: glenside-opt %s --pass-pipeline='builtin.module(cse)' -o %t.cse
// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s --pass-pipeline='builtin.module(cse)' | diff - %t.cse
// RUN: FileCheck %s --input-file=%t.cse
// CHECK-COUNT-1: access.view
// CHECK-NOT: access.view

// The verifier speaks there too.
// RUN: sed -e 's/at = 1/at = 3/' %s > %t.bad.mlir
// RUN: not mlir-opt --load-dialect-plugin=%plugin %t.bad.mlir 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: error: 'access.view' op at = 3 is not in [0, 2] for operand 0 of ((),(3,4)) f32

// Its own libMLIR would split type ids; it exports the two entry points alone.
// RUN: ldd %plugin | FileCheck %s --check-prefix=LDD
// LDD: libMLIR.so{{.*}} =>
// LDD-NOT: libMLIR{{.*}} =>
// RUN: llvm-nm -D --defined-only --just-symbol-name %plugin | count 2
// RUN: llvm-nm -D --defined-only %plugin | FileCheck %s --check-prefix=NM
// NM: mlirGetDialectPluginInfo
// NM: mlirGetPassPluginInfo
func.func @f(%t: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %0 = access.view %t {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %1 = access.view %t {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %2 = access.tensor %0 : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
  %3 = access.tensor %1 : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
  return %2, %3 : tensor<3x4xf32>, tensor<3x4xf32>
}

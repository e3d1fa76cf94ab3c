// What depends on constants is computed inside stock mlir-opt as well, and
// mlir-runner computes with the results.
// REQUIRES: release
// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s --pass-pipeline='builtin.module(glenside-compile{target=gemmini16 emit=commands})' -o %t.commands
// RUN: FileCheck %s --input-file=%t.commands --check-prefix=ONCE
// ONCE: dense_resource<main_constants_0> : tensor<2x3xf32>
// ONCE-NOT: arith.mulf
// ONCE-NOT: dense<{{\[}}[1.
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=commands' | diff - %t.commands

// Nothing is left that constants alone give.
// RUN: glenside-opt %t.commands --outline-constants | FileCheck %s --check-prefix=LEFT
// LEFT-NOT: @main_constants()

// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s --pass-pipeline='builtin.module(glenside-compile{target=gemmini16})' | mlir-runner -e main -entry-point-result=void -shared-libs=%runner_libs,%libsa | FileCheck %s
// RUN: mlir-opt %s --pass-pipeline='builtin.module(one-shot-bufferize{bufferize-function-boundaries=1},buffer-deallocation-pipeline,convert-bufferization-to-memref,convert-linalg-to-loops,convert-scf-to-cf,expand-strided-metadata,lower-affine,convert-arith-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts)' | mlir-runner -e main -entry-point-result=void -shared-libs=%runner_libs | FileCheck %s
// CHECK: sizes = [2, 2]
// CHECK-NEXT{LITERAL}: [[4,    4],
// CHECK-NEXT{LITERAL}:  [40,    94]]
#row = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>
func.func private @printMemrefF32(tensor<*xf32>)
func.func @main() {
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %ex = tensor.empty() : tensor<2x3xf32>
  // x[i, j] = j + 3 i - 1 (no data, so that it is not constant).
  %x = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%ex : tensor<2x3xf32>) {
  ^bb0(%o: f32):
    %one = arith.constant 1 : index
    %three = arith.constant 3 : index
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.muli %i, %three : index
    %s = arith.addi %k, %j : index
    %d = arith.subi %s, %one : index
    %n = arith.index_cast %d : index to i32
    %y = arith.sitofp %n : i32 to f32
    linalg.yield %y : f32
  } -> tensor<2x3xf32>
  %et = tensor.empty() : tensor<3x2xf32>
  %t = linalg.generic {indexing_maps = [#turned, #row], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<2x3xf32>) outs(%et : tensor<3x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %p = arith.mulf %a, %two : f32
    linalg.yield %p : f32
  } -> tensor<3x2xf32>
  %ey = tensor.empty() : tensor<2x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%ey : tensor<2x2xf32>) -> tensor<2x2xf32>
  %c = linalg.matmul ins(%x, %t : tensor<2x3xf32>, tensor<3x2xf32>) outs(%init : tensor<2x2xf32>) -> tensor<2x2xf32>
  %u = tensor.cast %c : tensor<2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}

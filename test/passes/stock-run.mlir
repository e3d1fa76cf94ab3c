// The whole way in upstream's tools: mlir-opt with the plugin, mlir-runner with
// the runtime. What comes out is what loops compute.
// REQUIRES: release
// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s --pass-pipeline='builtin.module(glenside-compile{target=gemmini16})' -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir --check-prefix=CALLS
// CALLS: llvm.call @sa_gemm{{(_os)?}}(
// CALLS-NOT: systolic.
// CALLS-NOT: linalg.
// RUN: mlir-runner %t.mlir -e main -entry-point-result=void -shared-libs=%runner_libs,%libsa | FileCheck %s

// Our own driver gives the same text.
// RUN: glenside-opt %s --glenside-compile=target=gemmini16 | diff - %t.mlir

// And so do loops.
// RUN: mlir-opt %s --pass-pipeline='builtin.module(one-shot-bufferize{bufferize-function-boundaries=1},buffer-deallocation-pipeline,convert-bufferization-to-memref,convert-linalg-to-loops,convert-scf-to-cf,expand-strided-metadata,lower-affine,convert-arith-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts)' | mlir-runner -e main -entry-point-result=void -shared-libs=%runner_libs | FileCheck %s
// CHECK: sizes = [4, 3]
// CHECK-SAME: data =
// CHECK-NEXT{LITERAL}: [[0,    70,    140],
// CHECK-NEXT{LITERAL}:  [0,    84,    168],
// CHECK-NEXT{LITERAL}:  [0,    98,    196],
// CHECK-NEXT{LITERAL}:  [0,    112,    224]]
#row = affine_map<(i, j) -> (i, j)>
func.func private @printMemrefF32(tensor<*xf32>)
func.func @main() {
  %zero = arith.constant 0.0 : f32
  %ea = tensor.empty() : tensor<4x8xf32>
  %eb = tensor.empty() : tensor<8x3xf32>
  %ec = tensor.empty() : tensor<4x3xf32>
  // a[i, j] = i + j, b[i, j] = i j / 2
  %a = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%ea : tensor<4x8xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %s = arith.addi %i, %j : index
    %n = arith.index_cast %s : index to i32
    %x = arith.sitofp %n : i32 to f32
    linalg.yield %x : f32
  } -> tensor<4x8xf32>
  %b = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%eb : tensor<8x3xf32>) {
  ^bb0(%o: f32):
    %half = arith.constant 0.5 : f32
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %s = arith.muli %i, %j : index
    %n = arith.index_cast %s : index to i32
    %x = arith.sitofp %n : i32 to f32
    %y = arith.mulf %x, %half : f32
    linalg.yield %y : f32
  } -> tensor<8x3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%ec : tensor<4x3xf32>) -> tensor<4x3xf32>
  %c = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x3xf32>) outs(%init : tensor<4x3xf32>) -> tensor<4x3xf32>
  %u = tensor.cast %c : tensor<4x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ../bfloat.mlir with sums in f32.
#id = affine_map<(i, j) -> (i, j)>
func.func @forward(%a: tensor<40x300xbf16>, %b: tensor<300x24xbf16>) -> tensor<40x24xbf16> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<40x24xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<40x24xf32>) -> tensor<40x24xf32>
  %sum = linalg.matmul ins(%a, %b : tensor<40x300xbf16>, tensor<300x24xbf16>)
    outs(%init : tensor<40x24xf32>) -> tensor<40x24xf32>
  %e = tensor.empty() : tensor<40x24xbf16>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%sum : tensor<40x24xf32>) outs(%e : tensor<40x24xbf16>) {
  ^bb0(%x: f32, %o: bf16):
    %0 = arith.truncf %x : f32 to bf16
    linalg.yield %0 : bf16
  } -> tensor<40x24xbf16>
  return %y : tensor<40x24xbf16>
}

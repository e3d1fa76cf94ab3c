// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An 8-bit convolution that accumulates in 32 bits, then a shift and a clamp
// back to 8 bits. The answer is exact.
#id = affine_map<(n, h, w, c) -> (n, h, w, c)>
func.func @forward(%x: tensor<1x10x10x4xi8>) -> tensor<1x8x8x8xi8> {
  %w = arith.constant dense_resource<__elided__> : tensor<3x3x4x8xi8>
  %zero = arith.constant 0 : i32
  %shift = arith.constant 3 : i32
  %low = arith.constant -128 : i32
  %high = arith.constant 127 : i32
  %e = tensor.empty() : tensor<1x8x8x8xi32>
  %init = linalg.fill ins(%zero : i32) outs(%e : tensor<1x8x8x8xi32>) -> tensor<1x8x8x8xi32>
  %c = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%x, %w : tensor<1x10x10x4xi8>, tensor<3x3x4x8xi8>)
    outs(%init : tensor<1x8x8x8xi32>) -> tensor<1x8x8x8xi32>
  %e8 = tensor.empty() : tensor<1x8x8x8xi8>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%c : tensor<1x8x8x8xi32>) outs(%e8 : tensor<1x8x8x8xi8>) {
  ^bb0(%a: i32, %out: i8):
    %0 = arith.shrsi %a, %shift : i32
    %1 = arith.maxsi %0, %low : i32
    %2 = arith.minsi %1, %high : i32
    %3 = arith.trunci %2 : i32 to i8
    linalg.yield %3 : i8
  } -> tensor<1x8x8x8xi8>
  return %y : tensor<1x8x8x8xi8>
}

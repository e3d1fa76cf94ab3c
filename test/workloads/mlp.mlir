// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Two dense layers as torch writes them: weights out x in, transposed first,
// bias, gelu by erf.
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#turned = affine_map<(i, j) -> (j, i)>
func.func @forward(%x: tensor<6x40xf32>) -> tensor<6x10xf32> {
  %w1 = arith.constant dense_resource<__elided__> : tensor<48x40xf32>
  %b1 = arith.constant dense_resource<__elided__> : tensor<48xf32>
  %w2 = arith.constant dense<0.02> : tensor<10x48xf32>
  %b2 = arith.constant dense<0.0> : tensor<10xf32>
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 1.41421354 : f32
  %e1t = tensor.empty() : tensor<40x48xf32>
  %w1t = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
    ins(%w1 : tensor<48x40xf32>) outs(%e1t : tensor<40x48xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<40x48xf32>
  %e1 = tensor.empty() : tensor<6x48xf32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<6x48xf32>) -> tensor<6x48xf32>
  %h = linalg.matmul ins(%x, %w1t : tensor<6x40xf32>, tensor<40x48xf32>) outs(%z1 : tensor<6x48xf32>) -> tensor<6x48xf32>
  %g = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
    ins(%h, %b1 : tensor<6x48xf32>, tensor<48xf32>) outs(%e1 : tensor<6x48xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.addf %a, %b : f32
    %1 = arith.divf %0, %root : f32
    %2 = math.erf %1 : f32
    %3 = arith.addf %2, %one : f32
    %4 = arith.mulf %3, %half : f32
    %5 = arith.mulf %0, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<6x48xf32>
  %e2t = tensor.empty() : tensor<48x10xf32>
  %w2t = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
    ins(%w2 : tensor<10x48xf32>) outs(%e2t : tensor<48x10xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<48x10xf32>
  %e2 = tensor.empty() : tensor<6x10xf32>
  %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<6x10xf32>) -> tensor<6x10xf32>
  %o = linalg.matmul ins(%g, %w2t : tensor<6x48xf32>, tensor<48x10xf32>) outs(%z2 : tensor<6x10xf32>) -> tensor<6x10xf32>
  %y = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
    ins(%o, %b2 : tensor<6x10xf32>, tensor<10xf32>) outs(%e2 : tensor<6x10xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<6x10xf32>
  return %y : tensor<6x10xf32>
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Self-attention over 12 tokens with 4 heads of 8: three projections that share
// an operand, scaled scores, softmax, context, output projection, short cut.
#row = affine_map<(i, j) -> (j)>
#id2 = affine_map<(i, j) -> (i, j)>
#id3 = affine_map<(h, i, j) -> (h, i, j)>
#last = affine_map<(h, i, j) -> (h, i)>
func.func @forward(%x: tensor<12x32xf32>) -> tensor<12x32xf32> {
  %wq = arith.constant dense_resource<__elided__> : tensor<32x32xf32>
  %wk = arith.constant dense_resource<__elided__> : tensor<32x32xf32>
  %wv = arith.constant dense_resource<__elided__> : tensor<32x32xf32>
  %wo = arith.constant dense_resource<__elided__> : tensor<32x32xf32>
  %bo = arith.constant dense_resource<__elided__> : tensor<32xf32>
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %scale = arith.constant 0.353553385 : f32

  %e = tensor.empty() : tensor<12x32xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<12x32xf32>) -> tensor<12x32xf32>
  %q = linalg.matmul ins(%x, %wq : tensor<12x32xf32>, tensor<32x32xf32>) outs(%z : tensor<12x32xf32>) -> tensor<12x32xf32>
  %k = linalg.matmul ins(%x, %wk : tensor<12x32xf32>, tensor<32x32xf32>) outs(%z : tensor<12x32xf32>) -> tensor<12x32xf32>
  %v = linalg.matmul ins(%x, %wv : tensor<12x32xf32>, tensor<32x32xf32>) outs(%z : tensor<12x32xf32>) -> tensor<12x32xf32>
  %q3 = tensor.expand_shape %q [[0], [1, 2]] output_shape [12, 4, 8] : tensor<12x32xf32> into tensor<12x4x8xf32>
  %k3 = tensor.expand_shape %k [[0], [1, 2]] output_shape [12, 4, 8] : tensor<12x32xf32> into tensor<12x4x8xf32>
  %v3 = tensor.expand_shape %v [[0], [1, 2]] output_shape [12, 4, 8] : tensor<12x32xf32> into tensor<12x4x8xf32>
  %eh = tensor.empty() : tensor<4x12x8xf32>
  %ek = tensor.empty() : tensor<4x8x12xf32>
  %qh = linalg.transpose ins(%q3 : tensor<12x4x8xf32>) outs(%eh : tensor<4x12x8xf32>) permutation = [1, 0, 2]
  %kh = linalg.transpose ins(%k3 : tensor<12x4x8xf32>) outs(%ek : tensor<4x8x12xf32>) permutation = [1, 2, 0]
  %vh = linalg.transpose ins(%v3 : tensor<12x4x8xf32>) outs(%eh : tensor<4x12x8xf32>) permutation = [1, 0, 2]

  %es = tensor.empty() : tensor<4x12x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x12x12xf32>) -> tensor<4x12x12xf32>
  %s = linalg.batch_matmul ins(%qh, %kh : tensor<4x12x8xf32>, tensor<4x8x12xf32>) outs(%zs : tensor<4x12x12xf32>) -> tensor<4x12x12xf32>
  %er = tensor.empty() : tensor<4x12xf32>
  %low = linalg.fill ins(%least : f32) outs(%er : tensor<4x12xf32>) -> tensor<4x12xf32>
  %zr = linalg.fill ins(%zero : f32) outs(%er : tensor<4x12xf32>) -> tensor<4x12xf32>
  %scaled = linalg.generic {indexing_maps = [#id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%s : tensor<4x12x12xf32>) outs(%es : tensor<4x12x12xf32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.mulf %a, %scale : f32
    linalg.yield %0 : f32
  } -> tensor<4x12x12xf32>
  %max = linalg.generic {indexing_maps = [#id3, #last], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%scaled : tensor<4x12x12xf32>) outs(%low : tensor<4x12xf32>) {
  ^bb0(%a: f32, %m: f32):
    %0 = arith.maximumf %a, %m : f32
    linalg.yield %0 : f32
  } -> tensor<4x12xf32>
  %exp = linalg.generic {indexing_maps = [#id3, #last, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%scaled, %max : tensor<4x12x12xf32>, tensor<4x12xf32>) outs(%es : tensor<4x12x12xf32>) {
  ^bb0(%a: f32, %m: f32, %out: f32):
    %0 = arith.subf %a, %m : f32
    %1 = math.exp %0 : f32
    linalg.yield %1 : f32
  } -> tensor<4x12x12xf32>
  %sum = linalg.generic {indexing_maps = [#id3, #last], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%exp : tensor<4x12x12xf32>) outs(%zr : tensor<4x12xf32>) {
  ^bb0(%a: f32, %t: f32):
    %0 = arith.addf %t, %a : f32
    linalg.yield %0 : f32
  } -> tensor<4x12xf32>
  %p = linalg.generic {indexing_maps = [#id3, #last, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%exp, %sum : tensor<4x12x12xf32>, tensor<4x12xf32>) outs(%es : tensor<4x12x12xf32>) {
  ^bb0(%a: f32, %t: f32, %out: f32):
    %0 = arith.divf %a, %t : f32
    linalg.yield %0 : f32
  } -> tensor<4x12x12xf32>

  %zc = linalg.fill ins(%zero : f32) outs(%eh : tensor<4x12x8xf32>) -> tensor<4x12x8xf32>
  %c = linalg.batch_matmul ins(%p, %vh : tensor<4x12x12xf32>, tensor<4x12x8xf32>) outs(%zc : tensor<4x12x8xf32>) -> tensor<4x12x8xf32>
  %et = tensor.empty() : tensor<12x4x8xf32>
  %ct = linalg.transpose ins(%c : tensor<4x12x8xf32>) outs(%et : tensor<12x4x8xf32>) permutation = [1, 0, 2]
  %joined = tensor.collapse_shape %ct [[0], [1, 2]] : tensor<12x4x8xf32> into tensor<12x32xf32>
  %o = linalg.matmul ins(%joined, %wo : tensor<12x32xf32>, tensor<32x32xf32>) outs(%z : tensor<12x32xf32>) -> tensor<12x32xf32>
  %y = linalg.generic {indexing_maps = [#id2, #id2, #row, #id2], iterator_types = ["parallel", "parallel"]}
    ins(%o, %x, %bo : tensor<12x32xf32>, tensor<12x32xf32>, tensor<32xf32>) outs(%e : tensor<12x32xf32>) {
  ^bb0(%a: f32, %b: f32, %d: f32, %out: f32):
    %0 = arith.addf %a, %d : f32
    %1 = arith.addf %0, %b : f32
    linalg.yield %1 : f32
  } -> tensor<12x32xf32>
  return %y : tensor<12x32xf32>
}

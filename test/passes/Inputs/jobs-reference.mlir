func.func @dense(%a: tensor<49x576xf32>, %b: tensor<576x64xf32>, %c: tensor<64xf32>) -> tensor<49x64xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<49x64xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<49x64xf32>) -> tensor<49x64xf32>
  %m = linalg.matmul ins(%a, %b : tensor<49x576xf32>, tensor<576x64xf32>) outs(%f : tensor<49x64xf32>) -> tensor<49x64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%m, %c : tensor<49x64xf32>, tensor<64xf32>) outs(%e : tensor<49x64xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %s = arith.addf %x, %y : f32
    %t = arith.maximumf %s, %z : f32
    linalg.yield %t : f32
  } -> tensor<49x64xf32>
  return %r : tensor<49x64xf32>
}
func.func @conv(%a: tensor<4x8x8xf32>, %b: tensor<8x4x3x3xf32>) -> tensor<64x8xf32> {
  %z = arith.constant 0.0 : f32
  %x = tensor.expand_shape %a [[0, 1], [2], [3]] output_shape [1, 4, 8, 8] : tensor<4x8x8xf32> into tensor<1x4x8x8xf32>
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %z : f32
  } : tensor<1x4x8x8xf32> to tensor<1x4x10x10xf32>
  %e = tensor.empty() : tensor<1x8x8x8xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %c = linalg.conv_2d_nchw_fchw ins(%p, %b : tensor<1x4x10x10xf32>, tensor<8x4x3x3xf32>) outs(%f : tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %t = tensor.empty() : tensor<1x8x8x8xf32>
  %r = linalg.transpose ins(%c : tensor<1x8x8x8xf32>) outs(%t : tensor<1x8x8x8xf32>) permutation = [0, 2, 3, 1]
  %s = tensor.collapse_shape %r [[0, 1, 2], [3]] : tensor<1x8x8x8xf32> into tensor<64x8xf32>
  return %s : tensor<64x8xf32>
}
func.func @pool(%a: tensor<4x8x8xf32>) -> tensor<4x4x4xf32> {
  %z = arith.constant 0xFF800000 : f32
  %x = tensor.expand_shape %a [[0, 1], [2], [3]] output_shape [1, 4, 8, 8] : tensor<4x8x8xf32> into tensor<1x4x8x8xf32>
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x4x4x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %m = linalg.pooling_nchw_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w : tensor<1x4x8x8xf32>, tensor<2x2xf32>) outs(%f : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %r = tensor.collapse_shape %m [[0, 1], [2], [3]] : tensor<1x4x4x4xf32> into tensor<4x4x4xf32>
  return %r : tensor<4x4x4xf32>
}

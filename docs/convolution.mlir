// A 3 x 3 convolution with padding, bias and relu, as a front end hands it over.
func.func @layer(%x: tensor<1x16x8x8xf32>, %w: tensor<32x16x3x3xf32>, %bias: tensor<32xf32>) -> tensor<1x32x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %padded = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%n: index, %c: index, %h: index, %v: index):
    tensor.yield %zero : f32
  } : tensor<1x16x8x8xf32> to tensor<1x16x10x10xf32>
  %empty = tensor.empty() : tensor<1x32x8x8xf32>
  %init = linalg.broadcast ins(%bias : tensor<32xf32>) outs(%empty : tensor<1x32x8x8xf32>) dimensions = [0, 2, 3]
  %sum = linalg.conv_2d_nchw_fchw ins(%padded, %w : tensor<1x16x10x10xf32>, tensor<32x16x3x3xf32>) outs(%init : tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32>
  %relu = linalg.generic {indexing_maps = [affine_map<(n, c, h, w) -> (n, c, h, w)>, affine_map<(n, c, h, w) -> (n, c, h, w)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%sum : tensor<1x32x8x8xf32>) outs(%empty : tensor<1x32x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %y = arith.maximumf %in, %zero : f32
    linalg.yield %y : f32
  } -> tensor<1x32x8x8xf32>
  return %relu : tensor<1x32x8x8xf32>
}

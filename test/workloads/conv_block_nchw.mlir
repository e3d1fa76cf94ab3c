// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A residual block as torch-mlir hands it over: NCHW, padding apart, a
// batch-norm generic per convolution, a stride of 2 and a 1 x 1 short cut.
#id = affine_map<(n, c, h, w) -> (n, c, h, w)>
#channel = affine_map<(n, c, h, w) -> (c)>
func.func @forward(%x: tensor<1x8x16x16xf32>) -> tensor<1x16x8x8xf32> {
  %w1 = arith.constant dense_resource<__elided__> : tensor<16x8x3x3xf32>
  %w2 = arith.constant dense_resource<__elided__> : tensor<16x16x3x3xf32>
  %w3 = arith.constant dense_resource<__elided__> : tensor<16x8x1x1xf32>
  %scale = arith.constant dense_resource<__elided__> : tensor<16xf32>
  %shift = arith.constant dense_resource<__elided__> : tensor<16xf32>
  %mean = arith.constant dense_resource<__elided__> : tensor<16xf32>
  %variance = arith.constant dense_resource<__elided__> : tensor<16xf32>
  %zero = arith.constant 0.0 : f32
  %eps = arith.constant 1.0e-05 : f64
  %empty = tensor.empty() : tensor<1x16x8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>

  %padded = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%n: index, %c: index, %h: index, %w: index):
    tensor.yield %zero : f32
  } : tensor<1x8x16x16xf32> to tensor<1x8x18x18xf32>
  %conv1 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
    ins(%padded, %w1 : tensor<1x8x18x18xf32>, tensor<16x8x3x3xf32>)
    outs(%init : tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %norm1 = linalg.generic {indexing_maps = [#id, #channel, #channel, #channel, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%conv1, %scale, %shift, %mean, %variance : tensor<1x16x8x8xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>)
    outs(%conv1 : tensor<1x16x8x8xf32>) {
  ^bb0(%in: f32, %s: f32, %b: f32, %m: f32, %v: f32, %out: f32):
    %0 = arith.truncf %eps : f64 to f32
    %1 = arith.addf %v, %0 : f32
    %2 = math.rsqrt %1 : f32
    %3 = arith.subf %in, %m : f32
    %4 = arith.mulf %3, %2 : f32
    %5 = arith.mulf %4, %s : f32
    %6 = arith.addf %5, %b : f32
    linalg.yield %6 : f32
  } -> tensor<1x16x8x8xf32>
  %relu1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%norm1 : tensor<1x16x8x8xf32>) outs(%empty : tensor<1x16x8x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.cmpf ugt, %in, %zero : f32
    %1 = arith.select %0, %in, %zero : f32
    linalg.yield %1 : f32
  } -> tensor<1x16x8x8xf32>

  %padded2 = tensor.pad %relu1 low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%n: index, %c: index, %h: index, %w: index):
    tensor.yield %zero : f32
  } : tensor<1x16x8x8xf32> to tensor<1x16x10x10xf32>
  %conv2 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%padded2, %w2 : tensor<1x16x10x10xf32>, tensor<16x16x3x3xf32>)
    outs(%init : tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %short = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
    ins(%x, %w3 : tensor<1x8x16x16xf32>, tensor<16x8x1x1xf32>)
    outs(%init : tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %sum = linalg.generic {indexing_maps = [#id, #id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%conv2, %short, %shift : tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>, tensor<16xf32>)
    outs(%empty : tensor<1x16x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %out: f32):
    %0 = arith.addf %a, %b : f32
    %1 = arith.addf %0, %c : f32
    %2 = arith.maximumf %1, %zero : f32
    linalg.yield %2 : f32
  } -> tensor<1x16x8x8xf32>
  return %sum : tensor<1x16x8x8xf32>
}

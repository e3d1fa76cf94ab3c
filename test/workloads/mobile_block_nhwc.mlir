// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A separable convolution as TensorFlow lays it out: NHWC, weights HWC and
// HWCF, depthwise 3 x 3, bias and relu6, then pointwise, then a global mean.
#id = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>
#pooled = affine_map<(n, h, w, c) -> (n, c)>
func.func @forward(%x: tensor<2x12x12x16xf32>) -> (tensor<2x12x12x24xf32>, tensor<2x24xf32>) {
  %wd = arith.constant dense_resource<__elided__> : tensor<3x3x16xf32>
  %bd = arith.constant dense_resource<__elided__> : tensor<16xf32>
  %wp = arith.constant dense_resource<__elided__> : tensor<1x1x16x24xf32>
  %bp = arith.constant dense_resource<__elided__> : tensor<24xf32>
  %zero = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32
  %area = arith.constant 144.0 : f32
  %padded = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%n: index, %h: index, %w: index, %c: index):
    tensor.yield %zero : f32
  } : tensor<2x12x12x16xf32> to tensor<2x14x14x16xf32>
  %empty = tensor.empty() : tensor<2x12x12x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x12x12x16xf32>) -> tensor<2x12x12x16xf32>
  %deep = linalg.depthwise_conv_2d_nhwc_hwc {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%padded, %wd : tensor<2x14x14x16xf32>, tensor<3x3x16xf32>)
    outs(%init : tensor<2x12x12x16xf32>) -> tensor<2x12x12x16xf32>
  %act = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%deep, %bd : tensor<2x12x12x16xf32>, tensor<16xf32>) outs(%empty : tensor<2x12x12x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.addf %a, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    linalg.yield %2 : f32
  } -> tensor<2x12x12x16xf32>
  %wide = tensor.empty() : tensor<2x12x12x24xf32>
  %start = linalg.generic {indexing_maps = [#channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%bp : tensor<24xf32>) outs(%wide : tensor<2x12x12x24xf32>) {
  ^bb0(%b: f32, %out: f32):
    linalg.yield %b : f32
  } -> tensor<2x12x12x24xf32>
  %point = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%act, %wp : tensor<2x12x12x16xf32>, tensor<1x1x16x24xf32>)
    outs(%start : tensor<2x12x12x24xf32>) -> tensor<2x12x12x24xf32>
  %flat = tensor.empty() : tensor<2x24xf32>
  %none = linalg.fill ins(%zero : f32) outs(%flat : tensor<2x24xf32>) -> tensor<2x24xf32>
  %mean = linalg.generic {indexing_maps = [#id, #pooled], iterator_types = ["parallel", "reduction", "reduction", "parallel"]}
    ins(%point : tensor<2x12x12x24xf32>) outs(%none : tensor<2x24xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %0 = arith.divf %a, %area : f32
    %1 = arith.addf %sum, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x24xf32>
  return %point, %mean : tensor<2x12x12x24xf32>, tensor<2x24xf32>
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An inverted residual: a depthwise layer in NCHW reads what the product before
// it wrote as pixels by channels. Odd extents; steps of 1, then of 2.
#id = affine_map<(n, c, h, w) -> (n, c, h, w)>
#channel = affine_map<(n, c, h, w) -> (c)>
func.func @inverted(%x: tensor<1x6x9x9xf32>) -> tensor<1x6x5x5xf32> {
  %zero = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32
  %we = arith.constant dense_resource<__elided__> : tensor<20x6x1x1xf32>
  %wd = arith.constant dense_resource<__elided__> : tensor<20x3x3xf32>
  %wt = arith.constant dense_resource<__elided__> : tensor<20x3x3xf32>
  %wp = arith.constant dense_resource<__elided__> : tensor<6x20x1x1xf32>
  %bias = arith.constant dense_resource<__elided__> : tensor<20xf32>
  %wide = tensor.empty() : tensor<1x20x9x9xf32>
  %thin = tensor.empty() : tensor<1x6x9x9xf32>
  %half = tensor.empty() : tensor<1x20x5x5xf32>
  %last = tensor.empty() : tensor<1x6x5x5xf32>
  %wide0 = linalg.fill ins(%zero : f32) outs(%wide : tensor<1x20x9x9xf32>) -> tensor<1x20x9x9xf32>
  %thin0 = linalg.fill ins(%zero : f32) outs(%thin : tensor<1x6x9x9xf32>) -> tensor<1x6x9x9xf32>
  %half0 = linalg.fill ins(%zero : f32) outs(%half : tensor<1x20x5x5xf32>) -> tensor<1x20x5x5xf32>
  %last0 = linalg.fill ins(%zero : f32) outs(%last : tensor<1x6x5x5xf32>) -> tensor<1x6x5x5xf32>
  %e = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%x, %we : tensor<1x6x9x9xf32>, tensor<20x6x1x1xf32>)
    outs(%wide0 : tensor<1x20x9x9xf32>) -> tensor<1x20x9x9xf32>
  %ea = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%e, %bias : tensor<1x20x9x9xf32>, tensor<20xf32>) outs(%wide : tensor<1x20x9x9xf32>) {
  ^bb0(%i: f32, %b: f32, %o: f32):
    %0 = arith.addf %i, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    linalg.yield %2 : f32
  } -> tensor<1x20x9x9xf32>
  %ep = tensor.pad %ea low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%n: index, %c: index, %h: index, %w: index):
    tensor.yield %zero : f32
  } : tensor<1x20x9x9xf32> to tensor<1x20x11x11xf32>
  %d = linalg.depthwise_conv_2d_nchw_chw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%ep, %wd : tensor<1x20x11x11xf32>, tensor<20x3x3xf32>)
    outs(%wide0 : tensor<1x20x9x9xf32>) -> tensor<1x20x9x9xf32>
  %da = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%d, %bias : tensor<1x20x9x9xf32>, tensor<20xf32>) outs(%wide : tensor<1x20x9x9xf32>) {
  ^bb0(%i: f32, %b: f32, %o: f32):
    %0 = arith.addf %i, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    linalg.yield %2 : f32
  } -> tensor<1x20x9x9xf32>
  %p = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%da, %wp : tensor<1x20x9x9xf32>, tensor<6x20x1x1xf32>)
    outs(%thin0 : tensor<1x6x9x9xf32>) -> tensor<1x6x9x9xf32>
  %sum = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%p, %x : tensor<1x6x9x9xf32>, tensor<1x6x9x9xf32>) outs(%thin : tensor<1x6x9x9xf32>) {
  ^bb0(%i: f32, %j: f32, %o: f32):
    %0 = arith.addf %i, %j : f32
    linalg.yield %0 : f32
  } -> tensor<1x6x9x9xf32>
  %f = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%sum, %we : tensor<1x6x9x9xf32>, tensor<20x6x1x1xf32>)
    outs(%wide0 : tensor<1x20x9x9xf32>) -> tensor<1x20x9x9xf32>
  %fa = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%f, %bias : tensor<1x20x9x9xf32>, tensor<20xf32>) outs(%wide : tensor<1x20x9x9xf32>) {
  ^bb0(%i: f32, %b: f32, %o: f32):
    %0 = arith.addf %i, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    linalg.yield %2 : f32
  } -> tensor<1x20x9x9xf32>
  %fp = tensor.pad %fa low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%n: index, %c: index, %h: index, %w: index):
    tensor.yield %zero : f32
  } : tensor<1x20x9x9xf32> to tensor<1x20x11x11xf32>
  %t = linalg.depthwise_conv_2d_nchw_chw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>}
    ins(%fp, %wt : tensor<1x20x11x11xf32>, tensor<20x3x3xf32>)
    outs(%half0 : tensor<1x20x5x5xf32>) -> tensor<1x20x5x5xf32>
  %ta = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%t, %bias : tensor<1x20x5x5xf32>, tensor<20xf32>) outs(%half : tensor<1x20x5x5xf32>) {
  ^bb0(%i: f32, %b: f32, %o: f32):
    %0 = arith.addf %i, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.minimumf %1, %six : f32
    linalg.yield %2 : f32
  } -> tensor<1x20x5x5xf32>
  %q = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%ta, %wp : tensor<1x20x5x5xf32>, tensor<6x20x1x1xf32>)
    outs(%last0 : tensor<1x6x5x5xf32>) -> tensor<1x6x5x5xf32>
  return %q : tensor<1x6x5x5xf32>
}

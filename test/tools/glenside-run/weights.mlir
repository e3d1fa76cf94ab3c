// The law of random weights: mean 0 and variance 2 / fan-in, whichever way the
// weight is laid out. Each function gives mean and variance * fan-in / 2, with
// fan-in from the layout, so that the second is 1; 20,000 elements leave 2 %.
// RUN: glenside-run %s --entry=fchw --randomize --seeds=1,2 | FileCheck %s
// RUN: glenside-run %s --entry=hwcf --randomize --seeds=1,2 | FileCheck %s
// RUN: glenside-run %s --entry=kn --randomize --seeds=1,2 | FileCheck %s
// RUN: glenside-run %s --entry=turned --randomize --seeds=1,2 | FileCheck %s
// CHECK: seed 1, as given: result 0, tensor<2xf32>: min {{-?(0\.00[0-9]*|[0-9.]+e-0[3-9])}} max {{1\.0[0-3][0-9]*|0\.9[7-9][0-9]*|1}} mean
// CHECK: seed 2, as given: result 0, tensor<2xf32>: min {{-?(0\.00[0-9]*|[0-9.]+e-0[3-9])}} max {{1\.0[0-3][0-9]*|0\.9[7-9][0-9]*|1}} mean

// Vectors serve as variances: uniform in [0.5, 1.5].
// RUN: glenside-run %s --entry=vector --randomize | FileCheck %s --check-prefix=VECTOR
// VECTOR: min 0.500{{[0-9]*}} max 1.499{{[0-9]*}} mean {{1\.0[01]|0\.99}}
func.func @vector() -> tensor<4000xf32> {
  %w = arith.constant dense<0.0> : tensor<4000xf32>
  return %w : tensor<4000xf32>
}

func.func @fchw() -> tensor<2xf32> {
  %w = arith.constant dense<0.5> : tensor<64x40x3x3xf32>
  %x = tensor.empty() : tensor<1x40x3x3xf32>
  %o = tensor.empty() : tensor<1x64x1x1xf32>
  %c = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x40x3x3xf32>, tensor<64x40x3x3xf32>) outs(%o : tensor<1x64x1x1xf32>) -> tensor<1x64x1x1xf32>
  %flat = tensor.collapse_shape %w [[0, 1, 2, 3]] : tensor<64x40x3x3xf32> into tensor<23040xf32>
  %y = call @law_23040(%flat) : (tensor<23040xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @hwcf() -> tensor<2xf32> {
  %w = arith.constant dense<0.5> : tensor<3x3x40x64xf32>
  %x = tensor.empty() : tensor<1x3x3x40xf32>
  %o = tensor.empty() : tensor<1x1x1x64xf32>
  %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x3x3x40xf32>, tensor<3x3x40x64xf32>) outs(%o : tensor<1x1x1x64xf32>) -> tensor<1x1x1x64xf32>
  %flat = tensor.collapse_shape %w [[0, 1, 2, 3]] : tensor<3x3x40x64xf32> into tensor<23040xf32>
  %y = call @law_23040(%flat) : (tensor<23040xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @kn() -> tensor<2xf32> {
  %w = arith.constant dense<0.5> : tensor<100x240xf32>
  %x = tensor.empty() : tensor<2x100xf32>
  %o = tensor.empty() : tensor<2x240xf32>
  %c = linalg.matmul ins(%x, %w : tensor<2x100xf32>, tensor<100x240xf32>) outs(%o : tensor<2x240xf32>) -> tensor<2x240xf32>
  %flat = tensor.collapse_shape %w [[0, 1]] : tensor<100x240xf32> into tensor<24000xf32>
  %y = call @law_24000(%flat) : (tensor<24000xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @turned() -> tensor<2xf32> {
  %w = arith.constant dense<0.5> : tensor<240x100xf32>
  %o = tensor.empty() : tensor<100x240xf32>
  %c = linalg.transpose ins(%w : tensor<240x100xf32>) outs(%o : tensor<100x240xf32>) permutation = [1, 0]
  %flat = tensor.collapse_shape %w [[0, 1]] : tensor<240x100xf32> into tensor<24000xf32>
  %y = call @law_24000(%flat) : (tensor<24000xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @law_23040(%w: tensor<23040xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 23040.0 : f32
  %want = arith.constant 128.0 : f32
  %e = tensor.empty() : tensor<f32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %s:2 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>],
      iterator_types = ["reduction"]}
    ins(%w : tensor<23040xf32>) outs(%z, %z : tensor<f32>, tensor<f32>) {
  ^bb0(%a: f32, %sum: f32, %squares: f32):
    %0 = arith.divf %a, %n : f32
    %1 = arith.addf %sum, %0 : f32
    %2 = arith.mulf %a, %a : f32
    %3 = arith.divf %2, %want : f32
    %4 = arith.addf %squares, %3 : f32
    linalg.yield %1, %4 : f32, f32
  } -> (tensor<f32>, tensor<f32>)
  %mean = tensor.extract %s#0[] : tensor<f32>
  %law = tensor.extract %s#1[] : tensor<f32>
  %y = tensor.from_elements %mean, %law : tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @law_24000(%w: tensor<24000xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 24000.0 : f32
  %want = arith.constant 480.0 : f32
  %e = tensor.empty() : tensor<f32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %s:2 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>],
      iterator_types = ["reduction"]}
    ins(%w : tensor<24000xf32>) outs(%z, %z : tensor<f32>, tensor<f32>) {
  ^bb0(%a: f32, %sum: f32, %squares: f32):
    %0 = arith.divf %a, %n : f32
    %1 = arith.addf %sum, %0 : f32
    %2 = arith.mulf %a, %a : f32
    %3 = arith.divf %2, %want : f32
    %4 = arith.addf %squares, %3 : f32
    linalg.yield %1, %4 : f32, f32
  } -> (tensor<f32>, tensor<f32>)
  %mean = tensor.extract %s#0[] : tensor<f32>
  %law = tensor.extract %s#1[] : tensor<f32>
  %y = tensor.from_elements %mean, %law : tensor<2xf32>
  return %y : tensor<2xf32>
}

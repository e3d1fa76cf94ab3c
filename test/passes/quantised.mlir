// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A layer in 8 bits as a front end writes it: zero points, a bias, a fixed-point
// factor per channel in 64 bits, a clamp; then a pooling, and a sum of two scales.
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=commands' 2>&1 | FileCheck %s
// RUN: glenside-run %s --target=gemmini16 --integers=100 --compare | FileCheck %s --check-prefix=AGREE
// RUN: glenside-run %s --target=ws64 --integers=100 --compare | FileCheck %s --check-prefix=AGREE
// Without the rule, the product of an i32 has no array.
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=kernels no-rule=zero-point' -o /dev/null 2>&1 | FileCheck %s --check-prefix=WITHOUT

// CHECK: mapped 1/1 contractions, MACs 100.00% array
// What is read and written is a byte per element; factors differ along the lanes.
// CHECK: systolic.open {{.*}}in = "i8", acc = "i32"
// CHECK-DAG: systolic.load %{{.*}}space = "abuf", type = "i8"
// CHECK-DAG: systolic.loadw %{{.*}}type = "i8"
// CHECK: systolic.alu rescale
// CHECK: systolic.store %{{.*}}type = "i8"
// CHECK: systolic.alu max
// CHECK: systolic.store %{{.*}}type = "i8"
// AGREE: 3 of 3 comparisons agree
// WITHOUT: warning: the contraction stays on the host: array 0 of target 'gemmini16' has no product i32 x i8 -> i32
// WITHOUT: mapped 0/1

#id = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>
func.func @forward(%x: tensor<1x8x8x4xi8>) -> tensor<1x8x8x8xi8> {
  %w = arith.constant dense_resource<__elided__> : tensor<3x3x4x8xi8>
  %bias = arith.constant dense<[-900, 17, 5, 300, -44, 1000, 81, -7]> : tensor<8xi32>
  %factor = arith.constant dense<[1073741824, 1173741824, 1273741824, 1373741824, 1473741824, 1573741824, 1673741824, 2147483647]> : tensor<8xi32>
  %shift = arith.constant dense<[41, 42, 41, 42, 41, 40, 41, 43]> : tensor<8xi8>
  %zx = arith.constant 7 : i32
  %zx8 = arith.constant 7 : i8
  %zw = arith.constant 0 : i32
  %zy = arith.constant -3 : i32
  %one = arith.constant 1 : i64
  %half = arith.constant 536870912 : i64
  %thirty = arith.constant 30 : i64
  %twice = arith.constant 1610612736 : i64
  %low = arith.constant -128 : i32
  %high = arith.constant 127 : i32
  %least = arith.constant -128 : i8
  %zero = arith.constant 0 : i32
  %px = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zx8 : i8
  } : tensor<1x8x8x4xi8> to tensor<1x10x10x4xi8>
  %e32 = tensor.empty() : tensor<1x8x8x8xi32>
  %e8 = tensor.empty() : tensor<1x8x8x8xi8>
  %init = linalg.fill ins(%zero : i32) outs(%e32 : tensor<1x8x8x8xi32>) -> tensor<1x8x8x8xi32>
  %c = linalg.conv_2d_nhwc_hwcf_q {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%px, %w, %zx, %zw : tensor<1x10x10x4xi8>, tensor<3x3x4x8xi8>, i32, i32)
    outs(%init : tensor<1x8x8x8xi32>) -> tensor<1x8x8x8xi32>
  %y = linalg.generic {indexing_maps = [#id, #channel, #channel, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%c, %bias, %factor, %shift : tensor<1x8x8x8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi8>) outs(%e8 : tensor<1x8x8x8xi8>) {
  ^bb0(%a: i32, %b: i32, %m: i32, %s: i8, %o: i8):
    %0 = arith.addi %a, %b : i32
    %1 = arith.extsi %0 : i32 to i64
    %2 = arith.extsi %m : i32 to i64
    %3 = arith.extui %s : i8 to i64
    %4 = arith.shli %one, %3 : i64
    %5 = arith.shrui %4, %one : i64
    %6 = arith.muli %1, %2 : i64
    %7 = arith.addi %6, %5 : i64
    %8 = arith.shrsi %7, %3 : i64
    %9 = arith.trunci %8 : i64 to i32
    %10 = arith.addi %9, %zy : i32
    %11 = arith.maxsi %10, %low : i32
    %12 = arith.minsi %11, %high : i32
    %13 = arith.trunci %12 : i32 to i8
    linalg.yield %13 : i8
  } -> tensor<1x8x8x8xi8>
  %py = tensor.pad %y low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %least : i8
  } : tensor<1x8x8x8xi8> to tensor<1x10x10x8xi8>
  %window = tensor.empty() : tensor<3x3xi8>
  %m = linalg.fill ins(%least : i8) outs(%e8 : tensor<1x8x8x8xi8>) -> tensor<1x8x8x8xi8>
  %p = linalg.pooling_nhwc_max {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>}
    ins(%py, %window : tensor<1x10x10x8xi8>, tensor<3x3xi8>) outs(%m : tensor<1x8x8x8xi8>) -> tensor<1x8x8x8xi8>
  %z = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%p, %y : tensor<1x8x8x8xi8>, tensor<1x8x8x8xi8>) outs(%e8 : tensor<1x8x8x8xi8>) {
  ^bb0(%a: i8, %b: i8, %o: i8):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.subi %0, %zy : i32
    %3 = arith.extsi %2 : i32 to i64
    %4 = arith.muli %3, %twice : i64
    %5 = arith.addi %4, %half : i64
    %6 = arith.shrsi %5, %thirty : i64
    %7 = arith.trunci %6 : i64 to i32
    %8 = arith.addi %7, %1 : i32
    %9 = arith.maxsi %8, %low : i32
    %10 = arith.minsi %9, %high : i32
    %11 = arith.trunci %10 : i32 to i8
    linalg.yield %11 : i8
  } -> tensor<1x8x8x8xi8>
  return %z : tensor<1x8x8x8xi8>
}

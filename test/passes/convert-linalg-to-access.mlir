// linalg as access patterns: one test per kind of op.

// RUN: glenside-opt %s --convert-linalg-to-access | FileCheck %s
// RUN: glenside-opt %s --convert-linalg-to-access -o /dev/null 2>&1 | FileCheck %s --check-prefix=SUMMARY
// RUN: glenside-opt %s --linalg-generalize-named-ops --convert-linalg-to-access | FileCheck %s
// SUMMARY: glenside: found 4/4 contractions

// Both factors are spread over ((rows, columns), (sum)); a sum that starts from 0
// needs no addition.
// CHECK-LABEL: @matmul(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>, %[[ARG1:.*]]: tensor<4x5xf32>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
// CHECK:         %[[V1:.*]] = access.insert_axis %[[V0]] {dim = 1} : !access.pattern<[3], [4], f32> -> !access.pattern<[3, 1], [4], f32>
// CHECK:         %[[V2:.*]] = access.broadcast %[[V1]] : !access.pattern<[3, 1], [4], f32> -> !access.pattern<[3, 5], [4], f32>
// CHECK:         %[[V3:.*]] = access.view %[[ARG1]] {at = 1} : tensor<4x5xf32> -> !access.pattern<[4], [5], f32>
// CHECK:         %[[V4:.*]] = access.transpose %[[V3]] {perm = [1, 0]} : !access.pattern<[4], [5], f32> -> !access.pattern<[5], [4], f32>
// CHECK:         %[[V5:.*]] = access.broadcast %[[V4]] : !access.pattern<[5], [4], f32> -> !access.pattern<[3, 5], [4], f32>
// CHECK:         %[[V6:.*]] = access.compute dot %[[V2]], %[[V5]] : !access.pattern<[3, 5], [4], f32>, !access.pattern<[3, 5], [4], f32> -> !access.pattern<[3, 5], [], f32>
// CHECK:         %[[V7:.*]] = access.tensor %[[V6]] : !access.pattern<[3, 5], [], f32> -> tensor<3x5xf32>
// CHECK:         return %[[V7]] : tensor<3x5xf32>
func.func @matmul(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %r = linalg.matmul ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%f : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// Padding and windows are one chain of views of the image; the bias that the sum
// starts from is added; the select is a relu.
// CHECK-LABEL: @conv(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x8x6x6xf32>, %[[ARG1:.*]]: tensor<4x8x3x3xf32>, %[[ARG2:.*]]: tensor<4xf32>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 4} : tensor<1x8x6x6xf32> -> !access.pattern<[1, 8, 6, 6], [], f32>
// CHECK:         %[[V1:.*]] = access.pad %[[V0]] {low = [0, 0, 1, 1], high = [0, 0, 1, 1], value = 0.000000e+00 : f32} : !access.pattern<[1, 8, 6, 6], [], f32> -> !access.pattern<[1, 8, 8, 8], [], f32>
// CHECK:         %[[V2:.*]] = access.view %[[ARG2]] {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
// CHECK:         %[[V3:.*]] = access.insert_axis %[[V2]] {dim = 1} : !access.pattern<[4], [], f32> -> !access.pattern<[4, 1], [], f32>
// CHECK:         %[[V4:.*]] = access.insert_axis %[[V3]] {dim = 2} : !access.pattern<[4, 1], [], f32> -> !access.pattern<[4, 1, 1], [], f32>
// CHECK:         %[[V5:.*]] = access.broadcast %[[V4]] : !access.pattern<[4, 1, 1], [], f32> -> !access.pattern<[1, 4, 6, 6], [], f32>
// CHECK:         %[[V6:.*]] = access.shift %[[V1]] {by = -2} : !access.pattern<[1, 8, 8, 8], [], f32> -> !access.pattern<[1, 8], [8, 8], f32>
// CHECK:         %[[V7:.*]] = access.windows %[[V6]] {shape = [3, 3]} : !access.pattern<[1, 8], [8, 8], f32> -> !access.pattern<[1, 8, 6, 6], [3, 3], f32>
// CHECK:         %[[V8:.*]] = access.transpose %[[V7]] {perm = [0, 2, 3, 1, 4, 5]} : !access.pattern<[1, 8, 6, 6], [3, 3], f32> -> !access.pattern<[1, 6, 6, 8], [3, 3], f32>
// CHECK:         %[[V9:.*]] = access.insert_axis %[[V8]] {dim = 1} : !access.pattern<[1, 6, 6, 8], [3, 3], f32> -> !access.pattern<[1, 1, 6, 6, 8], [3, 3], f32>
// CHECK:         %[[V10:.*]] = access.shift %[[V9]] {by = -1} : !access.pattern<[1, 1, 6, 6, 8], [3, 3], f32> -> !access.pattern<[1, 1, 6, 6], [8, 3, 3], f32>
// CHECK:         %[[V11:.*]] = access.broadcast %[[V10]] : !access.pattern<[1, 1, 6, 6], [8, 3, 3], f32> -> !access.pattern<[1, 4, 6, 6], [8, 3, 3], f32>
// CHECK:         %[[V12:.*]] = access.view %[[ARG1]] {at = 1} : tensor<4x8x3x3xf32> -> !access.pattern<[4], [8, 3, 3], f32>
// CHECK:         %[[V13:.*]] = access.insert_axis %[[V12]] {dim = 1} : !access.pattern<[4], [8, 3, 3], f32> -> !access.pattern<[4, 1], [8, 3, 3], f32>
// CHECK:         %[[V14:.*]] = access.insert_axis %[[V13]] {dim = 2} : !access.pattern<[4, 1], [8, 3, 3], f32> -> !access.pattern<[4, 1, 1], [8, 3, 3], f32>
// CHECK:         %[[V15:.*]] = access.broadcast %[[V14]] : !access.pattern<[4, 1, 1], [8, 3, 3], f32> -> !access.pattern<[1, 4, 6, 6], [8, 3, 3], f32>
// CHECK:         %[[V16:.*]] = access.compute dot %[[V11]], %[[V15]] : !access.pattern<[1, 4, 6, 6], [8, 3, 3], f32>, !access.pattern<[1, 4, 6, 6], [8, 3, 3], f32> -> !access.pattern<[1, 4, 6, 6], [], f32>
// CHECK:         %[[V17:.*]] = access.compute add %[[V5]], %[[V16]] : !access.pattern<[1, 4, 6, 6], [], f32>, !access.pattern<[1, 4, 6, 6], [], f32> -> !access.pattern<[1, 4, 6, 6], [], f32>
// CHECK:         %[[V18:.*]] = access.compute relu %[[V17]] : !access.pattern<[1, 4, 6, 6], [], f32> -> !access.pattern<[1, 4, 6, 6], [], f32>
// CHECK:         %[[V19:.*]] = access.tensor %[[V18]] : !access.pattern<[1, 4, 6, 6], [], f32> -> tensor<1x4x6x6xf32>
// CHECK:         return %[[V19]] : tensor<1x4x6x6xf32>
func.func @conv(%x: tensor<1x8x6x6xf32>, %w: tensor<4x8x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x6x6xf32> {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %z : f32
  } : tensor<1x8x6x6xf32> to tensor<1x8x8x8xf32>
  %e = tensor.empty() : tensor<1x4x6x6xf32>
  %f = linalg.broadcast ins(%b : tensor<4xf32>) outs(%e : tensor<1x4x6x6xf32>) dimensions = [0, 2, 3]
  %c = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%p, %w : tensor<1x8x8x8xf32>, tensor<4x8x3x3xf32>) outs(%f : tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (0, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%c : tensor<1x4x6x6xf32>) outs(%e : tensor<1x4x6x6xf32>) {
    ^bb0(%in: f32, %out: f32):
      %t = arith.cmpf ugt, %in, %z : f32
      %s = arith.select %t, %in, %z : f32
      linalg.yield %s : f32
  } -> tensor<1x4x6x6xf32>
  return %r : tensor<1x4x6x6xf32>
}

// A zero point is subtracted from the image, not from its windows; a zero point of
// 0 is none, and the product widens by itself.
// CHECK-LABEL: @quantized(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x5x5x2xi8>, %[[ARG1:.*]]: tensor<3x3x2xi8>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 4} : tensor<1x5x5x2xi8> -> !access.pattern<[1, 5, 5, 2], [], i8>
// CHECK:         %[[V1:.*]] = access.call @access_body_0 %[[V0]] : !access.pattern<[1, 5, 5, 2], [], i8> -> !access.pattern<[1, 5, 5, 2], [], i32>
// CHECK:         %[[V2:.*]] = access.shift %[[V1]] {by = -2} : !access.pattern<[1, 5, 5, 2], [], i32> -> !access.pattern<[1, 5], [5, 2], i32>
// CHECK:         %[[V3:.*]] = access.transpose %[[V2]] {perm = [0, 3, 1, 2]} : !access.pattern<[1, 5], [5, 2], i32> -> !access.pattern<[1, 2], [5, 5], i32>
// CHECK:         %[[V4:.*]] = access.windows %[[V3]] {shape = [3, 3], strides = [2, 2]} : !access.pattern<[1, 2], [5, 5], i32> -> !access.pattern<[1, 2, 2, 2], [3, 3], i32>
// CHECK:         %[[V5:.*]] = access.transpose %[[V4]] {perm = [0, 2, 3, 1, 4, 5]} : !access.pattern<[1, 2, 2, 2], [3, 3], i32> -> !access.pattern<[1, 2, 2, 2], [3, 3], i32>
// CHECK:         %[[V6:.*]] = access.view %[[ARG1]] {at = 1} : tensor<3x3x2xi8> -> !access.pattern<[3], [3, 2], i8>
// CHECK:         %[[V7:.*]] = access.transpose %[[V6]] {perm = [2, 0, 1]} : !access.pattern<[3], [3, 2], i8> -> !access.pattern<[2], [3, 3], i8>
// CHECK:         %[[V8:.*]] = access.broadcast %[[V7]] : !access.pattern<[2], [3, 3], i8> -> !access.pattern<[1, 2, 2, 2], [3, 3], i8>
// CHECK:         %[[V9:.*]] = access.compute dot %[[V5]], %[[V8]] : !access.pattern<[1, 2, 2, 2], [3, 3], i32>, !access.pattern<[1, 2, 2, 2], [3, 3], i8> -> !access.pattern<[1, 2, 2, 2], [], i32>
// CHECK:         %[[V10:.*]] = access.tensor %[[V9]] : !access.pattern<[1, 2, 2, 2], [], i32> -> tensor<1x2x2x2xi32>
// CHECK:         return %[[V10]] : tensor<1x2x2x2xi32>
func.func @quantized(%x: tensor<1x5x5x2xi8>, %w: tensor<3x3x2xi8>) -> tensor<1x2x2x2xi32> {
  %zx = arith.constant -3 : i32
  %zw = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x2x2x2xi32>
  %f = linalg.fill ins(%zw : i32) outs(%e : tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi32>
  %r = linalg.depthwise_conv_2d_nhwc_hwc_q {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %w, %zx, %zw : tensor<1x5x5x2xi8>, tensor<3x3x2xi8>, i32, i32) outs(%f : tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi32>
  return %r : tensor<1x2x2x2xi32>
}

// The window operand has a shape and nothing else.
// CHECK-LABEL: @pool(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x6x6x2xf32>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 2} : tensor<1x6x6x2xf32> -> !access.pattern<[1, 6], [6, 2], f32>
// CHECK:         %[[V1:.*]] = access.transpose %[[V0]] {perm = [0, 3, 1, 2]} : !access.pattern<[1, 6], [6, 2], f32> -> !access.pattern<[1, 2], [6, 6], f32>
// CHECK:         %[[V2:.*]] = access.windows %[[V1]] {shape = [2, 2], strides = [2, 2]} : !access.pattern<[1, 2], [6, 6], f32> -> !access.pattern<[1, 2, 3, 3], [2, 2], f32>
// CHECK:         %[[V3:.*]] = access.transpose %[[V2]] {perm = [0, 2, 3, 1, 4, 5]} : !access.pattern<[1, 2, 3, 3], [2, 2], f32> -> !access.pattern<[1, 3, 3, 2], [2, 2], f32>
// CHECK:         %[[V4:.*]] = access.compute reduce_max %[[V3]] : !access.pattern<[1, 3, 3, 2], [2, 2], f32> -> !access.pattern<[1, 3, 3, 2], [], f32>
// CHECK:         %[[V5:.*]] = access.tensor %[[V4]] : !access.pattern<[1, 3, 3, 2], [], f32> -> tensor<1x3x3x2xf32>
// CHECK:         return %[[V5]] : tensor<1x3x3x2xf32>
func.func @pool(%x: tensor<1x6x6x2xf32>) -> tensor<1x3x3x2xf32> {
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<1x3x3x2xf32>
  %k = tensor.empty() : tensor<2x2xf32>
  %f = linalg.fill ins(%low : f32) outs(%e : tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32>
  %r = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%x, %k : tensor<1x6x6x2xf32>, tensor<2x2xf32>) outs(%f : tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32>
  return %r : tensor<1x3x3x2xf32>
}

// Equal bodies are one function; a sigmoid is recognised.
// CHECK-LABEL: @bodies(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>, %[[ARG1:.*]]: tensor<4xf32>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 2} : tensor<3x4xf32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V1:.*]] = access.view %[[ARG1]] {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
// CHECK:         %[[V2:.*]] = access.broadcast %[[V1]] : !access.pattern<[4], [], f32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V3:.*]] = access.call @access_body_1 %[[V0]], %[[V2]] : !access.pattern<[3, 4], [], f32>, !access.pattern<[3, 4], [], f32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V4:.*]] = access.view %[[ARG1]] {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
// CHECK:         %[[V5:.*]] = access.broadcast %[[V4]] : !access.pattern<[4], [], f32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V6:.*]] = access.call @access_body_1 %[[V3]], %[[V5]] : !access.pattern<[3, 4], [], f32>, !access.pattern<[3, 4], [], f32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V7:.*]] = access.tensor %[[V6]] : !access.pattern<[3, 4], [], f32> -> tensor<3x4xf32>
// CHECK:         %[[V8:.*]] = access.compute sigmoid %[[V6]] : !access.pattern<[3, 4], [], f32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V9:.*]] = access.tensor %[[V8]] : !access.pattern<[3, 4], [], f32> -> tensor<3x4xf32>
// CHECK:         return %[[V7]], %[[V9]] : tensor<3x4xf32>, tensor<3x4xf32>
func.func @bodies(%x: tensor<3x4xf32>, %s: tensor<4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<3x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x, %s : tensor<3x4xf32>, tensor<4xf32>) outs(%e : tensor<3x4xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %m = arith.mulf %a, %b : f32
      %n = arith.addf %m, %one : f32
      linalg.yield %n : f32
  } -> tensor<3x4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0, %s : tensor<3x4xf32>, tensor<4xf32>) outs(%e : tensor<3x4xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %m = arith.mulf %a, %b : f32
      %n = arith.addf %m, %one : f32
      linalg.yield %n : f32
  } -> tensor<3x4xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.negf %a : f32
      %n = math.exp %m : f32
      %p = arith.addf %n, %one : f32
      %q = arith.divf %one, %p : f32
      linalg.yield %q : f32
  } -> tensor<3x4xf32>
  return %1, %2 : tensor<3x4xf32>, tensor<3x4xf32>
}

// A weight that was folded into the body because all its elements are equal is a
// factor all the same: it spans the columns.
// CHECK-LABEL: @splat_weight(
// CHECK-SAME: %[[ARG0:.*]]: tensor<4xf32>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 0} : tensor<4xf32> -> !access.pattern<[], [4], f32>
// CHECK:         %[[V1:.*]] = access.broadcast %[[V0]] : !access.pattern<[], [4], f32> -> !access.pattern<[5], [4], f32>
// CHECK:         %[[CST:.*]] = arith.constant dense<5.000000e-01> : tensor<f32>
// CHECK:         %[[V2:.*]] = access.view %[[CST]] {at = 0} : tensor<f32> -> !access.pattern<[], [], f32>
// CHECK:         %[[V3:.*]] = access.broadcast %[[V2]] : !access.pattern<[], [], f32> -> !access.pattern<[5], [4], f32>
// CHECK:         %[[V4:.*]] = access.compute dot %[[V1]], %[[V3]] : !access.pattern<[5], [4], f32>, !access.pattern<[5], [4], f32> -> !access.pattern<[5], [], f32>
// CHECK:         %[[V5:.*]] = access.tensor %[[V4]] : !access.pattern<[5], [], f32> -> tensor<5xf32>
// CHECK:         return %[[V5]] : tensor<5xf32>
func.func @splat_weight(%x: tensor<4xf32>) -> tensor<5xf32> {
  %c = arith.constant 0.5 : f32
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<5xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<5xf32>) -> tensor<5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<4xf32>) outs(%f : tensor<5xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.mulf %a, %c : f32
      %n = arith.addf %o, %m : f32
      linalg.yield %n : f32
  } -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// The same without columns is a scaled sum and no contraction.
// CHECK-LABEL: @mean(
// CHECK-SAME: %[[ARG0:.*]]: tensor<3x4xf32>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 2} : tensor<3x4xf32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V1:.*]] = access.call @access_body_2 %[[V0]] : !access.pattern<[3, 4], [], f32> -> !access.pattern<[3, 4], [], f32>
// CHECK:         %[[V2:.*]] = access.shift %[[V1]] {by = -1} : !access.pattern<[3, 4], [], f32> -> !access.pattern<[3], [4], f32>
// CHECK:         %[[V3:.*]] = access.compute reduce_sum %[[V2]] : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [], f32>
// CHECK:         %[[V4:.*]] = access.tensor %[[V3]] : !access.pattern<[3], [], f32> -> tensor<3xf32>
// CHECK:         return %[[V4]] : tensor<3xf32>
func.func @mean(%x: tensor<3x4xf32>) -> tensor<3xf32> {
  %c = arith.constant 0.25 : f32
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<3x4xf32>) outs(%f : tensor<3xf32>) {
    ^bb0(%a: f32, %o: f32):
      %m = arith.mulf %a, %c : f32
      %n = arith.addf %o, %m : f32
      linalg.yield %n : f32
  } -> tensor<3xf32>
  return %r : tensor<3xf32>
}
// Insertions one behind the other are a concatenation.
// CHECK-LABEL: @joined(
// CHECK-SAME: %[[ARG0:.*]]: tensor<1x2x3xf32>, %[[ARG1:.*]]: tensor<1x4x3xf32>, %[[ARG2:.*]]: tensor<1x1x3xf32>)
// CHECK:         %[[V0:.*]] = access.view %[[ARG0]] {at = 3} : tensor<1x2x3xf32> -> !access.pattern<[1, 2, 3], [], f32>
// CHECK:         %[[V1:.*]] = access.view %[[ARG1]] {at = 3} : tensor<1x4x3xf32> -> !access.pattern<[1, 4, 3], [], f32>
// CHECK:         %[[V2:.*]] = access.concat %[[V0]], %[[V1]] {dim = 1} : !access.pattern<[1, 2, 3], [], f32>, !access.pattern<[1, 4, 3], [], f32> -> !access.pattern<[1, 6, 3], [], f32>
// CHECK:         %[[V3:.*]] = access.view %[[ARG2]] {at = 3} : tensor<1x1x3xf32> -> !access.pattern<[1, 1, 3], [], f32>
// CHECK:         %[[V4:.*]] = access.concat %[[V2]], %[[V3]] {dim = 1} : !access.pattern<[1, 6, 3], [], f32>, !access.pattern<[1, 1, 3], [], f32> -> !access.pattern<[1, 7, 3], [], f32>
// CHECK:         %[[V5:.*]] = access.tensor %[[V4]] : !access.pattern<[1, 7, 3], [], f32> -> tensor<1x7x3xf32>
// CHECK:         return %[[V5]] : tensor<1x7x3xf32>
func.func @joined(%a: tensor<1x2x3xf32>, %b: tensor<1x4x3xf32>, %c: tensor<1x1x3xf32>) -> tensor<1x7x3xf32> {
  %e = tensor.empty() : tensor<1x7x3xf32>
  %0 = tensor.insert_slice %a into %e[0, 0, 0] [1, 2, 3] [1, 1, 1] : tensor<1x2x3xf32> into tensor<1x7x3xf32>
  %1 = tensor.insert_slice %b into %0[0, 2, 0] [1, 4, 3] [1, 1, 1] : tensor<1x4x3xf32> into tensor<1x7x3xf32>
  %2 = tensor.insert_slice %c into %1[0, 6, 0] [1, 1, 3] [1, 1, 1] : tensor<1x1x3xf32> into tensor<1x7x3xf32>
  return %2 : tensor<1x7x3xf32>
}


// CHECK-LABEL: private @access_body_0(
// CHECK-SAME: %[[ARG0:.*]]: i8)
// CHECK:         %[[V0:.*]] = arith.extsi %[[ARG0]] : i8 to i32
// CHECK:         %[[C_3_I32:.*]] = arith.constant -3 : i32
// CHECK:         %[[V1:.*]] = arith.subi %[[V0]], %[[C_3_I32]] : i32
// CHECK:         return %[[V1]] : i32
// CHECK-LABEL: private @access_body_1(
// CHECK-SAME: %[[ARG0:.*]]: f32, %[[ARG1:.*]]: f32)
// CHECK:         %[[V0:.*]] = arith.mulf %[[ARG0]], %[[ARG1]] : f32
// CHECK:         %[[CST:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:         %[[V1:.*]] = arith.addf %[[V0]], %[[CST]] : f32
// CHECK:         return %[[V1]] : f32
// CHECK-LABEL: private @access_body_2(
// CHECK-SAME: %[[ARG0:.*]]: f32)
// CHECK:         %[[CST:.*]] = arith.constant 2.500000e-01 : f32
// CHECK:         %[[V0:.*]] = arith.mulf %[[ARG0]], %[[CST]] : f32
// CHECK:         return %[[V0]] : f32


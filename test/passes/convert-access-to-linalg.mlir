// Access patterns as linalg, and that both mean the same: each function below is
// written once with patterns and once with loops.

// RUN: split-file %s %t
// RUN: glenside-opt %t/access.mlir --convert-access-to-linalg | FileCheck %t/access.mlir
// RUN: glenside-opt %t/access.mlir --convert-access-to-linalg | mlir-opt -o /dev/null
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=conv --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=pool --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=views --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=pairs --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=stored_pair --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=softmax --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=mean_argmax --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=iota_concat --compare --opt-level=0 --seeds=1,2 --pipeline=convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --entry=call --compare --opt-level=0 --pipeline=convert-access-to-linalg

//--- access.mlir
// Views become indexing maps: a convolution is one generic of seven loops on
// the padded image, and nothing like a matrix of windows is stored.
// CHECK-DAG: #[[IMAGE:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (0, d4, d2 * 2 + d5, d3 * 2 + d6)>
// CHECK-DAG: #[[WEIGHTS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d1, d4, d5, d6)>
// CHECK-DAG: #[[RESULT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[POOLED:.*]] = affine_map<(d0, d1, d2, d3) -> (d0 * 2 + d2, d1 * 2 + d3 * 2)>
// CHECK-DAG: #[[WINDOW:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[ROWS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[COLUMNS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-LABEL: @conv(
// CHECK:         %[[P:.*]] = tensor.pad
// CHECK:         linalg.generic {indexing_maps = [#[[IMAGE]], #[[WEIGHTS]], #[[RESULT]]]
// CHECK-SAME:      ins(%[[P]], %{{.*}} : tensor<1x2x8x8xf32>, tensor<4x2x3x3xf32>)
// CHECK-NOT:     linalg.generic
func.func @conv(%x: tensor<1x2x6x6xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x3x3xf32> {
  %0 = access.view %x {at = 4} : tensor<1x2x6x6xf32> -> !access.pattern<[1, 2, 6, 6], [], f32>
  %1 = access.pad %0 {low = [0, 0, 1, 1], high = [0, 0, 1, 1], value = 0.0 : f32} : !access.pattern<[1, 2, 6, 6], [], f32> -> !access.pattern<[1, 2, 8, 8], [], f32>
  %2 = access.shift %1 {by = -2} : !access.pattern<[1, 2, 8, 8], [], f32> -> !access.pattern<[1, 2], [8, 8], f32>
  %3 = access.windows %2 {shape = [3, 3], strides = [2, 2]} : !access.pattern<[1, 2], [8, 8], f32> -> !access.pattern<[1, 2, 3, 3], [3, 3], f32>
  %4 = access.transpose %3 {perm = [0, 2, 3, 1, 4, 5]} : !access.pattern<[1, 2, 3, 3], [3, 3], f32> -> !access.pattern<[1, 3, 3, 2], [3, 3], f32>
  %5 = access.insert_axis %4 {dim = 1} : !access.pattern<[1, 3, 3, 2], [3, 3], f32> -> !access.pattern<[1, 1, 3, 3, 2], [3, 3], f32>
  %6 = access.shift %5 {by = -1} : !access.pattern<[1, 1, 3, 3, 2], [3, 3], f32> -> !access.pattern<[1, 1, 3, 3], [2, 3, 3], f32>
  %7 = access.broadcast %6 : !access.pattern<[1, 1, 3, 3], [2, 3, 3], f32> -> !access.pattern<[1, 4, 3, 3], [2, 3, 3], f32>
  %8 = access.view %w {at = 1} : tensor<4x2x3x3xf32> -> !access.pattern<[4], [2, 3, 3], f32>
  %9 = access.insert_axis %8 {dim = 1} : !access.pattern<[4], [2, 3, 3], f32> -> !access.pattern<[4, 1], [2, 3, 3], f32>
  %10 = access.insert_axis %9 {dim = 2} : !access.pattern<[4, 1], [2, 3, 3], f32> -> !access.pattern<[4, 1, 1], [2, 3, 3], f32>
  %11 = access.broadcast %10 : !access.pattern<[4, 1, 1], [2, 3, 3], f32> -> !access.pattern<[1, 4, 3, 3], [2, 3, 3], f32>
  %12 = access.compute dot %7, %11 : !access.pattern<[1, 4, 3, 3], [2, 3, 3], f32>, !access.pattern<[1, 4, 3, 3], [2, 3, 3], f32> -> !access.pattern<[1, 4, 3, 3], [], f32>
  %13 = access.tensor %12 : !access.pattern<[1, 4, 3, 3], [], f32> -> tensor<1x4x3x3xf32>
  return %13 : tensor<1x4x3x3xf32>
}

// The extents of windows that no tensor gives come from an empty one.
// CHECK-LABEL: @pool(
// CHECK:         %[[E:.*]] = tensor.empty() : tensor<3x2xf32>
// CHECK:         linalg.generic {indexing_maps = [#[[POOLED]], #[[WINDOW]]
// CHECK-SAME:      ins(%{{.*}}, %[[E]] :
func.func @pool(%x: tensor<7x9xf32>) -> tensor<3x4xf32> {
  %0 = access.view %x {at = 0} : tensor<7x9xf32> -> !access.pattern<[], [7, 9], f32>
  %1 = access.windows %0 {shape = [3, 2], strides = [2, 2], dilations = [1, 2]} : !access.pattern<[], [7, 9], f32> -> !access.pattern<[3, 4], [3, 2], f32>
  %2 = access.compute reduce_max %1 : !access.pattern<[3, 4], [3, 2], f32> -> !access.pattern<[3, 4], [], f32>
  %3 = access.tensor %2 : !access.pattern<[3, 4], [], f32> -> tensor<3x4xf32>
  return %3 : tensor<3x4xf32>
}

// A reshape that splits what it joins is stored; views before and behind it are
// not.
// CHECK-LABEL: @views(
// CHECK-COUNT-1: tensor.collapse_shape
// CHECK-COUNT-1: tensor.expand_shape
// CHECK:         math.exp
func.func @views(%x: tensor<5x6xf32>) -> tensor<2x3x6xf32> {
  %0 = access.view %x {at = 1} : tensor<5x6xf32> -> !access.pattern<[5], [6], f32>
  %1 = access.slice %0 {offsets = [4, 1], sizes = [2, 2], strides = [-3, 2]} : !access.pattern<[5], [6], f32> -> !access.pattern<[2], [2], f32>
  %2 = access.insert_axis %1 {dim = 2} : !access.pattern<[2], [2], f32> -> !access.pattern<[2], [2, 1], f32>
  %3 = access.broadcast %2 : !access.pattern<[2], [2, 1], f32> -> !access.pattern<[2], [2, 9], f32>
  %4 = access.flatten %3 : !access.pattern<[2], [2, 9], f32> -> !access.pattern<[2], [18], f32>
  %5 = access.reshape %4 : !access.pattern<[2], [18], f32> -> !access.pattern<[2], [3, 1, 6], f32>
  %6 = access.squeeze %5 {dim = 2} : !access.pattern<[2], [3, 1, 6], f32> -> !access.pattern<[2], [3, 6], f32>
  %7 = access.compute exp %6 : !access.pattern<[2], [3, 6], f32> -> !access.pattern<[2], [3, 6], f32>
  %8 = access.tensor %7 : !access.pattern<[2], [3, 6], f32> -> tensor<2x3x6xf32>
  return %8 : tensor<2x3x6xf32>
}

// A pair is never stored where its parts are used alone.
// CHECK-LABEL: @pairs(
// CHECK-NOT:     tensor.insert_slice
// CHECK:         linalg.generic {indexing_maps = [#[[ROWS]], #[[COLUMNS]]
func.func @pairs(%a: tensor<3x4xf32>, %b: tensor<5x4xf32>) -> tensor<3x5xf32> {
  %0 = access.view %a {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %1 = access.view %b {at = 1} : tensor<5x4xf32> -> !access.pattern<[5], [4], f32>
  %2 = access.cartesian_product %0, %1 : !access.pattern<[3], [4], f32>, !access.pattern<[5], [4], f32> -> !access.pattern<[3, 5], [2, 4], f32>
  %3 = access.compute dot %2 : !access.pattern<[3, 5], [2, 4], f32> -> !access.pattern<[3, 5], [], f32>
  %4 = access.tensor %3 : !access.pattern<[3, 5], [], f32> -> tensor<3x5xf32>
  return %4 : tensor<3x5xf32>
}

// CHECK-LABEL: @stored_pair(
// CHECK:         arith.subf
// CHECK-COUNT-2: tensor.insert_slice
func.func @stored_pair(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> tensor<3x2x4xf32> {
  %0 = access.view %a {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %1 = access.view %b {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %2 = access.pair %0, %1 : !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32> -> !access.pattern<[3], [2, 4], f32>
  %3 = access.compute sub %2 : !access.pattern<[3], [2, 4], f32> -> !access.pattern<[3], [4], f32>
  %4 = access.pair %3, %1 : !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32> -> !access.pattern<[3], [2, 4], f32>
  %5 = access.tensor %4 : !access.pattern<[3], [2, 4], f32> -> tensor<3x2x4xf32>
  return %5 : tensor<3x2x4xf32>
}

func.func @softmax(%a: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %0 = access.view %a {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %1 = access.compute softmax %0 : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  %2 = access.tensor %1 : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
  return %2 : tensor<3x4xf32>
}

func.func @mean_argmax(%a: tensor<3x2x4xf32>) -> (tensor<3xf32>, tensor<3xi32>) {
  %0 = access.view %a {at = 1} : tensor<3x2x4xf32> -> !access.pattern<[3], [2, 4], f32>
  %1 = access.compute reduce_mean %0 : !access.pattern<[3], [2, 4], f32> -> !access.pattern<[3], [], f32>
  %2 = access.compute argmax %0 : !access.pattern<[3], [2, 4], f32> -> !access.pattern<[3], [], i32>
  %3 = access.tensor %1 : !access.pattern<[3], [], f32> -> tensor<3xf32>
  %4 = access.tensor %2 : !access.pattern<[3], [], i32> -> tensor<3xi32>
  return %3, %4 : tensor<3xf32>, tensor<3xi32>
}

// An index is computed in the body.
// CHECK-LABEL: @iota_concat(
// CHECK:         linalg.index 1
func.func @iota_concat(%a: tensor<3x4xf32>) -> tensor<3x8xf32> {
  %0 = access.view %a {at = 2} : tensor<3x4xf32> -> !access.pattern<[3, 4], [], f32>
  %1 = access.iota {dim = 1} : !access.pattern<[3, 9], [], f32>
  %2 = access.slice %1 {offsets = [0, 8], sizes = [3, 4], strides = [1, -2]} : !access.pattern<[3, 9], [], f32> -> !access.pattern<[3, 4], [], f32>
  %3 = access.compute mul %0, %2 : !access.pattern<[3, 4], [], f32>, !access.pattern<[3, 4], [], f32> -> !access.pattern<[3, 4], [], f32>
  %4 = access.concat %3, %2 {dim = 1} : !access.pattern<[3, 4], [], f32>, !access.pattern<[3, 4], [], f32> -> !access.pattern<[3, 8], [], f32>
  %5 = access.tensor %4 : !access.pattern<[3, 8], [], f32> -> tensor<3x8xf32>
  return %5 : tensor<3x8xf32>
}

// The body moves into the generic, and its function goes.
// CHECK-LABEL: @call(
// CHECK:         linalg.generic
// CHECK:           arith.extsi
// CHECK-NOT:     @body
func.func @call(%a: tensor<3xi8>) -> tensor<3xi32> {
  %0 = access.view %a {at = 1} : tensor<3xi8> -> !access.pattern<[3], [], i8>
  %1 = access.call @body %0 : !access.pattern<[3], [], i8> -> !access.pattern<[3], [], i32>
  %2 = access.tensor %1 : !access.pattern<[3], [], i32> -> tensor<3xi32>
  return %2 : tensor<3xi32>
}
func.func private @body(%x: i8) -> i32 {
  %c = arith.constant 3 : i32
  %0 = arith.extsi %x : i8 to i32
  %1 = arith.subi %0, %c : i32
  return %1 : i32
}

//--- loops.mlir
func.func @conv(%x: tensor<1x2x6x6xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x3x3xf32> {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%i: index, %j: index, %k: index, %l: index):
      tensor.yield %z : f32
  } : tensor<1x2x6x6xf32> to tensor<1x2x8x8xf32>
  %e = tensor.empty() : tensor<1x4x3x3xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32>
  %r = linalg.conv_2d_nchw_fchw {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%p, %w : tensor<1x2x8x8xf32>, tensor<4x2x3x3xf32>) outs(%f : tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32>
  return %r : tensor<1x4x3x3xf32>
}
func.func @pool(%x: tensor<7x9xf32>) -> tensor<3x4xf32> {
  %r = tensor.generate {
    ^bb0(%i: index, %j: index):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %c3 = arith.constant 3 : index
      %low = arith.constant 0xFF800000 : f32
      %m = scf.for %k = %c0 to %c3 step %c1 iter_args(%a = %low) -> f32 {
        %n = scf.for %l = %c0 to %c2 step %c1 iter_args(%b = %a) -> f32 {
          %p = affine.apply affine_map<(i, k) -> (i * 2 + k)>(%i, %k)
          %q = affine.apply affine_map<(j, l) -> (j * 2 + l * 2)>(%j, %l)
          %v = tensor.extract %x[%p, %q] : tensor<7x9xf32>
          %s = arith.maximumf %b, %v : f32
          scf.yield %s : f32
        }
        scf.yield %n : f32
      }
      tensor.yield %m : f32
  } : tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
func.func @views(%x: tensor<5x6xf32>) -> tensor<2x3x6xf32> {
  %r = tensor.generate {
    ^bb0(%i: index, %j: index, %k: index):
      %p = affine.apply affine_map<(i) -> (i * -3 + 4)>(%i)
      %q = affine.apply affine_map<(j, k) -> (((j * 6 + k) floordiv 9) * 2 + 1)>(%j, %k)
      %v = tensor.extract %x[%p, %q] : tensor<5x6xf32>
      %s = math.exp %v : f32
      tensor.yield %s : f32
  } : tensor<2x3x6xf32>
  return %r : tensor<2x3x6xf32>
}
func.func @pairs(%a: tensor<3x4xf32>, %b: tensor<5x4xf32>) -> tensor<3x5xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %r = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ins(%a, %b : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}
func.func @stored_pair(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> tensor<3x2x4xf32> {
  %r = tensor.generate {
    ^bb0(%i: index, %s: index, %j: index):
      %c0 = arith.constant 0 : index
      %x = tensor.extract %a[%i, %j] : tensor<3x4xf32>
      %y = tensor.extract %b[%i, %j] : tensor<3x4xf32>
      %d = arith.subf %x, %y : f32
      %t = arith.cmpi eq, %s, %c0 : index
      %v = arith.select %t, %d, %y : f32
      tensor.yield %v : f32
  } : tensor<3x2x4xf32>
  return %r : tensor<3x2x4xf32>
}
func.func @softmax(%a: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = tensor.generate {
    ^bb0(%i: index, %j: index):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %z = arith.constant 0.0 : f32
      %x = tensor.extract %a[%i, %j] : tensor<3x4xf32>
      %sum = scf.for %k = %c0 to %c4 step %c1 iter_args(%t = %z) -> f32 {
        %y = tensor.extract %a[%i, %k] : tensor<3x4xf32>
        %d = arith.subf %y, %x : f32
        %e = math.exp %d : f32
        %u = arith.addf %t, %e : f32
        scf.yield %u : f32
      }
      %one = arith.constant 1.0 : f32
      %v = arith.divf %one, %sum : f32
      tensor.yield %v : f32
  } : tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
func.func @mean_argmax(%a: tensor<3x2x4xf32>) -> (tensor<3xf32>, tensor<3xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %z = arith.constant 0.0 : f32
  %eight = arith.constant 8.0 : f32
  %m = tensor.generate {
    ^bb0(%i: index):
      %sum = scf.for %k = %c0 to %c8 step %c1 iter_args(%t = %z) -> f32 {
        %p = arith.divui %k, %c4 : index
        %q = arith.remui %k, %c4 : index
        %y = tensor.extract %a[%i, %p, %q] : tensor<3x2x4xf32>
        %u = arith.addf %t, %y : f32
        scf.yield %u : f32
      }
      %v = arith.divf %sum, %eight : f32
      tensor.yield %v : f32
  } : tensor<3xf32>
  %n = tensor.generate {
    ^bb0(%i: index):
      %best = scf.for %k = %c0 to %c8 step %c1 iter_args(%t = %c0) -> index {
        %p = arith.divui %k, %c4 : index
        %q = arith.remui %k, %c4 : index
        %y = tensor.extract %a[%i, %p, %q] : tensor<3x2x4xf32>
        %r = arith.divui %t, %c4 : index
        %s = arith.remui %t, %c4 : index
        %w = tensor.extract %a[%i, %r, %s] : tensor<3x2x4xf32>
        %g = arith.cmpf ogt, %y, %w : f32
        %u = arith.select %g, %k, %t : index
        scf.yield %u : index
      }
      %v = arith.index_cast %best : index to i32
      tensor.yield %v : i32
  } : tensor<3xi32>
  return %m, %n : tensor<3xf32>, tensor<3xi32>
}
func.func @iota_concat(%a: tensor<3x4xf32>) -> tensor<3x8xf32> {
  %c4 = arith.constant 4 : index
  %r = tensor.generate {
    ^bb0(%i: index, %j: index):
      %q = arith.remui %j, %c4 : index
      %n = affine.apply affine_map<(q) -> (q * -2 + 8)>(%q)
      %k = arith.index_cast %n : index to i32
      %f = arith.sitofp %k : i32 to f32
      %x = tensor.extract %a[%i, %q] : tensor<3x4xf32>
      %p = arith.mulf %x, %f : f32
      %t = arith.cmpi ult, %j, %c4 : index
      %v = arith.select %t, %p, %f : f32
      tensor.yield %v : f32
  } : tensor<3x8xf32>
  return %r : tensor<3x8xf32>
}
func.func @call(%a: tensor<3xi8>) -> tensor<3xi32> {
  %c = arith.constant 3 : i32
  %r = tensor.generate {
    ^bb0(%i: index):
      %x = tensor.extract %a[%i] : tensor<3xi8>
      %0 = arith.extsi %x : i8 to i32
      %1 = arith.subi %0, %c : i32
      tensor.yield %1 : i32
  } : tensor<3xi32>
  return %r : tensor<3xi32>
}

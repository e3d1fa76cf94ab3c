// What depends on constants alone becomes a function, whose results the run
// reads; what is not worth its memory, or is not pure, stays.
// RUN: glenside-opt %s --outline-constants --canonicalize | FileCheck %s
// RUN: not glenside-opt %s --outline-constants=growth=0 2>&1 | FileCheck %s --check-prefix=GROWTH
// GROWTH: error: growth = 0 is not positive
// RUN: glenside-opt --help | FileCheck %s --check-prefix=HELP
// HELP: --outline-constants {{.*}}Moves what depends on constants alone to its own function
// HELP: --growth=<long> {{.*}}Keep results up to so many times as large as the data they are made from

#row = affine_map<(i, j) -> (i, j)>
#first = affine_map<(i, j) -> (i)>

// A weight is scaled and then transposed: both move, one result is read. The fill
// is made of no data and stays. What the transposed weight was is gone.
// CHECK-LABEL: func.func @scaled(
// CHECK-NOT: dense_resource
// CHECK: %[[W:.*]] = call @scaled_constants() : () -> tensor<4x3xf32>
// CHECK: linalg.fill
// CHECK: linalg.matmul ins(%{{.*}}, %[[W]] :
func.func @scaled(%x: tensor<2x4xf32>) -> tensor<2x3xf32> {
  %w = arith.constant dense_resource<w> : tensor<3x4xf32>
  %s = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %e = tensor.empty() : tensor<3x4xf32>
  %m = linalg.generic {indexing_maps = [#row, #first, #row], iterator_types = ["parallel", "parallel"]} ins(%w, %s : tensor<3x4xf32>, tensor<3xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    linalg.yield %p : f32
  } -> tensor<3x4xf32>
  %et = tensor.empty() : tensor<4x3xf32>
  %t = linalg.transpose ins(%m : tensor<3x4xf32>) outs(%et : tensor<4x3xf32>) permutation = [1, 0]
  %zero = arith.constant 0.0 : f32
  %ey = tensor.empty() : tensor<2x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%ey : tensor<2x3xf32>) -> tensor<2x3xf32>
  %y = linalg.matmul ins(%x, %t : tensor<2x4xf32>, tensor<4x3xf32>) outs(%f : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// A bias that is spread over an image stays; half of it moves.
// CHECK-LABEL: func.func @spread(
// CHECK: %[[B:.*]] = call @spread_constants() : () -> tensor<2xf32>
// CHECK: linalg.broadcast ins(%[[B]] : tensor<2xf32>)
func.func @spread(%x: tensor<2x50xf32>) -> tensor<2x50xf32> {
  %b = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %e = tensor.empty() : tensor<2xf32>
  %h = linalg.map { math.exp } ins(%b : tensor<2xf32>) outs(%e : tensor<2xf32>)
  %ei = tensor.empty() : tensor<2x50xf32>
  %i = linalg.broadcast ins(%h : tensor<2xf32>) outs(%ei : tensor<2x50xf32>) dimensions = [1]
  %y = linalg.add ins(%x, %i : tensor<2x50xf32>, tensor<2x50xf32>) outs(%ei : tensor<2x50xf32>) -> tensor<2x50xf32>
  return %y : tensor<2x50xf32>
}

// What both read, a tensor without values here, is in both.
// CHECK-LABEL: func.func @both(
// CHECK: %[[T:.*]] = call @both_constants() : () -> tensor<2x2xf32>
// CHECK: %[[E:.*]] = tensor.empty() : tensor<2x2xf32>
// CHECK: linalg.add ins(%{{.*}}, %[[T]] : {{.*}}) outs(%[[E]] :
func.func @both(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %t = linalg.transpose ins(%w : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) permutation = [1, 0]
  %y = linalg.add ins(%x, %t : tensor<2x2xf32>, tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// A division that could be by zero, a call, data that is missing: none of it moves.
// CHECK-LABEL: func.func @stays(
// CHECK-NOT: call @stays_constants
// CHECK: arith.divsi
// CHECK: call @unknown
// CHECK: math.absf
func.func private @unknown(tensor<2xi32>) -> tensor<2xi32>
func.func @stays() -> (tensor<2xi32>, tensor<2xi32>, tensor<2x3xf32>) {
  %a = arith.constant dense<[1, 2]> : tensor<2xi32>
  %b = arith.constant dense<[1, 0]> : tensor<2xi32>
  %q = arith.divsi %a, %b : tensor<2xi32>
  %r = call @unknown(%a) : (tensor<2xi32>) -> tensor<2xi32>
  %w = arith.constant dense_resource<absent> : tensor<2x3xf32>
  %z = math.absf %w : tensor<2x3xf32>
  return %q, %r, %z : tensor<2xi32>, tensor<2xi32>, tensor<2x3xf32>
}

// A region reads the weight from outside. Names are new if they must be.
// CHECK-LABEL: func.func @inner(
// CHECK: call @inner_constants_0() : () -> tensor<2x2xf32>
func.func private @inner_constants()
func.func @inner(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %t = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<2x2xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %v = tensor.extract %w[%j, %i] : tensor<2x2xf32>
    linalg.yield %v : f32
  } -> tensor<2x2xf32>
  %y = arith.addf %x, %t : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: func.func private @scaled_constants() -> tensor<4x3xf32> attributes {glenside.constants}
// CHECK-DAG: dense_resource<w>
// CHECK: arith.mulf
// CHECK: %[[T:.*]] = linalg.transpose
// CHECK: return %[[T]] : tensor<4x3xf32>
// CHECK-LABEL: func.func private @spread_constants() -> tensor<2xf32>
// CHECK-LABEL: func.func private @both_constants() -> tensor<2x2xf32>
// CHECK: tensor.empty() : tensor<2x2xf32>
// CHECK-NOT: stays_constants
// CHECK-LABEL: func.func private @inner_constants_0()
// CHECK: tensor.extract

{-#
  dialect_resources: {
    builtin: {
      w: "0x040000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041000020410000304100004041"
    }
  }
#-}

// A function of constants is computed once, by the compiler: its results are
// constants of the function that called it.
// RUN: glenside-opt %s --fold-constants | FileCheck %s
// CHECK-LABEL: func.func @forward(
// CHECK: %[[W:.*]] = arith.constant dense_resource<forward_constants_0> : tensor<3x2xf32>
// CHECK: arith.constant dense_resource<forward_constants_1> : tensor<2xi8>
// CHECK-NOT: call
// CHECK: linalg.matmul ins(%{{.*}}, %[[W]] :
// CHECK-NOT: @forward_constants()
// 1 2 3 / 4 5 6 transposed and doubled.
// CHECK: forward_constants_0: "0x{{[0-9A-F]+}}000000400000004100008040000020410000C04000004041"
// CHECK: forward_constants_1: "0x{{[0-9A-F]+}}03F8"

// The bits that the run computed before.
// RUN: glenside-run %s --entry=forward --compare --pipeline=fold-constants | FileCheck %s --check-prefix=SAME
// SAME: result 0, tensor<2x2xf32>: max error 0,
// SAME: result 1, tensor<2xi8>: max error 0,

// RUN: not glenside-opt %s --fold-constants=opt-level=4 2>&1 | FileCheck %s --check-prefix=LEVEL
// LEVEL: error: opt-level = 4 is not between 0 and 3
// RUN: sed 's/private @unused/private @unused_constants/; s/{test}/{glenside.constants}/' %s | not glenside-opt --fold-constants 2>&1 | FileCheck %s --check-prefix=CALLS
// CALLS: error: 'func.func' op is marked glenside.constants, but is called 0 times
// RUN: glenside-opt --help | FileCheck %s --check-prefix=HELP
// HELP: --fold-constants {{.*}}Computes what --outline-constants outlined

#turned = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i, j)>
func.func @forward(%x: tensor<2x3xf32>) -> (tensor<2x2xf32>, tensor<2xi8>) {
  %c:2 = call @forward_constants() : () -> (tensor<3x2xf32>, tensor<2xi8>)
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = linalg.matmul ins(%x, %c#0 : tensor<2x3xf32>, tensor<3x2xf32>) outs(%f : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y, %c#1 : tensor<2x2xf32>, tensor<2xi8>
}
func.func private @forward_constants() -> (tensor<3x2xf32>, tensor<2xi8>) attributes {glenside.constants} {
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[-3, 8]> : tensor<2xi8>
  %two = arith.constant 2.0 : f32
  %e = tensor.empty() : tensor<3x2xf32>
  %t = linalg.generic {indexing_maps = [#turned, #row], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<2x3xf32>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %p = arith.mulf %a, %two : f32
    linalg.yield %p : f32
  } -> tensor<3x2xf32>
  %z = arith.constant dense<0> : tensor<2xi8>
  %n = arith.subi %z, %b : tensor<2xi8>
  return %t, %n : tensor<3x2xf32>, tensor<2xi8>
}
func.func private @unused() -> tensor<1xf32> attributes {test} {
  %w = arith.constant dense<1.0> : tensor<1xf32>
  return %w : tensor<1xf32>
}

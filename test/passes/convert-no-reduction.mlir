// A reduction over nothing reads no output: upstream's fusion takes a generic of
// parallel loops for an elementwise one, and once gave result i times i + 1.

// RUN: split-file %s %t
// RUN: glenside-opt %t/access.mlir --convert-access-to-linalg | FileCheck %t/access.mlir
// RUN: glenside-run %t/loops.mlir --against=%t/access.mlir --compare --opt-level=0 --pipeline=convert-access-to-linalg

//--- access.mlir
// CHECK-LABEL: func.func @f
// CHECK-NOT: linalg.fill
// CHECK: arith.mulf
// CHECK-NOT: arith.addf %out
// CHECK: return
func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = access.view %x {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %1 = access.view %y {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %2 = access.compute dot %0, %1 : !access.pattern<[4], [], f32>, !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %3 = access.compute reduce_sum %2 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %4 = access.compute exp %3 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %5 = access.tensor %4 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  return %5 : tensor<4xf32>
}

//--- loops.mlir
func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = arith.mulf %x, %y : tensor<4xf32>
  %1 = math.exp %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

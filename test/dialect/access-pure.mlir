// Ops are pure: CSE merges equal ones, unused ones go, loops give them up.
// RUN: glenside-opt %s --cse --loop-invariant-code-motion | FileCheck %s

// CHECK-LABEL: @merge
func.func @merge(%t: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  // CHECK: access.view
  // CHECK-NEXT: access.tensor
  // CHECK-NOT: access.{{[tvs]}}
  // CHECK: return
  %0 = access.view %t {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %1 = access.view %t {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %2 = access.tensor %0 : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
  %3 = access.tensor %1 : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
  %4 = access.shift %1 {by = 1} : !access.pattern<[3], [4], f32> -> !access.pattern<[3, 4], [], f32>
  return %2, %3 : tensor<3x4xf32>, tensor<3x4xf32>
}

// Equal but for an attribute: not merged.
// CHECK-LABEL: @keep
func.func @keep(%p: !access.pattern<[3], [3], f32>) -> (!access.pattern<[3], [3], f32>, !access.pattern<[3], [3], f32>) {
  // CHECK-COUNT-2: access.transpose
  %0 = access.transpose %p {perm = [1, 0]} : !access.pattern<[3], [3], f32> -> !access.pattern<[3], [3], f32>
  %1 = access.transpose %p {perm = [0, 1]} : !access.pattern<[3], [3], f32> -> !access.pattern<[3], [3], f32>
  return %0, %1 : !access.pattern<[3], [3], f32>, !access.pattern<[3], [3], f32>
}

// CHECK-LABEL: @hoist
func.func @hoist(%p: !access.pattern<[3], [4], f32>, %n: index, %out: memref<3x4xf32>) {
  // CHECK: access.tensor
  // CHECK: scf.for
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %0 = access.tensor %p : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
    bufferization.materialize_in_destination %0 in writable %out : (tensor<3x4xf32>, memref<3x4xf32>) -> ()
  }
  return
}

// A private body stays as long as it is called.
// CHECK-LABEL: @called
// RUN: glenside-opt %s --symbol-dce | FileCheck %s --check-prefix=DCE
// DCE: @used
// DCE-NOT: @unused
func.func private @used(%x: f32) -> f32 {
  return %x : f32
}
func.func private @unused(%x: f32) -> f32 {
  return %x : f32
}
func.func @called(%p: !access.pattern<[3], [4], f32>) -> !access.pattern<[3], [4], f32> {
  %0 = access.call @used %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return %0 : !access.pattern<[3], [4], f32>
}

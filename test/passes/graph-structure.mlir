// What becomes what, and what stays where it is.
// RUN: glenside-opt %s --glenside-through-graph --split-input-file \
// RUN:   --remarks-filter='glenside-graph' 2>%t.err | FileCheck %s
// RUN: FileCheck %s --input-file=%t.err --check-prefix=REMARK --implicit-check-not=error

// A chain that undoes itself is nothing, and what nobody reads goes away.
// CHECK-LABEL: func @nothing
// CHECK-NEXT: return %arg0
func.func @nothing(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %0 = access.view %x {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  %1 = access.transpose %0 {perm = [1, 0]} : !access.pattern<[3], [4], f32> -> !access.pattern<[4], [3], f32>
  %2 = access.transpose %1 {perm = [1, 0]} : !access.pattern<[4], [3], f32> -> !access.pattern<[3], [4], f32>
  %3 = access.compute exp %2 : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  %4 = access.tensor %2 : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
  return %4 : tensor<3x4xf32>
}

// -----

// The same computation twice is one; equal constants are one.
// CHECK-LABEL: func @once
// CHECK-COUNT-1: access.compute exp
// CHECK-NOT: access.compute exp
// CHECK: return
func.func @once(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = access.view %x {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %1 = access.compute exp %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %2 = access.compute exp %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %3 = access.tensor %1 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  %4 = access.tensor %2 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  return %3, %4 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Ops with effects keep their order, and get their operands before them.
// CHECK-LABEL: func @anchors
// CHECK: %[[E:.*]] = access.compute exp
// CHECK: %[[T:.*]] = access.tensor %[[E]]
// CHECK: %[[S:.*]] = call @effect(%[[T]])
// CHECK-NOT: access.compute exp
// CHECK: access.compute neg
// CHECK: call @effect
// CHECK: return
func.func private @effect(tensor<4xf32>) -> tensor<4xf32>
func.func @anchors(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = access.view %x {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %1 = access.compute exp %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %2 = access.tensor %1 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  %3 = func.call @effect(%2) : (tensor<4xf32>) -> tensor<4xf32>
  %4 = access.view %3 {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %5 = access.compute neg %4 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %6 = access.tensor %5 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  %7 = func.call @effect(%6) : (tensor<4xf32>) -> tensor<4xf32>
  return %7 : tensor<4xf32>
}

// -----

// Blocks are graphs of their own; a loop's body reads what is outside, and what
// it reads is built once.
// CHECK-LABEL: func @loop
// CHECK: %[[E:.*]] = access.compute exp
// CHECK-NOT: access.compute exp
// CHECK: %[[T:.*]] = access.tensor %[[E]]
// CHECK-NOT: access.compute exp
// CHECK: scf.for
// CHECK: %[[V:.*]] = access.view %[[T]]
// CHECK: access.compute add
// CHECK: scf.yield
func.func @loop(%x: tensor<4xf32>, %n: index) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = access.view %x {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %1 = access.compute exp %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %2 = access.tensor %1 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    %3 = access.view %a {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
    %4 = access.view %2 {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
    %5 = access.compute add %3, %4 : !access.pattern<[4], [], f32>, !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
    %6 = access.tensor %5 : !access.pattern<[4], [], f32> -> tensor<4xf32>
    scf.yield %6 : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A host op reads a scalar, which stays in front of it; several results.
// CHECK-LABEL: func @host
// CHECK: %[[C:.*]] = arith.addf
// CHECK: linalg.generic {{.*}}ins(%{{.*}}, %[[C]] :
// CHECK: access.compute mul
// REMARK: Reason="is no access pattern"
#id = affine_map<(i) -> (i)>
#none = affine_map<(i) -> ()>
func.func @host(%x: tensor<4xf32>, %s: f32) -> tensor<4xf32> {
  %c = arith.addf %s, %s : f32
  %e = tensor.empty() : tensor<4xf32>
  %0 = access.view %x {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %1 = access.compute exp %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %2 = access.tensor %1 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  %3:2 = linalg.generic {indexing_maps = [#id, #none, #id, #id], iterator_types = ["parallel"]}
      ins(%2, %c : tensor<4xf32>, f32) outs(%e, %e : tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32, %p: f32):
    %s0 = arith.addf %a, %b : f32
    %s1 = arith.mulf %a, %b : f32
    linalg.yield %s0, %s1 : f32, f32
  } -> (tensor<4xf32>, tensor<4xf32>)
  %4 = access.view %3#0 {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %5 = access.view %3#1 {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %6 = access.compute mul %4, %5 : !access.pattern<[4], [], f32>, !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %7 = access.tensor %6 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  return %7 : tensor<4xf32>
}

// -----

// More than the language holds: nine dimensions of one operand that no view
// merges. It stays, with the reason, and so does an op told to.
// CHECK-LABEL: func @wide
// CHECK: access.compute dot
// CHECK: access.compute exp {{.*}}glenside.device = "host"
// REMARK: Reason="operand 0 is read in 9 dimensions, at most 8"
// REMARK: Reason="glenside.device = {{.*}}host
func.func @wide(%x: tensor<4x4x4x4x4x4x4x4x4xf32>) -> tensor<2x2x2x2x2x2x2x2x2xf32> {
  %0 = access.view %x {at = 9} : tensor<4x4x4x4x4x4x4x4x4xf32> -> !access.pattern<[4, 4, 4, 4, 4, 4, 4, 4, 4], [], f32>
  %1 = access.slice %0 {offsets = [0, 0, 0, 0, 0, 0, 0, 0, 0], sizes = [2, 2, 2, 2, 2, 2, 2, 2, 2], strides = [2, 2, 2, 2, 2, 2, 2, 2, 2]} : !access.pattern<[4, 4, 4, 4, 4, 4, 4, 4, 4], [], f32> -> !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [], f32>
  %2 = access.broadcast %1 : !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [], f32> -> !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [3], f32>
  %3 = access.compute dot %2, %2 : !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [3], f32>, !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [3], f32> -> !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [], f32>
  %4 = access.compute exp %3 {glenside.device = "host"} : !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [], f32> -> !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [], f32>
  %5 = access.tensor %4 : !access.pattern<[2, 2, 2, 2, 2, 2, 2, 2, 2], [], f32> -> tensor<2x2x2x2x2x2x2x2x2xf32>
  return %5 : tensor<2x2x2x2x2x2x2x2x2xf32>
}

// -----

// Dynamic tensors pass by: what makes and reads them is an anchor.
// CHECK-LABEL: func @dynamic
// CHECK: tensor.cast
// CHECK: access.compute exp
// CHECK: tensor.cast
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = tensor.cast %x : tensor<?xf32> to tensor<4xf32>
  %1 = access.view %0 {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  %2 = access.compute exp %1 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %3 = access.tensor %2 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  %4 = tensor.cast %3 : tensor<4xf32> to tensor<?xf32>
  return %4 : tensor<?xf32>
}

// -----

// Names as extents, as a target writes them: nothing happens to them.
// CHECK-LABEL: func @symbolic
// CHECK: access.compute dot
// CHECK: return
func.func @symbolic(%a: !access.pattern<["m"], ["k"], f32>, %b: !access.pattern<["m"], ["k"], f32>) -> !access.pattern<["m"], [], f32> {
  %0 = access.compute dot %a, %b : !access.pattern<["m"], ["k"], f32>, !access.pattern<["m"], ["k"], f32> -> !access.pattern<["m"], [], f32>
  return %0 : !access.pattern<["m"], [], f32>
}

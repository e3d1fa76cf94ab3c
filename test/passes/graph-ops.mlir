// Every access op goes through the e-graph and computes what it did: against
// the same module lowered at once, under three seeds.
// RUN: glenside-opt %s --convert-access-to-linalg -o %t.ref.mlir
// RUN: glenside-run %t.ref.mlir --against=%s --compare --seeds=1,2,3 --opt-level=0 \
// RUN:   --pipeline='glenside-through-graph{statistics=true},convert-access-to-linalg' > %t.out 2>%t.err
// RUN: FileCheck %s --input-file=%t.out
// RUN: FileCheck %s --input-file=%t.err --check-prefix=FIGURES
// CHECK-NOT: differs
// CHECK: 66 of 66 comparisons agree
// FIGURES: remark: graph: 4 contractions of 4 classes
// FIGURES-SAME: 1 by gather, 0 blocks left
// What was rebuilt stays as it is: rebuilding it again gives an equal graph.
// RUN: glenside-opt %s --glenside-through-graph -o %t.once.mlir
// RUN: glenside-opt %t.once.mlir --glenside-through-graph='contracts=true' -o %t.twice.mlir 2>&1 | grep -o '[0-9]* contractions of .* classes,' > %t.a
// RUN: glenside-opt %t.twice.mlir --glenside-through-graph='contracts=true' -o /dev/null 2>&1 | grep -o '[0-9]* contractions of .* classes,' > %t.b
// RUN: FileCheck %s --input-file=%t.a --check-prefix=AGAIN
// AGAIN: 3 contractions of 3 classes
// RUN: diff %t.a %t.b

func.func private @affine_sum(%a: f32, %b: f32) -> f32 {
  %c = arith.constant 2.5 : f32
  %0 = arith.mulf %a, %c : f32
  %1 = arith.subf %0, %b : f32
  return %1 : f32
}

func.func @main(%x: tensor<2x6x6x4xf32>, %y: tensor<2x6x6x4xf32>,
                %m: tensor<5x7xf32>, %n: tensor<7x3xf32>,
                %q: tensor<4x8xi8>, %r: tensor<3x8xi8>)
    -> (tensor<24x12xf32>, tensor<2x3x3x4xf32>, tensor<5x3xf32>, tensor<4x3xi32>,
        tensor<2x6x6x4xf32>, tensor<2x6x6x4xf32>, tensor<2x6xf32>, tensor<2x6x6xf32>,
        tensor<2x6x6xi32>, tensor<5x14xf32>, tensor<5x7xf32>, tensor<5xf32>,
        tensor<5x3xf32>, tensor<9x11xf32>, tensor<35xf32>, tensor<2x3xf32>,
        tensor<5x7xindex>, tensor<2x4x4x3x3x4xf32>, tensor<5x7xf32>, tensor<5x7xf32>, tensor<5x2x7xf32>, tensor<4x8xi32>) {
  %x4 = access.view %x {at = 4} : tensor<2x6x6x4xf32> -> !access.pattern<[2, 6, 6, 4], [], f32>
  %y4 = access.view %y {at = 4} : tensor<2x6x6x4xf32> -> !access.pattern<[2, 6, 6, 4], [], f32>
  %m2 = access.view %m {at = 2} : tensor<5x7xf32> -> !access.pattern<[5, 7], [], f32>

  // A chain of views that is one transposition and reshape.
  %c0 = access.transpose %x4 {perm = [3, 1, 0, 2]} : !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[4, 6, 2, 6], [], f32>
  %c1 = access.reshape %c0 : !access.pattern<[4, 6, 2, 6], [], f32> -> !access.pattern<[24, 12], [], f32>
  %r0 = access.tensor %c1 : !access.pattern<[24, 12], [], f32> -> tensor<24x12xf32>

  // Pooling over padded windows of stride 2.
  %p0 = access.pad %x4 {low = [0, 1, 1, 0], high = [0, 0, 0, 0], value = -1.0 : f32} : !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[2, 7, 7, 4], [], f32>
  %p1 = access.transpose %p0 {perm = [0, 3, 1, 2]} : !access.pattern<[2, 7, 7, 4], [], f32> -> !access.pattern<[2, 4, 7, 7], [], f32>
  %p2 = access.shift %p1 {by = -2} : !access.pattern<[2, 4, 7, 7], [], f32> -> !access.pattern<[2, 4], [7, 7], f32>
  %p3 = access.windows %p2 {shape = [3, 3], strides = [2, 2], dilations = [1, 1]} : !access.pattern<[2, 4], [7, 7], f32> -> !access.pattern<[2, 4, 3, 3], [3, 3], f32>
  %p4 = access.compute reduce_max %p3 : !access.pattern<[2, 4, 3, 3], [3, 3], f32> -> !access.pattern<[2, 4, 3, 3], [], f32>
  %p5 = access.transpose %p4 {perm = [0, 2, 3, 1]} : !access.pattern<[2, 4, 3, 3], [], f32> -> !access.pattern<[2, 3, 3, 4], [], f32>
  %r1 = access.tensor %p5 : !access.pattern<[2, 3, 3, 4], [], f32> -> tensor<2x3x3x4xf32>

  // A product of matrices, both operand forms; i8 into i32.
  %n0 = access.view %n {at = 2} : tensor<7x3xf32> -> !access.pattern<[7, 3], [], f32>
  %n1 = access.transpose %n0 {perm = [1, 0]} : !access.pattern<[7, 3], [], f32> -> !access.pattern<[3, 7], [], f32>
  %n2 = access.shift %n1 {by = -1} : !access.pattern<[3, 7], [], f32> -> !access.pattern<[3], [7], f32>
  %m1 = access.view %m {at = 1} : tensor<5x7xf32> -> !access.pattern<[5], [7], f32>
  %d0 = access.cartesian_product %m1, %n2 : !access.pattern<[5], [7], f32>, !access.pattern<[3], [7], f32> -> !access.pattern<[5, 3], [2, 7], f32>
  %d1 = access.compute dot %d0 : !access.pattern<[5, 3], [2, 7], f32> -> !access.pattern<[5, 3], [], f32>
  %r2 = access.tensor %d1 : !access.pattern<[5, 3], [], f32> -> tensor<5x3xf32>
  %q0 = access.view %q {at = 1} : tensor<4x8xi8> -> !access.pattern<[4], [8], i8>
  %q1 = access.insert_axis %q0 {dim = 1} : !access.pattern<[4], [8], i8> -> !access.pattern<[4, 1], [8], i8>
  %q2 = access.broadcast %q1 : !access.pattern<[4, 1], [8], i8> -> !access.pattern<[4, 3], [8], i8>
  %s0 = access.view %r {at = 1} : tensor<3x8xi8> -> !access.pattern<[3], [8], i8>
  %s1 = access.broadcast %s0 : !access.pattern<[3], [8], i8> -> !access.pattern<[4, 3], [8], i8>
  %d2 = access.compute dot %q2, %s1 : !access.pattern<[4, 3], [8], i8>, !access.pattern<[4, 3], [8], i8> -> !access.pattern<[4, 3], [], i32>
  %r3 = access.tensor %d2 : !access.pattern<[4, 3], [], i32> -> tensor<4x3xi32>

  // Elementwise, by name and by body; a constant that is one value everywhere.
  %k = arith.constant dense<1.5> : tensor<2x6x6x4xf32>
  %k4 = access.view %k {at = 4} : tensor<2x6x6x4xf32> -> !access.pattern<[2, 6, 6, 4], [], f32>
  %e0 = access.compute add %x4, %k4 : !access.pattern<[2, 6, 6, 4], [], f32>, !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[2, 6, 6, 4], [], f32>
  %r4 = access.tensor %e0 : !access.pattern<[2, 6, 6, 4], [], f32> -> tensor<2x6x6x4xf32>
  // Of two operands in one other order: the map commutes with it.
  %t0 = access.transpose %x4 {perm = [0, 2, 1, 3]} : !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[2, 6, 6, 4], [], f32>
  %t1 = access.transpose %y4 {perm = [0, 2, 1, 3]} : !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[2, 6, 6, 4], [], f32>
  %e1 = access.call @affine_sum %t0, %t1 : !access.pattern<[2, 6, 6, 4], [], f32>, !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[2, 6, 6, 4], [], f32>
  %r5 = access.tensor %e1 : !access.pattern<[2, 6, 6, 4], [], f32> -> tensor<2x6x6x4xf32>

  // Reductions: a mean, a sum of one element.
  %a0 = access.view %x {at = 2} : tensor<2x6x6x4xf32> -> !access.pattern<[2, 6], [6, 4], f32>
  %a1 = access.compute reduce_mean %a0 : !access.pattern<[2, 6], [6, 4], f32> -> !access.pattern<[2, 6], [], f32>
  %r6 = access.tensor %a1 : !access.pattern<[2, 6], [], f32> -> tensor<2x6xf32>
  %b0 = access.slice %x4 {offsets = [0, 0, 0, 2], sizes = [2, 6, 6, 1], strides = [1, 1, 1, 1]} : !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[2, 6, 6, 1], [], f32>
  %b1 = access.shift %b0 {by = -1} : !access.pattern<[2, 6, 6, 1], [], f32> -> !access.pattern<[2, 6, 6], [1], f32>
  %b2 = access.compute reduce_sum %b1 : !access.pattern<[2, 6, 6], [1], f32> -> !access.pattern<[2, 6, 6], [], f32>
  %r7 = access.tensor %b2 : !access.pattern<[2, 6, 6], [], f32> -> tensor<2x6x6xf32>

  // Along the items: argmax, softmax.
  %x3 = access.view %x {at = 3} : tensor<2x6x6x4xf32> -> !access.pattern<[2, 6, 6], [4], f32>
  %g0 = access.compute argmax %x3 : !access.pattern<[2, 6, 6], [4], f32> -> !access.pattern<[2, 6, 6], [], i32>
  %r8 = access.tensor %g0 : !access.pattern<[2, 6, 6], [], i32> -> tensor<2x6x6xi32>
  %h0 = access.concat %m2, %m2 {dim = 1} : !access.pattern<[5, 7], [], f32>, !access.pattern<[5, 7], [], f32> -> !access.pattern<[5, 14], [], f32>
  %r9 = access.tensor %h0 : !access.pattern<[5, 14], [], f32> -> tensor<5x14xf32>
  %i0 = access.compute softmax %m1 : !access.pattern<[5], [7], f32> -> !access.pattern<[5], [7], f32>
  %r10 = access.tensor %i0 : !access.pattern<[5], [7], f32> -> tensor<5x7xf32>

  // A pair: of one operand, and as an array of its own.
  %j0 = access.compute neg %m1 : !access.pattern<[5], [7], f32> -> !access.pattern<[5], [7], f32>
  %j1 = access.pair %m1, %j0 : !access.pattern<[5], [7], f32>, !access.pattern<[5], [7], f32> -> !access.pattern<[5], [2, 7], f32>
  %j2 = access.compute dot %j1 : !access.pattern<[5], [2, 7], f32> -> !access.pattern<[5], [], f32>
  %r11 = access.tensor %j2 : !access.pattern<[5], [], f32> -> tensor<5xf32>
  %r20 = access.tensor %j1 : !access.pattern<[5], [2, 7], f32> -> tensor<5x2x7xf32>
  %j3 = access.slice %m2 {offsets = [0, 1], sizes = [5, 3], strides = [1, 2]} : !access.pattern<[5, 7], [], f32> -> !access.pattern<[5, 3], [], f32>
  %j4 = access.slice %m2 {offsets = [4, 6], sizes = [5, 3], strides = [-1, -2]} : !access.pattern<[5, 7], [], f32> -> !access.pattern<[5, 3], [], f32>
  %j5 = access.compute max %j3, %j4 : !access.pattern<[5, 3], [], f32>, !access.pattern<[5, 3], [], f32> -> !access.pattern<[5, 3], [], f32>
  %r12 = access.tensor %j5 : !access.pattern<[5, 3], [], f32> -> tensor<5x3xf32>

  // Two fills; a reshape of padding, which no chain spells.
  %l0 = access.pad %m2 {low = [1, 1], high = [1, 1], value = 3.0 : f32} : !access.pattern<[5, 7], [], f32> -> !access.pattern<[7, 9], [], f32>
  %l1 = access.pad %l0 {low = [1, 1], high = [1, 1], value = 4.0 : f32} : !access.pattern<[7, 9], [], f32> -> !access.pattern<[9, 11], [], f32>
  %r13 = access.tensor %l1 : !access.pattern<[9, 11], [], f32> -> tensor<9x11xf32>
  %l2 = access.pad %m2 {low = [0, 0], high = [2, 3], value = 0.0 : f32} : !access.pattern<[5, 7], [], f32> -> !access.pattern<[7, 10], [], f32>
  %l3 = access.reshape %l2 : !access.pattern<[7, 10], [], f32> -> !access.pattern<[2, 35], [], f32>
  %l4 = access.slice %l3 {offsets = [0, 0], sizes = [1, 35], strides = [1, 1]} : !access.pattern<[2, 35], [], f32> -> !access.pattern<[1, 35], [], f32>
  %l5 = access.squeeze %l4 {dim = 0} : !access.pattern<[1, 35], [], f32> -> !access.pattern<[35], [], f32>
  %r14 = access.tensor %l5 : !access.pattern<[35], [], f32> -> tensor<35xf32>

  // An op that stays on the host, and one that is told to.
  %o0 = tensor.extract_slice %m[1, 2] [2, 3] [1, 1] : tensor<5x7xf32> to tensor<2x3xf32>
  %o1 = access.view %o0 {at = 2} : tensor<2x3xf32> -> !access.pattern<[2, 3], [], f32>
  %o2 = access.compute exp %o1 {glenside.device = "host"} : !access.pattern<[2, 3], [], f32> -> !access.pattern<[2, 3], [], f32>
  %o3 = access.compute neg %o2 : !access.pattern<[2, 3], [], f32> -> !access.pattern<[2, 3], [], f32>
  %r15 = access.tensor %o3 : !access.pattern<[2, 3], [], f32> -> tensor<2x3xf32>

  // Indices, as they are and in a body.
  %u0 = access.iota {dim = 1} : !access.pattern<[5, 7], [], index>
  %r16 = access.tensor %u0 : !access.pattern<[5, 7], [], index> -> tensor<5x7xindex>
  %u1 = access.iota {dim = 0} : !access.pattern<[5, 7], [], i32>
  %u2 = access.compute cast %u1 : !access.pattern<[5, 7], [], i32> -> !access.pattern<[5, 7], [], f32>
  %u3 = access.compute mul %u2, %m2 : !access.pattern<[5, 7], [], f32>, !access.pattern<[5, 7], [], f32> -> !access.pattern<[5, 7], [], f32>
  %r19 = access.tensor %u3 : !access.pattern<[5, 7], [], f32> -> tensor<5x7xf32>

  // Windows as data.
  %v0 = access.transpose %x4 {perm = [0, 3, 1, 2]} : !access.pattern<[2, 6, 6, 4], [], f32> -> !access.pattern<[2, 4, 6, 6], [], f32>
  %v1 = access.shift %v0 {by = -2} : !access.pattern<[2, 4, 6, 6], [], f32> -> !access.pattern<[2, 4], [6, 6], f32>
  %v2 = access.windows %v1 {shape = [3, 3]} : !access.pattern<[2, 4], [6, 6], f32> -> !access.pattern<[2, 4, 4, 4], [3, 3], f32>
  %v3 = access.transpose %v2 {perm = [0, 2, 3, 4, 5, 1]} : !access.pattern<[2, 4, 4, 4], [3, 3], f32> -> !access.pattern<[2, 4, 4, 3], [3, 4], f32>
  %r17 = access.tensor %v3 : !access.pattern<[2, 4, 4, 3], [3, 4], f32> -> tensor<2x4x4x3x3x4xf32>

  // Constants alone.
  %w = arith.constant dense<2.0> : tensor<5x7xf32>
  %w0 = access.view %w {at = 2} : tensor<5x7xf32> -> !access.pattern<[5, 7], [], f32>
  %w1 = access.compute sqrt %w0 : !access.pattern<[5, 7], [], f32> -> !access.pattern<[5, 7], [], f32>
  %w2 = access.compute add %w1, %w0 : !access.pattern<[5, 7], [], f32>, !access.pattern<[5, 7], [], f32> -> !access.pattern<[5, 7], [], f32>
  %w3 = access.compute sub %w2, %m2 : !access.pattern<[5, 7], [], f32>, !access.pattern<[5, 7], [], f32> -> !access.pattern<[5, 7], [], f32>
  %r18 = access.tensor %w3 : !access.pattern<[5, 7], [], f32> -> tensor<5x7xf32>

  // A dot of one element each, widened.
  %z0 = access.view %q {at = 2} : tensor<4x8xi8> -> !access.pattern<[4, 8], [], i8>
  %z1 = access.broadcast %z0 : !access.pattern<[4, 8], [], i8> -> !access.pattern<[4, 8], [1], i8>
  %z2 = access.compute dot %z1, %z1 : !access.pattern<[4, 8], [1], i8>, !access.pattern<[4, 8], [1], i8> -> !access.pattern<[4, 8], [], i32>
  %r21 = access.tensor %z2 : !access.pattern<[4, 8], [], i32> -> tensor<4x8xi32>

  return %r0, %r1, %r2, %r3, %r4, %r5, %r6, %r7, %r8, %r9, %r10, %r11, %r12, %r13, %r14, %r15, %r16, %r17, %r18, %r19, %r20, %r21
    : tensor<24x12xf32>, tensor<2x3x3x4xf32>, tensor<5x3xf32>, tensor<4x3xi32>,
      tensor<2x6x6x4xf32>, tensor<2x6x6x4xf32>, tensor<2x6xf32>, tensor<2x6x6xf32>,
      tensor<2x6x6xi32>, tensor<5x14xf32>, tensor<5x7xf32>, tensor<5xf32>,
      tensor<5x3xf32>, tensor<9x11xf32>, tensor<35xf32>, tensor<2x3xf32>,
      tensor<5x7xindex>, tensor<2x4x4x3x3x4xf32>, tensor<5x7xf32>, tensor<5x7xf32>, tensor<5x2x7xf32>, tensor<4x8xi32>
}

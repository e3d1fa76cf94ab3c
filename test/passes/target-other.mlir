// Accelerators of another shape: a file, and no C.
// RUN: glenside-opt %s --print-target --split-input-file -o /dev/null 2>&1 | FileCheck %s

// An outer-product unit: one step of the reduction per instruction, a column
// and a row stream in, and the sums stay. A second array does a batch of small
// products; its numbers are those of array 1.
// CHECK: target outer, a point
// CHECK: array 1
// CHECK: instructions
module attributes {systolic.target = {
  name = "outer", base = "gemmini16",
  arrays = [{weight_stationary = 0},
            {source = "invented", rows = 4, cols = 4, shadow_weights = 0,
             weight_stationary = 1, output_stationary = 0, min_stream = 0,
             interlock = 0}]
}} {
  // The weight-stationary gemm of the base is gone, with its dataflow.
  // CHECK-NOT: gemm (
  // CHECK: outer (array 0, output stationary)
  // CHECK-NEXT: r[m, n] += sum: a[m] * b[n]
  // CHECK-NEXT: types f32, f32 -> f32
  // CHECK-NEXT: dims m row, n column
  // CHECK-NEXT: where m <= rows
  func.func @outer(%a: !access.pattern<["m"], [], f32>,
                   %b: !access.pattern<["n"], [], f32>,
                   %c: !access.pattern<["m", "n"], [], f32>) -> !access.pattern<["m", "n"], [], f32>
      attributes {systolic.unit = "array", systolic.dataflow = "output_stationary",
                  systolic.where = ["m <= rows", "n <= cols"]} {
    %p = access.cartesian_product %a, %b : !access.pattern<["m"], [], f32>, !access.pattern<["n"], [], f32> -> !access.pattern<["m", "n"], [2], f32>
    %d = access.compute dot %p : !access.pattern<["m", "n"], [2], f32> -> !access.pattern<["m", "n"], [], f32>
    %r = access.compute add %d, %c : !access.pattern<["m", "n"], [], f32>, !access.pattern<["m", "n"], [], f32> -> !access.pattern<["m", "n"], [], f32>
    return %r : !access.pattern<["m", "n"], [], f32>
  }

  // CHECK: bmm (array 1, weight stationary)
  // CHECK-NEXT: r[b, m, n] = sum k: a[b, m, k] * b[b, n, k]
  // CHECK-NEXT: types i8, i8 -> i32
  // CHECK-NEXT: dims b batch, m row, n column, k reduced
  // CHECK-NEXT: where b * m <= 64
  func.func @bmm(%a: !access.pattern<["b", "m"], ["k"], i8>,
                 %w: !access.pattern<["b", "n"], ["k"], i8>) -> !access.pattern<["b", "m", "n"], [], i32>
      attributes {systolic.unit = "array1", systolic.dataflow = "weight_stationary",
                  systolic.where = ["b * m <= 64", "k <= rows", "n <= cols"]} {
    %a1 = access.insert_axis %a {dim = 2} : !access.pattern<["b", "m"], ["k"], i8> -> !access.pattern<["b", "m", 1], ["k"], i8>
    %a2 = access.broadcast %a1 : !access.pattern<["b", "m", 1], ["k"], i8> -> !access.pattern<["b", "m", "n"], ["k"], i8>
    %w1 = access.insert_axis %w {dim = 1} : !access.pattern<["b", "n"], ["k"], i8> -> !access.pattern<["b", 1, "n"], ["k"], i8>
    %w2 = access.broadcast %w1 : !access.pattern<["b", 1, "n"], ["k"], i8> -> !access.pattern<["b", "m", "n"], ["k"], i8>
    %d = access.compute dot %a2, %w2 : !access.pattern<["b", "m", "n"], ["k"], i8>, !access.pattern<["b", "m", "n"], ["k"], i8> -> !access.pattern<["b", "m", "n"], [], i32>
    return %d : !access.pattern<["b", "m", "n"], [], i32>
  }
}

// -----

// A whole convolution, limited by local memory; h and w are what p, q, r and s
// read, and the stride is a number of the command.
// CHECK: target conv, a point
// CHECK: conv (array 0, weight stationary)
// CHECK-NEXT: r[p, q, o] = sum c, r, s: a[c, p * t + r, q * t + s] * b[o, c, r, s]
// CHECK-NEXT: types i8, i8 -> i32
// CHECK-NEXT: dims p row, q row, o column, c reduced, r reduced, s reduced
// CHECK-NEXT: where c * h * w <= abuf_bytes
// CHECK-NEXT: where o * c * r * s <= wbuf_bytes
// CHECK-NEXT: where 4 * p * q * o <= acc_bytes
// CHECK-NEXT: where t <= 2
// CHECK-NEXT: where r == s
module attributes {systolic.target = {name = "conv", base = "gemmini16"}} {
  func.func @conv(%x: !access.pattern<[], ["c", "h", "w"], i8>,
                  %f: !access.pattern<["o"], ["c", "r", "s"], i8>) -> !access.pattern<["p", "q", "o"], [], i32>
      attributes {systolic.unit = "array", systolic.dataflow = "weight_stationary",
                  systolic.where = ["c * h * w <= abuf_bytes", "o * c * r * s <= wbuf_bytes",
                                    "4 * p * q * o <= acc_bytes", "t <= 2", "r == s"]} {
    %x1 = access.windows %x {shape = ["c", "r", "s"], strides = [1, "t", "t"]} : !access.pattern<[], ["c", "h", "w"], i8> -> !access.pattern<[1, "p", "q"], ["c", "r", "s"], i8>
    %x2 = access.squeeze %x1 {dim = 0} : !access.pattern<[1, "p", "q"], ["c", "r", "s"], i8> -> !access.pattern<["p", "q"], ["c", "r", "s"], i8>
    %p = access.cartesian_product %x2, %f : !access.pattern<["p", "q"], ["c", "r", "s"], i8>, !access.pattern<["o"], ["c", "r", "s"], i8> -> !access.pattern<["p", "q", "o"], [2, "c", "r", "s"], i8>
    %d = access.compute dot %p : !access.pattern<["p", "q", "o"], [2, "c", "r", "s"], i8> -> !access.pattern<["p", "q", "o"], [], i32>
    return %d : !access.pattern<["p", "q", "o"], [], i32>
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An outer-product unit: one step of the reduction per instruction, a column
// and a row stream in, and the sums stay. A second array does a batch of small
// products; its numbers are those of array 1.
module attributes {systolic.target = {
  name = "outer", base = "gemmini16",
  arrays = [{weight_stationary = 0},
            {source = "invented", rows = 4, cols = 4, shadow_weights = 0,
             weight_stationary = 1, output_stationary = 0, min_stream = 0,
             interlock = 0}]
}} {
  // The weight-stationary gemm of the base is gone, with its dataflow.
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

  // A number as an extent is exact.
  func.func @four(%a: !access.pattern<["m"], [4], i8>,
                  %w: !access.pattern<["n"], [4], i8>) -> !access.pattern<["m", "n"], [], i32>
      attributes {systolic.unit = "array1", systolic.dataflow = "weight_stationary",
                  systolic.where = ["n <= cols"]} {
    %p = access.cartesian_product %a, %w : !access.pattern<["m"], [4], i8>, !access.pattern<["n"], [4], i8> -> !access.pattern<["m", "n"], [2, 4], i8>
    %d = access.compute dot %p : !access.pattern<["m", "n"], [2, 4], i8> -> !access.pattern<["m", "n"], [], i32>
    return %d : !access.pattern<["m", "n"], [], i32>
  }
}

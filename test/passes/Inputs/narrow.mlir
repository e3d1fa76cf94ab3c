// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// gemmini16 whose one instruction of the array fills half of the rows and 12 of the
// columns, and streams 32 rows at a time.
module attributes {systolic.target = {
  name = "narrow", base = "gemmini16", arrays = [{output_stationary = 0}]
}} {
  func.func @gemm(%a: !access.pattern<["m"], ["k"], i8>,
                  %w: !access.pattern<["k"], ["n"], i8>,
                  %c: !access.pattern<["m", "n"], [], i32>)
      -> !access.pattern<["m", "n"], [], i32>
      attributes {systolic.unit = "array",
                  systolic.dataflow = "weight_stationary", systolic.any_type,
                  systolic.where = ["2 * k <= rows", "n <= 12", "m <= 32"]} {
    %t = access.transpose %w {perm = [1, 0]} : !access.pattern<["k"], ["n"], i8> -> !access.pattern<["n"], ["k"], i8>
    %p = access.cartesian_product %a, %t : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
    %d = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
    %r = access.compute add %c, %d : !access.pattern<["m", "n"], [], i32>, !access.pattern<["m", "n"], [], i32> -> !access.pattern<["m", "n"], [], i32>
    return %r : !access.pattern<["m", "n"], [], i32>
  }
}

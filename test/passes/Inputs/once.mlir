// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// gemmini16 whose one instruction of the array does not add to what its result held.
module attributes {systolic.target = {
  name = "once", base = "gemmini16", arrays = [{output_stationary = 0}]
}} {
  func.func @gemm(%a: !access.pattern<["m"], ["k"], i8>,
                  %w: !access.pattern<["k"], ["n"], i8>)
      -> !access.pattern<["m", "n"], [], i32>
      attributes {systolic.unit = "array",
                  systolic.dataflow = "weight_stationary", systolic.any_type,
                  systolic.where = ["k <= rows", "n <= cols"]} {
    %t = access.transpose %w {perm = [1, 0]} : !access.pattern<["k"], ["n"], i8> -> !access.pattern<["n"], ["k"], i8>
    %p = access.cartesian_product %a, %t : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
    %d = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
    return %d : !access.pattern<["m", "n"], [], i32>
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An output-stationary array whose sums are of at most 24 products a call.
module attributes {systolic.target = {
  name = "sums", base = "gemmini16", arrays = [{weight_stationary = 0}]
}} {
  func.func @gemm_os(%a: !access.pattern<["m"], ["k"], i8>,
                     %w: !access.pattern<["k"], ["n"], i8>,
                     %c: !access.pattern<["m", "n"], [], i32>)
      -> !access.pattern<["m", "n"], [], i32>
      attributes {systolic.unit = "array",
                  systolic.dataflow = "output_stationary", systolic.any_type,
                  systolic.where = ["m <= rows", "n <= cols", "k <= 24"]} {
    %t = access.transpose %w {perm = [1, 0]} : !access.pattern<["k"], ["n"], i8> -> !access.pattern<["n"], ["k"], i8>
    %p = access.cartesian_product %a, %t : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
    %d = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
    %r = access.compute add %c, %d : !access.pattern<["m", "n"], [], i32>, !access.pattern<["m", "n"], [], i32> -> !access.pattern<["m", "n"], [], i32>
    return %r : !access.pattern<["m", "n"], [], i32>
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// gemmini16 whose vector unit knows no functions of one operand but relu.
module attributes {systolic.target = {name = "plain", base = "gemmini16"}} {
  func.func @alu1(%x: !access.pattern<["p", "n"], [], f32>)
      -> !access.pattern<["p", "n"], [], f32>
      attributes {systolic.unit = "vector", systolic.any_type,
                  systolic.kinds = ["relu"],
                  systolic.where = ["n <= cols", "p <= acc_rows"]} {
    %r = access.compute relu %x : !access.pattern<["p", "n"], [], f32> -> !access.pattern<["p", "n"], [], f32>
    return %r : !access.pattern<["p", "n"], [], f32>
  }
}

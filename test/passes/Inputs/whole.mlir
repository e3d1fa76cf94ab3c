// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An array that knows nothing but a whole convolution, as large as memory allows.
module attributes {systolic.target = {name = "whole", base = "gemmini16", arrays = [{output_stationary = 0}]}} {
  func.func @gemm(%x: !access.pattern<[], ["c", "h", "w"], i8>,
                  %f: !access.pattern<["o"], ["c", "r", "s"], i8>) -> !access.pattern<["p", "q", "o"], [], i32>
      attributes {systolic.unit = "array", systolic.dataflow = "weight_stationary",
                  systolic.where = ["c * h * w <= abuf_bytes", "o * c * r * s <= wbuf_bytes",
                                    "4 * p * q * o <= acc_bytes", "r == s", "p <= 7", "q <= 7"]} {
    %x1 = access.windows %x {shape = ["c", "r", "s"], strides = [1, "t", "t"]} : !access.pattern<[], ["c", "h", "w"], i8> -> !access.pattern<[1, "p", "q"], ["c", "r", "s"], i8>
    %x2 = access.squeeze %x1 {dim = 0} : !access.pattern<[1, "p", "q"], ["c", "r", "s"], i8> -> !access.pattern<["p", "q"], ["c", "r", "s"], i8>
    %p = access.cartesian_product %x2, %f : !access.pattern<["p", "q"], ["c", "r", "s"], i8>, !access.pattern<["o"], ["c", "r", "s"], i8> -> !access.pattern<["p", "q", "o"], [2, "c", "r", "s"], i8>
    %d = access.compute dot %p : !access.pattern<["p", "q", "o"], [2, "c", "r", "s"], i8> -> !access.pattern<["p", "q", "o"], [], i32>
    return %d : !access.pattern<["p", "q", "o"], [], i32>
  }
}

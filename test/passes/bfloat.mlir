// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of 16-bit floats that are summed in 16 bits, as front ends write them:
// arrays sum in f32, which rounds elsewhere, so that must be allowed.
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=commands' -o /dev/null 2>&1 | FileCheck %s --check-prefix=HOST
// HOST: bfloat.mlir:[[@LINE+24]]:8: warning: the contraction stays on the host: array 0 of target 'gemmini16' has no product bf16 x bf16 -> bf16, but {{.*}}bf16 x bf16 -> f32{{.*}}; precision=approximate lets it sum in f32
// HOST: mapped 0/1 contractions

// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=commands precision=approximate' 2>&1 | FileCheck %s
// CHECK: mapped 1/1 contractions, MACs 100.00% array
// CHECK: systolic.open {{.*}}in = "bf16", acc = "f32"
// The result leaves the accumulator in 16 bits.
// CHECK: systolic.store {{.*}}space = "acc", type = "bf16"
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=commands precision=approximate no-rule=widen-sum' -o /dev/null 2>&1 | FileCheck %s --check-prefix=HOST

// The same sums in f32, rounded once: what the program as written is percents away from.
// RUN: glenside-run %S/Inputs/bfloat-wide.mlir --compare --against=%s --seeds=1,2,3 --target=gemmini16 --options=precision=approximate | FileCheck %s --check-prefix=AGREE
// RUN: glenside-run %S/Inputs/bfloat-wide.mlir --compare --against=%s --seeds=1,2,3 --target=ws64 --options=precision=approximate | FileCheck %s --check-prefix=AGREE
// AGREE: 3 of 3 comparisons agree
// RUN: sed 's/bf16/f16/g' %s > %t.mlir && sed 's/bf16/f16/g' %S/Inputs/bfloat-wide.mlir > %t.wide.mlir
// RUN: glenside-run %t.wide.mlir --compare --against=%t.mlir --seeds=1,2,3 --target=gemmini16 --options=precision=approximate | FileCheck %s --check-prefix=AGREE
// RUN: glenside-run %t.wide.mlir --compare --against=%t.mlir --seeds=1,2,3 --target=ws64 --options=precision=approximate | FileCheck %s --check-prefix=AGREE
// RUN: not glenside-run %S/Inputs/bfloat-wide.mlir --compare --against=%s --seeds=1,2,3 --form= --pipeline= | FileCheck %s --check-prefix=DIFFER
// DIFFER: 0 of 3 comparisons agree

func.func @forward(%a: tensor<40x300xbf16>, %b: tensor<300x24xbf16>) -> tensor<40x24xbf16> {
  %zero = arith.constant 0.0 : bf16
  %empty = tensor.empty() : tensor<40x24xbf16>
  %init = linalg.fill ins(%zero : bf16) outs(%empty : tensor<40x24xbf16>) -> tensor<40x24xbf16>
  %y = linalg.matmul ins(%a, %b : tensor<40x300xbf16>, tensor<300x24xbf16>)
    outs(%init : tensor<40x24xbf16>) -> tensor<40x24xbf16>
  return %y : tensor<40x24xbf16>
}

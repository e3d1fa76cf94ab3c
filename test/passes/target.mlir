// A target is found, overridden, checked and printed.

// RUN: glenside-opt --glenside-print-target=gemmini16,rows=32 | FileCheck %s
// CHECK: target gemmini16, a point, 1.268 mm2
// CHECK: array 0
// CHECK: rows 32 cells the reduction runs down the rows
// CHECK-NEXT: from: override
// CHECK: cols 16 cells
// CHECK-NEXT: from: Gemmini's default configuration
// CHECK: acc_bytes 65536 B partial sums and results
// CHECK: energy_dram 100 pJ/B
// CHECK: bf16 x bf16 -> f32, 2 pJ, from: Horowitz
// CHECK: instructions
// CHECK-NEXT: gemm (array 0, weight stationary)
// CHECK-NEXT: r[m, n] += sum k: a[m, k] * b[k, n]
// CHECK-NEXT: types all products
// CHECK-NEXT: dims m row, n column, k reduced
// CHECK-NEXT: where k <= rows
// CHECK-NEXT: where n <= cols
// CHECK: gemm_os (array 0, output stationary)
// CHECK: r[p, n] = add|sub|mul|div|max|min|shl|shr(a[p, n], b[p, n])
// CHECK: r[p] = reduce_sum|reduce_max|reduce_min n: a[p, n]

// A base gives what a file leaves out; a range keeps the base's value.
// RUN: glenside-opt --glenside-print-target=edge | FileCheck %s --check-prefix=EDGE
// EDGE: target edge, with ranges
// EDGE: rows 16 cells
// EDGE-NEXT: from: Gemmini's default configuration
// EDGE-NEXT: one of 8 16 32 64 128
// EDGE: gemm (array 0

// Fixing a number ends its range.
// RUN: glenside-opt --glenside-print-target=edge,rows=32 | FileCheck %s --check-prefix=FIXED
// FIXED: rows 32 cells
// FIXED-NEXT: from: override
// FIXED-NEXT: cols

// An instruction goes with its dataflow.
// RUN: glenside-opt --glenside-print-target=gemmini16,output_stationary=0 | FileCheck %s --check-prefix=WS
// WS: gemm (array
// WS-NOT: gemm_os

//===-- Where they are ----------------------------------------------------===//

// A path, a folder of one's own, and the tool found by PATH from elsewhere.
// RUN: glenside-opt --glenside-print-target=%source/targets/ws64.mlir,lanes=32 | FileCheck %s --check-prefix=PATH
// PATH: target ws64, a point
// PATH: lanes 32 lanes
// RUN: rm -rf %t && mkdir -p %t/mine
// RUN: sed -e 's/"ws64"/"mine"/' %source/targets/ws64.mlir > %t/mine/mine.mlir
// RUN: env GLENSIDE_TARGETS=%t/none:%t/mine glenside-opt --glenside-print-target=mine | FileCheck %s --check-prefix=MINE
// MINE: target mine, a point, 8.681 mm2
// A base is looked for beside the file first.
// RUN: sed -e 's/rows = 16, cols = 16/rows = 16, cols = 8/' %source/targets/gemmini16.mlir > %t/mine/gemmini16.mlir
// RUN: sed -e 's/cols = 64, //' %t/mine/mine.mlir > %t/mine/near.mlir
// RUN: glenside-opt --glenside-print-target=%t/mine/near.mlir | FileCheck %s --check-prefix=NEAR
// NEAR: cols 8 cells

// Installed: the tool finds what lies beside it.
// RUN: mkdir -p %t/usr/bin %t/usr/share/glenside/targets
// RUN: cp %{bin}/glenside-opt %t/usr/bin/ && cp %source/targets/gemmini16.mlir %t/usr/share/glenside/targets/
// RUN: cd / && %t/usr/bin/glenside-opt --glenside-print-target=gemmini16 | FileCheck %s --check-prefix=INSTALLED
// INSTALLED: target gemmini16, a point
// RUN: not %t/usr/bin/glenside-opt --glenside-print-target=ws64 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: there is no target called 'ws64'; there are gemmini16 in {{.*}}/usr/share/glenside/targets (set GLENSIDE_TARGETS to look elsewhere)

//===-- What is refused ---------------------------------------------------===//

// RUN: not glenside-opt --glenside-print-target=gemini 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: glenside-opt: error: there is no target called 'gemini'; there are edge, gemmini16, ws64 in {{.*}}share/glenside/targets
// RUN: not glenside-opt --glenside-print-target=./nothing.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// FILE: error: cannot read the target './nothing.mlir': No such file or directory
// RUN: not glenside-opt --glenside-print-target= 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: error: a target needs a name
// RUN: not glenside-opt --glenside-print-target=gemmini16,row=32 2>&1 | FileCheck %s --check-prefix=KEY
// KEY: error: target 'gemmini16' has no number called 'row'; did you mean 'rows'?
// RUN: not glenside-opt --glenside-print-target=gemmini16,rows=many 2>&1 | FileCheck %s --check-prefix=VALUE
// VALUE: error: target 'gemmini16': the value of 'rows=many' is no number
// RUN: not glenside-opt --glenside-print-target=gemmini16,rows=16384 2>&1 | FileCheck %s --check-prefix=SMALL
// SMALL: error: target 'gemmini16': wbuf_bytes = 131072 B cannot hold one block of weights of 262144 B
// RUN: not glenside-opt --glenside-print-target=%s 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: target.mlir:{{[0-9]+}}:1: error: is no target: the module has no attribute systolic.target
// RUN: echo 'module {' > %t/broken.mlir
// RUN: not glenside-opt --glenside-print-target=%t/broken.mlir 2>&1 | FileCheck %s --check-prefix=BROKEN
// BROKEN: broken.mlir:{{[0-9]+}}:{{[0-9]+}}: error:
// RUN: echo 'module attributes {systolic.target = {name = "loop", base = "loop"}} {}' > %t/mine/loop.mlir
// RUN: not glenside-opt --glenside-print-target=%t/mine/loop.mlir 2>&1 | FileCheck %s --check-prefix=LOOP
// LOOP: error: target 'loop': bases nest deeper than 4; is 'loop' its own base?

//===-- As a pass, and in stock mlir-opt ----------------------------------===//

// RUN: glenside-opt %s --print-target='target=gemmini16 point' -o /dev/null 2>&1 | FileCheck %s --check-prefix=PASS
// PASS: target gemmini16, a point
// RUN: not glenside-opt %s --print-target='target=edge,rows=8 point' 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: target.mlir:{{[0-9]+}}:1: error: target 'edge': cols is a range, 8 to 128, where a point is needed; say edge,cols=16

module {
}

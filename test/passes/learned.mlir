// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A design's kernels as runs to be measured, and kernels priced by measured runs.
// RUN: glenside-opt %s --convert-linalg-to-access --saturate=target=gemmini16 -o %t.graph.mlir
// RUN: glenside-opt %t.graph.mlir --extract=measure=%t.rows.csv -o /dev/null
// RUN: FileCheck %s --check-prefix=ROWS --input-file=%t.rows.csv
// Eight runs of two layers: each kernel was measured four times.
// RUN: awk 'NR == 1 { print; next } { for (i = 1; i < 5; ++i) print $0 4000 * i }' %t.rows.csv > %t.csv
// RUN: glenside-opt %t.graph.mlir --extract='method=learned runs=%t.csv report=%t.json' -o /dev/null 2>&1 | FileCheck %s --check-prefix=LEARNED
// RUN: FileCheck %s --check-prefix=JSON --input-file=%t.json
// RUN: glenside-opt %t.graph.mlir --extract='method=learned objective=edp runs=%t.csv' -o %t.1.mlir
// RUN: glenside-opt %t.graph.mlir --extract='method=learned objective=edp runs=%t.csv' -o %t.2.mlir
// RUN: diff %t.1.mlir %t.2.mlir

// ROWS: name,hardware,dataflow,dims,operands,loops,staging,beside_cycles,measured_cycles
// ROWS-NEXT: learned.mlir{{.*}},,{{ws|os}},{{.*}},{{abuf|wbuf}} 4/4 {{.*}} | {{abuf|wbuf}} {{.*}} | acc= {{.*}},{{$}}
// ROWS-NEXT: learned.mlir
// ROWS-NOT: learned

// LEARNED: learned from 8 runs of 2 layers: on unseen layers {{.*}}% off (median {{.*}}%), the formula {{.*}}%
// LEARNED: mapped 2/2 contractions
// JSON: "learned": {
// JSON: "formula_mean_error":
// JSON: "formula_cycles":

// RUN: not glenside-opt %t.graph.mlir --extract=method=learned 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: method=learned wants measured runs: runs=FILE.csv; measure=FILE.csv writes the rows that lack their cycles
// RUN: not glenside-opt %t.graph.mlir --extract=runs=%t.csv 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: error: runs= is for method=learned, not for local
// RUN: not glenside-opt %t.graph.mlir --extract='method=learned runs=%t.missing' 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: runs '{{.*}}.missing' cannot be read: No such file
// RUN: not glenside-opt %t.graph.mlir --extract='method=learned runs=%t.rows.csv' 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: rows.csv: 0 measured runs (and 2 without cycles), at least 8 to learn from
// RUN: sed '3s/abuf/dram/' %t.csv > %t.bad.csv
// RUN: not glenside-opt %t.graph.mlir --extract='method=learned runs=%t.bad.csv' 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: bad.csv:3: operands: abuf, wbuf or acc expected at 'dram
// RUN: not glenside-opt %t.graph.mlir --extract=measure=/nowhere/rows.csv 2>&1 | FileCheck %s --check-prefix=WRITE
// WRITE: error: runs '/nowhere/rows.csv' cannot be written: No such file

func.func @two_layers(%x: tensor<64x32xf32>, %w: tensor<32x96xf32>, %v: tensor<96x48xf32>) -> tensor<64x48xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x96xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<64x96xf32>) -> tensor<64x96xf32>
  %y = linalg.matmul ins(%x, %w : tensor<64x32xf32>, tensor<32x96xf32>) outs(%f : tensor<64x96xf32>) -> tensor<64x96xf32>
  %e2 = tensor.empty() : tensor<64x48xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<64x48xf32>) -> tensor<64x48xf32>
  %z = linalg.matmul ins(%y, %v : tensor<64x96xf32>, tensor<96x48xf32>) outs(%f2 : tensor<64x48xf32>) -> tensor<64x48xf32>
  return %z : tensor<64x48xf32>
}

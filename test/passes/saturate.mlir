// The graph of all designs travels on the module, and leaves the program as it is.

// RUN: glenside-opt %s --convert-linalg-to-access -o %t.access.mlir
// RUN: glenside-opt %t.access.mlir --saturate='target=gemmini16' -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir
// CHECK: module attributes {glenside.egraph = dense_resource<glenside_{{[0-9a-f]+}}> : tensor<{{[0-9]+}}xi8>}
// CHECK: access.compute dot

// Twice the same bytes; saturating again replaces the graph (MLIR numbers keys that
// it has seen before, so only the programs can be compared).
// RUN: glenside-opt %t.access.mlir --saturate='target=gemmini16' -o %t.again.mlir
// RUN: cmp %t.mlir %t.again.mlir
// RUN: glenside-opt %t.mlir --saturate='target=gemmini16,rows=8' --saturate='target=gemmini16' --extract='report=%t.json' -o %t.again.mlir
// RUN: glenside-opt %t.mlir --extract -o %t.once.mlir
// RUN: cmp %t.once.mlir %t.again.mlir
// RUN: FileCheck %s --check-prefix=REPORT --input-file=%t.json
// REPORT: "target": "gemmini16"

// The number of threads decides nothing.
// RUN: glenside-opt %t.access.mlir --saturate='threads=1' -o %t.one.mlir
// RUN: glenside-opt %t.access.mlir --saturate='threads=3' -o %t.three.mlir
// RUN: cmp %t.one.mlir %t.three.mlir
// RUN: cmp %t.one.mlir %t.mlir
// RUN: not glenside-opt %t.access.mlir --saturate='threads=-1' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=THREADS
// THREADS: error: threads = -1 is not between 0 and 64

// Out of time or nodes, the best design so far follows, here on the host.
// RUN: glenside-opt %t.access.mlir --saturate='max-seconds=1e-9' --extract -o %t.late.mlir 2>&1 | FileCheck %s --check-prefix=LATE
// LATE: warning: saturation stopped at its time limit
// LATE: glenside: mapped 0/1 contractions, MACs 0.00% array 0.00% vector 100.00% host
// RUN: glenside-opt %t.access.mlir --saturate='max-nodes=1' --extract -o %t.late.mlir 2>&1 | FileCheck %s --check-prefix=NODES
// NODES: warning: saturation stopped at its node limit
// RUN: not glenside-opt %t.access.mlir --saturate='max-seconds=-2' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=TIME
// TIME: error: max-seconds = -2 is no time

// What a user may get wrong.
// RUN: not glenside-opt %t.access.mlir --saturate='target=gemmini17' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: {{.*}}gemmini17{{.*}}gemmini16
// RUN: not glenside-opt %t.access.mlir --saturate='rules=block-aray' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=RULE
// RULE: error: {{.*}}block-aray{{.*}}block-array
// RUN: not glenside-opt %t.access.mlir --saturate='precision=sloppy' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=PRECISION
// PRECISION: error: {{.*}}sloppy
// RUN: not glenside-opt %t.access.mlir --saturate='max-nodes=-1' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=LIMIT
// LIMIT: error: max-nodes = -1 is negative; 0 is the default
// RUN: not ls %t.no.mlir

// What no unit can run stays on the host, and says why.
// RUN: sed 's/f32/f64/g' %s | glenside-opt --convert-linalg-to-access --saturate='target=gemmini16' --extract -o /dev/null 2>&1 | FileCheck %s --check-prefix=HOST
// HOST: <stdin>:{{[0-9]+}}:{{[0-9]+}}: warning: the contraction stays on the host: array 0 of target 'gemmini16' has no product f64 x f64 -> f64

func.func @layer(%x: tensor<8x32xf32>, %w: tensor<32x32xf32>) -> tensor<8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x32xf32>
  %out = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x32xf32>) -> tensor<8x32xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x32xf32>, tensor<32x32xf32>) outs(%out : tensor<8x32xf32>) -> tensor<8x32xf32>
  return %y : tensor<8x32xf32>
}

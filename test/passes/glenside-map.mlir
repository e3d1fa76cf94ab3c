// Contractions get a blocking on the target, and the module computes what it did.

// RUN: glenside-opt %s --convert-linalg-to-access --glenside-map='target=gemmini16 table=true' -o %t.mlir 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR --input-file=%t.mlir
// RUN: glenside-opt %s --convert-linalg-to-access --glenside-map='target=gemmini16,rows=32,cols=32 objective=dram' -o /dev/null 2>&1 | FileCheck %s --check-prefix=WIDE
// RUN: not glenside-opt %s --convert-linalg-to-access --glenside-map='target=gemmini17' 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not glenside-opt %s --convert-linalg-to-access --glenside-map='target=gemmini16,rows=-1' 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not glenside-opt %s --convert-linalg-to-access --glenside-map='objective=speed' 2>&1 | FileCheck %s --check-prefix=OBJECTIVE
// RUN: glenside-opt %s --convert-linalg-to-access --glenside-map='objective=edp table=true' -o /dev/null 2>&1 | FileCheck %s --check-prefix=EDP
// RUN: not glenside-opt %s --convert-linalg-to-access --glenside-map='target=gemmini16,abuf_bytes=2' -o /dev/null 2>&1 | FileCheck %s --check-prefix=TINY

// The two layers are one class: its blockings are looked for once.
// CHECK: layer unit by cycles util DRAM KiB uJ
// CHECK-NEXT: 1 {{.*}} dot f32 (8, 32 | 32) a f32 (d0, d2) b f32 (d2, d1)
// CHECK-NEXT: 2 {{.*}} dot f32 (8, 32 | 32) a f32 (d0, d2) b f32 (d2, d1)
// CHECK: 1 contract classes: {{[0-9]+}} blockings enumerated, {{[0-9]+}} dominated, {{[0-9]+}} added
// CHECK: glenside: mapped 2/2 contractions, MACs 100.00% array 0.00% vector 0.00% host, target gemmini16
// WIDE: glenside: mapped 2/2 contractions
// NAME: error: {{.*}}gemmini17{{.*}}gemmini16
// ROWS: error: {{.*}}rows
// OBJECTIVE: error: {{.*}}speed
// EDP: extraction: local, {{.*}}; the best of {{[0-9]+}} corners of the convex hull
// TINY: error: target 'gemmini16': abuf_bytes = 2 B cannot hold one row

// IR-LABEL: func.func @two_layers
// IR-COUNT-2: systolic.kernel dot
func.func @two_layers(%x: tensor<8x32xf32>, %w: tensor<32x32xf32>, %v: tensor<32x32xf32>) -> tensor<8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x32xf32>
  %out = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x32xf32>) -> tensor<8x32xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x32xf32>, tensor<32x32xf32>) outs(%out : tensor<8x32xf32>) -> tensor<8x32xf32>
  %z = linalg.matmul ins(%y, %v : tensor<8x32xf32>, tensor<32x32xf32>) outs(%out : tensor<8x32xf32>) -> tensor<8x32xf32>
  return %z : tensor<8x32xf32>
}

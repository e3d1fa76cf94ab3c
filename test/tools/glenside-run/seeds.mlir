// Weights are arguments: other seeds use the same code.
// RUN: glenside-run %s --randomize --seeds=1,2,3 --compare --form=linalg-generalize-named-ops --stats | FileCheck %s
// CHECK: seed 1, reference
// CHECK: compile 0.
// CHECK: seed 1, linalg-generalize-named-ops{{.*}}agrees
// CHECK: compile 0.
// CHECK: seed 2, reference: result 0, tensor<1x4xf32>: min [[MIN:[^ ]*]]
// CHECK-NEXT: compile shared,{{.*}} 2 constants of 48 bytes as arguments
// CHECK: seed 2, linalg-generalize-named-ops{{.*}}agrees
// CHECK-NEXT: compile shared,
// CHECK: seed 3, reference: result 0, tensor<1x4xf32>:
// CHECK-NOT: min [[MIN]]
// CHECK: 3 of 3 comparisons agree

// The same seed gives the same answer, whatever went before.
// RUN: glenside-run %s --randomize --seed=5 > %t.1
// RUN: glenside-run %s --randomize --seeds=4,5,5 | grep "seed 5" | uniq > %t.2
// RUN: cmp %t.1 %t.2
func.func @forward(%x: tensor<1x2xf32>) -> tensor<1x4xf32> {
  %w = arith.constant dense_resource<__elided__> : tensor<2x4xf32>
  %b = arith.constant dense<1.0> : tensor<4xf32>
  %e = tensor.empty() : tensor<1x4xf32>
  %z = linalg.broadcast ins(%b : tensor<4xf32>) outs(%e : tensor<1x4xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %w : tensor<1x2xf32>, tensor<2x4xf32>) outs(%z : tensor<1x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

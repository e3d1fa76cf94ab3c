// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Softmax between two products, all of it on the accelerator, however written.
// RUN: glenside-opt %s --canonicalize --convert-linalg-to-access --saturate=target=gemmini16 -o %t.graph.mlir
// RUN: glenside-opt %t.graph.mlir --extract=table=true -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNITS
// RUN: glenside-opt %t.graph.mlir --extract='table=true method=tree' -o /dev/null 2>&1 | FileCheck %s --check-prefix=TREE
// RUN: glenside-opt %s --canonicalize --convert-linalg-to-access --saturate='target=gemmini16 no-rule=split-softmax' --extract=table=true -o /dev/null 2>&1 | FileCheck %s --check-prefix=HOST
// RUN: glenside-opt %s --decompose-linalg -o %t.plain.mlir
// RUN: glenside-opt %t.plain.mlir --canonicalize --convert-linalg-to-access --saturate=target=gemmini16 --extract=table=true -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNITS
// RUN: glenside-run %s --target=gemmini16 --compare | FileCheck %s --check-prefix=AGREE
// RUN: glenside-run %t.plain.mlir --target=ws64 --compare | FileCheck %s --check-prefix=AGREE

// AGREE: 3 of 3 comparisons agree

// HOST: host {{.*}}softmax
// UNITS-NOT: {{[0-9]}} host
// UNITS: extraction: local

// The scores are read by the maximum and by the exponential. A tree pays them at
// each, so that computing them again with the exponential behind looks cheap.
// TREE-COUNT-3: dot f32 (12, 12 | 64)

func.func @attention(%q: tensor<12x64xf32>, %k: tensor<12x64xf32>, %v: tensor<12x64xf32>) -> tensor<12x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<12x64xf32>
  %es = tensor.empty() : tensor<12x12xf32>
  %et = tensor.empty() : tensor<64x12xf32>
  %kt = linalg.transpose ins(%k : tensor<12x64xf32>) outs(%et : tensor<64x12xf32>) permutation = [1, 0]
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<12x12xf32>) -> tensor<12x12xf32>
  %s = linalg.matmul ins(%q, %kt : tensor<12x64xf32>, tensor<64x12xf32>) outs(%fs : tensor<12x12xf32>) -> tensor<12x12xf32>
  %p = linalg.softmax dimension(1) ins(%s : tensor<12x12xf32>) outs(%es : tensor<12x12xf32>) -> tensor<12x12xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<12x64xf32>) -> tensor<12x64xf32>
  %r = linalg.matmul ins(%p, %v : tensor<12x12xf32>, tensor<12x64xf32>) outs(%f : tensor<12x64xf32>) -> tensor<12x64xf32>
  return %r : tensor<12x64xf32>
}

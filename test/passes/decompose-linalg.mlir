// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RUN: glenside-opt %s --decompose-linalg | FileCheck %s
// RUN: glenside-opt %s --decompose-linalg=ops=pack | FileCheck %s --check-prefix=PACK
// RUN: not glenside-opt %s --decompose-linalg=ops=unpick 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: glenside-run %s --entry=layers --compare --target=gemmini16 2>&1 | FileCheck %s --check-prefix=AGREE

// NAME: error: ops are softmax, pack and winograd, not 'unpick'
// AGREE-DAG: 3 of 3 comparisons agree
// AGREE-DAG: mapped 1/1 contractions

// CHECK-LABEL: @layers
// CHECK-NOT: linalg.softmax
// CHECK-NOT: linalg.pack
// CHECK-NOT: linalg.unpack
// PACK-LABEL: @layers
// PACK: linalg.softmax
// PACK-NOT: linalg.pack
// PACK-NOT: linalg.unpack
func.func @layers(%x: tensor<7x9xf32>, %w: tensor<9x5xf32>) -> tensor<7x5xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<7x9xf32>
  %s = linalg.softmax dimension(1) ins(%x : tensor<7x9xf32>) outs(%e : tensor<7x9xf32>) -> tensor<7x9xf32>
  // Ragged: two of eight rows and three of twelve columns are padding.
  %p = tensor.empty() : tensor<2x3x4x4xf32>
  %packed = linalg.pack %s padding_value(%zero : f32) inner_dims_pos = [0, 1] inner_tiles = [4, 4] into %p : tensor<7x9xf32> -> tensor<2x3x4x4xf32>
  %twice = arith.addf %packed, %packed : tensor<2x3x4x4xf32>
  %unpacked = linalg.unpack %twice inner_dims_pos = [0, 1] inner_tiles = [4, 4] into %e : tensor<2x3x4x4xf32> -> tensor<7x9xf32>
  %empty = tensor.empty() : tensor<7x5xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<7x5xf32>) -> tensor<7x5xf32>
  %r = linalg.matmul ins(%unpacked, %w : tensor<7x9xf32>, tensor<9x5xf32>) outs(%init : tensor<7x5xf32>) -> tensor<7x5xf32>
  return %r : tensor<7x5xf32>
}

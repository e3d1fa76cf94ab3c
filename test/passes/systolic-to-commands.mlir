// Kernels are jobs and jobs are kernels.
// RUN: job_attr_test %s | FileCheck %s
// CHECK: kernel: operand 0 is ((),(12345)) f32, but its view reads ((),(49,576)) f32
// CHECK: 3 kernels, 0 wrong

// They become loops of commands, at most 40 whatever the extents, on buffers
// that bufferization does not copy.
// RUN: glenside-opt %s --systolic-to-commands | FileCheck %s --check-prefix=COMMANDS
// COMMANDS-LABEL: func.func @dense(
// COMMANDS: %[[DEV:.*]] = systolic.open {target = "gemmini16", in = "f32", acc = "f32", rows = 16, cols = 16
// COMMANDS: %[[A:.*]] = bufferization.to_buffer %arg0 read_only : tensor<49x576xf32> to memref<49x576xf32>
// COMMANDS: %[[R:.*]] = memref.alloc() : memref<49x64xf32>
// COMMANDS: scf.for
// COMMANDS: systolic.load %[[DEV]], %[[A]],
// COMMANDS: systolic.loadw %[[DEV]],
// COMMANDS: systolic.preload %[[DEV]],
// COMMANDS: systolic.gemm %[[DEV]],
// COMMANDS: systolic.alu
// COMMANDS: systolic.store %[[DEV]], %[[R]],
// COMMANDS: systolic.wait %[[DEV]] {layer = "dot f32 (49, 64 | 576) add relu"}
// COMMANDS: bufferization.to_tensor %[[R]] restrict
// RUN: glenside-opt %s --systolic-to-commands --one-shot-bufferize="bufferize-function-boundaries=1 function-boundary-type-conversion=identity-layout-map" | FileCheck %s --check-prefix=COPIES
// COPIES-NOT: memref.copy

// Bufferization sees until when the commands of a kernel read its operands: as CSE
// makes the reads of two kernels one, nothing may be written over what they read
// in between, before a loop or in it.
// RUN: glenside-opt %S/../tools/glenside-run/Inputs/shared.mlir --glenside-compile="target=gemmini16 emit=commands" --cse --loop-invariant-code-motion --canonicalize -o %t.shared
// RUN: FileCheck %s --input-file=%t.shared --check-prefix=READS
// READS: %[[A:.*]] = linalg.generic
// READS: math.sin
// READS: bufferization.to_buffer %[[A]] read_only
// READS: systolic.wait
// READS-NEXT: systolic.read %[[A]] : tensor<16x16xf32>
// READS: bufferization.to_tensor %{{.*}} restrict writable :
// READS-NOT: bufferization.to_buffer %[[A]]
// READS: systolic.wait
// READS-NEXT: systolic.read %[[A]] : tensor<16x16xf32>
// RUN: glenside-opt %t.shared --one-shot-bufferize="bufferize-function-boundaries=1" | FileCheck %s --check-prefix=APART
// RUN: %if release %{ glenside-opt %S/../tools/glenside-run/Inputs/shared.mlir --glenside-compile="target=gemmini16 emit=commands" | mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin --cse --loop-invariant-code-motion --canonicalize --one-shot-bufferize="bufferize-function-boundaries=1" | FileCheck %s --check-prefix=APART %}
// APART: linalg.generic {{.*}} outs(%[[A:[a-z0-9_]*]] :
// APART: math.sin
// APART-NOT: outs(%[[A]] :
// APART: math.cos
// APART-NOT: systolic.read
// RUN: glenside-run %S/../tools/glenside-run/Inputs/shared.mlir --compare --seeds=1,2 --pipeline='glenside-compile{target=gemmini16 emit=commands},cse,loop-invariant-code-motion,canonicalize' | FileCheck %s --check-prefix=MERGED
// RUN: glenside-run %S/../tools/glenside-run/Inputs/written.mlir --compare --seeds=1,2 --pipeline='glenside-compile{target=gemmini16 emit=commands},cse,loop-invariant-code-motion,canonicalize' | FileCheck %s --check-prefix=MERGED
// RUN: glenside-run %S/../tools/glenside-run/Inputs/looped.mlir --compare --seeds=1,2 --pipeline='glenside-compile{target=gemmini16 emit=commands},loop-invariant-code-motion,cse,canonicalize' | FileCheck %s --check-prefix=MERGED
// MERGED: max error 0,
// MERGED: 2 of 2 comparisons agree

// RUN: glenside-opt %s --systolic-to-commands -o %t.commands
// RUN: sed -n '/@dense/,/^  }/p' %t.commands | grep -c ' systolic\.' | FileCheck %s --check-prefix=SITES
// SITES: {{^([1-9]|[123][0-9]|4[0-2])$}}

// And they compute what linalg does.
// RUN: glenside-run %S/Inputs/jobs-reference.mlir --entry=dense --compare --against=%s --pipeline=systolic-to-commands --stats | FileCheck %s --check-prefix=DENSE
// DENSE: agrees
// DENSE: total {{.*}} 1.806 
// DENSE: 1 of 1 comparisons agree
// RUN: glenside-run %S/Inputs/jobs-reference.mlir --entry=conv --compare --against=%s --pipeline=systolic-to-commands --seeds=1,2,3 | FileCheck %s --check-prefix=CONV
// CONV: 3 of 3 comparisons agree
// RUN: glenside-run %S/Inputs/jobs-reference.mlir --entry=pool --compare --against=%s --pipeline=systolic-to-commands | FileCheck %s --check-prefix=POOL
// POOL: max error 0,
// POOL: 1 of 1 comparisons agree

func.func @dense(%a: tensor<49x576xf32>, %b: tensor<576x64xf32>, %c: tensor<64xf32>) -> tensor<49x64xf32> {
  %0 = systolic.kernel dot %a, %b, %c {sum = f32, dims = [49, 64, 576], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [49, 16, 144], order = [1, 2], staging = [[2, 1, 0, 0], [2, 1, 0, 0], [1, 1, 0, 0]], epilogue = 2, strategy = ["weight_stationary", "natural", "offset"], views = ["(d0, d1) [49, 576] -> (d0, d1) [49, 576]", "(d0, d1) [576, 64] -> (d0, d1) [576, 64]", "(d0, d1) [49, 64] -> (d1) [64]"], body = "(body (f32 f32) ((add f32 %0 %1) (relu f32 %2)) (%3))", target = "gemmini16"} : tensor<49x576xf32>, tensor<576x64xf32>, tensor<64xf32> -> tensor<49x64xf32>
  return %0 : tensor<49x64xf32>
}
// A 3x3 convolution of an 8x8 image with 4 channels, padded by one, 8 out.
func.func @conv(%a: tensor<4x8x8xf32>, %b: tensor<8x4x3x3xf32>) -> tensor<64x8xf32> {
  %0 = systolic.kernel dot %a, %b {sum = f32, dims = [8, 8, 8, 4, 3, 3], parallel = 3, maps = [[[0, 0, 0, 1, 0, 0], [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]], [[0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]]], types = [f32, f32], tile = [4, 8, 8, 4, 3, 3], order = [0], staging = [[1, 1, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0]], strategy = ["weight_stationary", "natural", "offset"], views = ["(d0, d1, d2) [4, 10, 10] -> (d0, d1 - 1, d2 - 1) [4, 8, 8] if d1 >= 1, d1 <= 8, d2 >= 1, d2 <= 8 fill 0e+00 : f32", "(d0, d1, d2, d3) [8, 4, 3, 3] -> (d0, d1, d2, d3) [8, 4, 3, 3]"], target = "gemmini16"} : tensor<4x8x8xf32>, tensor<8x4x3x3xf32> -> tensor<8x8x8xf32>
  %1 = tensor.collapse_shape %0 [[0, 1], [2]] : tensor<8x8x8xf32> into tensor<64x8xf32>
  return %1 : tensor<64x8xf32>
}
// Max pooling on the vector unit.
func.func @pool(%a: tensor<4x8x8xf32>) -> tensor<4x4x4xf32> {
  %0 = systolic.kernel max %a {sum = f32, dims = [4, 4, 4, 2, 2], parallel = 3, maps = [[[1, 0, 0, 0, 0], [0, 2, 0, 1, 0], [0, 0, 2, 0, 1]]], types = [f32], tile = [4, 4, 4, 2, 2], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0]], strategy = ["vector"], views = ["(d0, d1, d2) [4, 8, 8] -> (d0, d1, d2) [4, 8, 8]"], target = "gemmini16"} : tensor<4x8x8xf32> -> tensor<4x4x4xf32>
  return %0 : tensor<4x4x4xf32>
}

// Programs for accelerators of another instruction set: a file, and no C. What an
// instruction computes says which kernels run, its bounds how large calls and tiles are.

// RUN: glenside-opt %s --convert-linalg-to-access --saturate=target=%S/Inputs/narrow.mlir \
// RUN:   --extract=report=%t.json 2>&1 | FileCheck %s --check-prefix=NARROW
// NARROW: glenside: mapped 4/4 contractions, MACs {{.*}} 0.00% host
// NARROW-LABEL: @matmul
// NARROW: systolic.kernel dot {{.*}} instruction = "gemm"
// RUN: FileCheck %s --input-file=%t.json --check-prefix=JSON
// JSON: "unit": "array",
// JSON-NEXT: "instruction": "gemm",

// A call that adds nothing takes whole sums: of 16 products, not of 40.
// RUN: glenside-opt %s --glenside-compile='target=%S/Inputs/once.mlir emit=kernels' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ONCE
// ONCE: instructions.mlir:{{[0-9]+}}:{{[0-9]+}}: warning: 2 contractions, this first, stay on the host: array 0 of target 'once': gemm: does not add to its result, and sums up 16 products at most
// ONCE: glenside: mapped 2/4 contractions
// ONCE-LABEL: @matmul
// ONCE-NOT: systolic.kernel dot
// ONCE-LABEL: @short
// ONCE: systolic.kernel dot {{.*}} instruction = "gemm"

// A whole convolution runs as large as memory and its bounds allow; a product is one
// of a single position, and a depthwise one is none.
// RUN: glenside-opt %s --glenside-compile='target=%S/Inputs/whole.mlir emit=kernels' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WHOLE
// WHOLE-LABEL: @conv
// WHOLE: systolic.kernel dot {{.*}} dims = [14, 14, 16, 3, 3, 8], {{.*}} tile = [{{[1-7]}}, {{[1-7]}}, {{[0-9]+}}, 3, 3, 8], {{.*}} instruction = "gemm"

// What the vector unit has no instruction for runs on the host, and the table says so.
// RUN: glenside-opt %s --glenside-compile='target=%S/Inputs/plain.mlir emit=kernels table report=%t.json' \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// WHY: 2 host - {{.*}} target 'plain' has no instruction of the vector unit that computes 'tanh' of f32
// RUN: FileCheck %s --input-file=%t.json --check-prefix=JSON-WHY
// JSON-WHY: "why": "target 'plain' has no instruction of the vector unit that computes 'tanh' of f32"
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=kernels' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=TANH
// TANH-LABEL: @matmul
// TANH: systolic.kernel dot {{.*}}(tanh f32
// RUN: glenside-opt %s --glenside-compile='target=%S/Inputs/plain.mlir emit=kernels' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PLAIN
// PLAIN-LABEL: @matmul
// PLAIN-NOT: (tanh f32
// PLAIN: access.compute tanh

// All of them compute what loops do.
// RUN: glenside-run %s --entry=matmul --compare --seeds=1 --target=%S/Inputs/narrow.mlir
// RUN: glenside-run %s --entry=matmul --compare --seeds=1 --target=%S/Inputs/sums.mlir
// RUN: glenside-run %s --entry=matmul --compare --seeds=1 --target=%S/Inputs/outer.mlir
// RUN: glenside-run %s --entry=matmul --compare --seeds=1 --target=%S/Inputs/plain.mlir
// RUN: glenside-run %s --entry=short --compare --seeds=1 --target=%S/Inputs/once.mlir
// RUN: glenside-run %s --entry=conv --compare --seeds=1 --integers=100 --target=%S/Inputs/whole.mlir
// RUN: glenside-run %s --entry=conv --compare --seeds=1 --integers=100 --target=%S/Inputs/narrow.mlir
// RUN: glenside-run %s --entry=depthwise --compare --seeds=1 --target=%S/Inputs/narrow.mlir

// An instruction that a kernel names must be there.
// RUN: glenside-opt %s --glenside-compile='target=%S/Inputs/narrow.mlir emit=kernels' 2>/dev/null \
// RUN:   | sed 's/instruction = "gemm"/instruction = "gem"/' > %t.mlir
// RUN: not glenside-opt %t.mlir --systolic-to-commands 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: error: {{.*}}attribute 'instruction' is 'gem', which target '{{.*}}narrow.mlir' does not have

func.func @matmul(%a: tensor<50x40xf32>, %b: tensor<40x24xf32>) -> tensor<50x24xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<50x24xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<50x24xf32>) -> tensor<50x24xf32>
  %r = linalg.matmul ins(%a, %b : tensor<50x40xf32>, tensor<40x24xf32>) outs(%f : tensor<50x24xf32>) -> tensor<50x24xf32>
  %t = linalg.tanh ins(%r : tensor<50x24xf32>) outs(%e : tensor<50x24xf32>) -> tensor<50x24xf32>
  return %t : tensor<50x24xf32>
}

func.func @short(%a: tensor<50x16xf32>, %b: tensor<16x24xf32>) -> tensor<50x24xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<50x24xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<50x24xf32>) -> tensor<50x24xf32>
  %r = linalg.matmul ins(%a, %b : tensor<50x16xf32>, tensor<16x24xf32>) outs(%f : tensor<50x24xf32>) -> tensor<50x24xf32>
  return %r : tensor<50x24xf32>
}

func.func @conv(%x: tensor<1x16x16x8xi8>, %w: tensor<3x3x8x16xi8>) -> tensor<1x14x14x16xi32> {
  %z = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x14x14x16xi32>
  %f = linalg.fill ins(%z : i32) outs(%e : tensor<1x14x14x16xi32>) -> tensor<1x14x14x16xi32>
  %r = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x16x16x8xi8>, tensor<3x3x8x16xi8>) outs(%f : tensor<1x14x14x16xi32>) -> tensor<1x14x14x16xi32>
  return %r : tensor<1x14x14x16xi32>
}

func.func @depthwise(%x: tensor<1x12x12x20xf32>, %w: tensor<3x3x20xf32>) -> tensor<1x10x10x20xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x10x10x20xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x10x10x20xf32>) -> tensor<1x10x10x20xf32>
  %r = linalg.depthwise_conv_2d_nhwc_hwc ins(%x, %w : tensor<1x12x12x20xf32>, tensor<3x3x20xf32>) outs(%f : tensor<1x10x10x20xf32>) -> tensor<1x10x10x20xf32>
  return %r : tensor<1x10x10x20xf32>
}

// Every element type, numbers by value, empty tensors, strided and permuted
// results, and results that are arguments or constants.
// RUN: glenside-run %s --entry=kinds | FileCheck %s --check-prefix=KINDS
// RUN: glenside-run %s --entry=same --stats | FileCheck %s --check-prefix=SAME
// RUN: glenside-run %s --entry=@same --hoist-above=100000 --stats | FileCheck %s --check-prefix=KEPT
// From standard input, text and bytecode.
// RUN: glenside-run - --entry=kinds < %s | FileCheck %s --check-prefix=KINDS
// RUN: glenside-opt %s --emit-bytecode -o %t.bc
// RUN: glenside-run %t.bc --entry=kinds | FileCheck %s --check-prefix=KINDS

// Input 0 starts 0.106, -0.337, -0.402; input 1 (bf16) is squared.
// KINDS: result 0, tensor<2x3xf16>: {{.*}} [1.237e+00, 5.1e-01, 4.475e-01,
// KINDS: result 1, tensor<2x3xbf16>: min 0.00357056 max 0.585938
// KINDS: result 2, tensor<4xi32>: {{.*}} [7, 7, 7, 7]
// KINDS: result 3, tensor<4xi1>: min 0 max 1 mean 0.5 [1, 0, 0, 1]
// KINDS: result 4, tensor<index>: min 0 max 0 mean 0 [0]
// KINDS: result 5, tensor<f64>: min 2.2626 max 2.2626 mean 2.2626 [2.262603759765625e+00]
// KINDS: result 6, tensor<0x3xf32>: min nan max nan mean nan []
// KINDS: result 7, tensor<2xf16>: {{.*}} [-3.37e-01, 4.182e-01]
// KINDS: result 8, tensor<3x2xf16>: {{.*}} [1.063e-01, 6.85e-01, -3.37e-01, 4.182e-01, -4.02e-01, -1.352e+00]
func.func @kinds(%a: tensor<2x3xf16>, %b: tensor<2x3xbf16>, %n: i32, %i: tensor<4xi1>, %x: index, %d: f64, %e: tensor<0x3xf32>)
    -> (tensor<2x3xf16>, tensor<2x3xbf16>, tensor<4xi32>, tensor<4xi1>, tensor<index>, tensor<f64>, tensor<0x3xf32>, tensor<2xf16>, tensor<3x2xf16>) {
  %c = arith.constant dense<[true, false, true, true]> : tensor<4xi1>
  %seven = arith.constant 7 : i32
  %0 = arith.addf %a, %a : tensor<2x3xf16>
  %1 = math.exp %0 : tensor<2x3xf16>
  %2 = arith.mulf %b, %b : tensor<2x3xbf16>
  %3 = arith.addi %n, %seven : i32
  %4 = tensor.splat %3 : tensor<4xi32>
  %5 = arith.xori %i, %c : tensor<4xi1>
  %6 = tensor.from_elements %x : tensor<index>
  %7 = tensor.from_elements %d : tensor<f64>
  %8 = tensor.extract_slice %a[0, 1] [2, 1] [1, 1] : tensor<2x3xf16> to tensor<2xf16>
  %9 = tensor.empty() : tensor<3x2xf16>
  %10 = linalg.transpose ins(%a : tensor<2x3xf16>) outs(%9 : tensor<3x2xf16>) permutation = [1, 0]
  return %1, %2, %4, %5, %6, %7, %e, %8, %10 : tensor<2x3xf16>, tensor<2x3xbf16>, tensor<4xi32>, tensor<4xi1>, tensor<index>, tensor<f64>, tensor<0x3xf32>, tensor<2xf16>, tensor<3x2xf16>
}

// SAME: result 0, {{.*}} [1.06
// SAME: result 1, {{.*}} [1.06
// SAME: result 2, {{.*}} [6.71
// SAME: result 3, {{.*}} [1, 2, 3, 4]
// SAME: result 4, {{.*}} [1, 2, 3, 4]
// SAME: result 5, tensor<600xf32>: min 2.5 max 2.5
// SAME: 1 constants of 2400 bytes as arguments
// KEPT: result 5, tensor<600xf32>: min 2.5 max 2.5
// KEPT: 0 constants of 0 bytes as arguments
func.func @same(%a: tensor<3xf32>, %b: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<4xi32>, tensor<4xi32>, tensor<600xf32>) {
  %c = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %w = arith.constant dense<2.5> : tensor<600xf32>
  return %a, %a, %b, %c, %c, %w : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<4xi32>, tensor<4xi32>, tensor<600xf32>
}

// Integers are 0 and 1 unless said otherwise; a range beyond the type wraps.
// RUN: glenside-run %s --entry=bytes | FileCheck %s --check-prefix=BITS
// BITS: result 0, tensor<500xi8>: min 0 max 1 mean 0.{{4[5-9]|5[0-5]|5 }}
// RUN: glenside-run %s --entry=bytes --integers=256 | FileCheck %s --check-prefix=BYTES
// BYTES: result 0, tensor<500xi8>: min -128 max 127
func.func @bytes(%a: tensor<500xi8>) -> tensor<500xi8> {
  return %a : tensor<500xi8>
}

// What tosa-to-linalg-pipeline leaves behind is lowered.
// RUN: glenside-run %s --entry=tosa | FileCheck %s --check-prefix=TOSA
// TOSA: result 0, tensor<2x2xi32>: {{.*}} [1, 2, 3, 4]
func.func @tosa() -> tensor<2x2xi32> {
  %0 = "tosa.const"() {values = dense<[1, 2, 3, 4]> : tensor<4xi32>} : () -> tensor<4xi32>
  %1 = tosa.const_shape {values = dense<[2, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %2 = tosa.reshape %0, %1 : (tensor<4xi32>, !tosa.shape<2>) -> tensor<2x2xi32>
  return %2 : tensor<2x2xi32>
}

// Constants of functions that are called are hoisted too; one without elements
// is nothing to trip over; an equal one is passed once.
// RUN: glenside-run %s --entry=outer --randomize --stats | FileCheck %s --check-prefix=OUTER
// OUTER: result 0, tensor<2xf32>:
// OUTER: result 1, tensor<0x3xf32>: min nan
// OUTER: 2 constants of 8 bytes as arguments
func.func private @inner(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<0x3xf32>) {
  %0 = arith.constant dense_resource<__elided__> : tensor<2xf32>
  %1 = arith.constant dense_resource<__elided__> : tensor<0x3xf32>
  %2 = arith.addf %0, %x : tensor<2xf32>
  return %2, %1 : tensor<2xf32>, tensor<0x3xf32>
}
func.func @outer(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<0x3xf32>) {
  %0, %1 = func.call @inner(%x) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<0x3xf32>)
  %2, %3 = func.call @inner(%0) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<0x3xf32>)
  return %2, %3 : tensor<2xf32>, tensor<0x3xf32>
}

// A function that calls itself keeps its constants.
// RUN: glenside-run %s --entry=down | FileCheck %s --check-prefix=DOWN
// DOWN: result 0, tensor<400xi32>: min 5 max 5
func.func @down(%x: tensor<400xi32>, %n: index) -> tensor<400xi32> {
  %c3 = arith.constant 3 : index
  %c1 = arith.constant 1 : index
  %five = arith.constant dense<5> : tensor<400xi32>
  %end = arith.cmpi eq, %n, %c3 : index
  %r = scf.if %end -> tensor<400xi32> {
    scf.yield %five : tensor<400xi32>
  } else {
    %m = arith.addi %n, %c1 : index
    %d = func.call @down(%x, %m) : (tensor<400xi32>, index) -> tensor<400xi32>
    scf.yield %d : tensor<400xi32>
  }
  return %r : tensor<400xi32>
}

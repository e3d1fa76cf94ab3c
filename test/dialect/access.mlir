// Readable syntax: what is printed, what may be left out, what is kept.
// RUN: glenside-opt %s | FileCheck %s
// RUN: glenside-opt %s --mlir-print-op-generic | glenside-opt | FileCheck %s
// RUN: glenside-opt %s --emit-bytecode | glenside-opt | FileCheck %s
// RUN: glenside-opt %s --verify-roundtrip -o /dev/null

// Strides and dilations of ones are the default.
// CHECK-LABEL: @convolution
func.func @convolution(%image: tensor<16x8x8xf32>, %weights: tensor<4x16x3x3xf32>) -> tensor<4x6x6xf32> {
  // CHECK: access.view %{{.*}} {at = 0} : tensor<16x8x8xf32> -> !access.pattern<[], [16, 8, 8], f32>
  %0 = access.view %image {at = 0} : tensor<16x8x8xf32> -> !access.pattern<[], [16, 8, 8], f32>
  // CHECK: access.windows %{{.*}} {shape = [16, 3, 3]} : !access
  %1 = access.windows %0 {shape = [16, 3, 3], strides = [1, 1, 1], dilations = [1, 1, 1]} : !access.pattern<[], [16, 8, 8], f32> -> !access.pattern<[1, 6, 6], [16, 3, 3], f32>
  // CHECK: access.squeeze %{{.*}} {dim = 0}
  %2 = access.squeeze %1 {dim = 0} : !access.pattern<[1, 6, 6], [16, 3, 3], f32> -> !access.pattern<[6, 6], [16, 3, 3], f32>
  %3 = access.view %weights {at = 1} : tensor<4x16x3x3xf32> -> !access.pattern<[4], [16, 3, 3], f32>
  // CHECK: access.cartesian_product %{{.*}}, %{{.*}} : !access.pattern<[4], [16, 3, 3], f32>, !access.pattern<[6, 6], [16, 3, 3], f32> -> !access.pattern<[4, 6, 6], [2, 16, 3, 3], f32>
  %4 = access.cartesian_product %3, %2 : !access.pattern<[4], [16, 3, 3], f32>, !access.pattern<[6, 6], [16, 3, 3], f32> -> !access.pattern<[4, 6, 6], [2, 16, 3, 3], f32>
  // CHECK: access.compute dot %{{[0-9]+}} : !access.pattern<[4, 6, 6], [2, 16, 3, 3], f32> -> !access.pattern<[4, 6, 6], [], f32>
  %5 = access.compute dot %4 : !access.pattern<[4, 6, 6], [2, 16, 3, 3], f32> -> !access.pattern<[4, 6, 6], [], f32>
  // CHECK: access.tensor %{{.*}} : !access.pattern<[4, 6, 6], [], f32> -> tensor<4x6x6xf32>
  %6 = access.tensor %5 : !access.pattern<[4, 6, 6], [], f32> -> tensor<4x6x6xf32>
  return %6 : tensor<4x6x6xf32>
}

// Attributes of others come after ours; odd names are quoted.
// CHECK-LABEL: @attributes
func.func @attributes(%p: !access.pattern<[3], [4], f32>) {
  // CHECK: access.shift %{{.*}} {by = -1, "a b" = 3 : i32, glenside.device = "host", unit} :
  %0 = access.shift %p {unit, "a b" = 3 : i32, glenside.device = "host", by = -1} : !access.pattern<[3], [4], f32> -> !access.pattern<[], [3, 4], f32>
  return
}

// CHECK-LABEL: @arity
func.func @arity(%c: !access.pattern<[3], [4], i1>, %x: !access.pattern<[3], [4], bf16>) -> !access.pattern<[3], [4], f32> {
  // CHECK: access.compute select %{{.*}}, %{{.*}}, %{{.*}} : !access.pattern<[3], [4], i1>, !access.pattern<[3], [4], bf16>, !access.pattern<[3], [4], bf16> -> !access.pattern<[3], [4], bf16>
  %0 = access.compute select %c, %x, %x : !access.pattern<[3], [4], i1>, !access.pattern<[3], [4], bf16>, !access.pattern<[3], [4], bf16> -> !access.pattern<[3], [4], bf16>
  // CHECK: access.compute cast %{{.*}} : !access.pattern<[3], [4], bf16> -> !access.pattern<[3], [4], f32>
  %1 = access.compute cast %0 : !access.pattern<[3], [4], bf16> -> !access.pattern<[3], [4], f32>
  return %1 : !access.pattern<[3], [4], f32>
}

// CHECK-LABEL: @no_operand
func.func @no_operand() -> tensor<4x3xindex> {
  // CHECK: %[[I:.*]] = access.iota {dim = 1} : !access.pattern<[], [4, 3], index>
  %0 = access.iota {dim = 1} : !access.pattern<[], [4, 3], index>
  %1 = access.tensor %0 : !access.pattern<[], [4, 3], index> -> tensor<4x3xindex>
  return %1 : tensor<4x3xindex>
}

// Values of pad in each class of types, with the bits kept.
// CHECK-LABEL: @pads
func.func @pads(%f: !access.pattern<[2], [], f16>, %i: !access.pattern<[2], [], i8>, %b: !access.pattern<[2], [], i1>, %x: !access.pattern<[2], [], index>) {
  // CHECK: value = 0xFC00 : f16}
  %0 = access.pad %f {low = [1], high = [0], value = 0xFC00 : f16} : !access.pattern<[2], [], f16> -> !access.pattern<[3], [], f16>
  // CHECK: value = -128 : i8}
  %1 = access.pad %i {low = [1], high = [0], value = -128 : i8} : !access.pattern<[2], [], i8> -> !access.pattern<[3], [], i8>
  // CHECK: value = true}
  %2 = access.pad %b {low = [1], high = [0], value = true} : !access.pattern<[2], [], i1> -> !access.pattern<[3], [], i1>
  // CHECK: value = 7 : index}
  %3 = access.pad %x {low = [1], high = [0], value = 7 : index} : !access.pattern<[2], [], index> -> !access.pattern<[3], [], index>
  return
}

// Names as extents, as a target describes its instructions.
// CHECK-LABEL: @symbolic
func.func @symbolic(%a: !access.pattern<["m"], ["k"], i8>, %b: !access.pattern<["n"], ["k"], i8>) -> !access.pattern<["m", "n"], [], i32> {
  // CHECK: access.cartesian_product {{.*}} -> !access.pattern<["m", "n"], [2, "k"], i8>
  %0 = access.cartesian_product %a, %b : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
  %1 = access.compute dot %0 : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
  return %1 : !access.pattern<["m", "n"], [], i32>
}

// What the verifiers of the systolic dialect say: op, operand, both values.
// RUN: glenside-opt %s --split-input-file --verify-diagnostics

func.func @extents(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>) -> tensor<8x5xf32> {
  // expected-error @+1 {{'systolic.kernel' op result 0 is 8x5, but the box of parallel dims is 8x4}}
  %r = systolic.kernel dot %a, %b {sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], strategy = ["natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]"], target = "gemmini16"} : tensor<8x16xf32>, tensor<16x4xf32> -> tensor<8x5xf32>
  return %r : tensor<8x5xf32>
}
// -----
func.func @source(%a: tensor<8x17xf32>, %b: tensor<16x4xf32>) -> tensor<8x4xf32> {
  // expected-error @+1 {{'systolic.kernel' op the source of view 0 is 8x16, but its operand is 8x17}}
  %r = systolic.kernel dot %a, %b {sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], strategy = ["natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]"], target = "gemmini16"} : tensor<8x17xf32>, tensor<16x4xf32> -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
func.func @tile(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>) -> tensor<8x4xf32> {
  // expected-error @+1 {{'systolic.kernel' op attribute 'tile' must be 1 to 8 at dim 0, got 9}}
  %r = systolic.kernel dot %a, %b {sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [9, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], strategy = ["natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]"], target = "gemmini16"} : tensor<8x16xf32>, tensor<16x4xf32> -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
func.func @varying(%d: !systolic.device, %i: index) {
  // expected-error @+1 {{'systolic.gemm' op attribute 'varying' names 'n[4]' for operand #3, which is no integer of this command}}
  systolic.gemm %d, %i, %i, %i {n = [1, 1, 1, 8], k = 16, cols = 4, varying = ["n[4]"]} : !systolic.device, index, index, index
  return
}
// -----
func.func @entries(%d: !systolic.device, %i: index) {
  // expected-error @+1 {{'systolic.gemm' op attribute 'n' must have 4 entries, got 3}}
  systolic.gemm %d, %i, %i {n = [1, 1, 8], k = 16, cols = 4} : !systolic.device, index, index
  return
}
// -----
func.func @element(%d: !systolic.device, %m: memref<8x16xi8>, %i: index) {
  // expected-error @+1 {{'systolic.loadw' op operand #1 ('tensor') has elements of type 'i8', but attribute 'type' is "f32"}}
  systolic.loadw %d, %m, %i, %i, %i, %i, %i, %i {type = "f32", n = [1, 1, 1, 1, 1], extent = [1, 1, 1, 1, 1], stride = [0, 0, 0, 0, 0]} : !systolic.device, memref<8x16xi8>, index, index, index, index, index, index
  return
}
// -----
func.func @word(%d: !systolic.device, %i: index) {
  // expected-error @+1 {{'systolic.alu' op attribute 'op' must be an operation of the vector unit, got "plus"}}
  systolic.alu plus %d, %i, %i, %i {n = [1, 1, 1, 8], cols = 4} : !systolic.device, index, index, index
  return
}

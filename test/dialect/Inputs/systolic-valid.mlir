// A product with a bias.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// A padded operand read through a view.
func.func @f(%a: tensor<6x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0 - 1, d1) [6, 16] if d0 >= 1, d0 <= 6 fill 0 : f32", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<6x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// A sum without a body.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a) {combine = "sum", sum = f32, dims = [8, 4, 4], parallel = 2, maps = [[[1, 0, 0], [0, 4, 1]]], types = [f32], tile = [8, 4, 4], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]"], body = "", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// Rows that vary.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i, %i, %i) {n = [1, 1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 16, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = ["n[3]", "accumulate"], operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index, index, index) -> ()
  return
}
// -----
// A load.
func.func @f(%d: !systolic.device, %m: memref<8x16xf32>, %i: index) {
  "systolic.load"(%d, %m, %i, %i, %i, %i, %i, %i) {space = "abuf", accumulate = 0, base = 0, type = "f32", n = [1, 1, 1, 8, 16], step = [1, 1, 1, 1, 1], extent = [1, 1, 1, 8, 16], stride = [0, 0, 0, 64, 4], rows = [0, 0, 0, 1], rows_col = 0, rows_ring = [0, 0], fill = 0.0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, memref<8x16xf32>, index, index, index, index, index, index) -> ()
  return
}

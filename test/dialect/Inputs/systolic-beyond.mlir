// kernel: a view of another tensor.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 17]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a view of another array.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 15] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a view that does not parse.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["d0", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a view too few.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: no dim of 0.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 0], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: more parallel dims than dims.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 4, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a tile beyond its dim.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [9, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: an order that names no dim.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [3], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: staging of three numbers.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: staging of two.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a map of two dims.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: other element types.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [bf16, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a body of one argument.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32) ((relu f32 %0)) (%1))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a body that gives i1.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((cmpf_ogt i1 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a body of integers.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (i32 f32) () (%1))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: no body for three operands.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "dot", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// kernel: a dot of one array.
func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x4xf32>, %c: tensor<4xf32>) -> tensor<8x4xf32> {
  %r = "systolic.kernel"(%a, %b, %c) {combine = "max", sum = f32, dims = [8, 4, 16], parallel = 2, maps = [[[1, 0, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0]]], types = [f32, f32], tile = [8, 4, 16], order = [], staging = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]], array = 0, epilogue = 0, strategy = ["weight_stationary", "natural"], views = ["(d0, d1) [8, 16] -> (d0, d1) [8, 16]", "(d0, d1) [16, 4] -> (d0, d1) [16, 4]", "(d0, d1) [8, 4] -> (d1) [4]"], body = "(body (f32 f32) ((add f32 %0 %1)) (%2))", instruction = "", target = "gemmini16", operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<8x16xf32>, tensor<16x4xf32>, tensor<4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
// -----
// gemm: three loops.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i) {n = [1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 16, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index) -> ()
  return
}
// -----
// gemm: a number beyond 32 bits.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i) {n = [1, 1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 4294967296, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index) -> ()
  return
}
// -----
// gemm: an operand that nothing names.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i, %i) {n = [1, 1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 16, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index, index) -> ()
  return
}
// -----
// gemm: a name for no operand.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i) {n = [1, 1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 16, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = ["k"], operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index) -> ()
  return
}
// -----
// gemm: no such entry.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i, %i) {n = [1, 1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 16, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = ["kk"], operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index, index) -> ()
  return
}
// -----
// gemm: no such place.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i, %i) {n = [1, 1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 16, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = ["n[4]"], operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index, index) -> ()
  return
}
// -----
// gemm: a list as a whole.
func.func @f(%d: !systolic.device, %i: index) {
  "systolic.gemm"(%d, %i, %i, %i) {n = [1, 1, 1, 8], a = [0, 0, 0, 1], a_col = 0, a_ring = [0, 0], c = [0, 0, 0, 1], c_col = 0, c_ring = [0, 0], k = 16, cols = 4, pack = [1, 1], pack_stride = [0, 0], bank = 0, accumulate = 0, varying = ["n"], operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, index, index, index) -> ()
  return
}
// -----
// load: elements of another type.
func.func @f(%d: !systolic.device, %m: memref<8x16xf32>, %i: index) {
  "systolic.load"(%d, %m, %i, %i, %i, %i, %i, %i) {space = "abuf", accumulate = 0, base = 0, type = "i8", n = [1, 1, 1, 8, 16], step = [1, 1, 1, 1, 1], extent = [1, 1, 1, 8, 16], stride = [0, 0, 0, 64, 4], rows = [0, 0, 0, 1], rows_col = 0, rows_ring = [0, 0], fill = 0.0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, memref<8x16xf32>, index, index, index, index, index, index) -> ()
  return
}
// -----
// load: a dynamic shape.
func.func @f(%d: !systolic.device, %m: memref<?x16xf32>, %i: index) {
  "systolic.load"(%d, %m, %i, %i, %i, %i, %i, %i) {space = "abuf", accumulate = 0, base = 0, type = "f32", n = [1, 1, 1, 8, 16], step = [1, 1, 1, 1, 1], extent = [1, 1, 1, 8, 16], stride = [0, 0, 0, 64, 4], rows = [0, 0, 0, 1], rows_col = 0, rows_ring = [0, 0], fill = 0.0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, memref<?x16xf32>, index, index, index, index, index, index) -> ()
  return
}
// -----
// load: another layout.
func.func @f(%d: !systolic.device, %m: memref<8x16xf32, strided<[32, 1]>>, %i: index) {
  "systolic.load"(%d, %m, %i, %i, %i, %i, %i, %i) {space = "abuf", accumulate = 0, base = 0, type = "f32", n = [1, 1, 1, 8, 16], step = [1, 1, 1, 1, 1], extent = [1, 1, 1, 8, 16], stride = [0, 0, 0, 64, 4], rows = [0, 0, 0, 1], rows_col = 0, rows_ring = [0, 0], fill = 0.0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, memref<8x16xf32, strided<[32, 1]>>, index, index, index, index, index, index) -> ()
  return
}
// -----
// load: a type that no device has.
func.func @f(%d: !systolic.device, %m: memref<8x16xf64>, %i: index) {
  "systolic.load"(%d, %m, %i, %i, %i, %i, %i, %i) {space = "abuf", accumulate = 0, base = 0, type = "f32", n = [1, 1, 1, 8, 16], step = [1, 1, 1, 1, 1], extent = [1, 1, 1, 8, 16], stride = [0, 0, 0, 64, 4], rows = [0, 0, 0, 1], rows_col = 0, rows_ring = [0, 0], fill = 0.0, varying = [], operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (!systolic.device, memref<8x16xf64>, index, index, index, index, index, index) -> ()
  return
}

// A pattern of rank 0.
func.func @f(%t: tensor<f32>) {
  %0 = "access.view"(%t) {at = 0} : (tensor<f32>) -> !access.pattern<[], [], f32>
  return
}
// -----
// A matrix product.
func.func @f(%a: tensor<3x8xf32>, %b: tensor<8x5xf32>) -> tensor<3x5xf32> {
  %0 = "access.view"(%a) {at = 1} : (tensor<3x8xf32>) -> !access.pattern<[3], [8], f32>
  %1 = "access.view"(%b) {at = 1} : (tensor<8x5xf32>) -> !access.pattern<[8], [5], f32>
  %2 = "access.transpose"(%1) {perm = [1, 0]} : (!access.pattern<[8], [5], f32>) -> !access.pattern<[5], [8], f32>
  %3 = "access.cartesian_product"(%0, %2) : (!access.pattern<[3], [8], f32>, !access.pattern<[5], [8], f32>) -> !access.pattern<[3, 5], [2, 8], f32>
  %4 = "access.compute"(%3) {kind = "dot", operandSegmentSizes = array<i32: 1, 0, 0, 0>} : (!access.pattern<[3, 5], [2, 8], f32>) -> !access.pattern<[3, 5], [], f32>
  %5 = "access.tensor"(%4) : (!access.pattern<[3, 5], [], f32>) -> tensor<3x5xf32>
  return %5 : tensor<3x5xf32>
}
// -----
// Operands of different types.
func.func @f(%c: !access.pattern<[4], [2], i1>, %x: !access.pattern<[4], [2], bf16>) {
  %0 = "access.compute"(%c, %x, %x) {kind = "select", operandSegmentSizes = array<i32: 1, 1, 1, 0>} : (!access.pattern<[4], [2], i1>, !access.pattern<[4], [2], bf16>, !access.pattern<[4], [2], bf16>) -> !access.pattern<[4], [2], bf16>
  return
}
// -----
// Names as extents.
func.func @f(%a: !access.pattern<["m"], ["k"], i8>, %b: !access.pattern<["n"], ["k"], i8>) {
  %0 = "access.cartesian_product"(%a, %b) : (!access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8>) -> !access.pattern<["m", "n"], [2, "k"], i8>
  %1 = "access.compute"(%0) {kind = "dot", operandSegmentSizes = array<i32: 1, 0, 0, 0>} : (!access.pattern<["m", "n"], [2, "k"], i8>) -> !access.pattern<["m", "n"], [], i32>
  return
}
// -----
// Attributes of others stay.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  %0 = "access.flatten"(%p) {glenside.device = "host"} : (!access.pattern<[3], [4], f32>) -> !access.pattern<[3], [4], f32>
  return
}
// -----
// Every element type.
func.func @f(%a: !access.pattern<[1], [], f64>, %b: !access.pattern<[1], [], f16>, %c: !access.pattern<[1], [], i16>, %d: !access.pattern<[1], [], i64>, %e: !access.pattern<[1], [], index>) {
  return
}

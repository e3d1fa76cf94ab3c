// view: more access dimensions than there are.
func.func @f(%t: tensor<3x4xf32>) {
  %0 = "access.view"(%t) {at = 3} : (tensor<3x4xf32>) -> !access.pattern<[3], [4], f32>
  return
}
// -----
// view: an integer of another width.
func.func @f(%t: tensor<3x4xf32>) {
  %0 = "access.view"(%t) {at = 1 : i32} : (tensor<3x4xf32>) -> !access.pattern<[3], [4], f32>
  return
}
// -----
// view: a dynamic tensor.
func.func @f(%t: tensor<?x4xf32>) {
  %0 = "access.view"(%t) {at = 1} : (tensor<?x4xf32>) -> !access.pattern<[3], [4], f32>
  return
}
// -----
// view: another element type.
func.func @f(%t: tensor<3x4xf32>) {
  %0 = "access.view"(%t) {at = 1} : (tensor<3x4xf32>) -> !access.pattern<[3], [4], f64>
  return
}
// -----
// transpose: no permutation.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  %0 = "access.transpose"(%p) {perm = [1, 1]} : (!access.pattern<[3], [4], f32>) -> !access.pattern<[4], [3], f32>
  return
}
// -----
// transpose: reals in a list.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  %0 = "access.transpose"(%p) {perm = [1.0, 0.0]} : (!access.pattern<[3], [4], f32>) -> !access.pattern<[4], [3], f32>
  return
}
// -----
// pad: a filler that is no number.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  %0 = "access.pad"(%p) {low = [0, 0], high = [0, 0], value = "zero"} : (!access.pattern<[3], [4], f32>) -> !access.pattern<[3], [4], f32>
  return
}
// -----
// pair: shapes that differ.
func.func @f(%a: !access.pattern<[3], [5], f32>, %b: !access.pattern<[3], [4], f32>) {
  %0 = "access.pair"(%a, %b) : (!access.pattern<[3], [5], f32>, !access.pattern<[3], [4], f32>) -> !access.pattern<[3], [2, 5], f32>
  return
}
// -----
// compute: a gap in the segments.
func.func @f(%a: !access.pattern<[3], [5], f32>) {
  %0 = "access.compute"(%a, %a) {kind = "add", operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (!access.pattern<[3], [5], f32>, !access.pattern<[3], [5], f32>) -> !access.pattern<[3], [5], f32>
  return
}
// -----
// compute: a wrong arity.
func.func @f(%a: !access.pattern<[3], [5], f32>) {
  %0 = "access.compute"(%a, %a) {kind = "softmax", operandSegmentSizes = array<i32: 1, 1, 0, 0>} : (!access.pattern<[3], [5], f32>, !access.pattern<[3], [5], f32>) -> !access.pattern<[3], [5], f32>
  return
}
// -----
// pattern: an extent of zero.
func.func @f(%a: !access.pattern<[3], [0], f32>) {
  return
}
// -----
// pattern: a negative extent.
func.func @f(%a: !access.pattern<[-3], [1], f32>) {
  return
}
// -----
// pattern: an empty name.
func.func @f(%a: !access.pattern<[""], [1], f32>) {
  return
}
// -----
// pattern: more elements than a 64-bit count allows.
func.func @f(%a: !access.pattern<[2147483647, 2147483647], [2147483647], f32>) {
  return
}
// -----
// call: a body that is not there.
func.func @f(%a: !access.pattern<[3], [5], f32>) {
  %0 = "access.call"(%a) {body = @nobody, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0, 0>} : (!access.pattern<[3], [5], f32>) -> !access.pattern<[3], [5], f32>
  return
}
// -----
// call: a body of another type.
func.func private @body(f32) -> f32
func.func @f(%a: !access.pattern<[3], [5], i8>) {
  %0 = "access.call"(%a) {body = @body, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0, 0>} : (!access.pattern<[3], [5], i8>) -> !access.pattern<[3], [5], f32>
  return
}

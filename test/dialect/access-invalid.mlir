// What is wrong is said with names, shapes and values: op by op, then structure,
// syntax and types.
// RUN: glenside-opt %s --split-input-file --verify-diagnostics -o /dev/null

// At most as many access dimensions as there are.
func.func @f(%p: tensor<3x4xf32>) {
  // expected-error@+1 {{'access.view' op at = 3 is not in}}
  %0 = access.view %p {at = 3} : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A tensor of unknown extent.
func.func @f(%p: tensor<?x4xf32>) {
  // expected-error@+1 {{'access.view' op 'tensor<?x4xf32>' has no static shape}}
  %0 = access.view %p {at = 1} : tensor<?x4xf32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// An element type that is not ours.
func.func @f(%p: tensor<3xi7>) {
  // expected-error@+1 {{'access.view' op 'tensor<3xi7>' has no element type of ours}}
  %0 = access.view %p {at = 1} : tensor<3xi7> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A tensor without elements.
func.func @f(%p: tensor<0x4xf32>) {
  // expected-error@+1 {{'access.view' op shape: dimension 0 has extent 0}}
  %0 = access.view %p {at = 1} : tensor<0x4xf32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// The declared result is compared with the inferred one.
func.func @f(%p: tensor<3x4xf32>) {
  // expected-error@+1 {{'access.view' op result type ((3),(4)) f64 does not match the inferred ((3),(4)) f32}}
  %0 = access.view %p {at = 1} : tensor<3x4xf32> -> !access.pattern<[3], [4], f64>
  return
}

// -----

// The same for the way back.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.tensor' op result type ((),(4,3)) f32 does not match the inferred ((),(3,4)) f32}}
  %0 = access.tensor %p : !access.pattern<[3], [4], f32> -> tensor<4x3xf32>
  return
}

// -----

// The split stays inside.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.shift' op by = 2 is not in}}
  %0 = access.shift %p {by = 2} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// An i64, not a list.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.shift' op attribute 'by' must be an i64, got [1]}}
  %0 = access.shift %p {by = [1]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// No permutation.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.transpose' op perm names dimension 1 twice for operand 0 of ((3),(4)) f32}}
  %0 = access.transpose %p {perm = [1, 1]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// One entry for each dimension.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.transpose' op perm has 1 entries, expected 2 for operand 0 of ((3),(4)) f32}}
  %0 = access.transpose %p {perm = [0]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// Reals in a list.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.transpose' op attribute 'perm' must be a list of i64 or of names, got [1.000000e+00, 0.000000e+00]}}
  %0 = access.transpose %p {perm = [1.0, 0.0]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// Elements may not change halves.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.reshape' op operand 0 of ((3),(4)) f32 and result of ((4),(3)) f32 differ in the number of access elements}}
  %0 = access.reshape %p : !access.pattern<[3], [4], f32> -> !access.pattern<[4], [3], f32>
  return
}

// -----

// Each half to one dimension.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.flatten' op result type ((12),(1)) f32 does not match the inferred ((3),(4)) f32}}
  %0 = access.flatten %p : !access.pattern<[3], [4], f32> -> !access.pattern<[12], [1], f32>
  return
}

// -----

// Only an extent of 1 can go.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.squeeze' op dimension 0 of operand 0 of ((3),(4)) f32 has extent 3, not 1}}
  %0 = access.squeeze %p {dim = 0} : !access.pattern<[3], [4], f32> -> !access.pattern<[], [4], f32>
  return
}

// -----

// A dimension that is not there.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.squeeze' op dim = 2 is not in [0, 2)}}
  %0 = access.squeeze %p {dim = 2} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// Behind the end.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.insert_axis' op dim = 3 is not in [0, 3)}}
  %0 = access.insert_axis %p {dim = 3} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// 3 is no 1.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.broadcast' op operand 0 of ((3),(4)) f32 does not broadcast to ((6),(4)) f32}}
  %0 = access.broadcast %p : !access.pattern<[3], [4], f32> -> !access.pattern<[6], [4], f32>
  return
}

// -----

// A slice that leaves the array.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.slice' op last index 4 of dimension 1 is outside operand 0 of ((3),(4)) f32 (offset 2, size 3, stride 1)}}
  %0 = access.slice %p {offsets = [0, 2], sizes = [3, 3]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [3], f32>
  return
}

// -----

// A stride of 0.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.slice' op strides[1] = 0}}
  %0 = access.slice %p {offsets = [0, 0], sizes = [3, 3], strides = [1, 0]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [3], f32>
  return
}

// -----

// A negative margin.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.pad' op low[0] = -1 is not in}}
  %0 = access.pad %p {low = [-1, 0], high = [0, 0], value = 0.0 : f32} : !access.pattern<[3], [4], f32> -> !access.pattern<[2], [4], f32>
  return
}

// -----

// A filler of another type.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.pad' op attribute 'value' must be of type f32 as the operand, got 0 : i8}}
  %0 = access.pad %p {low = [0, 0], high = [0, 0], value = 0 : i8} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A filler that is no number.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.pad' op attribute 'value' must be a number, got "zero"}}
  %0 = access.pad %p {low = [0, 0], high = [0, 0], value = "zero"} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A window larger than the item.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.windows' op window 0 spans 5 elements, but item dimension 0 of operand 0 of ((3),(4)) f32 has 4}}
  %0 = access.windows %p {shape = [5]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3, 1], [5], f32>
  return
}

// -----

// A stride of 0.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.windows' op strides[0] = 0 is not in}}
  %0 = access.windows %p {shape = [2], strides = [0]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3, 3], [2], f32>
  return
}

// -----

// One entry for each item dimension.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.windows' op window has 2 entries, expected 1 for operand 0 of ((3),(4)) f32}}
  %0 = access.windows %p {shape = [2, 2]} : !access.pattern<[3], [4], f32> -> !access.pattern<[3, 3], [2], f32>
  return
}

// -----

// Patterns that differ beside the joined dimension.
func.func @f(%a: !access.pattern<[3], [4], f32>, %b: !access.pattern<[2], [5], f32>) {
  // expected-error@+1 {{'access.concat' op operand 1 of ((2),(5)) f32 differs from operand 0 of ((3),(4)) f32}}
  %0 = access.concat %a, %b {dim = 0} : !access.pattern<[3], [4], f32>, !access.pattern<[2], [5], f32> -> !access.pattern<[5], [4], f32>
  return
}

// -----

// Patterns of different types.
func.func @f(%a: !access.pattern<[3], [4], f32>, %b: !access.pattern<[2], [4], f64>) {
  // expected-error@+1 {{'access.concat' op operand 1 of ((2),(4)) f64 differs from operand 0 of ((3),(4)) f32 in element type}}
  %0 = access.concat %a, %b {dim = 0} : !access.pattern<[3], [4], f32>, !access.pattern<[2], [4], f64> -> !access.pattern<[5], [4], f32>
  return
}

// -----

// Dimension behind the end.
func.func @f() {
  // expected-error@+1 {{'access.iota' op dim = 2 is not in [0, 2)}}
  %0 = access.iota {dim = 2} : !access.pattern<[3], [4], i32>
  return
}

// -----

// An index that its type cannot hold.
func.func @f() {
  // expected-error@+1 {{'access.iota' op index 299 of dimension 0 of ((300),()) i8 does not fit i8}}
  %0 = access.iota {dim = 0} : !access.pattern<[300], [], i8>
  return
}

// -----

// Both shapes are named.
func.func @f(%a: !access.pattern<[3, 5], [5], f32>, %b: !access.pattern<[3, 4], [5], f32>) {
  // expected-error@+1 {{'access.pair' op operand 1 of ((3,4),(5)) f32 differs from operand 0 of ((3,5),(5)) f32 in dimensions}}
  %0 = access.pair %a, %b : !access.pattern<[3, 5], [5], f32>, !access.pattern<[3, 4], [5], f32> -> !access.pattern<[3, 5], [2, 5], f32>
  return
}

// -----

// Items must be equal.
func.func @f(%a: !access.pattern<[3], [4], f32>, %b: !access.pattern<[3], [5], f32>) {
  // expected-error@+1 {{'access.cartesian_product' op operand 1 of ((3),(5)) f32 differs from operand 0 of ((3),(4)) f32}}
  %0 = access.cartesian_product %a, %b : !access.pattern<[3], [4], f32>, !access.pattern<[3], [5], f32> -> !access.pattern<[3, 3], [2, 4], f32>
  return
}

// -----

// No such kind.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.compute' op attribute 'kind' must be the name of a kind, got "sine"}}
  %0 = access.compute sine %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// softmax takes one operand.
func.func @f(%a: !access.pattern<[3], [4], f32>, %b: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.compute' op softmax: 2 operands, expected 1 to 1}}
  %0 = access.compute softmax %a, %b : !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// i8 cannot be accumulated in f32.
func.func @f(%a: !access.pattern<[3], [4], i8>, %b: !access.pattern<[3], [4], i8>) {
  // expected-error@+1 {{'access.compute' op dot: operand 0 of ((3),(4)) i8 does not widen to result type f32}}
  %0 = access.compute dot %a, %b : !access.pattern<[3], [4], i8>, !access.pattern<[3], [4], i8> -> !access.pattern<[3], [], f32>
  return
}

// -----

// erf of integers.
func.func @f(%p: !access.pattern<[3], [4], i8>) {
  // expected-error@+1 {{'access.compute' op erf: operand 0 has type i8, expected float}}
  %0 = access.compute erf %p : !access.pattern<[3], [4], i8> -> !access.pattern<[3], [4], i8>
  return
}

// -----

// Five operands.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.compute' op expects 1 to 4 operands, got 5}}
  %0 = access.compute add %p, %p, %p, %p, %p : !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A body that is not there.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.call' op attribute 'body' refers to @nobody, which is no symbol here}}
  %0 = access.call @nobody %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A body of other types.
// expected-note@+1 {{the body is defined here}}
func.func private @g(i8) -> f32
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.call' op operand #0 has element type 'f32', but the body has 'i8'}}
  %0 = access.call @g %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A body of another result.
// expected-note@+1 {{the body is defined here}}
func.func private @g(f32) -> i8
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.call' op result #0 has element type 'f32', but the body has 'i8'}}
  %0 = access.call @g %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A body of other arity.
// expected-note@+1 {{the body is defined here}}
func.func private @g(f32, f32) -> f32
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.call' op body of type '(f32, f32) -> f32' must take 1 arguments and give one result}}
  %0 = access.call @g %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A body that is no function.
// expected-note@+1 {{the body is defined here}}
memref.global @g : memref<2xf32>
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.call' op body is no function}}
  %0 = access.call @g %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// Operands of other dimensions.
func.func private @g(f32, f32) -> f32
func.func @f(%a: !access.pattern<[3], [4], f32>, %b: !access.pattern<[4], [3], f32>) {
  // expected-error@+1 {{'access.call' op operand 1 of ((4),(3)) f32 differs from operand 0 of ((3),(4)) f32 in dimensions}}
  %0 = access.call @g %a, %b : !access.pattern<[3], [4], f32>, !access.pattern<[4], [3], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// An operand too many.
func.func @f(%a: !access.pattern<[3], [4], f32>, %b: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.flatten' op expects 1 operands, got 2}}
  %0 = access.flatten %a, %b : !access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// An operand that is no pattern.
func.func @f(%p: tensor<3xf32>) {
  // expected-error@+1 {{'access.flatten' op operand #0 ('in') must be an access pattern, got 'tensor<3xf32>'}}
  %0 = access.flatten %p : tensor<3xf32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A result that is no pattern.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.flatten' op result #0 ('out') must be an access pattern, got 'f32'}}
  %0 = access.flatten %p : !access.pattern<[3], [4], f32> -> f32
  return
}

// -----

// An attribute that is missing.
func.func @f(%p: tensor<3x4xf32>) {
  // expected-error@+1 {{'access.view' op requires attribute 'at', an i64}}
  %0 = access.view %p : tensor<3x4xf32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// Segments with a gap.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{'access.compute' op attribute 'operandSegmentSizes' must be array<i32: 1, 1, 0, 0> for 2 operands, got array<i32: 1, 0, 1, 0>}}
  %0 = "access.compute"(%p, %p) {kind = "add", operandSegmentSizes = array<i32: 1, 0, 1, 0>} : (!access.pattern<[3], [4], f32>, !access.pattern<[3], [4], f32>) -> !access.pattern<[3], [4], f32>
  return
}

// -----

// Fewer types than operands.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{expected one type for each operand}}
  %0 = access.pair %p, %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// An attribute that stands in front.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{attribute 'kind' is given twice}}
  %0 = access.compute abs %p {kind = "exp"} : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// No keyword.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{expected valid keyword or string}}
  %0 = access.compute %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// No symbol.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{expected valid '@'-identifier for symbol name}}
  %0 = access.call %p : !access.pattern<[3], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// No types.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{expected ':'}}
  %0 = access.flatten %p
  return
}

// -----

// No result type.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{expected '->'}}
  %0 = access.flatten %p : !access.pattern<[3], [4], f32>
  return
}

// -----

// Not the type of the value.
// expected-note@+1 {{prior use here}}
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{use of value '%p' expects different type than prior uses}}
  %0 = access.flatten %p : !access.pattern<[2], [4], f32> -> !access.pattern<[3], [4], f32>
  return
}

// -----

// Properties.
func.func @f(%p: !access.pattern<[3], [4], f32>) {
  // expected-error@+1 {{this dialect has no properties: write {...}, not <{...}>}}
  %0 = "access.shift"(%p) <{by = 1}> : (!access.pattern<[3], [4], f32>) -> !access.pattern<[3], [4], f32>
  return
}

// -----

// A type without item dimensions.
// expected-error@+1 {{type 'pattern' has 3 parameters, got 2}}
func.func private @f(!access.pattern<[3], f32>)

// -----

// A number for a list.
// expected-error@+1 {{parameter #1 ('item') of type 'pattern' must be a list of i64 or of names, got 3 : i64}}
func.func private @f(!access.pattern<[3], 3, f32>)

// -----

// An element type that is not ours.
// expected-error@+1 {{parameter #2 ('element') of type 'pattern' must be an element type, got f80}}
func.func private @f(!access.pattern<[3], [], f80>)

// -----

// An extent of 0.
// expected-error@+1 {{dimension 1 has extent 0}}
func.func private @f(!access.pattern<[3], [0], f32>)

// -----

// A negative extent.
// expected-error@+1 {{dimension 0 has extent -3}}
func.func private @f(!access.pattern<[-3], [], f32>)

// -----

// Too many dimensions.
// expected-error@+1 {{40 dimensions, at most 32}}
func.func private @f(!access.pattern<[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [], f32>)

// -----

// Too many elements.
// expected-error@+1 {{more than 2^62 elements up to dimension 2}}
func.func private @f(!access.pattern<[2147483647, 2147483647], [2147483647], f32>)

// -----

// No such type.
// expected-error@+1 {{expected dynamic type}}
func.func private @f(!access.patterns<[3], [], f32>)

// Mistakes in a target, each with what is wrong and what would be right.
// RUN: glenside-opt %s --print-target --split-input-file --verify-diagnostics

//===-- The dictionary ----------------------------------------------------===//

// expected-error@+1 {{the module has no attribute systolic.target}}
module {
}

// -----

// expected-error@+1 {{systolic.target must be a dictionary}}
module attributes {systolic.target = "gemmini16"} {
}

// -----

// expected-error@+1 {{systolic.target has no name}}
module attributes {systolic.target = {base = "gemmini16"}} {
}

// -----

// Nothing but technology numbers has a default.
// expected-error@+1 {{target 't' has 0 arrays, not 1 to 4}}
module attributes {systolic.target = {name = "t"}} {
}

// -----

// expected-error@+1 {{target 't': lanes is missing (width of the vector unit)}}
module attributes {systolic.target = {
  name = "t", arrays = [{rows = 4, cols = 4}],
  types = [{lhs = i8, rhs = i8, acc = i32, mac_pj = 1.0}]}} {
}

// -----

// expected-error@+1 {{target 't': abuf_bytes = -1 is outside 1 to 1e+12 B}}
module attributes {systolic.target = {name = "t", base = "gemmini16", abuf_bytes = -1}} {
}

// -----

// expected-error@+1 {{target 't': rows = 7.5 must be a whole number of cells}}
module attributes {systolic.target = {name = "t", base = "gemmini16", arrays = [{rows = 7.5}]}} {
}

// -----

// expected-error@+1 {{target 't': array 0 has no dataflow: weight_stationary = 0 and output_stationary = 0}}
module attributes {systolic.target = {
  name = "t", base = "gemmini16",
  arrays = [{weight_stationary = 0, output_stationary = 0}]}} {
}

// -----

// expected-error@+1 {{target 't': wbuf_bytes = 100 B cannot hold one block of weights of 256 B}}
module attributes {systolic.target = {name = "t", base = "gemmini16", wbuf_bytes = 100}} {
}

// -----

// expected-error@+1 {{target 't': lanes is given twice}}
module attributes {systolic.target = {
  name = "t", base = "gemmini16", vector = {lanes = 4}, memories = {lanes = 8}}} {
}

// -----

// expected-error@+1 {{target 't': unknown key 'memory'; did you mean 'memories'?}}
module attributes {systolic.target = {name = "t", base = "gemmini16", memory = {}}} {
}

// -----

// expected-error@+1 {{target 't' has no number called 'abuf_byte'; did you mean 'abuf_bytes'?}}
module attributes {systolic.target = {name = "t", base = "gemmini16", memories = {abuf_byte = 4}}} {
}

// -----

// expected-error@+1 {{target 't' has no number called 'array1.row'; did you mean 'array1.rows'?}}
module attributes {systolic.target = {name = "t", base = "gemmini16", arrays = [{}, {row = 4}]}} {
}

// -----

// expected-error@+1 {{target 't': rows must be a number, a range in brackets, or {value, range, source}, got "16"}}
module attributes {systolic.target = {name = "t", base = "gemmini16", arrays = [{rows = "16"}]}} {
}

// -----

// expected-error@+1 {{target 't': rows has the unknown key 'values'; there are value, range and source}}
module attributes {systolic.target = {name = "t", base = "gemmini16", arrays = [{rows = {values = 16}}]}} {
}

// -----

// expected-error@+1 {{target 't': the range of rows must ascend, but 8 follows 16}}
module attributes {systolic.target = {name = "t", base = "gemmini16", arrays = [{rows = [16, 8]}]}} {
}

// -----

// expected-error@+1 {{target 't': rows has a range of 0 values, not 1 to 16}}
module attributes {systolic.target = {name = "t", base = "gemmini16", arrays = [{rows = []}]}} {
}

// -----

// expected-error@+1 {{target 't': rows = 4 is not in its range of 8 to 16}}
module attributes {systolic.target = {
  name = "t", base = "gemmini16", arrays = [{rows = {value = 4, range = [8, 16]}}]}} {
}

// -----

// expected-error@+1 {{target 't': two type rules for i8 x i8}}
module attributes {systolic.target = {
  name = "t", base = "gemmini16",
  types = [{lhs = i8, rhs = i8, acc = i32, mac_pj = 1.0},
           {lhs = i8, rhs = i8, acc = i16, mac_pj = 1.0}]}} {
}

// -----

// expected-error@+1 {{target 't': i32 x i32 cannot be accumulated in i8}}
module attributes {systolic.target = {
  name = "t", base = "gemmini16",
  types = [{lhs = i32, rhs = i32, acc = i8, mac_pj = 1.0}]}} {
}

// -----

// expected-error@+1 {{target 't': a type rule has no key 'acct'; did you mean 'acc'?}}
module attributes {systolic.target = {
  name = "t", base = "gemmini16",
  types = [{lhs = i8, rhs = i8, acct = i32, mac_pj = 1.0}]}} {
}

// -----

// A base that lacks what its instruction multiplies.
// expected-error@+1 {{there is no target called 'gemini16'; there are edge, gemmini16, ws64 in}}
module attributes {systolic.target = {name = "t", base = "gemini16"}} {
}

// -----

//===-- Instructions ------------------------------------------------------===//

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{'func.func' op has no systolic.unit = "array" or "vector"}}
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32> {
    return %x : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{has systolic.unit = "simd"; there are array, array1 … and vector}}
  func.func private @f() attributes {systolic.unit = "simd"}
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{has systolic.dataflow = "input_stationary"; it must be weight_stationary or output_stationary}}
  func.func private @f() attributes {systolic.unit = "array", systolic.dataflow = "input_stationary"}
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{has the unknown attribute 'systolic.were'; did you mean 'systolic.where'?}}
  func.func private @f() attributes {systolic.unit = "vector", systolic.were = []}
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{must have a body of one block, the semantics of the instruction}}
  func.func private @f() attributes {systolic.unit = "vector"}
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{'builtin.module' op does not belong into a target, which has one func.func per instruction}}
  module {}
}

// -----

// A body that computes nothing.
module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector"} {
    // expected-error@+1 {{must return what the instruction computes: its body is no contraction, reduction or scalar function}}
    return %x : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], ["n"], f32>) -> !access.pattern<["p"], ["n"], f32>
      attributes {systolic.unit = "vector"} {
    // expected-error@+1 {{'access.compute' op of kind 'softmax' is no contraction, no reduction by sum, prod, max or min, and no scalar function}}
    %r = access.compute softmax %x : !access.pattern<["p"], ["n"], f32> -> !access.pattern<["p"], ["n"], f32>
    return %r : !access.pattern<["p"], ["n"], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector"} {
    %y = access.compute exp %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    // expected-error@+1 {{is a second computation; after a sum only the add of an argument of its type may follow, which accumulates}}
    %r = access.compute relu %y : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector"} {
    // expected-error@+1 {{'access.reshape' op is not known in an instruction, whose operands are read by}}
    %y = access.reshape %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    %r = access.compute relu %y : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], ["q"], f32>) -> !access.pattern<["p"], ["q"], f32>
      attributes {systolic.unit = "vector"} {
    // expected-error@+1 {{'access.transpose' op result type does not match the inferred extents (q | p) of type f32}}
    %y = access.transpose %x {perm = [1, 0]} : !access.pattern<["p"], ["q"], f32> -> !access.pattern<["p"], ["q"], f32>
    %r = access.compute relu %y : !access.pattern<["p"], ["q"], f32> -> !access.pattern<["p"], ["q"], f32>
    return %r : !access.pattern<["p"], ["q"], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], ["n"], f32>) -> !access.pattern<["q"], [], f32>
      attributes {systolic.unit = "vector"} {
    // expected-error@+1 {{result type does not have the extents of its operands that are not reduced}}
    %r = access.compute reduce_sum %x : !access.pattern<["p"], ["n"], f32> -> !access.pattern<["q"], [], f32>
    return %r : !access.pattern<["q"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{does not use argument #1}}
  func.func @f(%x: !access.pattern<["p"], [], f32>, %y: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector"} {
    %r = access.compute relu %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{two dimensions are called 'p'; give them names of their own and bound one by the other}}
  func.func @f(%x: !access.pattern<["p"], ["p"], f32>) -> !access.pattern<["p"], ["p"], f32>
      attributes {systolic.unit = "vector"} {
    %r = access.compute relu %x : !access.pattern<["p"], ["p"], f32> -> !access.pattern<["p"], ["p"], f32>
    return %r : !access.pattern<["p"], ["p"], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{systolic.where: nothing is called 'lane' in 'p <= lane'; did you mean 'lanes'?}}
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector", systolic.where = ["p <= lane"]} {
    %r = access.compute relu %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{systolic.where: 'p < = lanes' has '=' at column 5 where a name or a number is wanted}}
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector", systolic.where = ["p < = lanes"]} {
    %r = access.compute relu %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{systolic.kinds: 'add' is no function of the form of 'relu', which the body computes}}
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector", systolic.kinds = ["relu", "add"]} {
    %r = access.compute relu %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{systolic.kinds lacks 'relu', which the body computes}}
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector", systolic.kinds = ["abs"]} {
    %r = access.compute relu %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{multiplies f64 x f64 into f64, which is no type rule of target 't'}}
  func.func @f(%a: !access.pattern<["m"], ["k"], f64>, %w: !access.pattern<["n"], ["k"], f64>) -> !access.pattern<["m", "n"], [], f64>
      attributes {systolic.unit = "array", systolic.dataflow = "weight_stationary"} {
    %p = access.cartesian_product %a, %w : !access.pattern<["m"], ["k"], f64>, !access.pattern<["n"], ["k"], f64> -> !access.pattern<["m", "n"], [2, "k"], f64>
    %r = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], f64> -> !access.pattern<["m", "n"], [], f64>
    return %r : !access.pattern<["m", "n"], [], f64>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{runs on array 1, but target 't' has 1}}
  func.func @f(%a: !access.pattern<["m"], ["k"], i8>, %w: !access.pattern<["n"], ["k"], i8>) -> !access.pattern<["m", "n"], [], i32>
      attributes {systolic.unit = "array1", systolic.dataflow = "weight_stationary"} {
    %p = access.cartesian_product %a, %w : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
    %r = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
    return %r : !access.pattern<["m", "n"], [], i32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{only a contraction runs on an array; set systolic.unit = "vector"}}
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "array", systolic.dataflow = "weight_stationary"} {
    %r = access.compute relu %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  // expected-error@+1 {{has a dimension called 'lanes', which is a number of targets}}
  func.func @f(%x: !access.pattern<["lanes"], [], f32>) -> !access.pattern<["lanes"], [], f32>
      attributes {systolic.unit = "vector"} {
    %r = access.compute relu %x : !access.pattern<["lanes"], [], f32> -> !access.pattern<["lanes"], [], f32>
    return %r : !access.pattern<["lanes"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], ["q"], f32>) -> !access.pattern<["p"], ["q"], f32>
      attributes {systolic.unit = "vector"} {
    // expected-error@+1 {{attribute 'perm' is no permutation}}
    %y = access.transpose %x {perm = ["p", 1]} : !access.pattern<["p"], ["q"], f32> -> !access.pattern<["p"], ["q"], f32>
    %r = access.compute relu %y : !access.pattern<["p"], ["q"], f32> -> !access.pattern<["p"], ["q"], f32>
    return %r : !access.pattern<["p"], ["q"], f32>
  }
}

// -----

// The access op computes on a computed value.
module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector"} {
    %y = access.compute exp %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    // expected-error@+1 {{'access.shift' op reads a computed value: an instruction is one computation on views of its arguments}}
    %r = access.shift %y {by = 0} : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%a: !access.pattern<["m"], ["k"], i8>, %w: !access.pattern<["n"], ["j"], i8>) -> !access.pattern<["m", "n"], [], i32>
      attributes {systolic.unit = "array", systolic.dataflow = "weight_stationary"} {
    // expected-error@+1 {{'access.cartesian_product' op joins patterns whose extents or types differ}}
    %p = access.cartesian_product %a, %w : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["j"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
    %r = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
    return %r : !access.pattern<["m", "n"], [], i32>
  }
}

// -----

module attributes {systolic.target = {name = "t", base = "gemmini16"}} {
  func.func @f(%x: !access.pattern<["p"], [], f32>) -> !access.pattern<["p"], [], f32>
      attributes {systolic.unit = "vector"} {
    // expected-error@+1 {{'arith.constant' op does not belong into an instruction, whose body is access ops}}
    %c = arith.constant 1.0 : f32
    %r = access.compute relu %x : !access.pattern<["p"], [], f32> -> !access.pattern<["p"], [], f32>
    return %r : !access.pattern<["p"], [], f32>
  }
}

// What cannot be run is refused with a reason and, where there is one, a way
// out. Functions that the entry does not call do not matter.
// RUN: not glenside-run %s 2>&1 | FileCheck %s --check-prefix=WHICH
// WHICH: errors.mlir: error: say which function to run with --entry=; there are: @dynamic, @number, @nothing, @complex, @elided, @calls, @asserts, @unknown, @fine{{$}}
// RUN: not glenside-run %s --entry=forward 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: error: there is no function @forward to run; there are: @dynamic, {{.*}}, @fine{{$}}
// RUN: not glenside-run %s --entry=outside 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// OUTSIDE: error: there is no function @outside to run
// RUN: glenside-run %s --entry=fine | FileCheck %s --check-prefix=FINE
// FINE: result 0, tensor<4xf32>: min

func.func private @outside(tensor<4xf32>) -> tensor<4xf32>

// RUN: not glenside-run %s --entry=dynamic 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: errors.mlir:[[#@LINE+1]]:1: error: 'func.func' op cannot be run: argument 0: its shape is dynamic
func.func @dynamic(%a: tensor<?xf32>) -> tensor<?xf32> {
  return %a : tensor<?xf32>
}

// RUN: not glenside-run %s --entry=number 2>&1 | FileCheck %s --check-prefix=NUMBER
// NUMBER: op cannot be run: result 1: it is a bare number: put it into a tensor with tensor.from_elements
func.func @number(%a: f32, %t: tensor<2xf32>) -> (tensor<2xf32>, f32) {
  return %t, %a : tensor<2xf32>, f32
}

// RUN: not glenside-run %s --entry=nothing 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: op cannot be run: it has no results
func.func @nothing(%a: tensor<2xf32>) {
  return
}

// RUN: not glenside-run %s --entry=complex 2>&1 | FileCheck %s --check-prefix=COMPLEX
// COMPLEX: op cannot be run: argument 0: its elements are none of f64 f32 f16 bf16 i1 i8 i16 i32 i64 index
func.func @complex(%a: tensor<2xcomplex<f32>>) -> tensor<2xf32> {
  %0 = tensor.empty() : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// RUN: not glenside-run %s --entry=elided 2>&1 | FileCheck %s --check-prefix=ELIDED
// ELIDED: errors.mlir:[[#@LINE+2]]:8: error: 'arith.constant' op cannot be run: the data of 2 constants, this one first, is elided; random weights will do: add --randomize
func.func @elided() -> (tensor<2xf32>, tensor<3xf32>) {
  %0 = arith.constant dense_resource<__elided__> : tensor<2xf32>
  %1 = arith.constant dense_resource<lost> : tensor<3xf32>
  return %0, %1 : tensor<2xf32>, tensor<3xf32>
}

// RUN: not glenside-run %s --entry=calls 2>&1 | FileCheck %s --check-prefix=CALLS
// CALLS: Symbols not found: [ {{_?}}outside ]
// CALLS: error: LLVM did not compile @calls; if a symbol is missing, name the library that has it with --shared-lib=
func.func @calls(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @outside(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// A failed assertion ends the run and not the tool.
// RUN: not glenside-run %s --entry=asserts 2>&1 | FileCheck %s --check-prefix=ASSERT
// ASSERT-DAG: the index must be seven
// ASSERT-DAG: error: @asserts stopped at an assertion of its own, on the inputs of seed 1
func.func @asserts(%a: tensor<4xf32>, %i: index) -> tensor<4xf32> {
  %c7 = arith.constant 7 : index
  %b = arith.cmpi eq, %c7, %i : index
  cf.assert %b, "the index must be seven"
  return %a : tensor<4xf32>
}

// RUN: not glenside-run %s --entry=unknown 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: errors.mlir:[[#@LINE+3]]:8: error: {{.*}}not bufferized
// UNKNOWN: error: upstream's passes cannot lower @unknown to LLVM: what is run must be in upstream dialects, tensors and linalg
func.func @unknown(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tosa.abs %a : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// A pipeline that is not one does not keep the others from being tried.
// RUN: not glenside-run %s --entry=fine --pipeline=canonicalise --pipeline=cse > %t.out 2> %t.err
// RUN: FileCheck %s --check-prefix=PIPELINE < %t.err
// RUN: FileCheck %s --check-prefix=OTHER < %t.out
// PIPELINE: error: pipeline 'canonicalise' is not one: {{.*}}'canonicalise' does not refer to a registered pass or pass pipeline
// OTHER: as given | cse: result 0
// RUN: not glenside-run %s --entry=fine --pipeline='builtin.module(cse' 2>&1 | FileCheck %s --check-prefix=WRAP
// WRAP: error: pipeline 'builtin.module(cse' is not one:
func.func @fine(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}

// Signatures of what is compared.
// RUN: split-file %S/Inputs/signatures.mlir %t.d
// RUN: not glenside-run %s --entry=fine --compare --against=%t.d/type.mlir 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: error: argument 0 of @fine is tensor<5xf32>, but in the reference tensor<4xf32>
// RUN: not glenside-run %s --entry=fine --compare --against=%t.d/count.mlir 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: error: @fine takes 2 and gives 1, the reference takes 1 and gives 1
// RUN: not glenside-run %s --entry=fine --compare --against=%t.d/name.mlir 2>&1 | FileCheck %s --check-prefix=OTHERNAME
// OTHERNAME: name.mlir: error: there is no function @fine to run; there are: @other
// RUN: not glenside-run %t.d/syntax.mlir 2>&1 | FileCheck %s --check-prefix=SYNTAX
// SYNTAX: syntax.mlir:2:{{[0-9]+}}: error:
// RUN: not glenside-run %t.d/empty.mlir 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: error: there is no func.func with a body to run

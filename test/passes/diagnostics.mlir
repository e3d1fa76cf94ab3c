// Each severity with its text, at its place.
// RUN: glenside-test-opt %s --pass-pipeline='builtin.module(func.func(test-diagnostics))' --verify-diagnostics

// A pass with an anchor refuses other ops.
// RUN: not glenside-test-opt %s --pass-pipeline='builtin.module(test-diagnostics)' 2>&1 | FileCheck %s
// CHECK: Can't add pass 'test-diagnostics' restricted to 'func.func' on a PassManager intended to run on 'builtin.module'

func.func @f(%a: i32) -> i32 {
  // expected-warning@+1 {{a constant of 1 kind}}
  %c = arith.constant 3 : i32
  // expected-error@+1 {{'arith.addi' op adds integers}}
  %0 = arith.addi %a, %c : i32
  // expected-error@+2 {{a product}}
  // expected-note@+1 {{it was here}}
  %1 = arith.muli %0, %c : i32
  return %1 : i32
}

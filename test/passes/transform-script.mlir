// A transform script applies a pass of ours by name, with options.
// RUN: glenside-test-opt %s --transform-interpreter -o /dev/null 2>&1 | FileCheck %s
// CHECK: remark: bool=1 int=31 real=0.5 string=[none]
// CHECK-NOT: bool=
module attributes {transform.with_named_sequence} {
  func.func @payload() {
    return
  }
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %f = transform.structured.match ops{["func.func"]} in %root : (!transform.any_op) -> !transform.any_op
    %0 = transform.apply_registered_pass "test-options" with options = {"int" = 31} to %f : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}

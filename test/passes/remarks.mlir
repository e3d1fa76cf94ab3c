// Silent unless asked for; filtered by category; readable as text and as YAML.

// RUN: glenside-test-opt %s --test-remarks -o /dev/null 2>&1 | count 0

// RUN: glenside-test-opt %s --test-remarks --remarks-filter='glenside-.*' -o /dev/null 2>&1 | FileCheck %s
// CHECK: remark: [Missed] NoInstruction | Category:glenside-test | Function=f | Extent=42, Reason="no unit multiplies"
// CHECK: remark: [Passed] Mapped | Category:glenside-test | Function=f | Extent=42
// CHECK: remark: [Failure] Undone | Category:glenside-test | Function=f
// CHECK: remark: [Analysis] Ops | Category:glenside-count | Function=f | Extent=42

// RUN: glenside-test-opt %s --test-remarks --remarks-filter-missed='glenside-test' -o /dev/null 2>&1 | FileCheck %s --check-prefix=ONE
// ONE: [Missed] NoInstruction
// ONE-NOT: remark

// RUN: glenside-test-opt %s --test-remarks --remarks-filter='glenside-.*' --remark-format=yaml --remarks-output-file=%t.yaml -o /dev/null
// RUN: FileCheck %s --check-prefix=YAML --input-file=%t.yaml
// RUN: llvm-remarkutil count --parser=yaml %t.yaml | FileCheck %s --check-prefix=COUNT
// YAML: --- !Missed
// YAML-NEXT: Pass: {{.*}}glenside-test
// YAML-NEXT: Name: NoInstruction
// YAML: Function: f
// YAML: - Reason: no unit multiplies
// COUNT: remarks.mlir,4
func.func @f(%a: i32) -> i32 {
  %0 = arith.muli %a, %a : i32
  %1 = arith.addi %0, %a : i32
  %2 = arith.subi %1, %a : i32
  return %2 : i32
}

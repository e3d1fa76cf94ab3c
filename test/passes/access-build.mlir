// Every op of the access dialect, read and built again from C, is what it was.
// RUN: glenside-opt --glenside-print-examples=access > %t.mlir
// RUN: glenside-opt %t.mlir -o %t.before
// RUN: glenside-test-opt %t.mlir --test-rebuild-access | diff - %t.before
// Names as extents are reported, not built.
// RUN: glenside-test-opt %S/../dialect/access.mlir --test-rebuild-access -o /dev/null 2>%t.err
// RUN: FileCheck %s --input-file=%t.err --check-prefix=SYMBOLIC
// SYMBOLIC-COUNT-2: remark: symbolic
// SYMBOLIC-NOT: error

// RUN: echo "" | glenside-test-opt --test-build-errors -o /dev/null 2>&1 | FileCheck %s
// CHECK: remark: type !access.pattern<[], [3], f32>
// CHECK: remark: 1: shape: dimension 0 has extent 0
// CHECK: remark: 1: iota: dim = 5 is not in [0, 1)
// CHECK: remark: 1: pair: 0 operands

// RUN: echo "" | glenside-test-opt --test-not-loaded -o /dev/null 2>&1 | FileCheck %s --check-prefix=LOAD
// LOAD: remark: no type: dialect 'access' with type 'pattern' is not loaded

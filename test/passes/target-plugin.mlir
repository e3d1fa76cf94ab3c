// Stock mlir-opt with libglenside.so finds the shipped targets beside it.
// REQUIRES: release
// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s --pass-pipeline='builtin.module(print-target{target=ws64,rows=32})' -o /dev/null 2>&1 | FileCheck %s
// CHECK: target ws64, a point
// CHECK: rows 32 cells
// CHECK: gemm (array 0
module {
}

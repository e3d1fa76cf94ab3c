// Passes from C tables inside stock mlir-opt, with options and diagnostics.
// REQUIRES: release

// RUN: mlir-opt --load-pass-plugin=%testplugin %s --pass-pipeline='builtin.module(test-options{int=4 ints=8,9})' -o /dev/null 2>&1 | FileCheck %s
// CHECK: remark: bool=1 int=4 real=0.5 string=[none]
// CHECK: remark: ints[1]=9
// RUN: mlir-opt --load-pass-plugin=%testplugin %s --pass-pipeline='builtin.module(test-create)' | FileCheck %s --check-prefix=CREATE
// CREATE: tensor.empty
// RUN: not mlir-opt --load-pass-plugin=%testplugin %s --pass-pipeline='builtin.module(test-options{size=4})' 2>&1 | FileCheck %s --check-prefix=OPTION
// OPTION: no such option size

// Upstream fixes its flags before it loads a plugin (llvm#78020).
// RUN: not mlir-opt --load-pass-plugin=%testplugin %s --test-create 2>&1 | FileCheck %s --check-prefix=FLAG
// FLAG: Unknown command line argument '--test-create'

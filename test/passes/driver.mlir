// Modes, nested pipelines, dependent dialects, transform scripts.

// RUN: glenside-test-opt --test-mode=yes | FileCheck %s --check-prefix=MODE
// MODE: the mode ran
// RUN: not glenside-test-opt --test-mode=no 2>&1 | FileCheck %s --check-prefix=BADMODE
// BADMODE: test-mode: 'no' is not 'yes'
// RUN: glenside-test-opt --help | FileCheck %s --check-prefix=HELP
// HELP: --test-mode[=<string>]{{ +}}- Prints and exits

// RUN: glenside-test-opt %s --test-pipeline='pipeline={func.func(cse,canonicalize)}' | FileCheck %s --check-prefix=CSE
// CSE: %[[C:.*]] = arith.muli
// CSE-NOT: arith.muli
// RUN: not glenside-test-opt %s --test-pipeline=pipeline=nonsense 2>&1 | FileCheck %s --check-prefix=NOPIPE
// NOPIPE: error: pipeline 'nonsense': {{.*}}'nonsense' does not refer to a registered pass

// RUN: glenside-test-opt %s --test-create | FileCheck %s --check-prefix=CREATE
// CREATE: tensor.empty() : tensor<2xf32>
func.func @f(%a: i32) -> (i32, i32) {
  %0 = arith.muli %a, %a : i32
  %1 = arith.muli %a, %a : i32
  return %0, %1 : i32, i32
}

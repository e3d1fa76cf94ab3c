// Options: defaults, values, help, errors, and the way back through text.

// RUN: glenside-test-opt %s --test-options -o /dev/null 2>&1 | FileCheck %s --check-prefix=DEFAULT
// DEFAULT: remark: bool=1 int=7 real=0.5 string=[none]
// DEFAULT: remark: ints[0]=1
// DEFAULT: remark: ints[1]=2
// DEFAULT-NOT: strings

// RUN: glenside-test-opt %s --test-options='bool=false int=-0 real=1e3 string={a b} ints=9 strings=x,yy' -o /dev/null 2>&1 | FileCheck %s --check-prefix=GIVEN
// GIVEN: remark: bool=0 int=0 real=1000 string=[a b]
// GIVEN: remark: ints[0]=9
// GIVEN-NOT: ints[1]
// GIVEN: remark: strings[0]=[x]
// GIVEN: remark: strings[1]=[yy]

// RUN: glenside-test-opt --help | FileCheck %s --check-prefix=HELP
// HELP: --test-options{{ +}}- Reports its options
// HELP: --bool{{ +}}- A truth value
// HELP: --int=<long>{{ +}}- A whole number

// RUN: not glenside-test-opt %s --test-options='size=3' 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: no such option size

// RUN: not glenside-test-opt %s --pass-pipeline='any(test-options{int=many})' 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: 'many' value invalid for long argument

// RUN: not glenside-test-opt %s --test-options=int=-3 2>&1 | FileCheck %s --check-prefix=FAIL
// FAIL: error: int -3 is negative

// RUN: not glenside-test-opt %s --test-options=misuse=true 2>&1 | FileCheck %s --check-prefix=BUG
// BUG: error: pass 'test-options' asks for option 'absent' as a kind that its table does not declare

// RUN: glenside-test-opt %s --test-options='int=5 strings=p,q' --dump-pass-pipeline -o /dev/null 2>&1 | FileCheck %s --check-prefix=DUMP
// DUMP: test-options{bool=true int=5 {{.*}}misuse=false real=5.{{0*}}e-01 string=none strings={p,q}}

// The reproducer holds the pipeline as text; running it gives the same options.
// RUN: glenside-test-opt %s --test-options='int=5 strings=p,q' --mlir-generate-reproducer=%t.mlir -o /dev/null 2>/dev/null
// RUN: glenside-test-opt %t.mlir --run-reproducer -o /dev/null 2>&1 | FileCheck %s --check-prefix=AGAIN
// AGAIN: remark: bool=1 int=5 real=0.5 string=[none]
// AGAIN: remark: strings[1]=[q]

// Runs where it is told to: its table names no op.
// RUN: glenside-test-opt %s --pass-pipeline='builtin.module(func.func(test-options{ints=3}))' -o /dev/null 2>&1 | FileCheck %s --check-prefix=FUNC
// FUNC: options.mlir:[[#@LINE+2]]:1: remark: bool=1
// FUNC: remark: ints[0]=3
func.func @f() {
  return
}

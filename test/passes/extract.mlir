// One saturation, many extractions; each says where everything runs and why.

// RUN: glenside-opt %s --convert-linalg-to-access -o %t.access.mlir
// RUN: glenside-opt %t.access.mlir --saturate='target=gemmini16' -o %t.mlir

// Two processes, one process, one pass: the same program, without the graph.
// RUN: glenside-opt %t.mlir --extract -o %t.two.mlir
// RUN: glenside-opt %t.access.mlir --saturate='target=gemmini16' --extract -o %t.one.mlir
// RUN: glenside-opt %t.access.mlir --glenside-map='target=gemmini16' -o %t.map.mlir
// RUN: cmp %t.two.mlir %t.one.mlir
// RUN: cmp %t.two.mlir %t.map.mlir
// RUN: FileCheck %s --input-file=%t.two.mlir --implicit-check-not=glenside.egraph
// CHECK-LABEL: func.func @layer
// CHECK: systolic.kernel dot %arg0, %arg1 {{.*}}target = "gemmini16"
// RUN: glenside-opt %t.mlir --emit-bytecode -o %t.bc
// RUN: glenside-opt %t.bc --extract='objective=dram' -o /dev/null
// RUN: glenside-opt %t.mlir --extract='objective=energy' -o /dev/null
// RUN: glenside-opt %t.mlir --extract='objective=cycles=1,dram=2' -o /dev/null
// RUN: glenside-opt %t.mlir --extract='objective=edp' -o /dev/null
// RUN: glenside-opt %t.mlir --extract='method=local table=true' -o /dev/null 2>&1 | FileCheck %s --check-prefix=LOCAL
// LOCAL: extraction: local, {{[0-9]+}} values with {{[0-9]+}} ways to get them

// The report, for people and for programs.
// RUN: glenside-opt %t.mlir --extract='table=true report=%t.json' -o /dev/null 2>&1 | FileCheck %s --check-prefix=TABLE
// TABLE: layer unit by cycles util DRAM KiB uJ bound by tile by grid, outermost first next the runner-up kernel
// TABLE: 1 array {{gemm|gemm_os}} {{.*}}%{{.*}} by {{.*}} dot f32 (8, 32 | 32) a f32 (d0, d2) b f32 (d2, d1) extract.mlir.tmp.mlir:
// TABLE: total
// TABLE: rule block-array: 1 matches, 1 applied
// TABLE: seconds: {{.*}} load {{.*}} extract
// TABLE: glenside: mapped 1/1 contractions, MACs 100.00% array
// RUN: %python -c "import json, sys; r = json.load(open(sys.argv[1])); l = r['layers'][0]; print(r['target'], r['objective'], l['unit'], l['contraction'], l['cost']['macs'], l['runner_up']['lost_by'] >= 0, sum(x['cost']['cycles'] for x in r['layers']) <= r['total']['cycles'])" %t.json | FileCheck %s --check-prefix=JSON
// JSON: gemmini16 latency array True 8192.0 True True
// RUN: not glenside-opt %t.mlir --extract='report=%t.none/r.json' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// FILE: error: report '{{.*}}r.json' cannot be written: No such file or directory

// A graph that is not there, of another program, or not whole.
// RUN: not glenside-opt %t.access.mlir --extract -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: no 'glenside.egraph' on the module; run --saturate first
// RUN: sed 's/at = 1/at = 1, note = 7/' %t.mlir > %t.changed.mlir
// RUN: not glenside-opt %t.changed.mlir --extract -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=CHANGED
// CHANGED: error: @layer changed since --saturate; run --saturate again
// RUN: sed 's/@layer/@other/' %t.mlir > %t.renamed.mlir
// RUN: not glenside-opt %t.renamed.mlir --extract -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=RENAMED
// RENAMED: error: @other stands where @layer was saturated
// RUN: %python %S/Inputs/damage.py %t.mlir %t.cut.mlir cut
// RUN: not glenside-opt %t.cut.mlir --extract -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=CUT
// CUT: error: 'glenside.egraph' is cut off
// RUN: %python %S/Inputs/damage.py %t.mlir %t.flip.mlir flip
// RUN: not glenside-opt %t.flip.mlir --extract -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=FLIP
// FLIP: error: 'glenside.egraph' is damaged
// RUN: %python %S/Inputs/damage.py %t.mlir %t.magic.mlir magic
// RUN: not glenside-opt %t.magic.mlir --extract -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=MAGIC
// MAGIC: error: 'glenside.egraph' is no graph of --saturate
// RUN: sed 's/dense_resource<glenside_[0-9a-f]*>/dense_resource<elsewhere>/' %t.mlir > %t.key.mlir
// RUN: not glenside-opt %t.key.mlir --extract -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=KEY
// KEY: error: 'glenside.egraph' is missing
// RUN: not glenside-opt %t.mlir --extract='objective=speed' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=OBJECTIVE
// OBJECTIVE: error: {{.*}}speed
// RUN: not glenside-opt %t.mlir --extract='method=guess' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=METHOD
// METHOD: error: no method is called 'guess'; there are: tree, dag, local
// RUN: not glenside-opt %t.mlir --extract='plugin=%t.none.so' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=PLUGIN
// PLUGIN: error: {{.*}}none.so
// RUN: not glenside-opt %t.mlir --extract='seconds=-1' -o %t.no.mlir 2>&1 | FileCheck %s --check-prefix=SECONDS
// SECONDS: error: seconds = -1 is no time
// RUN: not ls %t.no.mlir

func.func @layer(%x: tensor<8x32xf32>, %w: tensor<32x32xf32>) -> tensor<8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x32xf32>
  %out = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x32xf32>) -> tensor<8x32xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x32xf32>, tensor<32x32xf32>) outs(%out : tensor<8x32xf32>) -> tensor<8x32xf32>
  return %y : tensor<8x32xf32>
}

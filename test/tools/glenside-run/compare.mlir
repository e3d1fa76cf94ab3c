// A comparison must find what differs, and where, and trust no blank reference.

// What upstream's passes make of it agrees, in each of two forms; code of the
// reference serves for what canonicalizes to the same text.
// RUN: glenside-run %s --entry=net --compare --form=canonicalize --form=linalg-generalize-named-ops --stats | FileCheck %s --check-prefix=AGREE
// AGREE: seed 1, reference: result 0, tensor<2x5xf32>: min
// AGREE: seed 1, canonicalize: result 0, tensor<2x5xf32>: max error 0, bound {{.*}}: agrees{{$}}
// AGREE: compile shared with the reference
// AGREE: seed 1, linalg-generalize-named-ops: result 0, {{.*}}: agrees{{$}}
// AGREE: compile 0.
// AGREE: 2 of 2 comparisons agree

// Forms times pipelines.
// RUN: glenside-run %s --entry=net --compare --form= --form=linalg-generalize-named-ops --pipeline=cse --pipeline='builtin.module(canonicalize)' | FileCheck %s --check-prefix=PRODUCT
// PRODUCT: as given | cse:
// PRODUCT: as given | builtin.module(canonicalize):
// PRODUCT: linalg-generalize-named-ops | cse:
// PRODUCT: linalg-generalize-named-ops | builtin.module(canonicalize):
// PRODUCT: 4 of 4

// A pass that changes the weights is caught. (It cannot after --randomize: then
// they are data.)
// RUN: not glenside-run %s --entry=net --compare --pipeline=randomize-weights | FileCheck %s --check-prefix=DIFFER
// DIFFER: as given | randomize-weights: result 0, {{.*}}: differs (at element {{[0-9]+}}: {{.*}}, reference {{.*}})
// DIFFER: 0 of 1 comparisons agree
// RUN: glenside-run %s --entry=net --randomize --compare --pipeline=randomize-weights{seed=7} | FileCheck %s --check-prefix=DATA
// DATA: 1 of 1 comparisons agree

// So is a module that differs in one element of one result by one, under a
// tolerance of any size for integers; a tolerance forgives floats.
// RUN: not glenside-run %s --entry=two --compare --against=%S/Inputs/two.mlir --tolerance=10 | FileCheck %s --check-prefix=TWO
// TWO: result 0, tensor<4xf32>: max error 0.25, {{.*}}: agrees
// TWO: result 1, tensor<4xi64>: max error 1, bound 0, {{.*}}: differs (at element 2: 1, reference {{[0-9]+}})
// TWO: 1 of 2 comparisons agree
// RUN: not glenside-run %s --entry=two --compare --against=%S/Inputs/two.mlir | FileCheck %s --check-prefix=TIGHT
// TIGHT: result 0, tensor<4xf32>: max error 0.25, {{.*}}: differs (at element 1:

// NaN is no agreement, neither ours nor the reference's; a constant proves nothing.
// RUN: not glenside-run %s --entry=nan --compare --against=%S/Inputs/two.mlir | FileCheck %s --check-prefix=OURS
// OURS: max error inf, {{.*}}: differs
// RUN: not glenside-run %S/Inputs/two.mlir --entry=nan --compare --against=%s | FileCheck %s --check-prefix=NAN
// NAN: reference is not finite
// RUN: not glenside-run %s --entry=constant --compare --form=canonicalize | FileCheck %s --check-prefix=CONSTANT
// CONSTANT: reference is constant
// CONSTANT: 0 of 1 comparisons agree

// JSON has all of it.
// RUN: glenside-run %s --entry=net --compare --form=canonicalize --json=%t.json
// RUN: python3 -c "import json,sys; rows = [json.loads(x) for x in open(sys.argv[1])]; assert len(rows) == 2 and rows[0]['reference'] and rows[1]['verdict'] == 'agrees' and rows[1]['max_error'] == 0 and rows[1]['form'] == 'canonicalize', rows" %t.json
// RUN: not glenside-run %s --entry=nan --compare --against=%S/Inputs/two.mlir --json=- | FileCheck %s --check-prefix=JSON
// JSON: "verdict": "differs", "max_error": null
// JSON-NOT: comparisons

func.func @net(%x: tensor<2x3xf32>) -> tensor<2x5xf32> {
  %w = arith.constant dense<0.5> : tensor<3x5xf32>
  %b = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
  %e = tensor.empty() : tensor<2x5xf32>
  %z = linalg.broadcast ins(%b : tensor<5xf32>) outs(%e : tensor<2x5xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x5xf32>) outs(%z : tensor<2x5xf32>) -> tensor<2x5xf32>
  return %y : tensor<2x5xf32>
}

func.func @two(%x: tensor<4xf32>, %i: tensor<4xi64>) -> (tensor<4xf32>, tensor<4xi64>) {
  return %x, %i : tensor<4xf32>, tensor<4xi64>
}

func.func @nan(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

func.func @constant(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = arith.subf %x, %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

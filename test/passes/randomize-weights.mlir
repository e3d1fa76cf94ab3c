// Splats and elided weights get values; scalars, data of one's own and integers
// that are not elided stay.
// RUN: glenside-opt %s --randomize-weights | FileCheck %s
// RUN: glenside-opt %s --randomize-weights -o %t.1
// RUN: glenside-opt %s --randomize-weights=seed=1 -o %t.2
// RUN: cmp %t.1 %t.2
// RUN: glenside-opt %s --randomize-weights=seed=2 | FileCheck %s --check-prefix=OTHER
// Once random they are data, and stay.
// RUN: glenside-opt %s --randomize-weights --randomize-weights=seed=2 -o %t.3
// RUN: cmp %t.1 %t.3
// Through bytecode too.
// RUN: glenside-opt %s --randomize-weights --emit-bytecode | glenside-opt -o %t.4
// RUN: cmp %t.1 %t.4

// CHECK-LABEL: @which
func.func @which() {
  // CHECK: dense_resource<weight_0> : tensor<2x2xf32>
  %0 = arith.constant dense<0.1> : tensor<2x2xf32>
  // CHECK: dense_resource<weight_1> : tensor<4xf32>
  %1 = arith.constant dense_resource<__elided__> : tensor<4xf32>
  // CHECK: dense_resource<weight_2> : tensor<2x3xi16>
  %2 = arith.constant dense_resource<__elided__> : tensor<2x3xi16>
  // A blob that is not in the file is as good as elided.
  // CHECK: dense_resource<weight_3> : tensor<2x1xf64>
  %3 = arith.constant dense_resource<lost> : tensor<2x1xf64>
  // CHECK: dense_resource<weight_4> : tensor<2xbf16>
  %4 = arith.constant dense<1.0> : tensor<2xbf16>
  // CHECK: dense<5.000000e-01> : tensor<f32>
  %5 = arith.constant dense<0.5> : tensor<f32>
  // CHECK: dense<9.99999974E-6> : tensor<1x1xf32>
  %6 = arith.constant dense<1.0e-05> : tensor<1x1xf32>
  // CHECK: dense<3> : tensor<4xi32>
  %7 = arith.constant dense<3> : tensor<4xi32>
  // CHECK: dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  %8 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // CHECK: 2.000000e+00 : f32
  %9 = arith.constant 2.0 : f32
  // CHECK: dense<2.000000e+00> : vector<4xf32>
  %10 = arith.constant dense<2.0> : vector<4xf32>
  // So is one of the wrong length, and one without elements.
  // CHECK: dense_resource<weight_5> : tensor<2x2xi8>
  %11 = arith.constant dense_resource<short> : tensor<2x2xi8>
  // CHECK: dense_resource<weight_6> : tensor<0x3xf32>
  %12 = arith.constant dense_resource<__elided__> : tensor<0x3xf32>
  // Data of the right length are data.
  // CHECK: dense_resource<short> : tensor<2xi8>
  %13 = arith.constant dense_resource<short> : tensor<2xi8>
  return
}

{-#
  dialect_resources: {
    builtin: {
      short: "0x010000000708"
    }
  }
#-}

// The same bits on every machine: four bytes of alignment, then the elements.
// CHECK: weight_0: "0x10000000002243BF00B0C3BD0059563F005140BF"
// CHECK: weight_1: "0x10000000CE8AAA3F92D6893F60B1B83F7E9D343F"
// CHECK: weight_2: "0x10000000000001000200030004000500"
// CHECK: weight_3: "0x1000000040F088A8A9CEE3BF875E3D82BFEDC43F"
// CHECK: weight_4: "0x100000005E3FAD3F"
// CHECK: weight_5: "0x1000000000010203"
// CHECK: weight_6: "0x10000000"
// OTHER: weight_0: "0x100000000058903D00CCB7BF0000283D40F535C0"
// OTHER: weight_2: "0x10000000000001000200030004000500"

// A C program with nothing but upstream's C API knows the dialect by its IRDL.
// RUN: load_irdl_test %source/dialect/access.irdl.mlir %s | FileCheck %s
// CHECK: accepted
// RUN: sed -e 's/{at = 1}//' %s > %t.mlir
// RUN: not load_irdl_test %source/dialect/access.irdl.mlir %t.mlir 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: attribute "at" is expected but not provided
func.func @f(%t: tensor<3x4xf32>) -> !access.pattern<[3], [4], f32> {
  %0 = "access.view"(%t) {at = 1} : (tensor<3x4xf32>) -> !access.pattern<[3], [4], f32>
  return %0 : !access.pattern<[3], [4], f32>
}

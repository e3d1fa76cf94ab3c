// linalg.pack, linalg.unpack and linalg.softmax, which upstream's loops do not
// know, against loops written out.

// RUN: split-file %s %t
// RUN: glenside-run %t/loops.mlir --against=%t/ops.mlir --entry=pack --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/ops.mlir --entry=unpack --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %t/loops.mlir --against=%t/ops.mlir --entry=softmax --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-opt %t/ops.mlir --convert-linalg-to-access | FileCheck %t/ops.mlir

//--- ops.mlir
// CHECK-LABEL: @pack(
// CHECK:         access.pad {{.*}} high = [1, 0, 0]
// CHECK:         access.reshape {{.*}} -> !access.pattern<[4, 2, 3, 2, 5], [], f32>
// CHECK:         access.transpose {{.*}} {perm = [2, 4, 0, 3, 1]}
func.func @pack(%a: tensor<7x6x5xf32>) -> tensor<3x5x4x2x2xf32> {
  %c = arith.constant 1.5 : f32
  %e = tensor.empty() : tensor<3x5x4x2x2xf32>
  %r = linalg.pack %a padding_value(%c : f32) outer_dims_perm = [1, 2, 0] inner_dims_pos = [1, 0] inner_tiles = [2, 2] into %e : tensor<7x6x5xf32> -> tensor<3x5x4x2x2xf32>
  return %r : tensor<3x5x4x2x2xf32>
}
// CHECK-LABEL: @unpack(
// CHECK:         access.slice {{.*}} sizes = [7, 6, 5]
func.func @unpack(%a: tensor<3x5x4x2x2xf32>) -> tensor<7x6x5xf32> {
  %e = tensor.empty() : tensor<7x6x5xf32>
  %r = linalg.unpack %a outer_dims_perm = [1, 2, 0] inner_dims_pos = [1, 0] inner_tiles = [2, 2] into %e : tensor<3x5x4x2x2xf32> -> tensor<7x6x5xf32>
  return %r : tensor<7x6x5xf32>
}
// CHECK-LABEL: @softmax(
// CHECK:         access.compute softmax {{.*}} -> !access.pattern<[3, 5], [4], f32>
func.func @softmax(%a: tensor<3x4x5xf32>) -> tensor<3x4x5xf32> {
  %e = tensor.empty() : tensor<3x4x5xf32>
  %r = linalg.softmax dimension(1) ins(%a : tensor<3x4x5xf32>) outs(%e : tensor<3x4x5xf32>) -> tensor<3x4x5xf32>
  return %r : tensor<3x4x5xf32>
}

//--- loops.mlir
func.func @pack(%x: tensor<7x6x5xf32>) -> tensor<3x5x4x2x2xf32> {
  %r = tensor.generate {
    ^bb0(%a: index, %b: index, %c: index, %s: index, %t: index):
      %pad = arith.constant 1.5 : f32
      %c7 = arith.constant 7 : index
      %i = affine.apply affine_map<(c, t) -> (c * 2 + t)>(%c, %t)
      %j = affine.apply affine_map<(a, s) -> (a * 2 + s)>(%a, %s)
      %in = arith.cmpi ult, %i, %c7 : index
      %v = scf.if %in -> f32 {
        %y = tensor.extract %x[%i, %j, %b] : tensor<7x6x5xf32>
        scf.yield %y : f32
      } else {
        scf.yield %pad : f32
      }
      tensor.yield %v : f32
  } : tensor<3x5x4x2x2xf32>
  return %r : tensor<3x5x4x2x2xf32>
}
func.func @unpack(%x: tensor<3x5x4x2x2xf32>) -> tensor<7x6x5xf32> {
  %r = tensor.generate {
    ^bb0(%i: index, %j: index, %k: index):
      %a = affine.apply affine_map<(j) -> (j floordiv 2)>(%j)
      %c = affine.apply affine_map<(i) -> (i floordiv 2)>(%i)
      %s = affine.apply affine_map<(j) -> (j mod 2)>(%j)
      %t = affine.apply affine_map<(i) -> (i mod 2)>(%i)
      %v = tensor.extract %x[%a, %k, %c, %s, %t] : tensor<3x5x4x2x2xf32>
      tensor.yield %v : f32
  } : tensor<7x6x5xf32>
  return %r : tensor<7x6x5xf32>
}
func.func @softmax(%a: tensor<3x4x5xf32>) -> tensor<3x4x5xf32> {
  %r = tensor.generate {
    ^bb0(%i: index, %j: index, %l: index):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %z = arith.constant 0.0 : f32
      %x = tensor.extract %a[%i, %j, %l] : tensor<3x4x5xf32>
      %sum = scf.for %k = %c0 to %c4 step %c1 iter_args(%t = %z) -> f32 {
        %y = tensor.extract %a[%i, %k, %l] : tensor<3x4x5xf32>
        %d = arith.subf %y, %x : f32
        %e = math.exp %d : f32
        %u = arith.addf %t, %e : f32
        scf.yield %u : f32
      }
      %one = arith.constant 1.0 : f32
      %v = arith.divf %one, %sum : f32
      tensor.yield %v : f32
  } : tensor<3x4x5xf32>
  return %r : tensor<3x4x5xf32>
}

// Every kind of op there and back again gives the same numbers. What each one
// becomes is in convert-linalg-to-access.mlir.

// RUN: glenside-run %s --entry=map --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=reduce --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=transpose --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=broadcast --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=elementwise --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=exp --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=fill --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=diagonal --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=flip --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=three_terms --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=iota --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=two_results --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=insert --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=insert_reduced --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=extract --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=concat --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=reshape --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=rank0 --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=wide --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=bias_start --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=squares --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=gram --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=max_select --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=argmax --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=tensor_math --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=in_place --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=prologue_windows --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=fma --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=sub --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=scaled --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=thrice --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=i16 --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=distance --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=unsigned --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=odd_units --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=const_index --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=col_sum_out_perm --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=shared_window --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=gemm_acc_chain --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=attention --compare --opt-level=0 --seeds=1,2 --pipeline=convert-linalg-to-access,convert-access-to-linalg

// All of them are converted.
// RUN: glenside-opt %s --convert-linalg-to-access --remarks-filter=glenside-convert -o %t.mlir 2>&1 | count 1
// RUN: FileCheck %s --input-file=%t.mlir
// CHECK-NOT: linalg.
// CHECK-NOT: tensor.{{e|p|c|i}}

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#tr2 = affine_map<(d0, d1) -> (d1, d0)>

func.func @map(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %r = linalg.map { arith.addf } ins(%a, %b : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>)
  return %r : tensor<3x4xf32>
}
func.func @reduce(%a: tensor<3x4x5xf32>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %r = linalg.reduce { arith.addf } ins(%a : tensor<3x4x5xf32>) outs(%i : tensor<3x5xf32>) dimensions = [1]
  return %r : tensor<3x5xf32>
}
func.func @transpose(%a: tensor<3x4x5xf32>) -> tensor<5x3x4xf32> {
  %e = tensor.empty() : tensor<5x3x4xf32>
  %r = linalg.transpose ins(%a : tensor<3x4x5xf32>) outs(%e : tensor<5x3x4xf32>) permutation = [2, 0, 1]
  return %r : tensor<5x3x4xf32>
}
func.func @broadcast(%a: tensor<3x5xf32>) -> tensor<3x4x5xf32> {
  %e = tensor.empty() : tensor<3x4x5xf32>
  %r = linalg.broadcast ins(%a : tensor<3x5xf32>) outs(%e : tensor<3x4x5xf32>) dimensions = [1]
  return %r : tensor<3x4x5xf32>
}
func.func @elementwise(%a: tensor<3x4xf32>, %b: tensor<4xf32>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %r = linalg.elementwise kind=#linalg.elementwise_kind<sub> indexing_maps = [#id2, affine_map<(d0, d1) -> (d1)>, #id2] ins(%a, %b : tensor<3x4xf32>, tensor<4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
func.func @exp(%a: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %r = linalg.exp ins(%a : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
func.func @fill(%s: f32, %a: tensor<3xf32>) -> tensor<3xf32> {
  %e = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%s : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %r = linalg.add ins(%a, %f : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
func.func @diagonal(%a: tensor<4x4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0, d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<4x4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%x: f32, %o: f32):
      linalg.yield %x : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func @flip(%a: tensor<4x6xf32>, %w: tensor<3xf32>) -> tensor<4x4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (3 - d0, d1 - d2 + 2)>, affine_map<(d0, d1, d2) -> (d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %w : tensor<4x6xf32>, tensor<3xf32>) outs(%f : tensor<4x4xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %0, %o : f32
      linalg.yield %1 : f32
  } -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
func.func @three_terms(%a: tensor<20xf32>) -> tensor<3x2xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x2xf32>
  %k = tensor.empty() : tensor<4x2xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0 * 2 + d1 * 6 + d2 + d3 * 3 + 1)>, affine_map<(d0, d1, d2, d3) -> (d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%a, %k : tensor<20xf32>, tensor<4x2xf32>) outs(%f : tensor<3x2xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %1 = arith.addf %x, %o : f32
      linalg.yield %1 : f32
  } -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}
func.func @iota(%a: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %e = tensor.empty() : tensor<3x4xf32>
  %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
    ^bb0(%x: f32, %o: f32):
      %i = linalg.index 1 : index
      %j = arith.index_cast %i : index to i32
      %k = arith.sitofp %j : i32 to f32
      %0 = arith.mulf %x, %k : f32
      linalg.yield %0 : f32
  } -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
func.func @two_results(%a: tensor<3x4xf32>) -> (tensor<3x4xf32>, tensor<4x3xf32>) {
  %e = tensor.empty() : tensor<3x4xf32>
  %g = tensor.empty() : tensor<4x3xf32>
  %r:2 = linalg.generic {indexing_maps = [#id2, #id2, #tr2], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<3x4xf32>) outs(%e, %g : tensor<3x4xf32>, tensor<4x3xf32>) {
    ^bb0(%x: f32, %o: f32, %p: f32):
      %0 = math.exp %x : f32
      %1 = arith.negf %x : f32
      linalg.yield %0, %1 : f32, f32
  } -> (tensor<3x4xf32>, tensor<4x3xf32>)
  return %r#0, %r#1 : tensor<3x4xf32>, tensor<4x3xf32>
}
func.func @insert(%a: tensor<2x3xf32>, %b: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %r = tensor.insert_slice %a into %b[1, 2] [2, 3] [1, 1] : tensor<2x3xf32> into tensor<4x6xf32>
  return %r : tensor<4x6xf32>
}
func.func @insert_reduced(%a: tensor<3xf32>, %b: tensor<4x1x3xf32>) -> tensor<4x1x3xf32> {
  %r = tensor.insert_slice %a into %b[2, 0, 0] [1, 1, 3] [1, 1, 1] : tensor<3xf32> into tensor<4x1x3xf32>
  return %r : tensor<4x1x3xf32>
}
func.func @extract(%b: tensor<4x7xf32>) -> tensor<3xf32> {
  %r = tensor.extract_slice %b[1, 2] [1, 3] [1, 2] : tensor<4x7xf32> to tensor<3xf32>
  return %r : tensor<3xf32>
}
func.func @concat(%a: tensor<2x3xf32>, %b: tensor<2x1xf32>, %c: tensor<2x2xf32>) -> tensor<2x6xf32> {
  %r = tensor.concat dim(1) %a, %b, %c : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<2x2xf32>) -> tensor<2x6xf32>
  return %r : tensor<2x6xf32>
}
func.func @reshape(%a: tensor<6x4xf32>) -> tensor<2x12xf32> {
  %0 = tensor.expand_shape %a [[0, 1], [2]] output_shape [2, 3, 4] : tensor<6x4xf32> into tensor<2x3x4xf32>
  %1 = tensor.collapse_shape %0 [[0], [1, 2]] : tensor<2x3x4xf32> into tensor<2x12xf32>
  return %1 : tensor<2x12xf32>
}
func.func @rank0(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %e = tensor.empty() : tensor<f32>
  %r = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%a, %b : tensor<f32>, tensor<f32>) outs(%e : tensor<f32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.mulf %x, %y : f32
      linalg.yield %0 : f32
  } -> tensor<f32>
  return %r : tensor<f32>
}
func.func @wide(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>, %d: tensor<4xf32>, %e: tensor<4xf32>, %f: tensor<4xf32>, %g: tensor<4xf32>, %h: tensor<4xf32>, %i: tensor<4xf32>, %j: tensor<4xf32>) -> tensor<4xf32> {
  %o = tensor.empty() : tensor<4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a, %b, %c, %d, %e, %f, %g, %h, %i, %j : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) outs(%o : tensor<4xf32>) {
    ^bb0(%0: f32, %1: f32, %2: f32, %3: f32, %4: f32, %5: f32, %6: f32, %7: f32, %8: f32, %9: f32, %out: f32):
      %10 = arith.mulf %0, %1 : f32
      %11 = arith.subf %10, %2 : f32
      %12 = arith.mulf %3, %4 : f32
      %13 = arith.addf %12, %11 : f32
      %14 = arith.mulf %5, %13 : f32
      %15 = arith.subf %6, %14 : f32
      %16 = arith.mulf %7, %8 : f32
      %17 = arith.addf %16, %9 : f32
      %18 = arith.mulf %17, %15 : f32
      linalg.yield %18 : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func @bias_start(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %i = linalg.broadcast ins(%c : tensor<5xf32>) outs(%e : tensor<3x5xf32>) dimensions = [0]
  %r = linalg.matmul ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%i : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}
func.func @squares(%a: tensor<3x4xf32>) -> tensor<3xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %r = linalg.generic {indexing_maps = [#id2, #id2, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%a, %a : tensor<3x4xf32>, tensor<3x4xf32>) outs(%f : tensor<3xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %0, %o : f32
      linalg.yield %1 : f32
  } -> tensor<3xf32>
  return %r : tensor<3xf32>
}
func.func @gram(%a: tensor<3x4xf32>) -> tensor<3x3xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x3xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<3x3xf32>) -> tensor<3x3xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %a : tensor<3x4xf32>, tensor<3x4xf32>) outs(%f : tensor<3x3xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.addf %0, %o : f32
      linalg.yield %1 : f32
  } -> tensor<3x3xf32>
  return %r : tensor<3x3xf32>
}
func.func @max_select(%a: tensor<3x4xf32>, %i: tensor<3xf32>) -> tensor<3xf32> {
  %r = linalg.generic {indexing_maps = [#id2, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<3x4xf32>) outs(%i : tensor<3xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = arith.cmpf ogt, %x, %o : f32
      %1 = arith.select %0, %x, %o : f32
      linalg.yield %1 : f32
  } -> tensor<3xf32>
  return %r : tensor<3xf32>
}
func.func @argmax(%a: tensor<3x7xf32>) -> (tensor<3xi64>, tensor<3xf32>) {
  %low = arith.constant 0xFF800000 : f32
  %z = arith.constant 0 : i64
  %e = tensor.empty() : tensor<3xf32>
  %g = tensor.empty() : tensor<3xi64>
  %f = linalg.fill ins(%low : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %h = linalg.fill ins(%z : i64) outs(%g : tensor<3xi64>) -> tensor<3xi64>
  %r:2 = linalg.generic {indexing_maps = [#id2, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<3x7xf32>) outs(%f, %h : tensor<3xf32>, tensor<3xi64>) {
    ^bb0(%x: f32, %o: f32, %p: i64):
      %i = linalg.index 1 : index
      %j = arith.index_cast %i : index to i64
      %0 = arith.maximumf %x, %o : f32
      %1 = arith.cmpf ogt, %x, %o : f32
      %2 = arith.select %1, %j, %p : i64
      linalg.yield %0, %2 : f32, i64
  } -> (tensor<3xf32>, tensor<3xi64>)
  return %r#1, %r#0 : tensor<3xi64>, tensor<3xf32>
}
func.func @tensor_math(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %0 = arith.mulf %a, %b : tensor<3x4xf32>
  %1 = math.tanh %0 : tensor<3x4xf32>
  return %1 : tensor<3x4xf32>
}
func.func @in_place(%a: tensor<3x4xf32>, %b: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<3x4xf32>) outs(%b : tensor<3x4xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = arith.mulf %x, %o : f32
      %1 = arith.addf %0, %o : f32
      linalg.yield %1 : f32
  } -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
func.func @prologue_windows(%x: tensor<1x2x9xf32>, %s: tensor<2xf32>, %w: tensor<4x2x3xf32>) -> tensor<1x4x7xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x7xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x4x7xf32>) -> tensor<1x4x7xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d2 + d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d3)>, affine_map<(d0, d1, d2, d3, d4) -> (d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%x, %s, %w : tensor<1x2x9xf32>, tensor<2xf32>, tensor<4x2x3xf32>) outs(%f : tensor<1x4x7xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
      %0 = arith.subf %a, %b : f32
      %1 = arith.mulf %0, %c : f32
      %2 = arith.addf %1, %o : f32
      linalg.yield %2 : f32
  } -> tensor<1x4x7xf32>
  return %r : tensor<1x4x7xf32>
}

func.func @fma(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %c = arith.constant 0.125 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(m,n,k) -> (m,k)>, affine_map<(m,n,k) -> (k,n)>, affine_map<(m,n,k) -> (m,n)>], iterator_types = ["parallel","parallel","reduction"]} ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%i : tensor<3x5xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = math.fma %x, %y, %o : f32
      linalg.yield %0 : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

func.func @sub(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %c = arith.constant 0.125 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(m,n,k) -> (m,k)>, affine_map<(m,n,k) -> (k,n)>, affine_map<(m,n,k) -> (m,n)>], iterator_types = ["parallel","parallel","reduction"]} ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%i : tensor<3x5xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.mulf %x, %y : f32
      %1 = arith.subf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

func.func @scaled(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %c = arith.constant 0.125 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(m,n,k) -> (m,k)>, affine_map<(m,n,k) -> (k,n)>, affine_map<(m,n,k) -> (m,n)>], iterator_types = ["parallel","parallel","reduction"]} ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%i : tensor<3x5xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.mulf %x, %y : f32
      %2 = arith.mulf %0, %c : f32
      %1 = arith.addf %o, %2 : f32
      linalg.yield %1 : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

func.func @thrice(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %c = arith.constant 0.125 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(m,n,k) -> (m,k)>, affine_map<(m,n,k) -> (k,n)>, affine_map<(m,n,k) -> (m,n)>], iterator_types = ["parallel","parallel","reduction"]} ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%i : tensor<3x5xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.mulf %x, %y : f32
      %2 = arith.mulf %0, %x : f32
      %1 = arith.addf %2, %o : f32
      linalg.yield %1 : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

func.func @i16(%a: tensor<3x4xi8>, %b: tensor<4x5xi8>, %i: tensor<3x5xi32>) -> tensor<3x5xi32> {
  %c = arith.constant 0.125 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(m,n,k) -> (m,k)>, affine_map<(m,n,k) -> (k,n)>, affine_map<(m,n,k) -> (m,n)>], iterator_types = ["parallel","parallel","reduction"]} ins(%a, %b : tensor<3x4xi8>, tensor<4x5xi8>) outs(%i : tensor<3x5xi32>) {
    ^bb0(%x: i8, %y: i8, %o: i32):
      %0 = arith.extsi %x : i8 to i16
      %1 = arith.extsi %y : i8 to i16
      %2 = arith.muli %0, %1 : i16
      %3 = arith.extsi %2 : i16 to i32
      %4 = arith.addi %o, %3 : i32
      linalg.yield %4 : i32
  } -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}

func.func @distance(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %c = arith.constant 0.125 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(m,n,k) -> (m,k)>, affine_map<(m,n,k) -> (k,n)>, affine_map<(m,n,k) -> (m,n)>], iterator_types = ["parallel","parallel","reduction"]} ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%i : tensor<3x5xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.subf %x, %y : f32
      %2 = arith.mulf %0, %0 : f32
      %1 = arith.addf %2, %o : f32
      linalg.yield %1 : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

func.func @unsigned(%a: tensor<3x4xi8>, %b: tensor<4x5xi8>, %i: tensor<3x5xi32>) -> tensor<3x5xi32> {
  %c = arith.constant 0.125 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(m,n,k) -> (m,k)>, affine_map<(m,n,k) -> (k,n)>, affine_map<(m,n,k) -> (m,n)>], iterator_types = ["parallel","parallel","reduction"]} ins(%a, %b : tensor<3x4xi8>, tensor<4x5xi8>) outs(%i : tensor<3x5xi32>) {
    ^bb0(%x: i8, %y: i8, %o: i32):
      %0 = arith.extui %x : i8 to i32
      %1 = arith.extui %y : i8 to i32
      %2 = arith.muli %0, %1 : i32
      %4 = arith.addi %o, %2 : i32
      linalg.yield %4 : i32
  } -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}
func.func @odd_units(%a: tensor<1x4x1xf32>, %b: tensor<3x1x5xf32>) -> tensor<3x4x5xf32> {
  %e = tensor.empty() : tensor<3x4x5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (0, d1, 0)>, affine_map<(d0, d1, d2) -> (d0, 0, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%a, %b : tensor<1x4x1xf32>, tensor<3x1x5xf32>) outs(%e : tensor<3x4x5xf32>) {
    ^bb0(%x: f32, %y: f32, %o: f32):
      %0 = arith.addf %x, %y : f32
      linalg.yield %0 : f32
  } -> tensor<3x4x5xf32>
  return %r : tensor<3x4x5xf32>
}
func.func @const_index(%a: tensor<4x6xf32>) -> tensor<6xf32> {
  %e = tensor.empty() : tensor<6xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (2, d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<4x6xf32>) outs(%e : tensor<6xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = math.exp %x : f32
      linalg.yield %0 : f32
  } -> tensor<6xf32>
  return %r : tensor<6xf32>
}
func.func @col_sum_out_perm(%a: tensor<3x4x5xf32>) -> tensor<5x1x3xf32> {
  %z = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<5x1x3xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<5x1x3xf32>) -> tensor<5x1x3xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d2, 0, d0)>], iterator_types = ["parallel", "reduction", "parallel"]} ins(%a : tensor<3x4x5xf32>) outs(%f : tensor<5x1x3xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = arith.mulf %x, %o : f32
      linalg.yield %0 : f32
  } -> tensor<5x1x3xf32>
  return %r : tensor<5x1x3xf32>
}
func.func @shared_window(%a: tensor<9xf32>, %b: tensor<9xf32>, %w: tensor<3xf32>) -> tensor<7xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<7xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<7xf32>) -> tensor<7xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 + d1)>, affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%a, %f, %w : tensor<9xf32>, tensor<7xf32>, tensor<3xf32>) outs(%f : tensor<7xf32>) {
    ^bb0(%x: f32, %y: f32, %v: f32, %o: f32):
      %0 = arith.subf %x, %y : f32
      %1 = math.tanh %0 : f32
      %2 = arith.mulf %1, %v : f32
      %3 = arith.addf %o, %2 : f32
      linalg.yield %3 : f32
  } -> tensor<7xf32>
  return %r : tensor<7xf32>
}
func.func @gemm_acc_chain(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = linalg.matmul ins(%0, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%0 : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}
func.func @attention(%q: tensor<2x3x4xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x4xf32>) -> tensor<2x3x4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x3x5xf32>
  %g = tensor.empty() : tensor<2x3x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %h = linalg.fill ins(%z : f32) outs(%g : tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %s = linalg.batch_matmul indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>] ins(%q, %k : tensor<2x3x4xf32>, tensor<2x5x4xf32>) outs(%f : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %x = math.exp %s : tensor<2x3x5xf32>
  %o = linalg.batch_matmul ins(%x, %v : tensor<2x3x5xf32>, tensor<2x5x4xf32>) outs(%h : tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %o : tensor<2x3x4xf32>
}

// Minima and maxima spelt as a comparison and a select, with NaN among the
// operands (7 marks one in the result): each is read as the min or max that keeps
// or drops it likewise.

// RUN: glenside-run %s --entry=olt0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=olt1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ole0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ole1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ult0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ult1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ule0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ule1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ogt0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ogt1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=oge0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=oge1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ugt0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=ugt1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=uge0 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg
// RUN: glenside-run %s --entry=uge1 --compare --opt-level=0 --pipeline=convert-linalg-to-access,convert-access-to-linalg

// RUN: glenside-opt %s --convert-linalg-to-access | FileCheck %s
// CHECK-COUNT-4: {{arith.(max|min)(imum|num)f}}

func.func @olt0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf olt, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @olt1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf olt, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ole0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ole, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ole1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ole, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ult0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ult, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ult1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ult, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ule0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ule, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ule1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ule, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ogt0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ogt, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ogt1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ogt, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @oge0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf oge, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @oge1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf oge, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ugt0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ugt, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @ugt1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf ugt, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @uge0(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf uge, %x, %c : f32
      %s = arith.select %t, %x, %c : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func @uge1(%a: tensor<64xf32>) -> tensor<64xf32> {
  %c = arith.constant 0.5 : f32
  %big = arith.constant 1.5 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %z = arith.constant 7.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%in: f32, %o: f32):
      %g = arith.cmpf ogt, %in, %big : f32
      %x = arith.select %g, %nan, %in : f32
      %t = arith.cmpf uge, %c, %x : f32
      %s = arith.select %t, %c, %x : f32
      %w = arith.cmpf uno, %s, %s : f32
      %v = arith.select %w, %z, %s : f32
      linalg.yield %v : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

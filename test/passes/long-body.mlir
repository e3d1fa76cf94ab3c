// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A body of 100 operations behind a product, and the same by itself: more than one
// program has, so that it is cut; every layer has at most 40 call sites.
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=commands' | %python %source/test/call_sites.py | FileCheck %s
// RUN: glenside-opt %s --glenside-compile='target=ws64 emit=commands' | %python %source/test/call_sites.py | FileCheck %s
// RUN: glenside-run %s --target=gemmini16 --compare | FileCheck %s --check-prefix=AGREE
// RUN: glenside-run %s --target=ws64 --compare | FileCheck %s --check-prefix=AGREE
// RUN: glenside-opt %s --glenside-compile='target=gemmini16 emit=commands' -o /dev/null 2>&1 | FileCheck %s --check-prefix=MAPPED

// The array, then the vector unit, and nothing else.
// CHECK-COUNT-5: call sites
// CHECK: most: at most 40
// AGREE: 6 of 6 comparisons agree
// MAPPED: mapped 1/1 contractions, MACs 100.00% array

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @forward(%x: tensor<40x24xf32>, %y: tensor<24xf32>, %z: tensor<40x24xf32>, %w: tensor<24x24xf32>) -> (tensor<40x24xf32>, tensor<40x24xf32>) {
  %k = arith.constant 0.9 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<40x24xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<40x24xf32>) -> tensor<40x24xf32>
  %p = linalg.matmul ins(%x, %w : tensor<40x24xf32>, tensor<24x24xf32>) outs(%init : tensor<40x24xf32>) -> tensor<40x24xf32>
  %r0 = linalg.generic {indexing_maps = [#id, #row, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%p, %y, %z : tensor<40x24xf32>, tensor<24xf32>, tensor<40x24xf32>) outs(%e : tensor<40x24xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %m0 = arith.mulf %a, %k : f32
    %s0 = arith.addf %m0, %k : f32
    %m1 = arith.mulf %s0, %b : f32
    %s1 = arith.subf %m1, %c : f32
    %m2 = arith.mulf %s1, %b : f32
    %s2 = arith.maximumf %m2, %k : f32
    %m3 = arith.mulf %s2, %k : f32
    %s3 = arith.addf %m3, %c : f32
    %m4 = arith.mulf %s3, %b : f32
    %s4 = arith.subf %m4, %k : f32
    %m5 = arith.mulf %s4, %b : f32
    %s5 = arith.maximumf %m5, %c : f32
    %m6 = arith.mulf %s5, %k : f32
    %s6 = arith.addf %m6, %k : f32
    %m7 = arith.mulf %s6, %b : f32
    %s7 = arith.subf %m7, %c : f32
    %m8 = arith.mulf %s7, %b : f32
    %s8 = arith.maximumf %m8, %k : f32
    %m9 = arith.mulf %s8, %k : f32
    %s9 = arith.addf %m9, %c : f32
    %m10 = arith.mulf %s9, %b : f32
    %s10 = arith.subf %m10, %k : f32
    %m11 = arith.mulf %s10, %b : f32
    %s11 = arith.maximumf %m11, %c : f32
    %m12 = arith.mulf %s11, %k : f32
    %s12 = arith.addf %m12, %k : f32
    %m13 = arith.mulf %s12, %b : f32
    %s13 = arith.subf %m13, %c : f32
    %m14 = arith.mulf %s13, %b : f32
    %s14 = arith.maximumf %m14, %k : f32
    %m15 = arith.mulf %s14, %k : f32
    %s15 = arith.addf %m15, %c : f32
    %m16 = arith.mulf %s15, %b : f32
    %s16 = arith.subf %m16, %k : f32
    %m17 = arith.mulf %s16, %b : f32
    %s17 = arith.maximumf %m17, %c : f32
    %m18 = arith.mulf %s17, %k : f32
    %s18 = arith.addf %m18, %k : f32
    %m19 = arith.mulf %s18, %b : f32
    %s19 = arith.subf %m19, %c : f32
    %m20 = arith.mulf %s19, %b : f32
    %s20 = arith.maximumf %m20, %k : f32
    %m21 = arith.mulf %s20, %k : f32
    %s21 = arith.addf %m21, %c : f32
    %m22 = arith.mulf %s21, %b : f32
    %s22 = arith.subf %m22, %k : f32
    %m23 = arith.mulf %s22, %b : f32
    %s23 = arith.maximumf %m23, %c : f32
    %m24 = arith.mulf %s23, %k : f32
    %s24 = arith.addf %m24, %k : f32
    %m25 = arith.mulf %s24, %b : f32
    %s25 = arith.subf %m25, %c : f32
    %m26 = arith.mulf %s25, %b : f32
    %s26 = arith.maximumf %m26, %k : f32
    %m27 = arith.mulf %s26, %k : f32
    %s27 = arith.addf %m27, %c : f32
    %m28 = arith.mulf %s27, %b : f32
    %s28 = arith.subf %m28, %k : f32
    %m29 = arith.mulf %s28, %b : f32
    %s29 = arith.maximumf %m29, %c : f32
    %m30 = arith.mulf %s29, %k : f32
    %s30 = arith.addf %m30, %k : f32
    %m31 = arith.mulf %s30, %b : f32
    %s31 = arith.subf %m31, %c : f32
    %m32 = arith.mulf %s31, %b : f32
    %s32 = arith.maximumf %m32, %k : f32
    %m33 = arith.mulf %s32, %k : f32
    %s33 = arith.addf %m33, %c : f32
    %m34 = arith.mulf %s33, %b : f32
    %s34 = arith.subf %m34, %k : f32
    %m35 = arith.mulf %s34, %b : f32
    %s35 = arith.maximumf %m35, %c : f32
    %m36 = arith.mulf %s35, %k : f32
    %s36 = arith.addf %m36, %k : f32
    %m37 = arith.mulf %s36, %b : f32
    %s37 = arith.subf %m37, %c : f32
    %m38 = arith.mulf %s37, %b : f32
    %s38 = arith.maximumf %m38, %k : f32
    %m39 = arith.mulf %s38, %k : f32
    %s39 = arith.addf %m39, %c : f32
    %m40 = arith.mulf %s39, %b : f32
    %s40 = arith.subf %m40, %k : f32
    %m41 = arith.mulf %s40, %b : f32
    %s41 = arith.maximumf %m41, %c : f32
    %m42 = arith.mulf %s41, %k : f32
    %s42 = arith.addf %m42, %k : f32
    %m43 = arith.mulf %s42, %b : f32
    %s43 = arith.subf %m43, %c : f32
    %m44 = arith.mulf %s43, %b : f32
    %s44 = arith.maximumf %m44, %k : f32
    %m45 = arith.mulf %s44, %k : f32
    %s45 = arith.addf %m45, %c : f32
    %m46 = arith.mulf %s45, %b : f32
    %s46 = arith.subf %m46, %k : f32
    %m47 = arith.mulf %s46, %b : f32
    %s47 = arith.maximumf %m47, %c : f32
    %m48 = arith.mulf %s47, %k : f32
    %s48 = arith.addf %m48, %k : f32
    %m49 = arith.mulf %s48, %b : f32
    %s49 = arith.subf %m49, %c : f32
    linalg.yield %s49 : f32
  } -> tensor<40x24xf32>
  %r1 = linalg.generic {indexing_maps = [#id, #row, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %y, %z : tensor<40x24xf32>, tensor<24xf32>, tensor<40x24xf32>) outs(%e : tensor<40x24xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    %m0 = arith.mulf %a, %k : f32
    %s0 = arith.addf %m0, %k : f32
    %m1 = arith.mulf %s0, %b : f32
    %s1 = arith.subf %m1, %c : f32
    %m2 = arith.mulf %s1, %b : f32
    %s2 = arith.maximumf %m2, %k : f32
    %m3 = arith.mulf %s2, %k : f32
    %s3 = arith.addf %m3, %c : f32
    %m4 = arith.mulf %s3, %b : f32
    %s4 = arith.subf %m4, %k : f32
    %m5 = arith.mulf %s4, %b : f32
    %s5 = arith.maximumf %m5, %c : f32
    %m6 = arith.mulf %s5, %k : f32
    %s6 = arith.addf %m6, %k : f32
    %m7 = arith.mulf %s6, %b : f32
    %s7 = arith.subf %m7, %c : f32
    %m8 = arith.mulf %s7, %b : f32
    %s8 = arith.maximumf %m8, %k : f32
    %m9 = arith.mulf %s8, %k : f32
    %s9 = arith.addf %m9, %c : f32
    %m10 = arith.mulf %s9, %b : f32
    %s10 = arith.subf %m10, %k : f32
    %m11 = arith.mulf %s10, %b : f32
    %s11 = arith.maximumf %m11, %c : f32
    %m12 = arith.mulf %s11, %k : f32
    %s12 = arith.addf %m12, %k : f32
    %m13 = arith.mulf %s12, %b : f32
    %s13 = arith.subf %m13, %c : f32
    %m14 = arith.mulf %s13, %b : f32
    %s14 = arith.maximumf %m14, %k : f32
    %m15 = arith.mulf %s14, %k : f32
    %s15 = arith.addf %m15, %c : f32
    %m16 = arith.mulf %s15, %b : f32
    %s16 = arith.subf %m16, %k : f32
    %m17 = arith.mulf %s16, %b : f32
    %s17 = arith.maximumf %m17, %c : f32
    %m18 = arith.mulf %s17, %k : f32
    %s18 = arith.addf %m18, %k : f32
    %m19 = arith.mulf %s18, %b : f32
    %s19 = arith.subf %m19, %c : f32
    %m20 = arith.mulf %s19, %b : f32
    %s20 = arith.maximumf %m20, %k : f32
    %m21 = arith.mulf %s20, %k : f32
    %s21 = arith.addf %m21, %c : f32
    %m22 = arith.mulf %s21, %b : f32
    %s22 = arith.subf %m22, %k : f32
    %m23 = arith.mulf %s22, %b : f32
    %s23 = arith.maximumf %m23, %c : f32
    %m24 = arith.mulf %s23, %k : f32
    %s24 = arith.addf %m24, %k : f32
    %m25 = arith.mulf %s24, %b : f32
    %s25 = arith.subf %m25, %c : f32
    %m26 = arith.mulf %s25, %b : f32
    %s26 = arith.maximumf %m26, %k : f32
    %m27 = arith.mulf %s26, %k : f32
    %s27 = arith.addf %m27, %c : f32
    %m28 = arith.mulf %s27, %b : f32
    %s28 = arith.subf %m28, %k : f32
    %m29 = arith.mulf %s28, %b : f32
    %s29 = arith.maximumf %m29, %c : f32
    %m30 = arith.mulf %s29, %k : f32
    %s30 = arith.addf %m30, %k : f32
    %m31 = arith.mulf %s30, %b : f32
    %s31 = arith.subf %m31, %c : f32
    %m32 = arith.mulf %s31, %b : f32
    %s32 = arith.maximumf %m32, %k : f32
    %m33 = arith.mulf %s32, %k : f32
    %s33 = arith.addf %m33, %c : f32
    %m34 = arith.mulf %s33, %b : f32
    %s34 = arith.subf %m34, %k : f32
    %m35 = arith.mulf %s34, %b : f32
    %s35 = arith.maximumf %m35, %c : f32
    %m36 = arith.mulf %s35, %k : f32
    %s36 = arith.addf %m36, %k : f32
    %m37 = arith.mulf %s36, %b : f32
    %s37 = arith.subf %m37, %c : f32
    %m38 = arith.mulf %s37, %b : f32
    %s38 = arith.maximumf %m38, %k : f32
    %m39 = arith.mulf %s38, %k : f32
    %s39 = arith.addf %m39, %c : f32
    %m40 = arith.mulf %s39, %b : f32
    %s40 = arith.subf %m40, %k : f32
    %m41 = arith.mulf %s40, %b : f32
    %s41 = arith.maximumf %m41, %c : f32
    %m42 = arith.mulf %s41, %k : f32
    %s42 = arith.addf %m42, %k : f32
    %m43 = arith.mulf %s42, %b : f32
    %s43 = arith.subf %m43, %c : f32
    %m44 = arith.mulf %s43, %b : f32
    %s44 = arith.maximumf %m44, %k : f32
    %m45 = arith.mulf %s44, %k : f32
    %s45 = arith.addf %m45, %c : f32
    %m46 = arith.mulf %s45, %b : f32
    %s46 = arith.subf %m46, %k : f32
    %m47 = arith.mulf %s46, %b : f32
    %s47 = arith.maximumf %m47, %c : f32
    %m48 = arith.mulf %s47, %k : f32
    %s48 = arith.addf %m48, %k : f32
    %m49 = arith.mulf %s48, %b : f32
    %s49 = arith.subf %m49, %c : f32
    linalg.yield %s49 : f32
  } -> tensor<40x24xf32>
  return %r0, %r1 : tensor<40x24xf32>, tensor<40x24xf32>
}

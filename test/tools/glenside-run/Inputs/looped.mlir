// In a loop two products read what the host computed before it. Between them it
// computes what the second multiplies it by, into the tensor.empty of the former.
#id = affine_map<(i, j) -> (i, j)>
func.func @looped(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %e = tensor.empty() : tensor<16x16xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = math.sin %i : f32
    linalg.yield %s : f32
  } -> tensor<16x16xf32>
  %r = scf.for %k = %c0 to %c3 step %c1 iter_args(%s = %w) -> tensor<16x16xf32> {
    %f = tensor.empty() : tensor<16x16xf32>
    %fi = linalg.fill ins(%zero : f32) outs(%f : tensor<16x16xf32>) -> tensor<16x16xf32>
    %p = linalg.matmul ins(%a, %s : tensor<16x16xf32>, tensor<16x16xf32>) outs(%fi : tensor<16x16xf32>) -> tensor<16x16xf32>
    %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%p : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
    ^bb0(%i: f32, %o: f32):
      %c = math.cos %i : f32
      linalg.yield %c : f32
    } -> tensor<16x16xf32>
    %q = linalg.matmul ins(%a, %b : tensor<16x16xf32>, tensor<16x16xf32>) outs(%fi : tensor<16x16xf32>) -> tensor<16x16xf32>
    scf.yield %q : tensor<16x16xf32>
  }
  return %r : tensor<16x16xf32>
}

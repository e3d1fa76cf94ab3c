// Two products read what the host computed. In between the host computes what the
// second one multiplies it by, into an equal tensor.empty.
#id = affine_map<(i, j) -> (i, j)>
func.func @shared(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16x16xf32>
  %ei = linalg.fill ins(%zero : f32) outs(%e : tensor<16x16xf32>) -> tensor<16x16xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = math.sin %i : f32
    linalg.yield %s : f32
  } -> tensor<16x16xf32>
  %p = linalg.matmul ins(%a, %w : tensor<16x16xf32>, tensor<16x16xf32>) outs(%ei : tensor<16x16xf32>) -> tensor<16x16xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%p : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = math.cos %i : f32
    linalg.yield %s : f32
  } -> tensor<16x16xf32>
  %q = linalg.matmul ins(%a, %b : tensor<16x16xf32>, tensor<16x16xf32>) outs(%ei : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %q : tensor<16x16xf32>
}

// The host writes into a copy of what the first product is; the second reads both.
#id = affine_map<(i, j) -> (i, j)>
func.func @written(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %c3 = arith.constant 3 : index
  %e = tensor.empty() : tensor<16x16xf32>
  %ei = linalg.fill ins(%zero : f32) outs(%e : tensor<16x16xf32>) -> tensor<16x16xf32>
  %p = linalg.matmul ins(%x, %w : tensor<16x16xf32>, tensor<16x16xf32>) outs(%ei : tensor<16x16xf32>) -> tensor<16x16xf32>
  %b = tensor.insert %two into %p[%c3, %c3] : tensor<16x16xf32>
  %q = linalg.matmul ins(%p, %b : tensor<16x16xf32>, tensor<16x16xf32>) outs(%ei : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %q : tensor<16x16xf32>
}

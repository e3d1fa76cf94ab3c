// @two and @nan of compare.mlir, wrong in one element.
func.func @two(%x: tensor<4xf32>, %i: tensor<4xi64>) -> (tensor<4xf32>, tensor<4xi64>) {
  %d = arith.constant dense<[0.0, 0.25, 0.0, 0.0]> : tensor<4xf32>
  %e = arith.constant dense<[0, 0, 1, 0]> : tensor<4xi64>
  %0 = arith.addf %x, %d : tensor<4xf32>
  %1 = arith.xori %i, %e : tensor<4xi64>
  return %0, %1 : tensor<4xf32>, tensor<4xi64>
}

func.func @nan(%x: tensor<4xf32>) -> tensor<4xf32> {
  %d = arith.constant dense<[0.0, 0.0, 0.0, 0x7fc00000]> : tensor<4xf32>
  %0 = arith.addf %x, %d : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// An input as a result.
func.func @forty(%x: tensor<6x40xf32>) -> tensor<6x40xf32> {
  %y = linalg.abs ins(%x : tensor<6x40xf32>) outs(%x : tensor<6x40xf32>) -> tensor<6x40xf32>
  return %y : tensor<6x40xf32>
}

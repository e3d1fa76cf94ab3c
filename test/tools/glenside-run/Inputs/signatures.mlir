//--- type.mlir
func.func @fine(%a: tensor<5xf32>) -> tensor<5xf32> {
  return %a : tensor<5xf32>
}
//--- count.mlir
func.func @fine(%a: tensor<4xf32>, %b: i32) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
//--- name.mlir
func.func @other(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
//--- syntax.mlir
func.func @f() {
  retrun
}
//--- empty.mlir
module {}

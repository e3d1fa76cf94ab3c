// What has no tensor form is an error at the op.

// RUN: glenside-opt %s --split-input-file --verify-diagnostics --convert-access-to-linalg

// expected-error@+1 {{'func.func' op has an access pattern, which only ops of the access dialect can be lowered with}}
func.func @argument(%p: !access.pattern<[3], [4], f32>) -> tensor<3x4xf32> {
  %0 = access.tensor %p : !access.pattern<[3], [4], f32> -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

func.func @yielded(%t: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  %0 = access.view %t {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  // expected-error@+1 {{'scf.if' op has an access pattern}}
  %1 = scf.if %c -> !access.pattern<[4], [], f32> {
    scf.yield %0 : !access.pattern<[4], [], f32>
  } else {
    %2 = access.compute neg %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
    scf.yield %2 : !access.pattern<[4], [], f32>
  }
  %3 = access.tensor %1 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  return %3 : tensor<4xf32>
}

// -----

func.func @effects(%t: tensor<4xf32>) -> tensor<4xf32> {
  %0 = access.view %t {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  // expected-error@+1 {{'access.call' op 'func.call' in its body is no pure scalar function}}
  %1 = access.call @f %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %2 = access.tensor %1 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
func.func private @g(f32) -> f32
func.func private @f(%x: f32) -> f32 {
  %0 = func.call @g(%x) : (f32) -> f32
  return %0 : f32
}

// -----

func.func @declared(%t: tensor<4xf32>) -> tensor<4xf32> {
  %0 = access.view %t {at = 1} : tensor<4xf32> -> !access.pattern<[4], [], f32>
  // expected-error@+1 {{'access.call' op its body @f is not one block}}
  %1 = access.call @f %0 : !access.pattern<[4], [], f32> -> !access.pattern<[4], [], f32>
  %2 = access.tensor %1 : !access.pattern<[4], [], f32> -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
func.func private @f(f32) -> f32

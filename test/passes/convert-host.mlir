// What does not fit stays as it is: a remark says why, and for a contraction
// also a warning. Nothing is half converted.

// RUN: glenside-opt %s --split-input-file --verify-diagnostics --convert-linalg-to-access -o %t.mlir 2>%t.err
// RUN: FileCheck %s --input-file=%t.mlir
// RUN: FileCheck %s --input-file=%t.err --check-prefix=SUMMARY
// RUN: glenside-opt %s --split-input-file --convert-linalg-to-access --remarks-filter=glenside-convert -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// CHECK-LABEL: @dynamic(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=dynamic | Op=linalg.matmul, Reason="operand #0 of 'tensor<?x4xf32>': 'tensor<?x4xf32>' has no static shape"
func.func @dynamic(%a: tensor<?x4xf32>, %b: tensor<4x5xf32>, %c: tensor<?x5xf32>) -> tensor<?x5xf32> {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: operand #0 of 'tensor<?x4xf32>': 'tensor<?x4xf32>' has no static shape}}
  %r = linalg.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x5xf32>) outs(%c : tensor<?x5xf32>) -> tensor<?x5xf32>
  return %r : tensor<?x5xf32>
}

// -----

// CHECK-LABEL: @zero(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=zero | Op=linalg.matmul, Reason="operand #0 of 'tensor<0x4xf32>': shape: dimension 0 has extent 0, not 1 to 2147483647"
func.func @zero(%a: tensor<0x4xf32>, %b: tensor<4x5xf32>, %c: tensor<0x5xf32>) -> tensor<0x5xf32> {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: operand #0 of 'tensor<0x4xf32>': shape: dimension 0 has extent 0, not 1 to 2147483647}}
  %r = linalg.matmul ins(%a, %b : tensor<0x4xf32>, tensor<4x5xf32>) outs(%c : tensor<0x5xf32>) -> tensor<0x5xf32>
  return %r : tensor<0x5xf32>
}

// -----

// CHECK-LABEL: @zero_k(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=zero_k | Op=linalg.matmul, Reason="operand #0 of 'tensor<3x0xf32>': shape: dimension 1 has extent 0, not 1 to 2147483647"
func.func @zero_k(%a: tensor<3x0xf32>, %b: tensor<0x5xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: operand #0 of 'tensor<3x0xf32>': shape: dimension 1 has extent 0, not 1 to 2147483647}}
  %r = linalg.matmul ins(%a, %b : tensor<3x0xf32>, tensor<0x5xf32>) outs(%c : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// -----

// CHECK-LABEL: @memrefs(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=memrefs | Op=linalg.matmul, Reason="operand #0 of 'memref<3x4xf32>' is no tensor"
func.func @memrefs(%a: memref<3x4xf32>, %b: memref<4x5xf32>, %c: memref<3x5xf32>) {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: operand #0 of 'memref<3x4xf32>' is no tensor}}
  linalg.matmul ins(%a, %b : memref<3x4xf32>, memref<4x5xf32>) outs(%c : memref<3x5xf32>)
  return
}

// -----

// CHECK-LABEL: @complex(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=complex | Op=linalg.matmul, Reason="element type 'complex<f32>' is not supported"
func.func @complex(%a: tensor<3x4xcomplex<f32>>, %b: tensor<4x5xcomplex<f32>>, %c: tensor<3x5xcomplex<f32>>) -> tensor<3x5xcomplex<f32>> {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: element type 'complex<f32>' is not supported}}
  %r = linalg.matmul ins(%a, %b : tensor<3x4xcomplex<f32>>, tensor<4x5xcomplex<f32>>) outs(%c : tensor<3x5xcomplex<f32>>) -> tensor<3x5xcomplex<f32>>
  return %r : tensor<3x5xcomplex<f32>>
}

// -----

// CHECK-LABEL: @huge_extent(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=huge_extent | Op=linalg.matmul, Reason="operand #0 of 'tensor<4294967296x4xf32>': shape: dimension 0 has extent 4294967296, not 1 to 2147483647"
func.func @huge_extent(%a: tensor<4294967296x4xf32>, %b: tensor<4x5xf32>, %c: tensor<4294967296x5xf32>) -> tensor<4294967296x5xf32> {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: operand #0 of 'tensor<4294967296x4xf32>': shape: dimension 0 has extent 4294967296, not 1 to 2147483647}}
  %r = linalg.matmul ins(%a, %b : tensor<4294967296x4xf32>, tensor<4x5xf32>) outs(%c : tensor<4294967296x5xf32>) -> tensor<4294967296x5xf32>
  return %r : tensor<4294967296x5xf32>
}

// -----

// CHECK-LABEL: @huge_space(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=huge_space | Op=linalg.matmul, Reason="shape: more than 2^62 elements up to dimension 2"
func.func @huge_space(%a: tensor<2147483647x1073741824xi8>, %b: tensor<1073741824x1073741824xi8>, %c: tensor<2147483647x1073741824xi8>) -> tensor<2147483647x1073741824xi8> {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: shape: more than 2^62 elements up to dimension 2}}
  %r = linalg.matmul ins(%a, %b : tensor<2147483647x1073741824xi8>, tensor<1073741824x1073741824xi8>) outs(%c : tensor<2147483647x1073741824xi8>) -> tensor<2147483647x1073741824xi8>
  return %r : tensor<2147483647x1073741824xi8>
}

// -----

// CHECK-LABEL: @gather(
// CHECK-NOT: access.
// CHECK: linalg.generic
// REMARK: Function=gather | Op=linalg.generic, Reason="'tensor.extract' in its body is no pure scalar function"
func.func @gather(%a: tensor<4xindex>, %t: tensor<9x5xf32>) -> tensor<4x5xf32> {
  %e = tensor.empty() : tensor<4x5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<4xindex>) outs(%e : tensor<4x5xf32>) {
    ^bb0(%x: index, %o: f32):
      %j = linalg.index 1 : index
      %v = tensor.extract %t[%x, %j] : tensor<9x5xf32>
      linalg.yield %v : f32
  } -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}

// -----

// CHECK-LABEL: @asserts(
// CHECK-NOT: access.
// CHECK: linalg.generic
// REMARK: Function=asserts | Op=linalg.generic, Reason="'cf.assert' in its body is no pure scalar function"
func.func @asserts(%a: tensor<4xf32>) -> tensor<4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%x: f32, %o: f32):
      %t = arith.cmpf ogt, %x, %z : f32
      cf.assert %t, "positive"
      linalg.yield %x : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// CHECK-LABEL: @calls(
// CHECK-NOT: access.
// CHECK: linalg.map
// REMARK: Function=calls | Op=linalg.map, Reason="'func.call' in its body is no pure scalar function"
func.func private @f(f32) -> f32
func.func @calls(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.map ins(%a : tensor<4xf32>) outs(%a : tensor<4xf32>) (%x: f32, %o: f32) {
      %v = func.call @f(%x) : (f32) -> f32
      linalg.yield %v : f32
  }
  return %r : tensor<4xf32>
}

// -----

// CHECK-LABEL: @region(
// CHECK-NOT: access.
// CHECK: linalg.map
// REMARK: Function=region | Op=linalg.map, Reason="'scf.if' in its body is no pure scalar function"
func.func @region(%a: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  %r = linalg.map ins(%a : tensor<4xf32>) outs(%a : tensor<4xf32>) (%x: f32, %o: f32) {
      %v = scf.if %c -> f32 {
        scf.yield %x : f32
      } else {
        %n = arith.negf %x : f32
        scf.yield %n : f32
      }
      linalg.yield %v : f32
  }
  return %r : tensor<4xf32>
}

// -----

// CHECK-LABEL: @floordiv(
// CHECK-NOT: access.
// CHECK: linalg.generic
// REMARK: Function=floordiv | Op=linalg.generic, Reason="indexing map affine_map<(d0) -> (d0 floordiv 2)> is not linear"
func.func @floordiv(%a: tensor<4xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0 floordiv 2)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%x: f32, %o: f32):
      linalg.yield %x : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// CHECK-LABEL: @last_wins(
// CHECK-NOT: access.
// CHECK: linalg.generic
// REMARK: Function=last_wins | Op=linalg.generic, Reason="result #0 does not depend on its old value, but there are reduction loops"
func.func @last_wins(%a: tensor<4x5xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<4x5xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%x: f32, %o: f32):
      linalg.yield %x : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// CHECK-LABEL: @scan(
// CHECK-NOT: access.
// CHECK: linalg.generic
// REMARK: Function=scan | Op=linalg.generic, Reason="result #0 is no known reduction of its old value"
func.func @scan(%a: tensor<4x5xf32>, %e: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%a : tensor<4x5xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%x: f32, %o: f32):
      %0 = arith.mulf %x, %o : f32
      %1 = arith.addf %0, %x : f32
      linalg.yield %1 : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// CHECK-LABEL: @partial(
// CHECK-NOT: access.
// CHECK: linalg.generic
// REMARK: Function=partial | Op=linalg.generic, Reason="result #0 is written at an index that is no loop"
func.func @partial(%a: tensor<4xf32>, %e: tensor<9xf32>) -> tensor<9xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0 * 2 + 1)>], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<9xf32>) {
    ^bb0(%x: f32, %o: f32):
      linalg.yield %x : f32
  } -> tensor<9xf32>
  return %r : tensor<9xf32>
}

// -----

// CHECK-LABEL: @partial_zero(
// CHECK-NOT: access.
// CHECK: linalg.generic
// REMARK: Function=partial_zero | Op=linalg.generic, Reason="result #0 of 'tensor<3x4xf32>' would become 'tensor<1x4xf32>'"
func.func @partial_zero(%a: tensor<4xf32>, %e: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (0, d0)>], iterator_types = ["parallel"]} ins(%a : tensor<4xf32>) outs(%e : tensor<3x4xf32>) {
    ^bb0(%x: f32, %o: f32):
      linalg.yield %x : f32
  } -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// -----

// CHECK-LABEL: @strided_insert(
// CHECK-NOT: access.
// CHECK: tensor.insert_slice
// REMARK: Function=strided_insert | Op=tensor.insert_slice, Reason="it inserts with stride 3"
// REMARK: Op=tensor.insert_slice, Reason="entry 0 of 'static_offsets' is not constant"
func.func @strided_insert(%a: tensor<2xf32>, %b: tensor<9xf32>, %i: index) -> (tensor<9xf32>, tensor<9xf32>) {
  %r = tensor.insert_slice %a into %b[1] [2] [3] : tensor<2xf32> into tensor<9xf32>
  %s = tensor.insert_slice %a into %b[%i] [2] [1] : tensor<2xf32> into tensor<9xf32>
  return %r, %s : tensor<9xf32>, tensor<9xf32>
}

// -----

// CHECK-LABEL: @host(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=host | Op=linalg.matmul, Reason="glenside.device = "host""
func.func @host(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %r = linalg.matmul {glenside.device = "host"} ins(%a, %b : tensor<3x4xf32>, tensor<4x5xf32>) outs(%c : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// -----

// CHECK-LABEL: @pack(
// CHECK-NOT: access.
// CHECK: linalg.pack
// REMARK: Function=pack | Op=linalg.pack, Reason="the padding value is not constant"
func.func @pack(%a: tensor<7x4xf32>, %f: f32, %o: tensor<2x2x4x2xf32>) -> tensor<2x2x4x2xf32> {
  %r = linalg.pack %a padding_value(%f : f32) inner_dims_pos = [0, 1] inner_tiles = [4, 2] into %o : tensor<7x4xf32> -> tensor<2x2x4x2xf32>
  return %r : tensor<2x2x4x2xf32>
}

// -----

// CHECK-LABEL: @sparse(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=sparse | Op=linalg.matmul, Reason="operand #0 of 'tensor<3x4xf32, #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed) }>>' has an encoding"
#csr = #sparse_tensor.encoding<{ map = (i, j) -> (i : dense, j : compressed) }>
func.func @sparse(%a: tensor<3x4xf32, #csr>, %b: tensor<4x5xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: operand #0 of 'tensor<3x4xf32, #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed) }>>' has an encoding}}
  %r = linalg.matmul ins(%a, %b : tensor<3x4xf32, #csr>, tensor<4x5xf32>) outs(%c : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}

// -----

// CHECK-LABEL: @unranked(
// CHECK-NOT: access.
// CHECK: math.exp
func.func @unranked(%a: tensor<*xf32>) -> tensor<*xf32> {
  %r = math.exp %a : tensor<*xf32>
  return %r : tensor<*xf32>
}

// -----

// CHECK-LABEL: @vectors(
// CHECK-NOT: access.
// CHECK: linalg.map
// REMARK: Function=vectors | Op=linalg.map, Reason="element type 'vector<4xf32>' is not supported"
func.func @vectors(%a: vector<4xf32>, %t: tensor<4xvector<4xf32>>) -> (vector<4xf32>, tensor<4xvector<4xf32>>) {
  %r = arith.addf %a, %a : vector<4xf32>
  %s = linalg.map ins(%t : tensor<4xvector<4xf32>>) outs(%t : tensor<4xvector<4xf32>>) (%x: vector<4xf32>, %o: vector<4xf32>) {
      %v = arith.addf %x, %a : vector<4xf32>
      linalg.yield %v : vector<4xf32>
  }
  return %r, %s : vector<4xf32>, tensor<4xvector<4xf32>>
}

// -----

// CHECK-LABEL: @dynamic_pad(
// CHECK-NOT: access.
// CHECK: tensor.pad
// REMARK: Function=dynamic_pad | Op=tensor.pad, Reason="the padding value is not constant"
// REMARK: Op=tensor.pad, Reason="entry 0 of 'static_high' is not constant"
func.func @dynamic_pad(%a: tensor<4xf32>, %f: f32, %n: index) -> (tensor<6xf32>, tensor<?xf32>) {
  %r = tensor.pad %a low[1] high[1] {
    ^bb0(%i: index):
      tensor.yield %f : f32
  } : tensor<4xf32> to tensor<6xf32>
  %z = arith.constant 0.0 : f32
  %s = tensor.pad %a low[1] high[%n] {
    ^bb0(%i: index):
      tensor.yield %z : f32
  } : tensor<4xf32> to tensor<?xf32>
  return %r, %s : tensor<6xf32>, tensor<?xf32>
}

// -----

// CHECK-LABEL: @odd_types(
// CHECK-NOT: access.
// CHECK: linalg.matmul
// SUMMARY: glenside: found 0/1 contractions
// REMARK: Function=odd_types | Op=linalg.matmul, Reason="element type 'i4' is not supported"
// REMARK: Op=tensor.extract_slice, Reason="'tensor<4xf8E4M3FN>' has no element type of ours"
// REMARK: Op=tensor.pad, Reason="'tensor<4xf8E4M3FN>' has no element type of ours"
func.func @odd_types(%a: tensor<3x4xi4>, %b: tensor<4x5xi4>, %c: tensor<3x5xi32>, %d: tensor<4xf8E4M3FN>) -> (tensor<3x5xi32>, tensor<4xf8E4M3FN>) {
  // expected-warning@+1 {{contraction 'linalg.matmul' stays on the host: element type 'i4' is not supported}}
  %r = linalg.matmul ins(%a, %b : tensor<3x4xi4>, tensor<4x5xi4>) outs(%c : tensor<3x5xi32>) -> tensor<3x5xi32>
  %s = tensor.extract_slice %d[0] [4] [1] : tensor<4xf8E4M3FN> to tensor<4xf8E4M3FN>
  %t = tensor.pad %d low[0] high[0] {
    ^bb0(%i: index):
      %z = arith.constant 0.0 : f8E4M3FN
      tensor.yield %z : f8E4M3FN
  } : tensor<4xf8E4M3FN> to tensor<4xf8E4M3FN>
  return %r, %t : tensor<3x5xi32>, tensor<4xf8E4M3FN>
}

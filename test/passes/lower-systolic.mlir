// Commands become calls: constants as descriptors, a copy where something
// varies, a device that is asked for by its point.
// RUN: glenside-opt %s --lower-systolic | FileCheck %s
// CHECK-DAG: llvm.func @sa_gemm(!llvm.ptr, !llvm.ptr, i32, i32) -> i32
// CHECK-DAG: llvm.func @sa_program_device(!llvm.ptr) -> !llvm.ptr
// CHECK-DAG: llvm.mlir.global internal constant @__sa_constant_0({{.*}}) {addr_space = 0 : i32, alignment = 8 : i64} : !llvm.array<64 x i8>
// CHECK-LABEL: func.func @f(
// CHECK: %[[SCRATCH:.*]] = llvm.alloca %{{.*}} x !llvm.array<512 x i8>
// CHECK: %[[DEV:.*]] = llvm.call @sa_program_device(%[[SCRATCH]])
// A load passes the address of its constant, and the tensor's.
// CHECK: %[[LOAD:.*]] = llvm.mlir.addressof @__sa_constant_
// CHECK: memref.extract_aligned_pointer_as_index %{{.*}} : memref<8x16xf32>
// CHECK: %[[TENSOR:.*]] = llvm.inttoptr
// CHECK: llvm.call @sa_load(%[[DEV]], %[[LOAD]], %[[TENSOR]], %{{.*}}, %{{.*}})
// CHECK: llvm.call @sa_loadw(
// CHECK: llvm.call @sa_signal(
// CHECK: llvm.call @sa_await(
// CHECK: llvm.call @sa_preload(
// CHECK: scf.for
// CHECK: "llvm.intr.memcpy"(%[[SCRATCH]],
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[SCRATCH]][12]
// CHECK: llvm.store %{{.*}}, %[[AT]] : i32, !llvm.ptr
// CHECK: llvm.call @sa_gemm(%[[DEV]], %[[SCRATCH]],
// CHECK: llvm.call @sa_alu(
// CHECK: llvm.call @sa_store(
// CHECK: llvm.call @sa_submit(
// CHECK: llvm.call @sa_program_wait(
// CHECK-NOT: systolic.

// The same on the simulator: relu(8 i (j - 1)).
// RUN: %if release %{ glenside-opt %s --lower-systolic --convert-linalg-to-loops --convert-scf-to-cf --expand-strided-metadata --lower-affine --convert-arith-to-llvm --finalize-memref-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts | mlir-runner -e main -entry-point-result=void -shared-libs=%runner_libs,%libsa | FileCheck %s --check-prefix=VALUES %}
// VALUES{LITERAL}: [[0,   0,   0,   0],
// VALUES-NEXT{LITERAL}:  [0,   0,   8,   16],
// VALUES: [0,   0,   56,   112]

// A device that comes from elsewhere is no device.
// RUN: glenside-opt --glenside-print-examples=systolic | not glenside-opt --lower-systolic 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: error: 'systolic.load' op operand #0 ('dev') must come from systolic.open in the same function
func.func @f(%a: memref<8x16xf32>, %b: memref<16x4xf32>, %c: memref<8x4xf32>) {
  %d = systolic.open {target = "gemmini16", in = "f32", acc = "f32", rows = 16, cols = 16, abuf_bytes = 131072, wbuf_bytes = 131072, acc_bytes = 65536, lanes = 16, dram_bytes_per_cycle = 8, dram_burst_bytes = 64, dram_request_cycles = 10, dram_latency_cycles = 100, caps = 251} : !systolic.device
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %2 = arith.constant 2 : index
  systolic.load %d, %a, %0, %0, %0, %0, %0, %0 {space = "abuf", type = "f32", n = [1, 1, 1, 8, 16], extent = [1, 1, 1, 8, 16], stride = [0, 0, 0, 64, 4], rows = [0, 0, 0, 1]} : !systolic.device, memref<8x16xf32>, index, index, index, index, index, index
  systolic.loadw %d, %b, %0, %0, %0, %0, %0, %0 {type = "f32", n = [1, 1, 1, 16, 4], extent = [1, 1, 1, 16, 4], stride = [0, 0, 0, 16, 4], rows = [0, 0, 0, 1]} : !systolic.device, memref<16x4xf32>, index, index, index, index, index, index
  systolic.signal %d {from = "load", to = "exec"} : !systolic.device
  systolic.await %d {to = "exec", from = "load"} : !systolic.device
  systolic.preload %d, %0 {k = 16, cols = 4} : !systolic.device, index
  scf.for %i = %0 to %8 step %2 {
    systolic.gemm %d, %i, %i, %2 {n = [1, 1, 1, 0], a = [0, 0, 0, 1], c = [0, 0, 0, 1], k = 16, cols = 4, varying = ["n[3]"]} : !systolic.device, index, index, index
  }
  systolic.alu relu %d, %0, %0, %0 {n = [1, 1, 1, 8], cols = 4, dst = [0, 0, 0, 1], lhs = [0, 0, 0, 1]} : !systolic.device, index, index, index
  systolic.store %d, %c, %0, %0, %0, %0, %0, %0 {space = "acc", type = "f32", n = [1, 1, 1, 8, 4], extent = [1, 1, 1, 8, 4], stride = [0, 0, 0, 16, 4], rows = [0, 0, 0, 1], requant = [1, 0, 0, 0, 0, 0], scale = 0.5} : !systolic.device, memref<8x4xf32>, index, index, index, index, index, index
  systolic.submit %d : !systolic.device
  systolic.wait %d {layer = "product"} : !systolic.device
  return
}
func.func private @printMemrefF32(%m: memref<*xf32>) attributes { llvm.emit_c_interface }
func.func @main() {
  %a = memref.alloc() : memref<8x16xf32>
  %b = memref.alloc() : memref<16x4xf32>
  %c = memref.alloc() : memref<8x4xf32>
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%a : memref<8x16xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %x = arith.index_cast %i : index to i32
    %y = arith.sitofp %x : i32 to f32
    linalg.yield %y : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} outs(%b : memref<16x4xf32>) {
  ^bb0(%o: f32):
    %j = linalg.index 1 : index
    %k = arith.constant 1 : index
    %s = arith.subi %j, %k : index
    %x = arith.index_cast %s : index to i32
    %y = arith.sitofp %x : i32 to f32
    linalg.yield %y : f32
  }
  call @f(%a, %b, %c) : (memref<8x16xf32>, memref<16x4xf32>, memref<8x4xf32>) -> ()
  %u = memref.cast %c : memref<8x4xf32> to memref<*xf32>
  call @printMemrefF32(%u) : (memref<*xf32>) -> ()
  return
}

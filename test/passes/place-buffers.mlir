// Buffers that do not live at the same time share memory; each is a view of one
// arena.
// RUN: glenside-opt %s --pass-pipeline='builtin.module(func.func(place-buffers))' --remarks-filter=glenside-place 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --input-file=%t.remarks --check-prefix=REMARK
// RUN: glenside-opt --help | FileCheck %s --check-prefix=HELP
// HELP: --place-buffers {{.*}}Lets buffers that live at different times share memory

// a is over when c begins, and b, of which c is copied through a view, when d
// does: two places of 256 bytes are enough for four buffers.
// CHECK-LABEL: func.func @chain(
// CHECK-DAG: %[[ARENA:.*]] = memref.alloc() {alignment = 64 : i64} : memref<512xi8>
// CHECK: %[[A:.*]] = memref.view %[[ARENA]][%c0{{.*}}][] : memref<512xi8> to memref<64xf32>
// CHECK: %[[B:.*]] = memref.view %[[ARENA]][%c256{{.*}}][] : memref<512xi8> to memref<64xf32>
// CHECK: %[[C:.*]] = memref.view %[[ARENA]][%c0{{.*}}][] : memref<512xi8> to memref<8x8xf32>
// CHECK: %[[D:.*]] = memref.view %[[ARENA]][%c256{{.*}}][] : memref<512xi8> to memref<25xf32>
// REMARK: Arena | Category:glenside-place | Function=chain | Arena=512, Buffers=4, Live=512, Sum=896
func.func @chain(%x: memref<64xf32>, %y: memref<25xf32>) {
  %zero = arith.constant 0.0 : f32
  %i0 = arith.constant 0 : index
  %a = memref.alloc() : memref<64xf32>
  memref.copy %x, %a : memref<64xf32> to memref<64xf32>
  %b = memref.alloc() : memref<64xf32>
  memref.copy %a, %b : memref<64xf32> to memref<64xf32>
  // A view lives on as what it is a view of.
  %bv = memref.expand_shape %b [[0, 1]] output_shape [8, 8] : memref<64xf32> into memref<8x8xf32>
  %c = memref.alloc() {alignment = 64 : i64} : memref<8x8xf32>
  memref.copy %bv, %c : memref<8x8xf32> to memref<8x8xf32>
  %d = memref.alloc() : memref<25xf32>
  linalg.fill ins(%zero : f32) outs(%d : memref<25xf32>)
  memref.copy %d, %y : memref<25xf32> to memref<25xf32>
  %use = memref.load %c[%i0, %i0] : memref<8x8xf32>
  memref.store %use, %x[%i0] : memref<64xf32>
  return
}

// A command reads its operand until the accelerator has been waited for: %b may
// not lie where %a does, though no op behind %b names %a. %c may.
// CHECK-LABEL: func.func @queued(
// CHECK: memref.view %{{.*}}[%c0{{.*}}][] : memref<512xi8>
// CHECK: memref.view %{{.*}}[%c256{{.*}}][] : memref<512xi8>
// CHECK: memref.view %{{.*}}[%c0{{.*}}][] : memref<512xi8>
// REMARK: Function=queued | Arena=512, Buffers=3, Live=512, Sum=768
func.func @queued(%x: memref<64xf32>) {
  %i0 = arith.constant 0 : index
  %dev = systolic.open {target = "gemmini16", in = "f32", acc = "f32", rows = 16, cols = 16, abuf_bytes = 131072, wbuf_bytes = 131072, acc_bytes = 65536, lanes = 16, dram_bytes_per_cycle = 8, dram_burst_bytes = 64, dram_request_cycles = 10, dram_latency_cycles = 100, caps = 219} : !systolic.device
  %a = memref.alloc() : memref<64xf32>
  memref.copy %x, %a : memref<64xf32> to memref<64xf32>
  systolic.load %dev, %a, %i0, %i0, %i0, %i0, %i0, %i0 {space = "abuf", type = "f32", n = [1, 1, 1, 8, 8], extent = [1, 1, 1, 8, 8], stride = [0, 0, 0, 32, 4], rows = [0, 0, 0, 1]} : !systolic.device, memref<64xf32>, index, index, index, index, index, index
  %b = memref.alloc() : memref<64xf32>
  memref.copy %x, %b : memref<64xf32> to memref<64xf32>
  systolic.wait %dev : !systolic.device
  %c = memref.alloc() : memref<64xf32>
  memref.copy %b, %c : memref<64xf32> to memref<64xf32>
  memref.copy %c, %x : memref<64xf32> to memref<64xf32>
  return
}

// What is returned, carried by a loop, freed by hand or known by its address
// stays; and so does a lone buffer.
// CHECK-LABEL: func.func @stays(
// CHECK-COUNT-5: memref.alloc() : memref<4xf32>
// CHECK-NOT: memref.view
func.func @stays(%n: index) -> (memref<4xf32>, index) {
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %returned = memref.alloc() : memref<4xf32>
  %freed = memref.alloc() : memref<4xf32>
  memref.dealloc %freed : memref<4xf32>
  %known = memref.alloc() : memref<4xf32>
  %address = memref.extract_aligned_pointer_as_index %known : memref<4xf32> -> index
  %carried = memref.alloc() : memref<4xf32>
  %last = scf.for %i = %i0 to %n step %i1 iter_args(%m = %carried) -> memref<4xf32> {
    scf.yield %m : memref<4xf32>
  }
  %lone = memref.alloc() : memref<4xf32>
  memref.copy %last, %lone : memref<4xf32> to memref<4xf32>
  return %returned, %address : memref<4xf32>, index
}

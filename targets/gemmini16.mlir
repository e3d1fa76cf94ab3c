// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// gemmini16: a 16 x 16 array as Gemmini's default configuration, with the
// scratchpad split into one half for streams and one for weights. See README.md.

#gemmini = "Gemmini's default configuration"
#half = "half of Gemmini's 256 KiB scratchpad"
#rocket = "an in-order scalar host of the Rocket class"
// pJ at 40 nm, per 8-bit word: the values behind the public Gemmini data set of
// DOSA (MICRO'23).
#dosa = "DOSA data set, Accelergy + CACTI at 40 nm"
// mm2 at 40 nm, over the 95 architectures of that set: mean error 5.4 %, worst
// 18 %.
#fit = "least squares over the 95 DOSA architectures, 40 nm"
#horowitz = "Horowitz ISSCC'14 at 45 nm: multiply + 32-bit add"

module attributes {systolic.target = {
  name = "gemmini16",
  arrays = [{
    source = #gemmini,
    rows = 16, cols = 16,
    weight_stationary = 1, output_stationary = 1, shadow_weights = 0,
    min_stream = {value = 4,
                  source = "Gemmini's execute controller: max(rows, 4)"},
    interlock = {value = 0, source = "our runtime: a token per tile"}
  }],
  vector = {source = #gemmini, lanes = 16},
  memories = {
    source = #half,
    abuf_bytes = 131072,
    wbuf_bytes = 131072,
    acc_bytes = {value = 65536, source = #gemmini}
  },
  dram = {
    dram_bytes_per_cycle = {value = 8, source = "the DOSA data set"},
    dram_burst_bytes = {value = 64, source = "Gemmini's largest DMA request"},
    dram_request_cycles = {
      value = 10, source = "swept on the DOSA RTL rows; see README.md"},
    dram_latency = {value = 100, source = "assumed"}
  },
  host = {
    source = #rocket,
    host_cycles_per_mac = 64,
    host_cycles_per_element = 8,
    host_bytes_per_cycle = 8
  },
  types = [
    {lhs = i8, rhs = i8, acc = i32, mac_pj = 0.5608, source = #dosa},
    {lhs = bf16, rhs = bf16, acc = f32, mac_pj = 2.0, source = #horowitz},
    {lhs = f32, rhs = f32, acc = f32, mac_pj = 4.6, source = #horowitz},
    {lhs = f16, rhs = f16, acc = f32, mac_pj = 2.0, source = #horowitz}
  ],
  energy = {
    source = #dosa,
    energy_register = 0.48746,
    energy_acc = 1.94, energy_acc_bank = 0.1005,
    energy_sram = 0.49, energy_sram_size = 0.02513,
    energy_dram = 100
  },
  area = {
    source = #fit,
    area_cell = 4.04e-4,
    area_shadow = {value = 4.8e-5,
                   source = "Aladdin 40 nm: 8 register bits of 5.98 um2"},
    area_side = 1.09e-3,
    area_lane = {value = 0,
                 source = "not separable in the fit: part of area_side"},
    area_acc = 5.55e-3, area_sram = 2.60e-3,
    area_base = 0.0138
  }
}} {

//===-- The array ---------------------------------------------------------===//

// One block of weights sits in the cells, the rows of the other operand stream
// past. A row of a is a row of ABUF, a row of the result one of ACC.
func.func @gemm(%a: !access.pattern<["m"], ["k"], i8>,
                %w: !access.pattern<["k"], ["n"], i8>,
                %c: !access.pattern<["m", "n"], [], i32>)
    -> !access.pattern<["m", "n"], [], i32>
    attributes {systolic.unit = "array",
                systolic.dataflow = "weight_stationary", systolic.any_type,
                systolic.where = ["k <= rows", "n <= cols", "m <= abuf_rows",
                                  "m <= acc_rows"]} {
  %t = access.transpose %w {perm = [1, 0]} : !access.pattern<["k"], ["n"], i8> -> !access.pattern<["n"], ["k"], i8>
  %p = access.cartesian_product %a, %t : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
  %d = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
  %r = access.compute add %c, %d : !access.pattern<["m", "n"], [], i32>, !access.pattern<["m", "n"], [], i32> -> !access.pattern<["m", "n"], [], i32>
  return %r : !access.pattern<["m", "n"], [], i32>
}

// A tile of sums sits in the cells, both operands stream past: k is bounded by
// memory alone. A step of the reduction is a row of WBUF.
func.func @gemm_os(%a: !access.pattern<["m"], ["k"], i8>,
                   %w: !access.pattern<["k"], ["n"], i8>,
                   %c: !access.pattern<["m", "n"], [], i32>)
    -> !access.pattern<["m", "n"], [], i32>
    attributes {systolic.unit = "array",
                systolic.dataflow = "output_stationary", systolic.any_type,
                systolic.where = ["m <= rows", "n <= cols", "m <= acc_rows",
                                  "k <= wbuf_rows"]} {
  %t = access.transpose %w {perm = [1, 0]} : !access.pattern<["k"], ["n"], i8> -> !access.pattern<["n"], ["k"], i8>
  %p = access.cartesian_product %a, %t : !access.pattern<["m"], ["k"], i8>, !access.pattern<["n"], ["k"], i8> -> !access.pattern<["m", "n"], [2, "k"], i8>
  %d = access.compute dot %p : !access.pattern<["m", "n"], [2, "k"], i8> -> !access.pattern<["m", "n"], [], i32>
  %r = access.compute add %c, %d : !access.pattern<["m", "n"], [], i32>, !access.pattern<["m", "n"], [], i32> -> !access.pattern<["m", "n"], [], i32>
  return %r : !access.pattern<["m", "n"], [], i32>
}

//===-- The vector unit, on rows of ACC -----------------------------------===//

func.func @alu1(%x: !access.pattern<["p", "n"], [], f32>)
    -> !access.pattern<["p", "n"], [], f32>
    attributes {systolic.unit = "vector", systolic.any_type,
                systolic.kinds = ["relu", "abs", "sqrt", "exp", "tanh", "erf"],
                systolic.where = ["n <= cols", "p <= acc_rows"]} {
  %r = access.compute relu %x : !access.pattern<["p", "n"], [], f32> -> !access.pattern<["p", "n"], [], f32>
  return %r : !access.pattern<["p", "n"], [], f32>
}

func.func @alu2(%x: !access.pattern<["p", "n"], [], i32>,
                %y: !access.pattern<["p", "n"], [], i32>)
    -> !access.pattern<["p", "n"], [], i32>
    attributes {systolic.unit = "vector", systolic.any_type,
                systolic.kinds = ["add", "sub", "mul", "max", "min", "div",
                                  "shl", "shr"],
                systolic.where = ["n <= cols", "2 * p <= acc_rows"]} {
  %r = access.compute add %x, %y : !access.pattern<["p", "n"], [], i32>, !access.pattern<["p", "n"], [], i32> -> !access.pattern<["p", "n"], [], i32>
  return %r : !access.pattern<["p", "n"], [], i32>
}

// Across the lanes, to one element of each row.
func.func @alu_reduce(%x: !access.pattern<["p"], ["n"], f32>)
    -> !access.pattern<["p"], [], f32>
    attributes {systolic.unit = "vector", systolic.any_type,
                systolic.kinds = ["reduce_sum", "reduce_max", "reduce_min"],
                systolic.where = ["n <= cols", "p <= acc_rows"]} {
  %r = access.compute reduce_sum %x : !access.pattern<["p"], ["n"], f32> -> !access.pattern<["p"], [], f32>
  return %r : !access.pattern<["p"], [], f32>
}

}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// ws64: gemmini16 scaled up to 64 x 64, with a second weight in each cell. Only
// what differs stands here; the instructions are those of the base.

#larger = "gemmini16 scaled up"

module attributes {systolic.target = {
  name = "ws64",
  base = "gemmini16",
  arrays = [{source = #larger, rows = 64, cols = 64, shadow_weights = 1}],
  vector = {source = #larger, lanes = 64},
  memories = {
    source = #larger,
    abuf_bytes = 1048576, wbuf_bytes = 1048576, acc_bytes = 262144
  },
  dram = {source = #larger, dram_bytes_per_cycle = 16}
}} {
}

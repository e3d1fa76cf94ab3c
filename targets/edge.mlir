// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// edge: gemmini16 with ranges, for co-design. A range keeps the base's value as
// its start.

module attributes {systolic.target = {
  name = "edge",
  base = "gemmini16",
  arrays = [{
    rows = [8, 16, 32, 64, 128],
    cols = [8, 16, 32, 64, 128],
    shadow_weights = [0, 1]
  }],
  memories = {
    // 16 KiB to 2 MiB
    abuf_bytes = [16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152],
    wbuf_bytes = [16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152],
    // 4 KiB to 1 MiB
    acc_bytes = [4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288,
                 1048576]
  }
}} {
}

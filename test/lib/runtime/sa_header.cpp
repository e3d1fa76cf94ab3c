// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled, never run: the public headers in C++.
#include "sa.h"
#include "sa_backend.h"

extern "C" uint32_t sa_header_in_cpp() {
  sa_config config{};
  config.hw = sa_hw_gemmini16();
  sa_span span = sa_clip(0, 1, 2, 3);
  return sa_abi_version() + config.hw.rows + span.last;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Seconds, for reports alone: nothing is decided by them.
#ifndef GLN_BRIDGE_CLOCK_H
#define GLN_BRIDGE_CLOCK_H

#include <time.h>

static inline double gln_seconds(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif

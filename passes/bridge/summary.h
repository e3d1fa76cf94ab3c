// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The one line on standard error that ends a run that found something.
#ifndef GLN_BRIDGE_SUMMARY_H
#define GLN_BRIDGE_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gln_summary {
  int64_t contractions;       // found by the import, or, with a target, mapped
  int64_t total;              // those and the ones left on the host
  const char *target;         // NULL: no target yet; the rest is not read
  double array, vector, host; // shares of the multiply-accumulates, sum 1
} gln_summary;

// Prints nothing if there is no contraction at all.
void gln_summary_print(const gln_summary *summary);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Other engines, each run a process of its own: programs of the crate in
// test/bench/peers, which print lines "name value".
#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>

typedef struct peer_result {
  double seconds; // of processor time
  double peak_mib;
  double nodes, classes;
  double extract_seconds, best; // with "extract"
  bool ran;
} peer_result;

// Runs a program of the crate with up to 7 arguments, NULL at the end, the first
// being its name. |ran| is false when it is not there or fails.
peer_result peer_run(const char *const *arguments);

// Whether the crate has been built.
bool peers_are_there(void);

// This process, and those it starts, run on the processor that it is on now.
void pin_to_one_core(void);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Threads for the search: an eg_pool that starts them for each piece of work.
#ifndef GLN_BRIDGE_THREADS_H
#define GLN_BRIDGE_THREADS_H

#include "eg.h"

// |num_threads| of them, the caller's among them; 0 = one per processor. Nothing
// depends on the number but time. Plain data, nothing to finish.
eg_pool gln_threads(uint32_t num_threads);

#endif

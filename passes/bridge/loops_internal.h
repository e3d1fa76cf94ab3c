// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between loops.c and classify.c.
#ifndef GLN_BRIDGE_LOOPS_INTERNAL_H
#define GLN_BRIDGE_LOOPS_INTERNAL_H

#include "bridge/loops.h"

// Merges equal arguments of the body and fills loops->results.
eg_status glni_loops_classify(gln_loops *loops, size_t num_ins,
                              size_t num_block_args, eg_error *error);

#endif

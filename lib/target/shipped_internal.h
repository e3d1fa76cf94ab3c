// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shipped targets, as shipped.c is generated from targets/*.mlir.
#ifndef GLN_TARGET_SHIPPED_INTERNAL_H
#define GLN_TARGET_SHIPPED_INTERNAL_H

#include "target/instr.h"

// gemmini16 comes first: gln_target_init takes its defaults from there.
extern const size_t glni_num_shipped;
extern const gln_target glni_shipped_targets[];
extern const gln_instr_set glni_shipped_instrs[];

#endif

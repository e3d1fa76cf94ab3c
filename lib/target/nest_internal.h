// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the cost models share about nests.
#ifndef GLN_TARGET_NEST_INTERNAL_H
#define GLN_TARGET_NEST_INTERNAL_H

#include "target/nest.h"

// Bit d is set when an axis of |operand| names dim d.
uint32_t glni_operand_dims(const gln_nest_operand *operand);

// Extents of the tile that the loops from |depth| on make up, per dim.
void glni_nest_tile(const gln_contract *contract, const gln_nest *nest,
                    size_t depth, double *out_tile);

// Elements of |operand| that a tile covers, or uses.
double glni_operand_size(const gln_nest_operand *operand, const double *tile,
                         bool gather);

// gln_nest_traffic with the operand's dims given and the halo decided.
gln_traffic glni_traffic(const gln_contract *contract, const gln_nest *nest,
                         size_t index, uint32_t mask, bool keep);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The best program of a saturated graph by an objective, products included.
//
// Latency, energy, DRAM bytes and weighted sums add over the program: one extraction.
// The energy-delay product does not. Whatever minimises cycles x energy over the convex
// hull of all programs minimises some weighted sum a cycles + b energy: so weights are
// swept, and the best product of the corners of the hull that were met is taken. A
// program inside the hull may have a better product, and is not found.
#ifndef GLN_DESIGN_EXTRACT_H
#define GLN_DESIGN_EXTRACT_H

#include "design/mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gln_extraction {
  eg_choice *choice;       // the caller destroys it
  gln_objective objective; // what was minimised: a sum
  gln_mapped total;        // of the program from the roots
  uint32_t corners;        // of the hull that were met; 1: no hull was needed
  uint32_t extractions;
} gln_extraction;

// Fills |out|; after a failure there is nothing to destroy. EG_INFEASIBLE: a root has
// no program. At most GLN_EXTRACT_MAX_CORNERS + 2 extractions.
enum { GLN_EXTRACT_MAX_CORNERS = 8 };
EG_NODISCARD
GLN_API eg_status gln_extract(const gln_pricing *pricing, const eg_class *roots,
                              uint32_t num_roots, gln_extraction *out,
                              eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between choosing by a sum and by a product.
#ifndef GLN_DESIGN_CHOOSE_INTERNAL_H
#define GLN_DESIGN_CHOOSE_INTERNAL_H

#include "design/choose.h"

typedef struct glni_choosing {
  const gln_pricing *pricing; // its objective is not read
  const eg_class *roots;
  uint32_t num_roots;
  const gln_choose_options *options;
} glni_choosing;

// The best program by |objective|, a sum. After a failure there is nothing to
// finish.
EG_NODISCARD
eg_status glni_choose_sum(const glni_choosing *c,
                          const gln_objective *objective,
                          gln_chosen_program *out, eg_error *error);
// By the energy-delay product (choose_hull.c).
EG_NODISCARD
eg_status glni_choose_product(const glni_choosing *c, gln_chosen_program *out,
                              eg_error *error);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the integer program share.
#ifndef EG_EXTRACT_ILP_H
#define EG_EXTRACT_ILP_H

#include "extract_internal.h"

static const double EGI_INFINITE = 1e30; // to both solvers

// Rows lower <= sum coefficient x <= upper, as both solvers take them.
typedef struct egi_ilp_rows {
  int *start; // num + 1
  int *column;
  double *value, *lower, *upper;
  size_t num, num_entries, cap_rows, cap_entries;
} egi_ilp_rows;

typedef struct egi_ilp {
  eg_extraction *x;
  egi_part *part;
  const egi_net *net;
  egi_arena arena; // of this net's model
  egi_ilp_rows rows;
  uint32_t *component, num_components;
  uint32_t *size; // of each component
  double *support, *y;
  uint8_t *in_loop;
  uint32_t *order; // scratch of classes
  double *reduced; // reduced costs of the last relaxation
  double bound;    // of the last relaxation
} egi_ilp;

// The rows of s->net, without loop formulas.
EG_NODISCARD
eg_status egi_ilp_add_model(egi_ilp *s);
// Adds all violated loop formulas that are found at point |x|, by node.
EG_NODISCARD
eg_status egi_ilp_add_cuts(egi_ilp *s, const double *x, uint32_t *out_cuts);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of presolve share.
#ifndef EG_EXTRACT_PRESOLVE_H
#define EG_EXTRACT_PRESOLVE_H

#include "extract_internal.h"

typedef struct egi_presolving {
  egi_arena *arena;  // of the nets, which survive
  egi_arena scratch; // of one rule
  eg_extraction *x;
  uint32_t mask;
  double known;
  egi_reduced *out;
  egi_net *net; // the current one; its origins are the base's own numbers
  uint8_t *keep, *keep_edge;
  double *costs;
  uint32_t *roots; // of the current net, with room for all classes
  uint32_t num_roots;
  uint8_t *is_root;
  egi_needs needs; // bits NULL: too many classes
  uint32_t *component;
  uint32_t *stamp, now;
  uint32_t spared; // in this round
} egi_presolving;

// Each marks what it can spare of the current net (extract_rules.c).
void egi_spare_cycles(egi_presolving *s);
void egi_spare_dominated(egi_presolving *s);
void egi_spare_implied(egi_presolving *s);
EG_NODISCARD
eg_status egi_spare_forced(egi_presolving *s);
void egi_spare_free(egi_presolving *s);
void egi_spare_pull(egi_presolving *s);
EG_NODISCARD
eg_status egi_spare_contract(egi_presolving *s);
EG_NODISCARD
eg_status egi_spare_bound(egi_presolving *s);

#endif

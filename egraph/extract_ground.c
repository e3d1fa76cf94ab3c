// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a heuristic works on, and how its choices come back from there.
#include "extract_internal.h"

#include <math.h>

enum { CHAIN_ROOTS = 8 }; // a chain says little where there are many

// Presolve by neighbours costs less than it saves here. Greedy on the whole comes
// first: whatever a method makes of the ground, its answer is no worse, and the
// cost makes the chains' bound sharp.
eg_status egi_ground_make(eg_extraction *x, bool deep, egi_ground *out) {
  *out = (egi_ground){.net = &x->net};
  out->whole = EGI_NEW(&x->arena, uint32_t, x->net.p.num_classes);
  if (!out->whole)
    return EG_NO_MEMORY;
  if (!deep) // else local search came before
    EG_TRY(egi_run_dag(NULL, x));
  if (egi_has_negative(&x->net.p))
    return EG_OK;
  const uint8_t *keep = NULL;
  uint32_t mask = x->options->presolve;
  if (mask & EG_PRESOLVE(BOUND) && x->net.p.num_roots <= CHAIN_ROOTS) {
    uint8_t *chain = EGI_NEW(&x->arena, uint8_t, x->net.p.num_nodes);
    if (!chain)
      return EG_NO_MEMORY;
    EG_TRY(egi_chain_keep(&x->arena, &x->net, x->best_dag, chain));
    keep = chain;
  }
  EG_TRY(egi_presolve_kept(&x->arena, &x->net, keep, mask & ~EG_PRESOLVE(BOUND),
                           INFINITY, deep, x, &out->reduced));
  out->is_done = out->reduced.closed;
  if (out->is_done)
    eg_extraction_bound(x, x->best_dag);
  out->net = &out->reduced.net;
  out->is_reduced = true;
  return EG_OK;
}

eg_status egi_ground_offer(eg_extraction *x, egi_ground *ground,
                           const uint32_t *choice) {
  if (!ground->is_reduced)
    return egi_offer(x, ground->net, choice);
  egi_unreduce(&ground->reduced, &x->net, choice, ground->whole);
  return egi_offer(x, &x->net, ground->whole);
}

eg_status egi_run_on_ground(eg_extraction *x, egi_search search) {
  egi_ground ground;
  double total;
  EG_TRY(egi_ground_make(x, false, &ground));
  if (ground.is_done)
    return EG_OK;
  uint32_t *choice = EGI_NEW(&x->arena, uint32_t, ground.net->p.num_classes);
  if (!choice)
    return EG_NO_MEMORY;
  EG_TRY(search(x, ground.net, choice, &total));
  return egi_ground_offer(x, &ground, choice);
}

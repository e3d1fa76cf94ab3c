// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A walk along the hull of (cycles, energy).
#include "design/choose_internal.h"

#include "view/try.h"

#include <string.h>

static double product(const gln_chosen_program *x) {
  return x->total.cost.cycles * x->total.cost.energy_pj;
}

static bool same_corner(const gln_chosen_program *a, const gln_chosen_program *b) {
  return a->total.cost.cycles == b->total.cost.cycles &&
         a->total.cost.energy_pj == b->total.cost.energy_pj;
}

// Corners by rising cycles and falling energy.
typedef struct hull {
  gln_chosen_program of[GLN_CHOOSE_MAX_CORNERS + 2];
  bool closed[GLN_CHOOSE_MAX_CORNERS + 2]; // nothing lies between i and i + 1
  uint32_t num, extractions;
} hull;

// The gap below which the best product may lie: that of the chord is the least of the
// two ends' products and what its middle promises. -1: all are closed.
static int best_gap(const hull *h) {
  int best = -1;
  double least = 0;
  for (uint32_t i = 0; i + 1 < h->num; ++i) {
    const gln_cost *a = &h->of[i].total.cost, *b = &h->of[i + 1].total.cost;
    double promise = a->cycles * b->energy_pj; // the corner of the box
    if (h->closed[i] || (best >= 0 && promise >= least))
      continue;
    best = (int)i;
    least = promise;
  }
  return best;
}

static void insert(hull *h, uint32_t at, const gln_chosen_program *x) {
  memmove(&h->of[at + 1], &h->of[at], (h->num - at) * sizeof *h->of);
  memmove(&h->closed[at + 1], &h->closed[at], (h->num - at) * sizeof(bool));
  h->of[at] = *x;
  h->closed[at] = false;
  ++h->num;
}

// Looks below the chord of one gap: weights for which both its ends are equal.
static eg_status refine(hull *h, const glni_choosing *c, uint32_t gap,
                        eg_error *error) {
  const gln_cost *a = &h->of[gap].total.cost, *b = &h->of[gap + 1].total.cost;
  gln_objective chord = {.kind = GLN_OBJECTIVE_WEIGHTED,
                         .cycles = a->energy_pj - b->energy_pj,
                         .energy = b->cycles - a->cycles};
  double ends = gln_objective_value(&chord, a);
  gln_chosen_program x;
  GLN_TRY(glni_choose_sum(c, &chord, &x, error));
  ++h->extractions;
  // Rounding alone is no corner.
  if (gln_objective_value(&chord, &x.total.cost) >= ends * (1 - 1e-9) ||
      same_corner(&x, &h->of[gap]) || same_corner(&x, &h->of[gap + 1])) {
    h->closed[gap] = true;
    gln_chosen_program_fini(&x);
    return EG_OK;
  }
  insert(h, gap + 1, &x);
  return EG_OK;
}

static eg_status walk_hull(hull *h, const glni_choosing *c, eg_error *error) {
  static const gln_objective ends[2] = {{.kind = GLN_OBJECTIVE_LATENCY},
                                        {.kind = GLN_OBJECTIVE_ENERGY}};
  for (int i = 0; i < 2; ++i) {
    GLN_TRY(glni_choose_sum(c, &ends[i], &h->of[i], error));
    ++h->num;
    ++h->extractions;
  }
  // The fastest program is not the best of those as fast; the chord sees to that.
  for (int gap; h->extractions < GLN_CHOOSE_MAX_CORNERS + 2 &&
                h->num < GLN_CHOOSE_MAX_CORNERS + 2 &&
                (gap = best_gap(h)) >= 0;) {
    const gln_cost *a = &h->of[gap].total.cost;
    const gln_cost *b = &h->of[gap + 1].total.cost;
    if (a->energy_pj <= b->energy_pj || b->cycles <= a->cycles)
      h->closed[gap] = true; // one is best in both
    else
      GLN_TRY(refine(h, c, (uint32_t)gap, error));
  }
  return EG_OK;
}

eg_status glni_choose_product(const glni_choosing *c, gln_chosen_program *out,
                              eg_error *error) {
  hull h;
  uint32_t best = 0;
  memset(&h, 0, sizeof h);
  eg_status status = walk_hull(&h, c, error);
  for (uint32_t i = 1; i < h.num; ++i)
    if (product(&h.of[i]) < product(&h.of[best]))
      best = i;
  for (uint32_t i = 0; i < h.num; ++i)
    if (status != EG_OK || i != best)
      gln_chosen_program_fini(&h.of[i]);
  if (status != EG_OK)
    return status;
  *out = h.of[best];
  out->corners = h.num;
  out->extractions = h.extractions;
  return EG_OK;
}

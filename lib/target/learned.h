// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A correction of the model's cycles, learned from measured runs.
//
//   ln(measured / modelled) = w · x(cost),   x: shares of array, channel, overlap
//
// by ridge regression on standardised features, in least absolute deviations
// (iteratively reweighted least squares: Holland and Welsch 1977), since the errors
// of a formula have a long tail. No seed, the same weights on every machine. A few
// numbers learn what a formula leaves out on one machine; they say nothing of
// another, and correct every unit and dataflow alike, since correcting only those
// that were measured would favour them. Nine features on 57 runs did worse than
// none: README.md. `make bench SUITE=model` prints its error on layers that it has
// not seen beside that of the formula; runs.h reads runs.
#ifndef GLN_TARGET_LEARNED_H
#define GLN_TARGET_LEARNED_H

#include "target/cost.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GLN_LEARNED_FEATURES = 3 };

// Zero corrects nothing. Plain data.
typedef struct gln_learned {
  double mean[GLN_LEARNED_FEATURES], scale[GLN_LEARNED_FEATURES];
  double weight[GLN_LEARNED_FEATURES], bias;
  uint32_t num_rows; // it was made from; 0 = none
} gln_learned;

typedef struct gln_measured {
  gln_cost cost; // of the nest, as modelled
  double beside; // further cycles, as modelled (an epilogue): not corrected
  double cycles; // of both, as measured
} gln_measured;

// Fits |out| to |rows|. |ridge| >= 0 pulls the weights to 0, i.e. the prediction to
// the formula times a constant; 3 times the number of rows serves a hundred.
// EG_INVALID: fewer than 2 rows, cycles that are not positive, a negative or
// infinite ridge. O(rows · features²), 30 times.
EG_NODISCARD
GLN_API eg_status gln_learned_fit(const gln_measured *rows, size_t num_rows,
                                  double ridge, gln_learned *out,
                                  eg_error *error);

// Predicts each row from rows of other layers: |layers| numbers them, and the odd
// ones are predicted from the even ones and the other way round. |out_cycles|: a
// number per row, nest and beside. Fails as gln_learned_fit of a half;
// EG_NO_MEMORY.
EG_NODISCARD
GLN_API eg_status gln_learned_unseen(const eg_allocator *allocator,
                                     const gln_measured *rows,
                                     const uint32_t *layers, size_t num_rows,
                                     double ridge, double *out_cycles,
                                     eg_error *error);

// The cycles that |cost| is likely to take. The correction is kept within a factor
// of 4 either way: beyond that it has nothing to go by.
GLN_API double gln_learned_cycles(const gln_learned *learned,
                                  const gln_cost *cost);

#ifdef __cplusplus
}
#endif
#endif

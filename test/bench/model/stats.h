// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How good a prediction is: relative errors and rank correlation.
#ifndef MODEL_STATS_H
#define MODEL_STATS_H

#include <math.h>
#include <stdlib.h>

typedef struct stats {
  size_t num;
  double exact;     // share equal to the last digit
  double within_01; // within 0.01 %
  double within_1, within_5, within_10, within_25;
  double mean, median, worst; // |relative error|
  double rank;                // Spearman's rho
} stats;

static inline int stats_compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef struct stats_item {
  double value;
  size_t index;
} stats_item;

static inline int stats_compare_item(const void *a, const void *b) {
  return stats_compare(&((const stats_item *)a)->value,
                       &((const stats_item *)b)->value);
}

// Ranks of |values|; equal ones share their mean rank.
static inline void stats_ranks(const double *values, size_t num, double *out) {
  stats_item *items = malloc(num * sizeof *items);
  for (size_t i = 0; items && i < num; ++i)
    items[i] = (stats_item){values[i], i};
  if (items)
    qsort(items, num, sizeof *items, stats_compare_item);
  for (size_t i = 0, j; items && i < num; i = j) {
    for (j = i + 1; j < num && items[j].value == items[i].value;)
      ++j;
    for (size_t k = i; k < j; ++k)
      out[items[k].index] = (double)(i + j - 1) / 2;
  }
  free(items);
}

static inline double stats_rank(const double *a, const double *b, size_t num) {
  double *ra = malloc(num * sizeof *ra), *rb = malloc(num * sizeof *rb);
  double mean = ((double)num - 1) / 2, ab = 0, aa = 0, bb = 0;
  if (ra && rb) {
    stats_ranks(a, num, ra);
    stats_ranks(b, num, rb);
    for (size_t i = 0; i < num; ++i) {
      ab += (ra[i] - mean) * (rb[i] - mean);
      aa += (ra[i] - mean) * (ra[i] - mean);
      bb += (rb[i] - mean) * (rb[i] - mean);
    }
  }
  free(ra);
  free(rb);
  return ab / sqrt(aa * bb);
}

static inline stats stats_of(const double *ours, const double *truth,
                             size_t num) {
  stats s = {.num = num};
  double *errors = malloc(num * sizeof *errors);
  if (!errors || num == 0) {
    free(errors);
    return s;
  }
  for (size_t i = 0; i < num; ++i) {
    double e = fabs(ours[i] / truth[i] - 1), one = 1.0 / (double)num;
    errors[i] = e;
    s.exact += one * (ours[i] == truth[i]);
    s.within_01 += one * (e <= 1e-4);
    s.within_1 += one * (e <= 0.01);
    s.within_5 += one * (e <= 0.05);
    s.within_10 += one * (e <= 0.10);
    s.within_25 += one * (e <= 0.25);
    s.mean += one * e;
  }
  qsort(errors, num, sizeof *errors, stats_compare);
  s.median =
      num % 2 ? errors[num / 2] : (errors[num / 2 - 1] + errors[num / 2]) / 2;
  s.worst = errors[num - 1];
  s.rank = stats_rank(ours, truth, num);
  free(errors);
  return s;
}

#endif

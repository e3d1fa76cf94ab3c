// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// (XᵀDX + ridge I) w = XᵀDy with weights D, solved by Cholesky's method.
#include "target/learned.h"

#include <math.h>
#include <string.h>

enum { N = GLN_LEARNED_FEATURES, ROUNDS = 30 };

// The correction is at most this, either way.
#define MOST 4.0

// How busy array and channel are, and how far the slower one hides the other:
// what a formula of the form max(compute, dma) + … gets wrong depends on these.
static void features(const gln_cost *c, double out[N]) {
  out[0] = c->compute_cycles / c->cycles;
  out[1] = c->dma_cycles / c->cycles;
  out[2] = fmin(out[0], out[1]);
}

static eg_status check(const gln_measured *rows, size_t num, double ridge,
                       eg_error *error) {
  if (num < 2)
    return gln_fail(error, EG_INVALID, "%zu measured runs, at least 2", num);
  if (!(ridge >= 0) || isinf(ridge))
    return gln_fail(error, EG_INVALID, "ridge %g is no weight", ridge);
  for (size_t i = 0; i < num; ++i)
    if (!(rows[i].cycles > 0) || isinf(rows[i].cycles) ||
        !(rows[i].cost.cycles > 0) || !(rows[i].beside >= 0))
      return gln_fail(error, EG_INVALID, "run %zu: %g measured, %g modelled",
                      i, rows[i].cycles, rows[i].cost.cycles);
  return EG_OK;
}

static void standardise(const gln_measured *rows, size_t num,
                        gln_learned *out) {
  double x[N];
  for (size_t i = 0; i < num; ++i) {
    features(&rows[i].cost, x);
    for (int f = 0; f < N; ++f)
      out->mean[f] += x[f] / (double)num;
  }
  for (size_t i = 0; i < num; ++i) {
    features(&rows[i].cost, x);
    for (int f = 0; f < N; ++f)
      out->scale[f] += pow(x[f] - out->mean[f], 2) / (double)num;
  }
  for (int f = 0; f < N; ++f) // a feature that never varies says nothing
    out->scale[f] = out->scale[f] > 1e-18 ? 1 / sqrt(out->scale[f]) : 0;
}

// a = L Lᵀ in place, then a w = b. |a| is positive definite.
static void solve(double a[N + 1][N + 1], double b[N + 1]) {
  for (int i = 0; i <= N; ++i)
    for (int j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (int k = 0; k < j; ++k)
        sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? sqrt(fmax(sum, 1e-12)) : sum / a[j][j];
    }
  for (int i = 0; i <= N; ++i) {
    for (int k = 0; k < i; ++k)
      b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (int i = N + 1; i-- > 0;) {
    for (int k = i + 1; k <= N; ++k)
      b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
}

// ln(measured / modelled) of the nest alone. What is beside it is taken as the
// formula has it, as far as that leaves a correction that may be made.
static double target_of(const gln_measured *row) {
  return log(fmax(row->cycles - row->beside, row->cost.cycles / MOST) /
             row->cost.cycles);
}

static double residual(const gln_learned *l, const gln_measured *row,
                       double x[N]) {
  double y = target_of(row) - l->bias;
  features(&row->cost, x);
  for (int f = 0; f < N; ++f) {
    x[f] = (x[f] - l->mean[f]) * l->scale[f];
    y -= l->weight[f] * x[f];
  }
  return y;
}

// One round of least squares with rows weighted by 1 / |residual|. The constant is
// row N of the system, and no ridge pulls at it.
static void fit_once(const gln_measured *rows, size_t num, double ridge,
                     gln_learned *l) {
  double a[N + 1][N + 1] = {{0}}, b[N + 1] = {0}, x[N + 1];
  for (size_t i = 0; i < num; ++i) {
    double left = residual(l, &rows[i], x);
    double weight = 1 / fmax(fabs(left), 0.02);
    double y = target_of(&rows[i]);
    x[N] = 1;
    for (int f = 0; f <= N; ++f) {
      b[f] += weight * x[f] * y;
      for (int g = 0; g <= f; ++g)
        a[f][g] += weight * x[f] * x[g];
    }
  }
  for (int f = 0; f <= N; ++f)
    a[f][f] += f < N ? ridge + 1e-9 : 1e-9;
  solve(a, b);
  memcpy(l->weight, b, sizeof l->weight);
  l->bias = b[N];
}

eg_status gln_learned_fit(const gln_measured *rows, size_t num, double ridge,
                          gln_learned *out, eg_error *error) {
  eg_status status = check(rows, num, ridge, error);
  if (status != EG_OK)
    return status;
  memset(out, 0, sizeof *out);
  standardise(rows, num, out);
  for (int round = 0; round < ROUNDS; ++round)
    fit_once(rows, num, ridge, out);
  out->num_rows = (uint32_t)num;
  return EG_OK;
}

static eg_status predict_half(const gln_measured *rows, const uint32_t *layers,
                              size_t num, uint32_t half, double ridge,
                              gln_measured *others, double *out,
                              eg_error *error) {
  gln_learned learned;
  size_t num_others = 0;
  for (size_t i = 0; i < num; ++i)
    if (layers[i] % 2 != half)
      others[num_others++] = rows[i];
  eg_status status = gln_learned_fit(
      others, num_others, ridge * (double)num_others / (double)num, &learned,
      error);
  for (size_t i = 0; status == EG_OK && i < num; ++i)
    if (layers[i] % 2 == half)
      out[i] = gln_learned_cycles(&learned, &rows[i].cost) + rows[i].beside;
  return status;
}

eg_status gln_learned_unseen(const eg_allocator *allocator,
                             const gln_measured *rows, const uint32_t *layers,
                             size_t num_rows, double ridge, double *out_cycles,
                             eg_error *error) {
  gln_measured *others = allocator->resize(allocator->user, NULL, 0,
                                           num_rows * sizeof *others);
  if (!others)
    return gln_fail(error, EG_NO_MEMORY, "no memory for measured runs");
  eg_status status = EG_OK;
  for (uint32_t half = 0; half < 2 && status == EG_OK; ++half)
    status = predict_half(rows, layers, num_rows, half, ridge, others,
                          out_cycles, error);
  allocator->resize(allocator->user, others, num_rows * sizeof *others, 0);
  return status;
}

double gln_learned_cycles(const gln_learned *learned, const gln_cost *cost) {
  double x[N], y = learned->bias, most = log(MOST);
  if (learned->num_rows == 0)
    return cost->cycles;
  features(cost, x);
  for (int f = 0; f < N; ++f)
    y += learned->weight[f] * (x[f] - learned->mean[f]) * learned->scale[f];
  return cost->cycles * exp(fmax(-most, fmin(most, y)));
}

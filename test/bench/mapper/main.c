// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The enumerator of blockings: against DOSA's mappings on their own memories
// (T6), against exhaustive search (T7), and how many candidates there are when a
// cube grows (N1). Data is read from $GLN_DATA.
#include "bench.h"
#include "rules/blocking.h"

#include "data.h"
#include "exhaustive.h"

#include <math.h>
#include <string.h>

static void figure(const char *name, const char *metric, double value,
                   const char *unit, double reference, const char *bar,
                   bool pass) {
  bench_figure f = {.name = name,
                    .metric = metric,
                    .value = value,
                    .unit = unit,
                    .reference = reference,
                    .reference_source = isnan(reference) ? NULL : "measured",
                    .bar = bar,
                    .pass = pass};
  bench_report(f);
}

//===-- T6: DOSA's rows ---------------------------------------------------===//

typedef struct t6 {
  size_t rows, unfit;               // of DOSA's mappings
  size_t worse[NUM_OBJECTIVES];     // rows where ours costs more
  double ratio[NUM_OBJECTIVES];     // worst of ours / DOSA's
  double log_ratio[NUM_OBJECTIVES]; // sum
  double all_cycles, dosa_cycles, halved_cycles, any_cycles;
  double seconds, slowest, tiles, enumerated, resnet[3], resnet_rows;
} t6;

// The contract of a row, weight-stationary with a pass per kernel offset as
// Gemmini runs it, and DOSA's mapping with the halo that its model grants.
static bool prepare(const data_row *row, bool interlock, gln_target *target,
                    gln_strategy *out, gln_nest *nest) {
  gln_contract contract;
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  gln_conv_roles(GLN_WEIGHT_STATIONARY, false, roles);
  memset(out, 0, sizeof *out);
  out->bits = GLN_STRATEGY_WEIGHT_STATIONARY | GLN_STRATEGY_NATURAL |
              GLN_STRATEGY_OFFSET;
  *nest = row->nest;
  nest->staging[GLN_CONV_INPUT].keep_halo =
      nest->num_outer > 0 && nest->loops[nest->num_outer - 1].dim != GLN_CONV_K;
  return data_row_target(row, target, NULL) == EG_OK &&
         gln_target_set(target, "interlock", interlock, "bench", NULL) ==
             EG_OK &&
         gln_conv_contract(&row->conv, &target->types[0], 1, &contract, NULL) ==
             EG_OK &&
         gln_nest_check(&contract, nest, NULL) == EG_OK &&
         gln_cost_model_init(&out->model, target, 0, GLN_WEIGHT_STATIONARY, 0,
                             &contract, roles, NULL) == EG_OK;
}

static void run_row(const data_row *row, bool interlock, bool is_resnet,
                    t6 *sum) {
  gln_target target;
  gln_strategy strategy;
  gln_nest nest;
  gln_cost dosa;
  gln_blockings b;
  eg_error error = {0};
  eg_allocator memory = eg_allocator_default();
  if (!prepare(row, interlock, &target, &strategy, &nest))
    return;
  ++sum->rows;
  gln_cost_model_run(&strategy.model, &nest, &dosa);
  // Two buffers of the full size: what §7.3 calls full capacity.
  gln_blocking_options full = {
      .one_scratchpad = true,
      .capacity = {row->sram_bytes, row->sram_bytes, 2 * row->acc_bytes}};
  sum->unfit += dosa.held_bytes[0] + dosa.held_bytes[1] > 2 * row->sram_bytes ||
                dosa.held_bytes[2] > 2 * row->acc_bytes;
  double start = bench_seconds();
  if (gln_blockings_of(&memory, &target, &strategy, 1, &full, &b, &error) !=
      EG_OK) {
    printf("%s\n", error.text);
    for (size_t j = 0; j < NUM_OBJECTIVES; ++j)
      ++sum->worse[j];
    return;
  }
  double seconds = bench_seconds() - start, best[NUM_OBJECTIVES], halved;
  sum->seconds += seconds;
  sum->slowest = fmax(sum->slowest, seconds);
  sum->tiles += b.counts.tiles;
  sum->enumerated += b.counts.enumerated;
  best_of(&b, best);
  gln_blockings_fini(&memory, &b);
  for (size_t j = 0; j < NUM_OBJECTIVES; ++j) {
    double ratio = best[j] / gln_objective_value(&objectives[j], &dosa);
    sum->worse[j] += ratio > 1;
    sum->ratio[j] = fmax(sum->ratio[j], ratio);
    sum->log_ratio[j] += log(ratio);
    if (ratio > 1 && getenv("MAPPER_VERBOSE"))
      printf("  %g times DOSA's %s: c %d k %d p %d r %d s %d\n", ratio,
             gln_objective_name(objectives[j].kind), (int)row->conv.c,
             (int)row->conv.k, (int)row->conv.p, (int)row->conv.r,
             (int)row->conv.stride_h);
  }
  gln_blocking_options half = {.one_scratchpad = true};
  halved = gln_blockings_of(&memory, &target, &strategy, 1, &half, &b,
                            &error) == EG_OK
               ? b.list[0].cost.cycles
               : INFINITY;
  gln_blockings_fini(&memory, &b);
  sum->all_cycles += best[0];
  sum->halved_cycles += halved;
  sum->dosa_cycles += dosa.cycles;
  if (is_resnet) {
    sum->resnet[0] += best[0];
    sum->resnet[1] += halved;
    sum->resnet[2] += dosa.cycles;
    sum->resnet_rows += 1;
  }
}

// Layers of ResNet-50; the file has each of them on several architectures, and
// the sums below count each row once.
static bool is_resnet(const data_row *row) {
  static const int16_t layers[][5] = {
      {3, 64, 112, 7, 2},    {64, 64, 56, 1, 1},   {64, 64, 56, 3, 1},
      {64, 256, 56, 1, 1},   {256, 64, 56, 1, 1},  {256, 512, 28, 1, 2},
      {256, 128, 56, 1, 1},  {128, 128, 28, 3, 2}, {128, 512, 28, 1, 1},
      {512, 128, 28, 1, 1},  {128, 128, 28, 3, 1}, {512, 1024, 14, 1, 2},
      {512, 256, 28, 1, 1},  {256, 256, 14, 3, 2}, {256, 1024, 14, 1, 1},
      {1024, 256, 14, 1, 1}, {256, 256, 14, 3, 1}, {1024, 2048, 7, 1, 2},
      {1024, 512, 14, 1, 1}, {512, 512, 7, 3, 2},  {512, 2048, 7, 1, 1},
      {2048, 512, 7, 1, 1},  {512, 512, 7, 3, 1},  {2048, 1000, 1, 1, 1},
  };
  const gln_conv *c = &row->conv;
  if (c->n != 1)
    return false;
  for (size_t i = 0; i < sizeof layers / sizeof *layers; ++i)
    if (c->c == layers[i][0] && c->k == layers[i][1] && c->p == layers[i][2] &&
        c->q == layers[i][2] && c->r == layers[i][3] &&
        c->stride_h == layers[i][4])
      return true;
  return false;
}

static void report_t6(const char *name, const t6 *sum) {
  double n = (double)sum->rows;
  figure(name, "rows", n, "", NAN, NULL, true);
  figure(name, "unfit", (double)sum->unfit, "rows", NAN, NULL, true);
  for (size_t j = 0; j < NUM_OBJECTIVES; ++j) {
    char metric[32];
    const char *o = gln_objective_name(objectives[j].kind);
    snprintf(metric, sizeof metric, "%s<=", o);
    figure(name, metric, n - (double)sum->worse[j], "rows", n, "all",
           sum->worse[j] == 0);
    snprintf(metric, sizeof metric, "%s worst", o);
    figure(name, metric, sum->ratio[j], "x", NAN, NULL, true);
    snprintf(metric, sizeof metric, "%s mean", o);
    figure(name, metric, exp(sum->log_ratio[j] / n), "x", NAN, NULL, true);
  }
  figure(name, "cycles", sum->all_cycles, "", sum->dosa_cycles, NULL, true);
  figure(name, "halved", sum->halved_cycles, "cycles", sum->dosa_cycles, NULL,
         true);
  figure(name, "resnet rows", sum->resnet_rows, "", NAN, NULL, true);
  figure(name, "resnet50", sum->resnet[0], "cycles", sum->resnet[2],
         "<= DOSA's", sum->resnet[0] <= sum->resnet[2]);
  figure(name, "… halved", sum->resnet[1], "cycles", sum->resnet[2], NULL,
         true);
  figure(name, "seconds", sum->seconds / n, "s", NAN, "<= 0.1",
         sum->seconds / n <= 0.1);
  figure(name, "slowest", sum->slowest, "s", NAN, "<= 0.1",
         sum->slowest <= 0.1);
  figure(name, "tiles", sum->tiles / n, "a row", NAN, NULL, true);
  figure(name, "candidates", sum->enumerated / n, "a row", NAN, NULL, true);
}

static void run_t6(bool interlock) {
  static const char file[] = "dosa/firesim.csv";
  const char *name = interlock ? "T6 DOSA, interlocked" : "T6 DOSA, tokens";
  data_csv csv;
  data_row row;
  t6 sum = {0};
  if (!data_csv_open(&csv, file)) {
    printf("%-28s skipped: %s/%s is not there (set GLN_DATA)\n", name,
           data_folder(), file);
    return;
  }
  while (data_csv_next(&csv))
    if (data_row_read(&csv, &row))
      run_row(&row, interlock, is_resnet(&row), &sum);
  data_close(&csv.in);
  report_t6(name, &sum);
}

//===-- T7: exhaustive search ---------------------------------------------===//

typedef struct small_layer {
  const char *name;
  gln_spec spec;
  const char *target; // on top of gemmini16
} small_layer;

// Each strategy alone, so that the worse ones are judged as well. |grouped|: in
// the space of lib/rules for large layers with all sizes; else in the space of all
// nests.
static bool run_strategy(const small_layer *layer, const gln_target *target,
                         const gln_strategy *strategy, bool grouped,
                         double *points, double *worst) {
  eg_allocator memory = eg_allocator_default();
  gln_blockings b;
  double best[NUM_OBJECTIVES];
  exhaustive e = exhaustive_run(&strategy->model, grouped);
  *points += e.points;
  const gln_blocking_options options = {.max_complete = grouped ? -1 : 0};
  if (gln_blockings_of(&memory, target, strategy, 1, &options, &b, NULL) != EG_OK)
    return e.legal == 0;
  best_of(&b, best);
  gln_blockings_fini(&memory, &b);
  for (size_t i = 0; i < NUM_OBJECTIVES; ++i) {
    double ratio = best[i] / e.best[i];
    *worst = fmax(*worst, ratio);
    if (ratio > 1 + 1e-12 && getenv("MAPPER_VERBOSE"))
      printf("  %s, strategy %d: %s is %g times the optimum\n", layer->name,
             strategy->bits, gln_objective_name(objectives[i].kind), ratio);
  }
  return true;
}

static bool run_t7(void) {
  const small_layer layers[] = {
      {"T7 matmul 8x8x8", spec_matmul(8, 8, 8),
       "rows=2,cols=2,abuf_bytes=64,wbuf_bytes=48,acc_bytes=96"},
      {"T7 batch 2x4x4x4", spec_batch_matmul(2, 4, 4, 4),
       "rows=2,cols=2,abuf_bytes=32,wbuf_bytes=24,acc_bytes=64"},
      {"T7 window of 3", spec_conv(4, 4, 6, 1, 3, 1, 1),
       "rows=2,cols=2,abuf_bytes=32,wbuf_bytes=64,acc_bytes=96"},
      {"T7 1x1 stride 2", spec_conv(4, 4, 5, 1, 1, 1, 2),
       "rows=2,cols=2,abuf_bytes=24,wbuf_bytes=16,acc_bytes=64"},
      {"T7 depthwise", spec_depthwise(4, 7, 1, 3, 1, 1),
       "rows=2,cols=2,abuf_bytes=24,wbuf_bytes=12,acc_bytes=64"},
  };
  bool right = true;
  for (size_t i = 0; i < sizeof layers / sizeof *layers; ++i) {
    gln_target target;
    gln_strategy strategies[GLN_BLOCKING_MAX_STRATEGIES];
    size_t num = 0;
    if (gln_target_builtin("gemmini16", &target, NULL) != EG_OK ||
        gln_target_override(&target, layers[i].target, NULL) != EG_OK ||
        gln_strategies(&target, 0, &layers[i].spec, 1, 0, strategies, &num,
                       NULL) != EG_OK)
      return false;
    for (int grouped = 1; grouped >= 0; --grouped) {
      double points = 0, worst = 0;
      for (size_t k = 0; k < num; ++k)
        right &= run_strategy(&layers[i], &target, &strategies[k], grouped,
                              &points, &worst);
      figure(layers[i].name, grouped ? "points" : "all points", points, "", NAN,
             NULL, true);
      figure(layers[i].name, grouped ? "ours" : "of all", worst, "x best", 1,
             "equal", worst <= 1 + 1e-12);
    }
  }
  return right;
}

//===-- N1: cubes ---------------------------------------------------------===//

static bool run_cubes(const char *name) {
  gln_target target;
  eg_allocator memory = eg_allocator_default();
  double enumerated = 0, most = 0, seconds = 0;
  bool equal = true, right = true;
  if (gln_target_builtin(name, &target, NULL) != EG_OK)
    return false;
  for (int64_t n = 65536; n >= 64; n /= 2) {
    gln_spec spec = spec_matmul(n, n, n);
    gln_blockings b;
    double start = bench_seconds();
    right &= gln_blockings_create(&memory, &target, 0, &spec, NULL, &b, NULL) ==
             EG_OK;
    seconds = fmax(seconds, bench_seconds() - start);
    if (n == 65536) {
      enumerated = b.counts.enumerated;
      most = b.counts.kept;
    }
    if (n >= 16384)
      equal &= b.counts.enumerated == enumerated && b.counts.kept == most;
    equal &= b.counts.kept <= most;
    gln_blockings_fini(&memory, &b);
  }
  figure(name, "N1 kept", most, "", NAN, "<= 256", most <= 256);
  figure(name, "N1 raw", enumerated, "", NAN, "equal, never more", equal);
  figure(name, "N1 slowest", seconds, "s", NAN, "<= 0.1", seconds <= 0.1);
  return right;
}

int main(int argc, char **argv) {
  bench_begin(argc, argv);
  bool right = run_t7();
  right &= run_cubes("gemmini16");
  right &= run_cubes("ws64");
  run_t6(true);
  run_t6(false);
  return bench_end(right);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The cost model against published numbers: SCALE-Sim (exact), Timeloop and
// Accelergy on DOSA's rows, Gemmini's RTL on DOSA's rows; and its speed.
// Data is read from $GLN_DATA; suites whose data is absent say so and pass.
#include "bench.h"
#include "scalesim_table.h"
#include "stats.h"

#include "data.h"
#include "target/runs.h"

static const char *const dataflows[] = {"OS", "WS", "IS"};

static void figure(const char *name, const char *metric, double value,
                   const char *unit, double reference, const char *bar,
                   bool pass) {
  bench_figure f = {.name = name,
                    .metric = metric,
                    .value = value,
                    .unit = unit,
                    .reference = reference,
                    .reference_source = isnan(reference) ? NULL : "recorded",
                    .bar = bar,
                    .pass = pass};
  bench_report(f);
}

static void skip(const char *name, const char *what) {
  printf("%-28s skipped: %s/%s is not there (set GLN_DATA)\n", name,
         data_folder(), what);
}

//===-- T1: SCALE-Sim -----------------------------------------------------===//

// The golden traces need no file: they are single products.
static bool run_goldens(void) {
  bool right = true;
  for (size_t i = 0; i < SCALESIM_NUM_GOLDENS; ++i) {
    const scalesim_golden *g = &scalesim_goldens[i];
    gln_scalesim s = gln_scalesim_run(g->dataflow, 32, 32, g->m, g->n, g->k);
    right &= s.cycles == g->cycles;
    figure(g->name, "cycles", (double)s.cycles, "cycles", (double)g->cycles,
           "equal", s.cycles == g->cycles);
  }
  return right;
}

static bool run_net(const scalesim_net *net) {
  data_layer layers[64];
  char name[64];
  size_t num = data_layers(net->name, layers, 64);
  snprintf(name, sizeof name, "scalesim/%s.csv", net->name);
  if (num == 0) {
    if (net == scalesim_nets || strcmp(net[-1].name, net->name) != 0)
      skip("T1 scalesim", name);
    return true;
  }
  int64_t total[3] = {0, 0, 0}, best = 0;
  for (size_t i = 0; i < num; ++i) {
    int64_t least = INT64_MAX;
    for (int d = 0; d < 3; ++d) {
      gln_scalesim s =
          gln_scalesim_run((gln_scalesim_dataflow)d, net->rows, net->cols,
                           layers[i].m, layers[i].n, layers[i].k);
      total[d] += s.cycles;
      least = s.cycles < least ? s.cycles : least;
    }
    best += least;
  }
  bool right = best == net->best;
  for (int d = 0; d < 3; ++d) {
    snprintf(name, sizeof name, "T1 %s %dx%d %s", net->name, (int)net->rows,
             (int)net->cols, dataflows[d]);
    right &= total[d] == net->cycles[d];
    figure(name, "cycles", (double)total[d], "cycles", (double)net->cycles[d],
           "equal", total[d] == net->cycles[d]);
  }
  snprintf(name, sizeof name, "T1 %s %dx%d best", net->name, (int)net->rows,
           (int)net->cols);
  figure(name, "cycles", (double)best, "cycles", (double)net->best, "equal",
         best == net->best);
  return right;
}

//===-- DOSA rows ---------------------------------------------------------===//

typedef struct rows {
  data_row *data;
  gln_contract *contracts;
  gln_target *targets;
  size_t num, bad;
} rows;

static void free_rows(rows *r) {
  free(r->data);
  free(r->contracts);
  free(r->targets);
}

// False when the file is absent. A row that cannot be read is counted.
static bool load_rows(const char *name, rows *out) {
  data_csv csv;
  size_t most = 80000;
  *out = (rows){NULL, NULL, NULL, 0, 0};
  if (!data_csv_open(&csv, name))
    return false;
  for (size_t cap = 0; out->num < most && data_csv_next(&csv);) {
    if (out->num == cap) {
      cap = cap ? 2 * cap : 256;
      out->data = realloc(out->data, cap * sizeof *out->data);
      out->contracts = realloc(out->contracts, cap * sizeof *out->contracts);
      if (!out->data || !out->contracts)
        exit(1);
    }
    eg_error error = {0};
    data_row *row = &out->data[out->num];
    gln_contract *contract = &out->contracts[out->num];
    gln_target target;
    bool good = data_row_read(&csv, row) &&
                data_row_target(row, &target, &error) == EG_OK &&
                gln_conv_contract(&row->conv, &target.types[0], 1, contract,
                                  &error) == EG_OK &&
                gln_nest_check(contract, &row->nest, &error) == EG_OK;
    out->num += good;
    out->bad += !good;
    if (!good && out->bad == 1)
      printf("row left out: %s (%s)\n", data_text(&csv, "mapping.mapping"),
             error.text);
  }
  data_close(&csv.in);
  return true;
}

//===-- T3: Timeloop ------------------------------------------------------===//

static void run_timeloop(void) {
  static const char file[] = "dosa/timeloop.csv.gz";
  rows r;
  if (!load_rows(file, &r) || r.num == 0) {
    skip("T3 timeloop", file);
    return;
  }
  double *v = malloc(6 * r.num * sizeof *v);
  double *cycles = v, *energy = v + r.num, *area = v + 2 * r.num;
  double *true_cycles = v + 3 * r.num, *true_energy = v + 4 * r.num;
  double *true_area = v + 5 * r.num;
  for (size_t i = 0; v && i < r.num; ++i) {
    gln_target target;
    gln_cost cost;
    if (data_row_target(&r.data[i], &target, NULL) != EG_OK)
      continue;
    gln_timeloop_cost(&target, &r.contracts[i], &r.data[i].nest, &cost);
    cycles[i] = cost.cycles;
    energy[i] = cost.energy_pj * 1e-6;
    area[i] = gln_target_area(&target);
    true_cycles[i] = r.data[i].cycles;
    true_energy[i] = r.data[i].energy_uj;
    true_area[i] = r.data[i].area_mm2;
  }
  stats c = stats_of(cycles, true_cycles, r.num);
  stats e = stats_of(energy, true_energy, r.num);
  stats a = stats_of(area, true_area, r.num);
  static const char n[] = "T3 timeloop (DOSA)";
  figure(n, "rows", (double)r.num, "", NAN, "none left out", r.bad == 0);
  figure(n, "equal", 100 * c.exact, "%", NAN, ">= 98", c.exact >= 0.98);
  figure(n, "in 0.01 %", 100 * c.within_01, "%", 98.42, ">= 98",
         c.within_01 >= 0.98);
  figure(n, "in 5 %", 100 * c.within_5, "%", 99.98, ">= 99.9",
         c.within_5 >= 0.999);
  figure(n, "mean", 100 * c.mean, "%", 0.009, NULL, true);
  figure(n, "worst", 100 * c.worst, "%", 8.4, NULL, true);
  static const char m[] = "T3 accelergy (DOSA)";
  figure(m, "mean", 100 * e.mean, "%", 0.22, "<= 0.3", e.mean <= 0.003);
  figure(m, "in 1 %", 100 * e.within_1, "%", 97.4, NULL, true);
  figure(m, "worst", 100 * e.worst, "%", NAN, NULL, true);
  static const char w[] = "area fit (DOSA)";
  figure(w, "mean", 100 * a.mean, "%", 5.4, NULL, true);
  figure(w, "worst", 100 * a.worst, "%", 18, NULL, true);
  free(v);
  free_rows(&r);
}

//===-- Learned -----------------------------------------------------------===//

enum { MAX_LINE = 1024 };

// A public mapping as the formula sees it: it grants the halo of neighbouring tiles.
static gln_nest granted(const data_row *row) {
  gln_nest nest = row->nest;
  nest.staging[GLN_CONV_INPUT].keep_halo =
      nest.num_outer > 0 && nest.loops[nest.num_outer - 1].dim != GLN_CONV_K;
  return nest;
}

// The row as one of a file of measured runs; returns its length.
static size_t print_run(const data_row *row, const gln_contract *contract,
                        char *line) {
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  gln_run run = {.contract = *contract,
                 .dataflow = GLN_WEIGHT_STATIONARY,
                 .nest = granted(row),
                 .measured_cycles = row->rtl_cycles};
  char hardware[240];
  gln_conv_roles(GLN_WEIGHT_STATIONARY, false, roles);
  for (size_t d = 0; d < GLN_CONV_NUM_DIMS; ++d)
    run.roles[d] = (uint8_t)roles[d];
  snprintf(hardware, sizeof hardware,
           "rows=%.17g cols=%.17g abuf_bytes=%.17g wbuf_bytes=%.17g "
           "acc_bytes=%.17g interlock=1",
           row->side, row->side, row->sram_bytes / 2, row->sram_bytes / 2,
           row->acc_bytes);
  size_t length = gln_run_print(&run, "dosa", hardware, line, MAX_LINE - 1);
  strcpy(line + length, "\n");
  return length + 1;
}

// The RTL rows as a file of runs, also written to $GLN_RUNS; the caller frees it.
static char *print_runs(const rows *r) {
  char *text = malloc((r->num + 1) * MAX_LINE);
  if (!text)
    exit(1);
  size_t used = (size_t)sprintf(text, "%s\n", gln_run_header());
  for (size_t i = 0; i < r->num; ++i)
    if (r->data[i].rtl_cycles > 0)
      used += print_run(&r->data[i], &r->contracts[i], text + used);
  const char *path = getenv("GLN_RUNS");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (file) {
    fputs(text, file);
    fclose(file);
  }
  return text;
}

// As --extract=method=learned does it: each layer's rows are predicted from those of
// the other half of the layers.
static void run_learned(const rows *r) {
  char *text = print_runs(r);
  gln_target target;
  gln_learning l;
  eg_error error = {0};
  eg_allocator memory = eg_allocator_default();
  if (gln_target_builtin("gemmini16", &target, &error) ||
      gln_learn(&memory, &target, "dosa", text, &l, &error)) {
    printf("learned: %s\n", error.text);
  } else {
    static const char learned[] = "T4 learned, unseen layers";
    static const char formula[] = "T4 formula, same layers";
    figure(learned, "mean", 100 * l.mean, "%", NAN, NULL, true);
    figure(learned, "median", 100 * l.median, "%", NAN, NULL, true);
    figure(formula, "mean", 100 * l.formula_mean, "%", NAN, NULL, true);
    figure(formula, "median", 100 * l.formula_median, "%", NAN, NULL, true);
  }
  free(text);
}

//===-- T4: RTL -----------------------------------------------------------===//

enum { IDEAL, TIMELOOP, SLOWEST, WHOLE, NUM_PREDICTORS };

static void predict(const data_row *row, const gln_contract *contract,
                    double *out) {
  gln_target target;
  gln_cost_model model;
  gln_cost cost;
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  for (int i = 0; i < NUM_PREDICTORS; ++i)
    out[i] = NAN;
  gln_conv_roles(GLN_WEIGHT_STATIONARY, false, roles);
  if (data_row_target(row, &target, NULL) != EG_OK ||
      gln_cost_model_init(&model, &target, 0, GLN_WEIGHT_STATIONARY, 0,
                          contract, roles, NULL) != EG_OK)
    return;
  gln_timeloop_cost(&target, contract, &row->nest, &cost);
  out[IDEAL] = cost.compute_cycles;
  out[TIMELOOP] = row->cycles;
  gln_nest nest = granted(row);
  gln_cost_model_run(&model, &nest, &cost);
  out[SLOWEST] = cost.cycles;
  model.interlock = false;
  gln_cost_model_run(&model, &nest, &cost);
  out[WHOLE] = cost.cycles;
}

static void run_rtl(void) {
  static const char file[] = "dosa/firesim.csv";
  static const char *const names[NUM_PREDICTORS] = {
      "T4 ideal", "T4 Timeloop's column", "T4 ours, interlocked",
      "T4 ours, token per tile"};
  rows r;
  if (!load_rows(file, &r) || r.num == 0) {
    skip("T4 rtl", file);
    return;
  }
  double *v = malloc((NUM_PREDICTORS + 1) * r.num * sizeof *v);
  double *truth = v + NUM_PREDICTORS * r.num;
  size_t num = 0;
  for (size_t i = 0; v && i < r.num; ++i) {
    double p[NUM_PREDICTORS];
    predict(&r.data[i], &r.contracts[i], p);
    if (r.data[i].rtl_cycles <= 0)
      continue; // the layer did not run on the RTL
    for (int j = 0; j < NUM_PREDICTORS; ++j)
      v[(size_t)j * r.num + num] = p[j];
    truth[num++] = r.data[i].rtl_cycles;
  }
  figure("T4 RTL (DOSA)", "rows", (double)num, "", NAN, "none left out",
         r.bad == 0);
  for (int j = 0; v && j < NUM_PREDICTORS; ++j) {
    stats s = stats_of(v + (size_t)j * r.num, truth, num);
    bool judged = j == SLOWEST;
    figure(names[j], "mean", 100 * s.mean, "%", NAN, judged ? "<= 18" : NULL,
           s.mean <= 0.18);
    figure(names[j], "median", 100 * s.median, "%", NAN,
           judged ? "<= 11.5" : NULL, s.median <= 0.115);
    figure(names[j], "rho", s.rank, "", NAN, judged ? ">= 0.98" : NULL,
           s.rank >= 0.98);
    figure(names[j], "in 10 %", 100 * s.within_10, "%", NAN, NULL, true);
    figure(names[j], "in 25 %", 100 * s.within_25, "%", NAN, NULL, true);
  }
  if (num)
    run_learned(&r);
  free(v);
  free_rows(&r);
}

//===-- Speed -------------------------------------------------------------===//

// A 3x3 convolution of 256 channels, tiled over k, p and q, and all six orders
// of the grid, so that every evaluation differs from the one before.
static void run_speed(void) {
  gln_target target;
  gln_contract contract;
  gln_cost_model model;
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  gln_conv conv = {1, 256, 256, 14, 14, 3, 3, 1, 1, 1, 1, 0, 0};
  gln_conv_roles(GLN_WEIGHT_STATIONARY, false, roles);
  if (gln_target_builtin("gemmini16", &target, NULL) != EG_OK ||
      gln_conv_contract(&conv, &target.types[0], 1, &contract, NULL) != EG_OK ||
      gln_cost_model_init(&model, &target, 0, GLN_WEIGHT_STATIONARY, 0,
                          &contract, roles, NULL) != EG_OK)
    return;
  static const uint8_t orders[6][3] = {{1, 3, 4}, {1, 4, 3}, {3, 1, 4},
                                       {3, 4, 1}, {4, 1, 3}, {4, 3, 1}};
  gln_nest nests[6 * 4];
  size_t num = 0;
  for (int64_t p = 1; p <= 14; p += p == 1 ? 1 : p == 2 ? 3 : 9)
    for (size_t o = 0; o < 6; ++o) {
      gln_nest n = {.num_outer = 3};
      int64_t tiles[GLN_CONV_NUM_DIMS] = {1, 64, 256, p, 14, 3, 3};
      for (size_t i = 0; i < 3; ++i) {
        uint8_t d = orders[o][i];
        int64_t trips = (contract.extents[d] + tiles[d] - 1) / tiles[d];
        n.loops[n.num_loops++] = (gln_nest_loop){d, GLN_NEST_IN_TIME, trips};
      }
      for (uint8_t d = 0; d < GLN_CONV_NUM_DIMS; ++d)
        if (tiles[d] > 1)
          n.loops[n.num_loops++] =
              (gln_nest_loop){d, GLN_NEST_IN_TIME, tiles[d]};
      for (size_t i = 0; i < 3; ++i)
        n.staging[i] = (gln_nest_staging){3, 2, i == 0, false};
      if (gln_nest_check(&contract, &n, NULL) == EG_OK && num < 24)
        nests[num++] = n;
    }
  enum { TIMES = 1000000 };
  gln_cost cost;
  double sum = 0, start = bench_seconds();
  for (size_t i = 0; i < TIMES; ++i) {
    gln_cost_model_run(&model, &nests[i % num], &cost);
    sum += cost.cycles;
  }
  double each = (bench_seconds() - start) / TIMES * 1e9;
  figure("cost of a nest", "time", each, "ns", NAN, "< 1000", each < 1000);
  int64_t tile[GLN_CONV_NUM_DIMS] = {1, 64, 256, 5, 14, 3, 3};
  start = bench_seconds();
  for (size_t i = 0; i < TIMES; ++i) {
    tile[GLN_CONV_P] = 1 + (int64_t)(i % 14);
    gln_cost_model_bound(&model, tile, &cost);
    sum += cost.cycles;
  }
  each = (bench_seconds() - start) / TIMES * 1e9;
  figure("bound of a tile", "time", each, "ns", NAN, "< 1000", each < 1000);
  if (sum == 0)
    printf("no work was done\n");
}

int main(int argc, char **argv) {
  bench_begin(argc, argv);
  bool right = run_goldens();
  for (size_t i = 0; i < SCALESIM_NUM_NETS; ++i)
    right &= run_net(&scalesim_nets[i]);
  run_timeloop();
  run_rtl();
  run_speed();
  return bench_end(right);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// SCALE-Sim's compute model (v3) in closed form: exact on its golden traces.
//
//          rows  columns  time   cycles per fold
//   OS      M      N       K      R + C + T - 2
//   WS      K      N       M      2 R + C + T - 2     (R: loading the weights)
//   IS      K      M       N      2 R + C + T - 2
//
// over ceil(rows / R) ceil(columns / C) folds; the total is the number of the
// last cycle, counted from 0. IS names its SRAMs as the others do: its
// stationary operand is the input.
#include "target/reference.h"

static int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

gln_scalesim gln_scalesim_run(gln_scalesim_dataflow dataflow, int64_t rows,
                              int64_t cols, int64_t m, int64_t n, int64_t k) {
  bool os = dataflow == GLN_SCALESIM_OS, is = dataflow == GLN_SCALESIM_IS;
  int64_t down = os ? m : k, across = is ? m : n;
  int64_t time = os ? k : is ? n : m;
  int64_t folds_down = ceil_div(down, rows);
  int64_t folds_across = ceil_div(across, cols);
  gln_scalesim s = {.folds = folds_down * folds_across};
  s.cycles = s.folds * ((os ? 1 : 2) * rows + cols + time - 2) - 1;
  s.ifmap_reads = m * k * (is ? 1 : folds_across);
  s.filter_reads = k * n * (os ? folds_down : is ? folds_across : 1);
  s.ofmap_writes = m * n * (os ? 1 : folds_down);
  double cells = (double)rows * (double)cols;
  s.utilisation =
      (double)m * (double)n * (double)k / ((double)s.cycles * cells);
  s.mapping = (double)down * (double)across / ((double)s.folds * cells);
  return s;
}

int64_t gln_scalesim_positions(int64_t size, int64_t kernel, int64_t stride) {
  return ceil_div(size - kernel + stride, stride);
}

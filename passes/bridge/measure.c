// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A design's kernels as runs to be measured.
#include "bridge/design.h"

#include "target/runs.h"
#include "view/try.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_LINE = 4096, WORDS = 200 };

// The run of a row with a block. What the formula counts beside the nest is an
// epilogue.
static eg_status run_of(const gln_design *d, const gln_report_row *row,
                        gln_run *out, eg_error *error) {
  gln_strategy strategy;
  gln_cost nest;
  const gln_target *target = d->pricing->target;
  GLN_TRY(gln_block_strategy(target, &row->block, &strategy, error));
  GLN_TRY(gln_block_cost(target, &row->block, &nest, error));
  memset(out, 0, sizeof *out);
  out->contract = strategy.model.contract;
  out->dataflow = strategy.model.dataflow;
  out->array = row->block.array;
  for (size_t i = 0; i < out->contract.num_dims; ++i)
    out->roles[i] = (uint8_t)strategy.model.roles[i];
  gln_block_nest(&row->block, &out->nest);
  out->beside_cycles = fmax(0, row->formula_cycles - nest.cycles);
  return EG_OK;
}

static eg_status write_rows(const gln_design *d, FILE *file, eg_error *error) {
  char line[MAX_LINE], name[WORDS];
  fprintf(file, "%s\n", gln_run_header());
  for (size_t i = 0; i < d->report->num; ++i) {
    const gln_report_row *row = &d->report->rows[i];
    gln_run run;
    if (!row->has_block)
      continue;
    GLN_TRY(run_of(d, row, &run, error));
    gln_design_locate(d, row, name, sizeof name);
    if (gln_run_print(&run, name, "", line, sizeof line) >= sizeof line)
      return gln_fail(error, EG_LIMIT, "a run of more than %d bytes", MAX_LINE);
    fprintf(file, "%s\n", line);
  }
  return EG_OK;
}

eg_status gln_design_write_runs(const gln_design *design, const char *path,
                                eg_error *error) {
  FILE *file = fopen(path, "w");
  eg_status status = EG_OK;
  bool ok = file;
  if (file) {
    status = write_rows(design, file, error);
    ok = !ferror(file);
    ok = fclose(file) == 0 && ok;
  }
  if (status == EG_OK && ok)
    return EG_OK;
  int reason = errno;
  if (file)
    remove(path);
  return status != EG_OK
             ? status
             : gln_fail(error, EG_INVALID, "runs '%s' cannot be written: %s",
                        path, strerror(reason));
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A chosen design in words and as JSON.
#ifndef GLN_BRIDGE_DESIGN_H
#define GLN_BRIDGE_DESIGN_H

#include "bridge/import.h"
#include "bridge/search.h"
#include "design/report.h"
#include "design/saturate.h"
#include "target/runs.h"

// All that a report says.
typedef struct gln_design {
  const gln_import *import;
  const gln_pricing *pricing;
  const gln_saturate_report *saturation;
  const gln_chosen_program *program;
  const gln_report *report;
  const char *target; // as the user named it
  const char *method;
  const gln_phases *phases;
  const gln_learning *learning; // NULL = nothing was learned
} gln_design;

// Where in the source a row's value comes from, as "model.mlir:12"; "" when it is
// not known. Writes at most |size| bytes with a terminator.
void gln_design_locate(const gln_design *design, const gln_report_row *row,
                       char *buffer, size_t size);

// The instruction of the array that runs a row; NULL: none, or several.
const gln_instr *gln_design_instr(const gln_design *design,
                                  const gln_report_row *row);

// How a row's runner-up runs, in a few words. Writes at most |size| bytes.
void gln_design_describe_other(const gln_design *design,
                               const gln_report_row *row, char *buffer,
                               size_t size);

// A warning for each reason for which contractions stay on the host, at the first of
// them; at |module| where no file and line is known.
void gln_design_warn(const gln_design *design, MlirLocation module);
// A line per layer, totals, counts, seconds, on standard error.
void gln_design_print_table(const gln_design *design);
// How good what was learned is on layers that it was not learned from.
void gln_design_print_learning(const gln_design *design);
// The line that ends every run that maps something.
void gln_design_print_summary(const gln_design *design);
// EG_INVALID: the file cannot be written, and why; none is left. EG_NO_MEMORY.
EG_NODISCARD
eg_status gln_design_write_json(const gln_design *design, const char *path,
                                eg_error *error);

// The kernels that a unit runs as rows of target/runs.h, without measured cycles.
// The same.
EG_NODISCARD
eg_status gln_design_write_runs(const gln_design *design, const char *path,
                                eg_error *error);

#endif

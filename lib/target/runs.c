// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From a CSV file of measured runs to a correction, and how good it is.
#include "target/runs.h"
#include "view/try.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// X(enumerator, name, whether it may be missing)
#define COLUMN_TABLE(X)                                                        \
  X(HARDWARE, "hardware", true)                                                \
  X(DATAFLOW, "dataflow", false)                                               \
  X(DIMS, "dims", false)                                                       \
  X(OPERANDS, "operands", false)                                               \
  X(LOOPS, "loops", false)                                                     \
  X(STAGING, "staging", false)                                                 \
  X(BESIDE, "beside_cycles", true)                                             \
  X(MEASURED, "measured_cycles", false)

enum {
#define X(id, name, optional) id,
  COLUMN_TABLE(X)
#undef X
      NUM_COLUMNS,
  ABSENT = 255,
  MAX_COLUMNS = 64,
  MAX_LINE = 4096,
};

static const struct {
  const char *name;
  bool optional;
} columns[NUM_COLUMNS] = {
#define X(id, name, optional) {name, optional},
    COLUMN_TABLE(X)
#undef X
};

typedef struct table {
  const eg_allocator *allocator;
  const gln_target *target;
  const char *file, *text;
  size_t line;             // of the one that was read last, from 1
  char buffer[MAX_LINE];   // it, cut into cells
  char *cells[MAX_COLUMNS];
  size_t num_cells;
  uint8_t column[NUM_COLUMNS]; // where each is, or ABSENT
  gln_measured *rows;
  gln_contract *contracts;
  uint32_t *layers;
  size_t num, capacity;
  uint32_t num_layers, unmeasured;
  eg_error *error;
} table;

static eg_status fail_here(const table *t, const char *what) {
  return gln_fail(t->error, EG_INVALID, "%s:%zu: %s", t->file, t->line, what);
}

//===-- Lines -------------------------------------------------------------===//

static char *strip(char *text) {
  char *end = text + strlen(text);
  while (*text == ' ' || *text == '\t')
    ++text;
  while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
    *--end = 0;
  return text;
}

// Cuts the next line into cells; |out_more|: there was one.
static eg_status next_line(table *t, bool *out_more) {
  size_t length = strcspn(t->text, "\n");
  *out_more = *t->text != 0;
  if (!*out_more)
    return EG_OK;
  ++t->line;
  if (length >= MAX_LINE)
    return fail_here(t, "the line is longer than 4095 bytes");
  memcpy(t->buffer, t->text, length);
  t->buffer[length - (length > 0 && t->buffer[length - 1] == '\r')] = 0;
  t->text += length + (t->text[length] == '\n');
  t->num_cells = 0;
  for (char *at = t->buffer; at;) {
    if (t->num_cells == MAX_COLUMNS)
      return fail_here(t, "more than 64 cells");
    char *comma = strchr(at, ',');
    if (comma)
      *comma = 0;
    t->cells[t->num_cells++] = strip(at);
    at = comma ? comma + 1 : NULL;
  }
  return EG_OK;
}

static eg_status read_header(table *t) {
  bool more;
  char what[80];
  GLN_TRY(next_line(t, &more));
  memset(t->column, ABSENT, sizeof t->column);
  for (size_t i = 0; i < t->num_cells; ++i)
    for (size_t c = 0; c < NUM_COLUMNS; ++c)
      if (strcmp(t->cells[i], columns[c].name) == 0)
        t->column[c] = (uint8_t)i;
  t->line = 1;
  for (size_t c = 0; c < NUM_COLUMNS; ++c) {
    snprintf(what, sizeof what, "no column is called '%s'", columns[c].name);
    if (t->column[c] == ABSENT && !columns[c].optional)
      return fail_here(t, what);
  }
  return EG_OK;
}

static const char *cell(const table *t, size_t column) {
  uint8_t at = t->column[column];
  return at < t->num_cells ? t->cells[at] : "";
}

//===-- Rows --------------------------------------------------------------===//

// A number from 0 (or more than that: |positive|); an empty cell is 0.
static eg_status number(const table *t, size_t column, bool positive,
                        double *out) {
  const char *text = cell(t, column);
  char *end, what[160];
  *out = strtod(text, &end);
  if (*end == 0 && *out >= 0 && !isinf(*out) && (*out > 0 || !positive))
    return EG_OK;
  snprintf(what, sizeof what, "%s: '%.60s' is no number %s 0",
           columns[column].name, text, positive ? "above" : "from");
  return fail_here(t, what);
}

// Room for as many runs as the text has lines.
static eg_status reserve(table *t) {
  const eg_allocator *a = t->allocator;
  t->capacity = 1;
  for (const char *at = t->text; (at = strchr(at, '\n')); ++at)
    ++t->capacity;
  t->rows = a->resize(a->user, NULL, 0, t->capacity * sizeof *t->rows);
  t->contracts =
      a->resize(a->user, NULL, 0, t->capacity * sizeof *t->contracts);
  t->layers = a->resize(a->user, NULL, 0, t->capacity * sizeof *t->layers);
  return t->rows && t->contracts && t->layers
             ? EG_OK
             : gln_fail(t->error, EG_NO_MEMORY, "no memory for measured runs");
}

static void release(table *t) {
  const eg_allocator *a = t->allocator;
  if (t->rows)
    a->resize(a->user, t->rows, t->capacity * sizeof *t->rows, 0);
  if (t->contracts)
    a->resize(a->user, t->contracts, t->capacity * sizeof *t->contracts, 0);
  if (t->layers)
    a->resize(a->user, t->layers, t->capacity * sizeof *t->layers, 0);
}

// The target of a row: its overrides, separated by blanks.
static eg_status hardware_of(const table *t, gln_target *out,
                             eg_error *error) {
  char overrides[MAX_LINE];
  size_t length = 0;
  *out = *t->target;
  for (const char *at = cell(t, HARDWARE); *at; ++at)
    if (*at != ' ')
      overrides[length++] = *at;
    else if (overrides[length - 1] != ',')
      overrides[length++] = ',';
  overrides[length] = 0;
  if (length == 0)
    return EG_OK;
  GLN_TRY(gln_target_override(out, overrides, error));
  return gln_target_check(out, error);
}

static eg_status price(const table *t, const gln_run *run, gln_cost *out,
                       eg_error *error) {
  gln_target target;
  gln_cost_model model;
  gln_nest_role roles[GLN_NEST_MAX_DIMS];
  for (size_t d = 0; d < run->contract.num_dims; ++d)
    roles[d] = (gln_nest_role)run->roles[d];
  GLN_TRY(hardware_of(t, &target, error));
  GLN_TRY(gln_cost_model_init(&model, &target, run->array, run->dataflow, 0,
                              &run->contract, roles, error));
  gln_cost_model_run(&model, &run->nest, out);
  return EG_OK;
}

static void number_layer(table *t) {
  for (size_t i = 0; i < t->num; ++i)
    if (memcmp(&t->contracts[i], &t->contracts[t->num],
               sizeof *t->contracts) == 0) {
      t->layers[t->num] = t->layers[i];
      return;
    }
  t->layers[t->num] = t->num_layers++;
}

static eg_status read_row(table *t) {
  gln_run run;
  eg_error why = {0};
  gln_run_cells cells = {cell(t, DATAFLOW), cell(t, DIMS), cell(t, OPERANDS),
                         cell(t, LOOPS), cell(t, STAGING)};
  if (t->num_cells == 1 && !*t->cells[0])
    return EG_OK; // an empty line
  eg_status status = gln_run_parse(&cells, &run, &why);
  if (status != EG_OK)
    return fail_here(t, why.text);
  if (!*cell(t, MEASURED)) {
    ++t->unmeasured;
    return EG_OK;
  }
  GLN_TRY(number(t, MEASURED, true, &run.measured_cycles));
  GLN_TRY(number(t, BESIDE, false, &run.beside_cycles));
  gln_measured *row = &t->rows[t->num];
  *row = (gln_measured){.beside = run.beside_cycles,
                        .cycles = run.measured_cycles};
  status = price(t, &run, &row->cost, &why);
  if (status != EG_OK)
    return fail_here(t, why.text);
  t->contracts[t->num] = run.contract;
  number_layer(t);
  ++t->num;
  return EG_OK;
}

static eg_status read_rows(table *t) {
  GLN_TRY(read_header(t));
  GLN_TRY(reserve(t));
  for (bool more;;) {
    GLN_TRY(next_line(t, &more));
    if (!more)
      break;
    GLN_TRY(read_row(t));
  }
  if (t->num < GLN_LEARN_MIN_RUNS)
    return gln_fail(t->error, EG_INVALID,
                    "%s: %zu measured runs (and %" PRIu32
                    " without cycles), at least %d to learn from",
                    t->file, t->num, t->unmeasured, GLN_LEARN_MIN_RUNS);
  if (t->num_layers < 2)
    return gln_fail(t->error, EG_INVALID,
                    "%s: all runs are of one layer, at least 2 to learn from",
                    t->file);
  return EG_OK;
}

//===-- Learning ----------------------------------------------------------===//

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// |values|: predictions, which become their errors.
static void judge(const table *t, double *values, double *out_mean,
                  double *out_median) {
  *out_mean = 0;
  for (size_t i = 0; i < t->num; ++i) {
    values[i] = fabs(values[i] / t->rows[i].cycles - 1);
    *out_mean += values[i] / (double)t->num;
  }
  qsort(values, t->num, sizeof *values, compare);
  *out_median = (values[(t->num - 1) / 2] + values[t->num / 2]) / 2;
}

static eg_status learn(const table *t, gln_learning *out) {
  const eg_allocator *a = t->allocator;
  // Picked on half of DOSA's layers; a hundred rows weigh as much as it.
  double ridge = 3 * (double)t->num;
  size_t bytes = t->num * sizeof(double);
  double *values = a->resize(a->user, NULL, 0, bytes);
  if (!values)
    return gln_fail(t->error, EG_NO_MEMORY, "no memory for measured runs");
  *out = (gln_learning){.runs = (uint32_t)t->num,
                        .layers = t->num_layers,
                        .unmeasured = t->unmeasured};
  eg_status status = gln_learned_unseen(a, t->rows, t->layers, t->num, ridge,
                                        values, t->error);
  if (status == EG_OK) {
    judge(t, values, &out->mean, &out->median);
    for (size_t i = 0; i < t->num; ++i)
      values[i] = t->rows[i].cost.cycles + t->rows[i].beside;
    judge(t, values, &out->formula_mean, &out->formula_median);
    status = gln_learned_fit(t->rows, t->num, ridge, &out->learned, t->error);
  }
  a->resize(a->user, values, bytes, 0);
  return status;
}

eg_status gln_learn(const eg_allocator *allocator, const gln_target *target,
                    const char *file, const char *text, gln_learning *out,
                    eg_error *error) {
  table t = {.allocator = allocator,
             .target = target,
             .file = file,
             .text = text,
             .error = error};
  eg_status status = read_rows(&t);
  if (status == EG_OK)
    status = learn(&t, out);
  release(&t);
  return status;
}

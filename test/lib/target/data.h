// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Readers of the public reference data: CSV by column name, SCALE-Sim layer
// tables, DOSA rows with their mapping strings. Tests and the model benchmark
// share them. The data is not in this tree: all of it may be absent.
#ifndef TARGET_DATA_H
#define TARGET_DATA_H

#include "target/reference.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//===-- Files -------------------------------------------------------------===//

// $GLN_DATA, or the folder shared/data beside the source tree. The file that
// includes this one defines _POSIX_C_SOURCE, for popen.
static inline const char *data_folder(void) {
  static char folder[1024];
  static const char here[] = "test/lib/target/data.h";
  const char *given = getenv("GLN_DATA");
  size_t root = strlen(__FILE__) - (sizeof here - 1);
  if (given && *given)
    return given;
  snprintf(folder, sizeof folder, "%.*s../shared/data", (int)root, __FILE__);
  return folder;
}

typedef struct data_file {
  FILE *file;
  bool is_pipe;
} data_file;

// Opens |name| below the data folder; a name ending in .gz is read through
// `gzip -dc`, so that no library is needed. False when it is not there.
static inline bool data_open(const char *name, data_file *out) {
  char path[1024], command[1100];
  int length = snprintf(path, sizeof path, "%s/%s", data_folder(), name);
  if (length < 3 || (size_t)length >= sizeof path)
    return false;
  out->file = fopen(path, "rb");
  out->is_pipe = false;
  if (!out->file || strcmp(path + length - 3, ".gz") != 0)
    return out->file != NULL;
  fclose(out->file);
  out->file = NULL;
  if (strchr(path, '\''))
    return false;
  snprintf(command, sizeof command, "gzip -dc '%s'", path);
  out->file = popen(command, "r");
  out->is_pipe = true;
  return out->file != NULL;
}

static inline void data_close(data_file *in) {
  if (in->is_pipe)
    pclose(in->file);
  else
    fclose(in->file);
}

//===-- CSV ---------------------------------------------------------------===//

enum { DATA_MAX_COLUMNS = 64, DATA_MAX_LINE = 4096 };

typedef struct data_csv {
  data_file in;
  char header[DATA_MAX_LINE], line[DATA_MAX_LINE];
  char *names[DATA_MAX_COLUMNS], *cells[DATA_MAX_COLUMNS];
  size_t num_names, num_cells;
} data_csv;

// Cuts |line| at commas in place and strips blanks. No quoted cells.
static inline size_t data_split(char *line, char **cells) {
  size_t num = 0;
  char *at = line;
  while (num < DATA_MAX_COLUMNS) {
    while (*at == ' ')
      ++at;
    cells[num++] = at;
    char *end = at + strcspn(at, ",\r\n"), stop = *end;
    for (char *c = end; c > at && (c[-1] == ' ' || c == end);)
      *c-- = 0;
    *end = 0;
    if (stop != ',')
      break;
    at = end + 1;
  }
  return num;
}

static inline bool data_csv_open(data_csv *csv, const char *name) {
  if (!data_open(name, &csv->in))
    return false;
  if (!fgets(csv->header, sizeof csv->header, csv->in.file)) {
    data_close(&csv->in);
    return false;
  }
  csv->num_names = data_split(csv->header, csv->names);
  return true;
}

static inline bool data_csv_next(data_csv *csv) {
  if (!fgets(csv->line, sizeof csv->line, csv->in.file))
    return false;
  csv->num_cells = data_split(csv->line, csv->cells);
  return true;
}

// The cell of the column called |name|; "" when there is none.
static inline const char *data_text(const data_csv *csv, const char *name) {
  for (size_t i = 0; i < csv->num_names && i < csv->num_cells; ++i)
    if (strcmp(csv->names[i], name) == 0)
      return csv->cells[i];
  return "";
}

static inline double data_number(const data_csv *csv, const char *name) {
  return strtod(data_text(csv, name), NULL);
}

//===-- SCALE-Sim layers --------------------------------------------------===//

typedef struct data_layer {
  char name[32];
  int64_t m, n, k; // the product that SCALE-Sim makes of the convolution
} data_layer;

// Layers of scalesim/|net|.csv, at most |most|; 0 when it is absent.
static inline size_t data_layers(const char *net, data_layer *layers,
                                 size_t most) {
  char name[64];
  data_csv csv;
  size_t num = 0;
  snprintf(name, sizeof name, "scalesim/%s.csv", net);
  if (!data_csv_open(&csv, name))
    return 0;
  while (num < most && data_csv_next(&csv)) {
    if (csv.num_cells < 8 || !*csv.cells[0])
      continue;
    int64_t v[7];
    for (size_t i = 0; i < 7; ++i)
      v[i] = strtoll(csv.cells[i + 1], NULL, 10);
    data_layer *l = &layers[num++];
    snprintf(l->name, sizeof l->name, "%s", csv.cells[0]);
    l->m = gln_scalesim_positions(v[0], v[2], v[6]) *
           gln_scalesim_positions(v[1], v[3], v[6]);
    l->k = v[2] * v[3] * v[4];
    l->n = v[5];
  }
  data_close(&csv.in);
  return num;
}

//===-- DOSA rows ---------------------------------------------------------===//

typedef struct data_row {
  gln_conv conv;
  gln_nest nest;
  double side, acc_bytes, sram_bytes;
  double cycles, energy_uj, area_mm2; // Timeloop, Accelergy
  double rtl_cycles;                  // Gemmini under FireSim; 0 = not there
} data_row;

static inline bool data_dim(char letter, uint8_t *out) {
  static const char letters[] = "NKCPQRS"; // GLN_CONV_N, GLN_CONV_K, …
  const char *at = letter ? strchr(letters, letter) : NULL;
  *out = at ? (uint8_t)(at - letters) : 0;
  return at != NULL;
}

// "L3[WIO] P7 Q2 - L2[WI] K16X - L1[O] C16 - L0[W] P8" as a nest: loops of 1
// are dropped, X marks a loop across the array, L3 is the grid.
static inline bool data_mapping(const char *text, gln_nest *nest) {
  memset(nest, 0, sizeof *nest);
  int level = -1;
  while (*text) {
    uint8_t dim;
    char *end;
    if (*text == ' ' || *text == '-') {
      ++text;
    } else if (*text == 'L' && isdigit((unsigned char)text[1])) {
      level = text[1] - '0';
      text += strcspn(text, " ");
    } else if (data_dim(*text, &dim) && level >= 0) {
      int64_t trips = strtoll(text + 1, &end, 10);
      bool across = *end == 'X';
      if (end == text + 1 || trips < 1 || nest->num_loops == GLN_NEST_MAX_LOOPS)
        return false;
      uint8_t kind = !across             ? GLN_NEST_IN_TIME
                     : dim == GLN_CONV_C ? GLN_NEST_ON_ROWS
                                         : GLN_NEST_ON_COLS;
      if (trips > 1)
        nest->loops[nest->num_loops++] = (gln_nest_loop){dim, kind, trips};
      if (trips > 1 && level == 3)
        nest->num_outer = nest->num_loops;
      text = end + across;
    } else {
      return false;
    }
  }
  for (size_t i = 0; i < 3; ++i)
    nest->staging[i] = (gln_nest_staging){nest->num_outer, 2, false, false};
  return level >= 0;
}

static inline bool data_row_read(const data_csv *csv, data_row *row) {
  memset(row, 0, sizeof *row);
  row->side = data_number(csv, "arch.mem1_instances");
  row->acc_bytes = data_number(csv, "arch.mem1_depth") *
                   data_number(csv, "arch.mem1_width") / 8 * row->side;
  row->sram_bytes = data_number(csv, "arch.mem2_depth") *
                    data_number(csv, "arch.mem2_width") / 8 *
                    data_number(csv, "arch.mem2_instances");
  row->cycles = data_number(csv, "target.cycle");
  row->energy_uj = data_number(csv, "target.energy");
  row->area_mm2 = data_number(csv, "target.area");
  row->rtl_cycles = data_number(csv, "target.gemmini_cycle");
  row->conv = (gln_conv){
      .n = (int64_t)data_number(csv, "prob.N"),
      .k = (int64_t)data_number(csv, "prob.K"),
      .c = (int64_t)data_number(csv, "prob.C"),
      .p = (int64_t)data_number(csv, "prob.P"),
      .q = (int64_t)data_number(csv, "prob.Q"),
      .r = (int64_t)data_number(csv, "prob.R"),
      .s = (int64_t)data_number(csv, "prob.S"),
      .stride_h = (int64_t)data_number(csv, "prob.Hstride"),
      .stride_w = (int64_t)data_number(csv, "prob.Wstride"),
      .dilation_h = (int64_t)data_number(csv, "prob.Hdilation"),
      .dilation_w = (int64_t)data_number(csv, "prob.Wdilation"),
  };
  return data_mapping(data_text(csv, "mapping.mapping"), &row->nest);
}

// The row's accelerator: gemmini16 with its array and memories, and hazards
// found by address, as Gemmini's reservation station does.
static inline eg_status
data_row_target(const data_row *row, gln_target *out_target, eg_error *error) {
  const struct {
    const char *key;
    double value;
  } settings[] = {
      {"rows", row->side},
      {"cols", row->side},
      {"abuf_bytes", row->sram_bytes / 2},
      {"wbuf_bytes", row->sram_bytes / 2},
      {"acc_bytes", row->acc_bytes},
      {"interlock", 1},
  };
  eg_status status = gln_target_builtin("gemmini16", out_target, error);
  for (size_t i = 0; status == EG_OK && i < 6; ++i)
    status = gln_target_set(out_target, settings[i].key, settings[i].value,
                            "DOSA row", error);
  return status;
}

#endif

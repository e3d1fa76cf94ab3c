// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shipped targets, and the defaults of energy and area. Every constant of
// the model stands in this file once, beside its source.
#include "target/target.h"

#include <stdio.h>
#include <string.h>

//===-- Energy and area ---------------------------------------------------===//

// pJ at 40 nm: the Accelergy/CACTI values behind the public Gemmini data set
// of DOSA (MICRO'23), per 8-bit word.
#define DOSA_40NM "DOSA data set, Accelergy + CACTI at 40 nm"
// mm2 at 40 nm: least squares over the 95 architectures of that data set, mean
// error 5.4 %, worst 18 %.
#define AREA_FIT "least squares over the 95 DOSA architectures, 40 nm"
#define ALADDIN "Aladdin 40 nm: 8 register bits of 5.98 um2"
#define HOROWITZ "Horowitz ISSCC'14 at 45 nm: multiply + 32-bit add"
#define ROCKET "an in-order scalar host of the Rocket class"

typedef struct setting {
  const char *key;
  double value;
  const char *source;
} setting;

static const setting defaults[] = {
    {"energy_register", 0.48746, DOSA_40NM},
    {"energy_acc", 1.94, DOSA_40NM},
    {"energy_acc_bank", 0.1005, DOSA_40NM},
    {"energy_sram", 0.49, DOSA_40NM},
    {"energy_sram_size", 0.02513, DOSA_40NM},
    {"energy_dram", 100, DOSA_40NM},
    {"area_cell", 4.04e-4, AREA_FIT},
    {"area_shadow", 4.8e-5, ALADDIN},
    {"area_side", 1.09e-3, AREA_FIT},
    {"area_lane", 0, "not separable in the fit: part of area_side"},
    {"area_acc", 5.55e-3, AREA_FIT},
    {"area_sram", 2.60e-3, AREA_FIT},
    {"area_base", 0.0138, AREA_FIT},
    {"host_cycles_per_mac", 64, ROCKET},
    {"host_cycles_per_element", 8, ROCKET},
    {"host_bytes_per_cycle", 8, ROCKET},
};

static const gln_type_rule types[] = {
    {GLN_TYPE_I8, GLN_TYPE_I8, GLN_TYPE_I32, 0.5608, DOSA_40NM},
    {GLN_TYPE_BF16, GLN_TYPE_BF16, GLN_TYPE_F32, 1.1 + 0.9, HOROWITZ},
    {GLN_TYPE_F32, GLN_TYPE_F32, GLN_TYPE_F32, 3.7 + 0.9, HOROWITZ},
};

//===-- The points --------------------------------------------------------===//

#define GEMMINI "Gemmini's default configuration"
#define LARGER "gemmini16 scaled up"
#define REQUEST "swept on the DOSA RTL rows; see README.md"

static const setting gemmini16[] = {
    {"rows", 16, GEMMINI},
    {"cols", 16, GEMMINI},
    {"shadow_weights", 0, GEMMINI},
    {"weight_stationary", 1, GEMMINI},
    {"output_stationary", 1, GEMMINI},
    {"min_stream", 4, "Gemmini's execute controller: max(rows, 4)"},
    {"interlock", 0, "our runtime: a token per tile"},
    {"lanes", 16, GEMMINI},
    {"abuf_bytes", 128 << 10, "half of Gemmini's 256 KiB scratchpad"},
    {"wbuf_bytes", 128 << 10, "half of Gemmini's 256 KiB scratchpad"},
    {"acc_bytes", 64 << 10, GEMMINI},
    {"dram_bytes_per_cycle", 8, "the DOSA data set"},
    {"dram_burst_bytes", 64, "Gemmini's largest DMA request"},
    {"dram_request_cycles", 10, REQUEST},
    {"dram_latency", 100, "assumed"},
};

// What differs from gemmini16.
static const setting ws64[] = {
    {"rows", 64, LARGER},
    {"cols", 64, LARGER},
    {"shadow_weights", 1, LARGER},
    {"lanes", 64, LARGER},
    {"abuf_bytes", 1 << 20, LARGER},
    {"wbuf_bytes", 1 << 20, LARGER},
    {"acc_bytes", 256 << 10, LARGER},
    {"dram_bytes_per_cycle", 16, LARGER},
};

typedef struct range {
  const char *key;
  double least, most; // by doubling
} range;

// Ranges of co-design; everything else is gemmini16.
static const range edge[] = {
    {"rows", 8, 128},
    {"cols", 8, 128},
    {"shadow_weights", 0, 0}, // 0 and 1: no powers of two, set below
    {"abuf_bytes", 16 << 10, 2 << 20},
    {"wbuf_bytes", 16 << 10, 2 << 20},
    {"acc_bytes", 4 << 10, 1 << 20},
};

typedef struct builtin {
  const char *name;
  const setting *settings; // on top of gemmini16
  size_t num_settings;
  const range *ranges;
  size_t num_ranges;
} builtin;

static const builtin builtins[] = {
    {"gemmini16", NULL, 0, NULL, 0},
    {"ws64", ws64, sizeof ws64 / sizeof *ws64, NULL, 0},
    {"edge", NULL, 0, edge, sizeof edge / sizeof *edge},
};

enum { NUM_BUILTINS = sizeof builtins / sizeof *builtins };

//===-- Making them -------------------------------------------------------===//

static eg_status set_all(gln_target *target, const setting *settings,
                         size_t num_settings, eg_error *error) {
  for (size_t i = 0; i < num_settings; ++i) {
    eg_status status = gln_target_set(
        target, settings[i].key, settings[i].value, settings[i].source, error);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

void gln_target_init(gln_target *target, const char *name) {
  memset(target, 0, sizeof *target);
  snprintf(target->name, sizeof target->name, "%s", name);
  // The defaults lie inside the limits of the table: a test sets each.
  eg_status status =
      set_all(target, defaults, sizeof defaults / sizeof *defaults, NULL);
  (void)status;
}

static eg_status set_range(gln_target *target, const range *r,
                           eg_error *error) {
  static const double flags[] = {0, 1};
  if (r->most == 0)
    return gln_target_set_choices(target, r->key, flags, 2, error);
  return gln_target_set_powers(target, r->key, r->least, r->most, error);
}

static eg_status make(const builtin *b, gln_target *out, eg_error *error) {
  gln_target_init(out, b->name);
  eg_status status = gln_target_add_array(out, error);
  for (size_t i = 0; status == EG_OK && i < sizeof types / sizeof *types; ++i)
    status = gln_target_add_type(out, types[i], error);
  if (status == EG_OK)
    status =
        set_all(out, gemmini16, sizeof gemmini16 / sizeof *gemmini16, error);
  if (status == EG_OK)
    status = set_all(out, b->settings, b->num_settings, error);
  for (size_t i = 0; status == EG_OK && i < b->num_ranges; ++i)
    status = set_range(out, &b->ranges[i], error);
  return status == EG_OK ? gln_target_check(out, error) : status;
}

eg_status gln_target_builtin(const char *name, gln_target *out_target,
                             eg_error *error) {
  char names[128] = "";
  for (size_t i = 0; i < NUM_BUILTINS; ++i) {
    if (strcmp(builtins[i].name, name) == 0)
      return make(&builtins[i], out_target, error);
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
             builtins[i].name);
  }
  return gln_fail(error, EG_NOT_FOUND,
                  "there is no target called '%s'; shipped are %s", name,
                  names);
}

const char *gln_target_builtin_name(size_t index) {
  return index < NUM_BUILTINS ? builtins[index].name : NULL;
}

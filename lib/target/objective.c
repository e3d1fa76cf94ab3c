// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Objectives: one number from the vector.
#include "target/cost.h"

#include <string.h>

const char *gln_objective_name(gln_objective_kind kind) {
  static const char *const names[] = {"latency", "energy", "edp", "dram",
                                      "weighted"};
  return (unsigned)kind < GLN_NUM_OBJECTIVES ? names[kind] : "?";
}

// "energy=0.01" into the weight of that name.
static eg_status parse_weight(const char *text, size_t length,
                              gln_objective *objective, eg_error *error) {
  static const char *const names[] = {"cycles", "energy", "dram"};
  double *weights[] = {&objective->cycles, &objective->energy,
                       &objective->dram};
  for (size_t i = 0; i < 3; ++i) {
    size_t name = strlen(names[i]);
    gln_scalar number;
    if (length <= name || strncmp(text, names[i], name) != 0 ||
        text[name] != '=')
      continue;
    if (gln_scalar_parse(GLN_TYPE_F64, text + name + 1, length - name - 1,
                         &number, NULL) != EG_OK ||
        !(gln_scalar_to_double(number) >= 0) ||
        gln_scalar_to_double(number) > 1e300)
      return gln_fail(error, EG_INVALID,
                      "the weight in '%.*s' is no number from 0", (int)length,
                      text);
    *weights[i] = gln_scalar_to_double(number);
    return EG_OK;
  }
  return gln_fail(error, EG_INVALID,
                  "'%.*s' is no objective: latency, energy, edp, dram, or "
                  "weights cycles=, energy=, dram=",
                  (int)length, text);
}

eg_status gln_objective_parse(const char *text, gln_objective *out_objective,
                              eg_error *error) {
  gln_objective o = {GLN_OBJECTIVE_WEIGHTED, 0, 0, 0};
  for (int i = 0; i < GLN_OBJECTIVE_WEIGHTED; ++i)
    if (strcmp(text, gln_objective_name((gln_objective_kind)i)) == 0) {
      o.kind = (gln_objective_kind)i;
      *out_objective = o;
      return EG_OK;
    }
  const char *at = text;
  do {
    size_t length = strcspn(at, ",");
    eg_status status = parse_weight(at, length, &o, error);
    if (status != EG_OK)
      return status;
    at += length + (at[length] == ',');
  } while (*at);
  if (o.cycles + o.energy + o.dram == 0)
    return gln_fail(error, EG_INVALID, "all weights of '%s' are 0", text);
  *out_objective = o;
  return EG_OK;
}

double gln_objective_value(const gln_objective *objective,
                           const gln_cost *cost) {
  double dram = cost->dram_read_bytes + cost->dram_write_bytes;
  switch (objective->kind) {
  case GLN_OBJECTIVE_LATENCY:
    return cost->cycles;
  case GLN_OBJECTIVE_ENERGY:
    return cost->energy_pj;
  case GLN_OBJECTIVE_EDP:
    return cost->energy_pj * cost->cycles;
  case GLN_OBJECTIVE_DRAM:
    return dram;
  case GLN_OBJECTIVE_WEIGHTED:
  case GLN_NUM_OBJECTIVES:
    break;
  }
  return objective->cycles * cost->cycles +
         objective->energy * cost->energy_pj + objective->dram * dram;
}

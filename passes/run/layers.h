// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an accelerator did in one run, layer by layer.
#ifndef GLN_RUN_LAYERS_H
#define GLN_RUN_LAYERS_H

#include "eg.h"
#include "runtime/sa_program.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gln_layer {
  char name[120]; // cut
  sa_counters counters;
} gln_layer;

// Zero but for the allocator is a valid empty state.
typedef struct gln_layers {
  gln_layer *items; // owned
  size_t num, room;
  bool failed; // no memory: the rest is missing
  eg_allocator allocator;
} gln_layers;

// A sa_program_visit whose user is a gln_layers: appends one.
void gln_layers_add(void *user, const char *name, const sa_counters *counters);
// The sum of all.
sa_counters gln_layers_total(const gln_layers *layers);
// Of all kinds but tokens.
uint64_t gln_layer_commands(const sa_counters *counters);
void gln_layers_fini(gln_layers *layers);

#ifdef __cplusplus
}
#endif
#endif

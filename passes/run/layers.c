// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "run/layers.h"

#include <stdio.h>
#include <string.h>

void gln_layers_add(void *user, const char *name, const sa_counters *counters) {
  gln_layers *layers = user;
  if (layers->num == layers->room) {
    size_t room = 2 * layers->room + 16;
    gln_layer *grown = layers->allocator.resize(
        layers->allocator.user, layers->items,
        layers->room * sizeof *layers->items, room * sizeof *grown);
    if (!grown) {
      layers->failed = true;
      return;
    }
    layers->items = grown;
    layers->room = room;
  }
  gln_layer *layer = &layers->items[layers->num++];
  snprintf(layer->name, sizeof layer->name, "%s", name ? name : "");
  layer->counters = *counters;
}

sa_counters gln_layers_total(const gln_layers *layers) {
  sa_counters total;
  memset(&total, 0, sizeof total);
  for (size_t i = 0; i < layers->num; ++i) {
    const sa_counters *c = &layers->items[i].counters;
    for (int k = 0; k < SA_NUM_OPS; ++k)
      total.commands[k] += c->commands[k];
    total.macs += c->macs;
    total.vector_elements += c->vector_elements;
    for (int k = 0; k < SA_NUM_LEVELS; ++k) {
      total.level[k].read_bytes += c->level[k].read_bytes;
      total.level[k].written_bytes += c->level[k].written_bytes;
      total.level[k].requests += c->level[k].requests;
    }
    total.cycles += c->cycles;
    total.energy_pj += c->energy_pj;
  }
  return total;
}

uint64_t gln_layer_commands(const sa_counters *counters) {
  uint64_t sum = 0;
  for (int k = 0; k < SA_OP_SIGNAL; ++k)
    sum += counters->commands[k];
  return sum;
}

void gln_layers_fini(gln_layers *layers) {
  if (layers->items)
    layers->allocator.resize(layers->allocator.user, layers->items,
                             layers->room * sizeof *layers->items, 0);
  layers->items = NULL;
  layers->num = layers->room = 0;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blockings as nodes of the graph, and back.
//
// The tile of a block is an `issue` on the unit, a class of its own: it works on
// what is staged on chip, so it may not stand for the contract over arrays in
// DRAM, though both compute the same.
#include "design/mapping.h"
#include "view/try.h"

#include <stdio.h>
#include <string.h>

//===-- Blockings and blocks ----------------------------------------------===//

bool gln_block_of_blocking(const gln_spec *spec, uint8_t array,
                           const gln_strategy *strategy,
                           const gln_blocking *blocking, gln_block *out) {
  const gln_nest *nest = &blocking->nest;
  memset(out, 0, sizeof *out);
  out->spec = *spec;
  out->array = array;
  out->strategy = strategy->bits;
  for (size_t d = 0; d < spec->num_dims; ++d)
    out->tile[d] = 1;
  for (size_t i = nest->num_outer; i < nest->num_loops; ++i)
    out->tile[nest->loops[i].dim] *= nest->loops[i].trips;
  uint8_t depth[GLN_NEST_MAX_LOOPS + 1] = {0}; // without loops of one trip
  for (size_t i = 0; i < nest->num_outer; ++i) {
    depth[i] = out->num_grid;
    if (nest->loops[i].trips > 1)
      out->order[out->num_grid++] = nest->loops[i].dim;
  }
  depth[nest->num_outer] = out->num_grid;
  for (size_t k = 0; k < GLN_BLOCK_MAX_STAGED; ++k) {
    out->staging[k] = nest->staging[k];
    out->staging[k].depth = depth[nest->staging[k].depth];
  }
  return gln_block_check(out, NULL) == EG_OK;
}

void gln_block_nest(const gln_block *block, gln_nest *out) {
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < block->num_grid; ++i) {
    uint8_t d = block->order[i];
    out->loops[out->num_loops++] =
        (gln_nest_loop){d, GLN_NEST_IN_TIME, gln_block_trips(block, d)};
  }
  out->num_outer = out->num_loops;
  for (size_t d = 0; d < block->spec.num_dims; ++d)
    if (block->tile[d] > 1)
      out->loops[out->num_loops++] =
          (gln_nest_loop){(uint8_t)d, GLN_NEST_IN_TIME, block->tile[d]};
  memcpy(out->staging, block->staging, sizeof block->staging);
}

eg_status gln_block_strategy(const gln_target *target, const gln_block *block,
                             gln_strategy *out, eg_error *error) {
  gln_strategy strategies[GLN_BLOCKING_MAX_STRATEGIES];
  size_t num;
  GLN_TRY(gln_strategies(target, block->array, &block->spec, 0, block->strategy,
                         strategies, &num, error));
  for (size_t i = 0; i < num; ++i)
    if (strategies[i].bits == block->strategy) {
      *out = strategies[i];
      return EG_OK;
    }
  return gln_fail(error, EG_INVALID, "strategy %u is none of array %u",
                  block->strategy, block->array);
}

eg_status gln_block_cost(const gln_target *target, const gln_block *block,
                         gln_cost *out, eg_error *error) {
  gln_strategy strategy;
  gln_nest nest;
  GLN_TRY(gln_block_strategy(target, block, &strategy, error));
  gln_block_nest(block, &nest);
  gln_cost_model_run(&strategy.model, &nest, out);
  return EG_OK;
}

//===-- Adding ------------------------------------------------------------===//

typedef struct mapper {
  gln_lang *lang;
  const gln_target *target;
  const gln_blocking_options *options;
  eg_allocator memory;
  eg_class arrays[GLN_TARGET_MAX_ARRAYS];
  gln_map_counts *counts;
  eg_error *error;
} mapper;

static eg_status graph_status(const mapper *m, eg_status status) {
  if (status != EG_OK)
    gln_fail(m->error, status, "%s", eg_graph_error(m->lang->graph)->text);
  return status;
}

static eg_status issue_tile(const mapper *m, const gln_block *block,
                            const int64_t *extents, eg_class *out) {
  gln_spec spec;
  GLN_TRY(gln_spec_tile(&block->spec, extents, &spec, NULL, m->error));
  return graph_status(
      m, gln_add_issue(m->lang, 0, &spec, m->arrays[block->array], out));
}

static eg_status add_block(const mapper *m, const gln_block *block,
                           eg_class contract) {
  int64_t tails[GLN_BLOCK_MAX_TAILS][GLN_SPEC_MAX_DIMS];
  eg_class kernels[GLN_BLOCK_MAX_TAILS], tile, id;
  size_t num = gln_block_tails(block, tails);
  GLN_TRY(issue_tile(m, block, block->tile, &tile));
  for (size_t i = 0; i < num; ++i)
    GLN_TRY(issue_tile(m, block, tails[i], &kernels[i]));
  GLN_TRY(graph_status(m, gln_add_block(m->lang, block, tile,
                                        m->arrays[block->array], kernels,
                                        (uint32_t)num, &id)));
  return graph_status(m, eg_union(m->lang->graph, contract, id, NULL));
}

static eg_status map_on(const mapper *m, const gln_spec *spec, uint8_t array,
                        eg_class contract, bool *out_mapped) {
  gln_blockings b;
  eg_error why = {0};
  eg_status status = gln_blockings_create(&m->memory, m->target, array, spec,
                                          m->options, &b, &why);
  if (status == EG_NO_MEMORY)
    return gln_fail(m->error, status, "%s", why.text);
  if (status != EG_OK) {
    snprintf(m->counts->why, sizeof m->counts->why, "%.190s", why.text);
    return EG_OK;
  }
  m->counts->enumerated += b.counts.enumerated;
  m->counts->dominated += b.counts.dominated;
  for (size_t i = 0; i < b.num && status == EG_OK; ++i) {
    gln_block block;
    if (!gln_block_of_blocking(spec, array, &b.strategies[b.list[i].strategy],
                               &b.list[i], &block)) {
      ++m->counts->ragged;
      continue;
    }
    status = add_block(m, &block, contract);
    ++m->counts->blocks;
    *out_mapped = true;
  }
  gln_blockings_fini(&m->memory, &b);
  return status;
}

static eg_status add_arrays(mapper *m) {
  for (uint32_t i = 0; i < m->target->num_arrays; ++i) {
    const gln_target_array *a = &m->target->arrays[i];
    uint32_t numbers[] = {(uint32_t)a->rows.value, (uint32_t)a->cols.value};
    GLN_TRY(graph_status(m, gln_add_unit(m->lang, GLN_NODE_ARRAY, i, numbers, 2,
                                         &m->arrays[i])));
  }
  return EG_OK;
}

static bool contract_in(const gln_lang *lang, eg_class id, gln_spec *out) {
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(lang->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(lang, nodes[i]) == GLN_NODE_CONTRACT)
      return gln_node_spec(lang, nodes[i], out);
  return false;
}

eg_status gln_map_kernels(gln_lang *lang, const gln_target *target,
                          const gln_blocking_options *options,
                          gln_map_counts *out, eg_error *error) {
  mapper m = {.lang = lang,
              .target = target,
              .options = options,
              .memory = eg_allocator_default(),
              .counts = out,
              .error = error};
  memset(out, 0, sizeof *out);
  GLN_TRY(graph_status(&m, eg_rebuild(lang->graph)));
  // Only classes that are there now: what is added needs no mapping.
  eg_class id = {0}, last = {0};
  while ((id = eg_class_next(lang->graph, id)).id)
    last = id;
  GLN_TRY(add_arrays(&m));
  for (id.id = 0;
       (id = eg_class_next(lang->graph, id)).id && id.id <= last.id;) {
    gln_spec spec;
    bool mapped = false;
    if (!contract_in(lang, id, &spec))
      continue;
    ++out->contracts;
    for (uint8_t a = 0; a < target->num_arrays; ++a)
      GLN_TRY(map_on(&m, &spec, a, id, &mapped));
    out->mapped += mapped;
    out->unmappable += !mapped;
  }
  return graph_status(&m, eg_rebuild(lang->graph));
}

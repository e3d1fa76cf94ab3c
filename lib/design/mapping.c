// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blockings as nodes of the graph, and back.
//
// The tile of a block is an `issue` on the unit, a class of its own: it works on
// what is staged on chip, so it may not stand for the contract over arrays in
// DRAM, though both compute the same.
#include "design/job.h"
#include "design/mapping_internal.h"
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
  out->instr = strategy->instr;
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

// What a result costs in DRAM as the block alone knows it: with an epilogue to come,
// the least that may be stored.
static uint8_t out_bytes(const gln_block *block) {
  bool narrowed = block->epilogue && gln_type_is_int(block->spec.result);
  return narrowed ? 1 : (uint8_t)gln_type_bytes(block->spec.result);
}

eg_status gln_block_strategy(const gln_target *target, const gln_block *block,
                             gln_strategy *out, eg_error *error) {
  gln_strategy strategies[GLN_BLOCKING_MAX_STRATEGIES];
  size_t num;
  if (block->strategy & GLN_STRATEGY_VECTOR)
    return gln_vector_strategy(target, &block->spec, out_bytes(block), out,
                               error);
  GLN_TRY(gln_strategies(target, block->array, &block->spec, out_bytes(block),
                         block->strategy, strategies, &num, error));
  for (size_t i = 0; i < num; ++i)
    if (strategies[i].bits == block->strategy &&
        strategies[i].instr == block->instr) {
      *out = strategies[i];
      return EG_OK;
    }
  return gln_fail(error, EG_INVALID,
                  "strategy %u by instruction %u is none of array %u",
                  block->strategy, block->instr, block->array);
}

eg_status gln_block_cost(const gln_target *target, const gln_block *block,
                         gln_cost *out, eg_error *error) {
  gln_strategy strategy;
  gln_nest nest;
  GLN_TRY(gln_block_strategy(target, block, &strategy, error));
  gln_block_nest(block, &nest);
  gln_cost_model_run(&strategy.model, &nest, out);
  if (block->epilogue > 1) // a row is as wide as the array
    out->held_bytes[GLN_MEMORY_ACC] += (block->epilogue - 1.) *
                                       GLN_BLOCK_CHUNK_ROWS *
                                       target->arrays[block->array].cols.value *
                                       gln_type_bytes(block->spec.result);
  return EG_OK;
}

//===-- Lists -------------------------------------------------------------===//

// Room for one more of |size| bytes.
static eg_status reserve(const glni_mapper *m, void **list, uint32_t num,
                         uint32_t *cap, size_t size) {
  if (num < *cap)
    return EG_OK;
  uint32_t want = *cap ? 2 * *cap : 64;
  void *grown =
      m->memory.resize(m->memory.user, *list, *cap * size, want * size);
  if (!grown)
    return gln_fail(m->error, EG_NO_MEMORY, "no memory to map kernels");
  *list = grown;
  *cap = want;
  return EG_OK;
}

eg_status glni_note_stage(glni_mapper *m, glni_stage stage) {
  void *list = m->stages;
  GLN_TRY(reserve(m, &list, m->num_stages, &m->cap_stages, sizeof *m->stages));
  m->stages = list;
  m->stages[m->num_stages++] = stage;
  return EG_OK;
}

int glni_find_kernel(const glni_mapper *m, eg_class id) {
  id = eg_find(m->lang->graph, id);
  for (uint32_t i = 0; i < m->num_kernels; ++i)
    if (eg_find(m->lang->graph, m->kernels[i].id).id == id.id)
      return (int)i;
  return -1;
}

//===-- Adding ------------------------------------------------------------===//

static eg_status graph_status(const glni_mapper *m, eg_status status) {
  return gln_rewriter_check(m->rewriter, status);
}

static eg_class unit_of(const glni_mapper *m, const gln_block *block) {
  return block->strategy & GLN_STRATEGY_VECTOR ? m->vector
                                               : m->arrays[block->array];
}

// What one call of the block's instruction takes of a tile of |extents|; none, on the
// vector unit.
static eg_status match_call(const glni_mapper *m, const gln_block *block,
                            const gln_spec *tile, size_t *out_num,
                            gln_instr_binding *out) {
  const gln_instr *instr;
  gln_instr_limits limits;
  *out_num = 0;
  if (block->strategy & GLN_STRATEGY_VECTOR)
    return EG_OK;
  GLN_TRY(gln_block_instr(m->target, block, &instr, &limits, m->error));
  *out_num = instr->num_dims;
  return gln_instr_match_tile(instr, tile,
                              block->strategy & GLN_STRATEGY_SWAPPED, &limits,
                              m->target, out, m->error);
}

static eg_status issue_tile(const glni_mapper *m, const gln_block *block,
                            const int64_t *extents, eg_class *out) {
  gln_spec tile;
  gln_instr_binding call;
  size_t num;
  GLN_TRY(gln_spec_tile(&block->spec, extents, &tile, NULL, m->error));
  GLN_TRY(match_call(m, block, &tile, &num, &call));
  return graph_status(m, gln_add_issue(m->lang, block->instr, call.extents, num,
                                       &tile, unit_of(m, block), out));
}

eg_status glni_add_block(const glni_mapper *m, const gln_block *block,
                         eg_class *out) {
  int64_t tails[GLN_BLOCK_MAX_TAILS][GLN_SPEC_MAX_DIMS];
  eg_class kernels[GLN_BLOCK_MAX_TAILS], tile;
  size_t num = gln_block_tails(block, tails);
  GLN_TRY(issue_tile(m, block, block->tile, &tile));
  for (size_t i = 0; i < num; ++i)
    GLN_TRY(issue_tile(m, block, tails[i], &kernels[i]));
  return graph_status(m, gln_add_block(m->lang, block, tile, unit_of(m, block),
                                       kernels, (uint32_t)num, out));
}

// The first reason why something cannot run tells most.
static void keep_reason(glni_mapper *m, const eg_error *why) {
  if (!m->why[0])
    snprintf(m->why, sizeof m->why, "%.190s", why->text);
}

// A candidate of kernel |id|, and its node there; {0}: of no class of the graph.
static eg_status add_candidate(glni_mapper *m, const gln_block *block,
                               eg_class id) {
  eg_class made;
  eg_payload payload;
  uint32_t rows[GLN_NUM_MEMORIES];
  eg_error why = {0};
  void *list = m->candidates;
  if (gln_job_rows(m->target, block, NULL, rows, &why) != EG_OK) {
    ++m->counts->refused;
    keep_reason(m, &why);
    return EG_OK;
  }
  GLN_TRY(reserve(m, &list, m->num_candidates, &m->cap_candidates,
                  sizeof *m->candidates));
  m->candidates = list;
  GLN_TRY(graph_status(
      m, eg_payload_intern(m->lang->graph, block, sizeof *block, &payload)));
  m->candidates[m->num_candidates++] =
      (glni_candidate){eg_payload_bytes(m->lang->graph, payload, &(size_t){0}),
                       rows[GLN_MEMORY_ACC], 0};
  if (!id.id)
    return EG_OK;
  ++m->counts->blocks;
  GLN_TRY(glni_add_block(m, block, &made));
  return graph_status(m, eg_union(m->lang->graph, id, made, NULL));
}

static eg_status add_blockings(glni_mapper *m, const gln_spec *spec,
                               uint8_t array, const gln_blockings *b,
                               eg_class id) {
  m->counts->enumerated += b->counts.enumerated;
  m->counts->dominated += b->counts.dominated;
  m->counts->thinned += b->counts.thinned;
  for (size_t i = 0; i < b->num; ++i) {
    gln_block block;
    if (!gln_block_of_blocking(spec, array, &b->strategies[b->list[i].strategy],
                               &b->list[i], &block)) {
      ++m->counts->ragged;
      continue;
    }
    GLN_TRY(add_candidate(m, &block, id));
  }
  return EG_OK;
}

// |status| of an enumeration: that nothing fits is noted, not a failure.
static eg_status note(glni_mapper *m, eg_status status, const eg_error *why) {
  if (status == EG_NO_MEMORY)
    return gln_fail(m->error, status, "%s", why->text);
  keep_reason(m, why);
  return EG_OK;
}

static eg_status map_on_array(glni_mapper *m, const gln_spec *spec,
                              uint8_t array, eg_class id) {
  gln_blockings b;
  eg_error why = {0};
  eg_allocator memory = eg_allocator_default();
  eg_status status = glni_blockings_of(m, spec, array, &b, &why);
  if (status != EG_OK)
    return note(m, status, &why);
  status = add_blockings(m, spec, array, &b, id);
  m->rewriter->counts[GLN_RULE_BLOCK_ARRAY].applied += b.num > 0;
  gln_blockings_fini(&memory, &b);
  return status;
}

static eg_status map_on_vector(glni_mapper *m, const gln_spec *spec,
                               eg_class id) {
  gln_blockings b;
  eg_error why = {0};
  eg_status status =
      gln_vector_blockings(&m->memory, m->target, spec, NULL, &b, &why);
  if (status != EG_OK)
    return note(m, status, &why);
  status = add_blockings(m, spec, 0, &b, id);
  m->rewriter->counts[GLN_RULE_BLOCK_VECTOR].applied += b.num > 0 && id.id;
  gln_blockings_fini(&m->memory, &b);
  return status;
}

//===-- Kernels -----------------------------------------------------------===//

static eg_status add_units(glni_mapper *m) {
  for (uint32_t i = 0; i < m->target->num_arrays; ++i) {
    const gln_target_array *a = &m->target->arrays[i];
    uint32_t numbers[] = {(uint32_t)a->rows.value, (uint32_t)a->cols.value};
    GLN_TRY(graph_status(m, gln_add_unit(m->lang, GLN_NODE_ARRAY, i, numbers, 2,
                                         &m->arrays[i])));
  }
  uint32_t lanes = (uint32_t)m->target->lanes.value;
  return graph_status(
      m, gln_add_unit(m->lang, GLN_NODE_VECTOR, 0, &lanes, 1, &m->vector));
}

// Arrays reuse each operand over the dims that it lacks. A product with a batch dim
// (depthwise, grouped, per head), or without rows or columns, has less of that, and
// may be done sooner on the vector unit.
static bool suits_vector(const gln_spec *spec) {
  bool has[4] = {false};
  for (size_t d = 0; d < spec->num_dims; ++d)
    has[gln_spec_role(spec, d)] = true;
  return has[GLN_ROLE_BATCH] || !has[GLN_ROLE_ROW] || !has[GLN_ROLE_COL];
}

static eg_status begin_kernel(glni_mapper *m, eg_class id) {
  void *list = m->kernels;
  GLN_TRY(
      reserve(m, &list, m->num_kernels, &m->cap_kernels, sizeof *m->kernels));
  m->kernels = list;
  m->kernels[m->num_kernels++] = (glni_kernel){id, m->num_candidates, 0};
  return EG_OK;
}

// Whether the kernel begun has blocks; else it is forgotten.
static bool end_kernel(glni_mapper *m) {
  glni_kernel *k = &m->kernels[m->num_kernels - 1];
  k->num = m->num_candidates - k->first;
  m->num_kernels -= k->num == 0;
  return k->num > 0;
}

// contract = block{grid, tile, order, staging} (issue{instruction} tile)
//
// on each array, and on the vector unit.
static eg_status map_contract(glni_mapper *m, const gln_spec *spec,
                              eg_class id) {
  ++m->counts->contracts;
  m->why[0] = 0;
  GLN_TRY(begin_kernel(m, id));
  for (uint8_t a = 0; a < m->target->num_arrays; ++a)
    if (gln_rewriter_match(m->rewriter, GLN_RULE_BLOCK_ARRAY, spec->result))
      GLN_TRY(map_on_array(m, spec, a, id));
  if (suits_vector(spec) &&
      gln_rewriter_match(m->rewriter, GLN_RULE_BLOCK_VECTOR, spec->result))
    GLN_TRY(map_on_vector(m, spec, id));
  bool mapped = end_kernel(m);
  m->counts->mapped += mapped;
  m->counts->unmappable += !mapped;
  if (!mapped)
    memcpy(m->counts->why, m->why, sizeof m->counts->why);
  return EG_OK;
}

// What only constants go into is computed before run time, on no unit.
static bool is_for_constants(const glni_mapper *m, eg_class kernel) {
  const eg_graph *graph = m->lang->graph;
  uint32_t num;
  const eg_node *parents = eg_class_parents(graph, kernel, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(m->lang, parents[i]) != GLN_NODE_APPLY ||
        !gln_lang_is_constant(m->lang, eg_node_class(graph, parents[i])))
      return false;
  return num > 0;
}

// reduce = block{grid, tile, order, staging} (issue tile), on the vector unit
static eg_status map_reduce(glni_mapper *m, const gln_spec *spec, eg_class id) {
  if (is_for_constants(m, id) ||
      !gln_rewriter_match(m->rewriter, GLN_RULE_BLOCK_VECTOR, spec->result))
    return EG_OK;
  GLN_TRY(begin_kernel(m, id));
  GLN_TRY(map_on_vector(m, spec, id));
  end_kernel(m);
  return EG_OK;
}

eg_status glni_map_copy(glni_mapper *m, const gln_spec *spec,
                        uint32_t *out_kernel) {
  for (uint32_t i = 0; i < m->num_kernels; ++i)
    if (m->kernels[i].num &&
        gln_spec_equal(&m->candidates[m->kernels[i].first].block->spec, spec)) {
      *out_kernel = i;
      return EG_OK;
    }
  GLN_TRY(begin_kernel(m, (eg_class){0}));
  GLN_TRY(map_on_vector(m, spec, (eg_class){0}));
  *out_kernel = m->num_kernels - 1;
  return end_kernel(m) ? EG_OK : EG_INFEASIBLE;
}

eg_status glni_map_kernels(glni_mapper *m) {
  eg_graph *graph = m->lang->graph;
  // Only classes that are there now: what is added needs no mapping.
  eg_class id = {0}, last = {0};
  while ((id = eg_class_next(graph, id)).id)
    last = id;
  GLN_TRY(add_units(m));
  GLN_TRY(glni_look_ahead(m, last));
  for (id.id = 0; (id = eg_class_next(graph, id)).id && id.id <= last.id;) {
    eg_node node;
    gln_spec spec;
    if (eg_class_sort(graph, id).id != m->lang->kernel.id ||
        gln_is_superseded(m->rewriter, id))
      continue;
    if (gln_class_find(m->lang, id, GLN_NODE_CONTRACT, &node) &&
        gln_node_spec(m->lang, node, &spec))
      GLN_TRY(map_contract(m, &spec, id));
    else if (gln_class_find(m->lang, id, GLN_NODE_REDUCE, &node) &&
             gln_node_spec(m->lang, node, &spec))
      GLN_TRY(map_reduce(m, &spec, id));
  }
  return graph_status(m, eg_rebuild(graph));
}

//===-- The mapper --------------------------------------------------------===//

eg_status glni_mapper_init(glni_mapper *m, gln_rewriter *rewriter,
                           const gln_target *target,
                           const gln_blocking_options *options,
                           gln_map_counts *counts) {
  *m = (glni_mapper){.rewriter = rewriter,
                     .lang = rewriter->lang,
                     .target = target,
                     .options = options,
                     .memory = rewriter->memory,
                     .counts = counts,
                     .error = rewriter->error};
  memset(counts, 0, sizeof *counts);
  return EG_OK;
}

void glni_mapper_fini(glni_mapper *m) {
  const eg_allocator *a = &m->memory;
  glni_ahead_fini(m);
  a->resize(a->user, m->candidates, m->cap_candidates * sizeof *m->candidates,
            0);
  a->resize(a->user, m->kernels, m->cap_kernels * sizeof *m->kernels, 0);
  a->resize(a->user, m->stages, m->cap_stages * sizeof *m->stages, 0);
}

eg_status gln_map_kernels(gln_lang *lang, const gln_target *target,
                          const gln_blocking_options *options,
                          gln_map_counts *out, eg_error *error) {
  const eg_limits none = {0};
  gln_rule_set rules = gln_rules_all();
  eg_allocator memory = eg_allocator_default();
  gln_rewriter w;
  glni_mapper m;
  eg_status status = gln_rewriter_init(&w, lang, &rules, &none, &memory, error);
  if (status == EG_OK)
    status = glni_mapper_init(&m, &w, target, options, out);
  if (status == EG_OK) {
    status = glni_map_kernels(&m);
    glni_mapper_fini(&m);
  }
  gln_rewriter_fini(&w);
  return status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The chosen program, each value once, operands before users.
#include "design/chosen.h"
#include "design/mapping.h"

#include <string.h>

typedef struct walk {
  const gln_pricing *pricing;
  const eg_choice *choice;
  eg_allocator memory;
  uint32_t *stack; // class << 1 | operands are done
  uint32_t num_stack, cap_stack;
  uint64_t *seen; // bits by class id
  size_t num_seen;
} walk;

static eg_status push(walk *w, eg_class id, bool done, eg_error *error) {
  if (w->num_stack == w->cap_stack) {
    uint32_t cap = w->cap_stack ? 2 * w->cap_stack : 256;
    uint32_t *grown =
        w->memory.resize(w->memory.user, w->stack, w->cap_stack * 4u, cap * 4u);
    if (!grown)
      return gln_fail(error, EG_NO_MEMORY, "no memory to walk a program");
    w->stack = grown;
    w->cap_stack = cap;
  }
  uint32_t root = eg_find(w->pricing->lang->graph, id).id;
  w->stack[w->num_stack++] = root << 1 | done;
  return EG_OK;
}

// The block of a chosen kernel, its own or that of its first part.
static bool block_of(const walk *w, eg_node chosen, gln_block *out) {
  const gln_lang *lang = w->pricing->lang;
  uint32_t num;
  if (chosen.id && gln_lang_node(lang, chosen) == GLN_NODE_COMPOSE)
    chosen = eg_choice_node(w->choice,
                            eg_node_children(lang->graph, chosen, &num)[0]);
  return chosen.id && gln_node_block(lang, chosen, out);
}

// What moves is what the program of the job moves: padding is never in DRAM, and an
// operand of an epilogue may be loaded for each tile. Without a job (the host, a view
// that no load can do) the estimate stands.
static eg_status take_bytes(const walk *w, eg_node apply, gln_cost *cost,
                            eg_error *error) {
  gln_chosen chosen;
  gln_cost job;
  const gln_target *target = w->pricing->target;
  eg_status status = gln_chosen_create(w->pricing->lang, w->choice, apply,
                                       &w->memory, &chosen, error);
  if (status == EG_OK) {
    status = gln_job_cost(&w->memory, target, &chosen.job, &job, error);
    gln_chosen_fini(&chosen);
  }
  if (status != EG_OK)
    return status == EG_NO_MEMORY ? status : EG_OK;
  cost->energy_pj += target->energy_dram.value *
                     (job.dram_read_bytes + job.dram_write_bytes -
                      cost->dram_read_bytes - cost->dram_write_bytes);
  cost->dram_read_bytes = job.dram_read_bytes;
  cost->dram_write_bytes = job.dram_write_bytes;
  return EG_OK;
}

static eg_status visit_apply(const walk *w, eg_node node, gln_mapped *out,
                             eg_error *error) {
  const gln_lang *lang = w->pricing->lang;
  uint32_t num;
  gln_spec spec;
  memset(out, 0, sizeof *out);
  out->apply = node;
  out->kernel = eg_node_children(lang->graph, node, &num)[0];
  out->chosen = eg_choice_node(w->choice, out->kernel);
  eg_status status =
      gln_node_cost(w->pricing, w->choice, node, &out->cost, error);
  gln_block block;
  if (gln_lang_is_constant(lang, eg_node_class(lang->graph, node)))
    return status; // before run time
  if (status == EG_OK)
    status = take_bytes(w, node, &out->cost, error);
  if (block_of(w, out->chosen, &block) && block.spec.combine == GLN_COMBINE_DOT)
    *(block.strategy & GLN_STRATEGY_VECTOR ? &out->vector_macs
                                           : &out->array_macs) =
        (double)gln_spec_num_points(&block.spec);
  else if (gln_lang_node(lang, out->chosen) == GLN_NODE_CONTRACT &&
           gln_node_spec(lang, out->chosen, &spec))
    out->host_macs = (double)gln_spec_num_points(&spec);
  return status;
}

static eg_status step(walk *w,
                      void (*visit)(void *user, const gln_mapped *mapped),
                      void *user, gln_mapped *total, eg_error *error) {
  const eg_graph *graph = w->pricing->lang->graph;
  uint32_t top = w->stack[--w->num_stack], num;
  eg_class id = {top >> 1};
  eg_node node = eg_choice_node(w->choice, id);
  if (!node.id)
    return gln_fail(error, EG_INFEASIBLE, "class %u has no node",
                    (unsigned)id.id);
  bool is_apply = gln_lang_node(w->pricing->lang, node) == GLN_NODE_APPLY;
  if (top & 1) {
    gln_mapped m;
    eg_status status = EG_OK;
    memset(&m, 0, sizeof m);
    if (is_apply)
      status = visit_apply(w, node, &m, error);
    else
      status = gln_node_cost(w->pricing, w->choice, node, &m.cost, error);
    if (status != EG_OK)
      return status;
    if (is_apply && visit)
      visit(user, &m);
    total->cost = gln_cost_then(&total->cost, &m.cost);
    total->array_macs += m.array_macs;
    total->vector_macs += m.vector_macs;
    total->host_macs += m.host_macs;
    return EG_OK;
  }
  uint64_t bit = UINT64_C(1) << (id.id & 63);
  if (w->seen[id.id >> 6] & bit)
    return EG_OK;
  w->seen[id.id >> 6] |= bit;
  eg_status status = push(w, id, true, error);
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = num; i-- > is_apply && status == EG_OK;)
    status = push(w, children[i], false, error);
  return status;
}

eg_status gln_mapping_walk(const gln_pricing *pricing, const eg_choice *choice,
                           const eg_class *roots, uint32_t num_roots,
                           void (*visit)(void *user, const gln_mapped *mapped),
                           void *user, gln_mapped *out_total, eg_error *error) {
  walk w = {
      .pricing = pricing, .choice = choice, .memory = eg_allocator_default()};
  eg_class last = {0}, id = {0};
  memset(out_total, 0, sizeof *out_total);
  while ((id = eg_class_next(pricing->lang->graph, id)).id)
    last = id;
  w.num_seen = last.id / 64 + 1;
  w.seen = w.memory.resize(w.memory.user, NULL, 0, w.num_seen * 8);
  if (!w.seen)
    return gln_fail(error, EG_NO_MEMORY, "no memory to walk a program");
  memset(w.seen, 0, w.num_seen * 8);
  eg_status status = EG_OK;
  for (uint32_t i = num_roots; i-- && status == EG_OK;)
    status = push(&w, roots[i], false, error);
  while (w.num_stack && status == EG_OK)
    status = step(&w, visit, user, out_total, error);
  w.memory.resize(w.memory.user, w.stack, w.cap_stack * 4u, 0);
  w.memory.resize(w.memory.user, w.seen, w.num_seen * 8, 0);
  return status;
}

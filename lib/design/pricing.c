// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What nodes cost on a target, as a cost function for extraction.
//
// Between two applies every value is in DRAM, so an apply costs what its kernel
// does, and costs add. A block has the cost of its nest; the tiles below it are
// part of that and cost nothing more.
#include "design/mapping.h"
#include "rules/rewrite.h"
#include "view/try.h"

#include <math.h>
#include <string.h>

//===-- Kernels -----------------------------------------------------------===//

static double bytes_of(const gln_shape *shape) {
  return (double)gln_shape_num_elements(shape) *
         (double)gln_type_bytes(shape->type);
}

static void signature_bytes(const gln_signature *type, double *out_read,
                            double *out_written) {
  *out_read = *out_written = 0;
  for (size_t i = 0; i < type->num_operands; ++i)
    *out_read += bytes_of(&type->operands[i]);
  for (size_t i = 0; i < type->num_results; ++i)
    *out_written += bytes_of(&type->results[i]);
}

static gln_cost with_traffic(const gln_target *target, double cycles,
                             double read, double written) {
  return (gln_cost){.cycles = cycles,
                    .compute_cycles = cycles,
                    .dram_read_bytes = read,
                    .dram_write_bytes = written,
                    .energy_pj = target->energy_dram.value * (read + written)};
}

static gln_cost host_cost(const gln_target *target, const gln_signature *type,
                          double macs, double elements) {
  double read, written;
  signature_bytes(type, &read, &written);
  gln_cost cost = with_traffic(
      target, gln_host_cycles(target, macs, elements, read + written), read,
      written);
  cost.macs = macs;
  return cost;
}

static double elements_of(const gln_signature *type) {
  return type->num_results ? (double)gln_shape_num_elements(&type->results[0])
                           : 0;
}

//===-- Epilogues ---------------------------------------------------------===//

// Operations of a body, each a pass of the vector unit over a tile. A comparison is
// part of the selection that reads it.
static double num_passes(const gln_scalar_body *body) {
  double num = 0;
  for (size_t i = 0; i < body->num_insts; ++i)
    num += body->insts[i].op < GLN_NUM_SCALAR_OPS &&
           body->insts[i].type != GLN_TYPE_I1;
  return num;
}

// |bytes| more through the channel: time only as far as the channel is not idle, as
// it is while the rest of the kernel computes.
static void add_traffic(const gln_target *target, double read, double written,
                        gln_cost *cost) {
  double cycles = (read + written) / target->dram_bytes_per_cycle.value;
  double idle =
      cost->cycles - cost->dma_cycles - 2 * target->dram_latency.value;
  cost->dma_cycles += cycles;
  cost->dram_read_bytes += read;
  cost->dram_write_bytes += written;
  cost->dram_requests += (read + written) / target->dram_burst_bytes.value;
  cost->energy_pj += target->energy_dram.value * (read + written);
  cost->cycles += fmax(0, cycles - fmax(0, idle));
}

// The map of a `compose` on the result of its block, which has been paid: the vector
// unit works while the array waits, and what is stored may be wider than the least.
static eg_status epilogue_cost(const gln_pricing *p, eg_node map,
                               const gln_shape *stored, gln_cost *out,
                               eg_error *error) {
  gln_scalar_body body;
  gln_shape rows = *stored;
  const gln_target *target = p->target;
  GLN_TRY(gln_node_body(p->lang, map, eg_allocator_default(), &body, error));
  double elements = (double)gln_shape_num_elements(stored);
  double columns = stored->rank ? (double)rows.dims[stored->rank - 1] : 1;
  double work =
      gln_vector_cycles(target, elements / columns, columns, num_passes(&body));
  gln_type left = (gln_type)body.arg_types[0];
  gln_scalar_body_fini(&body);
  memset(out, 0, sizeof *out);
  out->cycles = out->compute_cycles = work;
  // Reads and writes of the accumulator, a word each.
  double words = 2 * elements;
  out->chip_bytes[GLN_MEMORY_ACC] = 4 * words;
  out->energy_pj = words * target->energy_acc.value;
  if (gln_type_is_int(left) && gln_type_bytes(stored->type) > 1)
    out->dram_write_bytes =
        elements * ((double)gln_type_bytes(stored->type) - 1);
  return EG_OK;
}

//===-- Nodes -------------------------------------------------------------===//

// maximum, difference and exponential, sum, quotient
enum { SOFTMAX_PASSES = 5, ARGMAX_PASSES = 2 };

static bool is_kind(const gln_pricing *p, eg_class id, gln_node kind) {
  eg_node ignored;
  return gln_class_find(p->lang, id, kind, &ignored);
}

// Elementwise operations of the host that a kernel class without units takes; 0 when
// its price is in its node.
static double host_elements(const gln_pricing *p, eg_class kernel,
                            const gln_signature *type) {
  if (is_kind(p, kernel, GLN_NODE_MAP))
    return elements_of(type);
  if (is_kind(p, kernel, GLN_NODE_SOFTMAX))
    return SOFTMAX_PASSES * elements_of(type);
  if (is_kind(p, kernel, GLN_NODE_ARGMAX))
    return ARGMAX_PASSES * (double)gln_shape_num_elements(&type->operands[0]);
  return 0;
}

// Elements of |id| that are there to be read: a broadcast is read once.
static double distinct_bytes(const gln_pricing *p, eg_class id) {
  gln_signature type;
  uint32_t num;
  int64_t low[GLN_VIEW_MAX_RANK], high[GLN_VIEW_MAX_RANK];
  gln_lang_type(p->lang, id, &type);
  double all = bytes_of(&type.results[0]);
  const eg_node *nodes = eg_class_nodes(p->lang->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i) {
    if (gln_lang_node(p->lang, nodes[i]) != GLN_NODE_VIEW)
      continue;
    const gln_view *view = gln_node_view(p->lang, nodes[i]);
    double bytes = (double)gln_type_bytes(type.results[0].type);
    if (!gln_view_image(view, low, high))
      return 0;
    for (size_t d = 0; d < gln_view_source_rank(view); ++d)
      bytes *= (double)(high[d] - low[d] + 1);
    all = fmin(all, bytes);
  }
  return all;
}

// Operands of a compose that its block reads.
static uint32_t num_block_operands(const gln_pricing *p, eg_class compose,
                                   bool *out_found) {
  uint32_t num, arity;
  const eg_node *nodes = eg_class_nodes(p->lang->graph, compose, &num);
  *out_found = false;
  for (uint32_t i = 0; i < num; ++i) {
    if (gln_lang_node(p->lang, nodes[i]) != GLN_NODE_COMPOSE)
      continue;
    gln_signature type;
    gln_lang_type(p->lang,
                  eg_node_children(p->lang->graph, nodes[i], &arity)[0], &type);
    *out_found = true;
    return type.num_operands;
  }
  return 0;
}

// What an `apply` adds to its kernel and its operands: the further operands of an
// epilogue, or the work of the host.
static void apply_cost(const gln_pricing *p, eg_node node, gln_cost *cost) {
  uint32_t num;
  bool fused;
  gln_signature type;
  const eg_class *children = eg_node_children(p->lang->graph, node, &num);
  gln_lang_type(p->lang, children[0], &type);
  double elements = host_elements(p, children[0], &type);
  if (elements > 0) {
    gln_cost host = host_cost(p->target, &type, 0, elements);
    *cost = gln_cost_then(cost, &host);
    return;
  }
  uint32_t first = num_block_operands(p, children[0], &fused);
  for (uint32_t i = 1 + first; i < num && fused; ++i)
    add_traffic(p->target, distinct_bytes(p, children[i]), 0, cost);
}

// What a node costs by itself, without its children.
static eg_status own_cost(const gln_pricing *p, eg_node node, gln_cost *out,
                          eg_error *error) {
  gln_signature type;
  gln_spec spec;
  gln_block block;
  uint32_t num;
  eg_class id = eg_node_class(p->lang->graph, node);
  const eg_class *children = eg_node_children(p->lang->graph, node, &num);
  memset(out, 0, sizeof *out);
  gln_lang_type(p->lang, id, &type);
  switch (gln_lang_node(p->lang, node)) {
  case GLN_NODE_HOST:
  case GLN_NODE_CONCAT:
    *out = host_cost(p->target, &type, 0, elements_of(&type));
    return EG_OK;
  case GLN_NODE_PACK:
  case GLN_NODE_UNPACK:
    // Constants are packed at compile time.
    if (!gln_lang_is_constant(p->lang, id))
      *out = host_cost(p->target, &type, 0, 2 * elements_of(&type));
    return EG_OK;
  case GLN_NODE_BLOCK:
    gln_node_block(p->lang, node, &block);
    GLN_TRY(gln_block_cost(p->target, &block, out, error));
    if (p->learned)
      out->cycles = gln_learned_cycles(p->learned, out);
    return EG_OK;
  case GLN_NODE_CONTRACT:
  case GLN_NODE_REDUCE:
    gln_node_spec(p->lang, node, &spec);
    *out =
        spec.combine == GLN_COMBINE_DOT
            ? host_cost(p->target, &type, (double)gln_spec_num_points(&spec), 0)
            : host_cost(p->target, &type, 0,
                        (double)gln_spec_num_points(&spec));
    return EG_OK;
  case GLN_NODE_COMPOSE: {
    eg_node map;
    return num == 2 && gln_class_find(p->lang, children[1], GLN_NODE_MAP, &map)
               ? epilogue_cost(p, map, &type.results[0], out, error)
               : EG_OK;
  }
  case GLN_NUM_NODES:
    return gln_fail(error, EG_INVALID, "a node of another language");
  default: // free, or paid where it is used
    return EG_OK;
  }
}

//===-- For extraction ----------------------------------------------------===//

// Whether a unit can run the class that |node| is in.
static bool has_block(const gln_pricing *p, eg_class kernel) {
  return is_kind(p, kernel, GLN_NODE_BLOCK) ||
         is_kind(p, kernel, GLN_NODE_COMPOSE);
}

// Whether the class of |apply| has another node whose kernel a unit can run, while
// no unit can run this one's.
static bool is_left_behind(const gln_pricing *p, eg_node apply) {
  const eg_graph *graph = p->lang->graph;
  uint32_t num, arity;
  if (has_block(p, eg_node_children(graph, apply, &arity)[0]))
    return false;
  const eg_node *nodes =
      eg_class_nodes(graph, eg_node_class(graph, apply), &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(p->lang, nodes[i]) == GLN_NODE_APPLY &&
        has_block(p, eg_node_children(graph, nodes[i], &arity)[0]))
      return true;
  return false;
}

bool gln_node_is_usable(const gln_pricing *p, eg_node node) {
  eg_class id = eg_node_class(p->lang->graph, node);
  switch (gln_lang_node(p->lang, node)) {
  case GLN_NODE_CONTRACT:
  case GLN_NODE_REDUCE:
    return !has_block(p, id);
  case GLN_NODE_APPLY:
    return gln_lang_is_constant(p->lang, id) || !is_left_behind(p, node);
  default:
    return true;
  }
}

// The cost of |node| with that of its kernel, and of operands, if they are counted.
static eg_status sum_cost(const gln_pricing *p, eg_node node,
                          const void *const *children, gln_cost *out,
                          eg_error *error) {
  uint32_t num;
  gln_cost child, own;
  gln_node kind = gln_lang_node(p->lang, node);
  eg_node_children(p->lang->graph, node, &num);
  GLN_TRY(own_cost(p, node, &own, error));
  memset(out, 0, sizeof *out);
  for (uint32_t i = 0; i < num; ++i) {
    if (!children[i])
      continue;
    memcpy(&child, children[i], sizeof child);
    *out = i == 0 ? child : gln_cost_then(out, &child);
    // Only a kernel's own idle channel can hide what its epilogue reads.
    if (i == 0 && kind == GLN_NODE_APPLY &&
        !gln_lang_is_constant(p->lang, eg_node_class(p->lang->graph, node)))
      apply_cost(p, node, out);
  }
  if (kind == GLN_NODE_COMPOSE) {
    double wider = own.dram_write_bytes;
    own.dram_write_bytes = 0;
    *out = gln_cost_then(out, &own);
    add_traffic(p->target, 0, wider, out);
  } else {
    *out = gln_cost_then(out, &own);
  }
  return EG_OK;
}

static eg_status price(void *user, const eg_graph *graph, eg_node node,
                       const void *const *children, void *out_cost,
                       bool *out_usable) {
  const gln_pricing *p = user;
  eg_error error = {0};
  gln_cost sum;
  (void)graph;
  *out_usable = gln_node_is_usable(p, node);
  if (p->objective.kind == GLN_OBJECTIVE_EDP)
    return eg_fail(p->lang->graph, EG_INVALID,
                   "energy-delay product is no sum over nodes");
  eg_status status = sum_cost(p, node, children, &sum, &error);
  if (status != EG_OK)
    return eg_fail(p->lang->graph, status, "%s", error.text);
  memcpy(out_cost, &sum, sizeof sum);
  return EG_OK;
}

static double value_of(const gln_pricing *p, const void *cost) {
  gln_cost c;
  memcpy(&c, cost, sizeof c);
  return gln_objective_value(&p->objective, &c);
}

static bool less(void *user, const void *a, const void *b) {
  return value_of(user, a) < value_of(user, b);
}

static bool valid(void *user, const void *cost) {
  double value = value_of(user, cost);
  return value >= 0 && !isinf(value);
}

eg_cost gln_cost_of_nodes(const gln_pricing *pricing) {
  return (eg_cost){.size = sizeof(gln_cost),
                   .user = (void *)(uintptr_t)pricing,
                   .node = price,
                   .less = less,
                   .valid = valid};
}

//===-- What was chosen ---------------------------------------------------===//

// The chosen kernel of |id| with all that it is made of.
static eg_status kernel_cost(const gln_pricing *p, const eg_choice *choice,
                             eg_class id, gln_cost *out, eg_error *error) {
  enum { MAX_PARTS = 16 };
  eg_node node = eg_choice_node(choice, id);
  gln_cost parts[MAX_PARTS];
  const void *children[MAX_PARTS] = {NULL};
  uint32_t num;
  if (!node.id)
    return gln_fail(error, EG_INFEASIBLE, "kernel class %u has no node",
                    (unsigned)id.id);
  if (gln_lang_node(p->lang, node) != GLN_NODE_COMPOSE)
    return own_cost(p, node, out, error);
  const eg_class *classes = eg_node_children(p->lang->graph, node, &num);
  if (num > MAX_PARTS)
    return gln_fail(error, EG_LIMIT, "a compose of %u kernels", (unsigned)num);
  for (uint32_t i = 0; i < num; ++i) {
    GLN_TRY(kernel_cost(p, choice, classes[i], &parts[i], error));
    children[i] = &parts[i];
  }
  return sum_cost(p, node, children, out, error);
}

eg_status gln_node_cost(const gln_pricing *pricing, const eg_choice *choice,
                        eg_node node, gln_cost *out, eg_error *error) {
  const gln_lang *lang = pricing->lang;
  uint32_t num;
  if (gln_lang_node(lang, node) != GLN_NODE_APPLY)
    return own_cost(pricing, node, out, error);
  memset(out, 0, sizeof *out);
  if (gln_lang_is_constant(lang, eg_node_class(lang->graph, node)))
    return EG_OK; // before run time
  const eg_class *children = eg_node_children(lang->graph, node, &num);
  GLN_TRY(kernel_cost(pricing, choice, children[0], out, error));
  apply_cost(pricing, node, out);
  return EG_OK;
}

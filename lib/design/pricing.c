// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What nodes cost on a target, as a cost function for extraction.
//
// Between two applies every value is in DRAM, so an apply costs what its kernel
// does, and costs add. A block has the cost of its nest; the tiles below it are
// part of that and cost nothing more.
#include "design/mapping.h"

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

// On the vector unit: |elements| in rows as wide as it is, |passes| operations
// each, while operands come from DRAM and results go there.
static gln_cost vector_cost(const gln_target *target, const gln_signature *type,
                            double elements, double passes) {
  double read, written, lanes = target->lanes.value;
  signature_bytes(type, &read, &written);
  double work =
      gln_vector_cycles(target, ceil(elements / lanes), lanes, passes);
  double moves = (read + written) / target->dram_bytes_per_cycle.value;
  return with_traffic(target,
                      fmax(work, moves) + 2 * target->dram_latency.value, read,
                      written);
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

// Instructions of a map's body; each is a pass over the array.
static eg_status map_passes(const gln_lang *lang, eg_node node, double *out,
                            eg_error *error) {
  gln_scalar_body body;
  eg_status status =
      gln_node_body(lang, node, eg_allocator_default(), &body, error);
  if (status != EG_OK)
    return status;
  *out = 0;
  for (size_t i = 0; i < body.num_insts; ++i)
    *out += body.insts[i].op < GLN_NUM_SCALAR_OPS;
  *out = fmax(*out, 1);
  gln_scalar_body_fini(&body);
  return EG_OK;
}

// maximum, difference and exponential, sum, quotient
enum { SOFTMAX_PASSES = 5, ARGMAX_PASSES = 2 };

static eg_status kernel_cost(const gln_pricing *p, eg_node node,
                             const gln_signature *type, gln_cost *out,
                             eg_error *error) {
  gln_spec spec;
  gln_block block;
  double passes;
  eg_status status;
  switch (gln_lang_node(p->lang, node)) {
  case GLN_NODE_BLOCK:
    gln_node_block(p->lang, node, &block);
    return gln_block_cost(p->target, &block, out, error);
  case GLN_NODE_CONTRACT:
    gln_node_spec(p->lang, node, &spec);
    *out = host_cost(p->target, type, (double)gln_spec_num_points(&spec), 0);
    return EG_OK;
  case GLN_NODE_REDUCE:
    gln_node_spec(p->lang, node, &spec);
    *out = vector_cost(p->target, type, (double)gln_spec_num_points(&spec), 1);
    return EG_OK;
  case GLN_NODE_MAP:
    status = map_passes(p->lang, node, &passes, error);
    *out = vector_cost(p->target, type, elements_of(type), passes);
    return status;
  case GLN_NODE_SOFTMAX:
    *out = vector_cost(p->target, type, elements_of(type), SOFTMAX_PASSES);
    return EG_OK;
  case GLN_NODE_ARGMAX:
    *out = vector_cost(p->target, type,
                       (double)gln_shape_num_elements(&type->operands[0]),
                       ARGMAX_PASSES);
    return EG_OK;
  default:
    memset(out, 0, sizeof *out); // issue, compose: priced elsewhere
    return EG_OK;
  }
}

static eg_status own_cost(const gln_pricing *p, eg_node node, gln_cost *out,
                          eg_error *error) {
  gln_signature type;
  uint32_t num;
  gln_node kind = gln_lang_node(p->lang, node);
  memset(out, 0, sizeof *out);
  gln_lang_type(p->lang, eg_node_class(p->lang->graph, node), &type);
  switch (kind) {
  case GLN_NODE_HOST:
  case GLN_NODE_CONCAT:
    *out = host_cost(p->target, &type, 0, elements_of(&type));
    return EG_OK;
  case GLN_NODE_PACK:
  case GLN_NODE_UNPACK: {
    // Packs of constants happen at compile time.
    eg_class of = eg_node_children(p->lang->graph, node, &num)[0];
    const eg_node *nodes = eg_class_nodes(p->lang->graph, of, &num);
    for (uint32_t i = 0; i < num; ++i)
      if (gln_lang_node(p->lang, nodes[i]) == GLN_NODE_CONST)
        return EG_OK;
    *out = vector_cost(p->target, &type, elements_of(&type), 1);
    return EG_OK;
  }
  case GLN_NUM_NODES:
    return gln_fail(error, EG_INVALID, "a node of another language");
  default:
    return kernel_cost(p, node, &type, out, error);
  }
}

//===-- For extraction ----------------------------------------------------===//

// Whether a unit can run the class that |node| is in.
static bool has_block(const gln_lang *lang, eg_node node) {
  uint32_t num;
  const eg_node *nodes =
      eg_class_nodes(lang->graph, eg_node_class(lang->graph, node), &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(lang, nodes[i]) == GLN_NODE_BLOCK)
      return true;
  return false;
}

static eg_status price(void *user, const eg_graph *graph, eg_node node,
                       const void *const *children, void *out_cost,
                       bool *out_usable) {
  const gln_pricing *p = user;
  eg_error error = {0};
  gln_cost sum;
  uint32_t num;
  // The host's energy is not modelled, so that it would win by it.
  *out_usable = gln_lang_node(p->lang, node) != GLN_NODE_CONTRACT ||
                !has_block(p->lang, node);
  if (p->objective.kind == GLN_OBJECTIVE_EDP)
    return eg_fail(p->lang->graph, EG_INVALID,
                   "energy-delay product is no sum over nodes");
  eg_status status = own_cost(p, node, &sum, &error);
  if (status != EG_OK)
    return eg_fail(p->lang->graph, status, "%s", error.text);
  eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i) {
    gln_cost child;
    memcpy(&child, children[i], sizeof child);
    sum = gln_cost_then(&sum, &child);
  }
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

static eg_status compose_cost(const gln_pricing *p, const eg_choice *choice,
                              eg_class kernel, gln_cost *out, eg_error *error) {
  eg_node node = eg_choice_node(choice, kernel);
  gln_signature type;
  if (!node.id)
    return gln_fail(error, EG_INFEASIBLE, "kernel class %u has no node",
                    (unsigned)kernel.id);
  gln_lang_type(p->lang, kernel, &type);
  eg_status status = kernel_cost(p, node, &type, out, error);
  if (gln_lang_node(p->lang, node) != GLN_NODE_COMPOSE)
    return status;
  uint32_t num;
  const eg_class *parts = eg_node_children(p->lang->graph, node, &num);
  for (uint32_t i = 0; i < num && status == EG_OK; ++i) {
    gln_cost part;
    status = compose_cost(p, choice, parts[i], &part, error);
    *out = gln_cost_then(out, &part);
  }
  return status;
}

eg_status gln_node_cost(const gln_pricing *pricing, const eg_choice *choice,
                        eg_node node, gln_cost *out, eg_error *error) {
  uint32_t num;
  if (gln_lang_node(pricing->lang, node) != GLN_NODE_APPLY)
    return own_cost(pricing, node, out, error);
  const eg_class *children = eg_node_children(pricing->lang->graph, node, &num);
  return compose_cost(pricing, choice, children[0], out, error);
}

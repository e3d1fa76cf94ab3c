// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Preparing a contract for an array, and reading the answer.
#include "target/cost.h"
#include "target/nest_internal.h"

#include <math.h>
#include <string.h>

//===-- Preparing ---------------------------------------------------------===//

static const char *role_name(gln_nest_role role) {
  static const char *const names[] = {"passes", "rows", "columns", "stream"};
  return (unsigned)role < GLN_NEST_NUM_ROLES ? names[role] : "?";
}

static uint32_t dims_of(const gln_contract *contract, gln_memory memory,
                        bool outputs) {
  uint32_t mask = 0;
  for (size_t i = 0; i < contract->num_operands; ++i)
    if (contract->operands[i].memory == memory &&
        contract->operands[i].is_output == outputs)
      mask |= glni_operand_dims(&contract->operands[i]);
  return mask;
}

// Why |role| cannot be that of |dim|; NULL when it can.
static const char *refuse(const gln_contract *contract, gln_dataflow dataflow,
                          size_t dim, gln_nest_role role) {
  bool in_output = dims_of(contract, GLN_MEMORY_ACC, true) >> dim & 1;
  bool in_weights = dims_of(contract, GLN_MEMORY_WBUF, false) >> dim & 1;
  if (dataflow == GLN_VECTOR)
    return NULL;
  if (role == GLN_NEST_COLS && !in_output)
    return "it is reduced";
  if (dataflow == GLN_WEIGHT_STATIONARY) {
    if (role == GLN_NEST_STREAM && in_weights)
      return "the weights depend on it";
    if (role == GLN_NEST_ROWS && in_output)
      return "the output depends on it";
    return NULL;
  }
  if (role == GLN_NEST_STREAM && in_output)
    return "the output depends on it";
  if (role == GLN_NEST_ROWS && !in_output)
    return "it is reduced";
  return NULL;
}

static eg_status check_unit(const gln_target *target, size_t array,
                            gln_dataflow dataflow, size_t type,
                            eg_error *error) {
  if (array >= target->num_arrays)
    return gln_fail(error, EG_INVALID, "target '%s' has no array %zu of %d",
                    target->name, array, target->num_arrays);
  if (type >= target->num_types)
    return gln_fail(error, EG_INVALID, "target '%s' has no type rule %zu of %d",
                    target->name, type, target->num_types);
  const gln_target_array *a = &target->arrays[array];
  if ((unsigned)dataflow > GLN_VECTOR)
    return gln_fail(error, EG_INVALID, "there is no dataflow %d",
                    (int)dataflow);
  if ((dataflow == GLN_WEIGHT_STATIONARY && a->weight_stationary.value == 0) ||
      (dataflow == GLN_OUTPUT_STATIONARY && a->output_stationary.value == 0))
    return gln_fail(error, EG_INVALID,
                    "array %zu of target '%s' is not %s-stationary", array,
                    target->name,
                    dataflow == GLN_WEIGHT_STATIONARY ? "weight" : "output");
  return EG_OK;
}

static void copy_target(gln_cost_model *model, const gln_target *target,
                        const gln_target_array *array,
                        const gln_type_rule *rule) {
  double sram = target->energy_sram.value, acc = target->energy_acc.value;
  double acc_kib = target->acc_bytes.value / 1024;
  model->shadow = array->shadow_weights.value == 1;
  model->interlock = array->interlock.value == 1;
  model->rows = array->rows.value;
  model->cols = array->cols.value;
  model->min_stream = array->min_stream.value;
  model->fold_rows = model->rows;
  model->fold_cols = model->cols;
  model->fold_stream = INFINITY;
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    model->row_share[m] = 1;
  model->lanes = target->lanes.value;
  model->bytes_per_cycle = target->dram_bytes_per_cycle.value;
  model->burst = target->dram_burst_bytes.value;
  model->request_cycles = target->dram_request_cycles.value;
  model->latency = target->dram_latency.value;
  model->capacity[GLN_MEMORY_ABUF] = target->abuf_bytes.value;
  model->capacity[GLN_MEMORY_WBUF] = target->wbuf_bytes.value;
  model->capacity[GLN_MEMORY_ACC] = target->acc_bytes.value;
  model->mac_pj = rule->mac_pj;
  model->register_pj = target->energy_register.value;
  model->dram_pj = target->energy_dram.value;
  model->access_pj[GLN_MEMORY_ABUF] =
      sram + target->energy_sram_size.value * target->abuf_bytes.value / 1024;
  model->access_pj[GLN_MEMORY_WBUF] =
      sram + target->energy_sram_size.value * target->wbuf_bytes.value / 1024;
  model->access_pj[GLN_MEMORY_ACC] =
      acc + target->energy_acc_bank.value * acc_kib / array->cols.value;
}

eg_status gln_cost_model_init(gln_cost_model *model, const gln_target *target,
                              size_t array, gln_dataflow dataflow, size_t type,
                              const gln_contract *contract,
                              const gln_nest_role *roles, eg_error *error) {
  eg_status status = gln_contract_check(contract, error);
  if (status == EG_OK)
    status = check_unit(target, array, dataflow, type, error);
  if (status != EG_OK)
    return status;
  memset(model, 0, sizeof *model);
  model->contract = *contract;
  model->dataflow = dataflow;
  for (size_t d = 0; d < contract->num_dims; ++d) {
    const char *why = (unsigned)roles[d] < GLN_NEST_NUM_ROLES
                          ? refuse(contract, dataflow, d, roles[d])
                          : "there is no such role";
    if (why && contract->extents[d] > 1)
      return gln_fail(
          error, EG_INVALID, "dim %zu of extent %lld cannot go to the %s: %s",
          d, (long long)contract->extents[d], role_name(roles[d]), why);
    model->roles[d] = why ? GLN_NEST_PASS : (uint8_t)roles[d];
  }
  for (size_t i = 0; i < contract->num_operands; ++i)
    model->masks[i] = glni_operand_dims(&contract->operands[i]);
  model->macs = gln_contract_macs(contract);
  copy_target(model, target, &target->arrays[array], &target->types[type]);
  return EG_OK;
}

void gln_conv_roles(gln_dataflow dataflow, bool im2col,
                    gln_nest_role out_roles[GLN_CONV_NUM_DIMS]) {
  bool out = dataflow == GLN_OUTPUT_STATIONARY;
  gln_nest_role position = out ? GLN_NEST_ROWS : GLN_NEST_STREAM;
  gln_nest_role channel = out ? GLN_NEST_STREAM : GLN_NEST_ROWS;
  gln_nest_role offset = im2col || out ? channel : GLN_NEST_PASS;
  out_roles[GLN_CONV_N] = position;
  out_roles[GLN_CONV_K] = GLN_NEST_COLS;
  out_roles[GLN_CONV_C] = channel;
  out_roles[GLN_CONV_P] = position;
  out_roles[GLN_CONV_Q] = position;
  out_roles[GLN_CONV_R] = offset;
  out_roles[GLN_CONV_S] = offset;
}

//===-- Vectors -----------------------------------------------------------===//

gln_cost gln_cost_then(const gln_cost *a, const gln_cost *b) {
  gln_cost sum = *a;
  sum.cycles += b->cycles;
  sum.compute_cycles += b->compute_cycles;
  sum.dma_cycles += b->dma_cycles;
  sum.first_load += b->first_load;
  sum.last_store += b->last_store;
  sum.macs += b->macs;
  sum.blocks += b->blocks;
  sum.dram_requests += b->dram_requests;
  sum.dram_read_bytes += b->dram_read_bytes;
  sum.dram_write_bytes += b->dram_write_bytes;
  sum.energy_pj += b->energy_pj;
  for (size_t i = 0; i < GLN_NUM_MEMORIES; ++i) {
    sum.chip_bytes[i] += b->chip_bytes[i];
    if (b->held_bytes[i] > sum.held_bytes[i])
      sum.held_bytes[i] = b->held_bytes[i];
  }
  return sum;
}

static double dram_bytes(const gln_cost *cost) {
  return cost->dram_read_bytes + cost->dram_write_bytes;
}

bool gln_cost_dominates(const gln_cost *a, const gln_cost *b) {
  bool below = a->cycles <= b->cycles && dram_bytes(a) <= dram_bytes(b) &&
               a->energy_pj <= b->energy_pj;
  for (size_t i = 0; i < GLN_NUM_MEMORIES; ++i)
    below &= a->held_bytes[i] <= b->held_bytes[i];
  return below;
}

//===-- Why ---------------------------------------------------------------===//

eg_status gln_cost_model_fits(const gln_cost_model *model, const gln_cost *cost,
                              eg_error *error) {
  for (int i = 0; i < GLN_NUM_MEMORIES; ++i)
    if (cost->held_bytes[i] > model->capacity[i])
      return gln_fail(error, EG_INFEASIBLE, "%s needs %.0f B, has %.0f B",
                      gln_memory_name((gln_memory)i), cost->held_bytes[i],
                      model->capacity[i]);
  return EG_OK;
}

const char *gln_cost_binding_name(gln_cost_binding binding) {
  static const char *const names[] = {"compute",  "preload", "bandwidth",
                                      "requests", "fill",    "ABUF",
                                      "WBUF",     "ACC"};
  return (unsigned)binding < GLN_NUM_COST_BINDINGS ? names[binding] : "?";
}

gln_cost_binding gln_cost_model_binding(const gln_cost_model *model,
                                        const gln_cost *cost) {
  for (int i = 0; i < GLN_NUM_MEMORIES; ++i)
    if (cost->held_bytes[i] > model->capacity[i])
      return (gln_cost_binding)(GLN_COST_BINDING_ABUF + i);
  double fill = cost->first_load + cost->last_store;
  if (fill > cost->compute_cycles && fill > cost->cycles / 2)
    return GLN_COST_BINDING_FILL;
  if (cost->dma_cycles > cost->compute_cycles + fill)
    return dram_bytes(cost) / model->bytes_per_cycle < cost->dma_cycles / 1.5
               ? GLN_COST_BINDING_REQUESTS
               : GLN_COST_BINDING_BANDWIDTH;
  bool loads = model->dataflow == GLN_WEIGHT_STATIONARY && !model->shadow;
  double loading = loads ? cost->blocks * model->rows : 0;
  return loading > cost->compute_cycles / 2 ? GLN_COST_BINDING_PRELOAD
                                            : GLN_COST_BINDING_COMPUTE;
}

void gln_cost_model_limit(gln_cost_model *model,
                          const gln_instr_limits *limits) {
  bool stays = model->dataflow == GLN_WEIGHT_STATIONARY;
  double m = (double)limits->m, n = (double)limits->n, k = (double)limits->k;
  model->fold_rows = fmin(model->rows, stays ? k : m);
  model->fold_cols = fmin(model->cols, n);
  model->fold_stream = stays ? m : k;
  model->row_share[GLN_MEMORY_ABUF] = model->rows / fmin(model->rows, k);
  model->row_share[GLN_MEMORY_WBUF] = model->row_share[GLN_MEMORY_ACC] =
      model->cols / model->fold_cols;
}

gln_roofline gln_cost_model_roofline(const gln_cost_model *model) {
  gln_roofline r = {0};
  double extents[GLN_NEST_MAX_DIMS];
  for (size_t d = 0; d < model->contract.num_dims; ++d)
    extents[d] = (double)model->contract.extents[d];
  for (size_t i = 0; i < model->contract.num_operands; ++i) {
    const gln_nest_operand *o = &model->contract.operands[i];
    r.bytes += o->bytes * glni_operand_size(o, extents, true);
  }
  r.peak = model->dataflow == GLN_VECTOR ? model->lanes
                                         : model->fold_rows * model->fold_cols;
  r.intensity = model->macs / r.bytes;
  r.ridge = r.peak / model->bytes_per_cycle;
  r.cycles = fmax(model->macs / r.peak, r.bytes / model->bytes_per_cycle);
  return r;
}

double gln_vector_cycles(const gln_target *target, double rows, double columns,
                         double passes) {
  return passes * rows * ceil(columns / target->lanes.value);
}

double gln_host_cycles(const gln_target *target, double macs, double elements,
                       double bytes) {
  return macs * target->host_cycles_per_mac.value +
         elements * target->host_cycles_per_element.value +
         bytes / target->host_bytes_per_cycle.value;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From a spec to contracts with roles: who streams, who stays, and what each
// dim does on the array.
//
// A strategy is an instruction of the array and the roles that it gives to dims; what
// the instruction computes decides which there are.
//
//               weight-stationary        output-stationary
//   a and out   stream                   rows
//   b and out   columns                  columns
//   a and b     rows (offsets: passes)   stream
//   all three   passes                   passes
//
// for a in ABUF and b in WBUF, whichever operands of the spec they are.
#include "rules/blocking_internal.h"
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>

//===-- Contracts ---------------------------------------------------------===//

static eg_status copy_axes(const gln_spec *spec, size_t operand,
                           gln_nest_operand *out, eg_error *error) {
  const gln_spec_operand *o = &spec->operands[operand];
  for (size_t r = 0; r < o->rank; ++r) {
    gln_nest_axis axis = {0};
    for (size_t d = 0; d < spec->num_dims; ++d) {
      if (o->coef[r][d] == 0)
        continue;
      if (axis.num_terms == GLN_NEST_MAX_TERMS)
        return gln_fail(error, EG_LIMIT,
                        "index %zu of operand %zu depends on more than %d dims",
                        r, operand, GLN_NEST_MAX_TERMS);
      axis.dims[axis.num_terms] = (uint8_t)d;
      axis.strides[axis.num_terms++] = o->coef[r][d];
    }
    if (axis.num_terms > 0)
      out->axes[out->num_axes++] = axis;
  }
  return EG_OK;
}

// Parallel dims of the spec, row-major; more of them than a nest operand has
// axes share the first one as digits, which counts the same elements.
static eg_status copy_result(const gln_spec *spec, gln_nest_operand *out,
                             eg_error *error) {
  size_t num = spec->num_parallel, first = 0;
  if (num > GLN_NEST_MAX_AXES)
    first = num - GLN_NEST_MAX_AXES + 1;
  if (first > GLN_NEST_MAX_TERMS)
    return gln_fail(error, EG_LIMIT, "a result of %zu dims", num);
  if (first > 0) {
    gln_nest_axis axis = {.num_terms = (uint8_t)first};
    int64_t pitch = 1;
    for (size_t d = first; d-- > 0; pitch *= spec->dims[d]) {
      axis.dims[d] = (uint8_t)d;
      axis.strides[d] = pitch;
    }
    out->axes[out->num_axes++] = axis;
  }
  for (size_t d = first; d < num; ++d)
    out->axes[out->num_axes++] = (gln_nest_axis){1, {(uint8_t)d}, {1}, 0};
  return EG_OK;
}

// |memories|: of the operands, in the order of the spec.
static eg_status make_contract(const gln_spec *spec, const gln_memory *memories,
                               uint8_t out_bytes, gln_contract *out,
                               eg_error *error) {
  memset(out, 0, sizeof *out);
  out->num_dims = spec->num_dims;
  out->num_operands = (uint8_t)(spec->num_operands + 1);
  memcpy(out->extents, spec->dims, spec->num_dims * sizeof *spec->dims);
  for (size_t i = 0; i < spec->num_operands; ++i) {
    gln_nest_operand *o = &out->operands[i];
    o->memory = memories[i];
    o->bytes = (uint8_t)gln_type_bytes(spec->operands[i].type);
    // What is loaded into the accumulator is widened.
    o->partial_bytes = o->memory == GLN_MEMORY_ACC
                           ? (uint8_t)gln_type_bytes(spec->result)
                           : o->bytes;
    eg_status status = copy_axes(spec, i, o, error);
    if (status != EG_OK)
      return status;
  }
  gln_nest_operand *result = &out->operands[spec->num_operands];
  result->memory = GLN_MEMORY_ACC;
  result->is_output = true;
  result->partial_bytes = (uint8_t)gln_type_bytes(spec->result);
  result->bytes = out_bytes ? out_bytes : result->partial_bytes;
  return copy_result(spec, result, error);
}

//===-- Roles -------------------------------------------------------------===//

uint32_t glni_memories_of(const gln_contract *contract, size_t dim) {
  uint32_t memories = 0;
  for (size_t i = 0; i < contract->num_operands; ++i)
    for (size_t a = 0; a < contract->operands[i].num_axes; ++a)
      for (size_t t = 0; t < contract->operands[i].axes[a].num_terms; ++t)
        if (contract->operands[i].axes[a].dims[t] == dim)
          memories |= UINT32_C(1) << contract->operands[i].memory;
  return memories;
}

bool glni_is_windowed(const gln_contract *contract, size_t dim) {
  for (size_t i = 0; i < contract->num_operands; ++i)
    for (size_t a = 0; a < contract->operands[i].num_axes; ++a) {
      const gln_nest_axis *axis = &contract->operands[i].axes[a];
      for (size_t t = 0; t < axis->num_terms; ++t)
        if (axis->dims[t] == dim && axis->num_terms > 1)
          return !contract->operands[i].is_output;
    }
  return false;
}

static gln_nest_role role_of(const gln_contract *contract, uint32_t bits,
                             size_t dim, bool *out_window) {
  enum { A = 1 << GLN_MEMORY_ABUF, B = 1 << GLN_MEMORY_WBUF };
  uint32_t in = glni_memories_of(contract, dim);
  bool reduced = !(in >> GLN_MEMORY_ACC & 1);
  bool stays = bits & GLN_STRATEGY_WEIGHT_STATIONARY;
  if (!reduced) {
    if ((in & A) && (in & B))
      return GLN_NEST_PASS;
    if (in & B)
      return GLN_NEST_COLS;
    return stays ? GLN_NEST_STREAM : GLN_NEST_ROWS;
  }
  if (!stays)
    return GLN_NEST_STREAM;
  if (!(in & B)) // the same weight for all of them
    return GLN_NEST_STREAM;
  bool window = glni_is_windowed(contract, dim);
  *out_window |= window;
  return window && (bits & GLN_STRATEGY_OFFSET) ? GLN_NEST_PASS : GLN_NEST_ROWS;
}

//===-- Strategies --------------------------------------------------------===//

typedef struct builder {
  const gln_target *target;
  size_t array;
  const gln_spec *spec;
  gln_contract contracts[2]; // natural, swapped
  int types[2];              // rules; -1 = none
  gln_strategy *out;
  size_t num;
  bool multiplies; // some instruction of the array does, in an allowed strategy
  eg_error why;    // of the last instruction that does not compute it
} builder;

static gln_instr_unit dataflow_of(uint32_t bits) {
  return bits & GLN_STRATEGY_WEIGHT_STATIONARY ? GLN_INSTR_WEIGHT_STATIONARY
                                               : GLN_INSTR_OUTPUT_STATIONARY;
}

// Whether one call of a product takes all reduced dims of the spec.
static bool is_one_call(const builder *b, const gln_instr_limits *limits) {
  double k = 1;
  for (size_t d = b->spec->num_parallel; d < b->spec->num_dims; ++d)
    k *= (double)b->spec->dims[d];
  return k <= (double)limits->k;
}

// What one call of |instr| takes of the spec. EG_NOT_FOUND, EG_INFEASIBLE: it does not
// compute it.
static eg_status match_instr(const builder *b, const gln_instr *instr,
                             bool swapped, gln_instr_limits *limits,
                             eg_error *why) {
  const gln_spec *spec = b->spec;
  gln_type lhs = spec->operands[swapped].type;
  gln_type rhs = spec->operands[!swapped].type;
  if (b->types[swapped] < 0 ||
      !gln_instr_takes(instr, b->target, lhs, rhs, spec->result))
    return gln_fail(why, EG_NOT_FOUND, "%s: does not take %s x %s -> %s",
                    instr->name, gln_type_name(lhs), gln_type_name(rhs),
                    gln_type_name(spec->result));
  eg_status status = gln_instr_limits_of(
      instr, b->target, (size_t)b->types[swapped], limits, why);
  if (status == EG_OK && gln_instr_is_gemm(instr) && !instr->accumulates &&
      !is_one_call(b, limits))
    return gln_fail(why, EG_NOT_FOUND,
                    "%s: does not add to its result, and sums up %lld products "
                    "at most",
                    instr->name, (long long)limits->k);
  return status;
}

static bool is_known(const builder *b, const gln_strategy *s) {
  for (size_t i = 0; i < b->num; ++i)
    if (b->out[i].bits == s->bits && !b->out[i].is_tile && !s->is_tile &&
        b->out[i].reduces_whole == s->reduces_whole &&
        memcmp(&b->out[i].limits, &s->limits, sizeof s->limits) == 0)
      return true;
  return false;
}

// Adds the strategy of |bits| by instruction |index|, unless this computes something
// else, or another strategy is the same.
static eg_status add(builder *b, uint32_t bits, size_t index, eg_error *error) {
  bool swapped = bits & GLN_STRATEGY_SWAPPED, window = false;
  const gln_contract *contract = &b->contracts[swapped];
  gln_nest_role roles[GLN_NEST_MAX_DIMS];
  gln_strategy *s = &b->out[b->num];
  if (b->num == GLN_BLOCKING_MAX_STRATEGIES)
    return EG_OK;
  memset(s, 0, sizeof *s);
  s->bits = (uint8_t)bits;
  s->instr = (uint8_t)index;
  if (gln_instr_get(b->target, index, b->array, dataflow_of(bits), &s->function,
                    NULL))
    return EG_OK;
  b->multiplies = true;
  s->is_tile = !gln_instr_is_gemm(s->function);
  s->reduces_whole = !s->function->accumulates;
  if (s->is_tile && bits & GLN_STRATEGY_IM2COL)
    return EG_OK; // how it packs its rows is its own affair
  eg_status status = match_instr(b, s->function, swapped, &s->limits, &b->why);
  if (status != EG_OK)
    return status == EG_INVALID ? gln_fail(error, status, "%s", b->why.text)
                                : EG_OK;
  for (size_t d = 0; d < contract->num_dims; ++d)
    roles[d] = role_of(contract, bits, d, &window);
  if (((bits & GLN_STRATEGY_IM2COL) && !window) || is_known(b, s))
    return EG_OK; // nothing to pack: as OFFSET
  status = gln_cost_model_init(
      &s->model, b->target, b->array,
      bits & GLN_STRATEGY_WEIGHT_STATIONARY ? GLN_WEIGHT_STATIONARY
                                            : GLN_OUTPUT_STATIONARY,
      (size_t)b->types[swapped], contract, roles, error);
  if (status != EG_OK)
    return status;
  gln_cost_model_limit(&s->model, &s->limits);
  ++b->num;
  return EG_OK;
}

static int find_rule(const gln_target *target, const gln_spec *spec,
                     bool swapped) {
  gln_type a = spec->operands[swapped].type, b = spec->operands[!swapped].type;
  int rule = gln_target_find_type(target, a, b);
  return rule >= 0 && target->types[rule].acc == spec->result ? rule : -1;
}

static eg_status prepare(builder *b, uint8_t out_bytes, eg_error *error) {
  const gln_spec *spec = b->spec;
  if (b->array >= b->target->num_arrays)
    return gln_fail(error, EG_INVALID, "target '%s' has no array %zu of %d",
                    b->target->name, b->array, b->target->num_arrays);
  if (spec->combine != GLN_COMBINE_DOT || spec->num_operands != 2)
    return gln_fail(error, EG_INVALID,
                    "an array runs products of two operands, not a reduction "
                    "of %d",
                    spec->num_operands);
  for (int swapped = 0; swapped < 2; ++swapped) {
    static const gln_memory memories[] = {GLN_MEMORY_ABUF, GLN_MEMORY_WBUF,
                                          GLN_MEMORY_ABUF};
    eg_status status = make_contract(spec, memories + swapped, out_bytes,
                                     &b->contracts[swapped], error);
    if (status != EG_OK)
      return status;
    b->types[swapped] = find_rule(b->target, spec, swapped);
  }
  return EG_OK;
}

// Whether the rule widen-sum would make it a product that the target has.
static bool has_wide_sum(const builder *b) {
  gln_spec wide = *b->spec;
  wide.result = gln_rule_wide_sum(wide.result);
  return wide.result != b->spec->result &&
         (find_rule(b->target, &wide, 0) >= 0 ||
          find_rule(b->target, &wide, 1) >= 0);
}

// Why there is none: the types, or what the last instruction says.
static eg_status fail_empty(const builder *b, eg_error *error) {
  const gln_spec *spec = b->spec;
  if (!b->multiplies)
    return gln_fail(error, EG_INFEASIBLE,
                    "array %zu of target '%s' has no instruction that sums up "
                    "products%s",
                    b->array, b->target->name,
                    b->target->instrs ? " in an allowed strategy" : "");
  if (b->why.text[0] && (b->types[0] >= 0 || b->types[1] >= 0))
    return gln_fail(error, EG_INFEASIBLE, "array %zu of target '%s': %s",
                    b->array, b->target->name, b->why.text);
  char have[128];
  size_t used = 0;
  have[0] = 0;
  for (size_t i = 0; i < b->target->num_types && used < sizeof have; ++i) {
    const gln_type_rule *r = &b->target->types[i];
    used += (size_t)snprintf(have + used, sizeof have - used, "%s%s x %s -> %s",
                             i ? ", " : "", gln_type_name(r->lhs),
                             gln_type_name(r->rhs), gln_type_name(r->acc));
  }
  bool takes = b->types[0] >= 0 || b->types[1] >= 0;
  return gln_fail(
      error, EG_INFEASIBLE,
      "array %zu of target '%s' has no product %s x %s -> %s%s%s%s", b->array,
      b->target->name, gln_type_name(spec->operands[0].type),
      gln_type_name(spec->operands[1].type), gln_type_name(spec->result),
      takes ? " in an allowed strategy" : ", but ", takes ? "" : have,
      has_wide_sum(b) ? "; precision=approximate lets it sum in f32" : "");
}

eg_status gln_strategies(const gln_target *target, size_t array,
                         const gln_spec *spec, uint8_t out_bytes,
                         uint32_t allowed, gln_strategy *out_strategies,
                         size_t *out_num, eg_error *error) {
  enum {
    WS = GLN_STRATEGY_WEIGHT_STATIONARY,
    OS = GLN_STRATEGY_OUTPUT_STATIONARY,
    NATURAL = GLN_STRATEGY_NATURAL,
    SWAPPED = GLN_STRATEGY_SWAPPED,
    OFFSET = GLN_STRATEGY_OFFSET,
    IM2COL = GLN_STRATEGY_IM2COL,
  };
  static const uint8_t all[] = {
      WS | NATURAL | OFFSET, WS | NATURAL | IM2COL, OS | NATURAL | OFFSET,
      WS | SWAPPED | OFFSET, WS | SWAPPED | IM2COL, OS | SWAPPED | OFFSET,
  };
  builder b = {
      .target = target, .array = array, .spec = spec, .out = out_strategies};
  size_t num = target->instrs ? target->instrs->num : 0;
  eg_status status = prepare(&b, out_bytes, error);
  for (size_t s = 0; s < sizeof all; ++s)
    for (size_t i = 0; status == EG_OK && i < num; ++i)
      if (allowed == 0 || (all[s] & allowed) == all[s])
        status = add(&b, all[s], i, error);
  *out_num = b.num;
  return status == EG_OK && b.num == 0 ? fail_empty(&b, error) : status;
}

eg_status gln_block_instr(const gln_target *target, const gln_block *block,
                          const gln_instr **out, gln_instr_limits *out_limits,
                          eg_error *error) {
  const gln_spec *spec = &block->spec;
  bool swapped = block->strategy & GLN_STRATEGY_SWAPPED;
  int rule = spec->num_operands == 2 ? find_rule(target, spec, swapped) : -1;
  if (rule < 0)
    return gln_fail(error, EG_INVALID,
                    "array %u of target '%s' does not multiply these types",
                    block->array, target->name);
  eg_status status = gln_instr_get(target, block->instr, block->array,
                                   dataflow_of(block->strategy), out, error);
  return status != EG_OK ? status
                         : gln_instr_limits_of(*out, target, (size_t)rule,
                                               out_limits, error);
}

//===-- The vector unit ---------------------------------------------------===//

// The energy of its operations is that of a product that ends in its type; any,
// when there is none.
static size_t vector_rule(const gln_target *target, gln_type type) {
  for (size_t i = 0; i < target->num_types; ++i)
    if (target->types[i].acc == type)
      return i;
  return 0;
}

eg_status gln_vector_strategy(const gln_target *target, const gln_spec *spec,
                              uint8_t out_bytes, gln_strategy *out,
                              eg_error *error) {
  static const gln_memory memories[] = {GLN_MEMORY_ACC, GLN_MEMORY_ACC};
  gln_nest_role roles[GLN_NEST_MAX_DIMS];
  gln_contract contract;
  if (spec->num_dims == 0)
    return gln_fail(error, EG_INFEASIBLE, "a single element is no tile");
  if (gln_type_bytes(spec->result) != 4)
    return gln_fail(error, EG_INFEASIBLE,
                    "the vector unit accumulates in 32 bits, not in %s",
                    gln_type_name(spec->result));
  eg_status status = make_contract(spec, memories, out_bytes, &contract, error);
  if (status != EG_OK)
    return status;
  int lane = gln_spec_lane(spec, (int64_t)target->arrays[0].cols.value);
  for (size_t d = 0; d < spec->num_dims; ++d)
    roles[d] = (int)d == lane ? GLN_NEST_COLS : GLN_NEST_PASS;
  memset(out, 0, sizeof *out);
  out->bits = GLN_STRATEGY_VECTOR;
  out->instr = GLN_BLOCK_NO_INSTR;
  return gln_cost_model_init(&out->model, target, 0, GLN_VECTOR,
                             vector_rule(target, spec->result), &contract,
                             roles, error);
}

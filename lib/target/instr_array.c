// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an array does in one call of an instruction.
#include "target/instr.h"

#include <inttypes.h>

static size_t num_of(const gln_instr *instr, gln_instr_role role) {
  size_t num = 0;
  for (size_t d = 0; d < instr->num_dims; ++d)
    num += instr->dims[d].role == role;
  return num;
}

// Whether the operand's axes are dims, one each.
static bool is_plain(const gln_instr *instr, const gln_instr_operand *o) {
  for (size_t a = 0; a < o->rank; ++a) {
    size_t num = 0;
    for (size_t d = 0; d < instr->num_dims; ++d) {
      num += o->coef[a][d].value != 0;
      if (o->coef[a][d].value > 1 || o->coef[a][d].value < 0 ||
          o->coef[a][d].param)
        return false;
    }
    if (num > 1)
      return false;
  }
  return true;
}

bool gln_instr_is_gemm(const gln_instr *instr) {
  if (instr->form != GLN_INSTR_CONTRACT || num_of(instr, GLN_INSTR_ROW) > 1 ||
      num_of(instr, GLN_INSTR_COL) > 1 || num_of(instr, GLN_INSTR_INNER) > 1)
    return false;
  for (size_t d = 0; d < instr->num_dims; ++d)
    if (instr->dims[d].fixed > 1)
      return false;
  return is_plain(instr, &instr->operands[0]) &&
         is_plain(instr, &instr->operands[1]);
}

int gln_instr_dim_of(const gln_instr *instr, gln_instr_role role) {
  for (size_t d = 0; d < instr->num_dims; ++d)
    if (instr->dims[d].role == role)
      return (int)d;
  return -1;
}

bool gln_instr_takes(const gln_instr *instr, const gln_target *target,
                     gln_type lhs, gln_type rhs, gln_type result) {
  if (!instr->any_type)
    return lhs == instr->operands[0].type && rhs == instr->operands[1].type &&
           result == instr->result;
  int rule = gln_target_find_type(target, lhs, rhs);
  return rule >= 0 && target->types[rule].acc == result;
}

eg_status gln_instr_get(const gln_target *target, size_t index, size_t array,
                        gln_instr_unit unit, const gln_instr **out,
                        eg_error *error) {
  size_t num = target->instrs ? target->instrs->num : 0;
  if (index >= num)
    return gln_fail(error, EG_INVALID,
                    "target '%s' has no instruction %zu of %zu", target->name,
                    index, num);
  const gln_instr *instr = &target->instrs->instrs[index];
  if (instr->form != GLN_INSTR_CONTRACT || instr->unit != unit ||
      instr->array != array || !gln_instr_has_unit(instr, target))
    return gln_fail(error, EG_INVALID,
                    "instruction '%s' of target '%s' is no %s-stationary "
                    "contraction of array %zu",
                    instr->name, target->name,
                    unit == GLN_INSTR_WEIGHT_STATIONARY ? "weight" : "output",
                    array);
  *out = instr;
  return EG_OK;
}

//===-- Limits ------------------------------------------------------------===//

// What the cells and the memories beside them allow.
static eg_status cells_of(const gln_instr *instr, const gln_target *target,
                          const gln_type_rule *rule, gln_instr_limits *out,
                          eg_error *error) {
  const gln_target_array *a = &target->arrays[instr->array];
  const struct {
    const char *memory;
    double size, row;
  } memories[] = {
      {"ABUF", target->abuf_bytes.value,
       a->rows.value * gln_type_bytes(rule->lhs)},
      {"WBUF", target->wbuf_bytes.value,
       a->cols.value * gln_type_bytes(rule->rhs)},
      {"ACC", target->acc_bytes.value,
       a->cols.value * gln_type_bytes(rule->acc)},
  };
  for (size_t i = 0; i < 3; ++i)
    if (memories[i].row > memories[i].size)
      return gln_fail(error, EG_INFEASIBLE,
                      "%s: the smallest tile needs %.0f bytes of %s, which has "
                      "%.0f",
                      instr->name, memories[i].row, memories[i].memory,
                      memories[i].size);
  bool stays = instr->unit == GLN_INSTR_WEIGHT_STATIONARY;
  int64_t rows = (int64_t)a->rows.value;
  out->n = (int64_t)a->cols.value;
  out->m = stays ? (int64_t)(memories[0].size / memories[0].row) : rows;
  out->k = stays ? rows : (int64_t)(memories[1].size / memories[1].row);
  return EG_OK;
}

// A range as the point that blockings are made for.
static void make_point(gln_target *target) {
  gln_target_number *memories[] = {&target->abuf_bytes, &target->wbuf_bytes,
                                   &target->acc_bytes};
  for (size_t i = 0; i < 3; ++i)
    memories[i]->value = gln_target_number_largest(memories[i]);
  for (size_t i = 0; i < GLN_NUM_TARGET_NUMBERS; ++i)
    target->numbers[i].num_choices = 0;
  for (size_t a = 0; a < target->num_arrays; ++a)
    for (size_t i = 0; i < GLN_NUM_ARRAY_NUMBERS; ++i)
      target->arrays[a].numbers[i].num_choices = 0;
}

// Lowers |*most| to what the dim of |role| may have, and sets its extent.
static eg_status bound(const gln_instr *instr, const gln_target *target,
                       gln_instr_role role, gln_instr_use *use, int64_t *most,
                       eg_error *error) {
  int dim = gln_instr_dim_of(instr, role);
  if (dim < 0) {
    *most = 1;
    return EG_OK;
  }
  int64_t limit = *most;
  eg_status status =
      gln_instr_largest(instr, target, use, (size_t)dim, limit, most, error);
  use->extents[dim] = *most;
  return status;
}

static eg_status bound_all(const gln_instr *instr, const gln_target *target,
                           const gln_type_rule *rule, gln_instr_limits *out,
                           eg_error *error) {
  gln_instr_use use = {.lhs = rule->lhs, .rhs = rule->rhs, .result = rule->acc};
  for (size_t p = 0; p < GLN_INSTR_MAX_PARAMS; ++p)
    use.params[p] = 1;
  for (size_t d = 0; d < instr->num_dims; ++d)
    use.extents[d] = 1;
  static const gln_instr_role orders[][3] = {
      {GLN_INSTR_INNER, GLN_INSTR_COL, GLN_INSTR_ROW},  // weights stay
      {GLN_INSTR_COL, GLN_INSTR_ROW, GLN_INSTR_INNER}}; // sums stay
  const gln_instr_role *order =
      orders[instr->unit != GLN_INSTR_WEIGHT_STATIONARY];
  int64_t *const most[] = {[GLN_INSTR_ROW] = &out->m,
                           [GLN_INSTR_COL] = &out->n,
                           [GLN_INSTR_INNER] = &out->k};
  eg_status status = gln_instr_check_bounds(instr, target, &use, error);
  for (size_t i = 0; i < 3 && status == EG_OK; ++i)
    status = bound(instr, target, order[i], &use, most[order[i]], error);
  return status == EG_LIMIT ? EG_INFEASIBLE : status;
}

eg_status gln_instr_limits_of(const gln_instr *instr, const gln_target *target,
                              size_t rule, gln_instr_limits *out,
                              eg_error *error) {
  gln_target point;
  if (!gln_target_is_point(target)) {
    point = *target;
    make_point(&point);
    target = &point;
  }
  const gln_type_rule *types = &target->types[rule];
  eg_status status = cells_of(instr, target, types, out, error);
  if (status != EG_OK || !gln_instr_is_gemm(instr))
    return status;
  return bound_all(instr, target, types, out, error);
}

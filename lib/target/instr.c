// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instructions as data: what must hold of one, and its text.
#include "target/instr.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool gln_instr_has_kind(const gln_instr *instr, int kind) {
  return kind >= 0 && kind < GLN_NUM_KINDS &&
         (instr->kinds[kind / 64] >> (kind % 64) & 1);
}

void gln_instr_add_kind(gln_instr *instr, int kind) {
  instr->kinds[kind / 64] |= UINT64_C(1) << (kind % 64);
}

const gln_instr *gln_instr_find(const gln_instr_set *set, const char *name) {
  for (size_t i = 0; i < set->num; ++i)
    if (strcmp(set->instrs[i].name, name) == 0)
      return &set->instrs[i];
  return NULL;
}

//===-- Checking ----------------------------------------------------------===//

static bool can_be_one(const gln_target_number *number) {
  return gln_target_number_largest(number) == 1;
}

bool gln_instr_has_unit(const gln_instr *instr, const gln_target *target) {
  if (instr->unit == GLN_INSTR_VECTOR)
    return true;
  if (instr->array >= target->num_arrays)
    return false;
  const gln_target_array *array = &target->arrays[instr->array];
  return can_be_one(instr->unit == GLN_INSTR_WEIGHT_STATIONARY
                        ? &array->weight_stationary
                        : &array->output_stationary);
}

static eg_status check_unit(const gln_instr *instr, const gln_target *target,
                            eg_error *error) {
  if (instr->unit == GLN_INSTR_VECTOR && instr->form == GLN_INSTR_CONTRACT)
    return gln_fail(error, EG_INVALID,
                    "a product of two operands summed up does not run on the "
                    "vector unit");
  if (instr->unit != GLN_INSTR_VECTOR && instr->form != GLN_INSTR_CONTRACT)
    return gln_fail(error, EG_INVALID,
                    "only a contraction runs on an array; set systolic.unit = "
                    "\"vector\"");
  if (gln_instr_has_unit(instr, target))
    return EG_OK;
  if (instr->array >= target->num_arrays)
    return gln_fail(error, EG_INVALID,
                    "runs on array %d, but target '%s' has %d", instr->array,
                    target->name, target->num_arrays);
  const char *key = instr->unit == GLN_INSTR_WEIGHT_STATIONARY
                        ? "weight_stationary"
                        : "output_stationary";
  return gln_fail(error, EG_INVALID,
                  "is %s, but array %d of target '%s' has %s = 0", key,
                  instr->array, target->name, key);
}

static eg_status check_types(const gln_instr *instr, const gln_target *target,
                             eg_error *error) {
  if (instr->form != GLN_INSTR_CONTRACT)
    return EG_OK;
  gln_type lhs = instr->operands[0].type, rhs = instr->operands[1].type;
  int rule = gln_target_find_type(target, lhs, rhs);
  if (rule < 0 || target->types[rule].acc != instr->result)
    return gln_fail(error, EG_INVALID,
                    "multiplies %s x %s into %s, which is no type rule of "
                    "target '%s'",
                    gln_type_name(lhs), gln_type_name(rhs),
                    gln_type_name(instr->result), target->name);
  return EG_OK;
}

// A name that a bound would take for another one.
static bool is_taken(const char *name) {
  static const char *const keys[] = {
#define GLN_X(member, key, ...) key,
      GLN_TARGET_ARRAY_TABLE(GLN_X) GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
          "acc_rows",
      "abuf_rows", "wbuf_rows", NULL};
  for (size_t i = 0; keys[i]; ++i)
    if (strcmp(keys[i], name) == 0)
      return true;
  return false;
}

static eg_status check_names(const gln_instr *instr, eg_error *error) {
  for (size_t i = 0; i < instr->num_dims; ++i) {
    const char *name = instr->dims[i].name;
    if (is_taken(name))
      return gln_fail(error, EG_INVALID,
                      "has a dimension called '%s', which is a number of "
                      "targets",
                      name);
    for (size_t p = 0; p < instr->num_params; ++p)
      if (strcmp(instr->params[p], name) == 0)
        return gln_fail(error, EG_INVALID,
                        "has a dimension and a stride called '%s'", name);
  }
  return EG_OK;
}

eg_status gln_instr_check(const gln_instr *instr, const gln_target *target,
                          eg_error *error) {
  for (size_t i = 0; i < instr->num_dims; ++i)
    for (size_t j = i + 1; j < instr->num_dims; ++j)
      if (strcmp(instr->dims[i].name, instr->dims[j].name) == 0)
        return gln_fail(error, EG_INVALID,
                        "two dimensions are called '%s'; give them names of "
                        "their own and bound one by the other",
                        instr->dims[i].name);
  eg_status status = check_names(instr, error);
  if (status == EG_OK)
    status = check_unit(instr, target, error);
  return status == EG_OK ? check_types(instr, target, error) : status;
}

//===-- Text --------------------------------------------------------------===//

typedef struct text {
  char *buffer;
  size_t size, length;
} text;

static void add(text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  size_t room = t->length < t->size ? t->size - t->length : 0;
  int n = vsnprintf(room ? t->buffer + t->length : NULL, room, format, args);
  va_end(args);
  t->length += n > 0 ? (size_t)n : 0;
}

static void add_axis(text *t, const gln_instr *instr,
                     const gln_instr_coef *row) {
  bool any = false;
  for (size_t d = 0; d < instr->num_dims; ++d) {
    if (!row[d].value)
      continue;
    add(t, "%s%s", any ? " + " : "", instr->dims[d].name);
    if (row[d].value != 1)
      add(t, " * %d", row[d].value);
    if (row[d].param)
      add(t, " * %s", instr->params[row[d].param - 1]);
    any = true;
  }
  if (!any)
    add(t, "0");
}

static void add_operand(text *t, const gln_instr *instr, size_t index) {
  const gln_instr_operand *o = &instr->operands[index];
  add(t, "%c[", "abc"[index]);
  for (size_t a = 0; a < o->rank; ++a) {
    add(t, "%s", a ? ", " : "");
    add_axis(t, instr, o->coef[a]);
  }
  add(t, "]");
}

static void add_kinds(text *t, const gln_instr *instr) {
  size_t num = 0;
  for (int kind = 0; kind < GLN_NUM_KINDS; ++kind)
    if (gln_instr_has_kind(instr, kind))
      add(t, "%s%s", num++ ? "|" : "", gln_kind_name(kind));
}

size_t gln_instr_print(const gln_instr *instr, char *buffer, size_t size) {
  text t = {buffer, size, 0};
  if (size)
    buffer[0] = 0;
  add(&t, "r[");
  for (size_t i = 0; i < instr->result_rank; ++i)
    add(&t, "%s%s", i ? ", " : "", instr->dims[instr->result_dims[i]].name);
  add(&t, "] %s ", instr->accumulates ? "+=" : "=");
  bool inner = false;
  if (instr->form == GLN_INSTR_CONTRACT)
    add(&t, "sum");
  else
    add_kinds(&t, instr);
  for (size_t d = 0; d < instr->num_dims; ++d)
    if (instr->dims[d].role == GLN_INSTR_INNER) {
      add(&t, "%s%s", inner ? ", " : " ", instr->dims[d].name);
      inner = true;
    }
  add(&t, "%s", instr->form == GLN_INSTR_MAP ? "(" : ": ");
  for (size_t k = 0; k < instr->num_operands; ++k) {
    if (k)
      add(&t, "%s", instr->form == GLN_INSTR_CONTRACT ? " * " : ", ");
    add_operand(&t, instr, k);
  }
  add(&t, "%s", instr->form == GLN_INSTR_MAP ? ")" : "");
  return t.length;
}

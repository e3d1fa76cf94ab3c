// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What follows from a table without any output: counts, defaults, structure.
#include "dialect/op.h"

#include <string.h>

//===-- Helpers over the C API --------------------------------------------===//

typedef struct {
  char *text;
  size_t used;
} cut_text;

static void append(MlirStringRef part, void *user) {
  cut_text *out = user;
  size_t room = sizeof(gln_text) - 1 - out->used;
  size_t length = part.length < room ? part.length : room;
  memcpy(out->text + out->used, part.data, length);
  out->used += length;
  out->text[out->used] = '\0';
}

const char *gln_type_text(MlirType type, gln_text buffer) {
  buffer[0] = '\0';
  mlirTypePrint(type, append, &(cut_text){buffer, 0});
  return buffer;
}

const char *gln_attribute_text(MlirAttribute attribute, gln_text buffer) {
  buffer[0] = '\0';
  mlirAttributePrint(attribute, append, &(cut_text){buffer, 0});
  return buffer;
}

MlirStringRef gln_string(const char *text) {
  return mlirStringRefCreateFromCString(text);
}

MlirAttribute gln_op_attribute(MlirOperation op, const char *name) {
  return mlirOperationGetDiscardableAttributeByName(op, gln_string(name));
}

MlirAttribute gln_ints_attribute(MlirContext context, const int64_t *values,
                                 size_t num) {
  enum { MAX = 64 };
  MlirAttribute entries[MAX];
  MlirType i64 = mlirIntegerTypeGet(context, 64);
  if (num > MAX)
    num = MAX;
  for (size_t i = 0; i < num; ++i)
    entries[i] = mlirIntegerAttrGet(i64, values[i]);
  return mlirArrayAttrGet(context, (intptr_t)num, entries);
}

//===-- Counts ------------------------------------------------------------===//

size_t gln_op_min_operands(const gln_op_def *def) {
  size_t num = 0;
  while (def->operands && def->operands[num].name &&
         !def->operands[num].optional)
    ++num;
  return num;
}

size_t gln_op_max_operands(const gln_op_def *def) {
  size_t num = 0;
  while (def->operands && def->operands[num].name)
    ++num;
  return num;
}

size_t gln_op_num_results(const gln_op_def *def) {
  size_t num = 0;
  while (def->results && def->results[num].name)
    ++num;
  return num;
}

size_t gln_type_num_params(const gln_type_def *def) {
  size_t num = 0;
  while (def->params && def->params[num].name)
    ++num;
  return num;
}

bool gln_op_has_segments(const gln_op_def *def) {
  return gln_op_max_operands(def) > gln_op_min_operands(def) + 1;
}

MlirAttribute gln_op_segments(const gln_op_def *def, MlirContext context,
                              size_t num) {
  int32_t sizes[64] = {0};
  size_t max = gln_op_max_operands(def);
  for (size_t i = 0; i < num && i < max; ++i)
    sizes[i] = 1;
  return mlirDenseI32ArrayGet(context, (intptr_t)max, sizes);
}

const char *gln_field_like(const gln_field *field) {
  static const char prefix[] = "like ";
  size_t length = sizeof prefix - 1;
  bool is_like =
      field->fallback && strncmp(field->fallback, prefix, length) == 0;
  return is_like ? field->fallback + length : NULL;
}

MlirAttribute gln_field_default(const gln_field *field, MlirContext context,
                                MlirAttribute list) {
  if (!field->fallback)
    return mlirAttributeGetNull();
  if (!gln_field_like(field))
    return mlirAttributeParseGet(context, gln_string(field->fallback));
  if (mlirAttributeIsNull(list) || !mlirAttributeIsAArray(list))
    return mlirAttributeGetNull();
  intptr_t num = mlirArrayAttrGetNumElements(list);
  int64_t ones[64];
  for (int i = 0; i < 64; ++i)
    ones[i] = 1;
  return gln_ints_attribute(context, ones, num < 64 ? (size_t)num : 64);
}

const gln_dialect_def *gln_dialect_find(const char *name) {
  for (size_t i = 0; gln_dialects[i]; ++i)
    if (strcmp(gln_dialects[i]->name, name) == 0)
      return gln_dialects[i];
  return NULL;
}

//===-- Structure ---------------------------------------------------------===//

static eg_status check_counts(const gln_op_def *def, MlirOperation op,
                              eg_error *error) {
  long least = (long)gln_op_min_operands(def);
  long most = (long)gln_op_max_operands(def);
  long results = (long)gln_op_num_results(def);
  long num = (long)mlirOperationGetNumOperands(op);
  if (num < least || num > most)
    return least == most ? gln_fail(error, EG_INVALID,
                                    "expects %ld operands, got %ld", least, num)
                         : gln_fail(error, EG_INVALID,
                                    "expects %ld to %ld operands, got %ld",
                                    least, most, num);
  if (mlirOperationGetNumResults(op) != results)
    return gln_fail(error, EG_INVALID, "expects %ld results, got %ld", results,
                    (long)mlirOperationGetNumResults(op));
  if (mlirOperationGetNumRegions(op))
    return gln_fail(error, EG_INVALID, "expects no regions, got %ld",
                    (long)mlirOperationGetNumRegions(op));
  if (mlirOperationGetNumSuccessors(op))
    return gln_fail(error, EG_INVALID, "expects no successors, got %ld",
                    (long)mlirOperationGetNumSuccessors(op));
  return EG_OK;
}

static eg_status check_segments(const gln_op_def *def, MlirOperation op,
                                eg_error *error) {
  if (!gln_op_has_segments(def))
    return EG_OK;
  MlirAttribute wanted =
      gln_op_segments(def, mlirOperationGetContext(op),
                      (size_t)mlirOperationGetNumOperands(op));
  MlirAttribute found = gln_op_attribute(op, "operandSegmentSizes");
  if (mlirAttributeEqual(wanted, found))
    return EG_OK;
  gln_text a, b;
  return gln_fail(
      error, EG_INVALID,
      "attribute 'operandSegmentSizes' must be %s for %ld "
      "operands, got %s",
      gln_attribute_text(wanted, a), (long)mlirOperationGetNumOperands(op),
      mlirAttributeIsNull(found) ? "none" : gln_attribute_text(found, b));
}

static eg_status check_value(const gln_slot *slot, const char *sort, long index,
                             MlirValue value, eg_error *error) {
  MlirType type = mlirValueGetType(value);
  if (slot->rule->accepts_type(type))
    return EG_OK;
  gln_text a;
  return gln_fail(error, EG_INVALID, "%s #%ld ('%s') must be %s, got '%s'",
                  sort, index, slot->name, slot->rule->what,
                  gln_type_text(type, a));
}

static eg_status check_fields(const gln_op_def *def, MlirOperation op,
                              eg_error *error) {
  for (const gln_field *field = def->fields; field && field->name; ++field) {
    MlirAttribute value = gln_op_attribute(op, field->name);
    if (mlirAttributeIsNull(value))
      return gln_fail(error, EG_INVALID, "requires attribute '%s', %s",
                      field->name, field->rule->what);
    gln_text a;
    if (!field->rule->accepts_attribute(value))
      return gln_fail(error, EG_INVALID, "attribute '%s' must be %s, got %s",
                      field->name, field->rule->what,
                      gln_attribute_text(value, a));
  }
  return EG_OK;
}

eg_status gln_op_verify(const gln_op_def *def, MlirOperation op,
                        eg_error *error) {
  eg_status status = check_counts(def, op, error);
  if (!status)
    status = check_segments(def, op, error);
  for (long i = 0; !status && i < (long)mlirOperationGetNumOperands(op); ++i)
    status = check_value(&def->operands[i], "operand", i,
                         mlirOperationGetOperand(op, i), error);
  for (long i = 0; !status && i < (long)mlirOperationGetNumResults(op); ++i)
    status = check_value(&def->results[i], "result", i,
                         mlirOperationGetResult(op, i), error);
  if (!status)
    status = check_fields(def, op, error);
  if (!status && def->verify)
    status = def->verify(def, op, error);
  return status;
}

eg_status gln_type_verify(const gln_type_def *def, const MlirAttribute *params,
                          size_t num, eg_error *error) {
  size_t wanted = gln_type_num_params(def);
  if (num != wanted)
    return gln_fail(error, EG_INVALID, "type '%s' has %zu parameters, got %zu",
                    def->name, wanted, num);
  for (size_t i = 0; i < num; ++i) {
    gln_text a;
    if (!def->params[i].rule->accepts_attribute(params[i]))
      return gln_fail(error, EG_INVALID,
                      "parameter #%zu ('%s') of type '%s' must be %s, got %s",
                      i, def->params[i].name, def->name,
                      def->params[i].rule->what,
                      gln_attribute_text(params[i], a));
  }
  return def->verify ? def->verify(params, num, error) : EG_OK;
}

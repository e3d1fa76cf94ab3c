// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Access ops in the terms of the shape algebra, and their verifier: the algebra
// infers, the verifier compares.
#include "dialect/access.h"
#include "dialect/access_internal.h"
#include "dialect/host.h"

#include <string.h>

//===-- Reading -----------------------------------------------------------===//

bool gln_access_is(MlirOperation op, gln_op *out) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  static const char prefix[] = "access.";
  size_t length = sizeof(prefix) - 1;
  return name.length > length && memcmp(name.data, prefix, length) == 0 &&
         gln_op_parse(name.data + length, name.length - length, out);
}

// Where each integer and list attribute goes.
static const struct {
  uint32_t bit;
  const char *name;
  size_t offset;
} ints[] =
    {
        {GLN_ATTR_AT, "at", offsetof(gln_op_attrs, at)},
        {GLN_ATTR_BY, "by", offsetof(gln_op_attrs, by)},
        {GLN_ATTR_DIM, "dim", offsetof(gln_op_attrs, dim)},
},
  lists[] = {
      {GLN_ATTR_PERM, "perm", offsetof(gln_op_attrs, perm)},
      {GLN_ATTR_OFFSETS, "offsets", offsetof(gln_op_attrs, offsets)},
      {GLN_ATTR_SIZES, "sizes", offsetof(gln_op_attrs, sizes)},
      {GLN_ATTR_WINDOW, "shape", offsetof(gln_op_attrs, window)},
      {GLN_ATTR_LOW, "low", offsetof(gln_op_attrs, low)},
      {GLN_ATTR_HIGH, "high", offsetof(gln_op_attrs, high)},
      {GLN_ATTR_STRIDES, "strides", offsetof(gln_op_attrs, strides)},
      {GLN_ATTR_DILATIONS, "dilations", offsetof(gln_op_attrs, dilations)},
};
enum {
  NUM_INTS = sizeof(ints) / sizeof(*ints),
  NUM_LISTS = sizeof(lists) / sizeof(*lists),
};

static void *field_at(gln_op_attrs *attrs, size_t offset) {
  return (char *)attrs + offset;
}

// Copies a list of integers; a name in it makes the use symbolic.
static eg_status read_list(MlirOperation op, const char *name, int64_t *store,
                           gln_ints *out, bool *is_symbolic, eg_error *error) {
  MlirAttribute list = gln_op_attribute(op, name);
  size_t num = (size_t)mlirArrayAttrGetNumElements(list);
  if (num > GLN_MAX_RANK)
    return gln_fail(error, EG_LIMIT,
                    "attribute '%s' has %zu entries, at most "
                    "%d",
                    name, num, GLN_MAX_RANK);
  for (size_t i = 0; i < num; ++i) {
    MlirAttribute entry = mlirArrayAttrGetElement(list, (intptr_t)i);
    if (mlirAttributeIsAString(entry))
      *is_symbolic = true;
    else
      store[i] = mlirIntegerAttrGetValueInt(entry);
  }
  *out = (gln_ints){store, num};
  return EG_OK;
}

// A float or integer attribute as a scalar of |wanted|, which its type must be.
static eg_status read_scalar(MlirAttribute value, gln_type wanted,
                             gln_scalar *out, eg_error *error) {
  gln_type type;
  gln_text text;
  if (!gln_element_parse(mlirAttributeGetType(value), &type) || type != wanted)
    return gln_fail(error, EG_INVALID,
                    "attribute 'value' must be of type %s as the operand, got "
                    "%s",
                    gln_type_name(wanted), gln_attribute_text(value, text));
  if (gln_type_is_float(type)) {
    // Exact: every f32, bf16 and f16 is a double. NaN payloads are not kept.
    *out = gln_scalar_from_double(type, mlirFloatAttrGetValueDouble(value));
    return EG_OK;
  }
  *out = gln_scalar_from_int(type, mlirIntegerAttrGetValueInt(value));
  return EG_OK;
}

static eg_status read_attributes(MlirOperation op, gln_access_use *use,
                                 eg_error *error) {
  uint32_t wanted = gln_op_get_info(use->op)->attrs;
  size_t used = 0;
  for (int i = 0; i < NUM_INTS; ++i)
    if (wanted & ints[i].bit)
      *(int64_t *)field_at(&use->attrs, ints[i].offset) =
          mlirIntegerAttrGetValueInt(gln_op_attribute(op, ints[i].name));
  for (int i = 0; i < NUM_LISTS; ++i) {
    if (!(wanted & lists[i].bit))
      continue;
    eg_status status = read_list(op, lists[i].name, use->lists[used++],
                                 field_at(&use->attrs, lists[i].offset),
                                 &use->is_symbolic, error);
    if (status)
      return status;
  }
  if (wanted & GLN_ATTR_KIND) {
    MlirStringRef kind = mlirStringAttrGetValue(gln_op_attribute(op, "kind"));
    if (!gln_kind_parse(kind.data, kind.length, &use->attrs.kind))
      return gln_fail(error, EG_INVALID, "no kind is called '%.*s'",
                      (int)kind.length, kind.data);
  }
  if (wanted & GLN_ATTR_BODY)
    use->symbol = mlirFlatSymbolRefAttrGetValue(gln_op_attribute(op, "body"));
  return EG_OK;
}

static bool is_symbolic(MlirType type) {
  return gln_is_pattern(type) && gln_pattern_is_symbolic(type);
}

static eg_status read_shapes(MlirOperation op, gln_access_use *use,
                             eg_error *error) {
  eg_status status = EG_OK;
  for (size_t i = 0; i < use->num_operands && !status; ++i)
    status = gln_pattern_shape(
        mlirValueGetType(mlirOperationGetOperand(op, (intptr_t)i)),
        &use->operands[i], error);
  if (!status)
    status = gln_pattern_shape(mlirValueGetType(mlirOperationGetResult(op, 0)),
                               &use->result, error);
  return status;
}

eg_status gln_access_read(MlirOperation op, gln_access_use *out,
                          eg_error *error) {
  memset(out, 0, sizeof(*out));
  if (!gln_access_is(op, &out->op))
    return gln_fail(error, EG_INVALID, "is no op of the access dialect");
  out->num_operands = (size_t)mlirOperationGetNumOperands(op);
  out->is_symbolic =
      is_symbolic(mlirValueGetType(mlirOperationGetResult(op, 0)));
  for (size_t i = 0; i < out->num_operands; ++i)
    out->is_symbolic |=
        is_symbolic(mlirValueGetType(mlirOperationGetOperand(op, (intptr_t)i)));
  eg_status status = read_attributes(op, out, error);
  if (status || out->is_symbolic)
    return status;
  status = read_shapes(op, out, error);
  if (status)
    return status;
  // The result's type says what no attribute does.
  out->attrs.shape = out->result;
  out->attrs.type = out->result.type;
  if (gln_op_get_info(out->op)->attrs & GLN_ATTR_VALUE)
    return read_scalar(gln_op_attribute(op, "value"), out->operands[0].type,
                       &out->attrs.value, error);
  return EG_OK;
}

//===-- Verifying ---------------------------------------------------------===//

// The algebra starts its messages with the op's name, which MLIR has said.
static void drop_prefix(gln_op op, eg_error *error) {
  const char *name = gln_op_get_info(op)->name;
  size_t length = strlen(name);
  if (error && strncmp(error->text, name, length) == 0 &&
      strncmp(error->text + length, ": ", 2) == 0)
    memmove(error->text, error->text + length + 2,
            strlen(error->text + length + 2) + 1);
}

// A call's body is not seen here: its result has the operands' dimensions.
static eg_status infer_call(const gln_access_use *use, gln_shape *out,
                            eg_error *error) {
  char a[100], b[100];
  *out = use->operands[0];
  out->type = use->attrs.type;
  for (size_t i = 1; i < use->num_operands; ++i) {
    if (gln_shape_same_dims(&use->operands[0], &use->operands[i]))
      continue;
    gln_shape_print(&use->operands[i], a, sizeof(a));
    gln_shape_print(&use->operands[0], b, sizeof(b));
    return gln_fail(error, EG_INVALID,
                    "call: operand %zu of %s differs from operand 0 of %s in "
                    "dimensions",
                    i, a, b);
  }
  return EG_OK;
}

static eg_status infer(const gln_access_use *use, gln_shape *out,
                       eg_error *error) {
  if (use->op == GLN_OP_CALL)
    return infer_call(use, out, error);
  return gln_shape_infer(use->op, &use->attrs, use->operands, use->num_operands,
                         out, error);
}

eg_status gln_access_verify(const gln_op_def *def, MlirOperation op,
                            eg_error *error) {
  (void)def;
  gln_access_use use;
  gln_shape inferred;
  eg_status status = gln_access_read(op, &use, error);
  if (status || use.is_symbolic)
    return status;
  status = infer(&use, &inferred, error);
  if (status)
    drop_prefix(use.op, error);
  if (status || gln_shape_equal(&inferred, &use.result))
    return status;
  char a[100], b[100];
  gln_shape_print(&inferred, a, sizeof(a));
  gln_shape_print(&use.result, b, sizeof(b));
  return gln_fail(error, EG_INVALID,
                  "result type %s does not match the inferred %s", b, a);
}

eg_status gln_access_verify_body(const gln_op_def *def, MlirOperation op,
                                 MlirOperation target, eg_error *error) {
  (void)def;
  gln_text a, b;
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(target, gln_string("function_type"));
  MlirType type =
      mlirAttributeIsNull(attribute) || !mlirAttributeIsAType(attribute)
          ? mlirTypeParseGet(mlirOperationGetContext(op), gln_string("none"))
          : mlirTypeAttrGetValue(attribute);
  if (!mlirTypeIsAFunction(type))
    return gln_fail(error, EG_INVALID, "body is no function");
  long num = (long)mlirOperationGetNumOperands(op);
  if (mlirFunctionTypeGetNumInputs(type) != num ||
      mlirFunctionTypeGetNumResults(type) != 1)
    return gln_fail(error, EG_INVALID,
                    "body of type '%s' must take %ld arguments and give one "
                    "result",
                    gln_type_text(type, a), num);
  for (long i = 0; i <= num; ++i) {
    MlirType wanted = gln_pattern_element(
        mlirValueGetType(i < num ? mlirOperationGetOperand(op, i)
                                 : mlirOperationGetResult(op, 0)));
    MlirType found = i < num ? mlirFunctionTypeGetInput(type, i)
                             : mlirFunctionTypeGetResult(type, 0);
    if (!mlirTypeEqual(wanted, found))
      return gln_fail(error, EG_INVALID,
                      "%s #%ld has element type '%s', but the body has '%s'",
                      i < num ? "operand" : "result", i < num ? i : 0,
                      gln_type_text(wanted, a), gln_type_text(found, b));
  }
  return EG_OK;
}

//===-- Building ----------------------------------------------------------===//

typedef struct {
  MlirContext context;
  MlirNamedAttribute entries[12];
  intptr_t num;
} attribute_list;

static void push(attribute_list *list, const char *name, MlirAttribute value) {
  MlirIdentifier key = mlirIdentifierGet(list->context, gln_string(name));
  list->entries[list->num++] = mlirNamedAttributeGet(key, value);
}

static MlirAttribute scalar_attribute(MlirContext context, gln_scalar value) {
  MlirType type = gln_element_get(context, value.type);
  if (gln_type_is_float(value.type))
    return mlirFloatAttrDoubleGet(context, type, gln_scalar_to_double(value));
  return mlirIntegerAttrGet(type, gln_scalar_to_int(value));
}

static void push_attributes(const gln_access_use *use, const char *symbol,
                            attribute_list *list) {
  uint32_t wanted = gln_op_get_info(use->op)->attrs;
  const char *attrs = (const char *)&use->attrs;
  MlirType i64 = mlirIntegerTypeGet(list->context, 64);
  for (int i = 0; i < NUM_INTS; ++i)
    if (wanted & ints[i].bit)
      push(list, ints[i].name,
           mlirIntegerAttrGet(i64, *(const int64_t *)(attrs + ints[i].offset)));
  for (int i = 0; i < NUM_LISTS; ++i)
    if (wanted & lists[i].bit) {
      const gln_ints *values = (const gln_ints *)(attrs + lists[i].offset);
      push(list, lists[i].name,
           gln_ints_attribute(list->context, values->data, values->num));
    }
  if (wanted & GLN_ATTR_VALUE)
    push(list, "value", scalar_attribute(list->context, use->attrs.value));
  if (wanted & GLN_ATTR_KIND)
    push(list, "kind",
         mlirStringAttrGet(list->context,
                           gln_string(gln_kind_name(use->attrs.kind))));
  if (wanted & GLN_ATTR_BODY)
    push(list, "body",
         mlirFlatSymbolRefAttrGet(list->context, gln_string(symbol)));
}

MlirOperation gln_access_build(MlirContext context, MlirLocation location,
                               gln_op op, const gln_op_attrs *attrs,
                               const MlirValue *operands, size_t num_operands,
                               const char *symbol, eg_error *error) {
  MlirOperation none = {NULL};
  gln_access_use use = {
      .op = op, .attrs = *attrs, .num_operands = num_operands};
  const gln_op_info *info = gln_op_get_info(op);
  if (num_operands < info->min_operands || num_operands > info->max_operands) {
    (void)gln_fail(error, EG_INVALID, "%s: %zu operands", info->name,
                   num_operands);
    return none;
  }
  for (size_t i = 0; i < num_operands; ++i)
    if (gln_pattern_shape(mlirValueGetType(operands[i]), &use.operands[i],
                          error))
      return none;
  gln_shape shape;
  if (infer(&use, &shape, error))
    return none;
  MlirType type = op == GLN_OP_TENSOR ? gln_tensor_get(context, &shape)
                                      : gln_pattern_get(context, &shape, error);
  if (mlirTypeIsNull(type))
    return none;
  attribute_list list = {.context = context};
  push_attributes(&use, symbol, &list);
  const gln_op_def *def = gln_access_def(op);
  if (gln_op_has_segments(def))
    push(&list, "operandSegmentSizes",
         gln_op_segments(def, context, num_operands));
  char name[40];
  snprintf(name, sizeof(name), "access.%s", info->name);
  MlirOperationState state = mlirOperationStateGet(gln_string(name), location);
  mlirOperationStateAddOperands(&state, (intptr_t)num_operands, operands);
  mlirOperationStateAddResults(&state, 1, &type);
  mlirOperationStateAddAttributes(&state, list.num, list.entries);
  return mlirOperationCreate(&state);
}

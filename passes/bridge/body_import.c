// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Regions of scalar ops as scalar bodies.
#include "bridge/body.h"

#include "mlir-c/AffineExpr.h"
#include "mlir-c/AffineMap.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  gln_body_import *out;
  MlirBlock block;
  eg_error *error;
  // Values of the block that have a register.
  MlirValue *values;
  uint16_t *registers;
  size_t num, capacity;
} importer;

static eg_status fail_type(importer *in, MlirValue value) {
  gln_text text;
  return gln_fail(in->error, EG_INVALID, "element type '%s' is not supported",
                  gln_type_text(mlirValueGetType(value), text));
}

static eg_status fail_op(importer *in, MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  return gln_fail(in->error, EG_INVALID,
                  "'%.*s' in its body is no pure scalar function",
                  (int)name.length, name.data);
}

static eg_status remember(importer *in, MlirValue value, uint16_t reg) {
  if (in->num == in->capacity) {
    size_t wanted = in->capacity ? 2 * in->capacity : 32;
    MlirValue *values = realloc(in->values, wanted * sizeof(*values));
    if (values)
      in->values = values;
    uint16_t *registers = realloc(in->registers, wanted * sizeof(*registers));
    if (registers)
      in->registers = registers;
    if (!values || !registers)
      return gln_fail(in->error, EG_NO_MEMORY, "out of memory");
    in->capacity = wanted;
  }
  in->values[in->num] = value;
  in->registers[in->num++] = reg;
  return EG_OK;
}

bool gln_body_constant(MlirValue value, gln_scalar *out) {
  gln_type type;
  if (!mlirValueIsAOpResult(value) ||
      !gln_element_parse(mlirValueGetType(value), &type))
    return false;
  MlirOperation owner = mlirOpResultGetOwner(value);
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(owner));
  if (!mlirStringRefEqual(name, gln_string("arith.constant")))
    return false;
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(owner, gln_string("value"));
  if (gln_type_is_float(type)) {
    if (!mlirAttributeIsAFloat(attribute))
      return false;
    *out = gln_scalar_from_double(type, mlirFloatAttrGetValueDouble(attribute));
    return true;
  }
  if (!mlirAttributeIsAInteger(attribute))
    return false;
  *out = gln_scalar_from_int(type, mlirIntegerAttrGetValueInt(attribute));
  return true;
}

// Arguments must all exist before the first instruction: constants, indices and
// captured scalars are gathered in a first walk over the block.
static eg_status add_arg(importer *in, gln_type *types, size_t *num,
                         gln_body_arg arg, MlirValue value) {
  if (*num == GLN_BODY_MAX_ARGS)
    return gln_fail(in->error, EG_LIMIT, "body has more than %d arguments",
                    GLN_BODY_MAX_ARGS);
  if (!gln_element_parse(mlirValueGetType(value), &types[*num]))
    return fail_type(in, value);
  in->out->args[*num] = arg;
  ++*num;
  return remember(in, value, (uint16_t)(*num - 1));
}

static bool find(const importer *in, MlirValue value, uint16_t *out) {
  for (size_t i = in->num; i-- > 0;)
    if (mlirValueEqual(in->values[i], value)) {
      *out = in->registers[i];
      return true;
    }
  return false;
}

static bool defined_in(MlirBlock block, MlirValue value) {
  return mlirValueIsAOpResult(value)
             ? mlirBlockEqual(
                   mlirOperationGetBlock(mlirOpResultGetOwner(value)), block)
             : mlirBlockEqual(mlirBlockArgumentGetOwner(value), block);
}

static bool is_index_op(MlirOperation op) {
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            gln_string("linalg.index"));
}

static eg_status add_captures(importer *in, MlirOperation op, gln_type *types,
                              size_t *num) {
  eg_status status = EG_OK;
  gln_type type;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i)
    if (!gln_element_parse(mlirValueGetType(mlirOperationGetOperand(op, i)),
                           &type) &&
        mlirTypeIsAShaped(mlirValueGetType(mlirOperationGetOperand(op, i))))
      return fail_op(in, op);
  for (intptr_t i = 0; !status && i < mlirOperationGetNumOperands(op); ++i) {
    uint16_t reg;
    gln_scalar constant;
    MlirValue value = mlirOperationGetOperand(op, i);
    if (defined_in(in->block, value) || find(in, value, &reg) ||
        gln_body_constant(value, &constant))
      continue;
    gln_body_arg arg = {.kind = GLN_BODY_ARG_CAPTURED, .value = value};
    status = add_arg(in, types, num, arg, value);
  }
  return status;
}

static eg_status add_args(importer *in) {
  gln_type types[GLN_BODY_MAX_ARGS];
  size_t num = 0;
  eg_status status = EG_OK;
  for (intptr_t i = 0; !status && i < mlirBlockGetNumArguments(in->block);
       ++i) {
    gln_body_arg arg = {.kind = GLN_BODY_ARG_BLOCK, .number = (size_t)i};
    status = add_arg(in, types, &num, arg, mlirBlockGetArgument(in->block, i));
  }
  for (MlirOperation op = mlirBlockGetFirstOperation(in->block);
       !status && !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!is_index_op(op)) {
      status = add_captures(in, op, types, &num);
      continue;
    }
    MlirAttribute dim = mlirOperationGetAttributeByName(op, gln_string("dim"));
    gln_body_arg arg = {.kind = GLN_BODY_ARG_INDEX,
                        .number = (size_t)mlirIntegerAttrGetValueInt(dim)};
    // Two linalg.index of one dimension are one argument.
    uint16_t known = UINT16_MAX;
    for (size_t i = 0; i < num; ++i)
      if (in->out->args[i].kind == GLN_BODY_ARG_INDEX &&
          in->out->args[i].number == arg.number)
        known = (uint16_t)i;
    MlirValue result = mlirOperationGetResult(op, 0);
    status = known == UINT16_MAX ? add_arg(in, types, &num, arg, result)
                                 : remember(in, result, known);
  }
  if (status)
    return status;
  return gln_scalar_body_init(&in->out->body, types, num,
                              eg_allocator_default(), in->error);
}

// The register of an operand.
static eg_status read_operand(importer *in, MlirValue value, uint16_t *out) {
  gln_scalar constant;
  if (find(in, value, out))
    return EG_OK;
  if (!gln_body_constant(value, &constant))
    return fail_type(in, value);
  return gln_scalar_body_const(&in->out->body, constant, out, in->error);
}

static int64_t predicate_of(MlirOperation op) {
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(op, gln_string("predicate"));
  return mlirAttributeIsNull(attribute) || !mlirAttributeIsAInteger(attribute)
             ? 0
             : mlirIntegerAttrGetValueInt(attribute);
}

// A rounding mode other than to nearest is no function of the table.
static bool rounds_otherwise(MlirOperation op) {
  return !mlirAttributeIsNull(
      mlirOperationGetAttributeByName(op, gln_string("roundingmode")));
}

// One instruction on registers.
static eg_status put(importer *in, gln_scalar_op op, gln_type type, uint16_t a,
                     uint16_t b, uint16_t c, uint16_t *out) {
  return gln_scalar_body_op(&in->out->body, op, type, (uint16_t[]){a, b, c},
                            gln_scalar_op_info(op)->arity, out, in->error);
}

static eg_status put_int(importer *in, gln_type type, int64_t value,
                         uint16_t *out) {
  return gln_scalar_body_const(&in->out->body, gln_scalar_from_int(type, value),
                               out, in->error);
}

#define GLN_TRY(call)                                                          \
  do {                                                                         \
    eg_status try_status = (call);                                             \
    if (try_status)                                                            \
      return try_status;                                                       \
  } while (0)

// tosa.apply_scale v, m, s = (v * m + 2^(s - 1)) >> s in 64 bits, cut to 32;
// with double rounding and s > 31, plus 2^30 with the sign of v before.
static eg_status read_apply_scale(importer *in, MlirOperation op) {
  const gln_type i64 = GLN_TYPE_I64;
  uint16_t v, m, s, t, one, zero, wide, sum;
  gln_text mode;
  gln_attribute_text(
      mlirOperationGetAttributeByName(op, gln_string("rounding_mode")), mode);
  bool twice = strstr(mode, "DOUBLE_ROUND") != NULL;
  if (!twice && !strstr(mode, "SINGLE_ROUND"))
    return fail_op(in, op);
  GLN_TRY(read_operand(in, mlirOperationGetOperand(op, 0), &v));
  GLN_TRY(read_operand(in, mlirOperationGetOperand(op, 1), &m));
  GLN_TRY(read_operand(in, mlirOperationGetOperand(op, 2), &s));
  GLN_TRY(put(in, GLN_SCALAR_CAST, i64, v, 0, 0, &wide));
  GLN_TRY(put(in, GLN_SCALAR_CAST, i64, m, 0, 0, &m));
  GLN_TRY(put(in, GLN_SCALAR_CASTU, i64, s, 0, 0, &s));
  GLN_TRY(put(in, GLN_SCALAR_MUL, i64, wide, m, 0, &sum));
  GLN_TRY(put_int(in, i64, 1, &one));
  GLN_TRY(put(in, GLN_SCALAR_SHL, i64, one, s, 0, &t));
  GLN_TRY(put(in, GLN_SCALAR_SHRU, i64, t, one, 0, &t));
  GLN_TRY(put(in, GLN_SCALAR_ADD, i64, sum, t, 0, &sum));
  if (twice) {
    uint16_t up, down, test, more;
    GLN_TRY(put_int(in, i64, INT64_C(1) << 30, &up));
    GLN_TRY(put_int(in, i64, -(INT64_C(1) << 30), &down));
    GLN_TRY(put_int(in, i64, 0, &zero));
    GLN_TRY(put(in, GLN_SCALAR_CMPI_SGE, GLN_TYPE_I1, wide, zero, 0, &test));
    GLN_TRY(put(in, GLN_SCALAR_SELECT, i64, test, up, down, &more));
    GLN_TRY(put(in, GLN_SCALAR_ADD, i64, more, sum, 0, &more));
    GLN_TRY(put_int(in, i64, 31, &t));
    GLN_TRY(put(in, GLN_SCALAR_CMPI_SGT, GLN_TYPE_I1, s, t, 0, &test));
    GLN_TRY(put(in, GLN_SCALAR_SELECT, i64, test, more, sum, &sum));
  }
  GLN_TRY(put(in, GLN_SCALAR_SHR, i64, sum, s, 0, &sum));
  GLN_TRY(put(in, GLN_SCALAR_CAST, GLN_TYPE_I32, sum, 0, 0, &sum));
  return remember(in, mlirOperationGetResult(op, 0), sum);
}

// An affine expression of indices; |args| are the op's dimensions and symbols.
static eg_status read_affine(importer *in, MlirAffineExpr expr,
                             const uint16_t *args, size_t num_dims,
                             uint16_t *out) {
  const gln_type index = GLN_TYPE_INDEX;
  uint16_t a, b, quotient;
  if (mlirAffineExprIsAConstant(expr))
    return put_int(in, index, mlirAffineConstantExprGetValue(expr), out);
  if (mlirAffineExprIsADim(expr) || mlirAffineExprIsASymbol(expr)) {
    *out = mlirAffineExprIsADim(expr)
               ? args[mlirAffineDimExprGetPosition(expr)]
               : args[num_dims + (size_t)mlirAffineSymbolExprGetPosition(expr)];
    return EG_OK;
  }
  GLN_TRY(
      read_affine(in, mlirAffineBinaryOpExprGetLHS(expr), args, num_dims, &a));
  GLN_TRY(
      read_affine(in, mlirAffineBinaryOpExprGetRHS(expr), args, num_dims, &b));
  if (mlirAffineExprIsAAdd(expr))
    return put(in, GLN_SCALAR_ADD, index, a, b, 0, out);
  if (mlirAffineExprIsAMul(expr))
    return put(in, GLN_SCALAR_MUL, index, a, b, 0, out);
  if (mlirAffineExprIsACeilDiv(expr))
    return put(in, GLN_SCALAR_CEILDIV, index, a, b, 0, out);
  GLN_TRY(put(in, GLN_SCALAR_FLOORDIV, index, a, b, 0, &quotient));
  if (mlirAffineExprIsAFloorDiv(expr)) {
    *out = quotient;
    return EG_OK;
  }
  GLN_TRY(put(in, GLN_SCALAR_MUL, index, quotient, b, 0, &b));
  return put(in, GLN_SCALAR_SUB, index, a, b, 0, out);
}

static eg_status read_apply(importer *in, MlirOperation op) {
  MlirAffineMap map = mlirAffineMapAttrGetValue(
      mlirOperationGetAttributeByName(op, gln_string("map")));
  uint16_t args[GLN_BODY_MAX_ARGS], reg;
  intptr_t num = mlirOperationGetNumOperands(op);
  if (num > GLN_BODY_MAX_ARGS)
    return fail_op(in, op);
  for (intptr_t i = 0; i < num; ++i)
    GLN_TRY(read_operand(in, mlirOperationGetOperand(op, i), &args[i]));
  GLN_TRY(read_affine(in, mlirAffineMapGetResult(map, 0), args,
                      (size_t)mlirAffineMapGetNumDims(map), &reg));
  return remember(in, mlirOperationGetResult(op, 0), reg);
}

static eg_status read_op(importer *in, MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  uint16_t args[GLN_SCALAR_MAX_ARITY];
  intptr_t num = mlirOperationGetNumOperands(op);
  char text[64];
  gln_scalar constant;
  if (is_index_op(op))
    return EG_OK;
  if (mlirStringRefEqual(name, gln_string("arith.constant")) &&
      gln_body_constant(mlirOperationGetResult(op, 0), &constant))
    return EG_OK; // read where it is used
  if (mlirStringRefEqual(name, gln_string("tosa.apply_scale")))
    return read_apply_scale(in, op);
  if (mlirStringRefEqual(name, gln_string("affine.apply")))
    return read_apply(in, op);
  if (num < 1 || num > GLN_SCALAR_MAX_ARITY || rounds_otherwise(op) ||
      name.length >= sizeof(text) || mlirOperationGetNumRegions(op))
    return fail_op(in, op);
  memcpy(text, name.data, name.length);
  text[name.length] = '\0';
  for (intptr_t i = 0; i < num; ++i) {
    eg_status status =
        read_operand(in, mlirOperationGetOperand(op, i), &args[i]);
    if (status)
      return status;
  }
  intptr_t num_results = mlirOperationGetNumResults(op);
  for (intptr_t r = 0; r < num_results; ++r) {
    MlirValue result = mlirOperationGetResult(op, r);
    gln_scalar_op function;
    gln_type type;
    uint16_t reg;
    if (!gln_scalar_op_from_mlir(text, (unsigned)r, predicate_of(op),
                                 &function))
      return fail_op(in, op);
    if (!gln_element_parse(mlirValueGetType(result), &type))
      return fail_type(in, result);
    eg_status status = gln_scalar_body_op(&in->out->body, function, type, args,
                                          (size_t)num, &reg, in->error);
    if (!status)
      status = remember(in, result, reg);
    if (status)
      return status;
  }
  return num_results ? EG_OK : fail_op(in, op);
}

static eg_status read_block(importer *in) {
  MlirOperation op = mlirBlockGetFirstOperation(in->block);
  for (;;) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    if (mlirOperationIsNull(next))
      break;
    eg_status status = read_op(in, op);
    if (status)
      return status;
    op = next;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    uint16_t reg;
    eg_status status = read_operand(in, mlirOperationGetOperand(op, i), &reg);
    if (!status)
      status = gln_scalar_body_result(&in->out->body, reg, in->error);
    if (status)
      return status;
  }
  return EG_OK;
}

eg_status gln_body_import_block(MlirBlock block, gln_body_import *out,
                                eg_error *error) {
  importer in = {.out = out, .block = block, .error = error};
  memset(out, 0, sizeof(*out));
  if (mlirOperationIsNull(mlirBlockGetFirstOperation(block)))
    return gln_fail(error, EG_INVALID, "its body is empty");
  eg_status status = add_args(&in);
  if (!status)
    status = read_block(&in);
  if (!status)
    status = gln_body_simplify(&out->body, NULL, error);
  if (status)
    gln_scalar_body_fini(&out->body);
  free(in.values);
  free(in.registers);
  return status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar functions as arith and math ops.
#include "bridge/body.h"

#include <stdlib.h>
#include <string.h>

// X(function, op on floats, op on integers): one op, same operands. NULL: none.
#define EMIT_TABLE(X)                                                          \
  X(ADD, "arith.addf", "arith.addi")                                           \
  X(SUB, "arith.subf", "arith.subi")                                           \
  X(MUL, "arith.mulf", "arith.muli")                                           \
  X(DIV, "arith.divf", "arith.divsi")                                          \
  X(DIVU, NULL, "arith.divui")                                                 \
  X(CEILDIV, NULL, "arith.ceildivsi")                                          \
  X(CEILDIVU, NULL, "arith.ceildivui")                                         \
  X(FLOORDIV, NULL, "arith.floordivsi")                                        \
  X(REM, "arith.remf", "arith.remsi")                                          \
  X(REMU, NULL, "arith.remui")                                                 \
  X(MAX, "arith.maximumf", "arith.maxsi")                                      \
  X(MIN, "arith.minimumf", "arith.minsi")                                      \
  X(MAXU, NULL, "arith.maxui")                                                 \
  X(MINU, NULL, "arith.minui")                                                 \
  X(MAXNUM, "arith.maxnumf", NULL)                                             \
  X(MINNUM, "arith.minnumf", NULL)                                             \
  X(AND, NULL, "arith.andi")                                                   \
  X(OR, NULL, "arith.ori")                                                     \
  X(XOR, NULL, "arith.xori")                                                   \
  X(SHL, NULL, "arith.shli")                                                   \
  X(SHR, NULL, "arith.shrsi")                                                  \
  X(SHRU, NULL, "arith.shrui")                                                 \
  X(POW, "math.powf", NULL)                                                    \
  X(POWI, "math.fpowi", NULL)                                                  \
  X(IPOW, NULL, "math.ipowi")                                                  \
  X(ATAN2, "math.atan2", NULL)                                                 \
  X(COPYSIGN, "math.copysign", NULL)                                           \
  X(NEG, "arith.negf", NULL)                                                   \
  X(ABS, "math.absf", "math.absi")                                             \
  X(EXP, "math.exp", NULL)                                                     \
  X(EXP2, "math.exp2", NULL)                                                   \
  X(EXPM1, "math.expm1", NULL)                                                 \
  X(LOG, "math.log", NULL)                                                     \
  X(LOG2, "math.log2", NULL)                                                   \
  X(LOG10, "math.log10", NULL)                                                 \
  X(LOG1P, "math.log1p", NULL)                                                 \
  X(TANH, "math.tanh", NULL)                                                   \
  X(ERF, "math.erf", NULL)                                                     \
  X(ERFC, "math.erfc", NULL)                                                   \
  X(SQRT, "math.sqrt", NULL)                                                   \
  X(RSQRT, "math.rsqrt", NULL)                                                 \
  X(CBRT, "math.cbrt", NULL)                                                   \
  X(SIN, "math.sin", NULL)                                                     \
  X(COS, "math.cos", NULL)                                                     \
  X(TAN, "math.tan", NULL)                                                     \
  X(ASIN, "math.asin", NULL)                                                   \
  X(ACOS, "math.acos", NULL)                                                   \
  X(ATAN, "math.atan", NULL)                                                   \
  X(SINH, "math.sinh", NULL)                                                   \
  X(COSH, "math.cosh", NULL)                                                   \
  X(ASINH, "math.asinh", NULL)                                                 \
  X(ACOSH, "math.acosh", NULL)                                                 \
  X(ATANH, "math.atanh", NULL)                                                 \
  X(FLOOR, "math.floor", NULL)                                                 \
  X(CEIL, "math.ceil", NULL)                                                   \
  X(ROUND, "math.round", NULL)                                                 \
  X(ROUNDEVEN, "math.roundeven", NULL)                                         \
  X(TRUNC, "math.trunc", NULL)                                                 \
  X(CTLZ, NULL, "math.ctlz")                                                   \
  X(CTTZ, NULL, "math.cttz")                                                   \
  X(CTPOP, NULL, "math.ctpop")                                                 \
  X(ISNAN, "math.isnan", NULL)                                                 \
  X(ISINF, "math.isinf", NULL)                                                 \
  X(ISFINITE, "math.isfinite", NULL)                                           \
  X(ISNORMAL, "math.isnormal", NULL)                                           \
  X(BITCAST, "arith.bitcast", "arith.bitcast")                                 \
  X(FMA, "math.fma", NULL)                                                     \
  X(SELECT, "arith.select", "arith.select")

static const char *const float_ops[GLN_NUM_SCALAR_OPS] = {
#define GLN_X(id, on_float, on_int) [GLN_SCALAR_##id] = on_float,
    EMIT_TABLE(GLN_X)
#undef GLN_X
};
static const char *const int_ops[GLN_NUM_SCALAR_OPS] = {
#define GLN_X(id, on_float, on_int) [GLN_SCALAR_##id] = on_int,
    EMIT_TABLE(GLN_X)
#undef GLN_X
};

typedef struct {
  MlirBlock block;
  MlirLocation location;
  MlirContext context;
} emitter;

static MlirOperation emit_results(const emitter *e, const char *name,
                                  const MlirValue *operands, size_t num,
                                  const MlirType *types, size_t num_types,
                                  const MlirNamedAttribute *attribute) {
  MlirOperationState state =
      mlirOperationStateGet(gln_string(name), e->location);
  mlirOperationStateAddOperands(&state, (intptr_t)num, operands);
  mlirOperationStateAddResults(&state, (intptr_t)num_types, types);
  if (attribute)
    mlirOperationStateAddAttributes(&state, 1, attribute);
  MlirOperation op = mlirOperationCreate(&state);
  mlirBlockAppendOwnedOperation(e->block, op);
  return op;
}

static MlirValue emit(const emitter *e, const char *name,
                      const MlirValue *operands, size_t num, MlirType type,
                      const MlirNamedAttribute *attribute) {
  return mlirOperationGetResult(
      emit_results(e, name, operands, num, &type, 1, attribute), 0);
}

MlirValue gln_scalar_emit_op(MlirBlock block, MlirLocation location,
                             const char *name, const MlirValue *operands,
                             size_t num_operands, MlirType type,
                             const MlirNamedAttribute *attribute) {
  emitter e = {block, location, mlirLocationGetContext(location)};
  return emit(&e, name, operands, num_operands, type, attribute);
}

static MlirNamedAttribute named(const emitter *e, const char *name,
                                MlirAttribute value) {
  return mlirNamedAttributeGet(mlirIdentifierGet(e->context, gln_string(name)),
                               value);
}

static MlirValue emit_constant(const emitter *e, gln_scalar value) {
  MlirType type = gln_element_get(e->context, value.type);
  MlirAttribute attribute =
      gln_type_is_float(value.type)
          ? mlirFloatAttrDoubleGet(e->context, type,
                                   gln_scalar_to_double(value))
          : mlirIntegerAttrGet(type, gln_scalar_to_int(value));
  MlirNamedAttribute entry = named(e, "value", attribute);
  return emit(e, "arith.constant", NULL, 0, type, &entry);
}

MlirValue gln_scalar_emit_constant(MlirBlock block, MlirLocation location,
                                   gln_scalar value) {
  emitter e = {block, location, mlirLocationGetContext(location)};
  return emit_constant(&e, value);
}

static const char *cast_name(gln_type from, gln_type to, bool is_unsigned) {
  bool wider = gln_type_bits(to) > gln_type_bits(from);
  if (gln_type_is_float(from) && gln_type_is_float(to))
    return wider ? "arith.extf" : "arith.truncf";
  if (gln_type_is_float(from))
    return is_unsigned ? "arith.fptoui" : "arith.fptosi";
  if (gln_type_is_float(to))
    return is_unsigned ? "arith.uitofp" : "arith.sitofp";
  if (from == GLN_TYPE_INDEX || to == GLN_TYPE_INDEX)
    return is_unsigned ? "arith.index_castui" : "arith.index_cast";
  if (!wider)
    return "arith.trunci";
  return is_unsigned ? "arith.extui" : "arith.extsi";
}

// Casts that arith does in one op; two types of one width (bf16, f16) and index
// to float go over f32 or i64, which is exact.
static MlirValue emit_cast(const emitter *e, MlirValue value, gln_type from,
                           gln_type to, bool is_unsigned) {
  if (from == to)
    return value;
  bool floats = gln_type_is_float(from) && gln_type_is_float(to);
  gln_type via = floats && gln_type_bits(from) == gln_type_bits(to)
                     ? GLN_TYPE_F32
                     : GLN_TYPE_I64;
  bool detour = (floats && via == GLN_TYPE_F32) ||
                (from == GLN_TYPE_INDEX && gln_type_is_float(to)) ||
                (to == GLN_TYPE_INDEX && gln_type_is_float(from));
  if (detour) {
    value = emit_cast(e, value, from, via, is_unsigned);
    from = via;
  }
  return emit(e, cast_name(from, to, is_unsigned), &value, 1,
              gln_element_get(e->context, to), NULL);
}

static MlirValue emit_compare(const emitter *e, const char *name, int predicate,
                              const MlirValue *args) {
  MlirNamedAttribute entry =
      named(e, "predicate",
            mlirIntegerAttrGet(mlirIntegerTypeGet(e->context, 64), predicate));
  return emit(e, name, args, 2, mlirIntegerTypeGet(e->context, 1), &entry);
}

static MlirValue emit_extended(const emitter *e, const char *name,
                               const MlirValue *args, MlirType low,
                               MlirType high) {
  MlirType types[2] = {low, high};
  return mlirOperationGetResult(emit_results(e, name, args, 2, types, 2, NULL),
                                1);
}

// Functions that are several ops.
static MlirValue emit_composite(const emitter *e, gln_scalar_op op,
                                gln_type type, const gln_type *types,
                                const MlirValue *args) {
  MlirValue none = {NULL};
  gln_type in = types[0];
  MlirType result = gln_element_get(e->context, type);
  bool is_float = gln_type_is_float(in);
  const char *max = is_float ? "arith.maximumf" : "arith.maxsi";
  const char *min = is_float ? "arith.minimumf" : "arith.minsi";
  switch (op) {
  case GLN_SCALAR_NEG: // integers: 0 - x
    return emit(
        e, "arith.subi",
        (MlirValue[]){emit_constant(e, gln_scalar_from_int(type, 0)), args[0]},
        2, result, NULL);
  case GLN_SCALAR_NOT:
    return emit(
        e, "arith.xori",
        (MlirValue[]){args[0], emit_constant(e, gln_scalar_from_int(type, -1))},
        2, result, NULL);
  case GLN_SCALAR_RELU:
    return emit(
        e, max,
        (MlirValue[]){args[0], emit_constant(e, gln_scalar_from_int(type, 0))},
        2, result, NULL);
  case GLN_SCALAR_SIGMOID: {
    MlirValue one = emit_constant(e, gln_scalar_from_double(type, 1));
    MlirValue v = emit(e, "arith.negf", args, 1, result, NULL);
    v = emit(e, "math.exp", &v, 1, result, NULL);
    v = emit(e, "arith.addf", (MlirValue[]){v, one}, 2, result, NULL);
    return emit(e, "arith.divf", (MlirValue[]){one, v}, 2, result, NULL);
  }
  case GLN_SCALAR_CLAMPU:
    max = "arith.maxui";
    min = "arith.minui";
    // fall through
  case GLN_SCALAR_CLAMP: {
    MlirValue v = emit(e, max, args, 2, result, NULL);
    return emit(e, min, (MlirValue[]){v, args[2]}, 2, result, NULL);
  }
  case GLN_SCALAR_CAST:
  case GLN_SCALAR_CASTU:
    return emit_cast(e, args[0], in, type, op == GLN_SCALAR_CASTU);
  case GLN_SCALAR_MULH:
    return emit_extended(e, "arith.mulsi_extended", args, result, result);
  case GLN_SCALAR_MULHU:
    return emit_extended(e, "arith.mului_extended", args, result, result);
  case GLN_SCALAR_ADDCARRY:
    return emit_extended(e, "arith.addui_extended", args,
                         gln_element_get(e->context, in), result);
  default:
    return none;
  }
}

MlirValue gln_scalar_emit(MlirBlock block, MlirLocation location,
                          gln_scalar_op op, gln_type type,
                          const gln_type *arg_types, const MlirValue *args) {
  emitter e = {block, location, mlirLocationGetContext(location)};
  if (op >= GLN_SCALAR_CMPI_EQ && op <= GLN_SCALAR_CMPI_UGE)
    return emit_compare(&e, "arith.cmpi", (int)op - GLN_SCALAR_CMPI_EQ, args);
  if (op >= GLN_SCALAR_CMPF_FALSE && op <= GLN_SCALAR_CMPF_TRUE)
    return emit_compare(&e, "arith.cmpf", (int)op - GLN_SCALAR_CMPF_FALSE,
                        args);
  const char *name =
      gln_type_is_float(arg_types[0]) ? float_ops[op] : int_ops[op];
  if (name)
    return emit(&e, name, args, gln_scalar_op_info(op)->arity,
                gln_element_get(e.context, type), NULL);
  return emit_composite(&e, op, type, arg_types, args);
}

bool gln_body_emit(const gln_scalar_body *body, MlirBlock block,
                   MlirLocation location, const MlirValue *args,
                   MlirValue *out_results) {
  size_t num = (size_t)body->num_args + body->num_insts;
  MlirValue *values = malloc((num + 1) * sizeof(*values));
  if (!values)
    return false;
  bool ok = true;
  memcpy(values, args, body->num_args * sizeof(*values));
  for (uint16_t i = 0; ok && i < body->num_insts; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    gln_type type = (gln_type)inst->type;
    MlirValue operands[GLN_SCALAR_MAX_ARITY], *out;
    gln_type types[GLN_SCALAR_MAX_ARITY];
    out = &values[body->num_args + i];
    if (inst->op == GLN_SCALAR_CONST) {
      *out = gln_scalar_emit_constant(block, location,
                                      (gln_scalar){type, inst->bits});
      continue;
    }
    ok = inst->op < GLN_NUM_SCALAR_OPS;
    for (int a = 0; ok && a < GLN_SCALAR_MAX_ARITY; ++a) {
      operands[a] = values[inst->args[a]];
      types[a] = gln_scalar_body_type(body, inst->args[a]);
    }
    if (ok)
      *out = gln_scalar_emit(block, location, (gln_scalar_op)inst->op, type,
                             types, operands);
    ok = ok && !mlirValueIsNull(*out);
  }
  for (uint16_t r = 0; ok && r < body->num_results; ++r)
    out_results[r] = values[body->results[r]];
  free(values);
  return ok;
}

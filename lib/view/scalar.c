// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of scalar functions: names, types, and the MLIR ops they stand for.
#include "view/scalar.h"

#include <string.h>

static const gln_scalar_info infos[GLN_NUM_SCALAR_OPS] = {
#define GLN_X(id, name, arity, kind, rule, doc)                                \
  {name, arity, GLN_SCALAR_CLASS_##kind, GLN_SCALAR_RULE_##rule, doc},
    GLN_SCALAR_TABLE(GLN_X)
#undef GLN_X
};

const gln_scalar_info *gln_scalar_op_info(gln_scalar_op op) {
  return &infos[op];
}

bool gln_scalar_op_parse(const char *name, size_t length, gln_scalar_op *out) {
  for (int op = 0; op < GLN_NUM_SCALAR_OPS; ++op) {
    if (strlen(infos[op].name) == length &&
        memcmp(infos[op].name, name, length) == 0) {
      *out = (gln_scalar_op)op;
      return true;
    }
  }
  return false;
}

//===-- MLIR names --------------------------------------------------------===//

// X(MLIR op, number of the result, function)
#define MLIR_TABLE(X)                                                          \
  X("arith.addf", 0, ADD)                                                      \
  X("arith.addi", 0, ADD)                                                      \
  X("arith.addui_extended", 0, ADD)                                            \
  X("arith.addui_extended", 1, ADDCARRY)                                       \
  X("arith.andi", 0, AND)                                                      \
  X("arith.bitcast", 0, BITCAST)                                               \
  X("arith.ceildivsi", 0, CEILDIV)                                             \
  X("arith.ceildivui", 0, CEILDIVU)                                            \
  X("arith.divf", 0, DIV)                                                      \
  X("arith.divsi", 0, DIV)                                                     \
  X("arith.divui", 0, DIVU)                                                    \
  X("arith.extf", 0, CAST)                                                     \
  X("arith.extsi", 0, CAST)                                                    \
  X("arith.extui", 0, CASTU)                                                   \
  X("arith.floordivsi", 0, FLOORDIV)                                           \
  X("arith.fptosi", 0, CAST)                                                   \
  X("arith.fptoui", 0, CASTU)                                                  \
  X("arith.index_cast", 0, CAST)                                               \
  X("arith.index_castui", 0, CASTU)                                            \
  X("arith.maximumf", 0, MAX)                                                  \
  X("arith.maxnumf", 0, MAXNUM)                                                \
  X("arith.maxsi", 0, MAX)                                                     \
  X("arith.maxui", 0, MAXU)                                                    \
  X("arith.minimumf", 0, MIN)                                                  \
  X("arith.minnumf", 0, MINNUM)                                                \
  X("arith.minsi", 0, MIN)                                                     \
  X("arith.minui", 0, MINU)                                                    \
  X("arith.mulf", 0, MUL)                                                      \
  X("arith.muli", 0, MUL)                                                      \
  X("arith.mulsi_extended", 0, MUL)                                            \
  X("arith.mulsi_extended", 1, MULH)                                           \
  X("arith.mului_extended", 0, MUL)                                            \
  X("arith.mului_extended", 1, MULHU)                                          \
  X("arith.negf", 0, NEG)                                                      \
  X("arith.ori", 0, OR)                                                        \
  X("arith.remf", 0, REM)                                                      \
  X("arith.remsi", 0, REM)                                                     \
  X("arith.remui", 0, REMU)                                                    \
  X("arith.select", 0, SELECT)                                                 \
  X("arith.shli", 0, SHL)                                                      \
  X("arith.shrsi", 0, SHR)                                                     \
  X("arith.shrui", 0, SHRU)                                                    \
  X("arith.sitofp", 0, CAST)                                                   \
  X("arith.subf", 0, SUB)                                                      \
  X("arith.subi", 0, SUB)                                                      \
  X("arith.truncf", 0, CAST)                                                   \
  X("arith.trunci", 0, CAST)                                                   \
  X("arith.uitofp", 0, CASTU)                                                  \
  X("arith.xori", 0, XOR)                                                      \
  X("math.absf", 0, ABS)                                                       \
  X("math.absi", 0, ABS)                                                       \
  X("math.acos", 0, ACOS)                                                      \
  X("math.acosh", 0, ACOSH)                                                    \
  X("math.asin", 0, ASIN)                                                      \
  X("math.asinh", 0, ASINH)                                                    \
  X("math.atan", 0, ATAN)                                                      \
  X("math.atan2", 0, ATAN2)                                                    \
  X("math.atanh", 0, ATANH)                                                    \
  X("math.cbrt", 0, CBRT)                                                      \
  X("math.ceil", 0, CEIL)                                                      \
  X("math.clampf", 0, CLAMP)                                                   \
  X("math.copysign", 0, COPYSIGN)                                              \
  X("math.cos", 0, COS)                                                        \
  X("math.cosh", 0, COSH)                                                      \
  X("math.ctlz", 0, CTLZ)                                                      \
  X("math.ctpop", 0, CTPOP)                                                    \
  X("math.cttz", 0, CTTZ)                                                      \
  X("math.erf", 0, ERF)                                                        \
  X("math.erfc", 0, ERFC)                                                      \
  X("math.exp", 0, EXP)                                                        \
  X("math.exp2", 0, EXP2)                                                      \
  X("math.expm1", 0, EXPM1)                                                    \
  X("math.floor", 0, FLOOR)                                                    \
  X("math.fma", 0, FMA)                                                        \
  X("math.fpowi", 0, POWI)                                                     \
  X("math.ipowi", 0, IPOW)                                                     \
  X("math.isfinite", 0, ISFINITE)                                              \
  X("math.isinf", 0, ISINF)                                                    \
  X("math.isnan", 0, ISNAN)                                                    \
  X("math.isnormal", 0, ISNORMAL)                                              \
  X("math.log", 0, LOG)                                                        \
  X("math.log10", 0, LOG10)                                                    \
  X("math.log1p", 0, LOG1P)                                                    \
  X("math.log2", 0, LOG2)                                                      \
  X("math.powf", 0, POW)                                                       \
  X("math.round", 0, ROUND)                                                    \
  X("math.roundeven", 0, ROUNDEVEN)                                            \
  X("math.rsqrt", 0, RSQRT)                                                    \
  X("math.sin", 0, SIN)                                                        \
  X("math.sincos", 0, SIN)                                                     \
  X("math.sincos", 1, COS)                                                     \
  X("math.sinh", 0, SINH)                                                      \
  X("math.sqrt", 0, SQRT)                                                      \
  X("math.tan", 0, TAN)                                                        \
  X("math.tanh", 0, TANH)                                                      \
  X("math.trunc", 0, TRUNC)

static const struct {
  const char *name;
  unsigned result;
  gln_scalar_op op;
} mlir_ops[] = {
#define GLN_X(name, result, op) {name, result, GLN_SCALAR_##op},
    MLIR_TABLE(GLN_X)
#undef GLN_X
};

bool gln_scalar_op_from_mlir(const char *name, unsigned result,
                             int64_t predicate, gln_scalar_op *out) {
  bool cmpi = strcmp(name, "arith.cmpi") == 0;
  if (cmpi || strcmp(name, "arith.cmpf") == 0) {
    int first = cmpi ? GLN_SCALAR_CMPI_EQ : GLN_SCALAR_CMPF_FALSE;
    int last = cmpi ? GLN_SCALAR_CMPI_UGE : GLN_SCALAR_CMPF_TRUE;
    if (result != 0 || predicate < 0 || predicate > last - first)
      return false;
    *out = (gln_scalar_op)(first + (int)predicate);
    return true;
  }
  for (size_t i = 0; i < sizeof mlir_ops / sizeof *mlir_ops; ++i) {
    if (mlir_ops[i].result == result && strcmp(mlir_ops[i].name, name) == 0) {
      *out = mlir_ops[i].op;
      return true;
    }
  }
  return false;
}

//===-- Types -------------------------------------------------------------===//

static const char *const class_names[] = {
    [GLN_SCALAR_CLASS_FLOAT] = "float",
    [GLN_SCALAR_CLASS_INT] = "integer",
    [GLN_SCALAR_CLASS_ANY] = "integer or float",
};

static bool in_class(gln_type type, gln_scalar_class type_class) {
  return type_class == GLN_SCALAR_CLASS_ANY ||
         (type_class == GLN_SCALAR_CLASS_FLOAT) == gln_type_is_float(type);
}

static eg_status check_operand(const gln_scalar_info *info, size_t operand,
                               gln_type type, gln_type expected,
                               eg_error *error) {
  if (type == expected)
    return EG_OK;
  return gln_fail(error, EG_INVALID, "%s: operand %zu has type %s, expected %s",
                  info->name, operand, gln_type_name(type),
                  gln_type_name(expected));
}

static eg_status check_result(const gln_scalar_info *info, gln_type type,
                              gln_type expected, eg_error *error) {
  if (type == expected)
    return EG_OK;
  return gln_fail(error, EG_INVALID, "%s: result has type %s, expected %s",
                  info->name, gln_type_name(type), gln_type_name(expected));
}

static eg_status check_bitcast(gln_type from, gln_type to, eg_error *error) {
  if (gln_type_bits(from) == gln_type_bits(to))
    return EG_OK;
  return gln_fail(error, EG_INVALID,
                  "bitcast: operand 0 has type %s of %u bits, result %s of %u",
                  gln_type_name(from), gln_type_bits(from), gln_type_name(to),
                  gln_type_bits(to));
}

eg_status gln_scalar_op_check(gln_scalar_op op, const gln_type *args,
                              size_t num_args, gln_type wanted,
                              eg_error *error) {
  if ((int)op < 0 || (int)op >= GLN_NUM_SCALAR_OPS)
    return gln_fail(error, EG_INVALID, "no scalar function %d", (int)op);
  const gln_scalar_info *info = &infos[op];
  if (num_args != info->arity)
    return gln_fail(error, EG_INVALID, "%s: %zu operands, expected %u",
                    info->name, num_args, info->arity);
  for (size_t i = 0; i < num_args; ++i)
    if (!gln_type_is_valid((int)args[i]))
      return gln_fail(error, EG_INVALID, "%s: operand %zu has no type",
                      info->name, i);
  if (!gln_type_is_valid((int)wanted))
    return gln_fail(error, EG_INVALID, "%s: result has no type", info->name);

  bool select = info->rule == GLN_SCALAR_RULE_SELECT;
  gln_type type = args[select];
  if (!in_class(type, info->type_class))
    return gln_fail(error, EG_INVALID,
                    "%s: operand %d has type %s, expected %s", info->name,
                    (int)select, gln_type_name(type),
                    class_names[info->type_class]);
  if (info->rule == GLN_SCALAR_RULE_POWI) {
    if (!gln_type_is_int(args[1]))
      return gln_fail(error, EG_INVALID,
                      "%s: operand 1 has type %s, expected integer", info->name,
                      gln_type_name(args[1]));
    return check_result(info, wanted, type, error);
  }
  for (size_t i = 0; i < num_args; ++i) {
    eg_status status = check_operand(
        info, i, args[i], select && i == 0 ? GLN_TYPE_I1 : type, error);
    if (status)
      return status;
  }
  switch (info->rule) {
  case GLN_SCALAR_RULE_CAST:
    return EG_OK;
  case GLN_SCALAR_RULE_BITCAST:
    return check_bitcast(type, wanted, error);
  case GLN_SCALAR_RULE_PRED:
    return check_result(info, wanted, GLN_TYPE_I1, error);
  default:
    return check_result(info, wanted, type, error);
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The scalar functions on values, and the loop that runs a body.
//
// Rounding a double result of +, -, *, / or sqrt on narrower operands once more
// is harmless: 53 bits are at least 2·24 + 2 (Figueroa, "When is double
// rounding innocuous?", 1995), so the double result is never moved onto a
// midpoint.
#include "interp/scalar_eval_internal.h"

#include "view/scalar_internal.h"

#include <math.h>

//===-- Floats ------------------------------------------------------------===//

// -0 < 0, which fmax leaves open.
static double larger(double x, double y) {
  if (x == y)
    return signbit(x) ? y : x;
  return x > y ? x : y;
}

static double smaller(double x, double y) {
  if (x == y)
    return signbit(x) ? x : y;
  return x < y ? x : y;
}

static double maximum(double x, double y) {
  return isnan(x) || isnan(y) ? (double)NAN : larger(x, y);
}

static double minimum(double x, double y) {
  return isnan(x) || isnan(y) ? (double)NAN : smaller(x, y);
}

// Ties to even without asking for the rounding mode.
static double round_even(double x) {
  return fabs(x - trunc(x)) == 0.5 ? 2 * round(x / 2) : round(x);
}

static double fused(gln_type type, double x, double y, double z) {
  if (type == GLN_TYPE_F64)
    return fma(x, y, z);
  return (double)fmaf((float)x, (float)y, (float)z);
}

// The functions that are one expression in x, y and z.
static double arithmetic(gln_scalar_op op, gln_type type, double x, double y,
                         double z) {
  switch (op) {
  case GLN_SCALAR_ADD:
    return x + y;
  case GLN_SCALAR_SUB:
    return x - y;
  case GLN_SCALAR_MUL:
    return x * y;
  case GLN_SCALAR_DIV:
    return x / y;
  case GLN_SCALAR_REM:
    return fmod(x, y);
  case GLN_SCALAR_MAX:
    return maximum(x, y);
  case GLN_SCALAR_MIN:
    return minimum(x, y);
  case GLN_SCALAR_MAXNUM:
    return isnan(x) ? y : isnan(y) ? x : larger(x, y);
  case GLN_SCALAR_MINNUM:
    return isnan(x) ? y : isnan(y) ? x : smaller(x, y);
  case GLN_SCALAR_POW:
    return pow(x, y);
  case GLN_SCALAR_ATAN2:
    return atan2(x, y);
  case GLN_SCALAR_RELU:
    return maximum(x, 0);
  case GLN_SCALAR_EXP:
    return exp(x);
  case GLN_SCALAR_EXP2:
    return exp2(x);
  case GLN_SCALAR_EXPM1:
    return expm1(x);
  case GLN_SCALAR_LOG:
    return log(x);
  case GLN_SCALAR_LOG2:
    return log2(x);
  case GLN_SCALAR_LOG10:
    return log10(x);
  case GLN_SCALAR_LOG1P:
    return log1p(x);
  case GLN_SCALAR_TANH:
    return tanh(x);
  case GLN_SCALAR_SIGMOID:
    return 1 / (1 + exp(-x));
  case GLN_SCALAR_ERF:
    return erf(x);
  case GLN_SCALAR_ERFC:
    return erfc(x);
  case GLN_SCALAR_SQRT:
    return sqrt(x);
  case GLN_SCALAR_RSQRT:
    return 1 / sqrt(x);
  case GLN_SCALAR_CBRT:
    return cbrt(x);
  case GLN_SCALAR_SIN:
    return sin(x);
  case GLN_SCALAR_COS:
    return cos(x);
  case GLN_SCALAR_TAN:
    return tan(x);
  case GLN_SCALAR_ASIN:
    return asin(x);
  case GLN_SCALAR_ACOS:
    return acos(x);
  case GLN_SCALAR_ATAN:
    return atan(x);
  case GLN_SCALAR_SINH:
    return sinh(x);
  case GLN_SCALAR_COSH:
    return cosh(x);
  case GLN_SCALAR_ASINH:
    return asinh(x);
  case GLN_SCALAR_ACOSH:
    return acosh(x);
  case GLN_SCALAR_ATANH:
    return atanh(x);
  case GLN_SCALAR_FLOOR:
    return floor(x);
  case GLN_SCALAR_CEIL:
    return ceil(x);
  case GLN_SCALAR_ROUND:
    return round(x);
  case GLN_SCALAR_ROUNDEVEN:
    return round_even(x);
  case GLN_SCALAR_TRUNC:
    return trunc(x);
  case GLN_SCALAR_FMA:
    return fused(type, x, y, z);
  case GLN_SCALAR_CLAMP:
    return minimum(maximum(x, y), z);
  default: // no other row of the table takes floats and gives the same type
    return (double)NAN;
  }
}

static bool compare_floats(gln_scalar_op op, double x, double y) {
  bool unordered = isnan(x) || isnan(y);
  switch (op) {
  case GLN_SCALAR_CMPF_OEQ:
    return x == y;
  case GLN_SCALAR_CMPF_OGT:
    return x > y;
  case GLN_SCALAR_CMPF_OGE:
    return x >= y;
  case GLN_SCALAR_CMPF_OLT:
    return x < y;
  case GLN_SCALAR_CMPF_OLE:
    return x <= y;
  case GLN_SCALAR_CMPF_ONE:
    return x < y || x > y;
  case GLN_SCALAR_CMPF_ORD:
    return !unordered;
  case GLN_SCALAR_CMPF_UEQ:
    return unordered || x == y;
  case GLN_SCALAR_CMPF_UGT:
    return unordered || x > y;
  case GLN_SCALAR_CMPF_UGE:
    return unordered || x >= y;
  case GLN_SCALAR_CMPF_ULT:
    return unordered || x < y;
  case GLN_SCALAR_CMPF_ULE:
    return unordered || x <= y;
  case GLN_SCALAR_CMPF_UNE:
    return x != y;
  case GLN_SCALAR_CMPF_UNO:
    return unordered;
  default:
    return op == GLN_SCALAR_CMPF_TRUE;
  }
}

// Normality is asked of the type, not of the double that carries the value.
static bool is_normal(gln_scalar value) {
  double x = fabs(gln_scalar_to_double(value));
  double least = value.type == GLN_TYPE_F64   ? 0x1p-1022
                 : value.type == GLN_TYPE_F16 ? 0x1p-14
                                              : 0x1p-126;
  return isfinite(x) && x >= least;
}

static bool classify(gln_scalar_op op, gln_scalar value) {
  double x = gln_scalar_to_double(value);
  switch (op) {
  case GLN_SCALAR_ISNAN:
    return isnan(x);
  case GLN_SCALAR_ISINF:
    return isinf(x);
  case GLN_SCALAR_ISFINITE:
    return isfinite(x);
  default:
    return is_normal(value);
  }
}

static gln_scalar eval_float(gln_scalar_op op, const gln_scalar *args) {
  gln_type type = args[0].type;
  unsigned arity = gln_scalar_op_info(op)->arity;
  uint64_t sign = UINT64_C(1) << (gln_type_bits(type) - 1);
  double x = gln_scalar_to_double(args[0]);
  double y = arity > 1 ? gln_scalar_to_double(args[1]) : 0;
  double z = arity > 2 ? gln_scalar_to_double(args[2]) : 0;
  switch (op) {
  case GLN_SCALAR_NEG:
    return (gln_scalar){type, args[0].bits ^ sign};
  case GLN_SCALAR_ABS:
    return (gln_scalar){type, args[0].bits & ~sign};
  case GLN_SCALAR_COPYSIGN:
    return (gln_scalar){type, (args[0].bits & ~sign) | (args[1].bits & sign)};
  case GLN_SCALAR_POWI:
    return gln_scalar_from_double(type, pow(x, y));
  case GLN_SCALAR_ISNAN:
  case GLN_SCALAR_ISINF:
  case GLN_SCALAR_ISFINITE:
  case GLN_SCALAR_ISNORMAL:
    return (gln_scalar){GLN_TYPE_I1, classify(op, args[0])};
  default:
    if (gln_scalar_op_info(op)->rule == GLN_SCALAR_RULE_PRED)
      return (gln_scalar){GLN_TYPE_I1, compare_floats(op, x, y)};
    return gln_scalar_from_double(type, arithmetic(op, type, x, y, z));
  }
}

//===-- Integers ----------------------------------------------------------===//

// High 64 bits of the product, by halves of 32 bits.
static uint64_t high_unsigned(uint64_t x, uint64_t y) {
  uint64_t xl = x & UINT32_MAX, xh = x >> 32, yl = y & UINT32_MAX, yh = y >> 32;
  uint64_t low = xl * yl, mid = xh * yl + (low >> 32);
  uint64_t mid2 = xl * yh + (mid & UINT32_MAX);
  return xh * yh + (mid >> 32) + (mid2 >> 32);
}

// As signed, x = x' - 2^64 [x < 0], which takes y·2^64 off the product.
static uint64_t high_signed(uint64_t x, uint64_t y) {
  uint64_t high = high_unsigned(x, y);
  return high - ((int64_t)x < 0 ? y : 0) - ((int64_t)y < 0 ? x : 0);
}

// Bits width…2·width-1 of the 128-bit product (high, x·y).
static uint64_t upper_half(uint64_t high, uint64_t x, uint64_t y,
                           unsigned width) {
  return width == 64 ? high : high << (64 - width) | (x * y) >> width;
}

static eg_status divide(gln_scalar_op op, unsigned width, int64_t x, int64_t y,
                        uint64_t *out, eg_error *error) {
  const char *name = gln_scalar_op_info(op)->name;
  int64_t least = -(int64_t)((UINT64_C(1) << (width - 1)) - 1) - 1;
  if (y == 0)
    return gln_fail(error, EG_INVALID, "%s: %lld divided by 0", name,
                    (long long)x);
  if (y == -1 && op == GLN_SCALAR_REM)
    return *out = 0, EG_OK;
  if (y == -1 && x == least)
    return gln_fail(error, EG_INVALID, "%s: %lld divided by -1", name,
                    (long long)x);
  int64_t quotient = x / y, rest = x % y;
  bool down = rest != 0 && (rest < 0) != (y < 0); // the quotient is below 0
  if (op == GLN_SCALAR_REM)
    *out = (uint64_t)rest;
  else if (op == GLN_SCALAR_FLOORDIV)
    *out = (uint64_t)(quotient - down);
  else if (op == GLN_SCALAR_CEILDIV)
    *out = (uint64_t)(quotient + (rest != 0 && !down));
  else
    *out = (uint64_t)quotient;
  return EG_OK;
}

static eg_status divide_unsigned(gln_scalar_op op, uint64_t x, uint64_t y,
                                 uint64_t *out, eg_error *error) {
  if (y == 0)
    return gln_fail(error, EG_INVALID, "%s: %llu divided by 0",
                    gln_scalar_op_info(op)->name, (unsigned long long)x);
  *out = op == GLN_SCALAR_REMU   ? x % y
         : op == GLN_SCALAR_DIVU ? x / y
                                 : x / y + (x % y != 0);
  return EG_OK;
}

static eg_status int_power(int64_t x, int64_t y, uint64_t *out,
                           eg_error *error) {
  if (y < 0) {
    if (x == 0)
      return gln_fail(error, EG_INVALID, "ipow: 0 to the power %lld",
                      (long long)y);
    *out = x == 1 ? 1 : x == -1 ? (y % 2 ? UINT64_MAX : 1) : 0;
    return EG_OK;
  }
  uint64_t base = (uint64_t)x, result = 1;
  for (uint64_t rest = (uint64_t)y; rest; rest >>= 1) {
    if (rest & 1)
      result *= base;
    base *= base;
  }
  *out = result;
  return EG_OK;
}

static unsigned count_ones(uint64_t x) {
  unsigned count = 0;
  for (; x; x &= x - 1)
    ++count;
  return count;
}

static unsigned leading_zeros(uint64_t x, unsigned width) {
  unsigned count = 0;
  while (count < width && !(x >> (width - 1 - count) & 1))
    ++count;
  return count;
}

static unsigned trailing_zeros(uint64_t x, unsigned width) {
  unsigned count = 0;
  while (count < width && !(x >> count & 1))
    ++count;
  return count;
}

static uint64_t shift_right_signed(int64_t x, uint64_t by) {
  uint64_t sign = x < 0 ? UINT64_MAX : 0;
  unsigned places = by > 63 ? 63 : (unsigned)by;
  return (((uint64_t)x ^ sign) >> places) ^ sign;
}

// The functions that cannot fail: x, y as bits, sx, sy, sz as signed numbers.
static uint64_t bits_of(gln_scalar_op op, const gln_scalar *args, int64_t sx,
                        int64_t sy, int64_t sz) {
  unsigned arity = gln_scalar_op_info(op)->arity;
  unsigned width = gln_type_bits(args[0].type);
  uint64_t x = args[0].bits, y = arity > 1 ? args[1].bits : 0;
  uint64_t z = arity > 2 ? args[2].bits : 0;
  switch (op) {
  case GLN_SCALAR_ADD:
    return x + y;
  case GLN_SCALAR_SUB:
    return x - y;
  case GLN_SCALAR_MUL:
    return x * y;
  case GLN_SCALAR_MULH:
    return upper_half(high_signed((uint64_t)sx, (uint64_t)sy), (uint64_t)sx,
                      (uint64_t)sy, width);
  case GLN_SCALAR_MULHU:
    return upper_half(high_unsigned(x, y), x, y, width);
  case GLN_SCALAR_ADDCARRY:
    return width == 64 ? x + y < x : (x + y) >> width;
  case GLN_SCALAR_MAX:
    return sx > sy ? x : y;
  case GLN_SCALAR_MIN:
    return sx < sy ? x : y;
  case GLN_SCALAR_MAXU:
    return x > y ? x : y;
  case GLN_SCALAR_MINU:
    return x < y ? x : y;
  case GLN_SCALAR_AND:
    return x & y;
  case GLN_SCALAR_OR:
    return x | y;
  case GLN_SCALAR_XOR:
    return x ^ y;
  case GLN_SCALAR_SHL:
    return y < width ? x << y : 0;
  case GLN_SCALAR_SHR:
    return shift_right_signed(sx, y);
  case GLN_SCALAR_SHRU:
    return y < width ? x >> y : 0;
  case GLN_SCALAR_NEG:
    return 0 - x;
  case GLN_SCALAR_NOT:
    return ~x;
  case GLN_SCALAR_ABS:
    return sx < 0 ? 0 - x : x;
  case GLN_SCALAR_RELU:
    return sx > 0 ? x : 0;
  case GLN_SCALAR_CTLZ:
    return leading_zeros(x, width);
  case GLN_SCALAR_CTTZ:
    return trailing_zeros(x, width);
  case GLN_SCALAR_CTPOP:
    return count_ones(x);
  case GLN_SCALAR_CLAMP:
    sx = sx > sy ? sx : sy;
    return (uint64_t)(sx < sz ? sx : sz);
  case GLN_SCALAR_CLAMPU:
    x = x > y ? x : y;
    return x < z ? x : z;
  case GLN_SCALAR_CMPI_EQ:
    return x == y;
  case GLN_SCALAR_CMPI_NE:
    return x != y;
  case GLN_SCALAR_CMPI_SLT:
    return sx < sy;
  case GLN_SCALAR_CMPI_SLE:
    return sx <= sy;
  case GLN_SCALAR_CMPI_SGT:
    return sx > sy;
  case GLN_SCALAR_CMPI_SGE:
    return sx >= sy;
  case GLN_SCALAR_CMPI_ULT:
    return x < y;
  case GLN_SCALAR_CMPI_ULE:
    return x <= y;
  case GLN_SCALAR_CMPI_UGT:
    return x > y;
  default: // CMPI_UGE, the last row that takes integers
    return x >= y;
  }
}

static eg_status eval_int(gln_scalar_op op, gln_type type,
                          const gln_scalar *args, gln_scalar *out,
                          eg_error *error) {
  unsigned arity = gln_scalar_op_info(op)->arity;
  unsigned width = gln_type_bits(args[0].type);
  int64_t x = gln_scalar_to_int(args[0]);
  int64_t y = arity > 1 ? gln_scalar_to_int(args[1]) : 0;
  int64_t z = arity > 2 ? gln_scalar_to_int(args[2]) : 0;
  uint64_t result = 0;
  eg_status status = EG_OK;
  switch (op) {
  case GLN_SCALAR_DIV:
  case GLN_SCALAR_CEILDIV:
  case GLN_SCALAR_FLOORDIV:
  case GLN_SCALAR_REM:
    status = divide(op, width, x, y, &result, error);
    break;
  case GLN_SCALAR_DIVU:
  case GLN_SCALAR_CEILDIVU:
  case GLN_SCALAR_REMU:
    status = divide_unsigned(op, args[0].bits, args[1].bits, &result, error);
    break;
  case GLN_SCALAR_IPOW:
    status = int_power(x, y, &result, error);
    break;
  default:
    result = bits_of(op, args, x, y, z);
    break;
  }
  if (status == EG_OK)
    *out = gln_scalar_from_uint(type, result);
  return status;
}

//===-- Conversion and dispatch -------------------------------------------===//

static gln_scalar cast_unsigned(gln_type type, gln_scalar value) {
  if (!gln_type_is_float(value.type))
    return gln_scalar_from_uint(type, value.bits);
  if (gln_type_is_float(type))
    return gln_scalar_from_double(type, gln_scalar_to_double(value));
  uint64_t whole = gln_scalar_to_uint(value);
  unsigned width = gln_type_bits(type);
  uint64_t most = UINT64_MAX >> (64 - width);
  return (gln_scalar){type, whole < most ? whole : most};
}

static gln_scalar cast_signed(gln_type type, gln_scalar value) {
  if (gln_type_is_float(value.type))
    return gln_scalar_from_double(type, gln_scalar_to_double(value));
  return gln_scalar_from_int(type, gln_scalar_to_int(value));
}

eg_status glni_scalar_eval(gln_scalar_op op, gln_type type,
                           const gln_scalar *args, gln_scalar *out,
                           eg_error *error) {
  switch (op) {
  case GLN_SCALAR_SELECT:
    *out = args[0].bits ? args[1] : args[2];
    return EG_OK;
  case GLN_SCALAR_CAST:
    *out = cast_signed(type, args[0]);
    return EG_OK;
  case GLN_SCALAR_CASTU:
    *out = cast_unsigned(type, args[0]);
    return EG_OK;
  case GLN_SCALAR_BITCAST:
    *out = (gln_scalar){type, args[0].bits};
    return EG_OK;
  default:
    if (!gln_type_is_float(args[0].type))
      return eval_int(op, type, args, out, error);
    *out = eval_float(op, args);
    return EG_OK;
  }
}

eg_status gln_scalar_eval(gln_scalar_op op, gln_type type,
                          const gln_scalar *args, size_t num_args,
                          gln_scalar *out, eg_error *error) {
  gln_type types[GLN_SCALAR_MAX_ARITY];
  for (size_t i = 0; i < num_args && i < GLN_SCALAR_MAX_ARITY; ++i)
    types[i] = args[i].type;
  GLN_TRY(gln_scalar_op_check(op, types, num_args, type, error));
  return glni_scalar_eval(op, type, args, out, error);
}

eg_status gln_scalar_body_eval(const gln_scalar_body *body,
                               const int64_t *index, size_t num_dims,
                               gln_scalar *registers, eg_error *error) {
  for (unsigned i = 0; i < body->num_insts; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    gln_scalar *out = &registers[body->num_args + i];
    gln_type type = (gln_type)inst->type;
    if (inst->op == GLN_SCALAR_CONST) {
      *out = (gln_scalar){type, inst->bits};
    } else if (inst->op == GLN_SCALAR_INDEX) {
      if (inst->bits >= num_dims)
        return gln_fail(error, EG_INVALID, "body: index %llu of %zu dimensions",
                        (unsigned long long)inst->bits, num_dims);
      *out = gln_scalar_from_int(type, index[inst->bits]);
    } else {
      gln_scalar args[GLN_SCALAR_MAX_ARITY];
      for (unsigned k = 0; k < GLN_SCALAR_MAX_ARITY; ++k)
        args[k] = registers[inst->args[k]];
      GLN_TRY(
          glni_scalar_eval((gln_scalar_op)inst->op, type, args, out, error));
    }
  }
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar evaluation: against hand-computed rows, against the machine's own f32
// and f64, and against wider integers.
#include "../gln_test.h"

#include "interp/scalar_eval.h"

#include <math.h>

static gln_scalar_op op_of(const char *name) {
  gln_scalar_op op = GLN_SCALAR_ADD;
  CHECK(gln_scalar_op_parse(name, strlen(name), &op));
  return op;
}

struct row {
  const char *op, *type, *args[3], *result_type, *expected; // '!': a message
};

// Operands of |type|, but for the condition of select and the power of powi.
static void check_rows(const struct row *rows, size_t num) {
  for (size_t i = 0; i < num; ++i) {
    const struct row *row = &rows[i];
    gln_scalar_op op = op_of(row->op);
    gln_scalar args[3], out = {GLN_TYPE_I1, 0};
    size_t n = 0;
    for (; n < 3 && row->args[n]; ++n) {
      gln_type type = test_type(row->type);
      if (op == GLN_SCALAR_SELECT && n == 0)
        type = GLN_TYPE_I1;
      if (op == GLN_SCALAR_POWI && n == 1)
        type = GLN_TYPE_I32;
      args[n] = test_value(type, row->args[n]);
    }
    eg_error error = {0};
    char text[300];
    if (gln_scalar_eval(op, test_type(row->result_type), args, n, &out, &error))
      snprintf(text, sizeof text, "!%s", error.text);
    else
      gln_scalar_print(out, text, sizeof text);
    if (strcmp(text, row->expected) != 0)
      printf("row %s %s %s:\n", row->op, row->type, row->args[0]);
    CHECK_STR(text, row->expected);
  }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof rows / sizeof *rows)

CHECK_TEST(float_rows) {
  static const struct row rows[] = {
      {"add", "f32", {"1", "2.5"}, "f32", "3.5e+00"},
      {"add", "f32", {"16777216", "1"}, "f32", "1.6777216e+07"},
      {"add", "bf16", {"256", "1"}, "bf16", "2.56e+02"},
      {"add", "bf16", {"258", "1"}, "bf16", "2.6e+02"},
      {"add", "f16", {"2048", "1"}, "f16", "2.048e+03"},
      {"mul", "f16", {"256", "256"}, "f16", "inf"},
      {"mul", "bf16", {"1.0078125", "1.0078125"}, "bf16", "1.016e+00"},
      {"div", "f32", {"1", "0"}, "f32", "inf"},
      {"div", "f32", {"0", "0"}, "f32", "0x7fc00000"},
      {"sub", "f64", {"inf", "inf"}, "f64", "0x7ff8000000000000"},
      {"rem", "f32", {"-5.5", "2"}, "f32", "-1.5e+00"},
      {"max", "f32", {"nan", "1"}, "f32", "0x7fc00000"},
      {"max", "f32", {"1", "nan"}, "f32", "0x7fc00000"},
      {"max", "f32", {"-0", "0"}, "f32", "0e+00"},
      {"max", "f32", {"0", "-0"}, "f32", "0e+00"},
      {"min", "f32", {"-0", "0"}, "f32", "-0e+00"},
      {"min", "f32", {"0", "-0"}, "f32", "-0e+00"},
      {"min", "bf16", {"nan", "-inf"}, "bf16", "0x7fc0"},
      {"maxnum", "f32", {"nan", "1"}, "f32", "1e+00"},
      {"maxnum", "f32", {"1", "nan"}, "f32", "1e+00"},
      {"maxnum", "f32", {"nan", "nan"}, "f32", "0x7fc00000"},
      {"minnum", "f32", {"nan", "1"}, "f32", "1e+00"},
      {"minnum", "f32", {"-1", "1"}, "f32", "-1e+00"},
      {"neg", "f32", {"0"}, "f32", "-0e+00"},
      {"neg", "f32", {"0x7fc00000"}, "f32", "0xffc00000"},
      {"abs", "f16", {"-1.5"}, "f16", "1.5e+00"},
      {"abs", "f64", {"-0"}, "f64", "0e+00"},
      {"relu", "f32", {"-3"}, "f32", "0e+00"},
      {"relu", "f32", {"-0"}, "f32", "0e+00"},
      {"relu", "f32", {"3"}, "f32", "3e+00"},
      {"relu", "f32", {"nan"}, "f32", "0x7fc00000"},
      {"copysign", "f32", {"3", "-0"}, "f32", "-3e+00"},
      {"clamp", "f32", {"7", "0", "6"}, "f32", "6e+00"},
      {"clamp", "f32", {"-7", "0", "6"}, "f32", "0e+00"},
      {"clamp", "f32", {"nan", "0", "6"}, "f32", "0x7fc00000"},
      {"fma", "f32", {"16777217", "1", "1"}, "f32", "1.6777216e+07"},
      // The product is halfway between two floats; z decides, however small.
      {"fma",
       "f32",
       {"1.000244140625", "1.000244140625", "1e-30"},
       "f32",
       "1.0004884e+00"},
      {"fma",
       "f32",
       {"1.000244140625", "1.000244140625", "-1e-30"},
       "f32",
       "1.0004883e+00"},
      {"fma", "f64", {"2", "3", "4"}, "f64", "1e+01"},
      {"exp", "f64", {"0"}, "f64", "1e+00"},
      {"exp", "f16", {"12"}, "f16", "inf"},
      {"exp2", "f32", {"-149"}, "f32", "1e-45"},
      {"expm1", "f64", {"0"}, "f64", "0e+00"},
      {"log", "f32", {"0"}, "f32", "-inf"},
      {"log", "f32", {"-1"}, "f32", "0x7fc00000"},
      {"log2", "f32", {"8"}, "f32", "3e+00"},
      {"log10", "f32", {"1000"}, "f32", "3e+00"},
      {"log1p", "f32", {"0"}, "f32", "0e+00"},
      {"tanh", "f32", {"inf"}, "f32", "1e+00"},
      {"sigmoid", "f32", {"0"}, "f32", "5e-01"},
      {"sigmoid", "f32", {"-inf"}, "f32", "0e+00"},
      {"erf", "f32", {"1"}, "f32", "8.427008e-01"},
      {"erfc", "f32", {"0"}, "f32", "1e+00"},
      {"sqrt", "f32", {"2"}, "f32", "1.4142135e+00"},
      {"sqrt", "f32", {"-1"}, "f32", "0x7fc00000"},
      {"rsqrt", "f32", {"4"}, "f32", "5e-01"},
      {"cbrt", "f32", {"-27"}, "f32", "-3e+00"},
      {"pow", "f32", {"2", "10"}, "f32", "1.024e+03"},
      {"powi", "f32", {"2", "-2"}, "f32", "2.5e-01"},
      {"atan2", "f64", {"0", "1"}, "f64", "0e+00"},
      {"sin", "f64", {"0"}, "f64", "0e+00"},
      {"cos", "f64", {"0"}, "f64", "1e+00"},
      {"tan", "f64", {"0"}, "f64", "0e+00"},
      {"asin", "f64", {"0"}, "f64", "0e+00"},
      {"acos", "f64", {"1"}, "f64", "0e+00"},
      {"atan", "f64", {"0"}, "f64", "0e+00"},
      {"sinh", "f64", {"0"}, "f64", "0e+00"},
      {"cosh", "f64", {"0"}, "f64", "1e+00"},
      {"asinh", "f64", {"0"}, "f64", "0e+00"},
      {"acosh", "f64", {"1"}, "f64", "0e+00"},
      {"atanh", "f64", {"0"}, "f64", "0e+00"},
      {"floor", "f32", {"-1.5"}, "f32", "-2e+00"},
      {"ceil", "f32", {"-1.5"}, "f32", "-1e+00"},
      {"trunc", "f32", {"-1.5"}, "f32", "-1e+00"},
      {"round", "f32", {"2.5"}, "f32", "3e+00"},
      {"round", "f32", {"-2.5"}, "f32", "-3e+00"},
      {"roundeven", "f32", {"2.5"}, "f32", "2e+00"},
      {"roundeven", "f32", {"3.5"}, "f32", "4e+00"},
      {"roundeven", "f32", {"-0.5"}, "f32", "-0e+00"},
      {"roundeven", "f32", {"-1.5"}, "f32", "-2e+00"},
      {"roundeven", "f32", {"2.75"}, "f32", "3e+00"},
      {"roundeven", "f32", {"inf"}, "f32", "inf"},
      {"isnan", "f32", {"nan"}, "i1", "1"},
      {"isnan", "f32", {"inf"}, "i1", "0"},
      {"isinf", "f32", {"-inf"}, "i1", "1"},
      {"isfinite", "f32", {"inf"}, "i1", "0"},
      {"isfinite", "f32", {"1"}, "i1", "1"},
      {"isnormal", "f16", {"0x0400"}, "i1", "1"},
      {"isnormal", "f16", {"0x03ff"}, "i1", "0"},
      {"isnormal", "f32", {"0x00800000"}, "i1", "1"},
      {"isnormal", "f32", {"0x007fffff"}, "i1", "0"},
      {"isnormal", "f32", {"0"}, "i1", "0"},
      {"select", "f32", {"1", "2", "3"}, "f32", "2e+00"},
      {"select", "f32", {"0", "2", "3"}, "f32", "3e+00"},
  };
  CHECK_ROWS(rows);
}

CHECK_TEST(integer_rows) {
  static const struct row rows[] = {
      {"add", "i8", {"127", "1"}, "i8", "-128"},
      {"add", "i1", {"1", "1"}, "i1", "0"},
      {"add",
       "i64",
       {"9223372036854775807", "1"},
       "i64",
       "-9223372036854775808"},
      {"sub", "i8", {"-128", "1"}, "i8", "127"},
      {"mul", "i8", {"100", "3"}, "i8", "44"},
      {"div", "i8", {"-7", "2"}, "i8", "-3"},
      {"div", "i8", {"7", "0"}, "i8", "!div: 7 divided by 0"},
      {"div", "i8", {"-128", "-1"}, "i8", "!div: -128 divided by -1"},
      {"div",
       "i64",
       {"-9223372036854775808", "-1"},
       "i64",
       "!div: -9223372036854775808 divided by -1"},
      {"divu", "i8", {"-1", "2"}, "i8", "127"},
      {"divu", "i8", {"1", "0"}, "i8", "!divu: 1 divided by 0"},
      {"rem", "i8", {"-7", "2"}, "i8", "-1"},
      {"rem", "i8", {"-128", "-1"}, "i8", "0"},
      {"rem", "i64", {"-9223372036854775808", "-1"}, "i64", "0"},
      {"rem", "i8", {"7", "0"}, "i8", "!rem: 7 divided by 0"},
      {"remu", "i8", {"-1", "16"}, "i8", "15"},
      {"remu", "i8", {"1", "0"}, "i8", "!remu: 1 divided by 0"},
      {"floordiv", "i8", {"-7", "2"}, "i8", "-4"},
      {"floordiv", "i8", {"7", "-2"}, "i8", "-4"},
      {"floordiv", "i8", {"7", "2"}, "i8", "3"},
      {"ceildiv", "i8", {"-7", "2"}, "i8", "-3"},
      {"ceildiv", "i8", {"7", "2"}, "i8", "4"},
      {"ceildiv", "i8", {"-7", "-2"}, "i8", "4"},
      {"ceildivu", "i8", {"-1", "2"}, "i8", "-128"},
      {"max", "i8", {"-1", "1"}, "i8", "1"},
      {"maxu", "i8", {"-1", "1"}, "i8", "-1"},
      {"min", "i8", {"-1", "1"}, "i8", "-1"},
      {"minu", "i8", {"-1", "1"}, "i8", "1"},
      {"and", "i8", {"12", "10"}, "i8", "8"},
      {"or", "i8", {"12", "10"}, "i8", "14"},
      {"xor", "i8", {"12", "10"}, "i8", "6"},
      {"not", "i8", {"12"}, "i8", "-13"},
      {"not", "i1", {"1"}, "i1", "0"},
      {"shl", "i8", {"3", "7"}, "i8", "-128"},
      {"shl", "i8", {"3", "8"}, "i8", "0"},
      {"shl", "i8", {"3", "-1"}, "i8", "0"},
      {"shr", "i8", {"-128", "7"}, "i8", "-1"},
      {"shr", "i8", {"-128", "100"}, "i8", "-1"},
      {"shr", "i8", {"-7", "1"}, "i8", "-4"},
      {"shr", "i64", {"-1", "64"}, "i64", "-1"},
      {"shr", "i64", {"-9223372036854775808", "63"}, "i64", "-1"},
      {"shr", "i64", {"9223372036854775807", "1000"}, "i64", "0"},
      {"shru", "i8", {"-128", "7"}, "i8", "1"},
      {"shru", "i64", {"-1", "64"}, "i64", "0"},
      {"ipow", "i32", {"3", "5"}, "i32", "243"},
      {"ipow", "i8", {"2", "8"}, "i8", "0"},
      {"ipow", "i8", {"-1", "-3"}, "i8", "-1"},
      {"ipow", "i8", {"-1", "-2"}, "i8", "1"},
      {"ipow", "i8", {"1", "-2"}, "i8", "1"},
      {"ipow", "i8", {"5", "-2"}, "i8", "0"},
      {"ipow", "i8", {"0", "0"}, "i8", "1"},
      {"ipow", "i8", {"0", "-1"}, "i8", "!ipow: 0 to the power -1"},
      {"neg", "i8", {"-128"}, "i8", "-128"},
      {"abs", "i8", {"-128"}, "i8", "-128"},
      {"abs", "i8", {"-5"}, "i8", "5"},
      {"relu", "i8", {"-5"}, "i8", "0"},
      {"relu", "i8", {"5"}, "i8", "5"},
      {"ctlz", "i8", {"1"}, "i8", "7"},
      {"ctlz", "i8", {"0"}, "i8", "8"},
      {"cttz", "i16", {"8"}, "i16", "3"},
      {"cttz", "i64", {"0"}, "i64", "64"},
      {"ctpop", "i8", {"-1"}, "i8", "8"},
      {"addcarry", "i8", {"-1", "1"}, "i1", "1"},
      {"addcarry", "i8", {"-2", "1"}, "i1", "0"},
      {"addcarry", "i64", {"-1", "1"}, "i1", "1"},
      {"addcarry", "i64", {"-1", "0"}, "i1", "0"},
      {"clamp", "i8", {"-128", "-100", "100"}, "i8", "-100"},
      {"clampu", "i8", {"-128", "0", "100"}, "i8", "100"},
      {"select", "i1", {"1", "0", "1"}, "i1", "0"},
      {"cmpi_slt", "i8", {"-1", "1"}, "i1", "1"},
      {"cmpi_ult", "i8", {"-1", "1"}, "i1", "0"},
      {"cmpi_sgt", "index", {"-1", "1"}, "i1", "0"},
      {"cmpi_ugt", "index", {"-1", "1"}, "i1", "1"},
  };
  CHECK_ROWS(rows);
}

CHECK_TEST(conversion_rows) {
  static const struct row rows[] = {
      {"cast", "i8", {"-1"}, "i32", "-1"},
      {"castu", "i8", {"-1"}, "i32", "255"},
      {"cast", "i1", {"1"}, "i32", "-1"},
      {"castu", "i1", {"1"}, "i32", "1"},
      {"cast", "i32", {"511"}, "i8", "-1"},
      {"castu", "i32", {"511"}, "i8", "-1"},
      {"cast", "i8", {"-1"}, "f32", "-1e+00"},
      {"castu", "i8", {"-1"}, "f32", "2.55e+02"},
      {"castu", "i1", {"1"}, "f32", "1e+00"},
      {"cast", "i32", {"16777217"}, "f32", "1.6777216e+07"},
      {"cast", "i32", {"257"}, "bf16", "2.56e+02"},
      {"cast", "i32", {"70000"}, "f16", "inf"},
      {"cast", "f32", {"-2.9"}, "i32", "-2"},
      {"cast", "f32", {"3e9"}, "i32", "2147483647"},
      {"cast", "f32", {"nan"}, "i32", "0"},
      {"castu", "f32", {"200.7"}, "i8", "-56"},
      {"castu", "f32", {"300"}, "i8", "-1"},
      {"castu", "f32", {"-5"}, "i8", "0"},
      {"castu", "f32", {"nan"}, "i8", "0"},
      {"castu", "f64", {"1.8446744073709550e19"}, "i64", "-2048"},
      {"cast", "f32", {"0.1"}, "bf16", "1e-01"},
      {"cast", "f64", {"1e-8"}, "f16", "0e+00"},
      {"cast", "f16", {"65504"}, "f32", "6.5504e+04"},
      {"cast", "bf16", {"nan"}, "f64", "0x7ff8000000000000"},
      {"cast", "i64", {"5"}, "index", "5"},
      {"cast", "f32", {"1.5"}, "f32", "1.5e+00"},
      {"bitcast", "f32", {"1"}, "i32", "1065353216"},
      {"bitcast", "i16", {"0x3f80"}, "bf16", "1e+00"},
      {"bitcast", "i32", {"0xffc00001"}, "f32", "0xffc00001"},
  };
  CHECK_ROWS(rows);
}

// The sixteen predicates on <, =, > and unordered, as LLVM's table has them.
CHECK_TEST(float_predicates) {
  static const char *const pairs[4][2] = {
      {"1", "2"}, {"2", "2"}, {"2", "1"}, {"nan", "1"}};
  static const char *const expected[16] = {
      "0000", "0100", "0010", "0110", "1000", "1100", "1010", "1110",
      "0101", "0011", "0111", "1001", "1101", "1011", "0001", "1111"};
  for (int p = 0; p < 16; ++p) {
    gln_scalar_op op;
    CHECK(gln_scalar_op_from_mlir("arith.cmpf", 0, p, &op));
    for (int c = 0; c < 4; ++c) {
      gln_scalar args[2] = {test_value(GLN_TYPE_F32, pairs[c][0]),
                            test_value(GLN_TYPE_F32, pairs[c][1])},
                 out;
      CHECK_EQ(gln_scalar_eval(op, GLN_TYPE_I1, args, 2, &out, NULL), EG_OK);
      CHECK_EQ(out.bits, expected[p][c] - '0');
    }
  }
}

static uint64_t binary(const char *op, gln_type type, gln_type result,
                       uint64_t x, uint64_t y) {
  gln_scalar args[2] = {{type, x}, {type, y}}, out = {type, 0};
  CHECK_EQ(gln_scalar_eval(op_of(op), result, args, 2, &out, NULL), EG_OK);
  CHECK_EQ(out.type, result);
  return out.bits;
}

// All pairs of bytes against C's int, which holds every intermediate value.
CHECK_TEST(bytes_exhaustively) {
  const gln_type t = GLN_TYPE_I8, b = GLN_TYPE_I1;
  for (int i = 0; i < 256; i += 3) {
    for (int j = 0; j < 256; ++j) {
      int x = i > 127 ? i - 256 : i, y = j > 127 ? j - 256 : j;
      uint64_t u = (uint64_t)i, v = (uint64_t)j;
      CHECK_EQ(binary("mulh", t, t, u, v), ((x * y) >> 8) & 0xff);
      CHECK_EQ(binary("mulhu", t, t, u, v), (i * j) >> 8);
      CHECK_EQ(binary("mul", t, t, u, v), (x * y) & 0xff);
      CHECK_EQ(binary("sub", t, t, u, v), (x - y) & 0xff);
      CHECK_EQ(binary("addcarry", t, b, u, v), i + j > 255);
      CHECK_EQ(binary("cmpi_sle", t, b, u, v), x <= y);
      CHECK_EQ(binary("cmpi_sge", t, b, u, v), x >= y);
      CHECK_EQ(binary("cmpi_ule", t, b, u, v), i <= j);
      CHECK_EQ(binary("cmpi_uge", t, b, u, v), i >= j);
      CHECK_EQ(binary("cmpi_eq", t, b, u, v), i == j);
      CHECK_EQ(binary("cmpi_ne", t, b, u, v), i != j);
      if (j == 0 || (x == -128 && y == -1))
        continue;
      CHECK_EQ(binary("floordiv", t, t, u, v),
               (int)floor((double)x / y) & 0xff);
      CHECK_EQ(binary("ceildiv", t, t, u, v), (int)ceil((double)x / y) & 0xff);
      CHECK_EQ(binary("ceildivu", t, t, u, v), (i + j - 1) / j);
    }
  }
}

CHECK_TEST(wide_products) {
  static const struct {
    uint64_t x, y, high, high_signed;
  } table[] = {
      {UINT64_MAX, UINT64_MAX, UINT64_MAX - 1, 0},
      {UINT64_C(1) << 63, 2, 1, UINT64_MAX},
      {UINT64_C(1) << 63, UINT64_C(1) << 63, UINT64_C(1) << 62,
       UINT64_C(1) << 62},
      {3, 5, 0, 0},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    CHECK(binary("mulhu", GLN_TYPE_I64, GLN_TYPE_I64, table[i].x, table[i].y) ==
          table[i].high);
    CHECK(binary("mulh", GLN_TYPE_I64, GLN_TYPE_I64, table[i].x, table[i].y) ==
          table[i].high_signed);
  }
  // With x·y below 2^63 the high half of (x·2^k)·y is x·y shifted down, and
  // the high half of the negated product is its complement, but for low = 0.
  uint64_t state = 5;
  for (int i = 0; i < 10000; ++i) {
    uint64_t x = test_random(&state) >> 33, y = test_random(&state) >> 32;
    int k = (int)test_between(&state, 1, 32);
    uint64_t high = (x * y) >> (64 - k), low = (x << k) * y;
    const gln_type t = GLN_TYPE_I64;
    CHECK(binary("mulhu", t, t, x << k, y) == high);
    CHECK(binary("mulh", t, t, x << k, y) == high);
    CHECK(binary("mulh", t, t, 0 - (x << k), y) == ~high + (low == 0));
  }
}

//===-- Against the machine -----------------------------------------------===//

static float as_float(uint64_t bits) {
  uint32_t low = (uint32_t)bits;
  float f;
  memcpy(&f, &low, sizeof f);
  return f;
}

static uint64_t of_float(float f) {
  uint32_t bits;
  if (isnan(f))
    return 0x7fc00000;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}

// Random bits, so subnormals, infinities and NaNs too: one rounding, like the
// processor's.
CHECK_TEST(f32_matches_the_processor) {
  uint64_t state = 3;
  for (int i = 0; i < 200000; ++i) {
    uint64_t u = test_random(&state) & UINT32_MAX;
    uint64_t v = test_random(&state) & UINT32_MAX;
    if (i % 2) // exponents close together, where sums round
      v = (u & 0x7f800000) ^ (v & 0x81ffffff);
    volatile float x = as_float(u), y = as_float(v), z = as_float(u ^ v);
    const gln_type t = GLN_TYPE_F32;
    CHECK_EQ(binary("add", t, t, u, v), of_float(x + y));
    CHECK_EQ(binary("sub", t, t, u, v), of_float(x - y));
    CHECK_EQ(binary("mul", t, t, u, v), of_float(x * y));
    CHECK_EQ(binary("div", t, t, u, v), of_float(x / y));
    CHECK_EQ(binary("rem", t, t, u, v), of_float(fmodf(x, y)));
    gln_scalar args[3] = {{t, u}, {t, v}, {t, u ^ v}}, out;
    CHECK_EQ(gln_scalar_eval(GLN_SCALAR_SQRT, t, args, 1, &out, NULL), EG_OK);
    CHECK_EQ(out.bits, of_float(sqrtf(x)));
    CHECK_EQ(gln_scalar_eval(GLN_SCALAR_FMA, t, args, 3, &out, NULL), EG_OK);
    CHECK_EQ(out.bits, of_float(fmaf(x, y, z)));
  }
}

// bf16 by way of f32, as a processor without bf16 does it: for +, -, *, / the
// two roundings agree with one.
CHECK_TEST(bf16_matches_rounding_f32) {
  uint64_t state = 4;
  for (int i = 0; i < 100000; ++i) {
    uint64_t u = test_random(&state) & 0xffff, v = test_random(&state) & 0xffff;
    volatile float x = as_float(u << 16), y = as_float(v << 16);
    float results[4] = {x + y, x - y, x * y, x / y};
    static const char *const ops[4] = {"add", "sub", "mul", "div"};
    for (int k = 0; k < 4; ++k) {
      uint64_t wide = of_float(results[k]);
      uint64_t rounded = isnan(results[k])
                             ? 0x7fc0
                             : (wide + 0x7fff + ((wide >> 16) & 1)) >> 16;
      CHECK_EQ(binary(ops[k], GLN_TYPE_BF16, GLN_TYPE_BF16, u, v), rounded);
    }
  }
}

// Each function of the table runs on every type it takes.
CHECK_TEST(every_row_runs_on_every_type) {
  for (int i = 0; i < GLN_NUM_SCALAR_OPS; ++i) {
    gln_scalar_op op = (gln_scalar_op)i;
    const gln_scalar_info *info = gln_scalar_op_info(op);
    int ran = 0;
    for (int t = 0; t < GLN_NUM_TYPES; ++t) {
      for (int r = 0; r < GLN_NUM_TYPES; ++r) {
        gln_scalar args[3], out = {GLN_TYPE_F64, UINT64_MAX};
        gln_type types[3];
        for (unsigned k = 0; k < info->arity; ++k) {
          types[k] = (gln_type)t;
          if (info->rule == GLN_SCALAR_RULE_SELECT && k == 0)
            types[k] = GLN_TYPE_I1;
          if (info->rule == GLN_SCALAR_RULE_POWI && k == 1)
            types[k] = GLN_TYPE_I32;
          args[k] = gln_scalar_from_int(types[k], 1);
        }
        bool typed = gln_scalar_op_check(op, types, info->arity, (gln_type)r,
                                         NULL) == EG_OK;
        eg_status status =
            gln_scalar_eval(op, (gln_type)r, args, info->arity, &out, NULL);
        // On i1, 1 is -1, the least integer, and -1 / -1 overflows.
        bool undefined = t == GLN_TYPE_I1 && r == GLN_TYPE_I1 &&
                         (op == GLN_SCALAR_DIV || op == GLN_SCALAR_CEILDIV ||
                          op == GLN_SCALAR_FLOORDIV);
        CHECK_EQ(status == EG_OK, typed && !undefined);
        if (status == EG_OK) {
          CHECK_EQ(out.type, r);
          CHECK(gln_type_bits(out.type) == 64 ||
                out.bits >> gln_type_bits(out.type) == 0);
          ++ran;
        }
      }
    }
    CHECK(ran > 0);
  }
}

//===-- Bodies ------------------------------------------------------------===//

CHECK_TEST(a_body_runs) {
  // Requantisation as TOSA lowers it: ((x · 1073741824 + 2^30) >> 31) clamped.
  const char *text =
      "(body (i32) ((cast i64 %0) (const i64 1073741824) (mul i64 %1 %2) "
      "(add i64 %3 %2) (const i64 31) (shr i64 %4 %5) (cast i32 %6) "
      "(const i32 -128) (const i32 127) (clamp i32 %7 %8 %9) (cast i8 %10) "
      "(index 1) (cast i32 %12) (add i32 %7 %13)) (%11 %14))";
  static const struct {
    int64_t in, clamped;
  } table[] = {{5, 3}, {4, 2}, {-5, -2}, {1000, 127}, {-1000, -128}};
  gln_scalar_body body;
  CHECK_EQ(gln_scalar_body_parse(&body, text, strlen(text),
                                 eg_allocator_default(), NULL),
           EG_OK);
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_scalar registers[32];
    int64_t index[2] = {77, 100};
    registers[0] = gln_scalar_from_int(GLN_TYPE_I32, table[i].in);
    CHECK_EQ(gln_scalar_body_eval(&body, index, 2, registers, NULL), EG_OK);
    gln_scalar first = registers[body.results[0]];
    CHECK_EQ(first.type, GLN_TYPE_I8);
    CHECK_EQ(gln_scalar_to_int(first), table[i].clamped);
    CHECK_EQ(gln_scalar_to_int(registers[body.results[1]]),
             gln_scalar_to_int(registers[7]) + 100);
    eg_error error = {0};
    CHECK_EQ(gln_scalar_body_eval(&body, index, 1, registers, &error),
             EG_INVALID);
    CHECK_STR(error.text, "body: index 1 of 1 dimensions");
  }
  gln_scalar_body_fini(&body);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

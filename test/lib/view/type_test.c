// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Element types: rounding, conversion, storage and text.
#include "../gln_test.h"

#include "view/type.h"

#include <float.h>
#include <math.h>

CHECK_TEST(names_read_back) {
  for (int type = 0; type < GLN_NUM_TYPES; ++type) {
    const char *name = gln_type_name((gln_type)type);
    gln_type read = GLN_TYPE_F32;
    CHECK(gln_type_parse(name, strlen(name), &read));
    CHECK_EQ(read, type);
    CHECK(gln_type_bits((gln_type)type) <= 8 * gln_type_bytes((gln_type)type));
    CHECK(gln_type_is_float((gln_type)type) != gln_type_is_int((gln_type)type));
  }
  gln_type out;
  CHECK(!gln_type_parse("f3", 2, &out));
  CHECK(!gln_type_parse("f322", 4, &out));
  CHECK(!gln_type_parse("", 0, &out));
  CHECK(!gln_type_is_valid(-1));
  CHECK(!gln_type_is_valid(GLN_NUM_TYPES));
  CHECK_STR(gln_type_name((gln_type)99), "?");
}

CHECK_TEST(widening) {
  static const struct {
    const char *from, *to;
    bool widens;
  } table[] = {
      {"i8", "i32", true},     {"i32", "i8", false},   {"bf16", "f32", true},
      {"f16", "f64", true},    {"bf16", "f16", false}, {"f16", "bf16", false},
      {"f32", "f32", true},    {"i8", "f32", false},   {"f32", "i64", false},
      {"i1", "i8", true},      {"i32", "index", true}, {"i64", "index", false},
      {"index", "i64", false}, {"f64", "f32", false},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    CHECK_EQ(
        gln_type_widens_to(test_type(table[i].from), test_type(table[i].to)),
        table[i].widens);
}

static bool is_nan_bits(gln_type type, uint64_t bits) {
  return type == GLN_TYPE_F16 ? (bits & 0x7fff) > 0x7c00
                              : (bits & 0x7fff) > 0x7f80;
}

// Every 16-bit float goes to double and back, and through its text.
static void check_all_16(gln_type type) {
  for (uint64_t bits = 0; bits < 65536; ++bits) {
    gln_scalar value = {type, bits}, read = {type, 0};
    gln_scalar back = gln_scalar_from_double(type, gln_scalar_to_double(value));
    if (is_nan_bits(type, bits))
      CHECK(is_nan_bits(type, back.bits));
    else
      CHECK_EQ(back.bits, bits);
    char text[40];
    size_t length = gln_scalar_print(value, text, sizeof text);
    CHECK(length < sizeof text);
    CHECK_EQ(gln_scalar_parse(type, text, length, &read, NULL), EG_OK);
    CHECK_EQ(read.bits, bits);
  }
}

// Between neighbours, the midpoint goes to the even one and a hair to either
// side goes to the nearer one; beyond the largest lies infinity.
static void check_midpoints_16(gln_type type, uint64_t infinity) {
  for (uint64_t bits = 0; bits + 1 < infinity; ++bits) {
    double a = gln_scalar_to_double((gln_scalar){type, bits});
    double b = gln_scalar_to_double((gln_scalar){type, bits + 1});
    double middle = a + (b - a) / 2;
    uint64_t even = bits + (bits & 1);
    CHECK_EQ(gln_scalar_from_double(type, middle).bits, even);
    CHECK_EQ(gln_scalar_from_double(type, -middle).bits, even | 0x8000);
    CHECK_EQ(gln_scalar_from_double(type, nextafter(middle, a)).bits, bits);
    CHECK_EQ(gln_scalar_from_double(type, nextafter(middle, b)).bits, bits + 1);
  }
  double last = gln_scalar_to_double((gln_scalar){type, infinity - 1});
  double before = gln_scalar_to_double((gln_scalar){type, infinity - 2});
  double edge = last + (last - before) / 2;
  CHECK_EQ(gln_scalar_from_double(type, edge).bits, infinity);
  CHECK_EQ(gln_scalar_from_double(type, nextafter(edge, 0)).bits, infinity - 1);
  CHECK_EQ(gln_scalar_from_double(type, -DBL_MAX).bits, infinity | 0x8000);
}

CHECK_TEST(half_floats_exhaustively) {
  check_all_16(GLN_TYPE_F16);
  check_midpoints_16(GLN_TYPE_F16, 0x7c00);
}

CHECK_TEST(brain_floats_exhaustively) {
  check_all_16(GLN_TYPE_BF16);
  check_midpoints_16(GLN_TYPE_BF16, 0x7f80);
}

CHECK_TEST(known_encodings) {
  static const struct {
    gln_type type;
    double value;
    uint64_t bits;
  } table[] = {
      {GLN_TYPE_F16, 1.0, 0x3c00},
      {GLN_TYPE_F16, 65504, 0x7bff},
      {GLN_TYPE_F16, 65520, 0x7c00},
      {GLN_TYPE_F16, 0x1p-24, 1},
      {GLN_TYPE_F16, -2, 0xc000},
      {GLN_TYPE_BF16, 1.0, 0x3f80},
      {GLN_TYPE_BF16, 3.140625, 0x4049},
      {GLN_TYPE_BF16, -0.0, 0x8000},
      {GLN_TYPE_F32, 1.0, 0x3f800000},
      {GLN_TYPE_F32, 1e300, 0x7f800000},
      {GLN_TYPE_F64, 1.0, UINT64_C(0x3ff0000000000000)},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    CHECK_EQ(gln_scalar_from_double(table[i].type, table[i].value).bits,
             table[i].bits);
  CHECK_EQ(gln_scalar_from_double(GLN_TYPE_BF16, NAN).bits, 0x7fc0);
  CHECK_EQ(gln_scalar_from_double(GLN_TYPE_F16, -NAN).bits, 0x7e00);
  CHECK_EQ(gln_scalar_from_double(GLN_TYPE_F32, NAN).bits, 0x7fc00000);
}

// 2^62 + 2^38 + 1 lies just above the middle of two f32 values; a detour over
// double would drop the 1 and round the tie to even, downwards.
CHECK_TEST(integers_round_to_floats_once) {
  int64_t tricky = (INT64_C(1) << 62) + (INT64_C(1) << 38) + 1;
  double up = 0x1p62 + 0x1p39;
  CHECK(gln_scalar_to_double(gln_scalar_from_int(GLN_TYPE_F32, tricky)) == up);
  CHECK(gln_scalar_to_double(gln_scalar_from_int(GLN_TYPE_F32, -tricky)) ==
        -up);
  uint64_t state = 1;
  for (int i = 0; i < 100000; ++i) {
    int64_t value = (int64_t)test_random(&state) >> test_between(&state, 0, 63);
    double f = gln_scalar_to_double(gln_scalar_from_int(GLN_TYPE_F32, value));
    double d = gln_scalar_to_double(gln_scalar_from_int(GLN_TYPE_F64, value));
    CHECK(f == (double)(float)value);
    CHECK(d == (double)value);
    double u = gln_scalar_to_double(
        gln_scalar_from_uint(GLN_TYPE_F32, (uint64_t)value));
    CHECK(u == (double)(float)(uint64_t)value);
  }
}

CHECK_TEST(floats_cut_and_saturate_to_integers) {
  static const struct {
    gln_type type;
    double value;
    int64_t expected;
  } table[] = {
      {GLN_TYPE_I8, 127.9, 127},
      {GLN_TYPE_I8, 128, 127},
      {GLN_TYPE_I8, -128.9, -128},
      {GLN_TYPE_I8, -1e30, -128},
      {GLN_TYPE_I8, -0.9, 0},
      {GLN_TYPE_I32, 1e10, INT32_MAX},
      {GLN_TYPE_I32, -1e10, INT32_MIN},
      {GLN_TYPE_I64, 1e19, INT64_MAX},
      {GLN_TYPE_I64, -1e19, INT64_MIN},
      {GLN_TYPE_I64, -0x1p63, INT64_MIN},
      {GLN_TYPE_I1, 5, 0},
      {GLN_TYPE_I1, -1, -1},
      {GLN_TYPE_I16, NAN, 0},
      {GLN_TYPE_INDEX, 42.5, 42},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    CHECK_EQ(gln_scalar_to_int(
                 gln_scalar_from_double(table[i].type, table[i].value)),
             table[i].expected);
  gln_scalar huge = gln_scalar_from_double(GLN_TYPE_F64, 1e30);
  CHECK(gln_scalar_to_uint(huge) == UINT64_MAX);
  CHECK_EQ(gln_scalar_to_int(huge), INT64_MAX);
  CHECK_EQ(gln_scalar_to_uint(gln_scalar_from_double(GLN_TYPE_F32, -3)), 0);
  CHECK_EQ(gln_scalar_to_uint(gln_scalar_from_double(GLN_TYPE_F32, 3.7)), 3);
}

CHECK_TEST(integers_wrap_and_are_signless) {
  gln_scalar value = gln_scalar_from_int(GLN_TYPE_I8, 200);
  CHECK_EQ(gln_scalar_to_int(value), -56);
  CHECK_EQ(gln_scalar_to_uint(value), 200);
  CHECK(gln_scalar_to_double(value) == -56);
  CHECK_EQ(gln_scalar_to_int(gln_scalar_from_int(GLN_TYPE_I1, 1)), -1);
  CHECK_EQ(gln_scalar_to_uint(gln_scalar_from_int(GLN_TYPE_I1, 3)), 1);
  CHECK_EQ(gln_scalar_to_int(gln_scalar_from_uint(GLN_TYPE_I64, UINT64_MAX)),
           -1);
}

CHECK_TEST(equality_is_of_bits) {
  gln_scalar zero = gln_scalar_from_double(GLN_TYPE_F32, 0.0);
  gln_scalar minus = gln_scalar_from_double(GLN_TYPE_F32, -0.0);
  gln_scalar nan = gln_scalar_from_double(GLN_TYPE_F32, NAN);
  CHECK(!gln_scalar_equal(zero, minus));
  CHECK(gln_scalar_equal(nan, nan));
  CHECK(!gln_scalar_equal(zero, gln_scalar_from_int(GLN_TYPE_I32, 0)));
}

CHECK_TEST(elements_in_memory) {
  unsigned char bytes[16];
  for (int type = 0; type < GLN_NUM_TYPES; ++type) {
    unsigned size = gln_type_bytes((gln_type)type);
    gln_scalar value = gln_scalar_from_int((gln_type)type, 1);
    memset(bytes, 0xaa, sizeof bytes);
    gln_scalar_store(value, bytes + 1); // not aligned
    CHECK(gln_scalar_equal(gln_scalar_load((gln_type)type, bytes + 1), value));
    CHECK_EQ(bytes[0], 0xaa);
    CHECK_EQ(bytes[1 + size], 0xaa);
  }
  bytes[0] = 0xff;
  CHECK_EQ(gln_scalar_load(GLN_TYPE_I1, bytes).bits, 1);
  float f = -1.5f;
  CHECK(gln_scalar_to_double(gln_scalar_load(GLN_TYPE_F32, &f)) == -1.5);
}

CHECK_TEST(text_of_values) {
  static const struct {
    const char *type, *text, *printed; // printed NULL: an error
  } table[] = {
      {"f32", "1", "1e+00"},
      {"f32", "-0", "-0e+00"},
      {"f32", "0.1", "1e-01"},
      {"f32", "16777217", "1.6777216e+07"},
      {"f32", "inf", "inf"},
      {"f64", "-inf", "-inf"},
      {"f32", "nan", "0x7fc00000"},
      {"f32", "0x3f800000", "1e+00"},
      {"f32", "1e999", "inf"},
      {"f64", "0.1", "1e-01"},
      {"f64", ".5", "5e-01"},
      {"f64", "5.", "5e+00"},
      {"bf16", "3.14159", "3.14e+00"},
      {"i8", "-128", "-128"},
      {"i8", "255", "-1"},
      {"i8", "0xff", "-1"},
      {"i1", "true", "1"},
      {"i1", "0", "0"},
      {"i64", "18446744073709551615", "-1"},
      {"i64", "-9223372036854775808", "-9223372036854775808"},
      {"index", "7", "7"},
      {"i8", "256", NULL},
      {"i8", "-129", NULL},
      {"i8", "0x100", NULL},
      {"i1", "2", NULL},
      {"i64", "18446744073709551616", NULL},
      {"i32", "1.0", NULL},
      {"i32", "", NULL},
      {"i32", "-", NULL},
      {"f32", "", NULL},
      {"f32", ".", NULL},
      {"f32", "1e", NULL},
      {"f32", "1,5", NULL},
      {"f32", "0x1p3", NULL},
      {"f32", "infinity", NULL},
      {"f32", " 1", NULL},
      {"bf16", "0x10000", NULL},
      {"f64",
       "1000000000000000000000000000000000000000000000000000000000000000",
       NULL},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_type type = test_type(table[i].type);
    gln_scalar value;
    eg_error error = {0};
    eg_status status = gln_scalar_parse(type, table[i].text,
                                        strlen(table[i].text), &value, &error);
    CHECK_EQ(status, table[i].printed ? EG_OK : EG_INVALID);
    CHECK_EQ(error.status, status);
    if (status || !table[i].printed)
      continue;
    char text[40];
    CHECK_EQ(gln_scalar_print(value, text, sizeof text),
             strlen(table[i].printed));
    CHECK_STR(text, table[i].printed);
  }
  gln_scalar value;
  CHECK_EQ(gln_scalar_parse(GLN_TYPE_I32, "1\0", 2, &value, NULL), EG_INVALID);
}

CHECK_TEST(random_floats_read_back) {
  uint64_t state = 7;
  for (int i = 0; i < 20000; ++i) {
    gln_type type = i % 2 ? GLN_TYPE_F32 : GLN_TYPE_F64;
    uint64_t bits = test_random(&state);
    gln_scalar value = {type, i % 2 ? bits >> 32 : bits}, read;
    char text[40];
    size_t length = gln_scalar_print(value, text, sizeof text);
    CHECK_EQ(gln_scalar_parse(type, text, length, &read, NULL), EG_OK);
    CHECK_EQ(read.bits, value.bits);
  }
}

CHECK_TEST(errors_are_written) {
  eg_error error = {0};
  CHECK_EQ(gln_fail(&error, EG_LIMIT, "%d of %s", 3, "them"), EG_LIMIT);
  CHECK_EQ(error.status, EG_LIMIT);
  CHECK_STR(error.text, "3 of them");
  CHECK_EQ(gln_fail(NULL, EG_INVALID, "nobody listens"), EG_INVALID);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

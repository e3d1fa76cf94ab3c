// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The scalar table, its MLIR names and type rules, and straight-line bodies.
#include "../gln_test.h"

#include "view/scalar.h"

CHECK_TEST(names_read_back) {
  for (int op = 0; op < GLN_NUM_SCALAR_OPS; ++op) {
    const gln_scalar_info *info = gln_scalar_op_info((gln_scalar_op)op);
    gln_scalar_op read = GLN_SCALAR_INDEX;
    CHECK(gln_scalar_op_parse(info->name, strlen(info->name), &read));
    CHECK_EQ(read, op);
    CHECK(info->arity >= 1 && info->arity <= GLN_SCALAR_MAX_ARITY);
    CHECK(info->doc[0] != '\0');
  }
  gln_scalar_op op;
  CHECK(!gln_scalar_op_parse("ad", 2, &op));
  CHECK(!gln_scalar_op_parse("const", 5, &op));
}

CHECK_TEST(mlir_names) {
  static const struct {
    const char *mlir;
    unsigned result;
    int64_t predicate;
    const char *name; // NULL: not in the table
  } table[] = {
      {"arith.addf", 0, 0, "add"},
      {"arith.addi", 0, 0, "add"},
      {"arith.maximumf", 0, 0, "max"},
      {"arith.maxnumf", 0, 0, "maxnum"},
      {"arith.maxui", 0, 0, "maxu"},
      {"arith.extui", 0, 0, "castu"},
      {"arith.extsi", 0, 0, "cast"},
      {"arith.index_cast", 0, 0, "cast"},
      {"arith.shrsi", 0, 0, "shr"},
      {"arith.shrui", 0, 0, "shru"},
      {"arith.mulsi_extended", 0, 0, "mul"},
      {"arith.mulsi_extended", 1, 0, "mulh"},
      {"arith.mulsi_extended", 2, 0, NULL},
      {"arith.addui_extended", 1, 0, "addcarry"},
      {"math.sincos", 1, 0, "cos"},
      {"math.fpowi", 0, 0, "powi"},
      {"arith.cmpi", 0, 0, "cmpi_eq"},
      {"arith.cmpi", 0, 2, "cmpi_slt"},
      {"arith.cmpi", 0, 9, "cmpi_uge"},
      {"arith.cmpi", 0, 10, NULL},
      {"arith.cmpi", 0, -1, NULL},
      {"arith.cmpf", 0, 0, "cmpf_false"},
      {"arith.cmpf", 0, 1, "cmpf_oeq"},
      {"arith.cmpf", 0, 9, "cmpf_ugt"},
      {"arith.cmpf", 0, 15, "cmpf_true"},
      {"arith.cmpf", 0, 16, NULL},
      {"arith.cmpf", 1, 0, NULL},
      {"arith.addf", 1, 0, NULL},
      {"arith.constant", 0, 0, NULL},
      {"tensor.extract", 0, 0, NULL},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_scalar_op op = GLN_SCALAR_INDEX;
    bool known = gln_scalar_op_from_mlir(table[i].mlir, table[i].result,
                                         table[i].predicate, &op);
    CHECK_EQ(known, table[i].name != NULL);
    if (known && table[i].name)
      CHECK_STR(gln_scalar_op_info(op)->name, table[i].name);
  }
}

CHECK_TEST(type_rules) {
  static const struct {
    const char *op, *args[3], *result, *message; // NULL: no error
  } table[] = {
      {"add", {"f32", "f32"}, "f32", NULL},
      {"add", {"i1", "i1"}, "i1", NULL},
      {"add",
       {"f32", "f64"},
       "f32",
       "add: operand 1 has type f64, expected f32"},
      {"add", {"f32", "f32"}, "f64", "add: result has type f64, expected f32"},
      {"add", {"f32"}, "f32", "add: 1 operands, expected 2"},
      {"exp", {"i32"}, "i32", "exp: operand 0 has type i32, expected float"},
      {"and",
       {"f32", "f32"},
       "f32",
       "and: operand 0 has type f32, expected integer"},
      {"cmpf_oeq", {"bf16", "bf16"}, "i1", NULL},
      {"cmpf_oeq",
       {"bf16", "bf16"},
       "bf16",
       "cmpf_oeq: result has type bf16, expected i1"},
      {"select", {"i1", "f32", "f32"}, "f32", NULL},
      {"select",
       {"i8", "f32", "f32"},
       "f32",
       "select: operand 0 has type i8, expected i1"},
      {"select",
       {"i1", "f32", "i32"},
       "f32",
       "select: operand 2 has type i32, expected f32"},
      {"cast", {"i8"}, "f32", NULL},
      {"cast", {"f64"}, "bf16", NULL},
      {"bitcast", {"f32"}, "i32", NULL},
      {"bitcast",
       {"f32"},
       "i16",
       "bitcast: operand 0 has type f32 of 32 bits, result i16 of 16"},
      {"powi", {"f32", "i32"}, "f32", NULL},
      {"powi",
       {"f32", "f32"},
       "f32",
       "powi: operand 1 has type f32, expected integer"},
      {"isnan", {"f16"}, "i1", NULL},
      {"clamp", {"i8", "i8", "i8"}, "i8", NULL},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_scalar_op op;
    CHECK(gln_scalar_op_parse(table[i].op, strlen(table[i].op), &op));
    gln_type args[3];
    size_t num = 0;
    while (num < 3 && table[i].args[num]) {
      args[num] = test_type(table[i].args[num]);
      ++num;
    }
    eg_error error = {0};
    eg_status status =
        gln_scalar_op_check(op, args, num, test_type(table[i].result), &error);
    CHECK_EQ(status, table[i].message ? EG_INVALID : EG_OK);
    CHECK_STR(error.text, table[i].message ? table[i].message : "");
  }
  gln_type args[3] = {GLN_TYPE_F32, (gln_type)77, GLN_TYPE_F32};
  CHECK_EQ(gln_scalar_op_check(GLN_SCALAR_CONST, args, 1, GLN_TYPE_F32, NULL),
           EG_INVALID);
  CHECK_EQ(gln_scalar_op_check(GLN_SCALAR_ADD, args, 2, GLN_TYPE_F32, NULL),
           EG_INVALID);
  CHECK_EQ(gln_scalar_op_check(GLN_SCALAR_EXP, args, 1, (gln_type)77, NULL),
           EG_INVALID);
}

//===-- Bodies ------------------------------------------------------------===//

static gln_scalar_body parse(const char *text) {
  gln_scalar_body body;
  eg_error error = {0};
  CHECK_EQ(gln_scalar_body_parse(&body, text, strlen(text),
                                 eg_allocator_default(), &error),
           EG_OK);
  CHECK_STR(error.text, "");
  return body;
}

static void check_text(const gln_scalar_body *body, const char *expected) {
  char text[1024];
  size_t length = gln_scalar_body_print(body, text, sizeof text);
  CHECK_STR(text, expected);
  CHECK_EQ(length, strlen(expected));
}

CHECK_TEST(a_body_is_built_and_shared) {
  gln_type types[2] = {GLN_TYPE_F32, GLN_TYPE_F32};
  gln_scalar_body body;
  uint16_t mul, again, one, sum, d;
  CHECK_EQ(gln_scalar_body_init(&body, types, 2, eg_allocator_default(), NULL),
           EG_OK);
  CHECK_EQ(gln_scalar_body_op(&body, GLN_SCALAR_MUL, GLN_TYPE_F32,
                              (uint16_t[]){0, 1}, 2, &mul, NULL),
           EG_OK);
  CHECK_EQ(
      gln_scalar_body_const(&body, test_value(GLN_TYPE_F32, "1"), &one, NULL),
      EG_OK);
  CHECK_EQ(gln_scalar_body_op(&body, GLN_SCALAR_ADD, GLN_TYPE_F32,
                              (uint16_t[]){mul, one}, 2, &sum, NULL),
           EG_OK);
  CHECK_EQ(gln_scalar_body_op(&body, GLN_SCALAR_MUL, GLN_TYPE_F32,
                              (uint16_t[]){0, 1}, 2, &again, NULL),
           EG_OK);
  CHECK_EQ(again, mul);
  CHECK_EQ(gln_scalar_body_index(&body, 3, &d, NULL), EG_OK);
  CHECK_EQ(gln_scalar_body_result(&body, sum, NULL), EG_OK);
  CHECK_EQ(gln_scalar_body_type(&body, d), GLN_TYPE_INDEX);
  CHECK_EQ(gln_scalar_body_type(&body, 1), GLN_TYPE_F32);
  CHECK_EQ(gln_scalar_body_verify(&body, NULL), EG_OK);
  check_text(&body, "(body (f32 f32) ((mul f32 %0 %1) (const f32 1e+00) "
                    "(add f32 %2 %3) (index 3)) (%4))");

  // Each of these is refused and leaves the body as it was.
  eg_error error = {0};
  CHECK_EQ(gln_scalar_body_op(&body, GLN_SCALAR_ADD, GLN_TYPE_F32,
                              (uint16_t[]){0, 6}, 2, &d, &error),
           EG_INVALID);
  CHECK_STR(error.text, "body: operand 1 of %6 is %6, which is not earlier");
  CHECK_EQ(gln_scalar_body_op(&body, GLN_SCALAR_ADD, GLN_TYPE_F32,
                              (uint16_t[]){0, 5}, 2, &d, &error),
           EG_INVALID);
  CHECK_STR(error.text, "add: operand 1 has type index, expected f32");
  CHECK_EQ(gln_scalar_body_op(&body, GLN_SCALAR_ADD, GLN_TYPE_F32,
                              (uint16_t[]){0}, 1, &d, &error),
           EG_INVALID);
  CHECK_EQ(
      gln_scalar_body_const(&body, (gln_scalar){GLN_TYPE_I8, 256}, &d, &error),
      EG_INVALID);
  CHECK_EQ(gln_scalar_body_result(&body, 6, &error), EG_INVALID);
  CHECK_EQ(body.num_insts, 4);
  CHECK_EQ(body.num_results, 1);
  gln_scalar_body_fini(&body);
  gln_scalar_body_fini(&body); // finishing twice is harmless
}

CHECK_TEST(text_round_trip) {
  static const char *const table[] = {
      "(body () () ())",
      "(body (f32) () (%0))",
      "(body (i8 i32) ((cast i32 %0) (add i32 %2 %1)) (%3 %2))",
      "(body (i1 f64 f64) ((select f64 %0 %1 %2) (const f64 -inf)) (%3))",
      "(body (bf16) ((const bf16 0x7fc0) (cmpf_uno i1 %0 %1)) (%2))",
      "(body () ((index 31) (cast i64 %0) (const i8 -128)) (%1))",
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_scalar_body body = parse(table[i]);
    check_text(&body, table[i]);
    gln_scalar_body_fini(&body);
  }
  gln_scalar_body body = parse("; a comment\n( body( f32 )\n ;more ) \n"
                               "((neg f32 %0))(%1) )\n");
  check_text(&body, "(body (f32) ((neg f32 %0)) (%1))");
  char small[8];
  CHECK_EQ(gln_scalar_body_print(&body, small, sizeof small),
           gln_scalar_body_print(&body, NULL, 0));
  CHECK_STR(small, "(body (");
  gln_scalar_body_fini(&body);
}

CHECK_TEST(text_errors) {
  static const struct {
    const char *text, *message;
    uint32_t line;
  } table[] = {
      {"", "expected (, found ''", 1},
      {"(body", "expected (, found ''", 1},
      {"(body (f32)", "expected (, found ''", 1},
      {"(boddy () () ())", "expected body, found 'boddy'", 1},
      {"(body (f33) () ())", "expected a type, found 'f33'", 1},
      {"(body ()\n((foo f32 %0)) ())",
       "expected a scalar function, found 'foo'", 2},
      {"(body (f32)\n\n((exp f32 0)) ())", "expected a register, found '0'", 3},
      {"(body (f32) ((exp f32 %1)) ())",
       "body: operand 0 of %1 is %1, which is not earlier", 1},
      {"(body (f32) ((exp f32 %x)) ())", "expected a register, found '%x'", 1},
      {"(body (f32) ((exp f32 %99999)) ())", "no register %99999", 1},
      {"(body (f32) ((exp f32 %9999999999)) ())",
       "expected a register, found '%9999999999'", 1},
      {"(body (i32) ((exp i32 %0)) ())",
       "exp: operand 0 has type i32, expected float", 1},
      {"(body () ((const i8 300)) ())", "'300' is no value of type i8", 1},
      {"(body () ((index -1)) ())", "expected a dimension, found '-1'", 1},
      {"(body (f32) ((exp f32 %0 %0)) ())", "expected ), found '%0'", 1},
      {"(body (f32) () (%1))", "body: result is %1 of 1 registers", 1},
      {"(body () () ()) x", "expected the end of the text, found 'x'", 1},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_scalar_body body;
    eg_error error = {0};
    CHECK_EQ(gln_scalar_body_parse(&body, table[i].text, strlen(table[i].text),
                                   eg_allocator_default(), &error),
             EG_INVALID);
    CHECK_STR(error.text, table[i].message);
    CHECK_EQ(error.line, table[i].line);
  }
}

// No prefix and no single changed byte may crash the reader; whatever it
// accepts must verify and print as a text that reads back to the same body.
CHECK_TEST(damaged_text_is_harmless) {
  static const char text[] = "(body (f32 i1) ((const f32 1.5e+00) (index 2)\n"
                             "(select f32 %1 %0 %2) (cast i8 %3)) (%4 %5))";
  static const char bytes[] = {'(', ')', '%', ' ', '9', 'f', '\0', ';', '-'};
  char copy[sizeof text];
  for (size_t at = 0; at < sizeof text; ++at) {
    for (size_t b = 0; b <= sizeof bytes; ++b) {
      size_t length = sizeof text - 1;
      memcpy(copy, text, sizeof text);
      if (b < sizeof bytes)
        copy[at] = bytes[b];
      else
        length = at;
      gln_scalar_body body, again;
      eg_error error = {0};
      if (gln_scalar_body_parse(&body, copy, length, eg_allocator_default(),
                                &error)) {
        CHECK(error.text[0] != '\0');
        continue;
      }
      char printed[512];
      size_t n = gln_scalar_body_print(&body, printed, sizeof printed);
      CHECK_EQ(gln_scalar_body_verify(&body, NULL), EG_OK);
      CHECK_EQ(gln_scalar_body_parse(&again, printed, n, eg_allocator_default(),
                                     NULL),
               EG_OK);
      CHECK(gln_scalar_body_equal(&body, &again));
      gln_scalar_body_fini(&again);
      gln_scalar_body_fini(&body);
    }
  }
}

CHECK_TEST(normal_form) {
  static const struct {
    const char *body, *normal;
  } table[] = {
      // Dead instructions go, the others take the order of first need.
      {"(body (f32) ((const f32 2) (exp f32 %0) (neg f32 %2) (mul f32 %3 %1)) "
       "(%4))",
       "(body (f32) ((exp f32 %0) (neg f32 %1) (const f32 2e+00) "
       "(mul f32 %2 %3)) (%4))"},
      {"(body (f32) ((exp f32 %0) (log f32 %0)) (%0))", "(body (f32) () (%0))"},
      // Equal instructions merge.
      {"(body (f32) ((exp f32 %0) (exp f32 %0) (add f32 %1 %2)) (%3 %2))",
       "(body (f32) ((exp f32 %0) (add f32 %1 %1)) (%2 %1))"},
      {"(body () () ())", "(body () () ())"},
      // -0 and 0 are different constants.
      {"(body () ((const f32 0) (const f32 -0) (add f32 %0 %1)) (%2))",
       "(body () ((const f32 0e+00) (const f32 -0e+00) (add f32 %0 %1)) "
       "(%2))"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_scalar_body body = parse(table[i].body);
    CHECK_EQ(gln_scalar_body_normalize(&body, NULL), EG_OK);
    check_text(&body, table[i].normal);
    gln_scalar_body twice;
    CHECK_EQ(gln_scalar_body_copy(&twice, &body, eg_allocator_default(), NULL),
             EG_OK);
    CHECK_EQ(gln_scalar_body_normalize(&twice, NULL), EG_OK);
    CHECK(gln_scalar_body_equal(&twice, &body));
    CHECK(gln_scalar_body_hash(&twice) == gln_scalar_body_hash(&body));
    gln_scalar_body_fini(&twice);
    gln_scalar_body_fini(&body);
  }
}

CHECK_TEST(equality_and_hash_see_every_field) {
  static const char *const table[] = {
      "(body (f32 f32) ((add f32 %0 %1)) (%2))",
      "(body (f32 f32) ((add f32 %1 %0)) (%2))",
      "(body (f32 f32) ((sub f32 %0 %1)) (%2))",
      "(body (f64 f64) ((add f64 %0 %1)) (%2))",
      "(body (f32 f32) ((add f32 %0 %1)) (%1))",
      "(body (f32 f32) ((add f32 %0 %1)) (%2 %2))",
      "(body (f32 f32) ((add f32 %0 %1) (const f32 1)) (%2))",
      "(body (f32 f32) ((add f32 %0 %1) (const f32 2)) (%2))",
      "(body (f32 f32 f32) ((add f32 %0 %1)) (%2))",
  };
  enum { COUNT = sizeof table / sizeof *table };
  for (int i = 0; i < COUNT; ++i) {
    for (int j = 0; j < COUNT; ++j) {
      gln_scalar_body a = parse(table[i]), b = parse(table[j]);
      CHECK_EQ(gln_scalar_body_equal(&a, &b), i == j);
      CHECK_EQ(gln_scalar_body_hash(&a) == gln_scalar_body_hash(&b), i == j);
      gln_scalar_body_fini(&a);
      gln_scalar_body_fini(&b);
    }
  }
  // The same number on every machine and in every run.
  gln_scalar_body a = parse(table[0]);
  uint64_t expected = UINT64_C(0x2d1b6e89de159a62);
  CHECK(gln_scalar_body_hash(&a) == expected);
  gln_scalar_body_fini(&a);
}

CHECK_TEST(limits) {
  gln_type types[GLN_BODY_MAX_ARGS + 1] = {GLN_TYPE_F32};
  gln_scalar_body body;
  eg_error error = {0};
  uint16_t reg;
  CHECK_EQ(gln_scalar_body_init(&body, types, GLN_BODY_MAX_ARGS + 1,
                                eg_allocator_default(), &error),
           EG_LIMIT);
  gln_scalar_body_fini(&body);
  CHECK_EQ(gln_scalar_body_init(&body, NULL, 0, eg_allocator_default(), NULL),
           EG_OK);
  for (int i = 0; i < GLN_BODY_MAX_INSTS; ++i)
    CHECK_EQ(gln_scalar_body_const(&body, gln_scalar_from_int(GLN_TYPE_I32, i),
                                   &reg, NULL),
             EG_OK);
  CHECK_EQ(gln_scalar_body_const(&body, gln_scalar_from_int(GLN_TYPE_I32, -1),
                                 &reg, &error),
           EG_LIMIT);
  CHECK_STR(error.text, "body: more than 4096 instructions");
  for (int i = 0; i < GLN_BODY_MAX_RESULTS; ++i)
    CHECK_EQ(gln_scalar_body_result(&body, (uint16_t)i, NULL), EG_OK);
  CHECK_EQ(gln_scalar_body_result(&body, 0, &error), EG_LIMIT);
  CHECK_EQ(gln_scalar_body_verify(&body, NULL), EG_OK);
  CHECK_EQ(gln_scalar_body_normalize(&body, NULL), EG_OK);
  CHECK_EQ(body.num_insts, GLN_BODY_MAX_RESULTS);
  gln_scalar_body_fini(&body);
}

CHECK_TEST(verify_sees_damage) {
  const char *text = "(body (f32 i32) ((const i8 3) (index 1) (exp f32 %0)) "
                     "(%4))";
  for (int damage = 0; damage < 9; ++damage) {
    gln_scalar_body body = parse(text);
    gln_scalar_inst *insts = body.insts;
    switch (damage) {
    case 0:
      insts[2].args[0] = 4;
      break;
    case 1:
      insts[2].args[1] = 1;
      break;
    case 2:
      insts[0].bits = 256;
      break;
    case 3:
      insts[1].type = GLN_TYPE_I64;
      break;
    case 4:
      insts[2].op = GLN_SCALAR_INDEX + 1;
      break;
    case 5:
      insts[2].type = GLN_NUM_TYPES;
      break;
    case 6:
      body.results[0] = 5;
      break;
    case 7:
      body.arg_types[1] = GLN_NUM_TYPES;
      break;
    case 8:
      insts[2].bits = 1;
      break;
    }
    CHECK_EQ(gln_scalar_body_verify(&body, NULL), EG_INVALID);
    gln_scalar_body_fini(&body);
  }
}

CHECK_TEST(every_allocation_may_fail) {
  const char *text =
      "(body (f32) ((exp f32 %0) (neg f32 %1) (exp f32 %2) (neg f32 %3) "
      "(exp f32 %4) (neg f32 %5) (exp f32 %6) (neg f32 %7) (exp f32 %8) "
      "(neg f32 %9)) (%10))";
  int failures = 0;
  for (int64_t n = 0;; ++n) {
    struct test_memory memory = {0, n, 0};
    gln_scalar_body body, copy;
    eg_status status = gln_scalar_body_parse(&body, text, strlen(text),
                                             test_allocator(&memory), NULL);
    if (status == EG_OK) {
      status =
          gln_scalar_body_copy(&copy, &body, test_allocator(&memory), NULL);
      if (status == EG_OK) {
        status = gln_scalar_body_normalize(&copy, NULL);
        CHECK(gln_scalar_body_equal(&copy, &body)); // also after a failure
        gln_scalar_body_fini(&copy);
      }
      gln_scalar_body_fini(&body);
    }
    CHECK_EQ(memory.held, 0);
    if (status == EG_OK)
      break;
    CHECK_EQ(status, EG_NO_MEMORY);
    ++failures;
  }
  CHECK_EQ(failures, 7); // 2 blocks, 2 blocks, scratch, 2 blocks
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

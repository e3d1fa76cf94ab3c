// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes, and the shape rule of every access op: what fits and what is refused.
#include "../gln_test.h"

#include "view/shape.h"

//===-- Shapes ------------------------------------------------------------===//

CHECK_TEST(text_of_shapes) {
  static const char *const table[] = {
      "((2,3),(4)) f32",
      "((),(4,5)) i8",
      "((7),()) index",
      "((),()) bf16",
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_shape shape = test_shape(table[i]);
    char text[64], small[6];
    CHECK_EQ(gln_shape_check(&shape, NULL), EG_OK);
    CHECK_EQ(gln_shape_print(&shape, text, sizeof text), strlen(table[i]));
    CHECK_STR(text, table[i]);
    CHECK_EQ(gln_shape_print(&shape, small, sizeof small), strlen(table[i]));
    CHECK_EQ(strncmp(small, table[i], 5), 0);
    CHECK_EQ(small[5], 0);
  }
}

CHECK_TEST(making_and_checking) {
  gln_shape shape;
  eg_error error = {0};
  CHECK_EQ(gln_shape_make(GLN_TYPE_F32, (int64_t[]){2, 3}, 2, (int64_t[]){4}, 1,
                          &shape, NULL),
           EG_OK);
  gln_shape expected = test_shape("((2,3),(4)) f32");
  CHECK(gln_shape_equal(&shape, &expected));
  CHECK_EQ(gln_shape_num_elements(&shape), 24);
  CHECK_EQ(gln_shape_num_access_elements(&shape), 6);
  CHECK_EQ(gln_shape_num_item_elements(&shape), 4);
  CHECK_EQ(
      gln_shape_make(GLN_TYPE_F32, NULL, 0, (int64_t[]){0}, 1, &shape, &error),
      EG_INVALID);
  CHECK_STR(error.text, "shape: dimension 0 has extent 0, not 1 to 2147483647");
  CHECK_EQ(
      gln_shape_make(GLN_TYPE_F32, NULL, 0, (int64_t[]){-1}, 1, &shape, NULL),
      EG_INVALID);
  CHECK_EQ(gln_shape_make(GLN_TYPE_F32, NULL, 0,
                          (int64_t[]){GLN_MAX_EXTENT + 1}, 1, &shape, NULL),
           EG_INVALID);
  // 2^31-1 squared is below 2^62; times 2 it is not.
  int64_t m = GLN_MAX_EXTENT;
  CHECK_EQ(
      gln_shape_make(GLN_TYPE_F32, NULL, 0, (int64_t[]){m, m}, 2, &shape, NULL),
      EG_OK);
  CHECK_EQ(gln_shape_make(GLN_TYPE_F32, NULL, 0, (int64_t[]){m, m, 2}, 3,
                          &shape, &error),
           EG_LIMIT);
  CHECK_STR(error.text, "shape: more than 2^62 elements up to dimension 2");
  int64_t ones[GLN_MAX_RANK + 1];
  for (int i = 0; i <= GLN_MAX_RANK; ++i)
    ones[i] = 1;
  CHECK_EQ(gln_shape_make(GLN_TYPE_F32, ones, 16, ones, 16, &shape, NULL),
           EG_OK);
  CHECK_EQ(gln_shape_make(GLN_TYPE_F32, ones, 16, ones, 17, &shape, NULL),
           EG_LIMIT);
  CHECK_EQ(gln_shape_make((gln_type)99, ones, 1, ones, 1, &shape, NULL),
           EG_INVALID);
  shape = expected;
  shape.num_access = 4;
  CHECK_EQ(gln_shape_check(&shape, NULL), EG_INVALID);
  shape.rank = 33;
  CHECK_EQ(gln_shape_check(&shape, NULL), EG_LIMIT);
}

CHECK_TEST(op_and_kind_names_read_back) {
  for (int i = 0; i < GLN_NUM_OPS; ++i) {
    gln_op op = GLN_NUM_OPS;
    const gln_op_info *info = gln_op_get_info((gln_op)i);
    CHECK(gln_op_parse(info->name, strlen(info->name), &op));
    CHECK_EQ(op, i);
    CHECK(info->min_operands <= info->max_operands);
    CHECK(info->max_operands <= GLN_MAX_OPERANDS);
  }
  for (int i = 0; i < GLN_NUM_KINDS; ++i) {
    int kind = -1;
    CHECK(gln_kind_parse(gln_kind_name(i), strlen(gln_kind_name(i)), &kind));
    CHECK_EQ(kind, i);
  }
  gln_op op;
  int kind;
  CHECK(!gln_op_parse("views", 5, &op));
  CHECK(!gln_kind_parse("dots", 4, &kind));
}

//===-- Shape rules -------------------------------------------------------===//

// A list with its length: LIST(1, 2).
#define LIST(...)                                                              \
  {(const int64_t[]){__VA_ARGS__},                                             \
   sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)}

// Runs a rule on shapes given as text; checks the printed result, or the
// message where |expected| starts with '!'.
static void check_infer(const char *op_name, gln_op_attrs attrs,
                        const char *const *operands, const char *expected,
                        int line) {
  gln_shape in[GLN_MAX_OPERANDS + 1], out = test_shape("((9),(9)) i1");
  size_t num = 0;
  for (; operands[num]; ++num)
    in[num] = test_shape(operands[num]);
  gln_op op;
  CHECK(gln_op_parse(op_name, strlen(op_name), &op));
  eg_error error = {0};
  eg_status status = gln_shape_infer(op, &attrs, in, num, &out, &error);
  char text[400];
  if (status == EG_OK)
    gln_shape_print(&out, text, sizeof text);
  else
    snprintf(text, sizeof text, "!%s", error.text);
  if (strcmp(text, expected) != 0)
    printf("%s:%d: as follows\n", __FILE__, line);
  CHECK_STR(text, expected);
  CHECK_EQ(gln_shape_infer(op, &attrs, in, num, &out, NULL), status);
  gln_shape untouched = test_shape("((9),(9)) i1");
  CHECK(status == EG_OK || gln_shape_equal(&out, &untouched));
}

#define INFER(op, expected, operands, ...)                                     \
  check_infer(op, (gln_op_attrs){__VA_ARGS__}, operands, expected, __LINE__)
#define ONE(a) ((const char *const[]){a, NULL})
#define TWO(a, b) ((const char *const[]){a, b, NULL})
#define THREE(a, b, c) ((const char *const[]){a, b, c, NULL})
#define NONE ((const char *const[]){NULL})
#define SHAPE(text) .shape = test_shape(text)

CHECK_TEST(splits) {
  INFER("view", "((2,3),(4)) f32", ONE("((),(2,3,4)) f32"), .at = 2);
  INFER("view", "((),(2)) f32", ONE("((),(2)) f32"), .at = 0);
  INFER("view", "((),()) f32", ONE("((),()) f32"), .at = 0);
  INFER("view", "!view: at = 2 is not in [0, 1] for operand 0 of ((),(2)) f32",
        ONE("((),(2)) f32"), .at = 2);
  INFER("view", "!view: at = -1 is not in [0, 1] for operand 0 of ((),(2)) f32",
        ONE("((),(2)) f32"), .at = -1);
  INFER("tensor", "((),(2,3)) i8", ONE("((2),(3)) i8"), .at = 0);
  INFER("shift", "((2,3),(4)) f32", ONE("((2),(3,4)) f32"), .by = 1);
  INFER("shift", "((),(2,3,4)) f32", ONE("((2),(3,4)) f32"), .by = -1);
  INFER("shift",
        "!shift: by = -2 is not in [-1, 2] for operand 0 of ((2),(3,4)) f32",
        ONE("((2),(3,4)) f32"), .by = -2);
  INFER("shift",
        "!shift: by = 3 is not in [-1, 2] for operand 0 of ((2),(3,4)) f32",
        ONE("((2),(3,4)) f32"), .by = 3);
  INFER("view", "!view: 0 operands, expected 1 to 1", NONE, .at = 0);
  INFER("view", "!view: 2 operands, expected 1 to 1",
        TWO("((),()) f32", "((),()) f32"), .at = 0);
}

CHECK_TEST(transposes) {
  INFER("transpose", "((4,2),(3)) f32", ONE("((2,3),(4)) f32"),
        .perm = LIST(2, 0, 1));
  INFER("transpose", "((),()) f32", ONE("((),()) f32"), .at = 0);
  INFER("transpose",
        "!transpose: perm has 2 entries, expected 3 for operand 0 of "
        "((2,3),(4)) f32",
        ONE("((2,3),(4)) f32"), .perm = LIST(1, 0));
  INFER("transpose",
        "!transpose: perm names dimension 1 twice for operand 0 of ((2),(3)) "
        "f32",
        ONE("((2),(3)) f32"), .perm = LIST(1, 1));
  INFER("transpose",
        "!transpose: perm[0] = 2 is not in [0, 1] for operand 0 of ((2),(3)) "
        "f32",
        ONE("((2),(3)) f32"), .perm = LIST(2, 0));
}

CHECK_TEST(reshapes) {
  INFER("reshape", "((6),(2,2)) i8", ONE("((2,3),(4)) i8"),
        SHAPE("((6),(2,2)) f32"));
  INFER("reshape", "((),(4)) f32", ONE("((1),(2,2)) f32"),
        SHAPE("((),(4)) f32"));
  INFER("reshape",
        "!reshape: operand 0 of ((2,3),(4)) f32 and result of ((4),(6)) f32 "
        "differ in the number of access elements",
        ONE("((2,3),(4)) f32"), SHAPE("((4),(6)) f32"));
  INFER("reshape",
        "!reshape: operand 0 of ((2),(4)) f32 and result of ((2),(5)) f32 "
        "differ in the number of item elements",
        ONE("((2),(4)) f32"), SHAPE("((2),(5)) f32"));
  INFER("reshape",
        "!reshape: attribute shape: dimension 0 has extent 0, not 1 to "
        "2147483647",
        ONE("((2),(4)) f32"), SHAPE("((0),(5)) f32"));
  INFER("flatten", "((6),(20)) f32", ONE("((2,3),(4,5)) f32"), .at = 0);
  INFER("flatten", "((1),(20)) f32", ONE("((),(4,5)) f32"), .at = 0);
  INFER("flatten", "((1),(1)) f32", ONE("((),()) f32"), .at = 0);
  INFER("flatten",
        "!flatten: ((2147483648),(1)) of operand 0 of ((65536,32768),()) f32 "
        "exceeds extent 2147483647",
        ONE("((65536,32768),()) f32"), .at = 0);
  INFER("squeeze", "((2),(3)) f32", ONE("((2,1),(3)) f32"), .dim = 1);
  INFER("squeeze", "((2),(3)) f32", ONE("((2),(1,3)) f32"), .dim = 1);
  INFER("squeeze", "((),()) f32", ONE("((),(1)) f32"), .dim = 0);
  INFER("squeeze",
        "!squeeze: dimension 0 of operand 0 of ((2),(3)) f32 has extent 2, not "
        "1",
        ONE("((2),(3)) f32"), .dim = 0);
  INFER("squeeze",
        "!squeeze: dim = 2 is not in [0, 2) for operand 0 of ((2),(3)) f32",
        ONE("((2),(3)) f32"), .dim = 2);
  INFER("insert_axis", "((1,2),(3)) f32", ONE("((2),(3)) f32"), .dim = 0);
  INFER("insert_axis", "((2,1),(3)) f32", ONE("((2),(3)) f32"), .dim = 1);
  INFER("insert_axis", "((2),(3,1)) f32", ONE("((2),(3)) f32"), .dim = 2);
  INFER("insert_axis",
        "!insert_axis: dim = 3 is not in [0, 3) for operand 0 of ((2),(3)) f32",
        ONE("((2),(3)) f32"), .dim = 3);
}

CHECK_TEST(broadcasts) {
  INFER("broadcast", "((2,3),(4)) i8", ONE("((2,1),(4)) i8"),
        SHAPE("((2,3),(4)) f32"));
  INFER("broadcast", "((5,2),(6,4)) f32", ONE("((1),(4)) f32"),
        SHAPE("((5,2),(6,4)) f32"));
  INFER("broadcast", "((7),(2)) f32", ONE("((),()) f32"),
        SHAPE("((7),(2)) f32"));
  INFER("broadcast",
        "!broadcast: operand 0 of ((2),(4)) f32 does not broadcast to "
        "((3),(4)) f32",
        ONE("((2),(4)) f32"), SHAPE("((3),(4)) f32"));
  // An access dimension never turns into an item dimension.
  INFER("broadcast",
        "!broadcast: operand 0 of ((2),(4)) f32 does not broadcast to "
        "((),(2,4)) f32",
        ONE("((2),(4)) f32"), SHAPE("((),(2,4)) f32"));
}

CHECK_TEST(slices_and_pads) {
  INFER("slice", "((3),(2)) f32", ONE("((5),(4)) f32"), .offsets = LIST(0, 3),
        .sizes = LIST(3, 2), .strides = LIST(2, -3));
  INFER("slice",
        "!slice: last index 6 of dimension 0 is outside operand 0 of ((5),()) "
        "f32 (offset 0, size 4, stride 2)",
        ONE("((5),()) f32"), .offsets = LIST(0), .sizes = LIST(4),
        .strides = LIST(2));
  INFER("slice",
        "!slice: last index -1 of dimension 0 is outside operand 0 of ((5),()) "
        "f32 (offset 1, size 3, stride -1)",
        ONE("((5),()) f32"), .offsets = LIST(1), .sizes = LIST(3),
        .strides = LIST(-1));
  INFER("slice", "!slice: strides[0] = 0 for operand 0 of ((5),()) f32",
        ONE("((5),()) f32"), .offsets = LIST(1), .sizes = LIST(3),
        .strides = LIST(0));
  INFER("slice",
        "!slice: offsets[0] = 5 is not in [0, 4] for operand 0 of ((5),()) f32",
        ONE("((5),()) f32"), .offsets = LIST(5), .sizes = LIST(1),
        .strides = LIST(1));
  INFER("slice",
        "!slice: sizes[0] = 0 is not in [1, 5] for operand 0 of ((5),()) f32",
        ONE("((5),()) f32"), .offsets = LIST(0), .sizes = LIST(0),
        .strides = LIST(1));
  INFER("slice",
        "!slice: sizes has 1 entries, expected 2 for operand 0 of ((5),(2)) "
        "f32",
        ONE("((5),(2)) f32"), .offsets = LIST(0, 0), .sizes = LIST(1),
        .strides = LIST(1, 1));
  INFER("slice",
        "!slice: strides[0] = -9223372036854775808 is not in [-2147483647, "
        "2147483647] for operand 0 of ((5),()) f32",
        ONE("((5),()) f32"), .offsets = LIST(0), .sizes = LIST(2),
        .strides = LIST(INT64_MIN));
  INFER("pad", "((2),(7)) i8", ONE("((2),(4)) i8"), .low = LIST(0, 1),
        .high = LIST(0, 2), .value = {GLN_TYPE_I8, 0});
  INFER("pad", "!pad: value has type f32, but operand 0 is ((2),(4)) i8",
        ONE("((2),(4)) i8"), .low = LIST(0, 1), .high = LIST(0, 2),
        .value = {GLN_TYPE_F32, 0});
  INFER(
      "pad",
      "!pad: low[1] = -1 is not in [0, 2147483647] for operand 0 of ((2),(4)) "
      "i8",
      ONE("((2),(4)) i8"), .low = LIST(0, -1), .high = LIST(0, 2),
      .value = {GLN_TYPE_I8, 0});
  INFER("pad",
        "!pad: result shape: dimension 0 has extent 2147483649, not 1 to "
        "2147483647",
        ONE("((2),()) i8"), .low = LIST(0), .high = LIST(GLN_MAX_EXTENT),
        .value = {GLN_TYPE_I8, 0});
}

CHECK_TEST(windows) {
  INFER("windows", "((1,3,3),(2,3)) f32", ONE("((1),(4,5)) f32"),
        .window = LIST(2, 3), .strides = LIST(1, 1), .dilations = LIST(1, 1));
  INFER("windows", "((3),(3)) f32", ONE("((),(8)) f32"), .window = LIST(3),
        .strides = LIST(2), .dilations = LIST(1));
  INFER("windows", "((2),(3)) f32", ONE("((),(8)) f32"), .window = LIST(3),
        .strides = LIST(2), .dilations = LIST(2));
  INFER("windows",
        "!windows: window 1 spans 6 elements, but item dimension 1 of operand "
        "0 of ((1),(4,5)) f32 has 5",
        ONE("((1),(4,5)) f32"), .window = LIST(2, 6), .strides = LIST(1, 1),
        .dilations = LIST(1, 1));
  INFER("windows",
        "!windows: window has 1 entries, expected 2 for operand 0 of "
        "((1),(4,5)) f32",
        ONE("((1),(4,5)) f32"), .window = LIST(2), .strides = LIST(1, 1),
        .dilations = LIST(1, 1));
  INFER("windows",
        "!windows: strides[0] = 0 is not in [1, 2147483647] for operand 0 of "
        "((),(8)) f32",
        ONE("((),(8)) f32"), .window = LIST(3), .strides = LIST(0),
        .dilations = LIST(1));
  int64_t ones[17];
  for (int i = 0; i < 17; ++i)
    ones[i] = 1;
  gln_ints list = {ones, 17};
  INFER("windows",
        "!windows: result of operand 0 of "
        "((),(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)) i8 has 34 dimensions, at "
        "most 32",
        ONE("((),(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)) i8"), .window = list,
        .strides = list, .dilations = list);
}

CHECK_TEST(several_operands) {
  INFER("concat", "((5),(4)) f32", TWO("((2),(4)) f32", "((3),(4)) f32"),
        .dim = 0);
  INFER("concat",
        "!concat: operand 1 of ((3),(5)) f32 differs from operand 0 of "
        "((2),(4)) f32 in a dimension that is not joined",
        TWO("((2),(4)) f32", "((3),(5)) f32"), .dim = 0);
  INFER(
      "concat",
      "!concat: operand 1 of ((2),(4)) i8 differs from operand 0 of ((2),(4)) "
      "f32 in element type",
      TWO("((2),(4)) f32", "((2),(4)) i8"), .dim = 0);
  INFER("concat",
        "!concat: operand 1 of ((2,4),()) f32 differs from operand 0 of "
        "((2),(4)) f32 in the number of dimensions",
        TWO("((2),(4)) f32", "((2,4),()) f32"), .dim = 0);
  INFER("concat",
        "!concat: dim = 0 is not in [0, 0) for operand 0 of ((),()) f32",
        TWO("((),()) f32", "((),()) f32"), .dim = 0);
  INFER("iota", "((3),(4)) index", NONE, SHAPE("((3),(4)) index"), .dim = 1);
  INFER("iota", "((256),()) i8", NONE, SHAPE("((256),()) i8"), .dim = 0);
  INFER("iota",
        "!iota: index 256 of dimension 0 of ((257),()) i8 does not fit "
        "i8",
        NONE, SHAPE("((257),()) i8"), .dim = 0);
  INFER("iota", "!iota: dim = 2 is not in [0, 2) for ((3),(4)) f32", NONE,
        SHAPE("((3),(4)) f32"), .dim = 2);
  INFER("iota", "!iota: 1 operands, expected 0 to 0", ONE("((3),(4)) f32"),
        SHAPE("((3),(4)) f32"), .dim = 0);
  INFER("pair", "((3),(2,4)) f32", TWO("((3),(4)) f32", "((3),(4)) f32"),
        .at = 0);
  INFER("pair",
        "!pair: operand 1 of ((3),(5)) f32 differs from operand 0 of ((3),(4)) "
        "f32 in dimensions",
        TWO("((3),(4)) f32", "((3),(5)) f32"), .at = 0);
  INFER("pair",
        "!pair: operand 1 of ((3),(4)) i8 differs from operand 0 of ((3),(4)) "
        "f32 in element type",
        TWO("((3),(4)) f32", "((3),(4)) i8"), .at = 0);
  INFER("cartesian_product", "((3,5,6),(2,4)) f32",
        TWO("((3),(4)) f32", "((5,6),(4)) f32"), .at = 0);
  INFER("cartesian_product", "((),(2)) f32", TWO("((),()) f32", "((),()) f32"),
        .at = 0);
  INFER("cartesian_product",
        "!cartesian_product: operand 1 of ((5),(7)) f32 differs from operand 0 "
        "of ((3),(4)) f32 in item dimensions",
        TWO("((3),(4)) f32", "((5),(7)) f32"), .at = 0);
}

#define KIND(name, result) .kind = kind_of(name), .type = test_type(result)

static int kind_of(const char *name) {
  int kind = -1;
  CHECK(gln_kind_parse(name, strlen(name), &kind));
  return kind;
}

CHECK_TEST(reductions) {
  INFER("compute", "((3,5),()) f32", ONE("((3,5),(2,4)) f32"),
        KIND("dot", "f32"));
  INFER("compute", "((3),()) i32", TWO("((3),(4,5)) i8", "((3),(4,5)) i16"),
        KIND("dot", "i32"));
  INFER("compute", "((3),()) f32", TWO("((3),(4)) bf16", "((3),(4)) bf16"),
        KIND("dot", "f32"));
  INFER("compute",
        "!dot: the only operand 0 of ((3),(3,4)) f32 must have first item "
        "dimension 2",
        ONE("((3),(3,4)) f32"), KIND("dot", "f32"));
  INFER("compute",
        "!dot: the only operand 0 of ((2),()) f32 must have first item "
        "dimension 2",
        ONE("((2),()) f32"), KIND("dot", "f32"));
  INFER("compute",
        "!dot: operand 1 of ((3),(5)) f32 differs from operand 0 of ((3),(4)) "
        "f32 in dimensions",
        TWO("((3),(4)) f32", "((3),(5)) f32"), KIND("dot", "f32"));
  INFER("compute",
        "!dot: operand 1 of ((3),(4)) i32 does not widen to result type i16",
        TWO("((3),(4)) i8", "((3),(4)) i32"), KIND("dot", "i16"));
  INFER("compute", "!dot: 3 operands, expected 1 to 2",
        THREE("((3),(4)) i8", "((3),(4)) i8", "((3),(4)) i8"),
        KIND("dot", "i8"));
  INFER("compute", "((3),()) f32", ONE("((3),(4,5)) f32"),
        KIND("reduce_sum", "f32"));
  INFER("compute", "((3),()) i32", ONE("((3),()) i8"),
        KIND("reduce_max", "i32"));
  INFER("compute",
        "!reduce_min: operand 0 of ((3),(4)) f32 does not widen to result type "
        "i32",
        ONE("((3),(4)) f32"), KIND("reduce_min", "i32"));
  INFER("compute", "((3),()) i8", ONE("((3),(127)) i8"),
        KIND("reduce_mean", "i8"));
  INFER("compute",
        "!reduce_mean: the 128 elements in an item of operand 0 of ((3),(128)) "
        "i8 do not fit i8",
        ONE("((3),(128)) i8"), KIND("reduce_mean", "i8"));
  INFER("compute", "((3),(4)) f16", ONE("((3),(4)) f16"),
        KIND("softmax", "f16"));
  INFER("compute",
        "!softmax: operand 0 of ((3),(4)) i8 and result type i8 must be one "
        "float type",
        ONE("((3),(4)) i8"), KIND("softmax", "i8"));
  INFER("compute", "((3),()) i64", ONE("((3),(4,5)) f32"),
        KIND("argmax", "i64"));
  INFER("compute",
        "!argmax: number 2 of an element of operand 0 of ((1),(3)) f32 does "
        "not fit result type i1",
        ONE("((1),(3)) f32"), KIND("argmax", "i1"));
  INFER("compute",
        "!argmax: number 2 of an element of operand 0 of ((1),(3)) f32 does "
        "not fit result type f32",
        ONE("((1),(3)) f32"), KIND("argmax", "f32"));
  INFER("compute", "!compute: no kind -1", ONE("((1),(3)) f32"), .kind = -1);
  INFER("compute", "!compute: no kind 100000", ONE("((1),(3)) f32"),
        .kind = 100000);
  INFER("compute", "!dot: result has no type", ONE("((1),(2)) f32"),
        .kind = GLN_KIND_DOT, .type = (gln_type)99);
}

CHECK_TEST(elementwise) {
  INFER("compute", "((3),(4)) f32", TWO("((3),(4)) f32", "((3),(4)) f32"),
        KIND("add", "f32"));
  INFER("compute", "((3),(4)) f32", ONE("((3),(2,4)) f32"), KIND("mul", "f32"));
  INFER("compute", "((3),()) i8", ONE("((3),(3)) i8"), KIND("clamp", "i8"));
  INFER("compute", "((3),(4)) i1", TWO("((3),(4)) f32", "((3),(4)) f32"),
        KIND("cmpf_olt", "i1"));
  INFER("compute", "((3),(4)) f32",
        THREE("((3),(4)) i1", "((3),(4)) f32", "((3),(4)) f32"),
        KIND("select", "f32"));
  INFER("compute", "((3),(4)) bf16", ONE("((3),(4)) f32"),
        KIND("cast", "bf16"));
  INFER("compute",
        "!add: operand 1 of ((3),(1)) f32 differs from operand 0 of ((3),(4)) "
        "f32 in dimensions",
        TWO("((3),(4)) f32", "((3),(1)) f32"), KIND("add", "f32"));
  INFER("compute",
        "!add: operand 1 of ((3,4),()) f32 differs from operand 0 of ((3),(4)) "
        "f32 in dimensions",
        TWO("((3),(4)) f32", "((3,4),()) f32"), KIND("add", "f32"));
  INFER("compute", "!add: operand 1 has type i8, expected f32",
        TWO("((3),(4)) f32", "((3),(4)) i8"), KIND("add", "f32"));
  INFER("compute", "!exp: 2 operands, expected 1 to 1",
        TWO("((3),(4)) f32", "((3),(4)) f32"), KIND("exp", "f32"));
  INFER("compute",
        "!add: the only operand 0 of ((3),(3,4)) f32 must have first item "
        "dimension 2",
        ONE("((3),(3,4)) f32"), KIND("add", "f32"));
}

static void check_call(const char *body_text, const char *expected,
                       const char *const *operands, int line) {
  gln_scalar_body body;
  CHECK_EQ(gln_scalar_body_parse(&body, body_text, strlen(body_text),
                                 eg_allocator_default(), NULL),
           EG_OK);
  check_infer("call", (gln_op_attrs){.body = &body}, operands, expected, line);
  gln_scalar_body_fini(&body);
}

CHECK_TEST(calls) {
  check_call("(body (f32 i8) ((index 1) (cast f32 %1)) (%3))", "((3),(4)) f32",
             TWO("((3),(4)) f32", "((3),(4)) i8"), __LINE__);
  check_call("(body (f32) ((index 2)) (%1))",
             "!call: body reads index 2, but operand 0 is ((3),(4)) f32",
             ONE("((3),(4)) f32"), __LINE__);
  check_call("(body (f32) () (%0 %0))",
             "!call: body of 1 arguments and 2 results, expected 1 and 1",
             ONE("((3),(4)) f32"), __LINE__);
  check_call("(body (f32) () (%0))",
             "!call: body of 1 arguments and 1 results, expected 2 and 1",
             TWO("((3),(4)) f32", "((3),(4)) f32"), __LINE__);
  check_call("(body (f32 f32) () (%0))",
             "!call: operand 1 of ((3),(5)) f32 differs from operand 0 of "
             "((3),(4)) f32 in dimensions",
             TWO("((3),(4)) f32", "((3),(5)) f32"), __LINE__);
  check_call(
      "(body (f32 f32) () (%0))",
      "!call: operand 1 of ((3),(4)) i8 is passed to an argument of type "
      "f32",
      TWO("((3),(4)) f32", "((3),(4)) i8"), __LINE__);
  INFER("call", "!call: no body", ONE("((3),(4)) f32"), .body = NULL);
}

CHECK_TEST(bad_operands_are_named) {
  INFER("pair",
        "!pair: operand 1: shape: dimension 0 has extent 0, not 1 to "
        "2147483647",
        TWO("((3),(4)) f32", "((0),(4)) f32"), .at = 0);
  gln_op_attrs attrs = {0};
  gln_shape out;
  CHECK_EQ(gln_shape_infer(GLN_NUM_OPS, &attrs, NULL, 0, &out, NULL),
           EG_INVALID);
}

// Random attributes, in and out of range, on random shapes: never a crash,
// and an accepted result is a checked shape.
CHECK_TEST(random_attributes_are_harmless) {
  uint64_t state = 11;
  int accepted = 0;
  static const int64_t odd[] = {INT64_MIN, INT64_MAX, GLN_MAX_EXTENT, -1};
  for (int round = 0; round < 50000; ++round) {
    int64_t lists[8][4];
    gln_ints ints[8];
    for (int l = 0; l < 8; ++l) {
      for (int i = 0; i < 4; ++i)
        lists[l][i] = test_random(&state) % 16
                          ? test_between(&state, 0, 3)
                          : odd[test_between(&state, 0, 3)];
      ints[l] = (gln_ints){lists[l], (size_t)test_between(&state, 1, 4)};
    }
    gln_shape in[2] = {{0}};
    for (int s = 0; s < 2; ++s) {
      in[s].type = (gln_type)test_between(&state, 0, 1);
      in[s].rank = (uint8_t)test_between(&state, 0, 4);
      in[s].num_access = (uint8_t)test_between(&state, 0, in[s].rank);
      for (int d = 0; d < in[s].rank; ++d)
        in[s].dims[d] = test_random(&state) % 32 ? test_between(&state, 1, 4)
                                                 : GLN_MAX_EXTENT;
    }
    gln_op_attrs attrs = {
        .at = lists[0][0],
        .by = lists[0][1],
        .dim = lists[0][2],
        .perm = ints[0],
        .offsets = ints[1],
        .sizes = ints[2],
        .strides = ints[3],
        .dilations = ints[4],
        .window = ints[5],
        .low = ints[6],
        .high = ints[7],
        .shape = in[1],
        .kind = (int)test_between(&state, 0, GLN_NUM_KINDS),
        .type = (gln_type)test_between(&state, 0, 1),
    };
    gln_op op = (gln_op)test_between(&state, 0, GLN_NUM_OPS - 1);
    gln_shape out;
    eg_error error = {0};
    if (gln_shape_infer(op, &attrs, in, (size_t)test_between(&state, 0, 2),
                        &out, &error) == EG_OK) {
      ++accepted;
      CHECK_EQ(gln_shape_check(&out, NULL), EG_OK);
    } else {
      CHECK(error.text[0] != '\0');
    }
  }
  CHECK(accepted > 1000);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

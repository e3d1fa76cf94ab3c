// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The interpreter: each op against hand-computed rows, and against a second
// way to say the same (strides, direct loops, the host's arithmetic).
#include "../gln_test.h"

#include "interp/interp.h"

#include <math.h>

#define LIST(...)                                                              \
  {(const int64_t[]){__VA_ARGS__},                                             \
   sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)}

// "((2),(2)) f32: 1 2 3 4": a shape, then every element.
static gln_array array_of(const char *text) {
  char shape_text[128];
  const char *colon = strchr(text, ':');
  snprintf(shape_text, sizeof shape_text, "%.*s", (int)(colon - text), text);
  gln_shape shape = test_shape(shape_text);
  gln_array array;
  CHECK_EQ(gln_array_init(&array, &shape, eg_allocator_default(), NULL), EG_OK);
  const char *at = colon + 1;
  int64_t count = gln_shape_num_elements(&shape), n = 0;
  for (; n < count && *at; ++n) {
    char number[64];
    at += strspn(at, " ");
    int length = (int)strcspn(at, " ");
    snprintf(number, sizeof number, "%.*s", length, at);
    gln_array_set(&array, n, test_value(shape.type, number));
    at += length;
  }
  CHECK_EQ(n, count);
  CHECK_EQ(*at, 0);
  return array;
}

static void print_array(const gln_array *array, char *text, size_t size) {
  size_t length = gln_shape_print(&array->shape, text, size);
  length += (size_t)snprintf(text + length, size - length, ":");
  int64_t count = gln_shape_num_elements(&array->shape);
  for (int64_t n = 0; n < count; ++n) {
    char number[64];
    gln_scalar value = gln_array_get(array, n);
    gln_scalar_print(value, number, sizeof number);
    double d = gln_scalar_to_double(value);
    if (d == (double)(int)d && !signbit(d)) // whole numbers without exponent
      snprintf(number, sizeof number, "%d", (int)d);
    length += (size_t)snprintf(text + length, size - length, " %s", number);
  }
}

// Runs |op| on arrays given as text and compares the printed result, or the
// message where |expected| starts with '!'.
static void check_op(const char *op_name, gln_op_attrs attrs,
                     const char *const *operands, const char *expected,
                     int line) {
  gln_array in[GLN_MAX_OPERANDS], out;
  const gln_array *pointers[GLN_MAX_OPERANDS];
  size_t num = 0;
  for (; operands[num]; ++num) {
    in[num] = array_of(operands[num]);
    pointers[num] = &in[num];
  }
  gln_op op;
  CHECK(gln_op_parse(op_name, strlen(op_name), &op));
  eg_error error = {0};
  char text[2048];
  if (gln_interp_op(op, &attrs, pointers, num, eg_allocator_default(), &out,
                    &error)) {
    snprintf(text, sizeof text, "!%s", error.text);
    CHECK(out.data == NULL);
  } else {
    print_array(&out, text, sizeof text);
  }
  if (strcmp(text, expected) != 0)
    printf("%s:%d: as follows\n", __FILE__, line);
  CHECK_STR(text, expected);
  gln_array_fini(&out);
  while (num-- > 0)
    gln_array_fini(&in[num]);
}

#define RUN(op, expected, operands, ...)                                       \
  check_op(op, (gln_op_attrs){__VA_ARGS__}, operands, expected, __LINE__)
#define ONE(a) ((const char *const[]){a, NULL})
#define TWO(a, b) ((const char *const[]){a, b, NULL})
#define THREE(a, b, c) ((const char *const[]){a, b, c, NULL})
#define NONE ((const char *const[]){NULL})
#define KIND(name, result) .kind = kind_of(name), .type = test_type(result)

static int kind_of(const char *name) {
  int kind = -1;
  CHECK(gln_kind_parse(name, strlen(name), &kind));
  return kind;
}

//===-- By hand -----------------------------------------------------------===//

CHECK_TEST(views_by_hand) {
  const char *m = "((),(2,3)) i32: 1 2 3 4 5 6";
  RUN("view", "((2),(3)) i32: 1 2 3 4 5 6", ONE(m), .at = 1);
  RUN("tensor", "((),(2,2)) f32: 1 2 3 4", ONE("((2),(2)) f32: 1 2 3 4"),
      .at = 0);
  RUN("shift", "((2,2),()) f32: 1 2 3 4", ONE("((2),(2)) f32: 1 2 3 4"),
      .by = 1);
  RUN("transpose", "((),(3,2)) i32: 1 4 2 5 3 6", ONE(m), .perm = LIST(1, 0));
  // Three dimensions: out[i][j][k] = in[j][k][i].
  RUN("transpose", "((),(3,1,2)) i8: 1 4 2 5 3 6",
      ONE("((),(1,2,3)) i8: 1 2 3 4 5 6"), .perm = LIST(2, 0, 1));
  RUN("reshape", "((),(3,2)) i32: 1 2 3 4 5 6", ONE(m),
      .shape = test_shape("((),(3,2)) i32"));
  RUN("flatten", "((1),(6)) i32: 1 2 3 4 5 6", ONE(m), .at = 0);
  RUN("squeeze", "((2),(2)) i8: 1 2 3 4", ONE("((2,1),(2)) i8: 1 2 3 4"),
      .dim = 1);
  RUN("insert_axis", "((2,1),(2)) i8: 1 2 3 4", ONE("((2),(2)) i8: 1 2 3 4"),
      .dim = 1);
  RUN("broadcast", "((2),(3)) i8: 1 1 1 2 2 2", ONE("((2),(1)) i8: 1 2"),
      .shape = test_shape("((2),(3)) i8"));
  RUN("broadcast", "((2),(2,2)) i8: 1 2 1 2 1 2 1 2", ONE("((),(2)) i8: 1 2"),
      .shape = test_shape("((2),(2,2)) i8"));
  RUN("slice", "((),(2,2)) i32: 6 4 3 1", ONE(m), .offsets = LIST(1, 2),
      .sizes = LIST(2, 2), .strides = LIST(-1, -2));
  RUN("pad", "((),(3,4)) i32: 9 9 9 9 9 1 2 3 9 4 5 6", ONE(m),
      .low = LIST(1, 1), .high = LIST(0, 0), .value = {GLN_TYPE_I32, 9});
  RUN("pad", "((),(2,5)) bf16: 1 2 -inf -inf -inf 3 4 -inf -inf -inf",
      ONE("((),(2,2)) bf16: 1 2 3 4"), .low = LIST(0, 0), .high = LIST(0, 3),
      .value = {GLN_TYPE_BF16, 0xff80});
  RUN("windows", "((2,2),(1,2)) i32: 1 2 2 3 4 5 5 6", ONE(m),
      .window = LIST(1, 2), .strides = LIST(1, 1), .dilations = LIST(1, 1));
  RUN("windows", "((2),(2)) i8: 1 3 3 5", ONE("((),(6)) i8: 1 2 3 4 5 6"),
      .window = LIST(2), .strides = LIST(2), .dilations = LIST(2));
  // Access dimensions stay in front, window positions come after them.
  RUN("windows", "((2,2),(2)) i32: 1 2 2 3 4 5 5 6",
      ONE("((2),(3)) i32: 1 2 3 4 5 6"), .window = LIST(2), .strides = LIST(1),
      .dilations = LIST(1));
}

CHECK_TEST(combination_by_hand) {
  RUN("concat", "((),(2,3)) i8: 1 2 5 3 4 6",
      TWO("((),(2,2)) i8: 1 2 3 4", "((),(2,1)) i8: 5 6"), .dim = 1);
  RUN("concat", "((3),(1)) i8: 1 2 3",
      TWO("((1),(1)) i8: 1", "((2),(1)) i8: 2 3"), .dim = 0);
  RUN("iota", "((2),(3)) index: 0 1 2 0 1 2", NONE, .dim = 1,
      .shape = test_shape("((2),(3)) index"));
  RUN("iota", "((2),(2)) bf16: 0 0 1 1", NONE, .dim = 0,
      .shape = test_shape("((2),(2)) bf16"));
  RUN("pair", "((2),(2,2)) i8: 1 2 5 6 3 4 7 8",
      TWO("((2),(2)) i8: 1 2 3 4", "((2),(2)) i8: 5 6 7 8"), .at = 0);
  RUN("cartesian_product", "((2,1),(2,2)) i8: 1 2 5 6 3 4 5 6",
      TWO("((2),(2)) i8: 1 2 3 4", "((1),(2)) i8: 5 6"), .at = 0);
}

CHECK_TEST(reductions_by_hand) {
  const char *x = "((2),(3)) f32: 1 2 3 -4 5 6";
  RUN("compute", "((2),()) f32: 6 7", ONE(x), KIND("reduce_sum", "f32"));
  RUN("compute", "((2),()) f32: 3 6", ONE(x), KIND("reduce_max", "f32"));
  RUN("compute", "((2),()) f32: 1 -4e+00", ONE(x), KIND("reduce_min", "f32"));
  RUN("compute", "((2),()) f64: 6 -1.2e+02", ONE(x),
      KIND("reduce_prod", "f64"));
  RUN("compute", "((1),()) f32: 2", ONE("((1),(4)) f32: 1 2 2 3"),
      KIND("reduce_mean", "f32"));
  RUN("compute", "((1),()) i32: -2", ONE("((1),(2)) i8: -2 -3"),
      KIND("reduce_mean", "i32"));
  RUN("compute", "((2),()) i64: 1 0", ONE("((2),(3)) i8: 1 5 5 7 7 -1"),
      KIND("argmax", "i64"));
  RUN("compute", "((2),()) i32: 1 3",
      ONE("((2),(2,2)) f32: 1 nan 9 nan 0 -1 -2 0.5"), KIND("argmax", "i32"));
  RUN("compute", "((1),()) f32: 0x7fc00000", ONE("((1),(3)) f32: 1 nan 2"),
      KIND("reduce_max", "f32"));
  RUN("compute", "((1),()) i8: -2", ONE("((1),(3)) i8: -2 -5 -7"),
      KIND("reduce_max", "i8"));
  // No item dimensions: each item is one element.
  RUN("compute", "((2),()) i8: 3 4", ONE("((2),()) i8: 3 4"),
      KIND("reduce_sum", "i8"));
  // The first zero decides the sign: 0 + -0 = 0.
  RUN("compute", "((1),()) f32: 0", ONE("((1),(1)) f32: -0"),
      KIND("reduce_sum", "f32"));
}

// The accumulator has the result's type: bf16 loses each 1 beside 256.
CHECK_TEST(accumulation_rounds_in_the_result_type) {
  const char *x = "((1),(5)) bf16: 256 1 1 1 1";
  RUN("compute", "((1),()) bf16: 256", ONE(x), KIND("reduce_sum", "bf16"));
  RUN("compute", "((1),()) f32: 260", ONE(x), KIND("reduce_sum", "f32"));
  const char *y = "((1),(2)) i8: 100 100";
  RUN("compute", "((1),()) i8: 32", TWO(y, y), KIND("dot", "i8"));
  RUN("compute", "((1),()) i32: 20000", TWO(y, y), KIND("dot", "i32"));
  // 257² = 66049 needs 17 bits; f16 has 11 and ends at 65504.
  const char *z = "((1),(1)) f16: 257";
  RUN("compute", "((1),()) f16: inf", TWO(z, z), KIND("dot", "f16"));
  RUN("compute", "((1),()) f32: 66049", TWO(z, z), KIND("dot", "f32"));
  // Products are rounded before they are added: no fused multiply-add.
  const char *u = "((1),(2)) f32: 1 4097";
  const char *v = "((1),(2)) f32: -16785408 4097";
  RUN("compute", "((1),()) f32: 0", TWO(u, v), KIND("dot", "f32"));
  RUN("compute", "((1),()) f64: 1", TWO(u, v), KIND("dot", "f64"));
  // i1 is signed in an accumulator: true is -1.
  const char *b = "((1),(3)) i1: 1 1 0";
  RUN("compute", "((1),()) i32: -2", ONE(b), KIND("reduce_sum", "i32"));
}

CHECK_TEST(elementwise_by_hand) {
  RUN("compute", "((2),(1)) f32: 4 6",
      TWO("((2),(1)) f32: 1 2", "((2),(1)) f32: 3 4"), KIND("add", "f32"));
  RUN("compute", "((2),(2)) i8: 3 8 35 48",
      ONE("((2),(2,2)) i8: 1 2 3 4 5 6 7 8"), KIND("mul", "i8"));
  RUN("compute", "((1),()) i8: 5", ONE("((1),(3)) i8: 9 0 5"),
      KIND("clamp", "i8"));
  RUN("compute", "((2),()) f32: 1 4",
      THREE("((2),()) i1: 1 0", "((2),()) f32: 1 2", "((2),()) f32: 3 4"),
      KIND("select", "f32"));
  RUN("compute", "((2),()) i1: 1 0",
      TWO("((2),()) f32: 1 2", "((2),()) f32: 3 nan"), KIND("cmpf_olt", "i1"));
  RUN("compute", "((2),()) i8: 1 127", ONE("((2),()) f32: 1.9 1000"),
      KIND("cast", "i8"));
  RUN("compute", "((2),()) f16: 0 3", ONE("((2),()) f16: -2 3"),
      KIND("relu", "f16"));
  RUN("compute", "!element 1: div: 4 divided by 0",
      TWO("((2),()) i8: 1 4", "((2),()) i8: 1 0"), KIND("div", "i8"));
  RUN("compute", "!add: operand 1 has type i8, expected f32",
      TWO("((1),()) f32: 1", "((1),()) i8: 1"), KIND("add", "f32"));
  RUN("compute", "((1),(2)) f32: 5e-01 5e-01", ONE("((1),(2)) f32: 7 7"),
      KIND("softmax", "f32"));
  // The greatest element is taken off first: nothing overflows, or vanishes.
  RUN("compute", "((2),(2)) f32: 5e-01 5e-01 5e-01 5e-01",
      ONE("((2),(2)) f32: 1000 1000 -1000 -1000"), KIND("softmax", "f32"));
  RUN("compute", "((1),(2)) f32: 1 0", ONE("((1),(2)) f32: 0 -inf"),
      KIND("softmax", "f32"));
}

CHECK_TEST(calls_by_hand) {
  const char *text = "(body (i8 f32) ((index 0) (index 1) (cast f32 %2) "
                     "(cast f32 %3) (cast f32 %0) (const f32 10) "
                     "(mul f32 %4 %7) (add f32 %8 %5) (mul f32 %9 %1) "
                     "(sub f32 %10 %6)) (%11))";
  gln_scalar_body body;
  CHECK_EQ(gln_scalar_body_parse(&body, text, strlen(text),
                                 eg_allocator_default(), NULL),
           EG_OK);
  // (10 i + j) · y - x
  RUN("call", "((2),(3)) f32: 0 3 6 5 58 115",
      TWO("((2),(3)) i8: 0 0 0 5 -3 -7", "((2),(3)) f32: 1 3 3 1 5 9"),
      .body = &body);
  gln_scalar_body_fini(&body);
  text = "(body (i8 i8) ((rem i8 %0 %1)) (%2))";
  CHECK_EQ(gln_scalar_body_parse(&body, text, strlen(text),
                                 eg_allocator_default(), NULL),
           EG_OK);
  RUN("call", "!element 2: rem: 9 divided by 0",
      TWO("((3),()) i8: 7 8 9", "((3),()) i8: 4 4 0"), .body = &body);
  gln_scalar_body_fini(&body);
}

CHECK_TEST(empty_operands_are_refused) {
  gln_array empty = {0}, out;
  gln_op_attrs attrs = {0};
  eg_error error = {0};
  const gln_array *in[] = {&empty, NULL};
  CHECK_EQ(gln_interp_op(GLN_OP_TENSOR, &attrs, in, 1, eg_allocator_default(),
                         &out, &error),
           EG_INVALID);
  CHECK_STR(error.text, "interpreter: operand 0 is empty");
  CHECK_EQ(gln_interp_op(GLN_OP_TENSOR, &attrs, in + 1, 1,
                         eg_allocator_default(), &out, &error),
           EG_INVALID);
  CHECK_EQ(gln_interp_op(GLN_NUM_OPS, &attrs, in, 0, eg_allocator_default(),
                         &out, &error),
           EG_INVALID);
  gln_array x = array_of("((1),()) i8: 1");
  const gln_array *many[20];
  for (int i = 0; i < 20; ++i)
    many[i] = &x;
  CHECK_EQ(gln_interp_op(GLN_OP_CALL, &attrs, many, 20, eg_allocator_default(),
                         &out, &error),
           EG_INVALID);
  CHECK_STR(error.text, "call: 20 operands, expected 1 to 8");
  gln_array_fini(&x);
}

//===-- Views against strides ---------------------------------------------===//

// Replaces |*array| by |op| of it.
static bool step(gln_array *array, gln_op op, const gln_op_attrs *attrs) {
  gln_array out;
  eg_error error = {0};
  const gln_array *in[] = {array};
  eg_status status =
      gln_interp_op(op, attrs, in, 1, eg_allocator_default(), &out, &error);
  CHECK_STR(error.text, "");
  gln_array_fini(array);
  *array = out;
  return status == EG_OK;
}

// A pattern over a buffer that holds 0, 1, 2, …: element i is the number
// offset + Σ i[d] · stride[d]. This is how NumPy sees views, and knows nothing
// of the equations that the interpreter runs.
struct strided {
  int64_t offset, strides[GLN_MAX_RANK];
};

static void insert(int64_t *list, int num, int at, int64_t value) {
  memmove(list + at + 1, list + at, (size_t)(num - at) * sizeof *list);
  list[at] = value;
}

// One random op on both sides.
static bool random_view(gln_array *array, struct strided *model,
                        uint64_t *state) {
  gln_shape s = array->shape;
  gln_op_attrs attrs = {0};
  int64_t a[GLN_MAX_RANK], b[GLN_MAX_RANK], c[GLN_MAX_RANK];
  struct strided old = *model;
  int items = s.rank - s.num_access;
  int dim = (int)test_between(state, 0, s.rank ? s.rank - 1 : 0);
  switch (test_between(state, 0, 7)) {
  case 0: {
    for (int d = 0; d < s.rank; ++d)
      a[d] = d;
    for (int d = s.rank - 1; d > 0; --d) {
      int e = (int)test_between(state, 0, d);
      int64_t swap = a[d];
      a[d] = a[e];
      a[e] = swap;
    }
    for (int d = 0; d < s.rank; ++d)
      model->strides[d] = old.strides[a[d]];
    attrs.perm = (gln_ints){a, s.rank};
    return step(array, GLN_OP_TRANSPOSE, &attrs);
  }
  case 1:
    for (int d = 0; d < s.rank; ++d) {
      b[d] = test_between(state, 1, s.dims[d]);
      int64_t most = b[d] > 1 ? (s.dims[d] - 1) / (b[d] - 1) : 3;
      c[d] = test_between(state, 1, most);
      int64_t slack = s.dims[d] - 1 - (b[d] > 1 ? (b[d] - 1) * c[d] : 0);
      a[d] = test_between(state, 0, slack);
      if (test_random(state) & 1) { // run it backwards
        a[d] += (b[d] - 1) * c[d];
        c[d] = -c[d];
      }
      model->offset += a[d] * old.strides[d];
      model->strides[d] = c[d] * old.strides[d];
    }
    attrs.offsets = (gln_ints){a, s.rank};
    attrs.sizes = (gln_ints){b, s.rank};
    attrs.strides = (gln_ints){c, s.rank};
    return step(array, GLN_OP_SLICE, &attrs);
  case 2:
    if (s.rank + items > 10)
      return true;
    for (int d = 0; d < items; ++d) {
      int64_t extent = s.dims[s.num_access + d];
      a[d] = test_between(state, 1, extent);
      b[d] = test_between(state, 1, 3);
      c[d] = test_between(state, 1, a[d] > 1 ? (extent - 1) / (a[d] - 1) : 3);
      model->strides[s.num_access + d] = b[d] * old.strides[s.num_access + d];
      model->strides[s.rank + d] = c[d] * old.strides[s.num_access + d];
    }
    attrs.window = (gln_ints){a, (size_t)items};
    attrs.strides = (gln_ints){b, (size_t)items};
    attrs.dilations = (gln_ints){c, (size_t)items};
    return step(array, GLN_OP_WINDOWS, &attrs);
  case 3:
    if (s.rank > 8)
      return true;
    attrs.dim = test_between(state, 0, s.rank);
    insert(model->strides, s.rank, (int)attrs.dim, 0);
    return step(array, GLN_OP_INSERT_AXIS, &attrs);
  case 4:
    if (s.rank == 0 || s.dims[dim] != 1)
      return true;
    attrs.dim = dim;
    memmove(model->strides + dim, old.strides + dim + 1,
            (size_t)(s.rank - dim - 1) * sizeof *old.strides);
    return step(array, GLN_OP_SQUEEZE, &attrs);
  case 5: // expand one dimension, insert another in front of each half
    if (s.rank > 8 || gln_shape_num_elements(&s) > 2000)
      return true;
    attrs.shape = s;
    for (int d = 0; d < s.rank; ++d) {
      if (s.dims[d] == 1) {
        attrs.shape.dims[d] = test_between(state, 1, 3);
        model->strides[d] = 0;
      }
    }
    insert(attrs.shape.dims, s.rank, s.num_access, 2);
    insert(attrs.shape.dims, s.rank + 1, 0, 1);
    attrs.shape.rank = (uint8_t)(s.rank + 2);
    ++attrs.shape.num_access;
    insert(model->strides, s.rank, s.num_access, 0);
    insert(model->strides, s.rank + 1, 0, 0);
    return step(array, GLN_OP_BROADCAST, &attrs);
  case 6:
    attrs.by = test_between(state, -s.num_access, items);
    return step(array, GLN_OP_SHIFT, &attrs);
  default:
    attrs.at = test_between(state, 0, s.rank);
    return step(array, GLN_OP_VIEW, &attrs);
  }
}

static gln_array counted(uint64_t *state) {
  gln_shape s = {GLN_TYPE_I64, (uint8_t)test_between(state, 0, 4), 0, {0}};
  s.num_access = (uint8_t)test_between(state, 0, s.rank);
  for (int d = 0; d < s.rank; ++d)
    s.dims[d] = test_between(state, 1, 5);
  gln_array array;
  CHECK_EQ(gln_array_init(&array, &s, eg_allocator_default(), NULL), EG_OK);
  for (int64_t n = 0; n < gln_shape_num_elements(&s); ++n)
    gln_array_set(&array, n, gln_scalar_from_int(GLN_TYPE_I64, n));
  return array;
}

CHECK_TEST(chains_of_views_are_strides) {
  uint64_t state = 2024;
  int steps = 0;
  for (int round = 0; round < 1500; ++round) {
    gln_array array = counted(&state);
    struct strided model = {0, {0}};
    int64_t stride = 1;
    for (int d = array.shape.rank - 1; d >= 0; --d) {
      model.strides[d] = stride;
      stride *= array.shape.dims[d];
    }
    bool good = true;
    for (int k = 0; k < 5 && good; ++k, ++steps) {
      good = random_view(&array, &model, &state);
      if (gln_shape_num_elements(&array.shape) > 100000)
        break;
    }
    int64_t count = good ? gln_shape_num_elements(&array.shape) : 0;
    for (int64_t n = 0; n < count; ++n) {
      int64_t i[GLN_MAX_RANK], expected = model.offset;
      gln_shape_position(&array.shape, n, i);
      for (int d = 0; d < array.shape.rank; ++d)
        expected += i[d] * model.strides[d];
      int64_t found = gln_scalar_to_int(gln_array_get(&array, n));
      if (found != expected) {
        CHECK_EQ(found, expected);
        printf("  in round %d\n", round);
        break;
      }
    }
    gln_array_fini(&array);
  }
  CHECK(steps > 5000);
}

// A pad is undone by the slice of its middle; outside lies the value.
CHECK_TEST(pad_and_slice) {
  uint64_t state = 6;
  for (int round = 0; round < 300; ++round) {
    gln_array x = counted(&state), padded;
    gln_shape s = x.shape;
    int64_t low[4], high[4], sizes[4], ones[4] = {1, 1, 1, 1};
    for (int d = 0; d < s.rank; ++d) {
      low[d] = test_between(&state, 0, 2);
      high[d] = test_between(&state, 0, 2);
      sizes[d] = s.dims[d];
    }
    gln_op_attrs attrs = {.low = {low, s.rank},
                          .high = {high, s.rank},
                          .value = gln_scalar_from_int(GLN_TYPE_I64, -1)};
    const gln_array *in[] = {&x};
    CHECK_EQ(gln_interp_op(GLN_OP_PAD, &attrs, in, 1, eg_allocator_default(),
                           &padded, NULL),
             EG_OK);
    int64_t fill = 0, total = gln_shape_num_elements(&padded.shape);
    for (int64_t n = 0; n < total; ++n)
      fill += gln_scalar_to_int(gln_array_get(&padded, n)) == -1;
    CHECK_EQ(fill, total - gln_shape_num_elements(&s));
    attrs = (gln_op_attrs){.offsets = {low, s.rank},
                           .sizes = {sizes, s.rank},
                           .strides = {ones, s.rank}};
    if (step(&padded, GLN_OP_SLICE, &attrs))
      CHECK(gln_array_equal(&padded, &x));
    gln_array_fini(&padded);
    gln_array_fini(&x);
  }
}

// Cutting a pattern in two along any dimension and joining it gives it back.
CHECK_TEST(slice_and_concat) {
  uint64_t state = 8;
  for (int round = 0; round < 300; ++round) {
    gln_array x = counted(&state), parts[2], joined;
    gln_shape s = x.shape;
    int dim = (int)test_between(&state, 0, s.rank ? s.rank - 1 : 0);
    if (s.rank == 0 || s.dims[dim] < 2) {
      gln_array_fini(&x);
      continue;
    }
    int64_t cut = test_between(&state, 1, s.dims[dim] - 1);
    const gln_array *in[] = {&x}, *both[] = {&parts[0], &parts[1]};
    for (int p = 0; p < 2; ++p) {
      int64_t offsets[4] = {0}, sizes[4], ones[4] = {1, 1, 1, 1};
      memcpy(sizes, s.dims, sizeof sizes);
      offsets[dim] = p ? cut : 0;
      sizes[dim] = p ? s.dims[dim] - cut : cut;
      gln_op_attrs attrs = {.offsets = {offsets, s.rank},
                            .sizes = {sizes, s.rank},
                            .strides = {ones, s.rank}};
      CHECK_EQ(gln_interp_op(GLN_OP_SLICE, &attrs, in, 1,
                             eg_allocator_default(), &parts[p], NULL),
               EG_OK);
    }
    gln_op_attrs attrs = {.dim = dim};
    CHECK_EQ(gln_interp_op(GLN_OP_CONCAT, &attrs, both, 2,
                           eg_allocator_default(), &joined, NULL),
             EG_OK);
    CHECK(gln_array_equal(&joined, &x));
    gln_array_fini(&joined);
    gln_array_fini(&parts[0]);
    gln_array_fini(&parts[1]);
    gln_array_fini(&x);
  }
}

//===-- Networks against direct loops -------------------------------------===//

static gln_array random_array(const char *type, uint64_t *state,
                              gln_shape shape) {
  gln_array array;
  shape.type = test_type(type);
  CHECK_EQ(gln_array_init(&array, &shape, eg_allocator_default(), NULL), EG_OK);
  gln_array_fill_random(&array, state, 3);
  return array;
}

static double at4(const gln_array *array, int64_t a, int64_t b, int64_t c,
                  int64_t d) {
  const int64_t *e = array->shape.dims;
  int64_t n = ((a * e[1] + b) * e[2] + c) * e[3] + d;
  return gln_scalar_to_double(gln_array_get(array, n));
}

struct convolution {
  int64_t n, c, h, w, o, kh, kw, stride, dilation, pad;
};

// The direct form, over all of NCHW and OIHW: every sum is exact in double.
static double convolve(const struct convolution *v, const gln_array *x,
                       const gln_array *k, const int64_t *i) {
  double sum = 0;
  for (int64_t c = 0; c < v->c; ++c) {
    for (int64_t y = 0; y < v->kh; ++y) {
      for (int64_t z = 0; z < v->kw; ++z) {
        int64_t row = i[1] * v->stride + y * v->dilation - v->pad;
        int64_t col = i[2] * v->stride + z * v->dilation - v->pad;
        if (row >= 0 && row < v->h && col >= 0 && col < v->w)
          sum += at4(x, i[0], c, row, col) * at4(k, i[3], c, y, z);
      }
    }
  }
  return sum;
}

// pad, view, windows, squeeze, cartesian product, dot: ((n,oh,ow,o),()).
static bool access_convolution(const struct convolution *v, gln_array *x,
                               gln_array *k, const char *result) {
  int64_t pads[4] = {0, 0, v->pad, v->pad};
  int64_t window[3] = {v->c, v->kh, v->kw};
  int64_t strides[3] = {1, v->stride, v->stride};
  int64_t dilations[3] = {1, v->dilation, v->dilation};
  gln_op_attrs attrs = {.low = {pads, 4},
                        .high = {pads, 4},
                        .value = {x->shape.type, 0},
                        .at = 1,
                        .dim = 1,
                        .window = {window, 3},
                        .strides = {strides, 3},
                        .dilations = {dilations, 3},
                        .kind = GLN_KIND_DOT,
                        .type = test_type(result)};
  gln_array product;
  const gln_array *both[] = {x, k};
  eg_error error = {0};
  bool good = step(x, GLN_OP_PAD, &attrs) && step(x, GLN_OP_VIEW, &attrs) &&
              step(x, GLN_OP_WINDOWS, &attrs) &&
              step(x, GLN_OP_SQUEEZE, &attrs) && step(k, GLN_OP_VIEW, &attrs) &&
              gln_interp_op(GLN_OP_CARTESIAN_PRODUCT, &attrs, both, 2,
                            eg_allocator_default(), &product, &error) == EG_OK;
  CHECK_STR(error.text, "");
  if (!good)
    return false;
  gln_array_fini(x);
  *x = product;
  return step(x, GLN_OP_COMPUTE, &attrs);
}

CHECK_TEST(convolutions) {
  static const char *const types[][2] = {
      {"f32", "f32"}, {"i8", "i32"},  {"bf16", "f32"}, {"f64", "f64"},
      {"i8", "i64"},  {"f16", "f32"}, {"i16", "i32"}};
  uint64_t state = 12;
  for (int round = 0; round < 60; ++round) {
    struct convolution v = {
        test_between(&state, 1, 2), test_between(&state, 1, 3),
        test_between(&state, 5, 8), test_between(&state, 5, 8),
        test_between(&state, 1, 3), test_between(&state, 1, 3),
        test_between(&state, 1, 3), test_between(&state, 1, 3),
        test_between(&state, 1, 2), test_between(&state, 0, 2)};
    const char *const *type = types[round % 7];
    gln_array x = random_array(
        type[0], &state, (gln_shape){GLN_TYPE_F32, 4, 0, {v.n, v.c, v.h, v.w}});
    gln_array k =
        random_array(type[0], &state,
                     (gln_shape){GLN_TYPE_F32, 4, 0, {v.o, v.c, v.kh, v.kw}});
    gln_array out, weights;
    CHECK_EQ(gln_array_copy(&out, &x, eg_allocator_default(), NULL), EG_OK);
    CHECK_EQ(gln_array_copy(&weights, &k, eg_allocator_default(), NULL), EG_OK);
    if (access_convolution(&v, &out, &weights, type[1])) {
      CHECK_EQ(out.shape.num_access, 4);
      for (int64_t n = 0; n < gln_shape_num_elements(&out.shape); ++n) {
        int64_t i[4];
        gln_shape_position(&out.shape, n, i);
        CHECK(gln_scalar_to_double(gln_array_get(&out, n)) ==
              convolve(&v, &x, &k, i));
      }
    }
    gln_array_fini(&out);
    gln_array_fini(&weights);
    gln_array_fini(&x);
    gln_array_fini(&k);
  }
}

// A matrix product three ways: cartesian product and one-operand dot, broadcast
// and two-operand dot, three loops.
CHECK_TEST(matrix_products) {
  uint64_t state = 13;
  for (int round = 0; round < 40; ++round) {
    int64_t m = test_between(&state, 1, 5), n = test_between(&state, 1, 5);
    int64_t depth = test_between(&state, 1, 6);
    gln_array a = random_array("f32", &state,
                               (gln_shape){GLN_TYPE_F32, 2, 1, {m, depth}});
    gln_array b = random_array("f32", &state,
                               (gln_shape){GLN_TYPE_F32, 2, 1, {n, depth}});
    gln_array product, wide[2], two;
    const gln_array *in[] = {&a, &b}, *pair[] = {&wide[0], &wide[1]};
    gln_op_attrs attrs = {.kind = GLN_KIND_DOT, .type = GLN_TYPE_F32};
    CHECK_EQ(gln_interp_op(GLN_OP_CARTESIAN_PRODUCT, &attrs, in, 2,
                           eg_allocator_default(), &product, NULL),
             EG_OK);
    step(&product, GLN_OP_COMPUTE, &attrs);
    for (int p = 0; p < 2; ++p) {
      attrs.dim = 1; // ((m),(k)) → ((m,1),(k)); ((n),(k)) broadcasts as it is
      attrs.shape = (gln_shape){GLN_TYPE_F32, 3, 2, {m, n, depth}};
      CHECK_EQ(gln_array_copy(&wide[p], in[p], eg_allocator_default(), NULL),
               EG_OK);
      if (p == 0)
        step(&wide[p], GLN_OP_INSERT_AXIS, &attrs);
      step(&wide[p], GLN_OP_BROADCAST, &attrs);
    }
    CHECK_EQ(gln_interp_op(GLN_OP_COMPUTE, &attrs, pair, 2,
                           eg_allocator_default(), &two, NULL),
             EG_OK);
    CHECK(gln_array_equal(&two, &product));
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t c = 0; c < depth; ++c)
          sum += gln_scalar_to_double(gln_array_get(&a, i * depth + c)) *
                 gln_scalar_to_double(gln_array_get(&b, j * depth + c));
        CHECK(gln_scalar_to_double(gln_array_get(&product, i * n + j)) == sum);
      }
    }
    gln_array_fini(&product);
    gln_array_fini(&two);
    for (int p = 0; p < 2; ++p)
      gln_array_fini(&wide[p]);
    gln_array_fini(&a);
    gln_array_fini(&b);
  }
}

// Each reduction of each type against a sum, product, … kept in double.
CHECK_TEST(reductions_of_every_type) {
  static const char *const kinds[] = {"reduce_sum", "reduce_max", "reduce_min",
                                      "reduce_prod"};
  uint64_t state = 14;
  for (int t = 0; t < GLN_NUM_TYPES; ++t) {
    for (int k = 0; k < 4; ++k) {
      gln_array x = random_array(gln_type_name((gln_type)t), &state,
                                 (gln_shape){GLN_TYPE_F32, 3, 1, {4, 2, 2}});
      gln_array out;
      CHECK_EQ(gln_array_copy(&out, &x, eg_allocator_default(), NULL), EG_OK);
      gln_op_attrs attrs = {.kind = kind_of(kinds[k]), .type = (gln_type)t};
      CHECK(step(&out, GLN_OP_COMPUTE, &attrs));
      for (int64_t a = 0; a < 4; ++a) {
        double v[4];
        for (int c = 0; c < 4; ++c)
          v[c] = gln_scalar_to_double(gln_array_get(&x, 4 * a + c));
        double results[4] = {v[0] + v[1] + v[2] + v[3],
                             fmax(fmax(v[0], v[1]), fmax(v[2], v[3])),
                             fmin(fmin(v[0], v[1]), fmin(v[2], v[3])),
                             v[0] * v[1] * v[2] * v[3]};
        // Values are k/8 with |k| <= 24, so a product has at most 19 bits: the
        // 16-bit formats round it, and are compared within their rounding.
        double found = gln_scalar_to_double(gln_array_get(&out, a));
        double slack = k == 3 && gln_type_bits((gln_type)t) == 16 &&
                               gln_type_is_float((gln_type)t)
                           ? fabs(results[k]) * 0x1p-6
                           : 0;
        if (t == GLN_TYPE_I1) // modulo 2, read as 0 or -1
          results[k] = -(double)((int)fabs(results[k]) % 2);
        CHECK(fabs(found - results[k]) <= slack);
      }
      gln_array_fini(&out);
      gln_array_fini(&x);
    }
  }
}

CHECK_TEST(softmax_against_its_definition) {
  uint64_t state = 15;
  for (int round = 0; round < 20; ++round) {
    gln_array x = random_array(round % 2 ? "f32" : "f64", &state,
                               (gln_shape){GLN_TYPE_F32, 3, 1, {3, 2, 5}});
    gln_array y;
    gln_op_attrs attrs = {.kind = GLN_KIND_SOFTMAX, .type = x.shape.type};
    CHECK_EQ(gln_array_copy(&y, &x, eg_allocator_default(), NULL), EG_OK);
    CHECK(step(&y, GLN_OP_COMPUTE, &attrs));
    for (int64_t a = 0; a < 3; ++a) {
      double sum = 0;
      for (int64_t c = 0; c < 10; ++c)
        sum += exp(gln_scalar_to_double(gln_array_get(&x, 10 * a + c)));
      for (int64_t c = 0; c < 10; ++c) {
        double e = exp(gln_scalar_to_double(gln_array_get(&x, 10 * a + c)));
        double found = gln_scalar_to_double(gln_array_get(&y, 10 * a + c));
        CHECK(fabs(found - e / sum) < (round % 2 ? 1e-6 : 1e-15));
      }
    }
    gln_array_fini(&y);
    gln_array_fini(&x);
  }
}

// Max pooling of NHWC: windows over (h,w,c) with a window of extent 1 in c.
CHECK_TEST(pooling_against_loops) {
  uint64_t state = 16;
  gln_array x =
      random_array("i8", &state, (gln_shape){GLN_TYPE_F32, 3, 0, {7, 6, 3}});
  gln_array y;
  gln_op_attrs attrs = {.window = LIST(3, 2, 1),
                        .strides = LIST(2, 2, 1),
                        .dilations = LIST(1, 1, 1),
                        .kind = GLN_KIND_REDUCE_MAX,
                        .type = GLN_TYPE_I8};
  CHECK_EQ(gln_array_copy(&y, &x, eg_allocator_default(), NULL), EG_OK);
  CHECK(step(&y, GLN_OP_WINDOWS, &attrs) && step(&y, GLN_OP_COMPUTE, &attrs));
  CHECK_EQ(gln_shape_num_elements(&y.shape), 27);
  for (int64_t n = 0; n < 27; ++n) {
    int64_t i[3], most = -128;
    gln_shape_position(&y.shape, n, i);
    for (int64_t r = 0; r < 3; ++r) {
      for (int64_t s = 0; s < 2; ++s) {
        int64_t at = ((2 * i[0] + r) * 6 + 2 * i[1] + s) * 3 + i[2];
        int64_t value = gln_scalar_to_int(gln_array_get(&x, at));
        most = value > most ? value : most;
      }
    }
    CHECK_EQ(gln_scalar_to_int(gln_array_get(&y, n)), most);
  }
  gln_array_fini(&y);
  gln_array_fini(&x);
}

CHECK_TEST(a_call_is_its_function) {
  uint64_t state = 17;
  static const char *const functions[] = {"add", "mul", "max", "div", "pow"};
  for (int f = 0; f < 5; ++f) {
    gln_shape shape = {GLN_TYPE_F32, 2, 1, {4, 5}};
    gln_array x = random_array("bf16", &state, shape);
    gln_array y = random_array("bf16", &state, shape), one, other;
    char text[64];
    snprintf(text, sizeof text, "(body (bf16 bf16) ((%s bf16 %%0 %%1)) (%%2))",
             functions[f]);
    gln_scalar_body body;
    CHECK_EQ(gln_scalar_body_parse(&body, text, strlen(text),
                                   eg_allocator_default(), NULL),
             EG_OK);
    gln_op_attrs attrs = {
        .kind = kind_of(functions[f]), .type = GLN_TYPE_BF16, .body = &body};
    const gln_array *in[] = {&x, &y};
    CHECK_EQ(gln_interp_op(GLN_OP_COMPUTE, &attrs, in, 2,
                           eg_allocator_default(), &one, NULL),
             EG_OK);
    CHECK_EQ(gln_interp_op(GLN_OP_CALL, &attrs, in, 2, eg_allocator_default(),
                           &other, NULL),
             EG_OK);
    CHECK(gln_array_equal(&one, &other));
    gln_array_fini(&one);
    gln_array_fini(&other);
    gln_array_fini(&x);
    gln_array_fini(&y);
    gln_scalar_body_fini(&body);
  }
}

CHECK_TEST(every_allocation_may_fail) {
  const char *text = "(body (i8) ((neg i8 %0)) (%1))";
  gln_scalar_body body;
  CHECK_EQ(gln_scalar_body_parse(&body, text, strlen(text),
                                 eg_allocator_default(), NULL),
           EG_OK);
  gln_array x = array_of("((2),(2)) i8: 1 2 3 4"), out;
  const gln_array *in[] = {&x};
  gln_op_attrs attrs = {.body = &body, .by = 1};
  static const gln_op ops[] = {GLN_OP_SHIFT, GLN_OP_CALL};
  for (int o = 0; o < 2; ++o) {
    int64_t failures = 0;
    for (;; ++failures) {
      struct test_memory memory = {0, failures, 0};
      eg_error error = {0};
      eg_status status = gln_interp_op(ops[o], &attrs, in, 1,
                                       test_allocator(&memory), &out, &error);
      if (status == EG_OK) {
        gln_array_fini(&out);
        CHECK_EQ(memory.held, 0);
        break;
      }
      CHECK_EQ(status, EG_NO_MEMORY);
      CHECK(strstr(error.text, "no memory") != NULL);
      CHECK(out.data == NULL);
      CHECK_EQ(memory.held, 0);
    }
    CHECK_EQ(failures, o + 1); // the result; for call, the registers too
  }
  gln_array_fini(&x);
  gln_scalar_body_fini(&body);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tiles against instructions: what matches, how, and why not.
#include "../gln_test.h"

#include "kernel/instr_match.h"

// A spec by its dimensions and rows of coefficients; simplified, so that it is
// what the e-graph would hold.
typedef struct axis {
  int32_t coef[8];
} axis;

static gln_spec dot(const char *type, const char *acc, size_t num_parallel,
                    size_t num_dims, const int64_t *dims, size_t rank_a,
                    const axis *a, size_t rank_b, const axis *b) {
  gln_spec spec;
  memset(&spec, 0, sizeof spec);
  spec.combine = b ? GLN_COMBINE_DOT : GLN_COMBINE_SUM;
  spec.result = test_type(acc);
  spec.num_operands = b ? 2 : 1;
  spec.num_dims = (uint8_t)num_dims;
  spec.num_parallel = (uint8_t)num_parallel;
  memcpy(spec.dims, dims, num_dims * sizeof *dims);
  const axis *axes[] = {a, b};
  size_t ranks[] = {rank_a, rank_b};
  for (size_t k = 0; k < spec.num_operands; ++k) {
    spec.operands[k].type = test_type(type);
    spec.operands[k].rank = (uint8_t)ranks[k];
    for (size_t r = 0; r < ranks[k]; ++r)
      memcpy(spec.operands[k].coef[r], axes[k][r].coef, sizeof axes[k][r].coef);
  }
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec_simplify(&spec, origin);
  return spec;
}

static const axis m_k[] = {{{1, 0, 0}}, {{0, 0, 1}}};
static const axis k_n[] = {{{0, 0, 1}}, {{0, 1, 0}}};
static const axis n_k[] = {{{0, 1, 0}}, {{0, 0, 1}}};

static gln_spec matmul(int64_t m, int64_t n, int64_t k) {
  int64_t dims[] = {m, n, k};
  return dot("i8", "i32", 2, 3, dims, 2, m_k, 2, k_n);
}

static gln_target point(const char *name) {
  gln_target target;
  CHECK_EQ(gln_target_builtin(name, &target, NULL), EG_OK);
  return target;
}

static const gln_instr *shipped(const char *name) {
  const gln_instr *instr = gln_instr_find(point("gemmini16").instrs, name);
  CHECK(instr != NULL);
  return instr;
}

static eg_status match(const gln_instr *instr, const gln_spec *spec,
                       const gln_target *target, gln_instr_binding *out,
                       char *text) {
  size_t num;
  eg_error error = {0};
  eg_status status = gln_instr_match(instr, spec, target, out, 1, &num, &error);
  CHECK_EQ(num > 0, status == EG_OK);
  strcpy(text, error.text);
  return status;
}

// The extent that the instruction's dimension |name| is bound to.
static int64_t extent(const gln_instr *instr, const gln_instr_binding *b,
                      const char *name) {
  for (size_t d = 0; d < instr->num_dims; ++d)
    if (strcmp(instr->dims[d].name, name) == 0)
      return b->extents[d];
  return -1;
}

//===-- What matches ------------------------------------------------------===//

CHECK_TEST(a_matmul_tile) {
  gln_target target = point("gemmini16");
  gln_spec spec = matmul(48, 16, 12);
  gln_instr_binding b;
  char text[256];
  const gln_instr *gemm = shipped("gemm");
  CHECK_EQ(match(gemm, &spec, &target, &b, text), EG_OK);
  CHECK_STR(text, "");
  CHECK(!b.swapped);
  CHECK_EQ(b.num_moved, 0);
  CHECK_EQ(extent(gemm, &b, "m"), 48);
  CHECK_EQ(extent(gemm, &b, "n"), 16);
  CHECK_EQ(extent(gemm, &b, "k"), 12);
  CHECK_EQ(b.axes[0][0], 0);
  CHECK_EQ(b.axes[1][1], 1);
  // r[m, n] is dims 0 and 1 of the spec.
  CHECK_EQ(b.result[0], 0);
  CHECK_EQ(b.result[1], 1);
}

// b as n x k: the same instruction, once that operand is transposed.
CHECK_TEST(a_transposed_operand_is_reported) {
  gln_target target = point("gemmini16");
  int64_t dims[] = {8, 6, 4};
  gln_spec spec = dot("i8", "i32", 2, 3, dims, 2, m_k, 2, n_k);
  gln_instr_binding b;
  char text[256];
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_OK);
  // Either operand could stream: one is transposed in both ways, so the ways
  // that move least come first, unswapped.
  CHECK(!b.swapped);
  CHECK_EQ(b.num_moved, 1);
  CHECK_EQ(b.axes[1][0], 1); // k is axis 1 of the spec's operand
  CHECK_EQ(b.axes[1][1], 0);
}

// The rows are too many for OS, the columns are not: the operands change sides.
CHECK_TEST(operands_swap_where_only_that_fits) {
  gln_target target = point("gemmini16");
  int64_t dims[] = {64, 8, 32};
  gln_spec spec = dot("i8", "i32", 2, 3, dims, 2, m_k, 2, k_n);
  gln_instr_binding b;
  char text[256];
  gln_instr instr = *shipped("gemm_os");
  CHECK_EQ(gln_target_override(&target, "cols=64", NULL), EG_OK);
  CHECK_EQ(match(&instr, &spec, &target, &b, text), EG_OK);
  CHECK(b.swapped);
  CHECK_EQ(extent(&instr, &b, "m"), 8);
  CHECK_EQ(extent(&instr, &b, "n"), 64);
  CHECK_EQ(b.result[0], 1); // the result comes out transposed
  CHECK_EQ(b.result[1], 0);
}

// A product of a vector and a matrix: the missing dimension has extent 1.
CHECK_TEST(unit_dims) {
  gln_target target = point("gemmini16");
  gln_spec spec = matmul(1, 16, 16);
  CHECK_EQ(spec.num_dims, 2);
  gln_instr_binding b;
  char text[256];
  const gln_instr *gemm = shipped("gemm");
  CHECK_EQ(match(gemm, &spec, &target, &b, text), EG_OK);
  CHECK_EQ(extent(gemm, &b, "m"), 1);
  CHECK_EQ(extent(gemm, &b, "n"), 16);
  CHECK_EQ(b.axes[0][0], -1);
  gln_spec scalar = matmul(1, 1, 1);
  CHECK_EQ(scalar.num_dims, 0);
  CHECK_EQ(match(gemm, &scalar, &target, &b, text), EG_OK);
  CHECK_EQ(extent(gemm, &b, "k"), 1);
}

CHECK_TEST(all_ways_are_counted) {
  gln_target target = point("gemmini16");
  gln_spec spec = matmul(4, 4, 4);
  gln_instr_binding b[4];
  size_t num;
  CHECK_EQ(gln_instr_match(shipped("gemm"), &spec, &target, b, 4, &num, NULL),
           EG_OK);
  CHECK_EQ(num, 2); // as it is, and with the operands swapped
  CHECK_EQ(b[0].num_moved, 0);
  CHECK(!b[0].swapped && b[1].swapped);
  CHECK_EQ(b[1].num_moved, 3);
  CHECK_EQ(gln_instr_match(shipped("gemm"), &spec, &target, b, 1, &num, NULL),
           EG_OK);
  CHECK_EQ(num, 2);
  CHECK(!b[0].swapped);
}

CHECK_TEST(every_product_of_the_target) {
  gln_target target = point("gemmini16");
  int64_t dims[] = {8, 6, 4};
  gln_instr_binding b;
  char text[256];
  static const struct {
    const char *type, *acc;
    bool fits;
  } table[] = {{"i8", "i32", true},  {"bf16", "f32", true},
               {"f32", "f32", true}, {"i8", "i8", false},
               {"f16", "f32", true}, {"f16", "f16", false}};
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_spec spec =
        dot(table[i].type, table[i].acc, 2, 3, dims, 2, m_k, 2, k_n);
    CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text) == EG_OK,
             table[i].fits);
  }
  CHECK_STR(text, "gemm: does not take f16 x f16 into f16");
}

//===-- What does not -----------------------------------------------------===//

CHECK_TEST(a_k_that_is_too_large) {
  gln_target target = point("gemmini16");
  gln_spec spec = matmul(16, 16, 24);
  gln_instr_binding b;
  char text[256];
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_LIMIT);
  CHECK_STR(text, "gemm: 'k <= rows' fails: 24 against 16, 8 too much");
  CHECK_EQ(gln_target_override(&target, "rows=32", NULL), EG_OK);
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_OK);
  // 64 KiB of 16 columns of 4 bytes are 1024 rows.
  spec = matmul(1025, 16, 16);
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_LIMIT);
  CHECK_STR(text, "gemm: 'm <= acc_rows' fails: 1025 against 1024, 1 too much");
  spec = matmul(1024, 16, 16);
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_OK);
}

// The window reads p + r: no row of an operand of a matrix product.
CHECK_TEST(a_convolution_tile_is_no_gemm) {
  gln_target target = point("gemmini16");
  int64_t dims[] = {8, 4, 3}; // p, c out | r
  static const axis in[] = {{{1, 0, 1}}};
  static const axis w[] = {{{0, 1, 0}}, {{0, 0, 1}}};
  gln_spec spec = dot("i8", "i32", 2, 3, dims, 1, in, 2, w);
  gln_instr_binding b;
  char text[256];
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_NOT_FOUND);
  CHECK_STR(text, "gemm: no axis of operand 0 is read as axis 0 of the "
                  "instruction's operand 0");
  // With r blocked to 1 it is one.
  dims[2] = 1;
  spec = dot("i8", "i32", 2, 3, dims, 1, in, 2, w);
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_OK);
}

CHECK_TEST(a_batch_or_a_second_row_dimension_is_not_there) {
  gln_target target = point("gemmini16");
  gln_instr_binding b;
  char text[256];
  int64_t dims[] = {3, 8, 6, 4};
  static const axis a[] = {{{1, 0, 0, 0}}, {{0, 1, 0, 0}}, {{0, 0, 0, 1}}};
  static const axis w[] = {{{1, 0, 0, 0}}, {{0, 0, 0, 1}}, {{0, 0, 1, 0}}};
  gln_spec spec = dot("i8", "i32", 3, 4, dims, 3, a, 3, w);
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_NOT_FOUND);
  CHECK_STR(text, "gemm: 1 batch dimensions of extent over 1, the instruction "
                  "has 0");
  // Rows apart by more than a row: two dimensions that do not merge.
  static const axis gap[] = {{{16, 1, 0, 0}}, {{0, 0, 0, 1}}};
  static const axis k_n4[] = {{{0, 0, 0, 1}}, {{0, 0, 1, 0}}};
  spec = dot("i8", "i32", 3, 4, dims, 2, gap, 2, k_n4);
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_NOT_FOUND);
}

// A strided row is not the instruction's, which reads its rows one by one.
CHECK_TEST(a_stride_needs_a_parameter) {
  gln_target target = point("gemmini16");
  int64_t dims[] = {8, 6, 4};
  static const axis strided[] = {{{3, 0, 0}}, {{0, 0, 1}}};
  gln_spec spec = dot("i8", "i32", 2, 3, dims, 2, strided, 2, k_n);
  gln_instr_binding b;
  char text[256];
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_NOT_FOUND);
  gln_instr instr = *shipped("gemm");
  instr.num_params = 1;
  strcpy(instr.params[0], "s");
  for (size_t d = 0; d < instr.num_dims; ++d)
    if (instr.operands[0].coef[0][d].value)
      instr.operands[0].coef[0][d].param = 1;
  CHECK_EQ(gln_instr_add_bound(&instr, "s <= 4", NULL), EG_OK);
  CHECK_EQ(match(&instr, &spec, &target, &b, text), EG_OK);
  CHECK_EQ(b.params[0], 3);
  CHECK_EQ(gln_instr_add_bound(&instr, "s <= 2", NULL), EG_OK);
  CHECK_EQ(match(&instr, &spec, &target, &b, text), EG_LIMIT);
  CHECK_STR(text, "gemm: 's <= 2' fails: 3 against 2, 1 too much");
}

CHECK_TEST(a_range_is_no_point) {
  gln_target edge = point("edge");
  gln_spec spec = matmul(8, 8, 8);
  gln_instr_binding b;
  char text[256];
  CHECK_EQ(match(shipped("gemm"), &spec, &edge, &b, text), EG_INVALID);
  CHECK_STR(text, "gemm: 'k <= rows': rows is a range, 8 to 128, where a point "
                  "is needed; say rows=16");
}

//===-- Reductions and maps -----------------------------------------------===//

CHECK_TEST(a_reduction_of_rows) {
  gln_target target = point("gemmini16");
  int64_t dims[] = {8, 16};
  static const axis in[] = {{{1, 0}}, {{0, 1}}};
  gln_spec spec = dot("f32", "f32", 1, 2, dims, 2, in, 0, NULL);
  gln_instr_binding b;
  char text[256];
  CHECK_EQ(match(shipped("alu_reduce"), &spec, &target, &b, text), EG_OK);
  CHECK_EQ(match(shipped("gemm"), &spec, &target, &b, text), EG_NOT_FOUND);
  CHECK_STR(text, "gemm: computes another function");
  spec.combine = GLN_COMBINE_PROD;
  CHECK_EQ(match(shipped("alu_reduce"), &spec, &target, &b, text),
           EG_NOT_FOUND);
}

CHECK_TEST(scalar_functions) {
  gln_target target = point("gemmini16");
  const gln_type f[] = {GLN_TYPE_F32, GLN_TYPE_F32};
  const gln_type i[] = {GLN_TYPE_I32, GLN_TYPE_I32};
  const gln_type h[] = {GLN_TYPE_F16, GLN_TYPE_F16};
  const gln_instr *one = shipped("alu1"), *two = shipped("alu2");
  int add = GLN_KIND_SCALAR + GLN_SCALAR_ADD;
  int tanh = GLN_KIND_SCALAR + GLN_SCALAR_TANH;
  CHECK(gln_instr_maps(two, &target, add, f, 2, GLN_TYPE_F32));
  CHECK(gln_instr_maps(two, &target, add, i, 2, GLN_TYPE_I32));
  CHECK(!gln_instr_maps(two, &target, add, h, 2, GLN_TYPE_F16));
  CHECK(!gln_instr_maps(two, &target, add, f, 1, GLN_TYPE_F32));
  CHECK(!gln_instr_maps(two, &target, tanh, f, 2, GLN_TYPE_F32));
  CHECK(gln_instr_maps(one, &target, tanh, f, 1, GLN_TYPE_F32));
  CHECK(!gln_instr_maps(one, &target, tanh, i, 1, GLN_TYPE_I32));
  CHECK(!gln_instr_maps(shipped("gemm"), &target, add, f, 2, GLN_TYPE_F32));
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bounds of instructions, the instructions of the shipped targets, near names.
#include "../gln_test.h"

#include "target/instr.h"

// r[m, n] = Σ_k a[2 m + k] b[k, n]: axis h of a has 1 + 2 (m - 1) + k - 1.
static gln_instr make(void) {
  gln_instr instr;
  memset(&instr, 0, sizeof instr);
  strcpy(instr.name, "conv");
  instr.num_dims = 3;
  strcpy(instr.dims[0].name, "m");
  strcpy(instr.dims[1].name, "n");
  strcpy(instr.dims[2].name, "k");
  instr.num_operands = 2;
  instr.operands[0].rank = 1;
  instr.operands[0].coef[0][0].value = 2;
  instr.operands[0].coef[0][2].value = 1;
  strcpy(instr.operands[0].axis[0], "h");
  return instr;
}

typedef struct bound_case {
  const char *text;
  const char *message; // "" when it holds for m = 3, n = 5, k = 7
} bound_case;

static const bound_case cases[] = {
    {"k <= rows", ""},
    {"m + n < rows", ""},
    {" 2*m+3 * n-k <= 14 ", ""},
    {"2 * m + 3 * n - k <= 13",
     "conv: '2 * m + 3 * n - k <= 13' fails: 14 against 13, 1 too much"},
    {"m * n * k == 105", ""},
    {"m >= 3", ""},
    {"m > 3", "conv: 'm > 3' fails: both are 3"},
    {"-m <= -3", ""},
    {"h == 11", ""},
    {"h <= 10", "conv: 'h <= 10' fails: 11 against 10, 1 too much"},
    {"m <= acc_rows", ""},
    {"acc_rows == 1024", ""}, // 64 KiB of 16 x i32
    {"abuf_rows == 8192", ""},
    {"wbuf_rows == 8192", ""},
    {"n * k <= wbuf_bytes", ""},
    {"k <= rowz", "nothing is called 'rowz' in 'k <= rowz'; did you mean "
                  "'rows'?"},
    {"k <= frobnicate_it", "nothing is called 'frobnicate_it' in 'k <= "
                           "frobnicate_it'"},
    {"k", "'k' ends where one of <= < >= > == is wanted"},
    {"k <=", "'k <=' ends where a name or a number is wanted"},
    {"", "'' ends where a name or a number is wanted"},
    {"k <= rows rows", "'k <= rows rows' has 'r' at column 11 where the end is "
                       "wanted"},
    {"k + <= 3", "'k + <= 3' has '<' at column 5 where a name or a number is "
                 "wanted"},
    {"(k) <= 3", "'(k) <= 3' has '(' at column 1 where a name or a number is "
                 "wanted"},
    {"k <= 9223372036854775808",
     "'k <= 9223372036854775808' has a number beyond 2^63"},
    {"m*m*m*m*m <= 1", "'m*m*m*m*m <= 1' multiplies more than 4 names"},
    {"m+m+m+m+m+m+m <= 1", "'m+m+m+m+m+m+m <= 1' has more than 6 terms"},
};

CHECK_TEST(bounds_by_table) {
  gln_target target;
  CHECK_EQ(gln_target_builtin("gemmini16", &target, NULL), EG_OK);
  gln_instr_use use = {{3, 5, 7}, {1}, GLN_TYPE_I8, GLN_TYPE_I8, GLN_TYPE_I32};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    gln_instr instr = make();
    eg_error error = {0};
    eg_status status = gln_instr_add_bound(&instr, cases[i].text, &error);
    CHECK_EQ(instr.num_bounds, status == EG_OK);
    if (status == EG_OK)
      status = gln_instr_check_bounds(&instr, &target, &use, &error);
    CHECK_EQ(status == EG_OK, cases[i].message[0] == 0);
    CHECK_STR(status == EG_OK ? "" : error.text, cases[i].message);
  }
}

CHECK_TEST(a_fixed_extent_is_exact) {
  gln_target target;
  CHECK_EQ(gln_target_builtin("gemmini16", &target, NULL), EG_OK);
  gln_instr instr = make();
  instr.dims[2].fixed = 4;
  gln_instr_use use = {{3, 5, 4}, {1}, GLN_TYPE_I8, GLN_TYPE_I8, GLN_TYPE_I32};
  eg_error error;
  CHECK_EQ(gln_instr_check_bounds(&instr, &target, &use, &error), EG_OK);
  use.extents[2] = 3;
  CHECK_EQ(gln_instr_check_bounds(&instr, &target, &use, &error), EG_LIMIT);
  CHECK_STR(error.text, "conv: k = 3 must be exactly 4");
}

// The largest tile of gemmini16's gemm, dimension by dimension.
CHECK_TEST(largest_extents) {
  gln_target target, edge;
  CHECK_EQ(gln_target_builtin("gemmini16", &target, NULL), EG_OK);
  CHECK_EQ(gln_target_builtin("edge", &edge, NULL), EG_OK);
  const gln_instr *gemm = gln_instr_find(target.instrs, "gemm");
  gln_instr_use use = {{1, 1, 1}, {1}, GLN_TYPE_I8, GLN_TYPE_I8, GLN_TYPE_I32};
  const int64_t wanted[] = {1024, 16, 16}; // m, n, k
  int64_t found;
  for (size_t d = 0; d < gemm->num_dims; ++d) {
    CHECK_EQ(gln_instr_largest(gemm, &target, &use, d, 1 << 20, &found, NULL),
             EG_OK);
    CHECK_EQ(found, wanted[d]);
    CHECK_EQ(gln_instr_largest(gemm, &target, &use, d, 3, &found, NULL), EG_OK);
    CHECK_EQ(found, 3);
  }
  use.extents[2] = 17; // k fits no more, and with it nothing
  CHECK_EQ(gln_instr_largest(gemm, &target, &use, 0, 64, &found, NULL), EG_OK);
  CHECK_EQ(found, 0);
  CHECK_EQ(gln_instr_largest(gemm, &edge, &use, 0, 64, &found, NULL),
           EG_INVALID);
  gln_instr fixed = *gemm;
  fixed.dims[2].fixed = 4;
  CHECK_EQ(gln_instr_largest(&fixed, &target, &use, 2, 64, &found, NULL),
           EG_OK);
  CHECK_EQ(found, 4);
}

CHECK_TEST(shipped_instructions) {
  static const char *const names[] = {"gemm", "gemm_os", "alu1", "alu2",
                                      "alu_reduce"};
  const char *target_name;
  for (size_t t = 0; (target_name = gln_target_builtin_name(t)); ++t) {
    gln_target target;
    CHECK_EQ(gln_target_builtin(target_name, &target, NULL), EG_OK);
    const gln_instr_set *set = target.instrs;
    CHECK_EQ(set->num, sizeof names / sizeof *names);
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
      const gln_instr *instr = gln_instr_find(set, names[i]);
      CHECK(instr && gln_instr_check(instr, &target, NULL) == EG_OK);
    }
  }
  char text[256];
  gln_target target;
  CHECK_EQ(gln_target_builtin("ws64", &target, NULL), EG_OK);
  const gln_instr *gemm = gln_instr_find(target.instrs, "gemm");
  gln_instr_print(gemm, text, sizeof text);
  CHECK_STR(text, "r[m, n] += sum k: a[m, k] * b[k, n]");
}

// |instr| with the bounds |texts|, up to NULL, instead of its own.
static gln_instr bounded(const gln_instr *instr, const char *const *texts) {
  gln_instr out = *instr;
  eg_error error = {0};
  out.num_bounds = 0;
  for (; *texts; ++texts)
    CHECK_EQ(gln_instr_add_bound(&out, *texts, &error), EG_OK);
  CHECK_STR(error.text, "");
  return out;
}

// What one call takes: rows of the memories that i8 leaves, cells, and bounds; what
// stays takes its share first.
CHECK_TEST(limits_of_a_call) {
  gln_target t;
  gln_instr_limits l;
  eg_error error;
  CHECK_EQ(gln_target_builtin("gemmini16", &t, NULL), EG_OK);
  const gln_instr *gemm = gln_instr_find(t.instrs, "gemm");
  const gln_instr *os = gln_instr_find(t.instrs, "gemm_os");
  const struct {
    const gln_instr *instr;
    const char *bounds[4];
    int64_t m, n, k;
  } table[] = {
      {gemm, {"k <= rows", "m <= acc_rows"}, 1024, 16, 16},
      {gemm, {"2 * k <= rows", "n <= 12", "m <= 32"}, 32, 12, 8},
      {gemm, {"m * n <= 64"}, 4, 16, 16},
      {gemm, {"k < 3"}, 8192, 16, 2}, // as many rows as ABUF has
      {os, {"k <= wbuf_rows"}, 16, 16, 8192},
      {os, {"m * n * k <= 1024"}, 16, 16, 4},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_instr instr = bounded(table[i].instr, table[i].bounds);
    CHECK_EQ(gln_instr_limits_of(&instr, &t, 0, &l, &error), EG_OK);
    CHECK_EQ(l.m, table[i].m);
    CHECK_EQ(l.n, table[i].n);
    CHECK_EQ(l.k, table[i].k);
  }
  gln_instr never = bounded(gemm, (const char *const[]){"k >= 2", NULL});
  CHECK_EQ(gln_instr_limits_of(&never, &t, 0, &l, &error), EG_INFEASIBLE);
  CHECK_STR(error.text, "gemm: 'k >= 2' fails: 1 against 2, 1 too little");
  CHECK_EQ(gln_target_override(&t, "acc_bytes=32", NULL), EG_OK);
  CHECK_EQ(gln_instr_limits_of(gemm, &t, 0, &l, &error), EG_INFEASIBLE);
  CHECK_STR(error.text, "gemm: the smallest tile needs 64 bytes of ACC, which "
                        "has 32");
}

CHECK_TEST(instructions_by_number) {
  gln_target t;
  eg_error error;
  const gln_instr *instr;
  CHECK_EQ(gln_target_builtin("gemmini16", &t, NULL), EG_OK);
  CHECK_EQ(gln_instr_get(&t, 1, 0, GLN_INSTR_OUTPUT_STATIONARY, &instr, &error),
           EG_OK);
  CHECK_STR(instr->name, "gemm_os");
  CHECK_EQ(gln_instr_get(&t, 1, 0, GLN_INSTR_WEIGHT_STATIONARY, &instr, &error),
           EG_INVALID);
  CHECK_STR(error.text, "instruction 'gemm_os' of target 'gemmini16' is no "
                        "weight-stationary contraction of array 0");
  CHECK_EQ(gln_instr_get(&t, 9, 0, GLN_INSTR_WEIGHT_STATIONARY, &instr, &error),
           EG_INVALID);
  CHECK_STR(error.text, "target 'gemmini16' has no instruction 9 of 5");
}

// What an array lacks, its instructions cannot be.
CHECK_TEST(a_dataflow_that_is_not_there) {
  gln_target target;
  eg_error error;
  CHECK_EQ(gln_target_builtin("gemmini16", &target, NULL), EG_OK);
  CHECK_EQ(gln_target_override(&target, "output_stationary=0", NULL), EG_OK);
  const gln_instr *os = gln_instr_find(target.instrs, "gemm_os");
  CHECK_EQ(gln_instr_check(os, &target, &error), EG_INVALID);
  CHECK_STR(error.text, "is output_stationary, but array 0 of target "
                        "'gemmini16' has output_stationary = 0");
}

CHECK_TEST(near_names) {
  static const char *const names[] = {"rows", "cols", "lanes", NULL};
  CHECK_STR(gln_nearest_name("row", names), "rows");
  CHECK_STR(gln_nearest_name("lnaes", names), "lanes");
  CHECK(gln_nearest_name("frobnicate", names) == NULL);
  CHECK(gln_nearest_name("", names) == NULL);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

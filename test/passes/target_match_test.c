// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// target_match_test <target>: reads a target and unifies each of its
// instructions with a few tiles; one line for each, compared by
// target-other.test.
#include "bridge/target.h"
#include "kernel/instr_match.h"

#include <inttypes.h>
#include <string.h>

typedef struct tile {
  const char *name;
  size_t num_parallel, num_dims;
  int64_t dims[6];
  size_t rank[2];
  int32_t coef[2][4][6];
} tile;

static const tile tiles[] = {
    {"matmul 8 x 4 x 1",
     2,
     3,
     {8, 4, 1},
     {2, 2},
     {{{1, 0, 0}, {0, 0, 1}}, {{0, 0, 1}, {0, 1, 0}}}},
    {"matmul 8 x 4 x 4",
     2,
     3,
     {8, 4, 4},
     {2, 2},
     {{{1, 0, 0}, {0, 0, 1}}, {{0, 0, 1}, {0, 1, 0}}}},
    {"batch 2 of 8 x 4 x 4",
     3,
     4,
     {2, 8, 4, 4},
     {3, 3},
     {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 0, 1}},
      {{1, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}}}},
    // y, x, o | c, r, s
    {"convolution 3x3, stride 2",
     3,
     6,
     {6, 5, 4, 8, 3, 3},
     {3, 4},
     {{{0, 0, 0, 1, 0, 0}, {2, 0, 0, 0, 1, 0}, {0, 2, 0, 0, 0, 1}},
      {{0, 0, 1, 0, 0, 0},
       {0, 0, 0, 1, 0, 0},
       {0, 0, 0, 0, 1, 0},
       {0, 0, 0, 0, 0, 1}}}},
    {"convolution 3x3, stride 3",
     3,
     6,
     {6, 5, 4, 8, 3, 3},
     {3, 4},
     {{{0, 0, 0, 1, 0, 0}, {3, 0, 0, 0, 1, 0}, {0, 3, 0, 0, 0, 1}},
      {{0, 0, 1, 0, 0, 0},
       {0, 0, 0, 1, 0, 0},
       {0, 0, 0, 0, 1, 0},
       {0, 0, 0, 0, 0, 1}}}},
    {"convolution 3x2",
     3,
     6,
     {6, 5, 4, 8, 3, 2},
     {3, 4},
     {{{0, 0, 0, 1, 0, 0}, {1, 0, 0, 0, 1, 0}, {0, 1, 0, 0, 0, 1}},
      {{0, 0, 1, 0, 0, 0},
       {0, 0, 0, 1, 0, 0},
       {0, 0, 0, 0, 1, 0},
       {0, 0, 0, 0, 0, 1}}}},
    {"convolution 3x3, dilated",
     3,
     6,
     {6, 5, 4, 8, 3, 3},
     {3, 4},
     {{{0, 0, 0, 1, 0, 0}, {1, 0, 0, 0, 2, 0}, {0, 1, 0, 0, 0, 2}},
      {{0, 0, 1, 0, 0, 0},
       {0, 0, 0, 1, 0, 0},
       {0, 0, 0, 0, 1, 0},
       {0, 0, 0, 0, 0, 1}}}},
    {"convolution 3x3 of 256 channels",
     3,
     6,
     {64, 64, 4, 256, 3, 3},
     {3, 4},
     {{{0, 0, 0, 1, 0, 0}, {1, 0, 0, 0, 1, 0}, {0, 1, 0, 0, 0, 1}},
      {{0, 0, 1, 0, 0, 0},
       {0, 0, 0, 1, 0, 0},
       {0, 0, 0, 0, 1, 0},
       {0, 0, 0, 0, 0, 1}}}},
};

static gln_spec spec_of(const tile *t, gln_type type, gln_type result) {
  gln_spec spec;
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  memset(&spec, 0, sizeof spec);
  spec.combine = GLN_COMBINE_DOT;
  spec.result = result;
  spec.num_operands = 2;
  spec.num_dims = (uint8_t)t->num_dims;
  spec.num_parallel = (uint8_t)t->num_parallel;
  memcpy(spec.dims, t->dims, sizeof t->dims);
  for (size_t k = 0; k < 2; ++k) {
    spec.operands[k].type = type;
    spec.operands[k].rank = (uint8_t)t->rank[k];
    for (size_t r = 0; r < t->rank[k]; ++r)
      memcpy(spec.operands[k].coef[r], t->coef[k][r], sizeof t->coef[k][r]);
  }
  gln_spec_simplify(&spec, origin);
  return spec;
}

static void try_one(const gln_target_file *file, const gln_instr *instr,
                    const tile *t) {
  gln_spec spec = spec_of(t, instr->operands[0].type, instr->result);
  gln_instr_binding b;
  size_t num;
  eg_error error = {0};
  printf("%s: ", t->name);
  if (gln_instr_match(instr, &spec, &file->target, &b, 1, &num, &error)) {
    printf("%s\n", error.text);
    return;
  }
  printf("%s", instr->name);
  for (size_t d = 0; d < instr->num_dims; ++d)
    printf(" %s=%" PRId64, instr->dims[d].name, b.extents[d]);
  for (size_t i = 0; i < instr->num_params; ++i)
    printf(" %s=%" PRId64, instr->params[i], b.params[i]);
  printf("%s, %d moved, of %zu\n", b.swapped ? ", swapped" : "", b.num_moved,
         num);
}

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  MlirContext context = gln_target_context();
  gln_target_file *file =
      gln_target_load(mlirLocationUnknownGet(context), argv[1]);
  for (size_t t = 0; file && t < sizeof tiles / sizeof *tiles; ++t)
    for (size_t i = 0; i < file->instrs.num; ++i)
      if (file->instrs.instrs[i].form == GLN_INSTR_CONTRACT)
        try_one(file, &file->instrs.instrs[i], &tiles[t]);
  int code = !file;
  gln_target_unload(file);
  mlirContextDestroy(context);
  return code;
}

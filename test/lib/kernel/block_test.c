// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A block of any tiles, order and tails computes what its spec computes.
#include "interp/kernel_eval.h"
#include "lib/gln_test.h"

static eg_allocator memory;

// dot f32 (m, n | k).
static const gln_spec matmul = {
    .combine = GLN_COMBINE_DOT,
    .result = GLN_TYPE_F32,
    .num_operands = 2,
    .num_dims = 3,
    .num_parallel = 2,
    .dims = {7, 5, 6},
    .operands = {{.rank = 2, .coef = {{1, 0, 0}, {0, 0, 1}}},
                 {.rank = 2, .coef = {{0, 0, 1}, {0, 1, 0}}}}};

// 3×2 windows, stride 2 along one side, 3 channels in, 4 out, read backwards
// along the other side.
static const gln_spec conv = {
    .combine = GLN_COMBINE_DOT,
    .result = GLN_TYPE_F32,
    .num_operands = 2,
    .num_dims = 6,
    .num_parallel = 3,
    .dims = {5, 4, 4, 3, 3, 2},
    .operands = {
        {.rank = 3,
         .coef = {{0, 0, 0, 1, 0, 0}, {2, 0, 0, 0, 1, 0}, {0, 1, 0, 0, 0, -1}}},
        {.rank = 4,
         .coef = {{0, 0, 1, 0, 0, 0},
                  {0, 0, 0, 1, 0, 0},
                  {0, 0, 0, 0, 1, 0},
                  {0, 0, 0, 0, 0, 1}}}}};

// 2×2 maxima of 3 channels.
static const gln_spec pool = {
    .combine = GLN_COMBINE_MAX,
    .result = GLN_TYPE_F32,
    .num_operands = 1,
    .num_dims = 5,
    .num_parallel = 3,
    .dims = {3, 4, 5, 2, 2},
    .operands = {
        {.rank = 3,
         .coef = {{1, 0, 0, 0, 0}, {0, 2, 0, 1, 0}, {0, 0, 1, 0, 1}}}}};

static const gln_spec *const specs[] = {&matmul, &conv, &pool};

typedef struct fixture {
  eg_graph *graph;
  gln_lang lang;
  eg_class unit;
} fixture;

static fixture *begin(fixture *f) {
  CHECK(eg_graph_create(&memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
  CHECK(gln_add_unit(&f->lang, GLN_NODE_ARRAY, 0, (uint32_t[]){16, 16}, 2,
                     &f->unit) == EG_OK);
  return f;
}

static eg_class tile_kernel(fixture *f, const gln_block *b,
                            const int64_t *tile) {
  gln_spec spec;
  eg_class id = {0};
  CHECK(gln_spec_tile(&b->spec, tile, &spec, NULL, NULL) == EG_OK);
  CHECK(gln_add_issue(&f->lang, 0, tile, spec.num_dims, &spec, f->unit, &id) ==
        EG_OK);
  return id;
}

// Random tiles with at most GLN_BLOCK_MAX_RAGGED tails, in a random order.
static gln_block random_block(const gln_spec *spec, uint64_t *seed) {
  gln_block b;
  do {
    memset(&b, 0, sizeof b);
    b.spec = *spec;
    for (size_t d = 0; d < spec->num_dims; ++d) {
      b.tile[d] = test_between(seed, 1, spec->dims[d]);
      if (gln_block_trips(&b, d) > 1)
        b.order[b.num_grid++] = (uint8_t)d;
    }
    for (size_t i = b.num_grid; i > 1; --i) {
      size_t j = (size_t)test_between(seed, 0, (int64_t)i - 1);
      uint8_t t = b.order[i - 1];
      b.order[i - 1] = b.order[j];
      b.order[j] = t;
    }
  } while (gln_block_check(&b, NULL) != EG_OK);
  return b;
}

static eg_status add_block(fixture *f, const gln_block *b, eg_class *out) {
  int64_t tails[GLN_BLOCK_MAX_TAILS][GLN_SPEC_MAX_DIMS];
  eg_class kernels[GLN_BLOCK_MAX_TAILS];
  size_t num = gln_block_tails(b, tails);
  for (size_t i = 0; i < num; ++i)
    kernels[i] = tile_kernel(f, b, tails[i]);
  return gln_add_block(&f->lang, b, tile_kernel(f, b, b->tile), f->unit,
                       kernels, (uint32_t)num, out);
}

static void operand(const gln_spec *spec, size_t k, gln_array *out,
                    uint64_t *seed) {
  gln_shape shape = {.type = GLN_TYPE_F32, .rank = spec->operands[k].rank};
  gln_spec_operand_box(spec, k, shape.dims, NULL);
  CHECK(gln_array_init(out, &shape, memory, NULL) == EG_OK);
  gln_array_fill_random(out, seed, 4);
}

static void check_one(const gln_spec *spec, uint64_t seed) {
  fixture f;
  begin(&f);
  gln_block b = random_block(spec, &seed);
  eg_class blocked, plain;
  CHECK(add_block(&f, &b, &blocked) == EG_OK);
  CHECK(gln_add_spec(&f.lang, spec, &plain) == EG_OK);
  // What a rule would do: the block is the contract.
  CHECK(eg_union(f.graph, plain, blocked, NULL) == EG_OK);
  CHECK(eg_rebuild(f.graph) == EG_OK);
  CHECK(eg_check(f.graph) == EG_OK);
  eg_choice *choice;
  eg_cost size = eg_cost_size();
  CHECK(eg_extract_tree(f.graph, &size, &choice) == EG_OK);
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(f.graph, plain, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(&f.lang, nodes[i]) == GLN_NODE_BLOCK)
      eg_choice_set(choice, plain, nodes[i]);
  gln_array in[2], want, got;
  const gln_array *operands[] = {&in[0], &in[1]};
  memset(in, 0, sizeof in);
  for (size_t k = 0; k < spec->num_operands; ++k)
    operand(spec, k, &in[k], &seed);
  eg_error error = {0};
  CHECK(gln_interp_spec(spec, operands, memory, &want, NULL) == EG_OK);
  CHECK(gln_interp_kernel(&f.lang, choice, plain, operands, memory, &got,
                          &error) == EG_OK);
  CHECK_STR(error.text, "");
  CHECK(gln_array_equal(&want, &got));
  gln_array_fini(&in[0]);
  gln_array_fini(&in[1]);
  gln_array_fini(&want);
  gln_array_fini(&got);
  eg_choice_destroy(choice);
  eg_graph_destroy(f.graph);
}

CHECK_TEST(blocks_compute_their_spec) {
  for (size_t i = 0; i < sizeof specs / sizeof *specs; ++i)
    for (uint64_t seed = 1; seed <= 60; ++seed)
      check_one(specs[i], seed * 1000 + i);
}

CHECK_TEST(ill_fitting_blocks_are_refused) {
  fixture f;
  begin(&f);
  gln_block b;
  eg_class id, ignored;
  memset(&b, 0, sizeof b);
  b.spec = matmul;
  memcpy(b.tile, (int64_t[]){7, 5, 3}, 3 * sizeof *b.tile);
  b.num_grid = 1;
  b.order[0] = 2;
  CHECK(add_block(&f, &b, &id) == EG_OK);
  eg_class tile = tile_kernel(&f, &b, b.tile);
  b.order[0] = 1;
  CHECK(gln_add_block(&f.lang, &b, tile, f.unit, NULL, 0, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "'block': order names dimension 1, which is not gridded or was "
            "named before");
  b.order[0] = 2;
  b.tile[2] = 2;
  CHECK(gln_add_block(&f.lang, &b, tile, f.unit, NULL, 0, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "'block' of tiles (f32[7,2], f32[2,5]) -> f32[7,5] runs "
            "(f32[7,3], f32[3,5]) -> f32[7,5]");
  b.tile[2] = 4; // 6 = 4 + 2: a tail
  CHECK(gln_add_block(&f.lang, &b, tile, f.unit, NULL, 0, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "'block' with 0 tails, needs 1");
  CHECK(gln_add_block(&f.lang, &b, f.unit, f.unit, NULL, 0, &ignored) ==
        EG_INVALID);
  CHECK(eg_rebuild(f.graph) == EG_OK);
  CHECK(eg_check(f.graph) == EG_OK);
  eg_graph_destroy(f.graph);
}

int main(int argc, char **argv) {
  memory = eg_allocator_default();
  return check_main(argc, argv);
}

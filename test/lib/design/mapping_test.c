// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contracts get blocks that run on the array, cost what their nests cost, and
// compute what the contract computes.
#include "design/mapping.h"
#include "interp/kernel_eval.h"
#include "lib/gln_test.h"

static eg_allocator memory;

static gln_spec matmul(int64_t m, int64_t n, int64_t k) {
  gln_spec spec = {.combine = GLN_COMBINE_DOT,
                   .result = GLN_TYPE_F32,
                   .num_operands = 2,
                   .num_dims = 3,
                   .num_parallel = 2,
                   .dims = {m, n, k}};
  spec.operands[0] =
      (gln_spec_operand){.rank = 2, .coef = {{1, 0, 0}, {0, 0, 1}}};
  spec.operands[1] =
      (gln_spec_operand){.rank = 2, .coef = {{0, 0, 1}, {0, 1, 0}}};
  return spec;
}

// p × q pixels, f channels from c, r × r windows.
static gln_spec conv(int64_t p, int64_t f, int64_t c, int64_t r) {
  gln_spec spec = {.combine = GLN_COMBINE_DOT,
                   .result = GLN_TYPE_F32,
                   .num_operands = 2,
                   .num_dims = 6,
                   .num_parallel = 3,
                   .dims = {p, p, f, c, r, r}};
  spec.operands[0] = (gln_spec_operand){
      .rank = 3,
      .coef = {{0, 0, 0, 1, 0, 0}, {1, 0, 0, 0, 1, 0}, {0, 1, 0, 0, 0, 1}}};
  spec.operands[1] = (gln_spec_operand){.rank = 4,
                                        .coef = {{0, 0, 1, 0, 0, 0},
                                                 {0, 0, 0, 1, 0, 0},
                                                 {0, 0, 0, 0, 1, 0},
                                                 {0, 0, 0, 0, 0, 1}}};
  return spec;
}

typedef struct fixture {
  eg_graph *graph;
  gln_lang lang;
  gln_target target;
} fixture;

static void begin(fixture *f, const char *override) {
  eg_error error = {0};
  CHECK(eg_graph_create(&memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
  CHECK(gln_target_builtin("gemmini16", &f->target, &error) == EG_OK);
  CHECK(gln_target_override(&f->target, override, &error) == EG_OK);
  CHECK_STR(error.text, "");
}

static eg_class apply(fixture *f, const gln_spec *spec, uint32_t first_input) {
  eg_class k, in[2], y = {0};
  CHECK(gln_add_spec(&f->lang, spec, &k) == EG_OK);
  for (uint32_t i = 0; i < 2; ++i) {
    gln_shape shape = {.type = spec->operands[i].type,
                       .rank = spec->operands[i].rank};
    gln_spec_operand_box(spec, i, shape.dims, NULL);
    CHECK(gln_add_input(&f->lang, first_input + i, &shape, &in[i]) == EG_OK);
  }
  CHECK(gln_add_apply(&f->lang, k, in, 2, &y) == EG_OK);
  return y;
}

static gln_map_counts map(fixture *f, const gln_blocking_options *options) {
  gln_map_counts counts;
  eg_error error = {0};
  CHECK(gln_map_kernels(&f->lang, &f->target, options, &counts, &error) ==
        EG_OK);
  CHECK_STR(error.text, "");
  CHECK(eg_check(f->graph) == EG_OK);
  return counts;
}

// Every issue on the array is a use of its instruction that the bounds allow, and
// some fill it. Returns how many there are.
static size_t check_issues(const fixture *f) {
  size_t found = 0, full = 0;
  for (eg_class id = {0}; (id = eg_class_next(f->graph, id)).id;) {
    uint32_t num, index;
    const eg_node *nodes = eg_class_nodes(f->graph, id, &num);
    for (uint32_t i = 0; i < num; ++i) {
      gln_instr_use use = {.params = {1, 1, 1, 1}};
      gln_instr_limits most;
      gln_spec tile;
      size_t dims;
      eg_error error = {0};
      if (!gln_node_extents(&f->lang, nodes[i], use.extents, &dims) || !dims)
        continue;
      CHECK(gln_node_index(&f->lang, nodes[i], &index) &&
            gln_node_spec(&f->lang, nodes[i], &tile));
      const gln_instr *instr = &f->target.instrs->instrs[index];
      CHECK_EQ(dims, instr->num_dims);
      use.lhs = tile.operands[0].type;
      use.rhs = tile.operands[1].type;
      use.result = tile.result;
      CHECK_EQ(gln_instr_check_bounds(instr, &f->target, &use, &error), EG_OK);
      CHECK_STR(error.text, "");
      int rule = gln_target_find_type(&f->target, use.lhs, use.rhs);
      CHECK_EQ(
          gln_instr_limits_of(instr, &f->target, (size_t)rule, &most, NULL),
          EG_OK);
      ++found;
      full += use.extents[gln_instr_dim_of(instr, GLN_INSTR_COL)] == most.n;
    }
  }
  CHECK(full > 0);
  return found;
}

CHECK_TEST(issues_are_uses_of_instructions) {
  static const char *const bounds[][2] = {
      {"k <= 5", "m <= 7"}, {"n <= 3", "n <= 9"}, {"m * n <= 32", "k <= 24"}};
  for (size_t i = 0; i < 3; ++i) {
    fixture f;
    gln_instr_set set;
    begin(&f, "rows=16");
    set = *f.target.instrs;
    f.target.instrs = &set;
    for (size_t k = 0; k < 2; ++k) // of gemm, and of gemm_os
      CHECK_EQ(gln_instr_add_bound(&set.instrs[k], bounds[i][k], NULL), EG_OK);
    gln_spec a = matmul(60, 33, 50), b = conv(9, 20, 12, 3);
    apply(&f, &a, 0);
    apply(&f, &b, 2);
    const gln_blocking_options few = {.max_tiles = 120, .max_complete = -1};
    CHECK_EQ(map(&f, &few).mapped, 2);
    CHECK(check_issues(&f) > 20);
    eg_graph_destroy(f.graph);
  }
}

CHECK_TEST(layers_of_one_shape_are_mapped_once) {
  fixture f;
  begin(&f, "rows=16");
  gln_spec a = matmul(196, 256, 512), b = matmul(196, 256, 256);
  eg_class roots[] = {apply(&f, &a, 0), apply(&f, &a, 2), apply(&f, &b, 4)};
  gln_map_counts counts = map(&f, NULL);
  CHECK_EQ(counts.contracts, 2);
  CHECK_EQ(counts.mapped, 2);
  CHECK_EQ(counts.unmappable, 0);
  CHECK(counts.blocks > 20 && counts.blocks <= 2 * 256);
  gln_pricing pricing = {
      &f.lang, &f.target, {.kind = GLN_OBJECTIVE_LATENCY}, NULL};
  eg_cost cost = gln_cost_of_nodes(&pricing);
  eg_choice *choice;
  CHECK(eg_extract_tree(f.graph, &cost, &choice) == EG_OK);
  gln_mapped total;
  CHECK(gln_mapping_walk(&pricing, choice, roots, 3, NULL, NULL, &total,
                         NULL) == EG_OK);
  CHECK(total.host_macs == 0);
  CHECK(total.array_macs == 196. * 256 * (512 + 512 + 256));
  // No faster than the array, or the channel that moves each array once; f32 in
  // these memories has to move some twice.
  double macs = total.array_macs / 256;
  double bytes = 4. * (2 * (196 * 512 + 512 * 256 + 196 * 256) +
                       (196 * 256 + 256 * 256 + 196 * 256));
  double bound = macs > bytes / 8 ? macs : bytes / 8;
  CHECK(total.cost.cycles >= bound && total.cost.cycles < 2.5 * bound);
  eg_choice_destroy(choice);
  eg_graph_destroy(f.graph);
}

static eg_class kernel_of(fixture *f, eg_class applied) {
  uint32_t num;
  eg_node node = eg_class_nodes(f->graph, applied, &num)[0];
  return eg_node_children(f->graph, node, &num)[0];
}

CHECK_TEST(a_block_costs_what_its_blocking_costs) {
  fixture f;
  begin(&f, "rows=16");
  gln_spec specs[] = {matmul(100, 70, 130), conv(14, 40, 24, 3)};
  for (size_t s = 0; s < 2; ++s) {
    gln_blockings b;
    CHECK(gln_blockings_create(&memory, &f.target, 0, &specs[s], NULL, &b,
                               NULL) == EG_OK);
    size_t compared = 0;
    for (size_t i = 0; i < b.num; ++i) {
      gln_block block;
      gln_cost cost;
      if (!gln_block_of_blocking(&specs[s], 0,
                                 &b.strategies[b.list[i].strategy], &b.list[i],
                                 &block))
        continue;
      CHECK(gln_block_cost(&f.target, &block, &cost, NULL) == EG_OK);
      CHECK(cost.cycles == b.list[i].cost.cycles);
      CHECK(cost.dram_read_bytes == b.list[i].cost.dram_read_bytes);
      CHECK(cost.energy_pj == b.list[i].cost.energy_pj);
      ++compared;
    }
    CHECK(compared > 3);
    gln_blockings_fini(&memory, &b);
  }
  eg_graph_destroy(f.graph);
}

// Every block node of a small contract, executed.
static void check_all(const gln_spec *spec) {
  fixture f;
  // Memories so small that even small contracts have to be cut.
  begin(&f, "rows=4,cols=4,abuf_bytes=512,wbuf_bytes=512,acc_bytes=512");
  eg_class kernel = kernel_of(&f, apply(&f, spec, 0));
  gln_blocking_options options = {.max_kept = 40};
  map(&f, &options);
  eg_cost size = eg_cost_size();
  eg_choice *choice;
  CHECK(eg_extract_tree(f.graph, &size, &choice) == EG_OK);
  gln_array in[2], want, got;
  const gln_array *operands[] = {&in[0], &in[1]};
  uint64_t seed = 7;
  for (size_t k = 0; k < 2; ++k) {
    gln_shape shape = {.type = GLN_TYPE_F32, .rank = spec->operands[k].rank};
    gln_spec_operand_box(spec, k, shape.dims, NULL);
    CHECK(gln_array_init(&in[k], &shape, memory, NULL) == EG_OK);
    gln_array_fill_random(&in[k], &seed, 3);
  }
  CHECK(gln_interp_spec(spec, operands, memory, &want, NULL) == EG_OK);
  uint32_t num, run = 0;
  const eg_node *nodes = eg_class_nodes(f.graph, kernel, &num);
  for (uint32_t i = 0; i < num; ++i) {
    if (gln_lang_node(&f.lang, nodes[i]) != GLN_NODE_BLOCK)
      continue;
    eg_choice_set(choice, kernel, nodes[i]);
    CHECK(gln_interp_kernel(&f.lang, choice, kernel, operands, memory, &got,
                            NULL) == EG_OK);
    CHECK(gln_array_equal(&want, &got));
    gln_array_fini(&got);
    ++run;
  }
  CHECK(run >= 2);
  gln_array_fini(&in[0]);
  gln_array_fini(&in[1]);
  gln_array_fini(&want);
  eg_choice_destroy(choice);
  eg_graph_destroy(f.graph);
}

CHECK_TEST(every_block_computes_the_contract) {
  gln_spec a = matmul(19, 9, 21), b = conv(6, 5, 6, 3);
  check_all(&a);
  check_all(&b);
}

CHECK_TEST(what_no_tile_fits_stays_on_the_host) {
  fixture f;
  begin(&f, "abuf_bytes=2,wbuf_bytes=2,acc_bytes=2");
  gln_spec spec = matmul(64, 64, 64);
  eg_class root = apply(&f, &spec, 0);
  gln_map_counts counts = map(&f, NULL);
  CHECK_EQ(counts.unmappable, 1);
  CHECK(strlen(counts.why) > 0);
  gln_pricing pricing = {
      &f.lang, &f.target, {.kind = GLN_OBJECTIVE_LATENCY}, NULL};
  eg_cost cost = gln_cost_of_nodes(&pricing);
  eg_choice *choice;
  CHECK(eg_extract_tree(f.graph, &cost, &choice) == EG_OK);
  gln_mapped total;
  CHECK(gln_mapping_walk(&pricing, choice, &root, 1, NULL, NULL, &total,
                         NULL) == EG_OK);
  CHECK(total.host_macs == 64. * 64 * 64);
  eg_choice_destroy(choice);
  pricing.objective.kind = GLN_OBJECTIVE_EDP;
  CHECK(eg_extract_tree(f.graph, &cost, &choice) == EG_INVALID);
  eg_graph_destroy(f.graph);
}

int main(int argc, char **argv) {
  memory = eg_allocator_default();
  return check_main(argc, argv);
}

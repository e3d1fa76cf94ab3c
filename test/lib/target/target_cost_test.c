// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The cost of a nest: by hand, against sums over every tile, and laws that any
// cost model must obey.
#include "../gln_test.h"

#include "target/reference.h"

#include <math.h>

static gln_target target_of(const char *name, const char *changes) {
  gln_target target;
  eg_error error = {0};
  CHECK_EQ(gln_target_builtin(name, &target, &error), EG_OK);
  CHECK_EQ(gln_target_override(&target, changes, &error), EG_OK);
  CHECK_EQ(gln_target_check(&target, &error), EG_OK);
  CHECK_STR(error.text, "");
  return target;
}

static gln_cost_model model_of(const gln_target *target, const gln_conv *conv,
                               gln_dataflow dataflow, bool im2col) {
  gln_contract contract;
  gln_cost_model model;
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  eg_error error = {0};
  gln_conv_roles(dataflow, im2col, roles);
  CHECK_EQ(gln_conv_contract(conv, &target->types[0], 1, &contract, &error),
           EG_OK);
  CHECK_EQ(gln_cost_model_init(&model, target, 0, dataflow, 0, &contract, roles,
                               &error),
           EG_OK);
  CHECK_STR(error.text, "");
  return model;
}

static gln_conv conv_of(int64_t k, int64_t c, int64_t p, int64_t r,
                        int64_t stride) {
  return (gln_conv){1, k, c, p, p, r, r, stride, stride, 1, 1, 0, 0};
}

// "K2 P4" outside, then one tile of the rest; everything double-buffered.
static gln_nest nest_of(const gln_contract *c, const char *grid) {
  static const char letters[] = "NKCPQRS";
  gln_nest n = {0};
  int64_t trips[GLN_CONV_NUM_DIMS] = {1, 1, 1, 1, 1, 1, 1};
  while (*grid) {
    char *end;
    uint8_t d = (uint8_t)(strchr(letters, *grid) - letters);
    trips[d] = strtoll(grid + 1, &end, 10);
    n.loops[n.num_loops++] = (gln_nest_loop){d, GLN_NEST_IN_TIME, trips[d]};
    grid = end + (*end == ' ');
  }
  n.num_outer = n.num_loops;
  for (uint8_t d = 0; d < GLN_CONV_NUM_DIMS; ++d) {
    int64_t tile = (c->extents[d] + trips[d] - 1) / trips[d];
    if (tile > 1)
      n.loops[n.num_loops++] = (gln_nest_loop){d, GLN_NEST_IN_TIME, tile};
  }
  for (size_t i = 0; i < 3; ++i)
    n.staging[i] = (gln_nest_staging){n.num_outer, 2, false, false};
  return n;
}

static gln_cost cost_of(const gln_cost_model *m, const gln_nest *n) {
  gln_cost cost;
  eg_error error = {0};
  CHECK_EQ(gln_nest_check(&m->contract, n, &error), EG_OK);
  CHECK_STR(error.text, "");
  gln_cost_model_run(m, n, &cost);
  return cost;
}

static bool near(double a, double b) {
  return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b));
}

//===-- By hand -----------------------------------------------------------===//

// 16 x 16 x 16 values on 16 x 16: one block of weights. Runs are 16 B, so each
// operand is 16 requests of 10 cycles.
CHECK_TEST(one_block_by_hand) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(16, 16, 4, 1, 1);
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_nest n = nest_of(&m.contract, "");
  gln_cost c = cost_of(&m, &n);
  CHECK_EQ(c.compute_cycles, (16 + 16) + (16 + 16 - 2));
  CHECK_EQ(c.dma_cycles, 480);
  CHECK_EQ(c.dram_requests, 48);
  CHECK_EQ(c.first_load, 320 + 100);
  CHECK_EQ(c.last_store, 160 + 100);
  CHECK_EQ(c.cycles, 420 + 62 + 260);
  CHECK_EQ(c.blocks, 1);
  CHECK_EQ(c.macs, 4096);
  CHECK_EQ(c.dram_read_bytes, 512);
  CHECK_EQ(c.dram_write_bytes, 256);
  CHECK_EQ(c.held_bytes[GLN_MEMORY_ABUF], 2 * 256);
  CHECK_EQ(c.held_bytes[GLN_MEMORY_WBUF], 2 * 256);
  CHECK_EQ(c.held_bytes[GLN_MEMORY_ACC], 2 * 1024);
  // MAC + registers + ABUF (in 256, out 256) + WBUF the same + ACC (256 sums
  // read and written in the array, 256 leave) + DRAM.
  double sram = 0.49 + 0.02513 * 128, acc = 1.94 + 0.1005 * 64 / 16;
  CHECK(near(c.energy_pj, 0.5608 * 4096 + 0.48746 * (4096 + 256) +
                              sram * 512 * 2 + acc * (2 * 256 + 256) +
                              100 * 768));
}

// The same block by an instruction that fills 8 rows and 12 columns, and streams m
// rows: four folds, each call takes its 4 cycles, rows of memory are not full.
CHECK_TEST(small_calls_by_hand) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(16, 16, 4, 1, 1);
  const struct {
    int64_t m;
    double stream;
  } table[] = {{16, 16}, {6, 6 + 6 + 4}, {3, 5 * 4 + 4}, {1, 16 * 4}};
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
    gln_cost_model_limit(&m, &(gln_instr_limits){table[i].m, 12, 8});
    gln_nest n = nest_of(&m.contract, "");
    gln_cost c = cost_of(&m, &n);
    CHECK_EQ(c.blocks, 4);
    CHECK_EQ(c.compute_cycles, 4 * (table[i].stream + 16) + (16 + 16 - 2));
    CHECK_EQ(c.held_bytes[GLN_MEMORY_ABUF], 2 * (2 * 256));
    CHECK(near(c.held_bytes[GLN_MEMORY_WBUF], 16. / 12 * (2 * 256)));
    CHECK(near(c.held_bytes[GLN_MEMORY_ACC], 16. / 12 * (2 * 1024)));
    CHECK_EQ(gln_cost_model_roofline(&m).peak, 8 * 12);
  }
  // Sums of 10 products a call: the second call starts anew, and reads what the first
  // one wrote.
  gln_cost_model m = model_of(&t, &shape, GLN_OUTPUT_STATIONARY, false);
  gln_nest n = nest_of(&m.contract, "");
  gln_cost one = cost_of(&m, &n);
  gln_cost_model_limit(&m, &(gln_instr_limits){16, 16, 10});
  gln_cost two = cost_of(&m, &n);
  CHECK_EQ(two.compute_cycles, one.compute_cycles + 16 + 16 - 2);
  CHECK_EQ(two.chip_bytes[GLN_MEMORY_ACC],
           one.chip_bytes[GLN_MEMORY_ACC] + 2 * 1024);
}

// Gemmini's request: 16 B cost what 64 B cost, and 4 times as many are needed.
CHECK_TEST(short_runs_by_hand) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(64, 64, 8, 1, 1);
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_nest whole = nest_of(&m.contract, ""), cut = nest_of(&m.contract, "K4");
  CHECK_EQ(cost_of(&m, &whole).dma_cycles, (4096 + 4096 + 4096) / 64 * 10);
  CHECK_EQ(cost_of(&m, &cut).dma_cycles, (4096 / 64 + 2 * 4096 / 16) * 10);
  CHECK_EQ(cost_of(&m, &cut).dram_read_bytes, 8192); // the input moves once
}

// Numbers of SCALE-Sim's formula with weights double-buffered in the array:
// R + folds max(M, R) + R + C - 2 on 32 x 32.
CHECK_TEST(shadow_weights_by_hand) {
  gln_target t =
      target_of("gemmini16", "rows=32,cols=32,shadow_weights=1,min_stream=0");
  static const struct {
    int64_t k, c, p, r;
    double cycles;
  } table[] = {{256, 256, 12, 3, 83038},
               {512, 512, 5, 3, 73822},
               {1000, 512, 1, 1, 16478}};
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_conv shape = conv_of(table[i].k, table[i].c, table[i].p, table[i].r, 1);
    gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
    gln_nest n = nest_of(&m.contract, "");
    CHECK_EQ(cost_of(&m, &n).compute_cycles, table[i].cycles);
  }
}

// The first layer of ResNet: 3 of 32 rows work unless the offsets are packed.
CHECK_TEST(im2col_by_hand) {
  gln_target t = target_of("gemmini16", "rows=32,cols=32");
  gln_conv shape = conv_of(64, 3, 110, 7, 2);
  gln_cost_model offset = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_cost_model packed = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, true);
  gln_nest n = nest_of(&offset.contract, "");
  CHECK_EQ(cost_of(&offset, &n).compute_cycles, 49 * 2 * (12100 + 32) + 62);
  CHECK_EQ(cost_of(&packed, &n).compute_cycles, 5 * 2 * (12100 + 32) + 62);
  CHECK_EQ(cost_of(&packed, &n).blocks, 10);
}

// Depthwise 3 x 3 on 112 x 112 x 32: channel by channel on the array, or 32
// channels side by side on the vector unit.
CHECK_TEST(depthwise_by_hand) {
  gln_target t = target_of("gemmini16", "rows=32,cols=32,lanes=32");
  gln_contract c = {.num_dims = 5, .num_operands = 3}; // c p q r s
  static const int64_t extents[] = {32, 112, 112, 3, 3};
  memcpy(c.extents, extents, sizeof extents);
  c.operands[0] = (gln_nest_operand){.memory = GLN_MEMORY_ABUF,
                                     .bytes = 1,
                                     .partial_bytes = 1,
                                     .num_axes = 3,
                                     .axes = {{2, {1, 3}, {1, 1}, 0},
                                              {2, {2, 4}, {1, 1}, 0},
                                              {1, {0}, {1}, 0}}};
  c.operands[1] = (gln_nest_operand){
      .memory = GLN_MEMORY_WBUF,
      .bytes = 1,
      .partial_bytes = 1,
      .num_axes = 3,
      .axes = {{1, {3}, {1}, 0}, {1, {4}, {1}, 0}, {1, {0}, {1}, 0}}};
  c.operands[2] = (gln_nest_operand){
      .memory = GLN_MEMORY_ACC,
      .is_output = true,
      .bytes = 1,
      .partial_bytes = 4,
      .num_axes = 3,
      .axes = {{1, {1}, {1}, 0}, {1, {2}, {1}, 0}, {1, {0}, {1}, 0}}};
  gln_nest n = {.num_loops = 5};
  for (uint8_t d = 0; d < 5; ++d)
    n.loops[d] = (gln_nest_loop){d, GLN_NEST_IN_TIME, extents[d]};
  for (size_t i = 0; i < 3; ++i)
    n.staging[i].buffers = 2;
  static const gln_nest_role array[] = {GLN_NEST_PASS, GLN_NEST_STREAM,
                                        GLN_NEST_STREAM, GLN_NEST_ROWS,
                                        GLN_NEST_ROWS};
  static const gln_nest_role vector[] = {GLN_NEST_COLS, GLN_NEST_STREAM,
                                         GLN_NEST_STREAM, GLN_NEST_PASS,
                                         GLN_NEST_PASS};
  gln_cost_model m;
  CHECK_EQ(
      gln_cost_model_init(&m, &t, 0, GLN_WEIGHT_STATIONARY, 0, &c, array, NULL),
      EG_OK);
  CHECK_EQ(cost_of(&m, &n).compute_cycles, 32 * (12544 + 32) + 62);
  CHECK_EQ(gln_cost_model_init(&m, &t, 0, GLN_VECTOR, 0, &c, vector, NULL),
           EG_OK);
  CHECK_EQ(cost_of(&m, &n).compute_cycles, 112896);
}

// Stride 2, 1 x 1: the box is four times what is used.
CHECK_TEST(gather_by_hand) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(512, 256, 28, 1, 2);
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_nest n = nest_of(&m.contract, "");
  gln_cost box = cost_of(&m, &n);
  n.staging[0].gather = true;
  gln_cost used = cost_of(&m, &n);
  CHECK_EQ(box.dram_read_bytes, 512 * 256 + 55 * 55 * 256);
  CHECK_EQ(used.dram_read_bytes, 512 * 256 + 28 * 28 * 256);
  CHECK(used.cycles < box.cycles);
}

// Reduction in two halves outside the output's loops: 32-bit sums leave once
// and come back once, bytes leave at the end.
CHECK_TEST(spills_by_hand) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(64, 64, 8, 1, 1);
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_nest n = nest_of(&m.contract, "C2 P2");
  gln_cost c = cost_of(&m, &n);
  CHECK_EQ(c.dram_write_bytes, 4096 * 4 + 4096);
  CHECK_EQ(c.dram_read_bytes, 4096 * 4 + 4096 + 4096);
  n = nest_of(&m.contract, "P2 C2");
  CHECK_EQ(cost_of(&m, &n).dram_write_bytes, 4096);
}

// A bias of 32-bit sums, loaded into the accumulator: one more operand.
CHECK_TEST(bias_by_hand) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(16, 16, 4, 1, 1);
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_contract c = m.contract;
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  gln_conv_roles(GLN_WEIGHT_STATIONARY, false, roles);
  c.operands[c.num_operands++] =
      (gln_nest_operand){.memory = GLN_MEMORY_ACC,
                         .bytes = 4,
                         .partial_bytes = 4,
                         .num_axes = 1,
                         .axes = {{1, {GLN_CONV_K}, {1}, 0}}};
  gln_nest n = nest_of(&c, "");
  n.staging[3].buffers = 1;
  gln_cost without = cost_of(&m, &n);
  CHECK_EQ(
      gln_cost_model_init(&m, &t, 0, GLN_WEIGHT_STATIONARY, 0, &c, roles, NULL),
      EG_OK);
  gln_cost with = cost_of(&m, &n);
  CHECK_EQ(with.dram_read_bytes - without.dram_read_bytes, 64);
  CHECK_EQ(with.dram_requests - without.dram_requests, 1);
  CHECK_EQ(with.cycles - without.cycles, 10);
  CHECK_EQ(with.held_bytes[GLN_MEMORY_ACC] - without.held_bytes[GLN_MEMORY_ACC],
           64);
}

//===-- Against SCALE-Sim -------------------------------------------------===//

// One product in one tile. OS folds do not overlap in either model; WS drains
// once here and after every fold there.
CHECK_TEST(folds_as_scalesim) {
  uint64_t seed = 5;
  for (int i = 0; i < 300; ++i) {
    char changes[96];
    int64_t r = test_between(&seed, 1, 40), c = test_between(&seed, 1, 40);
    snprintf(changes, sizeof changes, "rows=%d,cols=%d,min_stream=0", (int)r,
             (int)c);
    gln_target t = target_of("gemmini16", changes);
    gln_conv shape = conv_of(test_between(&seed, 1, 100),
                             test_between(&seed, 1, 100), 1, 1, 1);
    shape.p = test_between(&seed, 1, 100);
    gln_scalesim os =
        gln_scalesim_run(GLN_SCALESIM_OS, r, c, shape.p, shape.k, shape.c);
    gln_scalesim ws =
        gln_scalesim_run(GLN_SCALESIM_WS, r, c, shape.p, shape.k, shape.c);
    gln_cost_model m = model_of(&t, &shape, GLN_OUTPUT_STATIONARY, false);
    gln_nest n = nest_of(&m.contract, "");
    CHECK_EQ(cost_of(&m, &n).compute_cycles, os.cycles + 1);
    m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
    CHECK_EQ(cost_of(&m, &n).compute_cycles,
             ws.cycles + 1 - (ws.folds - 1) * (r + c - 2));
  }
}

//===-- Laws --------------------------------------------------------------===//

static gln_nest random_nest(const gln_contract *c, uint64_t *seed,
                            int64_t *tile) {
  gln_nest n = {0};
  uint8_t order[GLN_NEST_MAX_DIMS];
  for (uint8_t d = 0; d < c->num_dims; ++d) {
    size_t at = (size_t)test_between(seed, 0, d);
    order[d] = order[at];
    order[at] = d;
    tile[d] = test_between(seed, 1, c->extents[d]);
  }
  for (size_t i = 0; i < c->num_dims; ++i) {
    uint8_t d = order[i];
    int64_t trips = (c->extents[d] + tile[d] - 1) / tile[d];
    if (trips > 1)
      n.loops[n.num_loops++] = (gln_nest_loop){d, GLN_NEST_IN_TIME, trips};
  }
  n.num_outer = n.num_loops;
  for (uint8_t d = 0; d < c->num_dims; ++d)
    if (tile[d] > 1)
      n.loops[n.num_loops++] = (gln_nest_loop){d, GLN_NEST_IN_TIME, tile[d]};
  for (size_t i = 0; i < c->num_operands; ++i)
    n.staging[i] = (gln_nest_staging){
        (uint8_t)test_between(seed, 0, n.num_outer),
        (uint8_t)test_between(seed, 1, 2), test_between(seed, 0, 1) == 1,
        test_between(seed, 0, 1) == 1};
  return n;
}

static gln_conv random_conv(uint64_t *seed) {
  return (gln_conv){test_between(seed, 1, 2),
                    test_between(seed, 1, 40),
                    test_between(seed, 1, 40),
                    test_between(seed, 1, 9),
                    test_between(seed, 1, 9),
                    test_between(seed, 1, 3),
                    test_between(seed, 1, 3),
                    test_between(seed, 1, 2),
                    test_between(seed, 1, 2),
                    1,
                    1,
                    0,
                    0};
}

// Compute over a ragged grid is the sum over its tiles; and a block whose tiles
// are all given as parts costs the same.
CHECK_TEST(tails_are_summed) {
  enum { MAX_PARTS = 4096 };
  static gln_cost costs[MAX_PARTS];
  static gln_cost_part parts[MAX_PARTS];
  uint64_t seed = 6;
  int seen = 0;
  for (int i = 0; i < 100; ++i) {
    gln_target t = target_of("gemmini16", i % 2 ? "interlock=1" : "");
    gln_conv shape = random_conv(&seed);
    int64_t tile[GLN_CONV_NUM_DIMS], at[GLN_CONV_NUM_DIMS] = {0};
    gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
    gln_nest n = random_nest(&m.contract, &seed, tile);
    for (size_t o = 0; o < 3; ++o)
      n.staging[o].buffers = 2;
    double sum = 30, blocks_run = 0;
    size_t num = 0;
    double tiles = 1;
    for (size_t l = 0; l < n.num_outer; ++l)
      tiles *= (double)n.loops[l].trips;
    if (tiles > MAX_PARTS)
      continue;
    size_t d = 0;
    while (d < GLN_CONV_NUM_DIMS) {
      int64_t size[GLN_CONV_NUM_DIMS];
      for (d = 0; d < GLN_CONV_NUM_DIMS; ++d) {
        int64_t rest = m.contract.extents[d] - at[d];
        size[d] = rest < tile[d] ? rest : tile[d];
      }
      double stream = (double)(size[0] * size[3] * size[4]);
      double blocks = (double)(size[5] * size[6] * ((size[2] + 15) / 16) *
                               ((size[1] + 15) / 16));
      gln_cost_model_tile(&m, size, &costs[num]);
      parts[num] = (gln_cost_part){&costs[num], 1};
      ++num;
      sum += blocks * ((stream > 4 ? stream : 4) + 16);
      blocks_run += blocks;
      for (d = 0; d < GLN_CONV_NUM_DIMS; ++d) {
        if ((at[d] += tile[d]) < m.contract.extents[d])
          break;
        at[d] = 0;
      }
    }
    gln_cost c = cost_of(&m, &n);
    CHECK(near(c.compute_cycles, sum));
    CHECK(near(c.blocks, blocks_run));
    gln_cost block;
    gln_cost_model_block(&m, &n, parts, num, &block);
    CHECK(near(block.cycles, c.cycles));
    CHECK(near(block.energy_pj, c.energy_pj));
    CHECK(near(block.macs, m.macs));
    CHECK(near(block.dram_read_bytes, c.dram_read_bytes));
    for (int k = 0; k < GLN_NUM_MEMORIES; ++k)
      CHECK(near(block.chip_bytes[k], c.chip_bytes[k]));
    ++seen;
  }
  CHECK(seen > 50);
}

static bool at_most(double a, double b) {
  return a <= b * (1 + 1e-12);
}

// The bound of a tile is below every nest of that tile, in every component; the
// roofline is below the bound.
CHECK_TEST(bounds_are_bounds) {
  uint64_t seed = 7;
  static const char *const changes[] = {
      "", "interlock=1", "shadow_weights=1,rows=8", "dram_latency=0,cols=4"};
  static const gln_dataflow flows[] = {GLN_WEIGHT_STATIONARY,
                                       GLN_OUTPUT_STATIONARY, GLN_VECTOR};
  for (int i = 0; i < 1200; ++i) {
    gln_target t = target_of("gemmini16", changes[i % 4]);
    gln_conv shape = random_conv(&seed);
    int64_t tile[GLN_CONV_NUM_DIMS];
    gln_cost_model m = model_of(&t, &shape, flows[i % 3], i % 2);
    gln_nest n = random_nest(&m.contract, &seed, tile);
    gln_cost c = cost_of(&m, &n), b;
    gln_cost_model_bound(&m, tile, &b);
    CHECK(at_most(gln_cost_model_roofline(&m).cycles, b.cycles));
    CHECK(at_most(b.cycles, c.cycles));
    CHECK(at_most(b.compute_cycles, c.compute_cycles));
    CHECK(at_most(b.dma_cycles, c.dma_cycles));
    CHECK(at_most(b.first_load, c.first_load));
    CHECK(at_most(b.last_store, c.last_store));
    CHECK(at_most(b.dram_requests, c.dram_requests));
    CHECK(at_most(b.dram_read_bytes, c.dram_read_bytes));
    CHECK(at_most(b.dram_write_bytes, c.dram_write_bytes));
    CHECK(at_most(b.energy_pj, c.energy_pj));
    for (int k = 0; k < GLN_NUM_MEMORIES; ++k) {
      CHECK(at_most(b.held_bytes[k], c.held_bytes[k]));
      CHECK(at_most(b.chip_bytes[k], c.chip_bytes[k]));
    }
    CHECK(at_most(c.dma_cycles, c.cycles));
    CHECK(at_most(c.compute_cycles, c.cycles));
    CHECK(at_most(c.first_load + c.last_store, c.cycles));
  }
}

static double run_on(const char *changes, const gln_conv *shape,
                     const gln_nest *nest, bool energy) {
  gln_target t = target_of("gemmini16", changes);
  gln_cost_model m = model_of(&t, shape, GLN_WEIGHT_STATIONARY, false);
  gln_cost c = cost_of(&m, nest);
  return energy ? c.energy_pj : c.cycles;
}

// A better machine is never slower; a dearer one never cheaper.
CHECK_TEST(better_machines) {
  uint64_t seed = 8;
  for (int i = 0; i < 200; ++i) {
    gln_conv shape = random_conv(&seed);
    gln_target t = target_of("gemmini16", "");
    gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
    int64_t tile[GLN_CONV_NUM_DIMS];
    gln_nest n = random_nest(&m.contract, &seed, tile);
    double cycles = run_on("", &shape, &n, false);
    double energy = run_on("", &shape, &n, true);
    CHECK(run_on("dram_bytes_per_cycle=16", &shape, &n, false) <= cycles);
    CHECK(run_on("dram_request_cycles=5", &shape, &n, false) <= cycles);
    CHECK(run_on("dram_burst_bytes=32", &shape, &n, false) >= cycles);
    CHECK(near(run_on("dram_latency=200", &shape, &n, false), cycles + 200));
    CHECK(run_on("interlock=1", &shape, &n, false) <= cycles);
    CHECK(run_on("energy_dram=200", &shape, &n, true) > energy);
    CHECK(run_on("abuf_bytes=262144", &shape, &n, true) > energy);
  }
}

// More traffic is never cheaper; a second buffer is never slower.
CHECK_TEST(more_traffic_never_cheaper) {
  uint64_t seed = 9;
  gln_target t = target_of("gemmini16", "");
  for (int i = 0; i < 300; ++i) {
    gln_conv shape = random_conv(&seed);
    gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
    int64_t tile[GLN_CONV_NUM_DIMS];
    gln_nest n = random_nest(&m.contract, &seed, tile), worse = n;
    gln_cost a = cost_of(&m, &n);
    // A loop that moves nothing of the operand moves it when staged inside.
    for (size_t o = 0; o < 3; ++o) {
      worse = n;
      worse.staging[o].keep_halo = false;
      gln_cost b = cost_of(&m, &worse);
      CHECK(b.dram_read_bytes >= a.dram_read_bytes);
      CHECK(b.energy_pj >= a.energy_pj);
      CHECK(at_most(a.dma_cycles, b.dma_cycles));
      if (n.staging[o].buffers == 2)
        CHECK(at_most(a.cycles, b.cycles));
      worse = n;
      worse.staging[o].buffers = 1;
      CHECK(at_most(a.cycles, cost_of(&m, &worse).cycles) ||
            n.staging[o].buffers == 1);
    }
  }
}

// One after the other: times add, needs are the larger.
CHECK_TEST(then_adds) {
  gln_cost a = {.cycles = 5, .energy_pj = 2, .held_bytes = {10, 1, 3}};
  gln_cost b = {.cycles = 7, .dram_read_bytes = 4, .held_bytes = {2, 9, 3}};
  gln_cost zero = {0}, c = gln_cost_then(&a, &b), d = gln_cost_then(&a, &zero);
  CHECK_EQ(c.cycles, 12);
  CHECK_EQ(c.dram_read_bytes, 4);
  CHECK_EQ(c.held_bytes[0], 10);
  CHECK_EQ(c.held_bytes[1], 9);
  CHECK_EQ(c.held_bytes[2], 3);
  CHECK(memcmp(&a, &d, sizeof a) == 0);
  CHECK(gln_cost_dominates(&zero, &a));
  CHECK(gln_cost_dominates(&a, &a));
  CHECK(!gln_cost_dominates(&a, &b));
  CHECK(!gln_cost_dominates(&b, &a));
}

//===-- Why ---------------------------------------------------------------===//

CHECK_TEST(what_binds) {
  static const struct {
    const char *changes;
    int64_t k, c, p, r;
    const char *grid, *binding;
  } table[] = {
      {"", 256, 256, 14, 3, "K4", "compute"},
      {"", 256, 256, 3, 3, "K16 C4", "requests"},
      {"dram_request_cycles=0", 256, 256, 1, 1, "K4", "bandwidth"},
      {"dram_bytes_per_cycle=64,dram_request_cycles=1", 256, 256, 3, 3, "K4",
       "preload"},
      {"dram_latency=100000", 256, 256, 3, 3, "K4", "fill"},
      {"abuf_bytes=4096", 64, 64, 28, 3, "", "ABUF"},
      {"wbuf_bytes=4096", 64, 64, 28, 3, "P28", "WBUF"},
      {"acc_bytes=4096", 64, 64, 28, 3, "P28", "ACC"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_target t = target_of("gemmini16", table[i].changes);
    gln_conv shape = conv_of(table[i].k, table[i].c, table[i].p, table[i].r, 1);
    gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
    gln_nest n = nest_of(&m.contract, table[i].grid);
    gln_cost c = cost_of(&m, &n);
    if (i < 5)
      memset(c.held_bytes, 0, sizeof c.held_bytes);
    CHECK_STR(gln_cost_binding_name(gln_cost_model_binding(&m, &c)),
              table[i].binding);
  }
}

CHECK_TEST(what_does_not_fit_is_named) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(64, 64, 56, 3, 1);
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_nest n = nest_of(&m.contract, "");
  eg_error error = {0};
  gln_cost c = cost_of(&m, &n);
  CHECK_EQ(gln_cost_model_fits(&m, &c, &error), EG_INFEASIBLE);
  CHECK_STR(error.text, "ABUF needs 430592 B, has 131072 B");
  n = nest_of(&m.contract, "P28 Q2");
  c = cost_of(&m, &n);
  CHECK_EQ(gln_cost_model_fits(&m, &c, NULL), EG_OK);
}

// A product of 128 x 256 x 256: 65536 + 2 32768 + ... bytes, peak 256.
CHECK_TEST(roofline_by_hand) {
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(256, 256, 1, 1, 1);
  shape.p = 128;
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_roofline r = gln_cost_model_roofline(&m);
  CHECK_EQ(r.peak, 256);
  CHECK_EQ(r.ridge, 32);
  CHECK_EQ(r.bytes, 65536 + 32768 + 32768);
  CHECK_EQ(r.intensity, 64);
  CHECK_EQ(r.cycles, 32768);
}

CHECK_TEST(units_without_a_nest) {
  gln_target t = target_of("gemmini16", "");
  CHECK_EQ(gln_vector_cycles(&t, 10, 17, 3), 3 * 10 * 2);
  CHECK_EQ(gln_host_cycles(&t, 2, 3, 16), 2 * 64 + 3 * 8 + 2);
}

//===-- Objectives --------------------------------------------------------===//

CHECK_TEST(objectives) {
  gln_cost c = {.cycles = 10,
                .energy_pj = 100,
                .dram_read_bytes = 3,
                .dram_write_bytes = 4};
  static const struct {
    const char *text;
    double value;
  } table[] = {
      {"latency", 10},
      {"energy", 100},
      {"edp", 1000},
      {"dram", 7},
      {"cycles=2,dram=0.5", 23.5},
      {"energy=1", 100},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_objective o;
    CHECK_EQ(gln_objective_parse(table[i].text, &o, NULL), EG_OK);
    CHECK_EQ(2 * gln_objective_value(&o, &c), 2 * table[i].value);
  }
  static const struct {
    const char *text, *message;
  } bad[] = {
      {"speed", "'speed' is no objective: latency, energy, edp, dram, or "
                "weights cycles=, energy=, dram="},
      {"", "'' is no objective: latency, energy, edp, dram, or weights "
           "cycles=, energy=, dram="},
      {"cycles=-1", "the weight in 'cycles=-1' is no number from 0"},
      {"cycles=nan", "the weight in 'cycles=nan' is no number from 0"},
      {"cycles=1,energy=x", "the weight in 'energy=x' is no number from 0"},
      {"cycles=0", "all weights of 'cycles=0' are 0"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    gln_objective o;
    eg_error error = {0};
    CHECK_EQ(gln_objective_parse(bad[i].text, &o, &error), EG_INVALID);
    CHECK_STR(error.text, bad[i].message);
  }
}

//===-- What is refused ---------------------------------------------------===//

CHECK_TEST(bad_roles) {
  static const struct {
    gln_dataflow dataflow;
    int dim;
    gln_nest_role role;
    const char *text;
  } table[] = {
      {GLN_WEIGHT_STATIONARY, GLN_CONV_K, GLN_NEST_STREAM,
       "dim 1 of extent 4 cannot go to the stream: the weights depend on it"},
      {GLN_WEIGHT_STATIONARY, GLN_CONV_P, GLN_NEST_ROWS,
       "dim 3 of extent 4 cannot go to the rows: the output depends on it"},
      {GLN_WEIGHT_STATIONARY, GLN_CONV_C, GLN_NEST_COLS,
       "dim 2 of extent 4 cannot go to the columns: it is reduced"},
      {GLN_OUTPUT_STATIONARY, GLN_CONV_P, GLN_NEST_STREAM,
       "dim 3 of extent 4 cannot go to the stream: the output depends on it"},
      {GLN_OUTPUT_STATIONARY, GLN_CONV_C, GLN_NEST_ROWS,
       "dim 2 of extent 4 cannot go to the rows: it is reduced"},
      {GLN_VECTOR, GLN_CONV_C, (gln_nest_role)9,
       "dim 2 of extent 4 cannot go to the ?: there is no such role"},
  };
  gln_target t = target_of("gemmini16", "");
  gln_conv shape = conv_of(4, 4, 4, 1, 1);
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    gln_cost_model m = model_of(&t, &shape, table[i].dataflow, false);
    gln_contract c = m.contract;
    gln_nest_role roles[GLN_CONV_NUM_DIMS];
    eg_error error = {0};
    gln_conv_roles(table[i].dataflow, false, roles);
    roles[table[i].dim] = table[i].role;
    CHECK_EQ(
        gln_cost_model_init(&m, &t, 0, table[i].dataflow, 0, &c, roles, &error),
        EG_INVALID);
    CHECK_STR(error.text, table[i].text);
  }
}

CHECK_TEST(bad_units) {
  gln_target t = target_of("gemmini16", "output_stationary=0");
  gln_conv shape = conv_of(4, 4, 4, 1, 1);
  gln_cost_model m = model_of(&t, &shape, GLN_WEIGHT_STATIONARY, false);
  gln_contract c = m.contract;
  gln_nest_role roles[GLN_CONV_NUM_DIMS];
  eg_error error = {0};
  gln_conv_roles(GLN_OUTPUT_STATIONARY, false, roles);
  CHECK_EQ(gln_cost_model_init(&m, &t, 0, GLN_OUTPUT_STATIONARY, 0, &c, roles,
                               &error),
           EG_INVALID);
  CHECK_STR(error.text,
            "array 0 of target 'gemmini16' is not output-stationary");
  CHECK_EQ(gln_cost_model_init(&m, &t, 2, GLN_VECTOR, 0, &c, roles, &error),
           EG_INVALID);
  CHECK_STR(error.text, "target 'gemmini16' has no array 2 of 1");
  CHECK_EQ(gln_cost_model_init(&m, &t, 0, GLN_VECTOR, 7, &c, roles, &error),
           EG_INVALID);
  CHECK_STR(error.text, "target 'gemmini16' has no type rule 7 of 4");
  c.extents[0] = 0;
  CHECK_EQ(gln_cost_model_init(&m, &t, 0, GLN_VECTOR, 0, &c, roles, &error),
           EG_INVALID);
  CHECK_STR(error.text, "dim 0 has extent 0");
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blockings: legal, as good as exhaustive search, the same every time, and no
// more of them when extents grow.
#include "../gln_test.h"

#include "exhaustive.h"

static gln_target make_target(const char *name, const char *settings) {
  gln_target target;
  eg_error error = {0};
  CHECK_EQ(gln_target_builtin(name, &target, &error), EG_OK);
  if (*settings)
    CHECK_EQ(gln_target_override(&target, settings, &error), EG_OK);
  CHECK_STR(error.text, "");
  return target;
}

static gln_blockings make(const gln_target *target, const gln_spec *spec,
                          const gln_blocking_options *options) {
  eg_allocator memory = eg_allocator_default();
  gln_blockings b;
  eg_error error = {0};
  CHECK_EQ(gln_blockings_create(&memory, target, 0, spec, options, &b, &error),
           EG_OK);
  CHECK_STR(error.text, "");
  return b;
}

static void done(gln_blockings *b) {
  eg_allocator memory = eg_allocator_default();
  gln_blockings_fini(&memory, b);
}

static bool covers(const gln_cost *a, const gln_cost *b) {
  return gln_cost_dominates(a, b) && !gln_cost_dominates(b, a);
}

// Every candidate passes the checks that a stranger would make, its cost is the
// model's, none beats another, and the counts add up.
static void check_all(const gln_blockings *b) {
  CHECK(b->num > 0 && b->num <= 256);
  CHECK_EQ(b->counts.kept, b->num);
  CHECK_EQ(b->counts.enumerated, b->counts.illegal + b->counts.dominated +
                                     b->counts.thinned + b->counts.kept);
  for (size_t i = 0; i < b->num; ++i) {
    const gln_blocking *x = &b->list[i];
    const gln_cost_model *m = &b->strategies[x->strategy].model;
    eg_error error = {0};
    gln_cost cost;
    CHECK_EQ(gln_nest_check(&m->contract, &x->nest, &error), EG_OK);
    CHECK_EQ(gln_cost_model_fits(m, &x->cost, &error), EG_OK);
    CHECK_STR(error.text, "");
    gln_cost_model_run(m, &x->nest, &cost);
    CHECK(memcmp(&cost, &x->cost, sizeof cost) == 0);
    CHECK(i == 0 || b->list[i - 1].cost.cycles <= cost.cycles);
    for (size_t j = 0; j < b->num; ++j)
      CHECK(!covers(&b->list[j].cost, &x->cost));
  }
}

//===-- Every kind of layer -----------------------------------------------===//

CHECK_TEST(all_candidates_are_legal) {
  const gln_spec specs[] = {
      spec_matmul(100, 64, 147),           spec_matmul(1, 1000, 2048),
      spec_batch_matmul(12, 64, 64, 64),   spec_conv(64, 3, 112, 112, 7, 7, 2),
      spec_conv(64, 64, 28, 28, 3, 3, 1),  spec_conv(128, 64, 14, 14, 1, 1, 2),
      spec_conv(32, 32, 17, 17, 5, 1, 1),  spec_depthwise(96, 28, 28, 3, 3, 1),
      spec_depthwise(33, 13, 13, 5, 5, 2),
  };
  static const char *const targets[] = {"gemmini16", "ws64"};
  const gln_blocking_options few = {.max_tiles = 600, .out_bytes = 1};
  for (size_t t = 0; t < 2; ++t) {
    gln_target target = make_target(targets[t], "");
    for (size_t i = 0; i < sizeof specs / sizeof *specs; ++i) {
      gln_blockings b = make(&target, &specs[i], &few);
      check_all(&b);
      done(&b);
    }
  }
}

// dW[r, s, c, k] = sum x[p + r, q + s, c] dy[p, q, k]: a window as large as the
// image; a reduced dim of one operand alone; a grouped convolution of three
// window dims; nothing to iterate over; primes; an array larger than the layer.
CHECK_TEST(odd_specs) {
  gln_spec dw = spec_start(6, 4, (const int64_t[]){3, 3, 64, 64, 28, 28});
  SPEC_INDEX(&dw, 0, 0, 1, 4, 1);
  SPEC_INDEX(&dw, 0, 1, 1, 5, 1);
  SPEC_INDEX(&dw, 0, 2, 1);
  SPEC_INDEX(&dw, 1, 4, 1);
  SPEC_INDEX(&dw, 1, 5, 1);
  SPEC_INDEX(&dw, 1, 3, 1);
  gln_spec alone = spec_start(4, 2, (const int64_t[]){64, 64, 5, 64});
  SPEC_INDEX(&alone, 0, 0, 1);
  SPEC_INDEX(&alone, 0, 2, 1);
  SPEC_INDEX(&alone, 0, 3, 1);
  SPEC_INDEX(&alone, 1, 3, 1);
  SPEC_INDEX(&alone, 1, 1, 1);
  gln_spec grouped =
      spec_start(9, 5, (const int64_t[]){4, 8, 9, 10, 16, 3, 3, 3, 16});
  SPEC_INDEX(&grouped, 0, 1, 1, 5, 1);
  SPEC_INDEX(&grouped, 0, 2, 1, 6, 1);
  SPEC_INDEX(&grouped, 0, 3, 1, 7, 1);
  SPEC_INDEX(&grouped, 0, 0, 1);
  SPEC_INDEX(&grouped, 0, 8, 1);
  SPEC_INDEX(&grouped, 1, 0, 1);
  SPEC_INDEX(&grouped, 1, 5, 1);
  SPEC_INDEX(&grouped, 1, 6, 1);
  SPEC_INDEX(&grouped, 1, 7, 1);
  SPEC_INDEX(&grouped, 1, 8, 1);
  SPEC_INDEX(&grouped, 1, 4, 1);
  gln_spec none = spec_start(0, 0, (const int64_t[]){1});
  const gln_spec specs[] = {dw,
                            alone,
                            grouped,
                            none,
                            spec_matmul(1, 1, 1),
                            spec_matmul(10007, 9973, 7919)};
  static const char *const settings[] = {
      "", "rows=4096,cols=4096,wbuf_bytes=33554432"};
  const gln_blocking_options few = {.max_tiles = 400};
  for (size_t t = 0; t < 2; ++t) {
    gln_target target = make_target("gemmini16", settings[t]);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; ++i) {
      gln_blockings b = make(&target, &specs[i], &few);
      check_all(&b);
      done(&b);
    }
  }
}

static uint32_t strategies_of(const gln_target *target, const gln_spec *spec,
                              uint32_t allowed) {
  gln_strategy strategies[GLN_BLOCKING_MAX_STRATEGIES];
  size_t num = 0;
  eg_error error = {0};
  CHECK_EQ(
      gln_strategies(target, 0, spec, 0, allowed, strategies, &num, &error),
      EG_OK);
  CHECK_STR(error.text, "");
  uint32_t bits = 0;
  for (size_t i = 0; i < num; ++i)
    bits |= strategies[i].bits;
  return (uint32_t)num << 8 | bits;
}

// A window gives a choice between offsets and im2col, a product does not; an
// array without output-stationary cells has none of these.
CHECK_TEST(strategies_by_spec_and_array) {
  gln_target both = make_target("gemmini16", "");
  gln_target ws = make_target("gemmini16", "output_stationary=0");
  gln_spec conv = spec_conv(64, 64, 28, 28, 3, 3, 1);
  gln_spec matmul = spec_matmul(64, 64, 64);
  CHECK_EQ(strategies_of(&both, &conv, 0), 6 << 8 | GLN_STRATEGY_ALL);
  CHECK_EQ(strategies_of(&both, &matmul, 0),
           4 << 8 | (GLN_STRATEGY_ALL & ~GLN_STRATEGY_IM2COL));
  CHECK_EQ(strategies_of(&ws, &matmul, 0) >> 8, 2);
  CHECK_EQ(
      strategies_of(&both, &conv, GLN_STRATEGY_ALL & ~GLN_STRATEGY_SWAPPED) >>
          8,
      3);
}

// Depthwise on weight-stationary cells: channels are passes, the window is the
// reduction, nothing is left for the columns.
CHECK_TEST(depthwise_roles) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_depthwise(96, 28, 28, 3, 3, 1);
  gln_strategy s[GLN_BLOCKING_MAX_STRATEGIES];
  size_t num = 0;
  CHECK_EQ(gln_strategies(&target, 0, &spec, 0,
                          GLN_STRATEGY_WEIGHT_STATIONARY |
                              GLN_STRATEGY_NATURAL | GLN_STRATEGY_IM2COL,
                          s, &num, NULL),
           EG_OK);
  CHECK_EQ(num, 1);
  const gln_nest_role roles[] = {GLN_NEST_PASS, GLN_NEST_STREAM,
                                 GLN_NEST_STREAM, GLN_NEST_ROWS, GLN_NEST_ROWS};
  for (size_t d = 0; d < 5; ++d)
    CHECK_EQ(s[0].model.roles[d], roles[d]);
}

// Three channels feed 16 rows badly, unless the window is packed beside them.
CHECK_TEST(first_layer_wants_im2col) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_conv(64, 3, 112, 112, 7, 7, 2);
  gln_blocking_options o = {.out_bytes = 1, .max_tiles = 500};
  uint32_t usual = GLN_STRATEGY_WEIGHT_STATIONARY | GLN_STRATEGY_NATURAL;
  o.strategies = usual | GLN_STRATEGY_OFFSET;
  gln_blockings offset = make(&target, &spec, &o);
  o.strategies = usual | GLN_STRATEGY_IM2COL;
  gln_blockings packed = make(&target, &spec, &o);
  CHECK(2 * packed.list[0].cost.cycles < offset.list[0].cost.cycles);
  done(&offset);
  done(&packed);
}

//===-- Optimal -----------------------------------------------------------===//

static void check_optimal(const char *settings, const gln_spec *spec) {
  gln_target target = make_target("gemmini16", settings);
  eg_allocator memory = eg_allocator_default();
  gln_strategy s[GLN_BLOCKING_MAX_STRATEGIES];
  size_t num = 0;
  CHECK_EQ(gln_strategies(&target, 0, spec, 1, 0, s, &num, NULL), EG_OK);
  for (size_t i = 0; i < 2 * num; ++i) {
    double best[NUM_OBJECTIVES];
    bool grouped = i % 2;
    const gln_strategy *strategy = &s[i / 2];
    const gln_blocking_options options = {.max_complete = grouped ? -1 : 0};
    gln_blockings b;
    exhaustive e = exhaustive_run(&strategy->model, grouped);
    CHECK_EQ(
        gln_blockings_of(&memory, &target, strategy, 1, &options, &b, NULL),
        EG_OK);
    best_of(&b, best);
    CHECK(e.legal > 100 && e.legal < e.points);
    for (size_t k = 0; k < NUM_OBJECTIVES; ++k) {
      CHECK(best[k] <= e.best[k] * (1 + 1e-12));
      CHECK(best[k] >= e.best[k] * (1 - 1e-12));
    }
    done(&b);
  }
}

// The best of each objective is that of all sizes, orders and stagings, and where
// loops stay in groups, of all such.
CHECK_TEST(as_good_as_exhaustive) {
  gln_spec matmul = spec_matmul(6, 5, 4), batch = spec_batch_matmul(2, 3, 3, 4);
  gln_spec window = spec_conv(2, 3, 5, 1, 3, 1, 1);
  gln_spec stride = spec_conv(4, 2, 5, 1, 1, 1, 2);
  gln_spec depthwise = spec_depthwise(3, 6, 1, 3, 1, 1);
  check_optimal("rows=2,cols=2,abuf_bytes=24,wbuf_bytes=16,acc_bytes=64",
                &matmul);
  check_optimal("rows=2,cols=2,abuf_bytes=16,wbuf_bytes=12,acc_bytes=48",
                &batch);
  check_optimal("rows=2,cols=2,abuf_bytes=16,wbuf_bytes=16,acc_bytes=32",
                &window);
  check_optimal("rows=2,cols=2,abuf_bytes=16,wbuf_bytes=8,acc_bytes=48",
                &stride);
  check_optimal("rows=2,cols=2,abuf_bytes=16,wbuf_bytes=8,acc_bytes=32",
                &depthwise);
}

typedef struct all {
  double best[NUM_OBJECTIVES];
  double num, illegal;
  const gln_strategy *strategies;
} all;

static void take(void *user, const gln_blocking *candidate) {
  all *a = user;
  lower(a->best, &candidate->cost);
  a->num += 1;
  const gln_cost_model *m = &a->strategies[candidate->strategy].model;
  a->illegal += gln_nest_check(&m->contract, &candidate->nest, NULL) != EG_OK ||
                gln_cost_model_fits(m, &candidate->cost, NULL) != EG_OK;
}

// Pruning loses nothing: prune=none has the same optima, of many times more.
CHECK_TEST(pruning_keeps_every_optimum) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_conv(64, 32, 14, 14, 3, 3, 1);
  gln_blocking_options o = {.out_bytes = 1, .max_tiles = 120};
  gln_blockings kept = make(&target, &spec, &o);
  all a = {.strategies = kept.strategies};
  for (size_t i = 0; i < NUM_OBJECTIVES; ++i)
    a.best[i] = INFINITY;
  o.each = take;
  o.user = &a;
  gln_blockings none = make(&target, &spec, &o);
  double best[NUM_OBJECTIVES];
  best_of(&kept, best);
  for (size_t i = 0; i < NUM_OBJECTIVES; ++i)
    CHECK(best[i] == a.best[i]);
  CHECK_EQ(none.num, 0);
  CHECK_EQ(none.counts.kept, a.num);
  CHECK_EQ(none.counts.enumerated, kept.counts.enumerated);
  CHECK_EQ(none.counts.illegal + a.num, none.counts.enumerated);
  CHECK_EQ(a.illegal, 0);
  CHECK(a.num > 20 * (double)kept.num);
  done(&kept);
  done(&none);
}

// Thinning keeps the best of each objective, whatever is left.
CHECK_TEST(thinning_keeps_the_ends) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_matmul(512, 512, 512);
  gln_blocking_options o = {.max_tiles = 400};
  gln_blockings wide = make(&target, &spec, &o);
  o.max_kept = 10;
  gln_blockings thin = make(&target, &spec, &o);
  double a[NUM_OBJECTIVES], b[NUM_OBJECTIVES];
  best_of(&wide, a);
  best_of(&thin, b);
  CHECK_EQ(thin.num, 10);
  CHECK(thin.counts.thinned > 0);
  for (size_t i = 0; i < NUM_OBJECTIVES; ++i)
    CHECK(a[i] == b[i]);
  done(&wide);
  done(&thin);
}

//===-- Size --------------------------------------------------------------===//

CHECK_TEST(growth_stops) {
  static const char *const targets[] = {"gemmini16", "ws64", "edge"};
  for (size_t t = 0; t < 3; ++t) {
    gln_target target = make_target(targets[t], "");
    gln_blocking_counts last = {0};
    for (int64_t n = 65536; n >= 256; n /= 4) {
      gln_spec spec = spec_matmul(n, n, n);
      gln_blockings b = make(&target, &spec, NULL);
      if (n == 65536)
        last = b.counts;
      if (n == 16384) {
        CHECK_EQ(b.counts.tiles, last.tiles);
        CHECK_EQ(b.counts.enumerated, last.enumerated);
        CHECK_EQ(b.counts.kept, last.kept);
      }
      CHECK(b.counts.kept <= last.kept && b.counts.kept <= 256);
      done(&b);
    }
  }
}

CHECK_TEST(the_same_every_time) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_conv(64, 64, 14, 14, 3, 3, 1);
  gln_blocking_options few = {.max_tiles = 300};
  gln_blockings a = make(&target, &spec, &few);
  gln_blockings b = make(&target, &spec, &few);
  CHECK_EQ(a.num, b.num);
  for (size_t i = 0; i < a.num && i < b.num; ++i)
    CHECK(memcmp(&a.list[i], &b.list[i], sizeof a.list[i]) == 0);
  done(&a);
  done(&b);
}

// A tight memory changes the answer: halves are used when they must be.
CHECK_TEST(capacities_are_obeyed) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_matmul(256, 256, 256);
  gln_blocking_options o = {.max_tiles = 20000,
                            .capacity = {8192, 4096, 16384}};
  gln_blockings b = make(&target, &spec, &o);
  for (size_t i = 0; i < b.num; ++i)
    for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
      CHECK(b.list[i].cost.held_bytes[m] <= o.capacity[m]);
  o.one_scratchpad = true;
  gln_blockings s = make(&target, &spec, &o);
  bool over = false;
  for (size_t i = 0; i < s.num; ++i) {
    const double *held = s.list[i].cost.held_bytes;
    CHECK(held[GLN_MEMORY_ABUF] + held[GLN_MEMORY_WBUF] <= 12288);
    over |= held[GLN_MEMORY_WBUF] > 4096;
  }
  CHECK(over);
  CHECK(s.list[0].cost.cycles <= b.list[0].cost.cycles);
  done(&b);
  done(&s);
}

//===-- Refusals ----------------------------------------------------------===//

static void refused(const gln_target *target, size_t array,
                    const gln_spec *spec, const gln_blocking_options *options,
                    eg_status status, const char *text) {
  eg_allocator memory = eg_allocator_default();
  gln_blockings b;
  eg_error error = {0};
  CHECK_EQ(
      gln_blockings_create(&memory, target, array, spec, options, &b, &error),
      status);
  CHECK_STR(error.text, text);
  CHECK(b.list == NULL);
}

CHECK_TEST(refusals) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_matmul(64, 64, 64);
  gln_spec wide = spec;
  wide.operands[0].type = wide.operands[1].type = wide.result = GLN_TYPE_F32;
  gln_blocking_options o = {.capacity = {0, 3, 0}};
  refused(&target, 0, &wide, &o, EG_INFEASIBLE,
          "the smallest tile needs 4 bytes of WBUF, which has 3");
  o = (gln_blocking_options){.capacity = {0, 0, 3}};
  refused(&target, 0, &spec, &o, EG_INFEASIBLE,
          "the smallest tile needs 4 bytes of ACC, which has 3");
  o = (gln_blocking_options){.capacity = {3, 4, 0}, .one_scratchpad = true};
  refused(&target, 0, &wide, &o, EG_INFEASIBLE,
          "the smallest tile needs 8 bytes of ABUF and WBUF, which have 7");
  o = (gln_blocking_options){.strategies = GLN_STRATEGY_WEIGHT_STATIONARY};
  refused(&target, 0, &spec, &o, EG_INFEASIBLE,
          "array 0 of target 'gemmini16' has no instruction that sums up "
          "products in an allowed strategy");
  gln_target bare = target;
  bare.instrs = NULL;
  refused(&bare, 0, &spec, NULL, EG_INFEASIBLE,
          "array 0 of target 'gemmini16' has no instruction that sums up "
          "products");
  refused(&target, 3, &spec, NULL, EG_INVALID,
          "target 'gemmini16' has no array 3 of 1");
  spec.operands[0].type = GLN_TYPE_F32;
  refused(&target, 0, &spec, NULL, EG_INFEASIBLE,
          "array 0 of target 'gemmini16' has no product f32 x i8 -> i32, but "
          "i8 x i8 -> i32, bf16 x bf16 -> f32, f32 x f32 -> f32, f16 x f16 "
          "-> f32");
  spec.combine = GLN_COMBINE_SUM;
  spec.num_operands = 1;
  refused(&target, 0, &spec, NULL, EG_INVALID,
          "an array runs products of two operands, not a reduction of 1");
}

CHECK_TEST(memory_runs_out) {
  gln_target target = make_target("gemmini16", "");
  gln_spec spec = spec_matmul(512, 512, 512);
  const gln_blocking_options few = {.max_tiles = 300, .max_kept = 20};
  for (int64_t fail_at = 0;; ++fail_at) {
    struct test_memory memory = {0, fail_at, 0};
    eg_allocator allocator = test_allocator(&memory);
    gln_blockings b;
    eg_error error = {0};
    eg_status status =
        gln_blockings_create(&allocator, &target, 0, &spec, &few, &b, &error);
    CHECK(status == EG_OK || status == EG_NO_MEMORY);
    gln_blockings_fini(&allocator, &b);
    CHECK_EQ(memory.held, 0);
    if (status == EG_OK) {
      CHECK(fail_at > 3);
      return;
    }
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

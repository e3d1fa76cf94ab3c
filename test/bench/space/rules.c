// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What of the space of designs needs no network: cubes that grow (N1), how many
// designs a contraction has, and designs sampled from a saturated graph (N3).
// main.py runs it as a part of the suite.
#include "bench.h"
#include "lib/design/network.h"

static void figure(const char *name, const char *metric, double value,
                   const char *bar, bool pass) {
  bench_figure f = {.name = name,
                    .metric = metric,
                    .value = value,
                    .unit = "count",
                    .bar = bar,
                    .pass = pass};
  bench_report(f);
}

static gln_spec product(int64_t m, int64_t n, int64_t k) {
  gln_spec s = pointwise;
  s.dims[0] = m;
  s.dims[1] = n;
  s.dims[2] = k;
  return s;
}

typedef struct counts {
  uint64_t nodes, matches, blocks; // block nodes of the contraction itself
  uint64_t refused;                // of them, by gln_job_rows
  bool thinned;
} counts;

static counts count(const gln_spec *spec, const char *target) {
  fixture f;
  eg_error error = {0};
  eg_class operands[2], id = {0};
  counts c = {.nodes = 0};
  gln_saturate_report report;
  gln_saturate_options options = {.rules = gln_rules_all()};
  begin(&f, "");
  CHECK(gln_target_builtin(target, &f.target, &error) == EG_OK);
  for (size_t k = 0; k < spec->num_operands; ++k) {
    gln_shape shape = {.type = spec->operands[k].type,
                       .rank = spec->operands[k].rank};
    gln_spec_operand_box(spec, k, shape.dims, NULL);
    CHECK(gln_add_input(&f.lang, (uint32_t)k, &shape, &operands[k]) == EG_OK);
  }
  id = apply(&f, spec, operands[0], operands[1]);
  CHECK(gln_add_results(&f.lang, &id, 1, &f.root) == EG_OK);
  CHECK(gln_saturate(&f.lang, &f.target, &options, &report, &error) == EG_OK);
  c.nodes = report.nodes;
  c.blocks = report.blocks.blocks;
  c.refused = report.blocks.refused;
  c.thinned = report.blocks.thinned > 0;
  for (int r = 0; r < GLN_NUM_RULES; ++r)
    c.matches += report.rules[r].matches;
  end(&f);
  return c;
}

// N1: equal from 16384³ on, never more for smaller.
static void cubes(void) {
  counts first = {.nodes = 0};
  bool equal = true, fewer = true;
  for (int64_t n = 16384; n <= 65536; n *= 2) {
    char name[64];
    gln_spec s = product(n, n, n);
    counts c = count(&s, "gemmini16");
    snprintf(name, sizeof name, "cube/%" PRId64, n);
    figure(name, "block_nodes", (double)c.blocks, "<= 256", c.blocks <= 256);
    figure(name, "nodes", (double)c.nodes, NULL, true);
    figure(name, "refused", (double)c.refused, NULL, true);
    figure(name, "rule_applications", (double)c.matches, NULL, true);
    if (n == 16384)
      first = c;
    equal &= c.blocks == first.blocks && c.matches == first.matches &&
             c.nodes == first.nodes;
  }
  for (int64_t n = 64; n < 16384; n *= 4) {
    gln_spec s = product(n, n, n);
    counts c = count(&s, "gemmini16");
    fewer &= c.blocks <= first.blocks && c.matches <= first.matches;
  }
  figure("cube", "equal_from_16384_to_65536", equal, "= 1", equal);
  figure("cube", "no_more_below", fewer, "= 1", fewer);
}

// Layers of ResNet-50 and MobileNet-v2 at 224².
static void layers(void) {
  static const int64_t sizes[][3] = {
      {3136, 64, 64},  {3136, 256, 64}, {784, 512, 128}, {196, 1024, 256},
      {49, 2048, 512}, {1, 1000, 2048}, {12544, 96, 16}, {3136, 24, 144},
      {196, 384, 64},  {49, 960, 160},
  };
  static const char *const targets[] = {"gemmini16", "ws64"};
  for (size_t t = 0; t < 2; ++t)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
      char name[80];
      gln_spec s = product(sizes[i][0], sizes[i][1], sizes[i][2]);
      if (s.dims[0] == 1) { // as the canonical form has it
        s = (gln_spec){
            .combine = GLN_COMBINE_DOT,
            .num_operands = 2,
            .num_dims = 2,
            .num_parallel = 1,
            .dims = {sizes[i][1], sizes[i][2]},
            .operands = {{.rank = 1, .coef = {{[1] = 1}}},
                         {.rank = 2, .coef = {{[0] = 1}, {[1] = 1}}}}};
      }
      counts c = count(&s, targets[t]);
      snprintf(name, sizeof name,
               "layer/%" PRId64 "x%" PRId64 "x%" PRId64 "/%s", sizes[i][0],
               sizes[i][1], sizes[i][2], targets[t]);
      figure(name, "distinct_legal_designs", (double)c.blocks,
             ">= 50, or all that no other beats", c.blocks >= 50 || !c.thinned);
    }
}

// N3: at least 99 % legal, all right.
static void samples(void) {
  enum { DESIGNS = 1000 };
  fixture f;
  gln_array want[8];
  begin(&f, small);
  build_network(&f);
  size_t num = reference(&f, want);
  saturate(&f, NULL, NULL);
  legality l = check_designs(&f, want, num, DESIGNS);
  figure("sampled", "kernels", l.blocks, NULL, true);
  figure("sampled", "fused", l.fused, NULL, true);
  figure("sampled", "legal_percent",
         100. * (l.blocks - l.illegal) / (l.blocks ? l.blocks : 1), ">= 99",
         l.illegal * 100 <= l.blocks);
  figure("sampled", "wrong_results", l.wrong, "= 0", l.wrong == 0);
  for (size_t i = 0; i < num; ++i)
    gln_array_fini(&want[i]);
  end(&f);
}

int main(int argc, char **argv) {
  memory = eg_allocator_default();
  bench_begin(argc, argv);
  cubes();
  layers();
  samples();
  return bench_end(check_failures == 0);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every blocking that the search keeps for the layers of a small network runs,
// computes what the interpreter says, and moves the bytes that the cost model
// said it would.
#include "design/mapping.h"
#include "lib/design/program_case.h"
#include "lib/design/program_print.h"
#include "lib/design/program_run.h"
#include "lib/rules/exhaustive.h"

#include <math.h>

typedef struct layer {
  const char *name;
  gln_spec spec;
  bool vector; // on the vector unit
} layer;

// Specs of exhaustive.h are i8 to i32.
static gln_spec f32(gln_spec s) {
  s.result = GLN_TYPE_F32;
  for (size_t k = 0; k < s.num_operands; ++k)
    s.operands[k].type = GLN_TYPE_F32;
  return s;
}

static gln_spec canonical(gln_spec s) {
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec_simplify(&s, origin);
  return f32(s);
}

static gln_spec matmul(int64_t m, int64_t n, int64_t k) {
  return canonical(spec_matmul(m, n, k));
}

static gln_spec attention(int64_t b, int64_t m, int64_t n, int64_t k) {
  return canonical(spec_batch_matmul(b, m, n, k));
}

// out[p, q, f] = x[c, p t + r, q t + s] w[f, c, r, s] (torch), or |last|:
// x[p t + r, q t + s, c] w[r, s, c, f] (tflite).
static gln_spec conv(bool last, int64_t p, int64_t f, int64_t c, int64_t r,
                     int t) {
  if (last)
    return f32(spec_conv(f, c, p, p, r, r, t));
  gln_spec s = spec_start(6, 3, (const int64_t[]){p, p, f, r, r, c});
  SPEC_INDEX(&s, 0, 5, 1);
  SPEC_INDEX(&s, 0, 0, t, 3, 1);
  SPEC_INDEX(&s, 0, 1, t, 4, 1);
  SPEC_INDEX(&s, 1, 2, 1);
  SPEC_INDEX(&s, 1, 5, 1);
  SPEC_INDEX(&s, 1, 3, 1);
  SPEC_INDEX(&s, 1, 4, 1);
  return canonical(s);
}

// The same of a channel by itself: w[c, r, s] or w[r, s, c].
static gln_spec depthwise(bool last, int64_t c, int64_t p, int64_t r, int t) {
  if (last)
    return f32(spec_depthwise(c, p, p, r, r, t));
  gln_spec s = spec_start(5, 3, (const int64_t[]){c, p, p, r, r});
  SPEC_INDEX(&s, 0, 0, 1);
  SPEC_INDEX(&s, 0, 1, t, 3, 1);
  SPEC_INDEX(&s, 0, 2, t, 4, 1);
  SPEC_INDEX(&s, 1, 0, 1);
  SPEC_INDEX(&s, 1, 3, 1);
  SPEC_INDEX(&s, 1, 4, 1);
  return canonical(s);
}

static gln_spec alone(gln_spec s, gln_combine combine) {
  s.combine = combine;
  s.num_operands = 1;
  memset(&s.operands[1], 0, sizeof s.operands[1]);
  return canonical(s);
}

// The same windows without weights.
static gln_spec pool(gln_combine combine, int64_t c, int64_t p, int64_t r,
                     int t) {
  return alone(depthwise(false, c, p, r, t), combine);
}

// out[i, j] = x[i, j]: what a map starts from.
static gln_spec copy(int64_t m, int64_t n) {
  gln_spec s = spec_start(2, 2, (const int64_t[]){m, n});
  SPEC_INDEX(&s, 0, 0, 1);
  SPEC_INDEX(&s, 0, 1, 1);
  return alone(s, GLN_COMBINE_SUM);
}

typedef struct sum {
  uint32_t sites; // at most, with bias, residual and relu
  size_t blockings, ran, refused, bytes_off, macs_off;
  double worst;
  char why[160];
} sum;

// The same block with relu(r + bias + residual).
static uint32_t sites_with_epilogue(const job_case *c,
                                    const gln_target *target) {
  static const char text[] =
      "(body (f32 f32 f32) ((add f32 %0 %1) (add f32 %3 %2) (const f32 0e+00) "
      "(max f32 %4 %5)) (%6))";
  const gln_spec *s = &c->job.block.spec;
  int64_t one[GLN_SPEC_MAX_DIMS];
  gln_scalar_body body;
  gln_job job = c->job;
  gln_program p;
  eg_error error = {0};
  gln_view *bias, *residual;
  for (size_t d = 0; d < s->num_parallel; ++d)
    one[d] = d + 1 < s->num_parallel ? 1 : s->dims[d];
  CHECK_EQ(gln_scalar_body_parse(&body, text, strlen(text), case_memory, NULL),
           EG_OK);
  CHECK_EQ(gln_view_broadcast(&case_memory, s->num_parallel, one,
                              s->num_parallel, s->dims, &bias, NULL),
           EG_OK);
  CHECK_EQ(gln_view_identity(&case_memory, s->num_parallel, s->dims, &residual,
                             NULL),
           EG_OK);
  job.body = &body;
  job.operands[job.num_operands++] = (gln_job_operand){GLN_TYPE_F32, bias};
  job.operands[job.num_operands++] = (gln_job_operand){GLN_TYPE_F32, residual};
  eg_status status = gln_program_create(&case_memory, target, &job, &p, &error);
  uint32_t sites = p.num_commands;
  CHECK(status == EG_OK || status == EG_INFEASIBLE); // ACC may be full
  if (status == EG_OK)
    gln_program_fini(&p);
  gln_view_destroy(&case_memory, bias);
  gln_view_destroy(&case_memory, residual);
  gln_scalar_body_fini(&body);
  return sites;
}

static char *tensors_of(job_case *c, const gln_program *p, char **tensors) {
  for (size_t i = 0; i < c->job.num_operands; ++i)
    tensors[i] = c->tensors[i].data;
  size_t bytes = (size_t)p->tensors[c->job.num_operands].num_elements * 4;
  char *result = malloc(2 * bytes);
  memset(result, 0x55, 2 * bytes);
  tensors[c->job.num_operands] = result;
  tensors[c->job.num_operands + 1] = result + bytes; // scratch
  return result;
}

static bool run(job_case *c, const gln_target *target, const gln_program *p,
                gln_program_counts *counts) {
  char *tensors[GLN_PROGRAM_MAX_TENSORS];
  char *result = tensors_of(c, p, tensors);
  sa_config config = {
      .hw = run_hw(target, 0), .in = run_type(p->in), .acc = run_type(p->acc)};
  sa_dev *dev;
  sa_counters stats;
  CHECK_EQ(sa_open(&config, &dev, NULL), SA_OK);
  bool ok = run_program(dev, p, tensors) == SA_OK;
  if (!ok)
    printf("  %s\n", sa_last_error(dev)->text);
  else if (c->result.data)
    ok = memcmp(result, c->result.data, c->result.num_bytes) == 0;
  sa_stats(dev, &stats);
  CHECK_EQ(stats.macs, counts->macs);
  CHECK_EQ(stats.level[SA_LEVEL_DRAM].read_bytes, counts->dram_read_bytes);
  sa_close(dev);
  free(result);
  return ok;
}

static void print_off(const gln_block *b, double bytes, double model) {
  print_block(b);
  printf("  %.0f bytes, the model says %.0f\n", bytes, model);
}

static bool check_blocking(job_case *c, const gln_target *target, sum *s) {
  gln_program p;
  eg_error error = {0};
  gln_program_counts counts;
  gln_cost cost;
  ++s->blockings;
  eg_status status =
      gln_program_create(&case_memory, target, &c->job, &p, &error);
  if (status != EG_OK) {
    CHECK_EQ(status, EG_INFEASIBLE);
    ++s->refused;
    memcpy(s->why, error.text, sizeof s->why - 1);
    return true;
  }
  CHECK_EQ(gln_program_count(&p, &counts, &error), EG_OK);
  CHECK_EQ(gln_block_cost(target, &c->job.block, &cost, &error), EG_OK);
  double bytes = (double)(counts.dram_read_bytes + counts.dram_write_bytes);
  double model = cost.dram_read_bytes + cost.dram_write_bytes;
  double off = fabs(bytes / model - 1);
  s->worst = off > s->worst ? off : s->worst;
  if (off > 0.01 && s->bytes_off++ == 0)
    print_off(&c->job.block, bytes, model);
  s->macs_off += !(c->job.block.strategy & GLN_STRATEGY_VECTOR) &&
                 (double)counts.macs != cost.macs;
  bool ok = run(c, target, &p, &counts);
  gln_program_fini(&p);
  uint32_t sites = sites_with_epilogue(c, target);
  s->sites = sites > s->sites ? sites : s->sites;
  s->ran += ok;
  return ok;
}

static void check_layer(const gln_target *target, const layer *l) {
  job_case c = {0};
  gln_blockings b;
  eg_error error = {0};
  sum s = {0};
  uint64_t r = 7;
  eg_status status = l->vector
                         ? gln_vector_blockings(&case_memory, target, &l->spec,
                                                NULL, &b, &error)
                         : gln_blockings_create(&case_memory, target, 0,
                                                &l->spec, NULL, &b, &error);
  CHECK_EQ(status, EG_OK);
  if (status != EG_OK) {
    printf("  %s: %s\n", l->name, error.text);
    return;
  }
  c.job.block.spec = l->spec;
  case_fill(&c, &r);
  if (gln_spec_num_points(&l->spec) < 500000)
    case_evaluate(&c);
  // Of large layers some, and only that the device takes every command.
  for (size_t i = 0; i < b.num; i += c.result.data ? 1 : 96) {
    if (!gln_block_of_blocking(&l->spec, 0, &b.strategies[b.list[i].strategy],
                               &b.list[i], &c.job.block))
      continue;
    bool ok = check_blocking(&c, target, &s);
    CHECK(ok);
    if (!ok)
      break;
  }
  CHECK_EQ(s.macs_off, 0);
  CHECK_EQ(s.bytes_off, 0);
  CHECK(s.sites <= 40);
  printf("  %-24s %3zu blockings, %3zu right, %3zu refused, %u sites, "
         "bytes %.2f %% off %s\n",
         l->name, s.blockings, s.ran, s.refused, s.sites, 100 * s.worst, s.why);
  gln_blockings_fini(&case_memory, &b);
  case_fini(&c);
}

static void check_all(const char *name) {
  gln_target target;
  eg_error error;
  const layer layers[] = {
      {"stem 3x3/2 3->16 nchw", conv(false, 8, 16, 3, 3, 2), false},
      {"stem 3x3/2 3->16 nhwc", conv(true, 8, 16, 3, 3, 2), false},
      {"3x3 20->24 nchw", conv(false, 7, 24, 20, 3, 1), false},
      {"3x3 16->24 nhwc", conv(true, 7, 24, 16, 3, 1), false},
      {"1x1/2 16->32 nchw", conv(false, 6, 32, 16, 1, 2), false},
      {"1x1/2 16->32 nhwc", conv(true, 6, 32, 16, 1, 2), false},
      {"1x1 24->40", conv(true, 7, 40, 24, 1, 1), false},
      {"fc 1x64x50", matmul(1, 50, 64), false},
      {"mlp 24x50x36", matmul(24, 50, 36), false},
      {"attention 3x20x20x18", attention(3, 20, 20, 18), false},
      {"depthwise 3x3 40 nchw", depthwise(false, 40, 7, 3, 1), true},
      {"depthwise 3x3 40 nhwc", depthwise(true, 40, 7, 3, 1), true},
      {"depthwise 3x3/2 24 nhwc", depthwise(true, 24, 6, 3, 2), true},
      {"attention on lanes", attention(6, 9, 11, 8), true},
      {"max pool 3x3/2 20", pool(GLN_COMBINE_MAX, 20, 6, 3, 2), true},
      {"global average 40", pool(GLN_COMBINE_SUM, 40, 1, 7, 1), true},
      {"map 60x70", copy(60, 70), true},
      {"depthwise 3x3 96 112", depthwise(false, 96, 112, 3, 1), true},
      {"max pool 3x3/2 64 56", pool(GLN_COMBINE_MAX, 64, 56, 3, 2), true},
      {"map 56x56x256", copy(3136, 256), true},
      {"7x7/2 3->64 112 nchw", conv(false, 112, 64, 3, 7, 2), false},
      {"7x7/2 3->64 112 nhwc", conv(true, 112, 64, 3, 7, 2), false},
      {"3x3 64->64 56 nchw", conv(false, 56, 64, 64, 3, 1), false},
      {"3x3 64->64 56 nhwc", conv(true, 56, 64, 64, 3, 1), false},
      {"3x3/2 128->128 28 nchw", conv(false, 28, 128, 128, 3, 2), false},
      {"1x1/2 256->512 28 nchw", conv(false, 28, 512, 256, 1, 2), false},
      {"3x3 512->512 7 nchw", conv(false, 7, 512, 512, 3, 1), false},
      {"3x3 512->512 7 nhwc", conv(true, 7, 512, 512, 3, 1), false},
      {"fc 2048->1000", matmul(1, 1000, 2048), false},
      {"bert 128x768x3072", matmul(128, 3072, 768), false},
      {"bert qk 12x128x128x64", attention(12, 128, 128, 64), false},
  };
  case_plain = true;
  CHECK_EQ(gln_target_builtin(name, &target, &error), EG_OK);
  printf("  %s\n", name);
  for (size_t i = 0; i < sizeof layers / sizeof *layers; ++i)
    check_layer(&target, &layers[i]);
}

CHECK_TEST(blockings_of_gemmini16) {
  check_all("gemmini16");
}

CHECK_TEST(blockings_of_ws64) {
  check_all("ws64");
}

int main(int argc, char **argv) {
  case_memory = eg_allocator_default();
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Programs run on the runtime and compute what the interpreter says: random jobs,
// random legal blocks, all strategies and types, any order of the queues.
#include "design/mapping.h"
#include "lib/design/program_case.h"
#include "lib/design/program_print.h"
#include "lib/design/program_run.h"
#include "lib/runtime/sa_late.h"

#include <math.h>

static gln_target small(uint64_t *r) {
  gln_target t;
  eg_error error;
  char text[160];
  CHECK_EQ(gln_target_builtin(test_between(r, 0, 1) ? "gemmini16" : "ws64", &t,
                              &error),
           EG_OK);
  snprintf(text, sizeof text,
           "rows=%d,cols=%d,abuf_bytes=%d,wbuf_bytes=%d,acc_bytes=%d,"
           "output_stationary=1,weight_stationary=1",
           (int)test_between(r, 1, 8), (int)test_between(r, 1, 8),
           1 << test_between(r, 11, 15), 1 << test_between(r, 11, 15),
           1 << test_between(r, 11, 15));
  CHECK_EQ(gln_target_override(&t, text, &error), EG_OK);
  return t;
}

// In |set|, the instructions of |t| with bounds of their own: the array never is full.
static void tighten(gln_target *t, gln_instr_set *set, uint64_t *r) {
  static const char *const bounds[] = {
      "k <= 1",        "k <= 3",      "2 * k <= rows", "n <= 1",
      "2 * n <= cols", "m <= 1",      "m <= 5",        "m <= 12",
      "k * n <= 9",    "m * n <= 16", "m * k <= 9",    "m + k <= 11",
      "k <= 20"};
  enum { NUM = sizeof bounds / sizeof *bounds };
  *set = *t->instrs;
  for (size_t i = 0; i < 2; ++i)
    for (int64_t num = test_between(r, 1, 3); num > 0; --num)
      CHECK_EQ(gln_instr_add_bound(&set->instrs[i],
                                   bounds[test_between(r, 0, NUM - 1)], NULL),
               EG_OK);
  t->instrs = set;
}

typedef struct tally {
  size_t ran, refused;
  char why[16][160];
  size_t times[16];
} tally;

static void note(tally *t, const char *why) {
  char key[160];
  size_t at = 0;
  for (size_t i = 0; why[i] && at + 1 < sizeof key; ++i)
    if (why[i] < '0' || why[i] > '9')
      key[at++] = why[i];
  key[at] = 0;
  ++t->refused;
  for (size_t i = 0; i < 16; ++i) {
    if (t->times[i] == 0)
      memcpy(t->why[i], key, sizeof key);
    if (strcmp(t->why[i], key) == 0) {
      ++t->times[i];
      return;
    }
  }
}

static void print_tally(const char *name, const tally *t) {
  printf("  %s: %zu ran, %zu refused\n", name, t->ran, t->refused);
  for (size_t i = 0; i < 16 && t->times[i]; ++i)
    printf("    %4zu %s\n", t->times[i], t->why[i]);
}

static void print_operands(const gln_job *job) {
  char text[1024];
  if (job->body) {
    gln_scalar_body_print(job->body, text, sizeof text);
    printf("  %s\n", text);
  }
  for (size_t k = 0; k < job->num_operands; ++k) {
    gln_view_print(job->operands[k].view, text, sizeof text);
    printf("  %s\n", text);
  }
}

// Opens a device, strict about DRAM, that knows the tensors.
static sa_dev *open_device(const gln_target *target, const gln_program *p,
                           const sa_backend *backend, char **tensors) {
  sa_dev *dev;
  sa_error error;
  sa_config config = {.hw = run_hw(target, 0),
                      .in = run_type(p->in),
                      .acc = run_type(p->acc),
                      .flags = SA_FLAG_STRICT_DRAM,
                      .custom = backend};
  if (sa_open(&config, &dev, &error) != SA_OK) {
    printf("  %s\n", error.text);
    return NULL;
  }
  for (size_t i = 0; i < p->num_tensors; ++i)
    sa_map(dev, tensors[i],
           (size_t)p->tensors[i].num_elements *
               gln_type_bytes(p->tensors[i].type));
  return dev;
}

static bool is_close(const gln_array *want, const char *have,
                     double tolerance) {
  int64_t num = gln_shape_num_elements(&want->shape);
  for (int64_t n = 0; n < num; ++n) {
    gln_scalar x = gln_scalar_load(want->shape.type,
                                   have + n * gln_type_bytes(want->shape.type));
    double a = gln_scalar_to_double(x),
           b = gln_scalar_to_double(gln_array_get(want, n));
    if (a != b && !(fabs(a - b) <= tolerance * (1 + fabs(b)))) {
      printf("  element %d is %g, should be %g\n", (int)n, a, b);
      return false;
    }
  }
  return true;
}

// No token may be left: whoever runs next would take it.
static bool has_no_tokens(sa_dev *dev) {
  for (uint32_t to = 0; to < SA_NUM_QUEUES; ++to)
    for (uint32_t from = 0; from < SA_NUM_QUEUES; ++from)
      if (from != to && sa_await(dev, to, from) == SA_OK) {
        printf("  a token is left from %s to %s\n", sa_queue_name(from),
               sa_queue_name(to));
        return false;
      }
  sa_wait(dev, SA_ALL); // forgets the failures that were wanted
  return true;
}

static bool same_counts(sa_dev *dev, const gln_program *p) {
  gln_program_counts mine;
  sa_counters theirs;
  CHECK_EQ(gln_program_count(p, &mine, NULL), EG_OK);
  sa_stats(dev, &theirs);
  for (int i = 0; i < SA_NUM_OPS; ++i)
    CHECK_EQ(mine.commands[i], theirs.commands[i]);
  CHECK_EQ(mine.macs, theirs.macs);
  CHECK_EQ(mine.vector_elements, theirs.vector_elements);
  CHECK_EQ(mine.dram_read_bytes, theirs.level[SA_LEVEL_DRAM].read_bytes);
  CHECK_EQ(mine.dram_write_bytes, theirs.level[SA_LEVEL_DRAM].written_bytes);
  return true;
}

// Runs a program on one backend. Result and scratch are poisoned first.
static bool run_once(const job_case *c, const gln_target *target,
                     const gln_program *p, const sa_backend *backend,
                     double tolerance) {
  char *tensors[GLN_PROGRAM_MAX_TENSORS];
  bool ok;
  for (size_t i = 0; i < p->num_tensors; ++i) {
    size_t bytes =
        (size_t)p->tensors[i].num_elements * gln_type_bytes(p->tensors[i].type);
    bool is_operand = p->tensors[i].kind == GLN_TENSOR_OPERAND;
    tensors[i] =
        is_operand ? c->tensors[p->tensors[i].index].data : malloc(bytes);
    if (!is_operand)
      memset(tensors[i], 0x55, bytes);
  }
  sa_dev *dev = open_device(target, p, backend, tensors);
  ok = dev != NULL;
  if (ok && run_program(dev, p, tensors) != SA_OK) {
    printf("  %s\n", sa_last_error(dev)->text);
    ok = false;
  }
  if (ok)
    ok = is_close(&c->result, tensors[c->job.num_operands], tolerance) &&
         (backend || same_counts(dev, p)) && has_no_tokens(dev);
  sa_close(dev);
  for (size_t i = 0; i < p->num_tensors; ++i)
    if (p->tensors[i].kind != GLN_TENSOR_OPERAND)
      free(tensors[i]);
  return ok;
}

// The cost that the model gives the job: products and bytes are the program's.
static bool same_cost(const job_case *c, const gln_target *target,
                      const gln_program *p) {
  gln_program_counts counts;
  gln_cost cost;
  eg_error error = {0};
  if (gln_block_cost(target, &c->job.block, &cost, NULL) != EG_OK)
    return true; // packs where there is no window: no strategy of the model
  CHECK_EQ(gln_program_count(p, &counts, NULL), EG_OK);
  CHECK_EQ(gln_job_cost(&case_memory, target, &c->job, &cost, &error), EG_OK);
  CHECK_STR(error.text, "");
  if (!(c->job.block.strategy & GLN_STRATEGY_VECTOR))
    CHECK_EQ(cost.macs, counts.macs);
  CHECK_EQ(cost.dram_read_bytes, counts.dram_read_bytes);
  CHECK_EQ(cost.dram_write_bytes, counts.dram_write_bytes);
  return cost.dram_read_bytes == (double)counts.dram_read_bytes &&
         cost.dram_write_bytes == (double)counts.dram_write_bytes;
}

// No call of the array that ran is larger than its instruction takes.
static bool keeps_limits(const job_case *c, const gln_target *target) {
  const gln_instr *instr;
  gln_instr_limits most;
  if (c->job.block.strategy & GLN_STRATEGY_VECTOR)
    return true;
  CHECK_EQ(gln_block_instr(target, &c->job.block, &instr, &most, NULL), EG_OK);
  bool ok = run_largest.m <= most.m && run_largest.n <= most.n &&
            run_largest.k <= most.k;
  if (!ok)
    printf("  a call of %lld x %lld x %lld, at most %lld x %lld x %lld\n",
           (long long)run_largest.m, (long long)run_largest.n,
           (long long)run_largest.k, (long long)most.m, (long long)most.n,
           (long long)most.k);
  return ok;
}

// Compiles, runs in order and in two random orders of the queues, and compares.
static bool try_case(job_case *c, const gln_target *target, tally *t,
                     double tolerance) {
  gln_program p;
  eg_error error = {0};
  uint32_t rows[GLN_NUM_MEMORIES];
  eg_status status =
      gln_program_create(&case_memory, target, &c->job, &p, &error);
  if (status == EG_INFEASIBLE) {
    note(t, error.text);
    return true;
  }
  CHECK_EQ(status, EG_OK);
  CHECK_STR(error.text, "");
  if (status != EG_OK)
    return false;
  CHECK_EQ(gln_job_rows(target, &c->job.block, c->job.body, rows, &error),
           EG_OK);
  for (int m = 0; m < GLN_NUM_MEMORIES; ++m)
    CHECK_EQ(rows[m], p.rows[m]);
  case_evaluate(c);
  memset(&run_largest, 0, sizeof run_largest);
  bool ok = same_cost(c, target, &p) &&
            run_once(c, target, &p, NULL, tolerance) && keeps_limits(c, target);
  if (!ok)
    printf("  in order\n");
  for (late_seed = 1; late_seed <= 2 && ok; ++late_seed)
    ok = run_once(c, target, &p, &late_backend, tolerance);
  if (!ok)
    print_program(&p);
  gln_program_fini(&p);
  ++t->ran;
  return ok;
}

//===-- Random jobs -------------------------------------------------------===//

static const struct {
  gln_type in, acc;
} types[] = {{GLN_TYPE_F32, GLN_TYPE_F32},
             {GLN_TYPE_BF16, GLN_TYPE_F32},
             {GLN_TYPE_F16, GLN_TYPE_F32},
             {GLN_TYPE_I8, GLN_TYPE_I32}};
enum { NUM_TYPES = sizeof types / sizeof *types };

static uint8_t array_strategy(uint64_t *r) {
  return (uint8_t)((test_between(r, 0, 1) ? GLN_STRATEGY_WEIGHT_STATIONARY
                                          : GLN_STRATEGY_OUTPUT_STATIONARY) |
                   (test_between(r, 0, 2) ? GLN_STRATEGY_NATURAL
                                          : GLN_STRATEGY_SWAPPED) |
                   (test_between(r, 0, 1) ? GLN_STRATEGY_OFFSET
                                          : GLN_STRATEGY_IM2COL));
}

static const char *const bodies[] = {
    // relu
    "(body (f32) ((const f32 0e+00) (max f32 %0 %1)) (%2))",
    // bias, relu6
    "(body (f32 f32) ((add f32 %0 %1) (const f32 0e+00) (const f32 6e+00) "
    "(max f32 %2 %3) (min f32 %5 %4)) (%6))",
    // scale, shift, residual, relu by select
    "(body (f32 f32 f32 f32) ((mul f32 %0 %1) (add f32 %4 %2) (add f32 %5 %3) "
    "(const f32 0e+00) (cmpf_ogt i1 %6 %7) (select f32 %8 %6 %7)) (%9))",
    // x * sigmoid(x + b) with a temporary
    "(body (f32 f32) ((add f32 %0 %1) (sigmoid f32 %2) (mul f32 %0 %3)) (%4))",
    // gelu
    "(body (f32) ((const f32 5e-01) (const f32 7.0710678e-01) (mul f32 %0 %2) "
    "(erf f32 %3) (const f32 1e+00) (add f32 %4 %5) (mul f32 %0 %1) "
    "(mul f32 %7 %6)) (%8))",
    // (x - m) / sqrt(v * v + e), fma, pow, neg, abs
    "(body (f32 f32 f32) ((sub f32 %0 %1) (mul f32 %2 %2) (const f32 1e+00) "
    "(add f32 %4 %5) (rsqrt f32 %6) (mul f32 %3 %7) (neg f32 %8) (abs f32 %9) "
    "(fma f32 %10 %0 %1) (const f32 2e+00) (pow f32 %11 %12) "
    "(sub f32 %13 %0)) (%14))",
    "(body (i32 i32) ((add i32 %0 %1) (const i32 0) (max i32 %2 %3)) (%4))",
    "(body (i32 i8) ((cast i32 %1) (add i32 %0 %2) (const i32 -128) "
    "(const i32 127) (clamp i32 %3 %4 %5) (cast i8 %6)) (%7))",
    "(body (i32 i32) ((add i32 %0 %1) (cast i64 %2) (const i64 13) "
    "(mul i64 %3 %4) (const i64 16) (add i64 %5 %6) (const i64 5) "
    "(shr i64 %7 %8) (cast i32 %9) (const i32 -3) (add i32 %10 %11) "
    "(const i32 -100) (const i32 120) (max i32 %12 %13) (min i32 %15 %14) "
    "(cast i8 %16)) (%17))",
    "(body (f32 bf16) ((cast f32 %1) (add f32 %0 %2) (cast bf16 %3)) (%4))",
};

// A body for a device, or none.
static void choose_body(job_case *c, uint64_t *r, gln_type in, gln_type acc) {
  eg_error error = {0};
  size_t first = (size_t)test_between(r, 0, 3),
         num = sizeof bodies / sizeof *bodies;
  if (first == 0)
    return;
  for (int i = 0; i < 20; ++i) {
    const char *text = bodies[test_between(r, 0, (int64_t)num - 1)];
    error = (eg_error){0};
    gln_scalar_body_fini(&c->body);
    CHECK_EQ(gln_scalar_body_parse(&c->body, text, strlen(text), case_memory,
                                   &error),
             EG_OK);
    CHECK_STR(error.text, "");
    c->job.body = &c->body;
    if (gln_body_is_runnable(&c->body, in, acc, &error) == EG_OK)
      return;
  }
  c->job.body = NULL;
}

enum { ARRAY, VECTOR, FOLD, TIGHT };

static void run_random(const char *name, int kind, size_t num, uint64_t seed) {
  uint64_t r = seed;
  tally t = {0};
  for (size_t i = 0; i < num; ++i) {
    uint64_t before = r;
    job_case c = {0};
    gln_target target = small(&r);
    gln_instr_set set;
    if (kind == TIGHT)
      tighten(&target, &set, &r);
    size_t type = (size_t)test_between(&r, 0, NUM_TYPES - 1);
    gln_type in = types[type].in, acc = types[type].acc;
    gln_spec spec;
    do
      spec = kind == FOLD
                 ? case_fold(&r, test_between(&r, 0, 1) ? in : acc, acc)
                 : case_product(&r, in, acc);
    while (!case_is_small(&spec));
    c.job.block =
        case_block(&r, &spec,
                   kind == ARRAY || kind == TIGHT ? array_strategy(&r)
                                                  : GLN_STRATEGY_VECTOR);
    choose_body(&c, &r, in, acc);
    case_fill(&c, &r);
    bool ok = try_case(&c, &target, &t, c.job.body ? 1e-5 : 0);
    CHECK(ok);
    if (!ok) {
      printf("  case %zu, state %llu, %d x %d\n", i, (unsigned long long)before,
             (int)target.arrays[0].rows.value,
             (int)target.arrays[0].cols.value);
      print_block(&c.job.block);
      print_operands(&c.job);
    }
    case_fini(&c);
    if (!ok)
      break;
  }
  print_tally(name, &t);
  CHECK(t.ran > num / 3);
}

CHECK_TEST(random_contractions_on_the_array) {
  run_random("array", ARRAY, 3000, 1);
}

CHECK_TEST(random_contractions_in_small_calls) {
  run_random("small calls", TIGHT, 1000, 4);
}

CHECK_TEST(random_contractions_on_the_vector_unit) {
  run_random("vector", VECTOR, 1000, 2);
}

CHECK_TEST(random_folds_and_copies) {
  run_random("fold", FOLD, 1000, 3);
}

//===-- Failures ----------------------------------------------------------===//

static gln_spec product(int64_t m, int64_t n, int64_t k) {
  gln_spec s = {.combine = GLN_COMBINE_DOT,
                .result = GLN_TYPE_F32,
                .num_operands = 2,
                .num_dims = 3,
                .num_parallel = 2,
                .dims = {m, n, k}};
  s.operands[0] = (gln_spec_operand){.rank = 2, .coef = {{1}, {0, 0, 1}}};
  s.operands[1] = (gln_spec_operand){.rank = 2, .coef = {{0, 0, 1}, {0, 1}}};
  return s;
}

// A whole 8 x 12 x 10 product, one tile, with the body |text| (NULL: none).
static void small_case(job_case *c, const char *text) {
  *c = (job_case){0};
  uint64_t r = 5;
  gln_spec s = product(8, 12, 10);
  eg_error error = {0};
  c->job.block =
      (gln_block){.spec = s,
                  .tile = {8, 12, 10},
                  .strategy = GLN_STRATEGY_WEIGHT_STATIONARY |
                              GLN_STRATEGY_NATURAL | GLN_STRATEGY_OFFSET};
  for (size_t k = 0; k < 3; ++k)
    c->job.block.staging[k].buffers = 1;
  if (text) {
    CHECK_EQ(gln_scalar_body_parse(&c->body, text, strlen(text), case_memory,
                                   &error),
             EG_OK);
    c->job.body = &c->body;
  }
  case_fill(c, &r);
}

static void expect(const job_case *c, const char *override, eg_status status,
                   const char *text) {
  gln_target target;
  gln_program p;
  eg_error error = {0};
  CHECK_EQ(gln_target_builtin("gemmini16", &target, &error), EG_OK);
  CHECK_EQ(gln_target_override(&target, override, &error), EG_OK);
  CHECK_EQ(gln_program_create(&case_memory, &target, &c->job, &p, &error),
           status);
  CHECK_STR(error.text, text);
  CHECK(p.exprs == NULL && p.num_commands == 0);
}

CHECK_TEST(what_cannot_run_says_why) {
  job_case c;
  small_case(&c, NULL);
  gln_job_operand first = c.job.operands[0];
  expect(&c, "abuf_bytes=256", EG_INFEASIBLE, "ABUF needs 8 rows, has 4");
  expect(&c, "acc_bytes=64", EG_INFEASIBLE, "ACC needs 8 rows, has 1");
  c.job.num_operands = 1;
  expect(&c, "rows=16", EG_INVALID, "1 operands, block and body read 2");
  c.job.num_operands = 2;
  c.job.operands[0] = c.job.operands[1];
  expect(&c, "rows=16", EG_INVALID,
         "the view of operand 0 gives ((),(10,12)) f32, the kernel reads "
         "((),(8,10)) f32");
  c.job.operands[0] = first;
  c.job.operands[0].type = GLN_TYPE_I8;
  expect(&c, "rows=16", EG_INVALID, "operand 0 is i8, the kernel reads f32");
  c.job.operands[0] = first;
  c.job.block.tile[1] = 13;
  CHECK(gln_job_check(&c.job, NULL) == EG_INVALID);
  case_fini(&c);

  small_case(&c, "(body (f32) ((log f32 %0)) (%1))");
  expect(&c, "rows=16", EG_INFEASIBLE,
         "the vector unit of f32 has no 'log' of f32");
  case_fini(&c);
  small_case(&c, "(body (f32 f32) ((cmpf_ogt i1 %0 %1) (neg f32 %0) "
                 "(select f32 %2 %0 %3)) (%4))");
  expect(&c, "rows=16", EG_INFEASIBLE,
         "the vector unit of f32 has no 'select' of f32");
  case_fini(&c);
}

CHECK_TEST(memory_that_runs_out_is_given_back) {
  job_case c;
  small_case(&c, bodies[3]);
  gln_target target;
  eg_status status = EG_NO_MEMORY;
  eg_error error = {0};
  CHECK_EQ(gln_target_builtin("gemmini16", &target, &error), EG_OK);
  for (int64_t at = 0; status == EG_NO_MEMORY && at < 1000; ++at) {
    struct test_memory memory = {.fail_at = at};
    eg_allocator allocator = test_allocator(&memory);
    gln_program p;
    gln_program_counts counts;
    status = gln_program_create(&allocator, &target, &c.job, &p, &error);
    if (status == EG_OK) {
      status = gln_program_count(&p, &counts, &error);
      gln_program_fini(&p);
    }
    CHECK_EQ(memory.held, 0);
  }
  CHECK_EQ(status, EG_OK);
  case_fini(&c);
}

int main(int argc, char **argv) {
  case_memory = eg_allocator_default();
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// passes/run under an allocator that fails: a message and a status, no leak, no
// crash, whichever allocation it is.
#include "passes.h"
#include "run/session.h"

#include "mlir-c/RegisterEverything.h"

#include "check.h"

#include <stdlib.h>

static const char module[] =
    "func.func @f(%x: tensor<2x3xf32>, %n: f32) "
    "    -> (tensor<2x5xf32>, tensor<400xf32>) {\n"
    "  %w = arith.constant dense_resource<__elided__> : tensor<3x5xf32>\n"
    "  %c = arith.constant dense<2.0> : tensor<400xf32>\n"
    "  %e = tensor.empty() : tensor<2x5xf32>\n"
    "  %z = linalg.fill ins(%n : f32) outs(%e : tensor<2x5xf32>)\n"
    "    -> tensor<2x5xf32>\n"
    "  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x5xf32>)\n"
    "    outs(%z : tensor<2x5xf32>) -> tensor<2x5xf32>\n"
    "  return %y, %c : tensor<2x5xf32>, tensor<400xf32>\n"
    "}\n";

typedef struct memory {
  size_t calls, fail_at; // the allocation that fails, counted from 1; 0: none
  size_t bytes;          // in use
} memory;

static void *resize(void *user, void *block, size_t old_size, size_t size) {
  memory *m = user;
  if (size && ++m->calls == m->fail_at)
    return NULL;
  m->bytes += size - old_size;
  if (size)
    return realloc(block, size);
  free(block);
  return NULL;
}

typedef struct told {
  size_t reports, agreed, messages;
} told;

static void on_report(void *user, const gln_run_report *report) {
  told *t = user;
  ++t->reports;
  t->agreed += report->comparison && report->comparison->verdict == GLN_AGREE;
}

static void on_message(void *user, const char *text) {
  (void)text;
  ++((told *)user)->messages;
}

static gln_session_status run(memory *m, told *t) {
  static const gln_source source = {"net", module, sizeof module - 1};
  static const int64_t seeds[] = {1, 2};
  static const char *const forms[] = {"canonicalize",
                                      "linalg-generalize-named-ops"};
  *t = (told){0};
  const gln_session session = {.module = &source,
                               .forms = forms,
                               .num_forms = 2,
                               .seeds = seeds,
                               .num_seeds = 2,
                               .compare = true,
                               .randomize = true,
                               .tolerance = 1e-3,
                               .hoist_bytes = 1024,
                               .allocator = {resize, m},
                               .on_report = on_report,
                               .on_message = on_message,
                               .user = t};
  return gln_session_run(&session);
}

CHECK_TEST(runs_and_compares) {
  memory m = {0};
  told t;
  CHECK_EQ(run(&m, &t), GLN_SESSION_OK);
  CHECK_EQ(t.reports, 2 * (2 + 2 * 2)); // seeds, results of three programs
  CHECK_EQ(t.agreed, 2 * 2 * 2);
  CHECK_EQ(t.messages, 0);
  CHECK_EQ(m.bytes, 0);
}

CHECK_TEST(every_allocation_may_fail) {
  memory m = {0};
  told t;
  run(&m, &t);
  size_t calls = m.calls;
  CHECK(calls > 20);
  for (size_t n = 1; n <= calls; ++n) {
    m = (memory){.fail_at = n};
    CHECK_EQ(run(&m, &t), GLN_SESSION_FAILED);
    CHECK(t.messages > 0);
    CHECK_EQ(m.bytes, 0);
  }
}

// A result against a reference of |count| doubles.
static gln_comparison compare(const double *ours, const double *reference,
                              size_t count, double tolerance) {
  gln_tensor a = {.type = GLN_TYPE_F64, .count = count};
  gln_tensor b = a;
  a.data = (void *)(uintptr_t)ours;
  b.data = (void *)(uintptr_t)reference;
  return gln_tensor_compare(&a, &b, tolerance);
}

CHECK_TEST(comparison) {
  const double one[] = {1, -4, 2}, near[] = {1, -4, 2.004},
               far[] = {1, -4, 2.0041}, flat[] = {3, 3, 3};
  const double nan[] = {1, -4, 0.0 / 0.0};
  // 0.001 of 4 is the bound; it is part of what agrees.
  CHECK_EQ(compare(one, one, 3, 0).verdict, GLN_AGREE);
  CHECK_EQ(compare(near, one, 3, 1.001e-3).verdict, GLN_AGREE);
  CHECK_EQ(compare(far, one, 3, 1.001e-3).verdict, GLN_DIFFER);
  CHECK_EQ(compare(far, one, 3, 1e-3).worst, 2);
  CHECK_EQ(compare(nan, one, 3, 1e9).verdict, GLN_DIFFER);
  CHECK_EQ(compare(one, nan, 3, 1e9).verdict, GLN_REFERENCE_NOT_FINITE);
  CHECK_EQ(compare(nan, nan, 3, 1e9).verdict, GLN_REFERENCE_NOT_FINITE);
  CHECK_EQ(compare(flat, flat, 3, 1).verdict, GLN_REFERENCE_CONSTANT);
  CHECK_EQ(compare(flat, flat, 1, 1).verdict, GLN_AGREE);
  CHECK_EQ(compare(NULL, NULL, 0, 1).verdict, GLN_AGREE);
  // Two integers that are one double.
  int64_t big[] = {INT64_C(1) << 60, 0}, next[] = {(INT64_C(1) << 60) + 1, 0};
  gln_tensor a = {.type = GLN_TYPE_I64, .count = 2, .data = big};
  gln_tensor b = {.type = GLN_TYPE_I64, .count = 2, .data = next};
  CHECK_EQ(gln_tensor_compare(&a, &a, 0).verdict, GLN_AGREE);
  CHECK_EQ(gln_tensor_compare(&a, &b, 1).verdict, GLN_DIFFER);
}

int main(int argc, char **argv) {
  mlirRegisterAllPasses();
  gln_passes_register(gln_passes);
  return check_main(argc, argv);
}

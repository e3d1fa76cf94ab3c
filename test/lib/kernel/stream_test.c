// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fold, scan, transform, on_host: typed as they are added, and run.
#include "interp/kernel_eval.h"
#include "kernel/lang.h"
#include "lib/gln_test.h"

#include <math.h>

typedef struct fixture {
  eg_allocator memory;
  eg_graph *graph;
  gln_lang lang;
} fixture;

static void begin(fixture *f) {
  f->memory = eg_allocator_default();
  CHECK(eg_graph_create(&f->memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
}

static void check_type(fixture *f, eg_class id, const char *want) {
  gln_signature type;
  char text[256];
  gln_lang_type(&f->lang, id, &type);
  gln_signature_print(&type, text, sizeof text);
  CHECK_STR(text, want);
}

static double value_at(const gln_array *array, int64_t n) {
  float value;
  gln_scalar scalar = gln_array_get(array, n);
  uint32_t bits = (uint32_t)scalar.bits;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static gln_array array_of(fixture *f, const char *shape, uint64_t seed) {
  gln_array array;
  gln_shape s = test_shape(shape);
  CHECK(gln_array_init(&array, &s, f->memory, NULL) == EG_OK);
  for (int64_t n = 0; n < gln_shape_num_elements(&s); ++n) {
    float value = (float)test_between(&seed, -40, 40) / 8;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    gln_array_set(&array, n, (gln_scalar){GLN_TYPE_F32, bits});
  }
  return array;
}

// The kernel on two or three operands.
static gln_array run(fixture *f, eg_class kernel, const gln_array *a,
                     const gln_array *b, const gln_array *c) {
  gln_array out = {.shape = {.rank = 0}};
  const gln_array *operands[] = {a, b, c};
  eg_cost size = eg_cost_size();
  eg_choice *choice = NULL;
  eg_error error = {0};
  CHECK(eg_rebuild(f->graph) == EG_OK);
  CHECK(eg_check(f->graph) == EG_OK);
  CHECK(eg_extract_tree(f->graph, &size, &choice) == EG_OK);
  CHECK(gln_interp_kernel(&f->lang, choice, kernel, operands, f->memory, &out,
                          &error) == EG_OK);
  CHECK_STR(error.text, "");
  eg_choice_destroy(choice);
  return out;
}

CHECK_TEST(a_streaming_softmax_is_softmax_times_values) {
  fixture f;
  begin(&f);
  gln_shape s = test_shape("((),(3,5)) f32"), v = test_shape("((),(5,4)) f32");
  eg_class fold;
  CHECK(gln_add_fold(&f.lang, GLN_MONOID_SOFTMAX, &s, &v, &fold) == EG_OK);
  check_type(&f, fold, "(f32[3,5], f32[5,4]) -> f32[3,4]");
  gln_array a = array_of(&f, "((),(3,5)) f32", 1);
  gln_array b = array_of(&f, "((),(5,4)) f32", 2);
  gln_array out = run(&f, fold, &a, &b, NULL);
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t d = 0; d < 4; ++d) {
      double sum = 0, all = 0;
      for (int64_t n = 0; n < 5; ++n) {
        double e = exp(value_at(&a, i * 5 + n));
        sum += e;
        all += e * value_at(&b, n * 4 + d);
      }
      CHECK(fabs(value_at(&out, i * 4 + d) - all / sum) < 1e-5 * 40);
    }
  gln_array_fini(&a);
  gln_array_fini(&b);
  gln_array_fini(&out);
  eg_graph_destroy(f.graph);
}

CHECK_TEST(sums_and_maxima_of_rows) {
  fixture f;
  begin(&f);
  gln_shape s = test_shape("((),(3,5)) f32");
  eg_class sum, max;
  CHECK(gln_add_fold(&f.lang, GLN_MONOID_SUM, &s, NULL, &sum) == EG_OK);
  CHECK(gln_add_fold(&f.lang, GLN_MONOID_MAX, &s, NULL, &max) == EG_OK);
  check_type(&f, sum, "(f32[3,5]) -> f32[3]");
  gln_array a = array_of(&f, "((),(3,5)) f32", 3);
  gln_array sums = run(&f, sum, &a, NULL, NULL);
  gln_array maxima = run(&f, max, &a, NULL, NULL);
  for (int64_t i = 0; i < 3; ++i) {
    double total = 0, most = -INFINITY;
    for (int64_t n = 0; n < 5; ++n) {
      total += value_at(&a, i * 5 + n);
      most = fmax(most, value_at(&a, i * 5 + n));
    }
    CHECK(value_at(&sums, i) == total); // eighths: exact
    CHECK(value_at(&maxima, i) == most);
  }
  gln_array_fini(&a);
  gln_array_fini(&sums);
  gln_array_fini(&maxima);
  eg_graph_destroy(f.graph);
}

// s' = s + x * w, element by element.
static eg_class step_of(fixture *f) {
  gln_shape shape = test_shape("((),(4)) f32");
  gln_scalar_body body;
  gln_type types[] = {GLN_TYPE_F32, GLN_TYPE_F32, GLN_TYPE_F32};
  uint16_t product[] = {1, 2}, sum[2] = {0}, result;
  eg_class id;
  CHECK(gln_scalar_body_init(&body, types, 3, f->memory, NULL) == EG_OK);
  CHECK(gln_scalar_body_op(&body, GLN_SCALAR_MUL, GLN_TYPE_F32, product, 2,
                           &sum[1], NULL) == EG_OK);
  CHECK(gln_scalar_body_op(&body, GLN_SCALAR_ADD, GLN_TYPE_F32, sum, 2, &result,
                           NULL) == EG_OK);
  CHECK(gln_scalar_body_result(&body, result, NULL) == EG_OK);
  CHECK(gln_add_map(&f->lang, &shape, &body, &id) == EG_OK);
  gln_scalar_body_fini(&body);
  return id;
}

CHECK_TEST(a_scan_carries_its_state) {
  fixture f;
  begin(&f);
  eg_class scan;
  CHECK(gln_add_scan(&f.lang, 6, step_of(&f), &scan) == EG_OK);
  check_type(&f, scan, "(f32[4], f32[6,4], f32[4]) -> f32[6,4]");
  gln_array s = array_of(&f, "((),(4)) f32", 4);
  gln_array x = array_of(&f, "((),(6,4)) f32", 5);
  gln_array w = array_of(&f, "((),(4)) f32", 6);
  gln_array out = run(&f, scan, &s, &x, &w);
  for (int64_t d = 0; d < 4; ++d) {
    double state = value_at(&s, d);
    for (int64_t t = 0; t < 6; ++t) {
      state += value_at(&x, t * 4 + d) * value_at(&w, d);
      CHECK(value_at(&out, t * 4 + d) == state); // sums of 64ths: exact
    }
  }
  gln_array_fini(&s);
  gln_array_fini(&x);
  gln_array_fini(&w);
  gln_array_fini(&out);
  eg_graph_destroy(f.graph);
}

CHECK_TEST(strategies_are_equal_to_what_they_compute) {
  fixture f;
  begin(&f);
  eg_class step = step_of(&f), winograd, host;
  CHECK(gln_add_transform(&f.lang, GLN_TRANSFORM_WINOGRAD_2_3, step,
                          &winograd) == EG_OK);
  CHECK(gln_add_on_host(&f.lang, step, &host) == EG_OK);
  check_type(&f, winograd, "(f32[4], f32[4], f32[4]) -> f32[4]");
  CHECK(eg_union(f.graph, step, winograd, NULL) == EG_OK);
  CHECK(eg_union(f.graph, step, host, NULL) == EG_OK);
  gln_array a = array_of(&f, "((),(4)) f32", 7);
  gln_array out = run(&f, host, &a, &a, &a);
  CHECK(value_at(&out, 0) ==
        value_at(&a, 0) + value_at(&a, 0) * value_at(&a, 0));
  gln_array_fini(&a);
  gln_array_fini(&out);
  eg_graph_destroy(f.graph);
}

CHECK_TEST(what_does_not_fit_is_refused) {
  fixture f;
  begin(&f);
  gln_shape s = test_shape("((),(3,5)) f32"), v = test_shape("((),(6,4)) f32");
  gln_shape scalar = test_shape("((),(4)) f32");
  gln_spec spec = {.combine = GLN_COMBINE_SUM,
                   .result = GLN_TYPE_F32,
                   .num_operands = 1,
                   .num_dims = 2,
                   .num_parallel = 1,
                   .dims = {3, 5}};
  spec.operands[0] = (gln_spec_operand){.rank = 2, .coef = {{1, 0}, {0, 1}}};
  eg_class id, sum;
  CHECK(gln_add_fold(&f.lang, GLN_MONOID_SOFTMAX, &s, &v, &id) == EG_INVALID);
  CHECK(gln_add_fold(&f.lang, GLN_MONOID_SOFTMAX, &s, NULL, &id) ==
        EG_INVALID);
  CHECK(strstr(eg_graph_error(f.graph)->text, "'fold' of a stream of 5"));
  scalar.rank = 0;
  CHECK(gln_add_fold(&f.lang, GLN_MONOID_SUM, &scalar, NULL, &id) ==
        EG_INVALID);
  CHECK(gln_add_spec(&f.lang, &spec, &sum) == EG_OK);
  CHECK(gln_add_scan(&f.lang, 2, sum, &id) == EG_INVALID);
  CHECK(strstr(eg_graph_error(f.graph)->text, "'scan' of 2 steps of"));
  CHECK(gln_add_scan(&f.lang, 0, step_of(&f), &id) == EG_INVALID);
  CHECK(gln_add_transform(&f.lang, GLN_NUM_TRANSFORMS, sum, &id) ==
        EG_INVALID);
  eg_graph_destroy(f.graph);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nodes are typed as they are added, and any class can be run.
#include "check.h"
#include "interp/kernel_eval.h"
#include "kernel/lang.h"

static eg_allocator memory;

typedef struct fixture {
  eg_graph *graph;
  gln_lang lang;
} fixture;

static void begin(fixture *f) {
  CHECK(eg_graph_create(&memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
}

static void end(fixture *f) {
  CHECK(eg_rebuild(f->graph) == EG_OK);
  CHECK(eg_check(f->graph) == EG_OK);
  eg_graph_destroy(f->graph);
}

static gln_shape shape2(gln_type type, int64_t a, int64_t b) {
  return (gln_shape){.type = type, .rank = 2, .dims = {a, b}};
}

static eg_class input(fixture *f, uint32_t index, gln_shape shape) {
  eg_class id = {0};
  CHECK(gln_add_input(&f->lang, index, &shape, &id) == EG_OK);
  return id;
}

// dot f32 (m, n | k) of a row-major pair.
static gln_spec matmul(int64_t m, int64_t n, int64_t k) {
  gln_spec spec = {.combine = GLN_COMBINE_DOT,
                   .result = GLN_TYPE_F32,
                   .num_operands = 2,
                   .num_dims = 3,
                   .num_parallel = 2,
                   .dims = {m, n, k}};
  spec.operands[0] = (gln_spec_operand){
      .type = GLN_TYPE_F32, .rank = 2, .coef = {{1, 0, 0}, {0, 0, 1}}};
  spec.operands[1] = (gln_spec_operand){
      .type = GLN_TYPE_F32, .rank = 2, .coef = {{0, 0, 1}, {0, 1, 0}}};
  return spec;
}

static eg_class kernel(fixture *f, int64_t m, int64_t n, int64_t k) {
  gln_spec spec = matmul(m, n, k);
  eg_class id = {0};
  CHECK(gln_add_spec(&f->lang, &spec, &id) == EG_OK);
  return id;
}

static gln_view *view(const char *text) {
  gln_view *v = NULL;
  eg_error error = {0};
  CHECK(gln_view_parse(&memory, text, strlen(text), &v, &error) == EG_OK);
  if (!v)
    printf("  %s\n", error.text);
  return v;
}

static eg_class add_view(fixture *f, const char *text, eg_class of) {
  gln_view *v = view(text);
  eg_class id = {0};
  CHECK(gln_add_view(&f->lang, &memory, v, of, &id) == EG_OK);
  gln_view_destroy(&memory, v);
  return id;
}

static void check_type(fixture *f, eg_class id, const char *want) {
  gln_signature type;
  char text[256];
  gln_lang_type(&f->lang, id, &type);
  gln_signature_print(&type, text, sizeof text);
  CHECK_STR(text, want);
}

CHECK_TEST(types_follow_from_payload_and_children) {
  fixture f;
  begin(&f);
  eg_class x = input(&f, 0, shape2(GLN_TYPE_F32, 4, 6));
  eg_class w = input(&f, 1, shape2(GLN_TYPE_F32, 6, 5)), y;
  eg_class k = kernel(&f, 4, 5, 6);
  check_type(&f, k, "(f32[4,6], f32[6,5]) -> f32[4,5]");
  CHECK(gln_add_apply(&f.lang, k, (eg_class[]){x, w}, 2, &y) == EG_OK);
  check_type(&f, y, "f32[4,5]");
  check_type(&f, add_view(&f, "(d0, d1) [5, 4] -> (d1, d0) [4, 5]", y),
             "f32[5,4]");
  end(&f);
}

CHECK_TEST(ill_typed_nodes_are_refused) {
  fixture f;
  begin(&f);
  eg_class x = input(&f, 0, shape2(GLN_TYPE_F32, 4, 6));
  eg_class w = input(&f, 1, shape2(GLN_TYPE_F32, 6, 5));
  eg_class i = input(&f, 2, shape2(GLN_TYPE_I8, 4, 6)), ignored;
  eg_class k = kernel(&f, 4, 5, 6);
  uint64_t nodes = eg_num_nodes(f.graph);
  CHECK(gln_add_apply(&f.lang, k, (eg_class[]){w, x}, 2, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "'apply' operand 0 is f32[6,5], not f32[4,6]");
  CHECK(gln_add_apply(&f.lang, k, (eg_class[]){i, w}, 2, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "'apply' operand 0 is i8[4,6], not f32[4,6]");
  CHECK(gln_add_apply(&f.lang, k, &x, 1, &ignored) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "'apply' of a kernel of 2 operands to 1");
  CHECK(gln_add_apply(&f.lang, x, (eg_class[]){x, w}, 2, &ignored) ==
        EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "child 0 of 'apply' is a value, not a kernel");
  CHECK(gln_add_concat(&f.lang, 0, x, w, &ignored) == EG_INVALID);
  CHECK(gln_add_get(&f.lang, 1, x, &ignored) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "'get' 1 of a tuple of 1");
  CHECK_EQ(eg_num_nodes(f.graph), nodes);
  end(&f);
}

CHECK_TEST(kernels_of_different_type_are_never_united) {
  fixture f;
  begin(&f);
  eg_class a = kernel(&f, 4, 5, 6), b = kernel(&f, 4, 5, 7);
  CHECK(eg_union(f.graph, a, b, NULL) == EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text,
            "union of (f32[4,6], f32[6,5]) -> f32[4,5] and "
            "(f32[4,7], f32[7,5]) -> f32[4,5]");
  CHECK(eg_find(f.graph, a).id != eg_find(f.graph, b).id);
  end(&f);
}

CHECK_TEST(a_chain_of_views_is_one_node) {
  fixture f;
  begin(&f);
  eg_class x = input(&f, 0, shape2(GLN_TYPE_F32, 4, 6));
  eg_class t = add_view(&f, "(d0, d1) [6, 4] -> (d1, d0) [4, 6]", x);
  uint64_t nodes = eg_num_nodes(f.graph);
  eg_class back = add_view(&f, "(d0, d1) [4, 6] -> (d1, d0) [6, 4]", t);
  CHECK_EQ(back.id, x.id);
  eg_class flat =
      add_view(&f, "(d0) [24] -> (d0 mod 6, d0 floordiv 6) [6, 4]", t);
  check_type(&f, flat, "f32[24]");
  CHECK_EQ(eg_num_nodes(f.graph), nodes + 1);
  end(&f);
}

//===-- Running -----------------------------------------------------------===//

static gln_array random_array(gln_shape shape, uint64_t seed) {
  gln_array array;
  CHECK(gln_array_init(&array, &shape, memory, NULL) == EG_OK);
  gln_array_fill_random(&array, &seed, 4);
  return array;
}

static float at(const gln_array *array, int64_t n) {
  return ((const float *)array->data)[n];
}

// relu(x · w + bias), the bias read through a broadcasting view, as one compose.
static eg_class linear_layer(fixture *f, eg_class *operands) {
  const char *text = "(body (f32 f32) ((add f32 %0 %1) (relu f32 %2)) (%3))";
  gln_scalar_body body;
  eg_error error = {0};
  CHECK(gln_scalar_body_parse(&body, text, strlen(text), memory, &error) ==
        EG_OK);
  eg_class k[2] = {kernel(f, 4, 5, 6), {0}}, both, result = {0};
  gln_shape shape = shape2(GLN_TYPE_F32, 4, 5);
  CHECK(gln_add_map(&f->lang, &shape, &body, &k[1]) == EG_OK);
  gln_scalar_body_fini(&body);
  check_type(f, k[1], "(f32[4,5], f32[4,5]) -> f32[4,5]");
  gln_wiring w = {.num_operands = 3,
                  .num_sources = 4,
                  .sources = {0, 1, 3, 2}, // the map reads the dot, the bias
                  .num_exports = 1,
                  .exports = {4}};
  CHECK(gln_add_compose(&f->lang, &w, k, 2, &both) == EG_OK);
  check_type(f, both, "(f32[4,6], f32[6,5], f32[4,5]) -> f32[4,5]");
  w.sources[2] = 2;
  w.sources[3] = 1; // the weights are no [4,5]
  CHECK(gln_add_compose(&f->lang, &w, k, 2, &result) == EG_INVALID);
  CHECK(gln_add_apply(&f->lang, both, operands, 3, &result) == EG_OK);
  return result;
}

CHECK_TEST(a_composed_layer_runs) {
  fixture f;
  begin(&f);
  gln_shape bias_shape = {.type = GLN_TYPE_F32, .rank = 1, .dims = {5}};
  eg_class operands[] = {input(&f, 0, shape2(GLN_TYPE_F32, 4, 6)),
                         input(&f, 1, shape2(GLN_TYPE_F32, 6, 5)),
                         {0}};
  operands[2] =
      add_view(&f, "(d0, d1) [4, 5] -> (d1) [5]", input(&f, 2, bias_shape));
  eg_class y = linear_layer(&f, operands), root;
  CHECK(gln_add_results(&f.lang, &y, 1, &root) == EG_OK);
  CHECK(eg_rebuild(f.graph) == EG_OK);
  eg_cost size = eg_cost_size();
  eg_choice *choice;
  CHECK(eg_extract_tree(f.graph, &size, &choice) == EG_OK);

  gln_array x = random_array(shape2(GLN_TYPE_F32, 4, 6), 1);
  gln_array w = random_array(shape2(GLN_TYPE_F32, 6, 5), 2);
  gln_array b = random_array(bias_shape, 3), out;
  const gln_array *inputs[] = {&x, &w, &b};
  gln_environment environment = {.inputs = inputs, .num_inputs = 3};
  size_t num;
  eg_error error = {0};
  CHECK(gln_interp_value(&f.lang, choice, root, &environment, memory, &out, 1,
                         &num, &error) == EG_OK);
  CHECK_STR(error.text, "");
  CHECK_EQ(num, 1);
  int wrong = 0, positive = 0;
  for (int i = 0; num && i < 20; ++i) {
    float want = at(&b, i % 5);
    for (int k = 0; k < 6; ++k)
      want += at(&x, i / 5 * 6 + k) * at(&w, k * 5 + i % 5);
    want = want > 0 ? want : 0;
    wrong += at(&out, i) != want;
    positive += want > 0;
  }
  CHECK_EQ(wrong, 0);
  CHECK(positive > 2 && positive < 20);

  environment.num_inputs = 2;
  CHECK(gln_interp_value(&f.lang, choice, root, &environment, memory, &x, 1,
                         &num, &error) == EG_INVALID);
  CHECK_STR(error.text, "input 2 is missing or of another type");
  gln_array_fini(&x);
  gln_array_fini(&w);
  gln_array_fini(&b);
  gln_array_fini(&out);
  eg_choice_destroy(choice);
  end(&f);
}

int main(int argc, char **argv) {
  memory = eg_allocator_default();
  return check_main(argc, argv);
}

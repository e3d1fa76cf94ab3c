// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Graphs through bytes: nothing is lost, nothing cut off is taken.
#include "kernel/store.h"
#include "lib/gln_test.h"

typedef struct fixture {
  eg_graph *graph;
  gln_lang lang;
  eg_allocator memory;
  eg_class input;
} fixture;

static void begin(fixture *f) {
  gln_shape shape = test_shape("((),(4,6)) f32");
  f->memory = eg_allocator_default();
  CHECK(eg_graph_create(&f->memory, &f->graph) == EG_OK);
  CHECK(gln_lang_init(&f->lang, f->graph) == EG_OK);
  CHECK(gln_add_input(&f->lang, 7, &shape, &f->input) == EG_OK);
  CHECK(eg_rebuild(f->graph) == EG_OK);
}

static gln_view *transposition(fixture *f, int64_t rows, int64_t cols) {
  int64_t extents[] = {rows, cols}, perm[] = {1, 0};
  gln_view *view;
  CHECK(gln_view_transpose(&f->memory, 2, extents, perm, &view, NULL) == EG_OK);
  return view;
}

// x = unpack (pack x), a cycle; an apply of a reduce on both; several classes.
static eg_class fill(fixture *f) {
  gln_view *there = transposition(f, 4, 6);
  gln_view *back = transposition(f, 6, 4);
  eg_class packed, unpacked, kernel, rows, both[3], root;
  gln_spec spec = {.combine = GLN_COMBINE_SUM,
                   .result = GLN_TYPE_F32,
                   .num_operands = 1,
                   .num_dims = 2,
                   .num_parallel = 1,
                   .dims = {4, 6}};
  spec.operands[0] = (gln_spec_operand){.rank = 2, .coef = {{1, 0}, {0, 1}}};
  CHECK(gln_add_copy(&f->lang, GLN_NODE_PACK, there, f->input, &packed) ==
        EG_OK);
  CHECK(gln_add_copy(&f->lang, GLN_NODE_UNPACK, back, packed, &unpacked) ==
        EG_OK);
  CHECK(eg_union(f->graph, unpacked, f->input, NULL) == EG_OK);
  CHECK(gln_add_spec(&f->lang, &spec, &kernel) == EG_OK);
  CHECK(gln_add_apply(&f->lang, kernel, &unpacked, 1, &rows) == EG_OK);
  both[0] = rows, both[1] = packed, both[2] = rows;
  CHECK(gln_add_results(&f->lang, both, 3, &root) == EG_OK);
  CHECK(eg_rebuild(f->graph) == EG_OK);
  gln_view_destroy(&f->memory, there);
  gln_view_destroy(&f->memory, back);
  return root;
}

static gln_bytes save(fixture *f) {
  gln_bytes bytes = {.memory = f->memory};
  eg_error error = {0};
  CHECK(gln_graph_save(&f->lang, &bytes, &error) == EG_OK);
  CHECK_STR(error.text, "");
  return bytes;
}

static eg_status load(fixture *f, const gln_bytes *bytes, size_t num,
                      eg_error *error) {
  gln_reader reader = {.at = bytes->data, .left = num};
  return gln_graph_load(&f->lang, &reader, error);
}

CHECK_TEST(a_graph_comes_back_into_a_new_import) {
  fixture a, b;
  begin(&a);
  begin(&b);
  fill(&a);
  gln_bytes bytes = save(&a);
  eg_error error = {0};
  eg_class input = b.input;
  CHECK(load(&b, &bytes, bytes.num, &error) == EG_OK);
  CHECK_STR(error.text, "");
  CHECK_EQ(eg_num_nodes(b.graph), eg_num_nodes(a.graph));
  CHECK_EQ(eg_num_classes(b.graph), eg_num_classes(a.graph));
  CHECK(eg_check(b.graph) == EG_OK);
  uint32_t num, num_there;
  eg_class_nodes(a.graph, a.input, &num); // input and unpack
  eg_class_nodes(b.graph, input, &num_there);
  CHECK_EQ(num_there, num);
  CHECK_EQ(num, 2);
  // What is there already stays as it is.
  CHECK(load(&b, &bytes, bytes.num, &error) == EG_OK);
  CHECK_EQ(eg_num_nodes(b.graph), eg_num_nodes(a.graph));
  gln_bytes again = save(&a);
  CHECK(again.num == bytes.num && !memcmp(again.data, bytes.data, bytes.num));
  gln_bytes_fini(&again);
  gln_bytes_fini(&bytes);
  eg_graph_destroy(a.graph);
  eg_graph_destroy(b.graph);
}

CHECK_TEST(what_is_cut_off_is_refused) {
  fixture a;
  begin(&a);
  fill(&a);
  gln_bytes bytes = save(&a);
  for (size_t num = 0; num < bytes.num; ++num) {
    fixture b;
    eg_error error = {0};
    begin(&b);
    CHECK(load(&b, &bytes, num, &error) == EG_INVALID);
    CHECK(strstr(error.text, "a saved graph"));
    eg_graph_destroy(b.graph);
  }
  gln_bytes_fini(&bytes);
  eg_graph_destroy(a.graph);
}

CHECK_TEST(numbers_of_all_lengths) {
  gln_bytes bytes = {.memory = eg_allocator_default()};
  uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
  for (size_t i = 0; i < 8; ++i)
    CHECK(gln_bytes_put_number(&bytes, values[i]) == EG_OK);
  gln_reader reader = {.at = bytes.data, .left = bytes.num};
  for (size_t i = 0; i < 8; ++i)
    CHECK(gln_reader_number(&reader) == values[i]);
  CHECK(!reader.failed && !reader.left);
  CHECK(gln_reader_number(&reader) == 0 && reader.failed);
  gln_bytes_fini(&bytes);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

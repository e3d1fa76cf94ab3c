// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reductions come out in one form however they were written, and mean the same.
#include "check.h"
#include "interp/kernel_eval.h"
#include "kernel/spec.h"

#include <stdlib.h>

enum { MAX = GLN_VIEW_MAX_RANK };

static eg_allocator memory;

static gln_view *parse(const char *text) {
  gln_view *view;
  eg_error error = {0};
  if (gln_view_parse(&memory, text, strlen(text), &view, &error) != EG_OK) {
    printf("  %s\n  %s\n", text, error.text);
    return NULL;
  }
  return view;
}

typedef struct spec_case {
  const char *what;
  const char *a, *b;   // operand views; b NULL: a reduction by max
  size_t num_parallel; // leading iteration dimensions
  const char *spec;
} spec_case;

// 8×6 pixels, 4 channels in, 5 out.
static const spec_case cases[] = {
    {"matmul", "(d0, d1, d2) [4, 5, 6] -> (d0, d2) [4, 6]",
     "(d0, d1, d2) [4, 5, 6] -> (d2, d1) [6, 5]", 2,
     "dot f32 (4, 5 | 6) a f32 (d0, d2) b f32 (d2, d1)"},
    {"matmul of a batch of one",
     "(d0, d1, d2, d3) [1, 4, 5, 6] -> (d0, d1, d3) [1, 4, 6]",
     "(d0, d1, d2, d3) [1, 4, 5, 6] -> (d0, d3, d2) [1, 6, 5]", 3,
     "dot f32 (4, 5 | 6) a f32 (d0, d2) b f32 (d2, d1)"},
    {"batch matmul", "(d0, d1, d2, d3) [3, 4, 5, 6] -> (d0, d1, d3) [3, 4, 6]",
     "(d0, d1, d2, d3) [3, 4, 5, 6] -> (d0, d3, d2) [3, 6, 5]", 3,
     "dot f32 (3, 4, 5 | 6) a f32 (d0, d1, d3) b f32 (d0, d3, d2)"},
    {"1x1 convolution, NHWC",
     "(d0, d1, d2, d3, d4) [1, 8, 6, 5, 4] -> (d0, d1, d2, d4) [1, 8, 6, 4]",
     "(d0, d1, d2, d3, d4) [1, 8, 6, 5, 4] -> (d4, d3) [4, 5]", 4,
     "dot f32 (48, 5 | 4) a f32 (d0, d2) b f32 (d2, d1)"},
    {"the same as a matmul over pixels",
     "(d0, d1, d2) [48, 5, 4] -> (d0, d2) [48, 4]",
     "(d0, d1, d2) [48, 5, 4] -> (d2, d1) [4, 5]", 2,
     "dot f32 (48, 5 | 4) a f32 (d0, d2) b f32 (d2, d1)"},
    {"the same, read through a reshape",
     "(d0, d1, d2) [48, 5, 4] -> (d0 floordiv 6, d0 mod 6, d2) [8, 6, 4]",
     "(d0, d1, d2) [48, 5, 4] -> (d2, d1) [4, 5]", 2,
     "dot f32 (48, 5 | 4) a f32 (d0, d2) b f32 (d2, d1)"},
    {"3x3 convolution, NCHW, padded: the window leads by its row stride",
     "(d0, d1, d2, d3, d4, d5, d6) [1, 5, 8, 6, 4, 3, 3] -> "
     "(d0, d4, d2 + d5 - 1, d3 + d6 - 1) [1, 4, 8, 6] if d2 + d5 >= 1, "
     "d2 + d5 <= 8, d3 + d6 >= 1, d3 + d6 <= 6 fill 0.0 : f32",
     "(d0, d1, d2, d3, d4, d5, d6) [1, 5, 8, 6, 4, 3, 3] -> "
     "(d1, d4, d5, d6) [5, 4, 3, 3]",
     4,
     "dot f32 (8, 6, 5 | 4, 3, 3) a f32 (d3, d0 + d4, d1 + d5) "
     "b f32 (d2, d3, d4, d5)"},
    {"stride 2, dilation 3", "(d0, d1, d2) [4, 5, 3] -> (d0 * 2 + d2 * 3) [13]",
     "(d0, d1, d2) [4, 5, 3] -> (d1, d2) [5, 3]", 2,
     "dot f32 (4, 5 | 3) a f32 (d0 * 2 + d2 * 3) b f32 (d1, d2)"},
    {"depthwise",
     "(d0, d1, d2, d3, d4) [4, 6, 4, 3, 3] -> (d0, d1 + d3, d2 + d4) "
     "[4, 8, 6]",
     "(d0, d1, d2, d3, d4) [4, 6, 4, 3, 3] -> (d0, d3, d4) [4, 3, 3]", 3,
     "dot f32 (4, 6, 4 | 3, 3) a f32 (d0, d1 + d3, d2 + d4) "
     "b f32 (d0, d3, d4)"},
    {"a window turned round reads its array backwards",
     "(d0, d1, d2) [4, 5, 3] -> (d0 - d2 + 2) [6]",
     "(d0, d1, d2) [4, 5, 3] -> (d1, d2) [5, 3]", 2,
     "dot f32 (4, 5 | 3) a f32 (d0 + d2 * -1) b f32 (d1, d2)"},
    {"pooling",
     "(d0, d1, d2, d3, d4) [4, 4, 3, 2, 2] -> "
     "(d0, d1 * 2 + d3, d2 * 2 + d4) [4, 8, 6]",
     NULL, 3, "max f32 (4, 4, 3 | 2, 2) a f32 (d0, d1 * 2 + d3, d2 * 2 + d4)"},
    {"global pooling is a reduction of rows",
     "(d0, d1, d2) [4, 8, 6] -> (d0, d1, d2) [4, 8, 6]", NULL, 1,
     "max f32 (4 | 48) a f32 (d0, d1)"},
};

typedef struct found {
  gln_view *views[2];
  bool reduced[MAX];
  gln_reduction reduction;
} found;

static bool make(const spec_case *c, found *f) {
  memset(f, 0, sizeof *f);
  f->views[0] = parse(c->a);
  f->views[1] = c->b ? parse(c->b) : NULL;
  if (!f->views[0] || (c->b && !f->views[1]))
    return false;
  size_t rank = gln_view_rank(f->views[0]);
  for (size_t d = 0; d < rank; ++d)
    f->reduced[d] = d >= c->num_parallel;
  f->reduction =
      (gln_reduction){.combine = c->b ? GLN_COMBINE_DOT : GLN_COMBINE_MAX,
                      .result = GLN_TYPE_F32,
                      .rank = rank,
                      .extents = gln_view_extents(f->views[0]),
                      .reduced = f->reduced,
                      .num_operands = c->b ? 2 : 1,
                      .views = {f->views[0], f->views[1]}};
  return true;
}

static void drop(found *f) {
  gln_view_destroy(&memory, f->views[0]);
  gln_view_destroy(&memory, f->views[1]);
}

CHECK_TEST(one_form_for_every_way_of_writing) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    found f;
    gln_canonical c;
    eg_error error = {0};
    char text[512];
    CHECK(make(&cases[i], &f));
    eg_status status = gln_canonicalise(&memory, &f.reduction, &c, &error);
    CHECK(status == EG_OK);
    if (status != EG_OK) {
      printf("  %s: %s\n", cases[i].what, error.text);
      continue;
    }
    gln_spec_print(&c.spec, text, sizeof text);
    if (strcmp(text, cases[i].spec) != 0)
      printf("  %s\n", cases[i].what);
    CHECK_STR(text, cases[i].spec);
    gln_canonical_fini(&memory, &c);
    drop(&f);
  }
}

//===-- Meaning -----------------------------------------------------------===//

static void read_through(const gln_view *view, const gln_array *in,
                         gln_array *out) {
  gln_shape shape = {.type = GLN_TYPE_F32,
                     .rank = (uint8_t)gln_view_rank(view)};
  memcpy(shape.dims, gln_view_extents(view), shape.rank * sizeof *shape.dims);
  CHECK(gln_array_init(out, &shape, memory, NULL) == EG_OK);
  int64_t index[MAX], source[MAX], num = gln_shape_num_elements(&shape);
  for (int64_t n = 0; n < num; ++n) {
    gln_shape_position(&shape, n, index);
    gln_scalar x = {GLN_TYPE_F32, 0};
    if (gln_view_evaluate(view, index, source))
      x = gln_array_get(in, gln_shape_linear(&in->shape, source));
    gln_array_set(out, n, x);
  }
}

static float value(const gln_array *array, int64_t n) {
  return ((const float *)array->data)[n];
}

// The reduction by its definition, over what the views read.
static void reduce_plainly(const found *f, const gln_array *const *reads,
                           float *out) {
  const gln_reduction *r = &f->reduction;
  int64_t inner = 1, outer = 1;
  for (size_t d = 0; d < r->rank; ++d)
    *(r->reduced[d] ? &inner : &outer) *= r->extents[d];
  for (int64_t p = 0; p < outer; ++p)
    for (int64_t i = 0; i < inner; ++i) {
      int64_t n = p * inner + i;
      float x = value(reads[0], n);
      if (r->num_operands == 2)
        out[p] = (i ? out[p] : 0) + x * value(reads[1], n);
      else
        out[p] = i == 0 || x > out[p] ? x : out[p];
    }
}

static void fill_source(const gln_view *view, gln_array *out, uint64_t *seed) {
  gln_shape shape = {.type = GLN_TYPE_F32,
                     .rank = (uint8_t)gln_view_source_rank(view)};
  memcpy(shape.dims, gln_view_source_extents(view),
         shape.rank * sizeof *shape.dims);
  CHECK(gln_array_init(out, &shape, memory, NULL) == EG_OK);
  gln_array_fill_random(out, seed, 4);
}

static void check_meaning(const spec_case *test, uint64_t seed) {
  found f;
  gln_canonical c;
  CHECK(make(test, &f));
  f.reduction.constant[0] = test->b && seed % 2; // then the operands swap
  CHECK(gln_canonicalise(&memory, &f.reduction, &c, NULL) == EG_OK);
  CHECK(c.swapped == f.reduction.constant[0]);
  gln_array sources[2], reads[2], arrays[2];
  memset(sources, 0, sizeof sources);
  memset(reads, 0, sizeof reads);
  memset(arrays, 0, sizeof arrays);
  const gln_array *operands[2] = {&arrays[0], &arrays[1]};
  const gln_array *plain[2] = {&reads[0], &reads[1]};
  for (size_t k = 0; k < f.reduction.num_operands; ++k) {
    fill_source(f.views[k], &sources[k], &seed);
    read_through(f.views[k], &sources[k], &reads[k]);
    read_through(c.operands[c.swapped ? 1 - k : k], &sources[k],
                 &arrays[c.swapped ? 1 - k : k]);
  }
  gln_array result, viewed;
  CHECK(gln_interp_spec(&c.spec, operands, memory, &result, NULL) == EG_OK);
  read_through(c.view, &result, &viewed);
  int64_t num = gln_shape_num_elements(&viewed.shape), wrong = 0;
  float *want = calloc((size_t)num, sizeof *want);
  reduce_plainly(&f, plain, want);
  for (int64_t n = 0; n < num; ++n)
    wrong += value(&viewed, n) != want[n];
  if (wrong)
    printf("  %s: %d of %d wrong\n", test->what, (int)wrong, (int)num);
  CHECK_EQ(wrong, 0);
  free(want);
  for (size_t k = 0; k < 2; ++k) {
    gln_array_fini(&sources[k]);
    gln_array_fini(&reads[k]);
    gln_array_fini(&arrays[k]);
  }
  gln_array_fini(&result);
  gln_array_fini(&viewed);
  gln_canonical_fini(&memory, &c);
  drop(&f);
}

CHECK_TEST(the_form_means_the_same) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    for (uint64_t seed = 1; seed <= 2; ++seed)
      check_meaning(&cases[i], seed);
}

//===-- Words, tiles, mistakes --------------------------------------------===//

CHECK_TEST(words_read_back_and_damage_is_seen) {
  found f;
  gln_canonical c;
  uint32_t words[GLN_SPEC_MAX_WORDS];
  gln_spec back;
  CHECK(make(&cases[6], &f));
  CHECK(gln_canonicalise(&memory, &f.reduction, &c, NULL) == EG_OK);
  size_t num = gln_spec_encode(&c.spec, words);
  CHECK(gln_spec_decode(words, num, &back));
  CHECK(gln_spec_equal(&c.spec, &back));
  for (size_t short_by = 1; short_by <= num; ++short_by)
    CHECK(!gln_spec_decode(words, num - short_by, &back));
  words[2] = 99;
  CHECK(!gln_spec_decode(words, num, &back));
  gln_canonical_fini(&memory, &c);
  drop(&f);
}

CHECK_TEST(tiles_of_different_layers_are_one_spec) {
  found f[2];
  gln_canonical c[2];
  gln_spec tiles[2];
  char text[256];
  for (size_t i = 0; i < 2; ++i) { // the matmul and the 1x1 convolution
    CHECK(make(&cases[i ? 3 : 0], &f[i]));
    CHECK(gln_canonicalise(&memory, &f[i].reduction, &c[i], NULL) == EG_OK);
    CHECK(gln_spec_tile(&c[i].spec, (int64_t[]){4, 5, 2}, &tiles[i], NULL,
                        NULL) == EG_OK);
  }
  CHECK(gln_spec_equal(&tiles[0], &tiles[1]));
  eg_error error = {0};
  CHECK(gln_spec_tile(&c[0].spec, (int64_t[]){4, 9, 2}, &tiles[0], NULL,
                      &error) == EG_INVALID);
  CHECK_STR(error.text, "tile of 9 in dimension 1 of extent 5");
  // A tile of one row drops the dimension.
  CHECK(gln_spec_tile(&c[0].spec, (int64_t[]){1, 5, 6}, &tiles[0], NULL,
                      NULL) == EG_OK);
  gln_spec_print(&tiles[0], text, sizeof text);
  CHECK_STR(text, "dot f32 (5 | 6) a f32 (d1) b f32 (d1, d0)");
  for (size_t i = 0; i < 2; ++i) {
    gln_canonical_fini(&memory, &c[i]);
    drop(&f[i]);
  }
}

CHECK_TEST(mistakes_are_named) {
  found f;
  gln_canonical c;
  eg_error error = {0};
  CHECK(make(&cases[0], &f));
  f.reduction.num_operands = 1;
  CHECK(gln_canonicalise(&memory, &f.reduction, &c, &error) == EG_INVALID);
  CHECK_STR(error.text, "reduction with 1 operands, not 2");
  f.reduction.num_operands = 2;
  f.reduction.extents = (int64_t[]){4, 5, 7};
  CHECK(gln_canonicalise(&memory, &f.reduction, &c, &error) == EG_INVALID);
  CHECK_STR(error.text, "operand 0 does not read the iteration box");
  drop(&f);
}

int main(int argc, char **argv) {
  memory = eg_allocator_default();
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views by tables: text in and out, each constructor, each message, questions.
#include "view/view.h"

#include "check.h"

#include <stdlib.h>

#define INTS(...) ((const int64_t[]){__VA_ARGS__})

static eg_allocator heap;
static char text[4096];
static eg_error error;

static const char *print(gln_view *view) {
  gln_view_print(view, text, sizeof text);
  gln_view_destroy(&heap, view);
  return text;
}

static gln_view *parse(const char *string) {
  gln_view *view = NULL;
  heap = eg_allocator_default();
  error.text[0] = '\0';
  eg_status status =
      gln_view_parse(&heap, string, strlen(string), &view, &error);
  CHECK_EQ(status != EG_OK, view == NULL);
  if (status)
    printf("  %s: %s\n", string, error.text);
  return view;
}

static gln_scalar zero(void) {
  return gln_scalar_from_int(GLN_TYPE_I8, 0);
}

//===-- Text --------------------------------------------------------------===//

// What the right sides have in common: nothing shorter says the same.
static const char *const rows[][2] = {
    // An index and what is known of it.
    {"(d0) [4] -> (d0) [4]", "(d0) [4] -> (d0) [4]"},
    {"() [] -> () []", "() [] -> () []"},
    {"(d0) [1] -> (d0 * 7) [1]", "(d0) [1] -> (0) [1]"},
    {"(d0) [4] -> (d0 mod 5) [4]", "(d0) [4] -> (d0) [4]"},
    {"(d0) [4] -> (d0 floordiv 4) [4]", "(d0) [4] -> (0) [4]"},
    {"(d0) [4] -> (3 - d0) [4]", "(d0) [4] -> (d0 * -1 + 3) [4]"},
    {"(d0) [4] -> (-(d0 - 3)) [4]", "(d0) [4] -> (d0 * -1 + 3) [4]"},
    // (a x + b) floordiv a, and digits of mixed radices.
    {"(d0) [4] -> ((3 * d0 + 2) floordiv 3) [4]", "(d0) [4] -> (d0) [4]"},
    {"(d0, d1) [2, 3] -> ((d0 * 3 + d1) floordiv 3, (d0 * 3 + d1) mod 3) "
     "[2, 3]",
     "(d0, d1) [2, 3] -> (d0, d1) [2, 3]"},
    {"(d0) [24] -> ((d0 floordiv 2) floordiv 3, d0 floordiv 2 mod 3) [4, 3]",
     "(d0) [24] -> (d0 floordiv 6, d0 floordiv 2 mod 3) [4, 3]"},
    {"(d0) [24] -> ((d0 mod 12) floordiv 4) [3]",
     "(d0) [24] -> (d0 floordiv 4 mod 3) [3]"},
    {"(d0) [24] -> ((d0 mod 12) mod 4) [4]", "(d0) [24] -> (d0 mod 4) [4]"},
    {"(d0, d1) [100, 4] -> ((d0 * 4 + d1) floordiv 8) [50]",
     "(d0, d1) [100, 4] -> (d0 floordiv 2) [50]"},
    // Two ways to write one staircase, and Hermite's identity.
    {"(d0) [4] -> ((d0 + 1) floordiv 3) [2]",
     "(d0) [4] -> (d0 floordiv 2) [2]"},
    {"(d0) [9] -> (d0 floordiv 2 + (d0 + 1) floordiv 2) [9]",
     "(d0) [9] -> (d0) [9]"},
    {"(d0) [99] -> (d0 floordiv 2 + (d0 + 1) floordiv 2) [99]",
     "(d0) [99] -> (d0) [99]"},
    {"(d0) [8] -> ((7 - d0) floordiv 2) [4]",
     "(d0) [8] -> (d0 floordiv 2 * -1 + 3) [4]"},
    // Domains: bounds, congruences, couplings, the empty and the full one.
    {"(d0) [6] -> (d0 - 1) [4] if d0 >= 1, 4 * d0 <= 17 fill 0 : i8",
     "(d0) [6] -> (d0 - 1) [4] if d0 >= 1, d0 <= 4 fill 0 : i8"},
    {"(d0) [6] -> (d0) [6] if d0 >= 0 fill 1 : i8", "(d0) [6] -> (d0) [6]"},
    {"(d0) [6] -> (d0) [6] if d0 >= 6 fill 1 : i8",
     "(d0) [6] -> (0) [6] if false fill 1 : i8"},
    {"(d0) [7] -> (d0 floordiv 2) [4] if d0 mod 2 == 0 fill 0 : i8",
     "(d0) [7] -> (d0 floordiv 2) [4] if d0 mod 2 == 0 fill 0 : i8"},
    {"(d0) [7] -> ((d0 + 1) floordiv 2) [4] if 3 * d0 mod 2 == 0 fill 0 : i8",
     "(d0) [7] -> (d0 floordiv 2) [4] if d0 mod 2 == 0 fill 0 : i8"},
    {"(d0) [90] -> (0) [1] if d0 mod 6 == 2, d0 mod 10 == 8 fill 0 : i8",
     "(d0) [90] -> (0) [1] if d0 mod 30 == 8 fill 0 : i8"},
    {"(d0) [90] -> (0) [1] if d0 mod 6 == 2, d0 mod 4 == 1 fill 0 : i8",
     "(d0) [90] -> (0) [1] if false fill 0 : i8"},
    {"(d0, d1) [3, 3] -> (d1) [3] if d1 - d0 == 0 fill 0 : i8",
     "(d0, d1) [3, 3] -> (d0) [3] if d0 - d1 == 0 fill 0 : i8"},
    {"(d0, d1) [3, 4] -> (0) [1] if d0 * 4 + d1 == 6 fill 0 : i8",
     "(d0, d1) [3, 4] -> (0) [1] if d0 == 1, d1 == 2 fill 0 : i8"},
    {"(d0) [12] -> (0) [1] if d0 mod 4 >= 1, d0 mod 4 <= 2 fill 0 : i8",
     "(d0) [12] -> (0) [1] if d0 >= 1, d0 <= 10, (d0 - 1) mod 4 <= 1 fill 0 : "
     "i8"},
    {"(d0, d1) [5, 9] -> (d0) [5] if d1 - d0 >= -1, d1 - d0 <= 1 fill 0 : i8",
     "(d0, d1) [5, 9] -> (d0) [5] if d1 <= 5, d0 - d1 >= -1, d0 - d1 <= 1 fill "
     "0 : i8"},
};

CHECK_TEST(text_becomes_canonical) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    gln_view *view = parse(rows[i][0]);
    CHECK(view);
    if (!view)
      continue;
    CHECK_STR(print(view), rows[i][1]);
    view = parse(rows[i][1]); // and again: a fixed point
    if (view)
      CHECK_STR(print(view), rows[i][1]);
  }
}

static const char *const bad_rows[][2] = {
    {"", "column 1: expected '(', found the end"},
    {"(d1) [4] -> (0) [4]", "column 2: expected 'd0', found 'd'"},
    {"(d0) [4, 5] -> (0) [4]", "column 6: 2 extents for 1 indices"},
    {"(d0) [0] -> (0) [4]", "column 7: extent 0, not in 1 to 2147483647"},
    {"(d0) [4] -> (d0) [4, 2]", "column 18: 2 extents for 1 coordinates"},
    {"(d0) [4] -> (d0) [3]",
     "column 1: coordinate 0 runs from 0 to 3 outside extent 3"},
    {"(d0) [4] -> (d0 * d0) [4]", "column 19: a product of two indices"},
    {"(d0) [4] -> (d0 mod 0) [4]",
     "column 21: the divisor must be a constant >= 1"},
    {"(d0) [4] -> (d0 floordiv d0) [4]",
     "column 26: the divisor must be a constant >= 1"},
    {"(d0) [4] -> (d1) [4]", "column 14: index d1 of 1 dimensions"},
    {"(d0) [4] -> (d0) [4] x", "column 22: expected the end, found 'x'"},
    {"(d0) [4] -> (d0) [4] if d0 >= 1", "column 32: expected 'fill', found "
                                        "the end"},
    {"(d0) [4] -> (d0) [4] if d0 > 1 fill 0 : i8",
     "column 28: expected '==', found '>'"},
    {"(d0) [4] -> (d0) [4] if d0 >= 1 fill x : i8",
     "column 38: no value of type i8"},
    {"(d0) [4] -> (d0) [4] if d0 >= 1 fill 0 : i9",
     "column 42: no such element type"},
    {"(d0) [4] -> (99999999999999999999) [4]",
     "column 14: the integer is too large"},
    {"(d0) [4] -> (12ab) [4]", "column 16: 'a' after an integer"},
    {"(d0) [4] -> (d0 * 4611686018427387903 * 4611686018427387903) [4]",
     "column 19: the integer is too large"},
    {"(d0) [4] -> (d0 * 40000000000000000 * 40000000000000000) [4]",
     "view: a coefficient does not fit in 61 bits, or more than 64 "
     "constraints"},
};

CHECK_TEST(bad_text_is_located) {
  heap = eg_allocator_default();
  for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; ++i) {
    gln_view *view = (gln_view *)&heap;
    const char *string = bad_rows[i][0];
    eg_status status =
        gln_view_parse(&heap, string, strlen(string), &view, &error);
    CHECK(status != EG_OK && view == NULL);
    CHECK_STR(error.text, bad_rows[i][1]);
  }
  gln_view *view;
  const char *lines = "(d0) [4]\n  -> (d0)\n  [4] !";
  eg_status status = gln_view_parse(&heap, lines, strlen(lines), &view, &error);
  CHECK_EQ(status, EG_INVALID);
  CHECK_EQ(error.line, 3);
  CHECK_STR(error.text, "column 7: expected the end, found '!'");
}

//===-- Constructors ------------------------------------------------------===//

#define SHOWS(call, expected)                                                  \
  do {                                                                         \
    gln_view *view;                                                            \
    heap = eg_allocator_default();                                             \
    eg_status status = call;                                                   \
    CHECK_EQ(status, EG_OK);                                                   \
    if (!status)                                                               \
      CHECK_STR(print(view), expected);                                        \
  } while (0)

CHECK_TEST(constructors) {
  SHOWS(gln_view_identity(&heap, 2, INTS(2, 3), &view, &error),
        "(d0, d1) [2, 3] -> (d0, d1) [2, 3]");
  SHOWS(
      gln_view_transpose(&heap, 3, INTS(2, 3, 4), INTS(2, 0, 1), &view, &error),
      "(d0, d1, d2) [4, 2, 3] -> (d1, d2, d0) [2, 3, 4]");
  SHOWS(gln_view_reshape(&heap, 2, INTS(4, 6), 3, INTS(4, 2, 3), &view, &error),
        "(d0, d1, d2) [4, 2, 3] -> (d0, d1 * 3 + d2) [4, 6]");
  SHOWS(gln_view_reshape(&heap, 2, INTS(4, 6), 2, INTS(3, 8), &view, &error),
        "(d0, d1) [3, 8] -> (d0 + (d0 * 2 + d1) floordiv 6, (d0 * 2 + d1) "
        "mod 6) [4, 6]");
  SHOWS(gln_view_flatten(&heap, 3, INTS(2, 3, 5), 1, 2, &view, &error),
        "(d0, d1) [2, 15] -> (d0, d1 floordiv 5, d1 mod 5) [2, 3, 5]");
  SHOWS(gln_view_squeeze(&heap, 2, INTS(1, 5), 0, &view, &error),
        "(d0) [5] -> (0, d0) [1, 5]");
  SHOWS(gln_view_insert_axis(&heap, 1, INTS(5), 1, &view, &error),
        "(d0, d1) [5, 1] -> (d0) [5]");
  SHOWS(
      gln_view_broadcast(&heap, 2, INTS(1, 5), 3, INTS(2, 4, 5), &view, &error),
      "(d0, d1, d2) [2, 4, 5] -> (0, d2) [1, 5]");
  SHOWS(gln_view_slice(&heap, 1, INTS(9), INTS(8), INTS(3), INTS(-4), &view,
                       &error),
        "(d0) [3] -> (d0 * -4 + 8) [9]");
  SHOWS(
      gln_view_pad(&heap, 1, INTS(4), INTS(1), INTS(2), zero(), &view, &error),
      "(d0) [7] -> (d0 - 1) [4] if d0 >= 1, d0 <= 4 fill 0 : i8");
  SHOWS(
      gln_view_pad(&heap, 1, INTS(4), INTS(0), INTS(0), zero(), &view, &error),
      "(d0) [4] -> (d0) [4]");
  SHOWS(gln_view_windows(&heap, 2, INTS(2, 9), 1, INTS(3), INTS(2), INTS(3),
                         &view, &error),
        "(d0, d1, d2) [2, 2, 3] -> (d0, d1 * 2 + d2 * 3) [2, 9]");
  SHOWS(gln_view_dilate(&heap, 1, INTS(3), INTS(2), zero(), &view, &error),
        "(d0) [5] -> (d0 floordiv 2) [3] if d0 mod 2 == 0 fill 0 : i8");
  SHOWS(gln_view_affine(&heap, 1, INTS(9), 2, INTS(3, 3), INTS(2, -1), INTS(2),
                        &view, &error),
        "(d0, d1) [3, 3] -> (d0 * 2 - d1 + 2) [9]");
  SHOWS(gln_view_mask(&heap, 2, INTS(3, 3), INTS(1, -1), 0, 0, 0, zero(), &view,
                      &error),
        "(d0, d1) [3, 3] -> (d0, d0) [3, 3] if d0 - d1 == 0 fill 0 : i8");
  SHOWS(
      gln_view_mask(&heap, 1, INTS(7), INTS(1), 3, 1, 1, zero(), &view, &error),
      "(d0) [7] -> (d0) [7] if d0 mod 3 == 1 fill 0 : i8");
}

#define FAILS(call, expected)                                                  \
  do {                                                                         \
    gln_view *view = (gln_view *)&heap;                                        \
    heap = eg_allocator_default();                                             \
    eg_status status = call;                                                   \
    CHECK(status != EG_OK && !view);                                           \
    CHECK_STR(error.text, expected);                                           \
  } while (0)

CHECK_TEST(bad_parameters_are_named) {
  FAILS(gln_view_identity(&heap, 33, NULL, &view, &error),
        "identity: source of rank 33, at most 32");
  FAILS(gln_view_identity(&heap, 2, INTS(3, 0), &view, &error),
        "identity: extent 0 of dimension 1 of the source, not in 1 to "
        "2147483647");
  FAILS(gln_view_transpose(&heap, 2, INTS(2, 3), INTS(1, 2), &view, &error),
        "transpose: perm[1] is 2 at rank 2");
  FAILS(gln_view_transpose(&heap, 2, INTS(2, 3), INTS(1, 1), &view, &error),
        "transpose: 1 occurs twice in perm");
  FAILS(gln_view_reshape(&heap, 2, INTS(2, 3), 1, INTS(5), &view, &error),
        "reshape: 6 elements into 5");
  FAILS(gln_view_squeeze(&heap, 2, INTS(2, 3), 1, &view, &error),
        "squeeze: dimension 1 has extent 3, not 1");
  FAILS(gln_view_squeeze(&heap, 2, INTS(2, 3), 2, &view, &error),
        "squeeze: dimension 2 at rank 2");
  FAILS(gln_view_insert_axis(&heap, 2, INTS(2, 3), 3, &view, &error),
        "insert_axis: dimension 3 at rank 2");
  FAILS(gln_view_flatten(&heap, 2, INTS(2, 3), 1, 2, &view, &error),
        "flatten: 2 dimensions from 1 on at rank 2");
  FAILS(gln_view_broadcast(&heap, 1, INTS(3), 1, INTS(4), &view, &error),
        "broadcast: extent 3 of dimension 0 to extent 4");
  FAILS(gln_view_slice(&heap, 1, INTS(4), INTS(2), INTS(2), INTS(2), &view,
                       &error),
        "slice: offset 2, size 2, stride 2 of dimension 0 leave extent 4");
  FAILS(gln_view_slice(&heap, 1, INTS(4), INTS(4), INTS(1), INTS(1), &view,
                       &error),
        "slice: offset 4 of dimension 0 outside extent 4");
  FAILS(gln_view_slice(&heap, 1, INTS(4), INTS(1), INTS(1), INTS(0), &view,
                       &error),
        "slice: stride 0 of dimension 0");
  FAILS(
      gln_view_pad(&heap, 1, INTS(4), INTS(-1), INTS(2), zero(), &view, &error),
      "pad: low -1, high 2 of dimension 0, both must be >= 0");
  FAILS(gln_view_windows(&heap, 1, INTS(4), 0, INTS(3), INTS(1), INTS(2), &view,
                         &error),
        "windows: window 3 with dilation 2 is longer than extent 4 of "
        "dimension 0");
  FAILS(gln_view_windows(&heap, 1, INTS(4), 0, INTS(3), INTS(0), INTS(1), &view,
                         &error),
        "windows: window 3, stride 0, dilation 1 of dimension 0, all must be "
        ">= 1");
  FAILS(gln_view_dilate(&heap, 1, INTS(4), INTS(0), zero(), &view, &error),
        "dilate: factor 0 of dimension 0");
  FAILS(gln_view_affine(&heap, 1, INTS(4), 1, INTS(3), INTS(2), INTS(0), &view,
                        &error),
        "affine: coordinate 0 runs from 0 to 4 outside extent 4");
  FAILS(
      gln_view_mask(&heap, 1, INTS(4), INTS(1), 0, 3, 2, zero(), &view, &error),
      "mask: from 3 to 2");
}

//===-- Composition -------------------------------------------------------===//

// outer ∘ inner = result; a row that must fail has the message instead.
static const char *const compose_rows[][3] = {
    // im2col: windows of a padded image, as one map.
    {"(d0, d1) [4, 3] -> (d0 + d1) [6]",
     "(d0) [6] -> (d0 - 1) [4] if d0 >= 1, d0 <= 4 fill 0 : i8",
     "(d0, d1) [4, 3] -> (d0 + d1 - 1) [4] if d0 + d1 >= 1, d0 + d1 <= 4 fill "
     "0 : i8"},
    // The inside of a padded array is the array.
    {"(d0) [4] -> (d0 + 1) [6]",
     "(d0) [6] -> (d0 - 1) [4] if d0 >= 1, d0 <= 4 fill 0 : i8",
     "(d0) [4] -> (d0) [4]"},
    // Two fills of which only one is seen compose, else they do not.
    {"(d0) [6] -> (d0) [4] if d0 <= 3 fill 1 : i8",
     "(d0) [4] -> (d0) [3] if d0 <= 2 fill 0 : i8",
     "compose: the outer view fills with 1 : i8, the inner with 0 : i8"},
    {"(d0) [6] -> (d0) [4] if d0 <= 2 fill 1 : i8",
     "(d0) [4] -> (d0) [3] if d0 <= 2 fill 0 : i8",
     "(d0) [6] -> (d0) [3] if d0 <= 2 fill 1 : i8"},
    {"(d0) [6] -> (d0) [4] if d0 <= 3 fill 0 : i8",
     "(d0) [4] -> (d0) [3] if d0 <= 2 fill 0 : i8",
     "(d0) [6] -> (d0) [3] if d0 <= 2 fill 0 : i8"},
    // Every second of a zero-dilated array.
    {"(d0) [4] -> (d0 * 2) [7]",
     "(d0) [7] -> (d0 floordiv 2) [4] if d0 mod 2 == 0 fill 0 : i8",
     "(d0) [4] -> (d0) [4]"},
    {"(d0) [3] -> (d0 * 2 + 1) [7]",
     "(d0) [7] -> (d0 floordiv 2) [4] if d0 mod 2 == 0 fill 0 : i8",
     "(d0) [3] -> (0) [4] if false fill 0 : i8"},
    // Extents must meet.
    {"(d0) [3] -> (d0) [3]", "(d0) [4] -> (d0) [4]",
     "compose: dimension 0, the outer view reads extent 3, the inner has 4"},
    {"(d0) [3] -> (d0, 0) [3, 1]", "(d0) [4] -> (d0) [4]",
     "compose: the outer view reads rank 2, the inner has rank 1"},
};

CHECK_TEST(composition) {
  for (size_t i = 0; i < sizeof compose_rows / sizeof compose_rows[0]; ++i) {
    gln_view *outer = parse(compose_rows[i][0]);
    gln_view *inner = parse(compose_rows[i][1]), *both = NULL;
    eg_status status = gln_view_compose(&heap, outer, inner, &both, &error);
    CHECK_STR(status ? error.text : print(both), compose_rows[i][2]);
    gln_view_destroy(&heap, outer);
    gln_view_destroy(&heap, inner);
  }
}

//===-- Questions ---------------------------------------------------------===//

CHECK_TEST(identity_and_permutation) {
  int32_t perm[3];
  gln_view *view = parse("(d0, d1, d2) [1, 5, 4] -> (d2, 0, d1) [4, 1, 5]");
  CHECK(!gln_view_is_identity(view));
  CHECK(gln_view_is_permutation(view, perm));
  CHECK_EQ(perm[0], 2);
  CHECK_EQ(perm[1], -1);
  CHECK_EQ(perm[2], 1);
  gln_view_destroy(&heap, view);
  view = parse("(d0, d1) [5, 1] -> (d0, d1) [5, 1]");
  CHECK(gln_view_is_identity(view));
  gln_view_destroy(&heap, view);
  view = parse("(d0, d1) [5, 5] -> (d0, d0) [5, 5]");
  CHECK(!gln_view_is_permutation(view, NULL));
  gln_view_destroy(&heap, view);
  view = parse("(d0) [5] -> (d0) [6]");
  CHECK(!gln_view_is_identity(view) && !gln_view_is_permutation(view, NULL));
  gln_view_destroy(&heap, view);
}

CHECK_TEST(affine_maps_and_splits) {
  int64_t m[2], o[1];
  gln_view *view =
      parse("(d0, d1) [6, 3] -> (d0 * 2 - d1 + 1) [20] if d0 >= 1 fill 0 : i8");
  CHECK(view && gln_view_is_affine(view, m, o));
  CHECK_EQ(m[0], 2);
  CHECK_EQ(m[1], -1);
  CHECK_EQ(o[0], 1);
  gln_view_destroy(&heap, view);
  gln_view *split, *affine;
  uint8_t groups[2];
  view = parse("(d0, d1) [24, 2] -> (d0 mod 4, d1, d0 floordiv 4) [4, 2, 6]");
  CHECK(!gln_view_is_affine(view, NULL, NULL));
  eg_status status =
      gln_view_split_affine(&heap, view, &split, &affine, groups, &error);
  CHECK_EQ(status, EG_OK);
  CHECK_EQ(groups[0], 2);
  CHECK_EQ(groups[1], 1);
  CHECK_STR(print(split),
            "(d0, d1, d2) [6, 4, 2] -> (d0 * 4 + d1, d2) [24, 2]");
  CHECK_STR(print(affine), "(d0, d1, d2) [6, 4, 2] -> (d1, d2, d0) [4, 2, 6]");
  gln_view *inverse;
  status = gln_view_inverse(&heap, view, &inverse, &error);
  CHECK_EQ(status, EG_OK);
  CHECK_STR(print(inverse),
            "(d0, d1, d2) [4, 2, 6] -> (d0 + d2 * 4, d1) [24, 2]");
  gln_view_destroy(&heap, view);
  view = parse("(d0) [7] -> (d0 floordiv 4, d0 mod 4) [2, 4]");
  status = gln_view_split_affine(&heap, view, &split, &affine, groups, &error);
  CHECK_EQ(status, EG_INFEASIBLE);
  CHECK(!split && !affine);
  gln_view_destroy(&heap, view);
}

CHECK_TEST(footprints_and_runs) {
  int64_t low[2], high[2], run;
  // A 3-wide window over a padded row of 8: the tile of outputs 0…3.
  gln_view *view = parse("(d0, d1) [8, 3] -> (d0 + d1 - 1) [8] if d0 + d1 >= "
                         "1, d0 + d1 <= 8 fill 0 : i8");
  CHECK(gln_view_footprint(view, INTS(0, 0), INTS(4, 3), low, high));
  CHECK_EQ(low[0], 0);
  CHECK_EQ(high[0], 4);
  CHECK(gln_view_image(view, low, high));
  CHECK_EQ(low[0], 0);
  CHECK_EQ(high[0], 7);
  CHECK(!gln_view_footprint(view, INTS(0, 0), INTS(1, 1), low, high));
  gln_view_destroy(&heap, view);
  static const struct {
    const char *view;
    int64_t run;
  } runs[] = {
      {"(d0, d1) [4, 8] -> (d0, d1) [4, 8]", 32},
      {"(d0, d1) [4, 8] -> (d0, d1) [4, 9]", 8},
      {"(d0, d1) [8, 4] -> (d1, d0) [4, 8]", 1},
      {"(d0) [32] -> (d0 floordiv 8, d0 mod 8) [4, 8]", 32},
      {"(d0) [32] -> (d0 mod 8, d0 floordiv 8) [8, 4]", 1},
      {"(d0, d1) [6, 4] -> (d0 mod 2, d0 floordiv 2, d1) [2, 3, 4]", 4},
      {"(d0) [6] -> (d0 * -1 + 5) [6]", 1},
  };
  for (size_t i = 0; i < sizeof runs / sizeof runs[0]; ++i) {
    view = parse(runs[i].view);
    eg_status status = gln_view_run_length(&heap, view, &run, &error);
    CHECK_EQ(status, EG_OK);
    CHECK_EQ(run, runs[i].run);
    gln_view_destroy(&heap, view);
  }
}

CHECK_TEST(copy_checks_its_buffers) {
  gln_view *view = parse("(d0) [4] -> (d0 - 1) [2] if d0 >= 1, d0 <= 2 fill 0 "
                         ": i8");
  const int16_t source[2] = {7, 8}, fill = -1;
  int16_t result[4];
  eg_status status =
      gln_view_copy(&heap, view, 2, source, 2, &fill, result, 4, &error);
  CHECK_EQ(status, EG_OK);
  CHECK(result[0] == -1 && result[1] == 7 && result[2] == 8 && result[3] == -1);
  status = gln_view_copy(&heap, view, 2, source, 3, &fill, result, 4, &error);
  CHECK_EQ(status, EG_INVALID);
  CHECK_STR(error.text, "copy: a source of 3 elements for a view of 2");
  status = gln_view_copy(&heap, view, 2, source, 2, NULL, result, 4, &error);
  CHECK_STR(error.text, "copy: the view needs a fill");
  status = gln_view_copy(&heap, view, 0, source, 2, &fill, result, 4, &error);
  CHECK_EQ(status, EG_INVALID);
  gln_view_destroy(&heap, view);
}

CHECK_TEST(hash_and_order) {
  gln_view *a = parse("(d0) [6] -> (d0 mod 3) [3]");
  gln_view *b = parse("(d0) [6] -> (d0 - d0 floordiv 3 * 3) [3]");
  gln_view *c = parse("(d0) [6] -> (d0 floordiv 3) [3]");
  CHECK(gln_view_equal(a, b) && gln_view_hash(a) == gln_view_hash(b));
  CHECK(!gln_view_equal(a, c));
  CHECK_EQ(gln_view_compare(a, b), 0);
  CHECK(gln_view_compare(a, c) == -gln_view_compare(c, a) &&
        gln_view_compare(a, c) != 0);
  gln_view_destroy(&heap, a);
  gln_view_destroy(&heap, b);
  gln_view_destroy(&heap, c);
}

// Flipping any byte is noticed: by the hash, if by nothing before it.
CHECK_TEST(damaged_bytes_are_refused) {
  gln_view *view = parse("(d0, d1) [8, 3] -> (d0 mod 5 + d1) [8] if d0 + d1 >= "
                         "1, d0 mod 2 == 0 fill 0 : i8");
  size_t size = gln_view_size(view);
  unsigned char *bytes = malloc(size);
  gln_view *read;
  for (size_t i = 0; bytes && i < size; ++i) {
    memcpy(bytes, view, size);
    bytes[i] ^= 0x11;
    eg_status status = gln_view_from_bytes(&heap, bytes, size, &read, &error);
    CHECK_EQ(status, EG_INVALID);
    CHECK(read == NULL);
  }
  eg_status status = gln_view_from_bytes(&heap, view, size - 8, &read, &error);
  CHECK_EQ(status, EG_INVALID);
  free(bytes);
  gln_view_destroy(&heap, view);
}

//===-- Memory ------------------------------------------------------------===//

typedef struct budget {
  int left;     // allocations that succeed
  int64_t live; // bytes
} budget;

static void *budget_resize(void *user, void *block, size_t old_size,
                           size_t new_size) {
  budget *b = user;
  if (new_size > old_size && b->left-- <= 0)
    return NULL;
  b->live += (int64_t)new_size - (int64_t)old_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, new_size);
}

static eg_status work(const eg_allocator *a) {
  gln_view *v[6] = {NULL};
  const char *wide =
      "(d0, d1, d2) [60, 60, 60] -> (((d0 * 7 + d1 * 11) floordiv 13 * 2 + d2) "
      "floordiv 9 mod 5, (d0 * 9 + d2) floordiv 11 mod 7) [5, 7]";
  uint8_t groups[GLN_VIEW_MAX_RANK];
  eg_status status = gln_view_parse(a, wide, strlen(wide), &v[0], NULL);
  if (!status)
    status = gln_view_pad(a, 2, INTS(5, 7), INTS(1, 1), INTS(1, 1), zero(),
                          &v[1], NULL);
  if (!status)
    status = gln_view_flatten(a, 2, INTS(7, 9), 0, 2, &v[2], NULL);
  if (!status)
    status = gln_view_compose(a, v[2], v[1], &v[3], NULL);
  gln_view_destroy(a, v[1]);
  v[1] = NULL;
  if (!status)
    status = gln_view_inverse(a, v[2], &v[1], NULL);
  if (!status)
    status = gln_view_split_affine(a, v[2], &v[4], &v[5], groups, NULL);
  for (int i = 0; i < 6; ++i)
    gln_view_destroy(a, v[i]);
  return status;
}

CHECK_TEST(every_allocation_may_fail) {
  int n = 0;
  for (;; ++n) {
    budget b = {n, 0};
    eg_allocator a = {budget_resize, &b};
    eg_status status = work(&a);
    CHECK_EQ(b.live, 0);
    if (status == EG_OK)
      break;
    CHECK_EQ(status, EG_NO_MEMORY);
    if (status != EG_NO_MEMORY || n > 1000)
      break;
  }
  CHECK(n > 10);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fuzzes the reader of views: no input may crash it; what it accepts must
// print, read back as the same function, and survive as bytes.
#include "fuzz.h"
#include "view/view.h"

static void require(bool holds, const char *what, const gln_view *view) {
  if (holds)
    return;
  char text[4096];
  gln_view_print(view, text, sizeof text);
  fprintf(stderr, "view_fuzz: %s: %s\n", what, text);
  abort();
}

// The two views agree on up to 512 indices spread over the result.
static bool same_function(const gln_view *a, const gln_view *b) {
  size_t rank = gln_view_rank(a);
  const int64_t *extents = gln_view_extents(a);
  uint64_t state = 1;
  for (int n = 0; n < 512; ++n) {
    int64_t index[GLN_VIEW_MAX_RANK];
    int64_t x[GLN_VIEW_MAX_RANK], y[GLN_VIEW_MAX_RANK];
    for (size_t d = 0; d < rank; ++d) {
      state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
      index[d] = (int64_t)((state >> 33) % (uint64_t)extents[d]);
    }
    bool in = gln_view_evaluate(a, index, x);
    if (in != gln_view_evaluate(b, index, y))
      return false;
    for (size_t s = 0; in && s < gln_view_source_rank(a); ++s)
      if (x[s] != y[s] || x[s] < 0 || x[s] >= gln_view_source_extents(a)[s])
        return false;
  }
  return true;
}

static void check_view(const eg_allocator *allocator, const gln_view *view) {
  size_t length = gln_view_print(view, NULL, 0);
  char *text = malloc(length + 1);
  if (!text)
    return;
  gln_view_print(view, text, length + 1);
  eg_error error;
  gln_view *again = NULL, *bytes = NULL;
  // A text of our own may be refused for its bounds, which are found by
  // intervals of the sums as they stand, or for its size; never as malformed.
  eg_status status = gln_view_parse(allocator, text, length, &again, &error);
  if (!status) {
    require(same_function(view, again), "reads back as another", view);
    gln_view_destroy(allocator, again);
  } else {
    require(status == EG_LIMIT || strstr(error.text, "outside extent"),
            error.text, view);
  }
  free(text);
  status =
      gln_view_from_bytes(allocator, view, gln_view_size(view), &bytes, &error);
  require(!status && gln_view_equal(bytes, view), "bytes", view);
  gln_view_destroy(allocator, bytes);
  bool injective;
  int64_t run, low[GLN_VIEW_MAX_RANK], high[GLN_VIEW_MAX_RANK];
  gln_view_image(view, low, high);
  if (gln_view_run_length(allocator, view, &run, NULL) == EG_OK)
    require(run >= 1, "run length", view);
  if (gln_view_is_injective(allocator, view, &injective, NULL))
    return;
  if (!gln_view_inverse(allocator, view, &again, NULL)) {
    require(injective, "inverse of what is not injective", view);
    gln_view_destroy(allocator, again);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  eg_allocator allocator = eg_allocator_default();
  gln_view *view;
  eg_error error = {0};
  if (gln_view_parse(&allocator, (const char *)data, size, &view, &error) ==
      EG_OK) {
    check_view(&allocator, view);
    gln_view_destroy(&allocator, view);
  } else if (error.text[0] == '\0') {
    abort();
  }
  if (gln_view_from_bytes(&allocator, data, size, &view, &error) == EG_OK) {
    check_view(&allocator, view);
    gln_view_destroy(&allocator, view);
  }
  return 0;
}

FUZZ_UNUSED static const char *const seeds[] = {
    "(d0, d1) [4, 8] -> (d0 * 2 + d1 floordiv 3, d1 mod 3) [9, 3]",
    "(d0) [6] -> (d0 - 1) [4] if d0 >= 1, d0 <= 4 fill 0 : i8",
    "(d0, d1) [3, 3] -> (d1) [3] if d1 - d0 == 0 fill 1.5 : f32",
    "(d0) [24] -> (d0 floordiv 6, d0 floordiv 2 mod 3) [4, 3]",
    "(d0, d1, d2) [5, 6, 7] -> ((d0 * 42 + d1 * 7 + d2 + 3) floordiv 11) [20]",
    "(d0, d1) [9, 4] -> ((d0 + d1) mod 3) [3] if d1 mod 3 >= 1 fill 0 : f32",
    "() [] -> (0) [3]",
    "(d0) [7] -> (0) [6] if false fill 1 : i8",
};
FUZZ_UNUSED static const char pieces[] =
    "d0 d1 d2 0 1 2 3 7 64 floordiv mod + - * ( ) [ ] "
    ", >= <= == if fill : i8 -> 2147483647 4611686018";

FUZZ_MAIN(seeds, pieces, 20000)

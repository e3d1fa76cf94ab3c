// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Box forms of random chains of view ops: every index is read where the box says,
// and hardly a view that is a box is refused.
#include "check.h"
#include "view/box.h"
#include "view_chain.h"

static eg_allocator allocator;

// Where the box reads index |i|: a source element, or CHAIN_FILL.
static int64_t read_at(const gln_box *b, const int64_t *i) {
  int64_t at = b->base;
  for (size_t d = 0; d < b->rank; ++d) {
    int64_t p = i[d] - b->low[d];
    if (p < 0 || p >= b->extent[d])
      return CHAIN_FILL;
    at += p * b->stride[d];
  }
  return at;
}

static bool agrees(const chain *c, const gln_box *b) {
  int64_t total = chain_product(c->rank, c->extents), i[GLN_VIEW_MAX_RANK];
  for (int64_t n = 0; n < total; ++n) {
    chain_unravel(c->rank, c->extents, n, i);
    if (read_at(b, i) != c->table[n])
      return false;
  }
  return true;
}

// Whether the table is a box, found by looking at it.
static bool is_box(const chain *c) {
  int64_t total = chain_product(c->rank, c->extents), i[GLN_VIEW_MAX_RANK];
  int64_t high[GLN_VIEW_MAX_RANK];
  gln_box b = {.rank = (uint8_t)c->rank, .base = CHAIN_FILL};
  for (int64_t n = 0; n < total; ++n) {
    if (c->table[n] == CHAIN_FILL)
      continue;
    chain_unravel(c->rank, c->extents, n, i);
    for (size_t d = 0; d < c->rank; ++d) {
      if (b.base == CHAIN_FILL || i[d] < b.low[d])
        b.low[d] = i[d];
      if (b.base == CHAIN_FILL || i[d] > high[d])
        high[d] = i[d];
    }
    if (b.base == CHAIN_FILL)
      b.base = c->table[n];
  }
  for (size_t d = 0; d < c->rank && b.base != CHAIN_FILL; ++d) {
    b.extent[d] = high[d] - b.low[d] + 1;
    memcpy(i, b.low, sizeof i);
    ++i[d];
    if (b.extent[d] > 1)
      b.stride[d] = c->table[chain_ravel(c->rank, c->extents, i)] - b.base;
  }
  return agrees(c, &b);
}

CHECK_TEST(boxes_read_what_their_views_read) {
  chain_random r = {7};
  static chain c;
  int boxes = 0, refused = 0, missed = 0;
  for (int k = 0; k < 4000; ++k) {
    int64_t extents[4];
    size_t rank = (size_t)chain_pick(&r, 1, 4);
    gln_box box;
    eg_error error = {0};
    for (size_t d = 0; d < rank; ++d)
      extents[d] = chain_pick(&r, 1, 5);
    chain_start(&c, rank, extents);
    CHECK_EQ(
        chain_grow(&allocator, &c, &r, (int)chain_pick(&r, 1, 5), 512, NULL),
        EG_OK);
    if (!c.view)
      continue;
    eg_status status = gln_view_box(&allocator, c.view, &box, &error);
    if (status == EG_OK) {
      ++boxes;
      CHECK(agrees(&c, &box));
    } else {
      CHECK_EQ(status, EG_INFEASIBLE);
      CHECK(error.text[0] != 0);
      ++refused;
      missed += is_box(&c);
    }
    gln_view_destroy(&allocator, c.view);
  }
  printf("  %d boxes, %d refused, %d of these are boxes\n", boxes, refused,
         missed);
  CHECK(boxes > 1000);
  CHECK(missed * 50 < boxes);
}

CHECK_TEST(what_is_no_box_says_why) {
  int64_t shape[2] = {4, 6};
  gln_view *v;
  gln_box box;
  eg_error error = {0};
  gln_scalar zero = {GLN_TYPE_F32, 0};
  CHECK_EQ(gln_view_dilate(&allocator, 2, shape, (int64_t[]){1, 2}, zero, &v,
                           &error),
           EG_OK);
  CHECK_EQ(gln_view_box(&allocator, v, &box, &error), EG_INFEASIBLE);
  CHECK_STR(error.text, "only every 2-th index of dimension 1 is inside");
  gln_view_destroy(&allocator, v);
  CHECK_EQ(gln_view_mask(&allocator, 2, shape, (int64_t[]){1, -1}, 0, 0, 0,
                         zero, &v, &error),
           EG_OK);
  CHECK_EQ(gln_view_box(&allocator, v, &box, &error), EG_INFEASIBLE);
  CHECK_STR(error.text,
            "what it reads is no box: 1 conditions between indices");
  gln_view_destroy(&allocator, v);
}

int main(int argc, char **argv) {
  allocator = eg_allocator_default();
  return check_main(argc, argv);
}

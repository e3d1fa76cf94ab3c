// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nests: traffic against a walk over every tile, and what is refused.
#include "../gln_test.h"

#include "target/nest.h"

#include <math.h>

static const gln_type_rule i8 = {GLN_TYPE_I8, GLN_TYPE_I8, GLN_TYPE_I32, 1, ""};

static gln_contract conv(int64_t k, int64_t c, int64_t p, int64_t r,
                         int64_t stride, int64_t height) {
  gln_conv shape = {1, k, c, p, p, r, r, stride, stride, 1, 1, height, height};
  gln_contract contract;
  eg_error error = {0};
  CHECK_EQ(gln_conv_contract(&shape, &i8, 1, &contract, &error), EG_OK);
  CHECK_STR(error.text, "");
  return contract;
}

//===-- The oracle --------------------------------------------------------===//

// Which elements of an axis a tile touches, as marks; the box or what is used.
static double touch(const gln_nest_axis *axis, const int64_t *from,
                    const int64_t *to, bool gather, char *marks, int64_t size) {
  int64_t at[GLN_NEST_MAX_TERMS] = {0};
  memset(marks, 0, (size_t)size);
  int64_t low = INT64_MAX, high = -1;
  for (size_t i = 0; i < axis->num_terms; ++i)
    at[i] = from[axis->dims[i]];
  for (;;) {
    int64_t index = 0;
    for (size_t i = 0; i < axis->num_terms; ++i)
      index += axis->strides[i] * at[i];
    marks[index] = 1;
    low = index < low ? index : low;
    high = index > high ? index : high;
    size_t i = 0;
    while (i < axis->num_terms && ++at[i] == to[axis->dims[i]]) {
      at[i] = from[axis->dims[i]];
      ++i;
    }
    if (i == axis->num_terms)
      break;
  }
  double num = 0;
  for (int64_t i = low; i <= high; ++i) {
    if (!gather)
      marks[i] = 1;
    num += marks[i];
  }
  return num;
}

enum { MAX_AXIS = 256 };

typedef struct tile_marks {
  char marks[GLN_NEST_MAX_AXES][MAX_AXIS];
  double size;
} tile_marks;

static tile_marks mark(const gln_nest_operand *o, const int64_t *from,
                       const int64_t *to, bool gather) {
  tile_marks t = {.size = 1};
  for (size_t i = 0; i < o->num_axes; ++i)
    t.size *= touch(&o->axes[i], from, to, gather, t.marks[i], MAX_AXIS);
  return t;
}

// Elements of |b| that are not in |a|; both are products of their axes.
static double added(const gln_nest_operand *o, const tile_marks *a,
                    const tile_marks *b) {
  double common = 1;
  for (size_t i = 0; i < o->num_axes; ++i) {
    double both = 0;
    for (size_t j = 0; j < MAX_AXIS; ++j)
      both += a->marks[i][j] && b->marks[i][j];
    common *= both;
  }
  return b->size - common;
}

// Walks the grid loops outside |depth| in order. A tile moves when its box
// changes; with |keep|, only what the tile before did not hold, unless a loop
// outside the innermost moving one has stepped.
static double walk(const gln_contract *c, const gln_nest *n, size_t index,
                   bool keep) {
  const gln_nest_operand *o = &c->operands[index];
  const gln_nest_staging *s = &n->staging[index];
  int64_t size[GLN_NEST_MAX_DIMS], at[GLN_NEST_MAX_LOOPS] = {0};
  uint32_t mask = 0;
  for (size_t d = 0; d < c->num_dims; ++d)
    size[d] = 1;
  for (size_t i = s->depth; i < n->num_loops; ++i)
    size[n->loops[i].dim] *= n->loops[i].trips;
  for (size_t i = 0; i < o->num_axes; ++i)
    for (size_t j = 0; j < o->axes[i].num_terms; ++j)
      mask |= UINT32_C(1) << o->axes[i].dims[j];
  double moved = 0;
  static tile_marks last, now;
  bool any = false;
  uint32_t before[GLN_NEST_MAX_DIMS] = {0};
  for (;;) {
    int64_t from[GLN_NEST_MAX_DIMS] = {0}, to[GLN_NEST_MAX_DIMS],
            step[GLN_NEST_MAX_DIMS];
    memcpy(step, size, sizeof step);
    for (size_t i = s->depth; i-- > 0;) {
      from[n->loops[i].dim] += at[i] * step[n->loops[i].dim];
      step[n->loops[i].dim] *= n->loops[i].trips;
    }
    bool changed = !any;
    for (size_t d = 0; d < c->num_dims; ++d) {
      to[d] = from[d] + size[d];
      to[d] = to[d] < c->extents[d] ? to[d] : c->extents[d];
      if (mask >> d & 1)
        changed |= before[d] != (uint32_t)from[d];
    }
    if (changed) {
      now = mark(o, from, to, s->gather);
      size_t steps = 0; // dims that differ, and whether only one step on
      for (size_t d = 0; d < c->num_dims; ++d)
        if ((mask >> d & 1) && before[d] != (uint32_t)from[d])
          steps += from[d] > (int64_t)before[d] ? 1 : 2;
      bool next = keep && any && steps == 1;
      moved += next ? added(o, &last, &now) : now.size;
      last = now;
      any = true;
      for (size_t d = 0; d < c->num_dims; ++d)
        before[d] = (uint32_t)from[d];
    }
    size_t i = s->depth;
    while (i-- > 0) {
      if (++at[i] < n->loops[i].trips)
        break;
      at[i] = 0;
    }
    if (i == SIZE_MAX)
      return moved;
  }
}

//===-- Random nests ------------------------------------------------------===//

// A grid in random order with random tiles, ragged ones included.
static gln_nest random_nest(const gln_contract *c, uint64_t *seed) {
  gln_nest n = {0};
  uint8_t order[GLN_NEST_MAX_DIMS];
  int64_t tile[GLN_NEST_MAX_DIMS];
  for (uint8_t d = 0; d < c->num_dims; ++d) {
    size_t at = (size_t)test_between(seed, 0, d);
    order[d] = order[at];
    order[at] = d;
    tile[d] = test_between(seed, 1, c->extents[d]);
  }
  for (size_t i = 0; i < c->num_dims; ++i) {
    uint8_t d = order[i];
    int64_t trips = (c->extents[d] + tile[d] - 1) / tile[d];
    if (trips > 1)
      n.loops[n.num_loops++] = (gln_nest_loop){d, GLN_NEST_IN_TIME, trips};
  }
  n.num_outer = n.num_loops;
  for (uint8_t d = 0; d < c->num_dims; ++d)
    if (tile[d] > 1)
      n.loops[n.num_loops++] = (gln_nest_loop){d, GLN_NEST_IN_TIME, tile[d]};
  for (size_t i = 0; i < c->num_operands; ++i)
    n.staging[i].buffers = (uint8_t)test_between(seed, 1, 2);
  for (size_t i = 0; i < c->num_operands; ++i)
    n.staging[i].depth = (uint8_t)test_between(seed, 0, n.num_outer);
  return n;
}

// Boxes without halo, ragged tiles, any order and depth: equal to the walk.
CHECK_TEST(moved_equals_a_walk) {
  uint64_t seed = 1;
  for (int i = 0; i < 400; ++i) {
    gln_contract c = conv(test_between(&seed, 1, 5), test_between(&seed, 1, 5),
                          test_between(&seed, 1, 6), test_between(&seed, 1, 3),
                          test_between(&seed, 1, 3), 0);
    gln_nest n = random_nest(&c, &seed);
    CHECK_EQ(gln_nest_check(&c, &n, NULL), EG_OK);
    for (size_t o = 0; o < 3; ++o) {
      gln_traffic t = gln_nest_traffic(&c, &n, o);
      CHECK_EQ(t.moved, walk(&c, &n, o, false));
      CHECK(t.distinct <= t.moved);
      CHECK(t.tile <= t.distinct);
      CHECK_EQ(t.held, n.staging[o].buffers * t.tile);
    }
  }
}

// 1 x 1 with stride: gathering moves p q c elements and nothing between them.
CHECK_TEST(gathered_equals_a_walk) {
  uint64_t seed = 2;
  for (int i = 0; i < 200; ++i) {
    gln_contract c =
        conv(3, test_between(&seed, 1, 5), test_between(&seed, 1, 6), 1,
             test_between(&seed, 1, 3), 0);
    gln_nest n = random_nest(&c, &seed);
    n.staging[0].gather = true;
    CHECK_EQ(gln_nest_traffic(&c, &n, 0).moved, walk(&c, &n, 0, false));
  }
}

// Halo in a ring: no more than a walk that keeps what the tile before held, if
// tiles overlap or touch (stride at most the kernel's part in the tile).
CHECK_TEST(ring_equals_a_walk) {
  uint64_t seed = 3;
  int seen = 0;
  for (int i = 0; i < 400; ++i) {
    gln_contract c =
        conv(3, 2, test_between(&seed, 2, 7), test_between(&seed, 1, 3), 1, 0);
    gln_nest n = random_nest(&c, &seed);
    n.staging[0].keep_halo = true;
    double walked = walk(&c, &n, 0, true);
    gln_traffic t = gln_nest_traffic(&c, &n, 0);
    CHECK_EQ(t.moved, walked);
    n.staging[0].keep_halo = false;
    gln_traffic without = gln_nest_traffic(&c, &n, 0);
    CHECK(t.moved <= without.moved);
    CHECK(t.held <= without.held);
    seen += t.moved < without.moved;
  }
  CHECK(seen > 50);
}

// Moving staging outwards holds more and moves less.
CHECK_TEST(staging_outwards) {
  uint64_t seed = 4;
  for (int i = 0; i < 200; ++i) {
    gln_contract c =
        conv(test_between(&seed, 1, 8), test_between(&seed, 1, 8),
             test_between(&seed, 1, 8), test_between(&seed, 1, 3), 1, 0);
    gln_nest n = random_nest(&c, &seed);
    for (size_t o = 0; o < 3; ++o) {
      double moved = INFINITY, tile = 0;
      for (int depth = n.num_outer; depth >= 0; --depth) {
        n.staging[o].depth = (uint8_t)depth;
        gln_traffic t = gln_nest_traffic(&c, &n, o);
        CHECK(t.moved <= moved);
        CHECK(t.tile >= tile);
        moved = t.moved;
        tile = t.tile;
      }
      CHECK_EQ(moved, tile); // the whole operand, once
    }
  }
}

//===-- By hand -----------------------------------------------------------===//

static gln_nest nest_of(const char *text, size_t num_outer) {
  static const char letters[] = "NKCPQRS";
  gln_nest n = {.num_outer = (uint8_t)num_outer};
  while (*text) {
    char *end;
    uint8_t dim = (uint8_t)(strchr(letters, *text) - letters);
    int64_t trips = strtoll(text + 1, &end, 10);
    n.loops[n.num_loops++] = (gln_nest_loop){dim, GLN_NEST_IN_TIME, trips};
    text = end + (*end == ' ');
  }
  for (size_t i = 0; i < 3; ++i)
    n.staging[i] = (gln_nest_staging){(uint8_t)num_outer, 1, false, false};
  return n;
}

// 64 channels, 56 x 56, 3 x 3: the tile p x q reads (p + 2)(q + 2) inputs; a
// band of one row with its ring is 3 x 58 x 64 bytes.
CHECK_TEST(halo_by_hand) {
  gln_contract c = conv(64, 64, 56, 3, 1, 0);
  gln_nest n = nest_of("P8 Q8 K64 C64 P7 Q7 R3 S3", 2);
  gln_traffic t = gln_nest_traffic(&c, &n, GLN_CONV_INPUT);
  CHECK_EQ(t.tile, 9 * 9 * 64);
  CHECK_EQ(t.moved, 64 * 9 * 9 * 64); // 1.65 times the 56 x 56
  CHECK_EQ(t.run, 64);
  n = nest_of("P56 K64 C64 Q56 R3 S3", 1);
  n.staging[GLN_CONV_INPUT].keep_halo = true;
  t = gln_nest_traffic(&c, &n, GLN_CONV_INPUT);
  CHECK_EQ(t.tile, 3 * 58 * 64); // 11 KB
  CHECK_EQ(t.moved, 58 * 58 * 64);
  n.staging[GLN_CONV_INPUT].buffers = 2;
  t = gln_nest_traffic(&c, &n, GLN_CONV_INPUT);
  CHECK_EQ(t.held, 4 * 58 * 64); // the ring, and the row that comes next
}

// Padding costs no traffic: 3 x 3 with one row around 56 x 56.
CHECK_TEST(padding_by_hand) {
  gln_contract c = conv(64, 64, 56, 3, 1, 56);
  gln_nest n = nest_of("P2 K64 C64 P28 Q56 R3 S3", 1);
  gln_traffic t = gln_nest_traffic(&c, &n, GLN_CONV_INPUT);
  CHECK_EQ(t.tile, 30 * 56 * 64);
  CHECK_EQ(t.moved, 2 * 29 * 56 * 64); // one of 30 rows is padding in each
  CHECK_EQ(t.distinct, t.moved);
}

// A reduction outside the output's loops: the sums leave and come back.
CHECK_TEST(split_reduction_by_hand) {
  gln_contract c = conv(8, 16, 4, 1, 1, 0);
  gln_nest n = nest_of("C4 P2 K8 C4 P2 Q4", 2);
  gln_traffic t = gln_nest_traffic(&c, &n, GLN_CONV_OUTPUT);
  CHECK_EQ(t.visits, 8);
  CHECK_EQ(t.tiles, 2);
  CHECK_EQ(t.distinct, 8 * 4 * 4);
  CHECK_EQ(t.moved, 4 * 8 * 4 * 4);
  n = nest_of("P2 C4 K8 C4 P2 Q4", 2); // the reduction inside: in place
  t = gln_nest_traffic(&c, &n, GLN_CONV_OUTPUT);
  CHECK_EQ(t.moved, t.distinct);
}

//===-- What is refused ---------------------------------------------------===//

CHECK_TEST(bad_nests) {
  gln_contract c = conv(4, 4, 4, 1, 1, 0);
  static const struct {
    const char *loops;
    size_t num_outer;
    const char *text;
  } table[] = {
      {"K4 C4 P4", 1, "the loops over dim 4 cover 1 of 4"},
      {"K4 C4 P4 Q5", 1, "loop 3 has 5 trips over dim 4 of extent 4"},
      {"K4 C4 P4 Q0", 1, "loop 3 has 0 trips over dim 4 of extent 4"},
      {"K4 C4 P4 Q4 Q2", 1,
       "the loops over dim 4 cover 8 of 4: the outermost of 4 trips has empty "
       "ones"},
      {"K4 C4 P4 Q4", 5,
       "a nest of 4 loops, 5 of them in the grid (at most 32)"},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    eg_error error = {0};
    gln_nest n = nest_of(table[i].loops, table[i].num_outer);
    CHECK_EQ(gln_nest_check(&c, &n, &error), EG_INVALID);
    CHECK_STR(error.text, table[i].text);
  }
  eg_error error = {0};
  gln_nest n = nest_of("K4 C4 P4 Q4", 1);
  n.staging[2].depth = 2;
  CHECK_EQ(gln_nest_check(&c, &n, &error), EG_INVALID);
  CHECK_STR(error.text, "operand 2 is staged at loop 2 of a grid of 1");
  n.staging[2] = (gln_nest_staging){0, 3, false, false};
  CHECK_EQ(gln_nest_check(&c, &n, &error), EG_INVALID);
  CHECK_STR(error.text, "operand 2 has 3 buffers");
  n.staging[2].buffers = 1;
  n.loops[0].dim = 9;
  CHECK_EQ(gln_nest_check(&c, &n, &error), EG_INVALID);
  CHECK_STR(error.text, "loop 0 is over dim 9 of 7");
  n.loops[0] = (gln_nest_loop){1, GLN_NEST_ON_COLS, 4};
  CHECK_EQ(gln_nest_check(&c, &n, &error), EG_INVALID);
  CHECK_STR(error.text, "loop 0 is of kind 2, in the grid");
}

CHECK_TEST(bad_contracts) {
  eg_error error = {0};
  gln_contract c = conv(4, 4, 4, 1, 1, 0), bad = c;
  bad.extents[2] = 0;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text, "dim 2 has extent 0");
  bad = c;
  bad.operands[2].is_output = false;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text, "a contract of 0 outputs, not 1");
  bad = c;
  bad.operands[0].axes[1].dims[1] = GLN_CONV_P;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text, "axis 1 of operand 0 names dim 3 twice");
  bad = c;
  bad.operands[0].axes[1].strides[0] = 0;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text, "axis 1 of operand 0 has stride 0 for dim 3");
  bad = c;
  bad.operands[2].memory = GLN_MEMORY_ABUF;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text,
            "operand 2 is an output but is staged in ABUF, not ACC");
  bad = c;
  bad.num_dims = 8;
  bad.extents[7] = 3;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text, "no operand names dim 7");
  bad = c;
  bad.extents[0] = bad.extents[1] = bad.extents[2] = 1 << 20;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text, "1.84467e+19 multiply-accumulates are more than 2^53");
  bad = c;
  bad.num_operands = 1;
  CHECK_EQ(gln_contract_check(&bad, &error), EG_INVALID);
  CHECK_STR(error.text, "a contract of 1 operands, not 2 to 4");
  gln_conv none = {1, 4, 4, 4, 4, 1, 1, 0, 1, 1, 1, 0, 0};
  CHECK_EQ(gln_conv_contract(&none, &i8, 1, &bad, &error), EG_INVALID);
  CHECK_STR(error.text, "a convolution of strides 0, 1 and dilations 1, 1");
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

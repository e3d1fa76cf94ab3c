// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which tile sizes to try.
//
// Cutting an extent E into n parts, the smallest tile that does it is ⌈E / n⌉;
// a larger one with the same n only needs more memory. So the sizes worth having
// are {⌈E / n⌉}: about 2 √E of them, and in multiples of the array's side where
// a dim has rows or columns to itself. Extents of thousands take the array's
// side times 1, 2, 3, 4, 6, 8, … up to GLNI_MAX_TILE instead, so that the number
// of candidates stops growing; the sizes between that fill a memory exactly are
// computed where the other dims of its tile are known.
//
// The last tile is stored when all else is done, and a larger tile leaves a smaller
// one for it: so a complete search takes every size.
#include "rules/blocking_internal.h"

#include <string.h>

enum {
  EXACT = 1024, // extents up to this, in units, have all their ⌈E / n⌉
  WINDOW = 16,  // offsets of a window up to this stay together
  TIGHT = 16,   // sides of the array up to which a dim is refined
};

static int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

// Adds a size where it belongs; the list falls and has each size once.
static void push(glni_sizes *s, size_t dim, int64_t size) {
  int32_t *list = s->of[dim];
  size_t num = s->num[dim], at = num;
  while (at > 0 && list[at - 1] < size)
    --at;
  if ((at > 0 && list[at - 1] == size) || num == GLNI_MAX_SIZES)
    return;
  memmove(list + at + 1, list + at, (num - at) * sizeof *list);
  list[at] = (int32_t)size;
  s->num[dim] = (uint8_t)(num + 1);
}

static void list_exact(glni_sizes *s, size_t dim, int64_t extent,
                       int64_t unit) {
  int64_t units = ceil_div(extent, unit);
  for (int64_t n = 1; n <= units;) {
    int64_t size = ceil_div(units, n);
    push(s, dim, size * unit < extent ? size * unit : extent);
    n = size > 1 ? ceil_div(units, size - 1) : units + 1;
  }
}

// Falling: the extent or GLNI_MAX_TILE, then 2^i and 3 2^i units.
static void list_coarse(glni_sizes *s, size_t dim, int64_t extent,
                        int64_t unit) {
  int64_t most = extent < GLNI_MAX_TILE ? extent : GLNI_MAX_TILE / unit * unit;
  s->coarse[dim] = true;
  push(s, dim, most);
  int64_t power = unit;
  while (2 * power <= most)
    power *= 2;
  for (; power >= unit; power /= 2) {
    if (power + power / 2 < most && power / 2 >= unit)
      push(s, dim, power + power / 2);
    push(s, dim, power);
  }
}

// The side of the array that |dim| lies on; 1 = none, or a shorter dim.
static int64_t side_of(const gln_cost_model *m, size_t dim) {
  gln_nest_role role = (gln_nest_role)m->roles[dim];
  double side = role == GLN_NEST_ROWS ? m->fold_rows : m->fold_cols;
  if ((role != GLN_NEST_ROWS && role != GLN_NEST_COLS) ||
      (double)m->contract.extents[dim] < side)
    return 1;
  return side > GLNI_MAX_TILE ? GLNI_MAX_TILE : (int64_t)side;
}

// Sizes are multiples of it. Dims of a window share their side with others.
static int64_t unit_of(const gln_cost_model *m, size_t dim) {
  return glni_is_windowed(&m->contract, dim) ? 1 : side_of(m, dim);
}

static bool is_reduced(const gln_cost_model *m, size_t dim) {
  return !(glni_memories_of(&m->contract, dim) >> GLN_MEMORY_ACC & 1);
}

// The offsets of a window (r and s) stay whole: an offset's own tile would save
// bytes of weights that channels save as well.
static bool is_offset(const gln_cost_model *m, size_t dim) {
  return is_reduced(m, dim) && m->contract.extents[dim] <= WINDOW &&
         glni_is_windowed(&m->contract, dim);
}

// Of an instruction that does not add to what its result held.
static bool is_whole(const gln_strategy *strategy, size_t dim) {
  return strategy->reduces_whole && is_reduced(&strategy->model, dim);
}

static void make_list(const gln_strategy *strategy, size_t dim, glni_sizes *s) {
  const gln_cost_model *m = &strategy->model;
  int64_t extent = m->contract.extents[dim];
  int64_t unit = strategy->is_tile ? 1 : unit_of(m, dim);
  s->unit[dim] = (int32_t)unit;
  if (is_offset(m, dim) || is_whole(strategy, dim))
    push(s, dim, extent);
  else if (extent <= EXACT)
    list_exact(s, dim, extent, unit);
  else
    list_coarse(s, dim, extent, unit);
}

// Where even the smallest tile takes an eighth of a memory, tiles below the sides
// of the array and parts of windows are worth a try after all.
static void refine_tight(const gln_strategy *strategy, const double *capacity,
                         glni_sizes *s) {
  const gln_cost_model *m = &strategy->model;
  int64_t tile[GLN_NEST_MAX_DIMS];
  gln_cost least;
  bool tight = false;
  for (size_t d = 0; d < m->contract.num_dims; ++d)
    tile[d] = s->of[d][s->num[d] - 1];
  gln_cost_model_bound(m, tile, &least);
  for (size_t k = 0; k < GLN_NUM_MEMORIES; ++k)
    tight |= 8 * least.held_bytes[k] > capacity[k];
  for (size_t d = 0; d < m->contract.num_dims && tight; ++d) {
    int64_t extent = m->contract.extents[d];
    if (is_whole(strategy, d))
      continue;
    push(s, d, 1);
    if (!is_offset(m, d) && extent > s->unit[d] * TIGHT)
      continue;
    list_exact(s, d, extent, 1);
    list_exact(s, d, extent, side_of(m, d));
  }
}

// Halves the longest list until there are at most |most| tiles.
static void thin_lists(glni_sizes *s, size_t num_dims, double most) {
  for (;;) {
    double tiles = 1;
    size_t longest = 0;
    for (size_t d = 0; d < num_dims; ++d) {
      tiles *= s->num[d];
      if (s->num[d] > s->num[longest])
        longest = d;
    }
    size_t num = num_dims ? s->num[longest] : 0;
    if (tiles <= most || num <= 2)
      return;
    size_t kept = 0;
    for (size_t i = 0; i < num; ++i) // the ends stay
      if (i % 2 == 0 || i + 1 == num)
        s->of[longest][kept++] = s->of[longest][i];
    if (num == 3) { // its middle goes
      s->of[longest][1] = s->of[longest][2];
      kept = 2;
    }
    s->num[longest] = (uint8_t)kept;
    s->coarse[longest] = true;
  }
}

// Reduced dims first, then what the stationary operand still has, then the rest:
// the last one can fill what its memory has left.
static int rank_of(uint32_t memories) {
  if (!(memories >> GLN_MEMORY_ACC & 1))
    return 0;
  if (memories >> GLN_MEMORY_WBUF & 1)
    return memories >> GLN_MEMORY_ABUF & 1 ? 1 : 2;
  return 3;
}

// Extents that the instruction takes exactly or not at all.
static void add_fixed(const gln_strategy *strategy, glni_sizes *s) {
  const gln_instr *instr = strategy->function;
  const gln_contract *c = &strategy->model.contract;
  for (size_t i = 0; strategy->is_tile && i < instr->num_dims; ++i)
    for (size_t d = 0; d < c->num_dims; ++d)
      if (instr->dims[i].fixed && c->extents[d] % instr->dims[i].fixed == 0)
        push(s, d, instr->dims[i].fixed);
}

static void set_order(const gln_contract *c, glni_sizes *out) {
  size_t num = 0;
  for (int rank = 0; rank < 4; ++rank)
    for (size_t d = 0; d < c->num_dims; ++d)
      if (rank_of(glni_memories_of(c, d)) == rank)
        out->order[num++] = (uint8_t)d;
  uint32_t seen = 0;
  while (num-- > 0) {
    size_t d = out->order[num];
    uint32_t in = glni_memories_of(c, d);
    out->fills[d] = (uint8_t)(in & ~seen);
    seen |= in;
  }
}

void glni_sizes_make(const gln_strategy *strategy, double max_tiles,
                     const double *capacity, glni_sizes *out) {
  const gln_contract *c = &strategy->model.contract;
  memset(out, 0, sizeof *out);
  for (size_t d = 0; d < c->num_dims; ++d)
    make_list(strategy, d, out);
  refine_tight(strategy, capacity, out);
  thin_lists(out, c->num_dims, max_tiles);
  add_fixed(strategy, out);
  set_order(c, out);
}

bool glni_sizes_make_every(const gln_strategy *strategy, glni_sizes *out) {
  const gln_contract *c = &strategy->model.contract;
  memset(out, 0, sizeof *out);
  for (size_t d = 0; d < c->num_dims; ++d) {
    int64_t least = is_whole(strategy, d) ? c->extents[d] : 1;
    out->unit[d] = 1;
    if (c->extents[d] - least >= GLNI_MAX_SIZES)
      return false;
    for (int64_t size = c->extents[d]; size >= least; --size)
      push(out, d, size);
  }
  set_order(c, out);
  return true;
}

// What is held grows by the same with each step of one dim: two sizes tell all.
static size_t fill(const glni_sizes *s, const gln_cost_model *m,
                   const double *capacity, int64_t *tile, size_t dim,
                   int32_t *out) {
  gln_cost one, two;
  int64_t extent = m->contract.extents[dim], unit = s->unit[dim];
  size_t num = 0;
  tile[dim] = 1;
  gln_cost_model_bound(m, tile, &one);
  tile[dim] = 2;
  gln_cost_model_bound(m, tile, &two);
  for (int k = 0; k < GLN_NUM_MEMORIES; ++k) {
    double step = two.held_bytes[k] - one.held_bytes[k];
    if (!(s->fills[dim] >> k & 1) || step <= 0)
      continue;
    for (int buffers = 1; buffers <= 2; ++buffers) {
      double most = 1 + (capacity[k] / buffers - one.held_bytes[k]) / step;
      double limit = extent < GLNI_MAX_TILE ? (double)extent : GLNI_MAX_TILE;
      int64_t size = most < limit ? (int64_t)(most > 0 ? most : 0) : 0;
      size = size / unit * unit;
      if (size < 1)
        continue; // all of it fits, or nothing
      if (extent <= EXACT) {
        int64_t parts = ceil_div(extent, size);
        size = ceil_div(ceil_div(extent, parts), unit) * unit;
      }
      out[num++] = (int32_t)size;
    }
  }
  return num;
}

size_t glni_sizes_at(const glni_sizes *sizes, const gln_cost_model *model,
                     const double *capacity, int64_t *tile, size_t dim,
                     int32_t out[GLNI_MAX_SIZES]) {
  int32_t more[2 * GLN_NUM_MEMORIES];
  size_t num = sizes->num[dim], num_more = 0;
  memcpy(out, sizes->of[dim], num * sizeof *out);
  if (sizes->coarse[dim] && sizes->fills[dim])
    num_more = fill(sizes, model, capacity, tile, dim, more);
  for (size_t i = 0; i < num_more; ++i) {
    size_t at = 0;
    while (at < num && out[at] > more[i])
      ++at;
    if ((at < num && out[at] == more[i]) || num == GLNI_MAX_SIZES)
      continue;
    memmove(out + at + 1, out + at, (num - at) * sizeof *out);
    out[at] = more[i];
    ++num;
  }
  return num;
}

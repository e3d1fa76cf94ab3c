// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contracts, nests, and the elements that a nest moves.
//
// Counting is exact for tails: with tiles of size t_i that partition the extent
// E of a dim into n parts, the sum over all tiles of the span of an axis
// 1 + sum_d |s_d| (t_d - 1) is
//
//   prod_d n_d + sum_d |s_d| (E_d - n_d) prod_{e != d} n_e
//
// because spans are linear in the sizes; axes of an operand share no dim, so
// the sum of the tiles is the product of these sums.
#include "target/nest_internal.h"

#include <string.h>

const char *gln_memory_name(gln_memory memory) {
  static const char *const names[] = {"ABUF", "WBUF", "ACC"};
  return (unsigned)memory < GLN_NUM_MEMORIES ? names[memory] : "?";
}

//===-- Contracts ---------------------------------------------------------===//

static eg_status check_axis(const gln_contract *contract, size_t operand,
                            size_t axis, eg_error *error) {
  const gln_nest_axis *a = &contract->operands[operand].axes[axis];
  if (a->num_terms > GLN_NEST_MAX_TERMS)
    return gln_fail(error, EG_INVALID,
                    "axis %zu of operand %zu has %d terms, at most %d", axis,
                    operand, a->num_terms, GLN_NEST_MAX_TERMS);
  if (a->extent < 0)
    return gln_fail(error, EG_INVALID,
                    "axis %zu of operand %zu has extent %lld", axis, operand,
                    (long long)a->extent);
  for (size_t i = 0; i < a->num_terms; ++i) {
    if (a->dims[i] >= contract->num_dims)
      return gln_fail(error, EG_INVALID,
                      "axis %zu of operand %zu names dim %d of %d", axis,
                      operand, a->dims[i], contract->num_dims);
    if (a->strides[i] == 0 || a->strides[i] > INT32_MAX ||
        a->strides[i] < -INT32_MAX)
      return gln_fail(error, EG_INVALID,
                      "axis %zu of operand %zu has stride %lld for dim %d",
                      axis, operand, (long long)a->strides[i], a->dims[i]);
    for (size_t j = 0; j < i; ++j)
      if (a->dims[j] == a->dims[i])
        return gln_fail(error, EG_INVALID,
                        "axis %zu of operand %zu names dim %d twice", axis,
                        operand, a->dims[i]);
  }
  return EG_OK;
}

static eg_status check_operand(const gln_contract *contract, size_t index,
                               eg_error *error) {
  const gln_nest_operand *o = &contract->operands[index];
  if ((unsigned)o->memory >= GLN_NUM_MEMORIES)
    return gln_fail(error, EG_INVALID, "operand %zu is in memory %d", index,
                    (int)o->memory);
  if (o->bytes == 0 || o->partial_bytes == 0)
    return gln_fail(error, EG_INVALID,
                    "operand %zu has elements of %d bytes (%d on chip)", index,
                    o->bytes, o->partial_bytes);
  if (o->is_output && o->memory != GLN_MEMORY_ACC)
    return gln_fail(error, EG_INVALID,
                    "operand %zu is an output but is staged in %s, not ACC",
                    index, gln_memory_name(o->memory));
  if (o->num_axes > GLN_NEST_MAX_AXES)
    return gln_fail(error, EG_INVALID, "operand %zu has %d axes, at most %d",
                    index, o->num_axes, GLN_NEST_MAX_AXES);
  for (size_t i = 0; i < o->num_axes; ++i) {
    eg_status status = check_axis(contract, index, i, error);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

uint32_t glni_operand_dims(const gln_nest_operand *operand) {
  uint32_t mask = 0;
  for (size_t i = 0; i < operand->num_axes; ++i)
    for (size_t j = 0; j < operand->axes[i].num_terms; ++j)
      mask |= UINT32_C(1) << operand->axes[i].dims[j];
  return mask;
}

double gln_contract_macs(const gln_contract *contract) {
  double macs = 1;
  for (size_t i = 0; i < contract->num_dims; ++i)
    macs *= (double)contract->extents[i];
  return macs;
}

eg_status gln_contract_check(const gln_contract *contract, eg_error *error) {
  if (contract->num_dims > GLN_NEST_MAX_DIMS)
    return gln_fail(error, EG_INVALID, "a contract of %d dims, at most %d",
                    contract->num_dims, GLN_NEST_MAX_DIMS);
  if (contract->num_operands < 2 ||
      contract->num_operands > GLN_NEST_MAX_OPERANDS)
    return gln_fail(error, EG_INVALID, "a contract of %d operands, not 2 to %d",
                    contract->num_operands, GLN_NEST_MAX_OPERANDS);
  for (size_t i = 0; i < contract->num_dims; ++i)
    if (contract->extents[i] < 1)
      return gln_fail(error, EG_INVALID, "dim %zu has extent %lld", i,
                      (long long)contract->extents[i]);
  if (gln_contract_macs(contract) > 9007199254740992.0)
    return gln_fail(error, EG_INVALID,
                    "%g multiply-accumulates are more than 2^53",
                    gln_contract_macs(contract));
  uint32_t named = 0;
  size_t num_outputs = 0;
  for (size_t i = 0; i < contract->num_operands; ++i) {
    eg_status status = check_operand(contract, i, error);
    if (status != EG_OK)
      return status;
    named |= glni_operand_dims(&contract->operands[i]);
    num_outputs += contract->operands[i].is_output;
  }
  if (num_outputs != 1)
    return gln_fail(error, EG_INVALID, "a contract of %zu outputs, not 1",
                    num_outputs);
  for (size_t i = 0; i < contract->num_dims; ++i)
    if (!(named >> i & 1))
      return gln_fail(error, EG_INVALID, "no operand names dim %zu", i);
  return EG_OK;
}

//===-- Nests -------------------------------------------------------------===//

void glni_nest_tile(const gln_contract *contract, const gln_nest *nest,
                    size_t depth, double *out_tile) {
  for (size_t d = 0; d < contract->num_dims; ++d)
    out_tile[d] = 1;
  for (size_t i = depth; i < nest->num_loops; ++i)
    out_tile[nest->loops[i].dim] *= (double)nest->loops[i].trips;
  for (size_t d = 0; d < contract->num_dims; ++d)
    if (out_tile[d] > (double)contract->extents[d])
      out_tile[d] = (double)contract->extents[d];
}

static eg_status check_loop(const gln_contract *contract, const gln_nest *nest,
                            size_t index, eg_error *error) {
  const gln_nest_loop *l = &nest->loops[index];
  if (l->dim >= contract->num_dims)
    return gln_fail(error, EG_INVALID, "loop %zu is over dim %d of %d", index,
                    l->dim, contract->num_dims);
  if (l->trips < 1 || l->trips > contract->extents[l->dim])
    return gln_fail(error, EG_INVALID,
                    "loop %zu has %lld trips over dim %d of extent %lld", index,
                    (long long)l->trips, l->dim,
                    (long long)contract->extents[l->dim]);
  if (l->kind > GLN_NEST_ON_COLS || (index < nest->num_outer && l->kind))
    return gln_fail(error, EG_INVALID, "loop %zu is of kind %d%s", index,
                    l->kind, index < nest->num_outer ? ", in the grid" : "");
  return EG_OK;
}

// The loops of each dim multiply to at least its extent, and its outermost one
// would miss some with a trip less.
static eg_status check_cover(const gln_contract *contract, const gln_nest *nest,
                             size_t dim, eg_error *error) {
  double covered = 1, outermost = 1;
  for (size_t i = nest->num_loops; i-- > 0;)
    if (nest->loops[i].dim == dim) {
      outermost = (double)nest->loops[i].trips;
      covered *= outermost;
    }
  double extent = (double)contract->extents[dim];
  if (covered < extent)
    return gln_fail(error, EG_INVALID,
                    "the loops over dim %zu cover %.0f of %.0f", dim, covered,
                    extent);
  if (covered / outermost * (outermost - 1) >= extent)
    return gln_fail(error, EG_INVALID,
                    "the loops over dim %zu cover %.0f of %.0f: the outermost "
                    "of %.0f trips has empty ones",
                    dim, covered, extent, outermost);
  return EG_OK;
}

eg_status gln_nest_check(const gln_contract *contract, const gln_nest *nest,
                         eg_error *error) {
  if (nest->num_loops > GLN_NEST_MAX_LOOPS || nest->num_outer > nest->num_loops)
    return gln_fail(error, EG_INVALID,
                    "a nest of %d loops, %d of them in the grid (at most %d)",
                    nest->num_loops, nest->num_outer, GLN_NEST_MAX_LOOPS);
  for (size_t i = 0; i < nest->num_loops; ++i) {
    eg_status status = check_loop(contract, nest, i, error);
    if (status != EG_OK)
      return status;
  }
  for (size_t d = 0; d < contract->num_dims; ++d) {
    eg_status status = check_cover(contract, nest, d, error);
    if (status != EG_OK)
      return status;
  }
  for (size_t i = 0; i < contract->num_operands; ++i) {
    const gln_nest_staging *s = &nest->staging[i];
    if (s->depth > nest->num_outer)
      return gln_fail(error, EG_INVALID,
                      "operand %zu is staged at loop %d of a grid of %d", i,
                      s->depth, nest->num_outer);
    if (s->buffers < 1 || s->buffers > 2)
      return gln_fail(error, EG_INVALID, "operand %zu has %d buffers", i,
                      s->buffers);
  }
  return EG_OK;
}

//===-- Footprints --------------------------------------------------------===//

static double stride_of(const gln_nest_axis *axis, size_t term) {
  int64_t stride = axis->strides[term];
  return (double)(stride < 0 ? -stride : stride);
}

// Whether different values of the dims give different indices, so that their
// number is the product of the sizes: each stride is at least the span of the
// terms with smaller strides.
static bool is_disjoint(const gln_nest_axis *axis, const double *tile) {
  for (size_t i = 0; i < axis->num_terms; ++i) {
    double span = 1, own = stride_of(axis, i);
    for (size_t j = 0; j < axis->num_terms; ++j)
      if (j != i &&
          (stride_of(axis, j) < own || (stride_of(axis, j) == own && j < i)))
        span += stride_of(axis, j) * (tile[axis->dims[j]] - 1);
    if (own < span && tile[axis->dims[i]] > 1)
      return false;
  }
  return true;
}

// Elements of one axis in a tile: the box, or what is used of it.
static double axis_size(const gln_nest_axis *axis, const double *tile,
                        bool gather) {
  double span = 1, product = 1;
  for (size_t i = 0; i < axis->num_terms; ++i) {
    span += stride_of(axis, i) * (tile[axis->dims[i]] - 1);
    product *= tile[axis->dims[i]];
  }
  if (gather && product < span && is_disjoint(axis, tile))
    return product;
  return axis->extent > 0 && span > (double)axis->extent ? (double)axis->extent
                                                         : span;
}

// Sum of axis_size over the tiles of the whole contract; |count| tiles per dim.
static double axis_sum(const gln_contract *contract, const gln_nest_axis *axis,
                       const double *tile, const double *count, bool gather) {
  double tiles = 1, product = 1, full = 1;
  size_t tiled = 0;
  for (size_t i = 0; i < axis->num_terms; ++i) {
    double extent = (double)contract->extents[axis->dims[i]];
    tiles *= count[axis->dims[i]];
    tiled += count[axis->dims[i]] > 1;
    product *= extent;
    full += stride_of(axis, i) * (extent - 1);
  }
  double sum = tiles;
  for (size_t i = 0; i < axis->num_terms; ++i) {
    double n = count[axis->dims[i]];
    double extent = (double)contract->extents[axis->dims[i]];
    sum += stride_of(axis, i) * (extent - n) * (tiles / n);
  }
  if (gather && product < sum && is_disjoint(axis, tile))
    return product;
  if (axis->extent == 0 || full <= (double)axis->extent)
    return sum;
  // Padding lies in the first and the last tile of a dim.
  double size = axis_size(axis, tile, gather) * tiles;
  if (tiled <= 1)
    sum -= full - (double)axis->extent;
  return sum < 1 ? 1 : sum < size ? sum : size;
}

double glni_operand_size(const gln_nest_operand *operand, const double *tile,
                         bool gather) {
  double size = 1;
  for (size_t i = 0; i < operand->num_axes; ++i)
    size *= axis_size(&operand->axes[i], tile, gather);
  return size;
}

// A dim in two axes (a diagonal) couples them: the bound by the largest tile.
static bool is_separable(const gln_nest_operand *operand) {
  uint32_t seen = 0;
  for (size_t i = 0; i < operand->num_axes; ++i)
    for (size_t j = 0; j < operand->axes[i].num_terms; ++j) {
      uint32_t bit = UINT32_C(1) << operand->axes[i].dims[j];
      if (seen & bit)
        return false;
      seen |= bit;
    }
  return true;
}

static double operand_sum(const gln_contract *contract,
                          const gln_nest_operand *operand, const double *tile,
                          const double *count, double tiles, bool gather) {
  if (!is_separable(operand))
    return tiles * glni_operand_size(operand, tile, gather);
  double sum = 1;
  for (size_t i = 0; i < operand->num_axes; ++i)
    sum *= axis_sum(contract, &operand->axes[i], tile, count, gather);
  return sum;
}

// The mean over the tiles of a row: a ragged row of 6 + 2 has two runs, as one
// of 4 + 4 has.
static double run_length(const gln_contract *contract,
                         const gln_nest_operand *operand, const double *tile,
                         const double *count, bool gather) {
  if (operand->num_axes == 0)
    return 1;
  const gln_nest_axis *last = &operand->axes[operand->num_axes - 1];
  double size = axis_size(last, tile, gather), unit = 1, tiles = 1;
  if (!gather || size == axis_size(last, tile, false)) {
    for (size_t i = 0; i < last->num_terms; ++i)
      tiles *= count[last->dims[i]];
    return axis_sum(contract, last, tile, count, gather) / tiles;
  }
  for (size_t i = 0; i < last->num_terms; ++i)
    if (stride_of(last, i) == 1)
      unit = (double)contract->extents[last->dims[i]] / count[last->dims[i]];
  return unit;
}

//===-- Traffic -----------------------------------------------------------===//

// The innermost grid loop outside |depth| that moves the tile, or -1.
static int innermost(const gln_nest *nest, size_t depth, uint32_t mask) {
  for (size_t i = depth; i-- > 0;)
    if (nest->loops[i].trips > 1 && (mask >> nest->loops[i].dim & 1))
      return (int)i;
  return -1;
}

gln_traffic glni_traffic(const gln_contract *contract, const gln_nest *nest,
                         size_t index, uint32_t mask, bool keep) {
  const gln_nest_operand *operand = &contract->operands[index];
  const gln_nest_staging *staging = &nest->staging[index];
  double tile[GLN_NEST_MAX_DIMS], count[GLN_NEST_MAX_DIMS];
  glni_nest_tile(contract, nest, staging->depth, tile);
  for (size_t d = 0; d < contract->num_dims; ++d)
    count[d] = 1;

  gln_traffic t = {.visits = 1, .tiles = 1};
  int last = innermost(nest, staging->depth, mask);
  for (int i = 0; i <= last; ++i) {
    double trips = (double)nest->loops[i].trips;
    t.visits *= trips;
    if (mask >> nest->loops[i].dim & 1) {
      t.tiles *= trips;
      count[nest->loops[i].dim] *= trips;
    }
  }
  t.tile = glni_operand_size(operand, tile, staging->gather);
  t.run = run_length(contract, operand, tile, count, staging->gather);
  t.distinct =
      operand_sum(contract, operand, tile, count, t.tiles, staging->gather);
  t.held = staging->buffers * t.tile;
  double swept = t.distinct;
  if (keep && last >= 0) {
    // One sweep of the loop moves each row of its halo once; the ring holds
    // this tile and the rows that the next one adds.
    uint8_t dim = nest->loops[last].dim;
    double once = tile[dim], trips = (double)nest->loops[last].trips;
    double extent = (double)contract->extents[dim];
    tile[dim] = once * trips < extent ? once * trips : extent;
    count[dim] /= trips;
    double kept = operand_sum(contract, operand, tile, count, t.tiles / trips,
                              staging->gather);
    swept = kept < swept ? kept : swept;
    if (staging->buffers == 2) {
      tile[dim] = 2 * once < extent ? 2 * once : extent;
      double ring = glni_operand_size(operand, tile, staging->gather);
      t.held = ring < t.held ? ring : t.held;
    }
  }
  t.moved = swept * (t.visits / t.tiles);
  return t;
}

gln_traffic gln_nest_traffic(const gln_contract *contract, const gln_nest *nest,
                             size_t index) {
  return glni_traffic(contract, nest, index,
                      glni_operand_dims(&contract->operands[index]),
                      nest->staging[index].keep_halo);
}

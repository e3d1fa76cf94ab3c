// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Grid orders and places of staging that differ in cost.
//
// Every loop of a product moves all operands but at most one: rows leave the
// weights in place, columns the input, reduced dims the sums. These are three
// groups; batch dims move everything and go outermost. An operand's tile stays
// while the loops inside its innermost mover run, so inside a group any order
// costs the same and groups need not be interleaved: 3! orders.
//
// An operand whose group is not innermost may be staged outside that group, with
// all that the loops further in ask of it: more bytes held, no repeats.
//
// A ring keeps the halo along the innermost loop that moves the tile. Where two
// dims slide a window (p and q), either may be that loop: a variant each. The
// offsets of a window (r and s) have none: they are a few, and rarely gridded.
//
// First and last loads do depend on more than that: where it is affordable, all
// orders are tried, and staging at every loop (|complete|).
#include "rules/blocking_internal.h"

#include <math.h>
#include <string.h>

//===-- Dims --------------------------------------------------------------===//

static uint8_t group_of(uint32_t in) {
  switch (in) {
  case 1 << GLN_MEMORY_WBUF | 1 << GLN_MEMORY_ACC:
    return GLN_MEMORY_ABUF;
  case 1 << GLN_MEMORY_ABUF | 1 << GLN_MEMORY_ACC:
    return GLN_MEMORY_WBUF;
  case 1 << GLN_MEMORY_ABUF | 1 << GLN_MEMORY_WBUF:
    return GLN_MEMORY_ACC;
  default: // all three, or one alone: no reuse to be had by going further in
    return GLNI_BATCH;
  }
}

static bool has_gaps(const gln_nest_operand *o) {
  for (size_t a = 0; a < o->num_axes; ++a)
    for (size_t t = 0; t < o->axes[a].num_terms; ++t)
      if (o->axes[a].strides[t] > 1 || o->axes[a].strides[t] < -1)
        return !o->is_output;
  return false;
}

void glni_dims_make(const gln_contract *contract, glni_dims *out) {
  memset(out, 0, sizeof *out);
  out->num = contract->num_dims;
  for (size_t i = 0; i < contract->num_operands; ++i) {
    const gln_nest_operand *o = &contract->operands[i];
    out->operand[o->memory] = (uint8_t)i;
    out->gather[o->memory] = has_gaps(o);
  }
  for (size_t d = 0; d < contract->num_dims; ++d) {
    out->in[d] = (uint8_t)glni_memories_of(contract, d);
    out->group[d] = group_of(out->in[d]);
    out->windowed[d] = glni_is_windowed(contract, d);
  }
}

//===-- Places ------------------------------------------------------------===//

// The innermost loop outside |depth| that moves the operand in |memory|; -1.
static int mover(const glni_dims *dims, const glni_order *order, size_t depth,
                 gln_memory memory) {
  for (size_t i = depth; i-- > 0;)
    if (dims->in[order->dims[i]] >> memory & 1)
      return order->dims[i];
  return -1;
}

static size_t depths(const glni_dims *dims, const glni_order *order,
                     gln_memory memory, uint8_t out[GLNI_MAX_COMPLETE + 1]) {
  size_t num = 0;
  if (dims->complete && order->num_dims <= GLNI_MAX_COMPLETE) {
    for (int depth = order->num_dims; depth >= 0; --depth)
      out[num++] = (uint8_t)depth;
    return num;
  }
  out[num++] = order->num_dims;
  if (order->start[memory] < order->num_dims && order->last_group != memory)
    out[num++] = order->start[memory];
  return num;
}

size_t glni_places(const glni_dims *dims, const glni_order *order,
                   gln_memory memory, glni_place out[GLNI_MAX_PLACES]) {
  uint8_t at[GLNI_MAX_COMPLETE + 1];
  size_t num = 0, num_depths = depths(dims, order, memory, at);
  for (size_t i = 0; i < num_depths; ++i) {
    int dim = mover(dims, order, at[i], memory);
    bool ring = memory != GLN_MEMORY_ACC && dim >= 0 && dims->windowed[dim];
    for (int keep = 0; keep <= ring; ++keep)
      for (int gather = 0; gather <= dims->gather[memory]; ++gather)
        out[num++] = (glni_place){at[i], keep, gather};
  }
  return num;
}

//===-- Orders ------------------------------------------------------------===//

// The loops of |group|, with the window's dims last and |ring| innermost.
static void put_group(const glni_dims *dims, const int64_t *trips,
                      uint8_t group, int ring, glni_order *o) {
  o->start[group] = o->num_dims;
  for (int windowed = 0; windowed <= 1; ++windowed)
    for (size_t d = 0; d < dims->num; ++d)
      if (dims->group[d] == group && trips[d] > 1 &&
          dims->windowed[d] == windowed && (int)d != ring)
        o->dims[o->num_dims++] = (uint8_t)d;
  if (ring >= 0 && dims->group[ring] == group)
    o->dims[o->num_dims++] = (uint8_t)ring;
}

static void build(const glni_dims *dims, const int64_t *trips,
                  const uint8_t *groups, int ring, glni_order *o) {
  o->num_dims = 0;
  o->last_group = GLNI_BATCH;
  put_group(dims, trips, GLNI_BATCH, ring, o);
  for (size_t i = 0; i < GLN_NUM_MEMORIES; ++i) {
    uint8_t before = o->num_dims;
    put_group(dims, trips, groups[i], ring, o);
    if (o->num_dims > before)
      o->last_group = groups[i];
    else
      o->start[groups[i]] = UINT8_MAX;
  }
}

// Whether an input's ring would run along |dim| in some place.
static bool is_ring(const glni_dims *dims, const glni_order *order, int dim) {
  for (int m = GLN_MEMORY_ABUF; m <= GLN_MEMORY_WBUF; ++m) {
    uint8_t at[GLNI_MAX_COMPLETE + 1];
    size_t num = depths(dims, order, (gln_memory)m, at);
    for (size_t i = 0; i < num; ++i)
      if (mover(dims, order, at[i], (gln_memory)m) == dim)
        return true;
  }
  return false;
}

// Empty groups go last, in order: a permutation of the others is met once.
static bool is_canonical(const bool *used, const uint8_t *groups) {
  for (size_t i = 0; i + 1 < GLN_NUM_MEMORIES; ++i)
    if (!used[groups[i]] && (used[groups[i + 1]] || groups[i] > groups[i + 1]))
      return false;
  return true;
}

double glni_count_complete(const glni_dims *dims, const glni_sizes *sizes) {
  double nests = 1, gridded = 0;
  for (size_t d = 0; d < dims->num; ++d) {
    nests *= sizes->num[d];
    if (sizes->num[d] > 1)
      nests *= ++gridded; // an order of one dim more
  }
  double buffered = 2 * (gridded + 1); // depths
  return gridded > GLNI_MAX_COMPLETE ? INFINITY
                                     : nests * buffered * buffered * buffered;
}

// All orders, by putting each dim into each place of the orders before it.
static size_t all_orders(const glni_dims *dims, const int64_t *trips,
                         glni_order out[GLNI_MAX_ORDERS]) {
  size_t num = 1;
  memset(&out[0], 0, sizeof out[0]);
  for (size_t d = 0; d < dims->num; ++d) {
    size_t before = num;
    if (trips[d] <= 1)
      continue;
    for (size_t at = out[0].num_dims + 1; at-- > 0;)
      for (size_t i = 0; i < before; ++i) {
        // The last place overwrites the orders that it starts from.
        glni_order *o = at == 0 ? &out[i] : &out[num++];
        *o = out[i];
        memmove(o->dims + at + 1, o->dims + at, o->num_dims - at);
        o->dims[at] = (uint8_t)d;
        ++o->num_dims;
      }
  }
  return num;
}

size_t glni_orders(const glni_dims *dims, const int64_t *trips,
                   glni_order out[GLNI_MAX_ORDERS]) {
  size_t gridded = 0;
  for (size_t d = 0; d < dims->num; ++d)
    gridded += trips[d] > 1;
  if (dims->complete && gridded <= GLNI_MAX_COMPLETE)
    return all_orders(dims, trips, out);
  static const uint8_t permutations[6][GLN_NUM_MEMORIES] = {
      {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  bool used[GLNI_NUM_GROUPS] = {false};
  size_t num = 0;
  for (size_t d = 0; d < dims->num; ++d)
    used[dims->group[d]] |= trips[d] > 1;
  for (size_t i = 0; i < 6; ++i) {
    if (!is_canonical(used, permutations[i]))
      continue;
    size_t first = num;
    for (size_t d = 0; d < dims->num && num < GLNI_MAX_ORDERS; ++d) {
      if (!dims->windowed[d] || trips[d] <= 1 ||
          !(dims->in[d] >> GLN_MEMORY_ACC & 1))
        continue;
      build(dims, trips, permutations[i], (int)d, &out[num]);
      num += is_ring(dims, &out[num], (int)d);
    }
    if (num == first && num < GLNI_MAX_ORDERS)
      build(dims, trips, permutations[i], -1, &out[num++]);
  }
  return num;
}

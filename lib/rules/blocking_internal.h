// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the blocking enumerator share.
#ifndef GLN_RULES_BLOCKING_INTERNAL_H
#define GLN_RULES_BLOCKING_INTERNAL_H

#include "rules/blocking.h"

//===-- blocking.c --------------------------------------------------------===//

// A candidate with its nest, costed.
struct glni_point;
void glni_expand(const gln_cost_model *model, const struct glni_point *p,
                 gln_blocking *out);

//===-- strategy.c --------------------------------------------------------===//

// Bit m is set when an operand in memory m depends on |dim|.
uint32_t glni_memories_of(const gln_contract *contract, size_t dim);

// Whether |dim| shares an index of an input with another dim.
bool glni_is_windowed(const gln_contract *contract, size_t dim);

//===-- tiles.c -----------------------------------------------------------===//

enum {
  GLNI_MAX_TILE = 8192, // of one dim
  GLNI_MAX_SIZES = 72,
};

// Candidate tile sizes of each dim, falling.
typedef struct glni_sizes {
  uint8_t num[GLN_NEST_MAX_DIMS];
  bool coarse[GLN_NEST_MAX_DIMS]; // sizes were left out: fill memories as well
  int32_t unit[GLN_NEST_MAX_DIMS];
  int32_t of[GLN_NEST_MAX_DIMS][GLNI_MAX_SIZES];
  uint8_t order[GLN_NEST_MAX_DIMS]; // dims by when they are chosen
  // Memories whose last dim in |order| is this one: it can fill them.
  uint8_t fills[GLN_NEST_MAX_DIMS];
} glni_sizes;

// About |max_tiles| combinations, for memories of |capacity| bytes.
void glni_sizes_make(const gln_strategy *strategy, double max_tiles,
                     const double *capacity, glni_sizes *out);

// Every size of every dim; false: more than a list holds.
bool glni_sizes_make_every(const gln_strategy *strategy, glni_sizes *out);

// Sizes of |dim| when the dims before it in the order are as in |tile| (later
// ones count as 1): those of the list, and those that fill a memory of the given
// capacity with one or two buffers. Returns their number.
size_t glni_sizes_at(const glni_sizes *sizes, const gln_cost_model *model,
                     const double *capacity, int64_t *tile, size_t dim,
                     int32_t out[GLNI_MAX_SIZES]);

//===-- order.c -----------------------------------------------------------===//

enum {
  GLNI_BATCH = GLN_NUM_MEMORIES, // a group: leaves no operand in place
  GLNI_NUM_GROUPS,
  GLNI_MAX_COMPLETE = 5, // dims of a grid that is searched completely
  GLNI_MAX_ORDERS = 120, // 5!
};

// A grid: dims from the outermost loop to the innermost, in groups. The group m
// leaves the operand in memory m where it is.
typedef struct glni_order {
  uint8_t num_dims;
  uint8_t dims[GLN_NEST_MAX_DIMS];
  uint8_t start[GLNI_NUM_GROUPS]; // position of the group's first loop
  uint8_t last_group;             // the innermost one; GLNI_BATCH = none
} glni_order;

// What does not change with the tile.
typedef struct glni_dims {
  uint8_t num;
  uint8_t operand[GLN_NUM_MEMORIES]; // in that memory
  bool gather[GLN_NUM_MEMORIES];     // has gaps that a gather leaves out
  uint8_t in[GLN_NEST_MAX_DIMS];     // memories, a bit each
  uint8_t group[GLN_NEST_MAX_DIMS];
  bool windowed[GLN_NEST_MAX_DIMS];
  bool complete; // all orders, and places at all loops, though groups say enough
} glni_dims;

void glni_dims_make(const gln_contract *contract, glni_dims *out);

// How many nests a complete search of tiles of these sizes looks at; infinity when
// it has more dims than such a search takes.
double glni_count_complete(const glni_dims *dims, const glni_sizes *sizes);

// The orders of the dims with more than one trip that differ in cost, all of them if
// the search is complete. Returns their number, at least 1.
size_t glni_orders(const glni_dims *dims, const int64_t *trips,
                   glni_order out[GLNI_MAX_ORDERS]);

// Where an operand may be staged: depths, halo kept or not, gaps or not.
typedef struct glni_place {
  uint8_t depth;
  bool keep_halo, gather;
} glni_place;

enum { GLNI_MAX_PLACES = 4 * (GLNI_MAX_COMPLETE + 1) };

size_t glni_places(const glni_dims *dims, const glni_order *order,
                   gln_memory memory, glni_place out[GLNI_MAX_PLACES]);

//===-- front.c -----------------------------------------------------------===//

// What candidates are compared by; less is better in each.
typedef struct glni_key {
  double cycles, bytes, energy;
  uint32_t levels; // a byte per memory: the step that holds what is needed
} glni_key;

// A candidate without its nest.
typedef struct glni_point {
  glni_key key;
  uint8_t strategy, num_outer;
  uint8_t dims[GLN_NEST_MAX_DIMS]; // of the grid
  int32_t tile[GLN_NEST_MAX_DIMS];
  gln_nest_staging staging[GLN_NUM_MEMORIES]; // by operand
} glni_point;

// The points of equal levels, as a list through |next|.
typedef struct glni_bucket {
  glni_key least; // at most each of its points, in each axis
  uint32_t first; // slot + 1; 0 = empty
} glni_bucket;

// A point and where it stands.
typedef struct glni_slot {
  glni_key key;
  uint32_t next; // slot + 1
} glni_slot;

// No point dominates another. A slot whose point was dominated is used again.
typedef struct glni_front {
  const eg_allocator *allocator;
  glni_slot *slots;   // read a thousand times for each time that
  glni_point *points; // the point of the same index is
  glni_bucket *buckets;
  size_t num, num_slots, cap, num_buckets, cap_buckets;
  uint32_t free; // list of slots; slot + 1
} glni_front;

// Whether a point is at most |key| in every axis.
bool glni_front_covers(glni_front *front, const glni_key *key);
// Adds a point that is not covered and drops those it covers.
eg_status glni_front_add(glni_front *front, const glni_point *point,
                         eg_error *error);
// Leaves at most |most|, spread along the front, the best of each axis and of
// cycles x energy among them; and sorts the points.
// Fails without memory. Afterwards points[0 … num) are the front, and only they may be read.
eg_status glni_front_thin(glni_front *front, size_t most, eg_error *error);
void glni_front_fini(glni_front *front);

#endif

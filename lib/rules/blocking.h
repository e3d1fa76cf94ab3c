// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// All blockings of one contract on one array that are worth having.
//
// A blocking is a way to run a contract: which operand streams and which stays
// (a *strategy*), tile sizes, the order of the grid, and how each operand is
// staged (a gln_nest). They are enumerated outside the e-graph with the cost
// model, and only those that some objective over (cycles, DRAM bytes, energy,
// bytes held in each memory) could choose become nodes. Held bytes are compared
// as memories are bought: by the least choice of the target's range that holds
// them, or, when the size is fixed, by its halves, quarters, … 1/128.
//
//   gln_blockings b;
//   if (gln_blockings_create(&memory, &target, 0, &spec, NULL, &b, &error) !=
//       EG_OK)
//     puts(error.text);
//   for (size_t i = 0; i < b.num; ++i)       // ascending cycles
//     use(&b.strategies[b.list[i].strategy], &b.list[i].nest, &b.list[i].cost);
//   gln_blockings_fini(&memory, &b);
//
// The same input gives the same list on every machine: no clock, no address and
// no random number decides. Nothing is kept between calls.
#ifndef GLN_RULES_BLOCKING_H
#define GLN_RULES_BLOCKING_H

#include "kernel/block.h"
#include "kernel/instr_match.h"
#include "target/cost.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- Strategies --------------------------------------------------------===//

// How the dims of a spec meet the array. Bits, for gln_blocking_options.
enum {
  GLN_STRATEGY_WEIGHT_STATIONARY = 1,
  GLN_STRATEGY_OUTPUT_STATIONARY = 2,
  GLN_STRATEGY_NATURAL = 4, // operand 0 streams, operand 1 stays
  GLN_STRATEGY_SWAPPED = 8, // the other way round
  GLN_STRATEGY_OFFSET = 16, // a window's offsets are passes, a GEMM each
  GLN_STRATEGY_IM2COL = 32, // they are packed onto the rows
  GLN_STRATEGY_ALL = 63,    // of an array
  // The vector unit: gln_spec_lane across the lanes, all other dims in time.
  GLN_STRATEGY_VECTOR = 64,

  GLN_BLOCKING_MAX_STRATEGIES = 24,
};

typedef struct gln_strategy {
  uint8_t bits; // one of each pair above; OFFSET where there is no window
  uint8_t
      instr; // of the target, that computes it; GLN_BLOCK_NO_INSTR: several do
  const gln_instr
      *function; // the same; NULL on the vector unit. Lent by the target
  gln_instr_limits limits; // of a call of it
  bool is_tile;            // it is as large as a tile, and has to match it
  bool reduces_whole;      // it does not accumulate: reduced dims are not cut
  gln_cost_model model;    // contract (dims as in the spec), dataflow and roles
} gln_strategy;

// The strategies of |spec| that the instructions of array |array| of |target| compute,
// the usual one first: a product streams its rows against what stays, in calls of what gln_instr_limits_of says; one that is as large as a tile
// leaves that to blocking. Two instructions that differ in nothing here are one. No
// more than GLN_BLOCKING_MAX_STRATEGIES. Results leave the chip as |out_bytes| per
// element, 0 = as they are accumulated. EG_INVALID: not a product of two operands, or
// what gln_cost_model_init refuses. EG_LIMIT: an index of more dims than an axis holds.
// EG_INFEASIBLE: no instruction computes it in an allowed strategy; names the last one
// and the condition that fails. O(instructions · spec).
EG_NODISCARD
GLN_API eg_status gln_strategies(const gln_target *target, size_t array,
                                 const gln_spec *spec, uint8_t out_bytes,
                                 uint32_t allowed, gln_strategy *out_strategies,
                                 size_t *out_num, eg_error *error);

// The instruction of a block of an array, lent by the target, and the limits of a call
// of it. EG_INVALID: the block names none of that array; else as gln_instr_limits_of.
EG_NODISCARD
GLN_API eg_status gln_block_instr(const gln_target *target,
                                  const gln_block *block, const gln_instr **out,
                                  gln_instr_limits *out_limits,
                                  eg_error *error);

// |spec| on the vector unit: a product of two operands, or a reduction of one (of
// no dims: a copy). EG_INFEASIBLE: an accumulator that it does not have. O(spec).
EG_NODISCARD
GLN_API eg_status gln_vector_strategy(const gln_target *target,
                                      const gln_spec *spec, uint8_t out_bytes,
                                      gln_strategy *out, eg_error *error);

//===-- Blockings ---------------------------------------------------------===//

typedef struct gln_blocking {
  uint8_t strategy; // index
  gln_nest nest;
  gln_cost cost; // gln_cost_model_run of the nest
} gln_blocking;

// Where the candidates went:
//   enumerated = illegal + dominated + thinned + kept.
typedef struct gln_blocking_counts {
  double tiles;      // tile shapes
  double enumerated; // tile shapes x orders x stagings
  double illegal;    // held bytes beyond a memory
  double dominated;  // no better in any axis than another, and of these
  double bounded;    // not costed: a bound of their tile or order was no better
                     // (some may not have fitted)
  double thinned;    // on the front, but over max_kept
  double kept;       // in the list, or handed to |each|
} gln_blocking_counts;

typedef struct gln_blocking_options {
  uint32_t strategies; // allowed; 0 = all
  uint32_t max_kept;   // 0 = 256
  uint32_t max_tiles;  // tile shapes, about; 0 = 4800
  uint8_t out_bytes;   // of a result in DRAM; 0 = of an accumulator
  // Up to so many nests of a strategy, every size, order and staging is tried; 0 =
  // 10,000 for each tile shape that it may look at, < 0 = never.
  double max_complete;
  // Bytes that may be held; 0 = the largest choice of the target.
  double capacity[GLN_NUM_MEMORIES];
  // ABUF and WBUF are one memory of their total size (Gemmini's scratchpad).
  bool one_scratchpad;
  // prune=none: every legal candidate is handed to |each| and none is kept.
  void (*each)(void *user, const gln_blocking *candidate);
  void *user;
} gln_blocking_options;

typedef struct gln_blockings {
  gln_strategy strategies[GLN_BLOCKING_MAX_STRATEGIES];
  size_t num_strategies;
  gln_blocking *list; // by cycles, then DRAM bytes, then energy
  size_t num;
  gln_blocking_counts counts;
} gln_blockings;

// Enumerates the blockings of |spec| on array |array| of |target|, a checked
// point or range (of a range, numbers count by value and memories by their
// largest choice). |options| may be NULL. Fails as gln_strategies;
// EG_INFEASIBLE: not even the smallest tile fits, names the memory, the need
// and the size; EG_NO_MEMORY. On failure there is nothing to free. Time is
// bounded by max_tiles, whatever the extents.
EG_NODISCARD
GLN_API eg_status gln_blockings_create(const eg_allocator *allocator,
                                       const gln_target *target, size_t array,
                                       const gln_spec *spec,
                                       const gln_blocking_options *options,
                                       gln_blockings *out, eg_error *error);

// The same for strategies that are made already (at most
// GLN_BLOCKING_MAX_STRATEGIES, each with one operand per memory). Of |target| only
// the sizes of the memories are read.
EG_NODISCARD
GLN_API eg_status gln_blockings_of(const eg_allocator *allocator,
                                   const gln_target *target,
                                   const gln_strategy *strategies,
                                   size_t num_strategies,
                                   const gln_blocking_options *options,
                                   gln_blockings *out, eg_error *error);

// The same on the vector unit: one strategy, at most |max_kept| (0 = 64) blockings.
// |options| gives capacity[GLN_MEMORY_ACC], max_kept and out_bytes.
EG_NODISCARD
GLN_API eg_status gln_vector_blockings(const eg_allocator *allocator,
                                       const gln_target *target,
                                       const gln_spec *spec,
                                       const gln_blocking_options *options,
                                       gln_blockings *out, eg_error *error);

GLN_API void gln_blockings_fini(const eg_allocator *allocator,
                                gln_blockings *blockings);

#ifdef __cplusplus
}
#endif
#endif

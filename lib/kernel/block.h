// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How to run a spec: as a grid of tiles, each a spec of its own.
//
//   for g in grid, in |order|:                       trips = ⌈dims / tile⌉
//     tile of the result (+)= kernel of the tile (boxes of the operands)
//
// The last tile along a dimension may be smaller: a *tail*. Reduced dimensions may
// be gridded: the first visit writes the tile of the result, later ones combine.
// The number of words of a block does not depend on any extent.
#ifndef GLN_KERNEL_BLOCK_H
#define GLN_KERNEL_BLOCK_H

#include "kernel/spec.h"
#include "target/nest.h"

#ifdef __cplusplus
extern "C" {
#endif

// What is staged: the operands of the spec, then the result.
enum { GLN_BLOCK_MAX_STAGED = GLN_SPEC_MAX_OPERANDS + 1 };

// Copied freely; zero beyond what is used, so that equal blocks have equal bytes.
typedef struct gln_block {
  gln_spec spec;
  int64_t tile[GLN_SPEC_MAX_DIMS];  // 1 … dims
  uint8_t num_grid;                 // dimensions with more than one tile
  uint8_t order[GLN_SPEC_MAX_DIMS]; // of those, outermost first
  uint8_t array;                    // of the target
  uint8_t strategy; // GLN_STRATEGY_… bits: unit, dataflow, roles, memories
  // 0: the result goes to DRAM as it is. n + 1: it stays in the accumulator for the
  // epilogue of a `compose`, beside n chunks of GLN_BLOCK_CHUNK_ROWS rows (further
  // operands and temporaries). Such a block is a class of its own.
  uint8_t epilogue;
  // Call sites that the program keeps for a long epilogue, where that leaves out
  // some blocks; 0: all of them are short enough. A class of its own as well.
  uint8_t sites;
  uint8_t
      instr; // of the target, that runs its tiles; GLN_BLOCK_NO_INSTR: several
  gln_nest_staging staging[GLN_BLOCK_MAX_STAGED];
} gln_block;

// On the vector unit a tile takes several operations.
enum { GLN_BLOCK_NO_INSTR = UINT8_MAX };

// The least rows of the accumulator that a step of an epilogue works on.
enum { GLN_BLOCK_CHUNK_ROWS = 8 };

// EG_INVALID names the dimension and the values: a tile outside 1 … dims, an
// order that does not name each gridded dimension once, more than
// GLN_BLOCK_MAX_RAGGED ragged dimensions.
EG_NODISCARD
GLN_API eg_status gln_block_check(const gln_block *block, eg_error *error);

// Tiles along a dimension, and the extent of the last one.
GLN_API int64_t gln_block_trips(const gln_block *block, size_t dim);
GLN_API int64_t gln_block_last(const gln_block *block, size_t dim);

// The tails: one for each non-empty set of ragged dimensions, in order of the set
// as a number (the first ragged dimension is bit 0). Each is the extents of a
// tile. Returns their number, 2^ragged - 1.
enum { GLN_BLOCK_MAX_RAGGED = 4, GLN_BLOCK_MAX_TAILS = 15 };
GLN_API size_t gln_block_tails(const gln_block *block,
                               int64_t out_tails[][GLN_SPEC_MAX_DIMS]);

#ifdef __cplusplus
}
#endif
#endif

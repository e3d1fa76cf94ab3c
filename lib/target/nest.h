// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A contraction, and one way to run it: the loop nest that the cost model
// reads and that `block{grid, tile, order, staging}` nodes map to.
//
// A *contract* is what to compute: iteration dims with extents, and operands
// whose axes are affine in the dims. A convolution's input has the axis
// p stride + r, so halos need no special case: a tile of p x r covers
// (p - 1) stride + r rows.
//
// A *nest* is how: loops from the outermost to the innermost. The first
// |num_outer| of them walk the grid of tiles; the others make up one tile,
// which the array runs. Each operand is staged in its memory at a loop: its
// tile stays there while the loops from staging.depth on run.
//
//   for k2 in 0..4:            grid       depth of W = 1: loaded 4 times
//     for p2 in 0..7:          grid       depth of I = O = 2: 28 times
//       for p1, q1, c1, k1:    the tile, run on the array
#ifndef GLN_TARGET_NEST_H
#define GLN_TARGET_NEST_H

#include "target/target.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  GLN_NEST_MAX_DIMS = 16,
  GLN_NEST_MAX_OPERANDS = 4,
  GLN_NEST_MAX_AXES = 8,
  GLN_NEST_MAX_TERMS = 6,
  GLN_NEST_MAX_LOOPS = 32,
};

//===-- What to compute ---------------------------------------------------===//

// On-chip memories. An operand's memory says its part in the array too: ABUF
// streams, WBUF is what a weight-stationary array keeps, ACC is the result (or
// is added to it: a bias, a residual).
typedef enum gln_memory {
  GLN_MEMORY_ABUF,
  GLN_MEMORY_WBUF,
  GLN_MEMORY_ACC,
  GLN_NUM_MEMORIES,
} gln_memory;

GLN_API const char *gln_memory_name(gln_memory memory); // "ABUF"; never NULL

// An index into one axis of an array: the sum of stride * dim over the terms.
// Constant offsets do not change any cost and are left out.
typedef struct gln_nest_axis {
  uint8_t num_terms;
  uint8_t dims[GLN_NEST_MAX_TERMS];
  int64_t strides[GLN_NEST_MAX_TERMS]; // not 0
  int64_t extent; // of the array; what lies outside is padding and costs no
                  // traffic. 0 = all of it is inside
} gln_nest_axis;

typedef struct gln_nest_operand {
  gln_memory memory;
  bool is_output;        // written; the others are read
  uint8_t bytes;         // of an element in DRAM
  uint8_t partial_bytes; // of an element on chip and of a spilled partial sum
  uint8_t num_axes;
  gln_nest_axis
      axes[GLN_NEST_MAX_AXES]; // row-major: the last one is contiguous
} gln_nest_operand;

// Dims that no output axis names are reduced.
typedef struct gln_contract {
  uint8_t num_dims, num_operands;
  int64_t extents[GLN_NEST_MAX_DIMS];
  gln_nest_operand operands[GLN_NEST_MAX_OPERANDS];
} gln_contract;

// EG_INVALID names operand, axis or dim and the value: counts and extents out
// of range, a dim twice in an axis, a stride of 0, a dim that no operand reads,
// not exactly one output, more than 2^53 multiply-accumulates.
EG_NODISCARD
GLN_API eg_status gln_contract_check(const gln_contract *contract,
                                     eg_error *error);

// Multiply-accumulates: the product of the extents.
GLN_API double gln_contract_macs(const gln_contract *contract);

//===-- How to compute it -------------------------------------------------===//

// What a dim does inside a tile, on an array of rows x cols:
//   weight-stationary  ROWS reduce, COLS are outputs, STREAM moves the streamed
//                      operand past the weights, PASS repeats it all
//   output-stationary  ROWS and COLS are outputs, STREAM reduces
//   vector             COLS run across the lanes, all others in time
// Several dims of one role are packed: (r, s, c) on the rows is implicit im2col.
typedef enum gln_nest_role {
  GLN_NEST_PASS,
  GLN_NEST_ROWS,
  GLN_NEST_COLS,
  GLN_NEST_STREAM,
  GLN_NEST_NUM_ROLES,
} gln_nest_role;

typedef enum gln_dataflow {
  GLN_WEIGHT_STATIONARY,
  GLN_OUTPUT_STATIONARY,
  GLN_VECTOR,
} gln_dataflow;

// A loop over |trips| of |dim|. Inside a tile a loop may run across rows or
// columns instead of in time; only the Timeloop form looks at that.
typedef enum gln_nest_loop_kind {
  GLN_NEST_IN_TIME,
  GLN_NEST_ON_ROWS,
  GLN_NEST_ON_COLS,
} gln_nest_loop_kind;

typedef struct gln_nest_loop {
  uint8_t dim;
  uint8_t kind; // gln_nest_loop_kind
  int64_t trips;
} gln_nest_loop;

typedef struct gln_nest_staging {
  uint8_t depth;   // loops outside the tile; at most num_outer
  uint8_t buffers; // 2: the next tile moves while this one is used; 1: the
                   // array waits
  bool keep_halo;  // rows shared with the tile before stay in a ring; they are
                   // kept along the innermost grid loop that moves the tile
  bool gather;     // only elements that are used are moved (strided runs);
                   // else the whole box around them
} gln_nest_staging;

typedef struct gln_nest {
  uint8_t num_loops, num_outer;
  gln_nest_loop
      loops[GLN_NEST_MAX_LOOPS]; // outermost first; grid loops run in time
  gln_nest_staging staging[GLN_NEST_MAX_OPERANDS];
} gln_nest;

// EG_INVALID names the loop, dim or operand and the value: a dim out of range,
// trips below 1, loops that cover less than the extent, a grid loop with no
// work in its last trip, a depth beyond the grid, 0 or more than 2 buffers.
// Grid loops may overshoot by less than a tile: the last tile is smaller.
EG_NODISCARD
GLN_API eg_status gln_nest_check(const gln_contract *contract,
                                 const gln_nest *nest, eg_error *error);

//===-- Traffic -----------------------------------------------------------===//

// How one operand moves between DRAM and its memory. Elements, not bytes.
typedef struct gln_traffic {
  double tile;     // of the largest tile
  double held;     // held on chip, counting buffers and ring
  double distinct; // of all different tiles once
  double moved;    // of all tiles as often as they are moved
  double visits;   // tile moves, and
  double tiles;    // different tiles among them
  double run;      // contiguous elements of a tile row in DRAM, on average
} gln_traffic;

// Of operand |index|. An output tile is left and entered again when a reduced
// loop runs outside a loop that moves it: |moved| elements leave the chip, and
// |moved - distinct| come back as partial sums; the first visit overwrites.
// The nest must have passed its check. O(loops + terms).
GLN_API gln_traffic gln_nest_traffic(const gln_contract *contract,
                                     const gln_nest *nest, size_t index);

//===-- Convolution -------------------------------------------------------===//

// A convolution as the usual seven loops, NHWC x RSCK -> NPQK.
typedef struct gln_conv {
  int64_t n, k, c, p, q, r, s; // p x q is the output, r x s the kernel
  int64_t stride_h, stride_w, dilation_h, dilation_w;
  int64_t height, width; // of the input where it is padded; 0 = no padding
} gln_conv;

enum { // dims and operands of its contract
  GLN_CONV_N,
  GLN_CONV_K,
  GLN_CONV_C,
  GLN_CONV_P,
  GLN_CONV_Q,
  GLN_CONV_R,
  GLN_CONV_S,
  GLN_CONV_NUM_DIMS,
  GLN_CONV_INPUT = 0,
  GLN_CONV_WEIGHT,
  GLN_CONV_OUTPUT,
};

// The contract of |conv| on |types|; results leave the chip as |out_bytes| per
// element. EG_INVALID as gln_contract_check.
EG_NODISCARD
GLN_API eg_status gln_conv_contract(const gln_conv *conv,
                                    const gln_type_rule *types,
                                    uint8_t out_bytes,
                                    gln_contract *out_contract,
                                    eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

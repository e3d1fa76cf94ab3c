// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The models of other people in closed form, for comparison and for users who
// know them: SCALE-Sim's compute cycles and Timeloop's cycles and energy.
// Decisions are made by cost.h.
#ifndef GLN_TARGET_REFERENCE_H
#define GLN_TARGET_REFERENCE_H

#include "target/cost.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- SCALE-Sim ---------------------------------------------------------===//

typedef enum gln_scalesim_dataflow {
  GLN_SCALESIM_OS,
  GLN_SCALESIM_WS,
  GLN_SCALESIM_IS,
} gln_scalesim_dataflow;

// One product of M x K by K x N on an R x C array.
typedef struct gln_scalesim {
  int64_t cycles; // "Total Cycles" without memory stalls
  int64_t folds;
  int64_t ifmap_reads, filter_reads, ofmap_writes; // of the SRAMs
  double utilisation; // overall: macs / (cycles R C)
  double mapping;     // mean over folds of the cells used
} gln_scalesim;

// All of |m|, |n|, |k|, |rows|, |cols| at least 1 and products below 2^63.
GLN_API gln_scalesim gln_scalesim_run(gln_scalesim_dataflow dataflow,
                                      int64_t rows, int64_t cols, int64_t m,
                                      int64_t n, int64_t k);

// The output positions SCALE-Sim gives a convolution: it knows no padding.
GLN_API int64_t gln_scalesim_positions(int64_t size, int64_t kernel,
                                       int64_t stride);

//===-- Timeloop ----------------------------------------------------------===//

// Cycles and energy as Timeloop and Accelergy report them for a convolution on
// array 0 of |target| with type rule 0. The grid is DRAM's loops; the tile's
// loops in time and across rows and columns are those inside. |contract| is
// one of gln_conv_contract; ABUF and WBUF are one scratchpad; every word is one
// byte and every word moved counts. Fills: cycles, compute_cycles (the product
// of the trips in time), energy_pj, dram_read_bytes, dram_write_bytes,
// held_bytes (single buffered); the rest is 0. The nest must have passed its
// check, with staging.depth = num_outer for each operand.
GLN_API void gln_timeloop_cost(const gln_target *target,
                               const gln_contract *contract,
                               const gln_nest *nest, gln_cost *out_cost);

#ifdef __cplusplus
}
#endif
#endif

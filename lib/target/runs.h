// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Measured runs as text: what ran, and how many cycles it took.
//
// A CSV file with a header; columns are found by name, in any order, others are
// ignored. No cell holds a comma, a quote or a line break.
//
//   column          example                             what
//   name            resnet.mlir:12                      for people; may be missing
//   hardware        rows=16 abuf_bytes=65536            what differs from the
//                                                       target; may be missing
//   dataflow        ws                                  ws, os or vector; ws@1 is
//                                                       on array 1
//   dims            49s 64c 576r                        extent and role of dim 0, …:
//                                                       Pass, Rows, Cols, Stream
//   operands        abuf 1/1 d0; d2 | wbuf 1/1 d2; d1 | acc= 4/4 d0; d1
//                                                       memory, `=` if written, bytes
//                                                       in DRAM / of a partial sum,
//                                                       axes; 2*d0+d3@58 is an axis of
//                                                       58 elements, what is beyond is
//                                                       padding
//   loops           1:4 0:7 | 0:7 1:16 2:576            dim:trips, outermost first;
//                                                       grid | tile
//   staging         1x2h | 0x1 | 2x2                    per operand: loops outside x
//                                                       buffers, h keeps the halo, g
//                                                       loads no gaps
//   beside_cycles   1234.5                              that the model adds to the nest
//                                                       (an epilogue); may be missing
//   measured_cycles 98765                               empty: not measured yet
//
// `--extract=measure=FILE` writes such rows of a design for whoever runs it;
// `make bench SUITE=model` turns DOSA's RTL rows into them.
#ifndef GLN_TARGET_RUNS_H
#define GLN_TARGET_RUNS_H

#include "target/learned.h"

#ifdef __cplusplus
extern "C" {
#endif

// Zero beyond what is used, so that equal contracts have equal bytes.
typedef struct gln_run {
  gln_contract contract;
  gln_dataflow dataflow;
  uint8_t array;                    // of the target
  uint8_t roles[GLN_NEST_MAX_DIMS]; // gln_nest_role
  gln_nest nest;
  double beside_cycles;
  double measured_cycles; // 0 = not measured
} gln_run;

// The header, a line without its break.
GLN_API const char *gln_run_header(void);

// |run| as a line under that header, without its break. |name| and |hardware| may
// be NULL; commas and quotes in |name| become blanks. Returns the length of the
// whole text, writes at most |size| bytes with a terminator.
GLN_API size_t gln_run_print(const gln_run *run, const char *name,
                             const char *hardware, char *buffer, size_t size);

// The cells of a run. EG_INVALID says what stands where something else belongs, or
// what gln_contract_check and gln_nest_check object to.
typedef struct gln_run_cells {
  const char *dataflow, *dims, *operands, *loops, *staging;
} gln_run_cells;
EG_NODISCARD
GLN_API eg_status gln_run_parse(const gln_run_cells *cells, gln_run *out,
                                eg_error *error);

//===-- Learning from them ------------------------------------------------===//

enum { GLN_LEARN_MIN_RUNS = 8 };

// What was learned, and how good it is on layers that it was not learned from:
// every second layer's runs are predicted from those of the other half.
typedef struct gln_learning {
  gln_learned learned; // from all runs
  uint32_t runs, layers, unmeasured;
  // |predicted / measured - 1| on unseen layers, and of the formula on the same.
  double mean, median, formula_mean, formula_median;
} gln_learning;

// Reads the CSV |text| (ended by a zero) of |file|, a name for messages, prices
// each run on |target| as its hardware says, and learns. EG_INVALID, located as
// FILE:LINE: a column that is missing, a malformed cell, cycles that are no
// positive number; too few runs, or of one layer only. EG_NO_MEMORY.
EG_NODISCARD
GLN_API eg_status gln_learn(const eg_allocator *allocator,
                            const gln_target *target, const char *file,
                            const char *text, gln_learning *out,
                            eg_error *error);

#ifdef __cplusplus
}
#endif
#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What was chosen and why: a row per kernel of the chosen program, with what
// binds it and what it won against.
#ifndef GLN_DESIGN_REPORT_H
#define GLN_DESIGN_REPORT_H

#include "design/choose.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gln_report_place {
  GLN_ON_ARRAY,
  GLN_ON_VECTOR,
  GLN_ON_HOST,
  GLN_NUM_PLACES,
} gln_report_place;

GLN_API const char *gln_report_place_name(gln_report_place place); // "array"

typedef struct gln_report_row {
  gln_mapped mapped;
  gln_report_place place;
  bool is_contraction;
  bool has_block;
  gln_block block;    // of the kernel, with |has_block|
  double utilisation; // MACs / (cycles x cells of all arrays)
  double formula_cycles; // without what was learned from measured runs
  bool has_binding;   // of the block
  gln_cost_binding binding;
  // The cheapest other way to get the same value, another kernel or another
  // operation: |runner_up| is its node, {0} = none. |lost_by|: what the program
  // would cost more with it, by the objective, as a share of the row's cost.
  eg_node runner_up;
  double lost_by;
  // Why it runs on the host: what the search met when it tried the units, "array 0 of
  // target 'once': gemm: does not add to its result, …". "" for a row that does not, and
  // for what is computed before run time.
  char why[240];
} gln_report_row;

typedef struct gln_report {
  gln_report_row *rows; // operands before users
  size_t num, capacity;
  gln_mapped total;
  eg_allocator memory;
} gln_report;

// The rows of the program that |program| chose for |roots| with |pricing|; what it
// minimised values the alternatives. EG_NO_MEMORY; what the
// pricing fails with. O(nodes of the classes chosen from). The caller calls
// gln_report_fini, also after a failure.
EG_NODISCARD
GLN_API eg_status gln_report_make(const gln_pricing *pricing,
                                  const gln_chosen_program *program,
                                  const eg_class *roots, uint32_t num_roots,
                                  gln_report *out, eg_error *error);
GLN_API void gln_report_fini(gln_report *report);

// A few words on how a node runs when the classes below it run as in |choice|:
// "16x16x64 by d2 d0, weight-stationary + epilogue", "on its own: map".
// Returns the length of the whole text, writes at most |size| bytes with a
// terminator.
GLN_API size_t gln_report_describe(const gln_lang *lang,
                                   const eg_choice *choice, eg_node node,
                                   char *buffer, size_t size);
// What a row computes: the spec of its block or kernel, and the functions of its
// epilogue. The same.
GLN_API size_t gln_report_kernel(const gln_lang *lang, const eg_choice *choice,
                                 const gln_report_row *row, char *buffer,
                                 size_t size);

#ifdef __cplusplus
}
#endif
#endif

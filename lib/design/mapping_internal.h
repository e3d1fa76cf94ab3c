// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What mapping kernels to units and fusing epilogues onto them share.
#ifndef GLN_DESIGN_MAPPING_INTERNAL_H
#define GLN_DESIGN_MAPPING_INTERNAL_H

#include "design/mapping.h"
#include "rules/rewrite.h"

// A block of a kernel class, and the rows of the accumulator that it takes.
typedef struct glni_candidate {
  const gln_block *block; // lent by the graph
  uint32_t acc_rows;
  uint32_t sites; // of its program without an epilogue; 0: not counted yet
} glni_candidate;

// The blocks of one kernel class: candidates [first, first + num).
typedef struct glni_kernel {
  eg_class id;
  uint32_t first, num;
} glni_kernel;

// A class of blocks that leave their results to epilogues of so many further operands
// and temporaries, that add so many call sites.
typedef struct glni_stage {
  uint32_t kernel; // index
  uint32_t sites;
  uint16_t num_extra, num_temps;
  eg_class id; // {0}: none of them fits
} glni_stage;

// The blockings of a contract on an array, found before they are wanted.
typedef struct glni_ahead {
  gln_spec spec;
  uint8_t array;
  gln_blockings blockings; // if |status| is EG_OK and they were not taken
  eg_status status;
  eg_error why;
} glni_ahead;

typedef struct glni_mapper {
  gln_rewriter *rewriter;
  gln_lang *lang; // of the rewriter
  const gln_target *target;
  const gln_blocking_options *options;
  const eg_pool *pool; // NULL: this thread alone
  eg_allocator memory;
  eg_class arrays[GLN_TARGET_MAX_ARRAYS], vector;
  glni_ahead *ahead; // in no order that counts
  glni_candidate *candidates;
  glni_kernel *kernels;
  glni_stage *stages;
  uint32_t num_candidates, cap_candidates;
  uint32_t num_kernels, cap_kernels;
  uint32_t num_stages, cap_stages;
  uint32_t num_ahead, cap_ahead;
  gln_map_counts *counts;
  char why[200]; // of the contract at hand
  eg_error *error;
} glni_mapper;

EG_NODISCARD
eg_status glni_mapper_init(glni_mapper *m, gln_rewriter *rewriter,
                           const gln_target *target,
                           const gln_blocking_options *options,
                           gln_map_counts *counts);
void glni_mapper_fini(glni_mapper *m);

// Finds the blockings of all contracts on all arrays by the threads of the pool;
// does nothing without one. What it found is what would be found later.
EG_NODISCARD
eg_status glni_look_ahead(glni_mapper *m, eg_class last);
// As gln_blockings_create, from what was found ahead if it was.
EG_NODISCARD
eg_status glni_blockings_of(glni_mapper *m, const gln_spec *spec, uint8_t array,
                            gln_blockings *out, eg_error *why);
void glni_ahead_fini(glni_mapper *m);

// Blocks of all contract and reduce classes that are there, each in its class.
EG_NODISCARD
eg_status glni_map_kernels(glni_mapper *m);

// Adds |block|, whose tiles are issued to its unit, as a class of its own or found.
EG_NODISCARD
eg_status glni_add_block(const glni_mapper *m, const gln_block *block,
                         eg_class *out);

// The blocks of a spec that is no kernel of the graph (a copy, for a map), on the
// vector unit. An index into kernels; EG_INFEASIBLE: none fits.
EG_NODISCARD
eg_status glni_map_copy(glni_mapper *m, const gln_spec *spec,
                        uint32_t *out_kernel);

// The index of a kernel class with blocks; -1: it has none.
int glni_find_kernel(const glni_mapper *m, eg_class id);

EG_NODISCARD
eg_status glni_note_stage(glni_mapper *m, glni_stage stage);

// fuse-epilogue, map-vector: fuse.c.
EG_NODISCARD
eg_status glni_fuse_epilogues(glni_mapper *m);

#endif

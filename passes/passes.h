// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The passes of Glenside, one per file of this folder.
#ifndef GLENSIDE_PASSES_H
#define GLENSIDE_PASSES_H

#include "cxx/glenside-cxx.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

// Each pass is declared here: extern const gln_pass gln_pass_<flag>;
extern const gln_pass gln_pass_randomize_weights;
extern const gln_pass gln_pass_convert_access_to_linalg;
extern const gln_pass gln_pass_convert_linalg_to_access;
extern const gln_pass gln_pass_decompose_linalg;
extern const gln_pass gln_pass_extract;
extern const gln_pass gln_pass_fold_constants;
extern const gln_pass gln_pass_glenside_compile;
extern const gln_pass gln_pass_glenside_map;
extern const gln_pass gln_pass_glenside_through_graph;
extern const gln_pass gln_pass_outline_constants;
extern const gln_pass gln_pass_place_buffers;
extern const gln_pass gln_pass_print_target;
extern const gln_pass gln_pass_saturate;
extern const gln_pass gln_pass_systolic_to_commands;
extern const gln_pass gln_pass_lower_systolic;

// The attribute of a function of constants: --outline-constants makes it,
// --fold-constants evaluates it.
#define GLN_CONSTANTS "glenside.constants"

// What a program is made of on its way from linalg to LLVM, for gln_pass::dialects.
#define GLN_LOWERING_DIALECTS                                                  \
  (const char *const[]) {                                                      \
    "access", "affine", "arith", "bufferization", "cf", "func", "linalg",      \
        "llvm", "math", "memref", "scf", "systolic", "tensor", "tosa", NULL    \
  }

// All of them, ends with NULL, in the order of --help.
extern const gln_pass *const gln_passes[];

// Their reference as Markdown.
void gln_passes_print_docs(const gln_pass *const *passes, FILE *out);

#ifdef __cplusplus
}
#endif
#endif

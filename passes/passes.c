// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The list that glenside-opt and the plugin register.
#include "passes.h"

const gln_pass *const gln_passes[] = {
    &gln_pass_randomize_weights,
    &gln_pass_convert_access_to_linalg,
    &gln_pass_convert_linalg_to_access,
    &gln_pass_decompose_linalg,
    &gln_pass_extract,
    &gln_pass_fold_constants,
    &gln_pass_glenside_compile,
    &gln_pass_glenside_map,
    &gln_pass_glenside_through_graph,
    &gln_pass_outline_constants,
    &gln_pass_place_buffers,
    &gln_pass_print_target,
    &gln_pass_saturate,
    &gln_pass_systolic_to_commands,
    &gln_pass_lower_systolic,
    NULL,
};

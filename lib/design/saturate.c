// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rules in their order: values first, then kernels onto units.
#include "design/saturate.h"

#include "view/try.h"

#include <string.h>

eg_status gln_saturate(gln_lang *lang, const gln_target *target,
                       const gln_saturate_options *options,
                       gln_saturate_report *out, eg_error *error) {
  memset(out, 0, sizeof *out);
  GLN_TRY(
      gln_map_kernels(lang, target, options->blocking, &out->blocks, error));
  out->rules[GLN_RULE_BLOCK_ARRAY].matches = out->blocks.contracts;
  out->rules[GLN_RULE_BLOCK_ARRAY].applied = out->blocks.mapped;
  out->nodes = eg_num_nodes(lang->graph);
  out->classes = eg_num_classes(lang->graph);
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Why no unit runs a kernel: what would have been tried is tried once more, for the
// message.
#include "design/job.h"
#include "design/report_internal.h"
#include "rules/rewrite.h"

#include <stdio.h>
#include <string.h>

// Whether |status| says why not; else, as all is well so far, look further.
static bool is_reason(eg_status status) {
  return status != EG_OK && status != EG_NO_MEMORY;
}

// Why no program does the first of |blockings| with |body|; false: one does.
static bool no_program(const gln_target *target, const gln_spec *spec,
                       uint8_t array, gln_blockings *blockings,
                       const gln_scalar_body *body, eg_error *why) {
  eg_allocator memory = eg_allocator_default();
  uint32_t rows[GLN_NUM_MEMORIES];
  gln_block block;
  bool is_block = false, found = false;
  for (size_t i = 0; i < blockings->num && !is_block; ++i) {
    const gln_blocking *b = &blockings->list[i];
    is_block = gln_block_of_blocking(
        spec, array, &blockings->strategies[b->strategy], b, &block);
  }
  if (is_block)
    found = is_reason(gln_job_rows(target, &block, body, rows, why));
  gln_blockings_fini(&memory, blockings);
  return found;
}

static bool why_no_array(const gln_target *target, const gln_spec *spec,
                         eg_error *why) {
  eg_allocator memory = eg_allocator_default();
  for (uint8_t a = 0; a < target->num_arrays; ++a) {
    gln_blockings b;
    eg_status status =
        gln_blockings_create(&memory, target, a, spec, NULL, &b, why);
    if (is_reason(status) ||
        (status == EG_OK && no_program(target, spec, a, &b, NULL, why)))
      return true;
  }
  return false;
}

static bool why_no_vector(const gln_target *target, const gln_spec *spec,
                          const gln_scalar_body *body, eg_error *why) {
  eg_allocator memory = eg_allocator_default();
  gln_blockings b;
  eg_status status = gln_vector_blockings(&memory, target, spec, NULL, &b, why);
  return is_reason(status) ||
         (status == EG_OK && no_program(target, spec, 0, &b, body, why));
}

// A map runs behind a copy of its first operand.
static bool why_no_map(const gln_lang *lang, const gln_target *target,
                       eg_node node, eg_error *why) {
  gln_signature type;
  gln_scalar_body body;
  gln_spec copy;
  gln_lang_type(lang, eg_node_class(lang->graph, node), &type);
  if (type.num_operands < 1 || !gln_copy_spec(&type.operands[0], &copy) ||
      gln_node_body(lang, node, eg_allocator_default(), &body, NULL))
    return false;
  bool found = why_no_vector(target, &copy, &body, why);
  gln_scalar_body_fini(&body);
  return found;
}

void glni_report_why(const gln_pricing *pricing, gln_report_row *row) {
  const gln_lang *lang = pricing->lang;
  eg_node node = row->mapped.chosen;
  gln_node kind = gln_lang_node(lang, node);
  eg_error why = {0};
  gln_spec spec;
  bool found = false;
  if (kind == GLN_NODE_CONTRACT && gln_node_spec(lang, node, &spec))
    found = why_no_array(pricing->target, &spec, &why);
  else if (kind == GLN_NODE_REDUCE && gln_node_spec(lang, node, &spec))
    found = why_no_vector(pricing->target, &spec, NULL, &why);
  else if (kind == GLN_NODE_MAP)
    found = why_no_map(lang, pricing->target, node, &why);
  if (found)
    snprintf(row->why, sizeof row->why, "%s", why.text);
  else
    snprintf(row->why, sizeof row->why, "no rule maps '%.64s' to a unit",
             eg_op_name(lang->graph, eg_node_op(lang->graph, node)));
}

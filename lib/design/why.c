// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Why no unit runs a kernel: what would have been tried is tried once more, for the
// message.
#include "design/job.h"
#include "design/report.h"
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
  bool found = false;
  for (size_t i = 0; i < blockings->num && !found; ++i) {
    const gln_blocking *b = &blockings->list[i];
    if (!gln_block_of_blocking(spec, array, &blockings->strategies[b->strategy],
                               b, &block))
      continue;
    found = is_reason(gln_job_rows(target, &block, body, rows, why));
    if (!found)
      break;
  }
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

size_t gln_report_why(const gln_pricing *pricing, const gln_report_row *row,
                      char *buffer, size_t size) {
  const gln_lang *lang = pricing->lang;
  eg_node node = row->mapped.chosen;
  gln_node kind = gln_lang_node(lang, node);
  eg_error why = {0};
  gln_spec spec;
  bool found = false;
  if (size)
    buffer[0] = 0;
  if (row->place != GLN_ON_HOST)
    return 0;
  if (kind == GLN_NODE_CONTRACT && gln_node_spec(lang, node, &spec))
    found = why_no_array(pricing->target, &spec, &why);
  else if (kind == GLN_NODE_REDUCE && gln_node_spec(lang, node, &spec))
    found = why_no_vector(pricing->target, &spec, NULL, &why);
  else if (kind == GLN_NODE_MAP)
    found = why_no_map(lang, pricing->target, node, &why);
  int length =
      found ? snprintf(buffer, size, "%s", why.text)
            : snprintf(buffer, size, "no rule maps '%s' to a unit",
                       eg_op_name(lang->graph, eg_node_op(lang->graph, node)));
  return length > 0 ? (size_t)length : 0;
}

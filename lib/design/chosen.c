// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels that were chosen, as blocks with an epilogue on tensors.
#include "design/chosen.h"

#include "view/try.h"

#include <string.h>

typedef struct builder {
  const gln_lang *lang;
  const eg_choice *choice;
  const eg_class *operands; // of the apply
  gln_chosen *out;
  eg_error *error;
} builder;

//===-- Operands ----------------------------------------------------------===//

// |id| as a tensor read through a view: its own view if a load can read so.
static eg_status add_operand(const builder *b, eg_class id) {
  gln_chosen *out = b->out;
  uint32_t num;
  uint8_t at = out->job.num_operands;
  eg_node node = eg_choice_node(b->choice, id);
  gln_signature type;
  gln_box box;
  if (at == GLN_JOB_MAX_OPERANDS)
    return gln_fail(b->error, EG_LIMIT, "a kernel of more than %d operands",
                    GLN_JOB_MAX_OPERANDS);
  gln_lang_type(b->lang, id, &type);
  const gln_shape *shape = &type.results[0];
  gln_job_operand *operand = &out->job.operands[at];
  operand->type = shape->type;
  operand->view = NULL;
  out->values[at] = id;
  if (node.id && gln_lang_node(b->lang, node) == GLN_NODE_VIEW) {
    const gln_view *view = gln_node_view(b->lang, node);
    eg_status status = gln_view_box(&out->memory, view, &box, NULL);
    if (status == EG_NO_MEMORY)
      return gln_fail(b->error, status, "no memory for a job");
    if (status == EG_OK) {
      operand->view = view;
      out->values[at] = eg_node_children(b->lang->graph, node, &num)[0];
    }
  }
  if (!operand->view) {
    GLN_TRY(gln_view_identity(&out->memory, shape->rank, shape->dims,
                              &out->views[at], b->error));
    operand->view = out->views[at];
  }
  ++out->job.num_operands;
  return EG_OK;
}

//===-- The epilogue ------------------------------------------------------===//

// *body with argument 0 the block's result and one argument per other source, in
// order; |sources| are those of the map, |inner| that of the block's result.
static eg_status make_body(const builder *b, const gln_scalar_body *map,
                           const uint8_t *sources, uint8_t inner,
                           gln_type result) {
  gln_scalar_body *body = &b->out->body;
  gln_type types[GLN_BODY_MAX_ARGS] = {result};
  uint16_t args[GLN_BODY_MAX_ARGS], registers[GLN_BODY_MAX_REGISTERS];
  uint16_t num = 1;
  for (uint16_t i = 0; i < map->num_args; ++i) {
    args[i] = sources[i] == inner ? 0 : num;
    if (sources[i] != inner)
      types[num++] = (gln_type)map->arg_types[i];
  }
  GLN_TRY(gln_scalar_body_init(body, types, num, b->out->memory, b->error));
  eg_status status =
      gln_scalar_body_inline(body, map, args, registers, b->error);
  for (uint16_t i = 0; i < map->num_results && status == EG_OK; ++i)
    status =
        gln_scalar_body_result(body, registers[map->results[i]], b->error);
  if (status != EG_OK) {
    gln_scalar_body_fini(body);
    return status;
  }
  b->out->job.body = body;
  return EG_OK;
}

// compose{block, map}: EG_NOT_FOUND when it is another.
static eg_status read_compose(const builder *b, eg_node compose) {
  uint32_t num;
  gln_wiring w;
  gln_scalar_body map;
  gln_chosen *out = b->out;
  const eg_class *parts = eg_node_children(b->lang->graph, compose, &num);
  if (num != 2 || !gln_node_wiring(b->lang, compose, &w))
    return EG_NOT_FOUND;
  eg_node first = eg_choice_node(b->choice, parts[0]);
  eg_node second = eg_choice_node(b->choice, parts[1]);
  if (!first.id || !second.id ||
      gln_lang_node(b->lang, second) != GLN_NODE_MAP ||
      !gln_node_block(b->lang, first, &out->job.block))
    return EG_NOT_FOUND;
  size_t num_inner = out->job.block.spec.num_operands;
  for (size_t i = 0; i < num_inner; ++i)
    GLN_TRY(add_operand(b, b->operands[w.sources[i]]));
  GLN_TRY(gln_node_body(b->lang, second, out->memory, &map, b->error));
  eg_status status =
      make_body(b, &map, w.sources + num_inner, w.num_operands,
                out->job.block.spec.result);
  for (uint16_t i = 0; i < map.num_args && status == EG_OK; ++i)
    if (w.sources[num_inner + i] != w.num_operands)
      status = add_operand(b, b->operands[w.sources[num_inner + i]]);
  gln_scalar_body_fini(&map);
  return status;
}

//===-- All ---------------------------------------------------------------===//

static eg_status read_kernel(const builder *b, eg_node kernel) {
  gln_job *job = &b->out->job;
  if (gln_lang_node(b->lang, kernel) == GLN_NODE_COMPOSE)
    return read_compose(b, kernel);
  if (!gln_node_block(b->lang, kernel, &job->block))
    return EG_NOT_FOUND;
  for (size_t i = 0; i < job->block.spec.num_operands; ++i)
    GLN_TRY(add_operand(b, b->operands[i]));
  return EG_OK;
}

eg_status gln_chosen_create(const gln_lang *lang, const eg_choice *choice,
                            eg_node apply, const eg_allocator *memory,
                            gln_chosen *out, eg_error *error) {
  uint32_t num;
  memset(out, 0, sizeof *out);
  out->memory = *memory;
  if (gln_lang_node(lang, apply) != GLN_NODE_APPLY)
    return EG_NOT_FOUND;
  const eg_class *children = eg_node_children(lang->graph, apply, &num);
  eg_node kernel = eg_choice_node(choice, children[0]);
  if (!kernel.id)
    return EG_NOT_FOUND;
  builder b = {.lang = lang,
               .choice = choice,
               .operands = children + 1,
               .out = out,
               .error = error};
  eg_status status = read_kernel(&b, kernel);
  if (status != EG_OK)
    gln_chosen_fini(out);
  return status;
}

void gln_chosen_fini(gln_chosen *chosen) {
  if (chosen->job.body)
    gln_scalar_body_fini(&chosen->body);
  for (size_t i = 0; i < GLN_JOB_MAX_OPERANDS; ++i)
    if (chosen->views[i])
      gln_view_destroy(&chosen->memory, chosen->views[i]);
  memset(chosen, 0, sizeof *chosen);
}

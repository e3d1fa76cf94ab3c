// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Maps of maps as one map. (What fuses with a contraction is a matter of capacity,
// and of lib/design.)
#include "rules/rewrite.h"

#include "rules/body.h"
#include "view/try.h"

#include <string.h>

enum {
  MAX_NODES = 12, // of a class that are looked at, and maps in a row
  MAX_INSTS = 64, // of a merged body
  MAX_READS = 4,
};

// The values that a merged map reads, each once.
typedef struct operands {
  size_t num;
  eg_class of[2 * GLN_LANG_MAX_OPERANDS];
  gln_type types[2 * GLN_LANG_MAX_OPERANDS];
} operands;

static uint16_t add_operand(const gln_rewriter *w, operands *o, eg_class id) {
  id = eg_find(w->lang->graph, id);
  size_t at = 0;
  while (at < o->num && o->of[at].id != id.id)
    ++at;
  if (at == o->num) {
    o->of[at] = id;
    o->types[at] = gln_class_shape(w->lang, id).type;
    ++o->num;
  }
  return (uint16_t)at;
}

// Operand |id| of the outer map where the inner one is computed: |inverse| undoes the
// view between them; NULL when there is none.
static eg_status move_operand(gln_rewriter *w, eg_class id,
                              const gln_view *inverse, eg_class *out) {
  *out = id;
  if (!inverse)
    return EG_OK;
  return gln_rewriter_check(
      w, gln_add_view(w->lang, &w->memory, inverse, id, out));
}

// map f(…, V (map g(y)), …) = V (map f∘g(…, y, …))
//
// for a view V that only orders elements anew; the others of f's operands are read
// through its inverse.
static eg_status merge(gln_rewriter *w, const gln_map_use *outer, uint16_t at,
                       const gln_map_use *inner, const gln_view *view,
                       const gln_view *inverse) {
  operands o = {.num = 0};
  uint16_t of_outer[GLN_LANG_MAX_OPERANDS] = {0};
  uint16_t of_inner[GLN_LANG_MAX_OPERANDS] = {0};
  gln_scalar_body body;
  eg_class made;
  for (uint16_t i = 0; i < inner->num; ++i)
    of_inner[i] = add_operand(w, &o, inner->operands[i]);
  for (uint16_t i = 0; i < outer->num; ++i) {
    eg_class id;
    if (i == at)
      continue;
    GLN_TRY(move_operand(w, outer->operands[i], inverse, &id));
    of_outer[i] = add_operand(w, &o, id);
  }
  if (o.num > GLN_LANG_MAX_OPERANDS)
    return EG_OK;
  GLN_TRY(gln_body_merge(&outer->body, at, &inner->body, of_outer, of_inner,
                         o.types, o.num, w->memory, &body, w->error));
  eg_status status = EG_OK;
  if (body.num_insts <= MAX_INSTS)
    status = gln_rewriter_map(w, &inner->shape, &body, o.of, &made);
  bool small = body.num_insts <= MAX_INSTS;
  gln_scalar_body_fini(&body);
  if (status == EG_OK && small && view)
    status = gln_rewriter_check(
        w, gln_add_view(w->lang, &w->memory, view, made, &made));
  if (status != EG_OK || !small)
    return status;
  return gln_rewriter_unite(w, GLN_RULE_MERGE_MAPS,
                            eg_node_class(w->lang->graph, outer->node), made);
}

// Operand |at| of |outer| is |read|, a map in one or more ways.
static eg_status merge_read(gln_rewriter *w, const gln_map_use *outer,
                            uint16_t at, const gln_read *read) {
  gln_view *inverse = NULL;
  eg_node nodes[MAX_NODES];
  uint32_t num =
      gln_class_all(w->lang, read->source, GLN_NODE_APPLY, nodes, MAX_NODES);
  if (num == 0 || !gln_has_one_user(w, read->source) ||
      (read->view && gln_body_has_index(&outer->body)))
    return EG_OK;
  eg_status status = gln_rewriter_inverse(w, read->view, &inverse);
  if (status == EG_INFEASIBLE) // reads some twice, or not at all
    return EG_OK;
  for (uint32_t i = 0; i < num && status == EG_OK; ++i) {
    gln_map_use inner;
    if (!gln_map_use_read(w, nodes[i], &inner))
      continue;
    if (gln_rewriter_match(w, GLN_RULE_MERGE_MAPS, outer->shape.type))
      status = merge(w, outer, at, &inner, read->view, inverse);
    gln_map_use_fini(&inner);
  }
  gln_view_destroy(&w->memory, inverse);
  return status;
}

// Nothing else reads operand |at|.
static eg_status merge_operand(gln_rewriter *w, const gln_map_use *outer,
                               uint16_t at) {
  gln_read reads[MAX_READS];
  if (!gln_has_one_user(w, outer->operands[at]) ||
      gln_lang_is_constant(w->lang, outer->operands[at]))
    return EG_OK;
  uint32_t num =
      gln_class_reads(w->lang, outer->operands[at], reads, MAX_READS);
  for (uint32_t i = 0; i < num; ++i)
    GLN_TRY(merge_read(w, outer, at, &reads[i]));
  return EG_OK;
}

static eg_status merge_class(gln_rewriter *w, eg_class id) {
  eg_node nodes[MAX_NODES];
  uint32_t num = gln_class_all(w->lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    gln_map_use outer;
    eg_status status = EG_OK;
    if (!gln_map_use_read(w, nodes[i], &outer))
      continue;
    for (uint16_t at = 0; at < outer.num && status == EG_OK; ++at)
      status = merge_operand(w, &outer, at);
    gln_map_use_fini(&outer);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

eg_status gln_rewrite_maps(gln_rewriter *w) {
  // Twice: the second time, what was merged into another layout is there too.
  for (uint32_t first = 1, last; first <= gln_last_class(w->lang);
       first = last + 1) {
    last = first == 1 ? w->num_classes - 1 : gln_last_class(w->lang);
    for (uint32_t i = first; i <= last; ++i)
      GLN_TRY(merge_class(w, eg_find(w->lang->graph, (eg_class){i})));
    if (first > 1)
      break;
  }
  return gln_rewriter_check(w, eg_rebuild(w->lang->graph));
}

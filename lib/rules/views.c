// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views compose as they are built; what a union brings together later, here.
#include "rules/rewrite.h"

#include "view/try.h"

enum { MAX_NODES = 8, MAX_ROUNDS = 8 }; // of a class; of the whole

// |outer| read through |inner|, a node of |of|: as a class. EG_INFEASIBLE: two fills
// that differ.
static eg_status compose(gln_rewriter *w, eg_node outer, eg_node inner,
                         bool only_identity, eg_class *out) {
  uint32_t num;
  gln_view *both;
  eg_class source = eg_node_children(w->lang->graph, inner, &num)[0];
  GLN_TRY(gln_view_compose(&w->memory, gln_node_view(w->lang, outer),
                           gln_node_view(w->lang, inner), &both, w->error));
  eg_status status = EG_OK;
  *out = eg_find(w->lang->graph, source);
  if (!gln_view_is_identity(both))
    status = only_identity
                 ? EG_INFEASIBLE
                 : gln_rewriter_check(w, gln_add_copy(w->lang, GLN_NODE_VIEW,
                                                      both, source, out));
  gln_view_destroy(&w->memory, both);
  return status;
}

// Every node of kind |outer| over every node of kind |inner|.
static eg_status rewrite_pairs(gln_rewriter *w, gln_rule_id rule,
                               gln_node outer, gln_node inner, eg_class id,
                               bool *changed) {
  eg_graph *graph = w->lang->graph;
  eg_node nodes[MAX_NODES], below[MAX_NODES];
  uint32_t num = gln_class_all(w->lang, id, outer, nodes, MAX_NODES), arity;
  gln_type type = num ? gln_class_shape(w->lang, id).type : GLN_TYPE_F32;
  for (uint32_t i = 0; i < num; ++i) {
    eg_class operand = eg_node_children(graph, nodes[i], &arity)[0], made;
    uint32_t many =
        gln_class_all(w->lang, operand, inner, below, MAX_NODES);
    for (uint32_t j = 0; j < many; ++j) {
      eg_status status = compose(w, nodes[i], below[j],
                                 outer != GLN_NODE_VIEW, &made);
      if (status == EG_INFEASIBLE)
        continue;
      GLN_TRY(status);
      if (eg_find(graph, made).id == eg_find(graph, id).id)
        continue; // known
      if (!gln_rewriter_match(w, rule, type))
        return EG_OK;
      GLN_TRY(gln_rewriter_unite(w, rule, id, made));
      *changed = true;
    }
  }
  return EG_OK;
}

static eg_status rewrite_class(gln_rewriter *w, eg_class id, bool *changed) {
  // V (W x) = (V∘W) x
  GLN_TRY(rewrite_pairs(w, GLN_RULE_APPLY_VIEW, GLN_NODE_VIEW, GLN_NODE_VIEW,
                        id, changed));
  // unpack (pack x) = x, pack (unpack x) = x
  GLN_TRY(rewrite_pairs(w, GLN_RULE_CANCEL_PACK, GLN_NODE_UNPACK,
                        GLN_NODE_PACK, id, changed));
  return rewrite_pairs(w, GLN_RULE_CANCEL_PACK, GLN_NODE_PACK,
                       GLN_NODE_UNPACK, id, changed);
}

eg_status gln_rewrite_views(gln_rewriter *w) {
  eg_graph *graph = w->lang->graph;
  bool changed = true;
  for (int round = 0; round < MAX_ROUNDS && changed; ++round) {
    uint32_t last = gln_last_class(w->lang);
    changed = false;
    for (eg_class id = {0};
         (id = eg_class_next(graph, id)).id && id.id <= last;)
      if (eg_class_sort(graph, id).id == w->lang->value.id)
        GLN_TRY(rewrite_class(w, id, &changed));
    GLN_TRY(gln_rewriter_check(w, eg_rebuild(graph)));
  }
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the rules over values share: users, limits, taking nodes apart.
#include "rules/rewrite.h"

#include "view/try.h"

#include <string.h>

//===-- Notes on classes --------------------------------------------------===//

enum { USERS = 3, SUPERSEDED = 4, REPLACED = 8 };

uint32_t gln_last_class(const gln_lang *lang) {
  eg_class id = {0}, last = {0};
  while ((id = eg_class_next(lang->graph, id)).id)
    last = id;
  return last.id;
}

// Views of views that do not compose are rare: two levels are all that is met.
static unsigned count_users(const gln_lang *lang, eg_class id) {
  uint32_t num;
  unsigned users = 0;
  const eg_node *parents = eg_class_parents(lang->graph, id, &num);
  for (uint32_t i = 0; i < num && users < 2; ++i)
    users += gln_lang_node(lang, parents[i]) == GLN_NODE_VIEW
                 ? count_users(lang, eg_node_class(lang->graph, parents[i]))
                 : 1;
  return users < 2 ? users : 2;
}

// Room for |num| classes; new ones were made by rules: one user.
static eg_status grow_notes(gln_rewriter *w, uint32_t num) {
  if (num <= w->num_notes)
    return EG_OK;
  uint32_t want = num + num / 2;
  uint8_t *grown =
      w->memory.resize(w->memory.user, w->notes, w->num_notes, want);
  if (!grown)
    return gln_fail(w->error, EG_NO_MEMORY, "no memory for notes on classes");
  memset(grown + w->num_notes, 1, want - w->num_notes);
  w->notes = grown;
  w->num_notes = want;
  return EG_OK;
}

eg_status gln_rewriter_init(gln_rewriter *w, gln_lang *lang,
                            const gln_rule_set *rules, const eg_limits *limits,
                            const eg_allocator *memory, eg_error *error) {
  memset(w, 0, sizeof *w);
  w->lang = lang;
  w->rules = rules;
  w->limits = limits;
  w->memory = *memory;
  w->error = error;
  w->stop = EG_STOP_SATURATED;
  GLN_TRY(gln_rewriter_check(w, eg_rebuild(lang->graph)));
  w->num_classes = gln_last_class(lang) + 1;
  eg_status status = grow_notes(w, w->num_classes);
  for (eg_class id = {0};
       status == EG_OK && (id = eg_class_next(lang->graph, id)).id;)
    if (eg_class_sort(lang->graph, id).id == lang->value.id)
      w->notes[id.id] = (uint8_t)count_users(lang, id);
  return status;
}

void gln_rewriter_fini(gln_rewriter *w) {
  if (w->notes)
    w->memory.resize(w->memory.user, w->notes, w->num_notes, 0);
  w->notes = NULL;
  w->num_notes = 0;
}

bool gln_has_one_user(const gln_rewriter *w, eg_class id) {
  id = eg_find(w->lang->graph, id);
  return id.id >= w->num_notes || (w->notes[id.id] & USERS) <= 1;
}

eg_status gln_rewriter_supersede(gln_rewriter *w, eg_class kernel) {
  kernel = eg_find(w->lang->graph, kernel);
  GLN_TRY(grow_notes(w, kernel.id + 1));
  w->notes[kernel.id] |= SUPERSEDED;
  return EG_OK;
}

eg_status gln_rewriter_replace(gln_rewriter *w, eg_class kernel) {
  GLN_TRY(gln_rewriter_supersede(w, kernel));
  w->notes[eg_find(w->lang->graph, kernel).id] |= REPLACED;
  return EG_OK;
}

bool gln_is_replaced(const gln_rewriter *w, eg_class kernel) {
  kernel = eg_find(w->lang->graph, kernel);
  return kernel.id < w->num_notes && (w->notes[kernel.id] & REPLACED);
}

void gln_rewriter_keep(gln_rewriter *w, eg_class kernel) {
  kernel = eg_find(w->lang->graph, kernel);
  if (kernel.id < w->num_notes)
    w->notes[kernel.id] &= (uint8_t)~SUPERSEDED;
}

bool gln_is_superseded(const gln_rewriter *w, eg_class kernel) {
  kernel = eg_find(w->lang->graph, kernel);
  return kernel.id < w->num_notes &&
         (w->notes[kernel.id] & (SUPERSEDED | REPLACED));
}

//===-- Matches -----------------------------------------------------------===//

eg_status gln_rewriter_check(const gln_rewriter *w, eg_status status) {
  if (status != EG_OK)
    gln_fail(w->error, status, "%s", eg_graph_error(w->lang->graph)->text);
  return status;
}

static eg_stop limit_met(const gln_rewriter *w) {
  const eg_limits *l = w->limits;
  if (l->cancel && l->cancel(l->user))
    return EG_STOP_CANCELLED;
  const eg_graph *graph = w->lang->graph;
  if (l->nodes && eg_num_nodes(graph) >= l->nodes)
    return EG_STOP_NODES;
  if (l->bytes && eg_graph_bytes(graph) >= l->bytes)
    return EG_STOP_BYTES;
  if (l->matches && w->matches >= l->matches)
    return EG_STOP_MATCHES;
  return EG_STOP_SATURATED;
}

bool gln_rewriter_match(gln_rewriter *w, gln_rule_id rule, gln_type type) {
  if (!gln_rule_allowed(w->rules, rule, type))
    return false;
  eg_stop stop = limit_met(w);
  if (stop != EG_STOP_SATURATED) {
    w->stop = stop;
    return false;
  }
  ++w->matches;
  ++w->counts[rule].matches;
  return true;
}

eg_status gln_rewriter_unite(gln_rewriter *w, gln_rule_id rule,
                             eg_class old_class, eg_class new_class) {
  bool changed;
  old_class = eg_find(w->lang->graph, old_class);
  uint8_t note = old_class.id < w->num_notes ? w->notes[old_class.id] : 1;
  GLN_TRY(gln_rewriter_check(
      w, eg_union(w->lang->graph, old_class, new_class, &changed)));
  eg_class root = eg_find(w->lang->graph, old_class);
  GLN_TRY(grow_notes(w, root.id + 1));
  w->notes[root.id] = note;
  w->counts[rule].applied += changed;
  return EG_OK;
}

//===-- Taking apart ------------------------------------------------------===//

uint32_t gln_class_all(const gln_lang *lang, eg_class id, gln_node want,
                       eg_node *out, uint32_t max) {
  uint32_t num, found = 0;
  const eg_node *nodes = eg_class_nodes(lang->graph, id, &num);
  for (uint32_t i = 0; i < num && found < max; ++i)
    if (gln_lang_node(lang, nodes[i]) == want)
      out[found++] = nodes[i];
  return found;
}

bool gln_class_find(const gln_lang *lang, eg_class id, gln_node want,
                    eg_node *out) {
  return gln_class_all(lang, id, want, out, 1) == 1;
}

gln_read gln_class_read(const gln_lang *lang, eg_class id) {
  eg_node node;
  uint32_t num;
  if (!gln_class_find(lang, id, GLN_NODE_VIEW, &node))
    return (gln_read){eg_find(lang->graph, id), NULL};
  eg_class source = eg_node_children(lang->graph, node, &num)[0];
  return (gln_read){eg_find(lang->graph, source), gln_node_view(lang, node)};
}

uint32_t gln_class_reads(const gln_lang *lang, eg_class id, gln_read *out,
                         uint32_t max) {
  enum { MAX_VIEWS = 8 };
  eg_node views[MAX_VIEWS], apply;
  uint32_t num = 0, arity;
  if (max > 0 && gln_class_find(lang, id, GLN_NODE_APPLY, &apply))
    out[num++] = (gln_read){eg_find(lang->graph, id), NULL};
  uint32_t found = gln_class_all(lang, id, GLN_NODE_VIEW, views, MAX_VIEWS);
  for (uint32_t i = 0; i < found && num < max; ++i) {
    eg_class source = eg_node_children(lang->graph, views[i], &arity)[0];
    out[num++] =
        (gln_read){eg_find(lang->graph, source), gln_node_view(lang, views[i])};
  }
  return num;
}

gln_shape gln_class_shape(const gln_lang *lang, eg_class id) {
  gln_signature type;
  gln_lang_type(lang, id, &type);
  return type.results[0];
}

bool gln_copy_spec(const gln_shape *shape, gln_spec *out) {
  *out = (gln_spec){
      .combine = GLN_COMBINE_SUM, .result = shape->type, .num_operands = 1};
  if (shape->rank > GLN_SPEC_MAX_RANK)
    return false;
  out->operands[0].type = shape->type;
  out->operands[0].rank = out->num_dims = out->num_parallel = shape->rank;
  for (size_t d = 0; d < shape->rank; ++d) {
    out->dims[d] = shape->dims[d];
    out->operands[0].coef[d][d] = 1;
  }
  return true;
}

bool gln_map_use_read(const gln_rewriter *w, eg_node apply, gln_map_use *out) {
  const gln_lang *lang = w->lang;
  eg_node map;
  const eg_class *children = eg_node_children(lang->graph, apply, &out->num);
  if (!gln_class_find(lang, children[0], GLN_NODE_MAP, &map) ||
      gln_node_body(lang, map, w->memory, &out->body, NULL) != EG_OK)
    return false;
  out->node = apply;
  --out->num;
  for (uint32_t i = 0; i < out->num; ++i)
    out->operands[i] = eg_find(lang->graph, children[i + 1]);
  gln_signature type;
  gln_lang_type(lang, children[0], &type);
  out->shape = type.results[0];
  if (type.num_results == 1 && out->body.num_args == out->num)
    return true;
  gln_map_use_fini(out);
  return false;
}

void gln_map_use_fini(gln_map_use *use) {
  gln_scalar_body_fini(&use->body);
}

eg_status gln_rewriter_map(gln_rewriter *w, const gln_shape *shape,
                           const gln_scalar_body *body,
                           const eg_class *operands, eg_class *out) {
  eg_class kernel;
  GLN_TRY(gln_rewriter_check(w, gln_add_map(w->lang, shape, body, &kernel)));
  return gln_rewriter_check(
      w, gln_add_apply(w->lang, kernel, operands, body->num_args, out));
}

eg_status gln_rewriter_binary(gln_rewriter *w, gln_scalar_op op,
                              const gln_shape *shape, eg_class a, eg_class b,
                              eg_class *out) {
  gln_scalar_body body;
  const gln_type types[2] = {shape->type, shape->type};
  const eg_class operands[2] = {a, b};
  uint16_t result;
  GLN_TRY(gln_scalar_body_init(&body, types, 2, w->memory, w->error));
  eg_status status = gln_scalar_body_op(
      &body, op, shape->type, (const uint16_t[]){0, 1}, 2, &result, w->error);
  if (status == EG_OK)
    status = gln_scalar_body_result(&body, result, w->error);
  if (status == EG_OK)
    status = gln_rewriter_map(w, shape, &body, operands, out);
  gln_scalar_body_fini(&body);
  return status;
}

eg_status gln_rewriter_reduce(gln_rewriter *w, const gln_reduction *reduction,
                              eg_class x, eg_class *out) {
  gln_canonical c;
  eg_class kernel;
  GLN_TRY(gln_canonicalise(&w->memory, reduction, &c, w->error));
  eg_status status = gln_add_view(w->lang, &w->memory, c.operands[0], x, &x);
  if (status == EG_OK)
    status = gln_add_spec(w->lang, &c.spec, &kernel);
  if (status == EG_OK)
    status = gln_add_apply(w->lang, kernel, &x, 1, out);
  if (status == EG_OK)
    status = gln_add_view(w->lang, &w->memory, c.view, *out, out);
  gln_canonical_fini(&w->memory, &c);
  return gln_rewriter_check(w, status);
}

eg_status gln_rewriter_each_apply(
    gln_rewriter *w,
    eg_status (*rule)(gln_rewriter *w, eg_class id, eg_node apply)) {
  eg_graph *graph = w->lang->graph;
  for (uint32_t i = 1; i < w->num_classes; ++i) {
    eg_class id = eg_find(graph, (eg_class){i});
    eg_node apply;
    if (gln_class_find(w->lang, id, GLN_NODE_APPLY, &apply))
      GLN_TRY(rule(w, id, apply));
  }
  return gln_rewriter_check(w, eg_rebuild(graph));
}

eg_status gln_rewriter_inverse(const gln_rewriter *w, const gln_view *view,
                               gln_view **out) {
  *out = NULL;
  if (!view)
    return EG_OK;
  if (gln_view_has_fill(view, NULL))
    return EG_INFEASIBLE;
  eg_status status = gln_view_inverse(&w->memory, view, out, NULL);
  if (status == EG_NO_MEMORY)
    return gln_fail(w->error, status, "no memory for a view");
  return status == EG_OK ? EG_OK : EG_INFEASIBLE;
}

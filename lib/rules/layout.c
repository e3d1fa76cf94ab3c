// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How operands lie in DRAM. An array's axes follow the tensor that it is read from,
// so that what is next to it is next to it there. Weights are constants: to pack them
// costs nothing at run time, so they lie as the array reads them, in long runs.
#include "rules/rewrite.h"

#include "view/try.h"

#include <string.h>

enum { MAX_NODES = 8 }; // of a class that are looked at

// Whether the class of an `apply` of |kernel| has another one of a reduction that is
// not superseded.
static bool has_better(const gln_rewriter *w, eg_class id, eg_class kernel) {
  const gln_lang *lang = w->lang;
  eg_node nodes[MAX_NODES], ignored;
  uint32_t num = gln_class_all(lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t arity;
    eg_class k = eg_node_children(lang->graph, nodes[i], &arity)[0];
    if (eg_find(lang->graph, k).id != eg_find(lang->graph, kernel).id &&
        !gln_is_superseded(w, k) &&
        (gln_class_find(lang, k, GLN_NODE_CONTRACT, &ignored) ||
         gln_class_find(lang, k, GLN_NODE_REDUCE, &ignored)))
      return true;
  }
  return false;
}

//===-- follow-layout -----------------------------------------------------===//

// The flat address in the source that |view| reads at |index|; false: the fill.
static bool address_at(const gln_view *view, const int64_t *index,
                       int64_t *out) {
  int64_t at[GLN_VIEW_MAX_RANK];
  const int64_t *extents = gln_view_source_extents(view);
  if (!gln_view_evaluate(view, index, at))
    return false;
  *out = 0;
  for (size_t d = 0; d < gln_view_source_rank(view); ++d)
    *out = *out * extents[d] + at[d];
  return true;
}

// How far apart neighbours along |dim| lie, in the middle of the array; false: no
// two of them are read there.
static bool distance_along(const gln_view *view, size_t dim, int64_t *out) {
  int64_t index[GLN_VIEW_MAX_RANK], here, next;
  const int64_t *extents = gln_view_extents(view);
  for (size_t d = 0; d < gln_view_rank(view); ++d)
    index[d] = extents[d] / 2;
  if (!address_at(view, index, &here))
    return false;
  index[dim] += index[dim] + 1 < extents[dim] ? 1 : -1;
  if (extents[dim] < 2 || !address_at(view, index, &next))
    return false;
  *out = next < here ? here - next : next - here;
  if (*out == 0) // repeated: it may as well stand outside
    *out = INT64_MAX;
  return true;
}

// The axes of the array by falling distance. False: they are so, or it is not known.
static bool layout_order(const gln_view *view, int64_t *perm) {
  int64_t distances[GLN_SPEC_MAX_RANK], distance;
  bool moved = false;
  for (size_t r = 0; r < gln_view_rank(view); ++r) {
    size_t at = r;
    if (r == GLN_SPEC_MAX_RANK || !distance_along(view, r, &distance))
      return false;
    for (; at > 0 && distances[at - 1] < distance; --at) {
      distances[at] = distances[at - 1];
      perm[at] = perm[at - 1];
      moved = true;
    }
    distances[at] = distance;
    perm[at] = (int64_t)r;
  }
  return moved;
}

static void permute_axes(const gln_spec *from, size_t operand,
                         const int64_t *perm, gln_spec *to) {
  for (size_t r = 0; r < from->operands[operand].rank; ++r)
    memcpy(to->operands[operand].coef[r], from->operands[operand].coef[perm[r]],
           sizeof to->operands[operand].coef[r]);
}

// apply K (V x, y) = apply K' (T V x, y)
//
// for the transposition T that makes neighbours in the array neighbours in x; K' is K
// with the axes of that operand in this order.
static eg_status follow(gln_rewriter *w, eg_class id, eg_node apply,
                        const gln_spec *spec) {
  eg_class operands[GLN_SPEC_MAX_OPERANDS], kernel, made;
  gln_spec oriented = *spec;
  uint32_t arity;
  bool any = false;
  const eg_class *c = eg_node_children(w->lang->graph, apply, &arity);
  eg_class old = c[0];
  memcpy(operands, c + 1, spec->num_operands * sizeof *operands);
  for (size_t k = 0; k < spec->num_operands; ++k) {
    int64_t perm[GLN_SPEC_MAX_RANK], extents[GLN_SPEC_MAX_RANK];
    gln_read read = gln_class_read(w->lang, operands[k]);
    gln_view *transpose;
    if (!read.view || gln_lang_is_constant(w->lang, operands[k]) ||
        !layout_order(read.view, perm))
      continue;
    if (!any && !gln_rewriter_match(w, GLN_RULE_FOLLOW_LAYOUT, spec->result))
      return EG_OK;
    any = true;
    gln_spec_operand_box(spec, k, extents, NULL);
    GLN_TRY(gln_view_transpose(&w->memory, spec->operands[k].rank, extents,
                               perm, &transpose, w->error));
    eg_status status =
        gln_rewriter_check(w, gln_add_view(w->lang, &w->memory, transpose,
                                           operands[k], &operands[k]));
    gln_view_destroy(&w->memory, transpose);
    GLN_TRY(status);
    permute_axes(spec, k, perm, &oriented);
  }
  if (!any)
    return EG_OK;
  GLN_TRY(gln_rewriter_check(w, gln_add_spec(w->lang, &oriented, &kernel)));
  GLN_TRY(gln_rewriter_check(
      w, gln_add_apply(w->lang, kernel, operands, spec->num_operands, &made)));
  GLN_TRY(gln_rewriter_unite(w, GLN_RULE_FOLLOW_LAYOUT, id, made));
  return gln_rewriter_supersede(w, old);
}

static eg_status follow_class(gln_rewriter *w, eg_class id) {
  eg_node nodes[MAX_NODES], node;
  uint32_t num = gln_class_all(w->lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t arity;
    gln_spec spec;
    eg_class k = eg_node_children(w->lang->graph, nodes[i], &arity)[0];
    if ((gln_class_find(w->lang, k, GLN_NODE_CONTRACT, &node) ||
         gln_class_find(w->lang, k, GLN_NODE_REDUCE, &node)) &&
        gln_node_spec(w->lang, node, &spec))
      GLN_TRY(follow(w, id, nodes[i], &spec));
  }
  return EG_OK;
}

//===-- pack-weights ------------------------------------------------------===//

// The one dim that axis |r| of operand 1 reads, in steps of 1; -1 otherwise.
static int dim_of_axis(const gln_spec *spec, size_t r) {
  int dim = -1;
  for (size_t d = 0; d < spec->num_dims; ++d) {
    int32_t c = spec->operands[1].coef[r][d];
    if (c != 0 && (dim >= 0 || c != 1))
      return -1;
    if (c != 0)
      dim = (int)d;
  }
  return dim;
}

static bool is_windowed(const gln_spec *spec, int dim) {
  const gln_spec_operand *o = &spec->operands[0];
  for (size_t r = 0; r < o->rank; ++r)
    for (size_t d = 0; d < spec->num_dims && o->coef[r][dim]; ++d)
      if ((int)d != dim && o->coef[r][d])
        return true;
  return false;
}

// Columns lie along a row of weights, the rest of the reduction above them, the
// offsets of a window outside.
static int place_of(const gln_spec *spec, int dim) {
  switch (gln_spec_role(spec, (size_t)dim)) {
  case GLN_ROLE_INNER:
    return is_windowed(spec, dim) ? 0 : 1;
  case GLN_ROLE_BATCH:
    return 2;
  default:
    return 3;
  }
}

// The axes of operand 1 in the order of their places. False: an axis that is no dim,
// or they lie so already.
static bool pack_order(const gln_spec *spec, int64_t *perm) {
  size_t num = spec->operands[1].rank;
  bool moved = false;
  int places[GLN_SPEC_MAX_RANK];
  for (size_t r = 0; r < num; ++r) {
    int dim = dim_of_axis(spec, r);
    if (dim < 0)
      return false;
    int place = place_of(spec, dim);
    size_t at = r;
    for (; at > 0 && places[at - 1] > place; --at) {
      places[at] = places[at - 1];
      perm[at] = perm[at - 1];
      moved = true;
    }
    places[at] = place;
    perm[at] = (int64_t)r;
  }
  return moved;
}

// Whether simplification left operand 0 and the result as they were: reduced dims
// may have changed places.
static bool same_outside(const gln_spec *a, const gln_spec *b,
                         const gln_origin *origin) {
  int64_t extents[2][GLN_SPEC_MAX_RANK];
  if (a->num_dims != b->num_dims || a->num_parallel != b->num_parallel ||
      a->operands[0].rank != b->operands[0].rank)
    return false;
  for (size_t d = 0; d < a->num_dims; ++d)
    if (origin[d].num != 1 || (d < a->num_parallel && origin[d].dims[0] != d))
      return false;
  gln_spec_operand_box(a, 0, extents[0], NULL);
  gln_spec_operand_box(b, 0, extents[1], NULL);
  return memcmp(extents[0], extents[1],
                a->operands[0].rank * sizeof(int64_t)) == 0;
}

static eg_status pack_view(const gln_rewriter *w, const gln_spec *from,
                           const gln_spec *to, const int64_t *perm,
                           gln_view **out) {
  int64_t old[GLN_SPEC_MAX_RANK], moved[GLN_SPEC_MAX_RANK];
  int64_t new[GLN_SPEC_MAX_RANK];
  size_t rank = from->operands[1].rank;
  gln_view *transpose, *reshape = NULL;
  gln_spec_operand_box(from, 1, old, NULL);
  gln_spec_operand_box(to, 1, new, NULL);
  for (size_t r = 0; r < rank; ++r)
    moved[r] = old[perm[r]];
  GLN_TRY(
      gln_view_transpose(&w->memory, rank, old, perm, &transpose, w->error));
  eg_status status = gln_view_reshape(
      &w->memory, rank, moved, to->operands[1].rank, new, &reshape, w->error);
  if (status == EG_OK)
    status = gln_view_compose(&w->memory, reshape, transpose, out, w->error);
  gln_view_destroy(&w->memory, transpose);
  gln_view_destroy(&w->memory, reshape);
  return status;
}

// apply K (x, w) = apply K' (x, pack w)
//
// for constant w: K' is K with the axes of its second operand in another order.
static eg_status pack(gln_rewriter *w, eg_class id, eg_class kernel,
                      const gln_spec *spec, eg_class x, eg_class weights) {
  int64_t perm[GLN_SPEC_MAX_RANK];
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec packed = *spec;
  if (!pack_order(spec, perm) ||
      !gln_rewriter_match(w, GLN_RULE_PACK_WEIGHTS, spec->result))
    return EG_OK;
  permute_axes(spec, 1, perm, &packed);
  gln_spec_simplify(&packed, origin);
  if (!same_outside(spec, &packed, origin))
    return EG_OK;
  gln_view *view;
  eg_class operands[2] = {x, weights}, k, made;
  GLN_TRY(pack_view(w, spec, &packed, perm, &view));
  eg_status status = gln_rewriter_check(
      w, gln_add_copy(w->lang, GLN_NODE_PACK, view, weights, &operands[1]));
  gln_view_destroy(&w->memory, view);
  if (status == EG_OK)
    status = gln_rewriter_check(w, gln_add_spec(w->lang, &packed, &k));
  if (status == EG_OK)
    status =
        gln_rewriter_check(w, gln_add_apply(w->lang, k, operands, 2, &made));
  if (status == EG_OK)
    status = gln_rewriter_unite(w, GLN_RULE_PACK_WEIGHTS, id, made);
  if (status == EG_OK)
    status = gln_rewriter_supersede(w, kernel);
  return status;
}

static eg_status pack_class(gln_rewriter *w, eg_class id) {
  eg_node nodes[MAX_NODES], contract;
  uint32_t num = gln_class_all(w->lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t arity;
    gln_spec spec;
    const eg_class *c = eg_node_children(w->lang->graph, nodes[i], &arity);
    if (arity == 3 && !gln_lang_is_constant(w->lang, c[1]) &&
        gln_lang_is_constant(w->lang, c[2]) && !gln_is_replaced(w, c[0]) &&
        !(gln_is_superseded(w, c[0]) && has_better(w, id, c[0])) &&
        gln_class_find(w->lang, c[0], GLN_NODE_CONTRACT, &contract) &&
        gln_node_spec(w->lang, contract, &spec))
      GLN_TRY(pack(w, id, c[0], &spec, c[1], c[2]));
  }
  return EG_OK;
}

//===-- All ---------------------------------------------------------------===//

// A kernel that some use has nothing better for is needed as it is.
static void keep_used(gln_rewriter *w, eg_class kernel) {
  uint32_t num;
  const eg_node *parents = eg_class_parents(w->lang->graph, kernel, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(w->lang, parents[i]) == GLN_NODE_APPLY &&
        !has_better(w, eg_node_class(w->lang->graph, parents[i]), kernel))
      gln_rewriter_keep(w, kernel);
}

static eg_status each_value(gln_rewriter *w,
                            eg_status (*visit)(gln_rewriter *w, eg_class id)) {
  eg_graph *graph = w->lang->graph;
  // What other rules made is beyond the classes of the start, and read by them.
  for (uint32_t i = 1, last = gln_last_class(w->lang); i <= last; ++i) {
    eg_class id = eg_find(graph, (eg_class){i});
    if (eg_class_sort(graph, id).id == w->lang->value.id)
      GLN_TRY(visit(w, id));
  }
  return EG_OK;
}

eg_status gln_rewrite_layout(gln_rewriter *w) {
  eg_graph *graph = w->lang->graph;
  GLN_TRY(each_value(w, follow_class));
  GLN_TRY(each_value(w, pack_class));
  for (eg_class id = {0}; (id = eg_class_next(graph, id)).id;)
    if (gln_is_superseded(w, id))
      keep_used(w, id);
  return gln_rewriter_check(w, eg_rebuild(graph));
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// softmax as what a vector unit has: two reductions and two maps.
#include "rules/rewrite.h"

#include "kernel/spec.h"
#include "view/try.h"

#include <stdio.h>

// exp(x - y) at each point of |shape|.
static eg_status exp_difference(gln_rewriter *w, const gln_shape *shape,
                                eg_class x, eg_class y, eg_class *out) {
  char text[120];
  const char *t = gln_type_name(shape->type);
  eg_class operands[2] = {x, y};
  gln_scalar_body body;
  int length = snprintf(text, sizeof text,
                        "(body (%s %s) ((sub %s %%0 %%1) (exp %s %%2)) (%%3))",
                        t, t, t, t);
  GLN_TRY(gln_scalar_body_parse(&body, text, (size_t)length, w->memory,
                                w->error));
  eg_status status = gln_rewriter_map(w, shape, &body, operands, out);
  gln_scalar_body_fini(&body);
  return status;
}

// What |combine| makes of the items of |x|, at each element of |x|.
static eg_status spread_reduction(gln_rewriter *w, const gln_shape *shape,
                                  gln_combine combine, eg_class x,
                                  eg_class *out) {
  bool reduced[GLN_MAX_RANK];
  int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK] = {0};
  int64_t offset[GLN_MAX_RANK] = {0};
  gln_view *whole = NULL, *spread = NULL;
  GLN_TRY(gln_view_identity(&w->memory, shape->rank, shape->dims, &whole,
                            w->error));
  for (size_t d = 0; d < shape->rank; ++d) {
    reduced[d] = d >= shape->num_access;
    if (!reduced[d])
      matrix[d * shape->rank + d] = 1;
  }
  gln_reduction r = {.combine = combine,
                     .result = shape->type,
                     .rank = shape->rank,
                     .extents = shape->dims,
                     .reduced = reduced,
                     .num_operands = 1,
                     .views = {whole},
                     .types = {shape->type}};
  eg_status status = gln_rewriter_reduce(w, &r, x, out);
  gln_view_destroy(&w->memory, whole);
  if (status == EG_OK)
    status = gln_view_affine(&w->memory, shape->num_access, shape->dims,
                             shape->rank, shape->dims, matrix, offset, &spread,
                             w->error);
  if (status == EG_OK)
    status = gln_rewriter_check(
        w, gln_add_view(w->lang, &w->memory, spread, *out, out));
  gln_view_destroy(&w->memory, spread);
  return status;
}

// softmax x = e / Σ e,  e = exp(x - max x)
static eg_status split(gln_rewriter *w, const gln_shape *shape, eg_class x,
                       eg_class *out) {
  eg_class most, e, sum;
  GLN_TRY(spread_reduction(w, shape, GLN_COMBINE_MAX, x, &most));
  GLN_TRY(exp_difference(w, shape, x, most, &e));
  GLN_TRY(spread_reduction(w, shape, GLN_COMBINE_SUM, e, &sum));
  return gln_rewriter_binary(w, GLN_SCALAR_DIV, shape, e, sum, out);
}

// The operand of |apply| and the shape that its softmax splits it into.
static bool read_softmax(const gln_rewriter *w, eg_node apply, eg_class *out_x,
                         gln_shape *out_shape) {
  eg_graph *graph = w->lang->graph;
  uint32_t num;
  size_t size;
  eg_node softmax;
  const eg_class *children = eg_node_children(graph, apply, &num);
  if (num != 2 ||
      !gln_class_find(w->lang, children[0], GLN_NODE_SOFTMAX, &softmax))
    return false;
  const uint32_t *words =
      eg_payload_bytes(graph, eg_node_payload(graph, softmax), &size);
  *out_x = children[1];
  *out_shape = gln_class_shape(w->lang, children[1]);
  out_shape->num_access = (uint8_t)words[0];
  return gln_type_is_float(out_shape->type);
}

static eg_status rewrite(gln_rewriter *w, eg_class id, eg_node apply) {
  eg_class x, made;
  gln_shape shape;
  if (!read_softmax(w, apply, &x, &shape) ||
      !gln_rewriter_match(w, GLN_RULE_SPLIT_SOFTMAX, shape.type))
    return EG_OK;
  GLN_TRY(split(w, &shape, x, &made));
  return gln_rewriter_unite(w, GLN_RULE_SPLIT_SOFTMAX, id, made);
}

eg_status gln_rewrite_softmax(gln_rewriter *w) {
  return gln_rewriter_each_apply(w, rewrite);
}

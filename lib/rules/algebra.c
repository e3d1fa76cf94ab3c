// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules of algebra: what constants do to each other happens before run time.
#include "rules/rewrite.h"

#include "rules/body.h"
#include "view/try.h"

#include <string.h>

//===-- hoist-constants ---------------------------------------------------===//

// The constant operands that are read through one view.
typedef struct group {
  const gln_view *view; // NULL = as they are
  uint32_t args;        // of the map, a bit each
  eg_class sources[GLN_LANG_MAX_OPERANDS];
} group;

static bool same_view(const gln_view *a, const gln_view *b) {
  return a == b || (a && b && gln_view_equal(a, b));
}

// The constant operands of |use| that are read as the first one not in |done|.
static bool next_group(const gln_rewriter *w, const gln_map_use *use,
                       uint32_t *done, group *out) {
  *out = (group){.view = NULL};
  for (uint32_t i = 0; i < use->num; ++i) {
    if (*done >> i & 1 || !gln_lang_is_constant(w->lang, use->operands[i]))
      continue;
    gln_read read = gln_class_read(w->lang, use->operands[i]);
    if (out->args && !same_view(read.view, out->view))
      continue;
    out->view = read.view;
    out->args |= UINT32_C(1) << i;
    out->sources[i] = read.source;
  }
  *done |= out->args;
  return out->args != 0;
}

// The values of |regs| of the map's body at every point of what the group reads,
// as one operand each.
static eg_status make_constants(gln_rewriter *w, const gln_map_use *use,
                                const group *g, const uint16_t *regs,
                                size_t num_regs, eg_class *out) {
  gln_shape shape = use->shape;
  if (g->view) {
    shape.rank = (uint8_t)gln_view_source_rank(g->view);
    memcpy(shape.dims, gln_view_source_extents(g->view),
           shape.rank * sizeof *shape.dims);
  }
  for (size_t i = 0; i < num_regs; ++i) {
    gln_scalar_body body;
    uint16_t args[GLN_LANG_MAX_OPERANDS];
    eg_class operands[GLN_LANG_MAX_OPERANDS];
    GLN_TRY(
        gln_body_slice(&use->body, regs[i], w->memory, &body, args, w->error));
    for (uint16_t a = 0; a < body.num_args; ++a)
      operands[a] = g->sources[args[a]];
    eg_status status = gln_rewriter_map(w, &shape, &body, operands, &out[i]);
    gln_scalar_body_fini(&body);
    if (status == EG_OK && g->view)
      status = gln_rewriter_check(
          w, gln_add_view(w->lang, &w->memory, g->view, out[i], &out[i]));
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

// map f(x, V c) = map g(x, V (map h(c)))     where f(x, c) = g(x, h(c))
//
// for constant c: what h computes is computed once, and before run time.
static eg_status hoist(gln_rewriter *w, gln_map_use *use, const group *g) {
  uint16_t regs[GLN_LANG_MAX_OPERANDS];
  size_t num =
      gln_body_frontier(&use->body, g->args, regs, GLN_LANG_MAX_OPERANDS);
  for (size_t i = 0; i < num; ++i) // a factor widened to 64 bits is no gain
    if (gln_scalar_body_type(&use->body, regs[i]) == GLN_TYPE_I64)
      return EG_OK;
  if (num == 0 ||
      !gln_rewriter_match(w, GLN_RULE_HOIST_CONSTANTS, use->shape.type))
    return EG_OK;
  eg_class operands[2 * GLN_LANG_MAX_OPERANDS], made;
  gln_scalar_body body;
  uint16_t args[GLN_LANG_MAX_OPERANDS];
  eg_status status =
      gln_body_cut(&use->body, regs, num, w->memory, &body, args, w->error);
  if (status == EG_LIMIT)
    return EG_OK; // more operands than a kernel has
  GLN_TRY(status);
  size_t kept = body.num_args - num;
  for (size_t i = 0; i < kept; ++i)
    operands[i] = use->operands[args[i]];
  status = make_constants(w, use, g, regs, num, operands + kept);
  if (status == EG_OK)
    status = gln_rewriter_map(w, &use->shape, &body, operands, &made);
  if (status == EG_OK)
    status = gln_rewriter_unite(w, GLN_RULE_HOIST_CONSTANTS,
                                eg_node_class(w->lang->graph, use->node), made);
  if (status != EG_OK) {
    gln_scalar_body_fini(&body);
    return status;
  }
  // Another group goes on from here.
  gln_scalar_body_fini(&use->body);
  use->body = body;
  use->num = body.num_args;
  memcpy(use->operands, operands, use->num * sizeof *operands);
  return EG_OK;
}

static eg_status hoist_all(gln_rewriter *w, eg_node apply) {
  gln_map_use use;
  if (!gln_map_use_read(w, apply, &use))
    return EG_OK;
  uint32_t done = 0;
  group g;
  eg_status status = EG_OK;
  bool any_variable = false;
  for (uint32_t i = 0; i < use.num; ++i)
    any_variable |= !gln_lang_is_constant(w->lang, use.operands[i]);
  while (any_variable && status == EG_OK && next_group(w, &use, &done, &g)) {
    uint64_t before = w->counts[GLN_RULE_HOIST_CONSTANTS].applied;
    status = hoist(w, &use, &g);
    if (w->counts[GLN_RULE_HOIST_CONSTANTS].applied != before)
      done = 0; // the arguments have other numbers now
  }
  gln_map_use_fini(&use);
  return status;
}

//===-- scale-weights -----------------------------------------------------===//

// The contraction that operand |at| of the map is, and that nothing else reads.
static bool scaled_contract(const gln_rewriter *w, const gln_map_use *use,
                            uint32_t at, gln_spec *spec, eg_node *out_apply) {
  eg_node contract;
  uint32_t num;
  if (!gln_has_one_user(w, use->operands[at]) ||
      !gln_class_find(w->lang, use->operands[at], GLN_NODE_APPLY, out_apply))
    return false;
  const eg_class *children = eg_node_children(w->lang->graph, *out_apply, &num);
  return num == 3 &&
         gln_class_find(w->lang, children[0], GLN_NODE_CONTRACT, &contract) &&
         gln_node_spec(w->lang, contract, spec) &&
         gln_type_is_float(spec->result) &&
         spec->operands[1].type == spec->result &&
         !gln_lang_is_constant(w->lang, children[1]) &&
         gln_lang_is_constant(w->lang, children[2]);
}

// The view that reads at each weight what |scale|, of the shape of the result, has
// at the columns that the weight goes to. EG_INFEASIBLE when it is not one value.
static eg_status scale_at_weights(const gln_rewriter *w, const gln_spec *spec,
                                  const gln_view *scale, gln_view **out) {
  size_t rank = spec->num_parallel, to = spec->operands[1].rank;
  size_t sources = gln_view_source_rank(scale);
  int64_t matrix[GLN_VIEW_MAX_RANK * GLN_VIEW_MAX_RANK];
  int64_t extents[GLN_SPEC_MAX_RANK], offset[GLN_VIEW_MAX_RANK] = {0};
  int64_t axes[GLN_SPEC_MAX_DIMS * GLN_SPEC_MAX_RANK] = {0};
  if (gln_view_has_fill(scale, NULL) ||
      !gln_view_is_affine(scale, matrix, NULL))
    return EG_INFEASIBLE;
  for (size_t d = 0; d < rank; ++d) {
    bool read = false, found = false;
    for (size_t s = 0; s < sources; ++s)
      read |= matrix[s * rank + d] != 0;
    for (size_t r = 0; r < to && read && !found; ++r) {
      found = spec->operands[1].coef[r][d] == 1;
      for (size_t e = 0; e < spec->num_dims && found; ++e)
        found = e == d || spec->operands[1].coef[r][e] == 0;
      axes[d * to + r] = found;
    }
    if (read && !found)
      return EG_INFEASIBLE;
  }
  gln_spec_operand_box(spec, 1, extents, NULL);
  gln_view *through;
  GLN_TRY(gln_view_affine(&w->memory, rank, spec->dims, to, extents, axes,
                          offset, &through, w->error));
  eg_status status =
      gln_view_compose(&w->memory, through, scale, out, w->error);
  gln_view_destroy(&w->memory, through);
  return status;
}

// |body| of constants at every point that |use| reads; all through one view.
static eg_status map_constants(gln_rewriter *w, const gln_map_use *use,
                               const gln_scalar_body *body,
                               const uint16_t *args, eg_class *out_source,
                               const gln_view **out_view) {
  eg_class operands[GLN_LANG_MAX_OPERANDS];
  gln_shape shape = use->shape;
  for (uint16_t i = 0; i < body->num_args; ++i) {
    gln_read read = gln_class_read(w->lang, use->operands[args[i]]);
    if (i > 0 && !same_view(read.view, *out_view))
      return EG_INFEASIBLE;
    *out_view = read.view;
    operands[i] = read.source;
    shape = gln_class_shape(w->lang, read.source);
  }
  return body->num_args == 0
             ? EG_INFEASIBLE
             : gln_rewriter_map(w, &shape, body, operands, out_source);
}

static eg_status scaled_weights(gln_rewriter *w, const gln_spec *spec,
                                eg_class weights, eg_class scale,
                                const gln_view *view, eg_class *out) {
  gln_view *at_weights = NULL, *whole = NULL;
  gln_shape shape = gln_class_shape(w->lang, weights);
  if (!view)
    GLN_TRY(gln_view_identity(&w->memory, spec->num_parallel, spec->dims,
                              &whole, w->error));
  eg_status status =
      scale_at_weights(w, spec, view ? view : whole, &at_weights);
  gln_view_destroy(&w->memory, whole);
  if (status == EG_OK)
    status = gln_rewriter_check(
        w, gln_add_view(w->lang, &w->memory, at_weights, scale, &scale));
  gln_view_destroy(&w->memory, at_weights);
  return status == EG_OK ? gln_rewriter_binary(w, GLN_SCALAR_MUL, &shape,
                                               weights, scale, out)
                         : status;
}

// The two parts of an affine body, and what its arguments were.
typedef struct affine {
  gln_scalar_body scale, shift;
  uint16_t scale_args[GLN_LANG_MAX_OPERANDS];
  uint16_t shift_args[GLN_LANG_MAX_OPERANDS];
  bool has_shift;
} affine;

// The shift is a constant as well; EG_INFEASIBLE where its parts are read through
// different views.
static eg_status add_shift(gln_rewriter *w, const gln_map_use *use,
                           const affine *a, eg_class product, eg_class *out) {
  eg_class shift;
  const gln_view *view = NULL;
  eg_status status =
      map_constants(w, use, &a->shift, a->shift_args, &shift, &view);
  if (status == EG_OK && view)
    status = gln_rewriter_check(
        w, gln_add_view(w->lang, &w->memory, view, shift, &shift));
  return status == EG_OK ? gln_rewriter_binary(w, GLN_SCALAR_ADD, &use->shape,
                                               product, shift, out)
                         : status;
}

// s[j] Σ_r x[i, r] w[r, j] + t[j] = Σ_r x[i, r] (s[j] w[r, j]) + t[j]
static eg_status apply_scale(gln_rewriter *w, const gln_map_use *use,
                             const gln_spec *spec, eg_node contraction,
                             const affine *a) {
  uint32_t num;
  eg_class scale, weights, result, operands[2];
  const gln_view *view = NULL;
  eg_status status =
      map_constants(w, use, &a->scale, a->scale_args, &scale, &view);
  if (status == EG_INFEASIBLE)
    return EG_OK;
  GLN_TRY(status);
  const eg_class *children =
      eg_node_children(w->lang->graph, contraction, &num);
  eg_class kernel = children[0], input = children[1], old = children[2];
  status = scaled_weights(w, spec, old, scale, view, &weights);
  if (status == EG_INFEASIBLE)
    return EG_OK;
  GLN_TRY(status);
  operands[0] = input;
  operands[1] = weights;
  GLN_TRY(gln_rewriter_check(
      w, gln_add_apply(w->lang, kernel, operands, 2, &result)));
  if (a->has_shift) {
    status = add_shift(w, use, a, result, &result);
    if (status == EG_INFEASIBLE)
      return EG_OK;
    GLN_TRY(status);
  }
  return gln_rewriter_unite(w, GLN_RULE_SCALE_WEIGHTS,
                            eg_node_class(w->lang->graph, use->node), result);
}

static eg_status scale_use(gln_rewriter *w, const gln_map_use *use) {
  for (uint16_t i = 0; i < use->num; ++i) {
    gln_spec spec;
    eg_node contraction;
    affine a;
    if (!scaled_contract(w, use, i, &spec, &contraction))
      continue;
    bool others = true;
    for (uint32_t k = 0; k < use->num; ++k)
      others &= k == i || gln_lang_is_constant(w->lang, use->operands[k]);
    if (!others)
      continue;
    eg_status status =
        gln_body_affine(&use->body, i, w->memory, &a.scale, a.scale_args,
                        &a.shift, a.shift_args, &a.has_shift, w->error);
    if (status == EG_NOT_FOUND || status == EG_LIMIT)
      continue;
    GLN_TRY(status);
    if (gln_rewriter_match(w, GLN_RULE_SCALE_WEIGHTS, use->shape.type))
      status = apply_scale(w, use, &spec, contraction, &a);
    gln_scalar_body_fini(&a.scale);
    gln_scalar_body_fini(&a.shift);
    return status;
  }
  return EG_OK;
}

static eg_status scale_class(gln_rewriter *w, eg_class id) {
  enum { MAX_NODES = 8 };
  eg_node nodes[MAX_NODES];
  uint32_t num = gln_class_all(w->lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    gln_map_use use;
    if (!gln_map_use_read(w, nodes[i], &use))
      continue;
    uint64_t before = w->counts[GLN_RULE_SCALE_WEIGHTS].applied;
    eg_status status = scale_use(w, &use);
    gln_map_use_fini(&use);
    if (status != EG_OK || w->counts[GLN_RULE_SCALE_WEIGHTS].applied != before)
      return status;
  }
  return EG_OK;
}

//===-- All ---------------------------------------------------------------===//

static eg_status rewrite(gln_rewriter *w, eg_class id, eg_node apply) {
  GLN_TRY(hoist_all(w, apply));
  return scale_class(w, id);
}

eg_status gln_rewrite_algebra(gln_rewriter *w) {
  return gln_rewriter_each_apply(w, rewrite);
}

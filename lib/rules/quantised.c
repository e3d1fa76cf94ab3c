// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules of networks in narrow types: what arrays of small numbers take. Those of
// integers, which wrap, hold exactly.
#include "rules/rewrite.h"

#include "view/try.h"

#include <stdio.h>
#include <string.h>

//===-- zero-point --------------------------------------------------------===//

// x - zero of a narrow x, read through a view.
typedef struct shifted {
  eg_class operand; // x, where the map reads it
  const gln_view *view;
  int64_t zero;
} shifted;

// The body is cast(x) - c or cast(x) + c, in i32.
static bool is_shift(const gln_scalar_body *body, int64_t *zero) {
  if (body->num_args != 1 || body->num_results != 1 ||
      body->arg_types[0] != GLN_TYPE_I8 || body->results[0] < body->num_args)
    return false;
  const gln_scalar_inst *sum = &body->insts[body->results[0] - body->num_args];
  if ((sum->op != GLN_SCALAR_SUB && sum->op != GLN_SCALAR_ADD) ||
      sum->type != GLN_TYPE_I32)
    return false;
  for (int k = 0; k < 2; ++k) {
    uint16_t x = sum->args[k], c = sum->args[1 - k];
    if (x < 1 || c < 1 || (k == 1 && sum->op == GLN_SCALAR_SUB))
      continue;
    const gln_scalar_inst *cast = &body->insts[x - 1];
    const gln_scalar_inst *number = &body->insts[c - 1];
    if (cast->op != GLN_SCALAR_CAST || cast->args[0] != 0 ||
        number->op != GLN_SCALAR_CONST)
      continue;
    *zero = (int32_t)(uint32_t)number->bits;
    *zero = sum->op == GLN_SCALAR_ADD ? -*zero : *zero;
    return true;
  }
  return false;
}

static bool find_shift(const gln_rewriter *w, eg_class id, shifted *out) {
  enum { MAX_READS = 4, MAX_NODES = 8 };
  gln_read reads[MAX_READS];
  uint32_t num = gln_class_reads(w->lang, id, reads, MAX_READS);
  for (uint32_t i = 0; i < num; ++i) {
    eg_node nodes[MAX_NODES];
    gln_map_use use;
    uint32_t all = gln_class_all(w->lang, reads[i].source, GLN_NODE_APPLY,
                                 nodes, MAX_NODES);
    if (reads[i].view && gln_view_has_fill(reads[i].view, NULL))
      continue; // what is padded behind the subtraction is no x
    for (uint32_t n = 0; n < all; ++n) {
      if (!gln_map_use_read(w, nodes[n], &use))
        continue;
      bool found = is_shift(&use.body, &out->zero);
      *out = (shifted){use.operands[0], reads[i].view, out->zero};
      gln_map_use_fini(&use);
      if (found)
        return true;
    }
  }
  return false;
}

// The dims of |spec| that its second operand has: their numbers, how many of them
// are parallel; how often each of its products is there for another dim.
typedef struct own_dims {
  size_t num, parallel;
  size_t dims[GLN_SPEC_MAX_DIMS];
  int64_t extents[GLN_SPEC_MAX_DIMS], repeats;
  bool reduced[GLN_SPEC_MAX_DIMS];
} own_dims;

static void find_own(const gln_spec *spec, own_dims *out) {
  *out = (own_dims){.repeats = 1};
  for (size_t d = 0; d < spec->num_dims; ++d) {
    bool reads = false, reduced = d >= spec->num_parallel;
    for (size_t a = 0; a < spec->operands[1].rank; ++a)
      reads |= spec->operands[1].coef[a][d] != 0;
    if (!reads) {
      out->repeats *= reduced ? spec->dims[d] : 1;
      continue;
    }
    out->dims[out->num] = d;
    out->extents[out->num] = spec->dims[d];
    out->reduced[out->num++] = reduced;
    out->parallel += !reduced;
  }
}

// From the box of those dims to the weights.
static eg_status own_view(const gln_rewriter *w, const gln_spec *spec,
                          const own_dims *own, gln_view **out) {
  const gln_spec_operand *o = &spec->operands[1];
  int64_t extents[GLN_SPEC_MAX_RANK], offset[GLN_SPEC_MAX_RANK] = {0};
  int64_t matrix[GLN_SPEC_MAX_RANK * GLN_SPEC_MAX_DIMS] = {0};
  gln_spec_operand_box(spec, 1, extents, offset);
  for (size_t a = 0; a < o->rank; ++a)
    for (size_t i = 0; i < own->num; ++i)
      matrix[a * own->num + i] = o->coef[a][own->dims[i]];
  return gln_view_affine(&w->memory, o->rank, extents, own->num, own->extents,
                         matrix, offset, out, w->error);
}

// f(Σ w), of the shape of the parallel dims that the weights have.
static eg_status sum_weights(gln_rewriter *w, const gln_spec *spec,
                             const own_dims *own, eg_class weights,
                             eg_class *out) {
  gln_view *view;
  GLN_TRY(own_view(w, spec, own, &view));
  gln_reduction sum = {.combine = GLN_COMBINE_SUM,
                       .result = spec->result,
                       .rank = own->num,
                       .extents = own->extents,
                       .reduced = own->reduced,
                       .num_operands = 1,
                       .views = {view},
                       .types = {spec->operands[1].type},
                       .constant = {true}};
  eg_status status = gln_rewriter_reduce(w, &sum, weights, out);
  gln_view_destroy(&w->memory, view);
  return status;
}

// (x) -> x * factor
static eg_status scale(gln_rewriter *w, int64_t factor, eg_class *value) {
  gln_scalar_body body;
  gln_shape shape = gln_class_shape(w->lang, *value);
  uint16_t args[2] = {0}, product;
  GLN_TRY(gln_scalar_body_init(&body, &(gln_type){shape.type}, 1, w->memory,
                               w->error));
  eg_status status = gln_scalar_body_const(
      &body, gln_scalar_from_int(shape.type, factor), &args[1], w->error);
  if (status == EG_OK)
    status = gln_scalar_body_op(&body, GLN_SCALAR_MUL, shape.type, args, 2,
                                &product, w->error);
  if (status == EG_OK)
    status = gln_scalar_body_result(&body, product, w->error);
  if (status == EG_OK)
    status = gln_rewriter_map(w, &shape, &body, value, value);
  gln_scalar_body_fini(&body);
  return status;
}

// |value|, of the parallel dims in |own|, at all of the result's.
static eg_status spread(gln_rewriter *w, const gln_spec *spec,
                        const own_dims *own, eg_class *value) {
  int64_t matrix[GLN_SPEC_MAX_DIMS * GLN_SPEC_MAX_DIMS] = {0};
  int64_t offset[GLN_SPEC_MAX_DIMS] = {0};
  gln_view *view;
  for (size_t i = 0; i < own->parallel; ++i)
    matrix[i * spec->num_parallel + own->dims[i]] = 1;
  GLN_TRY(gln_view_affine(&w->memory, own->parallel, own->extents,
                          spec->num_parallel, spec->dims, matrix, offset, &view,
                          w->error));
  eg_status status = gln_rewriter_check(
      w, gln_add_view(w->lang, &w->memory, view, *value, value));
  gln_view_destroy(&w->memory, view);
  return status;
}

// Σ_r (x[i, r] - z) w[r, j] = Σ_r x[i, r] w[r, j] + (-z Σ_r w[r, j])
//
// for constant w: then the array gets x as it is, and the rest is known.
static eg_status fold_zero_point(gln_rewriter *w, eg_node apply,
                                 const gln_spec *spec, const eg_class *operands,
                                 const shifted *x) {
  gln_spec narrow = *spec;
  own_dims own;
  eg_class kernel, read[2] = {x->operand, operands[1]}, made, rest;
  narrow.operands[0].type = GLN_TYPE_I8;
  find_own(spec, &own);
  GLN_TRY(gln_rewriter_check(w, gln_add_spec(w->lang, &narrow, &kernel)));
  if (x->view)
    GLN_TRY(gln_rewriter_check(
        w, gln_add_view(w->lang, &w->memory, x->view, read[0], &read[0])));
  GLN_TRY(
      gln_rewriter_check(w, gln_add_apply(w->lang, kernel, read, 2, &made)));
  GLN_TRY(sum_weights(w, spec, &own, operands[1], &rest));
  GLN_TRY(scale(w, -x->zero * own.repeats, &rest));
  GLN_TRY(spread(w, spec, &own, &rest));
  gln_shape shape = gln_class_shape(w->lang, made);
  GLN_TRY(gln_rewriter_binary(w, GLN_SCALAR_ADD, &shape, made, rest, &made));
  return gln_rewriter_unite(w, GLN_RULE_ZERO_POINT,
                            eg_node_class(w->lang->graph, apply), made);
}

// Each use of the kernel is a map as well, which here is only by this rule.
static bool is_folded_everywhere(const gln_rewriter *w, eg_class kernel) {
  enum { MAX_NODES = 8 };
  const gln_lang *lang = w->lang;
  uint32_t num, arity;
  const eg_node *parents = eg_class_parents(lang->graph, kernel, &num);
  for (uint32_t i = 0; i < num; ++i) {
    eg_node nodes[MAX_NODES], map;
    bool folded = gln_lang_node(lang, parents[i]) != GLN_NODE_APPLY;
    uint32_t all = gln_class_all(lang, eg_node_class(lang->graph, parents[i]),
                                 GLN_NODE_APPLY, nodes, MAX_NODES);
    for (uint32_t n = 0; n < all && !folded; ++n)
      folded = gln_class_find(
          lang, eg_node_children(lang->graph, nodes[n], &arity)[0],
          GLN_NODE_MAP, &map);
    if (!folded)
      return false;
  }
  return true;
}

static eg_status zero_point(gln_rewriter *w, eg_node apply) {
  uint32_t num;
  eg_node contract;
  gln_spec spec;
  shifted x;
  const eg_class *children = eg_node_children(w->lang->graph, apply, &num);
  if (num != 3 ||
      !gln_class_find(w->lang, children[0], GLN_NODE_CONTRACT, &contract) ||
      !gln_node_spec(w->lang, contract, &spec) || spec.result != GLN_TYPE_I32 ||
      spec.operands[0].type != GLN_TYPE_I32 ||
      spec.operands[1].type != GLN_TYPE_I8)
    return EG_OK;
  eg_class kernel = children[0], operands[2] = {children[1], children[2]};
  if (!gln_lang_is_constant(w->lang, operands[1]) ||
      gln_lang_is_constant(w->lang, operands[0]) ||
      !find_shift(w, operands[0], &x) ||
      !gln_rewriter_match(w, GLN_RULE_ZERO_POINT, spec.result))
    return EG_OK;
  GLN_TRY(fold_zero_point(w, apply, &spec, operands, &x));
  return is_folded_everywhere(w, kernel) ? gln_rewriter_replace(w, kernel)
                                         : EG_OK;
}

//===-- Wide accumulators -------------------------------------------------===//

// |value|, of the type |from|, as |to|.
static eg_status narrow(gln_rewriter *w, gln_type from, gln_type to,
                        eg_class *value) {
  char text[64];
  gln_scalar_body body;
  gln_shape shape = gln_class_shape(w->lang, *value);
  int size = snprintf(text, sizeof text, "(body (%s) ((cast %s %%0)) (%%1))",
                      gln_type_name(from), gln_type_name(to));
  GLN_TRY(
      gln_scalar_body_parse(&body, text, (size_t)size, w->memory, w->error));
  eg_status status = gln_rewriter_map(w, &shape, &body, value, value);
  gln_scalar_body_fini(&body);
  return status;
}

// |apply| = narrow (the same with a result of the type |wide|), by |rule|.
static eg_status widen(gln_rewriter *w, eg_node apply, const gln_spec *spec,
                       gln_type wide, gln_rule_id rule) {
  uint32_t num;
  eg_class kernel, made, operands[GLN_SPEC_MAX_OPERANDS];
  const eg_class *children = eg_node_children(w->lang->graph, apply, &num);
  memcpy(operands, children + 1, (num - 1) * sizeof *operands);
  gln_spec widened = *spec;
  widened.result = wide;
  if (!gln_rewriter_match(w, rule, spec->result))
    return EG_OK;
  GLN_TRY(gln_rewriter_check(w, gln_add_spec(w->lang, &widened, &kernel)));
  GLN_TRY(gln_rewriter_check(
      w, gln_add_apply(w->lang, kernel, operands, num - 1, &made)));
  GLN_TRY(narrow(w, wide, spec->result, &made));
  return gln_rewriter_unite(w, rule, eg_node_class(w->lang->graph, apply),
                            made);
}

// max_r x[i, r] = narrow (max_r (widen x[i, r])), and so with min
static eg_status widen_extremum(gln_rewriter *w, eg_node apply) {
  uint32_t num;
  eg_node reduce;
  gln_spec spec;
  const eg_class *children = eg_node_children(w->lang->graph, apply, &num);
  if (num != 2 ||
      !gln_class_find(w->lang, children[0], GLN_NODE_REDUCE, &reduce) ||
      !gln_node_spec(w->lang, reduce, &spec) || spec.result != GLN_TYPE_I8 ||
      (spec.combine != GLN_COMBINE_MAX && spec.combine != GLN_COMBINE_MIN) ||
      gln_lang_is_constant(w->lang, children[1]))
    return EG_OK;
  return widen(w, apply, &spec, GLN_TYPE_I32, GLN_RULE_WIDEN_EXTREMUM);
}

// Σ_r x[i, r] w[r, j] = narrow (Σ_r x[i, r] w[r, j] in f32)
//
// rounds once, not at each addition: what frameworks mean by a product of floats
// of 16 bits, and what arrays compute.
static eg_status widen_sum(gln_rewriter *w, eg_node apply) {
  uint32_t num;
  eg_node sum;
  gln_spec spec;
  const eg_class *children = eg_node_children(w->lang->graph, apply, &num);
  if ((!gln_class_find(w->lang, children[0], GLN_NODE_CONTRACT, &sum) &&
       !gln_class_find(w->lang, children[0], GLN_NODE_REDUCE, &sum)) ||
      !gln_node_spec(w->lang, sum, &spec) ||
      (spec.combine != GLN_COMBINE_DOT && spec.combine != GLN_COMBINE_SUM))
    return EG_OK;
  gln_type wide = gln_rule_wide_sum(spec.result);
  return wide == spec.result ? EG_OK
                             : widen(w, apply, &spec, wide, GLN_RULE_WIDEN_SUM);
}

//===-- All ---------------------------------------------------------------===//

static eg_status rewrite(gln_rewriter *w, eg_class id, eg_node apply) {
  (void)id;
  GLN_TRY(zero_point(w, apply));
  GLN_TRY(widen_sum(w, apply));
  return widen_extremum(w, apply);
}

eg_status gln_rewrite_quantised(gln_rewriter *w) {
  return gln_rewriter_each_apply(w, rewrite);
}

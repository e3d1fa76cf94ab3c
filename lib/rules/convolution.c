// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Other ways to compute a convolution. The implicit ones (a pass for each offset of
// the window, or offsets packed onto the rows of the array) are strategies of its
// blocks; here are those that need other arrays.
#include "rules/rewrite.h"

#include "view/try.h"

#include <string.h>

//===-- im2col ------------------------------------------------------------===//

typedef struct columns {
  gln_spec spec; // the product
  uint8_t num;   // axes of the columns before dims are merged,
  uint8_t dims[GLN_SPEC_MAX_DIMS]; // a dim of the convolution each
} columns;

static bool reads(const gln_spec *spec, size_t operand, size_t dim) {
  for (size_t r = 0; r < spec->operands[operand].rank; ++r)
    if (spec->operands[operand].coef[r][dim])
      return true;
  return false;
}

// The dim of an axis of the weights; -1: it is none, or not in steps of 1.
static int weight_dim(const gln_spec *spec, size_t r) {
  int dim = -1;
  for (size_t d = 0; d < spec->num_dims; ++d) {
    int32_t c = spec->operands[1].coef[r][d];
    if (c != 0 && (c != 1 || dim >= 0))
      return -1;
    if (c != 0)
      dim = (int)d;
  }
  return dim;
}

// Whether the convolution leaves rows of an array empty when each offset of its
// window is a pass: fewer channels than rows.
static bool has_few_channels(const gln_rewriter *w, const gln_spec *spec) {
  int64_t channels = 1, offsets = 1;
  for (size_t d = 0; d < spec->num_dims; ++d) {
    bool windowed = false;
    if (gln_spec_role(spec, d) == GLN_ROLE_BATCH)
      return false;
    for (size_t r = 0; r < spec->operands[0].rank; ++r)
      for (size_t e = 0; e < spec->num_dims; ++e)
        windowed |= e != d && spec->operands[0].coef[r][d] != 0 &&
                    spec->operands[0].coef[r][e] != 0;
    if (gln_spec_role(spec, d) == GLN_ROLE_INNER)
      *(windowed ? &offsets : &channels) *= spec->dims[d];
  }
  return offsets > 1 && w->target && w->target->num_arrays > 0 &&
         (double)channels < w->target->arrays[0].rows.value;
}

// The columns as an array of rows, then reduced dims in the order of the weights.
static bool make_columns(const gln_spec *spec, columns *out) {
  *out = (columns){.spec = *spec};
  for (size_t d = 0; d < spec->num_parallel; ++d)
    if (reads(spec, 0, d))
      out->dims[out->num++] = (uint8_t)d;
  for (size_t r = 0; r < spec->operands[1].rank; ++r) {
    int dim = weight_dim(spec, r);
    if (dim < 0)
      return false;
    if ((size_t)dim >= spec->num_parallel && reads(spec, 0, (size_t)dim))
      out->dims[out->num++] = (uint8_t)dim;
  }
  size_t used = 0;
  for (size_t d = 0; d < spec->num_dims; ++d)
    used += reads(spec, 0, d);
  if (used != out->num || out->num > GLN_SPEC_MAX_RANK)
    return false; // a reduced dim that the weights do not have
  gln_spec_operand *o = &out->spec.operands[0];
  memset(o->coef, 0, sizeof o->coef);
  o->rank = out->num;
  for (size_t i = 0; i < out->num; ++i)
    o->coef[i][out->dims[i]] = 1;
  return true;
}

// Whether merging left the parallel dims in their order: a reshape of the result.
static bool keeps_order(const gln_spec *spec, const gln_origin *origin) {
  uint8_t next = 0;
  for (size_t d = 0; d < spec->num_parallel; ++d)
    for (size_t i = 0; i < origin[d].num; ++i)
      if (origin[d].dims[i] != next++)
        return false;
  return true;
}

static eg_status reshape_class(const gln_rewriter *w, eg_class of,
                               const int64_t *extents, size_t rank,
                               eg_class *out) {
  gln_shape from = gln_class_shape(w->lang, of);
  gln_view *view;
  GLN_TRY(gln_view_reshape(&w->memory, from.rank, from.dims, rank, extents,
                           &view, w->error));
  eg_status status =
      gln_rewriter_check(w, gln_add_view(w->lang, &w->memory, view, of, out));
  gln_view_destroy(&w->memory, view);
  return status;
}

// The columns, in DRAM: a copy of the input read through windows.
static eg_status copy_columns(const gln_rewriter *w, const gln_spec *spec,
                              const columns *c, const gln_spec *merged,
                              eg_class input, eg_class *out) {
  int64_t box[GLN_SPEC_MAX_RANK], offset[GLN_SPEC_MAX_RANK];
  int64_t extents[GLN_SPEC_MAX_DIMS];
  int64_t matrix[GLN_SPEC_MAX_RANK * GLN_SPEC_MAX_DIMS];
  size_t rank = spec->operands[0].rank;
  gln_view *windows;
  eg_class read, kernel;
  gln_spec_operand_box(spec, 0, box, offset);
  for (size_t i = 0; i < c->num; ++i) {
    extents[i] = spec->dims[c->dims[i]];
    for (size_t r = 0; r < rank; ++r)
      matrix[r * c->num + i] = spec->operands[0].coef[r][c->dims[i]];
  }
  GLN_TRY(gln_view_affine(&w->memory, rank, box, c->num, extents, matrix,
                          offset, &windows, w->error));
  eg_status status = gln_rewriter_check(
      w, gln_add_view(w->lang, &w->memory, windows, input, &read));
  gln_view_destroy(&w->memory, windows);
  GLN_TRY(status);
  gln_spec_operand_box(merged, 0, extents, NULL);
  GLN_TRY(reshape_class(w, read, extents, merged->operands[0].rank, &read));
  gln_shape shape = gln_class_shape(w->lang, read);
  gln_spec copy;
  if (!gln_copy_spec(&shape, &copy))
    return EG_INFEASIBLE;
  GLN_TRY(gln_rewriter_check(w, gln_add_spec(w->lang, &copy, &kernel)));
  return gln_rewriter_check(w, gln_add_apply(w->lang, kernel, &read, 1, out));
}

// conv (x, w) = reshape (product (copy (windows x), reshape w))
//
// where channels alone would leave rows of the array empty.
static eg_status im2col(gln_rewriter *w, eg_class id, const gln_spec *spec,
                        eg_class input, eg_class weights) {
  columns c;
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  eg_class operands[2], kernel, made;
  int64_t extents[GLN_SPEC_MAX_RANK];
  if (!has_few_channels(w, spec) || !make_columns(spec, &c))
    return EG_OK;
  gln_spec_simplify(&c.spec, origin);
  if (!keeps_order(&c.spec, origin) ||
      !gln_rewriter_match(w, GLN_RULE_IM2COL, spec->result))
    return EG_OK;
  eg_status status = copy_columns(w, spec, &c, &c.spec, input, &operands[0]);
  if (status == EG_INFEASIBLE)
    return EG_OK;
  GLN_TRY(status);
  gln_spec_operand_box(&c.spec, 1, extents, NULL);
  GLN_TRY(reshape_class(w, weights, extents, c.spec.operands[1].rank,
                        &operands[1]));
  GLN_TRY(gln_rewriter_check(w, gln_add_spec(w->lang, &c.spec, &kernel)));
  GLN_TRY(gln_rewriter_check(
      w, gln_add_apply(w->lang, kernel, operands, 2, &made)));
  GLN_TRY(reshape_class(w, made, spec->dims, spec->num_parallel, &made));
  return gln_rewriter_unite(w, GLN_RULE_IM2COL, id, made);
}

static eg_status visit(gln_rewriter *w, eg_class id) {
  enum { MAX_NODES = 8 };
  eg_node nodes[MAX_NODES], contract;
  uint32_t num = gln_class_all(w->lang, id, GLN_NODE_APPLY, nodes, MAX_NODES);
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t arity;
    gln_spec spec;
    const eg_class *c = eg_node_children(w->lang->graph, nodes[i], &arity);
    if (arity == 3 && !gln_is_superseded(w, c[0]) &&
        !gln_lang_is_constant(w->lang, c[1]) &&
        gln_lang_is_constant(w->lang, c[2]) &&
        gln_class_find(w->lang, c[0], GLN_NODE_CONTRACT, &contract) &&
        gln_node_spec(w->lang, contract, &spec))
      GLN_TRY(im2col(w, id, &spec, c[1], c[2]));
  }
  return EG_OK;
}

eg_status gln_rewrite_convolution(gln_rewriter *w) {
  for (uint32_t i = 1, last = gln_last_class(w->lang); i <= last; ++i) {
    eg_class id = eg_find(w->lang->graph, (eg_class){i});
    if (eg_class_sort(w->lang->graph, id).id == w->lang->value.id)
      GLN_TRY(visit(w, id));
  }
  return gln_rewriter_check(w, eg_rebuild(w->lang->graph));
}

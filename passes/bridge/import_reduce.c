// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contractions and reductions in canonical form, from where they read least.
#include "bridge/import_internal.h"

#include <string.h>

// Whether the value is known to the compiler: a constant, or computed from some.
static bool is_constant(const gln_import *import, eg_class id, int depth) {
  uint32_t num;
  eg_node node = eg_class_nodes(import->graph, id, &num)[0];
  const eg_class *children = eg_node_children(import->graph, node, &num);
  switch (gln_lang_node(&import->lang, node)) {
  case GLN_NODE_CONST:
    return true;
  case GLN_NODE_VIEW:
    return depth && is_constant(import, children[0], depth - 1);
  case GLN_NODE_APPLY:
    for (uint32_t i = 1; i < num; ++i)
      if (!depth || !is_constant(import, children[i], depth - 1))
        return false;
    return num > 1;
  default:
    return false;
  }
}

// The canonical spec applied to its operands, and the result as it was. |bases|
// are what the reduction's views read.
static eg_status add_spec(glni_block *block, gln_canonical *canonical,
                          const glni_array *bases, glni_array *out) {
  gln_import *import = block->import;
  eg_class kernel, classes[2], result;
  uint32_t num = canonical->spec.num_operands;
  for (uint32_t k = 0; k < num; ++k) {
    glni_array operand = bases[canonical->swapped ? 1 - k : k];
    TRY(glni_view_array(block, EG_OK, canonical->operands[k], &operand));
    canonical->operands[k] = NULL;
    TRY(glni_class_of(block, &operand, &classes[k]));
  }
  TRY(glni_check(block,
                 gln_add_spec(&import->lang, &canonical->spec, &kernel)));
  TRY(glni_check(block,
                 gln_add_apply(&import->lang, kernel, classes, num, &result)));
  const gln_view *view;
  TRY(glni_own(block, EG_OK, canonical->view, &view));
  canonical->view = NULL;
  *out = glni_array_of(result, view);
  return EG_OK;
}

// Elements of the arrays that a spec reads.
static int64_t num_read(const gln_spec *spec, int64_t *out_each) {
  int64_t sum = 0;
  for (size_t k = 0; k < spec->num_operands; ++k) {
    int64_t extents[GLN_SPEC_MAX_RANK];
    gln_spec_operand_box(spec, k, extents, NULL);
    out_each[k] = 1;
    for (size_t d = 0; d < spec->operands[k].rank; ++d)
      out_each[k] *= extents[d];
    sum += out_each[k];
  }
  return sum;
}

// The operand as it is read from its head instead of its source.
static eg_status read_tail(glni_block *block, const glni_array *operand,
                           const gln_view **out_view, glni_array *out_base) {
  const gln_shape *shape = &operand->shape;
  gln_view *whole = NULL;
  const gln_view *ignored;
  *out_base = glni_array_of(operand->source, operand->head);
  *out_view = operand->tail;
  if (operand->tail)
    return EG_OK;
  eg_status status = gln_view_identity(&block->import->memory, shape->rank,
                                       shape->dims, &whole, &block->error);
  TRY(glni_own(block, status, whole, &ignored));
  *out_view = whole;
  return EG_OK;
}

// Where an operand's map did not become linear, it is an array of all points:
// then it is tried from its head, and the one that reads less is taken.
static eg_status improve(glni_block *block, gln_reduction *r,
                         const glni_array *operands, gln_canonical *canonical,
                         glni_array *bases) {
  const eg_allocator *memory = &block->import->memory;
  int64_t each[2], other[2], points = gln_spec_num_points(&canonical->spec);
  int64_t all = num_read(&canonical->spec, each);
  glni_array heads[2] = {bases[0], bases[1]};
  gln_canonical better;
  bool any = false;
  for (size_t k = 0; k < r->num_operands; ++k) {
    size_t from = canonical->swapped ? 1 - k : k;
    if (each[k] != points || !operands[from].head)
      continue;
    TRY(read_tail(block, &operands[from], &r->views[from], &heads[from]));
    any = true;
  }
  if (!any || gln_canonicalise(memory, r, &better, NULL) != EG_OK)
    return EG_OK;
  if (num_read(&better.spec, other) >= all) {
    gln_canonical_fini(memory, &better);
    return EG_OK;
  }
  gln_canonical_fini(memory, canonical);
  *canonical = better;
  memcpy(bases, heads, sizeof heads);
  return EG_OK;
}

eg_status glni_import_reduction(glni_block *block, gln_combine combine,
                                gln_type type, const glni_array *operands,
                                size_t num, glni_array *out) {
  gln_import *import = block->import;
  bool reduced[GLN_MAX_RANK];
  glni_array bases[2] = {{.view = NULL}};
  gln_canonical canonical;
  const gln_shape *shape = &operands[0].shape;
  gln_reduction r = {.combine = combine,
                     .result = type,
                     .rank = shape->rank,
                     .extents = shape->dims,
                     .reduced = reduced,
                     .num_operands = num};
  for (size_t d = 0; d < r.rank; ++d)
    reduced[d] = d >= shape->num_access;
  for (size_t k = 0; k < num; ++k) {
    glni_array whole = {.shape = operands[k].shape};
    r.types[k] = operands[k].shape.type;
    r.constant[k] = is_constant(import, operands[k].source, 16);
    r.views[k] = operands[k].view;
    if (!r.views[k])
      TRY(read_tail(block, &whole, &r.views[k], &bases[k]));
    bases[k] = glni_array_of(operands[k].source, NULL);
  }
  TRY(gln_canonicalise(&import->memory, &r, &canonical, &block->error));
  eg_status status = improve(block, &r, operands, &canonical, bases);
  if (status == EG_OK)
    status = add_spec(block, &canonical, bases, out);
  gln_canonical_fini(&import->memory, &canonical);
  return status;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The type of every node, from its payload and the types of its children: the one
// e-class analysis that makes an ill-typed graph impossible.
#include "kernel/words_internal.h"

#include <stdio.h>
#include <string.h>

static void one_result(gln_signature *out, const gln_shape *shape) {
  out->num_results = 1;
  out->results[0] = *shape;
}

static const char *name_of(const gln_lang *lang, eg_node node) {
  return eg_op_name(lang->graph, eg_node_op(lang->graph, node));
}

// The single array that child |i| is.
static eg_status child_array(const gln_lang *lang, eg_graph *graph,
                             eg_node node, uint32_t i, gln_shape *out) {
  uint32_t num;
  gln_signature type;
  const eg_class *children = eg_node_children(graph, node, &num);
  gln_lang_type(lang, children[i], &type);
  if (type.num_results != 1)
    return eg_fail(graph, EG_INVALID, "'%s' operand %u is a tuple of %u",
                   name_of(lang, node), (unsigned)i,
                   (unsigned)type.num_results);
  *out = type.results[0];
  return EG_OK;
}

static eg_status clash(const gln_lang *lang, eg_graph *graph, eg_node node,
                       uint32_t i, const gln_shape *have,
                       const gln_shape *want) {
  gln_signature a = {.num_results = 1}, b = {.num_results = 1};
  char text_a[100], text_b[100];
  a.results[0] = *have;
  b.results[0] = *want;
  gln_signature_print(&a, text_a, sizeof text_a);
  gln_signature_print(&b, text_b, sizeof text_b);
  return eg_fail(graph, EG_INVALID, "'%s' operand %u is %s, not %s",
                 name_of(lang, node), (unsigned)i, text_a, text_b);
}

//===-- Values ------------------------------------------------------------===//

static eg_status type_view(const gln_lang *lang, eg_graph *graph, eg_node node,
                           gln_signature *out) {
  const gln_view *view = gln_node_view(lang, node);
  gln_shape operand, want;
  eg_status status = child_array(lang, graph, node, 0, &operand);
  if (status != EG_OK)
    return status;
  want = (gln_shape){.type = operand.type,
                     .rank = (uint8_t)gln_view_source_rank(view)};
  memcpy(want.dims, gln_view_source_extents(view),
         want.rank * sizeof *want.dims);
  gln_scalar fill;
  if (gln_view_has_fill(view, &fill))
    want.type = fill.type;
  if (!gln_shape_equal(&operand, &want))
    return clash(lang, graph, node, 0, &operand, &want);
  gln_shape result = {.type = operand.type,
                      .rank = (uint8_t)gln_view_rank(view)};
  memcpy(result.dims, gln_view_extents(view),
         result.rank * sizeof *result.dims);
  one_result(out, &result);
  return EG_OK;
}

static eg_status type_concat(const gln_lang *lang, eg_graph *graph,
                             eg_node node, gln_signature *out) {
  gln_shape operands[2], result;
  uint32_t dim = 0;
  eg_error error = {0};
  gln_node_index(lang, node, &dim);
  for (uint32_t i = 0; i < 2; ++i) {
    eg_status status = child_array(lang, graph, node, i, &operands[i]);
    if (status != EG_OK)
      return status;
  }
  gln_op_attrs attrs = {.dim = dim};
  eg_status status =
      gln_shape_infer(GLN_OP_CONCAT, &attrs, operands, 2, &result, &error);
  if (status != EG_OK)
    return eg_fail(graph, status, "%s", error.text);
  one_result(out, &result);
  return EG_OK;
}

static eg_status type_apply(const gln_lang *lang, eg_graph *graph, eg_node node,
                            gln_signature *out) {
  uint32_t num;
  gln_signature kernel;
  const eg_class *children = eg_node_children(graph, node, &num);
  gln_lang_type(lang, children[0], &kernel);
  if (kernel.num_operands != num - 1)
    return eg_fail(graph, EG_INVALID,
                   "'apply' of a kernel of %u operands to %u",
                   (unsigned)kernel.num_operands, (unsigned)num - 1);
  for (uint32_t i = 1; i < num; ++i) {
    gln_shape operand;
    eg_status status = child_array(lang, graph, node, i, &operand);
    if (status != EG_OK)
      return status;
    if (!gln_shape_equal(&operand, &kernel.operands[i - 1]))
      return clash(lang, graph, node, i - 1, &operand, &kernel.operands[i - 1]);
  }
  *out = kernel;
  out->num_operands = 0;
  memset(out->operands, 0, sizeof out->operands);
  return EG_OK;
}

static eg_status type_get(const gln_lang *lang, eg_graph *graph, eg_node node,
                          gln_signature *out) {
  uint32_t num, index = 0;
  gln_signature tuple;
  gln_lang_type(lang, eg_node_children(graph, node, &num)[0], &tuple);
  gln_node_index(lang, node, &index);
  if (index >= tuple.num_results)
    return eg_fail(graph, EG_INVALID, "'get' %u of a tuple of %u",
                   (unsigned)index, (unsigned)tuple.num_results);
  one_result(out, &tuple.results[index]);
  return EG_OK;
}

static eg_status type_results(const gln_lang *lang, eg_graph *graph,
                              eg_node node, gln_signature *out) {
  uint32_t num;
  eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i) {
    gln_shape ignored;
    eg_status status = child_array(lang, graph, node, i, &ignored);
    if (status != EG_OK)
      return status;
  }
  out->num_results = 0; // the root is no array
  return EG_OK;
}

//===-- Kernels -----------------------------------------------------------===//

static void type_spec(const gln_spec *spec, gln_signature *out) {
  out->num_operands = spec->num_operands;
  for (size_t k = 0; k < spec->num_operands; ++k)
    glni_spec_shape(spec, k, &out->operands[k]);
  out->num_results = 1;
  glni_spec_result(spec, &out->results[0]);
}

// That kernel |id| computes a tile of these extents.
static eg_status check_tile(const gln_lang *lang, eg_graph *graph,
                            const gln_block *block, const int64_t *tile,
                            eg_class id) {
  gln_spec spec;
  gln_signature have, want = {0};
  eg_error error = {0};
  eg_status status = gln_spec_tile(&block->spec, tile, &spec, NULL, &error);
  if (status != EG_OK)
    return eg_fail(graph, status, "'block': %s", error.text);
  type_spec(&spec, &want);
  gln_lang_type(lang, id, &have);
  if (gln_signature_equal(&have, &want))
    return EG_OK;
  char text_have[100], text_want[100];
  gln_signature_print(&have, text_have, sizeof text_have);
  gln_signature_print(&want, text_want, sizeof text_want);
  return eg_fail(graph, EG_INVALID, "'block' of tiles %s runs %s", text_want,
                 text_have);
}

static eg_status type_block(const gln_lang *lang, eg_graph *graph, eg_node node,
                            gln_signature *out) {
  gln_block block;
  eg_error error = {0};
  uint32_t num;
  int64_t tails[GLN_BLOCK_MAX_TAILS][GLN_SPEC_MAX_DIMS];
  const eg_class *children = eg_node_children(graph, node, &num);
  gln_node_block(lang, node, &block);
  eg_status status = gln_block_check(&block, &error);
  if (status != EG_OK)
    return eg_fail(graph, status, "'block': %s", error.text);
  size_t num_tails = gln_block_tails(&block, tails);
  if (num != 2 + num_tails)
    return eg_fail(graph, EG_INVALID, "'block' with %u tails, needs %zu",
                   (unsigned)num - 2, num_tails);
  status = check_tile(lang, graph, &block, block.tile, children[0]);
  for (size_t i = 0; i < num_tails && status == EG_OK; ++i)
    status = check_tile(lang, graph, &block, tails[i], children[2 + i]);
  type_spec(&block.spec, out);
  return status;
}

static eg_status type_compose(const gln_lang *lang, eg_graph *graph,
                              eg_node node, gln_signature *out) {
  gln_wiring w;
  gln_node_wiring(lang, node, &w);
  uint32_t num_kernels, at = 0, num_known = w.num_operands;
  const eg_class *kernels = eg_node_children(graph, node, &num_kernels);
  gln_shape known[256];
  bool set[256] = {false};
  for (uint32_t i = 0; i < num_kernels; ++i) {
    gln_signature k;
    gln_lang_type(lang, kernels[i], &k);
    for (uint32_t j = 0; j < k.num_operands; ++j, ++at) {
      uint8_t source = at < w.num_sources ? w.sources[at] : UINT8_MAX;
      if (source >= num_known)
        return eg_fail(graph, EG_INVALID,
                       "'compose' kernel %u operand %u reads source %u of %u",
                       (unsigned)i, (unsigned)j, source, (unsigned)num_known);
      if (!set[source]) {
        known[source] = k.operands[j];
        set[source] = true;
      }
      if (!gln_shape_equal(&known[source], &k.operands[j]))
        return clash(lang, graph, node, at, &known[source], &k.operands[j]);
    }
    for (uint32_t j = 0; j < k.num_results; ++j, ++num_known) {
      known[num_known] = k.results[j];
      set[num_known] = true;
    }
  }
  out->num_operands = w.num_operands;
  out->num_results = w.num_exports;
  for (uint32_t i = 0; i < w.num_operands; ++i) {
    if (!set[i])
      return eg_fail(graph, EG_INVALID, "'compose' never reads operand %u",
                     (unsigned)i);
    out->operands[i] = known[i];
  }
  for (uint32_t i = 0; i < w.num_exports; ++i) {
    if (w.exports[i] < w.num_operands || w.exports[i] >= num_known)
      return eg_fail(graph, EG_INVALID, "'compose' exports source %u",
                     w.exports[i]);
    out->results[i] = known[w.exports[i]];
  }
  return EG_OK;
}

// (s, x, w…) → s becomes (s, (steps, x…), w…) → (steps, s…).
static eg_status type_scan(const gln_lang *lang, eg_graph *graph, eg_node node,
                           uint32_t steps, gln_signature *out) {
  uint32_t num;
  gln_lang_type(lang, eg_node_children(graph, node, &num)[0], out);
  char text[100];
  gln_signature_print(out, text, sizeof text);
  if (steps == 0 || out->num_operands < 2 || out->num_results != 1 ||
      !gln_shape_equal(&out->operands[0], &out->results[0]))
    return eg_fail(graph, EG_INVALID, "'scan' of %u steps of %s",
                   (unsigned)steps, text);
  gln_shape *grown[] = {&out->operands[1], &out->results[0]};
  for (size_t i = 0; i < 2; ++i) {
    gln_shape *shape = grown[i];
    if (shape->rank == GLN_MAX_RANK)
      return eg_fail(graph, EG_LIMIT, "'scan' of %s: no room for a dimension",
                     text);
    memmove(shape->dims + 1, shape->dims, shape->rank * sizeof *shape->dims);
    shape->dims[0] = steps;
    ++shape->rank;
  }
  return EG_OK;
}

// A strategy has the type of what it computes.
static eg_status type_of_kernel(const gln_lang *lang, eg_graph *graph,
                                eg_node node, gln_signature *out) {
  uint32_t num;
  gln_lang_type(lang, eg_node_children(graph, node, &num)[0], out);
  return EG_OK;
}

static eg_status type_transform(const gln_lang *lang, eg_graph *graph,
                                eg_node node, uint32_t transform,
                                gln_signature *out) {
  if (transform >= GLN_NUM_TRANSFORMS)
    return eg_fail(graph, EG_INVALID, "'transform' %u is none",
                   (unsigned)transform);
  return type_of_kernel(lang, graph, node, out);
}

//===-- All nodes ---------------------------------------------------------===//

eg_status glni_node_signature(const gln_lang *lang, eg_graph *graph,
                              eg_node node, gln_signature *out) {
  size_t num;
  const uint32_t *words = glni_payload(lang, node, &num);
  memset(out, 0, sizeof *out);
  switch (gln_lang_node(lang, node)) {
  case GLN_NODE_INPUT:
  case GLN_NODE_CONST:
  case GLN_NODE_HOST:
  case GLN_NODE_MAP:
  case GLN_NODE_SOFTMAX:
  case GLN_NODE_FOLD:
  case GLN_NODE_ARGMAX: // word 0 is theirs, then comes the type
    glni_signature_decode(words + 1, out);
    return EG_OK;
  case GLN_NODE_VIEW:
  case GLN_NODE_PACK:
  case GLN_NODE_UNPACK:
    return type_view(lang, graph, node, out);
  case GLN_NODE_CONCAT:
    return type_concat(lang, graph, node, out);
  case GLN_NODE_APPLY:
    return type_apply(lang, graph, node, out);
  case GLN_NODE_GET:
    return type_get(lang, graph, node, out);
  case GLN_NODE_RESULTS:
    return type_results(lang, graph, node, out);
  case GLN_NODE_CONTRACT:
  case GLN_NODE_REDUCE:
  case GLN_NODE_ISSUE: {
    gln_spec spec;
    if (!gln_node_spec(lang, node, &spec))
      return eg_fail(graph, EG_INVALID, "'%s' of no spec", name_of(lang, node));
    type_spec(&spec, out);
    return EG_OK;
  }
  case GLN_NODE_SCAN:
    return type_scan(lang, graph, node, words[0], out);
  case GLN_NODE_TRANSFORM:
    return type_transform(lang, graph, node, words[0], out);
  case GLN_NODE_ON_HOST:
    return type_of_kernel(lang, graph, node, out);
  case GLN_NODE_COMPOSE:
    return type_compose(lang, graph, node, out);
  case GLN_NODE_BLOCK:
    return type_block(lang, graph, node, out);
  case GLN_NODE_ARRAY:
  case GLN_NODE_VECTOR:
    return EG_OK; // units have no type
  case GLN_NUM_NODES:
    break;
  }
  return eg_fail(graph, EG_INVALID, "'%s' is no node of the search language",
                 name_of(lang, node));
}

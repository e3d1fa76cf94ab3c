// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One function per node of the language: the payload as words, then eg_add, which
// checks sorts and, through the type analysis, types.
#include "kernel/words_internal.h"

#include <inttypes.h>
#include <string.h>

static eg_status add(gln_lang *lang, gln_node node, const void *payload,
                     size_t size, const eg_class *children, uint32_t num,
                     eg_class *out) {
  eg_payload interned = {0};
  if (payload) {
    eg_status status = eg_payload_intern(lang->graph, payload, size, &interned);
    if (status != EG_OK)
      return status;
  }
  return eg_add(lang->graph, lang->ops[node], interned, children, num, out);
}

// A node whose payload is |first| and its own type.
static eg_status add_typed(gln_lang *lang, gln_node node, uint32_t first,
                           const gln_signature *type, const eg_class *children,
                           uint32_t num_children, eg_class *out) {
  uint32_t words[1 + GLNI_SIGNATURE_WORDS];
  words[0] = first;
  size_t num = 1 + glni_signature_encode(type, words + 1);
  return add(lang, node, words, num * sizeof *words, children, num_children,
             out);
}

// An array has no access dimensions.
static gln_shape array_of(const gln_shape *shape) {
  gln_shape result = *shape;
  result.num_access = 0;
  return result;
}

eg_status gln_add_input(gln_lang *lang, uint32_t index, const gln_shape *type,
                        eg_class *out) {
  gln_signature s = {.num_results = 1};
  s.results[0] = array_of(type);
  return add_typed(lang, GLN_NODE_INPUT, index, &s, NULL, 0, out);
}

eg_status gln_add_const(gln_lang *lang, uint32_t index, const gln_shape *type,
                        eg_class *out) {
  gln_signature s = {.num_results = 1};
  s.results[0] = array_of(type);
  return add_typed(lang, GLN_NODE_CONST, index, &s, NULL, 0, out);
}

// The view node of a class that is nothing but views. One that may be computed as
// well is read as it is, so that all who read it read the same.
static bool view_in(const gln_lang *lang, eg_class id, eg_node *out) {
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(lang->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(lang, nodes[i]) != GLN_NODE_VIEW)
      return false;
  *out = nodes[0];
  return num > 0;
}

eg_status gln_add_view(gln_lang *lang, const eg_allocator *memory,
                       const gln_view *view, eg_class of, eg_class *out) {
  if (gln_view_is_identity(view)) {
    *out = eg_find(lang->graph, of);
    return EG_OK;
  }
  eg_node below;
  eg_error error = {0};
  gln_view *both = NULL;
  eg_status status = EG_INFEASIBLE;
  if (view_in(lang, of, &below))
    status = gln_view_compose(memory, view, gln_node_view(lang, below), &both,
                              &error);
  if (status == EG_INFEASIBLE) // two fills stay two nodes
    return add(lang, GLN_NODE_VIEW, view, gln_view_size(view), &of, 1, out);
  if (status != EG_OK)
    return eg_fail(lang->graph, status, "%s", error.text);
  uint32_t num;
  eg_class source = eg_node_children(lang->graph, below, &num)[0];
  // What is below a view is no view: they compose as they are built.
  if (gln_view_is_identity(both))
    *out = eg_find(lang->graph, source);
  else
    status =
        add(lang, GLN_NODE_VIEW, both, gln_view_size(both), &source, 1, out);
  gln_view_destroy(memory, both);
  return status;
}

eg_status gln_add_concat(gln_lang *lang, uint32_t dim, eg_class first,
                         eg_class second, eg_class *out) {
  eg_class children[] = {first, second};
  return add(lang, GLN_NODE_CONCAT, &dim, sizeof dim, children, 2, out);
}

eg_status gln_add_copy(gln_lang *lang, gln_node node, const gln_view *view,
                       eg_class of, eg_class *out) {
  return add(lang, node, view, gln_view_size(view), &of, 1, out);
}

eg_status gln_add_apply(gln_lang *lang, eg_class kernel,
                        const eg_class *operands, uint32_t num_operands,
                        eg_class *out) {
  eg_class children[1 + GLN_LANG_MAX_OPERANDS] = {kernel};
  if (num_operands > GLN_LANG_MAX_OPERANDS)
    return eg_fail(lang->graph, EG_LIMIT, "'apply' to %u operands, at most %d",
                   (unsigned)num_operands, GLN_LANG_MAX_OPERANDS);
  memcpy(children + 1, operands, num_operands * sizeof *operands);
  return add(lang, GLN_NODE_APPLY, NULL, 0, children, 1 + num_operands, out);
}

eg_status gln_add_get(gln_lang *lang, uint32_t index, eg_class tuple,
                      eg_class *out) {
  return add(lang, GLN_NODE_GET, &index, sizeof index, &tuple, 1, out);
}

eg_status gln_add_host(gln_lang *lang, uint32_t index, const gln_shape *results,
                       uint32_t num_results, const eg_class *operands,
                       uint32_t num_operands, eg_class *out) {
  gln_signature s = {.num_results = (uint8_t)num_results};
  if (num_results > GLN_LANG_MAX_RESULTS)
    return eg_fail(lang->graph, EG_LIMIT, "'host' with %u results, at most %d",
                   (unsigned)num_results, GLN_LANG_MAX_RESULTS);
  for (uint32_t i = 0; i < num_results; ++i)
    s.results[i] = array_of(&results[i]);
  return add_typed(lang, GLN_NODE_HOST, index, &s, operands, num_operands, out);
}

eg_status gln_add_results(gln_lang *lang, const eg_class *values,
                          uint32_t num_values, eg_class *out) {
  return add(lang, GLN_NODE_RESULTS, NULL, 0, values, num_values, out);
}

//===-- Kernels -----------------------------------------------------------===//

eg_status gln_add_spec(gln_lang *lang, const gln_spec *spec, eg_class *out) {
  uint32_t words[GLN_SPEC_MAX_WORDS];
  size_t num = gln_spec_encode(spec, words);
  gln_node node = spec->num_operands == 2 ? GLN_NODE_CONTRACT : GLN_NODE_REDUCE;
  return add(lang, node, words, num * sizeof *words, NULL, 0, out);
}

eg_status gln_add_map(gln_lang *lang, const gln_shape *shape,
                      const gln_scalar_body *body, eg_class *out) {
  gln_signature s = {.num_operands = (uint8_t)body->num_args,
                     .num_results = (uint8_t)body->num_results};
  if (body->num_args > GLN_LANG_MAX_OPERANDS ||
      body->num_results > GLN_LANG_MAX_RESULTS)
    return eg_fail(lang->graph, EG_LIMIT, "'map' of %u operands and %u results",
                   body->num_args, body->num_results);
  gln_shape array = array_of(shape);
  for (size_t i = 0; i < body->num_args; ++i) {
    s.operands[i] = array;
    s.operands[i].type = (gln_type)body->arg_types[i];
  }
  for (size_t i = 0; i < body->num_results; ++i) {
    s.results[i] = array;
    s.results[i].type = gln_scalar_body_type(body, body->results[i]);
  }
  eg_allocator memory = body->allocator;
  size_t length = gln_scalar_body_print(body, NULL, 0);
  size_t head = (1 + GLNI_SIGNATURE_WORDS) * sizeof(uint32_t);
  size_t size = head + length + 1;
  char *bytes = memory.resize(memory.user, NULL, 0, size);
  if (!bytes)
    return eg_fail(lang->graph, EG_NO_MEMORY, "no memory for a map");
  uint32_t words[1 + GLNI_SIGNATURE_WORDS] = {array.rank};
  size_t used = (1 + glni_signature_encode(&s, words + 1)) * sizeof(uint32_t);
  memcpy(bytes, words, used);
  gln_scalar_body_print(body, bytes + used, length + 1);
  eg_status status =
      add(lang, GLN_NODE_MAP, bytes, used + length, NULL, 0, out);
  memory.resize(memory.user, bytes, size, 0);
  return status;
}

static eg_status add_items(gln_lang *lang, gln_node node,
                           const gln_shape *shape, const gln_shape *result,
                           eg_class *out) {
  gln_signature s = {.num_operands = 1, .num_results = 1};
  s.operands[0] = array_of(shape);
  s.results[0] = array_of(result);
  return add_typed(lang, node, shape->num_access, &s, NULL, 0, out);
}

eg_status gln_add_softmax(gln_lang *lang, const gln_shape *shape,
                          eg_class *out) {
  return add_items(lang, GLN_NODE_SOFTMAX, shape, shape, out);
}

eg_status gln_add_argmax(gln_lang *lang, const gln_shape *shape,
                         gln_type result, eg_class *out) {
  gln_shape to = *shape;
  to.type = result;
  to.rank = shape->num_access;
  memset(to.dims + to.rank, 0, (GLN_MAX_RANK - to.rank) * sizeof *to.dims);
  return add_items(lang, GLN_NODE_ARGMAX, shape, &to, out);
}

eg_status gln_add_fold(gln_lang *lang, gln_monoid monoid,
                       const gln_shape *stream, const gln_shape *values,
                       eg_class *out) {
  gln_signature s = {.num_operands = 1, .num_results = 1};
  if (monoid >= GLN_NUM_MONOIDS || stream->rank == 0)
    return eg_fail(lang->graph, EG_INVALID, "'fold' %u of a stream of rank %u",
                   (unsigned)monoid, stream->rank);
  s.operands[0] = array_of(stream);
  gln_shape *result = &s.results[0];
  *result = s.operands[0];
  result->dims[--result->rank] = 0;
  if (monoid == GLN_MONOID_SOFTMAX) {
    int64_t length = stream->dims[stream->rank - 1];
    if (!values || values->rank == 0 || values->dims[0] != length ||
        values->type != stream->type ||
        result->rank + values->rank - 1 > GLN_MAX_RANK)
      return eg_fail(lang->graph, EG_INVALID,
                     "'fold' of a stream of %lld to values of another type or "
                     "length",
                     (long long)length);
    s.num_operands = 2;
    s.operands[1] = array_of(values);
    for (size_t d = 1; d < values->rank; ++d)
      result->dims[result->rank++] = values->dims[d];
  }
  return add_typed(lang, GLN_NODE_FOLD, monoid, &s, NULL, 0, out);
}

eg_status gln_add_scan(gln_lang *lang, uint32_t steps, eg_class step,
                       eg_class *out) {
  return add(lang, GLN_NODE_SCAN, &steps, sizeof steps, &step, 1, out);
}

eg_status gln_add_transform(gln_lang *lang, gln_transform transform,
                            eg_class kernel, eg_class *out) {
  uint32_t word = transform;
  return add(lang, GLN_NODE_TRANSFORM, &word, sizeof word, &kernel, 1, out);
}

eg_status gln_add_on_host(gln_lang *lang, eg_class kernel, eg_class *out) {
  return add(lang, GLN_NODE_ON_HOST, NULL, 0, &kernel, 1, out);
}

eg_status gln_add_compose(gln_lang *lang, const gln_wiring *wiring,
                          const eg_class *kernels, uint32_t num_kernels,
                          eg_class *out) {
  gln_wiring payload;
  memset(&payload, 0, sizeof payload); // padding is part of the identity
  payload.num_operands = wiring->num_operands;
  payload.num_sources = wiring->num_sources;
  payload.num_exports = wiring->num_exports;
  memcpy(payload.sources, wiring->sources, wiring->num_sources);
  memcpy(payload.exports, wiring->exports, wiring->num_exports);
  return add(lang, GLN_NODE_COMPOSE, &payload, sizeof payload, kernels,
             num_kernels, out);
}

//===-- Units and what runs on them ---------------------------------------===//

eg_status gln_add_block(gln_lang *lang, const gln_block *block, eg_class tile,
                        eg_class unit, const eg_class *tails,
                        uint32_t num_tails, eg_class *out) {
  eg_class children[2 + GLN_BLOCK_MAX_TAILS] = {tile, unit};
  if (num_tails > GLN_BLOCK_MAX_TAILS)
    return eg_fail(lang->graph, EG_INVALID, "'block' with %u tails, at most %d",
                   (unsigned)num_tails, GLN_BLOCK_MAX_TAILS);
  if (num_tails)
    memcpy(children + 2, tails, num_tails * sizeof *tails);
  return add(lang, GLN_NODE_BLOCK, block, sizeof *block, children,
             2 + num_tails, out);
}

eg_status gln_add_issue(gln_lang *lang, uint32_t instr, const int64_t *extents,
                        size_t num_extents, const gln_spec *spec, eg_class unit,
                        eg_class *out) {
  uint32_t words[2 + GLN_INSTR_MAX_DIMS + GLN_SPEC_MAX_WORDS] = {
      instr, (uint32_t)num_extents};
  size_t num = 2 + num_extents;
  for (size_t i = 0; i < num_extents; ++i) {
    if (extents[i] < 1 || extents[i] > UINT32_MAX)
      return eg_fail(lang->graph, EG_LIMIT,
                     "'issue' with an extent of %" PRId64, extents[i]);
    words[2 + i] = (uint32_t)extents[i];
  }
  num += gln_spec_encode(spec, words + num);
  return add(lang, GLN_NODE_ISSUE, words, num * sizeof *words, &unit, 1, out);
}

eg_status gln_add_unit(gln_lang *lang, gln_node node, uint32_t index,
                       const uint32_t *numbers, uint32_t num_numbers,
                       eg_class *out) {
  uint32_t words[16] = {index};
  if (num_numbers > 15)
    return eg_fail(lang->graph, EG_LIMIT, "a unit of %u numbers, at most 15",
                   (unsigned)num_numbers);
  if (num_numbers)
    memcpy(words + 1, numbers, num_numbers * sizeof *numbers);
  return add(lang, node, words, (1 + num_numbers) * sizeof *words, NULL, 0,
             out);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The search language registered with a graph, and the construction of nodes.
//
// Payloads are words. input, const, host, map, softmax and argmax carry their type
// in the payload: word 0 is an index or a split, then the signature, then, for a
// map, the text of the body.
#include "kernel/lang.h"
#include "kernel/words_internal.h"

#include <string.h>

//===-- Registration ------------------------------------------------------===//

typedef struct node_info {
  const char *name;
  enum { VALUE, KERNEL, UNIT } sort;
  const char *children;
  const char *payload;
} node_info;

static const node_info infos[] = {
#define GLN_X(id, name, sort, children, payload, doc)                          \
  {name, sort, children, payload},
    GLN_NODE_TABLE(GLN_X)
#undef GLN_X
};

static eg_sort sort_of(const gln_lang *lang, char letter) {
  return letter == 'k'   ? lang->kernel
         : letter == 'u' ? lang->unit
                         : lang->value;
}

static eg_status add_op(gln_lang *lang, gln_node node) {
  const node_info *info = &infos[node];
  eg_sort sorts[4];
  uint32_t num = 0;
  bool any = false;
  for (const char *c = info->children; *c; ++c) {
    if (*c == '*')
      any = true;
    else
      sorts[num++] = sort_of(lang, *c);
  }
  eg_op_desc desc = {.name = info->name,
                     .num_children = any ? EG_VARIADIC : num,
                     .result = sort_of(lang, "vku"[info->sort]),
                     .children = sorts,
                     .num_leading = any ? num - 1 : 0,
                     .has_payload = info->payload[0] != '-'};
  return eg_op_add(lang->graph, &desc, &lang->ops[node]);
}

static eg_status make_type(void *user, eg_graph *graph, eg_node node,
                           void *out_value) {
  const gln_lang *lang = user;
  gln_signature type;
  uint32_t words[GLNI_SIGNATURE_WORDS];
  eg_payload payload;
  eg_status status = glni_node_signature(lang, graph, node, &type);
  if (status == EG_OK) {
    size_t num = glni_signature_encode(&type, words);
    status = eg_payload_intern(graph, words, num * sizeof *words, &payload);
  }
  if (status == EG_OK)
    memcpy(out_value, &payload.id, sizeof payload.id);
  return status;
}

static void read_type(const eg_graph *graph, const void *value,
                      gln_signature *out) {
  eg_payload payload;
  size_t size;
  memcpy(&payload.id, value, sizeof payload.id);
  glni_signature_decode(eg_payload_bytes(graph, payload, &size), out);
}

static eg_status merge_types(void *user, eg_graph *graph, void *into,
                             const void *from, bool *out_into_changed,
                             bool *out_from_changed) {
  (void)user;
  *out_into_changed = *out_from_changed = false;
  if (memcmp(into, from, sizeof(uint32_t)) == 0)
    return EG_OK;
  gln_signature a, b;
  char text_a[100], text_b[100];
  read_type(graph, into, &a);
  read_type(graph, from, &b);
  gln_signature_print(&a, text_a, sizeof text_a);
  gln_signature_print(&b, text_b, sizeof text_b);
  return eg_fail(graph, EG_INVALID, "union of %s and %s", text_a, text_b);
}

// Constant if every value it is made of is, or nothing is read at all.
static eg_status make_constant(void *user, eg_graph *graph, eg_node node,
                               void *out_value) {
  const gln_lang *lang = user;
  uint8_t constant = 1;
  uint32_t num;
  const eg_class *children = eg_node_children(graph, node, &num);
  switch (gln_lang_node(lang, node)) {
  case GLN_NODE_CONST:
  case GLN_NODE_VIEW:
  case GLN_NODE_CONCAT:
  case GLN_NODE_PACK:
  case GLN_NODE_UNPACK:
  case GLN_NODE_APPLY:
  case GLN_NODE_GET:
    for (uint32_t i = 0; i < num; ++i)
      if (eg_class_sort(graph, children[i]).id == lang->value.id)
        constant &= gln_lang_is_constant(lang, children[i]);
    break;
  default:
    constant = 0;
  }
  memcpy(out_value, &constant, sizeof constant);
  return EG_OK;
}

static eg_status merge_constants(void *user, eg_graph *graph, void *into,
                                 const void *from, bool *out_into_changed,
                                 bool *out_from_changed) {
  uint8_t a, b;
  (void)user, (void)graph;
  memcpy(&a, into, sizeof a);
  memcpy(&b, from, sizeof b);
  *out_into_changed = !a && b;
  *out_from_changed = a && !b;
  a |= b;
  memcpy(into, &a, sizeof a);
  return EG_OK;
}

eg_status gln_lang_init(gln_lang *lang, eg_graph *graph) {
  *lang = (gln_lang){.graph = graph};
  eg_status status = eg_sort_add(graph, "value", &lang->value);
  if (status == EG_OK)
    status = eg_sort_add(graph, "kernel", &lang->kernel);
  if (status == EG_OK)
    status = eg_sort_add(graph, "unit", &lang->unit);
  for (int node = 0; node < GLN_NUM_NODES && status == EG_OK; ++node)
    status = add_op(lang, (gln_node)node);
  eg_analysis type = {.name = "type",
                      .size = sizeof(uint32_t),
                      .user = lang,
                      .make = make_type,
                      .merge = merge_types};
  eg_analysis constant = {.name = "constant",
                          .size = sizeof(uint8_t),
                          .user = lang,
                          .make = make_constant,
                          .merge = merge_constants};
  if (status == EG_OK)
    status = eg_analysis_add(graph, &type, &lang->type_analysis);
  return status == EG_OK
             ? eg_analysis_add(graph, &constant, &lang->constant_analysis)
             : status;
}

gln_node gln_lang_node(const gln_lang *lang, eg_node node) {
  uint32_t op = eg_node_op(lang->graph, node).id;
  uint32_t first = lang->ops[0].id; // registered in the order of the table
  return op >= first && op < first + GLN_NUM_NODES ? (gln_node)(op - first)
                                                   : GLN_NUM_NODES;
}

void gln_lang_type(const gln_lang *lang, eg_class id, gln_signature *out) {
  read_type(lang->graph, eg_class_value(lang->graph, lang->type_analysis, id),
            out);
}

bool gln_lang_is_constant(const gln_lang *lang, eg_class id) {
  uint8_t constant;
  memcpy(&constant, eg_class_value(lang->graph, lang->constant_analysis, id),
         sizeof constant);
  return constant;
}

//===-- Reading payloads --------------------------------------------------===//

const uint32_t *glni_payload(const gln_lang *lang, eg_node node,
                             size_t *out_num) {
  size_t size;
  const void *bytes =
      eg_payload_bytes(lang->graph, eg_node_payload(lang->graph, node), &size);
  *out_num = size / sizeof(uint32_t);
  return bytes;
}

bool gln_node_spec(const gln_lang *lang, eg_node node, gln_spec *out) {
  gln_node kind = gln_lang_node(lang, node);
  size_t num;
  const uint32_t *words = glni_payload(lang, node, &num);
  gln_block block;
  if (gln_node_block(lang, node, &block)) {
    *out = block.spec;
    return true;
  }
  if (kind == GLN_NODE_ISSUE) { // the instruction and its extents come first
    size_t skip = num < 2 ? num : 2 + (size_t)words[1];
    return skip < num && gln_spec_decode(words + skip, num - skip, out);
  }
  return (kind == GLN_NODE_CONTRACT || kind == GLN_NODE_REDUCE) &&
         gln_spec_decode(words, num, out);
}

const gln_view *gln_node_view(const gln_lang *lang, eg_node node) {
  gln_node kind = gln_lang_node(lang, node);
  size_t size;
  if (kind != GLN_NODE_VIEW && kind != GLN_NODE_PACK && kind != GLN_NODE_UNPACK)
    return NULL;
  return eg_payload_bytes(lang->graph, eg_node_payload(lang->graph, node),
                          &size);
}

eg_status gln_node_body(const gln_lang *lang, eg_node node, eg_allocator memory,
                        gln_scalar_body *out, eg_error *error) {
  size_t size;
  const char *bytes =
      eg_payload_bytes(lang->graph, eg_node_payload(lang->graph, node), &size);
  if (gln_lang_node(lang, node) != GLN_NODE_MAP)
    return gln_fail(error, EG_INVALID, "'%s' has no body",
                    eg_op_name(lang->graph, eg_node_op(lang->graph, node)));
  gln_signature type;
  uint32_t words[GLNI_SIGNATURE_WORDS];
  glni_signature_decode((const uint32_t *)(const void *)bytes + 1, &type);
  size_t used = (1 + glni_signature_encode(&type, words)) * sizeof(uint32_t);
  return gln_scalar_body_parse(out, bytes + used, size - used, memory, error);
}

bool gln_node_extents(const gln_lang *lang, eg_node node,
                      int64_t out_extents[GLN_INSTR_MAX_DIMS],
                      size_t *out_num) {
  size_t num;
  const uint32_t *words = glni_payload(lang, node, &num);
  if (gln_lang_node(lang, node) != GLN_NODE_ISSUE || num < 2 ||
      words[1] > GLN_INSTR_MAX_DIMS || words[1] > num - 2)
    return false;
  *out_num = words[1];
  for (size_t i = 0; i < words[1]; ++i)
    out_extents[i] = words[2 + i];
  return true;
}

bool gln_node_index(const gln_lang *lang, eg_node node, uint32_t *out) {
  switch (gln_lang_node(lang, node)) {
  case GLN_NODE_INPUT:
  case GLN_NODE_CONST:
  case GLN_NODE_HOST:
  case GLN_NODE_CONCAT:
  case GLN_NODE_ISSUE:
  case GLN_NODE_ARRAY:
  case GLN_NODE_VECTOR:
  case GLN_NODE_GET: {
    size_t num;
    *out = glni_payload(lang, node, &num)[0];
    return true;
  }
  default:
    return false;
  }
}

// Copies the payload of a node of |kind|, which is one struct of |size| bytes.
static bool copy_payload(const gln_lang *lang, eg_node node, gln_node kind,
                         void *out, size_t size) {
  if (gln_lang_node(lang, node) != kind)
    return false;
  memcpy(out,
         eg_payload_bytes(lang->graph, eg_node_payload(lang->graph, node),
                          &(size_t){0}),
         size);
  return true;
}

bool gln_node_block(const gln_lang *lang, eg_node node, gln_block *out) {
  return copy_payload(lang, node, GLN_NODE_BLOCK, out, sizeof *out);
}

bool gln_node_wiring(const gln_lang *lang, eg_node node, gln_wiring *out) {
  return copy_payload(lang, node, GLN_NODE_COMPOSE, out, sizeof *out);
}

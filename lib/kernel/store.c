// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nodes as bytes. Classes are numbered as their first nodes are written; payloads
// as they are first used.
#include "kernel/store.h"
#include "view/try.h"

#include <string.h>

//===-- Bytes -------------------------------------------------------------===//

eg_status gln_bytes_put(gln_bytes *bytes, const void *data, size_t num) {
  if (bytes->capacity - bytes->num < num) {
    size_t wanted = bytes->capacity + bytes->capacity / 2 + num + 256;
    void *grown = bytes->memory.resize(bytes->memory.user, bytes->data,
                                       bytes->capacity, wanted);
    if (!grown)
      return EG_NO_MEMORY;
    bytes->data = grown;
    bytes->capacity = wanted;
  }
  if (num)
    memcpy(bytes->data + bytes->num, data, num);
  bytes->num += num;
  return EG_OK;
}

eg_status gln_bytes_put_number(gln_bytes *bytes, uint64_t value) {
  unsigned char digits[10];
  size_t num = 0;
  do {
    digits[num] = (unsigned char)(value & 127);
    value >>= 7;
    digits[num++] |= value ? 128 : 0;
  } while (value);
  return gln_bytes_put(bytes, digits, num);
}

void gln_bytes_fini(gln_bytes *bytes) {
  bytes->memory.resize(bytes->memory.user, bytes->data, bytes->capacity, 0);
  bytes->data = NULL;
  bytes->num = bytes->capacity = 0;
}

const void *gln_reader_take(gln_reader *reader, size_t num) {
  const void *at = reader->at;
  if (reader->failed || num > reader->left) {
    reader->failed = true;
    return NULL;
  }
  reader->at += num;
  reader->left -= num;
  return at;
}

uint64_t gln_reader_number(gln_reader *reader) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const unsigned char *digit = gln_reader_take(reader, 1);
    if (!digit)
      return 0;
    value |= (uint64_t)(*digit & 127) << shift;
    if (*digit < 128)
      return value;
  }
  reader->failed = true;
  return 0;
}

//===-- The language ------------------------------------------------------===//

// Tells languages apart: the rows of the node table, and the sizes of payloads
// that are structs.
static uint64_t language(void) {
  static const char table[] =
#define GLN_X(id, name, sort, children, payload, doc)                          \
  name " " children " " payload "\n"
      GLN_NODE_TABLE(GLN_X)
#undef GLN_X
      ;
  uint64_t hash = UINT64_C(0xcbf29ce484222325); // FNV-1a
  for (size_t i = 0; i < sizeof table; ++i)
    hash = (hash ^ (unsigned char)table[i]) * UINT64_C(0x100000001b3);
  uint32_t one = 1; // structs are in the byte order of the host
  hash = hash * 31 + *(const unsigned char *)&one;
  return hash ^ sizeof(gln_block) << 16 ^ sizeof(gln_wiring);
}

//===-- Writing -----------------------------------------------------------===//

typedef struct saver {
  const gln_lang *lang;
  eg_graph *graph;
  eg_allocator memory;
  gln_bytes *out;
  uint32_t *classes;  // number of each class id, from 1; 0 = not yet
  uint32_t *payloads; // of each payload id
  size_t num_classes, num_payloads; // entries
  uint32_t next_class, next_payload;
  uint32_t *stack; // class ids
  size_t num_stack;
} saver;

static eg_status put_payload(saver *s, eg_node node) {
  eg_payload payload = eg_node_payload(s->graph, node);
  size_t size;
  if (!payload.id)
    return EG_OK;
  const void *bytes = eg_payload_bytes(s->graph, payload, &size);
  uint32_t *number = &s->payloads[payload.id];
  if (*number)
    return gln_bytes_put_number(s->out, *number);
  *number = ++s->next_payload;
  GLN_TRY(gln_bytes_put_number(s->out, 0));
  GLN_TRY(gln_bytes_put_number(s->out, size));
  return gln_bytes_put(s->out, bytes, size);
}

// class (0 = a new one), operator, payload (0 = a new one: size, bytes), number of
// children, children.
static eg_status put_node(saver *s, eg_node node) {
  uint32_t num;
  const eg_class *children = eg_node_children(s->graph, node, &num);
  uint32_t *number = &s->classes[eg_node_class(s->graph, node).id];
  GLN_TRY(gln_bytes_put_number(s->out, *number));
  GLN_TRY(gln_bytes_put_number(s->out, (uint64_t)gln_lang_node(s->lang, node)));
  GLN_TRY(put_payload(s, node));
  GLN_TRY(gln_bytes_put_number(s->out, num));
  for (uint32_t i = 0; i < num; ++i)
    GLN_TRY(gln_bytes_put_number(s->out, s->classes[children[i].id]));
  if (!*number)
    *number = ++s->next_class;
  return EG_OK;
}

// The chosen node of |id|, after those of its children. The choice is acyclic, so
// that the stack holds each class of a path once, and its siblings.
static eg_status put_first(saver *s, const eg_choice *choice, eg_class id,
                           size_t cap_stack) {
  s->stack[s->num_stack++] = id.id;
  while (s->num_stack) {
    uint32_t top = s->stack[s->num_stack - 1], num;
    eg_node node = eg_choice_node(choice, (eg_class){top});
    size_t before = s->num_stack;
    if (!s->classes[top]) {
      const eg_class *children = eg_node_children(s->graph, node, &num);
      for (uint32_t i = num; i-- > 0;)
        if (!s->classes[children[i].id]) {
          if (s->num_stack == cap_stack)
            return EG_LIMIT;
          s->stack[s->num_stack++] = children[i].id;
        }
      if (s->num_stack > before)
        continue;
      GLN_TRY(put_node(s, node));
    }
    --s->num_stack;
  }
  return EG_OK;
}

static eg_status put_others(saver *s, const eg_choice *choice) {
  for (eg_class id = eg_class_next(s->graph, (eg_class){0}); id.id;
       id = eg_class_next(s->graph, id)) {
    uint32_t num;
    const eg_node *nodes = eg_class_nodes(s->graph, id, &num);
    eg_node first = eg_choice_node(choice, id);
    for (uint32_t i = 0; i < num; ++i)
      if (nodes[i].id != first.id)
        GLN_TRY(put_node(s, nodes[i]));
  }
  return EG_OK;
}

// Highest ids, and room for the stack: every child of every node once.
static size_t measure(saver *s) {
  size_t edges = 1;
  for (eg_class id = eg_class_next(s->graph, (eg_class){0}); id.id;
       id = eg_class_next(s->graph, id)) {
    uint32_t num, children;
    const eg_node *nodes = eg_class_nodes(s->graph, id, &num);
    s->num_classes = id.id + 1u;
    for (uint32_t i = 0; i < num; ++i) {
      eg_payload payload = eg_node_payload(s->graph, nodes[i]);
      eg_node_children(s->graph, nodes[i], &children);
      edges += children;
      if (payload.id >= s->num_payloads)
        s->num_payloads = payload.id + 1u;
    }
  }
  return edges;
}

static eg_status save(saver *s, const eg_choice *choice, size_t edges) {
  uint64_t tag = language();
  memset(s->classes, 0, s->num_classes * sizeof *s->classes);
  memset(s->payloads, 0, s->num_payloads * sizeof *s->payloads);
  GLN_TRY(gln_bytes_put_number(s->out, tag));
  GLN_TRY(gln_bytes_put_number(s->out, eg_num_nodes(s->graph)));
  for (eg_class id = eg_class_next(s->graph, (eg_class){0}); id.id;
       id = eg_class_next(s->graph, id))
    GLN_TRY(put_first(s, choice, id, edges));
  return put_others(s, choice);
}

static void *words(const saver *s, void *block, size_t old, size_t num) {
  return s->memory.resize(s->memory.user, block, old * sizeof(uint32_t),
                          num * sizeof(uint32_t));
}

eg_status gln_graph_save(const gln_lang *lang, gln_bytes *out,
                         eg_error *error) {
  saver s = {.lang = lang,
             .graph = lang->graph,
             .memory = out->memory,
             .out = out,
             .num_payloads = 1};
  // The flattest term of each class: its children come before it.
  eg_cost depth = eg_cost_depth();
  eg_choice *choice = NULL;
  eg_status status = eg_extract_tree(s.graph, &depth, &choice);
  if (status != EG_OK)
    return gln_fail(error, status, "%s", eg_graph_error(s.graph)->text);
  size_t edges = measure(&s);
  s.classes = words(&s, NULL, 0, s.num_classes + 1);
  s.payloads = words(&s, NULL, 0, s.num_payloads);
  s.stack = words(&s, NULL, 0, edges);
  status = s.classes && s.payloads && s.stack ? save(&s, choice, edges)
                                              : EG_NO_MEMORY;
  words(&s, s.classes, s.classes ? s.num_classes + 1 : 0, 0);
  words(&s, s.payloads, s.payloads ? s.num_payloads : 0, 0);
  words(&s, s.stack, s.stack ? edges : 0, 0);
  eg_choice_destroy(choice);
  return status == EG_OK ? EG_OK
                         : gln_fail(error, status, "no memory to save a graph");
}

//===-- Reading -----------------------------------------------------------===//

typedef struct loader {
  gln_lang *lang;
  gln_reader *from;
  eg_allocator memory;
  eg_class *classes;    // by number, [0] unused
  eg_payload *payloads; // the same
  size_t num, num_payloads, capacity; // capacity: of both
  eg_class *children;                 // of the node at hand
  size_t max_children;
  eg_error *error;
} loader;

static eg_status malformed(const loader *l, const char *what) {
  return gln_fail(l->error, EG_INVALID, "a saved graph %s", what);
}

static eg_status of_graph(const loader *l, eg_status status) {
  if (status != EG_OK)
    gln_fail(l->error, status, "a saved graph: %s",
             eg_graph_error(l->lang->graph)->text);
  return status;
}

static eg_status take_payload(loader *l, eg_payload *out) {
  uint64_t number = gln_reader_number(l->from);
  if (number) {
    if (number > l->num_payloads)
      return malformed(l, "names a payload that it does not have");
    *out = l->payloads[number];
    return EG_OK;
  }
  uint64_t size = gln_reader_number(l->from);
  const void *bytes = gln_reader_take(l->from, size);
  if (!bytes)
    return malformed(l, "is cut off in a payload");
  GLN_TRY(of_graph(l, eg_payload_intern(l->lang->graph, bytes, size, out)));
  l->payloads[++l->num_payloads] = *out;
  return EG_OK;
}

// Views are structs, which nothing checks again.
static eg_status check_view(const loader *l, eg_payload payload) {
  size_t size;
  gln_view *view;
  const void *bytes = eg_payload_bytes(l->lang->graph, payload, &size);
  GLN_TRY(gln_view_from_bytes(&l->memory, bytes, size, &view, l->error));
  gln_view_destroy(&l->memory, view);
  return EG_OK;
}

static eg_status reserve_children(loader *l, size_t num) {
  size_t old = l->max_children * sizeof *l->children;
  if (num <= l->max_children)
    return EG_OK;
  void *grown = l->memory.resize(l->memory.user, l->children, old,
                                 2 * num * sizeof *l->children);
  if (!grown)
    return gln_fail(l->error, EG_NO_MEMORY, "no memory to load a graph");
  l->children = grown;
  l->max_children = 2 * num;
  return EG_OK;
}

static eg_status take_node(loader *l) {
  eg_graph *graph = l->lang->graph;
  uint64_t home = gln_reader_number(l->from);
  uint64_t kind = gln_reader_number(l->from);
  eg_payload payload = {0};
  eg_class id;
  if (kind >= GLN_NUM_NODES || home > l->num)
    return malformed(l, "has a node that the language lacks");
  eg_op op = l->lang->ops[kind];
  if (eg_op_has_payload(graph, op))
    GLN_TRY(take_payload(l, &payload));
  if (kind == GLN_NODE_VIEW || kind == GLN_NODE_PACK ||
      kind == GLN_NODE_UNPACK)
    GLN_TRY(check_view(l, payload));
  uint64_t num = gln_reader_number(l->from);
  if (l->from->failed || num > l->from->left)
    return malformed(l, "is cut off in a node");
  GLN_TRY(reserve_children(l, (size_t)num));
  for (uint64_t i = 0; i < num; ++i) {
    uint64_t child = gln_reader_number(l->from);
    if (!child || child > l->num)
      return malformed(l, "names a class that it does not have");
    l->children[i] = l->classes[child];
  }
  GLN_TRY(of_graph(
      l, eg_add(graph, op, payload, l->children, (uint32_t)num, &id)));
  if (home)
    return of_graph(l, eg_union(graph, l->classes[home], id, NULL));
  l->classes[++l->num] = id;
  return EG_OK;
}

eg_status gln_graph_load(gln_lang *lang, gln_reader *from, eg_error *error) {
  loader l = {.lang = lang,
              .from = from,
              .memory = eg_allocator_default(),
              .error = error};
  if (gln_reader_number(from) != language() || from->failed)
    return malformed(&l, "is of another version of the search language");
  uint64_t nodes = gln_reader_number(from);
  if (from->failed || nodes > from->left) // a node takes more than a byte
    return malformed(&l, "is cut off");
  l.capacity = (size_t)nodes + 1;
  size_t bytes = l.capacity * sizeof(uint32_t);
  l.classes = l.memory.resize(l.memory.user, NULL, 0, bytes);
  l.payloads = l.memory.resize(l.memory.user, NULL, 0, bytes);
  eg_status status = EG_OK;
  if (!l.classes || !l.payloads)
    status = gln_fail(error, EG_NO_MEMORY, "no memory to load a graph");
  for (uint64_t i = 0; i < nodes && status == EG_OK; ++i)
    status = take_node(&l);
  l.memory.resize(l.memory.user, l.classes, l.classes ? bytes : 0, 0);
  l.memory.resize(l.memory.user, l.payloads, l.payloads ? bytes : 0, 0);
  l.memory.resize(l.memory.user, l.children,
                  l.max_children * sizeof *l.children, 0);
  eg_status rebuilt = of_graph(&l, eg_rebuild(lang->graph));
  return status != EG_OK ? status : rebuilt;
}

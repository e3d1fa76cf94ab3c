// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads the JSON of egraph-serialize.
//
// One pass over the text. A node id or class id is interned where it is first
// seen, as a key or as a child, so that each mention is hashed once and a child
// may stand before the node it names. Then the nodes are sorted by class, which
// keeps the order inside each class, and children become class numbers.
//
// Workload: millions of nodes, 120 bytes of text each; the hot operation is one
// probe per mention of an id.
#include "json.h"
#include "serial.h"

enum { UNDEFINED = UINT32_MAX };

//===-- Interning ---------------------------------------------------------===//

typedef struct symbol {
  const char *text;
  uint32_t size, hash;
  uint32_t value; // node or class number, UNDEFINED until it is defined
} symbol;

typedef struct symbols {
  symbol *data;
  size_t num, cap;
  uint32_t *slots; // symbol + 1; 0 = empty
  size_t num_slots;
} symbols;

// Eight bytes at a time; multiplications spread them (as in wyhash, W. Yi).
static uint32_t hash_text(const char *text, size_t size) {
  uint64_t h = size * UINT64_C(0x9e3779b97f4a7c15), word;
  for (; size >= 8; text += 8, size -= 8) {
    memcpy(&word, text, 8);
    h = (h ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 29;
  }
  word = 0;
  for (size_t i = 0; i < size; ++i)
    word = word << 8 | (unsigned char)text[i];
  h = (h ^ word) * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)(h ^ h >> 32);
}

static bool rehash(egi_arena *arena, symbols *s) {
  size_t num_slots = s->num_slots ? s->num_slots * 2 : 256;
  uint32_t *slots = EGI_NEW(arena, uint32_t, num_slots);
  if (!slots)
    return false;
  for (size_t i = 0; i < s->num; ++i) {
    size_t at = s->data[i].hash & (num_slots - 1);
    while (slots[at])
      at = (at + 1) & (num_slots - 1);
    slots[at] = (uint32_t)i + 1;
  }
  s->slots = slots;
  s->num_slots = num_slots;
  return true;
}

static bool intern(egi_arena *arena, symbols *s, const char *text, size_t size,
                   uint32_t *out_symbol) {
  if (s->num * 2 >= s->num_slots && !rehash(arena, s))
    return false;
  uint32_t hash = hash_text(text, size);
  size_t at = hash & (s->num_slots - 1);
  for (; s->slots[at]; at = (at + 1) & (s->num_slots - 1)) {
    const symbol *have = &s->data[s->slots[at] - 1];
    if (have->hash == hash && have->size == size &&
        memcmp(have->text, text, size) == 0) {
      *out_symbol = s->slots[at] - 1;
      return true;
    }
  }
  symbol *data = egi_arena_grow(arena, s->data, s->num, &s->cap, sizeof *data);
  if (!data)
    return false;
  s->data = data;
  data[s->num] = (symbol){text, (uint32_t)size, hash, UNDEFINED};
  *out_symbol = (uint32_t)s->num++;
  s->slots[at] = *out_symbol + 1;
  return true;
}

//===-- The reader --------------------------------------------------------===//

typedef struct node {
  uint32_t id;          // symbol
  uint32_t owner;       // class number
  uint32_t first_child; // in reader.children
  bool subsumed;
  const char *op;
  double cost;
} node;

typedef struct mention {
  uint32_t id; // symbol of a class
  const char *at;
} mention;

typedef struct pair {
  mention subject;
  const char *key, *value;
} pair;

typedef struct reader {
  egi_json json;
  egi_arena arena; // scratch
  symbols nodes_by_id, classes_by_id;
  node *nodes;
  size_t num_nodes, cap_nodes;
  uint32_t *children; // symbols of nodes
  size_t num_children, cap_children;
  uint32_t *classes; // symbols, by number
  size_t num_classes, cap_classes;
  mention *roots;
  size_t num_roots, cap_roots;
  pair *pairs;
  size_t num_pairs, cap_pairs;
} reader;

static eg_status no_memory(reader *r) {
  return egi_no_memory(r->json.error);
}

#define PUSH(r, list, ...)                                                     \
  do {                                                                         \
    void *grown = egi_arena_grow(&(r)->arena, (r)->list, (r)->num_##list,      \
                                 &(r)->cap_##list, sizeof *(r)->list);         \
    if (!grown)                                                                \
      return no_memory(r);                                                     \
    (r)->list = grown;                                                         \
    (r)->list[(r)->num_##list++] = __VA_ARGS__;                                \
  } while (0)

static eg_status read_id(reader *r, symbols *s, uint32_t *out_symbol) {
  char *text;
  size_t size;
  EG_TRY(egi_json_string(&r->json, &text, &size));
  return intern(&r->arena, s, text, size, out_symbol) ? EG_OK : no_memory(r);
}

static eg_status read_children(reader *r) {
  bool first = true, more;
  uint32_t id;
  EG_TRY(egi_json_expect(&r->json, '['));
  for (;;) {
    EG_TRY(egi_json_item(&r->json, ']', &first, &more));
    if (!more)
      return EG_OK;
    EG_TRY(read_id(r, &r->nodes_by_id, &id));
    PUSH(r, children, id);
  }
}

static eg_status read_owner(reader *r, uint32_t *out_owner) {
  uint32_t id;
  EG_TRY(read_id(r, &r->classes_by_id, &id));
  symbol *s = &r->classes_by_id.data[id];
  if (s->value == UNDEFINED) {
    s->value = (uint32_t)r->num_classes;
    PUSH(r, classes, id);
  }
  *out_owner = s->value;
  return EG_OK;
}

enum { OP = 1, ECLASS = 2, CHILDREN = 4, COST = 8, SUBSUMED = 16 };

static int field_named(const char *key) {
  static const struct {
    const char *name;
    int field;
  } fields[] = {{"op", OP},
                {"eclass", ECLASS},
                {"children", CHILDREN},
                {"cost", COST},
                {"subsumed", SUBSUMED}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i)
    if (strcmp(key, fields[i].name) == 0)
      return fields[i].field;
  return 0;
}

static eg_status read_field(reader *r, int field, node *n) {
  char *text;
  size_t size;
  switch (field) {
  case OP:
    EG_TRY(egi_json_string(&r->json, &text, &size));
    n->op = text;
    return EG_OK;
  case ECLASS:
    return read_owner(r, &n->owner);
  case CHILDREN:
    return read_children(r);
  case COST:
    return egi_json_number(&r->json, &n->cost);
  case SUBSUMED:
    return egi_json_bool(&r->json, &n->subsumed);
  default:
    return egi_json_skip(&r->json);
  }
}

static eg_status read_node(reader *r, const char *key, size_t key_size) {
  egi_json *json = &r->json;
  node n = {.cost = 1, .first_child = (uint32_t)r->num_children};
  if (!intern(&r->arena, &r->nodes_by_id, key, key_size, &n.id))
    return no_memory(r);
  symbol *s = &r->nodes_by_id.data[n.id];
  if (s->value != UNDEFINED)
    return egi_json_fail(json, EG_INVALID, "a second node \"%.80s\"", key);
  s->value = (uint32_t)r->num_nodes;
  EG_TRY(egi_json_expect(json, '{'));
  bool first = true, more;
  int seen = 0;
  for (;;) {
    EG_TRY(egi_json_item(json, '}', &first, &more));
    if (!more)
      break;
    char *name;
    size_t size;
    EG_TRY(egi_json_key(json, &name, &size));
    int field = field_named(name);
    if (seen & field)
      return egi_json_fail(json, EG_INVALID,
                           "a second \"%s\" of node \"%.80s\"", name, key);
    seen |= field;
    EG_TRY(read_field(r, field, &n));
  }
  if (!(seen & OP) || !(seen & ECLASS))
    return egi_json_fail(json, EG_INVALID, "node \"%.80s\" has no \"%s\"", key,
                         seen & OP ? "eclass" : "op");
  PUSH(r, nodes, n);
  return EG_OK;
}

static eg_status read_nodes(reader *r) {
  bool first = true, more;
  EG_TRY(egi_json_expect(&r->json, '{'));
  for (;;) {
    EG_TRY(egi_json_item(&r->json, '}', &first, &more));
    if (!more)
      return EG_OK;
    char *key;
    size_t size;
    EG_TRY(egi_json_key(&r->json, &key, &size));
    EG_TRY(read_node(r, key, size));
  }
}

static eg_status read_roots(reader *r) {
  bool first = true, more;
  EG_TRY(egi_json_expect(&r->json, '['));
  for (;;) {
    EG_TRY(egi_json_item(&r->json, ']', &first, &more));
    if (!more)
      return EG_OK;
    mention root;
    egi_json_peek(&r->json);
    root.at = r->json.at;
    EG_TRY(read_id(r, &r->classes_by_id, &root.id));
    PUSH(r, roots, root);
  }
}

static eg_status read_datum(reader *r, mention subject) {
  egi_json *json = &r->json;
  bool first = true, more;
  EG_TRY(egi_json_expect(json, '{'));
  PUSH(r, pairs, (pair){subject, NULL, NULL});
  for (;;) {
    EG_TRY(egi_json_item(json, '}', &first, &more));
    if (!more)
      return EG_OK;
    char *key, *value = NULL;
    size_t size;
    EG_TRY(egi_json_key(json, &key, &size));
    if (strcmp(key, "type") != 0 || !egi_json_null(json))
      EG_TRY(egi_json_string(json, &value, &size));
    PUSH(r, pairs, (pair){subject, key, value});
  }
}

static eg_status read_class_data(reader *r) {
  bool first = true, more;
  EG_TRY(egi_json_expect(&r->json, '{'));
  for (;;) {
    EG_TRY(egi_json_item(&r->json, '}', &first, &more));
    if (!more)
      return EG_OK;
    mention subject;
    char *key;
    size_t size;
    egi_json_peek(&r->json);
    subject.at = r->json.at;
    EG_TRY(egi_json_key(&r->json, &key, &size));
    if (!intern(&r->arena, &r->classes_by_id, key, size, &subject.id))
      return no_memory(r);
    EG_TRY(read_datum(r, subject));
  }
}

static eg_status read_text(reader *r) {
  egi_json *json = &r->json;
  static const char *const names[] = {"nodes", "root_eclasses", "class_data"};
  static eg_status (*const readers[])(reader *) = {read_nodes, read_roots,
                                                   read_class_data};
  bool first = true, more, seen[3] = {false};
  EG_TRY(egi_json_expect(json, '{'));
  for (;;) {
    EG_TRY(egi_json_item(json, '}', &first, &more));
    if (!more)
      break;
    char *key;
    size_t size, i = 0;
    EG_TRY(egi_json_key(json, &key, &size));
    while (i < 3 && strcmp(key, names[i]) != 0)
      ++i;
    if (i == 3) {
      EG_TRY(egi_json_skip(json));
      continue;
    }
    if (seen[i])
      return egi_json_fail(json, EG_INVALID, "a second \"%s\"", names[i]);
    seen[i] = true;
    EG_TRY(readers[i](r));
  }
  if (!seen[0])
    return egi_json_fail(json, EG_INVALID, "there is no \"nodes\"");
  if (egi_json_peek(json) || json->at != json->end)
    return egi_json_fail(json, EG_INVALID, "more text behind the e-graph");
  return EG_OK;
}

//===-- From the text's order to the problem's ----------------------------===//

static eg_status build_names(reader *r, eg_serial *serial) {
  egi_arena *arena = &serial->arena;
  size_t num = r->num_classes;
  serial->class_ids = EGI_NEW(arena, const char *, num);
  serial->types = EGI_NEW(arena, const char *, num);
  serial->data = EGI_NEW(arena, egi_datum, r->num_pairs);
  uint32_t *roots = EGI_NEW(arena, uint32_t, r->num_roots);
  if (!serial->class_ids || !serial->types || !serial->data || !roots)
    return no_memory(r);
  const symbol *names = r->classes_by_id.data;
  for (size_t c = 0; c < num; ++c)
    serial->class_ids[c] = names[r->classes[c]].text;
  for (size_t i = 0; i < r->num_roots; ++i) {
    const symbol *name = &names[r->roots[i].id];
    if (name->value == UNDEFINED)
      return egi_json_fail_at(&r->json, r->roots[i].at, EG_NOT_FOUND,
                              "root_eclasses[%zu] \"%.80s\" names no class", i,
                              name->text);
    roots[i] = name->value;
  }
  for (size_t i = 0; i < r->num_pairs; ++i) {
    const pair *p = &r->pairs[i];
    const symbol *name = &names[p->subject.id];
    if (name->value == UNDEFINED)
      return egi_json_fail_at(&r->json, p->subject.at, EG_NOT_FOUND,
                              "class_data \"%.80s\" names no class",
                              name->text);
    serial->data[serial->num_data++] =
        (egi_datum){name->value, p->key, p->value};
    if (p->key && strcmp(p->key, "type") == 0)
      serial->types[name->value] = p->value;
  }
  serial->problem.roots = roots;
  serial->problem.num_roots = (uint32_t)r->num_roots;
  return EG_OK;
}

// Counting sort of the nodes by class: fills first_node and order.
static eg_status sort_nodes(reader *r, eg_serial *serial) {
  egi_arena *arena = &serial->arena;
  uint32_t *first = EGI_NEW(arena, uint32_t, r->num_classes + 1);
  uint32_t *at = EGI_NEW(&r->arena, uint32_t, r->num_classes + 1);
  serial->order = EGI_NEW(arena, uint32_t, r->num_nodes);
  if (!first || !at || !serial->order)
    return no_memory(r);
  for (size_t i = 0; i < r->num_nodes; ++i)
    ++first[r->nodes[i].owner + 1];
  for (size_t c = 0; c < r->num_classes; ++c)
    at[c + 1] = first[c + 1] += first[c];
  for (size_t i = 0; i < r->num_nodes; ++i)
    serial->order[i] = at[r->nodes[i].owner]++;
  serial->problem.first_node = first;
  return EG_OK;
}

static uint32_t num_children_of(const reader *r, size_t i) {
  uint32_t end = i + 1 < r->num_nodes ? r->nodes[i + 1].first_child
                                      : (uint32_t)r->num_children;
  return end - r->nodes[i].first_child;
}

static eg_status build_children(reader *r, eg_serial *serial, uint32_t *first,
                                uint32_t *children) {
  const symbol *names = r->nodes_by_id.data;
  for (size_t i = 0; i < r->num_nodes; ++i)
    first[serial->order[i] + 1] = num_children_of(r, i);
  for (size_t n = 0; n < r->num_nodes; ++n)
    first[n + 1] += first[n];
  for (size_t i = 0; i < r->num_nodes; ++i) {
    uint32_t to = first[serial->order[i]], from = r->nodes[i].first_child;
    for (uint32_t k = 0, num = num_children_of(r, i); k < num; ++k) {
      const symbol *name = &names[r->children[from + k]];
      if (name->value == UNDEFINED)
        return egi_json_fail_at(
            &r->json, name->text, EG_NOT_FOUND,
            "child \"%.80s\" of node \"%.80s\" names no node", name->text,
            names[r->nodes[i].id].text);
      serial->named[to + k] = serial->order[name->value];
      children[to + k] = r->nodes[name->value].owner;
    }
  }
  return EG_OK;
}

static eg_status build_nodes(reader *r, eg_serial *serial) {
  egi_arena *arena = &serial->arena;
  size_t num = r->num_nodes;
  serial->node_ids = EGI_NEW(arena, const char *, num);
  serial->ops = EGI_NEW(arena, const char *, num);
  serial->subsumed = EGI_NEW(arena, unsigned char, num);
  serial->costs = EGI_NEW(arena, double, num);
  serial->named = EGI_NEW(arena, uint32_t, r->num_children);
  uint32_t *first = EGI_NEW(arena, uint32_t, num + 1);
  uint32_t *children = EGI_NEW(arena, uint32_t, r->num_children);
  if (!serial->node_ids || !serial->ops || !serial->subsumed ||
      !serial->costs || !serial->named || !first || !children)
    return no_memory(r);
  for (size_t i = 0; i < num; ++i) {
    uint32_t to = serial->order[i];
    serial->node_ids[to] = r->nodes_by_id.data[r->nodes[i].id].text;
    serial->ops[to] = r->nodes[i].op;
    serial->subsumed[to] = r->nodes[i].subsumed;
    serial->costs[to] = r->nodes[i].cost;
  }
  eg_problem *p = &serial->problem;
  p->num_classes = (uint32_t)r->num_classes;
  p->num_nodes = (uint32_t)num;
  p->num_children = (uint32_t)r->num_children;
  p->first_child = first;
  p->children = children;
  p->costs = serial->costs;
  return build_children(r, serial, first, children);
}

static eg_status parse(reader *r, eg_serial *serial, const char *text,
                       size_t size) {
  char *own = size < INT32_MAX ? EGI_NEW(&serial->arena, char, size + 8) : NULL;
  if (size >= INT32_MAX)
    return egi_error(r->json.error, EG_LIMIT, 0, "%zu bytes of JSON", size);
  if (!own)
    return no_memory(r);
  memcpy(own, text, size);
  r->json.start = r->json.at = own;
  r->json.end = own + size;
  EG_TRY(read_text(r));
  EG_TRY(build_names(r, serial));
  EG_TRY(sort_nodes(r, serial));
  return build_nodes(r, serial);
}

eg_status eg_serial_parse(const eg_allocator *allocator, const char *text,
                          size_t size, eg_serial **out_serial,
                          eg_error *error) {
  *out_serial = NULL;
  eg_serial *serial;
  EG_TRY(egi_serial_new(allocator, &serial, error));
  reader r = {.json.error = error, .arena.allocator = &serial->allocator};
  eg_status status = parse(&r, serial, text, size);
  egi_arena_free(&r.arena);
  if (status != EG_OK) {
    eg_serial_destroy(serial);
    return status;
  }
  *out_serial = serial;
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Serialized e-graphs: what they hold, how they are made of a graph, and how
// they are written.
#include "serial.h"
#include "extract_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

//===-- Access ------------------------------------------------------------===//

eg_status egi_serial_new(const eg_allocator *allocator, eg_serial **out_serial,
                         eg_error *error) {
  eg_allocator own = allocator ? *allocator : eg_allocator_default();
  *out_serial = NULL;
  eg_serial *serial = own.resize(own.user, NULL, 0, sizeof *serial);
  if (!serial)
    return egi_no_memory(error);
  *serial = (eg_serial){.allocator = own};
  serial->arena.allocator = &serial->allocator;
  *out_serial = serial;
  return EG_OK;
}

void eg_serial_destroy(eg_serial *serial) {
  if (!serial)
    return;
  egi_arena_free(&serial->arena);
  eg_allocator own = serial->allocator;
  own.resize(own.user, serial, sizeof *serial, 0);
}

const eg_problem *eg_serial_problem(const eg_serial *serial) {
  return &serial->problem;
}

const char *eg_serial_node_id(const eg_serial *serial, uint32_t node) {
  return serial->node_ids[node];
}

const char *eg_serial_op(const eg_serial *serial, uint32_t node) {
  return serial->ops[node];
}

const char *eg_serial_class_id(const eg_serial *serial, uint32_t id) {
  return serial->class_ids[id];
}

bool eg_serial_is_subsumed(const eg_serial *serial, uint32_t node) {
  return serial->subsumed[node];
}

const char *eg_serial_class_type(const eg_serial *serial, uint32_t id) {
  return serial->types[id];
}

eg_status eg_serial_set_cost(eg_serial *serial, uint32_t node, double cost) {
  if (!egi_is_cost(cost))
    return EG_INVALID;
  serial->costs[node] = cost;
  return EG_OK;
}

eg_status eg_serial_reprice(eg_serial *serial, const eg_plugin *plugin,
                            eg_error *error) {
  const eg_problem *p = &serial->problem;
  for (uint32_t n = 0; plugin->cost && n < p->num_nodes; ++n) {
    eg_node_view view = {
        serial->ops[n], p->first_child[n + 1] - p->first_child[n], p->costs[n]};
    double cost = plugin->cost(plugin->user, &view);
    if (eg_serial_set_cost(serial, n, cost) != EG_OK)
      return egi_error(error, EG_INVALID, 0,
                       "the plugin's cost of node \"%.80s\" is %g",
                       serial->node_ids[n], cost);
  }
  return EG_OK;
}

//===-- From a graph ------------------------------------------------------===//

static const char *format(eg_serial *serial, const char *text, uint32_t a,
                          uint32_t b) {
  char buffer[32];
  snprintf(buffer, sizeof buffer, text, a, b);
  char *copy = EGI_NEW(&serial->arena, char, strlen(buffer) + 1);
  return copy ? strcpy(copy, buffer) : NULL;
}

// "name" or "name payload".
static const char *op_text(eg_serial *serial, const eg_graph *graph,
                           eg_node node) {
  eg_op op = eg_node_op(graph, node);
  const char *name = eg_op_name(graph, op);
  if (!eg_op_has_payload(graph, op))
    return name;
  size_t size;
  const char *bytes =
      eg_payload_bytes(graph, eg_node_payload(graph, node), &size);
  bool literal = eg_op_is_literal(graph, op);
  size_t skip = literal ? 0 : strlen(name) + 1;
  char *text = EGI_NEW(&serial->arena, char, skip + size + 1);
  if (!text)
    return NULL;
  if (skip) {
    memcpy(text, name, skip - 1);
    text[skip - 1] = ' ';
  }
  memcpy(text + skip, bytes, size);
  return text;
}

// The strings of a flat problem.
static eg_status name_all(eg_serial *serial, const eg_graph *graph,
                          const eg_flat *flat, eg_error *error) {
  const eg_problem *p = &serial->problem;
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    serial->class_ids[c] = format(serial, "%u", flat->classes[c].id, 0);
    if (!serial->class_ids[c])
      return egi_no_memory(error);
    for (uint32_t n = p->first_node[c]; n < p->first_node[c + 1]; ++n) {
      serial->node_ids[n] =
          format(serial, "%u.%u", flat->classes[c].id, n - p->first_node[c]);
      serial->ops[n] = op_text(serial, graph, flat->nodes[n]);
      serial->subsumed[n] = eg_is_subsumed(graph, flat->nodes[n]);
      serial->order[n] = n;
      if (!serial->node_ids[n] || !serial->ops[n])
        return egi_no_memory(error);
    }
  }
  for (uint32_t e = 0; e < p->num_children; ++e)
    serial->named[e] = p->first_node[p->children[e]];
  return EG_OK;
}

static void *copy(egi_arena *arena, const void *from, size_t num, size_t size) {
  void *to = egi_arena_get(arena, num, size);
  return to && num ? memcpy(to, from, num * size) : to;
}

static eg_status fill(eg_serial *serial, const eg_graph *graph,
                      const eg_flat *flat, eg_error *error) {
  const eg_problem *p = &flat->problem;
  egi_arena *arena = &serial->arena;
  size_t nodes = p->num_nodes, classes = p->num_classes;
  serial->problem = *p;
  eg_problem *q = &serial->problem;
  q->first_node = copy(arena, p->first_node, classes + 1, sizeof(uint32_t));
  q->first_child = copy(arena, p->first_child, nodes + 1, sizeof(uint32_t));
  q->children = copy(arena, p->children, p->num_children, sizeof(uint32_t));
  q->roots = copy(arena, p->roots, p->num_roots, sizeof(uint32_t));
  q->costs = serial->costs = copy(arena, p->costs, nodes, sizeof(double));
  serial->node_ids = EGI_NEW(arena, const char *, nodes);
  serial->ops = EGI_NEW(arena, const char *, nodes);
  serial->subsumed = EGI_NEW(arena, unsigned char, nodes);
  serial->order = EGI_NEW(arena, uint32_t, nodes);
  serial->named = EGI_NEW(arena, uint32_t, p->num_children);
  serial->class_ids = EGI_NEW(arena, const char *, classes);
  serial->types = EGI_NEW(arena, const char *, classes);
  if (!q->first_node || !q->first_child || !q->children || !q->roots ||
      !q->costs || !serial->node_ids || !serial->ops || !serial->subsumed ||
      !serial->order || !serial->named || !serial->class_ids || !serial->types)
    return egi_no_memory(error);
  return name_all(serial, graph, flat, error);
}

eg_status eg_serial_from_graph(eg_graph *graph, const eg_prices *prices,
                               const eg_class *roots, uint32_t num_roots,
                               eg_serial **out_serial, eg_error *error) {
  *out_serial = NULL;
  eg_flat *flat;
  eg_status status = eg_flat_create(graph, prices, roots, num_roots, &flat);
  if (status != EG_OK) {
    if (error)
      *error = *eg_graph_error(graph);
    return status;
  }
  eg_serial *serial;
  status = egi_serial_new(&graph->allocator, &serial, error);
  if (status == EG_OK)
    status = fill(serial, graph, flat, error);
  eg_flat_destroy(flat);
  if (status != EG_OK) {
    eg_serial_destroy(serial);
    return status;
  }
  *out_serial = serial;
  return EG_OK;
}

//===-- Writing -----------------------------------------------------------===//

typedef struct sink {
  eg_writer writer;
  bool refused;
  size_t num;
  char buffer[4096];
} sink;

static void flush(sink *out) {
  if (!out->refused && out->num)
    out->refused = !out->writer.write(out->writer.user, out->buffer, out->num);
  out->num = 0;
}

static void put(sink *out, const char *text) {
  for (; *text; ++text) {
    if (out->num == sizeof out->buffer)
      flush(out);
    out->buffer[out->num++] = *text;
  }
}

static void put_string(sink *out, const char *text) {
  put(out, "\"");
  for (; *text; ++text) {
    char piece[8] = {*text, 0};
    if (*text == '"' || *text == '\\')
      snprintf(piece, sizeof piece, "\\%c", *text);
    else if ((unsigned char)*text < ' ')
      snprintf(piece, sizeof piece, "\\u%04x", (unsigned)*text);
    put(out, piece);
  }
  put(out, "\"");
}

static void put_node(sink *out, const eg_serial *serial, uint32_t node,
                     uint32_t owner) {
  const eg_problem *p = &serial->problem;
  put_string(out, serial->node_ids[node]);
  put(out, ": {\"op\": ");
  put_string(out, serial->ops[node]);
  put(out, ", \"children\": [");
  for (uint32_t e = p->first_child[node]; e < p->first_child[node + 1]; ++e) {
    put(out, e == p->first_child[node] ? "" : ", ");
    put_string(out, serial->node_ids[serial->named[e]]);
  }
  put(out, "], \"eclass\": ");
  put_string(out, serial->class_ids[owner]);
  put(out, ", \"cost\": ");
  char cost[EGI_REAL_SIZE];
  egi_spell_real(p->costs[node], cost);
  put(out, cost);
  put(out, serial->subsumed[node] ? ", \"subsumed\": true}" : "}");
}

static void put_data(sink *out, const eg_serial *serial) {
  put(out, ",\n\"class_data\": {");
  for (size_t i = 0; i < serial->num_data; ++i) {
    const egi_datum *d = &serial->data[i];
    bool begins = i == 0 || d[-1].id != d->id || !d->key;
    if (begins) {
      put(out, i ? "},\n" : "\n");
      put_string(out, serial->class_ids[d->id]);
      put(out, ": {");
    } else if (d[-1].key) {
      put(out, ", ");
    }
    if (!d->key)
      continue;
    put_string(out, d->key);
    put(out, ": ");
    if (d->value)
      put_string(out, d->value);
    else
      put(out, "null");
  }
  put(out, serial->num_data ? "}}}\n" : "}}\n");
}

// The class of every node, for the nodes stand in an order of their own.
static uint32_t owner_of(const eg_problem *p, uint32_t node) {
  uint32_t low = 0, high = p->num_classes;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (p->first_node[middle] <= node)
      low = middle;
    else
      high = middle;
  }
  return low;
}

eg_status eg_serial_write(const eg_serial *serial, eg_writer writer) {
  const eg_problem *p = &serial->problem;
  sink out = {.writer = writer};
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    if (!isfinite(p->costs[n]))
      return EG_INVALID; // JSON has no infinity
  put(&out, "{\"nodes\": {");
  for (uint32_t i = 0; i < p->num_nodes; ++i) {
    put(&out, i ? ",\n" : "\n");
    put_node(&out, serial, serial->order[i], owner_of(p, serial->order[i]));
  }
  put(&out, "\n},\n\"root_eclasses\": [");
  for (uint32_t i = 0; i < p->num_roots; ++i) {
    put(&out, i ? ", " : "");
    put_string(&out, serial->class_ids[p->roots[i]]);
  }
  put(&out, "]");
  put_data(&out, serial);
  flush(&out);
  return out.refused ? EG_INVALID : EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sorts, operators and payloads: what nodes are made of, registered at run
// time.
#include "record.h"

#include <stdarg.h>
#include <stdio.h>

//===-- Errors ------------------------------------------------------------===//

static void set_error(eg_graph *graph, eg_status status, uint32_t line,
                      const char *format, va_list arguments) {
  if (graph->is_shared)
    return; // whoever joins what the threads did says it again
  graph->error.status = status;
  graph->error.line = line;
  graph->error.column = 0;
  vsnprintf(graph->error.text, sizeof graph->error.text, format, arguments);
}

eg_status egi_fail_at(eg_graph *graph, eg_status status, uint32_t line,
                      const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  set_error(graph, status, line, format, arguments);
  va_end(arguments);
  return status;
}

eg_status eg_fail(eg_graph *graph, eg_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  set_error(graph, status, 0, format, arguments);
  va_end(arguments);
  return status;
}

const eg_error *eg_graph_error(const eg_graph *graph) {
  return &graph->error;
}

static eg_status copy_name(eg_graph *graph, const char *name, char **out_copy) {
  size_t size = strlen(name) + 1;
  char *copy = egi_resize(graph, NULL, 0, size);
  if (!copy)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for name '%s'", name);
  memcpy(copy, name, size);
  *out_copy = copy;
  return EG_OK;
}

static void free_name(eg_graph *graph, char *name) {
  if (name)
    egi_resize(graph, name, strlen(name) + 1, 0);
}

// Eight bytes at a time: payloads of a kilobyte are common.
static uint64_t hash_bytes(const void *bytes, size_t size) {
  const unsigned char *at = bytes;
  uint64_t hash = size * UINT64_C(0x9e3779b97f4a7c15), word;
  for (; size; at += sizeof word) {
    size_t num = size < sizeof word ? size : sizeof word;
    word = 0;
    memcpy(&word, at, num);
    hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 32;
    size -= num;
  }
  return hash;
}

//===-- Sorts -------------------------------------------------------------===//

eg_status eg_sort_add(eg_graph *graph, const char *name, eg_sort *out_sort) {
  if (!name || !*name)
    return egi_fail_at(graph, EG_INVALID, 0, "a sort needs a name");
  for (size_t i = 0; i < graph->sorts.num; ++i)
    if (strcmp(graph->sorts.data[i], name) == 0)
      return egi_fail_at(graph, EG_INVALID, 0, "sort '%s' is there already",
                         name);
  if (graph->sorts.num > UINT8_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 256 sorts");
  EG_TRY(EGI_RESERVE(graph, &graph->sorts, 1));
  char *copy = NULL;
  EG_TRY(copy_name(graph, name, &copy));
  graph->sorts.data[graph->sorts.num] = copy;
  *out_sort = (eg_sort){(uint8_t)graph->sorts.num++};
  return EG_OK;
}

const char *eg_sort_name(const eg_graph *graph, eg_sort sort) {
  return sort.id < graph->sorts.num ? graph->sorts.data[sort.id] : "?";
}

void egi_sorts_truncate(eg_graph *graph, size_t num) {
  while (graph->sorts.num > num)
    free_name(graph, graph->sorts.data[--graph->sorts.num]);
}

//===-- Operators ---------------------------------------------------------===//

// The slot of |name| in op_names: its own, or the free one where it belongs.
static uint32_t *name_slot(const eg_graph *graph, const char *name) {
  size_t mask = graph->op_names.num - 1;
  size_t at = hash_bytes(name, strlen(name)) & mask;
  for (;; at = (at + 1) & mask) {
    uint32_t *slot = &graph->op_names.data[at];
    if (!*slot || strcmp(graph->ops.data[*slot - 1].name, name) == 0)
      return slot;
  }
}

static void rehash_names(eg_graph *graph) {
  memset(graph->op_names.data, 0, graph->op_names.num * sizeof(uint32_t));
  for (uint32_t i = 0; i < graph->ops.num; ++i)
    *name_slot(graph, graph->ops.data[i].name) = i + 1;
}

static eg_status grow_names(eg_graph *graph) {
  if (graph->op_names.num >= 2 * (graph->ops.num + 1))
    return EG_OK;
  size_t num = graph->op_names.num ? 2 * graph->op_names.num : 64;
  EG_TRY(EGI_RESERVE(graph, &graph->op_names, num - graph->op_names.num));
  graph->op_names.num = num;
  rehash_names(graph);
  return EG_OK;
}

eg_status eg_op_find(const eg_graph *graph, const char *name, eg_op *out_op) {
  uint32_t slot = graph->op_names.num ? *name_slot(graph, name) : 0;
  if (!slot)
    return EG_NOT_FOUND;
  *out_op = (eg_op){(uint16_t)(slot - 1)};
  return EG_OK;
}

static eg_status check_op(eg_graph *graph, const eg_op_desc *desc) {
  if (!desc->name || !*desc->name)
    return egi_fail_at(graph, EG_INVALID, 0, "an operator needs a name");
  eg_op other;
  if (eg_op_find(graph, desc->name, &other) == EG_OK)
    return egi_fail_at(graph, EG_INVALID, 0, "operator '%s' is there already",
                       desc->name);
  if (desc->is_literal && (desc->num_children || !desc->has_payload))
    return egi_fail_at(graph, EG_INVALID, 0,
                       "literal '%s' must have a payload and no children",
                       desc->name);
  if (desc->num_children != EG_VARIADIC &&
      desc->num_children >> (EGI_LEN_BITS - 1))
    return egi_fail_at(graph, EG_LIMIT, 0, "operator '%s' with %u children",
                       desc->name, (unsigned)desc->num_children);
  bool variadic = desc->num_children == EG_VARIADIC;
  if (!variadic && desc->num_leading)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "operator '%s' has leading children but is not variadic",
                       desc->name);
  uint32_t num_sorts = variadic ? desc->num_leading + 1 : desc->num_children;
  bool known = desc->result.id < graph->sorts.num;
  for (uint32_t i = 0; desc->children && i < num_sorts; ++i)
    known &= desc->children[i].id < graph->sorts.num;
  if (!known)
    return egi_fail_at(graph, EG_INVALID, 0, "operator '%s' has unknown sorts",
                       desc->name);
  if (graph->ops.num >= UINT16_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than %u operators",
                       (unsigned)UINT16_MAX);
  return EG_OK;
}

static size_t num_child_sorts(const egi_op *op) {
  return op->num_children == EG_VARIADIC ? op->num_leading + 1
                                         : op->num_children;
}

static void free_op(eg_graph *graph, egi_op *op) {
  free_name(graph, op->name);
  egi_resize(graph, op->children,
             op->children ? num_child_sorts(op) * sizeof(eg_sort) : 0, 0);
}

eg_status eg_op_add(eg_graph *graph, const eg_op_desc *desc, eg_op *out_op) {
  EG_TRY(check_op(graph, desc));
  EG_TRY(EGI_RESERVE(graph, &graph->ops, 1));
  EG_TRY(grow_names(graph));
  egi_op op = {.num_children = desc->num_children,
               .num_leading = desc->num_leading,
               .key_words = desc->num_children,
               .result = desc->result,
               .has_payload = desc->has_payload,
               .is_literal = desc->is_literal};
  if (desc->num_children != EG_VARIADIC)
    op.key_words += desc->has_payload;
  op.wide = op.key_words > EGI_MAX_INLINE;
  EG_TRY(copy_name(graph, desc->name, &op.name));
  size_t size = num_child_sorts(&op) * sizeof(eg_sort);
  if (desc->children && size) {
    op.children = egi_resize(graph, NULL, 0, size);
    if (!op.children) {
      free_op(graph, &op);
      return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for operator '%s'",
                         desc->name);
    }
    memcpy(op.children, desc->children, size);
  }
  uint32_t id = (uint32_t)graph->ops.num++;
  graph->ops.data[id] = op;
  *name_slot(graph, desc->name) = id + 1;
  *out_op = (eg_op){(uint16_t)id};
  return EG_OK;
}

// Names are hashed in order of their ids, also when the table grows: nothing
// was displaced by the last one, and clearing its slot undoes it.
void egi_ops_truncate(eg_graph *graph, uint32_t num) {
  while (graph->ops.num > num) {
    egi_op *op = &graph->ops.data[graph->ops.num - 1];
    *name_slot(graph, op->name) = 0;
    free_op(graph, op);
    --graph->ops.num;
  }
}

const char *eg_op_name(const eg_graph *graph, eg_op op) {
  return op.id < graph->ops.num ? graph->ops.data[op.id].name : "?";
}

uint32_t eg_op_num_children(const eg_graph *graph, eg_op op) {
  return graph->ops.data[op.id].num_children;
}

eg_sort eg_op_sort(const eg_graph *graph, eg_op op) {
  return graph->ops.data[op.id].result;
}

bool eg_op_has_payload(const eg_graph *graph, eg_op op) {
  return graph->ops.data[op.id].has_payload;
}

bool eg_op_is_literal(const eg_graph *graph, eg_op op) {
  return graph->ops.data[op.id].is_literal;
}

uint32_t eg_num_ops(const eg_graph *graph) {
  return (uint32_t)graph->ops.num;
}

uint64_t eg_op_num_nodes(const eg_graph *graph, eg_op op) {
  return graph->ops.data[op.id].num_live;
}

//===-- Payloads ----------------------------------------------------------===//

static uint32_t *payload_slot(const eg_graph *graph, uint64_t hash,
                              const void *bytes, size_t size) {
  uint32_t mask = graph->payload_slots - 1;
  uint32_t at = (uint32_t)hash & mask;
  for (;; at = (at + 1) & mask) {
    uint32_t *slot = &graph->payload_table[at];
    if (!*slot)
      return slot;
    const egi_payload *p = graph->payloads.data[*slot];
    if (p->hash == hash && p->size == size &&
        memcmp(p->bytes, bytes, size) == 0)
      return slot;
  }
}

static eg_status grow_payloads(eg_graph *graph) {
  uint32_t old = graph->payload_slots;
  if (old >= 2 * (graph->payloads.num + 1))
    return EG_OK;
  uint32_t slots = old ? 2 * old : 64;
  uint32_t *table =
      egi_resize(graph, NULL, 0, slots * sizeof *graph->payload_table);
  if (!table)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for %u payloads",
                       (unsigned)slots);
  memset(table, 0, slots * sizeof *table);
  egi_resize(graph, graph->payload_table, old * sizeof *table, 0);
  graph->payload_table = table;
  graph->payload_slots = slots;
  for (uint32_t i = 1; i < graph->payloads.num; ++i) {
    const egi_payload *p = graph->payloads.data[i];
    *payload_slot(graph, p->hash, p->bytes, p->size) = i;
  }
  return EG_OK;
}

eg_status eg_payload_intern(eg_graph *graph, const void *bytes, size_t size,
                            eg_payload *out_payload) {
  EG_TRY(grow_payloads(graph));
  uint64_t hash = hash_bytes(bytes, size);
  uint32_t *slot = payload_slot(graph, hash, bytes, size);
  if (*slot) {
    *out_payload = (eg_payload){*slot};
    return EG_OK;
  }
  EG_TRY(EGI_RESERVE(graph, &graph->payloads, 2));
  if (graph->payloads.num == 0)
    graph->payloads.data[graph->payloads.num++] = NULL; // 0 is no payload
  if (graph->payloads.num > INT32_MAX || size > SIZE_MAX - 64)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^31 payloads");
  egi_payload *p = egi_resize(graph, NULL, 0, sizeof *p + size + 1);
  if (!p)
    return egi_fail_at(graph, EG_NO_MEMORY, 0,
                       "no memory for a payload of %zu bytes", size);
  p->size = size;
  p->hash = hash;
  if (size)
    memcpy(p->bytes, bytes, size);
  p->bytes[size] = 0;
  *slot = (uint32_t)graph->payloads.num;
  graph->payloads.data[graph->payloads.num++] = p;
  *out_payload = (eg_payload){*slot};
  return EG_OK;
}

// As egi_ops_truncate: the last one displaced nothing.
void egi_payloads_truncate(eg_graph *graph, size_t num) {
  while (graph->payloads.num > num) {
    egi_payload *p = graph->payloads.data[--graph->payloads.num];
    if (!p)
      continue; // entry 0
    *payload_slot(graph, p->hash, p->bytes, p->size) = 0;
    egi_resize(graph, p, sizeof *p + p->size + 1, 0);
  }
}

const void *eg_payload_bytes(const eg_graph *graph, eg_payload payload,
                             size_t *out_size) {
  if (payload.id == 0 || payload.id >= graph->payloads.num) {
    *out_size = 0;
    return "";
  }
  const egi_payload *p = graph->payloads.data[payload.id];
  *out_size = p->size;
  return p->bytes;
}

//===-- The whole graph ---------------------------------------------------===//

eg_status eg_graph_create(const eg_allocator *allocator, eg_graph **out_graph) {
  *out_graph = NULL;
  eg_graph *graph =
      allocator->resize(allocator->user, NULL, 0, sizeof(eg_graph));
  if (!graph)
    return EG_NO_MEMORY;
  memset(graph, 0, sizeof *graph);
  graph->allocator = *allocator;
  graph->bytes = graph->peak_bytes = sizeof *graph;
  eg_sort term;
  eg_status status = eg_sort_add(graph, "term", &term);
  if (status != EG_OK) {
    eg_graph_destroy(graph);
    return status;
  }
  *out_graph = graph;
  return EG_OK;
}

void eg_graph_destroy(eg_graph *graph) {
  if (!graph)
    return;
  for (size_t i = 0; i < graph->ops.num; ++i)
    free_op(graph, &graph->ops.data[i]);
  for (size_t i = 0; i < graph->sorts.num; ++i)
    free_name(graph, graph->sorts.data[i]);
  for (size_t i = 1; i < graph->payloads.num; ++i)
    egi_resize(graph, graph->payloads.data[i],
               sizeof(egi_payload) + graph->payloads.data[i]->size + 1, 0);
  for (uint32_t i = 0; i < graph->num_analyses; ++i) {
    egi_analysis *a = &graph->analyses[i];
    free_name(graph, a->name);
    egi_resize(graph, a->values, a->cap * a->desc.size, 0);
  }
  egi_resize(graph, graph->value_scratch, graph->value_scratch_size, 0);
  egi_resize(graph, graph->payload_table,
             graph->payload_slots * sizeof(uint32_t), 0);
  egi_table_free(graph);
  EGI_RELEASE(graph, &graph->ops);
  EGI_RELEASE(graph, &graph->sorts);
  EGI_RELEASE(graph, &graph->op_names);
  EGI_RELEASE(graph, &graph->payloads);
  EGI_RELEASE(graph, &graph->pages);
  EGI_RELEASE(graph, &graph->words);
  EGI_RELEASE(graph, &graph->live);
  EGI_RELEASE(graph, &graph->subsumed);
  egi_changes_free(graph);
  EGI_RELEASE(graph, &graph->mark);
  EGI_RELEASE(graph, &graph->classes);
  egi_resize(graph, graph->ups, graph->ups_cap * sizeof *graph->ups, 0);
  EGI_RELEASE(graph, &graph->lists);
  EGI_RELEASE(graph, &graph->key_scratch);
  EGI_RELEASE(graph, &graph->losers);
  EGI_RELEASE(graph, &graph->unions);
  EGI_RELEASE(graph, &graph->dirty);
  EGI_RELEASE(graph, &graph->dead);
  EGI_RELEASE(graph, &graph->analysis_queue);
  EGI_RELEASE(graph, &graph->ranks);
  egi_record_free(graph);
  EGI_RELEASE(graph, &graph->undo.log);
  EGI_RELEASE(graph, &graph->undo.levels);
  eg_allocator allocator = graph->allocator;
  allocator.resize(allocator.user, graph, sizeof *graph, 0);
}

size_t eg_graph_bytes(const eg_graph *graph) {
  return graph->bytes;
}

size_t eg_graph_peak_bytes(const eg_graph *graph) {
  return graph->peak_bytes;
}

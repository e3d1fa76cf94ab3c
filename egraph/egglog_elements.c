// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Containers as values of the graph.
//
// A container is a node over its elements, so that congruence makes vectors of
// equal elements one value. A set has its elements in ascending order of class
// id, each once, a map its entries by key; uniting elements may undo that, and
// then the rebuild unites the node with the one in normal order. The node that
// was stays in the class: all nodes of a container's class hold the same
// elements, whatever their order.
#include "egglog_internal.h"

//===-- Normal order ------------------------------------------------------===//

static uint32_t width_of(egl_sort_kind kind) {
  return kind == EGL_MAPS ? 2 : 1;
}

static bool is_unordered(egl_sort_kind kind) {
  return kind == EGL_SETS || kind == EGL_MULTISETS || kind == EGL_MAPS;
}

static bool is_normal(egl_sort_kind kind, const egi_words *words) {
  uint32_t width = width_of(kind);
  if (!is_unordered(kind))
    return true;
  for (size_t i = width; i < words->num; i += width)
    if (words->data[i - width] >= words->data[i] &&
        (kind != EGL_MULTISETS || words->data[i - width] > words->data[i]))
      return false;
  return true;
}

// Where the ascending run from |at| on ends.
static size_t run_end(const egi_words *words, size_t at, uint32_t width) {
  size_t end = at + width;
  while (end < words->num && words->data[end - width] <= words->data[end])
    end += width;
  return end < words->num ? end : words->num;
}

// Merges every two runs of |from| into one of |to|; how many there are then.
// Of equal keys the first stays before the second.
static size_t merge_runs(const egi_words *from, egi_words *to, uint32_t width) {
  size_t runs = 0;
  to->num = from->num;
  for (size_t at = 0, out = 0; at < from->num; ++runs) {
    size_t middle = run_end(from, at, width);
    size_t end = middle < from->num ? run_end(from, middle, width) : middle;
    size_t a = at, b = middle;
    for (; a < middle || b < end; out += width) {
      bool second = a == middle || (b < end && from->data[b] < from->data[a]);
      egi_copy(to->data + out, from->data + (second ? b : a), width);
      *(second ? &b : &a) += width;
    }
    at = end;
  }
  return runs;
}

static void swap(egi_words *a, egi_words *b) {
  egi_words t = *a;
  *a = *b;
  *b = t;
}

// Of records of one key the last stays.
static void drop_equal(egi_words *words, uint32_t width) {
  size_t kept = 0;
  for (size_t i = 0; i < words->num; i += width) {
    if (kept && words->data[kept - width] == words->data[i])
      kept -= width;
    egi_copy(words->data + kept, words->data + i, width);
    kept += width;
  }
  words->num = kept;
}

eg_status egl_normalise(eg_egglog *p, egl_sort_kind kind, egi_words *words) {
  uint32_t width = width_of(kind);
  if (is_normal(kind, words))
    return EG_OK;
  p->sorted.num = 0;
  EG_TRY(EGI_RESERVE(p->graph, &p->sorted, words->num));
  while (run_end(words, 0, width) < words->num) {
    merge_runs(words, &p->sorted, width);
    swap(words, &p->sorted);
  }
  if (kind != EGL_MULTISETS)
    drop_equal(words, width);
  return EG_OK;
}

//===-- Reading -----------------------------------------------------------===//

// The first node of the class with the operator; a container's has one.
static uint32_t node_of(const eg_graph *graph, uint32_t id, uint16_t op) {
  uint32_t num;
  const uint32_t *members = egi_members(graph, egi_find(graph, id), &num);
  for (uint32_t i = 0; i < num; ++i)
    if (egi_op_of(graph, members[i]) == op)
      return members[i];
  return 0;
}

// Appends the elements of a node, canonical, in the order that they have.
static eg_status load(eg_egglog *p, const egl_sort *sort, uint32_t node,
                      egi_words *out) {
  const eg_graph *graph = p->graph;
  uint32_t num, two;
  const uint32_t *key = egi_key(graph, node, &num);
  EG_TRY(EGI_RESERVE(p->graph, out, 2 * (size_t)num));
  for (uint32_t i = 0; i < num; ++i) {
    if (sort->kind != EGL_MAPS) {
      out->data[out->num++] = egi_find(graph, key[i]);
      continue;
    }
    const uint32_t *entry =
        egi_key(graph, node_of(graph, key[i], sort->entry), &two);
    out->data[out->num++] = egi_find(graph, entry[0]);
    out->data[out->num++] = egi_find(graph, entry[1]);
  }
  return EG_OK;
}

eg_status egl_elements(eg_egglog *p, uint32_t sort, uint32_t id,
                       egi_words *out) {
  const egl_sort *s = &p->sorts.data[sort];
  EG_TRY(load(p, s, node_of(p->graph, id, s->leaf), out));
  return egl_normalise(p, s->kind, out);
}

//===-- Making ------------------------------------------------------------===//

static eg_status add_or_find(eg_egglog *p, uint16_t op, const uint32_t *words,
                             uint32_t num, bool known, uint32_t *out) {
  eg_class id = {0};
  const eg_class *children = (const eg_class *)words;
  eg_status status = known ? eg_lookup(p->graph, (eg_op){op}, (eg_payload){0},
                                       children, num, &id)
                           : eg_add(p->graph, (eg_op){op}, (eg_payload){0},
                                    children, num, &id);
  *out = status == EG_OK ? id.id : 0;
  return status == EG_NOT_FOUND ? EG_OK : status;
}

eg_status egl_container_make(eg_egglog *p, uint32_t sort,
                             const egi_words *words, bool known,
                             uint32_t *out) {
  egl_sort s = p->sorts.data[sort];
  if (s.kind != EGL_MAPS)
    return add_or_find(p, s.leaf, words->data, (uint32_t)words->num, known,
                       out);
  egi_words *entries = &p->sorted;
  entries->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, entries, words->num / 2 + 1));
  for (size_t i = 0; i < words->num; i += 2) {
    uint32_t *entry = &entries->data[entries->num++];
    EG_TRY(add_or_find(p, s.entry, words->data + i, 2, known, entry));
    if (!*entry) {
      *out = 0;
      return EG_OK;
    }
  }
  return add_or_find(p, s.leaf, entries->data, (uint32_t)entries->num, known,
                     out);
}

//===-- Rebuilding --------------------------------------------------------===//

static eg_status rebuild_node(eg_egglog *p, uint32_t sort, uint32_t node,
                              bool *out_changed) {
  const egl_sort *s = &p->sorts.data[sort];
  egi_words *words = &p->elements;
  uint32_t id;
  bool changed;
  words->num = 0;
  EG_TRY(load(p, s, node, words));
  if (is_normal(s->kind, words))
    return EG_OK;
  EG_TRY(egl_normalise(p, s->kind, words));
  EG_TRY(egl_container_make(p, sort, words, false, &id));
  EG_TRY(eg_union(p->graph, (eg_class){id},
                  eg_node_class(p->graph, (eg_node){node}), &changed));
  *out_changed |= changed;
  return EG_OK;
}

static eg_status rebuild_sort(eg_egglog *p, uint32_t sort, bool *out_changed) {
  const eg_graph *graph = p->graph;
  uint32_t page = graph->ops.data[p->sorts.data[sort].leaf].first_page;
  for (; page; page = graph->pages.data[page].next)
    for (uint32_t i = 0; i < graph->pages.data[page].used; ++i)
      if (egi_is_live(graph, page << EGI_PAGE_BITS | i))
        EG_TRY(rebuild_node(p, sort, page << EGI_PAGE_BITS | i, out_changed));
  return EG_OK;
}

eg_status egl_containers_rebuild(eg_egglog *p, bool *out_changed) {
  for (uint32_t sort = 0; sort < p->sorts.num; ++sort)
    if (p->sorts.data[sort].changes && is_unordered(p->sorts.data[sort].kind))
      EG_TRY(rebuild_sort(p, sort, out_changed));
  return EG_OK;
}

// The latest change of a container that a row of |f| names.
static uint32_t latest_change(const eg_egglog *p, const egl_func *f,
                              const uint32_t *words) {
  uint32_t latest = 0;
  for (uint32_t i = 0; i <= f->num_args; ++i) {
    uint32_t sort =
        i < f->num_args ? p->arg_sorts.data[f->first_arg + i] : f->result;
    const egl_sort *s = &p->sorts.data[sort];
    uint32_t stamp = egl_is_container(s) ? egl_stamp_of(p, words[i]) : 0;
    latest = stamp > latest ? stamp : latest;
  }
  return latest;
}

static eg_status refresh_table(eg_egglog *p, const egl_func *f,
                               egi_words *key) {
  egl_table *t = &p->tables.data[f->table];
  uint32_t num = egl_table_num(t);
  key->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, key, (size_t)t->arity + 1));
  for (uint32_t row = 0; row < num; ++row) {
    const uint32_t *words = egl_row(t, row);
    if (!words[t->arity] ||
        latest_change(p, f, words) <= egl_row_time(t, words))
      continue;
    bool subsumed = egl_row_subsumed(t, words);
    memcpy(key->data, words, ((size_t)t->arity + 1) * sizeof *words);
    egl_table_erase(t, row);
    EG_TRY(egl_table_insert(p, t, key->data, key->data[t->arity], p->time,
                            subsumed));
  }
  return egl_table_compact(p, t);
}

eg_status egl_refresh_rows(eg_egglog *p) {
  egi_words key = {0};
  eg_status status = EG_OK;
  for (size_t i = 0; i < p->funcs.num && status == EG_OK; ++i) {
    const egl_func *f = &p->funcs.data[i];
    if (f->kind != EGL_CONSTRUCTOR && p->tables.data[f->table].has_containers)
      status = refresh_table(p, f, &key);
  }
  EGI_RELEASE(p->graph, &key);
  return status;
}

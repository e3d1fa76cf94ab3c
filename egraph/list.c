// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lists of node ids in one arena: the members and the parents of classes, and
// the keys of wide nodes.
//
//   lists[o]  = size class << 26 | length
//   lists[o+1 … o+length]                 entries
//
// Sizes (header included) run 4, 6, 8, 12, 16, 24, … so that at most a third of
// a list is empty. Freed lists are chained by size. Nine lists in ten of the
// maths microbenchmark hold one entry, and those stand in the class record
// itself: no list, no miss.
#include "internal.h"

enum { CHUNK = 64 }; // words that a shelf gets at once; even

static uint32_t size_for(uint32_t len) {
  uint32_t s = 0;
  while (egi_list_words(s) <= len)
    ++s;
  return s;
}

static uint32_t list_size(const eg_graph *graph, uint32_t list) {
  return graph->lists.data[list] >> EGI_LEN_BITS;
}

static void set_len(eg_graph *graph, uint32_t list, uint32_t len) {
  graph->lists.data[list] = list_size(graph, list) << EGI_LEN_BITS | len;
}

size_t egi_lists_growth(size_t words) {
  return words + CHUNK + 2;
}

// Appends to the arena. How large that becomes depends on the sum of what is
// asked for, and not on the order.
static eg_status grow(eg_graph *graph, size_t words, uint32_t *out_at) {
  size_t need = graph->lists.num + words + 1;
  size_t cap = graph->lists.cap ? graph->lists.cap : CHUNK;
  while (cap < need)
    cap += cap / 2 + 16; // as egi_reserve
  EG_TRY(EGI_RESERVE(graph, &graph->lists, cap - graph->lists.num));
  if (need > UINT32_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^32 words of lists");
  if (graph->lists.num == 0)
    graph->lists.data[graph->lists.num++] = 0; // the empty list
  *out_at = (uint32_t)graph->lists.num;
  graph->lists.num += words;
  return EG_OK;
}

// Gives a shelf room for |words| words; what it had becomes small lists.
static eg_status stock(eg_graph *graph, egi_shelf *shelf, uint32_t words) {
  uint32_t at;
  EG_TRY(grow(graph, words, &at));
  for (uint32_t s; shelf->at < shelf->end; shelf->at += egi_list_words(s)) {
    s = (shelf->end - shelf->at) % egi_list_words(0) ? 1 : 0;
    egi_shelf_put(graph, shelf, shelf->at, s);
  }
  shelf->at = at;
  shelf->end = at + words;
  return EG_OK;
}

eg_status egi_lists_stock(eg_graph *graph, uint32_t words) {
  for (uint32_t i = 0; i < EGI_SHARDS; ++i) {
    egi_shelf *shelf = &graph->shelves[i];
    if (shelf->end - shelf->at < words)
      EG_TRY(stock(graph, shelf, 2 * words));
  }
  return EG_OK;
}

eg_status egi_list_reserve(eg_graph *graph, uint32_t shard, uint32_t len) {
  egi_shelf *shelf = &graph->shelves[shard];
  if (len >> EGI_LEN_BITS)
    return egi_fail_at(graph, EG_LIMIT, 0, "list of %u entries, at most %u",
                       (unsigned)len, (1u << EGI_LEN_BITS) - 1);
  uint32_t s = size_for(len), at;
  if (egi_shelf_has(shelf, s))
    return EG_OK;
  if (egi_list_words(s) <= CHUNK / 2)
    return stock(graph, shelf, CHUNK);
  EG_TRY(grow(graph, egi_list_words(s), &at));
  egi_shelf_put(graph, shelf, at, s);
  return EG_OK;
}

eg_status egi_list_create(eg_graph *graph, uint32_t shard, uint32_t len,
                          uint32_t *out_list) {
  EG_TRY(egi_list_reserve(graph, shard, len));
  *out_list = egi_shelf_take(graph, &graph->shelves[shard], size_for(len), len);
  return EG_OK;
}

// A list older than the innermost level stays as it is, for the pop.
void egi_list_free(eg_graph *graph, uint32_t shard, uint32_t list) {
  if (list >= graph->undo.lists && list)
    egi_shelf_put(graph, &graph->shelves[shard], list, list_size(graph, list));
}

static uint32_t *field_of(eg_graph *graph, uint32_t id, bool parents) {
  egi_class *c = &graph->classes.data[id];
  return parents ? &c->parents : &c->members;
}

eg_status egi_field_append(eg_graph *graph, uint32_t id, bool parents,
                           const uint32_t *entries, uint32_t num) {
  uint32_t one = parents ? EGI_ONE_PARENT : EGI_ONE_MEMBER;
  uint32_t *field = field_of(graph, id, parents);
  uint32_t *meta = &graph->classes.data[id].meta;
  uint32_t len;
  egi_field(graph, field, *meta & one, &len);
  if (num == 0)
    return EG_OK;
  EG_TRY(egi_undo_class(graph, id));
  if (len == 0 && num == 1) {
    egi_list_free(graph, egi_shard_of(id), *field);
    *field = entries[0];
    *meta |= one;
    return EG_OK;
  }
  bool was_list = len && !(*meta & one);
  if (was_list && egi_list_words(list_size(graph, *field)) > len + num) {
    egi_copy(graph->lists.data + *field + 1 + len, entries, num);
    set_len(graph, *field, len + num);
    return EG_OK;
  }
  uint32_t list;
  EG_TRY(egi_list_create(graph, egi_shard_of(id), len + num, &list));
  const uint32_t *old = egi_field(graph, field, *meta & one, &len);
  uint32_t *into = graph->lists.data + list + 1;
  egi_copy(into, old, len);
  egi_copy(into + len, entries, num);
  if (!(*meta & one))
    egi_list_free(graph, egi_shard_of(id), *field);
  *field = list;
  *meta &= ~one;
  return EG_OK;
}

void egi_field_shrink(eg_graph *graph, uint32_t id, bool parents,
                      uint32_t num) {
  uint32_t one = parents ? EGI_ONE_PARENT : EGI_ONE_MEMBER;
  uint32_t *field = field_of(graph, id, parents);
  uint32_t *meta = &graph->classes.data[id].meta;
  if (*meta & one) {
    if (num == 0) {
      *meta &= ~one;
      *field = 0;
    }
    return;
  }
  uint32_t list = *field;
  if (!list || num == egi_list_len(graph, list))
    return;
  if (num <= 1) {
    *field = num ? graph->lists.data[list + 1] : 0;
    if (num)
      *meta |= one;
    egi_list_free(graph, egi_shard_of(id), list);
    return;
  }
  set_len(graph, list, num);
}

// The end of what a shelf keeps free from |at| on, or |at|.
static uint32_t skip_room(const eg_graph *graph, uint32_t at) {
  for (uint32_t i = 0; i < EGI_SHARDS; ++i)
    if (graph->shelves[i].at == at && at < graph->shelves[i].end)
      return graph->shelves[i].end;
  return at;
}

bool egi_lists_count(const eg_graph *graph, uint64_t *out_used) {
  uint64_t all = 0, unused = 0;
  uint32_t at = 1, end = (uint32_t)graph->lists.num;
  while (at < end) {
    uint32_t next = skip_room(graph, at), size = list_size(graph, at);
    if (next == at && size == EGI_ROOM) {
      next += egi_list_len(graph, at);
    } else if (next == at) {
      if (size >= EGI_NUM_SIZES)
        return false;
      next += egi_list_words(size);
      ++all;
    }
    at = next;
  }
  for (uint32_t i = 0; i < EGI_SHARDS; ++i)
    for (uint32_t s = 0; s < EGI_NUM_SIZES; ++s)
      for (uint32_t list = graph->shelves[i].free_lists[s]; list;
           list = graph->lists.data[list + 1])
        if (list_size(graph, list) != s || ++unused > all)
          return false;
  *out_used = all - unused;
  return at == end || end == 0;
}

void egi_lists_push(eg_graph *graph, egi_shelf *out_shelves) {
  for (uint32_t i = 0; i < EGI_SHARDS; ++i) {
    egi_shelf *shelf = &graph->shelves[i];
    out_shelves[i] = *shelf;
    if (shelf->at < shelf->end)
      graph->lists.data[shelf->at] =
          (uint32_t)EGI_ROOM << EGI_LEN_BITS | (shelf->end - shelf->at);
    *shelf = (egi_shelf){0};
  }
}

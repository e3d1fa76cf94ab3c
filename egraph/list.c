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

eg_status egi_list_create(eg_graph *graph, uint32_t len, uint32_t *out_list) {
  if (len >> EGI_LEN_BITS)
    return egi_fail_at(graph, EG_LIMIT, 0, "list of %u entries, at most %u",
                       (unsigned)len, (1u << EGI_LEN_BITS) - 1);
  uint32_t s = size_for(len);
  uint32_t list = graph->free_lists[s];
  if (list) {
    graph->free_lists[s] = graph->lists.data[list + 1];
  } else {
    uint32_t words = egi_list_words(s);
    EG_TRY(EGI_RESERVE(graph, &graph->lists, words + 1));
    if (graph->lists.num == 0)
      graph->lists.num = 1; // 0 is the empty list
    if (graph->lists.num + words > UINT32_MAX)
      return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^32 words of lists");
    list = (uint32_t)graph->lists.num;
    graph->lists.num += words;
  }
  graph->lists.data[list] = s << EGI_LEN_BITS | len;
  *out_list = list;
  return EG_OK;
}

// A list older than the innermost level stays as it is, for the pop.
void egi_list_free(eg_graph *graph, uint32_t list) {
  if (list < graph->undo.lists || !list)
    return;
  uint32_t s = list_size(graph, list);
  graph->lists.data[list + 1] = graph->free_lists[s];
  graph->free_lists[s] = list;
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
    egi_list_free(graph, *field);
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
  EG_TRY(egi_list_create(graph, len + num, &list));
  const uint32_t *old = egi_field(graph, field, *meta & one, &len);
  uint32_t *into = graph->lists.data + list + 1;
  egi_copy(into, old, len);
  egi_copy(into + len, entries, num);
  if (!(*meta & one))
    egi_list_free(graph, *field);
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
    egi_list_free(graph, list);
    return;
  }
  set_len(graph, list, num);
}

bool egi_lists_count(const eg_graph *graph, uint64_t *out_used) {
  uint64_t all = 0, unused = 0;
  size_t at = 1;
  for (; at < graph->lists.num; ++all) {
    if (list_size(graph, (uint32_t)at) >= EGI_NUM_SIZES)
      return false;
    at += egi_list_words(list_size(graph, (uint32_t)at));
  }
  for (uint32_t s = 0; s < EGI_NUM_SIZES; ++s)
    for (uint32_t list = graph->free_lists[s]; list;
         list = graph->lists.data[list + 1])
      if (list_size(graph, list) != s || ++unused > all)
        return false;
  *out_used = all - unused;
  return at == graph->lists.num || graph->lists.num == 0;
}

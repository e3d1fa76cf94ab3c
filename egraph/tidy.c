// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The end of a rebuild: the classes on the dirty list, and only those, get their
// members sorted by operator and their parents rid of dead nodes and repeats.
//
// Members come to the end of a list that was in order, in a few runs that are in
// order too, and are merged with it. Nothing here can fail once egi_tidy_reserve
// has made room.
//
// All of that touches one class and the lists of its shard, so the threads of a
// pool can share the shards.
#include "internal.h"

enum {
  AHEAD = 8,    // so far in front memory is asked for
  RUN = 256,    // nodes in order that are merged with others at once
  MANY = 32,    // such runs: then all are sorted anew
  SHARE = 2048, // so many classes are worth waking threads for
};

static bool node_before(const eg_graph *graph, uint32_t a, uint32_t b) {
  uint16_t op_a = egi_op_of(graph, a), op_b = egi_op_of(graph, b);
  return op_a != op_b ? op_a < op_b : a < b;
}

static void sift(const eg_graph *graph, uint32_t *nodes, uint32_t at,
                 uint32_t num) {
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= num)
      return;
    if (child + 1 < num && node_before(graph, nodes[child], nodes[child + 1]))
      ++child;
    if (!node_before(graph, nodes[at], nodes[child]))
      return;
    uint32_t t = nodes[at];
    nodes[at] = nodes[child];
    nodes[child] = t;
    at = child;
  }
}

static void heapsort_nodes(const eg_graph *graph, uint32_t *nodes,
                           uint32_t num) {
  for (uint32_t i = num / 2; i--;)
    sift(graph, nodes, i, num);
  for (uint32_t last = num - 1; last; --last) {
    uint32_t t = nodes[0];
    nodes[0] = nodes[last];
    nodes[last] = t;
    sift(graph, nodes, 0, last);
  }
}

// Merges the |num| nodes in order from |at| on with those before them.
static void merge_run(const eg_graph *graph, uint32_t *nodes, uint32_t at,
                      uint32_t num) {
  uint32_t run[RUN];
  egi_copy(run, nodes + at, num);
  for (uint32_t to = at + num; num;)
    nodes[--to] = at && node_before(graph, run[num - 1], nodes[at - 1])
                      ? nodes[--at]
                      : run[--num];
}

// By operator, then id; the first |num_sorted| are in order. Those that have come
// since are a few runs in order, as rules make them; heapsort (in place, no worst
// case) where they are many.
static void sort_nodes(const eg_graph *graph, uint32_t *nodes,
                       uint32_t num_sorted, uint32_t num) {
  for (uint32_t runs = 0; num_sorted < num; ++runs) {
    uint32_t end = num_sorted + 1;
    if (runs == MANY) {
      heapsort_nodes(graph, nodes, num);
      return;
    }
    while (end < num && end - num_sorted < RUN &&
           node_before(graph, nodes[end - 1], nodes[end]))
      ++end;
    merge_run(graph, nodes, num_sorted, end - num_sorted);
    num_sorted = end;
  }
}

// The readers lend lists as const; this file owns them.
static uint32_t *entries(const uint32_t *list) {
  return (uint32_t *)(uintptr_t)list;
}

static void tidy_members(eg_graph *graph, uint32_t id) {
  uint32_t num, kept = 0, ops = 0;
  uint32_t *members = entries(egi_members(graph, id, &num));
  if (id < graph->undo.classes)
    egi_undo_field(graph, id, false);
  for (uint32_t i = 0; i < num; ++i)
    if (egi_is_live(graph, members[i])) {
      ops |= egi_op_bit(egi_op_of(graph, members[i]));
      members[kept++] = members[i];
    }
  uint32_t num_sorted = kept != 0;
  while (num_sorted < kept &&
         node_before(graph, members[num_sorted - 1], members[num_sorted]))
    ++num_sorted;
  sort_nodes(graph, members, num_sorted, kept);
  egi_class *c = &graph->classes.data[id];
  c->meta = (c->meta & ((1u << EGI_OPS_SHIFT) - 1)) | ops;
  egi_field_shrink(graph, id, false, kept);
}

// Of the same parent all but the first go; how many stay. Not for two threads at
// once: classes have parents in common, and so the marks.
static uint32_t drop_repeats(eg_graph *graph, uint32_t *parents, uint32_t num) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t p = parents[i];
    uint64_t bit = UINT64_C(1) << (p & 63), *mark = &graph->mark.data[p >> 6];
    if (*mark & bit)
      continue;
    *mark |= bit;
    parents[kept++] = p;
  }
  for (uint32_t i = 0; i < kept; ++i)
    graph->mark.data[parents[i] >> 6] &= ~(UINT64_C(1) << (parents[i] & 63));
  return kept;
}

// |repeats|: some may stand there twice.
static void tidy_parents(eg_graph *graph, uint32_t id, bool repeats) {
  uint32_t num, kept = 0;
  uint32_t *parents = entries(egi_parents(graph, id, &num));
  if (id < graph->undo.classes)
    egi_undo_field(graph, id, true);
  for (uint32_t i = 0; i < num; ++i)
    if (egi_is_live(graph, parents[i]))
      parents[kept++] = parents[i];
  if (repeats)
    kept = drop_repeats(graph, parents, kept);
  egi_field_shrink(graph, id, true, kept);
}

eg_status egi_tidy_reserve(eg_graph *graph) {
  size_t words = 0;
  if (!graph->undo.serial)
    return EG_OK;
  for (size_t i = 0; i < graph->dirty.num; ++i) {
    uint32_t id = graph->dirty.data[i], members, parents;
    if (id >= graph->undo.classes)
      continue;
    egi_members(graph, id, &members);
    egi_parents(graph, id, &parents);
    words += (size_t)members + parents + 8;
  }
  return egi_undo_reserve(graph, words);
}

static void prefetch_lists(const eg_graph *graph, uint32_t id) {
  egi_prefetch_list(graph, id, false);
  if (graph->classes.data[id].meta & EGI_DIRTY_PARENTS)
    egi_prefetch_list(graph, id, true);
}

static void prefetch_dirty(const eg_graph *graph, size_t i) {
  const egi_words *dirty = &graph->dirty;
  if (i + 2 * AHEAD < dirty->num)
    EGI_PREFETCH(&graph->classes.data[dirty->data[i + 2 * AHEAD]]);
  if (i + AHEAD < dirty->num)
    prefetch_lists(graph, dirty->data[i + AHEAD]);
}

// Whether a list of parents may name one twice: where adopting a wide node did
// not look (rebuild.c), or was done again.
static bool may_repeat(const eg_graph *graph) {
  return graph->adopted_again || egi_has_wide(graph);
}

static void tidy_class(eg_graph *graph, uint32_t id, bool repeats) {
  egi_class *c = &graph->classes.data[id];
  uint32_t meta = c->meta;
  c->meta &= ~(uint32_t)(EGI_DIRTY | EGI_DIRTY_MEMBERS | EGI_DIRTY_PARENTS);
  if (!egi_is_root(graph, id))
    return;
  if (meta & EGI_DIRTY_MEMBERS)
    tidy_members(graph, id);
  if (meta & EGI_DIRTY_PARENTS)
    tidy_parents(graph, id, repeats);
}

// The classes of one shard, whose lists lie on one shelf.
static void tidy_shard(void *argument, uint32_t shard) {
  eg_graph *graph = argument;
  uint32_t ahead[2 * AHEAD], num = 0;
  for (size_t i = 0; i < graph->dirty.num; ++i) {
    uint32_t id = graph->dirty.data[i];
    if (egi_shard_of(id) != shard)
      continue;
    EGI_PREFETCH(&graph->classes.data[id]);
    if (num >= AHEAD)
      prefetch_lists(graph, ahead[(num - AHEAD) % (2 * AHEAD)]);
    if (num >= 2 * AHEAD)
      tidy_class(graph, ahead[num % (2 * AHEAD)], false);
    ahead[num++ % (2 * AHEAD)] = id;
  }
  for (uint32_t i = num > 2 * AHEAD ? num - 2 * AHEAD : 0; i < num; ++i)
    tidy_class(graph, ahead[i % (2 * AHEAD)], false);
}

// Whether the threads of a run have done all. Waking them takes as long as some
// hundred classes; what a level wants to know is noted in order; and repeats are
// found by marks that shards have in common.
static bool tidy_shared(eg_graph *graph, bool repeats) {
  const eg_pool *pool = graph->pool;
  if (!egi_has_threads(pool) || graph->dirty.num < SHARE ||
      graph->undo.serial || repeats)
    return false;
  pool->run(pool->user, tidy_shard, graph, EGI_SHARDS);
  return true;
}

void egi_tidy(eg_graph *graph) {
  bool repeats = may_repeat(graph), done = tidy_shared(graph, repeats);
  for (size_t i = 0; !done && i < graph->dirty.num; ++i) {
    prefetch_dirty(graph, i);
    tidy_class(graph, graph->dirty.data[i], repeats);
  }
  graph->dirty.num = 0;
  graph->adopted_again = false;
}

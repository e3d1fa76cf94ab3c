// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Analyses: a value of each class, and carrying what changes to the classes
// above.
//
// A class that has changed waits until all below it have: the queue is ordered
// by rank, which is above the ranks of all children but on cycles. First come,
// first served would visit a class once for every length of a path that leads to
// it, and a stack once for every path (the chain of egg's issue 239). A node
// gives its class a rank as it comes; unions make ranks wrong, and then they are
// raised on the way, until that has been done so often that ranking all classes
// anew costs no more (rank.c).
//
// Values are joined for all analyses or none, so that a refused union leaves
// everything as it was.
#include "internal.h"
#include "record.h"

enum { RAISES = 64 }; // that are nothing to worry about

//===-- Values ------------------------------------------------------------===//

eg_status eg_analysis_add(eg_graph *graph, const eg_analysis *analysis,
                          uint32_t *out_id) {
  if (graph->classes.num > 1 || graph->undo.serial)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "analysis '%s' comes after the first node or push",
                       analysis->name);
  if (!analysis->make || !analysis->merge || !analysis->name)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "an analysis needs a name, make and merge");
  if (graph->num_analyses == EG_MAX_ANALYSES)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than %d analyses",
                       EG_MAX_ANALYSES);
  size_t extra = 2 * ((analysis->size + 15) & ~(size_t)15);
  void *scratch =
      egi_resize(graph, graph->value_scratch, graph->value_scratch_size,
                 graph->value_scratch_size + extra);
  if (!scratch && graph->value_scratch_size + extra)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for analysis '%s'",
                       analysis->name);
  graph->value_scratch = scratch;
  graph->value_scratch_size += extra;
  size_t name_size = strlen(analysis->name) + 1;
  char *name = egi_resize(graph, NULL, 0, name_size);
  if (!name)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for analysis '%s'",
                       analysis->name);
  memcpy(name, analysis->name, name_size);
  egi_analysis *a = &graph->analyses[graph->num_analyses];
  *a = (egi_analysis){*analysis, name, NULL, 0};
  a->desc.name = name;
  *out_id = graph->num_analyses++;
  return EG_OK;
}

static void *value_of(const eg_graph *graph, uint32_t analysis, uint32_t id) {
  const egi_analysis *a = &graph->analyses[analysis];
  return a->values + (size_t)id * a->desc.size;
}

const void *eg_class_value(const eg_graph *graph, uint32_t analysis,
                           eg_class id) {
  return value_of(graph, analysis, egi_find(graph, id.id));
}

// Scratch space for analysis |i|: a value just made, and a value to restore.
static unsigned char *scratch_of(const eg_graph *graph, uint32_t i) {
  size_t offset = 0;
  for (uint32_t k = 0; k < i; ++k)
    offset += 2 * ((graph->analyses[k].desc.size + 15) & ~(size_t)15);
  return graph->value_scratch + offset;
}

static unsigned char *saved_of(const eg_graph *graph, uint32_t i) {
  return scratch_of(graph, i) +
         ((graph->analyses[i].desc.size + 15) & ~(size_t)15);
}

static eg_status make_values(eg_graph *graph, uint32_t node) {
  for (uint32_t i = 0; i < graph->num_analyses; ++i) {
    const eg_analysis *a = &graph->analyses[i].desc;
    unsigned char *made = scratch_of(graph, i);
    memset(made, 0, a->size);
    EG_TRY(a->make(a->user, graph, (eg_node){node}, made));
  }
  return EG_OK;
}

// Room to note the values of |into| before they change, and its record.
static eg_status undo_reserve_values(eg_graph *graph, uint32_t into) {
  if (into >= graph->undo.classes)
    return EG_OK;
  size_t words = 0;
  for (uint32_t i = 0; i < graph->num_analyses; ++i)
    words += graph->analyses[i].desc.size / 4 + 8;
  EG_TRY(egi_undo_class(graph, into));
  return egi_undo_reserve(graph, words);
}

eg_status egi_values_join(eg_graph *graph, uint32_t into, uint32_t from,
                          bool *out_into_changed, bool *out_from_changed) {
  *out_into_changed = *out_from_changed = false;
  EG_TRY(undo_reserve_values(graph, into));
  if (from && graph->ranks.data[into] < graph->ranks.data[from])
    graph->ranks.data[into] = graph->ranks.data[from];
  for (uint32_t i = 0; i < graph->num_analyses; ++i) {
    const eg_analysis *a = &graph->analyses[i].desc;
    const void *other = from ? value_of(graph, i, from) : scratch_of(graph, i);
    memcpy(saved_of(graph, i), value_of(graph, i, into), a->size);
    bool into_changed = false, from_changed = false;
    eg_status status = a->merge(a->user, graph, value_of(graph, i, into), other,
                                &into_changed, &from_changed);
    if (status != EG_OK) {
      for (uint32_t k = 0; k <= i; ++k)
        memcpy(value_of(graph, k, into), saved_of(graph, k),
               graph->analyses[k].desc.size);
      return status;
    }
    *out_into_changed |= into_changed;
    *out_from_changed |= from_changed;
  }
  for (uint32_t i = 0; into < graph->undo.classes && i < graph->num_analyses;
       ++i)
    if (memcmp(value_of(graph, i, into), saved_of(graph, i),
               graph->analyses[i].desc.size) != 0)
      egi_undo_value(graph, i, into, saved_of(graph, i));
  return EG_OK;
}

//===-- The queue ---------------------------------------------------------===//

static bool pair_before(egi_pair x, egi_pair y) {
  return x.a != y.a ? x.a < y.a : x.b < y.b;
}

void egi_mark_changed(eg_graph *graph, uint32_t id) {
  egi_class *c = &graph->classes.data[id];
  if (c->meta & EGI_QUEUED)
    return;
  c->meta |= EGI_QUEUED;
  egi_note_class(graph, id);
  assert(graph->analysis_queue.num < graph->analysis_queue.cap);
  egi_pair entry = {graph->ranks.data[id], id};
  egi_pair *heap = graph->analysis_queue.data;
  size_t at = graph->analysis_queue.num++;
  for (; at && pair_before(entry, heap[(at - 1) / 2]); at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = entry;
}

static egi_pair pop(eg_graph *graph) {
  egi_pair *heap = graph->analysis_queue.data, least = heap[0];
  size_t num = --graph->analysis_queue.num, at = 0;
  egi_pair last = heap[num];
  for (size_t child; (child = 2 * at + 1) < num; at = child) {
    if (child + 1 < num && pair_before(heap[child + 1], heap[child]))
      ++child;
    if (!pair_before(heap[child], last))
      break;
    heap[at] = heap[child];
  }
  heap[at] = last;
  return least;
}

// The changed class of least rank. One that is merged or has risen since it came
// goes back to where it belongs.
static uint32_t next_changed(eg_graph *graph) {
  for (;;) {
    egi_pair least = pop(graph);
    uint32_t root = egi_find(graph, least.b);
    graph->classes.data[least.b].meta &= ~(uint32_t)EGI_QUEUED;
    if (root == least.b && graph->ranks.data[root] <= least.a)
      return root;
    egi_mark_changed(graph, root);
  }
}

//===-- Propagation -------------------------------------------------------===//

// One more than the highest rank among the children of |node|, its own class
// |home| aside.
static uint32_t rank_above(const eg_graph *graph, uint32_t node,
                           uint32_t home) {
  uint32_t rank = 0, num;
  const uint32_t *key = egi_key(graph, node, &num);
  for (uint32_t k = egi_key_start(graph, egi_op_of(graph, node)); k < num;
       ++k) {
    uint32_t child = egi_find(graph, key[k]);
    if (child != home && graph->ranks.data[child] >= rank)
      rank = graph->ranks.data[child] + 1;
  }
  return rank;
}

// Puts |id|, which depends on |child|, above it.
static eg_status raise_rank(eg_graph *graph, uint32_t id, uint32_t child) {
  uint32_t *ranks = graph->ranks.data;
  if (graph->ranks_exact || id == child || ranks[id] > ranks[child])
    return EG_OK;
  EG_TRY(egi_undo_class(graph, id));
  ranks[id] = ranks[child] + 1;
  ++graph->num_raises;
  return EG_OK;
}

eg_status egi_values_enter(eg_graph *graph, uint32_t node, uint32_t home,
                           bool is_new) {
  EG_TRY(make_values(graph, node));
  uint32_t rank = rank_above(graph, node, home);
  bool home_changed = true, made_changed;
  if (!is_new)
    EG_TRY(egi_values_join(graph, home, 0, &home_changed, &made_changed));
  for (uint32_t i = 0; is_new && i < graph->num_analyses; ++i)
    memcpy(value_of(graph, i, home), scratch_of(graph, i),
           graph->analyses[i].desc.size);
  if (is_new || graph->ranks.data[home] < rank)
    graph->ranks.data[home] = rank; // of an older class a pop knows it by now
  if (home_changed)
    egi_mark_changed(graph, home);
  return EG_OK;
}

eg_status egi_analyse(eg_graph *graph, uint32_t node) {
  uint32_t home = egi_record(graph, node)[0];
  bool home_changed, made_changed;
  EG_TRY(make_values(graph, node));
  EG_TRY(egi_values_join(graph, home, 0, &home_changed, &made_changed));
  if (home_changed)
    egi_mark_changed(graph, home);
  return EG_OK;
}

eg_status egi_values_propagate(eg_graph *graph) {
  // Between a push and its pop ranks are only raised: the pop takes those back.
  if (!graph->ranks_exact && !graph->undo.serial &&
      graph->num_raises > RAISES + graph->classes.num / 16)
    EG_TRY(egi_rank_all(graph));
  if (!graph->analysis_now)
    graph->analysis_now = next_changed(graph);
  uint32_t root = egi_find(graph, graph->analysis_now), num;
  for (uint32_t i = 0; i < graph->num_analyses; ++i) {
    const eg_analysis *a = &graph->analyses[i].desc;
    if (!a->modify)
      continue;
    EG_TRY(egi_record_callback(graph, a->name));
    eg_status status = a->modify(a->user, graph, (eg_class){root});
    eg_status none = egi_record_callback(graph, "");
    EG_TRY(status);
    EG_TRY(none);
  }
  // What modify has united comes first: the parents are not together yet.
  if (graph->losers_head < graph->losers.num)
    return EG_OK;
  egi_parents(graph, root, &num);
  EG_TRY(EGI_RESERVE(graph, &graph->analysis_queue, num));
  for (uint32_t i = 0;; ++i) {
    const uint32_t *parents = egi_parents(graph, root, &num);
    if (i >= num)
      break;
    if (!egi_is_live(graph, parents[i]))
      continue;
    EG_TRY(raise_rank(graph, egi_record(graph, parents[i])[0], root));
    EG_TRY(egi_analyse(graph, parents[i]));
  }
  graph->analysis_now = 0;
  return EG_OK;
}

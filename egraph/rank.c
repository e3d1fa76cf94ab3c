// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ranks of classes, exact: R. Tarjan, "Depth-first search and linear graph
// algorithms", 1972, over the edges from a class to the children of its nodes. A
// strongly connected component is complete after all components below it, so
// counting them as they are completed ranks the classes; those on a common cycle
// share a rank. The path of the search is a stack of our own.
#include "internal.h"

// A class on the path, and the child of one of its members to look at next.
typedef struct visit {
  uint32_t id, member, child;
} visit;

typedef struct ranker {
  eg_graph *graph;
  uint32_t *order; // in which classes were entered; 0 = not yet
  uint32_t *low;   // the earliest open class that is reached; 0 = not open
  uint32_t num_entered, num_components;
  EGI_ARRAY(visit) path;
  egi_words open; // entered, and not in a complete component
} ranker;

static eg_status enter(ranker *r, uint32_t id) {
  EG_TRY(EGI_RESERVE(r->graph, &r->path, 1));
  EG_TRY(EGI_RESERVE(r->graph, &r->open, 1));
  r->path.data[r->path.num++] = (visit){.id = id};
  r->open.data[r->open.num++] = id;
  r->order[id] = r->low[id] = ++r->num_entered;
  return EG_OK;
}

static void lower(ranker *r, uint32_t id, uint32_t to) {
  if (to && to < r->low[id])
    r->low[id] = to;
}

// The next child of the class on top of the path that was not entered yet; 0:
// there is none.
static uint32_t next_child(ranker *r) {
  const eg_graph *graph = r->graph;
  visit *top = &r->path.data[r->path.num - 1];
  uint32_t num, key_num;
  const uint32_t *members = egi_members(graph, top->id, &num);
  for (; top->member < num; ++top->member, top->child = 0) {
    uint32_t node = members[top->member];
    const uint32_t *key = egi_key(graph, node, &key_num);
    uint32_t start = egi_key_start(graph, egi_op_of(graph, node));
    while (egi_is_live(graph, node) && start + top->child < key_num) {
      uint32_t child = egi_find(graph, key[start + top->child++]);
      if (!r->order[child])
        return child;
      lower(r, top->id, r->low[child] ? r->order[child] : 0);
    }
  }
  return 0;
}

static void leave(ranker *r) {
  uint32_t id = r->path.data[--r->path.num].id;
  uint32_t low = r->low[id];
  if (low == r->order[id]) {
    uint32_t member;
    do {
      member = r->open.data[--r->open.num];
      r->graph->ranks.data[member] = r->num_components;
      r->low[member] = 0;
    } while (member != id);
    ++r->num_components;
  } else {
    lower(r, r->path.data[r->path.num - 1].id, low);
  }
}

static eg_status rank_from(ranker *r, uint32_t id) {
  EG_TRY(enter(r, id));
  while (r->path.num) {
    uint32_t child = next_child(r);
    if (child)
      EG_TRY(enter(r, child));
    else
      leave(r);
  }
  return EG_OK;
}

static eg_status rank_classes(ranker *r) {
  for (uint32_t id = 1; id < r->graph->classes.num; ++id)
    if (egi_is_root(r->graph, id) && !r->order[id])
      EG_TRY(rank_from(r, id));
  return EG_OK;
}

eg_status egi_rank_all(eg_graph *graph) {
  size_t size = 2 * graph->classes.num * sizeof(uint32_t);
  uint32_t *words = egi_resize(graph, NULL, 0, size);
  if (!words)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory to rank classes");
  memset(words, 0, size);
  ranker r = {
      .graph = graph, .order = words, .low = words + graph->classes.num};
  eg_status status = rank_classes(&r);
  graph->ranks_exact = status == EG_OK;
  egi_resize(graph, words, size, 0);
  EGI_RELEASE(graph, &r.path);
  EGI_RELEASE(graph, &r.open);
  return status;
}

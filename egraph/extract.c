// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The cheapest term of every class, for any monotone cost.
//
// D. E. Knuth, "A generalization of Dijkstra's algorithm", 1977. A class is a
// vertex, a node a hyperedge from its distinct children to its class. A node
// becomes ready when the last of its children is final; its cost then competes
// for its class. The cheapest class in the heap is final: whatever becomes
// ready later costs at least as much, for a node costs no less than any child.
//
// The order is (cost, height, node), height being that of the term. It grows
// strictly from child to parent even where prices are zero, so choices are
// acyclic, and the answer does not depend on the order of discovery: all
// nodes that could win a tie are ready before their class is final.
//
//   waiting[n]  children of node n that are not final yet
//   heap        classes that have a candidate, the least first
//   where[c]    1 + position in the heap; 0 = no candidate, FINAL = done
//
// O(edges + nodes log classes), counting a call of the cost function as one.
#include "choice.h"

enum { FINAL = UINT32_MAX };

typedef struct extractor {
  eg_graph *graph;
  const eg_cost *cost;
  eg_choice *choice;
  uint32_t *waiting; // by node id
  uint32_t *height;  // by class id
  uint32_t *where;   // by class id
  uint32_t *heap;    // class ids
  uint32_t num_heap;
  void *scratch; // one cost
  EGI_ARRAY(const void *) children;
} extractor;

static void *cost_of(const extractor *e, uint32_t class_id) {
  return e->choice->costs + class_id * e->cost->size;
}

static bool is_less(const extractor *e, const void *a, const void *b) {
  return e->cost->less(e->cost->user, a, b);
}

//===-- The heap ----------------------------------------------------------===//

// Whether (cost, height, node) comes before the candidate of class |id|.
static bool precedes(const extractor *e, const void *cost, uint32_t height,
                     uint32_t node, uint32_t id) {
  const void *other = cost_of(e, id);
  if (is_less(e, cost, other))
    return true;
  if (is_less(e, other, cost))
    return false;
  if (height != e->height[id])
    return height < e->height[id];
  return node < e->choice->nodes[id];
}

static bool class_precedes(const extractor *e, uint32_t a, uint32_t b) {
  return precedes(e, cost_of(e, a), e->height[a], e->choice->nodes[a], b);
}

static void put(extractor *e, uint32_t at, uint32_t id) {
  e->heap[at] = id;
  e->where[id] = at + 1;
}

static void sift_up(extractor *e, uint32_t at) {
  uint32_t id = e->heap[at];
  for (; at > 0; at = (at - 1) / 2) {
    uint32_t parent = e->heap[(at - 1) / 2];
    if (!class_precedes(e, id, parent))
      break;
    put(e, at, parent);
  }
  put(e, at, id);
}

static void sift_down(extractor *e, uint32_t at, uint32_t id) {
  for (uint64_t child; (child = 2 * (uint64_t)at + 1) < e->num_heap;) {
    if (child + 1 < e->num_heap &&
        class_precedes(e, e->heap[child + 1], e->heap[child]))
      ++child;
    if (!class_precedes(e, e->heap[child], id))
      break;
    put(e, at, e->heap[child]);
    at = (uint32_t)child;
  }
  put(e, at, id);
}

static uint32_t pop(extractor *e) {
  uint32_t top = e->heap[0];
  uint32_t last = e->heap[--e->num_heap];
  if (e->num_heap > 0)
    sift_down(e, 0, last);
  e->where[top] = FINAL;
  return top;
}

//===-- Nodes -------------------------------------------------------------===//

static eg_status fail_on(extractor *e, uint32_t node, eg_status status,
                         const char *what) {
  const char *name =
      eg_op_name(e->graph, eg_node_op(e->graph, (eg_node){node}));
  return egi_fail_at(e->graph, status, 0, "%s operator '%.100s'", what, name);
}

// Computes the cost of a node whose children are final into |scratch|. |last|
// is the child that became final last, hence the dearest; 0 for a leaf.
static eg_status price_node(extractor *e, uint32_t node, uint32_t last,
                            bool *out_usable, uint32_t *out_height) {
  uint32_t num;
  const eg_class *children = eg_node_children(e->graph, (eg_node){node}, &num);
  e->children.num = 0;
  if (num > 0)
    EG_TRY(EGI_RESERVE(e->graph, &e->children, num));
  uint32_t height = 0;
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t child = egi_find(e->graph, children[i].id);
    e->children.data[i] = cost_of(e, child);
    if (height < e->height[child])
      height = e->height[child];
  }
  *out_height = height + 1;
  *out_usable = true;
  const eg_cost *cost = e->cost;
  eg_status status = cost->node(cost->user, e->graph, (eg_node){node},
                                e->children.data, e->scratch, out_usable);
  if (status != EG_OK)
    return fail_on(e, node, status, "the cost function fails on");
  if (!*out_usable)
    return EG_OK;
  if (cost->valid && !cost->valid(cost->user, e->scratch))
    return fail_on(e, node, EG_INVALID, "not a valid cost (NaN, negative) of");
  if (last && is_less(e, e->scratch, cost_of(e, last)))
    return fail_on(e, node, EG_INVALID,
                   "not monotone: a child costs more than");
  return EG_OK;
}

static eg_status node_ready(extractor *e, uint32_t node, uint32_t last) {
  bool usable;
  uint32_t height;
  EG_TRY(price_node(e, node, last, &usable, &height));
  uint32_t id = egi_find(e->graph, egi_record(e->graph, node)[0]);
  if (!usable || e->where[id] == FINAL)
    return EG_OK;
  if (e->where[id] && !precedes(e, e->scratch, height, node, id))
    return EG_OK;
  memcpy(cost_of(e, id), e->scratch, e->cost->size);
  e->height[id] = height;
  e->choice->nodes[id] = node;
  if (!e->where[id]) {
    e->heap[e->num_heap] = id;
    e->where[id] = ++e->num_heap;
  }
  sift_up(e, e->where[id] - 1);
  return EG_OK;
}

//===-- The algorithm -----------------------------------------------------===//

// Counts the distinct children of every node: a class stands once in the
// parents of each. Then the leaves are ready.
static eg_status start(extractor *e) {
  eg_class id = {0};
  while ((id = eg_class_next(e->graph, id)).id) {
    uint32_t num;
    const uint32_t *parents = egi_parents(e->graph, id.id, &num);
    for (uint32_t i = 0; i < num; ++i)
      ++e->waiting[parents[i]];
  }
  while ((id = eg_class_next(e->graph, id)).id) {
    uint32_t num;
    const uint32_t *members = egi_members(e->graph, id.id, &num);
    for (uint32_t i = 0; i < num; ++i)
      if (e->waiting[members[i]] == 0)
        EG_TRY(node_ready(e, members[i], 0));
  }
  return EG_OK;
}

static eg_status finish(extractor *e) {
  while (e->num_heap > 0) {
    uint32_t id = pop(e), num;
    const uint32_t *parents = egi_parents(e->graph, id, &num);
    for (uint32_t i = 0; i < num; ++i)
      if (--e->waiting[parents[i]] == 0)
        EG_TRY(node_ready(e, parents[i], id));
  }
  return EG_OK;
}

static uint32_t *zeros(eg_graph *graph, size_t num) {
  uint32_t *words = egi_resize(graph, NULL, 0, num * sizeof *words);
  if (words)
    memset(words, 0, num * sizeof *words);
  return words;
}

static void free_words(eg_graph *graph, uint32_t *words, size_t num) {
  if (words)
    egi_resize(graph, words, num * sizeof *words, 0);
}

static eg_status run(extractor *e, size_t num_slots, size_t num_classes) {
  eg_graph *graph = e->graph;
  e->waiting = zeros(graph, num_slots);
  e->height = zeros(graph, num_classes);
  e->where = zeros(graph, num_classes);
  e->heap = zeros(graph, num_classes);
  e->scratch = egi_resize(graph, NULL, 0, e->cost->size);
  if (!e->waiting || !e->height || !e->where || !e->heap || !e->scratch)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "out of memory for extraction");
  EG_TRY(start(e));
  return finish(e);
}

eg_status eg_extract_tree(eg_graph *graph, const eg_cost *cost,
                          eg_choice **out_choice) {
  *out_choice = NULL;
  EG_TRY(egi_need_clean(graph));
  if (!cost->size || !cost->node || !cost->less)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "a cost needs a size, a node and a less function");
  extractor e = {.graph = graph, .cost = cost};
  EG_TRY(egi_choice_new(graph, cost->size, &e.choice));
  size_t num_slots = (graph->pages.num + 1) << EGI_PAGE_BITS;
  size_t num_classes = e.choice->num;
  eg_status status = run(&e, num_slots, num_classes);
  free_words(graph, e.waiting, num_slots);
  free_words(graph, e.height, num_classes);
  free_words(graph, e.where, num_classes);
  free_words(graph, e.heap, num_classes);
  if (e.scratch)
    egi_resize(graph, e.scratch, cost->size, 0);
  EGI_RELEASE(graph, &e.children);
  if (status != EG_OK) {
    eg_choice_destroy(e.choice);
    return status;
  }
  *out_choice = e.choice;
  return EG_OK;
}

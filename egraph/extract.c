// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The cheapest term of every class, for any monotone cost.
//
// D. E. Knuth, "A generalization of Dijkstra's algorithm", 1977. A class is a
// vertex, a node a hyperedge from its distinct children to its class. A node
// becomes ready when the last of its children is final; its cost then competes
// for its class. The cheapest class in the queue is final: whatever becomes
// ready later costs at least as much, for a node costs no less than any child.
//
// The order is (cost, height, node), height being that of the term. It grows
// strictly from child to parent even where prices are zero, so choices are
// acyclic, and the answer does not depend on the order of discovery: all nodes
// that could win a tie are ready before their class is final. Where we differ
// from the paper: for the same reason all classes of one (cost, height) are
// final together, so they leave the queue as one bucket, and their parents are
// visited in blocks whose memory is prefetched. On the maths microbenchmark's
// 1.05 million nodes this takes a third of the time of a heap of classes.
//
//   waiting[n]  children of node n that are not final yet
//   bucket[c]   where class c waits; 0 = nowhere; it is final when that is done
//
// O(edges + nodes log buckets), counting a call of the cost function as one.
#include "choice.h"
#include "queue.h"

typedef struct extractor {
  eg_graph *graph;
  const eg_cost *cost;
  eg_choice *choice;
  egi_queue queue;
  uint32_t *waiting; // by node id
  uint32_t *bucket;  // by class id
  void *scratch;     // one cost
  EGI_ARRAY(const void *) children;
  egi_words batch; // classes that have just become final
  uint32_t block[EGI_BLOCK];
  uint32_t num_block;
} extractor;

//===-- Nodes -------------------------------------------------------------===//

static eg_status fail_on(extractor *e, uint32_t node, eg_status status,
                         const char *what) {
  const char *name =
      eg_op_name(e->graph, eg_node_op(e->graph, (eg_node){node}));
  return egi_fail_at(e->graph, status, 0, "%s operator '%.100s'", what, name);
}

// The children of a node of a clean graph: they are canonical.
static const uint32_t *children_of(const extractor *e, uint32_t node,
                                   uint32_t *out_num) {
  uint32_t start = egi_key_start(e->graph, egi_op_of(e->graph, node));
  const uint32_t *key = egi_key(e->graph, node, out_num);
  *out_num -= start;
  return key + start;
}

// Computes the cost of a node whose children are final into |scratch|. |last| is
// the bucket of the child that became final last, hence the dearest; 0 for a
// leaf.
static eg_status price_node(extractor *e, uint32_t node, uint32_t last,
                            bool *out_usable, uint32_t *out_height) {
  uint32_t num, height = 0;
  const uint32_t *children = children_of(e, node, &num);
  if (num > e->children.cap)
    EG_TRY(EGI_RESERVE(e->graph, &e->children, num));
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t bucket = e->bucket[children[i]];
    e->children.data[i] = egi_queue_cost(&e->queue, bucket);
    if (height < e->queue.buckets.data[bucket].height)
      height = e->queue.buckets.data[bucket].height;
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
  if (last &&
      cost->less(cost->user, e->scratch, egi_queue_cost(&e->queue, last)))
    return fail_on(e, node, EG_INVALID,
                   "not monotone: a child costs more than");
  return EG_OK;
}

// Lets a ready node compete for its class.
static eg_status enter(extractor *e, uint32_t node, uint32_t last) {
  bool usable, same = false;
  uint32_t height;
  EG_TRY(price_node(e, node, last, &usable, &height));
  uint32_t id = egi_record(e->graph, node)[0], bucket = e->bucket[id];
  if (!usable || e->queue.buckets.data[bucket].done)
    return EG_OK;
  if (!bucket || egi_queue_before(&e->queue, e->scratch, height, bucket, &same))
    EG_TRY(egi_queue_add(&e->queue, e->scratch, height, id, &e->bucket[id]));
  else if (!same || node > e->choice->nodes[id])
    return EG_OK;
  e->choice->nodes[id] = node;
  return EG_OK;
}

// Counts down the nodes of the block, and lets those that are ready compete.
static eg_status visit_block(extractor *e, uint32_t last) {
  uint32_t num = 0, num_children;
  for (uint32_t i = 0; i < e->num_block; ++i) {
    uint32_t node = e->block[i];
    if (--e->waiting[node] != 0)
      continue;
    e->block[num++] = node;
    EGI_PREFETCH(egi_record(e->graph, node));
  }
  for (uint32_t i = 0; i < num; ++i) {
    const uint32_t *children = children_of(e, e->block[i], &num_children);
    EGI_PREFETCH(&e->bucket[egi_record(e->graph, e->block[i])[0]]);
    for (uint32_t k = 0; k < num_children && k < EGI_MAX_INLINE; ++k)
      EGI_PREFETCH(&e->bucket[children[k]]);
  }
  for (uint32_t i = 0; i < num; ++i)
    EG_TRY(enter(e, e->block[i], last));
  e->num_block = 0;
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
        EG_TRY(enter(e, members[i], 0));
  }
  return EG_OK;
}

// The classes of a bucket that have found nothing better since they came.
static eg_status take_bucket(extractor *e, uint32_t bucket) {
  const egi_queue *queue = &e->queue;
  uint32_t at = queue->buckets.data[bucket].first;
  e->batch.num = 0;
  for (; at; at = queue->entries.data[at].next) {
    uint32_t id = queue->entries.data[at].id;
    if (e->bucket[id] != bucket)
      continue;
    EG_TRY(EGI_RESERVE(e->graph, &e->batch, 1));
    e->batch.data[e->batch.num++] = id;
    EGI_PREFETCH(&e->graph->classes.data[id]);
  }
  return EG_OK;
}

static eg_status visit_parents(extractor *e, uint32_t bucket) {
  for (size_t i = 0; i < e->batch.num; ++i) {
    uint32_t id = e->batch.data[i], num;
    memcpy(e->choice->costs + id * e->cost->size,
           egi_queue_cost(&e->queue, bucket), e->cost->size);
    const uint32_t *parents = egi_parents(e->graph, id, &num);
    for (uint32_t k = 0; k < num; ++k) {
      if (e->num_block == EGI_BLOCK)
        EG_TRY(visit_block(e, bucket));
      e->block[e->num_block++] = parents[k];
      EGI_PREFETCH(&e->waiting[parents[k]]);
    }
  }
  return visit_block(e, bucket);
}

static eg_status finish(extractor *e) {
  for (uint32_t bucket; (bucket = egi_queue_pop(&e->queue));) {
    EG_TRY(take_bucket(e, bucket));
    EG_TRY(visit_parents(e, bucket));
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
  EG_TRY(egi_queue_init(&e->queue, graph, e->cost));
  e->waiting = zeros(graph, num_slots);
  e->bucket = zeros(graph, num_classes);
  e->scratch = egi_resize(graph, NULL, 0, e->cost->size);
  if (!e->waiting || !e->bucket || !e->scratch)
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
  extractor e = {.graph = graph, .cost = cost, .queue = {.graph = graph}};
  EG_TRY(egi_choice_new(graph, cost->size, &e.choice));
  size_t num_slots = (graph->pages.num + 1) << EGI_PAGE_BITS;
  size_t num_classes = e.choice->num;
  eg_status status = run(&e, num_slots, num_classes);
  egi_queue_free(&e.queue);
  free_words(graph, e.waiting, num_slots);
  free_words(graph, e.bucket, num_classes);
  if (e.scratch)
    egi_resize(graph, e.scratch, cost->size, 0);
  EGI_RELEASE(graph, &e.children);
  EGI_RELEASE(graph, &e.batch);
  if (status != EG_OK) {
    eg_choice_destroy(e.choice);
    return status;
  }
  *out_choice = e.choice;
  return EG_OK;
}

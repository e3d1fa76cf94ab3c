// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The bucket queue: a binary heap of buckets, and a hash from keys to buckets.
#include "queue.h"

enum { MIN_SLOTS = 64 };

//===-- Keys --------------------------------------------------------------===//

static bool is_less(const egi_queue *queue, const void *a, const void *b) {
  return queue->cost->less(queue->cost->user, a, b);
}

bool egi_queue_before(const egi_queue *queue, const void *cost, uint32_t height,
                      uint32_t bucket, bool *out_same) {
  const void *other = egi_queue_cost(queue, bucket);
  *out_same = false;
  if (is_less(queue, cost, other))
    return true;
  if (is_less(queue, other, cost))
    return false;
  uint32_t other_height = queue->buckets.data[bucket].height;
  *out_same = height == other_height;
  return height < other_height;
}

// Keys are told apart by their bytes. Costs that are equal but differ in bytes
// (-0.0, padding) only make a bucket more.
static uint64_t hash_key(const egi_queue *queue, const void *cost,
                         uint32_t height) {
  const unsigned char *at = cost;
  size_t left = queue->cost->size;
  uint64_t h = height;
  while (left > 0) {
    uint64_t word = 0;
    size_t part = left < sizeof word ? left : sizeof word;
    memcpy(&word, at, part);
    // Whole numbers as doubles differ in their upper bits alone.
    h = (h ^ word ^ word >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 32;
    at += part;
    left -= part;
  }
  return h;
}

// Most costs are one double: a call of memcmp would cost more than the rest.
static bool same_bytes(const void *a, const void *b, size_t size) {
  uint64_t x, y;
  if (size != sizeof x)
    return memcmp(a, b, size) == 0;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return x == y;
}

static bool has_key(const egi_queue *queue, uint32_t bucket, const void *cost,
                    uint32_t height) {
  return queue->buckets.data[bucket].height == height &&
         same_bytes(egi_queue_cost(queue, bucket), cost, queue->cost->size);
}

// The slot that holds the bucket of that key, or the empty one it would go to.
static uint32_t *find_slot(const egi_queue *queue, const void *cost,
                           uint32_t height) {
  size_t mask = queue->slots.num - 1;
  size_t at = hash_key(queue, cost, height) & mask;
  while (queue->slots.data[at] &&
         !has_key(queue, queue->slots.data[at], cost, height))
    at = (at + 1) & mask;
  return &queue->slots.data[at];
}

// Makes the table twice as large when it is half full. Done buckets are left
// out: their keys do not come again.
static eg_status reserve_slot(egi_queue *queue) {
  size_t num = queue->slots.num;
  if (queue->buckets.num * 2 < num)
    return EG_OK;
  num = num ? num * 2 : MIN_SLOTS;
  queue->slots.num = 0;
  eg_status status = EGI_RESERVE(queue->graph, &queue->slots, num);
  if (status != EG_OK)
    return status;
  memset(queue->slots.data, 0, num * sizeof *queue->slots.data);
  queue->slots.num = num;
  for (uint32_t b = 1; b < queue->buckets.num; ++b)
    if (!queue->buckets.data[b].done)
      *find_slot(queue, egi_queue_cost(queue, b),
                 queue->buckets.data[b].height) = b;
  return EG_OK;
}

//===-- The heap ----------------------------------------------------------===//

static bool bucket_before(const egi_queue *queue, uint32_t a, uint32_t b) {
  bool same;
  bool before = egi_queue_before(queue, egi_queue_cost(queue, a),
                                 queue->buckets.data[a].height, b, &same);
  return before || (same && a < b);
}

static void sift_up(egi_queue *queue, size_t at, uint32_t bucket) {
  uint32_t *heap = queue->heap.data;
  for (; at > 0 && bucket_before(queue, bucket, heap[(at - 1) / 2]);
       at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = bucket;
}

// Sinks the hole to a leaf along the lesser children, then lifts |bucket| from
// there: what was last in the heap rarely belongs far from the leaves.
static void sift_down(egi_queue *queue, uint32_t bucket) {
  uint32_t *heap = queue->heap.data;
  size_t at = 0, num = queue->heap.num;
  for (size_t child; (child = 2 * at + 1) < num; at = child) {
    if (child + 1 < num && bucket_before(queue, heap[child + 1], heap[child]))
      ++child;
    heap[at] = heap[child];
  }
  sift_up(queue, at, bucket);
}

uint32_t egi_queue_pop(egi_queue *queue) {
  if (queue->heap.num == 0)
    return 0;
  uint32_t least = queue->heap.data[0];
  uint32_t last = queue->heap.data[--queue->heap.num];
  if (queue->heap.num > 0)
    sift_down(queue, last);
  queue->buckets.data[least].done = true;
  return least;
}

//===-- Buckets -----------------------------------------------------------===//

static eg_status new_bucket(egi_queue *queue, const void *cost, uint32_t height,
                            uint32_t *out_bucket) {
  eg_graph *graph = queue->graph;
  size_t size = queue->cost->size;
  EG_TRY(EGI_RESERVE(graph, &queue->buckets, 1));
  EG_TRY(EGI_RESERVE(graph, &queue->costs, size));
  EG_TRY(EGI_RESERVE(graph, &queue->heap, 1));
  *out_bucket = (uint32_t)queue->buckets.num;
  memcpy(queue->costs.data + queue->costs.num, cost, size);
  queue->costs.num += size;
  queue->buckets.data[queue->buckets.num++] = (egi_bucket){.height = height};
  return EG_OK;
}

eg_status egi_queue_add(egi_queue *queue, const void *cost, uint32_t height,
                        uint32_t id, uint32_t *out_bucket) {
  EG_TRY(EGI_RESERVE(queue->graph, &queue->entries, 1));
  EG_TRY(reserve_slot(queue));
  uint32_t *slot = find_slot(queue, cost, height);
  if (!*slot) {
    EG_TRY(new_bucket(queue, cost, height, slot));
    sift_up(queue, queue->heap.num++, *slot);
  }
  egi_bucket *bucket = &queue->buckets.data[*slot];
  queue->entries.data[queue->entries.num] = (egi_entry){id, bucket->first};
  bucket->first = (uint32_t)queue->entries.num++;
  *out_bucket = *slot;
  return EG_OK;
}

eg_status egi_queue_init(egi_queue *queue, eg_graph *graph,
                         const eg_cost *cost) {
  memset(queue, 0, sizeof *queue);
  queue->graph = graph;
  queue->cost = cost;
  EG_TRY(EGI_RESERVE(graph, &queue->buckets, 1));
  EG_TRY(EGI_RESERVE(graph, &queue->costs, cost->size));
  EG_TRY(EGI_RESERVE(graph, &queue->entries, 1));
  queue->buckets.num = queue->entries.num = 1;
  queue->costs.num = cost->size;
  queue->buckets.data[0] = (egi_bucket){0};
  return EG_OK;
}

void egi_queue_free(egi_queue *queue) {
  EGI_RELEASE(queue->graph, &queue->buckets);
  EGI_RELEASE(queue->graph, &queue->costs);
  EGI_RELEASE(queue->graph, &queue->entries);
  EGI_RELEASE(queue->graph, &queue->slots);
  EGI_RELEASE(queue->graph, &queue->heap);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A priority queue of classes by (cost, height), for extract.c.
//
// Few costs are many classes' (sizes are small integers), so equal keys share a
// bucket, the heap orders buckets, and all classes of a bucket leave together.
// Moving a class to a better bucket leaves its old entry behind; whoever pops
// skips entries of classes that are elsewhere now.
//
//   buckets[b]  {height, first entry, done}    costs[b * size]   the key
//   entries[e]  {class, next entry}
//   slots       open addressing from the bytes of a key to its bucket
#ifndef EG_QUEUE_H
#define EG_QUEUE_H

#include "internal.h"

typedef struct egi_bucket {
  uint32_t height;
  uint32_t first; // entry, 0 = none
  bool done;      // popped; no key as small will come again
} egi_bucket;

typedef struct egi_entry {
  uint32_t id, next;
} egi_entry;

typedef struct egi_queue {
  eg_graph *graph;
  const eg_cost *cost;
  EGI_ARRAY(egi_bucket) buckets; // [0] unused
  EGI_ARRAY(unsigned char) costs;
  EGI_ARRAY(egi_entry) entries; // [0] unused
  egi_words slots, heap;        // bucket ids
} egi_queue;

EG_NODISCARD
eg_status egi_queue_init(egi_queue *queue, eg_graph *graph,
                         const eg_cost *cost);
void egi_queue_free(egi_queue *queue);

// The key of a bucket.
static inline const void *egi_queue_cost(const egi_queue *queue,
                                         uint32_t bucket) {
  return queue->costs.data + bucket * queue->cost->size;
}

// Whether (cost, height) comes before the key of |bucket|; |*out_same|: whether
// neither comes before the other.
bool egi_queue_before(const egi_queue *queue, const void *cost, uint32_t height,
                      uint32_t bucket, bool *out_same);

// Puts class |id| into the bucket of that key. O(1) expected; O(log buckets)
// for a new key.
EG_NODISCARD
eg_status egi_queue_add(egi_queue *queue, const void *cost, uint32_t height,
                        uint32_t id, uint32_t *out_bucket);

// Takes out the least bucket and marks it done; 0 when none is left.
uint32_t egi_queue_pop(egi_queue *queue);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a group of the hashcons is read: for hashcons.c, and for threads that share
// the work on it (apply_shared.c, rebuild_shared.c).
#ifndef EG_HASHCONS_H
#define EG_HASHCONS_H

#include "internal.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// No node id has this bit: it marks what stands in the table for a node that has
// no id yet (apply_look_up.c).
#define EGI_PLACEHOLDER (1u << 31)

// The shard of the groups from that of |hash| on.
static inline uint32_t egi_hash_shard(uint64_t hash) {
  return (uint32_t)(hash >> (64 - EGI_SHARD_BITS));
}

static inline uint8_t egi_tag(uint64_t hash) {
  uint8_t tag = (uint8_t)hash;
  return tag ? tag : 1;
}

static inline uint32_t egi_next_group(const egi_table *table, uint32_t group) {
  return group + 1 == table->num_groups ? 0 : group + 1;
}

// Bit i is set when tag i equals |tag|.
static inline uint32_t egi_match_tags(const egi_group *group, uint8_t tag) {
#ifdef __SSE2__
  __m128i tags = _mm_loadu_si128((const __m128i *)(const void *)group);
  __m128i equal = _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag));
  return (uint32_t)_mm_movemask_epi8(equal) & ((1u << EGI_GROUP_SLOTS) - 1);
#else
  uint32_t bits = 0;
  for (uint32_t i = 0; i < EGI_GROUP_SLOTS; ++i)
    bits |= (uint32_t)(group->tags[i] == tag) << i;
  return bits;
#endif
}

static inline uint32_t egi_lowest_bit(uint32_t bits) {
#if defined(__GNUC__)
  return (uint32_t)__builtin_ctz(bits);
#else
  uint32_t i = 0;
  while (!(bits >> i & 1))
    ++i;
  return i;
#endif
}

static inline uint32_t egi_lowest_bit64(uint64_t bits) {
  uint32_t low = (uint32_t)bits;
  return low ? egi_lowest_bit(low)
             : 32 + egi_lowest_bit((uint32_t)(bits >> 32));
}

// Goes over the nodes in the table that may have a hash: those with its tag, from
// its group on to the first that no key went past.
typedef struct egi_probe {
  const egi_table *table;
  uint32_t at, slot, bits; // the group, what was given of it, what is left
  uint32_t left;           // groups: all may have been gone past
  uint32_t end;            // not to be looked at; |at| is that when it stopped
  uint8_t tag;
} egi_probe;

// |end|: a group that ends it, UINT32_MAX = none.
static inline egi_probe egi_probe_begin(const egi_table *table, uint64_t hash,
                                        uint32_t end) {
  egi_probe p = {.table = table,
                 .at = egi_table_group(table, hash),
                 .left = table->num_groups,
                 .end = end,
                 .tag = egi_tag(hash)};
  if (p.left)
    p.bits = egi_match_tags(&table->groups[p.at], p.tag);
  return p;
}

// The next one; 0: there is none.
static inline uint32_t egi_probe_next(egi_probe *p) {
  for (; p->left; p->bits = egi_match_tags(&p->table->groups[p->at], p->tag)) {
    const egi_group *group = &p->table->groups[p->at];
    if (p->bits) {
      p->slot = egi_lowest_bit(p->bits);
      p->bits &= p->bits - 1;
      return group->nodes[p->slot];
    }
    if (!group->overflow || !--p->left)
      return 0;
    if ((p->at = egi_next_group(p->table, p->at)) == p->end)
      return 0;
  }
  return 0;
}

static inline bool egi_has_key(const eg_graph *graph, uint32_t node,
                               uint32_t op, const uint32_t *key, uint32_t num) {
  if (egi_op_of(graph, node) != op)
    return false;
  uint32_t node_num;
  const uint32_t *node_key = egi_key(graph, node, &node_num);
  return node_num == num && egi_same_words(node_key, key, num);
}

// Puts |node| into the first group from that of |hash| on that has room: the slot,
// of all in the table. Does not look at group |end| nor behind it: UINT32_MAX when
// it would have to. The table's count stays.
static inline uint32_t egi_table_place(egi_table *table, uint64_t hash,
                                       uint32_t node, uint32_t end) {
  uint32_t first = egi_table_group(table, hash), at = first, empty;
  while (!(empty = egi_match_tags(&table->groups[at], 0)))
    if ((at = egi_next_group(table, at)) == end)
      return UINT32_MAX;
  for (uint32_t g = first; g != at; g = egi_next_group(table, g))
    ++table->groups[g].overflow;
  uint32_t slot = egi_lowest_bit(empty);
  table->groups[at].tags[slot] = egi_tag(hash);
  table->groups[at].nodes[slot] = node;
  return at * EGI_GROUP_SLOTS + slot;
}

typedef enum egi_erasure { EGI_ERASED, EGI_ABSENT, EGI_BEYOND } egi_erasure;

// Asks for a node that may have a key of |hash|. Without a branch: whether there
// is one, and not a placeholder, no predictor knows.
static inline void egi_table_prefetch_node(const eg_graph *graph,
                                           uint64_t hash) {
  const egi_group *group =
      &graph->table.groups[egi_table_group(&graph->table, hash)];
  uint32_t bits = egi_match_tags(group, egi_tag(hash));
  uint32_t node =
      group->nodes[egi_lowest_bit(bits | 1u << (EGI_GROUP_SLOTS - 1))];
  uint32_t wanted = 0u - (uint32_t)(bits != 0 && !(node & EGI_PLACEHOLDER));
  EGI_PREFETCH(egi_record(graph, node & wanted));
}

// Takes out a node with a key of |hash|. Does not look at group |end| nor behind it:
// EGI_BEYOND when it would have to. The table's count stays.
egi_erasure egi_table_remove(egi_table *table, uint64_t hash, uint32_t node,
                             uint32_t end);

// The group where the next shard begins.
static inline uint32_t egi_shard_end(const egi_table *table, uint32_t shard) {
  return table->num_groups / EGI_SHARDS * (shard + 1) % table->num_groups;
}

static inline uint32_t *egi_table_slot(const egi_table *table, uint32_t slot) {
  return &table->groups[slot / EGI_GROUP_SLOTS].nodes[slot % EGI_GROUP_SLOTS];
}

#endif

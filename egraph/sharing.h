// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What threads share that do a step of a batch (apply_shared.c), or move stale
// nodes (rebuild_shared.c): parcels, which ranges of the work fill for shards of the
// graph, and the lists of a shard's classes, which one thread at a time writes to
// (link_shared.c).
#ifndef EG_SHARING_H
#define EG_SHARING_H

#include "hashcons.h"
#include "team.h"

enum {
  EGI_RANGE = EGI_BATCH / EGI_SHARDS, // matches, or nodes, of a range
  EGI_LINKS = EGI_RANGE * (EGI_MAX_INLINE + 1),
  EGI_SHARE = 512, // so many of a batch are worth sharing
};

// Beside the node of a link: it goes to the members, not the parents.
#define EGI_MEMBER (1u << 31)

// A key to look up.
typedef struct egi_entry {
  uint64_t hash;
  uint32_t key[EGI_MAX_INLINE];
  uint32_t match; // or node, of its range
} egi_entry;

// What became of an entry: a node has its key; an earlier entry; nobody; its group
// is full to the end of the shard. Apart from the entry, which those who look it up
// only read: what a thread writes, another has to fetch.
enum { EGI_KEY_FOUND, EGI_KEY_TWIN, EGI_KEY_NEW, EGI_KEY_LEFT };

// A new node, and the slot of its placeholder.
typedef struct egi_naming {
  uint32_t slot, node;
} egi_naming;

// A class, and a node that goes into one of its lists; 0: none, the list is to be
// tidied.
typedef struct egi_linking {
  uint32_t class, node;
} egi_linking;

// A node whose key in the table, of this hash, is stale.
typedef struct egi_removal {
  uint64_t hash;
  uint32_t index; // of the node in the batch
  bool left;      // it was beyond the end of the shard
} egi_removal;

// What a range has for a shard.
typedef struct egi_parcel {
  egi_entry entries[EGI_RANGE];
  uint8_t kinds[EGI_RANGE];
  uint32_t found[EGI_RANGE]; // the class, or of a new key the slot of the table
  egi_naming names[EGI_RANGE];
  egi_removal removals[EGI_RANGE];
  egi_linking links[EGI_LINKS];
  uint32_t num_entries, num_names, num_removals, num_links;
  uint32_t num_new; // of the entries
  uint32_t apart[EGI_APART / sizeof(uint32_t)];
} egi_parcel;

typedef struct egi_shard {
  bool entries_left;  // some went beyond the end of the shard
  uint32_t num_links; // entered, of all ranges in order
  uint32_t num_dirty, num_twins;
  uint32_t dirty[EGI_BATCH * (EGI_MAX_INLINE + 1)]; // classes
  // Matches whose key stands earlier in the batch, as that of another.
  uint16_t twins[EGI_BATCH], firsts[EGI_BATCH];
  uint32_t apart[EGI_APART / sizeof(uint32_t)];
} egi_shard;

typedef struct egi_sharing {
  eg_graph *graph;
  egi_team *team; // who works with it until the next call; NULL = nobody
  // A step of matches: apply_shared.c.
  struct egi_batch *batch;
  uint32_t step;
  uint32_t num_new, first_class; // nodes made by the step, and their classes
  uint32_t first_new[EGI_SHARDS + 1]; // of each range, among them
  uint32_t nodes[EGI_BATCH];          // ids of the new nodes
  uint32_t num_unequal[EGI_SHARDS];
  // Stale nodes: rebuild_shared.c.
  const uint32_t *stale;
  uint32_t num_stale;
  uint8_t fates[EGI_BATCH];         // what becomes of each
  egi_congruence others[EGI_BATCH]; // if it is congruent to another
  uint32_t old_keys[EGI_BATCH][EGI_MAX_INLINE];
  // Both.
  egi_parcel *parcels[EGI_SHARDS]; // of each range: one for each shard
  egi_shard shards[EGI_SHARDS];
} egi_sharing;

// Where range |r| of |num| matches, or nodes, ends.
static inline uint32_t egi_range_end(uint32_t num, uint32_t r) {
  uint32_t end = (r + 1) * EGI_RANGE;
  return end < num ? end : num;
}

// Into the parcels of a range, to the shard that it is for.
static inline void egi_add_entry(egi_parcel *parcels, uint64_t hash,
                                 const uint32_t *key, uint32_t match) {
  egi_parcel *p = &parcels[egi_hash_shard(hash)];
  egi_entry *e = &p->entries[p->num_entries++];
  e->hash = hash;
  egi_copy(e->key, key, EGI_MAX_INLINE);
  e->match = match;
}

static inline void egi_add_link(egi_parcel *parcels, uint32_t class,
                                uint32_t node) {
  egi_parcel *p = &parcels[egi_shard_of(class)];
  p->links[p->num_links++] = (egi_linking){class, node};
}

// Scratch memory, 3.6 MB, of which a fifth is ever touched; NULL: none is to be had.
// It is no part of the graph and not counted as its.
egi_sharing *egi_sharing_create(eg_graph *graph);
void egi_sharing_destroy(eg_graph *graph, egi_sharing *sharing);
// Does work(user) while the threads of the run's pool share what it shares. Of a
// graph that has the scratch memory.
EG_NODISCARD
eg_status egi_share(eg_graph *graph, eg_status (*work)(void *user), void *user);
static inline bool egi_sharing_has_team(const egi_sharing *sharing) {
  return sharing && sharing->team;
}

//===-- Of the classes (link_shared.c) ------------------------------------===//

// Enters nodes into lists of a shard's classes, until one finds no room. Then, by
// one thread, the rest.
void egi_link_nodes(egi_sharing *s, uint32_t at);
// And lists the classes that were clean.
EG_NODISCARD
eg_status egi_link_rest(egi_sharing *s);
// Takes all nodes out of the lists again.
void egi_unlink_all(egi_sharing *s);

//===-- Of the hashcons (rebuild_shared.c) --------------------------------===//

// Moves the nodes whose keys are stale, as repair_node would one after the other
// (rebuild.c): narrow ones all, that no level, proof or analysis has to see. Room
// for dirty classes, dead nodes and unions has been made. A failure leaves the
// graph as it was, but for marks of dirty classes.
EG_NODISCARD
eg_status egi_share_repairs(egi_sharing *s, const uint32_t *nodes,
                            uint32_t num);

#endif

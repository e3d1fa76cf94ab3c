// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A step of a batch that threads share: between apply_shared.c, which gives out
// the jobs, apply_look_up.c and apply_link.c.
#ifndef EG_APPLY_SHARED_H
#define EG_APPLY_SHARED_H

#include "apply_batch.h"

enum {
  EGI_RANGE = EGI_BATCH / EGI_SHARDS, // matches of a range
  EGI_LINKS = EGI_RANGE * (EGI_MAX_INLINE + 1),
};

// No node id has this bit.
#define EGI_PLACEHOLDER (1u << 31) // of a node in the table
#define EGI_MEMBER (1u << 31)      // of the node of a link: it is no parent

enum {
  EGI_KEY_FOUND,
  EGI_KEY_TWIN,
  EGI_KEY_NEW,
  EGI_KEY_LEFT
}; // what became of an entry

// A key to look up.
typedef struct egi_lookup {
  uint64_t hash;
  uint32_t key[EGI_MAX_INLINE];
  uint16_t match; // of its range
  uint16_t kind;
  uint32_t what; // EGI_KEY_FOUND: the class. EGI_KEY_NEW: the slot of the table
} egi_lookup;

// A new node, and the slot of its placeholder.
typedef struct egi_naming {
  uint32_t slot, node;
} egi_naming;

// A class, and a node that goes into one of its lists.
typedef struct egi_linking {
  uint32_t class, node;
} egi_linking;

// What a range has for a shard.
typedef struct egi_parcel {
  egi_lookup entries[EGI_RANGE];
  egi_naming names[EGI_RANGE];
  egi_linking links[EGI_LINKS];
  uint32_t num_entries, num_names, num_links;
  uint32_t num_new; // of the entries
  uint32_t apart[EGI_APART / sizeof(uint32_t)];
} egi_parcel;

typedef struct egi_shard {
  bool entries_left;  // some went beyond the end of the shard
  uint32_t num_links; // entered, of all ranges in order
  uint32_t num_dirty, num_twins;
  uint32_t dirty[EGI_BATCH]; // classes
  // Matches whose key stands earlier in the batch, as that of another.
  uint16_t twins[EGI_BATCH], firsts[EGI_BATCH];
  uint32_t apart[EGI_APART / sizeof(uint32_t)];
} egi_shard;

struct egi_sharing {
  egi_team *team;
  egi_batch *batch;
  uint32_t step;
  uint32_t num_new, first_class; // nodes made by the step, and their classes
  uint32_t first_new[EGI_SHARDS + 1]; // of each range, among them
  uint32_t nodes[EGI_BATCH];          // ids of the new nodes
  uint32_t num_unequal[EGI_SHARDS];
  egi_parcel parcels[EGI_SHARDS][EGI_SHARDS]; // [range][shard]
  egi_shard shards[EGI_SHARDS];
};

static inline const egi_step *egi_step_of(const egi_sharing *s) {
  return &s->batch->rule->steps.data[s->step];
}

static inline uint32_t *egi_results_of(const egi_sharing *s) {
  return s->batch->results + (size_t)s->step * s->batch->num;
}

//===-- Of the hashcons (apply_look_up.c) ---------------------------------===//

// A job: finds the nodes of the entries of a shard, or inserts placeholders. Then,
// by one thread, the entries that went beyond the end of the shard.
void egi_look_up_shard(void *sharing, uint32_t at);
void egi_look_up_rest(egi_sharing *s, uint32_t at);
// Ids for the placeholders of a shard, and the results of twins.
void egi_name_nodes(egi_sharing *s, uint32_t at);
// Takes out what stands there for new nodes, which the table counts.
void egi_erase_new(egi_sharing *s);

//===-- Of the classes (apply_link.c) -------------------------------------===//

// Enters nodes into lists of a shard's classes, until one finds no room. Then, by
// one thread, the rest.
void egi_link_nodes(egi_sharing *s, uint32_t at);
EG_NODISCARD
eg_status egi_link_rest(egi_sharing *s, uint32_t at);
// The classes that were clean, for the list.
void egi_note_dirty(egi_sharing *s);
// Takes all nodes out of the lists again.
void egi_unlink_all(egi_sharing *s);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Repairing stale nodes by several threads, with the outcome of one.
//
// As when they apply (apply_shared.c) the work is cut into ranges of nodes, the
// graph into shards, and a thread writes only to what no other looks at:
//
//   look up  each range   the canonical key of a node, and who has it
//   erase    each shard   takes the nodes out, by the hash of the old key
//   insert   each shard   the nodes whose new key nobody has
//   link     each shard   tells the classes
//
// A canonical key equals no stale one, so it makes no difference that all are
// looked up before any is erased, and all erased before any is inserted. Keys are
// given in the order of the nodes: of two that become congruent the first stays.
// Then one thread lists the dead.
#include "hashcons.h"
#include "sharing.h"

// What becomes of a node.
enum {
  KEPT, // its key is canonical, or it is dead, or it stands here twice
  NEW,  // nobody had its new key when it was looked up
  DEAD, // it is congruent to another
};

// What a class has to know: the node of a link that is decided later, where it is
// beside the index of the node.
enum {
  OF_HOME = 0 * EGI_BATCH,    // if it is dead: a member is
  OF_CHILD = 1 * EGI_BATCH,   // if it is dead: a parent is
  OF_ADOPTED = 2 * EGI_BATCH, // if it is not: it is a parent now
};

// Node |i| is congruent to |other|.
static void bury(egi_sharing *s, uint32_t i, uint32_t other) {
  s->fates[i] = DEAD;
  s->others[i] = egi_congruent(s->graph, s->stale[i], other);
}

static uint32_t key_words(const eg_graph *graph, uint32_t node) {
  return egi_page_of(graph, node)->stride - 1u;
}

//===-- Look up -----------------------------------------------------------===//

// The nodes of a range in blocks, and their keys.
typedef struct block {
  uint32_t first, num;
  uint32_t keys[EGI_BLOCK][EGI_MAX_INLINE]; // canonical
  uint64_t hashes[EGI_BLOCK];               // of these
} block;

static void add_links(egi_sharing *s, uint32_t i, const uint32_t *key) {
  const eg_graph *graph = s->graph;
  uint32_t node = s->stale[i], num = key_words(graph, node);
  uint32_t start = egi_key_start(graph, egi_op_of(graph, node));
  const uint32_t *old = egi_record(graph, node) + 1;
  egi_parcel *parcels = s->parcels[i / EGI_RANGE];
  egi_add_link(parcels, egi_record(graph, node)[0], OF_HOME + i);
  for (uint32_t k = start; k < num; ++k)
    if (key[k] == old[k])
      egi_add_link(parcels, key[k], OF_CHILD + i);
    else if (s->fates[i] == NEW &&
             !egi_has_word(old + start, num - start, key[k]) &&
             !egi_has_word(key + start, k - start, key[k]))
      egi_add_link(parcels, key[k], OF_ADOPTED + i);
}

static void add_removal(egi_sharing *s, uint32_t i) {
  const eg_graph *graph = s->graph;
  uint32_t node = s->stale[i];
  uint64_t hash = egi_hash(egi_op_of(graph, node), egi_record(graph, node) + 1,
                           key_words(graph, node));
  egi_parcel *p = &s->parcels[i / EGI_RANGE][egi_hash_shard(hash)];
  p->removals[p->num_removals++] = (egi_removal){hash, i, false};
}

// The canonical key of node |i|: whether it differs.
static bool find_key(const egi_sharing *s, uint32_t i, uint32_t *out_key) {
  const eg_graph *graph = s->graph;
  uint32_t node = s->stale[i], num = key_words(graph, node);
  uint32_t start = egi_key_start(graph, egi_op_of(graph, node));
  const uint32_t *key = egi_record(graph, node) + 1;
  for (uint32_t k = 0; k < num; ++k)
    out_key[k] = k < start ? key[k] : egi_find(graph, key[k]);
  return egi_is_live(graph, node) && !egi_same_words(out_key, key, num);
}

static void find_keys(egi_sharing *s, block *b) {
  const eg_graph *graph = s->graph;
  for (uint32_t i = 0; i < b->num; ++i) {
    uint32_t at = b->first + i, node = s->stale[at];
    s->fates[at] = KEPT;
    if (!find_key(s, at, b->keys[i]))
      continue;
    s->fates[at] = NEW;
    b->hashes[i] =
        egi_hash(egi_op_of(graph, node), b->keys[i], key_words(graph, node));
    egi_table_prefetch(graph, b->hashes[i]);
  }
}

static void look_up(egi_sharing *s, const block *b) {
  const eg_graph *graph = s->graph;
  for (uint32_t i = 0; i < b->num; ++i) {
    uint32_t at = b->first + i, node = s->stale[at];
    if (s->fates[at] == KEPT)
      continue;
    uint32_t other = egi_table_find(graph, b->hashes[i], egi_op_of(graph, node),
                                    b->keys[i], key_words(graph, node));
    if (other)
      bury(s, at, other);
    else
      egi_add_entry(s->parcels[at / EGI_RANGE], b->hashes[i], b->keys[i],
                    at % EGI_RANGE);
    add_links(s, at, b->keys[i]);
    add_removal(s, at);
  }
}

static void prefetch_records(const egi_sharing *s, uint32_t at, uint32_t end) {
  for (uint32_t i = at; i < at + EGI_BLOCK && i < end; ++i)
    EGI_PREFETCH(egi_record(s->graph, s->stale[i]));
}

static void prefetch_classes(const egi_sharing *s, const block *b) {
  const eg_graph *graph = s->graph;
  for (uint32_t i = b->first; i < b->first + b->num; ++i) {
    const egi_page *page = egi_page_of(graph, s->stale[i]);
    const uint32_t *record = egi_record(graph, s->stale[i]);
    for (uint32_t k = 1 + egi_key_start(graph, page->op); k < page->stride; ++k)
      EGI_PREFETCH(&graph->ups[record[k]]);
  }
}

static void look_up_range(void *argument, uint32_t r) {
  egi_sharing *s = argument;
  uint32_t end = egi_range_end(s->num_stale, r);
  block b = {.hashes = {0}};
  for (uint32_t i = 0; i < EGI_SHARDS; ++i) {
    egi_parcel *p = &s->parcels[r][i];
    p->num_entries = p->num_removals = p->num_links = 0;
  }
  prefetch_records(s, r * EGI_RANGE, end);
  for (b.first = r * EGI_RANGE; b.first < end; b.first += EGI_BLOCK) {
    b.num = end - b.first < EGI_BLOCK ? end - b.first : EGI_BLOCK;
    prefetch_records(s, b.first + EGI_BLOCK, end);
    prefetch_classes(s, &b);
    find_keys(s, &b);
    for (uint32_t i = 0; i < b.num; ++i)
      if (s->fates[b.first + i] != KEPT)
        egi_table_prefetch_node(s->graph, b.hashes[i]);
    look_up(s, &b);
  }
}

//===-- Erase -------------------------------------------------------------===//

// Whether the node could be taken out without a look at group |end|. One that
// stands twice in the batch is not there any more.
static bool erase_node(egi_sharing *s, const egi_removal *m, uint32_t end) {
  egi_erasure e =
      egi_table_remove(&s->graph->table, m->hash, s->stale[m->index], end);
  if (e == EGI_ABSENT)
    s->fates[m->index] = KEPT;
  return e != EGI_BEYOND;
}

static void erase_shard(void *argument, uint32_t at) {
  egi_sharing *s = argument;
  egi_shard *mine = &s->shards[at];
  uint32_t end = egi_shard_end(&s->graph->table, at);
  mine->entries_left = false;
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    egi_parcel *p = &s->parcels[r][at];
    for (uint32_t i = 0; i < p->num_removals; ++i)
      egi_table_prefetch(s->graph, p->removals[i].hash);
    for (uint32_t i = 0; i < p->num_removals; ++i) {
      p->removals[i].left = !erase_node(s, &p->removals[i], end);
      mine->entries_left |= p->removals[i].left;
    }
  }
}

static void erase_rest(egi_sharing *s, uint32_t at) {
  for (uint32_t r = 0; s->shards[at].entries_left && r < EGI_SHARDS; ++r) {
    const egi_parcel *p = &s->parcels[r][at];
    for (uint32_t i = 0; i < p->num_removals; ++i)
      if (p->removals[i].left)
        erase_node(s, &p->removals[i], UINT32_MAX);
  }
}

//===-- Insert ------------------------------------------------------------===//

// Whether the fate of node |i| could be told without a look at group |end|.
static bool insert_node(egi_sharing *s, const egi_entry *e, uint32_t i,
                        uint32_t end) {
  eg_graph *graph = s->graph;
  uint32_t node = s->stale[i], num = key_words(graph, node);
  uint32_t op = egi_op_of(graph, node);
  egi_probe p = egi_probe_begin(&graph->table, e->hash, end);
  for (uint32_t other; (other = egi_probe_next(&p));)
    if (egi_has_key(graph, other, op, e->key, num)) {
      bury(s, i, other);
      return true;
    }
  if (p.at == end ||
      egi_table_place(&graph->table, e->hash, node, end) == UINT32_MAX)
    return false;
  uint32_t *key = egi_record(graph, node) + 1;
  egi_copy(s->old_keys[i], key, num);
  egi_copy(key, e->key, num);
  return true;
}

static void insert_shard(void *argument, uint32_t at) {
  egi_sharing *s = argument;
  egi_shard *mine = &s->shards[at];
  uint32_t end = egi_shard_end(&s->graph->table, at);
  mine->entries_left = false;
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    egi_parcel *p = &s->parcels[r][at];
    for (uint32_t i = 0; i < p->num_entries; ++i) {
      uint32_t index = r * EGI_RANGE + p->entries[i].match;
      egi_table_prefetch(s->graph, p->entries[i].hash);
      EGI_PREFETCH(egi_record(s->graph, s->stale[index]));
    }
    for (uint32_t i = 0; i < p->num_entries; ++i) {
      const egi_entry *e = &p->entries[i];
      uint32_t index = r * EGI_RANGE + e->match;
      bool done = s->fates[index] == KEPT || insert_node(s, e, index, end);
      p->kinds[i] = done ? EGI_KEY_NEW : EGI_KEY_LEFT;
      mine->entries_left |= !done;
    }
  }
}

static void insert_rest(egi_sharing *s, uint32_t at) {
  for (uint32_t r = 0; s->shards[at].entries_left && r < EGI_SHARDS; ++r) {
    const egi_parcel *p = &s->parcels[r][at];
    for (uint32_t i = 0; i < p->num_entries; ++i)
      if (p->kinds[i] == EGI_KEY_LEFT)
        insert_node(s, &p->entries[i], r * EGI_RANGE + p->entries[i].match,
                    UINT32_MAX);
  }
}

//===-- Link --------------------------------------------------------------===//

// What is to be entered for a link; false: nothing.
static bool decide(const egi_sharing *s, egi_linking *link) {
  uint32_t i = link->node % EGI_BATCH, what = link->node - i;
  if (s->fates[i] != (what == OF_ADOPTED ? NEW : DEAD))
    return false;
  link->node = what == OF_ADOPTED ? s->stale[i]
               : what == OF_HOME  ? EGI_MEMBER
                                  : 0;
  return true;
}

static void link_shard(void *argument, uint32_t at) {
  egi_sharing *s = argument;
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    egi_parcel *p = &s->parcels[r][at];
    uint32_t num = 0;
    for (uint32_t i = 0; i < p->num_links; ++i) {
      p->links[num] = p->links[i];
      num += decide(s, &p->links[num]);
    }
    p->num_links = num;
  }
  egi_link_nodes(s, at);
}

//===-- All of it ---------------------------------------------------------===//

static void list_dead(egi_sharing *s) {
  eg_graph *graph = s->graph;
  for (uint32_t i = 0; i < s->num_stale; ++i) {
    if (s->fates[i] == NEW)
      egi_note_node(graph, s->stale[i]);
    if (s->fates[i] != DEAD)
      continue;
    --graph->table.num;
    egi_bury(graph, s->others[i]);
  }
}

// Gives all nodes their old keys back.
static void move_back(egi_sharing *s) {
  eg_graph *graph = s->graph;
  egi_unlink_all(s);
  for (uint32_t r = 0; r < EGI_SHARDS; ++r)
    for (uint32_t at = 0; at < EGI_SHARDS; ++at) {
      const egi_parcel *p = &s->parcels[r][at];
      for (uint32_t i = 0; i < p->num_entries; ++i) {
        uint32_t index = r * EGI_RANGE + p->entries[i].match;
        uint32_t node = s->stale[index];
        if (s->fates[index] != NEW)
          continue;
        egi_table_remove(&graph->table, p->entries[i].hash, node, UINT32_MAX);
        egi_copy(egi_record(graph, node) + 1, s->old_keys[index],
                 key_words(graph, node));
      }
    }
  for (uint32_t r = 0; r < EGI_SHARDS; ++r)
    for (uint32_t at = 0; at < EGI_SHARDS; ++at) {
      const egi_parcel *p = &s->parcels[r][at];
      for (uint32_t i = 0; i < p->num_removals; ++i)
        if (s->fates[p->removals[i].index] != KEPT)
          egi_table_place(&graph->table, p->removals[i].hash,
                          s->stale[p->removals[i].index], UINT32_MAX);
    }
}

eg_status egi_share_repairs(egi_sharing *s, const uint32_t *nodes,
                            uint32_t num) {
  s->stale = nodes;
  s->num_stale = num;
  egi_team_do(s->team, look_up_range, s);
  egi_team_do(s->team, erase_shard, s);
  for (uint32_t at = 0; at < EGI_SHARDS; ++at)
    erase_rest(s, at);
  egi_team_do(s->team, insert_shard, s);
  for (uint32_t at = 0; at < EGI_SHARDS; ++at)
    insert_rest(s, at);
  egi_team_do(s->team, link_shard, s);
  eg_status status = egi_link_rest(s);
  if (status == EG_OK)
    list_dead(s);
  else
    move_back(s);
  return status;
}

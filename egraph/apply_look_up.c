// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Keys of a batch in the hashcons, shard by shard. A key that is not there yet gets
// a placeholder, which leads to its entry, until the node has an id.
#include "apply_shared.h"
#include "hashcons.h"

static uint32_t placeholder(uint32_t r, uint32_t at, uint32_t i) {
  return EGI_PLACEHOLDER | (r * EGI_SHARDS + at) * EGI_RANGE | i;
}

static const egi_entry *entry_of(const egi_sharing *s, uint32_t holder) {
  uint32_t p = (holder & ~EGI_PLACEHOLDER) / EGI_RANGE;
  return &s->parcels[p / EGI_SHARDS][p % EGI_SHARDS]
              .entries[holder % EGI_RANGE];
}

// Of the batch.
static uint16_t match_of(const egi_sharing *s, uint32_t holder) {
  uint32_t r = (holder & ~EGI_PLACEHOLDER) / EGI_RANGE / EGI_SHARDS;
  return (uint16_t)(r * EGI_RANGE + entry_of(s, holder)->match);
}

// Whether a node in the table, or the entry behind a placeholder, has the key of
// entry |i|; then the parcel says what that means.
static bool is_same(egi_sharing *s, uint32_t node, egi_parcel *p, uint32_t i,
                    uint32_t holder) {
  const egi_entry *e = &p->entries[i];
  const eg_graph *graph = s->graph;
  const egi_step *step = egi_step_of(s);
  uint32_t num = egi_key_words(step);
  if (node & EGI_PLACEHOLDER) {
    if (!egi_same_words(entry_of(s, node)->key, e->key, num))
      return false;
    egi_shard *mine = &s->shards[egi_hash_shard(e->hash)];
    mine->twins[mine->num_twins] = match_of(s, holder);
    mine->firsts[mine->num_twins++] = match_of(s, node);
    p->kinds[i] = EGI_KEY_TWIN;
    return true;
  }
  const uint32_t *record = egi_record(graph, node);
  if (egi_op_of(graph, node) != step->op ||
      !egi_same_words(record + 1, e->key, num))
    return false;
  p->kinds[i] = EGI_KEY_FOUND;
  p->found[i] = record[0];
  return true;
}

// Finds the key of an entry, or inserts |holder| for it. Does not look at group
// |end|, nor behind it: EGI_KEY_LEFT when it would have to.
static void settle(egi_sharing *s, egi_parcel *p, uint32_t i, uint32_t holder,
                   uint32_t end) {
  egi_table *table = &s->graph->table;
  const egi_entry *e = &p->entries[i];
  uint32_t at = egi_table_group(table, e->hash);
  p->kinds[i] = EGI_KEY_LEFT;
  uint8_t tag = egi_tag(e->hash);
  for (uint32_t left = table->num_groups; left; --left) {
    const egi_group *group = &table->groups[at];
    for (uint32_t bits = egi_match_tags(group, tag); bits; bits &= bits - 1)
      if (is_same(s, group->nodes[egi_lowest_bit(bits)], p, i, holder))
        return;
    if (!group->overflow)
      break;
    if ((at = egi_next_group(table, at)) == end)
      return;
  }
  p->found[i] = egi_table_place(table, e->hash, holder, end);
  if (p->found[i] != UINT32_MAX)
    p->kinds[i] = EGI_KEY_NEW;
}

static void prefetch_groups(const egi_sharing *s, const egi_parcel *p) {
  for (uint32_t i = 0; i < p->num_entries; ++i)
    egi_table_prefetch(s->graph, p->entries[i].hash);
}

void egi_look_up_shard(void *argument, uint32_t at) {
  egi_sharing *s = argument;
  const egi_table *table = &s->graph->table;
  uint32_t end = egi_shard_end(table, at);
  s->shards[at].entries_left = false;
  s->shards[at].num_twins = 0;
  prefetch_groups(s, &s->parcels[0][at]);
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    egi_parcel *p = &s->parcels[r][at];
    if (r + 1 < EGI_SHARDS)
      prefetch_groups(s, &s->parcels[r + 1][at]);
    for (uint32_t i = 0; i < p->num_entries; ++i)
      egi_table_prefetch_node(s->graph, p->entries[i].hash);
    for (uint32_t i = 0; i < p->num_entries; ++i) {
      settle(s, p, i, placeholder(r, at, i), end);
      p->num_new += p->kinds[i] == EGI_KEY_NEW;
      s->shards[at].entries_left |= p->kinds[i] == EGI_KEY_LEFT;
    }
  }
}

// Entries of the same key were all left, so their order is kept.
void egi_look_up_rest(egi_sharing *s, uint32_t at) {
  for (uint32_t r = 0; s->shards[at].entries_left && r < EGI_SHARDS; ++r) {
    egi_parcel *p = &s->parcels[r][at];
    for (uint32_t i = 0; i < p->num_entries; ++i) {
      if (p->kinds[i] != EGI_KEY_LEFT)
        continue;
      settle(s, p, i, placeholder(r, at, i), UINT32_MAX);
      assert(p->kinds[i] != EGI_KEY_LEFT && "the table has room for the batch");
      p->num_new += p->kinds[i] == EGI_KEY_NEW;
    }
  }
}

void egi_name_nodes(egi_sharing *s, uint32_t at) {
  const egi_table *table = &s->graph->table;
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    const egi_parcel *p = &s->parcels[r][at];
    for (uint32_t i = 0; i < p->num_names; ++i)
      *egi_table_slot(table, p->names[i].slot) = p->names[i].node;
  }
  const egi_shard *mine = &s->shards[at];
  uint32_t *results = egi_results_of(s);
  for (uint32_t i = 0; i < mine->num_twins; ++i)
    results[mine->twins[i]] = results[mine->firsts[i]];
}

// Takes out what stands in the table for new nodes.
void egi_erase_new(egi_sharing *s) {
  eg_graph *graph = s->graph;
  for (uint32_t r = 0; r < EGI_SHARDS; ++r)
    for (uint32_t at = 0; at < EGI_SHARDS; ++at)
      for (uint32_t i = 0; i < s->parcels[r][at].num_entries; ++i) {
        const egi_parcel *p = &s->parcels[r][at];
        if (p->kinds[i] == EGI_KEY_NEW)
          egi_table_erase(graph, p->entries[i].hash,
                          *egi_table_slot(&graph->table, p->found[i]));
      }
}

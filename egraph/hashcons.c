// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The hashcons: from (operator, key) to the one live node that has it.
//
// Open addressing over groups of one cache line, 12 tags beside 12 node ids, so
// that a lookup of something absent costs one miss and a hit two. A group
// counts the keys that wanted it and found it full (as F14 does: N. Bronson and
// X. Shi, "Open-sourcing F14", 2019): a search ends at the first group whose
// count is 0, and erasing decrements the counts on the way, so deletion leaves
// no tombstones and the table holds exactly the live nodes. In a table of few
// groups all counts may be above 0, so a search also ends after a full circle.
//
// The number of groups is no power of two (the group is hash·n >> 32), so the
// table grows by 1.6 and peaks lower. Growing walks the pages, not the old
// groups: keys are then read in order and only the writes miss.
#include "hashcons.h"
#include "sharing.h"

enum { MAX_LOAD = 10, PREFETCH = 32 };

uint32_t egi_table_find(const eg_graph *graph, uint64_t hash, uint32_t op,
                        const uint32_t *key, uint32_t num) {
  egi_probe p = egi_probe_begin(&graph->table, hash, UINT32_MAX);
  for (uint32_t node; (node = egi_probe_next(&p));)
    if (egi_has_key(graph, node, op, key, num))
      return node;
  return 0;
}

bool egi_table_prefetch_nodes(const eg_graph *graph, uint64_t hash) {
  const egi_table *table = &graph->table;
  if (!table->num)
    return false;
  const egi_group *group = &table->groups[egi_table_group(table, hash)];
  uint32_t bits = egi_match_tags(group, egi_tag(hash));
  for (uint32_t left = bits; left; left &= left - 1)
    EGI_PREFETCH(egi_record(graph, group->nodes[egi_lowest_bit(left)]));
  return bits != 0;
}

static bool has_stale_key(const eg_graph *graph, uint32_t node, uint32_t op,
                          uint32_t payload, const uint32_t *children,
                          uint32_t num) {
  if (egi_op_of(graph, node) != op)
    return false;
  uint32_t node_num, start = egi_key_start(graph, op);
  const uint32_t *key = egi_key(graph, node, &node_num);
  if (node_num != num + start || (start && key[0] != payload))
    return false;
  for (uint32_t i = 0; i < num; ++i)
    if (key[start + i] != egi_find(graph, children[i]))
      return false;
  return true;
}

uint32_t egi_table_find_stale(const eg_graph *graph, uint32_t op,
                              uint32_t payload, const uint32_t *children,
                              uint32_t num) {
  uint64_t hash = egi_hash_begin(op);
  if (egi_key_start(graph, op))
    hash = egi_hash_word(hash, payload);
  for (uint32_t i = 0; i < num; ++i)
    hash = egi_hash_word(hash, egi_find(graph, children[i]));
  egi_probe p = egi_probe_begin(&graph->table, egi_hash_end(hash), UINT32_MAX);
  for (uint32_t node; (node = egi_probe_next(&p));)
    if (has_stale_key(graph, node, op, payload, children, num))
      return node;
  return 0;
}

void egi_table_insert(eg_graph *graph, uint64_t hash, uint32_t node) {
  egi_table_place(&graph->table, hash, node, UINT32_MAX);
  ++graph->table.num;
}

egi_erasure egi_table_remove(egi_table *table, uint64_t hash, uint32_t node,
                             uint32_t end) {
  egi_probe p = egi_probe_begin(table, hash, end);
  for (uint32_t other; (other = egi_probe_next(&p));) {
    if (other != node)
      continue;
    table->groups[p.at].tags[p.slot] = 0;
    for (uint32_t g = egi_table_group(table, hash); g != p.at;
         g = egi_next_group(table, g))
      --table->groups[g].overflow;
    return EGI_ERASED;
  }
  return p.at == end ? EGI_BEYOND : EGI_ABSENT;
}

void egi_table_erase(eg_graph *graph, uint64_t hash, uint32_t node) {
  egi_erasure e = egi_table_remove(&graph->table, hash, node, UINT32_MAX);
  assert(e == EGI_ERASED && "erasing a node that is not in the table");
  graph->table.num -= e == EGI_ERASED;
}

static void clear_shard(void *argument, uint32_t at) {
  const egi_table *table = argument;
  uint32_t num = table->num_groups / EGI_SHARDS;
  memset(&table->groups[(size_t)at * num], 0, num * sizeof *table->groups);
}

// The first write to a page of memory has it cleared a second time, so this takes
// as long as filling a new table with what the old one has.
static void clear(const eg_graph *graph, egi_table *table) {
  if (egi_sharing_has_team(graph->sharing))
    egi_team_do(graph->sharing->team, clear_shard, table);
  else
    memset(table->groups, 0, table->num_groups * sizeof *table->groups);
}

static eg_status table_alloc(eg_graph *graph, uint32_t num_groups,
                             egi_table *out_table) {
  size_t size = ((size_t)num_groups + 1) * sizeof(egi_group);
  void *block = egi_resize(graph, NULL, 0, size);
  if (!block)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for %zu bytes", size);
  uintptr_t aligned = ((uintptr_t)block + sizeof(egi_group) - 1) &
                      ~(uintptr_t)(sizeof(egi_group) - 1);
  egi_group *groups =
      (egi_group *)(void *)((char *)block + (aligned - (uintptr_t)block));
  *out_table = (egi_table){block, groups, size, num_groups, 0, 0};
  clear(graph, out_table);
  return EG_OK;
}

void egi_table_free(eg_graph *graph) {
  egi_resize(graph, graph->table.block, graph->table.block_size, 0);
  graph->table = (egi_table){0};
}

// Inserts every live node. Hashes are computed a few nodes ahead of their use.
static void fill(eg_graph *graph) {
  uint64_t hashes[PREFETCH];
  uint32_t nodes[PREFETCH];
  uint32_t num = 0;
  for (uint32_t page = 1; page < graph->pages.num; ++page) {
    uint32_t used = graph->pages.data[page].used;
    for (uint32_t slot = 0; slot < used; ++slot) {
      uint32_t node = page << EGI_PAGE_BITS | slot;
      if (!egi_is_live(graph, node))
        continue;
      uint32_t key_num;
      const uint32_t *key = egi_key(graph, node, &key_num);
      uint32_t at = num % PREFETCH;
      if (num >= PREFETCH)
        egi_table_insert(graph, hashes[at], nodes[at]);
      hashes[at] = egi_hash(egi_op_of(graph, node), key, key_num);
      nodes[at] = node;
      egi_table_prefetch(graph, hashes[at]);
      ++num;
    }
  }
  for (uint32_t i = num > PREFETCH ? num - PREFETCH : 0; i < num; ++i)
    egi_table_insert(graph, hashes[i % PREFETCH], nodes[i % PREFETCH]);
}

eg_status egi_table_reserve(eg_graph *graph, uint32_t extra) {
  egi_table *table = &graph->table;
  uint64_t need = (uint64_t)table->num + extra;
  if (need <= (uint64_t)table->num_groups * MAX_LOAD)
    return EG_OK;
  uint64_t groups = table->num_groups + table->num_groups * UINT64_C(5) / 8 + 2;
  if (table->foreseen)
    groups = table->num_groups + table->num_groups / 8 + 2;
  if (groups < table->foreseen / MAX_LOAD + table->foreseen / 128)
    groups = table->foreseen / MAX_LOAD + table->foreseen / 128;
  if (groups < need / MAX_LOAD + 1)
    groups = need / MAX_LOAD + 1;
  groups = (groups + EGI_SHARDS - 1) / EGI_SHARDS * EGI_SHARDS;
  if (groups > UINT32_MAX / EGI_GROUP_SLOTS)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^32 nodes");
  egi_table grown;
  EG_TRY(table_alloc(graph, (uint32_t)groups, &grown));
  grown.foreseen = table->foreseen;
  egi_table_free(graph);
  graph->table = grown;
  fill(graph);
  return EG_OK;
}

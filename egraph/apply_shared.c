// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One step of a batch by several threads, with the outcome of one.
//
// The batch is cut into ranges of matches, and the graph into shards: the groups
// of the hashcons by the first bits of the hash, the classes by bits of their
// ids. Four jobs follow one another; in each a thread writes only to what no
// other thread looks at:
//
//   hash     each range   keys and hashes, sorted into parcels, one for a shard
//   look up  each shard   finds nodes, or inserts placeholders for new ones
//   make     each range   gives them ids in the order of the matches, writes
//                         their records, and says which lists they go to
//   link     each shard   puts ids for placeholders, and nodes into lists
//
// Between them one thread makes room. Where a job finds none (a key whose group
// is full to the end of the shard, a shelf without lists) it leaves the rest of
// the shard to that thread. As everything is done in the order of the matches,
// ids, lists and the memory that they take are those of one thread.
#include "apply_shared.h"
#include "hashcons.h"

//===-- Hash --------------------------------------------------------------===//

// Matches |first| to |first| + |num| - 1.
static void hash_block(egi_sharing *s, uint32_t r, uint32_t first,
                       uint32_t num) {
  const egi_step *step = egi_step_of(s);
  uint32_t keys[EGI_BLOCK][EGI_MAX_INLINE] = {{0}};
  egi_batch_keys(s->batch, step, first, num, keys);
  for (uint32_t i = 0; i < num; ++i) {
    uint64_t hash = egi_hash(step->op, keys[i], egi_key_words(step));
    egi_add_entry(s->parcels[r], hash, keys[i], first + i - r * EGI_RANGE);
  }
}

// Of the classes in the block of rows that comes next.
static void prefetch_ups(const egi_sharing *s, uint32_t at, uint32_t end) {
  const egi_batch *b = s->batch;
  uint32_t num = end - at < EGI_BLOCK ? end - at : EGI_BLOCK;
  for (uint32_t i = at * b->stride; i < (at + num) * b->stride; ++i)
    EGI_PREFETCH(&s->graph->ups[b->rows[i]]);
}

static void hash_range(void *argument, uint32_t r) {
  egi_sharing *s = argument;
  uint32_t end = egi_range_end(s->batch->num, r);
  for (uint32_t i = 0; i < EGI_SHARDS; ++i) {
    egi_parcel *p = &s->parcels[r][i];
    p->num_entries = p->num_names = p->num_links = p->num_new = 0;
  }
  for (uint32_t at = r * EGI_RANGE, num; at < end; at += num) {
    num = end - at < EGI_BLOCK ? end - at : EGI_BLOCK;
    if (s->step == 0)
      prefetch_ups(s, at + num, end);
    hash_block(s, r, at, num);
  }
}

//===-- Make --------------------------------------------------------------===//

static void count_new(egi_sharing *s) {
  s->num_new = 0;
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    s->first_new[r] = s->num_new;
    for (uint32_t at = 0; at < EGI_SHARDS; ++at)
      s->num_new += s->parcels[r][at].num_new;
  }
  s->graph->table.num += s->num_new;
}

static eg_status take_ids(egi_sharing *s) {
  eg_graph *graph = s->graph;
  const egi_step *step = egi_step_of(s);
  EG_TRY(egi_slots_take(graph, step->op, s->num_new, s->nodes));
  s->first_class = (uint32_t)graph->classes.num;
  if (step->home.kind == EGI_ARG_NONE) {
    graph->classes.num += s->num_new;
    graph->num_classes += s->num_new;
  }
  return EG_OK;
}

static void return_ids(egi_sharing *s) {
  eg_graph *graph = s->graph;
  egi_slots_return(graph, egi_step_of(s)->op, s->nodes, s->num_new);
  if (egi_step_of(s)->home.kind == EGI_ARG_NONE) {
    graph->classes.num -= s->num_new;
    graph->num_classes -= s->num_new;
  }
}

// The class of new node |rank|, of match |i|.
static uint32_t enter_class(egi_sharing *s, egi_parcel *parcels, uint32_t i,
                            uint32_t rank) {
  eg_graph *graph = s->graph;
  uint32_t home = egi_batch_home(s->batch, s->step, i);
  if (home) {
    egi_add_link(parcels, home, s->nodes[rank] | EGI_MEMBER);
    return home;
  }
  home = s->first_class + rank;
  egi_class_found(graph, home, s->nodes[rank], egi_step_of(s)->op);
  return home;
}

static void make_node(egi_sharing *s, egi_parcel *parcels, const egi_entry *e,
                      uint32_t i, uint32_t rank) {
  const egi_step *step = egi_step_of(s);
  uint32_t num = egi_key_words(step), start = num - step->num;
  uint32_t node = s->nodes[rank];
  uint32_t *record = egi_record(s->graph, node);
  record[0] = enter_class(s, parcels, i, rank);
  for (uint32_t k = 0; k < num; ++k)
    record[1 + k] = e->key[k];
  for (uint32_t k = start; k < num; ++k)
    if (!egi_has_word(e->key + start, k - start, e->key[k]))
      egi_add_link(parcels, e->key[k], node);
  egi_results_of(s)[i] = record[0];
  s->batch->changed[i] = true;
}

static void make_range(void *argument, uint32_t r) {
  egi_sharing *s = argument;
  egi_parcel *parcels = s->parcels[r];
  uint32_t *results = egi_results_of(s) + r * EGI_RANGE, rank = s->first_new[r];
  uint64_t is_new[EGI_RANGE / 64] = {0};
  uint16_t where[EGI_RANGE]; // of a match: the shard and the place of its entry
  for (uint32_t at = 0; at < EGI_SHARDS; ++at)
    for (uint32_t i = 0; i < parcels[at].num_entries; ++i) {
      const egi_entry *e = &parcels[at].entries[i];
      results[e->match] = parcels[at].found[i]; // right where it was found
      where[e->match] = (uint16_t)(at * EGI_RANGE + i);
      is_new[e->match / 64] |= (uint64_t)(parcels[at].kinds[i] == EGI_KEY_NEW)
                               << e->match % 64;
    }
  for (uint32_t w = 0; w < EGI_RANGE / 64; ++w)
    for (uint64_t left = is_new[w]; left; left &= left - 1) {
      uint32_t match = w * 64 + egi_lowest_bit64(left);
      egi_parcel *p = &parcels[where[match] / EGI_RANGE];
      uint32_t i = where[match] % EGI_RANGE;
      p->names[p->num_names++] = (egi_naming){p->found[i], s->nodes[rank]};
      make_node(s, parcels, &p->entries[i], r * EGI_RANGE + match, rank++);
    }
}

//===-- The step ----------------------------------------------------------===//

static void link_shard(void *argument, uint32_t at) {
  egi_name_nodes(argument, at);
  egi_link_nodes(argument, at);
}

// As if the nodes had come one after the other.
static void note_changes(egi_sharing *s) {
  eg_graph *graph = s->graph;
  uint64_t num = graph->num_nodes;
  bool joins = egi_step_of(s)->home.kind != EGI_ARG_NONE;
  for (uint32_t i = 0; graph->changes.on && i < s->num_new; ++i) {
    graph->num_nodes = num - s->num_new + i + 1;
    egi_note_node(graph, s->nodes[i]);
    if (joins)
      egi_note_class(graph, egi_record(graph, s->nodes[i])[0]);
  }
}

eg_status egi_share_step(egi_sharing *s, egi_batch *b, uint32_t step) {
  s->batch = b;
  s->step = step;
  egi_team_do(s->team, hash_range, s);
  egi_team_do(s->team, egi_look_up_shard, s);
  for (uint32_t at = 0; at < EGI_SHARDS; ++at)
    egi_look_up_rest(s, at);
  count_new(s);
  eg_status status = take_ids(s);
  if (status == EG_OK) {
    egi_team_do(s->team, make_range, s);
    egi_team_do(s->team, link_shard, s);
    status = egi_link_rest(s);
    if (status == EG_OK) {
      b->rule->stats.new_nodes += s->num_new;
      note_changes(s);
      return EG_OK;
    }
    egi_unlink_all(s);
    return_ids(s);
  }
  egi_erase_new(s);
  return status;
}

//===-- Unions ------------------------------------------------------------===//

typedef struct inequality {
  uint32_t match, a, b;
} inequality;

_Static_assert(EGI_SHARED_UNIONS * EGI_RANGE * sizeof(inequality) <=
                   EGI_SHARDS * sizeof(egi_parcel),
               "no room for the unions of a range");

// The unions of a range that are news; its parcels are done with.
static inequality *unequal_of(egi_sharing *s, uint32_t r) {
  return (inequality *)(void *)s->parcels[r];
}

static void find_unequal(void *argument, uint32_t r) {
  egi_sharing *s = argument;
  const egi_batch *b = s->batch;
  uint32_t end = egi_range_end(s->batch->num, r), num = 0;
  for (uint32_t i = r * EGI_RANGE; i < end; ++i)
    for (uint32_t u = 0; u < b->rule->unions.num; ++u) {
      egi_equality e = b->rule->unions.data[u];
      uint32_t x = egi_find(b->graph, egi_batch_operand(b, e.a, i));
      uint32_t y = egi_find(b->graph, egi_batch_operand(b, e.b, i));
      if (x != y)
        unequal_of(s, r)[num++] = (inequality){i, x, y};
    }
  s->num_unequal[r] = num;
}

eg_status egi_share_unions(egi_sharing *s, egi_batch *b) {
  s->batch = b;
  egi_team_do(s->team, find_unequal, s);
  for (uint32_t r = 0; r < EGI_SHARDS; ++r)
    for (uint32_t i = 0; i < s->num_unequal[r]; ++i) {
      inequality u = unequal_of(s, r)[i];
      bool changed;
      EG_TRY(eg_union(b->graph, (eg_class){u.a}, (eg_class){u.b}, &changed));
      b->changed[u.match] |= changed;
    }
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Restoring congruence after unions (M. Willsey et al., "egg: fast and
// extensible equality saturation", 2021), touching only what changed.
//
// A union costs the loser's parents: their keys name a class that is no longer
// canonical. Rebuilding takes those parents in blocks: read all keys, hash all,
// prefetch all, then move each in the hashcons. A node whose new key is taken
// is congruent to the one that has it: it dies, and their classes are to be
// merged.
//
// Where we differ from the paper: a parent is appended to the list of the
// winner only when its old key did not name that class already, so parent lists
// stay free of repeats; and the final pass looks at classes on the dirty list
// only, not at all classes.
//
// Interrupted by a failing allocation or analysis, all that is undone stays
// queued, and the next rebuild goes on from there.
#include "record.h"
#include "sharing.h"

typedef struct repair {
  uint64_t old_hash, new_hash;
  uint32_t node;
  uint32_t key[EGI_MAX_INLINE]; // the canonical key of a narrow node
  bool lost_value;
  bool stale; // the key changes
} repair;

enum { AHEAD = 8 }; // so far in front memory is asked for

#define LOST_VALUE (1u << 31) // of a gathered node; no id has this bit

static void prefetch_losers(const eg_graph *graph, size_t head) {
  if (head + 2 * AHEAD < graph->losers.num)
    EGI_PREFETCH(&graph->classes.data[graph->losers.data[head + 2 * AHEAD]]);
  if (head + AHEAD < graph->losers.num)
    egi_prefetch_list(graph, graph->losers.data[head + AHEAD], true);
}

// Collects up to |most| parents of losers, from (head, pos) on.
static uint32_t gather(eg_graph *graph, uint32_t *nodes, uint32_t most,
                       size_t *head, size_t *pos) {
  uint32_t num = 0;
  while (num < most && *head < graph->losers.num) {
    prefetch_losers(graph, *head);
    uint32_t loser = graph->losers.data[*head], len;
    const uint32_t *parents = egi_parents(graph, loser, &len);
    bool lost = graph->classes.data[loser].meta & EGI_LOST_VALUE;
    for (; *pos < len && num < most; ++*pos)
      nodes[num++] = parents[*pos] | (lost ? LOST_VALUE : 0);
    if (*pos == len) {
      ++*head;
      *pos = 0;
    }
  }
  return num;
}

static void prefetch_records(const eg_graph *graph, const uint32_t *nodes,
                             uint32_t num) {
  for (uint32_t i = 0; i < num && i < EGI_BLOCK; ++i)
    EGI_PREFETCH(egi_record(graph, nodes[i] & ~LOST_VALUE));
}

static void prefetch_children(const eg_graph *graph, const repair *block,
                              uint32_t num) {
  for (uint32_t i = 0; i < num; ++i) {
    const egi_page *page = egi_page_of(graph, block[i].node);
    const uint32_t *record = egi_record(graph, block[i].node);
    uint32_t first = 1 + egi_key_start(graph, page->op);
    EGI_PREFETCH(&graph->classes.data[record[0]]);
    for (uint32_t k = first; !page->wide && k < page->stride; ++k)
      egi_prefetch_class(graph, record[k]);
  }
}

// Computes the canonical key into |out_key|; whether it differs.
static bool canonical_key(eg_graph *graph, uint32_t node, const uint32_t *key,
                          uint32_t num, uint32_t *out_key) {
  uint32_t start = egi_key_start(graph, egi_op_of(graph, node));
  bool changed = false;
  if (start)
    out_key[0] = key[0];
  for (uint32_t k = start; k < num; ++k) {
    out_key[k] = egi_find_halving(graph, key[k]);
    changed |= out_key[k] != key[k];
  }
  return changed;
}

static void hash_narrow(eg_graph *graph, repair *block, uint32_t num) {
  for (uint32_t i = 0; i < num; ++i) {
    repair *r = &block[i];
    uint32_t op = egi_op_of(graph, r->node);
    if (egi_page_of(graph, r->node)->wide || !egi_is_live(graph, r->node))
      continue;
    uint32_t key_num;
    const uint32_t *key = egi_key(graph, r->node, &key_num);
    r->stale = canonical_key(graph, r->node, key, key_num, r->key);
    if (!r->stale)
      continue;
    r->old_hash = egi_hash(op, key, key_num);
    r->new_hash = egi_hash(op, r->key, key_num);
    egi_table_prefetch(graph, r->old_hash);
    egi_table_prefetch(graph, r->new_hash);
  }
}

// Nodes that may have a new key already, and the parent lists that grow if not.
static void prefetch_moves(const eg_graph *graph, const repair *block,
                           uint32_t num) {
  for (uint32_t i = 0; i < num; ++i) {
    const repair *r = &block[i];
    uint32_t key_num;
    if (!r->stale || egi_page_of(graph, r->node)->wide)
      continue;
    egi_table_prefetch_nodes(graph, r->new_hash);
    const uint32_t *key = egi_key(graph, r->node, &key_num);
    uint32_t k = egi_key_start(graph, egi_op_of(graph, r->node));
    for (; k < key_num; ++k)
      if (key[k] != r->key[k])
        egi_prefetch_list(graph, r->key[k], true);
  }
}

// Makes |node| a parent of the classes that its new key names and its old one
// did not. A wide node skips the search for old names, and its classes are
// cleaned of repeats in the end.
static eg_status adopt(eg_graph *graph, uint32_t node, const uint32_t *new_key,
                       uint32_t num, bool wide) {
  uint32_t start = egi_key_start(graph, egi_op_of(graph, node));
  for (uint32_t k = start; k < num; ++k) {
    // Appending may move the list that holds the old key of a wide node.
    const uint32_t *old_key = egi_key(graph, node, &num);
    uint32_t child = new_key[k], len;
    if (child == old_key[k])
      continue;
    if (!wide && egi_has_word(old_key + start, num - start, child))
      continue;
    const uint32_t *parents = egi_parents(graph, child, &len);
    if (len && parents[len - 1] == node)
      continue;
    if (wide)
      egi_mark_dirty(graph, child, EGI_DIRTY_PARENTS);
    EG_TRY(egi_field_push(graph, child, true, node));
  }
  return EG_OK;
}

void egi_bury(eg_graph *graph, egi_congruence c) {
  uint32_t node = c.nodes.a;
  graph->live.data[node >> 6] &= ~(UINT64_C(1) << (node & 63));
  --graph->num_nodes;
  --graph->ops.data[egi_op_of(graph, node)].num_live;
  graph->dead.data[graph->dead.num++] = node;
  graph->unions.data[graph->unions.num++] = c;
}

// |node| is congruent to |other|: takes it out, and queues their equality.
static void bury(eg_graph *graph, uint32_t node, uint32_t other,
                 const uint32_t *old_key, uint32_t num) {
  uint32_t op = egi_op_of(graph, node);
  uint32_t home = egi_record(graph, node)[0];
  egi_mark_dirty(graph, home, EGI_DIRTY_MEMBERS);
  for (uint32_t k = egi_key_start(graph, op); k < num; ++k)
    if (egi_is_root(graph, old_key[k]))
      egi_mark_dirty(graph, old_key[k], EGI_DIRTY_PARENTS);
  egi_bury(graph, egi_congruent(graph, node, other));
}

// All that repairing a node may write to, saved before the first write.
static eg_status undo_repair(eg_graph *graph, uint32_t node,
                             const uint32_t *new_key, uint32_t num) {
  uint32_t op = egi_op_of(graph, node);
  EG_TRY(egi_undo_op(graph, op));
  EG_TRY(egi_undo_class(graph, egi_record(graph, node)[0]));
  for (uint32_t k = egi_key_start(graph, op); k < num; ++k) {
    EG_TRY(egi_undo_class(graph, egi_key(graph, node, &num)[k]));
    EG_TRY(egi_undo_class(graph, new_key[k]));
  }
  return egi_undo_reserve(graph, (size_t)num + 4);
}

static eg_status repair_node(eg_graph *graph, const repair *r,
                             const uint32_t *new_key, uint32_t num, bool wide) {
  uint32_t op = egi_op_of(graph, r->node);
  if (graph->undo.serial)
    EG_TRY(undo_repair(graph, r->node, new_key, num));
  // Wide nodes before it may have taken more than the room of theirs.
  EG_TRY(EGI_RESERVE(graph, &graph->dirty, (size_t)num + 1));
  uint32_t other = egi_table_find(graph, r->new_hash, op, new_key, num);
  if (other) {
    EG_TRY(egi_subsume_congruent(graph, r->node, other));
    egi_table_erase(graph, r->old_hash, r->node);
    if (egi_undo_is_old(graph, r->node))
      egi_undo_died(graph, r->node);
    bury(graph, r->node, other, egi_key(graph, r->node, &num), num);
    return EG_OK;
  }
  eg_status status = adopt(graph, r->node, new_key, num, wide);
  if (status != EG_OK) { // the retry will repeat entries
    graph->adopted_again = true;
    for (uint32_t k = egi_key_start(graph, op); k < num; ++k)
      egi_mark_dirty(graph, new_key[k], EGI_DIRTY_PARENTS);
    return status;
  }
  if (egi_undo_is_old(graph, r->node))
    egi_undo_rekeyed(graph, r->node);
  egi_table_erase(graph, r->old_hash, r->node);
  egi_copy(egi_key(graph, r->node, &num), new_key, num);
  egi_note_node(graph, r->node);
  egi_table_insert(graph, r->new_hash, r->node);
  return EG_OK;
}

static eg_status repair_one(eg_graph *graph, repair *r) {
  if (!egi_is_live(graph, r->node))
    return EG_OK;
  bool wide = egi_page_of(graph, r->node)->wide;
  uint32_t op = egi_op_of(graph, r->node), num;
  uint32_t *key = egi_key(graph, r->node, &num);
  uint32_t *new_key = r->key;
  if (wide) {
    graph->key_scratch.num = 0;
    EG_TRY(EGI_RESERVE(graph, &graph->key_scratch, num));
    new_key = graph->key_scratch.data;
    r->stale = canonical_key(graph, r->node, key, num, new_key);
    r->old_hash = egi_hash(op, key, num);
    r->new_hash = egi_hash(op, new_key, num);
  } else if (r->stale) {
    r->stale =
        !egi_same_words(key, r->key, num); // or it stood twice in this block
  }
  if (r->stale)
    EG_TRY(repair_node(graph, r, new_key, num, wide));
  if (r->lost_value && graph->num_analyses && egi_is_live(graph, r->node)) {
    EG_TRY(EGI_RESERVE(graph, &graph->analysis_queue, 1));
    EG_TRY(egi_analyse(graph, r->node));
  }
  return EG_OK;
}

static void free_parents(eg_graph *graph, uint32_t loser) {
  egi_class *c = &graph->classes.data[loser];
  if (!(c->meta & EGI_ONE_PARENT))
    egi_list_free(graph, egi_shard_of(loser), c->parents);
  c->parents = 0;
  c->meta &= ~(uint32_t)(EGI_ONE_PARENT | EGI_LOST_VALUE);
}

static eg_status repair_block(eg_graph *graph, const uint32_t *nodes,
                              uint32_t num) {
  repair block[EGI_BLOCK];
  for (uint32_t i = 0; i < num; ++i)
    block[i] = (repair){.node = nodes[i] & ~LOST_VALUE,
                        .lost_value = nodes[i] & LOST_VALUE};
  prefetch_children(graph, block, num);
  hash_narrow(graph, block, num);
  prefetch_moves(graph, block, num);
  for (uint32_t i = 0; i < num; ++i)
    EG_TRY(repair_one(graph, &block[i]));
  return EG_OK;
}

static eg_status repair_blocks(eg_graph *graph, const uint32_t *nodes,
                               uint32_t num) {
  prefetch_records(graph, nodes, num);
  for (uint32_t at = 0; at < num; at += EGI_BLOCK) {
    uint32_t left = num - at;
    if (left > EGI_BLOCK)
      prefetch_records(graph, nodes + at + EGI_BLOCK, left - EGI_BLOCK);
    EG_TRY(
        repair_block(graph, nodes + at, left < EGI_BLOCK ? left : EGI_BLOCK));
  }
  return EG_OK;
}

// Room for what repairing takes, as much for one thread as for several.
static eg_status reserve(eg_graph *graph, uint32_t num) {
  EG_TRY(EGI_RESERVE(graph, &graph->dirty, num * (EGI_MAX_INLINE + 1)));
  EG_TRY(EGI_RESERVE(graph, &graph->unions, num));
  EG_TRY(EGI_RESERVE(graph, &graph->dead, num));
  return num < EGI_SHARE ? EG_OK : egi_lists_stock(graph, num / 16 * 2);
}

// Whether nothing has to see one repair after the other. Then unions may wait for
// more of them.
static bool is_plain(const eg_graph *graph) {
  bool plain = !graph->num_analyses && !graph->undo.serial && !graph->proofs &&
               !graph->subsumed.num && !graph->adopted_again;
  return plain && !egi_has_wide(graph);
}

// The next parents of losers: a batch of them, or a block.
static eg_status repair_some(eg_graph *graph, bool plain) {
  uint32_t nodes[EGI_BATCH];
  size_t head = graph->losers_head, pos = graph->losers_pos;
  uint32_t num =
      gather(graph, nodes, plain ? EGI_BATCH : EGI_BLOCK, &head, &pos);
  EG_TRY(reserve(graph, num));
  if (plain && num >= EGI_SHARE && egi_sharing_has_team(graph->sharing))
    EG_TRY(egi_share_repairs(graph->sharing, nodes, num));
  else
    EG_TRY(repair_blocks(graph, nodes, num));
  while (graph->losers_head < head)
    free_parents(graph, graph->losers.data[graph->losers_head++]);
  graph->losers_pos = pos;
  return EG_OK;
}

// For the unions that come |AHEAD| and twice as many later.
static void prefetch_unions(const eg_graph *graph) {
  const egi_congruence *next = graph->unions.data + graph->unions.num - 1;
  if (graph->unions.num > 2 * AHEAD) {
    EGI_PREFETCH(&graph->ups[next[-2 * AHEAD].classes.a]);
    EGI_PREFETCH(&graph->ups[next[-2 * AHEAD].classes.b]);
    uint32_t a = egi_find(graph, next[-AHEAD].classes.a);
    uint32_t b = egi_find(graph, next[-AHEAD].classes.b);
    EGI_PREFETCH(&graph->classes.data[a]);
    EGI_PREFETCH(&graph->classes.data[b]);
  }
}

static eg_status drain_unions(eg_graph *graph) {
  while (graph->unions.num) {
    prefetch_unions(graph);
    egi_congruence c = graph->unions.data[graph->unions.num - 1];
    uint32_t a = egi_find_halving(graph, c.classes.a);
    uint32_t b = egi_find_halving(graph, c.classes.b);
    if (a != b && graph->proofs)
      EG_TRY(egi_record_merge(graph, c.nodes.a, c.nodes.b,
                              &(uint32_t){EGI_CONGRUENT}, 1));
    else if (a != b)
      EG_TRY(egi_merge(graph, a, b));
    --graph->unions.num;
  }
  return EG_OK;
}

static void free_dead(eg_graph *graph) {
  for (size_t i = 0; i < graph->dead.num; ++i) {
    uint32_t node = graph->dead.data[i];
    if (egi_undo_is_old(graph, node))
      continue; // a pop will want it, and its key
    egi_op *op = &graph->ops.data[egi_op_of(graph, node)];
    uint32_t *record = egi_record(graph, node);
    if (op->wide)
      egi_list_free(graph, 0, record[1]);
    if (graph->proofs)
      continue; // what it was made for is still told by its page
    record[0] = op->free;
    op->free = node;
  }
  graph->dead.num = 0;
}

static void finish(eg_graph *graph) {
  for (size_t i = 0; i < graph->losers.num; ++i) {
    if (i + AHEAD < graph->losers.num)
      EGI_PREFETCH(&graph->ups[graph->losers.data[i + AHEAD]]);
    egi_find_halving(graph, graph->losers.data[i]);
  }
  graph->losers.num = graph->losers_head = graph->losers_pos = 0;
  graph->ranks_exact = false;
  graph->num_raises = 0;
  egi_tidy(graph);
  free_dead(graph);
}

bool eg_is_clean(const eg_graph *graph) {
  return !graph->unions.num && !graph->losers.num && !graph->dirty.num &&
         !egi_values_pending(graph) && !graph->dead.num;
}

static eg_status restore(void *argument) {
  eg_graph *graph = argument;
  bool plain = is_plain(graph);
  for (;;) {
    if (graph->unions.num)
      EG_TRY(drain_unions(graph));
    else if (graph->losers_head < graph->losers.num)
      EG_TRY(repair_some(graph, plain));
    else if (egi_values_pending(graph))
      EG_TRY(egi_values_propagate(graph));
    else
      return EG_OK;
  }
}

static eg_status rebuild(eg_graph *graph) {
  bool share =
      graph->sharing && graph->losers.num >= EGI_SHARE && is_plain(graph);
  EG_TRY(share ? egi_share(graph, restore, graph) : restore(graph));
  EG_TRY(egi_tidy_reserve(graph));
  finish(graph);
  return EG_OK;
}

eg_status eg_rebuild(eg_graph *graph) {
  bool was_busy = graph->undo.busy;
  graph->undo.busy = true;
  eg_status status = rebuild(graph);
  graph->undo.busy = was_busy;
  return status;
}

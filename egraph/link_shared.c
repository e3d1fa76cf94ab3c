// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nodes into the lists of their classes and of their children's, shard by shard.
#include "sharing.h"

// The list that a link goes to; 0: it is none, or of one entry.
static uint32_t list_of(const eg_graph *graph, egi_linking l) {
  const egi_class *c = &graph->classes.data[l.class];
  bool member = l.node & EGI_MEMBER, is_node = l.node & ~EGI_MEMBER;
  uint32_t one = c->meta & (member ? EGI_ONE_MEMBER : EGI_ONE_PARENT);
  uint32_t list = member ? c->members : c->parents;
  return one || !is_node ? 0 : list;
}

// Asks for the class records (stage 0), the heads of the lists and their ends.
static void prefetch_links(const eg_graph *graph, const egi_parcel *p,
                           uint32_t stage) {
  const uint32_t *lists = graph->lists.data;
  for (uint32_t i = 0; stage == 0 && i < p->num_links; ++i)
    EGI_PREFETCH(&graph->classes.data[p->links[i].class]);
  for (uint32_t i = 0; stage == 1 && i < p->num_links; ++i)
    EGI_PREFETCH(&lists[list_of(graph, p->links[i])]);
  for (uint32_t i = 0; stage == 2 && i < p->num_links; ++i) {
    uint32_t list = list_of(graph, p->links[i]);
    EGI_PREFETCH(&lists[list + egi_list_len(graph, list)]);
  }
}

// Whether there was room.
static bool enter(egi_sharing *s, egi_shard *mine, egi_linking l) {
  eg_graph *graph = s->graph;
  bool member = l.node & EGI_MEMBER;
  uint32_t node = l.node & ~EGI_MEMBER;
  if (node && !egi_field_try_push(graph, l.class, !member, node))
    return false;
  ++mine->num_links;
  egi_class *c = &graph->classes.data[l.class];
  if (node && !member)
    return true;
  if (!(c->meta & EGI_DIRTY))
    mine->dirty[mine->num_dirty++] = l.class;
  c->meta |= EGI_DIRTY | (member ? EGI_DIRTY_MEMBERS : EGI_DIRTY_PARENTS);
  if (node)
    c->meta |= egi_op_bit(egi_op_of(graph, node));
  return true;
}

// Parcel after parcel, each asked for while those before it are entered. What
// comes behind one that finds no room stays behind it.
void egi_link_nodes(egi_sharing *s, uint32_t at) {
  enum { STAGES = 3 };
  egi_shard *mine = &s->shards[at];
  mine->num_dirty = mine->num_links = 0;
  for (uint32_t r = 0; r < EGI_SHARDS + STAGES; ++r) {
    for (uint32_t stage = 0; stage < STAGES; ++stage)
      if (r >= stage && r - stage < EGI_SHARDS)
        prefetch_links(s->graph, &s->parcels[r - stage][at], stage);
    if (r < STAGES)
      continue;
    const egi_parcel *p = &s->parcels[r - STAGES][at];
    for (uint32_t i = 0; i < p->num_links; ++i)
      if (!enter(s, mine, p->links[i]))
        return;
  }
}

// Link |i| of a shard, of all ranges in order; NULL behind the last.
static const egi_linking *link_at(const egi_sharing *s, uint32_t at,
                                  uint32_t i) {
  for (uint32_t r = 0; r < EGI_SHARDS; ++r) {
    const egi_parcel *p = &s->parcels[r][at];
    if (i < p->num_links)
      return &p->links[i];
    i -= p->num_links;
  }
  return NULL;
}

// Of the list that a link goes to.
static uint32_t num_entries(const eg_graph *graph, egi_linking l) {
  uint32_t num;
  if (l.node & EGI_MEMBER)
    egi_members(graph, l.class, &num);
  else
    egi_parents(graph, l.class, &num);
  return num;
}

static eg_status link_rest(egi_sharing *s, uint32_t at) {
  eg_graph *graph = s->graph;
  egi_shard *mine = &s->shards[at];
  for (const egi_linking *l; (l = link_at(s, at, mine->num_links));)
    if (!enter(s, mine, *l))
      EG_TRY(egi_list_reserve(graph, at, num_entries(graph, *l) + 1));
  return EG_OK;
}

// The classes that a shard found clean.
static void note_dirty(egi_sharing *s) {
  egi_words *dirty = &s->graph->dirty;
  for (uint32_t at = 0; at < EGI_SHARDS; ++at) {
    const egi_shard *mine = &s->shards[at];
    assert(mine->num_dirty <= dirty->cap - dirty->num);
    memcpy(dirty->data + dirty->num, mine->dirty,
           mine->num_dirty * sizeof *mine->dirty);
    dirty->num += mine->num_dirty;
  }
}

eg_status egi_link_rest(egi_sharing *s) {
  eg_status status = EG_OK;
  for (uint32_t at = 0; status == EG_OK && at < EGI_SHARDS; ++at)
    status = link_rest(s, at);
  note_dirty(s);
  return status;
}

// Takes all nodes out of the lists again, last in, first out.
void egi_unlink_all(egi_sharing *s) {
  eg_graph *graph = s->graph;
  for (uint32_t at = 0; at < EGI_SHARDS; ++at)
    for (uint32_t i = s->shards[at].num_links; i--;) {
      const egi_linking *l = link_at(s, at, i);
      if (l->node & ~EGI_MEMBER)
        egi_field_shrink(graph, l->class, !(l->node & EGI_MEMBER),
                         num_entries(graph, *l) - 1);
    }
}

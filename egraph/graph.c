// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nodes, classes and the union-find over them.
//
// A new node either founds a class or joins a given one (the class of the match
// that made it): joining saves a class record and a union for every right-hand
// side that is new, four in five in the maths microbenchmark.
//
// Every step that can fail comes before the first that cannot be undone, so a
// failed call leaves the graph as it was.
#include "record.h"

//===-- Room for classes ---------------------------------------------------===//

// As many as there is room for classes.
static eg_status ups_reserve(eg_graph *graph) {
  size_t size = sizeof *graph->ups;
  if (graph->ups_cap >= graph->classes.cap)
    return EG_OK;
  uint32_t *ups = egi_resize(graph, graph->ups, graph->ups_cap * size,
                             graph->classes.cap * size);
  if (!ups)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for %zu classes",
                       graph->classes.cap);
  graph->ups = ups;
  graph->ups_cap = graph->classes.cap;
  return EG_OK;
}

eg_status egi_classes_reserve(eg_graph *graph, uint32_t num) {
  EG_TRY(EGI_RESERVE(graph, &graph->classes, num + 1));
  EG_TRY(ups_reserve(graph));
  if (graph->classes.num == 0) {
    graph->ups[0] = 0;
    graph->classes.data[graph->classes.num++] = (egi_class){0};
  }
  if (graph->classes.num >= UINT32_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^32 classes");
  if (graph->proofs)
    EG_TRY(egi_record_class(graph));
  if (graph->num_analyses)
    EG_TRY(EGI_RESERVE(graph, &graph->ranks, graph->classes.num + 1));
  for (uint32_t i = 0; i < graph->num_analyses; ++i) {
    egi_analysis *a = &graph->analyses[i];
    if (a->cap >= graph->classes.cap)
      continue;
    size_t size = a->desc.size;
    void *values =
        egi_resize(graph, a->values, a->cap * size, graph->classes.cap * size);
    if (!values)
      return egi_fail_at(graph, EG_NO_MEMORY, 0,
                         "no memory for the values of %s", a->name);
    a->values = values;
    a->cap = graph->classes.cap;
  }
  return EG_OK;
}

//===-- Adding ------------------------------------------------------------===//

void egi_mark_dirty(eg_graph *graph, uint32_t id, uint32_t bits) {
  egi_class *c = &graph->classes.data[id];
  if (!(c->meta & EGI_DIRTY)) {
    assert(graph->dirty.num < graph->dirty.cap);
    graph->dirty.data[graph->dirty.num++] = id;
  }
  c->meta |= EGI_DIRTY | bits;
}

static uint32_t last_parent(const eg_graph *graph, uint32_t id) {
  uint32_t num;
  const uint32_t *parents = egi_parents(graph, id, &num);
  return num ? parents[num - 1] : 0;
}

static void unlink_parents(eg_graph *graph, const uint32_t *children,
                           uint32_t num, uint32_t node) {
  while (num--) {
    uint32_t len;
    egi_parents(graph, children[num], &len);
    if (last_parent(graph, children[num]) == node)
      egi_field_shrink(graph, children[num], true, len - 1);
  }
}

// Whether child |i| stands among the children before it, to which |node| has
// been linked: in a wide node, the class's last parent tells.
static bool is_repeated(const eg_graph *graph, const uint32_t *children,
                        uint32_t i, uint32_t node) {
  if (i >= EGI_MAX_INLINE)
    return last_parent(graph, children[i]) == node;
  return egi_has_word(children, i, children[i]);
}

// Appends |node| to the parents of each child, once where a child repeats.
static eg_status link_parents(eg_graph *graph, const uint32_t *children,
                              uint32_t num, uint32_t node) {
  for (uint32_t i = 0; i < num; ++i) {
    if (is_repeated(graph, children, i, node))
      continue;
    eg_status status = egi_field_push(graph, children[i], true, node);
    if (status != EG_OK) {
      unlink_parents(graph, children, i, node);
      return status;
    }
  }
  return EG_OK;
}

static void leave_class(eg_graph *graph, uint32_t home, bool is_new) {
  if (is_new) {
    --graph->classes.num;
    return;
  }
  uint32_t num;
  egi_members(graph, home, &num);
  egi_field_shrink(graph, home, false, num - 1);
}

// Gives |node| its class: |*home|, or a new one where that is 0.
static eg_status enter_class(eg_graph *graph, uint32_t node, uint32_t op,
                             uint32_t *home) {
  bool is_new = *home == 0;
  if (is_new) {
    EG_TRY(egi_classes_reserve(graph, 1));
    *home = (uint32_t)graph->classes.num++;
    egi_class_found(graph, *home, node, op);
    if (graph->proofs)
      graph->proofs->founders.data[*home] = node;
  } else {
    EG_TRY(egi_field_push(graph, *home, false, node));
  }
  egi_record(graph, node)[0] = *home;
  if (!graph->num_analyses)
    return EG_OK;
  eg_status status = egi_values_enter(graph, node, *home, is_new);
  if (status != EG_OK)
    leave_class(graph, *home, is_new);
  return status;
}

// Writes the key of a node that is not live yet.
static void write_key(eg_graph *graph, uint32_t node, const uint32_t *key,
                      uint32_t num, uint32_t list) {
  uint32_t *record = egi_record(graph, node);
  egi_copy(list ? graph->lists.data + list + 1 : record + 1, key, num);
  if (list)
    record[1] = list;
}

eg_status egi_node_new(eg_graph *graph, uint64_t hash, uint32_t op,
                       const uint32_t *key, uint32_t num, uint32_t home,
                       uint32_t *out_node) {
  uint32_t start = egi_key_start(graph, op);
  bool is_new = home == 0;
  uint32_t node, list = 0;
  EG_TRY(EGI_RESERVE(graph, &graph->dirty, 1));
  EG_TRY(EGI_RESERVE(graph, &graph->analysis_queue, 1));
  EG_TRY(egi_undo_op(graph, op));
  EG_TRY(egi_undo_reserve(graph, 0));
  EG_TRY(egi_slot_peek(graph, op, &node));
  bool is_old_page = egi_undo_is_old(graph, node);
  if (graph->ops.data[op].wide)
    EG_TRY(egi_list_create(graph, 0, num, &list));
  bool reused = graph->ops.data[op].free == node;
  uint32_t next_free = reused ? egi_record(graph, node)[0] : 0;
  write_key(graph, node, key, num, list);
  // Parents first: making the values may need them.
  eg_status status = link_parents(graph, key + start, num - start, node);
  if (status == EG_OK) {
    status = enter_class(graph, node, op, &home);
    if (status != EG_OK)
      unlink_parents(graph, key + start, num - start, node);
  }
  if (status != EG_OK) {
    egi_list_free(graph, 0, list);
    egi_record(graph, node)[0] = next_free;
    return status;
  }
  egi_slot_take(graph, op, node, next_free);
  egi_subsume_forget(graph, node);
  egi_note_node(graph, node);
  egi_table_insert(graph, hash, node);
  if (is_old_page)
    egi_undo_born(graph, node);
  if (is_new) {
    ++graph->num_classes;
  } else {
    graph->classes.data[home].meta |= egi_op_bit(op);
    egi_mark_dirty(graph, home, EGI_DIRTY_MEMBERS);
    egi_note_class(graph, home);
  }
  *out_node = node;
  return EG_OK;
}

static eg_status check_term(eg_graph *graph, eg_op op, eg_payload payload,
                            const eg_class *children, uint32_t num) {
  if (op.id >= graph->ops.num)
    return egi_fail_at(graph, EG_INVALID, 0, "operator id %u is unknown",
                       op.id);
  const egi_op *o = &graph->ops.data[op.id];
  if (o->num_children == EG_VARIADIC && num < o->num_leading)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "'%s' takes at least %u children, not %u", o->name,
                       (unsigned)o->num_leading, (unsigned)num);
  if (o->num_children != EG_VARIADIC && o->num_children != num)
    return egi_fail_at(graph, EG_INVALID, 0, "'%s' takes %u children, not %u",
                       o->name, (unsigned)o->num_children, (unsigned)num);
  if (num >> (EGI_LEN_BITS - 1))
    return egi_fail_at(graph, EG_LIMIT, 0, "'%s' with %u children", o->name,
                       (unsigned)num);
  if (o->has_payload != (payload.id != 0) ||
      (payload.id && payload.id >= graph->payloads.num))
    return egi_fail_at(graph, EG_INVALID, 0, "'%s' %s payload", o->name,
                       o->has_payload ? "needs a" : "takes no");
  for (uint32_t i = 0; i < num; ++i) {
    if (!egi_is_class(graph, children[i].id))
      return egi_fail_at(graph, EG_INVALID, 0,
                         "child %u of '%s' is no class: id %u", (unsigned)i,
                         o->name, (unsigned)children[i].id);
    uint8_t want = egi_child_sort(o, i);
    uint8_t have = egi_sort_of(graph, children[i].id);
    if (want != have)
      return egi_fail_at(graph, EG_INVALID, 0,
                         "child %u of '%s' is a %s, not a %s", (unsigned)i,
                         o->name, graph->sorts.data[have],
                         graph->sorts.data[want]);
  }
  return EG_OK;
}

// The origins of a new node; the children's founders unless they are given.
static eg_status add_recorded(eg_graph *graph, uint32_t op, uint64_t hash,
                              const uint32_t *key, uint32_t num,
                              const eg_class *children, const uint32_t *origins,
                              uint32_t *out_node) {
  egi_proofs *p = graph->proofs;
  uint32_t start = egi_key_start(graph, op), num_children = num - start;
  EG_TRY(egi_record_reserve(graph, num));
  if (!origins) {
    p->scratch.num = 0;
    EG_TRY(EGI_RESERVE(graph, &p->scratch, (size_t)num_children + 1));
    for (uint32_t i = 0; i < num_children; ++i)
      p->scratch.data[i] = p->founders.data[children[i].id];
    origins = p->scratch.data;
  }
  uint32_t payload = start ? key[0] : 0;
  EG_TRY(egi_node_new(graph, hash, op, key, num, 0, out_node));
  egi_record_node(graph, *out_node, payload, origins, num_children);
  return EG_OK;
}

eg_status egi_add(eg_graph *graph, eg_op op, eg_payload payload,
                  const eg_class *children, const uint32_t *origins,
                  uint32_t num_children, uint32_t *out_node) {
  uint32_t start = egi_key_start(graph, op.id), num = start + num_children;
  uint32_t small[EGI_MAX_INLINE], *key = small;
  if (num > EGI_MAX_INLINE) {
    graph->key_scratch.num = 0;
    EG_TRY(EGI_RESERVE(graph, &graph->key_scratch, num));
    key = graph->key_scratch.data;
  }
  if (start)
    key[0] = payload.id;
  for (uint32_t i = 0; i < num_children; ++i)
    key[start + i] = egi_find_halving(graph, children[i].id);
  uint64_t hash = egi_hash(op.id, key, num);
  *out_node = egi_table_find(graph, hash, op.id, key, num);
  if (*out_node)
    return EG_OK;
  EG_TRY(egi_table_reserve(graph, 1));
  if (graph->proofs)
    return add_recorded(graph, op.id, hash, key, num, children, origins,
                        out_node);
  return egi_node_new(graph, hash, op.id, key, num, 0, out_node);
}

eg_status eg_add(eg_graph *graph, eg_op op, eg_payload payload,
                 const eg_class *children, uint32_t num_children,
                 eg_class *out_class) {
  uint32_t node;
  EG_TRY(check_term(graph, op, payload, children, num_children));
  EG_TRY(egi_add(graph, op, payload, children, NULL, num_children, &node));
  *out_class = (eg_class){egi_find(graph, egi_record(graph, node)[0])};
  return EG_OK;
}

typedef struct child_list {
  EGI_ARRAY(eg_class) classes;
  egi_words nodes;
} child_list;

static eg_status add_pnode(eg_graph *graph, const egi_pattern *pattern,
                           const egi_pnode *n, const uint32_t *nodes,
                           child_list *children, uint32_t *out_node) {
  EG_TRY(EGI_RESERVE(graph, &children->classes, (size_t)n->num + 1));
  EG_TRY(EGI_RESERVE(graph, &children->nodes, (size_t)n->num + 1));
  for (uint32_t k = 0; k < n->num; ++k) {
    uint32_t child = nodes[pattern->args.data[n->first + k]];
    children->nodes.data[k] = child;
    children->classes.data[k] = eg_node_class(graph, (eg_node){child});
  }
  return egi_add(graph, (eg_op){n->op}, (eg_payload){n->payload},
                 children->classes.data, children->nodes.data, n->num,
                 out_node);
}

eg_status egi_add_pattern(eg_graph *graph, const egi_pattern *pattern,
                          uint32_t *out_nodes) {
  child_list children = {0};
  eg_status status = EG_OK;
  for (size_t i = 0; i < pattern->nodes.num && status == EG_OK; ++i)
    status = add_pnode(graph, pattern, &pattern->nodes.data[i], out_nodes,
                       &children, &out_nodes[i]);
  EGI_RELEASE(graph, &children.classes);
  EGI_RELEASE(graph, &children.nodes);
  return status;
}

eg_status eg_lookup_node(const eg_graph *graph, eg_op op, eg_payload payload,
                         const eg_class *children, uint32_t num_children,
                         eg_node *out_node) {
  if (op.id >= graph->ops.num)
    return EG_INVALID;
  for (uint32_t i = 0; i < num_children; ++i)
    if (!egi_is_class(graph, children[i].id))
      return EG_INVALID;
  uint32_t node = egi_table_find_stale(
      graph, op.id, payload.id, (const uint32_t *)children, num_children);
  if (!node)
    return EG_NOT_FOUND;
  *out_node = (eg_node){node};
  return EG_OK;
}

eg_status eg_lookup(const eg_graph *graph, eg_op op, eg_payload payload,
                    const eg_class *children, uint32_t num_children,
                    eg_class *out_class) {
  eg_node node;
  EG_TRY(eg_lookup_node(graph, op, payload, children, num_children, &node));
  *out_class = eg_node_class(graph, node);
  return EG_OK;
}

//===-- Merging -----------------------------------------------------------===//

static uint32_t weight(const eg_graph *graph, uint32_t id) {
  uint32_t members, parents;
  egi_members(graph, id, &members);
  egi_parents(graph, id, &parents);
  return members + parents;
}

// Moves the members of |loser| to |winner|; room in lists was made. Whoever
// moves lands in a list at least twice as long, or is outweighed by parents:
// O(log n) moves each.
static eg_status move_members(eg_graph *graph, uint32_t winner,
                              uint32_t loser) {
  uint32_t num, have;
  const uint32_t *moved = egi_members(graph, loser, &num);
  EG_TRY(egi_undo_reserve(graph, (size_t)num * 3));
  EG_TRY(egi_field_append(graph, winner, false, moved, num));
  const uint32_t *members = egi_members(graph, winner, &have);
  for (uint32_t i = have - num; i < have; ++i) {
    if (egi_undo_is_old(graph, members[i]))
      egi_undo_moved(graph, members[i]);
    egi_record(graph, members[i])[0] = winner;
    egi_note_node(graph, members[i]);
  }
  egi_note_class(graph, winner);
  egi_field_shrink(graph, loser, false, 0);
  return EG_OK;
}

static eg_status merge_reserve(eg_graph *graph, uint32_t winner,
                               uint32_t loser) {
  uint32_t num, have;
  egi_members(graph, winner, &have);
  egi_members(graph, loser, &num);
  if ((num + have) >> EGI_LEN_BITS)
    return egi_fail_at(graph, EG_LIMIT, 0, "a class of %u nodes",
                       (unsigned)(num + have));
  EG_TRY(EGI_RESERVE(graph, &graph->lists,
                     egi_lists_growth(2 * ((size_t)num + have) + 16)));
  EG_TRY(EGI_RESERVE(graph, &graph->losers, 1));
  EG_TRY(EGI_RESERVE(graph, &graph->dirty, 1));
  EG_TRY(EGI_RESERVE(graph, &graph->analysis_queue, 1));
  EG_TRY(egi_undo_class(graph, winner));
  return egi_undo_class(graph, loser);
}

eg_status egi_merge(eg_graph *graph, uint32_t a, uint32_t b) {
  uint32_t weight_a = weight(graph, a), weight_b = weight(graph, b);
  bool a_wins = weight_a != weight_b ? weight_a > weight_b : a < b;
  uint32_t winner = a_wins ? a : b, loser = a_wins ? b : a;
  EG_TRY(merge_reserve(graph, winner, loser));
  bool winner_changed = false, loser_changed = false;
  if (graph->num_analyses)
    EG_TRY(
        egi_values_join(graph, winner, loser, &winner_changed, &loser_changed));
  EG_TRY(move_members(graph, winner, loser));
  egi_class *w = &graph->classes.data[winner];
  egi_class *l = &graph->classes.data[loser];
  graph->ups[loser] = winner;
  w->meta |= l->meta >> EGI_OPS_SHIFT << EGI_OPS_SHIFT;
  if (loser_changed)
    l->meta |= EGI_LOST_VALUE;
  graph->losers.data[graph->losers.num++] = loser;
  --graph->num_classes;
  egi_mark_dirty(graph, winner, EGI_DIRTY_MEMBERS);
  // A loser that won before (it is dirty) has parents in the lists of classes
  // that did not lose a value to it: only the whole winner reaches them all.
  if (winner_changed || (loser_changed && (l->meta & EGI_DIRTY_MEMBERS)))
    egi_mark_changed(graph, winner);
  return EG_OK;
}

eg_status eg_union_as(eg_graph *graph, eg_class a, eg_class b,
                      const char *label, bool *out_changed) {
  if (!graph->proofs || !label)
    return eg_union(graph, a, b, out_changed);
  eg_payload payload;
  EG_TRY(eg_payload_intern(graph, label, strlen(label), &payload));
  graph->proofs->label = payload.id;
  eg_status status = eg_union(graph, a, b, out_changed);
  graph->proofs->label = 0;
  return status;
}

eg_status eg_union(eg_graph *graph, eg_class a, eg_class b, bool *out_changed) {
  if (out_changed)
    *out_changed = false;
  if (!egi_is_class(graph, a.id) || !egi_is_class(graph, b.id))
    return egi_fail_at(graph, EG_INVALID, 0, "union of ids %u and %u: no class",
                       (unsigned)a.id, (unsigned)b.id);
  uint32_t ra = egi_find_halving(graph, a.id);
  uint32_t rb = egi_find_halving(graph, b.id);
  if (ra == rb)
    return EG_OK;
  if (egi_sort_of(graph, ra) != egi_sort_of(graph, rb))
    return egi_fail_at(graph, EG_INVALID, 0, "union of a %s and a %s",
                       graph->sorts.data[egi_sort_of(graph, ra)],
                       graph->sorts.data[egi_sort_of(graph, rb)]);
  if (graph->proofs)
    EG_TRY(egi_record_union(graph, a, b));
  else
    EG_TRY(egi_merge(graph, ra, rb));
  if (out_changed)
    *out_changed = true;
  return EG_OK;
}

//===-- Reading -----------------------------------------------------------===//

eg_class eg_find(const eg_graph *graph, eg_class id) {
  return (eg_class){egi_is_class(graph, id.id) ? egi_find(graph, id.id) : 0};
}

uint64_t eg_num_nodes(const eg_graph *graph) {
  return graph->num_nodes;
}

uint64_t eg_num_classes(const eg_graph *graph) {
  return graph->num_classes;
}

eg_class eg_class_next(const eg_graph *graph, eg_class after) {
  for (uint32_t id = after.id + 1; id < graph->classes.num; ++id)
    if (egi_is_root(graph, id))
      return (eg_class){id};
  return (eg_class){0};
}

eg_sort eg_class_sort(const eg_graph *graph, eg_class id) {
  return (eg_sort){egi_sort_of(graph, id.id)};
}

const eg_node *eg_class_nodes(const eg_graph *graph, eg_class id,
                              uint32_t *out_count) {
  return (const eg_node *)egi_members(graph, egi_find(graph, id.id), out_count);
}

const eg_node *eg_class_parents(const eg_graph *graph, eg_class id,
                                uint32_t *out_count) {
  return (const eg_node *)egi_parents(graph, egi_find(graph, id.id), out_count);
}

eg_op eg_node_op(const eg_graph *graph, eg_node node) {
  return (eg_op){egi_op_of(graph, node.id)};
}

eg_payload eg_node_payload(const eg_graph *graph, eg_node node) {
  uint32_t num;
  const uint32_t *key = egi_key(graph, node.id, &num);
  bool has = egi_key_start(graph, egi_op_of(graph, node.id));
  return (eg_payload){has ? key[0] : 0};
}

eg_class eg_node_class(const eg_graph *graph, eg_node node) {
  return (eg_class){egi_find(graph, egi_record(graph, node.id)[0])};
}

const eg_class *eg_node_children(const eg_graph *graph, eg_node node,
                                 uint32_t *out_count) {
  uint32_t num, start = egi_key_start(graph, egi_op_of(graph, node.id));
  const uint32_t *key = egi_key(graph, node.id, &num);
  *out_count = num - start;
  return (const eg_class *)(key + start);
}

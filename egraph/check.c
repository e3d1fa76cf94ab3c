// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The invariant walker: everything that must hold of a clean graph, checked
// from the data alone. README.md numbers the invariants I1 … I9.
#include "internal.h"

// What the nodes say about each class; compared with what the class says.
typedef struct tally {
  uint64_t parents_sum; // of mix(node) over the nodes that have it as a child
  uint32_t parents;     // their number
  uint32_t members;
  bool seen; // scratch: a child of the node at hand
} tally;

typedef struct walk {
  eg_graph *graph;
  tally *tallies;
} walk;

static uint64_t mix(uint32_t node) {
  uint64_t z = node * UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  return z ^ z >> 27;
}

#define REQUIRE(graph, condition, ...)                                         \
  do {                                                                         \
    if (!(condition))                                                          \
      return egi_fail_at((graph), EG_INVALID, 0, __VA_ARGS__);                 \
  } while (0)

// I1: every chain of the union-find ends in a root, and the roots are counted.
static eg_status check_unionfind(const walk *w) {
  eg_graph *g = w->graph;
  uint64_t roots = 0;
  for (uint32_t id = 1; id < g->classes.num; ++id) {
    uint32_t up = id;
    for (size_t steps = 0; g->ups[up] != up; ++steps) {
      up = g->ups[up];
      REQUIRE(g, egi_is_class(g, up) && steps < g->classes.num,
              "I1: class %u does not lead to a root", (unsigned)id);
    }
    roots += up == id;
  }
  REQUIRE(g, roots == g->num_classes, "I1: %llu roots, counted %llu",
          (unsigned long long)roots, (unsigned long long)g->num_classes);
  return EG_OK;
}

static eg_status check_children(const walk *w, uint32_t node,
                                const uint32_t *children, uint32_t num) {
  eg_graph *g = w->graph;
  const egi_op *op = &g->ops.data[egi_op_of(g, node)];
  for (uint32_t k = 0; k < num; ++k) {
    uint32_t c = children[k];
    REQUIRE(g, egi_is_class(g, c) && egi_is_root(g, c),
            "I2: child %u of node %u is not canonical", (unsigned)k,
            (unsigned)node);
    REQUIRE(g, egi_sort_of(g, c) == egi_child_sort(op, k),
            "I3: child %u of node %u has another sort", (unsigned)k,
            (unsigned)node);
    if (w->tallies[c].seen)
      continue;
    w->tallies[c].seen = true;
    ++w->tallies[c].parents;
    w->tallies[c].parents_sum += mix(node);
  }
  for (uint32_t k = 0; k < num; ++k)
    w->tallies[children[k]].seen = false;
  return EG_OK;
}

// I2: a live node is canonical and the only one with its key. I3: sorts agree.
static eg_status check_node(const walk *w, uint32_t node) {
  eg_graph *g = w->graph;
  uint32_t op = egi_op_of(g, node), num, start = egi_key_start(g, op);
  const uint32_t *key = egi_key(g, node, &num);
  uint32_t home = egi_record(g, node)[0];
  REQUIRE(g, egi_is_class(g, home) && egi_is_root(g, home),
          "I2: the class of node %u is not canonical", (unsigned)node);
  REQUIRE(g, egi_sort_of(g, home) == g->ops.data[op].result.id,
          "I3: node %u has another sort than its class", (unsigned)node);
  EG_TRY(check_children(w, node, key + start, num - start));
  uint32_t found = egi_table_find(g, egi_hash(op, key, num), op, key, num);
  REQUIRE(g, found == node, "I2: node %u has its key in the table as node %u",
          (unsigned)node, (unsigned)found);
  ++w->tallies[home].members;
  return EG_OK;
}

static eg_status check_nodes(const walk *w) {
  eg_graph *g = w->graph;
  uint64_t live = 0;
  for (uint32_t page = 1; page < g->pages.num; ++page)
    for (uint32_t slot = 0; slot < EGI_PAGE_SLOTS; ++slot) {
      uint32_t node = page << EGI_PAGE_BITS | slot;
      if (!egi_is_live(g, node))
        continue;
      REQUIRE(g, slot < g->pages.data[page].used,
              "I4: node %u was never handed out", (unsigned)node);
      EG_TRY(check_node(w, node));
      ++live;
    }
  REQUIRE(g, live == g->num_nodes && live == g->table.num,
          "I4: %llu live nodes, counted %llu, in the table %u",
          (unsigned long long)live, (unsigned long long)g->num_nodes,
          (unsigned)g->table.num);
  return EG_OK;
}

// I4: slots of an operator are live, or free exactly once.
static eg_status check_op(const walk *w, uint32_t op_id) {
  eg_graph *g = w->graph;
  const egi_op *op = &g->ops.data[op_id];
  uint64_t used = 0, live = 0, unused = 0;
  for (uint32_t page = op->first_page; page; page = g->pages.data[page].next) {
    REQUIRE(g, g->pages.data[page].op == op_id, "I4: page %u is not of '%s'",
            (unsigned)page, op->name);
    used += g->pages.data[page].used;
    for (uint32_t i = 0; i < 4; ++i)
      for (uint64_t bits = g->live.data[4 * page + i]; bits; bits &= bits - 1)
        ++live;
  }
  for (uint32_t node = op->free; node; node = egi_record(g, node)[0]) {
    REQUIRE(g,
            egi_op_of(g, node) == op_id && !egi_is_live(g, node) &&
                ++unused <= used,
            "I4: the free list of '%s' is broken at node %u", op->name,
            (unsigned)node);
  }
  // A level keeps slots that died, and what was free before it; proofs all.
  bool keeps = g->undo.serial || g->proofs;
  bool all = keeps ? live + unused <= used : live + unused == used;
  REQUIRE(g, live == op->num_live && all,
          "I4: '%s' has %llu live and %llu free of %llu slots, counted %u",
          op->name, (unsigned long long)live, (unsigned long long)unused,
          (unsigned long long)used, (unsigned)op->num_live);
  return EG_OK;
}

// I5: members are live, of this class, sorted, and known to the operator bits.
// I6: parents are the nodes with this child, each once.
static eg_status check_class(const walk *w, uint32_t id) {
  eg_graph *g = w->graph;
  const egi_class *c = &g->classes.data[id];
  uint32_t num;
  const uint32_t *members = egi_members(g, id, &num);
  REQUIRE(g, num == w->tallies[id].members && num > 0,
          "I5: class %u lists %u of %u members", (unsigned)id, (unsigned)num,
          (unsigned)w->tallies[id].members);
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t n = members[i], op = egi_op_of(g, n);
    REQUIRE(g,
            egi_is_live(g, n) && egi_record(g, n)[0] == id &&
                (c->meta & egi_op_bit(op)),
            "I5: member %u of class %u", (unsigned)n, (unsigned)id);
    uint32_t last = i ? members[i - 1] : 0;
    REQUIRE(g,
            i == 0 || egi_op_of(g, last) < op ||
                (egi_op_of(g, last) == op && last < n),
            "I5: members of class %u are not sorted", (unsigned)id);
  }
  const uint32_t *parents = egi_parents(g, id, &num);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < num; ++i) {
    REQUIRE(g, egi_is_live(g, parents[i]), "I6: parent %u of class %u is dead",
            (unsigned)parents[i], (unsigned)id);
    sum += mix(parents[i]);
  }
  REQUIRE(g, num == w->tallies[id].parents && sum == w->tallies[id].parents_sum,
          "I6: class %u lists %u parents, %u nodes name it", (unsigned)id,
          (unsigned)num, (unsigned)w->tallies[id].parents);
  REQUIRE(g,
          !(c->meta & (EGI_DIRTY | EGI_DIRTY_MEMBERS | EGI_DIRTY_PARENTS |
                       EGI_QUEUED | EGI_LOST_VALUE)),
          "I5: class %u of a clean graph is marked", (unsigned)id);
  return EG_OK;
}

// I9: every list in use is named once: by a class field or by a wide node.
static eg_status check_lists(const walk *w) {
  eg_graph *g = w->graph;
  uint64_t used, named = 0;
  for (uint32_t id = 1; id < g->classes.num; ++id) {
    const egi_class *c = &g->classes.data[id];
    named += c->members && !(c->meta & EGI_ONE_MEMBER);
    named += c->parents && !(c->meta & EGI_ONE_PARENT);
  }
  for (uint32_t op = 0; op < g->ops.num; ++op)
    named += g->ops.data[op].wide ? g->ops.data[op].num_live : 0;
  REQUIRE(g, egi_lists_count(g, &used), "I9: the list arena is torn");
  REQUIRE(g, g->undo.serial ? used >= named : used == named,
          "I9: %llu lists in use, %llu named", (unsigned long long)used,
          (unsigned long long)named);
  return EG_OK;
}

// Adds |by| to the overflow counts that the keys in the table account for, so
// that +1 and -1 in turn leave the table as it was.
static void count_overflow(eg_graph *g, uint32_t by, bool *out_zero) {
  egi_table *t = &g->table;
  for (uint32_t i = 0; i < t->num_groups; ++i)
    for (uint32_t s = 0; s < EGI_GROUP_SLOTS; ++s) {
      uint32_t node = t->groups[i].nodes[s], num;
      if (!t->groups[i].tags[s])
        continue;
      const uint32_t *key = egi_key(g, node, &num);
      uint64_t hash = egi_hash(egi_op_of(g, node), key, num);
      uint32_t at = egi_table_group(t, hash);
      for (; at != i; at = at + 1 == t->num_groups ? 0 : at + 1)
        t->groups[at].overflow += by;
    }
  *out_zero = true;
  for (uint32_t i = 0; i < t->num_groups; ++i)
    *out_zero &= t->groups[i].overflow == 0;
}

// I7: the groups of the hashcons hold as many nodes as it counts, and each counts
// exactly the keys that went past it.
static eg_status check_table(const walk *w) {
  const egi_table *t = &w->graph->table;
  uint32_t held = 0;
  bool exact, ignored;
  for (uint32_t i = 0; i < t->num_groups; ++i)
    for (uint32_t s = 0; s < EGI_GROUP_SLOTS; ++s)
      held += t->groups[i].tags[s] != 0;
  REQUIRE(w->graph, held == t->num, "I7: the table holds %u nodes, not %u",
          (unsigned)held, (unsigned)t->num);
  count_overflow(w->graph, UINT32_MAX, &exact);
  count_overflow(w->graph, 1, &ignored);
  REQUIRE(w->graph, exact, "I7: the overflow counts of the table are wrong");
  return EG_OK;
}

// I8: the value of a class is at least the value of each of its nodes.
static eg_status check_values(const walk *w) {
  eg_graph *g = w->graph;
  for (uint32_t id = 1; g->num_analyses && id < g->classes.num; ++id) {
    uint32_t num;
    if (!egi_is_root(g, id))
      continue;
    const uint32_t *members = egi_members(g, id, &num);
    EG_TRY(EGI_RESERVE(g, &g->analysis_queue, 1));
    for (uint32_t i = 0; i < num; ++i)
      EG_TRY(egi_analyse(g, members[i]));
    bool changed = g->classes.data[id].meta & EGI_QUEUED;
    g->classes.data[id].meta &= ~(uint32_t)EGI_QUEUED;
    g->analysis_queue.num = 0;
    REQUIRE(g, !changed, "I8: class %u had not the join of its nodes' values",
            (unsigned)id);
  }
  return EG_OK;
}

static eg_status walk_all(const walk *w) {
  eg_graph *g = w->graph;
  EG_TRY(check_unionfind(w));
  EG_TRY(check_nodes(w));
  for (uint32_t op = 0; op < g->ops.num; ++op)
    EG_TRY(check_op(w, op));
  for (uint32_t id = 1; id < g->classes.num; ++id)
    if (egi_is_root(g, id))
      EG_TRY(check_class(w, id));
  EG_TRY(check_table(w));
  EG_TRY(check_lists(w));
  return check_values(w);
}

eg_status eg_check(eg_graph *graph) {
  if (!eg_is_clean(graph))
    return egi_fail_at(graph, EG_INVALID, 0, "check before eg_rebuild");
  size_t size = (graph->classes.num + 1) * sizeof(tally);
  walk w = {graph, egi_resize(graph, NULL, 0, size)};
  if (!w.tallies)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for the check");
  memset(w.tallies, 0, size);
  eg_status status = walk_all(&w);
  egi_resize(graph, w.tallies, size, 0);
  return status;
}

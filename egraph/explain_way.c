// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way between two nodes in the forest of equalities.
//
// It is shortened greedily (O. Flatt et al., "Small proofs from congruence
// closure", 2022): two nodes on it of the same operator may be congruent by a way
// that costs less than what lies between them.
#include "explain.h"

//===-- Ways in the forest ------------------------------------------------===//

static uint32_t next_of(const eg_graph *graph, uint32_t node) {
  return graph->proofs->reasons.data[node] ? *egi_record_next(graph, node) : 0;
}

eg_status egi_explain_begin(eg_graph *graph) {
  egi_proofs *p = graph->proofs;
  size_t slots = graph->pages.num << EGI_PAGE_BITS, old = p->marks.cap;
  EG_TRY(EGI_RESERVE(graph, &p->marks, slots));
  if (p->marks.cap > old)
    memset(p->marks.data + old, 0, (p->marks.cap - old) * sizeof(uint32_t));
  return EG_OK;
}

static uint32_t new_marks(egi_proofs *p) {
  if (p->mark >= UINT32_MAX - 2) {
    memset(p->marks.data, 0, p->marks.cap * sizeof(uint32_t));
    p->mark = 0;
  }
  return p->mark += 2;
}

// One step up from |*node|; whether that is where the other way has been.
static bool climb(eg_graph *graph, uint32_t *node, uint32_t own,
                  uint32_t other) {
  uint32_t *marks = graph->proofs->marks.data, next = next_of(graph, *node);
  if (!next)
    return false;
  *node = next;
  bool met = marks[next] == other;
  marks[next] = met ? other : own;
  return met;
}

// Where the ways from |x| and |y| to the root meet; they are in one tree. Both
// are walked in turn: the cost is their distance, however deep they stand.
static uint32_t meet(eg_graph *graph, uint32_t x, uint32_t y) {
  egi_proofs *p = graph->proofs;
  uint32_t mark_x = new_marks(p), mark_y = mark_x + 1;
  if (x == y)
    return x;
  p->marks.data[x] = mark_x;
  p->marks.data[y] = mark_y;
  while (next_of(graph, x) || next_of(graph, y)) {
    if (climb(graph, &x, mark_x, mark_y))
      return x;
    if (climb(graph, &y, mark_y, mark_x))
      return y;
  }
  return 0;
}

// The length of the way from |node| up to |top|, and the latest fact on it.
static uint32_t measure(const eg_graph *graph, uint32_t node, uint32_t top,
                        uint32_t *latest) {
  const uint32_t *reasons = graph->proofs->reasons.data;
  uint32_t length = 0;
  for (; node != top; node = next_of(graph, node), ++length)
    if (reasons[node] > *latest)
      *latest = reasons[node];
  return length;
}

uint32_t egi_explain_since(egi_builder *b, uint32_t x, uint32_t y) {
  uint32_t top = meet(b->graph, x, y), latest = 0;
  if (!top)
    return UINT32_MAX;
  b->effort += measure(b->graph, x, top, &latest);
  b->effort += measure(b->graph, y, top, &latest);
  return latest;
}

eg_status egi_explain_way(egi_builder *b, uint32_t x, uint32_t y) {
  uint32_t top = meet(b->graph, x, y), latest = 0;
  if (!top)
    return egi_fail_at(b->graph, EG_INVALID, 0,
                       "the proofs do not connect two nodes of a class");
  uint32_t length =
      measure(b->graph, x, top, &latest) + measure(b->graph, y, top, &latest);
  b->path.num = 0;
  EG_TRY(EGI_RESERVE(b->graph, &b->path, (size_t)length + 1));
  b->path.num = (size_t)length + 1;
  uint32_t at = 0, back = length;
  for (; x != top; x = next_of(b->graph, x))
    b->path.data[at++] = x;
  for (; y != top; y = next_of(b->graph, y))
    b->path.data[back--] = y;
  b->path.data[at] = top;
  return EG_OK;
}

uint32_t egi_explain_place(const eg_graph *graph, uint32_t x, uint32_t y) {
  const uint32_t *reasons = graph->proofs->reasons.data;
  return next_of(graph, x) == y ? reasons[x] : reasons[y];
}

//===-- Shortening --------------------------------------------------------===//

enum {
  REACH = 24,        // how far apart two nodes may be that are compared
  EFFORT = 10000000, // steps in the forest that a proof is worth, for that
};

static bool are_equal(const eg_graph *graph, uint32_t x, uint32_t y) {
  return egi_find(graph, egi_record(graph, x)[0]) ==
         egi_find(graph, egi_record(graph, y)[0]);
}

// What it costs to go from |x| to |y| by congruence, in edges of the forest;
// UINT32_MAX where that is impossible, or would rest on facts that are not
// older than |latest|.
static uint32_t jump_cost(egi_builder *b, uint32_t x, uint32_t y,
                          uint32_t latest) {
  eg_graph *graph = b->graph;
  uint32_t num_x, num_y, cost = 0, newest = 0;
  const uint32_t *a = egi_record_origins(graph, x, &num_x);
  const uint32_t *c = egi_record_origins(graph, y, &num_y);
  uint16_t op = egi_op_of(graph, x);
  if (op != egi_op_of(graph, y) || num_x != num_y || b->effort > EFFORT ||
      (egi_key_start(graph, op) && a[-1] != c[-1]))
    return UINT32_MAX;
  for (uint32_t k = 0; k < num_x; ++k)
    if (!are_equal(graph, a[k], c[k]))
      return UINT32_MAX;
  for (uint32_t k = 0; k < num_x; ++k) {
    uint32_t top = meet(graph, a[k], c[k]);
    if (!top)
      return UINT32_MAX;
    cost += measure(graph, a[k], top, &newest);
    cost += measure(graph, c[k], top, &newest);
    if (newest >= latest)
      return UINT32_MAX;
  }
  b->effort += (uint64_t)cost + num_x;
  return cost;
}

static uint32_t edge_cost(egi_builder *b, uint32_t x, uint32_t y,
                          uint32_t place) {
  if (b->graph->proofs->facts.data[place] != EGI_CONGRUENT)
    return 1;
  uint32_t cost = jump_cost(b, x, y, UINT32_MAX);
  return cost == UINT32_MAX ? 1 : cost;
}

// The cheapest way over the nodes of b->path, by edges and by jumps between
// them; |best| has a cost and a next position for each.
static void relax(egi_builder *b, uint32_t i, uint32_t *costs,
                  uint32_t *nexts) {
  const eg_graph *graph = b->graph;
  const uint32_t *path = b->path.data;
  uint32_t length = (uint32_t)b->path.num, latest = 0;
  for (uint32_t k = i + 1; k < length && k <= i + REACH; ++k) {
    uint32_t place = egi_explain_place(graph, path[k - 1], path[k]);
    latest = place > latest ? place : latest;
    uint32_t cost = k == i + 1 ? edge_cost(b, path[i], path[k], place)
                               : jump_cost(b, path[i], path[k], latest);
    if (cost == UINT32_MAX || costs[k] > UINT32_MAX - 1 - cost)
      continue;
    if (k == i + 1 || costs[k] + cost < costs[i]) {
      costs[i] = costs[k] + cost;
      nexts[i] = k;
    }
  }
}

eg_status egi_explain_shorten(egi_builder *b, egi_words *out) {
  uint32_t length = (uint32_t)b->path.num;
  EG_TRY(EGI_RESERVE(b->graph, out, 2 * (size_t)length));
  uint32_t *costs = out->data, *nexts = out->data + length;
  costs[length - 1] = 0;
  for (uint32_t i = length - 1; i--;)
    relax(b, i, costs, nexts);
  return EG_OK;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Presolve: a smaller net that poses the same question. Each round marks what a
// rule can spare and copies the rest; rounds go on until nothing is spared.
//
// Why each rule keeps an optimal choice (costs >= 0; "needs" as in
// extract_needs.c; an edge is spared, its class is not):
//   CYCLES     n of c has a child that needs c: no finite term uses n.
//   DOMINATED  m of the same class costs no more than n, and every child of m
//              is a child of n or needed by one: where n is chosen these are
//              paid and lie below, so m may stand there instead.
//   IMPLIED    n -> d where another child e of n needs d: d is reached through
//              e, and a cycle through n -> d goes through e as well.
//   FORCED     a class that a root needs is made a root; an edge to a root adds
//              no cost, and no cycle unless both lie in one component.
//   FREE       a class with a node that costs 0 and needs nothing takes it.
//   PULL       a class used by nodes of one class alone is paid when one of them
//              is chosen: its least cost may be paid there. That of a root is
//              paid for certain: it goes into the offset.
//   CONTRACT   a class with one node, which costs 0, is as good as its children.
//   BOUND      least costs of everything that n and the roots need already add
//              up to the best DAG cost known.
#include "extract_internal.h"

#include <math.h>

enum {
  MAX_NEEDS_CLASSES = 16384, // 32 MiB of bits
  MAX_PAIRS = 1 << 22,       // of nodes compared in one class
  PAIRS_PER_WORK = 8,
  MAX_ROUNDS = 64,
};

typedef struct presolve {
  egi_arena *arena;  // of the nets, which survive
  egi_arena scratch; // of one rule
  eg_extraction *x;
  uint32_t mask;
  double known;
  egi_reduced *out;
  egi_net *net; // the current one; its origins are the base's own numbers
  uint8_t *keep, *keep_edge;
  double *costs;
  uint32_t *roots; // of the current net, with room for all classes
  uint32_t num_roots;
  uint8_t *is_root;
  egi_needs needs; // bits NULL: too many classes
  uint32_t *component;
  uint32_t *stamp, now;
  uint32_t spared; // in this round
} presolve;

// Any rule may stop after any node: what it has marked is true by itself.
static bool spend(presolve *s, uint64_t work) {
  return eg_extraction_work(s->x, work);
}

static bool has(const presolve *s, uint32_t rule) {
  return s->mask & rule;
}

static void drop_node(presolve *s, uint32_t node) {
  s->spared += s->keep[node];
  s->keep[node] = 0;
}

static void drop_edge(presolve *s, uint32_t edge) {
  s->spared += s->keep_edge[edge];
  s->keep_edge[edge] = 0;
}

//===-- Rules -------------------------------------------------------------===//

static void rule_cycles(presolve *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t n = 0; s->needs.bits && n < p->num_nodes; ++n)
    for (EGI_CHILDREN(p, e, n))
      if (egi_needs_has(&s->needs, p->children[e], s->net->owner[n]))
        drop_node(s, n);
}

// Stamps the children of |node| and, when known, what they need.
static void stamp_below(presolve *s, uint32_t node) {
  const eg_problem *p = &s->net->p;
  ++s->now;
  for (EGI_CHILDREN(p, e, node))
    s->stamp[p->children[e]] = s->now;
}

static bool covered(const presolve *s, uint32_t node, uint32_t id) {
  const eg_problem *p = &s->net->p;
  if (s->stamp[id] == s->now)
    return true;
  if (s->needs.bits)
    for (EGI_CHILDREN(p, e, node))
      if (egi_needs_has(&s->needs, p->children[e], id))
        return true;
  return false;
}

// Whether |m| may stand wherever |n| does; |n| is stamped.
static bool beats(const presolve *s, uint32_t m, uint32_t n) {
  const eg_problem *p = &s->net->p;
  if (s->costs[m] > s->costs[n])
    return false;
  for (EGI_CHILDREN(p, e, m))
    if (!covered(s, n, p->children[e]))
      return false;
  return true;
}

// A witness is kept when it is used, so no two nodes spare each other. Returns
// the pairs that were looked at, most of them at a glance.
static uint32_t spare_dominated(presolve *s, uint32_t id) {
  const eg_problem *p = &s->net->p;
  uint32_t pairs = 0;
  for (EGI_NODES(p, n, id)) {
    if (!s->keep[n])
      continue;
    stamp_below(s, n);
    for (EGI_NODES(p, m, id)) {
      if (++pairs > MAX_PAIRS)
        return pairs;
      if (m == n || !s->keep[m] || !beats(s, m, n))
        continue;
      drop_node(s, n);
      break;
    }
  }
  return pairs;
}

static void rule_dominated(presolve *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    if (!spend(s, spare_dominated(s, c) / PAIRS_PER_WORK))
      return;
}

static uint32_t spare_implied(presolve *s, uint32_t node) {
  const eg_problem *p = &s->net->p;
  uint32_t pairs = 0;
  for (EGI_CHILDREN(p, e, node))
    for (EGI_CHILDREN(p, f, node)) {
      if (++pairs > MAX_PAIRS)
        return pairs;
      if (e == f || !s->keep_edge[f] ||
          !egi_needs_has(&s->needs, p->children[f], p->children[e]))
        continue;
      drop_edge(s, e);
      break;
    }
  return pairs;
}

static void rule_implied(presolve *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t n = 0; s->needs.bits && n < p->num_nodes; ++n)
    if (!spend(s, spare_implied(s, n) / PAIRS_PER_WORK))
      return;
}

static void join(const presolve *s, uint64_t *bits, uint32_t id) {
  const uint64_t *row = s->needs.bits + (size_t)id * s->needs.stride;
  for (uint32_t w = 0; w < s->needs.stride; ++w)
    bits[w] |= row[w];
}

// What the roots need, as a row; NULL when out of memory.
static uint64_t *root_needs(presolve *s) {
  const eg_problem *p = &s->net->p;
  uint64_t *bits = EGI_NEW(&s->scratch, uint64_t, s->needs.stride);
  for (uint32_t r = 0; bits && r < p->num_roots; ++r)
    join(s, bits, p->roots[r]);
  return bits;
}

static eg_status rule_forced(presolve *s) {
  const eg_problem *p = &s->net->p;
  uint64_t *needed = s->needs.bits ? root_needs(s) : NULL;
  if (s->needs.bits && !needed)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; needed && c < p->num_classes; ++c)
    if (!s->is_root[c] && needed[c / 64] >> c % 64 & 1) {
      s->is_root[c] = 1;
      s->roots[s->num_roots++] = c;
    }
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    for (EGI_CHILDREN(p, e, n))
      if (s->is_root[p->children[e]] &&
          s->component[p->children[e]] != s->component[s->net->owner[n]])
        drop_edge(s, e);
  return EG_OK;
}

// What is known of classes that go away, in numbers of the base.
static void fix(presolve *s, uint32_t node) {
  s->out->fixed[s->net->origin_class[s->net->owner[node]]] =
      s->net->origin_node[node];
}

// Only of a node whose edges were spared in earlier rounds, so that what fixed
// says is complete.
static void rule_free(presolve *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t n = 0; n < p->num_nodes; ++n) {
    uint32_t c = s->net->owner[n];
    if (s->costs[n] != 0 || p->first_child[n] != p->first_child[n + 1] ||
        s->stamp[c] == UINT32_MAX)
      continue;
    s->stamp[c] = UINT32_MAX; // one node is enough
    fix(s, n);
    for (EGI_NODES(p, m, c))
      if (m != n)
        drop_node(s, m);
    s->keep[n] = 1;
    for (EGI_USERS(s->net, u, c))
      for (EGI_CHILDREN(p, e, s->net->users[u]))
        if (p->children[e] == c)
          drop_edge(s, e);
  }
  for (uint32_t c = 0; c < p->num_classes; ++c)
    if (s->stamp[c] == UINT32_MAX)
      s->stamp[c] = 0;
}

// The class that all users of |id| belong to; EG_NO_NODE when there are more.
static uint32_t only_user(const presolve *s, uint32_t id) {
  uint32_t only = EG_NO_NODE;
  for (EGI_USERS(s->net, u, id)) {
    uint32_t c = s->net->owner[s->net->users[u]];
    if (only != EG_NO_NODE && only != c)
      return EG_NO_NODE;
    only = c;
  }
  return only;
}

static double least_cost(const presolve *s, uint32_t id) {
  double least = INFINITY;
  for (EGI_NODES(&s->net->p, n, id))
    if (s->keep[n] && s->costs[n] < least)
      least = s->costs[n];
  return least;
}

// Deepest classes first, so that costs travel far in one round.
static void rule_pull(presolve *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t c = p->num_classes; c-- > 0;) {
    bool root = s->is_root[c];
    if (!root && only_user(s, c) == EG_NO_NODE)
      continue;
    double least = least_cost(s, c);
    if (!(least > 0) || least == INFINITY)
      continue;
    for (EGI_NODES(p, n, c))
      s->costs[n] -= s->keep[n] ? least : 0;
    if (root)
      s->out->offset += least;
    else
      for (EGI_USERS(s->net, u, c))
        s->costs[s->net->users[u]] += least;
    ++s->spared;
  }
}

// Whether replacing |id| by its children makes the net no larger.
static bool contracts(const presolve *s, uint32_t id) {
  const eg_problem *p = &s->net->p;
  uint32_t node = p->first_node[id];
  if (s->is_root[id] || p->first_node[id + 1] - node != 1 ||
      s->costs[node] != 0)
    return false;
  uint32_t kids = p->first_child[node + 1] - p->first_child[node];
  uint32_t users = s->net->first_user[id + 1] - s->net->first_user[id];
  return kids == 1 || users == 1 || (kids == 2 && users == 2);
}

// A contracted class has one node with a finite term, so following them ends.
static eg_status rule_contract(presolve *s) {
  const eg_problem *p = &s->net->p;
  uint8_t *gone = EGI_NEW(s->arena, uint8_t, p->num_classes);
  if (!gone)
    return EG_NO_MEMORY;
  uint32_t any = 0;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    any += gone[c] = contracts(s, c);
  if (!any)
    return EG_OK;
  egi_net *net = s->net;
  size_t cap = 0, num = 0;
  uint32_t *children = NULL, num_stack;
  uint32_t *first = EGI_NEW(s->arena, uint32_t, p->num_nodes + 1);
  uint32_t *stack = EGI_NEW(s->arena, uint32_t, p->num_children + 1);
  if (!first || !stack)
    return EG_NO_MEMORY;
  for (uint32_t n = 0; n < p->num_nodes; ++n) {
    num_stack = 0;
    for (EGI_CHILDREN(p, e, n))
      stack[num_stack++] = p->children[e];
    ++s->now; // a class is expanded once per node, however often it is met
    while (num_stack) {
      uint32_t d = stack[--num_stack];
      if (s->stamp[d] == s->now)
        continue;
      s->stamp[d] = s->now;
      if (gone[d]) {
        for (EGI_CHILDREN(p, e, p->first_node[d]))
          if (s->stamp[p->children[e]] != s->now)
            stack[num_stack++] = p->children[e];
        continue;
      }
      children = egi_arena_grow(s->arena, children, num, &cap, sizeof *stack);
      if (!children)
        return EG_NO_MEMORY;
      children[num++] = d;
    }
    first[n + 1] = (uint32_t)num;
  }
  for (uint32_t c = 0; c < p->num_classes; ++c)
    if (gone[c])
      fix(s, p->first_node[c]);
  net->p.first_child = first;
  net->p.children = children;
  net->p.num_children = (uint32_t)num;
  s->keep_edge = NULL;
  s->spared += any;
  return EG_OK;
}

// Sum of least costs over bits.
static double sum_needs(const presolve *s, const uint64_t *bits,
                        const double *least) {
  double sum = 0;
  for (uint32_t w = 0; w < s->needs.stride; ++w)
    for (uint64_t rest = bits[w]; rest; rest &= rest - 1)
      sum += least[w * 64 + (uint32_t)__builtin_ctzll(rest)];
  return sum;
}

static eg_status rule_bound(presolve *s) {
  const eg_problem *p = &s->net->p;
  if (!s->needs.bits || s->known == INFINITY)
    return EG_OK;
  size_t words = s->needs.stride;
  double *least = EGI_NEW(&s->scratch, double, words * 64);
  uint64_t *roots = root_needs(s);
  uint64_t *bits = EGI_NEW(&s->scratch, uint64_t, words);
  if (!least || !roots || !bits)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    least[c] = least_cost(s, c);
  double limit = s->known - s->out->offset;
  limit -= 1e-9 * fabs(s->known); // an equal one is no better
  for (uint32_t n = 0; n < p->num_nodes; ++n) {
    uint32_t c = s->net->owner[n];
    if (!s->keep[n])
      continue;
    if (!spend(s, words))
      return EG_OK;
    memcpy(bits, roots, words * sizeof *bits);
    join(s, bits, c);
    for (EGI_CHILDREN(p, e, n))
      join(s, bits, p->children[e]);
    double bound = sum_needs(s, bits, least) - least[c] + s->costs[n];
    if (bound >= limit)
      drop_node(s, n);
  }
  return EG_OK;
}

//===-- Rounds ------------------------------------------------------------===//

static eg_status prepare(presolve *s) {
  const eg_problem *p = &s->net->p;
  egi_arena *a = s->arena;
  s->keep = EGI_NEW(a, uint8_t, p->num_nodes);
  s->keep_edge = EGI_NEW(a, uint8_t, p->num_children);
  s->costs = EGI_NEW(a, double, p->num_nodes);
  s->roots = EGI_NEW(a, uint32_t, p->num_classes + p->num_roots);
  s->is_root = EGI_NEW(a, uint8_t, p->num_classes);
  s->stamp = EGI_NEW(a, uint32_t, p->num_classes);
  if (!s->keep || !s->keep_edge || !s->costs || !s->roots || !s->is_root ||
      !s->stamp)
    return EG_NO_MEMORY;
  memset(s->keep, 1, p->num_nodes);
  memset(s->keep_edge, 1, p->num_children);
  memcpy(s->costs, p->costs, p->num_nodes * sizeof *s->costs);
  memcpy(s->roots, p->roots, p->num_roots * sizeof *s->roots);
  s->num_roots = p->num_roots;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    s->is_root[p->roots[r]] = 1;
  s->now = 0;
  s->spared = 0;
  s->needs.bits = NULL;
  return EG_OK;
}

static eg_status apply_rules(presolve *s, bool deep) {
  uint32_t num;
  if (deep && s->net->p.num_classes <= MAX_NEEDS_CLASSES)
    EG_TRY(egi_needs_make(&s->scratch, s->net, s->x, &s->needs));
  if (has(s, EG_PRESOLVE(CYCLES)))
    rule_cycles(s);
  if (has(s, EG_PRESOLVE(BOUND)))
    EG_TRY(rule_bound(s));
  if (has(s, EG_PRESOLVE(DOMINATED)))
    rule_dominated(s);
  if (has(s, EG_PRESOLVE(IMPLIED)))
    rule_implied(s);
  if (has(s, EG_PRESOLVE(FORCED))) {
    EG_TRY(egi_components(&s->scratch, s->net, &s->component, &num));
    EG_TRY(rule_forced(s));
  }
  return EG_OK;
}

// The net without what was marked; |closed| when no root has a term left, which
// only the bound can do.
static eg_status copy_kept(presolve *s) {
  egi_arena *a = s->arena;
  egi_net *net = s->net;
  net->p.roots = s->roots;
  net->p.num_roots = s->num_roots;
  egi_net *smaller = EGI_NEW(a, egi_net, 1), *usable = EGI_NEW(a, egi_net, 1);
  if (!smaller || !usable)
    return EG_NO_MEMORY;
  EG_TRY(egi_net_shrink(a, net, s->keep, s->keep_edge, s->costs, smaller));
  egi_knuth knuth;
  EG_TRY(egi_knuth_make(a, smaller, &knuth));
  uint32_t *choice = EGI_NEW(a, uint32_t, smaller->p.num_classes);
  uint8_t *keep = EGI_NEW(a, uint8_t, smaller->p.num_nodes);
  if (!choice || !keep)
    return EG_NO_MEMORY;
  egi_knuth_run(&knuth, smaller, smaller->p.costs, NULL, choice);
  for (uint32_t r = 0; r < smaller->p.num_roots; ++r)
    if (knuth.heap.place[smaller->p.roots[r]] == 0)
      s->out->closed = true;
  if (s->out->closed)
    return EG_OK;
  bool all = true;
  for (uint32_t n = 0; n < smaller->p.num_nodes; ++n)
    all &= keep[n] = knuth.waiting[n] == 0;
  s->net = smaller;
  if (all)
    return EG_OK;
  EG_TRY(egi_net_shrink(a, smaller, keep, NULL, smaller->p.costs, usable));
  s->net = usable;
  return EG_OK;
}

// Rules that only look at neighbours, one copy each so that what they see is
// true: costs that PULL moved, edges that are there.
static eg_status cheap_round(presolve *s, uint64_t *out_spared) {
  EG_TRY(prepare(s));
  if (has(s, EG_PRESOLVE(FREE)))
    rule_free(s);
  if (has(s, EG_PRESOLVE(PULL)) && !s->spared)
    rule_pull(s);
  *out_spared = s->spared;
  if (*out_spared)
    EG_TRY(copy_kept(s));
  if (s->out->closed || !has(s, EG_PRESOLVE(CONTRACT)))
    return EG_OK;
  EG_TRY(prepare(s));
  EG_TRY(rule_contract(s));
  *out_spared += s->spared;
  return s->spared ? copy_kept(s) : EG_OK;
}

static eg_status deep_round(presolve *s, bool deep, uint64_t *out_spared) {
  EG_TRY(prepare(s));
  egi_mark mark = egi_arena_mark(&s->scratch);
  EG_TRY(apply_rules(s, deep));
  egi_arena_reset(&s->scratch, mark);
  *out_spared = s->spared + (s->num_roots - s->net->p.num_roots);
  return *out_spared ? copy_kept(s) : EG_OK;
}

static eg_status start(presolve *s, const egi_net *base) {
  egi_arena *arena = s->arena;
  egi_reduced *out = s->out;
  *out = (egi_reduced){.fixed = EGI_NEW(arena, uint32_t, base->p.num_classes)};
  s->net = EGI_NEW(arena, egi_net, 1);
  if (!out->fixed || !s->net)
    return EG_NO_MEMORY;
  memset(out->fixed, 0xff, base->p.num_classes * sizeof *out->fixed);
  *s->net = *base;
  s->net->origin_node = EGI_NEW(arena, uint32_t, base->p.num_nodes);
  s->net->origin_class = EGI_NEW(arena, uint32_t, base->p.num_classes);
  if (!s->net->origin_node || !s->net->origin_class)
    return EG_NO_MEMORY;
  for (uint32_t n = 0; n < base->p.num_nodes; ++n)
    s->net->origin_node[n] = n;
  for (uint32_t c = 0; c < base->p.num_classes; ++c)
    s->net->origin_class[c] = c;
  return EG_OK;
}

static eg_status rounds(presolve *s, eg_extraction *x, bool exact) {
  bool deep = false;
  for (int round = 0; round < MAX_ROUNDS; ++round) {
    uint64_t cheap = 0, spared = 0;
    EG_TRY(cheap_round(s, &cheap));
    if (!s->out->closed)
      EG_TRY(deep_round(s, deep, &spared));
    uint64_t size = (uint64_t)s->net->p.num_children + s->net->p.num_nodes;
    if (s->out->closed || !eg_extraction_work(x, size))
      return EG_OK;
    // Without needs, rounds must pay: a long chain would take one per link.
    bool may_be_deep = exact && s->net->p.num_classes <= MAX_NEEDS_CLASSES;
    if (cheap + spared > (may_be_deep ? 0 : size / 64))
      continue;
    if (deep || !may_be_deep)
      return EG_OK;
    deep = true; // what neighbours tell is done
  }
  return EG_OK;
}

eg_status egi_presolve_kept(egi_arena *arena, const egi_net *base,
                            const uint8_t *keep, uint32_t mask, double known,
                            bool deep, eg_extraction *x, egi_reduced *out) {
  presolve s = {.arena = arena,
                .scratch.allocator = arena->allocator,
                .x = x,
                .mask = mask,
                .known = known,
                .out = out};
  EG_TRY(start(&s, base));
  if (keep) {
    EG_TRY(prepare(&s));
    memcpy(s.keep, keep, base->p.num_nodes);
    EG_TRY(copy_kept(&s));
  }
  eg_status status = out->closed ? EG_OK : rounds(&s, x, deep);
  egi_arena_free(&s.scratch);
  out->net = *s.net;
  return status;
}

eg_status egi_presolve(egi_arena *arena, const egi_net *base, uint32_t mask,
                       double known, bool deep, eg_extraction *x,
                       egi_reduced *out) {
  return egi_presolve_kept(arena, base, NULL, mask, known, deep, x, out);
}

void egi_unreduce(const egi_reduced *reduced, const egi_net *base,
                  const uint32_t *choice, uint32_t *out_choice) {
  memcpy(out_choice, reduced->fixed, base->p.num_classes * sizeof *choice);
  for (uint32_t c = 0; c < reduced->net.p.num_classes; ++c)
    if (choice[c] != EG_NO_NODE)
      out_choice[reduced->net.origin_class[c]] =
          reduced->net.origin_node[choice[c]];
}

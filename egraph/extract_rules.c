// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rules of presolve.
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
#include "extract_presolve.h"

#include <math.h>

enum {
  MAX_PAIRS = 1 << 22, // of nodes compared in one class
  PAIRS_PER_WORK = 8,
};

// Any rule may stop after any node: what it has marked is true by itself.
static bool spend(egi_presolving *s, uint64_t work) {
  return eg_extraction_work(s->x, work);
}

static void drop_node(egi_presolving *s, uint32_t node) {
  s->spared += s->keep[node];
  s->keep[node] = 0;
}

static void drop_edge(egi_presolving *s, uint32_t edge) {
  s->spared += s->keep_edge[edge];
  s->keep_edge[edge] = 0;
}

//===-- Rules -------------------------------------------------------------===//

void egi_spare_cycles(egi_presolving *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t n = 0; s->needs.bits && n < p->num_nodes; ++n)
    for (EGI_CHILDREN(p, e, n))
      if (egi_needs_has(&s->needs, p->children[e], s->net->owner[n]))
        drop_node(s, n);
}

// Stamps the children of |node| and, when known, what they need.
static void stamp_below(egi_presolving *s, uint32_t node) {
  const eg_problem *p = &s->net->p;
  ++s->now;
  for (EGI_CHILDREN(p, e, node))
    s->stamp[p->children[e]] = s->now;
}

static bool covered(const egi_presolving *s, uint32_t node, uint32_t id) {
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
static bool beats(const egi_presolving *s, uint32_t m, uint32_t n) {
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
static uint32_t spare_dominated(egi_presolving *s, uint32_t id) {
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

void egi_spare_dominated(egi_presolving *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    if (!spend(s, spare_dominated(s, c) / PAIRS_PER_WORK))
      return;
}

static uint32_t spare_implied(egi_presolving *s, uint32_t node) {
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

void egi_spare_implied(egi_presolving *s) {
  const eg_problem *p = &s->net->p;
  for (uint32_t n = 0; s->needs.bits && n < p->num_nodes; ++n)
    if (!spend(s, spare_implied(s, n) / PAIRS_PER_WORK))
      return;
}

static void join(const egi_presolving *s, uint64_t *bits, uint32_t id) {
  const uint64_t *row = s->needs.bits + (size_t)id * s->needs.stride;
  for (uint32_t w = 0; w < s->needs.stride; ++w)
    bits[w] |= row[w];
}

// What the roots need, as a row; NULL when out of memory.
static uint64_t *root_needs(egi_presolving *s) {
  const eg_problem *p = &s->net->p;
  uint64_t *bits = EGI_NEW(&s->scratch, uint64_t, s->needs.stride);
  for (uint32_t r = 0; bits && r < p->num_roots; ++r)
    join(s, bits, p->roots[r]);
  return bits;
}

eg_status egi_spare_forced(egi_presolving *s) {
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
static void fix(egi_presolving *s, uint32_t node) {
  s->out->fixed[s->net->origin_class[s->net->owner[node]]] =
      s->net->origin_node[node];
}

// Only of a node whose edges were spared in earlier rounds, so that what fixed
// says is complete.
void egi_spare_free(egi_presolving *s) {
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
static uint32_t only_user(const egi_presolving *s, uint32_t id) {
  uint32_t only = EG_NO_NODE;
  for (EGI_USERS(s->net, u, id)) {
    uint32_t c = s->net->owner[s->net->users[u]];
    if (only != EG_NO_NODE && only != c)
      return EG_NO_NODE;
    only = c;
  }
  return only;
}

static double least_cost(const egi_presolving *s, uint32_t id) {
  double least = INFINITY;
  for (EGI_NODES(&s->net->p, n, id))
    if (s->keep[n] && s->costs[n] < least)
      least = s->costs[n];
  return least;
}

// Deepest classes first, so that costs travel far in one round.
void egi_spare_pull(egi_presolving *s) {
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
static bool contracts(const egi_presolving *s, uint32_t id) {
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
eg_status egi_spare_contract(egi_presolving *s) {
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
static double sum_needs(const egi_presolving *s, const uint64_t *bits,
                        const double *least) {
  double sum = 0;
  for (uint32_t w = 0; w < s->needs.stride; ++w)
    for (uint64_t rest = bits[w]; rest; rest &= rest - 1)
      sum += least[w * 64 + (uint32_t)__builtin_ctzll(rest)];
  return sum;
}

eg_status egi_spare_bound(egi_presolving *s) {
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

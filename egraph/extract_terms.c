// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The k cheapest distinct terms of a class.
//
// L. Huang and D. Chiang, "Better k-best parsing", 2005, in the order of
// Dijkstra's algorithm, so that cyclic graphs are no special case. A candidate
// is a node and a rank for each child; it costs the node's cost and the terms
// its children have at these ranks, so it is known once these are. The cheapest
// candidate is the next term of its class. Raising one rank by one gives the
// next candidates; raising only ranks from the last raised position on gives
// each of them once. A candidate whose child lacks a term of its rank waits
// there.
#include "extract_internal.h"

#include <math.h>

enum { NONE = UINT32_MAX };

typedef struct candidate {
  double cost;
  uint32_t node, owner;
  uint32_t ranks; // in terms.ranks, one per child
  uint32_t from;  // the position that was raised last
  uint32_t next;  // that waits for the same term
} candidate;

// The terms of a class, and who waits for its next one.
typedef struct list {
  uint32_t *terms; // candidates
  size_t num, cap;
  uint32_t waiting; // chain; all wait for rank num
} list;

struct eg_terms {
  eg_allocator allocator;
  egi_arena arena;
  egi_net net;
  uint32_t root, max_terms;
  list *lists; // by class
  candidate *candidates;
  size_t num_candidates, cap_candidates;
  uint32_t *ranks;
  size_t num_ranks, cap_ranks;
  uint32_t *heap; // candidates
  size_t num_heap, cap_heap;
};

static const candidate *term_of(const eg_terms *t, uint32_t id, uint32_t rank) {
  return &t->candidates[t->lists[id].terms[rank]];
}

//===-- The heap ----------------------------------------------------------===//

static bool before(const eg_terms *t, uint32_t a, uint32_t b) {
  double x = t->candidates[a].cost, y = t->candidates[b].cost;
  return x < y || (x == y && a < b);
}

static eg_status push(eg_terms *t, uint32_t id) {
  uint32_t *heap = egi_arena_grow(&t->arena, t->heap, t->num_heap, &t->cap_heap,
                                  sizeof *heap);
  if (!heap)
    return EG_NO_MEMORY;
  t->heap = heap;
  size_t at = t->num_heap++;
  for (; at && before(t, id, heap[(at - 1) / 2]); at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = id;
  return EG_OK;
}

static uint32_t pop(eg_terms *t) {
  uint32_t *heap = t->heap, top = heap[0], last = heap[--t->num_heap];
  size_t at = 0;
  for (size_t child; (child = 2 * at + 1) < t->num_heap; at = child) {
    if (child + 1 < t->num_heap && before(t, heap[child + 1], heap[child]))
      ++child;
    if (!before(t, heap[child], last))
      break;
    heap[at] = heap[child];
  }
  heap[at] = last;
  return top;
}

//===-- Candidates --------------------------------------------------------===//

// Prices a candidate and puts it into the heap, or lets it wait for the first
// term that is missing.
static eg_status arrive(eg_terms *t, uint32_t id) {
  candidate *c = &t->candidates[id];
  const eg_problem *p = &t->net.p;
  double cost = p->costs[c->node];
  uint32_t first = p->first_child[c->node];
  for (EGI_CHILDREN(p, e, c->node)) {
    uint32_t d = p->children[e], rank = t->ranks[c->ranks + (e - first)];
    if (rank >= t->max_terms)
      return EG_OK; // further down than anyone will look
    if (rank >= t->lists[d].num) {
      c->next = t->lists[d].waiting;
      t->lists[d].waiting = id;
      return EG_OK;
    }
    cost += term_of(t, d, rank)->cost;
  }
  c->cost = cost;
  return push(t, id);
}

// A candidate of |node| with the ranks of |like| (NONE: all 0), and the rank at
// |raised| one up.
static eg_status create(eg_terms *t, uint32_t node, uint32_t like,
                        uint32_t raised) {
  const eg_problem *p = &t->net.p;
  uint32_t num = p->first_child[node + 1] - p->first_child[node];
  uint32_t id = (uint32_t)t->num_candidates;
  candidate *all = egi_arena_grow(&t->arena, t->candidates, t->num_candidates,
                                  &t->cap_candidates, sizeof *all);
  if (!all || id == NONE)
    return EG_NO_MEMORY;
  t->candidates = all;
  uint32_t start = (uint32_t)t->num_ranks;
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t *ranks = egi_arena_grow(&t->arena, t->ranks, t->num_ranks,
                                     &t->cap_ranks, sizeof *ranks);
    if (!ranks)
      return EG_NO_MEMORY;
    t->ranks = ranks;
    uint32_t rank = like == NONE ? 0 : ranks[all[like].ranks + i];
    ranks[t->num_ranks++] = rank + (i == raised);
  }
  all[t->num_candidates++] = (candidate){.node = node,
                                         .owner = t->net.owner[node],
                                         .ranks = start,
                                         .from = raised == NONE ? 0 : raised,
                                         .next = NONE};
  return arrive(t, id);
}

// The next term of a class: what waited for it arrives.
static eg_status settle(eg_terms *t, uint32_t id) {
  candidate c = t->candidates[id];
  list *l = &t->lists[c.owner];
  uint32_t *terms =
      egi_arena_grow(&t->arena, l->terms, l->num, &l->cap, sizeof *terms);
  if (!terms)
    return EG_NO_MEMORY;
  l->terms = terms;
  terms[l->num++] = id;
  uint32_t waiting = l->waiting;
  l->waiting = NONE;
  while (waiting != NONE) {
    uint32_t next = t->candidates[waiting].next;
    EG_TRY(arrive(t, waiting));
    waiting = next;
  }
  const eg_problem *p = &t->net.p;
  uint32_t num = p->first_child[c.node + 1] - p->first_child[c.node];
  for (uint32_t i = c.from; i < num; ++i)
    EG_TRY(create(t, c.node, id, i));
  return EG_OK;
}

static eg_status find_terms(eg_terms *t) {
  const eg_problem *p = &t->net.p;
  t->lists = EGI_NEW(&t->arena, list, p->num_classes);
  if (!t->lists)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    t->lists[c].waiting = NONE;
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    EG_TRY(create(t, n, NONE, NONE));
  while (t->num_heap && t->lists[t->root].num < t->max_terms) {
    uint32_t id = pop(t);
    if (t->lists[t->candidates[id].owner].num < t->max_terms)
      EG_TRY(settle(t, id));
  }
  return EG_OK;
}

//===-- The interface -----------------------------------------------------===//

static eg_status make(eg_terms *t, const eg_problem *problem, uint32_t root,
                      eg_error *error) {
  EG_TRY(eg_problem_validate(problem, error));
  if (root >= problem->num_classes)
    return egi_error(error, EG_INVALID, 0, "root %u, there are %u classes",
                     root, problem->num_classes);
  if (egi_has_negative(problem))
    return egi_error(error, EG_INVALID, 0,
                     "the cheapest terms need costs of 0 or more");
  eg_problem rooted = *problem;
  rooted.roots = &root;
  rooted.num_roots = 1;
  EG_TRY(egi_net_reach(&t->arena, &rooted, &t->net));
  t->root = t->net.p.roots[0];
  return find_terms(t);
}

eg_status eg_terms_create(const eg_allocator *allocator,
                          const eg_problem *problem, uint32_t root,
                          uint32_t num_terms, eg_terms **out_terms,
                          eg_error *error) {
  eg_allocator own = allocator ? *allocator : eg_allocator_default();
  *out_terms = NULL;
  eg_terms *t = own.resize(own.user, NULL, 0, sizeof *t);
  if (!t)
    return egi_no_memory(error);
  *t = (eg_terms){.allocator = own, .max_terms = num_terms};
  t->arena.allocator = &t->allocator;
  eg_status status = make(t, problem, root, error);
  if (status == EG_NO_MEMORY)
    egi_no_memory(error);
  if (status == EG_OK && num_terms && !t->lists[t->root].num)
    status =
        egi_error(error, EG_INFEASIBLE, 0, "class %u has no finite term", root);
  if (status != EG_OK) {
    eg_terms_destroy(t);
    return status;
  }
  *out_terms = t;
  return EG_OK;
}

void eg_terms_destroy(eg_terms *terms) {
  if (!terms)
    return;
  egi_arena_free(&terms->arena);
  eg_allocator own = terms->allocator;
  own.resize(own.user, terms, sizeof *terms, 0);
}

uint32_t eg_terms_count(const eg_terms *terms) {
  return (uint32_t)terms->lists[terms->root].num;
}

double eg_terms_cost(const eg_terms *terms, uint32_t term) {
  return term_of(terms, terms->root, term)->cost;
}

// A walk with a stack of its own: a frame is a term and the child to write.
typedef struct frame {
  const candidate *term;
  uint32_t next;
} frame;

static bool put(eg_writer writer, const char *text) {
  return writer.write(writer.user, text, strlen(text));
}

static eg_status write_from(const eg_terms *t, egi_arena *arena,
                            const candidate *top,
                            const char *(*op)(void *user, uint32_t node),
                            void *user, eg_writer writer) {
  const eg_problem *p = &t->net.p;
  frame *stack = NULL;
  size_t num = 0, cap = 0;
  const candidate *enter = top;
  do {
    if (enter) {
      bool leaf =
          p->first_child[enter->node] == p->first_child[enter->node + 1];
      if ((num && !put(writer, " ")) || (!leaf && !put(writer, "(")) ||
          !put(writer, op(user, t->net.origin_node[enter->node])))
        return EG_INVALID;
      if (!leaf) {
        stack = egi_arena_grow(arena, stack, num, &cap, sizeof *stack);
        if (!stack)
          return EG_NO_MEMORY;
        stack[num++] = (frame){enter, 0};
      }
      enter = NULL;
      continue;
    }
    frame *f = &stack[num - 1];
    uint32_t e = p->first_child[f->term->node] + f->next;
    if (e == p->first_child[f->term->node + 1]) {
      --num;
      if (!put(writer, ")"))
        return EG_INVALID;
      continue;
    }
    enter = term_of(t, p->children[e], t->ranks[f->term->ranks + f->next++]);
  } while (num || enter);
  return EG_OK;
}

eg_status eg_terms_write(const eg_terms *terms, uint32_t term,
                         const char *(*op)(void *user, uint32_t node),
                         void *user, eg_writer writer) {
  egi_arena arena = {.allocator = &terms->allocator};
  eg_status status = write_from(
      terms, &arena, term_of(terms, terms->root, term), op, user, writer);
  egi_arena_free(&arena);
  return status;
}

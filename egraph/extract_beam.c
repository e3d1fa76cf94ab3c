// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Beam search: the tree of branch and bound, level by level, but only the few
// nets with the lowest bound of each level are branched on. Every net is
// presolved and gives an incumbent by local descent, so the search is useful
// wherever it stops; it proves nothing.
#include "extract_internal.h"

#include <math.h>

enum { WIDTH = 4, ROUNDS = 12, WORK_PER_EDGE = 4000, MAX_FAN = 8 };

// A net with its way back to the ground's net, in memory of its own.
typedef struct beam_net {
  egi_arena arena;
  egi_reduced reduced; // relative to the ground's net
  double bound;        // with the offset
  uint32_t root;
  uint32_t *order, num; // nodes of the root, by their bound
} beam_net;

typedef struct beam {
  eg_extraction *x;
  egi_ground ground;
  beam_net at[WIDTH], next[WIDTH];
  uint32_t num, num_next;
  double best;
} beam;

// |upper|, relative to the net of |lower|, made relative to |lower|'s base.
static void compose(const egi_reduced *lower, egi_reduced *upper,
                    uint32_t *fixed, uint32_t num_classes) {
  memcpy(fixed, lower->fixed, num_classes * sizeof *fixed);
  for (uint32_t c = 0; c < lower->net.p.num_classes; ++c)
    if (upper->fixed[c] != EG_NO_NODE)
      fixed[lower->net.origin_class[c]] =
          lower->net.origin_node[upper->fixed[c]];
  upper->fixed = fixed;
  upper->offset += lower->offset;
  for (uint32_t n = 0; n < upper->net.p.num_nodes; ++n)
    upper->net.origin_node[n] =
        lower->net.origin_node[upper->net.origin_node[n]];
  for (uint32_t c = 0; c < upper->net.p.num_classes; ++c)
    upper->net.origin_class[c] =
        lower->net.origin_class[upper->net.origin_class[c]];
}

// A choice by descent from the greedy one; offered when it is the best.
static eg_status incumbent(beam *b, beam_net *net) {
  eg_extraction *x = b->x;
  egi_mark mark = egi_arena_mark(&x->arena);
  const egi_net *n = &net->reduced.net;
  double total;
  uint32_t *choice = EGI_NEW(&x->arena, uint32_t, n->p.num_classes);
  uint32_t *whole = EGI_NEW(&x->arena, uint32_t, b->ground.net->p.num_classes);
  if (!choice || !whole)
    return EG_NO_MEMORY;
  EG_TRY(egi_descend(x, n, choice, &total));
  if (total + net->reduced.offset < b->best) {
    b->best = total + net->reduced.offset;
    egi_unreduce(&net->reduced, b->ground.net, choice, whole);
    EG_TRY(egi_ground_offer(x, &b->ground, whole));
  }
  egi_arena_reset(&x->arena, mark);
  return EG_OK;
}

// Incumbent, bound, and the root to branch on; |num| 0: nothing to branch.
static eg_status look(beam *b, beam_net *net) {
  const eg_problem *p = &net->reduced.net.p;
  EG_TRY(incumbent(b, net));
  egi_bound bound;
  EG_TRY(egi_bound_make(&net->arena, &net->reduced.net, ROUNDS, b->x, &bound));
  net->bound = bound.value + net->reduced.offset;
  net->root = EG_NO_NODE;
  for (uint32_t r = 0; r < p->num_roots; ++r) {
    uint32_t c = p->roots[r], num = p->first_node[c + 1] - p->first_node[c];
    if (num > 1 && (!net->num || num < net->num)) {
      net->root = c;
      net->num = num;
    }
  }
  if (net->root == EG_NO_NODE)
    return EG_OK;
  net->order = EGI_NEW(&net->arena, uint32_t, net->num);
  if (!net->order)
    return EG_NO_MEMORY;
  for (uint32_t i = 0; i < net->num; ++i)
    net->order[i] = p->first_node[net->root] + i;
  egi_sort_nodes(net->order, net->num, bound.extra);
  net->num = net->num < MAX_FAN ? net->num : MAX_FAN;
  return EG_OK;
}

// Keeps |net| if it is among the best of the next level; else frees it.
static void insert(beam *b, beam_net *net) {
  uint32_t k = b->num_next;
  if (net->reduced.closed || !net->num || net->bound >= b->best ||
      (k == WIDTH && net->bound >= b->next[WIDTH - 1].bound)) {
    egi_arena_free(&net->arena);
    return;
  }
  if (k == WIDTH)
    egi_arena_free(&b->next[--k].arena);
  b->num_next = k + 1;
  for (; k && b->next[k - 1].bound > net->bound; --k)
    b->next[k] = b->next[k - 1];
  b->next[k] = *net;
}

static eg_status branch(beam *b, const beam_net *from, uint32_t node) {
  const egi_net *net = &from->reduced.net;
  uint32_t num = b->ground.net->p.num_classes;
  beam_net to = {.arena.allocator = &b->x->allocator};
  uint8_t *keep = EGI_NEW(&to.arena, uint8_t, net->p.num_nodes);
  uint32_t *fixed = EGI_NEW(&to.arena, uint32_t, num);
  eg_status status = keep && fixed ? EG_OK : EG_NO_MEMORY;
  for (uint32_t n = 0; status == EG_OK && n < net->p.num_nodes; ++n)
    keep[n] = net->owner[n] != from->root || n == node;
  if (status == EG_OK)
    status = egi_presolve_kept(&to.arena, net, keep, b->x->options->presolve,
                               b->best - from->reduced.offset, false, b->x,
                               &to.reduced);
  if (status == EG_OK && !to.reduced.closed) {
    compose(&from->reduced, &to.reduced, fixed, num);
    status = look(b, &to);
  }
  if (status == EG_OK)
    insert(b, &to);
  else
    egi_arena_free(&to.arena);
  return status;
}

static void next_level(beam *b) {
  for (uint32_t i = 0; i < b->num; ++i)
    egi_arena_free(&b->at[i].arena);
  memcpy(b->at, b->next, sizeof b->at);
  b->num = b->num_next;
  b->num_next = 0;
}

static eg_status search(beam *b) {
  eg_extraction *x = b->x;
  const eg_problem *p = &b->ground.net->p;
  uint64_t limit = x->result->work +
                   ((uint64_t)p->num_children + p->num_nodes) * WORK_PER_EDGE;
  b->num = 1;
  b->at[0].arena.allocator = &x->allocator;
  EG_TRY(egi_presolve(&b->at[0].arena, b->ground.net, x->options->presolve,
                      INFINITY, true, x, &b->at[0].reduced));
  EG_TRY(look(b, &b->at[0]));
  while (b->num) {
    for (uint32_t i = 0; i < b->num; ++i)
      for (uint32_t k = 0; k < b->at[i].num; ++k) {
        if (!eg_extraction_work(x, 1) || x->result->work > limit)
          return EG_OK;
        EG_TRY(branch(b, &b->at[i], b->at[i].order[k]));
      }
    next_level(b);
  }
  return EG_OK;
}

eg_status egi_run_beam(void *user, eg_extraction *x) {
  (void)user;
  beam *b = EGI_NEW(&x->arena, beam, 1);
  if (!b)
    return EG_NO_MEMORY;
  b->x = x;
  b->best = INFINITY;
  EG_TRY(egi_ground_make(x, false, &b->ground));
  if (b->ground.is_done)
    return EG_OK;
  eg_status status = search(b);
  b->num_next = b->num_next < WIDTH ? b->num_next : WIDTH;
  for (uint32_t i = 0; i < b->num; ++i)
    egi_arena_free(&b->at[i].arena);
  for (uint32_t i = 0; i < b->num_next; ++i)
    egi_arena_free(&b->next[i].arena);
  return status;
}

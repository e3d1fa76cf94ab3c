// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What every term of a class must contain, and strongly connected components.
#include "extract_internal.h"

#include <math.h>

//===-- Needs -------------------------------------------------------------===//

// row := {id} + intersection over the nodes of the union over the children.
static bool refine(const egi_net *net, egi_needs *needs, uint32_t id,
                   uint64_t *meet, uint64_t *join) {
  const eg_problem *p = &net->p;
  size_t words = needs->stride;
  memset(meet, 0xff, words * sizeof *meet);
  for (EGI_NODES(p, n, id)) {
    memset(join, 0, words * sizeof *join);
    for (EGI_CHILDREN(p, e, n)) {
      const uint64_t *row = needs->bits + (size_t)p->children[e] * words;
      for (size_t w = 0; w < words; ++w)
        join[w] |= row[w];
    }
    for (size_t w = 0; w < words; ++w)
      meet[w] &= join[w];
  }
  meet[id / 64] |= UINT64_C(1) << id % 64;
  uint64_t *row = needs->bits + (size_t)id * words;
  if (memcmp(row, meet, words * sizeof *meet) == 0)
    return false;
  memcpy(row, meet, words * sizeof *meet);
  return true;
}

// Rows only shrink, so a queue of classes whose children have changed ends.
eg_status egi_needs_make(egi_arena *arena, const egi_net *net, eg_extraction *x,
                         egi_needs *out_needs) {
  uint32_t num = net->p.num_classes;
  size_t words = num / 64 + 1;
  out_needs->stride = (uint32_t)words;
  out_needs->bits = EGI_NEW(arena, uint64_t, num *words);
  uint64_t *meet = EGI_NEW(arena, uint64_t, 2 * words);
  uint32_t *queue = EGI_NEW(arena, uint32_t, num + 1);
  uint8_t *queued = EGI_NEW(arena, uint8_t, num);
  if (!out_needs->bits || !meet || !queue || !queued)
    return EG_NO_MEMORY;
  memset(out_needs->bits, 0xff, num * words * sizeof *meet);
  // Numbers rise away from the roots, so the last ones are the deepest.
  uint32_t head = 0, count = 0;
  for (uint32_t c = num; c-- > 0;) {
    queue[count++] = c;
    queued[c] = 1;
  }
  while (count) {
    uint32_t c = queue[head];
    head = head == num ? 0 : head + 1;
    --count;
    queued[c] = 0;
    const eg_problem *p = &net->p;
    uint64_t edges = p->first_child[p->first_node[c + 1]] -
                     p->first_child[p->first_node[c]] + 1;
    if (!eg_extraction_work(x, edges * (words / 8 + 1))) {
      out_needs->bits = NULL; // rows that may still shrink prove nothing
      return EG_OK;
    }
    if (!refine(net, out_needs, c, meet, meet + words))
      continue;
    for (EGI_USERS(net, u, c)) {
      uint32_t user = net->owner[net->users[u]];
      if (queued[user])
        continue;
      queued[user] = 1;
      queue[(head + count++) % (num + 1)] = user;
    }
  }
  return EG_OK;
}

//===-- Components --------------------------------------------------------===//

typedef struct frame {
  uint32_t id, next; // class, edge to look at
} frame;

typedef struct tarjan {
  const egi_net *net;
  uint32_t *index, *low, *component; // index 0 = not seen
  uint32_t *stack, num_stack;
  frame *frames;
  uint32_t num_frames, next_index, num_components;
} tarjan;

static void visit(tarjan *t, uint32_t id) {
  const eg_problem *p = &t->net->p;
  t->index[id] = t->low[id] = ++t->next_index;
  t->stack[t->num_stack++] = id;
  t->frames[t->num_frames++] = (frame){id, p->first_child[p->first_node[id]]};
}

static void leave(tarjan *t, uint32_t id) {
  --t->num_frames;
  if (t->num_frames) {
    uint32_t up = t->frames[t->num_frames - 1].id;
    t->low[up] = t->low[id] < t->low[up] ? t->low[id] : t->low[up];
  }
  if (t->low[id] != t->index[id])
    return;
  uint32_t member;
  do {
    member = t->stack[--t->num_stack];
    t->component[member] = t->num_components;
    t->index[member] = UINT32_MAX; // done
  } while (member != id);
  ++t->num_components;
}

// R. E. Tarjan, 1972, with a stack of its own. The edges of a class are those
// of its nodes, which lie side by side.
static void walk(tarjan *t, uint32_t root) {
  const eg_problem *p = &t->net->p;
  visit(t, root);
  while (t->num_frames) {
    frame *top = &t->frames[t->num_frames - 1];
    if (top->next == p->first_child[p->first_node[top->id + 1]]) {
      leave(t, top->id);
      continue;
    }
    uint32_t child = p->children[top->next++];
    if (!t->index[child])
      visit(t, child);
    else if (t->index[child] != UINT32_MAX && t->index[child] < t->low[top->id])
      t->low[top->id] = t->index[child];
  }
}

eg_status egi_components(egi_arena *arena, const egi_net *net,
                         uint32_t **out_component, uint32_t *out_num) {
  uint32_t num = net->p.num_classes;
  tarjan t = {.net = net};
  t.component = *out_component = EGI_NEW(arena, uint32_t, num);
  t.index = EGI_NEW(arena, uint32_t, num);
  t.low = EGI_NEW(arena, uint32_t, num);
  t.stack = EGI_NEW(arena, uint32_t, num);
  t.frames = EGI_NEW(arena, frame, num);
  if (!t.component || !t.index || !t.low || !t.stack || !t.frames)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < num; ++c)
    if (!t.index[c])
      walk(&t, c);
  *out_num = t.num_components;
  return EG_OK;
}

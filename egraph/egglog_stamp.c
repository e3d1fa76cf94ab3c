// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which classes have changed, and when: what makes a node new to a rule.
//
// Found by comparing each class with a sum over its members from the time
// before, in one pass over the ids; a round that only needs tables makes none.
#include "egglog_internal.h"

static void touch_op(eg_egglog *p, uint32_t node) {
  p->op_times.data[egi_op_of(p->graph, node)] = p->time;
}

static void touch(eg_egglog *p, uint32_t id) {
  uint32_t num;
  p->stamps.data[id] = p->time;
  const uint32_t *nodes = egi_members(p->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    touch_op(p, nodes[i]);
  nodes = egi_parents(p->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    touch_op(p, nodes[i]);
}

static eg_status grow(eg_egglog *p, egi_words *words, size_t num) {
  if (words->num >= num)
    return EG_OK;
  EG_TRY(EGI_RESERVE(p->graph, words, num - words->num));
  memset(words->data + words->num, 0, (num - words->num) * 4u);
  words->num = num;
  return EG_OK;
}

// The sum over the members and their keys tells a class with other nodes from
// what it was; ids alone would not, for they are given again. 0 is a class that
// is gone.
static uint32_t sum_of(const eg_graph *graph, uint32_t id) {
  uint32_t num, len;
  uint64_t sum = 1;
  const uint32_t *members = egi_members(graph, id, &num);
  for (uint32_t i = 0; i < num; ++i) {
    const uint32_t *key = egi_key(graph, members[i], &len);
    sum = (sum ^ egi_hash(members[i], key, len)) * 0x9e3779b97f4a7c15u;
    sum ^= sum >> 32;
  }
  return (uint32_t)sum ? (uint32_t)sum : 1;
}

eg_status egl_stamp_classes(eg_egglog *p) {
  eg_graph *graph = p->graph;
  EG_TRY(grow(p, &p->stamps, graph->classes.num));
  EG_TRY(grow(p, &p->sums, graph->classes.num));
  EG_TRY(grow(p, &p->op_times, graph->ops.num));
  for (uint32_t id = 1; id < graph->classes.num; ++id) {
    uint32_t sum = egi_is_root(graph, id) ? sum_of(graph, id) : 0;
    if (sum == p->sums.data[id])
      continue;
    p->sums.data[id] = sum;
    touch(p, egi_find(graph, id));
  }
  return EG_OK;
}

// After a pop: everything counts as changed.
void egl_stamps_reset(eg_egglog *p) {
  p->stamps.num = p->sums.num = p->op_times.num = 0;
}

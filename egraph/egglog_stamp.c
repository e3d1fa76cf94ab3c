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

uint32_t egl_stamp_of(const eg_egglog *p, uint32_t id) {
  return id < p->stamps.num ? p->stamps.data[id] : 0;
}

static bool is_container_op(const eg_egglog *p, uint32_t op) {
  return op < p->sort_of_op.num && p->sort_of_op.data[op];
}

static bool is_container(const eg_egglog *p, uint32_t id) {
  uint32_t num;
  const uint32_t *members = egi_members(p->graph, id, &num);
  return num && is_container_op(p, egi_op_of(p->graph, members[0]));
}

// A container has changed when another class stands for one of its elements; and
// so have those that it is in: they name it as before, and it holds something
// else.
static eg_status touch_containers(eg_egglog *p) {
  const eg_graph *graph = p->graph;
  egi_words *todo = &p->scratch;
  todo->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, todo, graph->classes.num));
  for (uint32_t id = 1; id < graph->classes.num; ++id)
    if (p->stamps.data[id] == p->time && egi_is_root(graph, id) &&
        is_container(p, id))
      todo->data[todo->num++] = id;
  while (todo->num) {
    uint32_t num;
    const uint32_t *nodes = egi_parents(graph, todo->data[--todo->num], &num);
    for (uint32_t i = 0; i < num; ++i) {
      uint32_t home = egi_find(graph, egi_record(graph, nodes[i])[0]);
      if (!is_container_op(p, egi_op_of(graph, nodes[i])) ||
          p->stamps.data[home] == p->time)
        continue;
      touch(p, home); // it was not on the list, so there is room
      todo->data[todo->num++] = home;
    }
  }
  return EG_OK;
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
  return p->has_changing ? touch_containers(p) : EG_OK;
}

// After a pop: everything counts as changed.
void egl_stamps_reset(eg_egglog *p) {
  p->stamps.num = p->sums.num = p->op_times.num = 0;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which classes have changed, and when: what makes a node new to a rule.
//
// The graph's log says which nodes have changed since the last time, and a sum
// over the members of a class tells whether it has: what was merged and merged
// back, or found by congruence to be there, is no news. Where the log was
// dropped, all classes are gone over.
#include "changes.h"
#include "egglog_internal.h"

static void touch_op(eg_egglog *p, uint32_t node) {
  p->op_times.data[egi_op_of(p->graph, node)] = p->time;
}

// Stamps a class, and notes it; once a round.
static eg_status touch(eg_egglog *p, uint32_t id) {
  uint32_t num;
  if (p->stamps.data[id] == p->time)
    return EG_OK;
  EG_TRY(EGI_RESERVE(p->graph, &p->touched, 1));
  p->touched.data[p->touched.num++] = id;
  p->stamps.data[id] = p->time;
  const uint32_t *nodes = egi_members(p->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    touch_op(p, nodes[i]);
  nodes = egi_parents(p->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    touch_op(p, nodes[i]);
  return EG_OK;
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
// what it was; ids alone would not, for they are given again.
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
  for (size_t at = 0; at < p->touched.num; ++at) {
    uint32_t num, id = p->touched.data[at];
    if (!is_container(p, id))
      continue;
    const uint32_t *nodes = egi_parents(graph, id, &num);
    for (uint32_t i = 0; i < num; ++i)
      if (is_container_op(p, egi_op_of(graph, nodes[i])))
        EG_TRY(touch(p, egi_find(graph, egi_record(graph, nodes[i])[0])));
  }
  return EG_OK;
}

static eg_status stamp(eg_egglog *p, uint32_t id) {
  uint32_t sum = sum_of(p->graph, id);
  if (sum == p->sums.data[id])
    return EG_OK;
  p->sums.data[id] = sum;
  return touch(p, id);
}

static eg_status stamp_changed(eg_egglog *p, const egi_delta *delta) {
  const eg_graph *graph = p->graph;
  if (delta->full) {
    for (uint32_t id = 1; id < graph->classes.num; ++id)
      if (egi_is_root(graph, id))
        EG_TRY(stamp(p, id));
    return EG_OK;
  }
  for (size_t i = 0; i < delta->nodes.num; ++i) {
    uint32_t node = delta->nodes.data[i];
    EG_TRY(stamp(p, egi_find(graph, egi_record(graph, node)[0])));
  }
  return EG_OK;
}

eg_status egl_stamp_classes(eg_egglog *p) {
  eg_graph *graph = p->graph;
  egi_deltas deltas = {0};
  const egi_delta *delta;
  EG_TRY(grow(p, &p->stamps, graph->classes.num));
  EG_TRY(grow(p, &p->sums, graph->classes.num));
  EG_TRY(grow(p, &p->op_times, graph->ops.num));
  p->touched.num = 0;
  eg_status status = egi_deltas_get(graph, &deltas, p->epoch, false, &delta);
  if (status == EG_OK)
    status = stamp_changed(p, delta);
  egi_deltas_free(graph, &deltas);
  if (status == EG_OK && p->has_changing)
    status = touch_containers(p);
  return status == EG_OK ? egi_changes_epoch(graph, &p->epoch) : status;
}

// After a pop: everything counts as changed.
void egl_stamps_reset(eg_egglog *p) {
  p->stamps.num = p->sums.num = p->op_times.num = 0;
  p->epoch = 0;
}

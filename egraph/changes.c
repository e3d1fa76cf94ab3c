// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The log of changes, and the sets that a semi-naive search starts from (F.
// Bancilhon, R. Ramakrishnan, "An amateur's introduction to recursive query
// processing strategies", 1986; for e-graphs Y. Zhang et al., "Better together:
// unifying Datalog and equality saturation", 2023).
//
// A match is a set of facts "node n, with this key, in this class". One that is
// new has a new fact: a node that was made, got another key, or moved with the
// class that lost a union. The winner's own nodes state what they stated before.
// A condition may depend on more: on what is in the classes of the variables and
// on their values. For such rules the members and the parents of every class
// that changed count as new too.
//
// The log knows epochs, not rules, so a rule that a scheduler held back for long
// simply looks further back. When half of the graph has changed, the log is
// dropped: a full search is then as good.
#include "changes.h"

enum { WORTH = 1024 }; // changes that are noted in the smallest graph

void egi_changes_forget(eg_graph *graph) {
  egi_changes *c = &graph->changes;
  ++c->generation;
  c->nodes.num = c->classes.num = c->epochs.num = 0;
}

void egi_changes_free(eg_graph *graph) {
  EGI_RELEASE(graph, &graph->changes.nodes);
  EGI_RELEASE(graph, &graph->changes.classes);
  EGI_RELEASE(graph, &graph->changes.epochs);
}

void egi_changes_add(eg_graph *graph, egi_words *log, uint32_t id) {
  if (graph->changes.epochs.num == 0)
    return; // nobody could ask
  if (log->num >= WORTH + graph->num_nodes / 2 ||
      EGI_RESERVE(graph, log, 1) != EG_OK)
    egi_changes_forget(graph);
  else
    log->data[log->num++] = id;
}

eg_status egi_changes_epoch(eg_graph *graph, uint64_t *out_epoch) {
  egi_changes *c = &graph->changes;
  c->on = true;
  EG_TRY(EGI_RESERVE(graph, &c->epochs, 1));
  c->epochs.data[c->epochs.num++] =
      (egi_pair){(uint32_t)c->nodes.num, (uint32_t)c->classes.num};
  *out_epoch = (uint64_t)c->generation << 32 | c->epochs.num;
  return EG_OK;
}

//===-- Deltas ------------------------------------------------------------===//

static void add(const eg_graph *graph, egi_delta *d, uint32_t node) {
  uint64_t *word = &d->bits.data[node >> 6], bit = UINT64_C(1) << (node & 63);
  if (*word & bit || !egi_is_live(graph, node))
    return;
  *word |= bit;
  d->nodes.data[d->nodes.num++] = node;
}

static eg_status add_all(eg_graph *graph, egi_delta *d, const uint32_t *nodes,
                         uint32_t num) {
  EG_TRY(EGI_RESERVE(graph, &d->nodes, num));
  for (uint32_t i = 0; i < num; ++i)
    add(graph, d, nodes[i]);
  return EG_OK;
}

static eg_status add_around(eg_graph *graph, egi_delta *d, uint32_t id) {
  uint32_t num;
  const uint32_t *nodes = egi_members(graph, id, &num);
  EG_TRY(add_all(graph, d, nodes, num));
  nodes = egi_parents(graph, id, &num);
  return add_all(graph, d, nodes, num);
}

// The surroundings of the classes in the log from |from| on, each once.
static eg_status add_classes(eg_graph *graph, egi_delta *d, size_t from) {
  const egi_words *log = &graph->changes.classes;
  EGI_ARRAY(uint64_t) done = {0};
  size_t words = graph->classes.num / 64 + 1;
  EG_TRY(EGI_RESERVE(graph, &done, words));
  memset(done.data, 0, words * sizeof *done.data);
  eg_status status = EG_OK;
  for (size_t i = from; status == EG_OK && i < log->num; ++i) {
    uint32_t id = egi_find(graph, log->data[i]);
    uint64_t *word = &done.data[id >> 6], bit = UINT64_C(1) << (id & 63);
    if (*word & bit || d->nodes.num > graph->num_nodes / 2)
      continue;
    *word |= bit;
    status = add_around(graph, d, id);
  }
  EGI_RELEASE(graph, &done);
  return status;
}

// Counting sort by operator; within one the order of the log stays.
static eg_status sort_by_op(eg_graph *graph, egi_delta *d) {
  size_t num_ops = graph->ops.num;
  egi_words sorted = {0};
  EG_TRY(EGI_RESERVE(graph, &d->starts, num_ops + 2));
  EG_TRY(EGI_RESERVE(graph, &sorted, d->nodes.num + 1));
  uint32_t *starts = d->starts.data;
  memset(starts, 0, (num_ops + 2) * sizeof *starts);
  for (size_t i = 0; i < d->nodes.num; ++i)
    ++starts[egi_op_of(graph, d->nodes.data[i]) + 2u];
  for (size_t op = 2; op < num_ops + 2; ++op)
    starts[op] += starts[op - 1];
  for (size_t i = 0; i < d->nodes.num; ++i)
    sorted.data[starts[egi_op_of(graph, d->nodes.data[i]) + 1u]++] =
        d->nodes.data[i];
  sorted.num = d->nodes.num;
  EGI_RELEASE(graph, &d->nodes);
  d->nodes = sorted;
  return EG_OK;
}

static eg_status fill(eg_graph *graph, egi_delta *d) {
  const egi_changes *c = &graph->changes;
  uint32_t epoch = (uint32_t)d->since;
  d->full = epoch == 0 || d->since >> 32 != c->generation;
  if (d->full)
    return EG_OK;
  egi_pair from = c->epochs.data[epoch - 1];
  EG_TRY(EGI_RESERVE(graph, &d->bits, graph->live.num + 1));
  memset(d->bits.data, 0, graph->live.num * sizeof *d->bits.data);
  EG_TRY(add_all(graph, d, c->nodes.data + from.a,
                 (uint32_t)c->nodes.num - from.a));
  if (d->around)
    EG_TRY(add_classes(graph, d, from.b));
  d->full = d->nodes.num > graph->num_nodes / 2;
  return d->full ? EG_OK : sort_by_op(graph, d);
}

static void delta_free(eg_graph *graph, egi_delta *d) {
  EGI_RELEASE(graph, &d->nodes);
  EGI_RELEASE(graph, &d->starts);
  EGI_RELEASE(graph, &d->bits);
}

eg_status egi_deltas_get(eg_graph *graph, egi_deltas *deltas, uint64_t since,
                         bool around, const egi_delta **out_delta) {
  for (size_t i = 0; i < deltas->num; ++i) {
    *out_delta = &deltas->data[i];
    if ((*out_delta)->since == since && (*out_delta)->around == around)
      return EG_OK;
  }
  EG_TRY(EGI_RESERVE(graph, deltas, 1));
  egi_delta delta = {.since = since, .around = around};
  eg_status status = fill(graph, &delta);
  if (status != EG_OK) {
    delta_free(graph, &delta);
    return status;
  }
  deltas->data[deltas->num] = delta;
  *out_delta = &deltas->data[deltas->num++];
  return EG_OK;
}

void egi_deltas_free(eg_graph *graph, egi_deltas *deltas) {
  for (size_t i = 0; i < deltas->num; ++i)
    delta_free(graph, &deltas->data[i]);
  EGI_RELEASE(graph, deltas);
}

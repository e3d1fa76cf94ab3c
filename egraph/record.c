// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recording why nodes are equal: the origins of nodes, and the forest.
#include "record.h"

eg_status eg_proofs_enable(eg_graph *graph) {
  if (graph->proofs)
    return EG_OK;
  if (graph->classes.num > 1 || graph->undo.serial)
    return egi_fail_at(graph, EG_INVALID, 0,
                       "proofs come after the first node or push");
  egi_proofs *proofs = egi_resize(graph, NULL, 0, sizeof *proofs);
  if (!proofs)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for proofs");
  memset(proofs, 0, sizeof *proofs);
  graph->proofs = proofs;
  eg_status status = EGI_RESERVE(graph, &proofs->causes, 2);
  if (status == EG_OK)
    status = EGI_RESERVE(graph, &proofs->facts, 1);
  if (status != EG_OK) {
    egi_record_free(graph);
    return status;
  }
  proofs->causes.data[0] = (egi_cause){.kind = EGI_GIVEN};
  proofs->causes.data[1] = (egi_cause){.kind = EGI_CONGRUENT};
  proofs->causes.num = 2;
  proofs->facts.data[proofs->facts.num++] = 0; // place 0 is no reason
  return EG_OK;
}

bool eg_proofs_enabled(const eg_graph *graph) {
  return graph->proofs != NULL;
}

static void free_cause(eg_graph *graph, egi_cause *cause) {
  if (cause->name)
    egi_resize(graph, cause->name, strlen(cause->name) + 1, 0);
  if (!cause->rule)
    return;
  size_t num = cause->rule->query.vars.names.num + 1;
  egi_resize(graph, cause->sources, num * sizeof *cause->sources, 0);
  egi_rule_free(graph, cause->rule);
  egi_resize(graph, cause->rule, sizeof *cause->rule, 0);
}

void egi_record_free(eg_graph *graph) {
  egi_proofs *p = graph->proofs;
  if (!p)
    return;
  for (size_t i = 0; i < p->causes.num; ++i)
    free_cause(graph, &p->causes.data[i]);
  EGI_RELEASE(graph, &p->causes);
  EGI_RELEASE(graph, &p->origins);
  EGI_RELEASE(graph, &p->reasons);
  EGI_RELEASE(graph, &p->founders);
  EGI_RELEASE(graph, &p->wide);
  EGI_RELEASE(graph, &p->facts);
  EGI_RELEASE(graph, &p->scratch);
  EGI_RELEASE(graph, &p->marks);
  egi_resize(graph, p, sizeof *p, 0);
  graph->proofs = NULL;
}

void egi_record_truncate(eg_graph *graph, size_t facts, size_t wide,
                         size_t causes) {
  egi_proofs *p = graph->proofs;
  p->facts.num = facts;
  p->wide.num = wide;
  while (p->causes.num > causes)
    free_cause(graph, &p->causes.data[--p->causes.num]);
}

//===-- Nodes -------------------------------------------------------------===//

// The arrays beside words, nodes and classes have no sizes of their own: their
// |num| stays 0.
eg_status egi_record_page(eg_graph *graph, size_t words) {
  egi_proofs *p = graph->proofs;
  size_t slots = (graph->pages.num + 2) << EGI_PAGE_BITS;
  EG_TRY(EGI_RESERVE(graph, &p->origins, graph->words.num + words));
  return EGI_RESERVE(graph, &p->reasons, slots);
}

eg_status egi_record_class(eg_graph *graph) {
  return EGI_RESERVE(graph, &graph->proofs->founders, graph->classes.num + 2);
}

eg_status egi_record_reserve(eg_graph *graph, uint32_t num) {
  return num > EGI_MAX_INLINE
             ? EGI_RESERVE(graph, &graph->proofs->wide, (size_t)num + 1)
             : EGI_RESERVE(graph, &graph->proofs->wide, EGI_MAX_INLINE + 1);
}

uint32_t *egi_record_next(const eg_graph *graph, uint32_t node) {
  const egi_page *page = egi_page_of(graph, node);
  return graph->proofs->origins.data + page->first +
         (size_t)(node & (EGI_PAGE_SLOTS - 1)) * page->stride;
}

void egi_record_node(eg_graph *graph, uint32_t node, uint32_t payload,
                     const uint32_t *origins, uint32_t num) {
  egi_proofs *p = graph->proofs;
  uint32_t *record = egi_record_next(graph, node), *into = record + 1;
  uint32_t start = egi_key_start(graph, egi_op_of(graph, node));
  if (egi_page_of(graph, node)->wide) {
    record[1] = (uint32_t)p->wide.num;
    into = p->wide.data + p->wide.num;
    *into++ = num + start;
    p->wide.num += (size_t)num + start + 1;
  }
  record[0] = 0;
  if (start)
    *into++ = payload;
  if (num)
    memcpy(into, origins, num * 4u);
  p->reasons.data[node] = 0;
}

const uint32_t *egi_record_origins(const eg_graph *graph, uint32_t node,
                                   uint32_t *out_num) {
  const egi_page *page = egi_page_of(graph, node);
  const uint32_t *record = egi_record_next(graph, node);
  uint32_t start = egi_key_start(graph, page->op), num = page->stride - 1u;
  const uint32_t *key = record + 1;
  if (page->wide) {
    key = graph->proofs->wide.data + record[1];
    num = *key++;
  }
  *out_num = num - start;
  return key + start;
}

//===-- The forest --------------------------------------------------------===//

// A link to be made: one end becomes the root of its tree and gets the other as
// its next node. The end with the shorter way to its root is turned round; what
// will be undone is logged at once, since merging wants room in the log too.
typedef struct link {
  uint32_t from, to;
} link;

static eg_status prepare(eg_graph *graph, uint32_t x, uint32_t y, uint32_t num,
                         link *out) {
  egi_proofs *p = graph->proofs;
  size_t length = 1;
  uint32_t a = x, b = y;
  for (; p->reasons.data[a] && p->reasons.data[b]; ++length) {
    a = *egi_record_next(graph, a);
    b = *egi_record_next(graph, b);
  }
  *out = p->reasons.data[a] ? (link){y, x} : (link){x, y};
  if (p->facts.num + num > UINT32_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "more than 2^32 words of proofs");
  EG_TRY(EGI_RESERVE(graph, &p->facts, num));
  EG_TRY(egi_undo_reserve(graph, length * 4));
  for (uint32_t node = out->from; length--;
       node = *egi_record_next(graph, node))
    if (egi_undo_is_old(graph, node))
      egi_undo_linked(graph, node, *egi_record_next(graph, node),
                      p->reasons.data[node]);
  return EG_OK;
}

void egi_record_relink(eg_graph *graph, uint32_t node, uint32_t next,
                       uint32_t reason) {
  *egi_record_next(graph, node) = next;
  graph->proofs->reasons.data[node] = reason;
}

uint32_t egi_record_fact(eg_graph *graph, const uint32_t *fact, uint32_t num) {
  egi_words *facts = &graph->proofs->facts;
  uint32_t place = (uint32_t)facts->num;
  memcpy(facts->data + place, fact, num * 4u);
  facts->num += num;
  return place;
}

static void make(eg_graph *graph, link l, uint32_t place) {
  uint32_t node = l.from, next = l.to, reason = place;
  for (;;) {
    uint32_t old_next = *egi_record_next(graph, node);
    uint32_t old_reason = graph->proofs->reasons.data[node];
    egi_record_relink(graph, node, next, reason);
    if (!old_reason)
      return;
    next = node;
    node = old_next;
    reason = old_reason;
  }
}

static uint32_t root_of(eg_graph *graph, uint32_t node) {
  return egi_find(graph, egi_record(graph, node)[0]);
}

eg_status egi_record_merge(eg_graph *graph, uint32_t x, uint32_t y,
                           const uint32_t *fact, uint32_t num) {
  link l;
  EG_TRY(prepare(graph, x, y, num, &l));
  EG_TRY(egi_merge(graph, root_of(graph, x), root_of(graph, y)));
  make(graph, l, egi_record_fact(graph, fact, num));
  return EG_OK;
}

eg_status egi_record_union(eg_graph *graph, eg_class a, eg_class b) {
  egi_proofs *p = graph->proofs;
  uint32_t x = p->founders.data[a.id], y = p->founders.data[b.id];
  uint32_t fact[3] = {p->cause, x, p->label};
  return egi_record_merge(graph, x, y, fact, p->cause ? 2 : 3);
}

//===-- Causes ------------------------------------------------------------===//

static eg_status callback_cause(eg_graph *graph, const char *name,
                                uint32_t *out_cause) {
  egi_proofs *p = graph->proofs;
  for (uint32_t i = 0; i < p->causes.num; ++i)
    if (p->causes.data[i].name && strcmp(p->causes.data[i].name, name) == 0) {
      *out_cause = i;
      return EG_OK;
    }
  EG_TRY(EGI_RESERVE(graph, &p->causes, 1));
  size_t size = strlen(name) + 1;
  char *copy = egi_resize(graph, NULL, 0, size);
  if (!copy)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for name '%s'", name);
  memcpy(copy, name, size);
  *out_cause = (uint32_t)p->causes.num;
  p->causes.data[p->causes.num++] =
      (egi_cause){.kind = EGI_CALLBACK, .name = copy};
  return EG_OK;
}

eg_status egi_record_callback(eg_graph *graph, const char *name) {
  if (!graph->proofs)
    return EG_OK;
  graph->proofs->cause = EGI_NO_CAUSE;
  return *name ? callback_cause(graph, name, &graph->proofs->cause) : EG_OK;
}

// The first atom that has the slot as a child, or in its class; or the ground
// term there.
static egi_source source_of(const egi_query *q, uint32_t slot, bool is_root) {
  egi_source home = {EGI_NONE, EGI_NONE};
  for (uint32_t a = 0; a < q->atoms.num; ++a) {
    const egi_atom *atom = &q->atoms.data[a];
    if (atom->home == slot && home.atom == EGI_NONE)
      home.atom = a;
    for (uint32_t k = 0; !is_root && k < atom->num; ++k)
      if (q->children.data[atom->first + k] == slot)
        return (egi_source){a, k};
  }
  for (uint32_t i = 0; home.atom == EGI_NONE && i < q->ground_slots.num; ++i)
    if (q->ground_slots.data[i].b == slot)
      return (egi_source){EGI_NONE, q->ground_slots.data[i].a};
  if (home.atom == EGI_NONE && is_root) // a bare variable
    return source_of(q, slot, false);
  return home;
}

static eg_status make_sources(eg_graph *graph, egi_cause *cause) {
  const egi_query *q = &cause->rule->query;
  size_t num = q->vars.names.num + 1;
  cause->sources = egi_resize(graph, NULL, 0, num * sizeof *cause->sources);
  if (!cause->sources)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for proofs");
  cause->sources[0] = source_of(q, q->root, true);
  for (size_t v = 0; v + 1 < num; ++v)
    cause->sources[v + 1] = source_of(q, q->var_slots.data[v], false);
  return EG_OK;
}

static eg_status clone_rule(eg_graph *graph, const egi_rule *rule,
                            egi_cause *cause) {
  cause->rule = egi_resize(graph, NULL, 0, sizeof *cause->rule);
  if (!cause->rule)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for proofs");
  eg_status status = egi_rule_clone(graph, rule, cause->rule);
  if (status == EG_OK)
    status = make_sources(graph, cause);
  if (status == EG_OK)
    return EG_OK;
  egi_rule_free(graph, cause->rule);
  egi_resize(graph, cause->rule, sizeof *cause->rule, 0);
  return status;
}

// What was made in a level that has been popped is not there any more.
eg_status egi_record_rule(eg_graph *graph, egi_rule *rule,
                          uint32_t *out_cause) {
  egi_proofs *p = graph->proofs;
  *out_cause = rule->cause;
  if (rule->cause && rule->cause < p->causes.num &&
      p->causes.data[rule->cause].uid == rule->cause_uid)
    return EG_OK;
  egi_cause cause = {.kind = EGI_RULE, .first = (uint32_t)p->causes.num};
  size_t num = rule->unions.num ? rule->unions.num : 1;
  EG_TRY(EGI_RESERVE(graph, &p->causes, num));
  EG_TRY(clone_rule(graph, rule, &cause));
  cause.uid = rule->cause_uid = ++p->uid;
  rule->cause = cause.first;
  for (uint32_t i = 0; i < num; ++i) {
    cause.equality = i;
    p->causes.data[p->causes.num++] = cause;
    cause.rule = NULL;
    cause.sources = NULL;
  }
  *out_cause = rule->cause;
  return EG_OK;
}

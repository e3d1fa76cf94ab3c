// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiling left-hand sides: patterns become atoms over slots, as a conjunctive
// query over the relations "node of op, with these children, in this class" (Y.
// Zhang et al., "Relational E-Matching", POPL 2022).
//
// Ground subterms never become atoms: a search looks each up once, and its slot
// is bound from the start.
#include "rule.h"

//===-- Ground terms ------------------------------------------------------===//

eg_status egi_mark_ground(eg_graph *graph, const egi_pattern *pattern,
                          egi_words *out_ground) {
  EG_TRY(EGI_RESERVE(graph, out_ground, pattern->nodes.num));
  for (size_t i = 0; i < pattern->nodes.num; ++i) {
    const egi_pnode *n = &pattern->nodes.data[i];
    bool ground = n->var == EGI_NO_VAR;
    for (uint32_t k = 0; k < n->num; ++k)
      ground &= out_ground->data[pattern->args.data[n->first + k]] != 0;
    out_ground->data[out_ground->num++] = ground;
  }
  return EG_OK;
}

eg_status egi_copy_ground(eg_graph *graph, const egi_pattern *pattern,
                          const egi_words *ground, egi_pattern *into,
                          egi_words *out_at) {
  EG_TRY(EGI_RESERVE(graph, out_at, pattern->nodes.num));
  EG_TRY(EGI_RESERVE(graph, &into->nodes, pattern->nodes.num));
  EG_TRY(EGI_RESERVE(graph, &into->args, pattern->args.num));
  for (size_t i = 0; i < pattern->nodes.num; ++i) {
    out_at->data[out_at->num++] = (uint32_t)into->nodes.num;
    if (!ground->data[i])
      continue;
    egi_pnode n = pattern->nodes.data[i];
    uint32_t first = (uint32_t)into->args.num;
    for (uint32_t k = 0; k < n.num; ++k)
      into->args.data[into->args.num++] =
          out_at->data[pattern->args.data[n.first + k]];
    n.first = first;
    into->nodes.data[into->nodes.num++] = n;
  }
  return EG_OK;
}

//===-- Slots -------------------------------------------------------------===//

typedef struct compiler {
  eg_graph *graph;
  const egi_side *side;
  egi_query *query;
  const egi_vars *vars;
  const uint32_t *var_sorts;
  egi_words ground, ground_at; // per pattern node
  egi_words slot;              // per pattern node
  egi_words up;                // union-find over slots, then their final number
} compiler;

enum { UNKNOWN = UINT32_MAX };

static uint32_t find(egi_words *up, uint32_t slot) {
  while (up->data[slot] != slot)
    slot = up->data[slot] = up->data[up->data[slot]];
  return slot;
}

// A slot per variable and per other node; then '=' unites them.
static eg_status number_nodes(compiler *c) {
  const egi_pattern *p = &c->side->pattern;
  size_t num_vars = c->vars->names.num;
  EG_TRY(EGI_RESERVE(c->graph, &c->slot, p->nodes.num));
  EG_TRY(EGI_RESERVE(c->graph, &c->up, num_vars + p->nodes.num));
  for (size_t i = 0; i < num_vars + p->nodes.num; ++i)
    c->up.data[c->up.num++] = (uint32_t)i;
  for (size_t i = 0; i < p->nodes.num; ++i) {
    uint16_t var = p->nodes.data[i].var;
    c->slot.data[c->slot.num++] =
        var != EGI_NO_VAR ? var : (uint32_t)(num_vars + i);
  }
  const egi_words *roots = &c->side->roots, *ends = &c->side->ends;
  for (size_t item = 0, at = 0; item < ends->num; ++item) {
    uint32_t first = c->slot.data[roots->data[at++]];
    for (; at < ends->data[item]; ++at)
      c->up.data[find(&c->up, c->slot.data[roots->data[at]])] =
          find(&c->up, first);
  }
  return EG_OK;
}

// Counts the slots that are left, and numbers them.
static eg_status number_slots(compiler *c) {
  egi_words final = {0};
  EG_TRY(EGI_RESERVE(c->graph, &final, c->up.num + 1));
  for (uint32_t i = 0; i < c->up.num; ++i)
    final.data[i] = UNKNOWN;
  egi_query *q = c->query;
  for (size_t i = 0; i < c->slot.num; ++i) {
    uint32_t root = find(&c->up, c->slot.data[i]);
    if (final.data[root] == UNKNOWN)
      final.data[root] = q->num_slots++;
    c->slot.data[i] = final.data[root];
  }
  eg_status status = EGI_RESERVE(c->graph, &q->var_slots, c->vars->names.num);
  for (uint32_t i = 0; status == EG_OK && i < c->vars->names.num; ++i)
    q->var_slots.data[q->var_slots.num++] = final.data[find(&c->up, i)];
  EGI_RELEASE(c->graph, &final);
  q->root = c->slot.data[c->side->roots.data[0]];
  return status;
}

//===-- Atoms -------------------------------------------------------------===//

static eg_status add_ground(compiler *c, uint32_t node) {
  egi_query *q = c->query;
  EG_TRY(EGI_RESERVE(c->graph, &q->ground_slots, 1));
  q->ground_slots.data[q->ground_slots.num++] =
      (egi_pair){c->ground_at.data[node], c->slot.data[node]};
  return EG_OK;
}

static eg_status add_atom(compiler *c, uint32_t node, bool is_root) {
  egi_query *q = c->query;
  const egi_pattern *p = &c->side->pattern;
  const egi_pnode *n = &p->nodes.data[node];
  EG_TRY(EGI_RESERVE(c->graph, &q->atoms, 1));
  EG_TRY(EGI_RESERVE(c->graph, &q->children, n->num));
  q->atoms.data[q->atoms.num++] = (egi_atom){
      n->op, is_root, n->payload, c->slot.data[node], (uint32_t)q->children.num,
      n->num};
  for (uint32_t k = 0; k < n->num; ++k) {
    uint32_t child = p->args.data[n->first + k];
    q->children.data[q->children.num++] = c->slot.data[child];
    if (c->ground.data[child])
      EG_TRY(add_ground(c, child));
  }
  return EG_OK;
}

static eg_status add_atoms(compiler *c) {
  const egi_pattern *p = &c->side->pattern;
  for (uint32_t tree = 0, first = 0; tree < c->side->roots.num; ++tree) {
    uint32_t root = c->side->roots.data[tree];
    if (c->ground.data[root])
      EG_TRY(add_ground(c, root));
    for (uint32_t node = root + 1; node-- > first;)
      if (p->nodes.data[node].var == EGI_NO_VAR && !c->ground.data[node])
        EG_TRY(add_atom(c, node, node == root));
    first = root + 1;
  }
  return EG_OK;
}

static bool stands_in_pattern(const egi_query *q, uint32_t slot) {
  for (size_t i = 0; i < q->children.num; ++i)
    if (q->children.data[i] == slot)
      return true;
  for (size_t i = 0; i < q->atoms.num; ++i)
    if (q->atoms.data[i].home == slot)
      return true;
  for (size_t i = 0; i < q->ground_slots.num; ++i)
    if (q->ground_slots.data[i].b == slot)
      return true;
  return false;
}

// What stands in no pattern is any class.
static eg_status add_any(compiler *c) {
  egi_query *q = c->query;
  for (size_t i = 0; i < q->var_slots.num; ++i) {
    uint32_t slot = q->var_slots.data[i];
    if (stands_in_pattern(q, slot))
      continue;
    EG_TRY(EGI_RESERVE(c->graph, &q->atoms, 1));
    q->atoms.data[q->atoms.num++] = (egi_atom){.op = EGI_ANY,
                                               .is_root = true,
                                               .payload = c->var_sorts[i],
                                               .home = slot};
  }
  return EG_OK;
}

static eg_status compile(compiler *c) {
  const egi_pattern *p = &c->side->pattern;
  EG_TRY(egi_mark_ground(c->graph, p, &c->ground));
  EG_TRY(egi_copy_ground(c->graph, p, &c->ground, &c->query->grounds,
                         &c->ground_at));
  EG_TRY(number_nodes(c));
  EG_TRY(number_slots(c));
  EG_TRY(add_atoms(c));
  return add_any(c);
}

eg_status egi_query_init(eg_graph *graph, const egi_side *side,
                         const uint32_t *var_sorts, egi_vars *vars,
                         egi_guards *guards, egi_query *out_query) {
  compiler c = {.graph = graph,
                .side = side,
                .query = out_query,
                .vars = vars,
                .var_sorts = var_sorts};
  memset(out_query, 0, sizeof *out_query);
  eg_status status = compile(&c);
  EGI_RELEASE(graph, &c.ground);
  EGI_RELEASE(graph, &c.ground_at);
  EGI_RELEASE(graph, &c.slot);
  EGI_RELEASE(graph, &c.up);
  if (status != EG_OK)
    return status;
  out_query->vars = *vars;
  out_query->guards = *guards;
  *vars = (egi_vars){0};
  *guards = (egi_guards){0};
  return EG_OK;
}

void egi_guards_free(eg_graph *graph, egi_guards *guards) {
  egi_vars_free(graph, &guards->names);
  EGI_RELEASE(graph, &guards->guards);
  EGI_RELEASE(graph, &guards->vars);
}

eg_status egi_guard_add(eg_graph *graph, egi_guards *guards, egi_guard guard,
                        const char *name, size_t len) {
  EG_TRY(EGI_RESERVE(graph, &guards->guards, 1));
  EG_TRY(egi_name_add(graph, &guards->names, name, len));
  guards->guards.data[guards->guards.num++] = guard;
  return EG_OK;
}

void egi_pattern_free(eg_graph *graph, egi_pattern *pattern) {
  EGI_RELEASE(graph, &pattern->nodes);
  EGI_RELEASE(graph, &pattern->args);
}

void egi_side_free(eg_graph *graph, egi_side *side) {
  egi_pattern_free(graph, &side->pattern);
  EGI_RELEASE(graph, &side->roots);
  EGI_RELEASE(graph, &side->ends);
}

void egi_query_free(eg_graph *graph, egi_query *query) {
  egi_vars_free(graph, &query->vars);
  egi_guards_free(graph, &query->guards);
  EGI_RELEASE(graph, &query->var_slots);
  EGI_RELEASE(graph, &query->atoms);
  EGI_RELEASE(graph, &query->children);
  egi_pattern_free(graph, &query->grounds);
  EGI_RELEASE(graph, &query->ground_slots);
}

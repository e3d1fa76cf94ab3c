// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Presolve: a smaller net that poses the same question. Each round marks what a
// rule can spare and copies the rest; rounds go on until nothing is spared.
// The rules, and why each keeps an optimal choice: extract_rules.c.
#include "extract_presolve.h"

enum {
  MAX_NEEDS_CLASSES = 16384, // 32 MiB of bits
  MAX_ROUNDS = 64,
};

static bool has(const egi_presolving *s, uint32_t rule) {
  return s->mask & rule;
}

//===-- Rounds ------------------------------------------------------------===//

static eg_status prepare(egi_presolving *s) {
  const eg_problem *p = &s->net->p;
  egi_arena *a = s->arena;
  s->keep = EGI_NEW(a, uint8_t, p->num_nodes);
  s->keep_edge = EGI_NEW(a, uint8_t, p->num_children);
  s->costs = EGI_NEW(a, double, p->num_nodes);
  s->roots = EGI_NEW(a, uint32_t, p->num_classes + p->num_roots);
  s->is_root = EGI_NEW(a, uint8_t, p->num_classes);
  s->stamp = EGI_NEW(a, uint32_t, p->num_classes);
  if (!s->keep || !s->keep_edge || !s->costs || !s->roots || !s->is_root ||
      !s->stamp)
    return EG_NO_MEMORY;
  memset(s->keep, 1, p->num_nodes);
  memset(s->keep_edge, 1, p->num_children);
  memcpy(s->costs, p->costs, p->num_nodes * sizeof *s->costs);
  memcpy(s->roots, p->roots, p->num_roots * sizeof *s->roots);
  s->num_roots = p->num_roots;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    s->is_root[p->roots[r]] = 1;
  s->now = 0;
  s->spared = 0;
  s->needs.bits = NULL;
  return EG_OK;
}

static eg_status apply_rules(egi_presolving *s, bool deep) {
  uint32_t num;
  if (deep && s->net->p.num_classes <= MAX_NEEDS_CLASSES)
    EG_TRY(egi_needs_make(&s->scratch, s->net, s->x, &s->needs));
  if (has(s, EG_PRESOLVE(CYCLES)))
    egi_spare_cycles(s);
  if (has(s, EG_PRESOLVE(BOUND)))
    EG_TRY(egi_spare_bound(s));
  if (has(s, EG_PRESOLVE(DOMINATED)))
    egi_spare_dominated(s);
  if (has(s, EG_PRESOLVE(IMPLIED)))
    egi_spare_implied(s);
  if (has(s, EG_PRESOLVE(FORCED))) {
    EG_TRY(egi_components(&s->scratch, s->net, &s->component, &num));
    EG_TRY(egi_spare_forced(s));
  }
  return EG_OK;
}

// The net without what was marked; |closed| when no root has a term left, which
// only the bound can do.
static eg_status copy_kept(egi_presolving *s) {
  egi_arena *a = s->arena;
  egi_net *net = s->net;
  net->p.roots = s->roots;
  net->p.num_roots = s->num_roots;
  egi_net *smaller = EGI_NEW(a, egi_net, 1), *usable = EGI_NEW(a, egi_net, 1);
  if (!smaller || !usable)
    return EG_NO_MEMORY;
  EG_TRY(egi_net_shrink(a, net, s->keep, s->keep_edge, s->costs, smaller));
  uint8_t *keep = EGI_NEW(a, uint8_t, smaller->p.num_nodes);
  uint8_t *has_term = EGI_NEW(a, uint8_t, smaller->p.num_classes);
  if (!keep || !has_term)
    return EG_NO_MEMORY;
  egi_mark mark = egi_arena_mark(&s->scratch);
  EG_TRY(egi_net_usable(&s->scratch, smaller, keep, has_term));
  egi_arena_reset(&s->scratch, mark);
  for (uint32_t r = 0; r < smaller->p.num_roots; ++r)
    s->out->closed |= !has_term[smaller->p.roots[r]];
  if (s->out->closed)
    return EG_OK;
  bool all = true;
  for (uint32_t n = 0; n < smaller->p.num_nodes; ++n)
    all &= keep[n];
  s->net = smaller;
  if (all)
    return EG_OK;
  EG_TRY(egi_net_shrink(a, smaller, keep, NULL, smaller->p.costs, usable));
  s->net = usable;
  return EG_OK;
}

// Rules that only look at neighbours, one copy each so that what they see is
// true: costs that PULL moved, edges that are there.
static eg_status cheap_round(egi_presolving *s, uint64_t *out_spared) {
  EG_TRY(prepare(s));
  if (has(s, EG_PRESOLVE(FREE)))
    egi_spare_free(s);
  if (has(s, EG_PRESOLVE(PULL)) && !s->spared)
    egi_spare_pull(s);
  *out_spared = s->spared;
  if (*out_spared)
    EG_TRY(copy_kept(s));
  if (s->out->closed || !has(s, EG_PRESOLVE(CONTRACT)))
    return EG_OK;
  EG_TRY(prepare(s));
  EG_TRY(egi_spare_contract(s));
  *out_spared += s->spared;
  return s->spared ? copy_kept(s) : EG_OK;
}

static eg_status deep_round(egi_presolving *s, bool deep,
                            uint64_t *out_spared) {
  EG_TRY(prepare(s));
  egi_mark mark = egi_arena_mark(&s->scratch);
  EG_TRY(apply_rules(s, deep));
  egi_arena_reset(&s->scratch, mark);
  *out_spared = s->spared + (s->num_roots - s->net->p.num_roots);
  return *out_spared ? copy_kept(s) : EG_OK;
}

static eg_status start(egi_presolving *s, const egi_net *base) {
  egi_arena *arena = s->arena;
  egi_reduced *out = s->out;
  *out = (egi_reduced){.fixed = EGI_NEW(arena, uint32_t, base->p.num_classes)};
  s->net = EGI_NEW(arena, egi_net, 1);
  if (!out->fixed || !s->net)
    return EG_NO_MEMORY;
  memset(out->fixed, 0xff, base->p.num_classes * sizeof *out->fixed);
  *s->net = *base;
  s->net->origin_node = EGI_NEW(arena, uint32_t, base->p.num_nodes);
  s->net->origin_class = EGI_NEW(arena, uint32_t, base->p.num_classes);
  if (!s->net->origin_node || !s->net->origin_class)
    return EG_NO_MEMORY;
  for (uint32_t n = 0; n < base->p.num_nodes; ++n)
    s->net->origin_node[n] = n;
  for (uint32_t c = 0; c < base->p.num_classes; ++c)
    s->net->origin_class[c] = c;
  return EG_OK;
}

static eg_status rounds(egi_presolving *s, eg_extraction *x, bool exact) {
  bool deep = false;
  for (int round = 0; round < MAX_ROUNDS; ++round) {
    uint64_t cheap = 0, spared = 0;
    EG_TRY(cheap_round(s, &cheap));
    if (!s->out->closed)
      EG_TRY(deep_round(s, deep, &spared));
    uint64_t size = (uint64_t)s->net->p.num_children + s->net->p.num_nodes;
    if (s->out->closed || !eg_extraction_work(x, size))
      return EG_OK;
    // Without needs, rounds must pay: a long chain would take one per link.
    bool may_be_deep = exact && s->net->p.num_classes <= MAX_NEEDS_CLASSES;
    if (cheap + spared > (may_be_deep ? 0 : size / 64))
      continue;
    if (deep || !may_be_deep)
      return EG_OK;
    deep = true; // what neighbours tell is done
  }
  return EG_OK;
}

// Begins with the nodes of |keep| alone.
static eg_status take_kept(egi_presolving *s, const uint8_t *keep) {
  EG_TRY(prepare(s));
  memcpy(s->keep, keep, s->net->p.num_nodes);
  return copy_kept(s);
}

eg_status egi_presolve_kept(egi_arena *arena, const egi_net *base,
                            const uint8_t *keep, uint32_t mask, double known,
                            bool deep, eg_extraction *x, egi_reduced *out) {
  egi_presolving s = {.arena = arena,
                      .scratch.allocator = arena->allocator,
                      .x = x,
                      .mask = mask,
                      .known = known,
                      .out = out};
  EG_TRY(start(&s, base));
  eg_status status = keep ? take_kept(&s, keep) : EG_OK;
  if (status == EG_OK && !out->closed)
    status = rounds(&s, x, deep);
  egi_arena_free(&s.scratch);
  out->net = *s.net;
  return status;
}

eg_status egi_presolve(egi_arena *arena, const egi_net *base, uint32_t mask,
                       double known, bool deep, eg_extraction *x,
                       egi_reduced *out) {
  return egi_presolve_kept(arena, base, NULL, mask, known, deep, x, out);
}

void egi_unreduce(const egi_reduced *reduced, const egi_net *base,
                  const uint32_t *choice, uint32_t *out_choice) {
  memcpy(out_choice, reduced->fixed, base->p.num_classes * sizeof *choice);
  for (uint32_t c = 0; c < reduced->net.p.num_classes; ++c)
    if (choice[c] != EG_NO_NODE)
      out_choice[reduced->net.origin_class[c]] =
          reduced->net.origin_node[choice[c]];
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The parts of a proof: the terms of nodes, chains and links, the instances of
// patterns.
#include "explain.h"

//===-- Terms of nodes ----------------------------------------------------===//

static egi_pair *node_slot(const egi_builder *b, uint32_t node) {
  size_t mask = b->node_terms.num - 1;
  size_t at = (node * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
  while (b->node_terms.data[at].a && b->node_terms.data[at].a != node)
    at = (at + 1) & mask;
  return &b->node_terms.data[at];
}

static eg_status grow_node_terms(egi_builder *b) {
  size_t old = b->node_terms.num, num = old ? 2 * old : 64;
  if (2 * (b->num_node_terms + 1) <= old)
    return EG_OK;
  egi_pair *entries = b->node_terms.data;
  size_t old_cap = b->node_terms.cap;
  memset(&b->node_terms, 0, sizeof b->node_terms);
  eg_status status = EGI_RESERVE(b->graph, &b->node_terms, num);
  if (status != EG_OK) {
    b->node_terms.data = entries;
    b->node_terms.num = old;
    b->node_terms.cap = old_cap;
    return status;
  }
  b->node_terms.num = num;
  memset(b->node_terms.data, 0, num * sizeof *entries);
  for (size_t i = 0; i < old; ++i)
    if (entries[i].a)
      *node_slot(b, entries[i].a) = entries[i];
  egi_resize(b->graph, entries, old_cap * sizeof *entries, 0);
  return EG_OK;
}

static eg_status push(egi_builder *b, egi_words *words, uint32_t word) {
  EG_TRY(EGI_RESERVE(b->graph, words, 1));
  words->data[words->num++] = word;
  return EG_OK;
}

// The term of |node| if all its origins have theirs; else they are put on the
// to-do list.
static eg_status try_term(egi_builder *b, uint32_t node, uint32_t *out_term) {
  uint32_t num;
  const uint32_t *origins = egi_record_origins(b->graph, node, &num);
  bool ready = true;
  b->children.num = 0;
  *out_term = 0;
  EG_TRY(EGI_RESERVE(b->graph, &b->children, (size_t)num + 1));
  for (uint32_t k = 0; k < num; ++k) {
    uint32_t term = node_slot(b, origins[k])->b;
    b->children.data[k] = term;
    if (term)
      continue;
    ready = false;
    EG_TRY(push(b, &b->todo, origins[k]));
  }
  if (!ready)
    return EG_OK;
  eg_op op = eg_node_op(b->graph, (eg_node){node});
  uint32_t payload = egi_key_start(b->graph, op.id) ? origins[-1] : 0;
  EG_TRY(egi_proof_term(b->proof, op.id, payload, b->children.data, num,
                        out_term));
  EG_TRY(grow_node_terms(b));
  *node_slot(b, node) = (egi_pair){node, *out_term};
  ++b->num_node_terms;
  return EG_OK;
}

// The term that a node was made for.
eg_status egi_explain_term(egi_builder *b, uint32_t node, uint32_t *out_term) {
  EG_TRY(grow_node_terms(b));
  b->todo.num = 0;
  EG_TRY(push(b, &b->todo, node));
  while (b->todo.num) {
    size_t top = b->todo.num;
    uint32_t next = b->todo.data[top - 1], term = node_slot(b, next)->b;
    if (!term)
      EG_TRY(try_term(b, next, &term));
    if (term)
      --b->todo.num;
  }
  *out_term = node_slot(b, node)->b;
  return EG_OK;
}

//===-- Chains and links --------------------------------------------------===//

static uint32_t *lemma_slot(const egi_builder *b, uint32_t x, uint32_t y) {
  size_t mask = b->lemma_slots.num - 1;
  uint64_t h = (x | (uint64_t)y << 32) * UINT64_C(0x9e3779b97f4a7c15);
  for (size_t at = (h ^ h >> 32) & mask;; at = (at + 1) & mask) {
    uint32_t *slot = &b->lemma_slots.data[at];
    if (!*slot ||
        (b->lemmas.data[*slot - 1].x == x && b->lemmas.data[*slot - 1].y == y))
      return slot;
  }
}

static eg_status grow_lemmas(egi_builder *b) {
  size_t num = b->lemma_slots.num;
  if (2 * (b->lemmas.num + 1) <= num)
    return EG_OK;
  num = num ? 2 * num : 64;
  EG_TRY(EGI_RESERVE(b->graph, &b->lemma_slots, num - b->lemma_slots.num));
  b->lemma_slots.num = num;
  memset(b->lemma_slots.data, 0, num * sizeof(uint32_t));
  for (uint32_t i = 0; i < b->lemmas.num; ++i)
    *lemma_slot(b, b->lemmas.data[i].x, b->lemmas.data[i].y) = i + 1;
  return EG_OK;
}

eg_status egi_explain_new_chain(egi_builder *b, uint32_t from, uint32_t to,
                                uint32_t *out_chain) {
  EG_TRY(EGI_RESERVE(b->graph, &b->proof->chains, 1));
  *out_chain = (uint32_t)b->proof->chains.num;
  b->proof->chains.data[b->proof->chains.num++] =
      (egi_chain){.from = from, .to = to};
  return EG_OK;
}

// A link from the term of |x| to the term of |y|, which are in one tree.
eg_status egi_explain_link(egi_builder *b, uint32_t x, uint32_t y,
                           uint32_t *out_link) {
  uint32_t from, to;
  EG_TRY(egi_explain_term(b, x, &from));
  EG_TRY(egi_explain_term(b, y, &to));
  *out_link = 0;
  if (from == to)
    return EG_OK;
  bool backwards = x > y;
  EG_TRY(grow_lemmas(b));
  uint32_t *slot = lemma_slot(b, backwards ? y : x, backwards ? x : y), chain;
  if (!*slot) {
    EG_TRY(EGI_RESERVE(b->graph, &b->lemmas, 1));
    EG_TRY(egi_explain_new_chain(b, backwards ? to : from,
                                 backwards ? from : to, &chain));
    b->lemmas.data[b->lemmas.num++] =
        (egi_lemma){backwards ? y : x, backwards ? x : y, chain};
    *slot = (uint32_t)b->lemmas.num;
  }
  *out_link = egi_link(b->lemmas.data[*slot - 1].chain, backwards);
  return EG_OK;
}

eg_status egi_explain_spell(egi_builder *b, uint32_t term, uint32_t *link) {
  uint32_t chain;
  if (*link)
    return EG_OK;
  EG_TRY(egi_explain_new_chain(b, term, term, &chain));
  *link = egi_link(chain, false);
  return EG_OK;
}

eg_status egi_explain_new_links(egi_builder *b, uint32_t num,
                                uint32_t *out_first) {
  egi_words *links = &b->proof->links;
  EG_TRY(EGI_RESERVE(b->graph, links, (size_t)num + 1));
  *out_first = (uint32_t)links->num;
  memset(links->data + links->num, 0, num * sizeof(uint32_t));
  links->num += num;
  return EG_OK;
}

// A chain of the given steps.
eg_status egi_explain_close(egi_builder *b, uint32_t chain,
                            const egi_pstep *steps, uint32_t num) {
  eg_proof *p = b->proof;
  EG_TRY(EGI_RESERVE(b->graph, &p->steps, num));
  p->chains.data[chain].first = (uint32_t)p->steps.num;
  p->chains.data[chain].num = num;
  memcpy(p->steps.data + p->steps.num, steps, num * sizeof *steps);
  p->steps.num += num;
  return EG_OK;
}

eg_status egi_explain_use(egi_builder *b, uint32_t link, egi_pstep *out) {
  eg_proof *p = b->proof;
  const egi_chain *c = &p->chains.data[link >> 1];
  if (c->num == 1 && !(link & 1)) { // no need to name it
    *out = p->steps.data[c->first];
    return EG_OK;
  }
  *out = (egi_pstep){.kind = EGI_STEP_USE,
                     .from = egi_link_end(p, link, false),
                     .to = egi_link_end(p, link, true),
                     .num = 1};
  EG_TRY(egi_explain_new_links(b, 1, &out->first));
  p->links.data[out->first] = link;
  return EG_OK;
}

// One link for two in a row; one chain more unless either is nothing, or they
// lead back to where they began.
eg_status egi_explain_join(egi_builder *b, uint32_t one, uint32_t two,
                           uint32_t *out_link) {
  egi_pstep steps[2];
  uint32_t chain;
  *out_link = one ? one : two;
  if (!one || !two)
    return EG_OK;
  *out_link = 0;
  if (egi_link_end(b->proof, one, false) == egi_link_end(b->proof, two, true))
    return EG_OK;
  EG_TRY(egi_explain_use(b, one, &steps[0]));
  EG_TRY(egi_explain_use(b, two, &steps[1]));
  EG_TRY(egi_explain_new_chain(b, steps[0].from, steps[1].to, &chain));
  *out_link = egi_link(chain, false);
  return egi_explain_close(b, chain, steps, 2);
}

//===-- Instances of patterns ---------------------------------------------===//

eg_status egi_explain_table(egi_builder *b, const egi_pattern *pattern,
                            egi_words *table) {
  table->num = 0;
  EG_TRY(EGI_RESERVE(b->graph, table, EGI_PER_NODE * pattern->nodes.num));
  table->num = EGI_PER_NODE * pattern->nodes.num;
  memset(table->data, 0, table->num * sizeof(uint32_t));
  return EG_OK;
}

// The node's origins lead to the instance's children, one by one.
static eg_status bridge(egi_builder *b, const egi_pattern *pattern, uint32_t i,
                        egi_words *table) {
  const egi_pnode *n = &pattern->nodes.data[i];
  uint32_t node = egi_explain_entry(table, i)[EGI_NODE], num, first, from,
           chain;
  bool same = true;
  EG_TRY(egi_explain_new_links(b, n->num, &first));
  for (uint32_t k = 0; k < n->num; ++k) {
    const uint32_t *child =
        egi_explain_entry(table, pattern->args.data[n->first + k]);
    uint32_t origin = egi_record_origins(b->graph, node, &num)[k], link;
    EG_TRY(egi_explain_link(b, origin, child[EGI_NODE], &link));
    EG_TRY(egi_explain_join(b, link, child[EGI_BRIDGE], &link));
    b->proof->links.data[first + k] = link;
    same &= link == 0;
  }
  EG_TRY(egi_explain_term(b, node, &from));
  if (same || from == egi_explain_entry(table, i)[EGI_TERM])
    return EG_OK;
  egi_pstep step = {.kind = EGI_STEP_CONGRUENCE,
                    .from = from,
                    .to = egi_explain_entry(table, i)[EGI_TERM],
                    .first = first,
                    .num = n->num};
  EG_TRY(egi_explain_new_chain(b, step.from, step.to, &chain));
  egi_explain_entry(table, i)[EGI_BRIDGE] = egi_link(chain, false);
  return egi_explain_close(b, chain, &step, 1);
}

eg_status egi_explain_instances(egi_builder *b, const egi_pattern *pattern,
                                egi_words *table) {
  for (uint32_t i = 0; i < pattern->nodes.num; ++i) {
    const egi_pnode *n = &pattern->nodes.data[i];
    uint32_t *e = egi_explain_entry(table, i);
    if (!e[EGI_NODE])
      continue;
    if (n->var != EGI_NO_VAR) {
      EG_TRY(egi_explain_term(b, e[EGI_NODE], &e[EGI_TERM]));
      continue;
    }
    b->children.num = 0;
    EG_TRY(EGI_RESERVE(b->graph, &b->children, (size_t)n->num + 1));
    for (uint32_t k = 0; k < n->num; ++k)
      b->children.data[k] =
          egi_explain_entry(table, pattern->args.data[n->first + k])[EGI_TERM];
    EG_TRY(egi_proof_term(b->proof, n->op, n->payload, b->children.data, n->num,
                          &e[EGI_TERM]));
    EG_TRY(bridge(b, pattern, i, table));
  }
  return EG_OK;
}

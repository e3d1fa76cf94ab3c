// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Proofs as data: terms, each numbered once, and the order of chains.
#include "proof.h"

eg_status egi_proof_new(eg_graph *graph, eg_proof **out_proof) {
  eg_proof *p = egi_resize(graph, NULL, 0, sizeof *p);
  *out_proof = NULL;
  if (!p)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for a proof");
  memset(p, 0, sizeof *p);
  p->graph = graph;
  eg_status status = EGI_RESERVE(graph, &p->terms, 1);
  if (status == EG_OK)
    status = EGI_RESERVE(graph, &p->chains, 1);
  if (status == EG_OK)
    status = EGI_RESERVE(graph, &p->names, 1);
  if (status != EG_OK) {
    eg_proof_destroy(p);
    return status;
  }
  p->terms.data[p->terms.num++] = (egi_pterm){0};
  p->chains.data[p->chains.num++] = (egi_chain){0};
  p->names.data[p->names.num++] = NULL;
  *out_proof = p;
  return EG_OK;
}

void eg_proof_destroy(eg_proof *proof) {
  if (!proof)
    return;
  eg_graph *graph = proof->graph;
  for (size_t i = 0; i < proof->names.num; ++i)
    if (proof->names.data[i])
      egi_resize(graph, proof->names.data[i], strlen(proof->names.data[i]) + 1,
                 0);
  EGI_RELEASE(graph, &proof->names);
  EGI_RELEASE(graph, &proof->terms);
  EGI_RELEASE(graph, &proof->children);
  EGI_RELEASE(graph, &proof->term_slots);
  EGI_RELEASE(graph, &proof->chains);
  EGI_RELEASE(graph, &proof->steps);
  EGI_RELEASE(graph, &proof->guards);
  EGI_RELEASE(graph, &proof->links);
  egi_resize(graph, proof, sizeof *proof, 0);
}

uint64_t eg_proof_num_steps(const eg_proof *proof) {
  return proof->num_steps;
}

const eg_graph *eg_proof_graph(const eg_proof *proof) {
  return proof->graph;
}

//===-- Terms -------------------------------------------------------------===//

static bool is_term(const eg_proof *p, uint32_t term, uint16_t op,
                    uint32_t payload, const uint32_t *children, uint32_t num) {
  const egi_pterm *t = &p->terms.data[term];
  if (t->op != op || t->payload != payload || t->num != num)
    return false;
  const uint32_t *own = p->children.data + t->first;
  for (uint32_t k = 0; k < num; ++k)
    if (own[k] != children[k])
      return false;
  return true;
}

static uint32_t *term_slot(const eg_proof *p, uint16_t op, uint32_t payload,
                           const uint32_t *children, uint32_t num) {
  uint64_t h = op + (uint64_t)payload * UINT64_C(0x9e3779b97f4a7c15);
  for (uint32_t k = 0; k < num; ++k) {
    h = (h ^ children[k]) * UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 32;
  }
  size_t mask = p->term_slots.num - 1;
  for (size_t at = (h ^ h >> 29) & mask;; at = (at + 1) & mask) {
    uint32_t *slot = &p->term_slots.data[at];
    if (!*slot || is_term(p, *slot, op, payload, children, num))
      return slot;
  }
}

static eg_status grow_slots(eg_proof *p) {
  size_t num = p->term_slots.num;
  if (2 * (p->terms.num + 1) <= num)
    return EG_OK;
  num = num ? 2 * num : 64;
  EG_TRY(EGI_RESERVE(p->graph, &p->term_slots, num - p->term_slots.num));
  p->term_slots.num = num;
  memset(p->term_slots.data, 0, num * sizeof(uint32_t));
  for (uint32_t i = 1; i < p->terms.num; ++i) {
    const egi_pterm *t = &p->terms.data[i];
    *term_slot(p, t->op, t->payload, p->children.data + t->first, t->num) = i;
  }
  return EG_OK;
}

uint32_t egi_proof_find(const eg_proof *proof, uint16_t op, uint32_t payload,
                        const uint32_t *children, uint32_t num) {
  return proof->term_slots.num ? *term_slot(proof, op, payload, children, num)
                               : 0;
}

eg_status egi_proof_term(eg_proof *proof, uint16_t op, uint32_t payload,
                         const uint32_t *children, uint32_t num,
                         uint32_t *out_term) {
  eg_graph *graph = proof->graph;
  EG_TRY(grow_slots(proof));
  EG_TRY(EGI_RESERVE(graph, &proof->terms, 1));
  EG_TRY(EGI_RESERVE(graph, &proof->children, (size_t)num + 1));
  uint32_t *slot = term_slot(proof, op, payload, children, num);
  if (!*slot) {
    if (proof->children.num + num > UINT32_MAX || proof->terms.num > INT32_MAX)
      return egi_fail_at(graph, EG_LIMIT, 0, "a proof of more than 2^31 terms");
    egi_pterm term = {payload, (uint32_t)proof->children.num, num, op};
    if (num)
      memcpy(proof->children.data + proof->children.num, children, num * 4u);
    proof->children.num += num;
    *slot = (uint32_t)proof->terms.num;
    proof->terms.data[proof->terms.num++] = term;
  }
  *out_term = *slot;
  return EG_OK;
}

eg_op eg_proof_term_op(const eg_proof *proof, eg_proof_term term) {
  return (eg_op){proof->terms.data[term.id].op};
}

eg_payload eg_proof_term_payload(const eg_proof *proof, eg_proof_term term) {
  return (eg_payload){proof->terms.data[term.id].payload};
}

const eg_proof_term *eg_proof_term_children(const eg_proof *proof,
                                            eg_proof_term term,
                                            uint32_t *out_num) {
  *out_num = proof->terms.data[term.id].num;
  return (const eg_proof_term *)egi_proof_children(proof, term.id);
}

//===-- Order -------------------------------------------------------------===//

typedef struct frame {
  uint32_t chain, step, link;
} frame;

typedef struct sorter {
  const eg_proof *proof;
  egi_words *out;
  EGI_ARRAY(frame) stack;
  uint8_t *state; // per chain
} sorter;

enum { NEW, OPEN, DONE };

static eg_status bad(const eg_proof *p, const char *what) {
  return egi_fail_at(p->graph, EG_INVALID, 0, "%s", what);
}

static eg_status enter(sorter *s, uint32_t link) {
  uint32_t chain = link >> 1;
  if (chain == 0)
    return link ? bad(s->proof, "a link to no chain") : EG_OK;
  if (chain >= s->proof->chains.num)
    return bad(s->proof, "a link to a chain that is not there");
  const egi_chain *c = &s->proof->chains.data[chain];
  if (c->first > s->proof->steps.num || c->num > s->proof->steps.num - c->first)
    return bad(s->proof, "a chain of steps that are not there");
  if (s->state[chain] == OPEN)
    return bad(s->proof, "a proof uses itself");
  if (s->state[chain] == DONE)
    return EG_OK;
  EG_TRY(EGI_RESERVE(s->proof->graph, &s->stack, 1));
  s->state[chain] = OPEN;
  s->stack.data[s->stack.num++] = (frame){chain, 0, 0};
  return EG_OK;
}

// Looks at the next link of the chain on top, or leaves the chain.
static eg_status advance(sorter *s) {
  const eg_proof *p = s->proof;
  frame *top = &s->stack.data[s->stack.num - 1];
  const egi_chain *c = &p->chains.data[top->chain];
  if (top->step == c->num) {
    s->state[top->chain] = DONE;
    EG_TRY(EGI_RESERVE(p->graph, s->out, 1));
    s->out->data[s->out->num++] = top->chain;
    --s->stack.num;
    return EG_OK;
  }
  const egi_pstep *step = &p->steps.data[c->first + top->step];
  if (step->first > p->links.num || step->num > p->links.num - step->first)
    return bad(p, "a step of links that are not there");
  if (top->link == step->num) {
    ++top->step;
    top->link = 0;
    return EG_OK;
  }
  return enter(s, p->links.data[step->first + top->link++]);
}

eg_status egi_proof_order(const eg_proof *proof, egi_words *out_chains) {
  eg_graph *graph = proof->graph;
  sorter s = {.proof = proof, .out = out_chains};
  s.state = egi_resize(graph, NULL, 0, proof->chains.num);
  if (!s.state)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for a proof");
  memset(s.state, NEW, proof->chains.num);
  eg_status status = enter(&s, proof->link);
  while (status == EG_OK && s.stack.num)
    status = advance(&s);
  egi_resize(graph, s.state, proof->chains.num, 0);
  EGI_RELEASE(graph, &s.stack);
  return status;
}

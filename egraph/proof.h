// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A proof on its own: terms, and chains of steps between them. explain.c makes
// it, proof_print.c writes it, proof_check.c believes none of it.
//
// A chain leads from one term to another, step by step. A link names a chain,
// and whether it is walked backwards; link 0 says that both ends are one term.
// The chains of a congruence prove the equality of its children: chains share
// chains, so that a proof is as small as its different parts.
#ifndef EG_PROOF_H
#define EG_PROOF_H

#include "rule.h"

// Terms are numbered so that children come first; equal terms are one number.
typedef struct egi_pterm {
  uint32_t payload;
  uint32_t first, num; // children: eg_proof.children[first …]
  uint16_t op;
} egi_pterm;

typedef enum egi_step_kind {
  EGI_STEP_GIVEN,      // by a caller of eg_union
  EGI_STEP_CALLBACK,   // by an applier or an analysis
  EGI_STEP_RULE,       // one side of a rule is the other
  EGI_STEP_CONGRUENCE, // the children are equal
  EGI_STEP_USE,        // another chain
} egi_step_kind;

typedef struct egi_pstep {
  egi_step_kind kind;
  bool backwards;      // RULE: |to| is the instance of what the rule says first
  uint32_t from, to;   // terms
  uint32_t name;       // eg_proof.names; of a given step its label, 0 = none
  uint32_t equality;   // RULE: which of those that it states
  uint32_t first, num; // links: per child of a congruence; per premise of a
  // rule, then per argument of its guards; of a USE the one
  // that is meant
  uint32_t first_guard, num_guards; // RULE: eg_proof.guards[first_guard …]
} egi_pstep;

// A condition that a rule asked. The link of an argument leads from the term
// that its variable stands for to one that says more of it.
typedef struct egi_pguard {
  uint32_t name; // eg_proof.names; 0 = none
  uint32_t num;  // arguments
} egi_pguard;

typedef struct egi_chain {
  uint32_t from, to;
  uint32_t first, num; // steps
} egi_chain;

struct eg_proof {
  eg_graph *graph;
  EGI_ARRAY(egi_pterm) terms; // [0] unused
  egi_words children;
  egi_words term_slots;        // open addressing
  EGI_ARRAY(egi_chain) chains; // [0] unused
  EGI_ARRAY(egi_pstep) steps;
  EGI_ARRAY(egi_pguard) guards;
  egi_words links;
  EGI_ARRAY(char *) names; // [0] is NULL
  uint32_t from, to, link;
  uint64_t num_steps; // when every chain is written out; saturates
};

EG_NODISCARD
eg_status egi_proof_new(eg_graph *graph, eg_proof **out_proof);

// The number of a term whose children have theirs. O(children) expected.
EG_NODISCARD
eg_status egi_proof_term(eg_proof *proof, uint16_t op, uint32_t payload,
                         const uint32_t *children, uint32_t num,
                         uint32_t *out_term);

// The number of a term; 0 when the proof does not have it.
uint32_t egi_proof_find(const eg_proof *proof, uint16_t op, uint32_t payload,
                        const uint32_t *children, uint32_t num);

static inline const uint32_t *egi_proof_children(const eg_proof *proof,
                                                 uint32_t term) {
  return proof->children.data + proof->terms.data[term].first;
}

static inline uint32_t egi_link(uint32_t chain, bool backwards) {
  return chain << 1 | (uint32_t)backwards;
}

// The end of a link that it leads from (or to).
static inline uint32_t egi_link_end(const eg_proof *proof, uint32_t link,
                                    bool to) {
  const egi_chain *c = &proof->chains.data[link >> 1];
  return to != (bool)(link & 1) ? c->to : c->from;
}

// How many links of a step are not for the arguments of guards.
static inline uint32_t egi_step_links(const eg_proof *proof,
                                      const egi_pstep *step) {
  uint32_t num = step->num;
  for (uint32_t i = 0; i < step->num_guards; ++i)
    num -= proof->guards.data[step->first_guard + i].num;
  return num;
}

// The chains that the proof needs, each after those that it needs itself.
// EG_INVALID: one needs itself, or a number is out of range.
EG_NODISCARD
eg_status egi_proof_order(const eg_proof *proof, egi_words *out_chains);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A proof in the making: explain_way.c finds the ways, explain_fact.c and
// explain_guard.c say what a fact amounts to, explain_build.c makes terms, chains
// and instances, explain.c the whole.
#ifndef EG_EXPLAIN_H
#define EG_EXPLAIN_H

#include "proof.h"
#include "record.h"

typedef struct egi_lemma {
  uint32_t x, y; // nodes, x < y
  uint32_t chain;
} egi_lemma;

typedef struct egi_builder {
  eg_graph *graph;
  eg_proof *proof;
  bool shorten;
  uint64_t effort; // spent on shortening
  EGI_ARRAY(egi_lemma) lemmas;
  egi_words lemma_slots;
  EGI_ARRAY(egi_pair) node_terms; // open addressing: node, term
  size_t num_node_terms;
  egi_words todo, children;   // of term_of
  egi_words seen;             // per term: a step of the lemma at hand from it
  egi_words path;             // nodes of the lemma at hand
  EGI_ARRAY(egi_pstep) steps; // of the lemma at hand
  egi_words lhs, rhs;         // per pattern node: its node, term, link (bridge)
} egi_builder;

//===-- explain_way.c -----------------------------------------------------===//

// Room for what the ways need; before all else.
EG_NODISCARD
eg_status egi_explain_begin(eg_graph *graph);

// The latest fact on the way between two nodes: they are equal since then.
// UINT32_MAX where there is no way. O(length of the way).
uint32_t egi_explain_since(egi_builder *b, uint32_t x, uint32_t y);

// Puts the nodes on the way from |x| to |y|, both included, into b->path.
EG_NODISCARD
eg_status egi_explain_way(egi_builder *b, uint32_t x, uint32_t y);

// The fact that makes two neighbours on a way equal.
uint32_t egi_explain_place(const eg_graph *graph, uint32_t x, uint32_t y);

// The cheapest way over the nodes of b->path, by edges and by jumps: per position
// a cost, then per position the next one. O(REACH · length) comparisons.
EG_NODISCARD
eg_status egi_explain_shorten(egi_builder *b, egi_words *out);

//===-- explain_build.c ---------------------------------------------------===//

// The term that a node was made for.
EG_NODISCARD
eg_status egi_explain_term(egi_builder *b, uint32_t node, uint32_t *out_term);

// A link from the term of |x| to the term of |y|, which are in one tree; a lemma
// to be proved unless it is known, or the two are one term.
EG_NODISCARD
eg_status egi_explain_link(egi_builder *b, uint32_t x, uint32_t y,
                           uint32_t *out_link);

// |num| links in a row, all 0.
EG_NODISCARD
eg_status egi_explain_new_links(egi_builder *b, uint32_t num,
                                uint32_t *out_first);

// A chain without steps yet; then its steps.
EG_NODISCARD
eg_status egi_explain_new_chain(egi_builder *b, uint32_t from, uint32_t to,
                                uint32_t *out_chain);
EG_NODISCARD
eg_status egi_explain_close(egi_builder *b, uint32_t chain,
                            const egi_pstep *steps, uint32_t num);

// The step that goes along a link.
EG_NODISCARD
eg_status egi_explain_use(egi_builder *b, uint32_t link, egi_pstep *out);

// One link for two in a row; one chain more unless either is nothing, or they
// lead back to where they began.
EG_NODISCARD
eg_status egi_explain_join(egi_builder *b, uint32_t one, uint32_t two,
                           uint32_t *out_link);

// For each node of a pattern: the node that stands for it (0: not needed), then
// the term of the instance, and a link to it from the term of the node.
enum { EGI_NODE, EGI_TERM, EGI_BRIDGE, EGI_PER_NODE };

static inline uint32_t *egi_explain_entry(egi_words *table, uint32_t i) {
  return table->data + (size_t)EGI_PER_NODE * i;
}

// An empty table for a pattern.
EG_NODISCARD
eg_status egi_explain_table(egi_builder *b, const egi_pattern *pattern,
                            egi_words *table);

// Fills in terms and links where there are nodes.
EG_NODISCARD
eg_status egi_explain_instances(egi_builder *b, const egi_pattern *pattern,
                                egi_words *table);

// A name for a step.
EG_NODISCARD
eg_status egi_explain_name(egi_builder *b, const char *bytes, size_t size,
                           uint32_t *out_name);

// Where |*link| is 0, a link all the same: it says that both ends are |term|.
EG_NODISCARD
eg_status egi_explain_spell(egi_builder *b, uint32_t term, uint32_t *link);

//===-- explain_guard.c ---------------------------------------------------===//

// Appends a guard over |nodes|, behind which there is room for as many, and fills
// in their links. |place|: of the fact of its rule.
EG_NODISCARD
eg_status egi_explain_guard(egi_builder *b, const char *name,
                            const egi_words *nodes, uint32_t place,
                            uint32_t first_link);

//===-- explain_fact.c ----------------------------------------------------===//

// Appends the steps from the term of |x| to the term of |y| to b->steps: by the
// fact at |place|, or because their children are equal.
EG_NODISCARD
eg_status egi_explain_edge(egi_builder *b, uint32_t x, uint32_t y,
                           uint32_t place);
EG_NODISCARD
eg_status egi_explain_congruence(egi_builder *b, uint32_t x, uint32_t y);

#endif

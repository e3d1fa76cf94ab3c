// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a graph with proofs remembers: record.c and record_apply.c write it,
// explain.c and explain_fact.c read it.
//
// Every node keeps, for ever, the term that it was made for: its operator, its
// payload, and a node for each child (its origin). These nodes are the vertices
// of a forest with an edge for every equality that was news: two nodes are in
// one tree if and only if their classes are equal (R. Nieuwenhuis and A.
// Oliveras, "Proof-producing congruence closure", 2005). So a node never gives
// its slot back, dead or not.
//
//   origins[…]   beside words[…]: {next node on the way to the root, payload?,
//                origins…}; of a wide node {next, place in |wide|}
//   reasons[n]   why n equals the next node: a place in |facts|, which grows
//                with time; 0 in a root
//   facts        cause, then by kind of the cause
//     given        node on the left, label (a payload, or 0)
//     congruent    nothing: the children of the two nodes were equal before
//     callback     node on the left
//     rule         the node of each atom of the left side; of each ground term
//                  of it that is no leaf; of each step of the right side before
//                  the one that is the edge's other end; of each ground term of
//                  the right side that is no leaf
#ifndef EG_RECORD_H
#define EG_RECORD_H

#include "rows.h"
#include "rule.h"

typedef enum egi_cause_kind {
  EGI_GIVEN,
  EGI_CONGRUENT,
  EGI_CALLBACK,
  EGI_RULE,
} egi_cause_kind;

// Where the node of a variable (or of the left side's root) comes from.
typedef struct egi_source {
  uint32_t atom;  // EGI_NONE: |child| is a ground term
  uint32_t child; // of the atom's node; EGI_NONE: that node itself
} egi_source;

enum { EGI_NONE = UINT32_MAX, EGI_NO_CAUSE = 0 };

// A rule has one cause per equality that it states, in a row.
typedef struct egi_cause {
  egi_cause_kind kind;
  uint32_t uid;        // of the rule that it was made for
  uint32_t first;      // RULE: the first cause of the rule, and
  uint32_t equality;   // which of its equalities this is
  char *name;          // CALLBACK
  egi_rule *rule;      // RULE, in the first cause: a copy of one's own
  egi_source *sources; // of the same: of the root, then of the variables
} egi_cause;

struct egi_proofs {
  egi_words origins, reasons, founders, wide, facts;
  EGI_ARRAY(egi_cause) causes; // by kind up to CONGRUENT
  uint32_t uid;                // last one given out
  uint32_t cause;              // of the unions that callbacks state, 0 = given
  uint32_t label;              // of the next given union
  egi_words scratch;
  egi_words marks; // explain.c: per node, and the last one given out
  uint32_t mark;
};

// Room beside a new page, a new class, a new node of |num| key words.
EG_NODISCARD
eg_status egi_record_page(eg_graph *graph, size_t words);
EG_NODISCARD
eg_status egi_record_class(eg_graph *graph);
EG_NODISCARD
eg_status egi_record_reserve(eg_graph *graph, uint32_t num);

// The origins of a new node: |origins| are nodes. Needs egi_record_reserve.
void egi_record_node(eg_graph *graph, uint32_t node, uint32_t payload,
                     const uint32_t *origins, uint32_t num);

// The origins of a node, and its next node on the way to the root of its tree.
const uint32_t *egi_record_origins(const eg_graph *graph, uint32_t node,
                                   uint32_t *out_num);
uint32_t *egi_record_next(const eg_graph *graph, uint32_t node);

// egi_merge for a stated reason: the classes of |x| and |y| become one, and
// |fact| says why.
EG_NODISCARD
eg_status egi_record_merge(eg_graph *graph, uint32_t x, uint32_t y,
                           const uint32_t *fact, uint32_t num);
// As above for eg_union: given by the caller, or stated by a callback.
EG_NODISCARD
eg_status egi_record_union(eg_graph *graph, eg_class a, eg_class b);

// Unions of a callback have this cause until the next call with "".
EG_NODISCARD
eg_status egi_record_callback(eg_graph *graph, const char *name);

// The first cause of a rule, made when it is first applied.
EG_NODISCARD
eg_status egi_record_rule(eg_graph *graph, egi_rule *rule, uint32_t *out_cause);

// Appends a fact, for which there must be room; its place.
uint32_t egi_record_fact(eg_graph *graph, const uint32_t *fact, uint32_t num);

// The nodes behind the matches of a rule on the frozen graph: appends to |out|
// the node of each ground term of the left side, then for each row the node of
// each atom.
EG_NODISCARD
eg_status egi_record_witnesses(eg_graph *graph, const egi_rule *rule,
                               const egi_rows *rows, egi_words *out);

// As egi_apply_batch, and records. |grounds|: as egi_apply_grounds leaves them.
EG_NODISCARD
eg_status egi_record_apply(eg_graph *graph, egi_rule *rule,
                           const uint32_t *rows, uint32_t num,
                           const uint32_t *grounds,
                           const egi_witnesses *witnesses, bool *out_changed);

// Undo: a link of an old node as it was.
void egi_record_relink(eg_graph *graph, uint32_t node, uint32_t next,
                       uint32_t reason);

// Back to these numbers of words and causes.
void egi_record_truncate(eg_graph *graph, size_t facts, size_t wide,
                         size_t causes);
void egi_record_free(eg_graph *graph);

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled rules: shared by query.c and rule.c (compile), match.c (searches),
// run.c and apply.c (apply).
#ifndef EG_RULE_H
#define EG_RULE_H

#include "changes.h"
#include "plan.h"

//===-- Left-hand sides (query.c) -----------------------------------------===//

// A left-hand side is a conjunctive query over slots, each of which stands for
// one class: an atom op[payload](slots…) in slot for every operator of its
// patterns that is not in a ground term. Nesting, shared variables and '=' are
// all the same thing: one slot that stands in several atoms.
typedef struct egi_atom {
  uint16_t op;
  bool is_root;        // of a pattern
  uint32_t payload;    // 0 = none
  uint32_t home;       // slot of the class
  uint32_t first, num; // slots of the children: query.children[first …]
} egi_atom;

// The operator of an atom that any class of a sort (its payload) satisfies: no
// operator has this id.
enum { EGI_ANY = UINT16_MAX };

typedef struct egi_query {
  egi_vars vars;
  egi_guards guards;
  uint32_t num_slots;
  uint32_t root;             // slot of the first item
  egi_words var_slots;       // per variable
  EGI_ARRAY(egi_atom) atoms; // a node before what stands in it
  egi_words children;
  egi_pattern grounds;              // ground terms, looked up once a search
  EGI_ARRAY(egi_pair) ground_slots; // node of |grounds|, slot
} egi_query;

// A left-hand side to ask for on its own (side.c).
struct eg_query {
  eg_graph *graph;
  uint32_t level; // serial of the level in which it was made
  egi_query compiled;
  egi_side side; // as it was read
};

// Compiles a left-hand side that the reader has checked. Takes over |vars| and
// |guards| on success; |out_query| needs egi_query_free in any case.
EG_NODISCARD
eg_status egi_query_init(eg_graph *graph, const egi_side *side,
                         const uint32_t *var_sorts, egi_vars *vars,
                         egi_guards *guards, egi_query *out_query);
void egi_query_free(eg_graph *graph, egi_query *query);

// Which nodes of a pattern contain no variable; one word each.
EG_NODISCARD
eg_status egi_mark_ground(eg_graph *graph, const egi_pattern *pattern,
                          egi_words *out_ground);

// Appends the ground subtrees of |pattern| to |into|, children first. Fills
// |out_at| with the index in |into| of each ground node.
EG_NODISCARD
eg_status egi_copy_ground(eg_graph *graph, const egi_pattern *pattern,
                          const egi_words *ground, egi_pattern *into,
                          egi_words *out_at);

//===-- Right-hand sides (rule.c) -----------------------------------------===//

// An operand: a word of the match's row (0 is the root's class, 1 … the
// variables), a ground term or the result of an earlier step.
enum { EGI_ARG_ROW = 0, EGI_ARG_GROUND, EGI_ARG_STEP, EGI_ARG_NONE };
typedef struct egi_arg {
  uint32_t kind, index;
} egi_arg;

// One node of a right-hand side; operands are args[first … first + num).
typedef struct egi_step {
  uint16_t op;
  uint32_t payload;
  uint32_t first, num;
  egi_arg home;      // the class that it joins if it is new; or EGI_ARG_NONE
  uint32_t equality; // which says so: an index into egi_rule.unions
} egi_step;

typedef struct egi_equality {
  egi_arg a, b;
} egi_equality;

typedef struct egi_rule {
  char *name;
  uint32_t line; // of its text
  egi_query query;
  EGI_ARRAY(egi_step) steps;
  EGI_ARRAY(egi_arg) args;
  EGI_ARRAY(egi_equality) unions; // stated once all steps are done
  egi_pattern rhs_grounds;
  egi_words rhs_ground_roots;
  egi_side lhs, rhs; // as they were read
  eg_applier apply;  // instead of a right-hand side
  void *user;
  uint32_t ruleset; // index into eg_rules.rulesets
  uint64_t budget;  // as eg_rule_desc.budget
  bool subsume;     // as eg_rule_desc.subsume
  bool nonlocal;    // as eg_rule_desc.nonlocal
  uint64_t seen;    // epoch of the last search whose matches are all applied
  uint32_t cause, cause_uid; // record.c: names it in proofs
  eg_rule_stats stats;
  double yield; // new nodes a match, the last time it had some; 1 at first
} egi_rule;

// Which variable argument |k| of a guard is, and how many it has.
static inline uint32_t egi_guard_var(const egi_query *q, const egi_guard *g,
                                     uint32_t k) {
  return g->num == UINT32_MAX ? k : q->guards.vars.data[g->first + k];
}
static inline uint32_t egi_guard_num(const egi_query *q, const egi_guard *g) {
  return g->num == UINT32_MAX ? (uint32_t)q->vars.names.num : g->num;
}

struct eg_rules {
  eg_graph *graph;
  uint32_t level; // serial of the level in which the last rule was added
  EGI_ARRAY(egi_rule) rules;
  EGI_ARRAY(char *) rulesets; // names
  egi_plan plan;
};

// A rule of its own with the same sides and guards; these cannot be asked, and
// there is no applier.
// |out_rule| needs egi_rule_free in any case.
EG_NODISCARD
eg_status egi_rule_clone(eg_graph *graph, const egi_rule *rule,
                         egi_rule *out_rule);
void egi_rule_free(eg_graph *graph, egi_rule *rule);

// The nodes behind matches (record.c): of each ground term of the left side,
// and for each match of each atom.
typedef struct egi_witnesses {
  const uint32_t *grounds;
  uint32_t *rows;
} egi_witnesses;

// EG_INVALID when rules were added in a level that has been popped: their
// operators and payloads may be gone.
EG_NODISCARD
eg_status egi_rules_usable(const eg_rules *rules);

// The ruleset of this name; UINT32_MAX for none.
uint32_t egi_ruleset_find(const eg_rules *rules, const char *name);
// The same, added if it is new.
EG_NODISCARD
eg_status egi_ruleset_add(eg_rules *rules, const char *name,
                          uint32_t *out_index);

// Words of a match's row: the root's class, the variables, and for a rule that
// subsumes the node.
static inline uint32_t egi_row_words(const egi_rule *rule) {
  return 1 + (uint32_t)rule->query.vars.names.num + rule->subsume;
}

//===-- Searching (match.c) -----------------------------------------------===//

// The nodes that are tried for one atom.
typedef struct egi_frame {
  const uint32_t *list; // NULL: all nodes of the operator
  uint32_t next, num;   // into the list, or a slot of the page
  uint32_t page;
  uint32_t atom;
  uint32_t num_bound; // slots bound before it
  uint32_t one;       // a list of one
  uint32_t node;      // at hand
  bool sorted;        // by operator
} egi_frame;

// A search in progress; the graph must stay as it is. Everything is in |block|,
// EGI_APART bytes from either end.
typedef struct egi_machine {
  const eg_graph *graph;
  const egi_query *query;
  uint32_t *regs;  // the class in each slot that is bound
  uint32_t *trail; // the bound slots in the order of binding
  uint32_t *vars, *guard_vars, *key;
  uint32_t *ground_nodes; // of each ground term; 0 = not there
  egi_frame *frames;
  uint8_t *bound;
  void *block;
  size_t block_size;
  uint32_t depth, num_bound;
  uint32_t ground;   // node of the first ground term
  uint64_t left;     // atoms without a frame; unused when there are over 64
  uint64_t searched; // nodes looked at
  uint64_t found;    // matches before the conditions were asked
  uint64_t most;     // matches that it may find; one more ends the search
  uint64_t steps;    // entries of lists and slots of pages gone over
  uint64_t pause_at; // it pauses after so many of them
  bool paused;       // more may come: raise pause_at and go on
  const egi_delta *delta; // NULL: all matches; else those with a node of it …
  uint32_t first;         // … for this atom, and old nodes for those before it
  uint32_t pages_left;    // of the first frame, where that goes over pages
  bool started;
  bool yielded;    // of a left-hand side without atoms: its only match
  bool impossible; // a ground term of the pattern is not in the graph
} egi_machine;

// |root| (a canonical class, or 0) restricts the search to matches there.
EG_NODISCARD
eg_status egi_machine_init(egi_machine *m, eg_graph *graph,
                           const egi_query *query, uint32_t root);
// Restricts the search to matches that hold a node of |delta|, which must last.
// It does nothing where the whole has to be searched: a delta that says so, a
// ground term that has changed, a left-hand side of no or of over 64 atoms.
void egi_machine_restrict(egi_machine *m, const egi_delta *delta);
void egi_machine_fini(egi_machine *m, eg_graph *graph);
// Chooses what to try first, unless that is done. Where it is all nodes of an
// operator, the search can be cut: the first page, and egi_machine_cut lets it
// look at |num| pages from |page| on alone. 0: it cannot.
uint32_t egi_machine_start(egi_machine *m);
void egi_machine_cut(egi_machine *m, uint32_t page, uint32_t num);
// The node of the first atom; of a ground left-hand side its root.
uint32_t egi_machine_node(const egi_machine *m);
// Steps to the next match, conditions included; its classes are in
// m->regs[query->root] and m->vars. False: there is none, or m->paused.
bool egi_machine_next(egi_machine *m);

// Calls |visit| for each match on a clean graph until it returns false.
EG_NODISCARD
eg_status egi_query_visit(eg_graph *graph, const egi_query *query,
                          uint32_t root,
                          bool (*visit)(void *user, const eg_match *match),
                          void *user, uint64_t *out_num_matches);

#endif

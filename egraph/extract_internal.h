// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the extraction methods share: the net they work on, the running choice
// with its exact cost, and the session that keeps the best answer.
#ifndef EG_EXTRACT_INTERNAL_H
#define EG_EXTRACT_INTERNAL_H

#include "arena.h"
#include "eg_extract.h"

//===-- The net (extract_net.c) -------------------------------------------===//

// Whether a node may cost that: any number, or INFINITY for never.
bool egi_is_cost(double cost);

// A problem made fit for search: classes reached from the roots and nodes that
// some finite term uses, so that all costs are finite; the distinct children of each node in ascending order,
// never the node's own class; roots distinct. And the way back.
typedef struct egi_net {
  eg_problem p;
  uint32_t *owner;      // node -> class
  uint32_t *first_user; // class -> nodes that have it as a child, each once
  uint32_t *users;
  uint32_t *origin_node;  // node -> node of the problem it came from
  uint32_t *origin_class; // class -> class of that problem
} egi_net;

// Fills owner and users of a net from its problem.
EG_NODISCARD
eg_status egi_net_index(egi_arena *arena, egi_net *net);

// All that the roots reach without nodes that are never to be chosen, with
// children and roots as they stand.
EG_NODISCARD
eg_status egi_net_reach(egi_arena *arena, const eg_problem *problem,
                        egi_net *out_net);

// The net of a problem, and the tree optimum of every class of it as a choice.
// EG_INFEASIBLE, naming the root, when one has no finite term of finite cost.
EG_NODISCARD
eg_status egi_net_make(egi_arena *arena, const eg_problem *problem,
                       egi_net *out_net, uint32_t **out_tree, eg_error *error);

// The net of the nodes with keep[n] of |net|, with |costs| instead of its own
// and edges e with keep_edge[e] (NULL = all); classes that the roots no longer
// reach are left out. Every root must keep a finite term.
EG_NODISCARD
eg_status egi_net_shrink(egi_arena *arena, const egi_net *net,
                         const uint8_t *keep, const uint8_t *keep_edge,
                         const double *costs, egi_net *out_net);

// Marks the nodes whose children all have a finite term, and the classes that
// have one. O(edges).
EG_NODISCARD
eg_status egi_net_usable(egi_arena *scratch, const egi_net *net,
                         uint8_t *out_nodes, uint8_t *out_classes);

// Sorts |num| numbers by (keys[number], number); |keys| NULL = by number.
void egi_sort_nodes(uint32_t *numbers, uint32_t num, const double *keys);

// In loops over nodes of a class and children of a node.
#define EGI_NODES(p, n, c)                                                     \
  uint32_t n = (p)->first_node[c], n##_end = (p)->first_node[(c) + 1];         \
  n < n##_end;                                                                 \
  ++n
#define EGI_CHILDREN(p, e, n)                                                  \
  uint32_t e = (p)->first_child[n], e##_end = (p)->first_child[(n) + 1];       \
  e < e##_end;                                                                 \
  ++e
#define EGI_USERS(net, u, c)                                                   \
  uint32_t u = (net)->first_user[c], u##_end = (net)->first_user[(c) + 1];     \
  u < u##_end;                                                                 \
  ++u

//===-- Knuth (extract_knuth.c) -------------------------------------------===//

// A heap of classes by (value, class), four children to a parent, with room for
// every class once.
typedef struct egi_heap_entry {
  double value; // that the class had when it was added last
  uint32_t id;
} egi_heap_entry;

typedef struct egi_heap {
  const double *value; // by class
  egi_heap_entry *entries;
  uint32_t *place; // class -> position + 1; 0 = not in the heap
  uint32_t num;
} egi_heap;
EG_NODISCARD
eg_status egi_heap_make(egi_arena *arena, uint32_t num_classes,
                        const double *value, egi_heap *out_heap);
void egi_heap_add(egi_heap *heap, uint32_t id); // or: its value has decreased
uint32_t egi_heap_pop(egi_heap *heap);

typedef struct egi_knuth {
  double *value;     // by class; INFINITY = no finite term
  uint32_t *waiting; // by node
  egi_heap heap;
  bool deepest; // price the dearest child alone, not the sum
} egi_knuth;
EG_NODISCARD
eg_status egi_knuth_make(egi_arena *arena, const egi_net *net,
                         egi_knuth *out_knuth);
// The tree optimum of every class where |paid| classes (NULL = none) cost
// nothing and need nothing; |costs| by node, negative ones count as 0. Writes
// choice[c] of all other classes that have a finite term. A child that stands
// twice is paid twice. O(edges + nodes log classes).
void egi_knuth_run(egi_knuth *knuth, const egi_net *net, const double *costs,
                   const uint32_t *paid, uint32_t *choice);

//===-- The session (extract_run.c) ---------------------------------------===//

struct eg_extraction {
  const eg_problem *problem;
  const eg_extract_options *options;
  eg_allocator allocator;
  egi_arena arena;  // lives as long as the session
  egi_net net;      // of the problem
  uint32_t *tree;   // tree optimum, by class of the net
  uint32_t *best;   // by class of the problem
  uint32_t *lifted; // scratch, the same
  eg_extract_result *result;
  double best_dag;
  uint64_t random;
  uint64_t next_clock; // work at which to look at the clock again
  double deadline;
  bool stopped;
};

// Seconds of real time since some start.
double egi_now(void);
// Offers a choice of the net.
EG_NODISCARD
eg_status egi_offer(eg_extraction *x, const egi_net *net,
                    const uint32_t *choice);
// The best choice so far, as one of the net; classes it does not reach get
// their tree optimum, so the whole stays acyclic.
void egi_best_in_net(const eg_extraction *x, const egi_net *net,
                     uint32_t *choice);
// A number in [0, 1) and one in [0, num).
double egi_random_unit(eg_extraction *x);
uint32_t egi_random_below(eg_extraction *x, uint32_t num);
bool egi_has_negative(const eg_problem *problem);

//===-- The running choice (extract_state.c) ------------------------------===//

// A choice in every class of the net, acyclic as a whole, with reference counts:
// refs[c] > 0 says that c is reached from the roots, and |total| is the exact
// DAG cost. Changing one class costs what is switched on and off by it.
typedef struct egi_state {
  const egi_net *net;
  uint32_t *choice; // by class; never EG_NO_NODE
  uint32_t *refs;   // roots and chosen nodes of reached classes that need it
  double total;
  uint64_t work; // edges looked at
  uint32_t *stack;
  uint32_t *stamp; // marks of walks
  uint32_t now;
  uint32_t *trail; // counts changed by a trial
  uint32_t num_trail;
} egi_state;

EG_NODISCARD
eg_status egi_state_make(egi_arena *arena, const egi_net *net,
                         egi_state *out_state);
// Starts from |choice|. O(edges reached).
void egi_state_set(egi_state *state, const uint32_t *choice);
// Needs one more of class |id|; or one less.
void egi_state_hold(egi_state *state, uint32_t id);
void egi_state_drop(egi_state *state, uint32_t id);
// Whether a walk down from |node| meets |id|.
bool egi_state_reaches(egi_state *state, uint32_t node, uint32_t id);
// Chooses |node| in its class. Must not close a cycle.
void egi_state_switch(egi_state *state, uint32_t node);
// What would be saved if the choice of reached class |id| fell away, itself
// included.
double egi_state_saving(egi_state *state, uint32_t id);
// As egi_state_switch, in a reached class, if that makes the total smaller than
// |limit| and closes no cycle; else nothing changes. |saving| is at least
// egi_state_saving of the class: it ends hopeless trials early. Needs costs of 0
// or more, unless |saving| is INFINITY.
bool egi_state_try(egi_state *state, uint32_t node, double saving,
                   double limit);

//===-- Presolve (extract_presolve.c, extract_rules.c, extract_needs.c)===//

// Strongly connected components of the class graph, numbered so that edges lead
// from higher to lower numbers. O(edges).
EG_NODISCARD
eg_status egi_components(egi_arena *arena, const egi_net *net,
                         uint32_t **out_component, uint32_t *out_num);

// For every class the classes that each finite term of it contains, itself
// among them, as rows of bits; the greatest fixpoint of
//   needs(c) = {c} + intersection over n in c of the union of needs(children).
// O(rounds * edges * classes / 64). |bits| is NULL when a budget ran out.
typedef struct egi_needs {
  uint64_t *bits;
  uint32_t stride; // words of a row
} egi_needs;
EG_NODISCARD
eg_status egi_needs_make(egi_arena *arena, const egi_net *net, eg_extraction *x,
                         egi_needs *out_needs);
static inline bool egi_needs_has(const egi_needs *needs, uint32_t id,
                                 uint32_t other) {
  return needs->bits[(size_t)id * needs->stride + other / 64] >> other % 64 & 1;
}

// A net that poses the same question as the base it was made of:
//   least DAG cost of base = least DAG cost of net + offset,
// or, with the bound rule, |closed|: no choice beats the one known.
typedef struct egi_reduced {
  egi_net net;
  double offset;
  uint32_t *fixed; // by class of the base: the node for classes that went away
  bool closed;
} egi_reduced;

// Applies the rules |mask| to a fixpoint. |known| is a DAG cost that is
// reached already (INFINITY = none). Costs must be 0 or more. Origins in the
// result are those of |base|'s own classes and nodes, not of its origins.
// |deep|: also with needs, which cost more than the rest.
EG_NODISCARD
eg_status egi_presolve(egi_arena *arena, const egi_net *base, uint32_t mask,
                       double known, bool deep, eg_extraction *x,
                       egi_reduced *out);
// The same without the nodes that |keep| (by node) spares.
EG_NODISCARD
eg_status egi_presolve_kept(egi_arena *arena, const egi_net *base,
                            const uint8_t *keep, uint32_t mask, double known,
                            bool deep, eg_extraction *x, egi_reduced *out);
// Which nodes a choice cheaper than |known| may use, by chains alone
// (extract_chain.c). Costs must be 0 or more.
EG_NODISCARD
eg_status egi_chain_keep(egi_arena *arena, const egi_net *net, double known,
                         uint8_t *keep);

// A choice of the reduced net as one of the base; EG_NO_NODE in classes that it
// does not reach.
void egi_unreduce(const egi_reduced *reduced, const egi_net *base,
                  const uint32_t *choice, uint32_t *out_choice);

//===-- Bounds (extract_bound.c) ------------------------------------------===//

// A lower bound of the DAG cost by splitting prices among users, improved over
// |rounds| rounds; and, by node, how much a choice that uses it costs more than
// the bound at least. O(rounds * edges). Costs must be 0 or more.
typedef struct egi_bound {
  double value;
  double *extra; // by node
} egi_bound;
EG_NODISCARD
eg_status egi_bound_make(egi_arena *arena, const egi_net *net, uint32_t rounds,
                         eg_extraction *x, egi_bound *out_bound);

//===-- Exact search (extract_exact.c) ------------------------------------===//

// What is left of the problem after presolve falls into parts that share no
// class; each is solved alone.
typedef struct egi_part {
  egi_net net;
  uint32_t *choice; // the best known, by class of the net
  double total;     // its cost
  double cutoff;    // only a choice that costs less is of any use
  double bound;     // proved so far
  double deadline;  // in seconds of egi_now
  uint64_t limit;   // work of the session at which to stop
} egi_part;
// Whether a part's time or work is over.
bool egi_part_over(eg_extraction *x, const egi_part *part);

// Improves choice, total and bound of a part.
typedef eg_status (*egi_solver)(eg_extraction *x, egi_part *part);
EG_NODISCARD
eg_status egi_solve_branch(eg_extraction *x, egi_part *part);
EG_NODISCARD
eg_status egi_solve_width(eg_extraction *x, egi_part *part);

// One solver after the other on what is still open, each for its share of what
// is left of the time; where time is unlimited, all but the last stop early.
typedef struct egi_pass {
  egi_solver solve;
  double share;
} egi_pass;
EG_NODISCARD
eg_status egi_exact(eg_extraction *x, const egi_pass *passes, uint32_t num);
// Drops nodes whose use costs the cutoff or more; presolves the rest. |*out| is
// relative to |net|.
EG_NODISCARD
eg_status egi_tighten(eg_extraction *x, egi_arena *arena, const egi_net *net,
                      const egi_bound *bound, double cutoff, egi_reduced *out);

//===-- Methods, one file each --------------------------------------------===//

EG_NODISCARD
eg_status egi_dag_choice(eg_extraction *x, const egi_net *net,
                         uint32_t *choice);
// A search of a net from scratch: the best choice found, and its cost.
typedef eg_status (*egi_search)(eg_extraction *x, const egi_net *net,
                                uint32_t *choice, double *out_total);

// Local search from the net's tree optimum, its greedy choice and a few
// restarts; or from the two alone, without kicks.
EG_NODISCARD
eg_status egi_local(eg_extraction *x, const egi_net *net, uint32_t *choice,
                    double *out_total);
EG_NODISCARD
eg_status egi_descend(eg_extraction *x, const egi_net *net, uint32_t *choice,
                      double *out_total);

// Local search from |choice| alone, without kicks.
EG_NODISCARD
eg_status egi_polish(eg_extraction *x, const egi_net *net, uint32_t *choice,
                     double *out_total);

// A genetic algorithm.
EG_NODISCARD
eg_status egi_breed(eg_extraction *x, const egi_net *net, uint32_t *choice,
                    double *out_total);

// What a heuristic works on: the net after presolve by neighbours, or the net
// itself where costs are negative; and the way of its choices to an offer.
typedef struct egi_ground {
  const egi_net *net;
  bool is_reduced;
  bool is_done; // the best known is optimal; there is no net
  egi_reduced reduced;
  uint32_t *whole;
} egi_ground;
EG_NODISCARD
eg_status egi_ground_make(eg_extraction *x, bool deep, egi_ground *out_ground);
EG_NODISCARD
eg_status egi_ground_offer(eg_extraction *x, egi_ground *ground,
                           const uint32_t *choice);
// Makes the ground, searches it, offers what was found.
EG_NODISCARD
eg_status egi_run_on_ground(eg_extraction *x, egi_search search);

EG_NODISCARD
eg_status egi_run_tree(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_dag(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_local(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_anneal(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_genetic(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_beam(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_width(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_branch(void *user, eg_extraction *x);
#ifdef EG_HAVE_CBC
EG_NODISCARD
eg_status egi_run_ilp(void *user, eg_extraction *x);
#endif

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the extraction methods share: the net they work on, the running choice
// with its exact cost, and the session that keeps the best answer.
#ifndef EG_EXTRACT_INTERNAL_H
#define EG_EXTRACT_INTERNAL_H

#include "arena.h"
#include "eg_extract.h"

//===-- The net (extract_net.c) -------------------------------------------===//

// A problem made fit for search: classes reached from the roots and nodes that
// some finite term uses, the distinct children of each node in ascending order,
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

// The net of a problem, and the tree optimum of every class of it as a choice.
// EG_INFEASIBLE, naming the root, when one has no finite term.
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

// A binary heap of classes by (value, class), with room for every class once.
typedef struct egi_heap {
  const double *value;
  uint32_t *classes; // heap order
  uint32_t *place;   // class -> position + 1; 0 = not in the heap
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

//===-- Methods, one file each --------------------------------------------===//

EG_NODISCARD
eg_status egi_dag_choice(eg_extraction *x, const egi_net *net,
                         uint32_t *choice);
EG_NODISCARD
eg_status egi_run_tree(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_dag(void *user, eg_extraction *x);
EG_NODISCARD
eg_status egi_run_local(void *user, eg_extraction *x);

#endif

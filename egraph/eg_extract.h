// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Extraction with sharing: choose one node in every class that is needed, so
// that nothing chosen is cyclic and the sum over *distinct* chosen classes (the
// DAG cost) is least. The tree cost, where a class is paid once per path that
// leads to it, is Knuth's easy problem; this one is NP-hard, so there is a
// family of methods behind one interface.
//
//   eg_extract_options options = eg_extract_options_default();
//   options.method = "local";
//   uint32_t *choice = malloc(problem->num_classes * sizeof *choice);
//   eg_extract_result result;
//   if (eg_extract(problem, &options, choice, &result) == EG_OK)
//     printf("dag %g, gap %g\n", result.dag, result.dag - result.bound);
//
// Every answer was re-checked by eg_problem_check, which shares no code with
// any method. Same problem, method, seed and work budget: same answer on every
// machine; only a time budget can make answers differ.
#ifndef EG_EXTRACT_H
#define EG_EXTRACT_H

#include "eg.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- Problems ----------------------------------------------------------===//

// A flattened e-graph. The nodes of class c are first_node[c] …
// first_node[c + 1] - 1, the children of node n are the classes
// children[first_child[n]] … children[first_child[n + 1] - 1]. A child may stand
// twice: it counts twice in the tree cost, once in the DAG cost.
typedef struct eg_problem {
  uint32_t num_classes, num_nodes, num_children, num_roots;
  const uint32_t *first_node;  // num_classes + 1
  const uint32_t *first_child; // num_nodes + 1
  const uint32_t *children;    // num_children class numbers
  const double *costs;         // num_nodes; INFINITY = never to be chosen
  const uint32_t *roots;       // num_roots class numbers; all are wanted
} eg_problem;

// In a choice (one entry per class): nothing chosen.
#define EG_NO_NODE UINT32_MAX

// Whether every index is in range and every cost a number or INFINITY. O(size).
// EG_INVALID with a message in |error| (may be NULL).
EG_API EG_NODISCARD
eg_status eg_problem_validate(const eg_problem *problem, eg_error *error);

// The checker: every root has a node, each chosen node belongs to its class and
// may be chosen, every child reached is chosen, nothing reached is cyclic; and what it costs.
// Trusts no method. |problem| must be valid. O(size), no recursion.
// EG_INFEASIBLE with a message otherwise; |error| may be NULL. Tree costs sum
// over the roots, a root that is listed twice counts twice; they may overflow
// to infinity.
EG_API EG_NODISCARD
eg_status eg_problem_check(const eg_allocator *allocator,
                           const eg_problem *problem, const uint32_t *choice,
                           eg_choice_totals *out_totals, eg_error *error);

//===-- Extracting --------------------------------------------------------===//

// A method, built in or one's own.
typedef struct eg_extraction eg_extraction;
typedef struct eg_extractor {
  const char *name;    // unique; lower case
  const char *summary; // one line
  bool negative;       // copes with negative costs; else they are refused
  bool exact;          // proves optimality, given time
  // Looks for cheap choices and offers them (eg_extraction_offer), until it has
  // no more ideas or eg_extraction_work says stop. The best offer that passed
  // the check is the answer; the tree optimum was offered before the call.
  eg_status (*run)(void *user, eg_extraction *extraction);
  void *user; // passed through
} eg_extractor;

// The built-in methods, in the order of README.md.
EG_API uint32_t eg_num_extractors(void);
EG_API const eg_extractor *eg_extractor_get(uint32_t index);
// NULL when there is none of that name.
EG_API const eg_extractor *eg_extractor_find(const char *name);

// Presolve rules; each leaves at least one optimal choice (README.md).
#define EG_PRESOLVE_RULES(X)                                                   \
  X(CYCLES, "nodes whose child needs their own class")                         \
  X(DOMINATED, "nodes that another one of the class beats")                    \
  X(IMPLIED, "edges to a class that another child needs anyway")               \
  X(FORCED, "edges to a class that every root needs")                          \
  X(FREE, "classes with a node that costs nothing")                            \
  X(PULL, "costs moved to the only class that uses them")                      \
  X(CONTRACT, "single free nodes replaced by their children")                  \
  X(BOUND, "nodes that no choice better than the best known can use")

enum {
#define EG_PRESOLVE_SHIFT(name, summary) EG_PRESOLVE_SHIFT_##name,
  EG_PRESOLVE_RULES(EG_PRESOLVE_SHIFT)
#undef EG_PRESOLVE_SHIFT
      EG_NUM_PRESOLVE_RULES
};
#define EG_PRESOLVE(name) (1u << EG_PRESOLVE_SHIFT_##name)
#define EG_PRESOLVE_ALL ((1u << EG_NUM_PRESOLVE_RULES) - 1)

typedef struct eg_extract_options {
  const char *method;            // of a built-in method; default "local"
  const eg_extractor *extractor; // NULL, or one's own instead of |method|
  uint64_t seed;                 // of the methods that draw lots
  uint64_t work;  // most edges to look at, roughly; EG_UNLIMITED by default
  double seconds; // of real time; INFINITY by default. 0 still gives the tree
                  // optimum
  // Of local: how many random starts in a row may find nothing better before it
  // ends. 0: few, and no more than some multiples of the work before them;
  // UINT32_MAX: until a budget is over.
  uint32_t restarts;
  uint32_t presolve;             // which rules may be used; EG_PRESOLVE_ALL
  const eg_allocator *allocator; // NULL = malloc
} eg_extract_options;

EG_API eg_extract_options eg_extract_options_default(void);

typedef enum eg_extract_stop {
  EG_EXTRACT_DONE, // the method came to its end
  EG_EXTRACT_WORK, // a budget ran out: the best choice so far
  EG_EXTRACT_TIME,
} eg_extract_stop;

typedef struct eg_extract_result {
  eg_extract_stop stop;
  double dag, tree; // of the answer, by the checker
  uint64_t classes; // reached from the roots
  double bound;     // no choice has a lower DAG cost; -INFINITY = not known
  bool optimal;     // proved, up to rounding: dag - bound <= 1e-9 * dag
  uint64_t work;    // spent
  uint64_t offers;  // choices that were checked
  eg_error error;   // why it failed
} eg_extract_result;

// Runs a method. |out_choice| holds num_classes entries: the nodes of classes
// that are reached, EG_NO_NODE elsewhere. Running out of budget is not an
// error. EG_INVALID: the problem is not valid, it has negative costs and the
// method refuses them, a budget is NaN or negative. EG_NOT_FOUND: no such
// method; or the costs of a choice add up to infinity. EG_INFEASIBLE: a root has
// no finite term, or none without nodes that are never to be chosen. When a method fails after
// an answer was found, the answer is given all the same beside the status.
EG_API EG_NODISCARD
eg_status eg_extract(const eg_problem *problem,
                     const eg_extract_options *options, uint32_t *out_choice,
                     eg_extract_result *out_result);

// The problem that a clean |graph| poses, with one class number per class and
// roots as given (a price of INFINITY: never this node); and, after extraction, the choice for the graph. |nodes|
// (num_nodes) and |classes| (num_classes) tell which is which; all lent by the
// flat object, which the caller owns. |prices| NULL = 1 per node.
typedef struct eg_flat {
  eg_problem problem;
  const eg_node *nodes;
  const eg_class *classes;
} eg_flat;
EG_API EG_NODISCARD
eg_status eg_flat_create(eg_graph *graph, const eg_prices *prices,
                         const eg_class *roots, uint32_t num_roots,
                         eg_flat **out_flat);
EG_API void eg_flat_destroy(eg_flat *flat);
// Copies a choice of the flat problem into a choice of the graph.
EG_API void eg_flat_choose(const eg_flat *flat, const uint32_t *choice,
                           eg_choice *out_choice);

//===-- Several costs, several answers ------------------------------------===//

// A vector of costs per node: costs[node * num_dims + dim], 0 or more; INFINITY
// in any dimension: never this node.
typedef struct eg_vectors {
  uint32_t num_dims;
  const double *costs;
} eg_vectors;

// Choices none of which is at least as good as another in every dimension. The
// sums over the classes reached are totals[point * num_dims + dim]; the choice
// of a point starts at choices[point * num_classes].
typedef struct eg_pareto {
  uint32_t num_points;
  uint32_t num_dims, num_classes;
  const double *totals;
  const uint32_t *choices;
} eg_pareto;

// Sweeps weights: |options|' method runs on the weighted sum of the dimensions,
// at most |max_runs| times, and checks each answer. In two dimensions a weight
// is the slope between two neighbours, until no new point appears; in more,
// weights are spread evenly. Finds points of the convex hull, never those in
// its dents. Points come in ascending order of the first dimension. The costs
// of |problem| are not looked at. The caller owns *out_pareto.
EG_API EG_NODISCARD
eg_status eg_pareto_create(const eg_problem *problem, const eg_vectors *vectors,
                           const eg_extract_options *options, uint32_t max_runs,
                           eg_pareto **out_pareto, eg_error *error);
EG_API void eg_pareto_destroy(eg_pareto *pareto); // NULL is allowed

// The cheapest distinct terms of one class, by tree cost, cheapest first.
typedef struct eg_terms eg_terms;

// Finds up to |num_terms| of them: every class lists its terms as they are
// found, a term is a node and the rank of each child's term (L. Huang and
// D. Chiang, 2005). A class may be used in a term of its own. Costs must be 0
// or more. O(candidates log candidates); the terms share their parts.
// EG_INFEASIBLE: the class has no finite term. The caller owns *out_terms.
EG_API EG_NODISCARD
eg_status eg_terms_create(const eg_allocator *allocator,
                          const eg_problem *problem, uint32_t root,
                          uint32_t num_terms, eg_terms **out_terms,
                          eg_error *error);
EG_API void eg_terms_destroy(eg_terms *terms); // NULL is allowed
EG_API uint32_t eg_terms_count(const eg_terms *terms);
EG_API double eg_terms_cost(const eg_terms *terms, uint32_t term);

// Writes a term as an s-expression; |op| names a node. Written out as a tree.
EG_API EG_NODISCARD
eg_status eg_terms_write(const eg_terms *terms, uint32_t term,
                         const char *(*op)(void *user, uint32_t node),
                         void *user, eg_writer writer);

//===-- For methods of one's own ------------------------------------------===//

EG_API const eg_problem *eg_extraction_problem(const eg_extraction *extraction);
EG_API const eg_allocator *eg_extraction_allocator(const eg_extraction *x);

// The best choice that passed the check, and its DAG cost. Lent until the next
// offer.
EG_API const uint32_t *eg_extraction_best(const eg_extraction *extraction);
EG_API double eg_extraction_best_dag(const eg_extraction *extraction);

// Checks a choice and keeps it if it is cheaper. O(classes reached).
// EG_INFEASIBLE: it is not a choice, and was not kept.
EG_API EG_NODISCARD
eg_status eg_extraction_offer(eg_extraction *extraction,
                              const uint32_t *choice);

// States that no choice costs less than |bound|; the highest is kept.
EG_API void eg_extraction_bound(eg_extraction *extraction, double bound);

// Spends |amount| edges of work. False: stop soon and return EG_OK.
EG_API bool eg_extraction_work(eg_extraction *extraction, uint64_t amount);

// The next number of the seeded generator (splitmix64).
EG_API uint64_t eg_extraction_random(eg_extraction *extraction);

// Records a message and returns |status|.
EG_API eg_status eg_extraction_fail(eg_extraction *extraction, eg_status status,
                                    const char *format, ...);

//===-- Plugins -----------------------------------------------------------===//

// A shared object offers methods and a cost function in one symbol:
//
//   const eg_plugin eg_plugin_symbol = {.abi = EG_PLUGIN_ABI, …};
//
// |abi| counts the changes of this header that break one. It stands first and
// will always do.
#define EG_PLUGIN_ABI 2

// What a cost function sees of a node.
typedef struct eg_node_view {
  const char *op;
  uint32_t num_children;
  double cost; // as it stands
} eg_node_view;

typedef struct eg_plugin {
  uint32_t abi;
  uint32_t num_extractors;
  const eg_extractor *extractors;
  // May be NULL. The cost to use instead; INFINITY: never this node.
  double (*cost)(void *user, const eg_node_view *node);
  void *user;
} eg_plugin;

// Loads FILE.so and checks its version; it stays loaded for the life of the
// process, since methods may be in use. EG_NOT_FOUND: no such file or symbol.
// EG_INVALID: another ABI, or a method without name or function.
EG_API EG_NODISCARD
eg_status eg_plugin_load(const char *path, const eg_plugin **out_plugin,
                         eg_error *error);

// The method of that name in a plugin; NULL when it has none.
EG_API const eg_extractor *eg_plugin_extractor(const eg_plugin *plugin,
                                               const char *name);

#ifdef __cplusplus
}
#endif
#endif

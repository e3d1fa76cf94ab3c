// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// libeg: a general e-graph engine in plain C11. This is its whole public API.
//
// An e-graph holds a set of terms and an equivalence over them, closed under
// congruence: if a = b then f(a) = f(b). Rewrite rules only ever add terms and
// equalities, so every program reachable by the rules is in the graph at once,
// and an extractor picks the best one afterwards.
//
//   eg_graph *g;
//   eg_allocator memory = eg_allocator_default();
//   if (eg_graph_create(&memory, &g) != EG_OK) ...
//   eg_text_options options = {.declare = true};
//   eg_rules *rules;
//   eg_rules_parse(g, "comm: (+ ?a ?b) => (+ ?b ?a)", options, &rules);
//   eg_class x_plus_y;
//   eg_term_parse(g, "(+ x y)", options, &x_plus_y);
//   eg_limits limits = eg_limits_default();
//   eg_report report;
//   eg_run(g, rules, &limits, &report);     // report.stop == EG_STOP_SATURATED
//   eg_rules_destroy(rules);
//   eg_graph_destroy(g);
//
// States of a graph: clean -- eg_add or eg_union --> dirty -- eg_rebuild -->
// clean. Only a clean graph is congruence-closed, so searching, extracting,
// checking and drawing need one and return EG_INVALID on a dirty graph.
//
// Threads: a graph belongs to one thread at a time; graphs share nothing. A run
// may be lent threads (eg_pool).
// Determinism: the same calls give the same ids and the same answers on every
// machine; there is no clock, no address order and no global state.
// Ownership: what a function lends (names, payloads, node lists) is valid until
// the next call that takes a non-const graph. Everything dies with the graph.
#ifndef EG_H
#define EG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define EG_NODISCARD __attribute__((warn_unused_result))
#define EG_API __attribute__((visibility("default")))
#else
#define EG_NODISCARD
#define EG_API
#endif

//===-- Status ------------------------------------------------------------===//

// What a fallible call returns. Anything but EG_OK leaves the object it was
// called on as it was before the call, unless the function says otherwise.
typedef enum eg_status {
  EG_OK = 0,
  EG_INVALID,    // the caller's mistake: malformed text, a clash of sorts, NaN
  EG_NOT_FOUND,  // a name or a term that is not there
  EG_NO_MEMORY,  // the allocator returned NULL
  EG_LIMIT,      // a size that does not fit: 2^32 ids, 2^16 operators
  EG_INFEASIBLE, // no answer exists: a class with only cyclic nodes
} eg_status;

// The name of a status, e.g. "invalid"; never NULL.
EG_API const char *eg_status_name(eg_status status);

// What went wrong, in words: lower case, the offending value, no full stop.
typedef struct eg_error {
  eg_status status; // EG_OK when nothing has failed yet
  uint32_t line;    // 1-based line of the text that was parsed; 0 = no text
  char text[240];   // always terminated
  uint32_t column;  // of the line, in bytes, 1-based; 0 = not known
} eg_error;

//===-- Memory ------------------------------------------------------------===//

// One function does everything: |old_size| 0 allocates, |new_size| 0 frees (and
// returns NULL), otherwise the block is resized as by realloc. On failure it
// returns NULL and the old block is untouched. Blocks are aligned for any type.
typedef struct eg_allocator {
  void *(*resize)(void *user, void *block, size_t old_size, size_t new_size);
  void *user; // passed through
} eg_allocator;

// realloc and free of the C library; on Linux, blocks of a megabyte and
// more are mappings of their own, from 2 MiB on whole huge pages.
EG_API eg_allocator eg_allocator_default(void);

//===-- Graphs ------------------------------------------------------------===//

typedef struct eg_graph eg_graph;

// An e-class: a set of equal e-nodes. Ids stay valid for ever; after a union
// several ids name one class, and eg_find gives the canonical one. 0 is no id.
typedef struct eg_class {
  uint32_t id;
} eg_class;

// An e-node: an operator, an optional payload and child classes. Valid until
// the next rebuild, which may find two nodes congruent and drop one.
typedef struct eg_node {
  uint32_t id;
} eg_node;

// Operators, sorts and payloads, each numbered in order of registration.
typedef struct eg_op {
  uint16_t id;
} eg_op;
typedef struct eg_sort {
  uint8_t id;
} eg_sort;
typedef struct eg_payload {
  uint32_t id; // 0 = none
} eg_payload;

// Creates an empty graph that takes all its memory from |allocator| (copied).
// EG_NO_MEMORY: *out_graph is NULL. The caller owns the graph.
EG_API EG_NODISCARD
eg_status eg_graph_create(const eg_allocator *allocator, eg_graph **out_graph);

// Frees the graph and all it lent. NULL is allowed. Rules that were made for
// the graph must be destroyed first.
EG_API void eg_graph_destroy(eg_graph *graph);

// The last failure of any call on |graph|; lent, overwritten by the next one.
EG_API const eg_error *eg_graph_error(const eg_graph *graph);

// Bytes now taken from the allocator, and the most there ever were. O(1).
EG_API size_t eg_graph_bytes(const eg_graph *graph);
EG_API size_t eg_graph_peak_bytes(const eg_graph *graph);

//===-- Sorts, operators, payloads ----------------------------------------===//

// Registers a sort: classes of different sorts are never equal. Sort 0 exists
// from the start, is called "term", and is what an operator gets by default.
// EG_INVALID: the name is taken or empty. EG_LIMIT: more than 255 sorts.
EG_API EG_NODISCARD
eg_status eg_sort_add(eg_graph *graph, const char *name, eg_sort *out_sort);

// Any number of children, all of one sort.
#define EG_VARIADIC UINT32_MAX

typedef struct eg_op_desc {
  const char *name;        // unique; copied
  uint32_t num_children;   // or EG_VARIADIC
  eg_sort result;          // sort of the class
  const eg_sort *children; // one per child; variadic: one per leading child and
                           // one for the rest; copied; NULL = all of sort 0
  uint32_t num_leading;    // variadic: children that must be there, each with a
                           // sort of its own, before the rest
  bool has_payload;        // a payload is part of each node's identity
  bool is_literal; // a bare token in text that names no operator becomes a leaf
                   // of this operator with the token as its payload
} eg_op_desc;

// Registers an operator. EG_INVALID: the name is taken or empty, a sort is
// unknown, or a literal takes children or no payload. EG_LIMIT: 65,535
// operators.
EG_API EG_NODISCARD
eg_status eg_op_add(eg_graph *graph, const eg_op_desc *desc, eg_op *out_op);

// Finds an operator by name. O(1). EG_NOT_FOUND.
EG_API EG_NODISCARD
eg_status eg_op_find(const eg_graph *graph, const char *name, eg_op *out_op);

EG_API const char *eg_op_name(const eg_graph *graph, eg_op op);
EG_API uint32_t eg_op_num_children(const eg_graph *graph, eg_op op);
EG_API eg_sort eg_op_sort(const eg_graph *graph, eg_op op);
EG_API bool eg_op_has_payload(const eg_graph *graph, eg_op op);
EG_API bool eg_op_is_literal(const eg_graph *graph, eg_op op);
EG_API uint32_t eg_num_ops(const eg_graph *graph); // ids are 0 … n-1
EG_API const char *eg_sort_name(const eg_graph *graph, eg_sort sort);

// Interns |size| bytes; equal bytes give equal payloads. Copied. O(size).
EG_API EG_NODISCARD
eg_status eg_payload_intern(eg_graph *graph, const void *bytes, size_t size,
                            eg_payload *out_payload);

// The bytes of a payload, lent for the life of the graph (they never move), and
// aligned to 8. A zero byte follows the last one.
EG_API const void *eg_payload_bytes(const eg_graph *graph, eg_payload payload,
                                    size_t *out_size);

//===-- Building ----------------------------------------------------------===//

// Adds op[payload](children…) unless it is there, and gives its class. Expected
// O(children). EG_INVALID: wrong number of children, a child of another sort, a
// payload that is missing or not wanted, an id that names no class.
EG_API EG_NODISCARD
eg_status eg_add(eg_graph *graph, eg_op op, eg_payload payload,
                 const eg_class *children, uint32_t num_children,
                 eg_class *out_class);

// As eg_add, but EG_NOT_FOUND instead of adding.
EG_API EG_NODISCARD
eg_status eg_lookup(const eg_graph *graph, eg_op op, eg_payload payload,
                    const eg_class *children, uint32_t num_children,
                    eg_class *out_class);

// States that a = b. O(log n) amortised; congruence waits for eg_rebuild.
// |out_changed| (may be NULL): whether they were different. EG_INVALID: the
// sorts differ.
EG_API EG_NODISCARD
eg_status eg_union(eg_graph *graph, eg_class a, eg_class b, bool *out_changed);

// Restores congruence and the analyses. Costs O(parents of the merged classes),
// whatever the size of the graph. On EG_NO_MEMORY the graph stays dirty but
// sound, and may be rebuilt again. An analysis that fails stops the rebuild
// with its status.
EG_API EG_NODISCARD
eg_status eg_rebuild(eg_graph *graph);

EG_API bool eg_is_clean(const eg_graph *graph);

//===-- Going back --------------------------------------------------------===//

// Opens a level; eg_pop goes back to here, from wherever the graph is then.
// Levels nest. Nothing is copied: a push is O(1), and while a level is open
// what it overwrites of the graph before it is logged. Costs nothing otherwise.
// EG_INVALID: the graph is dirty, or the call comes from a callback of eg_run or
// eg_rebuild.
EG_API EG_NODISCARD
eg_status eg_push(eg_graph *graph);

// Makes the graph what it was at the last eg_push: classes, nodes and their
// order, values, operators, sorts and payloads; later additions get the ids that
// they would have got then. Needs no memory, and O(changes since the push) time.
// The graph may be dirty before, and is clean afterwards. What was made since,
// ids and choices, is void; a rule set that was added to since, or a query that
// was made since, is refused with EG_INVALID, and can only be destroyed.
// EG_INVALID: no level is open, or as for eg_push.
EG_API EG_NODISCARD
eg_status eg_pop(eg_graph *graph);

// The number of open levels.
EG_API uint32_t eg_depth(const eg_graph *graph);

//===-- Why classes are equal ---------------------------------------------===//

// From now on the graph remembers why classes are equal, so that eg_explain can
// tell (after Extraction, below). Costs about 25 bytes a node and 15 an
// equality, and dead nodes are kept. EG_INVALID: the graph is not empty, or a
// level is open.
EG_API EG_NODISCARD
eg_status eg_proofs_enable(eg_graph *graph);
EG_API bool eg_proofs_enabled(const eg_graph *graph);

// As eg_union; a proof that uses it says that it was given, and by |label|
// (copied; NULL = none).
EG_API EG_NODISCARD
eg_status eg_union_as(eg_graph *graph, eg_class a, eg_class b,
                      const char *label, bool *out_changed);

//===-- Reading -----------------------------------------------------------===//

// The canonical id of a class. Nearly O(1).
EG_API eg_class eg_find(const eg_graph *graph, eg_class id);

EG_API uint64_t eg_num_nodes(const eg_graph *graph);   // live nodes
EG_API uint64_t eg_num_classes(const eg_graph *graph); // canonical classes
EG_API uint64_t eg_op_num_nodes(const eg_graph *graph, eg_op op);

// The first canonical class with an id above |after|; {0} starts and ends.
EG_API eg_class eg_class_next(const eg_graph *graph, eg_class after);

EG_API eg_sort eg_class_sort(const eg_graph *graph, eg_class id);

// The nodes of a class, sorted by operator on a clean graph. Lent.
EG_API const eg_node *eg_class_nodes(const eg_graph *graph, eg_class id,
                                     uint32_t *out_count);

// The nodes that have the class as a child; each once on a clean graph. Lent.
EG_API const eg_node *eg_class_parents(const eg_graph *graph, eg_class id,
                                       uint32_t *out_count);

EG_API eg_op eg_node_op(const eg_graph *graph, eg_node node);
EG_API eg_payload eg_node_payload(const eg_graph *graph, eg_node node);
EG_API eg_class eg_node_class(const eg_graph *graph, eg_node node);
EG_API const eg_class *eg_node_children(const eg_graph *graph, eg_node node,
                                        uint32_t *out_count);

// As eg_lookup, the node itself. EG_NOT_FOUND.
EG_API EG_NODISCARD
eg_status eg_lookup_node(const eg_graph *graph, eg_op op, eg_payload payload,
                         const eg_class *children, uint32_t num_children,
                         eg_node *out_node);

// A subsumed node stays in its class and may be extracted (a cost function may
// forbid that), but no rule or query matches it any more: say so when something
// better has been found for good. Of two congruent nodes the one that stays is
// subsumed if either was. O(1). EG_INVALID: no such node.
EG_API EG_NODISCARD
eg_status eg_subsume(eg_graph *graph, eg_node node);
EG_API bool eg_is_subsumed(const eg_graph *graph, eg_node node);

//===-- Analyses ----------------------------------------------------------===//

// A fact about each class, kept up to date: a value in a join semilattice.
// For every class, value = join of make(n) over its nodes n, to a fixpoint.
typedef struct eg_analysis {
  const char *name; // copied
  size_t size;      // bytes of a value; values are moved by memcpy
  void *user;       // passed through
  // The value of a node from the values of its children. |out_value| comes
  // zeroed. A status other than EG_OK stops the call that added the node; say
  // why with eg_fail.
  eg_status (*make)(void *user, eg_graph *graph, eg_node node, void *out_value);
  // into := join(into, from). |*out_into_changed|, |*out_from_changed|: whether
  // the result differs from the old |into|, and from |from|. A status refuses
  // the union (EG_INVALID: the two are not compatible); |into| must then be
  // unchanged. An eg_union that is refused leaves both classes as they were.
  eg_status (*merge)(void *user, eg_graph *graph, void *into, const void *from,
                     bool *out_into_changed, bool *out_from_changed);
  // May be NULL. Called when the value of a class has changed; it may call
  // eg_add and eg_union.
  eg_status (*modify)(void *user, eg_graph *graph, eg_class id);
} eg_analysis;

// Registers an analysis, at most EG_MAX_ANALYSES of them, on an empty graph
// (EG_INVALID otherwise). Values live side by side, one array per analysis.
#define EG_MAX_ANALYSES 8
EG_API EG_NODISCARD
eg_status eg_analysis_add(eg_graph *graph, const eg_analysis *analysis,
                          uint32_t *out_id);

// The value of a class; lent.
EG_API const void *eg_class_value(const eg_graph *graph, uint32_t analysis,
                                  eg_class id);

// Records a message for eg_graph_error and returns |status|: for callbacks.
EG_API eg_status eg_fail(eg_graph *graph, eg_status status, const char *format,
                         ...);

//===-- Rules -------------------------------------------------------------===//

// An ordered set of rewrite rules for one graph.
typedef struct eg_rules eg_rules;

// A match: the class of the left-hand side (of its first item) and the classes
// of its variables.
typedef struct eg_match {
  eg_class root;
  const eg_class *vars; // indexed as eg_rule_var numbers them; lent
  uint32_t num_vars;
} eg_match;

// Decides whether a match may be applied. Must not change the graph.
typedef bool (*eg_condition)(void *user, const eg_graph *graph,
                             const eg_match *match);

// Computes a right-hand side: adds what it wants with eg_add and eg_union, and
// names the class that the root equals, or {0} for none. Limits are checked
// between blocks of matches, not inside.
typedef eg_status (*eg_applier)(void *user, eg_graph *graph,
                                const eg_match *match, eg_class *out_equal);

// Creates an empty rule set. The caller owns it.
EG_API EG_NODISCARD
eg_status eg_rules_create(eg_graph *graph, eg_rules **out_rules);
EG_API void eg_rules_destroy(eg_rules *rules);

// A side of a rule is a list of items, each a chain of patterns of one class:
//
//   side := item (',' item)*      item := pattern ('=' pattern)*
//
// The left matches where all its items hold at once: variables are shared by
// them, so ?x = (+ ?a ?b), ?x = (* ?c ?d) finds sums that are products. The
// right adds its patterns and states its equalities. One pattern on the right
// of one item, the usual rewrite, is stated equal to that item; other patterns
// without '=' are only added.
typedef struct eg_rule_desc {
  const char *name; // unique in the set; copied
  const char *lhs;  // a side: (op ?a (op2 ?b leaf))
  const char *rhs;  // a side over the same variables; or NULL with |apply|
  eg_condition condition; // or NULL
  eg_applier apply;       // or NULL with |rhs|
  void *user;             // passed to both
  const char *ruleset;    // copied; NULL = the ruleset without a name
  // Matches in a round before it pauses, whatever the scheduler (eg_scheduler);
  // 0 = as the scheduler says.
  uint64_t budget;
  // The node that the left's first operator matched is subsumed once the rule
  // has been applied.
  bool subsume;
  // A variable that stands in no pattern of the left matches every class of its
  // sort; without this it is a mistake.
  bool any_class;
  // The condition or the applier looks at more than the classes of the match,
  // their nodes and their values: an incremental run searches all of it again.
  bool nonlocal;
  // Names the condition where the rule is written as text; copied; or NULL.
  const char *condition_name;
} eg_rule_desc;

// Adds one rule. EG_INVALID, with the rule's name in the message: malformed
// pattern, unknown operator, wrong number of children, a clash of sorts, a
// right-hand variable that the left does not bind, a name that is taken.
EG_API EG_NODISCARD
eg_status eg_rules_add(eg_rules *rules, const eg_rule_desc *desc);

// How text is read. Zero is a strict reader.
typedef struct eg_text_options {
  bool declare; // an operator not seen before is registered on sort 0, with the
                // number of children of its first use; a bare token is a leaf
  bool any_class; // as eg_rule_desc.any_class, for all rules of the text
  // Conditions that text may name after "if"; |num_conditions| of them.
  const struct eg_named_condition *conditions;
  uint32_t num_conditions;
  // Receives the terms that stand between rules (see eg_rules_parse), each with
  // its name, once all of the text is read. NULL: a term is a mistake.
  void (*term)(void *user, const char *name, eg_class term);
  void *user; // passed to |term|
} eg_text_options;

// "if name ?a ?b" passes the classes of ?a, ?b as the match's variables.
typedef struct eg_named_condition {
  const char *name;
  eg_condition condition;
  void *user;
} eg_named_condition;

// Conditions for any language, on the graph as it is at the match: "distinct ?a ?b" (no two are known equal), "number ?a" (a member
// is a leaf that reads as a number), "not-number ?a", "not-zero ?a" (no member
// reads as zero). Each takes any number of variables. Static.
EG_API const eg_named_condition *eg_standard_conditions(uint32_t *out_count);

// Reads rules, one or more lines each:
//   name: lhs => rhs
//   name: lhs <=> rhs                 two rules; backwards it is "name-rev"
//   name: lhs => rhs if c1 ?a, c2 ?b  conditions
//   name: ?x = (f ?a), (g ?x ?b) => ?a = (h ?b), (k ?a)
//   name: lhs => rhs subsume          as eg_rule_desc.subsume; behind conditions
//   ruleset name                      the rules that follow belong to it
//   name: lhs => rhs nonlocal         as eg_rule_desc.nonlocal, likewise
//   name: lhs => rhs budget 100       as eg_rule_desc.budget, likewise
//   schedule S                        what eg_rules_schedule gives (see there)
//   scheduler S                       what eg_rules_scheduler gives
//   name: term                        a term to add, for options.term; names of
//                                     terms may repeat
// egg's "name; lhs => rhs" is read too, a rule may span lines, and a name may be
// a "quoted string".
// "#" starts a comment. A token is a variable (?x), an operator, or a literal.
// The payload of an operator that has one is the first item after its name, a
// token or a "quoted string". On failure nothing is added or declared, and the
// error holds the line and the rule's name. The caller owns *out_rules.
EG_API EG_NODISCARD
eg_status eg_rules_parse(eg_graph *graph, const char *text,
                         eg_text_options options, eg_rules **out_rules);

EG_API uint32_t eg_rules_count(const eg_rules *rules);
EG_API const char *eg_rule_name(const eg_rules *rules, uint32_t rule);
EG_API uint32_t eg_rule_num_vars(const eg_rules *rules, uint32_t rule);

// The ruleset of a rule; "" for the one without a name.
EG_API const char *eg_rule_ruleset(const eg_rules *rules, uint32_t rule);

// As eg_rule_desc.budget, for rules that came as text.
EG_API void eg_rule_set_budget(eg_rules *rules, uint32_t rule, uint64_t budget);

// The index of variable |name| ("?a") in a match of |rule|. EG_NOT_FOUND.
EG_API EG_NODISCARD
eg_status eg_rule_var(const eg_rules *rules, uint32_t rule, const char *name,
                      uint32_t *out_index);

// Adds the term that |text| spells (no variables) and gives its class. When
// memory runs out or an analysis fails, subterms that were added stay.
EG_API EG_NODISCARD
eg_status eg_term_parse(eg_graph *graph, const char *text,
                        eg_text_options options, eg_class *out_class);

// Calls |visit| for each match of |rule| on a clean graph, conditions included,
// in a fixed order; |visit| returns false to stop. The graph must not change
// meanwhile.
EG_API EG_NODISCARD
eg_status eg_rule_search(const eg_rules *rules, uint32_t rule,
                         bool (*visit)(void *user, const eg_match *match),
                         void *user, uint64_t *out_num_matches);

// A left-hand side to ask for on its own.
typedef struct eg_query eg_query;

// Reads a side. On failure nothing is declared. The caller owns *out_query and
// destroys it before the graph.
EG_API EG_NODISCARD
eg_status eg_query_parse(eg_graph *graph, const char *text,
                         eg_text_options options, eg_query **out_query);
EG_API void eg_query_destroy(eg_query *query);
EG_API uint32_t eg_query_num_vars(const eg_query *query);
// The name of variable |index| of a match ("?a"); lent.
EG_API const char *eg_query_var(const eg_query *query, uint32_t index);

// As eg_rule_search; with a |root| other than {0} only the matches whose first
// item is that class, which costs only what is below it.
EG_API EG_NODISCARD
eg_status eg_query_search(const eg_query *query, eg_class root,
                          bool (*visit)(void *user, const eg_match *match),
                          void *user, uint64_t *out_num_matches);

//===-- Running -----------------------------------------------------------===//

#define EG_UNLIMITED UINT64_MAX

// Running out is not an error but a reason to stop. Checked for every batch of
// matches: 4,096, or 64 where so many might reach a limit, so that the overshoot
// is at most 64 right-hand sides. Zero is not a limit but a mistake: EG_INVALID.
typedef struct eg_limits {
  uint64_t nodes;        // live nodes
  uint64_t bytes;        // eg_graph_bytes
  uint64_t rounds;       // search, apply, rebuild
  uint64_t matches;      // of all rules in one round
  uint64_t rule_matches; // of one rule in one round
  uint64_t fuel; // nodes that the search of one rule may go over in one round
  // May be NULL. Asked for every batch of matches, and while a search finds none
  // after every 65,536 nodes; true ends the run: what was found in this round
  // and is not applied yet is dropped.
  bool (*cancel)(void *user);
  void *user; // passed to it
} eg_limits;

// 10,000,000 nodes, 4 GiB, 1,000 rounds, 100,000,000 matches; a rule may have
// all of these matches, and any fuel.
EG_API eg_limits eg_limits_default(void);
EG_API eg_limits eg_limits_none(void); // EG_UNLIMITED of everything

typedef enum eg_stop {
  EG_STOP_SATURATED, // a round changed nothing
  EG_STOP_NODES,
  EG_STOP_BYTES,
  EG_STOP_ROUNDS,
  EG_STOP_MATCHES,
  EG_STOP_RULE_MATCHES, // eg_report.rule found as many as it may
  EG_STOP_FUEL,         // eg_report.rule looked at as many nodes as it may
  EG_STOP_CANCELLED,
  EG_STOP_GOALS,    // all goals were reached
  EG_STOP_SCHEDULE, // the schedule came to its end
  EG_STOP_HOOK,     // eg_run_options.hook said so
} eg_stop;

EG_API const char *eg_stop_name(eg_stop stop);

typedef struct eg_report {
  eg_stop stop;
  uint64_t rounds;  // completed
  uint64_t matches; // found in all rounds
  uint64_t applied; // matches that changed the graph
  uint64_t nodes;   // live nodes at the end
  uint64_t classes; // canonical classes at the end
  uint32_t rule;    // that ran out; UINT32_MAX for other reasons
} eg_report;

// One round after another until a limit or saturation: search every rule on the
// frozen graph, apply all matches rule by rule, rebuild. The graph is clean
// afterwards, whatever the stop reason. A failing applier or analysis ends the
// run with its status, and the message names the rule and its line; the graph is
// then rebuilt as far as memory allows, and an eg_push before the run is the way
// back.
EG_API EG_NODISCARD
eg_status eg_run(eg_graph *graph, const eg_rules *rules,
                 const eg_limits *limits, eg_report *out_report);

//===-- Schedules ---------------------------------------------------------===//

// Something to be reached: |a| and |b| are one class; or, with a query, it has a
// match (whose first item is |a|, unless that is {0}). Asked before the first
// round and after each.
typedef struct eg_goal {
  eg_class a, b;
  const eg_query *query; // or NULL
} eg_goal;

// Which rules to run, how often: a tree that the caller owns.
//
//   (eg_schedule){0}                                       a round of all rules
//   (eg_schedule){.ruleset = "fold", .times = 3}           3 rounds of "fold"
//   (eg_schedule){.parts = p, .num_parts = 2}              p[0], then p[1]
//   (eg_schedule){.parts = p, .num_parts = 2, .times = EG_UNLIMITED}
//                                                          … to saturation
//
// Whatever is repeated ends early when it has changed nothing.
typedef struct eg_schedule {
  const struct eg_schedule *parts; // in order; none: a round
  uint32_t num_parts;
  const char *ruleset;  // of a round; NULL = all rules
  uint64_t times;       // 0 counts as 1
  const eg_goal *until; // ends it when all of them hold; |num_until| of them
  uint32_t num_until;
} eg_schedule;

// Who is held back. A rule that pauses is not searched; when a round changes
// nothing while rules pause, the first of them is let go at once.
typedef enum eg_scheduler_kind {
  EG_SIMPLE, // nobody
  // As egg's BackoffScheduler: a rule that finds more than |matches| in a round
  // (conditions not counted) loses them and pauses for |rounds|; both double
  // each time.
  EG_BACKOFF,
  // A rule may add |share| of the graph's nodes in a round (1,000 at least);
  // then it loses the rest of its matches and pauses for |rounds|, which
  // doubles each time.
  EG_SIZE_AWARE,
} eg_scheduler_kind;

typedef struct eg_scheduler {
  eg_scheduler_kind kind;
  uint64_t matches; // 0 = 1,000
  uint64_t rounds;  // 0 = 5
  double share;     // 0 = 0.25; EG_INVALID: negative or NaN
} eg_scheduler;

// A schedule as text, in the words of egglog's run-schedule:
//
//   (run)                      a round of all rules
//   (run NAME), or NAME        a round of a ruleset that was named above; "" is
//                              that of the rules above all "ruleset NAME"
//   (seq S…)                   one after the other
//   (repeat N S…)              N times, or until nothing changes
//   (saturate S…)              until nothing changes
//
// Before the ')' there may stand ":until SIDE", as a left-hand side: it ends the
// part when there is a match; of several, when each has one. A scheduler as text
// is its kind, or with options
//
//   (simple :rounds N)  (backoff :matches N :rounds N)
//   (size-aware :share X :rounds N)
//
// A text holds each at most once.

// Those of a rule set that was read with them; NULL and zero without. Lent, for
// as long as the set: pass them on in eg_run_options.
EG_API const eg_schedule *eg_rules_schedule(const eg_rules *rules);
EG_API eg_scheduler eg_rules_scheduler(const eg_rules *rules);

// Reads "schedule S" and "scheduler S" for the rulesets of |rules|, in place of
// what it had. |options|: how the sides are read. On failure nothing changes,
// and the error has line and column.
EG_API EG_NODISCARD
eg_status eg_schedule_parse(eg_rules *rules, const char *text,
                            eg_text_options options);

// Threads that the caller has. |run| calls task(argument, i) for every i below
// |num|, on any threads, in any order, and returns when all are done.
//
// The same run gives the same ids, counters and answers at any number of
// threads. Conditions of rules are then called from several threads at once.
// The allocator and eg_limits.cancel are called by one thread at a time, which
// may be one of the pool's; appliers, analyses and hooks by the caller's alone.
typedef struct eg_pool {
  uint32_t num_threads; // the caller's among them; 0 counts as 1
  void (*run)(void *user, void (*task)(void *argument, uint32_t index),
              void *argument, uint32_t num);
  void *user; // passed to |run|
} eg_pool;

// How to run; zero is eg_run with the default limits.
typedef struct eg_run_options {
  const eg_limits *limits;     // NULL = eg_limits_default
  const eg_schedule *schedule; // NULL = all rules, to saturation
  eg_scheduler scheduler;
  const eg_goal *goals; // the run ends when all of them hold
  uint32_t num_goals;
  // A match that would add a node to a class of this many is dropped; 0 = none
  // is. A block of 64 matches is looked at at once, so a class may get that many
  // more; equal classes may still be united.
  uint32_t class_nodes;
  // Search only for matches that are new since the rule was last searched: those
  // that hold a node that was made, that got other children or another class;
  // and, for a rule with a condition or an applier, those at a class whose nodes
  // or value changed. A round then costs what has changed, not what there is.
  // The graph becomes the same; counters, and the matches that Backoff counts,
  // are of new matches only. What a rule of text names after "if" must be local
  // (eg_rule_desc.nonlocal).
  bool incremental;
  // May be NULL. Called before each round with the report so far; it may add,
  // unite and subsume (the graph is rebuilt after it), and end the run. A status
  // other than EG_OK ends it too, and is returned.
  eg_status (*hook)(void *user, eg_graph *graph, const eg_report *so_far,
                    bool *out_stop);
  void *user;          // passed to |hook|
  const eg_pool *pool; // NULL = this thread alone
} eg_run_options;

// As eg_run, by a schedule. EG_INVALID: a schedule names no ruleset of |rules|,
// a goal names no class.
EG_API EG_NODISCARD
eg_status eg_run_with(eg_graph *graph, const eg_rules *rules,
                      const eg_run_options *options, eg_report *out_report);

//===-- Counters ----------------------------------------------------------===//

// Counters of one rule since the rules were made. Same work, same counters, on
// every machine: tests may gate on them.
typedef struct eg_rule_stats {
  uint64_t searched;  // nodes looked at
  uint64_t matches;   // found, conditions included
  uint64_t applied;   // changed the graph
  uint64_t new_nodes; // added
  uint64_t pauses;    // times that it was held back
  uint64_t dropped;   // matches whose class was full
} eg_rule_stats;
EG_API eg_rule_stats eg_rule_get_stats(const eg_rules *rules, uint32_t rule);

//===-- Extraction --------------------------------------------------------===//

// A cost function: any monotone one (a node costs at least as much as each of
// its children; Knuth 1977). Values are |size| bytes, compared by |less|.
typedef struct eg_cost {
  size_t size;
  void *user;
  // Cost of |node| from the costs of its children (pointers, in order). Sets
  // *out_usable false to forbid the node.
  eg_status (*node)(void *user, const eg_graph *graph, eg_node node,
                    const void *const *children, void *out_cost,
                    bool *out_usable);
  bool (*less)(void *user, const void *a, const void *b);
  // May be NULL. False for a value that is no cost, such as NaN: the extraction
  // fails with EG_INVALID and names the operator.
  bool (*valid)(void *user, const void *cost);
} eg_cost;

// Number of nodes of the term, and its height; values are double.
EG_API eg_cost eg_cost_size(void);
EG_API eg_cost eg_cost_depth(void);

// Sum over the term of per-node prices; values are double.
typedef struct eg_prices {
  double (*price)(void *user, const eg_graph *graph, eg_node node);
  void *user;
} eg_prices;
EG_API eg_cost eg_cost_sum(const eg_prices *prices); // keeps the pointer

// One node chosen in every class that has a finite term.
typedef struct eg_choice eg_choice;

// The cheapest term of every class, by Knuth's generalisation of Dijkstra's
// algorithm. O(edges + nodes log classes). Ties go to the smaller height of
// discovery and then the smaller id, so that answers are reproducible.
// EG_INVALID: the graph is dirty, a cost is not valid or not monotone.
// EG_INFEASIBLE is not returned here: a class without a finite term simply has
// no node. The caller owns *out_choice, which is valid for this graph as it is.
EG_API EG_NODISCARD
eg_status eg_extract_tree(eg_graph *graph, const eg_cost *cost,
                          eg_choice **out_choice);
// An empty choice, to be filled by eg_choice_set: for extractors of one's own.
EG_API EG_NODISCARD
eg_status eg_choice_create(eg_graph *graph, eg_choice **out_choice);
EG_API void eg_choice_set(eg_choice *choice, eg_class id, eg_node node);
EG_API void eg_choice_destroy(eg_choice *choice);

// The chosen node of a class; {0} when it has none.
EG_API eg_node eg_choice_node(const eg_choice *choice, eg_class id);

// The cost value of a class (size bytes, lent); NULL when it has none.
EG_API const void *eg_choice_cost(const eg_choice *choice, eg_class id);

// Costs of a checked choice: every class is paid once (dag), or once per path
// that leads to it (tree).
typedef struct eg_choice_totals {
  double tree;
  double dag;
  uint64_t classes; // reached from the roots
} eg_choice_totals;

// The result checker, independent of every extractor: each root has a node,
// each chosen node is a live member of its class, every child that is reached
// is chosen, nothing reached is cyclic; and what it costs under |prices| (NULL
// = 1 per node). No recursion. EG_INFEASIBLE with a message otherwise.
EG_API EG_NODISCARD
eg_status eg_choice_check(eg_graph *graph, const eg_choice *choice,
                          const eg_class *roots, uint32_t num_roots,
                          const eg_prices *prices,
                          eg_choice_totals *out_totals);

//===-- Output ------------------------------------------------------------===//

// Receives text in pieces; false stops the printing (EG_INVALID is returned).
typedef struct eg_writer {
  bool (*write)(void *user, const char *text, size_t size);
  void *user;
} eg_writer;

// The chosen term as an s-expression. Written out as a tree, so it may be long.
// EG_INFEASIBLE: a class on the way has no node.
EG_API EG_NODISCARD
eg_status eg_write_term(eg_graph *graph, const eg_choice *choice, eg_class root,
                        eg_writer writer);

// The rules as text that eg_rules_parse reads as the same set: same order, names,
// rulesets, conditions by name, budgets, schedule and scheduler. Of a rule with
// "<=>" each direction. EG_INVALID, before anything is written: an applier, or a
// condition without a name, has no text.
EG_API EG_NODISCARD
eg_status eg_write_rules(const eg_rules *rules, eg_writer writer);

// A schedule as text that eg_schedule_parse reads as the same schedule, behind
// the word "schedule". A part that consists of one round is that round.
// EG_INVALID: a goal asks about classes, which have no text.
EG_API EG_NODISCARD
eg_status eg_write_schedule(eg_graph *graph, const eg_schedule *schedule,
                            eg_writer writer);

// The graph for Graphviz: a box per class, an ellipse per node. With a choice
// the chosen nodes are filled.
EG_API EG_NODISCARD
eg_status eg_write_dot(eg_graph *graph, const eg_choice *choice,
                       eg_writer writer);

//===-- Proofs ------------------------------------------------------------===//

// Why one term equals another. Made of terms, not of classes, it stays true
// whatever becomes of the graph, and is valid for as long as the graph has the
// operators and payloads in it.
typedef struct eg_proof eg_proof;

// Explains why a = b: the terms are those that the two ids were made for (an id
// stands for the term whose addition first gave it). The graph may be dirty.
// EG_INVALID: the graph keeps no proofs. EG_NOT_FOUND: the two are not equal.
// O(size of the proof · length of the ways in the forest). The caller owns the
// proof and destroys it before the graph.
EG_API EG_NODISCARD
eg_status eg_explain(eg_graph *graph, eg_class a, eg_class b,
                     eg_proof **out_proof);

// The same for two terms as they are spelt, on a clean graph. EG_NOT_FOUND: one
// of them is not in the graph, or the two are not equal.
EG_API EG_NODISCARD
eg_status eg_explain_terms(eg_graph *graph, const char *a, const char *b,
                           eg_proof **out_proof);
EG_API void eg_proof_destroy(eg_proof *proof);

// Writes the term that an id was made for.
EG_API EG_NODISCARD
eg_status eg_write_origin(eg_graph *graph, eg_class id, eg_writer writer);

// The number of rewrites from one term to the other when all is written out
// flat; at most UINT64_MAX / 4.
EG_API uint64_t eg_proof_num_steps(const eg_proof *proof);

// How a proof is written, as one s-expression:
//
//   flat  (proof (start T) (step WHY (at I…) T)…)
//         every whole term on the way. The position is the child to go to from
//         the root, counted from 1, then from there, and so on. Premises are
//         left out.
//   tree  (proof (lemma N T T STEP…)… (goal T T STEP…))
//         STEP := (WHY T T PREMISE…) | (congruence T T (child I USE)…) | USE
//         USE := (lemma N forward|backward)
//         A step of congruence names the children that differ and the lemma that
//         shows each equal. A premise is one more equality on a rule's left side.
//   WHY := (rule NAME forward|backward GUARD…) | (given LABEL?) | (callback NAME)
//   GUARD := (if NAME? ARGUMENT…)     ARGUMENT := (is T) | (is T T USE?)
//         A condition of the rule: of each argument the term that it stood for,
//         and what was known of it (eg_guard). The flat form leaves out why.
//
// "backward" is from what the rule says second to what it says first. A callback
// is an applier or an analysis that stated a union.
typedef enum eg_proof_form { EG_PROOF_TREE, EG_PROOF_FLAT } eg_proof_form;

// EG_LIMIT: more than 1,000,000 steps flat, or a term of more than 1,000,000
// nodes; the tree form shares what the flat one repeats.
EG_API EG_NODISCARD
eg_status eg_write_proof(eg_proof *proof, eg_proof_form form, eg_writer writer);

// Terms of a proof, children before parents; equal terms are one. For judges.
typedef struct eg_proof_term {
  uint32_t id;
} eg_proof_term;
EG_API const eg_graph *eg_proof_graph(const eg_proof *proof);
EG_API eg_op eg_proof_term_op(const eg_proof *proof, eg_proof_term term);
EG_API eg_payload eg_proof_term_payload(const eg_proof *proof,
                                        eg_proof_term term);
EG_API const eg_proof_term *eg_proof_term_children(const eg_proof *proof,
                                                   eg_proof_term term,
                                                   uint32_t *out_num);

// A condition that a step of a rule rests on. A condition is asked of classes,
// and a proof is of terms: so beside the term that an argument stood for there is
// one that the proof shows equal to it, without the rule's help. That is a leaf
// where the class had one, a number before others; else what is known of an
// argument before it, where the two were equal; else the term itself.
typedef struct eg_guard {
  const char *rule;
  const char *condition;      // "" = none was given
  const eg_proof_term *terms; // |num| arguments
  const eg_proof_term *known; // what is known of each
  uint32_t num;
} eg_guard;

typedef enum eg_verdict {
  EG_UNDECIDED, // the terms do not tell
  EG_HOLDS,
  EG_FAILS,
} eg_verdict;

// Judges eg_standard_conditions: "number" holds of numbers; "not-number" fails
// of one; "not-zero" holds of other numbers than 0 and fails of 0; "distinct"
// holds of numbers of different value and fails of one term. The rest is
// undecided: that nothing was known is nothing that terms can show.
EG_API eg_verdict eg_standard_judge(void *user, const eg_proof *proof,
                                    const eg_guard *guard);

// What a proof may rest on.
typedef struct eg_given {
  const char *label;        // as given to eg_union_as, or NULL
  const char *left, *right; // terms
} eg_given;
typedef struct eg_axioms {
  const eg_rules *const *rules; // |num_rules| sets
  uint32_t num_rules;
  const eg_given *givens;
  uint32_t num_givens;
  bool callbacks; // what callbacks have stated is believed
  // Says whether a condition holds, from its arguments alone; NULL: all are
  // undecided.
  eg_verdict (*judge)(void *user, const eg_proof *proof, const eg_guard *guard);
  void *user; // passed to |judge|
  // Counts the conditions that are undecided, which are then believed. NULL: one
  // of them refuses the proof.
  uint64_t *assumed;
} eg_axioms;

// Checks a proof of |from| = |to| (terms; NULL = whatever it claims) from the
// texts of the rules and the stated equalities alone; it shares no code with
// what made the proof and does not look at the graph's classes. Every step must
// be an instance of its rule, at its place and in its direction, every child of
// a congruence and every premise must be proved, every condition of a rule must
// be stated for the terms that the rule was applied to and must not fail, and no
// proof may use itself. A condition that depends on what was not known then may
// fail now: the step that rests on it is no proof. Not checked is that a pattern
// of a left side which no '=' joins to another was there to be matched.
// O(size of the proof · rules). EG_INVALID with the first step that is wrong.
EG_API EG_NODISCARD
eg_status eg_proof_check(const eg_proof *proof, const eg_axioms *axioms,
                         const char *from, const char *to);

//===-- Trust -------------------------------------------------------------===//

// Walks every invariant of a clean graph (egraph/README.md lists them), in
// O(nodes log nodes). EG_INVALID with the first one that does not hold.
EG_API EG_NODISCARD
eg_status eg_check(eg_graph *graph);

#ifdef __cplusplus
}
#endif
#endif

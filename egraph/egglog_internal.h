// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the egglog*.c files share.
//
//   text ─► sexp ─► expressions with sorts ─► query + actions ─► rows
//           (egglog_sexp) (egglog_expr)       (egglog_rule)      (egglog_search,
//                                                                 egglog_act)
//
// A value is a class id of the graph, whatever its sort: a primitive value is
// the class of a leaf whose payload spells it. Equal values are equal ids once
// they are canonical.
#ifndef EG_EGGLOG_INTERNAL_H
#define EG_EGGLOG_INTERNAL_H

#include "eg_egglog.h"
#include "text.h"

//===-- S-expressions (egglog_sexp.c) -------------------------------------===//

typedef enum egl_kind { EGL_WORD, EGL_STRING, EGL_LIST } egl_kind;

// A node of the text. Nodes stand in post-order: the nodes of a subtree are
// low … itself, children before parents, so that walks need no recursion.
typedef struct egl_sexp {
  egl_kind kind;
  bool is_head; // first of its list
  uint32_t low;
  uint32_t first, num; // children: args[first … first + num)
  uint32_t symbol;     // payload id of the word or the string's bytes
  uint32_t size;       // of a list in the text
  const char *where;
} egl_sexp;

typedef struct egl_text {
  EGI_ARRAY(egl_sexp) nodes;
  egi_words args;
  egi_words commands; // the outermost nodes
} egl_text;

EG_NODISCARD
eg_status egl_parse(eg_egglog *p, egi_reader *reader, egl_text *out);
void egl_text_free(eg_egglog *p, egl_text *text);

//===-- The environment (egglog_env.c) ------------------------------------===//

typedef enum egl_name_kind {
  EGL_NAME_SORT = 1,
  EGL_NAME_RULESET,
  EGL_NAME_FUNC,
  EGL_NAME_GLOBAL,
} egl_name_kind;

typedef enum egl_sort_kind {
  EGL_EQ, // classes that may be united
  EGL_UNIT,
  EGL_BOOL,
  EGL_I64,
  EGL_F64,
  EGL_STR,
  EGL_NUM_KINDS, // of these there is one sort each; of the others any number
  EGL_VECS = EGL_NUM_KINDS,
  EGL_SETS,
  EGL_MULTISETS,
  EGL_MAPS,
  EGL_PAIRS,
  EGL_END_KINDS,
} egl_sort_kind;

#define EGL_NONE UINT32_MAX
enum { EGL_MAX_ARGS = 64 }; // of a constructor

typedef struct egl_sort {
  uint32_t name; // payload id
  uint8_t id;    // of the graph
  uint8_t kind;
  uint16_t leaf; // operator of the values, but for EGL_EQ
  // Of a container.
  bool changes;      // its elements may be united
  uint16_t entry;    // operator of what is in a map
  uint32_t elems[2]; // sorts
} egl_sort;

static inline bool egl_is_container(const egl_sort *sort) {
  return sort->kind >= EGL_NUM_KINDS;
}

typedef enum egl_func_kind {
  EGL_CONSTRUCTOR,
  EGL_FUNCTION,
  EGL_RELATION,
} egl_func_kind;

// One step of straight-line code over slots.
typedef enum egl_code {
  EGL_ADD,    // out := constructor(args), added
  EGL_GET,    // out := function(args), which must be there
  EGL_PRIM,   // out := primitive(args), which must be defined
  EGL_SET,    // function(args…, value), merged with what is there
  EGL_UNION,  // args[0] = args[1]
  EGL_DELETE, // the row of function(args)
  EGL_SUBSUME,
  EGL_PANIC,
} egl_code;

typedef struct egl_step {
  uint8_t code;
  uint32_t func; // function or primitive; of a PANIC the message's payload
  uint32_t first, num; // operands: args[first … first + num)
  uint32_t out;
  const char *where; // for messages, while the text
  uint32_t text;     // with this number is run
} egl_step;

// A slot that holds the same value always.
typedef struct egl_const {
  uint32_t slot, value;
  uint32_t seen; // what it stood for when the rule was searched last
} egl_const;

typedef struct egl_actions {
  EGI_ARRAY(egl_step) steps;
  egi_words args;
  EGI_ARRAY(egl_const) consts;
  uint32_t num_slots;
  uint32_t max_args; // of a step
} egl_actions;

typedef struct egl_func {
  uint32_t name;
  uint8_t kind;
  bool merges;    // |merge| gives the new value; otherwise a clash is a mistake
  bool forbidden; // not to be extracted
  bool hidden;    // not in print-size
  uint16_t op;    // of a constructor
  uint32_t table; // of the others
  uint32_t num_args, first_arg; // sorts: program->arg_sorts[first_arg …]
  uint32_t result;              // sort
  uint64_t cost;
  egl_actions merge; // slots 0 and 1 are old and new
  uint32_t merge_result;
} egl_func;

typedef struct egl_global {
  uint32_t name, sort, value;
} egl_global;

//===-- Tables (egglog_table.c) -------------------------------------------===//

// Rows of a function: the arguments, the value (0 = deleted), and the time of
// writing, which never falls from row to row, with a bit that says whether the
// row is subsumed. Rows do not change otherwise: a new value is a new row, so
// the new rows since any time are a tail.
typedef struct egl_table {
  uint32_t arity, stride;
  bool has_eq;         // a column holds classes that may be united
  bool has_containers; // a column holds containers of such
  uint32_t num_live;
  egi_words rows;
  // Open addressing: pairs of a key's hash and its latest row + 1.
  egi_words slots;
  uint32_t num_slots_used;
  // Per column but the time, rows with the same entry are chained, newest
  // first. heads[value] = row + 1.
  struct egl_index {
    egi_words heads, next;
    uint32_t num; // rows indexed so far
  } *indices;
} egl_table;

static inline uint32_t egl_table_num(const egl_table *t) {
  return (uint32_t)(t->rows.num / t->stride);
}
static inline uint32_t *egl_row(const egl_table *t, uint32_t row) {
  return t->rows.data + (size_t)row * t->stride;
}
static inline uint32_t egl_row_time(const egl_table *t, const uint32_t *row) {
  return row[t->arity + 1] >> 1;
}
static inline bool egl_row_subsumed(const egl_table *t, const uint32_t *row) {
  return row[t->arity + 1] & 1;
}

EG_NODISCARD
eg_status egl_table_init(eg_egglog *p, egl_table *table, uint32_t arity);
void egl_table_free(eg_egglog *p, egl_table *table);
EG_NODISCARD
eg_status egl_table_copy(eg_egglog *p, const egl_table *from, egl_table *out);
// The live row with these arguments, or EGL_NONE. O(arity) expected.
uint32_t egl_table_find(const egl_table *table, const uint32_t *args);
// Asks for the line where the search of a key begins.
void egl_table_prefetch(const egl_table *table, const uint32_t *args);
// Appends a row; there must be none with these arguments.
EG_NODISCARD
eg_status egl_table_insert(eg_egglog *p, egl_table *table, const uint32_t *args,
                           uint32_t value, uint32_t time, bool subsumed);
void egl_table_erase(egl_table *table, uint32_t row);
// Brings the index of a column up to date.
EG_NODISCARD
eg_status egl_table_index(eg_egglog *p, egl_table *table, uint32_t column);
// Drops dead rows once they are the most. Row numbers change.
EG_NODISCARD
eg_status egl_table_compact(eg_egglog *p, egl_table *table);
// The first row written after |time|. O(log rows).
uint32_t egl_table_since(const egl_table *table, uint32_t time);

//===-- Primitives (egglog_prim.c, egglog_value.c) ------------------------===//

enum { EGL_MAX_PRIM_ARGS = 3 };

// What stands for a sort kind in the table of primitives.
enum {
  EGL_VARIADIC = 255, // as a number of arguments: any number of args[0]
  EGL_ANY = 254,      // any sort; all arguments have the same
  EGL_SELF = 253,     // the container sort that the primitive is of
  EGL_ELEM = 252,     // its elements, keys, first halves
  EGL_ELEM2 = 251,    // its values, second halves
};

typedef union egl_value {
  int64_t i;
  double f;
  bool b;
  struct {
    const char *text;
    size_t size;
  } s;
} egl_value;

typedef struct egl_call egl_call; // a primitive at work

typedef struct egl_prim {
  const char *name;
  uint8_t self;     // kind of container that it is of; EGL_EQ = none
  uint8_t result;   // sort kind; EGL_ANY = that of the arguments
  uint8_t num_args; // or EGL_VARIADIC
  uint8_t args[EGL_MAX_PRIM_ARGS];
  uint8_t deed;                  // of a container: what it does
  void (*apply)(egl_call *call); // of a primitive sort
} egl_prim;

// Numbered: those of primitive sorts, then those of containers.
extern const egl_prim egl_container_prims[];
uint32_t egl_num_prims(void);
uint32_t egl_num_container_prims(void);

// A primitive in an expression: which, and of which container sort.
static inline uint32_t egl_prim_ref(uint32_t index, uint32_t sort) {
  return sort << 16 | index;
}
static inline uint32_t egl_prim_sort(uint32_t ref) {
  return ref >> 16;
}
const egl_prim *egl_prim_at(uint32_t ref);

// out := the value of the primitive on classes, added if it is new.
// *out_defined false: it has none (division by zero, a comparison that does not
// hold); with |known|, a container that is not in the graph is not defined.
EG_NODISCARD
eg_status egl_prim_apply(eg_egglog *p, uint32_t ref, const uint32_t *args,
                         uint32_t num, bool known, uint32_t *out,
                         bool *out_defined);

// The value of a class of a primitive sort, and the class of a value.
egl_value egl_value_of(const eg_egglog *p, uint32_t id, egl_sort_kind kind);
EG_NODISCARD
eg_status egl_add_value(eg_egglog *p, egl_sort_kind kind, egl_value v,
                        uint32_t *out_class);

// The class of a literal; kind and bytes as the text spells it.
EG_NODISCARD
eg_status egl_literal(eg_egglog *p, egl_sort_kind kind, const void *bytes,
                      size_t size, uint32_t *out_class);
// The kind of literal that a word is; false: none.
bool egl_literal_kind(const char *word, size_t len, egl_sort_kind *out_kind);

//===-- Containers (egglog_container.c, egglog_elements.c) ----------------===//

// The kind of container that a name stands for, and of how many sorts it is made.
bool egl_container_kind(const char *name, egl_sort_kind *out_kind,
                        uint32_t *out_num);
// The name of the primitive that makes a container of |num| children.
const char *egl_container_maker(egl_sort_kind kind, uint32_t num);

EG_NODISCARD
eg_status egl_container_apply(eg_egglog *p, const egl_prim *prim, uint32_t sort,
                              const uint32_t *args, uint32_t num, bool known,
                              uint32_t *out, bool *out_defined);

// Appends the elements of the container at |id|, canonical and in normal order;
// of a map key, value, key, value.
EG_NODISCARD
eg_status egl_elements(eg_egglog *p, uint32_t sort, uint32_t id,
                       egi_words *out);
// Puts what stands in |words| into normal order: a set ascending, each once; a
// multiset ascending; a map by its keys, of which the last one counts.
EG_NODISCARD
eg_status egl_normalise(eg_egglog *p, egl_sort_kind kind, egi_words *words);
// The class of the container of |words|, which are in normal order. |known|: 0
// where it is not in the graph.
EG_NODISCARD
eg_status egl_container_make(eg_egglog *p, uint32_t sort,
                             const egi_words *words, bool known, uint32_t *out);
// After a rebuild of the graph: unites each container whose elements are not in
// normal order any more with the one in which they are.
EG_NODISCARD
eg_status egl_containers_rebuild(eg_egglog *p, bool *out_changed);
// Writes rows anew whose containers have changed since, so that they are new.
EG_NODISCARD
eg_status egl_refresh_rows(eg_egglog *p);

//===-- Expressions (egglog_expr.c) ---------------------------------------===//

typedef enum egl_expr_kind {
  EGL_EXPR_NONE, // a head, or not looked at
  EGL_EXPR_CONST,
  EGL_EXPR_VAR,
  EGL_EXPR_CALL, // |ref| is a function
  EGL_EXPR_PRIM, // |ref| is a primitive, once it is known
  EGL_EXPR_EQUAL,
  // Actions; |ref| is nothing.
  EGL_EXPR_LET,
  EGL_EXPR_SET,
  EGL_EXPR_UNION,
  EGL_EXPR_DELETE,
  EGL_EXPR_SUBSUME,
  EGL_EXPR_PANIC,
} egl_expr_kind;

// What is known of a sexp as an expression; parallel to text.nodes.
typedef struct egl_expr {
  uint8_t kind;
  uint32_t sort; // EGL_NONE = not yet
  uint32_t ref;  // variable, function, primitive or value of a constant
  uint32_t slot; // where its value is, once it is compiled
} egl_expr;

typedef struct egl_var {
  uint32_t name, sort;
  uint32_t slot;   // in the query; EGL_NONE = not there
  uint32_t action; // slot in the actions; EGL_NONE = not there
  uint32_t sexp;   // that names it first, for messages
} egl_var;

// Forgets the variables of the command before.
void egl_vars_clear(eg_egglog *p);
EG_NODISCARD
eg_status egl_var_add(eg_egglog *p, uint32_t name, uint32_t sexp,
                      uint32_t *out_var);
// Says what each sexp below |node| is. |binds|: names not known are variables;
// otherwise they are mistakes, but for what a let of |actions| has named.
EG_NODISCARD
eg_status egl_resolve(eg_egglog *p, uint32_t node, bool binds, bool actions);
// Gives every sexp and variable below |roots| its sort.
EG_NODISCARD
eg_status egl_infer(eg_egglog *p, const uint32_t *roots, size_t num);
uint32_t egl_sort_of(const eg_egglog *p, uint32_t node);
// States the sort of |node|.
EG_NODISCARD
eg_status egl_want(eg_egglog *p, uint32_t node, uint32_t sort, bool *changed);

//===-- Rules (egglog_rule.c) ---------------------------------------------===//

// function(args…) = out, over slots.
typedef struct egl_atom {
  uint32_t func;
  uint32_t first, num; // args[first … first + num), then the result
} egl_atom;

typedef struct egl_compute {
  uint32_t prim;       // EGL_NONE: args[0] == args[1], nothing to compute
  uint32_t first, num; // then the result
} egl_compute;

typedef struct egl_query {
  EGI_ARRAY(egl_atom) atoms;
  EGI_ARRAY(egl_compute) computes;
  egi_words args; // slots
  EGI_ARRAY(egl_const) consts;
  egi_words row; // slots that a match hands to the actions
  uint32_t num_slots;
} egl_query;

typedef struct egl_rule {
  char *name; // owned
  uint32_t ruleset;
  egl_query query;
  egl_actions actions; // slots 0 … row.num - 1 are the match
  uint32_t seen;       // time of the last search; 0 = never
  bool naive;          // always searched as for the first time
  bool pure;           // a rewrite of constructors: |lhs| => |rhs| for eg_run
  egi_side lhs, rhs;
  uint32_t num_vars;
  eg_rule_stats stats, counted; // the compiled rule's that are in |stats|
} egl_rule;

typedef struct egl_ruleset {
  uint32_t name;
  egi_words parts; // of a combined one: rulesets
  bool is_combined;
  // The rewrites of constructors as eg_run takes them, made when first needed.
  eg_rules *compiled;
  egi_words pure; // rule of each
} egl_ruleset;

void egl_actions_free(eg_egglog *p, egl_actions *actions);
void egl_query_free(eg_egglog *p, egl_query *query);
void egl_rule_free(eg_egglog *p, egl_rule *rule);

// Facts as a query. They were resolved and inferred.
EG_NODISCARD
eg_status egl_compile_query(eg_egglog *p, const uint32_t *facts, size_t num,
                            egl_query *out);
// Appends one action. Variables with a query slot become the row of |query|.
EG_NODISCARD
eg_status egl_compile_action(eg_egglog *p, uint32_t node, egl_actions *out,
                             uint32_t *out_slot);
// Appends the subsumption of the call at |node|; its arguments are evaluated.
EG_NODISCARD
eg_status egl_compile_subsume(eg_egglog *p, uint32_t node, egl_actions *out);
// Puts the variables that |nodes| use into the row of the query.
EG_NODISCARD
eg_status egl_bind_row(eg_egglog *p, const uint32_t *nodes, size_t num,
                       egl_query *query, egl_actions *actions);
EG_NODISCARD
eg_status egl_add_step(eg_egglog *p, egl_actions *out, egl_step step,
                       const uint32_t *args);

//===-- Searching (egglog_plan.c, egglog_search.c) ------------------------===//

// Calls |visit| with the row of each match that needs something changed after
// |since| (0 = all). The graph is clean. |visit| may stop with a status. What is
// subsumed matches if |subsumed|.
EG_NODISCARD
eg_status egl_search(eg_egglog *p, const egl_query *query, uint32_t since,
                     bool subsumed, eg_rule_stats *stats,
                     eg_status (*visit)(void *user, const uint32_t *row),
                     void *user);
// EG_INVALID unless every slot of the query gets a value.
EG_NODISCARD
eg_status egl_check_grounded(eg_egglog *p, const egl_query *query,
                             uint32_t *out_slot);

// Notes which classes have changed since the last call (egglog_stamp.c); a
// container changes with its elements.
EG_NODISCARD
eg_status egl_stamp_classes(eg_egglog *p);
void egl_stamps_reset(eg_egglog *p);
uint32_t egl_stamp_of(const eg_egglog *p, uint32_t id);

//===-- Acting (egglog_act.c) ---------------------------------------------===//

// Runs the steps on a row of values.
EG_NODISCARD
eg_status egl_act(eg_egglog *p, const egl_actions *actions, const uint32_t *row,
                  uint32_t num);
// Congruence for the graph and the tables together.
EG_NODISCARD
eg_status egl_rebuild(eg_egglog *p);

//===-- Running (egglog_run.c, egglog_round.c, egglog_schedule.c) ---------===//

// One round of a ruleset. *out_changed: whether anything is new.
EG_NODISCARD
eg_status egl_round(eg_egglog *p, uint32_t ruleset, bool *out_changed);
EG_NODISCARD
eg_status egl_run_schedule(eg_egglog *p, uint32_t node);
// Whether the word at |node| is a number of digits.
bool egl_parse_count(const eg_egglog *p, uint32_t node, uint64_t *out);
void egl_ruleset_changed(egl_ruleset *ruleset);
EG_NODISCARD
eg_status egl_holds(eg_egglog *p, const uint32_t *facts, size_t num,
                    bool *out_holds);
EG_NODISCARD
eg_status egl_extract(eg_egglog *p, uint32_t value, uint64_t variants);
EG_NODISCARD
eg_status egl_print_size(eg_egglog *p, uint32_t func);
EG_NODISCARD
eg_status egl_print_function(eg_egglog *p, uint32_t func, uint64_t num);

//===-- The program -------------------------------------------------------===//

// How much is declared: all of it only grows, so lengths lead back.
typedef struct egl_mark {
  size_t num_sorts, num_funcs, num_arg_sorts, num_globals, num_rules,
      num_rulesets, num_tables, num_graph_sorts;
  uint32_t num_ops;
} egl_mark;

// What (pop) goes back to.
typedef struct egl_level {
  egl_mark mark;
  egl_table *tables;
  uint32_t num_tables;
  size_t tables_size; // bytes
  egi_words seen;     // one per rule
} egl_level;

struct eg_egglog {
  eg_graph *graph;
  eg_egglog_options options;
  eg_report report;

  EGI_ARRAY(egl_sort) sorts;
  EGI_ARRAY(egl_func) funcs;
  egi_words arg_sorts;
  EGI_ARRAY(egl_global) globals;
  EGI_ARRAY(egl_rule) rules;
  EGI_ARRAY(egl_ruleset) rulesets;
  EGI_ARRAY(egl_table) tables;
  egi_words names;      // by payload id: kind << 28 | index; 0 = free
  egi_words func_of_op; // by operator: function + 1
  egi_words sort_of_op; // by operator: container sort + 1
  bool has_changing;    // there is a container whose elements may be united
  EGI_ARRAY(egl_level) levels;

  uint32_t time;                 // rises with every round
  uint32_t kinds[EGL_NUM_KINDS]; // sort of each primitive kind
  uint32_t unit;                 // the class of ()
  uint64_t writes;          // rows, nodes and unions: for "did anything change"
  uint64_t num_unions_seen; // by the last rebuild of the tables
  egi_words stamps;         // by class id: time of its last change
  egi_words sums;           // by class id: of its members then
  egi_words op_times;       // by operator: of the last change of a node
  egi_words touched;        // classes that have changed in this round
  uint64_t epoch;           // of the graph's log of changes, then

  egi_reader *reader; // of the text that is run; NULL outside
  uint32_t text_number, num_texts;
  const egl_text *text;
  const char *included; // by the command at hand, to be run next
  bool stopped; // a limit has been reached: the schedule does nothing more
  uint64_t rounds_left; // of the schedule
  // Scratch of the command at hand.
  EGI_ARRAY(egl_expr) exprs;
  EGI_ARRAY(egl_var) vars;
  egi_words elements, others, sorted; // of containers
  egi_words values;                   // of slots
  egi_words rows;                     // matches
  egi_words scratch;
};

//===-- Commands (egglog_declare.c, egglog_define.c) ----------------------===//

// The options of a command; values are sexps, EGL_NONE = not given.
typedef struct egl_options {
  uint32_t when, ruleset, name;
  uint32_t merge, cost;
  bool subsume, no_merge, unextractable, naive, hidden, no_decomp, unsafe;
} egl_options;

// Reads the options from child |at| of |node| on.
EG_NODISCARD
eg_status egl_read_options(eg_egglog *p, uint32_t node, uint32_t at,
                           egl_options *out);
// EG_INVALID with |usage| unless |node| has |num| children.
EG_NODISCARD
eg_status egl_need(eg_egglog *p, uint32_t node, uint32_t num,
                   const char *usage);
EG_NODISCARD
eg_status egl_need_list(eg_egglog *p, uint32_t node, const char *what);

// A command each; |node| is all of it.
EG_NODISCARD
eg_status egl_do_sort(eg_egglog *p, uint32_t node);
EG_NODISCARD
eg_status egl_do_datatype(eg_egglog *p, uint32_t node);
EG_NODISCARD
eg_status egl_do_datatypes(eg_egglog *p, uint32_t node);
EG_NODISCARD
eg_status egl_do_function(eg_egglog *p, uint32_t node);
EG_NODISCARD
eg_status egl_do_relation(eg_egglog *p, uint32_t node);
EG_NODISCARD
eg_status egl_do_ruleset(eg_egglog *p, uint32_t node);
EG_NODISCARD
eg_status egl_do_rule(eg_egglog *p, uint32_t node);
EG_NODISCARD
eg_status egl_do_rewrite(eg_egglog *p, uint32_t node);

//===-- Names, declarations, levels (egglog_env.c, egglog_program.c) ------===//

const char *egl_name(const eg_egglog *p, uint32_t symbol);
bool egl_lookup(const eg_egglog *p, uint32_t symbol, egl_name_kind kind,
                uint32_t *out_index);
EG_NODISCARD
eg_status egl_need_free(eg_egglog *p, const egl_sexp *name);
bool egl_is_free(const eg_egglog *p, uint32_t symbol);
EG_NODISCARD
eg_status egl_find_sort(eg_egglog *p, const egl_sexp *name, uint32_t *out_sort);
EG_NODISCARD
eg_status egl_declare_sort(eg_egglog *p, uint32_t name, egl_sort_kind kind,
                           uint32_t *out_sort);
EG_NODISCARD
eg_status egl_declare_container(eg_egglog *p, uint32_t name, egl_sort_kind kind,
                                const uint32_t elems[2]);
// Fills in |func|'s operator or table.
EG_NODISCARD
eg_status egl_declare_func(eg_egglog *p, egl_func *func);
EG_NODISCARD
eg_status egl_declare_global(eg_egglog *p, egl_global global);
EG_NODISCARD
eg_status egl_declare_ruleset(eg_egglog *p, egl_ruleset ruleset);
EG_NODISCARD
eg_status egl_push(eg_egglog *p);
EG_NODISCARD
eg_status egl_pop(eg_egglog *p); // there must be a level
egl_mark egl_mark_here(const eg_egglog *p);
// Takes back the declarations since |to|, which have no nodes and no rows.
void egl_rollback(eg_egglog *p, const egl_mark *to);

// EG_INVALID at the place of |at|.
#define egl_fail(p, at, ...)                                                   \
  egi_reader_fail((p)->reader, (at)->where, __VA_ARGS__)

static inline const egl_sexp *egl_at(const eg_egglog *p, uint32_t node) {
  return &p->text->nodes.data[node];
}
static inline uint32_t egl_child(const eg_egglog *p, uint32_t node,
                                 uint32_t i) {
  return p->text->args.data[egl_at(p, node)->first + i];
}
// Whether the word at |node| is |word|.
static inline bool egl_is(const eg_egglog *p, uint32_t node, const char *word) {
  return egl_at(p, node)->kind == EGL_WORD &&
         strcmp(egl_name(p, egl_at(p, node)->symbol), word) == 0;
}
static inline bool egl_has_head(const eg_egglog *p, uint32_t node,
                                const char *word) {
  const egl_sexp *s = egl_at(p, node);
  return s->kind == EGL_LIST && s->num > 0 &&
         egl_is(p, egl_child(p, node, 0), word);
}

#endif

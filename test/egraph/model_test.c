// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random sequences of calls, compared with the model after every rebuild.
//
//   model_test [--seed N] [--count N]   sequences from seeds N, N+1, …
//   model_test --replay 'add 4 1 0 2; union 0 3; rebuild'
//   model_test --sabotage               corrupts the graph; must be noticed
//
// A failing sequence is shrunk (delta debugging) and printed in the form that
// --replay takes. Operands are taken modulo what there is, so that a sequence
// stays meaningful when steps before it are left out.
#include "graphs.h"
#include "model.h"
#include "proof.h"
#include "record.h"

//===-- Steps -------------------------------------------------------------===//

enum { NUM_ARGS = 6, MAX_STEPS = 160, MAX_HANDLES = 256 };

typedef enum kind {
  ADD,     // operator, payload, children…
  UNION,   // two handles
  REBUILD, // and compare everything
  FIND,    // two handles
  LOOKUP,  // as ADD
  RUN,     // a rule set, rounds
  SEARCH,  // a rule set
  EXTRACT,
  PUSH,
  POP,
  EXPLAIN, // two handles
  BREAK,   // a sabotage
  NUM_KINDS
} kind;

static const char *const kind_names[NUM_KINDS] = {
    "add",    "union",   "rebuild", "find", "lookup",  "run",
    "search", "extract", "push",    "pop",  "explain", "break"};

typedef struct call {
  kind kind;
  uint32_t args[NUM_ARGS];
} call;

typedef struct sequence {
  call steps[MAX_STEPS];
  int num;
  bool analyses; // the graph has them
  bool proofs;   // it keeps them
} sequence;

//===-- Rules -------------------------------------------------------------===//

typedef struct rule_text {
  const char *lhs, *rhs;
} rule_text;

enum { NUM_SETS = 4, MAX_RULES = 4 };

static const rule_text rule_sets[NUM_SETS][MAX_RULES] = {
    {{"(+ ?x ?y)", "(+ ?y ?x)"},
     {"(+ ?x (+ ?y ?z))", "(+ (+ ?x ?y) ?z)"},
     {"(g ?x ?x)", "?x"},
     {"a", "(f b)"}},
    {{"(f (f ?x))", "?x"},
     {"(g a ?x)", "(f ?x)"},
     {"(sum ?x ?y)", "(+ ?x ?y)"},
     {"(+ ?x ?y)", "(sum ?x ?y)"}},
    {{"(use (pair ?x ?s))", "(pack 1 ?x)"},
     {"(pack 1 (pack 2 ?x))", "(pack 2 ?x)"},
     {"(quad ?x ?y ?x ?y)", "(tri 3 ?x ?y a)"},
     {"(f ?x)", "(g ?x 3)"}},
    {{"(tri 3 ?x ?y ?z)", "(use (pair ?x (w 1)))"},
     {"(sum ?x)", "?x"},
     {"(g (f a) (f ?x))", "(g ?x (f a))"},
     {"(call ?s ?x ?y)", "(use (pair ?x ?s))"}},
};

//===-- One run -----------------------------------------------------------===//

typedef struct handle {
  eg_class id;
  int term;
} handle;

enum { MAX_DEPTH = 4, MAX_GIVENS = 160 };

// What a pop goes back to.
typedef struct saved {
  model *model;
  int num_handles;
  uint32_t num_givens;
} saved;

typedef struct state {
  eg_graph *graph;
  eg_rules *rules[NUM_SETS];
  eg_payload payloads[MODEL_CONSTS];
  uint32_t mask_id, size_id; // of the analyses
  model model;
  handle handles[MAX_HANDLES];
  int num_handles;
  saved levels[MAX_DEPTH];
  int depth;
  eg_given givens[MAX_GIVENS]; // with proofs
  uint32_t num_givens;
  bool no_check;   // leave eg_check out: the model must notice alone
  bool is_broken;  // a sabotage took place
  char error[400]; // why the run failed; empty = it has not
} state;

#define FAIL(s, ...)                                                           \
  do {                                                                         \
    if (!(s)->error[0])                                                        \
      snprintf((s)->error, sizeof(s)->error, __VA_ARGS__);                     \
    return;                                                                    \
  } while (0)

#define EXPECT(s, condition, ...)                                              \
  do {                                                                         \
    if (!(condition))                                                          \
      FAIL(s, __VA_ARGS__);                                                    \
  } while (0)

//===-- Analyses ----------------------------------------------------------===//

static int payload_digit(const eg_graph *graph, eg_node node) {
  eg_payload payload = eg_node_payload(graph, node);
  size_t size;
  if (!payload.id)
    return -1;
  return *(const char *)eg_payload_bytes(graph, payload, &size) - '0';
}

static eg_status mask_make(void *user, eg_graph *graph, eg_node node,
                           void *out_value) {
  const state *s = user;
  uint32_t num, masks[MODEL_CHILDREN] = {0};
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    memcpy(&masks[i], eg_class_value(graph, s->mask_id, children[i]), 4);
  uint32_t mask =
      fold_masks(eg_node_op(graph, node).id, payload_digit(graph, node), masks);
  memcpy(out_value, &mask, sizeof mask);
  return EG_OK;
}

static eg_status mask_merge(void *user, eg_graph *graph, void *into,
                            const void *from, bool *out_into_changed,
                            bool *out_from_changed) {
  (void)user, (void)graph;
  uint32_t a, b, both;
  memcpy(&a, into, sizeof a);
  memcpy(&b, from, sizeof b);
  both = a | b;
  *out_into_changed = both != a;
  *out_from_changed = both != b;
  memcpy(into, &both, sizeof both);
  return EG_OK;
}

// A class that equals a constant holds the constant.
static eg_status mask_modify(void *user, eg_graph *graph, eg_class id) {
  const state *s = user;
  uint32_t mask;
  memcpy(&mask, eg_class_value(graph, s->mask_id, id), sizeof mask);
  for (int i = 0; i < MODEL_CONSTS; ++i) {
    if (!(mask >> i & 1))
      continue;
    eg_class constant;
    EG_TRY(eg_add(graph, (eg_op){OP_NUM}, s->payloads[i], NULL, 0, &constant));
    EG_TRY(eg_union(graph, id, constant, NULL));
  }
  return EG_OK;
}

static eg_status size_make(void *user, eg_graph *graph, eg_node node,
                           void *out_value) {
  const state *s = user;
  uint32_t num;
  double size = 1;
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    size += *(const double *)eg_class_value(graph, s->size_id, children[i]);
  *(double *)out_value = size;
  return EG_OK;
}

static eg_status size_merge(void *user, eg_graph *graph, void *into,
                            const void *from, bool *out_into_changed,
                            bool *out_from_changed) {
  (void)user, (void)graph;
  double *a = into, b = *(const double *)from;
  *out_into_changed = b < *a;
  *out_from_changed = *a < b;
  if (b < *a)
    *a = b;
  return EG_OK;
}

//===-- Setting up --------------------------------------------------------===//

static void add_language(state *s) {
  eg_sort other = {0};
  EXPECT(s, eg_sort_add(s->graph, "other", &other) == EG_OK, "eg_sort_add");
  for (int i = 0; i < NUM_OPS; ++i) {
    const model_op *m = &model_ops[i];
    eg_sort children[MODEL_CHILDREN];
    for (int k = 0; m->child_sorts[k]; ++k)
      children[k].id = (uint8_t)(m->child_sorts[k] - '0');
    eg_op_desc desc = {.name = m->name,
                       .num_children = m->children < 0 ? EG_VARIADIC
                                                       : (uint32_t)m->children,
                       .result = {(uint8_t)m->sort},
                       .children = children,
                       .num_leading = (uint32_t)m->leading,
                       .has_payload = m->payload,
                       .is_literal = m->literal};
    eg_op op;
    EXPECT(s, eg_op_add(s->graph, &desc, &op) == EG_OK && op.id == i,
           "eg_op_add %s", m->name);
  }
  for (int i = 0; i < MODEL_CONSTS; ++i)
    EXPECT(s,
           eg_payload_intern(s->graph, model_payloads[i], 1, &s->payloads[i]) ==
               EG_OK,
           "eg_payload_intern");
}

static void add_rules(state *s) {
  for (int i = 0; i < NUM_SETS; ++i) {
    EXPECT(s, eg_rules_create(s->graph, &s->rules[i]) == EG_OK,
           "eg_rules_create");
    for (int k = 0; k < MAX_RULES; ++k) {
      char name[2] = {(char)('a' + k), 0};
      eg_rule_desc desc = {
          .name = name, .lhs = rule_sets[i][k].lhs, .rhs = rule_sets[i][k].rhs};
      EXPECT(s, eg_rules_add(s->rules[i], &desc) == EG_OK, "%s: %s", desc.lhs,
             eg_graph_error(s->graph)->text);
    }
  }
}

static void begin(state *s, bool analyses, bool proofs) {
  eg_allocator memory = eg_allocator_default();
  s->model.analyses = analyses;
  EXPECT(s, eg_graph_create(&memory, &s->graph) == EG_OK, "eg_graph_create");
  if (proofs)
    EXPECT(s, eg_proofs_enable(s->graph) == EG_OK, "eg_proofs_enable");
  add_language(s);
  if (analyses) {
    eg_analysis mask = {"mask",    sizeof(uint32_t), s,
                        mask_make, mask_merge,       mask_modify};
    eg_analysis size = {"size", sizeof(double), s, size_make, size_merge, NULL};
    EXPECT(s,
           eg_analysis_add(s->graph, &mask, &s->mask_id) == EG_OK &&
               eg_analysis_add(s->graph, &size, &s->size_id) == EG_OK,
           "eg_analysis_add");
  }
  add_rules(s);
}

static void forget_givens(state *s, uint32_t num) {
  while (s->num_givens > num) {
    const eg_given *given = &s->givens[--s->num_givens];
    free((char *)(uintptr_t)given->left);
    free((char *)(uintptr_t)given->right);
  }
}

static void end(state *s) {
  while (s->depth)
    free(s->levels[--s->depth].model);
  forget_givens(s, 0);
  for (int i = 0; i < NUM_SETS; ++i)
    eg_rules_destroy(s->rules[i]);
  eg_graph_destroy(s->graph);
}

//===-- Comparing ---------------------------------------------------------===//

// The class of each term of the model, found by eg_lookup from the leaves up;
// terms are equal in the model if and only if they are in the graph.
static void compare_partition(state *s, eg_class *out_classes) {
  model *m = &s->model;
  for (int i = 0; i < m->num; ++i) {
    const model_term *t = &m->terms[i];
    eg_class children[MODEL_CHILDREN];
    for (int k = 0; k < t->num; ++k)
      children[k] = out_classes[t->children[k]];
    eg_payload payload = {0};
    if (t->payload >= 0)
      payload = s->payloads[t->payload];
    eg_status status = eg_lookup(s->graph, (eg_op){(uint16_t)t->op}, payload,
                                 children, (uint32_t)t->num, &out_classes[i]);
    EXPECT(s, status == EG_OK, "term %d (%s) is not found", i,
           model_ops[t->op].name);
    out_classes[i] = eg_find(s->graph, out_classes[i]);
    int root = model_find(m, i);
    for (int k = 0; k < i; ++k)
      EXPECT(s,
             (out_classes[k].id == out_classes[i].id) ==
                 (model_find(m, k) == root),
             "terms %d and %d are %s in the model alone", k, i,
             model_find(m, k) == root ? "equal" : "different");
    EXPECT(s,
           eg_class_sort(s->graph, out_classes[i]).id == model_ops[t->op].sort,
           "the sort of term %d", i);
  }
  for (int i = 0; i < s->num_handles; ++i)
    EXPECT(s,
           eg_find(s->graph, s->handles[i].id).id ==
               out_classes[s->handles[i].term].id,
           "handle %d has strayed", i);
}

static void compare_counts(state *s) {
  const model *m = &s->model;
  uint64_t classes = 0, nodes = 0, by_op[NUM_OPS] = {0};
  for (int i = 0; i < m->num; ++i) {
    classes += m->up[i] == i;
    bool is_node = model_is_node(m, i);
    nodes += is_node;
    by_op[m->terms[i].op] += is_node;
  }
  EXPECT(s, eg_num_classes(s->graph) == classes,
         "%" PRIu64 " classes, the model has %" PRIu64,
         eg_num_classes(s->graph), classes);
  EXPECT(s, eg_num_nodes(s->graph) == nodes,
         "%" PRIu64 " nodes, the model has %" PRIu64, eg_num_nodes(s->graph),
         nodes);
  for (uint16_t i = 0; i < NUM_OPS; ++i)
    EXPECT(s, eg_op_num_nodes(s->graph, (eg_op){i}) == by_op[i],
           "%" PRIu64 " nodes of %s, the model has %" PRIu64,
           eg_op_num_nodes(s->graph, (eg_op){i}), model_ops[i].name, by_op[i]);
}

static void compare_values(state *s, const eg_class *classes) {
  const model *m = &s->model;
  for (int i = 0; i < m->num && m->analyses; ++i) {
    int root = model_find(m, i);
    uint32_t mask;
    double size;
    memcpy(&mask, eg_class_value(s->graph, s->mask_id, classes[i]), 4);
    memcpy(&size, eg_class_value(s->graph, s->size_id, classes[i]), 8);
    EXPECT(s, mask == m->mask[root],
           "mask %" PRIx32 " of term %d, the model has %" PRIx32, mask, i,
           m->mask[root]);
    EXPECT(s, size == m->size[root], "size %g of term %d, the model has %g",
           size, i, m->size[root]);
  }
}

// The nodes and parents that the graph lists, against each other.
static void compare_lists(state *s) {
  const eg_graph *g = s->graph;
  uint64_t members = 0, parents = 0, children = 0;
  eg_class id = {0};
  while ((id = eg_class_next(g, id)).id) {
    uint32_t num, num_children;
    const eg_node *nodes = eg_class_nodes(g, id, &num);
    members += num;
    for (uint32_t i = 0; i < num; ++i) {
      EXPECT(s, eg_find(g, eg_node_class(g, nodes[i])).id == id.id,
             "node %" PRIu32 " is in the wrong class", nodes[i].id);
      const eg_class *c = eg_node_children(g, nodes[i], &num_children);
      for (uint32_t k = 0; k < num_children; ++k) {
        bool again = false;
        for (uint32_t j = 0; j < k; ++j)
          again |= c[j].id == c[k].id;
        children += !again;
      }
    }
    eg_class_parents(g, id, &num);
    parents += num;
  }
  EXPECT(s, members == eg_num_nodes(g),
         "%" PRIu64 " members, %" PRIu64 " nodes", members, eg_num_nodes(g));
  EXPECT(s, parents == children,
         "%" PRIu64 " parents, %" PRIu64 " distinct children", parents,
         children);
}

static void compare_costs(state *s, const eg_class *classes) {
  eg_choice *choice;
  eg_cost cost = eg_cost_size();
  EXPECT(s, eg_extract_tree(s->graph, &cost, &choice) == EG_OK, "extract: %s",
         eg_graph_error(s->graph)->text);
  for (int i = 0; i < s->model.num && !s->error[0]; ++i) {
    const double *got = eg_choice_cost(choice, classes[i]);
    double want = s->model.size[model_find(&s->model, i)];
    eg_choice_totals totals = {0};
    eg_status status =
        eg_choice_check(s->graph, choice, &classes[i], 1, NULL, &totals);
    if (!got || *got != want)
      snprintf(s->error, sizeof s->error, "cost %g of term %d, model %g",
               got ? *got : -1, i, want);
    else if (status != EG_OK || totals.tree != want)
      snprintf(s->error, sizeof s->error, "choice of term %d: %s, total %g", i,
               eg_graph_error(s->graph)->text, totals.tree);
  }
  eg_choice_destroy(choice);
}

static void compare(state *s) {
  static eg_class classes[MODEL_MAX];
  eg_status status = eg_rebuild(s->graph);
  EXPECT(s, status == EG_OK, "eg_rebuild: %s", eg_graph_error(s->graph)->text);
  EXPECT(s, eg_is_clean(s->graph), "not clean after eg_rebuild");
  if (!s->no_check)
    EXPECT(s, eg_check(s->graph) == EG_OK, "eg_check: %s",
           eg_graph_error(s->graph)->text);
  model_close(&s->model);
  if (s->model.full)
    return;
  compare_partition(s, classes);
  if (!s->error[0])
    compare_counts(s);
  if (!s->error[0])
    compare_values(s, classes);
  if (!s->error[0])
    compare_lists(s);
  if (!s->error[0])
    compare_costs(s, classes);
}

//===-- Steps, one by one -------------------------------------------------===//

// The handle that |arg| picks among those of |sort|; NULL when there is none.
static const handle *pick(const state *s, uint32_t arg, int sort) {
  int num = 0;
  for (int i = 0; i < s->num_handles; ++i)
    num += model_sort(&s->model, s->handles[i].term) == sort;
  if (num == 0)
    return NULL;
  int skip = (int)(arg % (uint32_t)num);
  for (int i = 0;; ++i)
    if (model_sort(&s->model, s->handles[i].term) == sort && skip-- == 0)
      return &s->handles[i];
}

// The term that a step spells, for the model and for the graph.
static bool spell(const state *s, const call *step, model_term *out,
                  eg_payload *out_payload, eg_class *out_children) {
  const model_op *op;
  *out = (model_term){.op = (int)(step->args[0] % NUM_OPS), .payload = -1};
  op = &model_ops[out->op];
  out->num = op->children;
  if (op->children < 0)
    out->num = op->leading + (int)(step->args[1] % (MODEL_CHILDREN - 1));
  *out_payload = (eg_payload){0};
  if (op->payload) {
    out->payload = (int)(step->args[1] % MODEL_CONSTS);
    *out_payload = s->payloads[out->payload];
  }
  for (int i = 0; i < out->num; ++i) {
    const handle *h =
        pick(s, step->args[2 + i % (NUM_ARGS - 2)], op->child_sorts[i] - '0');
    if (!h)
      return false;
    out->children[i] = h->term;
    out_children[i] = h->id;
  }
  return true;
}

static void do_add(state *s, const call *step) {
  model_term t;
  eg_payload payload;
  eg_class children[MODEL_CHILDREN], id;
  if (s->num_handles == MAX_HANDLES || !spell(s, step, &t, &payload, children))
    return;
  eg_status status = eg_add(s->graph, (eg_op){(uint16_t)t.op}, payload,
                            children, (uint32_t)t.num, &id);
  EXPECT(s, status == EG_OK, "eg_add: %s", eg_graph_error(s->graph)->text);
  s->handles[s->num_handles++] = (handle){id, model_add(&s->model, &t)};
}

static char *origin(state *s, eg_class id) {
  text_buffer out = {0};
  if (eg_write_origin(s->graph, id, buffer_writer(&out)) != EG_OK)
    snprintf(s->error, sizeof s->error, "eg_write_origin: %s",
             eg_graph_error(s->graph)->text);
  return out.data;
}

static void note_given(state *s, eg_class a, eg_class b) {
  if (eg_proofs_enabled(s->graph) && s->num_givens < MAX_GIVENS)
    s->givens[s->num_givens++] =
        (eg_given){.left = origin(s, a), .right = origin(s, b)};
}

static void do_union(state *s, const call *step) {
  if (s->num_handles == 0)
    return;
  const handle *a = &s->handles[step->args[0] % (uint32_t)s->num_handles];
  const handle *b = &s->handles[step->args[1] % (uint32_t)s->num_handles];
  bool same_sort =
      model_sort(&s->model, a->term) == model_sort(&s->model, b->term);
  bool different = eg_find(s->graph, a->id).id != eg_find(s->graph, b->id).id;
  bool changed = false;
  if (same_sort)
    note_given(s, a->id, b->id);
  eg_status status = eg_union(s->graph, a->id, b->id, &changed);
  EXPECT(s, status == (same_sort ? EG_OK : EG_INVALID), "eg_union: %s",
         eg_status_name(status));
  if (!same_sort)
    return;
  EXPECT(s, changed == different, "eg_union says changed = %d", changed);
  model_union(&s->model, a->term, b->term);
}

static void do_find(state *s, const call *step) {
  if (s->num_handles == 0)
    return;
  const handle *a = &s->handles[step->args[0] % (uint32_t)s->num_handles];
  const handle *b = &s->handles[step->args[1] % (uint32_t)s->num_handles];
  model_close(&s->model);
  bool equal = model_find(&s->model, a->term) == model_find(&s->model, b->term);
  bool found = eg_find(s->graph, a->id).id == eg_find(s->graph, b->id).id;
  EXPECT(s, found == equal || (equal && !eg_is_clean(s->graph)),
         "eg_find: %d, the model says %d", found, equal);
}

static void do_lookup(state *s, const call *step) {
  model_term t;
  eg_payload payload;
  eg_class children[MODEL_CHILDREN], id;
  if (!spell(s, step, &t, &payload, children))
    return;
  eg_status status = eg_lookup(s->graph, (eg_op){(uint16_t)t.op}, payload,
                               children, (uint32_t)t.num, &id);
  EXPECT(s, status == EG_OK || status == EG_NOT_FOUND, "eg_lookup: %s",
         eg_status_name(status));
  model_close(&s->model);
  int term = model_lookup(&s->model, &t);
  bool found = status == EG_OK;
  EXPECT(s, found == (term >= 0) || (term >= 0 && !eg_is_clean(s->graph)),
         "eg_lookup: %d, the model says %d", found, term >= 0);
  for (int i = 0; i < s->num_handles && found; ++i)
    if (eg_find(s->graph, s->handles[i].id).id == eg_find(s->graph, id).id)
      EXPECT(s,
             model_find(&s->model, s->handles[i].term) ==
                 model_find(&s->model, term),
             "eg_lookup gives the class of handle %d", i);
}

typedef struct match_list {
  model_subst data[4096];
  int rule[4096];
  int num, current;
  bool full;
} match_list;

static void collect(void *user, const model_subst *subst) {
  match_list *list = user;
  if (list->num == 4096) {
    list->full = true;
    return;
  }
  list->rule[list->num] = list->current;
  list->data[list->num++] = *subst;
}

static void find_matches(const model *m, uint32_t set, match_list *out) {
  out->num = 0;
  out->full = false;
  for (int i = 0; i < MAX_RULES; ++i) {
    const char *text = rule_sets[set][i].lhs;
    model_pattern *pattern = model_parse(&text);
    out->current = i;
    model_match(m, pattern, collect, out);
    model_pattern_free(pattern);
  }
}

// One round: whether it changed the model.
static bool apply_matches(model *m, uint32_t set, const match_list *list) {
  int before = m->num;
  bool changed = false;
  for (int i = 0; i < list->num && !m->full; ++i) {
    const char *text = rule_sets[set][list->rule[i]].rhs;
    model_pattern *pattern = model_parse(&text);
    int id = model_build(m, pattern, &list->data[i]);
    changed |= model_union(m, list->data[i].root, id);
    model_pattern_free(pattern);
  }
  return changed || m->num != before;
}

static void do_run(state *s, const call *step) {
  static match_list list;
  uint32_t set = step->args[0] % NUM_SETS, rounds = 1 + step->args[1] % 2;
  model *m = &s->model;
  model_close(m);
  if (m->num > 150)
    return;
  eg_limits limits = eg_limits_default();
  eg_report report;
  limits.rounds = rounds;
  eg_status status = eg_run(s->graph, s->rules[set], &limits, &report);
  EXPECT(s, status == EG_OK, "eg_run: %s", eg_graph_error(s->graph)->text);
  uint64_t matches = 0;
  uint32_t done = 0;
  bool changed = true;
  while (changed && done < rounds && !m->full) {
    find_matches(m, set, &list);
    m->full |= list.full;
    matches += (uint64_t)list.num;
    changed = apply_matches(m, set, &list);
    model_close(m);
    ++done;
  }
  if (m->full)
    return;
  EXPECT(s, report.matches == matches,
         "eg_run: %" PRIu64 " matches, the model has %" PRIu64, report.matches,
         matches);
  EXPECT(s,
         report.rounds == done &&
             report.stop == (changed ? EG_STOP_ROUNDS : EG_STOP_SATURATED),
         "eg_run: %s after %" PRIu64 " rounds, the model %" PRIu32,
         eg_stop_name(report.stop), report.rounds, done);
  compare(s);
}

static bool count_match(void *user, const eg_match *match) {
  (void)match;
  ++*(uint64_t *)user;
  return true;
}

static void do_search(state *s, const call *step) {
  static match_list list;
  uint32_t set = step->args[0] % NUM_SETS;
  compare(s);
  if (s->error[0] || s->model.full || s->model.num > 300)
    return;
  find_matches(&s->model, set, &list);
  for (uint32_t i = 0; i < MAX_RULES && !list.full; ++i) {
    uint64_t want = 0, seen = 0, found = 0;
    for (int k = 0; k < list.num; ++k)
      want += list.rule[k] == (int)i;
    eg_status status =
        eg_rule_search(s->rules[set], i, count_match, &seen, &found);
    EXPECT(s, status == EG_OK && found == want && seen == want,
           "eg_rule_search %s: %" PRIu64 " matches, the model has %" PRIu64,
           rule_sets[set][i].lhs, found, want);
  }
}

//===-- Levels ------------------------------------------------------------===//

static void do_push(state *s, const call *step) {
  (void)step;
  if (s->depth == MAX_DEPTH)
    return;
  bool clean = eg_is_clean(s->graph);
  eg_status status = eg_push(s->graph);
  EXPECT(s, status == (clean ? EG_OK : EG_INVALID), "eg_push: %s",
         eg_status_name(status));
  if (!clean) {
    EXPECT(s, eg_rebuild(s->graph) == EG_OK, "eg_rebuild");
    EXPECT(s, eg_push(s->graph) == EG_OK, "eg_push");
  }
  saved *level = &s->levels[s->depth];
  *level = (saved){malloc(sizeof s->model), s->num_handles, s->num_givens};
  EXPECT(s, level->model != NULL, "out of memory");
  *level->model = s->model;
  ++s->depth;
}

static void do_pop(state *s, const call *step) {
  (void)step;
  eg_status status = eg_pop(s->graph);
  EXPECT(s, status == (s->depth ? EG_OK : EG_INVALID), "eg_pop: %s",
         eg_status_name(status));
  if (!s->depth)
    return;
  saved *level = &s->levels[--s->depth];
  s->model = *level->model;
  s->num_handles = level->num_handles;
  forget_givens(s, level->num_givens);
  free(level->model);
  compare(s);
}

//===-- Proofs ------------------------------------------------------------===//

// The model's term for a term of the proof, -1 when it has none.
static int model_term_of(const state *s, const eg_proof *proof, uint32_t term,
                         const int *known) {
  const egi_pterm *p = &proof->terms.data[term];
  model_term t = {.op = p->op, .payload = -1, .num = (int)p->num};
  if (p->num > MODEL_CHILDREN)
    return -1;
  for (int i = 0; i < MODEL_CONSTS; ++i)
    if (s->payloads[i].id == p->payload)
      t.payload = i;
  for (uint32_t k = 0; k < p->num; ++k) {
    t.children[k] = known[egi_proof_children(proof, term)[k]];
    if (t.children[k] < 0)
      return -1;
  }
  return model_lookup(&s->model, &t);
}

// Both ends of every chain are one class of the model.
static void compare_chains(state *s, const eg_proof *proof) {
  int *known = malloc(proof->terms.num * sizeof *known);
  EXPECT(s, known != NULL, "out of memory");
  for (uint32_t i = 1; i < proof->terms.num; ++i)
    known[i] = model_term_of(s, proof, i, known);
  for (uint32_t i = 1; i < proof->chains.num && !s->error[0]; ++i) {
    int from = known[proof->chains.data[i].from];
    int to = known[proof->chains.data[i].to];
    if (from < 0 || to < 0 ||
        model_find(&s->model, from) != model_find(&s->model, to))
      snprintf(s->error, sizeof s->error, "lemma %" PRIu32 " is not true", i);
  }
  free(known);
}

static void explain(state *s, eg_class a, eg_class b) {
  eg_proof *proof;
  bool equal = eg_find(s->graph, a).id == eg_find(s->graph, b).id;
  eg_status status = eg_explain(s->graph, a, b, &proof);
  EXPECT(s, status == (equal ? EG_OK : EG_NOT_FOUND), "eg_explain: %s",
         eg_graph_error(s->graph)->text);
  if (!equal)
    return;
  eg_axioms axioms = {.rules = (const eg_rules *const *)s->rules,
                      .num_rules = NUM_SETS,
                      .givens = s->givens,
                      .num_givens = s->num_givens,
                      .callbacks = true};
  char *from = origin(s, a), *to = origin(s, b);
  if (s->num_givens < MAX_GIVENS &&
      eg_proof_check(proof, &axioms, from, to) != EG_OK)
    snprintf(s->error, sizeof s->error, "%s", eg_graph_error(s->graph)->text);
  free(from);
  free(to);
  model_close(&s->model);
  if (!s->model.full && !s->error[0])
    compare_chains(s, proof);
  eg_proof_destroy(proof);
}

static void do_explain(state *s, const call *step) {
  if (!eg_proofs_enabled(s->graph) || s->num_handles == 0)
    return;
  eg_class a = s->handles[step->args[0] % (uint32_t)s->num_handles].id;
  explain(s, a, s->handles[step->args[1] % (uint32_t)s->num_handles].id);
  if (!s->error[0]) // ids that have been merged are surely equal
    explain(s, a, eg_find(s->graph, a));
}

static void explain_all(state *s) {
  for (uint32_t id = 1; eg_proofs_enabled(s->graph) && !s->error[0] &&
                        id < s->graph->classes.num;
       ++id)
    explain(s, (eg_class){id}, eg_find(s->graph, (eg_class){id}));
}

//===-- Sabotage ----------------------------------------------------------===//

enum { NUM_BREAKS = 13 };

static const char *const break_names[NUM_BREAKS] = {
    "drop a pending loser",     "flip a child word",
    "kill a live bit",          "merge without repair",
    "corrupt a value",          "erase a hashcons entry",
    "miscount the nodes",       "forget a member",
    "forget a parent",          "log no moved node",
    "forget a level's classes", "cut the forest",
    "call a rule given"};

static uint32_t any_live_node(const eg_graph *g, uint32_t arg,
                              bool with_children) {
  uint32_t slots = (uint32_t)g->pages.num << EGI_PAGE_BITS, num;
  for (uint32_t i = 0; i < slots; ++i) {
    uint32_t node = (arg + i) % slots;
    if (node >= EGI_PAGE_SLOTS && egi_is_live(g, node)) {
      eg_node_children(g, (eg_node){node}, &num);
      if (!with_children || num > 0)
        return node;
    }
  }
  return 0;
}

static uint32_t any_root(const eg_graph *g, uint32_t arg, uint32_t sort,
                         uint32_t but) {
  for (uint32_t i = 0; i < g->classes.num; ++i) {
    uint32_t id = (uint32_t)((arg + i) % g->classes.num);
    if (id && id != but && egi_is_root(g, id) && egi_sort_of(g, id) == sort)
      return id;
  }
  return 0;
}

// Whether a node has no merged child but |loser|, which alone will repair it.
static bool waits_for(const eg_graph *g, uint32_t node, uint32_t loser) {
  uint32_t num;
  const uint32_t *key = egi_key(g, node, &num);
  bool waits = false;
  for (uint32_t k = egi_key_start(g, egi_op_of(g, node)); k < num; ++k) {
    waits |= key[k] == loser;
    if (key[k] != loser && !egi_is_root(g, key[k]))
      return false;
  }
  return waits && egi_is_live(g, node);
}

// Takes the last loser off the list if one of its parents needs repair.
static bool drop_loser(eg_graph *g) {
  if (g->losers.num == g->losers_head)
    return false;
  uint32_t loser = g->losers.data[g->losers.num - 1], num;
  const uint32_t *parents = egi_parents(g, loser, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (waits_for(g, parents[i], loser)) {
      --g->losers.num;
      return true;
    }
  return false;
}

// A level that takes nothing for old: |what| 9 no node, 10 no class.
static bool break_level(state *s, uint32_t what, uint32_t arg) {
  eg_graph *g = s->graph;
  int depth = s->depth;
  do_push(s, NULL);
  if (s->depth == depth || s->error[0])
    return false;
  uint64_t classes = eg_num_classes(g);
  if (what == 9)
    g->undo.pages = 0;
  else
    g->undo.classes = 0;
  for (uint32_t i = 0; i < 50 && eg_num_classes(g) == classes; ++i)
    do_union(s, &(call){UNION, {arg + i, arg / 7 + 3 * i}});
  bool changed = eg_num_classes(g) != classes;
  if (eg_rebuild(g) != EG_OK)
    return false;
  do_pop(s, NULL);
  return changed;
}

// Whether the proof that |id| is what its class is called uses a rule.
static bool uses_rule(eg_graph *g, eg_class id) {
  eg_proof *proof;
  bool uses = false;
  if (eg_explain(g, id, eg_find(g, id), &proof) != EG_OK)
    return false;
  for (size_t i = 0; i < proof->steps.num; ++i)
    uses |= proof->steps.data[i].kind == EGI_STEP_RULE;
  eg_proof_destroy(proof);
  return uses;
}

// Calls all that rules have stated given, under a label that nobody gave.
static void call_given(eg_graph *g) {
  egi_proofs *p = g->proofs;
  for (uint32_t node = EGI_PAGE_SLOTS; node < g->pages.num << EGI_PAGE_BITS;
       ++node) {
    bool used = (node & (EGI_PAGE_SLOTS - 1)) < egi_page_of(g, node)->used;
    uint32_t *fact = p->facts.data + (used ? p->reasons.data[node] : 0);
    if (fact == p->facts.data || p->causes.data[*fact].kind != EGI_RULE)
      continue;
    fact[0] = EGI_GIVEN;
    if (fact + 2 < p->facts.data + p->facts.num)
      fact[2] = 1;
  }
}

// Cuts the way from |id| to what its class is called: it leaves by one of the
// two links.
static void cut(eg_graph *g, eg_class id) {
  const uint32_t *founders = g->proofs->founders.data;
  g->proofs->reasons.data[founders[id.id]] = 0;
  g->proofs->reasons.data[founders[eg_find(g, id).id]] = 0;
}

// Reasons that are gone, or say something else.
static bool break_reason(eg_graph *g, uint32_t what, uint32_t arg) {
  uint32_t num = (uint32_t)g->classes.num;
  for (uint32_t i = 0; g->proofs && i < num; ++i) {
    eg_class id = {(arg + i) % num};
    if (id.id == 0 || eg_find(g, id).id == id.id ||
        (what == 12 && !uses_rule(g, id)))
      continue;
    if (what == 11)
      cut(g, id);
    else
      call_given(g);
    return true;
  }
  return false;
}

// Does the damage; false when there is nothing to be damaged.
static bool sabotage(state *s, uint32_t what, uint32_t arg) {
  eg_graph *g = s->graph;
  for (uint32_t i = 0; what == 0 && i < 50 && !s->error[0]; ++i) {
    do_union(s, &(call){UNION, {arg + i, arg / 7 + 3 * i}});
    if (drop_loser(g))
      return true;
  }
  if (what == 0)
    return false;
  if (eg_rebuild(g) != EG_OK)
    return false;
  if (what == 9 || what == 10)
    return break_level(s, what, arg);
  if (what > 10)
    return break_reason(g, what, arg);
  uint32_t node = any_live_node(g, arg, what == 1), num;
  if (!node)
    return false;
  uint32_t *key = egi_key(g, node, &num);
  uint32_t home = egi_find(g, egi_record(g, node)[0]);
  uint32_t other = any_root(g, arg, egi_sort_of(g, home), home);
  switch (what) {
  case 1: {
    uint32_t sort = egi_sort_of(g, key[num - 1]);
    uint32_t child = any_root(g, arg, sort, key[num - 1]);
    if (child)
      key[num - 1] = child;
    return child != 0;
  }
  case 2:
    g->live.data[node >> 6] &= ~(UINT64_C(1) << (node & 63));
    return true;
  case 3:
    if (other)
      g->ups[home] = other;
    return other != 0;
  case 4:
    if (g->num_analyses)
      g->analyses[0].values[home * sizeof(uint32_t)] ^= 1;
    return g->num_analyses != 0;
  case 5:
    egi_table_erase(g, egi_hash(egi_op_of(g, node), key, num), node);
    return true;
  case 6:
    ++g->num_nodes;
    return true;
  default:
    if (what == 7)
      egi_members(g, home, &num);
    else
      egi_parents(g, home, &num);
    if (num > 0)
      egi_field_shrink(g, home, what == 8, num - 1);
    return num > 0;
  }
}

static void do_break(state *s, const call *step) {
  if (sabotage(s, step->args[0] % NUM_BREAKS, step->args[1])) {
    s->is_broken = true;
    if (!s->error[0])
      compare(s);
    explain_all(s);
  }
}

//===-- Sequences ---------------------------------------------------------===//

typedef enum outcome { PASSED, FAILED, FULL } outcome;

static outcome run_sequence(const sequence *q, state *s) {
  bool no_check = s->no_check;
  memset(s, 0, sizeof *s);
  s->no_check = no_check;
  begin(s, q->analyses, q->proofs);
  static void (*const run[NUM_KINDS])(state *, const call *) = {
      [ADD] = do_add,    [UNION] = do_union,   [FIND] = do_find,
      [RUN] = do_run,    [LOOKUP] = do_lookup, [SEARCH] = do_search,
      [PUSH] = do_push,  [POP] = do_pop,       [EXPLAIN] = do_explain,
      [BREAK] = do_break};
  for (int i = 0; i < q->num && !s->error[0] && !s->model.full; ++i)
    if (run[q->steps[i].kind])
      run[q->steps[i].kind](s, &q->steps[i]);
    else
      compare(s);
  if (!s->error[0] && !s->model.full)
    compare(s);
  end(s);
  return s->error[0] ? FAILED : s->model.full ? FULL : PASSED;
}

static void generate(uint64_t seed, sequence *out) {
  static const uint8_t weights[NUM_KINDS] = {
      [ADD] = 41,   [UNION] = 16, [REBUILD] = 8, [FIND] = 5,
      [LOOKUP] = 7, [RUN] = 6,    [SEARCH] = 3,  [EXTRACT] = 3,
      [PUSH] = 4,   [POP] = 3,    [EXPLAIN] = 4};
  out->analyses = seed & 1;
  out->proofs = seed >> 1 & 1;
  out->num = 10 + (int)random_below(&seed, MAX_STEPS - 10);
  for (int i = 0; i < out->num; ++i) {
    uint32_t left = random_below(&seed, 100), k = 0;
    while (left >= weights[k])
      left -= weights[k++];
    out->steps[i].kind = (kind)k;
    for (int a = 0; a < NUM_ARGS; ++a)
      out->steps[i].args[a] = random_below(&seed, 1000);
  }
}

// Leaves out halves, quarters, … single steps as long as the rest still fails.
static void leave_out(sequence *best, state *s) {
  for (int part = best->num / 2; part > 0; part /= 2)
    for (int at = 0; at + part <= best->num;) {
      sequence less = *best;
      memmove(&less.steps[at], &best->steps[at + part],
              (size_t)(best->num - at - part) * sizeof *best->steps);
      less.num -= part;
      if (run_sequence(&less, s) == FAILED)
        *best = less;
      else
        at += part;
    }
}

// Makes operands 0, and adds leaves, where that still fails: the operands of
// later steps stay what they are when no handle goes away.
static void make_small(sequence *best, state *s) {
  for (int i = 0; i < best->num; ++i)
    for (int a = 0; a < NUM_ARGS; ++a) {
      sequence less = *best;
      less.steps[i].args[a] = 0;
      if (best->steps[i].args[a] && run_sequence(&less, s) == FAILED)
        *best = less;
    }
}

static void shrink(sequence *q, state *s) {
  for (int before = q->num + 1; q->num < before;) {
    before = q->num;
    leave_out(q, s);
    make_small(q, s);
  }
  run_sequence(q, s);
}

static void print_sequence(const sequence *q) {
  printf("  --replay '%s%s", q->analyses ? "analyses; " : "",
         q->proofs ? "proofs; " : "");
  for (int i = 0; i < q->num; ++i) {
    printf("%s%s", i ? "; " : "", kind_names[q->steps[i].kind]);
    for (int a = 0; a < NUM_ARGS; ++a)
      printf(" %" PRIu32, q->steps[i].args[a]);
  }
  printf("'\n");
}

static bool parse_sequence(const char *text, sequence *out) {
  *out = (sequence){0};
  while (*text) {
    size_t len = strcspn(text, " ;");
    call *step = &out->steps[out->num];
    if (len == 8 && memcmp(text, "analyses", 8) == 0) {
      out->analyses = true;
    } else if (len == 6 && memcmp(text, "proofs", 6) == 0) {
      out->proofs = true;
    } else {
      int k = 0;
      while (k < NUM_KINDS && (strlen(kind_names[k]) != len ||
                               memcmp(kind_names[k], text, len) != 0))
        ++k;
      if (k == NUM_KINDS || out->num == MAX_STEPS)
        return false;
      step->kind = (kind)k;
      ++out->num;
    }
    text += len;
    for (int a = 0; *text == ' ' && a < NUM_ARGS; ++a) {
      char *after;
      step->args[a] = (uint32_t)strtoul(text, &after, 10);
      text = after;
    }
    text += strspn(text, " ;");
  }
  return true;
}

//===-- The three modes ---------------------------------------------------===//

// Sequences that found mistakes in libeg: a search that never ended, a value
// that did not reach a parent. Another language or generator needs other seeds.
static const uint64_t once_failed[] = {3093, 3149};

static int run_random(uint64_t seed, uint64_t count) {
  static sequence q;
  static state s;
  uint64_t full = 0;
  printf("seeds %" PRIu64 " … %" PRIu64 "\n", seed, seed + count - 1);
  for (uint64_t i = 0; i < count; ++i) {
    generate(seed + i, &q);
    outcome o = run_sequence(&q, &s);
    full += o == FULL;
    if (o != FAILED)
      continue;
    printf("seed %" PRIu64 " fails after %d steps: %s\n", seed + i, q.num,
           s.error);
    shrink(&q, &s);
    printf("shrunk to %d steps: %s\n", q.num, s.error);
    print_sequence(&q);
    return 1;
  }
  printf("%" PRIu64 " passed, %" PRIu64 " of them cut short by a full model\n",
         count, full);
  return full * 4 > count; // then the sequences are not what they should be
}

// Every kind of damage must be noticed, with eg_check and without, and shrink
// to a few steps.
static int run_sabotage(uint64_t seed, uint64_t count) {
  static sequence q;
  static state s;
  int missed = 0;
  for (uint32_t what = 0; what < NUM_BREAKS; ++what) {
    uint64_t done = 0, by_model = 0, by_either = 0;
    int shortest = MAX_STEPS;
    for (uint64_t i = 0; i < count; ++i) {
      generate(seed + i, &q);
      if (q.num == MAX_STEPS)
        --q.num;
      uint64_t rng = seed + i + 77;
      int at = q.num / 2;
      memmove(&q.steps[at + 1], &q.steps[at],
              (size_t)(q.num - at) * sizeof *q.steps);
      ++q.num;
      q.steps[at] = (call){BREAK, {what, random_below(&rng, 1000)}};
      s.no_check = true;
      bool alone = run_sequence(&q, &s) == FAILED;
      if (!s.is_broken)
        continue;
      ++done;
      by_model += alone;
      s.no_check = false;
      bool either = run_sequence(&q, &s) == FAILED;
      by_either += either;
      if (either && shortest == MAX_STEPS) {
        shrink(&q, &s);
        shortest = q.num;
      }
      s.no_check = false;
    }
    bool ok = done > 0 && by_either == done && by_model > 0 && shortest <= 12;
    printf("%s %-24s done %3" PRIu64 ", noticed %3" PRIu64
           ", by the model alone %3" PRIu64 ", shrunk to %d steps\n",
           ok ? "ok  " : "FAIL", break_names[what], done, by_either, by_model,
           shortest);
    missed += !ok;
  }
  return missed != 0;
}

static int run_replay(const char *text) {
  static sequence q;
  static state s;
  if (!parse_sequence(text, &q)) {
    printf("not a sequence: %s\n", text);
    return 2;
  }
  outcome o = run_sequence(&q, &s);
  printf("%s %s\n", o == FAILED ? "FAIL" : "ok  ", s.error);
  return o == FAILED;
}

int main(int argc, char **argv) {
  uint64_t seed = 1, count = 0;
  bool is_sabotage = false;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--sabotage") == 0) {
      is_sabotage = true;
    } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
      seed = strtoull(argv[++i], NULL, 10);
    } else if (strcmp(argv[i], "--count") == 0 && i + 1 < argc) {
      count = strtoull(argv[++i], NULL, 10);
    } else if (strcmp(argv[i], "--replay") == 0 && i + 1 < argc) {
      return run_replay(argv[++i]);
    } else {
      printf("usage: model_test [--seed N] [--count N] [--sabotage] "
             "[--replay STEPS]\n");
      return 2;
    }
  }
  if (is_sabotage)
    return run_sabotage(seed, count ? count : 40);
  int failed = 0;
  for (size_t i = 0; i < sizeof once_failed / sizeof *once_failed; ++i)
    failed |= count == 0 && !failed && run_random(once_failed[i], 1) != 0;
  return failed | run_random(seed, count ? count : 2000);
}

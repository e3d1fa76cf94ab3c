// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The model that libeg is compared with: a plain table of terms, closed under
// congruence by comparing every pair until nothing changes. Slow and obvious;
// it shares neither code nor ideas with the engine.
#ifndef TEST_EGRAPH_MODEL_H
#define TEST_EGRAPH_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
  MODEL_MAX = 1600,   // terms
  MODEL_CHILDREN = 5, // of one term
  MODEL_VARS = 4,
  MODEL_CONSTS = 8, // constants are 0 … 7
};

//===-- The language ------------------------------------------------------===//

// Two sorts, payloads, a variadic operator, narrow and wide keys.
typedef struct model_op {
  const char *name;
  int children; // -1 = variadic
  int sort;
  bool payload, literal;
  const char *child_sorts; // a digit per child
  int leading;             // children a variadic operator must have
} model_op;

enum {
  OP_A,
  OP_B,
  OP_C,
  OP_NUM,
  OP_F,
  OP_ADD,
  OP_G,
  OP_QUAD,
  OP_SUM,
  OP_PACK,
  OP_TRI,
  OP_U,
  OP_W,
  OP_PAIR,
  OP_USE,
  OP_CALL,
  NUM_OPS
};

static const model_op model_ops[NUM_OPS] = {
    [OP_A] = {"a", 0, 0, false, false, ""},
    [OP_B] = {"b", 0, 0, false, false, ""},
    [OP_C] = {"c", 0, 0, false, false, ""},
    [OP_NUM] = {"num", 0, 0, true, true, ""},
    [OP_F] = {"f", 1, 0, false, false, "0"},
    [OP_ADD] = {"+", 2, 0, false, false, "00"},
    [OP_G] = {"g", 2, 0, false, false, "00"},
    [OP_QUAD] = {"quad", 4, 0, false, false, "0000"},
    [OP_SUM] = {"sum", -1, 0, false, false, "00000"},
    [OP_PACK] = {"pack", 1, 0, true, false, "0"},
    [OP_TRI] = {"tri", 3, 0, true, false, "000"},
    [OP_U] = {"u", 0, 1, false, false, ""},
    [OP_W] = {"w", 0, 1, true, false, ""},
    [OP_PAIR] = {"pair", 2, 1, false, false, "01"},
    [OP_USE] = {"use", 1, 0, false, false, "1"},
    [OP_CALL] = {"call", -1, 0, false, false, "10000", 1},
};

// Payloads are one digit.
static const char *const model_payloads[MODEL_CONSTS] = {"0", "1", "2", "3",
                                                         "4", "5", "6", "7"};

//===-- Terms -------------------------------------------------------------===//

typedef struct model_term {
  int op, payload, num; // payload -1 = none
  int children[MODEL_CHILDREN];
} model_term;

typedef struct model {
  model_term terms[MODEL_MAX];
  int up[MODEL_MAX];        // union-find; a root is its class
  uint32_t mask[MODEL_MAX]; // of roots: constants the class equals
  double size[MODEL_MAX];   // of roots: least number of nodes of a term
  int num;
  bool closed; // nothing has changed since the last closure
  bool full;   // a term did not fit: the model is of no use any more
  bool analyses;
} model;

static inline int model_find(const model *m, int id) {
  while (m->up[id] != id)
    id = m->up[id];
  return id;
}

static inline int model_sort(const model *m, int id) {
  return model_ops[m->terms[id].op].sort;
}

static inline bool model_congruent(const model *m, const model_term *a,
                                   const model_term *b) {
  if (a->op != b->op || a->payload != b->payload || a->num != b->num)
    return false;
  for (int i = 0; i < a->num; ++i)
    if (model_find(m, a->children[i]) != model_find(m, b->children[i]))
      return false;
  return true;
}

// A term congruent to |t|, or -1.
static inline int model_lookup(const model *m, const model_term *t) {
  for (int i = 0; i < m->num; ++i)
    if (model_congruent(m, &m->terms[i], t))
      return i;
  return -1;
}

static inline int model_add(model *m, const model_term *t) {
  int id = model_lookup(m, t);
  if (id >= 0)
    return id;
  if (m->num == MODEL_MAX) {
    m->full = true;
    return 0;
  }
  id = m->num++;
  m->terms[id] = *t;
  m->up[id] = id;
  m->mask[id] = 0;
  m->closed = false;
  return id;
}

static inline bool model_union(model *m, int a, int b) {
  a = model_find(m, a);
  b = model_find(m, b);
  if (a == b)
    return false;
  m->up[b] = a;
  m->mask[a] |= m->mask[b];
  m->closed = false;
  return true;
}

//===-- Analyses ----------------------------------------------------------===//

// Which constants a term equals if its children equal those of |masks|:
// num k = k, f(x) = x xor 1, x + y modulo 8.
static inline uint32_t fold_masks(int op, int payload, const uint32_t *masks) {
  uint32_t out = 0;
  if (op == OP_NUM)
    return 1u << payload;
  if (op == OP_F)
    for (int i = 0; i < MODEL_CONSTS; ++i)
      out |= (masks[0] >> i & 1) << (i ^ 1);
  if (op == OP_ADD)
    for (int i = 0; i < MODEL_CONSTS; ++i)
      for (int k = 0; k < MODEL_CONSTS; ++k)
        out |= (masks[0] >> i & masks[1] >> k & 1) << ((i + k) % MODEL_CONSTS);
  return out;
}

// One pass of folding, and of "a class that equals a constant holds it".
static inline bool model_fold(model *m) {
  bool changed = false;
  for (int i = 0; i < m->num; ++i) {
    uint32_t masks[MODEL_CHILDREN] = {0};
    const model_term *t = &m->terms[i];
    for (int k = 0; k < t->num; ++k)
      masks[k] = m->mask[model_find(m, t->children[k])];
    int root = model_find(m, i);
    uint32_t mask = m->mask[root] | fold_masks(t->op, t->payload, masks);
    changed |= mask != m->mask[root];
    m->mask[root] = mask;
  }
  for (int i = 0; i < m->num && !m->full; ++i)
    for (int k = 0; k < MODEL_CONSTS; ++k)
      if (m->up[i] == i && m->mask[i] >> k & 1) {
        model_term t = {.op = OP_NUM, .payload = k};
        changed |= model_union(m, i, model_add(m, &t));
      }
  return changed;
}

//===-- Closure -----------------------------------------------------------===//

static inline bool model_congruence(model *m) {
  bool changed = false;
  for (int i = 0; i < m->num; ++i)
    for (int k = i + 1; k < m->num; ++k)
      if (model_congruent(m, &m->terms[i], &m->terms[k]))
        changed |= model_union(m, i, k);
  return changed;
}

static inline void model_sizes(model *m) {
  for (int i = 0; i < m->num; ++i)
    m->size[i] = 1e300;
  for (bool changed = true; changed;) {
    changed = false;
    for (int i = 0; i < m->num; ++i) {
      double size = 1;
      for (int k = 0; k < m->terms[i].num; ++k)
        size += m->size[model_find(m, m->terms[i].children[k])];
      int root = model_find(m, i);
      if (size < m->size[root]) {
        m->size[root] = size;
        changed = true;
      }
    }
  }
}

static inline void model_close(model *m) {
  if (m->closed)
    return;
  for (bool changed = true; changed && !m->full;) {
    changed = model_congruence(m);
    if (m->analyses)
      changed |= model_fold(m);
  }
  model_sizes(m);
  m->closed = true;
}

// Whether the term is the first of its congruence class: one node of the graph.
static inline bool model_is_node(const model *m, int id) {
  return model_lookup(m, &m->terms[id]) == id;
}

//===-- Patterns ----------------------------------------------------------===//

typedef struct model_pattern {
  int var; // -1 = an operator
  int op, payload, num;
  struct model_pattern *children[MODEL_CHILDREN];
} model_pattern;

typedef struct model_subst {
  int root, vars[MODEL_VARS];
} model_subst;

// Reads "(op payload? pattern…)", a name, a digit (a constant) or ?x ?y ?z ?s.
static inline model_pattern *model_parse(const char **at) {
  model_pattern *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  while (**at == ' ')
    ++*at;
  bool open = **at == '(';
  *at += open;
  const char *word = *at;
  *at += strcspn(*at, " ()");
  size_t len = (size_t)(*at - word);
  p->var = *word == '?' ? (int)(strchr("xyzs", word[1]) - "xyzs") : -1;
  p->payload = -1;
  for (p->op = 0; p->op < NUM_OPS; ++p->op)
    if (strlen(model_ops[p->op].name) == len &&
        memcmp(model_ops[p->op].name, word, len) == 0)
      break;
  if (p->var < 0 && p->op == NUM_OPS) {
    p->op = OP_NUM;
    p->payload = *word - '0';
  } else if (p->var < 0 && model_ops[p->op].payload) {
    p->payload = (*at)[1] - '0';
    *at += 2;
  }
  while (open && **at != ')') {
    if (**at == ' ')
      ++*at;
    else
      p->children[p->num++] = model_parse(at);
  }
  *at += open;
  return p;
}

static inline void model_pattern_free(model_pattern *p) {
  for (int i = 0; i < p->num; ++i)
    model_pattern_free(p->children[i]);
  free(p);
}

typedef struct model_goal {
  const model_pattern *pattern;
  int id;
} model_goal;

typedef void (*model_visit)(void *user, const model_subst *subst);

// Solves the goals "pattern matches class", the last first.
static inline void model_solve(const model *m, const model_goal *goals, int num,
                               model_subst subst, model_visit visit,
                               void *user) {
  if (num == 0) {
    visit(user, &subst);
    return;
  }
  model_goal rest[64], goal = goals[num - 1];
  int id = model_find(m, goal.id);
  if (goal.pattern->var >= 0) {
    int *bound = &subst.vars[goal.pattern->var];
    if (*bound >= 0 && *bound != id)
      return;
    *bound = id;
    model_solve(m, goals, num - 1, subst, visit, user);
    return;
  }
  for (int i = 0; i < m->num; ++i) {
    const model_term *t = &m->terms[i];
    if (model_find(m, i) != id || t->op != goal.pattern->op ||
        t->payload != goal.pattern->payload || t->num != goal.pattern->num ||
        !model_is_node(m, i))
      continue;
    memcpy(rest, goals, (size_t)(num - 1) * sizeof *goals);
    for (int k = 0; k < t->num; ++k)
      rest[num - 1 + k] =
          (model_goal){goal.pattern->children[k], t->children[k]};
    model_solve(m, rest, num - 1 + t->num, subst, visit, user);
  }
}

// All matches of a pattern in a closed model.
static inline void model_match(const model *m, const model_pattern *pattern,
                               model_visit visit, void *user) {
  for (int i = 0; i < m->num; ++i) {
    if (m->up[i] != i)
      continue;
    model_goal goal = {pattern, i};
    model_solve(m, &goal, 1, (model_subst){i, {-1, -1, -1, -1}}, visit, user);
  }
}

static inline int model_build(model *m, const model_pattern *p,
                              const model_subst *subst) {
  if (p->var >= 0)
    return subst->vars[p->var];
  model_term t = {.op = p->op, .payload = p->payload, .num = p->num};
  for (int i = 0; i < p->num && !m->full; ++i)
    t.children[i] = model_build(m, p->children[i], subst);
  return m->full ? 0 : model_add(m, &t);
}

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What one writes in an evening: nodes in an array, a union-find, an open-
// addressing hashcons with doubling, linked parent lists, a class index made anew
// each iteration by counting sort, a recursive matcher. No batching, no prefetch,
// no limits, no error handling. It calibrates the machine, and it is a second
// implementation that must reach the same sizes.
#include "naive.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GROW(array, num, cap)                                                  \
  do {                                                                         \
    if ((num) == (cap))                                                        \
      (array) = realloc((array),                                               \
                        ((cap) = (cap) ? 2 * (cap) : 1024) * sizeof *(array)); \
  } while (0)

enum { MAX_OPS = 256, MAX_VARS = 4 };

typedef struct node {
  uint32_t op, a, b; // children 0 where there are none
} node;
typedef struct class {
  uint32_t uf, head, tail, num_parents;
} class;
typedef struct edge {
  uint32_t node, next;
} edge;
typedef struct slot {
  uint32_t hash, id;
} slot;
typedef struct range {
  uint32_t first, num;
} range;

static char *op_names[MAX_OPS];
static uint32_t num_ops;
static node *nodes;
static class *classes;
static bool *dead;
static size_t num_nodes = 1, cap_nodes, cap_classes, cap_dead;
static edge *edges;
static size_t num_edges = 1, cap_edges;
static slot *table;
static size_t table_size = 1024, table_num;
static range *pending;
static size_t num_pending, cap_pending;
static uint64_t live, live_classes;

static uint32_t find(uint32_t id) {
  while (classes[id].uf != id) {
    classes[id].uf = classes[classes[id].uf].uf;
    id = classes[id].uf;
  }
  return id;
}

static uint32_t hash_of(node n) {
  uint64_t h = (n.a | (uint64_t)n.b << 32) * UINT64_C(0x9e3779b97f4a7c15);
  h = (h ^ h >> 32 ^ n.op) * UINT64_C(0xff51afd7ed558ccd);
  return (uint32_t)(h >> 32);
}

static bool same(node x, node y) {
  return x.op == y.op && x.a == y.a && x.b == y.b;
}

static slot *lookup(node n, uint32_t hash) {
  size_t at = hash & (table_size - 1);
  while (table[at].id &&
         !(table[at].hash == hash && same(nodes[table[at].id], n)))
    at = (at + 1) & (table_size - 1);
  return &table[at];
}

static void grow_table(void) {
  slot *old = table;
  size_t old_size = table_size;
  table_size *= 2;
  table = calloc(table_size, sizeof *table);
  for (size_t i = 0; i < old_size; ++i)
    if (old[i].id) {
      size_t at = old[i].hash & (table_size - 1);
      while (table[at].id)
        at = (at + 1) & (table_size - 1);
      table[at] = old[i];
    }
  free(old);
}

static void erase(slot *gone) {
  size_t at = (size_t)(gone - table), next = at;
  for (;;) {
    next = (next + 1) & (table_size - 1);
    if (!table[next].id)
      break;
    size_t home = table[next].hash & (table_size - 1);
    if (((next - home) & (table_size - 1)) >=
        ((next - at) & (table_size - 1))) {
      table[at] = table[next];
      at = next;
    }
  }
  table[at].id = 0;
  --table_num;
}

static void add_parent(uint32_t child, uint32_t parent) {
  if (!child)
    return;
  GROW(edges, num_edges, cap_edges);
  edges[num_edges] = (edge){parent, 0};
  class *c = &classes[child];
  if (c->tail)
    edges[c->tail].next = (uint32_t)num_edges;
  else
    c->head = (uint32_t)num_edges;
  c->tail = (uint32_t)num_edges++;
  ++c->num_parents;
}

static uint32_t add(uint32_t op, uint32_t a, uint32_t b) {
  node n = {op, a ? find(a) : 0, b ? find(b) : 0};
  uint32_t hash = hash_of(n);
  slot *s = lookup(n, hash);
  if (s->id)
    return find(s->id);
  if (2 * (table_num + 1) > table_size) {
    grow_table();
    s = lookup(n, hash);
  }
  uint32_t id = (uint32_t)num_nodes;
  *s = (slot){hash, id};
  ++table_num;
  GROW(nodes, num_nodes, cap_nodes);
  GROW(classes, num_nodes, cap_classes);
  GROW(dead, num_nodes, cap_dead);
  nodes[id] = n;
  dead[id] = false;
  classes[id] = (class){id, 0, 0, 0};
  ++num_nodes;
  ++live;
  ++live_classes;
  add_parent(n.a, id);
  add_parent(n.b, id);
  return id;
}

static void unite(uint32_t a, uint32_t b) {
  a = find(a);
  b = find(b);
  if (a == b)
    return;
  if (classes[a].num_parents < classes[b].num_parents) {
    uint32_t t = a;
    a = b;
    b = t;
  }
  class *winner = &classes[a], *loser = &classes[b];
  loser->uf = a;
  --live_classes;
  if (!loser->head)
    return;
  GROW(pending, num_pending, cap_pending);
  pending[num_pending++] = (range){loser->head, loser->num_parents};
  if (winner->tail)
    edges[winner->tail].next = loser->head;
  else
    winner->head = loser->head;
  winner->tail = loser->tail;
  winner->num_parents += loser->num_parents;
}

static void rebuild(void) {
  while (num_pending) {
    range r = pending[--num_pending];
    for (uint32_t e = r.first; r.num--; e = edges[e].next) {
      uint32_t id = edges[e].node;
      node n = nodes[id];
      if (dead[id])
        continue;
      node key = {n.op, n.a ? find(n.a) : 0, n.b ? find(n.b) : 0};
      if (same(n, key))
        continue;
      erase(lookup(n, hash_of(n)));
      slot *s = lookup(key, hash_of(key));
      if (s->id) {
        dead[id] = true;
        --live;
        unite(id, s->id);
        continue;
      }
      nodes[id] = key;
      *s = (slot){hash_of(key), id};
      ++table_num;
    }
  }
}

//===-- Patterns ----------------------------------------------------------===//

typedef struct pattern {
  int var; // -1 for an operator
  uint32_t op;
  struct pattern *a, *b;
} pattern;

typedef struct rule {
  pattern *lhs, *rhs;
  int num_vars;
} rule;

static uint32_t op_id(const char *name, size_t len) {
  for (uint32_t i = 0; i < num_ops; ++i)
    if (strlen(op_names[i]) == len && memcmp(op_names[i], name, len) == 0)
      return i;
  op_names[num_ops] = calloc(1, len + 1);
  memcpy(op_names[num_ops], name, len);
  return num_ops++;
}

static pattern *parse(const char **text, char vars[][8], int *num_vars) {
  while (isspace((unsigned char)**text))
    ++*text;
  bool list = **text == '(';
  *text += list;
  size_t len = strcspn(*text, " ()\n");
  pattern *p = calloc(1, sizeof *p);
  p->var = -1;
  if (**text == '?') {
    int v = 0;
    while (v < *num_vars && strncmp(vars[v], *text, len) != 0)
      ++v;
    if (v == *num_vars)
      memcpy(vars[(*num_vars)++], *text, len);
    p->var = v;
  } else if (strncmp(*text, "var", len) == 0 && len == 3) {
    len = strcspn(*text, ")"); // (var x) is one leaf
    p->op = op_id(*text, len);
  } else {
    p->op = op_id(*text, len);
  }
  *text += len;
  for (; list && *(*text += strspn(*text, " ")) != ')';)
    *(p->a ? &p->b : &p->a) = parse(text, vars, num_vars);
  *text += list;
  return p;
}

static uint32_t build(const pattern *p, const uint32_t *vars) {
  if (p->var >= 0)
    return vars[p->var];
  uint32_t a = p->a ? build(p->a, vars) : 0;
  uint32_t b = p->b ? build(p->b, vars) : 0;
  return add(p->op, a, b);
}

//===-- Matching ----------------------------------------------------------===//

static uint32_t *class_start, *class_nodes, *matches;
static size_t num_matches, cap_matches;

static void index_classes(void) {
  class_start = realloc(class_start, (num_nodes + 1) * sizeof *class_start);
  class_nodes = realloc(class_nodes, (num_nodes + 1) * sizeof *class_nodes);
  memset(class_start, 0, (num_nodes + 1) * sizeof *class_start);
  for (uint32_t i = 1; i < num_nodes; ++i)
    if (!dead[i])
      ++class_start[find(i)];
  uint32_t sum = 0;
  for (uint32_t i = 0; i <= num_nodes; ++i) {
    sum += class_start[i];
    class_start[i] = sum;
  }
  for (uint32_t i = (uint32_t)num_nodes; --i;)
    if (!dead[i])
      class_nodes[--class_start[find(i)]] = i;
}

typedef struct todo {
  const pattern *p;
  uint32_t id;
  const struct todo *rest;
} todo;

static void match(const todo *t, uint32_t *vars, uint32_t index,
                  uint32_t root) {
  if (!t) {
    GROW(matches, num_matches, cap_matches);
    matches[num_matches++] = index;
    GROW(matches, num_matches, cap_matches);
    matches[num_matches++] = root;
    for (int i = 0; i < MAX_VARS; ++i) {
      GROW(matches, num_matches, cap_matches);
      matches[num_matches++] = vars[i];
    }
    return;
  }
  if (t->p->var >= 0) {
    uint32_t old = vars[t->p->var];
    if (old && old != t->id)
      return;
    vars[t->p->var] = t->id;
    match(t->rest, vars, index, root);
    vars[t->p->var] = old;
    return;
  }
  for (uint32_t i = class_start[t->id]; i < class_start[t->id + 1]; ++i) {
    node n = nodes[class_nodes[i]];
    if (n.op != t->p->op)
      continue;
    todo second = {t->p->b, n.b, t->rest};
    todo first = {t->p->a, n.a, t->p->b ? &second : t->rest};
    match(t->p->a ? &first : t->rest, vars, index, root);
  }
}

static void iterate(const rule *rules, uint32_t num_rules) {
  index_classes();
  num_matches = 0;
  for (uint32_t r = 0; r < num_rules; ++r)
    for (uint32_t id = 1; id < num_nodes; ++id) {
      uint32_t vars[MAX_VARS] = {0};
      todo t = {rules[r].lhs, id, NULL};
      if (class_start[id] != class_start[id + 1])
        match(&t, vars, r, id);
    }
  for (size_t m = 0; m < num_matches; m += 2 + MAX_VARS)
    unite(matches[m + 1], build(rules[matches[m]].rhs, matches + m + 2));
  rebuild();
}

void naive_run(const char *text, int iterations, uint64_t (*out_sizes)[3]) {
  static rule rules[64];
  uint32_t num_rules = 0;
  table = calloc(table_size, sizeof *table);
  GROW(nodes, cap_nodes, cap_nodes);
  GROW(classes, cap_classes, cap_classes);
  GROW(dead, cap_dead, cap_dead);
  GROW(edges, cap_edges, cap_edges);
  for (const char *line = text; *line;
       line += strcspn(line, "\n"), line += *line != 0) {
    const char *at = line + strcspn(line, ":\n#");
    if (*at != ':')
      continue;
    char vars[MAX_VARS][8] = {{0}};
    int num_vars = 0;
    ++at;
    pattern *lhs = parse(&at, vars, &num_vars);
    if (strncmp(line, "start", 5) == 0) {
      build(lhs, NULL);
      continue;
    }
    at = strstr(at, "=>") + 2;
    rules[num_rules++] = (rule){lhs, parse(&at, vars, &num_vars), num_vars};
  }
  for (int i = 0; i < iterations; ++i) {
    iterate(rules, num_rules);
    out_sizes[i][0] = live;
    out_sizes[i][1] = live_classes;
    out_sizes[i][2] = num_matches / (2 + MAX_VARS);
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg stats FILE.json: the shape of a serialized e-graph, and so what makes its
// extraction hard: sharing, cycles, choices.
#include "eg_serial.h"
#include "eg_tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPS = 20, NUM_SIZES = 32 };

//===-- Strongly connected components -------------------------------------===//

// Tarjan (1972), with a stack of its own. `at` is the next child of the class on
// top: an index into the children of all its nodes.
typedef struct components {
  uint32_t *order, *low, *at, *path, *open; // by class; stacks
  uint32_t num_visited, num_path, num_open;
  uint32_t num_cyclic, largest; // classes on cycles; of one component
} components;

// The children of all nodes of class |c| are one run of the problem's children.
static uint32_t first_child(const eg_problem *p, uint32_t c) {
  return p->first_child[p->first_node[c]];
}

static void enter(components *s, const eg_problem *p, uint32_t c) {
  s->order[c] = s->low[c] = ++s->num_visited;
  s->at[c] = first_child(p, c);
  s->path[s->num_path++] = c;
  s->open[s->num_open++] = c;
}

static bool reads_itself(const eg_problem *p, uint32_t c) {
  for (uint32_t i = first_child(p, c); i < first_child(p, c + 1); ++i)
    if (p->children[i] == c)
      return true;
  return false;
}

// Takes the component whose first class is |c| off the stack.
static void close(components *s, const eg_problem *p, uint32_t c) {
  uint32_t size = 0, top;
  do {
    top = s->open[--s->num_open];
    s->low[top] = UINT32_MAX; // done
    ++size;
  } while (top != c);
  if (size == 1 && !reads_itself(p, c))
    return;
  s->num_cyclic += size;
  s->largest = size > s->largest ? size : s->largest;
}

static void walk(components *s, const eg_problem *p, uint32_t from) {
  if (s->order[from])
    return;
  enter(s, p, from);
  while (s->num_path > 0) {
    uint32_t c = s->path[s->num_path - 1];
    if (s->at[c] < first_child(p, c + 1)) {
      uint32_t child = p->children[s->at[c]++];
      if (!s->order[child])
        enter(s, p, child);
      else if (s->low[child] != UINT32_MAX && s->order[child] < s->low[c])
        s->low[c] = s->order[child];
      continue;
    }
    --s->num_path;
    uint32_t low = s->low[c];
    if (low == s->order[c])
      close(s, p, c);
    if (s->num_path > 0 && low < s->low[s->path[s->num_path - 1]])
      s->low[s->path[s->num_path - 1]] = low;
  }
}

//===-- Operators ---------------------------------------------------------===//

typedef struct op_count {
  const char *name;
  uint32_t num;
} op_count;

static int by_name(const void *a, const void *b) {
  return strcmp(((const op_count *)a)->name, ((const op_count *)b)->name);
}

static int by_count(const void *a, const void *b) {
  const op_count *x = a, *y = b;
  return x->num != y->num ? (x->num < y->num ? 1 : -1)
                          : strcmp(x->name, y->name);
}

// |ops| has an entry per node; returns the number of different ones, the most
// frequent first.
static uint32_t count_ops(const eg_serial *serial, op_count *ops) {
  uint32_t num = eg_serial_problem(serial)->num_nodes, out = 0;
  for (uint32_t n = 0; n < num; ++n)
    ops[n] = (op_count){eg_serial_op(serial, n), 1};
  qsort(ops, num, sizeof *ops, by_name);
  for (uint32_t n = 0; n < num; ++n)
    if (out > 0 && strcmp(ops[out - 1].name, ops[n].name) == 0)
      ++ops[out - 1].num;
    else
      ops[out++] = ops[n];
  qsort(ops, out, sizeof *ops, by_count);
  return out;
}

//===-- Printing ----------------------------------------------------------===//

static void print_classes(FILE *out, const eg_problem *p) {
  uint32_t sizes[NUM_SIZES] = {0}, most = 0;
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    uint32_t size = p->first_node[c + 1] - p->first_node[c], bin = 0;
    while (size >> (bin + 1))
      ++bin;
    ++sizes[bin];
    most = size > most ? size : most;
  }
  fprintf(out, "%-28s %10s\n", "nodes in a class", "classes");
  for (uint32_t bin = 0; bin < NUM_SIZES; ++bin)
    if (sizes[bin]) {
      char range[32];
      uint32_t low = UINT32_C(1) << bin, high = 2 * low - 1;
      high = high < most ? high : most;
      int used = snprintf(range, sizeof range, "%" PRIu32, low);
      if (high > low)
        snprintf(range + used, sizeof range - (size_t)used, " to %" PRIu32,
                 high);
      fprintf(out, "  %-26s %10" PRIu32 "\n", range, sizes[bin]);
    }
}

static void print_ops(FILE *out, const op_count *ops, uint32_t num) {
  fprintf(out, "%-28s %10s\n", "operator", "nodes");
  uint32_t rest = 0;
  for (uint32_t i = 0; i < num; ++i)
    if (i < MAX_OPS)
      fprintf(out, "  %-26s %10" PRIu32 "\n", ops[i].name, ops[i].num);
    else
      rest += ops[i].num;
  if (rest)
    fprintf(out, "  %-26s %10" PRIu32 "\n", "others", rest);
}

static void print_line(FILE *out, const char *what, uint32_t value) {
  fprintf(out, "%-28s %10" PRIu32 "\n", what, value);
}

static void print_costs(FILE *out, const eg_problem *p) {
  double least = 0, most = 0;
  uint32_t zero = 0;
  for (uint32_t n = 0; n < p->num_nodes; ++n) {
    double cost = p->costs[n];
    least = n == 0 || cost < least ? cost : least;
    most = n == 0 || cost > most ? cost : most;
    zero += cost == 0;
  }
  fprintf(out, "%-28s %10.6g\n%-28s %10.6g\n", "least cost of a node", least,
          "highest", most);
  print_line(out, "nodes that cost nothing", zero);
}

// Classes that more than one class reads.
static uint32_t count_shared(const eg_problem *p, uint32_t *reader) {
  uint32_t shared = 0;
  memset(reader, 0, p->num_classes * sizeof *reader);
  for (uint32_t c = 0; c < p->num_classes; ++c)
    for (uint32_t i = first_child(p, c); i < first_child(p, c + 1); ++i) {
      uint32_t *by = &reader[p->children[i]];
      if (*by == 0) {
        *by = c + 1;
      } else if (*by != c + 1 && *by != UINT32_MAX) {
        *by = UINT32_MAX;
        ++shared;
      }
    }
  return shared;
}

static void print_all(FILE *out, const eg_serial *serial, uint32_t *words,
                      op_count *ops) {
  const eg_problem *p = eg_serial_problem(serial);
  size_t n = p->num_classes;
  components s = {.order = words,
                  .low = words + n,
                  .at = words + 2 * n,
                  .path = words + 3 * n,
                  .open = words + 4 * n};
  for (uint32_t r = 0; r < p->num_roots; ++r)
    walk(&s, p, p->roots[r]);
  uint32_t reachable = s.num_visited;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    walk(&s, p, c);
  print_line(out, "nodes", p->num_nodes);
  print_line(out, "classes", p->num_classes);
  print_line(out, "roots", p->num_roots);
  print_line(out, "classes below the roots", reachable);
  print_line(out, "children of nodes", p->num_children);
  print_line(out, "classes read by several", count_shared(p, words));
  print_line(out, "classes on cycles", s.num_cyclic);
  print_line(out, "  of them in one component", s.largest);
  print_costs(out, p);
  print_classes(out, p);
  print_ops(out, ops, count_ops(serial, ops));
}

int tool_stats_json(const char *path, const char *text, size_t size,
                    FILE *out) {
  eg_serial *serial;
  eg_error error = {0};
  if (eg_serial_parse(NULL, text, size, &serial, &error) != EG_OK)
    return tool_fail(path, &error);
  const eg_problem *p = eg_serial_problem(serial);
  uint32_t *words = calloc(5 * (size_t)p->num_classes + 1, sizeof *words);
  op_count *ops = calloc((size_t)p->num_nodes + 1, sizeof *ops);
  if (words && ops)
    print_all(out, serial, words, ops);
  else
    fputs("eg: out of memory\n", stderr);
  int code = words && ops ? TOOL_OK : TOOL_FAILED;
  free(words);
  free(ops);
  eg_serial_destroy(serial);
  return code;
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The maths microbenchmark: its rules and terms read into a graph, and the sizes
// that egg reaches after each iteration (egg 0.11.0, SimpleScheduler, no
// analysis; egglog 3.0 agrees on the tables of + and *).
#ifndef MATH_SIZES_H
#define MATH_SIZES_H

#include "eg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct math_size {
  uint64_t nodes, classes, matches; // matches found in this iteration
} math_size;

static const math_size math_sizes[] = {
    {69, 50, 20},
    {118, 71, 64},
    {208, 116, 129},
    {389, 197, 268},
    {784, 361, 627},
    {1576, 666, 1495},
    {3160, 1347, 3453},
    {8113, 3576, 7797},
    {28303, 12445, 23804},
    {136446, 58464, 117203},
    {1047896, 443832, 915328},
    {15987528, 6865583, 15081413},
};
enum { MATH_ITERATIONS = sizeof math_sizes / sizeof *math_sizes };

// The seven start terms' total size once each is as small as it gets.
enum { MATH_BEST_SIZE = 62, MATH_NUM_ROOTS = 7 };

static inline char *math_read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  char *text = calloc(1, 1 << 16);
  size_t size = text ? fread(text, 1, (1 << 16) - 1, file) : 0;
  fclose(file);
  if (size == 0) {
    free(text);
    return NULL;
  }
  return text;
}

static inline eg_status math_add_ops(eg_graph *graph) {
  eg_op op;
  eg_op_desc num = {.name = "num", .has_payload = true, .is_literal = true};
  eg_op_desc var = {.name = "var", .has_payload = true};
  eg_status status = eg_op_add(graph, &num, &op);
  return status == EG_OK ? eg_op_add(graph, &var, &op) : status;
}

typedef struct math_roots {
  eg_class *roots;
  uint32_t num;
} math_roots;

static inline void math_add_root(void *user, const char *name, eg_class term) {
  math_roots *r = (math_roots *)user;
  (void)name;
  if (r->num < MATH_NUM_ROOTS)
    r->roots[r->num] = term;
  ++r->num;
}

// Reads rules, and "start: term" lines into |roots|.
static inline eg_status math_load(eg_graph *graph, const char *text,
                                  eg_rules **out_rules,
                                  eg_class roots[MATH_NUM_ROOTS]) {
  math_roots r = {roots, 0};
  eg_text_options options = {
      .declare = true, .term = math_add_root, .user = &r};
  eg_status status = math_add_ops(graph);
  if (status == EG_OK)
    status = eg_rules_parse(graph, text, options, out_rules);
  return status == EG_OK && r.num != MATH_NUM_ROOTS ? EG_NOT_FOUND : status;
}

#endif

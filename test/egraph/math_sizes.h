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

// Reads "start: term" lines into |roots| and everything else as rules. |text| is
// changed.
static inline eg_status math_load(eg_graph *graph, char *text,
                                  eg_rules **out_rules,
                                  eg_class roots[MATH_NUM_ROOTS]) {
  eg_text_options options = {.declare = true};
  eg_status status = math_add_ops(graph);
  uint32_t num_roots = 0;
  char *terms[MATH_NUM_ROOTS];
  for (char *at = text; (at = strstr(at, "start:"));) {
    char *end = at + strcspn(at, "\n");
    if (num_roots < MATH_NUM_ROOTS) {
      terms[num_roots] = malloc((size_t)(end - at));
      memcpy(terms[num_roots], at + 6, (size_t)(end - at) - 6);
      terms[num_roots++][end - at - 6] = 0;
    }
    memset(at, ' ', (size_t)(end - at));
    at = end;
  }
  if (status == EG_OK)
    status = eg_rules_parse(graph, text, options, out_rules);
  for (uint32_t i = 0; i < num_roots; ++i) {
    if (status == EG_OK)
      status = eg_term_parse(graph, terms[i], options, &roots[i]);
    free(terms[i]);
  }
  return status == EG_OK && num_roots != MATH_NUM_ROOTS ? EG_NOT_FOUND : status;
}

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of libeg share: graphs made in one call, text caught in a
// buffer, random numbers, pools without threads.
#ifndef TEST_EGRAPH_GRAPHS_H
#define TEST_EGRAPH_GRAPHS_H

#include "check.h"
#include "eg.h"

#include <stdlib.h>

// A pool whose caller does one task after the other, whatever it says it has.
static inline void do_in_order(void *user,
                               void (*task)(void *argument, uint32_t index),
                               void *argument, uint32_t num) {
  (void)user;
  for (uint32_t i = 0; i < num; ++i)
    task(argument, i);
}

static inline void do_backwards(void *user,
                                void (*task)(void *argument, uint32_t index),
                                void *argument, uint32_t num) {
  (void)user;
  while (num--)
    task(argument, num);
}

static inline eg_pool pool_in_order(uint32_t num_threads) {
  return (eg_pool){num_threads, do_in_order, NULL};
}

static inline eg_pool pool_backwards(uint32_t num_threads) {
  return (eg_pool){num_threads, do_backwards, NULL};
}

// splitmix64: the seed is the state.
static inline uint64_t random_next(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline uint32_t random_below(uint64_t *state, uint32_t bound) {
  return (uint32_t)(random_next(state) % bound);
}

static inline eg_graph *new_graph(void) {
  eg_allocator memory = eg_allocator_default();
  eg_graph *graph = NULL;
  CHECK_EQ(eg_graph_create(&memory, &graph), EG_OK);
  return graph;
}

static inline eg_op new_op(eg_graph *graph, const char *name,
                           uint32_t num_children) {
  eg_op op = {0};
  eg_op_desc desc = {.name = name, .num_children = num_children};
  CHECK_EQ(eg_op_add(graph, &desc, &op), EG_OK);
  return op;
}

// Parses a term, declaring what is new; {0} and a failed check otherwise.
static inline eg_class term(eg_graph *graph, const char *text) {
  eg_class id = {0};
  eg_status status =
      eg_term_parse(graph, text, (eg_text_options){.declare = true}, &id);
  if (status != EG_OK)
    printf("  %s: %s\n", text, eg_graph_error(graph)->text);
  CHECK_EQ(status, EG_OK);
  return id;
}

// Rules from text, declaring what is new; NULL and a failed check otherwise.
static inline eg_rules *rules_of(eg_graph *graph, const char *text) {
  eg_rules *rules = NULL;
  eg_status status =
      eg_rules_parse(graph, text, (eg_text_options){.declare = true}, &rules);
  if (status != EG_OK)
    printf("  %s: %s\n", text, eg_graph_error(graph)->text);
  CHECK_EQ(status, EG_OK);
  return rules;
}

static inline void unite(eg_graph *graph, eg_class a, eg_class b) {
  CHECK_EQ(eg_union(graph, a, b, NULL), EG_OK);
}

static inline void rebuild(eg_graph *graph) {
  CHECK_EQ(eg_rebuild(graph), EG_OK);
  eg_status status = eg_check(graph);
  if (status != EG_OK)
    printf("  eg_check: %s\n", eg_graph_error(graph)->text);
  CHECK_EQ(status, EG_OK);
}

typedef struct text_buffer {
  char *data;
  size_t num, cap;
  size_t refuse_at; // refuse what goes beyond; 0 = never
} text_buffer;

static inline bool buffer_write(void *user, const char *text, size_t size) {
  text_buffer *b = user;
  if (b->refuse_at && b->num + size > b->refuse_at)
    return false;
  if (b->num + size + 1 > b->cap) {
    b->cap = 2 * (b->num + size + 1);
    b->data = realloc(b->data, b->cap);
    if (!b->data)
      return false;
  }
  memcpy(b->data + b->num, text, size);
  b->num += size;
  b->data[b->num] = '\0';
  return true;
}

static inline eg_writer buffer_writer(text_buffer *buffer) {
  return (eg_writer){buffer_write, buffer};
}

// The smallest term of a class as text, which the caller frees; the error's
// text if there is none.
static inline char *smallest(eg_graph *graph, eg_class id) {
  eg_choice *choice = NULL;
  eg_cost cost = eg_cost_size();
  text_buffer buffer = {0};
  CHECK_EQ(eg_extract_tree(graph, &cost, &choice), EG_OK);
  if (eg_write_term(graph, choice, id, buffer_writer(&buffer)) != EG_OK) {
    const char *error = eg_graph_error(graph)->text;
    buffer_write(&buffer, error, strlen(error));
  }
  eg_choice_destroy(choice);
  return buffer.data;
}

#endif

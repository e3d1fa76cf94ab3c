// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A million levels, a million children, on a stack of 64 KiB: nothing in libeg
// recurses over a term or a graph.
#define _POSIX_C_SOURCE 200809L
#include "graphs.h"

#include <pthread.h>

enum { MILLION = 1000000 };

static const eg_text_options declare = {.declare = true};

// (f (f … leaf)) with |levels| times f.
static char *chain_text(uint32_t levels, const char *leaf) {
  size_t len = strlen(leaf);
  char *text = malloc(4 * (size_t)levels + len + 1), *at = text;
  if (!text)
    return NULL;
  for (uint32_t i = 0; i < levels; ++i, at += 3)
    memcpy(at, "(f ", 3);
  memcpy(at, leaf, len);
  memset(at + len, ')', levels);
  at[len + levels] = '\0';
  return text;
}

static bool count_bytes(void *user, const char *text, size_t size) {
  (void)text;
  *(size_t *)user += size;
  return true;
}

// Extracts |root| by size, checks the choice, prints it, reads it back.
static void round_trip(eg_graph *graph, eg_class root, double size, double dag,
                       const char *want) {
  eg_choice *choice = NULL;
  eg_cost cost = eg_cost_size();
  eg_choice_totals totals = {0};
  CHECK_EQ(eg_extract_tree(graph, &cost, &choice), EG_OK);
  const double *got = eg_choice_cost(choice, root);
  CHECK(got && *got == size);
  CHECK_EQ(eg_choice_check(graph, choice, &root, 1, NULL, &totals), EG_OK);
  CHECK(totals.tree == size && totals.dag == dag);
  text_buffer text = {0};
  CHECK_EQ(eg_write_term(graph, choice, root, buffer_writer(&text)), EG_OK);
  CHECK(text.num == strlen(want) && memcmp(text.data, want, text.num) == 0);
  uint64_t nodes = eg_num_nodes(graph);
  eg_class again = {0};
  CHECK_EQ(eg_term_parse(graph, text.data, declare, &again), EG_OK);
  CHECK_EQ(again.id, eg_find(graph, root).id);
  CHECK_EQ(eg_num_nodes(graph), nodes);
  free(text.data);
  size_t dot = 0;
  CHECK_EQ(eg_write_dot(graph, choice, (eg_writer){count_bytes, &dot}), EG_OK);
  CHECK(dot > MILLION);
  cost = eg_cost_depth();
  eg_choice_destroy(choice);
  CHECK_EQ(eg_extract_tree(graph, &cost, &choice), EG_OK);
  eg_choice_destroy(choice);
}

// Two chains; their leaves become equal, and so do all levels above.
static void *deep(void *user) {
  eg_graph *g = new_graph();
  char *over_x = chain_text(MILLION, "x"), *over_y = chain_text(MILLION, "y");
  if (!over_x || !over_y)
    return NULL;
  eg_class x = term(g, "x"), y = term(g, "y");
  eg_class top_x = term(g, over_x), top_y = term(g, over_y);
  CHECK_EQ(eg_num_nodes(g), 2 * MILLION + 2);
  rebuild(g);
  CHECK(eg_find(g, top_x).id != eg_find(g, top_y).id);
  unite(g, x, y);
  rebuild(g);
  CHECK_EQ(eg_find(g, top_x).id, eg_find(g, top_y).id);
  CHECK_EQ(eg_num_nodes(g), MILLION + 2);
  CHECK_EQ(eg_num_classes(g), MILLION + 1);
  round_trip(g, top_y, MILLION + 1, MILLION + 1, over_x);
  unite(g, x, top_x); // The whole chain is one class now, and f a loop in it.
  rebuild(g);
  CHECK_EQ(eg_num_classes(g), MILLION);
  free(over_x);
  free(over_y);
  eg_graph_destroy(g);
  return user;
}

// As text: (sum 0 1 2 …).
static char *wide_text(uint32_t num) {
  char *text = malloc(8 * (size_t)num + 16), *at = text;
  if (!text)
    return NULL;
  at += sprintf(at, "(sum");
  for (uint32_t i = 0; i < num; ++i)
    at += sprintf(at, " %" PRIu32, i);
  memcpy(at, ")", 2);
  return text;
}

static void *wide(void *user) {
  eg_graph *g = new_graph();
  new_op(g, "sum", EG_VARIADIC);
  new_op(g, "f", 1);
  eg_op_desc desc = {.name = "num", .has_payload = true, .is_literal = true};
  eg_op num;
  CHECK_EQ(eg_op_add(g, &desc, &num), EG_OK);
  char *text = wide_text(MILLION);
  if (!text)
    return NULL;
  eg_class root = term(g, text);
  rebuild(g);
  CHECK_EQ(eg_num_nodes(g), MILLION + 1);
  round_trip(g, root, MILLION + 1, MILLION + 1, text);
  // 999998 becomes 999999, and the sum is another node.
  unite(g, term(g, "999998"), term(g, "999999"));
  rebuild(g);
  char *last = strstr(text, "999998");
  CHECK(last != NULL);
  if (last)
    memcpy(last, "999999", 6);
  eg_class other = {0};
  CHECK_EQ(eg_term_parse(g, text, declare, &other), EG_OK);
  CHECK_EQ(eg_find(g, other).id, eg_find(g, root).id);
  CHECK_EQ(eg_num_nodes(g), MILLION + 1);
  // A sum over a sum over …: wide and cyclic.
  unite(g, root, term(g, "0"));
  rebuild(g);
  CHECK_EQ(eg_num_nodes(g), MILLION + 1);
  free(text);
  eg_graph_destroy(g);
  return user;
}

static void on_small_stack(void *(*run)(void *)) {
  pthread_attr_t attr;
  pthread_t thread;
  size_t stack = 64 * 1024;
#ifdef __SANITIZE_ADDRESS__
  stack *= 4; // Its frames are several times as large.
#endif
  CHECK_EQ(pthread_attr_init(&attr), 0);
  CHECK_EQ(pthread_attr_setstacksize(&attr, stack), 0);
  CHECK_EQ(pthread_create(&thread, &attr, run, NULL), 0);
  CHECK_EQ(pthread_join(thread, NULL), 0);
  pthread_attr_destroy(&attr);
}

CHECK_TEST(a_million_levels) {
  on_small_stack(deep);
}

CHECK_TEST(a_million_children) {
  on_small_stack(wide);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The k cheapest terms against lists that are recomputed until they are stable.
#include "problems.h"

enum { K = 6 };

static void insert(double *list, double cost) {
  for (uint32_t i = 0; i < K; ++i)
    if (cost < list[i]) {
      double old = list[i];
      list[i] = cost;
      cost = old;
    }
}

// The K least costs of a node's terms, given those of all classes.
static void add_node(const eg_problem *p, uint32_t n, double (*of)[K],
                     double *into) {
  uint32_t first = p->first_child[n], num = p->first_child[n + 1] - first;
  uint32_t ranks[8] = {0};
  for (;;) {
    double cost = p->costs[n];
    for (uint32_t i = 0; i < num; ++i)
      cost += of[p->children[first + i]][ranks[i]];
    insert(into, cost);
    uint32_t i = 0;
    while (i < num && ++ranks[i] == K)
      ranks[i++] = 0;
    if (i == num)
      return;
  }
}

static void naive(const eg_problem *p, double (*lists)[K]) {
  static double next[MAX_CLASSES][K];
  for (uint32_t c = 0; c < p->num_classes; ++c)
    for (uint32_t i = 0; i < K; ++i)
      lists[c][i] = INFINITY;
  for (bool changed = true; changed;) {
    for (uint32_t c = 0; c < p->num_classes; ++c) {
      for (uint32_t i = 0; i < K; ++i)
        next[c][i] = INFINITY;
      for (uint32_t n = p->first_node[c]; n < p->first_node[c + 1]; ++n)
        add_node(p, n, lists, next[c]);
    }
    changed = memcmp(lists, next, p->num_classes * sizeof *lists) != 0;
    memcpy(lists, next, p->num_classes * sizeof *lists);
  }
}

static const char *number(void *user, uint32_t node) {
  sprintf(user, "%u", node);
  return user;
}

static char *text_of(const eg_terms *terms, uint32_t term) {
  char name[16];
  text_buffer b = {0};
  CHECK_EQ(eg_terms_write(terms, term, number, name, buffer_writer(&b)), EG_OK);
  return b.data;
}

CHECK_TEST(the_cheapest_terms_are_found_and_distinct) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    small_problem s;
    small_make(&s, (small_shape){6, 3, 2, 1, 5, 6, false, 0}, seed);
    for (uint32_t n = 0; n < s.p.num_nodes; ++n)
      s.costs[n] += 1; // with free circles there is no end of cheap terms
    static double lists[MAX_CLASSES][K];
    naive(&s.p, lists);
    eg_terms *terms;
    eg_status status = eg_terms_create(NULL, &s.p, 0, K, &terms, NULL);
    CHECK_EQ(status, lists[0][0] < INFINITY ? EG_OK : EG_INFEASIBLE);
    if (status != EG_OK)
      continue;
    char *texts[K];
    uint32_t num = eg_terms_count(terms);
    for (uint32_t i = 0; i < num; ++i) {
      CHECK(eg_terms_cost(terms, i) == lists[0][i]);
      texts[i] = text_of(terms, i);
      for (uint32_t k = 0; k < i; ++k)
        CHECK(strcmp(texts[i], texts[k]) != 0);
    }
    CHECK(num == K || lists[0][num] == INFINITY);
    for (uint32_t i = 0; i < num; ++i)
      free(texts[i]);
    eg_terms_destroy(terms);
  }
}

// x = a | f(x): each term is one f deeper, and the circle is no trouble.
CHECK_TEST(a_circle_gives_ever_deeper_terms) {
  small_problem s = {.children = {0},
                     .first_node = {0, 2},
                     .first_child = {0, 0, 1},
                     .costs = {1, 0}};
  s.p = (eg_problem){.num_classes = 1, .num_nodes = 2, .num_children = 1};
  small_bind(&s);
  eg_terms *terms;
  CHECK_EQ(eg_terms_create(NULL, &s.p, 0, 4, &terms, NULL), EG_OK);
  CHECK_EQ(eg_terms_count(terms), 4);
  char *deepest = text_of(terms, 3);
  CHECK_STR(deepest, "(1 (1 (1 0)))");
  CHECK(eg_terms_cost(terms, 3) == 1);
  free(deepest);
  eg_terms_destroy(terms);
  eg_error error;
  s.costs[1] = -1;
  CHECK_EQ(eg_terms_create(NULL, &s.p, 0, 4, &terms, &error), EG_INVALID);
  CHECK_STR(error.text, "the cheapest terms need costs of 0 or more");
  CHECK_EQ(eg_terms_create(NULL, &s.p, 1, 4, &terms, &error), EG_INVALID);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

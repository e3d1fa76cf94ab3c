// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg_push and eg_pop: after a pop everything that can be seen of the graph is
// as it was, and whatever follows goes as if nothing had been in between; the
// work of a pop is that of the changes.
#include "graphs.h"
#include "internal.h"

//===-- A graph to change -------------------------------------------------===//

typedef struct fixture {
  eg_allocator memory;
  eg_graph *graph;
  eg_rules *rules;
  uint32_t size_id;
  uint32_t one_in; // allocations fail one in so many; 0 = never
  uint64_t random; // of the allocator
  uint64_t failed; // allocations
  int num_names;   // operators and payloads that were registered later
} fixture;

static void *flaky_resize(void *user, void *block, size_t old_size,
                          size_t new_size) {
  fixture *f = user;
  (void)old_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  if (f->one_in && random_below(&f->random, f->one_in) == 0) {
    ++f->failed;
    return NULL;
  }
  return realloc(block, new_size);
}

// The least number of nodes of a term; and a class of size 3 equals b.
static eg_status size_make(void *user, eg_graph *graph, eg_node node,
                           void *out_value) {
  const fixture *f = user;
  uint32_t num;
  double size = 1;
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    size += *(const double *)eg_class_value(graph, f->size_id, children[i]);
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
  *a = b < *a ? b : *a;
  return EG_OK;
}

static eg_status size_modify(void *user, eg_graph *graph, eg_class id) {
  const fixture *f = user;
  eg_class b;
  if (*(const double *)eg_class_value(graph, f->size_id, id) != 3 ||
      eg_class_sort(graph, id).id != 0)
    return EG_OK;
  eg_status status = eg_add(graph, (eg_op){1}, (eg_payload){0}, NULL, 0, &b);
  return status == EG_OK ? eg_union(graph, id, b, NULL) : status;
}

static const char rules_text[] =
    "comm: (+ ?x ?y) => (+ ?y ?x)\n"
    "assoc: (+ ?x (+ ?y ?z)) <=> (+ (+ ?x ?y) ?z)\n"
    "idem: (+ ?x ?x) => ?x\n"
    "quad: (quad ?x ?y ?x ?z) => (sum ?z ?y ?x)\n"
    "sum: (sum ?x ?y) => (+ ?x ?y)\n"
    "f: (f (f ?x)) => (quad ?x a ?x b)\n";

static void begin(fixture *f, bool analysis) {
  static const eg_op_desc ops[] = {
      {.name = "a"},
      {.name = "b"},
      {.name = "num", .has_payload = true, .is_literal = true},
      {.name = "f", .num_children = 1},
      {.name = "+", .num_children = 2},
      {.name = "quad", .num_children = 4},
      {.name = "sum", .num_children = EG_VARIADIC},
      {.name = "tag", .num_children = 3, .has_payload = true},
  };
  *f = (fixture){.memory = {flaky_resize, f}};
  CHECK_EQ(eg_graph_create(&f->memory, &f->graph), EG_OK);
  if (analysis) {
    eg_analysis size = {"size",    sizeof(double), f,
                        size_make, size_merge,     size_modify};
    CHECK_EQ(eg_analysis_add(f->graph, &size, &f->size_id), EG_OK);
  }
  for (size_t i = 0; i < sizeof ops / sizeof *ops; ++i) {
    eg_op op;
    CHECK_EQ(eg_op_add(f->graph, &ops[i], &op), EG_OK);
  }
  CHECK_EQ(
      eg_rules_parse(f->graph, rules_text, (eg_text_options){0}, &f->rules),
      EG_OK);
}

static void end(fixture *f) {
  eg_rules_destroy(f->rules);
  eg_graph_destroy(f->graph);
}

//===-- All that can be seen ----------------------------------------------===//

static void put(text_buffer *out, const char *name, uint64_t value) {
  char text[64];
  int len = snprintf(text, sizeof text, "%s%" PRIu64, name, value);
  CHECK(buffer_write(out, text, (size_t)len));
}

static void dump_node(const eg_graph *g, eg_node node, text_buffer *out) {
  uint32_t num;
  put(out, " n", node.id);
  put(out, ":", eg_node_op(g, node).id);
  put(out, "/", eg_node_payload(g, node).id);
  put(out, "@", eg_node_class(g, node).id);
  const eg_class *children = eg_node_children(g, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    put(out, ",", children[i].id);
}

static void dump_class(const fixture *f, eg_class id, text_buffer *out) {
  const eg_graph *g = f->graph;
  uint32_t num;
  put(out, "\nc", id.id);
  put(out, "=", eg_find(g, id).id);
  put(out, " sort ", eg_class_sort(g, id).id);
  if (eg_find(g, id).id != id.id)
    return;
  if (g->num_analyses)
    put(out, " size ",
        (uint64_t)*(const double *)eg_class_value(g, f->size_id, id));
  const eg_node *nodes = eg_class_nodes(g, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    dump_node(g, nodes[i], out);
  nodes = eg_class_parents(g, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    put(out, " p", nodes[i].id);
}

static void dump_registry(const eg_graph *g, text_buffer *out) {
  for (uint16_t i = 0; i < eg_num_ops(g); ++i) {
    eg_op op;
    const char *name = eg_op_name(g, (eg_op){i});
    CHECK(eg_op_find(g, name, &op) == EG_OK && op.id == i);
    put(out, name, eg_op_num_nodes(g, op));
    put(out, " sort ", eg_op_sort(g, op).id);
  }
  for (uint32_t i = 1; i < g->payloads.num; ++i) {
    size_t size;
    const char *bytes = eg_payload_bytes(g, (eg_payload){i}, &size);
    CHECK(buffer_write(out, " ", 1) && buffer_write(out, bytes, size));
  }
  put(out, " sorts ", g->sorts.num);
}

static char *dump(const fixture *f) {
  text_buffer out = {0};
  put(&out, "nodes ", eg_num_nodes(f->graph));
  put(&out, " classes ", eg_num_classes(f->graph));
  dump_registry(f->graph, &out);
  for (uint32_t id = 1; id < f->graph->classes.num; ++id)
    dump_class(f, (eg_class){id}, &out);
  return out.data;
}

//===-- Random calls ------------------------------------------------------===//

static eg_class any_class(const fixture *f, uint64_t *random) {
  uint32_t num = (uint32_t)f->graph->classes.num;
  return (eg_class){num > 1 ? 1 + random_below(random, num - 1) : 0};
}

static eg_status random_add(fixture *f, uint64_t *random) {
  eg_class children[5], id;
  eg_op op = {(uint16_t)random_below(random, eg_num_ops(f->graph))};
  uint32_t num = eg_op_num_children(f->graph, op);
  uint32_t length = random_below(random, 6), digit = random_below(random, 12);
  if (num == EG_VARIADIC)
    num = length > 5 ? 5 : length;
  for (uint32_t i = 0; i < num; ++i)
    children[i] = any_class(f, random);
  eg_payload payload = {0};
  if (eg_op_has_payload(f->graph, op)) {
    char text[8];
    int len = snprintf(text, sizeof text, "%" PRIu32, digit);
    eg_status status = eg_payload_intern(f->graph, text, (size_t)len, &payload);
    if (status != EG_OK)
      return status;
  }
  eg_status status = eg_add(f->graph, op, payload, children, num, &id);
  return status == EG_INVALID ? EG_OK : status; // of another sort
}

static eg_status random_name(fixture *f, uint64_t *random) {
  char name[16];
  eg_sort sort;
  eg_op op;
  snprintf(name, sizeof name, "op%d", f->num_names++);
  if (random_below(random, 4) == 0)
    return eg_sort_add(f->graph, name, &sort);
  eg_op_desc desc = {.name = name, .num_children = random_below(random, 3)};
  return eg_op_add(f->graph, &desc, &op);
}

static eg_status random_run(fixture *f) {
  eg_limits limits = eg_limits_default();
  eg_report report;
  limits.rounds = 2;
  limits.nodes = eg_num_nodes(f->graph) + 200;
  return eg_run(f->graph, f->rules, &limits, &report);
}

static eg_status random_call(fixture *f, uint64_t *random) {
  uint32_t kind = random_below(random, 100);
  if (kind < 60)
    return random_add(f, random);
  if (kind < 85) {
    eg_class a = any_class(f, random), b = any_class(f, random);
    if (!a.id || eg_class_sort(f->graph, a).id != eg_class_sort(f->graph, b).id)
      return EG_OK;
    return eg_union(f->graph, a, b, NULL);
  }
  if (kind < 92)
    return eg_rebuild(f->graph);
  if (kind < 96)
    return random_name(f, random);
  return random_run(f);
}

static void random_calls(fixture *f, uint64_t *random, uint32_t num) {
  for (uint32_t i = 0; i < num; ++i) {
    eg_status status = random_call(f, random);
    CHECK(status == EG_OK || (status == EG_NO_MEMORY && f->failed));
    if (status != EG_OK && !f->failed)
      printf("  %s\n", eg_graph_error(f->graph)->text);
  }
}

static void expect_sound(fixture *f) {
  eg_status status = eg_check(f->graph);
  CHECK_EQ(status, EG_OK);
  if (status != EG_OK)
    printf("  eg_check: %s\n", eg_graph_error(f->graph)->text);
}

// Changes the graph inside a level, with levels inside it.
static void excursion(fixture *f, uint64_t *random, uint32_t one_in,
                      int depth) {
  char *before = dump(f);
  int num_names = f->num_names;
  CHECK_EQ(eg_push(f->graph), EG_OK);
  f->one_in = one_in;
  for (uint32_t part = 0; part < 3; ++part) {
    random_calls(f, random, random_below(random, 40));
    f->one_in = 0;
    if (depth < 3 && random_below(random, 2)) {
      CHECK_EQ(eg_rebuild(f->graph), EG_OK);
      expect_sound(f);
      excursion(f, random, one_in, depth + 1);
      expect_sound(f);
    }
    f->one_in = one_in;
  }
  f->one_in = 1; // a pop needs no memory
  CHECK_EQ(eg_pop(f->graph), EG_OK);
  f->one_in = 0;
  f->num_names = num_names;
  char *after = dump(f);
  CHECK(eg_is_clean(f->graph));
  CHECK_STR(after, before);
  CHECK_EQ(eg_depth(f->graph), depth);
  free(before);
  free(after);
}

// The graph after an excursion, against one that never went.
static void compare_runs(uint64_t seed, uint32_t one_in) {
  fixture f, stay;
  begin(&f, seed & 1);
  begin(&stay, seed & 1);
  uint64_t one = seed, other = seed, away = seed + 1000;
  f.random = seed;
  for (int i = 0; i < 3; ++i) {
    random_calls(&f, &one, 60);
    random_calls(&stay, &other, 60);
    CHECK_EQ(eg_rebuild(f.graph), EG_OK);
    CHECK_EQ(eg_rebuild(stay.graph), EG_OK);
    excursion(&f, &away, one_in, 0);
    expect_sound(&f);
  }
  random_calls(&f, &one, 100);
  random_calls(&stay, &other, 100);
  CHECK_EQ(eg_rebuild(f.graph), EG_OK);
  CHECK_EQ(eg_rebuild(stay.graph), EG_OK);
  expect_sound(&f);
  char *a = dump(&f), *b = dump(&stay);
  CHECK_STR(a, b);
  CHECK(one_in == 0 || f.failed > 0);
  free(a);
  free(b);
  end(&f);
  end(&stay);
}

static void compare_seeds(uint64_t first, uint64_t num, uint32_t one_in) {
  int before = check_failures;
  for (uint64_t seed = first; seed < first + num && check_failures == before;
       ++seed) {
    compare_runs(seed, one_in);
    if (check_failures != before)
      printf("  seed %" PRIu64 "\n", seed);
  }
}

CHECK_TEST(a_pop_leaves_no_trace) {
  compare_seeds(1, 60, 0);
}

CHECK_TEST(a_pop_leaves_no_trace_of_failed_calls) {
  compare_seeds(1001, 60, 7);
}

//===-- Work --------------------------------------------------------------===//

// The work of a pop after the same few changes to a graph of |num| nodes.
static uint64_t pop_work(uint32_t num) {
  fixture f;
  begin(&f, false);
  eg_class hub, id, last = {0};
  eg_op unary = {3}, add = {4};
  CHECK_EQ(eg_add(f.graph, (eg_op){0}, (eg_payload){0}, NULL, 0, &hub), EG_OK);
  last = hub;
  for (uint32_t i = 0; i < num; ++i) { // every node is a parent of the hub
    eg_class children[] = {hub, last};
    CHECK_EQ(eg_add(f.graph, add, (eg_payload){0}, children, 2, &last), EG_OK);
  }
  CHECK_EQ(eg_rebuild(f.graph), EG_OK);
  uint64_t nodes = eg_num_nodes(f.graph);
  CHECK_EQ(eg_push(f.graph), EG_OK);
  for (int i = 0; i < 10; ++i) {
    CHECK_EQ(eg_add(f.graph, unary, (eg_payload){0}, &last, 1, &id), EG_OK);
    eg_class children[] = {hub, id};
    CHECK_EQ(eg_add(f.graph, add, (eg_payload){0}, children, 2, &last), EG_OK);
  }
  CHECK_EQ(eg_union(f.graph, id, last, NULL), EG_OK);
  CHECK_EQ(eg_rebuild(f.graph), EG_OK);
  CHECK_EQ(eg_pop(f.graph), EG_OK);
  CHECK_EQ(eg_num_nodes(f.graph), nodes);
  uint64_t work = f.graph->undo.work;
  CHECK_EQ(f.graph->undo.log.cap, 0);
  end(&f);
  return work;
}

CHECK_TEST(the_work_of_a_pop_is_that_of_the_changes) {
  uint64_t small = pop_work(300), large = pop_work(300000);
  CHECK_EQ(small, large);
  CHECK(small > 20 && small < 400);
  printf("  %" PRIu64 " words undone, whatever the graph\n", small);
}

//===-- Misuse ------------------------------------------------------------===//

CHECK_TEST(a_pop_needs_a_push) {
  fixture f;
  begin(&f, false);
  CHECK_EQ(eg_pop(f.graph), EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "eg_pop without an eg_push");
  end(&f);
}

CHECK_TEST(a_push_needs_a_clean_graph) {
  fixture f;
  begin(&f, false);
  unite(f.graph, term(f.graph, "a"), term(f.graph, "b"));
  CHECK_EQ(eg_push(f.graph), EG_INVALID);
  CHECK_STR(eg_graph_error(f.graph)->text, "push before eg_rebuild");
  CHECK_EQ(eg_depth(f.graph), 0);
  end(&f);
}

CHECK_TEST(rules_of_a_popped_level_are_refused) {
  fixture f;
  begin(&f, false);
  eg_rules *rules;
  eg_report report;
  eg_limits limits = eg_limits_default();
  uint64_t num;
  CHECK_EQ(eg_push(f.graph), EG_OK);
  CHECK_EQ(eg_rules_parse(f.graph, "r: (new ?x) => ?x",
                          (eg_text_options){.declare = true}, &rules),
           EG_OK);
  CHECK_EQ(eg_run(f.graph, rules, &limits, &report), EG_OK);
  CHECK_EQ(eg_pop(f.graph), EG_OK);
  CHECK_EQ(eg_run(f.graph, rules, &limits, &report), EG_INVALID);
  CHECK_EQ(eg_rule_search(rules, 0, NULL, NULL, &num), EG_INVALID);
  CHECK_EQ(eg_run(f.graph, f.rules, &limits, &report), EG_OK);
  eg_rules_destroy(rules);
  end(&f);
}

static eg_status pop_inside(void *user, eg_graph *graph, const eg_match *match,
                            eg_class *out_equal) {
  (void)match, (void)out_equal;
  *(eg_status *)user = eg_pop(graph);
  return eg_push(graph);
}

CHECK_TEST(callbacks_cannot_push_or_pop) {
  fixture f;
  begin(&f, false);
  eg_rules *rules;
  eg_report report;
  eg_limits limits = eg_limits_default();
  eg_status popped = EG_OK;
  eg_rule_desc desc = {
      .name = "r", .lhs = "(f ?x)", .apply = pop_inside, .user = &popped};
  term(f.graph, "(f a)");
  CHECK_EQ(eg_rules_create(f.graph, &rules), EG_OK);
  CHECK_EQ(eg_rules_add(rules, &desc), EG_OK);
  CHECK_EQ(eg_push(f.graph), EG_OK);
  CHECK_EQ(eg_run(f.graph, rules, &limits, &report), EG_INVALID);
  CHECK_EQ(popped, EG_INVALID);
  CHECK_EQ(eg_depth(f.graph), 1);
  CHECK_EQ(eg_pop(f.graph), EG_OK);
  eg_rules_destroy(rules);
  end(&f);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fuzzes sequences of operations: a byte says what to do, the next ones with
// what. No sequence of valid calls may fail or break an invariant, and a pop
// goes back to the sizes there were at its push.
#include "eg.h"
#include "fuzz.h"

enum { MAX_IDS = 64, MAX_DEPTH = 4, NUM_OPS = 5 };

typedef struct level {
  uint64_t nodes, classes;
  uint32_t num_ids;
} level;

typedef struct machine {
  eg_graph *graph;
  eg_op ops[NUM_OPS]; // of 0, 1, 2, any and 4 children
  eg_rules *rules;
  eg_class ids[MAX_IDS];
  uint32_t num_ids;
  level levels[MAX_DEPTH];
  uint32_t depth;
  const uint8_t *at, *end;
} machine;

static uint8_t take(machine *m) {
  return m->at < m->end ? *m->at++ : 0;
}

static void must(machine *m, eg_status status, const char *what) {
  fuzz_require(status == EG_OK, what, eg_graph_error(m->graph)->text);
}

static eg_class some_id(machine *m) {
  return m->ids[take(m) % m->num_ids];
}

static void keep(machine *m, eg_class id) {
  if (m->num_ids < MAX_IDS)
    m->ids[m->num_ids++] = id;
}

static void add(machine *m, uint32_t op) {
  static const uint8_t counts[NUM_OPS] = {0, 1, 2, 0, 4};
  eg_class children[8], id;
  eg_payload payload = {0};
  uint32_t num = op == 3 ? take(m) % 8 : counts[op];
  uint8_t value = op == 0 ? take(m) % 8 : 0;
  for (uint32_t i = 0; i < num; ++i)
    children[i] = some_id(m);
  if (op == 0)
    must(m, eg_payload_intern(m->graph, &value, 1, &payload), "intern");
  must(m, eg_add(m->graph, m->ops[op], payload, children, num, &id), "add");
  keep(m, id);
}

static void rebuild(machine *m) {
  must(m, eg_rebuild(m->graph), "rebuild");
  must(m, eg_check(m->graph), "check");
}

static void push(machine *m) {
  if (m->depth == MAX_DEPTH)
    return;
  must(m, eg_rebuild(m->graph), "rebuild");
  must(m, eg_push(m->graph), "push");
  m->levels[m->depth++] =
      (level){eg_num_nodes(m->graph), eg_num_classes(m->graph), m->num_ids};
}

static void pop(machine *m) {
  if (m->depth == 0)
    return;
  must(m, eg_pop(m->graph), "pop");
  level was = m->levels[--m->depth];
  m->num_ids = was.num_ids;
  fuzz_require(eg_num_nodes(m->graph) == was.nodes &&
                   eg_num_classes(m->graph) == was.classes,
               "pop", "other sizes than at the push");
  must(m, eg_check(m->graph), "check");
}

static void run(machine *m) {
  eg_limits limits = eg_limits_none();
  limits.nodes = 400;
  limits.rounds = 1 + take(m) % 3u;
  limits.matches = 500;
  eg_report report;
  must(m, eg_run(m->graph, m->rules, &limits, &report), "run");
  must(m, eg_check(m->graph), "check");
}

static void subsume(machine *m) {
  must(m, eg_rebuild(m->graph), "rebuild");
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(m->graph, some_id(m), &num);
  must(m, eg_subsume(m->graph, nodes[take(m) % num]), "subsume");
}

static void step(machine *m) {
  uint8_t what = take(m) % 12;
  bool changed;
  switch (what) {
  case 5:
  case 6:
    must(m, eg_union(m->graph, some_id(m), some_id(m), &changed), "union");
    break;
  case 7:
    rebuild(m);
    break;
  case 8:
    push(m);
    break;
  case 9:
    pop(m);
    break;
  case 10:
    run(m);
    break;
  case 11:
    subsume(m);
    break;
  default:
    add(m, what);
  }
}

static bool set_up(machine *m) {
  static const char rules[] = "a: (b ?x ?y) => (b ?y ?x)\n"
                              "b: (b ?x (b ?y ?z)) => (b (b ?x ?y) ?z)\n"
                              "c: (u (u ?x)) => ?x\n"
                              "d: (q ?x ?x ?y ?z) => (v ?x ?y ?z)\n"
                              "e: (u ?x), (b ?x ?y) => (q ?x ?y ?y ?x)";
  static const struct {
    const char *name;
    uint32_t num_children;
  } ops[NUM_OPS] = {
      {"leaf", 0}, {"u", 1}, {"b", 2}, {"v", EG_VARIADIC}, {"q", 4}};
  for (int i = 0; i < NUM_OPS; ++i) {
    eg_op_desc desc = {.name = ops[i].name,
                       .num_children = ops[i].num_children,
                       .has_payload = i == 0};
    if (eg_op_add(m->graph, &desc, &m->ops[i]) != EG_OK)
      return false;
  }
  return eg_rules_parse(m->graph, rules, (eg_text_options){0}, &m->rules) ==
         EG_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  machine m = {.at = data, .end = data + (size < 400 ? size : 400)};
  eg_allocator memory = eg_allocator_default();
  if (eg_graph_create(&memory, &m.graph) != EG_OK)
    return 0;
  if (set_up(&m)) {
    add(&m, 0);
    while (m.at < m.end)
      step(&m);
    while (m.depth)
      pop(&m);
    rebuild(&m);
  }
  eg_rules_destroy(m.rules);
  eg_graph_destroy(m.graph);
  return 0;
}

FUZZ_UNUSED static const char *const seeds[] = {
    "\x0c\x01\x0c\x02\x02\x01\x02\x02\x03\x01\x05\x01\x02\x07\x0a\x01",
    "\x0c\x01\x0c\x02\x01\x01\x01\x03\x08\x05\x03\x01\x07\x02\x04\x02\x0a\x02"
    "\x09",
    "\x0c\x01\x0c\x02\x0c\x03\x04\x01\x01\x02\x03\x03\x03\x01\x02\x03\x0a\x01"
    "\x08"
    "\x05\x01\x02\x08\x06\x02\x03\x07\x0a\x01\x09\x0b\x04\x01\x0a\x02\x09",
    "\x0c\x01\x02\x01\x01\x02\x02\x01\x0b\x02\x01\x05\x01\x02\x08\x0b\x03\x01"
    "\x09"
    "\x0a\x02",
};
FUZZ_UNUSED static const char pieces[] =
    "\x01\x01 \x02\x01\x02 \x03\x05\x01\x02\x03\x04\x05 \x05\x01\x02 "
    "\x06\x03\x05 "
    "\x07 \x08 \x09 \x0a\x01 \x0b\x02\x01 \x0c\x05 \x04\x01\x01\x02\x03";

FUZZ_MAIN(seeds, pieces, 4000)

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules and queries of several patterns: against a nested loop over all nodes,
// and by what they derive.
#include "graphs.h"

static const eg_text_options declare = {.declare = true};

static eg_query *query(eg_graph *g, const char *text) {
  eg_query *q = NULL;
  eg_status status = eg_query_parse(g, text, declare, &q);
  if (status != EG_OK)
    printf("  %s: %s\n", text, eg_graph_error(g)->text);
  CHECK_EQ(status, EG_OK);
  return q;
}

static eg_report run(eg_graph *g, const eg_rules *rules) {
  eg_report report = {0};
  eg_limits limits = eg_limits_default();
  CHECK_EQ(eg_run(g, rules, &limits, &report), EG_OK);
  CHECK_EQ(eg_check(g), EG_OK);
  return report;
}

static bool same(const eg_graph *g, eg_class a, eg_class b) {
  return eg_find(g, a).id == eg_find(g, b).id;
}

//===-- Against a nested loop ---------------------------------------------===//

enum { MAX_ATOMS = 4, MAX_CHILDREN = 3, NUM_VARS = 5 };

// op(vars…) = var, all by number; atoms of a query are joined by ','.
typedef struct atom {
  eg_op op;
  uint32_t num, home, vars[MAX_CHILDREN];
} atom;

typedef struct naive {
  const eg_graph *g;
  const atom *atoms;
  uint32_t num_atoms;
  uint32_t vars[NUM_VARS]; // class; 0 = not bound
  uint64_t found, hash;
} naive;

static uint64_t hash_of(const uint32_t *classes, uint32_t num) {
  uint64_t hash = 7;
  for (uint32_t i = 0; i < num; ++i)
    hash = (hash ^ classes[i]) * 0x9e3779b97f4a7c15u;
  return hash;
}

static bool agree(uint32_t *var, uint32_t id) {
  if (*var)
    return *var == id;
  *var = id;
  return true;
}

// Every node for the first atom, with every node for the second, …
static void nest(naive *n, uint32_t at) {
  if (at == n->num_atoms) {
    ++n->found;
    n->hash += hash_of(n->vars, NUM_VARS);
    return;
  }
  const atom *a = &n->atoms[at];
  uint32_t saved[NUM_VARS];
  memcpy(saved, n->vars, sizeof saved);
  for (eg_class c = {0}; (c = eg_class_next(n->g, c)).id;) {
    uint32_t num_nodes, num;
    const eg_node *nodes = eg_class_nodes(n->g, c, &num_nodes);
    for (uint32_t i = 0; i < num_nodes; ++i) {
      if (eg_node_op(n->g, nodes[i]).id != a->op.id)
        continue;
      const eg_class *children = eg_node_children(n->g, nodes[i], &num);
      bool fits = agree(&n->vars[a->home], c.id);
      for (uint32_t k = 0; k < num; ++k)
        fits = fits && agree(&n->vars[a->vars[k]], children[k].id);
      if (fits)
        nest(n, at + 1);
      memcpy(n->vars, saved, sizeof saved);
    }
  }
}

typedef struct seen {
  const eg_query *q;
  uint64_t found, hash;
  uint32_t only_root; // 0 = any
} seen;

static bool see(void *user, const eg_match *match) {
  seen *s = user;
  uint32_t vars[NUM_VARS] = {0};
  for (uint32_t i = 0; i < match->num_vars; ++i)
    vars[atoi(eg_query_var(s->q, i) + 2)] = match->vars[i].id;
  ++s->found;
  s->hash += hash_of(vars, NUM_VARS);
  CHECK(s->only_root == 0 || match->root.id == s->only_root);
  return true;
}

// A graph in which chance has made some of the terms equal.
static eg_graph *random_graph(uint64_t *seed, eg_op *ops) {
  eg_graph *g = new_graph();
  static const char *const names[MAX_CHILDREN + 1] = {"k", "f", "g", "h"};
  eg_class ids[40];
  uint32_t num = 0;
  for (uint32_t i = 0; i < MAX_CHILDREN; ++i)
    ops[i] = new_op(g, names[i + 1], i + 1);
  for (; num < 4; ++num) {
    char name[8];
    snprintf(name, sizeof name, "%s%u", names[0], (unsigned)num);
    ids[num] = term(g, name);
  }
  for (; num < 40; ++num) {
    uint32_t arity = 1 + random_below(seed, MAX_CHILDREN);
    eg_class children[MAX_CHILDREN];
    for (uint32_t k = 0; k < arity; ++k)
      children[k] = ids[random_below(seed, num)];
    CHECK_EQ(
        eg_add(g, ops[arity - 1], (eg_payload){0}, children, arity, &ids[num]),
        EG_OK);
  }
  for (int i = 0; i < 12; ++i)
    unite(g, ids[random_below(seed, 40)], ids[random_below(seed, 40)]);
  rebuild(g);
  return g;
}

static uint32_t random_atoms(uint64_t *seed, const eg_op *ops, atom *atoms,
                             char *text) {
  uint32_t num = 1 + random_below(seed, MAX_ATOMS);
  for (uint32_t i = 0; i < num; ++i) {
    atom *a = &atoms[i];
    a->num = 1 + random_below(seed, MAX_CHILDREN);
    a->op = ops[a->num - 1];
    a->home = random_below(seed, NUM_VARS);
    text += sprintf(text, "%s?v%u = (%c", i ? ", " : "", (unsigned)a->home,
                    "fgh"[a->num - 1]);
    for (uint32_t k = 0; k < a->num; ++k) {
      a->vars[k] = random_below(seed, NUM_VARS);
      text += sprintf(text, " ?v%u", (unsigned)a->vars[k]);
    }
    text += sprintf(text, ")");
  }
  return num;
}

CHECK_TEST(a_join_finds_what_nested_loops_find) {
  uint64_t seed = 1, all = 0;
  for (int round = 0; round < 40; ++round) {
    eg_op ops[MAX_CHILDREN];
    eg_graph *g = random_graph(&seed, ops);
    for (int i = 0; i < 10; ++i) {
      atom atoms[MAX_ATOMS];
      char text[256];
      naive n = {.g = g, .atoms = atoms};
      n.num_atoms = random_atoms(&seed, ops, atoms, text);
      nest(&n, 0);
      eg_query *q = query(g, text);
      seen s = {.q = q}, parts = {.q = q};
      uint64_t num;
      CHECK_EQ(eg_query_search(q, (eg_class){0}, see, &s, &num), EG_OK);
      CHECK_EQ(num, n.found);
      CHECK_EQ(s.hash, n.hash);
      for (eg_class c = {0}; (c = eg_class_next(g, c)).id;) {
        parts.only_root = c.id;
        CHECK_EQ(eg_query_search(q, c, see, &parts, &num), EG_OK);
      }
      CHECK_EQ(parts.found, n.found);
      CHECK_EQ(parts.hash, n.hash);
      eg_query_destroy(q);
      all += n.found;
    }
    eg_graph_destroy(g);
  }
  CHECK(all > 1000);
}

//===-- What rules derive -------------------------------------------------===//

CHECK_TEST(paths_are_found) {
  eg_graph *g = new_graph();
  eg_rules *rules =
      rules_of(g, "base: (edge ?a ?b) => (path ?a ?b)\n"
                  "step: (edge ?a ?b), (path ?b ?c) => (path ?a ?c)\n");
  enum { N = 30 };
  for (int i = 0; i < N; ++i) {
    char text[32];
    snprintf(text, sizeof text, "(edge n%d n%d)", i, (i + 1) % N);
    term(g, text);
  }
  eg_report report = run(g, rules);
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  eg_op path;
  CHECK_EQ(eg_op_find(g, "path", &path), EG_OK);
  CHECK_EQ(eg_op_num_nodes(g, path), N * N);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(both_sides_may_state_several_equalities) {
  eg_graph *g = new_graph();
  // f is injective; and what is both a sum and a product is special.
  eg_rules *rules = rules_of(
      g,
      "inj: ?x = (f ?a), ?x = (f ?b) => ?a = ?b\n"
      "both: ?x = (+ ?a ?b) = (* ?c ?d) => ?x = (s ?a ?d), (t ?x) = (u ?b)\n");
  eg_class a = term(g, "a"), b = term(g, "b");
  unite(g, term(g, "(f a)"), term(g, "(f b)"));
  eg_class sum = term(g, "(+ a c)");
  unite(g, sum, term(g, "(* d e)"));
  rebuild(g);
  uint64_t nodes = eg_num_nodes(g);
  CHECK_EQ(run(g, rules).stop, EG_STOP_SATURATED);
  CHECK(same(g, a, b));
  CHECK(same(g, sum, term(g, "(s b e)")));
  CHECK(same(g, term(g, "(t (+ b c))"), term(g, "(u c)")));
  CHECK(!same(g, sum, term(g, "(u c)")));
  // (f a) and (f b) are one now; s, t and u are new.
  CHECK_EQ(eg_num_nodes(g), nodes - 1 + 3);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(a_lone_right_side_of_two_items_is_only_added) {
  eg_graph *g = new_graph();
  eg_rules *rules = rules_of(g, "r: (f ?a), (g ?a) => (h ?a)\n"
                                "s: (p ?a) => ?a = (q ?a)\n");
  eg_class f = term(g, "(f a)"), gg = term(g, "(g a)"), p = term(g, "(p a)");
  run(g, rules);
  eg_class h = term(g, "(h a)");
  CHECK(!same(g, h, f) && !same(g, h, gg) && !same(g, f, gg));
  CHECK(same(g, term(g, "a"), term(g, "(q a)")));
  CHECK(!same(g, term(g, "a"), p));
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(ground_terms_are_equations_too) {
  eg_graph *g = new_graph();
  eg_class one = term(g, "1"), zero = term(g, "0");
  term(g, "(f 1)");
  eg_rules *rules = rules_of(g, "odd: 0 = 1 => false = true\n"
                                "one: ?x = 1, (f ?x) => (f ?x) = 5\n"
                                "pair: 1, 0 => (both 1 0)\n");
  eg_class no = term(g, "false"), yes = term(g, "true");
  run(g, rules);
  CHECK(!same(g, no, yes));
  CHECK(same(g, term(g, "(f 1)"), term(g, "5")));
  eg_op both;
  CHECK_EQ(eg_op_find(g, "both", &both), EG_OK);
  CHECK_EQ(eg_op_num_nodes(g, both), 1);
  unite(g, one, zero);
  run(g, rules);
  CHECK(same(g, no, yes));
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// A triangle is looked for by intersection: of the hub's many edges only those
// are touched that the other corner has too.
CHECK_TEST(a_join_starts_at_the_rarest) {
  eg_graph *g = new_graph();
  eg_rules *rules =
      rules_of(g, "t: (rare ?a), (edge ?a ?b), (edge ?b ?c), (edge ?c ?a)"
                  " => (triangle ?a ?b ?c)");
  char text[64];
  for (int i = 0; i < 1000; ++i) {
    snprintf(text, sizeof text, "(edge hub m%d)", i);
    term(g, text);
    snprintf(text, sizeof text, "(edge m%d hub)", i);
    term(g, text);
  }
  term(g, "(edge a hub)");
  term(g, "(edge m500 a)");
  term(g, "(rare a)");
  run(g, rules);
  eg_op triangle;
  CHECK_EQ(eg_op_find(g, "triangle", &triangle), EG_OK);
  CHECK_EQ(eg_op_num_nodes(g, triangle), 1);
  CHECK(eg_rule_get_stats(rules, 0).searched < 50);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// Upwards from the rare operator, and down only where the other end is.
CHECK_TEST(a_pattern_starts_at_its_rarest_operator) {
  eg_graph *g = new_graph();
  char text[64];
  for (int i = 0; i < 1000; ++i) {
    snprintf(text, sizeof text, "(+ a%d (* b%d c))", i, i);
    term(g, text);
  }
  term(g, "(+ x (* y (sin z)))");
  eg_rules *rules =
      rules_of(g, "r: (+ ?a (* ?b (sin ?c))) => (found ?a ?b ?c)\n"
                  "s: (+ ?a (* ?b k)) => (found ?a ?b k)\n");
  term(g, "(+ x (* x k))");
  run(g, rules);
  eg_op found;
  CHECK_EQ(eg_op_find(g, "found", &found), EG_OK);
  CHECK_EQ(eg_op_num_nodes(g, found), 2);
  CHECK(eg_rule_get_stats(rules, 0).searched < 20);
  CHECK(eg_rule_get_stats(rules, 1).searched < 20);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

CHECK_TEST(a_bare_variable_is_any_class_where_that_is_allowed) {
  eg_graph *g = new_graph();
  eg_text_options any = {.declare = true, .any_class = true};
  eg_rules *rules = NULL;
  CHECK_EQ(eg_rules_parse(g, "wrap: ?a => (w ?a)\nsame: ?a, ?b => (p ?a ?b)",
                          any, &rules),
           EG_OK);
  term(g, "(f a)");
  eg_limits limits = eg_limits_default();
  eg_report report;
  limits.rounds = 1;
  CHECK_EQ(eg_run(g, rules, &limits, &report), EG_OK);
  CHECK_EQ(eg_rule_get_stats(rules, 0).matches, 2);
  CHECK_EQ(eg_rule_get_stats(rules, 1).matches, 4);
  CHECK_EQ(report.nodes, 2 + 2 + 4);
  CHECK(same(g, term(g, "a"), term(g, "(w a)")));
  CHECK_EQ(eg_check(g), EG_OK);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);

  // Of its sort only, which the other side tells.
  g = new_graph();
  eg_sort name;
  eg_op op;
  CHECK_EQ(eg_sort_add(g, "name", &name), EG_OK);
  CHECK_EQ(eg_op_add(g, &(eg_op_desc){.name = "tag", .result = name}, &op),
           EG_OK);
  CHECK_EQ(
      eg_op_add(
          g, &(eg_op_desc){.name = "of", .num_children = 1, .children = &name},
          &op),
      EG_OK);
  CHECK_EQ(eg_rules_parse(g, "of: ?t, (k) => (of ?t)", any, &rules), EG_OK);
  term(g, "tag"), term(g, "(k)");
  run(g, rules);
  CHECK_EQ(eg_op_num_nodes(g, op), 1);
  eg_rules_destroy(rules);
  CHECK_EQ(eg_rules_parse(g, "of: ?t, ?u = ?v, (k) => (of ?t)", any, &rules),
           EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text,
            "rule 'of': variable '?u' could be of any sort");
  CHECK_EQ(eg_rules_parse(g, "of: ?t => ?t = tag subsume", any, &rules),
           EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text,
            "rule 'of': no operator that could be subsumed");
  eg_graph_destroy(g);
}

//===-- Mistakes ----------------------------------------------------------===//

CHECK_TEST(bad_sides_are_refused) {
  static const struct {
    const char *text;
    uint32_t line;
    const char *message;
  } rows[] = {
      {"r: ?x = ?y => ?x", 1, "rule 'r': variable '?x' stands in no pattern"},
      {"r: (f ?x),\n?y => ?x", 1,
       "rule 'r': variable '?y' stands in no pattern"},
      {"r: (f ?x), => ?x", 1, "rule 'r': the left-hand side is missing"},
      {"r: (f ?x) = => ?x", 1, "rule 'r': the left-hand side is missing"},
      {"r: = (f ?x) => ?x", 1, "rule 'r': the left-hand side is missing"},
      {"r: (f ?x) =>\n(f ?x),", 2, "rule 'r': the right-hand side is missing"},
      {"r: (f ?x) => ?y = ?x", 1,
       "rule 'r': variable '?y' is not bound by the left-hand side"},
      {"r: (f ?x), ?y = (f ?x) => (f ?y) = ?z", 1,
       "rule 'r': variable '?z' is not bound by the left-hand side"},
      {"r: (f ?x) = tag => ?x", 1,
       "rule 'r': '=' between a class of sort 'term' and one of 'name'"},
      {"r: ?t = (f ?x), ?t = tag => ?x", 1,
       "rule 'r': '=' between a class of sort 'term' and one of 'name'"},
      {"r: ?t = ?u, ?u = (f ?x), ?t = tag => ?x", 1,
       "rule 'r': '=' between a class of sort 'name' and one of 'term'"},
      {"r: (f ?x) => (f ?x) = tag", 1,
       "rule 'r': '=' between a class of sort 'term' and one of 'name'"},
      {"r: (f ?x), (g ?x) => (f ?x ?x)", 1,
       "rule 'r': operator 'f' takes 1 children, got 2"},
      {"r: (f ?x) => ?x\nr: (g ?x), (f ?x) => ?x", 2,
       "rule 'r': the name is taken"},
      {"r: ?x = (f ?a) <=> (g ?a)", 1,
       "rule 'r-rev': variable '?x' is not bound by the left-hand side"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = new_graph();
    eg_sort name;
    eg_op op;
    CHECK_EQ(eg_sort_add(g, "name", &name), EG_OK);
    CHECK_EQ(eg_op_add(g, &(eg_op_desc){.name = "tag", .result = name}, &op),
             EG_OK);
    new_op(g, "f", 1), new_op(g, "g", 1);
    eg_class a = term(g, "(f a)");
    rebuild(g);
    uint32_t num_ops = eg_num_ops(g);
    size_t bytes = eg_graph_bytes(g);
    eg_rules *rules = (eg_rules *)g;
    CHECK_EQ(eg_rules_parse(g, rows[i].text, declare, &rules), EG_INVALID);
    CHECK(rules == NULL);
    CHECK_STR(eg_graph_error(g)->text, rows[i].message);
    CHECK_EQ(eg_graph_error(g)->line, rows[i].line);
    CHECK_EQ(eg_num_ops(g), num_ops);
    CHECK_EQ(eg_graph_bytes(g), bytes);
    CHECK_EQ(eg_num_nodes(g), 2);
    CHECK(same(g, a, term(g, "(f a)")));
    eg_graph_destroy(g);
  }
}

CHECK_TEST(bad_queries_are_refused) {
  static const struct {
    const char *text, *message;
  } rows[] = {
      {"", "the query is missing"},
      {"?x", "the query is the bare variable '?x'"},
      {"(f a) b", "'b' behind the end of the query"},
      {"(f ?x", "'(f' is not closed"},
  };
  eg_graph *g = new_graph();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_query *q = (eg_query *)g;
    CHECK_EQ(eg_query_parse(g, rows[i].text, declare, &q), EG_INVALID);
    CHECK(q == NULL);
    CHECK_STR(eg_graph_error(g)->text, rows[i].message);
    CHECK_EQ(eg_num_ops(g), 0);
  }
  eg_query *q = query(g, "(f ?x)");
  uint64_t num;
  CHECK_EQ(eg_query_search(q, (eg_class){9}, see, NULL, &num), EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text, "no class 9");
  eg_query_destroy(q);
  eg_graph_destroy(g);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Terms and rules as text: what is read, what is refused and in which words,
// and that a refused text leaves nothing behind.
#include "graphs.h"

// Two sorts, a literal operator on each, payloads, a variadic operator.
static eg_graph *sorted_graph(void) {
  eg_graph *g = new_graph();
  eg_sort name = {0}, no_sort = {0};
  CHECK_EQ(eg_sort_add(g, "name", &name), EG_OK);
  eg_sort term_name[2] = {no_sort, name}, name_term[2] = {name, no_sort};
  eg_op op;
  eg_op_desc ops[] = {
      {.name = "+", .num_children = 2},
      {.name = "neg", .num_children = 1},
      {.name = "a"},
      {.name = "num", .has_payload = true, .is_literal = true},
      {.name = "sum", .num_children = EG_VARIADIC},
      {.name = "pack", .num_children = 1, .has_payload = true},
      {.name = "id", .result = name, .has_payload = true, .is_literal = true},
      {.name = "let", .num_children = 2, .children = term_name},
      {.name = "tag", .num_children = 1, .result = name},
      {.name = "first", .result = name},
      {.name = "call",
       .num_children = EG_VARIADIC,
       .num_leading = 1,
       .children = name_term},
  };
  for (size_t i = 0; i < sizeof ops / sizeof *ops; ++i)
    CHECK_EQ(eg_op_add(g, &ops[i], &op), EG_OK);
  return g;
}

//===-- Terms -------------------------------------------------------------===//

CHECK_TEST(term_round_trips) {
  static const struct {
    const char *text, *back; // NULL: the same
  } rows[] = {
      {"a", NULL},
      {"(a)", "a"},
      {" ( + a\n\t(neg a) ) # comment\n", "(+ a (neg a))"},
      {"(+ 1 -2.5e3)", NULL},
      {"(sum)", "sum"},
      {"(sum 1 2 3 a)", NULL},
      {"(+ (a) (sum))", "(+ a sum)"},
      {"(num 7)", "7"},
      {"(num a)", NULL}, // the literal a is not the operator a
      {"\"a\"", "a"},
      {"\"two words\"", NULL},
      {"(pack \"d0 floordiv 4\" a)", NULL},
      {"(pack \"\" a)", NULL},
      {"(pack \"?v\" a)", NULL},
      {"(pack \"x:\" a)", NULL},
      {"(pack plain a)", NULL},
      {"(pack \"plain\" a)", "(pack plain a)"},
      {"(pack \"\\\"q\\\" \\\\ \\n \\x00\\xff\\x7F\" a)",
       "(pack \"\\\"q\\\" \\\\ \\n \\x00\\xff\\x7f\" a)"},
      {"(pack \"\xc3\x97 \xe2\x88\x88\" a)", NULL},
      {"(pack \xc3\x97 a)", NULL},
      {"(pack \"line\nbreak\" a)", "(pack \"line\\nbreak\" a)"},
      {"(pack \"#\" a)#x", "(pack \"#\" a)"},
      {"(pack ; a)", "(pack \";\" a)"},
      {"(call x)", NULL},
      {"(call x y a)", NULL}, // a name and a num
      {"(let a x)", NULL},    // the literal of the second sort
      {"(let 3 (id x))", "(let 3 x)"},
      {"(let a (id first))", NULL}, // not the operator first
      {"(let a (tag a))", NULL},
      {"first", NULL},
      {"(id x)", NULL}, // alone, x would be a num
      {"\"if\"", NULL},
      {"\"=>\"", NULL},
      {"if", "\"if\""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = sorted_graph();
    eg_class id = {0}, again = {0};
    eg_text_options strict = {0};
    eg_status status = eg_term_parse(g, rows[i].text, strict, &id);
    if (status != EG_OK)
      printf("  %s: %s\n", rows[i].text, eg_graph_error(g)->text);
    CHECK_EQ(status, EG_OK);
    rebuild(g);
    char *back = smallest(g, id);
    CHECK_STR(back, rows[i].back ? rows[i].back : rows[i].text);
    uint64_t nodes = eg_num_nodes(g);
    CHECK_EQ(eg_term_parse(g, back, strict, &again), EG_OK);
    CHECK_EQ(again.id, id.id);
    CHECK_EQ(eg_num_nodes(g), nodes);
    free(back);
    eg_graph_destroy(g);
  }
}

CHECK_TEST(bad_terms_are_refused) {
  static const struct {
    const char *text;
    uint32_t line;
    const char *message;
  } rows[] = {
      {"", 1, "the term is missing"},
      {"\n # nothing\n ", 3, "the term is missing"},
      {"(", 1, "a '(' is not closed"},
      {"(+ a\n", 1, "'(+' is not closed"},
      {"\n(+ a\n(neg", 3, "'(neg' is not closed"},
      {")", 1, "a ')' closes nothing"},
      {"()", 1, "'(' needs an operator, got ')'"},
      {"((a))", 1, "'(' needs an operator, got '('"},
      {"(?f a)", 1, "'(' needs an operator, got '?f'"},
      {"a a", 1, "'a' behind the end of the term"},
      {"a\n)", 2, "')' behind the end of the term"},
      {"(neg ?x)", 1, "a term holds no variables, got '?x'"},
      {"(neg ?)", 1, "'?' is no variable: no name"},
      {"(+ a)", 1, "operator '+' takes 2 children, got 1"},
      {"(+ a\n (neg a a))", 2, "operator 'neg' takes 1 children, got 2"},
      {"(+ a a a)", 1, "operator '+' takes 2 children, got 3"},
      {"(a a)", 1, "operator 'a' takes 0 children, got 1"},
      {"neg", 1, "operator 'neg' takes 1 children, got 0"},
      {"(mul a a)", 1, "unknown operator 'mul'"},
      {"(neg\n (mul (neg a) a))", 2, "unknown operator 'mul'"},
      {"(pack)", 1, "operator 'pack' needs a payload, got ')'"},
      {"(pack (a) a)", 1, "operator 'pack' needs a payload, got '('"},
      {"(pack ?p a)", 1, "operator 'pack' needs a payload, got '?p'"},
      {"pack", 1, "operator 'pack' needs a payload"},
      {"(pack x", 1, "'(pack' is not closed"},
      {"(pack x)", 1, "operator 'pack' takes 1 children, got 0"},
      {"(num 1 2)", 1, "operator 'num' takes 0 children, got 1"},
      {"(pack \"x", 1, "a string is not closed"},
      {"\n(pack \"x\n\ny\\", 2, "a string is not closed"},
      {"(pack \"\\q\" a)", 1, "unknown escape '\\q'"},
      {"(pack \"\\x4\" a)", 1, "unknown escape '\\x4'"},
      {"(pack \"\\xg0\" a)", 1, "unknown escape '\\xg0'"},
      {"(\"\" a)", 1, "an operator's name is empty"},
      {"(\"n\\x00g\" a)", 1, "an operator's name holds a zero byte"},
      {"(+ first a)", 1, "child 1 of '+' is of sort 'name', not 'term'"},
      {"call", 1, "operator 'call' takes at least 1 children, got 0"},
      {"(call)", 1, "operator 'call' takes at least 1 children, got 0"},
      {"(call a a)", 1, "child 1 of 'call' is of sort 'term', not 'name'"},
      {"(call x a first)", 1,
       "child 3 of 'call' is of sort 'name', not 'term'"},
      {"(let a\n (neg a))", 1,
       "child 2 of 'let' is of sort 'term', not 'name'"},
      {"(sum 1 2 (tag a))", 1,
       "child 3 of 'sum' is of sort 'name', not 'term'"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    for (int declare = 0; declare < 2; ++declare) {
      if (declare && strncmp(rows[i].message, "unknown op", 10) == 0)
        continue;
      eg_graph *g = sorted_graph();
      uint32_t num_ops = eg_num_ops(g);
      eg_class id = {7};
      CHECK_EQ(eg_term_parse(g, rows[i].text,
                             (eg_text_options){.declare = declare}, &id),
               EG_INVALID);
      CHECK_STR(eg_graph_error(g)->text, rows[i].message);
      CHECK_EQ(eg_graph_error(g)->line, rows[i].line);
      CHECK_EQ(eg_graph_error(g)->status, EG_INVALID);
      CHECK_EQ(eg_num_ops(g), num_ops);
      CHECK_EQ(eg_num_nodes(g), 0);
      CHECK_EQ(id.id, 0);
      eg_graph_destroy(g);
    }
  eg_graph *g = new_graph();
  eg_class id;
  CHECK_EQ(eg_term_parse(g, NULL, (eg_text_options){0}, &id), EG_INVALID);
  eg_graph_destroy(g);
}

// declare: an operator has the children of its first use, from then on.
CHECK_TEST(declared_operators) {
  eg_graph *g = new_graph();
  eg_class id = {0};
  eg_op op;
  term(g, "(f (g x) (g (f x y)))");
  CHECK_EQ(eg_num_ops(g), 4);
  CHECK_EQ(eg_op_find(g, "f", &op), EG_OK);
  CHECK_EQ(eg_op_num_children(g, op), 2);
  CHECK_EQ(eg_op_find(g, "y", &op), EG_OK);
  CHECK_EQ(eg_op_num_children(g, op), 0);
  static const struct {
    const char *text, *message;
  } bad[] = {
      {"(f x)", "operator 'f' takes 2 children, got 1"},
      {"(h (h x y))", "operator 'h' takes 2 children, got 1"},
      {"(x x)", "operator 'x' takes 0 children, got 1"},
      {"(k new (k2 new2)", "'(k' is not closed"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    CHECK_EQ(
        eg_term_parse(g, bad[i].text, (eg_text_options){.declare = true}, &id),
        EG_INVALID);
    CHECK_STR(eg_graph_error(g)->text, bad[i].message);
    CHECK_EQ(eg_num_ops(g), 4);
  }
  CHECK_EQ(eg_op_find(g, "h", &op), EG_NOT_FOUND);
  term(g, "(h (h x))"); // Free to be something else.
  term(g, "(\"odd name\" x)");
  CHECK_EQ(eg_op_find(g, "odd name", &op), EG_OK);
  eg_graph_destroy(g);
}

//===-- Rules -------------------------------------------------------------===//

static bool never(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user, (void)graph, (void)match;
  return false;
}

// Refuses unless the first variable equals the class at |user|.
static bool same(void *user, const eg_graph *graph, const eg_match *match) {
  return match->num_vars == 1 && eg_find(graph, match->vars[0]).id ==
                                     eg_find(graph, *(const eg_class *)user).id;
}

CHECK_TEST(rules_are_read) {
  static const struct {
    const char *text;
    uint32_t num;
    const char *first, *last;
  } rows[] = {
      {"", 0, "", ""},
      {"# nothing\n", 0, "", ""},
      {"r: (neg ?x) => ?x", 1, "r", "r"},
      {"r; (neg ?x) => ?x", 1, "r", "r"},
      {"r:\n(neg\n?x)\n=>\n?x\n", 1, "r", "r"},
      {"r: (neg ?x) => ?x s; (+ ?x a) => (a)", 2, "r", "s"},
      {"r: (+ ?x ?y) <=> (+ ?y ?x)", 2, "r", "r-rev"},
      {"r: a => 1", 1, "r", "r"},
      {"r: a => 1 s: 1 => a", 2, "r", "s"},
      {"r: (neg ?x) => ?x if yes", 1, "r", "r"},
      {"r: (neg ?x) => ?x if yes ?x", 1, "r", "r"},
      {"r: (+ ?x ?y) => ?x if yes ?x ?y, no ?y,yes\ns: a => 1", 2, "r", "s"},
      {"r: (+ ?x ?y) <=> (+ ?y ?x) if yes ?x ?y\ns: a => 1", 3, "r", "s"},
      {"a:b:c: (neg ?x) => (pack \"if => ( x:\" ?x)", 1, "a:b:c", "a:b:c"},
      {"r: (pack x ?v) => (pack y (neg ?v))", 1, "r", "r"},
      {"r: (let ?x ?n) => (let (neg ?x) ?n)", 1, "r", "r"},
      {"r: (tag ?x) => first", 1, "r", "r"},
      {"r: (let 1 x) => 1", 1, "r", "r"},
      {"r: (tag ?x) => literal", 1, "r", "r"}, // of the sort on the left
      {"r: (sum ?x ?x ?y) => (sum ?y)", 1, "r", "r"},
  };
  eg_named_condition conditions[] = {{"yes", never, NULL}, {"no", never, NULL}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = sorted_graph();
    eg_rules *rules = NULL;
    eg_text_options options = {.conditions = conditions, .num_conditions = 2};
    eg_status status = eg_rules_parse(g, rows[i].text, options, &rules);
    CHECK_EQ(status, EG_OK);
    if (status != EG_OK) {
      printf("  %s: %s\n", rows[i].text, eg_graph_error(g)->text);
    } else {
      CHECK_EQ(eg_rules_count(rules), rows[i].num);
      if (eg_rules_count(rules) > 0) {
        CHECK_STR(eg_rule_name(rules, 0), rows[i].first);
        CHECK_STR(eg_rule_name(rules, eg_rules_count(rules) - 1), rows[i].last);
      }
    }
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
}

CHECK_TEST(bad_rules_are_refused) {
  static const struct {
    const char *text;
    uint32_t line;
    const char *message;
  } rows[] = {
      {"(neg ?x) => ?x", 1, "expected a rule's 'name:', got '('"},
      {"r (neg ?x) => ?x", 1, "expected a rule's 'name:', got 'r'"},
      {"\n: (neg ?x) => ?x", 2, "rule '': the name is empty"},
      {"r:", 1, "rule 'r': the left-hand side is missing"},
      {"r: => ?x", 1, "rule 'r': the left-hand side is missing"},
      {"r: (neg ?x)", 1, "rule 'r': expected '=>' or '<=>', got 'end'"},
      {"r: (neg ?x) -> ?x", 1, "rule 'r': expected '=>' or '<=>', got '->'"},
      {"r: (neg ?x) (neg ?x)", 1, "rule 'r': expected '=>' or '<=>', got '('"},
      {"r: (neg ?x) =>", 1, "rule 'r': the right-hand side is missing"},
      {"r: (neg ?x) =>\n\ns: a => 1", 3,
       "rule 'r': the right-hand side is missing"},
      {"r: (neg ?x) => if yes", 1, "rule 'r': the right-hand side is missing"},
      {"r: (neg ?x) => => ?x", 1, "rule 'r': the right-hand side is missing"},
      {"r: (neg ?x) => ?x ?x", 1,
       "rule 'r': expected 'if', a rule or the end, got '?x'"},
      {"r: (neg ?x) => ?x)", 1,
       "rule 'r': expected 'if', a rule or the end, got ')'"},
      {"r: (neg ?x) => (neg ?x", 1, "rule 'r': '(neg' is not closed"},
      {"ok: (neg ?x) => ?x\n r: (neg ?x) =>\n ?y", 3,
       "rule 'r': variable '?y' is not bound by the left-hand side"},
      {"r: (neg ?x) => (+ ?x\n (neg ?y))", 2,
       "rule 'r': variable '?y' is not bound by the left-hand side"},
      {"r:\n?x => (neg ?x)", 2,
       "rule 'r': the left-hand side is the bare variable '?x'"},
      {"r: (neg ?x) <=> ?x", 1,
       "rule 'r-rev': the left-hand side is the bare variable '?x'"},
      {"r: (+ ?x ?y) <=>\n (neg ?x)", 1,
       "rule 'r-rev': variable '?y' is not bound by the left-hand side"},
      {"r: a => 1\nr: 1 => a", 2, "rule 'r': the name is taken"},
      {"r-rev: a => 1\nr: a <=> 1", 2, "rule 'r-rev': the name is taken"},
      {"r: a <=> 1\nr-rev: a => 1", 2, "rule 'r-rev': the name is taken"},
      {"r: (mul ?x) => ?x", 1, "rule 'r': unknown operator 'mul'"},
      {"r: (neg ?x) => (mul ?x)", 1, "rule 'r': unknown operator 'mul'"},
      {"r: (neg ?x ?y) => ?x", 1,
       "rule 'r': operator 'neg' takes 1 children, got 2"},
      {"r: (pack ?p ?x) => ?x", 1,
       "rule 'r': operator 'pack' needs a payload, got '?p'"},
      {"r: (?f ?x) => ?x", 1, "rule 'r': '(' needs an operator, got '?f'"},
      {"r: (neg ?) => a", 1, "rule 'r': '?' is no variable: no name"},
      {"r: (neg (tag ?x)) => ?x", 1,
       "rule 'r': child 1 of 'neg' is of sort 'name', not 'term'"},
      {"r: (let ?x ?x) => ?x", 1,
       "rule 'r': child 2 of 'let' is of sort 'term', not 'name'"},
      {"r: (let ?x ?y) =>\n (neg ?y)", 2,
       "rule 'r': child 1 of 'neg' is of sort 'name', not 'term'"},
      {"r: (let ?x ?y) =>\n ?y", 2,
       "rule 'r': the right-hand side is of sort 'name', the left of 'term'"},
      {"r: (neg ?x) => (tag ?x)", 1,
       "rule 'r': the right-hand side is of sort 'name', the left of 'term'"},
      {"r: (neg ?x) => ?x if", 1,
       "rule 'r': a condition is missing behind 'if' or ','"},
      {"r: (neg ?x) => ?x if s: a => 1", 1,
       "rule 'r': a condition is missing behind 'if' or ','"},
      {"r: (neg ?x) => ?x if yes ?x,", 1,
       "rule 'r': a condition is missing behind 'if' or ','"},
      {"r: (neg ?x) => ?x if (yes ?x)", 1,
       "rule 'r': a condition is missing behind 'if' or ','"},
      {"r: (neg ?x) => ?x if yes ?x\n maybe", 2,
       "rule 'r': expected 'if', a rule or the end, got 'maybe'"},
      {"r: (neg ?x) => ?x if\nmaybe ?x", 2,
       "rule 'r': unknown condition 'maybe'"},
      {"r: (neg ?x) => ?x if yes ?y", 1,
       "rule 'r': variable '?y' is not bound by the left-hand side"},
      {"r: (pack \"x ?x) => ?x", 1, "rule 'r': a string is not closed"},
      {"r: (neg ?x) => ?x\n\"", 2, "rule 'r': a string is not closed"},
  };
  eg_named_condition conditions[] = {{"yes", never, NULL}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    for (int declare = 0; declare < 2; ++declare) {
      if (declare && strstr(rows[i].message, "unknown op"))
        continue;
      eg_graph *g = sorted_graph();
      uint32_t num_ops = eg_num_ops(g);
      size_t bytes = eg_graph_bytes(g);
      eg_rules *rules = (eg_rules *)g;
      eg_text_options options = {
          .declare = declare, .conditions = conditions, .num_conditions = 1};
      CHECK_EQ(eg_rules_parse(g, rows[i].text, options, &rules), EG_INVALID);
      CHECK_STR(eg_graph_error(g)->text, rows[i].message);
      CHECK_EQ(eg_graph_error(g)->line, rows[i].line);
      CHECK(rules == NULL);
      CHECK_EQ(eg_num_ops(g), num_ops);
      if (!strchr(rows[i].text, '1')) // an interned payload stays
        CHECK_EQ(eg_graph_bytes(g), bytes);
      eg_graph_destroy(g);
    }
}

// Operators that a refused text declared are gone, in whichever rule it failed.
CHECK_TEST(refused_rules_declare_nothing) {
  eg_graph *g = new_graph();
  eg_rules *rules;
  eg_text_options declare = {.declare = true};
  CHECK_EQ(eg_rules_parse(g, "r: (f ?x) => (g ?x k)\ns: (f ?x ?y) => ?x",
                          declare, &rules),
           EG_INVALID);
  CHECK_STR(eg_graph_error(g)->text,
            "rule 's': operator 'f' takes 1 children, got 2");
  CHECK_EQ(eg_graph_error(g)->line, 2);
  CHECK_EQ(eg_num_ops(g), 0);
  CHECK_EQ(eg_rules_parse(g, "s: (f ?x ?y) => ?x", declare, &rules), EG_OK);
  CHECK_EQ(eg_num_ops(g), 1);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// The column is the byte of the offending token, whatever line it is on.
CHECK_TEST(mistakes_have_a_column) {
  static const struct {
    const char *text;
    uint32_t line, column;
  } rows[] = {
      {"r: (neg ?x) => ?y", 1, 16},     {"r: (neg ?x) =>\n  (neg ?y)", 2, 8},
      {"r: (neg ?x) =>\n", 2, 1},       {"r: (neg ?x) => ?x\n\n\t)", 3, 2},
      {"r: (neg ?x ?y) => ?x", 1, 5},   {"# c\nr (neg ?x) => ?x", 2, 1},
      {"r: (pack \"\n\" ?x) =>", 2, 9},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_graph *g = sorted_graph();
    eg_rules *rules;
    CHECK_EQ(eg_rules_parse(g, rows[i].text, (eg_text_options){0}, &rules),
             EG_INVALID);
    CHECK_EQ(eg_graph_error(g)->line, rows[i].line);
    CHECK_EQ(eg_graph_error(g)->column, rows[i].column);
    eg_graph_destroy(g);
  }
}

typedef struct heard {
  char names[64];
  eg_class terms[4];
  uint32_t num;
} heard;

static void hear(void *user, const char *name, eg_class term) {
  heard *h = user;
  strcat(strcat(h->names, name), " ");
  h->terms[h->num++] = term;
}

// Terms among the rules are added in order, once all of the text is read.
CHECK_TEST(terms_between_rules) {
  eg_graph *g = new_graph();
  eg_rules *rules;
  heard h = {0};
  eg_text_options options = {.declare = true, .term = hear, .user = &h};
  CHECK_EQ(eg_rules_parse(g,
                          "t: (f a)\nr: (f ?x) <=> (g ?x)\nt; a # again\nlast: "
                          "(g\n a)",
                          options, &rules),
           EG_OK);
  CHECK_STR(h.names, "t t last ");
  CHECK_EQ(eg_rules_count(rules), 2);
  CHECK_EQ(h.terms[0].id, term(g, "(f a)").id);
  CHECK_EQ(h.terms[1].id, term(g, "a").id);
  CHECK_EQ(h.terms[2].id, term(g, "(g a)").id);
  eg_rules_destroy(rules);
  static const struct {
    const char *text;
    uint32_t line;
    const char *message;
  } bad[] = {
      {"t: (h ?x)", 1, "rule 't': a term holds no variables, got '?x'"},
      {"t: (h b)\nu: (h b b)", 2,
       "rule 'u': operator 'h' takes 1 children, got 2"},
      {"t: (h b)\nr: (h ?x) => ?y", 2,
       "rule 'r': variable '?y' is not bound by the left-hand side"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    uint64_t nodes = eg_num_nodes(g);
    CHECK_EQ(eg_rules_parse(g, bad[i].text, options, &rules), EG_INVALID);
    CHECK_STR(eg_graph_error(g)->text, bad[i].message);
    CHECK_EQ(eg_graph_error(g)->line, bad[i].line);
    CHECK_EQ(eg_num_nodes(g), nodes);
    CHECK_EQ(eg_num_ops(g), 3);
    CHECK_EQ(h.num, 3);
  }
  eg_graph_destroy(g);
}

CHECK_TEST(rules_added_one_by_one) {
  eg_graph *g = sorted_graph();
  eg_rules *rules = NULL;
  uint32_t index = 9;
  CHECK_EQ(eg_rules_create(g, &rules), EG_OK);
  eg_rule_desc good = {.name = "comm", .lhs = "(+ ?b ?a)", .rhs = "(+ ?a ?b)"};
  CHECK_EQ(eg_rules_add(rules, &good), EG_OK);
  CHECK_EQ(eg_rule_num_vars(rules, 0), 2);
  CHECK_EQ(eg_rule_var(rules, 0, "?a", &index), EG_OK);
  CHECK_EQ(index, 1);
  CHECK_EQ(eg_rule_var(rules, 0, "?c", &index), EG_NOT_FOUND);
  static const struct {
    eg_rule_desc desc;
    uint32_t line;
    const char *message;
  } bad[] = {
      {{.lhs = "a", .rhs = "a"}, 0, "a rule needs a name"},
      {{.name = "", .lhs = "a", .rhs = "a"}, 0, "a rule needs a name"},
      {{.name = "comm", .lhs = "a", .rhs = "a"},
       0,
       "rule 'comm': the name is taken"},
      {{.name = "r", .rhs = "a"}, 0, "rule 'r': the left-hand side is missing"},
      {{.name = "r", .lhs = "a"},
       0,
       "rule 'r': no right-hand side and no applier"},
      {{.name = "r", .lhs = "", .rhs = "a"},
       1,
       "rule 'r': the left-hand side is missing"},
      {{.name = "r", .lhs = "a", .rhs = ""},
       1,
       "rule 'r': the right-hand side is missing"},
      {{.name = "r", .lhs = "a a", .rhs = "a"},
       1,
       "rule 'r': 'a' behind the end of the left-hand side"},
      {{.name = "r", .lhs = "a", .rhs = "a\na"},
       2,
       "rule 'r': 'a' behind the end of the right-hand side"},
      {{.name = "r", .lhs = "(neg a) =>", .rhs = "a"},
       1,
       "rule 'r': '=>' behind the end of the left-hand side"},
      {{.name = "r", .lhs = "?x", .rhs = "a"},
       1,
       "rule 'r': the left-hand side is the bare variable '?x'"},
      {{.name = "r", .lhs = "(neg ?x)", .rhs = "\n?y"},
       2,
       "rule 'r': variable '?y' is not bound by the left-hand side"},
      {{.name = "r", .lhs = "(mul ?x)", .rhs = "a"},
       1,
       "rule 'r': unknown operator 'mul'"},
      {{.name = "r", .lhs = "(neg ?x)", .rhs = "first"},
       1,
       "rule 'r': the right-hand side is of sort 'name', the left of 'term'"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    CHECK_EQ(eg_rules_add(rules, &bad[i].desc), EG_INVALID);
    CHECK_STR(eg_graph_error(g)->text, bad[i].message);
    CHECK_EQ(eg_graph_error(g)->line, bad[i].line);
    CHECK_EQ(eg_rules_count(rules), 1);
  }
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// The guard sees the variables it names, in its order, and decides.
CHECK_TEST(conditions_decide) {
  eg_graph *g = new_graph();
  eg_class f = term(g, "(f a b)"), h = term(g, "(f b a)");
  eg_class a = term(g, "a"), b = term(g, "b");
  eg_named_condition conditions[] = {{"is-b", same, &b}, {"no", never, NULL}};
  eg_text_options options = {
      .declare = true, .conditions = conditions, .num_conditions = 2};
  eg_rules *rules;
  CHECK_EQ(eg_rules_parse(g,
                          "second: (f ?x ?y) => ?x if is-b ?y\n"
                          "none: (f ?x ?y) => ?y if is-b ?y, no\n",
                          options, &rules),
           EG_OK);
  eg_limits limits = eg_limits_default();
  eg_report report;
  rebuild(g);
  CHECK_EQ(eg_run(g, rules, &limits, &report), EG_OK);
  CHECK_EQ(eg_find(g, f).id, eg_find(g, a).id);
  CHECK(eg_find(g, h).id != eg_find(g, b).id);
  CHECK(eg_find(g, h).id != eg_find(g, a).id);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// <=> rewrites both ways, and numbers the variables of each way on its own.
CHECK_TEST(both_directions) {
  eg_graph *g = new_graph();
  eg_class from = term(g, "(f (g x) y)"), to = term(g, "(h y2 x2)");
  eg_rules *rules;
  uint32_t index = 9;
  CHECK_EQ(eg_rules_parse(g, "r: (f (g ?a) ?b) <=> (h ?b ?a)",
                          (eg_text_options){0}, &rules),
           EG_OK);
  CHECK_EQ(eg_rule_var(rules, 1, "?b", &index), EG_OK);
  CHECK_EQ(index, 0);
  eg_limits limits = eg_limits_default();
  eg_report report;
  rebuild(g);
  CHECK_EQ(eg_run(g, rules, &limits, &report), EG_OK);
  eg_class other = term(g, "(h y x)"), back = term(g, "(f (g x2) y2)");
  CHECK_EQ(eg_find(g, from).id, eg_find(g, other).id);
  CHECK_EQ(eg_find(g, to).id, eg_find(g, back).id);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// Whatever the text: an answer, and nothing declared unless it is EG_OK.
CHECK_TEST(mutated_text_is_read_or_refused) {
  static const char *const seeds[] = {
      "r: (+ ?x (neg ?y)) <=> (+ (neg ?y) ?x) if yes ?x ?y, yes\n"
      "s; (let ?x x) => (let (pack \"a b\\\"\\n\\x41\" ?x) x) # c\n",
      "(+ (sum 1 a (pack \"x\" (neg 2))) (let (call x y) (tag a)))"};
  static const char bytes[] = "()\"\\?#:;,=><x1 \nif\xff";
  eg_named_condition yes = {"yes", never, NULL};
  uint64_t rng = 2026;
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    char text[256];
    snprintf(text, sizeof text, "%s", seeds[i % 2]);
    for (uint32_t k = 1 + random_below(&rng, 4); k > 0; --k) {
      size_t len = strlen(text);
      uint32_t at = random_below(&rng, (uint32_t)len);
      char byte = bytes[random_below(&rng, sizeof bytes - 1)];
      switch (random_below(&rng, 3)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        memmove(&text[at], &text[at + 1], len - at);
        break;
      default:
        memmove(&text[at + 1], &text[at], len - at + 1);
        text[at] = byte;
      }
    }
    eg_graph *g = sorted_graph();
    uint32_t num_ops = eg_num_ops(g);
    eg_text_options options = {
        .declare = i % 4 > 1, .conditions = &yes, .num_conditions = 1};
    eg_rules *rules = NULL;
    eg_class id;
    eg_status status = i % 2 ? eg_term_parse(g, text, options, &id)
                             : eg_rules_parse(g, text, options, &rules);
    CHECK(status == EG_OK || status == EG_INVALID);
    CHECK(status == EG_OK || eg_num_ops(g) == num_ops);
    CHECK(status == EG_OK || eg_graph_error(g)->line > 0);
    read += status == EG_OK;
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
  CHECK(read > 500 && read < 19000); // Both sides are tried.
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

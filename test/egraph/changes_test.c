// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Incremental runs reach the same graphs as full ones, and cost what changes.
#include "egg_lambda.h"
#include "graphs.h"

static const eg_text_options declare = {.declare = true};

//===-- The same graph ----------------------------------------------------===//

// Values are the least leaf name below a class; conditions look at them.
static eg_status least_make(void *user, eg_graph *graph, eg_node node,
                            void *out_value) {
  uint32_t num, least = 0;
  const eg_class *children = eg_node_children(graph, node, &num);
  const char *name = eg_op_name(graph, eg_node_op(graph, node));
  least = num ? 255 : (uint32_t)name[0];
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t child = *(const uint32_t *)eg_class_value(
        graph, *(const uint32_t *)user, children[i]);
    least = child < least ? child : least;
  }
  *(uint32_t *)out_value = least;
  return EG_OK;
}

static eg_status least_merge(void *user, eg_graph *graph, void *into,
                             const void *from, bool *out_into_changed,
                             bool *out_from_changed) {
  (void)user, (void)graph;
  uint32_t *a = into, b = *(const uint32_t *)from, min = *a < b ? *a : b;
  *out_into_changed = min != *a;
  *out_from_changed = min != b;
  *a = min;
  return EG_OK;
}

// Holds once something below the class begins with 'a' or 'b'.
static bool is_early(void *user, const eg_graph *graph, const eg_match *match) {
  return *(const uint32_t *)eg_class_value(graph, *(const uint32_t *)user,
                                           match->vars[0]) <= 'b';
}

// Holds once the class has three nodes.
static bool is_rich(void *user, const eg_graph *graph, const eg_match *match) {
  (void)user;
  uint32_t num;
  eg_class_nodes(graph, match->vars[0], &num);
  return num >= 3;
}

// A random pattern over ?x, ?y, ?z, a … d, f/1, g/2, h/2.
static char *random_pattern(uint64_t *seed, char *out, int depth, bool ground) {
  uint32_t kind = random_below(seed, 10);
  if (depth == 0 || (kind < 3 && !ground)) {
    bool var = !ground && random_below(seed, 8) > 0;
    return out + sprintf(out, var ? "?%c" : "%c",
                         var ? 'x' + (int)random_below(seed, 3)
                             : 'a' + (int)random_below(seed, 4));
  }
  out += sprintf(out, "(%s ", kind < 5 ? "f" : kind < 8 ? "g" : "h");
  out = random_pattern(seed, out, depth - 1, ground);
  if (kind >= 5) {
    *out++ = ' ';
    out = random_pattern(seed, out, depth - 1, ground);
  }
  return out + sprintf(out, ")");
}

// One or two patterns; each variable stands in one of them.
static void random_rule(uint64_t *seed, char *out, int index) {
  char lhs[256] = "", rhs[128] = "";
  do
    random_pattern(seed, lhs, 2, false);
  while (*lhs != '(');
  if (random_below(seed, 3) == 0) {
    strcat(lhs, random_below(seed, 2) ? ", ?w = " : ", ");
    random_pattern(seed, lhs + strlen(lhs) + sprintf(lhs + strlen(lhs), "(g "),
                   1, false);
    strcat(lhs, " ?x)");
  }
  do // a bare variable makes graphs collapse; few of these
    random_pattern(seed, rhs, 2, false);
  while (*rhs != '(' && random_below(seed, 10) > 0);
  for (char v = 'x'; v <= 'z'; ++v) {
    char name[3] = {'?', v, 0};
    if (strstr(lhs, name))
      continue;
    for (char *at; (at = strstr(rhs, name));)
      memcpy(at, "a ", 2);
  }
  static const char *const guards[] = {"", " if early ?v", " if rich ?v"};
  const char *var = strchr(lhs, '?'), *guard = guards[random_below(seed, 3)];
  out += sprintf(out, "r%d: %s => %s", index, lhs, rhs);
  if (var && *guard)
    sprintf(out, "%.*s%c", (int)strlen(guard) - 1, guard, var[1]);
}

typedef struct side_by_side {
  eg_graph *g;
  eg_rules *rules;
  uint32_t analysis;
} side_by_side;

static side_by_side begin(const char *text, const char *terms) {
  side_by_side s = {.g = new_graph()};
  static uint32_t id; // the only analysis, so 0 in every graph
  eg_analysis least = {"least",    sizeof(uint32_t), &id,
                       least_make, least_merge,      NULL};
  CHECK_EQ(eg_analysis_add(s.g, &least, &id), EG_OK);
  eg_named_condition conditions[] = {{"early", is_early, &id},
                                     {"rich", is_rich, NULL}};
  eg_text_options options = {
      .declare = true, .conditions = conditions, .num_conditions = 2};
  eg_status status = eg_rules_parse(s.g, text, options, &s.rules);
  if (status != EG_OK)
    printf("%s\n%s\n", text, eg_graph_error(s.g)->text);
  CHECK_EQ(status, EG_OK);
  term(s.g, terms);
  return s;
}

// Rounds one by one, full and incremental; sizes agree after each, and in the
// end every class of one is a class of the other.
CHECK_TEST(random_rules_reach_the_same_graph) {
  uint64_t seed = 7, matches[2] = {0}, grown = 0;
  for (int round = 0; round < 1000; ++round) {
    char text[4096] = "", terms[2048] = "";
    uint32_t num = 2 + random_below(&seed, 4);
    for (uint32_t i = 0; i < num; ++i) {
      random_rule(&seed, text + strlen(text), (int)i);
      strcat(text, "\n");
    }
    char *at = terms + sprintf(terms, "(h ");
    at = random_pattern(&seed, at, 4, true);
    at += sprintf(at, " (h (f (f (g a b))) ");
    at = random_pattern(&seed, at, 4, true);
    sprintf(at, "))");
    side_by_side s[2] = {begin(text, terms), begin(text, terms)};
    uint64_t first = eg_num_nodes(s[0].g);
    eg_limits limits = eg_limits_default();
    limits.rounds = 1;
    limits.nodes = 3000;
    for (int i = 0; i < 6; ++i) {
      eg_report reports[2];
      for (int k = 0; k < 2; ++k) {
        eg_run_options options = {.limits = &limits, .incremental = k};
        CHECK_EQ(eg_run_with(s[k].g, s[k].rules, &options, &reports[k]), EG_OK);
        matches[k] += reports[k].matches;
      }
      if (reports[0].nodes != reports[1].nodes)
        printf("%s%s\n", text, terms);
      CHECK_EQ(reports[0].nodes, reports[1].nodes);
      CHECK_EQ(reports[0].classes, reports[1].classes);
      CHECK_EQ(reports[0].stop == EG_STOP_SATURATED,
               reports[1].stop == EG_STOP_SATURATED);
      if (i == 2) // changes from outside count too
        for (int k = 0; k < 2; ++k)
          unite(s[k].g, term(s[k].g, "(g a b)"), term(s[k].g, "(f c)"));
      if (reports[0].stop != EG_STOP_ROUNDS && i > 2)
        break;
    }
    grown += eg_num_nodes(s[0].g) > first + 10;
    CHECK_EQ(eg_check(s[1].g), EG_OK);
    for (int k = 0; k < 2; ++k) {
      eg_rules_destroy(s[k].rules);
      eg_graph_destroy(s[k].g);
    }
  }
  printf("  %d grew; %d matches in full, %d incremental\n", (int)grown,
         (int)matches[0], (int)matches[1]);
  CHECK(grown > 50);
  CHECK(matches[1] < matches[0]);
}

CHECK_TEST(a_pop_is_a_change) {
  eg_graph *g = new_graph();
  eg_rules *rules = NULL;
  CHECK_EQ(eg_rules_parse(g, "r: (f ?x) => (g ?x)", declare, &rules), EG_OK);
  eg_class a = term(g, "(f a)");
  rebuild(g);
  CHECK_EQ(eg_push(g), EG_OK);
  eg_run_options options = {.incremental = true};
  eg_report report;
  CHECK_EQ(eg_run_with(g, rules, &options, &report), EG_OK);
  CHECK_EQ(eg_num_nodes(g), 3);
  CHECK_EQ(eg_pop(g), EG_OK);
  CHECK_EQ(eg_num_nodes(g), 2);
  CHECK_EQ(eg_run_with(g, rules, &options, &report), EG_OK);
  CHECK_EQ(eg_num_nodes(g), 3);
  CHECK_EQ(eg_find(g, term(g, "(g a)")).id, eg_find(g, a).id);
  eg_rules_destroy(rules);
  eg_graph_destroy(g);
}

// What a limit cut off is found in the next run.
CHECK_TEST(nothing_is_forgotten_at_a_limit) {
  for (int incremental = 0; incremental < 2; ++incremental) {
    eg_graph *g = new_graph();
    eg_rules *rules = NULL;
    CHECK_EQ(eg_rules_parse(g, "r: (f ?x) => (g ?x)", declare, &rules), EG_OK);
    for (int i = 0; i < 1000; ++i) {
      char text[32];
      snprintf(text, sizeof text, "(f l%d)", i);
      term(g, text);
    }
    eg_limits limits = eg_limits_default();
    limits.nodes = 2300;
    eg_run_options options = {.limits = &limits, .incremental = incremental};
    eg_report report;
    CHECK_EQ(eg_run_with(g, rules, &options, &report), EG_OK);
    CHECK_EQ(report.stop, EG_STOP_NODES);
    CHECK(report.nodes < 3000);
    limits.nodes = EG_UNLIMITED;
    CHECK_EQ(eg_run_with(g, rules, &options, &report), EG_OK);
    CHECK_EQ(report.stop, EG_STOP_SATURATED);
    CHECK_EQ(report.nodes, 3000);
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
}

//===-- What it costs -----------------------------------------------------===//

// One fact at a time is added to many: a round looks at what touches it.
CHECK_TEST(a_round_costs_what_has_changed) {
  uint64_t searched[2];
  for (int incremental = 0; incremental < 2; ++incremental) {
    eg_graph *g = new_graph();
    eg_rules *rules = NULL;
    CHECK_EQ(eg_rules_parse(g,
                            "next: (at ?n), (on) => (at (s ?n))\n"
                            "pair: (f (g ?x ?y)), (at ?x) => (hit ?x ?y)\n",
                            declare, &rules),
             EG_OK);
    for (int i = 0; i < 5000; ++i) {
      char text[40];
      snprintf(text, sizeof text, "(f (g l%d m%d))", i, i);
      term(g, text);
    }
    term(g, "(at z)"), term(g, "(on)"), term(g, "(f (g (s (s z)) q))");
    eg_limits limits = eg_limits_default();
    limits.rounds = 50;
    eg_run_options options = {.limits = &limits, .incremental = incremental};
    eg_report report;
    CHECK_EQ(eg_run_with(g, rules, &options, &report), EG_OK);
    eg_op at, hit;
    CHECK_EQ(eg_op_find(g, "at", &at), EG_OK);
    CHECK_EQ(eg_op_find(g, "hit", &hit), EG_OK);
    CHECK_EQ(eg_op_num_nodes(g, at), 51);
    CHECK_EQ(eg_op_num_nodes(g, hit), 1);
    searched[incremental] = eg_rule_get_stats(rules, 0).searched +
                            eg_rule_get_stats(rules, 1).searched;
    eg_rules_destroy(rules);
    eg_graph_destroy(g);
  }
  printf("  nodes looked at: %d in full, %d incremental\n", (int)searched[0],
         (int)searched[1]);
  CHECK(searched[1] < 500);
  CHECK(searched[0] > 2 * searched[1]);
}

// egg's longest test: 60 rounds under Backoff, of which the late ones add
// little.
CHECK_TEST(late_rounds_under_backoff_are_cheap) {
  const egg_case *c = egg_lambda_cases;
  while (strcmp(c->name, "lambda_function_repeat") != 0)
    ++c;
  egg_result r[2];
  for (int incremental = 0; incremental < 2; ++incremental) {
    egg_lambda l;
    eg_named_condition conditions[EGG_LAMBDA_CONDITIONS];
    egg_language language = egg_lambda_language(EGG_LAMBDA, &l, conditions);
    eg_run_options options = {.scheduler = {.kind = EG_BACKOFF},
                              .incremental = incremental};
    r[incremental] = egg_run(&language, c, options, NULL);
    CHECK_EQ(r[incremental].status, EG_OK);
    CHECK(r[incremental].proved);
    egg_lambda_free(&l);
  }
  printf("  nodes looked at: %d in full, %d incremental; matches %d, %d; nodes "
         "%d, %d; rounds %d, %d\n",
         (int)r[0].searched, (int)r[1].searched, (int)r[0].matches,
         (int)r[1].matches, (int)r[0].nodes, (int)r[1].nodes,
         (int)r[0].report.rounds, (int)r[1].report.rounds);
  CHECK(r[1].searched * 3 < r[0].searched * 2);
  CHECK(r[1].matches * 3 < r[0].matches * 2);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

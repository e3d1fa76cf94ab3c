// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The egglog subset: programs and what they say, mistakes and where, limits,
// and failing memory. egglog's own suite runs in test/tools.
#include "egglog_run.h"

#include <stddef.h>

// Each program runs to its end; its checks are in it.
CHECK_TEST(programs) {
  static const struct {
    const char *text, *says;
  } rows[] = {
      {"", ""},
      {"; a comment\n(print-size)", "()\n"},
      // Rewrites, conditions, sorts of literals.
      {"(datatype E (N i64) (S String) (F f64) (Add E E))"
       "(rewrite (Add a b) (Add b a))"
       "(rewrite (Add (N a) (N b)) (N (+ a b)) :when ((> a 0)))"
       "(let e (Add (N 1) (N 2))) (run 3)"
       "(check (= e (N 3))) (check (= e (Add (N 2) (N 1))))"
       "(fail (check (= e (N 4))))"
       "(extract e) (extract (F 1.5)) (extract (S \"a\\\"b\\n\"))",
       "(N 3)\n(F 1.5)\n(S \"a\\\"b\\n\")\n"},
      // Datalog; a query is bound through a primitive.
      {"(relation edge (i64 i64)) (relation path (i64 i64))"
       "(rule ((edge x y)) ((path x y)))"
       "(rule ((path x y) (edge y z)) ((path x z)))"
       "(edge 1 2) (edge 2 3) (edge 3 4)"
       "(run-schedule (saturate (run)))"
       "(check (path 1 4)) (fail (check (path 4 1))) (print-size path)"
       "(print-function edge 2)",
       "6\n(\n   (edge 1 2)\n   (edge 2 3)\n)\n"},
      {"(function fib (i64) i64 :no-merge) (set (fib 0) 0) (set (fib 1) 1)"
       "(rule ((= a (fib x)) (= b (fib (+ x 1)))) ((set (fib (+ x 2)) (+ a "
       "b))))"
       "(run 20) (check (= (fib 21) 10946)) (extract (fib 10))",
       "55\n"},
      // Merges: at a set, and when arguments become equal.
      {"(datatype N (A) (B)) (function d (N) i64 :merge (min old new))"
       "(set (d (A)) 3) (set (d (A)) 5) (check (= (d (A)) 3))"
       "(set (d (B)) 2) (union (A) (B)) (check (= (d (A)) 2)) (print-size d)",
       "1\n"},
      {"(datatype N (Z) (O) (P N N)) (function f (i64) N :merge (P old new))"
       "(set (f 0) (Z)) (set (f 0) (O)) (check (= (f 0) (P (Z) (O))))",
       ""},
      // Congruence goes through tables and terms.
      {"(datatype V (X) (Y) (G V)) (relation r (V)) (r (G (X)))"
       "(fail (check (r (G (Y))))) (union (X) (Y)) (check (r (G (Y))))",
       ""},
      // push and pop go back whole: facts, unions, declarations, rules.
      {"(datatype V (X) (Y)) (relation r (V)) (push)"
       "(union (X) (Y)) (r (X)) (sort W) (relation s (W)) (let g (X))"
       "(rule ((r a)) ((r (Y)))) (check (= (X) (Y))) (pop)"
       "(X) (Y) (fail (check (= (X) (Y)))) (fail (check (r (X))))"
       "(sort W) (relation s (i64)) (s 1) (let g 1) (run 1) (check (s g))",
       ""},
      {"(function f () i64 :merge new) (set (f) 1) (push 2) (set (f) 2)"
       "(pop) (check (= (f) 1)) (pop) (check (= (f) 1))",
       ""},
      // Rulesets, schedules, until.
      {"(relation n (i64)) (ruleset up) (ruleset down)"
       "(rule ((n x) (< x 10)) ((n (+ x 1))) :ruleset up)"
       "(rule ((n x) (> x -10)) ((n (- x 1))) :ruleset down)"
       "(unstable-combined-ruleset both up down)"
       "(n 0) (run-schedule (repeat 2 up) (seq (run down) (run down :until (n "
       "0))))"
       "(print-size n) (run both 3) (print-size n)"
       "(run up 100 :until (n 7)) (print-size n)"
       "(run-schedule (saturate (saturate up) down))(print-size n)",
       "4\n10\n12\n21\n"},
      // Subsumed terms are checked, but neither matched nor extracted.
      {"(datatype E (A) (M E) (D E)) (rewrite (M x) (D x) :subsume)"
       "(let e (M (A))) (run 1) (rule ((M x)) ((D (D x)))) (run 1)"
       "(check (= e (M (A)))) (fail (check (D (D (A))))) (extract e)",
       "(D (A))\n"},
      // Costs, what must not be extracted, variants.
      {"(datatype E (A :cost 5) (B E) (C E :cost 10)) (constructor H () E "
       ":unextractable) (union (A) (H)) (union (B (A)) (C (A)))"
       "(extract (H)) (extract (C (A)) 3)",
       "(A)\n(\n   (B (A))\n   (C (A))\n)\n"},
      {"(relation p (i64)) (p 1) (delete (p 1)) (fail (check (p 1)))"
       "(p 1) (check (p 1))",
       ""},
      {"(include \"edges\") (check (edge 1 2)) (fail (include \"nowhere\"))",
       ""},
      // Primitives.
      {"(check (= (+ 1 2) 3)) (check (= (/ 7 2) 3)) (fail (check (= (/ 1 0) "
       "0)))"
       "(fail (check (= (+ 9223372036854775807 1) 0)))"
       "(check (= -9223372036854775808 (- (- 0 9223372036854775807) 1)))"
       "(check (= (<< 1 3) 8)) (check (= (log2 9) 3)) (check (!= 1 2))"
       "(check (= (+ \"a\" \"b\" \"c\") \"abc\"))"
       "(check (= (replace \"aXbX\" \"X\" \"yy\") \"ayybyy\"))"
       "(check (= (count-matches \"aaaa\" \"aa\") 2))"
       "(check (= (to-string 3) \"3\")) (check (= (^ 2.0 10.0) 1024.0))"
       "(check (= (and true (not false)) true)) (check (guard (xor true "
       "false)))"
       "(check (= (to-i64 2.9) 2)) (check (= 0.1 1e-1)) (extract (/ 1.0 3.0))",
       "0.3333333333333333\n"},
      // A rule without facts runs once; a wildcard is a new variable each time.
      {"(relation r (i64 i64)) (relation ok ()) (rule () ((r 1 2)))"
       "(rule ((r _ _)) ((ok))) (run 2) (check (ok))",
       ""},
      {"(datatype* (T (L i64) (Nest F)) (F (Nil) (Cons T F)))"
       "(birewrite (Cons a (Nil)) (Cons (Nest (Cons a (Nil))) (Nil)))"
       "(let x (Cons (L 1) (Nil))) (run 1)"
       "(check (= x (Cons (Nest x) (Nil))))",
       ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    prints(rows[i].text, rows[i].says);
}

// Line, column and name; nothing of the command is done.
CHECK_TEST(mistakes) {
  static const char before[] =
      "(datatype E (N i64) (Add E E)) (relation r (i64)) (let g (N 1))"
      "(function f (E) i64 :no-merge)";
  static const struct {
    const char *text;
    uint32_t line, column;
    const char *message;
  } rows[] = {
      {"(r 1", 1, 1, "a '(' is not closed"},
      {"(r 1))", 1, 6, "a ')' closes nothing"},
      {"(r \"x)", 1, 5, "a string is not closed"},
      {"r", 1, 1, "a command is a list"},
      {"()", 1, 1, "a command begins with a name"},
      {"((r 1))", 1, 1, "a call begins with a name"},
      {"(walk 1)", 1, 2, "'walk' is no function"},
      {"(r 1)\n(r 1 2)", 2, 1, "'r' takes 1 arguments, got 2"},
      {"(r \"x\")", 1, 4, "of sort 'String', not 'i64'"},
      {"(r 99999999999999999999)", 1, 4,
       "'99999999999999999999' does not fit into an i64"},
      {"(let h (N x))", 1, 11, "'x' is not bound"},
      {"(let g (N 1))", 1, 6, "'g' is declared already"},
      {"(sort E)", 1, 7, "'E' is declared already"},
      {"(datatype D (N i64))", 1, 14, "'N' is declared already"},
      {"(relation q (Q))", 1, 14, "'Q' is no sort"},
      {"(function h (E) i64)", 1, 1,
       "a function needs ':merge' or ':no-merge'"},
      {"(function h (E) i64 :merge (min old older))", 1, 37,
       "'older' is not bound"},
      {"(function h (E) E :merge (+ old new))", 1, 26,
       "no '+' takes arguments of these sorts"},
      {"(constructor c (E) i64)", 1, 1,
       "a constructor's result is no primitive sort"},
      {"(rewrite (Add a b) (Add b c))", 1, 27, "'c' is not bound"},
      {"(rewrite (Add a b) (N a))", 1, 23, "of sort 'E', not 'i64'"},
      {"(rewrite (Add a b) b :rules x)", 1, 22, "':rules' is no option here"},
      {"(rewrite (Add a b) b :ruleset none)", 1, 31, "'none' is no ruleset"},
      {"(rule ((= x (+ y 1))) ((r x)))", 1, 16, "'y' is not bound by any fact"},
      {"(rule ((r x)) ((r y)))", 1, 19, "'y' is not bound"},
      {"(rule ((r x)) ((let x 1)))", 1, 21, "'x' is bound already"},
      {"(rule ((r x)) ((set (r x) 1)))", 1, 21, "'r' is no function to be set"},
      {"(union 1 2)", 1, 1, "values of sort 'i64' cannot be united"},
      {"(run x)", 1, 1, "'run' needs a number of rounds"},
      {"(run none 3)", 1, 6, "'none' is no ruleset"},
      {"(run-schedule (forever (run)))", 1, 15, "this is no schedule"},
      {"(check (r 7))", 1, 1, "the check does not hold"},
      {"(fail (check (= 1 1)))", 1, 1, "the command does not fail"},
      {"(pop)", 1, 1, "'pop' without a 'push'"},
      {"(extract (f (N 9)))", 1, 10, "'f' has no value here"},
      {"(panic \"so it is\")", 1, 1, "panic: so it is"},
      {"(set (f g) 1)\n(set (f g) 2)", 2, 6, "'f' has two values and no merge"},
      {"(delete g)", 1, 9, "a call of a function is wanted here"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    run r = {0};
    start(&r, eg_limits_default());
    CHECK_EQ(eg_egglog_run(r.program, before), EG_OK);
    r.status = eg_egglog_run(r.program, rows[i].text);
    const eg_error *error = eg_egglog_error(r.program);
    if (r.status != EG_INVALID || error->column != rows[i].column)
      printf("  %s\n", rows[i].text);
    CHECK_EQ(r.status, EG_INVALID);
    CHECK_STR(error->text, rows[i].message);
    CHECK_EQ(error->line, rows[i].line);
    CHECK_EQ(error->column, rows[i].column);
    CHECK_EQ(eg_egglog_run(r.program, "(check (= g (N 1)))"), EG_OK);
    finish(&r);
  }
}

// A declaration that is refused half way declares nothing: the same names can
// be declared in the next command.
CHECK_TEST(refused_declarations_leave_nothing) {
  static const char *const rows[] = {
      "(datatype D (P i64) (Q Nowhere))",
      "(datatype* (D (P i64)) (F (Q Nowhere)))",
      "(function P (i64) i64 :merge (min old Nowhere))",
      "(constructor P (i64 Nowhere) E)",
      "(relation P (i64 Nowhere))",
      "(unstable-combined-ruleset P Nowhere)",
      "(include \"edges\") (datatype D (P i64) (P i64))",
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    run r = {0};
    start(&r, eg_limits_default());
    CHECK_EQ(eg_egglog_run(r.program, "(datatype E (Z))"), EG_OK);
    eg_graph *graph = eg_egglog_graph(r.program);
    uint32_t num_ops = eg_num_ops(graph);
    uint64_t num_nodes = eg_num_nodes(graph);
    CHECK_EQ(eg_egglog_run(r.program, rows[i]), EG_INVALID);
    CHECK_EQ(eg_num_ops(graph), num_ops);
    CHECK(eg_num_nodes(graph) == num_nodes || strstr(rows[i], "edges"));
    r.status = eg_egglog_run(r.program, "(print-size) (datatype D (P i64) (Q "
                                        "D)) (Q (P 1)) (check (Q (P x)))");
    if (r.status != EG_OK)
      printf("  %s: %s\n", rows[i], eg_egglog_error(r.program)->text);
    CHECK_EQ(r.status, EG_OK);
    CHECK(strstr(said(&r), "(Z 0)"));
    finish(&r);
  }
}

static bool at_once(void *user) {
  (void)user;
  return true;
}

// A runaway program stops at each limit, says so, and goes on afterwards.
CHECK_TEST(limits_stop_a_run) {
  static const char grows[] =
      "(datatype E (Z) (S E)) (relation n (i64)) (rewrite (S x) (S (S x)))"
      "(rule ((n x)) ((n (+ x 1)))) (S (Z)) (n 0) (run 100000) (check (n 1))";
  static const char joins[] =
      "(relation n (i64)) (rule ((n x) (n y) (n z)) ((n (+ 1 (+ x (* y z))))))"
      "(n 0) (run 100000) (check (n 0))";
  const eg_limits none = eg_limits_none();
  const struct {
    eg_stop stop;
    size_t field;
    uint64_t value;
    const char *text;
  } rows[] = {
      {EG_STOP_NODES, offsetof(eg_limits, nodes), 50, grows},
      {EG_STOP_BYTES, offsetof(eg_limits, bytes), 1 << 18, grows},
      {EG_STOP_ROUNDS, offsetof(eg_limits, rounds), 50, grows},
      {EG_STOP_MATCHES, offsetof(eg_limits, matches), 1, grows},
      {EG_STOP_RULE_MATCHES, offsetof(eg_limits, rule_matches), 20, joins},
      {EG_STOP_FUEL, offsetof(eg_limits, fuel), 1000, joins},
      {EG_STOP_CANCELLED, offsetof(eg_limits, cancel), 0, joins},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    eg_limits limits = none;
    run r = {0};
    if (rows[i].stop == EG_STOP_CANCELLED)
      limits.cancel = at_once;
    else
      *(uint64_t *)(void *)((char *)&limits + rows[i].field) = rows[i].value;
    start(&r, limits);
    CHECK_EQ(eg_egglog_run(r.program, rows[i].text), EG_OK);
    eg_report report = eg_egglog_report(r.program);
    CHECK_EQ(report.stop, rows[i].stop);
    CHECK(report.nodes < 20000);
    finish(&r);
  }
}

// Counters per rule, for the engine's rewrites and for the searched ones.
CHECK_TEST(rules_are_counted) {
  run r = {0};
  start(&r, eg_limits_default());
  CHECK_EQ(eg_egglog_run(r.program,
                         "(datatype E (N i64) (Add E E))"
                         "(rewrite (Add a b) (Add b a) :name \"comm\")"
                         "(rule ((N x)) ((N (* x 0))))"
                         "(Add (N 1) (N 2)) (run 3)"),
           EG_OK);
  CHECK_EQ(eg_egglog_num_rules(r.program), 2);
  CHECK_STR(eg_egglog_rule_name(r.program, 0), "comm");
  CHECK_STR(eg_egglog_rule_name(r.program, 1), "(rule ((N x)) ((N (* x 0))))");
  CHECK_EQ(eg_egglog_rule_stats(r.program, 0).applied, 1);
  CHECK_EQ(eg_egglog_rule_stats(r.program, 0).new_nodes, 1);
  CHECK_EQ(eg_egglog_rule_stats(r.program, 1).applied, 1);
  CHECK_EQ(eg_egglog_rule_stats(r.program, 1).matches, 3);
  finish(&r);
}

//===-- Failing memory ----------------------------------------------------===//

CHECK_TEST(every_allocation_fails_once) {
  static const char text[] =
      "(datatype E (N i64) (Add E E)) (relation r (E i64))"
      "(function f (E) i64 :merge (min old new))"
      "(rewrite (Add a b) (Add b a)) (rule ((N x)) ((set (f (N x)) x)))"
      "(rule ((= y (f e)) (!= y 5)) ((r e y) (union (N y) (N (+ y 1)))))"
      "(let e (Add (N 1) (N 2))) (ruleset s) (push) (union e (N 3))"
      "(run 3) (check (r e y)) (pop) (run-schedule (saturate (run) s))"
      "(extract e 2) (print-size) (print-function f)";
  expect_failures(text);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

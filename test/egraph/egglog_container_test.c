// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Containers of egglog programs: what they hold after unions, what is new to a
// rule, mistakes, failing memory. A random program is judged by plain arrays.
#include "egglog_run.h"

#include <stdarg.h>

CHECK_TEST(programs) {
  static const struct {
    const char *text, *says;
  } rows[] = {
      // Every primitive of each container.
      {"(sort V (Vec i64)) (let v (vec-of 5 6 7))"
       "(check (= (vec-length v) 3)) (check (= (vec-get v 2) 7))"
       "(fail (check (= (vec-get v 3) 7))) (fail (check (= (vec-get v -1) 7)))"
       "(check (= (vec-push (vec-pop v) 7) v)) (check (= (vec-pop (vec-empty)) "
       "(vec-of)))"
       "(check (= (vec-append v (vec-of) (vec-of 1)) (vec-of 5 6 7 1)))"
       "(check (= (vec-set v 1 9) (vec-of 5 9 7))) (check (= (vec-remove v 0) "
       "(vec-of 6 7)))"
       "(check (vec-contains v 6)) (fail (check (vec-contains v 8)))"
       "(check (vec-not-contains v 8)) (fail (check (= (vec-of 1 2) (vec-of 2 "
       "1))))"
       "(extract v) (extract (vec-pop (vec-of 1)))",
       "(vec-of 5 6 7)\n(vec-empty)\n"},
      {"(sort S (Set i64)) (let s (set-of 3 1 3 2))"
       "(check (= (set-length s) 3)) (check (= s (set-of 2 3 1)))"
       "(check (= (set-insert (set-empty) 1) (set-of 1)))"
       "(check (= (set-remove s 3) (set-of 1 2))) (check (= (set-remove s 9) "
       "s))"
       "(check (= (set-union s (set-of 4 1)) (set-of 1 2 3 4)))"
       "(check (= (set-diff s (set-of 1 9)) (set-of 3 2)))"
       "(check (= (set-intersect s (set-of 9 3 2)) (set-of 3 2)))"
       "(check (set-contains s 2)) (check (set-not-contains s 7))"
       "(fail (check (set-contains s 7))) (check (= (set-get (set-of 8) 0) 8))"
       "(fail (check (= (set-get s 3) 1)))",
       ""},
      {"(sort M (MultiSet i64)) (let m (multiset-of 1 2 1))"
       "(check (= m (multiset-of 2 1 1))) (check (= (multiset-length m) 3))"
       "(check (= (multiset-count m 1) 2)) (check (!= m (multiset-of 1 2)))"
       "(check (= (multiset-remove m 1) (multiset-of 1 2)))"
       "(fail (check (= (multiset-remove m 9) m)))"
       "(check (= (multiset-insert m 2) (multiset-sum (multiset-of 1 2) "
       "(multiset-of 2 1))))"
       "(check (multiset-contains m 2)) (check (multiset-not-contains m 3))",
       ""},
      {"(sort M (Map String i64)) (let m (map-insert (map-insert (map-empty) "
       "\"a\" 1) \"b\" 2))"
       "(check (= (map-get m \"a\") 1)) (fail (check (= (map-get m \"c\") 1)))"
       "(check (= (map-length m) 2)) (check (map-contains m \"b\"))"
       "(check (map-not-contains m \"c\"))"
       "(check (= (map-get (map-insert m \"a\" 9) \"a\") 9))"
       "(check (= (map-length (map-remove m \"a\")) 1))"
       "(check (= m (map-insert (map-insert (map-empty) \"b\" 2) \"a\" 1)))"
       "(extract m) (extract (map-empty))",
       "(map-of \"a\" 1 \"b\" 2)\n(map-of)\n"},
      {"(sort P (Pair i64 String)) (let p (pair 1 \"x\"))"
       "(check (= (pair-first p) 1)) (check (= (pair-second p) \"x\"))"
       "(extract p)",
       "(pair 1 \"x\")\n"},
      // Elements become equal: sets shrink, keys fall together, all of them
      // become equal to others, also inside one another and inside terms.
      {"(datatype N (A) (B) (C)) (sort S (Set N)) (sort V (Vec N)) (sort SS "
       "(Set S)) (sort M (Map N i64)) (sort MS (MultiSet N)) (datatype T (H SS "
       "V))"
       "(let s (set-of (A) (B) (C))) (let v (vec-of (A) (B)))"
       "(let ss (set-of (set-of (A)) (set-of (B)) s)) (let t (H ss v))"
       "(let m (map-insert (map-insert (map-empty) (A) 1) (B) 1))"
       "(let ms (multiset-of (A) (B)))"
       "(check (= (set-length ss) 3)) (push) (union (A) (B))"
       "(check (= (set-length s) 2)) (check (= s (set-of (C) (B))))"
       "(check (= v (vec-of (B) (B)))) (check (= (set-length ss) 2))"
       "(check (= t (H (set-of (set-of (C) (A)) (set-of (A))) (vec-of (A) "
       "(A)))))"
       "(check (= (map-length m) 1)) (check (= (map-get m (B)) 1))"
       "(check (= (multiset-length ms) 2)) (check (= (multiset-count ms (A)) "
       "2))"
       "(pop) (check (= (set-length s) 3)) (fail (check (= v (vec-of (B) "
       "(B)))))"
       "(check (= (map-length m) 2))",
       ""},
      // A row is new to a rule when what its container holds changes.
      {"(datatype N (A) (B)) (sort S (Set N)) (relation has (S)) (relation "
       "elem "
       "(N)) (relation hit (N))"
       "(rule ((has s) (elem x) (set-contains s x)) ((hit x)))"
       "(has (set-of (A))) (elem (B)) (run 5) (fail (check (hit x)))"
       "(union (A) (B)) (run 5) (check (hit (A)))",
       ""},
      {"(datatype N (W N) (A)) (sort V (Vec N)) (sort VV (Vec V)) (relation r "
       "(VV)) (relation ok ()) (rewrite (W x) x)"
       "(rule ((r (vec-of (vec-of (A))))) ((ok)))"
       "(r (vec-of (vec-of (W (A))))) (run 5) (check (ok))",
       ""},
      // The same where only the inner one is another node than before.
      {"(datatype N (A) (B) (C) (D)) (sort V (Vec N)) (sort VV (Vec V)) "
       "(relation r (VV)) (relation ok ()) (let a (A)) (union a (B)) (union a "
       "(C))"
       "(rule ((r vv) (= v (vec-get vv 0)) (= a (vec-get v 0))) ((ok)))"
       "(r (vec-of (vec-of (D)))) (run 3) (fail (check (ok)))"
       "(union (D) a) (run 1) (check (ok))",
       ""},
      // Merges over containers; a container built by a rule.
      {"(sort S (Set i64)) (function f (i64) S :merge (set-union old new))"
       "(set (f 0) (set-of 1)) (set (f 0) (set-of 2)) (check (= (f 0) (set-of "
       "1 "
       "2)))"
       "(sort V (Vec i64)) (relation num (i64)) (relation len (i64))"
       "(rule ((num x) (num y) (= v (vec-of x y x)) (= n (vec-length v))) "
       "((len "
       "n)))"
       "(num 1) (num 2) (run 2) (check (len 3))",
       ""},
      {"(datatype* (E (N i64) (L Es)) (sort Es (Vec E)) (F (G Es)))"
       "(rewrite (L (vec-of (N x))) (N x)) (let e (L (vec-of (L (vec-of (N "
       "1))))))"
       "(run 3) (check (= e (N 1)))",
       ""},
      // A variable twice in an atom of which another argument is bound.
      {"(datatype N (A) (F N N N)) (relation r (N)) (relation ok (N))"
       "(rule ((r y) (= z (F x x y)) (!= x y)) ((ok x)))"
       "(r (A)) (F (F (A) (A) (A)) (F (A) (A) (A)) (A)) (run 2)"
       "(check (ok (F (A) (A) (A)))) (print-size ok)",
       "1\n"},
      // A global that comes to be another class.
      {"(datatype N (A) (B) (C)) (relation r (N)) (relation ok ()) (let b (B))"
       "(rule ((r b)) ((ok))) (r (A)) (union (A) (C)) (run 1) (fail (check "
       "(ok)))"
       "(union b (A)) (run 1) (check (ok))",
       ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    prints(rows[i].text, rows[i].says);
}

CHECK_TEST(mistakes) {
  static const struct {
    const char *text;
    uint32_t column;
    const char *message;
  } rows[] = {
      {"(sort V (List i64))", 10, "no container that is understood"},
      {"(sort V Vec)", 9, "a list of a container and its sorts is wanted here"},
      {"(sort V (Vec))", 10, "'Vec' takes 1 sorts"},
      {"(sort V (Map i64))", 10, "'Map' takes 2 sorts"},
      {"(sort V (Vec Nowhere))", 14, "'Nowhere' is no sort"},
      {"(sort N (Vec i64))", 7, "'N' is declared already"},
      {"(sort V :internal-uf f)", 9, "no option that is understood"},
      {"(vec-push s (A))", 1, "no 'vec-push' takes arguments of these sorts"},
      {"(set-insert s 1)", 1, "no 'set-insert' takes arguments of these sorts"},
      {"(union s s)", 1, "values of sort 'S' cannot be united"},
      {"(constructor c () S)", 1,
       "a constructor's result is no primitive sort"},
      {"(extract (set-get s 7))", 10,
       "'set-get' is not defined for these values"},
      {"(rule ((set-contains s x)) ())", 24, "'x' is not bound by any fact"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    run r = {0};
    start(&r, eg_limits_default());
    runs(&r, "(datatype N (A)) (sort S (Set N)) (let s (set-of (A)))");
    uint32_t num_ops = eg_num_ops(eg_egglog_graph(r.program));
    CHECK_EQ(eg_egglog_run(r.program, rows[i].text), EG_INVALID);
    CHECK_STR(eg_egglog_error(r.program)->text, rows[i].message);
    CHECK_EQ(eg_egglog_error(r.program)->line, 1);
    CHECK_EQ(eg_egglog_error(r.program)->column, rows[i].column);
    CHECK_EQ(eg_num_ops(eg_egglog_graph(r.program)), num_ops);
    runs(&r, "(sort V (Vec N)) (check (= s (set-of (A) (A))))");
    finish(&r);
  }
}

//===-- Against arrays ----------------------------------------------------===//

enum { ELEMS = 7, BAGS = 8, LONGEST = 5 };

typedef enum shape { VEC, SET, MULTISET, MAP, SHAPES } shape;

static const char *const makers[SHAPES] = {"vec-of", "set-of", "multiset-of",
                                           "map"};

typedef struct bag {
  shape shape;
  int num, elems[LONGEST];
} bag;

typedef struct world {
  int parent[ELEMS];
  bag bags[BAGS];
  char text[1 << 16];
  size_t num;
} world;

static void say(world *w, const char *format, ...) {
  va_list args;
  va_start(args, format);
  w->num += (size_t)vsnprintf(w->text + w->num, sizeof w->text - w->num, format,
                              args);
  va_end(args);
}

static int find(const world *w, int elem) {
  while (w->parent[elem] != elem)
    elem = w->parent[elem];
  return elem;
}

// How often each root stands in the bag: in a set and a map at most once.
static void tally(const world *w, const bag *b, int counts[ELEMS]) {
  memset(counts, 0, ELEMS * sizeof *counts);
  for (int i = 0; i < b->num; ++i) {
    int *count = &counts[find(w, b->elems[i])];
    *count += *count == 0 || b->shape == MULTISET || b->shape == VEC;
  }
}

static bool same_bags(const world *w, const bag *a, const bag *b) {
  int x[ELEMS], y[ELEMS];
  if (a->shape == VEC) {
    for (int i = 0; i < a->num && i < b->num; ++i)
      if (find(w, a->elems[i]) != find(w, b->elems[i]))
        return false;
    return a->num == b->num;
  }
  tally(w, a, x), tally(w, b, y);
  return memcmp(x, y, sizeof x) == 0;
}

// The bag as an expression; a map has 1 at each key.
static void say_bag(world *w, const bag *b) {
  for (int i = 0; b->shape == MAP && i < b->num; ++i)
    say(w, "(map-insert ");
  say(w, b->shape == MAP ? "(map-empty)" : "(%s", makers[b->shape]);
  for (int i = 0; i < b->num; ++i)
    say(w, b->shape == MAP ? " (N %d) 1)" : " (N %d)", b->elems[i]);
  say(w, b->shape == MAP ? "" : ")");
}

static void random_bags(world *w, uint64_t *random) {
  for (int i = 0; i < BAGS; ++i) {
    bag *b = &w->bags[i];
    b->shape = (shape)(i % SHAPES);
    b->num = (int)random_below(random, LONGEST + 1);
    for (int k = 0; k < b->num; ++k)
      b->elems[k] = (int)random_below(random, ELEMS);
    say(w, "(let b%d ", i);
    say_bag(w, b);
    say(w, ") (has-%s b%d)\n", makers[b->shape], i);
  }
}

// Checks of all that can be asked of the bags as they are now.
static void say_checks(world *w) {
  for (int i = 0; i < BAGS; ++i) {
    const bag *b = &w->bags[i];
    int counts[ELEMS], length = 0;
    tally(w, b, counts);
    for (int e = 0; e < ELEMS; ++e)
      length += counts[e];
    const char *prefix = b->shape == VEC   ? "vec"
                         : b->shape == SET ? "set"
                         : b->shape == MAP ? "map"
                                           : "multiset";
    say(w, "(check (= (%s-length b%d) %d))\n", prefix, i, length);
    for (int e = 0; e < ELEMS; ++e) {
      bool in = counts[find(w, e)] > 0;
      say(w, "(check (%s-%scontains b%d (N %d)))\n", prefix, in ? "" : "not-",
          i, e);
      say(w,
          in ? "(check (hit-%s b%d (N %d)))\n"
             : "(fail (check (hit-%s b%d (N %d))))\n",
          makers[b->shape], i, e);
    }
    for (int k = i % SHAPES; k < i; k += SHAPES)
      say(w,
          same_bags(w, b, &w->bags[k]) ? "(check (= b%d b%d))\n"
                                       : "(fail (check (= b%d b%d)))\n",
          i, k);
  }
}

static void say_declarations(world *w) {
  say(w, "(datatype N0 (N i64)) (relation elem (N0))\n"
         "(sort V (Vec N0)) (sort S (Set N0)) (sort MS (MultiSet N0)) "
         "(sort M (Map N0 i64))\n");
  static const char *const sorts[SHAPES] = {"V", "S", "MS", "M"};
  static const char *const prefixes[SHAPES] = {"vec", "set", "multiset", "map"};
  for (int i = 0; i < SHAPES; ++i)
    say(w,
        "(relation has-%s (%s)) (relation hit-%s (%s N0))\n"
        "(rule ((has-%s b) (elem x) (%s-contains b x)) ((hit-%s b x)))\n",
        makers[i], sorts[i], makers[i], sorts[i], makers[i], prefixes[i],
        makers[i]);
  for (int i = 0; i < ELEMS; ++i)
    say(w, "(elem (N %d))", i);
}

CHECK_TEST(random_unions_agree_with_arrays) {
  uint64_t shrunk = 0;
  for (uint64_t seed = 1; seed <= 60 && !check_failures; ++seed) {
    static world w;
    uint64_t random = seed;
    run r = {0};
    start(&r, eg_limits_default());
    memset(&w, 0, sizeof w);
    for (int i = 0; i < ELEMS; ++i)
      w.parent[i] = i;
    say_declarations(&w);
    random_bags(&w, &random);
    for (int round = 0; round < 5; ++round) {
      say(&w, "(run-schedule (saturate (run)))\n");
      say_checks(&w);
      int a = (int)random_below(&random, ELEMS);
      int b = (int)random_below(&random, ELEMS);
      say(&w, "(union (N %d) (N %d))\n", a, b);
      shrunk += find(&w, a) != find(&w, b);
      w.parent[find(&w, a)] = find(&w, b);
    }
    CHECK(w.num < sizeof w.text - 1);
    if (!runs(&r, w.text))
      printf("  seed %d, line %u\n", (int)seed,
             (unsigned)eg_egglog_error(r.program)->line);
    finish(&r);
  }
  CHECK(shrunk > 100);
}

//===-- Failing memory ----------------------------------------------------===//

CHECK_TEST(every_allocation_fails_once) {
  static const char text[] =
      "(datatype N (I i64)) (sort S (Set N)) (sort V (Vec S)) (sort M (Map N "
      "V))"
      "(relation has (V)) (relation m (M)) (relation ok (N))"
      "(rule ((has v) (= s (vec-get v 0)) (= x (set-get s 0))) ((ok x)))"
      "(rule ((m a) (has v) (= b (map-insert a (I 9) v))) ((m b)))"
      "(has (vec-of (set-of (I 2) (I 1) (I 3)) (set-of)))"
      "(m (map-insert (map-empty) (I 1) (vec-of))) (push)"
      "(run 2) (union (I 1) (I 9)) (union (I 2) (I 3)) (run 2) (pop)"
      "(extract (vec-of (set-of (I 1)))) (print-function m 9)";
  expect_failures(text);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fuzzes the reader and interpreter of egglog programs: no input may crash it or
// break an invariant of the graph, and what it refuses has a message.
#include "eg_egglog.h"
#include "fuzz.h"

static bool drop(void *user, const char *bytes, size_t size) {
  (void)user;
  (void)bytes;
  (void)size;
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *source = fuzz_text(data, size);
  eg_allocator memory = eg_allocator_default();
  eg_egglog_options options = {.limits = eg_limits_none(),
                               .output = {drop, NULL}};
  options.limits.nodes = 300;
  options.limits.bytes = 1 << 22;
  options.limits.rounds = 8;
  options.limits.matches = 2000;
  options.limits.fuel = 100000;
  eg_egglog *program;
  if (!source || eg_egglog_create(&memory, &options, &program) != EG_OK) {
    free(source);
    return 0;
  }
  // Twice: the second run meets what the first has declared.
  for (int i = 0; i < 2; ++i) {
    eg_status status = eg_egglog_run(program, source);
    const eg_error *error = eg_egglog_error(program);
    fuzz_require(status == EG_OK || error->text[0] != '\0', "no message",
                 source);
    eg_graph *graph = eg_egglog_graph(program);
    fuzz_require(eg_check(graph) == EG_OK, "check",
                 eg_graph_error(graph)->text);
  }
  eg_egglog_destroy(program);
  free(source);
  return 0;
}

FUZZ_UNUSED static const char *const seeds[] = {
    "(datatype E (N i64) (S String) (Add E E :cost 3)) (let e (Add (N 1) (S "
    "\"x\"))) (rewrite (Add a b) (Add b a)) (run 3) (check (= e (Add x y))) "
    "(extract e 2)",
    "(relation p (i64 i64)) (rule ((p x y) (p y z)) ((p x z))) (p 1 2) (p 2 3) "
    "(run 3) (print-function p 2) (push) (delete (p 1 3)) (pop) (fail (check "
    "(p "
    "3 1)))",
    "(datatype E (Z) (F E)) (function f (E) E :merge (F old)) (set (f (Z)) "
    "(Z)) "
    "(set (f (Z)) (F (Z))) (union (Z) (F (Z))) (run-schedule (saturate (run)))",
    "(function d (i64) f64 :merge (min old new)) (rule ((= x (d i)) (> x 1.5)) "
    "((set (d (+ i 1)) (/ x 2.0)))) (set (d 0) 9.0) (run 9) (print-size)",
    "(ruleset a) (sort S) (constructor c (i64) S :unextractable) (rule ((c x)) "
    "((let y (c (+ x 1))) (union y (c x)) (subsume (c x))) :ruleset a) (c 1) "
    "(run-schedule (repeat 2 (seq a (run a :until (c 4)))))",
    "(datatype* (T (L i64) (M U)) (U (Nil) (Cons T U))) (birewrite (M x) (M "
    "(Cons "
    "(M x) x)) :when ((!= x (Nil)))) (M (Cons (L 1) (Nil))) (run 4)",
    "(datatype E (N i64)) (sort V (Vec E)) (sort S (Set V)) (relation r (S)) "
    "(rule ((r s) (= v (set-get s 0)) (vec-contains v x)) ((r (set-of v "
    "(vec-push "
    "v x))))) (let v (vec-of (N 1) (N 2))) (r (set-of v (vec-pop v))) (union "
    "(N "
    "1) (N 2)) (run 3) (extract v)",
    "(datatype K (A) (B)) (sort M (Map K i64)) (sort P (Pair M K)) (sort Q "
    "(MultiSet K)) (let p (pair (map-insert (map-insert (map-empty) (A) 1) (B) "
    "2) (A))) (union (A) (B)) (check (= (map-get (pair-first p) (B)) x)) "
    "(extract "
    "p) (extract (multiset-insert (multiset-of (A)) (B)))",
};
FUZZ_UNUSED static const char pieces[] =
    "( ) (( )) ; \" x y _ 1 -1 1.5 \"s\" true old new (= (+ (run (check (let "
    "(set (union (rule (rewrite (extract (push) (pop) :when :merge :ruleset "
    ":subsume :naive :until (fail (delete (subsume (panic (sort (function "
    "(relation (datatype (print-size) (run-schedule (saturate i64 String E "
    "(Vec (Set (Map (Pair (MultiSet (vec-of (set-of (map-insert (map-empty) "
    "(set-get (vec-get (set-remove (set-union (vec-length (pair-first";

FUZZ_MAIN(seeds, pieces, 4000)

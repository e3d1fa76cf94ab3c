#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The command line of eg: what it prints, what it refuses and with which code.
#
#   eg_test.sh <eg> <folder of workloads> <folder of examples>
#
# Needs only sh and grep: core is tested with nothing but a C compiler.
set -u
eg=$1
workloads=$2
examples=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  echo "FAIL $1"
  sed 's/^/  | /' "$work/out"
  failures=$((failures + 1))
}

# expect <code> <line in the output> <arguments…>: standard input is passed on.
expect() {
  code=$1
  line=$2
  shift 2
  "$eg" "$@" > "$work/out" 2>&1
  got=$?
  if [ $got != "$code" ]; then
    fail "eg $*: exit code $got, not $code"
  elif ! grep -qF -- "$line" "$work/out"; then
    fail "eg $*: no line with '$line'"
  fi
}

# program <text>: what the file p holds from now on.
program() {
  printf '%s\n' "$1" > "$work/p"
}

# Help teaches, and mistakes on the command line are code 2.
expect 0 'eg COMMAND --help' --help
for command in run stats dot extract rules; do
  expect 0 "usage: eg $command" $command --help
  expect 2 'a file is missing' $command
done
expect 2 'usage: eg COMMAND'
expect 2 "no command 'walk'" walk x
expect 2 'no option --colour' run --colour "$work/p"
expect 2 'no option --best' run --best "$work/p"
expect 2 '--nodes wants a number' run --nodes=many "$work/p"
expect 2 '--nodes wants a number' run --nodes=30000000000G "$work/p"
expect 2 '--help takes no value' run --help=yes
expect 2 '--output needs a value' run --output "$work/p"
expect 2 "too many arguments, at '9'" run 1 2 3 4 5 6 7 8 9

# A program of rules and terms.
program '# x * 2 / 2
cancel: (/ (* ?x ?y) ?y) => ?x
assoc; (/ (* ?x ?y) ?z) => (* ?x (/ ?y ?z))
start: (/ (* a 2) 2)
two: (* a
        2)'
expect 0 'start: a  # size 1' run "$work/p"
expect 0 'two: (* a 2)  # size 3' run "$work/p"
expect 0 'stopped: saturated' run "$work/p"
expect 0 'stopped: round limit, after 1 rounds' run --rounds=1 "$work/p"
expect 0 'graph: 4 nodes in 4 classes' run --rounds=0 "$work/p"
expect 0 'start: (/ (* a 2) 2)  # size 5' run --rounds=0 "$work/p"
expect 0 'stopped: node limit' run --nodes=1k "$workloads/math-microbenchmark.txt"
expect 0 'cancel            2            1            1            0' stats --rounds=1 "$work/p"
expect 0 'digraph egraph' dot "$work/p"
expect 0 'fillcolor=gold' dot --best "$work/p"
expect 0 'start: a' run - < "$work/p"
"$eg" run --output="$work/o" "$work/p" || fail 'eg run --output'
grep -q 'start: a' "$work/o" || fail "--output did not write"

program 'half: (/ ?a ?a) => 1 if not-zero ?a
add: (+ ?a ?b) => (sum ?a ?b) if number ?a ?b
two: (pair ?a ?b) => (different ?a ?b) if distinct ?a ?b
t: (/ 2 2)
u: (/ 0 0)
v: (+ 1 -2.5e1)
w: (+ x 1)
y: (pair 1 1)'
expect 0 't: 1  # size 1' run "$work/p"
expect 0 'u: (/ 0 0)' run "$work/p"
expect 0 'half            2            1            1            0' stats --rounds=1 "$work/p"
expect 0 'add             2            1            1            1' stats --rounds=1 "$work/p"
expect 0 'two             1            0            0            0' stats --rounds=1 "$work/p"
program 'cancel: (/ (* ?x ?y) ?y) => ?x'

# egglog programs, which say what they are asked to.
printf '(datatype E (N i64) (A E E)) (rewrite (A x y) (A y x) :name "comm")
(let e (A (N 1) (N 2))) (run 3) (extract e) (print-size A)
(include "%s")' "$work/more.egg" > "$work/p.egg"
echo '(check (= e (A (N 2) (N 1))))' > "$work/more.egg"
expect 0 '(A (N 1) (N 2))' run "$work/p.egg"
expect 0 'comm            3            3            1            1' stats "$work/p.egg"
echo '(print-size)' > "$work/more.egg"
expect 0 'eg: a run was stopped: node limit' run --nodes=3 "$work/p.egg"
expect 0 'label="A"' dot "$work/p.egg"
echo '(check (= e (N 7)))' > "$work/more.egg"
expect 1 ":1:1: error: the check does not hold" run "$work/p.egg"
echo '(datatype E (N i64))
(let e (N "x"))' > "$work/p.egg"
expect 1 "p.egg:2:11: error: of sort 'String', not 'i64'" run "$work/p.egg"

# Rulesets and schedules.
expect 0 'twice: (* (* x 2) (+ 2 1))  # size 7' run "$examples/rules/derivative.txt"
expect 0 'stopped: end of the schedule, after 25 rounds' run "$examples/rules/derivative.txt"
expect 0 'one: (* ?a 1) => ?a subsume' rules "$examples/rules/derivative.txt"
"$eg" rules --output="$work/again" "$examples/rules/derivative.txt" || fail 'eg rules --output'
"$eg" rules "$work/again" > "$work/out" && cmp -s "$work/again" "$work/out" || fail 'eg rules, read again'
printf 'up: (s ?x) => (s (s ?x))\nschedule (repeat 3 (run) :until (s (s z)))\nt: (s z)' > "$work/q"
expect 0 'after 1 rounds' run "$work/q"
expect 0 'schedule (repeat 3 (run) :until (s (s z)))' rules "$work/q"
printf 'up: (s ?x) => (s (s ?x))\nschedule (repeat 3\n  (run down))' > "$work/q"
expect 1 "q:3:8: error: no ruleset 'down' above" run "$work/q"
expect 1 'is an egglog program, not a file of rules' rules "$work/p.egg"
printf 'ruleset a\nr: (f ?x) => (g ?x)\nruleset b\ns: (g ?x) => (h ?x)\nschedule a' > "$work/q"
expect 0 '(rule r forward)' explain "$work/q" '(f 1)' '(g 1)'
expect 1 'not found equal: end of the schedule' explain "$work/q" '(f 1)' '(h 1)'

# Proofs.
expect 0 '(rule cancel forward)' explain "$work/p" '(/ (* a 2) 2)' a
expect 0 '(start (/ (* a 2) 2))' explain "$work/p" '(/ (* a 2) 2)' a
expect 0 '(goal' explain --tree "$work/p" '(/ (* a 2) 2)' a
expect 1 'not found equal: saturated' explain "$work/p" a b
expect 1 "first term:1:2: error: '(/' is not closed" explain "$work/p" '(/ a' b
program 'two: (+ 1 1) => 2
half: (/ ?a ?a) => 1 if not-zero ?a'
expect 0 '(step (rule half forward (if not-zero (is (+ 1 1) 2))) (at) 1)' explain "$work/p" '(/ (+ 1 1) (+ 1 1))' 1
expect 0 '(is (+ 1 1) 2 (lemma 1 forward))' explain --tree --strict "$work/p" '(/ (+ 1 1) (+ 1 1))' 1
expect 0 '# assumed: not-zero, 1 times' explain "$work/p" '(/ x x)' 1
expect 1 "condition 'not-zero' of rule 'half' cannot be decided" explain --strict "$work/p" '(/ x x)' 1
program 'nought: (h ?a) => 0
half: (/ ?a ?a) => 1 if not-zero ?a'
expect 1 "condition 'not-zero' of rule 'half' fails" explain "$work/p" '(/ (h 1) (h 1))' 1
program 'half: (/ ?a ?a) => 1 if not-zero ?a'
expect 1 'not found equal' explain "$work/p" '(/ 0 0)' 1
expect 2 'takes a file and two terms' explain "$work/p" a

# Malformed input: where, what, code 1, and no file.
rm "$work/o"
expect 1 'cannot read' run "$work/missing"
expect 1 'cannot write' run --output="$work/no/where" "$work/p"
program 'r: (+ ?a ?b) => (+ ?b ?c)
start: (+ 1 2)'
expect 1 "p:1:23: error: rule 'r': variable '?c' is not bound" run "$work/p"
program 'r: (+ ?a ?b) => (+ ?b ?a)
start: (+ 1 2'
expect 1 "p:2:9: error: rule 'start': '(+' is not closed" run --output="$work/o" "$work/p"
[ ! -e "$work/o" ] || fail "a file in spite of the error"
program 'start: (+ ?a 2)'
expect 1 "a term holds no variables, got '?a'" run "$work/p"
program 'start: (+ 1 2)
next: (+ 1 2 3)'
expect 1 "p:2:8: error: rule 'next': operator '+' takes 2 children, got 3" run "$work/p"
program 'r: a => b
r: b => c'
expect 1 "p:2:3: error: rule 'r': the name is taken" run "$work/p"

# Extraction: gym's line, the methods, budgets, what is refused.
program '{"nodes": {
"a": {"op": "+", "eclass": "0", "children": ["b", "c"], "cost": 1},
"b": {"op": "x", "eclass": "1", "children": ["d"], "cost": 1},
"c": {"op": "y", "eclass": "2", "children": ["d"], "cost": 1},
"c2": {"op": "y2", "eclass": "2", "cost": 3},
"d": {"op": "big", "eclass": "3", "cost": 10}},
"root_eclasses": ["0"]}'
line='"extractor": "local", "tree": 23, "dag": 13, "micros": '
expect 0 "$line" extract "$work/p"
expect 0 '"extractor": "tree", "tree": 15, "dag": 15' extract --method=tree "$work/p"
expect 0 '"bound": 13, "optimal": true, "stop": "done"' extract --method=branch --verbose "$work/p"
expect 0 '"tree": 15, "dag": 15' extract --method=local --time=0 "$work/p"
expect 0 '"stop": "work"' extract --work=0 --verbose "$work/p"
expect 0 '3	d	big' extract --choice "$work/p"
expect 0 '0	15	(+ (x big) y2)' extract --terms=3 "$work/p"
expect 0 '0	23	(+ (x big) (y big))' extract --terms=3 "$work/p"
expect 0 '13	4' extract --pareto=9 "$work/p"
expect 0 'local    ' extract --list-methods
expect 2 "no method 'best'; --list-methods" extract --method=best "$work/p"
expect 2 '--time wants a number' extract --time=-1 "$work/p"
expect 2 '--time wants a number' extract --time=nan "$work/p"
expect 1 'error: ' extract --plugin="$work/none.so" "$work/p"
program '{"nodes": {"a": {"op": "f", "eclass": "0", "children": ["a"]}},
"root_eclasses": ["0"]}'
expect 1 'root 0, class 0, has no finite term' extract "$work/p"
program '{"nodes": {},
 "root_eclasses": ["7"]}'
expect 1 'p:2:20: error: root_eclasses[0] "7" names no class' extract "$work/p"
program '{"nodes": {"a": {"op": "f", "eclass": "0", "cost": NaN}}}'
expect 1 'where a number is due' extract "$work/p"
program '{"nodes": {"a": {"op": "f", "eclass": "0", "cost": -2}},
"root_eclasses": ["0"]}'
expect 0 '"dag": -2' extract "$work/p"
expect 1 "method 'branch' needs costs of 0 or more" extract --method=branch "$work/p"

# What a serialized e-graph consists of.
program '{"nodes": {
"a": {"op": "+", "eclass": "0", "children": ["b", "c"]},
"b": {"op": "x", "eclass": "1", "children": ["c"], "cost": 0},
"c": {"op": "y", "eclass": "2", "children": ["b"], "cost": 2.5},
"c2": {"op": "x", "eclass": "2"}, "d": {"op": "z", "eclass": "3"}},
"root_eclasses": ["0"]}'
cp "$work/p" "$work/p.json"
for line in 'nodes                                 5' 'classes below the roots               3' \
  'classes read by several               2' 'classes on cycles                     2' \
  'highest                             2.5' '  2                                   1' \
  '  x                                   2'; do
  expect 0 "$line" stats "$work/p.json"
done
echo '{"nodes": {}, "root_eclasses": ["7"]}' > "$work/p.json"
expect 1 'root_eclasses[0] "7" names no class' stats --output="$work/s" "$work/p.json"
[ ! -e "$work/s" ] || fail "a file in spite of the error"

echo "$failures failures"
[ $failures = 0 ]

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# egglog's own suite, unmodified, as cargo has put its source on this machine.
#
#   egglog_suite.sh <eg> <list of files>
#
# Every file of the list must run to its end, so that all its checks hold; where
# egglog records the sizes of all tables afterwards, ours must be the same, unless
# the list says that they depend on an order. The
# files that egglog must refuse are refused. Exit code 77: no source here;
# "cargo fetch --manifest-path test/bench/peers/Cargo.toml" brings it.
set -u
eg=$1
list=$2
tests=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/egglog-3.0.0/tests \
  2>/dev/null | head -1)
if [ -z "$tests" ]; then
  echo "egglog's source is not on this machine"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$tests/.." || exit 1
ran=0 sizes=0 refused=0 failures=0

# The last "((name size)…)" of a text.
last_sizes() {
  awk '/^\(\(/ {block = ""; inside = 1}
       inside {block = block $0 "\n"}
       /\)\)$/ {inside = 0}
       END {printf "%s", block}' "$1"
}

for entry in $(grep -v '^#' "$list"); do
  file=${entry%\*}
  { cat "tests/$file"; echo; echo '(print-size)'; } > "$work/program.egg"
  if ! "$eg" run "$work/program.egg" > "$work/out" 2> "$work/err"; then
    echo "FAIL $file: $(head -1 "$work/err")"
    failures=$((failures + 1))
    continue
  fi
  ran=$((ran + 1))
  name=$(basename "$file" .egg | tr - _)
  last_sizes "tests/snapshots/files__shared_snapshot_$name.snap" \
    > "$work/want" 2> /dev/null
  last_sizes "$work/out" > "$work/got"
  [ -s "$work/want" ] && [ "$file" = "$entry" ] || continue
  if cmp -s "$work/want" "$work/got"; then
    sizes=$((sizes + 1))
  else
    echo "FAIL $file: other sizes"
    diff "$work/want" "$work/got"
    failures=$((failures + 1))
  fi
done
# A rule may name a variable a where there is a global $a: we do not mind.
for file in tests/fail-typecheck/*.egg; do
  case $file in *-no-prefix.egg) continue ;; esac
  "$eg" run "$file" > /dev/null 2> "$work/err"
  if [ $? = 1 ] && grep -q "$file:[0-9]*:[0-9]*: error: " "$work/err"; then
    refused=$((refused + 1))
  else
    echo "FAIL $file is not refused: $(cat "$work/err")"
    failures=$((failures + 1))
  fi
done
echo "$ran files ran, $sizes with egglog's own table sizes, $refused refused," \
  "$failures failures"
[ $failures = 0 ] && [ $ran -ge 12 ]

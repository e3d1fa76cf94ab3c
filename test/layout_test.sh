#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Who may include whom, and what else must hold of every file.
#
#   layout_test.sh <root>        checks the tree
#   layout_test.sh --self-test   breaks each rule in a small tree of its own
#
# Needs only sh, find and awk: core is tested with nothing but a C compiler.
# Read "A < B" as "B may include A":
#   egraph < view < target < kernel < interp < rules < design < gln.h
#     < passes < tools, python;  view < dialect < passes;  runtime stands alone
set -eu

check_tree() (
  cd "$1"
  find . \( -name .git -o -path './build*' \) -prune -o -type f -print |
    sed 's|^\./||' | sort > "$2"
  awk -v list="$2" '
    # The folder a file belongs to, by its place alone.
    function folder(path,    parts, n) {
      n = split(path, parts, "/")
      if (n == 1) return "."
      if (parts[1] == "lib") return n == 2 ? "lib" : "lib/" parts[2]
      if (parts[1] == "passes" && n > 2) return "passes/" parts[2]
      return parts[1]
    }
    # The first name that is there, as a compiler would look for it.
    function resolve(from, name,    dir, i, path) {
      dir = from
      sub(/[^\/]*$/, "", dir)
      for (i = 0; i <= num_roots; ++i) {
        path = (i == 0 ? dir : roots[i]) name
        while (sub(/[^\/.]+\/\.\.\//, "", path)) continue
        if (path in exists) return path
      }
      return ""
    }
    function complain(where, what) { print where ": " what; ++bad }

    # Whether a file of folder |a| may include one of folder |b|.
    function allowed(a, b) {
      if (a == b || a ~ /^test/) return 1
      if (a == "lib/runtime" || b == "lib/runtime")
        return b == "lib/runtime" && a ~ /^(passes|tools|python)/
      if (a ~ /^passes/ && b ~ /^passes/) return 1
      if (a == "passes/cxx") return b == "dialect"
      if (a ~ /^passes\//) a = "passes"
      if (b ~ /^passes\//) b = "passes"
      if (!(a in rank) || !(b in rank)) return 0
      if (a == "dialect") return rank[b] <= rank["lib/view"]
      return rank[b] < rank[a]
    }
    function check_include(from, line, name, is_system,    path, a, b) {
      a = folder(from)
      if (name ~ /^(mlir|mlir-c|llvm|llvm-c)\//) {
        if (a == "egraph" || a ~ /^lib/)
          complain(from ":" line, a " includes " name)
        sees_mlir = 1
        return
      }
      if (is_system) return
      path = resolve(from, name)
      if (path == "") {
        # Made by the build, or a header of a library.
        return
      }
      b = folder(path)
      sees_core += b == "egraph" || b ~ /^lib/
      if (!allowed(a, b))
        complain(from ":" line, a " may not include " path)
      else if (a !~ /^test/ && split(a, x, "/") && split(b, y, "/") &&
               x[1] != y[1] &&
               (path ~ /internal\.h$/ ||
                (b == "egraph" && path !~ /^egraph\/eg(_[a-z]+)?\.h$/)))
        complain(from ":" line, path " is internal to " b)
    }
    function check_file(path,    line, n, spdx, text, name, is_code) {
      is_code = path ~ /\.(c|h|cpp|py|sh|v|sv|cmake)$/ ||
                path ~ /(^|\/)CMakeLists\.txt$/
      if (path ~ /\.(cpp|cc|cxx|hpp|hh|hxx|C)$/ &&
          path !~ /^passes\/cxx\// && path !~ /^test\//)
        complain(path, "C++ outside passes/cxx")
      if (!is_code) return
      sees_mlir = sees_core = 0
      while ((getline text < path) > 0) {
        ++n
        if (text ~ /^(\/\/|#) SPDX-License-Identifier: /) {
          ++spdx
          if (n > 2 || text !~ /: Apache-2\.0 WITH LLVM-exception$/)
            complain(path ":" n, "an odd SPDX line")
        }
        if (path ~ /\.(c|h|cpp)$/ && text ~ /^[ \t]*#[ \t]*include[ \t]*["<]/) {
          name = text
          sub(/^[^"<]*["<]/, "", name)
          sub(/[">].*$/, "", name)
          check_include(path, n, name, text ~ /include[ \t]*</)
        }
      }
      close(path)
      if (sees_mlir && sees_core && path ~ /^passes\// &&
          path !~ /^passes\/(bridge|run)\//) # run feeds one from the other
        complain(path, "sees both MLIR and the core: for passes/bridge")
      if (spdx != 1)
        complain(path, (spdx + 0) " SPDX lines")
      if (n > 1200)
        complain(path, n " lines, 1200 are the limit")
    }
    BEGIN {
      num = split("egraph lib/view lib/target lib/kernel lib/interp " \
                  "lib/rules lib/design lib dialect passes tools", order, " ")
      for (i = 1; i <= num; ++i) rank[order[i]] = i
      rank["python"] = rank["tools"]
      # As the include directories of CMakeLists.txt: passes/ before egraph/.
      num_roots = split("egraph/ lib/ passes/ |", roots, " ")
      roots[num_roots] = ""
      while ((getline path < list) > 0) { exists[path] = 1; files[++count] = path }
      for (i = 1; i <= count; ++i) check_file(files[i])
      print count " files, " (bad + 0) " complaints"
      exit bad > 0 || count == 0
    }'
)

# Writes a file of one line below its SPDX line.
put() {
  mkdir -p "$(dirname "$1")"
  printf '// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n%s\n' \
    "$2" > "$1"
}

# expect <file> <line> <complaint>: the tree with this file is refused so.
expect() {
  put "$work/tree/$1" "$2"
  if (cd "$work" && check_tree tree "$work/list" > out); then
    echo "not noticed: $1: $2"
    failures=1
  elif ! grep -q "$3" "$work/out"; then
    echo "$1: $2: wanted '$3', got"
    cat "$work/out"
    failures=1
  fi
  rm "$work/tree/$1"
}

self_test() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  failures=0
  for header in egraph/eg.h egraph/internal.h lib/view/shape.h lib/gln.h \
    lib/view/shape_internal.h lib/interp/interp.h lib/design/search.h \
    lib/runtime/sa.h dialect/op.h dialect/op_internal.h passes/passes.h \
    passes/cxx/internal.h tools/modes.h; do
    put "$work/tree/$header" ''
  done
  put "$work/tree/egraph/a.c" '#include "internal.h"'
  put "$work/tree/lib/view/a.c" '#include "eg.h"'
  put "$work/tree/lib/interp/a.c" '#include "view/shape_internal.h"'
  put "$work/tree/dialect/a.c" '#include "view/shape.h"'
  put "$work/tree/passes/a.c" '#include "dialect/op.h"'
  put "$work/tree/passes/b.c" '#include "gln.h"'
  put "$work/tree/passes/cxx/a.cpp" '#include "mlir/IR/Operation.h"'
  put "$work/tree/passes/cxx/b.cpp" '#include "internal.h"'
  put "$work/tree/passes/bridge/a.c" '#include "eg.h"
#include "mlir-c/IR.h"'
  put "$work/tree/passes/run/a.c" '#include "dialect/op.h"'
  put "$work/tree/tools/a.c" '#include "runtime/sa.h"'
  put "$work/tree/test/egraph/a.c" '#include "internal.h"'
  put "$work/tree/build/a.c" '#include "anything/internal.h"'
  if ! (cd "$work" && check_tree tree "$work/list" > out); then
    echo "the good tree is refused:"
    cat "$work/out"
    failures=1
  fi
  expect egraph/b.c '#include "view/shape.h"' 'egraph may not include'
  expect egraph/b.c '#include "../lib/gln.h"' 'egraph may not include'
  expect lib/view/b.c '#include "interp/interp.h"' 'view may not include'
  expect lib/view/b.c '#include "gln.h"' 'view may not include'
  expect lib/view/b.c '#include "internal.h"' 'is internal to egraph'
  expect lib/view/b.c '# include "mlir-c/IR.h"' 'includes mlir-c/IR.h'
  expect egraph/b.c '#include <mlir/IR/Operation.h>' 'includes mlir/IR'
  expect lib/interp/b.c '#include "design/search.h"' 'interp may not include'
  expect lib/runtime/b.c '#include "eg.h"' 'runtime may not include'
  expect lib/design/b.c '#include "runtime/sa.h"' 'design may not include'
  expect lib/view/b.c '#include "dialect/op.h"' 'view may not include'
  expect dialect/b.c '#include "interp/interp.h"' 'dialect may not include'
  expect dialect/b.c '#include "passes/passes.h"' 'dialect may not include'
  expect passes/c.c '#include "dialect/op_internal.h"' 'internal to dialect'
  expect passes/c.c '#include "tools/modes.h"' 'passes may not include'
  expect passes/cxx/c.cpp '#include "eg.h"' 'cxx may not include'
  expect passes/c.c '#include "gln.h"
#include "mlir-c/IR.h"' 'for passes/bridge'
  expect tools/b.c '#include "view/shape_internal.h"' 'internal to lib'
  expect tools/b.c '#include "cxx/internal.h"' 'internal to passes'
  expect tools/b.cpp '' 'C++ outside passes/cxx'
  expect lib/view/b.hpp '' 'C++ outside passes/cxx'
  expect egraph/b.c '// SPDX-License-Identifier: MIT' 'odd SPDX line'
  expect egraph/b.c "$(awk 'BEGIN { for (;i++ < 1200;) print "int x;" }')" \
    '1201 lines'
  mkdir -p "$work/tree/lib/rules"
  echo 'int x;' > "$work/tree/lib/rules/a.c"
  expect lib/rules/b.c '' 'lib/rules/a.c: 0 SPDX lines'
  [ $failures -eq 0 ] && echo "every rule was broken and every break noticed"
  return $failures
}

if [ "${1-}" = --self-test ]; then
  self_test
else
  list=$(mktemp)
  trap 'rm -f "$list"' EXIT
  check_tree "${1-.}" "$list"
fi

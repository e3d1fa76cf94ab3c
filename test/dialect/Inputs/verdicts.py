# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The same programs to glenside-opt and to stock mlir-opt with the IRDL file.

Three sorts, all in generic form:
  valid      the examples of the table and VALID_FILE: both accept
  structure  each example broken in every way that IRDL can see: both reject
  beyond     shapes and values that only the C verifier sees: we reject, IRDL
             accepts (BEYOND_FILE)

usage: verdicts.py DIALECT IRDL_FILE VALID_FILE BEYOND_FILE
Prints one line per program and exits 1 if a verdict is not as said above.
"""
import re
import subprocess
import sys

SPLIT = "// -----\n"
OP = re.compile(r'^    (?:%\w+ = )?"(DIALECT\.\w+)"\((.*?)\)(?: (\{.*?\}))? : '
                r"\((.*)\) -> (.*)$")


def run(command, text):
    return subprocess.run(command, input=text, text=True, capture_output=True)


def split_types(text):
    """Splits at the commas that are not inside brackets or a string."""
    parts, depth, start, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        quoted ^= c == '"'
        if quoted:
            continue
        depth += c in "<[(" and 1 or c in ">])" and -1 or 0
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return parts + [text[start:].strip()] if text.strip() else []


def split_attributes(text):
    return [entry.split(" = ", 1) for entry in
            split_types(text.strip("{}"))] if text else []


class Op:
    """One op in generic form, as a function of its operands."""

    def __init__(self, name, attributes, operands, result):
        self.name, self.operands, self.result = name, operands, result
        self.attributes = attributes

    def text(self, prelude, operands=None, attributes=None, result=None,
             region="", properties=False):
        operands = self.operands if operands is None else operands
        attributes = self.attributes if attributes is None else attributes
        result = self.result if result is None else result
        args = ", ".join(f"%a{i}: {t}" for i, t in enumerate(operands))
        uses = ", ".join(f"%a{i}" for i in range(len(operands)))
        entries = ", ".join(f"{k} = {v}" for k, v in attributes)
        entries = (f"<{{{entries}}}>" if properties else f"{{{entries}}}")
        lhs = "%r = " if result and result != "()" else ""
        return (f"{prelude}func.func @f({args}) {{\n  {lhs}"
                f'"{self.name}"({uses}){region if not properties else ""} '
                f"{entries} : ({', '.join(operands)}) -> {result}\n"
                f"  return\n}}\n")


def examples(dialect):
    printed = run(["glenside-opt", f"--glenside-print-examples={dialect}"], "")
    generic = run(["glenside-opt", "--mlir-print-op-generic"], printed.stdout)
    for line in generic.stdout.splitlines():
        match = re.match(OP.pattern.replace("DIALECT", dialect), line)
        if match:
            name, _, attributes, operands, result = match.groups()
            yield Op(name, split_attributes(attributes), split_types(operands),
                     result)


# A value of another kind than |value|.
def other_kind(value):
    is_other = value.startswith('"') or value.endswith("f64")
    return "3 : i64" if is_other else "0.5 : f64"


def broken(op, prelude):
    """Every way to break the structure of |op|, with its name."""
    text = lambda **change: op.text(prelude, **change)
    for i, (name, value) in enumerate(op.attributes):
        rest = op.attributes[:i] + op.attributes[i + 1:]
        yield f"no {name}", text(attributes=rest)
        if name != "value":  # IRDL lets any attribute pass there.
            yield f"{name} of another kind", text(
                attributes=rest + [[name, other_kind(value)]])
        if name in ("kind", "combine", "op", "space", "from", "act"):
            yield f"unknown {name}", text(attributes=rest + [[name, '"dott"']])
    for i, operand in enumerate(op.operands):
        rest = op.operands[:i] + op.operands[i + 1:]
        yield f"no operand {i}", text(operands=rest)
        for wrong in ("f32", "vector<4xf32>"):
            yield f"operand {i} is {wrong}", text(
                operands=op.operands[:i] + [wrong] + op.operands[i + 1:])
    yield "one operand more", text(
        operands=op.operands + ["!access.pattern<[3], [4], f32>"])
    if op.result != "()":
        yield "no result", text(result="()")
        yield "two results", text(result=f"({op.result}, {op.result})").replace(
            "%r =", "%r:2 =")
    yield "result is f32", text(result="f32")
    yield "a region", text(region=" ({})")
    yield "properties", text(properties=True)
    if op.result.startswith("!access"):
        for what, by in (("no item dimensions", r"\1>"),
                         ("a number for dimensions", r"\1, 3, f32>"),
                         ("a string as element", r'\1, [3], "f32">'),
                         ("f8 elements", r"\1, [3], f8E4M3FN>")):
            yield what, text(result=re.sub(
                r"(!access.pattern<\[.*?\]).*", by, op.result))
    yield "no such op", text().replace(op.name, op.name + "s")


def verdicts(command, programs):
    """Whether |command| accepts each program; one process for all."""
    text = SPLIT.join(programs)
    starts, line = [], 1
    for program in programs:
        starts.append(line)
        line += program.count("\n") + 1
    out = run(command + ["--split-input-file", "-o", "/dev/null"], text)
    accepted = [True] * len(programs)
    for match in re.finditer(
            r"^(?:within split at <stdin>:(\d+) offset :(\d+)|<stdin>:(\d+))"
            r":\d+: error:", out.stderr, re.M):
        at = (int(match[1]) + int(match[2]) - 1 if match[1]
              else int(match[3]))
        accepted[max(i for i, s in enumerate(starts) if s <= at)] = False
    return accepted


def cases(path):
    """The programs of a file, each named by its first line, a comment."""
    with open(path, encoding="utf-8") as file:
        for program in file.read().split(SPLIT):
            first = program.split("\n", 1)[0]
            yield first.lstrip("/ "), program


def main():
    dialect, irdl, valid, beyond = sys.argv[1:]
    prelude = "func.func private @hypot(f32, f32) -> f32\n"
    rows = []
    for op in examples(dialect):
        rows.append(("valid", f"{op.name}: example", op.text(prelude)))
        rows += [("structure", f"{op.name}: {name}", text)
                 for name, text in broken(op, prelude)]
    rows += [("valid", *case) for case in cases(valid)]
    rows += [("beyond", *case) for case in cases(beyond)]
    programs = [text for _, _, text in rows]
    ours = verdicts(["glenside-opt"], programs)
    theirs = verdicts(["mlir-opt", f"--irdl-file={irdl}"], programs)
    want = {"valid": (True, True), "structure": (False, False),
            "beyond": (False, True)}
    wrong, counts = 0, {}
    for (sort, name, text), mine, irdls in zip(rows, ours, theirs):
        good = (mine, irdls) == want[sort]
        counts[sort] = counts.get(sort, 0) + 1
        wrong += not good
        print(f"{sort:9} glenside-opt={'accept' if mine else 'reject'} "
              f"irdl={'accept' if irdls else 'reject'} "
              f"{'as wanted' if good else 'WRONG'}: {name}")
        if not good:
            print(text)
    print(", ".join(f"{n} {sort}" for sort, n in sorted(counts.items()))
          + f"; {wrong} wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())

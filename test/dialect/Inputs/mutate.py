# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Damages programs at random and asks that glenside-opt does not crash.

usage: mutate.py SEED COUNT FILE...
Programs are the functions of each file; each is damaged COUNT times: a token
deleted, doubled, replaced by one from elsewhere, or a number changed.
"""
import random
import re
import subprocess
import sys

TOKEN = re.compile(r"[%@!]?[\w.]+|\s+|.", re.S)
NUMBERS = ["0", "-1", "1", "33", "2147483648", "9223372036854775807",
           "-9223372036854775808", '"m"', "1.5", "[]", "[[1]]", "unit"]


def damage(program, rng):
    tokens = TOKEN.findall(program)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(tokens))
        action = rng.randrange(4)
        if action == 0:
            tokens[at] = ""
        elif action == 1:
            tokens[at] *= 2
        elif action == 2:
            tokens[at] = rng.choice(tokens)
        else:
            digits = [i for i, t in enumerate(tokens) if t.isdigit()]
            if digits:
                tokens[rng.choice(digits)] = rng.choice(NUMBERS)
    return "".join(tokens)


def main():
    rng, count = random.Random(int(sys.argv[1])), int(sys.argv[2])
    programs = []
    for path in sys.argv[3:]:
        with open(path, encoding="utf-8") as file:
            programs += re.findall(r"^ *func\.func @.*?^ *}\n", file.read(),
                                   re.M | re.S)
    damaged = [damage(p, rng) for p in programs for _ in range(count)]
    for extra in ([], ["--mlir-print-op-generic"], ["--cse"],
                  ["--mlir-very-unsafe-disable-verifier-on-parsing",
                   "--verify-each=0"]):
        out = subprocess.run(
            ["glenside-opt", "--split-input-file", *extra],
            input="// -----\n".join(damaged), text=True, capture_output=True)
        errors = len(re.findall(r"error:", out.stderr))
        crash = re.search(r"(AddressSanitizer|runtime error|Stack dump).*",
                          out.stderr)
        print(f"{len(damaged)} programs, {' '.join(extra) or 'parsed'}: "
              f"{'some' if errors else 'no'} errors, "
              f"{crash[0] if crash else 'no crash'}, exit {out.returncode}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

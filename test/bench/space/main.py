#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Suite space: networks mapped to targets, by --glenside-map.

For each network, form and target: contractions mapped, classes of equal
contractions, blockings added, nodes and memory of the graph, seconds, and the
estimate of the whole. Also that two runs say the same.

  main.py --bin DIR [--json FILE]

The networks are in GLENSIDE_MODELS, or ../shared/models beside the tree; those
that are not there are skipped. Exit code: 0 all right; 1 a contraction is not
mapped or two runs differ, but never a time.
"""
import argparse
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from suite import FORMS, NETWORKS, Figures, models_folder, run

TARGETS = ["gemmini16", "ws64"]
SECONDS_BAR = 2.0  # of blockings and extraction together
MEMORY_BAR = 512.0  # MiB of the graph, by its allocator's counter

COUNTS = re.compile(
    r"(\d+) contract classes: (\d+) blockings enumerated, (\d+) dominated, "
    r"(\d+) added, \d+ too ragged, \d+ no program; (\d+) nodes, ([\d.]+) MiB, stopped: "
    r"saturated\n(?:rule .*\n)*seconds: import ([\d.]+), saturate ([\d.]+), "
    r"save [\d.]+, load [\d.]+, extract ([\d.]+)")
MAPPED = re.compile(r"mapped (\d+)/(\d+) contractions, MACs ([\d.]+)% array "
                    r"[\d.]+% vector ([\d.]+)% host")
TOTAL = re.compile(r"^total +(\d+)", re.M)


def print_row(*cells):
    widths = (46, 9, 10, 9, 10, 10, 8, 9, 12)
    print("".join(str(c).ljust(w) for c, w in zip(cells, widths)).rstrip(),
          flush=True)


def map_once(bin_dir, path, form, target):
    """Standard error and standard output of one mapping."""
    # Splat or elided weights of one shape are one constant, and equal layers
    # on equal operands one value; random ones keep them apart.
    passes = (f"randomize-weights,{form},convert-linalg-to-access,"
              f"glenside-map{{target={target} table=true}}")
    result = run([f"{bin_dir}/glenside-opt", path,
                  f"--pass-pipeline=builtin.module({passes})"])
    return result.returncode, result.stderr, result.stdout


def measure(figures, bin_dir, path, name, expected, form, target):
    case = f"{name}/{form[0]}/{target}"
    code, text, ir = map_once(bin_dir, path, form[1], target)
    counts, mapped = COUNTS.search(text), MAPPED.search(text)
    if code or not counts or not mapped:
        figures.add(case, "mapped", 0, "count", f"= {expected}", False, True)
        print_row(case, "FAILED")
        print(text[-500:])
        return
    classes, _, _, added, nodes = (int(x) for x in counts.groups()[:5])
    mib, _, blockings, extraction = (float(x) for x in counts.groups()[5:])
    seconds = blockings + extraction
    cycles = int(TOTAL.search(text).group(1))
    add = figures.add
    print_row(
        case,
        add(case, "mapped", int(mapped[1]), "count", f"= {expected}",
            int(mapped[1]) == expected, True, expected, "recorded")
        + f"/{expected}",
        mapped[3] + "%",
        add(case, "classes", classes, "count"),
        add(case, "blockings", added, "count"),
        add(case, "nodes", nodes, "count"),
        add(case, "graph", mib, "MiB", f"<= {MEMORY_BAR:g}",
            mib <= MEMORY_BAR),
        add(case, "seconds", seconds, "s", f"<= {SECONDS_BAR:g}",
            seconds <= SECONDS_BAR),
        add(case, "cycles", cycles, "cycles"))
    if form[0] == "given":
        again = map_once(bin_dir, path, form[1], target)
        strip = re.compile(r"seconds:.*")
        same = again[2] == ir and strip.sub("", again[1]) == strip.sub("", text)
        add(case, "same_again", int(same), "", "= 1", same, True)
        if not same:
            print(f"{case}: two runs differ")


def run_rules(figures, bin_dir, json_path):
    """Cubes, layers and sampled designs, by the program of this suite."""
    program = os.path.join(bin_dir, "bench_space")
    if not os.path.exists(program):
        print("skipped, not built (test/bench/space/prepare):", program)
        return
    part = json_path + ".part" if json_path else os.devnull
    result = run([program, "--json", part])
    print(result.stdout, end="")
    figures.wrong += result.returncode != 0
    if json_path:
        with open(part) as lines:
            for line in lines:
                figures.file.write(line)
                figures.missed += json.loads(line)["pass"] is False
        os.remove(part)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--json", help="file for the figures, a line each")
    args = parser.parse_args()
    figures = Figures(args.json)
    folder = models_folder()
    print(f"blockings and extraction to be <= {SECONDS_BAR:g} s")
    print_row("network/form/target", "mapped", "on array", "classes", "blocks",
              "nodes", "MiB", "seconds", "cycles")
    absent = []
    for name, expected in NETWORKS:
        path = os.path.join(folder, name + ".mlir")
        if not os.path.exists(path):
            absent.append(name)
            continue
        for form in FORMS:
            for target in TARGETS:
                measure(figures, args.bin, path, name, expected, form, target)
    run_rules(figures, args.bin, args.json)
    if absent:
        print(f"skipped, not in {folder} (set GLENSIDE_MODELS):",
              ", ".join(absent))
    print(f"{figures.missed} bars missed")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Suite methods: what better extraction buys on networks (docs/extraction.md).

Each network is saturated once for a target; every method of eg_extract.h then
picks a program by each objective. Printed is the cost of the program, each value
paid once, over that of `tree`; whether it is proved optimal; seconds of the
extraction.

  main.py --bin DIR [--json FILE] [--target NAME] [--seconds S]

`learned` prices kernels by measured runs, DOSA's RTL rows; printed is what the
formula says of its design, over that of its own.

The networks are in GLENSIDE_MODELS, or ../shared/models beside the tree, the runs in
GLN_DATA; what is not there is skipped. `attention` is test/passes/softmax.mlir. Exit
code 1: a method failed, or found a program
dearer than the tree's, or two proved optima differ; never a time.
"""
import argparse
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from suite import Figures, models_folder, run

HERE = os.path.dirname(os.path.abspath(__file__))
ATTENTION = os.path.join(HERE, "../../passes/softmax.mlir")
NETWORKS = ["attention", "resnet50", "mobilenet_v2", "bert"]
METHODS = ["tree", "dag", "local", "anneal", "genetic", "beam", "branch",
           "ilp"]
OBJECTIVES = ["latency", "energy", "edp", "dram"]


def saturate(bin_dir, path, target, out):
    """The saturated module in |out|; the text of a failure, or None."""
    # Random weights keep equal layers on equal splats apart.
    passes = ("randomize-weights,canonicalize,convert-linalg-to-access,"
              f"saturate{{target={target}}}")
    result = run([f"{bin_dir}/glenside-opt", path, "-o", out,
                  f"--pass-pipeline=builtin.module({passes})"])
    return result.stderr if result.returncode else None


def extract(bin_dir, module, objective, method, seconds, report):
    """The report of one extraction, or None and the text of the failure."""
    options = (f"objective={objective} method={method} seconds={seconds} "
               f"report={report}")
    result = run([f"{bin_dir}/glenside-opt", module, "-o", os.devnull,
                  f"--extract={options}"])
    if result.returncode:
        return None, result.stderr
    with open(report) as file:
        return json.load(file), ""


def cost_of(report):
    total = report["total"]
    return {"latency": total["cycles"], "energy": total["energy_pj"],
            "edp": total["cycles"] * total["energy_pj"],
            "dram": total["dram_read_bytes"] + total["dram_write_bytes"],
            }[report["objective"]]


def measure(figures, args, name, module, objective, report):
    """One row: every method by one objective."""
    cells, tree, proved = [], None, None
    for method in METHODS:
        got, why = extract(args.bin, module, objective, method, args.seconds,
                           report)
        case = f"{name}/{objective}/{method}"
        if not got:
            figures.add(case, "cost", None, "", "an answer", False, True)
            cells.append("FAILED")
            print(why[-300:])
            continue
        cost = cost_of(got)
        tree = tree or cost
        ratio = cost / tree
        optimal = got["extraction"]["optimal"]
        right = ratio <= 1 + 1e-9 or objective == "edp"
        if optimal and objective != "edp":
            proved = proved or cost
            right = right and abs(cost - proved) <= 1e-6 * proved
        figures.add(case, "cost over tree", ratio, "", "<= 1", right, True)
        figures.add(case, "optimal", int(optimal), "")
        figures.add(case, "seconds", got["seconds"]["extract"], "s")
        cells.append(f"{ratio:.6f}{'*' if optimal else ' '}")
    print(f"{name}/{objective}".ljust(22),
          "".join(cell.ljust(11) for cell in cells), flush=True)
    return got


def measure_learned(figures, args, name, module, objective, report, runs,
                    best):
    """What the formula says of the design that measured runs lead to; |best|: of
    the one that it leads to itself."""
    got, why = extract(args.bin, module, objective, f"learned runs={runs}",
                       args.seconds, report)
    case = f"{name}/{objective}/learned"
    if not got:
        figures.add(case, "cost", None, "", "an answer", False, True)
        print(why[-300:])
        return
    cycles = sum(layer["formula_cycles"] for layer in got["layers"])
    figures.add(case, "formula over best", cycles / best, "")
    figures.add(case, "learned over formula", got["total"]["cycles"] / cycles,
                "")
    print(f"{case}: by the formula {cycles / best:.6f} of the least cycles, by what "
          f"was learned {got['total']['cycles'] / cycles:.3f} of the formula's; "
          f"off on unseen layers {100 * got['learned']['mean_error']:.1f} %, "
          f"the formula {100 * got['learned']['formula_mean_error']:.1f} %")


def write_runs(args, path):
    """DOSA's RTL rows as measured runs; whether they are there."""
    run(["env", f"GLN_RUNS={path}", f"{args.bin}/bench_model"])
    return os.path.exists(path)


def path_of(name):
    if name == "attention":
        return ATTENTION
    return os.path.join(models_folder(), name + ".mlir")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--json", help="file for the figures, a line each")
    parser.add_argument("--target", default="gemmini16")
    parser.add_argument("--seconds", type=float, default=10,
                        help="of an extraction, at most (default 10)")
    args = parser.parse_args()
    figures = Figures(args.json)
    print(f"cost over that of tree, * = proved optimal; target {args.target}")
    print(" " * 22, "".join(method.ljust(11) for method in METHODS))
    with tempfile.TemporaryDirectory() as folder:
        module = os.path.join(folder, "saturated.mlir")
        report = os.path.join(folder, "report.json")
        runs = os.path.join(folder, "runs.csv")
        has_runs = write_runs(args, runs)
        for name in NETWORKS:
            path = path_of(name)
            if not os.path.exists(path):
                print(f"skipped, not there: {path}")
                continue
            failure = saturate(args.bin, path, args.target, module)
            if failure:
                figures.add(name, "saturated", 0, "", "= 1", False, True)
                print(failure[-300:])
                continue
            for objective in OBJECTIVES:
                last = measure(figures, args, name, module, objective, report)
                if has_runs and last and objective == "latency":
                    measure_learned(figures, args, name, module, objective,
                                    report, runs,
                                    sum(layer["cost"]["cycles"]
                                        for layer in last["layers"]))
            if last:
                found = last["extraction"]
                print(f"{name}: {found['values']} values, {found['nodes']} "
                      "ways to get them; a tree would pay "
                      f"{found['tree_cost'] / found['dag_cost']:.0f} times")
    print(f"{figures.missed} bars missed")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

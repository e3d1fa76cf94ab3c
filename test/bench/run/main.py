#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Suite run: networks compiled, run on the simulator, and compared.

For each network and target: the largest error against upstream's loops, over its
bound (of integers 0: equality); commands; call sites of the longest layer;
multiply-accumulates and DRAM bytes that ran against those of the report; seconds
of simulation. Then the memory of ResNet-50 at 224 x 224, compiled
ahead of time (memory.py): what it has resident at most over weights + activations.

  main.py --bin DIR [--json FILE]

The networks are in GLENSIDE_MODELS, or ../shared/models beside the tree; those
that are not there are skipped. Those in 8 bits are built, as linalg and as TOSA. Exit code: 0 all right; 1 a result or a count is
wrong, but never a time.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
sys.path.insert(1, os.path.join(sys.path[0], ".."))
from call_sites import call_sites
from memory import measure
from suite import NETWORKS, TEST, Figures, models_folder, run

TARGETS = ["gemmini16", "ws64"]
QUANTISED = [("mobilenet_v1_i8", ["--size", "96", "--width", "0.25"]),
             ("resnet18_i8", ["--size", "64", "--width", "0.25"])]
# As README.md says it.
TOSA = ["--tosa-attach-target=profiles=pro_int,pro_fp extensions=int16,int4,"
        "bf16,fp8e4m3,fp8e5m2,fft,variable,controlflow,doubleround,"
        "inexactround level=none", "--tosa-to-scf",
        "--tosa-to-linalg-pipeline"]
MOST_SITES = 40  # of a layer, whatever its extents
COLUMNS = ("network", "target", "error/bound", "commands", "call sites",
           "array MACs", "of estimate", "DRAM bytes", "of estimate", "seconds")


def print_row(*cells):
    first, *rest = cells
    print(str(first).ljust(23) + "".join(str(c).ljust(13) for c in rest).rstrip(),
          flush=True)


def run_once(bin_dir, path, target, report):
    """The JSON object of the compiled program, and the report's layers."""
    done = run([os.path.join(bin_dir, "glenside-run"), path, "--randomize",
                "--compare", "--opt-level=0", "--json=-", "--integers=100",
                "--pipeline=glenside-compile{emit=commands "
                f"target={target} report={report}}}"])
    if done.returncode > 1:
        sys.exit(f"{path}: {done.stderr}")
    with open(report, encoding="utf-8") as file:
        layers = json.load(file)["layers"]
    return json.loads(done.stdout.splitlines()[-1]), layers


def most_sites(bin_dir, path, target):
    """Of the layer that has most."""
    done = run([os.path.join(bin_dir, "glenside-opt"), path,
                "--randomize-weights",
                f"--glenside-compile=emit=commands target={target}"])
    if done.returncode:
        sys.exit(f"{path}: {done.stderr}")
    return max(call_sites(done.stdout))


def quantised(bin_dir):
    """Writes the networks in 8 bits; yields their names and files."""
    for name, options in QUANTISED:
        for form in ("linalg", "tosa"):
            path = os.path.join(bin_dir, f"run-{name}-{form}.mlir")
            built = run([sys.executable,
                         os.path.join(TEST, "workloads/models/main.py"), name,
                         *options, "--form", form])
            with open(path, "w", encoding="utf-8") as file:
                file.write(built.stdout)
            if form == "tosa":
                source = path
                path = os.path.join(bin_dir, f"run-{name}-lowered.mlir")
                lowered = run([os.path.join(bin_dir, "glenside-opt"), source,
                               *TOSA, "-o", path])
                built.returncode |= lowered.returncode
            if built.returncode:
                sys.exit(f"{path}: cannot be built")
            yield f"{name} {form}", path


def networks(bin_dir):
    for network, _ in NETWORKS:
        path = os.path.join(models_folder(), network + ".mlir")
        if os.path.exists(path):
            yield network, path
    yield from quantised(bin_dir)


def print_memory(figures, bin_dir):
    """What ResNet-50 takes ahead of time. The counters gate, the peak does not."""
    case = "resnet50 224 ahead gemmini16"
    got = measure(bin_dir, os.path.join(bin_dir, "run-memory"), "resnet50", 224,
                  "gemmini16", os.path.join(bin_dir, "../lib/libsa.a"))
    whole = got["weights"] + got["activations"]
    counted = (got["file"] + got["arena"]) / whole
    peak = got["peak"] / whole
    print(f"\n{case}: " + ", ".join(
        f"{name} {figures.add(case, name, got[name], 'B')}" for name in got))
    print("  (file + arena) / (weights + activations):", figures.add(
        case, "counted", round(counted, 3), "", bar=1, ok=counted <= 1,
        gates=True))
    print("  peak / (weights + activations):", figures.add(
        case, "peak ratio", round(peak, 3), "", bar=1.5, ok=peak <= 1.5))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--json")
    args = parser.parse_args()
    figures = Figures(args.json)
    report = os.path.join(args.bin, "run-report.json")
    print_row(*COLUMNS)
    most = 0
    for network, path in networks(args.bin):
        for target in TARGETS:
            got, layers = run_once(args.bin, path, target, report)
            case = f"{network} {target}"
            error = got["max_error"] and got["max_error"] / max(
                got["bound"], 1e-300)
            sites = most_sites(args.bin, path, target)
            most = max(most, sites)
            host = sum(layer["unit"] == "host" and layer["cost"]["macs"] > 0
                       for layer in layers)
            # A reduction's combinations run on the vector unit, and so do the
            # products of what was mapped there.
            macs = sum(layer["cost"]["macs"] for layer in layers
                       if layer["unit"] == "array")
            bytes_wanted = sum(layer["cost"]["dram_read_bytes"] +
                               layer["cost"]["dram_write_bytes"]
                               for layer in layers)
            bytes_ran = got["dram_read_bytes"] + got["dram_write_bytes"]
            ratio = bytes_ran / bytes_wanted
            print_row(
                network, target,
                figures.add(case, "error", error, "of bound", bar=1,
                            ok=got["verdict"] == "agrees" and not host,
                            gates=True),
                figures.add(case, "commands", got["commands"], "commands"),
                figures.add(case, "sites", sites, "calls", bar=MOST_SITES,
                            ok=sites <= MOST_SITES, gates=True),
                figures.add(case, "macs", got["macs"], "MACs", bar=macs,
                            ok=got["macs"] == macs, gates=True,
                            reference=macs, source="measured"),
                f"{got['macs'] / max(macs, 1):.4f}",
                figures.add(case, "dram", bytes_ran, "B", bar=0.01,
                            ok=abs(ratio - 1) <= 0.01, gates=True,
                            reference=bytes_wanted, source="measured"),
                f"{ratio:.4f}",
                figures.add(case, "simulation", got["run_seconds"], "s", bar=5,
                            ok=got["run_seconds"] <= 5))
    print("\nmost call sites of a layer:", figures.add(
        "all", "sites", most, "calls", bar=MOST_SITES, ok=most <= MOST_SITES,
        gates=True))
    print_memory(figures, args.bin)
    return figures.wrong != 0


if __name__ == "__main__":
    sys.exit(main())

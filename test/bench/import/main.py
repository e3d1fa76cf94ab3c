#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Suite import: networks that nobody here wrote, and our own, in four forms.

For each network and form: how many contractions the import finds, how long it
takes, and how far the network is from itself after the way to the access
dialect and back, under random weights and inputs.

  main.py --bin DIR [--json FILE] [--smoke]

The networks are in GLENSIDE_MODELS, or ../shared/models beside the tree; those
that are not there are skipped. Exit code: 0 all right; 1 a count or a
comparison is wrong, but never a time.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from suite import FORMS, NETWORKS, TEST, Figures, models_folder, run

WORKLOADS = [
    ("conv_block_nchw", 3),
    ("mobile_block_nhwc", 2),
    ("attention", 6),
    ("mlp", 2),
    ("quantized", 1),
]
# Built by workloads/models, small enough to run: name, options, contractions.
BUILT = [
    ("mobilenet_v1", "--size 32 --batch 2", 28),
    ("mobilenet_v2", "--size 64x48 --width 0.5", 53),
    ("resnet18", "--size 64", 21),
    ("resnet50", "--size 32 --batch 2 --width 0.5", 54),
    ("bert_base", "--seq 16 --hidden 96 --ffn 384 --vocab 100 --batch 2", 98),
    ("lstm", "--steps 8 --input 32 --hidden 48 --batch 4", 18),
    ("lstm", "--steps 8 --input 32 --hidden 48 --batch 4 --loop", 4),
    ("mlp_step", "--batch 16 --widths 96,64,32,10", 8),
]
# Single operators of quantised networks; of these two the output is constant.
TOSA_FILES = 53
TOSA_CONSTANT = ["Elementwise_eq-bf16", "rescale-const-input-output-zp"]
TOSA_PASSES = [
    "--tosa-attach-target=profiles=pro_int,pro_fp extensions=int16,int4,bf16,"
    "fp8e4m3,fp8e5m2,fft,variable,controlflow,doubleround,inexactround "
    "level=none",
    "--tosa-to-scf", "--tosa-to-linalg-pipeline"]
IMPORT = "convert-linalg-to-access"
ROUNDTRIP = IMPORT + ",convert-access-to-linalg"
SMOKE = ["resnet18", "bert"]
SMOKE_BUILT = ["lstm", "mlp_step"]
IMPORT_BAR = 0.3  # seconds
TOLERANCE = 1e-3


def print_row(*cells):
    """A row of the table for people: one per network and form."""
    widths = (38, 14, 10, 12, 14, 12)
    print("".join(str(c).ljust(w) for c, w in zip(cells, widths)).rstrip(),
          flush=True)


def built(folder, smoke):
    """Writes the networks of BUILT; yields name, contractions, path."""
    script = os.path.join(TEST, "workloads", "models", "main.py")
    for i, (model, options, expected) in enumerate(BUILT):
        if smoke and model not in SMOKE_BUILT:
            continue
        path = os.path.join(folder, f"{i}.mlir")
        with open(path, "w") as file:
            subprocess.run([sys.executable, script, model] + options.split(),
                           stdout=file, check=True)
        name = "built_" + model + ("_loop" if "--loop" in options else "")
        yield name, expected, path


def has_import(bin_dir):
    result = run([f"{bin_dir}/glenside-opt", "--help"])
    return re.search(rf"--{IMPORT}\b", result.stdout) is not None


def import_form(bin_dir, path, pipeline):
    """Contractions found and present, and seconds of the pass; or the error."""
    result = run([f"{bin_dir}/glenside-opt", path, "-o", os.devnull,
                  f"--pass-pipeline=builtin.module({pipeline},{IMPORT})",
                  "--mlir-timing", "--mlir-timing-display=list",
                  "--mlir-output-format=json"])
    found = re.search(r"glenside: found (\d+)/(\d+) contractions",
                      result.stderr)
    took = re.search(rf'"duration":\s*([\d.]+).*"name": "{IMPORT}"',
                     result.stderr)
    if result.returncode or not took:
        return None, None, result.stderr
    return int(found[1]) if found else 0, float(took[1]), ""


def compare(bin_dir, path, pipelines, seeds):
    """Rows of glenside-run by (form, pipeline), and what it complained of."""
    command = [f"{bin_dir}/glenside-run", path, "--randomize", "--compare",
               "--opt-level=0", "--json=-", "--seeds=" + seeds,
               f"--tolerance={TOLERANCE}"]
    command += [f"--form={pipeline}" for _, pipeline in FORMS]
    command += [f"--pipeline={pipeline}" for pipeline in pipelines]
    result = run(command)
    rows = {}
    for line in result.stdout.splitlines():
        if not line.startswith("{"):  # an assertion of the network's own
            continue
        row = json.loads(line)
        if not row["reference"]:
            rows.setdefault((row["form"], row["pipeline"]), []).append(row)
    return rows, result.stderr


def judge(figures, case, metric, rows, num_seeds):
    """One figure: the largest error, of the seed and result where it is the
    largest part of what the reference spans."""
    agree = len({r["seed"] for r in rows}) == num_seeds and all(
        r["verdict"] == "agrees" for r in rows)
    def part(row):
        if row["max_error"] is None:  # infinite
            return float("inf")
        return row["max_error"] / (row["max_reference"] or 1)
    worst = max(rows, key=part, default={"max_error": None,
                                         "max_reference": None})
    return figures.add(case, metric, worst["max_error"], "abs",
                       f"<= {TOLERANCE:g} ref", agree, gates=True,
                       reference=worst["max_reference"], source="measured")


def network(figures, bin_dir, path, name, expected, seeds, imports):
    start = time.monotonic()
    pipelines = ["", ROUNDTRIP] if imports else [""]
    rows, complaints = compare(bin_dir, path, pipelines, seeds)
    took = time.monotonic() - start
    num_seeds = len(seeds.split(","))
    for form, pipeline in FORMS:
        case = f"{name}/{form}"
        alone = rows.get((pipeline, ""), [])
        cells = [judge(figures, case, "form_error", alone, num_seeds)]
        if imports:
            found, seconds, error = import_form(bin_dir, path, pipeline)
            complaints += error
            back = rows.get((pipeline, ROUNDTRIP), [])
            cells = [
                figures.add(case, "contractions", found, "count",
                            f"= {expected}", found == expected, gates=True,
                            reference=expected, source="recorded"),
                figures.add(case, "import_seconds", seconds, "s",
                            f"<= {IMPORT_BAR:g}",
                            seconds is not None and seconds <= IMPORT_BAR),
                cells[0],
                judge(figures, case, "roundtrip_error", back, num_seeds)]
        else:
            cells = ["-", "-", cells[0], "-"]
        largest = max((r["max_reference"] or 0 for r in alone), default=0)
        print_row(case, *cells, f"{largest:.3g}")
    figures.add(name, "comparison_seconds", took, "s")
    for line in complaints.splitlines():
        if "error:" in line.lower():
            print("    " + line)


def tosa(figures, bin_dir, folder, imports):
    """Single operators, as given and generalised, over the full range of i8."""
    names = sorted(n[:-5] for n in os.listdir(folder) if n.endswith(".mlir"))
    agree = 0
    for name in names:
        with tempfile.NamedTemporaryFile(suffix=".mlir") as lowered:
            run([f"{bin_dir}/glenside-opt", f"{folder}/{name}.mlir", "-o",
                 lowered.name] + TOSA_PASSES)
            result = run([f"{bin_dir}/glenside-run", lowered.name,
                          "--randomize", "--compare", "--opt-level=0",
                          "--integers=256", "--form=",
                          "--form=linalg-generalize-named-ops",
                          f"--pipeline={ROUNDTRIP if imports else ''}"])
        if result.returncode == 0:
            agree += 1
        elif not (name in TOSA_CONSTANT and
                  "reference is constant" in result.stdout):
            print(f"    {name}: {(result.stderr + result.stdout)[:300]}")
    want = TOSA_FILES - len(TOSA_CONSTANT)
    text = figures.add("tosa_ops", "files_that_agree", agree, "count",
                       f">= {want}", agree >= want, gates=True,
                       reference=want, source="recorded")
    print(f"tosa_ops: {text} of {len(names)} files agree, {want} can: the "
          "output of the others is constant")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the tools")
    parser.add_argument("--json", help="file for the figures, a line each")
    parser.add_argument("--smoke", action="store_true",
                        help="two networks, one seed: a test and no benchmark")
    args = parser.parse_args()
    folder = models_folder()
    cases = [(n, e, os.path.join(folder, n + ".mlir")) for n, e in NETWORKS
             if not args.smoke or n in SMOKE]
    cases += [(n, e, os.path.join(TEST, "workloads", n + ".mlir"))
              for n, e in WORKLOADS]
    imports = has_import(args.bin)
    if not imports:
        print(f"no --{IMPORT} here: only the forms are compared")
    figures = Figures(args.json)
    seeds = "1" if args.smoke else "1,2,3"
    print(f"largest error over seeds {seeds}, to be <= {TOLERANCE:g} "
          f"max|upstream|; import to be <= {IMPORT_BAR:g} s")
    print_row("network/form", "contractions", "import s", "form error",
              "roundtrip", "max|upstream|")
    absent = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, expected, path in cases + list(built(scratch, args.smoke)):
            if os.path.exists(path):
                network(figures, args.bin, path, name, expected, seeds,
                        imports)
            else:
                absent.append(name)
    if not args.smoke and os.path.isdir(os.path.join(folder, "tosa_ops")):
        tosa(figures, args.bin, os.path.join(folder, "tosa_ops"), imports)
    if absent:
        print(f"skipped, not in {folder} (set GLENSIDE_MODELS):",
              ", ".join(absent))
    print(f"{figures.missed} bars missed")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Are the networks the ones they are called after?

Without tools: counts against the literature, errors, the same text twice.
With --bin DIR: they parse, every contraction is found, and at small sizes they
agree with themselves after the way to the access dialect and back; LSTM and
training steps agree with a textbook's scalar loops (gradients: central
differences of the loss). Where GLENSIDE_MODELS is there, ours are the graphs of
torch-mlir's files, op by op.

  check.py [--bin DIR]

Exit code: 0 all right; 1 something is not.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import graph  # noqa: E402
import main as builder  # noqa: E402
import textbook  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
S, H = 128, 768  # BERT-base

# Command line: contractions; MACs and parameters, as published and how exactly.
# Counts of parameters are torchvision's and Hugging Face's, to the last one.
LITERATURE = [
    # Howard et al. 2017, tables 6 and 7; 4 231 976 is Keras without statistics
    ("mobilenet_v1", 28, 569e6, 1e6, 4231976, 0),
    ("mobilenet_v1 --width 0.75", 28, 325e6, 1e6, 2.6e6, 1e5),
    ("mobilenet_v1 --width 0.5", 28, 149e6, 1e6, 1.3e6, 1e5),
    ("mobilenet_v1 --width 0.25", 28, 41e6, 1e6, 0.5e6, 1e5),
    ("mobilenet_v1 --size 160", 28, 290e6, 1e6, 4231976, 0),
    # torchvision: 0.30, 1.81 and 4.09 "GFLOPS", which are MACs
    ("mobilenet_v2", 53, 0.30e9, 0.005e9, 3504872, 0),
    ("mobilenet_v2 --width 0.5", 53, 97e6, 1e6, 1968680, 0),
    ("resnet18", 21, 1.81e9, 0.005e9, 11689512, 0),
    ("resnet50", 54, 4.09e9, 0.005e9, 25557032, 0),
    # Folded, a batch-norm is one bias per channel: 10 944 and 4 800 of them.
    ("mobilenet_v1_i8", 28, 569e6, 1e6, 4231976 - 10944, 0),
    ("resnet18_i8", 21, 1.81e9, 0.005e9, 11689512 - 4800, 0),
    # Per layer 12 H² per token and 2 H per pair of tokens; then the pooler and
    # two classes. 109 482 240 are bert-base-uncased's.
    ("bert_base", 98, 12 * (12 * S * H * H + 2 * S * S * H) + H * H + 2 * H,
     0, 109482240 + 2 * H + 2, 0),
    ("bert_base --layers 2 --seq 12 --hidden 128 --heads 2 --ffn 512", 18,
     2 * (12 * 12 * 128 * 128 + 2 * 12 * 12 * 128) + 128 * 128 + 2 * 128, 0,
     4386178, 0),
    # torch.nn.LSTM(input, hidden, layers): 4 H (I + H + 2) parameters each
    ("lstm", 2 * (1 + 16), 16 * 2 * 4 * 256 * 512, 0, 2 * 4 * 256 * 514, 0),
    ("lstm --loop", 2 * 2, 16 * 2 * 4 * 256 * 512, 0, 2 * 4 * 256 * 514, 0),
    # forward and dW in every layer, dx in all but the first
    ("mlp_step", 8, 64 * (2 * 784 * 512 + 3 * 512 * 256 + 3 * 256 * 10), 0,
     785 * 512 + 513 * 256 + 257 * 10, 0),
]

# What is said of bad command lines.
ERRORS = [
    ("", "which network? mobilenet_v1"),
    ("alexnet", "invalid choice: 'alexnet'"),
    ("resnet18 --size 0", "'0' is no integer from 1 to"),
    ("resnet18 --size 1x2x3", "'1x2x3' is neither SIZE nor HEIGHTxWIDTH"),
    ("resnet18 --size big", "'big' is no integer"),
    ("resnet18 --batch 99999999", "'99999999' is no integer"),
    ("mobilenet_v1 --width -1", "'-1' is no number in (0, 1e6]"),
    ("mobilenet_v1 --width nan", "'nan' is no number"),
    ("bert_base --hidden 100 --heads 12",
     "--hidden 100 is not a multiple of --heads 12"),
    ("bert_base --seq 513",
     "--seq 513 is longer than the table of positions, --positions 512"),
    ("lstm --seed -1", "'-1' is no integer in [0, 2^64)"),
    ("mlp_step --widths 4", "got 1 width"),
    ("mlp_step --widths 4,,3", "'' is no integer"),
    ("mlp_step --lr 0", "'0' is no number in (0, 1e6]"),
]

# Small ones, to be run.
SMALL = [
    "mobilenet_v1 --size 32 --width 0.25 --batch 2",
    "mobilenet_v2 --size 32x48 --width 0.25",
    "resnet18 --size 32 --width 0.25 --weights arguments",
    "resnet50 --size 33 --width 0.125",
    "bert_base --layers 2 --seq 12 --hidden 64 --heads 4 --ffn 128 --vocab 100 "
    "--batch 2",
    "lstm --steps 4 --input 16 --hidden 24 --batch 3",
    "lstm --steps 4 --input 16 --hidden 24 --batch 3 --loop",
    "mlp_step --batch 4 --widths 12,9,7,5",
    "mlp_step --batch 1 --widths 6,3 --loss mse",
]
QUANTISED = ["mobilenet_v1_i8 --size 32x40 --width 0.25 --classes 10",
             "resnet18_i8 --size 33 --width 0.25 --classes 10 --batch 2"]
# As README.md says it.
TOSA = ["--tosa-attach-target=profiles=pro_int,pro_fp extensions=int16,int4,"
        "bf16,fp8e4m3,fp8e5m2,fft,variable,controlflow,doubleround,"
        "inexactround level=none", "--tosa-to-scf",
        "--tosa-to-linalg-pipeline"]
FORMS = ["canonicalize",
         "linalg-generalize-named-ops,linalg-fuse-elementwise-ops"]
IMPORT = "convert-linalg-to-access"
BACK = "convert-access-to-linalg"

# Networks that torch-mlir wrote, and ours of the same sizes.
TORCH = [("resnet18", "resnet18 --size 32"), ("resnet50", "resnet50 --size 32"),
         ("mobilenet_v2", "mobilenet_v2 --size 32"),
         ("bert", "bert_base --layers 2 --hidden 128 --heads 2 --ffn 512 "
          "--seq 12")]

failures = 0


def expect(condition, text):
    global failures
    if not condition:
        failures += 1
        print("NO:", text, flush=True)


def counts():
    for line, contractions, macs, within, parameters, near in LITERATURE:
        f = builder.build(line.split())
        expect(f.contractions == contractions,
               f"{line}: {f.contractions} contractions, not {contractions}")
        expect(abs(f.macs - macs) <= within, f"{line}: {f.macs} MACs, not "
               f"{macs:.0f}")
        expect(abs(f.parameters - parameters) <= near,
               f"{line}: {f.parameters} parameters, not {parameters:.0f}")
        print(f"{line:<64}{f.contractions:>4}{f.macs:>13}{f.parameters:>11}")
    for name in builder.MODELS:
        one, three = (builder.build([name, "--batch", n]) for n in "13")
        expect(three.macs == 3 * one.macs, f"{name}: MACs of a batch of 3")
        expect(three.parameters == one.parameters, f"{name}: parameters of a "
               "batch of 3")


def run(command, **how):
    return subprocess.run(command, capture_output=True, text=True, **how)


def errors_and_determinism():
    script = [sys.executable, os.path.join(HERE, "main.py")]
    for line, said in ERRORS:
        result = run(script + line.split())
        expect(result.returncode == 2 and said in result.stderr and
               not result.stdout, f"'{line}': {result.returncode}, "
               f"{result.stderr[-200:]}")
    for line in SMALL + QUANTISED:
        texts = [run(script + line.split(),
                     env={**os.environ, "PYTHONHASHSEED": seed}).stdout
                 for seed in "12"]
        expect(texts[0] == texts[1] != "", f"{line}: twice, and they differ")
    with open(os.path.join(HERE, "..", "README.md"), encoding="utf-8") as file:
        expect(run(script + ["--list"]).stdout in file.read(),
               "the table in README.md is not what --list prints")
    first, second = (builder.build(["lstm", "--seed", s]).text() for s in "12")
    expect(first != second, "--seed 1 and --seed 2 are the same")


def write(folder, name, text):
    path = os.path.join(folder, name + ".mlir")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def found(bin_dir, folder):
    """Every contraction of the large ones is one to the compiler, too."""
    for line, contractions, *_ in LITERATURE:
        path = write(folder, "full", builder.build(line.split()).text())
        result = run([f"{bin_dir}/glenside-opt", path, "--canonicalize",
                      f"--{IMPORT}", "-o", os.devnull])
        said = f"found {contractions}/{contractions} contractions"
        expect(result.returncode == 0 and said in result.stderr,
               f"{line}: {said} wanted, got {result.stderr[:300]}")


def agrees(command, num, what):
    """Runs a comparison that must have |num| rows, all of them good."""
    result = run(command)
    rows = re.findall(r"^(\d+) of (\d+) comparisons agree", result.stdout,
                      re.MULTILINE)
    expect(result.returncode == 0 and rows == [(str(num), str(num))],
           f"{what}: {num} comparisons wanted\n{result.stdout}{result.stderr}")


def roundtrip(bin_dir, folder):
    for line in SMALL:
        f = builder.build(line.split())
        path = write(folder, "small", f.text())
        agrees([f"{bin_dir}/glenside-run", path, "--randomize", "--compare",
                "--opt-level=0", f"--pipeline={IMPORT},{BACK}"] +
               [f"--form={form}" for form in FORMS],
               len(FORMS) * len(f.returned), line)


def quantised(bin_dir, folder):
    """Both forms are one network, and that network runs on each target, whole:
    every bit is that of upstream's loops."""
    for line in QUANTISED:
        linalg = write(folder, "linalg", builder.build(line.split()).text())
        tosa = write(folder, "tosa", builder.build(
            [*line.split(), "--form", "tosa"]).text())
        lowered = os.path.join(folder, "lowered.mlir")
        result = run([f"{bin_dir}/glenside-opt", tosa, *TOSA, "-o", lowered])
        expect(result.returncode == 0, f"{line}: {result.stderr[:300]}")
        agrees([f"{bin_dir}/glenside-run", lowered, "--compare",
                "--opt-level=0", "--integers=100", "--seeds=1,2,3",
                f"--against={linalg}"], 3,
               f"{line}: the two forms")
        for path in (linalg, lowered):
            for target in ("gemmini16", "ws64"):
                command = [f"{bin_dir}/glenside-run", path, "--compare",
                           "--opt-level=0", "--integers=100",
                           f"--target={target}"]
                result = run(command)
                expect(result.returncode == 0 and
                       "3 of 3 comparisons agree" in result.stdout and
                       "0.00% host" in result.stderr,
                       f"{' '.join(command)}\n{result.stdout}{result.stderr}")


def by_the_book(bin_dir, folder):
    def against(line, text, num, *options):
        ours = write(folder, "ours", builder.build(line.split()).text())
        agrees([f"{bin_dir}/glenside-run", ours, "--compare", "--opt-level=0",
                "--against=" + write(folder, "textbook", text), *options],
               num, f"{line}, by the book")

    widths = [6, 5, 4, 3]
    for loss in ("cross-entropy", "mse"):
        against("mlp_step --element f64 --batch 4 --lr 0.25 --widths "
                f"{','.join(map(str, widths))} --loss {loss}",
                textbook.training_step(4, widths, loss, 0.25), 2 * 14,
                "--entry=step", "--integers=3", "--seeds=1,2",
                "--tolerance=1e-6")
    line = "lstm --steps 3 --batch 2 --input 4 --hidden 5 --weights arguments"
    biases = [text for value, text in
              builder.build(line.split()).constants.values() if value.shape]
    for loop in ("", " --loop"):
        against(line + loop, textbook.lstm(3, 2, 4, 5, biases), 5,
                "--tolerance=1e-5")


def from_tokens():
    """For BERT, whose embeddings and mask come another way than in the file:
    does not look into them."""
    normalised = False

    def known(text, type_):
        nonlocal normalised
        normalised |= '"reduction"' in text  # the first layer-norm
        if type_ == "tensor<1x1x1x12xf32>":
            return "<mask>"
        if type_ == "tensor<1x12x128xf32>" and not normalised:
            return "<tokens>"
        return None
    return known


def as_torch():
    models = os.environ.get("GLENSIDE_MODELS", os.path.normpath(os.path.join(
        HERE, "..", "..", "..", "..", "shared", "models")))
    for name, line in TORCH:
        path = os.path.join(models, name + ".mlir")
        if not os.path.exists(path):
            print(f"skipped, not there (set GLENSIDE_MODELS): {path}")
            continue
        with open(path, encoding="utf-8") as file:
            theirs = file.read()
        ours = builder.build(line.split()).text()
        known = from_tokens if name == "bert" else lambda: lambda *_: None
        digests = [graph.graph(text, known()) for text in (theirs, ours)]
        expect(digests[0] == digests[1] is not None,
               f"{line} is not the graph of {path}: {digests}")
        # The same with the operands of the last subtraction swapped.
        wrong = re.sub(r"(.*)arith\.subf (%\w+), (%\w+)",
                       r"\1arith.subf \3, \2", ours, flags=re.DOTALL)
        expect(graph.graph(wrong, known()) not in (None, digests[1]),
               f"{line}: a wrong graph passes for the right one")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", help="folder of the tools")
    options = parser.parse_args()
    counts()
    errors_and_determinism()
    as_torch()
    if options.bin:
        with tempfile.TemporaryDirectory() as folder:
            found(options.bin, folder)
            roundtrip(options.bin, folder)
            quantised(options.bin, folder)
            by_the_book(options.bin, folder)
    print(f"{failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Memory of a network that was compiled ahead of time, by counters and by RSS.

  memory.py --bin DIR --work DIR NETWORK SIZE [--target T] [--sa libsa.a]
            [--within X]

weights       bytes of the network's own constants
activations   bytes of the results of all layers that run on the accelerator, each
              counted once, as if none shared memory with another
file          bytes of net.weights: what the program loads
arena         NET_ARENA_BYTES: what it allocates while it runs
peak          with --sa: the resident set of examples/ahead at its largest

Prints them as one JSON object. Exit code 1 if a tool fails, or if file + arena
is over X times weights + activations.
"""
import argparse
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))))
WIDTHS = {"f64": 8, "i64": 8, "f32": 4, "i32": 4, "bf16": 2, "f16": 2,
          "i16": 2, "i8": 1, "i1": 1}


def call(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def bytes_of(extents, element):
    size = WIDTHS[element]
    for extent in extents:
        size *= int(extent)
    return size


def weights_of(text):
    """Bytes of the tensor constants of a module."""
    types = re.findall(r"= arith.constant dense\S*<[^>]*> : "
                       r"tensor<((?:\d+x)*)(\w+)>", text)
    return sum(bytes_of(shape.split("x")[:-1], element)
               for shape, element in types)


def activations_of(report):
    """Bytes of the results of the layers that a unit runs."""
    total = 0
    for layer in report["layers"]:
        if layer["unit"] != "host":
            element, shape = re.fullmatch(r"(\w+)\[([\d,]*)\]",
                                          layer["type"].split("-> ")[1]).groups()
            total += bytes_of(filter(None, shape.split(",")), element)
    return total


def write_image(path, count):
    """A .npy of |count| zeros, which examples/ahead takes for any shape."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count},), }}"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00\x76\x00" + head.ljust(117).encode() +
                   b"\n" + bytes(4 * count))


def peak_of(work, libsa, count):
    """Bytes that examples/ahead has resident at most."""
    write_image(f"{work}/x.npy", count)
    call("cc", "-O2", "-std=c11", f"-I{work}", f"-I{ROOT}/lib/runtime",
         f"{ROOT}/examples/ahead/ahead.c", f"{work}/net.o", libsa, "-lm", "-o",
         f"{work}/ahead")
    # A process starts with the peak of the one that it is forked from, so that one
    # must be small.
    watch = ("import os, subprocess, sys; "
             "child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL); "
             "_, status, usage = os.wait4(child.pid, 0); "
             "print(usage.ru_maxrss); sys.exit(status != 0)")
    return 1024 * int(call(sys.executable, "-c", watch, f"{work}/ahead",
                           f"{work}/net.weights", f"{work}/x.npy",
                           f"{work}/y.npy"))


def measure(bin_dir, work, network, size, target, libsa=None):
    """The figures of the head of this file."""
    os.makedirs(work, exist_ok=True)
    report, out = f"{work}/report.json", f"{work}/net.o"
    text = call(sys.executable, f"{ROOT}/test/workloads/models/main.py",
                network, "--size", str(size))
    call(f"{bin_dir}/glenside-opt", "--randomize-weights", "--emit-bytecode",
         "-o", f"{work}/net.mlirbc", input=text)
    call(f"{bin_dir}/glenside-run", f"{work}/net.mlirbc", "--emit=object",
         "--opt-level=1", f"--output={out}",
         f"--pipeline=glenside-compile{{emit=commands target={target} "
         f"report={report}}}")
    with open(f"{work}/net.h", encoding="utf-8") as file:
        sizes = dict(re.findall(r"#define NET_(\w+) (\d+)u", file.read()))
    with open(report, encoding="utf-8") as file:
        activations = activations_of(json.load(file))
    figures = {"weights": weights_of(text), "activations": activations,
               "file": os.path.getsize(f"{work}/net.weights"),
               "arena": int(sizes["ARENA_BYTES"])}
    if libsa:
        figures["peak"] = peak_of(work, libsa, int(sizes["X0_ELEMENTS"]))
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--target", default="gemmini16")
    parser.add_argument("--sa")
    parser.add_argument("--within", type=float)
    parser.add_argument("network")
    parser.add_argument("size", type=int)
    a = parser.parse_args()
    got = measure(a.bin, a.work, a.network, a.size, a.target, a.sa)
    print(json.dumps(got))
    took = (got["file"] + got["arena"]) / (got["weights"] + got["activations"])
    if a.within and took > a.within:
        sys.exit(f"file + arena are {took:.3f} of weights + activations, "
                 f"over {a.within}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a network as MLIR: linalg on tensors, the way torch-mlir lowers it.

  main.py --list                            the networks and their sizes
  main.py resnet50 --help                   the options of one
  main.py resnet50 --batch 8 > net.mlir     one function, @forward
  main.py resnet50 --size 192x256 --macs    its counts instead of its text

Every weight is one number, dense<c>, so that a file is small; have real ones
made from a seed where the network is used:

  main.py mobilenet_v2 | glenside-opt --randomize-weights=seed=7
  main.py lstm > lstm.mlir && glenside-run lstm.mlir --randomize --compare \\
      --pipeline=convert-linalg-to-access,convert-access-to-linalg

The same options give the same text, byte for byte.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True

import quantised  # noqa: E402
import sequence  # noqa: E402
import training  # noqa: E402
import vision  # noqa: E402
from ir import SizeError  # noqa: E402

LARGEST = 1 << 20  # of one extent; a typing error should not fill a disk


def extent(text):
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= LARGEST:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no integer from 1 to {LARGEST}")
    return number


def image(text):
    """224 or 192x256: height and width."""
    parts = text.split("x")
    if len(parts) > 2:
        raise argparse.ArgumentTypeError(
            f"'{text}' is neither SIZE nor HEIGHTxWIDTH")
    return tuple(extent(p) for p in (parts * 2)[:2])


def extents(text):
    return [extent(p) for p in text.split(",")]


def positive(text):
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no number in (0, 1e6]")
    return number


def seed(text):
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 64:
        raise argparse.ArgumentTypeError(f"'{text}' is no integer in [0, 2^64)")
    return number


BATCH = ("--batch", extent, 1, "samples at once")
CLASSES = ("--classes", extent, 1000, "outputs of the classifier")
IMAGE = [BATCH, ("--size", image, "224", "SIZE or HEIGHTxWIDTH of the image"),
         ("--width", positive, 1.0, "factor of all channels, to multiples of 8"),
         CLASSES]
BERT = [BATCH, ("--seq", extent, 128, "tokens"),
        ("--layers", extent, 12, "encoder layers"),
        ("--hidden", extent, 768, "features of a token"),
        ("--heads", extent, 12, "attention heads"),
        ("--ffn", extent, 3072, "features between the two products"),
        ("--vocab", extent, 30522, "rows of the table of words"),
        ("--positions", extent, 512, "rows of the table of positions"),
        ("--classes", extent, 2, "outputs of the classifier")]
LSTM = [BATCH, ("--steps", extent, 16, "of the sequence"),
        ("--input", extent, 256, "features of a step"),
        ("--hidden", extent, 256, "features of h and c"),
        ("--layers", extent, 2, "stacked layers"),
        ("--loop", None, False, "an scf.for over the steps, not unrolled")]
MLP = [("--batch", extent, 64, "samples at once"),
       ("--widths", extents, "784,512,256,10", "features, input to output"),
       ("--loss", ["cross-entropy", "mse"], "cross-entropy", "to be minimised"),
       ("--lr", positive, 0.01, "learning rate"),
       ("--element", ["f32", "f64"], "f32", "type of every number")]

FORM = [("--form", ["linalg", "tosa"], "linalg", "of the same network"),
        ("--seed", seed, 1, "of weights, biases, factors and zero points")]

# name: builder, options, whether it has weights of its own.
MODELS = {
    "mobilenet_v1": (vision.mobilenet_v1, IMAGE, True),
    "mobilenet_v2": (vision.mobilenet_v2, IMAGE, True),
    "resnet18": (vision.resnet18, IMAGE, True),
    "resnet50": (vision.resnet50, IMAGE, True),
    "mobilenet_v1_i8": (quantised.mobilenet_v1_i8, IMAGE + FORM, False),
    "resnet18_i8": (quantised.resnet18_i8, IMAGE + FORM, False),
    "bert_base": (sequence.bert, BERT, True),
    "lstm": (sequence.lstm, LSTM, True),
    "mlp_step": (training.mlp_step, MLP, False),
}
WEIGHTS = [("--seed", seed, 1, "of the numbers in the weights"),
           ("--weights", ["splat", "arguments"], "splat", "arguments: filters "
            "and matrices are arguments of the function; what is one number "
            "per channel stays, for a variance must be positive")]


def add_option(parser, flag, kind, default, text):
    if kind is None:
        parser.add_argument(flag, action="store_true", help=text)
        return
    how = {"choices": kind} if isinstance(kind, list) else {
        "type": kind, "metavar": "N" if kind is extent else flag[2:].upper()}
    parser.add_argument(flag, default=default,
                        help=f"{text} (default {default})", **how)


def make_parser():
    parser = argparse.ArgumentParser(
        prog="main.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true",
                        help="the networks, their counts at default sizes")
    models = parser.add_subparsers(dest="model", metavar="NETWORK",
                                   title="networks")
    for name, (build, options, has_weights) in MODELS.items():
        lines = build.__doc__.strip().splitlines()
        sub = models.add_parser(
            name, help=lines[0], description=build.__doc__.replace("\n    ",
                                                                   "\n"),
            formatter_class=argparse.RawDescriptionHelpFormatter)
        for option in options + (WEIGHTS if has_weights else []):
            add_option(sub, *option)
        sub.add_argument("--macs", action="store_true",
                         help="print counts, not the network")
    return parser


def build(args, parser=None):
    """The function for a command line, given as a list of words."""
    parser = parser or make_parser()
    options = parser.parse_args(args)
    try:
        return MODELS[options.model][0](options)
    except SizeError as error:
        parser.error(f"{options.model}: {error}")


def print_list(parser):
    print(f"{'network':<16}{'contractions':>13}{'MACs':>16}{'parameters':>13}"
          "  at")
    for name, (_, options, _) in MODELS.items():
        f = build([name], parser)
        sizes = " ".join(f"{flag} {default}"
                         for flag, kind, default, _ in options
                         if kind in (extent, image, extents))
        print(f"{name:<16}{f.contractions:>13}{f.macs:>16}{f.parameters:>13}"
              f"  {sizes}")


def main():
    parser = make_parser()
    options = parser.parse_args()
    if options.list:
        print_list(parser)
        return 0
    if not options.model:
        parser.error("which network? " + ", ".join(MODELS) +
                     "; --help says more")
    f = build(sys.argv[1:], parser)
    if options.macs:
        print(f"contractions {f.contractions}\nmacs {f.macs}\n"
              f"parameters {f.parameters}")
    else:
        sys.stdout.write(f.text())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)

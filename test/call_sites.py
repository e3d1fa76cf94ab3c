#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Call sites of each layer of a program on standard input, as
--systolic-to-commands leaves it: a line each, and the most of them."""
import re
import sys

CALL = re.compile(r"systolic\.(load|loadw|preload|gemm|gemm_os|alu|store|move|"
                  r"signal|await)\b")


def call_sites(text):
    """A number per layer; each ends with a systolic.wait."""
    layers, sites = [], 0
    for line in text.splitlines():
        sites += bool(CALL.search(line))
        if "systolic.wait" in line:
            layers.append(sites)
            sites = 0
    return layers


def main():
    layers = call_sites(sys.stdin.read())
    for sites in layers:
        print(sites, "call sites")
    print("most:", "at most 40" if max(layers) <= 40 else "over 40")


if __name__ == "__main__":
    main()

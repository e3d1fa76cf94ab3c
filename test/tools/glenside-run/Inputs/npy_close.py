# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""npy_close.py A B: whether two f32 files agree to 1e-3 of the largest value.

Reads the format by itself, so that it also checks who wrote it.
"""
import ast
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        assert file.read(8) == b"\x93NUMPY\x01\x00"
        (length,) = struct.unpack("<H", file.read(2))
        assert (length + 10) % 64 == 0
        header = ast.literal_eval(file.read(length).decode())
        assert header["descr"] == "<f4" and not header["fortran_order"]
        data = file.read()
    return header["shape"], struct.unpack(f"<{len(data) // 4}f", data)


shape, a = read(sys.argv[1])
other, b = read(sys.argv[2])
assert len(a) == len(b)
error = max(abs(x - y) for x, y in zip(a, b))
largest = max(map(abs, b))
print(f"{shape}: {'close' if error <= 1e-3 * largest else error}")

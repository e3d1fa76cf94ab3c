# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whether two functions of linalg compute by the same graph of ops.

A value's digest is made of its op and the digests of its operands, so that of
what is returned stands for everything it depends on, wiring included. Names,
the order of ops and shared or repeated buffers do not matter, and a weight is
known by its type alone.
"""
import hashlib
import re
import struct

VALUE = re.compile(r"%[\w$.-]+(#\d+)?")


def digest(text):
    return "<" + hashlib.sha256(text.encode()).hexdigest()[:16] + ">"


def scalar(text):
    """One spelling for a number: 1.0e-05, 1.0e-5 and bits in hexadecimal."""
    if text.startswith("0x") and len(text) == 10:
        return f"{struct.unpack('>f', bytes.fromhex(text[2:]))[0]:.6g}"
    try:
        return f"{float(text):.6g}"
    except ValueError:
        return text


class Reader:
    """Reads a module a line at a time, as torch-mlir and the builders write
    it: one op per line, regions between a { and a } that end their lines."""

    def __init__(self, known):
        self.known = known  # line, type of the result -> digest or None
        self.values, self.maps, self.open = {}, {}, []
        self.returned = None

    def resolve(self, text):
        text = re.sub(r"#map\d*", lambda m: self.maps[m[0]], text)
        return VALUE.sub(lambda m: self.values[m[0].split("#")[0]] +
                         (m[1] or ""), text)

    def define(self, result, text):
        if self.open:
            self.open[-1][1].append(digest(text))
        if result:
            type_ = text.rsplit(" ", 1)[-1]
            self.values[result] = self.known(text, type_) or digest(text)

    def read(self, line):
        line = line.strip()
        match = re.match(r"(?:(%[\w$.-]+)(?::\d+)? = )?(.*)$", line)
        result, text = match[1], match[2]
        if text.startswith("#map"):
            name, value = text.split(" = ")
            self.maps[name] = value
        elif text.startswith("func.func"):
            for i, name in enumerate(re.findall(r"%arg\d+", text)):
                self.values[name] = f"<argument {i}>"
        elif text.startswith("^"):
            for i, name in enumerate(re.findall(r"(%[\w$.-]+):", text)):
                self.values[name] = f"<block argument {i}>"
        elif text.startswith("arith.constant"):
            self.constant(result, text)
        elif text.startswith("}") and self.open:
            result, lines = self.open.pop()
            self.define(result, " ".join(lines + [text]))
        elif text.endswith("{") and not text.startswith("module"):
            self.open.append((result, [self.resolve(text)]))
        elif text.startswith("return"):
            self.returned = self.resolve(text)
        elif text and text[0] not in "}/m" or text.startswith("math."):
            self.define(result, self.resolve(text))

    def constant(self, result, text):
        text = text.removeprefix("arith.constant ")
        value, _, type_ = text.rpartition(" : ")
        number = re.fullmatch(r"dense<([^>]*)>", value)
        if re.match(r"tensor<\d", type_):  # a weight
            value = ""
        elif number:
            value = scalar(number[1])
        self.values[result] = f"<constant {scalar(value)} {type_}>"


def graph(text, known=lambda text, type_: None):
    """The digest of what the one function of a module returns. |known| may
    name values, by op and type, instead of looking into them."""
    reader = Reader(known)
    for line in text.splitlines():
        reader.read(line)
    return reader.returned

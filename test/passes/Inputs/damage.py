#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""damage.py IN OUT cut|flip|magic: a module whose graph is not whole.

The resource is text: "0x", eight digits of alignment, the bytes. `cut` drops its
last 16 bytes and says so in the tensor's type, `flip` changes one bit in the
middle, `magic` the first byte.
"""
import re
import sys

source, target, how = sys.argv[1:]
text = open(source).read()
match = re.search(r'(glenside_\w+: "0x\w{8})(\w+)(")', text)
digits = match[2]
if how == "cut":
    digits = digits[:-32]
elif how == "flip":
    middle = len(digits) // 2
    digits = (digits[:middle] + "%x" % (int(digits[middle], 16) ^ 1)
              + digits[middle + 1:])
else:
    digits = "58" + digits[2:]
text = text[:match.start(2)] + digits + text[match.end(2):]
text = re.sub(r"(dense_resource<glenside_\w+> : tensor<)\d+",
              lambda m: m[1] + str(len(digits) // 2), text)
open(target, "w").write(text)

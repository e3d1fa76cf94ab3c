# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every named contraction, convolution and pooling of linalg, in variants.

One module per op; its function computes all variants, one result each. The
module goes through convert-linalg-to-access,convert-access-to-linalg as given,
generalised, and fused with unit dimensions folded; each time every variant must
be found as a contraction (poolings: none) and every result must agree.

  structured_ops.py DIRECTORY            write the modules
  structured_ops.py DIRECTORY --check    and run glenside-run on each
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

SPATIAL = "dhw"

# name: layouts of the image, the filter, the result.
CONVOLUTIONS = {
    "conv_1d": ("w", "w", "w"),
    "conv_2d": ("hw", "hw", "hw"),
    "conv_3d": ("dhw", "dhw", "dhw"),
    "conv_1d_nwc_wcf": ("nwc", "wcf", "nwf"),
    "conv_1d_ncw_fcw": ("ncw", "fcw", "nfw"),
    "conv_2d_nhwc_hwcf": ("nhwc", "hwcf", "nhwf"),
    "conv_2d_nhwc_fhwc": ("nhwc", "fhwc", "nhwf"),
    "conv_2d_nchw_fchw": ("nchw", "fchw", "nfhw"),
    "conv_2d_ngchw_fgchw": ("ngchw", "fgchw", "ngfhw"),
    "conv_2d_ngchw_gfchw": ("ngchw", "gfchw", "ngfhw"),
    "conv_2d_nhwgc_gfhwc": ("nhwgc", "gfhwc", "nhwgf"),
    "conv_3d_ndhwc_dhwcf": ("ndhwc", "dhwcf", "ndhwf"),
    "conv_3d_ncdhw_fcdhw": ("ncdhw", "fcdhw", "nfdhw"),
    "depthwise_conv_1d_nwc_wc": ("nwc", "wc", "nwc"),
    "depthwise_conv_1d_ncw_cw": ("ncw", "cw", "ncw"),
    "depthwise_conv_1d_nwc_wcm": ("nwc", "wcm", "nwcm"),
    "depthwise_conv_2d_nhwc_hwc": ("nhwc", "hwc", "nhwc"),
    "depthwise_conv_2d_nchw_chw": ("nchw", "chw", "nchw"),
    "depthwise_conv_2d_nhwc_hwcm": ("nhwc", "hwcm", "nhwcm"),
    "depthwise_conv_3d_ndhwc_dhwc": ("ndhwc", "dhwc", "ndhwc"),
    "depthwise_conv_3d_ncdhw_cdhw": ("ncdhw", "cdhw", "ncdhw"),
    "depthwise_conv_3d_ndhwc_dhwcm": ("ndhwc", "dhwcm", "ndhwcm"),
    "conv_2d_nhwc_hwcf_q": ("nhwc", "hwcf", "nhwf"),
    "conv_2d_nhwc_fhwc_q": ("nhwc", "fhwc", "nhwf"),
    "conv_2d_nchw_fchw_q": ("nchw", "fchw", "nfhw"),
    "conv_2d_ngchw_gfchw_q": ("ngchw", "gfchw", "ngfhw"),
    "conv_2d_nhwgc_gfhwc_q": ("nhwgc", "gfhwc", "nhwgf"),
    "conv_3d_ndhwc_dhwcf_q": ("ndhwc", "dhwcf", "ndhwf"),
    "depthwise_conv_2d_nhwc_hwc_q": ("nhwc", "hwc", "nhwc"),
    "depthwise_conv_2d_nhwc_hwcm_q": ("nhwc", "hwcm", "nhwcm"),
}

# name: layout of the image; the result has the same.
POOLINGS = {
    f"pooling_{layout}_{kind}": layout
    for layout, kinds in {
        "nhwc": "sum max max_unsigned min min_unsigned",
        "nchw": "sum max",
        "nwc": "sum max max_unsigned min min_unsigned",
        "ncw": "sum max",
        "ndhwc": "sum max min",
    }.items()
    for kind in kinds.split()
}

# name: layouts of both factors and of the result.
CONTRACTIONS = {
    "matmul": ("mk", "kn", "mn"),
    "batch_matmul": ("bmk", "bkn", "bmn"),
    "batch_reduce_matmul": ("bmk", "bkn", "mn"),
    "matvec": ("mk", "k", "m"),
    "vecmat": ("k", "kn", "n"),
    "batch_matvec": ("bmk", "bk", "bm"),
    "batch_vecmat": ("bk", "bkn", "bn"),
    "dot": ("k", "k", ""),
    "mmt4d": ("mkpr", "nkqr", "mnpq"),
    "batch_mmt4d": ("bmkpr", "bnkqr", "bmnpq"),
    "quantized_matmul": ("mk", "kn", "mn"),
    "quantized_batch_matmul": ("bmk", "bkn", "bmn"),
    # Named ops with maps of their own.
    "matmul transposed": ("km", "nk", "mn"),
    "batch_matmul transposed": ("bkm", "bnk", "bmn"),
    "contract": ("kbm", "nkb", "nbm"),
}


class Module:
    """A function of random tensors, grown one result at a time."""

    def __init__(self):
        self.args, self.lines, self.results = [], [], []
        self.count = 0

    def name(self):
        self.count += 1
        return f"%v{self.count}"

    def emit(self, text):
        value = self.name()
        self.lines.append(f"    {value} = {text}")
        return value

    def arg(self, type_):
        self.args.append((f"%a{len(self.args)}", type_))
        return self.args[-1][0]

    def random(self, shape, element):
        """An input; integers, which come as 0 or 1, are spread over the type."""
        type_ = tensor(shape, element)
        value = self.arg(type_)
        if element[0] != "i":
            return value
        dims = ", ".join(f"d{i}" for i in range(len(shape)))
        same = f"affine_map<({dims}) -> ({dims})>"
        body = [f"^bb0(%x: {element}, %o: {element}):"]
        last = "%x"
        for i in range(len(shape)):
            body += [f"%i{i} = linalg.index {i} : index",
                     f"%j{i} = arith.index_cast %i{i} : index to {element}",
                     f"%c{i} = arith.constant {37 + 6 * i} : {element}",
                     f"%p{i} = arith.muli %j{i}, %c{i} : {element}",
                     f"%s{i} = arith.addi {last}, %p{i} : {element}"]
            last = f"%s{i}"
        body += [f"%c = arith.constant 85 : {element}",
                 f"%r = arith.muli {last}, %c : {element}",
                 f"linalg.yield %r : {element}"]
        kinds = ", ".join('"parallel"' for _ in shape)
        empty = self.emit(f"tensor.empty() : {type_}")
        return self.emit(
            f"linalg.generic {{indexing_maps = [{same}, {same}], "
            f"iterator_types = [{kinds}]}} ins({value} : {type_}) "
            f"outs({empty} : {type_}) {{\n      " + "\n      ".join(body) +
            f"\n    }} -> {type_}")

    def fill(self, shape, element, value):
        type_ = tensor(shape, element)
        empty = self.emit(f"tensor.empty() : {type_}")
        constant = self.emit(f"arith.constant {value} : {element}")
        return self.emit(f"linalg.fill ins({constant} : {element}) "
                         f"outs({empty} : {type_}) -> {type_}")

    def pad(self, value, shape, element, low, high, filler):
        new = [a + l + h for a, l, h in zip(shape, low, high)]
        ids = ", ".join(f"%p{i}: index" for i in range(len(shape)))
        constant = self.emit(f"arith.constant {filler} : {element}")
        return self.emit(
            f"tensor.pad {value} low{low} high{high} {{\n    ^bb0({ids}):\n"
            f"      tensor.yield {constant} : {element}\n"
            f"    }} : {tensor(shape, element)} to {tensor(new, element)}")

    def result(self, value, shape, element):
        self.results.append((value, tensor(shape, element)))

    def text(self):
        args = ", ".join(f"{n}: {t}" for n, t in self.args)
        types = ", ".join(t for _, t in self.results)
        values = ", ".join(v for v, _ in self.results)
        return (f"func.func @main({args}) -> ({types}) {{\n" +
                "\n".join(self.lines) +
                f"\n    return {values} : {types}\n}}\n")


def tensor(shape, element):
    return "tensor<" + "".join(f"{d}x" for d in shape) + element + ">"


def zero(element):
    return "0" if element[0] == "i" else "0.0"


# name: stride and dilation per axis, padding, batch, whether the result starts
# from an input.
VARIANTS = {
    "plain": ((1, 1, 1), (1, 1, 1), 0, 1, False),
    "stride 2": ((2, 2, 2), (1, 1, 1), 0, 1, False),
    "dilation 2": ((1, 1, 1), (2, 2, 2), 0, 1, False),
    "odd padding": ((2, 1, 2), (1, 1, 1), 1, 1, False),
    "batch 2": ((1, 2, 1), (2, 1, 1), 0, 2, True),
    "all": ((2, 3, 2), (1, 2, 2), 1, 3, True),
}
IMAGE = {"d": 6, "h": 9, "w": 8}
KERNEL = {"d": 2, "h": 3, "w": 2}
CHANNELS = {"c": 3, "f": 4, "g": 2, "m": 2}


def window_extents(layout, stride, dilation, padded):
    """Extents of image, kernel and result per spatial axis."""
    out = {}
    for axis in layout:
        if axis in SPATIAL:
            i = SPATIAL.index(axis)
            size = IMAGE[axis] + (3 if padded else 0)
            span = dilation[i] * (KERNEL[axis] - 1) + 1
            out[axis] = (size - span) // stride[i] + 1
    return out


def padded_image(module, layout, batch, element, padded, filler):
    shape = [batch if a == "n" else IMAGE.get(a, CHANNELS.get(a))
             for a in layout]
    image = module.random(shape, element)
    if padded:
        low = [1 if a in SPATIAL else 0 for a in layout]
        high = [2 if a in SPATIAL else 0 for a in layout]
        image = module.pad(image, shape, element, low, high, filler)
        shape = [s + l + h for s, l, h in zip(shape, low, high)]
    return image, shape


def attributes(layout, stride, dilation):
    axes = [SPATIAL.index(a) for a in layout if a in SPATIAL]
    kind = f"tensor<{len(axes)}xi64>"
    return (f"{{strides = dense<{[stride[i] for i in axes]}> : {kind}, "
            f"dilations = dense<{[dilation[i] for i in axes]}> : {kind}}}")


def convolution(module, name, variant):
    image_layout, filter_layout, out_layout = CONVOLUTIONS[name]
    stride, dilation, padded, batch, accumulate = variant
    plain = name in ("conv_1d", "conv_2d", "conv_3d")
    if plain:
        stride = dilation = (1, 1, 1)
    quantized = name.endswith("_q")
    element, total = ("i8", "i32") if quantized else ("f32", "f32")
    image, shape = padded_image(module, image_layout, batch, element, padded,
                                "5" if quantized else "0.0")
    filter_shape = [KERNEL.get(a, CHANNELS.get(a)) for a in filter_layout]
    weights = module.random(filter_shape, element)
    spatial = window_extents(image_layout, stride, dilation, padded)
    out_shape = [batch if a == "n" else spatial.get(a, CHANNELS.get(a))
                 for a in out_layout]
    start = (module.random(out_shape, total) if accumulate else
             module.fill(out_shape, total, zero(total)))
    ins = [image, weights]
    types = [tensor(shape, element), tensor(filter_shape, element)]
    if quantized:
        for point in ("-3", "7"):
            ins.append(module.emit(f"arith.constant {point} : i32"))
            types.append("i32")
    out_type = tensor(out_shape, total)
    options = "" if plain else attributes(image_layout, stride, dilation)
    value = module.emit(
        f"linalg.{name} {options} ins({', '.join(ins)} : {', '.join(types)}) "
        f"outs({start} : {out_type}) -> {out_type}")
    module.result(value, out_shape, total)


def pooling(module, name, variant):
    layout = POOLINGS[name]
    stride, dilation, padded, batch, accumulate = variant
    unsigned = name.endswith("unsigned")
    element = "i8" if unsigned else "f32"
    kind = name.split("_")[2]
    start = {"sum": "0.0", "max": "0xFF800000", "min": "0x7F800000"}[kind]
    if unsigned:
        start = {"max": "0", "min": "-1"}[kind]
    image, shape = padded_image(module, layout, batch, element, padded, start)
    spatial = window_extents(layout, stride, dilation, padded)
    out_shape = [spatial.get(a, s) for a, s in zip(layout, shape)]
    out = (module.random(out_shape, element) if accumulate else
           module.fill(out_shape, element, start))
    window = [KERNEL[a] for a in layout if a in SPATIAL]
    shape_only = module.emit(f"tensor.empty() : {tensor(window, element)}")
    out_type = tensor(out_shape, element)
    value = module.emit(
        f"linalg.{name} {attributes(layout, stride, dilation)} "
        f"ins({image}, {shape_only} : {tensor(shape, element)}, "
        f"{tensor(window, element)}) outs({out} : {out_type}) -> {out_type}")
    module.result(value, out_shape, element)


# name: extents, element, type of the sum, whether it starts from an input.
CONTRACTION_VARIANTS = {
    "plain": (dict(b=2, m=3, k=5, n=4, p=2, q=3, r=2), "f32", "f32", False),
    "accumulate": (dict(b=3, m=4, k=7, n=5, p=3, q=2, r=4), "f32", "f32", True),
    "i8": (dict(b=2, m=3, k=9, n=4, p=2, q=2, r=3), "i8", "i32", False),
    "bf16": (dict(b=2, m=3, k=5, n=4, p=2, q=3, r=2), "bf16", "f32", False),
    "f16": (dict(b=2, m=4, k=6, n=3, p=3, q=2, r=2), "f16", "f32", False),
    "one row": (dict(b=1, m=1, k=6, n=4, p=1, q=2, r=2), "f32", "f32", False),
}


def contraction(module, name, variant):
    extents, element, total, accumulate = variant
    layouts = CONTRACTIONS[name]
    quantized = name.startswith("quantized")
    if quantized:
        element, total = "i8", "i32"
    shapes = [[extents[a] for a in layout] for layout in layouts]
    types = [tensor(s, t) for s, t in zip(shapes, (element, element, total))]
    ins = [module.random(s, element) for s in shapes[:2]]
    in_types = types[:2]
    start = (module.random(shapes[2], total) if accumulate else
             module.fill(shapes[2], total, zero(total)))
    if quantized:
        for point in ("-3", "7"):
            ins.append(module.emit(f"arith.constant {point} : i32"))
            in_types.append("i32")
    options = ""
    if name == "contract" or name.endswith("transposed"):
        dims = "bmnk" if "b" in layouts[0] else "mnk"
        ids = ", ".join(dims)
        maps = ", ".join(f"affine_map<({ids}) -> ({', '.join(layout)})>"
                         for layout in layouts)
        options = f" indexing_maps = [{maps}]"
    value = module.emit(
        f"linalg.{name.split()[0]}{options} "
        f"ins({', '.join(ins)} : {', '.join(in_types)}) "
        f"outs({start} : {types[2]}) -> {types[2]}")
    module.result(value, shapes[2], total)


def modules():
    """(name, variants, number of contractions, text)."""
    for table, build, variants in (
            (CONVOLUTIONS, convolution, VARIANTS),
            (POOLINGS, pooling, VARIANTS),
            (CONTRACTIONS, contraction, CONTRACTION_VARIANTS)):
        for name in table:
            module = Module()
            for variant in variants.values():
                build(module, name, variant)
            found = 0 if table is POOLINGS else len(module.results)
            yield (name.replace(" ", "_"), list(variants), found,
                   module.text())


FUSE = ("func.func(linalg-fuse-elementwise-ops,linalg-fold-unit-extent-dims),"
        "canonicalize")
# Upstream's folding of unit dimensions makes invalid generics of convolutions
# whose result has extent 1; the extents above are greater.
FORMS = ("", "func.func(linalg-generalize-named-ops)",
         FUSE + ",func.func(linalg-generalize-named-ops)",
         "func.func(linalg-generalize-named-ops)," + FUSE)


def check(path, found):
    """Runs all forms of one module: (complaints, forms in which every variant
    was found, forms in which result i agrees for each i)."""
    command = ["glenside-run", str(path), "--compare", "--opt-level=0"]
    command += [f"--form={form}" for form in FORMS]
    command.append(
        "--pipeline=convert-linalg-to-access,convert-access-to-linalg")
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    text = run.stdout + run.stderr
    problems = []
    if run.returncode:
        problems.append(f"exit code {run.returncode}\n{text}")
    counts = re.findall(r"found (\d+)/(\d+) contractions", text)
    wanted = [(str(found), str(found))] * len(FORMS) if found else []
    if counts != wanted:
        problems.append(f"found {counts}, wanted {wanted}")
    agree = collections.Counter(
        int(i) for i in re.findall(r"result (\d+), .*: agrees", text))
    all_found = counts.count(wanted[0]) if found else len(FORMS)
    return problems, all_found, agree


def print_row(name, cells):
    print(f"{name:34}" + "".join(f"{cell:>13}" for cell in cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", default="", help="ops whose name has this")
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    bad = total = 0
    header = None
    for name, variants, found, text in modules():
        if options.only not in name:
            continue
        path = options.directory / f"{name}.mlir"
        path.write_text(text, encoding="utf-8")
        total += 1
        if not options.check:
            continue
        if header != variants:
            header = variants
            print_row(f"forms (of {len(FORMS)}) found / correct", variants)
        problems, all_found, agree = check(path, found)
        print_row(name, [f"{all_found if found else '-'} / {agree[i]}"
                         for i in range(len(variants))])
        for problem in problems:
            print(f"{name}: {problem}")
        bad += bool(problems)
    print(f"{total - bad} of {total} ops")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())

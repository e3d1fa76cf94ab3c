# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks in 8 bits: i8 × i8 sums in i32, requantised to i8.

The scheme is that of TFLite (Jacob et al. 2018): an activation q stands for
scale · (q - zero point), weights are symmetric with a scale per output channel,
biases are i32, and a requantisation multiplies by a fixed-point number
m / 2^s, 2^30 <= m < 2^31, rounds half up, adds the zero point and clamps to the
range of the activation function.

Two forms of one network, equal in every bit:

  linalg  *_q ops with zero points, and the requantisation in arith, 64 bits
  tosa    conv2d, depthwise_conv2d, rescale, clamp, add, max_pool2d, reduce_sum
"""
import math
import random

from ir import Function, Value

ACTIVATIONS = 40.0  # the spread of q that factors are chosen for


class Quantised(Function):
    """A function of images as batch × height × width × channels, in i8."""

    def __init__(self, model, o):
        super().__init__(model, seed=o.seed, element="i8")
        self.tosa = o.form == "tosa"
        self.random = random.Random(o.seed)

    # -- Constants ------------------------------------------------------------

    def table(self, numbers, shape, element):
        """A constant of a list of numbers; of the one number if all are equal.
        """
        if len(set(numbers)) == 1:
            return self.dense(str(numbers[0]), shape, element)
        size = int(element[1:]) // 8
        return self.raw(b"".join(n.to_bytes(size, "little", signed=True)
                                 for n in numbers), shape, element)

    def raw(self, data, shape, element):
        return self.dense(f'"0x{data.hex().upper()}"', shape, element)

    def dense(self, text, shape, element):
        if self.tosa:
            t = Value(None, shape, element).type
            return self._cached(
                f'"tosa.const"() {{values = dense<{text}> : {t}}} : () -> '
                "{type}", shape, element)
        return self._constant(f"dense<{text}>", Value(None, shape, element))

    def bytes(self, shape):
        """Weights: no -128, as they are symmetric."""
        count = math.prod(shape)
        self.parameters += count
        data = self.random.randbytes(count).replace(b"\x80", b"\x7f")
        return self.raw(data, shape, "i8")

    def bias(self, channels, spread):
        self.parameters += channels
        return self.table([int(self.random.uniform(-spread, spread))
                           for _ in range(channels)], (channels,), "i32")

    def zero_point(self):
        return self.random.randint(-20, 20)

    def factors(self, scale, count):
        """|count| fixed-point numbers around |scale|: m and s."""
        pairs = []
        for _ in range(count):
            mantissa, exponent = math.frexp(
                scale * self.random.uniform(0.75, 1.5))
            pairs.append((min(int(mantissa * (1 << 31)), (1 << 31) - 1),
                          31 - exponent))
        return [m for m, _ in pairs], [s for _, s in pairs]

    # -- What both forms have -------------------------------------------------

    def rescale(self, x, ms, shifts, zero_in, zero_out, element, low=None,
                high=None, bias=None):
        """clamp((x - zero_in (+ bias)) m / 2^s + zero_out), per channel if
        there are several m."""
        if self.tosa:
            y = self._tosa_rescale(x, ms, shifts, zero_in, zero_out, element)
            if low is None or (low, high) == (-128, 127):
                return y
            return self.op(f"tosa.clamp {y.name} {{min_val = {low} : i8, "
                           f"max_val = {high} : i8}} : ({y.type}) -> {{type}}",
                           y.shape, "i8")
        return self._linalg_rescale(x, ms, shifts, zero_in, zero_out, element,
                                    low, high, bias)

    def _tosa_rescale(self, x, ms, shifts, zero_in, zero_out, element):
        operands = [x, self.table(ms, (len(ms),), "i32"),
                    self.table(shifts, (len(ms),), "i8"),
                    self.table([zero_in], (1,), x.element),
                    self.table([zero_out], (1,), element)]
        return self.op(
            f"tosa.rescale {', '.join(v.name for v in operands)} "
            "{scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = "
            f"{'true' if len(ms) > 1 else 'false'}, input_unsigned = false, "
            "output_unsigned = false} : "
            f"({', '.join(v.type for v in operands)}) -> {{type}}", x.shape,
            element)

    def _linalg_rescale(self, x, ms, shifts, zero_in, zero_out, element, low,
                        high, bias):
        rank = len(x.shape)
        inputs, maps = [x], [tuple(range(rank))]
        lines, value = [], "%a"
        one = self.constant(1, "i64").name

        def vector(v):
            inputs.append(v)
            maps.append((rank - 1,))
            return f"%{'abcdefgh'[len(inputs) - 1]}"

        def line(text):
            lines.append(f"%t{len(lines)} = {text}")
            return f"%t{len(lines) - 1}"

        if x.element != "i32":
            value = line(f"arith.extsi {value} : {x.element} to i32")
        if bias:
            value = line(f"arith.addi {value}, {vector(bias)} : i32")
        if zero_in:
            value = line(f"arith.subi {value}, "
                         f"{self.constant(zero_in, 'i32').name} : i32")
        value = line(f"arith.extsi {value} : i32 to i64")
        if len(ms) > 1:
            m = vector(self.table(ms, (len(ms),), "i32"))
            s = vector(self.table(shifts, (len(ms),), "i8"))
            m = line(f"arith.extsi {m} : i32 to i64")
            s = line(f"arith.extui {s} : i8 to i64")
            half = line(f"arith.shli {one}, {s} : i64")
            half = line(f"arith.shrui {half}, {one} : i64")
        else:
            m = self.constant(ms[0], "i64").name
            s = self.constant(shifts[0], "i64").name
            half = self.constant(1 << (shifts[0] - 1), "i64").name
        value = line(f"arith.muli {value}, {m} : i64")
        value = line(f"arith.addi {value}, {half} : i64")
        value = line(f"arith.shrsi {value}, {s} : i64")
        value = line(f"arith.trunci {value} : i64 to i32")
        if zero_out:
            value = line(f"arith.addi {value}, "
                         f"{self.constant(zero_out, 'i32').name} : i32")
        if element == "i8":
            for op, bound in (("maxsi", low), ("minsi", high)):
                value = line(f"arith.{op} {value}, "
                             f"{self.constant(bound, 'i32').name} : i32")
            value = line(f"arith.trunci {value} : i32 to i8")
        lines.append(f"linalg.yield {value} : {element}")
        return self.generic(inputs, [self.empty(x.shape, element)], lines,
                            maps)

    def tally(self, macs):
        self.contractions += 1
        self.macs += macs

    def pad(self, x, pad, number):
        if not pad:
            return x
        n, h, w, c = x.shape
        result = self.fresh((n, h + 2 * pad, w + 2 * pad, c), "i8")
        scalar = self.constant(number, "i8").name
        self.emit(f"{result.name} = tensor.pad {x.name} low[0, {pad}, {pad}, "
                  f"0] high[0, {pad}, {pad}, 0] {{")
        self.emit("^bb0(%i0: index, %i1: index, %i2: index, %i3: index):")
        self.emit(f"  tensor.yield {scalar} : i8")
        self.emit(f"}} : {x.type} to {result.type}")
        return result

    def linalg_q(self, op, x, weight, shape, attributes):
        operands = [x, weight, self.constant(x.zero, "i32"),
                    self.constant(0, "i32")]
        init = self.fill(0, shape, "i32")
        return self.op(
            f"linalg.{op} {attributes}ins("
            f"{', '.join(v.name for v in operands)} : "
            f"{', '.join(v.type for v in operands)}) outs({init.name} : "
            f"{init.type}) -> {{type}}", shape, "i32")

    def fill(self, number, shape, element):
        scalar = self.constant(number, element)
        empty = self.empty(shape, element)
        return self._cached(
            f"linalg.fill ins({scalar.name} : {element}) outs({empty.name} : "
            f"{empty.type}) -> {{type}}", shape, element)

    # -- Layers ---------------------------------------------------------------

    def conv(self, x, channels, kernel, stride=1, depthwise=False, act="relu"):
        """Convolution, bias, requantisation per channel, activation."""
        n, h, w, c = x.shape
        pad = kernel // 2
        out = [(e + 2 * pad - kernel) // stride + 1 for e in (h, w)]
        fan = kernel * kernel * (1 if depthwise else c)
        shape = (n, *out, channels)
        self.tally(math.prod(shape) * fan)
        spread = ACTIVATIONS * 74 * math.sqrt(fan)
        weight, bias = self._weights(kernel, c, channels, depthwise), \
            self.bias(channels, spread / 4)
        if self.tosa:
            acc = self._tosa_conv(x, weight, bias, shape, kernel, stride, pad,
                                  depthwise)
        else:
            # Rows that no window of this stride reaches are there all the same.
            acc = self.linalg_q(
                "depthwise_conv_2d_nhwc_hwc_q" if depthwise else
                "conv_2d_nhwc_fhwc_q", self._padded(x, pad), weight, shape,
                "{dilations = dense<1> : vector<2xi64>, "
                f"strides = dense<{stride}> : vector<2xi64>}} ")
        ms, shifts = self.factors(ACTIVATIONS / spread, channels)
        zero = self.zero_point()
        low = -128 if act is None else zero
        high = min(127, zero + 96) if act == "relu6" else 127
        y = self.rescale(acc, ms, shifts, 0, zero, "i8", low, high,
                         None if self.tosa else bias)
        y.zero = zero
        return y

    def _weights(self, kernel, c, channels, depthwise):
        if not depthwise:
            return self.bytes((channels, kernel, kernel, c))
        if self.tosa:
            return self.bytes((kernel, kernel, c, 1))
        return self.bytes((kernel, kernel, c))

    def _padded(self, x, pad):
        y = self.pad(x, pad, x.zero)
        y.zero = x.zero
        return y

    def _tosa_conv(self, x, weight, bias, shape, kernel, stride, pad,
                   depthwise):
        # TOSA wants each row of the padded image to be in some window.
        high = [(o - 1) * stride + kernel - e - pad
                for o, e in zip(shape[1:3], x.shape[1:3])]
        if min(high) < 0:
            keep = [min(e, e + p) for e, p in zip(x.shape[1:3], high)]
            zero, x = x.zero, self._cut(x, keep)
            x.zero, high = zero, [max(p, 0) for p in high]
        operands = [x, weight, bias, self.table([x.zero], (1,), "i8"),
                    self.table([0], (1,), "i8")]
        name = "depthwise_conv2d" if depthwise else "conv2d"
        return self.op(
            f"tosa.{name} {', '.join(v.name for v in operands)} "
            f"{{acc_type = i32, pad = array<i64: {pad}, {high[0]}, {pad}, "
            f"{high[1]}>, stride = array<i64: {stride}, {stride}>, dilation = "
            "array<i64: 1, 1>} : "
            f"({', '.join(v.type for v in operands)}) -> {{type}}", shape,
            "i32")

    def _cut(self, x, keep):
        n, _, _, c = x.shape
        sizes = (n, *keep, c)
        start, size = (self.op(
            f"tosa.const_shape {{values = dense<{list(v)}> : "
            "tensor<4xindex>} : () -> !tosa.shape<4>", (), "i8")
            for v in ((0, 0, 0, 0), sizes))
        return self.op(
            f"tosa.slice {x.name}, {start.name}, {size.name} : ({x.type}, "
            "!tosa.shape<4>, !tosa.shape<4>) -> {type}", sizes, "i8")

    def add(self, x, y, act=None):
        """Both in i32 with 20 bits more, their sum back to 8."""
        parts = [self.rescale(v, *self.factors(2.0 ** 19, 1), v.zero, 0, "i32")
                 for v in (x, y)]
        a, b = parts
        if self.tosa:
            total = self.op(f"tosa.add {a.name}, {b.name} : ({a.type}, "
                            f"{b.type}) -> {{type}}", a.shape, "i32")
        else:
            total = self.map("arith.addi %a, %b : i32", a, b, element="i32")
        zero = self.zero_point()
        z = self.rescale(total, *self.factors(0.7 * 2.0 ** -19, 1), 0, zero,
                         "i8", zero if act else -128, 127)
        z.zero = zero
        return z

    def max_pool(self, x, kernel, stride):
        n, h, w, c = x.shape
        pad = kernel // 2
        out = [(e + 2 * pad - kernel) // stride + 1 for e in (h, w)]
        shape = (n, *out, c)
        high = [(o - 1) * stride + kernel - e - pad
                for o, e in zip(out, (h, w))]
        if self.tosa:
            source = x
            if min(high) < 0:
                source = self._cut(x, [min(e, e + p)
                                       for e, p in zip((h, w), high)])
                high = [max(p, 0) for p in high]
            y = self.op(
                f"tosa.max_pool2d {source.name} {{kernel = array<i64: {kernel}, "
                f"{kernel}>, stride = array<i64: {stride}, {stride}>, pad = "
                f"array<i64: {pad}, {high[0]}, {pad}, {high[1]}>}} : "
                f"({source.type}) -> {{type}}", shape, "i8")
        else:
            padded = self.pad(x, pad, -128)
            window = self.empty((kernel, kernel), "i8")
            init = self.fill(-128, shape, "i8")
            y = self.op(
                "linalg.pooling_nhwc_max {dilations = dense<1> : "
                f"vector<2xi64>, strides = dense<{stride}> : vector<2xi64>}} "
                f"ins({padded.name}, {window.name} : {padded.type}, "
                f"{window.type}) outs({init.name} : {init.type}) -> {{type}}",
                shape, "i8")
        y.zero = x.zero
        return y

    def mean(self, x):
        """Over the image: batch × 1 × 1 × channels."""
        n, h, w, c = x.shape
        if self.tosa:
            total = self.rescale(x, [1 << 30], [30], x.zero, 0, "i32")
            for axis in (1, 2):
                shape = list(total.shape)
                shape[axis] = 1
                total = self.op(f"tosa.reduce_sum {total.name} {{axis = {axis} "
                                f": i32}} : ({total.type}) -> {{type}}", shape,
                                "i32")
            zero_in = 0
        else:
            window = self.empty((h, w), "i8")
            init = self.fill(0, (n, 1, 1, c), "i32")
            total = self.op(
                "linalg.pooling_nhwc_sum {dilations = dense<1> : "
                "vector<2xi64>, strides = dense<1> : vector<2xi64>} "
                f"ins({x.name}, {window.name} : {x.type}, {window.type}) "
                f"outs({init.name} : {init.type}) -> {{type}}", (n, 1, 1, c),
                "i32")
            zero_in = h * w * x.zero
        zero = self.zero_point()
        y = self.rescale(total, *self.factors(1 / (h * w), 1), zero_in, zero,
                         "i8", -128, 127)
        y.zero = zero
        return y

    def classify(self, x, classes):
        self.ret(self.conv(self.mean(x), classes, 1, act=None))
        return self


def start(model, o):
    f = Quantised(model, o)
    x = f.argument((o.batch, *o.size, 3))
    x.zero = f.zero_point()
    return f, x


def mobilenet_v1_i8(o):
    """Howard et al. 2017, in 8 bits: depthwise layers, ReLU6 as a clamp."""
    from vision import scaled
    f, x = start("MobileNetV1Int8", o)
    x = f.conv(x, scaled(32, o.width), 3, 2, act="relu6")
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    plan += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    for channels, stride in plan:
        x = f.conv(x, x.shape[3], 3, stride, depthwise=True, act="relu6")
        x = f.conv(x, scaled(channels, o.width), 1, act="relu6")
    return f.classify(x, o.classes)


def resnet18_i8(o):
    """He et al. 2015, in 8 bits: residuals are added with a rescale each."""
    from vision import scaled
    f, x = start("ResNet18Int8", o)
    x = f.max_pool(f.conv(x, scaled(64, o.width), 7, 2), 3, 2)
    for stage in range(4):
        channels = scaled(64 << stage, o.width)
        for i in range(2):
            stride = 2 if stage and not i else 1
            y = f.conv(x, channels, 3, stride)
            y = f.conv(y, channels, 3, act=None)
            if stride != 1 or x.shape[3] != channels:
                x = f.conv(x, channels, 1, stride, act=None)
            x = f.add(y, x, act="relu")
    return f.classify(x, o.classes)

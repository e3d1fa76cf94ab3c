# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operators of torch.nn in the ops that torch-mlir lowers them to.

Each takes the function f that is being written and tensors in it, and makes its
own weights: images are NCHW, filters FCHW, the weight of a linear layer is
out × in and transposed before each use. A batch-norm stays unfolded.
"""
import math

LOWEST = "0xFF7FFFFF"  # -FLT_MAX, what torch-mlir pads a max-pooling with
MINUS_INFINITY = "0xFF800000"


# -- Convolutional networks ---------------------------------------------------

def conv2d(f, x, channels, kernel, stride=1, depthwise=False):
    """Without bias, padded so that stride 1 keeps the image's size."""
    n, c, h, w = x.shape
    pad = kernel // 2
    x = f.pad(x, (0, 0, pad, pad), (0, 0, pad, pad), 0.0)
    out = [(e + 2 * pad - kernel) // stride + 1 for e in (h, w)]
    fan = kernel * kernel * (1 if depthwise else c)
    if depthwise:
        weight = f.weight((c, 1, kernel, kernel))
        weight = f.reshape(weight, [[0, 1], [2], [3]])
    else:
        weight = f.weight((channels, c, kernel, kernel))
    return f.named(
        "depthwise_conv_2d_nchw_chw" if depthwise else "conv_2d_nchw_fchw",
        [x, weight], f.fill(0.0, (n, channels, *out)),
        "{dilations = dense<1> : vector<2xi64>, "
        f"strides = dense<{stride}> : vector<2xi64>}} ", fan)


def batch_norm(f, x):
    """(x - mean) / sqrt(variance + 1e-5) * scale + bias, per channel.

    Its buffer is its input, the convolution's result, as in torch-mlir.
    """
    c = x.shape[1:2]
    scale = f.weight(c, 0.5, 1.5)
    bias = f.weight(c, -0.5, 0.5)
    mean = f.weight(c, -0.5, 0.5, trained=False)
    variance = f.weight(c, 0.5, 1.5, trained=False)
    eps = f.constant(1e-5, "f64").name
    t = f.element
    return f.map([f"arith.truncf {eps} : f64 to {t}",
                  f"arith.addf %e, %x : {t}", f"math.rsqrt %y : {t}",
                  f"arith.subf %a, %d : {t}", f"arith.mulf %u, %z : {t}",
                  f"arith.mulf %v, %b : {t}", f"arith.addf %w, %c : {t}"],
                 x, scale, bias, mean, variance, out=x,
                 maps=[(0, 1, 2, 3)] + [(1,)] * 4)


def relu(f, x):
    t, zero = f.element, f.constant(0.0).name
    return f.map([f"arith.cmpf ugt, %a, {zero} : {t}",
                  f"arith.select %x, %a, {zero} : {t}"], x)


def relu6(f, x):
    """hardtanh: two generics, their bounds tensors of rank 0 made from f64."""
    t = f.element

    def bound(number):
        key = ("bound", number)
        if key not in f.cache:
            f.cache[key] = f.map(f"arith.truncf %a : f64 to {t}",
                                 f.fill(number, (), "f64"))
        return f.cache[key]

    x = f.map([f"arith.cmpf ugt, %a, %b : {t}",
               f"arith.select %x, %a, %b : {t}"], x, bound(0.0))
    return f.map([f"arith.cmpf ult, %a, %b : {t}",
                  f"arith.select %x, %a, %b : {t}"], bound(6.0), x)


def max_pool(f, x, kernel, stride):
    n, c, h, w = x.shape
    pad = kernel // 2
    x = f.pad(x, (0, 0, pad, pad), (0, 0, pad, pad), LOWEST)
    out = [(e + 2 * pad - kernel) // stride + 1 for e in (h, w)]
    return f.named(
        "pooling_nchw_max", [x, f.empty((kernel, kernel))],
        f.fill(LOWEST, (n, c, *out)), "{dilations = dense<1> : vector<2xi64>, "
        f"strides = dense<{stride}> : vector<2xi64>}} ")


def mean_of_image(f, x):
    """Adaptive average pooling to 1 × 1, flattened: n × c."""
    n, c, h, w = x.shape
    x = f.named(
        "pooling_nchw_sum", [x, f.empty((h, w))], f.fill(0.0, (n, c, 1, 1)),
        "{dilations = dense<1> : vector<2xi64>, "
        "strides = dense<1> : vector<2xi64>} ")
    if h * w > 1:
        size = f.constant(float(h * w)).name
        x = f.map(f"arith.divf %a, {size} : {f.element}", x)
    return f.reshape(x, [[0], [1, 2, 3]])


# -- Networks of matrices -----------------------------------------------------

def add(f, x, y):
    return f.map(f"arith.addf %a, %b : {f.element}", x, y)


def sub(f, x, y):
    return f.map(f"arith.subf %a, %b : {f.element}", x, y)


def mul(f, x, y):
    return f.map(f"arith.mulf %a, %b : {f.element}", x, y)


def div(f, x, y):
    return f.map(f"arith.divf %a, %b : {f.element}", x, y)


def tanh(f, x):
    return f.map(f"math.tanh %a : {f.element}", x)


def sigmoid(f, x):
    t, one = f.element, f.constant(1.0).name
    return f.map([f"arith.negf %a : {t}", f"math.exp %x : {t}",
                  f"arith.addf %y, {one} : {t}",
                  f"arith.divf {one}, %z : {t}"], x)


def gelu(f, x):
    """x (1 + erf(x / sqrt 2)) / 2, exact and not by tanh."""
    t = f.element
    root, one, half = (f.constant(c).name
                       for c in (1.41421354, 1.0, 0.5))
    return f.map([f"arith.divf %a, {root} : {t}", f"math.erf %x : {t}",
                  f"arith.addf %y, {one} : {t}",
                  f"arith.mulf %z, {half} : {t}", f"arith.mulf %a, %u : {t}"],
                 x)


def linear(f, x, features, bias=True):
    """x Wᵀ + b over the last dimension; a batched x takes W once per batch."""
    return apply_linear(f, x, f.weight((features, x.shape[-1])),
                        f.weight((features,), -0.1, 0.1) if bias else None)


def apply_linear(f, x, weight, bias=None):
    weight = f.transpose(weight, (1, 0))
    if len(x.shape) == 3:
        x = expanded(f, x)
        weight = f.generic(
            [weight], [f.empty((x.shape[0], *weight.shape))],
            [f"linalg.yield %a : {f.element}"], maps=[(1, 2)])
    y = f.matmul(x, weight)
    return y if bias is None else add(f, y, bias)


def expanded(f, x):
    """The copy that torch's broadcasting of batches leaves behind, even where
    nothing is broadcast; one per tensor."""
    key = ("expanded", x.name)
    if key not in f.cache:
        f.cache[key] = widen(f, x, x.shape)
    return f.cache[key]


def layer_norm(f, x):
    """Over the last dimension; the deviation divides as a product with
    rsqrt(variance + 1e-12)."""
    t = f.element
    size = f.constant(float(x.shape[-1])).name
    eps = f.constant(1e-12, "f64").name
    average = f"arith.divf %a, {size} : {t}"
    centred = sub(f, x, widen(f, f.map(average, f.sum(x, [-1])), x.shape))
    variance = f.map(average, f.sum(mul(f, centred, centred), [-1]))
    variance = f.map([f"arith.truncf {eps} : f64 to {t}",
                      f"arith.addf %a, %x : {t}"], variance)
    scale = widen(f, f.map(f"math.rsqrt %a : {t}", variance), x.shape)
    x = mul(f, mul(f, centred, scale), f.weight(x.shape[-1:], 0.5, 1.5))
    return add(f, x, f.weight(x.shape[-1:], -0.1, 0.1))


def widen(f, x, shape):
    """A copy of |x|, repeated along the extents of 1 that |shape| enlarges."""
    return f.generic([x], [f.empty(shape, x.element)],
                     [f"linalg.yield %a : {x.element}"])


def row_max(f, x):
    """max over the last dimension, with its index, which nobody reads."""
    t, last = x.element, len(x.shape) - 1
    shape = x.shape[:-1] + (1,)
    low = MINUS_INFINITY if t == "f32" else "0xFFF0000000000000"
    return f.generic(
        [x], [f.fill(low, shape), f.fill(0, shape, "i64")],
        [f"%i = linalg.index {last} : index",
         "%j = arith.index_cast %i : index to i64",
         f"%x = arith.maximumf %a, %o : {t}",
         f"%y = arith.cmpf ogt, %a, %o : {t}",
         "%z = arith.select %y, %j, %p : i64",
         f"linalg.yield %x, %z : {t}, i64"], reduced={last})[0]


def softmax(f, x):
    x = sub(f, x, row_max(f, x))
    x = f.map(f"math.exp %a : {f.element}", x)
    return div(f, x, f.sum(x, [-1]))


def embedding(f, ids, rows, features):
    """A row of a table per id; an id out of range is an assertion."""
    table = f.weight((rows, features), -0.5, 0.5)
    limit = f.constant(rows, "index").name
    zero = f.constant(0, "i64").name
    return f.generic(
        [ids], [f.empty((*ids.shape, features))],
        ["%i = arith.index_cast %a : i64 to index",
         f"%j = linalg.index {len(ids.shape)} : index",
         f"%x = arith.cmpi slt, %i, {limit} : index",
         'cf.assert %x, "index must be smaller than dim size"',
         f"%y = arith.cmpi sge, %a, {zero} : i64",
         'cf.assert %y, "index must be larger or equal to 0"',
         f"%z = tensor.extract {table.name}[%i, %j] : {table.type}",
         f"linalg.yield %z : {f.element}"],
        maps=[tuple(range(len(ids.shape)))])


def heads_of(f, x, heads):
    """batch × steps × features to batch × heads × steps × features/heads."""
    b, s, h = x.shape
    x = f.reshape(x, [[0], [1], [2, 3]], (b, s, heads, h // heads))
    return f.transpose(x, (0, 2, 1, 3))


def attention(f, x, heads, mask):
    """Self-attention; |mask|, batch × 1 × 1 × steps, is added to the scores."""
    b, s, h = x.shape
    query, key, value = (heads_of(f, linear(f, x, h), heads) for _ in "qkv")
    key = f.transpose(key, (0, 1, 3, 2))

    def product(y, z):
        flat = [f.reshape(expanded(f, v), [[0, 1], [2], [3]])
                for v in (y, z)]
        out = f.matmul(*flat)
        return f.reshape(out, [[0, 1], [2], [3]],
                         (b, heads, *out.shape[1:]))

    t = f.element
    root = f.splat(math.sqrt(h // heads), (), "f64")
    scores = f.map([f"arith.truncf %b : f64 to {t}",
                    f"arith.divf %a, %x : {t}"], product(query, key), root)
    x = product(softmax(f, add(f, scores, mask)), value)
    x = f.reshape(f.transpose(x, (0, 2, 1, 3)), [[0], [1], [2, 3]])
    return linear(f, x, h)

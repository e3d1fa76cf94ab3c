# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a builder's network must compute, as a textbook would write it.

Modules of scalar loops that share no line with the builders: a training step
whose gradients are central differences of the loss, (L(w + ε) - L(w - ε)) / 2ε,
and an LSTM gate by gate. glenside-run --compare --against=... has the judgement.
"""
from ir import float_text, tensor_type


class Loops:
    """Lines of scf.for over scalars, with tensors carried along."""

    def __init__(self, element):
        self.element, self.lines, self.count, self.indent = element, [], 0, 2

    def emit(self, line):
        self.lines.append(" " * self.indent + line)

    def let(self, text):
        self.count += 1
        self.emit(f"%v{self.count} = {text}")
        return f"%v{self.count}"

    def op(self, name, *operands):
        return self.let(f"{name} {', '.join(operands)} : {self.element}")

    def number(self, x):
        return self.let(f"arith.constant {float_text(float(x))} : "
                        f"{self.element}")

    def index(self, n):
        return self.let(f"arith.constant {n} : index")

    def at(self, tensor, shape, *indices):
        return self.let(f"tensor.extract {tensor}[{', '.join(indices)}] : "
                        f"{tensor_type(shape, self.element)}")

    def put(self, scalar, tensor, shape, *indices):
        return self.let(f"tensor.insert {scalar} into {tensor}"
                        f"[{', '.join(indices)}] : "
                        f"{tensor_type(shape, self.element)}")

    def empty(self, shape):
        return self.let(f"tensor.empty() : {tensor_type(shape, self.element)}")

    def loop(self, trips, start, shape, step):
        """Folds step(i, value) over i; shape None carries a scalar."""
        type_ = (self.element if shape is None else
                 tensor_type(shape, self.element))
        low, high, one = (self.index(n) for n in (0, trips, 1))
        self.count += 1
        i, carried, result = (f"%{c}{self.count}" for c in "icr")
        self.emit(f"{result} = scf.for {i} = {low} to {high} step {one} "
                  f"iter_args({carried} = {start}) -> ({type_}) {{")
        self.indent += 2
        self.emit(f"scf.yield {step(i, carried)} : {type_}")
        self.indent -= 2
        self.emit("}")
        return result

    def each(self, shape, start, step):
        """Folds step(indices, tensor) over every element of |shape|."""
        def nest(indices, tensor):
            if len(indices) == len(shape):
                return step(indices, tensor)
            return self.loop(shape[len(indices)], tensor, shape,
                             lambda i, t: nest(indices + [i], t))
        return nest([], start)


# -- A step of training -------------------------------------------------------

def logits_of(k, batch, widths, params):
    """Textbook layers: one sum per output, then a maximum with zero."""
    z, zero = "%x", k.number(0)
    for i, (n, m) in enumerate(zip(widths, widths[1:])):
        weight, bias = params[2 * i:2 * i + 2]

        def output(at, tensor, z=z, n=n, m=m, i=i, weight=weight, bias=bias):
            b, j = at
            y = k.loop(n, k.at(bias, (m,), j), None, lambda c, acc: k.op(
                "arith.addf", acc, k.op("arith.mulf",
                                        k.at(z, (batch, n), b, c),
                                        k.at(weight, (m, n), j, c))))
            if i + 2 < len(widths):
                y = k.op("arith.maximumf", y, zero)
            return k.put(y, tensor, (batch, m), b, j)

        z = k.each((batch, m), k.empty((batch, m)), output)
    return z


def loss_of(k, batch, classes, kind, y):
    shape = (batch, classes)

    def entropy(b, acc):  # log Σ exp(y) - y[target]
        total = k.loop(classes, k.number(0), None, lambda c, s: k.op(
            "arith.addf", s, k.op("math.exp", k.at(y, shape, b, c))))
        label = k.let(f"tensor.extract %target[{b}] : tensor<{batch}xi64>")
        label = k.let(f"arith.index_cast {label} : i64 to index")
        return k.op("arith.addf", acc, k.op(
            "arith.subf", k.op("math.log", total), k.at(y, shape, b, label)))

    def square(b, acc):
        def one(c, s):
            e = k.op("arith.subf", k.at(y, shape, b, c),
                     k.at("%target", shape, b, c))
            return k.op("arith.addf", s, k.op("arith.mulf", e, e))
        return k.loop(classes, acc, None, one)

    mse = kind == "mse"
    total = k.loop(batch, k.number(0), None, square if mse else entropy)
    return k.op("arith.divf", total,
                k.number(batch * classes if mse else batch))


def training_step(batch, widths, loss, lr, element="f64", eps=1e-6):
    """The module to hold against mlp_step, of the same signature."""
    shapes = []
    for n, m in zip(widths, widths[1:]):
        shapes += [(m, n), (m,)]
    types = [tensor_type(s, element) for s in shapes]
    target = (tensor_type((batch, widths[-1]), element) if loss == "mse" else
              f"tensor<{batch}xi64>")
    names = [f"%p{i}" for i in range(len(shapes))]
    first = [f"%x: {tensor_type((batch, widths[0]), element)}",
             f"%target: {target}"]
    signature = ", ".join(first + [f"{n}: {t}" for n, t in zip(names, types)])
    logits_type = tensor_type((batch, widths[-1]), element)

    k = Loops(element)
    y = logits_of(k, batch, widths, names)
    value = loss_of(k, batch, widths[-1], loss, y)
    k.emit(f"return {value}, {y} : {element}, {logits_type}")
    text = [f"func.func private @loss({signature}) -> ({element}, "
            f"{logits_type}) {{", *k.lines, "}"]

    k = Loops(element)
    inputs = [t.split(": ") for t in first]

    def call(params):
        k.count += 1
        arguments = ", ".join([n for n, _ in inputs] + params)
        k.emit(f"%v{k.count}:2 = func.call @loss({arguments}) : ("
               f"{', '.join([t for _, t in inputs] + types)}) -> ({element}, "
               f"{logits_type})")
        return f"%v{k.count}#0", f"%v{k.count}#1"

    value, y = call(names)
    step, twice, rate = k.number(eps), k.number(2 * eps), k.number(lr)
    results, result_types = [], []
    for n, (name, shape) in enumerate(zip(names, shapes)):
        def difference(at, tensor, n=n, name=name, shape=shape):
            here = k.at(name, shape, *at)
            ends = [call(names[:n] + [k.put(k.op(op, here, step), name, shape,
                                            *at)] + names[n + 1:])[0]
                    for op in ("arith.addf", "arith.subf")]
            return k.put(k.op("arith.divf", k.op("arith.subf", *ends), twice),
                         tensor, shape, *at)

        def update(at, tensor, name=name, shape=shape):
            move = k.op("arith.mulf", rate, k.at(grad, shape, *at))
            return k.put(k.op("arith.subf", k.at(name, shape, *at), move),
                         tensor, shape, *at)

        grad = k.each(shape, k.empty(shape), difference)
        results.append((k.each(shape, k.empty(shape), update), grad))
    flat = [f"tensor<{element}>", logits_type]
    loss_tensor = k.let(f"tensor.from_elements {value} : {flat[0]}")
    values = [loss_tensor, y]
    for i in range(0, len(results), 2):
        (w, dw), (b, db) = results[i:i + 2]
        values += [w, b, dw, db]
        flat += [types[i], types[i + 1]] * 2
    k.emit(f"return {', '.join(values)} : {', '.join(flat)}")
    text += [f"func.func @step({signature}) -> ({', '.join(flat)}) {{",
             *k.lines, "}"]
    return "\n".join(text) + "\n"


# -- LSTM ---------------------------------------------------------------------

def sigmoid(k, x):
    """(1 + tanh(x / 2)) / 2: the same function by another formula."""
    half = k.number(0.5)
    y = k.op("math.tanh", k.op("arith.mulf", x, half))
    return k.op("arith.addf", half, k.op("arith.mulf", y, half))


def lstm_layer(k, x, sizes, weights, biases):
    """State[0 is h, 1 is c][step + 1][sample][unit], from zeros at step 0."""
    steps, batch, features, hidden = sizes
    shape = (2, steps + 1, batch, hidden)
    type_ = tensor_type(shape, k.element)
    start = k.let(f"arith.constant dense<0.0> : {type_}")
    zero, one = k.index(0), k.index(1)

    def gate(state, place, t, b, j):
        """bias + W x[t] + U h[t - 1], row place · hidden + j."""
        row = k.let(f"arith.addi {j}, {k.index(place * hidden)} : index")
        total = k.op("arith.addf", *(k.at(v, (4 * hidden,), row)
                                     for v in biases))
        total = k.loop(features, total, None, lambda c, s: k.op(
            "arith.addf", s, k.op(
                "arith.mulf", k.at(x, (steps, batch, features), t, b, c),
                k.at(weights[0], (4 * hidden, features), row, c))))
        return k.loop(hidden, total, None, lambda c, s: k.op(
            "arith.addf", s, k.op(
                "arith.mulf", k.at(state, shape, zero, t, b, c),
                k.at(weights[1], (4 * hidden, hidden), row, c))))

    def unit(at, state):
        t, b, j = at
        later = k.let(f"arith.addi {t}, {one} : index")
        i, f, g, o = (gate(state, n, t, b, j) for n in range(4))
        kept = k.op("arith.mulf", sigmoid(k, f), k.at(state, shape, one, *at))
        new = k.op("arith.mulf", sigmoid(k, i), k.op("math.tanh", g))
        c = k.op("arith.addf", kept, new)
        h = k.op("arith.mulf", sigmoid(k, o), k.op("math.tanh", c))
        state = k.put(h, state, shape, zero, later, b, j)
        return k.put(c, state, shape, one, later, b, j)

    def nest(indices, state, extents):
        if not extents:
            return unit(indices, state)
        return k.loop(extents[0], state, shape, lambda i, s: nest(
            indices + [i], s, extents[1:]))

    state = nest([], start, (steps, batch, hidden))

    def part(which, first, count):
        sizes = [1, count, batch, hidden]
        kept = (batch, hidden) if first else (count, batch, hidden)
        return k.let(f"tensor.extract_slice {state}[{which}, {first or 1}, 0, "
                     f"0] {sizes} [1, 1, 1, 1] : {type_} to "
                     f"{tensor_type(kept, k.element)}")

    return part(0, 0, steps), part(0, steps, 1), part(1, steps, 1)


def lstm(steps, batch, features, hidden, biases):
    """The module to hold against lstm --weights arguments, its weights being
    arguments too; |biases|: the text of two constants per layer."""
    k = Loops("f32")
    x, width = "%x", features
    arguments = [f"%x: {tensor_type((steps, batch, features), 'f32')}"]
    last, types = [], []
    for n in range(len(biases) // 2):
        names = [f"%w{n}", f"%u{n}"]
        for name, columns in zip(names, (width, hidden)):
            arguments.append(
                f"{name}: {tensor_type((4 * hidden, columns), 'f32')}")
        vectors = [k.let(f"arith.constant {b} : "
                         f"{tensor_type((4 * hidden,), 'f32')}")
                   for b in biases[2 * n:2 * n + 2]]
        x, h, c = lstm_layer(k, x, (steps, batch, width, hidden), names,
                             vectors)
        width = hidden
        last += [h, c]
        types += [tensor_type((batch, hidden), "f32")] * 2
    types.insert(0, tensor_type((steps, batch, hidden), "f32"))
    k.emit(f"return {', '.join([x] + last)} : {', '.join(types)}")
    return "\n".join([f"func.func @forward({', '.join(arguments)}) -> "
                      f"({', '.join(types)}) {{", *k.lines, "}"]) + "\n"

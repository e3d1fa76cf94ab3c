# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A function of linalg on tensors, written as text, op by op.

Writes what torch-mlir writes: named contractions, one linalg.generic for each
other operator of torch, constants at the top, every buffer a tensor.empty.
While it writes, it counts the contractions, their multiply-accumulates and the
parameters.
"""
import math


TEMPORARIES = "xyzuvws"  # names of map's intermediate values


class SizeError(ValueError):
    """A size that does not fit the others; the message names both."""


class Value:
    """An SSA value: a tensor of static shape; a scalar if shape is None."""

    def __init__(self, name, shape, element):
        self.name, self.element = name, element
        self.shape = None if shape is None else tuple(shape)

    @property
    def type(self):
        if self.shape is None:
            return self.element
        return tensor_type(self.shape, self.element)


def tensor_type(shape, element):
    return f"tensor<{''.join(f'{n}x' for n in shape)}{element}>"


def float_text(x):
    """As MLIR wants it: a point, an exponent, every digit."""
    text = f"{x:.17e}" if x != float(f"{x:.6e}") else f"{x:.6e}"
    return text.replace("e-0", "e-").replace("e+0", "e+")


def affine_map(rank, results):
    dims = ", ".join(f"d{i}" for i in range(rank))
    results = ", ".join("0" if r is None else f"d{r}" for r in results)
    return f"affine_map<({dims}) -> ({results})>"


def splitmix64(seed, index):
    """Number |index| of stream |seed|, uniform in [0, 1)."""
    mask = (1 << 64) - 1
    z = (seed * 0xD1342543DE82EF95 + (index + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return ((z ^ (z >> 31)) >> 11) / (1 << 53)


class Function:
    """The one function of a module; text() is the module.

    weights: "splat", every weight one seeded number, for --randomize-weights
    to replace; "arguments", filters and matrices are arguments of the function
    instead, and only what is one number per channel stays.
    """

    def __init__(self, model, entry="forward", seed=1, weights="splat",
                 element="f32"):
        self.model, self.entry, self.seed = model, entry, seed
        self.weights, self.element = weights, element
        self.contractions = self.macs = self.parameters = 0
        self.maps, self.constants, self.body = {}, {}, []
        self.arguments, self.weight_arguments = [], []
        self.cache, self.count, self.num_weights = {}, 0, 0
        self.trips, self.indent = 1, "    "
        self.returned = []

    # -- Values ---------------------------------------------------------------

    def argument(self, shape, element=None):
        value = Value(f"%arg{len(self.arguments)}", shape,
                      element or self.element)
        self.arguments.append(value)
        return value

    def constant(self, number, element=None):
        """A scalar; integers and "index" are written as they are."""
        element = element or self.element
        text = (str(number) if element[0] == "i" else
                number if isinstance(number, str) else float_text(number))
        return self._constant(text, Value(None, None, element))

    def _constant(self, text, value):
        key = (text, value.type)
        if key not in self.constants:
            value.name = f"%cst_{len(self.constants)}"
            self.constants[key] = (value, text)
        return self.constants[key][0]

    def splat(self, number, shape, element):
        """A tensor constant that is no weight."""
        return self._constant(f"dense<{float_text(number)}>",
                              Value(None, shape, element))

    def weight(self, shape, low=None, high=None, trained=True):
        """A parameter; |trained| is False for running means and variances.

        Its one number lies in [low, high); by default within He's bound
        sqrt(6 / fan-in). All weights differ, so none are merged.
        """
        if low is None:
            high = math.sqrt(6 / max(1, math.prod(shape[1:])))
            low = -high
        number = low + (high - low) * splitmix64(self.seed, self.num_weights)
        self.num_weights += 1
        if trained:
            self.parameters += math.prod(shape)
        if self.weights == "arguments" and len(shape) > 1:
            value = Value(f"%w{len(self.weight_arguments)}", shape,
                          self.element)
            self.weight_arguments.append(value)
            return value
        value = Value(f"%weight_{self.num_weights - 1}", shape, self.element)
        text = f"dense<{float_text(float(f'{number:.6e}'))}>"
        self.constants[value.name] = (value, text)
        return value

    def fresh(self, shape, element=None):
        self.count += 1
        return Value(f"%{self.count - 1}", shape, element or self.element)

    def emit(self, line):
        self.body.append(self.indent + line)

    # -- Ops ------------------------------------------------------------------

    def op(self, text, shape, element=None):
        """One line with one result; {type} stands for the result's type."""
        result = self.fresh(shape, element)
        self.emit(f"{result.name} = {text.replace('{type}', result.type)}")
        return result

    def _cached(self, text, shape, element):
        key = (text, tuple(shape), element)
        if key not in self.cache:
            self.cache[key] = self.op(text, shape, element)
        return self.cache[key]

    def empty(self, shape, element=None):
        return self._cached("tensor.empty() : {type}", shape,
                            element or self.element)

    def fill(self, number, shape, element=None):
        """A tensor full of one number."""
        scalar = self.constant(number, element)
        empty = self.empty(shape, scalar.element)
        return self._cached(
            f"linalg.fill ins({scalar.name} : {scalar.type}) outs({empty.name}"
            f" : {empty.type}) -> {{type}}", shape, scalar.element)

    def map_name(self, rank, results):
        text = affine_map(rank, results)
        return self.maps.setdefault(text, f"#map{len(self.maps)}")

    def generic(self, inputs, outs, body, maps=None, reduced=(), out_map=None):
        """linalg.generic; one result per value of |outs|, in a list if many.

        body    lines; the inputs are %a, %b, ..., the outputs %o, %p, temporary
                values anything else; its last line is a linalg.yield
        maps    a tuple of dimensions per input, None for a constant 0; the
                default aligns shapes at their ends and puts 0 where an extent
                is 1, as torch's broadcasting
        reduced dimensions over which the outputs are reduced; they stay there
                as extents of 1 if the rank does
        out_map of every output, if it is a permutation
        """
        ranks = [len(v.shape) for v in inputs + outs]
        rank = max(ranks)
        if maps is None:
            maps = [tuple(None if n == 1 else i + rank - len(v.shape)
                          for i, n in enumerate(v.shape)) for v in inputs]
        if reduced:  # the operand that is reduced spells every dimension
            maps = [tuple(range(rank)) if len(v.shape) == rank else m
                    for v, m in zip(inputs, maps)]
        kept = len(outs[0].shape) == rank  # as extents of 1
        out_map = out_map or tuple(None if i in reduced else i
                                   for i in range(rank)
                                   if kept or i not in reduced)
        names = [self.map_name(rank, m) for m in list(maps) + [out_map] *
                 len(outs)]
        kinds = ", ".join('"reduction"' if i in reduced else '"parallel"'
                          for i in range(rank))
        letters = [f"%{c}" for c in "abcdefgh"[:len(inputs)]]
        letters += [f"%{c}" for c in "op"[:len(outs)]]
        results = [self.fresh(v.shape, v.element) for v in outs]
        left = results[0].name
        if len(outs) > 1:
            left += f":{len(outs)}"
            for i, r in enumerate(results):
                r.name += f"#{i}"
        def operands(values):
            return (", ".join(v.name for v in values) + " : " +
                    ", ".join(v.type for v in values))
        ins = f" ins({operands(inputs)})" if inputs else ""
        types = ", ".join(r.type for r in results)
        types = f"({types})" if len(outs) > 1 else types
        self.emit(f"{left} = linalg.generic {{indexing_maps = "
                  f"[{', '.join(names)}], iterator_types = [{kinds}]}}{ins} "
                  f"outs({operands(outs)}) {{")
        self.emit("^bb0(" + ", ".join(
            f"{n}: {v.element}" for n, v in zip(letters, inputs + outs)) + "):")
        for line in body:
            self.emit("  " + line)
        self.emit(f"}} -> {types}")
        return results if len(outs) > 1 else results[0]

    def map(self, ops, *inputs, element=None, maps=None, out=None):
        """Elementwise. The results of |ops| are %x, %y, %z, %u, %v, %w, %s,
        and the last one is yielded. |out|: whose buffer to take."""
        ops = [ops] if isinstance(ops, str) else ops
        element = element or self.element
        out = out or self.empty(broadcast(*(v.shape for v in inputs)), element)
        body = [f"%{TEMPORARIES[i]} = {op}" for i, op in enumerate(ops)]
        body.append(f"linalg.yield %{TEMPORARIES[len(ops) - 1]} : {element}")
        return self.generic(list(inputs), [out], body, maps)

    def sum(self, x, dims, keep=True):
        """The sum over |dims|, which stay as extents of 1 if |keep|."""
        dims = {d % len(x.shape) for d in dims}
        shape = [1 if i in dims else n for i, n in enumerate(x.shape)
                 if keep or i not in dims]
        f = self.element
        return self.generic([x], [self.fill(0.0, shape)], [
            f"%x = arith.addf %a, %o : {f}", f"linalg.yield %x : {f}"],
            reduced=dims)

    def transpose(self, x, perm):
        """Dimension i of the result is dimension perm[i] of |x|."""
        f = x.element
        empty = self.empty([x.shape[p] for p in perm], f)
        return self.generic([x], [empty], [f"linalg.yield %a : {f}"],
                            maps=[tuple(range(len(perm)))],
                            out_map=tuple(perm))

    def reshape(self, x, groups, shape=None):
        """collapse_shape, or expand_shape to |shape|."""
        text = str([list(g) for g in groups])
        if shape is None:
            shape = [math.prod(x.shape[i] for i in g) for g in groups]
            return self.op(f"tensor.collapse_shape {x.name} {text} : {x.type} "
                           "into {type}", shape, x.element)
        return self.op(f"tensor.expand_shape {x.name} {text} output_shape "
                       f"{list(shape)} : {x.type} into {{type}}", shape,
                       x.element)

    def slice(self, x, offsets, sizes):
        """extract_slice with unit strides."""
        offsets = ", ".join(str(o) for o in offsets)
        return self.op(f"tensor.extract_slice {x.name}[{offsets}] "
                       f"{list(sizes)} {[1] * len(sizes)} : {x.type} to "
                       "{type}", sizes, x.element)

    def pad(self, x, low, high, number):
        """|low| and |high| per dimension, the same number in between."""
        if not any(low) and not any(high):
            return x
        result = self.fresh([n + a + b for n, a, b in zip(x.shape, low, high)])
        scalar = self.constant(number)
        self.emit(f"{result.name} = tensor.pad {x.name} low{list(low)} "
                  f"high{list(high)} {{")
        indices = ", ".join(f"%i{i}: index" for i in range(len(low)))
        self.emit(f"^bb0({indices}):")
        self.emit(f"  tensor.yield {scalar.name} : {scalar.type}")
        self.emit(f"}} : {x.type} to {result.type}")
        return result

    def named(self, op, inputs, init, attributes="", macs_per_result=0):
        """A named linalg op that adds to |init|; counts it if a contraction."""
        if macs_per_result:
            self.contractions += 1
            self.macs += (self.trips * macs_per_result *
                          math.prod(init.shape))
        names = ", ".join(v.name for v in inputs)
        types = ", ".join(v.type for v in inputs)
        return self.op(f"linalg.{op} {attributes}ins({names} : {types}) "
                       f"outs({init.name} : {init.type}) -> {{type}}",
                       init.shape)

    def matmul(self, x, y):
        """m × k times k × n, or the same with a batch in front."""
        op = "matmul" if len(x.shape) == 2 else "batch_matmul"
        shape = x.shape[:-1] + y.shape[-1:]
        return self.named(op, [x, y], self.fill(0.0, shape),
                          macs_per_result=x.shape[-1])

    def loop(self, trips, carried, step):
        """scf.for: step(index, values) -> values, the first ones included."""
        low, high, one = (self.constant(n, "index") for n in (0, trips, 1))
        results = [self.fresh(v.shape, v.element) for v in carried]
        self.count += 1
        name = f"%loop_{self.count}"
        inner = [Value(f"{name}_{i}", v.shape, v.element)
                 for i, v in enumerate(carried)]
        pairs = ", ".join(f"{i.name} = {v.name}"
                          for i, v in zip(inner, carried))
        types = ", ".join(v.type for v in carried)
        cache, indent = self.cache, self.indent
        self.emit(f"{name}:{len(carried)} = scf.for {name}_i = {low.name} to "
                  f"{high.name} step {one.name} iter_args({pairs}) -> "
                  f"({types}) {{")
        self.cache, self.indent = dict(cache), indent + "  "
        self.trips *= trips
        values = step(f"{name}_i", inner)
        self.emit(f"scf.yield {', '.join(v.name for v in values)} : {types}")
        self.trips //= trips
        self.cache, self.indent = cache, indent
        self.emit("}")
        for i, r in enumerate(results):
            r.name = f"{name}#{i}"
        return results

    # -- Text -----------------------------------------------------------------

    def ret(self, *values):
        self.returned = values

    def text(self):
        arguments = self.arguments + self.weight_arguments
        signature = ", ".join(f"{a.name}: {a.type}" for a in arguments)
        types = ", ".join(v.type for v in self.returned)
        results = f"({types})" if len(self.returned) > 1 else types
        lines = [f"{name} = {text}" for text, name in self.maps.items()]
        lines.append("module attributes {torch.debug_module_name = "
                     f'"{self.model}"}} {{')
        lines.append(f"  func.func @{self.entry}({signature}) -> {results} {{")
        for value, text in self.constants.values():
            lines.append(f"    {value.name} = arith.constant {text} : "
                         f"{value.type}")
        lines += self.body
        lines.append(f"    return {', '.join(v.name for v in self.returned)} : "
                     f"{types}")
        lines += ["  }", "}"]
        return "\n".join(lines) + "\n"


def broadcast(*shapes):
    """The shape torch gives to an elementwise operator of these."""
    rank = max(len(s) for s in shapes)
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    for extents in zip(*padded):
        if len(set(extents) - {1}) > 1:
            raise SizeError(f"shapes {' and '.join(map(str, shapes))} do not "
                            "broadcast")
    return tuple(max(e) for e in zip(*padded))

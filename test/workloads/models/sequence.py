# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks on sequences: BERT and LSTM."""
from ir import Function, SizeError
from layers import (add, apply_linear, attention, embedding, gelu, layer_norm,
                    linear, mul, sigmoid, tanh)

FLOAT_LOWEST = -3.4028234663852886e38


def bert(o):
    """Devlin et al. 2018: an encoder, its pooler and a classifier.

    forward(ids, mask), both batch × seq of i64; a mask of 0 hides a token.
    """
    if o.hidden % o.heads:
        raise SizeError(f"--hidden {o.hidden} is not a multiple of "
                        f"--heads {o.heads}")
    if o.seq > o.positions:
        raise SizeError(f"--seq {o.seq} is longer than the table of positions,"
                        f" --positions {o.positions}")
    f = Function("BertForSequenceClassification", seed=o.seed,
                 weights=o.weights)
    ids = f.argument((o.batch, o.seq), "i64")
    mask = additive_mask(f, f.argument((o.batch, o.seq), "i64"))
    x = embedding(f, ids, o.vocab, o.hidden)
    for rows, sizes in ((o.positions, o.seq), (2, 1)):  # positions, segment 0
        table = f.weight((rows, o.hidden), -0.5, 0.5)
        x = add(f, x, f.slice(table, (0, 0), (sizes, o.hidden)))
    x = layer_norm(f, x)
    for _ in range(o.layers):
        x = layer_norm(f, add(f, attention(f, x, o.heads, mask), x))
        y = linear(f, gelu(f, linear(f, x, o.ffn)), o.hidden)
        x = layer_norm(f, add(f, y, x))
    first = f.slice(x, (0, 0, 0), (o.batch, 1, o.hidden))
    first = f.reshape(first, [[0, 1], [2]])
    f.ret(linear(f, tanh(f, linear(f, first, o.hidden)), o.classes))
    return f


def additive_mask(f, mask):
    """0 where a token is seen, the lowest float where it is hidden."""
    b, s = mask.shape
    t, one = f.element, f.constant(1.0).name
    lowest = f.constant(FLOAT_LOWEST, "f64").name
    mask = f.reshape(mask, [[0], [1, 2, 3]], (b, 1, 1, s))
    return f.map([f"arith.sitofp %a : i64 to {t}",
                  f"arith.subf {one}, %x : {t}",
                  f"arith.truncf {lowest} : f64 to {t}",
                  f"arith.mulf %y, %z : {t}"], mask)


def lstm(o):
    """torch.nn.LSTM: per layer a product for all inputs, then one per step.

    forward(x) of steps × batch × input; returns the last layer's output at
    every step, and the last h and c of every layer.
    """
    f = Function("LSTM", seed=o.seed, weights=o.weights)
    x = f.argument((o.steps, o.batch, o.input))
    last = []
    for _ in range(o.layers):
        x, h, c = lstm_layer(f, x, o.hidden, o.loop)
        last += [h, c]
    f.ret(x, *last)
    return f


def lstm_layer(f, x, hidden, loop):
    """Gates in torch's order: input, forget, cell, output."""
    steps, batch, features = x.shape
    state, gates = (batch, hidden), (batch, 4 * hidden)
    flat = f.reshape(x, [[0, 1], [2]])
    flat = linear(f, flat, 4 * hidden)
    inputs = f.reshape(flat, [[0, 1], [2]], (steps, *gates))
    weight = f.weight((4 * hidden, hidden))
    bias = f.weight((4 * hidden,), -0.1, 0.1)

    def step(index, values):
        out, h, c = values
        now = f.slice(inputs, (index, 0, 0), (1, *gates))
        gate = add(f, f.reshape(now, [[0, 1], [2]]),
                   apply_linear(f, h, weight, bias))
        enter, forget, new, leave = (
            f.slice(gate, (0, k * hidden), state) for k in range(4))
        c = add(f, mul(f, sigmoid(f, forget), c),
                mul(f, sigmoid(f, enter), tanh(f, new)))
        h = mul(f, sigmoid(f, leave), tanh(f, c))
        out = f.op(f"tensor.insert_slice {h.name} into {out.name}[{index}, 0, "
                   f"0] {[1, *state]} [1, 1, 1] : {h.type} into {{type}}",
                   out.shape)
        return out, h, c

    values = (f.empty((steps, *state)), f.fill(0.0, state), f.fill(0.0, state))
    if loop:
        return f.loop(steps, values, step)
    for i in range(steps):
        values = step(i, values)
    return values

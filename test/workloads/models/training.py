# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One step of training: forward, gradients by the chain rule, update.

    z₀ = x,  yᵢ = zᵢ₋₁ Wᵢᵀ + bᵢ,  zᵢ = max(yᵢ, 0),  the last y are the logits
    dWᵢ = dyᵢᵀ zᵢ₋₁,  dbᵢ = Σ dyᵢ,  dzᵢ₋₁ = dyᵢ Wᵢ,  dyᵢ = dzᵢ where yᵢ > 0
    Wᵢ ← Wᵢ - lr dWᵢ
"""
from ir import Function, SizeError
from layers import apply_linear, div, mul, relu, row_max, sub


def mlp_step(o):
    """A step of training of a multilayer perceptron: gradients and update.

    step(x, target, W₁, b₁, ...) returns the loss, the logits, then W, b, dW, db
    of every layer, where W and b are the new ones. The target is a class per
    sample, i64, or with --loss mse a tensor like the logits.
    """
    if len(o.widths) < 2:
        raise SizeError("--widths needs at least an input and an output, got "
                        f"{len(o.widths)} width")
    f = Function("MLPTrainingStep", entry="step", element=o.element)
    classes = o.widths[-1]
    x = f.argument((o.batch, o.widths[0]))
    target = (f.argument((o.batch, classes)) if o.loss == "mse" else
              f.argument((o.batch,), "i64"))
    pairs = list(zip(o.widths, o.widths[1:]))
    params = [(f.argument((m, n)), f.argument((m,))) for n, m in pairs]
    f.parameters = sum(m * n + m for n, m in pairs)
    inputs, y = [], x
    for i, (weight, bias) in enumerate(params):
        y = relu(f, y) if i else y
        inputs.append(y)
        y = apply_linear(f, y, weight, bias)
    logits = y
    loss, dy = (squares if o.loss == "mse" else cross_entropy)(f, y, target)
    grads = backward(f, inputs, params, dy)
    results = []
    for (weight, bias), (dw, db) in zip(params, grads):
        results += [descend(f, weight, dw, o.lr), descend(f, bias, db, o.lr),
                    dw, db]
    f.ret(loss, logits, *results)
    return f


def backward(f, inputs, params, dy):
    """(dW, db) per layer, from the gradient of the last output."""
    grads = []
    for i in reversed(range(len(params))):
        dw = f.matmul(f.transpose(dy, (1, 0)), inputs[i])
        grads.insert(0, (dw, f.sum(dy, [0], keep=False)))
        if i:  # x itself needs none
            dy = where_positive(f, f.matmul(dy, params[i][0]), inputs[i])
    return grads


def where_positive(f, x, condition):
    """threshold_backward: x where the activation let something through."""
    t, zero = f.element, f.constant(0.0).name
    return f.map([f"arith.cmpf ule, %b, {zero} : {t}",
                  f"arith.select %x, {zero}, %a : {t}"], x, condition)


def descend(f, x, dx, lr):
    t, rate = f.element, f.constant(lr).name
    return f.map([f"arith.mulf %b, {rate} : {t}", f"arith.subf %a, %x : {t}"],
                 x, dx)


def scale(f, x, factor):
    number = f.constant(factor).name
    return f.map(f"arith.mulf %a, {number} : {f.element}", x)


def cross_entropy(f, logits, target):
    """-Σ log softmax(logits)[target] / batch; gradient (softmax - 1 at target)
    / batch. Log-softmax subtracts the maximum first."""
    batch, t = logits.shape[0], f.element
    shifted = sub(f, logits, row_max(f, logits))
    exps = f.map(f"math.exp %a : {t}", shifted)
    sums = f.sum(exps, [1])
    logs = sub(f, shifted, f.map(f"math.log %a : {t}", sums))
    loss = scale(f, f.sum(chosen(f, logs, target), [0], keep=False),
                 -1.0 / batch)
    one = f.constant(1.0).name
    at_target = f.generic(
        [div(f, exps, sums), target], [f.empty(logits.shape)],
        ["%i = linalg.index 1 : index",
         "%j = arith.index_cast %i : index to i64",
         "%x = arith.cmpi eq, %b, %j : i64",
         f"%y = arith.subf %a, {one} : {t}",
         f"%z = arith.select %x, %y, %a : {t}", f"linalg.yield %z : {t}"],
        maps=[(0, 1), (0,)])
    return loss, scale(f, at_target, 1.0 / batch)


def chosen(f, rows, target):
    """nll_loss: of every row what stands at its target, a class that exists."""
    classes = f.constant(rows.shape[1], "i64").name
    return f.generic(
        [target], [f.empty(target.shape)],
        [f"%x = arith.cmpi ult, %a, {classes} : i64",
         'cf.assert %x, "a target is no class"',
         "%i = linalg.index 0 : index",
         "%j = arith.index_cast %a : i64 to index",
         f"%y = tensor.extract {rows.name}[%i, %j] : {rows.type}",
         f"linalg.yield %y : {f.element}"])


def squares(f, y, target):
    """mean (y - target)²; gradient 2 (y - target) / count."""
    count = y.shape[0] * y.shape[1]
    error = sub(f, y, target)
    loss = scale(f, f.sum(mul(f, error, error), [0, 1], keep=False),
                 1.0 / count)
    return loss, scale(f, error, 2.0 / count)

# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutional networks on images: MobileNet v1 and v2, ResNet 18 and 50."""
from ir import Function
from layers import (add, batch_norm, conv2d, linear, max_pool, mean_of_image,
                    relu, relu6)


def scaled(channels, width):
    """torchvision's rule: to the nearest 8, and never down by over a tenth."""
    wanted = channels * width
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


def block(f, x, channels, kernel, stride=1, depthwise=False, act=relu):
    """Convolution, batch-norm and, unless act is None, an activation."""
    x = batch_norm(f, conv2d(f, x, channels, kernel, stride, depthwise))
    return act(f, x) if act else x


def start(model, o):
    f = Function(model, seed=o.seed, weights=o.weights)
    return f, f.argument((o.batch, 3, *o.size))


def classify(f, x, o):
    f.ret(linear(f, mean_of_image(f, x), o.classes))
    return f


def mobilenet_v1(o):
    """Howard et al. 2017: 13 depthwise convolutions, each before a 1 × 1."""
    f, x = start("MobileNetV1", o)
    x = block(f, x, scaled(32, o.width), 3, 2)
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    plan += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    for channels, stride in plan:
        x = block(f, x, x.shape[1], 3, stride, depthwise=True)
        x = block(f, x, scaled(channels, o.width), 1)
    return classify(f, x, o)


def mobilenet_v2(o):
    """Sandler et al. 2018: 17 inverted residuals with linear bottlenecks."""
    f, x = start("MobileNetV2", o)
    x = block(f, x, scaled(32, o.width), 3, 2, act=relu6)
    for expansion, channels, repeats, first in [
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
            (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        channels = scaled(channels, o.width)
        for i in range(repeats):
            y, stride = x, 1 if i else first
            hidden = expansion * x.shape[1]
            if expansion != 1:
                y = block(f, y, hidden, 1, act=relu6)
            y = block(f, y, hidden, 3, stride, depthwise=True, act=relu6)
            y = block(f, y, channels, 1, act=None)
            x = add(f, x, y) if x.shape == y.shape and stride == 1 else y
    x = block(f, x, scaled(1280, max(1.0, o.width)), 1, act=relu6)
    return classify(f, x, o)


def basic(f, x, channels, stride):
    """Two 3 × 3 convolutions."""
    y = block(f, x, channels, 3, stride)
    return block(f, y, channels, 3, act=None), channels


def bottleneck(f, x, channels, stride):
    """1 × 1, 3 × 3 with the stride, 1 × 1 to four times the channels."""
    y = block(f, x, channels, 1)
    y = block(f, y, channels, 3, stride)
    return block(f, y, 4 * channels, 1, act=None), 4 * channels


def resnet(model, unit, depths, o):
    """He et al. 2015: four stages of residual units."""
    f, x = start(model, o)
    x = max_pool(f, block(f, x, scaled(64, o.width), 7, 2), 3, 2)
    for stage, depth in enumerate(depths):
        for i in range(depth):
            stride = 2 if stage and not i else 1
            y, channels = unit(f, x, scaled(64 << stage, o.width), stride)
            if stride != 1 or x.shape[1] != channels:
                x = block(f, x, channels, 1, stride, act=None)
            x = relu(f, add(f, y, x))
    return classify(f, x, o)


def resnet18(o):
    """He et al. 2015: 18 layers, units of two 3 × 3 convolutions."""
    return resnet("ResNet18", basic, (2, 2, 2, 2), o)


def resnet50(o):
    """He et al. 2015: 50 layers, bottlenecks with the stride at the 3 × 3."""
    return resnet("ResNet50", bottleneck, (3, 4, 6, 3), o)

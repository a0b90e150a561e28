"""Convolutions and the fully connected layer: sums of inputs times weights.

Every output of a convolution is the sum of one window of the image, weighted by one filter.
"""

from typing import Any

import numpy as np

from core.nn.arrays import Array, Gradients


def pair(value: Any) -> tuple[int, int]:
    """Return (vertical, horizontal); one number stands for both."""
    return (value, value) if isinstance(value, int) else tuple(value)


def padded(x: Array, padding: Any, value: float = 0.0) -> Array:
    """Surround images with `value`."""
    down, across = pair(padding)
    return np.pad(x, ((0, 0), (down, down), (across, across), (0, 0)), constant_values=value)


def windows(x: Array, filter: Any, stride: Any, dilation: Any = 1) -> list[tuple[int, int, Any]]:
    """Return, for every window, its row and column in the output and the index of its pixels."""
    (kh, kw), (sh, sw), (dh, dw) = pair(filter), pair(stride), pair(dilation)
    _, height, width, _ = x.shape
    return [
        (i, j, np.s_[:, top : top + kh * dh : dh, left : left + kw * dw : dw])
        for i, top in enumerate(range(0, height - (kh - 1) * dh, sh))
        for j, left in enumerate(range(0, width - (kw - 1) * dw, sw))
    ]


def conv(
    x: Array,
    weight: Array,
    bias: Any = 0.0,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Array:
    """Return y (N, Ho, Wo, F) for weight (kh, kw, C / groups, F) and bias (F,)."""
    x = padded(x, padding)
    places = windows(x, weight.shape[:2], stride, dilation)
    down, across = places[-1][0] + 1, places[-1][1] + 1
    y = np.zeros((len(x), down, across, weight.shape[3]), np.result_type(x, weight))
    for inputs, outputs in group_slices(x.shape[3], weight.shape[3], groups):
        for i, j, window in places:
            y[:, i, j, outputs] = np.einsum(
                "nuvc,uvcf->nf", x[window][..., inputs], weight[..., outputs]
            )
    total: Array = y + bias
    return total


def conv_backward(
    dy: Array,
    x: Array,
    weight: Array,
    bias: Any = 0.0,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Gradients:
    """Return the gradients: every product of the forward pass, differentiated by each factor."""
    (down, across), height, width = pair(padding), x.shape[1], x.shape[2]
    x = padded(x, padding)
    dx, dweight = np.zeros_like(x), np.zeros_like(weight)
    for inputs, outputs in group_slices(x.shape[3], weight.shape[3], groups):
        for i, j, window in windows(x, weight.shape[:2], stride, dilation):
            own = dy[:, i, j, outputs]
            dweight[..., outputs] += np.einsum("nuvc,nf->uvcf", x[window][..., inputs], own)
            dx[window][..., inputs] += np.einsum("nf,uvcf->nuvc", own, weight[..., outputs])
    dx = dx[:, down : down + height, across : across + width]
    return {"x": dx, "weight": dweight, "bias": dy.sum(axis=(0, 1, 2))}


def group_slices(channels: int, filters: int, groups: int) -> list[tuple[slice, slice]]:
    """Return the channels and the filters of every group."""
    c, f = channels // groups, filters // groups
    return [(slice(g * c, g * c + c), slice(g * f, g * f + f)) for g in range(groups)]


def conv1d(x: Array, weight: Array, bias: Any = 0.0, stride: int = 1, padding: int = 0) -> Array:
    """Return y (N, L', F) for weight (k, C, F): a convolution of images that are one pixel wide."""
    steps = x.reshape(len(x), x.shape[1], 1, -1)
    return conv(steps, weight[:, None], bias, (stride, 1), (padding, 0))[:, :, 0]


def conv1d_backward(
    dy: Array, x: Array, weight: Array, bias: Any = 0.0, stride: int = 1, padding: int = 0
) -> Gradients:
    """Return the gradients, as for images that are one pixel wide."""
    steps = x.reshape(len(x), x.shape[1], 1, -1)
    grads = conv_backward(dy[:, :, None], steps, weight[:, None], bias, (stride, 1), (padding, 0))
    return {
        "x": grads["x"].reshape(x.shape),
        "weight": grads["weight"][:, 0],
        "bias": grads["bias"],
    }


def linear(x: Array, weight: Array, bias: Any = 0.0) -> Array:
    """Return y = x W + b."""
    y: Array = x @ weight + bias
    return y


def linear_backward(dy: Array, x: Array, weight: Array, bias: Any = 0.0) -> Gradients:
    """Return the gradients of a matrix product, and of the bias that every image shares."""
    return {"x": dy @ weight.T, "weight": x.T @ dy, "bias": dy.sum(axis=0)}

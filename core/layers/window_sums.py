"""The sums behind the numbers of a convolution, of images and of sequences."""

import numpy as np

from core.layers.explanation import Observed, Place, Sum, Terms
from core.layers.spec import LayerSpec
from core.layers.windows import Windows, product
from core.nn.arrays import Array
from core.nn.convolution import Convolution


def _parts(seen: Observed) -> tuple[Convolution, Windows, Array]:
    """Return the layer, its windows, and its weight (kh, kw, C / G, F)."""
    layer = seen.layer
    assert isinstance(layer, Convolution)
    channels = layer.channels // layer.groups
    weight = seen.tensors["weight"].reshape(*layer.filter, channels, layer.filters)
    return layer, Windows.of(layer), weight


def value(seen: Observed, at: Place) -> Sum:
    """Return an output: its window times the filter, and the bias."""
    layer, windows, weight = _parts(seen)
    row, column, filter = windows.output(at)
    own = layer.channels // layer.groups
    first = filter // (layer.filters // layer.groups) * own
    rows, columns, channels = product(*windows.pixels(row, column), first + np.arange(own))
    inside = windows.inside(rows, columns)
    x = np.zeros(len(rows))
    image = seen.x[seen.image].reshape(layer.image_shape)
    x[inside] = image[rows[inside], columns[inside], channels[inside]]
    places = windows.inputs(rows, columns, channels)
    terms = Terms.of(places, x, weight[..., filter].reshape(-1), inside)
    return Sum(terms, float(seen.tensors["bias"][filter]) if layer.biased else 0.0)


def gradient(seen: Observed, at: Place) -> Sum:
    """Return the gradient of an input: from every window that covers it, and every filter."""
    layer, windows, weight = _parts(seen)
    row, column, channel = windows.input(at)
    own, filters = layer.channels // layer.groups, layer.filters // layer.groups
    first = channel // own * filters
    i, j, u, v = windows.covering(row, column)
    window, filter = product(np.arange(len(i)), first + np.arange(filters))
    i, j, u, v = i[window], j[window], u[window], v[window]
    dy = seen.dy[seen.image].reshape(*layer.grid, layer.filters)[i, j, filter]
    return Sum(Terms.of(windows.outputs(i, j, filter), dy, weight[u, v, channel % own, filter]))


def weight_gradient(seen: Observed, tensor: str, index: Place) -> Sum:
    """Return the gradient of a weight or a bias: over all images and places of its filter.

    x is what the weight is multiplied by, 1 for a bias, and w the gradient of that output; the
    places are those of the output.
    """
    layer, windows, weight = _parts(seen)
    images, i, j = product(np.arange(len(seen.x)), *(np.arange(size) for size in layer.grid))
    filter = np.full(len(i), index[-1])
    dy = seen.dy.reshape(-1, *layer.grid, layer.filters)[images, i, j, filter]
    x, inside = np.ones(len(i)), np.ones(len(i), np.bool_)
    if tensor == "weight":
        number = np.ravel_multi_index(index, seen.tensors["weight"].shape)
        u, v, part, _ = np.unravel_index(number, weight.shape)
        own = layer.channels // layer.groups
        channel = index[-1] // (layer.filters // layer.groups) * own + part
        (sh, sw), (ph, pw), (dh, dw) = layer.stride, layer.padding, layer.dilation
        rows, columns = i * sh - ph + u * dh, j * sw - pw + v * dw
        inside = windows.inside(rows, columns)
        x = np.zeros(len(i))
        pixels = seen.x.reshape(-1, *layer.image_shape)
        x[inside] = pixels[images[inside], rows[inside], columns[inside], channel]
    return Sum(Terms.of(windows.outputs(i, j, filter), x, dy, inside, images))


class Convolved(LayerSpec):
    """Base class of the convolutions: how their numbers are explained."""

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return the window times the filter, and the bias."""
        return value(seen, at)

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return what comes back from every window that covers the input."""
        return gradient(seen, at)

    @classmethod
    def explain_weight(cls, seen: Observed, tensor: str, index: Place) -> Sum:
        """Return what every place at which the filter stands adds to the gradient."""
        return weight_gradient(seen, tensor, index)

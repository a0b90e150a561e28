"""How well a training is: norms of weights, gradients and updates, and the outputs of its layers.

The outputs are those of a network of its own, which has the weights and the running statistics of
the training and nothing else of it: layers as they are written, in evaluation, on the same few
training images each time. So a training has the same bits with and without it.
"""

from collections.abc import Iterator, Sequence
from math import gcd, inf, nan, sqrt

import numpy as np
import numpy.typing as npt

from core.data.dataset import Images
from core.data.normalise import Normaliser
from core.nn import chain
from core.nn.arrays import Array
from core.nn.layer import Layer, Mode
from core.nn.network import Network
from core.plan import probe_batch
from core.training.events import HealthMeasured
from core.training.health_columns import BINS, columns, parameter_names

SAMPLE = 8192
"""Maximum number of outputs of a layer that its mean, deviation and histogram are taken over. The
error of the mean is then about a hundredth of the deviation."""


class HealthProbe:
    """Measures one update at a time: `before` it, and `after` it.

    Args:
        layers: prototypes of the layers, as written.
        parameters: the flat parameter vector of the training, which is only read.
        statistics: its flat vector of running statistics, which is only read.
        images: the probe images, uint8 (N, H, W, C).
        normaliser: that of the training.

    Attributes:
        columns: names of the measured values, see `health_columns`.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        parameters: Array,
        statistics: Array,
        images: Images,
        normaliser: Normaliser,
    ) -> None:
        dtype = parameters.dtype
        self.columns = columns(layers)
        self._batch = min(len(images), probe_batch(layers, dtype))
        self._network = Network(layers, self._batch, dtype, parameters, statistics=statistics)
        self._names = parameter_names(layers)
        self._before = np.empty_like(parameters)
        self._weights: list[float] = []
        self._x = np.empty(images.shape, dtype)
        normaliser.apply(images, self._x)
        self._outputs = [
            _Outputs(layer, len(images)) for _, layer in chain.every_layer(self._network.layers)
        ]

    def before(self) -> None:
        """Remember the weights; call it right before an update."""
        np.copyto(self._before, self._network.parameters)

    def after(self, update: int, gradients: Sequence[Array]) -> HealthMeasured:
        """Return what is to be recorded of an update; call it right after the update.

        Args:
            update: its number, counted from 1.
            gradients: flat gradients of the shards, which sum to that of the loss: without decay,
                and before any limit on its norm.
        """
        tensors, vector = self._network.tensors(), self._network.gradients
        # The weights have moved on, so all three norms are taken over the network's gradients.
        np.copyto(vector, self._before)
        weight = [_norm(tensors[name][1]) for name in self._names]
        np.copyto(vector, gradients[0])
        for part in gradients[1:]:
            np.add(vector, part, out=vector)
        gradient = [_norm(tensors[name][1]) for name in self._names]
        np.subtract(self._network.parameters, self._before, out=vector)
        change = [_norm(tensors[name][1]) for name in self._names]
        ratio = [_ratio(*norms) for norms in zip(change, weight, strict=True)]
        values = [each for one in zip(weight, gradient, change, ratio, strict=True) for each in one]
        self._run()
        for outputs in self._outputs:
            values.extend(outputs.numbers())
        return HealthMeasured(update, tuple(values))

    def _run(self) -> None:
        """Compute all layers on all probe images, in batches that their buffers hold."""
        for start in range(0, len(self._x), self._batch):
            x = self._x[start : start + self._batch]
            self._network.resize(len(x))
            passed = self._network.each_output(x, Mode.EVALUATION)
            for outputs, (_, _, y) in zip(self._outputs, passed, strict=True):
                outputs.add(start, y)


class _Outputs:
    """The outputs of one layer on all probe images.

    A unit is a channel: the values of one filter at all places, or one value of a vector.

    Args:
        layer: the layer.
        images: number of probe images.
    """

    def __init__(self, layer: Layer, images: int) -> None:
        self._channels, size = layer.output_shape[-1], int(np.prod(layer.output_shape))
        stride = max(1, -(-images * size // SAMPLE))
        # Otherwise the sample would be one of a few channels.
        while gcd(stride, size) > 1 and stride > 1:
            stride += 1
        self._stride, self._size = stride, size
        self._sample = np.empty(-(-images * size // stride), layer.dtype)
        self._highest = np.empty(self._channels, layer.dtype) if layer.rectifies else None

    def add(self, start: int, y: Array) -> None:
        """Add the outputs of the probe images from number `start` on, in order."""
        flat, done = y.reshape(-1), start * self._size
        first = -(-done // self._stride)
        part = flat[first * self._stride - done :: self._stride]
        self._sample[first : first + len(part)] = part
        if self._highest is not None:
            # In two steps, the first over long rows: NumPy is slow over rows of few channels.
            most = y.reshape(len(y), -1).max(axis=0).reshape(-1, self._channels).max(axis=0)
            np.maximum(most, self._highest if start else most, out=self._highest)

    def numbers(self) -> Iterator[float]:
        """Yield the numbers of `layer_quantities`."""
        sample = self._sample
        mean = float(np.mean(sample))
        centred = sample - sample.dtype.type(mean)
        yield mean
        yield sqrt(float(np.dot(centred, centred)) / len(sample))
        if self._highest is not None:
            # A comparison with NaN is false: a unit that is not a number does not count as silent.
            yield float(np.mean(self._highest <= 0))
        lowest, highest = float(sample.min()), float(sample.max())
        yield lowest
        yield highest
        yield from histogram(sample, lowest, highest)


def histogram(values: Array, lowest: float, highest: float) -> list[float]:
    """Return the shares of `values` in `BINS` bins of equal width; NaN if one is not finite.

    If all values are equal, they are in the first bin.
    """
    width = (highest - lowest) / BINS
    if not np.isfinite(width):
        return [nan] * BINS
    if width == 0:
        return [1.0] + [0.0] * (BINS - 1)
    # The highest value itself is in the last bin, as in `numpy.histogram`.
    at = np.minimum(((values - lowest) / width).astype(np.intp), BINS - 1)
    shares: npt.NDArray[np.float64] = np.bincount(at, minlength=BINS) / len(values)
    result: list[float] = shares.tolist()
    return result


def _ratio(update: float, weight: float) -> float:
    """Return one norm by the other; infinity if only the second is 0, as of a new bias."""
    if weight:
        return update / weight
    return inf if update else 0.0


def _norm(tensor: Array) -> float:
    """Return the Euclidean norm of a contiguous tensor."""
    flat = tensor.reshape(-1)
    return sqrt(np.dot(flat, flat))

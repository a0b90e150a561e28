"""One part of every batch, with the buffers that a worker needs to compute it."""

from math import prod

import numpy as np
import numpy.typing as npt

from core.data.normalise import Normaliser
from core.nn import chain
from core.nn.acceleration import Prepared
from core.nn.arrays import Array
from core.nn.layer import Mode
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.training import shared_memory
from core.training.training_set import Rows, TrainingSet


class Shard:
    """One part of every batch: a network, a loss and image buffers for one worker."""

    def __init__(
        self,
        prepared: Prepared,
        size: int,
        dtype: npt.DTypeLike,
        parameters: Array,
        statistics: Array,
        normaliser: Normaliser,
    ) -> None:
        self.size = size
        self.layout = prepared.layout
        gradients = shared_memory.zeros(parameters.shape, dtype)
        batch_stats = shared_memory.zeros(statistics.shape, dtype)
        self.network = Network(
            prepared.layers, size, dtype, parameters, gradients, statistics, batch_stats
        )
        self.loss = SoftmaxCrossEntropy(self.network.output_shape[0], size, dtype)
        self.normaliser = normaliser.ordered(self.layout.order(normaliser.shape))
        self.pixels = np.empty((size, prod(normaliser.shape)), np.uint8)
        self._work = np.empty((size, *normaliser.shape), np.uint8)
        self.x = np.empty((size, self.layout.size), dtype)

    def forward_backward(
        self, data: TrainingSet, rows: Rows, labels: Rows, smoothing: float, scale: float
    ) -> None:
        """Write the gradient of `scale` times the summed smoothed cross-entropy of `rows`.

        `labels` are those of `rows`.
        """
        self.load(data, rows)
        logits = self.network.forward(self._inputs(self.size), Mode.TRAINING)
        self.loss.forward(logits, labels, smoothing)
        self.network.backward(self.loss.backward(scale))

    def load(self, data: TrainingSet, rows: Rows) -> None:
        """Copy the pixels of the next batch."""
        data.load(rows, self._work, self.pixels)

    def forward(self, end: int) -> Array:
        """Return the output of the first `end` layers for the batch, in training."""
        layers = self.network.layers[:end]
        return chain.forward(layers, self._inputs(self.size), Mode.TRAINING)

    def output(
        self, start: int, x: Array, labels: Rows, smoothing: float, scale: float
    ) -> Array | None:
        """Pass x through the layers from index `start` on, and the gradient of the loss back."""
        layers = self.network.layers[start:]
        self.loss.forward(chain.forward(layers, x, Mode.TRAINING), labels, smoothing)
        return chain.backward(layers, self.loss.backward(scale))

    def backward(self, end: int, dy: Array) -> None:
        """Write the gradients of the first `end` layers."""
        chain.backward(self.network.layers[:end], dy)

    def evaluate(self, images: npt.NDArray[np.uint8], labels: Rows) -> tuple[float, int]:
        """Return summed cross-entropy and number of correct predictions.

        `images` are at most `size` images as stored.
        """
        count = len(labels)
        self.layout.write(images, self.pixels[:count])
        self.network.resize(count)
        try:
            logits = self.network.forward(self._inputs(count), Mode.EVALUATION)
            self.loss.forward(logits, labels)
        finally:
            self.network.resize(self.size)
        return float(self.loss.sums().plain), self.loss.correct()

    def _inputs(self, count: int) -> Array:
        """Return the first `count` images in `pixels` as the network takes them."""
        x = self.x[:count]
        self.normaliser.apply(self.pixels[:count, : self.layout.size], x)
        return x.reshape(count, *self.layout.shape)

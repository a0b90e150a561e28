"""One batch over several threads, with a result that does not depend on how many there are.

A batch is cut into a fixed number of shards. Each has buffers and gradients of its own and runs on
one BLAS thread; the gradients are added in the order of the shards. So the sum is always formed in
the same order, and threads only decide how long it takes.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.data.dataset import Split
from core.data.normalise import Normaliser
from core.nn.layer import Array, Layer, Mode
from core.nn.loss import SoftmaxCrossEntropy, Sums
from core.nn.network import Network

Rows = npt.NDArray[np.int64]


class Scores(NamedTuple):
    """How well the network does on a set of images."""

    loss: float
    """Mean plain cross-entropy."""
    accuracy: float
    """Fraction of images whose likeliest class is right."""


class Shard:
    """One part of every batch: a network, a loss and image buffers that one thread works in."""

    def __init__(
        self,
        layers: Sequence[Layer],
        size: int,
        dtype: npt.DTypeLike,
        parameters: Array,
        normaliser: Normaliser,
    ) -> None:
        self.size = size
        self.network = Network(layers, size, dtype, parameters)
        self.loss = SoftmaxCrossEntropy(self.network.output_shape[0], size, dtype)
        self.normaliser = normaliser
        shape = self.network.input_shape
        self.pixels = np.empty((size, *shape), np.uint8)
        self.labels = np.empty(size, np.int64)
        self.x = np.empty((size, *shape), dtype)

    def learn(self, data: Split, rows: Rows, smoothing: float, scale: float) -> Sums:
        """Write the gradient of `scale` times the summed smoothed cross-entropy of `rows`."""
        # "clip" skips a bounds check that would copy; the rows come from a permutation.
        np.take(data.images, rows, axis=0, out=self.pixels, mode="clip")
        np.take(data.labels, rows, out=self.labels, mode="clip")
        self.normaliser.apply(self.pixels, self.x)
        logits = self.network.forward(self.x, Mode.TRAINING)
        sums = self.loss.forward(logits, self.labels, smoothing)
        self.network.backward(self.loss.backward(scale))
        return sums

    def evaluate(self, images: npt.NDArray[np.uint8], labels: Rows) -> Sums:
        """Return the sums over at most `size` images."""
        count = len(labels)
        x = self.x[:count]
        self.normaliser.apply(images, x)
        self.network.resize(count)
        try:
            return self.loss.forward(self.network.forward(x, Mode.EVALUATION), labels, 0.0)
        finally:
            self.network.resize(self.size)


class ShardedNetwork:
    """Shards that share one parameter vector.

    Args:
        layers: prototypes, not allocated.
        sizes: images of each shard.
        dtype: of parameters and activations.
        normaliser: turns uint8 pixels into inputs.
        threads: how many work at once, the caller's among them; more than shards are not used.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        sizes: Sequence[int],
        dtype: npt.DTypeLike,
        normaliser: Normaliser,
        threads: int,
    ) -> None:
        self.parameters = np.zeros(Network.parameter_count(layers), dtype)
        self.shards = [Shard(layers, size, dtype, self.parameters, normaliser) for size in sizes]
        self.batch_size = sum(sizes)
        self.bounds = np.cumsum([0, *sizes])
        self.threads = max(1, min(threads, len(sizes)))
        self._pool = (
            ThreadPoolExecutor(self.threads - 1, "shard", initializer=_quiet)
            if self.threads > 1
            else None
        )

    @property
    def network(self) -> Network:
        """The first shard's network, for names and shapes."""
        return self.shards[0].network

    @property
    def gradients(self) -> Array:
        """Gradient of the latest `learn`, flat."""
        return self.network.gradients

    def learn(self, data: Split, rows: Rows, smoothing: float) -> Sums:
        """Write the gradient of the mean smoothed cross-entropy over `rows` into `gradients`.

        Args:
            data: the training set.
            rows: indices (batch_size,) into it.
            smoothing: label smoothing.

        Returns:
            Sums over the batch.
        """
        bounds, scale = self.bounds, 1.0 / self.batch_size

        def work(index: int) -> Sums:
            mine = rows[bounds[index] : bounds[index + 1]]
            return self.shards[index].learn(data, mine, smoothing, scale)

        sums = self._each(work)
        for shard in self.shards[1:]:
            self.gradients.__iadd__(shard.network.gradients)
        return _total(sums)

    def evaluate(self, data: Split) -> Scores:
        """Return loss and accuracy over all of `data`, in slices of the same buffers."""
        size, count = max(shard.size for shard in self.shards), len(data)
        usable = [shard for shard in self.shards if shard.size == size]
        starts = range(0, count, size)

        def work(index: int) -> list[Sums]:
            if index >= len(usable):
                return []
            return [
                usable[index].evaluate(
                    data.images[start : start + size], data.labels[start : start + size]
                )
                for start in starts[index :: len(usable)]
            ]

        total = _total([sums for part in self._each(work) for sums in part])
        return Scores(float(total.plain) / count, float(total.correct) / count)

    def close(self) -> None:
        """End the threads; what is asked for afterwards runs on the caller's."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool, self.threads = None, 1

    def _each(self, work: Callable[[int], Any]) -> list[Any]:
        """Return [work(0), work(1), ...] over the shards, thread k taking every k-th."""
        count = len(self.shards)
        if self._pool is None:
            return [work(index) for index in range(count)]

        def lane(first: int) -> list[Any]:
            return [work(index) for index in range(first, count, self.threads)]

        others = [self._pool.submit(lane, first) for first in range(1, self.threads)]
        try:
            lanes = [lane(0)]
        finally:
            # Whatever happened, nobody works in the buffers once this returns.
            wait(others)
        lanes += [other.result() for other in others]
        return [lanes[index % self.threads][index // self.threads] for index in range(count)]


def _total(parts: Sequence[Sums]) -> Sums:
    total = parts[0]
    for part in parts[1:]:
        total = Sums(
            total.plain + part.plain,
            total.smoothed + part.smoothed,
            total.correct + part.correct,
        )
    return total


def _quiet() -> None:
    # A diverging run overflows; the loop sees the loss and says so, which is worth more than
    # NumPy's warning. The setting is per thread.
    np.seterr(over="ignore", invalid="ignore")

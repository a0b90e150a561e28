"""What the matrix products of an update cost by themselves: no network can be faster by GEMM."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import numpy as np
from threadpoolctl import threadpool_limits

from core.nn.arrays import Array
from core.nn.layer import Layer
from core.nn.network import needs_input_gradients
from core.training.worker_pool import WorkerPool, weakly


class Floor:
    """The bare NumPy products of one update: forward, and backward by weights and by inputs.

    Operands stand ready, results are written where they were written before; nothing is copied,
    added or decided.

    Args:
        layers: of the network.
        sizes: images of each part that is multiplied for itself: the shards, or the whole batch.
        threads: that share the parts, BLAS at one thread each; with one part, BLAS's own threads.
        dtype: of the operands.
    """

    def __init__(
        self, layers: Sequence[Layer], sizes: Sequence[int], threads: int, dtype: str
    ) -> None:
        self.blas = 1 if len(sizes) > 1 else threads
        self._parts = [_products(layers, size, dtype) for size in sizes]
        self._pool = WorkerPool(min(threads, len(sizes)), [weakly(self._multiply)])

    def block(self) -> AbstractContextManager[object]:
        """Give BLAS the threads that it is to have."""
        limits: AbstractContextManager[object] = threadpool_limits(self.blas, user_api="blas")
        return limits

    def update(self, number: int) -> None:
        """Multiply everything once."""
        self._pool.run(0)

    def loss(self) -> float:
        """Return NaN: nothing is learned."""
        return float("nan")

    def close(self) -> None:
        """End the threads."""
        self._pool.close()

    def _multiply(self, first: int) -> None:
        for part in self._parts[first :: self._pool.count]:
            for product in part:
                product()


def _products(layers: Sequence[Layer], images: int, dtype: str) -> list[Callable[[], object]]:
    rng = np.random.default_rng(0)

    def operand(rows: int, columns: int) -> Array:
        return rng.standard_normal((rows, columns)).astype(dtype)

    forward: list[Callable[[], object]] = []
    backward: list[Callable[[], object]] = []
    for layer, wanted in zip(layers, needs_input_gradients(layers), strict=True):
        shape = layer.product()
        if shape is None:
            continue
        rows, inner, columns = shape[0] * images, shape[1], shape[2]
        x, w, dy = operand(rows, inner), operand(inner, columns), operand(rows, columns)
        y, dw, dx = np.empty_like(dy), np.empty_like(w), np.empty_like(x)
        forward.append(lambda x=x, w=w, y=y: np.matmul(x, w, out=y))  # type: ignore[misc]
        backward.append(lambda x=x, dy=dy, dw=dw: np.matmul(x.T, dy, out=dw))  # type: ignore[misc]
        if wanted:
            backward.append(lambda dy=dy, w=w, dx=dx: np.matmul(dy, w.T, out=dx))  # type: ignore[misc]
    return forward + backward[::-1]

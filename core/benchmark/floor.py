"""The bare matrix products of an update, a lower bound for the time of any GEMM-based network."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from core.nn import chain
from core.nn.arrays import Array
from core.nn.layer import Layer
from core.training.worker_pool import WorkerPool, weakly

PEAK_SIDE, PEAK_TIMES = 1024, 12
"""Rows and columns of the matrices of the peak, and how often they are multiplied."""


def peak(threads: int, dtype: str) -> float:
    """Return how fast NumPy multiplies large matrices here, in GFLOP/s: the best of some times.

    Args:
        threads: number of BLAS threads.
        dtype: dtype of the matrices.
    """
    a, b = (np.full((PEAK_SIDE, PEAK_SIDE), 0.5, dtype) for _ in range(2))
    out, times = np.empty_like(a), []
    with threadpool_limits(threads, user_api="blas"):
        for _ in range(PEAK_TIMES):
            began = perf_counter()
            np.matmul(a, b, out=out)
            times.append(perf_counter() - began)
    return 2e-9 * PEAK_SIDE**3 / min(times)


class Floor:
    """The bare NumPy products of one update: forward, weight gradients and input gradients.

    Operands and results are allocated in advance; there are no copies, additions or decisions.

    Args:
        layers: layers of the network.
        sizes: number of images in each separate product: the shards, or the whole batch.
        threads: number of workers for the parts, with one BLAS thread each; with a single part, the
            number of BLAS threads.
        dtype: dtype of the operands.
    """

    def __init__(
        self, layers: Sequence[Layer], sizes: Sequence[int], threads: int, dtype: str
    ) -> None:
        self.blas = 1 if len(sizes) > 1 else threads
        self._parts = [_products(layers, size, dtype) for size in sizes]
        self._pool = WorkerPool(min(threads, len(sizes)), [weakly(self._multiply)])

    def block(self) -> AbstractContextManager[object]:
        """Set the number of BLAS threads."""
        limits: AbstractContextManager[object] = threadpool_limits(self.blas, user_api="blas")
        return limits

    def update(self, number: int) -> None:
        """Compute all products once."""
        self._pool.run(0)

    def loss(self) -> float:
        """Return NaN, because there is no training."""
        return float("nan")

    def close(self) -> None:
        """End the workers."""
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
    for layer in chain.leaves(chain.working_copies(layers, input_gradient=False)):
        shape = layer.product()
        if shape is None:
            continue
        rows, inner, columns = shape[0] * images, shape[1], shape[2]
        x, w, dy = operand(rows, inner), operand(inner, columns), operand(rows, columns)
        y, dw, dx = np.empty_like(dy), np.empty_like(w), np.empty_like(x)
        forward.append(lambda x=x, w=w, y=y: np.matmul(x, w, out=y))  # type: ignore[misc]
        backward.append(lambda x=x, dy=dy, dw=dw: np.matmul(x.T, dy, out=dw))  # type: ignore[misc]
        if layer.needs_input_gradient:
            backward.append(lambda dy=dy, w=w, dx=dx: np.matmul(dy, w.T, out=dx))  # type: ignore[misc]
    return forward + backward[::-1]

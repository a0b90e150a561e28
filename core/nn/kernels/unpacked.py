"""Matrix products in parts that OpenBLAS computes without packing its operands."""

import threading
from functools import cache
from math import prod
from typing import Literal, NamedTuple

import numpy as np

from core.nn.arrays import Array

BLAS_KERNELS = frozenset({"SkylakeX", "Cooperlake", "SapphireRapids"})
"""Names of OpenBLAS's kernels for AVX-512, which have such products."""

LIMIT = 1_000_000
"""Multiply-adds up to which they are used."""

SMALLEST = 100_000
"""Multiply-adds from which it is worth looking whether parts are faster."""

TURNED_OUTPUTS, TURNED_INNER, LEAST_TURNED = 1200, 96, 16
"""If the right operand is transposed: number of outputs up to which they are used; the least length
of the sums and the least number of columns for which that is faster."""

LEAST_ROWS, LEAST_COLUMNS, LEAST_INNER = 24, 128, 100
"""Smallest parts that are faster than the whole product."""

MOST_COLUMNS = 512
"""Largest parts of wide products: they stay in cache."""


class Part(NamedTuple):
    """How a product A B is divided: one axis into parts of equal length, and a shorter rest."""

    axis: Literal["rows", "columns", "inner"]
    """Rows of A, columns of B, or both the columns of A and the rows of B, whose products are added
    up."""
    length: int


def helps(blas_kernel: str) -> bool:
    """Return whether products in parts are faster with these kernels of the BLAS."""
    return blas_kernel in BLAS_KERNELS


def matmul(a: Array, b: Array, *, out: Array) -> Array:
    """Write the product of two matrices, or of two stacks of matrices, to `out` and return it.

    OpenBLAS copies (packs) both operands of a product to an order in which its kernels read them,
    which pays for large products. Its AVX-512 kernels also have a way without, for products of at
    most `LIMIT` multiply-adds. The products of small networks, and the tall and the wide ones of
    convolutions, are larger, but not by so much that packing pays: these are computed in parts.

    How a product is divided depends on its shape, and on which axes are contiguous, alone: so equal
    products have equal bits.

    Args:
        a: (..., M, K), its rows or its columns contiguous.
        b: (..., K, N), its rows or its columns contiguous; `...` as for `a`.
        out: (..., M, N), C-contiguous or a slice of the last two axes of such an array. Numbers of
            other types than float32 are multiplied as a whole.
    """
    rows, inner = a.shape[-2:]
    if out.dtype != np.float32 or out.size * inner <= SMALLEST:
        return np.matmul(a, b, out=out)
    plan = _divided(rows, inner, b.shape[-1], _turned(a), _turned(b))
    if plan is None:
        return np.matmul(a, b, out=out)
    axis, length = plan
    if axis == "rows":
        end = rows - rows % length
        np.matmul(_by_rows(a, end, length), b[..., None, :, :], out=_by_rows(out, end, length))
        if end < rows:
            np.matmul(a[..., end:, :], b, out=out[..., end:, :])
    elif axis == "columns":
        end = b.shape[-1] - b.shape[-1] % length
        parts, target = _by_columns(b, end, length), _by_columns(out, end, length)
        np.matmul(a[..., None, :, :], parts, out=target)
        if end < b.shape[-1]:
            np.matmul(a, b[..., end:], out=out[..., end:])
    else:
        end = inner - inner % length
        parts = _workspace((*out.shape[:-2], end // length + (end < inner), *out.shape[-2:]))
        whole = parts[..., : end // length, :, :]
        np.matmul(_by_columns(a, end, length), _by_rows(b, end, length), out=whole)
        if end < inner:
            np.matmul(a[..., end:], b[..., end:, :], out=parts[..., -1, :, :])
        np.add.reduce(parts, axis=-3, out=out)
    return out


@cache
def _divided(rows: int, inner: int, columns: int, a_turned: bool, b_turned: bool) -> Part | None:
    """Return how to divide a product, None for the whole; all bounds are measured.

    Args:
        rows: M.
        inner: K.
        columns: N.
        a_turned: whether the columns of A are contiguous instead of its rows.
        b_turned: the same of B.
    """
    if b_turned:
        length = _even(columns, TURNED_OUTPUTS // rows)
        if a_turned or inner < TURNED_INNER or not LEAST_TURNED <= length < columns:
            return None
        return Part("columns", length)
    if rows * inner * columns <= LIMIT:
        return None
    if a_turned and (length := _even(inner, LIMIT // (rows * columns))) >= LEAST_INNER:
        return Part("inner", length)
    if (length := _even(rows, LIMIT // (inner * columns))) >= LEAST_ROWS:
        return Part("rows", length)
    length = min(MOST_COLUMNS, LIMIT // (rows * inner))
    return Part("columns", length) if length >= LEAST_COLUMNS else None


def _even(size: int, most: int) -> int:
    """Return the length of parts of at most `most`: equal if that takes no halves, else about.

    It is 0 if there is none.
    """
    if most < 1:
        return 0
    divisors = (length for length in range(most, most // 2, -1) if size % length == 0)
    return next(divisors, -(-size // -(-size // most)))


def _turned(matrices: Array) -> bool:
    return matrices.strides[-1] != matrices.itemsize and matrices.strides[-2] == matrices.itemsize


def _by_rows(matrices: Array, end: int, length: int) -> Array:
    """Return the first `end` rows (..., end, n) as a view (..., end / length, length, n)."""
    *stack, _, columns = matrices.shape
    return matrices[..., :end, :].reshape(*stack, end // length, length, columns)


def _by_columns(matrices: Array, end: int, length: int) -> Array:
    """Return the first `end` columns (..., m, end) as a view (..., end / length, m, length)."""
    *stack, rows, _ = matrices.shape
    parts = matrices[..., :end].reshape(*stack, rows, end // length, length)
    return parts.swapaxes(-3, -2)


_kept = threading.local()


def _workspace(shape: tuple[int, ...]) -> Array:
    """Return memory of this thread that the next call overwrites; later calls do not allocate."""
    size = prod(shape)
    memory: Array | None = getattr(_kept, "memory", None)
    if memory is None or memory.size < size:
        memory = _kept.memory = np.empty(size, np.float32)
    return memory[:size].reshape(shape)

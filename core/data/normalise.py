"""Normalisation of inputs to mean 0 and deviation 1 over the training images."""

import copy
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from core.data.dataset import Array, DataError, Dataset, Images
from core.data.pixel_sums import PixelSums

Per = Literal["pixel", "channel"]
"""Whether every value of an image has a mean and deviation, or every channel."""


class Normaliser:
    """Maps pixels to (pixel - mean) / deviation, as pixel / deviation - mean / deviation.

    The statistics are exact: integer sums, divided once at the end. The deviation of a pixel that
    never varies is replaced by 1. `apply` is thread-safe.

    Args:
        images: training images, uint8 (N, H, W, C).
        per: `pixel` for a mean and deviation of every value of an image, `channel` for one of each
            channel.
        sums: the sums over these images, where they are known.

    Attributes:
        mean: float64 (H, W, C) per pixel, (C,) per channel, in units of pixel values, 0 to 255.
        deviation: the same shape; the population standard deviation (divided by N).
        shape: shape of one image.

    Raises:
        DataError: if there are no images.

    """

    def __init__(self, images: Images, per: Per = "pixel", sums: PixelSums | None = None) -> None:
        if len(images) == 0:
            raise DataError("there are no training images to take a mean of")
        self.shape = images.shape[1:]
        sums = PixelSums.of(images) if sums is None else sums
        values, squares, count = sums.values, sums.squares, sums.count
        if per == "channel":
            values = values.reshape(-1, self.shape[-1]).sum(axis=0)
            squares = squares.reshape(-1, self.shape[-1]).sum(axis=0)
            count *= images[0].size // self.shape[-1]
        else:
            values, squares = values.reshape(self.shape), squares.reshape(self.shape)
        self.mean: npt.NDArray[np.float64] = values / count
        # E[x^2] - E[x]^2 suffers from cancellation in floating point; integers are exact. Per
        # channel they exceed 64 bits, so they are Python integers.
        spread = count * squares.astype(object) - values.astype(object) ** 2
        variance = spread.astype(np.float64) / count**2
        self.deviation: npt.NDArray[np.float64] = np.sqrt(variance)
        self.deviation[self.deviation == 0] = 1
        self._tables: dict[np.dtype[np.generic], tuple[Array, Array]] = {}

    @classmethod
    def of_training(cls, dataset: Dataset, per: Per = "pixel") -> Self:
        """Return the normaliser of the training images of a data set.

        Raises:
            DataError: if there are none.
        """
        return cls(dataset.train.images, per, dataset.training_sums())

    @classmethod
    def of(cls, mean: Array, deviation: Array, shape: tuple[int, ...]) -> Self:
        """Return the normaliser with given statistics.

        Args:
            mean: as the attribute.
            deviation: as the attribute.
            shape: shape of one image.
        """
        normaliser = cls.__new__(cls)
        normaliser.shape, normaliser.mean, normaliser.deviation = shape, mean, deviation
        normaliser._tables = {}
        return normaliser

    def apply(self, images: Images, out: Array) -> None:
        """Write the normalised images to `out`, allocating nothing after the first call per dtype.

        Args:
            images: uint8 (n, *shape).
            out: (n, *shape) of the dtype of the network: float32, float64 or complex128.

        """
        table = self._tables.get(out.dtype)
        if table is None:
            table = self._tables[out.dtype] = self._table(out.dtype)
        scale, shift = table
        # The product converts the dtype, which saves a separate call.
        np.multiply(images, scale, out=out)
        np.subtract(out, shift, out=out)

    def ordered(self, order: npt.NDArray[np.intp]) -> Self:
        """Return the normaliser for rows with the values of an image at indices `order`."""
        row = copy.copy(self)
        row.mean, row.deviation = (
            np.broadcast_to(table, self.shape).reshape(-1)[order]
            for table in (self.mean, self.deviation)
        )
        row.shape, row._tables = order.shape, {}
        return row

    def _table(self, dtype: npt.DTypeLike) -> tuple[Array, Array]:
        """Return 1/deviation and mean/deviation for a whole image.

        Broadcasting 3 numbers per channel in every call would be slow.
        """
        tables = (1 / self.deviation, self.mean / self.deviation)
        full = [np.broadcast_to(table, self.shape) for table in tables]
        return full[0].astype(dtype), full[1].astype(dtype)

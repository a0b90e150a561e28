"""The order in which the first layer reads the values of an image."""

from math import prod

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.kernels.patchify import Patchify
from core.nn.layer import Layer
from core.nn.window import opaque_rows

CHUNK = 256
"""Images rearranged at a time."""


class InputLayout:
    """Images as rows of numbers, in the order that suits a network.

    Where the first layer takes patches side by side, they are cut once for a whole training instead
    of anew in every update; values that no patch covers come last. All other networks read an image
    as it is stored.

    Args:
        first: the first layer, for whole images.

    Attributes:
        first: the layer that computes the same from what `write` has written.
        shape: of one image as that layer takes it.
        size: how many leading numbers of a row those are.
        rearranges: whether the order differs from that of an image as stored.
    """

    def __init__(self, first: Layer) -> None:
        self._patchify = first if isinstance(first, Patchify) else None
        self.rearranges = self._patchify is not None
        self.first = first if self._patchify is None else self._patchify.precut()
        self.shape: Shape = self.first.input_shape
        self.size = prod(self.shape)

    def write(self, images: Array, out: Array) -> None:
        """Write images (n, H, W, C) to the leading numbers of rows `out` (n, H W C)."""
        target = out[:, : self.size]
        if self._patchify is None:
            np.copyto(target, images.reshape(len(images), -1))
        else:
            cut = self._patchify.cut(images)
            np.copyto(opaque_rows(target.reshape(cut.shape)), opaque_rows(cut))

    def rearrange(self, images: Array) -> Array:
        """Rearrange images (N, H, W, C) in place, and return them as rows (N, H W C)."""
        rows = images.reshape(len(images), -1)
        if self.rearranges:
            for start in range(0, len(rows), CHUNK):
                chunk = images[start : start + CHUNK].copy()
                self.write(chunk, rows[start : start + CHUNK])
        return rows

    def order(self, image: Shape) -> npt.NDArray[np.intp]:
        """Return which value of an image of shape `image` each leading number of a row is."""
        places = np.arange(prod(image)).reshape(1, *image)
        if self._patchify is not None:
            places = self._patchify.cut(places)
        return places.reshape(-1)

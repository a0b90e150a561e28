"""The order in which the first layer reads the values of an image."""

from math import prod

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array, Shape
from core.nn.kernels.patchify import Patchify
from core.nn.layer import Layer
from core.nn.window import opaque_rows


class InputLayout:
    """The order of an image's values that the first layer of a network reads.

    If the patches of the first layer do not overlap, they are cut once for a whole training instead
    of in every update; values that no patch covers come last. All other networks read an image as
    it is stored.

    Args:
        first: the first layer, for whole images.

    Attributes:
        first: the equivalent layer for images in the order of `write`.
        shape: shape of one image as that layer takes it.
        size: number of leading values of a row that the layer reads.
        rearranges: whether the order differs from that of a stored image.
    """

    def __init__(self, first: Layer) -> None:
        self._patchify = first if isinstance(first, Patchify) else None
        self.rearranges = self._patchify is not None
        self.first = first if self._patchify is None else self._patchify.precut()
        self.shape: Shape = self.first.input_shape
        self.size = prod(self.shape)

    def write(self, images: Array, out: Array) -> None:
        """Write images (n, H, W, C) to the leading values of the rows `out` (n, H W C)."""
        target = out[:, : self.size]
        if self._patchify is None:
            np.copyto(target, images.reshape(len(images), -1))
        else:
            cut = self._patchify.cut(images)
            np.copyto(opaque_rows(target.reshape(cut.shape)), opaque_rows(cut))

    def order(self, image: Shape) -> npt.NDArray[np.intp]:
        """Return, for each leading value of a row, its index in a stored image of shape `image`."""
        places = np.arange(prod(image)).reshape(1, *image)
        if self._patchify is not None:
            places = self._patchify.cut(places)
        return places.reshape(-1)

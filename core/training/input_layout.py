"""The order in which the first layer reads the values of an image."""

from collections.abc import Sequence

import numpy as np

from core.data.dataset import Images, Split
from core.data.normalise import Normaliser
from core.nn.arrays import Shape
from core.nn.kernels.fusion import fuse
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
        layers: of the network, as they take whole images.

    Attributes:
        layers: what computes the same from what `write` has written.
        shape: of one image as `layers` takes it.
        used: how many leading numbers of a row those are.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        first = layers[0]
        self._patchify = first if isinstance(first, Patchify) else None
        self.layers = fuse(layers)
        self.shape: Shape = self.layers[0].input_shape
        self.used = int(np.prod(self.shape))

    def write(self, images: Images, out: Images) -> None:
        """Write images (n, 32, 32, 3) to the leading numbers of rows `out` (n, size)."""
        target = out[:, : self.used]
        if self._patchify is None:
            np.copyto(target, images.reshape(len(images), -1))
        else:
            cut = self._patchify.cut(images)
            np.copyto(opaque_rows(target.reshape(cut.shape)), opaque_rows(cut))

    def rearrange(self, images: Images) -> Images:
        """Rearrange images (N, 32, 32, 3) where they lie, and return them as rows (N, 3072)."""
        rows = images.reshape(len(images), -1)
        if self._patchify is not None:
            for start in range(0, len(rows), CHUNK):
                chunk = images[start : start + CHUNK].copy()
                self.write(chunk, rows[start : start + CHUNK])
        return rows

    def split(self, split: Split) -> Split:
        """Return `split` with its images as rows; memory of its own where they are rearranged."""
        images = split.images if self._patchify is None else split.images.copy()
        return Split(self.rearrange(images), split.labels)

    def normaliser(self, plain: Normaliser) -> Normaliser:
        """Return the normaliser of the numbers of a row that are used."""
        size = int(np.prod(plain.shape))
        order = np.arange(size).reshape(1, *plain.shape)
        if self._patchify is not None:
            order = self._patchify.cut(order)
        return plain.ordered(order.reshape(-1))

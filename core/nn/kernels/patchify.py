"""The convolution without overlapping patches: a reshape and one matrix product."""

import copy

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.convolution import Convolution
from core.nn.layer import Mode
from core.nn.window import Pair, opaque_rows


class Patchify(Convolution):
    """Convolution with stride = filter and no padding.

    Every pixel belongs to one patch, so the patch matrix P (N Ho Wo, kh kw C) is the image with
    its axes permuted, and no value is copied twice:

        forward    Y = P W + b
        backward   dW = P^T dY,   db = sum of dY over rows,   dP = dY W^T

    where dx is dP with its axes in the original order. If the filter does not divide the image, the
    remainder at the bottom and on the right is ignored and its gradient is zero.

    Shapes and arguments as in `Convolution`.
    """

    cuts: bool = True
    """Whether the input is whole images; False for patches that are already cut, see `precut`."""

    def __init__(
        self,
        input_shape: Shape,
        filter: int | Pair,
        filters: int,
        stride: int | Pair | None = None,
        biased: bool = True,
    ) -> None:
        stride = filter if stride is None else stride
        super().__init__(input_shape, filter, filters, stride, biased=biased)
        if self.stride != self.filter:
            raise ValueError(f"patches of {self.filter} with stride {self.stride} overlap or gape")

    def precut(self) -> "Patchify":
        """Return this layer for images that are already cut, x (N, Ho Wo, kh kw C).

        Cutting copies every batch, which takes a tenth of the time of a small network. The images
        of a training never change, so they can be cut once.
        """
        layer = copy.copy(self)
        layer.cuts = False
        layer.input_shape = (self.grid[0] * self.grid[1], self.patch_size)
        return layer

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, the patches, and the gradients."""
        places = self.grid[0] * self.grid[1]
        super().buffers(make)
        if self.cuts:
            self.patches = make.per_image((places, self.patch_size))
        if self.needs_input_gradient:
            self.dpatches = make.per_image((places, self.patch_size))
            if self.cuts:
                # The cropped remainder is never written to and stays zero.
                self.dx = make.gradient(self.input_shape, 0.0 if any(self.unseen()) else None)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, Ho, Wo, F) for x (N, H, W, C)."""
        if self.cuts:
            cut = self.cut(x)
            np.copyto(opaque_rows(self.patches.reshape(cut.shape)), opaque_rows(cut))
        else:
            self.patches = x
        self.matmul(
            self.patches.reshape(-1, self.patch_size),
            self.weight.reshape(self.patch_size, self.filters),
            out=self.y.reshape(-1, self.filters),
        )
        self._tile_bias()
        self._add_bias(self.y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dW and db; return dx (N, H, W, C), or None."""
        dy_rows = dy.reshape(-1, self.filters)
        patches = self.patches.reshape(-1, self.patch_size)
        self.matmul(patches.T, dy_rows, out=self.dweight.reshape(self.patch_size, self.filters))
        self._bias_gradient(dy)
        if not self.needs_input_gradient:
            return None
        weight = self.weight.reshape(self.patch_size, self.filters)
        self.matmul(dy_rows, weight.T, out=self.dpatches.reshape(-1, self.patch_size))
        if not self.cuts:
            return self.dpatches
        cut = self.cut(self.dx)
        np.copyto(opaque_rows(cut), opaque_rows(self.dpatches.reshape(cut.shape)))
        return self.dx

    def cut(self, images: Array) -> Array:
        """Return images (N, H, W, C) of any dtype as a view of patches (N, Ho, Wo, kh, kw C)."""
        height, width, channels = self.image_shape
        (down, across), (kh, kw) = self.grid, self.filter
        lines = images.reshape(-1, height, width * channels)
        used = lines[:, : down * kh, : across * kw * channels]
        return used.reshape(-1, down, kh, across, kw * channels).transpose(0, 1, 3, 2, 4)

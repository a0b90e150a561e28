"""The convolution in groups: a batch of small matrix products."""

from math import prod

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.convolution import Convolution
from core.nn.kernels.im2col import Patches
from core.nn.layer import Mode
from core.nn.window import Pair


class GroupedConv2d(Convolution):
    """Convolution whose channels and filters are cut into G groups.

    For each block of images the patches of every group are copied to a matrix P_g of its own, and
    each group is multiplied by its part of the filter matrix, as in `core.nn.conv`:

        forward    Y_g = P_g W_g + b_g
        backward   dW_g = P_g^T dY_g,   dP_g = dY_g W_g^T

    Depthwise products are tall and one to a few columns wide, so they are far from the speed of
    large products; a depthwise convolution needs few of them.

    Shapes and arguments as in `Convolution`.
    """

    def __init__(
        self,
        input_shape: Shape,
        filter: int | Pair,
        filters: int,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        biased: bool = True,
        dilation: int | Pair = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(input_shape, filter, filters, stride, padding, biased, dilation, groups)
        self.patches = Patches(
            self.image_shape, self.filter, self.stride, self.padding, self.grid, self.dilation
        )
        self.block = self.patches.block
        self.share = self.channels // groups
        """Channels of one group."""

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, patches and outputs of one block, filter matrices and gradients."""
        filters, rows = self.filters // self.groups, self.block * prod(self.grid)
        matrices = (self.groups, self.patch_size, filters)
        super().buffers(make)
        self.columns = make.scratch((self.groups * rows * self.patch_size,))
        self.rows = make.scratch((self.groups * rows * filters,))
        self.matrices = make.fixed(matrices)
        self.dmatrices, self.dmatrices_block = (make.scratch(matrices) for _ in range(2))
        self.padded = self.patches.padded(make)
        if self.needs_input_gradient:
            self.dx = make.gradient(self.input_shape)
            self.dpadded = self.patches.padded(make)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, Ho, Wo, F) for x (N, H, W, C)."""
        self.x = x
        self._tile_bias()
        np.copyto(self.matrices, self._by_group(self.weight))
        for start in range(0, len(x), self.block):
            y = self.y[start : start + self.block]
            columns, rows = self._columns(x[start : start + self.block]), self._rows(len(y))
            self.matmul(columns, self.matrices, out=rows)
            np.copyto(self._groups_of(y), rows)
            self._add_bias(y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dW and db; return dx (N, H, W, C), or None."""
        self._bias_gradient(dy)
        for start in range(0, len(dy), self.block):
            part = dy[start : start + self.block]
            columns, rows = self._columns(self.x[start : start + self.block]), self._rows(len(part))
            np.copyto(rows, self._groups_of(part))
            if start == 0:
                self.matmul(columns.transpose(0, 2, 1), rows, out=self.dmatrices)
            else:
                self.matmul(columns.transpose(0, 2, 1), rows, out=self.dmatrices_block)
                np.add(self.dmatrices, self.dmatrices_block, out=self.dmatrices)
            if self.needs_input_gradient:
                # The patches are no longer needed: their gradient reuses their memory.
                self.matmul(rows, self.matrices.transpose(0, 2, 1), out=columns)
                self._col2im(columns, start, len(part))
        np.copyto(self._by_group(self.dweight), self.dmatrices)
        return self.dx if self.needs_input_gradient else None

    def _by_group(self, weight: Array) -> Array:
        """Return the view (G, kh kw C / G, F / G) of filters or of their gradient."""
        return weight.reshape(self.patch_size, self.groups, -1).transpose(1, 0, 2)

    def _groups_of(self, outputs: Array) -> Array:
        """Return the view (G, n Ho Wo, F / G) of outputs (n, Ho, Wo, F)."""
        return outputs.reshape(-1, self.groups, self.filters // self.groups).transpose(1, 0, 2)

    def _rows(self, images: int) -> Array:
        """Return workspace (G, n Ho Wo, F / G)."""
        return self.rows[: images * prod(self.output_shape)].reshape(
            self.groups, -1, self.filters // self.groups
        )

    def _columns(self, images: Array) -> Array:
        """Copy the patches of a block to one matrix a group, (G, n Ho Wo, kh kw C / G)."""
        columns = self.columns[: len(images) * self.patches.places * self.patches.size]
        windows = self.patches.windows(images, self.padded)
        windows = windows.reshape(len(images), *self.grid, *self.filter, self.groups, self.share)
        by_image = self._by_image(columns, len(images))
        np.copyto(by_image, windows.transpose(5, 0, 1, 2, 3, 4, 6))
        return columns.reshape(self.groups, -1, self.patch_size)

    def _by_image(self, columns: Array, images: int) -> Array:
        """Return the view (G, n, Ho, Wo, kh, kw, C / G) of patches."""
        return columns.reshape(self.groups, images, *self.grid, *self.filter, self.share)

    def _col2im(self, dcolumns: Array, start: int, images: int) -> None:
        """Add the patch gradients to the pixels from which the patches were copied."""
        (kh, kw), (dh, dw) = self.filter, self.dilation
        (sh, sw), (down, across) = self.stride, self.grid
        dx = self.dx[start : start + images]
        target = dx if self.dpadded is None else self.dpadded[:images]
        target.fill(0.0)
        patches = self._by_image(dcolumns, images)
        grouped = target.reshape(*target.shape[:3], self.groups, self.share)
        for u in range(kh):
            for v in range(kw):
                top, left = u * dh, v * dw
                pixels = grouped[:, top : top + sh * down : sh, left : left + sw * across : sw]
                by_group = pixels.transpose(3, 0, 1, 2, 4)
                np.add(by_group, patches[:, :, :, :, u, v], out=by_group)
        if self.dpadded is not None:
            np.copyto(dx, self.patches.inside(target))

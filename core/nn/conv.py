"""The general convolution, by im2col in blocks of images.

In plain NumPy: `core.nn.plain.convolution.conv`.
"""

from math import prod

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.convolution import Convolution
from core.nn.kernels.im2col import Patches
from core.nn.layer import Mode
from core.nn.window import Pair

LARGER = 4
"""Largest ratio of the sizes of the patch matrices of dy and of x at which a backward pass by
convolution is faster: it needs more multiplications, but no summation pixel by pixel."""


class Conv2d(Convolution):
    """Convolution with any filter, stride, zero padding and dilation; in one group.

    For each block of images, the patches are copied to the rows of a matrix P (im2col), which is
    multiplied by the filter matrix W (kh kw C, F):

        forward    Y = P W + b
        backward   dW = sum over blocks of P^T dY,   db = sum of dY over rows,   dP = dY W^T

    and each entry of dP is added to the pixel from which it was copied (col2im).

    With stride 1 a shorter backward pass needs no dP: the gradient with respect to the input is
    itself a convolution of dy with the filters rotated by 180 degrees and their channels swapped,

        dx[n, q, r, c] = sum over u, v, f of dy[n, q+u d-p', r+v d-p', f] w[k-1-u, k-1-v, c, f]

    with padding p' = (k - 1) d - p. With the patches Q of dy, the pixels X (N H W, C) and the
    rotated filters W' (kh kw F, C)

        dX = Q W',   dW' = Q^T X

    so one patch matrix serves both, and there is no summation pixel by pixel. This form is used
    unless Q is much larger than P, as with a filter that nearly covers its image or with many
    filters on few channels.

    Shapes and arguments as in `Convolution`. Chellapilla, Puri and Simard, "High performance
    convolutional neural networks for document processing", 2006.
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
    ) -> None:
        super().__init__(input_shape, filter, filters, stride, padding, biased, dilation)
        image, (kh, kw), (down, across) = self.image_shape, self.extent, self.padding
        self.patches = Patches(
            image, self.filter, self.stride, self.padding, self.grid, self.dilation
        )
        self.block = self.patches.block
        self.back: Patches | None = None
        """Patches of dy, if the backward pass is a convolution."""
        if self.stride == (1, 1) and down < kh and across < kw:
            around = (kh - 1 - down, kw - 1 - across)
            back = Patches(
                self.output_image, self.filter, self.stride, around, image[:2], self.dilation
            )
            if back.places * back.size <= LARGER * self.patches.places * self.patches.size:
                self.back = back

    @property
    def output_image(self) -> tuple[int, int, int]:
        """(Ho, Wo, F)."""
        return (*self.grid, self.filters)

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, the patches of one block, and the gradients."""
        back = self.back if self.needs_input_gradient else None
        entries = max(self.patches.entries, back.entries if back else 0)
        super().buffers(make)
        self.columns = make.scratch((entries,))
        self.padded = self.patches.padded(make)
        self.dpadded: Array | None = None
        self.dmatrix_block = make.scratch(self._back_shape if back else self._matrix_shape)
        if back:
            shape = (*self.filter, self.filters, self.channels)
            self.turned, self.dturned = (make.scratch(shape) for _ in range(2))
            self.dpadded = back.padded(make)
        elif self.needs_input_gradient:
            self.dpadded = self.patches.padded(make)
        if self.needs_input_gradient:
            self.dx = make.gradient(self.input_shape)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y (N, Ho, Wo, F) for x (N, H, W, C)."""
        self.x = x.reshape(len(x), *self.image_shape)
        self._tile_bias()
        matrix = self._filter_matrix()
        for start in range(0, len(x), self.block):
            part = slice(start, start + self.block)
            y = self.y[part]
            columns = self.patches.write(self.x[part], self.padded, self.columns)
            self.matmul(columns, matrix, out=y.reshape(len(columns), -1))
            self._add_bias(y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Write dW and db; return dx (N, H, W, C), or None."""
        self._bias_gradient(dy)
        dy = dy.reshape(len(dy), *self.output_image)
        if not self.needs_input_gradient:
            self._by_patches(dy)
            return None
        if self.back is not None:
            self._by_convolution(dy, self.back)
        else:
            self._by_patches(dy)
        return self.dx

    def _by_patches(self, dy: Array) -> None:
        """Write dW, and dx if it is needed, from the patches of x."""
        matrix, dmatrix = self._filter_matrix(), self._gradient_matrix()
        for start in range(0, len(dy), self.block):
            part = slice(start, start + self.block)
            columns = self.patches.write(self.x[part], self.padded, self.columns)
            rows = dy[part].reshape(len(columns), -1)
            self._add_product(columns, rows, dmatrix, start)
            if self.needs_input_gradient:
                # The patches are no longer needed: their gradient reuses their memory, in cache.
                self.matmul(rows, matrix.T, out=columns)
                dx = self.dx[part].reshape(-1, *self.image_shape)
                self.patches.add_up(columns, self.dpadded, dx)

    @property
    def _matrix_shape(self) -> tuple[int, int]:
        return self.patch_size, self.filters

    def _filter_matrix(self) -> Array:
        """Return the matrix that patches are multiplied by."""
        return self.weight.reshape(self._matrix_shape)

    def _gradient_matrix(self) -> Array:
        """Return the array for its gradient."""
        return self.dweight.reshape(self._matrix_shape)

    @property
    def _back_shape(self) -> tuple[int, int]:
        return prod(self.filter) * self.filters, self.channels

    def _turned_matrix(self) -> Array:
        """Return the matrix that patches of dy are multiplied by, from `turned`."""
        return self.turned.reshape(self._back_shape)

    def _turned_gradient_matrix(self) -> Array:
        """Return the array for its gradient."""
        return self.dturned.reshape(self._back_shape)

    def _sum_turned_gradient(self) -> None:
        """Write `dturned` from the gradient of the matrix, if they are not the same array."""

    def _by_convolution(self, dy: Array, back: Patches) -> None:
        """Write dW and dx from the patches of dy; the stride is 1."""
        weight = self.weight.reshape(*self.filter, self.channels, self.filters)
        dweight = self.dweight.reshape(weight.shape)
        np.copyto(self.turned, weight[::-1, ::-1].swapaxes(2, 3))
        matrix, dmatrix = self._turned_matrix(), self._turned_gradient_matrix()
        for start in range(0, len(dy), back.block):
            part = slice(start, start + back.block)
            columns = back.write(dy[part], self.dpadded, self.columns)
            rows = self.x[part].reshape(len(columns), -1)
            self.matmul(columns, matrix, out=self.dx[part].reshape(rows.shape))
            self._add_product(columns, rows, dmatrix, start)
        self._sum_turned_gradient()
        np.copyto(dweight, self.dturned[::-1, ::-1].swapaxes(2, 3))

    def _add_product(self, columns: Array, rows: Array, total: Array, start: int) -> None:
        """Add the product of patches, transposed, and `rows` to `total`; write it at the start."""
        if start == 0:
            self.matmul(columns.T, rows, out=total)
        else:
            self.matmul(columns.T, rows, out=self.dmatrix_block)
            np.add(total, self.dmatrix_block, out=total)

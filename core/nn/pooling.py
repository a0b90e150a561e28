"""The base class of the pooling layers: windows as strided slices of an image."""

from collections.abc import Iterator
from math import prod
from operator import gt

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.layer import Layer, ShapeError
from core.nn.window import Pair, opaque_rows, output_grid, pair, remainder

BLOCK_ENTRIES = 128 * 1024
"""Values that are processed at a time, so that they stay in cache."""


class Pooling(Layer):
    """Base class of the pooling layers; a subclass implements the reduction of a window.

    The values of all windows at one place in the window are a strided slice of the image, so a
    pooling layer processes whole arrays, slice by slice, for some images at a time. A slice is
    copied before NumPy computes with it: that takes less time than computing with short runs.

    Shapes: x (N, H, W, C), y (N, Ho, Wo, C), Ho = (H + 2 p - f) // s + 1; or sequences x (N, L, C),
    y (N, L', C), where the window covers f steps.

    Args:
        input_shape: (H, W, C) or (L, C).
        filter: height and width of a window, or one number for both; for a sequence its length.
        stride: steps down and across, or one number for both; None stands for `filter`.
        padding: pixels of value `outside` above and below, left and right, or one number for both.
            At most half a window, so that every window contains a pixel of the image.

    Raises:
        ShapeError: if the input has neither shape, the window does not fit it, or there is too much
            padding.
    """

    name = "pooling"
    keeps_input = False
    """Name in messages."""
    outside = 0.0
    """Value of the padding."""

    def __init__(
        self,
        input_shape: Shape,
        filter: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
    ) -> None:
        super().__init__(input_shape)
        stride = filter if stride is None else stride
        if len(input_shape) == 3:
            height, width, channels = input_shape
            self.filter, self.stride, self.padding = pair(filter), pair(stride), pair(padding)
        elif len(input_shape) == 2:
            # A sequence is an image of width 1.
            height, width, channels = input_shape[0], 1, input_shape[1]
            self.filter, self.stride = (pair(filter)[0], 1), (pair(stride)[0], 1)
            self.padding = (pair(padding)[0], 0)
        else:
            raise ShapeError(
                f"{self.name} takes images of shape (height, width, channels) or sequences of "
                f"shape (steps, channels), not an input of shape {input_shape}"
            )
        if any(2 * p > f for p, f in zip(self.padding, self.filter, strict=True)):
            raise ShapeError(
                f"a padding of {padding} is more than half a window of {filter}, so that a window "
                "could lie outside the image"
            )
        self.grid = output_grid("window", (height, width), self.filter, self.stride, self.padding)
        self.image_shape = (height, width, channels)
        self.output_image = (*self.grid, channels)
        self.output_shape = self.output_image
        if len(input_shape) == 2:
            self.output_shape = (self.grid[0], channels)
        self.overlapping = any(s < f for s, f in zip(self.stride, self.filter, strict=True))
        self.block = max(1, BLOCK_ENTRIES // prod(self.output_shape))

    def unseen(self) -> Pair:
        """Return how many rows and columns at the end of the input no window reaches."""
        return remainder(self.image_shape[:2], self.filter, self.stride, self.padding, self.grid)

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, workspace for one slice of a block, and the gradients."""
        self.y = make.output(self.output_shape)
        self.values = make.scratch((self.block, *self.output_image))
        self.padded: Array | None = None
        if any(self.padding):
            self.padded = make.per_image(self._padded_shape(), fill=self.outside)
        if self.needs_input_gradient:
            # Pixels outside all windows are never written to and stay zero.
            gaps = any(self.unseen()) or any(map(gt, self.stride, self.filter))
            self.dx = make.gradient(self.input_shape, 0.0 if gaps else None)
            self.dpadded = self.dx
            if any(self.padding):
                self.dpadded = make.per_image(self._padded_shape(), fill=0.0)

    def _blocks(self, images: int) -> Iterator[tuple[slice, Array]]:
        """Yield which images are processed next, and workspace of the shape of their outputs."""
        for start in range(0, images, self.block):
            part = slice(start, min(start + self.block, images))
            yield part, self.values[: part.stop - start]

    def _image(self, outputs: Array) -> Array:
        """Return an array of the output's shape as images (N, Ho, Wo, C)."""
        return outputs.reshape(-1, *self.output_image)

    def _pad(self, x: Array) -> Array:
        """Return the images with their padding, if there is any."""
        if self.padded is None:
            return x
        np.copyto(self._inside(self.padded), x.reshape(-1, *self.image_shape))
        return self.padded

    def _crop(self, dpadded: Array) -> Array:
        """Return the gradient of the images without that of their padding."""
        if self.padded is not None:
            np.copyto(self.dx.reshape(-1, *self.image_shape), self._inside(dpadded))
        return self.dx

    def _padded_shape(self) -> tuple[int, int, int]:
        (height, width, channels), (down, across) = self.image_shape, self.padding
        return height + 2 * down, width + 2 * across, channels

    def _inside(self, padded: Array) -> Array:
        (height, width, _), (down, across) = self.image_shape, self.padding
        return padded[:, down : down + height, across : across + width]

    def _slices(self, images: Array) -> list[Array]:
        """Return the views (N, Ho, Wo, C) of the values (u, v) of all windows, in order.

        Args:
            images: the images with their padding, if there is any.
        """
        images = images.reshape(-1, *self._padded_shape())
        (kh, kw), (sh, sw), (down, across) = self.filter, self.stride, self.grid
        return [
            images[:, u : u + sh * down : sh, v : v + sw * across : sw]
            for u in range(kh)
            for v in range(kw)
        ]


def copied(values: Array, out: Array) -> Array:
    """Copy a slice of images to or from contiguous memory, all channels at a time; return `out`."""
    np.copyto(opaque_rows(out), opaque_rows(values))
    return out

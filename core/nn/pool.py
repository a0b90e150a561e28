"""Max pooling."""

import numpy as np

from core.nn.layer import Array, Buffer, Layer, Mode, Shape, ShapeError
from core.nn.window import Pair, output_grid, pair


class MaxPool2d(Layer):
    """The largest value of each window, channel by channel.

    y[n, i, j, c] = max over u, v of x[n, i s + u, j s + v, c]

    The f^2 values of all windows are f^2 strided slices of the image, so the maximum is taken
    slice by slice over whole arrays. A slice wins where it is strictly greater than all before it:
    of equal values the first in the window, row by row, wins, as in PyTorch. Backward sends dy to
    the winner alone; where windows overlap, a pixel adds what it gets from each.

    Complex numbers are compared by their real parts. There is no padding.

    Shapes: x (N, H, W, C), y (N, Ho, Wo, C), Ho = (H - f) // s + 1; or sequences x (N, L, C),
    y (N, L', C), where the window covers f steps.

    Args:
        input_shape: (H, W, C) or (L, C).
        filter: height and width of a window, or one number for both; for a sequence its steps.
        stride: steps down and across, or one number for both; None sets windows side by side.

    Raises:
        ShapeError: if the input is neither, or the window does not fit it.
    """

    kind = "pool"

    y: Array
    winner: Array
    number: Array
    won: Array
    share: Array
    dx: Array

    def __init__(
        self, input_shape: Shape, filter: int | Pair, stride: int | Pair | None = None
    ) -> None:
        super().__init__(input_shape)
        stride = filter if stride is None else stride
        if len(input_shape) == 3:
            height, width, channels = input_shape
            self.filter, self.stride = pair(filter), pair(stride)
        elif len(input_shape) == 2:
            # A sequence is an image of width 1.
            height, width, channels = input_shape[0], 1, input_shape[1]
            self.filter, self.stride = (pair(filter)[0], 1), (pair(stride)[0], 1)
        else:
            raise ShapeError(
                "max pooling takes images of shape (height, width, channels) or sequences of "
                f"shape (steps, channels), not an input of shape {input_shape}"
            )
        self.grid = output_grid("window", (height, width), self.filter, self.stride)
        self.image_shape = (height, width, channels)
        self.output_image = (*self.grid, channels)
        self.output_shape = self.output_image
        if len(input_shape) == 2:
            self.output_shape = (self.grid[0], channels)
        self.overlapping = any(s < f for s, f in zip(self.stride, self.filter, strict=True))

    def buffers(self) -> dict[str, Buffer]:
        """Output, which place in each window won, and gradients."""
        places = np.uint8 if self.filter[0] * self.filter[1] <= 256 else np.uint16
        needed = {
            "y": Buffer(self.output_shape),
            "winner": Buffer(self.output_shape, places),
            "number": Buffer(self.output_shape, places),
            "won": Buffer(self.output_shape, np.bool_),
        }
        if self.needs_input_gradient:
            # Where windows leave gaps or a remainder, the zeros are never written to.
            needed["dx"] = Buffer(self.input_shape, fill=0.0)
            if self.overlapping:
                needed["share"] = Buffer(self.output_shape)
        return needed

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x."""
        y, won = self._image(self.y), self._image(self.won)
        number, winner = self._image(self.number), self._image(self.winner)
        first, *others = self._slices(x)
        np.copyto(y, first)
        winner.fill(0)
        for place, values in enumerate(others, 1):
            np.greater(values.real, y.real, out=won)
            # Later places have greater numbers: the greatest that won is the last that won.
            np.multiply(won, winner.dtype.type(place), out=number)
            np.maximum(winner, number, out=winner)
            if self.dtype.kind == "c":
                np.copyto(y, values, where=won)
            else:
                np.maximum(y, values, out=y)
        return self.y

    def decisions(self) -> Array:
        """Return the place of each window's winner, row by row, as integers (N, *output_shape)."""
        return self.winner

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        winner, won, dy = self._image(self.winner), self._image(self.won), self._image(dy)
        if self.overlapping:
            self.dx.fill(0.0)
        for place, target in enumerate(self._slices(self.dx)):
            np.equal(winner, place, out=won)
            if self.overlapping:
                share = self._image(self.share)
                np.multiply(dy, won, out=share)
                np.add(target, share, out=target)
            else:
                np.multiply(dy, won, out=target)
        return self.dx

    def _image(self, outputs: Array) -> Array:
        """Return an array of the output's shape as images (N, Ho, Wo, C)."""
        return outputs.reshape(-1, *self.output_image)

    def _slices(self, images: Array) -> list[Array]:
        """Return the views (N, Ho, Wo, C) that hold the values u, v of all windows, in order."""
        images = images.reshape(-1, *self.image_shape)
        (kh, kw), (sh, sw), (down, across) = self.filter, self.stride, self.grid
        return [
            images[:, u : u + sh * down : sh, v : v + sw * across : sw]
            for u in range(kh)
            for v in range(kw)
        ]

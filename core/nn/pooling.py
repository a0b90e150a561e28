"""The base class of the pooling layers: windows as strided slices of an image."""

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.layer import Layer, ShapeError
from core.nn.window import Pair, output_grid, pair


class Pooling(Layer):
    """Base class of the pooling layers; a subclass implements the reduction of a window.

    The f^2 values of all windows are f^2 strided slices of the image, so a pooling layer processes
    whole arrays, slice by slice. There is no padding.

    Shapes: x (N, H, W, C), y (N, Ho, Wo, C), Ho = (H - f) // s + 1; or sequences x (N, L, C),
    y (N, L', C), where the window covers f steps.

    Args:
        input_shape: (H, W, C) or (L, C).
        filter: height and width of a window, or one number for both; for a sequence its length.
        stride: steps down and across, or one number for both; None stands for `filter`.

    Raises:
        ShapeError: if the input has neither shape, or the window does not fit it.
    """

    name = "pooling"
    """Name in messages."""

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
                f"{self.name} takes images of shape (height, width, channels) or sequences of "
                f"shape (steps, channels), not an input of shape {input_shape}"
            )
        self.grid = output_grid("window", (height, width), self.filter, self.stride)
        self.image_shape = (height, width, channels)
        self.output_image = (*self.grid, channels)
        self.output_shape = self.output_image
        if len(input_shape) == 2:
            self.output_shape = (self.grid[0], channels)
        self.overlapping = any(s < f for s, f in zip(self.stride, self.filter, strict=True))

    def buffers(self, make: Buffers) -> None:
        """Allocate the output and the gradients."""
        self.y = make.per_image(self.output_shape)
        if self.needs_input_gradient:
            # Pixels outside all windows are never written to and stay zero.
            self.dx = make.per_image(self.input_shape, fill=0.0)
            if self.overlapping:
                self.share = make.per_image(self.output_shape)

    def _image(self, outputs: Array) -> Array:
        """Return an array of the output's shape as images (N, Ho, Wo, C)."""
        return outputs.reshape(-1, *self.output_image)

    def _slices(self, images: Array) -> list[Array]:
        """Return the views (N, Ho, Wo, C) of the values (u, v) of all windows, in order."""
        images = images.reshape(-1, *self.image_shape)
        (kh, kw), (sh, sw), (down, across) = self.filter, self.stride, self.grid
        return [
            images[:, u : u + sh * down : sh, v : v + sw * across : sw]
            for u in range(kh)
            for v in range(kw)
        ]

"""The one-dimensional convolution.

In plain NumPy: `core.nn.plain.convolution.conv1d`.
"""

from math import prod

from core.nn.arrays import Shape
from core.nn.conv import Conv2d
from core.nn.layer import Parameter, ShapeError


class Conv1d(Conv2d):
    """Convolution over the steps of a sequence.

    y[n, i, f] = b[f] + sum over u, c of x[n, i s + u - p, c] w[u, c, f]

    A sequence of L steps with C channels is computed as an image of height L, width 1 and C
    channels. An image (H, W, C) is read as a sequence of its H rows, each a step of W C channels:
    the filter then spans the whole width and moves only downwards.

    Shapes: x (N, L, C), weight (k, C, F), bias (F,), y (N, L', F), L' = (L + 2 p - k) // s + 1.

    Args:
        input_shape: (L, C), or (H, W, C) for the rows of an image.
        filter: k, the number of steps that a filter covers.
        filters: F.
        stride: steps from one position to the next.
        padding: zeros at both ends.
        biased: whether the layer has a bias b.

    Raises:
        ShapeError: if the input is neither a sequence nor an image, or the filter does not fit it.
    """

    kind = "conv1d"

    def __init__(
        self,
        input_shape: Shape,
        filter: int,
        filters: int,
        stride: int = 1,
        padding: int = 0,
        biased: bool = True,
    ) -> None:
        if len(input_shape) not in (2, 3):
            raise ShapeError(
                "a 1-D convolution takes sequences of shape (steps, channels) or images of shape "
                f"(height, width, channels), not an input of shape {input_shape}"
            )
        steps, channels = input_shape[0], prod(input_shape[1:])
        if filter > steps + 2 * padding:
            raise ShapeError(
                f"a filter of {filter} steps does not fit a sequence of {steps} steps "
                f"(padding {padding})"
            )
        image = (steps, 1, channels)
        super().__init__(image, (filter, 1), filters, (stride, 1), (padding, 0), biased)
        self.input_shape = input_shape
        self.output_shape = (self.grid[0], filters)

    def parameters(self) -> list[Parameter]:
        """Return the filters and one bias per filter."""
        weight, *bias = super().parameters()
        shape = (self.filter[0], self.channels, self.filters)
        return [Parameter("weight", shape, weight.decays, weight.fan_in), *bias]

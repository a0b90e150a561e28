"""The base class of the convolutions: geometry, parameters and bias.

In plain NumPy: `core.nn.plain.convolution.conv`.
"""

from math import prod

import numpy as np

from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers
from core.nn.layer import Layer, Parameter, ShapeError
from core.nn.window import Pair, output_grid, pair, remainder, span


class Convolution(Layer):
    """Base class of the convolutions; a subclass implements the matrix products.

    y[n, i, j, f] = b[f] + sum over u, v, c of x[n, i s + u d - p, j s + v d - p, c] w[u, v, c, f]

    where x is zero outside the image. Each output is the product of one patch of the image, as a
    row of kh kw C numbers, and one column of the filter matrix (kh kw C, F); so the layer is one
    matrix product with N Ho Wo rows. The weight is stored so that the filter matrix is a plain
    reshape of it.

    With G groups, the channels and the filters are cut into G parts each, and the filters of a part
    see the channels of the same part only. As many groups as channels give a depthwise convolution.

    Shapes: x (N, H, W, C), weight (kh, kw, C / G, F), bias (F,), y (N, Ho, Wo, F).

    Args:
        input_shape: (H, W, C).
        filter: kh and kw, or one number for both.
        filters: F.
        stride: steps down and across, or one number for both.
        padding: zeros above and below, left and right, or one number for both.
        biased: whether the layer has a bias b; before batch normalisation it has no effect.
        dilation: d, distance of neighbouring values of a filter, or one number for both directions.
        groups: G, which divides C and F.

    Raises:
        ShapeError: if the input is not an image or the filter does not fit it, or G does not divide
            C and F.
    """

    kind = "conv"

    weight: Array
    bias: Array
    dweight: Array
    dbias: Array

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
        super().__init__(input_shape)
        if len(input_shape) != 3:
            raise ShapeError(
                "a 2-D convolution takes images of shape (height, width, channels), "
                f"not an input of shape {input_shape}"
            )
        if filters < 1:
            raise ShapeError(f"a convolution of a {input_shape} input needs 1 filter at least")
        height, width, self.channels = input_shape
        self.filter, self.stride, self.padding = pair(filter), pair(stride), pair(padding)
        self.dilation, self.groups = pair(dilation), groups
        if groups < 1 or self.channels % groups or filters % groups:
            raise ShapeError(
                f"{groups} groups do not divide {self.channels} channels and {filters} filters"
            )
        self.filters, self.biased = filters, biased
        self.image_shape = (height, width, self.channels)
        self.grid = output_grid(
            "filter", (height, width), self.filter, self.stride, self.padding, self.dilation
        )
        self.extent = span(self.filter, self.dilation)
        """Height and width that a filter covers."""
        self.patch_size = prod(self.filter) * (self.channels // groups)
        """Number of values that one output depends on."""
        self.output_shape = (*self.grid, filters)

    def parameters(self) -> list[Parameter]:
        """Return the filters and one bias per filter."""
        shape = (*self.filter, self.channels // self.groups, self.filters)
        weight = Parameter("weight", shape, decays=True, fan_in=self.patch_size)
        bias = Parameter("bias", (self.filters,), decays=False, fan_in=0)
        return [weight, bias] if self.biased else [weight]

    def buffers(self, make: Buffers) -> None:
        """Allocate the output and workspace for the bias."""
        self.y = make.output(self.output_shape)
        if self.biased:
            self.ones = make.per_image((), fill=1.0)
            self.row = make.scratch((prod(self.output_shape),))

    def product(self) -> tuple[int, int, int]:
        """Return (Ho Wo, kh kw C / G, F): one row for each position of the filter."""
        return prod(self.grid), self.patch_size, self.filters

    def unseen(self) -> Pair:
        """Return how many rows and columns at the end of its input no filter reaches."""
        return remainder(self.image_shape[:2], self.extent, self.stride, self.padding, self.grid)

    def _tile_bias(self) -> None:
        """Repeat the bias, if there is one, over all positions of one image, in `row`.

        Adding F numbers to rows of F runs an inner loop of length F, which is slow for the few
        filters of a small network; adding a row of Ho Wo F numbers to each image is not.
        """
        if self.biased:
            np.copyto(self.row.reshape(-1, self.filters), self.bias)

    def _add_bias(self, y: Array) -> None:
        """Add the tiled bias to outputs (n, Ho, Wo, F)."""
        if self.biased:
            rows = y.reshape(len(y), -1)
            np.add(rows, self.row, out=rows)

    def _bias_gradient(self, dy: Array) -> None:
        """Write dL/db, the sum of dy over images and positions: over images first, in long rows."""
        if self.biased:
            np.matmul(self.ones, dy.reshape(len(dy), -1), out=self.row)
            np.add.reduce(self.row.reshape(-1, self.filters), axis=0, out=self.dbias)

"""The one door to the fast ways of computing a network.

A layer says what is computed; the modules of `core.nn.kernels` know ways to compute it in less
time. Which of them are taken is decided here and nowhere else: whoever trains, saves or shows a
network knows none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.nn.arrays import Shape
from core.nn.conv import Conv2d
from core.nn.convolution import Convolution
from core.nn.kernels import winograd
from core.nn.kernels.fusion import fuse
from core.nn.kernels.input_layout import InputLayout
from core.nn.kernels.patchify import Patchify
from core.nn.layer import Layer
from core.nn.window import Pair, pair

__all__ = ["InputLayout", "Prepared", "conv2d", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """A network as it is computed."""

    layers: tuple[Layer, ...]
    """What computes the same as the layers that were given, parameters and their gradients
    included, from images as `layout` writes them."""
    layout: InputLayout


def prepare(layers: Sequence[Layer]) -> Prepared:
    """Return the fast form of a chain of layers; allocates nothing.

    Args:
        layers: as an architecture lists them, for whole images.
    """
    first, *others = fuse(layers)
    layout = InputLayout(first)
    return Prepared((layout.first, *others), layout)


def conv2d(
    input_shape: Shape,
    filter: int | Pair,
    filters: int,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    biased: bool = True,
) -> Convolution:
    """Return the convolution that suits.

    `Patchify` where patches do not overlap, `Winograd` for 3x3 filters and many channels, else
    `Conv2d`.

    Args and errors are those of `Convolution`.
    """
    if pair(stride) == pair(filter) and pair(padding) == (0, 0):
        return Patchify(input_shape, filter, filters, stride, biased)
    if len(input_shape) == 3 and winograd.suits(input_shape[2], filter, filters, stride):
        return winograd.Winograd(input_shape, filter, filters, stride, padding, biased)
    return Conv2d(input_shape, filter, filters, stride, padding, biased)

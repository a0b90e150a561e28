"""Selection of the fast kernels that compute a network.

A layer defines what is computed; the modules of `core.nn.kernels` compute it in less time. Only
this module selects among them: code that trains, saves or displays a network does not depend on
any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.nn.arrays import Shape
from core.nn.conv import Conv2d
from core.nn.convolution import Convolution
from core.nn.kernels import tiling, unpacked, winograd
from core.nn.kernels.fusion import fuse
from core.nn.kernels.groups import GroupedConv2d
from core.nn.kernels.input_layout import InputLayout
from core.nn.kernels.patchify import Patchify
from core.nn.kernels.split_linear import SplitLinear, divided, shared_bytes
from core.nn.layer import Layer
from core.nn.window import Pair, pair

__all__ = [
    "InputLayout",
    "Prepared",
    "SplitLinear",
    "conv2d",
    "divided",
    "prepare",
    "shared_bytes",
]


@dataclass(frozen=True)
class Prepared:
    """A network in the form in which it is computed."""

    layers: tuple[Layer, ...]
    """Layers equivalent to the original ones, with the same parameters and parameter gradients,
    for images in the order that `layout` writes."""
    layout: InputLayout


def prepare(layers: Sequence[Layer], blas_kernel: str = "") -> Prepared:
    """Return the fast form of a chain of layers, without allocating buffers.

    Args:
        layers: in the order of the architecture, for whole images.
        blas_kernel: name of the kernels that the BLAS uses on this processor, such as `SkylakeX`.
    """
    chain = fuse(layers)
    if unpacked.helps(blas_kernel):
        chain = [layer.mapped(_in_parts) for layer in chain]
    first, *others = chain
    layout = InputLayout(first)
    return Prepared((layout.first, *others), layout)


def conv2d(
    input_shape: Shape,
    filter: int | Pair,
    filters: int,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    biased: bool = True,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> Convolution:
    """Return the fastest implementation of a convolution.

    `GroupedConv2d` for several groups, `Patchify` if patches do not overlap, `Winograd` for 3x3
    filters and many channels, `TiledConv2d` for few channels and filters, else `Conv2d`. Arguments
    and errors are those of `Convolution`.
    """
    if groups != 1:
        return GroupedConv2d(
            input_shape, filter, filters, stride, padding, biased, dilation, groups
        )
    if pair(dilation) != (1, 1):
        return Conv2d(input_shape, filter, filters, stride, padding, biased, dilation)
    if pair(stride) == pair(filter) and pair(padding) == (0, 0):
        return Patchify(input_shape, filter, filters, stride, biased)
    if len(input_shape) == 3 and winograd.suits(input_shape[2], filter, filters, stride):
        return winograd.Winograd(input_shape, filter, filters, stride, padding, biased)
    return tiling.tiled(Conv2d(input_shape, filter, filters, stride, padding, biased))


def _in_parts(layer: Layer) -> Layer:
    """Return the fast form of a layer for matrix products in parts."""
    if type(layer) is Conv2d:
        layer = tiling.tiled(layer, unpacked=True)
    return layer.with_matmul(unpacked.matmul)

"""Tests of convolutions that compute several outputs from one patch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.acceleration import conv2d, prepare
from core.nn.batchnorm import BatchNorm
from core.nn.conv import Conv2d
from core.nn.kernels import im2col
from core.nn.kernels.tiling import TiledConv2d, tile
from core.nn.layer import Mode, ShapeError
from core.nn.network import Network
from core.nn.residual import Residual
from tests.nn.harness import CLOSE, drawn, normal, passes, ready
from tests.nn.test_conv import check

small = st.integers(1, 3)


@st.composite
def geometries(draw):
    """(batch, input shape, filter, filters, stride, padding, tile) that fit."""
    padding = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    filter, stride, tile = (draw(small), draw(small)), (draw(small), draw(small)), draw(small)
    across = tile * draw(small)
    # Pixels to the right that no filter reaches.
    rest = draw(st.integers(0, stride[1] - 1))
    width = max(1, (across - 1) * stride[1] + filter[1] + rest - 2 * padding[1])
    height = max(1, filter[0] + draw(st.integers(0, 4)) - 2 * padding[0])
    outputs = (width + 2 * padding[1] - filter[1]) // stride[1] + 1
    while outputs % tile:
        tile -= 1
    return draw(small), (height, width, draw(small)), filter, draw(small), stride, padding, tile


@drawn
@given(geometries())
def test_agrees_with_the_loop_and_with_pytorch(geometry):
    batch, shape, filter, filters, stride, padding, tile = geometry
    layer = TiledConv2d(shape, filter, filters, stride, padding, tile=tile)
    check(layer, batch, stride, padding)


@pytest.mark.parametrize("entries", [1, 1200, 10**5])
def test_blocks_and_tiles_do_not_show(entries, monkeypatch):
    monkeypatch.setattr(im2col, "BLOCK_ENTRIES", entries)
    layer = TiledConv2d((6, 8, 2), 3, 4, 1, 1, tile=4)
    x, dy = normal(1, 7, 6, 8, 2), normal(2, 7, *layer.output_shape)
    for ours, theirs in zip(
        passes(ready(layer, 7), x, dy),
        passes(ready(Conv2d((6, 8, 2), 3, 4, 1, 1), 7), x, dy),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, **CLOSE)


def test_fewer_images_than_there_is_room_for():
    layer = TiledConv2d((6, 6, 2), 3, 3, tile=2)
    x, dy = normal(1, 2, 6, 6, 2), normal(2, 2, *layer.output_shape)
    large = ready(layer, 5)
    passes(large, normal(3, 5, 6, 6, 2), normal(4, 5, *layer.output_shape))
    large.resize(2)
    for ours, theirs in zip(passes(large, x, dy), passes(ready(layer, 2), x, dy), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_first_layer_makes_no_input_gradient():
    network = Network([TiledConv2d((6, 6, 2), 3, 3, tile=2)], 2, np.float64)
    network.forward(normal(1, 2, 6, 6, 2), Mode.TRAINING)
    assert network.backward(normal(2, 2, 4, 4, 3)) is None
    assert np.all(network.gradients != 0)


@pytest.mark.parametrize(
    ("arguments", "tiles"),
    [
        (((32, 32, 3), 5, 6), (4, 4)),
        (((14, 14, 6), 5, 16), (2, 2)),
        (((32, 32, 3), 3, 32, 1, 1), (2, 2)),
        (((27, 27, 1), 3, 8, 1, 1), (3, 3)),
        (((32, 32, 12), 3, 12, 1, 1), (2, 2)),
        (((32, 32, 16), 3, 16, 1, 1), (1, 2)),  # zeros cost more in whole products
        (((32, 32, 17), 3, 8, 1, 1), (1, 1)),  # channels enough
        (((32, 32, 3), 3, 33, 1, 1), (1, 1)),  # columns enough
        (((32, 32, 8), 3, 8, 2, 1), (1, 1)),  # no way back by convolution
        (((14, 14, 8), 9, 8), (1, 1)),  # nor here, where it would be much larger
        (((15, 15, 8), 4, 8, 1, 2), (1, 1)),  # nor here, where 2 do not divide the inputs
        (((32, 32, 3), (3, 1), 8), (1, 1)),  # neighbouring patches share no pixels
        (((29, 29, 3), 3, 8, 1, 1), (1, 1)),  # nothing divides the outputs
        (((32, 32, 3), 5, 6, 1, 0, True, 2), (1, 1)),  # dilation
    ],
)
def test_tiles_are_as_large_as_pays(arguments, tiles):
    layer = Conv2d(*arguments)
    assert (tile(layer), tile(layer, unpacked=True)) == tiles


@pytest.mark.parametrize(("width", "by_convolution"), [(8, True), (9, False)])
def test_the_way_back_is_by_convolution_where_tiles_divide_the_inputs(width, by_convolution):
    filter = (3, 3) if by_convolution else (3, 2)  # 8 outputs in a line of both
    layer = TiledConv2d((6, width, 2), filter, 3, 1, 1 if by_convolution else 0, tile=4)
    assert layer.grid[1] == 8
    assert (layer.back is not None) == by_convolution


def test_products_in_parts_tile_more_convolutions_also_in_branches():
    shape = (32, 32, 16)
    branch = [conv2d(shape, 3, 16, 1, 1), BatchNorm(shape), conv2d(shape, 3, 16, 1, 1)]
    for kernel, kinds in (("Haswell", {Conv2d}), ("SkylakeX", {TiledConv2d})):
        whole, residual = prepare(
            [conv2d(shape, 3, 16, 1, 1), Residual(shape, branch)], kernel
        ).layers
        first, _, last = residual.branch
        assert {type(layer) for layer in (whole, first, last)} == kinds
        assert residual.shortcut is None


def test_the_factory_takes_it_for_few_channels_and_filters():
    layer = conv2d((32, 32, 3), 5, 6)
    assert isinstance(layer, TiledConv2d)
    assert layer.tile == 4
    assert layer.multiply_adds() == 28 * 28 * 75 * 6  # the zeros are no work of the network
    assert not isinstance(conv2d((14, 14, 8), 5, 16), TiledConv2d)
    assert not isinstance(conv2d((32, 32, 3), 5, 6, dilation=2), TiledConv2d)


def test_a_tile_that_does_not_divide_the_outputs_is_refused():
    message = "10 outputs in a line cannot be computed 4 at a time"
    with pytest.raises(ShapeError, match=message):
        TiledConv2d((14, 14, 6), 5, 16, tile=4)

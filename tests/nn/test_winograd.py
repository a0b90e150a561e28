"""Winograd's convolution, against loops, PyTorch and the plain one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn import winograd
from core.nn.conv import Conv2d, conv2d
from core.nn.layer import Mode, ShapeError
from core.nn.network import Network
from core.nn.winograd import FEWEST, INPUT, OUTPUT, WEIGHT, Winograd
from tests.nn.harness import CLOSE, drawn, normal, passes, ready
from tests.nn.test_conv import check


@st.composite
def geometries(draw):
    """(batch, input shape, filters, padding): tiles that fill the output, and that do not."""
    padding = (draw(st.integers(0, 2)), draw(st.integers(0, 2)))
    size = tuple(draw(st.integers(max(1, 3 - 2 * p), 9)) for p in padding)
    return (
        draw(st.integers(1, 3)),
        (*size, draw(st.integers(1, 3))),
        draw(st.integers(1, 3)),
        padding,
    )


def test_the_maps_correlate():
    inputs, weights = normal(1, 6), normal(2, 3)
    values = (WEIGHT @ weights) * (INPUT @ inputs)
    np.testing.assert_allclose(OUTPUT @ values, np.correlate(inputs, weights, "valid"), **CLOSE)


@drawn
@given(geometries())
def test_agrees_with_the_loop_and_with_pytorch(geometry):
    batch, shape, filters, padding = geometry
    check(Winograd(shape, 3, filters, 1, padding), batch, (1, 1), padding)


@pytest.mark.parametrize("entries", [1, 3_000, 1_000_000])
def test_blocks_do_not_show(entries, monkeypatch):
    monkeypatch.setattr(winograd, "BLOCK_ENTRIES", entries)
    shape, batch = (10, 7, 3), 7
    layer = Winograd(shape, 3, 4, 1, 1)
    x, dy = normal(1, batch, *shape), normal(2, batch, *layer.output_shape)
    for ours, theirs in zip(
        passes(ready(layer, batch), x, dy),
        passes(ready(Conv2d(shape, 3, 4, 1, 1), batch), x, dy),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, **CLOSE)


def test_fewer_images_than_there_is_room_for():
    layer = Winograd((6, 6, 2), 3, 3, 1, 1)
    x, dy = normal(1, 2, 6, 6, 2), normal(2, 2, 6, 6, 3)
    large = ready(layer, 5)
    large.forward(normal(3, 5, 6, 6, 2), Mode.TRAINING)
    large.resize(2)
    for ours, theirs in zip(passes(large, x, dy), passes(ready(layer, 2), x, dy), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_it_has_a_complex_step():
    network = ready(Winograd((5, 4, 2), 3, 3, 1, 1), 2, np.complex128)
    x, v = normal(1, 2, 5, 4, 2).astype(complex), normal(2, 2, 5, 4, 3)
    _, dx, _ = passes(network, x, v.astype(complex))
    moved = x.copy()
    moved[1, 2, 3, 0] += 1e-30j
    change = network.forward(moved, Mode.TRAINING).imag / 1e-30
    assert np.sum(change * v) == pytest.approx(dx[1, 2, 3, 0].real, rel=1e-11)


def test_rounding_in_float32_stays_small():
    shape, filters, batch = (16, 16, 32), 64, 4
    x, dy = np.maximum(normal(1, batch, *shape), 0), normal(2, batch, 16, 16, filters)
    exact = Network([Conv2d(shape, 3, filters, 1, 1)], batch, np.float64, input_gradient=True)
    exact.parameters[:] = normal(3, exact.parameters.size) * np.sqrt(2 / (9 * 32))
    layer = Winograd(shape, 3, filters, 1, 1)
    parameters = exact.parameters.astype(np.float32)
    rounded = Network([layer], batch, np.float32, parameters, input_gradient=True)
    found = passes(rounded, x.astype(np.float32), dy.astype(np.float32))
    for ours, theirs in zip(found, passes(exact, x, dy), strict=True):
        # With the points 0, 1, -1, 2, -2 it is 1.1e-6 to 1.7e-6.
        assert np.linalg.norm(ours - theirs) < 1e-6 * np.linalg.norm(theirs)


def test_it_is_taken_where_it_is_faster():
    assert isinstance(conv2d((8, 8, FEWEST), 3, FEWEST, 1, 1), Winograd)
    for channels, filter, filters, stride in ((3, 3, 64, 1), (64, 3, 8, 1), (64, 5, 64, 1)):
        assert type(conv2d((9, 9, channels), filter, filters, stride)) is Conv2d
    assert type(conv2d((9, 9, 64), 3, 64, 2)) is Conv2d


def test_refusals():
    with pytest.raises(ShapeError, match="3x3 filters and stride 1, not 5 and 1"):
        Winograd((8, 8, 2), 5, 3)
    with pytest.raises(ShapeError, match="3x3 filters and stride 1, not 3 and 2"):
        Winograd((8, 8, 2), 3, 3, 2)
    with pytest.raises(ShapeError, match="does not fit"):
        Winograd((2, 8, 2), 3, 3)

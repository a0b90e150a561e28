"""Tests of the Winograd convolution against loops, PyTorch and `Conv2d`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.acceleration import conv2d
from core.nn.conv import Conv2d
from core.nn.flatten import Flatten
from core.nn.kernels import winograd
from core.nn.kernels.winograd import INPUT, OUTPUT, WEIGHT, Winograd
from core.nn.layer import Mode, ShapeError
from core.nn.network import Network
from core.nn.relu import ReLU
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


def both(shape, filters, padding, batch, dtype=np.float32, biased=False):
    """Return networks of a `Winograd` and a `Conv2d` layer with the same weights."""
    made = (kind(shape, 3, filters, 1, padding, biased) for kind in (Winograd, Conv2d))
    return [ready(layer, batch, dtype) for layer in made]


@st.composite
def spots(draw, shape):
    """Random arrays (n, h, w, c) that are 0 outside some rectangles."""
    values = np.zeros(shape, np.float32)
    for image in values:
        for _ in range(draw(st.integers(0, 2))):
            top, left = draw(st.integers(0, shape[1] - 1)), draw(st.integers(0, shape[2] - 1))
            image[
                top : draw(st.integers(top, shape[1])), left : draw(st.integers(left, shape[2]))
            ] = 1
    return values * normal(draw(st.integers(0, 9)), *shape).astype(np.float32)


@drawn
@given(st.data())
def test_what_is_exactly_zero_comes_out_as_zero(data):
    padding = data.draw(st.tuples(st.integers(0, 4), st.integers(0, 4)))
    size = tuple(data.draw(st.integers(max(1, 3 - 2 * p), 12)) for p in padding)
    batch, shape, filters = data.draw(st.integers(1, 3)), (*size, 2), data.draw(st.integers(1, 5))
    ours, plain = both(shape, filters, padding, batch)
    x = data.draw(spots((batch, *shape)))
    dy = data.draw(spots((batch, *ours.output_shape)))
    for found, expected in zip(passes(ours, x, dy)[:2], passes(plain, x, dy)[:2], strict=True):
        np.testing.assert_array_equal(found == 0, expected == 0)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [(7, 6), (3, 7), (1, 7)])
@pytest.mark.parametrize("padding", [0, 1, 2, 3])
def test_a_single_window_of_zeros_is_found_wherever_it_is(size, padding, monkeypatch):
    size = tuple(max(side, 3 - 2 * padding) for side in size)
    monkeypatch.setattr(winograd, "BLOCK_ENTRIES", 1)  # images are independent
    (height, width), (down, across) = size, (n + 2 * padding - 2 for n in size)
    ours, _ = both((height, width, 2), 3, padding, down * across)
    x = normal(1, down * across, height, width, 2).astype(np.float32)
    for place, image in enumerate(x):
        i, j = (at - padding for at in divmod(place, across))
        image[max(0, i) : max(0, i + 3), max(0, j) : max(0, j + 3)] = 0
    y = ours.forward(x, Mode.TRAINING).reshape(len(x), len(x), -1)
    assert not y[np.eye(len(x), dtype=bool)].any()

    ours, _ = both((height, width, 2), 3, padding, height * width)
    dy = normal(2, height * width, down, across, 3).astype(np.float32)
    for place, image in enumerate(dy):
        i, j = (at + padding - 2 for at in divmod(place, width))
        image[max(0, i) : max(0, i + 3), max(0, j) : max(0, j + 3)] = 0
    ours.forward(normal(1, height * width, height, width, 2).astype(np.float32), Mode.TRAINING)
    dx = ours.backward(dy).reshape(len(dy), len(dy), -1)
    assert not dx[np.eye(len(dy), dtype=bool)].any()


def test_of_an_image_without_light_nothing_but_the_bias_is_left():
    ours, _ = both((8, 8, 16), 16, 1, 2, biased=True)
    y, dx, gradients = passes(ours, *np.zeros((2, 2, 8, 8, 16), np.float32))
    np.testing.assert_array_equal(y, np.broadcast_to(ours.layers[0].bias, y.shape))
    assert not dx.any()
    assert not gradients.any()


def test_channels_that_add_up_to_zero_are_not_zero():
    ours, plain = both((9, 9, 2), 3, 1, 1)
    x = np.ones((1, 9, 9, 2), np.float32) * np.array([1, -1], np.float32)
    dy = np.ones((1, 9, 9, 3), np.float32) * np.array([1, 1, -2], np.float32)
    for found, expected in zip(passes(ours, x, dy), passes(plain, x, dy), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_gradients_of_channels_and_filters_without_light_are_zero():
    ours, plain = both((9, 9, 4), 4, 1, 3)
    x, dy = (normal(seed, 3, 9, 9, 4).astype(np.float32) for seed in (1, 2))
    x[..., 1], dy[..., 2] = 0, 0
    for network in (ours, plain):
        dweight = passes(network, x, dy)[2].reshape(3, 3, 4, 4)
        np.testing.assert_array_equal(
            dweight == 0, np.broadcast_to(np.eye(4)[[1]].T + np.eye(4)[[2]] > 0, dweight.shape)
        )


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_no_gradient_passes_where_the_images_have_no_light(padding):
    # Of 1e-6 instead of 0 a ReLU lets the gradient pass, for half of the places without light.
    networks = []
    for kind in (Winograd, Conv2d):
        layer = kind((16, 16, 16), 3, 16, 1, padding)
        layers = [layer, ReLU(layer.output_shape), Flatten(layer.output_shape)]
        networks.append(Network(layers, 8, np.float32, input_gradient=True))
        weights = networks[-1].tensors()["conv1.weight"][0]
        weights[:] = normal(3, *weights.shape) * np.sqrt(2 / (9 * 16))
    x = normal(1, 8, 16, 16, 16).astype(np.float32)
    for place, image in enumerate(x):
        image[:, 3 + place :] = 0
    dy = np.abs(normal(2, 8, *networks[0].output_shape)).astype(np.float32)
    (_, dx, _), (_, expected, _) = (passes(network, x, dy) for network in networks)
    biases = [network.tensors()["conv1.bias"][1] for network in networks]
    np.testing.assert_allclose(*biases, rtol=1e-5)
    np.testing.assert_array_equal(dx == 0, expected == 0)


def test_the_complex_step_decides_by_real_parts():
    network = ready(Winograd((8, 8, 2), 3, 3, 1, 1, biased=False), 1, np.complex128)
    x = np.zeros((1, 8, 8, 2), complex)
    x[:, :, :2] = normal(1, 1, 8, 2, 2)
    dy = normal(2, 1, 8, 8, 3).astype(complex)
    before, dx, _ = passes(network, x, dy)
    # The pixel is in the tile of the light, and in no window of it.
    x[0, 1, 4, 1] += 1e-30j
    y = network.forward(x, Mode.TRAINING)
    np.testing.assert_array_equal(y.real == 0, before.real == 0)
    change = y.imag / 1e-30
    assert np.sum(change * dy.real) == pytest.approx(dx[0, 1, 4, 1].real, rel=1e-11)


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
    for channels, filters in ((32, 32), (16, 32), (256, 256)):
        assert isinstance(conv2d((8, 8, channels), 3, filters, 1, 1), Winograd)
    shapes = ((3, 3, 64, 1), (64, 3, 8, 1), (16, 3, 16, 1), (32, 3, 16, 1), (64, 5, 64, 1))
    for channels, filter, filters, stride in shapes:
        assert type(conv2d((9, 9, channels), filter, filters, stride)) is Conv2d
    assert type(conv2d((9, 9, 64), 3, 64, 2)) is Conv2d


def test_refusals():
    with pytest.raises(ShapeError, match="3x3 filters and stride 1, not 5 and 1"):
        Winograd((8, 8, 2), 5, 3)
    with pytest.raises(ShapeError, match="3x3 filters and stride 1, not 3 and 2"):
        Winograd((8, 8, 2), 3, 3, 2)
    with pytest.raises(ShapeError, match="does not fit"):
        Winograd((2, 8, 2), 3, 3)

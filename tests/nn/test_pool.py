import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn import pooling
from core.nn.avgpool import AveragePool2d
from core.nn.layer import Mode, ShapeError
from core.nn.plain.pooling import pool, pool_backward
from core.nn.pool import MaxPool2d
from tests.nn.harness import CLOSE, drawn, normal, passes, ready, torch_module

small = st.integers(1, 3)


@st.composite
def geometries(draw):
    """(batch, input shape, window, stride) that fit, overlapping, side by side or apart."""
    size = (draw(st.integers(1, 7)), draw(st.integers(1, 7)))
    window = tuple(draw(st.integers(1, min(3, h))) for h in size)
    return draw(small), (*size, draw(small)), window, (draw(small), draw(small))


@drawn
@given(geometries(), st.booleans())
def test_agrees_with_the_loop_and_with_pytorch(geometry, ties):
    batch, shape, window, stride = geometry
    layer = MaxPool2d(shape, window, stride)
    x, dy = normal(1, batch, *shape), normal(2, batch, *layer.output_shape)
    if ties:
        x = np.round(x)
    y, dx, _ = passes(ready(layer, batch), x, dy)
    np.testing.assert_array_equal(y, pool(x, window, stride))
    np.testing.assert_allclose(dx, pool_backward(dy, x, window, stride)["x"], **CLOSE)

    torch = torch_module()
    tx = torch.tensor(np.ascontiguousarray(x.transpose(0, 3, 1, 2)), requires_grad=True)
    ty = torch.nn.functional.max_pool2d(tx, window, stride)
    ty.backward(torch.tensor(np.ascontiguousarray(dy.transpose(0, 3, 1, 2))))
    np.testing.assert_array_equal(y, ty.detach().numpy().transpose(0, 2, 3, 1))
    np.testing.assert_allclose(dx, tx.grad.numpy().transpose(0, 2, 3, 1), **CLOSE)


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_of_equal_values_the_first_gets_the_gradient(dtype):
    network = ready(MaxPool2d((4, 4, 1), 2), 1, dtype)
    _, dx, _ = passes(
        network, np.ones((1, 4, 4, 1), dtype), np.arange(1, 5, dtype=dtype).reshape(1, 2, 2, 1)
    )
    expected = [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(dx[0, :, :, 0], expected)


def test_complex_numbers_are_compared_by_their_real_parts():
    x = np.array([1.0 + 1e-30j, 1.0 + 9e-30j, 2.0 - 5e-30j, 0.0 + 7j]).reshape(1, 2, 2, 1)
    network = ready(MaxPool2d((2, 2, 1), 2), 1, np.complex128)
    y, dx, _ = passes(network, x, np.ones((1, 1, 1, 1), complex))
    assert y.item() == 2.0 - 5e-30j
    np.testing.assert_array_equal(dx.ravel(), [0, 0, 1, 0])
    # Of equal real parts the first wins, whatever the perturbation says.
    x = x * np.array([1, 1, 0, 0]).reshape(x.shape)
    y, dx, _ = passes(network, x, np.ones((1, 1, 1, 1), complex))
    assert y.item() == 1.0 + 1e-30j
    np.testing.assert_array_equal(dx.ravel(), [1, 0, 0, 0])


def test_a_sequence_is_pooled_over_its_steps():
    x, dy = normal(1, 2, 7, 3), normal(2, 2, 3, 3)
    layer = MaxPool2d((7, 3), 3, 2)
    assert layer.output_shape == (3, 3)
    y, dx, _ = passes(ready(layer, 2), x, dy)
    image, gradient = x[:, :, None], dy[:, :, None]
    np.testing.assert_array_equal(y, pool(image, (3, 1), (2, 1))[:, :, 0])
    expected = pool_backward(gradient, image, (3, 1), (2, 1))["x"][:, :, 0]
    np.testing.assert_allclose(dx, expected, **CLOSE)


def test_windows_of_more_than_256_places():
    x = np.zeros((1, 20, 20, 1))
    x[0, 19, 18, 0] = 1.0  # Place 398, which would be 142 in eight bits.
    _, dx, _ = passes(ready(MaxPool2d((20, 20, 1), 20), 1), x, np.ones((1, 1, 1, 1)))
    np.testing.assert_array_equal(dx, x)


def test_a_smaller_batch_is_a_fresh_layer():
    for layer in (MaxPool2d((5, 5, 2), 3, 2), MaxPool2d((5, 5, 2), 2)):
        big, fresh = ready(layer, 6), ready(layer, 2)
        passes(big, normal(3, 6, 5, 5, 2), normal(4, 6, *layer.output_shape))
        big.resize(2)
        x, dy = normal(5, 2, 5, 5, 2), normal(6, 2, *layer.output_shape)
        for a, b in zip(passes(big, x, dy), passes(fresh, x, dy), strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_does_not_fit_is_refused_with_both_shapes():
    with pytest.raises(ShapeError, match="a 3x3 window does not fit a 2x4 input"):
        MaxPool2d((2, 4, 1), 3)
    with pytest.raises(ShapeError, match=r"not an input of shape \(9,\)"):
        MaxPool2d((9,), 3)


def test_no_gradient_where_none_is_wanted():
    layer = MaxPool2d((4, 4, 1), 2)
    layer.needs_input_gradient = False
    layer.allocate(1, np.float64)
    assert layer.backward(layer.forward(normal(1, 1, 4, 4, 1), Mode.TRAINING)) is None


@pytest.mark.parametrize("kind", [MaxPool2d, AveragePool2d])
@pytest.mark.parametrize(("filter", "stride"), [(2, 2), (3, 1)])
def test_blocks_of_images_do_not_show(kind, filter, stride, monkeypatch):
    one = kind((6, 6, 2), filter, stride)
    x, dy = normal(1, 7, 6, 6, 2), normal(2, 7, *one.output_shape)
    whole = passes(ready(one, 7), x, dy)
    monkeypatch.setattr(pooling, "BLOCK_ENTRIES", 3 * np.prod(one.output_shape))
    several = kind((6, 6, 2), filter, stride)
    assert several.block == 3
    for ours, theirs in zip(passes(ready(several, 7), x, dy), whole, strict=True):
        np.testing.assert_array_equal(ours, theirs)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.avgpool import AveragePool2d
from core.nn.globalpool import GlobalAveragePool
from core.nn.layer import Mode, ShapeError
from tests.nn.harness import CLOSE, drawn, normal, passes, ready, torch_module
from tests.nn.test_pool import geometries, small


@drawn
@given(geometries())
def test_average_pooling_agrees_with_the_loop_and_with_pytorch(geometry):
    batch, shape, (kh, kw), (sh, sw) = geometry
    layer = AveragePool2d(shape, (kh, kw), (sh, sw))
    x, dy = normal(1, batch, *shape), normal(2, batch, *layer.output_shape)
    y, dx, _ = passes(ready(layer, batch), x, dy)
    expected, expected_dx = np.zeros(y.shape), np.zeros(x.shape)
    for n, i, j, c in np.ndindex(y.shape):
        for u, v in np.ndindex(kh, kw):
            expected[n, i, j, c] += x[n, i * sh + u, j * sw + v, c] / (kh * kw)
            expected_dx[n, i * sh + u, j * sw + v, c] += dy[n, i, j, c] / (kh * kw)
    np.testing.assert_allclose(y, expected, **CLOSE)
    np.testing.assert_allclose(dx, expected_dx, **CLOSE)

    torch = torch_module()
    tx = torch.tensor(np.ascontiguousarray(x.transpose(0, 3, 1, 2)), requires_grad=True)
    ty = torch.nn.functional.avg_pool2d(tx, (kh, kw), (sh, sw))
    ty.backward(torch.tensor(np.ascontiguousarray(dy.transpose(0, 3, 1, 2))))
    np.testing.assert_allclose(y, ty.detach().numpy().transpose(0, 2, 3, 1), **CLOSE)
    np.testing.assert_allclose(dx, tx.grad.numpy().transpose(0, 2, 3, 1), **CLOSE)


@drawn
@given(small, st.lists(st.integers(1, 5), min_size=2, max_size=3))
def test_the_global_average_is_that_of_all_places(batch, shape):
    layer = GlobalAveragePool(tuple(shape))
    assert layer.output_shape == (shape[-1],)
    x, dy = normal(1, batch, *shape), normal(2, batch, shape[-1])
    y, dx, _ = passes(ready(layer, batch), x, dy)
    places = int(np.prod(shape[:-1]))
    np.testing.assert_allclose(y, x.reshape(batch, places, -1).mean(1), **CLOSE)
    for place in np.ndindex(x.shape):
        assert dx[place] == pytest.approx(dy[place[0], place[-1]] / places)


def test_a_sequence_is_averaged_over_its_steps():
    x, layer = normal(1, 2, 7, 3), AveragePool2d((7, 3), 3, 2)
    y, _, _ = passes(ready(layer, 2), x, normal(2, 2, 3, 3))
    np.testing.assert_allclose(y[:, 1], x[:, 2:5].mean(1), **CLOSE)


@pytest.mark.parametrize(
    "layer",
    [AveragePool2d((5, 5, 2), 3, 2), AveragePool2d((5, 5, 2), 2), GlobalAveragePool((5, 5, 2))],
)
def test_a_smaller_batch_is_a_fresh_layer(layer):
    big, fresh = ready(layer, 6), ready(layer, 2)
    passes(big, normal(3, 6, 5, 5, 2), normal(4, 6, *layer.output_shape))
    big.resize(2)
    x, dy = normal(5, 2, 5, 5, 2), normal(6, 2, *layer.output_shape)
    for a, b in zip(passes(big, x, dy), passes(fresh, x, dy), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layer", [AveragePool2d((4, 4, 1), 2), GlobalAveragePool((4, 4, 1))])
def test_no_gradient_where_none_is_wanted(layer):
    layer.needs_input_gradient = False
    layer.allocate(1, np.float64)
    assert layer.backward(layer.forward(normal(1, 1, 4, 4, 1), Mode.TRAINING)) is None


def test_what_does_not_fit_is_refused_with_both_shapes():
    with pytest.raises(ShapeError, match="a 3x3 window does not fit a 2x4 input"):
        AveragePool2d((2, 4, 1), 3)
    with pytest.raises(ShapeError, match=r"average pooling takes .* of shape \(9,\)"):
        AveragePool2d((9,), 3)
    with pytest.raises(ShapeError, match=r"global average pooling takes .* of shape \(9,\)"):
        GlobalAveragePool((9,))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.flatten import Flatten
from core.nn.layer import ShapeError
from core.nn.linear import Linear
from core.nn.relu import ReLU
from tests.nn.harness import CLOSE, drawn, normal, passes, ready, torch_module

sizes = st.integers(1, 6)


@drawn
@given(sizes, sizes, sizes)
def test_linear_agrees_with_the_loop_and_with_pytorch(batch, length, units):
    network = ready(Linear((length,), units), batch)
    worker = network.layers[0]
    x, dy = normal(1, batch, length), normal(2, batch, units)
    y, dx, _ = passes(network, x, dy)

    expected_y = np.tile(worker.bias, (batch, 1))
    expected_dx, expected_dweight = np.zeros(x.shape), np.zeros(worker.weight.shape)
    expected_dbias = np.zeros(units)
    for n, k in np.ndindex(batch, units):
        expected_dbias[k] += dy[n, k]
        for d in range(length):
            expected_y[n, k] += x[n, d] * worker.weight[d, k]
            expected_dweight[d, k] += x[n, d] * dy[n, k]
            expected_dx[n, d] += worker.weight[d, k] * dy[n, k]
    np.testing.assert_allclose(y, expected_y, **CLOSE)
    np.testing.assert_allclose(dx, expected_dx, **CLOSE)
    np.testing.assert_allclose(worker.dweight, expected_dweight, **CLOSE)
    np.testing.assert_allclose(worker.dbias, expected_dbias, **CLOSE)

    torch = torch_module()
    tx, tw, tb = (
        torch.tensor(np.ascontiguousarray(a), requires_grad=True)
        for a in (x, worker.weight.T, worker.bias)
    )
    ty = torch.nn.functional.linear(tx, tw, tb)
    ty.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, ty.detach().numpy(), **CLOSE)
    np.testing.assert_allclose(dx, tx.grad.numpy(), **CLOSE)
    np.testing.assert_allclose(worker.dweight, tw.grad.numpy().T, **CLOSE)
    np.testing.assert_allclose(worker.dbias, tb.grad.numpy(), **CLOSE)


def test_linear_costs_and_refusals():
    layer = Linear((640,), 50)
    assert layer.multiply_adds() == 32_000
    assert [p.size for p in layer.parameters()] == [32_000, 50]
    assert [p.fan_in for p in layer.parameters()] == [640, 0]
    with pytest.raises(ShapeError, match=r"not an input of shape \(8, 8, 10\)"):
        Linear((8, 8, 10), 50)
    with pytest.raises(ShapeError, match="1 unit at least"):
        Linear((8,), 0)


@drawn
@given(sizes, st.lists(sizes, min_size=1, max_size=3))
def test_relu_agrees_with_the_loop_and_with_pytorch(batch, shape):
    x, dy = np.round(normal(1, batch, *shape), 1), normal(2, batch, *shape)
    x.flat[0] = 0.0
    y, dx, _ = passes(ready(ReLU(tuple(shape)), batch), x, dy)
    for place in np.ndindex(x.shape):
        assert y[place] == (x[place] if x[place] > 0 else 0.0)
        assert dx[place] == (dy[place] if x[place] > 0 else 0.0)

    torch = torch_module()
    tx = torch.tensor(x, requires_grad=True)
    ty = torch.relu(tx)
    ty.backward(torch.tensor(dy))
    np.testing.assert_array_equal(y, ty.detach().numpy())
    np.testing.assert_array_equal(dx, tx.grad.numpy())


def test_relu_compares_real_parts():
    x = np.array([[1.0 - 9j, -1.0 + 9j, 0.0 + 9j]])
    y, dx, _ = passes(ready(ReLU((3,)), 1, np.complex128), x, np.array([[1.0 + 1j] * 3]))
    np.testing.assert_array_equal(y, [[1.0 - 9j, 0, 0]])
    np.testing.assert_array_equal(dx, [[1.0 + 1j, 0, 0]])


def test_flatten_copies_nothing():
    layer = Flatten((2, 3, 4))
    assert layer.output_shape == (24,)
    x = normal(1, 5, 2, 3, 4)
    worker = ready(layer, 5).layers[0]
    y = worker.forward(x, None)
    assert np.shares_memory(x, y)
    np.testing.assert_array_equal(y, x.reshape(5, 24))
    dx = worker.backward(y)
    assert np.shares_memory(x, dx)
    assert dx.shape == x.shape


@pytest.mark.parametrize("layer", [Linear((4,), 3), ReLU((4,)), Flatten((2, 2))])
def test_a_smaller_batch_is_a_fresh_layer(layer):
    big, fresh = ready(layer, 6), ready(layer, 2)
    passes(big, normal(3, 6, *layer.input_shape), normal(4, 6, *layer.output_shape))
    big.resize(2)
    x, dy = normal(5, 2, *layer.input_shape), normal(6, 2, *layer.output_shape)
    for a, b in zip(passes(big, x, dy), passes(fresh, x, dy), strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)

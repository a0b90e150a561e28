import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.conv1d import Conv1d
from core.nn.layer import ShapeError
from core.nn.plain.convolution import conv1d, conv1d_backward
from tests.nn.harness import CLOSE, drawn, normal, passes, ready, torch_module

small = st.integers(1, 3)


@st.composite
def geometries(draw):
    """(batch, input shape, filter, filters, stride, padding) that fit."""
    padding, steps = draw(st.integers(0, 2)), draw(st.integers(1, 7))
    filter = draw(st.integers(1, min(4, steps + 2 * padding)))
    shape = draw(st.sampled_from([(steps, draw(small)), (steps, draw(small), draw(small))]))
    return draw(small), shape, filter, draw(small), draw(small), padding


@drawn
@given(geometries())
def test_agrees_with_the_loop_and_with_pytorch(geometry):
    batch, shape, filter, filters, stride, padding = geometry
    layer = Conv1d(shape, filter, filters, stride, padding)
    network = ready(layer, batch)
    worker = network.layers[0]
    x, dy = normal(1, batch, *shape), normal(2, batch, *layer.output_shape)
    y, dx, _ = passes(network, x, dy)
    assert dx.shape == x.shape
    sequence = x.reshape(batch, shape[0], -1)

    arguments = (x, worker.weight, worker.bias, stride, padding)
    np.testing.assert_allclose(y, conv1d(*arguments), **CLOSE)
    expected = conv1d_backward(dy, *arguments)
    for ours, name in ((dx, "x"), (worker.dweight, "weight"), (worker.dbias, "bias")):
        np.testing.assert_allclose(ours, expected[name], **CLOSE)

    torch = torch_module()
    tx, tw, tb = (
        torch.tensor(np.ascontiguousarray(a), requires_grad=True)
        for a in (sequence.transpose(0, 2, 1), worker.weight.transpose(2, 1, 0), worker.bias)
    )
    ty = torch.nn.functional.conv1d(tx, tw, tb, stride, padding)
    ty.backward(torch.tensor(np.ascontiguousarray(dy.transpose(0, 2, 1))))
    np.testing.assert_allclose(y, ty.detach().numpy().transpose(0, 2, 1), **CLOSE)
    np.testing.assert_allclose(dx, tx.grad.numpy().transpose(0, 2, 1).reshape(x.shape), **CLOSE)
    np.testing.assert_allclose(worker.dweight, tw.grad.numpy().transpose(2, 1, 0), **CLOSE)
    np.testing.assert_allclose(worker.dbias, tb.grad.numpy(), **CLOSE)


def test_an_image_is_a_sequence_of_its_rows():
    layer = Conv1d((32, 32, 3), 3, 64, padding=1)
    assert layer.output_shape == (32, 64)
    assert layer.parameters()[0].shape == (3, 96, 64)
    assert layer.multiply_adds() == 32 * 64 * 3 * 96


def test_a_smaller_batch_is_a_fresh_layer():
    layer = Conv1d((6, 2), 3, 4, 2, 1)
    big, fresh = ready(layer, 6), ready(layer, 2)
    passes(big, normal(3, 6, 6, 2), normal(4, 6, *layer.output_shape))
    big.resize(2)
    x, dy = normal(5, 2, 6, 2), normal(6, 2, *layer.output_shape)
    for a, b in zip(passes(big, x, dy), passes(fresh, x, dy), strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)


def test_what_does_not_fit_is_refused_with_both_shapes():
    with pytest.raises(ShapeError, match=r"filter of 5 steps .* sequence of 2 steps \(padding 1\)"):
        Conv1d((2, 8), 5, 1, padding=1)
    with pytest.raises(ShapeError, match=r"not an input of shape \(8,\)"):
        Conv1d((8,), 2, 1)

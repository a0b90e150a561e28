import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nn.acceleration import conv2d
from core.nn.conv import Conv2d
from core.nn.kernels import im2col
from core.nn.kernels.patchify import Patchify
from core.nn.layer import Mode, ShapeError
from core.nn.plain.convolution import conv, conv_backward
from tests.nn.harness import CLOSE, drawn, normal, passes, ready, torch_module

small = st.integers(1, 3)


@st.composite
def geometries(draw):
    """(batch, input shape, filter, filters, stride, padding) that fit."""
    padding = (draw(st.integers(0, 2)), draw(st.integers(0, 2)))
    size = (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    filter = tuple(
        draw(st.integers(1, min(4, h + 2 * p))) for h, p in zip(size, padding, strict=True)
    )
    stride = (draw(small), draw(small))
    return draw(small), (*size, draw(small)), filter, draw(small), stride, padding


@st.composite
def tilings(draw):
    """The same without overlap: stride = filter, no padding, with a remainder or without."""
    filter = (draw(small), draw(small))
    size = tuple(f * draw(small) + draw(st.integers(0, f - 1)) for f in filter)
    return draw(small), (*size, draw(small)), filter, draw(small), filter, (0, 0)


def check(layer, batch, stride, padding):
    network = ready(layer, batch)
    worker = network.layers[0]
    x, dy = normal(1, batch, *layer.input_shape), normal(2, batch, *layer.output_shape)
    y, dx, _ = passes(network, x, dy)

    arguments = (x, worker.weight, worker.bias, stride, padding)
    np.testing.assert_allclose(y, conv(*arguments), **CLOSE)
    expected = conv_backward(dy, *arguments)
    for ours, name in ((dx, "x"), (worker.dweight, "weight"), (worker.dbias, "bias")):
        np.testing.assert_allclose(ours, expected[name], **CLOSE)

    torch = torch_module()
    tx, tw, tb = (
        torch.tensor(np.ascontiguousarray(a), requires_grad=True)
        for a in (x.transpose(0, 3, 1, 2), worker.weight.transpose(3, 2, 0, 1), worker.bias)
    )
    ty = torch.nn.functional.conv2d(tx, tw, tb, stride, padding)
    ty.backward(torch.tensor(np.ascontiguousarray(dy.transpose(0, 3, 1, 2))))
    np.testing.assert_allclose(y, ty.detach().numpy().transpose(0, 2, 3, 1), **CLOSE)
    np.testing.assert_allclose(dx, tx.grad.numpy().transpose(0, 2, 3, 1), **CLOSE)
    np.testing.assert_allclose(worker.dweight, tw.grad.numpy().transpose(2, 3, 1, 0), **CLOSE)
    np.testing.assert_allclose(worker.dbias, tb.grad.numpy(), **CLOSE)


@drawn
@given(geometries())
def test_general_agrees_with_the_loop_and_with_pytorch(geometry):
    batch, shape, filter, filters, stride, padding = geometry
    check(Conv2d(shape, filter, filters, stride, padding), batch, stride, padding)


@drawn
@given(tilings())
def test_patchify_agrees_with_the_loop_and_with_pytorch(geometry):
    batch, shape, filter, filters, stride, padding = geometry
    check(Patchify(shape, filter, filters), batch, stride, padding)


@drawn
@given(tilings())
def test_the_general_path_does_what_patchify_does(geometry):
    batch, shape, filter, filters, stride, _ = geometry
    x = normal(1, batch, *shape)
    general, patchify = Conv2d(shape, filter, filters, stride), Patchify(shape, filter, filters)
    dy = normal(2, batch, *general.output_shape)
    for a, b in zip(
        passes(ready(general, batch), x, dy), passes(ready(patchify, batch), x, dy), strict=True
    ):
        np.testing.assert_allclose(a, b, **CLOSE)


@pytest.mark.parametrize("padding", [0, 1])
def test_blocks_do_not_show_in_the_result(monkeypatch, padding):
    def run(entries):
        monkeypatch.setattr(im2col, "BLOCK_ENTRIES", entries)
        layer = Conv2d((6, 5, 2), 3, 4, 1, padding)
        network = ready(layer, 7)
        return layer.block, passes(
            network, normal(1, 7, 6, 5, 2), normal(2, 7, *layer.output_shape)
        )

    one_image, two_images, whole = run(1), run(1200), run(10**5)
    assert one_image[0] == 1
    assert 1 < two_images[0] < 7 <= whole[0]
    for results in (one_image[1], two_images[1]):
        for a, b in zip(results, whole[1], strict=True):
            np.testing.assert_allclose(a, b, **CLOSE)


@pytest.mark.parametrize(
    ("layer", "shorter"),
    [
        (Conv2d((16, 16, 8), 3, 16, 1, 1), True),
        (Conv2d((16, 16, 16), 5, 32, 1, 2), True),
        (Conv2d((14, 14, 6), 5, 16), False),  # more places, and more channels at each
        (Conv2d((8, 8, 32), 8, 64), False),  # one place that sees the whole image
        (Conv2d((16, 16, 3), 5, 256, 1, 2), False),  # many filters on few channels
        (Conv2d((16, 16, 8), 3, 16, 2, 1), False),  # a stride
        (Conv2d((4, 4, 2), 1, 2, 1, 1), False),  # filters that stand on zeros alone
    ],
)
def test_the_way_back_is_a_convolution_where_that_is_less_work(layer, shorter):
    assert (layer.back is not None) is shorter


@pytest.mark.parametrize("layer", [Conv2d((5, 5, 2), 3, 4, 2, 1), Patchify((7, 6, 2), 3, 4)])
def test_a_smaller_batch_is_a_fresh_layer(layer):
    big, fresh = ready(layer, 6), ready(layer, 2)
    passes(big, normal(3, 6, *layer.input_shape), normal(4, 6, *layer.output_shape))
    big.resize(2)
    x, dy = normal(5, 2, *layer.input_shape), normal(6, 2, *layer.output_shape)
    for a, b in zip(passes(big, x, dy), passes(fresh, x, dy), strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)


def test_what_patchify_crops_gets_no_gradient():
    network = ready(Patchify((5, 7, 1), (2, 3), 2), 2)
    _, dx, _ = passes(network, normal(1, 2, 5, 7, 1), normal(2, 2, 2, 2, 2))
    assert np.all(dx[:, 4:] == 0)
    assert np.all(dx[:, :, 6:] == 0)
    assert np.all(dx[:, :4, :6] != 0)


def test_factory_picks_patchify_only_where_patches_neither_overlap_nor_are_padded():
    assert isinstance(conv2d((8, 8, 3), 4, 2, 4), Patchify)
    assert isinstance(conv2d((8, 8, 3), (4, 2), 2, (4, 2)), Patchify)
    assert isinstance(conv2d((8, 8, 3), 4, 2, 3), Conv2d)
    assert isinstance(conv2d((8, 8, 3), 4, 2, 4, 1), Conv2d)


def test_costs_of_the_published_network():
    layer = conv2d((32, 32, 3), 4, 10, 4)
    assert layer.output_shape == (8, 8, 10)
    assert layer.multiply_adds() == 30_720
    assert [p.size for p in layer.parameters()] == [480, 10]
    assert [p.fan_in for p in layer.parameters()] == [48, 0]
    assert [p.decays for p in layer.parameters()] == [True, False]


def test_the_filter_matrix_is_a_view():
    worker = ready(Conv2d((5, 5, 2), 3, 4), 1).layers[0]
    assert np.shares_memory(worker.weight.reshape(18, 4), worker.weight)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: conv2d((32, 32, 3), 40, 2), "40x40 filter does not fit a 32x32 input (padding 0)"),
        (lambda: conv2d((32, 32, 3), (2, 9), 2, 1, (9, 0)), None),
        (lambda: conv2d((3, 4, 1), (2, 9), 2, 1, (0, 2)), "a 2x9 filter does not fit a 3x4 input"),
        (lambda: conv2d((32, 3), 2, 2), "not an input of shape (32, 3)"),
        (lambda: conv2d((8, 8, 3), 2, 0), "needs 1 filter at least"),
        (lambda: conv2d((8, 8, 3), 2, 1, 0), "stride 0x0"),
        (lambda: conv2d((8, 8, 3), 2, 1, 1, -1), "padding -1x-1"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_shapes(build, message):
    if message is None:
        assert build().output_shape == (49, 24, 2)
        return
    with pytest.raises(ShapeError) as refused:
        build()
    assert message in str(refused.value)


def test_patchify_refuses_another_stride():
    with pytest.raises(ValueError, match="overlap or gape"):
        Patchify((8, 8, 3), 4, 2, 3)


def test_the_first_layer_makes_no_input_gradient():
    for layer in (Conv2d((6, 6, 1), 3, 2, 1, 1), Patchify((6, 6, 1), 3, 2)):
        layer.needs_input_gradient = False
        layer.allocate(2, np.float64)
        views = {p.name: normal(0, *p.shape) for p in layer.parameters()}
        layer.bind(views, {name: view.copy() for name, view in views.items()})
        y = layer.forward(normal(1, 2, 6, 6, 1), Mode.TRAINING)
        assert layer.backward(y) is None
        assert not hasattr(layer, "dx")

"""Tests of the outputs of all layers, one by one."""

import numpy as np
import pytest

from core.nn import chain
from core.nn.batchnorm import BatchNorm
from core.nn.conv import Conv2d
from core.nn.dropout import Dropout
from core.nn.gelu import GELU
from core.nn.globalpool import GlobalAveragePool
from core.nn.init import initialise
from core.nn.layer import Mode, ShapeError
from core.nn.leakyrelu import LeakyReLU
from core.nn.linear import Linear
from core.nn.network import Network
from core.nn.relu import ReLU
from core.nn.residual import Residual
from tests.nn.harness import normal

INNER = [Conv2d((4, 4, 3), 3, 3, 1, 1), BatchNorm((4, 4, 3)), GELU((4, 4, 3))]
BRANCH = [Conv2d((4, 4, 3), 3, 5, 2, 1), ReLU((2, 2, 5))]
LAYERS = [
    Residual((4, 4, 3), [Residual((4, 4, 3), INNER), ReLU((4, 4, 3))]),
    Residual((4, 4, 3), BRANCH),
    Dropout((2, 2, 5), 0.3),
    GlobalAveragePool((2, 2, 5)),
    Linear((5,), 10),
]
NAMES = [
    "residual1.residual1.conv1",
    "residual1.residual1.batchnorm1",
    "residual1.residual1.gelu1",
    "residual1.residual1",
    "residual1.relu1",
    "residual1",
    "residual2.conv1",
    "residual2.relu1",
    "residual2.shortcut",
    "residual2",
    "dropout1",
    "globalpool1",
    "linear1",
]


def network() -> Network:
    made = Network(LAYERS, 6, "float64")
    initialise(made, np.random.default_rng(0))
    return made


@pytest.mark.parametrize("mode", [Mode.TRAINING, Mode.EVALUATION])
def test_every_layer_and_part_comes_in_order_with_its_output(mode: Mode) -> None:
    made, x = network(), normal(1, 6, 4, 4, 3)
    made.sample(lambda layer: np.random.default_rng(layer))
    expected = made.forward(x, mode).copy()
    found = [(name, layer, y.copy()) for name, layer, y in made.each_output(x, mode)]
    assert [name for name, _, _ in found] == NAMES
    assert [name for name, _ in chain.every_layer(LAYERS)] == NAMES
    np.testing.assert_array_equal(found[-1][2], expected)
    for name, layer, y in found:
        assert y.shape == (6, *layer.output_shape)
        if layer.kind == "relu":
            before = next(z for other, _, z in found if other == NAMES[NAMES.index(name) - 1])
            np.testing.assert_array_equal(y, np.maximum(before, 0))
    outputs = {name: y for name, _, y in found}
    sum_ = outputs["residual2.shortcut"] + outputs["residual2.relu1"]
    np.testing.assert_array_equal(outputs["residual2"], sum_)
    np.testing.assert_array_equal(outputs["residual1"], x + outputs["residual1.relu1"])


def test_no_backward_pass_follows() -> None:
    made, x = network(), normal(1, 6, 4, 4, 3)
    made.forward(x, Mode.TRAINING)
    list(made.each_output(x, Mode.TRAINING))
    with pytest.raises(ValueError, match="none came before it"):
        made.backward(normal(2, 6, 10))


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapeError):
        list(network().each_output(normal(1, 6, 4, 4, 2), Mode.EVALUATION))


def test_those_rectify_that_stop_a_gradient() -> None:
    assert [kind for kind in (ReLU, GELU, LeakyReLU, Linear) if kind.rectifies] == [ReLU, GELU]

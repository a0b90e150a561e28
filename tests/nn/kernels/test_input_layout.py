"""Tests of the input layout: the same values, each once, and the same network."""

import numpy as np
import pytest

from core.build_layers import layers_of
from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.data.normalise import Normaliser
from core.nn.acceleration import prepare
from core.nn.init import initialise
from core.nn.layer import Layer, Mode
from core.nn.network import Network
from core.training.training_set import as_rows

ROWS = [{"kind": "conv1d", "filter": 3, "filters": 4}, {"kind": "linear", "units": 10}]
OVERLAPS = [{"kind": "conv", "filter": 3, "filters": 2}, {"kind": "linear", "units": 10}]
ARCHITECTURES = ["2x2/3/5", "4x4/3/5", "5x5/3/5", "16x16/3/5", "32x32/3/5", ROWS, OVERLAPS]


def layers(architecture: object) -> tuple[Layer, ...]:
    return layers_of(Experiment.of({"architecture": architecture}))[0]


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("per", ["pixel", "channel"])
def test_the_network_gives_the_same_on_arranged_images(
    architecture: object, per: str, small: Dataset
) -> None:
    plain, images = layers(architecture), small.validation.images[:7]
    prepared = prepare(plain)
    layout = prepared.layout
    whole = Network(plain, 7, np.float64)
    initialise(whole, np.random.default_rng(0))
    arranged = Network(prepared.layers, 7, np.float64, whole.parameters)
    normaliser = Normaliser(small.train.images, per=per)  # type: ignore[arg-type]
    x = np.empty(images.shape)
    normaliser.apply(images, x)
    rows = as_rows(small.validation, layout).images[:7]
    assert rows.shape == (7, 3072)
    y = np.empty((7, layout.size))
    normaliser.ordered(layout.order(small.train.images.shape[1:])).apply(rows[:, : layout.size], y)
    logits = whole.forward(x, Mode.TRAINING)
    others = arranged.forward(y.reshape(7, *layout.shape), Mode.TRAINING)
    np.testing.assert_array_equal(others, logits)
    whole.backward(logits)
    arranged.backward(others)
    np.testing.assert_array_equal(arranged.gradients, whole.gradients)


def test_gradients_reach_patches_that_were_cut_before() -> None:
    first = layers("4x4/3/5")[0]
    precut = first.precut()  # type: ignore[attr-defined]
    rng = np.random.default_rng(0)
    whole = Network([first], 2, np.float64, input_gradient=True)
    initialise(whole, rng)
    cut = Network([precut], 2, np.float64, whole.parameters, input_gradient=True)
    x, dy = rng.standard_normal((2, 32, 32, 3)), rng.standard_normal((2, 8, 8, 3))
    whole.forward(x, Mode.TRAINING)
    cut.forward(first.cut(x).reshape(2, 64, 48), Mode.TRAINING)  # type: ignore[attr-defined]
    dx, dpatches = whole.backward(dy), cut.backward(dy)
    assert dx is not None
    assert dpatches is not None
    np.testing.assert_array_equal(first.cut(dx).reshape(2, 64, 48), dpatches)  # type: ignore[attr-defined]

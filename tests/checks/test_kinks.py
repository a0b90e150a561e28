"""Tests that flips are counted and not reported as wrong formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.build_layers import layers_for
from core.checks import gradients, kinks, torch_reference
from core.checks.report import Row, Verdict
from core.checks.settings import CheckSettings
from core.checks.subject import Subject, weighted
from core.layers.conv import Conv
from core.layers.linear import Linear
from core.layers.pool import Pool
from core.layers.relu import Relu
from core.nn.pool import MaxPool2d
from tests.checks.networks import material

NETWORK = (
    Conv(filter=3, filters=2, stride=1, padding=1),
    Relu(),
    Pool(filter=2, stride=2),
    Linear(units=6),
    Relu(),
    Linear(units=10),
)


def test_flips_are_counted_by_layer_and_image():
    a = [None, np.zeros((2, 3), bool), np.arange(8).reshape(2, 2, 2)]
    b = [None, np.array([[0, 1, 1], [0, 0, 0]], bool), a[2].copy()]
    b[2][1, 0, 1] = 7
    np.testing.assert_array_equal(kinks.flips(a, b), [[0, 0], [2, 0], [0, 1]])
    assert not kinks.same(a, b)
    assert kinks.same(a, a)
    assert kinks.activations(a) == 6 + 8


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
@settings(max_examples=40)
def test_clearance_is_the_distance_to_the_nearest_kink(filter, stride, seed):
    specs = (Pool(filter=filter, stride=stride), Relu(), Linear(units=10))
    layers, _ = layers_for(specs, (7, 6, 2), 10)
    network = weighted(layers, seed)
    x = np.random.default_rng(seed).standard_normal((1, 7, 6, 2))
    pooled = network.layers[0].forward(x, None)
    distances = [abs(value) for value in pooled.ravel()]
    down, across, _ = pooled.shape[1:]
    for i in range(down):
        for j in range(across):
            for c in range(2):
                rows, columns = (
                    slice(i * stride, i * stride + filter),
                    slice(j * stride, j * stride + filter),
                )
                window = np.sort(x[0, rows, columns, c].ravel())
                if len(window) > 1:
                    distances.append(window[-1] - window[-2])
    np.testing.assert_allclose(kinks.clearance(network, x), [min(distances)])


def test_exact_ties_are_no_kinks_that_rounding_could_cross():
    layers, _ = layers_for((Pool(filter=2, stride=2), Linear(units=10)), (2, 2, 1), 10)
    assert kinks.clearance(weighted(layers, 0), np.ones((1, 2, 2, 1))) == np.inf


IMAGES = 4


def let_pytorch_see_negatives_of(images, monkeypatch):
    """Change decisions, and with them gradients, in some images of a batch."""
    right = torch_reference.differentiate

    def differentiate(specs, parameters, decays, x, *rest):
        x = x.copy()
        if len(x) == IMAGES:
            x[images] *= -1
        return right(specs, parameters, decays, x, *rest)

    monkeypatch.setattr(torch_reference, "differentiate", differentiate)


def rows(check, scale=None):
    found: list[Row] = []
    work = gradients._Work(
        material(NETWORK, (8, 8, 2), batch=IMAGES, seed=1),
        check,
        scale,
        lambda event: found.append(event) if isinstance(event, Row) else None,
        lambda: False,
    )
    work.run()
    return {row.name: row for row in found}, work


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed; it is the reference here")


def test_a_failure_that_goes_with_the_images_that_flip_is_a_flip(torch, monkeypatch):
    let_pytorch_see_negatives_of([2], monkeypatch)
    found, work = rows(CheckSettings())
    assert work.flips > 0
    assert found["conv1.weight"].verdict is Verdict.FLIP
    assert (
        found["conv1.weight"].normwise_without_flips
        <= 1e-6
        < found["conv1.weight"].comparison.normwise
    )
    # Nothing can flip between the last layer and the loss.
    assert found["linear2.bias"].flips == 0
    assert found["linear2.bias"].verdict is Verdict.FAIL


def test_only_winners_behind_a_tensor_count_for_it(torch, monkeypatch):
    let_pytorch_see_negatives_of([2], monkeypatch)
    found, work = rows(CheckSettings())
    flips = {name: row.flips for name, row in found.items()}
    assert flips["input"] == flips["conv1.weight"] == work.flips
    assert flips["linear1.weight"] < flips["conv1.weight"]


def test_a_wrong_formula_stays_a_failure_beside_flips(torch, monkeypatch):
    let_pytorch_see_negatives_of([2], monkeypatch)
    found, _ = rows(CheckSettings(), scale="conv1.weight")
    assert found["conv1.weight"].verdict is Verdict.FAIL
    assert found["conv1.weight"].normwise_without_flips > 1e-4


def test_where_every_image_flips_nothing_can_be_excused(torch, monkeypatch):
    let_pytorch_see_negatives_of([0, 1, 2, 3], monkeypatch)
    found, _ = rows(CheckSettings())
    assert found["conv1.weight"].verdict is Verdict.FAIL


def test_double_precision_knows_no_excuse(torch, monkeypatch):
    let_pytorch_see_negatives_of([2], monkeypatch)
    found, _ = rows(CheckSettings(dtype="float64"))
    assert found["conv1.weight"].flips > 0
    assert found["conv1.weight"].verdict is Verdict.FAIL


def test_decisions_of_both_sides_are_written_alike(torch):
    made = material((Pool(filter=3, stride=2), Relu(), Linear(units=10)), (9, 8, 3), batch=2)
    subject = Subject(made, np.float64)
    subject.gradients()
    pool = subject.network.layers[0]
    assert isinstance(pool, MaxPool2d)
    places = subject.decisions()[0]
    for n, i, j, c in np.ndindex(places.shape):
        window = made.x[n, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3, c]
        assert window.argmax() == places[n, i, j, c]

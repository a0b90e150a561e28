"""Every value, gradient and sum of a trace, held against PyTorch."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import presets
from core.data import synthetic
from core.explain import Explained, Subject, Trace, run, run_in_batch
from core.explain.trace import BYTES
from core.layers.explanation import Place
from core.nn.layer import Mode
from tests.checks.networks import Case, networks
from tests.explain import torch_trace
from tests.explain.subjects import images, subject

PLACES = 6
"""Number of values of each layer whose sum is computed."""


def places(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[Place]:
    """Yield random places of an array, its corners among them."""
    yield tuple(0 for _ in shape)
    yield tuple(size - 1 for size in shape)
    for _ in range(PLACES if shape else 0):
        yield tuple(int(rng.integers(size)) for size in shape)


def sums(trace: Trace, rng: np.random.Generator) -> Iterator[tuple[str, Explained, bool]]:
    """Yield explanations of every node and every parameter, and whether each is of a gradient."""
    for name, node in trace.nodes.items():
        for at in places(trace.values(name).shape, rng):
            if name != BYTES:
                yield name, trace.explain(name, at), False
            if node.dy is not None:
                yield name, trace.explain_gradient(name, at), True
    for name, (value, _) in trace.weights.items():
        for index in places(value.shape, rng):
            yield name, trace.explain_weight(name, index), True


def traced(case: Case, dtype: str, mode: Mode) -> Trace:
    made = subject(case.specs, case.shape, dtype, case.seed, case.smoothing)
    batch = images(case.shape, case.batch, case.seed)
    if mode is Mode.TRAINING:
        return run_in_batch(made, batch, 2 * case.batch)
    return run(made, batch.images[0], int(batch.labels[0]))


def assert_equal_to_torch(trace: Trace, rng: np.random.Generator, tolerance: float = 1e-9) -> None:
    values, gradients, weights = torch_trace.values(trace)
    assert set(values) == set(trace.nodes)
    for name, node in trace.nodes.items():
        np.testing.assert_allclose(node.y, values[name], tolerance, tolerance, err_msg=name)
        if node.dy is not None:
            # A gradient that one normalisation cancels for another is rounding alone.
            np.testing.assert_allclose(node.dy, gradients[name], tolerance, tolerance)
    for name, (_, gradient) in trace.weights.items():
        np.testing.assert_allclose(gradient, weights[name], tolerance, tolerance, err_msg=name)
    for name, found, backward in sums(trace, rng):
        theirs = (weights if name in weights else gradients if backward else values)[name]
        wanted = theirs[found.at] if name in weights else theirs[(trace.image, *found.at)]
        assert found.exact == pytest.approx(float(wanted), tolerance, tolerance), (name, found.at)


MODES = st.sampled_from((Mode.EVALUATION, Mode.TRAINING))


@settings(max_examples=200)
@given(networks(), MODES)
def test_every_number_of_drawn_networks_is_pytorchs(case: Case, mode: Mode) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    assert_equal_to_torch(traced(case, "float64", mode), np.random.default_rng(case.seed))


@settings(max_examples=100)
@given(networks(), MODES)
def test_sums_are_the_engines_values_within_rounding(case: Case, mode: Mode) -> None:
    trace = traced(case, "float32", mode)
    for name, found, _ in sums(trace, np.random.default_rng(case.seed)):
        # What rounding can move is in proportion to the products, not to their sum.
        size = abs(found.bias) + sum(abs(term.product) for term in found.terms())
        size += sum(abs(value) for value in found.all_facts().values())
        assert abs(found.difference) <= 1e-4 * size + 1e-6, (name, found.at)


@pytest.mark.parametrize("name", presets.ORDER)
@pytest.mark.parametrize("mode", Mode)
def test_every_number_of_the_presets_is_pytorchs(name: str, mode: Mode) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    experiment = presets.load(name).changed(dtype="float64")
    dataset = synthetic.load(1000)
    made = Subject.fresh(experiment, dataset)
    image, label = dataset.test.images[0], int(dataset.test.labels[0])
    if mode is Mode.EVALUATION:
        trace = run(made, image, label)
    else:
        batch = images(made.shape, 2)
        trace = run_in_batch(made, batch, 100)
    assert_equal_to_torch(trace, np.random.default_rng(0))

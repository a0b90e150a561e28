"""Names and places of a trace, and what is said of wrong ones."""

import json
import math

import numpy as np
import pytest

from core.errors import ExplainError
from core.explain import run, run_in_batch
from core.layers.conv import Conv
from core.layers.linear import Linear
from core.layers.pool import Pool
from core.layers.relu import Relu
from tests.explain.subjects import images, subject

SPECS = (Conv(filter=3, filters=4, padding=1), Relu(), Pool(padding=1), Linear(units=10))
SHAPE = (6, 6, 2)


def test_layers_have_the_names_of_their_tensors() -> None:
    trace = run(subject(SPECS, SHAPE), images(SHAPE, 1).images[0], 3)
    assert list(trace.nodes) == [
        "bytes", "input", "conv1", "relu1", "pool1", "flatten1", "linear1", "softmax", "loss",
    ]  # fmt: skip
    assert list(trace.weights) == [
        "conv1.weight", "conv1.bias", "linear1.weight", "linear1.bias",
    ]  # fmt: skip
    assert trace.label == 3
    assert trace.probabilities.sum() == pytest.approx(1)


def test_what_a_window_covers_outside_of_the_image_is_padding() -> None:
    trace = run(subject(SPECS, SHAPE), images(SHAPE, 1).images[0], 3)
    terms = list(trace.explain("conv1", (0, 0, 1)).terms())
    outside = [term for term in terms if not term.inside]
    assert len(terms) == 3 * 3 * 2
    assert len(outside) == 5 * 2
    assert all(min(term.place) < 0 and term.x == 0 for term in outside)
    pooled = trace.explain("pool1", (0, 0, 1))
    assert [term.inside for term in pooled.terms()] == [False, False, False, True]
    assert [term.x for term in pooled.terms()][:3] == [-math.inf] * 3
    assert pooled.exact == pooled.value


def test_json_has_every_term_and_no_infinity() -> None:
    trace = run(subject(SPECS, SHAPE), images(SHAPE, 1).images[0], 3)
    entry = trace.explain("pool1", (0, 0, 1)).as_dict()
    line = json.loads(json.dumps(entry, allow_nan=False))
    assert line["layer"] == "pool1"
    assert line["at"] == [0, 0, 1]
    assert [term["padding"] for term in line["terms"]] == [True, True, True, False]
    assert line["terms"][0]["x"] is None
    assert line["terms"][3]["from"] == [0, 0, 1]


def test_the_gradient_of_a_logit_reaches_the_image_of_the_batch_alone() -> None:
    batch = images(SHAPE, 3)
    trace = run_in_batch(subject(SPECS, SHAPE), batch, 3, of=7)
    assert trace.gradients("linear1").tolist() == [float(k == 7) for k in range(10)]
    dy = trace.nodes["input"].dy
    assert dy is not None
    assert not dy[1:].any()
    assert dy[0].any()
    # The input moves the logit as its gradient says.
    moved = trace.nodes["input"].y[0] * dy[0]
    assert np.isfinite(moved).all()


@pytest.mark.parametrize(
    ("layer", "at", "says"),
    [
        ("conv2", (0, 0, 0), "there is no layer 'conv2'; there are bytes, input, conv1"),
        ("conv1", (0, 6, 0), "conv1 has nothing at 0,6,0: it is 6 x 6 x 4, counted from 0"),
        ("conv1", (0, 0), "conv1 has nothing at 0,0: it is 6 x 6 x 4"),
        ("conv1", (0, 0, -1), "conv1 has nothing at 0,0,-1"),
        ("loss", (0,), "loss has nothing at 0: it is a single number"),
        ("linear1", (), "linear1 has nothing at no place: it is 10"),
    ],
)
def test_a_wrong_place_gets_a_sentence(layer: str, at: tuple[int, ...], says: str) -> None:
    trace = run(subject(SPECS, SHAPE), images(SHAPE, 1).images[0], 3)
    with pytest.raises(ExplainError) as found:
        trace.explain(layer, at)
    assert says in str(found.value)


def test_images_that_do_not_fit_are_refused() -> None:
    made = subject(SPECS, SHAPE)
    with pytest.raises(ExplainError, match="takes images of 6 x 6 x 2 bytes, not 6 x 5 x 2"):
        run(made, images((6, 5, 2), 1).images[0], 3)
    with pytest.raises(ExplainError, match="there is no class 10; there are 0 to 9"):
        run(made, images(SHAPE, 1).images[0], 10)
    with pytest.raises(ExplainError, match="softmax has no gradient"):
        run(made, images(SHAPE, 1).images[0], 1).explain_gradient("softmax", (0,))
    with pytest.raises(ExplainError, match="there is no parameter"):
        run(made, images(SHAPE, 1).images[0], 1).explain_weight("conv1.gamma", (0,))

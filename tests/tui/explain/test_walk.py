"""Ways through a trace, and the picture of a layer."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import presets
from core.data import synthetic
from core.errors import ExplainError
from core.explain import Subject, Trace, run, run_in_batch
from core.explain.batch import first_shard, next_batch
from tests.checks.networks import Case, networks
from tests.explain.subjects import images, subject
from tui.explain import paint, text
from tui.explain.grid import Form
from tui.explain.paint import DARK, View
from tui.explain.walk import Walk

STEPS = 12
"""Number of steps in a random walk."""


def trace_of(name: str, **changes: object) -> Trace:
    dataset = synthetic.load(1000)
    made = Subject.fresh(presets.load(name).changed(**changes), dataset)
    return run(made, dataset.test.images[0], int(dataset.test.labels[0]))


@settings(max_examples=1000)
@given(networks(), st.integers(0, 2**32 - 1), st.booleans())
def test_random_walks_raise_nothing(case: Case, seed: int, in_batch: bool) -> None:
    made = subject(case.specs, case.shape, "float32", case.seed)
    batch = images(case.shape, case.batch, case.seed)
    if in_batch:
        trace = run_in_batch(made, batch, case.batch)
    else:
        trace = run(made, batch.images[0], int(batch.labels[0]))
    walk, rng = Walk.begin(trace), random.Random(seed)
    for _ in range(STEPS):
        walk = stepped(walk, rng)
        found = walk.explained
        assert text.titles(walk)
        assert text.head(walk, found, 76)
        assert len(text.products(walk, found, 60, 8, rng.random() < 0.5)) <= 8
        form, at = walk.form, walk.here.at
        row, column = form.cell(at)
        assert form.place(row, column, form.channel(at)) == at
        view = View.of(form.rows, form.columns, 30, 10, (row, column))
        assert view.top <= row < view.top + view.rows
        assert view.left <= column < view.left + view.columns
        assert view.columns * view.unit <= 30
        assert view.rows * view.unit <= 20


def stepped(walk: Walk, rng: random.Random) -> Walk:
    """Take a step that the keys allow."""
    kind = rng.randrange(7)
    if kind == 0:
        return walk.into() or walk
    if kind == 1:
        return walk.back() or walk
    if kind == 2 and (walk.here.gradients or walk.has_gradient):
        return walk.turned()
    if kind == 3:
        return walk.to(rng.choice(list(walk.trace.nodes)))
    if kind == 4:
        return walk.to_weights() or walk
    if kind == 5:
        return walk.largest()
    return walk.moved(rng.randint(-9, 9), rng.randint(-9, 9), rng.randint(-2, 2))


def test_a_person_walks_from_the_loss_to_the_pixel_and_back() -> None:
    walk = Walk.begin(trace_of("arch-2")).to("loss")
    way = []
    while walk is not None:
        way.append(walk.here.name)
        last, walk = walk, walk.into()
    assert way == [
        "loss", "softmax", "linear2", "relu2", "linear1", "flatten1", "relu1", "conv1", "input",
        "bytes",
    ]  # fmt: skip
    back = last.back()
    assert back is not None
    assert back.here.name == "input"
    for _ in range(8):
        assert back is not None
        back = back.back()
    assert back is not None
    assert back.here.name == "loss"
    assert back.back() is None


def test_gradients_are_followed_to_the_loss() -> None:
    walk = Walk.begin(trace_of("arch-2")).to("input").turned()
    way = []
    step: Walk | None = walk
    while step is not None:
        way.append(step.here.name)
        step = step.into()
    assert way == ["input", "conv1", "relu1", "flatten1", "linear1", "relu2", "linear2"]


def test_a_walk_goes_on_where_it_was_in_another_trace() -> None:
    first, second = trace_of("arch-2"), trace_of("arch-2", seed=1)
    walk = Walk.begin(first).to("conv1").moved(1, 0)
    again = Walk.begin(second, walk)
    assert again.here == walk.here
    assert again.trace is second
    assert Walk.begin(trace_of("lenet"), Walk.begin(first).to("linear1")).here.name == "linear3"


def test_bytes_have_no_gradient() -> None:
    with pytest.raises(ExplainError, match="a byte has no gradient"):
        Walk.begin(trace_of("arch-2")).to("bytes").turned()


def test_a_batch_can_be_walked_through() -> None:
    dataset = synthetic.load(1000)
    made = Subject.fresh(presets.load("arch-2"), dataset)
    trace = run_in_batch(made, *first_shard(made, next_batch(made, dataset)))
    assert Walk.begin(trace).explained.value == trace.values("linear2").max()


def test_vectors_stand_in_rows() -> None:
    form = Form.of((50,))
    assert (form.rows, form.columns) == (5, 10)
    values = form.values(np.arange(50.0), 0)
    assert values[form.cell((37,))] == 37
    assert form.place(99, 99, 0) == (49,)
    assert np.isnan(Form.of((7,)).values(np.arange(7.0), 0)).sum() == 1
    assert Form.of(()).place(3, 3, 3) == ()


def test_the_further_from_0_the_stronger_the_colour() -> None:
    values = np.array([[0.0, 0.25, 1.0], [-0.25, -1.0, np.nan]])
    pixels = paint.coloured(values, 1.0, DARK)
    assert tuple(pixels[0, 0]) == DARK.zero == tuple(pixels[1, 2])
    assert tuple(pixels[0, 2]) == DARK.above
    assert tuple(pixels[1, 1]) == DARK.below
    assert DARK.zero[2] < pixels[0, 1, 2] < DARK.above[2]


def test_signs_tell_size_and_direction_without_colour() -> None:
    values = np.array([[0.0, 1.0], [-1.0, 0.1]])
    view = View.of(2, 2, 20, 10, (0, 0), wide=2)
    lines = paint.signs(values, 1.0, view, (1, 1))
    assert [part.text for line in lines for part in line] == ["  ██", "█-<>"]
    assert view.cell(3, 1, wide=2) == (1, 1)


def test_the_largest_of_a_picture_comes_before_that_of_the_layer() -> None:
    trace = trace_of("arch-2")
    walk = Walk.begin(trace).to("conv1").moved(0, 0, 3)
    values = trace.values("conv1")
    there = walk.largest()
    assert there.here.at[2] == walk.here.at[2]
    assert values[there.here.at] == values[..., walk.here.at[2]].max()
    assert values[there.largest().here.at] == values.max()
    gradients = trace.gradients("conv1")
    back = walk.turned().largest()
    assert abs(gradients[back.here.at]) == abs(gradients[..., walk.here.at[2]]).max()


def test_the_weights_of_a_layer_come_one_after_the_other() -> None:
    trace = trace_of("arch-2")
    walk = Walk.begin(trace).to("conv1").moved(0, 0, 4)
    weights = walk.to_weights()
    assert weights is not None
    assert weights.here.name == "conv1.weight"
    assert weights.here.at[-1] == walk.here.at[-1]
    assert weights.layer == "conv1"
    bias = weights.to_weights()
    assert bias is not None
    assert bias.here.name == "conv1.bias"
    again = bias.to_weights()
    assert again is not None
    assert again.here.name == "conv1"
    assert Walk.begin(trace).to("relu1").to_weights() is None


def test_from_a_weight_the_way_leads_to_its_gradient_and_on_to_an_output() -> None:
    trace = trace_of("arch-2")
    weight = Walk.begin(trace).to("conv1").to_weights()
    assert weight is not None
    gradient = weight.into()
    assert gradient is not None
    assert gradient.here.gradients
    assert gradient.here.name == "conv1.weight"
    output = gradient.into()
    assert output is not None
    assert output.here.name == "conv1"
    assert output.here.gradients
    back = output.back()
    assert back is not None
    assert back.here == gradient.here

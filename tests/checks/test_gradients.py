"""Tests of whole checks: every preset, every reference, cancellation and errors."""

import sys
from dataclasses import replace
from math import isfinite

import numpy as np
import pytest

from core.checks import gradients, tables
from core.checks.kinks import clearance
from core.checks.report import CheckError, Progress, Row, Verdict
from core.checks.settings import CHECK_FIELDS, CheckSettings
from core.checks.subject import draw, drop, weighted
from core.config import presets
from core.data.dataset import Dataset
from core.nn.network import Network
from core.settings import SettingError

PUBLISHED = [f"arch-{number}" for number in range(1, 8)] + ["final"]


def check(name: str, dataset: Dataset, scale: str | None = None, **settings: object):
    settings.setdefault("reference", "complex")
    made = CheckSettings.of(settings)
    return gradients.run(presets.load(name), made, scale=scale, load=lambda *_: dataset)


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed; it is the reference here")


@pytest.mark.parametrize("name", presets.ORDER)
@pytest.mark.parametrize(("dtype", "bound"), [("float32", 5e-7), ("float64", 1e-14)])
def test_every_preset_agrees_with_pytorch(torch, name, dtype, bound, small):
    report = check(name, small, reference="torch", dtype=dtype)
    assert report.passed
    assert len(report.rows) == report.tensors > 1
    if name in PUBLISHED:
        assert report.max_normwise <= bound
        assert report.count(Verdict.PASS) == report.tensors
    assert report.rows[0].name == "input"
    assert all(row.comparison.compared == np.prod(row.shape) for row in report.rows)
    # In float32 one side alone may rectify a value that is all but 0, which the check tells.
    passing = [row for row in report.rows if row.verdict is Verdict.PASS]
    assert all(row.comparison.cosine == pytest.approx(1) for row in passing)
    assert len(passing) == report.tensors or report.kink_flips


@pytest.mark.parametrize("name", presets.ORDER)
@pytest.mark.parametrize(("reference", "bound"), [("complex", 1e-14), ("central", 1e-7)])
def test_every_preset_agrees_with_its_own_forward_pass(name, reference, bound, small):
    # A probe of a deep network takes as long as a hundred of the others.
    deep = name in ("deep", "resnet")
    less = {"entries": 3, "directions": 1, "batch_size": 3} if deep else {}
    report = check(name, small, reference=reference, **less)
    assert report.count(Verdict.PASS) == report.tensors
    assert report.max_normwise <= bound
    assert len(report.rows) == report.tensors > 1
    assert all(row.directional is not None for row in report.rows)
    entries = report.check.entries
    assert all(row.comparison.compared == min(entries, np.prod(row.shape)) for row in report.rows)


CONV = {"kind": "conv", "filter": 4, "filters": 4, "stride": 4}
WITHOUT_EFFECT = {
    "behind a convolution": [CONV, {"kind": "conv", "filter": 2, "filters": 4, "stride": 2}],
    "behind linear layers": [
        CONV, {"kind": "globalpool"},
        {"kind": "linear", "units": 5}, {"kind": "linear", "units": 6},
    ],
    "behind a branch": [
        CONV, {"kind": "residual", "layers": [{"kind": "conv", "filter": 1, "filters": 4}]},
    ],
}  # fmt: skip
"""Layers with a bias that the batch normalisation after them cancels."""


@pytest.mark.parametrize("layers", WITHOUT_EFFECT.values(), ids=WITHOUT_EFFECT)
@pytest.mark.parametrize(
    "reference",
    [("torch", "float32"), ("torch", "float64"), ("complex", "float64"), ("central", "float64")],
    ids="-".join,
)
def test_a_gradient_that_is_only_rounding_is_no_fault(torch, layers, reference, small):
    layers = [*layers, {"kind": "batchnorm"}, {"kind": "relu"}, {"kind": "linear", "units": 10}]
    experiment = presets.load("arch-1").changed(architecture=layers)
    settings = {"reference": reference[0], "dtype": reference[1], "entries": 5, "directions": 2}
    report = gradients.run(experiment, CheckSettings.of(settings), load=lambda *_: small)
    assert report.passed, [row.name for row in report.rows if row.verdict is Verdict.FAIL]
    noise = [row for row in report.rows if row.comparison.normwise > report.check.tolerance]
    assert all(row.name.endswith("bias") for row in noise)


@pytest.mark.parametrize("name", ["arch-2", "final", "lenet"])
def test_every_broken_tensor_is_caught_however_small_its_gradient(torch, name, small):
    for tensor in gradients.run(
        presets.load(name), CheckSettings(reference="torch"), load=lambda *_: small
    ).rows:
        report = check(name, small, tensor.name, reference="torch", dtype="float32", batch_size=3)
        assert [row.name for row in report.rows if row.verdict is Verdict.FAIL] == [tensor.name]


@pytest.mark.parametrize("layers", ["linear", "relu"])
def test_flips_are_told_where_there_can_be_some(torch, layers, small):
    kinds = [{"kind": layers}] if layers == "relu" else []
    experiment = presets.load("arch-1").changed(
        architecture=[*kinds, {"kind": "linear", "units": 10}]
    )
    report = gradients.run(experiment, CheckSettings(reference="torch"), load=lambda *_: small)
    assert any(note.startswith("Flips: 0 of ") for note in tables.notes(report)) == bool(kinds)


def test_the_order_is_that_of_the_network_and_rows_come_one_by_one(small):
    heard = []
    report = gradients.run(
        presets.load("lenet"),
        CheckSettings(reference="complex", entries=2, directions=1),
        listen=heard.append,
        load=lambda *_: small,
    )
    rows = [event for event in heard if isinstance(event, Row)]
    assert tuple(rows) == report.rows
    assert [row.name for row in rows[:3]] == ["input", "conv1.weight", "conv1.bias"]
    steps = [event for event in heard if isinstance(event, Progress)]
    shares = [step.done / step.total for step in steps[2:]]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert heard.index(rows[0]) < heard.index(steps[-1])


@pytest.mark.parametrize("images", ["data", "random", "clear"])
def test_the_seed_decides_everything(images, small):
    first, again, other = (
        check("arch-2", small, images=images, seed=seed, entries=3, batch_size=4)
        for seed in (1, 1, 2)
    )
    assert first.rows == again.rows
    assert first.rows != other.rows
    assert first.passed
    assert other.passed


def test_clear_images_keep_farther_from_kinks(small):
    experiment = presets.load("lenet")
    settings = CheckSettings(batch_size=3)
    distance = {}
    for images in ("data", "clear"):
        made = draw(experiment, settings.changed(images=images), small)
        network = weighted(made.layers, 0)
        distance[images] = min(clearance(network, made.x[n : n + 1])[0] for n in range(3))
    assert distance["clear"] > 3 * distance["data"]


def test_clear_images_of_a_normalised_network_are_taken_together(small):
    layers = [
        {"kind": "conv", "filter": 8, "filters": 2, "stride": 8},
        {"kind": "batchnorm"},
        {"kind": "relu"},
        {"kind": "linear", "units": 10},
    ]
    experiment = presets.load("deep").changed(architecture=layers)
    settings = CheckSettings(batch_size=3, images="clear", reference="complex")
    report = gradients.run(experiment, settings, load=lambda *_: small)
    assert report.passed
    made = draw(experiment, settings, small)
    network = Network(made.layers, 3, np.float64, made.parameters)
    distance = clearance(network, made.x).min()
    assert report.images == f"3 images at least {distance:.0e} from a kink"


def test_batch_normalisation_is_allowed_more_rounding_in_single_precision(torch, small):
    report = check("deep", small, reference="torch", batch_size=2, tolerance_float32=2e-6)
    assert report.check.tolerance == pytest.approx(10 * 2e-6)
    assert {row.tolerance for row in report.rows} == {report.check.tolerance}
    report = check("deep", small, reference="torch", batch_size=2, dtype="float64")
    assert report.check.tolerance == 1e-10


@pytest.mark.parametrize(("name", "judge"), [("deep", "float64"), ("arch-1", "float32")])
def test_pytorch_judges_batch_normalisation_in_double_precision(
    torch, small, monkeypatch, name, judge
):
    given = []
    differentiate = gradients.torch_reference.differentiate

    def listening(specs, parameters, decays, x, *others):
        given.extend([x, *parameters.values(), *others[-1]])
        return differentiate(specs, parameters, decays, x, *others)

    monkeypatch.setattr(gradients.torch_reference, "differentiate", listening)
    report = check(name, small, reference="torch", batch_size=2)
    assert {str(array.dtype) for array in given} == {judge}
    assert {row.dtype for row in report.rows} == {"float32"}
    rounded = given[0].astype("float32").astype(judge)
    np.testing.assert_array_equal(given[0], rounded, "the two sides take other numbers")


def test_clear_images_are_looked_at_with_what_dropout_drops(small):
    layers = [
        {"kind": "conv", "filter": 8, "filters": 2, "stride": 8},
        {"kind": "dropout", "probability": 0.5},
        {"kind": "relu"},
        {"kind": "linear", "units": 10},
    ]
    experiment = presets.load("arch-1").changed(architecture=layers)
    for batch in (1, 3):
        settings = CheckSettings(batch_size=batch, images="clear", reference="complex")
        made = draw(experiment, settings, small)
        network = Network(made.layers, batch, np.float64, made.parameters)
        drop(network, settings.seed)
        distance = clearance(network, made.x).min()
        assert 0 < distance < np.inf
        assert f"at least {distance:.0e} from a kink" in made.images


def test_of_a_single_value_a_channel_nothing_is_left_but_beta(torch, small):
    layers = [
        {"kind": "globalpool"},
        {"kind": "linear", "units": 4},
        {"kind": "batchnorm"},
        {"kind": "linear", "units": 10},
    ]
    experiment = presets.load("arch-1").changed(architecture=layers)
    settings = CheckSettings(batch_size=1, dtype="float64")
    report = gradients.run(experiment, settings, load=lambda *_: small)
    beta = next(row for row in report.rows if row.name == "batchnorm1.beta")
    assert beta.verdict is Verdict.PASS


def test_biases_are_not_zero_where_a_forgotten_one_must_show(small):
    made = draw(presets.load("arch-2"), CheckSettings(), small)
    assert np.all(made.parameters != 0)


@pytest.mark.parametrize("reference", ["complex", "central", "torch"])
@pytest.mark.parametrize("tensor", ["input", "conv1.weight", "linear2.bias"])
def test_a_gradient_that_is_broken_on_purpose_fails(tensor, reference, small, request):
    if reference == "torch":
        request.getfixturevalue("torch")
    report = check("arch-2", small, tensor, reference=reference)
    assert [row.name for row in report.rows if row.verdict is Verdict.FAIL] == [tensor]
    broken = next(row for row in report.rows if row.scaled)
    assert broken.comparison.normwise == pytest.approx(5e-4, rel=1e-2)
    assert not report.passed


def test_there_is_nothing_to_break_by_that_name(small):
    with pytest.raises(SettingError, match=r"no tensor 'conv9'; there are input, conv1\.weight"):
        check("arch-2", small, "conv9")


def test_a_cancelled_check_keeps_its_rows_and_has_not_passed(small):
    heard: list[Row] = []
    report = gradients.run(
        presets.load("arch-2"),
        CheckSettings(reference="complex"),
        listen=lambda event: heard.append(event) if isinstance(event, Row) else None,
        cancelled=lambda: len(heard) == 2,
        load=lambda *_: small,
    )
    assert report.rows == tuple(heard)
    assert len(heard) == 2
    assert not report.complete
    assert not report.passed


def test_without_pytorch_the_report_says_how_to_get_it(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(CheckError, match=r"pip install torch.*central and complex work without"):
        check("arch-2", small, reference="torch")
    assert check("arch-2", small, reference="complex", entries=2).passed


def test_a_batch_larger_than_the_data_takes_what_there_is(small):
    few = replace(small, train=replace_images(small, 5))
    assert check("arch-1", few, entries=2, batch_size=100).images == "5 images"
    assert check("arch-1", few, entries=2, batch_size=1).images == "1 image"


def replace_images(small: Dataset, count: int):
    return replace(
        small.train, images=small.train.images[:count], labels=small.train.labels[:count]
    )


def test_a_tensor_that_lies_in_kinks_altogether_has_not_passed(small):
    # Two pixels that are always the same tie in every window: no probe of the input can succeed.
    flat = np.repeat(np.repeat(small.train.images[:, ::2, ::2], 2, axis=1), 2, axis=2)
    experiment = presets.load("arch-2").changed(
        architecture=[{"kind": "pool", "filter": 2, "stride": 2}, {"kind": "linear", "units": 10}],
        normalisation="channel",
    )
    report = gradients.run(
        experiment,
        CheckSettings(reference="central", entries=2),
        load=lambda *_: replace(small, train=replace(small.train, images=flat)),
    )
    first = report.rows[0]
    assert (first.name, first.verdict, first.comparison.compared) == ("input", Verdict.FAIL, 0)
    assert first.redrawn > 20
    assert not isfinite(report.max_normwise)
    assert report.as_dict()["rows"][0]["worst_index"] is None


def test_what_cannot_be_set_is_refused_in_one_sentence():
    with pytest.raises(SettingError, match="reference: 'foo' is none of torch, central, complex"):
        CheckSettings.of({"reference": "foo"})
    with pytest.raises(SettingError, match="batch_size: 0 is below its range"):
        CheckSettings().changed(batch_size=0)
    assert CheckSettings(reference="central", dtype="float32").working_dtype == "float64"


def test_every_setting_explains_itself():
    assert {field.name for field in CHECK_FIELDS} == set(CheckSettings.model_fields)
    assert [
        CheckSettings.of({"reference": r}).tolerance for r in ("torch", "central", "complex")
    ] == [
        1e-6,
        1e-7,
        1e-12,
    ]
    assert CheckSettings(dtype="float64").tolerance == 1e-10

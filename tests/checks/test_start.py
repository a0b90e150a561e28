"""Tests of the check before a training: everything healthy passes, and each illness is found."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.checks import start, start_judge
from core.checks.by_heart import Attempt, balanced
from core.checks.report import Progress
from core.checks.start_report import Finding, StartReport, Verdict
from core.config import presets
from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.settings import SettingError

SMALL = Experiment.of(
    {"name": "small", "architecture": "8x8/4/12", "dataset": "synthetic", "batch_size": 20}
)
SLOW = ("deep", "resnet")
"""Presets whose check takes many seconds; they pass, too, but are tried by hand."""

PASSED, DOUBTFUL, FAILED = Verdict.PASSED, Verdict.DOUBTFUL, Verdict.FAILED


def check(experiment: Experiment, dataset: Dataset, **how: Any) -> StartReport:
    return start.run(experiment, load=lambda *_: dataset, **how)


def found(report: StartReport) -> dict[str, Finding]:
    return {finding.name: finding for finding in report.findings}


def verdicts(report: StartReport) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in report.findings}


def changed(dataset: Dataset, change: Callable[[Split], Split]) -> Dataset:
    return replace(dataset, train=change(dataset.train))


@pytest.mark.parametrize("name", [name for name in presets.ORDER if name not in SLOW])
def test_every_preset_passes(name: str) -> None:
    report = start.run(presets.load(name).changed(dataset="synthetic"))
    assert set(verdicts(report).values()) == {PASSED}, report.as_dict()
    assert report.outcome() == "5 of 5 passed"
    assert report.passed


def test_normalisation_after_each_layer_passes(small: Dataset) -> None:
    layers = [{"kind": "conv", "filters": 4, "filter": 3}, {"kind": "batchnorm"}, {"kind": "relu"},
              {"kind": "dropout", "probability": 0.5}, {"kind": "linear", "units": 10}]  # fmt: skip
    report = check(SMALL.changed(architecture=layers, eta_max=0.01), small)
    assert set(verdicts(report).values()) == {PASSED}, report.as_dict()


def test_the_numbers_are_those_of_the_first_update(small: Dataset) -> None:
    report = found(check(SMALL, small))
    scale = report["input_scale"].numbers
    assert scale["mean"] == pytest.approx(0, abs=0.02)
    assert scale["deviation"] == pytest.approx(1, abs=0.02)
    assert report["first_loss"].numbers["chance"] == log(10)
    heart = report["by_heart"].numbers
    assert heart["images"] == 20
    assert heart["loss"] <= 0.1
    assert heart["updates"] % 10 == 0
    # Twenty labels, two of each class: what is known without the images costs ln 10.
    assert report["without_images"].numbers["blank_loss"] == pytest.approx(log(10), abs=1e-3)


def test_it_is_a_function_of_settings_and_seed(small: Dataset) -> None:
    first, again = (check(SMALL, small).findings for _ in range(2))
    assert first == again
    assert check(SMALL.changed(seed=1), small).findings != first


def test_the_images_of_a_class_that_never_change_are_not_in_scale(small: Dataset) -> None:
    def blank(split: Split) -> Split:
        return Split(np.full_like(split.images, 7), split.labels)

    report = check(SMALL, changed(small, blank))
    assert verdicts(report) == {
        "input_scale": FAILED,
        "first_loss": PASSED,
        "first_outputs": FAILED,
        "by_heart": FAILED,
        "without_images": FAILED,
    }
    assert "100 % of the pixels never vary" in found(report)["input_scale"].measured
    assert not report.passed


def test_a_pixel_that_hardly_ever_varies_is_doubtful(small: Dataset) -> None:
    def spotted(split: Split) -> Split:
        images = split.images.copy()
        images[:, 3, 3] = 0
        images[5, 3, 3] = 255
        return Split(images, split.labels)

    finding = found(check(SMALL, changed(small, spotted)))["input_scale"]
    assert finding.verdict is DOUBTFUL
    assert finding.numbers["largest"] == pytest.approx(np.sqrt(306), rel=1e-3)


@pytest.mark.parametrize(("depth", "verdict"), [(0, PASSED), (9, FAILED)])
def test_branches_that_add_up_make_the_first_loss_and_outputs_too_large(
    small: Dataset, depth: int, verdict: Verdict
) -> None:
    branch = {"kind": "residual", "layers": [
        {"kind": "conv", "filters": 3, "filter": 3, "padding": 1}]}  # fmt: skip
    layers = [*[branch] * depth, {"kind": "linear", "units": 10}]
    report = verdicts(check(SMALL.changed(architecture=layers, eta_max=1e-4), small))
    assert (report["first_loss"], report["first_outputs"]) == (verdict, verdict)


def test_labels_of_one_class_are_guessed_without_the_images(small: Dataset) -> None:
    report = check(SMALL, changed(small, lambda split: Split(split.images, 0 * split.labels)))
    assert found(report)["by_heart"].verdict is PASSED
    finding = found(report)["without_images"]
    assert finding.verdict is FAILED
    assert finding.numbers["entropy"] == 0


def test_a_rate_that_is_too_high_or_too_low_is_told_from_a_network_that_cannot_learn(
    small: Dataset,
) -> None:
    for rate in (10.0, 1e-7):
        finding = found(check(SMALL.changed(eta_min=1e-8, eta_max=rate), small))["by_heart"]
        assert finding.verdict is DOUBTFUL
        assert finding.measured.endswith("so the rate or the optimiser is at fault")
    narrow = [{"kind": "globalpool"}, {"kind": "linear", "units": 1}, {"kind": "relu"},
              {"kind": "linear", "units": 10}]  # fmt: skip
    finding = found(check(SMALL.changed(architecture=narrow), small))["by_heart"]
    assert finding.verdict is FAILED
    assert finding.numbers["updates"] == 300


def test_the_same_image_with_two_labels_cannot_be_learned(small: Dataset) -> None:
    def twins(split: Split) -> Split:
        return Split(np.repeat(split.images[:20], 2, axis=0), np.arange(40) % 2)

    finding = found(check(SMALL, changed(small, twins)))["by_heart"]
    assert finding.verdict is not PASSED


def test_the_images_are_of_as_many_classes_as_there_can_be() -> None:
    labels = np.array([0] * 50 + [1] * 3 + [2] * 7)
    rows = balanced(labels, 12, np.random.default_rng(0))
    assert len(set(rows.tolist())) == 12
    assert np.bincount(labels[rows]).tolist() == [5, 3, 4] or np.bincount(
        labels[rows]
    ).tolist() == [4, 3, 5]
    assert len(balanced(labels, 100, np.random.default_rng(0))) == 60


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [(2.3, PASSED), (3.7, PASSED), (1.0, DOUBTFUL), (4.0, DOUBTFUL), (8.0, FAILED),
     (inf, FAILED), (float("nan"), FAILED)],
)  # fmt: skip
def test_the_thresholds_of_the_first_loss(loss: float, verdict: Verdict) -> None:
    assert start_judge.first_loss(loss, 10).verdict is verdict


@pytest.mark.parametrize(
    ("scale", "verdict"),
    [(1, PASSED), (0.01, DOUBTFUL), (5, DOUBTFUL), (1e-5, FAILED), (100, FAILED), (0, FAILED),
     (inf, FAILED)],
)  # fmt: skip
def test_the_thresholds_of_the_first_outputs(scale: float, verdict: Verdict) -> None:
    logits = np.random.default_rng(0).standard_normal((50, 10)) * scale
    assert start_judge.first_outputs(logits).verdict is verdict


def test_outputs_that_are_the_same_for_all_images_fail() -> None:
    logits = np.tile(np.arange(10.0) / 5, (50, 1))
    finding = start_judge.first_outputs(logits)
    assert finding.verdict is FAILED
    assert finding.numbers["over_images"] == pytest.approx(0, abs=1e-9)


def test_without_images_every_input_is_0(small: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs: list[np.ndarray] = []
    right = start.learn

    def watched(experiment: Any, prepared: Any, images: Split, normaliser: Any, *more: Any,
                **how: Any) -> Attempt | None:  # fmt: skip
        inputs.append(np.empty(images.images.shape))
        normaliser.apply(images.images, inputs[-1])
        return right(experiment, prepared, images, normaliser, *more, **how)

    monkeypatch.setattr(start, "learn", watched)
    check(SMALL, small)
    seen, blank = inputs
    assert np.abs(seen).max() > 1
    assert not blank.any()


@pytest.mark.parametrize(
    ("mean", "deviation", "verdict"),
    [(0, 1, PASSED), (0.5, 1, DOUBTFUL), (0, 0.3, DOUBTFUL), (2, 1, FAILED), (0, 0.01, FAILED)],
)
def test_the_thresholds_of_the_input(mean: float, deviation: float, verdict: Verdict) -> None:
    x = mean + deviation * np.random.default_rng(0).standard_normal((50, 8, 8, 3))
    assert start_judge.input_scale(x).verdict is verdict


@pytest.mark.parametrize(
    ("seen", "blank", "verdict"),
    [(0.05, 2.3, PASSED), (1.5, 2.3, DOUBTFUL), (2.2, 2.3, FAILED), (0.01, 0.09, FAILED),
     (inf, inf, FAILED)],
)  # fmt: skip
def test_the_thresholds_without_images(seen: float, blank: float, verdict: Verdict) -> None:
    labels = np.arange(20) % 10
    finding = start_judge.without_images(Attempt(10, seen), Attempt(10, blank), labels)
    assert finding.verdict is verdict


def test_every_finding_says_threshold_reason_and_source(small: Dataset) -> None:
    for finding in check(SMALL, small).findings:
        assert finding.measured
        assert finding.threshold
        assert finding.why.endswith(".")
        assert finding.why.count(". ") == 0
        assert "Karpathy" in finding.source or "cs231n" in finding.source


def test_findings_and_progress_arrive_as_they_come(small: Dataset) -> None:
    events: list[Progress | Finding] = []
    report = check(SMALL, small, listen=events.append)
    assert [event for event in events if isinstance(event, Finding)] == list(report.findings)
    steps = [event for event in events if isinstance(event, Progress)]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert all(step.done <= step.total for step in steps)
    assert isinstance(events[-1], Finding)


@pytest.mark.parametrize(("calls", "count"), [(0, 0), (1, 1), (2, 3), (8, 3)])
def test_it_can_be_stopped_at_any_time(small: Dataset, calls: int, count: int) -> None:
    asked = iter(range(10**6))
    report = check(SMALL, small, cancelled=lambda: next(asked) >= calls)
    assert len(report.findings) == count
    assert not report.complete
    assert not report.passed


def test_nothing_is_saved(small: Dataset, convsole_home: Path) -> None:
    check(SMALL, small)
    assert not list(convsole_home.iterdir())


def test_an_impossible_network_is_refused_in_one_sentence(small: Dataset) -> None:
    with pytest.raises(SettingError, match="layer 1"):
        check(SMALL.changed(architecture="40x40/3/5"), small)

"""Tests of the range test."""

from math import nan
from pathlib import Path

import numpy as np
import pytest

from core.config.experiment import Experiment
from core.data import synthetic
from core.data.dataset import Dataset
from core.settings import SettingError
from core.training.lr_curve import RateCurve
from core.training.lr_finder import RangeSettings, run
from core.training.state import Step
from core.training.trainer import Trainer

SMALL = Experiment.of(
    {
        "name": "small",
        "architecture": "8x8/4/12",
        "dataset": "synthetic",
        "momentum": 0.9,
        "label_smoothing": 0.1,
        "augmentation": "fresh",
        "validation_size": 100,
    }
)
SHORT = RangeSettings(low=1e-4, high=1.0, updates=50)


def test_rates_rise_by_the_same_factor_from_the_first_to_the_last() -> None:
    rates = [SHORT.rate(update) for update in range(50)]
    assert rates[0] == 1e-4
    assert rates[-1] == 1.0
    assert np.diff(np.log(rates)) == pytest.approx(np.full(49, np.log(1e4) / 49))


@pytest.mark.parametrize(("low", "high"), [(1e-5, 1.0), (1e-5, 3.0), (1e-7, 10.0), (0.2, 0.9)])
def test_the_rates_end_exactly_where_they_say(low: float, high: float) -> None:
    settings = RangeSettings(low=low, high=high)
    rates = [settings.rate(update) for update in range(settings.updates)]
    assert (rates[0], rates[-1]) == (low, high)
    assert rates == sorted(rates)


def test_the_first_rate_is_below_the_last() -> None:
    with pytest.raises(SettingError, match=r"first rate 0\.1 is not below the last, 0\.1"):
        RangeSettings.of({"low": 0.1, "high": 0.1})
    with pytest.raises(SettingError, match="updates: 10 is below its range"):
        RangeSettings.of({"updates": 10})


def test_the_same_seed_gives_the_same_curve_whatever_the_threads(
    made: list[type], two_cores: type
) -> None:
    curves = [run(SMALL, SHORT, threads=threads) for threads in (1, 2)]
    assert set(made) == {two_cores}
    assert curves[0].losses.tolist() == curves[1].losses.tolist()
    other = run(SMALL.changed(seed=1), SHORT, threads=1)
    assert curves[0].losses.tolist() != other.losses.tolist()


def test_it_takes_the_updates_of_a_training_at_other_rates() -> None:
    curve = run(SMALL, SHORT, threads=1)
    dataset = synthetic.load(SMALL.validation_size)
    trainer = Trainer(SMALL, dataset, 1)
    with trainer.working():
        losses = [trainer.step(n, SHORT.rate(n)).loss for n in range(len(curve.losses))]
    assert losses == curve.losses.tolist()
    assert curve.rates.tolist() == [SHORT.rate(n) for n in range(len(curve.rates))]


def test_no_image_is_evaluated_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def evaluate(*_: object) -> None:
        raise AssertionError("evaluated")

    monkeypatch.setattr("core.training.shards.ShardedNetwork.evaluate", evaluate)
    assert len(run(SMALL, SHORT, threads=1).losses) >= 20


def test_it_ends_where_the_loss_explodes() -> None:
    wild = RangeSettings(low=1e-3, high=10.0, updates=200)
    told: list[RateCurve] = []
    curve = run(SMALL.changed(momentum=0.99), wild, threads=1, listen=told.append)
    assert curve.exploded
    assert len(curve.losses) < 200
    assert np.isfinite(curve.losses).all()
    assert told[-1] is curve


def test_a_loss_that_is_not_finite_ends_it_and_is_not_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def step(self: Trainer, update: int, rate: float) -> Step:
        return Step(rate, nan if update == 30 else 2.0, 2.0, 0.0)

    monkeypatch.setattr(Trainer, "step", step)
    curve = run(SMALL, SHORT, threads=1)
    assert curve.exploded
    assert len(curve.losses) == 30


def test_cancelling_gives_what_was_measured() -> None:
    told: list[int] = []
    curve = run(
        SMALL,
        SHORT,
        threads=1,
        listen=lambda so_far: told.append(len(so_far.losses)),
        cancelled=lambda: len(told) >= 12,
    )
    assert len(curve.losses) == 12
    assert not curve.exploded
    assert told == [*range(1, 13), 12]


def test_it_is_told_where_the_data_are() -> None:
    asked: list[tuple[str, Path | None, int]] = []

    def load(dataset: str, path: Path | None, validation_size: int) -> Dataset:
        asked.append((dataset, path, validation_size))
        return synthetic.load(validation_size)

    run(SMALL, SHORT, Path("somewhere"), 1, cancelled=lambda: True, load=load)
    assert asked == [("synthetic", Path("somewhere"), 100)]

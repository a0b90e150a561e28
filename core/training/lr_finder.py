"""The learning-rate range test: a short training with a rising rate."""

from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import model_validator

from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import Dataset
from core.settings import setting, settings_of
from core.training.lr_curve import RateCurve
from core.training.trainer import Trainer
from core.validation import CheckedSettings

EXPLODED = 3.0
"""Multiple of the lowest mean loss so far above which the test ends."""

RECENT = 5
"""Number of updates in a mean, which distinguishes an explosion from one bad batch."""

Load = Callable[[str, Path | None, int], Dataset]


class RangeSettings(CheckedSettings):
    """Settings of a range test."""

    low: float = setting(
        1e-5, "Rate of the first update", label="from", low=1e-7, high=10, step=1e-7, scale="log"
    )
    high: float = setting(
        1.0, "Rate of the last update", label="to", low=1e-7, high=10, step=1e-7, scale="log"
    )
    updates: int = setting(
        300, "Updates of the test", label="updates", unit="updates", low=50, high=10_000, step=50
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"the first rate {self.low:g} is not below the last, {self.high:g}")
        return self

    def rate(self, update: int) -> float:
        """Return the rate of an update, counted from 0; rates grow geometrically."""
        t = update / (self.updates - 1)
        # The power may round to either side of the last rate.
        return self.high if t == 1.0 else min(self.high, self.low * (self.high / self.low) ** t)


RANGE_FIELDS = settings_of(RangeSettings)
"""All settings, in the order in which the app shows them."""


def run(
    experiment: Experiment,
    settings: RangeSettings,
    data: Path | None = None,
    threads: int | None = None,
    *,
    listen: Callable[[RateCurve], None] = lambda curve: None,
    cancelled: Callable[[], bool] = lambda: False,
    load: Load = source.load,
) -> RateCurve:
    """Train from the start of `experiment` with a rising rate, and return the loss curve.

    Everything but the rate is as in the training itself: network, images, batches, regularisation,
    momentum. The test saves nothing and makes no evaluations.

    Args:
        experiment: the experiment to test.
        settings: settings of the test.
        data: folder or archive of CIFAR-10; None searches the data folder.
        threads: maximum number of threads; affects the time, never the result.
        listen: callback with the curve so far after every update; must not block.
        cancelled: returns whether to stop; called before every update.
        load: loads a data set.

    Raises:
        DataError: if the data cannot be loaded.
        SettingError: if the architecture is impossible.
    """
    dataset = load(experiment.dataset, data, experiment.validation_size)
    rates, losses = np.empty(settings.updates), np.empty(settings.updates)
    trainer = Trainer(experiment, dataset, threads)
    curve = RateCurve(rates[:0], losses[:0], settings.updates)
    with trainer.working():
        for update in range(settings.updates):
            if cancelled():
                break
            step = trainer.step(update, settings.rate(update))
            finite = isfinite(step.loss) and isfinite(step.cost)
            if finite:
                rates[update], losses[update] = step.rate, step.loss
                curve = RateCurve(rates[: update + 1], losses[: update + 1], settings.updates)
            if not finite or _exploded(curve):
                curve = RateCurve(curve.rates, curve.losses, settings.updates, exploded=True)
                break
            listen(curve)
    listen(curve)
    return curve


def _exploded(curve: RateCurve) -> bool:
    if len(curve.losses) < 2 * RECENT:
        return False
    means = curve.losses[: len(curve.losses) // RECENT * RECENT].reshape(-1, RECENT).mean(axis=1)
    return bool(curve.losses[-RECENT:].mean() > EXPLODED * means.min())

"""How long each trial of a study trains: updates, and the length of its schedule."""

from collections.abc import Collection
from dataclasses import dataclass

from core.config.experiment import MAX_UPDATES, Experiment
from core.settings import SettingError

MAX_HALF_CYCLE = 1_000_000
"""Upper bound of the setting `half_cycle`."""


@dataclass(frozen=True)
class Budget:
    """What every trial of a study trains; without either number, as much as its start does."""

    epochs: float | None = None
    """Passes over the training images, without the copies of offline augmentation."""
    updates: int | None = None

    def of(self, start: Experiment, batch_size: int, training_images: int) -> float:
        """Return the updates of a trial.

        Args:
            start: what every trial starts from.
            batch_size: images in an update of this trial.
            training_images: number of images in the training set.

        Raises:
            SettingError: if they are more than a run can have.
        """
        if self.updates is not None:
            return self.updates
        if self.epochs is not None:
            updates = training_images // batch_size * self.epochs
        else:
            updates = start.total_updates * start.batch_size / batch_size
        if updates > MAX_UPDATES:
            many = f"{updates:,.0f}" if updates < 1e12 else f"{updates:.0e}"
            raise SettingError(
                "epochs",
                f"a trial would take {many} updates of {batch_size} images; "
                f"a run takes {MAX_UPDATES:,} at most",
            )
        return updates


@dataclass(frozen=True)
class Length:
    """How long a trial is."""

    wanted: float
    """Updates that the budget gives it; not always a whole number."""
    updates: int
    """Updates that it trains."""
    cycles: int
    """Cycles of its schedule."""

    @property
    def differs(self) -> bool:
        """Whether it trains another number of updates than it is given."""
        return abs(self.updates - self.wanted) >= 1


def in_words(lengths: Collection[Length]) -> str:
    """Return how many updates trials train, and why where that is not what they are given.

    Args:
        lengths: of some trials, at least one.
    """
    words = f"a trial trains {_range([each.updates for each in lengths])} updates"
    differing = [each for each in lengths if each.differs]
    if not differing:
        return words
    wanted = _range([each.wanted for each in differing])
    cycles = _range([each.cycles for each in differing])
    plural = "s" * (cycles != "1")
    return (
        f"{words}, not {wanted}: half a cycle takes a whole number of updates, "
        f"and its schedule has {cycles} cycle{plural}"
    )


def _range(numbers: Collection[float]) -> str:
    low, high = (f"{number:,.0f}" for number in (min(numbers), max(numbers)))
    return low if low == high else f"{low} to {high}"


def half_cycle(experiment: Experiment, updates: float) -> int:
    """Return the half cycle with which an experiment ends after some updates.

    Every schedule takes its length from half cycles, and those that are no triangles from all of
    them together. So the end is as close to `updates` as a whole half cycle brings it: within the
    sum of growth^i over all cycles, which is 1 update for a single triangle.

    Raises:
        SettingError: if it is longer than a half cycle can be.
    """
    parts = sum(experiment.growth**cycle for cycle in range(experiment.cycles))
    length = max(1, round(updates / parts / 2))
    if length > MAX_HALF_CYCLE:
        raise SettingError(
            "cycles",
            f"a trial of {updates:,.0f} updates needs more than {experiment.cycles}, "
            f"as half a cycle takes {MAX_HALF_CYCLE:,} updates at most",
        )
    return length

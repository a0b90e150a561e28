"""What the health record costs: updates with it and without, in turns: `python -m bench.health`."""

import statistics
import sys
from dataclasses import dataclass
from time import perf_counter

from core.benchmark import cases
from core.config import presets
from core.data import source
from core.data.dataset import Dataset
from core.training.control import Control
from core.training.events import Event, HealthMeasured, UpdateDone
from core.training.health_columns import INTERVALS
from core.training.trainer import Trainer

PRESETS = ("arch-1", "arch-2", "final", "lenet", "conv1d", "deep", "resnet")
PAIRS = 5
LIMIT = 0.03
"""Largest share of the time of a training that the record may take at the default."""

SECONDS = 3.0
"""Duration of a turn, at least that of one row."""


@dataclass(frozen=True)
class Cost:
    """Medians of a preset."""

    update: float
    """Milliseconds of an update without the record, evaluations included."""
    row: float
    """Milliseconds of a row of the record."""
    pairs: float
    """Time of an update with the record by that without, of pairs of trainings in turns."""

    @property
    def share(self) -> float:
        """Share of the time that the rows take: more exact than `pairs` on a busy machine."""
        return self.row / (INTERVALS["sparse"] * self.update)


class Timed:
    """One training of a pair.

    Args:
        name: the preset.
        setting: how often its health is recorded.
        dataset: the images.
        updates: number of updates in a turn.
    """

    def __init__(self, name: str, setting: str, dataset: Dataset, updates: int) -> None:
        experiment = presets.load(name).changed(
            dataset=dataset.name, augmentation="none", health=setting, max_updates=updates
        )
        self.trainer = Trainer(experiment, dataset)
        self.updates = updates

    def run(self) -> float:
        """Train from the first update; return the mean milliseconds of an update but the first."""
        began, done = 0.0, 0

        def listen(event: Event) -> None:
            nonlocal began, done
            if isinstance(event, UpdateDone):
                # The workers start in the first update.
                began, done = began or perf_counter(), done + 1
                if done == self.updates:
                    self.took = 1e3 * (perf_counter() - began) / max(1, done - 1)
                    control.interrupt()

        control = Control()
        self.trainer.run(control, listen)
        return self.took


def rows(name: str, dataset: Dataset) -> list[float]:
    """Return the milliseconds of each of some rows, in a training."""
    timed, took = Timed(name, "dense", dataset, 60), []
    probe = timed.trainer.health
    assert probe is not None
    before, after = probe.before, probe.after
    spent = 0.0

    def timed_before() -> None:
        nonlocal spent
        began = perf_counter()
        before()
        spent = perf_counter() - began

    def timed_after(*arguments: object) -> HealthMeasured:
        began = perf_counter()
        measured = after(*arguments)  # type: ignore[arg-type]
        took.append(1e3 * (spent + perf_counter() - began))
        return measured

    probe.before, probe.after = timed_before, timed_after  # type: ignore[method-assign]
    timed.run()
    return took


def cost(name: str, dataset: Dataset) -> Cost:
    """Return what the record of a preset costs."""
    quick = Timed(name, "off", dataset, 20).run()
    every = INTERVALS["sparse"]
    updates = max(1, round(1e3 * SECONDS / quick / every)) * every
    ratios, without = [], []
    for _ in range(PAIRS):
        bare = Timed(name, "off", dataset, updates).run()
        ratios.append(Timed(name, "sparse", dataset, updates).run() / bare)
        without.append(bare)
    row = statistics.median(rows(name, dataset))
    return Cost(statistics.median(without), row, statistics.median(ratios))


def main() -> None:
    dataset = cases.reduced(source.load("auto", None, 1000))
    print("| preset | ms per update | ms per row | share of the time | with / without |")
    print("| --- | ---: | ---: | ---: | ---: |")
    worst = 0.0
    for name in sys.argv[1:] or PRESETS:
        found = cost(name, dataset)
        worst = max(worst, found.share)
        print(
            f"| {name} | {found.update:.2f} | {found.row:.2f} | {100 * found.share:.2f} % "
            f"| {found.pairs:.3f} |",
            flush=True,
        )
    if worst > LIMIT:
        sys.exit(f"the health record takes {100 * worst:.1f} %, and may take {100 * LIMIT:.0f} %")


if __name__ == "__main__":
    main()

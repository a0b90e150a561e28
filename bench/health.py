"""What the health record costs, in turns with updates without it: `python -m bench.health`.

The verdict is on processor time, which other programs change little; the times of whole trainings
are worth something on an idle machine only.
"""

import statistics
import sys
from dataclasses import dataclass
from time import perf_counter, process_time

from core.benchmark import cases
from core.config import presets
from core.data import source
from core.data.dataset import Dataset
from core.training.control import Control
from core.training.events import Event, UpdateDone
from core.training.health_columns import INTERVALS
from core.training.trainer import Trainer

PRESETS = ("arch-1", "arch-2", "final", "lenet", "conv1d", "deep", "resnet")
PAIRS = 5
LIMIT = 0.03
"""Largest share of the time of a training that the record may take at the default."""

SECONDS = 3.0
"""Duration of a turn, or of a hundred updates if they take longer."""

SKIPPED = 5
"""Updates that are not counted, in which buffers are touched for the first time."""


@dataclass(frozen=True)
class Cost:
    """Medians of a preset."""

    update: float
    """Processor milliseconds of an update, without evaluations."""
    row: float
    """Processor milliseconds of a row of the record, between the same updates."""
    pairs: float
    """Time of a training with the record by that without, in turns."""

    @property
    def share(self) -> float:
        """Largest share of the time that the rows take: an update has two cores, a row has one."""
        return self.row / (INTERVALS["sparse"] * self.update / 2)


def trainer(
    name: str, setting: str, dataset: Dataset, updates: int, threads: int | None = None
) -> Trainer:
    """Return a training of a preset that records its health as `setting` says."""
    experiment = presets.load(name).changed(
        dataset=dataset.name, augmentation="none", health=setting, max_updates=updates
    )
    return Trainer(experiment, dataset, threads)


def seconds(training: Trainer) -> float:
    """Train, without the measurement at the end; return the seconds after the first update."""
    began, took, control = 0.0, 0.0, Control()

    def listen(event: Event) -> None:
        nonlocal began, took
        if isinstance(event, UpdateDone):
            began = began or perf_counter()  # the workers start in the first update
            took = perf_counter() - began
            if event.update == training.timeline.updates:
                control.interrupt()

    training.run(control, listen)
    return took


def single(name: str, dataset: Dataset, count: int) -> tuple[float, float]:
    """Return the median processor seconds of an update and of a row, `count` of each in turns."""
    training = trainer(name, "sparse", dataset, 1000, threads=1)
    assert training.health is not None
    updates, rows = [], []
    with training.working():
        for update in range(SKIPPED + count):
            start = process_time()
            training.step(2 * update)
            between = process_time()
            training.health.before()
            step = process_time()
            training.step(2 * update + 1)
            after = process_time()
            training.health.after(update + 1, training.engine.gradients)
            rows.append(process_time() - after + step - between)
            updates.append(between - start)
    return statistics.median(updates[SKIPPED:]), statistics.median(rows[SKIPPED:])


def cost(name: str, dataset: Dataset) -> Cost:
    """Return what the record of a preset costs."""
    quick, _ = single(name, dataset, 3)
    update, row = single(name, dataset, max(5, min(200, round(SECONDS / quick / 3))))
    every = INTERVALS["sparse"]
    length = max(1, round(2 * SECONDS / update / every)) * every + 1
    ratios = []
    for _ in range(PAIRS):
        without = seconds(trainer(name, "off", dataset, length))
        ratios.append(seconds(trainer(name, "sparse", dataset, length)) / without)
    return Cost(1e3 * update, 1e3 * row, statistics.median(ratios))


def main() -> None:
    dataset = cases.reduced(source.load("auto", None, 1000))
    print("| preset | CPU ms per update | per row | share at most | with / without |")
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

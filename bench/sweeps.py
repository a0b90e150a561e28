"""What a study costs beside its trainings, and gains by a second worker: `python -m bench.sweeps`.

The overhead is the time of a study, from its first piece to its end, over that of the same
trainings one after the other in this process, without scheduler and store. How long workers take to
start is told apart from it, and is part of the times of the two kinds of workers.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from core import system
from core.data import source
from core.data.dataset import Dataset
from core.runs.store import Store
from core.sweeps.definition.study import Study
from core.sweeps.execution.executors import open_executor
from core.sweeps.execution.run import Sweep
from core.training.piece import MAX_UPDATES, release, train_piece
from core.training.timeline import Timeline

TRIALS, TRIAL_S = 6, 10.0
"""Trials of arch-2 that the overhead is measured by, and seconds of each."""
SHARED, SHARED_S = 24, 5.0
"""Trials that two workers share, and seconds of each on one."""
LOOK_S = 5.0
"""Seconds in which the speed is measured that makes seconds of updates."""
OVERHEAD, GAIN = 0.03, 0.6
"""Largest overhead, and largest time with two workers over that with one."""


def speed(dataset: Dataset) -> float:
    """Return the updates per second of a trial."""
    made = study(1, MAX_UPDATES, dataset)
    timeline = Timeline(made.experiment(made.drawn(0), 0, dataset.name, len(dataset.train)))
    piece = train_piece(dataset.without_test(), timeline, None, MAX_UPDATES, seconds=LOOK_S)
    release()
    return piece.state.updates / piece.seconds


def study(trials: int, updates: int, dataset: Dataset) -> Study:
    """Return a study of rates on one network."""
    return Study.of(
        {
            "name": f"{trials} of arch-2",
            "preset": "arch-2",
            "trials": trials,
            "finalists": 1,
            "seeds": [0],
            "updates": updates,
            "fixed": {"dataset": dataset.name},
            "space": {"eta_max": {"log": [0.001, 0.05]}},
        }
    )


def swept(made: Study, dataset: Dataset, workers: int) -> tuple[float, float]:
    """Return the seconds until workers are there, and those of the study after that."""
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(made, Store(Path(folder)))
        with sweep:
            images = sweep.load(lambda name, data, validation: dataset)
            begun = perf_counter()
            with open_executor(images, workers=workers, threads=1) as executor:
                there = perf_counter()
                sweep.run(images, executor)
                return there - begun, perf_counter() - there


def alone(made: Study, dataset: Dataset) -> float:
    """Return the seconds of the trainings of a study, each in one piece, without a study."""
    seen = dataset.without_test()
    begun = perf_counter()
    for number in range(made.trials):
        experiment = made.experiment(made.drawn(number), 0, dataset.name, len(dataset.train))
        timeline, state = Timeline(experiment), None
        while state is None or state.updates < timeline.updates:
            state = train_piece(seen, timeline, state, timeline.updates).state
    release()
    return perf_counter() - begun


def main() -> None:
    """Measure; exit with a sentence if a target is missed."""
    dataset = source.load("auto", None, 5_000)
    machine = system.describe()
    print(f"{machine.cpu}, {machine.cores} cores, load {machine.load}; {dataset.name}")
    pace = speed(dataset)
    made = study(TRIALS, int(pace * TRIAL_S), dataset)
    missed = []
    before = alone(made, dataset)
    found = {workers: swept(made, dataset, workers) for workers in (0, 1)}
    after = alone(made, dataset)
    own = (before + after) / 2
    print(f"{TRIALS} trials of {made.updates:,} updates without a study", end=" ")
    print(f"{before:.1f} and {after:.1f} s")
    for workers, (start, seconds) in found.items():
        where = "on a worker" if workers else "in this process"
        print(f"as a study {where} {seconds:.1f} s: {100 * (seconds / own - 1):.1f} % more", end="")
        print(f"; workers there after {start:.1f} s")
        missed += ["overhead"] * (seconds / own - 1 > OVERHEAD)
    made = study(SHARED, int(pace * SHARED_S), dataset)
    one, two = (sum(swept(made, dataset, workers)) for workers in (1, 2))
    print(f"{SHARED} trials on one worker {one:.1f} s, on two {two:.1f} s: {two / one:.3f}")
    missed += ["two workers"] * (two / one > GAIN)
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()

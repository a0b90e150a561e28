"""How far a study is, for a screen: who is best, who works where, how fast, how long yet."""

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

from core.runs.studies.records import StudyRecord, Tell, TrialRecord
from core.sweeps.definition.study import Study
from core.sweeps.execution import trainings
from core.sweeps.execution.executor import AtWork, Key
from core.sweeps.pruning import places
from core.sweeps.told import results

WINDOW_S = 60.0
"""Seconds over which the speed is measured."""


@dataclass(frozen=True)
class Best:
    """The best settings so far."""

    trial: TrialRecord
    """The trial with the first seed."""
    accuracy: float
    """On the validation images at the end, the mean over `seeds`."""
    seeds: int
    """Number of seeds that it was trained with."""


@dataclass(frozen=True)
class Progress:
    """A study at work."""

    record: StudyRecord
    trials: tuple[TrialRecord, ...]
    workers: tuple[AtWork, ...]
    best: Best | None
    images_per_second: float
    """Of all workers together, while they train; 0 before it is known."""
    to_go: float | None
    """Seconds to the end at the present speed; None before it is known."""
    notes: tuple[str, ...] = ()
    """What is new, one sentence each."""
    share: float = 0.0
    """The part of all training that is done, from 0 to 1."""


def best_of(study: Study, trials: Iterable[TrialRecord], tells: Sequence[Tell]) -> Best | None:
    """Return the best trial that was trained to its end; None if there is none.

    A trial that was trained with all seeds of the study is before those that were not, for a
    finalist that was lucky with the first is not the best. Seeds beyond these count in the mean.
    """
    last, enough = len(study.shares) - 1, len(study.seeds)
    found: dict[int, list[float]] = {}
    for seed in sorted({tell.seed for tell in tells}):
        for trial, at in results(tells, seed).items():
            if (accuracy := at.get(last)) is not None:
                found.setdefault(trial, []).append(accuracy)
    first = {trial.number: trial for trial in trials if trial.seed == study.seeds[0]}
    known = [trial for trial in found if trial in first]
    if not known:
        return None
    best = min(
        known, key=lambda trial: (-min(len(found[trial]), enough), -mean(found[trial]), trial)
    )
    return Best(first[best], mean(found[best]), len(found[best]))


def planned(study: Study, trials: Iterable[TrialRecord]) -> int:
    """Return how many trainings a study comes to if none diverges: each seed of a trial counts.

    Args:
        study: the study.
        trials: its trials so far, as some may have more seeds than it plans.
    """
    return trainings.count(study.cohort, study.finalists, study.seeds, (t.seed for t in trials))


def share_done(study: Study, trials: Iterable[TrialRecord], out: Mapping[Key, float]) -> float:
    """Return which part of all training is done, from 0 to 1.

    With halving it is known how many trials come to each rung; a trial that the median rule has
    ended, or one that diverged, is done.

    Args:
        study: the study.
        trials: its trials so far.
        out: for the trials that are being trained, the parts of them that are done.
    """
    shares, first = (0.0, *study.shares), study.seeds[0]
    halving = study.pruning.kind == "halving"
    numbers = places(study) if halving else (study.cohort,) * len(study.shares)
    steps = [later - sooner for sooner, later in pairwise(shares)]
    expected = sum(number * step for number, step in zip(numbers, steps, strict=True))
    trials = list(trials)
    expected += planned(study, trials) - study.cohort
    done = 0.0
    for trial in trials:
        if trial.over and (trial.seed != first or not halving):
            done += 1.0
        else:
            done += max(out.get(trial.key, 0.0), shares[min(trial.rung, len(shares) - 1)])
    return min(1.0, done / expected)


class Speed:
    """Measures images per second over the latest minute."""

    def __init__(self) -> None:
        self._done: deque[tuple[float, int]] = deque()
        self._begun = time.monotonic()

    def add(self, images: int) -> None:
        """Note that so many images have been trained on."""
        now = time.monotonic()
        self._done.append((now, images))
        while self._done[0][0] < now - WINDOW_S:
            self._done.popleft()

    def images_per_second(self) -> float:
        """Return the speed; 0 before anything is done."""
        if not self._done:
            return 0.0
        span = min(WINDOW_S, time.monotonic() - self._begun)
        return sum(images for _, images in self._done) / max(span, 1e-3)

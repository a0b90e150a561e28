"""A study with pruning, played through with the curves of one without.

Nothing is trained: the accuracy of a trial at a rung is read from its curve. So it can be measured
what pruning would have cost and saved, for any rungs.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import UserError, reason
from core.sweeps.definition.rungs import rung_updates
from core.sweeps.definition.study import Study
from core.sweeps.pruning import Decision, decide

COLUMNS = ("trial", "update", "validation_accuracy")


@dataclass(frozen=True)
class Curve:
    """The accuracies of one trial, trained to its end."""

    updates: tuple[int, ...]
    """Ascending; the last is the end."""
    accuracies: tuple[float, ...]
    """On the validation images, fractions."""

    def at(self, update: int) -> float:
        """Return the accuracy at the last evaluation at or before an update, or at the first."""
        place = int(np.searchsorted(self.updates, update, side="right"))
        return self.accuracies[max(0, place - 1)]


Curves = Mapping[int, Curve]
"""Curves by the number of the trial, from 0, without gaps."""


@dataclass(frozen=True)
class Simulation:
    """What a study would have found, and trained."""

    best: int
    """The trial that is best among those trained to the end."""
    regret: float
    """Difference of its accuracy to that of the best trial of all, in percentage points."""
    share: float
    """Updates trained, as a share of those of all trials."""


@dataclass(frozen=True)
class _Result:
    trial: int
    seed: int
    rung: int
    accuracy: float | None


def simulate(study: Study, curves: Curves, order: np.random.Generator) -> Simulation:
    """Return what a study would have ended with, its results coming in a random order.

    Args:
        study: the study; its sampler is not asked.
        curves: one for each of its trials.
        order: draws which result comes next, as if workers were of any speed.

    Raises:
        ValueError: if trials have no curves, or wait for each other forever.
    """
    if set(curves) != set(range(study.cohort)):
        raise ValueError(f"the study has {study.cohort} trials, not the {len(curves)} with curves")
    rungs = {
        trial: rung_updates(study.shares, curve.updates[-1]) for trial, curve in curves.items()
    }
    told: list[_Result] = []
    ready = [(trial, 0) for trial in curves]
    while ready:
        trial, rung = ready.pop(int(order.integers(len(ready))))
        accuracy = curves[trial].at(rungs[trial][rung])
        told.append(_Result(trial, study.seeds[0], rung, accuracy))
        begun = {(each.trial, each.rung) for each in told}
        ready += [
            (each, verdict.rung + 1)
            for each, verdict in decide(study, told).items()
            if verdict.decision is Decision.GOES_ON
            and (each, verdict.rung + 1) not in begun.union(ready)
        ]
    verdicts = decide(study, told)
    if any(verdict.decision is Decision.WAITS for verdict in verdicts.values()):
        raise ValueError("trials wait for results that never come")
    final = {trial: curve.accuracies[-1] for trial, curve in curves.items()}
    ended = [t for t, verdict in verdicts.items() if verdict.decision is Decision.FINISHED]
    best = max(ended, key=lambda trial: (final[trial], -trial))
    trained = sum(rungs[trial][verdict.rung] for trial, verdict in verdicts.items())
    return Simulation(
        best=best,
        regret=100 * (max(final.values()) - final[best]),
        share=trained / sum(curve.updates[-1] for curve in curves.values()),
    )


def read(path: Path) -> dict[int, Curve]:
    """Return curves from a CSV file, or a JSON file with a list of rows.

    A row has `trial`, `update` and `validation_accuracy`, a fraction; others are ignored, but for
    `seed`: only the rows with the first row's seed count. The last update of each trial is its end.

    Raises:
        UserError: if the file cannot be read, or has no such rows.
    """
    points: dict[int, dict[int, float]] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = json.loads(text) if path.suffix == ".json" else csv.DictReader(text.splitlines())
        seed = None
        for row in rows:
            if seed is None:
                seed = row.get("seed", "")
            if row.get("seed", "") != seed:
                continue
            trial, update, accuracy = (row[column] for column in COLUMNS)
            points.setdefault(int(trial), {})[int(update)] = float(accuracy)
    except OSError as error:
        raise UserError(f"cannot read {path}: {reason(error)}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{path} holds no curves: rows of {', '.join(COLUMNS)}") from None
    if not points:
        raise UserError(f"{path} holds no curves: it has no rows")
    curves = {}
    for trial, found in sorted(points.items()):
        updates = tuple(sorted(found))
        curves[trial] = Curve(updates, tuple(found[update] for update in updates))
    return curves

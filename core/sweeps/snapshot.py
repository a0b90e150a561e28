"""A study as it is at one moment, frozen: what the screen, the shell and the figures show of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.runs.studies.records import StudyRecord, Tell, TrialRecord, TrialState
from core.sweeps.dimensions import Dimension, dimensions, varying
from core.text_out import Cell, as_csv

ALIVE = (TrialState.RUNNING, TrialState.PAUSED, TrialState.WAITING, TrialState.PARKED)
"""States of a trial that may go on."""

OVER = (TrialState.PRUNED, TrialState.FINISHED, TrialState.DIVERGED, TrialState.FAILED)


@dataclass(frozen=True)
class WorkerRow:
    """A worker and what it does."""

    name: str
    host: str
    doing: str = ""
    """The trial that it trains, or what else it does; empty if it waits."""


@dataclass(frozen=True)
class Live:
    """What only the running loop of a study knows; it is not recorded."""

    workers: tuple[WorkerRow, ...] = ()
    images_per_second: float = 0.0
    """Of all workers together."""
    seconds_to_go: float | None = None
    """None before there is a measurement."""


@dataclass(frozen=True)
class TrialRow:
    """One trial with one seed, as a row of a table."""

    number: int
    seed: int
    state: TrialState
    settings: Mapping[str, Any]
    """The settings that vary; those whose condition is not met are missing."""
    best: float | None
    """Best validation accuracy that was told, a fraction."""
    accuracy: float | None
    """Latest validation accuracy that was told."""
    rung: int
    worker: str
    updates: int
    seconds: float
    run: int | None
    """Number of its run; None before it begins."""
    run_id: str = ""
    reason: str = ""
    deaths: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """What identifies the row within a study."""
        return self.number, self.seed


@dataclass(frozen=True)
class Snapshot:
    """A study at one moment."""

    study: StudyRecord
    rows: tuple[TrialRow, ...]
    """All trials, by number and seed."""
    tells: tuple[Tell, ...] = ()
    """All results in the order in which they were told."""
    live: Live = field(default_factory=Live)

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The settings that vary, each with an axis."""
        return varying(dimensions(self.study.definition))

    @cached_property
    def ranked(self) -> tuple[TrialRow, ...]:
        """The trials with an accuracy, best first; of equal ones the earlier first."""
        known = [row for row in self.rows if row.best is not None]
        return tuple(sorted(known, key=lambda row: (-(row.best or 0.0), row.key)))

    @property
    def planned(self) -> int:
        """Number of trainings: trials, further seeds of finalists, and seeds that were added."""
        definition = self.study.definition
        trials = int(definition.get("trials", len(self.rows)))
        finalists = min(trials, int(definition.get("finalists", 0)))
        first, *others = definition.get("seeds") or [0]
        counts = Counter(row.seed for row in self.rows if row.seed != first)
        added = sum(
            max(0, count - (finalists if seed in others else 0)) for seed, count in counts.items()
        )
        return trials + finalists * len(others) + added

    @property
    def over(self) -> int:
        """Number of trainings that have come to an end, whichever."""
        return sum(row.state in OVER for row in self.rows)

    @property
    def updates(self) -> int:
        """Updates trained so far."""
        return sum(row.updates for row in self.rows)

    @property
    def accuracies(self) -> tuple[float, float] | None:
        """Lowest and highest best accuracy; None before the first."""
        if not self.ranked:
            return None
        return self.ranked[-1].best or 0.0, self.ranked[0].best or 0.0

    def row(self, number: int, seed: int) -> TrialRow | None:
        """Return a trial; None if there is none."""
        return next((row for row in self.rows if row.key == (number, seed)), None)

    def title(self, row: TrialRow) -> str:
        """Return what a trial is called; its seed is named if it is not that of all trials."""
        seeds = self.study.definition.get("seeds") or [row.seed]
        return f"trial {row.number}" + (f" seed {row.seed}" if row.seed != seeds[0] else "")

    def told(self, row: TrialRow) -> tuple[Tell, ...]:
        """Return the results of a trial, in their order."""
        return self._by_trial.get(row.key, ())

    @cached_property
    def _by_trial(self) -> dict[tuple[int, int], tuple[Tell, ...]]:
        found: dict[tuple[int, int], list[Tell]] = {}
        for tell in self.tells:
            found.setdefault((tell.trial, tell.seed), []).append(tell)
        return {key: tuple(tells) for key, tells in found.items()}

    def table(self) -> list[dict[str, Any]]:
        """Return the trials as plain values, one dictionary a row with the same keys in each."""
        names = [one.name for one in dimensions(self.study.definition)]
        return [
            {
                "trial": row.number,
                "seed": row.seed,
                "state": row.state.label,
                **{name: row.settings.get(name) for name in names},
                "best_validation_accuracy": row.best,
                "validation_accuracy": row.accuracy,
                "rung": row.rung,
                "updates": row.updates,
                "seconds": row.seconds,
                "worker": row.worker,
                "run": row.run_id,
                "reason": row.reason,
            }
            for row in self.rows
        ]

    def csv(self) -> str:
        """Return the trials as CSV, with a heading; an architecture stands as JSON."""
        table = self.table()
        heads = list(table[0]) if table else ["trial", "seed", "state"]
        return as_csv([heads, *([_cell(row[name]) for name in heads] for row in table)])

    def as_json(self) -> dict[str, Any]:
        """Return the study and its trials as JSON values."""
        return {
            "study": self.study.name,
            "state": self.study.state.value,
            "definition": dict(self.study.definition),
            "trials": self.table(),
        }


def of(
    study: StudyRecord,
    trials: Iterable[TrialRecord],
    tells: Sequence[Tell] = (),
    ids: Mapping[int, str] | None = None,
    live: Live | None = None,
) -> Snapshot:
    """Return the view of a study's records.

    Args:
        study: the study.
        trials: its trials, in any order.
        tells: its results, in their order.
        ids: id of each run by its number.
        live: what its running loop tells, if it runs in this process.
    """
    found = [_row(trial, ids or {}) for trial in trials]
    rows = tuple(sorted(found, key=lambda row: row.key))
    return Snapshot(study, rows, tuple(tells), live or Live())


def _row(trial: TrialRecord, ids: Mapping[int, str]) -> TrialRow:
    return TrialRow(
        number=trial.number,
        seed=trial.seed,
        state=trial.state,
        settings=trial.settings,
        best=trial.best,
        accuracy=trial.accuracy,
        rung=trial.rung,
        worker=trial.worker,
        updates=trial.updates,
        seconds=trial.seconds,
        run=trial.run,
        run_id="" if trial.run is None else ids.get(trial.run, ""),
        reason=trial.reason,
        deaths=trial.deaths,
    )


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    import json

    return json.dumps(value)

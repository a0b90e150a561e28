"""A study as it is at one moment, frozen: what the screen, the shell and the figures show of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import mean
from typing import Any

from core.runs.studies.records import StudyRecord, Tell, TrialRecord, TrialState
from core.sweeps.analysis.dimensions import Dimension, dimensions, varying
from core.sweeps.execution import trainings
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
    starting: str = ""
    """What is done before anything is trained, in a few words; empty when that is over."""


@dataclass(frozen=True)
class TrialRow:
    """One trial with one seed, as a row of a table."""

    number: int
    seed: int
    state: TrialState
    settings: Mapping[str, Any]
    """The settings that vary; those whose condition is not met are missing."""
    best: float | None
    """Best validation accuracy in any evaluation of its run, a fraction."""
    accuracy: float | None
    """Latest validation accuracy that was told, at a rung or at the end."""
    rung: int
    worker: str
    updates: int
    seconds: float
    run: int | None
    """Number of its run; None before it begins."""
    run_id: str = ""
    reason: str = ""
    deaths: int = 0
    mean: float | None = None
    """What the trial is judged by, the same for all of its seeds: the validation accuracy at the
    end, the mean over the seeds that have come there; before any has, that of the latest rung."""
    seeds: int = 0
    """Number of seeds in this mean; 0 if none has been trained to the end."""
    planned: int = 1
    """Number of seeds that the study trains its finalists with."""

    @property
    def standing(self) -> tuple[int, int, float] | None:
        """What trials are ranked by, the largest first; None without an accuracy.

        The same order as that of `core.sweeps.execution.progress.best_of`: finalists first, by the
        mean over their seeds, then trials with one seed, then those cut short, the furthest first.
        """
        if self.mean is None:
            return None
        # Seeds that were added to a finalist do not make it a better one.
        return min(self.seeds, self.planned), 0 if self.seeds else self.rung, self.mean

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
    def trials(self) -> tuple[TrialRow, ...]:
        """A row for each trial, that with its first seed: what pictures show."""
        found: dict[int, TrialRow] = {}
        for row in sorted(self.rows, key=lambda row: (row.seed != self.first_seed, row.key)):
            found.setdefault(row.number, row)
        return tuple(found[number] for number in sorted(found))

    @property
    def several(self) -> bool:
        """Whether a trial has more than one seed."""
        return len(self.rows) > len(self.trials)

    @property
    def first_seed(self) -> int | None:
        """The seed of all trials; None if the definition names none."""
        return next(iter(self.study.definition.get("seeds", ())), None)

    @cached_property
    def ranked(self) -> tuple[TrialRow, ...]:
        """A row for each trial with an accuracy, best first; of equal ones the earlier first."""
        known = [row for row in self.trials if row.standing is not None]
        return tuple(sorted(known, key=lambda row: row.standing or (), reverse=True))

    @property
    def best(self) -> TrialRow | None:
        """The best trial that was trained to its end, which is the result; None before any was."""
        return self.ranked[0] if self.ranked and self.ranked[0].seeds else None

    @property
    def planned(self) -> int:
        """Number of trainings: trials, further seeds of finalists, and seeds that were added."""
        definition = self.study.definition
        trials = int(definition.get("trials", len(self.rows)))
        finalists = min(trials, int(definition.get("finalists", 0)))
        seeds = definition.get("seeds") or [0]
        return trainings.count(trials, finalists, seeds, (row.seed for row in self.rows))

    @property
    def pruning(self) -> str:
        """Which trials end early: `none`, `halving` or `median`."""
        given = self.study.definition.get("pruning", "none")
        return str(given.get("kind", "none") if isinstance(given, dict) else given)

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
        """Lowest and highest accuracy by which trials are judged; None before the first."""
        known = [row.mean for row in self.trials if row.mean is not None]
        return (min(known), max(known)) if known else None

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
                "mean_validation_accuracy": row.mean,
                "validation_accuracy": row.accuracy,
                "best_validation_accuracy": row.best,
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
    planned = len(study.definition.get("seeds") or [0])
    rows = _judged(sorted(found, key=lambda row: row.key), planned)
    return Snapshot(study, rows, tuple(tells), live or Live())


def _judged(rows: Sequence[TrialRow], planned: int) -> tuple[TrialRow, ...]:
    """Return rows with the mean over the seeds of their trials."""
    at_end: dict[int, list[float]] = {}
    at_rung: dict[int, float] = {}
    for row in rows:
        if row.accuracy is None:
            continue
        at_rung.setdefault(row.number, row.accuracy)
        if row.state is TrialState.FINISHED:
            at_end.setdefault(row.number, []).append(row.accuracy)
    return tuple(
        replace(
            row,
            mean=mean(at_end[row.number]) if row.number in at_end else at_rung.get(row.number),
            seeds=len(at_end.get(row.number, ())),
            planned=planned,
        )
        for row in rows
    )


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

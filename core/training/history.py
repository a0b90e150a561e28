"""The record of a run's past events as columns of numbers, readable while it grows."""

import threading
from bisect import insort
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.training.events import (
    Edited,
    Evaluated,
    Event,
    Finished,
    HealthMeasured,
    Result,
    Started,
    UpdateDone,
)
from core.training.timeline import Edit

Column = npt.NDArray[np.float64]


NUMBERS = 5120
"""Numbers that a new table has room for: a thousand updates."""


class Table:
    """An append-only table of numbers.

    One thread appends and any thread may read: readers get views of rows that no longer change, so
    nothing is copied and locks are held only briefly.
    """

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        # Grown by little, because with huge pages unwritten memory is allocated as well.
        self._step = max(16, NUMBERS // len(columns))
        self._rows = np.empty((len(columns), self._step))
        self._count = 0
        self._lock = threading.Lock()

    def append(self, *values: float) -> None:
        """Add one row."""
        with self._lock:
            if self._count == self._rows.shape[1]:
                # A new array, because readers may still use views of the old one.
                more = max(self._step, self._count // 8)
                larger = np.empty((len(self.columns), self._count + more))
                larger[:, : self._count] = self._rows
                self._rows = larger
            self._rows[:, self._count] = values
            self._count += 1

    def extend(self, rows: npt.NDArray[np.float64]) -> None:
        """Add many rows at once, (columns, rows)."""
        with self._lock:
            self._rows = np.concatenate([self._rows[:, : self._count], rows], axis=1)
            self._count = self._rows.shape[1]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._count

    def points(self) -> npt.NDArray[np.float64]:
        """Return all rows, (columns, rows). Do not write to them."""
        with self._lock:
            return self._rows[:, : self._count]

    def read(self) -> dict[str, Column]:
        """Return all columns by name, each float64 (rows,). Do not write to them."""
        return dict(zip(self.columns, self.points(), strict=True))

    def last(self, column: str) -> float:
        """Return the latest value of a column, or NaN if there is none."""
        with self._lock:
            if not self._count:
                return float("nan")
            return float(self._rows[self.columns.index(column), self._count - 1])


class History:
    """The record of one run; pass its `add` to a trainer as the event callback.

    Args:
        health: names of the columns of the health record; the event `Started` has them as well.
    """

    def __init__(self, health: Sequence[str] = ()) -> None:
        self.started: Started | None = None
        self.updates = Table("update", "rate", "loss", "cost", "seconds")
        self.evaluations = Table(
            "update", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"
        )
        self.health = Table("update", *health)
        """The columns of `core.training.health_columns`, without rows if nothing is recorded."""
        self.edits: list[Edit] = []
        """Edits by update, including future ones that were made before an interruption."""
        self.total = 0
        """Number of updates of the whole run, as far as is known."""
        self.result: Result | None = None

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        return {
            "updates": self.updates,
            "evaluations": self.evaluations,
            "health": self.health,
        }

    def add(self, event: Event) -> None:
        """Record an event."""
        if isinstance(event, UpdateDone):
            self.updates.append(event.update, event.rate, event.loss, event.cost, event.seconds)
        elif isinstance(event, Evaluated):
            self.evaluations.append(
                event.update,
                event.train_loss,
                event.train_accuracy,
                event.validation_loss,
                event.validation_accuracy,
            )
        elif isinstance(event, HealthMeasured):
            self.health.append(event.update, *event.values)
        elif isinstance(event, Started):
            self.started, self.total = event, event.updates
            if not len(self.health):
                self.health = Table("update", *event.health)
        elif isinstance(event, Edited):
            insort(self.edits, event.edit, key=lambda edit: edit.update)
            self.total = event.updates
        elif isinstance(event, Finished):
            self.result = event.result

    def best(self, count: int | None = None) -> tuple[float, int] | None:
        """Return the best validation accuracy and its update, or None without evaluations.

        Args:
            count: number of evaluations to consider, from the first; all by default.
        """
        columns: dict[str, Any] = self.evaluations.read()
        if not len(columns["update"][:count]):
            return None
        at = int(np.argmax(columns["validation_accuracy"][:count]))
        return float(columns["validation_accuracy"][at]), int(columns["update"][at])

    def best_undisturbed(self, every: int, total: int) -> tuple[float, int] | None:
        """Return the best of the evaluations that an uninterrupted run would make.

        A resumed run must have the same best weights as one that was never stopped.

        Args:
            every: updates between evaluations.
            total: number of updates of the whole run.
        """
        extra = _extra(self.evaluations.last("update"), every, total)
        return self.best(len(self.evaluations) - extra)

    def evaluated(self) -> tuple[dict[str, Column], dict[str, float] | None]:
        """Return the regular evaluations, and separately the one at a stop.

        Returns:
            The columns of the regular evaluations by name, each float64 (rows,); and by the same
            names the values of the extra evaluation if the run was stopped between two regular
            ones, else None.
        """
        columns = self.evaluations.read()
        every = self.started.evaluate_every if self.started else 0
        if not len(columns["update"]) or not _extra(columns["update"][-1], every, self.total):
            return columns, None
        at_stop = {name: float(column[-1]) for name, column in columns.items()}
        return {name: column[:-1] for name, column in columns.items()}, at_stop

    def stop_flags(self) -> list[int]:
        """Return 1 for each evaluation that only a stop has caused, else 0."""
        regular, at_stop = self.evaluated()
        return [0] * len(regular["update"]) + [1] * (at_stop is not None)


def _extra(update: float, every: int, total: int) -> bool:
    """Return whether an evaluation after `update` updates is due to a stop; False for NaN."""
    return every > 0 and update % every != 0 and update < total

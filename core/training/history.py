"""Everything a run has told so far, as columns of numbers, readable while it grows."""

import threading
from bisect import insort
from typing import Any

import numpy as np
import numpy.typing as npt

from core.training.events import (
    Edited,
    Evaluated,
    Event,
    Finished,
    Result,
    Started,
    UpdateDone,
)
from core.training.timeline import Edit

Column = npt.NDArray[np.float64]


class Table:
    """Rows of numbers that are only ever appended.

    One thread appends, any thread reads: a reader gets views of rows that no longer change, so
    nothing is copied and nobody waits for long.
    """

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        self._rows = np.empty((len(columns), 1024))
        self._count = 0
        self._lock = threading.Lock()

    def append(self, *values: float) -> None:
        """Add one row."""
        with self._lock:
            if self._count == self._rows.shape[1]:
                # A new array: views that readers hold keep the old one, whose rows stay true.
                # Little room: where NumPy asks for huge pages, it takes memory unwritten, too.
                larger = np.empty((len(self.columns), self._count + max(1024, self._count // 8)))
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
        """Return the newest value of a column, NaN where there is none."""
        with self._lock:
            if not self._count:
                return float("nan")
            return float(self._rows[self.columns.index(column), self._count - 1])


class History:
    """The record of one run: give its `add` to a trainer as the listener."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.updates = Table("update", "rate", "loss", "cost", "seconds")
        self.evaluations = Table(
            "update", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"
        )
        self.edits: list[Edit] = []
        """In the order in which they hold; those to come, made before an interruption, included."""
        self.total = 0
        """Updates that the whole run takes, as far as is known."""
        self.result: Result | None = None

    @property
    def tables(self) -> dict[str, Table]:
        """What is recorded point by point, by its name."""
        return {"updates": self.updates, "evaluations": self.evaluations}

    def add(self, event: Event) -> None:
        """Take an event in."""
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
        elif isinstance(event, Started):
            self.started, self.total = event, event.updates
        elif isinstance(event, Edited):
            insort(self.edits, event.edit, key=lambda edit: edit.update)
            self.total = event.updates
        elif isinstance(event, Finished):
            self.result = event.result

    def best(self, count: int | None = None) -> tuple[float, int] | None:
        """Return the best validation accuracy and its update; None before there is one.

        Args:
            count: how many evaluations, from the first, are looked at; all by default.
        """
        columns: dict[str, Any] = self.evaluations.read()
        if not len(columns["update"][:count]):
            return None
        at = int(np.argmax(columns["validation_accuracy"][:count]))
        return float(columns["validation_accuracy"][at]), int(columns["update"][at])

    def best_undisturbed(self, every: int, total: int) -> tuple[float, int] | None:
        """Return the best of those evaluations that the run makes where nothing stops it.

        A run that goes on is to have the same best weights as one that was never stopped.

        Args:
            every: updates from one evaluation to the next.
            total: updates of the whole run.
        """
        extra = _extra(self.evaluations.last("update"), every, total)
        return self.best(len(self.evaluations) - extra)

    def evaluated(self) -> tuple[dict[str, Column], dict[str, float] | None]:
        """Return the evaluations that the run makes where nothing stops it, and that at a stop.

        Returns:
            The columns by name, each float64 (rows,); and by the same names what was measured when
            the run was stopped between two of them, None where it was not.
        """
        columns = self.evaluations.read()
        every = self.started.evaluate_every if self.started else 0
        if not len(columns["update"]) or not _extra(columns["update"][-1], every, self.total):
            return columns, None
        at_stop = {name: float(column[-1]) for name, column in columns.items()}
        return {name: column[:-1] for name, column in columns.items()}, at_stop

    def stop_flags(self) -> list[int]:
        """Return for each evaluation 1 if only a stop has caused it, else 0."""
        regular, at_stop = self.evaluated()
        return [0] * len(regular["update"]) + [1] * (at_stop is not None)


def _extra(update: float, every: int, total: int) -> bool:
    """Tell whether only a stop evaluates after so many updates; False for NaN."""
    return every > 0 and update % every != 0 and update < total

"""Writes the points of a run that grows, and keeps its record in step with them.

Both ways in which a run is trained write with it: `core.runs.recorder` while this process trains,
`core.runs.piecewise` when a piece that was trained elsewhere has come in.
"""

import sqlite3
from collections.abc import Callable

import numpy as np

from core.runs import points as chunks
from core.runs import queries
from core.runs.points import Points
from core.runs.records import Run
from core.training.history import History
from core.training.timeline import Timeline


class PointWriter:
    """Writes the points of one run; the methods that take a connection run in a transaction.

    Args:
        run: the record of the run.
        history: the history that the points are read from.
        timeline: called for the settings of the run with the edits so far.
        later: points by kind that were recorded before an interruption and will be computed again.
    """

    def __init__(
        self,
        run: Run,
        history: History,
        timeline: Callable[[], Timeline],
        later: dict[str, Points] | None = None,
    ) -> None:
        self._run, self._history, self._timeline = run, history, timeline
        self._later = later or {}
        self._rows = {kind: len(table) for kind, table in history.tables.items()}
        self._writing = dict(self._rows)

    def write(self, connection: sqlite3.Connection) -> bool:
        """Write the chunks that have new points; return whether there were any."""
        self._writing = dict(self._rows)
        for kind, table in self._history.tables.items():
            points, done = table.points(), self._rows[kind]
            if points.shape[1] == done:
                continue
            first, last = int(points[0, done]), int(points[0, -1])
            for number in range(chunks.chunk_number(first), chunks.chunk_number(last) + 1):
                later = chunks.chunk_of(self._later_points(kind), number)
                merged = chunks.merge(chunks.chunk_of(points, number), later)
                chunks.write_chunk(connection, self._run, kind, number, merged)
            self._writing[kind] = points.shape[1]
        return self._writing != self._rows

    def update_run(self, connection: sqlite3.Connection) -> Run:
        """Update the record of the run to match the points that are being written."""
        best = self.best_of_run()
        counts = {
            kind: chunks.merged_count(
                table.points()[:, : self._writing[kind]], self._later_points(kind)
            )
            for kind, table in self._history.tables.items()
        }
        return queries.update_run(
            connection,
            self._run.number,
            updates=counts["updates"],
            evaluations=counts["evaluations"],
            health=counts["health"],
            seconds=self._history.updates.last("seconds") if counts["updates"] else 0.0,
            best_accuracy=best[0] if best else None,
            best_update=best[1] if best else None,
        )

    def on_committed(self) -> int:
        """Note that what was written is on the disk; return the number of updates that are."""
        self._rows = dict(self._writing)
        return self._rows["updates"]

    def best_of_run(self) -> tuple[float, int] | None:
        """Return the best validation accuracy so far and its update; None without evaluations."""
        timeline = self._timeline()
        every = timeline.experiment.evaluate_every
        return self._history.best_undisturbed(every, timeline.updates)

    def rewrite(self, run: Run) -> None:
        """Write all points again with the next: the run has a new record."""
        self._run = run
        self._rows = dict.fromkeys(self._rows, 0)

    def forget_later(self, connection: sqlite3.Connection) -> None:
        """Remove what was recorded after this update, because the run diverges from it here."""
        if not self._later:
            return
        self._later, self._rows = {}, dict(self._rows)
        number = chunks.chunk_number(max(1, len(self._history.updates)))
        chunks.drop_chunks(connection, self._run, number)
        for kind, table in self._history.tables.items():
            rows = int(np.searchsorted(table.points()[0], number * chunks.CHUNK, side="right"))
            # Points of earlier chunks may not have been written yet.
            self._rows[kind] = min(self._rows[kind], rows)

    def undo(self) -> Callable[[], None]:
        """Return what puts the state back to the present one, for a transaction that fails."""
        before = self._later, self._rows

        def put_back() -> None:
            self._later, self._rows = before

        return put_back

    def _later_points(self, kind: str) -> Points:
        later = self._later.get(kind)
        return np.empty((len(self._history.tables[kind].columns), 0)) if later is None else later

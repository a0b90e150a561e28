"""The list of runs in the pane: sorting, filter, cached points, changes and their undo."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.errors import StoreError
from core.reproduce.study import Study
from core.runs import filter as filters
from core.runs.compare import MAX_COMPARED, Compared
from core.runs.database import ChangeToken
from core.runs.folder import UNDO_LOCK, RunLock
from core.runs.records import AT_WORK, Run
from core.runs.store import Store
from tui.runs import columns
from tui.widgets.order import Order

CACHE_SIZE = 40
"""Number of runs whose points are cached in memory."""


@dataclass(frozen=True)
class Undo:
    """A change with its description and the function that reverts it."""

    words: str
    revert: Callable[[], object]
    run: int | None = None
    """Number of the run that it changed; None for several."""


class RunBook:
    """The list of runs, independent of the screen. Methods that use the store may block.

    Args:
        store: the store of the runs.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.runs: list[Run] = []
        """All runs, as last read."""
        self.order = Order("started")
        self.folded = False
        """Whether the runs of reproductions and studies are left out."""
        self.studied: frozenset[str] = frozenset()
        """Ids of the runs of reproductions, quick looks included, and of studies."""
        self.filter = ""
        self._read: tuple[ChangeToken | None, list[Run]] = None, []
        self._condition: filters.Condition = lambda run: True
        self._trials: frozenset[str] = frozenset()
        """Ids of the runs of studies, as last read."""
        self._undo: list[Undo] = []
        self._deleted: dict[int, tuple[Run, RunLock]] = {}
        """Deleted runs with held locks, so that no other process removes them as leftovers."""
        self._points: dict[int, Compared] = {}
        self._changing = threading.RLock()
        """Serialises changes, because a key can be pressed again before a change is written."""

    # Reading

    def load(self) -> list[Run]:
        """Return the current runs; `take` makes them the ones to show.

        The store is read only if it has changed, or if a run is in training, whose process may have
        ended: reading a thousand runs takes a tenth of a second away from a training here.

        Raises:
            StoreError: if the runs cannot be read.
        """
        token, (before, runs) = self.store.change_token(), self._read
        if token != before or token is None or any(run.state in AT_WORK for run in runs):
            runs = self.store.runs()
            trials = self.store.runs_of_trials()
            self._trials = frozenset(run.id for run in runs if run.number in trials)
            self._read = token, runs
        self.studied = _reproduced() | self._trials
        return runs

    def take(self, runs: list[Run]) -> None:
        """Set the runs to show."""
        self.runs = runs

    def shown(self) -> list[Run]:
        """Return the sorted runs that match the filter and are not folded away."""
        hidden = self.studied if self.folded else frozenset()
        fitting = [run for run in self.runs if run.id not in hidden and self._condition(run)]
        return columns.ordered(fitting, self.order)

    @property
    def narrowed(self) -> bool:
        """Whether some runs may be left out."""
        return bool(self.filter) or (self.folded and any(r.id in self.studied for r in self.runs))

    @property
    def undoable(self) -> bool:
        """Whether there is a change that can be taken back."""
        return bool(self._undo)

    def narrow(self, text: str) -> None:
        """Set the filter.

        Raises:
            SettingError: if `text` cannot be parsed; the filter does not change then.
        """
        self._condition, self.filter = filters.parse(text), text

    def marked(self) -> list[Run]:
        """Return the marked runs, the oldest first, up to the number that can be compared."""
        return sorted((run for run in self.runs if run.marked), key=lambda run: run.number)[
            :MAX_COMPARED
        ]

    def find(self, number: int) -> Run | None:
        """Return a run by its number; None if it is not in the list."""
        return next((run for run in self.runs if run.number == number), None)

    def compared(self, runs: list[Run]) -> list[Compared]:
        """Return runs with their points, which are read only if they have changed.

        Raises:
            StoreError: if the points cannot be read.
        """
        found = []
        for run in runs:
            entry = self._points.get(run.number)
            if entry is None or (entry.run.updates, entry.run.events) != (run.updates, run.events):
                # Read the run again, because a training may have continued since the last read.
                now = self.store.get(run.number)
                entry = Compared(now, self.store.history(now))
            else:
                entry = Compared(run, entry.history)
            self._points[run.number] = entry
            found.append(entry)
        for number in list(self._points)[: max(0, len(self._points) - CACHE_SIZE)]:
            del self._points[number]
        return found

    # Changes

    def change(self, run: Run, words: str, **values: Any) -> None:
        """Change the name, the note or the mark of a run.

        Raises:
            StoreError: if the change cannot be written.
        """
        with self._changing:
            before = {name: getattr(run, name) for name in values}
            self.store.describe(run, **values)
            self._undo.append(Undo(words, lambda: self.store.describe(run, **before), run.number))

    def mark(self, run: Run) -> None:
        """Toggle the mark of a run.

        Raises:
            StoreError: if too many runs are marked, or the change cannot be written.
        """
        with self._changing:
            now = self.store.get(run.number)  # the list may be older than the last change
            if not now.marked and len(self.marked()) >= MAX_COMPARED:
                raise StoreError(
                    f"{MAX_COMPARED} runs are marked already, and no more can be told apart"
                )
            self.change(now, f"the mark of {now.name}", marked=not now.marked)

    def unmark(self) -> None:
        """Remove all marks.

        Raises:
            StoreError: if the change cannot be written.
        """
        marked = [run for run in self.runs if run.marked]

        def revert() -> None:
            for run in marked:
                self.store.describe(run, marked=True)

        with self._changing:
            for run in marked:
                self.store.describe(run, marked=False)
            if marked:
                self._undo.append(Undo("all marks", revert))

    def delete(self, run: Run) -> None:
        """Mark a run as deleted; `close` removes it for good.

        Raises:
            StoreError: if the run is in training, or the change cannot be written.
        """

        def revert() -> None:
            self.store.restore(run)
            self._deleted.pop(run.number)[1].release()

        with self._changing:
            if run.number in self._deleted:
                return
            lock = RunLock(self.store.folder(run), UNDO_LOCK)
            try:
                self.store.delete(run)
            except StoreError:
                lock.release()
                raise
            self._deleted[run.number] = run, lock
            self._undo.append(Undo(f"the deletion of {run.name}", revert, run.number))

    def undo(self) -> Undo | None:
        """Undo the last change, and return it; None if there is none.

        Raises:
            StoreError: if the change cannot be written; `undo` can be called again.
        """
        with self._changing:
            if not self._undo:
                return None
            self._undo[-1].revert()
            return self._undo.pop()

    def close(self) -> None:
        """Remove deleted runs for good; one that cannot be removed now stays marked as deleted."""
        for run, lock in self._deleted.values():
            lock.release()
            with suppress(StoreError):
                self.store.purge(run)
        self._deleted.clear()


def _reproduced() -> frozenset[str]:
    """Return the ids of the runs that belong to a reproduction; a damaged record has none."""
    found: set[str] = set()
    for length in ("full", "quick"):
        with suppress(StoreError):
            found |= Study.of(length).ids
    return frozenset(found)

"""The runs as a person works on them: what is shown, what was changed and can be taken back."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.errors import StoreError
from core.runs import filter as filters
from core.runs.compare import MOST, Compared
from core.runs.database import ChangeToken
from core.runs.folder import UNDO_LOCK, RunLock
from core.runs.records import AT_WORK, Run
from core.runs.store import Store
from tui.runs import columns

KEPT = 40
"""Runs whose points are kept in memory."""


@dataclass(frozen=True)
class Undo:
    """How to take a change back, and what that was."""

    words: str
    back: Callable[[], object]


class RunBook:
    """Knows no screen. What reads or writes the store may take a moment.

    Args:
        store: of the runs.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.runs: list[Run] = []
        """All that there are."""
        self.sort = "started"
        self.descending = True
        self.filter = ""
        self._read: tuple[ChangeToken | None, list[Run]] = None, []
        self._condition: filters.Condition = lambda run: True
        self._undo: list[Undo] = []
        self._deleted: dict[int, tuple[Run, RunLock]] = {}
        """Held, so that nobody takes them for what a program that has ended left behind."""
        self._points: dict[int, Compared] = {}
        self._changing = threading.RLock()
        """Held by each change until it is done: a key can be pressed again before that."""

    # What is shown

    def load(self) -> list[Run]:
        """Return the runs as they are now; `take` makes them the ones to show.

        They are only read where something has been written since, or where a process that works on
        one may have gone: it takes a tenth of a second for a thousand, from whatever trains here.

        Raises:
            StoreError: if they cannot be read.
        """
        moment, (before, runs) = self.store.change_token(), self._read
        if moment != before or moment is None or any(run.state in AT_WORK for run in runs):
            runs = self.store.runs()
            self._read = moment, runs
        return runs

    def take(self, runs: list[Run]) -> None:
        """Show these."""
        self.runs = runs

    def shown(self) -> list[Run]:
        """Return the runs that fit the filter, in their order."""
        fitting = [run for run in self.runs if self._condition(run)]
        return columns.ordered(fitting, self.sort, self.descending)

    def narrow(self, text: str) -> None:
        """Show only what fits `text`.

        Raises:
            SettingError: if it cannot be understood; nothing changes then.
        """
        self._condition, self.filter = filters.parse(text), text

    def marked(self) -> list[Run]:
        """Return the runs that are laid side by side, the oldest first."""
        return sorted((run for run in self.runs if run.marked), key=lambda run: run.number)[:MOST]

    def find(self, number: int) -> Run | None:
        """Return a run by its number; None where it is gone."""
        return next((run for run in self.runs if run.number == number), None)

    def compared(self, runs: list[Run]) -> list[Compared]:
        """Return runs with their points, which are read where they have changed.

        Raises:
            StoreError: if they cannot be read.
        """
        found = []
        for run in runs:
            kept = self._points.get(run.number)
            if kept is None or (kept.run.updates, kept.run.events) != (run.updates, run.events):
                # Once more, for a run that trains has gone on since the list was read.
                now = self.store.get(run.number)
                kept = Compared(now, self.store.history(now))
            else:
                kept = Compared(run, kept.history)
            self._points[run.number] = kept
            found.append(kept)
        for number in list(self._points)[: max(0, len(self._points) - KEPT)]:
            del self._points[number]
        return found

    # What is changed

    def change(self, run: Run, words: str, **values: Any) -> None:
        """Give a run another name, note or mark.

        Raises:
            StoreError: if that cannot be written.
        """
        with self._changing:
            before = {name: getattr(run, name) for name in values}
            self.store.describe(run, **values)
            self._undo.append(Undo(words, lambda: self.store.describe(run, **before)))

    def mark(self, run: Run) -> None:
        """Mark a run, or take its mark away.

        Raises:
            StoreError: if there are too many, or that cannot be written.
        """
        with self._changing:
            now = self.store.get(run.number)  # the list may be older than the last key
            if not now.marked and len(self.marked()) >= MOST:
                raise StoreError(f"{MOST} runs are marked already, and no more can be told apart")
            self.change(now, f"the mark of {now.name}", marked=not now.marked)

    def unmark(self) -> None:
        """Take all marks away.

        Raises:
            StoreError: if that cannot be written.
        """
        marked = [run for run in self.runs if run.marked]

        def back() -> None:
            for run in marked:
                self.store.describe(run, marked=True)

        with self._changing:
            for run in marked:
                self.store.describe(run, marked=False)
            if marked:
                self._undo.append(Undo("all marks", back))

    def delete(self, run: Run) -> None:
        """Take a run from the list; it is gone for good when `close` is called.

        Raises:
            StoreError: if it trains, or that cannot be written.
        """

        def back() -> None:
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
            self._undo.append(Undo(f"the deletion of {run.name}", back))

    def undo(self) -> str:
        """Take the last change back; return what it was, nothing where there is none.

        Raises:
            StoreError: if that cannot be written; it can be tried again.
        """
        with self._changing:
            if not self._undo:
                return ""
            self._undo[-1].back()
            return self._undo.pop().words

    def close(self) -> None:
        """Remove for good what was deleted; what cannot be removed now stays deleted."""
        for run, lock in self._deleted.values():
            lock.release()
            with suppress(StoreError):
                self.store.purge(run)
        self._deleted.clear()

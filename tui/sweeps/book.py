"""What the pane shows of the studies: read from the store, sorted, filtered and brushed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from itertools import islice

from core.errors import StoreError
from core.runs.compare import Compared
from core.runs.database import ChangeToken
from core.runs.records import Run
from core.runs.store import Store
from core.runs.studies.records import StudyRecord, StudyState
from core.sweeps.analysis import filter as filters
from core.sweeps.analysis import snapshot as snapshots
from core.sweeps.analysis.places import ACCURACY, Places, matrix
from core.sweeps.analysis.snapshot import Live, Snapshot, TrialRow
from tui.sweeps.brush import Brushes
from tui.widgets.digits import DIGITS

ENDED = "the program that ran it has ended"

AT_WORK = (StudyState.RUNNING, StudyState.PAUSED)

BEST = 5
"""Trials in colour at first."""

CURVES = 10
"""Curves that can be told apart."""


class SweepBook:
    """The studies, independent of the screen. Methods that use the store may block.

    Args:
        store: the store of the runs and studies.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.studies: tuple[Snapshot, ...] = ()
        """All studies, as last read."""
        self._read: tuple[ChangeToken | None, tuple[Snapshot, ...]] = None, ()
        self._records: dict[int, StudyRecord] = {}
        """The records of the studies as last read, by their numbers."""
        self._ids: dict[int, str] = {}
        self._points: dict[int, Compared] = {}

    def names(self) -> set[str]:
        """Return the names of all studies, those that have not been shown yet among them."""
        try:
            return {study.name for study in self.store.studies()}
        except StoreError:
            return {each.study.name for each in self.studies}

    def load(self) -> tuple[Snapshot, ...]:
        """Return the current studies; `take` makes them the ones to show.

        Raises:
            StoreError: if they cannot be read.
        """
        token, (before, read) = self.store.change_token(), self._read
        working = any(each.study.state in AT_WORK for each in read)
        if token == before and token is not None and not working:
            return read
        same = {each.study.number: each for each in read}
        found = []
        for study in self.store.studies():
            # Of a study that nobody works on, the record alone says whether anything has changed.
            unchanged = token == before or (
                study == self._records.get(study.number) and study.state not in AT_WORK
            )
            known = same.get(study.number) if unchanged else None
            self._records[study.number] = study
            found.append(self._snapshot(study, known))
        self._read = token, tuple(found)
        return self._read[1]

    def _snapshot(self, study: StudyRecord, before: Snapshot | None) -> Snapshot:
        if study.state in AT_WORK and self.store.is_at_work(study) is False:
            study = replace(study, state=StudyState.STOPPED, reason=study.reason or ENDED)
        if before is not None:
            return replace(before, study=study)
        trials, tells = self.store.trials(study), self.store.tells(study)
        runs = {trial.run for trial in trials if trial.run is not None}
        if not runs <= self._ids.keys():
            self._ids = {run.number: run.id for run in self.store.runs()}
        return snapshots.of(study, trials, tells, self._ids)

    def run_of(self, row: TrialRow) -> Run:
        """Return the run of a trial.

        Raises:
            StoreError: if it has none, or the run has been deleted.
        """
        if row.run is None:
            raise StoreError(f"trial {row.number} has not begun, and has no run yet")
        return self.store.existing(row.run)

    def compared(self, rows: Iterable[TrialRow]) -> list[Compared]:
        """Return the runs of trials with their points; those without are left out.

        Points are read only if the run has changed.

        Raises:
            StoreError: if they cannot be read.
        """
        found = self.read(rows, self._points)
        for number in list(self._points)[: max(0, len(self._points) - 4 * CURVES)]:
            del self._points[number]
        return found

    def read(
        self, rows: Iterable[TrialRow], known: dict[int, Compared] | None = None
    ) -> list[Compared]:
        """Return the runs of trials with their points; those without are left out.

        Args:
            rows: the trials.
            known: those that were read before, which is renewed; None reads all.

        Raises:
            StoreError: if they cannot be read.
        """
        known = {} if known is None else known
        found = []
        for row in rows:
            if row.run is None:
                continue
            run = self.store.get(row.run)
            entry = known.get(run.number)
            if entry is None or (entry.run.updates, entry.run.events) != (run.updates, run.events):
                entry = Compared(run, self.store.history(run))
                known[run.number] = entry
            found.append(entry)
        return found


class OpenStudy:
    """The study on the screen, with filter, brushes and the number of its best in colour.

    Args:
        snapshot: the study at present.
        before: the study as it was on the screen; what was chosen of it stays.
    """

    def __init__(self, snapshot: Snapshot, before: "OpenStudy | None" = None) -> None:
        self.snapshot = snapshot
        if before is not None and before.snapshot.study.number != snapshot.study.number:
            before = None
        self.brushes: Brushes = before.brushes if before is not None else Brushes()
        self.best: int = before.best if before is not None else BEST
        self.filter: str = before.filter if before is not None else ""
        self._known: tuple[object, tuple[list[bool], list[TrialRow], list[TrialRow]]] | None = None
        self._condition: Callable[[TrialRow], bool] = filters.parse(self.filter, snapshot)

    @cached_property
    def places(self) -> Places:
        """Where each trial meets each axis; shape (trials, axes)."""
        return matrix(self.snapshot)

    @property
    def trials(self) -> tuple[TrialRow, ...]:
        """A row for each trial, whatever its seeds: what pictures show."""
        return self.snapshot.trials

    @property
    def axes(self) -> list[str]:
        """Names of the axes, that of the accuracy last."""
        return [*(one.name for one in self.snapshot.dimensions), ACCURACY]

    def narrow(self, text: str) -> None:
        """Set the filter.

        Raises:
            SettingError: if `text` cannot be parsed; the filter does not change then.
        """
        self._condition, self.filter = filters.parse(text, self.snapshot), text

    @property
    def narrowed(self) -> bool:
        """Whether some trials may be left out."""
        return bool(self.filter or self.brushes.ranges)

    def fits(self) -> list[bool]:
        """Return for each of `trials` whether it fits the filter and the brushes."""
        return self._chosen()[0]

    def shown(self) -> list[TrialRow]:
        """Return the rows that fit, one for each seed of a trial."""
        return self._chosen()[1]

    def drawn(self) -> list[TrialRow]:
        """Return a row for each trial that fits, whatever its seeds."""
        return [row for row, fits in zip(self.trials, self.fits(), strict=True) if fits]

    def leading(self) -> list[TrialRow]:
        """Return the best of the trials that fit, those in colour."""
        return self._chosen()[2][: self.best]

    def _chosen(self) -> tuple[list[bool], list[TrialRow], list[TrialRow]]:
        """Return which trials fit, the rows that do, and the best; a drawing asks several times."""
        key = (self.snapshot.rows, self.filter, self.brushes)
        if self._known is None or self._known[0] != key:
            inside = self.brushes.inside(self.axes, self.places)
            within = {row.number for row, ok in zip(self.trials, inside, strict=True) if ok}
            rows = self.snapshot.rows
            shown = [row for row in rows if row.number in within and self._condition(row)]
            numbers = {row.number for row in shown}
            fits = [row.number in numbers for row in self.trials]
            ranked = (row for row in self.snapshot.ranked if row.number in numbers)
            self._known = key, (fits, shown, list(islice(ranked, len(DIGITS))))
        return self._known[1]

    def more(self, step: int) -> bool:
        """Colour more trials or fewer; return whether there is a change."""
        wanted = max(1, min(len(DIGITS), self.best + step))
        changed = wanted != self.best
        self.best = wanted
        return changed

    def with_live(self, live: Live | None) -> None:
        """Take what the running loop tells."""
        self.snapshot = replace(self.snapshot, live=live or Live())

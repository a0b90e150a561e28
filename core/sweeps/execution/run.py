"""A study from its definition to its end; shared by the app and the command line."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from core.data import source
from core.data.dataset import Dataset
from core.errors import StoreError
from core.runs import session
from core.runs.folder import RunLock
from core.runs.piecewise import PiecewiseRuns
from core.runs.store import Store
from core.runs.studies.records import StudyRecord, StudyState
from core.settings import SettingError
from core.sweeps.definition.study import Study
from core.sweeps.execution.account import Account
from core.sweeps.execution.executor import Executor
from core.sweeps.execution.ledger import Ledger, failure
from core.sweeps.execution.loop import Loop
from core.sweeps.execution.progress import Progress
from core.training.control import Control

MAY_CHANGE = "wall_seconds"
"""The part of a definition that may change later: how long a study takes changes no trial of it."""


def find(store: Store, study: Study) -> StudyRecord | None:
    """Return the study in a store that this is; None if there is none of its name.

    Raises:
        StoreError: if another study has the name.
    """
    record = next((record for record in store.studies() if record.name == study.name), None)
    if record is None:
        return None
    then, now = Study.of(record.definition).definition(), study.definition()
    differing = {key for key in now.keys() | then.keys() if now.get(key) != then.get(key)}
    if differing := differing - {MAY_CHANGE}:
        raise StoreError(
            f"there is a study {study.name} already, which differs in {min(differing)}; "
            "give this one another name"
        )
    return record


def is_over(record: StudyRecord, study: Study) -> bool:
    """Return whether a study has finished, and was not given more time since."""
    limit = study.wall_seconds
    ended_by_time = bool(record.reason)
    return record.state is StudyState.FINISHED and not (
        ended_by_time and (limit is None or limit > record.seconds)
    )


def find_or_create(store: Store, study: Study, data_hash: str) -> StudyRecord:
    """Return the study in a store that this is; add it if there is none of its name.

    Raises:
        StoreError: if another study has the name, or it began with other images.
    """
    record = find(store, study)
    if record is None:
        return store.create_study(study.name, study.definition(), data_hash)
    if record.data not in ("", data_hash):
        raise StoreError(
            f"the study {study.name} began with other images; name the right ones with --data"
        )
    return record


@dataclass
class Sweep:
    """One study, from its definition to its end.

    Attributes:
        study: the study.
        store: where it and its runs are saved.
        data: the folder or archive of CIFAR-10 that the user named, or None.
        control: stops and pauses it from any thread; `interrupt` waits for no piece.
        listen: called with the progress after every step; must not block.
        record: the study in the store, known once the data have been read.
        notes: remarks on how the images were read and how long trials are, one sentence each.
    """

    study: Study
    store: Store = field(default_factory=session.store)
    data: Path | None = None
    control: Control = field(default_factory=Control)
    listen: Callable[[Progress], None] = lambda progress: None
    record: StudyRecord | None = None
    notes: list[str] = field(default_factory=list)
    _lock: RunLock | None = field(default=None, init=False)

    def load(self, load: Callable[[str, Path | None, int], Dataset] = source.load) -> Dataset:
        """Read the images, and find the study in the store or add it.

        From here on this process works on the study, so that another can stop it while workers
        start: until `run` returns, or until the end of a `with` statement around both.

        Raises:
            DataError: if they cannot be read.
            StoreError: if the store cannot be read or written, has another study of the name, or
                another process works on it.
        """
        dataset = load(self.study.start.dataset, self.data, self.study.validation_size)
        self.notes.extend(dataset.notes)
        with suppress(SettingError):  # a trial that cannot be trained says so itself
            words = self.study.length_in_words(dataset.name, len(dataset.train))
            self.notes.append(words)
        self.record = find_or_create(self.store, self.study, dataset.hash)
        self._lock = self.store.lock_study(self.record)
        try:
            # Its time may have changed; so that a process at work is not touched, not before now.
            self.record = self.store.change_study(
                self.record,
                state=StudyState.RUNNING,
                reason="",
                definition=self.study.definition(),
            )
        except BaseException:
            self._release()
            raise
        return dataset

    def run(self, dataset: Dataset, executor: Executor) -> StudyRecord:
        """Train until the study is over, or is stopped; return how it stands.

        Args:
            dataset: the images that `load` returned.
            executor: trains on them, without those of the test.

        Raises:
            StoreError: if it cannot be written.
            UserError: if nothing can be trained any more.
        """
        assert self.record is not None
        try:
            account = Account(self.store, self.record, self.study)
            ledger = Ledger(account, PiecewiseRuns(self.store, dataset, self.data))
            loop = Loop(self.store, ledger, executor, self.control, self.listen)
            try:
                loop.run()
            except BaseException as error:
                loop.give_up(error)
                raise
            finally:
                self.record = account.record
        finally:
            self._release()
        return self.record

    def __enter__(self) -> Self:
        """Return itself; on exit no study is left that waits for workers."""
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Record why a study that was loaded is not run, and let go of it."""
        if self._lock is None:
            return
        state, why = StudyState.STOPPED, "it was interrupted"
        if isinstance(error, Exception):
            state, why = StudyState.FAILED, failure(error)
        try:
            # The first error counts.
            with suppress(StoreError):
                assert self.record is not None
                self.record = self.store.change_study(self.record, state=state, reason=why)
        finally:
            self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

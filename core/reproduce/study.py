"""The record of a study: which run of the store is which of its runs, found again after any end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core import files
from core.benchmark import kept
from core.benchmark.results import Benchmark, BenchmarkError
from core.benchmark.settings import BenchSettings
from core.data import home
from core.errors import StoreError, reason
from core.reproduce.plan import Job
from core.runs.folder import RunLock
from core.runs.records import Run
from core.runs.store import Store

RECORD = "study.json"
MAX_BYTES = 200_000
"""Of a record: twenty seeds take some ten thousand."""


@dataclass
class _Record:
    runs: dict[str, str] = field(default_factory=dict)
    """Id of the run by the key of the job."""
    timing: str = ""
    """File name of the benchmark among those that are kept; empty before there is one."""


_ADAPTER = TypeAdapter(_Record)


def place(length: str) -> Path:
    """Return the folder of the user's study; it need not exist."""
    return home.saved_models_folder() / "reproduction" / length


class Study:
    """What has been begun so far, of one length.

    Args:
        folder: of the study; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._record = _Record()

    @classmethod
    def of(cls, length: str) -> "Study":
        """Return the user's study, as it stands on the disk.

        Args:
            length: `full` or `quick`: a look is never taken for the whole.

        Raises:
            StoreError: if its record cannot be read.
        """
        study = cls(place(length))
        study.read()
        return study

    def read(self) -> None:
        """Take what is on the disk.

        Raises:
            StoreError: if it cannot be read.
        """
        path = self.folder / RECORD
        again = "`convsole reproduce --force` begins anew"
        try:
            with files.opened(path) as file:
                content = file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise StoreError(f"{path} is too large for a study; {again}")
            self._record = _ADAPTER.validate_json(content)
        except FileNotFoundError:
            self._record = _Record()
        except OSError as error:
            raise StoreError(f"cannot read {path}: {reason(error)}") from None
        except ValidationError:
            raise StoreError(f"{path} holds no study; {again}") from None

    def forget(self) -> None:
        """Begin anew; the runs stay in the store.

        Raises:
            StoreError: if the record cannot be removed.
        """
        self._record = _Record()
        try:
            (self.folder / RECORD).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot write to {self.folder}: {reason(error)}") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from working on the study.

        Raises:
            StoreError: if one does already, or the folder cannot be made.
        """
        try:
            files.make_folder(self.folder)
        except OSError as error:
            raise StoreError(f"cannot write to {self.folder}: {reason(error)}") from None
        try:
            lock = RunLock(self.folder)
        except StoreError:
            raise StoreError("another process reproduces already; stop it there first") from None
        try:
            yield
        finally:
            lock.release()

    # Runs

    def runs(self, jobs: tuple[Job, ...], store: Store) -> dict[str, Run]:
        """Return the run of every job that has one, by the key of the job.

        A run that was deleted, or that has other settings than its job by now, is none.

        Raises:
            StoreError: if the runs cannot be read.
        """
        known = {run.id: run for run in store.runs()}
        found = {}
        for job in jobs:
            run = known.get(self._record.runs.get(job.key, ""))
            if run is not None and run.experiment() == job.experiment and not store.edits(run):
                found[job.key] = run
        return found

    def begun(self, job: Job, run: str) -> None:
        """Note which run a job has; on the disk when this returns.

        Raises:
            StoreError: if it cannot be written.
        """
        if self._record.runs.get(job.key) != run:
            self._record.runs[job.key] = run
            self._write()

    # Times

    def timing(self, wanted: BenchSettings) -> Benchmark | None:
        """Return the measurement of times; None before it has been made as it is wanted."""
        name = Path(self._record.timing).name
        if not name:
            return None
        try:
            found = kept.read(kept.folder() / name)
        except BenchmarkError:
            return None
        measured = tuple(case.arch for case in found.cases)
        same = measured == wanted.architectures and found.updates == wanted.updates
        return found if same else None

    def measured(self, file: Path) -> None:
        """Note where the measurement of times is kept.

        Raises:
            StoreError: if it cannot be written.
        """
        self._record.timing = file.name
        self._write()

    def _write(self) -> None:
        try:
            files.make_folder(self.folder)
            files.write(self.folder / RECORD, _ADAPTER.dump_json(self._record, indent=1))
        except OSError as error:
            raise StoreError(f"cannot write to {self.folder}: {reason(error)}") from None

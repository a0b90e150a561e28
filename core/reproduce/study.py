"""The record of a study: which run of the store belongs to which of its jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core import files
from core.benchmark import saved_results
from core.benchmark.results import Benchmark, BenchmarkError
from core.benchmark.settings import BenchSettings
from core.data import home
from core.errors import StoreError, not_written, reason
from core.reproduce.plan import Job
from core.runs.folder import RunLock
from core.runs.records import Run
from core.runs.store import Store

RECORD = "study.json"
MAX_BYTES = 200_000
"""Maximum size of a record; twenty seeds take about ten thousand bytes."""


@dataclass
class _Record:
    runs: dict[str, str] = field(default_factory=dict)
    """Ids of the runs, by the key of the job."""
    timing: str = ""
    """File name of the saved benchmark; empty if there is none yet."""


_ADAPTER = TypeAdapter(_Record)


def place(length: str) -> Path:
    """Return the folder of the user's study; it need not exist."""
    return home.saved_models_folder() / "reproduction" / length


class Study:
    """A study of one length: the runs that have begun, and the benchmark.

    Args:
        folder: the folder of the study; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._record = _Record()

    @classmethod
    def of(cls, length: str) -> "Study":
        """Return the user's study, read from the disk.

        Args:
            length: `full` or `quick`; the two have separate records.

        Raises:
            StoreError: if its record cannot be read.
        """
        study = cls(place(length))
        study.read()
        return study

    def read(self) -> None:
        """Read the record from the disk.

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
        """Remove the record; the runs stay in the store.

        Raises:
            StoreError: if the record cannot be removed.
        """
        self._record = _Record()
        try:
            (self.folder / RECORD).unlink(missing_ok=True)
        except OSError as error:
            raise not_written(self.folder, error) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the study during the body of a `with` statement.

        Raises:
            StoreError: if another process works on it, or the folder cannot be created.
        """
        try:
            files.make_folder(self.folder)
        except OSError as error:
            raise not_written(self.folder, error) from None
        try:
            lock = RunLock(self.folder)
        except StoreError:
            raise StoreError("another process reproduces already; stop it there first") from None
        try:
            yield
        finally:
            lock.release()

    # Runs

    @property
    def ids(self) -> set[str]:
        """Ids of the runs that have begun, deleted ones included."""
        return set(self._record.runs.values())

    def runs(self, jobs: tuple[Job, ...], store: Store) -> dict[str, Run]:
        """Return the run of every job that has one, by the key of the job.

        A run that was deleted or edited, or whose settings differ from those of its job, is
        ignored.

        Raises:
            StoreError: if the runs cannot be read.
        """
        runs_by_id = {run.id: run for run in store.runs()}
        result = {}
        for job in jobs:
            run = runs_by_id.get(self._record.runs.get(job.key, ""))
            if run is not None and run.experiment() == job.experiment and not store.edits(run):
                result[job.key] = run
        return result

    def begun(self, job: Job, run: str) -> None:
        """Record the run of a job, and return when it is on the disk.

        Raises:
            StoreError: if it cannot be written.
        """
        if self._record.runs.get(job.key) != run:
            self._record.runs[job.key] = run
            self._write()

    # Times

    def timing(self, wanted: BenchSettings) -> Benchmark | None:
        """Return the benchmark; None if there is none with the wanted settings."""
        name = Path(self._record.timing).name
        if not name:
            return None
        try:
            benchmark = saved_results.read(saved_results.folder() / name)
        except BenchmarkError:
            return None
        measured = tuple(case.arch for case in benchmark.cases)
        same = measured == wanted.architectures and benchmark.updates == wanted.updates
        return benchmark if same else None

    def measured(self, file: Path) -> None:
        """Record the file of the benchmark, and return when that is on the disk.

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
            raise not_written(self.folder, error) from None

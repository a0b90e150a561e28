"""The folder of one run: its settings, its checkpoints, and the lock of the process that trains it.

The operating system releases a lock when its process ends, however it ends, so a slow process and a
dead one are never confused. Testing whether a run is locked takes a shared lock and writes nothing,
so it also works in the folder of another user.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core import files
from core.config.experiment import Experiment
from core.data import home
from core.errors import DamagedError, LockedError, StoreError
from core.runs.checkpoint import SUFFIX, Checkpoint, load_checkpoint, save_checkpoint

NUMBERED_KEPT = 2
"""Numbered checkpoints that are retained: one to fall back on if the newest is damaged."""
BEST = f"best{SUFFIX}"
SETTINGS = "settings.toml"
LOCK = ".lock"
UNDO_LOCK = ".lock-undo"
"""Name of the lock of an app that has deleted the run and can still restore it."""
LOCK_TIMEOUT_S = 2.0
"""Seconds to wait for a lock: other processes take it briefly to test whether the run is locked."""
_NUMBERED = re.compile(r"checkpoint-(\d{1,12})" + re.escape(SUFFIX))
_KEPT = re.compile(r"kept-(\d{1,12})" + re.escape(SUFFIX))


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.name

    def make(self, experiment: Experiment) -> None:
        """Create the folder and write the settings.

        Raises:
            FileExistsError: if the folder exists.
            OSError: if it cannot be written.
        """
        self.path.mkdir(files.PRIVATE_FOLDER)
        self.write_settings(experiment)

    def ensure(self, experiment: Experiment) -> None:
        """Create the folder, or the settings in it, if they have been deleted.

        Raises:
            OSError: if it cannot be written.
        """
        with suppress(FileExistsError):
            self.path.mkdir(files.PRIVATE_FOLDER)
        if not (self.path / SETTINGS).exists():
            self.write_settings(experiment)

    def write_settings(self, experiment: Experiment) -> None:
        """Write the settings.

        Raises:
            OSError: if they cannot be written.
        """
        files.write(self.path / SETTINGS, experiment.to_toml().encode())

    def save_checkpoint(self, state: Checkpoint) -> None:
        """Write a numbered checkpoint, and remove those that are too old.

        Raises:
            OSError: if it cannot be written; the earlier ones are then unchanged.
        """
        path = self.path / f"checkpoint-{state.state.updates:08}{SUFFIX}"
        save_checkpoint(path, state)
        # Later ones were rejected when the run was resumed, so they do not count.
        earlier = [
            other for other in self.numbered() if updates_in_name(other) < state.state.updates
        ]
        for other in earlier[NUMBERED_KEPT - 1 :]:
            other.unlink(missing_ok=True)

    def save_best(self, state: Checkpoint) -> None:
        """Write the checkpoint of the best validation accuracy.

        Raises:
            OSError: if it cannot be written; the earlier one is then unchanged.
        """
        save_checkpoint(self.path / BEST, state)

    def save_kept(self, state: Checkpoint) -> None:
        """Write a checkpoint that is kept when later ones are written.

        Raises:
            OSError: if it cannot be written.
        """
        save_checkpoint(self.path / f"kept-{state.state.updates:08}{SUFFIX}", state)

    def numbered(self) -> list[Path]:
        """Return the paths of the numbered checkpoints, in descending order of updates."""
        return self._named(_NUMBERED)

    def kept(self) -> list[Path]:
        """Return the paths of the checkpoints that are kept, in descending order of updates."""
        return self._named(_KEPT)

    def to_resume(self) -> list[Path]:
        """Return the paths of both, in descending order of updates; all but the best, that is."""
        return sorted([*self.numbered(), *self.kept()], key=updates_in_name, reverse=True)

    def best(self) -> Path:
        """Return the path of the checkpoint of the best validation accuracy; it need not exist."""
        return self.path / BEST

    def load_checkpoints(self) -> Iterator[tuple[Path, Checkpoint | DamagedError]]:
        """Yield every checkpoint but the best, or its error, in descending order of updates."""
        for path in self.to_resume():
            try:
                yield path, load_checkpoint(path)
            except DamagedError as error:
                yield path, error
            except OSError as error:
                yield path, DamagedError(f"cannot read {path}: {error.strerror or error}")

    def _named(self, name: re.Pattern[str]) -> list[Path]:
        try:
            paths = [path for path in self.path.iterdir() if name.fullmatch(path.name)]
        except OSError:
            return []
        return sorted(paths, key=updates_in_name, reverse=True)


def is_kept(path: Path) -> bool:
    """Return whether a checkpoint is one of those that are kept."""
    return _KEPT.fullmatch(path.name) is not None


def updates_in_name(path: Path) -> int:
    """Return the number of updates that the name of a checkpoint tells; -1 for other files."""
    match = _NUMBERED.fullmatch(path.name) or _KEPT.fullmatch(path.name)
    return int(match[1]) if match else -1


class RunLock:
    """The lock on a run that this process works on, held until `release`.

    A folder that does not exist, or one on a file system without locks, is not locked; this is not
    an error.

    Args:
        folder: the folder of the run.
        name: the name of the lock file.

    Raises:
        LockedError: if another process holds the lock.
    """

    def __init__(self, folder: Path, name: str = LOCK) -> None:
        self.folder, self._name = folder, name
        self._lock: FileLock | None = None
        self._take()

    def reacquire(self) -> None:
        """Lock the run again if its folder has been deleted and created again.

        Raises:
            StoreError: if another process has locked it first.
        """
        if not (self.folder / self._name).exists():
            self.release()
            self._take()

    def release(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _take(self) -> None:
        if not self.folder.is_dir():  # `FileLock` would create it, without its settings
            return
        lock = _lock(self.folder / self._name, LOCK_TIMEOUT_S)
        try:
            lock.acquire()
        except Timeout:
            raise LockedError(
                f"another process works on {self.folder.name}; stop it there first"
            ) from None
        except (OSError, NotImplementedError):
            pass
        else:
            self._lock = lock


@contextmanager
def locked(folder: Path) -> Iterator[RunLock]:
    """Lock a run during the body of a `with` statement.

    Raises:
        StoreError: if another process holds the lock.
    """
    lock = RunLock(folder)
    try:
        yield lock
    finally:
        lock.release()


def is_locked(folder: Path, name: str = LOCK) -> bool | None:
    """Return whether a process works on a run; None if the file system has no locks."""
    path = folder / name
    try:
        return _is_locked(path) if path.exists() else False
    except FileNotFoundError:  # removed just now
        return False
    except (OSError, NotImplementedError):
        return None


def running(root: Path) -> list[str]:
    """Return the names of the runs under `root` that are locked by a process."""
    return sorted(path.parent.name for path in root.glob(f"*/{LOCK}") if is_locked(path.parent))


def refuse_beside_training() -> None:
    """Refuse to measure times while a run is being trained.

    Raises:
        StoreError: if a training is running, in this process or another.
    """
    names = running(home.saved_models_folder())
    if names:
        raise StoreError(
            f"{names[0]} is being trained, and each would slow the other down; "
            "measure when it is over"
        )


def _lock(path: Path, timeout: float) -> FileLock:
    return FileLock(path, timeout, files.PRIVATE_FILE, thread_local=False, poll_interval=0.02)


if sys.platform == "win32":

    def _is_locked(path: Path) -> bool:
        lock = _lock(path, 0)
        try:
            lock.acquire()
        except Timeout:
            return True
        lock.release()
        return False

else:
    import fcntl

    def _is_locked(path: Path) -> bool:
        # Conflicts with the exclusive `flock` of a `FileLock`, but not with another test.
        with files.opened(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

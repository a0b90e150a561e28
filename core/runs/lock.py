"""Which runs a process works on, known by a lock on a file in the run's folder.

The operating system lets go of a lock when its process ends, however it ends: a slow process is
never taken for a dead one, nor a dead one for a slow one. Who only looks shares the lock with
others that look, and writes nothing: a folder of somebody else's can be looked at.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core import files
from core.data import home
from core.errors import StoreError

LOCK = ".lock"
UNDO_LOCK = ".lock-undo"
"""Held by an app that can still bring the run back that it has deleted."""
LOCK_TIMEOUT_S = 2.0
"""Seconds until a lock counts as held: who only looks whether it is shares it for a moment."""


class RunLock:
    """A run that this process works on, until `release`.

    A folder that is not there, or a file system without locks, cannot be held; the work goes on
    all the same, and nobody is told of it.

    Args:
        folder: of the run.
        name: of the file that is locked.

    Raises:
        StoreError: if another process works on it.
    """

    def __init__(self, folder: Path, name: str = LOCK) -> None:
        self.folder, self._name = folder, name
        self._lock: FileLock | None = None
        self._take()

    def reacquire(self) -> None:
        """Hold the run again where its folder has been deleted and made anew.

        Raises:
            StoreError: if another process was quicker.
        """
        if not (self.folder / self._name).exists():
            self.release()
            self._take()

    def release(self) -> None:
        """Let go."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _take(self) -> None:
        if not self.folder.is_dir():  # or it would be made, without what belongs into it
            return
        lock = _lock(self.folder / self._name, LOCK_TIMEOUT_S)
        try:
            lock.acquire()
        except Timeout:
            raise StoreError(
                f"another process works on {self.folder.name}; stop it there first"
            ) from None
        except (OSError, NotImplementedError):
            pass
        else:
            self._lock = lock


@contextmanager
def locked(folder: Path) -> Iterator[RunLock]:
    """Hold a run while something works on it.

    Raises:
        StoreError: if another process works on it.
    """
    lock = RunLock(folder)
    try:
        yield lock
    finally:
        lock.release()


def is_locked(folder: Path, name: str = LOCK) -> bool | None:
    """Tell whether a process works on a run; None where the file system cannot say."""
    path = folder / name
    try:
        return _is_locked(path) if path.exists() else False
    except FileNotFoundError:  # removed just now
        return False
    except (OSError, NotImplementedError):
        return None


def running(root: Path) -> list[str]:
    """Return the names of the runs under `root` that a process works on."""
    return sorted(path.parent.name for path in root.glob(f"*/{LOCK}") if is_locked(path.parent))


def refuse_beside_training() -> None:
    """See to it that nothing trains while times are taken.

    Raises:
        StoreError: if a training runs, in this process or another.
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
        # What `FileLock` holds, an exclusive `flock`, keeps this one out; another look does not.
        with files.opened(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

"""Which runs a process works on, known by a lock on a file in the run's folder.

The operating system lets go of a lock when its process ends, however it ends: a slow process is
never taken for a dead one, nor a dead one for a slow one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.benchmark.results import BenchmarkError
from core.data import home
from core.runs.errors import StoreError

LOCK = ".lock"
PATIENCE = 2.0
"""Seconds until a lock counts as held: who only looks whether it is holds it for a moment too."""


class Hold:
    """A run that this process works on, until `release`.

    Args:
        folder: of the run.

    Raises:
        StoreError: if another process works on it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: FileLock | None = None
        self._take()

    def renew(self) -> None:
        """Hold the run again where its folder has been deleted and made anew.

        Raises:
            StoreError: if another process was quicker.
        """
        if not (self.folder / LOCK).exists():
            self.release()
            self._take()

    def release(self) -> None:
        """Let go."""
        if self._lock is not None:
            self._lock.release()

    def _take(self) -> None:
        lock = _lock(self.folder, PATIENCE)
        try:
            lock.acquire()
        except Timeout:
            raise StoreError(
                f"another process works on {self.folder.name}; stop it there first"
            ) from None
        except (OSError, NotImplementedError):
            # A file system without locks: the run goes on, nobody is told of it.
            self._lock = None
        else:
            self._lock = lock


@contextmanager
def held(folder: Path) -> Iterator[Hold]:
    """Hold a run while something works on it.

    Raises:
        StoreError: if another process works on it.
    """
    hold = Hold(folder)
    try:
        yield hold
    finally:
        hold.release()


def is_held(folder: Path) -> bool | None:
    """Tell whether a process works on a run; None where the file system cannot say."""
    if not (folder / LOCK).exists():
        return False
    lock = _lock(folder, 0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return None
    lock.release()
    return False


def running(root: Path) -> list[str]:
    """Return the names of the runs under `root` that a process works on."""
    return sorted(path.parent.name for path in root.glob(f"*/{LOCK}") if is_held(path.parent))


def refuse_beside_training() -> None:
    """See to it that nothing trains while times are taken.

    Raises:
        BenchmarkError: if a training runs, in this process or another.
    """
    names = running(home.saved_models_folder())
    if names:
        raise BenchmarkError(
            f"{names[0]} is being trained, and each would slow the other down; "
            "measure when it is over"
        )


def _lock(folder: Path, patience: float) -> FileLock:
    return FileLock(folder / LOCK, patience, 0o600, thread_local=False, poll_interval=0.02)

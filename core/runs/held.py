"""Which runs a process works on, known by a lock on a file in the run's folder.

The operating system lets go of a lock when its process ends, however it ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.benchmark.results import BenchmarkError
from core.data import home

LOCK = ".lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a run while something works on it."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(blocking=False)
    except (OSError, NotImplementedError):
        # A file system without locks: the run goes on, nobody is told of it.
        yield
        return
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        lock.release()


def running(root: Path) -> list[str]:
    """Return the names of the runs under `root` that a process works on."""
    return sorted(path.parent.name for path in root.glob(f"*/{LOCK}") if _is_held(path))


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


def _is_held(path: Path) -> bool:
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False

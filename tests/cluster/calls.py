"""What the tests have workers do."""

import os
import signal
import time
from pathlib import Path
from typing import Any


class Unreadable:
    """What can be sent, but not received."""

    def __reduce__(self) -> Any:
        return fail, (ValueError("unreadable"),)


def echo(value: Any, *, threads: int) -> tuple[Any, int, int]:
    return value, threads, os.getpid()


def sleep(seconds: float, *, threads: int) -> int:
    time.sleep(seconds)
    return os.getpid()


def fail(error: BaseException, *, threads: int = 1) -> None:
    raise error


def mapped_from(data: Any, *, threads: int) -> tuple[bool, bool]:
    """Return whether the data have memory of their own, and may be written to."""
    return data.flags.owndata, data.flags.writeable


def die(*, threads: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def total(data: Any, factor: int, *, threads: int) -> tuple[int, int, int]:
    return int(data.sum()) * factor, id(data), os.getpid()


def environment(*, threads: int) -> dict[str, Any]:
    from threadpoolctl import threadpool_info

    blas = {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}
    return {
        "blas": blas,
        "cwd": sorted(path.name for path in Path.cwd().iterdir()),
        "session": os.getsid(0),
        "env": dict(os.environ),
    }


def held(*, threads: int) -> tuple[int, int]:
    """Return how many data and trainers this process keeps."""
    from core.cluster import shipping
    from core.training import piece

    return len(shipping._values), len(piece._kept)

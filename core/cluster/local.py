"""Workers of this machine: Dask's own cluster, listening on the loopback with its certificates."""

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from core.cluster.errors import ClusterError

PREFIX = "convsole-workers-"
"""Beginning of the name of the temporary folder of our workers."""

STARTS = 3
"""Times that workers of this machine are started if one of them ends before it is there."""

BLAS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables that tell a BLAS its number of threads."""


@contextmanager
def local_workers(workers: int, threads: int, folder: Path) -> Iterator[Any]:
    """Start workers on this machine; yield a client of theirs. On exit all have ended.

    Args:
        workers: number of workers.
        threads: threads of each.
        folder: where they may write.

    Raises:
        ClusterError: if they cannot be started.
    """
    import dask.config
    from distributed import Client, Security

    _start_resource_tracker()
    environment = dict.fromkeys(BLAS_THREADS, str(threads))
    with ExitStack() as stack:
        stack.enter_context(dask.config.set({"distributed.nanny.pre-spawn-environ": environment}))
        security = Security.temporary()
        try:
            cluster = stack.enter_context(
                _started(
                    n_workers=workers,
                    threads_per_worker=threads,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    # A training is not shared out by memory, and nothing may go to the disk.
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                    local_directory=str(folder),
                    security=security,
                    preload=["core.cluster.remote"],
                )
            )
            client = stack.enter_context(Client(cluster, security=security))
            stack.callback(_kill, cluster)
            yield client
        except OSError as error:
            raise ClusterError(f"workers cannot be started on this machine: {error}") from None


def _started(**options: Any) -> Any:
    """Return Dask's cluster of this machine, started again if a worker ends while it starts.

    Raises:
        ClusterError: if that happens every time.
    """
    import psutil
    from distributed import LocalCluster

    before = psutil.Process().children()
    starts = 0
    while True:
        starts += 1
        try:
            return LocalCluster(**options)
        except KeyboardInterrupt:
            for worker in psutil.Process().children():
                if worker not in before:
                    worker.kill()
            # What Dask has begun goes on until this process ends, and complains.
            logging.getLogger("asyncio").addFilter(lambda record: False)
            raise
        except RuntimeError as error:
            if starts == STARTS:
                why = error.__cause__ or error
                raise ClusterError(
                    f"workers of this machine end as they start ({why}); free some memory, or "
                    "train without them by --workers 0"
                ) from None


def _start_resource_tracker() -> None:
    """Start the process that multiprocessing needs to start others, with the real error stream.

    It hands it the descriptor of `sys.stderr`, which is -1 of the stream that Textual puts there.
    """
    with redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()


def _kill(cluster: Any) -> None:
    """End the processes of workers at once; Dask would wait for what they do."""
    import psutil

    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.pid is not None:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(nanny.pid).kill()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for workers; remove it in the end, and those of killed processes."""
    import psutil  # Dask needs it, so it is there

    root = Path(tempfile.gettempdir())
    for left in root.glob(f"{PREFIX}*"):
        number = left.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            with suppress(OSError):
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(
        prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)

"""A Dask cluster that stands: a scheduler and its workers, each a process of its own."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from torture.process import check

ROOT = Path(__file__).parents[1]

START_S = 60.0
"""Seconds in which a scheduler starts."""


class Standing:
    """A cluster on the loopback, to be killed in part and started anew.

    Args:
        folder: an empty folder for its files.
        workers: number of workers, with one thread each.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder, self._number = folder, workers
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> str:
        """Start what is not there; return the address of the scheduler."""
        file = self._folder / "scheduler.json"
        if self._scheduler is None:
            file.unlink(missing_ok=True)
            self._scheduler = self._begin(file, "scheduler", "--port", "0")
            end = time.monotonic() + START_S
            while not file.exists():
                check(time.monotonic() < end, "no scheduler started")
                time.sleep(0.05)
        while len(self._workers) < self._number:
            options = "--no-nanny", "--nthreads", "1", "--local-directory", str(self._folder)
            self._workers.append(self._begin(file, "worker", *options))
        return str(json.loads(file.read_text())["address"])

    def kill_scheduler(self) -> None:
        """Kill the scheduler, and the workers, which are of no use without it."""
        assert self._scheduler is not None
        self._scheduler.kill()
        self._scheduler.wait()
        self._scheduler = None
        while self._workers:
            self.kill_worker(0)

    def kill_worker(self, number: int) -> None:
        """Kill one of the workers."""
        process = self._workers.pop(number)
        process.kill()
        process.wait()

    def kill_any_worker(self, rng: random.Random) -> None:
        """Kill a random one of the workers."""
        self.kill_worker(rng.randrange(len(self._workers)))

    def __enter__(self) -> Self:
        """Return itself; nothing of it is left on exit."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill all that is there."""
        if self._scheduler is not None:
            self.kill_scheduler()

    def _begin(self, file: Path, what: str, *options: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1"),
                *("--scheduler-file", str(file), "--no-dashboard", *options),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

"""The time from the start of a training on CIFAR-10 to its first update, with and without a cache.

Every training is the first of a new process. Without a cache its files are read, and the cache is
written; with one it is mapped. The files are in the memory of the system both times, which `bench`
cannot empty: from a slow disk, a first reading takes longer by the time to read 184 MB.

    python -m bench.first_update [--data DIR] [--preset NAME]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from core.data import cifar10, home

ROUNDS = 7
"""Measured trainings of each kind, after one that is not counted."""

TRAINING = """
import sys
from pathlib import Path
from time import perf_counter
from core.config import presets
from core.runs.session import Session
from core.training.events import UpdateDone
name, data = sys.argv[1:]
session = Session(presets.load(name).changed(dataset="cifar10"), Path(data))
def listen(event):
    if isinstance(event, UpdateDone) and event.update == 1:
        print(began, perf_counter(), flush=True)
        session.control.interrupt()
began = perf_counter()
session.run(listen)
"""


def measured(preset: str, data: Path) -> tuple[float, float]:
    """Return the seconds to the first update, of the training and of its process."""
    started = perf_counter()  # a clock that all processes share
    done = subprocess.run(
        [sys.executable, "-c", TRAINING, preset, str(data)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    began, updated = map(float, done.stdout.split())
    return updated - began, updated - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="CIFAR-10; by default that of the data folder")
    parser.add_argument("--preset", default="arch-2")
    given = parser.parse_args()
    found = cifar10.find(given.data)
    if found is None:
        print("first update: not measured, there is no CIFAR-10")
        return
    with tempfile.TemporaryDirectory() as place:
        os.environ[home.HOME_VARIABLE] = place
        for words in ("without a cache", "with a cache"):
            times = []
            for _ in range(ROUNDS + 1):
                if words.startswith("without"):
                    shutil.rmtree(home.cache_folder(), ignore_errors=True)
                times.append(measured(given.preset, found.absolute()))
            training, process = zip(*times[1:], strict=True)
            print(
                f"first update of {given.preset}: {statistics.median(training):.2f} s {words}, "
                f"median of {ROUNDS} ({min(training):.2f} to {max(training):.2f}); "
                f"{statistics.median(process):.2f} s from the start of the process"
            )


if __name__ == "__main__":
    main()

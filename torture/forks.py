"""Fork workers while other threads of the process hold all kinds of locks.

Threads import modules, look for loaded libraries, write logs, allocate and multiply matrices, the
latter with one BLAS thread as the app does. Meanwhile a worker is forked, runs a job, and is ended,
again and again. With more BLAS threads the fork itself can hang, inside OpenBLAS.
"""

import argparse
import importlib
import logging
import mmap
import os
import sys
import threading
from collections.abc import Callable
from time import monotonic

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from core.training.process_worker import ProcessWorker

IMPORTED = ("json.tool", "wave", "ftplib", "xmlrpc.client", "_decimal", "lzma", "bz2")
TIMEOUT_S = 30.0
SIZE = 300


def imports() -> None:
    for name in IMPORTED:
        sys.modules.pop(name, None)
        importlib.import_module(name)


def multiplies() -> None:
    matrix = np.ones((SIZE, SIZE))
    matrix @ matrix


def allocates() -> None:
    for _ in range(100):
        np.ones(1000)


def logs() -> None:
    logging.getLogger(__name__).warning("x" * 1000)


def forever(work: Callable[[], object]) -> None:
    while True:
        work()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    logging.basicConfig(filename=os.devnull)
    product = np.frombuffer(mmap.mmap(-1, mmap.PAGESIZE), np.int64, 1)

    def job(worker: int) -> None:
        matrix = np.ones((SIZE, SIZE))
        product[0] = int((matrix @ matrix)[0, 0])

    def round_trip() -> None:
        worker = ProcessWorker(1, [job])
        worker.start(0)
        worker.finish()
        worker.close()

    with threadpool_limits(1, user_api="blas"):
        for work in (imports, threadpool_info, logs, allocates, multiplies):
            threading.Thread(target=forever, args=(work,), daemon=True).start()
        end, forks = monotonic() + seconds, 0
        while monotonic() < end:
            product[0] = 0
            fork = threading.Thread(target=round_trip, daemon=True)
            fork.start()
            fork.join(TIMEOUT_S)
            if fork.is_alive() or product[0] != SIZE:
                sys.exit(f"forks: worker {forks + 1} did not do its job within {TIMEOUT_S:.0f} s")
            forks += 1
    print(f"forks: {forks} workers forked beside five busy threads, none hung")
    sys.stdout.flush()
    os._exit(0)  # the threads never end


if __name__ == "__main__":
    main()

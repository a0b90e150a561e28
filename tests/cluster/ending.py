"""A module that ends the worker which Dask preloads it in."""

import os
import signal


def dask_setup(worker: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)

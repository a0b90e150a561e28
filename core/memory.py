"""Release of unused memory to the operating system."""

import ctypes
import sys


def trim() -> None:
    """Release freed memory that the C library retains to the operating system (glibc only).

    After large reads and tables it retains up to tens of megabytes. The call takes some
    milliseconds.
    """
    if sys.platform == "linux":
        release = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if release is not None:
            release(0)

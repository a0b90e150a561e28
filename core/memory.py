"""Memory that nobody uses, given back to the system."""

import ctypes
import sys


def trim() -> None:
    """Let the C library give back what it keeps of freed memory, where it can (glibc).

    It keeps up to tens of megabytes of what large reads and tables have left. This takes some
    milliseconds.
    """
    if sys.platform == "linux":
        release = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if release is not None:
            release(0)

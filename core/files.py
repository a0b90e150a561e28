"""How a file is opened that somebody else may have put there."""

import os
from errno import EINVAL
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO


def opened(path: Path) -> BinaryIO:
    """Open a file for reading, and nothing else: a pipe would wait for its other end for ever.

    Raises:
        OSError: if it cannot be opened, or is a pipe, a device or a folder.
    """
    # Only where there is none, on Windows, there are no pipes among the files either.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        if not S_ISREG(os.fstat(handle).st_mode):
            raise OSError(EINVAL, "it is no file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise

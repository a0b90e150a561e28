"""Standard streams that last: whatever becomes of what is written, the work goes on.

A stream may be closed, its reader gone, its disk full, or it may speak an alphabet without the
letter. None of that is found out by the code that prints; it is told once, at the end.
"""

import codecs
import io
import os
import select
import sys
from pathlib import Path
from typing import Any, TextIO

FAILED = 1

SIMPLER = {
    "…": "...", "±": "+-", "·": ".", "█": "#", "✓": "+", "✗": "x", "○": "o", "→": "->", "─": "-",
    "\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "x", "�": "?",
}  # fmt: skip
"""What stands for a letter where a stream has none for it; for others their number does."""

_HANDLER = "convsole"


class _Lasting(io.RawIOBase):
    """Takes all that is written; the first time that the system refuses, it keeps the reason.

    Args:
        stream: where to; None is nowhere.
    """

    def __init__(self, stream: TextIO | None) -> None:
        buffer: Any = stream.buffer if stream is not None else io.FileIO(os.devnull, "w")
        self._stream = stream  # kept, for its file is closed with it
        self._raw = getattr(buffer, "raw", buffer)
        self.trouble: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def write(self, content: Any) -> int:
        """Write as much as the system takes at once, and all of it where it takes no more."""
        while self.trouble is None:
            try:
                taken = self._raw.write(content)
                if taken is not None:
                    return int(taken)
                select.select([], [self._raw], [])  # a pipe that is full, and does not wait itself
            except OSError as error:
                self.trouble = error
        return memoryview(content).nbytes


_output: _Lasting | None = None


def prepare() -> None:
    """Let all three streams be open and the two for output last; call this before all else."""
    global _output
    # A closed one would be taken by the next file that is opened, such as the database of runs.
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    prepare_letters()
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - to the end
    _output, sys.stdout = _lasting(sys.stdout)
    _, sys.stderr = _lasting(sys.stderr)


def prepare_letters() -> None:
    """Let streams write letters that they lack in others."""
    codecs.register_error(_HANDLER, _simpler)


def ended(code: str | int | None) -> str | int | None:
    """Write what is left, and return the exit code of the program.

    Args:
        code: as it would be if everything could be printed; None is 0, as for `sys.exit`.

    Returns:
        The same, but 1 for 0 where results were lost. A reader that has gone wanted no more.
    """
    sys.stdout.flush()
    trouble = _output.trouble if _output is not None else None
    if trouble is not None and not isinstance(trouble, BrokenPipeError):
        print(f"convsole: cannot write the output: {trouble.strerror}", file=sys.stderr)
        return code or FAILED
    return code


def take_terminal() -> None:
    """Let the app draw, in UTF-8, on the terminal that its user looks at.

    Textual writes to the original stderr, in the encoding that Python has chosen for it.
    """
    if sys.platform == "win32":
        return  # consoles there have an encoding of their own, and it is this
    number = 2 if os.isatty(2) else 1
    sys.__stderr__ = open(  # type: ignore[misc]  # noqa: SIM115
        number, "w", encoding="utf-8", errors=_HANDLER, closefd=False
    )


def _lasting(stream: TextIO | None) -> tuple[_Lasting, TextIO]:
    """Return what takes the bytes of a stream, and a stream like it that writes to that."""
    raw = _Lasting(stream)
    text = io.TextIOWrapper(
        io.BufferedWriter(raw),
        stream.encoding if stream is not None else "utf-8",
        _HANDLER,
        line_buffering=raw.isatty() or stream is sys.stderr,
    )
    return raw, text


def _simpler(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for letters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(map(_escaped, letters)), error.end


def _escaped(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a path that is no text
        return f"\\x{code - 0xDC00:02x}"
    return SIMPLER.get(letter) or letter.encode("ascii", "backslashreplace").decode()

"""Standard streams that never raise, so that an output error does not interrupt the work.

A stream may be closed, its reader gone, its disk full, or its encoding unable to represent a
character. Code that prints sees none of these errors; the program reports them once, at its end.
"""

import codecs
import io
import os
import select
import sys
from pathlib import Path
from typing import Any, TextIO

from tui import exit_codes

SIMPLER = {
    "…": "...", "±": "+-", "·": ".", "█": "#", "✓": "+", "✗": "x", "○": "o", "→": "->", "─": "-",
    "\N{MINUS SIGN}": "-", "\N{MULTIPLICATION SIGN}": "x", "�": "?",
}  # fmt: skip
"""ASCII replacements of characters that an encoding lacks; others become escape sequences."""

_HANDLER = "convsole"


class _SafeOutput(io.RawIOBase):
    """A raw stream that accepts all writes, and records the first error of the system.

    Args:
        stream: the stream to write to; None discards everything.
    """

    def __init__(self, stream: TextIO | None) -> None:
        buffer: Any = stream.buffer if stream is not None else io.FileIO(os.devnull, "w")
        self._stream = stream  # a reference, because its file is closed when it is collected
        self._raw = getattr(buffer, "raw", buffer)
        self.trouble: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def write(self, content: Any) -> int:
        """Write as much as the system accepts at once; after an error, discard everything."""
        while self.trouble is None:
            try:
                written = self._raw.write(content)
                if written is not None:
                    return int(written)
                select.select([], [self._raw], [])  # a full pipe in non-blocking mode
            except OSError as error:
                self.trouble = error
        return memoryview(content).nbytes


_output: _SafeOutput | None = None


def prepare() -> None:
    """Open missing standard streams and make the output streams safe; call this first."""
    global _output
    # The next file to be opened, such as the run database, would get a closed descriptor's number.
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    prepare_letters()
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - open until the exit
    _output, sys.stdout = _safe(sys.stdout)
    _, sys.stderr = _safe(sys.stderr)


def prepare_letters() -> None:
    """Register the error handler that replaces characters an encoding lacks."""
    codecs.register_error(_HANDLER, _simpler)


def ended(code: str | int | None) -> str | int | None:
    """Flush the output, and return the exit code of the program.

    Args:
        code: the exit code if all output was written; None means 0, as for `sys.exit`.

    Returns:
        `code`, or 1 instead of 0 if output was lost. A reader that has closed its pipe does not
        count as lost output.
    """
    sys.stdout.flush()
    trouble = _output.trouble if _output is not None else None
    if trouble is not None and not isinstance(trouble, BrokenPipeError):
        print(f"convsole: cannot write the output: {trouble.strerror}", file=sys.stderr)
        return code or exit_codes.FAILED
    return code


def take_terminal() -> None:
    """Let the app draw on the user's terminal in UTF-8.

    Textual writes to the original stderr, in the encoding that Python has chosen for it.
    """
    if sys.platform == "win32":
        return  # Windows consoles already use UTF-8
    number = 2 if os.isatty(2) else 1
    sys.__stderr__ = open(  # type: ignore[misc]  # noqa: SIM115
        number, "w", encoding="utf-8", errors=_HANDLER, closefd=False
    )


def _safe(stream: TextIO | None) -> tuple[_SafeOutput, TextIO]:
    """Return a raw stream that never raises, and a text stream like `stream` on top of it."""
    raw = _SafeOutput(stream)
    text = io.TextIOWrapper(
        io.BufferedWriter(raw),
        stream.encoding if stream is not None else "utf-8",
        _HANDLER,
        line_buffering=raw.isatty() or stream is sys.stderr,
    )
    return raw, text


def _simpler(error: UnicodeError) -> tuple[str, int]:
    """Return replacements for the characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(map(_escaped, characters)), error.end


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte of a path (surrogateescape)
        return f"\\x{code - 0xDC00:02x}"
    return SIMPLER.get(character) or character.encode("ascii", "backslashreplace").decode()

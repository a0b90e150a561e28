"""Conversion of terminal input to events, robust against arbitrary bytes.

Besides keys, a terminal may send mouse reports in encodings that were not requested, replies to
queries of an earlier program, and fragments of both. Textual's parser takes unknown input for keys,
waits for the rest of incomplete sequences, and raises an error where a number is too large. So this
module splits the input into sequences, by the grammar of ECMA-48 ("Control functions for coded
character sets", 1991) and of xterm's mouse reports, and parses each with a new parser: a sequence
that cannot be parsed is dropped complete, and does not affect the next.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.events import Key, MouseEvent, Paste, Resize
from textual.message import Message
from textual.messages import InBandWindowResize

from tui.terminal.size import LARGEST

LONGEST: Final = 32
"""Largest length of a valid sequence; Textual's parser takes longer ones for keys."""

PASTED: Final = 10_000
"""Largest number of characters of a paste, more than any input field needs."""

STRING_TIMEOUT_S: Final = 0.5
"""Seconds without input after which an unterminated string or paste ends."""

STARTS, ENDS = b"\x1b[200~", b"\x1b[201~"
"""The brackets of a paste."""

_CHARACTER = (
    rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)

_COMPLETE = re.compile(
    rb"\x1b\[M[^\x1b]{3}"  # an X10 mouse report: three arbitrary bytes
    rb"|\x1b\[\[[@-~]"  # a function key of the Linux console
    rb"|\x1b\[[ -?]*[@-~]"  # a control sequence
    rb"|\x1bO[0-9;]*[ -/<-~]"  # a key of the numeric block, or a function key
    rb"|\x1b[]PX^_][^\x07\x18\x1a\x1b]*(?:[\x07\x18\x1a]|\x1b\\|(?=\x1b))"  # a string
    rb"|\x1b(?=\x1b)"
    rb"|\x1b?(?:" + _CHARACTER + rb")"
)
"""A complete sequence. An escape before another escape is a key."""

_INCOMPLETE = re.compile(
    rb"(?:\x1b"
    rb"|\x1b\[(?:M[^\x1b]{0,2}|\[|[ -?]*)"
    rb"|\x1bO[0-9;]*"
    rb"|\x1b[]PX^_][^\x07\x18\x1a\x1b]*\x1b?"
    rb"|\x1b?(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})"
    rb")\Z"
)
"""An incomplete sequence at the end of the input."""

_BROKEN = re.compile(rb"\x1b\[M[^\x1b]{0,2}|\x1b\[[ -?]*|\x1bO[0-9;]*|.", re.DOTALL)
"""Input to drop where neither of the others matches."""

_STRING = re.compile(rb"\x1b[]PX^_].", re.DOTALL)
_MEANINGLESS = re.compile(rb"\x1b(?:\[M|[O\[]\Z|[]PX^_].)", re.DOTALL)
"""Sequences that are not keys: X10 mouse reports, incomplete sequences, strings."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_STATE = ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size")
"""The state that Textual's parser carries from one sequence to the next."""


class Reader:
    """Converts bytes to events.

    Args:
        size: returns the columns and rows of the screen; mouse reports outside it are dropped.
    """

    def __init__(self, size: Callable[[], tuple[int, int]]) -> None:
        self._size = size
        self._bytes = b""
        self._paste: bytearray | None = None
        """The paste received so far; None outside of a paste."""
        self._parser = XTermParser()
        self._in_band = False
        """Whether the terminal has confirmed that it sends in-band resize reports."""

    @property
    def waits(self) -> bool:
        """Whether a sequence or a paste is incomplete."""
        return bool(self._bytes) or self._paste is not None

    def feed(self, data: bytes) -> Iterator[Message]:
        """Add input, and yield the events that it completes."""
        self._bytes += data
        while self._bytes:
            if self._paste is not None:
                if not self._take_paste():
                    return
                yield from self._pasted()
            elif self._bytes.startswith(STARTS):
                self._bytes, self._paste = self._bytes[len(STARTS) :], bytearray()
            elif _INCOMPLETE.match(self._bytes):
                self._bytes = _shortened(self._bytes)
                return
            elif complete := _COMPLETE.match(self._bytes):
                self._bytes = self._bytes[complete.end() :]
                yield from self._events(complete.group())
            else:
                broken = _BROKEN.match(self._bytes)
                self._bytes = self._bytes[broken.end() if broken else 1 :]

    def rest(self, seconds: float) -> Iterator[Message]:
        """Yield the events of an incomplete sequence or paste, `seconds` after the last input."""
        if self._paste is not None:
            if seconds >= STRING_TIMEOUT_S:
                self._paste += self._bytes
                self._bytes = b""
                yield from self._pasted()
        elif self._bytes:
            timeout = STRING_TIMEOUT_S if _STRING.match(self._bytes) else constants.ESCAPE_DELAY
            if seconds >= timeout:
                rest, self._bytes = self._bytes, b""
                yield from self._events(rest)

    def _take_paste(self) -> bool:
        """Move input to the paste; return whether the paste is complete."""
        assert self._paste is not None
        end = self._bytes.find(ENDS)
        # The input may end within the closing bracket.
        taken = end if end >= 0 else max(0, len(self._bytes) - len(ENDS) + 1)
        room = max(0, 4 * PASTED - len(self._paste))
        self._paste += self._bytes[:taken][:room]
        self._bytes = self._bytes[taken + len(ENDS) * (end >= 0) :]
        return end >= 0

    def _pasted(self) -> Iterator[Message]:
        assert self._paste is not None
        text = _UNPRINTABLE.sub("", self._paste.decode("utf-8", "ignore"))[:PASTED]
        self._paste = None
        if text:
            yield Paste(text)

    def _events(self, sequence: bytes) -> Iterator[Message]:
        """Yield the events of one sequence; none if it cannot be parsed."""
        if len(sequence) > LONGEST or _MEANINGLESS.match(sequence):
            return
        parser = XTermParser()
        for name in _STATE:
            setattr(parser, name, getattr(self._parser, name))
        try:
            events = list(parser.feed(sequence.decode()))
            # After Escape and one character the parser waits for more; it was Alt and that key.
            if not sequence.startswith(b"\x1b") or len(sequence.decode()) <= 2:
                events += parser.feed("")
        except Exception:
            # Textual's parser raises various errors on input that it does not expect.
            return
        if all(self._plausible(event) for event in events):
            self._parser = parser
            for event in events:
                if isinstance(event, InBandWindowResize):
                    self._in_band = event.supported
                yield event

    def _plausible(self, event: Message) -> bool:
        """Return whether the app can handle an event."""
        if isinstance(event, MouseEvent):
            columns, rows = self._size()
            return 0 <= event.x < columns and 0 <= event.y < rows
        if isinstance(event, Resize):
            sides = (*event.size, *(event.pixel_size or ()))
            fits = all(side <= most for side, most in zip(event.size, LARGEST, strict=True))
            return self._in_band and fits and min(sides) > 0
        if isinstance(event, Key):
            return not re.search(r"[\ud800-\udfff]", event.key + (event.character or ""))
        return True


def _shortened(begun: bytes) -> bytes:
    """Return an incomplete sequence cut to a length that still marks it as too long."""
    if len(begun) <= 2 * LONGEST:
        return begun
    # An escape at the end may be the first byte of a string terminator.
    return begun[: 2 * LONGEST - 1] + begun[-1:]

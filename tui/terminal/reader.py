"""What a terminal sends, made into events: whatever it is, the app goes on.

A terminal sends keys, and much that is none: reports of a mouse in encodings that nobody asked for,
answers to questions of the program before, halves of both. Textual's parser takes what it does not
know for keys, waits for the rest of what has none, and raises where a number is too large. So the
bytes are cut into sequences here, by the grammar of ECMA-48 ("Control functions for coded character
sets", 1991) and of xterm's mouse reports, and each is read by a parser of its own: one that cannot
be read is dropped whole, and leaves nothing behind.
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
"""Characters of a sequence that means anything; Textual's parser takes longer ones for keys."""

PASTED: Final = 10_000
"""Characters that are taken of a paste: more than any field here has use for."""

STRING_TIMEOUT_S: Final = 0.5
"""Seconds without a byte after which a string or a paste without an end is given up."""

STARTS, ENDS = b"\x1b[200~", b"\x1b[201~"
"""The brackets of a paste."""

_CHARACTER = (
    rb"[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)

_WHOLE = re.compile(
    rb"\x1b\[M[^\x1b]{3}"  # a mouse report of X10: three bytes, whatever they are
    rb"|\x1b\[\[[@-~]"  # a function key of the Linux console
    rb"|\x1b\[[ -?]*[@-~]"  # a control sequence
    rb"|\x1bO[0-9;]*[ -/<-~]"  # a key of the numeric block, or a function key
    rb"|\x1b[]PX^_][^\x07\x18\x1a\x1b]*(?:[\x07\x18\x1a]|\x1b\\|(?=\x1b))"  # a string
    rb"|\x1b(?=\x1b)"
    rb"|\x1b?(?:" + _CHARACTER + rb")"
)
"""A sequence from its first byte to its last. The escape before another one is a key."""

_OPEN = re.compile(
    rb"(?:\x1b"
    rb"|\x1b\[(?:M[^\x1b]{0,2}|\[|[ -?]*)"
    rb"|\x1bO[0-9;]*"
    rb"|\x1b[]PX^_][^\x07\x18\x1a\x1b]*\x1b?"
    rb"|\x1b?(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})"
    rb")\Z"
)
"""What may be the beginning of one."""

_BROKEN = re.compile(rb"\x1b\[M[^\x1b]{0,2}|\x1b\[[ -?]*|\x1bO[0-9;]*|.", re.DOTALL)
"""What is dropped where neither is there."""

_STRING = re.compile(rb"\x1b[]PX^_].", re.DOTALL)
_MEANINGLESS = re.compile(rb"\x1b(?:\[M|[O\[]\Z|[]PX^_].)", re.DOTALL)
"""What is no key: the reports of X10, beginnings that nothing followed, strings."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_STATE = ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size")
"""What Textual's parser knows from one sequence to the next."""


class Reader:
    """Makes events of bytes.

    Args:
        size: asked for columns and rows of the screen: a mouse that is elsewhere is none.
    """

    def __init__(self, size: Callable[[], tuple[int, int]]) -> None:
        self._size = size
        self._bytes = b""
        self._paste: bytearray | None = None
        """What has come of a paste so far; None outside of one."""
        self._parser = XTermParser()
        self._in_band = False
        """Whether the terminal has said that it tells its size among the keys."""

    @property
    def waits(self) -> bool:
        """Whether something has begun and not ended."""
        return bool(self._bytes) or self._paste is not None

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take what has come, and return what it means so far."""
        self._bytes += data
        while self._bytes:
            if self._paste is not None:
                if not self._take_paste():
                    return
                yield from self._pasted()
            elif self._bytes.startswith(STARTS):
                self._bytes, self._paste = self._bytes[len(STARTS) :], bytearray()
            elif _OPEN.match(self._bytes):
                self._bytes = _shortened(self._bytes)
                return
            elif whole := _WHOLE.match(self._bytes):
                self._bytes = self._bytes[whole.end() :]
                yield from self._events(whole.group())
            else:
                broken = _BROKEN.match(self._bytes)
                self._bytes = self._bytes[broken.end() if broken else 1 :]

    def rest(self, seconds: float) -> Iterator[Message]:
        """Return what it means that nothing has come for so long: an end to what has none."""
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
        """Move bytes to the paste; return whether it has come to its end."""
        assert self._paste is not None
        end = self._bytes.find(ENDS)
        # The end may have come in part.
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
        """Return what one sequence means; nothing where it cannot be read."""
        if len(sequence) > LONGEST or _MEANINGLESS.match(sequence):
            return
        parser = XTermParser()
        for name in _STATE:
            setattr(parser, name, getattr(self._parser, name))
        try:
            events = list(parser.feed(sequence.decode()))
            # After Escape and one more it waits for others, which are not coming: it was Alt.
            if not sequence.startswith(b"\x1b") or len(sequence.decode()) <= 2:
                events += parser.feed("")
        except Exception:
            # What has not been thought of here and there is no key either.
            return
        if all(self._plausible(event) for event in events):
            self._parser = parser
            for event in events:
                if isinstance(event, InBandWindowResize):
                    self._in_band = event.supported
                yield event

    def _plausible(self, event: Message) -> bool:
        """Return whether the app can make something of an event."""
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
    """Return the beginning of a sequence without what nobody will look at."""
    if len(begun) <= 2 * LONGEST:
        return begun
    # An escape at the end may belong to the end of a string.
    return begun[: 2 * LONGEST - 1] + begun[-1:]

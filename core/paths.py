"""Parsing of paths from user input, and their text form in files.

A path comes from a shell, from the keyboard, or from a file that is dropped on the terminal, which
then inserts its name: in quotes, with backslashes, or as a URL `file://...`.
"""

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import gethostname
from urllib.parse import unquote_to_bytes, urlsplit

from core.errors import UserError

ON_WINDOWS = sys.platform == "win32"
"""On Windows a backslash separates folders and escapes nothing."""

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""Start of a URL, which `C:/` is not."""


class PathError(UserError):
    """The input is not a file of this machine, or is several files."""


def argument(text: str) -> Path:
    """Return the path of a command-line argument.

    The shell has already removed quotes and backslashes, so remaining ones are part of the name.
    An existing path is returned unchanged; otherwise `~` and `file://` are resolved.

    Raises:
        PathError: if it is a URL of anything but a file of this machine.
    """
    plain = Path(text)
    return plain if exists(plain) else _resolved(text)


def typed(text: str) -> Path:
    """Return the path that the user typed, pasted, or dropped on the terminal.

    An existing path is returned unchanged. Otherwise the result is the first of these that exists:
    the text without surrounding blanks, and without quotes and backslashes, both with `~` and
    `file://` resolved. If none exists, it is the last of them, the most likely meaning.

    Raises:
        PathError: if the input is several files, or a URL of anything else.
    """
    path = Path(text)
    for reading in _readings(text):
        path = _resolved(reading)
        if exists(path):
            return path
    if len(parts := _words(text)) > 1 and all(exists(_resolved(part)) for part in parts):
        raise PathError(f"these are {len(parts)} files; name one")
    return path


def expanded(path: Path) -> Path:
    """Replace `~` by the home folder; a `~` that is not a home folder is part of the name.

    `~cat.png` could be the home folder of a user cat.png, but is usually a file.
    """
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def exists(path: Path) -> bool:
    """Return whether a file or folder exists; an invalid name does not."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or with a zero byte
        return False


def to_text(path: Path) -> str:
    """Return an absolute path as text that UTF-8 can encode and `from_text` converts back.

    File names are bytes. A name that is not valid UTF-8 is returned as a URL.
    """
    text = str(path.absolute())
    try:
        text.encode()
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return text


def from_text(text: str) -> Path:
    """Return the path for a text from `to_text`."""
    # Unambiguous, because no absolute path starts with file://.
    return _local(text) if text.startswith("file://") else Path(text)


def _readings(text: str) -> Iterator[str]:
    """Iterate over the possible meanings of a text, the most literal first."""
    yield text
    yield text.strip()
    if len(words := _words(text)) == 1:
        yield words[0]


def _words(text: str) -> list[str]:
    """Split a text as a shell does, because terminals quote dropped files for a shell."""
    shell = shlex.shlex(text, posix=True, punctuation_chars=False)
    shell.whitespace_split, shell.commenters = True, ""
    if ON_WINDOWS:
        shell.escape = ""
    try:
        return list(shell)
    except ValueError:  # an unclosed quote, such as an apostrophe in a name
        return [text.strip()]


def _resolved(text: str) -> Path:
    if text[:5].lower() == "file:" and not exists(Path(text)):
        return _local(text)
    if ADDRESS.match(text) and not exists(Path(text)):
        raise PathError(f"{text} is no file of this machine; fetch it first, and name the file")
    return expanded(Path(text))


def _local(address: str) -> Path:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:  # such as an unclosed bracket of an IPv6 address
        raise PathError(f"{address} names no file") from None
    if host not in ("", "localhost", gethostname().lower()):
        raise PathError(f"{address} is a file of another machine, {host}; copy it here first")
    path = address.split(":", 1)[1]
    if path.startswith("//"):
        # `?` and `#` are not treated as separators, because some programs do not escape them.
        path = "/" + path[2:].partition("/")[2]
    if ON_WINDOWS:
        from urllib.request import url2pathname  # imports all of HTTP, which would slow down start

        return Path(url2pathname(path))
    return Path(os.fsdecode(unquote_to_bytes(path)))

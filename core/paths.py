"""Paths as people give them, and as they are kept.

A path comes from a shell, from a keyboard, or from a file that was dropped on the terminal, which
then types its name: in quotes, with backslashes, or as the address `file://...`.
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
"""There a backslash stands between folders, and escapes nothing."""

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""How the address of something begins; `C:/` is none."""


class PathError(UserError):
    """What was given names no file of this machine, or more than one."""


def argument(text: str) -> Path:
    """Return the path that an argument of a command means.

    A shell has been there before: quotes and backslashes are part of the name. A path that exists
    as it was given is that path; else `~` and `file://` are understood.

    Raises:
        PathError: if it is the address of something that is no file of this machine.
    """
    plain = Path(text)
    return plain if exists(plain) else _understood(text)


def typed(text: str) -> Path:
    """Return the path that a person typed, pasted, or dropped on the terminal.

    A path that exists as it was given is that path; else it is the first of these that exists: it
    without blanks around it, without quotes, without backslashes, with `~` and `file://`
    understood. Where none exists, it is the last of them: what was most likely meant.

    Raises:
        PathError: if several files were dropped, or it is the address of something else.
    """
    found = Path(text)
    for reading in _readings(text):
        found = _understood(reading)
        if exists(found):
            return found
    if len(parts := _words(text)) > 1 and all(exists(_understood(part)) for part in parts):
        raise PathError(f"these are {len(parts)} files; name one")
    return found


def expanded(path: Path) -> Path:
    """Return a path with the home folder for `~`; that of nobody is the plain name it looks like.

    `~cat.png` may be the home of a user called cat.png, and is a file.
    """
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def exists(path: Path) -> bool:
    """Tell whether there is such a file or folder; a name that no system knows is none."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or with a zero byte
        return False


def kept(path: Path) -> str:
    """Return an absolute path as text that UTF-8 can hold and `named` reads back.

    Names of files are bytes. One whose bytes are no UTF-8 is kept as its address.
    """
    text = str(path.absolute())
    try:
        text.encode()
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return text


def named(text: str) -> Path:
    """Return the path that `kept` made text of."""
    # No absolute path begins so: there is no doubt which of the two it is.
    return _local(text) if text.startswith("file://") else Path(text)


def _readings(text: str) -> Iterator[str]:
    """Go through what a text may mean, the most literal first."""
    yield text
    yield text.strip()
    if len(words := _words(text)) == 1:
        yield words[0]


def _words(text: str) -> list[str]:
    """Return the words that a shell sees: terminals quote what is dropped as for one."""
    shell = shlex.shlex(text, posix=True, punctuation_chars=False)
    shell.whitespace_split, shell.commenters = True, ""
    if ON_WINDOWS:
        shell.escape = ""
    try:
        return list(shell)
    except ValueError:  # a quote that is never closed: an apostrophe in a name
        return [text.strip()]


def _understood(text: str) -> Path:
    if text[:5].lower() == "file:" and not exists(Path(text)):
        return _local(text)
    if ADDRESS.match(text) and not exists(Path(text)):
        raise PathError(f"{text} is no file of this machine; fetch it first, and name the file")
    return expanded(Path(text))


def _local(address: str) -> Path:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:  # half of an address in brackets
        raise PathError(f"{address} names no file") from None
    if host not in ("", "localhost", gethostname().lower()):
        raise PathError(f"{address} is a file of another machine, {host}; copy it here first")
    path = address.split(":", 1)[1]
    if path.startswith("//"):
        # As it stands: `?` and `#` are not cut off, for programs forget to escape them.
        path = "/" + path[2:].partition("/")[2]
    if ON_WINDOWS:
        from urllib.request import url2pathname  # with all of HTTP, which no start has to wait for

        return Path(url2pathname(path))
    return Path(os.fsdecode(unquote_to_bytes(path)))

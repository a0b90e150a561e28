"""Fetching CIFAR-10: a download that can break off and go on, checked before anything is used."""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core import files
from core.data.dataset import DataError
from core.data.layout import LAYOUTS, Layout
from core.data.unpack import FetchStoppedError, unpack

if TYPE_CHECKING:
    import httpx

DEFAULT_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
"""Checksum that the publishers give for the binary version."""

LARGEST = 400_000_000
"""Bytes after which a download is refused: CIFAR-10 has 170 million."""
LARGEST_NOTE = 10_000
"""Bytes of the note about a part that are read."""
TIMEOUT = 30.0
"""Seconds without an answer, or without another byte, until the connection counts as lost."""

Progress = Callable[[int, int | None], None]


def fetch(
    folder: Path,
    url: str = DEFAULT_URL,
    md5: str | None = MD5,
    progress: Progress = lambda done, total: None,
    client: "httpx.Client | None" = None,
    cancelled: Callable[[], bool] = lambda: False,
    layout: Layout = LAYOUTS[0],
) -> Path:
    """Download the archive of the binary version and unpack it; what was there is replaced.

    A download that broke off goes on where it stopped, if the server allows it. The archive is
    removed once it is unpacked; one that lies in the folder already, with the right checksum, is
    unpacked and left.

    Args:
        folder: where to; created where missing.
        url: the archive, or a mirror of the same archive.
        md5: its checksum in hexadecimal; None accepts any archive of the right structure.
        progress: told the bytes so far, with those of an earlier try, and of how many, None where
            the server does not say.
        client: what to ask with; None makes one.
        cancelled: asked between pieces whether to stop.
        layout: what the archive has to hold.

    Returns:
        The folder with the six files.

    Raises:
        FetchStoppedError: if `cancelled` said so.
        DataError: if the environment names a proxy or certificates that cannot be used, there is
            no connection, the server refuses, the checksum is another, the archive is not
            CIFAR-10, or the folder cannot be written.
    """
    import httpx

    from core.data import connection

    target = folder / layout.archive
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = target.is_file() and md5 is not None and _md5(target) == md5
        if not kept:
            part = _Part(target, url, md5 is not None)
            with ExitStack() as stack:
                if client is None:
                    client = stack.enter_context(connection.client(TIMEOUT))
                _download(client, part, progress, cancelled)
            part.check(md5)
            part.path.replace(target)
            part.forget()
        try:
            done = unpack(target, folder, layout, cancelled)
        except FetchStoppedError:
            raise
        except DataError:
            # Left there, it would be taken for CIFAR-10 by every run.
            target.unlink()
            raise
        if not kept:
            target.unlink()
        return done
    except OSError as error:
        where = error.filename or folder
        raise DataError(f"cannot write {where}: {error.strerror or error}") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        reason = str(error).rstrip(".") or type(error).__name__
        kept_part = "; what has come is kept" if _part_of(target).is_file() else ""
        raise DataError(f"cannot fetch {url}: {reason}{kept_part}; {_by_hand(target)}") from None


class _Part:
    """A download that is not complete: the bytes so far, and a note of what they are part of.

    Args:
        target: the file that they are to become.
        url: where they come from.
        checked: whether a checksum will tell if bytes of different files were put together.
    """

    def __init__(self, target: Path, url: str, checked: bool) -> None:
        self.target = target
        self.path = _part_of(target)
        self.note = self.path.with_name(self.path.name + ".json")
        self.url = url
        self.checked = checked

    def request_headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest, or for everything where there is no start."""
        # A server that compressed once more would make the offsets mean something else.
        headers = {"Accept-Encoding": "identity"}
        validator = self._validator()
        if self.size and (validator or self.checked):
            headers["Range"] = f"bytes={self.size}-"
            if validator:
                headers["If-Range"] = validator
        return headers

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def begin(self, response: "httpx.Response") -> None:
        """Note which version of the file is being sent."""
        tag = response.headers.get("ETag", "")
        # A weak tag promises the same meaning, not the same bytes.
        validator = response.headers.get("Last-Modified", "") if tag[:2] in ("", "W/") else tag
        self.note.write_text(json.dumps({"url": self.url, "validator": validator}))

    def check(self, md5: str | None) -> None:
        """Compare the checksum, and drop everything where it is another."""
        found = _md5(self.path) if md5 is not None else None
        if found != md5:
            self.drop()
            raise DataError(
                f"{self.url} sent another file: its MD5 is {found} instead of {md5}; "
                f"it was removed; {_by_hand(self.target)}"
            )

    def drop(self) -> None:
        """Remove the bytes and the note, so that the next try starts anew."""
        self.path.unlink(missing_ok=True)
        self.forget()

    def forget(self) -> None:
        """Remove the note."""
        self.note.unlink(missing_ok=True)

    def _validator(self) -> str:
        with suppress(OSError, ValueError, RecursionError), files.opened(self.note) as file:
            note = json.loads(file.read(LARGEST_NOTE))
            if isinstance(note, dict) and note.get("url") == self.url:
                # Only what a header may hold: the file could have been written by anybody.
                return re.sub(r"[^\x20-\x7e]", "", str(note.get("validator", ""))).strip()
        return ""


def _download(
    client: "httpx.Client", part: _Part, progress: Progress, cancelled: Callable[[], bool]
) -> None:
    """Complete the part; a rest that the server cannot give is replaced by all of it."""
    for _ in range(2):
        headers = part.request_headers()
        ranged = "Range" in headers
        with client.stream("GET", part.url, headers=headers, follow_redirects=True) as response:
            if ranged and response.status_code in (206, 416) and not _continues(response, part):
                part.drop()
                continue
            if response.status_code == 200:
                _receive(response, part, 0, progress, cancelled)
            elif response.status_code == 206 and ranged:
                _receive(response, part, part.size, progress, cancelled)
            else:
                reason = f"{response.status_code} {response.reason_phrase}".strip()
                raise DataError(
                    f"{part.url} answered {reason}; --url names another address, and "
                    f"{_by_hand(part.target)}"
                )
            return


def _continues(response: "httpx.Response", part: _Part) -> bool:
    """Tell whether the response goes on exactly where the part ends."""
    stated = response.headers.get("Content-Range", "")
    return response.status_code == 206 and stated.startswith(f"bytes {part.size}-")


def _receive(
    response: "httpx.Response",
    part: _Part,
    start: int,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> None:
    """Write the body after the first `start` bytes of the part."""
    length = response.headers.get("Content-Length", "")
    total = start + int(length) if length.isascii() and length.isdigit() else None
    if total is not None and total > LARGEST:
        raise DataError(
            f"{part.url} is not CIFAR-10: it has {total:,} bytes; 170 million are right"
        )
    part.begin(response)
    done = start
    with part.path.open("ab" if start else "wb") as file:
        progress(done, total)
        # Pieces as they come: gathering them to a size would lose some when the connection breaks.
        for piece in response.iter_raw():
            if cancelled():
                raise FetchStoppedError(
                    f"the download was stopped after {done:,} bytes, which are kept"
                )
            done += len(piece)
            if done > LARGEST:
                break
            file.write(piece)
            progress(done, total)
    if done > LARGEST:
        part.drop()
        raise DataError(f"{part.url} is not CIFAR-10: it is longer than {LARGEST:,} bytes")
    if total is not None and done < total:
        raise DataError(
            f"{part.url} broke off after {done:,} of {total:,} bytes, which are kept;"
            " fetch again to go on"
        )


def _part_of(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _by_hand(target: Path) -> str:
    """Return what a person can do who gets the archive in another way."""
    return f"{target.name} may be put into {target.parent} by hand"


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()

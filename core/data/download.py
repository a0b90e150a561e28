"""Download of CIFAR-10: resumable, with the checksum verified before the archive is used."""

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
"""Published checksum of the binary version."""

LARGEST = 400_000_000
"""Maximum size of a download in bytes; CIFAR-10 has 170 million."""
LARGEST_NOTE = 10_000
"""Maximum number of bytes read from the metadata file of a partial download."""
TIMEOUT = 30.0
"""Seconds without a response or another byte after which the connection counts as lost."""

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
    """Download the archive of the binary version and unpack it, replacing existing files.

    An interrupted download resumes where it stopped, if the server allows it. The archive is
    removed after unpacking; an archive that is already in the folder, with the right checksum, is
    unpacked and left there.

    Args:
        folder: destination; created if missing.
        url: address of the archive or of a mirror.
        md5: checksum of the archive in hexadecimal; None accepts any archive of the right
            structure.
        progress: callback with the number of bytes so far, including those of an earlier attempt,
            and the total, None if the server does not send it.
        client: HTTP client; None creates one.
        cancelled: returns whether to stop; called between chunks.
        layout: required contents of the archive.

    Returns:
        The folder with the six files.

    Raises:
        FetchStoppedError: if `cancelled` returned True.
        DataError: if the environment names a proxy or certificates that cannot be used, there is
            no connection, the server returns an error, the checksum differs, the archive is not
            CIFAR-10, or the folder cannot be written.
    """
    import httpx

    from core.data import connection

    target = folder / layout.archive
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = target.is_file() and md5 is not None and _md5(target) == md5
        if not present:
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
            # If it stayed there, every run would try to load it as CIFAR-10.
            target.unlink()
            raise
        if not present:
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
    """A partial download: the bytes so far, and a metadata file that identifies their origin.

    Args:
        target: the final file.
        url: address of the download.
        checked: whether a checksum will detect a mixture of bytes of different files.
    """

    def __init__(self, target: Path, url: str, checked: bool) -> None:
        self.target = target
        self.path = _part_of(target)
        self.note = self.path.with_name(self.path.name + ".json")
        self.url = url
        self.checked = checked

    def request_headers(self) -> dict[str, str]:
        """Return the headers that request the rest of the file, or all of it."""
        # With a content encoding, the offsets would refer to the encoded bytes.
        headers = {"Accept-Encoding": "identity"}
        validator = self._validator()
        if self.size and (validator or self.checked):
            headers["Range"] = f"bytes={self.size}-"
            if validator:
                headers["If-Range"] = validator
        return headers

    @property
    def size(self) -> int:
        """Number of bytes so far."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def begin(self, response: "httpx.Response") -> None:
        """Record which version of the file the server sends."""
        tag = response.headers.get("ETag", "")
        # A weak ETag guarantees equivalent content, not identical bytes.
        validator = response.headers.get("Last-Modified", "") if tag[:2] in ("", "W/") else tag
        self.note.write_text(json.dumps({"url": self.url, "validator": validator}))

    def check(self, md5: str | None) -> None:
        """Verify the checksum, and remove the download if it differs."""
        actual = _md5(self.path) if md5 is not None else None
        if actual != md5:
            self.drop()
            raise DataError(
                f"{self.url} sent another file: its MD5 is {actual} instead of {md5}; "
                f"it was removed; {_by_hand(self.target)}"
            )

    def drop(self) -> None:
        """Remove the bytes and the metadata, so that the next attempt starts from the beginning."""
        self.path.unlink(missing_ok=True)
        self.forget()

    def forget(self) -> None:
        """Remove the metadata."""
        self.note.unlink(missing_ok=True)

    def _validator(self) -> str:
        with suppress(OSError, ValueError, RecursionError), files.opened(self.note) as file:
            note = json.loads(file.read(LARGEST_NOTE))
            if isinstance(note, dict) and note.get("url") == self.url:
                # Only characters that a header may contain, because the file is not trusted.
                return re.sub(r"[^\x20-\x7e]", "", str(note.get("validator", ""))).strip()
        return ""


def _download(
    client: "httpx.Client", part: _Part, progress: Progress, cancelled: Callable[[], bool]
) -> None:
    """Complete the part, or download the whole file if the server cannot send the rest."""
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
    """Return whether the response continues exactly at the end of the part."""
    content_range = response.headers.get("Content-Range", "")
    return response.status_code == 206 and content_range.startswith(f"bytes {part.size}-")


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
        # Without a chunk size, which would lose buffered bytes when the connection breaks.
        for chunk in response.iter_raw():
            if cancelled():
                raise FetchStoppedError(
                    f"the download was stopped after {done:,} bytes, which are kept"
                )
            done += len(chunk)
            if done > LARGEST:
                break
            file.write(chunk)
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
    """Return the hint for users who get the archive in another way."""
    return f"{target.name} may be put into {target.parent} by hand"


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()

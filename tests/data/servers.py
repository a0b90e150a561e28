"""A file server on httpx's mock transport, and other helpers of the download tests."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.data.dataset import DataError
from core.data.download import fetch
from tests.data import fakes
from tests.data.fakes import BINARY

ARCHIVE = fakes.archive_bytes(BINARY)
MD5 = hashlib.md5(ARCHIVE).hexdigest()
HALF = len(ARCHIVE) // 2
URL = "https://example.org/some.tar.gz"

Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Responds as a file server and records the requests."""

    def __init__(self, body: bytes = ARCHIVE, tag: str | None = '"one"', ranges: bool = True):
        self.body, self.tag, self.ranges = body, tag, ranges
        self.breaks_after: int | None = None
        self.asked: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.headers)
        headers = {"ETag": self.tag} if self.tag else {}
        start = 0
        wanted = request.headers.get("Range")
        if wanted and self.ranges and request.headers.get("If-Range", self.tag) == self.tag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.body):
                return httpx.Response(416)
            headers["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        body = self.body[start:]
        headers["Content-Length"] = str(len(body))
        return httpx.Response(206 if start else 200, headers=headers, stream=self.stream(body))

    def stream(self, body: bytes) -> httpx.SyncByteStream:
        cut, self.breaks_after = self.breaks_after, None

        class Stream(httpx.SyncByteStream):
            def __iter__(self) -> Any:
                yield body[:cut]
                if cut is not None:
                    raise httpx.ReadError("connection reset")

        return Stream()


def get(folder: Path, answer: Answer, md5: str | None = MD5, **more: Any) -> Path:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return fetch(folder, more.pop("url", URL), md5, client=client, layout=BINARY, **more)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def check(folder: Path) -> None:
    """Assert that the six files exist and nothing else."""
    assert names(folder) == [BINARY.folder]
    found = {path.name: path.read_bytes() for path in (folder / BINARY.folder).iterdir()}
    assert found == fakes.files(BINARY)


def broken(folder: Path, server: Server) -> None:
    server.breaks_after = HALF
    with pytest.raises(DataError, match="connection reset; what has come is kept"):
        get(folder, server)
    assert (folder / f"{BINARY.archive}.part").stat().st_size == HALF

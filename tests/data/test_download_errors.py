import errno
import hashlib
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.data import download
from core.data.dataset import DataError
from core.data.download import fetch
from tests.data import fakes
from tests.data.fakes import BINARY, PYTHON
from tests.data.servers import ARCHIVE, HALF, MD5, Answer, Server, get, names


def test_a_wrong_checksum_is_refused_and_removed(tmp_path: Path) -> None:
    other = fakes.archive_bytes(BINARY, seed=1)
    with pytest.raises(
        DataError, match=rf"MD5 is {hashlib.md5(other).hexdigest()} instead of {MD5}"
    ):
        get(tmp_path, Server(other))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (fakes.data_members(PYTHON), "lacks data_batch_1.bin"),
        (fakes.data_members(BINARY)[1:], "lacks data_batch_1.bin"),
        (fakes.data_members(BINARY) * 2, "twice"),
        ([fakes.member("../x", b""), *fakes.data_members(BINARY)], "leads out of its folder"),
    ],
)
def test_a_wrong_archive_leaves_what_was_there(tmp_path: Path, members: Any, message: str) -> None:
    old = fakes.write_folder(tmp_path, BINARY, seed=1)
    with pytest.raises(DataError, match=message):
        get(tmp_path, Server(fakes.tar_bytes(members)), md5=None)
    assert names(tmp_path) == [BINARY.folder]
    assert (old / BINARY.test).read_bytes() == fakes.files(BINARY, seed=1)[BINARY.test]


@pytest.mark.parametrize(
    ("status", "message"), [(404, "answered 404 Not Found"), (503, "503 Service Unavailable")]
)
def test_an_answer_that_is_no_file(tmp_path: Path, status: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        get(tmp_path, lambda request: httpx.Response(status))


def no_network(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Name or service not known")


@pytest.mark.parametrize(
    "answer", [no_network, Server(b"a page to log in"), lambda request: httpx.Response(404)]
)
def test_a_failure_says_how_the_archive_can_come_by_hand(tmp_path: Path, answer: Answer) -> None:
    words = f"{BINARY.archive} may be put into {tmp_path} by hand"
    with pytest.raises(DataError, match=f"{re.escape(words)}$"):
        get(tmp_path, answer)


def test_no_network(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot fetch https://example\.org/.*service not known; "):
        get(tmp_path, no_network)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://example.org/x", "http://[", "http://a:b/"])
def test_no_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(DataError, match="cannot fetch"):
        fetch(tmp_path, url)


def test_a_body_that_ends_early_without_an_error(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        length = {"Content-Length": str(len(ARCHIVE))}
        return httpx.Response(200, headers=length, stream=httpx.ByteStream(ARCHIVE[:HALF]))

    with pytest.raises(DataError, match=f"broke off after {HALF:,} of {len(ARCHIVE):,} bytes"):
        get(tmp_path, answer)


def test_what_is_too_large_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LARGEST", HALF)
    with pytest.raises(DataError, match=f"has {len(ARCHIVE):,} bytes; 170 million are right"):
        get(tmp_path, Server())
    assert names(tmp_path) == []


def test_what_grows_too_large_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LARGEST", 100)

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield from [b"x" * 30] * 4
            pytest.fail("it went on reading")

    with pytest.raises(DataError, match="is longer than 100 bytes"):
        get(tmp_path, lambda request: httpx.Response(200, stream=Endless()))
    assert names(tmp_path) == []


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    class Full:
        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *_: None  # noqa: E731
        write = full

    plain_open = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda self, mode="r", *more, **named: (
            Full() if self.suffix == ".part" else plain_open(self, mode, *more, **named)
        ),
    )
    with pytest.raises(DataError, match=r"cannot write .*No space left on device"):
        get(tmp_path, Server())


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(DataError, match=r"cannot write .*data"):
        get(tmp_path / "data", Server())
